"""Network records and figure files, which are published with the book: written, read and checked.

A *network record* holds everything that was measured on one configuration, all its seeds; a *figure file* only
what drawing adds, the densities as bytes. Each is an ``.npz`` without pickled objects and a ``.json`` of facts.
"""

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux.common import disk, npz, transactions
from isoaux.common.choices import shown
from isoaux.common.versions import FORMAT_VERSION

Arrays = dict[str, NDArray[Any]]

QUANTISED = 3
"""Densities as bytes are multiples of this: 86 levels, which keeps a figure file under its limit of size."""


@dataclass(frozen=True)
class Published:
    """The content of a published file: ``arrays`` by name, and ``facts``, what ``path.json`` holds."""

    arrays: Arrays
    facts: dict[str, Any]

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.arrays[name]


def files(path: Any) -> tuple[Path, Path]:
    """The two files of a published ``path``: ``path.npz`` with the arrays and ``path.json`` with the facts.

    A suffix that ``path`` has is kept. Raises ValueError for what is no path, or one without a name.
    """
    text: Any = fspath(path) if isinstance(path, str | PathLike) else None
    if not isinstance(text, str) or "\0" in text or Path(text).name in ("", ".."):
        raise ValueError(f"path is {shown(path)}; accepted: the place of a published file, without .npz or .json.")
    place = Path(text)
    return place.with_name(f"{place.name}.npz"), place.with_name(f"{place.name}.json")


def write(path: Path | str, arrays: Arrays, facts: dict[str, Any]) -> None:
    """Write ``arrays`` to ``path.npz`` and ``facts`` to ``path.json``, each whole or not at all.

    The format version and the checksum of the arrays are added to the facts. Raises ValueError for an array of
    objects, and for a path as :func:`files` does.
    """
    for name, array in arrays.items():
        if array.dtype.hasobject:
            raise ValueError(f"{name} is an array of Python objects; accepted: numbers and text, never pickled.")
    facts = {"format_version": FORMAT_VERSION} | facts
    arrays_file, facts_file = files(path)
    disk.write(arrays_file, lambda temporary: _pack(temporary, arrays))
    facts["sha256"] = disk.checksum([arrays_file.read_bytes()])
    disk.write_json(facts_file, facts)


def _pack(path: Path, arrays: Arrays) -> None:
    """``np.savez_compressed`` with bzip2 instead of deflate: densities take a third less."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy")  # without a date: the same arrays are the same bytes
            member.compress_type = zipfile.ZIP_BZIP2
            with archive.open(member, "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asanyarray(array), allow_pickle=False)


def read(path: Path | str) -> Published:
    """The arrays and facts that :func:`write` wrote to ``path`` (without suffix).

    While another process replaces them, the old or the new ones, never some of both. Never unpickles. Raises
    FileNotFoundError where nothing is published, ValueError for a file that was altered or truncated, that unpacks to
    more than 1 GiB, or that a newer version of isoaux wrote, and for a path as :func:`files` does.
    """
    facts, content = _whole(path)
    return Published(npz.unpack(content, str(files(path)[0])), facts)


def kept(path: Path | str, make: Callable[[], Published], anew: bool = False) -> Published:
    """What is published at ``path`` (without suffix), or else what ``make`` gives, which is then written there.

    With ``anew`` it is made in any case, and where what is there cannot be read. Errors of ``make`` and :func:`write`.
    """
    try:
        stored = None if anew else read(path)
    except (FileNotFoundError, ValueError):
        stored = None
    if stored is None:
        stored = make()
        write(path, stored.arrays, stored.facts)
    return stored


def facts(path: Path | str) -> dict[str, Any]:
    """The facts of what is published at ``path`` (without suffix); of the arrays the checksum alone is looked at.

    Errors as of :func:`read`.
    """
    return _whole(path)[0]


def is_newer(path: Path | str) -> bool:
    """Whether a newer version of isoaux wrote what is published at ``path`` (without suffix); False if nothing is."""
    try:
        facts = json.loads(npz.read(transactions.current(files(path)[1])).decode("utf-8-sig"))
        return bool(facts["format_version"] > FORMAT_VERSION)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return False


def _places(path: Path | str) -> list[tuple[Path, Any]]:
    """The current files of arrays and of facts, each with what tells whether it has been replaced since."""
    return [(file, _version(file)) for file in map(transactions.current, files(path))]


def _version(file: Path) -> Any:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _whole(path: Path | str) -> tuple[dict[str, Any], bytes]:
    """The facts and the bytes of the arrays, both the old ones or both the new ones."""
    named, places = files(path), _places(path)
    while True:
        try:
            return _checked(*named, *(place for place, _ in places))
        except (ValueError, FileNotFoundError):
            before, places = places, _places(path)
            if places == before:  # else another process has replaced something meanwhile
                raise


def _checked(arrays_name: Path, facts_name: Path, arrays_file: Path, facts_file: Path) -> tuple[dict[str, Any], bytes]:
    """The facts and the bytes of two files, which errors call by the two names."""
    if not (arrays_file.is_file() and facts_file.is_file()):
        raise FileNotFoundError(f"{arrays_name} is not published; `python -m isoaux status` lists what is.")
    facts = _facts(facts_name, npz.read(facts_file))
    content = npz.read(arrays_file)
    if facts.get("sha256") != disk.checksum([content]):
        words = f"its checksum is not the one in {facts_name.name}"
        raise ValueError(f"{arrays_name} is truncated or was altered: {words}.")
    return facts, content


def _facts(place: Path, content: bytes) -> dict[str, Any]:
    try:
        facts = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{place} is truncated or was altered: it cannot be read as JSON.") from error
    if not isinstance(facts, dict):
        raise ValueError(f"{place} is truncated or was altered: it holds no facts by name.")
    version = facts.get("format_version", 0)
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise ValueError(
            f"{place} is truncated or was altered: format_version is {shown(version)}, no whole number of at least 0."
        )
    if version > FORMAT_VERSION:
        raise ValueError(
            f"{place} has format_version {version}; accepted: up to {FORMAT_VERSION} (a newer isoaux wrote it)."
        )
    return facts


def quantise(image: NDArray[Any], limit: float) -> NDArray[np.uint8]:
    """Densities ``image`` of any shape as bytes, 0 to 255 in steps of ``QUANTISED``.

    ``limit`` is the density that becomes 255; larger ones are clipped. All bytes are 0 for a limit of at most 0.
    """
    share = np.zeros_like(image) if limit <= 0 else np.clip(image / limit, 0, 1)
    return (np.rint(share * (255 / QUANTISED)) * QUANTISED).astype(np.uint8)
