"""Boundaries and changes of class along rays from the origin (section 34)."""

import warnings

import numpy as np

from isoaux.common.archive import Arrays
from isoaux.polytopes import Net, scaling
from isoaux.polytopes.scaling import LINEAR, LOGARITHMIC
from isoaux.studies.polytopes import samples
from isoaux.studies.polytopes.data import Size
from isoaux.studies.polytopes.samples import SEED, Labelled, Values

FEW = 100
"""Rays of activations that are followed through networks with permuted biases, at most."""


def measure(net: Net, tests: Labelled, size: Size, trained: bool) -> Arrays:
    """The arrays of one state of a network over spaces (K, ...) and :data:`data.RAYS`.

    ``linear`` (K, 2, 40) and ``logarithmic`` (K, 2, 50), mean crossings per unit of length; ``peak`` (K, 2, 3): place,
    rise and whether it is a shell; ``below`` and ``trend`` (K, 2); of activations ``changes`` (K, 2), changes of class
    per ray below and beyond the vector, ``changed`` (K,) and ``beyond`` (K,), the shares of rays with a change beyond
    it and with another class at the end, ``percentile`` (K, 2) of the density at changes, and at those of other rays;
    ``rays`` (K,). Of trained networks ``band`` (K, 3, 40) of permuted biases, and ``rise_permuted`` (K, 4); NaN
    otherwise.
    """
    few = tests.first(size.rays)
    spaces = [_space(net, h, k, size, trained) for k, h in enumerate(net.activations(few.x)[:-1])]
    return {name: np.stack([space[name] for space in spaces]) for name in spaces[0]}


def _space(net: Net, h: Values, start: int, size: Size, trained: bool) -> Arrays:
    h = h[np.linalg.norm(h, axis=1) > 0]
    kinds = [scaling.crossings(net, vectors, start) for vectors in (h, scaling.gaussian(h, SEED))]
    linear = [scaling.profile(rays).mean(axis=0) for rays in kinds]
    peaks = [scaling.peak(density) for density in linear]
    arrays: Arrays = {
        "linear": np.array(linear),
        "logarithmic": np.array([scaling.profile(rays, LOGARITHMIC).mean(axis=0) for rays in kinds]),
        "peak": np.array([[peak.alpha, peak.rise, peak.shell] for peak in peaks], np.float64),
        "below": np.array([scaling.share_below(rays) for rays in kinds]),
        "trend": np.array([scaling.trend(rays) for rays in kinds]),
        "rays": np.array(len(h)),
    }
    changes = scaling.class_changes(net, h, start)
    far = changes.alpha > 1
    arrays["changes"] = np.array([(~far).sum(), far.sum()]) / len(h)
    arrays["changed"] = np.array(len(np.unique(changes.ray[far])) / len(h))
    arrays["beyond"] = np.array(scaling.changed_beyond(net, h, start).mean())
    arrays["percentile"] = np.array(
        [
            _mean(scaling.density_at(kinds[0], places, seed=SEED))
            for places in (changes, scaling.exchanged(changes, SEED))
        ]
    )
    return arrays | _permuted(net, h[:FEW], start, size.permuted if trained else 0)


def _mean(values: Values) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _permuted(net: Net, h: Values, start: int, count: int) -> Arrays:
    """The profiles of networks with permuted biases, and the network's own rise among theirs on the same rays."""
    bins = len(LINEAR) - 1
    if not count:
        return {"band": np.full((3, bins), np.nan), "rise_permuted": np.full(4, np.nan)}
    profiles = np.stack(
        [
            scaling.profile(scaling.crossings(scaling.permuted_biases(net, [SEED, i]), h, start)).mean(axis=0)
            for i in range(count)
        ]
    )
    rise = scaling.peak(scaling.profile(scaling.crossings(net, h, start)).mean(axis=0)).rise
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        null = samples.null(rise, [scaling.peak(profile).rise for profile in profiles])
    return {"band": np.quantile(profiles, [0.025, 0.5, 0.975], axis=0), "rise_permuted": null}
