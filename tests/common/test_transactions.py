"""Files of a folder that are replaced together: all or none, whatever happens."""

import multiprocessing
import os
import tempfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from isoaux.common import transactions

FILES = ("fig.json", "fig.npz", "networks/a.npz")


def contents(folder: Path) -> dict[str, str]:
    """What a reader gets of every file."""
    places = {name: transactions.current(folder / name) for name in FILES}
    return {name: place.read_text() for name, place in places.items() if place.is_file()}


def write(folder: Path, text: str, until: int = len(FILES)) -> None:
    """Replace the files, or fail after some of them."""
    with transactions.together(folder) as staged:
        for i, name in enumerate(FILES):
            if i == until:
                raise KeyboardInterrupt
            place = staged(folder / name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
            assert contents(folder).get(name) != text, "seen before the others"


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_all_are_replaced_and_nothing_else_stays(tmp_path: Path):
    for text in ("old", "new"):
        write(tmp_path / "data", text)
        assert contents(tmp_path / "data") == dict.fromkeys(FILES, text)
        assert {path.name for path in (tmp_path / "data").rglob("*")} == {"fig.json", "fig.npz", "networks", "a.npz"}


@pytest.mark.parametrize("until", range(len(FILES)))
def test_an_interruption_leaves_the_old_ones(tmp_path: Path, until: int):
    write(tmp_path, "old")
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, "new", until)
    assert contents(tmp_path) == dict.fromkeys(FILES, "old") and names(tmp_path) == set(FILES)


@pytest.mark.parametrize("moved", range(len(FILES) + 1))
def test_what_was_ready_counts_and_is_finished_by_whoever_comes_next(tmp_path: Path, moved: int):
    """As a process leaves it that is killed after some of the moves."""
    write(tmp_path, "old")
    for name in FILES:
        place = tmp_path / ".publishing" / "ready" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("new")
    for name in FILES[:moved]:
        (tmp_path / ".publishing" / "ready" / name).replace(tmp_path / name)
    assert contents(tmp_path) == dict.fromkeys(FILES, "new")
    with transactions.together(tmp_path):
        assert {(tmp_path / name).read_text() for name in FILES} == {"new"}
    assert names(tmp_path) == set(FILES)


def test_what_was_not_ready_is_removed(tmp_path: Path):
    write(tmp_path, "old")
    place = tmp_path / ".publishing" / "new" / "fig.json"
    place.parent.mkdir(parents=True)
    place.write_text("half")
    assert contents(tmp_path) == dict.fromkeys(FILES, "old")
    with transactions.together(tmp_path):
        pass
    assert contents(tmp_path) == dict.fromkeys(FILES, "old") and names(tmp_path) == set(FILES)


def _count(folder: Path, times: int, report: Connection) -> None:
    for _ in range(times):
        with transactions.together(folder) as staged:
            number = int((folder / "n").read_text())
            staged(folder / "n").write_text(str(number + 1))
    report.send("done")


def test_processes_take_turns(tmp_path: Path):
    """Each reads, adds one and writes; without turns, some would be lost."""
    (tmp_path / "n").write_text("0")
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("forkserver")
    processes = [context.Process(target=_count, args=(tmp_path, 60, there)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert (tmp_path / "n").read_text() == "180" and names(tmp_path) == {"n"}


# --- what is in the way


def a_folder(place: Path) -> None:
    place.mkdir(parents=True)


def a_file(place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("somebody's")


def a_link(place: Path) -> None:
    target = place.parent / "elsewhere"
    target.mkdir(parents=True)
    place.symlink_to(target)


def a_broken_link(place: Path) -> None:
    place.symlink_to(place.parent / "nowhere")


def a_pipe(place: Path) -> None:
    os.mkfifo(place)


def sentence(folder: Path, text: str = "new") -> str:
    """Why a transaction is refused: one sentence, not the system's number of an error."""
    with pytest.raises(OSError) as caught:
        write(folder, text)
    message = str(caught.value)
    assert message.endswith(".") and ". " not in message and "\n" not in message and "Errno" not in message, message
    assert "--to" in message
    return message


@pytest.mark.parametrize(
    ("name", "put"),
    [
        (".publishing", a_file),
        (".publishing", a_link),
        (".publishing", a_broken_link),
        (".publishing.lock", a_folder),
        (".publishing.lock", a_link),
        (".publishing.lock", a_pipe),
        ("fig.npz", a_folder),
        ("fig.json", a_folder),
        ("fig.json", a_pipe),
        ("networks/a.npz", a_folder),
        ("networks", a_file),
        ("networks", a_broken_link),
    ],
)
def test_what_is_in_the_way_is_named_and_left_and_nothing_is_stuck(
    tmp_path: Path, name: str, put: Callable[[Path], None]
):
    folder = tmp_path / "data"
    a_file(folder / "fig.npz" if name != "fig.npz" else folder / "fig.json")
    put(folder / name)
    before = {path: path.is_file() and path.read_text() for path in folder.rglob("*")}
    for _ in range(2):
        assert repr(str(folder / name)) in sentence(folder)
        assert {path: path.is_file() and path.read_text() for path in folder.rglob("*")} == before
    (folder / name).rename(tmp_path / "away")
    write(folder, "new")
    assert contents(folder) == dict.fromkeys(FILES, "new")


def test_all_that_is_in_the_way_is_named_at_once(tmp_path: Path):
    a_folder(tmp_path / "fig.npz")
    a_file(tmp_path / "networks")
    message = sentence(tmp_path)
    assert f"{str(tmp_path / 'fig.npz')!r} is a folder, where a file belongs" in message
    assert f"{str(tmp_path / 'networks')!r} is a file, where a folder belongs" in message


def test_what_is_ready_waits_until_its_place_is_free(tmp_path: Path):
    """A folder that came after a killed process had it ready: nothing is moved before it is away."""
    for name in FILES:
        a_file(tmp_path / ".publishing" / "ready" / name)
    a_folder(tmp_path / "fig.npz")
    assert repr(str(tmp_path / "fig.npz")) in sentence(tmp_path)
    assert contents(tmp_path) == dict.fromkeys(FILES, "somebody's") and not (tmp_path / "fig.json").exists()
    (tmp_path / "fig.npz").rmdir()
    with transactions.together(tmp_path):
        assert {(tmp_path / name).read_text() for name in FILES} == {"somebody's"}
    assert names(tmp_path) == set(FILES)


@pytest.mark.parametrize("name", ["file", "file/below", "broken", "/proc/self/x", "/proc/self", "n" * 300])
def test_a_folder_that_cannot_be_one_is_named(tmp_path: Path, name: str):
    a_file(tmp_path / "file")
    a_broken_link(tmp_path / "broken")
    message = sentence(tmp_path / name)
    assert repr(str(tmp_path / name)) in message
    kind = {"file": "is a file, where a folder belongs", "broken": "is a link, where a folder belongs"}
    assert kind.get(name, "accepted: a folder that can be written") in message


def test_a_folder_that_may_not_be_written_is_refused_before_anything_is_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Also for who may write everything, whom the system would let."""
    write(tmp_path, "old")
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != "networks")
    assert f"{str(tmp_path / 'networks')!r} cannot be written" in sentence(tmp_path)
    assert contents(tmp_path) == dict.fromkeys(FILES, "old") and names(tmp_path) == set(FILES)


def test_a_folder_on_another_file_system_is_refused_before_anything_is_ready(tmp_path: Path):
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system")
    with tempfile.TemporaryDirectory(dir=memory) as other:
        (tmp_path / "networks").symlink_to(other)
        assert f"{str(tmp_path / 'networks')!r} is on another file system" in sentence(tmp_path)
    assert names(tmp_path) == set()
