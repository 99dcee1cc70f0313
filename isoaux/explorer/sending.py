"""Representations of one's own as the widget sends them to its page: float32, as the page reads a file."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux.common import choices
from isoaux.sources import opening

Sent = tuple[NDArray[np.float32], float]
"""Numbers (N, n), and the power of two that they are multiples of."""

LARGEST = 200_000 * 256
"""Numbers of one array that a page is sent: as many as it reads from a file, 205 MB."""

_SMALLEST = np.finfo(np.float32).smallest_normal
_EXPONENT = np.finfo(np.float32).maxexp - 1  # of the largest number, where float32 cannot hold the array as it is
_FLOOR = np.finfo(np.float64).minexp  # a scale is a normal number


def named(activations: opening.Source | Mapping[str, opening.Source]) -> dict[str, Sent]:
    """One array under the name ``representations``, or several under their own names, each as :func:`single` has it.

    Raises ValueError as that does, for names that are no text and for no array at all.
    """
    if not isinstance(activations, Mapping):
        return {"representations": single(activations)}
    if not activations:
        raise ValueError("activations is {}; accepted: an array (N, n), or at least one of them by name.")
    for name in activations:
        if not isinstance(name, str):
            raise ValueError(f"activations has the name {choices.shown(name)}; accepted: names that are text.")
    return {name: single(array, f"activations[{choices.shown(name)}]") for name, array in activations.items()}


def single(activations: opening.Source, argument: str = "activations") -> Sent:
    """Representations (N, n) in float32, and the power of two that they are multiples of.

    It is 1 unless float32 cannot hold them: then they are scaled all together, so that every representation keeps its
    direction to the precision of float32. ``argument`` is their name in error messages.

    Raises ValueError as :func:`isoaux.common.arrays.rows` does, for less than one sample of two neurons, for more than
    ``LARGEST`` numbers, and for rows of so different lengths that float32 cannot hold them at any scale.
    """
    _refuse_large(getattr(activations, "shape", None), argument)  # before so many numbers are looked at
    rows = opening.matrix(activations, argument)
    if len(rows) < 1 or rows.shape[1] < 2:
        raise ValueError(f"{argument} has shape {rows.shape}; accepted: at least one sample of two neurons.")
    _refuse_large(rows.shape, argument)
    if rows.dtype == np.float32:
        return rows.copy(), 1.0
    exponent = _exponent(np.abs(rows).max(axis=1), argument)
    with np.errstate(under="ignore"):  # of numbers that are small beside others of their row
        return np.ldexp(rows, -exponent).astype(np.float32), 2.0**exponent


def _refuse_large(shape: Any, argument: str) -> None:
    if isinstance(shape, tuple) and len(shape) == 2 and math.prod(shape) > LARGEST:
        raise ValueError(
            f"{argument} has {math.prod(shape):,} numbers, of shape {tuple(shape)}; accepted: at most {LARGEST:,}, so "
            "fewer samples or neurons."
        )


def _exponent(peaks: NDArray[Any], argument: str) -> int:
    """The exponent of a scale at which float32 holds rows whose largest absolute numbers are ``peaks``."""
    nonzero = np.where(peaks > 0, peaks, np.inf)
    most, least = peaks.max(), nonzero.min()
    if most == 0 or (most < 2.0**_EXPONENT and least >= _SMALLEST):
        return 0
    exponent = max(int(np.frexp(most)[1]) - _EXPONENT, _FLOOR)
    if np.ldexp(least, -exponent) < _SMALLEST:
        raise ValueError(
            f"{argument} has {least:.3g} as the largest number of row {nonzero.argmin()} and {most:.3g} as that of row "
            f"{peaks.argmax()}; accepted: rows that float32 can hold at one scale, up to a factor of 7e75 apart."
        )
    return exponent
