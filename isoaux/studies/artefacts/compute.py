"""Appendix A's ensembles: many panels of clouds in which no direction is special, measured from seeds alone.

A panel is one cloud (:mod:`isoaux.statistics.clouds`) in one Haar-random turn of the basis, both drawn anew. Panel
(row, column) has the seed (s, column), s the row's seed, whatever the cloud: panels of Figures 5 to 7 in the same place
have the same embedding and the same bases, so that a difference between them is one of the images alone.

Turned by a Haar-random matrix, every single sample becomes a uniform direction. So for any cloud at all the mean
number of points over random bases is that of isotropic samples (:func:`isoaux.ppp.expected_isotropic_count`), and
the mean angular histogram is flat; and the variance over all clouds and bases is the mean over clouds of the
variance over bases. Each panel therefore brings further bases for its own cloud, and they estimate the scatter.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import bases, density, ppp, statistics
from isoaux.common import archive, disk, paths
from isoaux.common.archive import Arrays, Published
from isoaux.common.versions import ENGINE_VERSION, MEASURE_VERSION
from isoaux.paper import PROFILES, Figure
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.statistics import clouds
from isoaux.studies.artefacts.data import CROWD, LAWS, LEAST, OUTER, PART, Recipe, recipe

Seed = tuple[int, int]


def basis_of(how: Recipe, seed: Seed, draw: int) -> NDArray[np.float64]:
    """The directions of a panel, (m, n): the named basis in a Haar-random turn; draw 0 is what is drawn."""
    turn = bases.random_orthogonal(how.n, np.random.SeedSequence(seed, spawn_key=(2, draw)))
    return bases.named(how.basis, how.n) @ turn.T


def panel(how: Recipe, seed: Seed) -> tuple[NDArray[Any], Arrays]:
    """One panel from its seed alone: its points (k, 2), in float32, and its numbers.

    Numbers: those of :class:`isoaux.statistics.Panel`; ``mean_share``, |mean|^2 over the mean of |v|^2;
    ``kept_samples``, the samples behind the points;
    ``most_planes`` that one sample enters; ``crowd_share``, the fraction of points from samples that enter at least
    ``CROWD`` planes, and ``outer_crowd_share`` of the points beyond the ``OUTER`` quantile of |w|; ``null_count``,
    ``null_c4`` and ``null_s2`` (draws,) in further random bases; mean and variance of the angular histogram (72,) over
    these bases, of all samples (``bin_``) and of the first quarter of them (``part_``).
    """
    cloud = clouds.named(how.cloud, seed, how.samples, how.n).astype(np.float32)
    first = ppp.project(cloud, basis_of(how, seed, 0), how.epsilon, how.variant)
    numbers: dict[str, Any] = dict(vars(statistics.panel(first.points)))
    planes = np.bincount(first.sample, minlength=1)
    crowd = planes[first.sample] >= CROWD
    radius = np.hypot(*first.points.T)
    outer = radius >= np.quantile(radius, OUTER) if len(radius) else crowd
    numbers |= {
        "mean_share": (cloud.mean(0, dtype=np.float64) ** 2).sum() / (cloud.astype(np.float64) ** 2).sum(1).mean(),
        "kept_samples": np.count_nonzero(planes),
        "most_planes": planes.max(),
        "crowd_share": crowd.mean() if len(crowd) else 0.0,
        "outer_crowd_share": crowd[outer].mean() if len(crowd) else 0.0,
    }
    others: list[statistics.Panel] = []
    parts: list[statistics.Panel] = []
    for draw in range(1, how.draws + 1):
        directions = basis_of(how, seed, draw)
        for found, rows in ((others, cloud), (parts, cloud[: how.samples // PART])):
            found.append(statistics.panel(ppp.project(rows, directions, how.epsilon, how.variant).points))
    numbers |= {f"null_{name}": np.array([getattr(p, name) for p in others]) for name in statistics.RECORDED}
    for name, found in (("bin", others), ("part", parts)):
        histograms = np.array([p.histogram for p in found], dtype=np.float64)
        numbers |= {f"{name}_mean": histograms.mean(0), f"{name}_variance": histograms.var(0, ddof=1)}
    return first.points, {name: np.asarray(value) for name, value in numbers.items()}


def compute(
    wanted: Figure, settings: Settings, *, jobs: int | None = None, train: bool = True, budget: float | None = None
) -> Result:
    """Draw and measure all panels of a figure, a row of panels per seed; kept in the store, and taken from there.

    Nothing is trained, so ``train`` and ``budget`` change nothing; ``settings.retrain`` computes it anew.
    """
    how, seeds = recipe(wanted, settings), tuple(sorted(settings.seeds_for()))
    key = asdict(how) | {"seeds": seeds, "columns": settings.size.columns, "measure": MEASURE_VERSION}
    place = paths.cache() / "ensembles" / disk.digest(key | {"limits": wanted.entry["limits"]})
    try:
        stored = None if settings.retrain else archive.read(place)
    except (FileNotFoundError, ValueError):
        stored = None
    if stored is None:
        fresh = _compute(wanted, settings, how, seeds, jobs)
        archive.write(place, fresh.arrays, fresh.facts)
        stored = fresh
    facts = stored.facts | {"figure": wanted.name, "profile": settings.profile}
    return Result(wanted, Published(stored.arrays, facts | {"deviations": _deviations(wanted, settings)}), {}, {})


def _compute(wanted: Figure, settings: Settings, how: Recipe, seeds: tuple[int, ...], jobs: int | None) -> Published:
    from isoaux.common import work
    from isoaux.training import store

    started = time.monotonic()
    places = [(seed, column) for seed in seeds for column in range(settings.size.columns)]
    workers = 1 if jobs is None and how.samples < 10_000 else jobs
    found = work.each(partial(panel, how), places, "panel", workers)
    points, numbers = zip(*found, strict=True)
    shape = (len(seeds), settings.size.columns)
    arrays = {name: np.stack([own[name] for own in numbers]) for name in numbers[0]}
    arrays = _pictures(points, per_panel=wanted.entry["limits"] == "panel") | arrays
    versions = {name: words for name, words in store.versions().items() if name != "torch"}
    facts = {
        "figure": wanted.name,
        "profile": settings.profile,
        "source": how.cloud,
        "dataset": LAWS[how.cloud],
        "checksum": None,
        "licence": None,
        "epochs": None,
        "layer": None,
        "samples": how.samples,
        "dtype": "float64",
        "epsilon": how.epsilon,
        "basis": how.basis,
        "variant": how.variant,
        "draws": how.draws,
        "final_draws": how.draws,
        "engine_version": ENGINE_VERSION,
        "measure_version": MEASURE_VERSION,
        "failed": [],
        "rows": [],
        "seeds": list(seeds),
        "seconds": round(time.monotonic() - started, 1),
        "device": "cpu",
        "versions": versions,
        "commit": store.commit(),
    }
    return Published(_compact(arrays, shape), facts)


def _deviations(wanted: Figure, settings: Settings) -> list[str]:
    full, own = PROFILES["paper"], settings.size
    found = []
    if own.samples != full.samples:
        found.append(f"{own.samples:,} samples instead of {full.samples:,}")
    if (panels := len(settings.seeds_for()) * own.columns) < LEAST:
        found.append(f"{panels} panels instead of at least {LEAST}")
    if settings.epsilon_for(wanted) != wanted.epsilon:
        found.append(f"epsilon {settings.epsilon_for(wanted):g} instead of {wanted.epsilon:g}")
    if settings.variant != "combination":
        found.append(f"{settings.variant}-PPP instead of combination-PPP")
    return found


def _pictures(points: Sequence[NDArray[Any]], per_panel: bool) -> Arrays:
    """Densities under one window; one colour limit for all panels, or each its own."""
    drawn, window = density.render_all(points)
    limits = [density.limits(image)[1] for image in drawn] if per_panel else [density.limits(drawn)[1]] * len(drawn)
    images = [archive.quantise(image, limit) for image, limit in zip(drawn, limits, strict=True)]
    return {"density": np.stack(images), "limit": np.array(limits), "window": np.full(len(drawn), window)}


def _compact(arrays: Arrays, shape: tuple[int, int]) -> Arrays:
    """Panels by row and column; numbers as float32 and int32, which is more than they are worth."""
    kinds = {"f": np.float32, "i": np.int32}
    return {
        name: array.reshape(*shape, *array.shape[1:]).astype(kinds.get(array.dtype.kind, array.dtype))
        for name, array in arrays.items()
    }
