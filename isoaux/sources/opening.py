"""One door for activations: whatever holds them is opened, sampled and checked, and the instruments read the result."""

import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.common import arrays
from isoaux.common.arrays import Floats, Integers
from isoaux.sources import layouts, limits, memory, origins, parts
from isoaux.sources.layouts import Layout
from isoaux.sources.origins import Origin
from isoaux.sources.parts import Part
from isoaux.sources.reservoir import Reservoir
from isoaux.sources.sample import Sample, finished

Source = ArrayLike | Iterable[Any] | Mapping[str, Any] | PathLike[str] | str | Sample


@arrays.numpy_defaults
def open(
    source: Source,
    *,
    key: str | Sequence[str] | None = None,
    layout: str | None = None,
    mask: ArrayLike | str | None = None,
    dtype: str | None = None,
    samples: int | None = None,
    seed: Any = 0,
) -> Sample:
    """Rows of activations, one for each sample and drawn at random if there are many, from whatever holds them.

    Parameters: ``source``, an array or tensor of any library, a list or an iterator of batches, a mapping of arrays by
    name, or a path: of a file ``.npy``, ``.npz``, ``.safetensors``, ``.pt``, ``.csv`` or ``.parquet`` (with pyarrow),
    of a folder of such files, or a pattern such as ``acts/part-*.npy``. Nothing is unpickled. ``key`` names an array of
    a mapping or a file, several in a list, or with ``*`` all that a pattern fits, which are joined; it may be left out
    where there is only one.

    ``layout`` names the axes in order, such as ``batch tokens neurons`` or ``N C H W``; exactly one is called neurons,
    channels, features, units, hidden, d_model, d_mlp, dim or C, and the others number the rows. A matrix needs none: it
    is (samples, neurons). ``mask`` is true, or not 0, where a row counts, of the shape of the axes that number the
    rows, as an attention mask is; an array, a list of such for a list of batches, or the key of one beside the source.
    Rows that a mask of the source itself hides in any neuron are left out too. ``dtype`` is ``bfloat16`` (or
    ``float16``) where whole numbers of 16 bits stand for such.

    ``samples`` is the largest number of rows to be taken, by default as many as 256 MB hold and at most 1,048,576. They
    are drawn before they are read, without replacement, with ``seed`` as in :func:`isoaux.common.arrays.seed`, and stay
    in their order. Of an array, a ``.npy``, an ``.npz`` that is not compressed and a ``.safetensors`` file only the
    drawn rows are read; a compressed ``.npz``, a table or an iterator is read to its end in constant memory.

    Half precision becomes float32, whole numbers and double precision float64. Rows that are not finite are dropped and
    counted, rows that are zero or equal are counted.

    Raises ValueError for an empty source, no key where there are several arrays, a key that is not there, a layout or
    a mask that does not fit, parts of different widths, a single neuron, and what only unpickling could read;
    FileNotFoundError for a path that does not exist.
    """
    most = None if samples is None else arrays.whole(samples, "samples")
    seed = arrays.seed(seed)
    if isinstance(source, Sample):
        return source
    origin = origins.of(source, key, mask)
    held = (parts.read_as(part, dtype) for part in origin.parts)
    if origin.passing:
        return _streamed(origin, held, layout, mask, most, seed)
    return _drawn(origin, list(held), layout, mask, most, seed)


def taken(activations: Source, argument: str = "activations") -> tuple[Floats, str]:
    """``activations`` as a matrix (N, n) of finite numbers, and what :func:`open` says of them.

    Paths, mapped files, mappings, iterators and lists of batches are opened with its defaults; a matrix, which may be
    an array, a tensor, a data frame or a list of vectors, goes through :func:`isoaux.common.arrays.rows`, with an empty
    sentence. Raises ValueError as these do.
    """
    sample = _opened(activations, argument) if _is_opened(activations) else activations
    if isinstance(sample, Sample):
        return sample.rows, sample.note
    return arrays.rows(sample, argument), ""  # type: ignore[arg-type]


def matrix(activations: Source, argument: str = "activations") -> Floats:
    """The matrix (N, n) of :func:`taken` alone; warns (RuntimeWarning) where rows that are not finite were dropped."""
    if not _is_opened(activations):
        return taken(activations, argument)[0]
    sample = _opened(activations, argument)
    if sample.not_finite:
        warnings.warn(sample.note, RuntimeWarning, stacklevel=4)
    return sample.rows


def _opened(source: Source, argument: str) -> Sample:
    """The source opened, under the name of an ``argument`` in errors."""
    try:
        return open(source)
    except (ValueError, FileNotFoundError) as error:
        rest = str(error).removeprefix("source")
        raise type(error)(f"{argument}{rest}" if rest != str(error) else rest) from error


def _is_opened(value: object) -> bool:
    opened = isinstance(value, str | PathLike | np.memmap) or memory.is_mapping(value) or memory.are_paths(value)
    return opened or memory.is_stream(value) or memory.are_batches(value)


def _drawn(origin: Origin, held: list[Part], layout: str | None, mask: Any, most: int | None, seed: Any) -> Sample:
    """The sample of parts whose rows can be counted before they are read."""
    if not held:
        raise ValueError(f"{origin.name} holds no array; accepted: at least one.")
    axes = [layouts.read(layout, part.shape, part.name) for part in held]
    widths = [part.shape[axis.axis] for part, axis in zip(held, axes, strict=True)]
    for part, width in zip(held, widths, strict=True):
        _refuse_width(part, width, held[0], widths[0])
    sizes = [math.prod(axis.leading(part.shape)) for part, axis in zip(held, axes, strict=True)]
    ends = np.cumsum(sizes)
    total = int(ends[-1])
    visible = _visible(origin, held, axes, sizes, mask)
    floating = np.result_type(*(part.floating for part in held))
    limit = limits.most_rows(widths[0], floating.itemsize) if most is None else most
    places = _places(visible, total, limit, np.random.default_rng(seed))
    if len(held) == 1:
        rows = held[0].take(axes[0].axis, places)
    else:
        places = np.arange(total) if places is None else places
        rows = np.empty((len(places), widths[0]), dtype=floating)
        cuts = np.searchsorted(places, np.append(0, ends))
        for at, (part, axis) in enumerate(zip(held, axes, strict=True)):
            here = slice(cuts[at], cuts[at + 1])
            if cuts[at] < cuts[at + 1]:
                rows[here] = part.take(axis.axis, places[here] - (ends[at] - sizes[at]))
    masked = 0 if visible is None else total - int(np.count_nonzero(visible))
    return finished(
        rows, origin.name, origin.source, origin.key, str(axes[0]), held[0].shape, held[0].stored, total, masked, seed
    )


def _places(visible: NDArray[np.bool_] | None, total: int, most: int, random: np.random.Generator) -> Integers | None:
    """Places of the rows that are drawn, in order; None for all rows."""
    if visible is not None and not visible.all():
        places = np.flatnonzero(visible)
        chosen = _places(None, len(places), most, random)
        return places if chosen is None else places[chosen]
    return None if total <= most else np.sort(random.choice(total, most, replace=False, shuffle=False))


def _visible(
    origin: Origin, held: list[Part], axes: list[Layout], sizes: list[int], mask: Any
) -> NDArray[np.bool_] | None:
    """Which rows no mask hides, (rows,); None if there is no mask."""
    hidden = [part.hidden(axis.axis) for part, axis in zip(held, axes, strict=True)]
    visible = None
    if any(each is not None for each in hidden):
        visible = np.concatenate(
            [np.ones(size, dtype=bool) if each is None else ~each for each, size in zip(hidden, sizes, strict=True)]
        )
    given = origin.mask if isinstance(mask, str) else mask
    if given is None:
        return visible
    leading = [axis.leading(part.shape) for part, axis in zip(held, axes, strict=True)]
    masks = given if isinstance(given, list | tuple) and len(given) == len(held) and len(held) > 1 else None
    if masks is None:
        masks = given if isinstance(mask, str) else [given]
    counted = [np.asarray(arrays.read(each, "mask", "an array of True and False")) for each in masks]
    shapes = [each.shape for each in counted]
    if shapes != leading and shapes != [(sum(sizes),)]:
        expected = (
            f"the shape {leading[0]}" if len(held) == 1 else f"{sum(sizes):,} numbers, or a list of {len(held)} masks"
        )
        raise ValueError(f"mask has shape {shapes[0]}; accepted: {expected}, of the axes that number the rows.")
    rows = np.concatenate([each.ravel() for each in counted]) != 0
    return rows if visible is None else rows & visible


def _refuse_width(part: Part, width: int, first: Part, expected: int) -> None:
    if width != expected:
        raise ValueError(
            f"{part.name} has {width:,} neurons and {first.name} has {expected:,}; accepted: parts of one width."
        )


def _streamed(
    origin: Origin, held: Iterable[Part], layout: str | None, mask: Any, most: int | None, seed: Any
) -> Sample:
    """The sample of parts that pass by, in constant memory."""
    if mask is not None:
        raise ValueError("mask is given for rows that pass by one after the other; accepted: masked arrays as batches.")
    first, axes, reservoir, total = None, None, None, 0
    for part in held:
        axis = layouts.read(layout, part.shape, part.name)
        width = part.shape[axis.axis]
        if first is None or reservoir is None:
            first, axes = part, axis
            reservoir = Reservoir(most or limits.most_rows(width, part.floating.itemsize), seed)
        _refuse_width(part, width, first, reservoir.width or width)
        size, hidden = math.prod(axis.leading(part.shape)), part.hidden(axis.axis)
        visible = np.arange(size) if hidden is None else np.flatnonzero(~hidden)
        reservoir.add(len(visible), width, _taking(part, axis.axis, visible))
        total += size
    if first is None or reservoir is None:
        raise ValueError(f"{origin.name} holds no rows; accepted: at least one.")
    return finished(
        reservoir.drawn(), origin.name, origin.source, origin.key, str(axes), first.shape, first.stored, total,
        total - reservoir.seen, seed,
    )  # fmt: skip


def _taking(part: Part, axis: int, visible: Integers) -> Callable[[Integers], Floats]:
    return lambda places: part.take(axis, visible[places])
