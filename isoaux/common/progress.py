"""Long work says on the standard error stream how long it will take, and how far it is."""

import sys
import time
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import TypeVar

Item = TypeVar("Item")

LONG = 10.0
"""Seconds: of what would take less, nothing is said."""

WATCHED = 0.5
"""Seconds that are watched for an estimate, ..."""

BEFORE = 2
"""... after so many items, which may take longer than others: they fill caches and make what all share."""

EVERY = 30.0
"""Seconds between two lines where tqdm is not installed, or the stream is no terminal."""


def tracked(items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
    """The same items; if all ``total`` of them would take more than :data:`LONG` seconds, progress is written.

    An estimate in a sentence comes first, then a bar of tqdm where that is installed, and else a line now and then.
    ``what`` names the items. Nothing is written on the standard output stream.
    """
    started, bar, count = 0.0, None, 0
    for count, item in enumerate(items):
        if count <= BEFORE:
            started = time.perf_counter()
        elif bar is None and (elapsed := time.perf_counter() - started) > WATCHED:
            estimate = elapsed / (count - BEFORE) * total
            bar = _Bar(total, what, estimate) if estimate > LONG else _Silent()
        if bar is not None:
            bar.update(count)
        yield item
    if bar is not None:
        bar.close(count + 1)


def duration(seconds: float) -> str:
    """A time in words, to a second below two minutes and to a minute above."""
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"


class _Silent:
    def update(self, count: int) -> None:
        """Nothing."""

    def close(self, count: int) -> None:
        """Nothing."""


class _Bar(_Silent):
    def __init__(self, total: int, what: str, estimate: float) -> None:
        print(f"isoaux: {total:,} {what} will take about {duration(estimate)}.", file=sys.stderr)
        self.total, self.what, self.last = total, what, time.perf_counter()
        self.bar = None
        if find_spec("tqdm") is not None and sys.stderr.isatty():
            tqdm = import_module("tqdm").tqdm
            self.bar = tqdm(total=total, desc=what, file=sys.stderr, dynamic_ncols=True, leave=False)

    def update(self, count: int) -> None:
        if self.bar is not None:
            self.bar.update(count - self.bar.n)
        elif (now := time.perf_counter()) - self.last > EVERY:
            self.last = now
            print(f"isoaux: {count:,} of {self.total:,} {self.what}", file=sys.stderr)

    def close(self, count: int) -> None:
        if self.bar is not None:
            self.bar.update(count - self.bar.n)
            self.bar.close()
