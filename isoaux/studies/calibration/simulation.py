"""Clouds of a known law in which nothing is special, and how often the tests reject there."""

from collections.abc import Callable, Mapping

import numpy as np
import scipy
from numpy.typing import NDArray

from isoaux import bases
from isoaux.statistics import clouds
from isoaux.statistics.basis import basis_tests
from isoaux.statistics.calibration import due
from isoaux.statistics.directions import MOST, concentration, null_concentrations
from isoaux.statistics.nulls import test_from_null
from isoaux.statistics.preparation import PREPARATIONS, threshold
from isoaux.statistics.tally import STATISTICS

Cloud = NDArray[np.float64]

LEVELS = (0.05, 0.01)

DIRECTIONS = "lines"
"""The statistic of the test of directions, which needs no basis and no preparation."""


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**63))


def normal(rng: np.random.Generator, samples: int, n: int) -> Cloud:
    """A standard Gaussian cloud (samples, n)."""
    return rng.standard_normal((samples, n))


def _ellipsoid(rng: np.random.Generator, samples: int, n: int) -> Cloud:
    """Standard deviations from 1 to 10 along the axes of a Haar-random frame."""
    return (normal(rng, samples, n) * np.geomspace(1, 10, n)) @ bases.random_orthogonal(n, _seed(rng))


def _cone(rng: np.random.Generator, samples: int, n: int) -> Cloud:
    return clouds.named("uniform", _seed(rng), samples, n)


def _heavy(rng: np.random.Generator, samples: int, n: int) -> Cloud:
    """Student's t with two degrees of freedom, so without a variance, over the ellipsoid."""
    return _ellipsoid(rng, samples, n) / np.sqrt(rng.chisquare(2, (samples, 1)) / 2)


NOTHING: Mapping[str, tuple[str, Callable[[np.random.Generator, int, int], Cloud]]] = {
    "isotropic": ("Gaussian, the same in all directions", normal),
    "ellipsoid": ("Gaussian, ten times wider one way than another, in a random orientation", _ellipsoid),
    "cone": ("one-sided cones: uniform images through random weights (Fig. 5)", _cone),
    "heavy": ("heavy tails: Student's t without a variance, in a random orientation", _heavy),
}
"""Laws for which no fixed basis is special, nor directions discrete: words, and a draw (samples, n)."""

PValues = dict[str, dict[str, dict[str, float]]]
"""A p value by law, preparation and statistic."""


def drawn(law: str, seed: int, *, samples: int, n: int) -> Cloud:
    """The cloud (samples, n) of a law of :data:`NOTHING` and a seed."""
    return NOTHING[law][1](np.random.default_rng([seed, list(NOTHING).index(law)]), samples, n)


def p_values(seed: int, *, samples: int, n: int, draws: int) -> PValues:
    """The p value of every statistic, with every preparation, on one cloud of every law in :data:`NOTHING`.

    Every seed has random bases of its own, which the clouds of all laws are compared with. Epsilon is what
    :func:`isoaux.statistics.preparation.threshold` chooses for the size.
    """
    epsilon, names = threshold(samples, n, n * (n - 1) // 2), tuple(STATISTICS)
    p: PValues = {}
    for law in NOTHING:
        cloud = drawn(law, seed, samples=samples, n=n)
        p[law] = {}
        for prepare in PREPARATIONS:
            tests = basis_tests(cloud, np.eye(n), names, draws, seed, epsilon, prepare=prepare)
            p[law][prepare] = {name: test.p for name, test in tests.items()}
    return p


def p_values_of_directions(seed: int, *, samples: int, n: int, draws: int) -> dict[str, float]:
    """The p value of the test of directions on one cloud of every law in :data:`NOTHING`.

    Every seed has Gaussian clouds of its own, which the clouds of all laws are compared with.
    """
    null = null_concentrations((min(samples, MOST), n), draws, seed, DIRECTIONS)
    clouds_by_law = {law: drawn(law, seed, samples=samples, n=n) for law in NOTHING}
    return {
        law: test_from_null(concentration(cloud, DIRECTIONS, seed)[0], null, "whitened").p
        for law, cloud in clouds_by_law.items()
    }


def acceptable(level: float, draws: int, repetitions: int, cells: int, confidence: float = 0.99) -> tuple[int, int]:
    """How many of so many independent tests may reject at a level, simultaneously over a table of ``cells`` cells.

    The central interval of the binomial law with the exact chance that a p of ``draws`` null values is at most
    ``level``; each cell fails with a probability of at most (1 - ``confidence``) / ``cells``.
    """
    tail = (1 - confidence) / (2 * cells)
    chance = float(due(level, draws))
    low, high = scipy.stats.binom.ppf([tail, 1 - tail], repetitions, chance)
    return int(low), int(high)


def share_interval(count: float, of: int, confidence: float = 0.95) -> tuple[float, float]:
    """The ends of the interval (Clopper, Pearson) of a probability from ``count`` of so many independent trials."""
    tail = (1 - confidence) / 2
    low = float(scipy.stats.beta.ppf(tail, count, of - count + 1)) if count > 0 else 0.0
    high = float(scipy.stats.beta.ppf(1 - tail, count + 1, of - count)) if count < of else 1.0
    return low, high
