"""Text of others, such as names of data sets and of files, made safe for terminals, files and Markdown."""

import html
import re
import unicodedata

JOINERS = "\u200c\u200d"
"""Characters without width that some scripts need between letters; they are kept."""

LONGEST = 200
"""Characters of the longest name that :func:`short` leaves whole."""


def printable(text: str) -> str:
    r"""The text in one line of printable characters: runs of white space become one blank, ESC becomes ``\x1b``.

    The result can always be encoded in UTF-8: a byte of a file's name that is no UTF-8 becomes text like ``\udce9``.
    """
    return _visible(" ".join(text.split()))


def short(text: str) -> str:
    """The text in one printable line, cut to :data:`LONGEST` characters of which the last is then an ellipsis."""
    line = printable(text)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def literal(text: str) -> str:
    """Markdown that shows exactly this text, in one line: without markup, formula, role, link or HTML.

    Every character that could begin one of these becomes a numeric character reference, which is never structure
    (CommonMark, section 2.5), nor in a cell of a table. :func:`plain` reverses that.
    """
    line = re.sub(r"[][\\`*_{}<>&|$~^@]|(?<=www)\.|:(?=/)", _referred, printable(text), flags=re.IGNORECASE)
    return re.sub(r"^(?:[^\w&]|\d+[.)])", _referred, line)  # what begins a heading, a list, a rule, a comment


def plain(markdown: str) -> str:
    """Markdown for a terminal: numeric character references become characters, control characters visible escapes."""
    text = re.sub(r"&#\d+;", lambda match: html.unescape(match[0]), markdown)
    return "\n".join(map(_visible, text.split("\n")))


def _referred(match: re.Match[str]) -> str:
    return "".join(f"&#{ord(character)};" for character in match[0])


def _visible(line: str) -> str:
    return "".join(c if _has_a_look(c) else c.encode("unicode_escape").decode("ascii") for c in line)


def _has_a_look(character: str) -> bool:
    return character.isprintable() or character in JOINERS or unicodedata.category(character) == "Zs"
