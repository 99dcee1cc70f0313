"""Variation of the local map, and gates, with and without hyperplanes of neurons, in pictures."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from isoaux.drawing.axes import note_nothing
from isoaux.drawing.look import COLOURS, DASHES, Drawn, style
from isoaux.paper.names import CLASSIFIER_GROUPS, CLASSIFIER_TITLES, START_TITLES
from isoaux.records.reports import or_missing
from isoaux.records.results import Result
from isoaux.studies.polytopes import report_gates as report
from isoaux.studies.polytopes.report_gates import TRAINED, UNTRAINED

MARKS = {"relu": "^", "lrelu": "v", "tanh": "o", "isotanh": "s", "isolrelu": "D"}
"""The mark of each activation."""


def _look(activation: str) -> dict[str, Any]:
    group = CLASSIFIER_GROUPS[activation]
    return {"color": COLOURS[group], "ls": DASHES[group], "marker": MARKS.get(activation, "o")}


def _starts(result: Result) -> list[str]:
    return list(dict.fromkeys(member.start for member in report.members(result)))


@or_missing
def variation(result: Result) -> Drawn:
    """How much more the local map varies between classes, by space; right, pairs of the same seeds.

    A row for each start, a line for each activation through the means of the networks that have learnt, a mark for each
    network; faint before training.
    """
    starts, members = _starts(result), report.members(result)
    activations = list(dict.fromkeys(member.activation for member in members))
    with style():
        canvas = Canvas(figsize=(9.6, 2.7 * len(starts) + 0.6), layout="constrained")
        grid = canvas.subplots(len(starts), 2, squeeze=False, sharey="col")
        for (left, right), start in zip(grid, starts, strict=True):
            for activation in activations:
                rows = [m for m in members if m.learnt and (m.activation, m.start) == (activation, start)]
                for state, alpha, size in ((UNTRAINED, 0.25, 2.5), (TRAINED, 1.0, 4.0)):
                    _lines(left, [report.effects(result, m, state) for m in rows], _look(activation), alpha, size)
            _differences(right, result, start)
            left.set_ylabel(f"{START_TITLES[start]}\neffect d of class")
            left.set_title("variation of the local map")
            right.set_title("with a gate for each neuron, less isotropic")
            for axes in (left, right):
                axes.axhline(0, color="0.4", lw=0.7)
                axes.set_xlabel("space")
                axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        handles = [Line2D([], [], label=CLASSIFIER_TITLES[each], ms=4, **_look(each)) for each in activations]
        canvas.legend(handles=handles, loc="outside lower center", ncols=len(handles), fontsize=8)
    finding = " ".join((report.isotropic_words(result), report.neurons_words(result)))
    return Drawn(canvas, f"{report.variation_alt(result)} {finding}", dpi=110, finding=finding)


def _lines(axes: Axes, values: list[Any], look: dict[str, Any], alpha: float, size: float) -> None:
    """The mean of several networks by place as a line, and each of them as marks."""
    if values:
        places = np.arange(len(values[0]))
        axes.plot(places, np.mean(values, axis=0), **look | {"marker": ""}, alpha=alpha, lw=1.4 * size / 4)
        for each in values:
            axes.plot(places, each, **look | {"ls": ""}, alpha=0.6 * alpha, ms=size)


def _differences(axes: Axes, result: Result, start: str) -> None:
    """Differences of pairs of one start, by space, a mark for each seed beside each other."""
    empty = True
    for at, (one, other) in enumerate(report.partners(result).items()):
        pairs = report.paired(result, lambda m: report.effects(result, m), one, other)
        values = [each for (of, _), each in pairs.items() if of == start]
        if not values:
            continue
        empty = False
        move, beside = (0.08, 9) if at else (-0.08, -9)
        places = np.arange(len(values[0])) + move
        look = _look(one) | {"ls": ""}
        for each in values:
            axes.plot(places, each, **look, alpha=0.6, ms=4)
        axes.plot(places, np.mean(values, axis=0), "_", color=look["color"], ms=16, mew=2)
        for place, mean in zip(places, np.mean(values, axis=0), strict=True):
            axes.annotate(
                f"{mean:+.2f}",
                (place, mean),
                (beside, 0),
                textcoords="offset points",
                fontsize=7,
                va="center",
                ha="left" if at else "right",
            )
    if empty:
        note_nothing(axes, "no pair has learnt")
    else:
        axes.margins(x=0.15)


@or_missing
def information(result: Result) -> Drawn:
    """What clusters of gates, of lengths and of activations say of class, by activation; a place for each layer.

    A row for each start. Filled marks are gates, crosses the lengths of pre-activations, dark rings activations; means
    of the networks that have learnt, with the range of the seeds as a line.
    """
    starts, members = _starts(result), report.members(result)
    activations = list(dict.fromkeys(member.activation for member in members))
    with style():
        canvas = Canvas(figsize=(9.6, 2.5 * len(starts) + 0.5), layout="constrained")
        grid = canvas.subplots(len(starts), 1, squeeze=False, sharex=True, sharey=True)[:, 0]
        for axes, start in zip(grid, starts, strict=True):
            for place, activation in enumerate(activations):
                rows = [m for m in members if m.learnt and (m.activation, m.start) == (activation, start)]
                if not rows:
                    axes.annotate("has not learnt", (place, 0.05), ha="center", fontsize=8)
                    continue
                colour = COLOURS[CLASSIFIER_GROUPS[activation]]
                for of, mark, tone, fill in (
                    ("activations", "o", "0.25", "white"),
                    ("norms", "x", "0.25", "0.25"),
                    ("gates", MARKS.get(activation, "o"), colour, colour),
                ):
                    values = np.array([report.information(result, m, of) for m in rows])
                    layers = place + 0.22 * (np.arange(values.shape[1]) - (values.shape[1] - 1) / 2)
                    axes.vlines(layers, values.min(axis=0), values.max(axis=0), color=tone, lw=0.8)
                    axes.plot(layers, values.mean(axis=0), mark, color=tone, mfc=fill, ms=5, ls="", zorder=3)
            axes.set_ylim(-0.03, 1)
            axes.set_ylabel(f"{START_TITLES[start]}\ninformation on class (AMI)")
        grid[-1].set_xticks(range(len(activations)), [CLASSIFIER_TITLES[each] for each in activations])
        handles = [
            Line2D([], [], color="0.4", marker="s", ls="", ms=5, label="gates (in colour)"),
            Line2D([], [], color="0.25", marker="x", ls="", ms=5, label="lengths of pre-activations"),
            Line2D([], [], color="0.25", marker="o", mfc="white", ls="", ms=5, label="activations"),
        ]
        canvas.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8)
    finding = report.gates_words(result)
    return Drawn(canvas, f"{report.information_alt(result)} {finding}", dpi=110, finding=finding)
