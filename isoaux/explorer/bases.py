"""The bases that a reader of the explorer makes, in Python: the page draws the same numbers (``bases.mjs``)."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import bases
from isoaux.common import arrays, choices

WORD = 2**32 - 1

LARGEST = 2**12
"""Dimensions of the largest random basis, which is drawn number by number."""


MOST_VECTORS = 96
"""The most vectors of a basis that has more of them than there are neurons: 4,560 planes."""

NAMES = (*bases.BASES, "cross-polytope", "thomson")
"""The bases that a setting may name; ``thomson`` has the vectors that came with a network."""


def count(name: str, network: Mapping[str, Any]) -> int | None:
    """The number of vectors that the basis ``name`` has for an entry of the list; None where there is none."""
    width = int(network["width"])
    came = network.get("vectors", {}).get("count")
    return {"simplex": width + 1, "cross-polytope": 2 * width, "thomson": came}.get(name, width)


def is_offered(name: str, network: Mapping[str, Any]) -> bool:
    """Whether an entry of the list can be looked at in the basis ``name``, one of :data:`NAMES`."""
    vectors = count(name, network)
    return vectors is not None and (vectors <= MOST_VECTORS or name not in ("simplex", "cross-polytope"))


def random_basis(n: int, seed: int) -> NDArray[np.float64]:
    """The Haar-random orthogonal matrix (n, n) that the explorer shows as "random" with this seed.

    Not the one of :func:`isoaux.bases.random_orthogonal`, whose generator a page does not have. Raises ValueError for
    a seed outside 0 to 2^32 - 1, and for n above :data:`LARGEST`.
    """
    size = arrays.whole(n, "n", most=LARGEST)
    uniforms = _mulberry32(word(seed))
    pairs = np.array([[next(uniforms), next(uniforms)] for _ in range(size * size)])
    gaussian = np.sqrt(-2 * np.log(pairs[:, 0])) * np.cos(2 * np.pi * pairs[:, 1])
    q, r = np.linalg.qr(gaussian.reshape(size, size))
    return np.asarray(q * np.sign(np.diag(r)))


def turned(basis: ArrayLike, i: int, j: int, angle: float) -> NDArray[np.float64]:
    """A basis (m, n) with rows i and j turned by an angle within their plane, b_i towards b_j; all other rows stay.

    Parameters: ``basis`` (m, n) unit rows; ``i`` and ``j`` two of them, counted from 0; ``angle`` in radians. Raises
    ValueError for what is no basis, for rows that it does not have, for one row twice, for parallel rows, which span no
    plane, and for an angle that is not finite.
    """
    rows = bases.check(basis, arrays.rows(basis, "basis").shape[1])
    i, j = pair(i, j, len(rows))
    angle = arrays.finite(angle, "angle")
    if not spanning(rows, i, j):
        raise ValueError(f"basis has parallel rows {i} and {j}; accepted: two rows that span a plane.")
    g = rows[i] @ rows[j]
    rest = rows[j] - g * rows[i]
    sine = np.linalg.norm(rest)
    first, across = rows[i].copy(), rest / sine
    rows[i] = np.cos(angle) * first + np.sin(angle) * across
    rows[j] = g * rows[i] + sine * (np.cos(angle) * across - np.sin(angle) * first)
    return rows


def word(seed: Any) -> int:
    """A seed that a page can have, a whole number of 32 bits. Raises ValueError otherwise."""
    if arrays.is_whole(seed) and 0 <= seed <= WORD:
        return int(seed)
    raise ValueError(f"seed is {choices.shown(seed)}; accepted: a whole number from 0 to {WORD}.")


def pair(i: Any, j: Any, vectors: int) -> tuple[int, int]:
    """Two different rows of a basis of so many ``vectors``. Raises ValueError otherwise."""
    for name, row in (("i", i), ("j", j)):
        if not arrays.is_whole(row) or not 0 <= row < vectors:
            raise ValueError(f"{name} is {choices.shown(row)}; accepted: a row of the basis, from 0 to {vectors - 1}.")
    if i == j:
        raise ValueError(f"i and j are both {i}; accepted: two different rows of the basis.")
    return int(i), int(j)


def spanning(rows: NDArray[np.float64], i: int, j: int) -> bool:
    """Whether two unit rows span a plane: not where they are parallel or antiparallel (:mod:`isoaux.bases`)."""
    return bool(1 - abs(rows[i] @ rows[j]) >= bases.PARALLEL_TOLERANCE)


def _mulberry32(seed: int) -> Iterator[float]:
    """Uniform numbers in (0, 1) from 32 bits of state, which a page can compute exactly."""
    state = seed
    while True:
        state = (state + 0x6D2B79F5) & WORD
        t = (state ^ state >> 15) * (state | 1) & WORD
        t ^= (t + ((t ^ t >> 7) * (t | 61) & WORD)) & WORD
        yield ((t ^ t >> 14) + 0.5) / 2**32
