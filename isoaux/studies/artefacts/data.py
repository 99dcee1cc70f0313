"""How the panels of Appendix A are made, and what is published of them."""

from dataclasses import dataclass
from pathlib import Path

from isoaux.paper import Figure
from isoaux.records.reading import read_figure
from isoaux.records.results import Result
from isoaux.settings import DEFAULT, Settings, restrict

CROWD = 5
"""A sample that enters at least this many planes is said to be in a crowd: it lies close to one axis."""

OUTER = 0.99
"""Quantile of |w| beyond which a point counts as an outer one."""

PART = 4
"""The scatter is measured a second time in a panel's first 1/PART of the samples."""

LEAST = 24
"""Panels that the paper's figures have at least: 3 rows of 8 (erratum E43)."""

LAWS = {
    "normal": "standard normal samples",
    "uniform": "uniform images, embedded at random",
    "standardised": "uniform images, standardised and embedded at random",
    "embedded": "standard normal images, embedded at random",
}
"""What the clouds are called."""

ACCEPTED = {
    "dataset": (DEFAULT,),
    "dtype": (DEFAULT, "float64"),
    "depth": (DEFAULT,),
    "basis": ("standard", "random"),
}
"""Values of those settings that cannot all be honoured here; ``standard`` and ``random`` are one law, once turned."""


@dataclass(frozen=True)
class Recipe:
    """How one panel is made: the cloud's name and size, how PPP is applied to it, and in how many further bases."""

    cloud: str
    samples: int
    n: int
    epsilon: float
    basis: str
    variant: str
    draws: int


def recipe_for(figure: Figure, settings: Settings) -> Recipe:
    """How the panels of a figure are made under these settings.

    Raises ValueError for what only figures of networks have, dataset, depth and float32, and for a basis that is
    not orthogonal, for which the scatter has no closed form here.
    """
    what = "samples of a known law in orthogonal bases, without images or networks"
    restrict(settings, ACCEPTED, f"but {figure.name} shows {what}")
    size, entry = settings.size, figure.entry
    return Recipe(
        entry["cloud"],
        size.samples,
        entry["n"],
        settings.epsilon_for(figure),
        settings.basis,
        settings.variant,
        size.draws,
    )


def read(figure: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The published data of a figure.

    Errors as in :func:`isoaux.records.reading.read_figure` and :func:`recipe_for`.
    """
    recipe_for(figure, settings)
    return read_figure(figure, settings, folder, "epsilon", "basis", "variant")
