"""Networks with one hidden layer that name qualities of an image, trained many at a time in single products.

All networks of a seed see the same batches; each leaves out of them the images that are held out from it. They begin
with the same weights, so that activations and designs are compared in pairs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from isoaux.activations import Activation
from isoaux.training.classifier import function

Layer = Callable[[NDArray[np.float32]], Tensor]
"""A layer (G, A, N, h) of networks at images (N, d)."""

LEARNING_RATE, MOMENTUM, BATCH = 0.02, 0.9, 50
"""How the networks are trained: momentum SGD on the sum of the cross entropies of their qualities."""


@dataclass(frozen=True)
class Networks:
    """Networks of G designs and A activations: hidden weights (G, A, h, d) and biases, and those of the logits.

    ``outputs`` (G, A, k, h) are the weights of the logits of all qualities, which ``sizes`` parts among them.
    """

    activations: tuple[str, ...]
    sizes: tuple[int, ...]
    weight: Tensor
    bias: Tensor
    outputs: Tensor
    constant: Tensor

    def before(self, x: NDArray[np.float32]) -> Tensor:
        """The hidden layer (G, A, N, h) before its activation, of images (N, d)."""
        return torch.from_numpy(x) @ self.weight.mT + self.bias[..., None, :]

    def hidden(self, x: NDArray[np.float32]) -> Tensor:
        """The hidden layer (G, A, N, h) behind its activation."""
        z = self.before(x)
        functions = map(function, self.activations)
        return torch.stack([f(z[:, a]) for a, f in enumerate(functions)], dim=1)

    def logits(self, hidden: Tensor) -> tuple[Tensor, ...]:
        """The logits (G, A, N, size) of every quality, from the hidden layer."""
        return (hidden @ self.outputs.mT + self.constant[..., None, :]).split(self.sizes, dim=-1)


def initial(
    d: int, hidden: int, sizes: Sequence[int], designs: int, activations: Sequence[str], generator: torch.Generator
) -> Networks:
    """Networks before training, all the same: uniform up to 1/sqrt(p) for p inputs, as ``nn.Linear`` begins."""

    def drawn(n: int, p: int) -> tuple[Tensor, Tensor]:
        parts = [torch.empty(shape).uniform_(-(p**-0.5), p**-0.5, generator=generator) for shape in ((n, p), (n,))]
        return parts[0], parts[1]

    def repeated(each: Tensor) -> Tensor:
        return each.expand(designs, len(activations), *each.shape).clone()

    parameters = [repeated(part) for n, p in ((hidden, d), (sum(sizes), hidden)) for part in drawn(n, p)]
    return Networks(tuple(activations), tuple(sizes), *parameters)


def train(
    start: Networks,
    x: NDArray[np.float32],
    labels: Sequence[NDArray[np.int64]],
    seen: NDArray[np.bool_],
    epochs: int,
    generator: torch.Generator,
) -> Networks:
    """The networks after ``epochs`` over images ``x`` (N, d) with ``labels`` (N,) for every quality.

    ``seen`` (G, N) says which images the networks of a design are trained on. The orders of batches are drawn from
    ``generator``.
    """
    designs, kinds, h, d = start.weight.shape
    functions = [function(name) for name in start.activations]
    ends = start.outputs.flatten(0, 1), start.constant.flatten(0, 1)
    flat = (start.weight.reshape(-1, d), start.bias.reshape(-1), *ends)
    weight, bias, outputs, constant = parameters = [part.clone().requires_grad_() for part in flat]
    optimiser = torch.optim.SGD(parameters, lr=LEARNING_RATE, momentum=MOMENTUM)
    images, kept = torch.from_numpy(x), torch.from_numpy(seen.T.astype(np.float32))
    targets = [torch.from_numpy(each) for each in labels]
    for _ in range(epochs):
        for batch in torch.randperm(len(x), generator=generator).split(BATCH):
            z = torch.addmm(bias, images[batch], weight.T).view(len(batch), designs, kinds, h)
            out = torch.baddbmm(constant[:, None], _activated(z, functions), outputs.mT)
            mask = kept[batch] / kept[batch].sum(0).clamp(min=1)
            loss = torch.zeros(())
            for logits, target in zip(out.split(start.sizes, dim=-1), targets, strict=True):
                rows = target[batch].expand(designs * kinds, -1)
                each = cross_entropy(logits.mT, rows, reduction="none").view(designs, kinds, -1)
                loss = loss + (each * mask.T[:, None]).sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    shapes = start.weight.shape, start.bias.shape, start.outputs.shape, start.constant.shape
    trained = [part.detach().view(shape) for part, shape in zip(parameters, shapes, strict=True)]
    return Networks(start.activations, start.sizes, *trained)


def _activated(z: Tensor, functions: Sequence[Activation]) -> Tensor:
    """The hidden layers (G A, B, h) behind their activations, from (B, G, A, h)."""
    behind = torch.stack([f(z[:, :, a]) for a, f in enumerate(functions)], dim=2)
    return behind.flatten(1, 2).transpose(0, 1)
