"""From a network's snapshots to numbers and pictures: what is measured, and cached beside the snapshots.

All checkpoints are encoded in one product: the encoders of a network's 17 checkpoints are stacked, so that the
images are read once. Reconstruction errors follow from two more products (a Gram matrix and a cross product), for
every pixel, and so in every unit. All of this is float64, also for networks trained in float32: these errors are small
differences of large sums. Representations are measured in float32.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache as once
from typing import Any

import numpy as np

from isoaux import bases, density, ppp, statistics
from isoaux.common import archive, disk
from isoaux.common.archive import Arrays
from isoaux.common.versions import MEASURE_VERSION
from isoaux.records import directions, random_bases, representations
from isoaux.training import store
from isoaux.training.data import Images
from isoaux.training.snapshots import Floats, latents

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
"""Of |w|, the distance of the PPP points from the origin, and of a representation's cosine to the nearest axis."""

RESOLUTION = 200
"""Pixels along one side of a published density."""

CONCENTRATION_DRAWS = 99
"""Random bases in which the concentration of the last checkpoint is measured."""


@dataclass(frozen=True)
class Probe:
    """How representations are measured: threshold, basis, variant, and how many random bases beside it."""

    epsilon: float = 0.75
    basis: str = "standard"
    variant: str = "combination"
    draws: int = 99
    final_draws: int = 999

    def directions(self, n: int) -> Floats:
        """The basis rows to measure with."""
        return bases.named(self.basis, n)


@dataclass(frozen=True)
class Measured:
    """Everything published about one network.

    ``record``: arrays over checkpoints C and layers K: counts, plane counts, c4, s2, shares, the 72-bin angular
    histogram, quantiles of |w|, the share of the mean direction, and errors; how the directions lie
    (:func:`isoaux.records.directions.of_panel`); count / c4 / s2 in ``draws`` random bases drawn for this network
    (``final_draws`` at the last checkpoint); and the statistics that need no points, raw, centred and whitened, with
    their tests in the same random bases (:func:`isoaux.records.random_bases.measured`).

    ``row``: one row of a PPP figure: ``density`` (C, R, R) bytes of one latent layer under one ``window``
    (half-width, in the units of the representations) and one colour ``limit`` (the density that 255 stands for;
    spec. section 4).

    ``representations``: some at the last checkpoint (:func:`isoaux.records.representations.sampled`).
    """

    record: Arrays
    row: Arrays
    representations: Arrays


def measure(entry: store.Entry, images: Images, layer: int, probe: Probe) -> Measured:
    """What is published about one network, its row drawn from latent layer ``layer``.

    Every part is measured once and kept beside the snapshots.
    """
    basis = probe.directions(entry.network.configuration.n)
    drawn = {"epsilon": probe.epsilon, "basis": probe.basis, "variant": probe.variant, "layer": layer}

    @once
    def encoded() -> tuple[list[list[Floats]], Arrays]:
        return latents(entry, images)

    return Measured(
        _cached_record(entry, encoded, probe),
        cached(entry, "row", drawn, lambda: _row([layers[layer] for layers in encoded()[0]], basis, probe)),
        cached(
            entry,
            "representations",
            drawn | {"layer": None},
            lambda: representations.sampled(encoded()[0][-1], basis, probe.epsilon, probe.variant),
        ),
    )


def record(entry: store.Entry, images: Images, probe: Probe) -> Arrays:
    """The record of one network alone, as in :class:`Measured`."""
    return _cached_record(entry, lambda: latents(entry, images), probe)


def _cached_record(
    entry: store.Entry, encoded: Callable[[], tuple[list[list[Floats]], Arrays]], probe: Probe
) -> Arrays:
    """The record; ``encoded`` gives the representations by checkpoint and layer, and the errors, if it is not kept."""

    def make() -> Arrays:
        checkpoints, errors = encoded()
        return _record(entry, checkpoints, probe.directions(entry.network.configuration.n), probe) | errors

    return cached(entry, "record", asdict(probe) | {"id": entry.network.id}, make)


def cached(entry: store.Entry, name: str, facts: dict[str, Any], make: Callable[[], Arrays]) -> Arrays:
    """The arrays that ``make`` measures on a network, kept beside its snapshots.

    They are made once for every ``name`` and ``facts``, which say how they are measured, and again where the file is
    damaged or of another version. The file also says how many seconds that took, and on which processor.
    """
    place = entry.folder / f"{name}-{disk.digest(facts | {'measure': MEASURE_VERSION})}"
    with suppress(FileNotFoundError, ValueError):
        kept = archive.read(place)
        about = {name: fact for name, fact in kept.facts.items() if name not in ("format_version", "sha256", "digest")}
        whole = disk.digest(about) == kept.facts.get("digest")
        if whole and disk.digest(about | facts | {"network": entry.key}) == disk.digest(about):
            return kept.arrays
    started = time.perf_counter()
    arrays = make()
    about = facts | {"network": entry.key, "measure_version": MEASURE_VERSION, "processor": store.processor()}
    about |= {"seconds": round(time.perf_counter() - started, 3)}
    for suffix in (".npz", ".json"):
        store.make_way(place.with_suffix(suffix))
    archive.write(place, arrays, about | {"digest": disk.digest(about)})
    return arrays


def _record(entry: store.Entry, checkpoints: list[list[Floats]], basis: Floats, probe: Probe) -> Arrays:
    """The arrays of a record from the representations (N, n) of every layer of every checkpoint."""
    by_layer = [[layers[k] for layers in checkpoints] for k in range(len(checkpoints[0]))]
    parts = [_layer(through, seed_of(entry, k), basis, probe) for k, through in enumerate(by_layer)]
    return {
        name: np.stack([part[name] for part in parts], axis=0 if name.startswith("final_null_") else 1)
        for name in parts[0]
    }


def _layer(checkpoints: list[Floats], seed: int, basis: Floats, probe: Probe) -> Arrays:
    """The arrays of one layer, (C, ...), from its representations at every checkpoint; ``final_null_...`` (draws,)."""
    turned = random_bases.drawn(basis, max(probe.final_draws, CONCENTRATION_DRAWS), seed)
    panels: list[dict[str, Any]] = []
    null: Arrays = {}
    for at, z in enumerate(checkpoints, 1):
        last = at == len(checkpoints)
        drawn = turned[: probe.final_draws if last else probe.draws]
        numbers, null = random_bases.measured(z, basis, drawn, probe.epsilon, probe.variant, last)
        through = {f"null_{name}": null[name][: probe.draws] for name in statistics.RECORDED}
        panels.append(measure_panel(z, basis, probe) | through | numbers)
    for_concentration = turned[:CONCENTRATION_DRAWS]
    concentrations = directions.concentrations(checkpoints[-1], basis, for_concentration, probe.epsilon, probe.variant)
    null |= {name: values.astype(np.float64) for name, values in concentrations.items()}
    arrays = {name: np.stack([panel[name] for panel in panels]) for name in panels[0]}
    return arrays | {f"final_null_{name}": values for name, values in null.items()}


def measure_panel(z: Floats, basis: Floats, probe: Probe) -> dict[str, Any]:
    """The statistics of one panel by name: of the PPP points of representations ``z`` (N, n) in one basis (m, n)."""
    projection = ppp.project(z, basis, probe.epsilon, probe.variant)
    radii = np.linalg.norm(projection.points, axis=1)
    quantiles = np.quantile(radii, QUANTILES) if len(radii) else np.zeros(len(QUANTILES))
    return (
        vars(statistics.panel(projection.points))
        | directions.concentration(projection, z, basis)
        | directions.of_panel(projection, z, basis, probe.epsilon, QUANTILES)
        | {
            "plane_counts": projection.counts,
            "radius_quantiles": quantiles,
            "mean_share": float((z.mean(0, dtype=np.float64) ** 2).sum() / (z.astype(np.float64) ** 2).sum(1).mean()),
        }
    )


def seed_of(entry: store.Entry, layer: int) -> int:
    """The seed of the random bases of one layer of a network."""
    return int(disk.digest([entry.network.id, layer])[:8], 16)


def _row(checkpoints: list[Floats], basis: Floats, probe: Probe) -> Arrays:
    points = [ppp.project(z, basis, probe.epsilon, probe.variant).points for z in checkpoints]
    drawn, window = density.render_all(points, RESOLUTION)
    _, limit = density.limits(drawn)
    return {"density": archive.quantise(drawn, limit), "limit": np.array(limit), "window": np.array(window)}
