"""What is committed with the book: network records and figure files, written, read and checked.

A *network record* holds everything that was measured on one configuration, all its seeds; a *figure file* only
what drawing adds, the densities as bytes. Each is an ``.npz`` without pickled objects and a ``.json`` of facts.
"""

import json
import zipfile
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux.common import disk, transactions
from isoaux.common import npz as archives
from isoaux.common.choices import shown
from isoaux.common.versions import FORMAT_VERSION

Arrays = dict[str, NDArray[Any]]

QUANTISED = 3
"""Densities are rounded to multiples of this, 86 levels, which keeps a figure file under its limit of size."""


@dataclass(frozen=True)
class Published:
    """Arrays and the facts about them."""

    arrays: Arrays
    facts: dict[str, Any]

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.arrays[name]


def files(path: Any) -> tuple[Path, Path]:
    """The files of arrays and of facts, ``path.npz`` and ``path.json``; what looks like a suffix of ``path`` stays.

    Raises ValueError for what is no path, or one without a name.
    """
    held: Any = fspath(path) if isinstance(path, str | PathLike) else None
    if not isinstance(held, str) or "\0" in held or Path(held).name in ("", ".."):
        words = "accepted: the place of a published file, without .npz or .json"
        raise ValueError(f"path is {shown(path)}; {words}.")
    place = Path(held)
    return place.with_name(f"{place.name}.npz"), place.with_name(f"{place.name}.json")


def write(path: Path | str, arrays: Arrays, facts: dict[str, Any]) -> None:
    """Write ``path.npz`` and ``path.json``, each whole or not at all.

    Raises ValueError for an array of objects, and for a path as :func:`files` does.
    """
    for name, array in arrays.items():
        if array.dtype.hasobject:
            raise ValueError(f"{name} is an array of Python objects; accepted: numbers and text, never pickled.")
    facts = {"format_version": FORMAT_VERSION} | facts
    _npz, _json = files(path)
    disk.write(_npz, lambda temporary: _pack(temporary, arrays))
    facts["sha256"] = disk.checksum([_npz.read_bytes()])
    disk.write_json(_json, facts)


def _pack(path: Path, arrays: Arrays) -> None:
    """As ``np.savez_compressed`` does, which has deflate alone: densities take a third less with bzip2."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            about = zipfile.ZipInfo(f"{name}.npy")  # of no date: the same arrays are the same bytes
            about.compress_type = zipfile.ZIP_BZIP2
            with archive.open(about, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)


def read(path: Path | str) -> Published:
    """Read what :func:`write` wrote; while it is being replaced, the old or the new, never some of both.

    Raises FileNotFoundError where nothing is published, ValueError for a file that was altered or truncated, that
    unpacks to more than 1 GiB, or that a newer version of isoaux wrote, and for a path as :func:`files` does. Never
    unpickles.
    """
    named, places = files(path), _places(path)
    while True:
        try:
            return _read(*named, *(place for place, _ in places))
        except (ValueError, FileNotFoundError):
            before, places = places, _places(path)
            if places == before:  # else another process has replaced something meanwhile
                raise


def is_newer(path: Path | str) -> bool:
    """Whether a newer version of isoaux wrote what is published at a place (without suffix); False where none is."""
    try:
        facts = json.loads(archives.read(transactions.current(files(path)[1])).decode("utf-8-sig"))
        return bool(facts["format_version"] > FORMAT_VERSION)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return False


def _places(path: Path | str) -> list[tuple[Path, Any]]:
    """Where the arrays and the facts are, and what tells whether they have been replaced since."""
    held = [transactions.current(file) for file in files(path)]
    return [(file, _version(file)) for file in held]


def _version(file: Path) -> Any:
    try:
        about = file.stat()
    except OSError:
        return None
    return about.st_ino, about.st_mtime_ns, about.st_size


def _read(named: Path, about: Path, npz: Path, json_: Path) -> Published:
    """What ``npz`` and ``json_`` hold; errors call them ``named`` and ``about``."""
    if not (npz.is_file() and json_.is_file()):
        raise FileNotFoundError(f"{named} is not published; `python -m isoaux status` lists what is.")
    facts = _facts(about, archives.read(json_))
    content = archives.read(npz)
    if facts.get("sha256") != disk.checksum([content]):
        raise ValueError(f"{named} is truncated or was altered: its checksum is not the one in {about.name}.")
    return Published(archives.unpack(content, str(named)), facts)


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
    """Densities in [0, limit] as bytes 0 to 255 in steps of ``QUANTISED``; what is above the limit is clipped."""
    share = np.zeros_like(image) if limit <= 0 else np.clip(image / limit, 0, 1)
    return (np.rint(share * (255 / QUANTISED)) * QUANTISED).astype(np.uint8)
