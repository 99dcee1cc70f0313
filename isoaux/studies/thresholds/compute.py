"""The same representations at several thresholds and in both variants: what epsilon and permutation-PPP do.

A network is measured at its last checkpoint, at every threshold of the figure and the one that is asked for, beside
its own random bases and the count that isotropic representations would have (spec. section 3).
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from isoaux import bases, density, ppp, statistics
from isoaux.bases import VARIANTS
from isoaux.common import archive
from isoaux.common.archive import Arrays, Published
from isoaux.paper import Configuration, Figure
from isoaux.records import measurement
from isoaux.records.results import Result
from isoaux.settings import DEFAULT, Settings
from isoaux.studies import steps
from isoaux.studies.thresholds.data import NUMBERS, epsilons
from isoaux.training import snapshots
from isoaux.training.data import Images
from isoaux.training.store import Entry


def compute(figure: Figure, settings: Settings, **options: Any) -> Result:
    """The data of a figure whose networks are measured at every threshold and in both variants.

    ``settings.variant`` changes nothing. Options and errors as in :meth:`isoaux.studies.protocol.Study.compute`.
    """
    values, draws = epsilons(figure, settings), settings.size.draws
    measure = partial(_measure, layer=figure.layer, epsilons=values, basis=settings.basis, draws=draws)
    rows = steps.rows(figure, settings, measure, **options)
    rows = replace(rows, settings=replace(settings, epsilon=DEFAULT, variant="combination"))
    facts, parts = rows.facts, list(rows.measured.values())
    shown = _shown(facts["rows"])
    more = {
        "density": np.concatenate([parts[row]["density"] for row in shown]),
        "epsilon": np.array(values),
        "expected": _expected(facts["rows"], len(rows.images.train), values, settings.basis),
        "shown": np.array(shown),
    }
    numbers = {name: np.stack([part[name] for part in parts]) for name in parts[0] if name != "density"}
    return Result(rows.figure, Published(numbers | more, facts | {"final_draws": draws}), {}, {})


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


def _measure(entry: Entry, images: Images, layer: int, epsilons: Sequence[float], basis: str, draws: int) -> Arrays:
    """One network at every threshold; cached beside its snapshots."""
    about = {"id": entry.network.id, "layer": layer, "epsilons": list(epsilons), "basis": basis, "draws": draws}

    def make() -> Arrays:
        z = snapshots.at_epochs(entry, images, [entry.network.recipe.epochs])[0][0][layer]
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
            pictures[variant].append(archive.quantise(image, density.limits(image)[1]))
        for name, null in statistics.null_draws(z, draws, seed, epsilon, "combination", basis).items():
            found.setdefault(f"null_{name}", []).append(null)
    arrays = {name: np.array(values) for name, values in found.items()}
    return arrays | {"density": np.array([pictures["combination"], pictures["permutation"]])}
