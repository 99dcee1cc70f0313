"""What is measured of classifiers, how much of it in each profile, and the published data.

All arrays of a figure file begin with an axis over its networks, but for those of :data:`SHARED` and what is stored of
single networks (:func:`stored`). *States* are the network before training and at its last epoch. Spaces 0..K-1 are
those of images and of the activations of hidden layers 1..K-1; layer k's activations go with the codes of the layers
k..K.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isoaux.common.archive import Published
from isoaux.paper import Classifier, Figure
from isoaux.polytopes import Net
from isoaux.records.reading import read_figure
from isoaux.records.results import Result
from isoaux.settings import DEFAULT, Settings, restrict

STATES = ("before training", "at the end")
"""The states of a network that are measured."""

COUNTS = ("codes", "crossings", "variation")
"""What densities count between two points: differing bits, boundaries crossed, the way of the local map."""

EFFECTS = ("auc", "d", "matched")
"""The numbers of an effect (:class:`isoaux.polytopes.boundaries.Effect`)."""

NULL = ("mean", "low", "high", "p")
"""What is kept of a statistic under its null: the mean, a 95 % range, and the share of draws not below the value."""

KINDS = ("within", "between")
"""Pairs of one class, and of two."""

PURITY = ("purity", "clustered", "clusters", "monosemantic", "ami")
"""What is kept of clusters (:class:`isoaux.polytopes.regions.Purity`)."""

DIRECTIONS = ("neurons", "pca", "turned", "nmf 16", "nmf 64", "random 16", "random 64")
"""Sets of directions, with how many where that is asked for."""

JUDGED = ("monosemantic", "polysemantic", "purity")
"""What is kept of a set of directions: shares of them, and the mean purity of the samples of largest cosine."""

RELATIONS = ("codes", "distance", "partial", "permuted")
"""Rank correlations over pairs with the difference of local maps: of codes, of distance, of codes given distance."""

RAYS = ("activations", "gaussian")
"""Vectors whose rays are followed."""

OF_PROJECTIONS = {"epsilon": (DEFAULT, 0.75), "basis": ("standard",), "variant": ("combination",)}
"""The settings of a projection that are accepted, at what stands for none."""

LEAKS = {"relu": 0.0, "lrelu": 0.01}
"""The slopes below 0 of the activations that cut spaces into polytopes."""

SLICED = ("pytorch", 0)
"""The start, and the space, of the slices that are published whole, those of ReLU."""

SHARED = ("labels", "corners")
"""Arrays that do not begin with an axis over networks."""


@dataclass(frozen=True)
class Size:
    """How much is measured: numbers of test images, pairs, rays and draws.

    ``images`` of which all pairs are compared, ``segments`` of each kind, pairs of each kind whose smooth variation is
    followed (``paths``), images that are clustered (``samples``), images whose local maps are compared (``maps``),
    ``rays`` of each kind, and networks with ``permuted`` biases.
    """

    images: int
    segments: int
    paths: int
    samples: int
    maps: int
    rays: int
    permuted: int
    draws: int
    final_draws: int
    bootstraps: int
    published: int


FULL = Size(600, 600, 100, 1500, 300, 300, 99, 99, 999, 199, 1000)
SMALL = Size(120, 60, 20, 240, 60, 40, 9, 9, 19, 19, 120)


def size_for(settings: Settings) -> Size:
    """The size of a measurement under these settings."""
    return FULL if settings.size.full else SMALL


def check(figure: Figure, settings: Settings) -> None:
    """Raise ValueError for a threshold, a basis or a variant, which have no meaning here."""
    restrict(settings, OF_PROJECTIONS, f"but {figure.name} projects nothing")


def read(figure: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The published data of a figure; errors as in :func:`isoaux.records.reading.read_figure` and :func:`check`."""
    check(figure, settings)
    return read_figure(figure, settings, folder)


def classifiers(result: Result) -> dict[Classifier, list[int]]:
    """The rows of every configuration of a result, in the figure's order."""
    return {c: rows for c, rows in result.by_configuration.items() if isinstance(c, Classifier)}


def stored(drawing: Published, configuration: str, epoch: int) -> Net:
    """The network of a slice's file after an epoch, of the seed that is stored, in float32.

    ``drawing`` is the file of the figure of slices, ``configuration`` a name as ``poly-mnist-relu-w64-d3``. Raises
    ValueError for a network or an epoch that is not stored.
    """
    names = weights_of(drawing)
    if (configuration, epoch) not in names:
        accepted = ", ".join(f"{name} at epoch {at}" for name, at in names)
        raise ValueError(f"network is {configuration!r} at epoch {epoch!r}; accepted: {accepted}.")
    parsed = Classifier.parse(configuration)
    numbers = drawing.arrays[_name(configuration, epoch)]
    inputs = int(drawing.facts["pixels"])
    layers, at = [], 0
    for outputs in (*parsed.widths, parsed.classes):
        weight = numbers[at : at + outputs * inputs].reshape(outputs, inputs)
        at += outputs * inputs
        layers.append((weight, numbers[at : at + outputs]))
        at, inputs = at + outputs, outputs
    return Net(layers, LEAKS[parsed.activation])


def weights_of(drawing: Published) -> list[tuple[str, int]]:
    """The configurations and epochs of which a slice's file has weights, in its order."""
    names = [name.split(" ") for name in drawing.arrays if name.startswith("weights ")]
    return [(name, int(epoch)) for _, name, epoch in names]


def flat(net: Net) -> dict[str, np.ndarray]:
    """The ``numbers`` of a network in float32, weight by rows and bias of each layer, one after the other."""
    return {"numbers": np.concatenate([np.append(weight.ravel(), bias) for weight, bias in net.affine]).astype("<f4")}


def _name(configuration: str, epoch: int) -> str:
    return f"weights {configuration} {epoch}"
