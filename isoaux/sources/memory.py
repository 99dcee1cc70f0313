"""Arrays in memory and on devices, of any library, alone and in lists of batches."""

import mmap
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux.common import arrays
from isoaux.sources import mapped
from isoaux.sources.parts import Held, Part, Stored, Tensor


def is_array(value: object) -> bool:
    """Whether a value is an array, a tensor or a data frame of some library."""
    return any(hasattr(type(value), name) for name in ("__array__", "__dlpack__", "__array_interface__"))


def is_mapping(value: object) -> bool:
    """Whether a value gives arrays by name, as dictionaries, archives and caches of activations do."""
    named = all(hasattr(type(value), name) for name in ("keys", "__getitem__"))
    return isinstance(value, Mapping) or (named and not is_array(value) and not hasattr(value, "nnz"))


def are_paths(value: Any) -> bool:
    """Whether a value is a list of paths."""
    several = isinstance(value, list | tuple) and len(value) > 0
    return several and all(isinstance(each, str | PathLike) for each in value)


def are_batches(value: object) -> bool:
    """Whether a value is a list of matrices, or of arrays with more axes, rather than of vectors or numbers."""
    return _is_list(value) and len(value) > 0 and _axes(value[0]) > 1  # type: ignore[arg-type, index]


def is_stream(value: object) -> bool:
    """Whether a value gives its batches one after the other, as iterators and loaders of data do."""
    closed = isinstance(value, str | bytes | bytearray | memoryview | Sequence) or is_mapping(value) or is_array(value)
    return isinstance(value, Iterable) and not closed and not hasattr(value, "nnz") and not isinstance(value, set)


def parts(value: Any, name: str) -> list[Part]:
    """An array, or a list of batches, as the parts that it consists of; ``name`` is what errors call it.

    Raises ValueError as :func:`isoaux.common.arrays.rows` does for what holds no numbers that can be read.
    """
    if are_batches(value):
        return [part(each, f"{name}[{at}]") for at, each in enumerate(value)]
    return [part(value, name)]


def part(value: Any, name: str) -> Part:
    """One array as a part; of masked ones with their mask. Errors as those of :func:`parts`."""
    if isinstance(value, np.ma.MaskedArray) and value.dtype.kind in "fiub":
        return Held(name, value.data, mask=np.ma.getmaskarray(value))
    if isinstance(value, np.ndarray) and (value.dtype.kind in "fiub" or value.dtype == np.dtype("V2")):
        return _mapped(value, name) or Held(name, np.asarray(value))
    if arrays.is_tensor(value):
        return _tensor(value, name)
    array = arrays.read(value, name)
    if array.dtype.kind == "O" and (pandas := sys.modules.get("pandas")):
        array = np.where(pandas.isna(array), np.nan, array)  # what is missing is not finite
    return Held(name, array)


def _mapped(value: NDArray[Any], name: str) -> Part | None:
    """An array that lies in a mapped file as a part of that file, which is read without keeping its pages; or None.

    None also of one whose rows lie apart, and of one with changes that are not in the file.
    """
    whole: Any = value
    while isinstance(whole, np.ndarray) and not isinstance(whole.base, mmap.mmap):
        whole = whole.base
    if not isinstance(whole, np.memmap) or whole.filename is None or whole.mode == "c" or not value.size:
        return None
    if not (value.flags.c_contiguous or value.flags.f_contiguous):
        return None
    base: Any = whole.base
    start = np.frombuffer(base, np.uint8).ctypes.data
    begin = whole.offset - whole.offset % mmap.ALLOCATIONGRANULARITY
    reading = partial(mapped.plain, Path(whole.filename), begin + value.ctypes.data - start)
    return Stored(name, value.shape, value.dtype, str(value.dtype), not value.flags.c_contiguous, reading)


def _tensor(value: Any, name: str) -> Part:
    torch = sys.modules["torch"]
    if hasattr(value, "get_mask"):
        return Tensor(name, value.get_data(), ~value.get_mask())
    kinds = value.is_nested, value.is_meta, value.is_quantized, value.layout != torch.strided, value.is_complex()
    if any(kinds):
        return Held(name, arrays.read(value, name))  # which says what to make of it
    return Tensor(name, value)


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | memoryview) and not is_array(value)


def _axes(value: Any) -> int:
    """The number of axes of an array or of lists within lists, as far as their first elements say."""
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple | list):
        return len(shape)
    axes = 0
    while _is_list(value) and axes < arrays.DEEPEST:
        axes, value = axes + 1, value[0] if len(value) else None
        if isinstance(shape := getattr(value, "shape", None), tuple | list):
            return axes + len(shape)
    return axes
