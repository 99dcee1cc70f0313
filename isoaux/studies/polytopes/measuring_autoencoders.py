"""The same of autoencoders, whose outputs are pixels: codes, boundaries and gates (sections 30 and 31 to 34).

Labels of test images are those of the images; the networks never saw them. The spaces are those of images and of the
activations of all latent layers but the last. Nothing is measured that is about the class that a network gives: no
regions and boundaries of decisions, no changes of class on segments and rays, no share of right images. What networks
with hyperplanes alone have is NaN for others: crossings, and what lies along segments and rays.
"""

from collections.abc import Sequence
from dataclasses import astuple
from functools import partial

import numpy as np
import scipy

from isoaux.common.archive import Arrays
from isoaux.polytopes import Net, boundaries, codes, identity, regions, scaling, segments, soft_codes
from isoaux.polytopes.codes import Bits, distances, hamming
from isoaux.polytopes.networks import RADIUS, Layer
from isoaux.polytopes.scaling import LINEAR, LOGARITHMIC
from isoaux.polytopes.soft_codes import Soft
from isoaux.studies.polytopes import measuring_gates, samples
from isoaux.studies.polytopes.data import EFFECTS, EXACT, NULL, TIMES, Size
from isoaux.studies.polytopes.measuring_boundaries import distinct, flow_of, interpolated, numbers
from isoaux.studies.polytopes.samples import SEED, Labelled, Values, Whole

BLOCK = 1000
"""Images whose codes are computed at once."""


def shortened(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """The layers with the last one in coordinates of its range: of as few rows as it has inputs, and without bias.

    All lengths of differences of local maps stay, so that their variation is that of the whole network.
    """
    _, weight = np.linalg.qr(layers[-1][0])
    return (*layers[:-1], (weight, np.zeros(len(weight))))


def cut_by_hyperplanes(net: Soft) -> list[Net] | None:
    """The same network from each of its spaces 0..K-1 on, of Leaky-ReLU; None where no hyperplanes cut it.

    The first space of each network of the list is a space of ``net``, whose points it takes as they are.
    """
    if net.activation not in EXACT:
        return None
    parts = []
    for start in range(net.depth):
        layers = net.affine[start:]
        names = ["encoder", *(f"hidden.{k}" for k in range(len(layers) - 2)), "decoder"]
        parameters: dict[str, Values] = {}
        for name, (weight, bias) in zip(names, layers, strict=True):
            parameters |= {f"{name}.weight": weight, f"{name}.bias": bias}
        parts.append(Net.of_autoencoder(parameters, net.activation))
    return parts


def bits_of(net: Soft, exact: Net | None, x: Values, start: int = 0) -> Bits:
    """The codes (N, bits) of points ``x`` (N, d): those of ``exact``, and a bit for each layer without it.

    ``exact`` is the network from the space ``start`` on. The bit of a layer says that the length of its pre-activations
    is at least the radius at which the function bends.
    """
    if exact is not None:
        return codes(exact, x)
    lengths = [np.linalg.norm(z, axis=1) for z in net.pre_activations(x, start)[:-1]]
    return np.stack([length >= RADIUS for length in lengths], axis=1)


def measure(net: Soft, tests: Labelled, size: Size) -> Arrays:
    """The arrays of one state of an autoencoder over spaces 0..K-1, or the layers behind them, (K, ...).

    Of all test images ``polytopes`` (K,), how many codes there are, ``alone`` (K,), the share of images with a code
    that no other has, and ``constant`` (K,), the share of a layer's bits that never change. ``effect`` (K, counts, 3)
    and ``permuted`` (K, 4) of the matched one on codes; ``ways`` (K, 2); ``ratio`` (K,), ``profile`` (K, 2, 20),
    ``middle`` (K, 2) and ``middle_permuted`` (K, 4) of segments; ``flow``, ``flow_class``, ``flow_permuted``,
    ``flow_nearest`` of latent layers. ``linear`` (K, 40) and ``logarithmic`` (K, 50), mean crossings per unit of
    length of rays, and ``peak`` (K, 3); ``cumulated`` (K, times) and ``half_cauchy`` (K, 3) as :func:`along_rays`
    has them. ``codes``, ``gates``, ``norms``, ``activations`` (K, 5), clusters, and ``gates_each`` (K,).
    """
    few, many = tests.first(size.images), tests.first(size.published)
    exact: Sequence[Net | None] = cut_by_hyperplanes(net) or [None] * net.depth
    spaces = [_space(net, exact[start], h, few, start, size) for start, h in enumerate(net.activations(few.x)[:-1])]
    arrays = {name: np.stack([space[name] for space in spaces]) for name in spaces[0]}
    arrays |= flow_of(net, few, size.draws) | measuring_gates.clusters(net, many)
    points = net.activations(many.x)
    clustered = [regions.cluster(bits_of(net, exact[k], points[k], k), "cityblock") for k in range(net.depth)]
    arrays["codes"] = np.array([astuple(regions.purity(each, many.labels)) for each in clustered])
    return arrays | counted(net, exact[0], tests.x)


def counted(net: Soft, exact: Net | None, images: Values) -> Arrays:
    """``polytopes``, ``alone`` and ``constant`` of :func:`measure`, of all ``images`` (N, d)."""
    blocks = range(0, len(images), BLOCK)
    bits = np.concatenate([bits_of(net, exact, images[begin : begin + BLOCK]) for begin in blocks])
    each = bits.shape[1] // net.depth
    rows = []
    for k in range(net.depth):
        times = np.bincount(identity(bits[:, k * each :]))
        layer = bits[:, k * each : (k + 1) * each]
        rows.append([len(times), (times == 1).sum() / len(images), (layer == layer[0]).all(axis=0).mean()])
    return dict(zip(("polytopes", "alone", "constant"), np.array(rows).T, strict=True))


def _space(net: Soft, exact: Net | None, h: Values, tests: Labelled, start: int, size: Size) -> Arrays:
    points, labels = distinct(h, tests.labels)
    distance, same = distances(points), boundaries.same_class(labels)
    density = boundaries.density(hamming(bits_of(net, exact, points, start)), distance)
    effect = boundaries.effect(density, same, distance)
    null = boundaries.permuted(density, labels, distance, size.draws, SEED)
    follow = partial(segments.variation, exact) if exact else partial(soft_codes.variation, net, start=start)
    varied = measuring_gates.variation(follow, points, labels, size.paths)
    crossed, between = _segments(exact, points, labels, size)
    return {
        "effect": np.stack([numbers(effect), crossed, varied["variation"]]),
        "permuted": samples.null(effect.matched, null.matched),
        "ways": varied["ways"],
        **between,
        **along_rays(exact, h[: size.rays]),
    }


def _segments(exact: Net | None, h: Values, labels: Whole, size: Size) -> tuple[Values, Arrays]:
    """The effect (3,) of classes on crossings, and where segments are crossed; NaN without hyperplanes."""
    if exact is None:
        shapes = {"profile": (2, boundaries.BINS), "middle": (2,), "middle_permuted": (len(NULL),), "ratio": ()}
        return np.full(len(EFFECTS), np.nan), {name: np.full(shape, np.nan) for name, shape in shapes.items()}
    first, second, within = samples.pairs(labels, size.segments)
    length = np.linalg.norm(h[first] - h[second], axis=1)
    crossed = segments.crossing_points(exact, h[first], h[second])
    counts = np.bincount(crossed.segment, minlength=len(first))
    bits = codes(exact, h)
    differing = int((bits[first] != bits[second]).sum())
    effect = boundaries.effect(boundaries.density(counts, length), within, length)
    ratio = np.array(counts.sum() / differing if differing else np.nan)
    return np.array(numbers(effect)), interpolated(crossed, within, length, size.draws) | {"ratio": ratio}


def along_rays(exact: Net | None, h: Values) -> Arrays:
    """Boundaries on the rays alpha h of points ``h`` (M, d) of the first space of a network; NaN without.

    ``linear``, ``logarithmic`` and ``peak`` of all layers as of classifiers. Of the next layer alone, against the law
    of Gaussian weights and biases (section 31.6), by which alpha is half-Cauchy with the scale s = sigma_b/(sigma_w
    |h|): ``cumulated``, the share of crossings below s times each of :data:`isoaux.studies.polytopes.data.TIMES`, and
    ``half_cauchy`` (3,), the share of neurons that a ray crosses, by the law 1/2, the median of alpha/s, by the law 1,
    and the largest distance of the distributions. sigma are root mean squares over the layer; without biases the last
    two are NaN.
    """
    if exact is None:
        shapes = {"linear": len(LINEAR) - 1, "logarithmic": len(LOGARITHMIC) - 1, "peak": 3}
        shapes |= {"cumulated": len(TIMES), "half_cauchy": 3}
        return {name: np.full(count, np.nan) for name, count in shapes.items()}
    h = h[np.linalg.norm(h, axis=1) > 0]
    rays = scaling.crossings(exact, h)
    linear = scaling.profile(rays).mean(axis=0)
    peak = scaling.peak(linear)
    weight, bias = exact.affine[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = -bias / (h @ weight.T)
        times = alpha * np.linalg.norm(h, axis=1)[:, None] * np.sqrt((weight**2).mean() / (bias**2).mean())
    crossed = times[np.isfinite(times) & (times > 0)]
    some = len(crossed) > 0
    apart = scipy.stats.kstest(crossed, scipy.stats.halfcauchy.cdf).statistic if some else np.nan
    return {
        "linear": linear,
        "logarithmic": scaling.profile(rays, LOGARITHMIC).mean(axis=0),
        "peak": np.array([peak.alpha, peak.rise, peak.shell], np.float64),
        "cumulated": (crossed[:, None] <= TIMES).mean(axis=0) if some else np.full(len(TIMES), np.nan),
        "half_cauchy": np.array([len(crossed) / times.size, np.median(crossed) if some else np.nan, apart]),
    }
