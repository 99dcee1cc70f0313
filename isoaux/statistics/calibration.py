"""Are p values what they promise? Their law where nothing is special, and a test of it.

A two-sided p of :func:`isoaux.statistics.test_from_null` with D null values comes in steps: the value's rank among
them is uniform on 0 .. D, and p = min(1, 2 (1 + min(rank, D - rank)) / (1 + D)). Ties make p larger, never smaller.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from isoaux import arrays

SIMULATED = 9999
"""Sets of p values of the right law that the measured set is compared with."""

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
def uniformity(p_values: ArrayLike, draws: ArrayLike, seed: int = 0) -> Uniformity:
    """Are independent p values (S,) uniform, on the steps that they can take? Kolmogorov's distance, p by simulation.

    ``draws``, the number of null values behind the p values, is one number or one per p value. Distances of 9,999
    simulated sets of the same steps are what the measured one is compared with, so p is exact for any mixture of steps.
    Raises ValueError for no p values, numbers outside (0, 1], and fewer than one draw.
    """
    found = np.atleast_1d(np.asarray(p_values, np.float64))
    if found.ndim != 1 or not len(found) or not ((found > 0) & (found <= 1)).all():
        raise ValueError(f"p_values has shape {np.shape(p_values)}; accepted: a list of numbers in (0, 1].")
    counts = np.broadcast_to(np.asarray(draws), found.shape)
    if counts.dtype.kind not in "iu" or counts.min() < 1:
        raise ValueError(f"draws is {draws!r}; accepted: whole numbers of at least 1.")
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


@arrays.numpy_defaults
def band(count: int, level: float = 0.95) -> float:
    """Half the height of the band that holds the whole curve of shares of ``count`` independent p values.

    Kolmogorov's exact quantile for uniform numbers; wider than needed where p values come in steps.
    """
    return float(stats.kstwo.ppf(level, count))


def _distances(
    sets: NDArray[np.float64], grid: NDArray[np.float64], expected: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Kolmogorov's distance of every row (B, S) from the shares ``expected`` at the steps ``grid``."""
    size = len(grid)
    place = np.minimum(np.searchsorted(grid, sets - 1e-9), size - 1) + size * np.arange(len(sets))[:, None]
    shares = np.bincount(place.ravel(), minlength=size * len(sets)).reshape(-1, size).cumsum(1) / sets.shape[1]
    return np.abs(shares - expected).max(1)
