"""How fast the explorer answers, the spotlight against one angle after the other, and the basis test in full.

python benchmarks/bench_explorer.py
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from common import (
    Row,
    Side,
    alternate,
    best_threads,
    faster,
    machine,
    save,
    tried_threads,
    with_threads,
    worth_measuring,
)
from numpy.typing import NDArray

from isoaux import bases, srm, statistics
from isoaux.training import threads

BENCH = "explorer"
ROOT = Path(__file__).parents[1]
NETWORKS = ("cifar-U-tanh-n18-L0", "cifar-U-isotanh-n18-L0")
STEP, ALL, BASIS, BLOCKED = 8.0, 50.0, 120.0, 50.0
"""Milliseconds: a step at epsilon of at least 0.5, one at 0, a change of basis, the longest time without a pause."""

SAMPLES, N, EPSILON, ANGLES = 50_000, 18, 0.75, 360
TIMES_FASTER, SECONDS, DRAWS = 300.0, 20.0, 999
EVERY = 51
"""One angle after the other is tried on every so many planes, and its time is scaled."""

Floats = NDArray[np.float64]


def in_node() -> dict[str, Any]:
    """Milliseconds of every kind of step, by network, as Node.js measures them."""
    node = shutil.which("node")
    if node is None:
        raise SystemExit("node is not installed (apt-get install nodejs).")
    command = [node, str(ROOT / "benchmarks" / "explorer.mjs"), str(ROOT / "book" / "data" / "explorer"), *NETWORKS]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def slowest(what: str, values: dict[str, float], target: float | None, note: str = "") -> Row:
    """A row with the larger of the networks' times; the note has both."""
    each = ", ".join(f"{name.split('-')[2]} {value:.1f} ms" for name, value in values.items())
    return Row(BENCH, what, unit="ms", n=N, value=max(values.values()), target=target, note=f"{each}{note}")


def steps(found: dict[str, Any]) -> list[Row]:
    """Rows for everything that a reader may do."""
    size = next(f"{one['samples']:,} x {one['width']}" for one in found.values())
    rows = []
    for epsilon in next(iter(found.values()))["steps"]:
        kept = ", ".join(f"{one['kept'][epsilon]:,}" for one in found.values())
        values = {name: one["steps"][epsilon] for name, one in found.items()}
        target = STEP if float(epsilon) >= 0.5 else ALL
        rows.append(slowest(f"a step to epsilon {epsilon}, {size}", values, target, f"; {kept} points"))
    for basis in ("standard", "random", "simplex"):
        values = {name: one["bases"][basis] for name, one in found.items()}
        words = "the standard basis turned by hand" if basis == "standard" else f"a {basis} basis"
        rows.append(slowest(f"a change to {words}, {size}", values, BASIS, "; with a step at 0.75"))
    for work, words in (("spotlight", "the mean spotlight"), ("null", "99 random bases")):
        totals = {name: one[work]["all"] for name, one in found.items()}
        longest = {name: one[work]["longest"] for name, one in found.items()}
        rows.append(slowest(f"{words}, {size}, in idle time", totals, None))
        rows.append(slowest(f"{words}: the longest time without a pause", longest, BLOCKED))
    return rows


def angle_by_angle(activations: Floats, basis: Floats, angles: Floats, every: int = 1) -> Floats:
    """Mean share of the samples inside the spotlight at every angle, turning it and asking every sample."""
    unit = activations / np.linalg.norm(activations, axis=1, keepdims=True)
    pairs = [(i, j) for i in range(len(basis)) for j in range(i + 1, len(basis))][::every]
    shares = np.zeros(len(angles))
    for i, j in pairs:
        rest = basis[j] - (basis[j] @ basis[i]) * basis[i]
        rest /= np.linalg.norm(rest)
        for a, angle in enumerate(angles):
            spotlight = np.cos(angle) * basis[i] - np.sin(angle) * rest
            shares[a] += np.mean(unit @ spotlight >= EPSILON)
    return shares / len(pairs)


def spotlights(cloud: Floats, rounds: int) -> Row:
    """One row: the curves of all planes by counting the ends of intervals, against one angle after the other."""
    basis, angles = np.eye(N), np.linspace(0, srm.TURN, ANGLES, endpoint=False)
    planes = N * (N - 1) // 2
    scale = planes / len(range(0, planes, EVERY))
    counts = worth_measuring(lambda: angle_by_angle(cloud, basis, angles[:20], EVERY))
    sides: dict[str, Side] = with_threads("turned", lambda: angle_by_angle(cloud, basis, angles, EVERY), counts)
    sides["isoaux"] = lambda: srm.spotlight(cloud, basis, EPSILON, angles=angles)
    with threads.limited():
        times = alternate(sides, rounds)
    seconds, used = best_threads(times, "turned")
    tried = tried_threads(times, "turned", scale=scale)
    return faster(
        BENCH,
        f"spotlight of {planes} planes at {ANGLES} angles, 50,000 x {N}",
        (scale * seconds, used),
        times["isoaux"],
        dtype="float64",
        n=N,
        target=TIMES_FASTER,
        note=f"angle by angle: {tried}, measured on every {EVERY}st plane and scaled",
    )


def whole_test(cloud: Floats) -> Row:
    """One row: the count in 999 random bases."""
    with threads.limited():
        times = alternate({"test": lambda: statistics.basis_test(cloud, bases.standard(N), draws=DRAWS)}, 1, 0)
    what = f"basis test, {DRAWS} draws, 50,000 x {N}"
    return Row(BENCH, what, unit="s", dtype="float64", n=N, value=times["test"], target=SECONDS, note="one thread")


def main(rounds: int = 3) -> None:
    """Measure everything."""
    about = machine()
    cloud = np.random.default_rng(0).standard_normal((SAMPLES, N))
    save(BENCH, [*steps(in_node()), spotlights(cloud, rounds), whole_test(cloud)], about)


if __name__ == "__main__":
    main()
