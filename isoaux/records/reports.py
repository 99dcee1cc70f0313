"""What the reports of all studies share: missing figures, several figures of a page, and how data were made."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar

from isoaux.common.foreign import literal
from isoaux.common.tables import Table, Text
from isoaux.records.results import Collection, Missing, Result

Parameters = ParamSpec("Parameters")
Shown = TypeVar("Shown")

NOTHING = "No network is published."


def lacking(data: Result | Missing | Collection | Sequence[Any]) -> str:
    """The sentence that says that there is nothing to show, and why; empty where there is something.

    ``data`` is a figure, the figures of a page, or a list of networks, which is empty where none is published.
    """
    if isinstance(data, Sequence):
        return "" if data else NOTHING
    return data.lacking


def or_missing(show: Callable[Parameters, Shown]) -> Callable[Parameters, Shown]:
    """Decorator of drawings and tables: :func:`lacking` of the first argument, as Text, where it is not empty.

    So a page works whatever is published, and ``show`` is only called with data that has networks. Type checkers see
    the signature of ``show``: only pages hand over what may be missing.
    """

    @functools.wraps(show)
    def shown(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Any:
        data: Any = next(iter((*args, *kwargs.values())))
        words = lacking(data)
        return Text(words) if words else show(*args, **kwargs)

    return shown


def table_of_each(table: Callable[[Result], Table]) -> Callable[[Result | Collection], Table]:
    """Decorator: the table of one figure, or those of several figures as one, with a first column for the figure.

    What is missing is said as by :func:`or_missing`; the missing figures of a collection have no rows.
    """

    @functools.wraps(table)
    def tables(data: Result | Collection) -> Table:
        if isinstance(data, Result):
            return table(data)
        parts = [(data.label(result.figure), table(result)) for result in data]
        return Table(("figure", *parts[0][1].head), tuple((label, *row) for label, part in parts for row in part.rows))

    return or_missing(tables)


def line_of_each(sentence: Callable[[Result], str]) -> Callable[[Result | Collection], Text]:
    """Decorator: the sentence of one figure as Text, or a line for each of several and which are not published yet."""

    @functools.wraps(sentence)
    def lines(data: Result | Collection) -> Text:
        if isinstance(data, Result):
            return Text(sentence(data))
        lines = "\n".join(f"- **Figure {result.figure.number}**: {sentence(result)}" for result in data)
        return Text("\n\n".join(filter(None, (lines, data.words))))

    return or_missing(lines)


def opening(*sentences: str) -> Text:
    """The sentences that a page opens with as one paragraph, behind the words "In short"; empty ones are left out."""
    return Text(" ".join(["**In short.**", *filter(None, sentences)]))


def dataset(result: Result) -> str:
    """The name of the data set, in Markdown that shows it as it is."""
    return literal(str(result.facts["dataset"]))


def deviations(result: Result) -> str:
    """The sentence, after a space, that says what differs from the paper; empty where nothing does.

    Markdown without markup: among the words is the name of the data set.
    """
    differing = result.facts["deviations"]
    return f" Differs from the paper: {literal('; '.join(differing))}." if differing else ""
