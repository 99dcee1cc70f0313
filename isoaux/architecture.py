"""The autoencoders layer by layer, as the model itself has them, and how they are trained (App. E, Fig. 37)."""

from dataclasses import dataclass, replace
from math import prod
from typing import Any, Literal

from isoaux import arrays
from isoaux.choices import choose
from isoaux.layout import shapes
from isoaux.paper import DATASET_TITLES, DATASETS, GROUPS, TITLES, Configuration, Profile, configurations
from isoaux.settings import DEFAULT, Settings
from isoaux.tables import Table, Text

IMAGES = {"cifar": (32, 32, 3), "mnist": (28, 28, 1)}
"""Height, width and channels of an image, by the catalogue's short names (App. E; erratum E28)."""

ALWAYS = (
    ("optimiser", "stochastic gradient descent with momentum"),
    ("loss", "squared error, mean over the batch and the elements"),
    ("initial weights", "Xavier-normal with gain 1: variance 2 / (inputs + outputs)"),
    ("initial biases", "0"),
)
"""What is the same in every profile: the engine's one step and the model's one start."""


@dataclass(frozen=True)
class Layer:
    """One layer of an autoencoder: an affine map with its trained numbers, or an activation, which has none."""

    name: str
    kind: Literal["affine", "activation"]
    inputs: int
    outputs: int
    weights: int = 0
    biases: int = 0
    latent: int | None = None
    """The latent layer k that its output is, measured before any activation acts on it."""

    @property
    def parameters(self) -> int:
        """All numbers that are trained in it."""
        return self.weights + self.biases


def layers(d: int, n: int, depth: int) -> tuple[Layer, ...]:
    """The layers of an autoencoder from input to output, read from the shapes of the model's parameters (App. E).

    ``d`` pixels, ``n`` neurons and ``depth`` = L hidden blocks give L + 2 affine maps with an activation between any
    two. Raises ValueError for a size that is not a whole number of at least 1, and for a depth below 0.
    """
    found = shapes(arrays.whole(d, "d"), arrays.whole(n, "n"), _depth(depth))
    maps = [name.removesuffix(".weight") for name in found if name.endswith(".weight")]
    rows: list[Layer] = []
    for k, name in enumerate(maps):
        outputs, inputs = found[f"{name}.weight"]
        if k:
            rows.append(Layer(f"activation.{k - 1}", "activation", inputs, inputs))
        biases = prod(found.get(f"{name}.bias", (0,)))
        latent = k if k < len(maps) - 1 else None
        rows.append(Layer(name, "affine", inputs, outputs, inputs * outputs, biases, latent))
    return tuple(rows)


def _depth(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError(f"depth is {value!r}; accepted: a whole number of hidden blocks from 0.")


def of(configuration: Configuration) -> tuple[Layer, ...]:
    """The layers of one of the paper's networks. Raises ValueError for a data set that the paper does not have."""
    return layers(prod(image(configuration)), configuration.n, configuration.L)


def image(configuration: Configuration) -> tuple[int, int, int]:
    """Height, width and channels of the images that a network is trained on."""
    return choose("dataset", configuration.dataset, IMAGES)


def asked(configuration: Configuration, settings: Settings) -> tuple[Configuration, Profile]:
    """A network and a profile as the settings change them: depth and images; images, seeds and arithmetic.

    Images that the paper does not have are those of the profile alone: the network stays one of the paper's.
    """
    short = {source: name for name, source in DATASETS.items()}
    network = replace(configuration, dataset=short.get(settings.dataset, configuration.dataset))
    if not isinstance(settings.depth, str):
        network = replace(network, L=settings.depth)
    images = settings.size.dataset if settings.dataset == DEFAULT else settings.dataset
    return network, replace(settings.size, seeds=settings.seeds_for(), dtype=settings.dtype_for(), dataset=images)


def parameters(configuration: Configuration) -> Table:
    """Every layer of a network: what it maps, from where to where, its weights and biases, and what is measured."""
    found = of(configuration)
    symmetry = f"{TITLES[configuration.activation]}, {GROUPS[configuration.activation]}"
    rows = [
        (
            layer.name,
            layer.kind if layer.kind == "affine" else symmetry,
            f"{layer.inputs:,}",
            f"{layer.outputs:,}",
            *(f"{count:,}" if layer.parameters else "" for count in (layer.weights, layer.biases, layer.parameters)),
            "" if layer.latent is None else f"k = {layer.latent}",
        )
        for layer in found
    ]
    sums = (sum(getattr(layer, name) for layer in found) for name in ("weights", "biases", "parameters"))
    rows.append(("all", "", f"{found[0].inputs:,}", f"{found[-1].outputs:,}", *(f"{s:,}" for s in sums), ""))
    return Table(("layer", "map", "from", "to", "weights", "biases", "parameters", "latent layer"), tuple(rows))


def summary(configuration: Configuration) -> Text:
    """Where a network's parameters are, in two sentences made from the model."""
    found = of(configuration)
    total = sum(layer.parameters for layer in found)
    ends = found[0].parameters + found[-1].parameters
    hidden = [layer.parameters for layer in found[1:-1] if layer.kind == "affine"]
    rest = "there is no hidden map"
    if hidden:
        each = f"each of the {len(hidden)} hidden maps" if len(hidden) > 1 else "the hidden map"
        rest = f"{each} has {hidden[0]:,}"
    return Text(
        f"Of {total:,} parameters, {100 * ends / total:.1f}% are in the encoder's and the decoder's maps; {rest}. "
        f"The {len(hidden) + 1} activation{'s' * bool(hidden)} between them have none."
    )


def sizes() -> Table:
    """The parameters of every architecture among the paper's networks: a row per data set and width n, L across."""
    found = {(c.dataset, c.n, c.L): sum(layer.parameters for layer in of(c)) for c in configurations()}
    depths = sorted({depth for _, _, depth in found})
    rows = []
    for dataset, n in sorted({(dataset, n) for dataset, n, _ in found}):
        cells = (found.get((dataset, n, depth)) for depth in depths)
        rows.append((DATASET_TITLES[dataset], str(n), *("" if cell is None else f"{cell:,}" for cell in cells)))
    return Table(("images", "n", *(f"L = {depth}" for depth in depths)), tuple(rows))


def recipe(profile: Profile) -> Table:
    """How the networks of a profile are trained, read from the profile (App. E; erratum E52)."""
    how = profile.recipe
    epochs = ", ".join(map(str, how.checkpoints))
    rows = (
        ("images", profile.dataset or f"{' or '.join(DATASET_TITLES.values())}, as the figure has them"),
        ("seeds", ", ".join(map(str, profile.seeds))),
        ("epochs", f"{how.epochs}"),
        ("images in a batch", f"{how.batch_size}"),
        ALWAYS[0],
        ("learning rate", f"{how.learning_rate:g}"),
        ("momentum", f"{how.momentum:g}"),
        *ALWAYS[1:],
        ("arithmetic", profile.dtype),
        ("looked at", f"{len(how.checkpoints)} times, after epochs {epochs}"),
    )
    return Table(("what", profile.name), rows)
