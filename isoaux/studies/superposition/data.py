"""What toy models are trained, how long in each profile, and the published weights and tests."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from isoaux.paper import Figure
from isoaux.records.reading import read_figure
from isoaux.records.results import Result
from isoaux.settings import WITHOUT_FIGURE, Settings, restrict
from isoaux.statistics import LEVEL, BasisTest

Values = NDArray[np.float64]

THREE = (0.0, 0.5, 0.9, 0.97)
"""Sparsities of three features in two neurons."""

FIVE = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98)
"""Sparsities of five features in two neurons, of importance 0.7^i."""

IMPORTANCE = 0.7 ** np.arange(5)
"""The importance of each of the five features."""

MANY = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99)
"""Sparsities of forty features in ten neurons."""

FORTY, TEN = 40, 10

IMPORTANCES = np.logspace(-1, 1, 16)
"""Relative importances of the second of two features in one neuron."""

DENSITIES = np.logspace(-2, 0, 16)
"""Densities 1 - S of two features in one neuron."""

STARTS = 8
"""Random starts of a cell of the phase diagram, of which the lowest loss is kept."""

COUNTS = tuple(range(4, 13))
"""Numbers of features in three neurons, whose arrangements are compared with the least energy; three have room."""

GEOMETRY = 0.97
"""The sparsity at which arrangements are compared."""

FEATURES, NEURONS, SPARSITY = 20, 6, 0.95
"""Sizes and sparsity of the networks in which directions may turn to the axes."""

ACTIVATIONS = ("none", "tanh", "isotanh")
"""The activations of the hidden neurons, in the order of arrays."""

GROUPS = {"none": "O(n)", "tanh": "B_n", "isotanh": "O(n)"}
"""The symmetries of the hidden space under each activation, with momentum SGD."""

WORDS = {"none": "no activation", "tanh": "tanh", "isotanh": "isotropic tanh"}

OPTIMISERS = ("sgd", "adam")
"""The optimisers, in the order of arrays."""

OPTIMISER_WORDS = {"sgd": "momentum SGD", "adam": "Adam"}

TESTS = ("quartimax", "count", "c4", "resonance")
"""What is tested of the columns: fourth powers, PPP's points and their c4, and the spotlight."""

STATES = ("before training", "at the end")

NEAR_AXIS = 10.0
"""A feature is aligned within so many degrees of an axis of the hidden neurons."""

PARTS = ("plane", "dimensions", "phases", "geometry", "link")
"""What is trained for a figure."""


@dataclass(frozen=True)
class Size:
    """How long networks are trained, how many seeds there are, and how many random copies they are compared with."""

    steps: int
    phase_steps: int
    link_steps: int
    seeds: int
    link_seeds: int
    cells: int
    draws: int


SIZES = {
    "smoke": Size(300, 100, 300, 2, 2, 4, 39),
    "quick": Size(2_000, 500, 3_000, 3, 4, 8, 199),
    "paper": Size(6_000, 3_000, 12_000, 5, 16, 16, 999),
}
"""The sizes by profile."""


def part_of(figure: Figure) -> str:
    """What is trained for a figure, one of :data:`PARTS`."""
    return str(figure.entry["part"])


def seeds_of(figure: Figure, settings: Settings) -> tuple[int, ...]:
    """The seeds of a figure's networks under these settings."""
    if not isinstance(settings.seeds, str):
        return tuple(sorted(settings.seeds))
    size = SIZES[settings.profile]
    count = size.link_seeds if part_of(figure) == "link" else size.seeds
    return tuple(figure.training["seeds"][:count])


def check(figure: Figure, settings: Settings) -> None:
    """Raise ValueError for a setting that only figures of networks of images have."""
    restrict(settings, WITHOUT_FIGURE, f"but {figure.name} shows networks whose inputs are drawn at random")


def read(figure: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The published weights and tests; errors as in :func:`isoaux.records.reading.read_figure` and :func:`check`."""
    check(figure, settings)
    return read_figure(figure, settings, folder)


def weights(result: Result, optimiser: str, activation: str) -> Values:
    """The weights (seeds, m, n) of the networks of one optimiser and one activation."""
    place = OPTIMISERS.index(optimiser), ACTIVATIONS.index(activation)
    return np.asarray(result.drawing["W"][place], np.float64)


@dataclass(frozen=True)
class Tested:
    """A number of a network's columns, its two-sided p, and the median and the middle 95 % of turned hidden spaces."""

    value: float
    p: float
    median: float
    low: float
    high: float

    @classmethod
    def of(cls, test: BasisTest) -> "Tested":
        """What is kept of a test."""
        low, median, high = np.quantile(test.null, [0.025, 0.5, 0.975])
        return cls(test.value, test.p, float(median), float(low), float(high))

    @property
    def side(self) -> int:
        """1 where it lies above turned spaces with a p of at most 0.05, -1 where it lies below, else 0."""
        return int(np.sign(self.value - self.median)) if self.p <= LEVEL else 0

    def sided(self, side: int) -> float:
        """The p of lying on one side, 1 for above or -1 for below: half of p, or 1 where it lies on the other."""
        return self.p / 2 if side * (self.value - self.median) > 0 else 1.0


KEPT = tuple(field.name for field in fields(Tested))
"""The last axis of the array of tests."""


def tests(
    result: Result, optimiser: str, activation: str, statistic: str = "quartimax", state: str = STATES[1]
) -> list[Tested]:
    """The tests of a network's columns against turned hidden spaces, one a seed."""
    place = OPTIMISERS.index(optimiser), ACTIVATIONS.index(activation), STATES.index(state)
    rows = result.drawing["tests"][place][:, TESTS.index(statistic)]
    return [Tested(*map(float, row)) for row in rows]


def near_axes(W: Values) -> Values:
    """The share of the columns of W (..., m, n) that lie within :data:`NEAR_AXIS` degrees of an axis, (...)."""
    lengths = np.linalg.norm(W, axis=-2)
    largest = np.abs(W).max(axis=-2) / np.where(lengths > 0, lengths, 1)
    return np.asarray((largest >= np.cos(np.deg2rad(NEAR_AXIS))).mean(-1))


def way(energy: Values, least: Values, random: Values) -> Values:
    """How far an energy is on the way from the least one to the median one of random unit vectors, 0 to 1."""
    return np.asarray((energy - least) / (random - least))


def ways(result: Result) -> Values:
    """How far each arrangement is from the least energy, (sizes, seeds).

    NaN where no more are represented than there are neurons. Sizes are :data:`COUNTS` in three neurons, and then forty
    in ten.
    """
    drawing = result.drawing
    return way(drawing["energy"], drawing["least"], drawing["random"])
