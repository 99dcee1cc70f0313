"""Worker processes for tests: forked from one that has imported the slow parts, not started from nothing each time.

What a worker does is the same; that it can be started from nothing is tested where the library is run as a program.
"""

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from typing import Any

PRELOADED = ["isoaux.training.train", "pytest", "hypothesis.extra.numpy"]


class Forked(ForkServerContext):
    """Stands in for the context ``spawn``: processes see the variables of the process that starts them."""

    def Process(self, *, target: Callable[..., object], args: tuple[Any, ...] = (), **options: Any) -> BaseProcess:  # type: ignore[override]
        return super().Process(target=_here, args=(dict(os.environ), target, *args), **options)


def _here(variables: dict[str, str], target: Callable[..., object], *arguments: Any) -> None:
    os.environ.clear()
    os.environ.update(variables)
    target(*arguments)


def stand_in() -> Callable[..., Any]:
    """What takes the place of ``multiprocessing.get_context``; the same as before where nothing can be forked."""
    given = multiprocessing.get_context
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return given
    return lambda method=None: Forked() if method == "spawn" else given(method)
