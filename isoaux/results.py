"""A figure's data as one object, and how it is read back from what is published."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isoaux import paths, published
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

    def of_row(self, row: int, name: str) -> Any:
        """One statistic of one row's network at the figure's layer: over checkpoints, or of the last one."""
        configuration, seed = self.rows[row]
        record = self.records[configuration.id]
        values = record[name][record.facts["seeds"].index(seed)]
        return values[self.figure.layer] if name.startswith("final_") else values[:, self.figure.layer]


def read(wanted: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The published data of a figure.

    Raises ValueError where the settings ask for anything that is not published (densities cannot be projected
    again, and another value would silently draw the wrong figure), and where the figure file and a network record
    are not of one setting.
    """
    folder = folder or paths.data()
    drawing = published.read(folder / wanted.name)
    facts = drawing.facts
    has = {
        "dataset": facts["source"],
        "dtype": facts["dtype"],
        "epsilon": facts["epsilon"],
        "basis": facts["basis"],
        "variant": facts["variant"],
        "seeds": tuple(facts["seeds"]),
    }
    for name, value in has.items():
        asked = getattr(settings, name)
        asked = tuple(sorted(asked)) if isinstance(asked, tuple) else asked
        if asked not in (DEFAULT, value):
            raise ValueError(
                f"{name} is {asked!r}, but {wanted.name} is published with {name} {value!r} only; "
                f"`python -m isoaux run {wanted.name} --profile paper --{name} {_as_option(asked)}` computes the other."
            )
    ids = dict.fromkeys(row["configuration"] for row in facts["rows"])
    records, representations = (
        {id: _alike(published.read(place(folder, id)), drawing, place(folder, id)) for id in ids}
        for place in (published.record_path, published.representations_path)
    )
    return Result(wanted, drawing, records, representations)


def _as_option(value: Any) -> str:
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
