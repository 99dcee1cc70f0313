"""How far the store is with some networks, and how fast this machine trains; needs torch."""

import time
from collections.abc import Sequence

import torch

from isoaux.paper import Network
from isoaux.training import autoencoder, data, engine, store, threads
from isoaux.training.data import Images
from isoaux.training.store import State


def images(source: str) -> Images:
    """The images of a source."""
    return data.load(source)


def torch_words() -> str:
    """The version of torch and the name of its CUDA device."""
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no CUDA device"
    return f"{torch.__version__}, {gpu}"


def progress(networks: Sequence[Network], images: Images) -> tuple[list[State], int]:
    """The state of each network in the store, and the epochs that would be trained of all of them.

    A network that failed is not trained again.
    """
    entries = [store.Entry(network, images.checksum) for network in networks]
    states = [entry.state() for entry in entries]
    left = (
        entry.network.recipe.epochs - entry.epochs_done()
        for entry, state in zip(entries, states, strict=True)
        if state != "failed"
    )
    return states, sum(left)


def seconds_per_step(d: int, n: int, depth: int, dtype: str) -> float:
    """Seconds that one training step of one network takes on one core of this machine, measured now.

    The network has ``d`` pixels, ``n`` neurons and ``depth`` hidden blocks; ``dtype`` is its arithmetic.
    """
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
