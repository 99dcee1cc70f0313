"""The small classifiers of scikit-learn's digits that the guide measures.

64 pixels, two hidden layers of 32 neurons, ten classes. Normal weights and zero biases do not change their law when a
hidden space is rotated, and neither does a step of gradient descent with momentum; so with an isotropic activation
nothing distinguishes the neurons of a hidden layer from any other orthonormal basis, after any number of steps.
PyTorch's own initialisation, uniform for every weight, and Adam, which rescales the step of every weight, do not have
this symmetry.

Networks are trained in float64, so that what the guide prints of them is the same on every processor.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from torch import Tensor, nn

from isoaux import statistics
from isoaux.activations import IsotropicTanh
from isoaux.common import arrays
from isoaux.common.choices import choose
from isoaux.statistics import RECORDED
from isoaux.statistics.preparation import PREPARATIONS
from isoaux.studies.guide.data import EPOCHS, NETWORKS, Layer
from isoaux.training import threads

Floats = NDArray[np.float32]

PIXELS, NEURONS, CLASSES = 64, 32, 10
BATCH = 32

DRAWS = 149
"""Random bases per report: enough for an adjusted p of 0.04 of three statistics."""

ACTIVATIONS: Mapping[str, Callable[[], nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh, "isotanh": IsotropicTanh}
"""What may follow the hidden affine maps, by name."""

OPTIMISERS: Mapping[str, Callable[[Any], torch.optim.Optimizer]] = {
    "sgd": lambda parameters: torch.optim.SGD(parameters, lr=0.05, momentum=0.9),
    "adam": lambda parameters: torch.optim.Adam(parameters, lr=0.003),
}
"""How a network is trained, by name."""

PLACES = {"1": "first", "2": "second, before", "3": "second"}
"""Where activations are read, by the names of the model's parts."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained classifier: the ``model``, and its accuracy on the 360 digits held back."""

    model: nn.Sequential
    accuracy: float

    def hidden(self) -> dict[str, Floats]:
        """Activations (1797, 32) of all digits, by their place in the network (:data:`PLACES`)."""
        activations: dict[str, Floats] = {}
        out = digits()[0]
        with torch.no_grad():
            for name, part in self.model.named_children():
                out = part(out)
                if name in PLACES:
                    activations[PLACES[name]] = out.float().numpy()
        return activations


def digits() -> tuple[Tensor, Tensor, Tensor]:
    """Pixels (1797, 64) from 0 to 1, classes, and which digits are trained on (1437, drawn once); a copy."""
    pixels, classes, trained_on = _digits()
    return pixels.clone(), classes.clone(), trained_on.clone()


@cache
def _digits() -> tuple[Tensor, Tensor, Tensor]:
    pixels, classes = load_digits(return_X_y=True)
    trained_on = np.random.default_rng(0).permutation(len(pixels)) >= len(pixels) // 5 + 1
    return torch.from_numpy(pixels / 16), torch.from_numpy(classes), torch.from_numpy(trained_on)


def initial(activation: str, generator: torch.Generator) -> nn.Sequential:
    """A network with normal weights (Xavier) and zero biases. Raises ValueError for an unknown activation."""
    function = choose("activation", activation, ACTIVATIONS)
    maps = [nn.Linear(*pair, dtype=torch.float64) for pair in pairwise((PIXELS, NEURONS, NEURONS, CLASSES))]
    for layer in maps:
        nn.init.xavier_normal_(layer.weight, generator=generator)
        nn.init.zeros_(layer.bias)
    return nn.Sequential(maps[0], function(), maps[1], function(), maps[2])


@threads.limited()
def train(model: nn.Sequential, generator: torch.Generator, optimiser: str = "sgd", epochs: int = EPOCHS) -> Trained:
    """The ``model`` itself, trained in place with cross entropy, and its accuracy.

    The generator draws the order of the samples in every epoch. Raises ValueError for an unknown optimiser.
    """
    steps = choose("optimiser", optimiser, OPTIMISERS)(model.parameters())
    images, classes, trained_on = digits()
    x, y = images[trained_on], classes[trained_on]
    for _ in range(epochs):
        for batch in torch.randperm(len(x), generator=generator).split(BATCH):
            steps.zero_grad()
            nn.functional.cross_entropy(model(x[batch]), y[batch]).backward()
            steps.step()
    with torch.no_grad():
        right = (model(images[~trained_on]).argmax(1) == classes[~trained_on]).double().mean()
    return Trained(model, float(right))


def trained(activation: str, seed: int = 0, optimiser: str = "sgd") -> Trained:
    """A classifier trained from a seed, in a second or two on one core.

    Networks of one seed start from the same weights and see the same order of samples. Raises ValueError for an unknown
    activation or optimiser, and for a seed that is no whole number.
    """
    generator = torch.Generator().manual_seed(arrays.whole(seed, "seed", 0))
    return train(initial(activation, generator), generator, optimiser)


def measured(seeds: Sequence[int]) -> list[Layer]:
    """Every layer of every kind of network, trained from these seeds and reported on with every preparation."""
    layers = []
    for activation, optimiser in NETWORKS:
        networks = {seed: trained(activation, seed, optimiser) for seed in seeds}
        hidden = {seed: network.hidden() for seed, network in networks.items()}
        for place in PLACES.values():
            reports = {
                name: tuple(
                    statistics.report(
                        hidden[seed][place], statistics=tuple(RECORDED), prepare=name, draws=DRAWS, seed=seed
                    )
                    for seed in seeds
                )
                for name in PREPARATIONS
            }
            accuracies = tuple(network.accuracy for network in networks.values())
            layers.append(Layer((activation, optimiser), place, reports, accuracies))
    return layers
