"""The activation functions under study: forward map, closed-form vector-Jacobian product, symmetry group.

Every function maps R^n to R^n over the last axis, for any leading shape. ``group`` is the largest group of orthogonal
matrices M with f(M x) = M f(x) for all x (Eqns 1 and 2 of the paper; ``S_n < D_n < B_n < O(n)``). Those of
:data:`ACTIVATIONS` are the paper's, those of :data:`ON_BASES` have a privileged basis as data (App. C of the paper on
the Spotlight Resonance Method).
"""

from isoaux.activations.choosing import jacobian, named
from isoaux.activations.functions import (
    ACTIVATIONS,
    Activation,
    Group,
    HyperoctahedralLeakyReLU,
    IsotropicLeakyReLU,
    IsotropicTanh,
    LeakyReLU,
    MaxNormLeakyReLU,
    ParityLeakyReLU,
    Tanh,
)
from isoaux.activations.on_bases import ON_BASES, GaugeTanh, GeneralisedTanh, OnBasis
from isoaux.bases.interference import Interference

__all__ = [
    "ACTIVATIONS",
    "ON_BASES",
    "Activation",
    "GaugeTanh",
    "GeneralisedTanh",
    "Group",
    "HyperoctahedralLeakyReLU",
    "Interference",
    "IsotropicLeakyReLU",
    "IsotropicTanh",
    "LeakyReLU",
    "MaxNormLeakyReLU",
    "OnBasis",
    "ParityLeakyReLU",
    "Tanh",
    "jacobian",
    "named",
]
