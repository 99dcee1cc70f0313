"""At which thresholds networks are measured, and the published data."""

from pathlib import Path

from isoaux.paper import Figure
from isoaux.records.reading import read_figure, refuse_others
from isoaux.records.results import Result
from isoaux.settings import DEFAULT, Settings
from isoaux.statistics import RECORDED

NUMBERS = tuple(RECORDED)
"""What is measured of the points, in both variants."""


def epsilons(figure: Figure, settings: Settings) -> list[float]:
    """The thresholds at which a figure is measured, ascending: its own in the catalogue and that of the settings."""
    return sorted({*map(float, figure.entry["epsilons"]), settings.epsilon_for(figure)})


def read(figure: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The published data of a figure, for any threshold that it was measured at.

    Errors as in :func:`isoaux.records.reading.read_figure`.
    """
    result = read_figure(figure, settings, folder, "basis")
    if settings.epsilon not in (DEFAULT, *result.drawing["epsilon"]):
        refuse_others(figure, settings, {"epsilon": result.facts["epsilon"]})
    return result
