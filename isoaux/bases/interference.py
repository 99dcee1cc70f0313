"""The correction N of generalised tanh, by which positive products of a basis are made up for (Eqns 8 to 13, App. C).

With G+ = max(b_i . b_j, 0) and c_j the sum of (G+_ij)^2 over i, N(t) = -(1/m) sum_j (1/c_j) sum_{i != j} G+_ij tanh(t
G+_ij). Only N(t) / t and its derivative enter the activation and its vector-Jacobian product; :func:`table` has them at
knots, for interpolation where sums over all pairs would take too long.
"""

from math import factorial

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from isoaux.bases.directions import check
from isoaux.common import arrays

LEAST = 1e-9
"""Products up to this are taken for 0, which rounding makes of either sign."""

KNOTS = 4096
"""Knots of a table, equally spaced in asinh t."""

SPAN = 21.5
"""The value of asinh t at the last knot, where t is 1.1e9; beyond, every tanh is taken to be 1."""

STEP = SPAN / (KNOTS - 1)
"""The distance of two knots in asinh t."""

_SMALL = 0.3
"""Below this t, ratios are taken from power series, as differences would cancel."""

_ORDERS = 2 * np.arange(12)
_SERIES = (
    np.array([2.0**k * (2.0**k - 1) / factorial(k) for k in _ORDERS + 2]) * scipy.special.bernoulli(24)[_ORDERS + 2]
)
"""tanh u / u as a power series: its exponents and coefficients."""


class Interference:
    """N(t) of ``basis`` (m, n) and its derivative, as exact sums, for any array of lengths t >= 0.

    ``weights`` and ``products`` are the w and g of N(t) = -sum w tanh(t g), with pairs of equal products merged; both
    are empty where no product is positive. ``c`` (m,) are the sums of squares c_j. Raises ValueError as :func:`check`.
    """

    def __init__(self, basis: ArrayLike) -> None:
        rows = arrays.rows(basis, "basis")
        checked = check(rows, rows.shape[1])
        positive = checked @ checked.T
        np.fill_diagonal(positive, 0)
        positive[positive <= LEAST] = 0
        self.c: NDArray[np.float64] = 1 + (positive**2).sum(0)
        first, second = np.nonzero(np.triu(positive))
        products = positive[first, second]
        weights = products * (1 / self.c[first] + 1 / self.c[second]) / len(checked)
        order = np.argsort(products)
        products, weights = products[order], weights[order]
        starts = np.flatnonzero(np.diff(products, prepend=-1) > 1e-14)
        self.weights = np.add.reduceat(weights, starts) if starts.size else weights
        self.products = products[starts]

    def value(self, t: ArrayLike) -> NDArray[np.float64]:
        """N(t), of the shape of ``t``."""
        return self._sums(t)[..., 0]

    def slope(self, t: ArrayLike) -> NDArray[np.float64]:
        """dN/dt, of the shape of ``t``."""
        return self._sums(t)[..., 1]

    def ratios(self, t: ArrayLike) -> NDArray[np.float64]:
        """N(t) / t and its first and second derivative with respect to t, (..., 3); at 0 their limits."""
        lengths = np.asarray(t, dtype=np.float64)
        large = np.maximum(lengths, _SMALL)
        value, first, second = np.moveaxis(self._sums(large), -1, 0)
        ratio = value / large
        slope = (first - ratio) / large
        direct = np.stack([ratio, slope, (second - 2 * slope) / large], axis=-1)
        return np.where(lengths[..., None] < _SMALL, self._series(np.minimum(lengths, _SMALL)), direct)

    def _sums(self, t: ArrayLike) -> NDArray[np.float64]:
        """N and its first and second derivative at every t, (..., 3)."""
        lengths = np.asarray(t, dtype=np.float64)
        w, g = self.weights, self.products
        sums = np.empty((lengths.size, 3))
        for block in np.array_split(np.arange(lengths.size), 1 + lengths.size * g.size // 2**18):
            tanh = np.tanh(lengths.ravel()[block, None] * g)
            inner = 1 - tanh * tanh
            sums[block] = np.stack([-tanh @ w, -inner @ (w * g), 2 * (tanh * inner) @ (w * g * g)], axis=1)
        return sums.reshape(*lengths.shape, 3)

    def _series(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """N(t) / t and its derivatives for small t: the power series of the hyperbolic tangent, summed over pairs."""
        moments = self.products ** (1 + _ORDERS[:, None]) @ self.weights
        terms = [-_SERIES, -_SERIES * _ORDERS, -_SERIES * _ORDERS * (_ORDERS - 1)]
        powers = [t[..., None] ** np.maximum(_ORDERS - k, 0) for k in range(3)]
        return np.stack([p @ (term * moments) for p, term in zip(powers, terms, strict=True)], axis=-1)


def table(basis: ArrayLike) -> NDArray[np.float64]:
    """Knots of N(t) / t of ``basis`` (m, n) in s = asinh t, shape (KNOTS, 3); empty, (0, 3), where N is 0.

    A row holds the value, and its first and second derivative with respect to s / :data:`STEP`: what interpolation by
    polynomials of fifth degree between two knots takes.
    """
    interference = Interference(basis)
    if not interference.products.size:
        return np.zeros((0, 3))
    s = np.arange(KNOTS) * STEP
    value, first, second = np.moveaxis(interference.ratios(np.sinh(s)), -1, 0)
    along = first * np.cosh(s)
    return np.stack([value, along * STEP, (second * np.cosh(s) ** 2 + first * np.sinh(s)) * STEP**2], axis=1)
