"""Files written whole: what a killed process leaves is swept, what a living one writes is not."""

import multiprocessing
import os
import signal
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace

import pytest
from patience import SECONDS

from isoaux.common import disk


def _write(path: Path, report: Connection) -> None:
    def fill(temporary: Path) -> None:
        temporary.write_bytes(b"half")
        report.send(temporary.name)
        report.recv()
        temporary.write_bytes(b"whole")

    disk.write(path, fill)
    report.send("written")


@pytest.fixture
def writing(tmp_path: Path):
    """A process in the middle of writing ``a.npz``: it, its connection, and its temporary file."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("forkserver").Process(target=_write, args=(tmp_path / "a.npz", there))
    process.start()
    yield process, here, tmp_path / here.recv()
    process.kill()
    process.join()


def test_what_a_living_process_writes_is_not_swept(tmp_path: Path, writing):
    process, connection, temporary = writing
    assert disk.sweep(tmp_path) == [] and temporary.exists()
    disk.write(tmp_path / "a.npz", lambda place: place.write_bytes(b"another"))  # which sweeps, too
    assert temporary.exists()
    connection.send("go on")
    assert connection.recv() == "written" and (tmp_path / "a.npz").read_bytes() == b"whole"
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


@pytest.mark.parametrize("by", ["a sweep", "the next write"])
def test_what_a_killed_process_left_is_swept(tmp_path: Path, writing, by: str):
    process, _, temporary = writing
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    others = [tmp_path / name for name in (".hidden", ".pre-commit-config.yaml", "b-abcdefgh.npz", ".a-short.npz")]
    for other in others:
        other.write_bytes(b"")
    assert temporary.exists()
    if by == "a sweep":
        assert disk.sweep(tmp_path, "b.npz") == [] and disk.sweep(tmp_path) == [temporary]
    else:
        disk.write(tmp_path / "a.npz", lambda place: place.write_bytes(b"whole"))
    assert not temporary.exists() and all(other.exists() for other in others)


def test_only_files_are_swept(tmp_path: Path):
    (tmp_path / ".a-abcdefgh.npz").mkdir()
    (tmp_path / "kept").write_bytes(b"kept")
    (tmp_path / ".b-abcdefgh.npz").symlink_to(tmp_path / "kept")
    os.mkfifo(tmp_path / ".c-abcdefgh.npz")
    assert disk.sweep(tmp_path) == [] and len(list(tmp_path.iterdir())) == 4
    assert disk.sweep(tmp_path / "nowhere") == []


def test_who_waits_for_a_lock_is_told(tmp_path, monkeypatch):
    """The stream is a queue: reading pytest's capture while the other thread writes may lose what it wrote."""
    lock, order, written = tmp_path / "lock", [], SimpleQueue()
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(write=written.put))

    def second() -> None:
        with disk.alone(lock, "waiting for the first"):
            order.append("second")

    with disk.alone(lock, "nobody else is there"):
        thread = threading.Thread(target=second)
        thread.start()
        assert written.get(timeout=SECONDS) == "waiting for the first"
        order.append("first")
    thread.join()
    assert order == ["first", "second"] and not lock.exists()
    assert written.get() == "\n" and written.empty()
