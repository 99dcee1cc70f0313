"""Arrays read from ``.npz`` archives that somebody else may have made, without unpickling and within limits of size.

NumPy and ``zipfile`` trust an archive: a few kilobytes may unpack to gigabytes (bzip2 without any limit), and a header
may announce more than there is memory. Here all announced sizes are added up before anything is unpacked, and nothing
is unpacked further than was announced. Needs NumPy and the standard library only.
"""

import bz2
import io
import math
import struct
import tokenize
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
    return {_stem(member): _array(content, member, name) for member in members}


def _stem(member: zipfile.ZipInfo) -> str:
    return member.filename.removesuffix(".npy")


def _short(shape: tuple[int, ...]) -> str:
    text = str(shape)
    return text if len(text) <= 80 else f"{text[:80]}..."


def _unreadable(name: str) -> ValueError:
    return ValueError(f"{name} cannot be read as arrays without pickled objects.")


Take = Callable[[int], bytes]
"""Unpacks the next bytes of a member, at most so many."""


def _array(content: bytes, member: zipfile.ZipInfo, name: str) -> NDArray[Any]:
    """The array of a member: its header first, and the rest only if it announces as many bytes as the directory."""
    take = _taking(content, member, name)
    head = _taken(take, HEAD, name)
    shape, fortran, dtype, start = header(head, name)
    if math.prod(shape) * dtype.itemsize != member.file_size - start:
        raise ValueError(
            f"{name} announces an array {_stem(member)!r} of shape {_short(shape)} in {member.file_size} bytes; "
            "accepted: as many bytes as the shape takes."
        )
    held = head + _taken(take, member.file_size + 1 - len(head), name)
    if len(held) != member.file_size or zlib.crc32(held) != member.CRC:
        raise ValueError(f"{name} holds an array {_stem(member)!r} that is not the announced one.")
    try:
        array = np.frombuffer(held, dtype, offset=start) if len(held) > start else np.empty(0, dtype)
        return array.reshape(shape, order="F" if fortran else "C").copy(order="K")
    except ValueError as error:
        raise _unreadable(name) from error


def header(head: bytes, name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Shape, whether in Fortran's order, type, and where the numbers start, from an array's first bytes."""
    stream = io.BytesIO(head)
    try:
        version = np.lib.format.read_magic(stream)
        reader = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        shape, fortran, dtype = reader(stream)
    except (ValueError, TypeError, KeyError, SyntaxError, RecursionError, MemoryError, OverflowError) as error:
        raise _unreadable(name) from error
    except tokenize.TokenError as error:  # of a header that begins as Python 2 wrote it
        raise _unreadable(name) from error
    if dtype.hasobject or any(side < 0 for side in shape):
        raise _unreadable(name)
    return shape, fortran, dtype, stream.tell()


def _taking(content: bytes, member: zipfile.ZipInfo, name: str) -> Take:
    """Unpacks a member piece by piece; ``zipfile`` itself unpacks bzip2 in one go, however much that is."""
    about = content[member.header_offset : member.header_offset + 30]
    if about[:4] != b"PK\x03\x04" or member.flag_bits & 1:  # encrypted
        raise _unreadable(name)
    start = member.header_offset + 30 + int.from_bytes(about[26:28], "little") + int.from_bytes(about[28:], "little")
    packed = io.BytesIO(content[start : start + member.compress_size])
    if member.compress_type == zipfile.ZIP_STORED:
        return packed.read
    if member.compress_type == zipfile.ZIP_BZIP2:
        unpack_bz2 = bz2.BZ2Decompressor()
        return lambda most: b"" if unpack_bz2.eof else unpack_bz2.decompress(packed.read(), most)
    if member.compress_type == zipfile.ZIP_DEFLATED:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        return lambda most: inflate.decompress(inflate.unconsumed_tail or packed.read(), most)
    raise _unreadable(name)


def _taken(take: Take, most: int, name: str) -> bytes:
    """So many bytes, or all that are left if these are fewer."""
    parts: list[bytes] = []
    try:
        while most > 0 and (part := take(most)):
            parts.append(part)
            most -= len(part)
    except (zlib.error, OSError, EOFError) as error:
        raise _unreadable(name) from error
    return b"".join(parts)
