"""The law of p values where no direction is special, and a test whether p values follow it.

A two-sided p of :func:`isoaux.statistics.test_from_null` with D null values comes in steps: the value's rank among
them is uniform on 0 .. D, and p = min(1, 2 (1 + min(rank, D - rank)) / (1 + D)). Ties make p larger, never smaller.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from isoaux.common import arrays
from isoaux.statistics.nulls import MOST_DRAWS
from isoaux.statistics.seeds import list_of_numbers

SIMULATED = 9999
"""Simulated sets of p values of the right law that the measured set is compared with."""

_AT_ONCE = 2**22  # simulated p values at a time


@dataclass(frozen=True)
class Uniformity:
    """Kolmogorov's ``distance`` of ``count`` p values from their law, the largest over all x, and its ``p``."""

    distance: float
    p: float
    count: int


@arrays.numpy_defaults
def of_rank(rank: ArrayLike, draws: ArrayLike) -> NDArray[np.float64]:
    """The two-sided p of values that are larger than ``rank`` of their ``draws`` null values and tied with none."""
    below, total = np.asarray(rank, np.float64), np.asarray(draws, np.float64)
    return np.minimum(1, 2 * (1 + np.minimum(below, total - below)) / (1 + total))


@arrays.numpy_defaults
def due(x: ArrayLike, draws: int) -> NDArray[np.float64]:
    """P(p <= x) of a two-sided p against ``draws`` null values where no direction is special, of the shape of ``x``."""
    steps = np.sort(of_rank(np.arange(draws + 1), draws))
    return np.searchsorted(steps, np.asarray(x) + 1e-12, side="right") / (draws + 1)


@arrays.numpy_defaults
def uniformity(p_values: ArrayLike, draws: ArrayLike, seed: Any = 0) -> Uniformity:
    """The test whether independent p values (S,) are uniform on the steps that they can take, by Kolmogorov's distance.

    ``draws``, the number of null values behind the p values, is one number or one per p value. The distance is compared
    with those of 9,999 simulated sets of the same steps, with ``seed``, so its p is exact for any mixture of steps.
    Raises ValueError for no p values, numbers outside (0, 1], draws that are not whole numbers from 1 to
    :data:`isoaux.statistics.nulls.MOST_DRAWS`, neither one nor as many as p values, and a bad seed.
    """
    p, seed = list_of_numbers(p_values, "p_values"), arrays.seed(seed)
    outside = np.flatnonzero((p <= 0) | (p > 1))
    if outside.size:
        raise ValueError(f"p_values holds {p[outside[0]]}; accepted: numbers in (0, 1].")
    counts = _numbers_of_draws(draws, len(p))
    kinds, members = np.unique(counts, return_counts=True)
    grid = np.unique(np.round(np.concatenate([of_rank(np.arange(d + 1), d) for d in kinds]), 12))
    expected = np.average([due(grid, int(d)) for d in kinds], axis=0, weights=members)
    distance = _distances(p[None], grid, expected)[0]
    rng, larger, made = np.random.default_rng(seed), 0, 0
    while made < SIMULATED:
        size = min(SIMULATED - made, max(1, _AT_ONCE // max(len(p), len(grid))))
        sets = of_rank(rng.integers(0, counts + 1, (size, len(p))), counts)
        larger += int(np.count_nonzero(_distances(sets, grid, expected) >= distance - 1e-12))
        made += size
    return Uniformity(float(distance), (1 + larger) / (1 + SIMULATED), len(p))


def _numbers_of_draws(draws: Any, count: int) -> NDArray[np.int64]:
    """``draws`` as whole numbers (count,), one per p value."""
    numbers = list_of_numbers(draws, "draws")
    if len(numbers) not in (1, count):
        raise ValueError(f"draws has {len(numbers)} numbers; accepted: one, or as many as p_values, {count}.")
    wrong = np.flatnonzero((numbers < 1) | (numbers > MOST_DRAWS) | (numbers % 1 != 0))
    if isinstance(draws, bool) or wrong.size:
        shown = draws if isinstance(draws, bool) else f"{numbers[wrong[0]]:g}"
        raise ValueError(f"draws is {shown}; accepted: whole numbers from 1 to {MOST_DRAWS:,}.")
    return np.broadcast_to(numbers.astype(np.int64), count)


@arrays.numpy_defaults
def band(count: int, level: float = 0.95) -> float:
    """Half the height of a band that holds the empirical distribution of ``count`` p values with probability ``level``.

    Kolmogorov's exact quantile for independent uniform numbers; the band is too wide where p values come in steps.
    Raises ValueError for fewer than one p value and a level outside (0, 1).
    """
    return float(scipy.stats.kstwo.ppf(arrays.level(level), arrays.whole(count, "count")))


def _distances(
    sets: NDArray[np.float64], grid: NDArray[np.float64], expected: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Kolmogorov's distance (B,) of the rows of ``sets`` (B, S) from the shares ``expected`` at the steps ``grid``."""
    size = len(grid)
    place = np.minimum(np.searchsorted(grid, sets - 1e-9), size - 1) + size * np.arange(len(sets))[:, None]
    shares = np.bincount(place.ravel(), minlength=size * len(sets)).reshape(-1, size).cumsum(1) / sets.shape[1]
    return np.abs(shares - expected).max(1)
