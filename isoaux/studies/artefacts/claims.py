"""Claims about Appendix A, decided by the panels of a figure file (``figure`` of the claim's ``decide``).

A decider raises NotPublished where the figure is not published or its panels have no such number.
"""

from collections.abc import Mapping

import numpy as np
import scipy
from numpy.typing import NDArray

from isoaux import statistics
from isoaux.paper.claims import Claim, Selection
from isoaux.records.evidence import COSINE, SHARE, Decider, Evidence, NotPublished, Reader, estimate, result_of, share
from isoaux.records.panel_values import FEWEST, VALUES, samples
from isoaux.records.results import Result
from isoaux.statistics import isotropic
from isoaux.statistics.seeds import Estimate
from isoaux.studies.artefacts.data import CROWD, PART
from isoaux.studies.artefacts.report import axis_share, expected, flat, folded, inflation, spread, theory

Values = NDArray[np.float64]

SURE = 3
"""Standard errors on either side of a measured number that is compared with a closed form at ten angles at once."""


def _of(mean: Estimate, words: str, line: float = 0.0) -> Evidence:
    return estimate(mean.value, mean.error, words, line)


def _difference(first: Estimate, second: Estimate) -> Estimate:
    """First less second, of independent panels."""
    return Estimate(first.value - second.value, float(np.hypot(first.error, second.error)))


def _ratio(first: Estimate, second: Estimate) -> Estimate:
    """First over second, of independent panels, with the error by the delta method; both are above 0."""
    ratio = first.value / second.value
    return Estimate(ratio, ratio * float(np.hypot(first.error / first.value, second.error / second.value)))


def _scatter(result: Result, place: int, name: str = "bin") -> Estimate:
    """Variance over mean of bins of 5 degrees at the axes (``place`` 0) or the diagonals (-1)."""
    values, errors = inflation(result, name)
    return Estimate(float(values[place]), float(errors[place]))


# --- scatter


def axis_outliers(claim: Claim, reader: Reader) -> Evidence:
    """The share of panels with points near the axes beyond two standard deviations of independent points."""
    result = result_of(claim, reader)
    beyond, total = axis_share(result)[0], len(flat(result, "count"))
    chance = float(scipy.stats.binom.sf(beyond - 1, total, 2 * scipy.stats.norm.sf(2)))
    return share(beyond, total, "panels beyond two standard deviations of independent points", 0, chance)


def scatter_difference(claim: Claim, reader: Reader) -> Evidence:
    """Variance over mean of bins of 5 degrees, at the axes less at the diagonals."""
    result = result_of(claim, reader)
    return _of(
        _difference(_scatter(result, 0), _scatter(result, -1)),
        "variance over mean of 5° bins, axes less diagonals",
    )


def scatter_by_samples(claim: Claim, reader: Reader) -> Evidence:
    """Variance over mean of bins of 5 degrees at the axes, of all samples less of a quarter of them."""
    result = result_of(claim, reader)
    difference = _difference(_scatter(result, 0), _scatter(result, 0, "part"))
    return _of(difference, "variance over mean at the axes, all samples less a quarter of them")


def relative_scatter(claim: Claim, reader: Reader) -> Evidence:
    """Standard deviation over mean of bins at the axes, of all samples over that of a quarter of them, less 1."""
    result = result_of(claim, reader)
    whole, part = _scatter(result, 0), _scatter(result, 0, "part")
    if not (whole.value > 0 and part.value > 0):
        raise NotPublished(f"The panels of {result.figure.name} have no points.")
    variances = _ratio(whole, part)
    ratio = float(np.sqrt(variances.value / PART))
    error = 0.5 * ratio * variances.error / variances.value
    return estimate(ratio - 1, error, "relative scatter with four times the samples, change")


def bin_scatter(claim: Claim, reader: Reader) -> Evidence:
    """Variance over mean of bins of 10 degrees that hold an axis, or a diagonal, over the panels that are drawn.

    The standard error leaves out a panel at a time (jackknife).
    """
    result = result_of(claim, reader)
    histogram = flat(result, "histogram")
    centres = 18 * np.arange(4) + {"axes": 0, "diagonals": 9}[claim.decide["place"]]
    wide = np.concatenate([histogram[:, (centres + side) % 72] + histogram[:, centres] for side in (-1, 1)], axis=1)
    if len(histogram) < 3 or wide.any(axis=1).sum() < 2:
        raise NotPublished(f"{result.figure.name} has too few panels or no points there.")

    def ratio(rows: Values) -> float:
        held = rows[:, rows.any(0)]
        return float((held.var(0, ddof=1) / held.mean(0)).mean())

    left = np.array([ratio(np.delete(wide, panel, axis=0)) for panel in range(len(wide))])
    error = float(np.sqrt((len(left) - 1) * left.var()))
    return estimate(ratio(wide), error, f"variance over mean of 10° bins at the {claim.decide['place']}", 1)


def axis_scatter_difference(claim: Claim, reader: Reader) -> Evidence:
    """Variance over mean of bins of 5 degrees at the axes, less that of another figure (``against``)."""
    results = (result_of(claim, reader, name) for name in ("figure", "against"))
    words = f"variance over mean at the axes less that of {claim.decide['against']}"
    return _of(_difference(*(_scatter(result, 0) for result in results)), words)


def law_fits(claim: Claim, reader: Reader) -> Evidence:
    """The share of angles at which the scatter is that of isotropic samples, to within a share of it (``tolerance``).

    By the interval of three standard errors on either side: within the tolerance, beyond it, or undecided.
    """
    result, tolerance = result_of(claim, reader), claim.decide["tolerance"]
    values, errors = inflation(result)
    if np.isnan(errors).any():
        raise NotPublished("One panel alone has no standard error.")
    law = folded(theory(result).inflation)
    off, sure = np.abs(values / law - 1), SURE * errors / law
    yes, undecided = int((off + sure <= tolerance).sum()), int((np.abs(off - tolerance) < sure).sum())
    words = f"angles with a scatter within {tolerance:.0%} of the closed form"
    return share(yes, len(law), words, 0, undecided=undecided)


def axis_scatter_by_width(claim: Claim, reader: Reader) -> Evidence:
    """The standard deviation over the mean of bins at the axes in the most dimensions over that in the fewest.

    Of isotropic samples, in closed form, of as many ``samples`` in each of the ``widths`` of neurons, at the figure's
    threshold; less than 1 where it does not rise from every width to the next.
    """
    facts, samples = result_of(claim, reader).facts, claim.decide["samples"]
    laws = [isotropic.moments(samples, n, facts["epsilon"], facts["variant"]) for n in claim.decide["widths"]]
    relative = np.array([np.sqrt(law.inflation[0] / law.mean[0]) for law in laws])
    rises = bool((np.diff(relative) > 0).all())
    words = "relative scatter at the axes, in the most dimensions over that in the fewest"
    return Evidence(float(relative[-1] / relative[0]) if rises else 0.0, words=words)


# --- points


def crowd(claim: Claim, reader: Reader) -> Evidence:
    """The share of points whose sample is in many planes, of the outermost points less of all."""
    result = result_of(claim, reader)
    words = f"share of samples in {CROWD} planes or more, outermost 1 % less all points"
    mean = Estimate.of(flat(result, "outer_crowd_share") - flat(result, "crowd_share"))
    return estimate(mean.value, mean.error, words, claim.line, COSINE)


def expected_points(claim: Claim, reader: Reader) -> Evidence:
    """The mean number of points over random bases, in closed form, with the settings of the published panels."""
    return Evidence(expected(result_of(claim, reader)), words="points expected in a panel")


def measured_less_expected(claim: Claim, reader: Reader) -> Evidence:
    """The mean number of points of the panels in further bases, less the expected one."""
    result = result_of(claim, reader)
    mean = Estimate.of(flat(result, "null_count"))
    return estimate(mean.value - expected(result), mean.error, f"points, measured mean {mean} less expected")


def overdispersion(claim: Claim, reader: Reader) -> Evidence:
    """The standard deviation of the number of points over that of Poisson's law."""
    result = result_of(claim, reader)
    deviation, poisson = spread(result), float(np.sqrt(expected(result)))
    words = "standard deviation of the points over Poisson's"
    return estimate(deviation.value / poisson, deviation.error / poisson, words, 1)


def spread_ratio(claim: Claim, reader: Reader) -> Evidence:
    """The standard deviation of the number of points over that of another figure (``against``)."""
    first, second = (spread(result_of(claim, reader, name)) for name in ("figure", "against"))
    if not (first.value > 0 and second.value > 0):
        raise NotPublished("The number of points does not vary.")
    words = f"standard deviation of the points over that of {claim.decide['against']}"
    return _of(_ratio(first, second), words, claim.line)


def spread_difference(claim: Claim, reader: Reader) -> Evidence:
    """The standard deviation of the number of points less that of another figure (``against``)."""
    first, second = (spread(result_of(claim, reader, name)) for name in ("figure", "against"))
    words = f"standard deviation of the points less that of {claim.decide['against']}"
    return _of(_difference(first, second), words)


def counts_near_expected(claim: Claim, reader: Reader) -> Evidence:
    """The share of panels that hold the expected number of points to within a share (``tolerance``) of it."""
    result = result_of(claim, reader)
    off = np.abs(flat(result, "count") / expected(result) - 1)
    near, tolerance = int((off <= claim.decide["tolerance"]).sum()), claim.decide["tolerance"]
    return share(near, len(off), f"panels within {tolerance:.0%} of the expected points", 0)


def count_range(claim: Claim, reader: Reader) -> Evidence:
    """The largest number of points of a panel over the least; no point counts as one."""
    count = np.maximum(flat(result_of(claim, reader), "count"), 1)
    return Evidence(float(count.max() / count.min()), words="most over fewest points of a panel")


# --- angles


def panels_between_axes(claim: Claim, reader: Reader) -> Evidence:
    """The share of panels with c4 below 0."""
    c4 = flat(result_of(claim, reader), "c4")
    below = int((c4 < 0).sum())
    return share(below, len(c4), "panels with c4 below 0", 0, float(scipy.stats.binom.sf(below - 1, len(c4), 0.5)))


def panels_as_sharp(claim: Claim, reader: Reader) -> Evidence:
    """The share of panels that are as sharp as the least sharp anisotropic network of a figure (``than_figure``).

    Sharpness is :func:`isoaux.statistics.peak`; a panel of too few points for it is undecided.
    """
    histogram = flat(result_of(claim, reader), "histogram")
    enough = histogram.sum(1) >= FEWEST
    trained = samples(Selection((claim.decide["than_figure"],), "anisotropic"), reader)
    peaks = np.concatenate([VALUES["peak"].of(sample) for sample in trained])
    if not np.isfinite(peaks).any():
        raise NotPublished("The trained networks have no points.")
    least = float(np.nanmin(peaks))
    sharp = int((statistics.peak(histogram[enough]) >= least).sum())
    words = f"panels as sharp as the least sharp trained network ({least:.2f})"
    networks = sum(len(sample.seeds) for sample in trained)
    return share(sharp, len(histogram), words, networks, undecided=int((~enough).sum()))


def mean_direction(claim: Claim, reader: Reader) -> Evidence:
    """The share of the mean direction in the squared length of the samples."""
    mean = Estimate.of(flat(result_of(claim, reader), "mean_share"))
    return estimate(mean.value, mean.error, "share of the mean direction", bounds=SHARE)


def resultant_lengths(claim: Claim, reader: Reader) -> Evidence:
    """The share of panels with the resultant length of their angles within a range (``between``).

    A panel of too few points for angles is undecided.
    """
    histogram = flat(result_of(claim, reader), "histogram")
    known = histogram.sum(1) >= FEWEST
    turns = np.exp(2j * np.pi * np.arange(histogram.shape[1]) / histogram.shape[1])
    lengths = np.abs(histogram @ turns) / np.maximum(histogram.sum(1), 1)
    low, high = claim.decide["between"]
    words = f"panels within {low:g} to {high:g} (least {lengths.min():.2f}, largest {lengths.max():.2f})"
    inside = int(((low <= lengths) & (lengths <= high) & known).sum())
    return share(inside, len(lengths), words, 0, undecided=int((~known).sum()))


# --- settings


def panel_exceptions(claim: Claim, reader: Reader) -> Evidence:
    """How many of the stated numbers (``facts``) differ from those of the panels, and how many panels repeat another.

    Panels without points are not told apart, and not counted.
    """
    result = result_of(claim, reader)
    made = result.facts | {"n": result.figure.entry["n"]}
    differing = sum(made[name] != stated for name, stated in claim.decide.get("facts", {}).items())
    panels = flat(result, "histogram")
    panels = panels[panels.any(axis=1)]
    repeated = len(panels) - len(np.unique(panels, axis=0))
    return Evidence(float(differing + repeated), words="stated numbers that differ, and panels that repeat another")


DECIDERS: Mapping[str, Decider] = {
    decider.__name__: decider
    for decider in (
        axis_outliers,
        scatter_difference,
        scatter_by_samples,
        relative_scatter,
        bin_scatter,
        axis_scatter_difference,
        law_fits,
        axis_scatter_by_width,
        crowd,
        expected_points,
        measured_less_expected,
        overdispersion,
        spread_ratio,
        spread_difference,
        counts_near_expected,
        count_range,
        panels_between_axes,
        panels_as_sharp,
        mean_direction,
        resultant_lengths,
        panel_exceptions,
    )
}
"""The deciders of this study, by the name of the statistic in claims.yaml."""
