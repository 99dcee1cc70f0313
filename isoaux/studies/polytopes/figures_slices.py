"""Exact slices in pictures: faces in the colour of their class, edges by layer, and how many faces there are."""

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.patheffects
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from isoaux.common.tables import listed
from isoaux.drawing.look import COLOURS, HUES, MARKS, Drawn, style
from isoaux.paper import Classifier
from isoaux.paper.names import CLASSIFIER_GROUPS
from isoaux.records.reports import or_missing
from isoaux.records.results import Result
from isoaux.studies.polytopes import data, report_slices, slices
from isoaux.studies.polytopes.samples import Values, Whole
from isoaux.studies.polytopes.seeds import mean
from isoaux.studies.polytopes.slices import Slice, View

STEPS = 6
"""Shades of a class, from a face whose class hardly leads to one where it is certain."""

LIGHT, DARK = 0.10, 0.62
"""How much of the colour of its class the faintest and the strongest shade have, the rest being white."""

WIDTHS = {1: 0.7, 2: 0.35, 3: 0.18}
"""Line widths of the edges that the neurons of a layer make, in points."""

ZOOM = 6
"""How many times the most crowded part of a slice is enlarged below it."""

THIN, ENLARGED = 0.18, 1.9
"""The width of edges of other layers, and how many times wider they are in the enlarged part."""

SLOPES = (0.0, 0.01, 0.2)
"""The slopes below 0 that the same weights are given."""

DPI = 120
"""Pixels per inch of slices."""

FEW = 800
"""Up to so many faces, or segments between classes, are lines and areas in a vector file; more are pixels there."""

HALO = [matplotlib.patheffects.withStroke(linewidth=2.5, foreground="white")]
"""The ground of words and marks on a slice."""


@or_missing
def training(result: Result) -> Drawn:
    """The slice in the space of images before training, after an epoch and at the end, each with its densest part.

    Of the first seed with PyTorch's start and ReLU; where it is not stored, :func:`counts`.
    """
    drawing = result.drawing
    shown = slices.epochs(drawing)
    if not shown:
        return counts(result)
    made = [slices.whole(drawing, epoch) for epoch in shown]
    row = next(row for c, rows in slices.stored_relu(result)[-1:] for row in rows)
    heads = ["before training" if not epoch else f"epoch {epoch}" for epoch in shown]
    canvas = _sheet(result, made, heads)
    words = [
        f"{head}: {report_slices.slice_words(result, slice_, drawing['faces'][row, at, 0])}"
        for at, (head, slice_) in enumerate(zip(heads, made, strict=True))
    ]
    finding = f"Faces of the slice: {', '.join(f'{head} {s.faces:,}' for head, s in zip(heads, made, strict=True))}."
    alt = (
        "The plane through three test images, cut by a network with ReLU and PyTorch's start (seed "
        f"{result.rows[row][1]}), faces in the colour of their class and stronger where it is more certain, with the "
        f"most crowded part enlarged {ZOOM} times below. {'; '.join(words)}. {finding}"
    )
    return Drawn(canvas, alt, dpi=DPI, finding=finding)


@or_missing
def spaces(result: Result) -> Drawn:
    """The slices in the spaces of images and of activations at the end of training, each with its densest part.

    Of the same network as :func:`training`; spaces of activations are cut from the stored weights and activations.
    """
    drawing, stored = result.drawing, slices.stored_relu(result)
    if not stored:
        return counts(result)
    name, _ = stored[-1]
    last = slices.epochs(drawing)[-1:]
    made, heads = [slices.whole(drawing, epoch) for epoch in last], ["space 0, images" for _ in last]
    by_layer = [drawing["faces"][rows[0], -1, 0] for _, rows in stored[-1:] if last]
    for start in range(1, drawing["faces"].shape[2]):
        slice_, partition = slices.cut(drawing, name.id, start)
        made.append(slice_)
        heads.append(f"space {start}, layer {start}")
        by_layer.append(np.array(partition.faces_by_layer))
    canvas = _sheet(result, made, heads)
    words = [
        f"{head}: {report_slices.slice_words(result, slice_, each)}"
        for head, slice_, each in zip(heads, made, by_layer, strict=True)
    ]
    return Drawn(
        canvas,
        f"The planes through the same three test images in each space of a trained network ({name.title}, first "
        f"seed), drawn as the slices above; crosses are the three images. {'; '.join(words)}.",
        dpi=DPI,
    )


@or_missing
def leaks(result: Result) -> Drawn:
    """The slice in the space of the first layer with other slopes below 0 and the same weights.

    Of the same network as :func:`training`, which has ReLU; the slopes are :data:`SLOPES`.
    """
    stored = slices.stored_relu(result)
    if not stored or result.drawing["faces"].shape[2] < 2:
        return counts(result)
    made = [slices.cut(result.drawing, stored[-1][0].id, 1, slope) for slope in SLOPES]
    with style():
        canvas = Canvas(figsize=(3.45 * len(made), 3.9), layout="constrained")
        for axes, slope, (slice_, _) in zip(canvas.subplots(1, len(made)), SLOPES, made, strict=True):
            _draw(axes, slice_, View())
            _name_classes(axes, slice_, View(), result)
            axes.set_title(f"slope {slope:g}: {slice_.faces:,} faces")
    words = [
        f"slope {slope:g}: {report_slices.slice_words(result, slice_, made.faces_by_layer)}"
        for slope, (slice_, made) in zip(SLOPES, made, strict=True)
    ]
    return Drawn(
        canvas,
        f"The plane through the three test images in space 1 of one trained network with ReLU, cut with its weights "
        f"and other slopes below 0; lines of the first layer behind the space are the same. {'; '.join(words)}.",
        dpi=DPI,
    )


def _sheet(result: Result, made: Sequence[Slice], heads: Sequence[str]) -> Canvas:
    """Slices beside each other, below each its most crowded part."""
    with style():
        canvas = Canvas(figsize=(3.45 * len(made), 7.6), layout="constrained")
        grid = canvas.subplots(2, len(made), squeeze=False)
        for (above, below), slice_, head in zip(grid.T, made, heads, strict=True):
            x, y = slice_.crowded
            part = View(x, y, 1 / ZOOM)
            _draw(above, slice_, View())
            _draw(below, slice_, part)
            _name_classes(above, slice_, View(), result)
            _name_classes(below, slice_, part, result)
            square = Rectangle((x - part.half, y - part.half), 2 * part.half, 2 * part.half)
            square.set(fill=False, edgecolor="black", linewidth=1.0, zorder=5)
            above.add_patch(square)
            above.set_title(f"{head}: {slice_.faces:,} faces")
            below.set_title(f"the square, {ZOOM} times larger", fontsize=8)
        layers = sorted({layer for slice_ in made for layer in slice_.edges()})
        keys = [Line2D([], [], color="black", lw=ENLARGED * WIDTHS.get(k, THIN), label=f"layer {k}") for k in layers]
        keys.append(Line2D([], [], color="black", lw=2, label="between classes"))
        canvas.legend(handles=keys, loc="outside lower center", ncols=len(keys), fontsize=8)
    return canvas


def _draw(axes: Axes, slice_: Slice, view: View) -> None:
    """What a view of a slice shows, as lines and areas where these are few, and as pixels where they are many."""
    polygons, chosen = slice_.polygons(view)
    many, whole = len(chosen) > FEW, view == View()
    colours = _shades(slice_.winner[chosen], slice_.lead[chosen])
    faces = PolyCollection(polygons, facecolors=colours, edgecolors="none", antialiased=not many, rasterized=many)
    axes.add_collection(faces)
    for layer, segments in slice_.edges().items():
        inside = segments[view.meets(segments.min(axis=1), segments.max(axis=1))]
        lines = LineCollection(list(inside), colors="black", rasterized=many, zorder=2)
        lines.set(alpha=0.55 if whole else 0.7, linewidth=(1 if whole else ENLARGED) * WIDTHS.get(layer, THIN))
        axes.add_collection(lines)
    between = slice_.between_classes()
    between = between[view.meets(between.min(axis=1), between.max(axis=1))]
    axes.add_collection(LineCollection(list(between), rasterized=len(between) > FEW, colors="black", lw=1.4, zorder=4))
    if slice_.corners is not None:
        axes.plot(*slice_.corners.T, "x", color="black", ms=6, mew=1.6, path_effects=HALO, zorder=7)
    axes.set(xlim=(view.x - view.half, view.x + view.half), ylim=(view.y - view.half, view.y + view.half))
    axes.set(xticks=[], yticks=[], aspect="equal")
    for side in axes.spines.values():
        side.set_visible(True)


def _name_classes(axes: Axes, slice_: Slice, view: View, result: Result) -> None:
    """The names of classes, where they are widest in a view."""
    names = [str(name).split(" - ")[0] for name in result.facts["classes"]]
    for k, x, y in slice_.places(view):
        axes.text(x, y, names[k], ha="center", va="center", fontsize=11, weight="bold", path_effects=HALO, zorder=6)


def _shades(winner: Whole, lead: Values) -> Values:
    """The colours (F, 3) of faces, by class and by how far it leads."""
    level = np.minimum((lead * STEPS).astype(int), STEPS - 1) / (STEPS - 1)
    share = (LIGHT + (DARK - LIGHT) * level)[:, None]
    hues = mpl.colors.to_rgba_array(HUES)[:, :3]
    return 1 - share * (1 - hues[winner % len(hues)])


@or_missing
def counts(result: Result) -> Drawn:
    """Faces of slices over the checkpoints, a panel per space and a line per network, by activation and start."""
    drawing, epochs = result.drawing, slices.checkpoints(result.drawing)
    members, places = data.classifiers(result), np.arange(len(epochs))
    with style():
        canvas = Canvas(figsize=(3.1 * drawing["faces"].shape[2], 3.2), layout="constrained")
        grid = canvas.subplots(1, drawing["faces"].shape[2], squeeze=False)[0]
        for k, axes in enumerate(grid):
            for at, (c, rows) in enumerate(members.items()):
                for row in rows:
                    axes.plot(places + 0.03 * at, drawing["faces"][row, :, k, -1], **_line(c))
            axes.set_title(f"space {k}")
            axes.set_xticks(places, [str(epoch) for epoch in epochs])
            axes.set_xlabel("epoch")
            axes.set_ylim(bottom=0)
            axes.yaxis.set_major_formatter("{x:,.0f}")
        grid[0].set_ylabel("faces of the slice")
        keys = [Line2D([], [], label=c.title, **_line(c)) for c in members]
        canvas.legend(handles=keys, loc="outside lower center", ncols=min(len(keys), 4), fontsize=8)
    words = [
        f"{c.title}: "
        + listed(
            [f"{mean(report_slices.faces(result, rows, -1, k), '{:,.0f}')} in space {k}" for k in range(len(grid))]
        )
        for c, rows in members.items()
    ]
    finding = f"Faces at the end, means over seeds: {'; '.join(words)}."
    return Drawn(
        canvas, f"Faces of slices over epochs, a panel per space and a line per network. {finding}", finding=finding
    )


def _line(configuration: Classifier) -> dict[str, Any]:
    """How a network's numbers are drawn: filled for ReLU, dashed and hollow for a leak, grey-green by start."""
    colour = COLOURS[CLASSIFIER_GROUPS[configuration.activation]]
    hollow = configuration.activation != "relu"
    return {
        "color": colour if configuration.start == "xavier" else "#14503a",
        "marker": MARKS["S_n"] if configuration.start == "xavier" else "v",
        "mfc": "white" if hollow else None,
        "ls": (0, (4, 1.5)) if hollow else "-",
        "lw": 1.0,
        "ms": 4,
    }


def small(result: Result) -> bytes:
    """A small PNG for the gallery: the last slice that is published whole, or the counts of faces."""
    shown = slices.epochs(result.drawing)
    with style():
        canvas = Canvas(figsize=(2.4, 2.4))
        axes = canvas.add_axes((0.01, 0.01, 0.98, 0.98))
        if shown:
            _draw(axes, slices.whole(result.drawing, shown[-1]), View())
        else:
            axes.plot(result.drawing["faces"][:, :, 0, -1].T, color="black", lw=0.8)
    return Drawn(canvas, "A slice.", dpi=90).png()
