"""The facts of published files, and the network records that are made with them."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from isoaux import bases
from isoaux.common import provenance
from isoaux.common.archive import Arrays, Published
from isoaux.common.versions import ENGINE_VERSION, MEASURE_VERSION
from isoaux.paper import DATASET_TITLES, PROFILES, Configuration, Figure, Network, figure
from isoaux.settings import Settings

if TYPE_CHECKING:
    from isoaux.records.measurement import Measured
    from isoaux.training.data import Images
    from isoaux.training.store import Entry

    AllMeasured = dict[Network, Measured]


def records(
    wanted: Figure, settings: Settings, images: "Images", entries: Sequence["Entry"], parts: dict[Network, Arrays]
) -> dict[str, Published]:
    """The network records of a figure's configurations from those of their networks; ``entries`` as above."""
    shared, about = common(wanted, settings, images, entries), _about(entries)
    found = {}
    for configuration, group in groupby(parts, key=lambda network: network.configuration):
        members = list(group)
        arrays = {name: _thin(name, np.stack([parts[m][name] for m in members])) for name in parts[members[0]]}
        arrays["planes"], arrays["epochs"] = _planes(members[0], wanted, settings), epochs(members[0])
        facts = shared | {"configuration": configuration.id} | _work(members, about)
        facts["failed"] = [words for words in shared["failed"] if words.startswith(f"{configuration.id} ")]
        facts["deviations"] = facts["deviations"] + _missing(facts)
        found[configuration.id] = Published(arrays, facts)
    return found


def _thin(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """What random bases gave, most of a record's weight, in half of the bytes."""
    if "null_" not in name:
        return array
    return array.astype({"f": np.float32, "i": np.int32}[array.dtype.kind])


def figure_facts(
    wanted: Figure, settings: Settings, images: "Images", entries: Sequence["Entry"], rows: Sequence[Network]
) -> dict[str, Any]:
    """The facts of a figure file with a row for each of these networks; ``entries`` as for :func:`assemble`."""
    listed = [{"configuration": network.configuration.id, "seed": network.seed} for network in rows]
    facts = common(wanted, settings, images, entries) | _work(rows, _about(entries))
    facts |= {"figure": wanted.name, "layer": wanted.layer, "rows": listed}
    facts["deviations"] = facts["deviations"] + _missing(facts)
    return facts


def _about(entries: Sequence["Entry"]) -> dict[Network, dict[str, Any]]:
    return {entry.network: entry.about for entry in entries}


def common(wanted: Figure, settings: Settings, images: "Images", entries: Sequence["Entry"]) -> dict[str, Any]:
    """What the figure file and the records of a run have in common."""
    about = _about(entries)
    return {
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
        "failed": [f"{network.id}: {facts['failed']}" for network, facts in about.items() if "failed" in facts],
    }


def epochs(network: Network) -> Any:
    return np.array(network.recipe.checkpoints)


def _planes(network: Network, wanted: Figure, settings: Settings) -> Any:
    return bases.pairs(bases.named(settings.basis, network.configuration.n), settings.variant)[0]


def _work(members: Sequence[Network], about: dict[Network, dict[str, Any]]) -> dict[str, Any]:
    """Who did the work: seeds, seconds, device, processor, versions and commits of these networks."""
    facts = [about[network] for network in members]
    return {
        "seeds": sorted({network.seed for network in members}),
        "seconds": round(sum(f["seconds"] for f in facts), 1),
        "seconds_each": [f["seconds"] for f in facts],
    } | provenance.together(facts)


def deviations(wanted: Figure, settings: Settings, images: "Images") -> list[str]:
    """In words, what of the paper's setting a run does not follow; the number of seeds apart."""
    full, own = PROFILES["paper"], settings.size
    found = []
    original = DATASET_TITLES[wanted.configurations[0].dataset]
    if images.name != original:
        found.append(f"{images.name} instead of {original}")
    if own.recipe.epochs != full.recipe.epochs:
        found.append(f"{own.recipe.epochs} epochs instead of {full.recipe.epochs}")
    if settings.dtype_for() != full.dtype:
        found.append(f"{settings.dtype_for()} instead of {full.dtype}")
    if (depth := settings.figure_for(wanted).depth) != (own_depth := figure(wanted.name).depth):
        found.append(f"L = {depth} instead of {own_depth}")
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
        members = Counter({configuration.id: 0 for configuration in _drawn(facts).configurations})
        members.update(row["configuration"] for row in facts["rows"])
    seeds = max(members.values())
    if members.total() < seeds * len(members):
        return [f"{members.total()} of {full * len(members)} networks"]
    return [f"{seeds} of {full} seeds"] if seeds < full else []


def _drawn(facts: dict[str, Any]) -> Figure:
    """The figure of a figure file, with the depth of the networks that it draws."""
    found = figure(facts["figure"])
    return found.at_depth(Configuration.parse(facts["rows"][0]["configuration"]).L) if found.has_file else found
