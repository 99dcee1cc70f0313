"""Density of boundaries between points, and how it differs between and within classes.

All pairs of N points are in the order of ``scipy.spatial.distance.pdist``: (0, 1), (0, 2), ..., (N - 2, N - 1). Density
falls with distance by itself, because a code has few bits, and pairs of two classes are further apart: an effect is
therefore given raw and matched on distance. Pairs share points, so that points are what is drawn again or permuted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from isoaux.common import arrays
from isoaux.polytopes.codes import Bits
from isoaux.polytopes.networks import Values
from isoaux.polytopes.segments import Crossings, Whole

BINS = 20
"""Quantile bins of distance within which densities are compared, and bins of a segment."""


@dataclass(frozen=True)
class Effect:
    """How much denser boundaries are between classes than within.

    ``auc`` is P(D_between > D_within), ties as one half; ``d`` the difference of means over the pooled standard
    deviation; ``matched`` the same of differences within bins of distance, weighted n_w n_b/(n_w + n_b).
    """

    auc: float
    d: float
    matched: float


@dataclass(frozen=True, eq=False)
class Effects:
    """Several draws of an effect: ``auc``, ``d`` and ``matched``, each (R,)."""

    auc: Values
    d: Values
    matched: Values

    def interval(self, level: float = 0.95) -> tuple[Effect, Effect]:
        """The lower and the upper end of the percentile interval of each."""
        tail = (1 - arrays.level(level)) / 2
        low, high = (
            Effect(*(float(np.quantile(v, q)) for v in (self.auc, self.d, self.matched))) for q in (tail, 1 - tail)
        )
        return low, high


def pairs(count: int) -> tuple[Whole, Whole]:
    """The first and the second point of every pair of ``count`` points, each (N(N-1)/2,)."""
    first, second = np.triu_indices(arrays.whole(count, "count", 2), 1)
    return first, second


def same_class(labels: ArrayLike) -> Bits:
    """Whether both points of each pair have one label, (N(N-1)/2,), from ``labels`` (N,).

    Raises ValueError for labels of one class, and for labels without two of a kind.
    """
    values = _labels(labels)
    first, second = pairs(len(values))
    return np.asarray(values[first] == values[second])


@arrays.numpy_defaults
def density(boundaries: ArrayLike, distance: ArrayLike) -> Values:
    """Boundaries per unit of distance, (P,), from their numbers (P,), or the variation, and distances (P,).

    Raises ValueError for a distance of 0, at which density is undefined, and for different lengths.
    """
    count, length = arrays.numbers(boundaries, "boundaries"), arrays.numbers(distance, "distance")
    if count.shape != length.shape:
        raise ValueError(f"boundaries has shape {count.shape} and distance {length.shape}; accepted: the same shape.")
    if not (length > 0).all():
        zero = int(np.flatnonzero(~(length > 0))[0])
        raise ValueError(f"distance is {length[zero]:g} at pair {zero}, where density is undefined; accepted: above 0.")
    return np.asarray(count / length, dtype=np.float64)


@arrays.numpy_defaults
def effect(values: ArrayLike, same: ArrayLike, distance: ArrayLike, bins: int = BINS) -> Effect:
    """How much larger ``values`` (P,) of pairs are between classes than within.

    ``same`` (P,) says whether a pair is within a class, ``distance`` (P,) how far apart it is; ``bins`` is the number
    of quantile bins of distance. Raises ValueError for different lengths, and where no or all pairs are within classes.
    """
    compare = _comparison(values, distance, bins)
    within = np.asarray(same, dtype=bool)
    if within.shape != np.shape(values) or within.all() or not within.any():
        raise ValueError(
            f"same has {int(within.sum())} of {within.size} pairs within classes; accepted: some, not all."
        )
    return compare(within, None)


@arrays.numpy_defaults
def bootstrap(
    values: ArrayLike, labels: ArrayLike, distance: ArrayLike, draws: int = 999, seed: Any = 0, bins: int = BINS
) -> Effects:
    """Effects of ``draws`` samples of the N points with replacement, from ``values`` and ``distance`` of their pairs.

    A pair counts as often as its points were drawn together; pairs of a point with itself do not count. Bins of
    distance are those of all pairs. Draws in which all pairs are within classes, or between them, are left out.
    """
    compare, within = _comparison(values, distance, bins), same_class(labels)
    count = len(_labels(labels))
    first, second = pairs(count)
    rng = np.random.default_rng(arrays.seed(seed))
    drawn = []
    for _ in range(arrays.whole(draws, "draws")):
        times = np.bincount(rng.integers(count, size=count), minlength=count).astype(np.float64)
        weight = times[first] * times[second]
        if weight[within].any() and weight[~within].any():
            drawn.append(compare(within, weight))
    return _collected(drawn)


@arrays.numpy_defaults
def permuted(
    values: ArrayLike, labels: ArrayLike, distance: ArrayLike, draws: int = 99, seed: Any = 0, bins: int = BINS
) -> Effects:
    """Effects with the labels of the N points permuted, ``draws`` times; parameters as in :func:`bootstrap`."""
    compare, kinds = _comparison(values, distance, bins), _labels(labels)
    rng, number = np.random.default_rng(arrays.seed(seed)), np.unique(kinds, return_inverse=True)[1]
    first, second = pairs(len(kinds))
    drawn = (rng.permutation(number) for _ in range(arrays.whole(draws, "draws")))
    return _collected([compare(each[first] == each[second], None) for each in drawn])


@arrays.numpy_defaults
def profile(crossed: Crossings, length: ArrayLike, bins: int = BINS) -> Values:
    """Crossings per unit of length along segments, (M, bins), in equal bins of t.

    ``length`` (M,) are the lengths of the segments. Raises ValueError for one that is not above 0.
    """
    lengths = arrays.numbers(length, "length")
    place = np.minimum((crossed.t * arrays.whole(bins, "bins")).astype(np.int64), bins - 1)
    counts = np.bincount(crossed.segment * bins + place, minlength=len(lengths) * bins).reshape(len(lengths), bins)
    return density(counts * bins, np.repeat(lengths[:, None], bins, axis=1))


def thirds(crossed: Crossings, count: int) -> Whole:
    """The numbers of crossings in the middle third, and in both outer thirds, of ``count`` segments, (count, 2)."""
    outer = (np.abs(crossed.t - 0.5) > 1 / 6).astype(np.int64)
    segments = arrays.whole(count, "count")
    return np.bincount(2 * crossed.segment + outer, minlength=2 * segments).reshape(segments, 2)


def middle_over_outer(counts: ArrayLike) -> float:
    """Crossings of all segments in the middle third per third outside, from :func:`thirds`; NaN without outer ones."""
    middle, outer = arrays.rows(counts, "counts", 2).sum(axis=0)
    return float(2 * middle / outer) if outer else float("nan")


@arrays.numpy_defaults
def partial_spearman(first: ArrayLike, second: ArrayLike, given: ArrayLike) -> float:
    """The rank correlation of ``first`` with ``second``, both (P,), when that of each with ``given`` is taken out.

    NaN where one of them is constant, or follows from ``given``.
    """
    ranks = [scipy.stats.rankdata(arrays.numbers(v, "values")) for v in (first, second, given)]
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.corrcoef(ranks)
        rest = (1 - r[0, 2] ** 2) * (1 - r[1, 2] ** 2)
        return float((r[0, 1] - r[0, 2] * r[1, 2]) / np.sqrt(rest)) if rest > 0 else float("nan")


@arrays.numpy_defaults
def map_distances(maps: ArrayLike) -> Values:
    """The Frobenius norms of differences of each two local maps (N, c, d), in the order of pairs."""
    matrices = arrays.numbers(maps, "maps").astype(np.float64)
    if matrices.ndim != 3:
        raise ValueError(f"maps has shape {matrices.shape}; accepted: (N, c, d).")
    return np.asarray(scipy.spatial.distance.pdist(matrices.reshape(len(matrices), -1)))


def _labels(labels: ArrayLike) -> NDArray[Any]:
    values = np.asarray(labels)
    if values.ndim != 1:
        raise ValueError(f"labels has shape {values.shape}; accepted: (N,).")
    kinds = len(np.unique(values))
    if kinds < 2 or kinds == len(values):
        raise ValueError(
            f"labels holds {kinds} classes of {len(values)} points; accepted: 2 or more, with two of a kind."
        )
    return values


def _collected(drawn: list[Effect]) -> Effects:
    if not drawn:
        raise ValueError("no draw has pairs within and between classes; accepted: more points.")
    return Effects(*(np.array([getattr(e, name) for e in drawn]) for name in ("auc", "d", "matched")))


def _comparison(values: ArrayLike, distance: ArrayLike, bins: int) -> Callable[[Bits, Values | None], Effect]:
    """The effect as a function of which pairs are within classes, and of their weights."""
    numbers, lengths = arrays.numbers(values, "values").astype(np.float64), arrays.numbers(distance, "distance")
    if numbers.shape != lengths.shape or numbers.ndim != 1:
        raise ValueError(f"values has shape {numbers.shape} and distance {lengths.shape}; accepted: (P,) for both.")
    count = arrays.whole(bins, "bins")
    edges = np.quantile(lengths, np.linspace(0, 1, count + 1)[1:-1])
    bin_of = np.searchsorted(edges, lengths, side="right")
    distinct, rank = np.unique(numbers, return_inverse=True)
    centred = numbers - numbers.mean() if np.ptp(numbers) > 0 else np.zeros(len(numbers))
    counts = np.bincount(rank)
    middle = (np.cumsum(counts) - (counts - 1) / 2)[rank]  # ranks from 1, the same for ties
    sums = np.asarray(np.bincount(bin_of, centred, minlength=count), np.float64)
    sizes = np.bincount(bin_of, minlength=count)
    squares = float(centred @ centred)

    def unweighted(within: Bits) -> Effect:
        """The same from sums over the pairs within classes alone, which are few."""
        inside = np.flatnonzero(within)
        w = len(inside)
        b = len(numbers) - w
        total = float(centred[inside].sum())
        mean_w, mean_b = total / w, -total / b
        sd = np.sqrt(max(squares - w * mean_w**2 - b * mean_b**2, 0) / max(w + b - 2, 1))
        larger = w * b - (float(middle[inside].sum()) - w * (w + 1) / 2)
        n_w = np.bincount(bin_of[inside], minlength=count).astype(np.float64)
        s_w = np.asarray(np.bincount(bin_of[inside], centred[inside], minlength=count), np.float64)
        return made(larger, w * b, mean_b - mean_w, sd, n_w, sizes - n_w, s_w, sums - s_w)

    def by_bin(weight: Values) -> Values:
        return np.asarray(np.bincount(bin_of, weight, minlength=count), np.float64)

    def compare(within: Bits, weight: Values | None) -> Effect:
        if weight is None:
            return unweighted(within)
        weights = weight
        w, b = np.where(within, weights, 0), np.where(within, 0, weights)
        below_w, below_b = (np.bincount(rank, v, minlength=len(distinct)) for v in (w, b))
        larger = (below_b * (np.cumsum(below_w) - below_w / 2)).sum()
        total_w, total_b = w.sum(), b.sum()
        mean_w, mean_b = (w * centred).sum() / total_w, (b * centred).sum() / total_b
        square = (w * (centred - mean_w) ** 2).sum() + (b * (centred - mean_b) ** 2).sum()
        sd = np.sqrt(square / max(total_w + total_b - 2, 1))
        n_w, n_b, s_w, s_b = (by_bin(v) for v in (w, b, w * centred, b * centred))
        return made(float(larger), float(total_w * total_b), mean_b - mean_w, sd, n_w, n_b, s_w, s_b)

    def made(
        larger: float, pairs: float, apart: float, sd: float, n_w: Values, n_b: Values, s_w: Values, s_b: Values
    ) -> Effect:
        """The effect from sums: by bin the weights n and the values s of pairs within and between classes."""
        usable = (n_w > 0) & (n_b > 0)
        n_w, n_b, s_w, s_b = n_w[usable], n_b[usable], s_w[usable], s_b[usable]
        share = n_w * n_b / (n_w + n_b)
        difference = (share * (s_b / n_b - s_w / n_w)).sum() / share.sum() if share.size else np.nan
        d, matched = (x / sd if sd > 0 else 0.0 for x in (apart, difference))
        return Effect(float(larger / pairs), float(d), float(matched))

    return compare
