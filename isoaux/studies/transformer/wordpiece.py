"""Text as the word pieces of BERT: lower case, without accents, the longest pieces of a vocabulary first.

Schuster and Nakajima (2012), in the form of Devlin et al. (2019).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

PADDING, UNKNOWN, FIRST, LAST = "[PAD]", "[UNK]", "[CLS]", "[SEP]"
"""The special pieces: what fills up a batch, what is no piece, and what stands before and behind every sentence."""

LONGEST = 100
"""Letters from which on a word is unknown."""

MOST = 256
"""Pieces of a sentence that are read, the first and the last one included, as the sentence transformer was trained."""

_ASCII_MARKS = re.compile(r"[!-/:-@\[-`{-~]")


@dataclass(frozen=True)
class Vocabulary:
    """The ``pieces`` in the order of their numbers; those that go on within a word begin with ``##``."""

    pieces: tuple[str, ...]

    @classmethod
    def of_words(cls, texts: Iterable[str], count: int) -> "Vocabulary":
        """The ``count`` most frequent words of some texts, and every letter of these at the start and within a word."""
        known = Counter(word for text in texts for word in words(text))
        letters = sorted({letter for word in known for letter in word})
        frequent = [word for word, _ in sorted(known.items(), key=lambda item: (-item[1], item[0]))[:count]]
        special = (PADDING, UNKNOWN, FIRST, LAST)
        return cls(tuple(dict.fromkeys((*special, *letters, *(f"##{letter}" for letter in letters), *frequent))))

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of every piece."""
        return {piece: number for number, piece in enumerate(self.pieces)}

    def encode(self, text: str) -> list[int]:
        """The numbers of a text's pieces between those of the first and the last special one, at most ``MOST``."""
        pieces = [piece for word in words(text) for piece in self._parted(word)]
        return [self.numbers[piece] for piece in (FIRST, *pieces[: MOST - 2], LAST)]

    def _parted(self, word: str) -> list[str]:
        """A word as the longest pieces from its start on; the unknown one if a rest is none."""
        pieces, start = [], 0
        while start < len(word):
            begin = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if begin + word[start:end] in self.numbers), None)
            if end is None or len(word) > LONGEST:
                return [UNKNOWN]
            pieces.append(begin + word[start:end])
            start = end
        return pieces


def words(text: str) -> list[str]:
    """The words of a text in lower case without accents, every mark a word of its own."""
    plain = unicodedata.normalize("NFD", "".join(map(_cleaned, text)).lower())
    letters = (letter for letter in plain if unicodedata.category(letter) != "Mn")
    return "".join(f" {letter} " if _is_alone(letter) else letter for letter in letters).split()


def _cleaned(letter: str) -> str:
    """A letter, a space for any white space, and nothing for control characters and what could not be decoded."""
    if letter.isspace():
        return " "
    return "" if letter == "\ufffd" or unicodedata.category(letter).startswith("C") else letter


def _is_alone(letter: str) -> bool:
    """Whether a character is a word of its own: marks, and the letters of Chinese writing."""
    mark = bool(_ASCII_MARKS.match(letter)) or unicodedata.category(letter).startswith("P")
    return mark or unicodedata.name(letter, "").startswith("CJK UNIFIED IDEOGRAPH")
