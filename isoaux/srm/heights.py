"""Groups of heights among the vectors of a basis, and planes that are high between their vectors (Fig. 6)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import bases
from isoaux.common import arrays
from isoaux.common.arrays import Floats
from isoaux.sources import opening
from isoaux.srm.curves import prepared
from isoaux.statistics import BasisTest, test_from_null

LEAST = 0.1
"""The share that an opposed plane has at least between its vectors."""


@arrays.numpy_defaults
def gap(near: ArrayLike) -> float:
    """The largest gap of the sorted shares ``near`` (m,) around vectors over their range; 0 if all are equal."""
    values = np.sort(arrays.numbers(near, "near").astype(np.float64).ravel())
    return float(np.diff(values).max() / np.ptp(values)) if np.ptp(values) > 0 else 0.0


@arrays.numpy_defaults
def opposed(activations: opening.Source, basis: ArrayLike, epsilon: float = 0.8, centred: bool = False) -> int:
    """The number of planes of ``basis`` (m, n) that hold more between their vectors than at any of them.

    Between are the angles half way from each of the plane's two vectors, or an antipode of them that is in the basis
    too, to the next one; the share there has to be at least :data:`LEAST`. For a cross-polytope these are the odd
    multiples of a quarter of pi. Other parameters and errors as in :func:`isoaux.srm.curve`.
    """
    units, vectors, share = prepared(activations, basis, epsilon, centred)
    return _directions(vectors).count(units, np.eye(vectors.shape[1]), share)


@arrays.numpy_defaults
def opposed_test(
    activations: opening.Source,
    basis: ArrayLike,
    epsilon: float = 0.8,
    draws: int = 99,
    seed: int = 0,
    centred: bool = False,
) -> BasisTest:
    """The test of :func:`opposed` against ``draws`` turned copies of the basis; copy i depends on (``seed``, i)."""
    units, vectors, share = prepared(activations, basis, epsilon, centred)
    directions, root = _directions(vectors), arrays.seed(seed)
    null = []
    for draw in range(arrays.whole(draws, "draws")):
        turn = bases.random_orthogonal(vectors.shape[1], np.random.SeedSequence(root, spawn_key=(draw,)))
        null.append(directions.count(units, turn, share))
    value = float(directions.count(units, np.eye(vectors.shape[1]), share))
    return test_from_null(value, null, "centred" if centred else "raw")


@dataclass(frozen=True, eq=False)
class _Directions:
    """The directions that all planes are compared at, each once, and where those of each plane are among them."""

    every: NDArray[np.float64]
    """(d, n)"""
    at: NDArray[np.int64]
    """(2, k), the vectors of all planes one after the other, and the directions between them"""
    starts: NDArray[np.int64]
    """(planes,), where those of each plane begin"""

    def count(self, units: Floats, turn: NDArray[np.float64], epsilon: float) -> int:
        """The number of planes of the basis, turned back by ``turn`` (n, n), that are higher between their vectors."""
        if not len(self.starts):
            return 0
        shares = np.mean(units @ (turn @ self.every.T) >= epsilon, axis=0)
        highest, between = np.maximum.reduceat(shares[self.at], self.starts, axis=1)
        return int(((between > highest) & (between >= LEAST)).sum())


def _directions(basis: NDArray[np.float64]) -> _Directions:
    """Of each pair of vectors that spans a plane: they, their antipodes in the basis, and the directions between."""
    products = basis @ basis.T
    opposite = np.where(products.min(axis=1) < -1 + bases.PARALLEL_TOLERANCE, products.argmin(axis=1), -1)
    nothing = np.zeros((0, basis.shape[1]))
    vectors, halfway = [nothing], [nothing]
    for a, b in bases.pairs(basis)[0]:
        members = basis[[a, b, *(opposite[i] for i in (a, b) if opposite[i] >= 0)]]
        across = basis[b] - products[a, b] * basis[a]
        across /= np.linalg.norm(across)
        angles = np.sort(np.arctan2(members @ across, members @ basis[a]))
        between = angles + np.diff(angles, append=angles[0] + 2 * np.pi) / 2
        vectors.append(members)
        halfway.append(np.outer(np.cos(between), basis[a]) + np.outer(np.sin(between), across))
    both = np.concatenate(vectors + halfway)
    _, first, at = np.unique(np.round(both, 9) + 0.0, axis=0, return_index=True, return_inverse=True)
    starts = np.cumsum([len(members) for members in vectors])[:-1]
    return _Directions(both[first], at.reshape(2, -1), starts)
