"""Red and blue, circles and triangles, all four pairs trained; and purple, which no network has seen."""

import numpy as np
import torch
from numpy.typing import NDArray

from isoaux.common.archive import Arrays
from isoaux.representations import decomposition, shapes
from isoaux.representations.shapes import COLOURS, PURPLE, Rendered
from isoaux.studies.compositions import measuring
from isoaux.studies.compositions.compute import training
from isoaux.studies.compositions.data import ACTIVATIONS, PRIMER, Size

PAIRS = tuple((colour, shape) for colour in PRIMER[0] for shape in PRIMER[1])
MIXED = {name: COLOURS[name] for name in PRIMER[0]} | {"purple": PURPLE}
"""The colours that are shown after training."""

EVERY = tuple((colour, shape) for colour in MIXED for shape in PRIMER[1])
LOW, HIGH, MIDDLE = (list(MIXED).index(name) for name in ("red", "blue", "purple"))


def samples(size: Size, seed: int) -> tuple[Rendered, Rendered]:
    """The training images of a seed, and its test images, which are purple too."""
    first = shapes.sample(PAIRS, size.each, 2 * seed, size.side, MIXED)
    return first, shapes.sample(EVERY, size.tests, 2 * seed + 1, size.side, MIXED)


def purple(size: Size, seed: int) -> Arrays:
    """What networks make of purple, and how well single neurons tell qualities apart.

    ``shape`` (A,) is the accuracy on purple, ``place`` (A, 2) its place between red and blue and its distance from the
    line (:func:`isoaux.representations.decomposition.place`), ``each`` (A, N) the places of single images.
    """
    train, tests = samples(size, seed)
    generator = torch.Generator().manual_seed(seed)
    sizes = tuple(map(len, PRIMER))
    start = training.initial(train.x.shape[1], size.few, sizes, 1, ACTIVATIONS, generator)
    everything = np.ones((1, len(train.x)), np.bool_)
    networks = training.train(start, train.x, [train.colour, train.shape], everything, size.epochs, generator)
    hidden = networks.hidden(tests.x)
    colours, forms = (logits[0].numpy().argmax(-1) for logits in networks.logits(hidden))
    new, layers = tests.colour == MIDDLE, hidden[0].numpy()
    known = measuring.nearest(measuring.squares(tests.x[new], train.x), everything[0])
    labels = [tests.colour[~new], tests.shape[~new]]
    return {
        "seen": np.minimum(
            (colours[:, ~new] == tests.colour[~new]).mean(-1), (forms[:, ~new] == tests.shape[~new]).mean(-1)
        ),
        "shape": (forms[:, new] == tests.shape[new]).mean(-1),
        "nearest": np.array(measuring.accuracy(train.shape[known], tests.shape[new])),
        "place": np.array([_place(layer, tests) for layer in layers]),
        "each": np.array([_single(layer, tests) for layer in layers], np.float16),
        "untrained": np.array([_place(layer, tests) for layer in start.hidden(tests.x)[0].numpy()]),
        "pixels": np.array(_place(tests.x, tests)),
        "neurons": np.array([measuring.best_neurons(layer[~new], labels) for layer in layers]),
        "turned": np.array([measuring.best_null(layer[~new], labels, seed, size.draws) for layer in layers]),
        "untrained_neurons": np.array(
            [measuring.best_neurons(layer[~new], labels) for layer in start.hidden(tests.x)[0].numpy()]
        ),
    }


def _means(layer: NDArray[np.float32], tests: Rendered) -> NDArray[np.float64]:
    """The mean representations (colours, shapes, n)."""
    at = [[(tests.colour == c) & (tests.shape == s) for s in sorted(set(tests.shape))] for c in range(len(MIXED))]
    return np.array([[layer[cell].mean(0, dtype=np.float64) for cell in row] for row in at])


def _place(layer: NDArray[np.float32], tests: Rendered) -> tuple[float, float]:
    """Place and distance from the line of the purple cell means, means over the shapes."""
    means = _means(layer, tests)
    found = decomposition.place(means[MIDDLE], means[LOW], means[HIGH])
    return float(found.along.mean()), float(found.off.mean())


def _single(layer: NDArray[np.float32], tests: Rendered) -> NDArray[np.float64]:
    """The places of all purple images, shape by shape, on the line of their shape's means."""
    means, new = _means(layer, tests), tests.colour == MIDDLE
    shown = enumerate(sorted(set(tests.shape)))
    return np.concatenate(
        [decomposition.place(layer[new & (tests.shape == s)], means[LOW, at], means[HIGH, at]).along for at, s in shown]
    )


def examples(size: Size, seed: int) -> NDArray[np.uint8]:
    """One image (pairs, side, side, 3) of each pair as bytes, those in purple last."""
    drawn = shapes.sample(EVERY, 1, 2 * seed, size.side, MIXED)
    return np.rint(255 * drawn.x).astype(np.uint8).reshape(-1, size.side, size.side, 3)
