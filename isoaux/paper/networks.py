"""The trained networks of the study: what tells them apart and how they are trained."""

import re
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any

from isoaux.paper.names import PIXELS, TITLES

CHECKPOINTS = (0, 1, 2, 4, 6, 8, 13, 18, 24, 30, 40, 50, 60, 75, 90, 105, 125)
"""Epochs after which a network is looked at: the running sums of App. E's increments."""


@dataclass(frozen=True, order=True)
class Configuration:
    """What distinguishes one of the paper's trained autoencoders from another, the seed apart (App. E)."""

    dataset: str
    normalised: bool
    activation: str
    n: int
    L: int
    map: str = "affine"
    """What its layers are, one of :mod:`isoaux.training.maps`; the paper's are all affine."""

    @property
    def id(self) -> str:
        """The catalogue's name, for example ``cifar-U-tanh-n18-L0`` (U raw pixels, N standardised).

        Maps that are not affine are named behind it: ``cifar-N-tanh-n18-L0-correction``.
        """
        start, *rest = self.shape.split("-n", 1)
        return f"{start}-{self.activation}-n{rest[0]}"

    @property
    def matched(self) -> bool:
        """Whether its maps keep the constant of the affine one (:mod:`isoaux.training.maps`)."""
        return self.map.endswith("_matched")

    @property
    def shape(self) -> str:
        """What networks trained in one step share, for example ``cifar-U-n18-L0``: the ``id`` less the activation."""
        end = "" if self.map == "affine" else f"-{self.map}"
        return f"{self.dataset}-{'N' if self.normalised else 'U'}-n{self.n}-L{self.L}{end}"

    @property
    def pixels(self) -> str:
        """``raw`` or ``standardised``."""
        return PIXELS[self.normalised]

    @property
    def title(self) -> str:
        """Its activation and its pixels in words, for example ``isotropic tanh, raw``."""
        return f"{TITLES[self.activation]}, {self.pixels}"

    @classmethod
    def parse(cls, name: str) -> "Configuration":
        """The configuration that an ``id`` names."""
        match = re.fullmatch(r"(\w+)-([NU])-(\w+)-n(\d+)-L(\d+)(?:-(\w+))?", name)
        if match is None:
            raise ValueError(f"configuration is {name!r}; accepted: a name like cifar-U-tanh-n18-L0.")
        dataset, normalised, activation, n, depth, map = match.groups("affine")
        return cls(dataset, normalised == "N", activation, int(n), int(depth), map)


@dataclass(frozen=True)
class Recipe:
    """How a network is trained: momentum SGD on the mean squared error (App. E)."""

    epochs: int = 125
    batch_size: int = 24
    learning_rate: float = 0.08
    momentum: float = 0.9
    checkpoints: tuple[int, ...] = CHECKPOINTS

    def shortened(self, epochs: int) -> "Recipe":
        """The same recipe, stopped after fewer epochs."""
        kept = tuple(e for e in self.checkpoints if e < epochs)
        return replace(self, epochs=epochs, checkpoints=(*kept, epochs))


@dataclass(frozen=True)
class Network:
    """One network to train: a configuration, a seed, the recipe and the arithmetic."""

    configuration: Configuration
    seed: int
    recipe: Recipe = Recipe()
    dtype: str = "float64"

    @property
    def id(self) -> str:
        """A readable name, for example ``cifar-U-tanh-n18-L0 seed 3``."""
        return f"{self.configuration.id} seed {self.seed}"

    def facts(self) -> dict[str, Any]:
        """Everything that decides the trained parameters but the images and the engine."""
        facts = asdict(self.configuration) | {"seed": self.seed, "dtype": self.dtype} | asdict(self.recipe)
        del facts["dataset"]
        if facts["map"] == "affine":  # was not a choice before there were others, and stays out of their keys
            del facts["map"]
        return facts


def by_shape(wanted: tuple[Network, ...]) -> list[tuple[Network, ...]]:
    """Networks in groups that can be trained in one step: same shape, images, recipe and arithmetic."""

    def shape(network: Network) -> tuple[Any, ...]:
        return network.configuration.shape, network.dtype, str(network.recipe)

    return [tuple(group) for _, group in groupby(sorted(wanted, key=shape), key=shape)]
