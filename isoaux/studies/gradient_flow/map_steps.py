"""How a step moves a sample in a layer of each map: alone, where the size of the sample may weigh it, and in a batch.

With a mean loss over B samples a step of rate eta moves z_a by -(eta / B) sum_b K_ab g_b, where g_b is the gradient of
sample b's own loss with respect to z_b and K_ab = omega_b (u_a . u_b + c_a c_b) (Eqns 25, 31 and 37 for B = 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from isoaux.common.choices import choose
from isoaux.studies.gradient_flow.batches import EPOCHS, INPUTS, own_gradients
from isoaux.studies.gradient_flow.deflection import angle
from isoaux.studies.gradient_flow.layers import BATCH, NEURONS
from isoaux.training import in_memory, maps, threads

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Steps:
    """The first map of autoencoders without hidden blocks, trained on a kind of inputs with one map throughout.

    ``alone`` (N,): the factor K_aa of every sample. After training, for the samples of batches of ``BATCH``,
    (seeds, N'): ``turn``, the angle in degrees between a sample's own step and that of its batch, and ``stretch``,
    the length of the latter over that of its own gradient, B |sum_b K_ab g_b / B| / |g_a|.
    """

    inputs: str
    map: str
    alone: Values
    turn: Values
    stretch: Values

    @property
    def spread_alone(self) -> float:
        """Standard deviation of the factor alone, over its mean."""
        return float(self.alone.std() / self.alone.mean())

    @property
    def spread_in_batch(self) -> float:
        """How many times longer than typical the stretch is, one standard deviation of its logarithm up."""
        return float(np.exp(np.log(self.stretch).std()))


def kernel(one: maps.LayerMap, x: Tensor) -> Tensor:
    """K_ab = omega_b (u_a . u_b + c_a c_b) of inputs (..., B, d), shape (..., B, B): what b's gradient does to a."""
    u, _, c, omega = one.rescale(x)
    return (u @ u.mT + c @ c.mT) * omega.mT


@threads.limited()
def measured(inputs: str, map: str, activation: str, seeds: Sequence[int], epochs: int = EPOCHS) -> Steps:
    """Train an autoencoder per seed on a kind of inputs with one map throughout, and measure its steps.

    Raises ValueError for an unknown kind of inputs, map or activation.
    """
    x, one = choose("inputs", inputs, INPUTS)(), maps.named(map)
    starts = [in_memory.initial(x.shape[1], NEURONS, 0, seed) for seed in seeds]
    ends = in_memory.train(starts, activation, x, epochs, map=map).parameters
    batches = x[: len(x) - len(x) % BATCH].unflatten(0, (-1, BATCH))
    between = kernel(one, batches)
    turn, stretch = [], []
    for parameters in ends:
        g = own_gradients(parameters, activation, x, map)[: batches.shape[0] * BATCH].unflatten(0, (-1, BATCH))
        moved = between @ g
        turn.append(angle(moved, g).flatten())
        stretch.append((torch.linalg.vector_norm(moved, dim=-1) / torch.linalg.vector_norm(g, dim=-1)).flatten())
    alone = between.diagonal(dim1=-2, dim2=-1).flatten()
    return Steps(inputs, map, alone.numpy(), torch.stack(turn).numpy(), torch.stack(stretch).numpy())
