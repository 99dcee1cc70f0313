"""Two numbers packed into one, as the primer on representations prints it and in a repaired form.

Numbers of ``precision`` decimal digits in [0, 1) are whole multiples of 1/Z with Z = 10^precision. The printed form is
t = (floor(Z x) + y) / Z; the repaired one t = (round(Z x) Z + round(Z y)) / Z^2, read back by whole numbers alone.
"""

from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.common import arrays

Values = NDArray[np.float64]

MOST = 7
"""The largest precision: a double has 15.95 decimal digits, and two numbers of eight need sixteen."""

ON_GRID = 1e-6
"""Z x may be so far from a whole number, which is more than rounding and less than another digit."""


@arrays.numpy_defaults
def pack(first: ArrayLike, second: ArrayLike, precision: int = 1) -> Values:
    """One number in [0, 1) for every pair of numbers, from which :func:`unpack` recovers both exactly.

    ``first`` and ``second`` have one shape and lie in [0, 1) on the grid of ``precision`` decimal digits, 1 to 7.
    Raises ValueError for another precision, values off the grid or outside [0, 1), and different shapes.
    """
    z = _scale(precision)
    x, y = _on_grid(first, "first", z), _on_grid(second, "second", z)
    if x.shape != y.shape:
        raise ValueError(f"second has shape {y.shape}; accepted: the shape of first, {x.shape}.")
    return np.asarray((x * z + y) / z**2)


@arrays.numpy_defaults
def unpack(packed: ArrayLike, precision: int = 1) -> tuple[Values, Values]:
    """The two numbers that :func:`pack` made each number of, each of the shape of ``packed``.

    Any number is read, also one with noise: it is rounded to the grid of Z^2 first.
    """
    z = _scale(precision)
    whole = np.rint(arrays.numbers(packed, "packed").astype(np.float64) * z**2)
    x, y = np.divmod(whole, z)
    return np.asarray(x / z), np.asarray(y / z)


def printed_pack(first: ArrayLike, second: ArrayLike, precision: int = 1) -> Values:
    """One number for every pair as the primer prints it, rounded to twice the precision; of the shape of ``first``.

    Nothing is refused but a precision that is no whole number of at least 1, so that its failures can be seen.
    """
    z, digits = 10 ** arrays.whole(precision, "precision"), 2 * precision
    x, y = np.broadcast_arrays(arrays.numbers(first, "first"), arrays.numbers(second, "second"))
    pairs = zip(x.ravel().tolist(), y.ravel().tolist(), strict=True)
    return np.array([round((floor(z * one) + other) / z, digits) for one, other in pairs]).reshape(x.shape)


def printed_unpack(packed: ArrayLike, precision: int = 1) -> tuple[Values, Values]:
    """The two numbers read back as the primer prints it, rounded to the precision, each of the shape of ``packed``."""
    z = 10 ** arrays.whole(precision, "precision")
    numbers = arrays.numbers(packed, "packed")
    pairs = []
    for t in numbers.ravel().tolist():
        rest = t * z - floor(t * z)
        pairs.append((round(t - rest / z, precision), round(rest, precision)))
    recovered = np.array(pairs).reshape(*numbers.shape, 2)
    return recovered[..., 0], recovered[..., 1]


@arrays.numpy_defaults
def grid(precision: int) -> tuple[Values, Values]:
    """All pairs of numbers of so many decimal digits in [0, 1), each (10^(2 precision),); precision 1 to 3."""
    z = 10 ** arrays.whole(precision, "precision", 1, 3)
    numbers = np.arange(z) / z
    return np.repeat(numbers, z), np.tile(numbers, z)


@arrays.numpy_defaults
def drawn(precision: int, pairs: int, seed: int = 0) -> tuple[Values, Values]:
    """Random pairs of numbers of so many decimal digits in [0, 1), each (pairs,)."""
    z = 10 ** arrays.whole(precision, "precision")
    whole = np.random.default_rng(arrays.seed(seed)).integers(0, z, (2, arrays.whole(pairs, "pairs")))
    return whole[0] / z, whole[1] / z


def failures(first: ArrayLike, second: ArrayLike, precision: int = 1) -> NDArray[np.bool_]:
    """Whether the printed form does not return a pair as it was, for every pair."""
    x, y = printed_unpack(printed_pack(first, second, precision), precision)
    return np.asarray((x != np.asarray(first)) | (y != np.asarray(second)))


@dataclass(frozen=True)
class Errors:
    """Root mean square errors of both numbers under noise, by how they are stored."""

    printed: float
    repaired: float
    linear: float
    """Two numbers as intensities of two orthogonal unit directions of the plane, with noise on both coordinates."""


@arrays.numpy_defaults
def errors_under_noise(sd: float, precision: int = 1, pairs: int = 20_000, seed: int = 0) -> Errors:
    """How far numbers are from those that were stored, where noise of standard deviation ``sd`` is on what is stored.

    ``pairs`` are drawn on the grid; the two directions are turned by an angle of the seed's. Raises ValueError for a
    precision outside of 1 to 7 and a negative sd.
    """
    spread = arrays.finite(sd, "sd")
    if spread < 0:
        raise ValueError(f"sd is {sd!r}; accepted: a number of at least 0.")
    _scale(precision)
    random = np.random.default_rng([arrays.seed(seed), 1])
    x, y = drawn(precision, pairs, seed)
    noise = spread * random.standard_normal((2, len(x)))
    angle = random.uniform(0, 2 * np.pi)
    directions = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    stored = {
        "printed": printed_unpack(printed_pack(x, y, precision) + noise[0], precision),
        "repaired": unpack(pack(x, y, precision) + noise[0], precision),
        "linear": directions @ (directions.T @ np.stack([x, y]) + noise),
    }
    return Errors(**{name: float(np.sqrt(np.mean((np.array(read) - [x, y]) ** 2))) for name, read in stored.items()})


def _scale(precision: int) -> int:
    return int(10 ** arrays.whole(precision, "precision", 1, MOST))


def _on_grid(values: ArrayLike, argument: str, z: int) -> Values:
    """The values times Z, as whole numbers in double precision."""
    numbers = arrays.numbers(values, argument).astype(np.float64)
    scaled = numbers * z
    whole = np.rint(scaled)
    wrong = (np.abs(scaled - whole) > ON_GRID) | (whole < 0) | (whole >= z)
    if wrong.any():
        raise ValueError(f"{argument} holds {numbers[wrong][0]!s}; accepted: multiples of 1/{z} in [0, 1).")
    return np.asarray(whole)
