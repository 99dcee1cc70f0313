"""Appendix A's ensembles in sentences and tables: numbers of the panels beside those of isotropic samples."""

from collections.abc import Callable, Sequence
from math import comb
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from isoaux import ppp, statistics
from isoaux.common.numbers import low_to_high, written
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import GROUPS, TITLES, Figure
from isoaux.records.reports import dataset, deviations, line_of_each, opening, or_missing
from isoaux.records.results import Collection, Result
from isoaux.statistics import isotropic
from isoaux.statistics.isotropic import Moments
from isoaux.statistics.seeds import Estimate, standard_error
from isoaux.studies.artefacts import data
from isoaux.studies.artefacts.rotated import Networks

Values = NDArray[np.float64]

NEAR = 1
"""Bins of 5 degrees on either side of that of an axis that count as near it, too: within 7.5 degrees, 12 of 72."""


def flat(result: Result, name: str) -> Values:
    """An array of a figure file, (rows, columns, ...), as one of all panels, (panels, ...)."""
    array = np.asarray(result.drawing[name], dtype=np.float64)
    return array.reshape(-1, *array.shape[2:])


def theory(result: Result) -> Moments:
    """The moments of a panel of isotropic samples, in closed form, with the settings of a figure's panels."""
    facts = result.facts
    return isotropic.moments(facts["samples"], result.figure.entry["n"], facts["epsilon"], facts["variant"])


def expected(result: Result) -> float:
    """The mean number of points of a panel over random bases, the same for every law of the samples."""
    facts, n = result.facts, result.figure.entry["n"]
    planes = comb(n, 2) * (1 + (facts["variant"] == "permutation"))
    return ppp.expected_isotropic_count(facts["samples"], n, planes, facts["epsilon"])


def folded(values: Values) -> Values:
    """Bins (..., 72) as means over those at the same angle to the nearest axis, (..., 10): 0, 5, ..., 45 degrees."""
    k = np.arange(statistics.BINS) % (statistics.BINS // 4)
    place = np.minimum(k, statistics.BINS // 4 - k)
    return np.stack([values[..., place == angle].mean(-1) for angle in range(statistics.BINS // 8 + 1)], axis=-1)


def inflation(result: Result, name: str = "bin") -> tuple[Values, Values]:
    """Variance over mean of bins of 5 degrees by the angle to the nearest axis, (10,), and its standard errors.

    The variance is that over random bases of one cloud, averaged over the clouds: the variance over both, since the
    mean over bases is the same for every cloud. The mean is the expected one. ``name`` is ``bin``, or ``part`` for
    the first quarter of the samples.
    """
    samples = 1 if name == "bin" else data.PART
    ratios = folded(flat(result, f"{name}_variance")) / (expected(result) / samples / statistics.BINS)
    return ratios.mean(0), standard_error(ratios)


def spread(result: Result) -> Estimate:
    """The standard deviation of the number of points over clouds and bases; error by the delta method."""
    counts = flat(result, "null_count")
    if counts.shape[1] < 2:
        return Estimate(np.nan, np.nan)
    variance = Estimate.of(counts.var(1, ddof=1))
    sd = np.sqrt(variance.value)
    return Estimate(float(sd), float(variance.error / (2 * sd)) if sd else 0.0)


def pooled_c4(result: Result) -> Estimate:
    """c4 of the points of all panels and bases together; error by the jackknife over panels."""
    count, c4 = flat(result, "null_count"), flat(result, "null_c4")
    total, weighted = count.sum(1), (count * np.where(count > 0, c4, 0)).sum(1)
    if not total.any():
        return Estimate(np.nan, np.nan)
    value = weighted.sum() / total.sum()
    if len(total) < 2:
        return Estimate(float(value), np.nan)
    left = (weighted.sum() - weighted) / np.maximum(total.sum() - total, 1)
    return Estimate(float(value), float(np.sqrt((len(left) - 1) * left.var())))


def axis_share(result: Result) -> tuple[int, float, float]:
    """How many panels have a share of points near the axes beyond two standard deviations of independent points.

    Then how many are expected if points were independent, and how many by the closed form of isotropic samples.
    """
    histogram = flat(result, "histogram")
    near = np.minimum(np.arange(72) % 18, 18 - np.arange(72) % 18) <= NEAR
    even = near.mean()
    total = np.maximum(histogram.sum(1), 1)
    poisson = np.sqrt(even * (1 - even) / total)
    beyond = int((np.abs(histogram[:, near].sum(1) / total - even) > 2 * poisson).sum())
    law = theory(result)
    weights = near - even
    closed = np.sqrt(weights @ law.covariance @ weights) / law.count
    typical = np.sqrt(even * (1 - even) / law.count)
    poisson, exact = 2 * scipy.stats.norm.sf([2, 2 * typical / closed]) * len(histogram)
    return beyond, poisson, exact


# --- tables and sentences


@line_of_each
def setting(result: Result) -> str:
    """The settings that were drawn, a line for each figure, and which figures are not published yet."""
    facts = result.facts
    rows, columns = result.drawing["count"].shape
    return (
        f"{dataset(result)}, {facts['samples']:,} a panel, n = {result.figure.entry['n']}; {rows} x {columns} panels, "
        f"seeds {', '.join(map(str, facts['seeds']))}; {facts['variant']}-PPP in a random orthogonal basis per panel "
        f"and in {facts['draws']} more, epsilon = {facts['epsilon']:g}.{deviations(result)}"
    )


def sentence(result: Result) -> str:
    """What a grid of panels shows, made from the numbers: its alternative text."""
    if result.lacking:
        return result.lacking
    count, c4 = flat(result, "count"), flat(result, "c4")
    known = c4[np.isfinite(c4)]
    range_ = f"from {known.min():+.2f} to {known.max():+.2f}" if len(known) else "of no point"
    return (
        f"Grid of {len(count)} densities of {result.facts['dataset']}, each in its own random basis. They hold "
        f"{count.min():,.0f} to {count.max():,.0f} points, half of the panels at most {np.median(count):,.0f}, where "
        f"{expected(result):,.0f} are expected on average; c4 is below 0 in {(c4 < 0).sum()} of them, {range_}."
    )


def finding(result: Result) -> str:
    """Range of the counts and scatter of a figure's panels, in one sentence for the gallery."""
    if result.lacking:
        return result.lacking
    count, (value, error) = flat(result, "count"), inflation(result)
    return (
        f"{len(count)} panels of {result.facts['dataset']}: {count.min():,.0f} to {count.max():,.0f} points; variance "
        f"over mean {Estimate(value[0], error[0])} at the axes, {Estimate(value[-1], error[-1])} at the diagonals."
    )


@or_missing
def in_short(collection: Collection, trained: Sequence[Networks]) -> Text:
    """What panels show where no direction is special, and what trained networks have beside it, in four sentences."""
    results = list(collection)
    ends = {r.figure.number: inflation(r)[0][[0, -1]] for r in results}
    panels = [flat(r, "count") for r in results]
    widest = max(range(len(results)), key=lambda i: float(panels[i].std()))
    scatter = [ratio for number, ratio in ends.items() if number != results[widest].figure.number]
    sentences = [
        f"In random bases every set of samples has the same number of points on average, {expected(results[0]):,.0f} "
        "for a panel of these figures, evenly in angle; clusters in single panels are scatter.",
    ]
    if scatter:
        axis, between = (low_to_high([ratio[k] for ratio in scatter], "{:.1f}") for k in (0, 1))
        sentences.append(
            f"At the axes counts vary {axis} times as much as those of independent points, half way between {between} "
            "times, because a sample near an axis enters many planes at once."
        )
    few, most = (f"{number:,.0f}" for number in (panels[widest].min(), panels[widest].max()))
    sentences.append(
        f"A common direction of all samples does more: panels of Figure {results[widest].figure.number} hold {few} to "
        f"{most} points."
    )
    first = [net for net in trained if net.figure == trained[0].figure]
    if first:
        own = [f"{np.median(n.count) / n.expected:.2g} times with {TITLES[n.configuration.activation]}" for n in first]
        sentences.append(
            f"The trained networks of Figure {first[0].figure.number} have, in their own basis, {listed(own)} "
            f"that average."
        )
    return opening(*sentences)


@or_missing
def counts(collection: Collection) -> Table:
    """Points of a panel, a row per figure: expected and measured mean, standard deviation, median and range."""
    rows = []
    for result in collection:
        drawn, further = flat(result, "count"), flat(result, "null_count")
        rows.append(
            (
                f"{result.figure.number}, {result.facts['dataset']}",
                f"{expected(result):,.1f}",
                str(Estimate.of(drawn)),
                str(Estimate.of(further)),
                f"{theory(result).count_sd:,.0f}",
                str(spread(result)),
                f"{np.median(further):,.0f}",
                f"{min(drawn.min(), further.min()):,.0f} to {max(drawn.max(), further.max()):,.0f}",
            )
        )
    head = (
        "figure",
        "expected mean",
        "mean of the panels drawn",
        "mean in further bases",
        "sd if isotropic",
        "sd measured",
        "median",
        "range",
    )
    return Table(head, tuple(rows))


@or_missing
def scatter(collection: Collection) -> Table:
    """Variance over mean of bins of 5 degrees, a row per figure: by angle, each beside that of isotropic samples."""
    rows = []
    for result in collection:
        law = folded(theory(result).inflation)
        (whole, error), (part, part_error) = inflation(result), inflation(result, "part")
        cells = [f"{result.figure.number}, {result.facts['dataset']}"]
        for angle in (0, 2, 9):
            cells += [f"{law[angle]:.2f}", str(Estimate(whole[angle], error[angle]))]
        rows.append((*cells, str(Estimate(part[0], part_error[0]))))
    head = (
        "figure",
        "axes, isotropic",
        "axes",
        "10° off, isotropic",
        "10° off",
        "diagonals, isotropic",
        "diagonals",
        "axes, a quarter of the samples",
    )
    return Table(head, tuple(rows))


@or_missing
def panels(collection: Collection, trained: Sequence[Networks]) -> Table:
    """How the points of panels lie: a row per number, a column per figure, beside what would be expected.

    ``trained`` are networks; how sharp those of their first figure are stands beside the sharpness of the panels. An
    error is the standard error over the panels of a figure.
    """
    results = list(collection)
    _, poisson, closed = axis_share(results[0])
    single = "0 if every point were a sample of its own"
    rows: tuple[tuple[str, str, Callable[[Result], str]], ...] = (
        (
            "panels beyond two standard deviations of independent points near the axes",
            f"{poisson:.1f} if points were independent, {closed:.1f} by the closed form",
            lambda result: f"{axis_share(result)[0]} of {len(flat(result, 'count'))}",
        ),
        (
            f"share of points whose sample is in {data.CROWD} planes or more",
            single,
            lambda result: str(Estimate.of(flat(result, "crowd_share"))),
        ),
        (
            "the same of the outermost 1 % of the points",
            single,
            lambda result: str(Estimate.of(flat(result, "outer_crowd_share"))),
        ),
        (
            "most planes that one sample is in",
            f"at most {results[0].figure.entry['n'] - 1}",
            lambda result: f"{flat(result, 'most_planes').max():.0f}",
        ),
        ("panels drawn with c4 below 0", "50 %", lambda result: _percent_below_zero(flat(result, "c4"))),
        ("further bases with c4 below 0", "50 %", lambda result: _percent_below_zero(flat(result, "null_c4"))),
        ("c4 of all points together", "0, exactly", lambda result: str(pooled_c4(result))),
        ("standard deviation of c4", "", lambda result: _of_numbers(np.std, flat(result, "null_c4"), "{:.2g}")),
        (
            "two points in one bin of 5°, times an even spread, median panel",
            "; ".join(["1 if even", *_sharpness(trained)]),
            lambda result: _of_numbers(np.median, statistics.peak(flat(result, "histogram")), "{:.1f}"),
        ),
        (
            "points in the same map and basis, correlation with Figure 7",
            "0 if only chance is left",
            lambda result: _with_figure_7(result, collection),
        ),
    )
    head = ("number", "expected", *(f"{result.figure.number}, {result.facts['dataset']}" for result in results))
    return Table(head, tuple((words, expected, *map(of, results)) for words, expected, of in rows))


def _percent_below_zero(values: Values) -> str:
    return f"{100 * (values < 0).mean():.0f} %"


def _of_numbers(of: Callable[[Values], Any], values: Values, form: str) -> str:
    """A function of those among some values that are finite, as text; a dash where none is."""
    known = values[np.isfinite(values)]
    return written(form, of(known) if len(known) else np.nan)


def _sharpness(trained: Sequence[Networks]) -> list[str]:
    """Least and largest peak (:func:`isoaux.statistics.peak`) of the networks of the first figure, by configuration."""
    peaks = [(net, statistics.peak(net.histogram.astype(float))) for net in trained if net.figure == trained[0].figure]
    return [
        f"{TITLES[net.configuration.activation]} (Figure {net.figure.number}) "
        f"{np.nanmin(values):.1f} to {np.nanmax(values):.1f}"
        for net, values in peaks
        if np.isfinite(values).any()
    ]


def _with_figure_7(result: Result, collection: Collection) -> str:
    seventh = next((other for other in collection if other.figure.name == "fig07"), None)
    if seventh is None or result.figure.name not in ("fig05", "fig06"):
        return ""
    return str(correlation(result, seventh))


def correlation(first: Result, second: Result) -> Estimate:
    """The correlation of the counts of two figures over the bases of a panel, mean over panels (App. A.2).

    Panels in the same place have the same embedding and the same bases; those without a partner are left out.
    """
    pairs = zip(*(flat(result, "null_count") for result in (first, second)), strict=False)
    varied = [np.corrcoef(a, b)[0, 1] for a, b in pairs if np.ptp(a) > 0 and np.ptp(b) > 0]
    return Estimate.of(np.array(varied)) if varied else Estimate(np.nan, np.nan)


@or_missing
def rotated(trained: Sequence[Networks]) -> Table:
    """Trained networks in the neurons' basis and in random ones, a row per configuration, all seeds together."""
    rows = []
    for net in trained:
        ratio = net.null_count / net.expected
        error = ratio.std() / np.sqrt(ratio.size)
        rows.append(
            (
                f"{TITLES[net.configuration.activation]}, {GROUPS[net.configuration.activation]}",
                f"{net.figure.number}",
                f"{np.median(net.count) / net.expected:.2f}",
                str(Estimate(float(ratio.mean()), float(error))),
                f"{np.median(ratio):.2f}",
                f"{100 * (ratio < 0.1).mean():.0f} %",
                written("{:+.2f}", np.median(net.c4)),
                written("{:+.2f}", np.median(net.null_c4)),
                f"{100 * (net.null_c4 < 0).mean():.0f} %",
                written("{:.2f}", np.median(net.mean_share)),
            )
        )
    head = (
        "activation, group",
        "figure",
        "points / expected, own basis",
        "random bases: mean",
        "median",
        "bases below a tenth",
        "c4, own basis",
        "c4, random bases",
        "bases with c4 below 0",
        "share of the mean direction",
    )
    return Table(head, tuple(rows))


def words(figure: Figure) -> str:
    """What a figure of the catalogue shows, in one line."""
    return f"without a network: {data.LAWS[figure.entry['cloud']]}, n = {figure.entry['n']}"
