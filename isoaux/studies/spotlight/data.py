"""The published data of the spotlight's networks, and what their arrays mean."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from isoaux import srm
from isoaux.paper import Configuration, Figure
from isoaux.records import results
from isoaux.records.reading import read_figure
from isoaux.records.results import Result
from isoaux.settings import OF_VECTORS, Settings, restrict
from isoaux.statistics import adjust
from isoaux.studies.spotlight.measuring import NUMBERS, PREPARATIONS, TESTED

PADDED = ("near", "opposite", "mean", "sd", "basis")
"""Arrays whose last axis is as long as the largest network of the figure needs, with NaN behind the others' values."""


def read(figure: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The published data of a figure; errors as in :func:`isoaux.records.reading.read_figure` and :func:`check`."""
    check(figure, settings)
    return read_figure(figure, settings, folder, "epsilon")


def check(figure: Figure, settings: Settings) -> None:
    """Raise ValueError for settings that have no meaning here: a basis or variant of PPP, or no threshold at all."""
    restrict(settings, OF_VECTORS, f"but {figure.name} shows the spotlight in the basis of its networks' activations")
    if settings.epsilon_for(figure) not in srm.EPSILONS:
        raise ValueError(
            f"epsilon is {settings.epsilon}, and {figure.name} is measured on a fixed grid; accepted: "
            f"{', '.join(map(str, srm.EPSILONS))}."
        )


class Row(results.Row):
    """One network of a figure, with what the arrays say of it."""

    @property
    def epsilon(self) -> float:
        """The threshold of curves and p."""
        return float(self.result.facts["epsilon"])

    @property
    def basis(self) -> NDArray[np.float64]:
        """The unit vectors (m, n) that it is measured with, those of its activation."""
        n = self.configuration.n
        padded = self.result.drawing["basis"][self.row][:, :n].astype(np.float64)
        vectors = padded[np.isfinite(padded[:, 0])]
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))

    def number(self, name: str, prepare: str = "raw", checkpoint: int = -1, epsilon: float | None = None) -> float:
        """One of ``NUMBERS`` at a checkpoint and a threshold, by default the figure's."""
        level = srm.EPSILONS.index(self.epsilon if epsilon is None else epsilon)
        place = (self.row, checkpoint, PREPARATIONS.index(prepare), level, NUMBERS.index(name))
        return float(self.result.drawing["numbers"][place])

    def p(self, name: str = "resonance", prepare: str = "raw", checkpoint: int = -1) -> float:
        """The p of one of ``TESTED`` against turned copies of the basis, at the figure's threshold."""
        place = (self.row, checkpoint, PREPARATIONS.index(prepare), TESTED.index(name))
        return float(self.result.drawing["p"][place])

    def grid_p(self, name: str = "resonance", prepare: str = "raw") -> dict[float, float]:
        """Those of the last checkpoint at all thresholds, by threshold, adjusted for their number (Holm)."""
        values = self.result.drawing["grid_p"][self.row, PREPARATIONS.index(prepare), :, TESTED.index(name)]
        return dict(zip(srm.EPSILONS, adjust(values.astype(np.float64)), strict=True))

    def curve(self, prepare: str = "raw", checkpoint: int = -1) -> NDArray[np.float64]:
        """The mean curve (360,) over all planes in both orders."""
        values = self.result.drawing["curve"][self.row, checkpoint, PREPARATIONS.index(prepare)]
        return np.asarray(values, dtype=np.float64)

    def shares(self, name: str = "near", prepare: str = "raw", checkpoint: int = -1) -> NDArray[np.float64]:
        """The shares (m,) in the cones around the vectors, or with ``opposite`` around their antipodes."""
        values = self.result.drawing[name][self.row, checkpoint, PREPARATIONS.index(prepare)]
        return np.asarray(values[: len(self.basis)], dtype=np.float64)

    def middle(self, prepare: str = "raw", checkpoint: int = -1) -> float:
        """The median over planes of the largest share in each."""
        return float(self.result.drawing["middle"][self.row, checkpoint, PREPARATIONS.index(prepare)])

    def value(self, name: str, checkpoint: int = -1) -> float:
        """A number per checkpoint: ``cone`` or ``constant``."""
        return float(self.result.drawing[name][self.row, checkpoint])


def networks(result: Result, configuration: Configuration | None = None) -> list[Row]:
    """The networks of a figure, by default all, in its order."""
    rows = result.by_configuration
    members = rows.get(configuration, []) if configuration else [row for each in rows.values() for row in each]
    return [Row(result, row) for row in members]
