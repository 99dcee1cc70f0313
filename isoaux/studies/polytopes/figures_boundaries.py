"""Boundaries between classes and within in pictures: distributions, effects, interpolations and flow."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from isoaux.drawing.look import COLOURS, Drawn, style
from isoaux.paper import Classifier
from isoaux.paper.names import CLASSIFIER_GROUPS, START_TITLES
from isoaux.records.reports import or_missing
from isoaux.records.results import Result
from isoaux.studies.polytopes import report_boundaries as report
from isoaux.studies.polytopes.data import COUNTS, EFFECTS
from isoaux.studies.polytopes.report_boundaries import AFTER, BEFORE, BETWEEN, WITHIN
from isoaux.studies.polytopes.samples import Values
from isoaux.studies.polytopes.seeds import interval, mean

UNTRAINED = "0.55"
"""The colour of networks before training."""

GRID = np.linspace(0, 3, 91)
"""Ends of the bins of relative density onto which the distributions of several seeds are brought."""

SIGNS = {"codes": "by bits", "crossings": "by crossings", "variation": "by variation of the map"}
"""What densities count, in titles."""


def _colour(configuration: Classifier) -> str:
    return COLOURS[CLASSIFIER_GROUPS[configuration.activation]]


def _panels(result: Result, width: float = 2.9, height: float = 2.5) -> tuple[Canvas, Any]:
    """A canvas with a row of panels per start, and a column per space; to be called with the style."""
    rows, columns = len(report.relu(result)), len(report.spaces(result))
    canvas = Canvas(figsize=(width * columns + 0.4, height * rows + 0.4), layout="constrained")
    return canvas, canvas.subplots(rows, columns, squeeze=False, sharex=True, sharey="row")


def _titles(result: Result, grid: Any, bottom: str, left: str) -> None:
    for k, axes in enumerate(grid[0]):
        axes.set_title(f"space {k}")
    for axes in grid[-1]:
        axes.set_xlabel(bottom)
    for axes, configuration in zip(grid[:, 0], report.relu(result), strict=True):
        axes.set_ylabel(f"{START_TITLES[configuration.start]}\n{left}")


# --- distributions


@or_missing
def distributions(result: Result) -> Drawn:
    """Densities of boundaries within classes (areas) and between (lines), after training above and before it below."""
    with style():
        canvas, grid = _panels(result)
        for line, (configuration, rows) in zip(grid, report.relu(result).items(), strict=True):
            for k, axes in enumerate(line):
                _mirrored(axes, result, configuration, k)
                for state, sign in ((AFTER, 1), (BEFORE, -1)):
                    effect = mean(report.effect(result, rows, state, k))
                    words = f"matched difference\n{effect}" if sign > 0 else f"untrained {effect}"
                    axes.text(0.98, 0.97 if sign > 0 else 0.03, words, transform=axes.transAxes, ha="right",
                              va="top" if sign > 0 else "bottom", fontsize=8)  # fmt: skip
                axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
            low, high = line[0].get_ylim()
            line[0].set_ylim(1.1 * low, 1.3 * high)
        _titles(result, grid, "boundaries per distance, mean within = 1", "density")
        green = _colour(next(iter(report.relu(result))))
        keys = [
            Patch(facecolor=green, alpha=0.4, label="within classes, trained"),
            Line2D([], [], color=green, lw=1.7, label="between classes, trained"),
            Patch(facecolor=UNTRAINED, alpha=0.4, label="within, untrained (below)"),
            Line2D([], [], color=UNTRAINED, lw=1.7, label="between, untrained (below)"),
        ]
        canvas.legend(handles=keys, loc="outside lower center", ncols=4, fontsize=8)
    return Drawn(canvas, report.distributions_words(result), finding=report.finding(result))


def _mirrored(axes: Axes, result: Result, configuration: Classifier, space: int) -> None:
    """The distributions of a configuration in a space, after training above and before it below."""
    rows = report.relu(result)[configuration]
    for state, colour, sign in ((AFTER, _colour(configuration), 1), (BEFORE, UNTRAINED, -1)):
        within, between = (_distribution(result, rows, state, space, kind) for kind in (WITHIN, BETWEEN))
        axes.stairs(sign * within, GRID, fill=True, color=colour, alpha=0.3, lw=0)
        axes.stairs(sign * within, GRID, color=colour, lw=0.6, baseline=None)
        axes.stairs(sign * between, GRID, color=colour, lw=1.7, baseline=None)
    axes.axhline(0, color="black", lw=0.8)
    axes.set_xlim(GRID[0], GRID[-1])


def _distribution(result: Result, rows: list[int], state: int, space: int, kind: int) -> Values:
    """The mean over seeds of the distribution of densities in units of the mean within classes, per unit, on GRID."""
    drawing, made = result.drawing, []
    for row in rows:
        shares = drawing["histogram"][row, state, space, kind]
        low, high = drawing["range"][row, state, space]
        edges = np.linspace(float(low), float(high), len(shares) + 1)
        relative = edges / drawing["mean_density"][row, state, space, WITHIN]
        below = np.interp(GRID, relative, np.append(0, np.cumsum(shares)))
        made.append(np.diff(below) / np.diff(GRID))
    return np.asarray(np.mean(made, axis=0))


# --- effects


@or_missing
def effects(result: Result) -> Drawn:
    """Differences of density between classes and within, over spaces, matched (filled) and raw (hollow)."""
    members, places = report.relu(result), np.array(report.spaces(result))
    with style():
        canvas = Canvas(figsize=(9.4, 2.5 * len(members) + 0.5), layout="constrained")
        grid = canvas.subplots(len(members), len(COUNTS), squeeze=False, sharex=True, sharey=True)
        for line, (configuration, rows) in zip(grid, members.items(), strict=True):
            for axes, count in zip(line, COUNTS, strict=True):
                axes.axhline(0, color="0.75", lw=0.8)
                for state, colour, move in ((BEFORE, UNTRAINED, -0.1), (AFTER, _colour(configuration), 0.1)):
                    for number, filled in (("matched", True), ("d", False)):
                        groups = [report.effect(result, rows, state, k, count, number) for k in places]
                        _intervals(axes, places + move * (1 if filled else 2.2), groups, colour, filled)
                if count == "codes" and configuration.start == "xavier":
                    closed = result.drawing["closed_effect"][rows, EFFECTS.index("matched")]
                    axes.plot(places[:1] - 0.35, [interval(closed).mean], "x", color="black", ms=6)
        for axes, count in zip(grid[0], COUNTS, strict=True):
            axes.set_title(SIGNS[count])
        for axes in grid[-1]:
            axes.set_xticks(places)
            axes.set_xlim(-0.6, places[-1] + 0.6)
            axes.set_xlabel("space")
        for axes, configuration in zip(grid[:, 0], members, strict=True):
            axes.set_ylabel(f"{START_TITLES[configuration.start]}\ndifference, sd")
        green = _colour(next(iter(members)))
        keys = [
            Line2D([], [], marker="o", ls="", color=green, ms=4, label="matched on distance, trained"),
            Line2D([], [], marker="o", ls="", color=green, mfc="white", ms=4, label="raw, trained"),
            Line2D([], [], marker="o", ls="", color=UNTRAINED, ms=4, label="matched, untrained"),
            Line2D([], [], marker="o", ls="", color=UNTRAINED, mfc="white", ms=4, label="raw, untrained"),
            Line2D([], [], marker="x", ls="", color="black", ms=6, label="matched, by angle and distance (no biases)"),
        ]
        canvas.legend(handles=keys, loc="outside lower center", ncols=5, fontsize=8)
    return Drawn(canvas, report.effects_words(result))


def _intervals(axes: Axes, places: Values, groups: list[Values], colour: str, filled: bool) -> None:
    """Means over seeds with their intervals, and the seeds as small points."""
    for x, values in zip(places, groups, strict=True):
        made = interval(values)
        if made.count > 1:
            axes.plot([x, x], [made.low, made.high], color=colour, lw=1.2)
        axes.plot(np.full(len(values), x), values, ".", color=colour, ms=2.5, alpha=0.6)
        axes.plot(x, made.mean, "o", color=colour, mfc=colour if filled else "white", ms=4.5)


# --- interpolation


@or_missing
def interpolation(result: Result) -> Drawn:
    """Crossings along segments relative to their mean, within classes (dashed) and between, trained and untrained."""
    profile = result.drawing["profile"]
    middles = (np.arange(profile.shape[-1]) + 0.5) / profile.shape[-1]
    with style():
        canvas, grid = _panels(result, height=2.2)
        for line, (configuration, rows) in zip(grid, report.relu(result).items(), strict=True):
            for k, axes in enumerate(line):
                axes.axvspan(1 / 3, 2 / 3, color="0.94", lw=0, zorder=0)
                axes.axhline(1, color="0.75", lw=0.8, zorder=1)
                for state, colour in ((BEFORE, UNTRAINED), (AFTER, _colour(configuration))):
                    for kind, dashes in ((WITHIN, (0, (3, 1.5))), (BETWEEN, "-")):
                        each = profile[rows, state, k, kind]
                        each = each / np.maximum(each.mean(axis=1, keepdims=True), 1e-12)
                        axes.fill_between(middles, each.min(axis=0), each.max(axis=0), color=colour, alpha=0.18, lw=0)
                        axes.plot(middles, each.mean(axis=0), color=colour, ls=dashes, lw=1.6 if state else 1.1)
                axes.set_xlim(0, 1)
        _titles(result, grid, "place t on the segment", "crossings, mean = 1")
        green = _colour(next(iter(report.relu(result))))
        keys = [
            Line2D([], [], color=green, lw=1.6, label="between classes, trained"),
            Line2D([], [], color=green, lw=1.6, ls=(0, (3, 1.5)), label="within, trained"),
            Line2D([], [], color=UNTRAINED, label="between, untrained"),
            Line2D([], [], color=UNTRAINED, ls=(0, (3, 1.5)), label="within, untrained"),
        ]
        canvas.legend(handles=keys, loc="outside lower center", ncols=4, fontsize=8)
    return Drawn(canvas, report.interpolations_words(result))


# --- flow


@or_missing
def flow(result: Result) -> Drawn:
    """Flow from layer to layer, a line per seed: within classes (dashed), between, and the nearest of two classes."""
    drawing, members = result.drawing, report.relu(result)
    layers = np.arange(1, drawing["flow"].shape[2] + 1)
    with style():
        canvas = Canvas(figsize=(3.7 * len(members) + 0.6, 3.3), layout="constrained")
        grid = canvas.subplots(1, len(members), squeeze=False, sharey=True)[0]
        for axes, (configuration, rows) in zip(grid, members.items(), strict=True):
            axes.axhline(0, color="0.75", lw=0.8)
            null = drawing["flow_permuted"][rows, AFTER, :, WITHIN]
            axes.fill_between(layers, null[..., 1].min(axis=0), null[..., 2].max(axis=0), color="0.85", lw=0)
            for state, colour in ((BEFORE, UNTRAINED), (AFTER, _colour(configuration))):
                for row in rows:
                    values = drawing["flow"][row, state]
                    axes.plot(layers, values[:, WITHIN], "o", color=colour, ls=(0, (3, 1.5)), lw=1, ms=3.5)
                    axes.plot(layers, values[:, BETWEEN], "o-", color=colour, mfc="white", lw=1, ms=3.5)
                    axes.plot(layers, drawing["flow_nearest"][row, state], ":", color=colour, lw=1)
            axes.set_title(START_TITLES[configuration.start])
            axes.set_xticks(layers, [f"{k - 1} to {k}" for k in layers])
            axes.set_xlabel("layers")
        grid[0].set_ylabel("mean log ratio of relative distances")
        green = _colour(next(iter(members)))
        keys = [
            Line2D([], [], color=green, marker="o", ls=(0, (3, 1.5)), ms=3.5, label="within classes"),
            Line2D([], [], color=green, marker="o", mfc="white", ms=3.5, label="between"),
            Line2D([], [], color=green, ls=":", label="nearest of two classes"),
            Line2D([], [], color=UNTRAINED, label="untrained"),
            Patch(color="0.85", label="within, permuted labels"),
        ]
        canvas.legend(handles=keys, loc="outside lower center", ncols=5, fontsize=8)
    return Drawn(canvas, report.flow_words(result))


def small(result: Result) -> bytes:
    """A small PNG for the gallery: the distributions in the space of images, of the first configuration."""
    with style():
        canvas = Canvas(figsize=(2.4, 1.9), layout="constrained")
        axes = canvas.subplots()
        _mirrored(axes, result, next(iter(report.relu(result))), 0)
        axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    return Drawn(canvas, report.finding(result), dpi=90).png()
