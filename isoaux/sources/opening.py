"""One door for activations: whatever holds them is opened, sampled and checked, and the instruments read the result."""

import math
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.common import arrays
from isoaux.common.arrays import Floats, Integers
from isoaux.common.choices import shown, unknown
from isoaux.sources import files, folders, layouts, limits, memory, parts
from isoaux.sources.layouts import Layout
from isoaux.sources.parts import Contents, Named, Part
from isoaux.sources.reservoir import Reservoir
from isoaux.sources.sample import Sample, finished

Source = ArrayLike | Iterable[Any] | Mapping[str, Any] | PathLike[str] | str | Sample

LISTED = 12
"""So many names of arrays an error lists."""


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
    origin = _origin(source, key, mask)
    held = (parts.read_as(part, dtype) for part in origin.parts)
    if origin.passing:
        return _streamed(origin, held, layout, mask, most, seed)
    return _drawn(origin, list(held), layout, mask, most, seed)


def taken(activations: Source, argument: str = "activations") -> tuple[Floats, str]:
    """``activations`` as a matrix (N, n) of finite numbers, and what :func:`open` says of them.

    Paths, mapped files, mappings, iterators and lists of batches are opened with its defaults; a matrix, which may be
    an array, a tensor, a data frame or a list of vectors, goes through :func:`isoaux.common.arrays.rows`, with an empty
    sentence.
    Raises ValueError as these do.
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
    opened = isinstance(value, str | PathLike | np.memmap) or memory.is_mapping(value) or _are_paths(value)
    return opened or memory.is_stream(value) or memory.are_batches(value)


def _are_paths(value: Any) -> bool:
    several = isinstance(value, list | tuple) and len(value) > 0
    return several and all(isinstance(each, str | PathLike) for each in value)


@dataclass(frozen=True)
class _Origin:
    """The ``parts`` of a source, which pass by one after the other if ``passing``.

    ``name`` is what errors call it, ``source`` and ``key`` are those of a :class:`Sample`; ``mask`` is the array that a
    key names.
    """

    parts: Iterable[Part]
    passing: bool
    name: str
    source: str
    key: str | None = None
    mask: Any = None


def _origin(source: Any, key: str | Sequence[str] | None, mask: Any) -> _Origin:
    """The parts of a source under a key."""
    if isinstance(source, str | PathLike) and os.fspath(source):
        return _of_paths(folders.files(Path(source)), Path(source).resolve().name, key, mask)
    if _are_paths(source):
        return _of_paths([Path(each) for each in source], f"{len(source)} files", key, mask)
    kind = type(source).__name__
    if memory.is_mapping(source):
        named: Named = {str(name): partial(_named, source, name) for name in source}
        return _of_contents(named, kind, "source", key, mask)
    if memory.is_stream(source):
        return _of_contents(_passing(iter(source), key), kind, "source", key, mask)
    if key is not None:
        raise ValueError(f"key is {shown(key)}, and source is of type {kind}, which has no names; accepted: no key.")
    return _of_contents({"": lambda: memory.parts(source, "source")}, kind, "source", None, mask)


def _named(source: Mapping[Any, Any], name: Any) -> list[Part]:
    return memory.parts(source[name], f"source[{name!r}]")


def _of_paths(paths: list[Path], source: str, key: str | Sequence[str] | None, mask: Any) -> _Origin:
    if len(paths) == 1:
        return _of_contents(files.contents(paths[0], _column(paths[0], key)), source, paths[0].name, key, mask)
    if isinstance(mask, str):
        raise ValueError(f"mask is {shown(mask)}, and source has {len(paths)} files; accepted: a mask of all rows.")
    each = [_of_contents(files.contents(path, _column(path, key)), path.name, path.name, key, None) for path in paths]
    passing = any(origin.passing for origin in each)
    joined = (part for origin in each for part in origin.parts)
    return _Origin(joined, passing, source, source, each[0].key)


def _column(path: Path, key: Any) -> str | None:
    """The key that a table is opened with; arrays with names are chosen afterwards."""
    return key if path.suffix.lower() in files.TABLES else None


def _of_contents(contents: Contents, source: str, name: str, key: Any, mask: Any) -> _Origin:
    if not isinstance(contents, dict):
        return _Origin(contents, True, name, source, key if isinstance(key, str) else None)
    hidden = None
    if isinstance(mask, str):
        [place] = _chosen(contents, mask, name, "mask")
        hidden = _whole(contents[place]())
        contents = {each: opened for each, opened in contents.items() if each != place}
    keys = _chosen(contents, key, name)
    opened = [part for each in keys for part in contents[each]()]
    words = keys[0] if len(keys) == 1 else f"{len(keys)} arrays" if key == "*" else str(key)
    return _Origin(opened, False, name, source, words or None, hidden)


def _whole(held: list[Part]) -> list[NDArray[Any]]:
    """The arrays of a mask as they are stored."""
    return [part.take(len(part.shape) - 1, None).reshape(part.shape) for part in held]


def _chosen(named: Named, key: Any, name: str, argument: str = "key") -> list[str]:
    """The names of the arrays that a key chooses: itself, several, those that a pattern fits, or the only one."""
    names = list(named)
    if not names:
        raise ValueError(f"{name} holds no array; accepted: at least one.")
    if key is None:
        if len(names) == 1:
            return names
        raise ValueError(f"{name} holds {len(names):,} arrays; accepted: a key, {_listed(named)}.")
    if names == [""]:
        accepted = "no key" if argument == "key" else "an array"
        raise ValueError(
            f"{argument} is {shown(key)}, and {name} holds one array without a name; accepted: {accepted}."
        )
    keys = list(key) if isinstance(key, list | tuple) else [key]
    if not keys:
        raise ValueError(f"{argument} is {shown(key)}; accepted: a name, or several.")
    chosen = []
    for each in keys:
        fitting = [str(each)] if str(each) in named else []
        if not fitting and "*" in str(each):
            fitting = [place for place in names if fnmatchcase(place, str(each))]
        if not fitting:
            raise unknown(argument, each, names)
        chosen += fitting
    return chosen


def _listed(named: Named) -> str:
    """Names of arrays with their shapes, the first few of many."""
    few = []
    for name in list(named)[:LISTED]:
        try:
            held = named[name]()
            shape = f"{held[0].shape}" if len(held) == 1 else f"{len(held)} parts"
        except ValueError:  # of one that would be refused
            shape = "(no numbers)"
        few.append(f"{name!r} {shape}")
    rest = f" or one of {len(named) - LISTED:,} more" if len(named) > LISTED else ""
    return f"{', '.join(few)}{rest}, or '*' for all of them one after the other"


def _passing(source: Iterator[Any], key: Any) -> Iterator[Part]:
    """The batches of an iterator as parts, a vector as a batch of one; of mappings what ``key`` names."""
    for at, batch in enumerate(source):
        name = f"batch {at}"
        named: Named = {"": partial(memory.parts, batch, name)}
        if memory.is_mapping(batch):
            named = {str(each): partial(memory.parts, batch[each], name) for each in batch.keys()}
        for part in (part for place in _chosen(named, key, name) for part in named[place]()):
            yield memory.part(part.take(0, None), name) if len(part.shape) == 1 else part


def _drawn(origin: _Origin, held: list[Part], layout: str | None, mask: Any, most: int | None, seed: Any) -> Sample:
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
    shown_rows = _visible(origin, held, axes, sizes, mask)
    floating = np.result_type(*(part.floating for part in held))
    limit = limits.most_rows(widths[0], floating.itemsize) if most is None else most
    places = _places(shown_rows, total, limit, np.random.default_rng(seed))
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
    masked = 0 if shown_rows is None else total - int(np.count_nonzero(shown_rows))
    return finished(
        rows, origin.name, origin.source, origin.key, str(axes[0]), held[0].shape, held[0].stored, total, masked, seed
    )


def _places(visible: NDArray[np.bool_] | None, total: int, most: int, random: np.random.Generator) -> Integers | None:
    """Places of the rows that are drawn, in order; None for all rows."""
    if visible is not None and not visible.all():
        open_places = np.flatnonzero(visible)
        chosen = _places(None, len(open_places), most, random)
        return open_places if chosen is None else open_places[chosen]
    return None if total <= most else np.sort(random.choice(total, most, replace=False, shuffle=False))


def _visible(
    origin: _Origin, held: list[Part], axes: list[Layout], sizes: list[int], mask: Any
) -> NDArray[np.bool_] | None:
    """Which rows no mask hides, (rows,); None if there is no mask."""
    own = [part.hidden(axis.axis) for part, axis in zip(held, axes, strict=True)]
    visible = None
    if any(each is not None for each in own):
        visible = np.concatenate(
            [np.ones(size, dtype=bool) if each is None else ~each for each, size in zip(own, sizes, strict=True)]
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
    origin: _Origin, held: Iterable[Part], layout: str | None, mask: Any, most: int | None, seed: Any
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
