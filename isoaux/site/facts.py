"""What pages say of a figure's published data: what was run, how it was made, and whether today's code might differ."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from isoaux.common import provenance, versions
from isoaux.common.numbers import listed_range
from isoaux.common.tables import listed
from isoaux.paper import PROFILES, Figure
from isoaux.records import reading
from isoaux.studies.reconstruction import data as curves

VERSIONS = {"engine_version": versions.ENGINE_VERSION, "measure_version": versions.MEASURE_VERSION}
"""Today's version numbers, by the name that they have in published files."""


def places(figure: Figure, folder: Path) -> list[Path]:
    """The published files of facts behind a figure in ``folder``, whether they are there or not.

    It is the figure's own file or, of a figure that has none, one for each of its network records.
    """
    parts = [folder / figure.name] if figure.has_file else reading.records_of(figure, folder)
    return [part.with_name(f"{part.name}.json") for part in parts]


def of_figure(figure: Figure, folder: Path) -> dict[str, Any] | None:
    """The facts of a figure's published data in ``folder``, or None where nothing of it is published.

    Of a figure that is drawn from network records alone they are what :func:`of_records` says of those. Where the
    versions that measured its network records are not all that of the figure, ``records_measured`` lists them.
    """
    parts = _facts(places(figure, folder))
    if not parts:
        return None
    facts = parts[0] if figure.has_file else of_records(figure, parts)
    if figure.has_planes:
        parts = _facts([place.with_name(f"{place.name}.json") for place in reading.records_of(figure, folder)])
    versions = {part["measure_version"] for part in parts}
    return facts | {"records_measured": sorted(versions)} if versions - {facts["measure_version"]} else facts


def _facts(places: Sequence[Path]) -> list[dict[str, Any]]:
    """What the files of facts hold that are there."""
    return [json.loads(place.read_text("utf-8")) for place in places if place.is_file()]


def of_records(figure: Figure, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The facts that some network records of a figure have together, from those of each record (at least one).

    Seconds are summed, versions are the oldest, and the deviations end with what is lacking: configurations without a
    record, and records with fewer seeds than the paper has.
    """
    configurations, seeds = len(figure.configurations), len(PROFILES["paper"].seeds)
    few = sum(len(facts["seeds"]) < seeds for facts in records)
    lacking = [f"{len(records)} of {configurations} configurations"] if len(records) < configurations else []
    lacking += [f"fewer than {seeds} seeds in {few} of {len(records)} records"] if few else []
    facts = curves.together(figure, records)
    return (
        facts
        | provenance.together(records)
        | {name: min(record[name] for record in records) for name in VERSIONS}
        | {
            "dtype": ", ".join(dict.fromkeys(record["dtype"] for record in records)),
            "seconds": sum(record["seconds"] for record in records),
            "deviations": facts["deviations"] + lacking,
        }
    )


def run(facts: Mapping[str, Any]) -> str:
    """What was run, from the facts of published data: profile, epochs if there are any, seeds and data set."""
    parts = [f"profile {facts['profile']}"]
    if facts["epochs"] is not None:
        parts.append(f"{facts['epochs']} epochs")
    if facts["seeds"]:
        parts.append(f"seeds {listed_range(facts['seeds'])}")
    return ", ".join([*parts, facts["dataset"]])


def made(facts: Mapping[str, Any]) -> str:
    """How published data were made, from their facts: what was run, with what, for how long, and what differs."""
    commit = re.sub(r"([0-9a-f]{10})[0-9a-f]+", r"\1", facts["commit"])
    parts = [
        run(facts),
        facts["dtype"],
        facts["device"],
        ", ".join(f"{name} {version}" for name, version in facts["versions"].items()),
        measured(facts),
        f"commit {commit}",
        f"computed in {duration(facts['seconds'])}",
    ]
    sentences = [f"Made with {' · '.join(parts)}."]
    for label, name in (("Differs from the paper", "deviations"), ("Networks that failed", "failed")):
        if facts[name]:
            sentences.append(f"{label}: {'; '.join(facts[name])}.")
    return " ".join(sentences)


def measured(facts: Mapping[str, Any]) -> str:
    """By which version of measuring published data were made, and their network records where it is another."""
    others = ", its records by " + listed([str(version) for version in facts.get("records_measured", [])])
    return f"measured by version {facts['measure_version']}" + (others if "records_measured" in facts else "")


def moved(facts: Mapping[str, Any], today: Mapping[str, int] = VERSIONS) -> list[str]:
    """The version numbers of published data that would give other numbers ``today``, as ``engine_version 1, now 2``."""
    return [
        f"{name} {facts[name]}, now {value}"
        for name, value in today.items()
        if not reading.agree(name, facts[name], value)
    ]


def duration(seconds: float) -> str:
    """A time in its two largest units, for example ``12 s``, ``59 min`` or ``1 h 24 min``."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
