"""Are the tests calibrated, and what do they find? Simulated clouds, counted into ``book/data/calibration.json``.

``python benchmarks/calibration.py [section ...]`` computes sections, by default all, about two hours on one core; the
other sections of the file stay. ``directions`` and ``beams`` take most of that, the others about twenty minutes. What
is done is kept in ``_build/calibration.jsonl``, and not done again; a file of other settings is refused. The page
:doc:`own_calibration` shows the counts.
"""

import argparse
import json
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from tqdm import tqdm

from isoaux import bases
from isoaux.common import cores, disk, paths
from isoaux.common.choices import choose
from isoaux.statistics import CONCENTRATIONS, STATISTICS, test_from_null
from isoaux.statistics.directions import concentration, null_concentrations
from isoaux.statistics.preparation import PREPARATIONS, threshold
from isoaux.statistics.tally import Meter
from isoaux.studies.calibration import alternatives, beside, networks, simulation

NULL = {"clouds": 1000, "samples": 300, "n": 8, "draws": 199}
"""Small enough for every statistic with every preparation."""

DIRECTIONS = {"clouds": 1000, "samples": 2000, "n": 18, "draws": 199}
"""Of the test that needs neither basis nor preparation."""

POWER = {"repetitions": 100, "shown": 1000, "samples": 2000, "n": 18, "draws": 199, "level": 0.05}
"""``shown`` clouds of the strength of tables, ``repetitions`` of the other strengths."""

DEFAULT = {"repetitions": 1000, "samples": 2000, "n": 18, "draws": 999, "level": 0.05}
"""Of the default test, with its default number of random bases, at the table's strength of :data:`OF_DEFAULT`."""

OF_DEFAULT = ("axes", "between")

WIDE = {"repetitions": 2, "samples": 2048, "n": 768, "draws": 39}
FIELD = {"repetitions": 100, "samples": 2000, "n": 18, "draws": 199, "uniform": 499, "level": 0.05}
BEAMS = {"repetitions": 100, "samples": 1000, "n": 18, "draws": 999, "level": 0.05}
"""Of the comparison of statistics of directions; the null values are the same for all clouds."""

NETWORKS = {"draws": 499}
"""Of published networks that tests of the field are applied to."""

AT_ONCE = 20
"""Clouds of one job."""

Job = tuple[str, Any]
Found = list[tuple[Any, Any]]
"""What was asked of one section, and what came out."""


# --- the jobs of every section


def _of_null() -> Iterator[Any]:
    yield from range(NULL["clouds"])


def _of_power() -> Iterator[Any]:
    for name, alternative in alternatives.ALTERNATIVES.items():
        for strength in alternative.strengths:
            clouds = POWER["shown" if strength == alternative.shown else "repetitions"]
            for start in range(0, int(clouds), AT_ONCE):
                yield [name, strength, start]


def _of_default() -> Iterator[Any]:
    for name in OF_DEFAULT:
        for start in range(0, int(DEFAULT["repetitions"]), AT_ONCE):
            yield [name, start]


def _of_field() -> Iterator[Any]:
    for name in beside.CLOUDS:
        for start in range(0, int(FIELD["repetitions"]), AT_ONCE):
            yield [name, start]


def _of_beams() -> Iterator[Any]:
    for kind, (_, _, shares) in alternatives.BEAMS.items():
        for share in shares:
            yield [kind, share]


def _of_networks() -> Iterator[Any]:
    for prepare in ("raw", "whitened"):
        for network, layer in networks.STANDARD:
            yield [network, layer, prepare]


# --- how a job is done


def _null(seed: int) -> Any:
    return simulation.p_values(seed, samples=NULL["samples"], n=NULL["n"], draws=NULL["draws"])


def _directions(seed: int) -> Any:
    sizes = {name: DIRECTIONS[name] for name in ("samples", "n", "draws")}
    return simulation.p_values_of_directions(seed, **sizes)


def _power(what: list[Any]) -> Any:
    name, strength, start = what
    options: dict[str, Any] = {key: POWER[key] for key in ("samples", "n", "draws", "level")}
    return alternatives.power(name, strength, range(start, start + AT_ONCE), **options)


def _default(what: list[Any]) -> Any:
    name, start = what
    options: dict[str, Any] = {key: DEFAULT[key] for key in ("samples", "n", "draws", "level")}
    strength = alternatives.ALTERNATIVES[name].shown
    return alternatives.power(name, strength, range(start, start + AT_ONCE), ("quartimax",), **options)


def _wide(cloud: int) -> Any:
    """Effects of one cloud of every alternative, all measured in the same random bases."""
    samples, n, draws = (WIDE[name] for name in ("samples", "n", "draws"))
    epsilon = threshold(samples, n, n * (n - 1) // 2)
    meters, values, nulls = {}, {}, {}
    for place, (name, (_, drawn, strength)) in enumerate(alternatives.WIDE.items()):
        rows = drawn(np.random.default_rng([cloud, place]), samples, n, strength)
        meters[name] = Meter(rows.astype(np.float32), np.eye(n), epsilon, "combination", alternatives.COMPARED)
        values[name] = meters[name](np.eye(n)[None])
        nulls[name] = []
    for draw in range(draws):
        turned = bases.random_orthogonal(n, np.random.SeedSequence(cloud, spawn_key=(draw,))).T[None]
        for name, meter in meters.items():
            nulls[name].append(meter(turned))
    effects = {}
    for name in meters:
        effects[name] = {}
        for statistic in alternatives.COMPARED:
            null = np.concatenate([each[statistic] for each in nulls[name]])
            effects[name][statistic] = test_from_null(float(values[name][statistic][0]), null).effect
    return effects


def _field(what: list[Any]) -> Any:
    name, start = what
    options: dict[str, Any] = {key: FIELD[key] for key in ("samples", "n", "draws", "level")}
    return beside.rejected(name, range(start, start + AT_ONCE), _nulls(), **options)


@cache
def _nulls() -> beside.Nulls:
    samples, n, uniform, draws = (int(FIELD[name]) for name in ("samples", "n", "uniform", "draws"))
    return beside.Nulls.of(samples, n, uniform, draws)


def _beams(what: list[Any]) -> Any:
    kind, share = what
    samples, n, draws = (int(BEAMS[name]) for name in ("samples", "n", "draws"))
    made = partial(alternatives.beams, kind, share, samples=samples, n=n)
    found = {}
    for name in CONCENTRATIONS:
        null = null_concentrations((samples, n), draws, 0, name)
        values = (concentration(made(seed), name)[0] for seed in range(int(BEAMS["repetitions"])))
        found[name] = sum(test_from_null(value, null).p <= BEAMS["level"] for value in values)
    return found


def _networks(what: list[Any]) -> Any:
    network, layer, prepare = what
    return networks.standard(paths.data(), network, layer, prepare, NETWORKS["draws"])


# --- what is counted of them


def _counted_null(found: Found) -> Any:
    p = [each for _, each in found]
    rejected = {
        law: {
            prepare: {
                name: [int(sum(each[law][prepare][name] <= level for each in p)) for level in simulation.LEVELS]
                for name in STATISTICS
            }
            for prepare in PREPARATIONS
        }
        for law in simulation.NOTHING
    }
    return NULL | {"clouds": len(p), "levels": list(simulation.LEVELS), "rejected": rejected}


def _counted_directions(found: Found) -> Any:
    p = [each for _, each in found]
    rejected = {
        law: [int(sum(each[law] <= level for each in p)) for level in simulation.LEVELS] for law in simulation.NOTHING
    }
    return DIRECTIONS | {"clouds": len(p), "levels": list(simulation.LEVELS), "rejected": rejected}


def _counted_power(found: Found) -> Any:
    sums: dict[tuple[str, float], dict[str, int]] = {}
    for (name, strength, _), counts in found:
        _add(sums.setdefault((name, strength), {"clouds": 0}), {"clouds": AT_ONCE} | counts)
    clouds = [
        {"alternative": name, "strength": strength, "repetitions": counts.pop("clouds"), "rejected": counts}
        for (name, strength), counts in sums.items()
    ]
    return POWER | {"clouds": clouds}


def _counted_wide(found: Found) -> Any:
    samples, n = WIDE["samples"], WIDE["n"]
    clouds = [
        {"alternative": name, "effects": effects[name]} for name in alternatives.WIDE for _, effects in sorted(found)
    ]
    return WIDE | {"epsilon": threshold(samples, n, n * (n - 1) // 2), "clouds": clouds}


def _counted_default(found: Found) -> Any:
    sums: dict[str, int] = dict.fromkeys(OF_DEFAULT, 0)
    for (name, _), counts in found:
        sums[name] += int(counts["quartimax"])
    return DEFAULT | {"found": sums}


def _counted_field(found: Found) -> Any:
    sums: dict[str, dict[str, int]] = {}
    for (name, _), counts in found:
        _add(sums.setdefault(name, {}), counts)
    return FIELD | {"clouds": [{"cloud": name, "rejected": counts} for name, counts in sums.items()]}


def _counted_beams(found: Found) -> Any:
    return BEAMS | {"clouds": [{"kind": kind, "share": share, "rejected": each} for (kind, share), each in found]}


def _counted_networks(found: Found) -> Any:
    tests = [{"network": n, "layer": layer, "prepare": prepare} | each for (n, layer, prepare), each in found]
    return NETWORKS | {"tests": tests}


def _add(sums: dict[str, int], counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        sums[name] = sums.get(name, 0) + int(count)


Section = tuple[Callable[[], Iterable[Any]], Callable[[Any], Any], Callable[[Found], Any]]

SECTIONS: Mapping[str, Section] = {
    "null": (_of_null, _null, _counted_null),
    "directions": (lambda: range(DIRECTIONS["clouds"]), _directions, _counted_directions),
    "power": (_of_power, _power, _counted_power),
    "default": (_of_default, _default, _counted_default),
    "wide": (lambda: range(WIDE["repetitions"]), _wide, _counted_wide),
    "field": (_of_field, _field, _counted_field),
    "networks": (_of_networks, _networks, _counted_networks),
    "beams": (_of_beams, _beams, _counted_beams),
}
"""The sections of the file: what is to be done, how, and what is counted of it."""

SETTINGS = {
    "null": NULL, "directions": DIRECTIONS, "power": POWER, "default": DEFAULT, "wide": WIDE, "field": FIELD,
    "networks": NETWORKS, "beams": BEAMS,
}  # fmt: skip


def jobs(sections: Iterable[str]) -> Iterator[Job]:
    """Everything to be computed of the sections, as (section, what)."""
    for section in sections:
        for what in choose("section", section, SECTIONS)[0]():
            yield section, what


def done(job: Job) -> tuple[Job, Any]:
    """One job's result, as plain data."""
    section, what = job
    return job, SECTIONS[section][1](what)


def counted(found: Iterable[tuple[Job, Any]]) -> dict[str, Any]:
    """The file's sections: settings, and how often each test rejected."""
    by_section: dict[str, Found] = {}
    for (section, what), result in found:
        by_section.setdefault(section, []).append((what, result))
    return {section: SECTIONS[section][2](results) for section, results in by_section.items()}


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
    parser.add_argument("sections", nargs="*", metavar="section", help=f"any of {', '.join(SECTIONS)}; by default all")
    parser.add_argument("--processes", type=int, default=cores.allowed())
    options = parser.parse_args()
    path = paths.home() / "_build" / "calibration.jsonl"
    known = _kept(path, json.loads(json.dumps(SETTINGS)))
    every = list(jobs(options.sections or SECTIONS))
    todo = [job for job in every if json.dumps(job) not in known]
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool, path.open("a") as log:
        for job, result in tqdm(pool.imap_unordered(done, todo), total=len(todo), unit="job", mininterval=10):
            known[json.dumps(job)] = job, result
            print(json.dumps([job, result]), file=log, flush=True)
    place = paths.data() / "calibration.json"
    before = json.loads(place.read_text("utf-8")) if place.exists() else {}
    sections = before | counted(known[json.dumps(job)] for job in every)
    disk.write_json(place, {section: sections[section] for section in SECTIONS if section in sections})


if __name__ == "__main__":
    main()
