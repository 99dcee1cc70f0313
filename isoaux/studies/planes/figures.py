"""Pictures of planes: the PPP grid, curves through training, figures of a page side by side, and every plane."""

from dataclasses import replace
from itertools import groupby
from typing import Any, TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch
from numpy.typing import NDArray

from isoaux import bases, density, ppp
from isoaux.common import archive
from isoaux.common.tables import Text
from isoaux.drawing.axes import note_nothing
from isoaux.drawing.look import COLOURS, DASHES, MARKS, MATHS, Drawn, style
from isoaux.drawing.panels import GAP, halved, mosaic, nothing_small, palette, small
from isoaux.paper import GROUPS, TITLES
from isoaux.records.reports import or_missing
from isoaux.records.results import Collection, Missing, Result
from isoaux.statistics import RECORDED
from isoaux.studies.planes import clusters, images, report, sampled
from isoaux.studies.planes.sampled import Sampled

LEFT, RIGHT, TOP, BOTTOM = 1.1, 0.75, 0.28, 0.02
"""Margins of a grid, in inches."""


@or_missing
def panel_grid(result: Result) -> Drawn:
    """The paper's PPP figure: a row per network, a column per checkpoint, the density of all planes pooled.

    One image in one axes; brightness from 0 to the row's limit (mean + 5 standard deviations of the row), and one
    window per row, so that the growth of the representations shows (spec. section 4). The row of a network that failed
    in training says why.
    """
    density, epochs, lines = result.drawing["density"], result.drawing["epochs"], result.lines
    columns, side, rows = *density.shape[1:3], len(lines)
    step, panel = side + GAP, min(1.3, max(0.62, 7 / columns))
    width, height = LEFT + columns * panel + RIGHT, TOP + rows * panel + BOTTOM
    with style():
        canvas = Canvas(figsize=(width, height))
        box = (LEFT / width, BOTTOM / height, columns * panel / width, rows * panel / height)
        axes = canvas.add_axes(box)
        shown = np.full((rows, *density.shape[1:]), 256.0)
        drawn = [line for line, (*_, row) in enumerate(lines) if isinstance(row, int)]
        shown[drawn] = np.minimum(density * result.figure.brightness, 255)
        axes.imshow(mosaic(shown), cmap=palette(), vmin=0, vmax=256, aspect="auto", interpolation_stage="rgba")
        axes.set_axis_off()

        def label(words: str, column: float, row: float, inches: float, up: float = 0, **style: Any) -> None:
            axes.annotate(
                words,
                (column * step, row * step),
                (72 * inches, 72 * up),
                textcoords="offset points",
                annotation_clip=False,
                **style,
            )

        for c, epoch in enumerate(epochs):
            label(f"{epoch}", c + 0.5, 0, 0, 0.05, ha="center", va="bottom")
        label("epoch", 0, 0, -0.08, 0.05, ha="right", va="bottom")
        label("points", columns, 0, 0.05, 0.05, ha="left", va="bottom")
        for r, (_, seed, row) in enumerate(lines):
            label(f"seed {seed}", 0, r + 0.5, -0.08, ha="right", va="center")
            if isinstance(row, int):
                label(f"{result.of_row(row, 'count')[-1]:,}", columns, r + 0.5, 0.05, ha="left", va="center")
            else:
                label(f"missing: {row}", columns / 2, r + 0.5, 0, ha="center", va="center")
        start = 0
        for configuration, group in groupby(lines, key=lambda line: line[0]):
            size = len(list(group))
            symmetry = GROUPS[configuration.activation]
            colour, dashes = COLOURS[symmetry], DASHES[symmetry]
            x = -0.68 / panel * step
            axes.plot(
                [x, x],
                [start * step + 4, (start + size) * step - GAP - 4],
                color=colour,
                ls=dashes,
                lw=3,
                clip_on=False,
            )
            words = f"{TITLES[configuration.activation]}, {MATHS[symmetry]}"
            points = 72 * size * panel / (0.6 * len(f"{TITLES[configuration.activation]}, {symmetry}"))
            if points < 7:  # one or two rows: a word a line
                words, points = words.replace(" ", "\n"), 5.8
            label(
                words,
                0,
                start + size / 2,
                -0.78,
                rotation=90,
                ha="right",
                va="center",
                color=colour,
                fontsize=min(11, points),
                multialignment="center",
            )
            start += size
        axes.set_xlim(0, columns * step)
        axes.set_ylim(rows * step, 0)
    return Drawn(canvas, report.sentence(result), finding=report.finding(result))


Shown = TypeVar("Shown", Result, Missing)


def brighter(result: Shown, times: float) -> Shown:
    """The same figure, to be drawn ``times`` brighter than by the rule for colour limits (erratum E44).

    Raises ValueError for a number that is not above 0.
    """
    if not times > 0:
        raise ValueError(f"times is {times!r}; accepted: a number above 0.")
    return replace(result, figure=replace(result.figure, entry=result.figure.entry | {"brightness": times}))


def thumbnail(result: Result) -> bytes:
    """A small PNG: the last checkpoint of every network, a line per activation, at half the resolution.

    Brightness ends at the mean and five standard deviations of the panel, not of its whole row, whose early panels may
    be far brighter.
    """
    if result.lacking:
        return nothing_small(result.lacking)
    last = np.minimum(halved(result.drawing["density"][:, -1]) * result.figure.brightness, 255)
    limit = np.clip(last.mean((1, 2)) + 5 * last.std((1, 2)), 1, 255)
    last = np.minimum(255 * last / limit[:, None, None], 255)
    lines = [list(group) for _, group in groupby(range(len(last)), key=lambda row: result.rows[row][0])]
    panels = np.zeros((len(lines), max(map(len, lines)), *last.shape[1:]))
    for line, rows in zip(panels, lines, strict=True):
        line[: len(rows)] = last[rows]
    return small(panels)


@or_missing
def through_training(result: Result) -> Drawn:
    """Count, c4 and s2 of every network against the epoch, over the middle 95% of its own random bases."""
    epochs, members = result.drawing["epochs"], result.by_configuration
    with style():
        canvas = Canvas(figsize=(11, 2.6 * len(members) + 0.4), layout="constrained")
        grid = canvas.subplots(len(members), 3, sharex=True, sharey="col", squeeze=False)
        for panels, (configuration, rows) in zip(grid, members.items(), strict=True):
            symmetry = GROUPS[configuration.activation]
            for axes, (name, label) in zip(panels, RECORDED.items(), strict=True):
                for r in rows:
                    low, high = np.quantile(result.of_row(r, f"null_{name}"), (0.025, 0.975), axis=1)
                    axes.fill_between(epochs, low, high, color="0.5", alpha=0.16, lw=0)
                    axes.plot(epochs, result.of_row(r, name), color=COLOURS[symmetry], ls=DASHES[symmetry])
                if name == "count":
                    axes.set_yscale("symlog", linthresh=100)
                axes.set_xscale("symlog", linthresh=2)
                axes.set_xticks([epoch for epoch in (0, 1, 2, 4, 8, 18, 40, 125) if epoch <= epochs[-1]])
                axes.xaxis.set_major_formatter("{x:.0f}")
                axes.minorticks_off()
                axes.set_title(label, fontsize=9)
            panels[0].set_ylabel(f"{TITLES[configuration.activation]}, {MATHS[symmetry]}", color=COLOURS[symmetry])
        for axes in grid[-1]:
            axes.set_xlabel("epoch")
        for axes in grid.flat:
            note_nothing(axes)
    return Drawn(canvas, report.training_sentence(result), dpi=110)


@or_missing
def compared(collection: Collection) -> Drawn:
    """Count, c4 and s2 of every network of several figures at the last checkpoint, beside its random bases.

    A network is a mark over the middle 95% of its own random bases (a bar) and their median (a tick).
    """
    with style():
        canvas = Canvas(figsize=(11, 7.2), layout="constrained")
        panels = canvas.subplots(3, sharex=True)
        x, ticks, labels = 0.0, [], []
        for result in collection:
            start = x
            for configuration, rows in result.by_configuration.items():
                colour = COLOURS[GROUPS[configuration.activation]]
                marks = x + np.arange(len(rows))
                for axes, name in zip(panels, RECORDED, strict=True):
                    null = np.array([result.of_row(r, f"final_null_{name}") for r in rows])
                    low, middle, high = np.quantile(null, (0.025, 0.5, 0.975), axis=1)
                    axes.vlines(marks, low, high, color="0.5", alpha=0.3, lw=6)
                    axes.plot(marks, middle, "_", color="0.4", ms=7)
                    values = [result.of_row(r, name)[-1] for r in rows]
                    axes.plot(marks, values, MARKS[GROUPS[configuration.activation]], color=colour, ms=5)
                words = TITLES[configuration.activation].replace("isotropic ", "isotropic\n")
                ticks.append(marks.mean())
                labels.append(words)
                x = marks[-1] + 2
            middle_of_figure = (start + x - 2) / 2
            panels[0].text(
                middle_of_figure, 1.03, f"Figure {collection.label(result.figure)}".replace(", ", "\n"),
                transform=panels[0].get_xaxis_transform(), ha="center", va="bottom",
            )  # fmt: skip
            x += 1
        for axes, label in zip(panels, RECORDED.values(), strict=True):
            axes.set_ylabel(label)
            axes.grid(False, axis="x")
            note_nothing(axes)
        panels[0].set_yscale("symlog", linthresh=10)
        panels[0].set_ylim(bottom=0)
        panels[-1].set_xticks(ticks, labels)
        panels[-1].tick_params(axis="x", length=0)
    return Drawn(canvas, report.comparison_sentence(collection), dpi=110)


SIDE = 64
"""Pixels of a panel."""


@or_missing
def plane_grid(result: Result) -> Drawn:
    """All planes of the published samples of a figure's networks, one triangle of panels per configuration.

    Row j, column i, i < j: the points near the plane of neurons i and j, from the representations that are published
    of the first seed at the last epoch. All panels of a network share one window and one brightness, from 0 to mean
    plus five standard deviations.
    """
    drawn = {configuration: _planes(result, configuration.id) for configuration, _ in result.rows}
    n = max(configuration.n for configuration in drawn)
    size = 0.3 * (n - 1)
    with style():
        canvas = Canvas(figsize=(len(drawn) * (size + 0.5), size + 0.5), layout="constrained")
        grid = canvas.subplots(1, len(drawn), squeeze=False)[0]
        for axes, (configuration, (panels, _)) in zip(grid, drawn.items(), strict=True):
            symmetry = GROUPS[configuration.activation]
            axes.imshow(mosaic(panels), cmap=palette(), vmin=0, vmax=256, interpolation_stage="rgba")
            centres = np.arange(configuration.n - 1) * (SIDE + GAP) + SIDE / 2
            axes.set_xticks(centres, range(1, configuration.n))
            axes.set_yticks(centres, range(2, configuration.n + 1))
            axes.tick_params(length=0, labelsize=7)
            axes.set_frame_on(False)
            axes.grid(False)
            axes.set_title(f"{TITLES[configuration.activation]}, {MATHS[symmetry]}", color=COLOURS[symmetry])
    return Drawn(canvas, _sentence({c.activation: counts for c, (_, counts) in drawn.items()}), dpi=110)


def _planes(result: Result, name: str) -> tuple[NDArray[np.uint8 | np.int16], NDArray[np.int64]]:
    """The panels (n - 1, n - 1, R, R) of a network, white where there is none, and the points of every plane."""
    z = result.samples(name)
    n = z.shape[1]
    projection = ppp.project(z, bases.standard(n), result.records[name].facts["epsilon"])
    points = [projection.points[projection.plane == p] for p in range(len(projection.planes))]
    pictures, _ = density.render_all(points, SIDE, bandwidth=1 / SIDE)
    panels = np.full((n - 1, n - 1, SIDE, SIDE), 256, np.int16)
    first, second = projection.planes.T
    panels[second - 1, first] = archive.quantise(pictures, density.limits(pictures)[1])
    return panels, projection.counts


def _sentence(counts: dict[str, NDArray[np.int64]]) -> str:
    """Over how many planes points are spread, from those of every plane by activation: the alternative text."""
    parts = []
    for activation, points in counts.items():
        largest = np.sort(points)[::-1].cumsum()
        half = int(np.searchsorted(largest, largest[-1] / 2) + 1) if largest[-1] else 0
        parts.append(
            f"{TITLES[activation]}: {points.sum():,} points, half of them in {half} of {len(points)} planes, "
            f"{np.count_nonzero(points == 0)} planes empty"
        )
    return f"A panel for every plane of two neurons, of one network each. {'; '.join(parts)}."


CLUSTERS = ("#ffec80", "#5cc0fa", "#e0566a")
"""Colours of the largest clusters of images on black, the largest first; in grey each is darker than the last."""

OTHERS = "#666666"
"""The colour of images in none of these."""


@or_missing
def by_cluster(result: Result) -> Drawn | Text:
    """The published representations at the last checkpoint as points, in the colours of the clusters of their images.

    Two panels per network, in one window: left, as in the paper's figure, an image has a point in every plane that it
    is near; right it has one, in the plane that holds most of it. A row for every seed whose representations are
    published, a pair of columns for every configuration. Clusters are those of
    :func:`isoaux.studies.planes.clusters.together`, of directions in all n dimensions.
    """
    columns = {own: sampled.of_configuration(result, own) for own in result.by_configuration}
    networks = [network for column in columns.values() for network in column]
    if not networks:
        return Text("No representation of these networks is published.")
    members = [clusters.together(network.z) for network in networks]
    rows, side = max(map(len, columns.values())), min(2.6, 5.3 / len(columns))
    with style():
        canvas = Canvas(figsize=(2 * len(columns) * side + 0.4, rows * (side + 0.2) + 0.7), layout="constrained")
        parts = canvas.subfigures(1, len(columns), squeeze=False)[0]
        left = iter(members)
        for part, (own, column) in zip(parts, columns.items(), strict=True):
            symmetry = GROUPS[own.activation]
            part.suptitle(f"{TITLES[own.activation]}, {MATHS[symmetry]}", color=COLOURS[symmetry], size=10)
            for network, (every, single) in zip(column, part.subplots(rows, 2, squeeze=False), strict=False):
                _clustered(every, single, network, next(left))
            for axes in part.axes[2 * len(column) :]:
                axes.remove()
        labels = ("largest cluster of images", "second", "third", "other images")
        patches = [Patch(facecolor=colour, edgecolor="0.3") for colour in (*CLUSTERS, OTHERS)]
        canvas.legend(patches, labels, loc="outside lower center", ncols=4)
    return Drawn(canvas, images.cluster_sentence(networks, members), dpi=110)


def _clustered(every: Axes, single: Axes, network: Sampled, cluster: NDArray[np.int64]) -> None:
    """All points of a network and one point per image, in two axes with one window."""
    projection = network.projection
    window, one = density.window_for([projection.points]), clusters.once(projection)
    size = 2 if len(projection.points) > 2000 else 3
    for axes, places, what in ((every, slice(None), "every plane"), (single, one, "one point each")):
        points, of = projection.points[places], cluster[projection.sample[places]]
        axes.set_facecolor("black")
        axes.set(xlim=(-window, window), ylim=(-window, window), xticks=[], yticks=[], aspect="equal")
        axes.spines[:].set_visible(False)
        axes.axhline(0, color="0.3", lw=0.5, zorder=0)
        axes.axvline(0, color="0.3", lw=0.5, zorder=0)
        for k, colour in ((-1, OTHERS), *enumerate(CLUSTERS)):
            axes.plot(*points[of == k].T, ".", color=colour, ms=size, mew=0)
        if not len(points):
            axes.text(0.5, 0.5, "no points", transform=axes.transAxes, ha="center", va="center", size=8, color="0.8")
        axes.set_title(f"{what}: {len(points):,}", size=8, loc="center", pad=3)
    every.set_ylabel(f"seed {network.seed}")
