"""The autoencoders of App. E: initial parameters, and the representations and reconstructions of a trained one."""

import torch
from torch import Tensor, nn

from isoaux import activations
from isoaux.paper.architecture import shapes
from isoaux.training import maps

Parameters = dict[str, Tensor]
"""The parameters of one network by name, each in the layout of ``nn.Linear``.

Where the activation has a privileged basis, ``basis.k`` (m, width) is that of the activation behind map k; it is not
trained, and kept in float64.
"""


def initial(d: int, n: int, depth: int, generator: torch.Generator, hidden: tuple[int, ...] = ()) -> Parameters:
    """Parameters before training in float64: Xavier-normal weights of gain 1 and zero biases (App. E).

    ``d`` pixels, ``n`` neurons per latent layer, ``depth`` hidden blocks L, ``hidden`` widths on either side; the
    activation plays no part.
    """
    parameters = {}
    for name, shape in shapes(d, n, depth, hidden).items():
        parameters[name] = torch.zeros(shape, dtype=torch.float64)
        if len(shape) == 2:
            parameters[name].normal_(0, (2 / sum(shape)) ** 0.5, generator=generator)
    return parameters


def affine_maps(parameters: Parameters) -> list[str]:
    """Names of a network's affine maps from input to output: ``encoder``, ``hidden.0``, ..., ``decoder``."""
    depth = sum(name.startswith("hidden") for name in parameters) // 2
    return ["encoder", *(f"hidden.{k}" for k in range(depth)), "decoder"]


def functions(parameters: Parameters, activation: str) -> list[activations.Activation]:
    """The activations behind every map of a network but the last, by the key of all of them."""
    maps = range(len(affine_maps(parameters)) - 1)
    return [activations.named(activation, parameters.get(f"basis.{k}")) for k in maps]


def module(parameters: Parameters, activation: str) -> nn.Sequential:
    """An ``nn.Sequential`` of Linear layers and activations from a network's parameters and its activation's key."""
    layers: list[nn.Module] = []
    behind = functions(parameters, activation)
    for k, name in enumerate(affine_maps(parameters)):
        weight = parameters[f"{name}.weight"]
        linear = nn.utils.skip_init(nn.Linear, weight.shape[1], weight.shape[0], dtype=weight.dtype)
        linear.load_state_dict({"weight": weight, "bias": parameters[f"{name}.bias"]})
        layers += [linear, *behind[k : k + 1]]
    return nn.Sequential(*layers)


def latents(parameters: Parameters, activation: str, x: Tensor, map: str = "affine") -> list[Tensor]:
    """Representations (N, n) of inputs ``x`` (N, d) in every layer, hidden ones too, before the activation (App. E).

    ``map`` is the key of the map that every layer is (:mod:`isoaux.training.maps`).
    """
    layer = maps.named(map)
    layers: list[Tensor] = []
    for name, f in zip(affine_maps(parameters), functions(parameters, activation), strict=False):
        typical = f.typical_square(x.shape[-1]) if layers else None
        x = layer.forward(x, parameters[f"{name}.weight"], parameters[f"{name}.bias"], typical)
        layers.append(x)
        x = f(x)
    return layers


def decode(parameters: Parameters, activation: str, latent: Tensor, map: str = "affine") -> Tensor:
    """Reconstructions (N, d) from representations ``latent`` (N, n) of the last latent layer."""
    f = functions(parameters, activation)[-1]
    typical = f.typical_square(latent.shape[-1])
    return maps.named(map).forward(f(latent), parameters["decoder.weight"], parameters["decoder.bias"], typical)
