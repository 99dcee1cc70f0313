"""Classes along single directions, against direct counts and neurons made by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isoaux import bases, srm, statistics
from isoaux.srm import concepts

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=10)
@given(seed=seeds)
def test_profiles_are_the_signed_spotlights_of_the_classes_at_their_vectors(seed: int):
    rng = np.random.default_rng(seed)
    z, labels, basis = rng.standard_normal((90, 4)), rng.permutation(90) % 3, bases.turned(bases.simplex(4), seed)
    g = concepts.profiles(z, labels, basis, 0.6)
    for c in range(3):
        shares = srm.spotlight(z[labels == c], basis, 0.6, "permutation", [0.0], signed=True)[:, 0]
        first = bases.pairs(basis, "permutation")[0][:, 0]
        np.testing.assert_allclose(g[first, c], shares, atol=1e-12)
    np.testing.assert_allclose(concepts.spread(g), g.std(axis=1))
    flipped = concepts.profiles(-z, labels, basis, 0.6)
    np.testing.assert_allclose(flipped, -g, atol=1e-12)


@settings(max_examples=10)
@given(seed=seeds)
def test_areas_are_shares_of_pairs(seed: int):
    rng = np.random.default_rng(seed)
    z, labels = rng.integers(-2, 3, (30, 3)).astype(float), rng.permutation(30) % 2
    areas = concepts.auc(z, labels, np.eye(3))
    for i in range(3):
        inside, others = z[labels == 1, i], z[labels == 0, i]
        larger = (inside[:, None] > others).mean() + (inside[:, None] == others).mean() / 2
        assert areas[i] == pytest.approx([1 - larger, larger])


def test_neurons_are_chosen_by_spread_and_no_profile_twice():
    basis = bases.cross_polytope(4)
    g = np.array([[1, 0, 0, 0], [0.9, 0, 0, 0.02], [0, 0.5, -0.5, 0], [0.1, 0.1, 0.1, 0.1]])
    g = np.vstack([g, -g])
    assert concepts.choose(g, basis, 2) == [0, 2] and concepts.choose(g, basis, 3) == [0, 2, 3]
    assert concepts.redundant(g[:4]) == 1
    assert concepts.quiet_partner(g, basis, 0) == 3
    assert concepts.selectivity(g[:4]).tolist() == [1, 1, 2, 4] and concepts.selectivity(0 * g).max() == 0


def test_grandmother_neurons_are_seen():
    """One axis per class: areas of 1, one class each; with the labels permuted nothing is left."""
    rng = np.random.default_rng(3)
    labels = np.arange(2000) % 4
    z = 4 * np.eye(4)[labels] + 0.3 * rng.standard_normal((2000, 4))
    g = concepts.profiles(z, labels, np.eye(4))
    np.testing.assert_allclose(g, np.eye(4), atol=1e-12)
    assert concepts.selectivity(g).tolist() == [1] * 4 and concepts.auc(z, labels, np.eye(4)).diagonal().min() == 1
    assert concepts.spread(concepts.profiles(z, rng.permutation(labels), np.eye(4))).max() < 0.06


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        (["labels has shape (3,)", "4 samples"], [0, 1, 0]),
        (["no sample of class 1"], [0, 2, 0, 2]),
        (["no sample of class 1"], [0, 0, 0, 0]),
        (["whole numbers from 0"], [0, 1, -1, 0]),
        (["whole numbers from 0"], [0.5, 1, 1, 0]),
    ],
)
def test_labels_that_do_not_fit_are_refused(refused, words: list[str], labels: list[float]):
    refused(words, concepts.profiles, np.eye(4), labels, np.eye(4))


def classes_of(seed: int, samples: int = 120, n: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Classes around centres of their own, turned at random as a whole: a law without a direction."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(samples) % 3)
    z = 2 * rng.standard_normal((3, n))[labels] + rng.standard_normal((samples, n))
    return z @ bases.random_orthogonal(n, [seed, 1]).T, labels


@pytest.mark.parametrize(
    "basis", [bases.turned(bases.cross_polytope(4), 1), bases.turned(bases.simplex(4), 2)], ids=["cross", "simplex"]
)
def test_neurons_are_compared_with_the_same_rule_in_every_turned_copy(basis: np.ndarray):
    """Copy i, made by itself, gives the i-th null value; the halves are found again by their profiles."""
    z, labels = classes_of(5)
    result = srm.neurons(z, labels, basis, 0.7, count=3, draws=6, seed=9, centred=True)
    z -= z.mean(axis=0)
    np.testing.assert_allclose(result.profiles, concepts.profiles(z, labels, basis, 0.7), atol=1e-12)
    np.testing.assert_allclose(result.areas, concepts.auc(z, labels, basis), atol=1e-12)
    np.testing.assert_allclose((result.choosing + result.held_out) / 2, result.profiles, atol=1e-12)
    assert list(result.chosen) == concepts.choose(result.profiles, basis, 3)
    assert list(result.chosen_on_half) == concepts.choose(result.choosing, basis, 3)
    assert result.partners[0] == concepts.quiet_partner(result.profiles, basis, result.chosen[0])
    best = np.argmax(concepts.spread(result.choosing))
    assert result.copies["spread"].value == pytest.approx(concepts.spread(result.held_out)[best])
    independent = [i for i in range(len(basis)) if not (basis[:i] @ basis[i] < -1 + 1e-9).any()]
    for draw in range(6):
        copy = bases.turned(basis, np.random.SeedSequence(9, spawn_key=(draw,)))
        here = concepts.profiles(z, labels, copy, 0.7)
        assert result.copies["redundant"].null[draw] == concepts.redundant(here[independent])
        assert result.copies["areas"].null[draw] == (concepts.auc(z, labels, copy) >= 0.95).sum()
        alone = srm.neurons(z, labels, copy, 0.7, draws=1, seed=9)  # the same halves
        assert result.copies["spread"].null[draw] == pytest.approx(alone.copies["spread"].value)
    assert result.copies["spread"].preparation == "centred"


def test_one_neuron_per_class_is_special_and_quiet_ones_are_counted():
    """Two axes tell the classes, each two of them; the others hold noise alone."""
    rng = np.random.default_rng(1)
    labels = np.arange(800) % 4
    z = np.zeros((800, 6))
    z[:, :2] = 5 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])[labels] + 0.1 * rng.standard_normal((800, 2))
    z[:, 2:] = 0.1 * rng.standard_normal((800, 4))
    result = srm.neurons(z, labels, bases.cross_polytope(6), 0.95, draws=199)
    assert set(result.chosen) == {0, 1} and result.selectivity.tolist() == [2, 2, 0, 0, 0, 0] * 2
    assert result.copies["spread"].p <= 0.05 and result.copies["areas"].value == 4
    assert result.permuted["spread"].p == pytest.approx(2 / 200) and result.permuted["areas"].p == pytest.approx(
        2 / 200
    )
    assert result.permuted["redundant"].value == 0
    assert result.rank_correlation == pytest.approx(0, abs=0.5)
    assert result.weak <= 8 / 12


def test_p_of_neurons_is_uniform_where_no_direction_is_special():
    p = [srm.neurons(*classes_of(seed), bases.cross_polytope(4), 0.6, draws=9).copies for seed in range(100)]
    assert statistics.uniformity([tests["spread"].p for tests in p], 9).p > 0.01
    for name in ("redundant", "areas"):  # counts tie, and p is larger then
        assert np.mean([tests[name].p <= 0.2 for tests in p]) < 0.2 + 3 * np.sqrt(0.16 / 100)


def test_two_neurons_can_have_opposite_orders():
    """Shares that rise along one axis and fall along another one, in the same order of the classes."""
    shares = np.array([[c**3, (9 - c) ** 3] for c in range(10)])
    z = np.concatenate([np.repeat(np.eye(3)[[0, 1, 2]], [*row, 1000 - row.sum()], axis=0) for row in shares])
    z *= [1, 1, 0]  # the rest is in no cone
    result = srm.neurons(z, np.arange(10).repeat(1000), bases.cross_polytope(3), 0.9, draws=1)
    assert set(result.chosen) == {0, 1} and result.partners == (2, 2) and result.rank_correlation == pytest.approx(-1)
    assert np.isnan(srm.neurons(z, np.arange(10000) % 2, np.eye(3), 0.9, count=1, draws=1).rank_correlation)


def test_labels_and_thresholds_that_do_not_fit_are_refused_by_neurons(refused):
    z, labels, basis = np.random.default_rng(0).standard_normal((6, 2)), [0, 1, 0, 1, 0, 1], np.eye(2)
    refused(["labels", "(5,)", "6 samples"], srm.neurons, z, labels[:5], basis)
    refused(["labels", "one sample of class 1", "two"], srm.neurons, z, [0, 1, 0, 0, 0, 0], basis)
    refused(["labels", "no sample of class 1"], srm.neurons, z, [0, 2, 0, 2, 0, 2], basis)
    for epsilon in (-0.1, 0, 1, np.nan):
        refused(["epsilon"], srm.neurons, z, labels, basis, epsilon)
        refused(["epsilon"], concepts.profiles, z, labels, basis, epsilon)
    for instrument in (srm.neurons, concepts.profiles, concepts.auc):
        refused(["basis", "length 2"], instrument, z, labels, 2 * basis)
        refused(["basis", "length 0"], instrument, z, labels, 0 * basis)
        refused(["basis", "width 3"], instrument, z, labels, np.eye(3))
        refused(["basis", "nan"], instrument, z, labels, np.nan * basis)
    refused(["basis", "no row", "with row 0"], srm.neurons, z[:, :1], labels, bases.cross_polytope(1))
    refused(["count", "0"], srm.neurons, z, labels, basis, 0.5, 0)
