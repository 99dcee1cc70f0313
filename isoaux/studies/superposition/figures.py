"""Superposition in pictures: arrows, counts, phases, arrangements, and alignment with the axes."""

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D

from isoaux import bases, ppp
from isoaux.drawing.look import COLOURS, MARKS, Drawn, style
from isoaux.drawing.panels import nothing_small
from isoaux.records.reports import or_missing
from isoaux.records.results import Result
from isoaux.representations import superposition
from isoaux.studies.superposition import data, report

INK, FAINT = "#b8336a", "0.6"
"""The colour of what is trained and of what it is compared with; none is that of a symmetry group."""

LETTERS = {superposition.NOT: "N", superposition.DEDICATED: "A", superposition.SUPERPOSED: "S"}
"""The letter of each phase: not represented, alone, superposed."""

EXACT = {"-1/2": -1 / 2, "-1/3": -1 / 3, "0": 0.0, "1/6": 1 / 6}
"""The products of the forty vectors of R^10 that repel each other."""


@or_missing
def arrows(result: Result) -> Drawn:
    """The columns of the first seed as arrows in the plane of two neurons: three features above, five below."""
    with style():
        canvas = Canvas(figsize=(10, 3.9), layout="constrained")
        grid = canvas.subplots(2, len(data.FIVE))
        for row, (name, sparsities) in enumerate((("three", data.THREE), ("five", data.FIVE))):
            for axes in grid[row, len(sparsities) :]:
                axes.set_visible(False)
            for axes, s, W in zip(grid[row], sparsities, result.drawing[f"{name}_W"][:, 0], strict=False):
                _arrows(axes, W)
                axes.set_title(f"$S$ = {s:g}")
        grid[0, 0].set_ylabel("three features")
        grid[1, 0].set_ylabel("five, of importance $0.7^i$")
    finding = report.sentence(result)
    alt = f"Directions of features as arrows from the origin in the plane of two neurons, by sparsity. {finding}"
    return Drawn(canvas, alt, finding=finding)


def _arrows(axes: Axes, W: np.ndarray) -> None:
    axes.axhline(0, color="0.85", lw=0.6, zorder=0)
    axes.axvline(0, color="0.85", lw=0.6, zorder=0)
    for number, (x, y) in enumerate(W.T, start=1):
        if np.hypot(x, y) > 0.1:
            axes.annotate("", (x, y), (0, 0), arrowprops={"arrowstyle": "->", "color": INK, "lw": 1.3})
            axes.text(1.22 * x, 1.22 * y, str(number), ha="center", va="center", size=7)
        else:
            axes.plot(x, y, ".", color=INK, ms=3)
    axes.set(xlim=(-1.6, 1.6), ylim=(-1.6, 1.6), aspect="equal", xticks=[], yticks=[])


@or_missing
def dimensions(result: Result) -> Drawn:
    """Three panels by sparsity, a dot a seed: features represented, features per neuron, and the loss."""
    W = result.drawing["many_W"].astype(np.float64)
    linear = superposition.linear_loss(data.FORTY, data.TEN, data.MANY)
    series = (
        (superposition.represented(W), f"features represented, of {data.FORTY}", data.TEN, "neurons"),
        ((W**2).sum((2, 3)) / data.TEN, r"features per neuron, $\|W\|_F^2 / m$", 1.0, "a linear network"),
        (result.drawing["many_loss"] / linear[:, None], "loss over the best linear one", 1.0, "a linear network"),
    )
    places = np.arange(len(data.MANY))
    with style():
        canvas = Canvas(figsize=(10, 3.1), layout="constrained")
        for axes, (values, label, line, words) in zip(canvas.subplots(1, 3), series, strict=True):
            axes.axhline(line, color=FAINT, lw=1, ls="--", label=words)
            axes.plot(places, values.mean(1), color=INK, lw=1)
            axes.plot(np.repeat(places, values.shape[1]), values.ravel(), "o", color=INK, ms=3.5)
            axes.set_xticks(places, [f"{s:g}" for s in data.MANY], fontsize=7)
            axes.set(xlabel="sparsity $S$, the chance of being off", ylabel=label)
            axes.set_ylim(bottom=0)
            axes.legend()
    finding = report.sentence(result)
    alt = f"Three panels by sparsity: features represented, features per neuron, and the loss. {finding}"
    return Drawn(canvas, alt, finding=finding)


@or_missing
def phases(result: Result) -> Drawn:
    """The phase of the second feature by relative importance and density, with letters, and the loss beside it."""
    drawing = result.drawing
    phase, densities, importances = drawing["phase"], drawing["densities"], drawing["importances"]
    worth = superposition.ignoring(1 - densities)[:, None] * np.minimum(1, importances) / 2
    with style():
        canvas = Canvas(figsize=(10, 4.3), layout="constrained")
        left, right = canvas.subplots(1, 2)
        colours = ListedColormap(["#f2f2f2", "#9ecae1", "#c994c7"])
        left.imshow(phase, origin="lower", cmap=colours, vmin=0, vmax=2)
        for (row, column), kind in np.ndenumerate(phase):
            left.text(column, row, LETTERS[int(kind)], ha="center", va="center", size=7)
        shown = right.imshow(drawing["loss"] / worth, origin="lower", cmap="magma", vmin=0, vmax=1)
        canvas.colorbar(shown, ax=right, label="loss over that of ignoring the lesser feature", shrink=0.9)
        for axes, title in ((left, "the second feature"), (right, "the loss")):
            axes.set_title(title)
            axes.set_xlabel("relative importance of the second feature")
            axes.set_ylabel("density $1 - S$")
            ticks = np.arange(0, len(densities), max(1, len(densities) // 5))
            axes.set_xticks(ticks, [f"{importances[k]:.2g}" for k in ticks])
            axes.set_yticks(ticks, [f"{densities[k]:.2g}" for k in ticks])
        names = [
            Line2D([], [], ls="", marker=f"${LETTERS[kind]}$", color="k", label=name)
            for kind, name in report.PHASES.items()
        ]
        left.legend(handles=names, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3)
    finding = report.sentence(result)
    alt = f"A diagram of phases with a letter in every cell, and one of the loss, by importance and density. {finding}"
    return Drawn(canvas, alt, finding=finding)


@or_missing
def geometry(result: Result) -> Drawn:
    """How far arrangements are on the way to random, by number of features, and cosines of forty beside exact ones."""
    drawing, ways = result.drawing, data.ways(result)
    beginning = data.way(drawing["untrained"], drawing["least"], drawing["random"])
    names = [*map(str, data.COUNTS), f"{data.FORTY}\nin ten"]
    with style():
        canvas = Canvas(figsize=(10, 3.6), layout="constrained")
        left, right = canvas.subplots(1, 2, width_ratios=(1.2, 1))
        for height, words in ((0, "least energy"), (1, "random unit vectors")):
            left.axhline(height, color="0.4", lw=0.8, ls="--")
            left.annotate(words, (0.01, height), (0, 3), xycoords=("axes fraction", "data"),
                          textcoords="offset points", size=7)  # fmt: skip
        for values, colour, move, label in ((beginning, FAINT, 0.14, "untrained"), (ways, INK, -0.14, "trained")):
            places = np.repeat(np.arange(len(ways)), values.shape[1]) + move
            left.plot(places, values.ravel(), "o", color=colour, ms=3.5, label=label)
        left.set_xticks(range(len(names)), names)
        left.set(xlabel="features in three neurons", ylabel="energy, from least to random", ylim=(-0.3, 3))
        left.legend()
        right.hist(
            report.cosines_of(drawing["W40"].astype(np.float64)), bins=np.linspace(-1, 0.6, 65), color=INK, alpha=0.8
        )
        for words, value in EXACT.items():
            right.axvline(value, color="k", lw=1, ls=":")
            right.annotate(f"${words}$", (value, 1), (0, 2), xycoords=("data", "axes fraction"),
                           textcoords="offset points", ha="center", size=8)  # fmt: skip
        right.set(xlabel="cosine of two of forty features in ten neurons", ylabel="pairs, all seeds")
    finding = report.sentence(result)
    alt = (
        "Left, energies of arrangements between the least one and that of random vectors, by number of features. "
        "Right, a histogram of cosines of forty features with the values of the exact forty vectors as lines. "
        f"{finding}"
    )
    return Drawn(canvas, alt, finding=finding)


@or_missing
def alignment(result: Result) -> Drawn:
    """Fourth powers of every seed beside their turned spaces, by optimiser and activation; below, points of PPP."""
    with style():
        canvas = Canvas(figsize=(10, 4.9), layout="constrained")
        top, bottom = canvas.subfigures(2, 1, height_ratios=(1.35, 1), squeeze=False).ravel()
        panels = top.subplots(1, 2, sharey=True)
        for axes, optimiser in zip(panels, data.OPTIMISERS, strict=True):
            for place, activation in enumerate(data.ACTIVATIONS):
                tests = data.tests(result, optimiser, activation)
                low, high = np.mean([test.low for test in tests]), np.mean([test.high for test in tests])
                axes.fill_between([place - 0.35, place + 0.35], low, high, color="0.88", lw=0)
                group = data.GROUPS[activation]
                for k, test in enumerate(tests):
                    at = place + 0.6 * ((k + 0.5) / len(tests) - 0.5)
                    fill = COLOURS[group] if test.p <= 0.05 else "white"
                    axes.plot(at, test.value, MARKS[group], color=COLOURS[group], mfc=fill, ms=4)
            axes.set_xticks(range(len(data.ACTIVATIONS)), [data.WORDS[name] for name in data.ACTIVATIONS])
            axes.set_title(data.OPTIMISER_WORDS[optimiser])
        panels[0].set_ylabel("mean fourth powers\nof columns")
        below = bottom.subplots(1, len(data.OPTIMISERS) * len(data.ACTIVATIONS))
        pairs = [(o, a) for o in data.OPTIMISERS for a in data.ACTIVATIONS]
        for axes, (optimiser, activation) in zip(below, pairs, strict=True):
            _points(axes, data.weights(result, optimiser, activation), COLOURS[data.GROUPS[activation]])
            axes.set_title(f"{data.OPTIMISER_WORDS[optimiser]},\n{data.WORDS[activation]}", fontsize=7)
    finding = report.sentence(result)
    alt = (
        "Above, mean fourth powers of the columns of every seed over a grey band of turned hidden spaces, filled where "
        "p is at most 0.05, by optimiser and activation. Below, points of the columns near the planes of two axes. "
        f"{finding}"
    )
    return Drawn(canvas, alt, finding=finding)


def _points(axes: Axes, W: np.ndarray, colour: str) -> None:
    """The points of all unit columns of networks W (seeds, m, n) near the planes of two axes."""
    units = W.swapaxes(1, 2) / np.linalg.norm(W, axis=1)[..., None]
    points = ppp.project(units.reshape(-1, W.shape[1]), bases.standard(W.shape[1])).points
    axes.plot(*points.T, ".", color=colour, ms=2, alpha=0.7, mew=0)
    axes.set(xlim=(-1.05, 1.05), ylim=(-1.05, 1.05), aspect="equal", xticks=[], yticks=[])


PICTURES: Mapping[str, Callable[[Result], Drawn]] = {
    "plane": arrows,
    "dimensions": dimensions,
    "phases": phases,
    "geometry": geometry,
    "link": alignment,
}
"""The picture of each part."""


def draw(result: Result) -> Drawn:
    """The picture of a figure."""
    return PICTURES[data.part_of(result.figure)](result)


def thumbnail(result: Result) -> bytes:
    """The picture of a figure as a small PNG."""
    if result.lacking:
        return nothing_small(result.lacking)
    drawn = draw(result)
    return Drawn(drawn.canvas, drawn.alt, dpi=55).png()
