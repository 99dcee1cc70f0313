"""Networks that are trained again: beside what the store has of them, which stays until the new one is finished."""

import shutil
from contextlib import suppress
from pathlib import Path

from isoaux.training.store import Entry

Mark = tuple[int, int]
"""A record of a network: when its file was written, in nanoseconds, and its number in the file system."""


def mark(entry: Entry) -> Mark | None:
    """The mark of the record that the store has of a network, which a later record does not have; None without one."""
    try:
        facts = (entry.folder / "network.json").stat()
    except FileNotFoundError:
        return None
    return facts.st_mtime_ns, facts.st_ino


def beside(entry: Entry) -> Entry:
    """The entry of the same network in the folder where it is trained while ``entry`` keeps what it has."""
    other = Entry(entry.network, entry.checksum, entry.folder.parent.parent)
    other.folder = entry.folder.parent.parent / "retrained" / entry.key
    return other


def _old(entry: Entry) -> Path:
    """The folder that what is replaced is moved to before it is deleted."""
    return beside(entry).folder.with_suffix(".old")


def unsettled(entry: Entry) -> bool:
    """Whether a killed process has left a replacement that is not in its place; :func:`settle` puts it there."""
    return _old(entry).exists() or mark(beside(entry)) is not None


def settle(entry: Entry) -> bool:
    """Put a finished replacement in the place of what was there; returns whether there was one.

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
