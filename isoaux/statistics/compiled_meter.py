"""A meter whose inner loops are compiled by numba: the same points, and sums to their rounding, several times faster.

It serves where numba is installed and there is enough to measure (:mod:`isoaux.statistics.meters`).
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import ppp
from isoaux.common.arrays import Floats, Integers
from isoaux.statistics import kernels, moments
from isoaux.statistics.points import BINS
from isoaux.statistics.tally import STATISTICS, Counts, Meter, Tally

ROW_BYTES = 1024
"""Bytes of a block in one coordinate: blocks of 32 coordinates fit a core's first or second cache."""

AT_ONCE = 64
"""Bases that are measured together: so many make the calls cheap, and their rows stay in the second cache."""

FAR = 30
"""Times their distance from the mean that representations may be long for a product to serve both."""

WIDEST = 256
"""The width up to which blocks stay in a core's second cache; wider representations are measured as by any meter."""

OF_POINTS = {"points": kernels.COUNT, "sine": kernels.SINE, "squares": kernels.SQUARES,
             "near_axis": kernels.AXIS, "near_diagonal": kernels.DIAGONAL}  # fmt: skip
"""The places of sums over points in what :func:`isoaux.statistics.kernels.measure` adds up."""

CELLS = {"near_axis", "near_diagonal", "planes", "directions", "sectors"}
"""Sums for which single points are looked at."""


class CompiledMeter(Meter):
    """Measures as :class:`isoaux.statistics.tally.Meter` does, faster for orthonormal rows and narrow layers.

    ``centred`` (N, n) are the representations less their mean, for :meth:`with_centred`.
    """

    def __init__(
        self,
        rows: Floats,
        basis: NDArray[np.float64],
        epsilon: float,
        variant: str,
        names: Sequence[str],
        centred: Floats | None = None,
    ) -> None:
        super().__init__(rows, basis, epsilon, variant, names)
        self.centred = None if centred is None else ppp.Cloud.of(centred.astype(self.frame.dtype, copy=False))
        scaled = _scaled(self.cloud) and bool(self.needs & set(moments.OF_NEURONS))
        self.compiled = self.frame.orthonormal and self.cloud.rows.shape[1] <= WIDEST and not scaled
        self.at_once = AT_ONCE if self.compiled else self.at_once

    def tally(self, turned: NDArray[np.float64]) -> Tally:
        """The sums that the statistics need in the bases ``turned`` (D, m, n)."""
        if not self.compiled:
            return super().tally(turned)
        return self._tally(self._measured(turned, self._asked()))

    def with_centred(self, turned: NDArray[np.float64]) -> tuple[dict[str, Counts], dict[str, Counts]]:
        """The statistics in the bases ``turned`` (D, m, n), and those of directions of the centred representations.

        One product serves both, so that the latter err by the rounding of a representation and not of its distance from
        the mean; :attr:`shares` says whether that is less than :data:`FAR` times as much.
        """
        assert self.centred is not None and self.shares
        sums = self._measured(turned, self._asked() | {"centred"})
        tally, others = self._tally(sums), self._moments(sums["centred"])
        beside = Tally(others, len(self.cloud.rows) - self.centred.zeros)
        return (
            {name: statistic.of(tally) for name, statistic in self.statistics.items()},
            {name: each.of(beside) for name, each in STATISTICS.items() if set(each.needs) <= set(others)},
        )

    @cached_property
    def shares(self) -> bool:
        """Whether one product serves the representations and the centred ones."""
        if self.centred is None or not self.compiled or _scaled(self.cloud) or _scaled(self.centred):
            return False
        return float(self.cloud.totals.mean()) < FAR**2 * float(self.centred.totals.mean())

    def _asked(self) -> set[str]:
        asked = {
            "moments": self.needs & set(moments.OF_SAMPLES),
            "neurons": self.needs & set(moments.OF_NEURONS),
            "points": "points" in self.needs,
            "cells": self.needs & CELLS,
        }
        return {name for name, some in asked.items() if some}

    def _moments(self, sums: Counts) -> dict[str, Counts]:
        return {need: sums[:, place] for place, need in enumerate(moments.OF_SAMPLES)}

    def _tally(self, sums: dict[str, NDArray[Any]]) -> Tally:
        samples, planes, cells = len(self.cloud.rows), self.widths["planes"], sums["cells"]
        every = self._moments(sums["moments"]) | {need: sums["points"][:, place] for need, place in OF_POINTS.items()}
        every |= {"planes": cells[:, :planes], "directions": cells[:, planes:-BINS], "sectors": cells[:, -BINS:]}
        second, fourth = sums["neurons"][..., 0], sums["neurons"][..., 1]
        every["neurons"] = np.where(second > 0, samples * fourth / np.where(second > 0, second, 1) ** 2, 0)
        self.seen += int(every["points"].sum())
        return Tally({need: every[need] for need in self.needs}, samples - self.cloud.zeros)

    def beams(self, turned: NDArray[np.float64]) -> tuple[Integers, Integers, Integers]:
        """Where the points are in the bases ``turned`` (D, m, n), which have to be orthonormal and not too wide.

        The numbers of representations with a point (D,), these by their nearest signed direction (D, 2m), and the
        numbers of points by plane and angle (D, p, 72).
        """
        count, m = turned.shape[:2]
        beams = self._measured(turned, {"points", "beams"})["beams"]
        return beams[:, 0], beams[:, 1 : 1 + 2 * m], beams[:, 1 + 2 * m :].reshape(count, -1, BINS)

    def _measured(self, turned: NDArray[np.float64], asked: set[str]) -> dict[str, NDArray[Any]]:
        """The sums of :func:`isoaux.statistics.kernels.measure` by name, without rows but for those ``asked`` for."""
        count, m, n = turned.shape
        planes = self.widths["planes"]
        padded = np.zeros((count, m + -m % kernels.ROWS, n), self.cloud.rows.dtype)
        padded[:, :m] = turned
        kinds = "moments", "centred", "neurons", "points", "cells", "beams"
        rows = {name: count * (name in asked) for name in kinds}
        sums: dict[str, NDArray[Any]] = {
            "moments": np.zeros((rows["moments"], len(moments.OF_SAMPLES))),
            "centred": np.zeros((rows["centred"], len(moments.OF_SAMPLES))),
            "neurons": np.zeros((rows["neurons"], m, 2)),
            "points": np.zeros((rows["points"], len(OF_POINTS))),
            "cells": np.zeros((rows["cells"], planes + 2 * m + BINS), np.int64),
            "beams": np.zeros((rows["beams"], 1 + 2 * m + BINS * planes), np.int64),
        }
        kernels.measure(
            padded, self.blocks, len(self.cloud.rows), self.inverse, self.away if "centred" in asked else self.inverse,
            *self._neurons(padded, bool(asked & {"neurons", "centred"})), self.thresholds, self.planes,
            int(self.ordered), *sums.values(),
        )  # fmt: skip
        return sums

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
    def away(self) -> Floats:
        """1 over the distance of every representation from their mean, (B, S), 0 for one that is there."""
        assert self.centred is not None
        away = self.centred.rows.any(1)
        return self._in_blocks(np.where(away, 1 / np.sqrt(self.centred.totals), 0))

    @cached_property
    def thresholds(self) -> Floats:
        """What a point is compared with, (3, B, S); no zero behind the representations makes one."""
        threshold = ppp.Threshold.of(self.cloud.totals, self.cloud.rows.shape[1], self.epsilon)
        return self._in_blocks(np.stack([threshold.low, threshold.limit, threshold.high]))

    @cached_property
    def law(self) -> tuple[Counts, Counts]:
        """The mean (n,) and the covariance (n, n) of the representations, the latter to the rounding of their dtype."""
        rows = self.cloud.rows
        mean, covariance = rows.mean(0, dtype=np.float64), np.zeros((rows.shape[1], rows.shape[1]))
        for start in range(0, len(rows), 2**12):
            deviations = rows[start : start + 2**12] - mean.astype(rows.dtype)
            covariance += deviations.T @ deviations
        return mean, covariance / max(len(rows), 1)

    def _neurons(self, padded: Floats, asked: bool) -> tuple[Floats, Floats]:
        """Mean, and 1 over the standard deviation, of every coordinate, two (D, M); zeros if not asked for.

        The latter is 0 for a coordinate that does not change but for rounding.
        """
        if not asked:
            nothing = np.zeros(padded.shape[:2], padded.dtype)
            return nothing, nothing
        mean, covariance = self.law
        spread = np.sqrt(np.maximum(np.einsum("dmn,dmn->dm", padded @ covariance, padded), 0))
        changes = spread > spread.max(initial=0) * np.finfo(np.float32).eps
        scale = np.where(changes, 1 / np.where(changes, spread, 1), 0)
        return (padded @ mean).astype(padded.dtype), scale.astype(padded.dtype)

    def _in_blocks(self, values: Floats) -> Floats:
        """Values (..., N) as (..., B, S), with zeros behind them."""
        size = ROW_BYTES // self.cloud.rows.dtype.itemsize
        blocks = -(-values.shape[-1] // size)
        padded = np.zeros((*values.shape[:-1], blocks * size), self.cloud.rows.dtype)
        padded[..., : values.shape[-1]] = values
        return padded.reshape(*values.shape[:-1], blocks, size)


def _scaled(cloud: ppp.Cloud) -> bool:
    """Whether single rows of a cloud were scaled."""
    return cloud.exponents is not None and bool(cloud.exponents.any())
