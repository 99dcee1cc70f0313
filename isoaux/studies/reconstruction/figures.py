"""Error curves through training, and the paired differences at their end."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter

from isoaux.common.tables import Text, listed
from isoaux.drawing.axes import epochs_axis
from isoaux.drawing.look import COLOURS, MARKS, Drawn, style
from isoaux.paper import GROUPS, Configuration, Figure
from isoaux.records import error_curves
from isoaux.records.error_curves import UNITS, Curves, Pair, Panel
from isoaux.records.reports import or_missing
from isoaux.records.results import Collection, Result
from isoaux.studies.reconstruction import report

SUBDIVIDED: dict[float, tuple[float, ...]] = {8: (1, 1.5, 2, 3, 4, 5, 7), 40: (1, 2, 5), np.inf: (1,)}
"""Ticks of a decade, by how many times the smallest error the largest is at most."""

ACROSS = 4
"""Panels in a row where those that are missing are left out."""

LONGEST = 36
"""Letters that a line in a panel may have."""


def look(configuration: Configuration) -> dict[str, Any]:
    """Colour and mark of the symmetry group; solid with filled marks on standardised pixels, dashed and open on raw."""
    group = GROUPS[configuration.activation]
    return {
        "color": COLOURS[group],
        "ls": "-" if configuration.normalised else "--",
        "marker": MARKS[group],
        "markevery": 2,
        "markersize": 3.6,
        "markerfacecolor": COLOURS[group] if configuration.normalised else "white",
        "markeredgewidth": 0.9,
    }


@or_missing
def curves(result: Result) -> Drawn:
    """The paper's figure: test error against the epoch, a faint line per seed, their mean and standard deviation.

    A panel per width and depth, sigma-weighted; a figure of one width has a second row in pixels, one of a single
    architecture a second panel. What is missing is said in its panel. Axes are shared; errors are logarithmic, epochs
    spaced by their square root. Curves of raw pixels start above the panel, at the cost of a black image.
    """
    epochs = result.drawing["epochs"]
    known = {unit: error_curves.curves([result], unit) for unit in UNITS}
    grid, empty = _drawn(arranged(result.figure), known["sigma"])
    rows, columns = len(grid), len(grid[0])
    with style():
        canvas = Canvas(figsize=(2 + 2.35 * columns, 0.9 + 2 * rows), layout="constrained")
        drawn = canvas.subplots(rows, columns, sharex=True, sharey="row" if columns > 2 else False, squeeze=False)
        for r, line in enumerate(grid):
            for c, (panel, unit) in enumerate(line):
                axes = drawn[r, c]
                _panel(axes, panel, known[unit], result)
                epochs_axis(axes, epochs)
                _errors_axis(axes, known[unit])
                if r == 0 or rows > 2 or empty:
                    axes.set_title(f"n = {panel.n}, L = {panel.L}", fontsize=9)
                if c == 0 or columns == 2:
                    axes.set_ylabel(f"test error, {UNITS[unit]}")
                if r == rows - 1 or c >= len(grid[r + 1]):
                    axes.set_xlabel("epoch")
                    axes.tick_params(labelbottom=True)
            for axes in drawn[r, len(line) :]:
                axes.set_axis_off()
        kinds = {(c.normalised, c.activation): c for line in grid for panel, _ in line for c in panel.curves}
        handles = [Line2D([], [], lw=1.8, label=f"{c.title} pixels", **look(c)) for c in kinds.values()]
        if empty:
            canvas.supxlabel(f"Not published yet: {empty}.", size=8.5, color="0.35")
        columns = len(handles) if columns > 2 else 2
        canvas.legend(handles=handles, loc="outside upper center", ncols=columns, handlelength=3.4)
    return Drawn(canvas, report.sentence(result), dpi=110, finding=report.finding(result))


def arranged(figure: Figure) -> list[list[tuple[Panel, str]]]:
    """The panels of a figure row by row, each with its unit; a row per width, or per depth where the paper has that."""
    panels = error_curves.panels(figure)
    widths, depths = (sorted({size[axis] for size in panels}) for axis in (0, 1))
    if len(widths) > 1:
        across = [[(panels[n, depth], "sigma") for depth in depths] for n in widths]
        turned = str(figure.entry["rows"]).startswith("one per depth")
        return [list(line) for line in zip(*across, strict=True)] if turned else across
    if len(depths) > 1:
        return [[(panel, unit) for panel in panels.values()] for unit in UNITS]
    return [[(panel, unit) for panel in panels.values() for unit in UNITS]]


def _drawn(grid: list[list[tuple[Panel, str]]], known: Curves) -> tuple[list[list[tuple[Panel, str]]], str]:
    """The panels of a grid that have a curve, and those that have none in words; all of them where no panel has one.

    With several widths the panels that are left follow each other in rows of :data:`ACROSS`, else their columns stay.
    """
    has = {id(panel): any(c in known for c in panel.curves) for line in grid for panel, _ in line}
    gone = dict.fromkeys(f"n = {p.n}, L = {p.L}" for line in grid for p, _ in line if not has[id(p)])
    if not gone or not any(has.values()):
        return grid, ""
    lines = [[pair for pair in line if has[id(pair[0])]] for line in grid]
    if len({panel.n for line in grid for panel, _ in line}) > 1:
        left = sorted((pair for line in lines for pair in line), key=lambda pair: (pair[0].n, pair[0].L))
        lines = [left[at : at + ACROSS] for at in range(0, len(left), ACROSS)]
    return lines, listed(list(gone))


def _panel(axes: Axes, panel: Panel, known: Curves, result: Result) -> None:
    epochs = result.drawing["epochs"]
    lacking = report.lacking(panel, known)
    if len(lacking) == len(panel.curves):
        axes.set_facecolor("0.94")
        words = report.reason(panel, known, result)
        axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", color="0.35", size=8)
        return
    for configuration in panel.curves:
        if configuration not in known:
            continue
        errors, line = known[configuration].errors, look(configuration)
        mean = errors.mean(0)
        for of_seed in errors:
            axes.plot(epochs, of_seed, lw=0.7, alpha=0.4, **line | {"marker": ""})
        if len(errors) > 1:
            spread = errors.std(0, ddof=1)
            axes.fill_between(epochs, mean - spread, mean + spread, color=line["color"], alpha=0.16, lw=0)
        axes.plot(epochs, mean, lw=1.7, **line)
    words = report.seeds_of(panel, known)
    if lacking:
        words += "\n" + report.reason(panel, known, result)
    words = "\n".join(line.replace(": ", ":\n") if len(line) > LONGEST else line for line in words.split("\n"))
    about: dict[str, Any] = {
        "size": 7.5,
        "color": "0.25",
        "bbox": {"fc": "white", "ec": "none", "alpha": 0.7, "pad": 1},
    }
    axes.text(0.98, 0.97, words, transform=axes.transAxes, ha="right", va="top", **about)


def _errors_axis(axes: Axes, known: Curves) -> None:
    """Logarithmic, with all standardised curves inside, and the raw ones but for their error before training."""
    if not known:
        return
    shown = np.concatenate([curve.errors[:, not c.normalised :].ravel() for c, curve in known.items()])
    low, high = 0.94 * float(shown.min()), 1.06 * float(shown.max())
    inside = next(inside for most, inside in SUBDIVIDED.items() if high / low <= most)
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))))
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(FixedLocator([part * 10.0**decade for decade in decades for part in inside]))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_ylim(low, high)


@or_missing
def differences(collection: Collection) -> Drawn | Text:
    """Every pair at the last checkpoint: by which share of the anisotropic error the isotropic one is lower.

    In both units, as paired differences over the mean anisotropic error. A stroke is a seed, a mark the mean, the line
    its 95% interval. Pairs that are missing keep their line.
    """
    known = {unit: error_curves.curves(collection, unit) for unit in UNITS}
    numbers = report.pairs(collection.figures)
    if not any(report.comparable(pair, known["sigma"]) for pair in numbers):
        return Text("No pair of networks can be compared: their curves are missing or ran away.")
    with style():
        canvas = Canvas(figsize=(11, 3), layout="constrained")
        both = canvas.subplots(1, 2, sharey=True)
        place, ticks, labels = 0.0, [], []
        for group in report.groups(collection):
            head = f"{report.figures_of(group, numbers)}: {group[0].anisotropic.title} pixels"
            drawn = [pair for pair in group if report.comparable(pair, known["sigma"])]
            head += "" if drawn else f", {len(group)} pair{'s' * (len(group) > 1)} missing"
            about: dict[str, Any] = {
                "va": "center",
                "size": 8.5,
                "zorder": 5,
                "bbox": {"fc": "white", "ec": "none", "pad": 1},
            }
            both[0].text(0.01, place, head, transform=both[0].get_yaxis_transform(), weight="bold", **about)
            for axes in both:
                axes.axhline(place - 0.75, color="0.85", lw=0.6)
            for pair in group if drawn else []:
                place += 1
                ticks.append(place)
                labels.append(f"n = {pair.anisotropic.n}, L = {pair.anisotropic.L}")
                for axes, unit in zip(both, UNITS, strict=True):
                    if pair in drawn:
                        _difference(axes, place, pair, known[unit])
                    else:
                        where = {"transform": axes.get_yaxis_transform(), "ha": "right", "va": "center"}
                        axes.text(0.99, place, "missing", size=7, color="0.45", **where)
            place += 1.5
        for axes, unit in zip(both, UNITS, strict=True):
            axes.axvline(0, color="0.3", lw=0.8, ls=(0, (4, 2)))
            axes.set_xlabel(f"isotropic lower by, {UNITS[unit]} (share of the anisotropic error)")
            axes.set_xlim(*np.clip(axes.get_xlim(), -1, 1))
            axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
            axes.tick_params(axis="y", length=0)
        both[0].set_yticks(ticks, labels)
        both[0].set_ylim(place - 0.8, -0.8)
        canvas.set_size_inches(11, 0.7 + 0.2 * place)
    return Drawn(canvas, report.differences_sentence(collection), dpi=110)


def _difference(axes: Axes, place: float, pair: Pair, known: Curves) -> None:
    first, second = (known[configuration] for configuration in pair)
    whole, difference = first.last, report.end(first, second)
    seeds, mean = error_curves.differences(first, second)[:, -1] / whole, difference.mean / whole
    if mean < -1:
        where: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center"}
        axes.text(0.01, place, "off the scale", size=7, color="0.45", **where)
        return
    if difference.count > 1:
        axes.hlines(place, difference.low / whole, difference.high / whole, color="0.15", lw=1.4)
    axes.plot(seeds, np.full(len(seeds), place), "|", color="0.45", ms=6, mew=0.8)
    fill = "0.15" if pair.anisotropic.normalised else "white"
    axes.plot(mean, place, MARKS[GROUPS[pair.anisotropic.activation]], color="0.15", mfc=fill, ms=5)
