"""Networks through training in pictures: when they leave their random bases, and when the order of planes settles.

``courses`` are those of :mod:`isoaux.studies.emergence.courses`; where there are none, every drawing says so.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from isoaux.common.numbers import counted
from isoaux.common.tables import Text
from isoaux.drawing.axes import note_nothing
from isoaux.drawing.look import COLOURS, DASHES, MARKS, Drawn, style
from isoaux.paper import GROUPS, TITLES
from isoaux.records.reports import NOTHING, or_missing
from isoaux.statistics import LEVEL, RECORDED
from isoaux.studies.emergence import report
from isoaux.studies.emergence.courses import (
    FAMILIES,
    FAMILY_TITLES,
    STATISTIC_TITLES,
    Course,
    family,
    published_families,
    share_outside,
)

FILLS = {"tanh": "full", "isotanh": "full", "lrelu": "full", "isolrelu": "none", "bnlrelu_elem": "none",
         "bnlrelu_max": "left", "dnlrelu": "full"}  # fmt: skip
"""How marks are filled, so that activations of one symmetry group can be told apart."""

LINES: dict[str, Any] = {"bnlrelu_elem": (0, (6, 1.5)), "bnlrelu_max": (0, (1, 1.2))}
"""Line styles of the activations that have the symmetry group of another one; others have that of their group."""

TICKS = (0, 1, 2, 4, 8, 18, 40, 125)
"""The epochs that are named at the axis."""


def _epochs_axis(axes: Axes) -> None:
    """Scale the x axis for epochs so that the first ones have room, where most happens."""
    axes.set_xscale("function", functions=(lambda epoch: np.log1p(np.maximum(epoch, 0)), np.expm1))
    axes.set_xlim(0, 125)
    axes.set_xticks(TICKS, list(map(str, TICKS)))
    axes.minorticks_off()


@or_missing
def shares(courses: Sequence[Course]) -> Drawn:
    """The share of every activation's networks that lie outside their random bases against the epoch, by statistic."""
    activations = [activation for members in FAMILIES.values() for activation in members]
    with style():
        canvas = Canvas(figsize=(10, 3.9), layout="constrained")
        panels = canvas.subplots(1, len(STATISTIC_TITLES), sharey=True)
        for axes, (statistic, title) in zip(panels, STATISTIC_TITLES.items(), strict=True):
            for activation in activations:
                members = [course for course in courses if course.configuration.activation == activation]
                if not members:
                    continue
                group, networks = GROUPS[activation], sum(len(course.seeds) for course in members)
                axes.plot(
                    members[0].epochs,
                    100 * share_outside(members, statistic),
                    color=COLOURS[group],
                    ls=LINES.get(activation, DASHES[group]),
                    marker=MARKS[group],
                    ms=4,
                    fillstyle=FILLS[activation],
                    label=f"{TITLES[activation]}, {networks} networks",
                )
            axes.axhline(100 * LEVEL, color="0.4", lw=0.8, ls=(0, (1, 3)))
            axes.set_title(f"by {title}" if statistic == "count" else f"by {RECORDED[statistic]}")
            axes.set_xlabel("epoch")
            axes.set_ylim(-3, 103)
            _epochs_axis(axes)
        panels[0].set_ylabel("% of networks outside random bases")
        canvas.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, handlelength=3.2)
    return Drawn(canvas, report.share_sentence(courses), dpi=120)


def through_training(courses: Sequence[Course], name: str) -> Drawn | Text:
    """Every network of a family against the epoch: a row per configuration, a column per statistic.

    Grey is the middle 95% of a network's random bases. A mark is where a statistic has appeared: filled if above them,
    open if below. ``name`` is one of :data:`isoaux.studies.emergence.courses.FAMILIES`.
    """
    members = family(courses, name)
    if not members:
        return Text(NOTHING)
    several = len({course.configuration.activation for course in members}) > 1
    with style():
        canvas = Canvas(figsize=(10, 0.7 + 1.12 * len(members)), layout="constrained")
        grid = canvas.subplots(len(members), len(STATISTIC_TITLES), sharex=True, squeeze=False)
        for line, course in zip(grid, members, strict=True):
            for axes, statistic in zip(line, STATISTIC_TITLES, strict=True):
                _networks(axes, course, statistic)
            start = f"{TITLES[course.configuration.activation]}: " if several else ""
            line[0].set_title(f"{start}{course.title}, {counted(len(course.seeds), 'seed')}", size=8.5, pad=3)
        for axes, statistic in zip(grid[0], STATISTIC_TITLES, strict=True):
            axes.annotate(
                RECORDED[statistic], (0.5, 1), (0, 17), "axes fraction", "offset points", ha="center", size=10.5
            )
        for axes in grid[-1]:
            axes.set_xlabel("epoch")
    return Drawn(canvas, report.family_sentence(courses, name), dpi=100)


def _networks(axes: Axes, course: Course, statistic: str) -> None:
    """One panel: a statistic of the networks of one configuration through training."""
    group = GROUPS[course.configuration.activation]
    record, layer = course.record, course.layer
    low, high = record.band(statistic, layer)
    onsets, above = record.onset(statistic, layer), record.above(statistic, layer)
    for seed, values in enumerate(record.values(statistic, layer)):
        axes.fill_between(course.epochs, low[seed], high[seed], color="0.5", alpha=0.18, lw=0)
        axes.plot(course.epochs, values, color=COLOURS[group], ls=DASHES[group], lw=1)
        at = np.flatnonzero(course.epochs == onsets[seed])
        face = COLOURS[group] if above[seed, -1] else "white"
        axes.plot(course.epochs[at], values[at], MARKS[group], mfc=face, mec="black", mew=0.7, ms=4.5)
    note_nothing(axes)
    _epochs_axis(axes)
    if statistic == "count":
        axes.set_yscale("symlog", linthresh=10)
        axes.set_yticks([0, 100, 10_000], ["0", "100", "10⁴"])
        axes.minorticks_off()
        axes.set_ylim(0, max(2e5, 2 * float(record.values("count", layer).max())))
    else:
        axes.axhline(0, color="0.4", lw=0.6, ls=(0, (1, 3)))
        axes.set_ylim(-1.08, 1.08)
        axes.set_yticks([-1, 0, 1])
    axes.tick_params(labelsize=7.5)


def _quantiles(values: NDArray[np.float64], shares: Sequence[float]) -> NDArray[np.float64]:
    """Quantiles (Q, C) of the numbers in every column of values (networks, C); NaN where a column has none."""
    quantiles, known = np.full((len(shares), values.shape[1]), np.nan), np.isfinite(values).any(0)
    if known.any():
        quantiles[:, known] = np.nanquantile(values[:, known], shares, axis=0)
    return quantiles


@or_missing
def settling(courses: Sequence[Course]) -> Drawn:
    """How much the order of the planes by their points is that of the end, against the epoch: a panel per family.

    Thin lines are networks, the thick one is their median; grey is the middle 90% of what the ends of other seeds give.
    """
    families = published_families(courses)
    line = report.settled_line()
    with style():
        canvas = Canvas(figsize=(11, 2.9), layout="constrained")
        panels = canvas.subplots(1, len(families), sharey=True, squeeze=False)[0]
        for axes, (name, members) in zip(panels, families, strict=True):
            other = np.concatenate([c.agreement(crossed=True).reshape(-1, len(c.epochs)) for c in members])
            same = np.concatenate([c.agreement() for c in members])
            epochs, lacking = members[0].epochs, ""
            if not np.isfinite(same).any():
                lacking = "the planes have no order:\nall hold as many points"
            elif not len(other):
                lacking = "one seed: no ends of others"
            if np.isfinite(other).any():
                axes.fill_between(epochs, *_quantiles(other, (0.05, 0.95)), color="0.85", lw=0)
            group = GROUPS[members[0].configuration.activation]
            for course in members:
                colour = COLOURS[GROUPS[course.configuration.activation]]
                axes.plot(course.epochs, course.agreement().T, color=colour, lw=0.5, alpha=0.5)
            (middle,) = _quantiles(same, (0.5,))
            axes.plot(epochs, middle, color="white", lw=4)
            axes.plot(epochs, middle, color=COLOURS[group], ls=DASHES[group], lw=2.2)
            where: dict[str, Any] = {"transform": axes.transAxes, "ha": "right", "va": "bottom"}
            axes.text(0.97, 0.03, lacking, size=7.5, color="0.35", **where)
            axes.axhline(line, color="black", lw=0.8, ls=(0, (1, 2)), zorder=3)
            axes.set_title(FAMILY_TITLES[name].replace(" with", "\nwith"), size=9)
            axes.set_xlabel("epoch")
            axes.set_ylim(-0.6, 1.05)
            _epochs_axis(axes)
            axes.tick_params(labelsize=8)
        panels[0].set_ylabel("rank correlation with the end")
    return Drawn(canvas, report.settled_sentence(courses), dpi=110)
