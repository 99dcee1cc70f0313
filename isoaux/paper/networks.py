"""The networks of the paper: configurations, the recipe of their training, and single networks."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from itertools import groupby
from typing import Any, ClassVar

from isoaux.paper.names import (
    CLASSIFIER_TITLES,
    DATASETS,
    GROUPS,
    OF_BASIS,
    PIXELS,
    START_TITLES,
    SYMMETRIC,
    TITLES,
    TITLES_ON_BASES,
)

CHECKPOINTS = (0, 1, 2, 4, 6, 8, 13, 18, 24, 30, 40, 50, 60, 75, 90, 105, 125)
"""The epochs after which a network is measured: the running sums of App. E's increments."""


LATER = slice(5, None)
"""The fields of a configuration that content keys hold only where they are not at their defaults."""


def layer_widths(n: int, depth: int, hidden: tuple[int, ...] = ()) -> tuple[int, ...]:
    """The widths of an autoencoder's layers between input and output: ``depth`` + 1 times n amid ``hidden`` ones."""
    return (*hidden, *(n,) * (depth + 1), *reversed(hidden))


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
    symmetric: bool = False
    """Whether pixels are rescaled to [-1, 1], as in the paper on the Spotlight Resonance Method."""
    hidden: tuple[int, ...] = ()
    """Widths of further layers between input and the first latent layer, mirrored behind the last one."""
    vectors: int = 0
    """The number m of vectors of the latent layers' basis, for an activation that has one; else 0."""

    @property
    def id(self) -> str:
        """The name in the catalogue, for example ``cifar-U-tanh-n18-L0`` (U raw pixels, N standardised, S symmetric).

        What is unusual is appended: the number of vectors, hidden widths and a map that is not affine, as in
        ``mnist-S-gentanh-n10-L0-m40-h64`` or ``cifar-N-tanh-n18-L0-correction``.
        """
        vectors = f"-m{self.vectors}" if self.vectors else ""
        return f"{self._images}-{self.activation}-n{self.n}-L{self.L}{vectors}{self._end}"

    @property
    def _images(self) -> str:
        return f"{self.dataset}-{'S' if self.symmetric else 'N' if self.normalised else 'U'}"

    @property
    def _end(self) -> str:
        hidden = f"-h{'x'.join(map(str, self.hidden))}" if self.hidden else ""
        return f"{hidden}{'' if self.map == 'affine' else f'-{self.map}'}"

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths of all layers between input and output; latent layer k = 0..L is at ``len(hidden) + k``."""
        return layer_widths(self.n, self.L, self.hidden)

    @property
    def vectors_by_layer(self) -> tuple[int, ...]:
        """The numbers of vectors of the bases of all activations, in the order of ``widths``; empty without bases.

        Hidden layers have a basis of the latent layers' kind: a simplex, or as many vectors in proportion. Raises
        ValueError where that is no whole number.
        """
        simplex = self.vectors == self.n + 1
        counts = [width + 1 if simplex else self.vectors * width / self.n for width in self.widths]
        if any(count != int(count) for count in counts):
            raise ValueError(
                f"vectors is {self.vectors} with n = {self.n} and hidden widths {self.hidden}; accepted: n + 1, or a "
                "number in whole proportion to every width."
            )
        return tuple(map(int, counts)) if self.vectors else ()

    def resized(self, sizes: Mapping[int, int]) -> "Configuration":
        """The same with the widths replaced that are keys of ``sizes``, and as many vectors in proportion."""
        n = sizes.get(self.n, self.n)
        simplex = self.vectors == self.n + 1
        vectors = n + 1 if simplex else self.vectors * n // self.n
        return replace(self, n=n, hidden=tuple(sizes.get(h, h) for h in self.hidden), vectors=vectors)

    def recipe(self, profile: "Recipe") -> "Recipe":
        """The recipe by which its networks are trained in a profile that has this one."""
        return profile

    @property
    def matched(self) -> bool:
        """Whether its maps keep the constant of the affine one (:mod:`isoaux.training.maps`)."""
        return self.map.endswith("_matched")

    @property
    def shape(self) -> str:
        """The ``id`` without the activation, which networks that are trained in one step share: ``cifar-U-n18-L0``."""
        return f"{self._images}-n{self.n}-L{self.L}{self._end}"

    @property
    def pixels(self) -> str:
        """``raw``, ``standardised`` or ``symmetric``."""
        return SYMMETRIC if self.symmetric else PIXELS[self.normalised]

    @property
    def title(self) -> str:
        """Its activation and pixels, for example ``isotropic tanh, raw``, with the number of vectors of a basis."""
        vectors = f", {self.vectors} vectors" if self.vectors else ""
        return f"{(TITLES | TITLES_ON_BASES)[self.activation]}{vectors}, {self.pixels}"

    @property
    def group(self) -> str:
        """The symmetry group of its activation, a key of the colours of figures."""
        return GROUPS.get(self.activation, OF_BASIS)

    @classmethod
    def parse(cls, name: str) -> "Configuration":
        """The configuration of an :attr:`id`. Raises ValueError for what is none."""
        if name.startswith(f"{Classifier.PREFIX}-"):
            return Classifier.parse(name)
        match = re.fullmatch(r"(\w+)-([NUS])-(\w+)-n(\d+)-L(\d+)(?:-m(\d+))?(?:-h([\dx]+))?(?:-(\w+))?", name)
        if match is None:
            raise ValueError(f"configuration is {name!r}; accepted: a name like cifar-U-tanh-n18-L0.")
        dataset, pixels, activation, n, depth, vectors, hidden, map = match.groups()
        return cls(
            dataset,
            pixels == "N",
            activation,
            int(n),
            int(depth),
            map or "affine",
            pixels == "S",
            tuple(int(width) for width in (hidden or "").split("x") if width),
            int(vectors or 0),
        )


STARTS = tuple(START_TITLES)
"""How the parameters of classifiers are drawn before training."""


@dataclass(frozen=True, order=True)
class Classifier(Configuration):
    """A network that names the class of an image: L + 1 hidden layers of n neurons, and a logit for each class.

    ``start`` is ``xavier``, Xavier-normal weights and zero biases, or ``pytorch``, weights and biases uniform up to
    1/sqrt(inputs). It is trained on the cross entropy by the recipe :data:`CLASSIFIERS`.
    """

    start: str = STARTS[0]
    classes: int = 10

    PREFIX: ClassVar[str] = "poly"

    @property
    def id(self) -> str:
        """The name in the catalogue, for example ``poly-mnist-relu-w64-d3``, or ``poly-mnist-relu-w64-d3-pytorch``."""
        return f"{self.PREFIX}-{self.dataset}-{self.activation}-{self._end}"

    @property
    def shape(self) -> str:
        """The ``id`` without the activation: ``poly-mnist-w64-d3``."""
        return f"{self.PREFIX}-{self.dataset}-{self._end}"

    @property
    def _end(self) -> str:
        return f"w{self.n}-d{self.L + 1}" + (f"-{self.start}" if self.start != STARTS[0] else "")

    @property
    def title(self) -> str:
        """Its activation and start, for example ``ReLU, Xavier's start``."""
        return f"{CLASSIFIER_TITLES[self.activation]}, {START_TITLES[self.start]}"

    @classmethod
    def parse(cls, name: str) -> "Classifier":
        """The configuration of an :attr:`id`. Raises ValueError for what is none."""
        match = re.fullmatch(
            rf"{cls.PREFIX}-([a-z]+)-(\w+)-w([1-9]\d*)-d([1-9]\d*)(?:-({'|'.join(STARTS[1:])}))?", name
        )
        if match is None:
            raise ValueError(f"configuration is {name!r}; accepted: a name like poly-mnist-relu-w64-d3-pytorch.")
        dataset, activation, width, depth, start = match.groups()
        return cls(dataset, False, activation, int(width), int(depth) - 1, start=start or STARTS[0])

    def recipe(self, profile: "Recipe") -> "Recipe":
        """Its recipe, with the epochs that its data set takes, or those of ``profile`` where they are fewer."""
        if self.dataset not in DATASETS:  # small images
            return CLASSIFIERS.shortened(10)
        return CLASSIFIERS.shortened(min(30 if self.dataset == "cifar" else 10, profile.epochs))


@dataclass(frozen=True)
class Recipe:
    """How a network is trained, by momentum SGD on the mean squared error or the cross entropy (App. E)."""

    epochs: int = 125
    batch_size: int = 24
    learning_rate: float = 0.08
    momentum: float = 0.9
    checkpoints: tuple[int, ...] = CHECKPOINTS

    def shortened(self, epochs: int) -> "Recipe":
        """The same recipe with fewer ``epochs``, the last of which is a checkpoint."""
        kept = tuple(e for e in self.checkpoints if e < epochs)
        return replace(self, epochs=epochs, checkpoints=(*kept, epochs))


CLASSIFIERS = Recipe(30, 64, 0.05, 0.9, (0, 1, 10, 30))
"""The recipe of classifiers, of which those of MNIST are trained for 10 epochs."""


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
        for field in fields(Configuration)[LATER]:
            if facts[field.name] == field.default:  # the default stays out of content keys
                del facts[field.name]
        return facts


def by_shape(networks: tuple[Network, ...]) -> list[tuple[Network, ...]]:
    """The networks in groups that can be trained in one step: of one shape, recipe and dtype, on the same images."""

    def shape(network: Network) -> tuple[Any, ...]:
        return network.configuration.shape, network.dtype, str(network.recipe)

    return [tuple(group) for _, group in groupby(sorted(networks, key=shape), key=shape)]
