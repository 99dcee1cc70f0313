"""Representational flow: whether distances within and between classes shrink or grow from layer to layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from isoaux.common import arrays
from isoaux.polytopes.boundaries import pairs, same_class
from isoaux.polytopes.codes import Bits, distances
from isoaux.polytopes.networks import Values

LOGS = 1e-12
"""Relative distances below this, as of points that coincide behind ReLU, count as this."""


@dataclass(frozen=True, eq=False)
class Flow:
    """Mean logarithms of d_k/d_{k-1}, d_k being distances in layer k over their median.

    ``within`` classes (K,), negative for convergence, ``between`` them (K,), positive for divergence, and
    ``by_class`` (K, classes), within each of the ``classes`` in sorted order; NaN for one with a single point.
    """

    within: Values
    between: Values
    by_class: Values
    classes: Values


@arrays.numpy_defaults
def steps(layers: Sequence[ArrayLike]) -> Values:
    """log d_k/d_{k-1} (K, pairs) of every pair of points, from the points (N, n_k) in layers 0..K.

    Distances are divided by their median in each layer. Raises ValueError for fewer than two layers, for different
    numbers of points, and for a layer in which at least half of all pairs coincide.
    """
    if len(layers) < 2:
        raise ValueError(f"layers has length {len(layers)}; accepted: at least 2.")
    relative: list[Values] = []
    for at, layer in enumerate(layers):
        d = distances(arrays.rows(layer, f"layers[{at}]"))
        if relative and len(d) != len(relative[0]):
            raise ValueError(f"layers[{at}] has another number of points than layers[0]; accepted: the same points.")
        middle = np.median(d)
        if middle == 0:
            raise ValueError(f"layers[{at}] has at least half of all pairs at one place; accepted: points that differ.")
        relative.append(np.log(np.maximum(d / middle, LOGS)))
    return np.diff(np.array(relative), axis=0)


@arrays.numpy_defaults
def flow(layers: Sequence[ArrayLike], labels: ArrayLike) -> Flow:
    """The flow from layer to layer of points (N, n_k) with ``labels`` (N,); errors as in :func:`steps`."""
    return by_class(steps(layers), labels)


def by_class(moved: Values, labels: ArrayLike) -> Flow:
    """The flow of what :func:`steps` returns, ``moved`` (K, pairs), within and between classes of ``labels`` (N,)."""
    within, kinds = same_class(labels), np.asarray(labels)
    if within.shape != moved.shape[1:]:
        raise ValueError(f"labels holds {len(kinds)} points; accepted: one label for each point of the layers.")
    first, _ = pairs(len(kinds))
    classes = np.unique(kinds)
    each = [_mean(moved, within & (kinds[first] == kind)) for kind in classes]
    return Flow(_mean(moved, within), _mean(moved, ~within), np.stack(each, axis=1), classes)


def permuted(moved: Values, labels: ArrayLike, draws: int = 99, seed: Any = 0) -> list[Flow]:
    """The flows of ``moved`` (K, pairs) with the labels permuted, ``draws`` times."""
    rng, kinds = np.random.default_rng(arrays.seed(seed)), np.asarray(labels)
    return [by_class(moved, rng.permutation(kinds)) for _ in range(arrays.whole(draws, "draws"))]


@arrays.numpy_defaults
def nearest_apart(inputs: ArrayLike, labels: ArrayLike, share: float = 0.01) -> Bits:
    """The pairs (P,) of two classes that are nearest in the ``inputs`` (N, d), a ``share`` of all such pairs."""
    between = ~same_class(labels)
    d = distances(inputs)
    return np.asarray(between & (d <= np.quantile(d[between], arrays.share(share, "share"))))


def _mean(moved: Values, chosen: Bits) -> Values:
    return moved[:, chosen].mean(axis=1) if chosen.any() else np.full(len(moved), np.nan)
