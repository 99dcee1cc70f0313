"""Pieces of work over processes: their order, where they are done, and what comes through."""

import itertools
import multiprocessing
import os
import time
from pathlib import Path
from typing import Any

import pytest

from isoaux import cores, pool


def halved(piece: int) -> float:
    return piece / 2


def nothing(_: int) -> None:
    return None


def where(piece: int) -> tuple[int, int]:
    return piece, os.getpid()


def last_first(piece: tuple[Path, int]) -> tuple[int, int]:
    """Where a piece was done, which is not before the next one of three is."""
    folder, own = piece
    for _ in itertools.takewhile(lambda _: own < 2 and not (folder / str(own + 1)).exists(), range(6000)):
        time.sleep(0.01)
    (folder / str(own)).touch()
    return own, (folder / str(own + 1)).exists()


def refuses_two(piece: int) -> int:
    if piece == 2:
        raise LookupError("there is no 2")
    return piece


@pytest.mark.parametrize("workers", [None, 1, 2, 7])
def test_what_is_made_of_the_pieces_is_in_their_order(workers):
    assert pool.each(halved, (piece for piece in (5, 0, 3, 3, -1)), "piece", workers) == [2.5, 0, 1.5, 1.5, -0.5]


def test_the_order_is_kept_where_the_last_piece_is_ready_first(tmp_path):
    found = pool.each(last_first, [(tmp_path, own) for own in range(3)], "piece", 3)
    assert found == [(0, True), (1, True), (2, False)], "not the last piece first, or not in order"


def test_one_worker_is_this_process():
    met: list[int] = []  # and what is not picklable will do
    assert pool.each(lambda piece: met.append(piece) or os.getpid(), range(4), "piece", 1) == [os.getpid()] * 4
    assert met == [0, 1, 2, 3]


def test_more_workers_are_other_processes_and_are_gone_afterwards():
    pieces, processes = zip(*pool.each(where, range(6), "piece", 2), strict=True)
    assert pieces == tuple(range(6))
    assert os.getpid() not in processes and len(set(processes)) <= 2
    assert not multiprocessing.active_children()


def test_one_piece_needs_no_other_process():
    assert pool.each(where, [3], "piece", 8) == [(3, os.getpid())]


def test_there_is_a_worker_per_allowed_core_unless_it_is_said(monkeypatch):
    monkeypatch.setattr(cores, "allowed", lambda: 1)
    assert {process for _, process in pool.each(where, range(3), "piece")} == {os.getpid()}
    monkeypatch.setattr(cores, "allowed", lambda: 2)
    assert os.getpid() not in {process for _, process in pool.each(where, range(3), "piece")}


@pytest.mark.parametrize("workers", [1, 2])
def test_an_exception_in_a_piece_comes_through(workers):
    with pytest.raises(LookupError, match=r"^'?there is no 2'?$"):
        pool.each(refuses_two, range(5), "piece", workers)
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("workers", [None, 1, 4])
def test_no_pieces_make_an_empty_list(workers):
    assert pool.each(halved, [], "piece", workers) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_a_piece_of_which_nothing_is_made_keeps_its_place(workers):
    assert pool.each(nothing, range(3), "piece", workers) == [None] * 3


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

    monkeypatch.setattr(pool, "bar", Bar)
    pool.each(halved, range(3), "network", workers)
    assert told == [(3, "measuring 3 networks", "network"), 1, 1, 1, "closed"]
