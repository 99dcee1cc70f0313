"""The autoencoders of App. E: initial values, and a trained one in use."""

import torch
from torch import Tensor, nn

from isoaux import activations
from isoaux.paper.architecture import shapes
from isoaux.training import maps

Parameters = dict[str, Tensor]
"""The parameters of one network by name, each in the layout of ``nn.Linear``."""


def initial(d: int, n: int, depth: int, generator: torch.Generator) -> Parameters:
    """Xavier-normal weights of gain 1 and zero biases in float64 (App. E); independent of the activation."""
    made = {}
    for name, shape in shapes(d, n, depth).items():
        made[name] = torch.zeros(shape, dtype=torch.float64)
        if len(shape) == 2:
            made[name].normal_(0, (2 / sum(shape)) ** 0.5, generator=generator)
    return made


def affine_maps(parameters: Parameters) -> list[str]:
    """The names of a network's affine maps from input to output, whatever the order of the parameters."""
    depth = sum(name.startswith("hidden") for name in parameters) // 2
    return ["encoder", *(f"hidden.{k}" for k in range(depth)), "decoder"]


def module(parameters: Parameters, activation: str) -> nn.Sequential:
    """A network as plain PyTorch: ``nn.Sequential`` of Linear layers and activations, from its parameters."""
    layers: list[nn.Module] = []
    for name in affine_maps(parameters):
        weight = parameters[f"{name}.weight"]
        linear = nn.utils.skip_init(nn.Linear, weight.shape[1], weight.shape[0], dtype=weight.dtype)
        linear.load_state_dict({"weight": weight, "bias": parameters[f"{name}.bias"]})
        layers += [linear, activations.named(activation)]
    return nn.Sequential(*layers[:-1])


def latents(parameters: Parameters, activation: str, x: Tensor, map: str = "affine") -> list[Tensor]:
    """The representations of every latent layer k = 0..L: outputs of the maps, before the activation (App. E).

    ``x`` has shape (N, d); each result has shape (N, n); ``map`` is what the layers are (:mod:`isoaux.training.maps`).
    """
    f, layer = activations.named(activation), maps.named(map)
    found: list[Tensor] = []
    for name in affine_maps(parameters)[:-1]:
        typical = f.typical_square(x.shape[-1]) if found else None
        x = layer.forward(x, parameters[f"{name}.weight"], parameters[f"{name}.bias"], typical)
        found.append(x)
        x = f(x)
    return found


def decode(parameters: Parameters, activation: str, latent: Tensor, map: str = "affine") -> Tensor:
    """The reconstruction, (N, n) to (N, d), of representations of the last latent layer."""
    f = activations.named(activation)
    typical = f.typical_square(latent.shape[-1])
    return maps.named(map).forward(f(latent), parameters["decoder.weight"], parameters["decoder.bias"], typical)
