"""What a batch does to the step of one sample: Eqn 17 holds for a sample alone (App. C.2, erratum E27).

With a mean loss over B samples, one step of rate eta moves z_a by -(eta/B) sum_b (x_a . x_b + 1) delta_b, where
delta_b = g_b J_b is the gradient of sample b's own loss. Only the term b = a points where sample a would go alone.
"""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import torch
from torch import Tensor

from isoaux import activations
from isoaux.common.choices import choose
from isoaux.studies.gradient_flow.compute.deflection import angle
from isoaux.studies.gradient_flow.data import BATCH, EPOCHS, NEURONS, SIZES, BatchAngles
from isoaux.training import autoencoder, data, in_memory, maps, threads
from isoaux.training.autoencoder import Parameters

SAMPLES = 480
"""Inputs that are taken of every kind: 20 batches."""


def effective(x: Tensor, delta: Tensor) -> Tensor:
    """(z_a - z_a') / eta for every sample of a batch: sum_b (x_a . x_b + 1) delta_b / B.

    Inputs x (..., B, d), gradients of every sample's own loss delta (..., B, n); result (..., B, n).
    """
    return (x @ x.mT + 1) @ delta / x.shape[-2]


def batch_angles(x: Tensor, delta: Tensor) -> Tensor:
    """The angle in degrees between a sample's own step and the one that its batch gives it, (..., B); 0 for B = 1."""
    return angle(effective(x, delta), delta)


def own_gradients(parameters: Parameters, activation: str, x: Tensor, map: str = "affine") -> Tensor:
    """The gradient of every sample's own reconstruction error with respect to its first latent, (N, d) to (N, n)."""
    f, layer = activations.named(activation), maps.named(map)
    first, *rest = autoencoder.affine_maps(parameters)
    z = layer.forward(x, parameters[f"{first}.weight"], parameters[f"{first}.bias"]).detach().requires_grad_()
    out, typical = z, f.typical_square(z.shape[-1])
    for name in rest:
        out = layer.forward(f(out), parameters[f"{name}.weight"], parameters[f"{name}.bias"], typical)
    (gradients,) = torch.autograd.grad(((out - x) ** 2).mean(1).sum(), z)
    return gradients


@cache
def _noise(d: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(d).standard_normal((SAMPLES, d)))


@cache
def _images(source: str, normalised: bool) -> Tensor:
    images = data.load(source)
    scale, offset = images.affine(normalised)
    chosen = np.random.default_rng(0).permutation(len(images.train))[:SAMPLES]
    return torch.from_numpy(images.train[chosen] * scale + (0 if offset is None else offset))


INPUTS: dict[str, Callable[[], Tensor]] = {
    "noise, d = 64": lambda: _noise(64).clone(),
    "noise, d = 3072": lambda: _noise(3072).clone(),
    "digits, raw": lambda: _images("digits", False).clone(),
    "digits, standardised": lambda: _images("digits", True).clone(),
    "patches, raw": lambda: _images("patches", False).clone(),
    "patches, standardised": lambda: _images("patches", True).clone(),
}
"""Kinds of inputs (N, d), N = ``SAMPLES``: standard normal numbers, 8 x 8 digits, 32 x 32 colour patches."""


@threads.limited()
def measured(inputs: str, activation: str, seeds: Sequence[int], epochs: int = EPOCHS) -> BatchAngles:
    """The angles between samples' own steps and their batches', in autoencoders before and after training.

    One per seed, trained for ``epochs`` on one of the :data:`INPUTS`. Raises ValueError for an unknown kind of inputs
    or activation.
    """
    x = choose("inputs", inputs, INPUTS)()
    starts = [in_memory.initial(x.shape[1], NEURONS, 0, seed) for seed in seeds]
    ends = in_memory.train(starts, activation, x, epochs).parameters
    before, after = (torch.stack([own_gradients(p, activation, x) for p in each]) for each in (starts, ends))
    by_size = [float(_in_batches(x, after, size).mean()) for size in SIZES]
    untrained, trained = (_in_batches(x, delta, BATCH).numpy() for delta in (before, after))
    overlap = float(_cosines(x).square().mean().sqrt())
    agreement = float(_cosines(before).mean()), float(_cosines(after).mean())
    return BatchAngles(inputs, activation, untrained, trained, np.array(by_size), overlap, agreement)


def _cosines(v: Tensor) -> Tensor:
    """The cosines between any two different vectors of (..., N, n)."""
    unit = v / torch.linalg.vector_norm(v, dim=-1, keepdim=True)
    i, j = torch.triu_indices(v.shape[-2], v.shape[-2], offset=1)
    return (unit @ unit.mT)[..., i, j]


def _in_batches(x: Tensor, delta: Tensor, size: int) -> Tensor:
    """The angles of all samples that fill batches of this size, in their order: x (N, d), delta (seeds, N, n)."""
    whole = len(x) - len(x) % size
    return batch_angles(x[:whole].unflatten(0, (-1, size)), delta[:, :whole].unflatten(1, (-1, size))).flatten(1)
