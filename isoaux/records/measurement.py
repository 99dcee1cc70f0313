"""From a network's snapshots to numbers and pictures: what is measured, and cached beside the snapshots.

All checkpoints are encoded in one product: the encoders of a network's 17 checkpoints are stacked, so that the
images are read once. Reconstruction errors follow from two more products (a Gram matrix and a cross product), for
every pixel, and so in every unit. All of this is float64, also for networks trained in float32: these errors are small
differences of large sums. Representations are measured in float32.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache as once
from typing import Any

import numpy as np

from isoaux import bases, density, ppp, statistics
from isoaux.common import archive, disk
from isoaux.common.archive import Arrays
from isoaux.common.versions import MEASURE_VERSION
from isoaux.training import store
from isoaux.training.data import Images
from isoaux.training.snapshots import Floats, latents

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
"""Of |w|, the distance of the PPP points from the origin."""

RESOLUTION = 200
"""Pixels along one side of a published density."""

CONCENTRATION_DRAWS = 99
"""Random bases in which the concentration of the last checkpoint is measured."""

SAMPLES = 5000
"""Representations that are published per configuration."""


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
    histogram, quantiles of |w|, the share of the mean direction, errors, and count / c4 / s2 in ``draws`` random
    bases drawn for this network (``final_draws`` at the last checkpoint).

    ``row``: one row of a PPP figure: ``density`` (C, R, R) bytes of one latent layer under one ``window``
    (half-width, in the units of the representations) and one colour ``limit`` (the density that 255 stands for;
    spec. section 4).

    ``representations``: ``values`` (K, S, n) int16 times ``scale`` of the training images ``sample`` (S,), at the last
    checkpoint, and how many planes each enters, ``planes_entered`` (K, S), counted before they were rounded.
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
        cached(entry, "representations", drawn | {"layer": None}, lambda: _sampled(encoded()[0][-1], basis, probe)),
    )


def record(entry: store.Entry, images: Images, probe: Probe) -> Arrays:
    """The record of one network alone, as in :class:`Measured`."""
    return _cached_record(entry, lambda: latents(entry, images), probe)


def _cached_record(
    entry: store.Entry, encoded: Callable[[], tuple[list[list[Floats]], Arrays]], probe: Probe
) -> Arrays:
    """The record; ``encoded`` gives the representations by checkpoint and layer, and the errors, if it is not kept."""

    def make() -> Arrays:
        representations, errors = encoded()
        return _record(entry, representations, probe.directions(entry.network.configuration.n), probe) | errors

    return cached(entry, "record", asdict(probe) | {"id": entry.network.id}, make)


def cached(entry: store.Entry, name: str, facts: dict[str, Any], make: Callable[[], Arrays]) -> Arrays:
    """The arrays that ``make`` measures on a network, kept beside its snapshots.

    They are made once for every ``name`` and ``facts``, which say how they are measured, and again where the file is
    damaged or of another version.
    """
    place = entry.folder / f"{name}-{disk.digest(facts | {'measure': MEASURE_VERSION})}"
    with suppress(FileNotFoundError, ValueError):
        kept = archive.read(place)
        same = disk.digest({name: kept.facts[name] for name in facts if name in kept.facts}) == disk.digest(facts)
        if same and kept.facts.get("network") == entry.key:
            return kept.arrays
    arrays = make()
    for suffix in (".npz", ".json"):
        store.make_way(place.with_suffix(suffix))
    archive.write(place, arrays, facts | {"network": entry.key})
    return arrays


def _record(entry: store.Entry, checkpoints: list[list[Floats]], basis: Floats, probe: Probe) -> Arrays:
    """The arrays of a record from the representations (N, n) of every layer of every checkpoint."""
    panels: list[dict[str, Any]] = []
    for layers in checkpoints:
        for k, z in enumerate(layers):
            null = _null(entry, z, k, basis, probe, probe.draws)
            panels.append(measure_panel(z, basis, probe) | {f"null_{name}": v for name, v in null.items()})
    shape = (len(checkpoints), len(checkpoints[0]))
    arrays = {name: np.array([p[name] for p in panels]) for name in panels[0]}
    arrays = {name: a.reshape(*shape, *a.shape[1:]) for name, a in arrays.items()}
    for k, z in enumerate(checkpoints[-1]):
        final = _null(entry, z, k, basis, probe, probe.final_draws) | _concentration_null(entry, z, k, basis, probe)
        for name, value in final.items():
            arrays.setdefault(f"final_null_{name}", np.empty((shape[1], len(value))))[k] = value
    return arrays


def measure_panel(z: Floats, basis: Floats, probe: Probe) -> dict[str, Any]:
    """The statistics of one panel by name: of the PPP points of representations ``z`` (N, n) in one basis (m, n)."""
    projection = ppp.project(z, basis, probe.epsilon, probe.variant)
    radii = np.linalg.norm(projection.points, axis=1)
    quantiles = np.quantile(radii, QUANTILES) if len(radii) else np.zeros(len(QUANTILES))
    return (
        vars(statistics.panel(projection.points))
        | concentration(projection, z, basis)
        | {
            "plane_counts": projection.counts,
            "radius_quantiles": quantiles,
            "mean_share": float((z.mean(0, dtype=np.float64) ** 2).sum() / (z.astype(np.float64) ** 2).sum(1).mean()),
        }
    )


def concentration(projection: ppp.Projection, z: Floats, basis: Floats) -> dict[str, float]:
    """How few directions hold what a projection of representations ``z`` (N, n) kept.

    ``kept_samples``: representations that lie near at least one plane. ``axes_half``: the fewest of the 2m signed
    basis directions whose nearest kept samples are half of them. ``sectors_half``: the fewest of the 72 x planes
    sectors of 5 degrees, centred on its multiples so that no axis is an edge, that hold half of the points.
    """
    samples = np.unique(projection.sample)
    coordinates = z[samples] @ basis.T.astype(z.dtype)
    nearest = np.abs(coordinates).argmax(1)
    sign = coordinates[np.arange(len(samples)), nearest] > 0
    angle = np.arctan2(projection.points[:, 1], projection.points[:, 0])
    sector = np.rint(angle / (2 * np.pi) * statistics.BINS).astype(np.int64) % statistics.BINS
    return {
        "kept_samples": len(samples),
        "axes_half": fewest(np.bincount(2 * nearest + sign, minlength=2 * len(basis))),
        "sectors_half": fewest(np.bincount(statistics.BINS * projection.plane + sector, minlength=1)),
    }


def fewest(counts: Floats, share: float = 0.5) -> int:
    """The fewest cells that together hold at least this share of all that is counted; 0 if nothing is."""
    ordered = np.sort(counts)[::-1].cumsum()
    return int(np.searchsorted(ordered, share * ordered[-1]) + 1) if ordered[-1] else 0


def seed_of(entry: store.Entry, layer: int) -> int:
    """The seed of the random bases of one layer of a network."""
    return int(disk.digest([entry.network.id, layer])[:8], 16)


def _null(entry: store.Entry, z: Floats, layer: int, basis: Floats, probe: Probe, draws: int) -> Arrays:
    return statistics.null_draws(z, draws, seed_of(entry, layer), probe.epsilon, probe.variant, basis)


def _concentration_null(entry: store.Entry, z: Floats, layer: int, basis: Floats, probe: Probe) -> Arrays:
    def draw() -> Iterator[dict[str, float]]:
        for i in range(CONCENTRATION_DRAWS):
            stream = np.random.SeedSequence(seed_of(entry, layer), spawn_key=(i,))
            rotated = basis @ bases.random_orthogonal(z.shape[1], stream).T
            yield concentration(ppp.project(z, rotated, probe.epsilon, probe.variant), z, rotated)

    draws = list(draw())
    return {name: np.array([d[name] for d in draws]) for name in draws[0]}


def _sampled(layers: list[Floats], basis: Floats, probe: Probe) -> Arrays:
    count = len(layers[0])
    sample = np.sort(np.random.default_rng(0).permutation(count)[:SAMPLES])
    values = np.stack([z[sample] for z in layers])
    scale = float(np.abs(values).max()) / 32767 or 1.0
    kept = [ppp.project(z, basis, probe.epsilon, probe.variant).sample for z in values]
    return {
        "values": np.rint(values / scale).astype(np.int16),
        "scale": np.array(scale),
        "sample": sample.astype(np.int32),
        "planes_entered": np.stack([np.bincount(k, minlength=len(sample)) for k in kept]).astype(np.int16),
    }


def _row(checkpoints: list[Floats], basis: Floats, probe: Probe) -> Arrays:
    points = [ppp.project(z, basis, probe.epsilon, probe.variant).points for z in checkpoints]
    drawn, window = density.render_all(points, RESOLUTION)
    _, limit = density.limits(drawn)
    return {"density": archive.quantise(drawn, limit), "limit": np.array(limit), "window": np.array(window)}
