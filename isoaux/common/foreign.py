"""Text that others wrote (names of data sets and of files) as text: in a terminal, in a file and in Markdown."""

import html
import re
import unicodedata

JOINERS = "\u200c\u200d"
"""Characters without width that some scripts need between their letters."""

LONGEST = 200
"""A name has at most so many characters."""


def printable(text: str) -> str:
    r"""The text in one line of printable characters: runs of white space are one blank, ESC is ``\x1b``.

    The result can be encoded in UTF-8 whatever the text was: a byte of a file's name that is no UTF-8 is ``\udce9``.
    """
    return _visible(" ".join(text.split()))


def short(text: str) -> str:
    """The text in one printable line of at most 200 characters; of a longer one the end is an ellipsis."""
    line = printable(text)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def literal(text: str) -> str:
    """Markdown that shows this text in one line, and nothing else: no markup, formula, role, link or HTML.

    Every character that could begin one is a numeric character reference, which never is structure (CommonMark,
    section 2.5), in a cell of a table neither. :func:`plain` turns them back.
    """
    line = re.sub(r"[][\\`*_{}<>&|$~^@]|(?<=www)\.|:(?=/)", _referred, printable(text), flags=re.IGNORECASE)
    return re.sub(r"^(?:[^\w&]|\d+[.)])", _referred, line)  # what begins a heading, a list, a rule, a comment


def plain(markdown: str) -> str:
    """Markdown as it is read in a terminal: numeric character references are characters, control characters visible."""
    text = re.sub(r"&#\d+;", lambda match: html.unescape(match[0]), markdown)
    return "\n".join(map(_visible, text.split("\n")))


def _referred(match: re.Match[str]) -> str:
    return "".join(f"&#{ord(character)};" for character in match[0])


def _visible(line: str) -> str:
    return "".join(c if _has_a_look(c) else c.encode("unicode_escape").decode("ascii") for c in line)


def _has_a_look(character: str) -> bool:
    return character.isprintable() or character in JOINERS or unicodedata.category(character) == "Zs"
