"""A sentence transformer in pictures: quartimax by layer, sizes of neurons, and points near their planes."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from isoaux.drawing.look import COLOURS, Drawn, style
from isoaux.drawing.panels import halved, nothing_small, sheet, small
from isoaux.records.reports import or_missing
from isoaux.records.results import Result
from isoaux.statistics import LEVEL, BasisTest
from isoaux.statistics.preparation import PREPARATIONS
from isoaux.studies.transformer import data, report
from isoaux.studies.transformer.data import OUTLIER, PARTS

LOOKS = {
    "residual": (COLOURS["B_n"], "o"),
    "attention": (COLOURS["S_n"], "^"),
    "hidden": (COLOURS["D_n"], "s"),
}
"""Colour and mark of each part."""

TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.7, 1, 1.4, 2, 3, 5, 10, 20, 50, 100, 200)
"""The ratios that may be named at an axis."""

LEAST = 0.2
"""Neurons that are smaller, beside the median one, lie below the axis."""

CONTROL = "0.55"
"""The colour of untrained networks and of rotated activations."""


@or_missing
def by_layer(result: Result) -> Drawn:
    """Quartimax over its random bases by layer, a panel per preparation, filled where p is at most 0.05.

    Grey: untrained networks, in thin lines, and the same activations after random rotations, as dots.
    """
    with style():
        canvas = Canvas(figsize=(10.5, 3.6), layout="constrained")
        panels = canvas.subplots(1, len(PREPARATIONS), sharey=True, sharex=True)
        for axes, prepare in zip(panels, PREPARATIONS, strict=True):
            axes.axhline(1, color="0.4", lw=0.6)
            for part, (colour, mark) in LOOKS.items():
                places = data.layers(result, part)
                beginning = [place for place in data.untrained(result) if place.part == part]
                each = [data.beginners(result, place, prepare) for place in beginning]
                for seed in range(len(result.facts["seeds"])):
                    tests = [tests[seed] for tests in each]
                    _line(axes, [place.layer for place in beginning], tests, CONTROL, mark, 0.6)
                for place in places:
                    ratios = [report.ratio(test) for test in data.turned(result, place, prepare)]
                    axes.plot([place.layer] * len(ratios), ratios, ".", color=CONTROL, ms=3, zorder=1)
                tests = [data.test(result, place, prepare) for place in places]
                _line(axes, [place.layer for place in places], tests, colour, mark, 1.4)
            axes.set_title(prepare)
            axes.set_xlabel("layer")
            axes.set_xticks(range(result.facts["shape"]["layers"] + 1))
        panels[0].set_ylabel("quartimax over that of random bases")
        _logarithmic(panels[0])
        handles = [
            Line2D([], [], color=colour, marker=mark, label=PARTS[part]) for part, (colour, mark) in LOOKS.items()
        ]
        handles.append(
            Line2D([], [], color=CONTROL, lw=0.6, marker="o", ms=3, label="untrained (lines), rotated (dots)")
        )
        canvas.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return Drawn(canvas, report.sentence(result), dpi=110, finding=report.finding(result))


def _logarithmic(axes: Axes) -> None:
    """Make the vertical axis, and those that it shares, logarithmic with plain numbers at it."""
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    ticks = [tick for tick in TICKS if low <= tick <= high]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.yaxis.set_minor_locator(NullLocator())


def _line(axes: Axes, layers: Sequence[int], tests: Sequence[BasisTest], colour: str, mark: str, width: float) -> None:
    ratios = [report.ratio(test) for test in tests]
    axes.plot(layers, ratios, color=colour, lw=width, zorder=2)
    for layer, value, test in zip(layers, ratios, tests, strict=True):
        fill = colour if test.p <= LEVEL else "white"
        axes.plot(layer, value, mark, color=colour, mfc=fill, ms=3 + 2 * width, zorder=3)


@or_missing
def neurons(result: Result) -> Drawn:
    """How large each neuron is beside the median one, by rank: a panel per part, a line per layer, early ones light."""
    with style():
        canvas = Canvas(figsize=(10.5, 3.2), layout="constrained")
        panels = canvas.subplots(1, len(PARTS), sharey=True)
        for axes, part in zip(panels, PARTS, strict=True):
            places = data.layers(result, part)
            for place, strength in zip(places, np.linspace(0.25, 1, len(places)), strict=True):
                ratios = data.outliers(result, place, 0)
                axes.plot(
                    1 + np.arange(len(ratios)), list(ratios.values()), color=LOOKS[part][0], alpha=strength, lw=1.1
                )
            largest = max((data.outliers(result, place, 0) for place in places), key=lambda known: max(known.values()))
            neuron, times = next(iter(largest.items()))
            axes.annotate(f"neuron {neuron}", (1, times), (6, 0), textcoords="offset points", va="center", size=8)
            axes.axhline(OUTLIER, color="0.4", lw=0.6, ls=(0, (1, 3)))
            axes.set_title(PARTS[part])
            axes.set_xlabel("rank of the neuron")
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter("{x:,.0f}")
        panels[0].set_ylabel("root mean square over the median one")
        panels[0].set_ylim(LEAST, 1.3 * max(OUTLIER, *(line.get_ydata()[0] for axes in panels for line in axes.lines)))
        _logarithmic(panels[0])
    return Drawn(canvas, report.neurons_sentence(result), dpi=110)


@or_missing
def planes(result: Result) -> Drawn:
    """Points near the planes of two neurons in a middle layer, a row per part, and below it of rotated activations."""
    density, points = result.drawing["density"], result.drawing["points"]
    side = density.shape[-1]
    titles = [[f"{count:,}" for count in row] for row in points.reshape(-1, len(PREPARATIONS))]
    labels = [(f"{name}\n{basis}", LOOKS[part][0]) for part, name in PARTS.items() for basis in ("neurons", "rotated")]
    canvas = sheet(density.reshape(-1, len(PREPARATIONS), side, side), titles, labels, list(PREPARATIONS))
    return Drawn(canvas, report.pictures_sentence(result))


def thumbnail(result: Result) -> bytes:
    """A small PNG: the points of each part in the planes of neurons, at half the resolution."""
    if result.lacking:
        return nothing_small(result.lacking)
    return small(halved(result.drawing["density"][:, 0]))
