"""A network that others trained, measured, beside untrained ones of the same shape.

Its weights are read from an installed package, ``data.PACKAGE``; with the profile ``smoke`` a small network with random
weights stands for it. Every token is measured as it came, so that the law of the text enters in proportion; that tokens
of a sentence depend on each other does not matter for the tests, which compare bases and not samples.
"""

import time
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch

from isoaux.common import archive, disk, paths, work
from isoaux.common.archive import Arrays, Published
from isoaux.common.versions import ENGINE_VERSION, MEASURE_VERSION
from isoaux.paper import Figure
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.studies.transformer import data, measuring, text
from isoaux.studies.transformer.compute import activations, model
from isoaux.studies.transformer.compute.model import Shape, Transformer
from isoaux.studies.transformer.data import Place, Size
from isoaux.studies.transformer.wordpiece import Vocabulary
from isoaux.training import store

SMALL = Shape(width=24, hidden=96, layers=2, heads=4, positions=256)
"""The shape of the small network, but for its vocabulary."""

SMALL_WORDS = 400
"""The most frequent words of the text that are pieces of the small network's vocabulary."""

SMALL_SEED = 1_000
"""The seed of the small network's weights, which is none of the untrained networks' by default."""


@dataclass(frozen=True)
class Task:
    """What every process has to know: how much is measured, beside how many random rotations, and on which device."""

    size: Size
    controls: int
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
    try:
        stored = None if settings.retrain else archive.read(place)
    except (FileNotFoundError, ValueError):
        stored = None
    if stored is None:
        stored = _compute(size, settings.device, seeds, about, jobs)
        archive.write(place, stored.arrays, stored.facts)
    facts = stored.facts | {"figure": figure.name, "profile": settings.profile}
    return Result(figure, Published(stored.arrays, facts), {}, {})


def _compute(size: Size, device: str, seeds: tuple[int, ...], about: dict[str, Any], jobs: int | None) -> Published:
    started = time.monotonic()
    device = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    task = partial(measured, Task(size, len(seeds), device))
    (arrays, facts), *others = work.each(task, (None, *seeds), "network", jobs)
    for name in ("value", "null"):
        arrays |= {f"untrained_{name}": np.stack([other[name][:, :, 0] for other, _ in others])}
    facts |= about | {
        "dataset": text.SOURCE,
        "licence": data.LICENCE if size.trained else None,
        "epochs": None,
        "layer": None,
        "dtype": "float32",
        "epsilon": None,
        "basis": "standard",
        "variant": "combination",
        "draws": size.few_draws,
        "final_draws": size.draws,
        "deviations": _deviations(size, about),
        "engine_version": ENGINE_VERSION,
        "measure_version": MEASURE_VERSION,
        "failed": [],
        "rows": [],
        "seeds": list(seeds),
        "seconds": round(time.monotonic() - started, 1),
        "device": device,
        "versions": store.versions(),
        "commit": store.commit(),
    }
    return Published(arrays, facts)


def _deviations(size: Size, about: dict[str, Any]) -> list[str]:
    """In words, what of the published setting is not followed."""
    full = data.SIZES["paper"]
    if not size.trained:
        return [f"a small network with random weights instead of {data.NETWORK}"]
    if size != full:
        return [f"{size.sentences:,} sentences instead of {full.sentences:,}"]
    differing = {"weights": about["checksum"] != data.WEIGHTS, "sentences": about["sentences"] != data.SENTENCES}
    return [f"other {name} than the published ones" for name, differs in differing.items() if differs]


def measured(task: Task, seed: int | None) -> tuple[Arrays, dict[str, Any]]:
    """The arrays of the network itself (``seed`` None) or of an untrained one of its shape, and facts about them."""
    transformer, vocabulary = network(task.size, seed)
    sentences = [vocabulary.encode(words) for words in text.sentences(task.size.sentences)]
    tokens = activations.tokens(sentences, task.size.tokens)
    places = data.places(transformer.shape.layers) if seed is None else data.untrained_places(transformer.shape.layers)
    taken = [place for place in places if place.kind in tokens]
    rows = activations.captured(transformer.to(task.device), sentences, tokens, taken)
    if seed is not None:
        return measuring.tests(rows, data.STATISTICS[:1], task.size.few_draws, 1, task.size.samples), {}
    moments = {place: measuring.of_neurons(rows[place]) for place in taken}
    arrays = {
        f"{part}_{name}": np.stack([moments[place][name] for place in taken if place.part == part])
        for part in data.PARTS
        for name in measuring.MOMENTS
    }
    middle = (transformer.shape.layers + 1) // 2
    arrays |= measuring.pictures([rows[Place(part, middle)] for part in data.PARTS])
    gains = activations.gains(transformer)
    for place in places[len(taken) :]:
        whole, (gain, bias) = rows[replace(place, kind="words")], gains[place.layer]
        rows[place] = measuring.without_largest(whole) if place.kind == "rest" else (whole - bias) / gain
    arrays["gain"] = np.stack([gain for gain, _ in gains])
    arrays |= measuring.tests(rows, data.STATISTICS, task.size.draws, task.controls, task.size.samples)
    facts = {
        "network": data.NETWORK if task.size.trained else "a small network with random weights",
        "shape": asdict(transformer.shape),
        "places": [[place.part, place.layer, place.kind] for place in rows],
        "tokens": {kind: len(each) for kind, each in tokens.items()},
        "text": len(sentences),
        "shown": middle,
    }
    return arrays, facts


def network(size: Size, seed: int | None) -> tuple[Transformer, Vocabulary]:
    """The network itself (``seed`` None) or an untrained one of its shape, and their vocabulary."""
    if size.trained:
        folder = model.packaged()
        trained = model.trained(folder)
        return trained if seed is None else model.untrained(trained.shape, seed), model.vocabulary(folder)
    vocabulary = Vocabulary.of_words(text.sentences(size.sentences), SMALL_WORDS)
    shape = replace(SMALL, pieces=len(vocabulary.pieces))
    return model.untrained(shape, SMALL_SEED if seed is None else seed), vocabulary
