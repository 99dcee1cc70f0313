"""Print fingerprints of what a change of code alone leaves as it is, as JSON: run it before and after, and compare.

Of every published figure: its picture, its alternative text with its finding, its picture for the gallery and the line
that names it; the keys of the store for every network of every profile; the scorecard. This takes a minute.

    python tests/house/fingerprints.py > before.json
    python tests/house/fingerprints.py > after.json; diff before.json after.json
"""

import hashlib
import json
from collections.abc import Iterator

from isoaux import paper
from isoaux.paper import PROFILES, Figure, Network
from isoaux.records import reading
from isoaux.scorecard import compute as scorecard
from isoaux.settings import Settings
from isoaux.studies import registry
from isoaux.training import store

CHECKSUM = "0" * 64
"""Stands for that of the images."""


def fingerprint(content: bytes | str) -> str:
    """The first 16 digits of the SHA-256 of some bytes, or of a text in UTF-8."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()[:16]


def of_figure(figure: Figure) -> Iterator[tuple[str, str]]:
    """What is fingerprinted of a figure, each with its fingerprint; of one that is not published, its words alone."""
    study = registry.of(figure)
    yield "words", fingerprint(study.words(figure))
    if study.read and study.draw and reading.is_published(figure):
        result = study.read(figure, Settings())
        drawn = study.draw(result)
        yield "png", fingerprint(drawn.png())
        yield "alt", fingerprint(drawn.alt + drawn.finding)
        if study.thumbnail:
            yield "small", fingerprint(study.thumbnail(result))


def store_keys() -> list[str]:
    """The keys in the store of every network of the catalogue, at every profile and in both arithmetics."""
    configurations = dict.fromkeys(c for figure in paper.figures().values() for c in figure.configurations)
    return [
        store.key(Network(configuration, seed, profile.recipe, dtype), CHECKSUM)
        for configuration in configurations
        for seed in PROFILES["paper"].seeds
        for profile in PROFILES.values()
        for dtype in ("float64", "float32")
    ]


def fingerprints() -> dict[str, str]:
    """Every fingerprint by what it is of."""
    figures = {f"{name} {part}": value for name, f in paper.figures().items() for part, value in of_figure(f)}
    return figures | {
        "store keys": fingerprint(json.dumps(store_keys())),
        "scorecard": fingerprint(json.dumps(scorecard.content(scorecard.compute()), sort_keys=True)),
    }


if __name__ == "__main__":
    print(json.dumps(fingerprints(), indent=1))
