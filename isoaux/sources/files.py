"""The arrays that a file holds, by name, without reading them: what can be read, and how to convert what cannot."""

import json
import math
import struct
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from isoaux.common import npz
from isoaux.common.choices import shown
from isoaux.sources import checkpoints, mapped, tables
from isoaux.sources.parts import Contents, Held, Named, Part, Stored

PICKLED = (".pkl", ".pickle", ".joblib", ".dill")
"""Endings of files that hold pickled objects alone."""


def contents(path: Path, key: str | None = None) -> Contents:
    """What a file holds, by its ending (:data:`KINDS`); ``key`` names the column of lists of a table.

    Raises ValueError for an empty file, another ending, and for what cannot be read without unpickling;
    FileNotFoundError for a file that does not exist.
    """
    name = shown(str(path))
    if not path.exists():
        raise FileNotFoundError(f"source is {name}, which does not exist; accepted: a file, or a folder of files.")
    if not path.is_file():
        raise ValueError(f"source is {name}, which is no file; accepted: a file, or a folder of files.")
    if path.suffix.lower() in PICKLED:
        raise ValueError(
            f"source is {name}, which holds pickled objects that could run code, and isoaux never unpickles; accepted: "
            f"{_kinds()}, such as numpy.save('{path.stem}.npy', array) writes."
        )
    if path.suffix.lower() not in KINDS:
        raise ValueError(f"source is {name}; accepted: {_kinds()}, a folder of these, or an array.")
    if not path.stat().st_size:
        raise ValueError(f"source is {name}, which is empty; accepted: a file with numbers.")
    return KINDS[path.suffix.lower()](path, key)


def _kinds() -> str:
    return f"a file {', '.join(list(KINDS)[:-1])} or {list(KINDS)[-1]}"


def _npy(path: Path, key: str | None) -> Named:
    with path.open("rb") as file:
        head = file.read(npz.HEAD)
    stored = _array(head, path.name, path.stat().st_size, lambda start: partial(mapped.plain, path, start))
    return {"": lambda: [stored]}


Reading = Callable[[int], Callable[[np.dtype[Any], bool], Any]]
"""From the byte where numbers begin to what opens them."""


def _array(head: bytes, name: str, size: int, reading: Reading) -> Part:
    """The array of ``size`` bytes that begins with ``head``, as numpy.save writes it."""
    try:
        shape, fortran, kind, start = npz.header(head, name)
    except ValueError as error:
        objects = b"'descr': '|O'" in head
        raise ValueError(
            f"{name} holds {'Python objects, which only unpickling could read' if objects else 'no array'}; accepted: "
            "an array of numbers, such as numpy.save writes of numpy.stack(list)."
        ) from error
    if start + math.prod(shape) * kind.itemsize > size:
        raise ValueError(f"{name} has shape {shape} of {kind} and takes {size:,} bytes; accepted: a whole file.")
    _known(kind, name)
    if not math.prod(shape):
        return Held(name, np.empty(shape, kind))
    return Stored(name, shape, kind, str(kind), fortran, reading(start))


def _known(kind: np.dtype[Any], name: str) -> None:
    if kind.kind not in "fiub" and kind != np.dtype("V2"):  # V2: what numpy.save writes of bfloat16
        raise ValueError(f"{name} has dtype {kind}; accepted: real numbers.")


def _npz(path: Path, key: str | None) -> Named:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except mapped.BROKEN as error:
        raise ValueError(f"source is {shown(str(path))}, which is no .npz archive; accepted: a whole one.") from error
    return {m.filename.removesuffix(".npy"): partial(_member, path, m) for m in members if m.filename.endswith(".npy")}


def _member(path: Path, member: zipfile.ZipInfo) -> list[Part]:
    """An array of an archive: mapped where it lies as it is, unpacked from its beginning otherwise."""
    name = f"{path.name}[{member.filename.removesuffix('.npy')!r}]"
    if member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(
            f"{name} is encrypted or packed otherwise than numpy packs; accepted: what numpy.savez writes."
        )
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            head = stream.read(npz.HEAD)
    except mapped.BROKEN as error:
        raise ValueError(f"{name} cannot be unpacked; accepted: a whole file.") from error
    if member.compress_type == zipfile.ZIP_DEFLATED:

        def unpacking(start: int) -> Callable[[np.dtype[Any], bool], Any]:
            return partial(mapped.packed, lambda: zipfile.ZipFile(path).open(member), name, start)

        return [_array(head, name, member.file_size, unpacking)]
    with path.open("rb") as file:
        file.seek(member.header_offset + 26)
        lengths = struct.unpack("<HH", file.read(4))
    begin = member.header_offset + 30 + sum(lengths)
    if begin + member.file_size > path.stat().st_size:
        raise ValueError(f"{name} ends before its last number; accepted: a whole file.")
    return [_array(head, name, member.file_size, lambda start: partial(mapped.plain, path, begin + start))]


SAFE: Mapping[str, str] = {
    **{f"F{8 * size}": f"<f{size}" for size in (2, 4, 8)},
    **{f"I{8 * size}": f"<i{size}" for size in (1, 2, 4, 8)},
    **{f"U{8 * size}": f"<u{size}" for size in (1, 2, 4, 8)},
    "BF16": "<u2",
    "BOOL": "|b1",
}
"""NumPy's dtypes for those of .safetensors."""

HEAD = 100_000_000
"""Bytes that the header of a .safetensors file may take, as the format has it."""


def _safetensors(path: Path, key: str | None) -> Named:
    """Its header is read here rather than by the package, which gives whole tensors or ranges, and no bfloat16."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        text = file.read(length) if length <= min(HEAD, size - 8) else b""
    try:
        header = json.loads(text)
        entries = {name: entry for name, entry in header.items() if name != "__metadata__"}
        places = {name: _place(entry) for name, entry in entries.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"source is {shown(str(path))}, which has no header of a .safetensors file.") from error
    return {name: partial(_tensor, path, name, *place, 8 + length, size) for name, place in places.items()}


def _place(entry: Any) -> tuple[str, tuple[int, ...], int, int]:
    """Dtype, shape, and where the numbers of an entry begin and end."""
    shape, (begin, end) = tuple(entry["shape"]), entry["data_offsets"]
    if not all(type(number) is int and number >= 0 for number in (*shape, begin, end)):
        raise ValueError("not sizes")
    return str(entry["dtype"]), shape, begin, end


def _tensor(
    path: Path, key: str, dtype: str, shape: tuple[int, ...], begin: int, end: int, start: int, size: int
) -> list[Part]:
    name = f"{path.name}[{key!r}]"
    if dtype not in SAFE:
        raise ValueError(f"{name} has dtype {shown(dtype)}; accepted: {', '.join(SAFE)}.")
    kind = np.dtype(SAFE[dtype])
    if end - begin != math.prod(shape) * kind.itemsize or start + end > size:
        raise ValueError(f"{name} does not lie where its header says; accepted: a whole file.")
    stored = "bfloat16" if dtype == "BF16" else str(kind)
    if not math.prod(shape):
        return [Held(name, np.empty(shape, kind), stored)]
    return [Stored(name, shape, kind, stored, False, partial(mapped.plain, path, start + begin))]


KINDS: Mapping[str, Callable[[Path, str | None], Contents]] = {
    ".npy": _npy,
    ".npz": _npz,
    ".safetensors": _safetensors,
    ".pt": checkpoints.contents,
    ".pth": checkpoints.contents,
    ".csv": tables.text,
    ".tsv": tables.text,
    ".txt": tables.text,
    ".parquet": tables.parquet,
}
"""What opens a file of each ending."""

TABLES = (".csv", ".tsv", ".txt", ".parquet")
"""Endings of files whose rows pass by one after the other."""
