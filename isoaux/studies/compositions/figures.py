"""Compositions in pictures: images with what is held out, accuracies, means in a plane, purple, curves and offsets."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from isoaux.common.numbers import written
from isoaux.common.tables import listed
from isoaux.drawing.look import COLOURS as GROUP_COLOURS
from isoaux.drawing.look import DASHES, MARKS, Drawn, style
from isoaux.drawing.panels import nothing_small
from isoaux.paper.names import CLASSIFIER_GROUPS, CLASSIFIER_TITLES
from isoaux.records.reports import or_missing
from isoaux.records.results import Result
from isoaux.representations import decomposition
from isoaux.representations.shapes import COLOURS, SHAPES
from isoaux.studies.compositions import report
from isoaux.studies.compositions.claims import by_seed, learnt
from isoaux.studies.compositions.data import ACTIVATIONS, DESIGNS, OFFSETS, PAIRS, PRIMER, STEPS

DIAGONAL = decomposition.diagonal(tuple(COLOURS), tuple(SHAPES))
"""The pairs that are held out together."""

TABLE = "0.35"
"""The grey of nearest images and of pixels."""

DARK = 0.55
"""Accuracies from which on a cell is so dark that its number is white."""

SHOWN = 5
"""How many classes of digits are shown."""

SHAPE_MARKS = {"circle": "o", "triangle": "^", "square": "s", "cross": "P"}
"""The mark of each shape."""

COLOUR_GREYS = {"red": "#b8321e", "blue": "#22378f", "green": "#3fa35a", "yellow": "#c9a800"}
"""Colours for the backgrounds, of different lightness; letters stand beside them."""


def _colour(activation: str) -> Any:
    return GROUP_COLOURS[CLASSIFIER_GROUPS[activation]]


def _mark(activation: str) -> Any:
    return MARKS[CLASSIFIER_GROUPS[activation]]


def _spread(count: int, width: float) -> NDArray[np.float64]:
    """Places for so many points side by side about 0."""
    return np.linspace(-width, width, count) if count > 1 else np.zeros(1)


def _seeds(axes: Axes, at: float, values: NDArray[np.float64], activation: str, **look: Any) -> None:
    """A mark for each seed about a place, and a line at their mean."""
    axes.plot(at + _spread(len(values), 0.1), values, _mark(activation), color=_colour(activation), ms=4, **look)
    if np.isfinite(values).any():
        axes.plot([at - 0.13, at + 0.13], [np.nanmean(values)] * 2, color=_colour(activation), lw=1.4)


def _strips(axes: Axes, numbers: Sequence[NDArray[np.float64]], names: Sequence[str]) -> None:
    """Numbers (S, A) of several kinds: a group of marks for each kind, an activation beside the other."""
    for kind, values in enumerate(numbers):
        for at, activation in enumerate(ACTIVATIONS):
            _seeds(axes, kind + 0.28 * (at - 1), values[:, at], activation)
    axes.set_xticks(range(len(names)), names)
    axes.set_xlim(-0.6, len(names) - 0.4)


def _legend(canvas: Canvas, more: Sequence[Line2D] = ()) -> None:
    handles = [
        Line2D([], [], color=_colour(name), marker=_mark(name), ls="", label=CLASSIFIER_TITLES[name])
        for name in ACTIVATIONS
    ]
    canvas.legend(handles=[*handles, *more], loc="outside lower center", ncols=len(handles) + len(more))


def _images(axes: Axes, images: NDArray[np.uint8], columns: int) -> int:
    """A sheet of images (N, side, side, 3) with a pixel of white between them; its step from image to image."""
    step = images.shape[1] + 1
    rows = len(images) // columns
    sheet = np.full((rows * step, columns * step, 3), 255, np.uint8)
    for place, image in enumerate(images):
        row, column = divmod(place, columns)
        sheet[row * step : row * step + step - 1, column * step : column * step + step - 1] = image
    axes.imshow(sheet, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    return step


@or_missing
def pairs(result: Result) -> Drawn:
    """An image of each pair, framed if it is held out with others, and how often the shape of unseen pairs is right."""
    with style():
        canvas = Canvas(figsize=(10.5, 3.8), layout="constrained")
        left, right = canvas.subplots(1, 2, width_ratios=(1, 2.1))
        step = _images(left, *_shown(result))
        for colour, shape in DIAGONAL:
            x, y = list(SHAPES).index(shape) * step, list(COLOURS).index(colour) * step
            left.plot(
                np.array([0, 1, 1, 0, 0]) * (step - 1) + x - 0.5,
                np.array([0, 0, 1, 1, 0]) * (step - 1) + y - 0.5,
                "k",
                lw=2.4,
            )
        left.set_xticks((np.arange(len(SHAPES)) + 0.5) * step, list(SHAPES))
        left.set_yticks((np.arange(len(COLOURS)) + 0.5) * step, list(COLOURS))
        left.tick_params(length=0)
        numbers = [_by_activation(report.correct(result, design)) for design in DESIGNS]
        _strips(right, numbers, ["one pair held out,\neach in turn", "four held out", "four held out,\none softmax"])
        for kind, design in enumerate(DESIGNS):
            nearest = report.table_of_inputs(result, design)
            right.plot([kind - 0.45, kind + 0.45], [nearest.mean()] * 2, color=TABLE, lw=2.2)
        right.axhline(report.CHANCE, color="0.5", lw=0.8, ls=(0, (1, 2)))
        right.set_ylim(-0.04, 1.04)
        right.set_ylabel("shape right on unseen pairs")
        table = Line2D([], [], color=TABLE, lw=2.2, label="nearest training image")
        _legend(canvas, [table, Line2D([], [], color="0.5", lw=0.8, ls=(0, (1, 2)), label="guessing")])
    held = listed([f"{colour} {shape}" for colour, shape in DIAGONAL])
    finding = " ".join(
        f"With {DESIGNS[design]}, the shape is right on {_named(numbers[kind])} of unseen images, and on "
        f"{report.table_of_inputs(result, design).mean():.2f} by the nearest image."
        for kind, design in enumerate(DESIGNS)
    )
    alt = (
        f"An image for each pair of four colours and four shapes; framed are those held out together: {held}. {finding}"
    )
    return Drawn(canvas, alt, finding=finding)


def _by_activation(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The means (S, A) over all that follows of numbers (S, A, ...)."""
    return np.stack([by_seed(values[:, at]) for at in range(len(ACTIVATIONS))], axis=1)


def _named(values: NDArray[np.float64], form: str = "{:.2f}") -> str:
    """The mean over seeds of numbers (S, A) for each activation, in words."""
    known = [(name, values[:, at]) for at, name in enumerate(ACTIVATIONS)]
    return listed(
        [f"{form.format(np.nanmean(v))} ({CLASSIFIER_TITLES[name]})" for name, v in known if np.isfinite(v).any()]
    )


@or_missing
def by_pair(result: Result) -> Drawn:
    """How often the shape of each held-out pair is right, a panel for each activation, with the number in each cell."""
    with style():
        canvas = Canvas(figsize=(10.5, 3.5), layout="constrained")
        panels = canvas.subplots(1, len(ACTIVATIONS))
        lowest = []
        for at, (axes, name) in enumerate(zip(panels, ACTIVATIONS, strict=True)):
            values = report.correct(result, "turn")[:, at]
            known = np.asarray(np.isfinite(values).any(0))
            means = np.array([np.nanmean(v) if k else np.nan for v, k in zip(values.T, known, strict=True)])
            grid = means.reshape(len(COLOURS), len(SHAPES))
            axes.imshow(grid, cmap="Greys", vmin=0, vmax=1.2)
            for (row, column), value in np.ndenumerate(grid):
                ink = "white" if value > DARK else "black"
                axes.text(column, row, written("{:.2f}", value), ha="center", va="center", size=9, color=ink)
            axes.set_xticks(range(len(SHAPES)), list(SHAPES))
            axes.set_yticks(range(len(COLOURS)), list(COLOURS))
            axes.tick_params(length=0)
            axes.set_title(CLASSIFIER_TITLES[name])
            if known.any():
                worst = int(np.nanargmin(means))
                lowest.append(f"{' '.join(PAIRS[worst])} with {CLASSIFIER_TITLES[name]} ({means[worst]:.2f})")
    finding = f"The shape is right least often for {listed(lowest)}."
    alt = f"A cell for each pair that is held out in turn, darker where its shape is named right more often. {finding}"
    return Drawn(canvas, alt, finding=finding)


@or_missing
def plane(result: Result) -> Drawn:
    """The sixteen mean representations in the plane of the largest direction of colour and of shape, first seed."""
    with style():
        canvas = Canvas(figsize=(10.5, 3.2), layout="constrained")
        panels = canvas.subplots(1, 1 + len(ACTIVATIONS), sharex=True, sharey=True)
        means = [result.drawing["pixels_plane"][0], *result.drawing["plane"][0]]
        for axes, title, places in zip(
            panels, ["pixels", *(CLASSIFIER_TITLES[name] for name in ACTIVATIONS)], means, strict=True
        ):
            for row, colour in enumerate(COLOURS):
                axes.plot(*places[row].T, color=COLOUR_GREYS[colour], lw=0.8)
                for column, shape in enumerate(SHAPES):
                    missing = (colour, shape) in DIAGONAL and title != "pixels"
                    fill = "white" if missing else COLOUR_GREYS[colour]
                    axes.plot(*places[row, column], SHAPE_MARKS[shape], color=COLOUR_GREYS[colour], mfc=fill, ms=6)
                axes.annotate(colour[0], places[row, -1], (5, 3), textcoords="offset points", size=8)
            axes.set_title(title)
            axes.set(xticks=[], yticks=[])
            axes.set_xlabel("colour")
        panels[0].set_ylabel("shape")
        handles = [Line2D([], [], color="0.3", marker=m, ls="", label=name) for name, m in SHAPE_MARKS.items()]
        handles.append(Line2D([], [], color="0.3", marker="o", mfc="white", ls="", label="held out"))
        canvas.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    shares = learnt(result.drawing["diagonal_share"][..., 1], result.drawing["diagonal_seen"])
    finding = f"With four pairs held out, the mean shares of interaction are {_named(shares[..., 0], '{:.3f}')}."
    alt = (
        "Mean representations of the sixteen pairs, a line for each colour through its four shapes; lines that are "
        f"shifted copies of each other would be a sum of colour and shape. {finding}"
    )
    return Drawn(canvas, alt, finding=finding)


@or_missing
def purple(result: Result) -> Drawn:
    """Images of the design, where purple lies between red and blue, and how well the best neurons tell qualities."""
    drawing = result.drawing
    with style():
        canvas = Canvas(figsize=(10.5, 3.6), layout="constrained")
        first, middle, last = canvas.subplots(1, 3, width_ratios=(0.75, 1.3, 1.3))
        step = _images(first, *_shown(result))
        first.set_yticks((np.arange(3) + 0.5) * step, [*PRIMER[0], "purple\n(unseen)"])
        first.tick_params(length=0)
        place, off = (learnt(drawing["place"][..., at], drawing["seen"]) for at in (0, 1))
        _strips(middle, [place, off], ["place between red\n(0) and blue (1)", "distance from\nthe line"])
        for kind, values in enumerate(drawing["pixels"].T):
            middle.plot([kind - 0.45, kind + 0.45], [values.mean()] * 2, color=TABLE, lw=2.2, zorder=0)
        middle.set_ylim(-0.04, 1.04)
        best, turned = (learnt(drawing[name].mean(-1), drawing["seen"]) for name in ("neurons", "turned"))
        before = drawing["untrained_neurons"].mean(-1)
        _strips(last, [best, turned, before], ["neurons", "random\ndirections", "neurons,\nuntrained"])
        last.set_ylabel("mean best AUC of a direction")
        _legend(canvas, [Line2D([], [], color=TABLE, lw=2.2, label="pixels")])
    finding = (
        f"Purple lies at {_named(place)} between red and blue, off the line by {_named(off)}; its shape is right on "
        f"{_named(learnt(drawing['shape'], drawing['seen']))} of images. The best neurons reach a mean AUC of "
        f"{_named(best, '{:.3f}')}, random directions {_named(turned, '{:.3f}')}."
    )
    alt = f"Red, blue and unseen purple backgrounds with a circle or a triangle, and three panels of numbers. {finding}"
    return Drawn(canvas, alt, finding=finding)


@or_missing
def curves(result: Result) -> Drawn:
    """How far a representation has gone from black to red, and what size and redness explain when added up."""
    drawing, steps = result.drawing, np.arange(STEPS + 1) / STEPS
    with style():
        canvas = Canvas(figsize=(10.5, 3.4), layout="constrained")
        panels = canvas.subplots(1, len(ACTIVATIONS) + 2, width_ratios=(1, 1, 1, 0.9, 0.9))
        for at, (axes, name) in enumerate(zip(panels, ACTIVATIONS, strict=False)):
            axes.plot([0, 1], [0, 1], color=TABLE, lw=0.8, ls=(0, (1, 2)))
            for projected in learnt(drawing["projected"][:, at], drawing["seen"][:, at]):
                axes.plot(steps, projected, color=_colour(name), ls=DASHES[CLASSIFIER_GROUPS[name]], lw=1)
            axes.set_title(CLASSIFIER_TITLES[name])
            axes.set_xlabel("redness")
            axes.set(xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
        panels[0].set_ylabel("way from black to red")
        share, angle = (report.curve_numbers(result, number) for number in ("share", "angle"))
        sums = report.additive(result)
        _strips(panels[3], [share, sums], ["one\ndirection", "sum of\ntwo"])
        panels[3].axhline(0.9, color="0.5", lw=0.8, ls=(0, (1, 2)))
        panels[3].set_title("share explained")
        panels[3].set_ylim(top=1.01)
        _strips(panels[4], [angle], ["lower and\nupper half"])
        panels[4].axhline(30, color="0.5", lw=0.8, ls=(0, (1, 2)))
        panels[4].set_ylim(bottom=0)
        panels[4].set_title("angle in degrees")
        _legend(canvas)
    finding = (
        f"One direction has {_named(share, '{:.3f}')} of the variance of the curve; its halves differ by "
        f"{_named(angle, '{:.0f}')} degrees; size and redness added up explain {_named(sums, '{:.3f}')} of the means."
    )
    alt = (
        f"A curve for each seed: how far the mean representation is as a background turns from black to red. {finding}"
    )
    return Drawn(canvas, alt, finding=finding)


@or_missing
def offsets(result: Result) -> Drawn:
    """Digits after each transformation, and the mean cosine of what it adds to the means of two classes."""
    drawing, names = result.drawing, result.facts["transformations"]
    with style():
        canvas = Canvas(figsize=(10.5, 4.2), layout="constrained")
        left, right = canvas.subplots(1, 2, width_ratios=(1, 1.5))
        step = _images(left, *_shown(result))
        left.set_yticks((np.arange(1 + len(names)) + 0.5) * step, ["as it is", *names])
        left.tick_params(length=0)
        cosine = OFFSETS.index("cosine")
        activations = report.activations_of(result)
        for at in range(len(names)):
            right.plot([at - 0.42, at + 0.42], [drawing["pixels"][at, cosine]] * 2, color=TABLE, lw=2.2, zorder=0)
            for kind, name in enumerate(activations):
                rows, place = report.rows_of(result, name), at + 0.26 * (kind - (len(activations) - 1) / 2)
                for state, fill in enumerate(("white", _colour(name))):
                    values = drawing["offsets"][rows, state, -1, at, cosine]
                    move = place + 0.06 * (2 * state - 1)
                    right.plot(
                        move + _spread(len(rows), 0.03),
                        values,
                        _mark(name),
                        color=_colour(name),
                        mfc=fill,
                        ms=3.5,
                        mew=0.7,
                    )
        right.set_xticks(range(len(names)), [name.replace(" by ", "\nby ") for name in names])
        right.set_ylabel("mean cosine of offsets of two classes")
        right.axhline(0, color="0.6", lw=0.6)
        handles = [
            Line2D([], [], color=_colour(n), marker=_mark(n), ls="", label=CLASSIFIER_TITLES[n]) for n in activations
        ]
        handles.append(Line2D([], [], color="0.3", marker="o", mfc="white", ls="", label="untrained (open)"))
        handles.append(Line2D([], [], color=TABLE, lw=2.2, label="pixels"))
        canvas.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    said = []
    for name in activations:
        rows = report.rows_of(result, name)
        before, after = (drawing["offsets"][rows, state, -1, :, cosine].mean() for state in (0, 1))
        said.append(f"{after:.2f} with {CLASSIFIER_TITLES[name]} ({before:.2f} untrained)")
    pixels = drawing["pixels"][:, cosine].mean()
    finding = f"Mean cosines in the last layer are {listed(said)}, and {pixels:.2f} in pixels."
    alt = f"Digits as they are and after {listed(list(names))}; cosines of what each adds to two classes. {finding}"
    return Drawn(canvas, alt, finding=finding)


DRAWN = {"pairs": pairs, "purple": purple, "linearity": curves, "offsets": offsets}
"""What draws a figure, by its part."""


def draw(result: Result) -> Drawn:
    """The figure of a result, by its part."""
    return DRAWN[result.figure.entry["part"]](result)


def thumbnail(result: Result) -> bytes:
    """A small PNG: the images of the figure, or its digits; of curves, which have none, the whole figure."""
    if result.lacking:
        return nothing_small(result.lacking)
    if "images" not in result.drawing.arrays:
        return replace(draw(result), dpi=60).png()
    with style():
        canvas = Canvas(figsize=(2.4, 2.4), layout="constrained")
        _images(canvas.subplots(), *_shown(result))
    return Drawn(canvas, "", dpi=90).png()


def _shown(result: Result) -> tuple[NDArray[np.uint8], int]:
    """The images (N, side, side, 3) of a figure and how many stand in a row; of digits half, dark on white."""
    images = result.drawing["images"]
    if images.shape[-1] == 3:
        return images, len(PRIMER[1]) if result.figure.entry["part"] == "purple" else len(SHAPES)
    first = images[:, :SHOWN]
    grey = 255 - first.reshape(-1, *first.shape[2:])
    return np.repeat(grey[..., None], 3, axis=-1), first.shape[1]
