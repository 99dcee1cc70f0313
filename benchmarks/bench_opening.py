"""Opening a file of 14 GB: what a process takes, and for how long, by the number of rows that are drawn.

    python benchmarks/bench_opening.py

The file is a hole but for one batch in 64, so that it takes 230 MB on the disk. Every row is of a process of its own.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

BENCH = "opening"
SHAPE, LAYOUT = (24_000, 128, 2_304), "batch tokens neurons"
SAMPLES = (300, 3_000, None)
EVERY = 64
BATCHES = (100, 1_000)
TARGET = 1.0


def write(path: Path) -> None:
    """The file, of half precision, with random numbers in every 64th batch."""
    array = np.lib.format.open_memmap(path, "w+", np.float16, SHAPE)
    random = np.random.default_rng(0)
    for batch in range(0, SHAPE[0], EVERY):
        array[batch] = random.standard_normal(SHAPE[1:], dtype=np.float32)


def opened(path: str, samples: int | None, report: bool) -> dict[str, Any]:
    """What opening takes in this process: seconds of the processor, and the peak of memory in bytes.

    With ``report`` seconds and peak are those of the whole way, to the report and its figure.
    """
    import isoaux

    started = time.process_time()
    sample = isoaux.open(path, layout=LAYOUT, samples=samples)
    if report:
        isoaux.statistics.report(sample).figure().png()
    seconds = time.process_time() - started
    return {"seconds": seconds, "peak": _peak(), "rows": sample.drawn, "total": sample.total}


def captured(batches: int) -> dict[str, Any]:
    """What capturing a layer takes in this process while so many batches run through."""
    import torch

    import isoaux

    torch.set_num_threads(1)
    model = torch.nn.Sequential(torch.nn.Linear(64, 512), torch.nn.GELU())
    passing = (torch.randn(128, 64) for _ in range(batches))
    started = time.process_time()
    sample = isoaux.capture(model, "1", passing, samples=10_000)["1"]
    return {"seconds": time.process_time() - started, "peak": _peak(), "rows": sample.drawn, "total": sample.total}


def _peak() -> int:
    return (1 if sys.platform == "darwin" else 1024) * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def alone(*arguments: Any) -> dict[str, Any]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, json.dumps(arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Measure and save: opening with several numbers of rows, the whole way, and capturing."""
    measured = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "acts.npy"
        write(path)
        size = path.stat().st_size
        for samples in SAMPLES:
            measured[f"{samples}"] = alone("open", str(path), samples, False)
        measured["report"] = alone("open", str(path), None, True)
    for batches in BATCHES:
        measured[f"capture {batches}"] = alone("capture", batches)
    from common import Row, machine, save  # after all processes: torch makes this one large, and a child inherits that

    def row(what: str, name: str, unit: str, value: float, target: float | None, note: str) -> Row:
        seconds, width = measured[name]["seconds"], 512 if "capture" in name else SHAPE[-1]
        return Row(
            BENCH, what, unit, "float16" if width > 512 else "float32", width, isoaux_s=seconds, isoaux_processes=1,
            value=value, target=target, note=note,
        )  # fmt: skip

    few, some, most = (measured[f"{samples}"] for samples in SAMPLES)
    whole, (start, end) = measured["report"], (measured[f"capture {batches}"] for batches in BATCHES)
    rows = [
        row(
            f"peak memory of opening {size / 1e9:.0f} GB",
            "None",
            "GB",
            most["peak"] / 1e9,
            TARGET,
            f"{most['rows']:,} of {most['total']:,} rows drawn, in {most['seconds']:.2g} s; {some['rows']:,} in "
            f"{some['seconds']:.2g} s and {few['rows']:,} in {few['seconds']:.2g} s",
        ),
        row(
            f"peak memory of a report on {size / 1e9:.0f} GB, with figure",
            "report",
            "GB",
            whole["peak"] / 1e9,
            TARGET,
            f"all defaults; {whole['rows']:,} rows drawn, as before",
        ),
        row(
            f"memory of capturing {BATCHES[1]:,} batches beyond that of {BATCHES[0]:,}",
            f"capture {BATCHES[-1]}",
            "MB",
            (end["peak"] - start["peak"]) / 1e6,
            None,
            f"{end['rows']:,} of {end['total']:,} rows kept, and of {start['total']:,}; 512 neurons",
        ),
    ]
    save(BENCH, rows, machine())


if __name__ == "__main__":
    if sys.argv[1:]:
        kind, *arguments = json.loads(sys.argv[1])
        print(json.dumps(opened(*arguments) if kind == "open" else captured(*arguments)))
    else:
        main()
