"""Tables and sentences that a notebook shows as Markdown and a terminal as text.

Words may have markup (emphasis, formulas, code, lists) but never HTML: what would begin a tag is shown as it is. Text
of others, like the name of a data set, has no markup either: it goes through :func:`isoaux.common.foreign.literal`.
What ``print`` writes is ASCII, since a terminal's encoding may lack other signs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from isoaux.common.foreign import plain

SIGNS = str.maketrans(
    {
        "≤": "<=", "≥": ">=", "±": "+-", "×": "x", "÷": "/", "–": "-", "−": "-", "→": "->", "°": " degrees",
        "⁴": "^4", "ε": "epsilon", "π": "pi", "θ": "theta",
        "…": "...", "●": "+", "◐": "~", "○": "o", "◌": "=", "∅": "0", "✕": "x",
        "†": "*", "·": "|",
    }
)  # fmt: skip
"""Signs that tables and sentences use, each with its replacement in ASCII."""


def in_ascii(words: str) -> str:
    """Words in ASCII: signs are replaced by :data:`SIGNS`, other characters become escapes like ``\\xe9``."""
    return words.translate(SIGNS).encode("ascii", "backslashreplace").decode()


@dataclass(frozen=True)
class Table:
    """Rows of text under the names of their columns, ``head``; Markdown in a notebook, aligned text elsewhere."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __repr__(self) -> str:
        return _aligned(self._cells())

    def __str__(self) -> str:
        return _aligned([[in_ascii(cell) for cell in row] for row in self._cells()])

    def _cells(self) -> list[list[str]]:
        """The text of every cell in one line, the head first."""
        return [[plain(" ".join(cell.splitlines())) for cell in row] for row in (self.head, *self.rows)]

    def _repr_markdown_(self) -> str:
        lines = [self.head, ("---",) * len(self.head), *self.rows]
        return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


@dataclass(frozen=True)
class Text:
    """Sentences with markup; Markdown in a notebook, plain text elsewhere."""

    words: str

    def __repr__(self) -> str:
        return plain(self.words)

    def __str__(self) -> str:
        return in_ascii(plain(self.words))

    def _repr_markdown_(self) -> str:
        return _without_html(self.words)


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def _without_html(markdown: str) -> str:
    """Markdown without tags, comments or declarations of HTML and without addresses in angle brackets."""
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", markdown)


def _cell(words: str) -> str:
    """A cell of a Markdown table: one line, with escaped bars."""
    return re.sub(r"(?<!\\)\|", r"\\|", _without_html(" ".join(words.splitlines())))


def listed(words: Sequence[str]) -> str:
    """Words as an enumeration: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
