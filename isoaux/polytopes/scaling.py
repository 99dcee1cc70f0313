"""Boundaries along rays alpha h: density profiles, shells, and where classes change far from the data."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike

from isoaux.common import arrays
from isoaux.polytopes import segments
from isoaux.polytopes.networks import Net, Values
from isoaux.polytopes.segments import Whole

LARGEST = 100.0
"""The end of every ray, in units of its vector."""

LINEAR = np.linspace(0, 2, 41)
"""Bins of alpha around the vector."""

LOGARITHMIC = np.geomspace(1e-3, LARGEST, 51)
"""Bins of alpha over the whole ray, ten to a decade."""

RISE = 1.5
"""A shell is so many times denser than the origin and the vector."""

WIDTH = 0.1
"""The width of the window of a local density, as a share of alpha."""


@dataclass(frozen=True, eq=False)
class Rays:
    """Places along M rays, sorted by ray and alpha: ``ray`` (R,), ``alpha`` (R,); ``length`` (M,) of their vectors."""

    ray: Whole
    alpha: Values
    length: Values


@dataclass(frozen=True)
class Peak:
    """The densest bin of a profile: its middle ``alpha``, and its ``rise`` over the larger of the densities at 0 and 1.

    ``shell`` says whether it lies between the origin and the vector and rises at least :data:`RISE` times.
    """

    alpha: float
    rise: float
    shell: bool


@arrays.numpy_defaults
def crossings(net: Net, vectors: ArrayLike, start: int = 0) -> Rays:
    """The boundaries that the rays alpha h of ``vectors`` h (M, d) cross, alpha in (0, :data:`LARGEST`).

    Raises ValueError for a vector of zeros.
    """
    h, length = _vectors(net, vectors, start)
    crossed = segments.crossing_points(net, np.zeros_like(h), LARGEST * h, start)
    return Rays(crossed.segment, LARGEST * crossed.t, length)


@arrays.numpy_defaults
def class_changes(net: Net, vectors: ArrayLike, start: int = 0) -> Rays:
    """Where the class changes along the rays of ``vectors`` (M, d), as :func:`crossings` returns it."""
    h, length = _vectors(net, vectors, start)
    changes = segments.changes(net, np.zeros_like(h), LARGEST * h, start)
    return Rays(changes.segment, LARGEST * changes.t, length)


@arrays.numpy_defaults
def profile(rays: Rays, edges: ArrayLike = LINEAR) -> Values:
    """Crossings per unit of length alpha |h| on each ray, (M, bins), in the bins of alpha between ``edges``.

    Raises ValueError for edges that do not rise.
    """
    bounds = arrays.numbers(edges, "edges").astype(np.float64)
    if bounds.ndim != 1 or len(bounds) < 2 or not (np.diff(bounds) > 0).all():
        raise ValueError("edges does not rise; accepted: at least two numbers, each larger than the one before.")
    count = len(bounds) - 1
    place = np.searchsorted(bounds, rays.alpha, side="right") - 1
    inside = (place >= 0) & (place < count)
    flat = rays.ray[inside] * count + place[inside]
    counts = np.bincount(flat, minlength=len(rays.length) * count).reshape(-1, count)
    return np.asarray(counts / (np.diff(bounds) * rays.length[:, None]))


@arrays.numpy_defaults
def peak(density: ArrayLike, edges: ArrayLike = LINEAR) -> Peak:
    """The peak of a ``density`` (bins,) in the bins between ``edges``, which hold the bins of 0 and of 1.

    The densities at 0 and 1 are those of the bins that begin there; ``rise`` is infinite where both are 0, and NaN
    where there are no crossings at all.
    """
    values, bounds = arrays.numbers(density, "density"), arrays.numbers(edges, "edges")
    if values.shape != (len(bounds) - 1,):
        raise ValueError(f"density has shape {values.shape}; accepted: {(len(bounds) - 1,)}, a number for each bin.")
    top = int(values.argmax())
    at_one = int(np.searchsorted(bounds, 1 - 1e-9, side="left"))
    least = max(values[0], values[min(at_one, len(values) - 1)])
    rise = float(values[top] / least) if least > 0 else float("inf") if values[top] > 0 else float("nan")
    middle = float((bounds[top] + bounds[top + 1]) / 2)
    return Peak(middle, rise, bool(0 < middle < 1 and rise >= RISE))


def share_below(rays: Rays, alpha: float = 1.0) -> float:
    """The share of all crossings that lie below ``alpha``; NaN without crossings."""
    return float((rays.alpha < alpha).mean()) if len(rays.alpha) else float("nan")


@arrays.numpy_defaults
def trend(rays: Rays, low: float = 1.0, high: float = 10.0) -> float:
    """The rank correlation of alpha with the mean density, over logarithmic bins from ``low`` to ``high``."""
    edges = np.geomspace(arrays.positive(low, "low"), arrays.positive(high, "high"), 11)
    density = profile(rays, edges).mean(axis=0)
    if np.ptp(density) == 0:
        return float("nan")
    return float(scipy.stats.spearmanr(edges[:-1], density).statistic)


def permuted_biases(net: Net, seed: Any = 0) -> Net:
    """The network with the biases of each hidden layer permuted among its neurons."""
    rng = np.random.default_rng(arrays.seed(seed))
    hidden = [(weight, rng.permutation(bias)) for weight, bias in net.affine[:-1]]
    return Net([*hidden, net.affine[-1]], net.leak)


@arrays.numpy_defaults
def gaussian(vectors: ArrayLike, seed: Any = 0) -> Values:
    """Random Gaussian directions (M, d) with the lengths of ``vectors`` (M, d)."""
    h = arrays.rows(vectors, "vectors").astype(np.float64)
    drawn = np.random.default_rng(arrays.seed(seed)).standard_normal(h.shape)
    return np.asarray(drawn * (np.linalg.norm(h, axis=1) / np.linalg.norm(drawn, axis=1))[:, None])


@arrays.numpy_defaults
def changed_beyond(net: Net, vectors: ArrayLike, start: int = 0) -> Values:
    """Whether (M,) the class of each vector (M, d) differs at the end of its ray, at :data:`LARGEST` times it."""
    h, _ = _vectors(net, vectors, start)
    return np.asarray(net.logits(h, start).argmax(axis=1) != net.logits(LARGEST * h, start).argmax(axis=1))


@arrays.numpy_defaults
def density_at(rays: Rays, places: Rays, positions: int = 200, seed: Any = 0) -> Values:
    """Where the local density at ``places`` ranks among that at random positions of the same ray, (R,), 0 to 1.

    Densities are those of windows of :data:`WIDTH` alpha; ``positions`` are drawn uniformly in log alpha from 1e-3 to
    :data:`LARGEST`. Equal densities count as one half.
    """
    rng = np.random.default_rng(arrays.seed(seed))
    count = arrays.whole(positions, "positions")
    first = np.searchsorted(rays.ray, np.arange(len(rays.length) + 1))
    result = np.empty(len(places.alpha))
    for ray in np.unique(places.ray):
        alphas = rays.alpha[first[ray] : first[ray + 1]]
        drawn = np.sort(_local(alphas, np.exp(rng.uniform(np.log(1e-3), np.log(LARGEST), count))))
        here = places.ray == ray
        values = _local(alphas, places.alpha[here])
        low, high = (np.searchsorted(drawn, values, side=side) for side in ("left", "right"))
        result[here] = (low + high) / (2 * count)
    return result


def exchanged(places: Rays, seed: Any = 0) -> Rays:
    """The places with every ray's given to another one: a cyclic shift by a random number of rays.

    Raises ValueError for a single ray.
    """
    count = len(places.length)
    if count < 2:
        raise ValueError(f"places has {count} ray; accepted: at least 2.")
    shift = int(np.random.default_rng(arrays.seed(seed)).integers(1, count))
    ray = (places.ray + shift) % count
    order = np.lexsort((places.alpha, ray))
    return Rays(ray[order], places.alpha[order], places.length)


def _local(alphas: Values, at: Values) -> Values:
    """The density of sorted ``alphas`` in a window around each of ``at``, up to a factor of the ray alone."""
    low, high = (np.searchsorted(alphas, at * (1 + s * WIDTH / 2)) for s in (-1, 1))
    return np.asarray((high - low) / (WIDTH * at))


def _vectors(net: Net, vectors: ArrayLike, start: int) -> tuple[Values, Values]:
    h = net.points(vectors, net.space(start), "vectors")
    length = np.linalg.norm(h, axis=1)
    if not length.all():
        raise ValueError(f"vectors has zeros only in row {int(length.argmin())}; accepted: vectors with a direction.")
    return h, length
