"""The autoencoders of App. E: initial parameters, and the representations and reconstructions of a trained one."""

import torch
from torch import Tensor, nn

from isoaux import activations
from isoaux.paper.architecture import shapes
from isoaux.training import maps

Parameters = dict[str, Tensor]
"""The parameters of one network by name, each in the layout of ``nn.Linear``."""


def initial(d: int, n: int, depth: int, generator: torch.Generator) -> Parameters:
    """Parameters before training in float64: Xavier-normal weights of gain 1 and zero biases (App. E).

    ``d`` pixels, ``n`` neurons per layer, ``depth`` hidden blocks L; the activation plays no part.
    """
    parameters = {}
    for name, shape in shapes(d, n, depth).items():
        parameters[name] = torch.zeros(shape, dtype=torch.float64)
        if len(shape) == 2:
            parameters[name].normal_(0, (2 / sum(shape)) ** 0.5, generator=generator)
    return parameters


def affine_maps(parameters: Parameters) -> list[str]:
    """Names of a network's affine maps from input to output: ``encoder``, ``hidden.0``, ..., ``decoder``."""
    depth = sum(name.startswith("hidden") for name in parameters) // 2
    return ["encoder", *(f"hidden.{k}" for k in range(depth)), "decoder"]


def module(parameters: Parameters, activation: str) -> nn.Sequential:
    """An ``nn.Sequential`` of Linear layers and activations from a network's parameters and its activation's key."""
    layers: list[nn.Module] = []
    for name in affine_maps(parameters):
        weight = parameters[f"{name}.weight"]
        linear = nn.utils.skip_init(nn.Linear, weight.shape[1], weight.shape[0], dtype=weight.dtype)
        linear.load_state_dict({"weight": weight, "bias": parameters[f"{name}.bias"]})
        layers += [linear, activations.named(activation)]
    return nn.Sequential(*layers[:-1])


def latents(parameters: Parameters, activation: str, x: Tensor, map: str = "affine") -> list[Tensor]:
    """Representations (N, n) of inputs ``x`` (N, d) in every latent layer k = 0..L, before the activation (App. E).

    ``map`` is the key of the map that every layer is (:mod:`isoaux.training.maps`).
    """
    f, layer = activations.named(activation), maps.named(map)
    layers: list[Tensor] = []
    for name in affine_maps(parameters)[:-1]:
        typical = f.typical_square(x.shape[-1]) if layers else None
        x = layer.forward(x, parameters[f"{name}.weight"], parameters[f"{name}.bias"], typical)
        layers.append(x)
        x = f(x)
    return layers


def decode(parameters: Parameters, activation: str, latent: Tensor, map: str = "affine") -> Tensor:
    """Reconstructions (N, d) from representations ``latent`` (N, n) of the last latent layer."""
    f = activations.named(activation)
    typical = f.typical_square(latent.shape[-1])
    return maps.named(map).forward(f(latent), parameters["decoder.weight"], parameters["decoder.bias"], typical)
