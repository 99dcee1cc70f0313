"""A meter whose inner loops are compiled by numba: the same points in the same order, and moments to their rounding.

Networks are compared with thousands of random bases, so that records are measured with this one. Packages that only
measure representations do without numba (:class:`isoaux.statistics.tally.Meter`).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from isoaux import ppp
from isoaux.common.arrays import Floats
from isoaux.ppp import Pairs
from isoaux.records import kernels
from isoaux.statistics import moments
from isoaux.statistics.tally import Counts, Meter, Tally

BLOCK = 2**9
"""Samples whose moments are added up at once: their sums over neurons stay in the processor's first cache."""

AT_ONCE = 2**16
"""Coordinates that are made together where no points are counted: they stay in a core's cache."""


class CompiledMeter(Meter):
    """Measures as :class:`isoaux.statistics.tally.Meter` does, faster for bases of orthonormal rows."""

    def tally(self, turned: NDArray[np.float64]) -> Tally:
        """The sums that the statistics need in the bases ``turned`` (D, m, n)."""
        of_directions = [need for need in moments.OF_SAMPLES if need in self.needs]
        of_neurons = [need for need in moments.OF_NEURONS if need in self.needs]
        if of_neurons or not of_directions:
            return super().tally(turned)
        count, m, n = turned.shape
        samples = len(self.cloud.rows)
        totals = np.zeros((count, 4))
        inverse = 1 / np.sqrt(self.cloud.totals)
        sums: dict[str, Counts] = {}
        if "points" in self.needs:
            coordinates = self._room(m, count * samples)
            stacked = turned.transpose(1, 0, 2).reshape(m * count, n)
            self.cloud.coordinates(stacked, out=coordinates.reshape(m * count, samples))
            for draw in range(count):
                kernels.add(coordinates[:, draw * samples : (draw + 1) * samples], inverse, totals[draw], BLOCK)
            sums = self._of_points(coordinates, count)
        else:
            stacked = turned.reshape(count * m, n).astype(self.cloud.rows.dtype)
            size = max(BLOCK, AT_ONCE // len(stacked))
            for start in range(0, samples, size):
                part = (stacked @ self.cloud.rows[start : start + size].T).reshape(count, m, -1)
                for draw in range(count):
                    kernels.add(part[draw], inverse[start : start + size], totals[draw], BLOCK)
        return Tally(sums | {need: totals[:, PLACES[need]] for need in of_directions}, samples - self.cloud.zeros)

    def accepted(self, coordinates: Floats, totals: Floats) -> Iterator[Pairs]:
        """The pairs and samples of :func:`isoaux.ppp.accepted`, in its order."""
        if not self.frame.orthonormal:
            yield from super().accepted(coordinates, totals)
            return
        m, share = len(coordinates), self.epsilon**2
        first, second, column = np.empty((3, m * ppp.BLOCK), np.int64)
        for start in range(0, coordinates.shape[1], ppp.BLOCK):
            block = slice(start, start + ppp.BLOCK)
            squares = coordinates[:, block] * coordinates[:, block]
            limit, width = share * totals[block], squares.shape[1]
            sample = np.arange(start, start + width)
            while width:
                found, width = kernels.pairs(squares, width, limit, sample, first, second, column)
                if width:
                    yield first[:found].copy(), second[:found].copy(), column[:found].copy()


PLACES = {need: place for place, need in enumerate(moments.OF_SAMPLES)}
"""Where :func:`isoaux.records.kernels.add` puts each of the moments."""
