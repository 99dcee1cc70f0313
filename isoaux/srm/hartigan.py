"""Hartigan's dip: how far a sample is from any law with one mode (Hartigan and Hartigan, Ann. Statist. 13, 1985).

The dip is the largest distance between the sample's distribution function and the nearest one that is convex up to a
mode and concave from there on; a jump at the mode is allowed. Only the values matter, not their unit or origin.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.common import arrays


@dataclass(frozen=True, eq=False)
class DipTest:
    """The dip of a sample, beside those of uniform samples of its size."""

    value: float
    null: NDArray[np.float64]
    """(draws,)"""
    p: float
    """the share of all of them that are at least as large, the sample's own included"""


@arrays.numpy_defaults
def dip(values: ArrayLike) -> float:
    """Hartigan's dip of ``values`` (m,), from 1 / (2 m), the least by convention, to 1/4; 1/2 for a single value.

    Raises ValueError for no values, and for those that are not finite numbers.
    """
    return _dip(_sample(values))


@arrays.numpy_defaults
def dip_test(values: ArrayLike, draws: int = 9999, seed: int = 0) -> DipTest:
    """The test of the dip of ``values`` (m,) against ``draws`` samples of m uniform values; one-sided.

    Uniform samples have the largest dips among those with one mode, but for small differences. Errors as :func:`dip`.
    """
    sample = _sample(values)
    root, times = arrays.seed(seed), arrays.whole(draws, "draws")
    null = uniform_dips(len(sample), times, root if isinstance(root, int) else tuple(root))
    value = _dip(sample)
    return DipTest(value, null, (1 + int((null >= value * (1 - 1e-12)).sum())) / (1 + times))


@lru_cache(16)
def uniform_dips(size: int, draws: int, seed: int | tuple[int, ...] = 0) -> NDArray[np.float64]:
    """The dips (draws,) of samples of ``size`` uniform values."""
    samples = np.sort(np.random.default_rng(seed).random((draws, size)), axis=1)
    result = np.array([_dip(sample) for sample in samples])
    result.flags.writeable = False
    return result


def _sample(values: ArrayLike) -> NDArray[np.float64]:
    sample = np.sort(arrays.numbers(values, "values").astype(np.float64).ravel())
    if not sample.size:
        raise ValueError("values has no numbers; accepted: at least one.")
    return sample


def _dip(sample: NDArray[np.float64]) -> float:
    """The dip of a sorted sample.

    Within a modal interval, at first the whole range, the greatest convex minorant of the distribution function's lower
    corners and the least concave majorant of its upper ones are furthest apart at a corner that one of them touches.
    The interval shrinks to the touched corners on both sides of it. Twice the dip is at least what the minorant misses
    of the upper corners that are left out, and the majorant of the lower ones; it is the largest of these distances
    once the two are nowhere further apart.
    """
    size = len(sample)
    keep = np.append(np.flatnonzero(np.diff(sample)), size - 1)  # of equal values the last
    x, upper = sample[keep].tolist(), ((keep + 1) / size).tolist()
    lower = [0.0, *upper[:-1]]
    first, last, twice = 0, len(x) - 1, 1 / size
    while first < last:
        low, minorant = _touching(x, lower, first, last, 1)
        high, majorant = _touching(x, upper, first, last, -1)
        at_low = max(low, key=lambda i: majorant[i - first] - lower[i])
        at_high = max(high, key=lambda i: upper[i] - minorant[i - first])
        apart_low, apart_high = majorant[at_low - first] - lower[at_low], upper[at_high] - minorant[at_high - first]
        if max(apart_low, apart_high) <= twice:
            break
        if apart_low > apart_high:
            start, end = at_low, next(i for i in high if i >= at_low)
        else:
            start, end = next(i for i in reversed(low) if i <= at_high), at_high
        missed = [upper[i] - minorant[i - first] for i in range(first, start)]
        missed += [majorant[i - first] - lower[i] for i in range(end + 1, last + 1)]
        twice = max([twice, *missed])
        if (start, end) == (first, last):
            break
        first, last = start, end
    return twice / 2


def _touching(x: list[float], y: list[float], first: int, last: int, sign: int) -> tuple[list[int], list[float]]:
    """The corners ``first`` .. ``last`` that the greatest convex minorant touches, and its values at all of these.

    For a ``sign`` of -1, of the least concave majorant.
    """
    touched = [first]
    for k in range(first + 1, last + 1):
        while len(touched) > 1:
            i, j = touched[-2:]
            if sign * ((y[j] - y[i]) * (x[k] - x[j]) - (y[k] - y[j]) * (x[j] - x[i])) < 0:
                break
            touched.pop()
        touched.append(k)
    values = [y[first]]
    for i, j in pairwise(touched):
        slope = (y[j] - y[i]) / (x[j] - x[i])
        values += [y[i] + slope * (x[k] - x[i]) for k in range(i + 1, j)]
        values.append(y[j])
    return touched, values
