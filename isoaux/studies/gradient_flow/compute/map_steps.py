"""How a step moves a sample in a layer of each map: alone, where the size of the sample may weigh it, and in a batch.

With a mean loss over B samples a step of rate eta moves z_a by -(eta / B) sum_b K_ab g_b, where g_b is the gradient of
sample b's own loss with respect to z_b and K_ab = omega_b (u_a . u_b + c_a c_b) (Eqns 25, 31 and 37 for B = 1).
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from isoaux.common.choices import choose
from isoaux.studies.gradient_flow.compute.batches import INPUTS, own_gradients
from isoaux.studies.gradient_flow.compute.deflection import angle
from isoaux.studies.gradient_flow.data import BATCH, EPOCHS, NEURONS, MapCurves, MapProperties, MapSteps
from isoaux.training import in_memory, maps, threads

LONGEST = 4.0
"""The longest input of :func:`by_length`."""

TRIED = 100
"""Random inputs, of lengths from a tenth to ten, on which :func:`properties` are tried."""

WIDTH = 8
"""Numbers of each of them, and rows of W."""


def kernel(layer: maps.LayerMap, x: Tensor) -> Tensor:
    """K_ab = omega_b (u_a . u_b + c_a c_b) of inputs (..., B, d), shape (..., B, B): the weight of g_b in a's step."""
    u, _, c, omega = layer.rescale(x)
    return (u @ u.mT + c @ c.mT) * omega.mT


@threads.limited()
def measured(inputs: str, map: str, activation: str, seeds: Sequence[int], epochs: int = EPOCHS) -> MapSteps:
    """The steps of samples in autoencoders with one map throughout, after training.

    One per seed, trained for ``epochs`` on one of the :data:`isoaux.studies.gradient_flow.compute.batches.INPUTS`.
    Raises ValueError for an unknown kind of inputs, map or activation.
    """
    x, layer = choose("inputs", inputs, INPUTS)(), maps.named(map)
    starts = [in_memory.initial(x.shape[1], NEURONS, 0, seed) for seed in seeds]
    ends = in_memory.train(starts, activation, x, epochs, map=map).parameters
    batches = x[: len(x) - len(x) % BATCH].unflatten(0, (-1, BATCH))
    between = kernel(layer, batches)
    turn, stretch = [], []
    for parameters in ends:
        g = own_gradients(parameters, activation, x, map)[: batches.shape[0] * BATCH].unflatten(0, (-1, BATCH))
        moved = between @ g
        turn.append(angle(moved, g).flatten())
        stretch.append((torch.linalg.vector_norm(moved, dim=-1) / torch.linalg.vector_norm(g, dim=-1)).flatten())
    alone = between.diagonal(dim1=-2, dim2=-1).flatten()
    return MapSteps(inputs, map, alone.numpy(), torch.stack(turn).numpy(), torch.stack(stretch).numpy())


@threads.limited()
def by_length() -> list[MapCurves]:
    """What every printed map multiplies, its weights' gradient and the factor of its step, over ||x|| up to 4."""
    x = torch.linspace(0.01, LONGEST, 400, dtype=torch.float64)[:, None]
    curves = []
    for layer in _printed():
        u, _, beta, omega = layer.rescale(x)
        each = (x, u, omega * u, omega * (u**2 + beta**2))
        curves.append(MapCurves(layer.key, *(values[:, 0].numpy() for values in each)))
    return curves


@threads.limited()
def properties() -> list[MapProperties]:
    """What the appendix asserts of every printed map, on :data:`TRIED` random inputs and layers."""
    rng = np.random.default_rng(0)
    tried = []
    for layer in _printed():
        step, doubled, stretch, sound = [], [], [], True
        for _ in range(TRIED):
            x, W, b = (torch.from_numpy(rng.standard_normal(shape)) for shape in (WIDTH, (WIDTH, WIDTH), WIDTH))
            x *= 10 ** rng.uniform(-1, 1) / torch.linalg.vector_norm(x)
            u, _, beta, omega = layer.rescale(x)
            step.append(float(omega * (u @ u + beta**2)))
            z, other = layer.forward(x, W, b), layer.forward(2 * x, W, b)
            doubled.append(float(torch.linalg.vector_norm(other - z) / torch.linalg.vector_norm(z)))
            values = torch.linalg.svdvals(torch.autograd.functional.jacobian(lambda v, m=layer: m.rescale(v).u, x))
            stretch.append(float(values[-1] / values[0]))
            if len(stretch) % 10 == 0:
                inputs = tuple(t.requires_grad_() for t in (x, W, b))
                sound = sound and torch.autograd.gradcheck(layer.forward, inputs, raise_exception=False)
        tried.append(
            MapProperties(layer.key, layer.formula, np.array(step), np.array(doubled), np.array(stretch), sound)
        )
    return tried


def _printed() -> list[maps.LayerMap]:
    return [layer for layer in maps.MAPS.values() if not layer.matched]
