"""What is to be trained, measured and published of some figures, in their order, each in an arithmetic of its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from isoaux import paper
from isoaux.common import archive, paths
from isoaux.common.versions import ENGINE_VERSION, MEASURE_VERSION
from isoaux.paper import Configuration, Figure, Network
from isoaux.records import reading
from isoaux.settings import Settings


@dataclass(frozen=True, eq=False)
class Part:
    """A figure of a plan with its settings, and the networks that it shows.

    All networks are of the settings' dtype but where the figure is drawn from network records alone: there each is of
    the dtype of its record.
    """

    figure: Figure
    settings: Settings
    networks: tuple[Network, ...]

    @property
    def source(self) -> str:
        """The source of its images; empty for a figure without networks."""
        return self.settings.dataset_for(self.figure) if self.networks else ""

    @property
    def by_configuration(self) -> dict[Configuration, tuple[Network, ...]]:
        """Its networks by configuration, in its order."""
        members: dict[Configuration, tuple[Network, ...]] = {}
        for network in self.networks:
            members[network.configuration] = (*members.get(network.configuration, ()), network)
        return members

    def settings_for(self, networks: Sequence[Network]) -> Settings:
        """Its settings, with the dtype of these networks."""
        return replace(self.settings, dtype=networks[0].dtype) if networks else self.settings


def parts(figures: Iterable[Figure], settings: Settings, dtypes: Mapping[str, str]) -> list[Part]:
    """The parts of a plan, in the order of the figures; ``dtypes`` are those of single figures, by name.

    A configuration has one record, whose networks are of the dtype of the figures of planes that show it. Raises
    ValueError where two of these differ.
    """
    plan = []
    chosen = [settings.figure_for(figure) if figure.configurations else figure for figure in figures]
    recorded = _recorded(chosen, settings, dtypes)
    for figure in chosen:
        dtype = dtypes.get(figure.name, settings.dtype_for(figure))
        of_figure = replace(settings, dtype=dtype)
        networks = of_figure.networks_for(figure) if figure.configurations else ()
        if figure.has_records and not figure.has_file:
            networks = tuple(replace(n, dtype=recorded.get(n.configuration, (dtype, ""))[0]) for n in networks)
        plan.append(Part(figure, of_figure, networks))
    return plan


def _recorded(
    figures: Sequence[Figure], settings: Settings, dtypes: Mapping[str, str]
) -> dict[Configuration, tuple[str, str]]:
    """The dtype of every configuration that a figure of planes shows, and the name of the first such figure."""
    names = {figure.name for figure in figures}
    recorded: dict[Configuration, tuple[str, str]] = {}
    for figure in (*figures, *(each for name, each in paper.figures().items() if name not in names)):
        if not figure.has_planes:
            continue
        dtype = dtypes.get(figure.name, settings.dtype_for())
        for configuration in figure.configurations:
            before, name = recorded.setdefault(configuration, (dtype, figure.name))
            if before != dtype and {name, figure.name} <= names:
                raise ValueError(
                    f"dtype is {before} for {name} and {dtype} for {figure.name}, which have the record of "
                    f"{configuration.id} in common; accepted: one dtype for both."
                )
    return recorded


def refuse_parting(parts: Sequence[Part], folder: Path) -> None:
    """Raise ValueError where a plan would write a record that a published figure beside it cannot stand on.

    That is a figure of planes that is no part of the plan, whose file is of another dtype than the record would be.
    """
    names = {part.figure.name for part in parts}
    planned = {
        configuration: (networks[0].dtype, part.figure.name)
        for part in reversed(parts)
        if part.figure.has_records
        for configuration, networks in part.by_configuration.items()
    }
    for name, figure in paper.figures().items():
        shared = [c for c in figure.configurations if c in planned] if figure.has_planes and name not in names else []
        published = _facts(folder / name).get("dtype") if shared else None
        for configuration in shared:
            dtype, other = planned[configuration]
            if published not in (None, dtype):
                raise ValueError(
                    f"dtype is {dtype} for {other}, which has the record of {configuration.id} in common with {name}, "
                    f"published in {published}; accepted: {name}={published} behind the dtype, or {name} as well."
                )


def networks_by_source(plan: Iterable[Part]) -> dict[str, list[Network]]:
    """The networks of a plan, each once, by the source of their images."""
    networks: dict[str, dict[Network, None]] = {}
    for part in plan:
        if part.networks:
            networks.setdefault(part.source, {}).update(dict.fromkeys(part.networks))
    return {source: list(members) for source, members in networks.items()}


def folder_for(settings: Settings) -> Path:
    """The folder that what is computed is published in: the committed book's for the profile ``paper``."""
    return paths.data("published" if settings.profile == "paper" else settings.profile)


def has_record(part: Part, networks: Sequence[Network], checksum: str, folder: Path) -> bool:
    """Whether the record of these networks of one configuration is published as it would be now.

    It has to be of the same setting and measured by this version; each network is in it, or failed.
    """
    size = part.settings.size
    facts = _facts(reading.record_path(folder, networks[0].configuration.id))
    asked = _asked(part, networks, checksum) | {"draws": size.draws, "final_draws": size.final_draws}
    there = {f"{facts.get('configuration')} seed {seed}" for seed in facts.get("seeds", ())} | _failed(facts)
    return _holds(facts, asked) and {network.id for network in networks} <= there


def has_figure(part: Part, checksum: str, folder: Path) -> bool:
    """Whether the file of a figure is published as it would be now; see :func:`has_record`."""
    facts = _facts(folder / part.figure.name)
    if not part.networks:
        asked = {"profile": part.settings.profile, "measure_version": MEASURE_VERSION}
        return _holds(facts, asked) and set(part.settings.seeds_for(part.figure)) <= set(facts.get("seeds", ()))
    there = {f"{row['configuration']} seed {row['seed']}" for row in facts.get("rows", ())} | _failed(facts)
    asked = _asked(part, part.networks, checksum)
    return _holds(facts, asked) and {network.id for network in part.networks} <= there


def _facts(place: Path) -> dict[str, Any]:
    """The facts of a published file; none where it is missing or cannot be read."""
    try:
        return archive.facts(place)
    except (FileNotFoundError, ValueError):
        return {}


def _asked(part: Part, networks: Sequence[Network], checksum: str) -> dict[str, Any]:
    """What the facts of a file of these networks have to be."""
    settings = part.settings_for(networks)
    return {
        "profile": settings.profile,
        "checksum": checksum,
        "epochs": settings.epochs_for(part.figure),
        "dtype": settings.dtype_for(),
        "epsilon": settings.epsilon_for(part.figure),
        "basis": settings.basis,
        "variant": settings.variant,
        "engine_version": ENGINE_VERSION,
        "measure_version": MEASURE_VERSION,
    }


def _holds(facts: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    return all(name in facts and facts[name] == value for name, value in asked.items())


def _failed(facts: Mapping[str, Any]) -> set[str]:
    """The networks of a file that failed, by name."""
    return {words.split(":")[0] for words in facts.get("failed", ())}
