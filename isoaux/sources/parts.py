"""Arrays of a source, from which rows are taken before anything else is copied: in memory, on a device, in a file."""

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from isoaux.common import arrays
from isoaux.common.arrays import Floats, Integers
from isoaux.common.choices import shown
from isoaux.sources import limits

BITS = ("bfloat16", "float16")
"""What 16 bits that are stored as whole numbers may be told to be."""


class Part(Protocol):
    """One array: its ``name`` in error messages, its ``shape``, and the kind of its numbers in words, ``stored``."""

    @property
    def name(self) -> str: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def stored(self) -> str: ...
    @property
    def floating(self) -> np.dtype[Any]:
        """The dtype of the rows that are taken, float32 or float64."""
        ...

    def hidden(self, axis: int) -> NDArray[np.bool_] | None:
        """Which rows a mask of the array hides, (rows,); None if it has no mask. ``axis`` is that of the neurons."""
        ...

    def take(self, axis: int, places: Integers | None) -> Floats:
        """The rows (k, n) at some ``places``, in the order of the other axes, or all of them."""
        ...


Named = dict[str, Callable[[], list[Part]]]
"""What opens each array, by its name, in one part or several; an array without a name has the name ""."""

Contents = Named | Iterator[Part]
"""Named arrays, or parts that pass by one after the other."""


def read_as(part: Part, dtype: str | None) -> Part:
    """The part with its 16-bit whole numbers read as ``dtype``; itself if that is None.

    Raises ValueError for a dtype other than :data:`BITS`, and for numbers of other sizes or kinds.
    """
    if dtype is None:
        if part.stored == "|V2":
            raise ValueError(
                f"{part.name} holds 16 bits of no known kind; accepted: dtype='bfloat16' if that they are."
            )
        return part
    if dtype not in BITS:
        raise ValueError(f"dtype is {shown(dtype)}; accepted: {' or '.join(BITS)}, or None for what is stored.")
    if part.stored in BITS:
        if part.stored == dtype:
            return part
    elif isinstance(part, Held) and (words := _words(part.array.dtype)):
        return Held(part.name, part.array.view(words), dtype, part.mask)
    elif isinstance(part, Stored) and (words := _words(part.kind)):
        return replace(part, kind=words, stored=dtype)
    elif isinstance(part, Tensor) and part.stored in ("int16", "uint16"):
        return Tensor(part.name, part.tensor.view(getattr(sys.modules["torch"], dtype)))
    raise ValueError(f"{part.name} holds {part.stored}, and dtype is {dtype!r}; accepted: whole numbers of 16 bits.")


def _words(dtype: np.dtype[Any]) -> np.dtype[Any] | None:
    """The dtype of 16-bit words in the order of bytes of ``dtype``; None for other sizes and kinds."""
    if dtype.kind not in "iuV" or dtype.itemsize != 2:
        return None
    return np.dtype("<u2" if dtype.kind == "V" else f"{dtype.str[0]}u2")


def widened(array: NDArray[Any], stored: str, name: str) -> Floats:
    """Numbers in float32 or float64; 16-bit words of the kind that ``stored`` names become what they stand for."""
    if array.dtype.kind == "u" and stored == "bfloat16":
        return (array.astype(np.uint32) << 16).view(np.float32)
    if array.dtype.kind == "u" and stored == "float16":
        return array.astype(np.uint16, copy=False).view(np.float16).astype(np.float32)
    return arrays.floats(arrays.real(array, name), name)


@dataclass(frozen=True, eq=False)
class Held:
    """An array in memory, with the ``mask`` (of its shape, True where a number is hidden) that it has, if any."""

    name: str
    array: NDArray[Any]
    stored: str = ""
    mask: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "stored", self.stored or str(self.array.dtype))

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def floating(self) -> np.dtype[Any]:
        return np.dtype(np.float32) if self.stored in BITS else arrays.floating(self.array.dtype)

    def hidden(self, axis: int) -> NDArray[np.bool_] | None:
        return None if self.mask is None else np.asarray(self.mask.any(axis=axis)).ravel()

    def take(self, axis: int, places: Integers | None) -> Floats:
        arranged = np.moveaxis(self.array, axis, -1)
        if places is None:
            chosen = arranged.reshape(-1, arranged.shape[-1])
        else:
            chosen = arranged[np.unravel_index(places, arranged.shape[:-1])]
        return widened(chosen, self.stored, self.name)


@dataclass(frozen=True, eq=False)
class Tensor:
    """A dense tensor of torch on any device: rows are taken there, and only these are copied."""

    name: str
    tensor: Any
    mask: Any = None

    @property
    def stored(self) -> str:
        return str(self.tensor.dtype).removeprefix("torch.")

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.tensor.shape)

    @property
    def floating(self) -> np.dtype[Any]:
        single = self.tensor.is_floating_point() and self.tensor.element_size() <= 4
        return np.dtype(np.float32 if single else np.float64)

    def hidden(self, axis: int) -> NDArray[np.bool_] | None:
        return None if self.mask is None else self.mask.any(dim=axis).reshape(-1).cpu().numpy()

    def take(self, axis: int, places: Integers | None) -> Floats:
        arranged = self.tensor.detach().movedim(axis, -1)
        if places is None:
            chosen = arranged.reshape(-1, arranged.shape[-1])
        else:
            torch = sys.modules["torch"]
            index = np.unravel_index(places, tuple(arranged.shape[:-1]))
            chosen = arranged[tuple(torch.from_numpy(np.ascontiguousarray(each)).to(arranged.device) for each in index)]
        return arrays.floats(arrays.read(chosen, self.name), self.name)


FEW = 8
"""Fewer than one row of so many are few: then it is not read ahead."""

Reader = Callable[[int, int], NDArray[Any]]
"""Gives the numbers of a file from one place up to another, one stretch after the other."""


@dataclass(frozen=True, eq=False)
class Stored:
    """An array in a file, of which only the stretches that hold wanted rows are read.

    ``kind`` is the dtype in the file; ``fortran``, whether the first axis runs fastest; ``reading`` opens the file for
    a dtype, and is told whether few of its numbers are looked at.
    """

    name: str
    shape: tuple[int, ...]
    kind: np.dtype[Any]
    stored: str
    fortran: bool
    reading: Callable[[np.dtype[Any], bool], AbstractContextManager[Reader]]

    @property
    def floating(self) -> np.dtype[Any]:
        return np.dtype(np.float32) if self.stored in BITS else arrays.floating(self.kind)

    def hidden(self, axis: int) -> None:
        return None

    def take(self, axis: int, places: Integers | None) -> Floats:
        shape, leading = self.shape, self.shape[:axis] + self.shape[axis + 1 :]
        places = np.arange(math.prod(leading)) if places is None else places
        order: Integers | slice = slice(None)
        if self.fortran:  # as an array of the reversed axes
            places = np.ravel_multi_index(np.unravel_index(places, leading)[::-1], leading[::-1])
            order = np.argsort(places)
            shape, places, axis = shape[::-1], places[order], len(shape) - 1 - axis
        rows = np.empty((len(places), shape[axis]), dtype=self.floating)
        outer, inner = math.prod(shape[:axis]), math.prod(shape[axis + 1 :])
        with self.reading(self.kind, len(places) * FEW < math.prod(leading)) as read:
            if shape[axis] * inner * self.kind.itemsize <= limits.BLOCK:
                self._by_block(read, rows, places, (outer, shape[axis], inner))
            else:
                self._by_neuron(read, rows, places, inner)
        if self.fortran and len(leading) > 1:
            rows[order] = rows.copy()
        return rows

    def _by_block(self, read: Reader, rows: Floats, places: Integers, shape: tuple[int, int, int]) -> None:
        """Fill ``rows`` from blocks of whole groups of rows, (outer, neurons, inner) being the order in the file."""
        outer, n, inner = shape
        at_once = max(1, limits.BLOCK // (n * inner * self.kind.itemsize))
        for start, stop, first in self._stretches(places, inner, at_once, outer):
            block = read(first * n * inner, min(first + at_once, outer) * n * inner).reshape(-1, n, inner)
            group, within = np.divmod(places[start:stop], inner)
            rows[start:stop] = widened(block[group - first, :, within], self.stored, self.name)

    def _by_neuron(self, read: Reader, rows: Floats, places: Integers, inner: int) -> None:
        """The same where one group is too large: neuron by neuron."""
        n = rows.shape[1]
        for start, stop, group in self._stretches(places, inner, 1, len(places) and int(places[-1]) // inner + 1):
            within = places[start:stop] - group * inner
            for neuron in range(n):
                first = (group * n + neuron) * inner
                rows[start:stop, neuron] = widened(read(first, first + inner)[within], self.stored, self.name)

    @staticmethod
    def _stretches(places: Integers, inner: int, at_once: int, outer: int) -> Iterator[tuple[int, int, int]]:
        """From where to where the sorted ``places`` lie in one stretch of ``at_once`` groups, and its first group."""
        firsts = np.arange(0, outer, at_once)
        ends = np.searchsorted(places, np.append(firsts, outer) * inner)
        for at in np.flatnonzero(np.diff(ends)):
            yield int(ends[at]), int(ends[at + 1]), int(firsts[at])
