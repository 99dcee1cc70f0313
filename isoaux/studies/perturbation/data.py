"""The published data of perturbed images."""

from pathlib import Path

from isoaux.paper import Figure
from isoaux.records.reading import read_figure
from isoaux.records.results import Result
from isoaux.settings import DEFAULT, Settings, restrict


def sizes(wanted: Figure) -> list[float]:
    """The lengths of the perturbations as shares of the images' spread, in order; above 0 (ValueError)."""
    found = sorted(map(float, wanted.entry["sizes"]))
    if not found or found[0] <= 0:
        raise ValueError(f"sizes is {wanted.entry['sizes']!r}; accepted: numbers above 0.")
    return found


def read(figure: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The published data of a figure; errors as in :func:`isoaux.records.reading.read_figure` and :func:`check`."""
    check(figure, settings)
    return read_figure(figure, settings, folder)


def check(wanted: Figure, settings: Settings) -> None:
    """Raise ValueError for a threshold, basis or variant: nothing is projected here."""
    accepted = {"epsilon": (DEFAULT, wanted.epsilon), "basis": ("standard",), "variant": ("combination",)}
    restrict(settings, accepted, f"which has no meaning for {wanted.name}")
