"""What perturbations do to reconstructions, in pictures: changes, errors, and their ratios over the size."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D

from isoaux.drawing.look import COLOURS, DASHES, MATHS, Drawn, style
from isoaux.drawing.panels import nothing_small
from isoaux.paper import GROUPS, PIXELS, TITLES
from isoaux.records.reports import or_missing
from isoaux.records.results import Result
from isoaux.studies.perturbation import report
from isoaux.studies.perturbation.report import paired, ratios

KINDS = {
    "worst": ("o", 1.4, "worst found"),
    "straight": ("", 0.7, "worst to first order"),
    "random": ("x", 1.0, "random"),
}
"""Mark, width of the line and words of every kind of perturbation."""

RATIOS = {
    "worst": ("#111111", "o", "change, worst found"),
    "random": ("#8c8c8c", "x", "change, random"),
    "worst_error": ("#b8336a", "^", "error, worst found"),
}
"""Colour, mark and words of every ratio; none of the colours is that of a symmetry group."""

TIMES = {1 / 8: "1/8", 1 / 4: "1/4", 1 / 2: "1/2", 1: "1", 2: "2", 4: "4", 8: "8", 16: "16"}
"""Marks on the scale of ratios."""


@or_missing
def curves(result: Result) -> Drawn:
    """A row per kind of pixels, over the size: changes, growth of the error, and anisotropic over isotropic.

    Curves are means over seeds, bands their range; the ratios have 95% t intervals of the paired seeds.
    """
    drawing = result.drawing
    size = drawing["size"]
    kinds = [kind for kind in PIXELS if any(shown.normalised is kind for shown in result.by_configuration)]
    with style():
        canvas = Canvas(figsize=(11, 3.1 * len(kinds) + 0.7), layout="constrained")
        grid = canvas.subplots(len(kinds), 3, sharex=True, sharey="col", squeeze=False)
        for panels, normalised in zip(grid, kinds, strict=True):
            for configuration, rows in result.by_configuration.items():
                if configuration.normalised is not normalised:
                    continue
                group = GROUPS[configuration.activation]
                colour, dashes = COLOURS[group], DASHES[group]
                for kind, (mark, width, _) in KINDS.items():
                    for axes, statistic in zip(panels, (kind, f"{kind}_error"), strict=False):
                        if statistic == "random_error":  # at small sizes of either sign
                            continue
                        values = drawing[statistic][rows]
                        axes.fill_between(size, values.min(0), values.max(0), color=colour, alpha=0.15, lw=0)
                        axes.plot(size, values.mean(0), color=colour, ls=dashes, marker=mark, ms=4, lw=width)
                axes = panels[1]
                axes.axhline(drawing["error"][rows].mean(), color=colour, ls=dashes, lw=0.6, alpha=0.6)
            panels[0].axhline(1, color="0.5", lw=0.8, ls=(0, (1, 3)))
            for statistic, (colour, mark, _) in RATIOS.items() if paired(result, normalised) else ():
                middle, *bounds = np.exp([(at.mean, at.low, at.high) for at in ratios(result, normalised, statistic)]).T
                panels[2].plot(size, middle, color=colour, marker=mark, ms=4, lw=1)
                if np.isfinite(bounds).all():
                    panels[2].vlines(size, *bounds, color=colour, lw=2.4, alpha=0.4)
            pairs = len(paired(result, normalised))
            if pairs < 2:
                words = "one seed: no interval" if pairs else "no seed has both networks"
                panels[2].text(0.03, 0.03, words, transform=panels[2].transAxes, size=8, color="0.35")
            panels[2].axhline(1, color="0.5", lw=0.8, ls=(0, (1, 3)))
            panels[0].set_ylabel(f"{PIXELS[normalised]} pixels\nchange / size")
            panels[1].set_ylabel("growth of the error")
            panels[2].set_ylabel("anisotropic / isotropic")
        for axes in grid.flat:
            axes.set_xscale("log")
            axes.set_yscale("log")
            axes.set_xticks(size, [f"{value:g}" for value in size])
            axes.minorticks_off()
        for axes, words in zip(
            grid[0], ("change of the reconstruction", "error", "ratio, paired by seed"), strict=True
        ):
            axes.set_title(words)
        _marked(grid[0, 0], {1 / 8: "1/8", 1 / 4: "1/4", 1 / 2: "1/2"} | {v: f"{v}" for v in (1, 2, 4, 8, 16, 32)})
        _marked(grid[0, 1], {v: f"{v:g}" for v in (0.001, 0.01, 0.1, 1, 10, 100)})
        _marked(grid[0, 2], TIMES)
        for axes in grid[-1]:
            axes.set_xlabel("size of the perturbation")
        canvas.legend(handles=_legend(result), loc="outside lower center", ncols=4, fontsize=8)
    return Drawn(canvas, report.sentence(result), dpi=110, finding=report.finding(result))


def _legend(result: Result) -> list[Line2D]:
    activations = dict.fromkeys(configuration.activation for configuration in result.by_configuration)
    lines = []
    for activation in activations:
        group = GROUPS[activation]
        words = f"{TITLES[activation]}, {MATHS[group]}"
        lines.append(Line2D([], [], color=COLOURS[group], ls=DASHES[group], label=words))
    for mark, width, words in KINDS.values():
        lines.append(Line2D([], [], color="0.3", marker=mark, ms=4, lw=width, label=words))
    for colour, mark, words in RATIOS.values():
        lines.append(Line2D([], [], color=colour, marker=mark, ms=4, lw=1, label=f"ratio: {words}"))
    return lines


def thumbnail(result: Result) -> bytes:
    """A small PNG for the gallery: the ratios alone."""
    size = result.drawing["size"]
    rows = [normalised for normalised in PIXELS if paired(result, normalised)]
    if not rows:
        return nothing_small(report.finding(result))
    with style():
        canvas = Canvas(figsize=(2 * len(rows) + 0.4, 1.9), layout="constrained")
        grid = canvas.subplots(1, len(rows), sharey=True, squeeze=False)[0]
        for axes, normalised in zip(grid, rows, strict=True):
            for statistic, (colour, _, _) in RATIOS.items():
                logarithms = [at.mean for at in ratios(result, normalised, statistic)]
                axes.plot(size, np.exp(logarithms), color=colour, lw=1.6)
            axes.axhline(1, color="0.5", lw=0.8, ls=(0, (1, 3)))
            axes.set_xscale("log")
            axes.set_yscale("log")
            axes.set_xticks(size[[0, -1]], [f"{value:g}" for value in size[[0, -1]]])
            axes.minorticks_off()
            axes.set_title(f"{PIXELS[normalised]} pixels", fontsize=8)
        _marked(grid[0], TIMES)
    return Drawn(canvas, report.finding(result), dpi=90).png()


def _marked(axes: Axes, ticks: dict[float, str]) -> None:
    """Ticks as far as the drawn range goes, which stays as it is."""
    low, high = axes.get_ylim()
    kept = {value: words for value, words in ticks.items() if low <= value <= high}
    axes.set_yticks(list(kept), list(kept.values()))
    axes.set_ylim(low, high)
    axes.minorticks_off()
