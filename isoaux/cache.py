"""Where results are kept, and how files are written so that none is ever half there."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from isoaux import paths


def root() -> Path:
    """The folder of everything that can be computed again: ``ISOAUX_CACHE`` or ``~/.cache/isoaux``, absolute.

    Raises ValueError where that is a file, or where no home folder is known.
    """
    return _folder("ISOAUX_CACHE", os.environ.get("ISOAUX_CACHE") or "~/.cache/isoaux")


def downloads() -> Path:
    """Where torchvision's data sets are, or are put: ``ISOAUX_DATA`` or a folder of the cache; as :func:`root`."""
    named = os.environ.get("ISOAUX_DATA")
    return _folder("ISOAUX_DATA", named) if named else root() / "downloads"


def _folder(variable: str, place: str) -> Path:
    folder = paths.absolute(place, variable)
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise ValueError(f"{variable} is {str(folder)!r}, which is a file; accepted: the path of a folder.")
    return folder


def write(path: Path, fill: Callable[[Path], object]) -> Path:
    """Write a file through ``fill(temporary)`` and move it into place whole; a failure leaves what was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        fill(temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def write_json(path: Path, content: Any) -> Path:
    """Write plain data as indented JSON, whole or not at all."""
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    return write(path, lambda temporary: temporary.write_text(text, "utf-8"))


def digest(facts: Any) -> str:
    """A short name for plain data: the first 20 hexadecimal digits of the SHA-256 of its canonical JSON."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:20]


def checksum(parts: Iterable[bytes | memoryview]) -> str:
    """The SHA-256 over a sequence of byte strings, in hexadecimal."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part)
    return total.hexdigest()
