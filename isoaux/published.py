"""What is committed with the book: network records and figure files, written, read and checked.

A *network record* holds everything that was measured on one configuration, all its seeds; a *figure file* only
what drawing adds, the densities as bytes. Each is an ``.npz`` without pickled objects and a ``.json`` of facts.
"""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import cache
from isoaux.versions import FORMAT_VERSION

Arrays = dict[str, NDArray[Any]]

LEVEL = 3
"""Densities are rounded to multiples of this, 86 levels, which keeps a figure file under its limit of size."""


@dataclass(frozen=True)
class Published:
    """Arrays and the facts about them."""

    arrays: Arrays
    facts: dict[str, Any]

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.arrays[name]


def write(path: Path, arrays: Arrays, facts: dict[str, Any]) -> None:
    """Write ``path.npz`` and ``path.json``, each whole or not at all. Raises ValueError for an array of objects."""
    for name, array in arrays.items():
        if array.dtype.hasobject:
            raise ValueError(f"{name} is an array of Python objects; accepted: numbers and text, never pickled.")
    facts = {"format_version": FORMAT_VERSION} | facts
    _npz, _json = path.with_suffix(".npz"), path.with_suffix(".json")
    cache.write(_npz, lambda temporary: _pack(temporary, arrays))
    facts["sha256"] = cache.checksum([_npz.read_bytes()])
    cache.write_json(_json, facts)


def _pack(path: Path, arrays: Arrays) -> None:
    """As ``np.savez_compressed`` does, which has deflate alone: densities take a third less with bzip2."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            about = zipfile.ZipInfo(f"{name}.npy")  # of no date: the same arrays are the same bytes
            about.compress_type = zipfile.ZIP_BZIP2
            with archive.open(about, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)


def read(path: Path) -> Published:
    """Read what :func:`write` wrote.

    Raises FileNotFoundError where nothing is published, ValueError for a file that was altered or truncated, or
    that a newer version of isoaux wrote. Never unpickles.
    """
    _npz, _json = path.with_suffix(".npz"), path.with_suffix(".json")
    if not (_npz.exists() and _json.exists()):
        raise FileNotFoundError(f"{_npz} is not published; `python -m isoaux status` lists what is.")
    try:
        facts = dict(json.loads(_json.read_text("utf-8")))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{_json} is truncated or was altered: it cannot be read as JSON.") from error
    if facts.get("format_version", 0) > FORMAT_VERSION:
        raise ValueError(
            f"{_json} has format_version {facts['format_version']}; accepted: up to {FORMAT_VERSION} "
            "(a newer isoaux wrote it)."
        )
    if facts.get("sha256") != cache.checksum([_npz.read_bytes()]):
        raise ValueError(f"{_npz} is truncated or was altered: its checksum is not the one in {_json.name}.")
    try:
        with np.load(_npz, allow_pickle=False) as stored:
            return Published({name: stored[name] for name in stored.files}, facts)
    except (zipfile.BadZipFile, ValueError, TypeError, OSError, EOFError) as error:
        raise ValueError(f"{_npz} cannot be read as arrays without pickled objects.") from error


def record_path(folder: Path, configuration: str) -> Path:
    """The place of a configuration's network record."""
    return folder / "networks" / configuration


def representations_path(folder: Path, configuration: str) -> Path:
    """The place of a configuration's published representations."""
    return folder / "representations" / configuration


def quantise(image: NDArray[Any], limit: float) -> NDArray[np.uint8]:
    """Densities in [0, limit] as bytes 0 to 255 in steps of ``LEVEL``; what is above the limit is clipped."""
    share = np.zeros_like(image) if limit <= 0 else np.clip(image / limit, 0, 1)
    return (np.rint(share * (255 / LEVEL)) * LEVEL).astype(np.uint8)
