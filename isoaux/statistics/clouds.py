"""The synthetic representations of Appendix A, in which no direction is special or only by their construction.

They are those of Figs. 4 to 7, each (samples, n), drawn from a seed. The images of 3072 elements behind three of them
are drawn in blocks, which takes far less memory than the 1.5 GB of all of them.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from isoaux.common import arrays
from isoaux.common.choices import choose

Cloud = NDArray[np.float64]

PIXELS = 3072
"""Elements of an image."""

BLOCK = 4000
"""Images drawn at a time, 98 MB; any multiple of ``STEP`` gives the same clouds."""

STEP = 500
"""Images added or mapped at a time, which fixes the order of additions and so the last bits of clouds."""

LARGEST = 2**30
"""The largest number of elements of a cloud, and of W: they take 8.6 GB."""

Seed = int | Sequence[int]


@arrays.numpy_defaults
def named(name: str, seed: Seed, samples: int = 60_000, n: int = 24) -> Cloud:
    """The cloud, (samples, n), that ``name`` stands for.

    ``normal``: N(0, I_n) (Fig. 4). ``uniform``: Z = X W^T with X uniform on [0, 1]^3072 and W (n x 3072) standard
    normal (Fig. 5). ``standardised``: the same with every element of X standardised over the samples first (Fig. 6).
    ``embedded``: X standard normal on R^3072 (Fig. 7, whose caption repeats Fig. 6: erratum E9).

    With one seed, ``uniform``, ``standardised`` and ``embedded`` have the same W, and the first two the same X, so that
    their figures differ by one step of the construction only. Raises ValueError for an unknown name, for fewer than one
    sample or dimension, for a single sample of ``standardised``, for more than :data:`LARGEST` numbers, and for a seed
    that is no whole number of at least 0 and no list of such.
    """
    draw = choose("cloud", name, CLOUDS)
    stream = np.random.SeedSequence(arrays.seed(seed))
    rows = max(arrays.whole(samples, "samples"), 1 if draw is _normal else PIXELS)  # W has as many columns as pixels
    if rows * arrays.whole(n, "n") > LARGEST:
        raise ValueError(f"samples is {samples} and n is {n}; accepted: up to {LARGEST:,} numbers together.")
    return draw(stream, int(samples), int(n))


def _normal(seed: np.random.SeedSequence, samples: int, n: int) -> Cloud:
    return np.random.default_rng(seed).standard_normal((samples, n))


def _uniform(seed: np.random.SeedSequence, samples: int, n: int) -> Cloud:
    images, weights = seed.spawn(2)
    return _project(_blocks(images, samples, _flat), _weights(weights, n))


def _standardised(seed: np.random.SeedSequence, samples: int, n: int) -> Cloud:
    if samples < 2:
        raise ValueError(f"samples is {samples}; accepted for 'standardised': at least 2.")
    images, weights = seed.spawn(2)
    total, squares = np.zeros(PIXELS), np.zeros(PIXELS)
    for x in _blocks(images, samples, _flat):
        total += x.sum(0)
        squares += (x * x).sum(0)
    mean = total / samples
    variance = squares / samples - mean**2
    std = np.sqrt(np.where(variance > 0, variance, 1))  # among few samples, two may be equal up to rounding
    return _project(((x - mean) / std for x in _blocks(images, samples, _flat)), _weights(weights, n))


def _embedded(seed: np.random.SeedSequence, samples: int, n: int) -> Cloud:
    images, weights = seed.spawn(2)
    return _project(_blocks(images, samples, np.random.Generator.standard_normal), _weights(weights, n))


CLOUDS: dict[str, Callable[[np.random.SeedSequence, int, int], Cloud]] = {
    "normal": _normal,
    "uniform": _uniform,
    "standardised": _standardised,
    "embedded": _embedded,
}
"""Functions of (seed sequence, samples, n) that draw the clouds, by name."""


def _flat(rng: np.random.Generator, size: tuple[int, int]) -> Cloud:
    return rng.random(size)


def _blocks(
    seed: np.random.SeedSequence, samples: int, draw: Callable[[np.random.Generator, tuple[int, int]], Cloud]
) -> Iterator[Cloud]:
    """The images of a seed, at most ``STEP`` rows at a time."""
    rng = np.random.default_rng(seed)
    for start in range(0, samples, BLOCK):
        block = draw(rng, (min(BLOCK, samples - start), PIXELS))
        yield from (block[first : first + STEP] for first in range(0, len(block), STEP))


def _weights(seed: np.random.SeedSequence, n: int) -> Cloud:
    return np.random.default_rng(seed).standard_normal((n, PIXELS))


def _project(blocks: Iterator[Cloud], weights: Cloud) -> Cloud:
    return np.concatenate([x @ weights.T for x in blocks])
