"""The panels of networks of growing width, and how many points they hold beside random bases of the same networks."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from isoaux import workflow
from isoaux.common.numbers import counted, written
from isoaux.drawing import panels
from isoaux.paper import TITLES
from isoaux.records.results import Result, by_activation
from isoaux.settings import Settings

SHOWN = ("figX3", "fig08", "fig09", "fig10")
"""The figures, from narrow to wide layers."""


@dataclass(frozen=True)
class Panel:
    """The networks of one activation: the last panel of the first seed as a PNG, and numbers of all seeds.

    ``points`` and ``random`` are the number of points of that panel, and the median of the same network's random
    bases; ``times`` is how many times as many points as that each seed's network has, (seeds,).
    """

    name: str
    activation: str
    png: bytes
    seed: int
    points: int
    random: float
    times: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median of ``times`` over the seeds."""
        return float(np.median(self.times))

    @property
    def spread(self) -> str:
        """The least and the largest of ``times``, in words."""
        return f"{number(min(self.times))} to {number(max(self.times))}"


@dataclass(frozen=True)
class Width:
    """Layers of ``n`` neurons: the panel of the activation on every neuron, and that of its isotropic control."""

    n: int
    panels: tuple[Panel, Panel]

    @property
    def sentence(self) -> str:
        """How many times as many points as random bases have, of both activations."""
        first, second = self.panels
        seeds = counted(len(first.times), "seed")
        return (
            f"as many points near the planes of two of {self.n} neurons as near the planes of random bases, with "
            f"{first.activation} (median of {seeds}; {first.spread}). With {second.activation}: "
            f"{number(second.median)} times ({second.spread})."
        )


def number(times: float) -> str:
    """A ratio as text: whole from 10 on, with one decimal below."""
    return written("{:,.0f}" if times >= 10 else "{:.1f}", times)


@cache
def widths() -> tuple[Width, ...]:
    """The panels of :data:`SHOWN`, from published data."""
    return tuple(_width(workflow.result(name, Settings())) for name in SHOWN)


def _width(result: Result) -> Width:
    """The panels of a figure of one activation and its isotropic control."""
    first, second = (_panel(result, activation, rows) for activation, rows in by_activation(result))
    return Width(result.rows[0][0].n, (first, second))


def _panel(result: Result, activation: str, rows: list[int]) -> Panel:
    """What is shown of the networks in these rows of a figure."""
    points = [int(result.of_row(row, "count")[-1]) for row in rows]
    random = [float(np.median(result.of_row(row, "final_null_count"))) for row in rows]
    times = tuple(value / max(null, 1) for value, null in zip(points, random, strict=True))
    configuration, seed = result.rows[rows[0]]
    png = panels.small(result.drawing["density"][rows[0]][None, -1:])
    return Panel(configuration.id, TITLES[activation], png, seed, points[0], random[0], times)
