"""Independent pieces of work over processes of this machine, with a progress bar."""

import multiprocessing
import os
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from tqdm import tqdm

from isoaux.common import cores, processes
from isoaux.common.processes import Done, Lost

Piece = TypeVar("Piece")
Made = TypeVar("Made")


class Elsewhere(Exception):
    """The traceback of an exception in another process; the ``__cause__`` of the one that is raised here."""


@dataclass(frozen=True)
class _Raised:
    error: Exception
    traceback: str


def each(work: Callable[[Piece], Made], pieces: Iterable[Piece], unit: str, workers: int | None = None) -> list[Made]:
    """The list of ``work(piece)`` for every piece, in their order, with a progress bar that counts them as ``unit``.

    ``workers`` processes do it, by default one per core that this process may use. One worker is this process itself;
    more are spawned, for which ``work`` and the pieces have to be picklable. An interruption or an exception in a piece
    ends all of them at once, and waiting pieces are not begun.

    Raises what ``work`` raises, and RuntimeError if a process dies.
    """
    waiting = list(pieces)
    workers = min(workers or cores.allowed(), len(waiting))
    made: dict[int, Made] = {}
    with bar(len(waiting), f"measuring {len(waiting)} {unit}s", unit) as progress:
        if workers <= 1:
            for place, piece in enumerate(waiting):
                made[place] = work(piece)
                progress.update()
        else:
            with processes.messages(_serve, (work,), enumerate(waiting), workers) as messages:
                for (place, _), message in messages:
                    if isinstance(message, Lost):
                        raise RuntimeError(
                            f"a process that measured {unit}s died ({message.cause}), as it does where memory "
                            "runs out; fewer jobs need less."
                        )
                    if isinstance(message, _Raised):
                        raise message.error from Elsewhere(message.traceback)
                    made[place] = message.value
                    progress.update()
    return [made[place] for place in range(len(waiting))]


def _serve(parent: Connection, work: Callable[[Piece], Made]) -> None:
    """Send the parent what ``work`` returns for every piece that it sends, or the exception."""
    while True:
        _, piece = parent.recv()
        message: Done | _Raised
        try:
            message = Done(work(piece))
        except Exception as error:
            message = _Raised(error, f"\n{traceback.format_exc()}")
        try:
            parent.send(message)
        except OSError:
            raise
        except Exception as error:  # it cannot be pickled
            failed = message.error if isinstance(message, _Raised) else error
            parent.send(_Raised(RuntimeError(f"{type(failed).__name__}: {failed}"), traceback.format_exc()))


def bar(total: float | None, description: str, unit: str, **options: Any) -> tqdm:
    """A tqdm bar up to ``total``; in batch runs (``ISOAUX_BATCH`` set, or no terminal) it prints a line every 30 s.

    ``options`` are passed to tqdm. A worker process shows none: its parent tells of its progress.
    """
    batch = bool(os.environ.get("ISOAUX_BATCH")) or not sys.stderr.isatty()
    return tqdm(
        total=total,
        desc=description,
        unit=unit,
        mininterval=30 if batch else 0.5,
        dynamic_ncols=not batch,
        disable=multiprocessing.parent_process() is not None,
        **options,
    )
