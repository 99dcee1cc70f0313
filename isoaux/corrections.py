"""What the maps of Appendix C.2.1 do to an autoencoder: its errors, its representations, and what its maps are given.

Networks of one seed start alike and see the same samples in the same order, whatever their map, so they are pairs.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from isoaux import density, paths, ppp, published, publishing, results, statistics, workflow
from isoaux.paper import Figure
from isoaux.published import Arrays, Published
from isoaux.results import Result
from isoaux.settings import Settings


def compute(
    wanted: Figure, settings: Settings, *, jobs: int | None = None, train: bool = True, budget: float | None = None
) -> Result:
    """Take a figure's networks from the store, train what is missing, and measure them before training and after.

    Options and errors as in :func:`isoaux.workflow.compute`.
    """
    wanted = settings.figure_for(wanted)
    how = workflow.probe(wanted, settings)
    images, entries = workflow.trained(wanted, settings, jobs=jobs, train=train, budget=budget)
    measured = workflow.each_network(partial(_measure, layer=wanted.layer, probe=how), entries, images, jobs)
    facts = publishing.figure_facts(wanted, settings, images, entries, list(measured))
    found = list(measured.values())
    arrays = {name: np.stack([own[name] for own in found]) for name in found[0]}
    epochs = np.array(next(iter(measured)).recipe.checkpoints)
    return Result(wanted, Published(arrays | {"epochs": epochs}, facts | {"final_draws": settings.size.draws}), {}, {})


def read(wanted: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The published data of the figure. Raises ValueError for settings other than the published ones."""
    drawing = published.read((folder or paths.data()) / wanted.name)
    results.refuse_empty(wanted, drawing)
    has = results.settings_of(drawing.facts, "epsilon", "basis", "variant")
    results.refuse_others(wanted, settings, has)
    return Result(wanted.at_depth(has["depth"]), drawing, {}, {})


def _measure(entry: Any, images: Any, layer: int, probe: Any) -> Arrays:
    """One network; cached beside its snapshots."""
    from isoaux import measurement

    epochs = [0, entry.network.recipe.epochs]
    about = vars(probe) | {"id": entry.network.id, "layer": layer, "epochs": epochs}

    def make() -> Arrays:
        found, norms = measurement.at_epochs(entry, images, epochs)
        basis = probe.directions(entry.network.configuration.n)
        seeds = [measurement.seed_of(entry, k) for k in range(len(found[-1]))]
        return norms | _panels(found[-1], basis, probe, seeds) | _picture(found[-1][layer], basis, probe)

    errors = measurement.cached(entry, "errors", {}, lambda: measurement.test_errors(entry, images))
    return errors | measurement.cached(entry, "corrections", about, make)


def _panels(layers: Sequence[Any], basis: Any, probe: Any, seeds: Sequence[int]) -> Arrays:
    """``count``, ``c4`` and ``s2`` of every layer (K,), and the same in random bases as ``null_...`` (K, draws)."""
    found: dict[str, list[Any]] = {}
    for z, seed in zip(layers, seeds, strict=True):
        own = vars(statistics.panel(ppp.project(z, basis, probe.epsilon, probe.variant).points))
        null = statistics.null_draws(z, probe.draws, seed, probe.epsilon, probe.variant, basis)
        for name, values in null.items():
            found.setdefault(name, []).append(own[name])
            found.setdefault(f"null_{name}", []).append(np.asarray(values, np.float32))
    return {name: np.array(values) for name, values in found.items()}


def _picture(z: Any, basis: Any, probe: Any) -> Arrays:
    """The density of one layer's points as bytes, under a window and a limit of its own."""
    points = ppp.project(z, basis, probe.epsilon, probe.variant).points
    window = density.window_for([points])
    image = density.render(points, window, method="binned")
    _, limit = density.limits(image)
    return {"density": published.quantise(image, limit), "window": np.array(window), "limit": np.array(limit)}
