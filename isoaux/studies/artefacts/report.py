"""Appendix A's ensembles to sentences and tables: every claim with a number and with what chance would give."""

from collections.abc import Callable, Sequence
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from isoaux import ppp, statistics
from isoaux.common.numbers import written
from isoaux.common.tables import Table, Text
from isoaux.paper import GROUPS, TITLES, Figure
from isoaux.records.reports import by_figure, dataset, deviations
from isoaux.records.results import Collection, Result
from isoaux.statistics import isotropic
from isoaux.statistics.isotropic import Moments
from isoaux.statistics.seeds import Estimate, standard_error
from isoaux.studies.artefacts import data as artefacts_data
from isoaux.studies.artefacts.rotated import Networks

Values = NDArray[np.float64]

AXIS = 3
"""Bins of 5 degrees around every axis that count as near it: within 7.5 degrees, 12 of 72 bins."""


def flat(result: Result, name: str) -> Values:
    """One statistic of all panels, (panels, ...)."""
    array = np.asarray(result.drawing[name], dtype=np.float64)
    return array.reshape(-1, *array.shape[2:])


def theory(result: Result, part: int = 1) -> Moments:
    """What isotropic samples would give, for all samples of a panel or 1/``part`` of them."""
    facts = result.facts
    return isotropic.moments(facts["samples"] // part, result.figure.entry["n"], facts["epsilon"], facts["variant"])


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
    samples = 1 if name == "bin" else artefacts_data.PART
    own = folded(flat(result, f"{name}_variance")) / (expected(result) / samples / statistics.BINS)
    return own.mean(0), standard_error(own)


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
    value = weighted.sum() / max(total.sum(), 1)
    left = (weighted.sum() - weighted) / np.maximum(total.sum() - total, 1)
    if len(left) < 2:
        return Estimate(float(value), np.nan)
    return Estimate(float(value), float(np.sqrt((len(left) - 1) * left.var())))


def axis_share(result: Result) -> tuple[int, float, float]:
    """Panels whose share near the axes is beyond two Poisson deviations; how many Poisson's law and ours expect."""
    histogram = flat(result, "histogram")
    near = np.minimum(np.arange(72) % 18, 18 - np.arange(72) % 18) <= AXIS // 2
    even = near.mean()
    total = np.maximum(histogram.sum(1), 1)
    poisson = np.sqrt(even * (1 - even) / total)
    beyond = int((np.abs(histogram[:, near].sum(1) / total - even) > 2 * poisson).sum())
    law = theory(result)
    weights = near - even
    ours = np.sqrt(weights @ law.covariance @ weights) / law.count
    typical = np.sqrt(even * (1 - even) / law.count)
    return beyond, 2 * norm.sf(2) * len(histogram), 2 * norm.sf(2 * typical / ours) * len(histogram)


# --- tables and sentences


def setting(found: Collection) -> Text:
    """The settings that were drawn, a line a figure."""
    return by_figure(_setting, found)


def _setting(result: Result) -> str:
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
    """The outcome in one short sentence, for the gallery."""
    if result.lacking:
        return result.lacking
    count, (value, error) = flat(result, "count"), inflation(result)
    return (
        f"{len(count)} panels of {result.facts['dataset']}: {count.min():,.0f} to {count.max():,.0f} points; variance "
        f"over mean {Estimate(value[0], error[0])} at the axes, {Estimate(value[-1], error[-1])} at the diagonals."
    )


def counts(found: Collection) -> Table:
    """Points per panel: expected and measured mean, standard deviation and range."""
    if not found.found:
        return _nothing(found)
    rows = []
    for result in found:
        own, bases = flat(result, "count"), flat(result, "null_count")
        rows.append(
            (
                f"{result.figure.number}, {result.facts['dataset']}",
                f"{expected(result):,.1f}",
                str(Estimate.of(own)),
                str(Estimate.of(bases)),
                f"{theory(result).count_sd:,.0f}",
                str(spread(result)),
                f"{np.median(bases):,.0f}",
                f"{min(own.min(), bases.min()):,.0f} to {max(own.max(), bases.max()):,.0f}",
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


def scatter(found: Collection) -> Table:
    """Variance over mean of bins of 5 degrees: at the axes, between, and at the diagonals, beside the closed form."""
    if not found.found:
        return _nothing(found)
    rows = []
    for result in found:
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


def claims(found: Collection, trained: Sequence[Networks]) -> Table:
    """What the paper says of Figures 4 to 7, what was measured, and what would be expected."""
    head = ("figure", "the paper", "measured", "expected", "outcome")
    of = {result.figure.name: result for result in found}
    if not of:
        return _nothing(found)
    return Table(head, tuple(row for name, answer in CLAIMS if name in of for row in answer(of, name, trained)))


def _nothing(found: Collection) -> Table:
    return Table(("figure",), ((found.words,),))


Row = tuple[str, ...]


def _a1(of: dict[str, Result], name: str, trained: Sequence[Networks]) -> list[Row]:
    result = of[name]
    law, (whole, error), (part, part_error) = theory(result), inflation(result), inflation(result, "part")
    axes, diagonals = Estimate(whole[0], error[0]), Estimate(whole[-1], error[-1])
    ratio = float(np.sqrt(whole[0] / (part[0] * artefacts_data.PART))) if part[0] > 0 else np.nan
    beyond, poisson, ours = axis_share(result)
    crowd, outer = Estimate.of(flat(result, "crowd_share")), Estimate.of(flat(result, "outer_crowd_share"))
    most = flat(result, "most_planes")
    larger = axes.value - diagonals.value > 2 * np.hypot(axes.error, diagonals.error)
    return [
        (
            "4",
            "densities scatter more at the axes than elsewhere",
            f"variance over mean {axes} at the axes, {diagonals} at the diagonals",
            f"{law.inflation[0]:.2f} and {law.inflation[9]:.2f} (1 and 1 for independent points)",
            _outcome("yes" if larger else "not seen", result),
        ),
        (
            "4",
            "more samples do not remove the difference, though all scatter shrinks",
            f"{Estimate(part[0], part_error[0])} at the axes with a quarter of the samples; relative scatter with all "
            f"of them {written('{:.2f}', ratio)} times that",
            f"{law.inflation[0]:.2f} for any number; {1 / np.sqrt(artefacts_data.PART):.2f} times",
            _outcome("yes" if abs(part[0] - whole[0]) < 3 * np.hypot(error[0], part_error[0]) else "no", result),
        ),
        (
            "4",
            "single panels show too many or too few points at the axes",
            f"{beyond} of {len(most)} panels beyond two standard deviations of independent points",
            f"{poisson:.1f} if points were independent, {ours:.1f} by the closed form",
            _outcome("yes" if beyond > poisson else "not seen", result),
        ),
        (
            "4",
            "straight runs of points far out are one sample in many planes",
            f"{100 * outer.value:.0f} % of the outermost 1 % of the points, and {100 * crowd.value:.0f} % of all, are "
            f"of samples in {artefacts_data.CROWD} planes or more; one is in up to {most.max():.0f}",
            f"0 % if every point were a sample of its own; at most {result.figure.entry['n'] - 1} planes",
            _outcome("yes" if outer.value > 2 * outer.error else "not seen", result),
        ),
    ]


def _a2(of: dict[str, Result], name: str, trained: Sequence[Networks]) -> list[Row]:
    result = of[name]
    c4, bases, share = flat(result, "c4"), flat(result, "null_c4"), Estimate.of(flat(result, "mean_share"))
    below, pooled = (c4 < 0).sum(), pooled_c4(result)
    sharp = statistics.peak(flat(result, "histogram"))
    beams = {TITLES[net.configuration.activation]: statistics.peak(net.histogram.astype(float)) for net in trained[:2]}
    known = sharp[np.isfinite(sharp)]
    typical = float(np.median(known)) if len(known) else np.nan
    beams = {name: own for name, values in beams.items() if len(own := values[np.isfinite(values)])}
    sharpest = "".join(f"; {name} (Figure 1) {own.min():.1f} to {own.max():.1f}" for name, own in beams.items())
    below_all = "tanh" in beams and typical < beams["tanh"].min()
    return [
        (
            "5",
            "clusters tend to lie between the axes",
            f"c4 below 0 in {below} of {c4.size} panels and {100 * (bases < 0).mean():.0f} % of further bases; of "
            f"all points together c4 = {pooled}",
            "half of the panels; 0 of all points, exactly",
            _outcome(
                f"{'yes' if below > 0.6 * c4.size else 'no'} by panel, "
                f"{'no' if abs(pooled.value) < 3 * pooled.error else 'yes'} by point",
                result,
            ),
        ),
        (
            "5",
            "most of the squared length lies along one direction",
            f"share of the mean direction {share}",
            "0.75 (ours; the paper names no number)",
            "yes" if share.value > 0.5 else "no",
        ),
        (
            "5",
            "its clusters are not narrow like the beams of trained networks",
            f"two points share a bin of 5° {written('{:.1f}', typical)} times as often as if spread evenly "
            "(median panel)",
            f"1 if even{sharpest}",
            _outcome("yes" if below_all else "no", result) if beams else "no network to compare with",
        ),
    ]


def _standardised(of: dict[str, Result], name: str, trained: Sequence[Networks]) -> list[Row]:
    result, law = of[name], theory(of[name])
    own = spread(result)
    rows: list[Row] = []
    if "fig05" in of:
        before = spread(of["fig05"])
        rows.append(
            (
                "6",
                "standardised, panels are far more even than in Figure 5",
                f"standard deviation of the points {own}, sd of c4 {written('{:.3f}', _sd(result))}; in Figure 5 "
                f"{before} and {written('{:.2f}', _sd(of['fig05']))}",
                f"{law.count_sd:,.0f} if isotropic",
                _outcome("yes" if own.value < before.value / 3 else "no", result, of["fig05"]),
            )
        )
    if "fig07" in of:
        other = of["fig07"]
        together = correlation(result, other)
        gap = abs(own.value - spread(other).value)
        rows.append(
            (
                "6",
                "what is left comes from the hypercuboid",
                f"standard deviation of the points {own}, without a hypercuboid (Figure 7) {spread(other)}; counts of "
                f"both in the same embedding and basis correlate by {together}",
                f"{law.count_sd:,.0f} if isotropic; 0 if only chance is left",
                _outcome(
                    "not seen" if gap < 3 * np.hypot(own.error, spread(other).error) else "a difference", result, other
                ),
            )
        )
    return rows


def _embedded(of: dict[str, Result], name: str, trained: Sequence[Networks]) -> list[Row]:
    law, (own, error) = theory(of[name]), inflation(of[name])
    rows: list[Row] = []
    if "fig06" in of:
        other, other_error = inflation(of["fig06"])
        alike = abs(own[0] - other[0]) < 3 * np.hypot(error[0], other_error[0])
        rows.append(
            (
                "7",
                "comparable to Figure 6",
                f"variance over mean at the axes {Estimate(own[0], error[0])}, in Figure 6 "
                f"{Estimate(other[0], other_error[0])}",
                f"{law.inflation[0]:.2f} if isotropic",
                _outcome("yes" if alike else "no", of[name], of["fig06"]),
            )
        )
    fits = np.abs(own - folded(law.inflation)) < 3 * error
    rows.append(
        (
            "7",
            "only the scatter of Appendix A.1 is left",
            f"{fits.sum()} of {fits.size} angles within three standard errors of the closed form; at the diagonals "
            f"{Estimate(own[-1], error[-1])}",
            f"all; {law.inflation[9]:.2f}",
            _outcome("yes" if fits.mean() > 0.8 else "nearly" if abs(own[-1] - 1) < 0.2 else "no", of[name]),
        )
    )
    return rows


def correlation(one: Result, other: Result) -> Estimate:
    """How the counts of two figures with the same embeddings and bases go together, panel by panel (App. A.2)."""
    panels = min(len(flat(result, "null_count")) for result in (one, other))
    pairs = [(a, b) for a, b in zip(*(flat(r, "null_count")[:panels] for r in (one, other)), strict=True)]
    varied = [np.corrcoef(a, b)[0, 1] for a, b in pairs if np.ptp(a) > 0 and np.ptp(b) > 0]
    return Estimate.of(np.array(varied)) if varied else Estimate(np.nan, np.nan)


def _sd(result: Result) -> float:
    """The standard deviation of c4 over all panels and bases that have points; NaN where none has."""
    c4 = flat(result, "null_c4")
    c4 = c4[np.isfinite(c4)]
    return float(c4.std()) if len(c4) else np.nan


def _outcome(words: str, *results: Result) -> str:
    """What came out, or why nothing can be said: panels without points, or a single one."""
    for result in results:
        counts = flat(result, "null_count")
        if not counts.any():
            return "no points"
        if len(counts) < 2:
            return "one panel: no error"
    return words


CLAIMS: tuple[tuple[str, Callable[[dict[str, Result], str, Sequence[Networks]], list[Row]]], ...] = (
    ("fig04", _a1),
    ("fig05", _a2),
    ("fig06", _standardised),
    ("fig07", _embedded),
)
"""What answers the claims about each figure."""


def rotated(trained: Sequence[Networks]) -> Table:
    """Trained networks in the neurons' basis and in random ones, all seeds together."""
    if not trained:
        return Table(("network",), (("no trained network is published yet",),))
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
    return f"Control without a network: {figure.entry['dataset']}"
