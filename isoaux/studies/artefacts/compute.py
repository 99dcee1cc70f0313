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
from isoaux.common import archive, disk, paths, work
from isoaux.common.archive import Arrays, Published
from isoaux.common.versions import MEASURE_VERSION
from isoaux.paper import PROFILES, Figure
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.statistics import clouds
from isoaux.studies.artefacts.data import CROWD, LAWS, LEAST, OUTER, PART, Recipe, recipe_for

Seed = tuple[int, int]


def basis_of(recipe: Recipe, seed: Seed, draw: int) -> NDArray[np.float64]:
    """The directions of a panel, (m, n): the recipe's basis in a Haar-random turn; draw 0 is what is drawn."""
    turn = bases.random_orthogonal(recipe.n, np.random.SeedSequence(seed, spawn_key=(2, draw)))
    return bases.named(recipe.basis, recipe.n) @ turn.T


def panel(recipe: Recipe, seed: Seed) -> tuple[NDArray[Any], Arrays]:
    """The points (k, 2) of one panel, in float32, and its numbers; both follow from the recipe and the seed.

    Numbers: those of :class:`isoaux.statistics.Panel`; ``mean_share``, |mean|^2 over the mean of |v|^2;
    ``kept_samples``, the samples behind the points; ``most_planes`` that one sample enters; ``crowd_share``, the
    fraction of points from samples that enter at least ``CROWD`` planes, and ``outer_crowd_share`` of the points beyond
    the ``OUTER`` quantile of |w|; ``null_count``, ``null_c4`` and ``null_s2`` (draws,) in further random bases; mean
    and variance of the angular histogram (72,) over these bases, of all samples (``bin_``) and of the first 1/``PART``
    of them (``part_``).
    """
    cloud = clouds.named(recipe.cloud, seed, recipe.samples, recipe.n).astype(np.float32)
    first = ppp.project(cloud, basis_of(recipe, seed, 0), recipe.epsilon, recipe.variant)
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
    turned: dict[str, list[statistics.Panel]] = {"bin": [], "part": []}
    for draw in range(1, recipe.draws + 1):
        directions = basis_of(recipe, seed, draw)
        for panels, rows in zip(turned.values(), (cloud, cloud[: recipe.samples // PART]), strict=True):
            panels.append(statistics.panel(ppp.project(rows, directions, recipe.epsilon, recipe.variant).points))
    numbers |= {f"null_{name}": np.array([getattr(p, name) for p in turned["bin"]]) for name in statistics.RECORDED}
    for name, panels in turned.items():
        histograms = np.array([p.histogram for p in panels], dtype=np.float64)
        numbers |= {f"{name}_mean": histograms.mean(0), f"{name}_variance": histograms.var(0, ddof=1)}
    return first.points, {name: np.asarray(value) for name, value in numbers.items()}


def compute(
    figure: Figure, settings: Settings, *, jobs: int | None = None, train: bool = True, budget: float | None = None
) -> Result:
    """The data of a figure of panels, a row of panels per seed, drawn and measured or taken from the store.

    Nothing is trained, so ``train`` and ``budget`` change nothing; ``settings.retrain`` computes it anew. Raises
    ValueError as :func:`isoaux.studies.artefacts.data.recipe_for`.
    """
    recipe, seeds = recipe_for(figure, settings), tuple(sorted(settings.seeds_for()))
    key = asdict(recipe) | {"seeds": seeds, "columns": settings.size.columns, "measure": MEASURE_VERSION}
    place = paths.cache() / "ensembles" / disk.digest(key | {"limits": figure.entry["limits"]})
    stored = archive.kept(place, partial(_compute, figure, settings, recipe, seeds, jobs), settings.retrain)
    facts = stored.facts | {"figure": figure.name, "profile": settings.profile}
    return Result(figure, Published(stored.arrays, facts | {"deviations": _deviations(figure, settings)}), {}, {})


def _compute(figure: Figure, settings: Settings, recipe: Recipe, seeds: tuple[int, ...], jobs: int | None) -> Published:
    from isoaux.records.facts import without_networks  # has torch, which the processes that draw panels do without

    started = time.monotonic()
    places = [(seed, column) for seed in seeds for column in range(settings.size.columns)]
    workers = 1 if jobs is None and recipe.samples < 10_000 else jobs
    points, numbers = zip(*work.each(partial(panel, recipe), places, "panel", workers), strict=True)
    shape = (len(seeds), settings.size.columns)
    stacked = {name: np.stack([each[name] for each in numbers]) for name in numbers[0]}
    arrays = _pictures(points, per_panel=figure.entry["limits"] == "panel") | stacked
    facts = without_networks(
        dataset=LAWS[recipe.cloud],
        dtype="float64",
        epsilon=recipe.epsilon,
        draws=recipe.draws,
        seeds=seeds,
        seconds=time.monotonic() - started,
    )
    facts["versions"] = {name: words for name, words in facts["versions"].items() if name != "torch"}
    about = {
        "figure": figure.name,
        "profile": settings.profile,
        "source": recipe.cloud,
        "checksum": None,
        "samples": recipe.samples,
        "basis": recipe.basis,
        "variant": recipe.variant,
    }
    return Published(_compact(arrays, shape), facts | about)


def _deviations(figure: Figure, settings: Settings) -> list[str]:
    """In words, what of the paper's setting is not followed."""
    full, size = PROFILES["paper"], settings.size
    deviations = []
    if size.samples != full.samples:
        deviations.append(f"{size.samples:,} samples instead of {full.samples:,}")
    if (panels := len(settings.seeds_for()) * size.columns) < LEAST:
        deviations.append(f"{panels} panels instead of at least {LEAST}")
    if settings.epsilon_for(figure) != figure.epsilon:
        deviations.append(f"epsilon {settings.epsilon_for(figure):g} instead of {figure.epsilon:g}")
    if settings.variant != "combination":
        deviations.append(f"{settings.variant}-PPP instead of combination-PPP")
    return deviations


def _pictures(points: Sequence[NDArray[Any]], per_panel: bool) -> Arrays:
    """Densities (panels, R, R) as bytes under one window, with one colour limit for all panels or each its own."""
    drawn, window = density.render_all(points)
    limits = [density.limits(image)[1] for image in drawn] if per_panel else [density.limits(drawn)[1]] * len(drawn)
    images = [archive.quantise(image, limit) for image, limit in zip(drawn, limits, strict=True)]
    return {"density": np.stack(images), "limit": np.array(limits), "window": np.full(len(drawn), window)}


def _compact(arrays: Arrays, shape: tuple[int, int]) -> Arrays:
    """Arrays (panels, ...) by row and column of the figure, (*shape, ...), with numbers as float32 and int32."""
    kinds = {"f": np.float32, "i": np.int32}
    return {
        name: array.reshape(*shape, *array.shape[1:]).astype(kinds.get(array.dtype.kind, array.dtype))
        for name, array in arrays.items()
    }
