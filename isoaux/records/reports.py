"""What the reports of all studies share: several figures of a page, and figures that are missing."""

import functools
from collections.abc import Callable
from typing import Any, Protocol, overload

from isoaux.common.foreign import literal
from isoaux.common.tables import Table, Text
from isoaux.drawing.look import Drawn
from isoaux.records.results import Collection, Missing, Result


def each(table: Callable[[Result], Table], found: Result | Missing | Collection) -> Table:
    """The table of a figure, or those of several figures as one; a sentence in it where there is no network."""
    if not isinstance(found, Collection):
        if isinstance(found, Missing) or found.lacking:
            return Table(("figure",), ((found.lacking,),))
        return table(found)
    parts = [(found.label(result.figure), table(result)) for result in found]
    if not parts:
        return Table(("figure",), ((found.words if found.failed else "none is published yet",),))
    return Table(("figure", *parts[0][1].head), tuple((label, *row) for label, part in parts for row in part.rows))


def by_figure(words: Callable[[Result], str], found: Collection) -> Text:
    """What is said of every figure, a line each, and which figures are not published yet."""
    lines = [f"- **Figure {result.figure.number}**: {words(result)}" for result in found]
    return Text("\n".join(lines) + ("\n\n" if lines and found.words else "") + found.words)


def dataset(result: Result) -> str:
    """What the data set is called, in Markdown that shows the name as it is."""
    return literal(str(result.facts["dataset"]))


def deviations(result: Result) -> str:
    """The sentence, after a space, that says what differs from the paper; empty where nothing does.

    Markdown without markup: among the words is what the data set is called.
    """
    differing = result.facts["deviations"]
    return f" Differs from the paper: {literal('; '.join(differing))}." if differing else ""


class _OfOne(Protocol):
    @overload
    def __call__(self, result: Result) -> Drawn: ...
    @overload
    def __call__(self, result: Missing) -> Text: ...


def or_said(draw: Callable[[Result], Drawn]) -> _OfOne:
    """The drawing of a figure, or the sentence that it is not published yet or has no network."""

    @functools.wraps(draw)
    def drawn(result: Result | Missing) -> Any:
        return Text(result.lacking) if isinstance(result, Missing) or result.lacking else draw(result)

    return drawn
