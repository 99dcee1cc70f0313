"""How to read a panel: what the threshold keeps, and the parts of a panel, on published panels."""

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


def reading_guide(result: Result) -> Drawn:
    """The parts of a panel with their names: the threshold as an angle, then the last panel of each activation.

    ``result`` is that of a figure of planes with two activations; shown is the network of each whose panel has most
    points.
    """
    shown = []
    for activation, rows in by_activation(result)[:2]:
        most = max(rows, key=lambda row: int(result.of_row(row, "count")[-1]))
        shown.append((activation, most, result.drawing["density"][most, -1].astype(float)))
    epsilon = float(result.facts["epsilon"])
    with style():
        canvas = Canvas(figsize=(7.4, 3.0), layout="constrained")
        axes = canvas.subplots(1, 1 + len(shown))
        _threshold(axes[0], epsilon)
        for place, (activation, row, density) in zip(axes[1:], shown, strict=True):
            place.set_title(f"{TITLES[activation]}, {MATHS[GROUPS[activation]]}", color=COLOURS[GROUPS[activation]])
            radius = _panel(place, density)
            points = f"{int(result.of_row(row, 'count')[-1]):,} points"
            _note(place, points, (0.03, 0.03), None, ha="left", va="bottom")
            if GROUPS[activation] == "O(n)":
                _ring(place, radius)
            else:
                _beam(place, density)
    angle = np.degrees(np.arccos(epsilon))
    parts = "; ".join(f"{TITLES[name]}, {int(result.of_row(row, 'count')[-1]):,} points" for name, row, _ in shown)
    return Drawn(
        canvas,
        f"Left: an image is drawn in the plane of two neurons if it lies within {angle:.1f} degrees of it. Then the "
        f"last panels of two networks of Figure {result.figure.number} ({parts}), with the axes of the two neurons, "
        "the diagonals half way between them, a beam, and the ring around the dark centre marked.",
    )


def _threshold(axes: Axes, epsilon: float) -> None:
    """A representation, its part in the plane, and the angle within which it is drawn."""
    angle = np.degrees(np.arccos(epsilon))
    axes.set_title("What is drawn")
    axes.add_patch(Wedge((0, 0), 1, 0, angle, facecolor="0.9", edgecolor="none"))
    axes.plot([-0.1, 1.12], [0, 0], color="black", lw=1.4)
    axes.text(1.12, -0.06, "plane of neurons i and j", ha="right", va="top")
    tilt = np.radians(0.62 * angle)
    end = np.array([np.cos(tilt), np.sin(tilt)])
    axes.add_patch(
        FancyArrowPatch((0, 0), end, arrowstyle="-|>", mutation_scale=11, color="black", shrinkA=0, shrinkB=0)
    )
    axes.plot([end[0], end[0]], [0, end[1]], color="0.4", ls=":", lw=1)
    axes.plot([0, end[0]], [0, 0], color=COLOURS["B_n"], lw=3, solid_capstyle="butt")
    axes.text(*(1.04 * end), "image v", ha="left", va="bottom")
    axes.text(end[0] / 2, 0.035, "drawn part", ha="center", va="bottom", color=COLOURS["B_n"])
    edge = np.radians(angle)
    axes.plot([0, np.cos(edge)], [0, np.sin(edge)], color="0.35", ls="--", lw=1)
    axes.text(
        0.02,
        0.98,
        f"threshold ε = {epsilon:g}:\ndrawn within {angle:.1f}° of the plane",
        transform=axes.transAxes,
        va="top",
    )
    axes.set_xlim(-0.12, 1.3)
    axes.set_ylim(-0.35, 1.07)
    axes.set_aspect("equal")
    axes.set_axis_off()


def _panel(axes: Axes, density: NDArray[np.float64]) -> float:
    """Draw a panel with its axes and diagonals; the radius at which it is brightest on average."""
    side = len(density)
    grid = np.linspace(-1, 1, side)
    limit = density.mean() + 5 * density.std()
    axes.imshow(
        np.minimum(255 * density / limit, 255), cmap=palette(), vmin=0, vmax=256, origin="lower", extent=(-1, 1, -1, 1)
    )
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
    radii = np.hypot(*np.meshgrid(grid, grid))
    rings = np.linspace(0, 1, 41)
    places = np.digitize(radii.ravel(), rings)
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
    middle = tuple(float((weight * place).sum() / weight.sum()) for place in (x, y))
    _note(axes, "beam: many images\nin one direction", (0.03, 0.97), middle, ha="left", va="top")


def _ring(axes: Axes, radius: float) -> None:
    """Draw the ring of the commonest length and say what the centre is."""
    axes.add_patch(Circle((0, 0), radius, fill=False, edgecolor=LIGHT, lw=0.9, ls="--"))
    place = radius * np.cos(np.radians(112)), radius * np.sin(np.radians(112))
    _note(axes, "ring: the usual length;\nthe centre is dark", (0.03, 0.97), place, ha="left", va="top")


def _note(axes: Axes, words: str, where: tuple[float, float], to: tuple[float, float] | None, **placed: str) -> None:
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
