"""What code says in words: tables and sentences that a notebook shows as Markdown and a terminal as text.

What ``print`` writes is ASCII, since a terminal's encoding may lack other signs; a notebook has all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SIGNS = str.maketrans(
    {
        "≤": "<=", "≥": ">=", "±": "+-", "×": "x", "÷": "/", "–": "-", "−": "-", "→": "->", "°": " degrees",
        "⁴": "^4", "…": "...", "●": "+", "◐": "~", "○": "o",
    }
)  # fmt: skip
"""Signs that are used in words, each with what stands for it in ASCII."""


def plain(words: str) -> str:
    """Words in ASCII: signs by what stands for them (:data:`SIGNS`), other characters as escapes like ``\\xe9``."""
    return words.translate(SIGNS).encode("ascii", "backslashreplace").decode()


@dataclass(frozen=True)
class Table:
    """Rows of text under a head; Markdown in a notebook, aligned text elsewhere."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __repr__(self) -> str:
        widths = [max(len(row[i]) for row in (self.head, *self.rows)) for i in range(len(self.head))]
        lines = [
            "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in (self.head, *self.rows)
        ]
        return "\n".join(line.rstrip() for line in lines)

    def __str__(self) -> str:
        head, *rows = (tuple(plain(cell) for cell in row) for row in (self.head, *self.rows))
        return repr(Table(head, tuple(rows)))

    def _repr_markdown_(self) -> str:
        lines = [self.head, ("---",) * len(self.head), *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


@dataclass(frozen=True)
class Text:
    """Sentences; Markdown in a notebook."""

    words: str

    def __repr__(self) -> str:
        return self.words

    def __str__(self) -> str:
        return plain(self.words)

    def _repr_markdown_(self) -> str:
        return self.words


def listed(words: Sequence[str]) -> str:
    """Words as an enumeration: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
