"""The symmetry group of a basis: the orthogonal matrices that permute its vectors."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from isoaux.bases.directions import check
from isoaux.common import arrays

NEAR = 1e-3
"""Products that differ by at most this are taken for equal, and vectors whose components differ by ten times it."""


@dataclass(frozen=True, eq=False)
class Symmetries:
    """The group of the orthogonal matrices that permute the vectors of a basis."""

    order: int
    """How many there are, the identity included."""
    generators: NDArray[np.float64]
    """Some of them that generate the group, (k, n, n); none, k = 0, where the identity is alone."""


@arrays.numpy_defaults
def symmetries(basis: ArrayLike, near: float = NEAR) -> Symmetries:
    """The symmetry group of ``basis`` (m, n), whose rows span R^n.

    A matrix of the group is known by the images of n independent vectors. The order is the product of the numbers of
    images that each of them has while those before it stay where they are. ``near`` is the tolerance of products, which
    only matters for bases that are minima to a few digits. Raises ValueError as :func:`check`, and for rows that span
    less.
    """
    given = arrays.rows(basis, "basis")
    rows = check(given, given.shape[1])
    m, n = rows.shape
    _, triangle, order = scipy.linalg.qr(rows.T, pivoting=True, mode="economic")
    if m < n or abs(triangle[n - 1, n - 1]) < near:
        raise ValueError(f"basis has {m} vectors that do not span R^{n}; accepted: vectors that span it.")
    search = _Search(rows, order[:n], near)
    count, matrices = 1, []
    for k in range(n):
        images = list(search.images(k))
        count *= len(images)
        matrices += [matrix for matrix in images if np.abs(matrix - np.eye(n)).max() > near]
    return Symmetries(count, np.stack(matrices) if matrices else np.zeros((0, n, n)))


class _Search:
    """Looks for images of the independent vectors ``fixed`` (n,), one after the other.

    Every vector has a colour: a whole number that says which products it has, and with which of the vectors that have
    an image already. Images are possible where all colours occur as often as among the vectors themselves.
    """

    def __init__(self, rows: NDArray[np.float64], fixed: NDArray[np.int64], near: float) -> None:
        self.rows, self.fixed, self.near = rows, fixed, near
        products = rows @ rows.T
        values = np.unique(products)
        classes = np.cumsum(np.diff(values, prepend=values[0]) > near)
        self.classes = classes[np.searchsorted(values, products)].astype(np.uint64)
        start = np.zeros(len(rows), np.uint64)
        for column in np.sort(self.classes, axis=1).T:
            start = _mixed(start, column)
        self.colours = [start]
        for vector in fixed:
            self.colours.append(_mixed(self.colours[-1], self.classes[:, vector]))
        self.sorted = [np.sort(colours) for colours in self.colours]

    def images(self, k: int) -> Iterator[NDArray[np.float64]]:
        """For each possible image of vector k of ``fixed``, those before it being their own, a matrix of the group."""
        for image in self._possible(k, self.colours[k]):
            matrix = self._extended([*self.fixed[:k], image], _mixed(self.colours[k], self.classes[:, image]))
            if matrix is not None:
                yield matrix

    def _possible(self, k: int, colours: NDArray[np.uint64]) -> NDArray[np.int64]:
        return np.flatnonzero(colours == self.colours[k][self.fixed[k]])

    def _extended(self, images: list[int], colours: NDArray[np.uint64]) -> NDArray[np.float64] | None:
        """A matrix of the group that maps the first vectors of ``fixed`` to ``images``, if there is one."""
        k = len(images)
        if not np.array_equal(np.sort(colours), self.sorted[k]):
            return None
        if k == len(self.fixed):
            return self._matrix(images)
        for image in self._possible(k, colours):
            matrix = self._extended([*images, int(image)], _mixed(colours, self.classes[:, image]))
            if matrix is not None:
                return matrix
        return None

    def _matrix(self, images: list[int]) -> NDArray[np.float64] | None:
        """The matrix with these images, if it permutes all vectors."""
        matrix = scipy.linalg.orthogonal_procrustes(self.rows[self.fixed], self.rows[images])[0].T
        moved = self.rows @ matrix.T
        nearest = (moved @ self.rows.T).argmax(1)
        permutes = len(set(nearest.tolist())) == len(self.rows)
        return matrix if permutes and np.abs(moved - self.rows[nearest]).max() <= 10 * self.near else None


def _mixed(colours: NDArray[np.uint64], classes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """New colours, the same for the same pairs of a colour and a class (arithmetic modulo 2^64)."""
    mixed = (colours ^ (classes + np.uint64(0x9E3779B97F4A7C15))) * np.uint64(0xBF58476D1CE4E5B9)
    return np.asarray((mixed ^ (mixed >> np.uint64(29))) * np.uint64(0x94D049BB133111EB))
