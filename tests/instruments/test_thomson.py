"""Thomson-like bases against the minima that are known, and the correction of generalised tanh against its sum."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from isoaux import bases
from isoaux.bases import interference

seeds = st.integers(0, 2**32 - 1)

EXACT = {  # energy; products with other vectors and how often each; their positive one, and c
    (12, 3): (12, {-1: 1, -(5**-0.5): 5, 5**-0.5: 5}),
    (16, 5): (5, {-3 / 5: 5, 1 / 5: 10}),
    (27, 6): (27, {-1 / 2: 10, 1 / 4: 16}),
    (56, 7): (175, {-1: 1, -1 / 3: 27, 1 / 3: 27}),
    (40, 10): (83 / 3, {-1 / 2: 8, -1 / 3: 3, 0: 4, 1 / 6: 24}),
}


def direct(basis: np.ndarray, t: float) -> float:
    """N(t) of the printed double sum."""
    m, total = len(basis), 0.0
    positive = np.maximum(basis @ basis.T, 0)
    for j in range(m):
        others = sum(positive[i, j] * np.tanh(t * positive[i, j]) for i in range(m) if i != j)
        total -= others / (positive[:, j] ** 2).sum() / m
    return total


@pytest.mark.parametrize(("m", "n"), EXACT)
def test_a_known_minimum_has_its_energy_and_products_to_rounding(m: int, n: int):
    energy, counts = EXACT[m, n]
    basis = bases.thomson(m, n, seed=5)
    assert bases.energy(basis) == pytest.approx(energy, abs=1e-11)
    for row, products in enumerate(basis @ basis.T):
        others = np.sort(np.delete(products, row))
        np.testing.assert_allclose(others, np.repeat(list(counts), list(counts.values())), atol=1e-13)


@pytest.mark.parametrize(("m", "n"), EXACT)
def test_the_correction_of_an_exact_basis_has_a_closed_form(m: int, n: int):
    """One positive product g, k times at every vector: c = 1 + k g^2 and N(t) = -(k g / c) tanh(g t)."""
    g, k = max(EXACT[m, n][1].items())
    c, t = 1 + k * g * g, np.array([0, 0.01, 0.2, 1, 7, 300])
    correction = interference.Interference(bases.thomson(m, n))
    np.testing.assert_allclose(correction.c, c, atol=1e-13)
    np.testing.assert_allclose(correction.products, g, atol=1e-13)
    np.testing.assert_allclose(correction.value(t), -k * g / c * np.tanh(g * t), atol=4e-13)
    quality = bases.quality(bases.thomson(m, n, 1))
    assert max(quality.axis_error, quality.orthogonal, quality.sum, quality.frame) < 1e-12


def test_the_correction_of_forty_vectors_in_ten_dimensions():
    t = np.linspace(0, 30, 50)
    value = interference.Interference(bases.thomson(40, 10)).value(t)
    np.testing.assert_allclose(value, -2.4 * np.tanh(t / 6), atol=1e-13)


@pytest.mark.parametrize(("m", "n", "energy"), [(5, 3, -1.5), (7, 3, -0.5), (8, 3, 0.67358), (20, 3, 77.8740)])
def test_other_minima_have_their_energy(m: int, n: int, energy: float):
    assert bases.energy(bases.thomson(m, n, seed=2)) == pytest.approx(energy, abs=5e-5)


def test_eight_vectors_of_space_are_no_cube_and_not_exact():
    """Every c_j is the same, so the activation is tanh along each vector; it has an orthogonal part beside it."""
    quality = bases.quality(bases.thomson(8, 3))
    assert quality.c[1] - quality.c[0] < 1e-6 and quality.axis_error < 1e-6
    cube = np.array(np.meshgrid(*[(-1, 1)] * 3)).reshape(3, -1).T / 3**0.5
    assert quality.energy < bases.energy(cube) - 0.1
    assert quality.orthogonal > 0.5


@settings(max_examples=10)
@given(n=st.integers(2, 9), seed=seeds)
def test_few_vectors_have_no_positive_product_and_more_do(n: int, seed: int):
    """Rankin: at most 2n vectors have none; up to n + 1 are a simplex of their own dimension (erratum E82)."""
    for m in (2, n, n + 1, 2 * n):
        basis = bases.thomson(m, n, seed)
        assert basis.shape == (m, n) and bases.quality(basis).largest_cosine < 1e-12
        assert bases.energy(basis) == pytest.approx(-(m - 1) / 2 if m <= n + 1 else -n / 2)
        assert not len(interference.Interference(basis).products) and interference.table(basis).shape == (0, 3)
    assert bases.quality(bases.thomson(2 * n + 1, n, seed, starts=1)).largest_cosine > 1e-3


def test_a_basis_follows_from_its_seed_and_more_starts_do_not_raise_its_energy():
    few, many = (bases.energy(bases.thomson(30, 6, 4, starts)) for starts in (1, 4))
    assert many <= few + 1e-9
    assert bases.least_energy(30, 6, 4, 4) == many
    assert np.array_equal(bases.thomson(9, 4, 1), bases.thomson(9, 4, 1))
    assert not np.allclose(bases.thomson(9, 4, 1), bases.thomson(9, 4, 2))
    assert np.array_equal(bases.thomson(9, 4, 3), bases.thomson(9, 4, np.random.SeedSequence(3)))


def test_the_law_of_a_basis_has_no_direction():
    """A Haar-random turn: squared coordinates of a vector are Beta(1/2, (n - 1)/2)-distributed."""
    rows = np.array([bases.thomson(6, 3, seed)[2] for seed in range(600)])
    assert all(stats.kstest(rows[:, k] ** 2, stats.beta(0.5, 1).cdf).pvalue > 1e-3 for k in range(3))


def test_turning_keeps_all_products():
    basis = bases.cross_polytope(5)
    assert np.array_equal(basis, np.vstack([np.eye(5), -np.eye(5)]))
    turned = bases.turned(basis, 3)
    np.testing.assert_allclose(turned @ turned.T, basis @ basis.T, atol=1e-14)
    np.testing.assert_allclose(turned[:5], bases.random_orthogonal(5, 3).T, atol=1e-14)


@settings(max_examples=10)
@given(seed=seeds, m=st.integers(2, 12), n=st.integers(2, 5))
def test_the_correction_is_the_printed_double_sum(seed: int, m: int, n: int):
    rows = np.random.default_rng(seed).standard_normal((m, n))
    basis = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    correction = interference.Interference(basis)
    t = np.array([1e-6, 0.05, 0.29, 0.31, 2, 40])
    np.testing.assert_allclose(correction.value(t), [direct(basis, x) for x in t], rtol=1e-12, atol=1e-15)
    h = 1e-5 * t
    np.testing.assert_allclose(
        correction.slope(t), (correction.value(t + h) - correction.value(t - h)) / (2 * h), rtol=1e-7, atol=1e-10
    )
    value, slope = correction.value(t), correction.slope(t)
    np.testing.assert_allclose(correction.ratios(t)[:, 0], value / t, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(correction.ratios(t)[1:, 1], ((slope - value / t) / t)[1:], rtol=1e-9, atol=1e-13)
    assert 1 + correction.slope(0.0) == pytest.approx(np.mean(1 / correction.c))
    positive = np.maximum(basis @ basis.T, 0)
    limit = -np.mean((positive.sum(0) - 1) / (positive**2).sum(0))
    assert correction.value(1e12) == pytest.approx(limit, abs=1e-12)


@settings(max_examples=5)
@given(seed=seeds)
def test_a_table_holds_values_and_derivatives(seed: int):
    """Central differences of the exact sums in s = asinh t."""
    basis = bases.turned(bases.thomson(11, 4, seed % 100, starts=1), seed)
    rows, exact = interference.table(basis), interference.Interference(basis)
    places = np.array([20, 300, 900, 1500])
    s, h = places * interference.STEP, 1e-3

    def ratio(s: np.ndarray) -> np.ndarray:
        return exact.value(np.sinh(s)) / np.sinh(s)

    np.testing.assert_allclose(rows[places, 0], ratio(s), rtol=1e-12)
    np.testing.assert_allclose(rows[places, 1] / interference.STEP, (ratio(s + h) - ratio(s - h)) / (2 * h), rtol=1e-4)
    second = (ratio(s + h) - 2 * ratio(s) + ratio(s - h)) / h**2
    np.testing.assert_allclose(rows[places, 2] / interference.STEP**2, second, rtol=1e-4, atol=1e-7)
    assert rows[0, 0] == pytest.approx(np.mean(1 / exact.c) - 1)


@pytest.mark.parametrize(
    ("words", "m", "n"),
    [(["m is 1", "at least 2"], 1, 3), (["m is 2001", "2,000"], 2001, 3), (["n is 0"], 3, 0), (["m is 3"], 3, 1)],
)
def test_sizes_without_an_arrangement_are_refused(refused, words: list[str], m: int, n: int):
    refused(words, bases.thomson, m, n)


def test_repeated_vectors_have_infinite_energy():
    assert bases.energy(np.array([[1.0, 0], [1, 0], [0, 1]])) == np.inf
