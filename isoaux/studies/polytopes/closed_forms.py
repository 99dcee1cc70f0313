"""What is known of networks before any training, beside what is counted in random ones (section 31.6)."""

from dataclasses import dataclass

import numpy as np
import scipy

from isoaux.polytopes import Net, codes, crossings, partition, scaling, untrained
from isoaux.polytopes.boundaries import pairs
from isoaux.polytopes.codes import hamming

SEED = 31
"""The seed of all random networks and points."""

LINES = (5, 12, 40)
"""Numbers of lines whose regions are counted."""

FAR = 1e5
"""The half-width of a window that holds all intersections of the lines."""

ONE_LAYER = 200
"""Neurons, and inputs, of the single layer whose crossings are compared with a half-Cauchy law."""

WIDE, DEPTH, POINTS = 512, 3, 60
"""Width, depth and inputs of the layers whose bits are compared with angles."""


@dataclass(frozen=True)
class Regions:
    """How many regions ``lines`` make in the plane by the formula, and ``counted`` in an exact slice."""

    lines: int
    formula: int
    counted: int


@dataclass(frozen=True)
class HalfCauchy:
    """Boundaries on rays through one Gaussian layer: their mean number and what is ``expected``, and their law.

    ``distance`` is the largest difference of both distribution functions of alpha, ``p`` that of the
    Kolmogorov-Smirnov test.
    """

    number: float
    expected: float
    distance: float
    p: float


@dataclass(frozen=True)
class Angles:
    """The share of differing bits in a wide layer without biases, what the angle says, and their correlation."""

    layer: int
    share: float
    formula: float
    correlation: float


def regions() -> list[Regions]:
    """Regions between lines: those of one layer of neurons with two inputs, in a window that holds all crossings."""
    rng, made = np.random.default_rng(SEED), []
    for count in LINES:
        net = Net([(rng.standard_normal((count, 2)), rng.standard_normal(count)), (np.ones((1, count)), np.zeros(1))])
        cut = partition.slice(net, np.zeros(2), [1.0, 0.0], [0.0, 1.0], FAR)
        made.append(Regions(count, untrained.regions(count), cut.faces))
    return made


def rays_without_biases(count: int = 50) -> int:
    """How many boundaries ``count`` rays from the origin cross in random networks without biases, both slopes."""
    total = 0
    for leak in (0.0, 0.01):
        net = _random((20, 64, 64, 64, 10), bias=0.0, leak=leak)
        ends = np.random.default_rng(SEED).standard_normal((count, 20))
        total += int(crossings(net, np.zeros_like(ends), scaling.LARGEST * ends).sum())
    return total


def half_cauchy(rays: int = 40) -> HalfCauchy:
    """Boundaries along rays through one layer with Gaussian weights and biases, beside the half-Cauchy law."""
    rng = np.random.default_rng(SEED)
    numbers, places = [], []
    for _ in range(rays):  # a layer for each ray, since rays through one are not independent
        weight, bias = rng.standard_normal((ONE_LAYER, ONE_LAYER)), rng.standard_normal(ONE_LAYER)
        net = Net([(weight, bias), (np.ones((1, ONE_LAYER)), np.zeros(1))])
        vector = rng.standard_normal(ONE_LAYER)
        alpha = scaling.crossings(net, vector[None]).alpha
        numbers.append(len(alpha))
        places.append(alpha * np.linalg.norm(vector))
    law = scipy.stats.halfcauchy()
    cut = law.cdf(scaling.LARGEST * np.sqrt(ONE_LAYER))  # rays end at alpha = 100
    test = scipy.stats.kstest(np.concatenate(places), lambda x: law.cdf(x) / cut)
    expected = untrained.crossings_below(scaling.LARGEST, ONE_LAYER, 1.0, 1.0, np.sqrt(ONE_LAYER))
    return HalfCauchy(float(np.mean(numbers)), float(expected), float(test.statistic), float(test.pvalue))


def angles() -> list[Angles]:
    """Bits of random wide layers without biases that differ between points, beside the angle of these."""
    points = np.abs(np.random.default_rng(SEED).standard_normal((POINTS, 30)))
    points[:, :15] *= np.arange(POINTS)[:, None] % 4  # angles of many sizes
    net = _random((30, *(WIDE,) * DEPTH, 2), bias=0.0)
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    first, second = pairs(POINTS)
    formula = untrained.differing_bits(np.arccos(np.clip((unit @ unit.T)[first, second], -1, 1)), DEPTH)
    bits = codes(net, points)
    made = []
    for k in range(DEPTH):
        share = hamming(bits[:, k * WIDE : (k + 1) * WIDE]) / WIDE
        correlation = float(np.corrcoef(share, formula[:, k])[0, 1])
        made.append(Angles(k + 1, float(share.mean()), float(formula[:, k].mean()), correlation))
    return made


def _random(widths: tuple[int, ...], bias: float, leak: float = 0.0) -> Net:
    """A network with Gaussian weights of variance 1 over the number of inputs, and biases of a standard deviation."""
    rng = np.random.default_rng(SEED)
    layers = [
        (rng.standard_normal((n, p)) / np.sqrt(p), bias * rng.standard_normal(n))
        for p, n in zip(widths, widths[1:], strict=False)
    ]
    return Net(layers, leak)
