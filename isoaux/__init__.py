"""The reproducible companion to *Emergence of Quantised Representations Isolated to Anisotropic Functions*.

``isoaux.bases``, ``isoaux.ppp``, ``isoaux.density`` and ``isoaux.statistics`` measure anybody's representations and
need NumPy and SciPy only; ``isoaux.activations`` and ``isoaux.training.train`` need the extra ``train``.
"""

__version__ = "0.1.0"
