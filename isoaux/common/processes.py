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


@contextmanager
def messages(
    serve: Callable[..., None], arguments: tuple[Any, ...], pieces: Iterable[Piece], workers: int
) -> Iterator[Iterator[tuple[Piece, Any]]]:
    """Context with an iterator over pairs of a piece and a message about it, as they come in from worker processes.

    ``serve(connection, *arguments)`` runs in each of ``workers`` spawned processes: it receives one of the ``pieces``
    after the other and sends any number of messages about it, the last one :class:`Done`; EOFError or OSError at its
    connection mean that the process that started it is gone. A piece whose process died has a last message
    :class:`Lost`, and another process takes over. On leaving the context all processes are ended at once.
    """
    with closing(_messages(serve, arguments, list(pieces), workers)) as pairs:
        yield pairs


def _messages(
    serve: Callable[..., None], arguments: tuple[Any, ...], pieces: list[Piece], workers: int
) -> Generator[tuple[Piece, Any]]:
    waiting = pieces[::-1]
    spawned = multiprocessing.get_context("spawn")
    busy: dict[Connection, _Worker[Piece]] = {}
    idle: list[SpawnProcess] = []

    def employ() -> Connection:
        here, there = spawned.Pipe()
        process = spawned.Process(target=_begin, args=(serve, there, *arguments), daemon=True)
        process.start()
        there.close()  # so that the end of the process is the end of the pipe
        busy[here] = _Worker(process, [])
        return here

    def occupy(connection: Connection) -> None:
        if not waiting:
            idle.append(busy.pop(connection).process)
            connection.close()  # which ends the process
            return
        busy[connection].pieces = [waiting.pop()]
        with suppress(BrokenPipeError, ConnectionResetError):  # it has died, which the next recv() reports
            connection.send(busy[connection].pieces[0])

    try:
        for connection in [employ() for _ in range(min(workers, len(waiting)))]:  # all start before any is waited for
            occupy(connection)
        while busy:
            ready = wait(list(busy))
            for connection in [c for c in busy if c in ready]:
                (piece,) = busy[connection].pieces
                try:
                    message = connection.recv()
                except (EOFError, OSError):  # also in the middle of a message
                    process = busy.pop(connection).process
                    process.join()
                    if waiting:
                        occupy(employ())
                    yield piece, Lost(_cause(process.exitcode))
                    continue
                if isinstance(message, Done):
                    occupy(connection)
                yield piece, message
    finally:
        for worker in busy.values():
            worker.process.terminate()
        for process in (*idle, *(worker.process for worker in busy.values())):
            process.join()


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
