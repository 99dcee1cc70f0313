"""Several thresholds in sentences and tables: networks beside their own random bases and the closed form.

Where the figure is not there, a sentence says so.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from isoaux.common.numbers import low_to_high, written
from isoaux.common.tables import Table, Text, listed
from isoaux.records import record
from isoaux.records.reports import dataset, deviations, or_missing
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
def orders(result: Result) -> Text:
    """How much the variant with both orders changes points, c4 and s2 of all networks and thresholds, in a sentence."""
    drawing = result.drawing
    some = drawing["count"] > 0
    if not some.any():
        return Text(f"At none of {drawing['count'].size} networks and thresholds there is a point.")
    ratio = drawing["permutation_count"][some] / drawing["count"][some]
    moved = [np.abs(drawing[f"permutation_{s}"] - drawing[s])[some].max() for s in ("c4", "s2")]
    times = low_to_high(ratio.tolist(), "{:g}")
    return Text(
        f"Over {drawing['count'].size} networks and thresholds, permutation-PPP has {times} times the points of "
        f"combination-PPP; c4 differs by at most {moved[0]:.0e}, s2 by at most {moved[1]:.0e}."
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
