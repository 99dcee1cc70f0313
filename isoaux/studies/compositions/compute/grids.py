"""Four colours and four shapes: networks that never saw some pairs, and series of intensity in those that saw all."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from isoaux.common.archive import Arrays
from isoaux.representations import decomposition, shapes
from isoaux.representations.shapes import COLOURS, SHAPES, Pair, Rendered
from isoaux.studies.compositions import measuring
from isoaux.studies.compositions.compute import training
from isoaux.studies.compositions.compute.training import Networks
from isoaux.studies.compositions.data import ACTIVATIONS, PAIRS, Size

TURN = decomposition.in_turn(tuple(COLOURS), tuple(SHAPES))
DIAGONAL = decomposition.diagonal(tuple(COLOURS), tuple(SHAPES))
QUALITIES, JOINED = (len(COLOURS), len(SHAPES)), (len(PAIRS),)
"""The numbers of logits of each softmax, with one for each quality and with one for the pairs."""


def samples(size: Size, seed: int) -> tuple[Rendered, Rendered]:
    """The training and the test images of a seed, of all pairs."""
    return shapes.sample(PAIRS, size.each, 2 * seed, size.side), shapes.sample(
        PAIRS, size.tests, 2 * seed + 1, size.side
    )


def trained(
    sample: Rendered, designs: Sequence[Sequence[Pair]], sizes: tuple[int, ...], size: Size, seed: int
) -> tuple[Networks, Networks]:
    """The networks of some designs before and after training; of every activation, all from the same start."""
    seen = measuring.seen(sample, designs)
    used = seen.any(0)
    labels = [sample.colour, sample.shape] if sizes == QUALITIES else [measuring.pair_of(sample)]
    generator = torch.Generator().manual_seed(seed)
    start = training.initial(sample.x.shape[1], size.hidden, sizes, len(designs), ACTIVATIONS, generator)
    known = [each[used] for each in labels]
    return start, training.train(start, sample.x[used], known, seen[:, used], size.epochs, generator)


def qualities(networks: Networks, hidden: torch.Tensor) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Logits (G, A, N, 4) of colours and of shapes; with one softmax over pairs, logarithms of sums over its pairs."""
    logits = networks.logits(hidden)
    if len(logits) == 1:
        by_pair = torch.log_softmax(logits[0], -1).unflatten(-1, QUALITIES)
        logits = (by_pair.logsumexp(-1), by_pair.logsumexp(-2))
    return logits[0].numpy(), logits[1].numpy()


def pairs(size: Size, seed: int) -> Arrays:
    """What networks make of pairs that they never saw, for each design, beside pixels and untrained networks."""
    train, tests = samples(size, seed)
    distances = measuring.squares(tests.x, train.x)
    arrays: Arrays = {}
    for name, designs, sizes in (
        ("turn", TURN, QUALITIES),
        ("diagonal", (DIAGONAL,), QUALITIES),
        ("joined", (DIAGONAL,), JOINED),
    ):
        start, networks = trained(train, designs, sizes, size, seed)
        arrays |= {f"{name}_{what}": array for what, array in _held_out(networks, tests, designs).items()}
        arrays |= {f"{name}_{what}": array for what, array in _shares(networks, tests, size, seed).items()}
        if name == "turn":
            arrays["untrained"] = _shares(start, tests, size, seed)["share"][:, 0]
        if name != "joined":
            arrays[f"{name}_nearest"] = _nearest(distances, train, tests, designs)
        if name == "diagonal":
            hidden = networks.hidden(tests.x)[0].numpy()
            arrays["plane"] = np.stack([measuring.plane(measuring.cell_means(each, tests)) for each in hidden])
    pixels = measuring.cell_means(tests.x, tests)
    arrays["pixels"] = np.array(decomposition.interaction(pixels))
    return arrays | {"pixels_plane": measuring.plane(pixels)}


def _held_out(networks: Networks, tests: Rendered, designs: Sequence[Sequence[Pair]]) -> Arrays:
    """``correct`` (A, P, 2) and ``auc`` (A, P) on the held-out pairs of all designs, and ``seen`` (A, G) on others.

    ``correct`` are accuracies of colour and shape, ``seen`` the lower one of them.
    """
    colours, forms = qualities(networks, networks.hidden(tests.x))
    truth, where = np.stack([tests.colour, tests.shape]), measuring.pair_of(tests)
    right = np.stack([colours.argmax(-1), forms.argmax(-1)]) == truth[:, None, None]
    correct, areas, seen = [], [], []
    for g, missing in enumerate(designs):
        known = ~np.isin(where, measuring.places(missing))
        seen.append(right[:, g][..., known].mean(-1).min(0))
        for pair in missing:
            mine = where == PAIRS.index(pair)
            correct.append(right[:, g][..., mine].mean(-1).T)
            areas.append([measuring.recognised(forms[g, a], tests, pair) for a in range(len(ACTIVATIONS))])
    return {
        "correct": np.stack(correct, axis=1),
        "auc": np.array(areas).T,
        "seen": np.stack(seen, axis=1),
    }


def _shares(networks: Networks, tests: Rendered, size: Size, seed: int) -> Arrays:
    """The share of interaction (A, G, 2) of cell means before and behind the activation, and ``permuted`` (A, G)."""
    layers = (networks.before(tests.x), networks.hidden(tests.x))
    generator = np.random.default_rng(seed)
    shares, permuted = [], []
    for g in range(layers[0].shape[0]):
        for a in range(len(ACTIVATIONS)):
            means = [measuring.cell_means(layer[g, a].numpy(), tests) for layer in layers]
            shares.append([decomposition.interaction(each) for each in means])
            permuted.append(decomposition.permuted(means[1], generator, size.draws).mean())
    shape = layers[0].shape[0], len(ACTIVATIONS)
    return {
        "share": np.array(shares).reshape(*shape, 2).swapaxes(0, 1),
        "permuted": np.array(permuted).reshape(shape).T,
    }


def _nearest(
    distances: NDArray[np.float32], train: Rendered, tests: Rendered, designs: Sequence[Sequence[Pair]]
) -> NDArray[np.float64]:
    """Accuracies (P, 2) of colour and shape of the nearest training image in pixels, on the held-out pairs."""
    seen, where, rows = measuring.seen(train, designs), measuring.pair_of(tests), []
    for known, missing in zip(seen, designs, strict=True):
        for pair in missing:
            mine = where == PAIRS.index(pair)
            which = measuring.nearest(distances[mine], known)
            rows.append(
                [
                    measuring.accuracy(train.colour[which], tests.colour[mine]),
                    measuring.accuracy(train.shape[which], tests.shape[mine]),
                ]
            )
    return np.array(rows)


def linearity(size: Size, seed: int) -> Arrays:
    """Series of intensity and sums of two qualities in networks that saw all pairs, before and after training.

    Arrays over states, activations and layers; ``scrambled`` and ``projected`` are of trained networks behind the
    activation.
    """
    train, tests = samples(size, seed)
    states = trained(train, ((),), QUALITIES, size, seed)
    colours, forms = qualities(states[1], states[1].hidden(tests.x))
    right = [
        (logits[0].argmax(-1) == truth).mean(-1) for logits, truth in ((colours, tests.colour), (forms, tests.shape))
    ]
    rest = shapes.draws(size.rest, np.random.default_rng([seed, 2]), size.side)
    series, grid = measuring.series(rest, size.side), measuring.grid(rest, size.side)
    curves, added = [], []
    for networks in states:
        for layer in (networks.before, networks.hidden):
            along = _through(layer, series)
            curves += [measuring.curve(each) for each in along]
            added += [measuring.sums(each) for each in _through(layer, grid)]
    shape = (2, 2, len(ACTIVATIONS), -1)
    behind = _through(states[1].hidden, series)
    return {
        "seen": np.min(right, axis=0),
        "curve": np.array(curves).reshape(shape).swapaxes(1, 2),
        "sums": np.array(added).reshape(shape).swapaxes(1, 2),
        "scrambled": np.stack([measuring.scrambled(each, seed, size.draws) for each in behind]),
        "projected": np.stack([measuring.projected(each) for each in behind]),
        "pixels_curve": measuring.curve(series),
        "pixels_sums": measuring.sums(grid),
    }


def _through(layer: training.Layer, images: NDArray[np.float32]) -> NDArray[np.float32]:
    """A layer (A, ..., h) of the networks of one design at images (..., d)."""
    flat = layer(images.reshape(-1, images.shape[-1]))[0].numpy()
    return flat.reshape(len(flat), *images.shape[:-1], -1)


def examples(size: Size, seed: int) -> NDArray[np.uint8]:
    """One training image (pairs, side, side, 3) of each pair as bytes."""
    return as_bytes(shapes.sample(PAIRS, 1, 2 * seed, size.side).x, size.side)


def as_bytes(x: NDArray[np.float32], side: int) -> NDArray[np.uint8]:
    """Images (N, side, side, 3) as bytes."""
    return np.rint(255 * x).astype(np.uint8).reshape(-1, side, side, 3)
