"""Columns of numbers: aligned on the right, on one line, with the sign of minus; wide tables may leave the column."""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

WORDS = {
    "to",
    "of",
    "at",
    "least",
    "most",
    "times",
    "e",
    "p",
    "k",
    "s",
    "ms",
    "min",
    "h",
    "kB",
    "MB",
    "GB",
    "nan",
    "open",
    "none",
}
"""Words that a cell may have beside its numbers."""

LONGEST = 34
"""Characters of a cell that stays on one line."""


def is_number(text: str) -> bool:
    """Whether a cell holds numbers, with signs, units and the words of a range."""
    words = re.findall(r"[A-Za-z]+", text)
    return bool(re.search(r"\d", text)) and set(words) <= WORDS and len(text) <= LONGEST and "_" not in text


def align(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Mark the cells of every column that holds numbers and nothing else."""
    for table in doctree.findall(nodes.table):
        rows = [[cell for cell in row if isinstance(cell, nodes.entry)] for row in table.findall(nodes.row)]
        body = [row for row in rows if isinstance(row[0].parent.parent, nodes.tbody)] if rows else []
        if not body or any(len(row) != len(body[0]) for row in rows):
            continue
        for column in range(len(body[0])):
            cells = [row[column] for row in body]
            texts = [text for cell in cells if (text := cell.astext().strip()).strip("-–—, ")]
            if not texts or not all(map(is_number, texts)):
                continue
            for row in rows:
                row[column]["classes"].append("number")
            for cell in cells:
                for text in list(cell.findall(nodes.Text)):
                    text.parent.replace(text, nodes.Text(re.sub(r"(?<![\w.)])-(?=\d)", "−", text)))


def setup(app: Sphinx) -> dict[str, Any]:
    """Align columns when the tables of a page are complete."""
    app.connect("doctree-resolved", align)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
