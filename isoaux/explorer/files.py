"""The explorer's files: representations that a page can load, from a server and from disk.

A page that is opened from disk may load nothing but scripts and pictures, so a file is a script that leaves one string
behind: the base 64 of deflated whole numbers. Files are named after their numbers, so a name never changes its
content; ``explorer.json`` lists them, and those that the book's build makes out of published representations.
"""

import base64
import json
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import bases
from isoaux.common import arrays, disk
from isoaux.explorer.bases import MOST_VECTORS
from isoaux.explorer.packing import FINEST, STEPS, TURNED, Steps, angles, name, script

PART = 10_000
"""Samples of one file; a page shows the first part while it waits for the next."""

HEAVIEST = 1_000_000
"""Bytes that one file may weigh."""

LIST = "explorer.json"


def rounded(representations: ArrayLike) -> tuple[Steps, float]:
    """Representations (N, n) as whole numbers of at most ``STEPS``, and the one scale that they are multiples of.

    Of at most ``FINEST`` where ``STEPS`` would turn a representation by more than ``TURNED``. Raises ValueError where
    that does too, since one is so much longer than another.
    """
    rows = arrays.rows(representations, "representations")
    values, scale = _rounded(rows, STEPS)
    if angles(rows, values).max(initial=0) > TURNED:
        values, scale = _rounded(rows, FINEST)
    turns = angles(rows, values)
    if turns.max(initial=0) > TURNED:
        raise ValueError(
            f"representations has row {turns.argmax()}, which rounding to whole numbers of 16 bits turns by "
            f"{np.degrees(turns.max()):.2g} degrees; accepted: rows that it turns by at most {np.degrees(TURNED):g}."
        )
    return values, scale


def _rounded(rows: arrays.Floats, steps: int) -> tuple[Steps, float]:
    scale = float(np.abs(rows).max(initial=0)) / steps or 1.0
    return np.rint(rows / scale).astype(np.int16), scale


def unpack(text: str, width: int) -> Steps:
    """The whole numbers (N, n) that :func:`isoaux.explorer.packing.pack` made text of; ``width`` is n."""
    high_low = np.frombuffer(zlib.decompress(base64.b64decode(text, validate=True)), np.uint8).reshape(2, -1)
    return np.ascontiguousarray(high_low[::-1].T).view("<i2").reshape(width, -1).T.astype(np.int16)


def write(folder: Path, values: Steps) -> list[str]:
    """Write whole numbers (N, n) in parts of ``PART`` samples, each whole or not at all; the names of the parts.

    Raises ValueError for a part of more than ``HEAVIEST`` bytes.
    """
    return [_write_part(folder, values[start : start + PART]) for start in range(0, len(values), PART)]


def _write_part(folder: Path, values: Steps) -> str:
    stem, text = name(values), script(values)
    if len(text) > HEAVIEST:
        raise ValueError(
            f"values of shape {values.shape} take {len(text)} bytes as a file; accepted: at most {HEAVIEST}."
        )
    disk.write(_place(folder, stem), lambda temporary: temporary.write_text(text, "ascii"))
    return stem


def read(folder: Path, names: Iterable[str], width: int) -> Steps:
    """The whole numbers (N, n) of some parts, one under the other; ``width`` is n.

    Raises FileNotFoundError for a part that is missing, ValueError for one that was altered.
    """
    return np.concatenate([_read_part(_place(folder, stem), width) for stem in names])


def _read_part(path: Path, width: int) -> Steps:
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing; `python -m isoaux explorer` writes it.")
    try:
        values = unpack(path.read_text("ascii").split('"')[3], width)
    except (ValueError, IndexError, zlib.error):
        values = np.empty((0, width), np.int16)
    if name(values) != path.stem:
        raise ValueError(f"{path} is truncated or was altered: its content is not the one that it is named after.")
    return values


def write_vectors(folder: Path, basis: ArrayLike) -> dict[str, Any]:
    """Write the vectors that come with a network, unit rows (m, n); what its entry in the list says of them.

    That is their number ``count`` and the name of their file, ``part``. They are whole numbers of 16 bits with a sign,
    so that antipodes stay antipodes. Raises ValueError as :func:`isoaux.bases.check`, and for fewer than two vectors or
    more than ``MOST_VECTORS``.
    """
    rows = arrays.rows(basis, "basis")
    if not 2 <= len(rows) <= MOST_VECTORS:
        raise ValueError(f"basis has {len(rows)} vectors; accepted: from 2 to {MOST_VECTORS}.")
    values = np.rint(bases.check(rows, rows.shape[1]) * FINEST).astype(np.int16)
    return {"count": len(rows), "part": _write_part(folder, values)}


def read_vectors(folder: Path, vectors: Mapping[str, Any], width: int) -> NDArray[np.float64]:
    """The unit rows (m, n) of what an entry of the list says of its ``vectors``; ``width`` is n.

    Raises FileNotFoundError and ValueError as :func:`read`, and ValueError for another number of vectors.
    """
    rows = read(folder, [vectors["part"]], width).astype(np.float64)
    if len(rows) != vectors["count"]:
        raise ValueError(
            f"vectors has the count {vectors['count']} and a file of {len(rows)} vectors; accepted: as many of both."
        )
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def write_list(folder: Path, content: dict[str, Any]) -> Path:
    """Write the list of all files, and remove the files that it does not name."""
    path = disk.write_json(folder / LIST, content)
    names = named(content)
    for file in folder.glob("*.mjs"):
        if file.stem not in names:
            file.unlink()
    return path


def named(content: Mapping[str, Any]) -> set[str]:
    """The names of all files in a list: of representations, and of the vectors that came with networks."""
    networks = content["networks"]
    parts = {part for network in networks for epoch in network["epochs"] for part in epoch["parts"]}
    return parts | {network["vectors"]["part"] for network in networks if "vectors" in network}


def read_list(folder: Path) -> dict[str, Any]:
    """The list of all files. Raises FileNotFoundError where there is none."""
    try:
        return dict(json.loads((folder / LIST).read_text("utf-8")))
    except FileNotFoundError:
        raise FileNotFoundError(f"{folder / LIST} is missing; `python -m isoaux explorer` writes it.") from None


def _place(folder: Path, stem: str) -> Path:
    return folder / f"{stem}.mjs"
