"""Classifiers trained, or taken from the store, and measured; the only module of the study that needs torch.

Figures differ in their ``part`` of the catalogue: slices, boundaries, regions, scaling or gates.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
from torch import Tensor

from isoaux.common import disk
from isoaux.common.archive import Arrays
from isoaux.common.choices import choose
from isoaux.paper import Classifier, Figure
from isoaux.polytopes import Net
from isoaux.polytopes.soft_codes import Soft
from isoaux.records import measurement
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.studies import steps
from isoaux.studies.polytopes import (
    measuring_boundaries,
    measuring_gates,
    measuring_regions,
    measuring_scaling,
    measuring_slices,
)
from isoaux.studies.polytopes.data import LEAKS, SLICED, Size, check, flat, size_for
from isoaux.studies.polytopes.samples import Labelled
from isoaux.training.autoencoder import affine_maps
from isoaux.training.data import Images
from isoaux.training.store import Entry


def compute(figure: Figure, settings: Settings, **options: Any) -> Result:
    """The data of a figure, a row for each network; options and errors as in ``Study.compute``.

    Raises ValueError too for images without labels, and what :func:`isoaux.studies.polytopes.data.check` does.
    """
    check(figure, settings)
    part, size = str(figure.entry["part"]), size_for(settings)
    choose("part", part, PARTS)
    rows = steps.rows(figure, settings, partial(_measure, part=part, size=size), reads="test", **options)
    entries = [entry for entry in rows.entries if entry.network in rows.measured]
    tests = tests_of(rows.images)
    more: Arrays = {"labels": tests.first(size.published).labels.astype(np.uint8)}
    if part == "slices":
        more |= _whole(entries, tests, size)
    about = {"part": part, "size": asdict(size), "pixels": rows.images.d, "classes": list(rows.images.classes)}
    return steps.result(rows, more, about)


def tests_of(images: Images) -> Labelled:
    """The test images in [0, 1] with their labels. Raises ValueError where they have none."""
    if images.labels_test is None:
        raise ValueError(
            f"dataset is {images.source!r}, whose images have no labels; accepted: mnist, cifar10, digits, or a folder "
            "whose sub-folders are classes."
        )
    return Labelled(images.test / 255, images.labels_test)


def layers_of(parameters: Mapping[str, Tensor]) -> list[tuple[np.ndarray, np.ndarray]]:
    """The weight and bias of each map of a network, in float64."""
    names = affine_maps(dict(parameters))
    return [
        (parameters[f"{name}.weight"].double().numpy(), parameters[f"{name}.bias"].double().numpy()) for name in names
    ]


def net_of(entry: Entry, epoch: int) -> Net:
    """A network of ReLU or Leaky-ReLU after an epoch."""
    return Net(layers_of(entry.read(epoch)), LEAKS[entry.network.configuration.activation])


def _measure(entry: Entry, images: Images, part: str, size: Size) -> Arrays:
    """The arrays of one part of one network; cached beside its snapshots."""
    about = {"id": entry.network.id, "part": part, "size": asdict(size)}
    return measurement.cached(entry, part, about, lambda: PARTS[part](entry, tests_of(images), size))


def _states(entry: Entry) -> list[int]:
    return [0, entry.network.recipe.epochs]


def _stacked(states: list[Arrays]) -> Arrays:
    return {name: np.stack([state[name] for state in states]) for name in states[0]}


def _slices(entry: Entry, tests: Labelled, size: Size) -> Arrays:
    """The numbers of slices over checkpoints."""
    return _stacked([measuring_slices.measure(net_of(entry, e), tests) for e in entry.network.recipe.checkpoints])


def _boundaries(entry: Entry, tests: Labelled, size: Size) -> Arrays:
    nets = [net_of(entry, epoch) for epoch in _states(entry)]
    states = [measuring_boundaries.measure(net, tests, size, at > 0) for at, net in enumerate(nets)]
    return _stacked(states) | measuring_boundaries.closed_form(nets[0], tests, size)


def _regions(entry: Entry, tests: Labelled, size: Size) -> Arrays:
    nets = [net_of(entry, epoch) for epoch in _states(entry)]
    states = [measuring_regions.measure(net, tests, size, at > 0) for at, net in enumerate(nets)]
    return _stacked(states) | _pixels(tests, size)


_PIXELS: dict[str, Arrays] = {}


def _pixels(tests: Labelled, size: Size) -> Arrays:
    """What is measured of pixels, once in a process for the same images."""
    key = disk.checksum([tests.first(size.samples).x.tobytes(), repr(size).encode()])
    if key not in _PIXELS:
        _PIXELS[key] = measuring_regions.pixels(tests, size)
    return _PIXELS[key]


def _scaling(entry: Entry, tests: Labelled, size: Size) -> Arrays:
    nets = [net_of(entry, epoch) for epoch in _states(entry)]
    return _stacked([measuring_scaling.measure(net, tests, size, at > 0) for at, net in enumerate(nets)])


def _gates(entry: Entry, tests: Labelled, size: Size) -> Arrays:
    activation = entry.network.configuration.activation
    nets = [Soft(layers_of(entry.read(epoch)), activation) for epoch in _states(entry)]
    return _stacked([measuring_gates.measure(net, tests, size) for net in nets])


PARTS: Mapping[str, Callable[[Entry, Labelled, Size], Arrays]] = {
    "slices": _slices,
    "boundaries": _boundaries,
    "regions": _regions,
    "scaling": _scaling,
    "gates": _gates,
}
"""What measures a network for a figure, by the figure's part."""


def _whole(entries: list[Entry], tests: Labelled, size: Size) -> Arrays:
    """What is published of single networks, those of the first seed.

    Weights ``weights NAME EPOCH`` of ReLU at every checkpoint and of Leaky-ReLU at the last; ``bits NAME``,
    ``activations NAME`` and ``units NAME`` of ReLU; and three whole slices ``slice EPOCH ...``.
    """
    seed = min(entry.network.seed for entry in entries)
    arrays: Arrays = {}
    for entry in (entry for entry in entries if entry.network.seed == seed):
        configuration, epochs = entry.network.configuration, entry.network.recipe.checkpoints
        assert isinstance(configuration, Classifier)
        exact = configuration.activation == "relu"
        for epoch in epochs if exact else epochs[-1:]:
            arrays[f"weights {configuration.id} {epoch}"] = flat(net_of(entry, epoch))["numbers"]
        if exact:
            made = measuring_slices.representations(net_of(entry, epochs[-1]), tests, size.published)
            arrays |= {f"{name} {configuration.id}": values for name, values in made.items()}
        if exact and configuration.start == SLICED[0]:
            for epoch in epochs:
                slice_ = measuring_slices.published(measuring_slices.cut(net_of(entry, epoch), tests, SLICED[1]))
                arrays |= {f"slice {epoch} {name}": values for name, values in slice_.items()}
    return arrays | {"corners": measuring_slices.corners(tests.labels)}
