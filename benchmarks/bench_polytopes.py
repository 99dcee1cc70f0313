"""What exact polytopes cost in CPU time: the partition of a plane, and crossings of segments, on one core.

python benchmarks/bench_polytopes.py
"""

import statistics
import time
from typing import Any

import numpy as np
from common import Row, Side, machine, save

from isoaux.polytopes import Net, crossings, partition, segments
from isoaux.polytopes.partition import Partition
from isoaux.training import threads

BENCH = "polytopes"
WIDTHS = (784, 64, 64, 64, 10)
FACES, SEGMENTS = 15_000, 300
LIMIT = 3.0
"""Seconds of CPU time that each may take."""


def network(seed: int = 0) -> Net:
    """A random network of three hidden layers of 64 ReLUs, with biases a tenth of the pre-activations."""
    rng = np.random.default_rng(seed)
    return Net(
        [
            (rng.standard_normal((m, n)) * np.sqrt(2 / n), 0.1 * rng.standard_normal(m))
            for n, m in zip(WIDTHS, WIDTHS[1:], strict=False)
        ]
    )


def widened(net: Net, faces: int = FACES) -> Partition:
    """The partition of a plane through three random points, in a window that is widened until it has enough faces."""
    plane = partition.through(*np.random.default_rng(1).standard_normal((3, net.widths[0])))
    window = plane.window
    while True:
        made = partition.slice(net, plane.origin, plane.first, plane.second, window)
        if made.faces >= faces:
            return made
        window *= 1.1


def cpu_seconds(side: Side, rounds: int) -> float:
    """The median CPU time of ``rounds`` calls, after one that is not counted."""
    times = []
    for _ in range(rounds + 1):
        started = time.process_time()
        side()
        times.append(time.process_time() - started)
    return statistics.median(times[1:])


def seconds(what: str, taken: float, target: float | None, note: str) -> Row:
    """A row of CPU seconds."""
    return Row(BENCH, what, unit="s", isoaux_s=taken, isoaux_processes=1, value=taken, target=target, note=note)


def measure(rounds: int) -> list[Row]:
    """A row for each kind of work."""
    net = network()
    made = widened(net)
    plane = made.plane
    p, q = np.random.default_rng(2).standard_normal((2, SEGMENTS, net.widths[0]))
    crossed = crossings(net, p, q)
    arguments: tuple[Any, ...] = (net, plane.origin, plane.first, plane.second, plane.window)
    ends = f"{SEGMENTS} segments through {net.bits} neurons"
    sides: list[tuple[str, Side, float | None, str]] = [
        ("a slice", lambda: partition.slice(*arguments), LIMIT, f"{made.faces:,} faces, V - E + F = {made.euler}"),
        ("its decision boundaries", made.classes, None, f"{len(made.classes().winner):,} pieces of one class each"),
        (f"crossings of {ends}", lambda: crossings(net, p, q), LIMIT, f"{crossed.mean():.0f} crossings each"),
        (f"variation of the local map on {ends}", lambda: segments.variation(net, p, q), None, "the sum of jumps"),
        (f"changes of class on {ends}", lambda: segments.changes(net, p, q), None, "the upper envelope of logits"),
    ]
    with threads.limited():
        return [seconds(what, cpu_seconds(side, rounds), target, note) for what, side, target, note in sides]


def main(rounds: int = 5) -> None:
    """Measure everything."""
    about = machine()
    save(BENCH, measure(rounds), about)


if __name__ == "__main__":
    main()
