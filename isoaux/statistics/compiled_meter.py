"""A meter whose inner loops are compiled by numba: the same points, and sums to their rounding, several times faster.

It serves where numba is installed and there is enough to measure (:mod:`isoaux.statistics.meters`).
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from isoaux import ppp
from isoaux.common.arrays import Floats
from isoaux.statistics import kernels, moments
from isoaux.statistics.points import BINS
from isoaux.statistics.tally import Counts, Meter, Tally

ROW_BYTES = 1024
"""Bytes of a block in one coordinate: blocks of 32 coordinates fit a core's first or second cache."""

AT_ONCE = 64
"""Bases that are measured together: so many make the calls cheap, and their rows stay in the second cache."""

WIDEST = 256
"""The width up to which blocks stay in a core's second cache; wider representations are measured as by any meter."""

OF_POINTS = {"points": kernels.COUNT, "sine": kernels.SINE, "squares": kernels.SQUARES,
             "near_axis": kernels.AXIS, "near_diagonal": kernels.DIAGONAL}  # fmt: skip
"""The places of sums over points in what :func:`isoaux.statistics.kernels.measure` adds up."""

CELLS = {"near_axis", "near_diagonal", "planes", "directions", "sectors"}
"""Sums for which single points are looked at."""


class CompiledMeter(Meter):
    """Measures as :class:`isoaux.statistics.tally.Meter` does, faster for orthonormal rows and narrow layers."""

    def __init__(
        self, rows: Floats, basis: NDArray[np.float64], epsilon: float, variant: str, names: Sequence[str]
    ) -> None:
        super().__init__(rows, basis, epsilon, variant, names)
        scaled = self.cloud.exponents is not None and self.needs & set(moments.OF_NEURONS)
        self.compiled = self.frame.orthonormal and self.cloud.rows.shape[1] <= WIDEST and not scaled
        self.at_once = AT_ONCE if self.compiled else self.at_once

    def tally(self, turned: NDArray[np.float64]) -> Tally:
        """The sums that the statistics need in the bases ``turned`` (D, m, n)."""
        if not self.compiled:
            return super().tally(turned)
        count, m, n = turned.shape
        samples, dtype = len(self.cloud.rows), self.cloud.rows.dtype
        padded = np.zeros((count, m + -m % kernels.ROWS, n), dtype)
        padded[:, :m] = turned
        middle, scale = self._neurons(turned)
        of_moments = np.zeros((count * bool(self.needs & set(moments.OF_SAMPLES)), 4))
        of_neurons = np.zeros((count * ("neurons" in self.needs), m, 2))
        of_points = np.zeros((count * ("points" in self.needs), len(OF_POINTS)))
        planes = self.widths["planes"]
        cells = np.zeros((count * bool(self.needs & CELLS), planes + 2 * m + BINS), np.int64)
        kernels.measure(
            padded, self.blocks, samples, self.inverse, middle, scale, self.thresholds,
            self.planes, int(self.ordered), of_moments, of_neurons, of_points, cells,
        )  # fmt: skip
        every: dict[str, Counts] = {need: of_moments[:, place] for place, need in enumerate(moments.OF_SAMPLES)}
        every |= {need: of_points[:, place] for need, place in OF_POINTS.items()}
        every |= {"planes": cells[:, :planes], "directions": cells[:, planes:-BINS], "sectors": cells[:, -BINS:]}
        second, fourth = of_neurons[..., 0], of_neurons[..., 1]
        every["neurons"] = np.where(second > 0, samples * fourth / np.where(second > 0, second, 1) ** 2, 0)
        self.seen += int(of_points[:, kernels.COUNT].sum())
        return Tally({need: every[need] for need in self.needs}, samples - self.cloud.zeros)

    @cached_property
    def blocks(self) -> Floats:
        """The representations in blocks, (B, n, S), with zeros behind them."""
        rows = self.cloud.rows
        return np.ascontiguousarray(self._in_blocks(rows.T).transpose(1, 0, 2))

    @cached_property
    def inverse(self) -> Floats:
        """1 over the length of every representation, (B, S)."""
        return self._in_blocks(1 / np.sqrt(self.cloud.totals))

    @cached_property
    def thresholds(self) -> Floats:
        """What a point is compared with, (3, B, S); no zero behind the representations makes one."""
        threshold = ppp.Threshold.of(self.cloud.totals, self.cloud.rows.shape[1], self.epsilon)
        return self._in_blocks(np.stack([threshold.low, threshold.limit, threshold.high]))

    @cached_property
    def law(self) -> tuple[Counts, Counts]:
        """The mean (n,) and the covariance (n, n) of the representations."""
        rows = self.cloud.rows
        mean, covariance = rows.mean(0, dtype=np.float64), np.zeros((rows.shape[1], rows.shape[1]))
        for start in range(0, len(rows), 2**12):
            deviations = rows[start : start + 2**12] - mean
            covariance += deviations.T @ deviations
        return mean, covariance / max(len(rows), 1)

    def _neurons(self, turned: NDArray[np.float64]) -> tuple[Floats, Floats]:
        """Mean, and 1 over the standard deviation, of every neuron in the bases ``turned``, two (D, m)."""
        if "neurons" not in self.needs:
            return np.zeros((2, *turned.shape[:2]), self.cloud.rows.dtype)
        mean, covariance = self.law
        spread = np.sqrt(np.maximum(np.einsum("dmn,dmn->dm", turned @ covariance, turned), 0))
        scale = 1 / np.where(spread > 0, spread, 1)
        dtype = self.cloud.rows.dtype
        return (turned @ mean).astype(dtype), scale.astype(dtype)

    def _in_blocks(self, values: Floats) -> Floats:
        """Values (..., N) as (..., B, S), with zeros behind them."""
        size = ROW_BYTES // self.cloud.rows.dtype.itemsize
        blocks = -(-values.shape[-1] // size)
        padded = np.zeros((*values.shape[:-1], blocks * size), self.cloud.rows.dtype)
        padded[..., : values.shape[-1]] = values
        return padded.reshape(*values.shape[:-1], blocks, size)
