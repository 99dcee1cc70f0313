"""Thomson-like bases: m unit vectors of R^n that repel each other (App. D of the method's paper).

They minimise E(B), the sum of (b_i . b_j) / |b_i - b_j|^2 over all i != j, which on the sphere is a repulsion by the
inverse square of the distance, up to a constant. Few minima have a name: at most n + 1 vectors are a simplex, 2n the
cross-polytope; those of :data:`EXACT` are known by their products.
"""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from isoaux.bases.directions import Seed, check, cross_polytope, simplex, turned
from isoaux.common import arrays

MOST = 2000
"""The most vectors that are arranged."""

STARTS = 8
"""The random starts of which the one that ends lowest is kept."""

EXACT: Mapping[tuple[int, int], tuple[float, ...]] = {
    (12, 3): (-1, -(5**-0.5), 5**-0.5),
    (16, 5): (-3 / 5, 1 / 5),
    (27, 6): (-1 / 2, 1 / 4),
    (56, 7): (-1, -1 / 3, 1 / 3),
    (40, 10): (-1 / 2, -1 / 3, 0, 1 / 6),
}
"""Minima with few different products b_i . b_j, i != j, by (m, n): icosahedron, and those of Ballinger et al. 2009."""

NEAR = 1e-4
"""A product is one of those of :data:`EXACT` if it differs by at most this."""


@arrays.numpy_defaults
def energy(basis: ArrayLike) -> float:
    """The energy E(B) of ``basis`` (m, n), infinite for repeated rows. Raises ValueError as :func:`check`."""
    rows = arrays.rows(basis, "basis")
    products = _products(check(rows, rows.shape[1]))
    with np.errstate(divide="ignore"):
        return float((products / (2 - 2 * products)).sum())


@arrays.numpy_defaults
def thomson(m: int, n: int, seed: Seed = 0, starts: int = STARTS) -> NDArray[np.float64]:
    """m unit vectors of R^n of locally least energy, shape (m, n), turned by a Haar-random matrix.

    The lowest of ``starts`` random starts is kept; a minimum that is known exactly (a simplex for m up to n + 1, the
    cross-polytope for 2n, :data:`EXACT`) is so to rounding. ``seed``, a whole number, several, or a
    ``numpy.random.SeedSequence``, decides on the starts and, independently, on the turn, so that the law of the basis
    does not change under rotations. Other machines may round otherwise, and then end in other minima.

    Raises ValueError for an m below 2 or above :data:`MOST`, and for more than two vectors of R^1.
    """
    count, width = arrays.whole(m, "m", 2, MOST), arrays.whole(n, "n")
    if width == 1 and count > 2:
        raise ValueError(f"m is {count}; accepted with n = 1: 2, as a line has no more unit vectors.")
    *draws, turn = _streams(seed, arrays.whole(starts, "starts") + 1)
    if count <= width + 1:
        corners = simplex(count - 1)
        return turned(np.pad(corners, ((0, 0), (0, width - count + 1))), turn)
    if count == 2 * width:
        return turned(cross_polytope(width), turn)
    ends = (_minimised(count, width, draw) for draw in draws)
    return turned(_exact(min(ends, key=energy)), turn)


@arrays.numpy_defaults
def least_energy(m: int, n: int, seed: Seed = 0, starts: int = 20) -> float:
    """The least energy of m vectors of R^n that ``starts`` random starts end at; parameters as :func:`thomson`."""
    return energy(thomson(m, n, seed, starts))


def _streams(seed: Seed, count: int) -> list[np.random.SeedSequence]:
    """Independent random streams of a seed, of which the last one is the same for every count."""
    root = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(arrays.seed(seed))
    places = [*range(1, count), 0]
    return [np.random.SeedSequence(root.entropy, spawn_key=(*root.spawn_key, place)) for place in places]


def _products(basis: NDArray[np.float64]) -> NDArray[np.float64]:
    """The products b_i . b_j (m, m), 0 where i = j."""
    products = np.minimum(basis @ basis.T, 1)
    np.fill_diagonal(products, 0)
    return products


def _minimised(m: int, n: int, stream: np.random.SeedSequence) -> NDArray[np.float64]:
    """The minimum (m, n) that L-BFGS ends at from normal numbers."""

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        free = flat.reshape(m, n)
        lengths = np.linalg.norm(free, axis=1, keepdims=True)
        rows = free / lengths
        products = _products(rows)
        gaps = 1 - products
        pull = np.square(1 / gaps)
        np.fill_diagonal(pull, 0)
        gradient = pull @ rows
        gradient -= (gradient * rows).sum(1, keepdims=True) * rows
        return float((products / gaps).sum()) / 2, (gradient / lengths).ravel()

    start = np.random.default_rng(stream).standard_normal(m * n)
    options = {"maxiter": 5000, "maxfun": 20000, "ftol": 1e-13, "gtol": 1e-8, "maxcor": 20}
    rows = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x.reshape(m, n)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _exact(basis: NDArray[np.float64]) -> NDArray[np.float64]:
    """A basis whose products are all near those of :data:`EXACT`, with exactly these; any other as it is."""
    m, n = basis.shape
    values = np.array(EXACT.get((m, n), ()))
    if not values.size:
        return basis
    products = basis @ basis.T
    cuts = [(low + high) / 2 for low, high in pairwise(values)]
    snapped = values[np.digitize(products, cuts)]
    np.fill_diagonal(snapped, 1)
    if np.abs(snapped - products).max() > NEAR:
        return basis
    largest, vectors = scipy.linalg.eigh(snapped, subset_by_index=(m - n, m - 1))
    rows = vectors * np.sqrt(largest)
    return np.asarray(rows @ scipy.linalg.orthogonal_procrustes(rows, basis)[0])
