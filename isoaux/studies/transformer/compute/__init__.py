"""A network that others trained, measured, beside untrained ones of the same shape.

Its weights are read from an installed package, ``data.PACKAGE``; with the profile ``smoke`` a small network with random
weights stands for it. Every token is measured as it came, so that the law of the text enters in proportion; that tokens
of a sentence depend on each other does not matter for the tests, which compare bases and not samples.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch

from isoaux.common import archive, disk, paths, work
from isoaux.common.archive import Arrays, Published
from isoaux.common.arrays import Floats
from isoaux.common.versions import MEASURE_VERSION
from isoaux.paper import Figure
from isoaux.records.facts import without_networks
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.studies.transformer import data, measuring, text
from isoaux.studies.transformer.compute import activations, model
from isoaux.studies.transformer.compute.model import Shape, Transformer
from isoaux.studies.transformer.data import Place, Size
from isoaux.studies.transformer.wordpiece import Vocabulary

SMALL = Shape(width=24, hidden=96, layers=2, heads=4, positions=256)
"""The shape of the small network, but for its vocabulary."""

SMALL_WORDS = 400
"""The most frequent words of the text that are pieces of the small network's vocabulary."""

SMALL_SEED = 1_000
"""The seed of the small network's weights, which is none of the untrained networks' by default."""


@dataclass(frozen=True)
class Task:
    """What every process has to know: how much is measured, the seeds of untrained networks, and the device."""

    size: Size
    seeds: tuple[int, ...]
    device: str


def compute(
    figure: Figure, settings: Settings, *, jobs: int | None = None, train: bool = True, budget: float | None = None
) -> Result:
    """The numbers of the network and of untrained ones, one a seed, measured or taken from the store.

    Nothing is trained, so ``train`` and ``budget`` change nothing; ``settings.retrain`` measures anew. Raises
    ValueError as :func:`isoaux.studies.transformer.data.check`, FileNotFoundError where the package is not installed.
    """
    data.check(figure, settings)
    size, seeds = data.SIZES[settings.profile], tuple(sorted(settings.seeds_for()))
    about = {
        "checksum": model.checksum(model.packaged()) if size.trained else None,
        "sentences": disk.checksum(words.encode() for words in text.sentences(size.sentences)),
    }
    key = about | {"size": asdict(size), "seeds": seeds, "measure": MEASURE_VERSION}
    place = paths.cache() / "transformers" / disk.digest(key)
    stored = archive.kept(place, partial(_compute, size, settings.device, seeds, about, jobs), settings.retrain)
    facts = stored.facts | {"figure": figure.name, "profile": settings.profile}
    facts["deviations"] = _deviations(size, about)
    return Result(figure, Published(stored.arrays, facts), {}, {})


def _compute(size: Size, device: str, seeds: tuple[int, ...], about: dict[str, Any], jobs: int | None) -> Published:
    started = time.monotonic()
    device = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    task = Task(size, seeds, device)
    parts = work.each(partial(_part, task), PARTS, "part", jobs)
    arrays, described = parts[0]
    seconds = time.monotonic() - started
    described |= about | without_networks(
        dataset=text.SOURCE, draws=size.draws, seeds=seeds, seconds=seconds, device=device
    )
    return Published(arrays | parts[1][0], described | {"licence": data.LICENCE if size.trained else None})


def _deviations(size: Size, about: dict[str, Any]) -> list[str]:
    """In words, what of the published setting is not followed."""
    full = data.SIZES["paper"]
    if not size.trained:
        return [f"a small network with random weights instead of {data.NETWORK}"]
    if size != full:
        return [f"{size.sentences:,} sentences instead of {full.sentences:,}"]
    differing = {"weights": about["checksum"] != data.WEIGHTS, "sentences": about["sentences"] != data.SENTENCES}
    return [f"other {name} than the published ones" for name, differs in differing.items() if differs]


def itself(task: Task) -> tuple[Arrays, dict[str, Any]]:
    """The arrays of the network itself, and facts about it."""
    transformer, vocabulary = network(task.size)
    places = data.places(transformer.shape.layers)
    rows, counts = captured(
        task, transformer, vocabulary, [place for place in places if place.kind in activations.KINDS]
    )
    moments = {place: measuring.of_neurons(each) for place, each in rows.items()}
    arrays = {
        f"{part}_{name}": np.stack([each[name] for place, each in moments.items() if place.part == part])
        for part in data.PARTS
        for name in measuring.MOMENTS
    }
    middle = (transformer.shape.layers + 1) // 2
    arrays |= measuring.pictures([rows[Place(part, middle)] for part in data.PARTS])
    gains = activations.gains(transformer)
    for place in places[len(rows) :]:
        whole, (gain, bias) = rows[replace(place, kind="words")], gains[place.layer]
        rows[place] = measuring.without_largest(whole) if place.kind == "rest" else (whole - bias) / gain
    arrays["gain"] = np.stack([gain for gain, _ in gains])
    arrays |= measuring.tests(list(rows.values()), data.STATISTICS, task.size.draws, len(task.seeds), task.size.samples)
    facts = {
        "network": data.NETWORK if task.size.trained else "a small network with random weights",
        "shape": asdict(transformer.shape),
        "places": [[place.part, place.layer, place.kind] for place in rows],
        "tokens": counts,
        "text": len(text.sentences(task.size.sentences)),
        "shown": middle,
    }
    return arrays, facts


def untrained(task: Task) -> tuple[Arrays, dict[str, Any]]:
    """The arrays of untrained networks of the same shape, one a seed, over seeds and places; no facts."""
    own, vocabulary = network(task.size)
    places = data.untrained_places(own.shape.layers)
    rows: list[Floats] = []
    for seed in task.seeds:
        rows += captured(task, model.untrained(own.shape, seed), vocabulary, places)[0].values()
    measured = measuring.tests(rows, data.STATISTICS[:1], task.size.draws, 1, task.size.samples)
    each = {name: measured[name][:, :, 0] for name in ("value", "null")}
    shape = len(task.seeds), len(places)
    return {f"untrained_{name}": array.reshape(*shape, *array.shape[1:]) for name, array in each.items()}, {}


PARTS = (itself, untrained)
"""What is measured side by side."""


def _part(task: Task, measure: Callable[[Task], tuple[Arrays, dict[str, Any]]]) -> tuple[Arrays, dict[str, Any]]:
    return measure(task)


def captured(
    task: Task, transformer: Transformer, vocabulary: Vocabulary, places: Sequence[Place]
) -> tuple[dict[Place, Floats], dict[str, int]]:
    """The activations (N, n) at some places of a transformer that reads the sentences, and the tokens of each kind."""
    sentences = [vocabulary.encode(words) for words in text.sentences(task.size.sentences)]
    tokens = activations.tokens(sentences, task.size.tokens)
    rows = activations.captured(transformer.to(task.device), sentences, tokens, places)
    return rows, {kind: len(each) for kind, each in tokens.items()}


def network(size: Size) -> tuple[Transformer, Vocabulary]:
    """The network itself, and its vocabulary."""
    if size.trained:
        folder = model.packaged()
        return model.trained(folder), model.vocabulary(folder)
    vocabulary = Vocabulary.of_words(text.sentences(size.sentences), SMALL_WORDS)
    return model.untrained(replace(SMALL, pieces=len(vocabulary.pieces)), SMALL_SEED), vocabulary
