"""What the benchmarks share: two sides timed in turns, this machine's peaks and facts, one file of results.

Every figure of speed is a ratio of two sides that were timed in turns in one run. A turn repeats its side until a
least time is over, so that a short side does not find quiet moments more easily than a long one; a side's time is
that of its best turn, because another process can only add to it.
"""

import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from isoaux.common import cores, disk
from isoaux.common.versions import ENGINE_VERSION, MEASURE_VERSION
from isoaux.training import store, threads

RESULTS = Path(__file__).with_name("results.json")

CORES = cores.allowed()

Side = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """One line of the results; times are seconds for the same work on both sides.

    ``ratio`` is naive_s / isoaux_s, ``floor_s`` the least time that this machine's measured peaks allow. ``value``, in
    ``unit``, is what ``target`` and ``stretch`` are about: at least that where ``unit`` is ``times faster``, at most
    that in every other unit. What could not be measured is None.
    """

    bench: str
    what: str
    unit: str = "times faster"
    dtype: str | None = None
    n: int | None = None
    L: int | None = None
    networks: int | None = None
    naive_s: float | None = None
    naive_threads: int | None = None
    isoaux_s: float | None = None
    isoaux_processes: int | None = None
    ratio: float | None = None
    floor_s: float | None = None
    value: float | None = None
    target: float | None = None
    stretch: float | None = None
    note: str = ""


def faster(bench: str, what: str, naive: tuple[float, int | None], isoaux_s: float, **more: Any) -> Row:
    """A row that says how many times faster isoaux is; ``naive`` is the other side's seconds and threads."""
    naive_s, threads = naive
    ratio = naive_s / isoaux_s
    more = {"isoaux_processes": 1} | more
    return Row(bench, what, naive_s=naive_s, naive_threads=threads, isoaux_s=isoaux_s, ratio=ratio, value=ratio, **more)


# --- time


def alternate(sides: Mapping[str, Side], rounds: int = 5, least: float = 0.1) -> dict[str, float]:
    """Seconds per call of every side: the best of ``rounds`` turns, each of at least ``least`` seconds."""
    best = dict.fromkeys(sides, float("inf"))
    order = list(sides)
    for _ in range(rounds):
        for name in order:
            best[name] = min(best[name], _turn(sides[name], least))
        order.reverse()
    return best


def _turn(side: Side, least: float) -> float:
    calls, started = 0, time.perf_counter()
    while True:
        side()
        calls += 1
        took = time.perf_counter() - started
        if took >= least:
            return took / calls


def threaded(side: Side, count: int) -> Side:
    """The same side, run with so many threads."""

    def run() -> None:
        with threads.limited(count):
            side()

    return run


def thread_counts() -> list[int]:
    """The numbers of threads that a naive side is tried with: one, and all cores."""
    return sorted({1, CORES})


def worth_measuring(probe: Side) -> list[int]:
    """The numbers of threads with which a short piece of a naive side takes at most half as long again as the least.

    The others cannot be its best, and on a busy machine they would take most of the run.
    """
    times = alternate({str(count): threaded(probe, count) for count in thread_counts()}, rounds=2, least=0)
    least = min(times.values())
    return [count for count in thread_counts() if times[str(count)] <= 1.5 * least]


def with_threads(name: str, side: Side, counts: Sequence[int]) -> dict[str, Side]:
    """A naive side once per number of threads, under names that :func:`best_threads` understands."""
    return {f"{name}/{count}": threaded(side, count) for count in counts}


def by_threads(times: Mapping[str, float], *names: str) -> dict[int, float]:
    """Mean seconds over these naive sides, by number of threads."""
    counts = [count for count in thread_counts() if f"{names[0]}/{count}" in times]
    return {count: sum(times[f"{name}/{count}"] for name in names) / len(names) for count in counts}


def best_threads(times: Mapping[str, float], *names: str) -> tuple[float, int]:
    """Mean seconds over these naive sides, and the number of threads with which that is least."""
    return min((mean, count) for count, mean in by_threads(times, *names).items())


def tried_threads(times: Mapping[str, float], *names: str, scale: float = 1.0) -> str:
    """In words, what the naive side took with each number of threads."""
    found = by_threads(times, *names)
    parts = []
    for count in thread_counts():
        took = seconds_in_words(scale * found[count]) if count in found else "much longer"
        parts.append(f"{took} with {count} thread{'s' if count > 1 else ''}")
    return ", ".join(parts)


def seconds_in_words(seconds: float) -> str:
    """Three digits and a unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


# --- the machine


def product(dtype: torch.dtype, device: str = "cpu", size: int = 1024) -> tuple[Side, float]:
    """A large square matrix product, and its floating-point operations: the peak that a floor is counted from."""
    a, b = (torch.rand(size, size, dtype=dtype, device=device) for _ in range(2))
    out = torch.empty_like(a)
    return lambda: torch.mm(a, b, out=out), 2.0 * size**3


def copy(size: float) -> tuple[Side, float]:
    """A copy that reads and writes ``size`` bytes in total, and that number: how fast a working set of it moves."""
    source = np.ones(max(1, int(size / 16)))
    target = np.empty_like(source)
    return lambda: np.copyto(target, source), 2.0 * source.nbytes


def machine() -> dict[str, Any]:
    """What the numbers were measured on: processor, cores, memory, GPU, versions, commit, load before the run."""
    return {
        "cpu": _processor(),
        "cores": CORES,
        "memory_GB": _memory(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "system": platform.system(),
        "versions": {"python": platform.python_version()}
        | {name: version(name).split("+")[0] for name in ("numpy", "scipy", "torch", "numba")},
        "engine_version": ENGINE_VERSION,
        "measure_version": MEASURE_VERSION,
        "commit": store.commit(),
        "date": datetime.now(UTC).date().isoformat(),
        "load": round(os.getloadavg()[0], 1),
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text("utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _memory() -> int | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    except (ValueError, OSError):
        return None


# --- the file


def rounded(value: Any) -> Any:
    """Numbers to four digits: more would be noise."""
    return float(f"{value:.4g}") if isinstance(value, float) else value


def consistent(row: Row) -> dict[str, Any]:
    """A row as plain data, its ratio computed from the rounded times that stand beside it."""
    plain = {name: rounded(value) for name, value in asdict(row).items()}
    if row.ratio is not None:
        plain["ratio"] = rounded(plain["naive_s"] / plain["isoaux_s"])
        if row.unit == "times faster":
            plain["value"] = plain["ratio"]
    return plain


def read(path: Path = RESULTS) -> dict[str, Any]:
    """All results so far: ``machines`` by bench, and ``rows``."""
    return json.loads(path.read_text("utf-8")) if path.exists() else {"machines": {}, "rows": []}


def save(bench: str, rows: Sequence[Row], about: dict[str, Any], path: Path = RESULTS) -> None:
    """Put a bench's rows in place of its former ones, and print them."""
    made = [consistent(row) for row in rows]
    before = read(path)
    kept = [row for row in before["rows"] if row["bench"] != bench]
    machines = before["machines"] | {bench: about}
    content = {
        "machines": dict(sorted(machines.items())),
        "rows": sorted(kept + made, key=lambda row: str(row["bench"])),
    }
    disk.write_json(path, content)
    for row in made:
        print(in_words(row), flush=True)


def in_words(row: Mapping[str, Any]) -> str:
    """One row as one line of text."""
    size = " ".join(f"{name}={row[name]}" for name in ("dtype", "n", "L", "networks") if row[name] is not None)
    times = " against ".join(
        f"{name} {seconds_in_words(row[key])}"
        for name, key in (("isoaux", "isoaux_s"), ("loop", "naive_s"))
        if row[key] is not None
    )
    value = "open" if row["value"] is None else f"{row['value']:.3g} {row['unit']}"
    target = (
        "" if row["target"] is None else f" (target {row['target']:g}, stretch {row['stretch'] or row['target']:g})"
    )
    return f"{row['what']:<46} {size:<36} {value}{target}; {times}"
