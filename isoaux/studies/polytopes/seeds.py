"""What several seeds say, in numbers and words: means with intervals over those networks that have the number."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from isoaux import statistics
from isoaux.common.numbers import with_range, written
from isoaux.records.evidence import CONFIDENCE
from isoaux.records.results import Result
from isoaux.statistics import Interval


def interval(values: ArrayLike) -> Interval:
    """The mean of ``values`` (S,) over seeds with Student's 95% interval, without those that are not finite.

    All are NaN where none is left, and the ends are infinite for one.
    """
    numbers = np.asarray(values, np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    return statistics.interval(numbers, CONFIDENCE)


def by_seed(result: Result, values: Mapping[int, float]) -> list[float]:
    """The means of every seed over its networks, from numbers by row; networks of a seed are one observation."""
    seeds: dict[int, list[float]] = {}
    for row, value in values.items():
        seeds.setdefault(result.rows[row][1], []).append(value)
    return [float(np.mean(each)) for each in seeds.values()]


def mean(values: ArrayLike, form: str = "{:.2f}") -> str:
    """The mean over seeds by the format string ``form``; a dash where there is no number."""
    return written(form, interval(values).mean)


def over_seeds(values: ArrayLike, form: str = "{:.2f}") -> str:
    """The mean over seeds with its interval, ``2 (1 to 3)``; the mean alone of one seed, a dash where there is none."""
    made = interval(values)
    if made.count < 2:
        return written(form, made.mean)
    return with_range(made.mean, made.low, made.high, form)
