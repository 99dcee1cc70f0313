"""Hartigan's dip against its definition, a linear programme for every mode, and samples with known dips."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import kstest

from isoaux.srm import hartigan


def nearest(values: np.ndarray) -> float:
    """The least distance to a law with one mode, of all modes; those between two values need not be tried."""
    x, counts = np.unique(values, return_counts=True)
    upper = np.cumsum(counts) / len(values)
    lower = np.append(0, upper[:-1])
    return min(to_mode(x, lower, upper, mode) for mode in range(len(x)))


def to_mode(x: np.ndarray, lower: np.ndarray, upper: np.ndarray, mode: int) -> float:
    """The least distance to a law with the mode x[mode], by a linear programme.

    Its unknowns are the law below each number and up to it, the same but at the mode, where a jump is allowed, and the
    distance. All conditions are sums of unknowns that are at most a bound.
    """
    m = len(x)
    law = np.eye(2 * m + 1)
    below, up_to, distance = law[:m], law[m : 2 * m], law[-1]
    jumps = np.arange(m) != mode
    same = (up_to - below)[jumps]
    widths = np.diff(x)[:, None]
    rise = (below[1:] - up_to[:-1]) / widths
    bent = np.concatenate([rise[:mode][:-1] - rise[:mode][1:], rise[mode:][1:] - rise[mode:][:-1]])
    rows = [below - distance, -below - distance, up_to - distance, -up_to - distance, below - up_to, -rise, bent]
    bounds = [lower, -lower, upper, -upper, 0 * lower, 0 * widths[:, 0], np.zeros(len(bent))]
    result = linprog(distance, np.concatenate(rows), np.concatenate(bounds), same, np.zeros(len(same)), bounds=(0, 1))
    assert result.status == 0
    return float(result.fun)


@settings(max_examples=20)
@given(
    values=st.one_of(
        st.lists(st.integers(0, 12), min_size=2, max_size=9),  # with ties
        st.lists(st.integers(0, 1000), min_size=2, max_size=9, unique=True),
    )
)
def test_the_dip_is_the_distance_to_the_nearest_law_with_one_mode(values: list[int]):
    assert hartigan.dip(values) == pytest.approx(max(nearest(np.array(values, float)), 1 / (2 * len(values))), abs=1e-9)


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(2, 96))
def test_the_dip_lies_in_its_range_and_has_neither_unit_nor_sign(seed: int, size: int):
    values = np.random.default_rng(seed).standard_normal(size)
    measured = hartigan.dip(values)
    assert 1 / (2 * size) - 1e-12 <= measured <= 1 / 4 + 1e-12
    assert hartigan.dip(3 - 2 * values) == pytest.approx(measured)
    assert hartigan.dip(np.repeat(values, 3)) <= 0.5 - 1 / 6 and hartigan.dip(np.arange(size)) == pytest.approx(
        1 / (2 * size)
    )


def test_samples_with_known_dips():
    """Two equal atoms are as far from one mode as can be; one atom is one mode, wherever the rest is spread evenly."""
    assert hartigan.dip([0, 1]) == hartigan.dip([0, 0, 1, 1]) == hartigan.dip([0] * 40 + [1] * 40) == 1 / 4
    assert hartigan.dip([5.0]) == 1 / 2 and hartigan.dip([3, 3, 3]) == pytest.approx(1 / 6)
    assert hartigan.dip([0] * 15 + [1, 2, 3, 4, 5]) == pytest.approx(1 / 40)
    assert hartigan.dip([0, 1, 1000, 1001]) == pytest.approx((1 / 2 - 1 / 1000) / 2, rel=0.01)


def test_p_of_the_dip_is_uniform_for_uniform_values_and_small_for_two_heights():
    rng = np.random.default_rng(4)
    p = [hartigan.dip_test(values, 199).p for values in rng.random((300, 12))]
    assert kstest(p, "uniform").pvalue > 0.01
    heights = np.concatenate([rng.normal(0.1, 0.02, 10), rng.normal(0.7, 0.02, 10)])
    result = hartigan.dip_test(heights, 999, seed=1)
    assert result.p == 1 / 1000 and result.null.shape == (999,) and result.value > result.null.max()
    assert hartigan.dip_test([0.2] * 12, 199).p == 1


def test_samples_that_have_no_dip_are_refused(refused):
    refused(["values", "at least one"], hartigan.dip, [])
    refused(["values", "nan"], hartigan.dip_test, [0.1, np.nan])
    refused(["draws", "0"], hartigan.dip_test, [0.1, 0.2], 0)
