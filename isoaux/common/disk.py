"""Files written whole or not at all, lock files, and checksums."""

import hashlib
import json
import os
import re
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

if sys.platform != "win32":
    import fcntl

TEMPORARY = re.compile(r"\.(?P<stem>.+)-[a-z0-9_]{8}(?P<suffix>\.[^.]+)?")
"""Names of the temporary files of :func:`write`."""


def write(path: Path, fill: Callable[[Path], object]) -> Path:
    """Write the file ``path`` and return it: ``fill(temporary)`` writes a temporary file, which then replaces it.

    A failure leaves what was there. Temporary files of the same file that killed processes left are removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep(path.parent, path.name)
    handle, temporary = _reserve(path)
    try:
        fill(temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        if error.errno is not None and error.filename is None:  # a full disk, of which write() does not say the file
            error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)
        os.close(handle)
    return path


def sweep(folder: Path, name: str | None = None) -> list[Path]:
    """Remove the temporary files of :func:`write` in a folder that no living process writes, and return their paths.

    ``name`` restricts them to those of one file. A process holds a lock on what it writes, which the system releases
    when the process ends, in whatever way. Where the file system has no such locks, nothing is removed.
    """
    removed = []
    try:
        names = [entry.name for entry in os.scandir(folder)]
    except OSError:  # no folder, or none that may be read
        return []
    for match in filter(None, map(TEMPORARY.fullmatch, names)):
        if name is not None and match["stem"] + (match["suffix"] or "") != name:
            continue
        path = folder / match[0]
        with suppress(OSError):
            handle = os.open(path, os.O_RDWR | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
            try:
                if stat.S_ISREG(os.fstat(handle).st_mode) and _hold(handle):
                    path.unlink()
                    removed.append(path)
            finally:
                os.close(handle)
    return removed


@contextmanager
def alone(lock: Path, waits: str = "") -> Iterator[None]:
    """Context in which this process alone holds the lock file ``lock``, which is made and removed again.

    Waits until it is free, and then writes ``waits`` to the standard error stream first. The system releases the lock
    when a process ends, in whatever way. Raises OSError where there are no such locks.
    """
    if sys.platform == "win32":
        raise OSError(f"{lock} cannot be locked on this system.")
    while True:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        try:
            if not _hold(handle):
                if waits:
                    print(waits, file=sys.stderr)
                fcntl.flock(handle, fcntl.LOCK_EX)
            if _is_at(handle, lock):
                try:
                    yield
                finally:
                    lock.unlink(missing_ok=True)
                return
        finally:  # who had it before has removed it: once more
            os.close(handle)


def _is_at(handle: int, path: Path) -> bool:
    """Whether an open file is the one at this place."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _reserve(path: Path) -> tuple[int, Path]:
    """A new temporary file beside ``path``, and a handle on it that holds it against :func:`sweep` while it is open."""
    while True:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
        with suppress(OSError):  # a file system without locks, whose temporary files nobody sweeps
            if not _hold(handle) or os.fstat(handle).st_nlink == 0:  # somebody sweeps it before it is held
                os.close(handle)
                Path(name).unlink(missing_ok=True)
                continue
        return handle, Path(name)


def _hold(handle: int) -> bool:
    """Whether an open file is now locked for this process; raises OSError where the file system has no locks."""
    if sys.platform == "win32":
        raise OSError("no such locks on this system")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def write_json(path: Path, content: Any) -> Path:
    """Write plain data as indented JSON, whole or not at all, and return the path."""
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    return write(path, lambda temporary: temporary.write_text(text, "utf-8"))


def digest(facts: Any) -> str:
    """The first 20 hexadecimal digits of the SHA-256 of the canonical JSON of plain data."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:20]


def checksum(parts: Iterable[bytes | memoryview]) -> str:
    """The SHA-256 over a sequence of byte strings, in hexadecimal digits."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part)
    return total.hexdigest()
