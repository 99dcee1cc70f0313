"""What computing a study does: train the networks of a figure, then measure one after the other."""

import time
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Generic, Literal, TypeVar

import numpy as np

from isoaux.common import work
from isoaux.common.archive import Arrays, Published
from isoaux.paper import Figure, Network
from isoaux.records import facts, reading, results
from isoaux.records.measurement import Probe
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.training import data, session, store, threads
from isoaux.training.data import Images
from isoaux.training.session import Outcome
from isoaux.training.snapshots import Diverged
from isoaux.training.store import Entry
from isoaux.training.train import train as train_networks

Made = TypeVar("Made")

FEW = 50_000
"""Images times networks below which a second process would start for longer than it works."""


@dataclass(frozen=True)
class Rows(Generic[Made]):
    """The networks of a figure in the store, and what was measured of each that is trained.

    ``entries`` are all networks that were asked for, those that failed or are not trained too.
    """

    figure: Figure
    settings: Settings
    images: Images
    entries: list[Entry]
    measured: dict[Network, Made]

    @property
    def facts(self) -> dict[str, Any]:
        """The facts of a figure file with a row for each measured network."""
        return facts.figure_facts(self.figure, self.settings, self.images, self.entries, list(self.measured))

    def records(self, parts: dict[Network, Arrays]) -> dict[str, Published]:
        """The network records by configuration, from the arrays of each network."""
        return facts.records(self.figure, self.settings, self.images, self.entries, parts)

    def representations(self, parts: dict[Network, Arrays]) -> dict[str, Published]:
        """The published representations by configuration, from those of each network."""
        return facts.representations(self.figure, self.settings, self.images, self.entries, parts)


def rows(
    figure: Figure,
    settings: Settings,
    measure: Callable[[Entry, Images], Made],
    *,
    jobs: int | None = None,
    train: bool = True,
    budget: float | None = None,
    reads: Literal["train", "test"] = "train",
    networks: Collection[Network] | None = None,
    images: Images | None = None,
) -> Rows[Made]:
    """The networks of a figure, trained where they are missing, and what ``measure`` makes of each.

    ``measure`` has to be picklable, since it may run in other processes; ``reads`` is the part of the images that it
    passes over. The other parameters and errors are those of :meth:`isoaux.studies.protocol.Study.compute`.
    """
    figure = settings.figure_for(figure)
    images, entries = trained(figure, settings, jobs=jobs, train=train, budget=budget, networks=networks, images=images)
    measured = each_network(measure, entries, images, jobs, reads)
    if not measured:
        raise _all_failed(figure, entries)
    return Rows(figure, settings, images, entries, measured)


def result(rows: Rows[Arrays], more: Arrays | None = None, about: dict[str, Any] | None = None) -> Result:
    """A figure's data from the arrays of its networks, stacked into rows, with further arrays and facts."""
    parts = list(rows.measured.values())
    arrays = {name: np.stack([part[name] for part in parts]) for name in parts[0]}
    return Result(rows.figure, Published(arrays | (more or {}), rows.facts | (about or {})), {}, {})


def trained(
    figure: Figure,
    settings: Settings,
    *,
    jobs: int | None,
    train: bool,
    budget: float | None,
    networks: Collection[Network] | None = None,
    images: Images | None = None,
) -> tuple[Images, list[Entry]]:
    """The images, and the store's entries of a figure's networks, failed ones too.

    Warns (RuntimeWarning) where some are not trained. Parameters and errors are those of :func:`rows`; AllFailed where
    every network failed in training.
    """
    images = images or data.load(settings.dataset_for(figure))
    members = sorted(
        (network for network in settings.networks_for(figure) if networks is None or network in networks),
        key=lambda n: (figure.configurations.index(n.configuration), n.seed),
    )
    if train:
        outcomes = train_networks(
            members, images, device=settings.device, jobs=jobs, budget=budget, retrain=settings.retrain
        )
        refuse_unfinished(outcomes, figure.name)
    entries = [Entry(network, images.checksum) for network in members]
    states = [entry.state() for entry in entries]
    if all(state == "failed" for state in states):
        raise _all_failed(figure, entries)
    if "complete" not in states:
        raise ValueError(
            f"{figure.name} has no trained network in the store for profile {settings.profile!r}; "
            f"{_training(figure, settings)} trains them."
        )
    untrained = [e.network.id for e, state in zip(entries, states, strict=True) if state in ("partial", "absent")]
    if untrained:
        words = f"{len(untrained)} of {len(entries)} networks of {figure.name} are not trained and will be missing"
        first = f"the first is {untrained[0]}; {_training(figure, settings)} trains them."
        warnings.warn(f"{words}, {first}", RuntimeWarning, stacklevel=2)
    return images, entries


def _all_failed(figure: Figure, entries: Sequence[Entry]) -> results.AllFailed:
    failed = [reason for entry in entries if (reason := entry.about.get("failed"))]
    return results.AllFailed(f"all {len(failed)} networks of {figure.name} failed, the first because {failed[0]}.")


def refuse_unfinished(outcomes: Sequence[Outcome], name: str) -> None:
    """Raise RuntimeError where a network broke or was paused; ``name`` says whose networks they are."""
    for state, why in (("broken", "training broke"), ("paused", "the budget was spent")):
        if left := [outcome for outcome in outcomes if outcome.state == state]:
            raise RuntimeError(
                f"{why} with {len(left)} of the {len(outcomes)} networks of {name} unfinished; "
                f"the same command goes on from there (the first: {left[0].reason.rstrip('.')})."
            )


def networks_by_source(figures: Iterable[Figure], settings: Settings) -> dict[str, list[Network]]:
    """The networks of some figures under these settings, each once, by the source of their images."""
    networks: dict[str, dict[Network, None]] = {}
    for figure in figures:
        if figure.configurations:
            members = networks.setdefault(settings.dataset_for(figure), {})
            members.update(dict.fromkeys(settings.networks_for(figure)))
    return {source: list(members) for source, members in networks.items()}


def train_all(
    networks: Mapping[str, Sequence[Network]],
    settings: Settings,
    *,
    jobs: int | None = None,
    budget: float | None = None,
) -> Iterator[Outcome]:
    """Train networks, given by the source of their images, one source after the other; the outcome of each network.

    ``budget`` seconds are for all sources together: where they are spent, the networks of a further source are paused,
    unless the store has them all. ``jobs`` and errors are those of :func:`isoaux.training.train.train`.
    """
    deadline = None if budget is None else time.monotonic() + budget
    for place, (source, members) in enumerate(networks.items()):
        images = data.load(source)
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        if place and left == 0:
            states = {"absent" if settings.retrain else Entry(n, images.checksum).state() for n in members}
            if states != {"complete"}:
                yield from session.ended("paused", members, session.SPENT)
                continue
        yield from train_networks(
            members, images, device=settings.device, jobs=jobs, budget=left, retrain=settings.retrain
        )


def _training(figure: Figure, settings: Settings) -> str:
    """The command that trains the networks of a figure under these settings."""
    words = ["python -m isoaux train", figure.name]
    for name in ("profile", "dataset", "seeds", "dtype", "depth"):
        if (value := getattr(settings, name)) != getattr(Settings(), name):
            words += [f"--{name}", reading.as_option(value)]
    return f"`{' '.join(words)}`"


def probe(figure: Figure, settings: Settings) -> Probe:
    """How the representations of a figure are measured under these settings."""
    size = settings.size
    return Probe(settings.epsilon_for(figure), settings.basis, settings.variant, size.draws, size.final_draws)


def each_network(
    measure: Callable[[Entry, Images], Made],
    entries: Sequence[Entry],
    images: Images,
    jobs: int | None,
    reads: Literal["train", "test"] = "train",
) -> dict[Network, Made]:
    """What ``measure`` makes of every network that is trained, over processes with one thread each.

    A network whose representations are not finite is from now on one that failed, and left out with a RuntimeWarning.
    """
    ready = [entry.network for entry in entries if entry.state() == "complete"]
    if jobs is None and len(getattr(images, reads)) * len(ready) < FEW:
        jobs = 1
    source = images if jobs == 1 or len(ready) == 1 else (images.source, images.checksum)
    made = dict(zip(ready, work.each(partial(_alone, measure, source), ready, "network", jobs), strict=True))
    for network in (network for network, each in made.items() if isinstance(each, Diverged)):
        warnings.warn(f"{network.id} was ended: {made[network]}", RuntimeWarning, stacklevel=2)
    return {network: each for network, each in made.items() if not isinstance(each, Diverged)}


def _alone(
    measure: Callable[[Entry, Images], Made], source: Images | tuple[str, str], network: Network
) -> Made | Diverged:
    images = _again(*source) if isinstance(source, tuple) else source
    entry = store.Entry(network, images.checksum)
    with threads.limited():
        try:
            return measure(entry, images)
        except Diverged as error:
            entry.fail(str(error).rstrip("."))
            return error


@cache
def _again(source: str, checksum: str) -> Images:
    return data.reload(source, checksum)
