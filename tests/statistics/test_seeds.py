"""What several networks say together: combinations, intervals, pairs, adjustments, and whether p values are uniform."""

from fractions import Fraction
from itertools import product
from math import comb, exp, factorial, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from isoaux import statistics
from isoaux.statistics import calibration, seeds

p_lists = st.lists(st.floats(1e-6, 1), min_size=1, max_size=8)
examples = settings(max_examples=40)


@examples
@given(p_lists)
def test_fisher_is_the_chance_of_a_smaller_product(p_values):
    """P(U_1 ... U_S <= x) = x sum_k (-log x)^k / k!, in closed form."""
    x = -sum(log(p) for p in p_values)
    expected = exp(-x) * sum(x**k / factorial(k) for k in range(len(p_values)))
    assert statistics.fisher(p_values) == pytest.approx(expected, rel=1e-9)


def test_one_network_is_enough_for_fisher():
    p_values = [1e-9, 0.5, 0.5, 0.5, 0.5]
    assert statistics.fisher(p_values) < 1e-6 and statistics.count_of_seeds(p_values).count == 1
    assert statistics.fisher([0.0, 1.0]) == 0


@examples
@given(p_lists, st.sampled_from([0.01, 0.05, 0.3]))
def test_the_count_and_its_chance(p_values, level):
    counted = statistics.count_of_seeds(p_values, level)
    networks, share = len(p_values), Fraction(str(level))
    assert (counted.count, counted.seeds, counted.level) == (sum(p <= level for p in p_values), networks, level)
    ways = ((comb(networks, k), k) for k in range(counted.count, networks + 1))
    assert counted.p == pytest.approx(float(sum(c * share**k * (1 - share) ** (networks - k) for c, k in ways)))


CRITICAL = {2: 12.7062, 3: 4.3027, 4: 3.1824, 5: 2.7764}
"""Two-sided 5% points of Student's t, for this many values: from a printed table."""


@pytest.mark.parametrize("count", CRITICAL)
def test_the_interval_is_students(count):
    values = np.random.default_rng(count).normal(1, 0.3, count)
    mean = sum(values) / count
    error = (sum((v - mean) ** 2 for v in values) / (count - 1) / count) ** 0.5
    interval = statistics.interval(values)
    assert interval.mean == pytest.approx(mean) and interval.count == count
    assert (interval.low, interval.high) == pytest.approx(
        (mean - CRITICAL[count] * error, mean + CRITICAL[count] * error), rel=1e-4
    )


def test_the_sign_of_an_interval():
    assert [statistics.interval(v).sign for v in ([1, 1.1, 1.2], [-1, -1.1, -1.2], [-1, 1, 0.5], [3])] == [
        1,
        -1,
        0,
        0,
    ]
    single = statistics.interval([3.0])
    assert (single.low, single.mean, single.high, single.count) == (-np.inf, 3, np.inf, 1)


def test_the_interval_covers_as_often_as_it_says():
    draws = np.random.default_rng(0).normal(size=(4000, 5))
    share = np.mean([(i.low < 0 < i.high) for i in map(statistics.interval, draws)])
    assert share == pytest.approx(0.95, abs=0.012)


@pytest.mark.parametrize("values", [[], [1, np.nan], [[1, 2], [3, 4]]])
def test_no_interval_without_numbers(values, refused):
    refused(["values"], statistics.interval, values)


def test_a_level_outside_0_and_1_is_refused(refused):
    refused(["level is 1"], statistics.interval, [1, 2], 1)


@examples
@given(st.lists(st.floats(-5, 5).map(lambda x: round(x, 3)), min_size=2, max_size=7))
def test_changes_of_sign_are_all_tried(values):
    pairs = statistics.paired(values)
    means = [
        abs(sum(s * v for s, v in zip(signs, values, strict=True))) for signs in product([1, -1], repeat=len(values))
    ]
    assert pairs.p_flips == pytest.approx(np.mean([m >= means[0] - 1e-9 for m in means]))


def test_students_paired_test_agrees_with_its_interval():
    rng = np.random.default_rng(0)
    for _ in range(40):
        first, second = rng.normal(0.6, 1, 5), rng.normal(0, 1, 5)
        pairs = statistics.paired(first, second, level=0.9)
        assert (pairs.p < 0.1) == (pairs.difference.sign != 0)
        assert pairs.difference.mean == pytest.approx((first - second).mean())


def test_pairs_see_what_is_lost_in_the_seeds_own_luck():
    luck = np.array([0.0, 10, -7, 3, 22])
    pairs = statistics.paired(luck + [1, 1.1, 0.9, 1.05, 0.95], luck)
    assert pairs.p < 1e-4 and pairs.p_flips == 2 / 32
    assert statistics.paired(luck + 1, luck).p == 2 / 32, "no scale: only the signs speak"
    assert statistics.paired(luck, luck).p == 1
    assert statistics.paired(luck, 4.0).difference.mean == pytest.approx(luck.mean() - 4)


def test_many_pairs_are_tried_at_random():
    values = np.random.default_rng(0).normal(0.4, 1, 30)
    pairs = statistics.paired(values)
    assert pairs.p_flips == pytest.approx(pairs.p, abs=0.02)
    assert pairs == statistics.paired(values) and pairs.p_flips >= 1 / (1 + seeds.FLIPS)


@examples
@given(p_lists)
def test_holm_is_the_rule_of_stepping_down(p_values):
    adjusted = statistics.adjust(p_values)
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    least = 0.0
    for rank, i in enumerate(order):
        least = min(1, max(least, (len(order) - rank) * p_values[i]))
        assert adjusted[i] == pytest.approx(least)


def test_the_false_discovery_rate_as_in_a_worked_example():
    """Benjamini and Hochberg (1995), section 3.2: fifteen p values, four of them discoveries at 0.05, three by Holm."""
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1,
    ]
    assert [int((statistics.adjust(p, m) <= 0.05).sum()) for m in ("holm", "bh")] == [3, 4]
    assert (statistics.adjust(p, "by") >= statistics.adjust(p, "bh")).all()


def test_the_steps_of_p_are_those_of_the_test():
    for draws in (1, 4, 9, 10):
        null = np.arange(draws) + 0.5
        steps = [statistics.test_from_null(rank, null).p for rank in range(draws + 1)]
        assert calibration.of_rank(np.arange(draws + 1), draws) == pytest.approx(steps)
        assert calibration.due([0.0, 0.3, 1.0], draws) == pytest.approx(
            [np.mean(np.array(steps) <= x) for x in (0, 0.3, 1)]
        )


def test_uniform_p_values_pass_as_often_as_they_should():
    rng = np.random.default_rng(4)
    p_values = []
    for seed in range(60):
        draws = np.where(np.arange(40) < 25, 9, 99)
        p_values.append(statistics.uniformity(calibration.of_rank(rng.integers(0, draws + 1), draws), draws, seed).p)
    assert 0.01 < np.mean(np.array(p_values) <= 0.1) < 0.2


def test_p_values_that_are_too_small_too_large_or_in_the_middle_are_found():
    rng = np.random.default_rng(5)
    u = np.ceil(50 * rng.random(300)) / 50
    assert statistics.uniformity(u, 99).p > 0.05
    for wrong in (np.ceil(50 * u**1.5) / 50, np.ceil(50 * u**0.6) / 50, np.ceil(50 * (0.25 + u / 2)) / 50):
        assert statistics.uniformity(wrong, 99).p < 0.001


def test_the_distance_is_kolmogorovs():
    uniformity = statistics.uniformity([0.02, 0.02, 1.0], 99)
    assert uniformity.distance == pytest.approx(2 / 3 - 0.02) and uniformity.count == 3


def test_the_band_holds_the_whole_curve_as_often_as_it_says():
    rng = np.random.default_rng(6)
    u = np.sort(rng.random((4000, 30)), axis=1)
    k = np.arange(1, 31) / 30
    gap = np.maximum(np.abs(u - k), np.abs(u - k + 1 / 30)).max(1)
    assert np.mean(gap <= statistics.band(30, 0.9)) == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize("function", [statistics.fisher, statistics.count_of_seeds, statistics.adjust])
@pytest.mark.parametrize("p_values", [[], [0.5, 1.5], [-0.1], [np.nan], [[0.1, 0.2]]])
def test_what_is_no_list_of_p_values_is_refused(function, p_values, refused):
    refused(["p_values"], function, p_values)


def test_other_bad_arguments_are_refused(refused):
    refused(["method is 'holms'", "did you mean 'holm'"], statistics.adjust, [0.1], "holms")
    refused(["level is 0"], statistics.count_of_seeds, [0.1], 0)
    refused(["first has 1 number", "at least two"], statistics.paired, [1.0], [2.0])
    refused(["second has 2 numbers", "as many as first, 3"], statistics.paired, [1.0, 2, 3], [2.0, 1])
    refused(["second holds inf"], statistics.paired, [1.0, 2], [2.0, np.inf])
    refused(["p_values"], statistics.uniformity, [0.0], 9)
    refused(["draws is 0"], statistics.uniformity, [0.5], 0)
    refused(["draws is 1.5"], statistics.uniformity, [0.5], 1.5)
    refused(["draws has 2 numbers", "as many as p_values, 1"], statistics.uniformity, [0.5], [3, 4])
    refused(["draws is 1e+12"], statistics.uniformity, [0.5], 10**12)
    refused(["seed is -1"], statistics.uniformity, [0.5], 9, seed=-1)
    refused(["seed is 'x'"], statistics.paired, [1.0, 2], seed="x")
    refused(["seed is 1.5"], statistics.rising_p, [1.0, 2], seed=1.5)
    refused(["level is '0.5'"], statistics.interval, [1.0], "0.5")
    refused(["level is 2"], calibration.band, 5, 2)
    refused(["count is 0"], calibration.band, 0)


TAKES_NUMBERS = {
    "fisher": statistics.fisher,
    "adjust": statistics.adjust,
    "interval": statistics.interval,
    "count_of_seeds": statistics.count_of_seeds,
    "rising_p": statistics.rising_p,
    "first": statistics.paired,
    "second": lambda values: statistics.paired([0.1, 0.2], values),
    "p_values": lambda values: statistics.uniformity(values, 9),
    "draws": lambda values: statistics.uniformity([0.2, 0.4], values),
}


@pytest.mark.parametrize("name", TAKES_NUMBERS)
def test_what_holds_no_list_of_numbers_is_refused(name, refused):
    """Hidden numbers too: they are not to be read."""
    refused(["has a mask that hides 1 of 2"], TAKES_NUMBERS[name], np.ma.array([1, 1], mask=[0, 1]))
    for values in (None, {"p": 1}, {1}, (p for p in [1]), [1j], ["x"], ["0.1"], [[1, 1]]):
        refused(["accepted: "], TAKES_NUMBERS[name], values)


@pytest.mark.parametrize("name", TAKES_NUMBERS)
def test_tensors_are_read_as_arrays_are(name):
    torch = pytest.importorskip("torch")
    for dtype in (torch.float64, torch.bfloat16):
        tensor = torch.tensor([1.0, 1.0], dtype=dtype, requires_grad=True)
        assert np.array_equal(TAKES_NUMBERS[name](tensor), TAKES_NUMBERS[name](np.ones(2)))


# --- one network's course


def test_a_rise_is_judged_by_all_signs_of_its_steps():
    """p of Kendall's tau among the 2^6 courses of the same steps, transcribed."""
    course = np.random.default_rng(0).standard_normal(7).cumsum() + np.arange(7) / 2
    steps = np.diff(course)
    taus = [
        stats.kendalltau(range(7), np.cumsum([0, *(np.array(signs) * steps)])).statistic
        for signs in product([1, -1], repeat=6)
    ]
    assert statistics.rising_p(course) == np.mean([tau >= taus[0] - 1e-9 for tau in taus])
    assert statistics.rising_p(np.arange(8.0)) == 2**-7 and statistics.rising_p(-np.arange(8.0)) == 1
    assert statistics.rising_p(np.arange(20.0)) == 1 / (1 + seeds.FLIPS)


WITHOUT_DIRECTION = {
    "walk": lambda rng: rng.standard_normal(12).cumsum(),
    "heavy steps": lambda rng: rng.standard_t(2, 12).cumsum(),
    "smaller and smaller steps": lambda rng: (rng.standard_normal(12) * 0.7 ** np.arange(12)).cumsum(),
    "noise": lambda rng: rng.standard_normal(12),
    "few values": lambda rng: rng.integers(-1, 2, 12).cumsum(),
}


@pytest.mark.parametrize("kind", WITHOUT_DIRECTION)
def test_a_course_without_direction_seldom_rises(kind):
    """Of 400, no more than chance allows at 0.05; Kendall's own p, one-sided, has 170 of the walks."""
    rng = np.random.default_rng(3)
    courses = [WITHOUT_DIRECTION[kind](rng) for _ in range(400)]
    rises = sum(statistics.rising_p(course) <= 0.05 for course in courses)
    assert stats.binom.sf(rises - 1, 400, 0.05) > 0.001, f"{rises} of 400"
    if kind == "walk":
        assert stats.binom.cdf(rises, 400, 0.05) > 0.001, f"{rises} of 400"
        kendall = [stats.kendalltau(range(12), course, alternative="greater").pvalue <= 0.05 for course in courses]
        assert sum(kendall) > 100


def test_a_steady_rise_is_found():
    rng = np.random.default_rng(4)
    drifts = [statistics.rising_p((rng.standard_normal(12) + 1).cumsum()) for _ in range(40)]
    assert np.mean(np.array(drifts) <= 0.05) > 0.7


def test_courses_that_say_nothing_have_a_p_of_one(refused):
    assert [statistics.rising_p(course) for course in ([], [3.0], [2.0, 2.0, 2.0])] == [1, 1, 1]
    refused(["course holds nan"], statistics.rising_p, [1.0, np.nan, 2.0])


@pytest.mark.parametrize("unit", [2.0**900, 2.0**-900])
def test_neither_units_nor_the_callers_error_settings_change_a_statement(unit):
    values = np.random.default_rng(0).normal(0.5, 1, 6)
    here = statistics.paired(values)
    with np.errstate(all="raise"):
        there, rises = statistics.paired(values * unit), statistics.rising_p(values * unit)
        statistics.fisher([1e-300] * 40)
        statistics.adjust([1e-320, 0.5], "by")
    assert (there.p, there.p_flips, rises) == (here.p, here.p_flips, statistics.rising_p(values))
    for name in ("mean", "low", "high"):
        assert getattr(there.difference, name) == getattr(here.difference, name) * unit


@examples
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=8))
def test_the_onset_is_the_first_epoch_from_which_on_all_are_outside_on_the_last_side(checkpoints):
    outside, above = np.array(checkpoints).T
    epochs = 10 * np.arange(len(checkpoints)) + 3
    first = [k for k in range(len(epochs)) if all(o and a == above[-1] for o, a in checkpoints[k:])]
    expected = epochs[first[0]] if first else np.nan
    np.testing.assert_array_equal(seeds.onset(outside[None], above[None], epochs), [expected])
