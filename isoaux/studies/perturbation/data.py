"""The published data of perturbed images."""

from pathlib import Path

from isoaux.paper import Figure
from isoaux.records.reading import read_figure
from isoaux.records.results import Result
from isoaux.settings import DEFAULT, Settings, restrict


def sizes(figure: Figure) -> list[float]:
    """The lengths of a figure's perturbations as shares of the images' spread, in order; above 0 (ValueError)."""
    lengths = sorted(map(float, figure.entry["sizes"]))
    if not lengths or lengths[0] <= 0:
        raise ValueError(f"sizes is {figure.entry['sizes']!r}; accepted: numbers above 0.")
    return lengths


def read(figure: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The published data of a figure; errors as in :func:`isoaux.records.reading.read_figure` and :func:`check`."""
    check(figure, settings)
    return read_figure(figure, settings, folder)


def check(figure: Figure, settings: Settings) -> None:
    """Raise ValueError for settings with a threshold, basis or variant: nothing is projected here."""
    accepted = {"epsilon": (DEFAULT, figure.epsilon), "basis": ("standard",), "variant": ("combination",)}
    restrict(settings, accepted, f"which has no meaning for {figure.name}")
