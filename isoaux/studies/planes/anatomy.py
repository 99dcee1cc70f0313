"""How to read a panel: what the threshold keeps, and the parts of a panel, on published panels."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Circle, FancyArrowPatch, Wedge
from numpy.typing import NDArray

from isoaux.drawing.look import COLOURS, MATHS, Drawn, style
from isoaux.drawing.panels import palette
from isoaux.paper import GROUPS, TITLES
from isoaux.records.results import Result, by_activation

LIGHT = "#ffffff"
"""Ink on a panel."""


SIZE = (2.9, 2.95)
"""Width and height of each picture in inches."""


def reading_guide(result: Result) -> list[Drawn]:
    """How to read a panel in pictures: the threshold as an angle, then the last panel of each of two activations.

    ``result`` is that of a figure of planes; shown is the network of each activation whose panel has most points.
    """
    epsilon = float(result.facts["epsilon"])
    drawn = [_threshold(epsilon)]
    for activation, rows in by_activation(result)[:2]:
        most = max(rows, key=lambda row: int(result.of_row(row, "count")[-1]))
        drawn.append(_panel(result, activation, most))
    return drawn


def _threshold(epsilon: float) -> Drawn:
    """A representation, its part in the plane, and the angle within which it is drawn."""
    angle = np.degrees(np.arccos(epsilon))
    edge, tilt = np.radians(angle), np.radians(0.62 * angle)
    x, y = float(np.cos(tilt)), float(np.sin(tilt))
    words = f"threshold ε = {epsilon:g}:\ndrawn within {angle:.1f}° of the plane"
    with style():
        canvas = Canvas(figsize=SIZE, layout="constrained")
        axes = canvas.subplots()
        axes.set_title("What is drawn")
        axes.add_patch(Wedge((0, 0), 1, 0, angle, facecolor="0.9", edgecolor="none"))
        axes.plot([-0.1, 1.12], [0, 0], color="black", lw=1.4)
        axes.text(1.12, -0.06, "plane of neurons i and j", ha="right", va="top")
        arrow = FancyArrowPatch(
            (0, 0), (x, y), arrowstyle="-|>", mutation_scale=11, color="black", shrinkA=0, shrinkB=0
        )
        axes.add_patch(arrow)
        axes.plot([x, x], [0, y], color="0.4", ls=":", lw=1)
        axes.plot([0, x], [0, 0], color=COLOURS["B_n"], lw=3, solid_capstyle="butt")
        axes.text(1.04 * x, 1.04 * y, "image v", ha="left", va="bottom")
        axes.text(x / 2, 0.035, "drawn part", ha="center", va="bottom", color=COLOURS["B_n"])
        axes.plot([0, np.cos(edge)], [0, np.sin(edge)], color="0.35", ls="--", lw=1)
        axes.text(0.02, 0.98, words, transform=axes.transAxes, va="top")
        axes.set_xlim(-0.12, 1.3)
        axes.set_ylim(-0.35, 1.07)
        axes.set_aspect("equal")
        axes.set_axis_off()
    return Drawn(
        canvas,
        "An arrow, the representation of an image, above a line, the plane of neurons i and j. It is drawn, as its "
        f"part in the plane, since it lies within {angle:.1f} degrees of the plane: that is the threshold {epsilon:g}.",
    )


def _panel(result: Result, activation: str, row: int) -> Drawn:
    """The last panel of a network with the names of its parts."""
    density, group = result.drawing["density"][row, -1].astype(float), GROUPS[activation]
    points = f"{int(result.of_row(row, 'count')[-1]):,} points"
    with style():
        canvas = Canvas(figsize=SIZE, layout="constrained")
        axes = canvas.subplots()
        axes.set_title(f"{TITLES[activation]}, {MATHS[group]}", color=COLOURS[group])
        _density(axes, density)
        _note(axes, points, (0.03, 0.03), None, ha="left", va="bottom")
        if group == "O(n)":
            _ring(axes, _radius(density))
            part = "a ring of the usual length around a dark centre"
        else:
            _beam(axes, density)
            part = "a beam, where many images have one direction"
    return Drawn(
        canvas,
        f"The last panel of a network of Figure {result.figure.number} with {TITLES[activation]}, {points}. Marked are "
        f"the axes of neurons i and j, where c4 is 1, the diagonals half way between them, where c4 is -1, and {part}.",
    )


def _density(axes: Axes, density: NDArray[np.float64]) -> None:
    """Draw a panel with its axes and diagonals."""
    limit = max(density.mean() + 5 * density.std(), 1)
    shown = np.minimum(255 * density / limit, 255)
    axes.imshow(shown, cmap=palette(), vmin=0, vmax=256, origin="lower", extent=(-1, 1, -1, 1))
    for x, y in ((1, 0), (0, 1)):
        axes.plot([-x, x], [-y, y], color=LIGHT, lw=0.6, alpha=0.8)
    for sign in (1, -1):
        axes.plot([-1, 1], [-sign, sign], color=LIGHT, lw=0.6, ls=":", alpha=0.8)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlabel("neuron i →")
    axes.set_ylabel("neuron j → (i < j)")
    _note(axes, "half way:\nc4 = −1", (0.97, 0.97), None, ha="right", va="top")
    _note(axes, "on an axis:\nc4 = +1", (0.97, 0.5), None, ha="right", va="center")


def _radius(density: NDArray[np.float64]) -> float:
    """The distance from the centre, of half the width of a panel, at which it is brightest on average."""
    grid = np.linspace(-1, 1, len(density))
    rings = np.linspace(0, 1, 41)
    places = np.digitize(np.hypot(*np.meshgrid(grid, grid)).ravel(), rings)
    sums, pixels = (np.bincount(places, weights, 43)[1:41] for weights in (density.ravel(), None))
    return float(rings[int(np.argmax(sums / np.maximum(pixels, 1)))] + 0.0125)


def _beam(axes: Axes, density: NDArray[np.float64]) -> None:
    """Point at the middle of the 30 degrees that hold most points."""
    grid = np.linspace(-1, 1, len(density))
    x, y = np.meshgrid(grid, grid)
    sector = np.floor(np.degrees(np.arctan2(y, x)) / 5).astype(int) % 72
    sums = np.bincount(sector.ravel(), density.ravel(), 72)
    wide = sum(np.roll(sums, turn) for turn in range(-2, 4))
    weight = np.where((sector - int(np.argmax(wide)) + 3) % 72 < 6, density, 0)
    middle = float((weight * x).sum() / weight.sum()), float((weight * y).sum() / weight.sum())
    _note(axes, "beam: many images\nin one direction", (0.03, 0.97), middle, ha="left", va="top")


def _ring(axes: Axes, radius: float) -> None:
    """Draw the ring of the commonest length and say what the centre is."""
    axes.add_patch(Circle((0, 0), radius, fill=False, edgecolor=LIGHT, lw=0.9, ls="--"))
    place = radius * np.cos(np.radians(112)), radius * np.sin(np.radians(112))
    _note(axes, "ring: the usual length;\nthe centre is dark", (0.03, 0.97), place, ha="left", va="top")


def _note(axes: Axes, words: str, where: tuple[float, float], to: tuple[float, float] | None, **placed: Any) -> None:
    """Write on a panel, with an arrow ``to`` a place of it."""
    arrow = {"arrowstyle": "->", "color": LIGHT, "lw": 0.9} if to else None
    axes.annotate(
        words,
        to or where,
        where,
        "data" if to else "axes fraction",
        "axes fraction",
        arrowprops=arrow,
        color=LIGHT,
        size=8,
        bbox={"facecolor": "#000000b0", "edgecolor": "none", "pad": 1.5},
        **placed,
    )
