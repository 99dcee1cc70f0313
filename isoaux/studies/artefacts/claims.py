"""Claims that figure files decide alone: Appendix A's ensembles, thresholds, robustness and other maps."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, norm

from isoaux import statistics
from isoaux.paper import figure
from isoaux.paper.claims import Claim, Selection
from isoaux.records.evidence import Decider, Evidence, NotPublished, Reader, estimate, result_of, share
from isoaux.records.panel_values import VALUES, samples
from isoaux.statistics.seeds import Estimate
from isoaux.studies.artefacts import data as artefacts_data
from isoaux.studies.artefacts import report as ensemble_report
from isoaux.studies.artefacts.report import expected, flat, folded, inflation, spread, theory

Values = NDArray[np.float64]

SURE = 3
"""Standard errors within which a measured number fits a closed form."""


def _mean(values: Values, words: str, line: float) -> Evidence:
    own = Estimate.of(values)
    return estimate(own.value, own.error, words, line)


def axis_outliers(claim: Claim, reader: Reader) -> Evidence:
    """What share of the panels has a share of points near the axes beyond two deviations of independent points."""
    result = result_of(claim, reader)
    beyond, total = ensemble_report.axis_share(result)[0], len(flat(result, "count"))
    chance = float(binom.sf(beyond - 1, total, 2 * norm.sf(2)))
    return share(beyond, total, "panels beyond two standard deviations of independent points", 0, chance)


def scatter_difference(claim: Claim, reader: Reader) -> Evidence:
    """Variance over mean of bins of 5 degrees, at the axes less at the diagonals."""
    own, error = inflation(result_of(claim, reader))
    words = "variance over mean of 5° bins, axes less diagonals"
    return estimate(own[0] - own[-1], float(np.hypot(error[0], error[-1])), words)


def scatter_by_samples(claim: Claim, reader: Reader) -> Evidence:
    """Variance over mean at the axes, with all samples less with a quarter of them."""
    result = result_of(claim, reader)
    (whole, error), (part, part_error) = inflation(result), inflation(result, "part")
    words = "variance over mean at the axes, all samples less a quarter of them"
    return estimate(whole[0] - part[0], float(np.hypot(error[0], part_error[0])), words)


def relative_scatter(claim: Claim, reader: Reader) -> Evidence:
    """Relative scatter at the axes, with all samples over with a quarter of them, less 1."""
    result = result_of(claim, reader)
    (whole, error), (part, part_error) = inflation(result), inflation(result, "part")
    if not (whole[0] > 0 and part[0] > 0):
        raise NotPublished(f"The panels of {result.figure.name} have no points.")
    ratio = float(np.sqrt(whole[0] / (part[0] * artefacts_data.PART)))
    relative = 0.5 * float(np.hypot(error[0] / whole[0], part_error[0] / part[0]))
    return estimate(ratio - 1, ratio * relative, "relative scatter with four times the samples, change")


def crowd(claim: Claim, reader: Reader) -> Evidence:
    """Share of points of samples in many planes, among the outermost less among all."""
    result = result_of(claim, reader)
    words = f"share of samples in {artefacts_data.CROWD} planes or more, outermost 1 % less all points"
    return _mean(flat(result, "outer_crowd_share") - flat(result, "crowd_share"), words, claim.line)


def expected_points(claim: Claim, reader: Reader) -> Evidence:
    """The mean number of points over random bases, in closed form, with the settings of the published panels."""
    return Evidence(expected(result_of(claim, reader)), words="points expected in a panel")


def measured_less_expected(claim: Claim, reader: Reader) -> Evidence:
    """The mean number of points of the panels in further bases, less the expected one."""
    result = result_of(claim, reader)
    own = Estimate.of(flat(result, "null_count"))
    return estimate(own.value - expected(result), own.error, f"points, measured mean {own} less expected")


def overdispersion(claim: Claim, reader: Reader) -> Evidence:
    """Standard deviation of the number of points over that of Poisson's law."""
    result = result_of(claim, reader)
    own, poisson = spread(result), np.sqrt(expected(result))
    return estimate(own.value / poisson, own.error / poisson, "standard deviation of the points over Poisson's", 1)


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


def panels_between_axes(claim: Claim, reader: Reader) -> Evidence:
    """What share of the panels has c4 below 0."""
    c4 = flat(result_of(claim, reader), "c4")
    yes = int((c4 < 0).sum())
    return share(yes, len(c4), "panels with c4 below 0", 0, float(binom.sf(yes - 1, len(c4), 0.5)))


def panels_blunter(claim: Claim, reader: Reader) -> Evidence:
    """What share of the panels is less sharp than the least sharp anisotropic network of another figure."""
    sharp = statistics.peak(flat(result_of(claim, reader), "histogram"))
    trained = samples(Selection((claim.decide["than_figure"],), "anisotropic"), reader)
    peaks = np.concatenate([VALUES["peak"].of(sample) for sample in trained])
    if not np.isfinite(peaks).any():
        raise NotPublished("The trained networks have no points.")
    least = float(np.nanmin(peaks))
    sharp = sharp[np.isfinite(sharp)]
    words = f"panels less sharp than any trained network ({least:.2f})"
    return share(int((sharp < least).sum()), len(sharp), words, sum(len(s.seeds) for s in trained))


def mean_direction(claim: Claim, reader: Reader) -> Evidence:
    """The share of the mean direction in the squared length."""
    return _mean(flat(result_of(claim, reader), "mean_share"), "share of the mean direction", 0)


def count_range(claim: Claim, reader: Reader) -> Evidence:
    """The largest number of points of a panel over the least."""
    count = np.maximum(flat(result_of(claim, reader), "count"), 1)
    return Evidence(float(count.max() / count.min()), words="most over fewest points of a panel")


def resultant_lengths(claim: Claim, reader: Reader) -> Evidence:
    """What share of the panels has a resultant length of its angles within a range."""
    histogram = flat(result_of(claim, reader), "histogram")
    turns = np.exp(2j * np.pi * np.arange(histogram.shape[1]) / histogram.shape[1])
    found = np.abs(histogram @ turns) / np.maximum(histogram.sum(1), 1)
    low, high = claim.decide["between"]
    words = f"panels within ({found.min():.2f} to {found.max():.2f})"
    return share(int(((low <= found) & (found <= high)).sum()), len(found), words, 0)


def spread_ratio(claim: Claim, reader: Reader) -> Evidence:
    """Standard deviation of the number of points over that of another figure."""
    own, other = spread(result_of(claim, reader)), spread(result_of(claim, reader, "against"))
    if not (own.value > 0 and other.value > 0):
        raise NotPublished("The number of points does not vary.")
    ratio = own.value / other.value
    error = ratio * float(np.hypot(own.error / own.value, other.error / other.value))
    return estimate(
        ratio, error, f"standard deviation of the points over that of {claim.decide['against']}", claim.line
    )


def spread_difference(claim: Claim, reader: Reader) -> Evidence:
    """Standard deviation of the number of points less that of another figure."""
    own, other = spread(result_of(claim, reader)), spread(result_of(claim, reader, "against"))
    words = f"standard deviation of the points less that of {claim.decide['against']}"
    return estimate(own.value - other.value, float(np.hypot(own.error, other.error)), words)


def counts_near_expected(claim: Claim, reader: Reader) -> Evidence:
    """What share of the panels holds the expected number of points to within a share of it."""
    result = result_of(claim, reader)
    off = np.abs(flat(result, "count") / expected(result) - 1)
    yes = int((off <= claim.decide["tolerance"]).sum())
    return share(yes, len(off), f"panels within {claim.decide['tolerance']:.0%} of the expected points", 0)


def axis_scatter_difference(claim: Claim, reader: Reader) -> Evidence:
    """Variance over mean of bins at the axes less that of another figure."""
    (own, error), (other, other_error) = (
        inflation(result_of(claim, reader)),
        inflation(result_of(claim, reader, "against")),
    )
    words = f"variance over mean at the axes less that of {claim.decide['against']}"
    return estimate(own[0] - other[0], float(np.hypot(error[0], other_error[0])), words)


def law_fits(claim: Claim, reader: Reader) -> Evidence:
    """At what share of the angles the scatter fits the closed form of isotropic samples."""
    result = result_of(claim, reader)
    own, error = inflation(result)
    if np.isnan(error).any():
        raise NotPublished("One panel alone has no standard error.")
    fits = np.abs(own - folded(theory(result).inflation)) < SURE * error
    return share(int(fits.sum()), len(fits), "angles at which the scatter fits the closed form", 0)


# --- thresholds


# --- robustness and other maps


def panel_exceptions(claim: Claim, reader: Reader) -> Evidence:
    """How many of the stated numbers differ from those of a published ensemble, and how many panels repeat another.

    Panels without points are not told apart, and not counted.
    """
    own = reader.result(figure(claim.decide["figure"]))
    made = own.facts | {"n": own.figure.entry["n"]}
    other = sum(made[name] != wanted for name, wanted in claim.decide.get("facts", {}).items())
    panels = own.drawing["histogram"].reshape(-1, own.drawing["histogram"].shape[-1])
    panels = panels[panels.any(axis=1)]
    repeated = len(panels) - len(np.unique(panels, axis=0))
    return Evidence(float(other + repeated), words="stated numbers that differ, and panels that repeat another")


DECIDERS: Mapping[str, Decider] = {
    function.__name__: function
    for function in (
        panel_exceptions,
        axis_outliers,
        scatter_difference,
        scatter_by_samples,
        relative_scatter,
        crowd,
        expected_points,
        measured_less_expected,
        overdispersion,
        bin_scatter,
        panels_between_axes,
        panels_blunter,
        mean_direction,
        count_range,
        resultant_lengths,
        spread_ratio,
        spread_difference,
        counts_near_expected,
        axis_scatter_difference,
        law_fits,
    )
}
"""Statistics of figures without networks of their own."""
