"""The catalogue of figures and their networks, ``figures.yaml``."""

from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from isoaux.common.choices import choose
from isoaux.common.numbers import listed_range
from isoaux.paper.names import DATASET_TITLES, PIXELS, TITLES
from isoaux.paper.networks import Configuration, Network, Recipe
from isoaux.paper.profiles import Profile
from isoaux.ppp import EPSILON

NAME = r"fig(?:\d\d|[XS]\d+)"
"""Names of figures as a regular expression: ``fig01`` of the paper, ``figX1`` of ours."""


@dataclass(frozen=True)
class Figure:
    """One figure of the paper, or of ours, in the catalogue."""

    number: int | str
    """1 to 37 as in the paper; S1, S2, ... as in that on the Spotlight Resonance Method; X1, X2, ... are ours."""
    section: str
    study: str
    """The folder of :mod:`isoaux.studies` that makes it."""
    entry: dict[str, Any]
    """What ``figures.yaml`` holds of it."""

    @property
    def name(self) -> str:
        """The name of its files and its command: ``fig01``, ``figX1``."""
        return f"fig{str(self.number).zfill(2)}"

    @property
    def configurations(self) -> tuple[Configuration, ...]:
        """The configurations of the networks that it shows, top rows first."""
        return tuple(Configuration.parse(name) for name in self.entry["networks"])

    @property
    def has_file(self) -> bool:
        """Whether it has a figure file; else it is drawn from network records alone."""
        return bool(self.entry.get("file", True))

    @property
    def has_planes(self) -> bool:
        """Whether it shows the privileged planes of trained networks, a panel per network and checkpoint."""
        return self.study == "planes"

    @property
    def has_records(self) -> bool:
        """Whether the network records of its configurations are published with it."""
        return self.has_planes or (bool(self.configurations) and not self.has_file)

    @property
    def layer(self) -> int:
        """The latent layer k that it shows; 0 if it shows none."""
        return int(self.entry["k"]) if self.has_file else 0

    @property
    def depth(self) -> int:
        """The number of hidden blocks L of its first configuration."""
        return self.configurations[0].L

    @property
    def training(self) -> dict[str, Any]:
        """How its networks are trained where that is not as in App. E.

        ``epochs`` and ``checkpoints``, ``seeds``, ``dtype``, ``stand_in``, the images that replace its own in smaller
        profiles, and what its networks are there: those named ``small``, or in ``smoke`` its own with other widths.
        """
        return dict(self.entry.get("training", {}))

    @property
    def dtype(self) -> str:
        """The dtype in which its networks are trained where it is not that of the profile; else empty."""
        return str(self.training.get("dtype", ""))

    def recipe(self, profile: Profile) -> Recipe:
        """How its networks are trained in a profile: as their paper has it, or no longer than the profile's.

        Networks of a kind with a recipe of its own go by that (:meth:`isoaux.paper.Configuration.recipe`).
        """
        full = Recipe(
            epochs=self.training.get("epochs", Recipe.epochs),
            checkpoints=tuple(self.training.get("checkpoints", Recipe.checkpoints)),
        )
        return full if profile.full else full.shortened(min(full.epochs, profile.recipe.epochs))

    def epochs(self, profile: Profile) -> int:
        """The epochs that its networks are trained for in a profile."""
        return self.configurations[0].recipe(self.recipe(profile)).epochs

    def seeds(self, profile: Profile) -> tuple[int, ...]:
        """The seeds of its networks in a profile."""
        return tuple(self.training.get("seeds", profile.seeds))[: len(profile.seeds)]

    def stand_in(self, profile: Profile) -> str | None:
        """The source of images that replaces its own in a profile; None for none."""
        return None if profile.full else self.training.get("stand_in", profile.dataset)

    def in_profile(self, profile: Profile) -> "Figure":
        """The same figure of the networks that a profile has in place of its own, if any."""
        small, widths = self.training.get("small"), self.training.get("smoke")
        if small and not profile.full:
            return replace(self, entry=self.entry | {"networks": small})
        if widths and profile.name == "smoke":
            names = [configuration.resized(widths).id for configuration in self.configurations]
            return replace(self, entry=self.entry | {"networks": names})
        return self

    def at_depth(self, depth: int) -> "Figure":
        """The same figure of networks with ``depth`` hidden blocks.

        Raises ValueError if these lack its layer, and for a figure that compares several depths.
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
        """The threshold epsilon of PPP; the usual one if it shows no privileged planes."""
        return float(self.entry["epsilon"]) if self.has_file else EPSILON

    @property
    def brightness(self) -> float:
        """The factor by which it is brighter than by the rule for colour limits (erratum E44)."""
        return float(self.entry.get("brightness", 1))

    @property
    def setting(self) -> str:
        """Its activations, sizes, data set and pixels, and an unusual threshold or variant, in one line."""
        entry, activations = self.entry, self.entry["activations"]
        pair = [name for name in (activations["top_rows"], activations["bottom_rows"]) if not name.startswith("none")]
        parts = [
            " against ".join(TITLES.get(name, name) for name in pair),
            f"{self.size}, k = {entry['k']}",
            f"{self.data}",
        ]
        if entry["epsilon"] != EPSILON:
            parts.append(f"ε = {entry['epsilon']}")
        if str(entry["variant"]).startswith("permutation"):
            parts.append("ordered pairs")
        return "; ".join(parts)

    @property
    def size(self) -> str:
        """Its widths n and depths L, for example ``n = 18, L = 0–3``."""
        return f"n = {listed_range(self.entry['n'])}, L = {listed_range(self.entry['L'])}"

    @property
    def data(self) -> str:
        """Its data set and pixels, for example ``CIFAR-10, raw pixels``."""
        name = DATASET_TITLES["mnist" if "MNIST" in self.entry["dataset"] else "cifar"]
        normalised = self.entry["normalised"]
        return f"{name}, {' and '.join(PIXELS.values()) if normalised == 'both' else PIXELS[normalised]} pixels"


def catalogue() -> dict[str, Any]:
    """The content of ``figures.yaml``, a copy that may be changed."""
    return deepcopy(_catalogue())


@cache
def _catalogue() -> dict[str, Any]:
    return yaml.load(files("isoaux.paper").joinpath("figures.yaml").read_text("utf-8"), yaml.CSafeLoader)


def figures() -> dict[str, Figure]:
    """All figures by name, a copy.

    The paper's, ``fig01`` to ``fig37``, ours, from ``figX1`` on, and those of the Spotlight Resonance Method, ``figS1``
    and so on.
    """
    return deepcopy(_figures())


@cache
def _figures() -> dict[str, Figure]:
    kinds = ("paper1_figures", "own_figures", "srm_figures", "srm_own_figures")
    entries = [entry for kind in kinds for entry in _catalogue()[kind]]
    listed = [Figure(entry["id"], entry["section"], entry["study"], entry) for entry in entries]
    return {figure.name: figure for figure in listed}


def figure(name: str) -> Figure:
    """The figure of a name such as ``fig01``. Raises ValueError for an unknown name."""
    return deepcopy(choose("figure", name, _figures()))


def configurations() -> tuple[Configuration, ...]:
    """The 82 configurations that the paper's figures need, each once, in the catalogue's order."""
    return tuple(Configuration.parse(entry["id"]) for entry in _catalogue()["paper1_networks"])


def networks(figure: Figure, recipe: Recipe, seeds: tuple[int, ...], dtype: str) -> tuple[Network, ...]:
    """The networks of a figure: each of its configurations with each of the seeds, trained by a recipe in a dtype.

    Configurations that have a recipe of their own are trained by that, no longer than ``recipe`` says.
    """
    return tuple(Network(c, seed, c.recipe(recipe), dtype) for c in figure.configurations for seed in seeds)
