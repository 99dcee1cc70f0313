"""Polytopes of networks with ReLU or Leaky-ReLU, exactly: codes, local maps, and what segments cross.

A network is a :class:`Net`, from its weights, an ``nn.Sequential`` (``Net.of``) or an autoencoder's parameters. Points
of one code (:func:`codes`) lie in one polytope (:func:`identity`), where the network is one affine map
(:func:`local_map`); :func:`breakpoints`, :func:`crossings` and :func:`class_changes` say what lies between two points.

``isoaux.polytopes.partition`` cuts a plane into its faces, ``segments`` handles many segments at once, ``soft_codes``
has gates in place of bits for any activation, ``boundaries`` densities and their differences between classes,
``scaling`` rays, ``regions`` clusters and directions (it needs scikit-learn), ``flow`` distances from layer to layer,
``untrained`` the closed forms of random networks.
"""

from isoaux.polytopes.codes import codes, identity, local_map
from isoaux.polytopes.networks import Net
from isoaux.polytopes.segments import Breakpoints, Changes, breakpoints, class_changes, crossings

__all__ = [
    "Breakpoints",
    "Changes",
    "Net",
    "breakpoints",
    "class_changes",
    "codes",
    "crossings",
    "identity",
    "local_map",
]
