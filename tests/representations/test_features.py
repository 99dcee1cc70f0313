"""Reading features back: what is exact, what interferes, and what turning changes."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from isoaux import bases
from isoaux.representations import features


def units(n: int, m: int, seed: int) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((n, m))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_scalar_products_add_the_interference():
    vectors, x = units(7, 4, 1), np.random.default_rng(2).random((20, 7))
    read = features.recover(features.represent(x, vectors), vectors)
    assert_allclose(read.dot - x, x @ features.interference(vectors), atol=1e-13)
    assert_allclose(np.diag(features.interference(vectors)), 0, atol=1e-15)


@pytest.mark.parametrize("n, m", [(3, 3), (3, 5), (1, 2)])
def test_orthogonal_features_are_read_by_themselves_and_independent_ones_by_their_dual_basis(n: int, m: int):
    x = np.random.default_rng(3).random((20, n))
    orthogonal = bases.random_orthogonal(m, 4)[:n]
    assert_allclose(features.recover(features.represent(x, orthogonal), orthogonal).dot, x, atol=1e-14)
    skew = units(n, m, 5)
    read = features.recover(features.represent(x, skew), skew)
    assert features.independent(skew)
    assert_allclose(read.dual, x, atol=1e-12)
    assert n == 1 or np.abs(read.dot - x).max() > 0.1


def test_more_features_than_neurons_are_read_by_no_matrix():
    vectors = units(5, 3, 6)
    assert not features.independent(vectors)
    both = np.linalg.svd(vectors.T)[2][3:]  # intensities that give a representation of 0
    assert_allclose(features.represent(both, vectors), 0, atol=1e-14)


def test_turning_all_features_changes_nothing_that_is_read():
    vectors, x, turn = units(6, 4, 7), np.random.default_rng(8).random((20, 6)), bases.random_orthogonal(4, 9)
    first = features.recover(features.represent(x, vectors), vectors)
    second = features.recover(features.represent(x, vectors @ turn), vectors @ turn)
    assert_allclose(first.dot, second.dot, atol=1e-13)
    assert_allclose(first.dual, second.dual, atol=1e-12)


def test_welchs_bound_is_met_by_simplices_and_exceeded_by_others():
    for m in (2, 3, 5):
        assert features.welch(m + 1, m) == pytest.approx(1 / m)
        assert np.abs(features.interference(bases.simplex(m))).max() == pytest.approx(1 / m)
    assert features.welch(40, 10) == pytest.approx(np.sqrt(30 / 390))
    assert features.welch(3, 3) == 0
    assert np.abs(features.interference(units(9, 4, 10))).max() > features.welch(9, 4)


def test_features_of_another_length_and_numbers_of_another_width_are_refused():
    with pytest.raises(ValueError, match=r"^features has row 1 of length 2; accepted: rows of length 1\.$"):
        features.interference([[1.0, 0.0], [0.0, 2.0]])
    with pytest.raises(ValueError, match=r"^intensities has width 3; accepted: width 2\.$"):
        features.represent(np.ones((4, 3)), np.eye(2))
