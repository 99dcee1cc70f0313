"""Boundaries and changes of class along rays, in pictures."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from isoaux.drawing.look import COLOURS, Drawn, style
from isoaux.paper import Classifier
from isoaux.paper.names import CLASSIFIER_GROUPS, START_TITLES
from isoaux.polytopes.scaling import LINEAR, LOGARITHMIC
from isoaux.records.reports import or_missing
from isoaux.records.results import Result
from isoaux.studies.polytopes import report_scaling as report
from isoaux.studies.polytopes.report_scaling import ACTIVATIONS, AFTER, BEFORE, GAUSSIAN, OTHER_RAY, PER_RAY
from isoaux.studies.polytopes.samples import Values
from isoaux.studies.polytopes.seeds import interval

UNTRAINED = "0.5"
"""The colour of networks before training."""

PERMUTED = "#c9a36a"
"""The colour of networks with permuted biases."""


def _colour(configuration: Classifier) -> str:
    return COLOURS[CLASSIFIER_GROUPS[configuration.activation]]


def _panels(result: Result, height: float) -> tuple[Canvas, Any]:
    """A canvas with a row of panels per start, and a column per space; to be called with the style."""
    rows, columns = len(report.relu(result)), len(report.spaces(result))
    canvas = Canvas(figsize=(3.0 * columns + 0.4, height * rows + 0.5), layout="constrained")
    grid = canvas.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for k, axes in enumerate(grid[0]):
        axes.set_title(f"space {k}")
    return canvas, grid


def _positive(values: Values) -> Values:
    """Values above 0, NaN for others, which a logarithmic axis has no place for."""
    return np.where(values > 0, values, np.nan)


@or_missing
def profiles(result: Result) -> Drawn:
    """Boundaries per unit of length over alpha, means over rays and medians over seeds, on a logarithmic axis."""
    drawing, middles = result.drawing, (LINEAR[1:] + LINEAR[:-1]) / 2
    with style():
        canvas, grid = _panels(result, 2.6)
        for line, (configuration, rows) in zip(grid, report.relu(result).items(), strict=True):
            colour = _colour(configuration)
            for k, axes in enumerate(line):
                axes.axvline(1, color="0.8", lw=0.8)
                low, _, high = (np.nanmedian(drawing["band"][rows, AFTER, k, at], axis=0) for at in range(3))
                axes.fill_between(middles, _positive(low), _positive(high), color=PERMUTED, alpha=0.55, lw=0)
                _profile(axes, middles, drawing["linear"][rows, BEFORE, k, ACTIVATIONS], UNTRAINED, "-")
                _profile(axes, middles, drawing["linear"][rows, AFTER, k, GAUSSIAN], colour, (0, (3, 1.5)))
                _profile(axes, middles, drawing["linear"][rows, AFTER, k, ACTIVATIONS], colour, "-")
                if k == len(line) - 1:
                    _closed_form(axes, result, rows, middles)
                axes.set_yscale("log")
                axes.set_xlim(0, LINEAR[-1])
            line[0].set_ylabel(f"{START_TITLES[configuration.start]}\nboundaries per length")
            if not drawing["linear"][rows, BEFORE].any():
                line[0].text(
                    0.97, 0.95, "untrained: none", transform=line[0].transAxes, ha="right", va="top", fontsize=8
                )
        for axes in grid[-1]:
            axes.set_xlabel("place on the ray (activation = 1)")
        green = _colour(next(iter(report.relu(result))))
        keys = [
            Line2D([], [], color=green, lw=1.8, label="activations, trained"),
            Line2D([], [], color=green, ls=(0, (3, 1.5)), lw=1.8, label="Gaussian directions"),
            Patch(color=PERMUTED, alpha=0.55, label="permuted biases, 95%"),
            Line2D([], [], color=UNTRAINED, label="untrained"),
            Line2D([], [], color="black", ls=":", label="half-Cauchy (one layer)"),
        ]
        canvas.legend(handles=keys, loc="outside lower center", ncols=5, fontsize=8)
    return Drawn(canvas, report.profiles_words(result), finding=report.finding(result))


def _profile(axes: Axes, middles: Values, each: Values, colour: str, dashes: Any) -> None:
    """The median over seeds of profiles (S, bins), with their range."""
    if not each.any():
        return
    axes.fill_between(middles, _positive(each.min(axis=0)), _positive(each.max(axis=0)), color=colour, alpha=0.18, lw=0)
    axes.plot(middles, _positive(np.median(each, axis=0)), color=colour, ls=dashes, lw=1.6)


def _closed_form(axes: Axes, result: Result, rows: list[int], middles: Values) -> None:
    """Half-Cauchy laws with as many boundaries before the activation, and as large a share, as networks have."""
    for state in (AFTER, BEFORE):
        laws = [
            report.half_cauchy(
                result.drawing["linear"][row, state, -1, ACTIVATIONS], float(result.drawing["below"][row, state, -1, 0])
            )[0]
            for row in rows
        ]
        if np.isfinite(laws).any():
            axes.plot(middles, np.nanmedian(laws, axis=0), color="black", ls=":", lw=1.3, zorder=5)


@or_missing
def logarithmic(result: Result) -> Drawn:
    """The share of boundaries per unit of log alpha: the same rays by another measure, beside half-Cauchy laws."""
    drawing = result.drawing
    widths, middles = np.diff(LOGARITHMIC), np.sqrt(LOGARITHMIC[1:] * LOGARITHMIC[:-1])
    step = np.log(LOGARITHMIC[1] / LOGARITHMIC[0])
    with style():
        canvas, grid = _panels(result, 2.2)
        for line, (configuration, rows) in zip(grid, report.relu(result).items(), strict=True):
            for k, axes in enumerate(line):
                axes.axvline(1, color="0.8", lw=0.8)
                for state, colour in ((BEFORE, UNTRAINED), (AFTER, _colour(configuration))):
                    shares, laws = [], []
                    for row in rows:
                        counts = drawing["logarithmic"][row, state, k, ACTIVATIONS] * widths
                        if counts.sum():
                            shares.append(counts / counts.sum() / step)
                            linear = drawing["linear"][row, state, k, ACTIVATIONS]
                            laws.append(report.half_cauchy(linear, float(drawing["below"][row, state, k, 0]))[1] / step)
                    if shares:
                        axes.plot(middles, np.median(shares, axis=0), color=colour, lw=1.6)
                        axes.fill_between(middles, *np.quantile(shares, [0, 1], axis=0), color=colour, alpha=0.18, lw=0)
                        axes.plot(middles, np.median(laws, axis=0), color=colour, ls=":", lw=1.3)
                axes.set_xscale("log")
                axes.set_xlim(LOGARITHMIC[0], LOGARITHMIC[-1])
            line[0].set_ylabel(f"{START_TITLES[configuration.start]}\nshare per log unit")
        for axes in grid[-1]:
            axes.set_xlabel("place on the ray (activation = 1)")
        green = _colour(next(iter(report.relu(result))))
        keys = [
            Line2D([], [], color=green, lw=1.6, label="trained"),
            Line2D([], [], color=UNTRAINED, lw=1.6, label="untrained"),
            Line2D([], [], color="black", ls=":", label="half-Cauchy with the same share before 1"),
        ]
        canvas.legend(handles=keys, loc="outside lower center", ncols=3, fontsize=8)
    return Drawn(canvas, report.log_words(result))


@or_missing
def classes(result: Result) -> Drawn:
    """Changes of class per ray before and beyond the activation, and how dense boundaries are at them."""
    drawing, members, places = result.drawing, report.relu(result), np.array(report.spaces(result))
    with style():
        canvas = Canvas(figsize=(9.2, 2.4 * len(members) + 0.5), layout="constrained")
        grid = canvas.subplots(len(members), 2, squeeze=False, sharex=True, sharey="col")
        for (left, right), (configuration, rows) in zip(grid, members.items(), strict=True):
            colour = _colour(configuration)
            right.axhline(0.5, color="0.75", lw=0.8)
            for state, shade, move in ((BEFORE, UNTRAINED, -0.16), (AFTER, colour, 0.16)):
                for at, filled in ((0, True), (1, False)):
                    shift = move + (-0.07 if filled else 0.07)
                    _intervals(left, places + shift, drawing["changes"][rows, state, :, at], shade, filled)
                for which, filled in ((PER_RAY, True), (OTHER_RAY, False)):
                    shift = move + (-0.07 if filled else 0.07)
                    _intervals(right, places + shift, drawing["percentile"][rows, state, :, which], shade, filled)
            left.set_ylabel(f"{START_TITLES[configuration.start]}\nchanges per ray")
            right.set_ylabel("rank of the density")
            left.set_ylim(bottom=0)
        grid[0, 0].set_title("how often the class changes")
        grid[0, 1].set_title("how dense boundaries are there")
        for axes in grid[-1]:
            axes.set_xticks(places)
            axes.set_xlabel("space")
        green = _colour(next(iter(members)))
        keys = [
            Line2D([], [], marker="o", ls="", color=green, ms=4.5, label="before the activation; at changes"),
            Line2D(
                [], [], marker="o", ls="", color=green, mfc="white", ms=4.5, label="beyond it; at another ray's changes"
            ),
            Line2D([], [], marker="o", ls="", color=UNTRAINED, ms=4.5, label="untrained"),
        ]
        canvas.legend(handles=keys, loc="outside lower center", ncols=3, fontsize=8)
    return Drawn(canvas, report.changes_words(result))


def _intervals(axes: Axes, places: Values, values: Values, colour: str, filled: bool) -> None:
    """Means over seeds of ``values`` (S, K) with their intervals; nothing where there is no number."""
    for x, each in zip(places, values.T, strict=True):
        made = interval(each)
        if made.count > 1:
            axes.plot([x, x], [made.low, made.high], color=colour, lw=1.3)
        if made.count:
            axes.plot(x, made.mean, "o", color=colour, mfc=colour if filled else "white", ms=4.5)


def small(result: Result) -> bytes:
    """A small PNG for the gallery: boundaries over the place on rays, in the space of images, a line per network."""
    middles = (LINEAR[1:] + LINEAR[:-1]) / 2
    with style():
        canvas = Canvas(figsize=(2.4, 1.9), layout="constrained")
        axes = canvas.subplots()
        for configuration, rows in report.relu(result).items():
            for state, colour in ((BEFORE, UNTRAINED), (AFTER, _colour(configuration))):
                for row in rows:
                    axes.plot(
                        middles, _positive(result.drawing["linear"][row, state, 0, ACTIVATIONS]), color=colour, lw=0.8
                    )
        axes.set_yscale("log")
    return Drawn(canvas, report.finding(result), dpi=90).png()
