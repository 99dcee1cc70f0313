"""Networks that are trained, measured and published piece by piece: what is left by kills, full disks and company."""

import errno
import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tqdm import tqdm

from isoaux import settings, workflow
from isoaux.__main__ import main
from isoaux.commands import plan, queue
from isoaux.commands.pieces import Answer, Desk, Piece, Work
from isoaux.commands.plan import Part
from isoaux.commands.queue import Board
from isoaux.common import archive, disk
from isoaux.common.processes import Done, Lost
from isoaux.paper import Network, figure
from isoaux.records import publishing
from isoaux.settings import Settings
from isoaux.studies import registry
from isoaux.studies.planes import figures
from isoaux.training import data, session, store
from isoaux.training.session import Task

SMOKE = settings.read({"profile": "smoke", "seeds": "0", "device": "cpu"})
DIGITS = data.load("digits")
TANH, ISOTANH = (replace(n, seed=0) for n in SMOKE.networks_for(figure("fig01")))


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """A folder of published files beside the store of the test."""
    return tmp_path / "data"


def parts(*names: str, chosen: Settings = SMOKE) -> list[Part]:
    return plan.parts([figure(name) for name in names], chosen, {})


class Worker:
    """A queue in this process: it does one piece after the other, in the order of its board."""

    def __init__(self, folder: Path, *names: str, chosen: Settings = SMOKE) -> None:
        self.board = Board(parts(*names, chosen=chosen), {"digits": DIGITS.checksum}, folder)
        task = Task(resume_every=0.0, patient=False)
        self.work = Work(
            Desk(
                {part.figure.name: part for part in parts(*names, chosen=chosen)},
                {"digits": DIGITS.checksum},
                folder,
                task,
            )
        )
        self.epochs: list[tuple[str, int]] = []

    def report(self, name: str, epoch: int, loss: float) -> None:
        self.epochs.append((name, epoch))

    def step(self) -> tuple[Piece, Answer] | None:
        """Do the next piece; None where there is none."""
        if (piece := self.board.next(time.monotonic())) is None:
            return None
        answer = self.work.do(piece, self.report)
        self.board.ended(piece, answer, time.monotonic())
        return piece, answer

    def run(self) -> list[tuple[str, str]]:
        """Do all pieces, and return what they were and what came of them."""
        return [(piece.kind, answer.state) for piece, answer in iter(self.step, None)]


def files(folder: Path) -> dict[str, Any]:
    """The content of every file of a folder, by name; facts in any order."""
    content = {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
    return {name: json.loads(each) if name.endswith(".json") else each for name, each in content.items()}


def snapshots(network: Network, root: Path | None = None) -> list[bytes]:
    entry = store.Entry(network, DIGITS.checksum, root)
    return [v.numpy().tobytes() for epoch in network.recipe.checkpoints for v in entry.read(epoch).values()]


def quiet(*_: object) -> None:
    pass


# --- what it does


def test_it_publishes_the_files_of_the_command_publish_and_nothing_twice(own_cache, tmp_path):
    """A figure of planes, one of error curves with its networks and others, one without networks."""
    names = ("fig01", "fig35", "fig04")
    worker = Worker(tmp_path / "queue", *names)
    done = worker.run()
    kinds = [kind for kind, state in done if state == "done"]
    assert len(kinds) == len(done) and kinds[:3] == ["train", "measure", "record"], "a record as soon as it can be"
    for name in names:
        result = registry.of(figure(name)).compute(figure(name), SMOKE, jobs=1, train=False)
        publishing.publish(result, tmp_path / "publish")
    assert files(tmp_path / "queue") == files(tmp_path / "publish")
    again = Worker(tmp_path / "queue", *names)
    assert again.board.next(0.0) is None and not again.board.unpublished
    more = Worker(tmp_path / "queue", "fig01", chosen=replace(SMOKE, seeds=(0, 1)))
    assert [kind for kind, _ in more.run()].count("train") == 2, "the seed that is missing, of two configurations"
    assert archive.read(tmp_path / "queue" / "fig01").facts["seeds"] == [0, 1]


def test_a_record_of_an_older_version_is_made_again(own_cache, tmp_path, monkeypatch):
    Worker(tmp_path, "fig01").run()
    monkeypatch.setattr(plan, "MEASURE_VERSION", plan.MEASURE_VERSION + 1)
    left = Worker(tmp_path, "fig01").board
    assert [piece.kind for piece in left.writing] == ["record", "record", "figure"] and not left.missing


# --- kills, signals and company


class Killed(BaseException):
    """Stands for an end that nothing can catch."""


def test_a_kill_loses_at_most_the_running_epoch_and_changes_no_bit(own_cache, tmp_path, monkeypatch):
    killed = Worker(tmp_path / "killed", "fig01")

    def kill(name: str, epoch: int, loss: float) -> None:
        if epoch == 2:
            raise Killed

    monkeypatch.setattr(killed, "report", kill)
    with pytest.raises(Killed):
        killed.step()
    entry = store.Entry(TANH, DIGITS.checksum)
    assert (entry.state(), entry.epochs_done()) == ("partial", 1)
    later = Worker(tmp_path / "killed", "fig01")
    later.run()
    assert later.epochs == [(TANH.id, 2), (ISOTANH.id, 1), (ISOTANH.id, 2)]
    for network in (TANH, ISOTANH):
        session.train_group([network], DIGITS, Task(root=tmp_path / "whole"), quiet)
        assert snapshots(network) == snapshots(network, tmp_path / "whole")


LONG = settings.read({"profile": "quick", "dataset": "digits", "seeds": "0", "device": "cpu"})
"""Forty epochs, of which an end in the middle is sure to meet some."""


@pytest.mark.skipif(threading.current_thread() is not threading.main_thread(), reason="signals go to the main thread")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["workers killed", "told to stop"])
def test_an_end_in_the_middle_of_two_processes_changes_no_bit(number, own_cache, tmp_path, monkeypatch):
    """The processes that train are killed, or this one is told to stop, in the third epoch of the slower one."""
    members, second = LONG.networks_for(figure("fig01")), set()

    class Progress(tqdm):
        def set_postfix_str(self, words: str, refresh: bool = True) -> None:
            name, epoch = [*words.split(", "), ""][:2]
            if epoch == "epoch 2":
                second.add(name)
                if len(second) == 2:
                    own = [p.pid for p in multiprocessing.active_children()]
                    for process in [os.getpid()] if number == signal.SIGTERM else own:
                        os.kill(process, number)

    monkeypatch.setattr(queue, "bar", lambda *_, **__: Progress(disable=True))
    folder = tmp_path / "data"
    if number == signal.SIGTERM:
        with pytest.raises(KeyboardInterrupt):
            queue.work(parts("fig01", chosen=LONG), folder, device="cpu", jobs=2)
    else:
        board = queue.work(parts("fig01", chosen=LONG), folder, device="cpu", jobs=2)
        assert {o.reason for o in board.outcomes.values()} <= {"", "its process died (signal SIGKILL)"}
    assert len(second) == 2 and not multiprocessing.active_children()
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    for network in members:
        entry = store.Entry(network, DIGITS.checksum)
        assert entry.epochs_done() >= 1
        session.train_group([network], DIGITS, Task(), quiet)
        assert not list(entry.folder.glob(".*.*")), "what a killed process was writing is swept"
        session.train_group([network], DIGITS, Task(root=tmp_path / "whole"), quiet)
        assert snapshots(network) == snapshots(network, tmp_path / "whole")


def test_two_queues_never_train_the_same_network(own_cache, tmp_path):
    """While one trains a network, another one passes it over, trains the next, and finds the first one done later."""
    first, second = Worker(tmp_path, "fig01"), Worker(tmp_path, "fig01")

    def meanwhile(name: str, epoch: int, loss: float) -> None:
        first.epochs.append((name, epoch))
        if (name, epoch) == (TANH.id, 1):
            held, other = second.step(), second.step()
            assert held is not None and held[0].networks == (TANH,) and held[1].state == "held"
            assert other is not None and other[0].networks == (ISOTANH,) and other[1].state == "done"
            assert second.board.is_held

    first.report = meanwhile  # type: ignore[method-assign]
    first.run()
    second.board.ended(Piece("train", "fig01", (TANH,)), Answer("held"), -100.0)  # it is time to look again
    assert {state for _, state in second.run()} <= {"done"}
    assert first.epochs == [(TANH.id, 1), (TANH.id, 2)] and second.epochs == [(ISOTANH.id, 1), (ISOTANH.id, 2)]
    assert not first.board.unpublished and not second.board.unpublished


def test_two_queues_never_write_the_same_record(own_cache, data_folder, monkeypatch):
    first, second, told = Worker(data_folder, "fig01"), Worker(data_folder, "fig01"), []
    write = publishing.publish

    def meanwhile(*given: Any, **how: Any) -> list[Path]:
        if not told:
            told.append("once")
            piece = Piece("record", "fig01", (TANH,))
            told.append(second.work.do(piece, quiet).state)
            told.append(write(*given, **how))
            return told[-1]
        return write(*given, **how)

    monkeypatch.setattr(publishing, "publish", meanwhile)
    first.run()
    assert told[1] == "held" and len(told[2]) == 2
    before = files(data_folder)
    answers = [second.work.do(piece, quiet) for piece in second.board.writing]
    assert {answer.state for answer in answers} == {"done"} and not any(answer.written for answer in answers)
    assert files(data_folder) == before


# --- faults


def test_a_full_disk_leaves_the_record_that_was_there(own_cache, data_folder, monkeypatch):
    Worker(data_folder, "fig01", chosen=replace(SMOKE, seeds=(1,))).run()
    before = files(data_folder)
    worker = Worker(data_folder, "fig01")
    for _ in range(2):
        worker.step()
    calls: list[int] = []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) > 1:  # half of the files are written
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(disk.os, "fsync", full)
        piece = worker.board.next(0.0)
        assert piece is not None and piece.kind == "record"
        with pytest.raises(OSError, match="No space left"):
            worker.work.do(piece, quiet)
    assert files(data_folder) == before and not (data_folder / ".publishing").exists()
    Worker(data_folder, "fig01").run()
    assert archive.read(data_folder / "networks" / TANH.configuration.id).facts["seeds"] == [0, 1]


class Crew:
    """Processes that answer every piece in the same way."""

    size, is_full = 1, False

    def __init__(self, message: object) -> None:
        self.message, self.at_work, self.given = message, [], []

    def give(self, piece: Piece) -> None:
        self.at_work.append(piece)
        self.given.append(piece)
        self.is_full = True

    def messages(self, timeout: float) -> Iterator[tuple[Piece, object]]:
        self.is_full = False
        yield self.at_work.pop(), self.message

    def stop(self, which: Callable[[Piece], bool] = lambda _: True) -> None:
        pass


@pytest.mark.parametrize(
    ("message", "given"),
    [
        (Done(Answer("broken", f"[Errno 28] {os.strerror(errno.ENOSPC)}: 'x'")), 1),
        (Done(Answer("broken", "out of luck")), 2),
        (Lost("signal SIGKILL"), 2),
    ],
    ids=["full", "broken", "dead"],
)
def test_what_breaks_is_tried_once_and_a_full_disk_ends_all(message, given, own_cache, tmp_path):
    board, crew = Worker(tmp_path, "fig01").board, Crew(message)
    full = queue._attend(board, crew, tqdm(disable=True), None, lambda: False)
    assert len(crew.given) == given and bool(full) == (given == 1)
    assert {outcome.state for outcome in board.outcomes.values()} == {"broken"} and len(board.unpublished) == 3


def test_damaged_snapshots_are_trained_again_once(own_cache, tmp_path):
    worker = Worker(tmp_path, "fig01")
    worker.step()
    store.Entry(TANH, DIGITS.checksum)._snapshot(1).write_bytes(b"no longer what it was")
    with pytest.warns(RuntimeWarning, match="was set aside"):
        kinds = [worker.step() for _ in range(3)]
    assert [(p.kind, a.state) for p, a in filter(None, kinds)] == [
        ("measure", "damaged"),
        ("train", "done"),
        ("measure", "done"),
    ]
    assert not worker.board.problems


@pytest.mark.parametrize("seeds", [(0,), (0, 1)], ids=["all", "some"])
def test_a_network_that_diverges_is_recorded_and_shown_missing(seeds, own_cache, tmp_path, monkeypatch):
    worker = Worker(tmp_path, "fig01", chosen=replace(SMOKE, seeds=seeds))
    doomed = replace(ISOTANH, seed=0)
    while (piece := worker.board.next(0.0)) is not None:
        with monkeypatch.context() as patch:
            if piece == Piece("train", "fig01", (doomed,)):
                patch.setattr("isoaux.training.engine.Stack.finite", lambda net: [False] * len(net))
            worker.board.ended(piece, worker.work.do(piece, quiet), 0.0)
    reason = f"{doomed.id}: the loss was no longer finite in epoch 1"
    record = tmp_path / "networks" / f"{doomed.configuration.id}.json"
    assert record.exists() == (len(seeds) > 1) and bool(worker.board.notes) == (len(seeds) == 1)
    if len(seeds) > 1:
        facts = archive.read(record.with_suffix("")).facts
        assert facts["seeds"] == [1] and facts["failed"] == [reason]
    assert Worker(tmp_path, "fig01", chosen=replace(SMOKE, seeds=seeds)).board.next(0.0) is None or len(seeds) == 1
    result = workflow.result("fig01", replace(SMOKE, seeds=seeds), train=False)
    assert archive.read(tmp_path / "fig01").facts["failed"] == result.facts["failed"] == [reason]
    lines = [(line[0].activation, line[1], isinstance(line[2], int)) for line in result.lines]
    assert lines == [(a, s, (a, s) != ("isotanh", 0)) for a in ("tanh", "isotanh") for s in seeds]
    words = [text.get_text() for text in figures.panel_grid(result).canvas.axes[0].texts]
    assert "missing: the loss was no longer finite in epoch 1" in words


def test_a_record_that_another_figure_stands_on_keeps_its_dtype(own_cache, data_folder, refused):
    """Figure 32 has no file; a record of Figure 1's networks is not replaced by one of another dtype."""
    archive.write(data_folder / "fig01", {}, {"dtype": "float64"})
    other = replace(SMOKE, dtype="float32")
    words = ["cifar-U-tanh-n18-L0", "fig01", "published in float64", "accepted: fig01=float64"]
    refused(words, queue.work, parts("fig32", chosen=other), data_folder)
    assert not (data_folder / "networks").exists()
    plan.refuse_parting(plan.parts([figure("fig32")], other, {"fig01": "float64"}), data_folder)
    plan.refuse_parting(parts("fig01", "fig32", chosen=other), data_folder)


def test_a_network_that_diverged_unnoticed_fails_when_it_is_measured(own_cache, data_folder):
    """Its loss was finite in float64; in float32 its representations are not."""
    worker, entry = Worker(data_folder, "fig01"), store.Entry(TANH, DIGITS.checksum)
    worker.step()
    entry.write(2, {name: value * 1e180 for name, value in entry.read(2).items()})
    with pytest.warns(RuntimeWarning, match=f"^{TANH.id} was ended: its representations are not finite in float32"):
        _, answer = worker.step() or (None, Answer("broken"))
    assert [outcome.state for outcome in answer.outcomes] == ["failed"] and entry.state() == "failed"
    worker.run()
    reason = f"{TANH.id}: its representations are not finite in float32 after epoch 2"
    assert archive.read(data_folder / "fig01").facts["failed"] == [reason]
    assert list(worker.board.notes) == [f"the record of {TANH.configuration.id}"] and not worker.board.problems


# --- the command


def test_the_command_publishes_where_the_profile_has_its_book(checkout, own_cache, capsys):
    command = ["train", "fig01", "--profile", "smoke", "--seeds", "0", "--device", "cpu", "--publish", "--jobs", "1"]
    assert main([*command, "--require-finished"]) == 0
    folder = checkout / "_build" / "smoke" / "src" / "book" / "data"
    out = capsys.readouterr().out.splitlines()
    assert out[-1] == "2 networks: 2 complete; 0 files left to publish" and out[-2] == str(folder / "fig01")
    assert len(set(out)) == 6 and not list((checkout / "book" / "data").iterdir())
    assert main([*command, "--budget", "0s"]) == 0
    assert capsys.readouterr().out == "0 networks: nothing to train; 0 files left to publish\n"
    assert main(["status", "fig01", "--profile", "smoke", "--seeds", "0"]) == 0
    assert "2 of 2 networks" in (said := capsys.readouterr().out) and "nothing\n" in said


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["fig01", "--all"], "accepted: --all or names of figures."),
        (["fig01", "--publish", "--retrain"], "accepted: --retrain alone, and then --publish."),
        (["fig01", "--publish", "--dtype", "float32,fig99=float64"], "figure is 'fig99'"),
        (["fig01", "--publish", "--dtype", "fig01=float16"], "dtype is 'float16'"),
        (["fig01", "--publish", "--dtype", "fig01=float32,fig01=float64"], "names fig01 twice"),
        (["fig13", "fig14", "--publish", "--dtype", "fig13=float32"], "the record of cifar-N-tanh-n18-L3 in common"),
        (["fig01", "--publish", "--profile", "published"], "profile is 'published'"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(more, words, own_cache, capsys):
    assert main(["train", "--profile", "smoke", *more]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1 and words in told[0] and not own_cache.exists()
