"""Where the directions of a layer's representations lie: how near to an axis, and how many of them stand behind points.

A representation enters every plane that it is near, so that the points of a panel may be few directions many times
over. The numbers here are of the representations themselves.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import ppp, statistics
from isoaux.common.arrays import Floats
from isoaux.statistics.compiled_meter import CompiledMeter

Integers = NDArray[np.int64]


def of_panel(
    projection: ppp.Projection, z: Floats, basis: NDArray[np.float64], epsilon: float, quantiles: tuple[float, ...]
) -> dict[str, Any]:
    """The numbers of the directions of representations ``z`` (N, n) in a basis (m, n), by name.

    ``cosine_quantiles``: these ``quantiles`` of the cosine between a representation and the nearest signed axis.
    ``effective_neurons``: the mean of (sum c_i^2)^2 / sum c_i^4 of the coordinates c, which in an orthonormal basis is
    1 / sum u_i^4 of the direction u: 1 on an axis, m where all are equally large. Both leave out representations of
    length 0; they are 0 where there are no others. Shares of all N: ``kept_share``, those that lie near at least one
    plane; ``axis_cluster``, those that have one signed axis as their nearest, with a cosine above ``epsilon``, for the
    axis with most of them; ``plane_cluster``, those near one plane, for the plane with most. ``planes_filled`` is the
    number of planes with at least one point. ``projection`` is that of ``z`` at ``epsilon``.
    """
    cloud = ppp.Cloud.of(z)
    unit = cloud.coordinates(basis) / np.sqrt(cloud.totals)
    cosine = np.maximum(unit.max(0, initial=0), -unit.min(0, initial=0))
    near = unit[:, cosine > epsilon]
    nearest = np.abs(near).argmax(0)
    clusters = np.bincount(2 * nearest + (near[nearest, np.arange(len(nearest))] > 0), minlength=1)
    somewhere = cosine > 0
    squares = unit * unit
    effective = squares.sum(0)[somewhere] ** 2 / (squares * squares).sum(0)[somewhere]
    total = max(len(z), 1)
    return {
        "cosine_quantiles": np.quantile(cosine[somewhere], quantiles) if somewhere.any() else np.zeros(len(quantiles)),
        "effective_neurons": float(effective.mean(dtype=np.float64)) if somewhere.any() else 0.0,
        "kept_share": len(_kept(projection, len(z))) / total,
        "axis_cluster": int(clusters.max()) / total,
        "plane_cluster": int(projection.counts.max(initial=0)) / total,
        "planes_filled": int(np.count_nonzero(projection.counts)),
    }


def concentration(projection: ppp.Projection, z: Floats, basis: NDArray[np.float64]) -> dict[str, int]:
    """How few directions hold what a projection of representations ``z`` (N, n) kept.

    ``kept_samples``: representations that lie near at least one plane. ``axes_half``: the fewest of the 2m signed
    basis directions whose nearest kept samples are half of them. ``sectors_half``: the fewest of the 72 x planes
    sectors of 5 degrees, centred on its multiples so that no axis is an edge, that hold half of the points.
    """
    samples = _kept(projection, len(z))
    coordinates = z[samples] @ basis.T.astype(z.dtype)
    nearest = np.abs(coordinates).argmax(1)
    sign = coordinates[np.arange(len(samples)), nearest] > 0
    angle = np.arctan2(projection.points[:, 1], projection.points[:, 0])
    sector = np.rint(angle / (2 * np.pi) * statistics.BINS).astype(np.int64) % statistics.BINS
    return {
        "kept_samples": len(samples),
        "axes_half": fewest(np.bincount(2 * nearest + sign, minlength=2 * len(basis))),
        "sectors_half": fewest(np.bincount(statistics.BINS * projection.plane + sector, minlength=1)),
    }


def concentrations(
    z: Floats, basis: NDArray[np.float64], turned: NDArray[np.float64], epsilon: float, variant: str
) -> dict[str, Integers]:
    """The numbers of :func:`concentration` in rotations ``turned`` (D, m, n) of a basis (m, n), (D,) by name.

    ``epsilon`` and ``variant`` as in :func:`isoaux.ppp.project`.
    """
    meter = CompiledMeter(z, basis, epsilon, variant, ("count",))
    if not meter.compiled:
        each = [concentration(ppp.project(z, rows, epsilon, variant), z, rows) for rows in turned]
        return {name: np.array([numbers[name] for numbers in each]) for name in each[0]}
    kept, axes, sectors = meter.beams(turned)
    return {
        "kept_samples": kept,
        "axes_half": np.array([fewest(counts) for counts in axes]),
        "sectors_half": np.array([fewest(counts) for counts in sectors.reshape(len(turned), -1)]),
    }


def _kept(projection: ppp.Projection, samples: int) -> Integers:
    """Which of so many representations lie near at least one plane, in order."""
    return np.flatnonzero(np.bincount(projection.sample, minlength=samples))


def fewest(counts: Integers | Floats, share: float = 0.5) -> int:
    """The fewest cells that together hold at least this share of all that is counted; 0 if nothing is."""
    ordered = np.sort(counts)[::-1].cumsum()
    return int(np.searchsorted(ordered, share * ordered[-1]) + 1) if ordered[-1] else 0
