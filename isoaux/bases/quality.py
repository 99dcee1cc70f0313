"""How good a basis is for generalised tanh, which is exact along the vectors of some bases only (App. C)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from isoaux.bases.arrangements import energy
from isoaux.bases.directions import check
from isoaux.bases.interference import Interference
from isoaux.common import arrays

LENGTHS = np.linspace(0.05, 10, 200)
"""The lengths t at which generalised tanh of t b_j is compared with tanh(t) b_j."""


@dataclass(frozen=True)
class Quality:
    """What distinguishes an exact basis from others; the last four are 0 for an exact one."""

    energy: float
    """The energy that Thomson-like bases minimise."""
    largest_cosine: float
    """The largest product b_i . b_j of two vectors."""
    c: tuple[float, float]
    """The least and the largest c_j, the sum of squares of the positive products with b_j."""
    sum: float
    """The length of the sum of all vectors."""
    frame: float
    """The Frobenius norm of B^T B - (m/n) I, divided by m/n."""
    axis_error: float
    """The largest difference of the activation along b_j, at t b_j, and tanh t."""
    orthogonal: float
    """The largest part of the activation at t b_j that is orthogonal to b_j."""


@arrays.numpy_defaults
def quality(basis: ArrayLike) -> Quality:
    """The quality of ``basis`` (m, n), for t at :data:`LENGTHS`. Raises ValueError as :func:`check`."""
    rows = arrays.rows(basis, "basis")
    vectors = check(rows, rows.shape[1])
    m, n = vectors.shape
    interference = Interference(vectors)
    ratio = interference.ratios(LENGTHS)[:, 0]
    axis_error = orthogonal = 0.0
    products = vectors @ vectors.T
    for vector, row in zip(vectors, np.maximum(products, 0), strict=True):
        along = LENGTHS[:, None] * row
        image = (np.tanh(along) + ratio[:, None] * along) @ vectors
        part = image @ vector
        axis_error = max(axis_error, float(np.abs(part - np.tanh(LENGTHS)).max()))
        orthogonal = max(orthogonal, float(np.linalg.norm(image - part[:, None] * vector, axis=1).max()))
    np.fill_diagonal(products, -1)
    return Quality(
        energy(vectors),
        float(products.max()),
        (float(interference.c.min()), float(interference.c.max())),
        float(np.linalg.norm(vectors.sum(0))),
        float(np.linalg.norm(vectors.T @ vectors - m / n * np.eye(n)) * n / m),
        axis_error,
        orthogonal,
    )
