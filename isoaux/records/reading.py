"""Where published figures, network records and representations are, and how they are read back."""

import shlex
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from isoaux import paper
from isoaux.common import archive, paths
from isoaux.common.archive import Published
from isoaux.paper import PROFILES, Configuration, Figure
from isoaux.records.record import Record
from isoaux.records.results import AllFailed, Result, why
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

ALIKE_VERSIONS = (2, 3)
"""Measure versions that give the same densities and the same values of the statistics that both have."""


def is_published(figure: Figure, folder: Path | None = None) -> bool:
    """Whether a figure's file is there, or of a figure without one any network record.

    ``folder`` is that of the published files, here and below (None: the committed book's).
    """
    folder = folder or paths.data()
    places = [folder / figure.name] if figure.has_file else records_of(figure, folder)
    return any(place.with_suffix(".json").is_file() for place in places)


def records_of(figure: Figure, folder: Path) -> list[Path]:
    """The places of a figure's network records, without suffix, whether they are there or not."""
    return [record_path(folder, configuration.id) for configuration in figure.configurations]


def read(figure: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The published data of a figure of planes, with the network records and representations behind it.

    Raises ValueError where the settings ask for anything that is not published (densities cannot be projected again,
    and another value would silently draw the wrong figure), and where the figure file and a network record are not of
    one setting; FileNotFoundError and AllFailed as :func:`read_figure`.
    """
    folder = folder or paths.data()
    result = read_figure(figure, settings, folder, "epsilon", "basis", "variant")
    drawing = result.drawing
    ids = dict.fromkeys(row["configuration"] for row in drawing.facts["rows"])
    records, representations = (
        {id: _alike(archive.read(place(folder, id)), drawing, place(folder, id)) for id in ids}
        for place in (record_path, representations_path)
    )
    return replace(result, records=records, representations=representations)


def read_figure(figure: Figure, settings: Settings, folder: Path | None, *projection: str) -> Result:
    """The published data of a figure that is drawn from its figure file alone.

    ``projection`` names the settings of its projection (epsilon, basis, variant) that it was published with, of those
    that can be asked for at all. Raises FileNotFoundError where it is not published, AllFailed where it has no network
    or panel, ValueError where the settings ask for anything else than is published.
    """
    drawing = archive.read((folder or paths.data()) / figure.name)
    if Result(figure, drawing, {}, {}).lacking:
        raise AllFailed(why(figure))
    facts = drawing.facts
    published = {name: facts[name] for name in projection} | {"seeds": tuple(facts["seeds"])}
    if figure.configurations:
        published = settings_of(facts) | published
        figure = figure.at_depth(published["depth"])
    refuse_others(figure, settings, published)
    return Result(figure, drawing, {}, {})


def settings_of(facts: dict[str, Any]) -> dict[str, Any]:
    """The settings that a published figure of networks was made with, but those of its projection, by name."""
    depth = Configuration.parse(facts["rows"][0]["configuration"]).L
    return {"dataset": facts["source"], "dtype": facts["dtype"], "depth": depth, "seeds": tuple(facts["seeds"])}


def refuse_others(figure: Figure, settings: Settings, published: dict[str, Any]) -> None:
    """Raise ValueError where the settings ask for another value than a figure is ``published`` with, by name."""
    for name, value in published.items():
        asked = getattr(settings, name)
        asked = tuple(sorted(asked)) if isinstance(asked, tuple) else asked
        if asked not in (DEFAULT, value):
            raise ValueError(
                f"{name} is {asked!r}, but {figure.name} is published with {name} {value!r} only; "
                f"`python -m isoaux run {figure.name} --profile paper --{name} {as_option(asked)}` computes the other."
            )


def figure_of(facts: dict[str, Any]) -> Figure:
    """The figure of a figure file, with the depth of the networks that it draws."""
    figure = paper.figure(facts["figure"])
    if facts["rows"] and facts["rows"][0]["configuration"] in figure.entry.get("small_networks", ()):
        figure = figure.in_small
    return figure.at_depth(Configuration.parse(facts["rows"][0]["configuration"]).L) if figure.has_file else figure


def missing_networks(facts: dict[str, Any]) -> list[str]:
    """In words, how many of the paper's networks a record or figure file lacks, as a list of one or none."""
    full = len(PROFILES["paper"].seeds)
    if "rows" not in facts:
        counts = Counter({facts["configuration"]: len(facts["seeds"])})
    else:
        counts = Counter({configuration.id: 0 for configuration in figure_of(facts).configurations})
        counts.update(row["configuration"] for row in facts["rows"])
    seeds = max(counts.values())
    if counts.total() < seeds * len(counts):
        return [f"{counts.total()} of {full * len(counts)} networks"]
    return [f"{seeds} of {full} seeds"] if seeds < full else []


def as_option(value: Any) -> str:
    """A setting's value as a word of a command line."""
    return shlex.quote(",".join(map(str, value)) if isinstance(value, tuple) else str(value))


def agree(name: str, first: Any, second: Any) -> bool:
    """Whether numbers may stand side by side whose files have these two values of a fact of :data:`IDENTITY`."""
    versions = name == "measure_version" and first in ALIKE_VERSIONS and second in ALIKE_VERSIONS
    return bool(first == second) or versions


def _alike(part: Published, drawing: Published, place: Path) -> Published:
    """What was read from a place, if it is of one setting with the figure file; raises ValueError otherwise."""
    for name in IDENTITY:
        if not agree(name, part.facts.get(name), drawing.facts.get(name)):
            figure = drawing.facts["figure"]
            raise ValueError(
                f"{place}.json has {name} {part.facts.get(name)!r} and {figure}.json {drawing.facts.get(name)!r}; "
                f"`python -m isoaux publish {figure}` writes both anew."
            )
    return part


def record(folder: Path, configuration: str) -> Record:
    """The network record of a configuration. Raises FileNotFoundError where it is not published."""
    return Record(archive.read(record_path(folder, configuration)))


def all_records(folder: Path) -> list[Record]:
    """Every network record that is published in a folder, by the name of the configuration."""
    return [record(folder, path.stem) for path in sorted((folder / "networks").glob("*.json"))]


def record_path(folder: Path, configuration: str) -> Path:
    """The place of a configuration's network record."""
    return folder / "networks" / configuration


def representations_path(folder: Path, configuration: str) -> Path:
    """The place of a configuration's published representations."""
    return folder / "representations" / configuration
