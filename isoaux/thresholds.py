"""The same representations at several thresholds and in both variants: what epsilon and permutation-PPP do.

A network is measured at its last checkpoint, at every threshold of the figure and the one that is asked for, beside
its own random bases and the count that isotropic representations would have (spec. section 3).
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from isoaux import bases, density, paths, ppp, published, publishing, results, statistics, workflow
from isoaux.bases import VARIANTS
from isoaux.paper import Configuration, Figure
from isoaux.published import Arrays, Published
from isoaux.results import Result
from isoaux.settings import DEFAULT, Settings

NUMBERS = ("count", "c4", "s2")
"""What is measured of the points, in both variants."""


def epsilons(wanted: Figure, settings: Settings) -> list[float]:
    """The thresholds of the figure and the one that is asked for, in order."""
    return sorted({*map(float, wanted.entry["epsilons"]), settings.epsilon_for(wanted)})


def compute(
    wanted: Figure, settings: Settings, *, jobs: int | None = None, train: bool = True, budget: float | None = None
) -> Result:
    """Take a figure's networks from the store, train what is missing, and measure them at every threshold.

    Both variants are measured, whatever ``settings.variant`` says. Options and errors as in
    :func:`isoaux.workflow.compute`.
    """
    wanted = settings.figure_for(wanted)
    images, entries = workflow.trained(wanted, settings, jobs=jobs, train=train, budget=budget)
    values = epsilons(wanted, settings)
    one = partial(_measure, layer=wanted.layer, epsilons=values, basis=settings.basis, draws=settings.size.draws)
    measured = workflow.each_network(one, entries, images, jobs)
    plain = replace(settings, epsilon=DEFAULT, variant="combination")
    facts = publishing.figure_facts(wanted, plain, images, entries, list(measured))
    rows, found = facts["rows"], list(measured.values())
    shown = _shown(rows)
    arrays = {name: np.stack([own[name] for own in found]) for name in found[0] if name != "density"}
    arrays |= {
        "density": np.concatenate([found[r]["density"] for r in shown]),
        "epsilon": np.array(values),
        "expected": _expected(rows, len(images.train), values, settings.basis),
        "shown": np.array(shown),
    }
    return Result(wanted, Published(arrays, facts | {"final_draws": settings.size.draws}), {}, {})


def read(wanted: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The published data of the figure. Raises ValueError for settings other than the published ones."""
    drawing = published.read((folder or paths.data()) / wanted.name)
    results.refuse_empty(wanted, drawing)
    has = results.settings_of(drawing.facts, "basis")
    if settings.epsilon not in (DEFAULT, *drawing["epsilon"]):
        has["epsilon"] = drawing.facts["epsilon"]
    results.refuse_others(wanted, settings, has)
    return Result(wanted.at_depth(has["depth"]), drawing, {}, {})


def _shown(rows: Sequence[dict[str, Any]]) -> list[int]:
    """The row of every configuration's first seed: these are drawn."""
    first = {row["configuration"]: r for r, row in reversed(list(enumerate(rows)))}
    return sorted(first.values())


def _expected(rows: Sequence[dict[str, Any]], samples: int, epsilons: Sequence[float], basis: str) -> Any:
    """Expected number of points of isotropic representations, (rows, thresholds)."""
    widths = [Configuration.parse(row["configuration"]).n for row in rows]
    planes = [len(bases.pairs(bases.named(basis, n), "combination")[0]) for n in widths]
    return np.array(
        [
            [ppp.expected_isotropic_count(samples, n, p, value) for value in epsilons]
            for n, p in zip(widths, planes, strict=True)
        ]
    )


def _measure(entry: Any, images: Any, layer: int, epsilons: Sequence[float], basis: str, draws: int) -> Arrays:
    """One network at every threshold; cached beside its snapshots."""
    from isoaux import measurement

    about = {"id": entry.network.id, "layer": layer, "epsilons": list(epsilons), "basis": basis, "draws": draws}

    def make() -> Arrays:
        z = measurement.at_epochs(entry, images, [entry.network.recipe.epochs])[0][0][layer]
        directions = bases.named(basis, z.shape[1])
        return at_thresholds(z, directions, epsilons, draws, measurement.seed_of(entry, layer))

    return measurement.cached(entry, "thresholds", about, make)


def at_thresholds(z: Any, basis: Any, epsilons: Sequence[float], draws: int, seed: int) -> Arrays:
    """Representations (N, n) in a basis (m, n) at every threshold.

    Arrays over thresholds: ``count``, ``c4`` and ``s2``, the same in random bases as ``null_...`` (thresholds, draws),
    ``permutation_...`` of the points in both orders, and ``density`` (2, thresholds, R, R) as bytes, combination
    and then permutation, every picture under its own window and limit.
    """
    found: dict[str, list[Any]] = {}
    pictures: dict[str, list[Any]] = {variant: [] for variant in VARIANTS}
    for epsilon in epsilons:
        for variant in VARIANTS:
            points = ppp.project(z, basis, epsilon, variant).points
            numbers = statistics.panel(points)
            prefix = "" if variant == "combination" else f"{variant}_"
            for name in NUMBERS:
                found.setdefault(prefix + name, []).append(getattr(numbers, name))
            image = density.render(points, density.window_for([points]), method="binned")
            pictures[variant].append(published.quantise(image, density.limits(image)[1]))
        for name, null in statistics.null_draws(z, draws, seed, epsilon, "combination", basis).items():
            found.setdefault(f"null_{name}", []).append(null)
    arrays = {name: np.array(values) for name, values in found.items()}
    return arrays | {"density": np.array([pictures["combination"], pictures["permutation"]])}
