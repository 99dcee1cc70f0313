"""Is this basis special? A statistic of PPP points against its values in random bases.

If no direction is special for a network's representations, the measured basis is exchangeable with
Haar-random rotations of it, so a statistic of the measured basis ranks uniformly among its values in random
bases. That holds exactly, whatever the representations' radial law and however strongly one sample enters
many planes (App. A), which a Poisson or uniform formula does not allow for.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import arrays, bases, ppp
from isoaux.arrays import Floats
from isoaux.bases import VARIANTS
from isoaux.choices import choose
from isoaux.statistics.nulls import BasisTest, test_from_null
from isoaux.statistics.points import mean_cos_4t, mean_of, sin_2t

STATISTICS: Mapping[str, str] = {
    "count": "number of PPP points",
    "c4": "mean of cos 4t: above 0 aligned, below 0 anti-aligned",
    "s2": "mean of sin 2t: above 0 on the main diagonal",
}
"""The statistics that have a null distribution, by name, and what they say."""

RECORDED = ("count", "c4", "s2")
"""Those whose values in random bases are in every network record."""

Nulls = dict[str, NDArray[np.float64]]


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
    return dict(zip(RECORDED, values.T.copy(), strict=True))


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
    value = dict(zip(RECORDED, measure(directions), strict=True))[statistic]
    null = null_draws(rows, draws, seed, epsilon, variant, None if complete else directions)[statistic]
    return test_from_null(value, null)


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
        return count, mean_cos_4t(squares, count), mean_of(total, count)


def _rotation(n: int, seed: int, draw: int) -> NDArray[np.float64]:
    return bases.random_orthogonal(n, np.random.SeedSequence(seed, spawn_key=(draw,)))
