"""Bases: sets of m distinguished directions in R^n as matrices (m, n) of unit rows, orthogonal or not.

:func:`standard`, :func:`random_orthogonal`, :func:`simplex` and :func:`cross_polytope` are given by formulas,
:func:`thomson` makes m vectors that repel each other (``isoaux.bases.thomson``), and :func:`quality` says how good such
a basis is for generalised tanh; :func:`symmetries` is its group. :func:`check` is what every instrument asks of a
basis, :func:`pairs` are its planes.
"""

from isoaux.bases.arrangements import energy, least_energy, thomson
from isoaux.bases.directions import (
    BASES,
    LARGEST,
    PARALLEL_TOLERANCE,
    UNIT_TOLERANCE,
    VARIANTS,
    Seed,
    check,
    cross_polytope,
    gram,
    is_standard,
    named,
    pairs,
    random_orthogonal,
    random_orthogonals,
    simplex,
    skew,
    standard,
    turned,
)
from isoaux.bases.quality import Quality, quality
from isoaux.bases.symmetries import Symmetries, symmetries

__all__ = [
    "BASES",
    "LARGEST",
    "PARALLEL_TOLERANCE",
    "UNIT_TOLERANCE",
    "VARIANTS",
    "Quality",
    "Seed",
    "Symmetries",
    "check",
    "cross_polytope",
    "energy",
    "gram",
    "is_standard",
    "least_energy",
    "named",
    "pairs",
    "quality",
    "random_orthogonal",
    "random_orthogonals",
    "simplex",
    "skew",
    "standard",
    "symmetries",
    "thomson",
    "turned",
]
