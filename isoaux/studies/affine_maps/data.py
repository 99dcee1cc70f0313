"""The published data of other maps."""

from pathlib import Path

from isoaux.paper import Figure
from isoaux.records.reading import read_figure
from isoaux.records.results import Result
from isoaux.settings import Settings


def read(figure: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The published data of a figure; errors as in :func:`isoaux.records.reading.read_figure`."""
    return read_figure(figure, settings, folder, "epsilon", "basis", "variant")
