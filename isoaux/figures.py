"""Measured data to matplotlib figures, one function per kind of figure."""

import functools
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import Any, Protocol, TypeVar, overload

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from isoaux import report
from isoaux.look import COLOURS, DASHES, MARKS, MATHS, Drawn, style
from isoaux.panels import GAP, halved, mosaic, nothing_small, palette, small
from isoaux.paper import GROUPS, TITLES
from isoaux.results import Collection, Missing, Result
from isoaux.tables import Text

LEFT, RIGHT, TOP, BOTTOM = 1.1, 0.75, 0.28, 0.02
"""Margins of a grid, in inches."""


class _OfOne(Protocol):
    @overload
    def __call__(self, result: Result) -> Drawn: ...
    @overload
    def __call__(self, result: Missing) -> Text: ...


def or_said(draw: Callable[[Result], Drawn]) -> _OfOne:
    """The drawing of a figure, or the sentence that it is not published yet or has no network."""

    @functools.wraps(draw)
    def drawn(result: Result | Missing) -> Any:
        return Text(result.lacking) if isinstance(result, Missing) or result.lacking else draw(result)

    return drawn


def note_nothing(axes: Axes, words: str = "no points") -> None:
    """Write into axes why their curves show nothing, where none of them has a number."""
    curves = [line for line in axes.lines if line.get_transform() == axes.transData]
    if not any(np.isfinite(np.asarray(line.get_ydata(), float)).any() for line in curves):
        axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", size=8, color="0.35")


@or_said
def panel_grid(result: Result) -> Drawn:
    """The paper's PPP figure: a row per network, a column per checkpoint, the density of all planes pooled.

    One image in one axes; brightness from 0 to the row's limit (mean + 5 standard deviations of the row), and one
    window per row, so that the growth of the representations shows (spec. section 4).
    """
    density, epochs = result.drawing["density"], result.drawing["epochs"]
    rows, columns, side = density.shape[:3]
    step, panel = side + GAP, min(1.3, max(0.62, 7 / columns))
    width, height = LEFT + columns * panel + RIGHT, TOP + rows * panel + BOTTOM
    with style():
        canvas = Canvas(figsize=(width, height))
        box = (LEFT / width, BOTTOM / height, columns * panel / width, rows * panel / height)
        axes = canvas.add_axes(box)
        shown = np.minimum(density * result.figure.brightness, 255)
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
        for r, (_, seed) in enumerate(result.rows):
            label(f"seed {seed}", 0, r + 0.5, -0.08, ha="right", va="center")
            label(f"{result.of_row(r, 'count')[-1]:,}", columns, r + 0.5, 0.05, ha="left", va="center")
        start = 0
        for configuration, group in groupby(result.rows, key=lambda row: row[0]):
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
    """A figure to be drawn so many times brighter than by the rule for colour limits (erratum E44)."""
    if not times > 0:
        raise ValueError(f"times is {times!r}; accepted: a number above 0.")
    return replace(result, figure=replace(result.figure, entry=result.figure.entry | {"brightness": times}))


def thumbnail(result: Result) -> bytes:
    """A small PNG: the last checkpoint of every network, a line per activation, at half the resolution."""
    if result.lacking:
        return nothing_small(result.lacking)
    last = np.minimum(halved(result.drawing["density"][:, -1]) * result.figure.brightness, 255)
    lines = [list(group) for _, group in groupby(range(len(last)), key=lambda row: result.rows[row][0])]
    panels = np.zeros((len(lines), max(map(len, lines)), *last.shape[1:]))
    for line, rows in zip(panels, lines, strict=True):
        line[: len(rows)] = last[rows]
    return small(panels)


@or_said
def through_training(result: Result) -> Drawn:
    """Count, c4 and s2 of every network against the epoch, over the middle 95% of its own random bases."""
    names = {
        "count": "PPP points",
        "c4": r"$c_4=\langle\cos 4\theta\rangle$",
        "s2": r"$s_2=\langle\sin 2\theta\rangle$",
    }
    configurations = list(dict.fromkeys(configuration for configuration, _ in result.rows))
    epochs = result.drawing["epochs"]
    with style():
        canvas = Canvas(figsize=(11, 2.6 * len(configurations) + 0.4), layout="constrained")
        grid = canvas.subplots(len(configurations), 3, sharex=True, sharey="col", squeeze=False)
        for panels, configuration in zip(grid, configurations, strict=True):
            symmetry = GROUPS[configuration.activation]
            for axes, (name, label) in zip(panels, names.items(), strict=True):
                for r, (own, _) in enumerate(result.rows):
                    if own != configuration:
                        continue
                    low, high = np.quantile(result.of_row(r, f"null_{name}"), (0.025, 0.975), axis=1)
                    axes.fill_between(epochs, low, high, color="0.5", alpha=0.16, lw=0)
                    axes.plot(epochs, result.of_row(r, name), color=COLOURS[symmetry], ls=DASHES[symmetry])
                if name == "count":
                    axes.set_yscale("symlog", linthresh=100)
                axes.set_xscale("symlog", linthresh=2)
                axes.set_xticks([e for e in (0, 1, 2, 4, 8, 18, 40, 125) if e <= epochs[-1]])
                axes.xaxis.set_major_formatter("{x:.0f}")
                axes.minorticks_off()
                axes.set_title(label, fontsize=9)
            panels[0].set_ylabel(f"{TITLES[configuration.activation]}, {MATHS[symmetry]}", color=COLOURS[symmetry])
        for axes in grid[-1]:
            axes.set_xlabel("epoch")
        for axes in grid.flat:
            note_nothing(axes)
    return Drawn(canvas, report.training_sentence(result), dpi=110)


def compared(found: Collection) -> Drawn | Text:
    """Count, c4 and s2 of every network of several figures at the last checkpoint, beside its random bases.

    A network is a mark over the middle 95% of its own random bases (a bar) and their median (a tick).
    """
    if not found.found:
        return Text(found.words)
    names = {"count": "PPP points", "c4": r"$c_4$", "s2": r"$s_2$"}
    with style():
        canvas = Canvas(figsize=(11, 7.2), layout="constrained")
        panels = canvas.subplots(3, sharex=True)
        x, ticks, labels = 0.0, [], []
        for result in found:
            start = x
            for configuration, group in groupby(enumerate(result.rows), key=lambda row: row[1][0]):
                rows = [r for r, _ in group]
                colour = COLOURS[GROUPS[configuration.activation]]
                marks = x + np.arange(len(rows))
                for axes, name in zip(panels, names, strict=True):
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
                middle_of_figure, 1.03, f"Figure {found.label(result.figure)}".replace(", ", "\n"),
                transform=panels[0].get_xaxis_transform(), ha="center", va="bottom",
            )  # fmt: skip
            x += 1
        for axes, label in zip(panels, names.values(), strict=True):
            axes.set_ylabel(label)
            axes.grid(False, axis="x")
            note_nothing(axes)
        panels[0].set_yscale("symlog", linthresh=10)
        panels[0].set_ylim(bottom=0)
        panels[-1].set_xticks(ticks, labels)
        panels[-1].tick_params(axis="x", length=0)
    return Drawn(canvas, report.comparison_sentence(found), dpi=110)
