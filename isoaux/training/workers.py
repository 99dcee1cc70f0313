"""Processes with one thread each that share out groups of networks, and outlive each other.

A worker that dies takes the group that it was training with it and no other; an interruption ends all of them at
once, and what they had saved is kept.
"""

import traceback
from collections.abc import Sequence
from multiprocessing.connection import Connection

import torch

from isoaux.common import processes
from isoaux.common.processes import Done, Lost
from isoaux.paper import Network
from isoaux.training import data, engine, store
from isoaux.training.data import Images
from isoaux.training.session import Outcome, Report, Task, ended, train_group

Group = tuple[Network, ...]


def share(groups: Sequence[Group], images: Images, task: Task, workers: int, report: Report) -> list[Outcome]:
    """Train every group in one of so many processes; the outcomes as they come in.

    The networks of a process that dies are ``broken``; another process takes its place.
    """
    outcomes: list[Outcome] = []
    if task.device == "cpu" and workers > 1:
        for dtype in sorted({network.dtype for group in groups for network in group}):
            engine.compile_step(getattr(torch, dtype))
    with processes.messages(_serve, (images.source, images.checksum, task), groups, workers) as messages:
        for group, message in messages:
            if isinstance(message, Lost):
                outcomes += ended("broken", group, f"its process died ({message.cause})")
            elif isinstance(message, Done):
                outcomes += message.value
            else:
                report(*message)
    return outcomes


def _serve(parent: Connection, source: str, checksum: str, task: Task) -> None:
    """Train what the parent sends, group by group."""
    torch.set_num_threads(1)
    store.commit()  # the code that trains is the code that was loaded, not what the checkout becomes
    images = None
    while True:
        group = parent.recv()
        try:
            images = images or data.again(source, checksum)
            outcomes = train_group(group, images, task, lambda *progress: parent.send(progress))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise
        except Exception as error:  # whatever it is, it is told, and the other groups go on
            traceback.print_exc()
            outcomes = ended("broken", group, str(error))
        parent.send(Done(outcomes))
