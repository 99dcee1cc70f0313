"""What is done to activations before a test: closed forms, and that it turns with a rotation of the activations."""

import numpy as np
import pytest
from scipy import linalg, stats

from isoaux import bases, ppp
from isoaux.statistics import preparation as preparation_module
from isoaux.statistics.preparation import PREPARATIONS, prepare, threshold


def skewed(seed, count=400, n=6):
    """One-sided, correlated, with unequal scales."""
    rng = np.random.default_rng(seed)
    return np.maximum(rng.standard_normal((count, n)) @ rng.standard_normal((n, n)) + 0.3, 0) * rng.uniform(0.1, 3, n)


@pytest.mark.parametrize("preparation", PREPARATIONS)
@pytest.mark.parametrize("count", [400, 5])
def test_it_turns_with_the_activations(preparation, count):
    """Also for fewer samples than neurons, where the covariance has no inverse."""
    cloud, turn = skewed(1, count), bases.random_orthogonal(6, 2)
    here, there = (prepare(rows, turn, preparation).rows for rows in (cloud, cloud @ turn.T))
    np.testing.assert_allclose(there, here @ turn.T, atol=1e-8)


def test_what_is_taken_away():
    cloud = skewed(3)
    mean, covariance = cloud.mean(0), np.cov(cloud.T, bias=True)
    np.testing.assert_array_equal(prepare(cloud).rows, cloud)
    np.testing.assert_allclose(prepare(cloud, preparation="centred").rows, cloud - mean, atol=1e-12)
    white = prepare(cloud, preparation="whitened").rows
    np.testing.assert_allclose(np.cov(white.T, bias=True), np.eye(6), atol=1e-9)
    np.testing.assert_allclose(white, (cloud - mean) @ np.linalg.inv(linalg.sqrtm(covariance).real), atol=1e-8)


def test_standardising_every_neuron_would_not_turn_with_them():
    """Why it is not among the preparations."""
    cloud, turn = skewed(4), bases.random_orthogonal(6, 5)
    here, there = ((rows - rows.mean(0)) / rows.std(0) for rows in (cloud, cloud @ turn.T))
    assert not np.allclose(there, here @ turn.T, atol=0.1)


def test_the_facts_are_those_of_all_samples():
    cloud = skewed(6, 5000, 4)
    cloud = np.insert(cloud, 2, 7.0, axis=1)
    ready = prepare(cloud, samples=100)
    others = np.delete(cloud, 2, axis=1)
    spread = others.std(0)
    assert ready.given == (5000, 5) and ready.rows.shape == (100, 4) and ready.constant.tolist() == [2]
    assert ready.mean_share == pytest.approx((others.mean(0) ** 2).sum() / (others**2).sum(1).mean())
    assert ready.scales == pytest.approx((spread.max() / np.median(spread), spread.min() / np.median(spread)))
    assert ready.negative == 0 and ready.rank == 4
    assert {tuple(row) for row in ready.rows} <= {tuple(row) for row in others}


def test_the_shares_and_tails_of_neurons_are_those_before_anything_is_taken_away(monkeypatch):
    cloud = np.insert(skewed(6, 900, 4), 1, 7.0, axis=1)
    others = np.delete(cloud, 1, axis=1)
    for preparation in PREPARATIONS:
        ready = prepare(cloud, preparation=preparation)
        assert ready.neurons.tolist() == [0, 2, 3, 4]
        np.testing.assert_allclose(ready.lengths, (others**2).mean(0) / (others**2).sum(1).mean())
        np.testing.assert_allclose(ready.variances, others.var(0) / others.var(0).sum())
        np.testing.assert_allclose(ready.kurtosis, stats.kurtosis(others, fisher=False))
    monkeypatch.setattr(preparation_module, "QUICK", 100)
    assert prepare(cloud).rank is None and prepare(cloud, preparation="whitened").rank == 4
    assert prepare(cloud).scales == pytest.approx(ready.scales)


def test_samples_are_drawn_once_each_and_by_the_seed():
    cloud = np.arange(2000.0).reshape(1000, 2)
    some = [prepare(cloud, samples=300, seed=seed).rows[:, 0] for seed in (0, 0, 1)]
    assert len(set(some[0])) == 300 and np.array_equal(some[0], some[1]) and not np.array_equal(some[0], some[2])
    assert len(prepare(cloud, samples=5000).rows) == 1000


def test_copies_and_zeros_are_counted():
    cloud = np.random.default_rng(0).standard_normal((10, 3))
    ready = prepare(np.vstack([cloud, cloud[:4], np.zeros((3, 3))]))
    assert ready.zeros == 3 and ready.copies == 4 + 2


@pytest.mark.parametrize("preparation", PREPARATIONS)
@pytest.mark.parametrize("unit", [2.0**500, 2.0**-700, 2.0**1010, 2.0**-1030])
def test_no_unit_changes_what_is_found(preparation, unit):
    cloud = skewed(9)
    cloud[:, 4] = 1
    here, there = prepare(cloud, preparation=preparation), prepare(cloud * unit, preparation=preparation)
    shift = 0 if preparation == "whitened" else here.rows.max() / there.rows.max()
    np.testing.assert_allclose(there.rows * (shift or 1), here.rows, rtol=1e-7, atol=1e-12)
    for name in ("constant", "copies", "zeros", "rank", "given", "standard"):
        assert np.array_equal(getattr(here, name), getattr(there, name)), name
    for name in ("mean_share", "negative", "scales"):
        assert getattr(here, name) == pytest.approx(getattr(there, name)), name
    assert here.exponent == 0 and there.exponent == round(np.log2(unit)) + int(np.frexp(cloud.max())[1])


def test_single_precision_and_small_neurons_beside_a_large_constant_one():
    cloud = skewed(10).astype(np.float32)
    ready = prepare(cloud * np.float32(2.0**100))
    assert ready.rows.dtype == np.float64 and ready.exponent > 0 and ready.rank == prepare(cloud).rank
    beside = prepare(np.column_stack([skewed(10) * 1e-200, np.ones(400)]))
    assert beside.rank == 6 and beside.mean_share == pytest.approx(prepare(skewed(10)).mean_share)


@pytest.mark.parametrize(("dtype", "large", "small"), [(np.float32, 1e10, 1e-36), (np.float64, 1e200, 1e-200)])
def test_rows_of_very_different_sizes_keep_their_directions(dtype, large, small):
    cloud = skewed(12).astype(dtype) + dtype(0.1)
    sizes = np.where(np.arange(400) < 200, large, small).astype(dtype)[:, None]
    ready = prepare(cloud * sizes)
    np.testing.assert_array_equal(np.ldexp(ready.rows, ready.exponent), cloud * sizes)
    assert ready.zeros == 0 and ready.rows.all()


def test_the_callers_error_settings_do_not_matter():
    cloud = skewed(11).astype(np.float32) * np.float32(1e-19)
    with np.errstate(all="raise"):
        prepared = [prepare(cloud, preparation=name).rows for name in PREPARATIONS]
    assert all(np.isfinite(rows).all() for rows in prepared)


def test_a_basis_of_ones_own_keeps_constant_neurons():
    cloud = np.column_stack([skewed(7, 50, 3), np.full(50, 2.0)])
    basis = bases.random_orthogonal(4, 0)
    ready = prepare(cloud, basis)
    assert ready.rows.shape == (50, 4) and not ready.standard and not len(ready.constant)
    assert prepare(cloud, np.eye(4)).rows.shape == (50, 3)


def test_the_dtype_is_kept():
    cloud = skewed(8).astype(np.float32)
    assert {prepare(cloud, preparation=name).rows.dtype for name in PREPARATIONS} == {np.dtype(np.float32)}


@pytest.mark.parametrize(("samples", "width"), [(1797, 32), (2048, 512), (50_000, 18), (40, 4), (10**6, 2)])
def test_the_threshold_leaves_a_thousand_isotropic_points(samples, width):
    planes = width * (width - 1) // 2
    epsilon = threshold(samples, width, planes)
    expected = ppp.expected_isotropic_count(samples, width, planes, epsilon)
    assert 0 <= epsilon <= 0.75 and expected >= min(1000, samples * planes / 4) * (1 - 1e-9)
    assert epsilon == 0.75 or ppp.expected_isotropic_count(samples, width, planes, epsilon + 0.0101) < 1000


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        (np.ones((1, 4)), {}, ["activations has 1 sample", "at least two"]),
        (np.arange(4.0)[:, None], {}, ["activations has 1 neuron", "at least two"]),
        (np.ones((5, 4)), {}, ["same vector for every sample"]),
        (np.array([[1.0, 2.0], [1.0, 3.0]]), {}, ["one neuron that changes"]),
        (np.ones((2, 3, 4)), {}, ["activations has shape (2, 3, 4)"]),
        (np.array([[1.0, np.nan], [0.0, 1.0]]), {}, ["activations holds nan at row 0, column 1"]),
        (np.array([["a", "b"], ["c", "d"]]), {}, ["activations has dtype"]),
        (np.eye(4), {"preparation": "whiten"}, ["prepare is 'whiten'", "did you mean 'whitened'"]),
        (np.eye(4), {"samples": 0}, ["samples is 0"]),
        (np.eye(4), {"samples": 1}, ["samples is 1", "at least two"]),
        (np.eye(4), {"seed": -1}, ["seed is -1"]),
        (np.eye(4), {"seed": "1"}, ["seed is '1'"]),
        (np.eye(4), {"seed": 1.5, "samples": 2}, ["seed is 1.5"]),
        (np.eye(900, 4), {"samples": 5}, ["900 samples, of which 5 were drawn that are all equal", "samples=900"]),
        (np.eye(4), {"basis": np.eye(3)}, ["basis has width 3"]),
        (np.eye(4), {"basis": 2 * np.eye(4)}, ["basis has row 0 of length 2"]),
    ],
)
def test_what_cannot_be_prepared_is_refused(rows, options, words, refused):
    refused(words, prepare, rows, **options)
