"""What exact polytopes cost in CPU time: the partition of a plane, and crossings of segments, on one core.

python benchmarks/bench_polytopes.py
"""

import json
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import Row, Side, machine, save

from isoaux.polytopes import Net, crossings, partition, segments
from isoaux.polytopes.partition import Partition
from isoaux.slicing import packing
from isoaux.training import threads

BENCH = "polytopes"
WIDTHS = (784, 64, 64, 64, 10)
FACES, SEGMENTS = 15_000, 300
LIMIT, IN_PAGE, FIRST_PICTURE = 3.0, 1.5, 0.3
"""Seconds of CPU time that each may take, in Python, and in a page."""


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


def in_node(net: Net, made: Partition, rounds: int) -> dict[str, Any]:
    """The same slice as Node.js makes it with the page's modules: numbers of faces and pieces, and CPU seconds."""
    node = shutil.which("node")
    if node is None:
        raise SystemExit("node is not installed (apt-get install nodejs).")
    plane = {name: getattr(made.plane, name).tolist() for name in ("origin", "first", "second")}
    given = {"net": packing.packed(net), "plane": plane | {"window": made.plane.window}, "rounds": rounds}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "given.json"
        path.write_text(json.dumps(given), "utf-8")
        command = [node, str(Path(__file__).with_name("polytopes.mjs")), str(path)]
        return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


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
    size = f"{made.faces:,} faces"
    sides: list[tuple[str, Side, float | None, str]] = [
        (f"a slice of {size}", lambda: partition.slice(*arguments), LIMIT, f"V - E + F = {made.euler}"),
        (
            f"decision boundaries in {size}",
            made.classes,
            None,
            f"{len(made.classes().winner):,} pieces of one class each",
        ),
        (f"crossings of {ends}", lambda: crossings(net, p, q), LIMIT, f"{crossed.mean():.0f} crossings each"),
        (f"variation of the local map on {ends}", lambda: segments.variation(net, p, q), None, "the sum of jumps"),
        (f"changes of class on {ends}", lambda: segments.changes(net, p, q), None, "the upper envelope of logits"),
    ]
    with threads.limited():
        rows = [seconds(what, cpu_seconds(side, rounds), target, note) for what, side, target, note in sides]
    page = in_node(net, made, rounds)
    size = f"{page['faces']:,} faces in the page"
    return [
        *rows,
        seconds(f"the first slice of {size}", page["fresh"], IN_PAGE, "before anything is compiled"),
        seconds(f"a slice of {size}", page["slice"], IN_PAGE, "when a reader moves the window"),
        seconds(f"decision boundaries in {size}", page["classes"], None, f"{page['pieces']:,} pieces"),
        seconds("the first picture of a slice in the page", page["first"], FIRST_PICTURE, "classes at 64 x 64 points"),
    ]


def main(rounds: int = 5) -> None:
    """Measure everything."""
    about = machine()
    save(BENCH, measure(rounds), about)


if __name__ == "__main__":
    main()
