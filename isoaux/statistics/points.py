"""The numbers of one panel of PPP points: how many, and how their angles lie about axes and diagonals.

With t the angle of a point on its plane, s = sin 2t = 2 w_1 w_2 / |w|^2 carries nearly everything:
cos 4t = 1 - 2 s^2, so nothing here needs a trigonometric function of a point except the histogram.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.common import arrays
from isoaux.common.arrays import Floats

BINS = 72
"""Bins of the angular histogram; bin k is centred on 5 k degrees, so no axis or diagonal is an edge."""

MOST = 1e100
"""Points in a bin of which pairs are counted."""

NEAR_AXIS: np.float64 = np.sin(np.radians(20))
"""|sin 2t| up to this is within 10 degrees of an axis."""

NEAR_DIAGONAL: np.float64 = np.cos(np.radians(20))
"""|sin 2t| from this on is within 10 degrees of a diagonal."""


@dataclass(frozen=True, eq=False)
class Panel:
    """The numbers of one PPP panel; t is a point's angle on its plane, 0 along b_i.

    ``count`` of points; ``c4`` = <cos 4t> and ``s2`` = <sin 2t>; ``axis_share`` and ``diagonal_share``, the
    fractions of points within 10 degrees of an axis or a diagonal (uniform: 4/18); ``histogram`` (72,),
    counts in bins of 5 degrees, bin k centred on 5 k degrees.
    """

    count: int
    c4: float
    s2: float
    axis_share: float
    diagonal_share: float
    histogram: NDArray[np.int64]


@arrays.numpy_defaults
def panel(points: ArrayLike) -> Panel:
    """The numbers of one panel of PPP points (suggested by the paper's claims; Sec. 4).

    Parameters: ``points`` (k, 2), array or tensor, any units. A point at the origin has no angle and enters
    the count alone. No points give zeros everywhere.
    """
    x, y = arrays.rows(points, "points", 2).T
    sine = sines(x, y)
    near = np.abs(sine)
    somewhere = (x != 0) | (y != 0)
    return Panel(
        len(x),
        mean_cos_4t(float(np.sum(sine * sine, dtype=np.float64)), sine.size),
        mean_of(float(np.sum(sine, dtype=np.float64)), sine.size),
        mean_of(int(np.count_nonzero(near <= NEAR_AXIS)), sine.size),
        mean_of(int(np.count_nonzero(near >= NEAR_DIAGONAL)), sine.size),
        np.bincount(sector(x, y)[somewhere], minlength=BINS),
    )


@arrays.numpy_defaults
def peak(histogram: ArrayLike) -> NDArray[np.float64]:
    """How many times likelier than on a circle two points fall into the same bin, of histograms (..., 72).

    1 for an even spread, 72 if all points are in one bin, NaN for fewer than two points; unbiased for any number.
    Raises ValueError for another number of bins, and for counts below 0 or not finite.
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
    """sin 2t = 2 x y / (x^2 + y^2) of every point that is not the origin, for coordinates of any size.

    Parameters: ``x`` and ``y`` (k,). Raises ValueError for shapes that differ and numbers that are not finite.
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
    """The bin of the angular histogram that every point falls into."""
    return np.rint(np.arctan2(y, x) / (2 * np.pi) * BINS).astype(np.int64) % BINS


def mean_cos_4t(squares: float, count: int) -> float:
    """<cos 4t> of so many points from the sum of sin^2 2t; 0 for none."""
    return 1 - 2 * squares / count if count else 0.0


def mean_of(total: float, count: int) -> float:
    """The mean from a sum; 0 for no points."""
    return total / count if count else 0.0
