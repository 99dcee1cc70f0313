"""What carries class where no hyperplanes belong to neurons: variation of the local map, and gates (section 31.5)."""

from collections.abc import Callable
from functools import partial

import numpy as np

from isoaux.common.archive import Arrays
from isoaux.polytopes import Net, boundaries, segments, soft_codes
from isoaux.polytopes.soft_codes import Soft
from isoaux.studies.polytopes import samples
from isoaux.studies.polytopes.data import EFFECTS, LEAKS, Size
from isoaux.studies.polytopes.measuring_regions import clusters_of
from isoaux.studies.polytopes.samples import Labelled, Values, Whole


def measure(net: Soft, tests: Labelled, size: Size) -> Arrays:
    """The arrays of one state of a network over spaces, or layers, (K, ...).

    ``variation`` (K, 3), the effect on the variation of the local map per unit of distance; ``ways`` (K, 2), its means
    within and between classes; ``gates``, ``norms`` and ``activations`` (K, 5), clusters of the gates of the layers
    k..K, of the lengths of their pre-activations, and of the activations of layer k; ``gates_each`` (K,), how many
    gates these are; ``accuracy``.
    """
    few = tests.first(size.images)
    follow = partial(soft_codes.variation, net)
    if net.activation in LEAKS:
        follow = partial(segments.variation, Net(net.layers, LEAKS[net.activation]))
    spaces = enumerate(net.activations(few.x)[:-1])
    rows = [variation(partial(follow, start=start), h, few.labels, size.paths) for start, h in spaces]
    arrays = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    right = net.logits(tests.x).argmax(axis=1) == tests.labels
    return arrays | clusters(net, tests.first(size.published)) | {"accuracy": np.array(right.mean())}


def clusters(net: Soft, many: Labelled) -> Arrays:
    """``gates``, ``norms``, ``activations`` and ``gates_each`` of :func:`measure`, from all images of ``many``."""
    spaces, z = net.activations(many.x), net.pre_activations(many.x)[:-1]
    lengths = np.stack([np.linalg.norm(each, axis=1) for each in z], axis=1)
    layers = []
    for k in range(1, net.depth + 1):
        gates = soft_codes.codes(net, spaces[k - 1], k - 1)
        layers.append(
            {
                "gates": clusters_of(gates, many.labels, "cityblock"),
                "norms": clusters_of(lengths[:, k - 1 :], many.labels, "cityblock"),
                "activations": clusters_of(spaces[k], many.labels, "euclidean"),
                "gates_each": np.array(gates.shape[1]),
            }
        )
    return {name: np.stack([layer[name] for layer in layers]) for name in layers[0]}


def variation(follow: Callable[[Values, Values], Values], h: Values, labels: Whole, count: int) -> Arrays:
    """``variation`` (3,) and ``ways`` (2,) of one space, between its points ``h`` (N, d) with ``labels`` (N,).

    ``follow`` gives the length of the path of the local map from points (M, d) to others; ``count`` pairs of each kind
    are followed.
    """
    first, second, within = samples.pairs(labels, count)
    length = np.linalg.norm(h[first] - h[second], axis=1)
    apart = length > 0
    first, second, within, length = first[apart], second[apart], within[apart], length[apart]
    way = follow(h[first], h[second])
    density = boundaries.density(way, length)
    effect = boundaries.effect(density, within, length)
    return {
        "variation": np.array([getattr(effect, name) for name in EFFECTS]),
        "ways": np.array([density[within].mean(), density[~within].mean()]),
    }
