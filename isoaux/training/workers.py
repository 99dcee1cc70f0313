"""Training by several processes of one thread each, to which groups of networks are given one by one.

Of a process that dies only the group that it was training is lost; an interruption ends all processes at once, and
what they have saved is kept.
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
    """Outcomes, as they come in, of groups that are trained by so many processes (``workers``).

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
    """Send the outcomes of the groups that the parent sends, and the reports in between."""
    torch.set_num_threads(1)
    store.commit()  # the code that trains is the code that was loaded, not what the checkout becomes
    images = None
    while True:
        group = parent.recv()
        try:
            images = images or data.reload(source, checksum)
            outcomes = train_group(group, images, task, lambda *progress: parent.send(progress))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise
        except Exception as error:  # any error is reported, and the other groups go on
            traceback.print_exc()
            outcomes = ended("broken", group, str(error))
        parent.send(Done(outcomes))
