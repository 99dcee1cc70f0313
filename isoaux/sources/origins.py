"""From whatever holds activations, and a key, to the arrays that hold them, before anything of these is read."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from isoaux.common.choices import shown, unknown
from isoaux.sources import files, folders, memory
from isoaux.sources.parts import Contents, Named, Part

LISTED = 12
"""So many names of arrays an error lists."""


@dataclass(frozen=True)
class Origin:
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


def of(source: Any, key: str | Sequence[str] | None, mask: Any) -> Origin:
    """The parts of a source under a key."""
    if isinstance(source, str | PathLike) and os.fspath(source):
        return _of_paths(folders.files(Path(source)), Path(source).resolve().name, key, mask)
    if memory.are_paths(source):
        return _of_paths([Path(each) for each in source], f"{len(source)} files", key, mask)
    kind = type(source).__name__
    if memory.is_mapping(source):
        named: Named = {str(name): partial(_named, source, name) for name in source.keys()}
        return _of_contents(named, kind, "source", key, mask)
    if memory.is_stream(source):
        return _of_contents(_passing(iter(source), key), kind, "source", key, mask)
    if key is not None:
        raise ValueError(f"key is {shown(key)}, and source is of type {kind}, which has no names; accepted: no key.")
    return _of_contents({"": lambda: memory.parts(source, "source")}, kind, "source", None, mask)


def _named(source: Mapping[Any, Any], name: Any) -> list[Part]:
    return memory.parts(source[name], f"source[{name!r}]")


def _of_paths(paths: list[Path], source: str, key: str | Sequence[str] | None, mask: Any) -> Origin:
    if len(paths) == 1:
        return _of_contents(files.contents(paths[0], _column(paths[0], key)), source, paths[0].name, key, mask)
    if isinstance(mask, str):
        raise ValueError(f"mask is {shown(mask)}, and source has {len(paths)} files; accepted: a mask of all rows.")
    each = [_of_contents(files.contents(path, _column(path, key)), path.name, path.name, key, None) for path in paths]
    passing = any(origin.passing for origin in each)
    joined = (part for origin in each for part in origin.parts)
    return Origin(joined, passing, source, source, each[0].key)


def _column(path: Path, key: Any) -> str | None:
    """The key that a table is opened with; arrays with names are chosen afterwards."""
    return key if path.suffix.lower() in files.TABLES else None


def _of_contents(contents: Contents, source: str, name: str, key: Any, mask: Any) -> Origin:
    if not isinstance(contents, dict):
        return Origin(contents, True, name, source, key if isinstance(key, str) else None)
    hidden = None
    if isinstance(mask, str):
        masks = _chosen(contents, mask, name, "mask")
        hidden = [array for place in masks for array in _whole(contents[place]())]
        contents = {each: opened for each, opened in contents.items() if each not in masks}
    keys = _chosen(contents, key, name)
    opened = [part for each in keys for part in contents[each]()]
    words = keys[0] if len(keys) == 1 else f"{len(keys)} arrays" if key == "*" else str(key)
    return Origin(opened, False, name, source, words or None, hidden)


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
