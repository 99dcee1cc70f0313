"""Sets of distinguished directions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from isoaux import bases

seeds = st.integers(0, 2**32 - 1)
widths = st.integers(1, 12)
examples = settings(max_examples=25)


def test_standard_is_the_identity():
    assert np.array_equal(bases.standard(4), np.eye(4))


@examples
@given(widths, seeds)
def test_random_is_orthogonal_and_depends_on_the_seed_alone(n, seed):
    basis = bases.random_orthogonal(n, seed)
    np.testing.assert_allclose(basis @ basis.T, np.eye(n), atol=1e-13)
    assert np.array_equal(basis, bases.random_orthogonal(n, seed))


def test_random_is_haar():
    """Every squared entry of a Haar matrix is Beta(1/2, (n - 1)/2)-distributed, and its sign is a fair coin."""
    draws = np.array([bases.random_orthogonal(5, seed) for seed in range(2000)])
    for row, column in ((0, 0), (0, 4), (4, 0), (4, 4)):
        entry = draws[:, row, column]
        assert stats.kstest(entry**2, stats.beta(0.5, 2).cdf).pvalue > 1e-3
        assert stats.binomtest(int((entry > 0).sum()), entry.size).pvalue > 1e-3


@pytest.mark.parametrize("n", [1, 2, 3, 18])
def test_simplex_is_regular_and_centred(n):
    basis = bases.simplex(n)
    assert basis.shape == (n + 1, n)
    gram = np.full((n + 1, n + 1), -1 / n)
    np.fill_diagonal(gram, 1)
    np.testing.assert_allclose(basis @ basis.T, gram, atol=1e-14)
    np.testing.assert_allclose(basis.sum(axis=0), 0, atol=1e-14)


@pytest.mark.parametrize("name", list(bases.BASES))
def test_every_named_basis_passes_its_own_check(name):
    basis = bases.named(name, 6, seed=3)
    np.testing.assert_allclose(bases.check(basis, 6), basis, atol=1e-15)


def test_named_uses_the_seed():
    assert np.array_equal(bases.named("random", 4, 7), bases.random_orthogonal(4, 7))
    assert not np.array_equal(bases.named("random", 4, 7), bases.named("random", 4))


def test_unknown_name_names_the_nearest():
    with pytest.raises(
        ValueError, match=r"^basis is 'simplx' \(did you mean 'simplex'\?\); accepted: standard, random"
    ):
        bases.named("simplx", 4)


@pytest.mark.parametrize("make", [bases.standard, bases.simplex, lambda n: bases.random_orthogonal(n, 0)])
@pytest.mark.parametrize("n", [0, -2, 2.0, True])
def test_widths_are_whole_numbers(make, n):
    with pytest.raises(ValueError, match=r"^n is .*; accepted: a whole number of at least 1\.$"):
        make(n)


@pytest.mark.parametrize("name", bases.BASES)
def test_a_basis_that_no_memory_holds_is_refused_before_it_is_made(name, refused):
    for n in (bases.LARGEST + 1, 2**40, 10**5000):
        refused(["n is ", "at most 32,768"], bases.named, name, n)
    refused(["seed is 'x'"], bases.named, name, 4, "x")


def test_check_refuses_width_length_and_nan():
    with pytest.raises(ValueError, match=r"^basis has width 4; accepted: width 5\.$"):
        bases.check(np.eye(4), 5)
    with pytest.raises(ValueError, match=r"^basis has row 1 of length 1\.00001; accepted: length 1 within 1e-06, "):
        bases.check(np.diag([1, 1.00001, 1]), 3)
    with pytest.raises(ValueError, match=r"^basis has row 0 of length 0; "):
        bases.check(np.zeros((2, 3)), 3)
    with pytest.raises(ValueError, match=r"^basis holds nan at row 0, column 0; "):
        bases.check([[np.nan, 1.0]], 2)


def test_check_divides_out_what_single_precision_leaves():
    basis = bases.check(bases.random_orthogonal(9, 0).astype(np.float32), 9)
    assert basis.dtype == np.float64
    np.testing.assert_allclose(np.linalg.norm(basis, axis=1), 1, atol=1e-15)


def test_pairs_in_both_variants():
    planes, skipped = bases.pairs(np.eye(3))
    assert planes.tolist() == [[0, 1], [0, 2], [1, 2]]
    assert skipped == 0
    planes, skipped = bases.pairs(np.eye(3), "permutation")
    assert planes.tolist() == [[0, 1], [0, 2], [1, 0], [1, 2], [2, 0], [2, 1]]
    assert skipped == 0


def test_parallel_pairs_are_skipped_and_counted():
    basis = np.vstack([np.eye(3), -np.eye(3)])
    assert bases.pairs(basis)[1] == 3
    assert len(bases.pairs(basis)[0]) == 12
    assert bases.pairs(basis, "permutation")[1] == 6


@pytest.mark.parametrize(("angle", "spans"), [(4e-5, False), (5e-5, True)])
def test_parallel_means_closer_than_1e_9(angle, spans):
    basis = np.array([[1, 0], [np.cos(angle), np.sin(angle)]])
    assert len(bases.pairs(basis)[0]) == spans


@pytest.mark.parametrize("variant", sorted(bases.VARIANTS))
def test_known_products_give_the_same_pairs(variant):
    basis = np.vstack([bases.simplex(5), -bases.simplex(5)[:2]])
    planes, skipped = bases.pairs(basis, variant)
    again, missing = bases.pairs(basis, variant, basis @ basis.T)
    assert planes.tolist() == again.tolist() and skipped == missing == 2 * (1 + bases.VARIANTS[variant])


def test_skew_is_the_largest_distance_from_orthonormal_products():
    assert bases.skew(bases.standard(4)) == 0 == bases.skew(np.empty((0, 3)))
    assert bases.skew(bases.simplex(5)) == pytest.approx(1 / 5)
    assert bases.skew(np.array([[1, 0], [0.6, 0.8], [-0.6, 0.8]])) == pytest.approx(0.6)


@pytest.mark.parametrize("seed", [-1, 1.5, True, None, "0"])
def test_seeds_are_whole_numbers(seed, refused):
    refused(["seed is ", "at least 0"], bases.random_orthogonal, 3, seed)


def test_the_standard_basis_is_told_from_its_neighbours():
    eye = np.eye(4)
    for other in (eye[::-1], -eye, eye[:3], np.eye(3, 4), eye + 1e-9, bases.random_orthogonal(4, 0)):
        assert not bases.is_standard(other)
        np.testing.assert_allclose(bases.gram(other), other @ other.T, atol=1e-15)
    assert bases.is_standard(eye) and np.array_equal(bases.gram(eye), eye) and bases.is_standard(np.empty((0, 0)))
