"""Training of small networks in memory, on inputs that are real numbers instead of pixels (App. E).

The step is the engine's, with the paper's learning rate, momentum and batch size; nothing is stored or resumed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from isoaux.paper import Recipe
from isoaux.training import autoencoder, engine, threads
from isoaux.training.autoencoder import Parameters

RECIPE = Recipe()


@dataclass(frozen=True, eq=False)
class Trained:
    """Every network's parameters after training, and its mean loss of every epoch, (E, epochs), or step, (E, steps)."""

    parameters: list[Parameters]
    losses: NDArray[np.float64]


def initial(d: int, n: int, depth: int, *seed: int) -> Parameters:
    """An autoencoder's parameters before training, from the random stream of some whole numbers ``seed`` (App. E).

    ``d``, ``n`` and ``depth`` as in :func:`isoaux.training.autoencoder.initial`.
    """
    stream = int(np.random.SeedSequence([*seed, 0]).generate_state(1, np.uint64)[0] >> np.uint64(1))
    return autoencoder.initial(d, n, depth, torch.Generator().manual_seed(stream))


def train(
    starts: Sequence[Parameters],
    activation: str,
    x: Tensor,
    epochs: int,
    *,
    map: str = "affine",
    seed: int = 0,
    by_step: bool = False,
) -> Trained:
    """Parameters and losses of E networks of one activation, trained from ``starts`` on inputs ``x`` (N, d).

    ``map`` is the key of the map that all their layers are (:mod:`isoaux.training.maps`). Every network sees the
    samples in an order of its own, which follows from ``seed``, its place in ``starts`` and the epoch. With ``by_step``
    the losses are those of the single batches.
    """
    visits = [np.random.default_rng([seed, e, 1]) for e in range(len(starts))]
    at_once = RECIPE.batch_size if by_step else len(x)
    scale = torch.ones((), dtype=x.dtype)
    losses = []
    with threads.limited():
        stack = engine.stack(
            starts,
            [activation] * len(starts),
            range(len(starts)),
            learning_rate=RECIPE.learning_rate,
            momentum=RECIPE.momentum,
            dtype=x.dtype,
            map=map,
        )
        for _ in range(epochs):
            orders = torch.from_numpy(np.stack([rng.permutation(len(x)) for rng in visits]))
            for part in orders.split(at_once, dim=1):
                losses.append(stack.epoch(x, scale, None, part.contiguous(), RECIPE.batch_size))
    return Trained([stack.parameters(e) for e in range(len(starts))], torch.stack(losses, dim=1).numpy())
