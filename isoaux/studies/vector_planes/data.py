"""The published data of the planes of Thomson-like bases."""

from pathlib import Path

from isoaux.paper import Figure
from isoaux.records.reading import read_figure
from isoaux.records.results import Result
from isoaux.settings import OF_VECTORS, Settings, restrict

QUANTILES = (0.025, 0.5, 0.975)
"""What is kept of the numbers of points in turned copies."""


def read(figure: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The published data of a figure; errors as in :func:`isoaux.records.reading.read_figure` and :func:`check`."""
    check(figure, settings)
    return read_figure(figure, settings, folder, "epsilon")


def check(figure: Figure, settings: Settings) -> None:
    """Raise ValueError for settings of a basis, variant or depth, which have no meaning here."""
    restrict(settings, OF_VECTORS, f"but {figure.name} shows the planes of the vectors of its networks' activations")
