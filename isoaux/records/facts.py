"""The facts of published files, and the network records that are made with them.

``figure`` is as :meth:`isoaux.settings.Settings.figure_for` gives it; ``entries`` are the store's entries of all
networks that were asked for, those that failed too.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import bases, paper
from isoaux.common import provenance
from isoaux.common.archive import Arrays, Published
from isoaux.common.versions import ENGINE_VERSION, MEASURE_VERSION
from isoaux.paper import DATASET_TITLES, PROFILES, Figure, Network
from isoaux.records.reading import missing_networks
from isoaux.settings import Settings
from isoaux.training import store
from isoaux.training.data import Images
from isoaux.training.store import Entry


def records(
    figure: Figure, settings: Settings, images: Images, entries: Sequence[Entry], parts: dict[Network, Arrays]
) -> dict[str, Published]:
    """The network records by configuration, from the arrays ``parts`` that were measured of each network."""
    records = {}
    for members, facts in _by_configuration(figure, settings, images, entries, parts):
        arrays = {name: _thin(name, np.stack([parts[m][name] for m in members])) for name in parts[members[0]]}
        arrays |= {"planes": _planes(members[0], settings), "epochs": epochs(members[0])}
        records[facts["configuration"]] = Published(arrays, facts)
    return records


def representations(
    figure: Figure, settings: Settings, images: Images, entries: Sequence[Entry], parts: dict[Network, Arrays]
) -> dict[str, Published]:
    """The published representations by configuration, from those of each network (``representations.sampled``)."""
    published = {}
    for members, facts in _by_configuration(figure, settings, images, entries, parts):
        arrays = {name: np.stack([parts[m][name] for m in members]) for name in parts[members[0]] if name != "sample"}
        published[facts["configuration"]] = Published(arrays | {"sample": parts[members[0]]["sample"]}, facts)
    return published


def _by_configuration(
    figure: Figure, settings: Settings, images: Images, entries: Sequence[Entry], networks: Iterable[Network]
) -> Iterator[tuple[list[Network], dict[str, Any]]]:
    """Networks that stand together by configuration, those of each, with the facts of a file about them."""
    shared, about = common(figure, settings, images, entries), _about(entries)
    for configuration, group in groupby(networks, key=lambda network: network.configuration):
        members = list(group)
        facts = shared | {"configuration": configuration.id} | _work(members, about)
        facts["failed"] = [words for words in shared["failed"] if words.startswith(f"{configuration.id} ")]
        facts["deviations"] = facts["deviations"] + missing_networks(facts)
        yield members, facts


def _thin(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """What random bases gave, most of a record's weight, in half of the bytes; of tests all but p."""
    if name.endswith("_test"):
        return np.concatenate([array[..., :1], array[..., 1:].astype(np.float32)], axis=-1)
    if "null_" not in name:
        return array
    return array.astype({"f": np.float32, "i": np.int32}[array.dtype.kind])


def figure_facts(
    figure: Figure, settings: Settings, images: Images, entries: Sequence[Entry], rows: Sequence[Network]
) -> dict[str, Any]:
    """The facts of a figure file with a row for each of the networks ``rows``."""
    listed = [{"configuration": network.configuration.id, "seed": network.seed} for network in rows]
    facts = common(figure, settings, images, entries) | _work(rows, _about(entries))
    facts |= {"figure": figure.name, "layer": figure.layer, "rows": listed}
    facts["deviations"] = facts["deviations"] + missing_networks(facts)
    return facts


def common(figure: Figure, settings: Settings, images: Images, entries: Sequence[Entry]) -> dict[str, Any]:
    """The facts that the figure file and the records of a run share."""
    return {
        "profile": settings.profile,
        "source": images.source if not images.source.startswith("folder:") else images.name,
        "dataset": images.name,
        "checksum": images.checksum,
        "licence": images.licence,
        "epochs": settings.epochs_for(figure),
        "dtype": settings.dtype_for(figure),
        "epsilon": settings.epsilon_for(figure),
        "basis": settings.basis,
        "variant": settings.variant,
        "draws": settings.size.draws,
        "final_draws": settings.size.final_draws,
        "deviations": deviations(figure, settings, images),
        "engine_version": ENGINE_VERSION,
        "measure_version": MEASURE_VERSION,
        "failed": [f"{network.id}: {fs['failed']}" for network, fs in _about(entries).items() if "failed" in fs],
    }


def without_networks(
    *,
    dataset: str,
    draws: int,
    seeds: Sequence[int],
    seconds: float,
    dtype: str = "float32",
    epsilon: float | None = None,
    device: str = "cpu",
) -> dict[str, Any]:
    """The facts of a figure file that is computed from seeds, without networks of the catalogue, but for its name.

    ``dataset`` says of what the numbers are, ``draws`` is the number of random bases, or other draws, of each test,
    ``seconds`` the time that computing took, and ``epsilon`` None where no threshold has a meaning.
    """
    return {
        "dataset": dataset,
        "licence": None,
        "epochs": None,
        "layer": None,
        "dtype": dtype,
        "epsilon": epsilon,
        "basis": "standard",
        "variant": "combination",
        "draws": draws,
        "final_draws": draws,
        "engine_version": ENGINE_VERSION,
        "measure_version": MEASURE_VERSION,
        "failed": [],
        "rows": [],
        "seeds": list(seeds),
        "seconds": round(seconds, 1),
        "device": device,
        "versions": store.versions(),
        "commit": store.commit(),
    }


def _about(entries: Sequence[Entry]) -> dict[Network, dict[str, Any]]:
    return {entry.network: entry.about for entry in entries}


def epochs(network: Network) -> NDArray[np.int64]:
    """The epochs of a network's checkpoints, (checkpoints,)."""
    return np.array(network.recipe.checkpoints)


def _planes(network: Network, settings: Settings) -> NDArray[np.int64]:
    return bases.pairs(bases.named(settings.basis, network.configuration.n), settings.variant)[0]


def _work(members: Sequence[Network], about: dict[Network, dict[str, Any]]) -> dict[str, Any]:
    """Who did the work: seeds, seconds, device, processor, versions and commits of these networks."""
    facts = [about[network] for network in members]
    return {
        "seeds": sorted({network.seed for network in members}),
        "seconds": round(sum(f["seconds"] for f in facts), 1),
        "seconds_each": [f["seconds"] for f in facts],
    } | provenance.together(facts)


def deviations(figure: Figure, settings: Settings, images: Images) -> list[str]:
    """In words, what of the paper's setting a run does not follow; the number of seeds apart."""
    full, original_figure = PROFILES["paper"], paper.figure(figure.name)
    depth, full_depth = settings.figure_for(figure).depth, original_figure.depth
    epsilon, dtype, epochs = settings.epsilon_for(figure), settings.dtype_for(figure), settings.epochs_for(figure)
    all_epochs = original_figure.epochs(full)
    smaller = original_figure.in_profile(settings.size).configurations != original_figure.configurations
    original = DATASET_TITLES[original_figure.configurations[0].dataset]
    differing = {
        f"{images.name} instead of {original}": images.name != original,
        "smaller networks": smaller,
        f"{epochs} epochs instead of {all_epochs}": epochs != all_epochs,
        f"{dtype} instead of {figure.dtype or full.dtype}": dtype != (figure.dtype or full.dtype),
        f"L = {depth} instead of {full_depth}": depth != full_depth,
        f"epsilon {epsilon:g} instead of {figure.epsilon:g}": epsilon != figure.epsilon,
        f"{settings.basis} basis instead of the standard one": settings.basis != "standard",
        f"{settings.variant}-PPP instead of combination-PPP": settings.variant != "combination",
    }
    return [words for words, differs in differing.items() if differs]
