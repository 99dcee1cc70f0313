"""The mean curve of the spotlight over all planes, beside that of the basis itself."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import bases
from isoaux.common import arrays
from isoaux.common.arrays import Floats
from isoaux.sources import opening
from isoaux.srm import shares
from isoaux.srm.pooled import DEGREES, Pool

ROUNDING = 1e-9
"""The threshold for the vectors of the basis itself is less by this part: their arcs often end at whole degrees."""


@dataclass(frozen=True, eq=False)
class Curve:
    """The mean of the spotlight over all planes, each in both orders, with what it is compared with."""

    angles: NDArray[np.float64]
    """(A,), every degree of a turn without its end, in radians"""
    mean: NDArray[np.float64]
    """(A,), shares of the representations"""
    own: NDArray[np.float64]
    """(A,), the same of the vectors of the basis"""
    high: NDArray[np.float64]
    """(planes,), the largest share of every plane, one order each"""
    near: NDArray[np.float64]
    """(m,), the shares F_i in the cones around the vectors"""
    opposite: NDArray[np.float64]
    """(m,), the shares A_i in the cones around their antipodes"""


@arrays.numpy_defaults
def curve(
    activations: opening.Source, basis: ArrayLike, epsilon: float = 0.9, centred: bool = False, planes: bool = True
) -> Curve:
    """The mean curve of ``activations`` (N, n) over all planes of ``basis`` (m, n), in the permutation variant.

    Shares are of all N representations, zero vectors included, which are never inside. ``epsilon``, above 0 and below
    1, is the cosine of the cone's half-angle; ``centred`` says whether the mean representation is subtracted first;
    without ``planes`` the largest share of every plane is left out, an empty array, which takes most of the time.

    Raises ValueError as :func:`isoaux.srm.spotlight`, and for an epsilon of 0.
    """
    units, vectors, share = prepared(activations, basis, epsilon, centred)
    coordinates = units @ vectors.T
    pool = Pool(vectors, [share])
    high = np.zeros(0)
    if planes:
        every = shares.spotlight(units, vectors, share, angles=np.arange(DEGREES) * shares.TURN / DEGREES)
        high = np.asarray(every.max(axis=1, initial=0), dtype=np.float64)
    return Curve(
        np.arange(DEGREES) * shares.TURN / DEGREES,
        mean_curves(pool, coordinates)[0],
        mean_curves(Pool(vectors, [share * (1 - ROUNDING)]), vectors @ vectors.T)[0],
        high,
        (coordinates >= share).mean(axis=0),
        (coordinates <= -share).mean(axis=0),
    )


def prepared(
    activations: opening.Source, basis: ArrayLike, epsilon: float, centred: bool
) -> tuple[Floats, NDArray[np.float64], float]:
    """Unit representations (N, n) in float64, zero ones as they are; the basis; and epsilon, all checked."""
    rows = np.asarray(opening.matrix(activations), dtype=np.float64)
    if not len(rows):
        raise ValueError("activations has no rows; accepted: at least one representation.")
    vectors, share = bases.check(basis, rows.shape[1]), threshold(epsilon)
    return shares.units(rows - rows.mean(axis=0) if centred else rows), vectors, share


def threshold(epsilon: float) -> float:
    """The cosine of the cone's half-angle; raises ValueError for one that is not above 0 and below 1."""
    share = arrays.fraction(epsilon, "epsilon")
    if share == 0:
        raise ValueError("epsilon is 0; accepted: a number above 0 and below 1.")
    return share


def mean_curves(pool: Pool, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean curves (epsilons, A) over the planes of a pool of unit vectors with the products ``coordinates`` (N, m)."""
    return pool.counts(coordinates) / (len(coordinates) * max(1, 2 * len(pool.pairs)))


@arrays.numpy_defaults
def fourier(points: ArrayLike, samples: int, planes: int, epsilon: float, orders: ArrayLike) -> NDArray[np.complex128]:
    """Fourier coefficients of the mean curve f, (1 / 2 pi) times the integral of f(t) exp(-i k t), from PPP's points.

    A point (rho, phi) of PPP at the same epsilon is in the spotlight on an arc of half-width w = arccos(epsilon / rho)
    around -phi, so it adds exp(i k phi) sin(k w) / (pi k), or w / pi for k = 0, divided by the numbers of
    representations and planes. ``points`` (p, 2) are those of all ``planes`` planes of the variant; ``orders`` are the
    whole numbers k.
    """
    x, y = arrays.rows(points, "points", 2).astype(np.float64).T
    k = np.asarray(orders)[:, None]
    half = np.arccos(np.minimum(epsilon / np.hypot(x, y), 1))
    terms = np.exp(1j * k * np.arctan2(y, x)) * half / np.pi * np.sinc(k * half / np.pi)
    return np.asarray(terms.sum(axis=1) / (samples * planes))
