"""What is particular to a kind of figure: how its data are computed and read back, and how it is drawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from isoaux import ensemble_figures, ensembles, figures, results, threshold_figures, thresholds, workflow
from isoaux.look import Drawn
from isoaux.results import Result


@dataclass(frozen=True)
class Kind:
    """One kind of figure.

    ``compute`` and ``read`` are functions of (figure, settings); ``compute`` takes the options of
    :func:`isoaux.workflow.compute`. ``draw`` gives the figure itself, ``small`` the bytes of a PNG for the gallery.
    """

    compute: Callable[..., Result]
    read: Callable[..., Result]
    draw: Callable[[Result], Drawn]
    small: Callable[[Result], bytes]


KINDS: Mapping[str, Kind] = {
    "ppp_grid": Kind(workflow.compute, results.read, figures.panel_grid, figures.thumbnail),
    "ppp_ensemble_artefact": Kind(
        ensembles.compute, ensembles.read, ensemble_figures.panel_grid, ensemble_figures.thumbnail
    ),
    "ppp_thresholds": Kind(
        thresholds.compute, thresholds.read, threshold_figures.panel_grid, threshold_figures.thumbnail
    ),
}
"""Every kind of figure that can be made today, by its name in the catalogue."""
