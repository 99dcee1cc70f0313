"""The ways to a figure: read what is published, or train, measure and assemble it (design: ways to run)."""

import multiprocessing
import os
import shlex
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isoaux import paths, published
from isoaux.paper import PROFILES, Configuration, Figure, Network, figure
from isoaux.published import Published
from isoaux.settings import DEFAULT, Settings
from isoaux.versions import ENGINE_VERSION, MEASURE_VERSION

if TYPE_CHECKING:
    from isoaux.data import Images
    from isoaux.measurement import Measured

    AllMeasured = dict[Network, Measured]

SHARED = ("planes", "epochs")
"""Arrays of a published file that do not start with an axis over its rows or seeds."""


@dataclass(frozen=True)
class Result:
    """A figure's data: what drawing needs, the network records behind it, and some representations.

    ``records`` and ``representations`` (of the first seed, at the last checkpoint) are by configuration.
    """

    figure: Figure
    drawing: Published
    records: dict[str, Published]
    representations: dict[str, Published]

    @property
    def facts(self) -> dict[str, Any]:
        """How the data were made."""
        return self.drawing.facts

    @property
    def rows(self) -> list[tuple[Configuration, int]]:
        """Configuration and seed of every row, top to bottom."""
        return [(Configuration.parse(row["configuration"]), row["seed"]) for row in self.facts["rows"]]

    def of_row(self, row: int, name: str) -> Any:
        """One statistic of one row's network at the figure's layer: over checkpoints, or of the last one."""
        configuration, seed = self.rows[row]
        record = self.records[configuration.id]
        values = record[name][record.facts["seeds"].index(seed)]
        return values[self.figure.layer] if name.startswith("final_") else values[:, self.figure.layer]


def result(name: str, settings: Settings, **options: Any) -> Result:
    """The data of a figure under these settings: published, or computed (``options`` as in :func:`compute`)."""
    wanted = figure(name)
    if settings.profile == "published":
        return read(wanted, settings)
    return compute(wanted, settings, **options)


def read(wanted: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The published data of a figure.

    Raises ValueError where the settings ask for anything that is not published (densities cannot be projected
    again, and another value would silently draw the wrong figure), and where the figure file and a network record
    are not of one setting.
    """
    folder = folder or paths.data()
    drawing = published.read(folder / wanted.name)
    facts = drawing.facts
    has = {
        "dataset": facts["source"],
        "dtype": facts["dtype"],
        "epsilon": facts["epsilon"],
        "basis": facts["basis"],
        "variant": facts["variant"],
        "seeds": tuple(facts["seeds"]),
    }
    for name, value in has.items():
        asked = getattr(settings, name)
        asked = tuple(sorted(asked)) if isinstance(asked, tuple) else asked
        if asked not in (DEFAULT, value):
            raise ValueError(
                f"{name} is {asked!r}, but {wanted.name} is published with {name} {value!r} only; "
                f"`python -m isoaux run {wanted.name} --profile paper --{name} {_as_option(asked)}` computes the other."
            )
    ids = dict.fromkeys(row["configuration"] for row in facts["rows"])
    records, representations = (
        {id: _alike(published.read(place(folder, id)), drawing, place(folder, id)) for id in ids}
        for place in (published.record_path, published.representations_path)
    )
    return Result(wanted, drawing, records, representations)


def _as_option(value: Any) -> str:
    return shlex.quote(",".join(map(str, value)) if isinstance(value, tuple) else str(value))


def _alike(part: Published, drawing: Published, place: Path) -> Published:
    for name in _IDENTITY:
        if part.facts.get(name) != drawing.facts.get(name):
            figure = drawing.facts["figure"]
            raise ValueError(
                f"{place}.json has {name} {part.facts.get(name)!r} and {figure}.json {drawing.facts.get(name)!r}; "
                f"`python -m isoaux publish {figure}` writes both anew."
            )
    return part


def compute(
    wanted: Figure, settings: Settings, *, jobs: int | None = None, train: bool = True, budget: float | None = None
) -> Result:
    """Take from the store what is there, train and measure what is missing, and assemble the figure's data.

    With ``train=False`` only what has been trained already is used. Raises ValueError where no network is ready,
    RuntimeError where the budget was spent first; then what was trained is in the store.
    """
    from isoaux import data, store, training

    settings_probe = probe(wanted, settings)
    images = data.load(settings.dataset_for(wanted))
    wanted_networks = sorted(
        settings.networks_for(wanted), key=lambda n: (wanted.configurations.index(n.configuration), n.seed)
    )
    if train:
        outcomes = training.train(
            wanted_networks, images, device=settings.device, jobs=jobs, budget=budget, retrain=settings.retrain
        )
        if paused := sum(outcome.state == "paused" for outcome in outcomes):
            raise RuntimeError(
                f"the budget was spent with {paused} of the {len(outcomes)} networks of {wanted.name} unfinished; "
                "the same command goes on from there."
            )
    entries = [store.Entry(network, images.checksum) for network in wanted_networks]
    ready = [entry for entry in entries if entry.state() == "complete"]
    if not ready:
        raise ValueError(
            f"{wanted.name} has no trained network in the store for profile {settings.profile!r}; "
            f"`python -m isoaux train {wanted.name} --profile {settings.profile}` trains them."
        )
    measured = _measure([entry.network for entry in ready], images, wanted.layer, settings_probe, jobs)
    return _assemble(wanted, settings, images, entries, measured)


def probe(wanted: Figure, settings: Settings) -> Any:
    """How this figure's representations are measured under these settings."""
    from isoaux.measurement import Probe

    size = settings.size
    return Probe(settings.epsilon_for(wanted), settings.basis, settings.variant, size.draws, size.final_draws)


def _measure(wanted: Sequence[Network], images: "Images", layer: int, probe: Any, jobs: int | None) -> "AllMeasured":
    from isoaux.progress import bar

    workers = min(jobs or os.cpu_count() or 1, len(wanted))
    small = len(images.train) * len(wanted) < 50_000
    found: AllMeasured = {}
    with bar(len(wanted), f"measuring {len(wanted)} networks", "network") as progress:
        if workers == 1 or (small and jobs is None):
            for network in wanted:
                found[network] = _measure_one(network, images, layer, probe)
                progress.update()
            return found
        context = multiprocessing.get_context("spawn")
        initial = (images.source, images.checksum)
        with ProcessPoolExecutor(workers, mp_context=context, initializer=_enter, initargs=initial) as pool:
            tasks = [pool.submit(_measure_in_worker, network, layer, probe) for network in wanted]
            for network, task in zip(wanted, tasks, strict=True):
                found[network] = task.result()
                progress.update()
    return found


def _measure_one(network: Network, images: "Images", layer: int, probe: Any) -> "Measured":
    from isoaux import measurement, store, training

    with training.one_thread():
        return measurement.measure(store.Entry(network, images.checksum), images, layer, probe)


_worker: dict[str, Any] = {}


def _enter(source: str, checksum: str) -> None:
    from isoaux import data

    _worker["images"] = images = data.load(source)
    if images.checksum != checksum:
        raise ValueError(f"dataset {source!r} changed while it was being measured.")


def _measure_in_worker(network: Network, layer: int, probe: Any) -> "Measured":
    return _measure_one(network, _worker["images"], layer, probe)


def _assemble(
    wanted: Figure, settings: Settings, images: "Images", entries: Sequence[Any], measured: "AllMeasured"
) -> Result:
    about = {entry.network: entry.about for entry in entries}
    failed = [f"{network.id}: {facts['failed']}" for network, facts in about.items() if "failed" in facts]
    common: dict[str, Any] = {
        "profile": settings.profile,
        "source": images.source if not images.source.startswith("folder:") else images.name,
        "dataset": images.name,
        "checksum": images.checksum,
        "licence": images.licence,
        "epochs": settings.size.recipe.epochs,
        "dtype": settings.dtype_for(),
        "epsilon": settings.epsilon_for(wanted),
        "basis": settings.basis,
        "variant": settings.variant,
        "draws": settings.size.draws,
        "final_draws": settings.size.final_draws,
        "deviations": deviations(wanted, settings, images),
        "engine_version": ENGINE_VERSION,
        "measure_version": MEASURE_VERSION,
        "failed": failed,
    }
    records, representations, rows, drawn = {}, {}, [], []
    for configuration, group in groupby(measured, key=lambda network: network.configuration):
        members = list(group)
        parts = [measured[network].record for network in members]
        arrays = {name: np.stack([part[name] for part in parts]) for name in parts[0]}
        arrays["planes"], arrays["epochs"] = _planes(members[0], wanted, settings), _epochs(members[0])
        facts = common | {"configuration": configuration.id} | _work(members, about)
        facts["failed"] = [words for words in failed if words.startswith(f"{configuration.id} ")]
        facts["deviations"] = facts["deviations"] + _missing(facts)
        records[configuration.id] = Published(arrays, facts)
        rows += [{"configuration": configuration.id, "seed": network.seed} for network in members]
        drawn += [measured[network].row for network in members]
        first = measured[members[0]].representations
        representations[configuration.id] = Published(
            first, common | {"configuration": configuration.id, "seed": members[0].seed}
        )
    arrays = {name: np.stack([row[name] for row in drawn]) for name in drawn[0]}
    arrays["epochs"] = _epochs(next(iter(measured)))
    facts = common | {"figure": wanted.name, "layer": wanted.layer, "rows": rows} | _work(list(measured), about)
    facts["deviations"] = facts["deviations"] + _missing(facts)
    return Result(wanted, Published(arrays, facts), records, representations)


def _epochs(network: Network) -> Any:
    return np.array(network.recipe.checkpoints)


def _planes(network: Network, wanted: Figure, settings: Settings) -> Any:
    from isoaux import bases

    return bases.pairs(bases.named(settings.basis, network.configuration.n), settings.variant)[0]


def _work(members: Sequence[Network], about: dict[Network, dict[str, Any]]) -> dict[str, Any]:
    """Who did the work: seeds, seconds, device, versions and commits of these networks."""
    facts = [about[network] for network in members]
    return {
        "seeds": sorted({network.seed for network in members}),
        "seconds": round(sum(f["seconds"] for f in facts), 1),
        "device": ", ".join(dict.fromkeys(f["device"] for f in facts)),
        "versions": facts[0]["versions"],
        "commit": ", ".join(dict.fromkeys(f["commit"] for f in facts)),
    }


def deviations(wanted: Figure, settings: Settings, images: "Images") -> list[str]:
    """In words, what of the paper's setting a run does not follow; the number of seeds apart."""
    full, own = PROFILES["paper"], settings.size
    found = []
    original = {"cifar": "CIFAR-10", "mnist": "MNIST"}[wanted.configurations[0].dataset]
    if images.name != original:
        found.append(f"{images.name} instead of {original}")
    if own.recipe.epochs != full.recipe.epochs:
        found.append(f"{own.recipe.epochs} epochs instead of {full.recipe.epochs}")
    if settings.dtype_for() != full.dtype:
        found.append(f"{settings.dtype_for()} instead of {full.dtype}")
    if settings.epsilon_for(wanted) != wanted.epsilon:
        found.append(f"epsilon {settings.epsilon_for(wanted):g} instead of {wanted.epsilon:g}")
    if settings.basis != "standard":
        found.append(f"{settings.basis} basis instead of the standard one")
    if settings.variant != "combination":
        found.append(f"{settings.variant}-PPP instead of combination-PPP")
    return found


def _missing(facts: dict[str, Any]) -> list[str]:
    """In words, how many of the paper's networks a record or figure file lacks."""
    full = len(PROFILES["paper"].seeds)
    if "rows" not in facts:
        members = Counter({facts["configuration"]: len(facts["seeds"])})
    else:
        members = Counter({configuration.id: 0 for configuration in figure(facts["figure"]).configurations})
        members.update(row["configuration"] for row in facts["rows"])
    seeds = max(members.values())
    if members.total() < seeds * len(members):
        return [f"{members.total()} of {full * len(members)} networks"]
    return [f"{seeds} of {full} seeds"] if seeds < full else []


def publish(found: Result, folder: Path) -> list[Path]:
    """Write a figure's network records, representations and figure file.

    Seeds that are there already and still fit stay; the representations are the first seed's. Returns the paths,
    without suffix.
    """
    written = []
    for id, new in found.records.items():
        path = published.record_path(folder, id)
        merged = merge(_existing(path), new, "seeds")
        published.write(path, merged.arrays, merged.facts)
        written.append(path)
    for id, new in found.representations.items():
        path = published.representations_path(folder, id)
        old = _existing(path)
        if old is None or not _same_setting(old, new) or old.facts["seed"] >= new.facts["seed"]:
            published.write(path, new.arrays, new.facts)
        written.append(path)
    path = folder / found.figure.name
    merged = merge(_existing(path), found.drawing, "rows")
    published.write(path, merged.arrays, merged.facts)
    return [*written, path]


def _existing(path: Path) -> Published | None:
    try:
        return published.read(path)
    except FileNotFoundError:
        return None


_IDENTITY = (
    "checksum",
    "epochs",
    "dtype",
    "epsilon",
    "basis",
    "variant",
    "draws",
    "final_draws",
    "engine_version",
    "measure_version",
)


def _same_setting(old: Published, new: Published) -> bool:
    return all(old.facts.get(name) == new.facts[name] for name in _IDENTITY)


def merge(old: Published | None, new: Published, axis: str) -> Published:
    """New seeds (or rows) joined with the old ones of the same setting; where both have one, the new one counts."""
    if old is None or not _same_setting(old, new):
        return new
    labels = [*new.facts[axis], *(label for label in old.facts[axis] if label not in new.facts[axis])]
    extra = [old.facts[axis].index(label) for label in labels[len(new.facts[axis]) :]]
    if not extra:
        return new
    order = sorted(range(len(labels)), key=lambda i: _rank(labels[i], new.facts))
    arrays = {
        name: values if name in SHARED else np.concatenate([values, old.arrays[name][extra]])[order]
        for name, values in new.arrays.items()
    }
    share = old.facts["seconds"] * len(extra) / len(old.facts[axis])
    facts = new.facts | {axis: [labels[i] for i in order], "seconds": round(new.facts["seconds"] + share, 1)}
    facts["seeds"] = sorted({*new.facts["seeds"], *old.facts["seeds"]})
    for name in ("device", "commit"):
        facts[name] = ", ".join(dict.fromkeys(f"{new.facts[name]}, {old.facts[name]}".split(", ")))
    facts["failed"] = new.facts["failed"] + [
        words for words in old.facts["failed"] if words.split(":")[0] not in _members(new.facts) | _failed(new.facts)
    ]
    facts["deviations"] = [w for w in new.facts["deviations"] if w not in _missing(new.facts)] + _missing(facts)
    return Published(arrays, facts)


def _members(facts: dict[str, Any]) -> set[str]:
    rows = facts.get("rows") or [facts | {"seed": seed} for seed in facts["seeds"]]
    return {f"{row['configuration']} seed {row['seed']}" for row in rows}


def _failed(facts: dict[str, Any]) -> set[str]:
    return {words.split(":")[0] for words in facts["failed"]}


def _rank(label: Any, facts: dict[str, Any]) -> Any:
    if isinstance(label, int):
        return label
    order = list(figure(facts["figure"]).entry["networks"])
    return order.index(label["configuration"]), label["seed"]
