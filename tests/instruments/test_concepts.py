"""Classes along single directions, against direct counts and neurons made by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isoaux import bases, srm
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
