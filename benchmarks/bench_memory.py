"""How much memory training takes: the peak of a process that trains 40 networks on data of CIFAR-10's size.

    python benchmarks/bench_memory.py

The process is one of its own, so that nothing else counts: torch, the images, networks, momentum, snapshots.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from bench_training import PIXELS, ROWS, synthetic
from common import Row, machine, save

from isoaux.paper import Configuration, Network, Recipe
from isoaux.training import session
from isoaux.training.data import Images

BENCH = "memory"
NETWORKS, WIDTH, DEPTH, TARGET = 40, 18, 0, 8.0


def images(rows: int = ROWS) -> Images:
    """Synthetic images as a data set of CIFAR-10's size."""
    test = synthetic(rows // 5, PIXELS, 1).numpy()
    return Images("synthetic", "synthetic", synthetic(rows).numpy(), test, (32, 32, 3), "synthetic")


def networks(count: int = NETWORKS) -> list[Network]:
    """So many networks of one shape, for one epoch."""
    made = [Configuration("cifar", False, activation, WIDTH, DEPTH) for activation in ("tanh", "isotanh")]
    recipe = Recipe().shortened(1)
    return [Network(made[e % 2], e // 2, recipe) for e in range(count)]


def train(device: str) -> dict[str, Any]:
    """Train in this process for one epoch; its peak memory in bytes, the GPU's beside it."""
    torch.set_num_threads(1)
    data, wanted = images(), networks()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        outcomes = session.train_group(wanted, data, session.Task(device, None, Path(folder)), lambda *told: None)
        seconds = time.perf_counter() - started
    assert all(outcome.state == "complete" for outcome in outcomes), outcomes
    unit = 1 if sys.platform == "darwin" else 1024
    peak = unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"peak": peak, "seconds": seconds, "gpu": torch.cuda.max_memory_allocated() if device == "cuda" else None}


def measured(device: str) -> Row:
    """The row of one device."""
    command = [sys.executable, __file__, "--train", device]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    note = f"{ROWS:,} images of {PIXELS:,} pixels, one epoch in one process, snapshots written"
    if found["gpu"] is not None:
        note += f"; {found['gpu'] / 1e9:.2g} GB more on the GPU"
    return Row(
        BENCH,
        "peak memory of training 40 networks" + (", GPU" if device == "cuda" else ""),
        unit="GB",
        dtype="float64",
        n=WIDTH,
        L=DEPTH,
        networks=NETWORKS,
        isoaux_s=found["seconds"],
        isoaux_processes=1,
        value=found["peak"] / 1e9,
        target=TARGET,
        note=note,
    )


def main() -> None:
    """Measure on the CPU, and on the GPU where there is one."""
    about = machine()
    devices = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    save(BENCH, [measured(device) for device in devices], about)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--train"]:
        print(json.dumps(train(sys.argv[2])))
    else:
        main()
