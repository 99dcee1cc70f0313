"""Which images, pairs and segments are compared; the same for all networks of one data set."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux.polytopes import boundaries
from isoaux.studies.polytopes.data import NULL

Values = NDArray[np.float64]
Whole = NDArray[np.int64]

SEED = 20
"""The seed of all choices of pairs and all draws."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """Test images ``x`` (N, d) as networks see them, pixels in [0, 1], with their ``labels`` (N,)."""

    x: Values
    labels: Whole

    def first(self, count: int) -> "Labelled":
        """The first so many of them, or all where there are fewer."""
        return Labelled(self.x[:count], self.labels[:count])


def mixed(tests: Labelled) -> Labelled:
    """The images in an order drawn at random, where they come class by class, as those of folders; else as they are."""
    if (np.diff(tests.labels) < 0).any():
        return tests
    order = np.random.default_rng(SEED).permutation(len(tests.labels))
    return Labelled(tests.x[order], tests.labels[order])


def pairs(labels: Whole, each: int) -> tuple[Whole, Whole, NDArray[np.bool_]]:
    """Pairs of points, ``each`` within classes and as many between, at random: first, second, and whether within.

    Of fewer than ``each`` pairs of a kind there are all.
    """
    first, second = boundaries.pairs(len(labels))
    same = labels[first] == labels[second]
    rng = np.random.default_rng(SEED)
    chosen = [rng.permutation(np.flatnonzero(kind))[:each] for kind in (same, ~same)]
    at = np.sort(np.concatenate(chosen))
    return first[at], second[at], same[at]


def null(value: float, draws: Any) -> Values:
    """What :data:`isoaux.studies.polytopes.data.NULL` names, of a value and draws (R,) of its null."""
    numbers = np.asarray(draws, np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return np.full(len(NULL), np.nan)
    low, high = np.quantile(numbers, [0.025, 0.975])
    p = (1 + (numbers >= value).sum()) / (1 + len(numbers))
    return np.array([numbers.mean(), low, high, p])
