"""Statistics of one panel of PPP points: their number, and their angles relative to axes and diagonals.

With t the angle of a point on its plane, s = sin 2t = 2 w_1 w_2 / |w|^2 and cos 4t = 1 - 2 s^2, so no trigonometric
function of a point is needed except for the histogram.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.common import arrays
from isoaux.common.arrays import Floats

BINS = 72
"""Bins of the angular histogram; bin k is centred on 5 k degrees, so no axis or diagonal is an edge."""

MOST = 1e100
"""The largest count in a bin of which pairs are counted."""

NEAR_AXIS: np.float64 = np.sin(np.radians(20))
"""Points with |sin 2t| up to this are within 10 degrees of an axis."""

NEAR_DIAGONAL: np.float64 = np.cos(np.radians(20))
"""Points with |sin 2t| from this on are within 10 degrees of a diagonal."""


@dataclass(frozen=True, eq=False)
class Panel:
    """Statistics of one PPP panel; t is a point's angle on its plane, 0 along b_i.

    ``count``, the number of points; ``c4`` = <cos 4t> and ``s2`` = <sin 2t>; ``axis_share`` and ``diagonal_share``,
    the fractions of points within 10 degrees of an axis or a diagonal (uniform: 4/18); ``histogram`` (72,), counts in
    bins of 5 degrees, bin k centred on 5 k degrees.
    """

    count: int
    c4: float
    s2: float
    axis_share: float
    diagonal_share: float
    histogram: NDArray[np.int64]


@arrays.numpy_defaults
def panel(points: ArrayLike) -> Panel:
    """The statistics of PPP points ``points`` (k, 2), array or tensor, in any units (after the claims of Sec. 4).

    A point at the origin has no angle and only enters the count. No points give zeros everywhere.
    """
    x, y = arrays.rows(points, "points", 2).T
    sine = sines(x, y)
    near = np.abs(sine)
    somewhere = (x != 0) | (y != 0)

    def mean(values: NDArray[Any]) -> float:
        return float(np.sum(values, dtype=np.float64)) / sine.size if sine.size else 0.0

    return Panel(
        len(x),
        1 - 2 * mean(sine * sine) if sine.size else 0.0,
        mean(sine),
        mean(near <= NEAR_AXIS),
        mean(near >= NEAR_DIAGONAL),
        np.bincount(sector(x, y)[somewhere], minlength=BINS),
    )


@arrays.numpy_defaults
def peak(histogram: ArrayLike) -> NDArray[np.float64]:
    """The probability that two points share a bin over that of an even spread, (...,) of ``histogram`` (..., 72).

    1 for an even spread, 72 if all points are in one bin, NaN for fewer than two points; unbiased for any number of
    points. Raises ValueError for another number of bins, and for counts below 0 or above :data:`MOST`.
    """
    counts = arrays.numbers(histogram, "histogram").astype(np.float64, copy=False)
    if counts.ndim == 0 or counts.shape[-1] != BINS:
        raise ValueError(f"histogram has shape {counts.shape}; accepted: {BINS} bins on the last axis.")
    if counts.size and not 0 <= counts.min() <= counts.max() <= MOST:
        raise ValueError(f"histogram holds {counts.min():g} to {counts.max():g}; accepted: counts from 0 to {MOST:g}.")
    total = counts.sum(-1)
    pairs = (counts * (counts - 1)).sum(-1)
    return np.where(total > 1, BINS * pairs / np.maximum(total * (total - 1), 1), np.nan)


@arrays.numpy_defaults
def sin_2t(x: ArrayLike, y: ArrayLike) -> Floats:
    """sin 2t = 2 x y / (x^2 + y^2) of every point that is not the origin, from coordinates ``x`` and ``y`` (k,).

    Raises ValueError for shapes that differ and numbers that are not finite.
    """
    x, y = arrays.numbers(x, "x"), arrays.numbers(y, "y")
    if x.shape != y.shape:
        raise ValueError(f"x has shape {x.shape} and y {y.shape}; accepted: coordinates of the same points.")
    return sines(x, y)


def sines(x: Floats, y: Floats) -> Floats:
    """:func:`sin_2t` of coordinates that are known to be finite."""
    largest = np.maximum(np.abs(x), np.abs(y))
    if not largest.all():
        somewhere = largest > 0
        x, y, largest = x[somewhere], y[somewhere], largest[somewhere]
    x, y = x / largest, y / largest
    return 2 * x * y / (x * x + y * y)


def sector(x: Floats, y: Floats) -> NDArray[np.int64]:
    """The bin of the angular histogram of every point, (k,)."""
    return np.rint(np.arctan2(y, x) / (2 * np.pi) * BINS).astype(np.int64) % BINS
