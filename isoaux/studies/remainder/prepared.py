"""Representations raw, centred and whitened: how far the neuron basis lies outside random bases in each preparation.

A neuron basis can differ from random bases because of the mean of the representations, or because of their covariance,
whose principal axes lie on neurons. Centring takes the first away, whitening both
(:mod:`isoaux.statistics.preparation`); what is left then is in the shape of the cloud.

All numbers are of the last checkpoint. Network records that hold them have every seed, measured over all training
images; of other networks the published samples of a seed are measured here.
"""

import warnings
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from isoaux import bases, ppp, statistics
from isoaux.common import archive, disk, paths
from isoaux.common.archive import Published
from isoaux.paper import DATASETS, TITLES, Configuration, Figure
from isoaux.records import reading
from isoaux.records.record import Record
from isoaux.records.representations import Representations
from isoaux.statistics import LEVEL, preparation

Values = NDArray[np.float64]

MEASURED: Mapping[str, tuple[str, ...]] = {
    "quartimax": ("raw", "centred", "whitened"),
    "count": ("raw", "whitened"),
    "kurtosis": ("raw", "whitened"),
    "neuron_kurtosis": ("raw", "whitened"),
}
"""The statistics, each with the preparations in which it is measured."""

DECIDING = "quartimax"
"""The statistic that says whether representations gather on few neurons (above random bases) or avoid that (below)."""

DRAWS, OTHER_DRAWS = 199, 99
"""Random bases beside published samples, for the deciding statistic and for the others."""

PARTNERS = {"tanh": "isotanh", "lrelu": "isolrelu"}
"""The activations that have an isotropic counterpart, with its name."""


class Outcome(NamedTuple):
    """A statistic beside those in random bases: two-sided ``p`` and ``effect``, its distance in their deviations."""

    p: float
    effect: float

    @property
    def side(self) -> int:
        """1 or -1 where it lies above or below the random bases with p of at most 0.05, else 0."""
        return int(np.sign(self.effect)) if self.p <= LEVEL else 0


UNKNOWN = Outcome(np.nan, np.nan)
"""The outcome where there is no number, as for representations that are all the same."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """One latent layer (k) of one network at the last checkpoint.

    ``outcomes`` by statistic and preparation; ``samples``, how many representations were measured, None for all of
    the training images; ``draws``, random bases of the deciding statistic; ``kept_share``, the share of the
    representations near any plane of two neurons; ``effective_neurons``, the mean of 1 / sum u_i^4 over directions u.
    """

    configuration: Configuration
    layer: int
    seed: int
    samples: int | None
    draws: int
    outcomes: Mapping[tuple[str, str], Outcome]
    kept_share: float
    effective_neurons: float

    def outcome(self, prepare: str, statistic: str = DECIDING) -> Outcome:
        """The outcome of a statistic in a preparation."""
        return self.outcomes.get((statistic, prepare), UNKNOWN)


def table(folder: Path | None = None, configurations: Iterable[Configuration] | None = None) -> list[Prepared]:
    """All published networks and layers, whatever their numbers come from: records where they have them, else samples.

    In the order of activation, data set, pixels, n, L, layer and seed. ``folder`` holds a profile's published files
    (None: the committed book's); ``configurations`` are those that are asked for (None: all with affine maps).
    """
    folder = folder or paths.data()
    return [row for configuration in published(folder, configurations) for row in _rows(folder, configuration)]


def of_figures(figures: Iterable[Figure], folder: Path | None = None) -> list[Prepared]:
    """The rows of :func:`table` that are of the configurations and latent layers of some figures of the catalogue."""
    folder = folder or paths.data()
    shown: dict[Configuration, set[int]] = {}
    for figure in figures:
        for configuration in figure.configurations:
            shown.setdefault(configuration, set()).add(figure.layer)
    return [row for each in published(folder, shown) for row in _rows(folder, each, shown[each])]


def _rows(folder: Path, configuration: Configuration, layers: Container[int] | None = None) -> Iterator[Prepared]:
    """The rows of one configuration, of these ``layers`` (None: of all)."""
    record = _read(reading.record_path(folder, configuration.id))
    if record and record.facts["seeds"] and Record(record).has(DECIDING):
        yield from _of_record(Record(record), layers)
    elif samples := representations_of(folder, configuration):
        yield from _of_samples(configuration, samples, layers)


def published(folder: Path, configurations: Iterable[Configuration] | None = None) -> list[Configuration]:
    """The configurations with a network record or representations in a folder, in the order of :func:`table`."""
    names = {path.stem for part in ("networks", "representations") for path in (folder / part).glob("*.json")}
    present = [Configuration.parse(name) for name in names]
    chosen = [c for c in present if c.map == "affine"] if configurations is None else {*configurations} & {*present}
    return sorted(chosen, key=_place)


def _place(configuration: Configuration) -> tuple[int, int, bool, int, int, str]:
    c = configuration
    return list(TITLES).index(c.activation), list(DATASETS).index(c.dataset), c.normalised, c.n, c.L, c.map


def representations_of(folder: Path, configuration: Configuration) -> Published | None:
    """The published representations of a configuration; None where there are none."""
    return _read(reading.representations_path(folder, configuration.id))


def _read(place: Path) -> Published | None:
    try:
        return archive.read(place)
    except FileNotFoundError:
        return None


def _of_record(record: Record, chosen: Container[int] | None) -> Iterator[Prepared]:
    """The rows of a network record that was measured in all preparations."""
    pairs = [(name, prepare) for name, several in MEASURED.items() for prepare in several]
    for layer in (layer for layer in range(record.layers) if chosen is None or layer in chosen):
        p, effect = ({pair: of(_array(*pair), layer, -1) for pair in pairs} for of in (record.p, record.effect))
        kept, effective = (record.values(name, layer, -1) for name in ("kept_share", "effective_neurons"))
        draws = record.null(DECIDING, layer).shape[1]
        for s, seed in enumerate(record.seeds):
            outcomes = {pair: Outcome(float(p[pair][s]), float(effect[pair][s])) for pair in pairs}
            about = (record.configuration, layer, seed, None, draws)
            yield Prepared(*about, outcomes, float(kept[s]), float(effective[s]))


def _array(statistic: str, prepare: str) -> str:
    """The name of a statistic's array in a record."""
    return statistic if prepare == "raw" else f"{statistic}_{prepare}"


class Layer(NamedTuple):
    """Published samples of one layer of one network: ``values`` (S, n), ``step`` of their rounding, ``entered`` (S,).

    ``entered`` is how many planes each sample is near.
    """

    layer: int
    seed: int
    values: Values
    step: float
    entered: NDArray[np.int16]


def layers(samples: Published) -> Iterator[Layer]:
    """The layers and seeds of published representations."""
    of = Representations(samples)
    for layer, seed in product(range(of.layers), of.seeds):
        yield Layer(layer, seed, of.values(layer, seed), of.scale(layer, seed), of.planes_entered(layer, seed))


def blurred(layer: Layer) -> Values:
    """Samples (S, n) with Gaussian noise of one step of their rounding added to every number.

    Rounding is done neuron by neuron. Where representations vary by less than a step in some directions, as those of
    deep layers do, whitening would magnify it, and the neurons would be special for the rounding. Noise of one
    deviation in all directions prefers none and has twelve times the variance of the rounding.
    """
    rng = np.random.default_rng([layer.seed, layer.layer])
    return layer.values + layer.step * rng.standard_normal(layer.values.shape)


def outcomes(values: Values, basis: Values, seed: int, epsilon: float = ppp.EPSILON) -> dict[tuple[str, str], Outcome]:
    """The outcomes of all :data:`MEASURED` statistics of representations (N, n), by statistic and preparation.

    In ``basis`` (m, n), beside random bases from ``seed``, the same in every preparation.
    """
    result: dict[tuple[str, str], Outcome] = {}
    others = [name for name in MEASURED if name != DECIDING]
    for prepare in preparation.PREPARATIONS:
        ready = preparation.prepare(values, basis, prepare, samples=len(values))
        rows = ready.rows.astype(np.float32)
        for names, draws in (([DECIDING], DRAWS), (others, OTHER_DRAWS)):
            if measured := [name for name in names if prepare in MEASURED[name]]:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", RuntimeWarning)  # no point in any basis: p is 1, as it should
                    tests = statistics.basis_tests(rows, ready.basis, measured, draws=draws, seed=seed, epsilon=epsilon)
                result |= {(name, prepare): Outcome(test.p, test.effect) for name, test in tests.items()}
    return result


def _of_samples(configuration: Configuration, samples: Published, chosen: Container[int] | None) -> Iterator[Prepared]:
    """The rows of published representations, measured here."""
    basis, epsilon = bases.named(samples.facts["basis"], configuration.n), float(samples.facts["epsilon"])
    for layer in (layer for layer in layers(samples) if chosen is None or layer.layer in chosen):
        results: dict[tuple[str, str], Outcome] = {}
        if np.ptp(layer.values, axis=0).any():
            seed = int(disk.digest([configuration.id, layer.seed, layer.layer])[:8], 16)
            results = outcomes(blurred(layer), basis, seed, epsilon)
        about = (configuration, layer.layer, layer.seed, len(layer.values), DRAWS)
        yield Prepared(*about, results, float((layer.entered > 0).mean()), effective_neurons(layer.values))


def effective_neurons(values: Values) -> float:
    """The mean of 1 / sum u_i^4 over the directions u of representations (N, n): 1 on an axis, n half way between all.

    Representations of length 0 have no direction and are left out; NaN where there are no others.
    """
    squares = values[values.any(1)] ** 2
    shares = squares / squares.sum(1, keepdims=True)
    return float((1 / (shares**2).sum(1)).mean()) if len(shares) else np.nan


def counts(rows: Iterable[Prepared], prepare: str, statistic: str = DECIDING) -> tuple[int, int]:
    """How many of some networks and layers lie above, and below, their random bases with p of at most 0.05."""
    sides = [row.outcome(prepare, statistic).side for row in rows]
    return sides.count(1), sides.count(-1)


class Place(NamedTuple):
    """A latent layer of a configuration, with its networks."""

    configuration: Configuration
    layer: int
    networks: tuple[Prepared, ...]

    @property
    def samples(self) -> int | None:
        """How many representations of each network were measured, None for all."""
        return self.networks[0].samples

    def effects(self, prepare: str, statistic: str = DECIDING) -> Values:
        """The effects of a statistic in a preparation, (networks,)."""
        return np.array([network.outcome(prepare, statistic).effect for network in self.networks])


def places(rows: Sequence[Prepared]) -> list[Place]:
    """The rows of a table by configuration and layer, in the table's order."""
    groups: dict[tuple[Configuration, int], list[Prepared]] = {}
    for row in rows:
        groups.setdefault((row.configuration, row.layer), []).append(row)
    return [Place(configuration, layer, tuple(group)) for (configuration, layer), group in groups.items()]


def partner(configuration: Configuration) -> Configuration | None:
    """The configuration that has the isotropic counterpart of its activation; None where there is no counterpart."""
    name = PARTNERS.get(configuration.activation)
    return replace(configuration, activation=name) if name else None


def pairs(rows: Sequence[Prepared]) -> list[tuple[Place, Place | None]]:
    """Every configuration and layer whose activation has an isotropic counterpart, with that where it is known."""
    known = {(place.configuration, place.layer): place for place in places(rows)}
    others = {key: partner(place.configuration) for key, place in known.items()}
    return [(known[key], known.get((other, key[1]))) for key, other in others.items() if other is not None]


def differences(place: Place, control: Place | None, prepare: str, statistic: str = DECIDING) -> Values:
    """Effects of a place less those of its isotropic partner, of the seeds that both have, (seeds,).

    Empty without a partner, and where the two were not measured over as many representations, on which an effect
    depends.
    """
    if control is None or place.samples != control.samples:
        return np.empty(0)
    effects = {network.seed: network.outcome(prepare, statistic).effect for network in control.networks}
    both = [(n.outcome(prepare, statistic).effect, effects[n.seed]) for n in place.networks if n.seed in effects]
    values = np.array([first - second for first, second in both], np.float64)
    return values[np.isfinite(values)]
