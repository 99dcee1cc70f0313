"""The networks of the paper: configurations, the recipe of their training, and single networks."""

import re
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any

from isoaux.paper.names import PIXELS, TITLES

CHECKPOINTS = (0, 1, 2, 4, 6, 8, 13, 18, 24, 30, 40, 50, 60, 75, 90, 105, 125)
"""The epochs after which a network is measured: the running sums of App. E's increments."""


@dataclass(frozen=True, order=True)
class Configuration:
    """What distinguishes the paper's autoencoders, except for the seed: data set, pixels, activation, n, L (App. E)."""

    dataset: str
    normalised: bool
    activation: str
    n: int
    L: int
    map: str = "affine"
    """Its layers, one of :mod:`isoaux.training.maps`; all networks of the paper have affine ones."""

    @property
    def id(self) -> str:
        """The name in the catalogue, for example ``cifar-U-tanh-n18-L0`` (U raw pixels, N standardised).

        A map that is not affine is appended: ``cifar-N-tanh-n18-L0-correction``.
        """
        start, *rest = self.shape.split("-n", 1)
        return f"{start}-{self.activation}-n{rest[0]}"

    @property
    def matched(self) -> bool:
        """Whether its maps keep the constant of the affine one (:mod:`isoaux.training.maps`)."""
        return self.map.endswith("_matched")

    @property
    def shape(self) -> str:
        """The ``id`` without the activation, which networks that are trained in one step share: ``cifar-U-n18-L0``."""
        end = "" if self.map == "affine" else f"-{self.map}"
        return f"{self.dataset}-{'N' if self.normalised else 'U'}-n{self.n}-L{self.L}{end}"

    @property
    def pixels(self) -> str:
        """``raw`` or ``standardised``."""
        return PIXELS[self.normalised]

    @property
    def title(self) -> str:
        """Its activation and pixels, for example ``isotropic tanh, raw``."""
        return f"{TITLES[self.activation]}, {self.pixels}"

    @classmethod
    def parse(cls, name: str) -> "Configuration":
        """The configuration of an :attr:`id`. Raises ValueError for what is none."""
        match = re.fullmatch(r"(\w+)-([NU])-(\w+)-n(\d+)-L(\d+)(?:-(\w+))?", name)
        if match is None:
            raise ValueError(f"configuration is {name!r}; accepted: a name like cifar-U-tanh-n18-L0.")
        dataset, normalised, activation, n, depth, map = match.groups("affine")
        return cls(dataset, normalised == "N", activation, int(n), int(depth), map)


@dataclass(frozen=True)
class Recipe:
    """How a network is trained, by momentum SGD on the mean squared error (App. E)."""

    epochs: int = 125
    batch_size: int = 24
    learning_rate: float = 0.08
    momentum: float = 0.9
    checkpoints: tuple[int, ...] = CHECKPOINTS

    def shortened(self, epochs: int) -> "Recipe":
        """The same recipe with fewer ``epochs``, the last of which is a checkpoint."""
        kept = tuple(e for e in self.checkpoints if e < epochs)
        return replace(self, epochs=epochs, checkpoints=(*kept, epochs))


@dataclass(frozen=True)
class Network:
    """One network: its configuration, its seed, its recipe and the dtype of its training."""

    configuration: Configuration
    seed: int
    recipe: Recipe = Recipe()
    dtype: str = "float64"

    @property
    def id(self) -> str:
        """Its name, for example ``cifar-U-tanh-n18-L0 seed 3``."""
        return f"{self.configuration.id} seed {self.seed}"

    def facts(self) -> dict[str, Any]:
        """Everything that determines the trained parameters, except for the images and the engine, as plain data."""
        facts = asdict(self.configuration) | {"seed": self.seed, "dtype": self.dtype} | asdict(self.recipe)
        del facts["dataset"]
        if facts["map"] == "affine":  # the default stays out of content keys
            del facts["map"]
        return facts


def by_shape(networks: tuple[Network, ...]) -> list[tuple[Network, ...]]:
    """The networks in groups that can be trained in one step: of one shape, recipe and dtype, on the same images."""

    def shape(network: Network) -> tuple[Any, ...]:
        return network.configuration.shape, network.dtype, str(network.recipe)

    return [tuple(group) for _, group in groupby(sorted(networks, key=shape), key=shape)]
