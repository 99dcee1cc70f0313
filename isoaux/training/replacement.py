"""A network that is trained again beside what the store has of it, which stays until the new one is finished."""

import shutil
from contextlib import suppress
from pathlib import Path

from isoaux.training.store import Entry

Mark = tuple[int, int]
"""Which record of a network this is: when its file was written, and its number in the file system."""


def mark(entry: Entry) -> Mark | None:
    """Which record the store has of a network, so that a later one can be told from it; None where it has none."""
    try:
        facts = (entry.folder / "network.json").stat()
    except FileNotFoundError:
        return None
    return facts.st_mtime_ns, facts.st_ino


def beside(entry: Entry) -> Entry:
    """The same network in a place of its own, where it is trained while ``entry`` keeps what it has."""
    other = Entry(entry.network, entry.checksum, entry.folder.parent.parent)
    other.folder = entry.folder.parent.parent / "retrained" / entry.key
    return other


def _old(entry: Entry) -> Path:
    """Where what is replaced is put before it is deleted."""
    return beside(entry).folder.with_suffix(".old")


def unsettled(entry: Entry) -> bool:
    """Whether a process was killed while it put a replacement in its place, or before; :func:`settle` ends that."""
    return _old(entry).exists() or mark(beside(entry)) is not None


def settle(entry: Entry) -> bool:
    """Put a finished replacement in the place of what was there; whether there was one to put.

    The lock of the network has to be held. A process that is killed in between leaves the replacement whole, and the
    next one to hold the lock goes on from there.
    """
    other, old = beside(entry), _old(entry)
    finished = other.verify() or other.state() == "failed"
    if finished:
        shutil.rmtree(old, ignore_errors=True)
        entry.folder.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            entry.folder.rename(old)
        other.folder.rename(entry.folder)
    shutil.rmtree(old, ignore_errors=True)
    with suppress(OSError):  # others are in it, or it is not there
        other.folder.parent.rmdir()
    return finished
