"""The paper as data: what was trained, how, and what each figure shows (spec. sections 6 to 8; App. E)."""

import re
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

import yaml

from isoaux.choices import choose

CHECKPOINTS = (0, 1, 2, 4, 6, 8, 13, 18, 24, 30, 40, 50, 60, 75, 90, 105, 125)
"""Epochs after which a network is looked at: the running sums of App. E's increments."""

DATASETS = {"cifar": "cifar10", "mnist": "mnist"}
"""From the catalogue's short names to the sources of :mod:`isoaux.data`."""

DATASET_TITLES = {"cifar": "CIFAR-10", "mnist": "MNIST"}
"""What the data sets are called, by the catalogue's short names."""

GROUPS = {
    "tanh": "B_n",
    "isotanh": "O(n)",
    "lrelu": "S_n",
    "isolrelu": "O(n)",
    "bnlrelu_elem": "B_n",
    "bnlrelu_max": "B_n",
    "dnlrelu": "D_n",
}
"""The symmetry group of every activation, for where torch is not installed."""

TITLES = {
    "tanh": "tanh",
    "isotanh": "isotropic tanh",
    "lrelu": "Leaky-ReLU",
    "isolrelu": "isotropic Leaky-ReLU",
    "bnlrelu_elem": "odd Leaky-ReLU",
    "bnlrelu_max": "max-norm Leaky-ReLU",
    "dnlrelu": "parity Leaky-ReLU",
}
"""What the activations are called in figures and tables."""

MAP_TITLES = {
    "affine": "affine",
    "normaliser": "normaliser-like",
    "correction": "affine correction",
    "rate": "rate correction",
    "normaliser_matched": "normaliser-like, matched",
    "correction_matched": "affine correction, matched",
    "rate_matched": "rate correction, matched",
}
"""What the maps of :mod:`isoaux.maps` are called in figures and tables."""

PIXELS = {False: "raw", True: "standardised"}
"""What the pixels are called, by ``Configuration.normalised``."""


@dataclass(frozen=True, order=True)
class Configuration:
    """What distinguishes one of the paper's trained autoencoders from another, the seed apart (App. E)."""

    dataset: str
    normalised: bool
    activation: str
    n: int
    L: int
    map: str = "affine"
    """What its layers are, one of :mod:`isoaux.maps`; the paper's are all affine."""

    @property
    def id(self) -> str:
        """The catalogue's name, for example ``cifar-U-tanh-n18-L0`` (U raw pixels, N standardised).

        Maps that are not affine are named behind it: ``cifar-N-tanh-n18-L0-correction``.
        """
        start, *rest = self.shape.split("-n", 1)
        return f"{start}-{self.activation}-n{rest[0]}"

    @property
    def matched(self) -> bool:
        """Whether its maps keep the constant of the affine one (:mod:`isoaux.maps`)."""
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


@dataclass(frozen=True)
class Profile:
    """How large a run is: the recipe, the seeds, the images and the arithmetic (design: ways to run)."""

    name: str
    recipe: Recipe
    seeds: tuple[int, ...]
    dataset: str | None
    """The images to use instead of the figure's own; None keeps the figure's."""
    draws: int
    """Random bases that each checkpoint is compared with."""
    final_draws: int
    """Random bases that the last checkpoint is compared with."""
    dtype: str = "float64"
    samples: int = 60_000
    """Samples of each panel of Appendix A."""
    columns: int = 8
    """Panels of Appendix A beside each other; a row has one seed."""


PROFILES = {
    "published": Profile("published", Recipe(), (0, 1, 2, 3, 4), None, 99, 999),
    "smoke": Profile("smoke", Recipe().shortened(2), (0, 1), "digits", 19, 99, samples=4000, columns=3),
    "quick": Profile("quick", Recipe().shortened(40), (0, 1, 2, 3, 4), "patches", 49, 199, samples=20_000),
    "paper": Profile("paper", Recipe(), (0, 1, 2, 3, 4), None, 99, 999),
}
"""The sizes in which every figure can be run; ``published`` draws what ``paper`` has left in the book."""


@dataclass(frozen=True)
class Figure:
    """One figure of the paper, or of ours beside it, as the catalogue has it."""

    number: int | str
    """1 to 37 as in the paper; X1, X2, ... are ours."""
    section: str
    kind: str
    entry: dict[str, Any]

    @property
    def name(self) -> str:
        """The name of its files and its command: ``fig01``, ``figX1``."""
        return f"fig{str(self.number).zfill(2)}"

    @property
    def configurations(self) -> tuple[Configuration, ...]:
        """The trained configurations it draws, top rows first."""
        return tuple(Configuration.parse(name) for name in self.entry["networks"])

    @property
    def has_file(self) -> bool:
        """Whether it has a figure file; error curves are drawn from the network records alone."""
        return self.kind != "reconstruction_curves"

    @property
    def layer(self) -> int:
        """The latent layer k that is drawn; 0 where none is."""
        return int(self.entry["k"]) if self.has_file else 0

    @property
    def depth(self) -> int:
        """The number of hidden blocks L."""
        return self.configurations[0].L

    def at_depth(self, depth: int) -> "Figure":
        """The same figure of networks with this many hidden blocks.

        Raises ValueError where they lack its layer, and for a figure that compares several depths.
        """
        if len({configuration.L for configuration in self.configurations}) > 1:
            raise ValueError(f"depth is {depth}, but {self.name} compares several depths; accepted: default.")
        if depth < self.layer:
            raise ValueError(
                f"depth is {depth}, but {self.name} shows latent layer {self.layer}; accepted: whole numbers "
                f"from {self.layer}."
            )
        names = [replace(configuration, L=depth).id for configuration in self.configurations]
        return replace(self, entry=self.entry | {"L": depth, "networks": names})

    @property
    def epsilon(self) -> float:
        """The angular threshold of the privileged planes; where none are drawn, the one of all other figures."""
        return float(self.entry["epsilon"]) if self.has_file else 0.75

    @property
    def brightness(self) -> float:
        """How many times brighter than by the rule for colour limits it is drawn (erratum E44)."""
        return float(self.entry.get("brightness", 1))

    @property
    def setting(self) -> str:
        """Its setting in one line."""
        entry = self.entry
        data = "MNIST" if "MNIST" in entry["dataset"] else "CIFAR-10"
        pixels = "standardised" if entry["normalised"] is True else "raw"
        acts = " / ".join(c.activation for c in self.configurations)
        return f"{data}, {pixels} pixels, {acts}, n = {entry['n']}, L = {entry['L']}, k = {entry['k']}"


def catalogue() -> dict[str, Any]:
    """The whole catalogue of figures and networks, as read from ``figures.yaml``; a copy that may be changed."""
    return deepcopy(_catalogue())


@cache
def _catalogue() -> dict[str, Any]:
    return yaml.load(files(__name__).joinpath("figures.yaml").read_text("utf-8"), yaml.CSafeLoader)


def figures() -> dict[str, Figure]:
    """Every figure by its name: the paper's, ``fig01`` to ``fig37``, then ours, ``figX1`` and on; a copy."""
    return deepcopy(_figures())


@cache
def _figures() -> dict[str, Figure]:
    entries = [*_catalogue()["paper1_figures"], *_catalogue()["own_figures"]]
    found = [Figure(e["id"], e["section"], e["kind"], e) for e in entries]
    return {figure.name: figure for figure in found}


def figure(name: str) -> Figure:
    """The figure that a name such as ``fig01`` stands for; an unknown name is a ValueError."""
    return deepcopy(choose("figure", name, _figures()))


def configurations() -> tuple[Configuration, ...]:
    """The 82 configurations that the paper's figures need, each once, in the catalogue's order."""
    return tuple(Configuration.parse(entry["id"]) for entry in _catalogue()["paper1_networks"])


def networks(figure: Figure, recipe: Recipe, seeds: tuple[int, ...], dtype: str) -> tuple[Network, ...]:
    """The networks behind a figure: every configuration with every seed."""
    return tuple(Network(c, seed, recipe, dtype) for c in figure.configurations for seed in seeds)


def by_shape(wanted: tuple[Network, ...]) -> list[tuple[Network, ...]]:
    """Networks in groups that can be trained in one step: same shape, images, recipe and arithmetic."""

    def shape(network: Network) -> tuple[Any, ...]:
        return network.configuration.shape, network.dtype, str(network.recipe)

    return [tuple(group) for _, group in groupby(sorted(wanted, key=shape), key=shape)]
