"""Exact slices of networks through three test images, and what is published of them (section 31.2)."""

import numpy as np
from numpy.typing import NDArray

from isoaux.common.archive import Arrays
from isoaux.polytopes import Net, codes, partition
from isoaux.polytopes.codes import packed
from isoaux.polytopes.partition import Partition, Plane
from isoaux.studies.polytopes.samples import Labelled, Whole

LIMIT = 200_000
"""The most faces of a slice."""

STEPS = 32_000
"""Steps of the coordinates of vertices between the middle and the border of the window, as they are published."""


def corners(labels: Whole) -> Whole:
    """The first test images that are of three classes, by their ``labels`` (N,), as three indices."""
    _, first = np.unique(labels, return_index=True)
    return np.sort(first)[:3]


def plane(net: Net, tests: Labelled, start: int) -> Plane:
    """The plane through the three images in a space of a network; its window is as wide as the two furthest."""
    return partition.through(*net.activations(tests.x[corners(tests.labels)])[start])


def cut(net: Net, tests: Labelled, start: int) -> Partition:
    """The slice through the three images in a space of a network."""
    square = plane(net, tests, start)
    return partition.slice(net, square.origin, square.first, square.second, square.window, start, LIMIT)


def measure(net: Net, tests: Labelled) -> Arrays:
    """The numbers of the slices of a network over its spaces (K, ...).

    ``faces`` (K, K), how many there are after each layer, -1 for layers before the space; ``euler`` and ``tiny`` (K,);
    ``areas`` (K, classes), the share of the window that each class has; ``window`` (K,).
    """
    rows = []
    for start in range(net.depth):
        slice_ = cut(net, tests, start)
        window = 4 * slice_.plane.window**2
        faces = np.full(net.depth, -1)
        faces[start:] = slice_.faces_by_layer
        rows.append(
            {
                "faces": faces,
                "euler": np.array(slice_.euler),
                "tiny": np.array(slice_.tiny),
                "areas": slice_.classes().areas(net.widths[-1]) / window,
                "window": np.array(slice_.plane.window),
            }
        )
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def published(slice_: Partition) -> Arrays:
    """A slice in few bytes.

    ``vertices`` (V, 2) in int16, :data:`STEPS` from the middle to the border; ``ring`` (T,) and ``offsets`` (F + 1,),
    the vertices of one face after the other; ``winner`` (F,), the class at the mean of its vertices; ``lead`` (F,), how
    far its probability leads there, 0 to 255; ``layers`` (T,), the layer of the edge behind each entry of the ring, 0
    for the border.
    """
    logits = slice_.complex.means(slice_.vertex_logits())
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    two = np.sort(shares, axis=1)[:, -2:]
    behind = np.searchsorted(np.cumsum(slice_.widths), slice_.marks, side="right")
    return {
        "vertices": np.rint(slice_.vertices * (STEPS / slice_.plane.window)).astype(np.int16),
        "ring": slice_.ring.astype(np.int32),
        "offsets": slice_.offsets.astype(np.int32),
        "winner": logits.argmax(axis=1).astype(np.uint8),
        "lead": np.rint(255 * (two[:, 1] - two[:, 0])).astype(np.uint8),
        "layers": np.where(slice_.marks < 0, 0, slice_.start + 1 + behind).astype(np.uint8),
    }


def representations(net: Net, tests: Labelled, count: int) -> Arrays:
    """What a network makes of the first ``count`` test images, in few bytes.

    ``bits``: codes (N, bytes) of space 0; ``activations`` (N, K, n) in int16, of which ``units`` (K,) are the values of
    a step.
    """
    few = tests.first(count)
    layers = np.stack(net.activations(few.x)[1:], axis=1)
    units: NDArray[np.float64] = np.abs(layers).max(axis=(0, 2)) / 32_767
    units[units == 0] = 1.0
    values = np.rint(layers / units[:, None]).astype(np.int16)
    return {"bits": packed(codes(net, few.x)), "activations": values, "units": units}
