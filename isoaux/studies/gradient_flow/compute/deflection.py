"""By how much an activation turns a gradient step away from where the loss wants it, and where (App. C.2).

With g = dL/da, a step of gradient descent on one sample moves z along J^T g and, to first order, a along J J^T g. Both
would point along g if J were a multiple of the identity; for a it is enough that J J^T is (erratum E54).
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from isoaux.activations import Activation, jacobian
from isoaux.common import arrays
from isoaux.studies.gradient_flow.data import NEURONS, RADIUS, SPREADS, AngleMap, TypicalAngles
from isoaux.training import threads

TURNS = 180
"""Directions of g on the half circle over which angles in the plane are averaged: within 0.1 degrees."""


def angle(u: Tensor, v: Tensor) -> Tensor:
    """The angle between vectors (..., n) in degrees, shape (...); exact also for nearly parallel ones."""
    u, v = (w / torch.linalg.vector_norm(w, dim=-1, keepdim=True) for w in (u, v))
    apart, together = torch.linalg.vector_norm(u - v, dim=-1), torch.linalg.vector_norm(u + v, dim=-1)
    return torch.rad2deg(2 * torch.atan2(apart, together))


def angles(activation: str | Activation, z: Tensor, g: Tensor) -> Tensor:
    """The angles in degrees by which an activation turns the steps on z and on a = f(z), (2, ...), of z and g (..., n).

    Those between g and J^T g, and between g and J J^T g, which is the step on a to first order.
    """
    return _angles(jacobian(activation, z), g)


def _angles(J: Tensor, g: Tensor) -> Tensor:
    on_z = torch.einsum("...pn,...p->...n", J, g)
    on_a = torch.einsum("...pn,...n->...p", J, on_z)
    return torch.stack([angle(on_z, g), angle(on_a, g)])


def mean_angles(activation: str | Activation, z: Tensor) -> Tensor:
    """The angles of :func:`angles` averaged over all directions of g in the plane; z (..., 2), result (2, ...).

    A midpoint rule over ``TURNS`` directions, counted from the direction of the largest singular value of J, where the
    angle has its kinks. Raises ValueError for other than two components.
    """
    if z.shape[-1:] != (2,):
        raise ValueError(f"z has shape {tuple(z.shape)}; accepted: (..., 2), points of a plane.")
    J = jacobian(activation, z)
    axes = torch.linalg.svd(J).U
    turns = (torch.arange(TURNS, dtype=z.dtype) + 0.5) * torch.pi / TURNS
    total = torch.zeros(2, *z.shape[:-1], dtype=z.dtype)
    for turn in turns:
        total += _angles(J, axes @ torch.stack([turn.cos(), turn.sin()]))
    return total / TURNS


@threads.limited()
def plane(activation: str, reach: float = 3.0, side: int = 96) -> AngleMap:
    """The mean angles of an activation at the centres of ``side`` x ``side`` cells of a square, and on a circle.

    The square is [-reach, reach]^2. Raises ValueError for an unknown activation, a ``reach`` that is not positive and a
    ``side`` below 1.
    """
    half, cells = arrays.positive(reach, "reach"), arrays.whole(side, "side")
    line = (torch.arange(cells, dtype=torch.float64) + 0.5) * (2 * half / cells) - half
    square = torch.stack(torch.meshgrid(line, line, indexing="xy"), dim=-1)
    turns = (torch.arange(TURNS, dtype=torch.float64) + 0.5) * 2 * torch.pi / TURNS
    circle = RADIUS * torch.stack([turns.cos(), turns.sin()], dim=-1)
    return AngleMap(activation, half, *(mean_angles(activation, z).numpy() for z in (square, circle)))


@threads.limited()
def typical(
    activation: str, n: int = NEURONS, sizes: Sequence[float] = SPREADS, samples: int = 4000, seed: int = 0
) -> TypicalAngles:
    """The angles of :func:`angles` over normal z and g of n components, for every standard deviation of z in ``sizes``.

    The ``samples`` pairs of z and g follow from ``seed`` alone and are the same for every activation and size.
    """
    rng = np.random.default_rng(seed)
    z, g = (torch.from_numpy(rng.standard_normal((samples, n))) for _ in range(2))
    each = np.stack([angles(activation, size * z, g).numpy() for size in sizes])
    return TypicalAngles(activation, tuple(sizes), each.mean(2), each.std(2, ddof=1) / np.sqrt(samples))
