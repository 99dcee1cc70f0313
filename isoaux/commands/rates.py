"""How long training and measuring a network takes on this machine, by what the store has of it."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from isoaux.common import provenance
from isoaux.common.numbers import counted
from isoaux.common.versions import MEASURE_VERSION
from isoaux.paper import Network
from isoaux.training import store

Shape = tuple[str, int, int, str]
"""What a time depends on: checksum of the images, n, L, and the dtype of a training or the name of a measurement."""


@dataclass(frozen=True)
class Rates:
    """Seconds of an epoch, and of a measurement, by shape; a number for each that the store has."""

    trainings: Mapping[Shape, list[float]]
    measurements: Mapping[Shape, list[float]]

    def epoch(self, network: Network, checksum: str) -> float | None:
        """Seconds of one epoch of a network on images of this checksum.

        The median of networks of its shape, else of others on these images, in proportion to n; None without any.
        """
        c = network.configuration
        return _typical(self.trainings, (checksum, c.n, c.L, network.dtype), lambda shape: shape[1])

    def measuring(self, network: Network, checksum: str, name: str) -> float | None:
        """Seconds of one measurement of a network, by its name in the store.

        The median of networks of its shape, else of others on these images, in proportion to the neurons of all latent
        layers; None without any.
        """
        c = network.configuration
        return _typical(self.measurements, (checksum, c.n, c.L, name), lambda shape: shape[1] * (shape[2] + 1))

    @property
    def words(self) -> str:
        """Where the rates are from."""
        trained, measured = (sum(map(len, each.values())) for each in (self.trainings, self.measurements))
        return f"{counted(trained, 'training')} and {counted(measured, 'measurement')}"


def _typical(known: Mapping[Shape, list[float]], shape: Shape, size: Any) -> float | None:
    """The median of a shape; else that of all shapes of the same images and last word, in proportion to ``size``."""
    if shape in known:
        return median(known[shape])
    others = [s / size(of) for of, seconds in known.items() if (of[0], of[3]) == (shape[0], shape[3]) for s in seconds]
    return median(others) * size(shape) if others else None


def measured_here(root: Path) -> Rates:
    """The rates of what this machine's processor has trained and measured in the store below ``root``."""
    trainings: dict[Shape, list[float]] = defaultdict(list)
    measurements: dict[Shape, list[float]] = defaultdict(list)
    here = store.processor()

    def is_timed(facts: Mapping[str, Any]) -> bool:
        return facts.get("processor") == here and provenance.is_time(facts.get("seconds"))

    for place in sorted(root.glob("networks/*/network.json")):
        about = _read(place)
        if "failed" in about or not {"n", "L", "dtype", "epochs", "data"} <= about.keys():
            continue
        images, n, depth = about["data"], about["n"], about["L"]
        if is_timed(about) and about.get("device") == "cpu":
            trainings[images, n, depth, about["dtype"]].append(about["seconds"] / about["epochs"])
        for name, facts in measurements_of(place.parent):
            if is_timed(facts):
                measurements[images, n, depth, name].append(facts["seconds"])
    return Rates(dict(trainings), dict(measurements))


def measurements_of(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The names and facts of what this version has measured of a network, from the network's folder in the store."""
    for place in sorted(folder.glob("[a-z]*-*.json")):
        facts = _read(place)
        if facts.get("measure_version") == MEASURE_VERSION:
            yield place.name.partition("-")[0], facts


def _read(place: Path) -> dict[str, Any]:
    try:
        facts = json.loads(place.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}
