"""How far the store is with the figures of a plan, and how fast this machine trains; needs torch."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from isoaux.commands import plan, rates
from isoaux.commands.plan import Part
from isoaux.commands.standing import Left
from isoaux.paper import Network
from isoaux.studies import registry
from isoaux.training import autoencoder, data, engine, store, threads
from isoaux.training.data import Images
from isoaux.training.store import Entry


def images(source: str) -> Images:
    """The images of a source."""
    return data.load(source)


def torch_words() -> str:
    """The version of torch and the name of its CUDA device."""
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no CUDA device"
    return f"{torch.__version__}, {gpu}"


class Clock:
    """Seconds that one process of this machine needs, by what the store below ``root`` has of it.

    Where it has no training on some images, a few steps are timed; the time of a measurement that was never made on
    them is unknown.
    """

    def __init__(self, root: Path) -> None:
        self.rates = rates.measured_here(root)
        self._timed: dict[tuple[int, int, int, str], float] = {}
        self._unknown = False

    def training(self, network: Network, epochs: int, samples: int, pixels: int, checksum: str = "") -> float:
        """Seconds of some epochs of a network on so many images of so many pixels; ``checksum`` is theirs, if known."""
        each = self.rates.epoch(network, checksum)
        if each is None:
            c = network.configuration
            shape = (pixels, c.n, c.L, network.dtype)
            if shape not in self._timed:
                self._timed[shape] = seconds_per_step(*shape)
            each = self._timed[shape] * -(-samples // network.recipe.batch_size)
        return epochs * each

    def measuring(self, network: Network, name: str, checksum: str = "") -> float:
        """Seconds of a measurement of a network; 0 where that is unknown."""
        seconds = self.rates.measuring(network, checksum, name)
        self._unknown |= seconds is None
        return seconds or 0.0

    @property
    def words(self) -> str:
        """Where the times are from, in a sentence."""
        words = f"Time left: by {self.rates.words} of this processor in the store"
        words += "; other trainings by a few steps that were timed now" * bool(self._timed)
        return f"{words}{'; without measurements that were never made here' * self._unknown}."


def all_left(part: Part, samples: int, pixels: int, clock: Clock) -> list[Left]:
    """What is left for the networks of a part of a plan whose images are not at hand: everything."""
    return [
        Left(
            network,
            network.recipe.epochs,
            clock.training(network, network.recipe.epochs, samples, pixels),
            {name: clock.measuring(network, name) for name in registry.of(part.figure).measurements},
        )
        for network in part.networks
    ]


SHARED = ("record", "errors", "representations")
"""Measurements that all figures of a network have in common."""


def left(part: Part, images: Images, folder: Path, clock: Clock) -> tuple[list[Left], bool]:
    """What is left for each network of a part of a plan, and whether some of its files in ``folder`` are not current.

    Nothing is left for a network whose files are.
    """
    checksum, each = images.checksum, []
    figure = not part.figure.has_file or plan.has_figure(part, checksum, folder)
    everything = figure
    for networks in part.by_configuration.values():
        record = not part.figure.has_records or plan.has_record(part, networks, checksum, folder)
        everything &= record
        each += [_left(part, network, images, clock, figure and record) for network in networks]
    return each, not everything


def _left(part: Part, network: Network, images: Images, clock: Clock, published: bool) -> Left:
    entry = Entry(network, images.checksum)
    state = entry.state()
    if state == "failed" or published:
        return Left(network, failed=state == "failed")
    there = {name for name, facts in rates.measurements_of(entry.folder) if _is_asked(part, facts)}
    names = [name for name in registry.of(part.figure).measurements if name not in there or state != "complete"]
    needs = {
        name if name in SHARED else f"{name} {part.figure.name}": clock.measuring(network, name, images.checksum)
        for name in names
    }
    epochs = network.recipe.epochs - entry.epochs_done()
    seconds = clock.training(network, epochs, len(images.train), images.d, images.checksum) if epochs else 0.0
    return Left(network, epochs, seconds, needs, runs=bool(epochs or needs) and store.is_held(entry))


def _is_asked(part: Part, facts: Mapping[str, Any]) -> bool:
    """Whether a measurement was made as the part asks for it."""
    size, settings = part.settings.size, part.settings
    asked = {
        "epsilon": settings.epsilon_for(part.figure),
        "basis": settings.basis,
        "variant": settings.variant,
        "draws": size.draws,
        "layer": part.figure.layer,
    }
    return all(facts.get(name) in (None, value) for name, value in asked.items())


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
