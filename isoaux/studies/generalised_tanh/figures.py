"""Generalised tanh in pictures: along its vectors, over the plane, and its way to isotropic tanh."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from isoaux.common.numbers import number_words
from isoaux.drawing.look import COLOURS, Drawn, style
from isoaux.studies.generalised_tanh.data import CIRCLES, LENGTHS, RADIUS, Along, Distance, Plane, polygon

LOOKS: dict[str, dict[str, Any]] = {
    "along": {"color": COLOURS["G_B"], "ls": "-", "lw": 1.3, "label": "along $b_j$"},
    "plain": {"color": "0.5", "ls": ":", "lw": 1.5, "label": "along $b_j$ without the correction (Eqn 7)"},
    "across": {"color": "0.15", "ls": "--", "lw": 1.5, "label": "orthogonal part at $t b_j$"},
    "against": {"color": "#b8336a", "ls": (0, (6, 1.5, 1.5, 1.5)), "lw": 1.3, "label": "along $-b_j$"},
}
"""Colour and line of what is drawn along the vectors; the function itself has the colour of its symmetry group."""

TOP = 2.2
"""Where the vertical axis of those panels ends."""

STEP = 3
"""Degrees of one shade of a map."""

SERIES = {2: ("0.05", "o", "-"), 3: ("#b8336a", "s", "--"), 10: ("0.5", "^", "-.")}
"""Colour, mark and line by dimension."""


def along(profiles: Sequence[Along]) -> Drawn:
    """A panel per basis: the function at t b_j, along b_j and orthogonal to it, over t; shaded between vectors."""
    with style():
        canvas = Canvas(figsize=(10, 5.7), layout="constrained")
        panels = canvas.subplots(2, 3, sharex=True, sharey=True).ravel()
        for axes, profile in zip(panels, profiles, strict=True):
            axes.plot(LENGTHS, np.tanh(LENGTHS), color="0.8", lw=5, label=r"$\tanh t$", solid_capstyle="butt")
            for name, look in LOOKS.items():
                values = getattr(profile, name)
                ends = values.min(1), values.max(1)
                if name == "along":
                    axes.plot(LENGTHS, np.stack(ends, axis=1), color=look["color"], lw=0.7)
                else:
                    axes.fill_between(LENGTHS, *ends, color=look["color"], alpha=0.25, lw=0)
                axes.plot(LENGTHS, np.median(values, axis=1), **look)
            m, n = profile.basis.shape
            sizes = "" if "$" in profile.words else f", {m} vectors of $R^{{{n}}}$"
            axes.set_title(f"{profile.words[0].upper()}{profile.words[1:]}{sizes}")
            axes.set(xlim=(0, LENGTHS[-1]), ylim=(-0.45, TOP))
            axes.axhline(0, color="0.6", lw=0.6, zorder=0)
        for axes in panels[::3]:
            axes.set_ylabel("part of $f$")
        for axes in panels[3:]:
            axes.set_xlabel("$t$")
        canvas.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, handlelength=3)
    parts = [f"{_name(each)}, {_small(each.axis_error)} and {_small(each.across.max())}" for each in profiles]
    alt = (
        f"{len(profiles)} panels of generalised tanh along the vectors of a basis, at lengths t up to {LENGTHS[-1]:g}, "
        "beside tanh: the part along the vector, the same without the correction, the part orthogonal to it, and the "
        "function against the vector. Largest difference from tanh along a vector and largest orthogonal part: "
        f"{'; '.join(parts)}."
    )
    return Drawn(canvas, alt, finding=_exactness(profiles))


def _exactness(profiles: Sequence[Along]) -> str:
    least, *_, worst = sorted(profiles, key=lambda each: each.axis_error)
    return (
        f"Along its vectors generalised tanh differs from tanh by at most {_small(least.axis_error)} for the "
        f"{_name(least)} and by up to {_small(worst.axis_error)} for {_name(worst)}."
    )


def _name(profile: Along) -> str:
    m, n = profile.basis.shape
    return f"{m} vectors in {n} dimensions" if "$" in profile.words else f"{profile.words} in {n} dimensions"


def planes(functions: Sequence[Plane]) -> Drawn:
    """A column per polygon: images of circles and rays, the angle of turn with lengths, and the gauge form."""
    steps = int(np.ceil(max(float(each.turn.max()) for each in functions) / STEP))
    scale = ScalarMappable(Normalize(0, steps * STEP), colormaps["magma_r"].resampled(steps))
    with style():
        canvas = Canvas(figsize=(10, 6.1), layout="constrained")
        grid = canvas.subplots(3, len(functions), squeeze=False)
        for column, each in zip(grid.T, functions, strict=True):
            title = f"$m$ = {each.vectors}" if each.vectors else r"isotropic tanh"
            column[0].set_title(title, loc="center", color=COLOURS["O(n)"] if not each.vectors else "black")
            _images(column[0], each, each.circles, 1.3)
            for ray in each.rays:
                column[0].plot(*ray.T, color="0.6", lw=0.6, zorder=1)
            _turn(column[1], each, scale)
            _images(column[2], each, each.gauge, 2.05)
        for axes, words in zip(
            grid[:, 0], ("Eqn 14: circles and rays", "Eqn 14: turn and length", "Eqn 15: circles"), strict=True
        ):
            axes.set_ylabel(words)
        canvas.colorbar(scale, ax=grid[1], label="angle between\n$x$ and $f(x)$, degrees", shrink=0.95, pad=0.01)
    return Drawn(canvas, _planes_sentence(functions))


def _images(axes: Axes, each: Plane, curves: NDArray[np.float64], reach: float) -> None:
    """Images of circles, dark for large ones, with the vectors of the basis as arrows."""
    for curve, shade in zip(curves, np.linspace(0.62, 0.05, len(curves)), strict=True):
        axes.plot(*curve.T, color=str(shade), lw=1.3)
    for x, y in polygon(each.vectors) if each.vectors else ():
        look = {"arrowstyle": "-|>,head_width=0.18,head_length=0.36", "color": "#b8336a", "lw": 1.2}
        axes.annotate("", (x, y), (0, 0), arrowprops=look | {"shrinkA": 0, "shrinkB": 0}, zorder=4)
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xticks=(-1, 0, 1), yticks=(-1, 0, 1))


def _turn(axes: Axes, each: Plane, scale: ScalarMappable) -> None:
    """The angle between x and f(x) as shades, its length as labelled lines."""
    r = each.reach
    low, high = scale.get_clim()
    axes.imshow(each.turn, extent=(-r, r, -r, r), origin="lower", vmin=low, vmax=high, cmap=scale.cmap)
    side = np.linspace(-r, r, len(each.length))
    lines = axes.contour(side, side, each.length, (0.25, 0.5, 0.75, 1.0, 1.25), colors="0.1", linewidths=0.7)
    axes.clabel(lines, fmt="%g", fontsize=7, inline_spacing=1)
    axes.set(xticks=(-2, 0, 2), yticks=(-2, 0, 2))


def _planes_sentence(functions: Sequence[Plane]) -> str:
    parts = []
    for each in functions:
        name = f"m = {each.vectors}" if each.vectors else "isotropic tanh"
        ends = np.linalg.norm(each.circles[-1], axis=1)
        gauge = np.linalg.norm(each.gauge[-1], axis=1)
        parts.append(
            f"{name}, {abs(each.turn.max()):.0f} degrees, {ends.min():.2f} to {ends.max():.2f} and {gauge.min():.2f} "
            f"to {gauge.max():.2f}"
        )
    return (
        f"{len(functions)} columns of two functions of the plane, whose vectors are the corners of a regular polygon, "
        "beside isotropic tanh. Rows: images of circles and rays under generalised tanh; the angle by which it turns a "
        "representation, with lines of equal length; images of circles under the gauge form, polygons. Largest angle, "
        f"and lengths of the images of the circle of radius {CIRCLES[-1]:g} under the one and the other: "
        f"{'; '.join(parts)}."
    )


def distances(measured: Sequence[Distance]) -> Drawn:
    """Two panels over the number of vectors m, a line per dimension: both functions' distance from isotropic tanh."""
    with style():
        canvas = Canvas(figsize=(10, 3.7), layout="constrained")
        panels = canvas.subplots(1, 2, sharey=True)
        for n, (colour, mark, line) in SERIES.items():
            members = [each for each in measured if each.n == n]
            m = [each.m for each in members]
            look: dict[str, Any] = {"color": colour, "marker": mark, "ls": line, "ms": 4.5}
            hollow = {"color": colour, "marker": mark, "ls": "", "ms": 4.5, "mfc": "white", "zorder": 3}
            for axes, name in zip(panels, ("generalised", "gauge"), strict=True):
                axes.plot(m, [getattr(each, name) for each in members], **look, label=f"$n$ = {n}")
                open_ = [(each.m, getattr(each, name)) for each in members if not each.antipodal]
                axes.plot(*np.array(open_).T, **hollow)
        for axes, title in zip(panels, ("generalised tanh (Eqn 14)", "gauge form (Eqn 15)"), strict=True):
            axes.set(title=title, xlabel="number of vectors $m$", xscale="log", yscale="log")
            ticks = (3, 5, 10, 20, 40, 80, 160)
            axes.set_xticks(ticks, list(map(str, ticks)))
            axes.minorticks_off()
            axes.grid(color="0.92", lw=0.6)
        panels[0].set_ylabel(f"distance from isotropic tanh\nat length {RADIUS:g}")
        for n, vectors, place in ((3, 12, (-4, -14)), (3, 32, (6, -3)), (10, 20, (-6, -13)), (10, 40, (-6, 8))):
            for each in measured:
                if (each.n, each.m) == (n, vectors):
                    note = {"textcoords": "offset points", "fontsize": 8, "color": SERIES[n][0]}
                    panels[0].annotate(f"{vectors}", (vectors, each.generalised), place, **note)
        panels[0].legend(handlelength=3.2)
    parts = []
    for n in SERIES:
        members = [each for each in measured if each.n == n]
        steps = ", ".join(
            f"{number_words(each.generalised)} with {each.m}{' (filled)' * each.antipodal}" for each in members
        )
        parts.append(f"n = {n}: {steps}")
    alt = (
        "Two panels of the distance from isotropic tanh over the number of vectors, a line each for 2, 3 and 10 "
        f"dimensions: generalised tanh, and its gauge form. Marks are filled where the basis has the negative of every "
        f"vector. Of generalised tanh, {'; '.join(parts)}."
    )
    return Drawn(canvas, alt)


def _small(value: float) -> str:
    """A number to two digits; one of the size of rounding by its power of ten."""
    return f"{float(value):.0e}" if value < 1e-3 else f"{float(value):.2g}"
