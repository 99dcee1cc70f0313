"""Is this basis special? Statistics of PPP points, and their null distribution in random bases.

If no direction is special for a network's representations, the measured basis is exchangeable with
Haar-random rotations of it, so a statistic of the measured basis ranks uniformly among its values in random
bases. That holds exactly, whatever the representations' radial law and however strongly one sample enters
many planes (App. A), which a Poisson or uniform formula does not allow for. With t the angle of a point on
its plane, s = sin 2t = 2 w_1 w_2 / |w|^2 carries everything: cos 4t = 1 - 2 s^2, so nothing here needs a
trigonometric function of a point except the histogram.

What is measured once a seed has the interval of its mean (:func:`interval`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from isoaux import arrays, bases, ppp
from isoaux.arrays import Floats
from isoaux.bases import VARIANTS
from isoaux.choices import choose

BINS = 72
"""Bins of the angular histogram; bin k is centred on 5 k degrees, so no axis or diagonal is an edge."""

STATISTICS: Mapping[str, str] = {
    "count": "number of PPP points",
    "c4": "mean of cos 4t: above 0 aligned, below 0 anti-aligned",
    "s2": "mean of sin 2t: above 0 on the main diagonal",
}
"""The statistics that have a null distribution, by name, and what they say."""

Nulls = dict[str, NDArray[np.float64]]


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


@dataclass(frozen=True, eq=False)
class BasisTest:
    """A statistic in the measured basis against its ``null`` (draws,); see :func:`basis_test`."""

    value: float
    null: NDArray[np.float64]
    p: float
    effect: float
    draws: int


@dataclass(frozen=True)
class Interval:
    """A mean and its confidence interval; infinite for fewer than two values."""

    mean: float
    low: float
    high: float
    count: int

    @property
    def sign(self) -> int:
        """1 or -1 where all of the interval is above or below 0, else 0."""
        return int(self.low > 0) - int(self.high < 0)


def panel(points: ArrayLike) -> Panel:
    """The numbers of one panel of PPP points (suggested by the paper's claims; Sec. 4).

    Parameters: ``points`` (k, 2), array or tensor, any units. A point at the origin has no angle and enters
    the count alone. No points give zeros everywhere.
    """
    x, y = arrays.rows(points, "points", 2).T
    sine = sin_2t(x, y)
    near = np.abs(sine)
    turns = np.arctan2(y, x)[(x != 0) | (y != 0)] / (2 * np.pi)
    return Panel(
        len(x),
        _c4(float(np.sum(sine * sine, dtype=np.float64)), sine.size),
        _mean(float(np.sum(sine, dtype=np.float64)), sine.size),
        _mean(int(np.count_nonzero(near <= np.sin(np.radians(20)))), sine.size),
        _mean(int(np.count_nonzero(near >= np.cos(np.radians(20)))), sine.size),
        np.bincount(np.rint(turns * BINS).astype(np.int64) % BINS, minlength=BINS),
    )


def peak(histogram: NDArray[Any]) -> NDArray[np.float64]:
    """How many times likelier than on a circle two points fall into the same bin, of histograms (..., 72).

    1 for an even spread, 72 if all points are in one bin, NaN for fewer than two points; unbiased for any number.
    """
    total = histogram.sum(-1)
    pairs = (histogram * (histogram - 1)).sum(-1)
    return np.where(total > 1, BINS * pairs / np.maximum(total * (total - 1), 1), np.nan)


def sin_2t(x: Floats, y: Floats) -> Floats:
    """sin 2t = 2 x y / (x^2 + y^2) of every point that is not the origin, for coordinates of any size."""
    largest = np.maximum(np.abs(x), np.abs(y))
    if not largest.all():
        somewhere = largest > 0
        x, y, largest = x[somewhere], y[somewhere], largest[somewhere]
    x, y = x / largest, y / largest
    return 2 * x * y / (x * x + y * y)


def null_draws(
    activations: ArrayLike,
    draws: int,
    seed: int,
    epsilon: float = 0.75,
    variant: str = "combination",
    basis: ArrayLike | None = None,
) -> Nulls:
    """Count, c4 and s2 of the PPP points in Haar-random bases, arrays of shape (draws,) by name.

    Draw i measures the rows of B Q_i^T with Q_i Haar-random in O(n); it depends on (seed, i) alone, so 99
    draws are the first 99 of 999. Parameters: ``activations`` (N, n), array or tensor; ``basis`` (m, n), the
    B that is rotated, by default the standard basis, which stands for every complete orthonormal one.
    ``epsilon`` and ``variant`` as in :func:`isoaux.ppp.project`. Raises ValueError as that does, and for
    fewer than one draw.
    """
    rows = arrays.rows(activations, "activations")
    n = rows.shape[1]
    directions = bases.standard(n) if basis is None else bases.check(basis, n)
    measure = _Meter(rows, directions, epsilon, variant)
    values = np.array(
        [measure(directions @ _rotation(n, seed, draw).T) for draw in range(arrays.whole(draws, "draws"))]
    )
    return dict(zip(STATISTICS, values.T.copy(), strict=True))


def basis_test(
    activations: ArrayLike,
    basis: ArrayLike,
    statistic: str = "count",
    draws: int = 999,
    seed: int = 0,
    epsilon: float = 0.75,
    variant: str = "combination",
) -> BasisTest:
    """Whether a basis is special: its statistic against those of ``draws`` random rotations of it.

    p = (1 + #{at least as extreme}) / (1 + draws), two-sided: twice the smaller tail, at most 1, ties
    extreme; effect = (value - median null) / (1.4826 MAD null). If the law of the representations is
    O(n)-invariant, p is uniform (up to its steps) for every basis. Parameters: ``activations`` (N, n), array
    or tensor; ``basis`` (m, n) unit rows; ``statistic`` a key of :data:`STATISTICS`; ``seed`` of the random
    rotations; ``epsilon`` and ``variant`` as in :func:`isoaux.ppp.project`. A complete orthonormal basis has
    the null of :func:`null_draws` without a basis.

    Raises ValueError as :func:`isoaux.ppp.project` does, for an unknown statistic and for fewer than one
    draw.
    """
    choose("statistic", statistic, STATISTICS)
    rows = arrays.rows(activations, "activations")
    n = rows.shape[1]
    directions = bases.check(basis, n)
    measure = _Meter(rows, directions, epsilon, variant)
    complete = measure.frame.orthonormal and len(directions) == n
    value = dict(zip(STATISTICS, measure(directions), strict=True))[statistic]
    null = null_draws(rows, draws, seed, epsilon, variant, None if complete else directions)[statistic]
    return test_from_null(value, null)


def test_from_null(value: float, null: ArrayLike) -> BasisTest:
    """The test of a value against stored null values (draws,), as in :func:`basis_test`.

    Where the null's MAD is 0 the effect is 0 for a value equal to the median and infinite otherwise.
    Raises ValueError for no null values or values that are not finite.
    """
    values = arrays.rows(np.atleast_2d(np.asarray(null, dtype=np.float64)), "null")[0]
    if not values.size:
        raise ValueError("null has no values; accepted: at least one.")
    if not np.isfinite(value):
        raise ValueError(f"value is {value!r}; accepted: a finite number.")
    tail = min(np.count_nonzero(values >= value), np.count_nonzero(values <= value))
    p = min(1.0, 2 * (1 + int(tail)) / (1 + values.size))
    return BasisTest(float(value), values, p, _effect(float(value), values), values.size)


def interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Mean of independent values (S,) with Student's interval, mean -+ t s / sqrt(S) of S - 1 degrees of freedom.

    Raises ValueError for no value, values that are not finite, and a level outside (0, 1).
    """
    found = np.atleast_1d(np.asarray(values, np.float64))
    if found.ndim != 1 or not len(found) or not np.isfinite(found).all():
        raise ValueError(f"values has shape {np.shape(values)}; accepted: a list of finite numbers, at least one.")
    if not 0 < level < 1:
        raise ValueError(f"level is {level!r}; accepted: a number between 0 and 1.")
    mean, count = float(found.mean()), len(found)
    half = np.inf
    if count > 1:
        half = float(stdtrit(count - 1, (1 + level) / 2) * found.std(ddof=1) / np.sqrt(count))
    return Interval(mean, mean - half, mean + half, count)


def _effect(value: float, null: NDArray[np.float64]) -> float:
    median = float(np.median(null))
    spread = 1.4826 * float(np.median(np.abs(null - median)))
    if spread > 0:
        return (value - median) / spread
    return 0.0 if value == median else float(np.copysign(np.inf, value - median))


class _Meter:
    """Count, c4 and s2 of fixed representations in any rotation of one basis, without building the points."""

    def __init__(self, rows: Floats, basis: NDArray[np.float64], epsilon: float, variant: str) -> None:
        self.ordered = choose("variant", variant, VARIANTS)
        self.epsilon = arrays.fraction(epsilon, "epsilon")
        self.frame = ppp.Frame.of(basis, rows.dtype)
        self.cloud = ppp.Cloud.of(rows.astype(self.frame.dtype, copy=False))
        self.coordinates = np.empty((len(basis), len(rows)), dtype=self.frame.dtype)

    def __call__(self, basis: NDArray[np.float64]) -> tuple[int, float, float]:
        coordinates = self.cloud.coordinates(basis, out=self.coordinates)
        count, total, squares = 0, 0.0, 0.0
        for first, second, sample in ppp.accepted(coordinates, self.cloud.totals, self.frame, self.epsilon):
            for i, j in ((first, second), (second, first))[: 1 + self.ordered]:
                sine = sin_2t(*ppp.in_plane(coordinates, self.frame, i, j, sample))
                count += sine.size
                total += float(np.sum(sine, dtype=np.float64))
                squares += float(np.sum(sine * sine, dtype=np.float64))
        return count, _c4(squares, count), _mean(total, count)


def _rotation(n: int, seed: int, draw: int) -> NDArray[np.float64]:
    return bases.random_orthogonal(n, np.random.SeedSequence(seed, spawn_key=(draw,)))


def _c4(squares: float, count: int) -> float:
    return 1 - 2 * squares / count if count else 0.0


def _mean(total: float, count: int) -> float:
    return total / count if count else 0.0
