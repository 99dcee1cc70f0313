"""What transformations of digits add to the layers of the catalogue's classifiers and autoencoders."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from isoaux.common.archive import Arrays
from isoaux.paper import Classifier, Figure
from isoaux.records import measurement
from isoaux.records.results import Result
from isoaux.representations.transformations import TRANSFORMATIONS, transformed
from isoaux.settings import Settings
from isoaux.studies import steps
from isoaux.studies.compositions import measuring
from isoaux.studies.compositions.data import Size
from isoaux.training import snapshots
from isoaux.training.autoencoder import affine_maps
from isoaux.training.classifier import function
from isoaux.training.data import Images
from isoaux.training.store import Entry

Values = NDArray[np.float64]


def compute(figure: Figure, settings: Settings, size: Size, **options: Any) -> Result:
    """The offsets of each network of a figure, and those of pixels.

    Raises ValueError too for images without labels, and for colour images.
    """
    rows = steps.rows(figure, settings, partial(_measure, size=size), reads="test", **options)
    before, after, labels = digits(rows.images, size)
    more: Arrays = {"pixels": measuring.offset_numbers(before, after, labels), "images": _shown(before, after, labels)}
    return steps.result(rows, more, {"transformations": list(TRANSFORMATIONS), "digits": len(labels)})


def digits(images: Images, size: Size) -> tuple[Values, Mapping[str, Values], NDArray[Any]]:
    """The first test images (N, d) in [0, 1], the same after every transformation, and their labels (N,)."""
    if images.labels_test is None:
        raise ValueError(f"dataset is {images.source!r}, whose images have no labels; accepted: mnist or digits.")
    first = images.test[: size.digits] / 255
    return first, {name: transformed(first, name) for name in TRANSFORMATIONS}, images.labels_test[: size.digits]


def _shown(before: Values, after: Mapping[str, Values], labels: NDArray[Any]) -> NDArray[np.uint8]:
    """The first image of every class, and the same after each transformation, (1 + T, C, side, side) as bytes."""
    first = [int(np.flatnonzero(labels == c)[0]) for c in np.unique(labels)]
    side = round(before.shape[1] ** 0.5)
    rows = np.stack([each[first] for each in (before, *after.values())])
    return np.rint(255 * rows).astype(np.uint8).reshape(*rows.shape[:2], side, side)


def _measure(entry: Entry, images: Images, size: Size) -> Arrays:
    """The numbers of a network before and after training; cached beside its snapshots.

    ``offsets`` (states, layers, T, 3), and ``permuted`` (layers, 2) of the trained network.
    """
    about = {"id": entry.network.id, "digits": size.digits, "draws": size.draws}
    return measurement.cached(entry, "offsets", about, lambda: _offsets(entry, images, size))


def _offsets(entry: Entry, images: Images, size: Size) -> Arrays:
    before, after, labels = digits(images, size)
    states = []
    for epoch in (0, entry.network.recipe.epochs):
        plain = layers(entry, images, epoch, before)
        changed = {name: layers(entry, images, epoch, each) for name, each in after.items()}
        states.append([(plain[k], {name: each[k] for name, each in changed.items()}) for k in range(len(plain))])
    seed = entry.network.seed
    return {
        "offsets": np.array([[measuring.offset_numbers(*layer, labels) for layer in state] for state in states]),
        "permuted": np.array([measuring.permuted_offsets(*layer, labels, seed, size.draws) for layer in states[-1]]),
    }


def layers(entry: Entry, images: Images, epoch: int, x: Values) -> list[Values]:
    """What a network makes of images (N, d) in [0, 1] after an epoch: its layers (N, n), first to last.

    Of a classifier the hidden layers behind their activations; of an autoencoder the latent layers, which have none
    behind them, of images ``x`` as bytes that are standardised like the network's own.
    """
    if isinstance(entry.network.configuration, Classifier):
        return _hidden(entry, epoch, x)
    shown = replace(images, test=np.rint(255 * x).astype(np.uint8))
    return [layer.astype(np.float64) for layer in snapshots.of_tests(entry, shown, (epoch,))[0]]


@torch.no_grad()
def _hidden(entry: Entry, epoch: int, x: Values) -> list[Values]:
    parameters = {name: value.double() for name, value in entry.read(epoch).items()}
    f, names = function(entry.network.configuration.activation), affine_maps(parameters)
    h, hidden = torch.from_numpy(x), []
    for name in names[:-1]:
        h = f(h @ parameters[f"{name}.weight"].T + parameters[f"{name}.bias"])
        hidden.append(h.numpy())
    return hidden
