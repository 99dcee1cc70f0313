"""What is published, what is cached, what would run and for about how long; nothing is computed or downloaded."""

import platform
import time
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from isoaux.common import archive, cores, paths
from isoaux.common.foreign import literal
from isoaux.common.tables import Table
from isoaux.paper import SAMPLES, Figure, Network
from isoaux.records import reading
from isoaux.settings import Settings

if TYPE_CHECKING:
    from isoaux.training.data import Images
    from isoaux.training.store import State

PIXELS = {"cifar10": 3072, "mnist": 784, "patches": 3072, "digits": 64}
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
    """What this machine can do, in a few lines."""
    lines = [f"machine: {platform.system()} {platform.machine()}, {cores.words()}, Python {platform.python_version()}"]
    if find_spec("torch") is None:
        lines.append("torch: not installed; published figures can be drawn, nothing can be trained (extra `train`)")
    else:
        import torch

        gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no CUDA device"
        lines.append(f"torch: {torch.__version__}, {gpu}")
    lines.append(f"store: {paths.cache()}")
    return "\n".join(lines)


def table(wanted: Sequence[Figure], settings: Settings) -> Table:
    """One row a figure: published, cached, what would run, for about how long, what would be downloaded."""
    head = ("figure", "published", f"cached ({settings.profile})", "would train", "about", "would download")
    if settings.profile == "published":
        return Table(head[:2], tuple((figure.name, _published(figure)) for figure in wanted))
    images = {
        source: _images(source)
        for source in {settings.dataset_for(figure) for figure in wanted if figure.configurations}
    }
    steps: dict[tuple[int, int, int, str], float | None] = {}
    rows = []
    for figure in wanted:
        if not figure.configurations:
            rows.append((figure.name, _published(figure), "computed from seeds", "nothing", "", ""))
            continue
        source = settings.dataset_for(figure)
        members = settings.networks_for(figure)
        found = [_state(network, images[source]) for network in members]
        states = [state for state, _ in found]
        left = sum(epochs for _, epochs in found)
        at_hand = images[source]
        samples = len(at_hand.train) if at_hand else SAMPLES.get(source, 50_000)
        first = members[0]
        pixels = at_hand.d if at_hand else PIXELS.get(source, 3072)
        shape = (pixels, first.configuration.n, first.configuration.L, first.dtype)
        if left and shape not in steps:
            steps[shape] = seconds_per_step(*shape)
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
    return f"{facts['profile']}, {epochs}{len(facts['seeds'])} seeds, {literal(str(facts['dataset']))}"


def _images(source: str) -> "Images | None":
    """The images that are at hand, None where they would have to be downloaded."""
    if _download(source) or find_spec("torch") is None:
        return None
    from isoaux.training import data

    return data.load(source)


def _download(source: str) -> str:
    if source not in DOWNLOADS:
        return ""
    folder, names, size = DOWNLOADS[source]
    place = paths.downloads() / folder
    return "" if all((place / name).is_file() for name in names) else f"{source}, {size}"


def _state(network: Network, images: "Images | None") -> "tuple[State, int]":
    """How far a network of the store is, and the epochs that would be trained; a failed one is not tried again."""
    if images is None:
        return "absent", network.recipe.epochs
    from isoaux.training import store

    entry = store.Entry(network, images.checksum)
    state = entry.state()
    return state, 0 if state == "failed" else network.recipe.epochs - entry.epochs_done()


def seconds_per_step(d: int, n: int, depth: int, dtype: str) -> float | None:
    """Seconds that one training step of one network takes on one core of this machine, measured now."""
    if find_spec("torch") is None:
        return None
    import torch

    from isoaux.training import autoencoder, engine, threads

    with threads.limited():
        parameters = autoencoder.initial(d, n, depth, torch.Generator().manual_seed(0))
        stack = engine.stack([parameters], ["tanh"], [0], learning_rate=0.08, momentum=0.9, dtype=getattr(torch, dtype))
        pixels = torch.randint(0, 256, (240, d), dtype=torch.uint8)
        scale = torch.tensor(1 / 255, dtype=getattr(torch, dtype))
        order = torch.arange(240)[None]
        stack.epoch(pixels, scale, None, order, 24)
        started = time.perf_counter()
        for _ in range(4):
            stack.epoch(pixels, scale, None, order, 24)
        return (time.perf_counter() - started) / 40


def _about(epochs: int, samples: int, network: Network, step: float | None) -> str:
    if step is None:
        return "torch is not installed"
    minutes = epochs * -(-samples // network.recipe.batch_size) * step / cores.allowed() / 60
    time = f"{max(minutes, 0.1):.1f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
    return f"{time} on {cores.words()}"
