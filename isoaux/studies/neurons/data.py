"""The published data of what single neurons tell about classes, and what their arrays mean."""

from pathlib import Path
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from isoaux.paper import Figure
from isoaux.records import results
from isoaux.records.reading import read_figure
from isoaux.records.results import Result
from isoaux.settings import OF_VECTORS, Settings, restrict
from isoaux.srm import concepts
from isoaux.studies.neurons.measuring import NULLS, PREPARATIONS, QUANTILES, TESTED

BEFORE, AFTER = 0, 1
"""The places of the checkpoints that are measured: before training, and at its end."""


def read(figure: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The published data of a figure; errors as in :func:`isoaux.records.reading.read_figure` and :func:`check`."""
    check(figure, settings)
    return read_figure(figure, settings, folder, "epsilon")


def check(figure: Figure, settings: Settings) -> None:
    """Raise ValueError for settings that have no meaning here: another basis, variant or depth, or a threshold of 0."""
    restrict(settings, OF_VECTORS, f"but {figure.name} shows the spotlight at single neurons")
    if not 0 < settings.epsilon_for(figure) < 1:
        raise ValueError(
            f"epsilon is {settings.epsilon}, but {figure.name} shows cones around neurons; accepted: a number above 0 "
            "and below 1."
        )


class Row(results.Row):
    """One network of a figure, with what the arrays say of it."""

    @property
    def n(self) -> int:
        """The number of its neurons; vector i of the basis is neuron i, and vector n + i its other end."""
        return self.configuration.n

    def of(self, name: str, prepare: str = "raw", checkpoint: int = AFTER) -> NDArray[Any]:
        """An array of :func:`isoaux.studies.neurons.measuring.measured` at a checkpoint and preparation."""
        return np.asarray(self.result.drawing[name][self.row, checkpoint, PREPARATIONS.index(prepare)])

    def value(self, name: str, prepare: str = "raw", checkpoint: int = AFTER) -> float:
        """One of ``TESTED``."""
        return float(self.of("value", prepare, checkpoint)[TESTED.index(name)])

    def p(self, name: str, prepare: str = "raw", checkpoint: int = AFTER, null: str = NULLS[0]) -> float:
        """The p of one of ``TESTED`` against turned copies, or with ``permuted`` against permuted labels."""
        return float(self.of(f"p_{null}", prepare, checkpoint)[TESTED.index(name)])

    def null(self, name: str, prepare: str = "raw", checkpoint: int = AFTER, null: str = NULLS[0]) -> list[float]:
        """The ``QUANTILES`` of the null values of one of ``TESTED``."""
        return [float(value) for value in self.of(f"null_{null}", prepare, checkpoint)[TESTED.index(name)]]

    def above(self, name: str, prepare: str = "raw", checkpoint: int = AFTER) -> bool:
        """Whether one of ``TESTED`` lies above the median of turned copies."""
        return self.value(name, prepare, checkpoint) > self.null(name, prepare, checkpoint)[QUANTILES.index(0.5)]

    def chosen(self, name: str = "chosen", prepare: str = "raw", checkpoint: int = AFTER) -> list[int]:
        """The vectors that are ``chosen``, ``chosen_on_half``, or their ``partners``, by falling spread."""
        return [int(vector) for vector in self.of(name, prepare, checkpoint) if vector >= 0]

    def spread(self, name: str = "profiles", prepare: str = "raw", checkpoint: int = AFTER) -> NDArray[np.float64]:
        """The spreads (m,) of all vectors over the classes, of all samples, of ``choosing`` or of ``held_out``."""
        return np.asarray(concepts.spread(self.of(name, prepare, checkpoint)))

    def weak(self, prepare: str = "raw") -> int:
        """How many neurons have a spread on the held-out half below the median of random directions, after training."""
        return round(float(self.of("weak", prepare)) * self.n)

    def areas(self, checkpoint: int = AFTER) -> NDArray[np.float64]:
        """The areas (m, K) of telling a class from the others by one vector alone."""
        return np.asarray(self.result.drawing["areas"][self.row, checkpoint], np.float64)

    def control(self, name: str, test: str = "value") -> float:
        """One of ``TESTED`` of a turned copy of the basis after training, or its ``p_copies`` or ``p_permuted``."""
        return float(self.result.drawing[f"control_{test}"][self.row, TESTED.index(name)])

    def opposite(self, prepare: str = "raw") -> float:
        """The rank correlation of the two neurons with the most opposite profiles, each seen from either end.

        Not a number where fewer than two neurons respond to classes unequally.
        """
        profiles = self.of("profiles", prepare)[: self.n]
        ranks = scipy.stats.rankdata(profiles[np.ptp(profiles, axis=1) > 0], axis=1)
        if len(ranks) < 2:
            return float("nan")
        return -float(np.abs(np.corrcoef(ranks)[np.triu_indices(len(ranks), 1)]).max())


def networks(result: Result) -> list[Row]:
    """The networks of a figure, in its order."""
    return [Row(result, row) for row in range(len(result.rows))]


def shown(result: Result) -> Row:
    """The network whose curves and embedding a figure shows: its first one."""
    return Row(result, 0)


def classes(result: Result) -> list[str]:
    """The names of the classes, of those like ``3 - three`` the first part."""
    return [name.split(" - ")[0] for name in result.facts["classes"]]


def neuron(vector: int, n: int) -> str:
    """A vector in words: the neuron, counted from 1, and its sign, ``+3`` or ``−3``."""
    return f"{'+' if vector < n else '−'}{vector % n + 1}"
