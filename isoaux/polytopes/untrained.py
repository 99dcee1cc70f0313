"""Closed forms of random networks, and of arrangements of lines: what there is before any training."""

import numpy as np
from numpy.typing import ArrayLike

from isoaux.common import arrays
from isoaux.polytopes.networks import Values


def regions(lines: int) -> int:
    """The number of regions of the plane between N lines in general position, 1 + N + N(N - 1)/2."""
    count = arrays.whole(lines, "lines", 0)
    return 1 + count + count * (count - 1) // 2


@arrays.numpy_defaults
def crossings_below(alpha: ArrayLike, neurons: int, weight_sd: float, bias_sd: float, length: float) -> Values:
    """The mean number of crossings of the ray alpha h below each ``alpha``, in one layer of ``neurons`` Gaussians.

    Weights have the standard deviation ``weight_sd`` and biases ``bias_sd``; ``length`` is |h|. Half of all neurons are
    crossed somewhere, at a half-Cauchy distributed alpha of scale bias_sd/(weight_sd |h|).
    """
    scale = arrays.positive(bias_sd, "bias_sd") / (
        arrays.positive(weight_sd, "weight_sd") * arrays.positive(length, "length")
    )
    values = np.maximum(arrays.numbers(alpha, "alpha").astype(np.float64), 0)
    return np.asarray(arrays.whole(neurons, "neurons") / np.pi * np.arctan(values / scale))


@arrays.numpy_defaults
def next_angle(theta: ArrayLike, leak: float = 0.0) -> Values:
    """The angle behind a wide random layer without biases, of two points at the angle ``theta`` before it.

    For ReLU, cos theta' = (sin theta + (pi - theta) cos theta)/pi (Cho and Saul 2009); with a leak a, that times
    (1 - a)^2, plus 2 a cos theta, over 1 + a^2.
    """
    angle, a = arrays.numbers(theta, "theta").astype(np.float64), arrays.fraction(leak, "leak")
    relu = (np.sin(angle) + (np.pi - angle) * np.cos(angle)) / np.pi
    return np.asarray(np.arccos(np.clip(((1 - a) ** 2 * relu + 2 * a * np.cos(angle)) / (1 + a * a), -1, 1)))


@arrays.numpy_defaults
def differing_bits(theta: ArrayLike, depth: int, leak: float = 0.0) -> Values:
    """The share of differing bits in each of ``depth`` wide random layers without biases, (..., depth).

    ``theta`` (...) is the angle of two inputs; the share in a layer is the angle before it, over pi.
    """
    angles = [arrays.numbers(theta, "theta").astype(np.float64)]
    for _ in range(arrays.whole(depth, "depth") - 1):
        angles.append(next_angle(angles[-1], leak))
    return np.stack(angles, axis=-1) / np.pi
