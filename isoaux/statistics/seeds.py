"""Inference over several networks: seeds are the replicates, and p values of several statements are adjusted.

Networks of different seeds are independent, and each is tested against random bases of its own, so their p values are
independent. :func:`fisher` combines them to the p that *any* of the networks shows an effect; :func:`count_of_seeds`
counts *how many* show it, with the probability of so many by chance. Effects get an interval over seeds
(:func:`interval`), networks that share weights and samples are compared in pairs (:func:`paired`), and p values of
statements that are made together are adjusted (:func:`adjust`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from isoaux.common import arrays
from isoaux.common.choices import choose
from isoaux.common.numbers import written
from isoaux.statistics.nulls import LEVEL

Values = NDArray[np.float64]

EXACT = 12
"""The largest number of signs of which all combinations are tried; of more, ``FLIPS`` random combinations."""

FLIPS = 9999
"""Random combinations of signs that are tried where there are more than ``EXACT`` signs."""


@dataclass(frozen=True)
class Interval:
    """The mean of ``count`` values and the ends of its confidence interval, infinite for fewer than two values."""

    mean: float
    low: float
    high: float
    count: int

    @property
    def sign(self) -> int:
        """1 if the interval is above 0, -1 if it is below, else 0."""
        return int(self.low > 0) - int(self.high < 0)


@dataclass(frozen=True)
class SeedCount:
    """``count`` of ``seeds`` networks have p <= ``level``; ``p`` is the probability of at least so many by chance."""

    count: int
    seeds: int
    level: float
    p: float


@dataclass(frozen=True)
class Paired:
    """The mean ``difference`` of S pairs with its interval, Student's two-sided ``p``, and ``p_flips``.

    ``p_flips`` assumes no normal law: it is the share of all changes of the differences' signs that give a mean at
    least as far from 0, and never below 2 / 2^S, 0.0625 for five pairs.
    """

    difference: Interval
    p: float
    p_flips: float


@arrays.numpy_defaults
def fisher(p_values: ArrayLike) -> float:
    """Fisher's combined p of independent p values (S,): chi-squared of -2 sum log p_i with 2 S degrees of freedom.

    It tests whether any of the networks shows an effect: one very small p is enough. For p values in steps, as those of
    :func:`isoaux.statistics.basis_test`, it is conservative. Raises ValueError for no p values, for numbers outside
    [0, 1], and for what holds hidden numbers or none that can be read.
    """
    p = _checked(p_values)
    return float(scipy.stats.combine_pvalues(p, "fisher").pvalue) if p.all() else 0.0


@arrays.numpy_defaults
def ruger(p_values: ArrayLike) -> float:
    """One p of several (K,) of one null hypothesis: K / k times the k-th least, k half of them, at most 1.

    That is a p however the several depend on each other (Rueger 1978), twice the median for an even number. Raises
    ValueError as :func:`fisher` does.
    """
    p = np.sort(_checked(p_values))
    half = -(-len(p) // 2)
    return float(min(1.0, len(p) / half * p[half - 1]))


def p_of_seeds(seeds: Sequence[int], p_values: ArrayLike) -> Values:
    """One p for every seed (S,), in the order of their first network, from the p values (K,) of networks of ``seeds``.

    Those of one seed share weights and images, and are combined by :func:`ruger`; different seeds are independent.
    Raises ValueError as :func:`fisher` does.
    """
    by_seed: dict[int, list[float]] = {}
    for seed, p in zip(seeds, _checked(p_values).tolist(), strict=True):
        by_seed.setdefault(seed, []).append(p)
    return np.array([ruger(values) for values in by_seed.values()], np.float64)


@arrays.numpy_defaults
def count_of_seeds(p_values: ArrayLike, level: float = LEVEL) -> SeedCount:
    """How many of independent p values (S,) are at most ``level``, and P(X >= that) for X ~ Binomial(S, level).

    For p values in steps the probability is an upper bound. Raises ValueError as :func:`fisher` does, and for a level
    outside (0, 1).
    """
    p, level = _checked(p_values), arrays.level(level)
    count = int(np.count_nonzero(p <= level))
    return SeedCount(count, len(p), level, float(scipy.stats.binom.sf(count - 1, len(p), level)))


@arrays.numpy_defaults
def interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """The mean of independent values (S,) with Student's interval of S - 1 degrees of freedom, mean -+ t s / sqrt(S).

    ``level`` is the interval's confidence. Raises ValueError for no value, values that are not finite, and a level
    outside (0, 1).
    """
    numbers, level = list_of_numbers(values, "values"), arrays.level(level)
    unit, count = _unit(numbers), len(numbers)
    scaled = np.ldexp(numbers, -unit)
    mean, half = float(scaled.mean()), np.inf
    if count > 1:
        half = float(scipy.special.stdtrit(count - 1, (1 + level) / 2) * scaled.std(ddof=1) / np.sqrt(count))
    mean, low, high = (float(np.ldexp(value, unit)) for value in (mean, mean - half, mean + half))
    return Interval(mean, low, high, count)


@arrays.numpy_defaults
def paired(first: ArrayLike, second: ArrayLike = 0.0, level: float = 0.95, seed: Any = 0) -> Paired:
    """Student's paired t test of the mean of ``first`` - ``second`` (S,), values of S pairs of networks, against 0.

    Paired networks start from the same weights and see the same samples, so what depends on the seed alone cancels in
    the difference. With five seeds no test of signs or ranks can reach 0.05: of 2^5 changes of sign, the least
    two-sided p is 2/32. Student's p can, but assumes normal differences (compare logarithms of positive values);
    ``p_flips`` does not. If all differences are equal, p is ``p_flips``.

    Parameters: ``second`` may be one number, with which all values are compared; ``level`` is the interval's
    confidence; ``seed`` is used for more than 12 pairs, of which not all changes of sign are tried. Raises ValueError
    for fewer than two pairs, numbers that are not finite, different lengths, a level outside (0, 1), and a bad seed.
    """
    level, seed = arrays.level(level), arrays.seed(seed)
    minuend, subtrahend = list_of_numbers(first, "first"), list_of_numbers(second, "second")
    if arrays.numbers(second, "second").ndim == 0:
        subtrahend = np.broadcast_to(subtrahend, minuend.shape)
    if len(minuend) != len(subtrahend):
        raise ValueError(f"second has {len(subtrahend)} numbers; accepted: as many as first, {len(minuend)}.")
    if len(minuend) < 2:
        raise ValueError(f"first has {len(minuend)} number; accepted: at least two, one per seed.")
    difference = minuend - subtrahend
    flips = _flips(difference, seed)
    constant = np.ptp(difference) <= 1e-12 * np.abs(difference).max()
    p = flips if constant else float(scipy.stats.ttest_1samp(np.ldexp(difference, -_unit(difference)), 0).pvalue)
    return Paired(interval(difference, level), p, flips)


def steady_from(holds: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The place (...) of the first checkpoint from which something holds to the last one, from ``holds`` (..., C).

    C, the number of checkpoints, where it does not hold at the last one.
    """
    return np.asarray(holds.shape[-1] - np.logical_and.accumulate(holds[..., ::-1], axis=-1).sum(-1))


def onset(outside: NDArray[np.bool_], above: NDArray[np.bool_], epochs: NDArray[Any]) -> Values:
    """The epoch from which a value stays outside its random bases, on one side, to the last checkpoint, (...,).

    Parameters: ``outside`` (..., checkpoints), whether the value is outside; ``above`` (..., checkpoints), whether it
    is above its random bases; ``epochs`` (checkpoints,). NaN if it is not outside at the last checkpoint.
    """
    first = steady_from(outside & (above == above[..., -1:]))
    return np.where(first < len(epochs), np.asarray(epochs, np.float64)[np.minimum(first, len(epochs) - 1)], np.nan)


def adjust(p_values: ArrayLike, method: str = "holm") -> Values:
    """The p values (K,) of statements that are made together, adjusted for their number.

    ``method`` is ``holm``: the probability that any statement with an adjusted p of at most a is wrong is at most a,
    whatever the dependence; ``bh`` (Benjamini and Hochberg): of the statements with an adjusted p of at most q a share
    of at most q is wrong on average, if they are independent or positively dependent; or ``by`` (Benjamini and
    Yekutieli): the same for any dependence. Raises ValueError as :func:`fisher` does, and for another method.
    """
    return choose("method", method, ADJUSTMENTS)(_checked(p_values))


@arrays.numpy_defaults
def rising_p(course: ArrayLike, seed: Any = 0) -> float:
    """The one-sided p that a ``course`` (T,) of successive values rises, from Kendall's tau of values with their order.

    Successive values, as those of a network's checkpoints, are not independent, and Kendall's own p would report a rise
    or fall in two of three random walks. Here tau is compared with those of courses whose steps have other signs, in
    all 2^(T - 1) combinations up to 12 steps and 9,999 random ones beyond, with ``seed``. That is exact for every
    random walk of independent steps with symmetric laws; where values return, as independent ones do, p is too large.
    Steps with another dependence, as swings, are not allowed for. p is at least 2^(1 - T), so never at most 0.05 for
    fewer than six values, and 1 for fewer than two.

    Raises ValueError for numbers that are not finite and a bad seed.
    """
    values, seed = list_of_numbers(course, "course", least=0), arrays.seed(seed)
    steps = np.diff(np.ldexp(values, -_unit(values)))
    if not steps.any():
        return 1.0
    first, second = np.triu_indices(len(values), 1)
    near, rises = 1e-12 * np.abs(steps).sum(), []
    signs = _signs(len(steps), seed)
    for start in range(0, len(signs), 2**11):
        paths = np.cumsum(np.pad(signs[start : start + 2**11] * steps, ((0, 0), (1, 0))), axis=1)
        difference = paths[:, second] - paths[:, first]
        rises.append(np.count_nonzero(difference > near, axis=1) - np.count_nonzero(difference < -near, axis=1))
    concordance = np.concatenate(rises)
    return float(np.mean(concordance >= concordance[0]))


def _holm(p: Values) -> Values:
    order = np.argsort(p)
    steps = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
    adjusted = np.empty_like(p)
    adjusted[order] = steps
    return adjusted


ADJUSTMENTS: Mapping[str, Callable[[Values], Values]] = {
    "holm": _holm,
    "bh": lambda p: scipy.stats.false_discovery_control(p, method="bh"),
    "by": lambda p: scipy.stats.false_discovery_control(p, method="by"),
}
"""The methods of :func:`adjust`."""


def _flips(difference: Values, seed: Any) -> float:
    """The two-sided p of the mean against those of all, or of random, changes of sign, itself included."""
    means = np.abs(_signs(len(difference), seed) @ difference)
    return float(np.mean(means >= means[0] * (1 - 1e-12)))


def _signs(count: int, seed: Any) -> NDArray[np.int64]:
    """All combinations of ``count`` signs, (2^count, count), or ``FLIPS`` random ones; the first has only +1."""
    if count <= EXACT:
        return 1 - 2 * (np.arange(2**count)[:, None] >> np.arange(count) & 1)
    drawn = np.random.default_rng(seed).choice([-1, 1], (FLIPS, count))
    return np.vstack([np.ones((1, count), dtype=np.int64), drawn])


def _checked(p_values: ArrayLike) -> Values:
    values = list_of_numbers(p_values, "p_values")
    outside = np.flatnonzero((values < 0) | (values > 1))
    if outside.size:
        raise ValueError(f"p_values holds {values[outside[0]]}; accepted: numbers in [0, 1].")
    return values


def list_of_numbers(values: ArrayLike, argument: str, least: int = 1) -> Values:
    """``values``, one number or several, as finite numbers (S,), at least ``least``; ``argument`` is their name."""
    numbers = np.atleast_1d(arrays.numbers(values, argument).astype(np.float64))
    if numbers.ndim != 1 or len(numbers) < least:
        raise ValueError(f"{argument} has shape {numbers.shape}; accepted: a list of finite numbers, at least {least}.")
    return numbers


def _unit(values: Values) -> int:
    """The power of two of the largest of the values; divided by it, they can be squared."""
    return int(np.frexp(np.abs(values).max(initial=0))[1])


@dataclass(frozen=True)
class Estimate:
    """A mean ``value`` and its standard ``error``, NaN for a single value."""

    value: float
    error: float

    @classmethod
    def of(cls, values: Values) -> "Estimate":
        """The mean of values (members, ...) and its standard error over the members, which are independent."""
        means = np.asarray(values, dtype=np.float64).reshape(len(values), -1).mean(1)
        return cls(float(means.mean()), float(standard_error(means)))

    def __str__(self) -> str:
        if not np.isfinite(self.error):
            return f"{written('{:,.2f}', self.value)} (no error: one alone)"
        digits = max(0, 1 - int(np.floor(np.log10(self.error)))) if self.error > 0 else 2
        return f"{self.value:,.{digits}f} ± {self.error:,.{digits}f}"


def per_seed(parts: Sequence[dict[int, float]]) -> Values:
    """The mean of several comparisons in every seed that all of them have with a finite number, (S,).

    ``parts`` are the comparisons, each with its number by seed.
    """
    seeds = [s for s in parts[0] if all(s in part and np.isfinite(part[s]) for part in parts)] if parts else []
    return np.array([np.mean([part[s] for part in parts]) for s in seeds], np.float64)


def standard_error(values: Values) -> Values:
    """The standard error (...) of the mean over the members of values (members, ...), NaN for one member."""
    if len(values) < 2:
        return np.full(values.shape[1:], np.nan)
    return np.asarray(values.std(0, ddof=1) / np.sqrt(len(values)))
