"""The number of representations in the spotlight, summed over all planes of a basis, at every whole degree.

Only sums over planes are counted, so the ends of all intervals go into one array of differences per threshold. A plane
of b_a and b_b is passed through from either vector: at an angle phi of a representation's part in the plane, measured
from b_a towards b_b, the first order has it in the spotlight around -phi, the second around phi - arccos(b_a . b_b).
"""

import importlib
import importlib.util
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from isoaux import bases

DEGREES = 360
"""Angles, of a whole turn without its end."""

STEP = 2 * np.pi / DEGREES

RIGHT = 1e-12
"""Products of vectors that differ by less from 0, 1 or -1 are these."""

BLOCK = 2**20
"""Products of representations and planes that are made at once without numba."""


class Pool:
    """Counts for turned copies of one basis (m, n), at the thresholds ``epsilons``, each above 0 and below 1.

    Of orthogonal vectors with all their antipodes only the axes are looked at: in the planes of two axes' other signs
    the same intervals lie turned by quarters.
    """

    def __init__(self, basis: NDArray[np.float64], epsilons: Sequence[float]) -> None:
        products = np.clip(basis @ basis.T, -1, 1)
        self.pairs, _ = bases.pairs(basis, "combination", products)
        self.epsilons = np.array(sorted(epsilons))
        axes = _axes(products)
        self._used = np.arange(len(basis)) if axes is None else axes
        self._quarters = 1 if axes is None else 4
        self._products = products[np.ix_(self._used, self._used)]
        self._pairs, _ = bases.pairs(basis[self._used], "combination", self._products)
        self._spanning = np.zeros(self._products.shape, np.bool_)
        self._spanning[tuple(self._pairs.T)] = self._spanning[tuple(self._pairs.T[::-1])] = True
        compiled = importlib.util.find_spec("numba")  # comes with the extra train alone
        self._kernel = importlib.import_module("isoaux.srm.pooled_kernel") if compiled else None

    def counts(self, coordinates: NDArray[np.float64]) -> NDArray[np.int64]:
        """Counts (epsilons, DEGREES), thresholds rising, of unit vectors with the products ``coordinates`` (N, m)."""
        coordinates = np.ascontiguousarray(coordinates[:, self._used])
        ends = np.zeros((len(self.epsilons), 2 * DEGREES + 1), np.int64)
        if self._kernel:
            self._kernel.add(coordinates, self._products, self._spanning, self.epsilons, ends)
        else:
            add(coordinates, self._products, self._pairs, self.epsilons, ends)
        counts = folded(ends)
        return sum((np.roll(counts, k * DEGREES // 4, axis=1) for k in range(1, self._quarters)), counts)


def add(
    coordinates: NDArray[np.float64],
    products: NDArray[np.float64],
    pairs: NDArray[np.int64],
    epsilons: NDArray[np.float64],
    ends: NDArray[np.int64],
) -> None:
    """Add the first degree of every interval, and with a minus the one after its last, to ``ends``.

    As :func:`isoaux.srm.pooled_kernel.add` does, in the planes of ``pairs``, without numba.
    """
    for planes in np.array_split(pairs, 1 + len(pairs) * len(coordinates) // BLOCK):
        a, b = planes.T
        g = products[a, b]
        x = coordinates[:, a]
        y = (coordinates[:, b] - g * x) / np.sqrt(1 - g * g)
        length, phi, between = np.hypot(x, y), np.arctan2(y, x), np.broadcast_to(np.arccos(g), x.shape)
        for row, epsilon in zip(ends, epsilons, strict=True):
            inside = length >= epsilon
            half = np.arccos(epsilon / length[inside])
            for centre in (-phi[inside], phi[inside] - between[inside]):
                first = np.ceil((centre - half) / STEP).astype(np.int64)
                count = np.floor((centre + half) / STEP).astype(np.int64) - first + 1
                start = first % DEGREES
                np.add.at(row, start, 1)
                np.add.at(row, start + count, -1)


def folded(ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counts (epsilons, DEGREES) at every degree from the ``ends`` of intervals, which may go on for another turn."""
    turns = np.cumsum(ends, axis=1)
    return np.asarray(turns[:, :DEGREES] + turns[:, DEGREES : 2 * DEGREES])


def _axes(products: NDArray[np.float64]) -> NDArray[np.int64] | None:
    """One vector of each pair of antipodes, where ``products`` (m, m) are those of orthogonal axes; else None."""
    antipodes = products.argmin(axis=1)
    expected = np.eye(len(products))
    expected[np.arange(len(products)), antipodes] = -1
    right = np.allclose(products, expected, rtol=0, atol=RIGHT)
    return np.flatnonzero(np.arange(len(products)) < antipodes) if right else None
