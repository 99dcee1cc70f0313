"""How much faster a layer of a network is measured, and a basis tested, than by an earlier version of isoaux.

Each version runs in a process of its own, on the same representations and one core, in turns; figures are medians of
CPU seconds. The values of both are compared: counts of points one by one, other statistics by their largest difference.

python benchmarks/bench_measuring.py [COMMIT]
"""

import argparse
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from common import Row, faster, machine, save
from numpy.typing import NDArray

from isoaux.common import archive
from isoaux.records.representations import Representations

BENCH = "measuring"
HOME = Path(__file__).parents[1]
BEFORE = "66ca29270ba51b83246b7c1770a8aac5839f3724"
"""The last version in which random bases were measured one after the other."""
SAMPLES, CHECKPOINTS = 50_000, 17
LAYERS = ("cifar-U-tanh-n18-L0", "cifar-N-tanh-n24-L0", "cifar-N-tanh-n32-L0")
"""The networks whose layers are timed, of 18, 24 and 32 neurons."""
COMPARED = (
    *LAYERS, "cifar-U-isotanh-n18-L0", "cifar-N-isotanh-n12-L0", "cifar-N-dnlrelu-n18-L2", "cifar-N-lrelu-n18-L3",
    "cifar-U-bnlrelu_max-n18-L1", "cifar-N-bnlrelu_elem-n18-L3", "mnist-N-tanh-n18-L3",
)  # fmt: skip
"""The networks whose published representations both versions measure, raw and standardised."""

Arrays = dict[str, NDArray[Any]]

SERVER = """
import io, sys, time
import numpy as np
from isoaux import bases, statistics
from isoaux.records import measurement, random_bases

def layer(z, draws, final_draws):
    basis, probe = bases.standard(z.shape[-1]), measurement.Probe(draws=int(draws), final_draws=int(final_draws))
    return measurement._layer(list(z), 7, basis, probe)

def tests(z, draws):
    every = statistics.basis_tests(z, bases.standard(z.shape[1]), tuple(statistics.STATISTICS), int(draws))
    return {name: np.array([test.value, *test.null]) for name, test in every.items()}

def values(z, draws):
    basis = bases.standard(z.shape[1])
    numbers, null = random_bases.measured(z, basis, random_bases.drawn(basis, int(draws), 0), 0.75, "combination", True)
    return numbers | {"null_" + name: each for name, each in null.items()}

while line := sys.stdin.buffer.readline():
    size = int(line)
    arguments = dict(np.load(io.BytesIO(sys.stdin.buffer.read(size))))
    work = globals()[str(arguments.pop("work"))]
    started = time.process_time()
    results = work(**arguments)
    taken = time.process_time() - started
    kept = io.BytesIO()
    np.savez(kept, seconds=taken, **results)
    sys.stdout.buffer.write(b"%d\\n" % len(kept.getvalue()) + kept.getvalue())
    sys.stdout.buffer.flush()
"""
"""What runs in the process of a version: it reads arrays, and writes results and CPU seconds."""


class Version:
    """A version of isoaux, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        one = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
        environment = (
            os.environ | one | {"PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}
        )
        command = [sys.executable, "-c", SERVER]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=folder
        )

    def __call__(self, work: str, **arguments: Any) -> tuple[float, Arrays]:
        """CPU seconds and results of a function of the server."""
        assert self.process.stdin and self.process.stdout
        sent = io.BytesIO()
        np.savez(sent, work=work, **arguments)
        self.process.stdin.write(b"%d\n" % len(sent.getvalue()) + sent.getvalue())
        self.process.stdin.flush()
        size = int(self.process.stdout.readline())
        results = dict(np.load(io.BytesIO(self.process.stdout.read(size))))
        return float(results.pop("seconds")), results


@contextmanager
def versions(commit: str) -> Iterator[tuple[Version, Version]]:
    """The version of a commit, and this one."""
    packed = subprocess.run(["git", "archive", commit, "isoaux"], cwd=HOME, check=True, stdout=subprocess.PIPE).stdout
    with tempfile.TemporaryDirectory() as folder:
        tarfile.open(fileobj=io.BytesIO(packed)).extractall(folder, filter="data")
        both = Version(Path(folder)), Version(HOME)
        try:
            yield both
        finally:
            for version in both:
                version.process.kill()
                version.process.wait()


def representations(name: str) -> NDArray[np.float64]:
    """Published representations of a network's last layer."""
    return Representations(archive.read(HOME / "book" / "data" / "representations" / name)).values(-1)


def as_many(name: str, samples: int = SAMPLES, seed: int = 0) -> NDArray[np.float32]:
    """So many representations made of the published ones, each copy with noise of 2%."""
    published = representations(name)
    copies = np.resize(published, (samples, published.shape[1]))
    noise = np.random.default_rng(seed).normal(0, 0.02 * published.std(), copies.shape)
    return (copies + noise).astype(np.float32)


def in_turns(old: Version, new: Version, rounds: int, work: str, **arguments: Any) -> tuple[float, float]:
    """Median CPU seconds of both."""
    times: tuple[list[float], list[float]] = [], []
    for turn in range(rounds):
        for place in (0, 1) if turn % 2 else (1, 0):
            times[place].append((old, new)[place](work, **arguments)[0])
    return median(times[0]), median(times[1])


def timed(old: Version, new: Version, rounds: int) -> Iterator[Row]:
    """Rows of the times of both versions."""
    for name in LAYERS:
        z = np.stack([as_many(name, seed=seed) for seed in range(CHECKPOINTS)])
        for version in (old, new):  # loads, and compiles where nothing is kept
            version("layer", z=z[:2, :2000], draws=3, final_draws=5)
        n = z.shape[2]
        seconds = in_turns(old, new, rounds, "layer", z=z, draws=99, final_draws=999)
        goals = {"target": 3.0, "stretch": 5.0} if n == 18 else {}
        what = f"a layer of a network, {SAMPLES:,} x {n}, {CHECKPOINTS} checkpoints"
        yield faster(BENCH, what, (seconds[0], 1), seconds[1], dtype="float32", n=n, **goals)
    for dtype in ("float32", "float64"):
        z18 = as_many(LAYERS[0]).astype(dtype)
        seconds = in_turns(old, new, rounds, "tests", z=z18, draws=999)
        what = f"tests of all statistics, {SAMPLES:,} x 18, 999 draws"
        yield faster(BENCH, what, (seconds[0], 1), seconds[1], dtype=dtype, n=18, target=3.0, stretch=5.0)


def compared(old: Version, new: Version, draws: int) -> Iterator[Row]:
    """Rows of how the values of both versions differ, in random bases and in their tests."""
    for dtype in ("float64", "float32"):
        points, differing, largest, p = 0, 0, 0.0, 0.0
        for name in COMPARED:
            raw = representations(name)
            for z in (raw, (raw - raw.mean(0)) / np.where(raw.std(0) > 0, raw.std(0), 1)):
                before, after = (version("values", z=z.astype(dtype), draws=draws)[1] for version in (old, new))
                off = np.abs(before["null_count"] - after["null_count"])
                points, differing = points + int(before["null_count"].sum()), differing + int(off.sum())
                for key in before:
                    if key.endswith("_test"):
                        p = max(p, float(np.abs(before[key][0] - after[key][0])))
                    elif key != "null_count":
                        one, other = np.atleast_1d(before[key]), np.atleast_1d(after[key])
                        change = np.abs(one - other) / np.maximum(np.abs(one), 1e-3)
                        same = off == 0 if len(change) == len(off) else slice(None)  # other points have other means
                        largest = max(largest, float(change[same].max(initial=0)))
        note = f"of {points:,} points; p differ by up to {p:.1g}, other statistics by {largest:.1g} of themselves"
        what = f"points counted otherwise, {len(COMPARED)} networks, raw and standardised, {draws} random bases"
        yield Row(BENCH, what, unit="points", dtype=dtype, value=float(differing), target=0.0, note=note)


def main() -> None:
    """Time and compare both versions, and save the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit", nargs="?", default=BEFORE, help="the earlier version (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--draws", type=int, default=999, help="of the comparison")
    options = parser.parse_args()
    with versions(options.commit) as both:
        rows = [*compared(*both, options.draws), *timed(*both, options.rounds)]
    save(BENCH, rows, machine())


if __name__ == "__main__":
    main()
