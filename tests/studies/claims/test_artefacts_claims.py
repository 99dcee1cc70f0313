"""Claims about Appendix A: made-up panels, with evidence and verdict worked out by hand."""

import numpy as np
import pytest
from handmade import HALF, NORMAL, SAMPLES, bins, decided, decides, panels, record, two_sided, undecidable
from scipy.special import betaincc

from isoaux.scorecard.verdicts import COUNTER, HOLDS, NOT, PART, SILENT, UNDECIDED
from isoaux.statistics.isotropic import moments

WITHIN = "rule: equal, margin: {{value: {}, why: so}}"

POISSON = np.sqrt(1656)
"""The standard deviation of 1,656 independent points; the panels of :func:`handmade.panels` hold so many on average."""


def by_angle(axes: float, diagonals: float = 1.0, between: float = 1.0, *, mean: float = 23.0) -> np.ndarray:
    """Variances of 72 bins that are so many times their mean at the axes, the diagonals and between."""
    variance = np.full(72, between * mean)
    variance[0::18], variance[9::18] = axes * mean, diagonals * mean
    return variance


def spreading(*deviations: float) -> np.ndarray:
    """Numbers of points in two bases of every panel whose variance is so large: (a - b)^2 / 2."""
    half = np.sqrt(np.divide(deviations, 2))
    return np.stack([1656 - half, 1656 + half], axis=1)


# --- scatter


@decides("axis_outliers")
def test_panels_with_too_few_or_too_many_points_at_the_axes():
    outliers = "id: fig04-2, decide: {statistic: axis_outliers, figure: fig04}, rule: more, than: 0.0455"
    # A sixth of the bins is within 7.5 degrees of an axis. Two deviations are 2 sqrt(1/6 x 5/6 / 100) = 7.5% for 100
    # points, so that 30 and 0 of them are beyond, 17 and 24 are not. Bins 1 and 17 are near an axis, 2 and 16 are not.
    few, many = bins({2: 50, 16: 50}), bins({0: 10, 1: 10, 17: 10, 9: 70})
    inside = [bins({36: 17, 9: 83}), bins({53: 24, 9: 76})]
    own, verdict = decided(outliers, panels("fig04", count=[100] * 4, histogram=[few, many, *inside]))
    q = 2 * 0.02275013  # beyond two deviations
    assert (own.number, own.networks) == (0.5, 0) and own.p == pytest.approx(1 - (1 - q) ** 4 - 4 * q * (1 - q) ** 3)
    assert own.low == pytest.approx(0.0676, abs=1e-4) and verdict == HOLDS
    assert own.words == "2 of 4 panels beyond two standard deviations of independent points"
    own, verdict = decided(outliers, panels("fig04", count=[100] * 3, histogram=[few, *inside]))
    assert (own.number, own.p) == (pytest.approx(1 / 3), pytest.approx(1 - (1 - q) ** 3)) and verdict == UNDECIDED
    assert decided(outliers, panels("fig04", count=[100] * 2, histogram=inside))[1] == UNDECIDED, "up to 0.84"
    assert decided(outliers.replace("0.0455", "0.9"), panels("fig04", count=[100] * 2, histogram=inside))[1] == NOT
    assert undecidable(outliers, {}) == "fig04 is not published."


@decides("scatter_difference")
def test_scatter_at_the_axes_less_at_the_diagonals():
    more = "id: fig04-3a, decide: {statistic: scatter_difference, figure: fig04}, rule: more"
    # 2 and 4 times the mean at the axes: 3 with a standard error of sqrt(2) / sqrt(2); 1 in both panels elsewhere.
    own, verdict = decided(more, panels("fig04", bin_variance=[by_angle(2), by_angle(4)]))
    assert (own.number, own.low, own.high) == pytest.approx((2, 2 - NORMAL, 2 + NORMAL))
    assert (own.p, verdict, own.networks) == (pytest.approx(two_sided(2)), HOLDS, 0)
    assert own.words == "variance over mean of 5° bins, axes less diagonals"
    own, verdict = decided(more, panels("fig04", bin_variance=[by_angle(2, 0.5), by_angle(4, 2.5)]))  # 1.5 -+ 1 there
    assert (own.number, own.low, verdict) == (pytest.approx(1.5), pytest.approx(1.5 - NORMAL * 2**0.5), UNDECIDED)
    assert decided(more, panels("fig04", bin_variance=[by_angle(1), by_angle(1)]))[1] == UNDECIDED, (
        "0 is no more than 0"
    )
    assert decided(more, panels("fig04", bin_variance=[by_angle(0.5), by_angle(0.5)]))[1] == NOT
    assert "standard error" in undecidable(more, panels("fig04", bin_variance=[by_angle(2)]))


@decides("scatter_by_samples")
def test_more_samples_leave_the_scatter():
    equal = f"id: fig04-3b, decide: {{statistic: scatter_by_samples, figure: fig04}}, {WITHIN.format(4)}"
    quarter = [by_angle(3, mean=23 / 4), by_angle(5, mean=23 / 4)]  # 4 -+ 1
    own, verdict = decided(equal, panels("fig04", bin_variance=[by_angle(2), by_angle(4)], part_variance=quarter))
    assert (own.number, own.high) == pytest.approx((-1, -1 + NORMAL * 2**0.5)) and verdict == HOLDS
    narrow = equal.replace("value: 4", "value: 3")  # the interval from -3.8 to 1.8 holds 0
    assert decided(narrow, panels("fig04", bin_variance=[by_angle(2), by_angle(4)], part_variance=quarter))[1] == SILENT
    assert own.words == "variance over mean at the axes, all samples less a quarter of them"
    own, verdict = decided(equal, panels("fig04", bin_variance=[by_angle(9), by_angle(9)], part_variance=quarter))
    assert (own.number, own.low, verdict) == (pytest.approx(5), pytest.approx(5 - NORMAL), UNDECIDED)
    far = panels("fig04", bin_variance=[by_angle(12), by_angle(12)], part_variance=quarter)
    assert decided(equal, far)[1] == NOT, "8 -+ 2 is beyond 4"
    alone = panels("fig04", bin_variance=[by_angle(2)], part_variance=quarter[:1])
    assert "standard error" in undecidable(equal, alone), "it is neither equal nor different"


@decides("relative_scatter")
def test_more_samples_shrink_the_relative_scatter():
    less = "id: fig04-3c, decide: {statistic: relative_scatter, figure: fig04}, rule: less"
    whole, quarter = [by_angle(2), by_angle(4)], [by_angle(2, mean=23 / 4), by_angle(4, mean=23 / 4)]
    # 3 -+ 1 both: sqrt(3 / (3 x 4)) = 1/2, with half of the relative errors of the two, 1/3 each.
    own, verdict = decided(less, panels("fig04", bin_variance=whole, part_variance=quarter))
    error = 0.5 * 0.5 * np.sqrt(2) / 3
    assert (own.number, own.high) == pytest.approx((-0.5, -0.5 + NORMAL * error)) and verdict == HOLDS
    assert own.p == pytest.approx(two_sided(0.5 / error))
    twelve = panels("fig04", bin_variance=[by_angle(12), by_angle(12)], part_variance=quarter)
    own, verdict = decided(less, twelve)  # as the mean, so that it is as large relative to it: sqrt(12 / (3 x 4))
    assert (own.number, verdict) == (pytest.approx(0), UNDECIDED)
    empty = panels("fig04", bin_variance=[by_angle(0), by_angle(0)], part_variance=quarter)
    assert "no points" in undecidable(less, empty)


@decides("bin_scatter")
def test_variance_over_mean_of_wide_bins():
    around = (
        "id: fig04-6b, decide: {statistic: bin_scatter, figure: fig04, place: axes}, rule: within, between: [0.67, 1.5]"
    )
    # An axis is in two bins of 10 degrees, one with either neighbour. Both hold 2, 4 and 6: variance 4, mean 4. Without
    # one panel it is 2/5, 8/4 or 2/3, of which the jackknife makes an error.
    histogram = [bins({18: points, 20: 90, 9: 90 * points}) for points in (2, 4, 6)]
    own, verdict = decided(around, panels("fig04", histogram=histogram))
    left = np.array([2 / 5, 8 / 4, 2 / 3])
    error = np.sqrt(2 * np.mean((left - left.mean()) ** 2))
    assert (own.number, own.high, verdict) == (pytest.approx(1), pytest.approx(1 + NORMAL * error), PART)
    assert decided(around.replace("[0.67, 1.5]", "[-1, 3]"), panels("fig04", histogram=histogram))[1] == HOLDS
    assert own.words == "variance over mean of 10° bins at the axes"
    wide = around.replace("[0.67, 1.5]", "[4.5, 10.0]")
    assert decided(wide, panels("fig04", histogram=histogram))[1] == NOT, "its interval ends at 2.9"
    assert decided(around.replace("[0.67", "[1.1"), panels("fig04", histogram=histogram))[1] == UNDECIDED
    # One neighbour more: its bin holds 3, 4 and 8, variance 7 over mean 5, the other as before.
    beside = [histogram[0] + bins({19: 1}), histogram[1], histogram[2] + bins({19: 2})]
    assert decided(around, panels("fig04", histogram=beside))[0].number == pytest.approx((1 + 7 / 5) / 2)
    diagonals = around.replace("axes", "diagonals")  # 180, 360 and 540: 90 times as much
    assert decided(diagonals, panels("fig04", histogram=histogram))[0].number == pytest.approx(90)
    sides = [bins({7: 5, 8: points, 10: 3 * points}) for points in (2, 4, 6)]  # 1, and 36 / 12
    assert decided(diagonals, panels("fig04", histogram=sides))[0].number == pytest.approx(2)
    assert "too few panels" in undecidable(around, panels("fig04", histogram=histogram[:2]))
    assert "no points" in undecidable(around, panels("fig04", histogram=[bins({5: 1})] * 3)), "none at the axes"
    one = [bins({0: 5}), bins({5: 5}), bins({5: 5})]
    assert "no points" in undecidable(around, panels("fig04", histogram=one)), "without that panel there is none"


@decides("axis_scatter_difference")
def test_scatter_at_the_axes_of_two_figures():
    figures = "figure: fig07, against: fig06"
    equal = f"id: fig07-1, decide: {{statistic: axis_scatter_difference, {figures}}}, {WITHIN.format(4)}"
    here = panels("fig07", bin_variance=[by_angle(2), by_angle(4)])
    own, verdict = decided(equal, here | panels("fig06", bin_variance=[by_angle(3), by_angle(5)]))
    assert (own.number, own.high) == pytest.approx((-1, -1 + NORMAL * 2**0.5)) and verdict == HOLDS
    assert own.words == "variance over mean at the axes less that of fig06"
    own, verdict = decided(equal, here | panels("fig06", bin_variance=[by_angle(9), by_angle(9)]))
    assert (own.number, own.high, verdict) == (pytest.approx(-6), pytest.approx(-6 + NORMAL), NOT), "it ends at -4.04"
    assert undecidable(equal, here) == "fig06 is not published."


@decides("law_fits")
def test_angles_at_which_the_scatter_is_that_of_the_law():
    every = "id: fig07-2, decide: {statistic: law_fits, figure: fig07, tolerance: 0.25}, rule: every"
    law = moments(SAMPLES, 24, HALF, "combination")  # the closed form, which tests/statistics compare with integrals

    def of(*factors):
        """Two panels, in each of which the scatter is so many times the closed form at all angles."""
        return panels("fig07", bin_variance=[factor * np.diag(law.covariance) for factor in factors])

    own, verdict = decided(every, of(1.08, 1.12))  # 1.1 -+ 3 x 0.02
    assert (own.yes, own.against, own.undecided, verdict) == (10, 0, 0, HOLDS)
    assert own.words == "10 of 10 angles with a scatter within 25% of the closed form"
    own, verdict = decided(every, of(1.0, 1.2))  # 1.1 -+ 3 x 0.1 reaches beyond, which is not agreement
    assert (own.yes, own.against, own.undecided, verdict) == (0, 0, 10, UNDECIDED)
    own, verdict = decided(every, of(1.48, 1.52))
    assert (own.yes, own.against, own.undecided, verdict) == (0, 10, 0, COUNTER)
    assert "standard error" in undecidable(every, of(1))


@decides("axis_scatter_by_width")
def test_scatter_along_the_axes_grows_with_the_dimension():
    """N isotropic samples at 0.75 in 5 and in 6 dimensions, where the integrals are short.

    A plane has a sample in the bin of its first axis with q = (7/16)^(n/2 - 1) / 72. Two planes of that axis have it
    with q', which is t^2 / pi, t = tan 2.5 degrees, of all directions in three dimensions, times the chance of
    Beta(3/2, n/2 - 3/2) that these hold 9/16 of the squared length. There are n (n - 1) / 2 planes, and in all
    n (n - 1) (n - 2) / 3 ordered pairs of two with one first axis, so that variance over mean is, of one sample,
    1 + 2 (n - 2) q' / 3 q - mean.
    """
    widths = "figure: fig04, samples: 1000, widths: {}"
    more = f"id: fig04-9, decide: {{{{statistic: axis_scatter_by_width, {widths}}}}}, rule: within, between: [1, .inf]"
    known = panels("fig04", facts={"epsilon": 0.75})
    own, verdict = decided(more.format([5, 6]), known)
    relative = []
    for n in (5, 6):
        q = (7 / 16) ** (n / 2 - 1) / 72
        two = np.tan(np.radians(2.5)) ** 2 / np.pi * betaincc(1.5, n / 2 - 1.5, 9 / 16)
        mean = n * (n - 1) / 2 * q
        relative.append(np.sqrt((1 + 2 * (n - 2) * two / (3 * q) - mean) / (1000 * mean)))
    assert own.number == pytest.approx(relative[1] / relative[0], rel=5e-3) and verdict == HOLDS
    assert own.words == "relative scatter at the axes, in the most dimensions over that in the fewest"
    assert decided(more.format([6, 5]), known)[1] == NOT, "it falls on the way"
    assert undecidable(more.format([5, 6]), {}) == "fig04 is not published."


# --- points


@decides("crowd")
def test_points_of_samples_in_many_planes():
    more = "id: fig04-4, decide: {statistic: crowd, figure: fig04}, rule: more"
    own, verdict = decided(more, panels("fig04", crowd_share=[0.1, 0.2], outer_crowd_share=[0.5, 0.8]))
    assert (own.number, own.low) == pytest.approx((0.5, 0.5 - NORMAL * 0.1)) and verdict == HOLDS  # 0.4 and 0.6
    assert own.p == pytest.approx(two_sided(5))
    assert own.words == "share of samples in 5 planes or more, outermost 1 % less all points"
    own, verdict = decided(more, panels("fig04", crowd_share=[0.1, 0.2], outer_crowd_share=[0.1, 0.4]))
    assert (own.number, own.low, verdict) == (pytest.approx(0.1), pytest.approx(0.1 - NORMAL * 0.1), UNDECIDED)
    assert decided(more, panels("fig04", crowd_share=[0.1, 0.2], outer_crowd_share=[0.0, 0.1]))[1] == NOT


@decides("expected_points")
def test_points_expected_in_a_panel():
    printed = "id: fig04-5a, decide: {statistic: expected_points, figure: fig04}, rule: exact, equals: 1861.3"
    own, verdict = decided(printed, panels("fig04", facts={"samples": 60_000, "epsilon": 0.75}))
    assert own.number == pytest.approx(60_000 * 276 * 7**11 / 16**11) and verdict == HOLDS
    assert own.words == "points expected in a panel"
    both = {"samples": 60_000, "epsilon": 0.75, "variant": "permutation"}
    own, verdict = decided(printed, panels("fig04", facts=both))
    assert (own.number, verdict) == (pytest.approx(2 * 60_000 * 276 * 7**11 / 16**11), NOT)
    assert undecidable(printed, {}) == "fig04 is not published."


@decides("measured_less_expected")
def test_measured_points_less_the_expected_ones():
    equal = f"id: fig04-5b, decide: {{statistic: measured_less_expected, figure: fig04}}, {WITHIN.format(20)}"
    # Means of 1,650 and 1,666 over the bases: 1,658 with a standard error of 8.
    own, verdict = decided(equal, panels("fig04", null_count=[[1600, 1700], [1660, 1672]]))
    assert (own.number, own.low) == pytest.approx((2, 2 - NORMAL * 8)) and verdict == HOLDS
    assert own.words == "points, measured mean 1,658.0 ± 8.0 less expected"
    own, verdict = decided(equal, panels("fig04", null_count=[[1600, 1760], [1690, 1702]]))
    assert (own.number, own.low, verdict) == (pytest.approx(32), pytest.approx(32 - NORMAL * 8), UNDECIDED)
    assert (
        decided(equal.replace("value: 20", "value: 10"), panels("fig04", null_count=[[1600, 1760], [1690, 1702]]))[1]
        == NOT
    )
    assert "standard error" in undecidable(equal, panels("fig04", null_count=[[1600, 1700]]))


@decides("overdispersion")
def test_the_number_of_points_scatters():
    thrice = "id: fig04-5c, decide: {statistic: overdispersion, figure: fig04}, rule: within, between: [2.5, 4.0]"
    # Variances of 20,000 and 24,000: 22,000 with an error of 2,000, that of its root smaller by twice the root.
    own, verdict = decided(thrice, panels("fig04", null_count=spreading(20_000, 24_000)))
    deviation, error = np.sqrt(22_000), 2000 / (2 * np.sqrt(22_000))
    assert (own.number, own.low) == pytest.approx((deviation / POISSON, (deviation - NORMAL * error) / POISSON))
    assert verdict == HOLDS and own.words == "standard deviation of the points over Poisson's"
    assert own.p == pytest.approx(two_sided((deviation - POISSON) / error), rel=1e-6)
    assert decided(thrice, panels("fig04", null_count=spreading(27_000, 31_000)))[1] == UNDECIDED, (
        "4.2, and down to 3.9"
    )
    own, verdict = decided(thrice, panels("fig04", null_count=spreading(1656, 1656)))
    assert (own.number, own.low, own.p, verdict) == (pytest.approx(1), pytest.approx(1), None, NOT)
    assert "standard error" in undecidable(thrice, panels("fig04", null_count=[[1600], [1700]])), (
        "one basis does not vary"
    )


@decides("count_range")
def test_the_most_over_the_fewest_points():
    tenfold = "id: fig05-4b, decide: {statistic: count_range, figure: fig05}, rule: within, between: [10, .inf]"
    own, verdict = decided(tenfold, panels("fig05", count=[30, 300, 3]))
    assert (own.number, own.low, own.p, verdict) == (100, None, None, HOLDS)
    assert own.words == "most over fewest points of a panel"
    assert decided(tenfold, panels("fig05", count=[31, 300]))[1] == NOT
    assert decided(tenfold, panels("fig05", count=[0, 12]))[0].number == 12, "an empty panel counts as one of a point"


@decides("spread_ratio")
def test_the_spread_of_points_over_that_of_another_figure():
    third = "id: fig06-1, decide: {statistic: spread_ratio, figure: fig06, against: fig05}, rule: less, than: 0.333"
    # Variances of 200 -+ 20 and 20,000 -+ 2,000: deviations a tenth of each other, with errors of 5% each.
    other = panels("fig05", null_count=spreading(18_000, 22_000))
    own, verdict = decided(third, panels("fig06", null_count=spreading(180, 220)) | other)
    assert (own.number, own.high) == pytest.approx((0.1, 0.1 + NORMAL * 0.1 * 0.05 * 2**0.5)) and verdict == HOLDS
    assert own.p == pytest.approx(two_sided(0.233 / (0.005 * 2**0.5)), rel=1e-6)
    assert own.words == "standard deviation of the points over that of fig05"
    own, verdict = decided(third, panels("fig06", null_count=spreading(1620, 1980)) | other)  # 0.3, to 0.342
    assert (own.number, own.high, verdict) == (
        pytest.approx(0.3),
        pytest.approx(0.3 + NORMAL * 0.015 * 2**0.5),
        UNDECIDED,
    )
    assert decided(third, panels("fig06", null_count=spreading(18_000, 22_000)) | other)[1] == NOT
    assert "vary" in undecidable(third, panels("fig06", null_count=spreading(0, 0)) | other)


@decides("spread_difference")
def test_the_spread_of_points_less_that_of_another_figure():
    more = "id: fig06-2, decide: {statistic: spread_difference, figure: fig06, against: fig07}, rule: more"
    here = panels("fig06", null_count=spreading(380, 420))  # 400 -+ 20: a deviation of 20 -+ 0.5
    own, verdict = decided(more, here | panels("fig07", null_count=spreading(90, 110)))  # 10 -+ 0.5
    assert (own.number, own.low) == pytest.approx((10, 10 - NORMAL * 0.5**0.5)) and verdict == HOLDS
    assert own.words == "standard deviation of the points less that of fig07"
    own, verdict = decided(more, here | panels("fig07", null_count=spreading(361, 361)))
    assert (own.number, own.low, verdict) == (pytest.approx(1), pytest.approx(1 - NORMAL * 0.5), HOLDS)
    assert own.p == pytest.approx(two_sided(2))
    assert decided(more, here | panels("fig07", null_count=spreading(380, 420)))[1] == UNDECIDED
    assert decided(more, here | panels("fig07", null_count=spreading(480, 500)))[1] == NOT
    assert "standard error" in undecidable(more, here | panels("fig07", null_count=spreading(90)))


@decides("counts_near_expected")
def test_panels_that_hold_about_the_expected_points():
    quarter = "id: fig06-3, decide: {statistic: counts_near_expected, figure: fig06, tolerance: 0.25}, rule: every"
    own, verdict = decided(quarter, panels("fig06", count=[1243, 2069, 1241, 2071]))  # a quarter of 1,656 is 414
    assert (own.number, own.p, own.networks, verdict) == (0.5, None, 0, PART)
    assert own.words == "2 of 4 panels within 25% of the expected points"
    assert decided(quarter, panels("fig06", count=[1243, 2069]))[1] == HOLDS
    assert decided(quarter, panels("fig06", count=[0, 2071, 1656]))[1] == COUNTER


# --- directions


@decides("panels_between_axes")
def test_panels_with_clusters_half_way_between_the_axes():
    half = "id: fig05-2, decide: {statistic: panels_between_axes, figure: fig05}, rule: more, than: 0.5"
    own, verdict = decided(half, panels("fig05", c4=[-0.5] * 6))
    assert (own.number, own.low, own.p) == (
        1,
        pytest.approx(0.025 ** (1 / 6)),
        pytest.approx(1 / 64),
    ) and verdict == HOLDS
    assert own.words == "6 of 6 panels with c4 below 0"
    own, verdict = decided(half, panels("fig05", c4=[-0.5] * 4))
    assert (own.low, own.p, verdict) == (pytest.approx(0.025**0.25), pytest.approx(1 / 16), UNDECIDED)
    own, verdict = decided(
        half, panels("fig05", c4=[-0.5, -0.1, 0.0, np.nan])
    )  # 11 of 16 ways have two or more of four
    assert (own.number, own.p, verdict) == (0.5, pytest.approx(11 / 16), UNDECIDED)
    assert decided(half, panels("fig05", c4=[0.5] * 6))[1] == NOT


@decides("panels_as_sharp")
def test_panels_as_sharp_as_the_least_sharp_trained_network():
    none = "id: fig05-3, decide: {statistic: panels_as_sharp, figure: fig05, than_figure: fig01}, rule: none"
    # Equal numbers in one, two and four bins: 72, 72 x 2 x 50 x 49 / 9900 = 35.64 and 72 x 4 x 25 x 24 / 9900 = 17.45.
    one, two, four = bins({0: 100}), bins({0: 50, 36: 50}), bins(dict.fromkeys((0, 18, 36, 54), 25))
    trained = record("cifar-U-tanh-n18-L0", histogram=[one, two]) | record(
        "cifar-U-isotanh-n18-L0", histogram=[four, four]
    )
    own, verdict = decided(none, trained | panels("fig05", histogram=[four, four, bins({0: 49})]))
    assert (own.yes, own.against, own.undecided, verdict) == (0, 2, 1, HOLDS), "49 points in a bin are no cluster"
    assert (own.networks, own.p) == (2, None)
    assert own.words == "0 of 3 panels as sharp as the least sharp trained network (35.64), 1 undecided"
    own, verdict = decided(none, trained | panels("fig05", histogram=[four, two]))
    assert (own.number, verdict) == (0.5, COUNTER), "a tie is as sharp"
    assert decided(none, trained | panels("fig05", histogram=[two, *[four] * 4]))[1] == PART
    empty = record("cifar-U-tanh-n18-L0", histogram=[bins({}), bins({0: 49})])
    assert "no points" in undecidable(none, empty | panels("fig05", histogram=[four]))
    assert "published" in undecidable(none, panels("fig05", histogram=[four]))


@decides("mean_direction")
def test_the_share_of_the_mean_direction():
    quarters = "id: fig05-4a, decide: {statistic: mean_direction, figure: fig05}, rule: within, between: [0.74, 0.76]"
    own, verdict = decided(quarters, panels("fig05", mean_share=[0.74, 0.76]))
    assert (own.number, own.low) == pytest.approx((0.75, 0.75 - NORMAL * 0.01)) and verdict == PART
    assert decided(quarters, panels("fig05", mean_share=[0.749, 0.751]))[1] == HOLDS
    assert own.words == "share of the mean direction"
    assert decided(quarters, panels("fig05", mean_share=[0.70, 0.74]))[1] == UNDECIDED, "0.72 -+ 0.039"
    assert decided(quarters, panels("fig05", mean_share=[0.70, 0.71]))[1] == NOT, "0.705 -+ 0.010"


@decides("resultant_lengths")
def test_panels_whose_angles_have_a_resultant_within_a_range():
    every = "id: fig05-4c, decide: {statistic: resultant_lengths, figure: fig05, between: [0.65, 0.8]}, rule: every"
    # All along one half-axis: 1. Along a half-axis and its opposite: 0. Half along each of two axes: 1 / sqrt(2).
    # 90 and 10 along opposite ones: exactly 0.8, which is within.
    right, turned = bins({0: 50, 18: 50}), bins({36: 90, 0: 10})
    own, verdict = decided(every, panels("fig05", histogram=[bins({0: 100}), bins({0: 50, 36: 50}), right, turned]))
    assert (own.number, own.networks, verdict) == (0.5, 0, PART)
    assert own.words == "2 of 4 panels within 0.65 to 0.8 (least 0.00, largest 1.00)"
    assert decided(every, panels("fig05", histogram=[right, turned]))[1] == HOLDS
    own, verdict = decided(every, panels("fig05", histogram=[right, bins({}), bins({5: 49})]))
    assert (own.yes, own.against, own.undecided, verdict) == (1, 0, 2, UNDECIDED), (
        "49 points have no angles to speak of"
    )


# --- how the panels were made


@decides("panel_exceptions")
def test_the_stated_numbers_and_panels_of_their_own():
    stated = (
        "id: fig04-1, decide: {statistic: panel_exceptions, figure: fig04, "
        "facts: {samples: 60000, n: 24, epsilon: 0.75}}, rule: exact, equals: 0"
    )
    facts, one, other = {"samples": 60_000, "epsilon": 0.75}, bins({0: 5}), bins({1: 5})
    own, verdict = decided(stated, panels("fig04", facts=facts, histogram=[one, other]))
    assert (own.number, verdict) == (0, HOLDS)
    assert own.words == "stated numbers that differ, and panels that repeat another"
    own, verdict = decided(stated, panels("fig04", facts=facts | {"samples": 50_000}, histogram=[one, other, one, one]))
    assert (own.number, verdict) == (3, NOT)
    own, verdict = decided(stated.replace("n: 24", "n: 18"), panels("fig04", facts=facts, histogram=[one, other]))
    assert (own.number, verdict) == (1, NOT)
    alone = "id: fig05-1, decide: {statistic: panel_exceptions, figure: fig05}, rule: exact, equals: 0"
    assert decided(alone, panels("fig05", facts={"samples": 9}, histogram=[one, other]))[1] == HOLDS
    own, verdict = decided(alone, panels("fig05", histogram=[one, bins({}), bins({})]))
    assert (own.number, verdict) == (0, HOLDS), "panels without points are not told apart"
    assert undecidable(alone, {}) == "fig05 is not published."
