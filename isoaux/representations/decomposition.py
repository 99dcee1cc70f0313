"""Whether a representation is a sum of its qualities: pairs that are held out, the share of interaction, mixtures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.representations.shapes import Pair

Floats = NDArray[np.float64]


def held_out(colours: Sequence[str], shapes: Sequence[str], missing: Sequence[Pair]) -> tuple[Pair, ...]:
    """All pairs of colours and shapes but the ``missing`` ones, colour by colour.

    Raises ValueError for a missing pair that is none of them, and where a colour or a shape is left without a pair:
    nothing of it could be learned.
    """
    every = [(colour, shape) for colour in colours for shape in shapes]
    if strange := [pair for pair in missing if pair not in every]:
        raise ValueError(f"missing is {strange[0]}; accepted: pairs of {', '.join(colours)} and {', '.join(shapes)}.")
    left = tuple(pair for pair in every if pair not in missing)
    for kind, names, place in (("colour", colours, 0), ("shape", shapes, 1)):
        if lost := [name for name in names if name not in {pair[place] for pair in left}]:
            raise ValueError(f"missing leaves no pair with {kind} {lost[0]!r}; accepted: a pair for every {kind}.")
    return left


def in_turn(colours: Sequence[str], shapes: Sequence[str]) -> tuple[tuple[Pair, ...], ...]:
    """Designs that miss one pair each, every pair in turn."""
    return tuple(((colour, shape),) for colour in colours for shape in shapes)


def diagonal(colours: Sequence[str], shapes: Sequence[str]) -> tuple[Pair, ...]:
    """One pair for every colour and every shape, the first with the first and so on; needs as many of both."""
    if len(colours) != len(shapes):
        raise ValueError(f"shapes are {len(shapes)} for {len(colours)} colours; accepted: as many of both.")
    return tuple(zip(colours, shapes, strict=True))


@dataclass(frozen=True)
class Parts:
    """Cell means (A, B, n) as the sum of a ``mean`` (n,), a part by ``rows`` (A, n), by ``columns`` (B, n), the rest.

    ``interaction`` (A, B, n) is what mean, rows and columns leave over.
    """

    mean: Floats
    rows: Floats
    columns: Floats
    interaction: Floats


def parts(means: ArrayLike) -> Parts:
    """Cell means (A, B, n) of two qualities, taken apart with equal weights.

    An affine map of all means maps every part by its linear term, and the mean as any mean; so what adds up still adds
    up behind it, while the *share* of the interaction is kept by maps that keep lengths up to a factor. Raises
    ValueError for means of another shape, of fewer than two rows or columns, or not finite.
    """
    values = np.asarray(means, np.float64)
    if values.ndim != 3 or min(values.shape[:2]) < 2 or not np.isfinite(values).all():
        raise ValueError(f"means have the shape {values.shape}; accepted: finite numbers (A, B, n), A and B from 2.")
    mean = values.mean((0, 1))
    rows, columns = values.mean(1) - mean, values.mean(0) - mean
    return Parts(mean, rows, columns, values - mean - rows[:, None] - columns[None])


def interaction(means: ArrayLike) -> float:
    """The share of the variance of cell means (A, B, n) that row means and column means leave over, from 0 to 1.

    0 for sums of a part by row and a part by column; NaN where all means are equal. Errors are those of :func:`parts`.
    """
    taken = parts(means)
    rest = np.asarray(means, np.float64) - taken.mean
    whole = float((rest**2).sum())
    return float((taken.interaction**2).sum()) / whole if whole > 0 else float("nan")


def permuted(means: ArrayLike, generator: np.random.Generator, draws: int) -> Floats:
    """The share of interaction (draws,) of cell means (A, B, n) after the columns of every row were permuted."""
    values = np.asarray(means, np.float64)
    rows = np.arange(len(values))[:, None]
    orders = (np.argsort(generator.random(values.shape[:2]), axis=1) for _ in range(draws))
    return np.array([interaction(values[rows, order]) for order in orders])


@dataclass(frozen=True)
class Place:
    """Where points (..., ) lie beside the line from ``low`` to ``high``.

    ``along`` is 0 at ``low`` and 1 at ``high``, ``off`` the distance from the line over the distance of the two.
    """

    along: Floats
    off: Floats


def place(h: ArrayLike, low: ArrayLike, high: ArrayLike) -> Place:
    """The places of representations ``h`` (..., n) along the line through two others, (n,) or one for each of them.

    Raises ValueError where ``low`` and ``high`` are the same.
    """
    point, start, end = (np.asarray(value, np.float64) for value in (h, low, high))
    way = end - start
    square = (way**2).sum(-1)
    if not np.all(square > 0):
        raise ValueError("high equals low; accepted: two different representations.")
    along = ((point - start) * way).sum(-1) / square
    off = np.linalg.norm(point - start - along[..., None] * way, axis=-1) / np.sqrt(square)
    return Place(along, off)
