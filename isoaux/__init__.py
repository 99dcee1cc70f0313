"""The reproducible companion to *Emergence of Quantised Representations Isolated to Anisotropic Functions*.

``isoaux.bases``, ``isoaux.ppp``, ``isoaux.srm``, ``isoaux.density`` and ``isoaux.statistics`` measure anybody's
representations, which :func:`isoaux.open` and :func:`isoaux.capture` give them, and ``isoaux.polytopes`` anybody's
weights; they need NumPy and SciPy only (``isoaux.polytopes.regions`` scikit-learn too).
``isoaux.activations`` and ``isoaux.training.train`` need the extra ``train``.
"""

import importlib
from types import ModuleType

from isoaux.sources.hooks import capture
from isoaux.sources.opening import open
from isoaux.sources.sample import Sample

__all__ = ["Sample", "capture", "open"]

__version__ = "0.1.0"


def __getattr__(name: str) -> ModuleType:
    """An instrument, which is imported when it is asked for."""
    if name in ("bases", "density", "polytopes", "ppp", "srm", "statistics"):
        return importlib.import_module(f"isoaux.{name}")
    raise AttributeError(f"module 'isoaux' has no attribute {name!r}")
