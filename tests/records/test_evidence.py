"""Evidence: means, shares and estimates with their intervals, which never leave what is possible."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, ttest_1samp

from isoaux.records.evidence import COSINE, COSINES, SHARE, Evidence, NotPublished, effect, estimate, share
from isoaux.statistics.seeds import per_seed


def test_an_effect_is_students_mean_over_the_seeds():
    values = np.array([0.2, 0.5, 0.4, 0.9])
    own = effect(values, 0.1, "", 4)
    expected = ttest_1samp(values, 0.1)
    ends = ttest_1samp(values, 0).confidence_interval(0.95)
    assert np.allclose([own.number, own.low, own.high, own.p], [0.5, ends.low, ends.high, expected.pvalue])
    ratio = effect(values, np.exp(0.1), "", 4, ratio=True)
    assert np.allclose(np.log([ratio.number, ratio.low, ratio.high]), [0.5, ends.low, ends.high])
    assert ratio.p == pytest.approx(expected.pvalue)
    alone = effect([0.3], 0, "", 1)
    assert (alone.number, alone.low, alone.high, alone.p) == (0.3, -np.inf, np.inf, None)


@pytest.mark.parametrize(("bounds", "spread"), [(COSINE, 1.0), (COSINES, 2.0), (SHARE, 0.5)])
def test_an_interval_of_three_seeds_ends_where_nothing_is_possible(bounds, spread):
    middle = sum(bounds) / 2
    values = middle + spread * np.array([-0.9, 0.1, 0.8])
    free, bounded = effect(values, middle, "", 3), effect(values, middle, "", 3, bounds=bounds)
    assert free.low < bounds[0] and free.high > bounds[1], "as Student's interval of three values is"
    assert (bounded.low, bounded.high) == bounds and (bounded.number, bounded.p) == (free.number, free.p)
    narrow = middle + 0.01 * spread * np.array([-0.9, 0.1, 0.8])
    assert effect(narrow, middle, "", 3, bounds=bounds) == effect(narrow, middle, "", 3)
    assert effect([middle], middle, "", 1, bounds=bounds).low == -np.inf, "one seed has no interval"


def test_a_ratio_stays_above_zero_and_its_bounds_are_of_the_ratio():
    logarithms = [-3.0, 0.0, 3.0]
    assert 0 < effect(logarithms, 1, "", 3, ratio=True).low < 0.01
    assert effect(logarithms, 1, "", 3, ratio=True, bounds=(0.5, 8)).high == 8


def test_a_number_that_is_not_possible_is_refused(refused):
    refused(["bounds is (-1.0, 1.0)", "1.5"], effect, [1.4, 1.6], 0, "", 2, bounds=COSINE)
    refused(["bounds is (0.0, 1.0)", "-0.5"], estimate, -0.5, 0.1, "", bounds=SHARE)
    assert effect([1 + 5e-7, 1], 0, "", 2, bounds=COSINE).number > 1, "rounded in float32"


def test_an_estimate_ends_where_nothing_is_possible():
    own = estimate(0.9, 0.1, "", bounds=SHARE)
    assert own.low == pytest.approx(0.9 - 0.1959964) and own.high == 1


def test_seeds_are_the_replicates():
    assert per_seed([{0: 1.0, 1: 2.0, 2: 9.0}, {0: 3.0, 1: 4.0}]).tolist() == [2, 3]
    assert per_seed([{0: 1.0, 1: np.nan}]).tolist() == [1]


@given(st.integers(1, 30), st.integers(0, 30), st.integers(0, 30))
def test_a_share_says_what_it_counts(of, yes, undecided):
    yes, undecided = min(yes, of), min(undecided, of - min(yes, of))
    own = share(yes, of, "pairs of them", 2 * of, undecided=undecided)
    assert own.share and own.of == of and own.yes + own.against + own.undecided == of and own.unit == "pairs"
    assert own.number == yes / of and own.reach == pytest.approx((yes + undecided) / of)
    assert own.low == pytest.approx(beta.ppf(0.025, yes, of - yes + 1) if yes else 0), "Clopper and Pearson's"
    assert own.high == pytest.approx(beta.ppf(0.975, yes + 1, of - yes) if yes < of else 1)
    assert own.words == f"{yes} of {of} pairs of them" + (f", {undecided} undecided" if undecided else "")


def test_what_is_no_share_counts_nothing():
    assert (Evidence(1.0).share, Evidence(1.0).of, Evidence(1.0).reach) == (False, None, None)
    with pytest.raises(NotPublished, match="Nothing of what is counted"):
        share(0, 0, "networks", 0)


def test_sums_of_numpys_truth_values_become_whole_numbers_that_json_knows():
    counted = share(np.sum([True, False]), np.int64(2), "networks do it", 2, undecided=np.int64(1))
    assert (counted.yes, counted.against, counted.undecided) == (1, 0, 1)
    assert {type(value) for value in (counted.yes, counted.against, counted.undecided)} == {int}
