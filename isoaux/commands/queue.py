"""Train, measure and publish what a plan lacks, piece by piece, until nothing is left or the time is up.

What is left follows from the published files and the store alone, so that a queue may be ended at any moment and goes
on where it was, and several may work on one store: a piece is done by who holds the lock of its network or file.
"""

import errno
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from isoaux.commands import plan
from isoaux.commands.pieces import Answer, Desk, Piece, serve
from isoaux.commands.plan import Part
from isoaux.common import cores, paths, transactions
from isoaux.common.processes import Crew, Done, Lost
from isoaux.common.work import bar
from isoaux.paper import Network, by_shape
from isoaux.training import data, engine
from isoaux.training.session import Outcome, Task
from isoaux.training.store import Entry
from isoaux.training.train import pick_device, refuse_read_only

AGAIN = 5.0
"""Seconds after which it is looked again whether another process is still at a piece."""

ATTENTIVE = 0.5
"""The most seconds until a signal, or the end of the budget, is heeded."""


class Board:
    """What is left of a plan, and which piece of it comes next.

    ``parts`` are those of the plan, ``checksums`` those of the images by source; ``folder`` is where files are
    published, ``root`` the folder of the store (None: the usual one). With ``together`` the networks of a shape are one
    piece, and only one such piece is given at a time, as a GPU trains. Only networks of ``shapes`` are trained and
    published, unless that is None.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        checksums: Mapping[str, str],
        folder: Path,
        *,
        root: Path | None = None,
        together: bool = False,
        shapes: Sequence[str] | None = None,
    ) -> None:
        self.writing = _to_write(parts, checksums, folder, shapes)
        measuring = (Piece("measure", piece.figure, (n,)) for piece in self.writing for n in piece.networks)
        self.measuring = list(dict.fromkeys(measuring))
        self.done: set[Piece] = set()
        self.outcomes: dict[Network, Outcome] = {}
        self.problems: dict[str, str] = {}
        self.notes: dict[str, str] = {}
        self._lost: set[Piece] = set()
        self._damaged: set[Piece] = set()
        self._together = together
        self._order = {part.figure.name: place for place, part in enumerate(parts)}
        sources = {part.figure.name: part.source for part in parts}
        self._figures: dict[Network, str] = {}
        for piece in self.measuring:
            self._figures.setdefault(piece.networks[0], piece.figure)
        self.entries = {n: Entry(n, checksums[sources[figure]], root) for n, figure in self._figures.items()}
        self.states: dict[Network, str] = {n: entry.state() for n, entry in self.entries.items()}
        self._begun: set[Piece] = set()
        self._held: dict[Piece, float] = {}

    def next(self, now: float) -> Piece | None:
        """The next piece, which is begun at the time ``now``; None where there is none until another one ends.

        What is trained is measured first, and what is measured written, so that little is unpublished.
        """
        at_work = {network for piece in self._begun if piece.kind in ("train", "measure") for network in piece.networks}
        for piece in self._ready():
            is_free = piece.kind not in ("train", "measure") or at_work.isdisjoint(piece.networks)
            if is_free and piece not in self._begun and self._held.get(piece, now) <= now:
                self._begun.add(piece)
                return piece
        return None

    @property
    def is_held(self) -> bool:
        """Whether another process is at a piece that could be begun."""
        return any(piece in self._held for piece in self._ready())

    @property
    def missing(self) -> list[Network]:
        """The networks that are not trained, and not known to fail."""
        return [network for network, state in self.states.items() if state not in ("complete", "failed")]

    @property
    def unpublished(self) -> list[Piece]:
        """The records and figure files that are not written."""
        return [piece for piece in self.writing if piece not in self.done]

    def _ready(self) -> Iterator[Piece]:
        ended = self.done | self._lost
        yield from (p for p in self.writing if p.networks and p not in ended and self._is_measured(p))
        yield from (p for p in self.measuring if p not in ended and self.states[p.networks[0]] == "complete")
        yield from self._to_train()

    def _is_measured(self, piece: Piece) -> bool:
        return all(
            self.states[network] == "failed" or Piece("measure", piece.figure, (network,)) in self.done
            for network in piece.networks
        )

    def _to_train(self) -> list[Piece]:
        """Trainings, and figures without networks, in the order of the plan."""
        missing = tuple(network for network, state in self.states.items() if state in ("absent", "partial"))
        groups: Sequence[tuple[Network, ...]] = [(network,) for network in missing]
        if self._together:
            groups = [] if any(piece.kind == "train" for piece in self._begun) else by_shape(missing)
        pieces = [Piece("train", self._figures[group[0]], group) for group in groups]
        pieces += [p for p in self.writing if not p.networks and p not in self.done | self._lost]
        return sorted(pieces, key=lambda piece: self._order[piece.figure])

    def ended(self, piece: Piece, answer: Answer, now: float) -> None:
        """Take in what came of a piece at the time ``now``. One that broke is not begun again."""
        self._begun.discard(piece)
        self._held.pop(piece, None)
        if answer.state == "held":
            self._held[piece] = now + AGAIN
            return
        if answer.state == "damaged" and piece not in self._damaged:
            self._damaged.add(piece)  # it is trained again, once
            self.states[piece.networks[0]] = "absent"
            return
        outcomes = answer.outcomes
        if piece.kind == "train" and answer.state == "broken":
            outcomes = tuple(Outcome(network, "broken", 0.0, answer.reason) for network in piece.networks)
        for outcome in outcomes:
            self.outcomes[outcome.network] = outcome
            self.states[outcome.network] = outcome.state
        if piece.kind != "train":
            (self.done if answer.state == "done" else self._lost).add(piece)
            if answer.reason:
                (self.notes if answer.state == "done" else self.problems)[piece.words] = answer.reason


def _to_write(
    parts: Sequence[Part], checksums: Mapping[str, str], folder: Path, shapes: Sequence[str] | None
) -> list[Piece]:
    """The records and figure files of a plan that are not published as they would be now, in its order.

    A configuration has one record, which is written with the first figure that has it.
    """
    pieces: list[Piece] = []
    recorded = set()
    for part in parts:
        name, checksum = part.figure.name, checksums.get(part.source, "")
        members = part.by_configuration
        chosen = {c: networks for c, networks in members.items() if shapes is None or c.shape in shapes}
        if part.figure.has_records:
            for configuration, networks in chosen.items():
                if configuration not in recorded and not plan.has_record(part, networks, checksum, folder):
                    pieces.append(Piece("record", name, networks))
                recorded.add(configuration)
        if part.figure.has_file and len(chosen) == len(members) and not plan.has_figure(part, checksum, folder):
            pieces.append(Piece("figure", name, part.networks))
    return pieces


def work(
    parts: Sequence[Part],
    folder: Path,
    *,
    device: str = "auto",
    jobs: int | None = None,
    budget: float | None = None,
    shapes: Sequence[str] | None = None,
    root: Path | None = None,
) -> Board:
    """Do what is left of a plan, and return what is left then.

    ``jobs`` processes with one thread each train and measure (default: one per core that this process may use); a GPU
    trains all networks of one shape at once, while the other processes measure. ``budget`` is in seconds. The places of
    the files that are written into ``folder`` are printed, without suffix.

    At SIGTERM or Ctrl-C the trainings stop at the end of their epoch, with a resume point, measurements at once; then
    KeyboardInterrupt is raised. A second one ends everything at once. A full disk ends the work in the same way, with
    OSError. Other errors are among the ``problems`` of what is returned. ValueError as
    :func:`isoaux.commands.plan.refuse_parting`.
    """
    place = pick_device(device)
    refuse_read_only(root or paths.cache())
    transactions.prepare(folder)
    deadline = None if budget is None else time.monotonic() + budget
    loaded = {source: data.load(source).checksum for part in parts if (source := part.source)}
    plan.refuse_parting(parts, folder)
    board = Board(parts, loaded, folder, root=root, together=place == "cuda", shapes=shapes)
    jobs = jobs or cores.allowed()
    if place == "cpu" and jobs > 1:
        for dtype in sorted({network.dtype for network in board.missing}):
            engine.compile_step(getattr(torch, dtype))
    task = Task(place, deadline, root, resume_every=0.0, patient=False)
    desk = Desk({part.figure.name: part for part in parts}, loaded, folder, task)
    total = sum(network.recipe.epochs for network in board.missing)
    before = sum(board.entries[network].epochs_done() for network in board.missing)
    with (
        _stoppable() as stopped,
        Crew[Piece](serve, (desk,), jobs) as crew,
        bar(total, f"{len(board.unpublished)} files to publish, training", "epoch", initial=before) as progress,
    ):
        full = _attend(board, crew, progress, deadline, stopped)
    if stopped():
        raise KeyboardInterrupt
    if full:
        raise OSError(f"the disk is full ({full}); make room, and the same command goes on.")
    return board


def _attend(board: Board, crew: Crew[Piece], progress: Any, deadline: float | None, stopped: Callable[[], bool]) -> str:
    """Give pieces to processes until none is left or the time is up; of a full disk what it says, else nothing."""
    full, spent, interrupted = "", False, False
    told: set[Path] = set()
    while True:
        now = time.monotonic()
        if not interrupted and stopped():
            interrupted = True
            crew.stop()
        elif not spent and (full or (deadline is not None and now >= deadline)):
            spent = True
            crew.stop(lambda piece: piece.kind != "train")  # trainings know of the deadline, and of the disk
        over = interrupted or spent
        while not over and not crew.is_full and (piece := board.next(now)):
            crew.give(piece)
        if not crew.at_work and (over or not board.is_held):
            return full
        if not crew.at_work:
            time.sleep(ATTENTIVE)  # another process is at all that is left
        for piece, message in crew.messages(ATTENTIVE):
            if isinstance(message, Done):
                answer: Answer = message.value
                for path in (path for path in answer.written if path not in told):
                    told.add(path)  # a figure's file is written with its records
                    progress.write(str(path), file=sys.stdout)
            elif isinstance(message, Lost):
                if over:
                    continue
                answer = Answer("broken", f"its process died ({message.cause})")
            else:
                name, epoch, loss = message
                progress.set_postfix_str(f"{name}, epoch {epoch}, loss {loss:.4g}", refresh=False)
                progress.update()
                continue
            board.ended(piece, answer, time.monotonic())
            _tell(progress, f"{len(board.done.intersection(board.measuring))} of {len(board.measuring)} measured")
            reasons = (answer.reason, *(outcome.reason for outcome in answer.outcomes))
            full = full or next((reason for reason in reasons if os.strerror(errno.ENOSPC) in reason), "")


def _tell(progress: Any, words: str) -> None:
    """Show words behind a progress bar, as often as it is shown at all, also where it does not move."""
    progress.set_postfix_str(words, refresh=False)
    if not progress.disable and time.time() - progress.last_print_t >= progress.mininterval:
        progress.refresh()
        progress.last_print_t = time.time()


@contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Context in which the first SIGTERM or Ctrl-C is only noted; gives a function that says whether it came."""
    heard = threading.Event()

    def hear(*_: object) -> None:
        if heard.is_set():
            raise KeyboardInterrupt
        heard.set()
        print("isoaux: stopping at the end of the running epochs.", file=sys.stderr)

    if threading.current_thread() is not threading.main_thread():
        yield heard.is_set
        return
    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield heard.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
