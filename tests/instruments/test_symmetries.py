"""The symmetry group of a basis against permutations that are tried one by one, and against known orders."""

from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isoaux import bases


def polygon(m: int) -> np.ndarray:
    angles = 2 * np.pi * np.arange(m) / m
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def by_trial(basis: np.ndarray) -> int:
    """How many permutations of the rows keep all products."""
    products = basis @ basis.T
    orders = [list(order) for order in permutations(range(len(basis)))]
    return sum(bool(np.abs(products[np.ix_(order, order)] - products).max() < 1e-4) for order in orders)


@pytest.mark.parametrize(
    ("basis", "order"),
    [
        (polygon(7), 14),
        (bases.turned(bases.simplex(10), 3), factorial(11)),
        (bases.turned(bases.cross_polytope(10), 4), 2**10 * factorial(10)),
        (bases.thomson(8, 3), 16),
        (bases.thomson(12, 3), 120),
        (bases.thomson(16, 5), 2**4 * factorial(5)),  # the demipenteract, Weyl group of D5
        (bases.thomson(27, 6), 51_840),  # Weyl group of E6
        (bases.thomson(56, 7), 2_903_040),  # Weyl group of E7
    ],
    ids=["polygon", "simplex", "cross-polytope", "antiprism", "icosahedron", "D5", "E6", "E7"],
)
def test_the_order_is_the_one_that_is_known(basis: np.ndarray, order: int):
    assert bases.symmetries(basis).order == order


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32 - 1), m=st.integers(4, 6))
def test_the_order_is_the_number_of_permutations_that_keep_all_products(seed: int, m: int):
    rng = np.random.default_rng(seed)
    free = rng.standard_normal((m, 3))
    for basis in (free / np.linalg.norm(free, axis=1, keepdims=True), bases.thomson(m, 3, seed, 1)):
        assert bases.symmetries(basis).order == by_trial(basis)


def test_the_generators_are_orthogonal_permute_the_vectors_and_make_the_whole_group():
    basis = bases.thomson(12, 3, 5)
    group = bases.symmetries(basis)
    for matrix in group.generators:
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)
        moved = basis @ matrix.T
        places = (moved @ basis.T).argmax(1)
        assert sorted(places) == list(range(12))
        np.testing.assert_allclose(moved, basis[places], atol=1e-12)
    known, new = {tuple(np.eye(3).round(6).ravel() + 0.0)}, [np.eye(3)]
    while new:
        products = [matrix @ each for matrix in group.generators for each in new]
        new = []
        for product in products:
            key = tuple(product.round(6).ravel() + 0.0)
            if key not in known:
                known.add(key)
                new.append(product)
    assert len(known) == group.order == 120


def test_a_basis_without_symmetry_has_the_identity_alone():
    rows = np.random.default_rng(1).standard_normal((9, 4))
    group = bases.symmetries(rows / np.linalg.norm(rows, axis=1, keepdims=True))
    assert group.order == 1 and group.generators.shape == (0, 4, 4)


def test_vectors_that_do_not_span_the_space_are_refused(refused):
    refused(["basis has 3 vectors", "span R^5"], bases.symmetries, bases.thomson(3, 5))
    flat = np.hstack([polygon(5), np.zeros((5, 1))])
    refused(["basis has 5 vectors", "span R^3"], bases.symmetries, flat)
