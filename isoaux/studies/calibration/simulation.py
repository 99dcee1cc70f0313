"""Clouds of a known law: how often do the tests reject where nothing is special, and how often where something is?"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from isoaux import bases
from isoaux.common import arrays
from isoaux.common.choices import choose
from isoaux.statistics import clouds
from isoaux.statistics.basis import basis_test, basis_tests
from isoaux.statistics.calibration import due
from isoaux.statistics.directions import MOST, concentration, null_concentrations
from isoaux.statistics.nulls import test_from_null
from isoaux.statistics.preparation import threshold
from isoaux.statistics.tally import STATISTICS

Cloud = NDArray[np.float64]

LEVELS = (0.05, 0.01)
DIRECTION = "direction_test"
TESTED = (*STATISTICS, DIRECTION)
"""The statistics of :func:`isoaux.statistics.basis_test`, and the test that needs no basis."""


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**63))


def _normal(rng: np.random.Generator, samples: int, n: int) -> Cloud:
    return rng.standard_normal((samples, n))


def _ellipsoid(rng: np.random.Generator, samples: int, n: int) -> Cloud:
    """Standard deviations from 1 to 10 along the axes of a Haar-random frame."""
    return (_normal(rng, samples, n) * np.geomspace(1, 10, n)) @ bases.random_orthogonal(n, _seed(rng))


def _cone(rng: np.random.Generator, samples: int, n: int) -> Cloud:
    return clouds.named("uniform", _seed(rng), samples, n)


def _heavy(rng: np.random.Generator, samples: int, n: int) -> Cloud:
    """Student's t with two degrees of freedom, so without a variance, over the ellipsoid."""
    return _ellipsoid(rng, samples, n) / np.sqrt(rng.chisquare(2, (samples, 1)) / 2)


NOTHING: Mapping[str, tuple[str, Callable[[np.random.Generator, int, int], Cloud]]] = {
    "isotropic": ("Gaussian, the same in all directions", _normal),
    "ellipsoid": ("Gaussian, ten times wider one way than another, in a random orientation", _ellipsoid),
    "cone": ("one-sided cones: uniform images through random weights (Fig. 5)", _cone),
    "heavy": ("heavy tails: Student's t without a variance, in a random orientation", _heavy),
}
"""Laws for which no fixed basis is special, nor directions discrete: words, and a draw (samples, n)."""


def p_values(seed: int, *, samples: int, n: int, draws: int) -> dict[str, dict[str, float]]:
    """The p value of every test in :data:`TESTED` on one cloud of every law in :data:`NOTHING`.

    Every seed has random bases and Gaussian clouds of its own, which the clouds of all laws are compared with. Epsilon
    is what :func:`isoaux.statistics.preparation.threshold` chooses for the size.
    """
    epsilon = threshold(samples, n, n * (n - 1) // 2)
    null = null_concentrations((min(samples, MOST), n), draws, seed)
    p = {}
    for place, (law, (_, draw)) in enumerate(NOTHING.items()):
        cloud = draw(np.random.default_rng([seed, place]), samples, n)
        tests = basis_tests(cloud, np.eye(n), draws=draws, seed=seed, epsilon=epsilon)
        directed = test_from_null(concentration(cloud, seed=seed)[0], null)
        p[law] = {name: test.p for name, test in tests.items()} | {DIRECTION: directed.p}
    return p


def acceptable(level: float, draws: int, repetitions: int, cells: int, confidence: float = 0.99) -> tuple[int, int]:
    """How many of so many independent tests may reject at a level, simultaneously over a table of ``cells`` cells.

    The central interval of the binomial law with the exact chance that a p of ``draws`` null values is at most
    ``level``; each cell fails with a probability of at most (1 - ``confidence``) / ``cells``.
    """
    tail = (1 - confidence) / (2 * cells)
    chance = float(due(level, draws))
    low, high = stats.binom.ppf([tail, 1 - tail], repetitions, chance)
    return int(low), int(high)


def with_axes(share: float, seed: int, *, samples: int, n: int) -> Cloud:
    """A Gaussian cloud of which a share, to the nearest sample, is moved onto the axes; lengths stay."""
    rng = np.random.default_rng(seed)
    cloud = _normal(rng, samples, n)
    moved = round(samples * arrays.fraction(share, "share"))
    lines = rng.choice([-1.0, 1.0], (moved, 1)) * np.eye(n)[rng.integers(0, n, moved)]
    cloud[:moved] = np.linalg.norm(cloud[:moved], axis=1, keepdims=True) * lines
    return cloud


def power(share: float, seeds: Sequence[int], *, samples: int, n: int, draws: int, level: float) -> int:
    """In how many of so many clouds the count rejects when a share of the samples is on the axes (epsilon 0.75)."""
    made = ((seed, with_axes(share, seed, samples=samples, n=n)) for seed in seeds)
    return sum(basis_test(cloud, np.eye(n), "count", draws, seed).p <= level for seed, cloud in made)


# --- which statistic of directions


def _on_axes(rng: np.random.Generator, count: int, n: int) -> Cloud:
    return np.eye(n)[rng.integers(0, n, count)] * rng.choice([-1.0, 1.0], (count, 1))


def _on_lines(rng: np.random.Generator, count: int, n: int) -> Cloud:
    return rng.standard_normal((100, n))[rng.integers(0, 100, count)]


def _about(sharp: Callable[[np.random.Generator, int, int], Cloud]) -> Callable[[np.random.Generator, int, int], Cloud]:
    def blurred(rng: np.random.Generator, count: int, n: int) -> Cloud:
        lines = sharp(rng, count, n)
        lines /= np.linalg.norm(lines, axis=1, keepdims=True)
        return lines + 0.1 * rng.standard_normal((count, n))

    return blurred


def _one(rng: np.random.Generator, count: int, n: int) -> Cloud:
    return np.tile(rng.standard_normal(n), (count, 1)) + 0.2 * rng.standard_normal((count, n))


BEAMS: Mapping[str, tuple[str, Callable[[np.random.Generator, int, int], Cloud], tuple[float, ...]]] = {
    "axes": ("on the axes, both ways", _on_axes, (0.01, 0.02, 0.04)),
    "wide axes": ("about the axes, both ways, 23 degrees wide", _about(_on_axes), (0.02, 0.04, 0.08)),
    "many": ("on 100 random directions", _on_lines, (0.02, 0.04, 0.08)),
    "wide many": ("about 100 random directions, 23 degrees wide", _about(_on_lines), (0.05, 0.1, 0.2)),
    "one": ("about one random direction", _one, (0.003, 0.006, 0.012)),
}
"""Ways to be discrete: words, directions (count, n) and the shares of the samples that take them."""


def beams(kind: str, share: float, seed: int, *, samples: int, n: int) -> Cloud:
    """A Gaussian cloud of which a share, to the nearest sample, is turned into beams; lengths stay."""
    _, draw, _ = choose("kind", kind, BEAMS)
    rng = np.random.default_rng(seed)
    cloud = _normal(rng, samples, n)
    turned = round(samples * arrays.fraction(share, "share"))
    lines = draw(rng, turned, n)
    lengths = np.linalg.norm(cloud[:turned], axis=1, keepdims=True)
    cloud[:turned] = lengths * lines / np.linalg.norm(lines, axis=1, keepdims=True)
    return cloud
