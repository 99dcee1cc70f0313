"""Representations measured at several thresholds and in both variants: what epsilon and permutation-PPP do.

A network is measured at its last checkpoint, at every threshold of the figure and the one that is asked for, beside
its own random bases and the count that isotropic representations would have (spec. section 3).
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import bases, density, ppp, statistics
from isoaux.bases import VARIANTS
from isoaux.common import archive
from isoaux.common.archive import Arrays
from isoaux.paper import Figure, Network
from isoaux.records import measurement
from isoaux.records.results import Result
from isoaux.settings import DEFAULT, Settings
from isoaux.studies import steps
from isoaux.studies.thresholds.data import NUMBERS, epsilons
from isoaux.training import snapshots
from isoaux.training.data import Images
from isoaux.training.store import Entry

Values = NDArray[np.float64]


def compute(figure: Figure, settings: Settings, **options: Any) -> Result:
    """The data of a figure whose networks are measured at every threshold and in both variants, a row per network.

    ``settings.variant`` changes nothing. Options and errors as in :meth:`isoaux.studies.protocol.Study.compute`.
    """
    values, draws = epsilons(figure, settings), settings.size.draws
    measure = partial(_measure, layer=figure.layer, epsilons=values, basis=settings.basis, draws=draws)
    rows = steps.rows(figure, settings, measure, **options)
    rows = replace(rows, settings=replace(settings, epsilon=DEFAULT, variant="combination"))
    networks, parts = list(rows.measured), list(rows.measured.values())
    first = {network.configuration: row for row, network in reversed(list(enumerate(networks)))}
    shown = sorted(first.values())  # of every configuration the first seed is drawn
    more = {
        "density": np.concatenate([parts[row]["density"] for row in shown]),
        "epsilon": np.array(values),
        "expected": _expected(networks, len(rows.images.train), values, settings.basis),
        "shown": np.array(shown),
    }
    return steps.result(rows, more, {"final_draws": draws})


def _expected(networks: Sequence[Network], samples: int, epsilons: Sequence[float], basis: str) -> Values:
    """Expected number of points of isotropic representations, (networks, thresholds)."""
    expected = []
    for n in (network.configuration.n for network in networks):
        planes = len(bases.pairs(bases.named(basis, n), "combination")[0])
        expected.append([ppp.expected_isotropic_count(samples, n, planes, epsilon) for epsilon in epsilons])
    return np.array(expected, np.float64)


def _measure(entry: Entry, images: Images, layer: int, epsilons: Sequence[float], basis: str, draws: int) -> Arrays:
    """The arrays of :func:`at_thresholds` of one network's latent layer; cached beside its snapshots."""
    about = {"id": entry.network.id, "layer": layer, "epsilons": list(epsilons), "basis": basis, "draws": draws}

    def make() -> Arrays:
        z = snapshots.at_epochs(entry, images, [entry.network.recipe.epochs])[0][0][layer]
        directions = bases.named(basis, z.shape[1])
        return at_thresholds(z, directions, epsilons, draws, measurement.seed_of(entry, layer))

    return measurement.cached(entry, "thresholds", about, make)


def at_thresholds(z: Any, basis: Any, epsilons: Sequence[float], draws: int, seed: int) -> Arrays:
    """What is measured of representations ``z`` (N, n) in a basis (m, n) at every threshold.

    Arrays over thresholds: ``count``, ``c4`` and ``s2``; the same in ``draws`` random bases, drawn from ``seed``, as
    ``null_...`` (thresholds, draws); ``permutation_...`` of the points in both orders; and ``density`` (2, thresholds,
    R, R) as bytes, combination and then permutation, every picture under its own window and limit.
    """
    values: dict[str, list[Any]] = {}
    pictures: dict[str, list[Any]] = {variant: [] for variant in VARIANTS}
    for epsilon in epsilons:
        for variant in VARIANTS:
            points = ppp.project(z, basis, epsilon, variant).points
            numbers = statistics.panel(points)
            prefix = "" if variant == "combination" else f"{variant}_"
            for name in NUMBERS:
                values.setdefault(prefix + name, []).append(getattr(numbers, name))
            image = density.render(points, density.window_for([points]), method="binned")
            pictures[variant].append(archive.quantise(image, density.limits(image)[1]))
        for name, null in statistics.null_draws(z, draws, seed, epsilon, "combination", basis).items():
            values.setdefault(f"null_{name}", []).append(null)
    arrays = {name: np.array(each) for name, each in values.items()}
    return arrays | {"density": np.array([pictures["combination"], pictures["permutation"]])}
