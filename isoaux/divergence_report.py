"""Appendix C.2.1 to tables: what each map does to a sample's size, and how far its steps move samples."""

from collections.abc import Sequence

import numpy as np
import torch

from isoaux import threads
from isoaux.map_steps import Steps
from isoaux.maps import MAPS
from isoaux.paper import MAP_TITLES, TITLES
from isoaux.tables import Table

INPUTS = 100
"""Random inputs, of lengths from a tenth to ten, that the properties are tried on."""

WIDTH = 8
"""Numbers of each of them, and rows of W."""


@threads.limited()
def properties() -> Table:
    """What is asserted of the printed maps, tried on random inputs and layers.

    The factor of a step; by how much z changes where x is doubled, over |z|; the least over the greatest singular value
    of du/dx, which is 0 where a direction of the input is lost; and whether ``torch.autograd.gradcheck`` passes.
    """
    rng = np.random.default_rng(0)
    rows = []
    for one in MAPS.values():
        if one.matched:
            continue
        factors, doubled, least, sound = [], [], [], True
        for _ in range(INPUTS):
            x, W, b = (torch.from_numpy(rng.standard_normal(shape)) for shape in (WIDTH, (WIDTH, WIDTH), WIDTH))
            x *= 10 ** rng.uniform(-1, 1) / torch.linalg.vector_norm(x)
            u, _, beta, omega = one.rescale(x)
            factors.append(float(omega * (u @ u + beta**2)))
            z, other = one.forward(x, W, b), one.forward(2 * x, W, b)
            doubled.append(float(torch.linalg.vector_norm(other - z) / torch.linalg.vector_norm(z)))
            values = torch.linalg.svdvals(torch.autograd.functional.jacobian(lambda v, m=one: m.rescale(v).u, x))
            least.append(float(values[-1] / values[0]))
            if len(least) % 10 == 0:
                inputs = tuple(t.requires_grad_() for t in (x, W, b))
                sound = sound and torch.autograd.gradcheck(one.forward, inputs, raise_exception=False)
        rows.append(
            (
                MAP_TITLES[one.key],
                one.formula,
                _range(factors),
                f"{100 * np.median(doubled):.0f}%",
                f"{np.median(least):.2f}, at least {abs(min(least)):.2g}" if min(least) > 1e-9 else "0",
                "passes" if sound else "fails",
            )
        )
    head = (
        "map",
        "$z$",
        "step of $z$ over $\\eta g$",
        "change of $z$ where $x$ is doubled, median",
        "least over greatest stretch of $x$, median",
        "gradcheck",
    )
    return Table(head, tuple(rows))


def steps(found: dict[str, Sequence[Steps]]) -> Table:
    """How steps move samples, by activation: their factor alone with its spread, and turn and stretch in a batch."""
    rows = []
    for activation, members in found.items():
        for one in members:
            rows.append(
                (
                    one.inputs,
                    TITLES[activation],
                    MAP_TITLES[one.map],
                    f"{one.alone.mean():,.0f} ± {100 * one.spread_alone:.0f}%",
                    f"{np.median(one.turn):.0f}°",
                    f"{np.median(one.stretch):,.0f}, × or ÷ {one.spread_in_batch:.1f}",
                )
            )
    head = ("inputs", "activation", "map", "factor alone", "turn in a batch, median", "stretch in a batch, median")
    return Table(head, tuple(rows))


def _range(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    return f"{low:.3g}" if high - low < 1e-9 * high else f"{low:.3g} to {high:.3g}"
