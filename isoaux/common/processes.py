"""Worker processes of this machine that receive pieces of work one by one, each over a pipe of its own.

Nothing is shared between them, so if one dies only its piece is lost, and all can be ended at any moment. They end
with the process that started them, however that one ends.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Generic, TypeVar

Piece = TypeVar("Piece")


@dataclass(frozen=True)
class Done:
    """The last message about a piece; ``value`` is what the work returned."""

    value: Any


@dataclass(frozen=True)
class Lost:
    """The last message about a piece whose process died; ``cause`` is its signal or exit status in words."""

    cause: str


@dataclass
class _Worker(Generic[Piece]):
    process: SpawnProcess
    pieces: list[Piece]
    """The one piece that it works on, or none."""


class Crew(Generic[Piece]):
    """Worker processes to which pieces of work are given one by one; a context, at whose end all of them are ended.

    ``serve(connection, *arguments)`` runs in each of at most ``size`` spawned processes: it receives one piece after
    the other and sends any number of messages about it, the last one :class:`Done`; EOFError or OSError at its
    connection mean that the process that started it is gone. A process is started where a piece is given and none is
    idle. A piece whose process died has a last message :class:`Lost`.
    """

    def __init__(self, serve: Callable[..., None], arguments: tuple[Any, ...], size: int) -> None:
        self._serve, self._arguments, self.size = serve, arguments, size
        self._context = multiprocessing.get_context("spawn")
        self._busy: dict[Connection, _Worker[Piece]] = {}
        self._idle: dict[Connection, _Worker[Piece]] = {}
        self._ended: list[SpawnProcess] = []

    def __enter__(self) -> "Crew[Piece]":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        for worker in (*self._busy.values(), *self._idle.values()):
            self._ended.append(worker.process)
        for process in self._ended:
            process.join()

    @property
    def at_work(self) -> list[Piece]:
        """The pieces that processes are working on."""
        return [piece for worker in self._busy.values() for piece in worker.pieces]

    @property
    def is_full(self) -> bool:
        """Whether every process has a piece."""
        return len(self._busy) >= self.size

    def start(self, count: int) -> None:
        """Start processes until there are ``count``, at most ``size``, so that all start before any is waited for."""
        for connection in [each for each, worker in self._idle.items() if not worker.process.is_alive()]:
            self._ended.append(self._idle.pop(connection).process)
            connection.close()
        while len(self._busy) + len(self._idle) < min(count, self.size):
            here, there = self._context.Pipe()
            process = self._context.Process(target=_begin, args=(self._serve, there, *self._arguments), daemon=True)
            process.start()
            there.close()  # so that the end of the process is the end of the pipe
            self._idle[here] = _Worker(process, [])

    def give(self, piece: Piece) -> None:
        """Give a piece to a process; one of them has to be free."""
        self.start(len(self._busy) + 1)
        connection, worker = next(iter(self._idle.items()))
        self._busy[connection] = self._idle.pop(connection)
        worker.pieces = [piece]
        with suppress(BrokenPipeError, ConnectionResetError):  # it has died, which the next recv() reports
            connection.send(piece)

    def messages(self, timeout: float | None = None) -> Iterator[tuple[Piece, Any]]:
        """Pairs of a piece and a message about it, of the processes that have one now; waits for the first.

        None after ``timeout`` seconds without any, or where no process has a piece.
        """
        ready = wait(list(self._busy), timeout) if self._busy else []
        for connection in [each for each in self._busy if each in ready]:
            (piece,) = self._busy[connection].pieces
            try:
                message = connection.recv()
            except (EOFError, OSError):  # also in the middle of a message
                process = self._busy.pop(connection).process
                process.join()
                yield piece, Lost(_cause(process.exitcode))
                continue
            if isinstance(message, Done):
                self._idle[connection] = self._busy.pop(connection)
                self._idle[connection].pieces = []
            yield piece, message

    def dismiss(self) -> None:
        """Let the idle processes end."""
        for connection, worker in self._idle.items():
            connection.close()  # which ends the process
            self._ended.append(worker.process)
        self._idle = {}

    def stop(self, which: Callable[[Piece], bool] = lambda _: True) -> None:
        """Send the signal SIGTERM to the idle processes, and to those whose piece is one of these."""
        self.dismiss()
        for worker in self._busy.values():
            if all(map(which, worker.pieces)):
                worker.process.terminate()


@contextmanager
def messages(
    serve: Callable[..., None], arguments: tuple[Any, ...], pieces: Iterable[Piece], workers: int
) -> Iterator[Iterator[tuple[Piece, Any]]]:
    """Context with an iterator over pairs of a piece and a message about it, as they come in from worker processes.

    ``serve`` and ``arguments`` are those of a :class:`Crew` of ``workers`` processes, which gets the ``pieces`` in
    their order. On leaving the context all processes are ended at once.
    """
    with Crew[Piece](serve, arguments, workers) as crew, closing(_messages(crew, list(pieces))) as pairs:
        yield pairs


def _messages(crew: Crew[Piece], pieces: list[Piece]) -> Generator[tuple[Piece, Any]]:
    waiting = pieces[::-1]

    def occupy() -> None:
        while waiting and not crew.is_full:
            crew.give(waiting.pop())
        if not waiting:
            crew.dismiss()

    crew.start(len(waiting))
    occupy()
    while crew.at_work:
        for piece, message in crew.messages():
            occupy()
            yield piece, message


def _cause(code: int | None) -> str:
    return f"signal {signal.Signals(-code).name}" if code and code < 0 else f"exit status {code}"


def _begin(serve: Callable[..., None], connection: Connection, *arguments: Any) -> None:
    """Run ``serve`` in a new process, which leaves Ctrl-C to its parent and ends when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # which a script that is imported here may have changed
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        serve(connection, *arguments)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
