"""Are p values what they promise? Their law where nothing is special, and a test of it.

A two-sided p of :func:`isoaux.statistics.test_from_null` with D null values comes in steps: the value's rank among
them is uniform on 0 .. D, and p = min(1, 2 (1 + min(rank, D - rank)) / (1 + D)). Ties make p larger, never smaller.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from isoaux.common import arrays
from isoaux.statistics.seeds import level_between, list_of_numbers

SIMULATED = 9999
"""Sets of p values of the right law that the measured set is compared with."""

MOST = 10**7
"""Null values behind a p value, at most: all its steps are held."""

_AT_ONCE = 2**22


@dataclass(frozen=True)
class Uniformity:
    """``distance``: the largest gap between the shares of p values up to x and what is due; ``p`` of that gap."""

    distance: float
    p: float
    count: int


@arrays.numpy_defaults
def of_rank(rank: ArrayLike, draws: ArrayLike) -> NDArray[np.float64]:
    """The two-sided p of a value that is larger than ``rank`` of its ``draws`` null values and tied with none."""
    below, total = np.asarray(rank, np.float64), np.asarray(draws, np.float64)
    return np.minimum(1, 2 * (1 + np.minimum(below, total - below)) / (1 + total))


@arrays.numpy_defaults
def due(x: ArrayLike, draws: int) -> NDArray[np.float64]:
    """P(p <= x) of a two-sided p against ``draws`` null values, where nothing is special."""
    steps = np.sort(of_rank(np.arange(draws + 1), draws))
    return np.searchsorted(steps, np.asarray(x) + 1e-12, side="right") / (draws + 1)


@arrays.numpy_defaults
def uniformity(p_values: ArrayLike, draws: ArrayLike, seed: Any = 0) -> Uniformity:
    """Are independent p values (S,) uniform, on the steps that they can take? Kolmogorov's distance, p by simulation.

    ``draws``, the number of null values behind the p values, is one number or one per p value. Distances of 9,999
    simulated sets of the same steps are what the measured one is compared with, so p is exact for any mixture of steps.
    Raises ValueError for no p values, numbers outside (0, 1], draws that are not whole numbers of at least 1, one or
    as many as p values, and a seed that is none.
    """
    found, seed = list_of_numbers(p_values, "p_values"), arrays.seed(seed)
    outside = np.flatnonzero((found <= 0) | (found > 1))
    if outside.size:
        raise ValueError(f"p_values holds {found[outside[0]]}; accepted: numbers in (0, 1].")
    counts = _numbers_of_draws(draws, len(found))
    kinds, members = np.unique(counts, return_counts=True)
    grid = np.unique(np.round(np.concatenate([of_rank(np.arange(d + 1), d) for d in kinds]), 12))
    expected = np.average([due(grid, int(d)) for d in kinds], axis=0, weights=members)
    distance = _distances(found[None], grid, expected)[0]
    rng, larger, made = np.random.default_rng(seed), 0, 0
    while made < SIMULATED:
        size = min(SIMULATED - made, max(1, _AT_ONCE // max(len(found), len(grid))))
        sets = of_rank(rng.integers(0, counts + 1, (size, len(found))), counts)
        larger += int(np.count_nonzero(_distances(sets, grid, expected) >= distance - 1e-12))
        made += size
    return Uniformity(float(distance), (1 + larger) / (1 + SIMULATED), len(found))


def _numbers_of_draws(draws: Any, count: int) -> NDArray[np.int64]:
    """Whole numbers of null values, one per p value."""
    numbers = list_of_numbers(draws, "draws")
    if len(numbers) not in (1, count):
        raise ValueError(f"draws has {len(numbers)} numbers; accepted: one, or as many as p_values, {count}.")
    wrong = np.flatnonzero((numbers < 1) | (numbers > MOST) | (numbers % 1 != 0))
    if isinstance(draws, bool) or wrong.size:
        shown = draws if isinstance(draws, bool) else f"{numbers[wrong[0]]:g}"
        raise ValueError(f"draws is {shown}; accepted: whole numbers from 1 to {MOST:,}.")
    return np.broadcast_to(numbers.astype(np.int64), count)


@arrays.numpy_defaults
def band(count: int, level: float = 0.95) -> float:
    """Half the height of the band that holds the whole curve of shares of ``count`` independent p values.

    Kolmogorov's exact quantile for uniform numbers; wider than needed where p values come in steps. Raises ValueError
    for fewer than one p value and a level outside (0, 1).
    """
    return float(stats.kstwo.ppf(level_between(level), arrays.whole(count, "count")))


def _distances(
    sets: NDArray[np.float64], grid: NDArray[np.float64], expected: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Kolmogorov's distance of every row (B, S) from the shares ``expected`` at the steps ``grid``."""
    size = len(grid)
    place = np.minimum(np.searchsorted(grid, sets - 1e-9), size - 1) + size * np.arange(len(sets))[:, None]
    shares = np.bincount(place.ravel(), minlength=size * len(sets)).reshape(-1, size).cumsum(1) / sets.shape[1]
    return np.abs(shares - expected).max(1)
