"""What is left after mean and covariance in pictures: effects in three preparations, and numbers of lines.

``rows`` and ``lines`` are those of :mod:`isoaux.studies.remainder.report`; where there are none, a sentence says so.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from isoaux import statistics
from isoaux.common.tables import Text
from isoaux.drawing.axes import note_nothing
from isoaux.drawing.look import COLOURS, MARKS, Drawn, style
from isoaux.paper import GROUPS, TITLES, Configuration
from isoaux.records.reports import NOTHING, or_missing
from isoaux.studies.remainder import discreteness, prepared, report
from isoaux.studies.remainder.discreteness import Lines
from isoaux.studies.remainder.prepared import MEASURED, Place, Prepared, places

TICKS = (-100, -20, -5, 0, 5, 20, 100)
"""The effects that are named at the axis."""

RATIOS = (0.02, 0.05, 0.1, 0.2, 0.5, 1)
"""The ratios of lines that are named at the axis."""

LINEAR = 3
"""Up to this effect the axis is linear, beyond it logarithmic."""

USUAL = 1.96
"""Between this effect and its negative lie 95% of the random bases, if their values are normal."""

APART = 0.19
"""How far above and below their line a network and its isotropic partner are drawn, in lines."""


@or_missing
def effects(rows: Sequence[Prepared], deep: bool) -> Drawn | Text:
    """Effects of quartimax, a line per configuration and layer with its isotropic partner, a panel per preparation.

    A mark is a network, filled where its p is at most 0.05; where there are several seeds, a bar is the 95% interval of
    their mean. ``deep``: layers behind an activation instead of those before the first.
    """
    members = [place for place in places(rows) if (place.layer > 0) is deep]
    lines = _lines([(place.configuration, place.layer) for place in members])
    if not members:
        return Text(NOTHING)
    with style():
        canvas = Canvas(figsize=(10.5, 1.0 + 0.235 * len(lines)), layout="constrained")
        panels = canvas.subplots(1, len(MEASURED[prepared.DECIDING]), sharey=True, sharex=True)
        for axes, prepare in zip(panels, MEASURED[prepared.DECIDING], strict=True):
            axes.axvspan(-USUAL, USUAL, color="0.5", alpha=0.16, lw=0)
            axes.axvline(0, color="0.4", lw=0.6)
            for place in members:
                _networks(axes, lines[place.configuration, place.layer], place, prepare)
            axes.set_title(prepare)
            axes.set_xscale("symlog", linthresh=LINEAR, linscale=0.8)
        known = np.concatenate([place.effects(prepare) for place in members for prepare in MEASURED[prepared.DECIDING]])
        reach = 1.3 * float(np.abs(known[np.isfinite(known)]).max(initial=LINEAR))
        panels[0].set_xlim(-reach, reach)
        _name_lines(panels[0], lines)
        _ticks(panels[0])
        panels[1].set_xlabel("effect of quartimax, in deviations of random bases: left avoids, right gathers")
        _legend(canvas, panels[0], [place.configuration for place in members])
    return Drawn(canvas, report.sentence(rows, deep), dpi=110)


Lined = dict[tuple[Configuration, int], tuple[float, str]]
"""The height of every configuration and layer, and the words beside its line."""


def _lines(known: Sequence[tuple[Configuration, int]]) -> Lined:
    """Where every configuration and layer is drawn: an isotropic one on the line of the other of its pair."""
    heights: Lined = {}
    line = 0
    partners = {(prepared.partner(c), layer) for c, layer in known}
    for configuration, layer in known:
        if (configuration, layer) in partners:
            continue
        other = prepared.partner(configuration), layer
        both = other[0] is not None and other in known
        heights[configuration, layer] = line - APART * both, _words(configuration, layer)
        if other[0] is not None and other in known:
            heights[other[0], layer] = line + APART, ""
        line += 1
    return heights


def _words(configuration: Configuration, layer: int) -> str:
    return report.title(configuration) + (f", k = {layer}" if layer else "")


def _name_lines(axes: Axes, lines: Lined) -> None:
    named = {round(height): words for height, words in lines.values() if words}
    axes.set_yticks(list(named), list(named.values()), size=7.5)
    axes.set_ylim(len(named) - 0.4, -0.6)
    for other in axes.get_shared_y_axes().get_siblings(axes):
        other.tick_params(axis="y", length=0)
        for height in named:
            other.axhline(height, color="0.88", lw=0.6, zorder=0)


def _ticks(axes: Axes) -> None:
    """Name the effects within the axis, which reaches as far as any of them."""
    low, high = sorted(axes.get_xlim())
    ticks = [tick for tick in TICKS if low <= tick <= high]
    axes.set_xticks(ticks, [str(tick).replace("-", "−") for tick in ticks])
    axes.minorticks_off()


def _networks(axes: Axes, line: tuple[float, str], place: Place, prepare: str) -> None:
    """The networks of one configuration and layer on their line."""
    group, height = GROUPS[place.configuration.activation], line[0]
    values = place.effects(prepare)
    if len(values) > 1 and np.isfinite(values).all():
        mean = statistics.interval(values)
        axes.plot(
            (mean.low, mean.high), (height, height), color=COLOURS[group], lw=2.4, alpha=0.45, solid_capstyle="butt"
        )
    for network in place.networks:
        outcome = network.outcome(prepare)
        face = COLOURS[group] if outcome.side else "white"
        axes.plot(outcome.effect, height, MARKS[group], color=COLOURS[group], mfc=face, ms=4.6, mew=0.9)


def _legend(canvas: Canvas, axes: Axes, configurations: Sequence[Configuration]) -> None:
    """Name the activations below a figure, one mark per symmetry group."""
    names: dict[str, dict[str, None]] = {}
    for configuration in configurations:
        names.setdefault(GROUPS[configuration.activation], {})[TITLES[configuration.activation]] = None
    handles = [axes.plot([], [], MARKS[group], color=COLOURS[group], ms=5)[0] for group in names]
    canvas.legend(handles, [", ".join(titles) for titles in names.values()], loc="outside lower center", ncols=4)


@or_missing
def line_ratios(lines: Sequence[Lines]) -> Drawn | Text:
    """Effective lines over those of a Gaussian: before the first activation on the left, behind it on the right."""
    ratios: dict[tuple[Configuration, int], list[float]] = {}
    for row in lines:
        if np.isfinite(row.ratio):
            ratios.setdefault((row.configuration, row.layer), []).append(row.ratio)
    pairs = [pair for pair in discreteness.pairs(lines) if ratios.keys() >= set(pair)]
    if not pairs:
        return Text(NOTHING)
    counts = [sum((place[1] > 0) is deep for place, _ in pairs) for deep in report.DEPTHS]
    with style():
        canvas = Canvas(figsize=(10.5, 1.0 + 0.235 * max(counts)), layout="constrained")
        for axes, deep in zip(canvas.subplots(1, 2, sharex=True), report.DEPTHS, strict=True):
            members = [pair for pair in pairs if (pair[0][1] > 0) is deep]
            heights = _lines([place for pair in members for place in pair])
            for pair in members:
                ends = [float(np.median(ratios[place])) for place in pair]
                axes.plot(ends, [heights[place][0] for place in pair], color="0.7", lw=0.8, zorder=0)
                for place in pair:
                    group = GROUPS[place[0].activation]
                    axes.plot(
                        ratios[place],
                        [heights[place][0]] * len(ratios[place]),
                        MARKS[group],
                        color=COLOURS[group],
                        ms=4.6,
                    )
            axes.axvline(1, color="0.4", lw=0.6)
            axes.set_xscale("log")
            axes.set_xticks(RATIOS, [f"{ratio:g}" for ratio in RATIOS])
            axes.minorticks_off()
            axes.set_title(report.DEPTHS[deep])
            axes.set_xlabel("effective lines over a Gaussian's")
            _name_lines(axes, heights)
            note_nothing(axes, "none is published")
        _legend(canvas, axes, [configuration for pair in pairs for configuration, _ in pair])
    return Drawn(canvas, report.lines_sentence(lines), dpi=110)
