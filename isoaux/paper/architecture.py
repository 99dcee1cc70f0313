"""The layers of the autoencoders of App. E, and the shapes of their parameters."""

from dataclasses import dataclass
from math import prod
from typing import Literal

from isoaux.common import arrays
from isoaux.common.choices import choose
from isoaux.paper.networks import Configuration, layer_widths

IMAGES = {"cifar": (32, 32, 3), "mnist": (28, 28, 1)}
"""Height, width and channels of an image, by the catalogue's short names (App. E; erratum E28)."""


@dataclass(frozen=True)
class Layer:
    """One layer of an autoencoder: an affine map with its numbers of weights and biases, or an activation."""

    name: str
    kind: Literal["affine", "activation"]
    inputs: int
    outputs: int
    weights: int = 0
    biases: int = 0
    latent: int | None = None
    """The number k of the latent layer that its output is, if any; an activation acts on it afterwards."""

    @property
    def parameters(self) -> int:
        """The number of its trained parameters."""
        return self.weights + self.biases


def layers(d: int, n: int, depth: int, hidden: tuple[int, ...] = ()) -> tuple[Layer, ...]:
    """The layers of an autoencoder from input to output, from the shapes of its parameters (App. E).

    ``d`` pixels, ``n`` neurons and ``depth`` = L hidden blocks give L + 2 affine maps with an activation between any
    two; ``hidden`` widths add as many before and behind the latent layers. Raises ValueError for a size that is not a
    whole number of at least 1, and for a depth below 0.
    """
    sides = tuple(arrays.whole(width, "hidden") for width in hidden)
    parameters = shapes(arrays.whole(d, "d"), arrays.whole(n, "n"), arrays.whole(depth, "depth", 0), sides)
    maps = [name.removesuffix(".weight") for name in parameters if name.endswith(".weight")]
    rows: list[Layer] = []
    for k, name in enumerate(maps):
        outputs, inputs = parameters[f"{name}.weight"]
        if k:
            rows.append(Layer(f"activation.{k - 1}", "activation", inputs, inputs))
        biases = prod(parameters.get(f"{name}.bias", (0,)))
        latent = k - len(hidden) if len(hidden) <= k <= len(hidden) + depth else None
        rows.append(Layer(name, "affine", inputs, outputs, inputs * outputs, biases, latent))
    return tuple(rows)


def of(configuration: Configuration) -> tuple[Layer, ...]:
    """The layers of the networks of a configuration. Raises ValueError for a data set that the paper does not have."""
    return layers(prod(image(configuration)), configuration.n, configuration.L, configuration.hidden)


def image(configuration: Configuration) -> tuple[int, int, int]:
    """Height, width and channels of the images of a configuration."""
    return choose("dataset", configuration.dataset, IMAGES)


def shapes(d: int, n: int, depth: int, hidden: tuple[int, ...] = ()) -> dict[str, tuple[int, ...]]:
    """The shapes of an autoencoder's parameters by name, in the layout of ``nn.Linear`` (App. E, Fig. 37).

    Affine d to n (latent 0), ``depth`` blocks of activation and affine n to n (latents 1..L), activation, affine n
    to d; all with biases, no activation at the output. ``hidden`` widths lie between d and n, and mirrored between n
    and d, with an activation behind each.
    """
    first, *others = widths = layer_widths(n, depth, hidden)
    out: dict[str, tuple[int, ...]] = {"encoder.weight": (first, d), "encoder.bias": (first,)}
    for k, width in enumerate(others):
        out |= {f"hidden.{k}.weight": (width, widths[k]), f"hidden.{k}.bias": (width,)}
    return out | {"decoder.weight": (d, widths[-1]), "decoder.bias": (d,)}
