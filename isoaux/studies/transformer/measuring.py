"""What is measured of activations at several places, in the same random bases for all places of one width."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from isoaux import density, ppp
from isoaux.bases import random_orthogonal, standard
from isoaux.common import archive
from isoaux.common.archive import Arrays
from isoaux.common.arrays import Floats
from isoaux.statistics import preparation
from isoaux.statistics.preparation import PREPARATIONS, Ready
from isoaux.statistics.tally import Meter
from isoaux.studies.transformer.data import LARGEST

MOMENTS = ("rms", "mean", "kurtosis")
"""What is kept of every neuron over all tokens."""

WITHIN = 0.98
"""Share of the points inside a picture; the longest ones would make it too wide."""

RANDOM, TURNED = 0, 1
"""The seeds of the random bases, and of the random rotations of the control."""

Bases = Iterable[NDArray[np.float64]]
Meters = Mapping[tuple[int, int], Meter]


def tests(activations: Sequence[Floats], names: Sequence[str], draws: int, controls: int, samples: int) -> Arrays:
    """Statistics of activations (N, n) from P places, raw, centred and whitened, in the neurons and in random bases.

    ``value`` (P, 3, S) in the neurons, ``null`` (P, 3, S, ``draws``) in random bases, ``turned`` (P, 3, S,
    ``controls``) in further ones, others at every place, which is what the neurons of randomly rotated activations
    would give; float32.
    ``epsilon`` (P,) of the statistics of points is the one that a report chooses for the width; ``mean_share`` (P,) is
    the share of the mean in the squared length, ``scales`` (P, 2) the largest and the smallest standard deviation of a
    neuron over the median one. ``samples`` rows are measured, drawn at random; mean and covariance are those of all.
    """
    shape = (len(activations), len(PREPARATIONS), len(names))
    value, null, turned = (np.zeros((*shape, count), np.float32) for count in (1, draws, controls))
    epsilon, mean_share, scales = (np.zeros((len(activations), *more)) for more in ((), (), (2,)))
    by_width: dict[int, dict[tuple[int, int], Meter]] = {}
    for p, rows in enumerate(activations):
        for k, prepare in enumerate(PREPARATIONS):
            ready = preparation.prepare(rows, None, prepare, samples)
            epsilon[p], mean_share[p], scales[p] = chosen_epsilon(ready), ready.mean_share, ready.scales
            meter = Meter(ready.rows, ready.basis, epsilon[p], "combination", names)
            by_width.setdefault(ready.rows.shape[1], {})[p, k] = meter
    for width, meters in by_width.items():
        _fill(value, meters, [standard(width)])
        _fill(null, meters, random_bases(width, draws, RANDOM))
        for place in dict.fromkeys(p for p, _ in meters):
            here = {key: meter for key, meter in meters.items() if key[0] == place}
            _fill(turned, here, random_bases(width, controls, (TURNED, place)))
    about = {"epsilon": epsilon, "mean_share": mean_share, "scales": scales}
    return {"value": value[..., 0], "null": null, "turned": turned} | about


def random_bases(width: int, count: int, seed: int | tuple[int, ...]) -> Iterator[NDArray[np.float64]]:
    """Haar-random orthonormal bases (width, width); of one seed, fewer are the first of more."""
    for draw in range(count):
        yield random_orthogonal(width, np.random.SeedSequence(seed, spawn_key=(draw,))).T


def _fill(values: NDArray[np.float32], meters: Meters, bases: Bases) -> None:
    """Measure in one basis after the other, whose place is the last axis of ``values``."""
    for draw, basis in enumerate(bases):
        for (p, k), meter in meters.items():
            values[p, k, :, draw] = [each[0] for each in meter(basis[None]).values()]


def chosen_epsilon(ready: Ready) -> float:
    """The epsilon that a report chooses for activations in the basis of their neurons."""
    samples, width = ready.rows.shape
    return preparation.threshold(samples, width, width * (width - 1) // 2)


def of_neurons(rows: Floats) -> Arrays:
    """Of every neuron over the rows (N, n): root mean square ``rms``, ``mean`` and ``kurtosis``, float32 (n,)."""
    values = rows.astype(np.float64)
    mean, variance = values.mean(0), values.var(0)
    fourth = ((values - mean) ** 4).mean(0)
    kurtosis = fourth / np.where(variance > 0, variance, 1) ** 2
    moments = np.sqrt(mean**2 + variance), mean, kurtosis
    return {name: moment.astype(np.float32) for name, moment in zip(MOMENTS, moments, strict=True)}


def without_largest(rows: Floats) -> Floats:
    """The rows less the ``LARGEST`` share of their neurons, at least one, those with the largest mean square."""
    order = np.argsort(-(rows.astype(np.float64) ** 2).mean(0), kind="stable")
    return rows[:, np.sort(order[max(1, round(LARGEST * rows.shape[1])) :])]


def pictures(activations: Sequence[Floats]) -> Arrays:
    """Densities of the points near the planes of neurons, raw, centred and whitened, and of randomly turned ones.

    ``density`` (places, 2, 3, R, R) as bytes, each picture in a window and with a colour limit of its own, neurons
    first, then the rows turned by one random rotation; ``points`` (places, 2, 3), how many there are.
    """
    images, counts = [], []
    for rows in activations:
        prepared = [preparation.prepare(rows, None, prepare) for prepare in PREPARATIONS]
        for basis in (prepared[0].basis, next(random_bases(len(prepared[0].basis), 1, TURNED))):
            for ready in prepared:
                points = ppp.project(ready.rows, basis, chosen_epsilon(ready)).points
                image = density.render(points, density.window_for([points], WITHIN), method="binned")
                images.append(archive.quantise(image, density.limits(image)[1]))
                counts.append(len(points))
    shape = (len(activations), 2, len(PREPARATIONS))
    return {
        "density": np.stack(images).reshape(*shape, *images[0].shape),
        "points": np.array(counts, np.int32).reshape(shape),
    }
