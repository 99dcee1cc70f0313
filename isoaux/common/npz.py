"""Arrays read from ``.npz`` archives that somebody else may have made, without unpickling and within limits of size.

NumPy and ``zipfile`` trust an archive: a few kilobytes may unpack to gigabytes (bzip2 without any limit), and a header
may announce more than there is memory. Here all announced sizes are added up before anything is unpacked, and nothing
is unpacked further than was announced. Needs NumPy and the standard library only.
"""

import bz2
import io
import math
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LIMIT = 2**30
"""Bytes that an archive may take, and that all of its arrays may take together; published ones take up to 100 MB."""

HEAD = 16_384
"""Bytes in which the header of an array has to end; NumPy itself accepts headers of up to 10,000 characters."""

MEMBERS = 4096
"""Arrays that an archive may hold."""


def read(path: Path, limit: int = LIMIT) -> bytes:
    """The bytes of a file. Raises ValueError for one of more than ``limit`` bytes, before it is read."""
    size = path.stat().st_size
    if size > limit:
        raise ValueError(f"{path} takes {size} bytes; accepted: at most {limit}.")
    return path.read_bytes()


def unpack(content: bytes, name: str, limit: int = LIMIT) -> dict[str, NDArray[Any]]:
    """The arrays, by name, of an ``.npz`` archive given as the bytes ``content``; ``name`` is what errors call it.

    Raises ValueError for what is no archive of arrays of numbers or text, for arrays that take more than ``limit``
    bytes, announced or unpacked, and for one whose size is not the announced one. Never unpickles.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (
        zipfile.BadZipFile,
        OSError,
        EOFError,
        ValueError,
        NotImplementedError,
        OverflowError,
        struct.error,
    ) as error:
        raise _unreadable(name) from error
    total = sum(member.file_size for member in members)
    if total > limit or len(members) > MEMBERS:
        raise ValueError(
            f"{name} announces {len(members)} arrays of {total} bytes; accepted: at most {MEMBERS} of {limit} bytes."
        )
    heads = [_head(content, member, name) for member in members]
    for (shape, _, dtype, start), member in zip(heads, members, strict=True):
        if math.prod(shape) * dtype.itemsize != member.file_size - start:
            raise ValueError(
                f"{name} announces an array {_stem(member)!r} of shape {_short(shape)} in {member.file_size} bytes; "
                "accepted: as many bytes as the shape takes."
            )
    return {_stem(m): _array(content, m, head, name) for m, head in zip(members, heads, strict=True)}


def _stem(member: zipfile.ZipInfo) -> str:
    return member.filename.removesuffix(".npy")


def _short(shape: tuple[int, ...]) -> str:
    text = str(shape)
    return text if len(text) <= 80 else f"{text[:80]}..."


def _unreadable(name: str) -> ValueError:
    return ValueError(f"{name} cannot be read as arrays without pickled objects.")


Head = tuple[tuple[int, ...], bool, np.dtype[Any], int]
"""Shape, whether in Fortran's order, type, and where the numbers start."""


def _head(content: bytes, member: zipfile.ZipInfo, name: str) -> Head:
    stream = io.BytesIO(_unpacked(content, member, HEAD, name))
    try:
        version = np.lib.format.read_magic(stream)
        reader = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        shape, fortran, dtype = reader(stream)
    except (ValueError, TypeError, KeyError, SyntaxError, RecursionError, MemoryError, OverflowError) as error:
        raise _unreadable(name) from error
    if dtype.hasobject or any(side < 0 for side in shape):
        raise _unreadable(name)
    return shape, fortran, dtype, stream.tell()


def _array(content: bytes, member: zipfile.ZipInfo, head: Head, name: str) -> NDArray[Any]:
    shape, fortran, dtype, start = head
    unpacked = _unpacked(content, member, member.file_size + 1, name)
    if len(unpacked) != member.file_size or zlib.crc32(unpacked) != member.CRC:
        raise ValueError(f"{name} holds an array {_stem(member)!r} that is not the announced one.")
    try:
        array = np.frombuffer(unpacked, dtype, offset=start) if len(unpacked) > start else np.empty(0, dtype)
        return array.reshape(shape, order="F" if fortran else "C").copy(order="K")
    except ValueError as error:
        raise _unreadable(name) from error


def _unpacked(content: bytes, member: zipfile.ZipInfo, most: int, name: str) -> bytes:
    """The first bytes of a member, at most ``most``; ``zipfile`` would unpack all of it in one go where it is bzip2."""
    try:
        begin = member.header_offset + 30
        header = content[member.header_offset : begin]
        if header[:4] != b"PK\x03\x04" or member.flag_bits & 1:  # encrypted
            raise _unreadable(name)
        start = begin + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:], "little")
        packed = content[start : start + member.compress_size]
        unpack: dict[int, Callable[[], bytes]] = {
            zipfile.ZIP_STORED: lambda: packed[:most],
            zipfile.ZIP_DEFLATED: lambda: zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, most),
            zipfile.ZIP_BZIP2: lambda: bz2.BZ2Decompressor().decompress(packed, most),
        }
        return unpack[member.compress_type]()
    except (zlib.error, OSError, EOFError, KeyError) as error:
        raise _unreadable(name) from error
