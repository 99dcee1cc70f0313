"""What is published, what is cached, what would run and for about how long; nothing is computed or downloaded."""

import os
import platform
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from isoaux import cache, paths, published
from isoaux.paper import Figure, Network
from isoaux.report import Table
from isoaux.settings import Settings

SAMPLES = {"cifar10": 50_000, "mnist": 60_000, "patches": 12_000, "digits": 1_498}
PIXELS = {"cifar10": 3072, "mnist": 784, "patches": 3072, "digits": 64}
DOWNLOADS = {"cifar10": ("cifar-10-batches-py", "170 MB"), "mnist": ("MNIST/raw", "12 MB")}


def machine() -> str:
    """What this machine can do, in a few lines."""
    lines = [
        f"machine: {platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    ]
    if find_spec("torch") is None:
        lines.append("torch: not installed; published figures can be drawn, nothing can be trained (extra `train`)")
    else:
        import torch

        gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no CUDA device"
        lines.append(f"torch: {torch.__version__}, {gpu}")
    lines.append(f"store: {cache.root()}")
    return "\n".join(lines)


def table(wanted: Sequence[Figure], settings: Settings) -> Table:
    """One row a figure: published, cached, what would run, for about how long, what would be downloaded."""
    head = ("figure", "published", f"cached ({settings.profile})", "would train", "about", "would download")
    if settings.profile == "published":
        return Table(head[:2], tuple((figure.name, _published(figure)) for figure in wanted))
    sources = {settings.dataset_for(figure) for figure in wanted}
    checksums = {source: _checksum(source) for source in sources}
    steps: dict[tuple[int, int, int, str], float | None] = {}
    rows = []
    for figure in wanted:
        source = settings.dataset_for(figure)
        members = settings.networks_for(figure)
        done = [_done(network, checksums[source]) for network in members]
        left = sum(network.recipe.epochs - epochs for network, epochs in zip(members, done, strict=True))
        ready = sum(epochs == network.recipe.epochs for network, epochs in zip(members, done, strict=True))
        first = members[0]
        shape = (PIXELS.get(source, 3072), first.configuration.n, first.configuration.L, first.dtype)
        if left and shape not in steps:
            steps[shape] = seconds_per_step(*shape)
        rows.append(
            (
                figure.name,
                _published(figure),
                f"{ready} of {len(members)} networks",
                f"{left} epochs" if left else "nothing",
                _about(left, source, first, steps.get(shape)) if left else "",
                _download(source),
            )
        )
    return Table(head, tuple(rows))


def _published(figure: Figure) -> str:
    try:
        facts = published.read(paths.data() / figure.name).facts
    except FileNotFoundError:
        return "nothing yet"
    return f"{facts['profile']}, {facts['epochs']} epochs, {len(facts['seeds'])} seeds, {facts['dataset']}"


def _checksum(source: str) -> str | None:
    """The checksum of images that are at hand, None where they would have to be downloaded."""
    if _download(source) or find_spec("torch") is None:
        return None
    from isoaux import data

    return data.load(source).checksum


def _download(source: str) -> str:
    if source not in DOWNLOADS:
        return ""
    folder, size = DOWNLOADS[source]
    place = Path(os.environ.get("ISOAUX_DATA") or cache.root() / "downloads")
    return "" if (place / folder).is_dir() else f"{source}, {size}"


def _done(network: Network, checksum: str | None) -> int:
    if checksum is None:
        return 0
    from isoaux import store

    return store.Entry(network, checksum).epochs_done()


def seconds_per_step(d: int, n: int, depth: int, dtype: str) -> float | None:
    """Seconds that one training step of one network takes on one core of this machine, measured now."""
    if find_spec("torch") is None:
        return None
    import torch

    from isoaux import engine, training

    with training.one_thread():
        parameters = engine.initial(d, n, depth, torch.Generator().manual_seed(0))
        stack = engine.Stack([parameters], ["tanh"], [0], learning_rate=0.08, momentum=0.9, dtype=getattr(torch, dtype))
        pixels = torch.randint(0, 256, (240, d), dtype=torch.uint8)
        scale = torch.tensor(1 / 255, dtype=getattr(torch, dtype))
        order = torch.arange(240)[None]
        stack.epoch(pixels, scale, None, order, 24)
        started = time.perf_counter()
        for _ in range(4):
            stack.epoch(pixels, scale, None, order, 24)
        return (time.perf_counter() - started) / 40


def _about(epochs: int, source: str, network: Network, step: float | None) -> str:
    if step is None:
        return "torch is not installed"
    batches = -(-SAMPLES.get(source, 50_000) // network.recipe.batch_size)
    minutes = epochs * batches * step / (os.cpu_count() or 1) / 60
    return (
        f"{max(minutes, 0.1):.1f} min on {os.cpu_count()} cores"
        if minutes < 90
        else f"{minutes / 60:.1f} h on {os.cpu_count()} cores"
    )
