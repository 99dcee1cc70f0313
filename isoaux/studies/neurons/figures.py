"""Single neurons in pictures: the signed spotlight by class, its spread beside turned copies, and tables of shades."""

from typing import Any

import matplotlib.patheffects
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from isoaux.drawing.look import CLASS_DASHES, COLOURS, HUES, Drawn, style
from isoaux.records.reports import or_missing
from isoaux.records.results import Result
from isoaux.srm import TURN
from isoaux.srm.neurons import SHARP
from isoaux.studies.neurons import data, report
from isoaux.studies.neurons.data import AFTER, BEFORE, neuron

QUARTERS = {0: "0", 1: "π/2", 2: "π"}
"""Labels of the angles that are marked, by quarters of a turn; the neuron is at 0 and its other end at π."""

SHADES = "RdBu_r"
"""The map of numbers with a sign; they are written into their cells too."""


def _line(place: int) -> dict[str, Any]:
    """How the class at a place is drawn."""
    return {"color": HUES[place % len(HUES)], "ls": CLASS_DASHES[place % len(CLASS_DASHES)], "lw": 1.3}


@or_missing
def by_class(result: Result) -> Drawn:
    """The signed spotlight of every class in the planes of the chosen neurons, and the picture of all representations.

    Above after training, below before, on one scale; each class has its colour and line style in all panels.
    """
    row, classes = data.shown(result), data.classes(result)
    curves, planes = result.drawing["curves"], list(zip(row.chosen(), row.chosen("partners"), strict=True))
    top = 1.08 * max(float(np.abs(curves).max()), 1e-3)
    with style():
        canvas = Canvas(figsize=(2.45 * len(planes) + 3.6, 4.6), layout="constrained")
        grid = canvas.add_gridspec(2, len(planes) + 1, height_ratios=(2, 1), width_ratios=[1] * len(planes) + [1.4])
        for k, (vector, partner) in enumerate(planes):
            for line, (place, words) in enumerate(((AFTER, "after"), (BEFORE, "before"))):
                axes = canvas.add_subplot(grid[line, k])
                _curves(axes, curves[place, k])
                axes.set_ylim(-top, top)
                if k:
                    axes.set_yticklabels([])
                else:
                    axes.set_ylabel(f"signed share, {words}\ntraining")
                if line:
                    axes.set_xlabel("angle θ in the plane")
                else:
                    axes.set_title(f"neuron {neuron(vector, row.n)}\nwith {neuron(partner, row.n)}", fontsize=9)
        _picture(canvas.add_subplot(grid[:, -1]), result)
        keys = [Line2D([], [], label=name, **_line(k)) for k, name in enumerate(classes)]
        canvas.legend(handles=keys, loc="outside lower center", ncols=min(len(keys), 10 if len(planes) > 2 else 5),
                      fontsize=8, handlelength=3.2)  # fmt: skip
    return Drawn(canvas, report.by_class_words(result), dpi=110, finding=report.finding(result))


def _curves(axes: Axes, curves: NDArray[Any]) -> None:
    """Curves (K, 361) of all classes over a turn from -π/2, so that both ends of the neuron lie inside."""
    angles = np.linspace(-TURN / 4, 3 * TURN / 4, curves.shape[1])
    quarter = (curves.shape[1] - 1) // 4
    turned = np.roll(curves[:, :-1], quarter, axis=1)
    for quarters in QUARTERS:
        axes.axvline(quarters * TURN / 4, color="0.88", lw=0.6, zorder=0)
    axes.axhline(0, color="0.75", lw=0.6, zorder=0)
    for k, curve in enumerate(turned):
        axes.plot(angles, np.append(curve, curve[0]), **_line(k))
    axes.set_xlim(angles[0], angles[-1])
    axes.set_xticks([quarters * TURN / 4 for quarters in QUARTERS], list(QUARTERS.values()), fontsize=8)


def _picture(axes: Axes, result: Result) -> None:
    """The picture of the representations, in the colours of their classes, whose names stand in their middle."""
    places, labels = result.drawing["places"], result.drawing["labels"]
    order = np.random.default_rng(0).permutation(len(labels))
    colours = np.array(HUES)[labels[order] % len(HUES)]
    size = float(np.clip(2e4 / len(labels), 2, 30))
    axes.scatter(places[order, 0], places[order, 1], size, colours, alpha=0.55, lw=0, rasterized=True)
    halo = [matplotlib.patheffects.withStroke(linewidth=2.2, foreground="white")]
    for k, name in enumerate(data.classes(result)):
        x, y = np.median(places[labels == k], axis=0)
        axes.text(x, y, name, ha="center", va="center", fontsize=8, weight="bold", path_effects=halo)
    axes.set_aspect("equal", "datalim")
    axes.set(xticks=[], yticks=[], title=f"{result.facts['embedding']} of all representations")
    for side in axes.spines.values():
        side.set_visible(False)


@or_missing
def spread(result: Result) -> Drawn:
    """The held-out spread of chosen neurons, a column per seed, above the best directions of turned copies.

    A filled mark is the neuron that the other half chooses first, hollow ones are those chosen next; the bands are the
    middle 95% of turned copies, their median a line, and below the upper end of permuted labels.
    """
    rows = data.networks(result)
    panels = (("raw", BEFORE, "before training"), ("raw", AFTER, "after, raw"), ("centred", AFTER, "after, centred"))
    colour = COLOURS[rows[0].configuration.group]
    with style():
        canvas = Canvas(figsize=(8.6, 3.1), layout="constrained")
        grid = canvas.subplots(1, len(panels), sharey=True)
        for axes, (prepare, checkpoint, words) in zip(grid, panels, strict=True):
            for x, row in enumerate(rows):
                low, middle, high = row.null("spread", prepare, checkpoint)
                axes.add_patch(Rectangle((x - 0.32, low), 0.64, high - low, color="0.85", lw=0))
                axes.plot([x - 0.32, x + 0.32], [middle, middle], color="0.4", lw=1)
                chance = row.null("spread", prepare, checkpoint, "permuted")[-1]
                axes.plot([x - 0.32, x + 0.32], [chance, chance], color="0.4", lw=1, ls=(0, (1, 1)))
                chosen = row.chosen("chosen_on_half", prepare, checkpoint)
                values = row.spread("held_out", prepare, checkpoint)[chosen]
                axes.plot([x] * len(values), values, "o", color=colour, mfc="white", ms=4.5, ls="")
                axes.plot(x, values[0], "o", color=colour, ms=5.5)
            axes.set_title(words)
            axes.set_xlim(-0.6, len(rows) - 0.4)
            axes.set_xticks(range(len(rows)), [str(row.seed) for row in rows])
            axes.set_xlabel("seed")
        grid[0].set_ylim(bottom=0)
        grid[0].set_ylabel("spread over classes,\nheld-out half")
        canvas.legend(handles=_keys(colour), loc="outside lower center", ncols=5, fontsize=8)
    return Drawn(canvas, report.spread_words(result), dpi=110, finding=report.finding(result))


def _keys(colour: str) -> list[Any]:
    marks: dict[str, Any] = {"marker": "o", "color": colour, "ls": ""}
    return [
        Line2D([], [], label="best neuron of the other half", ms=5.5, **marks),
        Line2D([], [], label="chosen next", mfc="white", ms=4.5, **marks),
        Rectangle((0, 0), 1, 1, color="0.85", label="turned copies, middle 95%"),
        Line2D([], [], color="0.4", lw=1, label="their median"),
        Line2D([], [], color="0.4", lw=1, ls=(0, (1, 1)), label="permuted labels, 97.5%"),
    ]


@or_missing
def areas(result: Result) -> Drawn:
    """Signed shares and areas of every neuron and class of the network that is shown, by falling spread."""
    row = data.shown(result)
    order = np.argsort(-row.spread()[: row.n], kind="stable")
    profiles, areas = row.of("profiles")[order], row.areas()[order]
    largest = max(float(np.abs(profiles).max()), 0.01)
    panels = (
        (f"signed share at the neuron, shades to ±{largest:.2g}", profiles, 0.0, largest),
        ("area of telling the class apart", areas, 0.5, 0.5),
    )
    with style():
        canvas = Canvas(figsize=(10.4, 0.3 * row.n + 1.5), layout="constrained")
        for axes, (words, values, middle, half) in zip(canvas.subplots(1, 2, sharey=True), panels, strict=True):
            _table(axes, values, middle, half, f"{{:{'+' if not middle else ''}.2f}}")
            names = data.classes(result)
            axes.set_xticks(range(len(names)), names, rotation=45 if max(map(len, names)) > 3 else 0, ha="center")
            axes.set_title(words)
        canvas.axes[0].set_yticks(range(row.n), [str(i + 1) for i in order])
        canvas.axes[0].set_ylabel("neuron, by spread")
    return Drawn(canvas, report.areas_words(result), dpi=110)


def _table(axes: Axes, values: NDArray[Any], middle: float, half: float, form: str) -> None:
    """Numbers (neurons, classes) in shaded cells; areas that tell a class apart are framed."""
    axes.imshow(values, cmap=SHADES, vmin=middle - half, vmax=middle + half, aspect="auto")
    for (i, k), value in np.ndenumerate(values):
        dark = abs(value - middle) > 0.6 * half
        words = form.format(np.round(value, 2) + 0.0)  # no -0.00
        axes.text(k, i, words, ha="center", va="center", fontsize=6.5, color="white" if dark else "black")
        if middle and max(value, 1 - value) >= SHARP:
            axes.add_patch(Rectangle((k - 0.47, i - 0.46), 0.94, 0.92, fill=False, ec="black", lw=1.4))
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def thumbnail(result: Result) -> bytes:
    """A small PNG for the gallery: the curves by class at the first chosen neuron."""
    with style():
        canvas = Canvas(figsize=(2.4, 1.9), layout="constrained")
        axes = canvas.subplots()
        _curves(axes, result.drawing["curves"][AFTER, 0])
        axes.set_xticks([0, TURN / 2], ["0", "π"])
    return Drawn(canvas, report.finding(result), dpi=90).png()
