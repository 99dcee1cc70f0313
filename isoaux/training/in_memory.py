"""Train small networks in memory, on inputs that are real numbers: for questions whose answer takes seconds (App. E).

It is the engine's step with the paper's rate, momentum and batch; nothing is stored or resumed.
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
    """What training left: every network's parameters, and its mean losses (E, epochs), or (E, steps)."""

    parameters: list[Parameters]
    losses: NDArray[np.float64]


def initial(d: int, n: int, depth: int, *seed: int) -> Parameters:
    """An autoencoder's parameters before training, from a random stream of their own (App. E)."""
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
    """Train networks of one activation on inputs (N, d), each in an order of samples of its own.

    ``map`` is what all their layers are (:mod:`isoaux.training.maps`). The orders follow from ``seed``, the network's
    place and the epoch. With ``by_step`` the losses are those of the single batches.
    """
    visits = [np.random.default_rng([seed, e, 1]) for e in range(len(starts))]
    at_once = RECIPE.batch_size if by_step else len(x)
    one = torch.ones((), dtype=x.dtype)
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
                losses.append(stack.epoch(x, one, None, part.contiguous(), RECIPE.batch_size))
    return Trained([stack.parameters(e) for e in range(len(starts))], torch.stack(losses, dim=1).numpy())
