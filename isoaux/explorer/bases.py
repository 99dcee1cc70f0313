"""The bases that a reader of the explorer makes, in Python: the page draws the same numbers (``bases.mjs``)."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import arrays, bases

WORD = 2**32 - 1


def random_basis(n: int, seed: int) -> NDArray[np.float64]:
    """The Haar-random orthogonal matrix (n, n) that the explorer shows as "random" with this seed.

    Not the one of :func:`isoaux.bases.random_orthogonal`, whose generator a page does not have. Raises ValueError for
    a seed outside 0 to 2^32 - 1.
    """
    size = arrays.whole(n, "n")
    if not 0 <= seed <= WORD:
        raise ValueError(f"seed is {seed!r}; accepted: a whole number from 0 to {WORD}.")
    uniforms = _mulberry32(seed)
    pairs = np.array([[next(uniforms), next(uniforms)] for _ in range(size * size)])
    gaussian = np.sqrt(-2 * np.log(pairs[:, 0])) * np.cos(2 * np.pi * pairs[:, 1])
    q, r = np.linalg.qr(gaussian.reshape(size, size))
    return np.asarray(q * np.sign(np.diag(r)))


def turned(basis: ArrayLike, i: int, j: int, angle: float) -> NDArray[np.float64]:
    """A basis (m, n) with rows i and j turned by an angle within their plane, b_i towards b_j; all other rows stay."""
    rows = arrays.rows(basis, "basis")
    found = bases.check(rows, rows.shape[1])
    g = found[i] @ found[j]
    first, across = found[i].copy(), (found[j] - g * found[i]) / np.sqrt(1 - g * g)
    found[i] = np.cos(angle) * first + np.sin(angle) * across
    found[j] = g * found[i] + np.sqrt(1 - g * g) * (np.cos(angle) * across - np.sin(angle) * first)
    return found


def _mulberry32(seed: int) -> Iterator[float]:
    """Uniform numbers in (0, 1) from 32 bits of state, which a page can compute exactly."""
    state = seed
    while True:
        state = (state + 0x6D2B79F5) & WORD
        t = (state ^ state >> 15) * (state | 1) & WORD
        t ^= (t + ((t ^ t >> 7) * (t | 61) & WORD)) & WORD
        yield ((t ^ t >> 14) + 0.5) / 2**32
