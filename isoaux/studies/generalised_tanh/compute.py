"""Generalised tanh, evaluated: along its vectors, over the plane, beside isotropic tanh, and for many bases."""

from functools import cache
from itertools import product
from math import inf

import numpy as np
import torch
from numpy.typing import NDArray

from isoaux import bases
from isoaux.activations import Activation, GaugeTanh, GeneralisedTanh, Interference, named
from isoaux.settings import Settings
from isoaux.studies.generalised_tanh.data import (
    ARRANGED,
    CIRCLES,
    DIRECTIONS,
    LENGTHS,
    POLYGONS,
    RADIUS,
    SERIES,
    STARTS,
    Along,
    Arranged,
    Chosen,
    Correction,
    Distance,
    Lattice,
    Plane,
    Solid,
    Statements,
    polygon,
    privileged,
)

GRID = 181
"""Points of a side of a grid in the plane."""

REACH = 2.5
"""Half the side of the square that it covers."""

FEW = 6
"""Different products up to which they are listed."""


@cache
def _arranged(m: int, n: int) -> NDArray[np.float64]:
    return bases.thomson(m, n)


def _values(f: Activation, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """f at points (..., n)."""
    return np.asarray(f(torch.from_numpy(np.ascontiguousarray(points))).numpy())


def along() -> tuple[Along, ...]:
    """Generalised tanh along the vectors of six bases."""
    shown = {
        "simplex": bases.simplex(10),
        "cross-polytope": bases.cross_polytope(10),
        "40 vectors of $R^{10}$": _arranged(40, 10),
        "pentagon": polygon(5),
        "square antiprism": _arranged(8, 3),
        "96 vectors of $R^{24}$": _arranged(96, 24),
    }
    return tuple(_along(words, basis) for words, basis in shown.items())


def _along(words: str, basis: NDArray[np.float64]) -> Along:
    points = LENGTHS[:, None, None] * basis
    f = GeneralisedTanh(basis)
    values = _values(f, points)
    part = (values * basis).sum(-1)
    across = np.linalg.norm(values - part[..., None] * basis, axis=-1)
    positive = np.maximum(points @ basis.T, 0)
    plain = ((np.tanh(positive) @ basis) * basis).sum(-1)
    return Along(words, basis, part, across, plain, -(_values(f, -points) * basis).sum(-1))


def planes() -> tuple[Plane, ...]:
    """The functions of the regular polygons with so many corners, and isotropic tanh."""
    return (*(_plane(m) for m in POLYGONS), _plane(0))


def _plane(m: int) -> Plane:
    isotropic = named("isotanh")
    f, gauge = (GeneralisedTanh(polygon(m)), GaugeTanh(polygon(m))) if m else (isotropic, isotropic)
    side = np.linspace(-REACH, REACH, GRID)
    grid = np.stack(np.meshgrid(side, side), axis=-1)
    values = _values(f, grid)
    length = np.linalg.norm(values, axis=-1)
    cross = grid[..., 0] * values[..., 1] - grid[..., 1] * values[..., 0]
    turn = np.degrees(np.arctan2(np.abs(cross), (grid * values).sum(-1)))
    unit = polygon(720)
    circles = np.array(CIRCLES)[:, None, None] * np.vstack([unit, unit[:1]])
    rays = polygon(24)[:, None] * np.linspace(0, CIRCLES[-1], 200)[:, None]
    return Plane(m, REACH, length, turn, _values(f, circles), _values(f, rays), _values(gauge, circles))


def distances() -> tuple[Distance, ...]:
    """How far both functions are from isotropic tanh, by dimension and number of vectors."""
    rows = []
    for n, numbers in SERIES.items():
        unit = np.random.default_rng(0).standard_normal((DIRECTIONS, n))
        points = torch.from_numpy(RADIUS * unit / np.linalg.norm(unit, axis=1, keepdims=True))
        isotropic = named("isotanh")(points)
        for m in numbers:
            basis = polygon(m) if n == 2 else _arranged(m, n)
            differences = [f(points) - isotropic for f in (GeneralisedTanh(basis), GaugeTanh(basis))]
            near, gauge = (float(torch.linalg.vector_norm(each, dim=1).max()) for each in differences)
            antipodal = bool((basis @ basis.T).min(1).max() < 1e-6 - 1)
            rows.append(Distance(n, m, near, gauge, float(differences[0].abs().max()), antipodal))
    return tuple(rows)


def corrections() -> tuple[Correction, ...]:
    """The correction N of bases with one positive product, beside its closed form."""
    shown = {
        "pentagon": polygon(5),
        "hexagon": polygon(6),
        "icosahedron": _arranged(12, 3),
        "16 vectors": _arranged(16, 5),
        "27 vectors": _arranged(27, 6),
        "56 vectors": _arranged(56, 7),
        "40 vectors": _arranged(40, 10),
    }
    return tuple(_correction(words, basis) for words, basis in shown.items())


def _correction(words: str, basis: NDArray[np.float64]) -> Correction:
    m, n = basis.shape
    products = (basis @ basis.T)[0, 1:]
    g = float(products.max())
    k = int((products > g - 1e-6).sum())
    c, t, computed = 1 + k * g * g, np.concatenate([[0], np.logspace(-3, 3, 400)]), Interference(basis)
    deviation = float(np.abs(computed.value(t) + k * g / c * np.tanh(g * t)).max())
    ends = (1 + computed.slope(0.0) - 1 / c, computed.value(1e9) + k * g / c)
    return Correction(words, n, m, g, k, c, deviation, float(np.abs(ends).max()), bases.quality(basis))


def arranged() -> tuple[Arranged, ...]:
    """The Thomson-like bases of :data:`isoaux.studies.generalised_tanh.data.ARRANGED`."""
    return tuple(_judged(n, m) for n, m in ARRANGED)


def _judged(n: int, m: int) -> Arranged:
    basis = _arranged(m, n)
    energies = np.sort([bases.energy(bases.thomson(m, n, seed, 1)) for seed in range(STARTS)])
    group = bases.symmetries(basis)
    turns = [*group.generators, bases.random_orthogonal(n, 1)]
    f = GeneralisedTanh(basis)
    points = np.random.default_rng(0).standard_normal((50, n))
    values = _values(f, points)
    differ = [float(np.abs(_values(f, points @ turn.T) - values @ turn.T).max()) for turn in turns]
    return Arranged(
        n, m, bases.quality(basis), energies, *_products(basis), group.order, max(differ[:-1], default=0.0), differ[-1]
    )


def _products(basis: NDArray[np.float64]) -> tuple[NDArray[np.float64], tuple[int, ...]]:
    """The different products of two vectors and how often they occur at each; both empty where they are many."""
    m = len(basis)
    rows = np.sort((basis @ basis.T)[~np.eye(m, dtype=bool)].reshape(m, -1), axis=1)
    values = np.unique(np.round(rows, 3))
    counts = {tuple(int(np.isclose(row, value, atol=6e-4).sum()) for value in values) for row in rows}
    if len(values) > FEW:
        return np.zeros(0), ()
    exact = np.array([rows[np.isclose(rows, value, atol=6e-4)].mean() for value in values])
    return exact, counts.pop() if len(counts) == 1 else ()


def statements(dimensions: tuple[int, ...] = (3, 4, 5, 6)) -> Statements:
    """The numbers behind what is said of Appendices C and D, with minimal bases of some dimensions n up to m = 3n."""
    largest: dict[bool, list[float]] = {True: [-1.0], False: [inf]}
    for n in dimensions:
        for m in range(2, 3 * n + 1):
            largest[m <= 2 * n].append(bases.quality(bases.thomson(m, n)).largest_cosine)
    uneven = _along("uneven", np.array([[1.0, 0], [np.cos(1), np.sin(1)], [np.cos(4), np.sin(4)]]))
    error = float(np.abs(uneven.plain - np.tanh(LENGTHS)[:, None]).max())
    solids = tuple(Solid(name, len(rows), bases.energy(rows), _least(len(rows))) for name, rows in _solids().items())
    lattices = tuple(Lattice(m, bases.energy(_fibonacci(m)), _least(m)) for m in (12, 24, 96))
    return Statements(max(largest[True]), min(largest[False]), dimensions, error, solids, lattices)


def _least(m: int) -> float:
    """The least energy of m vectors of R^3."""
    return bases.energy(_arranged(m, 3))


def _solids() -> dict[str, NDArray[np.float64]]:
    """The corners of the Platonic solids as unit rows (m, 3)."""
    golden = (1 + 5**0.5) / 2
    signs = np.array(list(product((-1.0, 1.0), repeat=3)))
    icosahedron = np.array([(0.0, a, b * golden) for a, b in product((-1, 1), repeat=2)])
    edges = np.array([(0.0, a / golden, b * golden) for a, b in product((-1, 1), repeat=2)])

    def turns(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.vstack([np.roll(rows, k, axis=1) for k in range(3)])

    corners = {
        "tetrahedron": signs[signs.prod(1) > 0],
        "octahedron": bases.cross_polytope(3),
        "cube": signs,
        "icosahedron": turns(icosahedron),
        "dodecahedron": np.vstack([signs, turns(edges)]),
    }
    return {name: rows / np.linalg.norm(rows, axis=1, keepdims=True) for name, rows in corners.items()}


def _fibonacci(m: int) -> NDArray[np.float64]:
    """The Fibonacci lattice of m points of the sphere, unit rows (m, 3)."""
    height = 1 - (2 * np.arange(m) + 1) / m
    angle = np.pi * (3 - 5**0.5) * np.arange(m)
    radius = np.sqrt(1 - height**2)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=1)


def chosen(settings: Settings) -> Chosen:
    """The function of the basis that the settings name, on 1,000 normal representations drawn by their first seed."""
    basis = privileged(settings)
    m, n = basis.shape
    points = 2 * np.random.default_rng(settings.seeds_for()[0]).standard_normal((1000, n))
    f = GeneralisedTanh(basis)
    values = _values(f, points)
    frame = np.eye(n) if settings.basis == "simplex" else basis[:n]
    elementwise = np.tanh(points @ frame.T) @ frame
    group, quality = bases.symmetries(basis), bases.quality(basis)
    differences = (
        values + _values(f, -points),
        values - elementwise,
        values - _values(named("isotanh"), points),
    )
    return Chosen(settings.basis, n, m, f.group, group.order, quality, *(float(np.abs(d).max()) for d in differences))
