"""A figure's data as one object, and how it is read back from what is published."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux.common.archive import Published
from isoaux.common.choices import choose
from isoaux.paper import Configuration, Figure
from isoaux.records.record import Record, representations


@dataclass(frozen=True)
class Result:
    """A figure's data: what drawing needs, the network records behind it, and some representations.

    ``records`` and ``representations`` (of the first seed, at the last checkpoint) are by configuration.
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
    def by_configuration(self) -> dict[Configuration, list[int]]:
        """The rows of every configuration, in the figure's order."""
        found: dict[Configuration, list[int]] = {}
        for row, (configuration, _) in enumerate(self.rows):
            found.setdefault(configuration, []).append(row)
        return found

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
        return Missing(self.figure, why(self.figure)).words

    def samples(self, name: str) -> NDArray[np.float32]:
        """The published representations (S, n) of a configuration at the figure's layer, in their own units."""
        return representations(self.representations[name], self.figure.layer).astype(np.float32)


class AllFailed(ValueError):
    """Every network of a figure failed in training."""


def why(figure: Figure) -> str:
    """The sentence that says why a figure has nothing that it could be drawn from."""
    return f"no {'network' if figure.entry['networks'] else 'panel'} of {figure.name} was finished."


@dataclass(frozen=True)
class Missing:
    """A figure that is not published yet, or has no network that could be trained; it is drawn as a sentence."""

    figure: Figure
    failed: str = ""

    @property
    def lacking(self) -> str:
        """The same sentence, by the name that it has for a result."""
        return self.words

    @property
    def words(self) -> str:
        """The sentence."""
        if self.failed:
            return f"Figure {self.figure.number} cannot be drawn: {self.failed}"
        return f"Figure {self.figure.number} is not published yet."


@dataclass(frozen=True)
class Collection:
    """The figures of one page by name, those that are not published yet included; iterates over the others."""

    figures: tuple[Figure, ...]
    found: dict[str, Result] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A result of no network is missing, as one is that is not published."""
        empty = {name: why(result.figure) for name, result in self.found.items() if result.lacking}
        left = {name: result for name, result in self.found.items() if name not in empty}
        object.__setattr__(self, "found", left)
        object.__setattr__(self, "failed", empty | self.failed)

    def __getitem__(self, name: str) -> Result | Missing:
        wanted = choose("figure", name, {figure.name: figure for figure in self.figures})
        return self.found.get(name) or Missing(wanted, self.failed.get(name, ""))

    def __iter__(self) -> Iterator[Result]:
        return iter(self.found.values())

    @property
    def words(self) -> str:
        """In one sentence, which figures are not published yet; empty where all are. Failed ones have theirs."""
        if self.failed:
            return " ".join(Missing(figure, self.failed.get(figure.name, "")).words for figure in self.missing)
        numbers = [str(figure.number) for figure in self.missing]
        if len(numbers) < 2:
            return f"Figure {numbers[0]} is not published yet." if numbers else ""
        return f"Figures {', '.join(numbers[:-1])} and {numbers[-1]} are not published yet."

    @property
    def missing(self) -> list[Figure]:
        """The figures that are not there."""
        return [figure for figure in self.figures if figure.name not in self.found]

    def label(self, figure: Figure) -> str:
        """A figure's number and what distinguishes it from the page's others, for example ``8, n = 18``."""
        places = [_place(one) for one in self.figures]
        own = {name: value for name, value in _place(figure).items() if len({place[name] for place in places}) > 1}
        parts = [f"{value} pixels" if name == "pixels" else f"{name} = {value}" for name, value in own.items()]
        return ", ".join([str(figure.number), *parts])


def _place(figure: Figure) -> dict[str, str | int]:
    """What may distinguish a figure from others of its page; nothing for one without networks."""
    if not figure.entry["networks"]:
        return {}
    first = figure.configurations[0]
    return {"pixels": first.pixels, "n": first.n, "L": first.L, "k": figure.layer}


def by_activation(result: Result) -> list[tuple[str, list[int]]]:
    """The rows of every activation, in the figure's order."""
    pairs = [(configuration.activation, r) for r, (configuration, _) in enumerate(result.rows)]
    return [(name, [r for _, r in group]) for name, group in groupby(pairs, key=lambda pair: pair[0])]
