"""Are the tests calibrated, and what do they find? Simulated clouds, counted into ``book/data/calibration.json``.

An hour on two busy cores. What is done is kept in ``_build/calibration.jsonl``, and not done again; a file of other
settings is refused. The page :doc:`own_calibration` shows the counts.
"""

import argparse
import json
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from tqdm import tqdm

from isoaux.common import cores, disk, paths
from isoaux.statistics import CONCENTRATIONS, test_from_null
from isoaux.statistics.directions import concentration, null_concentrations
from isoaux.studies.calibration import simulation

NULL = {"clouds": 1000, "samples": 2000, "n": 18, "draws": 199}
POWER = {"repetitions": 200, "samples": 10_000, "n": 18, "draws": 199, "level": 0.01}
SHARES = (0.0005, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05)
"""Of the samples, moved onto the axes."""

BEAMS = {"repetitions": 100, "samples": 1000, "n": 18, "draws": 999, "level": 0.05}
"""Of the comparison of statistics of directions; the null values are the same for all clouds."""

Job = tuple[str, Any]


def jobs() -> Iterator[Job]:
    """Everything to be computed, as (kind, what)."""
    for seed in range(NULL["clouds"]):
        yield "null", seed
    for share in SHARES:
        for start in range(0, int(POWER["repetitions"]), 20):
            yield "power", [share, start]
    for kind, (_, _, shares) in simulation.BEAMS.items():
        for share in shares:
            yield "beams", [kind, share]


def done(job: Job) -> tuple[Job, Any]:
    """One job's result, as plain data."""
    return job, {"null": _null, "power": _power, "beams": _beams}[job[0]](job[1])


def _null(seed: int) -> dict[str, dict[str, float]]:
    return simulation.p_values(seed, samples=NULL["samples"], n=NULL["n"], draws=NULL["draws"])


def _power(what: list[Any]) -> int:
    share, start = what
    options = {name: POWER[name] for name in ("samples", "n", "draws", "level")}
    return simulation.power(share, range(start, start + 20), **options)  # type: ignore[arg-type]


def _beams(what: list[Any]) -> dict[str, int]:
    kind, share = what
    samples, n, draws = (int(BEAMS[name]) for name in ("samples", "n", "draws"))
    made = partial(simulation.beams, kind, share, samples=samples, n=n)
    found = {}
    for name in CONCENTRATIONS:
        null = null_concentrations((samples, n), draws, 0, name)
        values = (concentration(made(seed), name)[0] for seed in range(int(BEAMS["repetitions"])))
        found[name] = sum(test_from_null(value, null).p <= BEAMS["level"] for value in values)
    return found


def counted(found: Iterable[tuple[Job, Any]]) -> dict[str, Any]:
    """The file's content: settings, and how often each test rejected."""
    by_kind: dict[str, list[tuple[Any, Any]]] = {"null": [], "power": [], "beams": []}
    for (kind, what), result in found:
        by_kind[kind].append((what, result))
    nulls = [result for _, result in by_kind["null"]]
    rejected = {
        law: {
            test: [int(sum(each[law][test] <= level for each in nulls)) for level in simulation.LEVELS]
            for test in simulation.TESTED
        }
        for law in simulation.NOTHING
    }
    power = [{"share": s, "rejected": sum(r for (own, _), r in by_kind["power"] if own == s)} for s in SHARES]
    beams = [{"kind": kind, "share": share, "rejected": found} for (kind, share), found in by_kind["beams"]]
    return {
        "null": NULL | {"clouds": len(nulls), "levels": list(simulation.LEVELS), "rejected": rejected},
        "power": POWER | {"shares": power},
        "beams": BEAMS | {"clouds": beams},
    }


def _kept(path: Path, settings: dict[str, Any]) -> dict[str, tuple[Job, Any]]:
    """What was computed before, by job; a first line holds the settings."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings) + "\n")
    first, *lines = path.read_text().splitlines()
    if json.loads(first) != settings:
        raise SystemExit(f"{path} was computed with other settings: {first}; remove it to start anew.")
    found = [json.loads(line) for line in lines if line.endswith("}}") or line.endswith("]")]
    return {json.dumps(job): ((job[0], job[1]), result) for job, result in found}


def main() -> None:
    """Compute what is not computed yet, and write the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=cores.allowed())
    options = parser.parse_args()
    path = paths.home() / "_build" / "calibration.jsonl"
    settings = json.loads(json.dumps({"null": NULL, "power": POWER, "shares": SHARES, "beams": BEAMS}))
    known = _kept(path, settings)
    todo = [job for job in jobs() if json.dumps(job) not in known]
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool, path.open("a") as log:
        for job, result in tqdm(pool.imap_unordered(done, todo), total=len(todo), unit="job", mininterval=10):
            known[json.dumps(job)] = job, result
            print(json.dumps([job, result]), file=log, flush=True)
    order = {json.dumps(job): place for place, job in enumerate(jobs())}
    every = counted(known[key] for key in sorted(order, key=order.__getitem__))
    disk.write_json(paths.data() / "calibration.json", every)


if __name__ == "__main__":
    main()
