"""Encodings tried out: failures of the printed compression, recovery of random features, and errors under noise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from isoaux import bases
from isoaux.representations import compression, features
from isoaux.representations.compression import Errors

Values = NDArray[np.float64]

PRECISIONS = tuple(range(1, compression.MOST + 1))
"""Decimal digits of the numbers that are compressed."""

EXHAUSTIVE = 2
"""Up to this precision all pairs of numbers are tried, beyond it :data:`DRAWN` random ones."""

DRAWN = 20_000

SEEDS = (100, 101, 102, 103, 104)
"""Seeds of pairs and noise."""

SETS = 100
"""Random sets of features on which recovery is tried."""

MOST_NEURONS = 12
"""The largest space in which they lie."""

ROUNDING = 1e-9
"""An error up to this, relative to the largest intensity, is one of rounding."""

NOISES = np.logspace(-6, -1, 16)
"""Standard deviations of noise under which numbers are read."""


@dataclass(frozen=True)
class Failed:
    """Of ``pairs`` numbers of a precision, how many each form does not return; ``firsts`` of the printed form's."""

    precision: int
    pairs: int
    printed: int
    repaired: int
    firsts: tuple[float, ...]
    """The first numbers of the pairs that fail in the printed form, each once, where all pairs are tried."""


@cache
def failed(precision: int) -> Failed:
    """The failures of both forms for a precision."""
    exhaustive = precision <= EXHAUSTIVE
    x, y = compression.grid(precision) if exhaustive else compression.drawn(precision, DRAWN, SEEDS[0])
    wrong = compression.failures(x, y, precision)
    first, second = compression.unpack(compression.pack(x, y, precision), precision)
    firsts = tuple(np.unique(x[wrong]).tolist()) if exhaustive else ()
    return Failed(precision, len(x), int(wrong.sum()), int(((first != x) | (second != y)).sum()), firsts)


@dataclass(frozen=True)
class Residual:
    """The largest error of reading intensities in one set of features, relative to the largest intensity."""

    n: int
    m: int
    dot: float
    dual: float
    largest: float
    """The largest |f_i . f_j| of two features."""


def _orthogonal(random: np.random.Generator) -> Values:
    m = int(random.integers(2, MOST_NEURONS + 1))
    seed = int(random.integers(2**31))
    return bases.random_orthogonal(m, seed)[: int(random.integers(2, m + 1))]


def _independent(random: np.random.Generator) -> Values:
    m = int(random.integers(2, MOST_NEURONS + 1))
    return _units(random.standard_normal((int(random.integers(2, m + 1)), m)))


def _crowded(random: np.random.Generator) -> Values:
    m = int(random.integers(2, MOST_NEURONS + 1))
    return _units(random.standard_normal((2 * m, m)))


def _units(rows: Values) -> Values:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


KINDS: Mapping[str, Callable[[np.random.Generator], Values]] = {
    "orthogonal": _orthogonal,
    "independent": _independent,
    "crowded": _crowded,
}
"""Kinds of random sets of features (n, m): orthogonal, as many random ones as fit, and twice as many as neurons."""


@cache
def recoveries(kind: str) -> tuple[Residual, ...]:
    """How well intensities from U(0, 1) are read in :data:`SETS` random sets of features of one of :data:`KINDS`."""
    random = np.random.default_rng(SEEDS[0])
    residuals = []
    for _ in range(SETS):
        vectors = KINDS[kind](random)
        n, m = vectors.shape
        x = random.random((50, n))
        read = features.recover(features.represent(x, vectors), vectors)
        dot, dual = (float(np.abs(each - x).max() / x.max()) for each in (read.dot, read.dual))
        residuals.append(Residual(n, m, dot, dual, float(np.abs(features.interference(vectors)).max())))
    return tuple(residuals)


def ratio(sd: float, precision: int, seed: int) -> float:
    """The error of the printed form over that of a linear sum, with noise of ``sd``."""
    errors = under_noise(sd, precision, seed)
    return errors.printed / errors.linear


@cache
def under_noise(sd: float, precision: int, seed: int = SEEDS[0]) -> Errors:
    """The errors of each way to store two numbers, with noise of ``sd`` on what is stored."""
    return compression.errors_under_noise(sd, precision, seed=seed)
