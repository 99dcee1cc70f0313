"""Numbers of networks that name qualities, from their hidden layers and logits as arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import bases
from isoaux.representations import decomposition, linearity, shapes
from isoaux.representations.shapes import COLOURS, SHAPES, Draws, Pair, Rendered
from isoaux.srm import concepts
from isoaux.studies.compositions.data import INTENSITIES, PAIRS, SIZES, STEPS

Values = NDArray[np.float64]
Floats = NDArray[np.float32]


def pair_of(sample: Rendered) -> NDArray[np.int64]:
    """The place (N,) of each image's pair among all pairs of colours and shapes, colour by colour."""
    return sample.colour * len(SHAPES) + sample.shape


def places(pairs: Sequence[Pair]) -> list[int]:
    """The places of some pairs among all, colour by colour."""
    return [PAIRS.index(pair) for pair in pairs]


def seen(sample: Rendered, designs: Sequence[Sequence[Pair]]) -> NDArray[np.bool_]:
    """Which images (G, N) the networks of each design are trained on: those of pairs that it does not hold out.

    Raises ValueError as :func:`isoaux.representations.decomposition.held_out`.
    """
    known = [places(decomposition.held_out(tuple(COLOURS), tuple(SHAPES), missing)) for missing in designs]
    return np.stack([np.isin(pair_of(sample), kept) for kept in known])


def cell_means(hidden: ArrayLike, sample: Rendered) -> Values:
    """The mean representations (colours, shapes, n) of the pairs of a sample that has all of its colours and shapes."""
    values = np.asarray(hidden, np.float64)
    means = linearity.class_means(values, pair_of(sample))
    return means.reshape(len(np.unique(sample.colour)), len(np.unique(sample.shape)), -1)


def squares(first: Floats, second: Floats) -> Floats:
    """The squared distances (N, M) of images in pixels."""
    cross = first @ second.T
    return np.asarray((first**2).sum(1)[:, None] - 2 * cross + (second**2).sum(1)[None])


def nearest(distances: Floats, known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The nearest of the ``known`` (M,) images to each of others, from distances (N, M)."""
    return np.where(known[None], distances, np.inf).argmin(1)


def accuracy(guess: NDArray[np.int64], truth: NDArray[np.int64]) -> float:
    """The share of right guesses."""
    return float((guess == truth).mean())


def recognised(logits: Floats, sample: Rendered, pair: Pair) -> float:
    """AUC of the logit of a pair's shape: its images against those of other shapes on the same colour.

    ``logits`` (N, shapes) are those of shapes.
    """
    place = PAIRS.index(pair)
    colour, shape = divmod(place, len(SHAPES))
    same = sample.colour == colour
    truth = sample.shape[same] == shape
    return float(concepts.auc(logits[same][:, shape : shape + 1], truth.astype(int), np.ones((1, 1)))[0, 1])


def plane(means: Values) -> Values:
    """Coordinates (A, B, 2) of cell means along the largest direction of the row means and of the column means.

    The second is made orthogonal to the first; coordinates are from the mean of all, over the largest of them.
    """
    parts = decomposition.parts(means)
    first = np.linalg.svd(parts.rows, full_matrices=False)[2][0]
    columns = parts.columns - np.outer(parts.columns @ first, first)
    second = np.linalg.svd(columns, full_matrices=False)[2][0]
    flat = (means - parts.mean) @ np.stack([first, second], axis=1)
    return np.asarray(flat / np.abs(flat).max())


def best_neurons(hidden: ArrayLike, labels: Sequence[NDArray[np.int64]], basis: ArrayLike | None = None) -> Values:
    """For each class of each labelling, the largest AUC by which a single direction tells it from the others.

    Directions are the rows of ``basis``, by default the neurons; classes of the first labelling come first.
    """
    values = np.asarray(hidden, np.float64)
    rows = np.eye(values.shape[1]) if basis is None else basis
    return np.concatenate([concepts.auc(values, each, rows).max(0) for each in labels])


def best_null(hidden: ArrayLike, labels: Sequence[NDArray[np.int64]], seed: int, draws: int) -> Values:
    """The mean over classes (draws,) of :func:`best_neurons` after random rotations of the hidden layer."""
    n = np.asarray(hidden).shape[1]
    turned = bases.random_orthogonals(n, [seed * 1000 + draw for draw in range(draws)])
    return np.array([best_neurons(hidden, labels, basis).mean() for basis in turned])


def series(rest: Draws, side: int) -> Floats:
    """Images (V, N, d) whose background grows from black to red in V steps, all else the same; no pixel noise."""
    return np.stack([_mixed((step / STEPS, 0, 0), rest, side) for step in range(STEPS + 1)])


def grid(rest: Draws, side: int) -> Floats:
    """Images (sizes, intensities, N, d) of shapes of every size on red of every intensity, all else the same."""
    count = len(rest.radius)
    sized = [Draws(rest.centre, np.full(count, r), rest.brightness, rest.shade, rest.noise) for r in SIZES]
    return np.stack([np.stack([_mixed((v, 0, 0), draws, side) for v in INTENSITIES]) for draws in sized])


def _mixed(colour: tuple[float, float, float], rest: Draws, side: int) -> Floats:
    """Images (N, d) of one colour, with every shape in turn."""
    plain = np.zeros((len(rest.radius), side, side, 3))
    for place, shape in enumerate(SHAPES):
        at = slice(place, None, len(SHAPES))
        given = (rest.centre[at], rest.radius[at], rest.brightness[at], rest.shade[at])
        plain[at] = shapes.render(colour, shape, *given, side)
    return plain.reshape(len(plain), -1).astype(np.float32)


def curve(hidden: ArrayLike) -> Values:
    """The numbers of the mean curve of a series (V, N, n), in the order of ``CURVE``."""
    return np.array(astuple(linearity.curve(np.asarray(hidden, np.float64).mean(1))), np.float64)


def projected(hidden: ArrayLike) -> Values:
    """The mean curve (V,) of a series (V, N, n) along the line from its first to its last point, 0 to 1."""
    means = np.asarray(hidden, np.float64).mean(1)
    return decomposition.place(means, means[0], means[-1]).along


def scrambled(hidden: ArrayLike, seed: int, draws: int) -> Values:
    """The mean, 2.5% and 97.5% quantile of the share along one direction where increments are scrambled."""
    generator, means = np.random.default_rng(seed), np.asarray(hidden, np.float64).mean(1)
    shares = [linearity.curve(linearity.scrambled(means, generator)).share for _ in range(draws)]
    return np.array([np.mean(shares), *np.quantile(shares, [0.025, 0.975])])


def sums(hidden: ArrayLike) -> Values:
    """R^2 of representations (A, B, N, n) by size and intensity, in the order of ``SUMS``."""
    values = np.asarray(hidden, np.float64)
    parts = decomposition.parts(values.mean(2))
    whole = ((values - parts.mean) ** 2).sum()
    cells = values.shape[2] * ((values.mean(2) - parts.mean) ** 2).sum()
    left = values.shape[2] * (parts.interaction**2).sum()
    return np.array([1 - left / cells, (cells - left) / whole, cells / whole])


def offset_numbers(before: Values, after: Mapping[str, Values], labels: NDArray[np.int64]) -> Values:
    """The numbers (T, 3) of the offsets of every transformation, in the order of ``OFFSETS``."""
    return np.array([astuple(linearity.offsets(before, each, labels)) for each in after.values()])


def permuted_offsets(
    before: Values, after: Mapping[str, Values], labels: NDArray[np.int64], seed: int, draws: int
) -> Values:
    """Cosine and shared part, means over draws, where offsets are permuted over classes and transformations."""
    start = linearity.class_means(before, labels)
    moved = np.stack([linearity.class_means(each, labels) - start for each in after.values()])
    generator, numbers = np.random.default_rng(seed), []
    for _ in range(draws):
        mixed = generator.permutation(moved.reshape(-1, moved.shape[-1])).reshape(moved.shape)
        numbers += [linearity.shared_offsets(each) for each in mixed]
    return np.array(numbers).mean(0)
