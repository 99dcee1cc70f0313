"""The spotlight in pictures: planes before and after training, shares of vectors, and numbers through training."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, LogNorm, to_rgb
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from isoaux.drawing.axes import epochs_axis
from isoaux.drawing.look import COLOURS, Drawn, style
from isoaux.records.reports import or_missing
from isoaux.records.results import Result
from isoaux.srm import TURN
from isoaux.studies.spotlight import data, report
from isoaux.studies.spotlight.data import Row
from isoaux.studies.spotlight.measuring import PREPARATIONS, TESTED

QUARTERS = {0: "0", 1: "π/2", 2: "π", 3: "3π/2", 4: "2π"}
"""Labels of the angles that are marked, by quarters of a turn."""

LOW = 0.02
"""Shares below which a panel with the scale of another one is drawn anew in a corner of it."""

PREPARED = {"raw": ("-", 1.0), "centred": ((0, (1, 1)), 0.55)}
"""Line style and opacity of raw and of centred representations."""


# --- planes


@or_missing
def planes(result: Result) -> Drawn:
    """The spotlight in every plane of the first network: before training, of its basis itself, after training.

    A faint line per plane, or with more than 300 planes how many lines pass, and their dashed mean; combination
    variant. The two panels of the network share a scale.
    """
    with style():
        canvas = Canvas(figsize=(11, 3.3), layout="constrained")
        left, middle, right = canvas.subplots(1, 3)
        colour = COLOURS[result.rows[0][0].group]
        before, after = (_Lines.of(result, "", place) for place in (0, 1))
        top = max(before.top, after.top)
        for axes, lines in ((left, before), (right, after)):
            lines.draw(axes, colour, top)
        if 1e-4 < before.top < LOW and before.top < top / 4:
            corner = left.inset_axes((0.2, 0.42, 0.76, 0.52))
            before.draw(corner, colour, before.top)
            corner.set_xticklabels([])
            corner.tick_params(labelsize=7)
            corner.set_title("the same, enlarged", fontsize=8)
        itself = _Lines.of(result, "own_", 0)
        itself.draw(middle, "0.35", itself.top)
        epochs = result.drawing["epochs"]
        for axes, words in (
            (left, "before training"),
            (middle, "the basis itself"),
            (right, f"after {epochs[-1]} epochs"),
        ):
            axes.set_title(words)
            axes.set_xlabel("angle θ in the plane")
        left.set_ylabel("share of the test images")
        middle.set_ylabel("share of the vectors")
    return Drawn(canvas, report.planes_words(result), dpi=110, finding=report.finding(result))


@or_missing
def three_bases(result: Result) -> Drawn:
    """The spotlight of the first trained network in random directions, in a turned copy of its basis, and in it."""
    with style():
        canvas = Canvas(figsize=(11, 3.3), layout="constrained")
        grid = canvas.subplots(1, 3, sharey=True)
        colour = COLOURS[result.rows[0][0].group]
        panels = [
            (_Lines.of(result, "normal_", 0), "random directions", "0.35"),
            (_Lines.of(result, "standard_", 0), "a turned copy of the basis", "0.35"),
            (_Lines.of(result, "", 1), "the basis of its activation", colour),
        ]
        top = max(lines.top for lines, _, _ in panels)
        for axes, (lines, words, tone) in zip(grid, panels, strict=True):
            lines.draw(axes, tone, top)
            axes.set_title(words)
            axes.set_xlabel("angle θ in the plane")
        grid[0].set_ylabel("share of the test images")
    return Drawn(canvas, report.bases_words(result), dpi=110, finding=report.finding(result))


class _Lines:
    """The spotlight in all planes of a basis: single lines (planes, A), or how many pass every height (A, heights)."""

    def __init__(self, lines: NDArray[Any] | None, passing: NDArray[Any], mean: NDArray[Any], top: float) -> None:
        self.lines, self.passing, self.mean = lines, passing, mean
        self.top = max(top, 1e-4)
        """The largest share, and of no share a small number, so that there is a scale."""

    @classmethod
    def of(cls, result: Result, name: str, place: int) -> "_Lines":
        """Those of a published name, at the first or second place of its array."""
        arrays, mean = result.drawing.arrays, result.drawing[f"{name}mean_lines"][place]
        if f"{name}lines" in arrays:
            lines = result.drawing[f"{name}lines"][place] / float(result.drawing[f"{name}whole"])
            return cls(lines, np.zeros((0, 0)), mean, float(lines.max(initial=0)))
        return cls(None, result.drawing[f"{name}passing"][place], mean, float(result.drawing[f"{name}top"][place]))

    def draw(self, axes: Axes, colour: str, top: float) -> None:
        """Draw them on axes whose scale goes to ``top``."""
        angles = np.linspace(0, TURN, len(self.mean))
        for quarter in QUARTERS:
            axes.axvline(quarter * TURN / 4, color="0.85", lw=0.6, zorder=0)
        if self.lines is not None:
            opacity = float(np.clip(30 / len(self.lines), 0.12, 0.6))
            pairs = [np.column_stack([angles, line]) for line in self.lines]
            axes.add_collection(LineCollection(pairs, colors=colour, linewidths=0.5, alpha=opacity, rasterized=True))
        else:
            pale = tuple(0.35 * part + 0.65 for part in to_rgb(colour))
            shade = LinearSegmentedColormap.from_list("", [pale, to_rgb(colour)])
            shown = np.ma.masked_equal(self.passing.T, 0)
            norm = LogNorm(1, max(2, float(shown.max())))
            extent = (0, TURN, 0, self.top)
            axes.imshow(
                shown, cmap=shade, norm=norm, extent=extent, origin="lower", aspect="auto", interpolation="nearest"
            )
        axes.plot(angles, self.mean, color="black", ls=(0, (4, 2)), lw=1.1)
        axes.set_xlim(0, TURN)
        axes.set_ylim(0, 1.04 * top)
        axes.set_xticks([quarter * TURN / 4 for quarter in QUARTERS], list(QUARTERS.values()))


# --- all networks


@or_missing
def curves(result: Result) -> Drawn:
    """The mean curve of every network after training, a panel per configuration, above the basis's own in grey.

    Solid lines are raw representations, dotted ones centred; the own curve is scaled to the largest of the panel.
    """
    members = _by_configuration(result)
    with style():
        canvas = Canvas(figsize=(2.75 * len(members) + 0.6, 3.2), layout="constrained")
        grid = canvas.subplots(1, len(members), squeeze=False)[0]
        angles = np.arange(360) * TURN / 360
        for axes, rows in zip(grid, members, strict=True):
            colour = COLOURS[rows[0].configuration.group]
            top = max(float(row.curve(name).max()) for row in rows for name in PREPARED) or 1.0
            itself = np.asarray(result.drawing["basis_curve"][rows[0].row], np.float64)
            axes.fill_between(angles, 0, itself / max(itself.max(), 1e-12) * top, color="0.9", lw=0)
            for row in rows:
                for name, (dashes, opacity) in PREPARED.items():
                    axes.plot(angles, row.curve(name), color=colour, ls=dashes, alpha=opacity, lw=1)
            axes.set_xlim(0, TURN)
            axes.set_ylim(0, 1.08 * top)
            axes.set_xticks([quarter * TURN / 4 for quarter in QUARTERS], list(QUARTERS.values()))
            axes.set_title(_title(rows[0]), fontsize=9)
            axes.set_xlabel("angle θ in the plane")
        grid[0].set_ylabel("mean share over planes")
        canvas.legend(handles=_prepared(), loc="outside lower center", ncols=3, fontsize=8)
    return Drawn(canvas, report.curves_words(result), dpi=110, finding=report.finding(result))


@or_missing
def through_training(result: Result) -> Drawn:
    """Resonance through training, raw and centred, with the middle 95% of the turned copies of every network."""
    members = _by_configuration(result)
    epochs = result.drawing["epochs"]
    with style():
        canvas = Canvas(figsize=(8.6, 2.5 * len(members) + 0.6), layout="constrained")
        grid = canvas.subplots(len(members), 2, squeeze=False)
        for panels, rows in zip(grid, members, strict=True):
            colour = COLOURS[rows[0].configuration.group]
            for axes, name in zip(panels, PREPARATIONS, strict=True):
                place = (slice(None), PREPARATIONS.index(name), TESTED.index("resonance"))
                for row in rows:
                    low, _, high = result.drawing["null"][row.row][place].T
                    axes.fill_between(epochs, low, high, color="0.6", alpha=0.18, lw=0)
                for row in rows:
                    each = [row.number("resonance", name, at) for at in range(len(epochs))]
                    axes.plot(epochs, each, color=colour, marker="o", ms=2.5, lw=1)
                axes.axhline(0, color="0.5", lw=0.8, ls=(0, (1, 3)))
                epochs_axis(axes, epochs)
                axes.set_title(f"{report.short(rows[0].configuration)}: {name}", fontsize=9)
            panels[0].set_ylabel("resonance")
        for axes in grid[-1]:
            axes.set_xlabel("epoch")
    return Drawn(canvas, report.training_words(result), dpi=110)


@or_missing
def shares(result: Result) -> Drawn:
    """The shares of images in the cones around single vectors after training, sorted, a line per network."""
    members = _by_configuration(result)
    with style():
        canvas = Canvas(figsize=(2.75 * len(members) + 0.6, 3), layout="constrained")
        grid = canvas.subplots(1, len(members), sharey=True, squeeze=False)[0]
        for axes, rows in zip(grid, members, strict=True):
            colour = COLOURS[rows[0].configuration.group]
            for row in rows:
                for name, (dashes, opacity) in PREPARED.items():
                    values = np.sort(row.shares("near", name))[::-1]
                    places = np.arange(1, len(values) + 1)
                    axes.plot(places, values, color=colour, ls=dashes, alpha=opacity, marker=".", ms=3, lw=0.8)
            axes.axhline(0.05, color="0.6", lw=0.7, ls=(0, (1, 3)))
            axes.set_title(_title(rows[0]), fontsize=9)
            axes.set_xlabel("vectors, by share")
        largest = max(float(row.shares("near", name).max()) for rows in members for row in rows for name in PREPARED)
        grid[0].set_ylim(-0.02 * largest, max(1.05 * largest, 0.06))
        grid[0].set_ylabel("share of the test images")
        canvas.legend(handles=_prepared()[:2], loc="outside lower center", ncols=3, fontsize=8)
    return Drawn(canvas, report.shares_words(result), dpi=110)


@or_missing
def series(result: Result) -> Drawn:
    """The size of the resonance against the number of vectors, a line per seed, and isotropic tanh beside them."""
    members = _by_configuration(result)
    on_bases = [rows for rows in members if rows[0].configuration.group != "O(n)"]
    control = [row for rows in members if rows[0].configuration.group == "O(n)" for row in rows]
    seeds = list(dict.fromkeys(row.seed for rows in on_bases for row in rows))
    counts = [len(rows[0].basis) for rows in on_bases]
    with style():
        canvas = Canvas(figsize=(8.6, 3.1), layout="constrained")
        grid = canvas.subplots(1, 2)
        for axes, name in zip(grid, PREPARATIONS, strict=True):
            for seed in seeds:
                line = [(len(r.basis), abs(r.number("resonance", name))) for g in on_bases for r in g if r.seed == seed]
                axes.plot(*np.array(line).T, color=COLOURS["G_B"], marker="v", ms=4, lw=0.9)
            beyond = 1.8 * counts[-1]
            sizes = [abs(row.number("resonance", name)) for row in control]
            axes.plot([beyond] * len(sizes), sizes, "s", color=COLOURS["O(n)"], ms=4, ls="")
            axes.set_xscale("log")
            axes.set_xticks([*counts, beyond], [*map(str, counts), "isotropic\ntanh"])
            axes.minorticks_off()
            axes.set_ylim(bottom=0)
            axes.set_title(f"{name} representations")
            axes.set_xlabel("number of vectors m")
        grid[0].set_ylabel("size of the resonance")
    return Drawn(canvas, report.series_words(result), dpi=110, finding=report.finding(result))


@or_missing
def cones(result: Result) -> Drawn:
    """How narrow representations lie, and the resonance, a dot per network, by the scale of the pixels."""
    members = _by_configuration(result)
    kinds: Sequence[tuple[str, Callable[[Row], float]]] = (
        ("cone: |mean| / root mean square", lambda row: row.value("cone")),
        ("constant directions", lambda row: row.value("constant")),
        ("resonance, raw", lambda row: row.number("resonance")),
        ("resonance, centred", lambda row: row.number("resonance", "centred")),
    )
    with style():
        canvas = Canvas(figsize=(11, 2.9), layout="constrained")
        for axes, (words, value) in zip(canvas.subplots(1, len(kinds)), kinds, strict=True):
            for place, rows in enumerate(members):
                values = [value(row) for row in rows]
                spread = np.linspace(-0.12, 0.12, len(values)) if len(values) > 1 else np.zeros(1)
                axes.plot(place + spread, values, "o", color=COLOURS[rows[0].configuration.group], ms=4, ls="")
            axes.set_xticks(range(len(members)), [rows[0].configuration.pixels for rows in members], fontsize=8)
            axes.set_xlim(-0.5, len(members) - 0.5)
            axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
            axes.set_title(words, fontsize=9)
    return Drawn(canvas, report.cones_words(result), dpi=110, finding=report.finding(result))


def _by_configuration(result: Result) -> list[list[Row]]:
    return [data.networks(result, configuration) for configuration in result.by_configuration]


def _title(row: Row) -> str:
    """A network's configuration in two lines."""
    return report.short(row.configuration).replace(", n = ", "\nn = ")


def _prepared() -> list[Any]:
    lines = [
        Line2D([], [], color="0.3", ls=ls, alpha=a, label=f"{name} representations")
        for name, (ls, a) in PREPARED.items()
    ]
    return [*lines, Line2D([], [], color="0.85", lw=6, label="the basis itself, scaled")]


PICTURES: Mapping[str, Callable[[Result], Drawn]] = {
    "figS2": three_bases,
    "figS13": curves,
    "figS14": series,
    "figS15": cones,
}
"""The pictures of figures that are not of three panels, by the figure's name."""


def draw(result: Result) -> Drawn:
    """The figure itself."""
    return PICTURES.get(result.figure.name, planes)(result)


def thumbnail(result: Result) -> bytes:
    """A small PNG for the gallery: the mean curve of every network of the first configuration, above the basis's."""
    rows = _by_configuration(result)[0]
    with style():
        canvas = Canvas(figsize=(2.4, 1.9), layout="constrained")
        axes = canvas.subplots()
        angles = np.arange(360) * TURN / 360
        top = max(float(row.curve().max()) for row in rows) or 1.0
        itself = np.asarray(result.drawing["basis_curve"][rows[0].row], np.float64)
        axes.fill_between(angles, 0, itself / max(itself.max(), 1e-12) * top, color="0.88", lw=0)
        for row in rows:
            axes.plot(angles, row.curve(), color=COLOURS[row.configuration.group], lw=1.2)
        axes.set_xticks([0, TURN / 2, TURN], ["0", "π", "2π"])
        axes.set_xlim(0, TURN)
        axes.set_ylim(0, 1.05 * top)
    return Drawn(canvas, report.finding(result), dpi=90).png()
