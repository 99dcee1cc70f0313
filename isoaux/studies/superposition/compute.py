"""Toy models, trained in seconds, and what is measured of them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, astuple
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import bases
from isoaux.common import archive, disk, paths
from isoaux.common.archive import Arrays, Published
from isoaux.common.versions import ENGINE_VERSION, MEASURE_VERSION
from isoaux.paper import Figure
from isoaux.ppp import EPSILON
from isoaux.records.facts import without_networks
from isoaux.records.results import Result
from isoaux.representations import superposition
from isoaux.representations.superposition import Sparse
from isoaux.settings import Settings
from isoaux.srm import nulls
from isoaux.statistics import basis_tests
from isoaux.studies.superposition import data
from isoaux.studies.superposition.data import Size

Values = NDArray[np.float64]

SETTLING = 0.5
"""The share of a training in which Adam's rate falls to 0, but where optimisers are compared."""

NULL_SEED = 0
"""The seed of random bases and of random unit vectors."""

SPOTLIGHT = 0.75
"""The cosine of the half-angle of the spotlight's cone."""


def compute(
    figure: Figure, settings: Settings, *, jobs: int | None = None, train: bool = True, budget: float | None = None
) -> Result:
    """The weights of a figure's networks and what is measured of them, trained or taken from the store.

    Training takes seconds to minutes in one process, so ``jobs``, ``train`` and ``budget`` change nothing;
    ``settings.retrain`` trains anew. Raises ValueError as :func:`isoaux.studies.superposition.data.check`.
    """
    data.check(figure, settings)
    part, size, seeds = data.part_of(figure), data.SIZES[settings.profile], data.seeds_of(figure, settings)
    key = {"part": part, "size": asdict(size), "seeds": seeds, "engine": ENGINE_VERSION, "measure": MEASURE_VERSION}
    place = paths.cache() / "superposition" / disk.digest(key)
    stored = archive.kept(place, partial(_computed, part, size, seeds), settings.retrain)
    full = data.SIZES["paper"]
    facts = stored.facts | {"figure": figure.name, "profile": settings.profile}
    facts["deviations"] = [] if size == full else [f"fewer seeds and steps, {size.steps:,} instead of {full.steps:,}"]
    return Result(figure, Published(stored.arrays, facts), {}, {})


def _computed(part: str, size: Size, seeds: tuple[int, ...]) -> Published:
    started = time.process_time()
    arrays = TRAININGS[part](size, seeds)
    facts = without_networks(
        dataset="random sparse features",
        dtype="float64",
        epsilon=EPSILON,
        draws=size.draws,
        seeds=seeds,
        seconds=time.process_time() - started,
    )
    return Published(arrays, facts)


def _trained(
    n: int, m: int, sparsities: tuple[float, ...], importance: ArrayLike, size: Size, seeds: tuple[int, ...]
) -> superposition.Trained:
    """Networks of every sparsity and seed, trained with Adam, in that order."""
    instances = Sparse(n, m, np.repeat(sparsities, len(seeds)), importance)
    each = np.tile(seeds, len(sparsities))
    return superposition.train(instances, size.steps, each, optimiser="adam", decay=SETTLING)


def plane(size: Size, seeds: tuple[int, ...]) -> Arrays:
    """Weights, biases and losses (sparsities, seeds, ...) of three and of five features in two neurons."""
    three = _trained(3, 2, data.THREE, 1.0, size, seeds)
    five = _trained(5, 2, data.FIVE, data.IMPORTANCE, size, seeds)
    return _named("three", three, len(data.THREE)) | _named("five", five, len(data.FIVE))


def dimensions(size: Size, seeds: tuple[int, ...]) -> Arrays:
    """Weights, biases and losses (sparsities, seeds, ...) of forty features in ten neurons."""
    return _named("many", _trained(data.FORTY, data.TEN, data.MANY, 1.0, size, seeds), len(data.MANY))


def _named(name: str, trained: superposition.Trained, sparsities: int) -> Arrays:
    parts = {"W": trained.W, "b": trained.b, "loss": trained.loss}
    return {
        f"{name}_{kind}": values.reshape(sparsities, -1, *values.shape[1:]).astype(np.float32)
        for kind, values in parts.items()
    }


def phases(size: Size, seeds: tuple[int, ...]) -> Arrays:
    """Of two features in one neuron, by density and relative importance: the phase of the second, and losses.

    ``phase`` (densities, importances) is that of the lowest loss of all starts, ``agreeing`` how many starts have it,
    ``loss`` the lowest loss; ``weights`` are the two weights of it. All cells see the same uniform numbers, those of
    the first seed.
    """
    cells = np.linspace(0, len(data.DENSITIES) - 1, size.cells).round().astype(int)
    densities, importances = data.DENSITIES[cells], data.IMPORTANCES[cells]
    grid = np.stack(np.meshgrid(densities, importances, np.arange(data.STARTS), indexing="ij"), axis=-1).reshape(-1, 3)
    importance = np.stack([np.ones(len(grid)), grid[:, 1]], axis=1)
    start = superposition.start(2, 1, [seeds[0] * 1000 + k for k in range(data.STARTS)])
    trained = superposition.train(
        Sparse(2, 1, 1 - grid[:, 0], importance),
        size.phase_steps,
        seeds[0],
        optimiser="adam",
        decay=SETTLING,
        weights=start[grid[:, 2].astype(int)],
    )
    shape = size.cells, size.cells, data.STARTS
    losses, weights = trained.loss.reshape(shape), trained.W.reshape(*shape, 2)
    kinds = superposition.phase(trained.W)[:, 1].reshape(shape)
    best = losses.argmin(-1)[..., None]
    phase = np.take_along_axis(kinds, best, -1)
    return {
        "densities": densities,
        "importances": importances,
        "phase": phase[..., 0],
        "agreeing": (kinds == phase).sum(-1),
        "loss": np.take_along_axis(losses, best, -1)[..., 0],
        "weights": np.take_along_axis(weights, best[..., None], -2)[..., 0, :].astype(np.float32),
    }


def geometry(size: Size, seeds: tuple[int, ...]) -> Arrays:
    """Arrangements of unit columns, beside the least energy of as many vectors and random unit vectors.

    ``energy``, ``least``, ``random`` (the median) and ``untrained`` are (sizes, seeds), of the columns that are
    represented, ``kept``; ``W4`` ... ``W12`` the weights in three neurons, ``W40`` those in ten.
    """
    arrays: dict[str, NDArray[Any]] = {}
    rows = []
    known: dict[tuple[int, int], tuple[float, float]] = {}
    for n, m in [*((n, 3) for n in data.COUNTS), (data.FORTY, data.TEN)]:
        trained = _trained(n, m, (data.GEOMETRY,), 1.0, size, seeds)
        arrays[f"W{n}"] = trained.W.astype(np.float32)
        rows.append(
            [_energies(W, start, known, size) for W, start in zip(trained.W, _starts(n, m, seeds), strict=True)]
        )
    names = ("energy", "least", "random", "untrained", "kept")
    table = np.array(rows)
    return arrays | {name: table[..., place] for place, name in enumerate(names)}


def _starts(n: int, m: int, seeds: tuple[int, ...]) -> Values:
    return superposition.start(n, m, seeds)


def _energies(W: Values, start: Values, known: dict[tuple[int, int], tuple[float, float]], size: Size) -> list[float]:
    """Energy, least energy, median energy of random vectors, and energy untrained, of as many as are represented."""
    lengths = np.linalg.norm(W, axis=0)
    units = (W / lengths).T[lengths > superposition.HALF]
    k, m = units.shape
    if k <= m:
        return [np.nan, np.nan, np.nan, np.nan, k]
    if (k, m) not in known:
        random = np.random.default_rng([NULL_SEED, k, m])
        draws = random.standard_normal((size.draws, k, m))
        draws /= np.linalg.norm(draws, axis=-1, keepdims=True)
        known[k, m] = bases.least_energy(k, m, NULL_SEED), float(np.median([bases.energy(draw) for draw in draws]))
    beginning = (start / np.linalg.norm(start, axis=0)).T[:k]
    return [bases.energy(units), *known[k, m], bases.energy(beginning), k]


def link(size: Size, seeds: tuple[int, ...]) -> Arrays:
    """Networks with each optimiser and activation: weights, losses, and tests of their columns.

    ``W`` and ``b`` are (optimisers, activations, seeds, ...), ``losses`` (..., parts); ``tests`` (optimisers,
    activations, states, seeds, tests, numbers) those before training and at the end.
    """
    trained = [
        [
            superposition.train(
                Sparse(data.FEATURES, data.NEURONS, np.full(len(seeds), data.SPARSITY), 1.0, activation),
                size.link_steps,
                np.array(seeds),
                optimiser=optimiser,
            )
            for activation in data.ACTIVATIONS
        ]
        for optimiser in data.OPTIMISERS
    ]
    beginning = _starts(data.FEATURES, data.NEURONS, seeds)
    tests = [[[_tests(W, seeds, size) for W in (beginning, t.W)] for t in row] for row in trained]
    return {
        "W": np.array([[t.W for t in row] for row in trained], np.float32),
        "b": np.array([[t.b for t in row] for row in trained], np.float32),
        "losses": np.array([[t.losses for t in row] for row in trained], np.float32),
        "drift": np.array([[t.drift for t in row] for row in trained]),
        "tests": np.array(tests),
    }


def _tests(weights: Values, seeds: tuple[int, ...], size: Size) -> list[list[tuple[float, ...]]]:
    """By seed and by :data:`isoaux.studies.superposition.data.TESTS`, what is kept of a test."""
    axes = bases.standard(data.NEURONS)
    both = bases.cross_polytope(data.NEURONS)
    rows = []
    for seed, W in zip(seeds, weights, strict=True):
        units = (W / np.linalg.norm(W, axis=0)).T
        found = basis_tests(units, axes, data.TESTS[:3], size.draws, seed)
        each = [found[name] for name in data.TESTS[:3]]
        each.append(nulls.test(units, both, "resonance", SPOTLIGHT, size.draws, seed))
        rows.append([astuple(data.Tested.of(test)) for test in each])
    return rows


TRAININGS: Mapping[str, Callable[[Size, tuple[int, ...]], Arrays]] = {
    "plane": plane,
    "dimensions": dimensions,
    "phases": phases,
    "geometry": geometry,
    "link": link,
}
"""What is trained and measured for each of :data:`isoaux.studies.superposition.data.PARTS`."""
