"""The published error curves, read from the network records."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from isoaux.common import archive, paths
from isoaux.common.archive import Published
from isoaux.paper import Figure
from isoaux.records import reading, results
from isoaux.records.error_curves import UNITS
from isoaux.records.results import Result
from isoaux.settings import Settings

AGREE = ("profile", "checksum", "epochs")
"""Facts in which records have to agree before their curves may share a panel."""


def read(figure: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The curves of a figure from all of its records that are published; the others are missing from its rows.

    Raises FileNotFoundError where there is none, ValueError for settings other than the published ones and where two
    records are not of the same images and training.
    """
    records: dict[str, Published] = {}
    for place in reading.records_of(figure, folder or paths.data()):
        if place.with_suffix(".json").is_file():
            records[place.name] = archive.read(place)
    empty = [id for id, record in records.items() if not record.facts["seeds"]]
    if empty and len(empty) == len(records):
        raise results.AllFailed(results.why(figure))
    records = {id: record for id, record in records.items() if id not in empty}
    if not records:
        raise FileNotFoundError(f"{figure.name} has no network record; `python -m isoaux status` lists what is there.")
    first = next(iter(records))
    for name in AGREE:
        for id, record in records.items():
            if record.facts[name] != records[first].facts[name]:
                raise ValueError(
                    f"networks/{id}.json has {name} {record.facts[name]!r} and networks/{first}.json "
                    f"{records[first].facts[name]!r}; `python -m isoaux publish {figure.name}` writes both anew."
                )
    facts = together(figure, [record.facts for record in records.values()])
    settings.figure_for(figure)  # refuses a depth where several are compared
    reading.refuse_others(figure, settings, reading.settings_of(facts))
    arrays = {
        f"test_error_{unit}": np.concatenate([record[f"test_error_{unit}"] for record in records.values()])
        for unit in UNITS
    }
    return Result(figure, Published(arrays | {"epochs": records[first]["epochs"]}, facts), records, {})


def together(figure: Figure, each: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The facts of a figure from those of its records; a deviation of some of them says of how many."""
    noted = [words for facts in each for words in facts["deviations"] if not words.endswith(" seeds")]
    deviations = [
        words if noted.count(words) == len(each) else f"{words} ({noted.count(words)} of {len(each)} records)"
        for words in dict.fromkeys(noted)
    ]
    return {name: each[0][name] for name in (*AGREE, "source", "dataset")} | {
        "figure": figure.name,
        "dtype": " and ".join(sorted({facts["dtype"] for facts in each})),
        "seeds": sorted({seed for facts in each for seed in facts["seeds"]}),
        "rows": [{"configuration": facts["configuration"], "seed": s} for facts in each for s in facts["seeds"]],
        "failed": [words for facts in each for words in facts["failed"]],
        "deviations": deviations,
    }
