"""What the explorer computes in a page, against NumPy on the same whole numbers; the page's side runs under Node.js."""

import base64
import functools
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import javascript
import matplotlib as mpl
import numpy as np
import pytest
from roots import ROOT

from isoaux import bases, density, ppp, srm, statistics
from isoaux.explorer import checks, files, sending
from isoaux.explorer.bases import random_basis, turned

FOLDER = ROOT / "book" / "data" / "explorer"
SAMPLES = 3000
CELLS = 200

BASES = [
    {"kind": "standard"},
    {"kind": "random", "seed": 1},
    {"kind": "simplex"},
    {"kind": "standard", "i": 2, "j": 5, "angle": 0.5},
    {"kind": "simplex", "i": 0, "j": 3, "angle": 1.2},
    {"kind": "cross-polytope"},
    {"kind": "thomson", "m": 40},
]
DEGREES = np.radians(np.arange(360))
EDGE = 1 - srm.curves.ROUNDING


def rows_of(basis: dict[str, Any]) -> np.ndarray:
    n = basis["n"]
    made = {
        "random": lambda: random_basis(n, basis["seed"]),
        "cross-polytope": lambda: bases.cross_polytope(n),
        "thomson": lambda: thomson(basis["m"], n),
    }
    start = made.get(basis["kind"], lambda: bases.named(basis["kind"], n))()
    return turned(start, basis["i"], basis["j"], basis["angle"]) if "angle" in basis else start


@functools.cache
def thomson(m: int, n: int) -> np.ndarray:
    return bases.thomson(m, n, starts=1)


def spotlit(values: np.ndarray, rows: np.ndarray, epsilon: float, variant: str, plane: list[int] | None) -> Any:
    """The spotlight of a view as isoaux.srm has it, at every degree, and its numbers, of both orders of its planes."""
    shares = srm.spotlight(values, rows, epsilon, "permutation", DEGREES)
    itself = srm.itself(rows, epsilon * EDGE, "permutation", DEGREES)
    listed, _ = bases.pairs(rows, "permutation")
    place = {tuple(pair): at for at, pair in enumerate(listed.tolist())}
    there = [sorted(plane)] if plane else [pair for pair in listed.tolist() if pair[0] < pair[1]]
    both = [place[i, j] for i, j in there] + [place[j, i] for i, j in there]
    drawn = both if variant == "permutation" else both[: len(there)]
    drawn = [place[plane[0], plane[1]]] if plane else drawn
    high, none = shares[both[: len(there)]].max(1), np.zeros(1)
    curve = srm.Curve(DEGREES, shares[both].mean(0), itself[both].mean(0), high, none, none)
    numbers = srm.numbers(srm.curve(values, rows, epsilon) if epsilon == 0.75 and not plane else curve)
    return {
        "mean": shares[drawn].mean(0).tolist(),
        "most": shares[drawn].max(1).tolist(),
        "itself": itself[drawn].mean(0).tolist(),
        "numbers": {name: getattr(numbers, name) for name in ("resonance", "phase", "reach")},
    }


def case(values: np.ndarray, basis: dict[str, Any], epsilon: float, variant: str, plane: list[int] | None) -> Any:
    n = values.shape[1]
    basis = basis | {"n": n}
    rows = rows_of(basis)
    basis |= {"rows": rows.tolist()} if basis["kind"] == "thomson" else {}
    projection = ppp.project(values, rows, epsilon, variant)
    wanted = np.ones(len(projection.points), bool)
    if plane:
        wanted = (projection.planes[projection.plane] == plane).all(1)
    points = projection.points[wanted]
    window = window_of(values)
    cells = np.floor((points + window) * (CELLS / (2 * window))).astype(int)
    cells = cells[((cells >= 0) & (cells < CELLS)).all(1)]
    where, how_many = np.unique(cells[:, 1] * CELLS + cells[:, 0], return_counts=True)
    panel = statistics.panel(points)
    planes = 1 if plane else len(projection.planes)
    found = {
        "count": panel.count,
        "c4": panel.c4,
        "s2": panel.s2,
        "counts": projection.counts.tolist(),
        "cells": np.column_stack([where, how_many]).tolist(),
        "spotlight": spotlit(values, rows, epsilon, variant, plane),
        "expected": ppp.expected_isotropic_count(len(values), n, planes, epsilon),
    }
    words = f"{basis}, epsilon {epsilon}, {variant}, plane {plane}"
    exact = basis["kind"] == "standard" and "angle" not in basis
    asked = {"basis": basis, "epsilon": epsilon, "variant": variant, "plane": plane, "window": window}
    return asked | {"exact": exact, "found": found, "words": words}


def window_of(values: np.ndarray) -> float:
    lengths = np.sort((values.astype(float) ** 2).sum(1))
    return float(np.sqrt(lengths[int(0.99 * (len(lengths) - 1))]))


def clouds() -> list[dict[str, Any]]:
    keys = [f"{name} k0" for name in ("cifar-U-tanh-n18-L0", "cifar-U-isolrelu-n18-L2", "cifar-N-tanh-n32-L0")]
    chosen = [checks.entry(key, files.read_list(FOLDER)) for key in keys]
    found = []
    for network in chosen:
        epoch, n = network["epochs"][-1], network["width"]
        values = files.read(FOLDER, epoch["parts"], n)[:SAMPLES].astype(float)
        pairs = [*product(BASES, (0.3, 0.5, 0.75, 0.9))] if n == 18 else [*product(BASES[:3], (0.5, 0.75))]
        variants = ("combination", "permutation")
        cases = [case(values, basis, epsilon, variants[k % 2], None) for k, (basis, epsilon) in enumerate(pairs)]
        planes = [([2, 5], "combination"), ([5, 2], "permutation")]
        cases += [case(values, basis, 0.6, variant, plane) for basis in BASES[:4] for plane, variant in planes]
        found.append(
            {
                "network": network["network"],
                "n": n,
                "samples": SAMPLES,
                "parts": epoch["parts"],
                "folder": str(FOLDER),
                "sum_of_squares": int((values**2).sum()),
                "window": window_of(values),
                "cases": cases,
            }
        )
    return found


def arrays_of_ones_own() -> dict[str, np.ndarray]:
    """Arrays as they come: with massive activations, in any units, of very different lengths, of any type."""
    rng = np.random.default_rng(3)
    normal = rng.normal(size=(300, 6))
    single = normal.astype(np.float32)
    lengths = 10.0 ** np.linspace(-30, 30, 300)[:, None]
    zeros = normal.copy()
    zeros[:297] = 0
    return {
        "massive activations": with_massive_activations(),
        "float16": normal.astype(np.float16),
        "float32, tiny": single * np.float32(1e-30),
        "float32, smallest numbers": np.ldexp(np.rint(100 * single), -149).astype(np.float32),
        "float32, huge": single * np.float32(1e37),
        "float64, tiny": normal * 1e-300,
        "float64, smallest numbers": np.ldexp(np.rint(100 * normal), -1074),
        "float64, huge": normal * 1e307,
        "rows of very different lengths": normal * lengths,
        "rows of very different lengths, beyond float32": normal * lengths * 1e-200,
        "nearly all zero": zeros,
        "all zero": np.zeros((5, 6)),
        "one row": normal[:1],
        "integers": np.rint(20 * normal).astype(np.int64) * 10**14,
    }


def with_massive_activations() -> np.ndarray:
    """2,000 rows, of which the first 20 have one neuron at 13,000."""
    rows = np.random.default_rng(0).normal(size=(2_000, 6))
    rows[:20, 2] = 13_000
    return rows


def sent() -> list[dict[str, Any]]:
    """What the page of the widget is sent of an array, and what NumPy keeps of the array itself."""
    cases = []
    for words, array in arrays_of_ones_own().items():
        values, _ = sending.single(array)
        for basis, epsilon in (({"kind": "standard", "n": 6}, 0.75), ({"kind": "random", "seed": 3, "n": 6}, 0.6)):
            rows = array.astype(np.float64)
            found = ppp.project(rows, rows_of(basis), epsilon)
            near_one = np.ldexp(rows, -np.frexp(np.abs(rows).max())[1])  # where points are as exact as can be
            kept = np.column_stack([found.sample, found.planes[found.plane]])
            cases.append(
                {
                    "words": f"{words}, {basis['kind']}",
                    "n": 6,
                    "basis": basis,
                    "epsilon": epsilon,
                    "bytes": base64.b64encode(np.ascontiguousarray(values.T, "<f4").tobytes()).decode("ascii"),
                    "kept": kept.tolist(),
                    "c4": statistics.panel(ppp.project(near_one, rows_of(basis), epsilon).points).c4,
                }
            )
    return cases


def blur() -> dict[str, Any]:
    points = np.random.default_rng(0).normal(0, 0.2, (40_000, 2))
    image = density.render(points, 1.0, CELLS, method="binned")
    cells = np.floor((points + 1) * (CELLS / 2)).astype(int)
    histogram = np.bincount(cells[:, 1] * CELLS + cells[:, 0], minlength=CELLS**2)
    return {"histogram": histogram.tolist(), "density": image.ravel().tolist(), "limit": density.limits([image])[1]}


@pytest.fixture
def node(installed: Callable[[str, str], str]) -> str:
    """Node.js, without which the page's side cannot be run."""
    return installed("node", "nodejs")


def test_the_page_computes_what_numpy_computes(node: str, tmp_path: Path) -> None:
    magma = [[round(255 * part) for part in mpl.colormaps["magma"](k)[:3]] for k in range(256)]
    listed = [basis | {"n": n} for basis, n in product(BASES[:-1], (6, 18))]
    cases = {
        "magma": np.ravel(magma).tolist(),
        "bases": [{"basis": basis, "rows": rows_of(basis).tolist()} for basis in listed],
        "shares": [
            {"n": n, "epsilon": e, "share": srm.expected(n, e)} for n, e in product((2, 3, 18, 64), (0, 0.5, 0.9))
        ],
        "blur": blur(),
        "sent": sent(),
        "clouds": clouds(),
    }
    javascript.check(node, "explorer/explorer.test.mjs", cases, tmp_path)


def test_random_bases_are_orthogonal_and_haar() -> None:
    for n in (1, 2, 18):
        np.testing.assert_allclose(random_basis(n, 5) @ random_basis(n, 5).T, np.eye(n), atol=1e-12)
    entries = np.array([random_basis(3, seed) for seed in range(2000)])
    assert np.abs(entries.mean(0)).max() < 0.06, "4 standard errors: 4 sqrt(1/3/2000) = 0.052"
    np.testing.assert_allclose((entries**2).mean(0), 1 / 3, atol=0.03)


def test_a_seed_that_a_page_cannot_have_is_refused(refused: Any) -> None:
    for seed in (-1, 2**32, 1.5, True, "1", None, np.nan):
        refused([f"seed is {seed!r}", "4294967295"], random_basis, 3, seed)
    np.testing.assert_array_equal(random_basis(3, np.uint32(7)), random_basis(3, 7))


def test_rows_that_span_no_plane_cannot_be_turned(refused: Any) -> None:
    rows = np.vstack([np.eye(3), -np.eye(3)])
    refused(["parallel rows 0 and 3"], turned, rows, 0, 3, 0.5)
    refused(["parallel rows 1 and 0"], turned, np.array([[0.6, 0.8], [0.6, 0.8]]), 1, 0, 0.5)
    refused(["i is array("], turned, np.eye(3), np.eye(300), 1, 0.5)
    refused(["n is 100000", "at most 4,096"], random_basis, 10**5, 0)
    refused(["i and j are both 1"], turned, np.eye(3), 1, 1, 0.5)
    for row in (-1, 3, 1.0, True, None):
        refused([f"i is {row!r}", "0 to 2"], turned, np.eye(3), row, 2, 0.5)
        refused([f"j is {row!r}", "0 to 2"], turned, np.eye(3), 2, row, 0.5)
    for angle in (np.nan, -np.inf, "x", None, 1j):
        refused([f"angle is {angle!r}"], turned, np.eye(3), 0, 1, angle)
    refused(["basis has row 0 of length 2"], turned, 2 * np.eye(3), 0, 1, 0.5)
    nearly = np.array([[1, 0, 0], [np.cos(1e-4), np.sin(1e-4), 0]])
    there = turned(nearly, 0, 1, 0.3)
    np.testing.assert_allclose(np.linalg.norm(there, axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(turned(there, 0, 1, -0.3), nearly, atol=1e-10)


def test_turning_there_and_back_is_nothing() -> None:
    start = bases.simplex(6)
    there = turned(start, 1, 4, 0.7)
    assert there[1] @ there[4] == pytest.approx(-1 / 6) and there[1] @ start[1] == pytest.approx(np.cos(0.7))
    np.testing.assert_allclose(turned(there, 1, 4, -0.7), start, atol=1e-12)
