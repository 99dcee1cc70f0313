"""The rows that were taken of a source, with where they come from and what was left out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from isoaux.common import foreign
from isoaux.common.arrays import Floats
from isoaux.common.choices import shown
from isoaux.common.numbers import counted
from isoaux.common.tables import in_ascii

WORDS = 2**20
"""Numbers whose words are mixed at a time."""


@dataclass(frozen=True, eq=False, repr=False)
class Sample:
    """Activations ``rows`` (N, n) that :func:`isoaux.open` or :func:`isoaux.capture` took, which reads as an array.

    ``source`` (a file's name, or a type), ``key`` (None for an array without a name) and ``layout`` say where they come
    from; ``stored_shape`` and ``stored_dtype`` are those of the source's array, of the first where there were several
    parts. ``total`` is the number of rows that there were, of which a mask hid ``masked``; of the others ``drawn`` were
    taken, at random with ``seed`` if they are fewer, and ``not_finite`` of these dropped for a number that is not
    finite. Of the N rows that are left, ``zeros`` are zero and ``equal`` equal an earlier one.
    """

    rows: Floats
    source: str
    key: str | None
    layout: str
    stored_shape: tuple[int, ...]
    stored_dtype: str
    total: int
    masked: int
    drawn: int
    not_finite: int
    zeros: int
    equal: int
    seed: Any

    @property
    def shape(self) -> tuple[int, int]:
        """(N, n)."""
        return self.rows.shape[0], self.rows.shape[1]

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64."""
        return self.rows.dtype

    @property
    def facts(self) -> dict[str, Any]:
        """Everything but the rows, as plain data."""
        names = ("source", "key", "layout", "stored_dtype", "total", "masked", "drawn", "not_finite", "zeros", "equal")
        seed = [int(each) for each in np.ravel(self.seed)]
        return {name: getattr(self, name) for name in names} | {
            "stored_shape": list(self.stored_shape),
            "shape": list(self.shape),
            "seed": seed[0] if len(seed) == 1 else seed,
        }

    @property
    def note(self) -> str:
        """One sentence in ASCII: where the rows come from, how many were drawn, and what was left out."""
        where = self.source + (f", {self.key}" if self.key else "")
        shape = " x ".join(f"{size:,}" for size in self.stored_shape)
        open_to_draw = self.total - self.masked
        drawn = (
            f"{self.drawn:,} of {counted(open_to_draw, 'row')}, drawn with seed {shown(self.seed)}"
            if self.drawn < open_to_draw
            else ""
        )
        parts = [drawn or f"all {counted(open_to_draw, 'row')}"]
        if self.masked:
            parts.append(f"{self.masked:,} more are hidden by a mask")
        if self.not_finite:
            parts.append(f"{counted(self.not_finite, 'row')} left out for numbers that are not finite")
        if self.zeros or self.equal:
            parts.append(f"of these {self.zeros:,} are zero and {self.equal:,} equal an earlier one")
        about = f"{self.stored_dtype}, {shape}, {self.layout}"
        return in_ascii(f"Taken from {foreign.short(where)} ({about}): {'; '.join(parts)}.")

    def __len__(self) -> int:
        return len(self.rows)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.rows, dtype=dtype, copy=copy)

    def __getitem__(self, places: Any) -> Any:
        return self.rows[places]

    def __iter__(self) -> Iterator[Floats]:
        return iter(self.rows)

    def __repr__(self) -> str:
        return f"{counted(len(self), 'row')} of {self.shape[1]:,} neurons, {self.dtype}. {self.note}"


def counts(rows: Floats) -> tuple[int, int]:
    """How many finite rows (N, n) are zero, and how many equal an earlier one; -0 equals 0."""
    return int(np.count_nonzero(~rows.any(axis=1))), _equal(rows)


def _equal(rows: Floats) -> int:
    """The number of rows that equal an earlier one: neighbours in the order of a sum of their words.

    The words of a row, 32 bits each, times random numbers add up to one of 64 bits: rows that differ have the same with
    a probability of at most 2^-33, and are compared themselves.
    """
    count, n = rows.shape
    factors = np.random.default_rng(0).integers(0, 2**64, n * rows.itemsize // 4, dtype=np.uint64)
    sums = np.empty(count, dtype=np.uint64)
    at_once = max(1, WORDS // n)
    for start in range(0, count, at_once):
        block = np.ascontiguousarray(rows[start : start + at_once]) + 0.0  # -0 becomes 0
        sums[start : start + at_once] = (block.view(np.uint32) * factors).sum(axis=1, dtype=np.uint64)
    order = np.argsort(sums)
    same = np.flatnonzero(sums[order[1:]] == sums[order[:-1]])
    equal = 0
    for start in range(0, len(same), at_once):
        here = same[start : start + at_once]
        equal += int(np.count_nonzero((rows[order[here]] == rows[order[here + 1]]).all(axis=1)))
    return equal


def finished(
    rows: Floats,
    name: str,
    source: str,
    key: str | None,
    layout: str,
    stored_shape: tuple[int, ...],
    stored_dtype: str,
    total: int,
    masked: int,
    seed: Any,
) -> Sample:
    """The sample of ``rows`` (k, n) that were drawn: without those that are not finite, and with everything counted.

    The other parameters are those of :class:`Sample`; ``name`` is what errors call the source. Raises ValueError where
    no row is left.
    """
    finite = np.concatenate([np.isfinite(block).all(axis=1) for block in _blocks(rows)] or [np.ones(0, dtype=bool)])
    kept = rows if finite.all() else rows[finite]
    if not len(kept):
        hidden = f", of which a mask hides {masked:,}" if masked else ""
        broken = f", of which {len(rows):,} were drawn that all have numbers that are not finite" if len(rows) else ""
        raise ValueError(f"{name} has {counted(total, 'row')}{hidden}{broken}; accepted: at least one row of numbers.")
    zeros, equal = counts(kept)
    return Sample(
        kept, source, key, layout, stored_shape, stored_dtype, total, masked, len(rows), len(rows) - len(kept),
        zeros, equal, seed,
    )  # fmt: skip


def _blocks(rows: Floats) -> Iterator[Floats]:
    at_once = max(1, WORDS // rows.shape[1])
    return (rows[start : start + at_once] for start in range(0, len(rows), at_once))
