"""Several thresholds in sentences and tables: networks beside their own random bases and the closed form.

Where the figure is not there, a sentence says so.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from isoaux.common.numbers import low_to_high, signed, written
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import GROUPS
from isoaux.records import record
from isoaux.records.panel_values import FEWEST
from isoaux.records.reports import dataset, deviations, opening, or_missing
from isoaux.records.results import Result
from isoaux.statistics import LEVEL
from isoaux.studies.protocol import Compared


def p_values(result: Result, rows: Sequence[int], statistic: str) -> NDArray[np.float64]:
    """Two-sided p of networks at every threshold against their own random bases, (rows, thresholds).

    NaN where there is no number, since no point is near any plane.
    """
    values, null = (result.drawing[name][rows] for name in (statistic, f"null_{statistic}"))
    pairs = zip(values.ravel(), null.reshape(-1, null.shape[-1]), strict=True)
    return np.array([record.p_value(*pair) for pair in pairs], np.float64).reshape(values.shape)


@or_missing
def setting(result: Result) -> Text:
    """The setting of the networks, the thresholds and the random bases, in one line."""
    facts, first = result.facts, result.rows[0][0]
    values = listed([f"{value:g}" for value in result.drawing["epsilon"]])
    return Text(
        f"{dataset(result)}, n = {first.n}, L = {first.L}, layer k = {facts['layer']}, epoch {facts['epochs']}, seeds "
        f"{', '.join(map(str, facts['seeds']))}, {facts['dtype']}; epsilon = {values}; {facts['draws']} random "
        f"bases for each network and threshold.{deviations(result)}"
    )


@or_missing
def counts(result: Result) -> Table:
    """The number of points, a row per threshold: expected of isotropic representations, and of each configuration.

    Of a configuration the median over the seeds, in brackets that of the networks' own random bases; then the seeds
    whose number of points differs from the random bases with p at most 0.05.
    """
    return _by_threshold(result, "count", "{:,.0f}", "isotropic, expected")


@or_missing
def alignment(result: Result) -> Table:
    """c4, a row per threshold, as :func:`counts` has the number of points."""
    return _by_threshold(result, "c4", "{:+.2f}", None)


@or_missing
def alignments(result: Result) -> Table:
    """c4 of every network, a column per threshold; a dash where there is no point."""
    drawing, rows = result.drawing, []
    for r, (configuration, seed) in enumerate(result.rows):
        values = np.where(drawing["count"][r] > 0, drawing["c4"][r], np.nan)
        rows.append((configuration.title, str(seed), *(written("{:+.2f}", value) for value in values)))
    return Table(("activation and pixels", "seed", *(f"{value:g}" for value in drawing["epsilon"])), tuple(rows))


def _by_threshold(result: Result, statistic: str, form: str, expected: str | None) -> Table:
    drawing, members = result.drawing, result.by_configuration
    head = ("epsilon", *([expected] if expected else []), *(f"{c.title} pixels" for c in members))
    differ = {c: (p_values(result, rows, statistic) <= LEVEL).sum(0) for c, rows in members.items()}
    lines = []
    for e, value in enumerate(drawing["epsilon"]):
        cells = [f"{value:g}", *([f"{drawing['expected'][0, e]:,.0f}"] if expected else [])]
        for configuration, rows in members.items():
            middle = np.median(drawing[statistic][rows, e])
            null = np.median(np.median(drawing[f"null_{statistic}"][rows, e], axis=-1))
            cells.append(f"{written(form, middle)} ({written(form, null)}); {differ[configuration][e]} of {len(rows)}")
        lines.append(tuple(cells))
    return Table(head, tuple(lines))


@or_missing
def in_short(result: Result) -> Text:
    """What came out, in up to four sentences: where c4 changes its sign, and at how many thresholds seeds differ."""
    turns, parts, controls = [], [], []
    for configuration, rows in result.by_configuration.items():
        differ = p_values(result, rows, "count") <= LEVEL
        if GROUPS[configuration.activation] == "O(n)":
            controls.append(f"{differ.sum()} of {differ.size} on {configuration.pixels} pixels")
            continue
        parts.append(f"{int(differ.all(0).sum())} of {differ.shape[1]} thresholds on {configuration.pixels} pixels")
        if words := [turn for row in rows for turn in _turns(result, row)]:
            turns.append(
                f"On {configuration.pixels} pixels c4 changes its sign from one threshold to the next, and no "
                f"representation has moved: {listed(words)}."
            )
    if turns:
        turns.append(
            "At a low threshold a direction between two axes is drawn a second time along the nearer axis, in "
            "all planes "
            "of that neuron."
        )
    sentences = []
    if parts:
        sentences.append(f"Every tanh network differs from its random bases by raw points at {listed(parts)}.")
    if controls:
        sentences.append(
            f"Isotropic networks do so in {listed(controls)} (networks and thresholds); chance gives one in twenty."
        )
    return opening(*turns, *sentences)


@or_missing
def outcome(result: Result) -> Text:
    """At how many thresholds all, some and none of the seeds differ from random bases, and where c4 changes its sign.

    A line per configuration, by raw p; then a line per configuration in which c4 changes its sign between two
    neighbouring thresholds by more than 1, with the seeds and thresholds.
    """
    lines = []
    for configuration, rows in result.by_configuration.items():
        parts = []
        for statistic, words in (("count", "by number of points"), ("c4", "by c4")):
            seeds = np.count_nonzero(p_values(result, rows, statistic) <= LEVEL, axis=0)
            everywhere = [f"{value:g}" for value in result.drawing["epsilon"][seeds == len(rows)]]
            which = f" ({listed(everywhere)})" if everywhere else ""
            some = np.count_nonzero((seeds > 0) & (seeds < len(rows)))
            parts.append(f"{words} all seeds at {len(everywhere)}{which}, some at {some}, none at {(seeds == 0).sum()}")
        lines.append(f"**{configuration.title} pixels**: {'; '.join(parts)}.")
    for configuration, rows in result.by_configuration.items():
        if turns := [words for row in rows for words in _turns(result, row)]:
            lines.append(f"**{configuration.title} pixels**: c4 turns in {listed(turns)}.")
    return Text("\n".join(f"- {line}" for line in lines))


def _turns(result: Result, row: int) -> list[str]:
    """Between which neighbouring thresholds the c4 of a row changes its sign by more than 1, in words.

    Thresholds at which so few points are left that claims do not judge their c4 are passed over.
    """
    epsilon, c4, count = (result.drawing[name] for name in ("epsilon", "c4", "count"))
    seed, ends = result.rows[row][1], [f"{signed(c)} at {e:g}" for c, e in zip(c4[row], epsilon, strict=True)]
    return [
        f"seed {seed} from {ends[i]} to {ends[j]}"
        for i, j in pairwise(np.flatnonzero(count[row] >= FEWEST))
        if c4[row, i] * c4[row, j] < 0 and abs(c4[row, i] - c4[row, j]) > 1
    ]


@or_missing
def orders(result: Result) -> Text:
    """How much the variant with both orders changes points, c4 and s2 of all networks and thresholds, in a sentence."""
    drawing = result.drawing
    some = drawing["count"] > 0
    if not some.any():
        return Text(f"At none of {drawing['count'].size} networks and thresholds there is a point.")
    ratio = drawing["permutation_count"][some] / drawing["count"][some]
    moved = [np.abs(drawing[f"permutation_{s}"] - drawing[s])[some].max() for s in ("c4", "s2")]
    return Text(
        f"Over {drawing['count'].size} networks and thresholds, permutation-PPP has "
        f"{low_to_high(ratio.tolist(), '{:g}')} times the points of combination-PPP; c4 differs by at most "
        f"{moved[0]:.0e}, s2 by at most {moved[1]:.0e}."
    )


def finding(result: Result) -> str:
    """At how many thresholds each configuration differs from its random bases, in one line for the gallery."""
    if result.lacking:
        return result.lacking
    parts = []
    for configuration, rows in result.by_configuration.items():
        differ = p_values(result, rows, "count") <= LEVEL
        parts.append(f"{configuration.title} pixels, {differ.sum()} of {differ.size}")
    return f"Networks and thresholds at which the number of points differs from random bases: {'; '.join(parts)}."


def sentence(result: Result) -> str:
    """What the grid shows, made from the numbers: its alternative text."""
    if result.lacking:
        return result.lacking
    drawing = result.drawing
    first, last = drawing["epsilon"][[0, -1]]
    parts = []
    for row in drawing["shown"]:
        configuration, _ = result.rows[row]
        low, high = drawing["count"][row, [0, -1]]
        parts.append(f"{configuration.title} pixels: {low:,} to {high:,} points")
    return (
        f"Grid of densities at {len(drawing['epsilon'])} thresholds from epsilon {first:g} to {last:g}, for each "
        f"network in both variants. From the lowest to the highest threshold, {'; '.join(parts)}."
    )


def curves_sentence(result: Result) -> str:
    """What the curves show, made from the numbers: their alternative text."""
    if result.lacking:
        return result.lacking
    drawing = result.drawing
    parts = []
    for configuration, rows in result.by_configuration.items():
        ratio = drawing["count"][rows] / np.maximum(drawing["expected"][rows], 1)
        parts.append(f"{configuration.title} pixels: up to {ratio.max():,.1f} times as many points as isotropic ones")
    return (
        "Number of points against the threshold as a multiple of the isotropic expectation, and c4, with the middle "
        f"95% of random bases. {'; '.join(parts)}."
    )


def compared(result: Result, row: int) -> Compared:
    """The numbers of a row that ``python -m isoaux verify`` compares."""
    for name, scale in (("count", "count"), ("c4", "plain"), ("s2", "plain")):
        for epsilon, value in zip(result.drawing["epsilon"], result.drawing[name][row], strict=True):
            yield "points" if name == "count" else name, f"epsilon {epsilon:g}", scale, value
