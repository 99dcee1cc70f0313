"""A figure's data as one object, and how it is read back from what is published."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import paths, published, records
from isoaux.choices import choose
from isoaux.paper import Configuration, Figure
from isoaux.published import Published
from isoaux.settings import DEFAULT, Settings

IDENTITY = (
    "checksum",
    "epochs",
    "dtype",
    "epsilon",
    "basis",
    "variant",
    "draws",
    "final_draws",
    "engine_version",
    "measure_version",
)
"""Facts in which two published files have to agree before their numbers may stand side by side."""


@dataclass(frozen=True)
class Result:
    """A figure's data: what drawing needs, the network records behind it, and some representations.

    ``records`` and ``representations`` (of the first seed, at the last checkpoint) are by configuration.
    """

    figure: Figure
    drawing: Published
    records: dict[str, Published]
    representations: dict[str, Published]

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
        """One statistic of one row's network at the figure's layer: over checkpoints, or of the last one."""
        configuration, seed = self.rows[row]
        record = self.records[configuration.id]
        values = record[name][record.facts["seeds"].index(seed)]
        return values[self.figure.layer] if name.startswith("final_") else values[:, self.figure.layer]

    @property
    def lacking(self) -> str:
        """In one sentence, that the figure has no network, or no panel if it has none; empty where it has."""
        if self.rows or (self.facts["seeds"] and not self.figure.entry["networks"]):
            return ""
        return Missing(self.figure, why(self.figure)).words

    def samples(self, name: str) -> NDArray[np.float32]:
        """The published representations (S, n) of a configuration at the figure's layer, in their own units."""
        kept = self.representations[name]
        return records.representations(kept, self.figure.layer).astype(np.float32)


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


def is_published(wanted: Figure, folder: Path | None = None) -> bool:
    """Whether a figure's file is there, or of a figure without one any network record."""
    folder = folder or paths.data()
    places = [folder / wanted.name] if wanted.has_file else records_of(wanted, folder)
    return any(place.with_suffix(".json").is_file() for place in places)


def records_of(wanted: Figure, folder: Path) -> list[Path]:
    """The places of a figure's network records, without suffix, whether they are there or not."""
    return [published.record_path(folder, configuration.id) for configuration in wanted.configurations]


def read(wanted: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The published data of a figure.

    Raises ValueError where the settings ask for anything that is not published (densities cannot be projected
    again, and another value would silently draw the wrong figure), and where the figure file and a network record
    are not of one setting.
    """
    folder = folder or paths.data()
    drawing = published.read(folder / wanted.name)
    facts = drawing.facts
    refuse_empty(wanted, drawing)
    has = settings_of(facts, "epsilon", "basis", "variant")
    refuse_others(wanted, settings, has)
    ids = dict.fromkeys(row["configuration"] for row in facts["rows"])
    records, representations = (
        {id: _alike(published.read(place(folder, id)), drawing, place(folder, id)) for id in ids}
        for place in (published.record_path, published.representations_path)
    )
    return Result(wanted.at_depth(has["depth"]), drawing, records, representations)


def refuse_empty(wanted: Figure, drawing: Published) -> None:
    """Raise AllFailed for published data without a row, or, of a figure without networks, without a panel."""
    if Result(wanted, drawing, {}, {}).lacking:
        raise AllFailed(why(wanted))


def settings_of(facts: dict[str, Any], *projection: str) -> dict[str, Any]:
    """What a published figure of networks has of the settings, those of its projection only where they are named."""
    return (
        {"dataset": facts["source"], "dtype": facts["dtype"]}
        | {name: facts[name] for name in projection}
        | {"depth": Configuration.parse(facts["rows"][0]["configuration"]).L, "seeds": tuple(facts["seeds"])}
    )


def refuse_others(wanted: Figure, settings: Settings, has: dict[str, Any]) -> None:
    """Raise ValueError where the settings ask for another value than a published figure has."""
    for name, value in has.items():
        asked = getattr(settings, name)
        asked = tuple(sorted(asked)) if isinstance(asked, tuple) else asked
        if asked not in (DEFAULT, value):
            raise ValueError(
                f"{name} is {asked!r}, but {wanted.name} is published with {name} {value!r} only; "
                f"`python -m isoaux run {wanted.name} --profile paper --{name} {as_option(asked)}` computes the other."
            )


def as_option(value: Any) -> str:
    """A setting's value as a word of a command line."""
    return shlex.quote(",".join(map(str, value)) if isinstance(value, tuple) else str(value))


def _alike(part: Published, drawing: Published, place: Path) -> Published:
    for name in IDENTITY:
        if part.facts.get(name) != drawing.facts.get(name):
            figure = drawing.facts["figure"]
            raise ValueError(
                f"{place}.json has {name} {part.facts.get(name)!r} and {figure}.json {drawing.facts.get(name)!r}; "
                f"`python -m isoaux publish {figure}` writes both anew."
            )
    return part
