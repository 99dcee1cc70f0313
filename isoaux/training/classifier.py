"""Networks that name the class of an image: parameters before training, the training step, and what they compute.

A classifier of width n and depth K has K hidden layers of n neurons and a logit for each class. Its parameters are
those of an autoencoder with K - 1 blocks, by the same names, with as many outputs as there are classes. The step is
momentum SGD on the mean cross entropy, with gradients in closed form.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from isoaux import activations
from isoaux.activations import Activation
from isoaux.common.choices import choose
from isoaux.paper import Classifier
from isoaux.paper.networks import STARTS
from isoaux.training.autoencoder import Parameters, affine_maps
from isoaux.training.data import Images

Floats = NDArray[np.float32]

RELU = "relu"
"""The key of ReLU, the Leaky-ReLU without a leak."""


def function(activation: str) -> Activation:
    """The activation of a key: ``relu``, or one of those without a basis (:mod:`isoaux.activations`)."""
    return activations.LeakyReLU(0.0) if activation == RELU else activations.named(activation)


def shapes(d: int, configuration: Classifier) -> dict[str, tuple[int, int]]:
    """The shapes (outputs, inputs) of a classifier's weights for images of ``d`` pixels, by the name of the map."""
    widths = (d, *configuration.widths, configuration.classes)
    names = ["encoder", *(f"hidden.{k}" for k in range(configuration.L)), "decoder"]
    return {name: (n, p) for name, (p, n) in zip(names, pairwise(widths), strict=True)}


def initial(d: int, configuration: Classifier, generator: torch.Generator) -> Parameters:
    """Parameters before training in float64, by the configuration's start; the activation plays no part.

    ``xavier``: Xavier-normal weights of gain 1 and zero biases. ``pytorch``: weights and biases uniform from
    -1/sqrt(p) to 1/sqrt(p) for p inputs, the default of ``nn.Linear``. Raises ValueError for another start.
    """
    start = choose("start", configuration.start, dict(zip(STARTS, STARTS, strict=True)))
    parameters: Parameters = {}
    for name, (n, p) in shapes(d, configuration).items():
        weight, bias = torch.zeros((n, p), dtype=torch.float64), torch.zeros(n, dtype=torch.float64)
        if start == "pytorch":
            for part in (weight, bias):
                part.uniform_(-(p**-0.5), p**-0.5, generator=generator)
        else:
            weight.normal_(0, (2 / (n + p)) ** 0.5, generator=generator)
        parameters |= {f"{name}.weight": weight, f"{name}.bias": bias}
    return parameters


def labels_for(images: Images, classes: int) -> Tensor:
    """The labels (N,) of the training images, for networks with so many ``classes``.

    Raises ValueError for images without labels, and for more classes than the networks have.
    """
    if images.labels_train is None:
        raise ValueError(
            f"dataset is {images.source!r}, whose images have no labels; accepted: mnist, cifar10, digits, or a folder "
            "whose sub-folders are classes."
        )
    if len(images.classes) > classes:
        raise ValueError(
            f"dataset is {images.source!r} with {len(images.classes)} classes; accepted: at most {classes}, the "
            "number of logits."
        )
    return torch.from_numpy(images.labels_train)


@dataclass(frozen=True)
class _Network:
    """One network in training: its activation, and the tensors that a step changes."""

    function: Activation
    weights: list[Tensor]
    biases: list[Tensor]
    momentum: list[tuple[Tensor, Tensor]]

    @property
    def tensors(self) -> list[Tensor]:
        return [*self.weights, *self.biases]


class ClassifierStack:
    """Classifiers of one shape that are trained one after the other, each as if it were alone.

    It has what training needs of a :class:`isoaux.training.engine.Stack`; ``labels`` (N,) are those of the images that
    the epochs pass over.
    """

    def __init__(
        self,
        parameters: Sequence[Parameters],
        activations: Sequence[str],
        order: Sequence[int],
        labels: Tensor,
        *,
        learning_rate: float,
        momentum: float,
        dtype: torch.dtype,
        device: torch.device | str = "cpu",
    ) -> None:
        self.names = affine_maps(parameters[0])
        self.order, self.labels = list(order), labels.to(device)
        self.learning_rate, self.momentum = learning_rate, momentum
        self.dtype, self.device = dtype, device
        self._networks = [
            _Network(function(name), *self._tensors(each), self._still(each))
            for each, name in zip(parameters, activations, strict=True)
        ]

    def _tensors(self, parameters: Parameters) -> tuple[list[Tensor], list[Tensor]]:
        """Copies of the weights and of the biases, from input to output."""
        weights, biases = (
            [parameters[f"{name}.{part}"].to(self.device, self.dtype, copy=True) for name in self.names]
            for part in ("weight", "bias")
        )
        return weights, biases

    def _still(self, parameters: Parameters) -> list[tuple[Tensor, Tensor]]:
        """A momentum of zero for every map."""
        weights, biases = self._tensors(parameters)
        return [(torch.zeros_like(w), torch.zeros_like(b)) for w, b in zip(weights, biases, strict=True)]

    def __len__(self) -> int:
        return len(self._networks)

    def load(self, parameters: Sequence[Parameters], velocities: Sequence[Parameters] | None = None) -> None:
        """Set the parameters of every network, and its momentum where ``velocities`` are given."""
        for network, values in zip(self._networks, parameters, strict=True):
            for mine, theirs in zip(network.tensors, sum(self._tensors(values), []), strict=True):
                mine.copy_(theirs)
        for network, values in zip(self._networks, velocities or [], strict=velocities is not None):
            for (weight, bias), *new in zip(network.momentum, *self._tensors(values), strict=True):
                weight.copy_(new[0])
                bias.copy_(new[1])

    def parameters(self, e: int) -> Parameters:
        """A copy of network e's parameters on the CPU, in the layout of ``nn.Linear``."""
        network = self._networks[e]
        return self._named(zip(network.weights, network.biases, strict=True))

    def velocities(self, e: int) -> Parameters:
        """A copy of network e's momentum on the CPU, in the same layout."""
        return self._named(self._networks[e].momentum)

    def _named(self, pairs: "Sequence[tuple[Tensor, Tensor]] | zip[tuple[Tensor, Tensor]]") -> Parameters:
        named: Parameters = {}
        for name, (weight, bias) in zip(self.names, pairs, strict=True):
            named |= {f"{name}.weight": weight.to("cpu", copy=True), f"{name}.bias": bias.to("cpu", copy=True)}
        return named

    def finite(self) -> list[bool]:
        """For every network, whether all of its parameters are finite."""
        return [all(bool(t.isfinite().all()) for t in network.tensors) for network in self._networks]

    @torch.no_grad()
    def epoch(self, images: Tensor, scale: Tensor, offset: Tensor | None, orders: Tensor, batch_size: int) -> Tensor:
        """Mean cross entropies (E,) of the networks over an epoch, for which each of them is trained.

        ``images`` (N, d) are bytes, of which a network sees ``images * scale + offset``; ``orders`` (G, N) holds a
        permutation of the samples for every order. The last, short batch is trained on too.
        """
        losses = torch.zeros(len(self), dtype=torch.float64)
        for e, (network, order) in enumerate(zip(self._networks, self.order, strict=True)):
            for batch in orders[order].split(batch_size):
                x = images[batch].to(self.dtype) * scale
                x = x if offset is None else x + offset
                losses[e] += float(self._step(network, x, self.labels[batch])) * len(batch)
        return losses / orders.shape[1]

    def _step(self, network: _Network, x: Tensor, labels: Tensor) -> Tensor:
        """The mean cross entropy of a batch ``x`` (B, d), after which the parameters have taken one step."""
        inputs, before = [x], []
        for weight, bias in zip(network.weights[:-1], network.biases[:-1], strict=True):
            before.append(torch.addmm(bias, inputs[-1], weight.T))
            inputs.append(network.function(before[-1]))
        logs = torch.log_softmax(torch.addmm(network.biases[-1], inputs[-1], network.weights[-1].T), dim=1)
        rows = torch.arange(len(x), device=x.device)
        gradient = logs.exp()
        gradient[rows, labels] -= 1
        gradient /= len(x)
        for k in range(len(self.names) - 1, -1, -1):
            weight, bias = network.weights[k], network.biases[k]
            slow_weight, slow_bias = network.momentum[k]
            slow_weight.mul_(self.momentum).addmm_(gradient.T, inputs[k])
            slow_bias.mul_(self.momentum).add_(gradient.sum(0))
            if k:
                gradient = network.function.vjp(before[k - 1], gradient @ weight)
            weight.sub_(slow_weight, alpha=self.learning_rate)
            bias.sub_(slow_bias, alpha=self.learning_rate)
        return -logs[rows, labels].mean()
