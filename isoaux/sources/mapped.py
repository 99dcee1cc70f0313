"""Numbers of a file, a stretch at a time: of a part of a file as it lies there, or unpacked from an archive."""

import mmap
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from isoaux.sources.limits import BLOCK
from isoaux.sources.parts import Reader

BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError, struct.error)
"""What zipfile raises for an archive that is damaged, encrypted, or packed as it does not unpack."""


@contextmanager
def plain(path: Path, start: int, dtype: np.dtype[Any], sparse: bool) -> Iterator[Reader]:
    """A reader of the numbers that lie in a file from byte ``start`` on.

    The file is mapped, so that of a stretch only the pages are read whose numbers are looked at, and what was read of
    the stretch before is released. Of ``sparse`` numbers nothing is read ahead.
    """
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    advised = hasattr(mapped, "madvise")
    if advised and sparse:
        mapped.madvise(mmap.MADV_RANDOM)

    def read(first: int, last: int) -> NDArray[Any]:
        if advised:
            mapped.madvise(mmap.MADV_DONTNEED)
        return np.frombuffer(mapped, dtype, last - first, start + first * dtype.itemsize)

    yield read  # the map is closed when the last array that looks at it is gone


@contextmanager
def packed(
    opened: Callable[[], IO[bytes]], name: str, start: int, dtype: np.dtype[Any], sparse: bool
) -> Iterator[Reader]:
    """A reader of the numbers behind byte ``start`` of a stream that can only be read from its beginning.

    Raises ValueError that calls the array ``name`` where the stream ends early or cannot be unpacked.
    """
    with opened() as stream:
        place = 0

        def taken(count: int) -> bytes:
            nonlocal place
            try:
                content = stream.read(count)
            except BROKEN as error:
                raise ValueError(f"{name} cannot be unpacked; accepted: a whole file.") from error
            place += len(content)
            if len(content) < count:
                raise ValueError(f"{name} ends before its last number; accepted: a whole file.")
            return content

        def read(first: int, last: int) -> NDArray[Any]:
            while (before := start + first * dtype.itemsize - place) > 0:
                taken(min(before, BLOCK))
            return np.frombuffer(taken((last - first) * dtype.itemsize), dtype)

        yield read
