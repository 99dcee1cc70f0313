"""Which meter measures: the compiled one where it is installed and saves time, and any other case without it."""

import importlib.util
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from isoaux.common.arrays import Floats
from isoaux.statistics.tally import Meter

ENOUGH = 2**27
"""Coordinates from which on loading numba takes less time than it saves."""


def meter(
    rows: Floats, basis: NDArray[np.float64], epsilon: float, variant: str, names: Sequence[str], draws: int
) -> Meter:
    """The faster meter of representations ``rows`` (N, n) in ``draws`` rotations of a basis (m, n).

    Both count the same points and differ in the rounding of sums alone. The other parameters are those of
    :class:`isoaux.statistics.tally.Meter`.
    """
    if len(rows) * len(basis) * draws >= ENOUGH and importlib.util.find_spec("numba"):
        from isoaux.statistics.compiled_meter import CompiledMeter  # inside: numba comes with the extra train alone

        return CompiledMeter(rows, basis, epsilon, variant, names)
    return Meter(rows, basis, epsilon, variant, names)
