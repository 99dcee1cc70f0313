"""Bases that are given by formulas, what is asked of any basis, and the planes of its pairs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from isoaux.common import arrays
from isoaux.common.choices import choose

UNIT_TOLERANCE = 1e-6
"""The length of a row may differ from 1 by this much; so may products of rows from those of orthonormal ones."""

PARALLEL_TOLERANCE = 1e-9
"""Rows are parallel or antiparallel if 1 - |b_i . b_j| is below this."""

LARGEST = 2**15
"""The largest n of a basis that is made: it takes 8.6 GB."""

VARIANTS: Mapping[str, bool] = {"combination": False, "permutation": True}
"""The variants of PPP and SRM; the value says whether (i, j) and (j, i) count as two planes (Sec. 3)."""

Seed = int | np.random.SeedSequence


@arrays.numpy_defaults
def standard(n: int) -> NDArray[np.float64]:
    """The standard basis e_1 .. e_n, shape (n, n), for n up to :data:`LARGEST`."""
    return np.eye(arrays.whole(n, "n", most=LARGEST))


@arrays.numpy_defaults
def random_orthogonal(n: int, seed: Seed) -> NDArray[np.float64]:
    """A Haar-random orthogonal matrix, shape (n, n): Q of the QR decomposition of a Gaussian matrix, with diag R > 0.

    Without that choice of signs Q would depend on the decomposition's convention and not be Haar-distributed (App. A).
    Parameters: ``n`` up to :data:`LARGEST`; ``seed``, a whole number, several, or a ``numpy.random.SeedSequence``.
    """
    return random_orthogonals(n, [seed])[0]


@arrays.numpy_defaults
def random_orthogonals(n: int, seeds: Sequence[Seed]) -> NDArray[np.float64]:
    """The matrices of :func:`random_orthogonal` for each of ``seeds``, shape (seeds, n, n); less work for many."""
    size = arrays.whole(n, "n", most=LARGEST)
    gaussian = [np.random.default_rng(_seed(seed)).standard_normal((size, size)) for seed in seeds]
    q, r = np.linalg.qr(np.stack(gaussian))
    return q * np.sign(np.diagonal(r, axis1=1, axis2=2))[:, None]


def _seed(seed: Seed) -> Seed:
    return seed if isinstance(seed, np.random.SeedSequence) else arrays.seed(seed)


@arrays.numpy_defaults
def simplex(n: int) -> NDArray[np.float64]:
    """The n + 1 vertices of a regular simplex around the origin, unit rows (n + 1, n) with b_i . b_j = -1/n."""
    return scipy.linalg.helmert(arrays.whole(n, "n", most=LARGEST) + 1).T * np.sqrt((n + 1) / n)


@arrays.numpy_defaults
def cross_polytope(n: int) -> NDArray[np.float64]:
    """The 2n vertices of the regular cross-polytope, unit rows e_1 .. e_n, -e_1 .. -e_n, shape (2n, n)."""
    return np.vstack([standard(n), -standard(n)])


@arrays.numpy_defaults
def turned(basis: ArrayLike, seed: Seed) -> NDArray[np.float64]:
    """The rows of ``basis`` (m, n) turned by the Haar-random matrix Q of ``seed``: B Q^T, shape (m, n).

    All products b_i . b_j stay as they are. Raises ValueError as :func:`check`.
    """
    rows = arrays.rows(basis, "basis")
    return check(rows, rows.shape[1]) @ random_orthogonal(rows.shape[1], seed).T


BASES: Mapping[str, Callable[[int, Seed], NDArray[np.float64]]] = {
    "standard": lambda n, seed: standard(n),
    "random": random_orthogonal,
    "simplex": lambda n, seed: simplex(n),
}
"""The bases that settings may name, as functions of (n, seed)."""


@arrays.numpy_defaults
def named(name: str, n: int, seed: Seed = 0) -> NDArray[np.float64]:
    """The basis of R^n that ``name``, a key of :data:`BASES`, stands for, shape (m, n); only ``random`` uses ``seed``.

    Raises ValueError for an unknown name, an n that is no whole number from 1 to :data:`LARGEST`, and a bad seed.
    """
    return choose("basis", name, BASES)(n, _seed(seed))


@arrays.numpy_defaults
def check(basis: ArrayLike, width: int) -> NDArray[np.float64]:
    """``basis`` (m, width) in float64, every row divided by its length.

    Raises ValueError for another width, for numbers that are not finite, and for rows whose length differs from 1 by
    more than :data:`UNIT_TOLERANCE`.
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


def is_standard(basis: NDArray[np.floating[Any]]) -> bool:
    """Whether ``basis`` (m, n) is the standard basis, in its order."""
    m, n = basis.shape
    return m == n and bool((np.diag(basis) == 1).all()) and np.count_nonzero(basis) == n


def gram(basis: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """The products b_i . b_j (m, m) of the rows of ``basis`` (m, n), those of the standard basis without a product."""
    return np.eye(len(basis)) if is_standard(basis) else basis @ basis.T


@arrays.numpy_defaults
def pairs(
    basis: NDArray[np.floating[Any]], variant: str = "combination", products: NDArray[np.floating[Any]] | None = None
) -> tuple[NDArray[np.int64], int]:
    """The pairs (i, j) of rows of ``basis`` (m, n) that span a plane, shape (p, 2), and how many pairs do not.

    Those that do not are parallel or antiparallel (:data:`PARALLEL_TOLERANCE`). ``variant`` is ``combination``, i < j,
    or ``permutation``, all i != j (Sec. 3). ``products`` (m, m) are b_i . b_j, if they are known. Raises
    ValueError for an unknown variant.
    """
    ordered, m = choose("variant", variant, VARIANTS), len(basis)
    spanning = 1 - np.abs(gram(basis) if products is None else products) >= PARALLEL_TOLERANCE
    np.fill_diagonal(spanning, False)
    planes = np.argwhere(spanning if ordered else np.triu(spanning)).astype(np.int64, copy=False)
    return planes, m * (m - 1) // (1 if ordered else 2) - len(planes)


def skew(basis: NDArray[np.floating[Any]]) -> float:
    """The largest |b_i . b_j - delta_ij| of the rows of ``basis`` (m, n); 0 for orthonormal rows."""
    return 0.0 if is_standard(basis) else float(np.abs(gram(basis) - np.eye(len(basis))).max(initial=0))
