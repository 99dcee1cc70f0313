"""Clouds in which something is special by a known amount, and how often a test finds it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from isoaux.common import arrays
from isoaux.common.choices import choose
from isoaux.statistics.basis import basis_tests
from isoaux.studies.calibration.simulation import Cloud, normal

Directions = Callable[[np.random.Generator, int, int], Cloud]
"""Draws directions (count, n) of any length from random numbers, a count and n."""

Draw = Callable[[np.random.Generator, int, int, float], Cloud]
"""Draws a cloud (samples, n) from random numbers, samples, n and a strength."""


# --- directions


def _on_axes(rng: np.random.Generator, count: int, n: int) -> Cloud:
    return np.eye(n)[rng.integers(0, n, count)] * rng.choice([-1.0, 1.0], (count, 1))


def _between(rng: np.random.Generator, count: int, n: int) -> Cloud:
    """Half way between two random axes, with random signs."""
    pairs = np.argsort(rng.random((count, n)), axis=1)[:, :2]
    lines = np.zeros((count, n))
    np.put_along_axis(lines, pairs, rng.choice([-1.0, 1.0], (count, 2)), axis=1)
    return lines


def _on_lines(rng: np.random.Generator, count: int, n: int) -> Cloud:
    return rng.standard_normal((100, n))[rng.integers(0, 100, count)]


def _one(rng: np.random.Generator, count: int, n: int) -> Cloud:
    return np.tile(rng.standard_normal(n), (count, 1)) + 0.2 * rng.standard_normal((count, n))


def _about(directions: Directions, noise: Callable[[int], float]) -> Directions:
    """Unit vectors along ``directions`` with Gaussian ``noise`` (a function of n) added to every coordinate."""

    def blurred(rng: np.random.Generator, count: int, n: int) -> Cloud:
        lines = directions(rng, count, n)
        lines /= np.linalg.norm(lines, axis=1, keepdims=True)
        return lines + noise(n) * rng.standard_normal((count, n))

    return blurred


def _wide(degrees: float) -> Callable[[int], float]:
    """The noise of a root mean square length of tan(``degrees``)."""
    return lambda n: float(np.tan(np.radians(degrees)) / np.sqrt(n))


def turned(directions: Directions, rng: np.random.Generator, samples: int, n: int, share: float) -> Cloud:
    """A Gaussian cloud of which a ``share``, to the nearest sample, is turned into ``directions``; lengths stay."""
    cloud = normal(rng, samples, n)
    count = round(samples * arrays.fraction(share, "share"))
    lines = directions(rng, count, n)
    lengths = np.linalg.norm(cloud[:count], axis=1, keepdims=True)
    cloud[:count] = lengths * lines / np.linalg.norm(lines, axis=1, keepdims=True)
    return cloud


# --- special axes


def _heavy(rng: np.random.Generator, samples: int, n: int, freedom: float) -> Cloud:
    return rng.standard_t(freedom, (samples, n))


def _unequal(rng: np.random.Generator, samples: int, n: int, ratio: float) -> Cloud:
    return normal(rng, samples, n) * np.geomspace(1, ratio, n)


def _bimodal(rng: np.random.Generator, samples: int, n: int, half: float) -> Cloud:
    signs = rng.choice([-half, half], (samples, n))
    return signs + np.sqrt(1 - half**2) * normal(rng, samples, n)


def _laplace(rng: np.random.Generator, samples: int, n: int, share: float) -> Cloud:
    cloud = normal(rng, samples, n)
    count = round(n * share)
    cloud[:, :count] = rng.laplace(scale=0.5**0.5, size=(samples, count))
    return cloud


def _large(rng: np.random.Generator, samples: int, n: int, count: float) -> Cloud:
    cloud = normal(rng, samples, n)
    cloud[:, : int(count)] *= 2
    return cloud


@dataclass(frozen=True)
class Alternative:
    """A way in which the axes are special: ``words``, what its strength is (``unit``), and how it is drawn.

    ``form`` writes a strength that is no share; ``strengths`` are those of the power curves, from the weakest;
    ``shown`` is the one of tables.
    """

    words: str
    unit: str
    form: str
    draw: Draw
    strengths: tuple[float, ...]
    shown: float

    @property
    def shown_words(self) -> str:
        """The strength of tables, for example ``0.3%``."""
        return f"{100 * self.shown:g}%" if self.unit == SHARE else self.form.format(self.shown)


SHARE = "share of the samples"

ALTERNATIVES: Mapping[str, Alternative] = {
    "axes": Alternative("on axes", SHARE, "{}", partial(turned, _on_axes), (0.001, 0.002, 0.003, 0.005, 0.01), 0.003),
    "about": Alternative(
        "about axes, 23 degrees wide",
        SHARE,
        "{}",
        partial(turned, _about(_on_axes, _wide(23))),
        (0.001, 0.002, 0.004, 0.007, 0.014),
        0.007,
    ),
    "wide": Alternative(
        "about axes, 45 degrees wide",
        SHARE,
        "{}",
        partial(turned, _about(_on_axes, _wide(45))),
        (0.006, 0.012, 0.025, 0.05, 0.1),
        0.05,
    ),
    "between": Alternative(
        "half way between two axes", SHARE, "{}", partial(turned, _between), (0.002, 0.003, 0.005, 0.01, 0.02), 0.01
    ),
    "heavy": Alternative(
        "neurons with Student's t", "degrees of freedom", "{:g} degrees of freedom", _heavy, (60, 30, 15, 8), 15
    ),
    "scales": Alternative(
        "neurons of unequal scales",
        "largest over smallest",
        "up to {:g} times",
        _unequal,
        (1.1, 1.2, 1.3, 1.4, 1.6),
        1.4,
    ),
    "bimodal": Alternative(
        "neurons near two values", "their distance from 0, in sd", "{:g} sd from 0", _bimodal, (0.3, 0.4, 0.5, 0.6), 0.5
    ),
}
"""Ways in which the axes are special, by name."""

WIDE: Mapping[str, tuple[str, Draw, float]] = {
    "axes": ("0.1% of the samples on axes", ALTERNATIVES["axes"].draw, 0.001),
    "about": ("2% about axes, 54 degrees wide", partial(turned, _about(_on_axes, _wide(54))), 0.02),
    "heavy": ("neurons with Student's t of 30 degrees of freedom", _heavy, 30),
    "bimodal": ("neurons near two values, half a standard deviation from 0", _bimodal, 0.5),
    "laplace": ("5% of the neurons with Laplace's law", _laplace, 0.05),
    "large": ("three neurons twice as large as the others", _large, 3),
}
"""Ways in which the axes of a wide layer are special, by name: words, a draw and its strength."""

COMPARED = ("quartimax", "sixth", "count", "c4")
"""The statistics whose power is compared."""


def power(
    name: str,
    strength: float,
    seeds: Sequence[int],
    statistics: Sequence[str] = COMPARED,
    *,
    samples: int,
    n: int,
    draws: int,
    level: float,
) -> dict[str, int]:
    """In how many clouds, one a seed, every one of some statistics finds an alternative (raw, epsilon 0.75)."""
    alternative = choose("alternative", name, ALTERNATIVES)
    found = dict.fromkeys(statistics, 0)
    for seed in seeds:
        cloud = alternative.draw(np.random.default_rng(seed), samples, n, strength)
        for statistic, test in basis_tests(cloud, np.eye(n), statistics, draws, seed).items():
            found[statistic] += test.p <= level
    return found


# --- discrete directions, in no basis

BEAMS: Mapping[str, tuple[str, Directions, tuple[float, ...]]] = {
    "axes": ("on the axes, both ways", _on_axes, (0.01, 0.02, 0.04)),
    "wide axes": ("about the axes, both ways, 23 degrees wide", _about(_on_axes, lambda _: 0.1), (0.02, 0.04, 0.08)),
    "many": ("on 100 random directions", _on_lines, (0.02, 0.04, 0.08)),
    "wide many": ("about 100 random directions, 23 degrees wide", _about(_on_lines, lambda _: 0.1), (0.05, 0.1, 0.2)),
    "one": ("about one random direction", _one, (0.003, 0.006, 0.012)),
}
"""Ways to be discrete: words, directions (count, n) and the shares of the samples that take them."""


def beams(kind: str, share: float, seed: int, *, samples: int, n: int) -> Cloud:
    """A Gaussian cloud of which a share, to the nearest sample, is turned into beams; lengths stay."""
    _, directions, _ = choose("kind", kind, BEAMS)
    return turned(directions, np.random.default_rng(seed), samples, n, share)
