"""Clusters of activations and codes, directions, and what they have to do with classes (section 33)."""

from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from isoaux.common.archive import Arrays
from isoaux.polytopes import Net, boundaries, codes, regions
from isoaux.polytopes.codes import distances, hamming, local_maps
from isoaux.polytopes.regions import Judged
from isoaux.studies.polytopes import samples
from isoaux.studies.polytopes.data import COSINES, DIRECTIONS, JUDGED, PURITY, Size
from isoaux.studies.polytopes.samples import SEED, Labelled, Values

OTHERS = (10, 30)
"""Sizes of the smallest cluster that the usual one is compared with."""

PROJECTED = 4
"""Polysemantic neurons of a layer whose projections are clustered, at most."""


def measure(net: Net, tests: Labelled, size: Size, trained: bool) -> Arrays:
    """The arrays of one state of a network over layers (K, ...).

    ``activations`` and ``codes`` (K, 5) of HDBSCAN, the same with other smallest clusters (K, 2, 5) as
    ``activations_other`` and
    ``codes_other`` of ``trained`` networks, NaN for others, of as many clusters of k-means as ``activations_means`` and
    ``codes_means`` (K, 5), and of permuted labels as ``activations_permuted`` and ``codes_permuted`` (K, 5, 4);
    ``directions`` (K, sets, 3); ``drop`` (K, 4): how far clusters of codes reduce the entropy of class among the
    samples of polysemantic neurons, the same of permuted clusters, the share of these neurons beyond 95 % of the
    permuted ones, and how many neurons these are; ``projections`` (K,), the mean information on class of clusters of
    one neuron's activations; ``neighbours`` (K,); ``relation`` (K, 4).
    """
    many = tests.first(size.samples)
    spaces = net.activations(many.x)
    layers = []
    for k in range(1, net.depth + 1):
        bits = codes(net, spaces[k - 1], k - 1)
        layer = _clusters(spaces[k], bits, many.labels, size.draws, OTHERS if trained else ())
        layer |= _directions(spaces[k], many.labels, layer.pop("clusters"), size.draws)
        layer["neighbours"] = np.array(regions.neighbour_agreement(spaces[k], many.labels))
        layer["relation"] = _relation(net, spaces[k - 1][: size.maps], k - 1)
        layers.append(layer)
    return {name: np.stack([layer[name] for layer in layers]) for name in layers[0]}


def pixels(tests: Labelled, size: Size) -> Arrays:
    """The clusters of images by their pixels, ``pixels`` (5,), and the labels of their neighbours there, a share."""
    many = tests.first(size.samples)
    clusters = regions.cluster(many.x)
    near = regions.neighbour_agreement(many.x, many.labels)
    return {"pixels": np.array(astuple(regions.purity(clusters, many.labels))), "pixels_neighbours": np.array(near)}


def clusters_of(points: Any, labels: NDArray[np.int64], metric: str) -> Values:
    """The numbers (5,) of :data:`PURITY` of the clusters of ``points`` (N, d)."""
    return np.array(astuple(regions.purity(regions.cluster(points, metric), labels)))


def _clusters(
    h: Values, bits: NDArray[np.bool_], labels: NDArray[np.int64], draws: int, others: Sequence[int]
) -> Arrays:
    """What clusters of activations and codes have to do with classes, and the clusters of codes themselves."""
    arrays: Arrays = {}
    both = (("activations", h, "euclidean"), ("codes", bits, "cityblock"))
    for name, points, metric in both:
        arrays["clusters"] = clusters = regions.cluster(points, metric)  # those of codes come last, and stay
        measured = regions.purity(clusters, labels)
        arrays[name] = np.array(astuple(measured))
        arrays[f"{name}_other"] = np.full((len(OTHERS), len(PURITY)), np.nan)
        for at, smallest in enumerate(others):
            fewer = regions.cluster(points, metric, smallest)
            arrays[f"{name}_other"][at] = astuple(regions.purity(fewer, labels))
        means = regions.k_means(points, max(measured.clusters, 1), SEED)
        arrays[f"{name}_means"] = np.array(astuple(regions.purity(means, labels)))
        drawn = np.array([astuple(each) for each in regions.permuted(clusters, labels, draws, SEED)])
        values = arrays[name]
        arrays[f"{name}_permuted"] = np.stack([samples.null(values[i], drawn[:, i]) for i in range(len(PURITY))])
    return arrays


def shown(net: Net, tests: Labelled, size: Size) -> Arrays:
    """Samples of a network of ReLU along single directions, by layer (K, ...).

    ``clusters`` (K, N), the cluster of each sample's code, -1 for none; ``chosen`` (K, 2), the neuron
    whose samples of largest cosine are least of one class, of those that are on for as many, and the component of 16 of
    NMF whose are most; ``cosines`` (K, 2, N) of
    all samples with them, in units of 1/:data:`COSINES`.
    """
    many = tests.first(size.samples)
    spaces, rows = net.activations(many.x), []
    few = min(regions.TOP, len(many.x) // 3)
    for k in range(1, net.depth + 1):
        sets = [regions.directions(spaces[k], kind, 16, SEED) for kind in ("neurons", "nmf")]
        every = [regions.cosines(spaces[k], axes) for axes in sets]
        judged = [regions.judged(spaces[k], axes, many.labels, few).purity for axes in sets]
        active = np.sort(every[0], axis=0)[-few] > 0  # a neuron that is on for fewer images is not judged by it
        chosen = [int(np.where(active, judged[0], np.inf).argmin()), int(judged[1].argmax())]
        cosines = [each[:, i] for each, i in zip(every, chosen, strict=True)]
        rows.append(
            {
                "clusters": regions.cluster(codes(net, spaces[k - 1], k - 1), "cityblock").astype(np.int16),
                "chosen": np.array(chosen, np.int16),
                "cosines": np.rint(np.array(cosines) * COSINES).astype(np.int16),
            }
        )
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def _directions(h: Values, labels: NDArray[np.int64], clusters: NDArray[Any], draws: int) -> Arrays:
    """What the samples of largest cosine with several sets of directions are, and how codes divide them."""
    rows, neurons = [], None
    for name in DIRECTIONS:
        kind, _, count = name.partition(" ")
        if kind == "nmf" and h.min() < 0:
            rows.append([np.nan] * len(JUDGED))
            continue
        axes = regions.directions(h, kind, int(count or h.shape[1]), SEED)
        judged = regions.judged(h, axes, labels, min(regions.TOP, len(h) // 3))
        rows.append([judged.monosemantic.mean(), judged.polysemantic.mean(), judged.purity.mean()])
        neurons = judged if name == "neurons" else neurons
    assert neurons is not None
    return {"directions": np.array(rows)} | _split(h, labels, clusters, neurons, draws)


def _split(h: Values, labels: NDArray[np.int64], clusters: NDArray[Any], neurons: Judged, draws: int) -> Arrays:
    """How clusters of codes, and of the projections alone, divide the samples of polysemantic neurons."""
    mixed = np.flatnonzero(neurons.polysemantic)
    drops = np.array(
        [regions.entropy_drop(clusters[neurons.top[i]], labels[neurons.top[i]], draws, SEED) for i in mixed]
    ).reshape(len(mixed), 1 + draws)
    drop = np.full(4, np.nan)
    drop[3] = len(mixed)
    if len(mixed):
        beyond = drops[:, 0] > np.quantile(drops[:, 1:], 0.95, axis=1)
        drop[:3] = drops[:, 0].mean(), drops[:, 1:].mean(), beyond.mean()
    ami = [clusters_of(h[:, [i]], labels, "euclidean")[PURITY.index("ami")] for i in mixed[:PROJECTED]]
    return {"drop": drop, "projections": np.array(np.mean(ami) if ami else np.nan)}


def _relation(net: Net, h: Values, start: int) -> Values:
    """Rank correlations over pairs of points with the difference of their local maps (:data:`data.RELATIONS`)."""
    bits = hamming(codes(net, h, start))
    apart = boundaries.map_distances(local_maps(net, h, start)[0])
    distance = distances(h)
    with np.errstate(invalid="ignore"):
        alone = [scipy.stats.spearmanr(values, apart).statistic for values in (bits, distance)]
    exchanged = np.random.default_rng(SEED).permutation(bits)
    partial = [boundaries.partial_spearman(values, apart, distance) for values in (bits, exchanged)]
    return np.array([*alone, *partial])
