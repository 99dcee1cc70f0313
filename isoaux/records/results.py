"""A figure's data as one object, those of a page, and what stands for a figure that is not there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux.common.archive import Published
from isoaux.common.choices import choose
from isoaux.common.tables import listed
from isoaux.paper import Configuration, Figure
from isoaux.records.record import Record
from isoaux.records.representations import Representations


@dataclass(frozen=True)
class Result:
    """A figure's data: what drawing needs, the network records behind it, and some representations.

    ``records`` and ``representations`` (at the last checkpoint) are by configuration.
    """

    figure: Figure
    drawing: Published
    records: dict[str, Published]
    representations: dict[str, Published]
    pending: Callable[[], dict[str, Published]] | None = None
    """Measures the network records that replace ``records`` when it is published; None where they are there."""

    @property
    def facts(self) -> dict[str, Any]:
        """How the data were made."""
        return self.drawing.facts

    @property
    def rows(self) -> list[tuple[Configuration, int]]:
        """Configuration and seed of every row, top to bottom."""
        return [(Configuration.parse(row["configuration"]), row["seed"]) for row in self.facts["rows"]]

    @property
    def lines(self) -> list[tuple[Configuration, int, int | str]]:
        """Configuration and seed of every network, top to bottom, each with its row or the reason why it failed."""
        lines: list[tuple[Configuration, int, int | str]] = [(*pair, row) for row, pair in enumerate(self.rows)]
        for words in self.facts.get("failed", ()):
            name, _, reason = words.partition(": ")
            configuration, _, seed = name.partition(" seed ")
            lines.append((Configuration.parse(configuration), int(seed), reason))
        order = list(self.figure.configurations)
        return sorted(lines, key=lambda line: (order.index(line[0]), line[1]))

    @property
    def by_configuration(self) -> dict[Configuration, list[int]]:
        """The rows of every configuration, in the figure's order."""
        rows: dict[Configuration, list[int]] = {}
        for row, (configuration, _) in enumerate(self.rows):
            rows.setdefault(configuration, []).append(row)
        return rows

    def of_row(self, row: int, name: str) -> Any:
        """An array of the record of one row's network at the figure's layer: (checkpoints, ...).

        That of a name like ``final_null_count``, in the random bases of the last checkpoint: (draws,).
        """
        (configuration, seed), layer = self.rows[row], self.figure.layer
        record = Record(self.records[configuration.id])
        statistic = name.removeprefix("final_null_")
        array = record.values(name, layer) if statistic == name else record.null(statistic, layer)
        return array[record.seeds.index(seed)]

    @property
    def lacking(self) -> str:
        """In one sentence, that the figure has no network, or no panel if it has none; empty where it has."""
        if self.rows or (self.facts["seeds"] and not self.figure.entry["networks"]):
            return ""
        return Missing(self.figure, why(self.figure)).lacking

    def samples(self, name: str, seed: int | None = None) -> NDArray[np.float32]:
        """The published representations (S, n) of a configuration at the figure's layer, in their units.

        ``name`` is that of the configuration; ``seed`` is by default the first that is published.
        """
        return Representations(self.representations[name]).values(self.figure.layer, seed).astype(np.float32)


@dataclass(frozen=True)
class Row:
    """One network of a figure: ``row`` of the arrays of ``result``."""

    result: Result
    row: int

    @property
    def configuration(self) -> Configuration:
        """Its configuration."""
        return self.result.rows[self.row][0]

    @property
    def seed(self) -> int:
        """Its seed."""
        return self.result.rows[self.row][1]


class AllFailed(ValueError):
    """Every network of a figure failed in training."""


def why(figure: Figure) -> str:
    """The sentence that says why a figure has nothing that it could be drawn from."""
    return f"no {'network' if figure.entry['networks'] else 'panel'} of {figure.name} was finished."


@dataclass(frozen=True)
class Missing:
    """Stands for a figure that is not published yet or of which nothing could be trained, ``failed`` says why."""

    figure: Figure
    failed: str = ""

    @property
    def lacking(self) -> str:
        """The sentence that says so."""
        if self.failed:
            return f"Figure {self.figure.number} cannot be drawn: {self.failed}"
        return f"Figure {self.figure.number} is not published yet."


@dataclass(frozen=True)
class Collection:
    """The figures of one page: the results of those that are there, over which it iterates, by the figure's name.

    ``failed`` says by name why of a figure nothing could be trained; the others are not published yet. A result
    without a network counts as failed.
    """

    figures: tuple[Figure, ...]
    results: dict[str, Result] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        empty = {name: why(result.figure) for name, result in self.results.items() if result.lacking}
        left = {name: result for name, result in self.results.items() if name not in empty}
        object.__setattr__(self, "results", left)
        object.__setattr__(self, "failed", empty | self.failed)

    def __getitem__(self, name: str) -> Result | Missing:
        """A figure's result, or what stands for it. Raises ValueError for a figure that is not on the page."""
        figure = choose("figure", name, {figure.name: figure for figure in self.figures})
        return self.results.get(name) or Missing(figure, self.failed.get(name, ""))

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results.values())

    @property
    def lacking(self) -> str:
        """The sentence that says that none of the figures is there; empty where any is."""
        return "" if self.results else self.words

    @property
    def words(self) -> str:
        """Which figures are not there: one sentence, or where any failed, one for each; empty where all are there."""
        if self.failed:
            return " ".join(Missing(figure, self.failed.get(figure.name, "")).lacking for figure in self.missing)
        numbers = [str(figure.number) for figure in self.missing]
        if len(numbers) < 2:
            return f"Figure {numbers[0]} is not published yet." if numbers else ""
        return f"Figures {listed(numbers)} are not published yet."

    @property
    def missing(self) -> list[Figure]:
        """The figures that are not there."""
        return [figure for figure in self.figures if figure.name not in self.results]

    def label(self, figure: Figure) -> str:
        """A figure's number and what distinguishes it from the page's others, for example ``8, n = 18``."""
        places = [_place(shown) for shown in self.figures]
        differing = {name: v for name, v in _place(figure).items() if len({place[name] for place in places}) > 1}
        parts = [f"{value} pixels" if name == "pixels" else f"{name} = {value}" for name, value in differing.items()]
        return ", ".join([str(figure.number), *parts])


def _place(figure: Figure) -> dict[str, str | int]:
    """The pixels, n, L and latent layer k of a figure, which may label it on a page; none for one without networks."""
    if not figure.entry["networks"]:
        return {}
    first = figure.configurations[0]
    return {"pixels": first.pixels, "n": first.n, "L": first.L, "k": figure.layer}


def by_activation(result: Result) -> list[tuple[str, list[int]]]:
    """The activations of a figure in its order, each with its rows."""
    pairs = [(configuration.activation, row) for row, (configuration, _) in enumerate(result.rows)]
    return [(name, [row for _, row in group]) for name, group in groupby(pairs, key=lambda pair: pair[0])]
