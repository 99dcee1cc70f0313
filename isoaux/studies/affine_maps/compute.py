"""What the maps of Appendix C.2.1 do to an autoencoder: its errors, its representations, and what its maps are given.

Networks of one seed start alike and see the same samples in the same order, whatever their map, so they are pairs.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from isoaux import density, ppp, statistics
from isoaux.common import archive
from isoaux.common.archive import Arrays
from isoaux.paper import Figure
from isoaux.records import measurement
from isoaux.records.measurement import Probe
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.studies import steps
from isoaux.training import snapshots
from isoaux.training.data import Images
from isoaux.training.store import Entry


def compute(figure: Figure, settings: Settings, **options: Any) -> Result:
    """The data of a figure whose networks are measured before training and after it.

    Options and errors as in :meth:`isoaux.studies.protocol.Study.compute`.
    """
    measure = partial(_measure, layer=figure.layer, probe=steps.probe(figure, settings))
    rows = steps.rows(figure, settings, measure, **options)
    epochs = np.array(next(iter(rows.measured)).recipe.checkpoints)
    return steps.result(rows, {"epochs": epochs}, {"final_draws": settings.size.draws})


def _measure(entry: Entry, images: Images, layer: int, probe: Probe) -> Arrays:
    """The errors, norms, statistics and the density of one network; cached beside its snapshots."""
    epochs = [0, entry.network.recipe.epochs]
    about = vars(probe) | {"id": entry.network.id, "layer": layer, "epochs": epochs}

    def make() -> Arrays:
        latents, norms = snapshots.at_epochs(entry, images, epochs)
        basis = probe.directions(entry.network.configuration.n)
        seeds = [measurement.seed_of(entry, k) for k in range(len(latents[-1]))]
        return norms | _panels(latents[-1], basis, probe, seeds) | _picture(latents[-1][layer], basis, probe)

    errors = measurement.cached(entry, "errors", {}, lambda: snapshots.test_errors(entry, images))
    return errors | measurement.cached(entry, "corrections", about, make)


def _panels(layers: Sequence[Any], basis: Any, probe: Probe, seeds: Sequence[int]) -> Arrays:
    """``count``, ``c4`` and ``s2`` of every layer (K,), and the same in random bases as ``null_...`` (K, draws)."""
    arrays: dict[str, list[Any]] = {}
    for z, seed in zip(layers, seeds, strict=True):
        panel = vars(statistics.panel(ppp.project(z, basis, probe.epsilon, probe.variant).points))
        null = statistics.null_draws(z, probe.draws, seed, probe.epsilon, probe.variant, basis)
        for name, values in null.items():
            arrays.setdefault(name, []).append(panel[name])
            arrays.setdefault(f"null_{name}", []).append(np.asarray(values, np.float32))
    return {name: np.array(values) for name, values in arrays.items()}


def _picture(z: Any, basis: Any, probe: Probe) -> Arrays:
    """The density of one layer's points as bytes, under a window and a limit of its own."""
    points = ppp.project(z, basis, probe.epsilon, probe.variant).points
    window = density.window_for([points])
    image = density.render(points, window, method="binned")
    _, limit = density.limits(image)
    return {"density": archive.quantise(image, limit), "window": np.array(window), "limit": np.array(limit)}
