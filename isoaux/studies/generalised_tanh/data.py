"""The bases that the page on generalised tanh looks at, and what is computed of the function; without torch."""

from dataclasses import dataclass
from math import cos, factorial, pi

import numpy as np
from numpy.typing import NDArray

from isoaux import bases
from isoaux.bases import Quality
from isoaux.settings import Settings

POLYGONS = (3, 4, 5, 6)
"""The numbers of vectors of the regular polygons whose functions are drawn in the plane."""

LENGTHS = np.linspace(0, 10, 201)
"""The lengths t at which the function is followed along a vector."""

CIRCLES = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Radii of the circles whose images are drawn."""

RADIUS = 1.3
"""The length of the representations at which the distance from isotropic tanh is measured."""

DIRECTIONS = 40_000
"""The directions over which it is measured."""

SERIES = {
    2: tuple(range(3, 17)),
    3: (4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 48, 72, 96),
    10: (11, 20, 40, 80, 160),
}
"""The numbers m of vectors, by the dimension n, for which it is measured; regular polygons in the plane."""

STARTS = 20
"""The single random starts by which a basis is judged."""

ARRANGED = ((3, 5), (3, 7), (3, 8), (3, 12), (3, 20), (3, 32), (5, 16), (6, 27), (7, 56)) + (
    (10, 11),
    (10, 20),
    (10, 40),
    (10, 80),
    (24, 25),
    (24, 48),
    (24, 96),
)
"""(n, m) of the Thomson-like bases of the tables; the last seven are those of networks and their neighbours."""

STRUCTURES = {
    (3, 5): "triangular bipyramid",
    (3, 7): "pentagonal bipyramid",
    (3, 8): "square antiprism",
    (3, 12): "icosahedron",
    (3, 32): "corners of icosahedron and dodecahedron",
    (10, 11): "simplex",
    (10, 20): "cross-polytope",
    (24, 25): "simplex",
    (24, 48): "cross-polytope",
}
"""What the least energy of some (n, m) is known to be arranged as, by the order of the symmetry group."""

ORDERS = {
    "triangular bipyramid": 12,
    "pentagonal bipyramid": 20,
    "square antiprism": 16,
    "icosahedron": 120,
    "corners of icosahedron and dodecahedron": 120,
}
"""The orders of their groups; those of simplices and cross-polytopes follow from n."""


def order(structure: str, n: int) -> int:
    """The order of the symmetry group of a structure of R^n: (n + 1)! of a simplex, 2^n n! of a cross-polytope."""
    return ORDERS.get(structure) or (factorial(n + 1) if structure == "simplex" else 2**n * factorial(n))


def polygon(m: int) -> NDArray[np.float64]:
    """The corners of a regular polygon around 0 as unit rows (m, 2), the first at (1, 0)."""
    angles = 2 * pi * np.arange(m) / m
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@dataclass(frozen=True, eq=False)
class Along:
    """Generalised tanh along every vector of a basis, at t b_j for t of :data:`LENGTHS`; arrays (T, m)."""

    words: str
    basis: NDArray[np.float64]
    """(m, n)"""
    along: NDArray[np.float64]
    """The part along b_j."""
    across: NDArray[np.float64]
    """The length of the part orthogonal to b_j."""
    plain: NDArray[np.float64]
    """The part along b_j without the correction (Eqn 7)."""
    against: NDArray[np.float64]
    """The part along -b_j at -t b_j."""

    @property
    def axis_error(self) -> float:
        """The largest difference of the part along b_j and tanh t."""
        return float(np.abs(self.along - np.tanh(LENGTHS)[:, None]).max())


@dataclass(frozen=True, eq=False)
class Plane:
    """Two functions of the plane: generalised tanh of a regular polygon with m corners, and its gauge form.

    ``vectors`` is 0 for isotropic tanh, to which both tend.
    """

    vectors: int
    reach: float
    """The grid of ``length`` and ``turn`` (R, R) covers the square from -reach to reach, from the bottom up."""
    length: NDArray[np.float64]
    """The length of f(x)."""
    turn: NDArray[np.float64]
    """The angle between x and f(x), in degrees."""
    circles: NDArray[np.float64]
    """Images of circles of :data:`CIRCLES` (circles, points, 2)."""
    rays: NDArray[np.float64]
    """Images of rays from 0 outwards (rays, points, 2)."""
    gauge: NDArray[np.float64]
    """Images of the circles under the gauge form (circles, points, 2)."""


@dataclass(frozen=True)
class Distance:
    """How far generalised tanh and its gauge form are from isotropic tanh, for m vectors of R^n.

    The largest length of a difference, over :data:`DIRECTIONS` representations of length :data:`RADIUS`.
    """

    n: int
    m: int
    generalised: float
    gauge: float
    component: float
    """The largest component of a difference of generalised tanh from isotropic tanh."""
    antipodal: bool
    """Whether -b is a vector of the basis with every b, so that generalised tanh is odd."""


@dataclass(frozen=True)
class Correction:
    """The correction of a basis whose positive products are all g, k times at every vector, beside its closed form."""

    words: str
    n: int
    m: int
    g: float
    k: int
    c: float
    """c = 1 + k g^2 by the closed form."""
    deviation: float
    """The largest difference of the computed N(t) and -(k g / c) tanh(g t)."""
    ends: float
    """The largest difference of 1 + N'(0) and 1/c, and of N at infinity and -k g / c."""
    quality: Quality


@dataclass(frozen=True, eq=False)
class Arranged:
    """A Thomson-like basis, what its single starts end at, and its symmetry."""

    n: int
    m: int
    quality: Quality
    energies: NDArray[np.float64]
    """Where :data:`STARTS` single starts end, sorted."""
    products: NDArray[np.float64]
    """Different products of two vectors, from the least, where they are few; else empty."""
    counts: tuple[int, ...]
    """How often each of them occurs at a vector; empty where that differs between vectors."""
    order: int
    """The order of the symmetry group."""
    equivariance: float
    """The largest difference of f(M x) and M f(x) over generators M of the group."""
    turned: float
    """The same for a matrix that is none of the group."""

    @property
    def arrived(self) -> int:
        """How many of the single starts end at the least energy of them, within 1e-6 of it."""
        least = float(self.energies[0])
        return int((self.energies <= least + 1e-6 * max(1.0, abs(least))).sum())


@dataclass(frozen=True)
class Solid:
    """A Platonic solid as a basis of R^3, beside the least energy of as many vectors."""

    name: str
    m: int
    energy: float
    least: float


@dataclass(frozen=True)
class Lattice:
    """A Fibonacci lattice of R^3, beside the least energy of as many vectors."""

    m: int
    energy: float
    least: float


@dataclass(frozen=True)
class Statements:
    """The numbers behind what is said of Appendices C and D."""

    few: float
    """The largest product among minimal bases with m <= 2n."""
    many: float
    """The least of the largest products among minimal bases with m > 2n."""
    dimensions: tuple[int, ...]
    """The dimensions n in which both were computed, for all m up to 3 n."""
    uneven: float
    """The largest difference from tanh along a vector of three vectors of the plane that are no minimum."""
    solids: tuple[Solid, ...]
    lattices: tuple[Lattice, ...]


@dataclass(frozen=True)
class Chosen:
    """The function of the basis that the settings name, on normal representations of R^n."""

    name: str
    n: int
    m: int
    group: str
    order: int
    quality: Quality
    odd: float
    """The largest component of f(x) + f(-x)."""
    tanh: float
    """The largest component of f(x) less Q tanh(Q^T x), of an orthogonal basis; else of f(x) less tanh(x)."""
    isotropic: float
    """The largest component of f(x) less that of isotropic tanh."""


DIMENSION = 10
"""The dimension n of the basis that the settings name."""


def privileged(chosen: Settings) -> NDArray[np.float64]:
    """The vectors (m, n) of the basis that the settings name: a simplex, or an orthogonal basis with its negatives."""
    rows = bases.named(chosen.basis, DIMENSION, chosen.seeds_for()[0])
    return rows if chosen.basis == "simplex" else np.vstack([rows, -rows])


def polygon_gauge(m: int) -> float:
    """How far the gauge form of a regular polygon with m corners is from isotropic tanh, exactly."""
    return float(np.tanh(RADIUS)) * (1 / cos(pi / m) - 1)
