"""Tables of numbers in text and in .parquet files, block by block."""

import csv
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux.common.choices import shown, unknown
from isoaux.sources.limits import BLOCK
from isoaux.sources.parts import Held, Part

MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
"""Encodings by the bytes that mark them at the beginning of a file; others are UTF-8."""

CELLS = 200_000
"""Cells of a table in text that are read at a time."""

Numbers = NDArray[Any]

Line = tuple[int, str]
"""The number of a line, from 1, and its text."""


def text(path: Path, key: str | None) -> Iterator[Part]:
    """The rows of a table in text, in blocks.

    Cells are separated by tabs, else by semicolons, else by commas, else by blanks, whichever the first line has; with
    the first two, and with blanks, a comma in a number is its decimal mark. Lines that are blank or begin with ``#``
    are passed over. The first line is a head if no cell of it is a number or empty, or if it numbers the columns from
    0; in both cases its first cell may be empty. This, or one cell less than there are in rows, says that the first
    column is an index, which is left out.

    Raises ValueError, once the rows are read, for a cell that is no number, for rows of different lengths, and for a
    ``key``, since a table in text holds one array.
    """
    if key is not None:
        raise ValueError(f"key is {shown(key)}, and {path.name} holds one table without a name; accepted: no key.")
    return _blocks(path)


def _blocks(path: Path) -> Iterator[Part]:
    with path.open("rb") as file:
        start = file.read(3)
    encoding = next((name for mark, name in MARKS.items() if start.startswith(mark)), "utf-8")
    try:
        with path.open(encoding=encoding) as file:
            lines = ((at, line) for at, line in enumerate(file, 1) if line.strip() and not line.startswith("#"))
            yield from _table(path, lines)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name} is no text in {encoding}; accepted: a table in UTF-8 or UTF-16.") from error


def _table(path: Path, lines: Iterator[Line]) -> Iterator[Part]:
    top = list(islice(lines, 2))
    if not top:
        raise ValueError(f"{path.name} holds no line of numbers; accepted: a row for each sample.")
    first = top[0][1]
    separator = next((mark for mark in "\t;," if mark in first), None)
    head, width = [cell.strip() for cell in _cells(first, separator)], len(_cells(top[-1][1], separator))
    named = head[1:] if not head[0] else head
    is_head = named == [str(column) for column in range(len(named))] or all(
        cell and _number(cell, separator) is None for cell in named
    )
    index = is_head and (not head[0] or len(head) == width - 1)
    rows = top[is_head:]
    if not rows:
        raise ValueError(f"{path.name} holds no line of numbers; accepted: a row for each sample.")
    at_once = max(1, CELLS // max(1, width))
    while rows:
        block = _parsed(path, rows, separator, width, index)
        yield Held(path.name, block)
        rows = list(islice(lines, at_once))


def _cells(line: str, separator: str | None) -> list[str]:
    if separator is None:
        return [cell.strip('"') for cell in line.split()]
    return next(csv.reader([line.strip("\r\n")], delimiter=separator))


def _number(cell: str, separator: str | None) -> float | None:
    try:
        return float(cell if separator == "," else cell.replace(",", "."))
    except ValueError:
        return None


def _parsed(path: Path, rows: list[Line], separator: str | None, width: int, index: bool) -> Numbers:
    """The numbers of some lines, (lines, columns), without the index."""
    lines = (line if separator == "," else line.replace(",", ".") for _, line in rows)
    converters: Any = {0: lambda cell: 0.0} if index else None
    try:
        block: Numbers = np.loadtxt(lines, np.float64, None, separator, converters, quotechar='"', ndmin=2)
    except ValueError:
        block = np.empty((0, 0))
    if block.shape == (len(rows), width):
        return block[:, int(index) :]
    for at, line in rows:
        cells = _cells(line, separator)
        if len(cells) != width:
            raise ValueError(f"{path.name} has {len(cells)} cells in line {at} and {width} before; accepted: as many.")
        for column, cell in enumerate(cells):
            if _number(cell, separator) is None and not (index and column == 0):
                raise ValueError(
                    f"{path.name} holds {shown(cell)} in line {at}, column {column + 1}; accepted: numbers."
                )
    raise ValueError(f"{path.name} cannot be read from line {rows[0][0]} to {rows[-1][0]}; accepted: numbers.")


def parquet(path: Path, key: str | None) -> Iterator[Part]:
    """The rows of a .parquet file, in blocks: of all columns, or of the column of lists ``key``, a list for each row.

    Without a key it is the only column of lists if there is one. An index that pandas wrote is left out.

    Raises ValueError without pyarrow, for columns of other than numbers, and for a key that is no column of lists.
    """
    try:
        import pyarrow.parquet  # of no extra that measuring needs
    except ImportError as error:
        raise ValueError(
            f"source is {shown(str(path))}, which only pyarrow reads; accepted: an environment with pyarrow."
        ) from error
    arrow = pyarrow.types
    try:
        schema = pyarrow.parquet.read_schema(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise ValueError(f"source is {shown(str(path))}, which pyarrow cannot read; accepted: a whole file.") from error
    columns = [field for field in schema if not re.fullmatch(r"__index_level_\d+__", field.name)]
    tests = arrow.is_list, arrow.is_large_list, arrow.is_fixed_size_list
    lists = [field.name for field in columns if any(test(field.type) for test in tests)]
    if key is not None and key not in lists:
        raise unknown("key", key, lists or ["no key, since no column holds lists"])
    if key is None and len(lists) == 1:
        key = lists[0]
    if key is None:
        for field in columns:
            if not (arrow.is_floating(field.type) or arrow.is_integer(field.type) or arrow.is_boolean(field.type)):
                choice = f", or key with one of {', '.join(lists)}" if lists else ""
                raise ValueError(
                    f"{path.name} has the column {shown(field.name)} of {field.type}; accepted: columns of numbers"
                    f"{choice}."
                )
    names = [key] if key is not None else [field.name for field in columns]
    return _columns(pyarrow.parquet.ParquetFile, path, names, key is not None)


def _columns(opened: Any, path: Path, names: list[str], lists: bool) -> Iterator[Part]:
    with opened(path) as file:
        for batch in file.iter_batches(max(1, BLOCK // (8 * 4096)), columns=names):
            if lists:
                yield Held(f"{path.name}[{names[0]!r}]", _lists(batch.column(0), path.name, names[0]))
            else:
                columns = [batch.column(name).to_numpy(zero_copy_only=False) for name in names]
                yield Held(path.name, np.column_stack([column.astype(np.float64) for column in columns]))


def _lists(column: Any, file: str, name: str) -> Numbers:
    rows = list(column.to_numpy(zero_copy_only=False))
    lengths = {-1 if row is None else len(row) for row in rows}
    if len(lengths) != 1 or -1 in lengths:
        raise ValueError(
            f"{file} has lists of {min(lengths)} to {max(lengths)} numbers in the column {shown(name)}; accepted: "
            "lists of one length."
        )
    return np.stack(rows)
