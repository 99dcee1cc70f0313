"""How many rows are taken of a source, and of how many bytes of a file at a time."""

BYTES = 2**28
"""By default so many bytes are taken, ..."""

ROWS = 2**20
"""... and at most so many rows."""

BLOCK = 2**25
"""Bytes of a file that are in memory at a time, besides the rows that are taken."""


def most_rows(width: int, itemsize: int = 4) -> int:
    """The number of rows of ``width`` numbers, each of ``itemsize`` bytes, that are taken by default."""
    return max(1, min(ROWS, BYTES // (width * itemsize)))
