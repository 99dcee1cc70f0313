"""A sample of rows that pass by one batch after the other, in constant memory: every row is kept with equal chance."""

from collections.abc import Callable
from typing import Any

import numpy as np

from isoaux.common.arrays import Floats, Integers


class Reservoir:
    """A uniform sample without replacement of all rows that were added, ``size`` of them or all if they are fewer.

    Algorithm R (Vitter 1985), a batch at a time: row i, counted from 0, draws a whole number j from 0 to i, and takes
    the place j if that is below ``size``. The sample does not depend on how rows are divided into batches.
    """

    def __init__(self, size: int, seed: Any = 0) -> None:
        self.size = size
        self.seen = 0
        self._random = np.random.default_rng(seed)
        self._rows: Floats = np.empty((0, 0), dtype=np.float32)
        self._places: Integers = np.empty(0, dtype=np.int64)

    @property
    def width(self) -> int:
        """The number of neurons, 0 before the first batch."""
        return self._rows.shape[1]

    def add(self, count: int, width: int, rows: Callable[[Integers], Floats]) -> None:
        """Take part of ``count`` rows of ``width`` neurons: ``rows(places)`` gives those at some places (k, width)."""
        kept, slots = self._chosen(count)
        if len(kept):
            values = rows(kept)
            if values.dtype != self._rows.dtype:
                both = np.result_type(values, self._rows) if len(self._places) else values.dtype
                self._rows = self._rows.astype(both)
            self._grow(int(slots.max()) + 1, width)
            self._rows[slots], self._places[slots] = values, self.seen + kept
        self.seen += count

    def drawn(self) -> Floats:
        """The rows that are kept, (k, n), in the order in which they came."""
        taken = min(self.seen, self.size)
        return self._rows[:taken][np.argsort(self._places[:taken])]

    def _chosen(self, count: int) -> tuple[Integers, Integers]:
        """The places in the batch that are kept, and the slot of each; where two have one slot, the later is left."""
        slots = self._random.integers(np.arange(self.seen, self.seen + count, dtype=np.int64) + 1)
        first = max(0, min(count, self.size - self.seen))
        slots[:first] = np.arange(self.seen, self.seen + first)
        kept = np.flatnonzero(slots < self.size)[::-1]
        slots, last = np.unique(slots[kept], return_index=True)
        return kept[last], slots

    def _grow(self, needed: int, width: int) -> None:
        if needed <= len(self._rows):
            return
        length = min(max(needed, 2 * len(self._rows)), self.size)
        rows = np.empty((length, width), dtype=self._rows.dtype)
        places = np.zeros(length, dtype=np.int64)
        rows[: len(self._rows)] = self._rows.reshape(len(self._rows), width)
        places[: len(self._places)] = self._places
        self._rows, self._places = rows, places
