"""How long a report of a wide layer takes, and how much memory, with one thread; and what a random basis costs.

    python benchmarks/bench_width.py

Every report runs in a process of its own, with the figure, of normal numbers in double precision. Times are those of
the processor, which other work on the machine hardly moves. The last row compares random bases by turning groups of
neurons (:mod:`isoaux.statistics.turns`) with Haar-random ones, in turns in one run.
"""

import json
import os
import resource
import subprocess
import sys
import time
from statistics import median
from typing import Any

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from common import Row, faster, machine, save

from isoaux import bases, statistics
from isoaux.statistics import turns

BENCH = "width"

REPORTS = {(10_000, 768): (20, None), (4096, 4096): (180, 2)}
"""Samples and neurons, with the seconds and the GB that are aimed at."""

DRAWS, ROUNDS = 20, 5


def report(samples: int, n: int) -> dict[str, float]:
    """The processor's seconds and the peak memory in bytes of a report with its figure in this process."""
    z = np.random.default_rng(0).standard_normal((samples, n))
    started = time.process_time()
    made = statistics.report(z)
    made.figure().png()
    seconds = time.process_time() - started
    unit = 1 if sys.platform == "darwin" else 1024
    return {"seconds": seconds, "peak": unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


def rows(samples: int, n: int, seconds: float | None, gigabytes: float | None) -> list[Row]:
    """Time and memory of one report, as rows."""
    command = [sys.executable, __file__, "--report", str(samples), str(n)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured = json.loads(done.stdout.splitlines()[-1])
    shape, note = f"report of {samples:,} x {n:,}, with figure", "999 random bases, seconds of the processor"
    shared: dict[str, Any] = {"dtype": "float64", "n": n, "isoaux_s": measured["seconds"], "isoaux_processes": 1}
    made = [Row(BENCH, shape, unit="s", value=measured["seconds"], target=seconds, note=note, **shared)]
    peak = measured["peak"] / 1e9
    return [*made, Row(BENCH, f"peak memory of a {shape}", unit="GB", value=peak, target=gigabytes, **shared)]


def haar(samples: int, n: int) -> Row:
    """The time of a test with Haar-random bases over that with groups, medians of turns."""
    z = np.random.default_rng(0).standard_normal((samples, n))
    times: dict[str, list[float]] = {"haar": [], "groups": []}
    wide = turns.WIDE
    for _ in range(ROUNDS):
        for name, widest in (("haar", n), ("groups", wide)):
            turns.WIDE = widest
            started = time.process_time()
            statistics.basis_test(z, bases.standard(n), draws=DRAWS)
            times[name].append(time.process_time() - started)
    turns.WIDE = wide
    usual, ours = (median(times[name]) for name in ("haar", "groups"))
    what = f"quartimax in random bases, {samples:,} samples"
    note = f"Haar-random ones beside those of groups, {DRAWS} of each"
    return faster(BENCH, what, (usual, 1), ours, dtype="float64", n=n, note=note)


def main() -> None:
    """Measure every report, and the random bases."""
    about = machine()
    measured = [row for (samples, n), goals in REPORTS.items() for row in rows(samples, n, *goals)]
    save(BENCH, [*measured, haar(2048, 768)], about)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--report"]:
        print(json.dumps(report(*map(int, sys.argv[2:4]))))
    else:
        main()
