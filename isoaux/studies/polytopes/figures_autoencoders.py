"""Codes, boundaries and gates of autoencoders in pictures."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from isoaux.drawing.look import COLOURS, DASHES, MARKS, Drawn, style
from isoaux.paper import Configuration
from isoaux.records.reports import or_missing
from isoaux.records.results import Result
from isoaux.studies.polytopes import report_autoencoders as report
from isoaux.studies.polytopes.data import COUNTS, TIMES
from isoaux.studies.polytopes.report_autoencoders import CLUSTERED, MATCHED, TRAINED, UNTRAINED

Values = NDArray[np.float64]
Numbers = Callable[[int, int], Values]
"""The numbers (K,) of a row in a state."""


def _look(configuration: Configuration) -> dict[str, Any]:
    group = configuration.group
    return {"color": COLOURS[group], "ls": DASHES[group], "marker": MARKS[group]}


def _by_place(axes: Axes, result: Result, values: Numbers, first: int) -> None:
    """A line for each activation through the means over seeds, a mark for each network; faint before training."""
    for configuration, rows in result.by_configuration.items():
        for state, alpha, size in ((UNTRAINED, 0.3, 2.5), (TRAINED, 1.0, 4.0)):
            each = np.array([values(row, state) for row in rows])
            places = first + np.arange(each.shape[1])
            look = _look(configuration)
            axes.plot(places, each.mean(axis=0), **look | {"marker": ""}, alpha=alpha, lw=1.4 * size / 4)
            axes.plot(places, each.T, **look | {"ls": ""}, alpha=0.6 * alpha, ms=size)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("layer" if first else "space")


def _legend(canvas: Canvas, result: Result, more: list[Line2D] | None = None) -> None:
    handles = [Line2D([], [], label=report.title(c), ms=4, **_look(c)) for c in result.by_configuration]
    handles += more or []
    canvas.legend(handles=handles, loc="outside lower center", ncols=len(handles), fontsize=8)


@or_missing
def cells(result: Result) -> Drawn:
    """Codes of all test images, bits that never change, crossings for each bit that differs, and rays.

    The last panel has the crossings of the next layer on rays of test images, trained, all spaces and networks in thin
    lines, beside the law of Gaussian weights and biases in black.
    """
    drawing = result.drawing
    panels: tuple[tuple[str, Numbers, int], ...] = (
        ("codes of all test images", lambda row, state: drawing["polytopes"][row, state], 0),
        ("bits that never change", lambda row, state: drawing["constant"][row, state], 1),
        ("crossings for a bit that differs", lambda row, state: drawing["ratio"][row, state], 0),
    )
    with style():
        canvas = Canvas(figsize=(10.8, 3.1), layout="constrained")
        grid = canvas.subplots(1, 4)
        for axes, (title, values, first) in zip(grid, panels, strict=False):
            _by_place(axes, result, values, first)
            axes.set_title(title, fontsize=9)
        grid[0].set_yscale("log")
        grid[1].set_ylim(-0.03, 1.03)
        for configuration, rows in result.by_configuration.items():
            lines = drawing["cumulated"][rows][:, TRAINED].reshape(-1, len(TIMES))
            if np.isfinite(lines).any():
                grid[3].plot(TIMES, lines.T, **_look(configuration) | {"marker": ""}, lw=0.7, alpha=0.6)
        grid[3].plot(TIMES, 2 / np.pi * np.arctan(TIMES), color="black", lw=1.4)
        grid[3].set_xscale("log")
        grid[3].set_title("crossings on rays, next layer", fontsize=9)
        grid[3].set_xlabel("alpha over the scale s")
        grid[3].set_ylabel("share below")
        _legend(canvas, result, [Line2D([], [], color="black", label="half-Cauchy law")])
    return Drawn(canvas, report.cells_alt(result), dpi=110)


def _effect(result: Result, count: str, row: int, state: int) -> Values:
    return report.effect(result, row, count, MATCHED, state)


def _information(result: Result, of: str, row: int, state: int) -> Values:
    return report.information(result, row, of, state)


@or_missing
def classes(result: Result) -> Drawn:
    """Effects of classes on densities by space, matched on distance, and information of clusters by layer."""
    with style():
        canvas = Canvas(figsize=(10.8, 5.4), layout="constrained")
        upper, lower = canvas.subfigures(2, 1, squeeze=False)[:, 0]
        grid = upper.subplots(1, len(COUNTS), sharey=True)
        for axes, count in zip(grid, COUNTS, strict=True):
            _by_place(axes, result, partial(_effect, result, count), 0)
            axes.axhline(0, color="0.4", lw=0.7)
            axes.set_title({"codes": "bits that differ", "crossings": "crossings", "variation": "variation"}[count])
        grid[0].set_ylabel("matched effect of class")
        panels = lower.subplots(1, len(CLUSTERED), sharey=True)
        for axes, (of, title) in zip(panels, CLUSTERED.items(), strict=True):
            _by_place(axes, result, partial(_information, result, of), 1)
            axes.axhline(float(result.drawing["pixels"][0, report.AMI]), color="black", lw=0.8, ls=":")
            axes.set_title(f"clusters of {title}")
        panels[0].set_ylabel("information on class (AMI)")
        _legend(canvas, result, [Line2D([], [], color="black", lw=0.8, ls=":", label="clusters of pixels")])
    finding = report.words(result).words
    return Drawn(canvas, f"{report.classes_alt(result)} {finding}", dpi=110, finding=finding)
