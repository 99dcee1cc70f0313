"""Several networks, one statement: seeds are the replicates, and families of statements are adjusted.

Networks of different seeds are independent, and each is tested against random bases of its own, so their p values are
independent. Three ways to combine them answer three questions, and which one decides a statement is fixed before it is
looked at:

- :func:`fisher`: is there anything in *any* of the networks?
- :func:`median_p`: what does a *typical* network show?
- :func:`count_of_seeds`: *how many* networks show it, and how often would chance alone give so many?

Effects get an interval over seeds (:func:`interval`), networks that share weights and samples are compared in pairs
(:func:`paired`), and several statements that are made together are adjusted (:func:`adjust`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import stdtrit

from isoaux.common import arrays
from isoaux.common.choices import choose
from isoaux.common.numbers import written

EXACT = 12
"""Pairs up to which all 2^S changes of sign are tried; beyond that, ``FLIPS`` random ones."""

FLIPS = 9999


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


@dataclass(frozen=True)
class SeedCount:
    """``count`` of ``seeds`` have p <= ``level``; ``p`` is the chance of at least so many where nothing is special."""

    count: int
    seeds: int
    level: float
    p: float


@dataclass(frozen=True)
class Paired:
    """Differences of pairs: their mean with its interval, Student's two-sided ``p``, and ``p_flips``.

    ``p_flips`` assumes no normal law: the share of all changes of the differences' signs that give a mean at least
    as far from 0. It is never below 2 / 2^S, 0.0625 for five pairs.
    """

    difference: Interval
    p: float
    p_flips: float


@arrays.numpy_defaults
def fisher(p_values: ArrayLike) -> float:
    """Is there anything in any of the networks? Fisher's p, chi-squared of -2 sum log p_i with 2 S degrees of freedom.

    One network with a very small p is enough. The p values (S,) are independent; where they come in steps, as those of
    :func:`isoaux.statistics.basis_test` do, the combination is conservative. Raises ValueError for none, for numbers
    outside [0, 1], and for what holds hidden numbers or none that can be read.
    """
    found = _checked(p_values)
    return float(stats.combine_pvalues(found, "fisher").pvalue) if found.all() else 0.0


def median_p(p_values: ArrayLike) -> float:
    """What does a typical network show? The median p, the larger of the two in the middle for an even number.

    At least half of the networks have a p as small as this. It describes one network, it combines nothing: where
    nothing is special it is near 1/2 and seldom small (of five, at most 0.05 with probability 0.0012), however many
    networks there are. The p values (S,) need not be independent. Raises ValueError as :func:`fisher` does.
    """
    return float(np.quantile(_checked(p_values), 0.5, method="higher"))


@arrays.numpy_defaults
def count_of_seeds(p_values: ArrayLike, level: float = 0.05) -> SeedCount:
    """How many networks show it? The number with p <= level, and P(X >= number) for X ~ Binomial(S, level).

    The p values (S,) are independent; where they come in steps the probability is an upper bound. Raises ValueError
    as :func:`fisher` does, and for a level outside (0, 1).
    """
    found, level = _checked(p_values), level_between(level)
    count = int(np.count_nonzero(found <= level))
    return SeedCount(count, len(found), level, float(stats.binom.sf(count - 1, len(found), level)))


@arrays.numpy_defaults
def interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Mean of independent values (S,) with Student's interval, mean -+ t s / sqrt(S) of S - 1 degrees of freedom.

    Raises ValueError for no value, values that are not finite, and a level outside (0, 1).
    """
    found, level = list_of_numbers(values, "values"), level_between(level)
    unit = _unit(found)
    mean, count = float(np.ldexp(found, -unit).mean()), len(found)
    half = np.inf
    if count > 1:
        half = float(stdtrit(count - 1, (1 + level) / 2) * np.ldexp(found, -unit).std(ddof=1) / np.sqrt(count))
    mean, low, high = (float(np.ldexp(value, unit)) for value in (mean, mean - half, mean + half))
    return Interval(mean, low, high, count)


@arrays.numpy_defaults
def paired(first: ArrayLike, second: ArrayLike = 0.0, level: float = 0.95, seed: Any = 0) -> Paired:
    """Do paired networks differ? The mean of first - second (S,) against 0, by Student's paired t.

    Paired networks start from the same weights and see the same samples, so the seed's own luck cancels in the
    difference. With five seeds no test of signs or ranks can reach 0.05: there are 2^5 changes of sign, and the least
    two-sided p is 2/32. So p is Student's, as the interval is, at the price of a normal law for the differences
    (compare logarithms of what is positive); ``p_flips``, without that price, stands beside it. Differences that are
    all the same have no scale, and p is then ``p_flips``. ``second`` may be one number, what all values are compared
    with; ``seed`` matters beyond 12 pairs, where not all changes of sign are tried.

    Raises ValueError for fewer than two pairs, numbers that are not finite, lengths that differ, a level outside
    (0, 1), and a seed that is none.
    """
    level, seed = level_between(level), arrays.seed(seed)
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
    p = flips if constant else float(stats.ttest_1samp(np.ldexp(difference, -_unit(difference)), 0).pvalue)
    return Paired(interval(difference, level), p, flips)


@arrays.numpy_defaults
def steady_from(holds: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The place of the first checkpoint from which something holds to the end, from ``holds`` (..., checkpoints).

    Shape (...); the number of checkpoints where it does not hold at the last one.
    """
    run = np.logical_and.accumulate(holds[..., ::-1], axis=-1)
    return np.asarray(holds.shape[-1] - run.sum(-1))


def onset(outside: NDArray[np.bool_], above: NDArray[np.bool_], epochs: NDArray[Any]) -> NDArray[np.float64]:
    """The epoch from which values stay outside on the side where they end, from arrays (..., checkpoints).

    ``outside`` says whether a value lies outside its random bases, ``above`` on which side; ``epochs`` (checkpoints,).
    Shape (...); NaN where the last checkpoint is not outside. The one rule for all pages that say since when.
    """
    first = steady_from(outside & (above == above[..., -1:]))
    return np.where(first < len(epochs), np.asarray(epochs, np.float64)[np.minimum(first, len(epochs) - 1)], np.nan)


def adjust(p_values: ArrayLike, method: str = "holm") -> NDArray[np.float64]:
    """p values (K,) of statements that are made together, adjusted for their number.

    ``holm``: a statement with an adjusted p of at most a is wrong with probability at most a over the whole family,
    whatever the dependence. ``bh``: of the statements with an adjusted p of at most q a share of at most q is wrong on
    average (Benjamini and Hochberg), if they are independent or positively dependent; ``by``: the same for any
    dependence (Benjamini and Yekutieli). Raises ValueError as :func:`fisher` does, and for another method.
    """
    return choose("method", method, ADJUSTMENTS)(_checked(p_values))


@arrays.numpy_defaults
def rising_p(course: ArrayLike, seed: Any = 0) -> float:
    """The one-sided p of Kendall's tau of a course (T,) with its place: how often would one without direction rise so?

    Values that follow one another, as a network's checkpoints, are not independent, and Kendall's own p would find a
    rise or fall in two of three random walks. Here steps from each value to the next change their signs, all 2^(T - 1)
    ways up to 12 steps and 9,999 random ones beyond, with ``seed``. That is exact for every random walk of independent
    steps that are as often up as down by the same amount, however large some are; where values return, as independent
    ones do, p is larger than it has to be. Steps that hang together beyond that, as swings, are not allowed for. p is
    at least 2^(1 - T), so fewer than six values are never at most 0.05, and 1 for fewer than two.

    Raises ValueError for numbers that are not finite and a seed that is none.
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
    found = np.concatenate(rises)
    return float(np.mean(found >= found[0]))


def _holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    order = np.argsort(p)
    steps = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
    adjusted = np.empty_like(p)
    adjusted[order] = steps
    return adjusted


ADJUSTMENTS: Mapping[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "holm": _holm,
    "bh": lambda p: stats.false_discovery_control(p, method="bh"),
    "by": lambda p: stats.false_discovery_control(p, method="by"),
}


def _flips(difference: NDArray[np.float64], seed: Any) -> float:
    """The two-sided p of all changes of sign, or of random ones; the mean as measured is one of them."""
    means = np.abs(_signs(len(difference), seed) @ difference)
    return float(np.mean(means >= means[0] * (1 - 1e-12)))


def _signs(count: int, seed: Any) -> NDArray[np.int64]:
    """All signs of so many numbers, (2^count, count), or ``FLIPS`` random ones; the first are all +1."""
    if count <= EXACT:
        return 1 - 2 * (np.arange(2**count)[:, None] >> np.arange(count) & 1)
    drawn = np.random.default_rng(seed).choice([-1, 1], (FLIPS, count))
    return np.vstack([np.ones((1, count), dtype=np.int64), drawn])


def _checked(p_values: ArrayLike) -> NDArray[np.float64]:
    values = list_of_numbers(p_values, "p_values")
    outside = np.flatnonzero((values < 0) | (values > 1))
    if outside.size:
        raise ValueError(f"p_values holds {values[outside[0]]}; accepted: numbers in [0, 1].")
    return values


def list_of_numbers(values: ArrayLike, argument: str, least: int = 1) -> NDArray[np.float64]:
    """Finite numbers (S,), at least so many, from what :func:`isoaux.common.arrays.numbers` reads; a number is one."""
    numbers = np.atleast_1d(arrays.numbers(values, argument).astype(np.float64))
    if numbers.ndim != 1 or len(numbers) < least:
        raise ValueError(f"{argument} has shape {numbers.shape}; accepted: a list of finite numbers, at least {least}.")
    return numbers


def _unit(values: NDArray[np.float64]) -> int:
    """The power of two of the largest of these numbers, by which their squares are of usual size."""
    return int(np.frexp(np.abs(values).max(initial=0))[1])


def level_between(value: Any) -> float:
    """A level in (0, 1). Raises ValueError otherwise."""
    if isinstance(value, int | float | np.integer | np.floating) and 0 < value < 1:
        return float(value)
    raise ValueError(f"level is {arrays.shown(value)}; accepted: a number between 0 and 1.")


Values = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A mean and its standard error; the error of a single member is NaN."""

    value: float
    error: float

    @classmethod
    def of(cls, values: Values) -> "Estimate":
        """The mean of values (members, ...) and its standard error over the members, which are independent."""
        own = np.asarray(values, dtype=np.float64).reshape(len(values), -1).mean(1)
        return cls(float(own.mean()), float(standard_error(own)))

    def __str__(self) -> str:
        if not np.isfinite(self.error):
            return f"{written('{:,.2f}', self.value)} (no error: one alone)"
        digits = max(0, 1 - int(np.floor(np.log10(self.error)))) if self.error > 0 else 2
        return f"{self.value:,.{digits}f} ± {self.error:,.{digits}f}"


def per_seed(parts: Sequence[dict[int, float]]) -> Values:
    """The mean over several comparisons in every seed that all of them have, (S,): seeds are the replicates."""
    seeds = [s for s in parts[0] if all(s in part and np.isfinite(part[s]) for part in parts)] if parts else []
    return np.array([np.mean([part[s] for part in parts]) for s in seeds], np.float64)


def standard_error(values: Values) -> Values:
    """The standard error (...) of the mean over the first axis of values (members, ...); NaN for a single member."""
    if len(values) < 2:
        return np.full(values.shape[1:], np.nan)
    return np.asarray(values.std(0, ddof=1) / np.sqrt(len(values)))
