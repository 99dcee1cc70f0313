"""Features as directions: how intensities are read back from a sum of feature vectors, and what interferes.

F (n, m) has a unit row f_i for each of n features; a representation of intensities x in R^n is a = F^T x in R^m.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.common import arrays

Values = NDArray[np.float64]

FULL_RANK = 1e-9
"""The least singular value of independent features, relative to the largest."""


@dataclass(frozen=True)
class Recovery:
    """Intensities (N, n) as read from representations in two ways."""

    dot: Values
    """By scalar products with the features themselves, F a: exact where features are orthogonal."""
    dual: Values
    """By the dual basis, pinv(F^T) a: exact where features are independent; else the shortest x with F^T x = a."""


@arrays.numpy_defaults
def represent(intensities: ArrayLike, features: ArrayLike) -> Values:
    """The representations a = F^T x (N, m) of ``intensities`` (N, n), for ``features`` (n, m) of unit rows.

    Raises ValueError for other shapes, and for rows that are not of length 1.
    """
    vectors = _features(features)
    return np.asarray(arrays.rows(intensities, "intensities", len(vectors)) @ vectors)


@arrays.numpy_defaults
def recover(representations: ArrayLike, features: ArrayLike) -> Recovery:
    """Intensities read from ``representations`` (N, m), for ``features`` (n, m) of unit rows. Errors as above."""
    vectors = _features(features)
    a = arrays.rows(representations, "representations", vectors.shape[1])
    return Recovery(np.asarray(a @ vectors.T), np.asarray(a @ np.linalg.pinv(vectors)))


@arrays.numpy_defaults
def interference(features: ArrayLike) -> Values:
    """F F^T - I (n, n): what reading by scalar products adds to each intensity, per unit of every other one."""
    vectors = _features(features)
    return np.asarray(vectors @ vectors.T - np.eye(len(vectors)))


@arrays.numpy_defaults
def independent(features: ArrayLike) -> bool:
    """Whether ``features`` (n, m) are linearly independent, so that all intensities can be read from their sum."""
    vectors = _features(features)
    if len(vectors) > vectors.shape[1]:
        return False
    sizes = np.linalg.svd(vectors, compute_uv=False)
    return bool(sizes[-1] > FULL_RANK * sizes[0])


@arrays.numpy_defaults
def welch(n: int, m: int) -> float:
    """The least possible max |f_i . f_j| of n unit vectors in R^m, by Welch's bound: 0 for n at most m."""
    count, width = arrays.whole(n, "n"), arrays.whole(m, "m")
    return float(np.sqrt((count - width) / (width * (count - 1)))) if count > width else 0.0


def _features(features: ArrayLike) -> Values:
    rows = arrays.rows(features, "features")
    lengths = np.linalg.norm(rows, axis=1)
    if np.abs(lengths - 1).max(initial=0) > 1e-6:
        row = int(np.argmax(np.abs(lengths - 1)))
        raise ValueError(f"features has row {row} of length {lengths[row]:.6g}; accepted: rows of length 1.")
    return np.asarray(rows, np.float64)
