"""The explorer's files, made of trained networks: which networks, how many samples, and what the list says of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from isoaux import statistics
from isoaux.common import archive
from isoaux.common.versions import ENGINE_VERSION
from isoaux.common.work import bar
from isoaux.explorer import files, packing
from isoaux.paper import DATASETS, PROFILES, SAMPLES, Configuration, Network, figures
from isoaux.records import reading
from isoaux.records.record import Record
from isoaux.records.representations import Representations
from isoaux.training import snapshots, store
from isoaux.training.data import Images

LAST = 20_000
"""Samples at the last epoch."""

THROUGHOUT = 4_000
"""Samples at every checkpoint before; they are the first of those at the last epoch."""

REPLICATED = 5_000
"""Samples of a replicate, the first of those of the first seed."""


TESTED = 5_000
"""Test images of a network of :class:`Tested`."""


@dataclass(frozen=True)
class Shown:
    """A latent layer of a configuration, at its last epoch or ``throughout`` training.

    ``replicates`` are further seeds, which are shown at the last epoch.
    """

    configuration: str
    layer: int = 0
    throughout: bool = False
    replicates: tuple[int, ...] = ()


@dataclass(frozen=True)
class Tested:
    """A trained network of one latent layer that is shown on test images, with the vectors of its basis.

    ``profile`` and ``epsilon`` are those that it is published with, ``notebook`` is that of its page, and ``epochs``
    are the checkpoints that are shown, by default the last.
    """

    network: Network
    profile: str
    epsilon: float
    notebook: str | None = None
    epochs: tuple[int, ...] = ()


SHOWN = (
    Shown("cifar-U-tanh-n18-L0", throughout=True, replicates=(1, 2, 3, 4)),
    Shown("cifar-U-isotanh-n18-L0", throughout=True, replicates=(1, 2, 3, 4)),
    Shown("cifar-U-lrelu-n18-L2", throughout=True),
    Shown("cifar-U-isolrelu-n18-L2", throughout=True),
    Shown("cifar-N-tanh-n18-L0", throughout=True),
    Shown("cifar-N-isotanh-n18-L0", throughout=True),
    Shown("cifar-N-tanh-n24-L0"),
    Shown("cifar-N-isotanh-n24-L0"),
    Shown("cifar-N-tanh-n32-L0"),
    Shown("cifar-N-isotanh-n32-L0"),
    Shown("cifar-N-bnlrelu_elem-n18-L2"),
    Shown("cifar-N-isolrelu-n18-L2"),
)
"""Twelve networks: those of Figures 1, with all seeds, 3, 8, 9, 10 and 24, and the isotropic partner of the last."""


ON_TESTS = (
    ("figS2", "mnist-S-tanh-n10-L0", 5_000),
    ("figS6", "mnist-S-tanh-n10-L0-h64", 5_000),
    ("figS8", "mnist-S-gentanh-n10-L0-m40-h64", 5_000),
    ("figS13", "mnist-S-gentanh-n10-L0-m11", 5_000),
    ("figS13", "mnist-S-gentanh-n24-L0-m25", 3_500),
    ("figS9", "mnist-S-gentanh-n24-L0-m96-h64", 3_500),
)
"""Networks of the Spotlight Resonance Method on test images: a figure of each, its name, and how many images."""


def on_tests(images: Images, folder: Path) -> Path:
    """Add the networks :data:`ON_TESTS`, with the first seed of their figures, as :func:`add` does.

    ``images`` are those that they were trained on. Raises FileNotFoundError for a network that is not in the store.
    """
    place, profile = folder / files.LIST, PROFILES["paper"]
    for name, configuration, samples in ON_TESTS:
        figure = figures()[name]
        parsed = Configuration.parse(configuration)
        network = Network(parsed, figure.seeds(profile)[0], figure.recipe(profile), "float32")
        place = add(images, folder, [Tested(network, profile.name, figure.epsilon)], samples)
    return place


def write(
    images: Images, data: Path, folder: Path, shown: Sequence[Shown], pages: Mapping[str, str], seed: int = 0
) -> Path:
    """Write the explorer's files to ``folder``, from the store, and their list, whose path is returned.

    ``images`` are those that the networks were trained on. ``data`` is the folder of the network records: they say how
    each network was trained, and how its numbers lie on all samples. ``shown`` are the layers whose files are written,
    of networks with this ``seed``, and their replicates. ``pages`` has the notebook of every figure that is on one, by
    the figure's name. Raises ValueError for images that are not those of a record, FileNotFoundError for a network that
    is not in the store. Entries that :func:`add` made stay in the list.
    """
    sample = np.random.default_rng(0).permutation(len(images.train))[:LAST]
    networks = []
    with bar(len(shown), "explorer", "layer") as progress:
        for layer in shown:
            networks.append(_network(layer, seed, images, sample, data, folder, pages))
            for other in layer.replicates:
                entry = _network(
                    replace(layer, throughout=False), other, images, sample[:REPLICATED], data, folder, pages
                )
                networks.append(entry | {"replicate": True})
            progress.update()
    listed = [*networks, *built(data, shown, pages), *_added(folder)]
    return files.write_list(folder, {"format_version": 1, "steps": packing.STEPS, "networks": listed})


def add(images: Images, folder: Path, tested: Sequence[Tested], samples: int = TESTED) -> Path:
    """Add networks on test images to the explorer's files in ``folder``, from the store; the path of their list.

    Of each as many representations of ``images.test`` as ``samples`` says, the same at every epoch, and the vectors of
    its latent layer's basis if its activation has one. What is listed already stays, but for networks of the same
    name. Raises ValueError for a network of more latent layers than one and for what :func:`files.write_vectors` and
    :func:`files.rounded` refuse, FileNotFoundError for a network that is not in the store.
    """
    sample = np.random.default_rng(0).permutation(len(images.test))[:samples]
    entries = [_tested(each, images, sample, folder) for each in tested]
    content = files.read_list(folder)
    names = {entry["network"] for entry in entries}
    before = [entry for entry in content["networks"] if entry["network"] not in names]
    return files.write_list(folder, content | {"networks": [*before, *entries]})


def _added(folder: Path) -> list[dict[str, Any]]:
    """The entries of a list that :func:`add` made."""
    if not (folder / files.LIST).exists():
        return []
    return [entry for entry in files.read_list(folder)["networks"] if entry.get("images") == "test"]


def _tested(tested: Tested, images: Images, sample: Any, folder: Path) -> dict[str, Any]:
    network = tested.network
    configuration, epochs = network.configuration, tested.epochs or (network.recipe.epochs,)
    if configuration.L:
        raise ValueError(f"network is {network.id!r} of {configuration.L + 1} latent layers; accepted: of one.")
    entry = store.Entry(network, images.checksum)
    about: dict[str, Any] = {
        "network": configuration.id,
        "seed": network.seed,
        "layer": 0,
        "width": configuration.n,
        "notebook": tested.notebook,
        "dataset": images.name,
        "profile": tested.profile,
        "dtype": network.dtype,
        "epsilon": tested.epsilon,
        "images": "test",
        "all_samples": len(images.test),
        "engine_version": ENGINE_VERSION,
    }
    if configuration.vectors:
        about["vectors"] = files.write_vectors(folder, snapshots.vectors(entry))
    shown = []
    for epoch, (representations,) in zip(epochs, snapshots.of_tests(entry, images, epochs), strict=True):
        values, scale = files.rounded(representations[sample])
        parts = files.write(folder, values)
        shown.append({"epoch": epoch, "samples": len(values), "scale": scale, "parts": parts})
    return about | {"epochs": shown}


def built(data: Path, shown: Sequence[Shown], pages: Mapping[str, str]) -> list[dict[str, Any]]:
    """The list's entries of the layers that panel figures show beyond ``shown``; the book's build makes their files.

    The files hold the first published representations of a configuration's first seed at its last epoch. Parameters as
    in :func:`write`; layers whose representations are not published are left out.
    """
    panels = [figure for figure in figures().values() if figure.has_planes]
    drawn = dict.fromkeys((each.id, figure.layer) for figure in panels for each in figure.configurations)
    rest = [pair for pair in drawn if pair not in {(each.configuration, each.layer) for each in shown}]
    entries = []
    for configuration, layer in rest:
        path = reading.representations_path(data, configuration)
        if not archive.files(path)[0].exists():
            continue
        record = reading.record(data, configuration)
        kept = Representations(archive.read(path))
        seed, epoch = kept.seeds[0], int(record.epochs[-1])
        values, scale = packing.built(kept, layer)
        last = {"epoch": epoch, "samples": len(values), "scale": scale, "parts": [packing.name(values)]}
        last["of_all"] = of_all(record, seed, layer, epoch)
        images = SAMPLES[DATASETS[Configuration.parse(configuration).dataset]]
        about = _described(Shown(configuration, layer), seed, record, images, pages)
        entries.append(about | {"built": True, "epochs": [last]})
    return entries


def notebook_of(shown: Shown, pages: Mapping[str, str]) -> str | None:
    """The notebook of the first panel figure that shows a layer, or None; ``pages`` as in :func:`write`."""
    holders = (
        pages[figure.name]
        for figure in figures().values()
        if figure.has_planes and figure.layer == shown.layer and figure.name in pages
        if shown.configuration in [configuration.id for configuration in figure.configurations]
    )
    return next(holders, None)


def _described(shown: Shown, seed: int, record: Record, images: int, pages: Mapping[str, str]) -> dict[str, Any]:
    facts = record.facts
    return {
        "network": shown.configuration,
        "seed": seed,
        "layer": shown.layer,
        "width": Configuration.parse(shown.configuration).n,
        "notebook": notebook_of(shown, pages),
        **{name: facts[name] for name in ("dataset", "profile", "dtype", "epsilon")},
        "all_samples": images,
        **{name: facts[name] for name in ("engine_version", "measure_version")},
    }


def _network(
    shown: Shown, seed: int, images: Images, sample: Any, data: Path, folder: Path, pages: Mapping[str, str]
) -> dict[str, Any]:
    record = reading.record(data, shown.configuration)
    if images.checksum != record.facts["checksum"]:
        raise ValueError(
            f"dataset is {images.source!r}, but {shown.configuration} was published from {record.facts['dataset']}; "
            "accepted: the same images."
        )
    recipe = PROFILES[record.facts["profile"]].recipe
    network = Network(Configuration.parse(shown.configuration), seed, recipe, record.facts["dtype"])
    entry = store.Entry(network, images.checksum)
    before = recipe.checkpoints[:-1] if shown.throughout else ()
    samples = [*((epoch, sample[:THROUGHOUT]) for epoch in before), (recipe.epochs, sample)]
    about = _described(shown, seed, record, len(images.train), pages)
    return about | {"epochs": list(_epochs(entry, images, shown.layer, samples, record, folder))}


def _epochs(
    entry: store.Entry,
    images: Images,
    layer: int,
    samples: Sequence[tuple[int, Any]],
    record: Record,
    folder: Path,
) -> Iterator[dict[str, Any]]:
    for epoch, sample in samples:
        values, scale = files.rounded(snapshots.of_samples(entry, images, epoch, sample)[layer])
        yield {
            "epoch": epoch,
            "samples": len(values),
            "scale": scale,
            "parts": files.write(folder, values),
            "of_all": of_all(record, entry.network.seed, layer, epoch),
        }


def of_all(record: Record, seed: int, layer: int, epoch: int) -> dict[str, dict[str, float]]:
    """How a network's statistics on all samples lie among those in random bases, from its record: by statistic.

    Of each the value, ends and median of the middle 95% of the random bases, p and the number of random bases; numbers
    to six digits. Raises ValueError for a seed or epoch that the record has not.
    """
    row, at = record.seeds.index(seed), list(record.epochs).index(epoch)
    tests = {}
    for name in statistics.RECORDED:
        test = statistics.test_from_null(record.values(name, layer, at)[row], record.null(name, layer, at)[row])
        low, median, high = np.quantile(test.null, (0.025, 0.5, 0.975))
        numbers = {"value": test.value, "low": low, "median": median, "high": high, "p": test.p}
        tests[name] = {key: float(f"{number:.6g}") for key, number in numbers.items()} | {"draws": test.draws}
    return tests
