"""Spotlight Resonance Method (SRM): the share of representations in a cone that is turned through a privileged plane.

For unit vectors b_a and b_b the bivector (b_a b_b^T - b_b b_a^T) / 2, scaled to eigenvalues of +-i, generates the
rotation R(theta); the spotlight R(theta) b_a = cos(theta) b_a - sin(theta) u2 starts at b_a and turns away from b_b,
u2 being the rest of b_b across b_a (Eqns 1 and 3 of the method's paper; erratum E21). Its value is the share of
representations v with v . R(theta) b_a / |v| >= epsilon (Eqn 2).

With the in-plane part w = rho (cos phi, sin phi) of v / |v|, that scalar product is rho cos(theta + phi): v is inside
over one interval of angles around -phi, and only if rho >= epsilon, the threshold of PPP. So the ends of the intervals
are counted, not the angles.
"""

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from isoaux import bases, ppp
from isoaux.common import arrays
from isoaux.common.arrays import Floats
from isoaux.common.choices import shown
from isoaux.sources import opening

TURN = 2 * np.pi
"""A whole turn in radians."""

ANGLES = 361
"""Angles by default, of a whole turn with both ends: every degree, and so all multiples of pi/4."""


@arrays.numpy_defaults
def spotlight(
    activations: opening.Source,
    basis: ArrayLike,
    epsilon: float = 0.9,
    variant: str = "combination",
    angles: ArrayLike | None = None,
    signed: bool = False,
) -> Floats:
    """The share of representations in the spotlight at every angle of every privileged plane, (planes, angles) (Eqn 2).

    Planes are in the order of ``isoaux.bases.pairs``; at pi/2 the spotlight points at -b_b for orthogonal directions.
    Shares are of all N representations, zero vectors included, which are never inside; float32 or float64 as
    :func:`isoaux.common.arrays.rows` makes the representations.

    Parameters: ``activations`` (N, n), array or tensor, of any length, or whatever :func:`isoaux.open` takes; ``basis``
    (m, n), unit rows; ``epsilon`` in [0, 1), the cosine of the cone's half-angle; ``variant``, ``combination`` (planes
    of rows i < j) or ``permutation`` (of both orders); ``angles`` in radians, by default ``ANGLES`` of a whole turn;
    ``signed``, whether the share in the opposite cone is subtracted (Eqn 4).

    Raises ValueError as :func:`isoaux.ppp.project`, for angles that are not finite, and for ``signed`` other than True
    or False.
    """
    if not isinstance(signed, bool | np.bool_):
        raise ValueError(f"signed is {shown(signed)}; accepted: True or False.")
    rows = opening.matrix(activations)
    turns = np.linspace(0, TURN, ANGLES) if angles is None else arrays.numbers(angles, "angles").astype(np.float64)
    if turns.ndim != 1:
        raise ValueError(f"angles has shape {turns.shape}; accepted: a list of finite numbers.")
    directions, share = units(rows), arrays.fraction(epsilon, "epsilon")
    projection = ppp.project(directions, basis, share, variant)
    x, y = projection.points.T
    half = np.arccos(np.minimum(share / np.hypot(x, y), 1))
    first = (-np.arctan2(y, x) - half) % TURN
    intervals = _by_plane(first, first + 2 * half, np.cumsum(projection.counts))
    inside = np.array([_inside(*interval, turns % TURN) for interval in intervals])
    if signed:
        inside = inside - [_inside(*interval, (turns + np.pi) % TURN) for interval in intervals]
    elif share == 0:  # a product of 0 is inside at every angle; in the signed value it cancels
        inside = inside + (np.any(directions != 0, axis=1).sum() - projection.counts)[:, None]
    shares = np.reshape(inside, (len(projection.planes), len(turns))) / max(1, len(rows))
    return arrays.like(shares.astype(rows.dtype), activations)


@arrays.numpy_defaults
def expected(n: int, epsilon: float = 0.9) -> float:
    """The share of uniform directions of R^n in any spotlight, I_{1 - epsilon^2}((n - 1) / 2, 1/2) / 2 (Eqn 18).

    I is the regularised incomplete beta function; the paper prints twice this (erratum E22). Parameters: ``n`` of at
    least 2; ``epsilon`` in [0, 1). Raises ValueError for others.
    """
    outside = 1 - arrays.fraction(epsilon, "epsilon") ** 2
    return float(scipy.special.betainc((arrays.whole(n, "n", 2) - 1) / 2, 0.5, outside)) / 2


def itself(
    basis: ArrayLike,
    epsilon: float = 0.9,
    variant: str = "combination",
    angles: ArrayLike | None = None,
    signed: bool = False,
) -> Floats:
    """Self-SRM: :func:`spotlight`, whose parameters these are, with the basis vectors as representations.

    It is the result of a perfect alignment.
    """
    rows = arrays.rows(basis, "basis")
    return spotlight(bases.check(rows, rows.shape[1]), rows, epsilon, variant, angles, signed)


def units(rows: Floats) -> NDArray[np.float64]:
    """Rows divided by their lengths, in float64; zero vectors stay zero."""
    peak = np.abs(rows).max(axis=1, initial=0, keepdims=True).astype(np.float64)
    scaled = rows / np.where(peak > 0, peak, 1)
    length = np.linalg.norm(scaled, axis=1, keepdims=True)
    return np.asarray(scaled / np.where(length > 0, length, 1), dtype=np.float64)


def _by_plane(first: Floats, last: Floats, ends: NDArray[np.int64]) -> list[tuple[Floats, Floats]]:
    """The ends of the intervals of each plane; ``ends`` are the cumulative numbers of points per plane."""
    cuts = ends[:-1]
    return list(zip(np.split(first, cuts), np.split(last, cuts), strict=True)) if len(ends) else []


def _inside(first: Floats, last: Floats, angles: NDArray[np.float64]) -> NDArray[np.int64]:
    """The number of intervals [first, last] that hold each angle in [0, 2 pi); first lies there too, last may not."""
    begun = np.searchsorted(np.sort(first), angles, side="right")
    last = np.sort(last)
    over = np.searchsorted(last, angles, side="left")
    past = len(last) - np.searchsorted(last, angles + TURN, side="left")
    return np.asarray(begun - over + past)
