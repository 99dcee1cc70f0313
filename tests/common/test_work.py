"""Pieces of work over processes: their order, where they are done, and what comes through."""

import functools
import itertools
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from isoaux.common import cores, work


def halved(piece: int) -> float:
    return piece / 2


def nothing(_: int) -> None:
    return None


def where(piece: int) -> tuple[int, int]:
    return piece, os.getpid()


def last_first(piece: tuple[Path, int]) -> tuple[int, int]:
    """Where a piece was done, which is not before the next one of three is."""
    folder, place = piece
    for _ in itertools.takewhile(lambda _: place < 2 and not (folder / str(place + 1)).exists(), range(6000)):
        time.sleep(0.01)
    (folder / str(place)).touch()
    return place, (folder / str(place + 1)).exists()


def refuses_two(piece: int) -> int:
    if piece == 2:
        raise LookupError("there is no 2")
    return piece


def fails_first(piece: tuple[Path, int]) -> None:
    folder, place = piece
    (folder / str(place)).touch()
    if place == 0:
        raise LookupError("the first")
    time.sleep(600)


def sleeps(piece: tuple[Path, int]) -> None:
    folder, place = piece
    (folder / str(place)).touch()
    time.sleep(600)


def sends_much(piece: tuple[Path, int]) -> bytes:
    """More than a pipe holds, so that most of the time is spent in sending."""
    folder, place = piece
    (folder / str(place % 2)).touch()
    return bytes(2**25)


class Unfit(Exception):
    """An exception that cannot be made again from what is sent of it."""

    def __init__(self, place: int, count: int) -> None:
        super().__init__(f"{place} of {count}")

    def __reduce__(self) -> str:
        raise TypeError("not to be sent")


def give(name: str) -> object:
    if name == "Unfit":
        raise Unfit(1, 2)
    return lambda: 1


def killed(piece: int) -> None:
    if piece == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(600)


@pytest.mark.parametrize("workers", [None, 1, 2, 7])
def test_what_is_made_of_the_pieces_is_in_their_order(workers):
    assert work.each(halved, (piece for piece in (5, 0, 3, 3, -1)), "piece", workers) == [2.5, 0, 1.5, 1.5, -0.5]


def test_the_order_is_kept_where_the_last_piece_is_ready_first(tmp_path):
    made = work.each(last_first, [(tmp_path, place) for place in range(3)], "piece", 3)
    assert made == [(0, True), (1, True), (2, False)], "not the last piece first, or not in order"


def test_one_worker_is_this_process():
    met: list[int] = []  # and what is not picklable will do
    assert work.each(lambda piece: met.append(piece) or os.getpid(), range(4), "piece", 1) == [os.getpid()] * 4
    assert met == [0, 1, 2, 3]


def test_more_workers_are_other_processes_and_are_gone_afterwards():
    pieces, processes = zip(*work.each(where, range(6), "piece", 2), strict=True)
    assert pieces == tuple(range(6))
    assert os.getpid() not in processes and len(set(processes)) <= 2
    assert not multiprocessing.active_children()


def test_one_piece_needs_no_other_process():
    assert work.each(where, [3], "piece", 8) == [(3, os.getpid())]


def test_there_is_a_worker_per_allowed_core_unless_it_is_said(monkeypatch):
    monkeypatch.setattr(cores, "allowed", lambda: 1)
    assert {process for _, process in work.each(where, range(3), "piece")} == {os.getpid()}
    monkeypatch.setattr(cores, "allowed", lambda: 2)
    assert os.getpid() not in {process for _, process in work.each(where, range(3), "piece")}


@pytest.mark.parametrize("workers", [1, 2])
def test_an_exception_in_a_piece_comes_through(workers):
    with pytest.raises(LookupError, match=r"^'?there is no 2'?$"):
        work.each(refuses_two, range(5), "piece", workers)
    assert not multiprocessing.active_children()


def test_an_exception_in_a_piece_ends_those_that_wait_and_names_its_place(tmp_path):
    """What has been begun elsewhere is ended, what has not is not begun."""
    with pytest.raises(LookupError) as caught:
        work.each(fails_first, [(tmp_path, piece) for piece in range(30)], "piece", 2)
    assert isinstance(caught.value.__cause__, work.Elsewhere) and "in fails_first" in str(caught.value.__cause__)
    assert len(list(tmp_path.iterdir())) <= 2 and not multiprocessing.active_children()


@pytest.mark.parametrize(("made", "reason"), [(lambda: 1, "PicklingError|AttributeError"), (Unfit, "Unfit: 1 of 2")])
def test_what_cannot_be_sent_from_one_process_to_another_is_said(made, reason):
    with pytest.raises(RuntimeError, match=reason):
        work.each(give, [made.__name__] * 2, "piece", 2)


def test_a_process_that_is_killed_is_an_error_and_ends_the_others():
    with pytest.raises(RuntimeError, match=r"^a process that measured pieces died \(signal SIGKILL\).*fewer jobs"):
        work.each(killed, range(8), "piece", 2)
    assert not multiprocessing.active_children()


SLEEPS = """
import signal, sys, time
sys.path.insert(0, {here!r})
from pathlib import Path
from isoaux.common import work
from test_work import {function}
signal.signal(signal.SIGTERM, signal.default_int_handler)
if __name__ == "__main__":
    work.each({function}, [(Path({folder!r}), piece) for piece in range(1000)], "piece", 2)
"""


@pytest.mark.parametrize("function", ["sleeps", "sends_much"])
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interruption_ends_measuring_at_once_and_leaves_no_process(
    ending: signal.Signals, function: str, tmp_path: Path
):
    """To the whole group, as a terminal does, or to the first process alone, as a cluster does."""
    place, script = tmp_path / "begun", tmp_path / "script.py"
    place.mkdir()
    script.write_text(SLEEPS.format(here=str(Path(__file__).parent), function=function, folder=str(place)))
    heard = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a job in the background ignores it
    process = subprocess.Popen(
        [sys.executable, str(script)], start_new_session=True, stderr=subprocess.PIPE, text=True, preexec_fn=heard
    )
    try:
        while len(list(place.iterdir())) < 2:
            assert process.poll() is None
            time.sleep(0.02)
        if ending == signal.SIGINT:
            os.killpg(process.pid, ending)
        else:
            process.send_signal(ending)
        begun = time.monotonic()
        told = process.communicate()[1]
        with pytest.raises(ProcessLookupError):  # nobody is left in its session
            while time.monotonic() < begun + 60:
                os.killpg(process.pid, 0)
                time.sleep(0.02)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == (-ending if ending == signal.SIGKILL else -signal.SIGINT), told
    assert told.count("Traceback") == (ending != signal.SIGKILL), "of this process alone: it does not catch it"
    assert len(list(place.iterdir())) < 100 if function == "sleeps" else True


@pytest.mark.parametrize("workers", [None, 1, 4])
def test_no_pieces_make_an_empty_list(workers):
    assert work.each(halved, [], "piece", workers) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_a_piece_of_which_nothing_is_made_keeps_its_place(workers):
    assert work.each(nothing, range(3), "piece", workers) == [None] * 3


@pytest.mark.parametrize("workers", [1, 2])
def test_the_bar_counts_every_piece(monkeypatch, workers):
    told: list[Any] = []

    class Bar:
        def __init__(self, *given: object) -> None:
            told.append(given)

        def __enter__(self) -> "Bar":
            return self

        def __exit__(self, *_: object) -> None:
            told.append("closed")

        def update(self) -> None:
            told.append(1)

    monkeypatch.setattr(work, "bar", Bar)
    work.each(halved, range(3), "network", workers)
    assert told == [(3, "measuring 3 networks", "network"), 1, 1, 1, "closed"]
