"""Clusters and directions, and whether each is of one class: HDBSCAN, PCA and NMF of activations and codes.

Clusters come without a label for what lies in none (-1). So purity of what is clustered says little without the share
that is, and both are always given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.decomposition import NMF, PCA
from sklearn.metrics import adjusted_mutual_info_score
from sklearn.neighbors import NearestNeighbors

from isoaux import bases
from isoaux.common import arrays
from isoaux.common.choices import choose
from isoaux.polytopes.networks import Values

Whole = NDArray[np.int64]

SMALLEST = 15
"""Points of the smallest cluster."""

PURE, MIXED = 0.9, 0.2
"""The share of one class from which a set is of one kind; the share that two classes need for it to be of several."""

TOP = 100
"""Samples of largest cosine that a direction is judged by."""


@dataclass(frozen=True)
class Purity:
    """What clusters have to do with classes.

    ``purity``, the share of clustered samples that have their cluster's most frequent class (NaN without clusters);
    ``clustered``, the share of samples in a cluster; the number of ``clusters``; the share of them that are
    ``monosemantic``, at least :data:`PURE` of one class; ``ami``, the adjusted mutual information over all samples,
    those in no cluster with a label of their own.
    """

    purity: float
    clustered: float
    clusters: int
    monosemantic: float
    ami: float


@dataclass(frozen=True, eq=False)
class Judged:
    """Of D directions: the samples of largest cosine ``top`` (D, count), best first, and the share of their classes.

    ``purity`` (D,) is the share of the most frequent class; ``monosemantic`` (D,) whether it is at least :data:`PURE`;
    ``polysemantic`` (D,) whether two classes have at least :data:`MIXED`.
    """

    top: Whole
    purity: Values
    monosemantic: NDArray[np.bool_]
    polysemantic: NDArray[np.bool_]


@arrays.numpy_defaults
def cluster(x: ArrayLike, metric: str = "euclidean", smallest: int = SMALLEST) -> Whole:
    """The cluster (N,) of each of the points ``x`` (N, d) by HDBSCAN, -1 for none.

    ``metric`` is ``euclidean`` for activations, ``cityblock`` for codes; ``smallest`` the points of the smallest
    cluster. Raises ValueError for fewer points than twice that.
    """
    points = arrays.rows(np.asarray(x, dtype=np.float64) if np.asarray(x).dtype == bool else x, "x")
    least = arrays.whole(smallest, "smallest", 2)
    if len(points) < 2 * least:
        raise ValueError(f"x has {len(points)} points; accepted: at least {2 * least}, twice the smallest cluster.")
    kind = choose("metric", metric, {name: name for name in ("euclidean", "cityblock")})
    return np.asarray(HDBSCAN(min_cluster_size=least, metric=kind, copy=True).fit_predict(points), dtype=np.int64)


@arrays.numpy_defaults
def k_means(x: ArrayLike, clusters: int, seed: int = 0) -> Whole:
    """The cluster (N,) of each of the points ``x`` (N, d) among a given number of ``clusters``, by k-means."""
    points = arrays.rows(x, "x").astype(np.float64)
    count = arrays.whole(clusters, "clusters", 1, len(points))
    return np.asarray(KMeans(count, n_init=10, random_state=arrays.seed(seed)).fit_predict(points), dtype=np.int64)


@arrays.numpy_defaults
def purity(clusters: ArrayLike, labels: ArrayLike) -> Purity:
    """What ``clusters`` (N,), -1 for none, have to do with the classes ``labels`` (N,)."""
    of, counts = _counts(clusters, labels)
    sizes, largest = counts.sum(axis=1), counts.max(axis=1)
    inside = float(sizes.sum())
    return Purity(
        float(largest.sum() / inside) if inside else float("nan"),
        inside / len(of),
        len(counts),
        float((largest >= PURE * sizes).mean()) if len(counts) else float("nan"),
        float(adjusted_mutual_info_score(np.asarray(labels), of)),
    )


def permuted(clusters: ArrayLike, labels: ArrayLike, draws: int = 99, seed: Any = 0) -> list[Purity]:
    """The same with the labels permuted, ``draws`` times."""
    rng, kinds = np.random.default_rng(arrays.seed(seed)), np.asarray(labels)
    return [purity(clusters, rng.permutation(kinds)) for _ in range(arrays.whole(draws, "draws"))]


def _neurons(x: Values, count: int, seed: int) -> Values:
    return np.eye(x.shape[1])


def _pca(x: Values, count: int, seed: int) -> Values:
    return np.asarray(PCA(min(count, *x.shape)).fit(x).components_)


def _turned(x: Values, count: int, seed: int) -> Values:
    axes = _pca(x, count, seed)
    return np.asarray(bases.random_orthogonal(len(axes), seed) @ axes)


def _nmf(x: Values, count: int, seed: int) -> Values:
    if x.min() < 0:
        raise ValueError(f"x holds {x.min():g}; accepted for 'nmf': numbers of at least 0, as behind ReLU.")
    model = NMF(min(count, *x.shape), init="nndsvda", random_state=seed, max_iter=1000, tol=1e-3).fit(x)
    return np.asarray(model.components_)


def _random(x: Values, count: int, seed: int) -> Values:
    return np.abs(np.random.default_rng(seed).standard_normal((count, x.shape[1])))


DIRECTIONS: Mapping[str, Callable[[Values, int, int], Values]] = {
    "neurons": _neurons,
    "pca": _pca,
    "turned": _turned,
    "nmf": _nmf,
    "random": _random,
}
"""Sets of directions: neurons, principal axes, those turned at random, those of NMF, and random positive ones."""


@arrays.numpy_defaults
def directions(x: ArrayLike, kind: str, count: int = 16, seed: int = 0) -> Values:
    """Unit directions (D, n) of activations ``x`` (N, n): a ``kind`` of :data:`DIRECTIONS`, at most ``count`` of them.

    ``neurons`` are all n. Components of NMF that vanish are left out. Raises ValueError for an unknown kind, and for
    negative numbers with ``nmf``.
    """
    points = arrays.rows(x, "x").astype(np.float64)
    rows = choose("kind", kind, DIRECTIONS)(points, arrays.whole(count, "count"), arrays.seed(seed))
    length = np.linalg.norm(rows, axis=1)
    return np.asarray(rows[length > 0] / length[length > 0, None])


@arrays.numpy_defaults
def cosines(x: ArrayLike, axes: ArrayLike) -> Values:
    """The cosines (N, D) of activations ``x`` (N, n) with unit directions ``axes`` (D, n); 0 for activations of 0."""
    points = arrays.rows(x, "x").astype(np.float64)
    length = np.linalg.norm(points, axis=1, keepdims=True)
    return np.asarray(points @ arrays.rows(axes, "axes", points.shape[1]).T / np.where(length > 0, length, 1))


@arrays.numpy_defaults
def judged(x: ArrayLike, axes: ArrayLike, labels: ArrayLike, top: int = TOP) -> Judged:
    """The classes of the ``top`` samples of largest cosine with each of the ``axes`` (D, n), among ``x`` (N, n).

    Raises ValueError for fewer samples than ``top``.
    """
    angle, kinds = cosines(x, axes), np.unique(np.asarray(labels), return_inverse=True)[1]
    count = arrays.whole(top, "top", 1, len(angle))
    best = np.argsort(-angle, axis=0, kind="stable")[:count].T
    shares = np.stack([(kinds[best] == k).mean(axis=1) for k in range(kinds.max() + 1)], axis=1)
    largest = shares.max(axis=1)
    return Judged(best, largest, largest >= PURE, (shares >= MIXED).sum(axis=1) >= 2)


@arrays.numpy_defaults
def entropy_drop(clusters: ArrayLike, labels: ArrayLike, draws: int = 0, seed: Any = 0) -> Values:
    """How much knowing the cluster reduces the entropy of class in nats, (1 + draws,), -1 being one more cluster.

    The first is that of the ``clusters`` (N,) themselves, the others with them permuted; all samples count alike.
    """
    groups, kinds = (np.unique(np.asarray(v), return_inverse=True)[1] for v in (clusters, labels))
    rng = np.random.default_rng(arrays.seed(seed))
    orders = [np.arange(len(groups)), *(rng.permutation(len(groups)) for _ in range(arrays.whole(draws, "draws", 0)))]
    return np.array([_entropy_drop(groups[order], kinds) for order in orders])


@arrays.numpy_defaults
def neighbour_agreement(x: ArrayLike, labels: ArrayLike, neighbours: int = 10) -> float:
    """The share of the nearest ``neighbours`` of a point, among the others of ``x`` (N, d), that have its label."""
    points, kinds = arrays.rows(x, "x").astype(np.float64), np.asarray(labels)
    count = arrays.whole(neighbours, "neighbours", 1, len(points) - 1)
    near = NearestNeighbors(n_neighbors=count).fit(points).kneighbors(return_distance=False)
    return float((kinds[near] == kinds[:, None]).mean())


def _counts(clusters: ArrayLike, labels: ArrayLike) -> tuple[Whole, Whole]:
    """The clusters, and how many samples of each class each of them has, (clusters, classes)."""
    of, kinds = np.asarray(clusters), np.unique(np.asarray(labels), return_inverse=True)[1]
    if of.shape != kinds.shape or of.ndim != 1:
        raise ValueError(f"clusters has shape {of.shape} and labels {kinds.shape}; accepted: (N,) for both.")
    inside = of >= 0
    number, row = np.unique(of[inside], return_inverse=True)
    counts = np.zeros((len(number), kinds.max() + 1), dtype=np.int64)
    np.add.at(counts, (row, kinds[inside]), 1)
    return of, counts


def _entropy_drop(groups: Whole, kinds: Whole) -> float:
    joint = np.zeros((groups.max() + 1, kinds.max() + 1))
    np.add.at(joint, (groups, kinds), 1 / len(groups))
    return float(_entropy(joint.sum(axis=0)) + _entropy(joint.sum(axis=1)) - _entropy(joint.ravel()))


def _entropy(p: Values) -> float:
    positive = p[p > 0]
    return float(-(positive * np.log(positive)).sum())
