"""Whole numbers as text that a page can load, and which of the published representations become such files."""

import base64
import hashlib
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux.records.representations import Representations

Steps = NDArray[np.int16]

STEPS = 4095
"""The largest whole number of a file; int8 would leave stripes, and the low bits of int16 are what fills a disk."""

FINEST = 32_767
"""The largest whole number where ``STEPS`` would turn a representation, such as beside one that is far longer."""

TURNED = np.radians(1)
"""The angle by which rounding may turn a representation."""

BUILT = 1_800
"""Samples of the files that are made out of published representations when the book is built."""


def name(values: Steps) -> str:
    """The name of whole numbers (N, n): 20 hexadecimal digits of their checksum."""
    return hashlib.sha256(repr(values.shape).encode() + little(values).tobytes()).hexdigest()[:20]


def pack(values: Steps) -> str:
    """Whole numbers (N, n) as text: neuron by neuron, all high bytes before all low ones, deflated, in base 64."""
    low_high = np.ascontiguousarray(little(values).T).view(np.uint8).reshape(-1, 2)
    return base64.b64encode(zlib.compress(low_high.T[::-1].tobytes(), 9)).decode("ascii")


def script(values: Steps) -> str:
    """A script that leaves whole numbers (N, n) behind, packed, under their name."""
    return f'(globalThis.isoauxFiles ??= {{}})["{name(values)}"] = "{pack(values)}";\n'


def built(kept: Representations, layer: int) -> tuple[Steps, float]:
    """The first ``BUILT`` published representations of the first seed in a layer, and the scale of each step.

    Numbers that are larger than ``STEPS``, as in files of measure version 2, are rounded to it, if that turns no
    representation by more than ``TURNED``; smaller ones stay as they were published.
    """
    values, scale = kept.steps(layer)[:BUILT], kept.scale(layer)
    coarser = max(1.0, np.abs(values.astype(int)).max(initial=0) / STEPS)
    rounded = np.rint(values / coarser).astype(np.int16)
    if angles(values, rounded).max(initial=0) > TURNED:
        return values, scale
    return rounded, scale * coarser


def angles(rows: NDArray[Any], rounded: NDArray[Any]) -> NDArray[np.float64]:
    """The angle in radians (N,) between every row (N, n) and what it was rounded to; a third of pi where that is 0."""
    before, after = (_directions(each.astype(np.float64)) for each in (rows, rounded))
    return np.asarray(2 * np.arcsin(np.minimum(np.linalg.norm(before - after, axis=1) / 2, 1)))


def _directions(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    peaks = np.abs(rows).max(axis=1, initial=0, keepdims=True)
    rows = rows / np.where(peaks > 0, peaks, 1)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1))


def little(values: Steps) -> Steps:
    """The same numbers in little-endian order, on any machine."""
    return values.astype("<i2", copy=False)
