"""How fast PPP and its null draws are: against the obvious loop over planes, and beside their floor.

python benchmarks/bench_ppp.py
"""

from pathlib import Path

import numpy as np
import torch
from common import (
    Row,
    Side,
    alternate,
    best_threads,
    copy,
    faster,
    machine,
    product,
    save,
    tried_threads,
    with_threads,
    worth_measuring,
)
from numpy.typing import NDArray

from isoaux import bases, ppp, statistics
from isoaux.common import archive
from isoaux.records.representations import Representations
from isoaux.training import threads

BENCH = "ppp"
SAMPLES, EPSILON = 50_000, 0.75
TARGETS = {"standard": (50.0, 100.0), "not orthogonal": (40.0, 80.0)}
"""At 50,000 x 18: times faster than the loop, and the stretch goal."""
EVERY = {18: 1, 24: 3, 32: 5}
"""The loop is given every so many planes, and its time is scaled."""
DRAWS = 10
TRAINED = Path(__file__).parents[1] / "book" / "data" / "representations" / "cifar-U-tanh-n18-L0"

Floats = NDArray[np.float64]


def plane_by_plane(activations: Floats, basis: Floats, epsilon: float = EPSILON, every: int = 1) -> Floats:
    """Sec. 3 for one plane after the other: Gram-Schmidt, pseudo-inverse, norms, mask, append."""
    kept = []
    pairs = [(i, j) for i in range(len(basis)) for j in range(i + 1, len(basis))]
    for i, j in pairs[::every]:
        first, second = basis[i], basis[j]
        rest = second - (second @ first) * first
        plane = np.stack([first, rest / np.linalg.norm(rest)])
        coefficients = activations @ np.linalg.pinv(plane)
        parallel = coefficients @ plane
        near = np.linalg.norm(parallel, axis=1) / np.linalg.norm(activations, axis=1) > epsilon
        kept.append(coefficients[near])
    return np.concatenate(kept)


def oblique(n: int, rng: np.random.Generator) -> Floats:
    """Unit rows in random directions: a basis that is not orthogonal."""
    rows = rng.standard_normal((n, n))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def clouds(n: int, rng: np.random.Generator, samples: int = SAMPLES) -> dict[str, Floats]:
    """Representations to measure: no direction special, one axis each, and those of a trained network."""
    gaussian = rng.standard_normal((samples, n))
    aligned = 0.25 * gaussian
    aligned[np.arange(samples), rng.integers(0, n, samples)] += 3
    found = {"Gaussian": gaussian, "every sample near an axis": aligned}
    if n == 18 and TRAINED.with_suffix(".npz").exists():
        found["a trained tanh network"] = np.resize(Representations(archive.read(TRAINED)).values(-1), (samples, n))
    return found


def floor(times: dict[str, float], operations: float, moved: float, cloud: Floats, kept: int, standard: bool) -> float:
    """Seconds to read the representations and write what is kept, or for the product that a general basis needs."""
    n = cloud.shape[1]
    must_move = cloud.nbytes + kept * (2 * cloud.itemsize + 8 + 8)  # point, sample and plane
    must_compute = 0.0 if standard else 2.0 * len(cloud) * n * n
    return max(must_move * times["copy"] / moved, must_compute * times["product"] / operations)


def measure(name: str, cloud: Floats, kind: str, basis: Floats, rounds: int) -> Row:
    """One row: these representations in this basis."""
    n = cloud.shape[1]
    every = EVERY[n]
    planes = n * (n - 1) // 2
    scale = planes / len(range(0, planes, every))
    gemm, operations = product(torch.float64)
    move, moved = copy(2 * cloud.nbytes)
    sides: dict[str, Side] = {"product": gemm, "copy": move}
    counts = worth_measuring(lambda: plane_by_plane(cloud, basis, every=planes // 5))
    sides |= with_threads("loop", lambda: plane_by_plane(cloud, basis, every=every), counts)
    sides["isoaux"] = lambda: ppp.project(cloud, basis, EPSILON)
    with threads.limited():
        times = alternate(sides, rounds)
    seconds, used = best_threads(times, "loop")
    kept = len(ppp.project(cloud, basis, EPSILON).points)
    note = f"{kept:,} points kept; the loop: {tried_threads(times, 'loop', scale=scale)}"
    if every > 1:
        note += f", measured on every {every}th plane and scaled"
    target, stretch = TARGETS[kind] if n == 18 else (None, None)
    return faster(
        BENCH,
        f"project 50,000 x {n}, {kind} basis, {name}",
        (scale * seconds, used),
        times["isoaux"],
        dtype="float64",
        n=n,
        floor_s=floor(times, operations, moved, cloud, kept, kind == "standard"),
        target=target,
        stretch=stretch,
        note=note,
    )


def measure_null(cloud: Floats, rounds: int) -> Row:
    """One row: a statistic's null distribution, one random basis after the other."""
    basis = bases.random_orthogonal(cloud.shape[1], 0)
    counts = worth_measuring(lambda: plane_by_plane(cloud, basis, every=31))
    sides = with_threads("loop", lambda: plane_by_plane(cloud, basis), counts)
    sides["isoaux"] = lambda: statistics.null_draws(cloud, DRAWS, 0)
    with threads.limited():
        times = alternate(sides, rounds)
    seconds, used = best_threads(times, "loop")
    note = "the loop counts points in one random basis; isoaux also takes c4 and s2 of its ten, a tenth is given"
    what = "one draw of the null, 50,000 x 18, Gaussian"
    return faster(BENCH, what, (seconds, used), times["isoaux"] / DRAWS, dtype="float64", n=18, note=note)


def main(rounds: int = 3) -> None:
    """Measure all widths, bases and clouds."""
    about = machine()
    rng = np.random.default_rng(0)
    rows = []
    for n in EVERY:
        frames = {"standard": np.eye(n), "not orthogonal": oblique(n, rng)}
        for name, cloud in clouds(n, rng).items():
            rows += [measure(name, cloud, kind, basis, rounds) for kind, basis in frames.items()]
            if n == 18 and name == "Gaussian":
                rows.append(measure_null(cloud, rounds))
    save(BENCH, rows, about)


if __name__ == "__main__":
    main()
