"""Whether a quality is a direction: curves of growing intensity, sums of two qualities, and differences of images."""

from dataclasses import dataclass

import numpy as np
import scipy.stats
from numpy.typing import ArrayLike, NDArray

from isoaux.representations.decomposition import interaction

Floats = NDArray[np.float64]

HALF = 0.5
"""The share of a curve's change that is counted in steps."""


@dataclass(frozen=True)
class Curve:
    """A curve of representations over growing intensity in numbers.

    ``share`` is that of its variance along its first principal direction, 1 for a direction. ``cosine`` is the mean
    cosine of its increments with that direction, ``monotone`` the rank correlation of the projection with intensity,
    both of which may be negative only with each other. ``half_steps`` are the fewest increments whose lengths have half
    of all length: 1 for a step. ``angle`` is that between the increments of the lower and the upper half, in degrees.
    """

    share: float
    cosine: float
    monotone: float
    half_steps: int
    angle: float


def curve(means: ArrayLike) -> Curve:
    """The numbers of a curve of mean representations (V, n), one for each of V growing intensities.

    The sense of the first principal direction is that of the whole change. Raises ValueError for fewer than three
    intensities, numbers that are not finite, and a curve that does not move.
    """
    points = np.asarray(means, np.float64)
    if points.ndim != 2 or len(points) < 3 or not np.isfinite(points).all():
        raise ValueError(f"means have the shape {points.shape}; accepted: finite numbers (V, n), V from 3.")
    steps = np.diff(points, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    if not lengths.any():
        raise ValueError("means are all the same; accepted: a curve that moves.")
    _, singular, directions = np.linalg.svd(points - points.mean(0), full_matrices=False)
    direction = directions[0] * (1 if directions[0] @ (points[-1] - points[0]) >= 0 else -1)
    moving = lengths > 0
    cosine = float((steps[moving] @ direction / lengths[moving]).mean())
    monotone = float(scipy.stats.spearmanr(points @ direction, np.arange(len(points))).statistic)
    half = np.sort(lengths)[::-1].cumsum() >= HALF * lengths.sum() * (1 - 1e-12)
    middle = len(steps) // 2
    return Curve(
        float(singular[0] ** 2 / (singular**2).sum()),
        cosine,
        monotone,
        int(np.argmax(half)) + 1,
        _angle(steps[:middle].sum(0), steps[len(steps) - middle :].sum(0)),
    )


def _angle(first: Floats, second: Floats) -> float:
    """The angle between two vectors in degrees; NaN where one of them is 0."""
    product = np.linalg.norm(first) * np.linalg.norm(second)
    return float(np.degrees(np.arccos(np.clip(first @ second / product, -1, 1)))) if product else float("nan")


def scrambled(means: ArrayLike, generator: np.random.Generator) -> Floats:
    """A curve (V, n) with the increments of another in random order, each with a random sign."""
    points = np.asarray(means, np.float64)
    steps = generator.permutation(np.diff(points, axis=0))
    signs = generator.choice([-1.0, 1.0], len(steps))
    return np.concatenate([points[:1], points[0] + np.cumsum(steps * signs[:, None], axis=0)])


def additive(means: ArrayLike) -> float:
    """R^2 of cell means (A, B, n) by a part for the row and a part for the column: 1 less the share of interaction.

    Errors are those of :func:`isoaux.representations.decomposition.parts`.
    """
    return 1 - interaction(means)


@dataclass(frozen=True)
class Offsets:
    """What a transformation of images adds to the representations of C classes.

    ``cosine`` is the mean cosine of the offsets of two classes, ``shared`` the squared length of their mean over their
    mean squared length (1/C for C unrelated ones of one length), ``hits`` the share of the C(C - 1) analogies that are
    right: the mean of class b before, with the offset of class a, is nearest to that of b after, among the 2C means of
    all classes before and after. The mean of b before is one of those that can be nearest.
    """

    cosine: float
    shared: float
    hits: float


def class_means(values: ArrayLike, labels: ArrayLike) -> Floats:
    """The means (C, n) of representations (N, n) by label, in the order of the labels."""
    known, which = np.unique(np.asarray(labels), return_inverse=True)
    rows = np.asarray(values, np.float64)
    sums = np.zeros((len(known), rows.shape[1]))
    np.add.at(sums, which, rows)
    return np.asarray(sums / np.bincount(which)[:, None])


def offsets(before: ArrayLike, after: ArrayLike, labels: ArrayLike) -> Offsets:
    """The offsets of a transformation, from representations (N, n) before and after it and the labels (N,).

    Raises ValueError for arrays of different shapes, and fewer than two classes.
    """
    first, second, classes = np.asarray(before), np.asarray(after), np.asarray(labels)
    if first.shape != second.shape or first.ndim != 2 or len(classes) != len(first):
        raise ValueError(
            f"before is {first.shape}, after {second.shape}, labels {classes.shape}; accepted: (N, n) twice and (N,)."
        )
    if len(np.unique(classes)) < 2:
        raise ValueError("labels have one class; accepted: at least two.")
    return of_means(class_means(first, classes), class_means(second, classes))


def of_means(start: Floats, end: Floats) -> Offsets:
    """The offsets of a transformation from class means (C, n) before and after it."""
    moved = end - start
    return Offsets(*shared_offsets(moved), _hits(start, end, moved))


def shared_offsets(moved: Floats) -> tuple[float, float]:
    """The mean cosine of two of the offsets (C, n), and the shared part of their squared length; NaN if all are 0."""
    lengths = np.linalg.norm(moved, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        directions = moved / lengths[:, None]
        count = len(moved)
        cosines = directions @ directions.T
        cosine = (cosines.sum() - np.trace(cosines)) / (count * (count - 1))
        shared = (moved.mean(0) ** 2).sum() / (lengths**2).mean()
    return float(cosine), float(shared)


def _hits(start: Floats, end: Floats, moved: Floats) -> float:
    """The share of analogies between two classes that are right (:class:`Offsets`)."""
    count = len(start)
    guesses = start[None] + moved[:, None]
    answers = np.concatenate([start, end])
    distance = np.linalg.norm(guesses[:, :, None] - answers[None, None], axis=-1)
    right = distance.argmin(-1) == count + np.arange(count)[None]
    return float(right[~np.eye(count, dtype=bool)].mean())
