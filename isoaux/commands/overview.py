"""What is published, what is cached, what would run and for about how long; nothing is computed or downloaded."""

import platform
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from types import ModuleType

from isoaux.commands import plan
from isoaux.commands.standing import Left, Standing, duration
from isoaux.common import archive, cores, paths
from isoaux.common.foreign import literal
from isoaux.common.numbers import counted
from isoaux.common.tables import Table
from isoaux.paper import SAMPLES, Figure
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


HEAD = ("figure", "published", "done", "running", "left", "time left", "would download")
"""The columns of :func:`table`; of the profile ``published`` the first two."""


def table(
    figures: Sequence[Figure], settings: Settings, dtypes: Mapping[str, str] | None = None, jobs: int | None = None
) -> tuple[Table, str]:
    """A table with a row for each figure, and a sentence on where its times are from.

    A network is done when it is trained and measured; one that failed is not trained again. ``jobs`` processes share
    what is left (default: one per core that this process may use). The last of several rows has every network once.
    ``dtypes`` are those of single figures. Of the profile ``published``, what is published alone.
    """
    if settings.profile == "published":
        return Table(HEAD[:2], tuple((figure.name, _published(figure)) for figure in figures)), ""
    stored, parts, folder = _stored(), plan.parts(figures, settings, dtypes or {}), plan.folder_for(settings)
    sources = {part.source for part in parts if part.networks}
    images = {source: stored.images(source) for source in sources if stored and not _download(source)}
    clock = stored.Clock(paths.cache()) if stored else None
    rows: list[tuple[str, ...]] = []
    everything: list[Left] = []

    def row(name: str, published: str, each: Sequence[Left], unpublished: bool, download: str) -> tuple[str, ...]:
        standing = Standing.of(each)
        left = standing.left_words or ("to publish" if unpublished else "nothing")
        time = duration(standing.seconds / (jobs or cores.allowed())) if standing.left_words else ""
        time = time if stored or not time else "torch is not installed"
        return name, published, standing.done_words, str(standing.running or ""), left, time, download

    for part in parts:
        name, published = part.figure.name, _published(part.figure)
        if not part.networks:
            left = "nothing" if plan.has_figure(part, "", folder) else "to publish"
            rows.append((name, published, "computed from seeds", "", left, "", ""))
            continue
        at_hand = images.get(part.source)
        if stored and at_hand:
            each, unpublished = stored.left(part, at_hand, folder, clock)
        elif stored:
            size = SAMPLES.get(part.source, 50_000), PIXELS.get(part.source, 3072)
            each, unpublished = stored.all_left(part, *size, clock), True
        else:
            each, unpublished = [Left(network, network.recipe.epochs) for network in part.networks], True
        everything += each
        rows.append(row(name, published, each, unpublished, _download(part.source)))
    if len(rows) > 1 and everything:
        rows.append(row("together", "", everything, False, ""))
    return Table(HEAD, tuple(rows)), clock.words if clock else ""


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
