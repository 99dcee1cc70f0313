"""Spotlight Resonance Method (SRM): the share of representations in a cone that is turned through a privileged plane.

:func:`spotlight` has the shares of every plane, :func:`itself` those of the basis, a perfect alignment
(``isoaux.srm.shares``). :func:`curve` is their mean over all planes, :func:`numbers` says how it goes with the basis,
and :func:`test` compares one of these numbers with turned copies of the basis. :func:`fourier` has the curve from PPP's
points. :func:`dip_test`, :func:`gap` and :func:`opposed_test` ask for two groups of heights, and for planes that are
high between their vectors. :func:`neurons` asks whether single vectors tell more about classes than other directions
do, with the parts of ``isoaux.srm.concepts``.
"""

from isoaux.srm.curves import Curve, curve, fourier
from isoaux.srm.hartigan import DipTest, dip, dip_test
from isoaux.srm.heights import gap, opposed, opposed_test
from isoaux.srm.neurons import NEURON_STATISTICS, Neurons, neurons
from isoaux.srm.nulls import EPSILONS, STATISTICS, Copies, copies, test
from isoaux.srm.numbers import Numbers, cone, constant_directions, numbers, without_constant_directions
from isoaux.srm.shares import ANGLES, TURN, expected, itself, spotlight

__all__ = [
    "ANGLES",
    "EPSILONS",
    "NEURON_STATISTICS",
    "STATISTICS",
    "TURN",
    "Copies",
    "Curve",
    "DipTest",
    "Neurons",
    "Numbers",
    "cone",
    "constant_directions",
    "copies",
    "curve",
    "dip",
    "dip_test",
    "expected",
    "fourier",
    "gap",
    "itself",
    "neurons",
    "numbers",
    "opposed",
    "opposed_test",
    "spotlight",
    "test",
    "without_constant_directions",
]
