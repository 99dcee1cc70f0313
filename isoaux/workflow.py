"""The ways to a figure: read what is published, or train, measure and assemble it (design: ways to run)."""

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

from isoaux import publishing, results
from isoaux.choices import choose
from isoaux.paper import Figure, Network, figure
from isoaux.results import Collection, Result
from isoaux.settings import Settings

if TYPE_CHECKING:
    from isoaux.data import Images
    from isoaux.measurement import Measured, Probe
    from isoaux.publishing import AllMeasured


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
    from isoaux import data, store, training

    wanted = settings.figure_for(wanted)
    settings_probe = probe(wanted, settings)
    images = data.load(settings.dataset_for(wanted))
    wanted_networks = sorted(
        settings.networks_for(wanted), key=lambda n: (wanted.configurations.index(n.configuration), n.seed)
    )
    if train:
        outcomes = training.train(
            wanted_networks, images, device=settings.device, jobs=jobs, budget=budget, retrain=settings.retrain
        )
        for state, why in (("broken", "training broke"), ("paused", "the budget was spent")):
            if left := sum(outcome.state == state for outcome in outcomes):
                raise RuntimeError(
                    f"{why} with {left} of the {len(outcomes)} networks of {wanted.name} unfinished; "
                    "the same command goes on from there."
                )
    entries = [store.Entry(network, images.checksum) for network in wanted_networks]
    ready = [entry for entry in entries if entry.state() == "complete"]
    if all(entry.state() == "failed" for entry in entries):
        raise results.AllFailed(
            f"all {len(entries)} networks of {wanted.name} failed, the first because {entries[0].about['failed']}."
        )
    if not ready:
        raise ValueError(
            f"{wanted.name} has no trained network in the store for profile {settings.profile!r}; "
            f"`python -m isoaux train {wanted.name} --profile {settings.profile}` trains them."
        )
    measured = _measure([entry.network for entry in ready], images, wanted.layer, settings_probe, jobs)
    return publishing.assemble(wanted, settings, images, entries, measured)


def probe(wanted: Figure, settings: Settings) -> "Probe":
    """How this figure's representations are measured under these settings."""
    from isoaux.measurement import Probe

    size = settings.size
    return Probe(settings.epsilon_for(wanted), settings.basis, settings.variant, size.draws, size.final_draws)


def _measure(
    wanted: Sequence[Network], images: "Images", layer: int, probe: "Probe", jobs: int | None
) -> "AllMeasured":
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


def _measure_one(network: Network, images: "Images", layer: int, probe: "Probe") -> "Measured":
    from isoaux import group, measurement, store

    with group.one_thread():
        return measurement.measure(store.Entry(network, images.checksum), images, layer, probe)


_worker: dict[str, Any] = {}


def _enter(source: str, checksum: str) -> None:
    from isoaux import data

    _worker["images"] = data.again(source, checksum)


def _measure_in_worker(network: Network, layer: int, probe: "Probe") -> "Measured":
    return _measure_one(network, _worker["images"], layer, probe)
