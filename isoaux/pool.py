"""Independent pieces of work over processes of this machine, with a progress bar."""

import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from isoaux.progress import bar

Piece = TypeVar("Piece")
Made = TypeVar("Made")


def each(work: Callable[[Piece], Made], pieces: Iterable[Piece], unit: str, workers: int | None = None) -> list[Made]:
    """``work`` of every piece, in their order.

    One worker (default: one per core) is this process; more are spawned, for which ``work`` and the pieces have to
    be picklable. ``unit`` is what the progress bar counts.
    """
    waiting = list(pieces)
    workers = min(workers or os.cpu_count() or 1, len(waiting))
    made: list[Made] = []
    with bar(len(waiting), f"measuring {len(waiting)} {unit}s", unit) as progress:
        if workers <= 1:
            for piece in waiting:
                made.append(work(piece))
                progress.update()
            return made
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as processes:
            for task in [processes.submit(work, piece) for piece in waiting]:
                made.append(task.result())
                progress.update()
    return made
