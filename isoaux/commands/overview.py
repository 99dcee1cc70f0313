"""What is published, what is cached, what would run and for about how long; nothing is computed or downloaded."""

import platform
from collections.abc import Sequence
from importlib.util import find_spec
from types import ModuleType

from isoaux.common import archive, cores, paths
from isoaux.common.foreign import literal
from isoaux.common.numbers import counted
from isoaux.common.tables import Table
from isoaux.paper import SAMPLES, Figure, Network
from isoaux.records import reading
from isoaux.settings import Settings

PIXELS = {"cifar10": 3072, "mnist": 784, "patches": 3072, "digits": 64}
"""Numbers of an image of each source."""

DOWNLOADS = {
    "cifar10": (
        "cifar-10-batches-py",
        [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch", "batches.meta"],
        "170 MB",
    ),
    "mnist": (
        "MNIST/raw",
        [f"{p}-{k}-ubyte" for p in ("train", "t10k") for k in ("images-idx3", "labels-idx1")],
        "12 MB",
    ),
}
"""Folder, files and size of what torchvision would download."""


def machine() -> str:
    """Three lines on this machine: its system and cores, torch with its device, and the folder of the store."""
    lines = [f"machine: {platform.system()} {platform.machine()}, {cores.words()}, Python {platform.python_version()}"]
    stored = _stored()
    none = "not installed; published figures can be drawn, nothing can be trained (extra `train`)"
    lines.append(f"torch: {stored.torch_words() if stored else none}")
    lines.append(f"store: {paths.cache()}")
    return "\n".join(lines)


def table(figures: Sequence[Figure], settings: Settings) -> Table:
    """A table with a row for each figure: what is published and cached, and what a run would train and download.

    Of the profile ``published``, what is published alone. The time that training would take is estimated from a few
    steps that are timed here.
    """
    head = ("figure", "published", f"cached ({settings.profile})", "would train", "about", "would download")
    if settings.profile == "published":
        return Table(head[:2], tuple((figure.name, _published(figure)) for figure in figures))
    stored = _stored()
    sources = {settings.dataset_for(figure) for figure in figures if figure.configurations}
    images = {source: stored.images(source) for source in sources if stored and not _download(source)}
    steps: dict[tuple[int, int, int, str], float | None] = {}
    rows = []
    for figure in figures:
        if not figure.configurations:
            rows.append((figure.name, _published(figure), "computed from seeds", "nothing", "", ""))
            continue
        source = settings.dataset_for(figure)
        members = settings.networks_for(figure)
        at_hand = images.get(source)
        if stored and at_hand:
            states, left = stored.progress(members, at_hand)
        else:
            states, left = [], sum(network.recipe.epochs for network in members)
        samples = len(at_hand.train) if at_hand else SAMPLES.get(source, 50_000)
        first = members[0]
        pixels = at_hand.d if at_hand else PIXELS.get(source, 3072)
        shape = (pixels, first.configuration.n, first.configuration.L, first.dtype)
        if left and shape not in steps:
            steps[shape] = stored.seconds_per_step(*shape) if stored else None
        failed = f", {states.count('failed')} failed" if "failed" in states else ""
        rows.append(
            (
                figure.name,
                _published(figure),
                f"{states.count('complete')} of {len(members)} networks{failed}",
                f"{left} epochs" if left else "nothing",
                _about(left, samples, first, steps.get(shape)) if left else "",
                _download(source),
            )
        )
    return Table(head, tuple(rows))


def _published(figure: Figure) -> str:
    if not figure.has_file:
        places = reading.records_of(figure, paths.data())
        there = sum(place.with_suffix(".json").is_file() for place in places)
        return f"{there} of {len(places)} network records" if there else "nothing yet"
    place = paths.data() / figure.name
    try:
        facts = archive.read(place).facts
    except FileNotFoundError:
        return "nothing yet"
    except ValueError as error:  # damaged, or of a newer isoaux
        return f"cannot be read: {error}"
    epochs = f"{facts['epochs']} epochs, " if facts["epochs"] is not None else ""
    return f"{facts['profile']}, {epochs}{counted(len(facts['seeds']), 'seed')}, {literal(str(facts['dataset']))}"


def _stored() -> ModuleType | None:
    """:mod:`isoaux.commands.stored`; None where torch is not installed."""
    if find_spec("torch") is None:
        return None
    from isoaux.commands import stored  # has torch, without which the rest is shown all the same

    return stored


def _download(source: str) -> str:
    if source not in DOWNLOADS:
        return ""
    folder, names, size = DOWNLOADS[source]
    place = paths.downloads() / folder
    return "" if all((place / name).is_file() for name in names) else f"{source}, {size}"


def _about(epochs: int, samples: int, network: Network, step: float | None) -> str:
    if step is None:
        return "torch is not installed"
    minutes = epochs * -(-samples // network.recipe.batch_size) * step / cores.allowed() / 60
    time = f"{max(minutes, 0.1):.1f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
    return f"{time} on {cores.words()}"
