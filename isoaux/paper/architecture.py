"""The autoencoders of App. E layer by layer."""

from dataclasses import dataclass
from math import prod
from typing import Any, Literal

from isoaux.common import arrays
from isoaux.common.choices import choose
from isoaux.paper.networks import Configuration

IMAGES = {"cifar": (32, 32, 3), "mnist": (28, 28, 1)}
"""Height, width and channels of an image, by the catalogue's short names (App. E; erratum E28)."""


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


def shapes(d: int, n: int, depth: int) -> dict[str, tuple[int, ...]]:
    """Names and shapes of an autoencoder's parameters, in the layout of ``nn.Linear``.

    Affine d to n (latent 0), ``depth`` blocks of activation and affine n to n (latents 1..L), activation,
    affine n to d; biases everywhere, no output activation (App. E, Fig. 37).
    """
    out: dict[str, tuple[int, ...]] = {"encoder.weight": (n, d), "encoder.bias": (n,)}
    for k in range(depth):
        out |= {f"hidden.{k}.weight": (n, n), f"hidden.{k}.bias": (n,)}
    return out | {"decoder.weight": (d, n), "decoder.bias": (d,)}
