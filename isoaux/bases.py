"""Sets of distinguished directions: one unit vector per row, in any number, orthogonal or not."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import helmert

from isoaux.common import arrays
from isoaux.common.choices import choose

UNIT_TOLERANCE = 1e-6
PARALLEL_TOLERANCE = 1e-9

LARGEST = 2**15
"""Dimensions of the widest basis that is made: it takes 8.6 GB."""

VARIANTS: Mapping[str, bool] = {"combination": False, "permutation": True}
"""Which pairs of directions span planes; the value says whether (i, j) and (j, i) are two planes (Sec. 3)."""

Seed = int | np.random.SeedSequence


@arrays.numpy_defaults
def standard(n: int) -> NDArray[np.float64]:
    """The standard basis e_1 .. e_n, shape (n, n), for n up to :data:`LARGEST`."""
    return np.eye(arrays.whole(n, "n", most=LARGEST))


@arrays.numpy_defaults
def random_orthogonal(n: int, seed: Seed) -> NDArray[np.float64]:
    """A Haar-random orthogonal matrix, shape (n, n): Q of the QR decomposition of a Gaussian matrix, diag R >
    0.

    Without the sign fix Q would depend on the decomposition's convention and not be Haar-distributed (App.
    A). ``seed`` is a whole number, several, or a ``numpy.random.SeedSequence``; n is up to :data:`LARGEST`.
    """
    size = arrays.whole(n, "n", most=LARGEST)
    gaussian = np.random.default_rng(_seed(seed)).standard_normal((size, size))
    q, r = np.linalg.qr(gaussian)
    return q * np.sign(np.diag(r))


def _seed(seed: Seed) -> Seed:
    return seed if isinstance(seed, np.random.SeedSequence) else arrays.seed(seed)


@arrays.numpy_defaults
def simplex(n: int) -> NDArray[np.float64]:
    """The n + 1 vertices of a regular simplex around the origin, shape (n + 1, n); b_i . b_j = -1/n."""
    return helmert(arrays.whole(n, "n", most=LARGEST) + 1).T * np.sqrt((n + 1) / n)


BASES: Mapping[str, Callable[[int, Seed], NDArray[np.float64]]] = {
    "standard": lambda n, seed: standard(n),
    "random": random_orthogonal,
    "simplex": lambda n, seed: simplex(n),
}
"""From the name in a notebook's parameters to a function of (n, seed)."""


@arrays.numpy_defaults
def named(name: str, n: int, seed: Seed = 0) -> NDArray[np.float64]:
    """The basis of R^n that a name stands for, shape (m, n); the seed matters to ``random`` alone.

    Raises ValueError naming the nearest valid name, and for n and a seed that cannot be, whatever the name.
    """
    return choose("basis", name, BASES)(n, _seed(seed))


@arrays.numpy_defaults
def check(basis: ArrayLike, width: int) -> NDArray[np.float64]:
    """A basis as measured: float64, shape (m, width), its rows unit to rounding.

    Raises ValueError for another width, for numbers that are not finite, and for rows whose length is further
    than 1e-6 from 1; what is left of the difference is divided out.
    """
    array = arrays.rows(basis, "basis", width).astype(np.float64)
    lengths = np.sqrt(np.einsum("ij,ij->i", array, array))
    wrong = np.flatnonzero(~(np.abs(lengths - 1) <= UNIT_TOLERANCE))
    if wrong.size:
        raise ValueError(
            f"basis has row {wrong[0]} of length {lengths[wrong[0]]:.7g}; accepted: length 1 within "
            f"{UNIT_TOLERANCE:g}, as after each row is divided by its length."
        )
    return array / lengths[:, None]


@arrays.numpy_defaults
def pairs(
    basis: NDArray[np.floating[Any]], variant: str = "combination", gram: NDArray[np.floating[Any]] | None = None
) -> tuple[NDArray[np.int64], int]:
    """The pairs (i, j) of rows that span a plane, shape (p, 2), and how many parallel or antiparallel ones do
    not.

    ``combination``: i < j; ``permutation``: all i != j (Sec. 3). A pair is parallel if 1 - |b_i . b_j| <
    1e-9. ``gram`` (m, m) are the products b_i . b_j, if they are known. Raises ValueError for an unknown variant.
    """
    ordered, m = choose("variant", variant, VARIANTS), len(basis)
    gram = basis @ basis.T if gram is None else gram
    spanning = 1 - np.abs(gram) >= PARALLEL_TOLERANCE
    np.fill_diagonal(spanning, False)
    planes = np.argwhere(spanning if ordered else np.triu(spanning)).astype(np.int64, copy=False)
    return planes, m * (m - 1) // (1 if ordered else 2) - len(planes)
