"""Some thousand English sentences that every Python has: those of its language reference and of its docstrings."""

import ast
import re
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np

SHORTEST, LONGEST = 6, 60
"""The fewest and the most words of a sentence."""

PLAIN = 0.8
"""The least share of a sentence's words that are letters alone, but for the marks around them."""

SOURCE = "sentences of Python's language reference and of the docstrings of its standard library"

LICENCE = "PSF-2.0"

_CODE = re.compile(r"[=<>|{}\\_]|::|\.\.")
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


@cache
def sentences(count: int, seed: int = 0) -> tuple[str, ...]:
    """``count`` different sentences, drawn at random; all of them where there are fewer.

    Docstrings are read only where the language reference has too few.
    """
    known = {words for text in topics.values() for words in of(text)}
    if len(known) < count:
        known |= {words for text in _docstrings() for words in of(text)}
    drawn = np.random.default_rng(seed).permutation(len(known))[:count]
    ordered = sorted(known)
    return tuple(ordered[place] for place in sorted(drawn))


def of(text: str) -> list[str]:
    """The sentences of a text in their order; paragraphs are parted at full stops, what looks like code is left out.

    A sentence begins with a capital letter, ends with a mark, and has ``SHORTEST`` to ``LONGEST`` words, at least the
    share ``PLAIN`` of which are letters alone.
    """
    paragraphs = (" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text))
    return [words for paragraph in paragraphs for words in _END.split(paragraph) if _is_sentence(words)]


def _is_sentence(text: str) -> bool:
    words = text.split()
    if not SHORTEST <= len(words) <= LONGEST or not text[0].isupper() or text[-1] not in ".!?" or _CODE.search(text):
        return False
    return sum(word.strip(",.;:()\"'?!").isalpha() for word in words) >= PLAIN * len(words)


def _docstrings() -> Iterator[str]:
    """The docstrings of the standard library's modules and packages, read from their sources."""
    library = Path(sysconfig.get_paths()["stdlib"])
    for name in sorted(sys.stdlib_module_names):
        for path in (library / f"{name}.py", *sorted((library / name).glob("*.py"))):
            if path.is_file():
                for node in ast.walk(ast.parse(path.read_bytes())):
                    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                        yield ast.get_docstring(node) or ""
