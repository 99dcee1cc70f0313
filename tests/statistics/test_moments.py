"""Moments of directions and of neurons: closed forms, invariance, and exactness as tests of a basis."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from isoaux import bases, statistics
from isoaux.statistics import MOMENTS, preparation
from isoaux.statistics.tally import Meter

seeds = st.integers(0, 2**32 - 1)


def measured(cloud, basis=None, names=MOMENTS):
    basis = np.eye(cloud.shape[1]) if basis is None else basis
    values = Meter(cloud, basis, 0.75, "combination", names)(basis[None])
    return {name: float(value[0]) for name, value in values.items()}


def of_a_kind(kind, count, n, seed=0):
    """Directions (count, n) on axes, half way between two of them or between all, with lengths of their own."""
    rng = np.random.default_rng(seed)
    cloud = np.zeros((count, n))
    axes = {"axes": 1, "two": 2, "all": n}[kind]
    for row in cloud:
        row[rng.permutation(n)[:axes]] = rng.choice([-1, 1], axes)
    return cloud * rng.uniform(0.1, 9, (count, 1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("kind", "axes"), [("axes", 1), ("two", 2), ("all", 12)])
def test_sparse_directions_have_the_powers_of_their_number_of_axes(kind, axes, dtype):
    """k equal coordinates of size k^(-1/2): sum u^4 = 1/k and sum u^6 = 1/k^2."""
    values = measured(of_a_kind(kind, 50, 12).astype(dtype))
    assert values["quartimax"] == pytest.approx(1 / axes, rel=1e-5)
    assert values["sixth"] == pytest.approx(1 / axes**2, rel=1e-5)


@pytest.mark.parametrize("n", [2, 3, 18])
def test_isotropic_directions_have_their_expectations(n):
    """E u_i^4 = 3 / n(n + 2), E u_i^6 = 15 / n(n + 2)(n + 4); kurtosis of n normal numbers, 3 (n - 1) / (n + 1)."""
    cloud = np.random.default_rng(n).standard_normal((40_000, n))
    unit = cloud / np.linalg.norm(cloud, axis=1, keepdims=True)
    values = measured(cloud)
    across = stats.kurtosis(cloud, axis=1, fisher=False)
    each = {
        "quartimax": ((unit**4).sum(1), 3 / (n + 2)),
        "sixth": ((unit**6).sum(1), 15 / ((n + 2) * (n + 4))),
        "kurtosis": (across, 3 * (n - 1) / (n + 1)),
    }
    for name, (of_samples, expected) in each.items():
        assert values[name] == pytest.approx(expected, abs=5 * of_samples.std() / 200 + 1e-12), name
    assert values["neuron_kurtosis"] == pytest.approx(3, abs=5 * np.sqrt(24 / 40_000 / n))


@pytest.mark.parametrize("basis", [None, bases.simplex(6), np.eye(6)[:3], bases.random_orthogonal(6, 1)[:4]])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_kurtosis_is_that_of_scipy(basis, dtype):
    cloud = (np.random.default_rng(1).standard_t(5, (300, 6)) + [2, 0, 0, 0, 0, 0]).astype(dtype)
    coordinates = cloud.astype(float) if basis is None else cloud @ basis.T
    values = measured(cloud, basis)
    across = stats.kurtosis(coordinates, axis=1, fisher=False)
    neurons = stats.kurtosis(coordinates, axis=0, fisher=False)
    expected = (across.mean(), across.max(), neurons.mean(), neurons.max())
    names = ("kurtosis", "kurtosis_largest", "neuron_kurtosis", "neuron_kurtosis_largest")
    assert [values[name] for name in names] == pytest.approx(expected, rel=1e-4)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_signed_permutations_of_neurons_and_the_scale_change_nothing(seed):
    """Signs change kurtosis across neurons, which is about their mean; permutations and positive scales do not."""
    rng = np.random.default_rng(seed)
    cloud = rng.standard_t(4, (80, 7)) * rng.uniform(0.2, 3, 7) + rng.standard_normal(7)
    moved = 10 ** rng.uniform(-300, 300) * cloud[:, rng.permutation(7)]
    here = measured(cloud)
    assert measured(moved) == pytest.approx(here, rel=1e-9)
    signed = [name for name in MOMENTS if not name.startswith("kurtosis")]
    turned = measured(moved * rng.choice([-1.0, 1.0], 7), names=signed)
    assert turned == pytest.approx({name: here[name] for name in signed}, rel=1e-9)
    lengths = cloud * rng.uniform(1e-3, 1e3, (80, 1))
    directed = [name for name in MOMENTS if not name.startswith("neuron")]
    assert measured(lengths, names=directed) == pytest.approx({name: here[name] for name in directed}, rel=1e-9)


def test_samples_without_a_direction_are_left_out_of_directions_but_not_of_neurons():
    cloud = np.random.default_rng(2).standard_normal((60, 5))
    padded = np.vstack([np.zeros((40, 5)), cloud])
    here, there = measured(cloud), measured(padded)
    for name in ("quartimax", "sixth", "kurtosis", "kurtosis_largest"):
        assert there[name] == pytest.approx(here[name])
    neurons = stats.kurtosis(padded, axis=0, fisher=False)
    assert there["neuron_kurtosis"] == pytest.approx(neurons.mean())


def test_a_neuron_that_never_changes_has_no_kurtosis():
    cloud = np.random.default_rng(3).standard_normal((50, 4))
    cloud[:, 2] = 7
    changing = stats.kurtosis(np.delete(cloud, 2, 1), axis=0, fisher=False)
    assert measured(cloud)["neuron_kurtosis"] == pytest.approx(changing.sum() / 4)


@pytest.mark.parametrize("prepare", preparation.PREPARATIONS)
def test_no_direction_special_makes_p_uniform(prepare):
    """Clouds with a mean and a covariance in random positions; all moments in the same random bases."""
    rng = np.random.default_rng(4)
    p = {name: [] for name in MOMENTS}
    for cloud in range(150):
        turn = bases.random_orthogonal(5, 1000 + cloud)
        z = (rng.standard_normal((60, 5)) * [3, 2, 1, 1, 0.5] + [2, 0, 0, 0, 0]) @ turn
        for name, test in statistics.basis_tests(z, np.eye(5), MOMENTS, 39, cloud, prepare=prepare).items():
            p[name].append(test.p)
    for name, values in p.items():
        assert statistics.uniformity(values, 39).p > 0.001, name


def test_moments_that_are_the_same_in_all_bases_are_no_evidence():
    """Two numbers have kurtosis 1, of one neuron or of one representation, but for rounding."""
    cloud = np.random.default_rng(5).standard_normal((200, 2))
    for dtype in (np.float32, np.float64):
        for name in ("kurtosis", "kurtosis_largest"):
            assert statistics.basis_test(cloud.astype(dtype), np.eye(2), name, 99).p == 1
        for name in ("neuron_kurtosis", "neuron_kurtosis_largest"):
            assert statistics.basis_test(cloud[:2].astype(dtype), np.eye(2), name, 99).p == 1


@pytest.mark.parametrize("prepare", preparation.PREPARATIONS)
@pytest.mark.parametrize("name", ["quartimax", "neuron_kurtosis", "c4"])
def test_preparations_turn_with_the_activations(prepare, name):
    """So the value in a turned basis of turned activations is that of both as they were."""
    rng = np.random.default_rng(6)
    cloud = (np.maximum(rng.standard_normal((300, 5)), 0) + 0.1) * [3, 1, 1, 1, 0.5]
    turn = bases.random_orthogonal(5, 9)
    here = statistics.basis_test(cloud, np.eye(5), name, 19, prepare=prepare)
    there = statistics.basis_test(cloud @ turn.T, turn.T, name, 19, prepare=prepare)
    assert here.preparation == there.preparation == prepare
    assert there.value == pytest.approx(here.value, rel=1e-9)


def test_a_preparation_is_that_of_the_report_and_is_named(refused):
    cloud = np.random.default_rng(7).standard_t(4, (200, 5)) * [3, 1, 1, 1, 0.5] + 1
    for prepare in preparation.PREPARATIONS:
        report = statistics.report(cloud, prepare=prepare, draws=19)
        tests = statistics.basis_tests(cloud, np.eye(5), draws=19, epsilon=report.epsilon, prepare=prepare)
        null = statistics.null_draws(cloud, 19, 0, report.epsilon, prepare=prepare)
        assert {test.preparation for test in (*tests.values(), *report.tests.values())} == {prepare}
        for name, test in tests.items():
            assert report.tests[name].value == pytest.approx(test.value) and report.tests[name].p == test.p
        np.testing.assert_allclose(null["c4"], tests["c4"].null, atol=1e-9)
        assert f"preparation={prepare!r}" in repr(tests["count"])
        assert f"p ({prepare})" in report.table.head and f"for {prepare} activations" in report.answer
        assert any(f"{prepare} (" in note for note in report.notes) and f"({prepare})" in report.figure().alt
    refused(["prepare is 'white'", "'whitened'"], statistics.basis_test, cloud, np.eye(5), prepare="white")
    refused(["prepare is 'white'"], statistics.null_draws, cloud, 3, 0, prepare="white")
    refused(["preparation is 'white'"], statistics.test_from_null, 1.0, [1.0], "white")


@pytest.mark.parametrize(("dtype", "scale"), [(np.float64, 1e300), (np.float64, 1e-310), (np.float32, 1e-40)])
@pytest.mark.parametrize("prepare", preparation.PREPARATIONS)
def test_extreme_numbers_are_prepared_as_others(dtype, scale, prepare):
    cloud = np.random.default_rng(8).uniform(-1, 1, (80, 4)).astype(dtype) + np.array([1, 0, 0, 0], dtype)
    scaled = (cloud.astype(float) * scale).astype(dtype)
    with np.errstate(all="raise"):
        there = statistics.basis_test(scaled, np.eye(4), draws=9, prepare=prepare)
    here = statistics.basis_test(cloud, np.eye(4), draws=9, prepare=prepare)
    np.testing.assert_allclose([there.value, *there.null], [here.value, *here.null], rtol=1e-3)


def test_differences_without_squares_are_refused(refused):
    cloud = np.ones((50, 3))
    cloud[:, 1] = 1e-200 * np.random.default_rng(9).standard_normal(50)
    refused(["differ by less than 1e-154"], statistics.basis_test, cloud, np.eye(3), prepare="whitened")
    assert statistics.basis_test(cloud, np.eye(3), draws=9, prepare="centred").value == 1


def test_an_effect_without_a_spread_is_told_as_a_quantile():
    test = statistics.test_from_null(5.0, [0.0] * 97 + [5.0, 9.0], "centred")
    assert test.effect == np.inf and test.quantile == (97 + 0.5) / 99
    assert test.effect_words == "quantile 0.985" and "effect=quantile 0.985" in repr(test)
    plain = statistics.test_from_null(3.0, [1.0, 2.0, 3.0, 4.0])
    assert plain.effect_words == f"{plain.effect:+.1f}" and plain.quantile == 2.5 / 4
    z = np.zeros((400, 8))
    z[:, 0] = np.random.default_rng(10).standard_normal(400)
    report = statistics.report(np.vstack([z, np.eye(8)]), statistics="plane_gathering", draws=9, epsilon=0.999)
    assert "inf" not in report.text


@pytest.mark.parametrize(("name", "words"), [("axes", "gather on the axes"), ("all", "avoid the axes")])
def test_the_answer_says_what_the_first_statistic_means(name, words):
    noise = 0.05 * np.random.default_rng(11).standard_normal((600, 12))
    report = statistics.report(of_a_kind(name, 600, 12) + noise, draws=399)
    assert report.special[0] == "quartimax" and f"That says: directions {words}" in report.answer


def test_where_directions_gather_is_told_by_c4_if_it_can_tell():
    half_way = of_a_kind("two", 600, 12) + 0.05 * np.random.default_rng(12).standard_normal((600, 12))
    said = {epsilon: statistics.report(half_way, draws=399, epsilon=epsilon).answer for epsilon in (0.75, 0.5)}
    assert "within 41 degrees of an axis raise" in said[0.75] and "below the median" in said[0.75]
    assert "only for an epsilon above 0.71" in said[0.5]
    assert "c4 would tell" in statistics.report(half_way, statistics="quartimax", draws=39).answer
