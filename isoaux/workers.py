"""Processes with one thread each that share out groups of networks, and outlive each other.

A worker that dies takes the group that it was training with it and no other; an interruption ends all of them at
once, and what they had saved is kept.
"""

import multiprocessing
import signal
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

import torch

from isoaux import data, store
from isoaux.data import Images
from isoaux.group import Outcome, Report, Task, ended, train_group
from isoaux.paper import Network

Group = tuple[Network, ...]


@dataclass
class _Worker:
    process: SpawnProcess
    group: Group


def share(groups: Sequence[Group], images: Images, task: Task, workers: int, report: Report) -> list[Outcome]:
    """Train every group in one of so many processes; the outcomes as they come in.

    The networks of a process that dies are ``broken``; another process takes its place.
    """
    waiting = list(reversed(groups))
    busy: dict[Connection, _Worker] = {}
    idle: list[SpawnProcess] = []
    outcomes: list[Outcome] = []

    def employ() -> None:
        here, there = multiprocessing.get_context("spawn").Pipe()
        process = multiprocessing.get_context("spawn").Process(
            target=_serve, args=(there, images.source, images.checksum, task), daemon=True
        )
        process.start()
        there.close()  # so that the end of the process is the end of the pipe
        busy[here] = _Worker(process, ())
        occupy(here)

    def occupy(connection: Connection) -> None:
        if not waiting:
            idle.append(busy.pop(connection).process)
            connection.close()  # which ends the process
            return
        busy[connection].group = waiting.pop()
        with suppress(BrokenPipeError, ConnectionResetError):  # it has died: the next look at it will tell
            connection.send(busy[connection].group)

    try:
        for _ in range(min(workers, len(groups))):
            employ()
        while busy:
            ready = wait(list(busy))
            for connection in [c for c in busy if c in ready]:
                try:
                    message = connection.recv()
                except (EOFError, ConnectionResetError):
                    lost = busy.pop(connection)
                    lost.process.join()
                    outcomes += ended("broken", lost.group, f"its process died ({_how(lost.process.exitcode)})")
                    if waiting:
                        employ()
                    continue
                if isinstance(message, list):
                    outcomes += message
                    occupy(connection)
                else:
                    report(*message)
    finally:
        for worker in busy.values():
            worker.process.terminate()
        for process in (*idle, *(worker.process for worker in busy.values())):
            process.join()
    return outcomes


def _how(code: int | None) -> str:
    return f"signal {signal.Signals(-code).name}" if code and code < 0 else f"exit status {code}"


def _serve(parent: Any, source: str, checksum: str, task: Task) -> None:
    """Train what the parent sends, group by group; ends when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's to handle
    torch.set_num_threads(1)
    store.commit()  # the code that trains is the code that was loaded, not what the checkout becomes
    images = None
    while True:
        try:
            group = parent.recv()
            try:
                images = images or data.again(source, checksum)
                outcomes = train_group(group, images, task, lambda *told: parent.send(told))
            except (EOFError, BrokenPipeError, ConnectionResetError):
                raise
            except Exception as error:  # whatever it is, it is told, and the other groups go on
                traceback.print_exc()
                outcomes = ended("broken", group, str(error))
            parent.send(outcomes)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return
