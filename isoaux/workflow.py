"""The ways to a figure: read what is published, or train, measure and assemble it (design: ways to run)."""

import warnings
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from isoaux import results
from isoaux.choices import choose
from isoaux.paper import Figure, Network, figure
from isoaux.results import Collection, Result
from isoaux.settings import Settings

if TYPE_CHECKING:
    from isoaux.data import Images
    from isoaux.measurement import Measured, Probe
    from isoaux.store import Entry

Made = TypeVar("Made")


def result(name: str, settings: Settings, **options: Any) -> Result:
    """The data of a figure under these settings: published, or computed (``options`` as in :func:`compute`)."""
    from isoaux.kinds import KINDS

    wanted = figure(name)
    kind = choose("kind", wanted.kind, KINDS)
    return kind.read(wanted, settings) if settings.profile == "published" else kind.compute(wanted, settings, **options)


def collect(names: Sequence[str], settings: Settings, **options: Any) -> Collection:
    """The data of several figures for one page, each as by :func:`result`; unpublished ones are missing from it."""
    wanted = [figure(name) for name in names]
    ready = [one.name for one in wanted if settings.profile != "published" or results.is_published(one)]
    found, failed = {}, {}
    for name in ready:
        try:
            found[name] = result(name, settings, **options)
        except results.AllFailed as error:
            failed[name] = str(error)
    return Collection(tuple(found[one.name].figure if one.name in found else one for one in wanted), found, failed)


def compute(
    wanted: Figure, settings: Settings, *, jobs: int | None = None, train: bool = True, budget: float | None = None
) -> Result:
    """Take from the store what is there, train and measure what is missing, and assemble the figure's data.

    With ``train=False`` only what has been trained already is used. Raises ValueError where no network is ready,
    RuntimeError where the budget was spent first; then what was trained is in the store.
    """
    from isoaux import publishing

    wanted = settings.figure_for(wanted)
    how = probe(wanted, settings)
    images, entries = trained(wanted, settings, jobs=jobs, train=train, budget=budget)
    measured = each_network(partial(_measure, layer=wanted.layer, probe=how), entries, images, jobs)
    return publishing.assemble(wanted, settings, images, entries, measured)


def trained(
    wanted: Figure, settings: Settings, *, jobs: int | None, train: bool, budget: float | None
) -> "tuple[Images, list[Entry]]":
    """The images, and the entries of a figure's networks, failed ones too; options and errors as :func:`compute`."""
    from isoaux import data, store, training

    images = data.load(settings.dataset_for(wanted))
    networks = sorted(
        settings.networks_for(wanted), key=lambda n: (wanted.configurations.index(n.configuration), n.seed)
    )
    if train:
        outcomes = training.train(
            networks, images, device=settings.device, jobs=jobs, budget=budget, retrain=settings.retrain
        )
        for state, why in (("broken", "training broke"), ("paused", "the budget was spent")):
            if left := [outcome for outcome in outcomes if outcome.state == state]:
                raise RuntimeError(
                    f"{why} with {len(left)} of the {len(outcomes)} networks of {wanted.name} unfinished; "
                    f"the same command goes on from there (the first: {left[0].reason.rstrip('.')})."
                )
    entries = [store.Entry(network, images.checksum) for network in networks]
    states = [entry.state() for entry in entries]
    if all(state == "failed" for state in states):
        raise results.AllFailed(
            f"all {len(entries)} networks of {wanted.name} failed, the first because {entries[0].about['failed']}."
        )
    if "complete" not in states:
        raise ValueError(
            f"{wanted.name} has no trained network in the store for profile {settings.profile!r}; "
            f"{_training(wanted, settings)} trains them."
        )
    untrained = [e.network.id for e, state in zip(entries, states, strict=True) if state in ("partial", "absent")]
    if untrained:
        words = f"{len(untrained)} of {len(entries)} networks of {wanted.name} are not trained and will be missing"
        how = f"the first is {untrained[0]}; {_training(wanted, settings)} trains them."
        warnings.warn(f"{words}, {how}", RuntimeWarning, stacklevel=2)
    return images, entries


def _training(wanted: Figure, settings: Settings) -> str:
    """The command that trains the networks of a figure under these settings."""
    words = ["python -m isoaux train", wanted.name]
    for name in ("profile", "dataset", "seeds", "dtype", "depth"):
        if (value := getattr(settings, name)) != getattr(Settings(), name):
            words += [f"--{name}", results.as_option(value)]
    return f"`{' '.join(words)}`"


def probe(wanted: Figure, settings: Settings) -> "Probe":
    """How this figure's representations are measured under these settings."""
    from isoaux.measurement import Probe

    size = settings.size
    return Probe(settings.epsilon_for(wanted), settings.basis, settings.variant, size.draws, size.final_draws)


def each_network(
    measure: "Callable[[Entry, Images], Made]", entries: "Sequence[Entry]", images: "Images", jobs: int | None
) -> "dict[Network, Made]":
    """What ``measure`` (picklable) finds of every network that is trained, over processes with one thread each."""
    from isoaux import pool

    ready = [entry.network for entry in entries if entry.state() == "complete"]
    if jobs is None and len(images.train) * len(ready) < 50_000:
        jobs = 1
    known = images if jobs == 1 or len(ready) == 1 else (images.source, images.checksum)
    return dict(zip(ready, pool.each(partial(_alone, measure, known), ready, "network", jobs), strict=True))


def _alone(measure: "Callable[[Entry, Images], Made]", known: "Images | tuple[str, str]", network: Network) -> "Made":
    from isoaux import store, threads

    images = _again(*known) if isinstance(known, tuple) else known
    with threads.limited():
        return measure(store.Entry(network, images.checksum), images)


@cache
def _again(source: str, checksum: str) -> "Images":
    from isoaux import data

    return data.again(source, checksum)


def _measure(entry: "Entry", images: "Images", layer: int, probe: "Probe") -> "Measured":
    from isoaux import measurement

    return measurement.measure(entry, images, layer, probe)
