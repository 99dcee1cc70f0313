"""Files of a folder that are replaced together: all or none, whatever happens."""

import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from isoaux import transactions

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
