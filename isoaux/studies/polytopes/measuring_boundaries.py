"""Boundaries between points of one class and of two, of a network in one state (section 32 of the specification)."""

import numpy as np
from numpy.typing import NDArray

from isoaux.common.archive import Arrays
from isoaux.polytopes import Net, boundaries, codes, flow, segments, untrained
from isoaux.polytopes.boundaries import Effect
from isoaux.polytopes.codes import distances, hamming
from isoaux.polytopes.networks import Layers
from isoaux.studies.polytopes import samples
from isoaux.studies.polytopes.data import EFFECTS, Size
from isoaux.studies.polytopes.samples import SEED, Labelled, Values

BINS = 40
"""Bins of the distributions of densities."""


def measure(net: Net, tests: Labelled, size: Size, trained: bool) -> Arrays:
    """The arrays of one state of a network, most of them over spaces (K, ...).

    Labels are permuted more often for ``trained`` networks, and images drawn again for them alone.

    ``effect`` (K, counts, 3); ``permuted`` and ``bootstrap`` (K, 3, 4) and (K, 3, 2) of the densities of codes;
    ``ratio`` (K,), crossings over differing bits; ``histogram`` (K, 2, bins) and its ``range`` (K, 2); ``profile``
    (K, 2, 20) and ``middle`` (K, 2) of interpolations with ``middle_permuted`` (K, 4); ``flow`` (K, 2), ``flow_class``
    (K, classes), ``flow_permuted`` (K, 2, 4), ``flow_nearest`` (K,); ``accuracy``.
    """
    few = tests.first(size.images)
    draws, bootstraps = (size.final_draws, size.bootstraps) if trained else (size.draws, 0)
    points = enumerate(net.activations(few.x)[:-1])
    spaces = [_space(net, h, few.labels, start, size.segments, draws, bootstraps) for start, h in points]
    arrays = {name: np.stack([space[name] for space in spaces]) for name in spaces[0]}
    arrays |= flow_of(net, few, size.draws)
    right = net.logits(tests.x).argmax(axis=1) == tests.labels
    return arrays | {"accuracy": np.array(right.mean())}


def numbers(effect: Effect) -> list[float]:
    return [getattr(effect, name) for name in EFFECTS]


def _space(
    net: Net, h: Values, labels: NDArray[np.int64], start: int, count: int, draws: int, bootstraps: int
) -> Arrays:
    """The arrays of one space, from its points ``h`` (N, d)."""
    h, labels = distinct(h, labels)
    bits, distance, same = codes(net, h, start), distances(h), boundaries.same_class(labels)
    density = boundaries.density(hamming(bits), distance)
    effect = boundaries.effect(density, same, distance)
    null = boundaries.permuted(density, labels, distance, draws, SEED)
    again = boundaries.bootstrap(density, labels, distance, bootstraps, SEED).interval() if bootstraps else None
    effects = [numbers(effect)]
    first, second, within = samples.pairs(labels, count)
    length = np.linalg.norm(h[first] - h[second], axis=1)
    crossed = segments.crossing_points(net, h[first], h[second], start)
    counts = np.bincount(crossed.segment, minlength=len(first))
    jumps = segments.jumps(net, h[first], h[second], crossed, start)
    way = np.bincount(crossed.segment, jumps, minlength=len(first))
    for values in (counts, way):
        effects.append(numbers(boundaries.effect(boundaries.density(values, length), within, length)))
    differing = (bits[first] != bits[second]).sum()
    top = np.quantile(density, 0.999) or 1.0
    edges = np.linspace(0, top, BINS + 1)
    return {
        "effect": np.array(effects),
        "permuted": np.stack([samples.null(getattr(effect, n), getattr(null, n)) for n in EFFECTS]),
        "bootstrap": np.array([numbers(end) for end in again]).T if again else np.full((len(EFFECTS), 2), np.nan),
        "ratio": np.array(counts.sum() / differing if differing else np.nan),
        "histogram": np.stack([np.histogram(density[kind], edges)[0] / kind.sum() for kind in (same, ~same)]),
        "range": np.array([0.0, top]),
        "mean_density": np.array([density[same].mean(), density[~same].mean()]),
        **interpolated(crossed, within, length, draws),
    }


def distinct(h: Values, labels: NDArray[np.int64]) -> tuple[Values, NDArray[np.int64]]:
    """The points without later copies of one of them, whose distance would be 0."""
    _, at = np.unique(h, axis=0, return_index=True)
    at = np.sort(at)
    return h[at], labels[at]


def interpolated(crossed: segments.Crossings, within: NDArray[np.bool_], length: Values, draws: int) -> Arrays:
    """Where along segments boundaries are: profiles, and the middle third over the outer ones, within and between."""
    profile = boundaries.profile(crossed, length)
    thirds = boundaries.thirds(crossed, len(length))

    def middle(kind: NDArray[np.bool_]) -> float:
        return boundaries.middle_over_outer(thirds[kind])

    rng = np.random.default_rng(SEED)
    exchanged = (rng.permutation(within) for _ in range(draws))
    null = [middle(~kind) - middle(kind) for kind in exchanged]
    both = np.array([middle(within), middle(~within)])
    return {
        "profile": np.stack([profile[within].mean(axis=0), profile[~within].mean(axis=0)]),
        "middle": both,
        "middle_permuted": samples.null(both[1] - both[0], null),
    }


def flow_of(net: Layers, tests: Labelled, draws: int) -> Arrays:
    """Representational flow from layer to layer, within and between classes."""
    layers = net.activations(tests.x)
    moved = flow.steps(layers)
    measured = flow.by_class(moved, tests.labels)
    pair = np.stack([measured.within, measured.between], axis=1)
    rng = np.random.default_rng(SEED)
    drawn = np.stack([_parted(moved, rng.permutation(tests.labels)) for _ in range(draws)])
    null = [[samples.null(pair[k, i], drawn[:, k, i]) for i in range(2)] for k in range(len(pair))]
    near = flow.nearest_apart(tests.x, tests.labels)
    classes = np.full((len(pair), tests.labels.max() + 1), np.nan)
    classes[:, measured.classes] = measured.by_class
    return {
        "flow": pair,
        "flow_class": classes,
        "flow_permuted": np.array(null),
        "flow_nearest": moved[:, near].mean(axis=1),
    }


def _parted(moved: Values, labels: NDArray[np.int64]) -> Values:
    """The means (K, 2) of what :func:`flow.steps` returns, (K, pairs), within classes and between."""
    within = np.flatnonzero(boundaries.same_class(labels))
    inside = moved[:, within].sum(axis=1)
    outside = moved.sum(axis=1) - inside
    return np.stack([inside / len(within), outside / (moved.shape[1] - len(within))], axis=1)


def closed_form(net: Net, tests: Labelled, size: Size) -> Arrays:
    """How far wide random layers without biases explain an untrained network that has none (section 31.6).

    ``closed_bits`` (K, 3): the mean share of differing bits of each layer, the share that the angle of two images
    gives, and their correlation over pairs; ``closed_effect`` (3,): the effect on densities that follow from angle and
    distance alone.
    """
    few = tests.first(size.images)
    x, labels = distinct(few.x, few.labels)
    distance, unit = distances(x), x / np.linalg.norm(x, axis=1, keepdims=True)
    first, second = boundaries.pairs(len(x))
    angle = np.arccos(np.clip((unit @ unit.T)[first, second], -1, 1))
    shares = untrained.differing_bits(angle, net.depth, net.leak)
    bits, at, rows = codes(net, x), 0, []
    for k, width in enumerate(net.widths[1:-1]):
        seen = hamming(bits[:, at : at + width]) / width
        rows.append([seen.mean(), shares[:, k].mean(), np.corrcoef(seen, shares[:, k])[0, 1]])
        at += width
    predicted = (shares * np.array(net.widths[1:-1])).sum(axis=1)
    effect = boundaries.effect(boundaries.density(predicted, distance), boundaries.same_class(labels), distance)
    return {"closed_bits": np.array(rows), "closed_effect": np.array(numbers(effect))}
