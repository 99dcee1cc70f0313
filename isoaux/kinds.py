"""What is particular to a kind of figure: how its data are computed and read back, and how it is drawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from isoaux import (
    correction_figures,
    corrections,
    ensemble_figures,
    ensembles,
    figures,
    perturbation,
    perturbation_figures,
    publishing,
    reconstruction,
    reconstruction_figures,
    results,
    threshold_figures,
    thresholds,
    workflow,
)
from isoaux.look import Drawn
from isoaux.results import Result


@dataclass(frozen=True)
class Kind:
    """One kind of figure.

    ``compute`` and ``read`` are functions of (figure, settings); ``compute`` takes the options of
    :func:`isoaux.workflow.compute`. ``draw`` gives the figure itself, ``small`` the bytes of a PNG for the gallery,
    None where it does not show this kind; ``publish`` is as :func:`isoaux.publishing.publish`.
    """

    compute: Callable[..., Result]
    read: Callable[..., Result]
    draw: Callable[[Result], Drawn]
    small: Callable[[Result], bytes] | None
    publish: Callable[[Result, Path], list[Path]] = publishing.publish


KINDS: Mapping[str, Kind] = {
    "ppp_grid": Kind(workflow.compute, results.read, figures.panel_grid, figures.thumbnail),
    "ppp_ensemble_artefact": Kind(
        ensembles.compute, ensembles.read, ensemble_figures.panel_grid, ensemble_figures.thumbnail
    ),
    "ppp_thresholds": Kind(
        thresholds.compute, thresholds.read, threshold_figures.panel_grid, threshold_figures.thumbnail
    ),
    "perturbation": Kind(
        perturbation.compute, perturbation.read, perturbation_figures.curves, perturbation_figures.thumbnail
    ),
    "corrections": Kind(
        corrections.compute, corrections.read, correction_figures.panels_by_map, correction_figures.thumbnail
    ),
    "reconstruction_curves": Kind(
        reconstruction.compute, reconstruction.read, reconstruction_figures.curves, None, reconstruction.publish
    ),
}
"""Every kind of figure that can be made today, by its name in the catalogue."""
