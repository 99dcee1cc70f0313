"""Spline codes of points, which polytope they lie in, and the affine map that the network is there.

The code of a point of space l has a bit for each neuron of the layers l+1..K, 1 where its pre-activation is above 0.
Codes begin with the space's next layer and leave none out, so that all points with one code form a convex polytope.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import pdist

from isoaux.common import arrays
from isoaux.polytopes.networks import Net, Values

Bits = NDArray[np.bool_]


@arrays.numpy_defaults
def codes(net: Net, x: ArrayLike, start: int = 0) -> Bits:
    """The codes (N, bits) of points ``x`` (N, d) of the space ``start``, the neurons of layer start+1 first.

    A pre-activation of 0, up to rounding, is off. Raises ValueError for points of another width, and for numbers that
    are not finite.
    """
    space = net.space(start)
    h, bits = net.points(x, space), []
    for k in range(space + 1, net.depth + 1):
        z = net.settled(k, h)
        bits.append(z > 0)
        h = net.act(z)
    return np.hstack(bits)


def packed(bits: ArrayLike) -> NDArray[np.uint8]:
    """Codes (N, bits) with eight bits to a byte, (N, bytes), the first bit highest, as they are published."""
    return np.packbits(_bits(bits), axis=1)


def identity(bits: ArrayLike) -> NDArray[np.int64]:
    """A number (N,) for each of the codes (N, bits), equal where codes agree: 0, 1, ... in the order of appearance."""
    rows = np.ascontiguousarray(packed(bits))
    whole = rows.view(np.dtype((np.void, rows.shape[1])))[:, 0]
    _, first, inverse = np.unique(whole, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]


@arrays.numpy_defaults
def hamming(bits: ArrayLike) -> Values:
    """The number of bits in which each two of the codes (N, bits) differ, in the order of ``pdist``, (N(N-1)/2,)."""
    return pairwise(_bits(bits).astype(np.float64))


def pairwise(points: Values) -> Values:
    """The squared distances of each two of the ``points`` (N, d), in the order of ``pdist``; exact for whole numbers.

    One matrix product, so that the rounding is that of the squared lengths.
    """
    square = np.einsum("ij,ij->i", points, points)
    products = points @ points.T
    first, second = np.triu_indices(len(points), 1)
    return np.maximum(square[first] + square[second] - 2 * products[first, second], 0)


@arrays.numpy_defaults
def distances(x: ArrayLike) -> Values:
    """The Euclidean distances of each two of the points ``x`` (N, d), in the order of ``pdist``, (N(N-1)/2,)."""
    return np.asarray(pdist(arrays.rows(x, "x").astype(np.float64)))


@arrays.numpy_defaults
def local_maps(net: Net, x: ArrayLike, start: int = 0) -> tuple[Values, Values]:
    """The affine maps from the space ``start`` to the logits around each of the points ``x`` (N, d).

    Their matrices J = W^{K+1} D^K W^K ... D^{l+1} W^{l+1} (N, c, d), and their offsets (N, c).
    """
    space = net.space(start)
    points = net.points(x, space)
    computed = net.pre_activations(points, space)
    weight, _ = net.affine[-1]
    matrix = np.broadcast_to(weight, (len(points), *weight.shape))
    for (weight, _), z in zip(net.affine[space:-1][::-1], computed[:-1][::-1], strict=True):
        matrix = (matrix * np.where(z > 0, 1.0, net.leak)[:, None]) @ weight
    return matrix, computed[-1] - np.einsum("ncd,nd->nc", matrix, points)


def local_map(net: Net, x: ArrayLike, start: int = 0) -> tuple[Values, Values]:
    """The affine map (A (c, d), b (c,)) that the network is around one point ``x`` (d,) of the space ``start``."""
    matrix, offset = local_maps(net, np.atleast_2d(arrays.numbers(x, "x")), start)
    return matrix[0], offset[0]


def _bits(bits: ArrayLike) -> Bits:
    """Codes as a matrix (N, bits); ValueError for another shape."""
    return np.asarray(arrays.rows(bits, "codes") > 0)
