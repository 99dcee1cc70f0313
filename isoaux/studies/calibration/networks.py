"""What the tests say of networks: where symmetry decides beforehand, of directions, and beside tests of the field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import statistics
from isoaux.common import archive
from isoaux.common.numbers import NONE
from isoaux.common.tables import Table, Text
from isoaux.paper import DATASET_TITLES, GROUPS, TITLES, Configuration
from isoaux.records import reading
from isoaux.records.reports import or_missing
from isoaux.records.representations import Representations
from isoaux.statistics import LEVEL, BasisTest, preparation
from isoaux.statistics.directions import MOST, concentration, null_concentrations
from isoaux.studies.calibration import sphere
from isoaux.studies.calibration.simulation import share_interval

# --- what symmetry decides beforehand

PICKS = 19
"""Ways to pick one network of each group that shares initial weights."""


@dataclass(frozen=True, eq=False)
class BuiltIn:
    """p values that symmetry says are uniform, of one ``statistic`` in one of the :data:`SETS` of networks.

    ``p`` (S,) with ``draws`` null values each, of every network and latent layer; ``unit`` (S,): networks of one unit
    share the weights that make this layer's orientation random, so their p values hang together; of different units
    they are independent.
    """

    networks: str
    statistic: str
    p: NDArray[np.float64]
    draws: NDArray[np.int64]
    unit: NDArray[np.int64]

    @property
    def units(self) -> int:
        """The number of independent units."""
        return len(np.unique(self.unit))

    @property
    def share(self) -> float:
        """The share of p values that are at most ``LEVEL``."""
        return float(np.mean(self.p <= LEVEL))

    @property
    def levels(self) -> tuple[float, float]:
        """The ends of the 95% interval (Clopper, Pearson) of the level, if only units count as observations."""
        return share_interval(self.share * self.units, self.units)

    @cached_property
    def uniformity(self) -> float:
        """The p value of uniformity: twice the median over picks of one network per unit.

        Valid however p values of one unit hang together, since each pick's test is.
        """
        rng = np.random.default_rng(0)
        members = [np.flatnonzero(self.unit == unit) for unit in np.unique(self.unit)]
        p = []
        for _ in range(PICKS):
            picked = np.array([rng.choice(of_unit) for of_unit in members])
            p.append(statistics.uniformity(self.p[picked], self.draws[picked]).p)
        return min(1.0, 2 * float(np.median(p)))


SETS = {"start": "all networks before training", "isotropic": "isotropic networks after training"}
"""The networks in which no basis is special by symmetry."""


def built_in(folder: Path) -> list[BuiltIn]:
    """The p values that symmetry says are uniform, from all network records of a folder: by set and statistic.

    Networks of one data set, seed and layer are one unit whatever their width: the first rows of a wide layer's initial
    weights are a narrow one's. Data sets are units of their own, since images of other sizes arrange the same random
    numbers in other matrices.
    """
    tests: dict[tuple[str, str], list[tuple[float, int, tuple[Any, ...]]]] = {}
    for record in reading.all_records(folder):
        configuration, places = record.configuration, {"start": 0}
        if GROUPS[configuration.activation] == "O(n)":
            places["isotropic"] = len(record.epochs) - 1
        seeds, layers = enumerate(record.seeds), range(record.layers)
        for (s, seed), layer, name, (networks, at) in product(seeds, layers, statistics.RECORDED, places.items()):
            p, draws = record.p(name, layer, at)[s], record.null(name, layer, at).shape[1]
            if np.isfinite(p):
                unit = (configuration.dataset, seed, layer)
                tests.setdefault((networks, name), []).append((p, draws, unit))
    return [_gathered(networks, name, members) for (networks, name), members in tests.items()]


def _gathered(networks: str, name: str, members: Sequence[tuple[float, int, tuple[Any, ...]]]) -> BuiltIn:
    p, draws, units = zip(*members, strict=True)
    places = {unit: place for place, unit in enumerate(dict.fromkeys(units))}
    return BuiltIn(networks, name, np.array(p), np.array(draws), np.array([places[unit] for unit in units]))


def _adjusted(tests: Sequence[BuiltIn]) -> NDArray[np.float64]:
    """The p values of uniformity, adjusted for their number (Benjamini and Hochberg)."""
    return statistics.adjust([test.uniformity for test in tests], "bh")


@or_missing
def uniform(tests: Sequence[BuiltIn]) -> Table:
    """Whether p values are uniform: a row per set and statistic with p of uniformity, also adjusted over all rows."""
    rows = [
        (
            SETS[test.networks],
            f"`{test.statistic}`",
            f"{len(test.p)}",
            f"{test.units}",
            f"{100 * test.share:.1f}%",
            "{:.1f}% to {:.0f}%".format(*(100 * end for end in test.levels)),
            f"{test.uniformity:.2g}",
            f"{adjusted:.2g}",
        )
        for test, adjusted in zip(tests, _adjusted(tests), strict=True)
    ]
    level = f"level {LEVEL:g}, 95% interval"
    head = ("networks", "statistic (raw)", "p values", "independent", f"at most {LEVEL:g}", level, "p of uniformity")
    return Table((*head, "adjusted"), tuple(rows))


@or_missing
def uniform_words(tests: Sequence[BuiltIn]) -> Text:
    """How many sets of p values depart from uniform, the least adjusted p, and levels that cannot be excluded."""
    adjusted = _adjusted(tests)
    least = float(adjusted.min())
    outcome = "none departs" if least > LEVEL else f"{int((adjusted <= LEVEL).sum())} depart"
    lows, highs = zip(*(test.levels for test in tests), strict=True)
    units = max(test.units for test in tests)
    return Text(
        f"Of {len(tests)} sets of p values, {outcome} from uniform at level {LEVEL:g} (least adjusted p: {least:.2g}). "
        f"That is weak evidence: with {units} independent units or fewer, no row could exclude a test that rejects "
        f"{100 * max(lows):.1g}% or {100 * min(highs):.2g}% of the time instead of {100 * LEVEL:g}%. The simulated "
        "clouds can."
    )


# --- directions of published representations

PARTNERS = {"tanh": "isotanh", "lrelu": "isolrelu"}
"""The isotropic counterparts of activations."""

BEFORE, BEHIND = "k = 0", "k > 0"
"""Layers before any activation, and behind one."""


@dataclass(frozen=True, eq=False)
class Lines:
    """The test of directions of one layer of one network; None where its samples have no directions to compare."""

    network: Configuration
    layer: int
    test: BasisTest | None

    @property
    def place(self) -> str:
        """Whether an activation lies before the layer."""
        return BEHIND if self.layer else BEFORE

    @property
    def ratio(self) -> float | None:
        """The effective number of lines over the median of Gaussian clouds."""
        return self.test.value / float(np.median(self.test.null)) if self.test else None


def lines(folder: Path, draws: int) -> list[Lines]:
    """The test of directions of every layer of every network with published representations, of the first seed.

    ``draws`` is the number of Gaussian clouds, which networks of one width share. They have as many samples as are
    drawn: the few that are left out as repeated hardly change a mean over pairs.
    """
    tests = []
    for path in sorted((folder / "representations").glob("*.npz")):
        network = Configuration.parse(path.stem)
        published = archive.read(reading.representations_path(folder, network.id))
        for layer in range(network.L + 1):
            tests.append(Lines(network, layer, _directions(Representations(published).values(layer), draws)))
    return tests


def _directions(z: NDArray[np.float64], draws: int) -> BasisTest | None:
    try:
        value, (_, width) = concentration(z)
    except ValueError:
        return None
    return statistics.test_from_null(value, _gaussian(min(len(z), MOST), width, draws), "whitened")


@cache
def _gaussian(samples: int, width: int, draws: int) -> NDArray[np.float64]:
    null = null_concentrations((samples, width), draws, 0)
    null.setflags(write=False)
    return null


def _over_partners(tests: Sequence[Lines]) -> dict[tuple[str, int], float]:
    """The effective number of lines over that of the isotropic partner's layer, by network and layer."""
    known = {(each.network.id, each.layer): each.ratio for each in tests}
    over = {}
    for each in tests:
        if (isotropic := PARTNERS.get(each.network.activation)) is None:
            continue
        partner = known.get((replace(each.network, activation=isotropic).id, each.layer))
        if each.ratio is not None and partner is not None:
            over[each.network.id, each.layer] = each.ratio / partner
    return over


@or_missing
def discrete(tests: Sequence[Lines]) -> Table:
    """Effective numbers of lines over those of Gaussian clouds, and over the isotropic partner's.

    A row per activation, images and whether an activation lies before the layer; medians with the range. Layers whose
    samples are all equal, or too few for the directions in which they vary, are counted apart.
    """
    over, groups = _over_partners(tests), dict[tuple[str, str, str], list[Lines]]()
    for each in tests:
        images = f"{DATASET_TITLES[each.network.dataset]}, {each.network.pixels}"
        key = TITLES[each.network.activation], images, each.place
        groups.setdefault(key, []).append(each)
    rows = []
    for key, members in sorted(groups.items()):
        ratios = [each.ratio for each in members if each.ratio is not None]
        places = [(each.network.id, each.layer) for each in members]
        pairs = [over[place] for place in places if place in over]
        lost = len(members) - len(ratios)
        count = f"{len(ratios)}" + (f", and {lost} without directions" if lost else "")
        rows.append((*key, count, _median(ratios), _median(pairs)))
    head = ("activation", "images", "layer", "layers", "lines over Gaussian's, median (range)")
    return Table((*head, "lines over isotropic partner's"), tuple(rows))


@or_missing
def discrete_words(tests: Sequence[Lines]) -> Text:
    """In how many layers the test of directions has its least p, and tanh over isotropic tanh before and behind one."""
    known = [each.test for each in tests if each.test]
    least = sum(test.p <= 2 / (1 + test.draws) for test in known)
    sentence = f"The p of the test of directions (whitened) is the least possible in {least} of {len(known)} layers. "
    if least == len(known):
        sentence += "So it is in isotropic networks: it only says that representations of images are not Gaussian. "
    over, parts = _over_partners(tests), []
    for place, words in ((BEFORE, "before any activation"), (BEHIND, "behind one")):
        ratios = [
            over[each.network.id, each.layer]
            for each in tests
            if each.network.activation == "tanh" and each.place == place and (each.network.id, each.layer) in over
        ]
        if ratios:
            parts.append(f"{_median(ratios)} times as many lines {words} ({len(ratios)} pairs of layers)")
    if not parts:
        return Text(sentence.strip())
    return Text(f"{sentence}Beside its isotropic partner, tanh has {' and '.join(parts)}: median and range.")


def _median(values: Sequence[float]) -> str:
    """The median of values with their range, to two digits."""
    if not values:
        return NONE
    ends = f" ({min(values):.2g} to {max(values):.2g})" if len(values) > 1 else ""
    return f"{np.median(values):.2g}{ends}"


# --- the same networks under tests of the field

STANDARD: Sequence[tuple[str, int]] = tuple(
    (network.format(activation), layer)
    for activation in ("tanh", "isotanh")
    for network, layer in (
        ("cifar-U-{}-n18-L0", 0),
        ("cifar-N-{}-n18-L0", 0),
        ("cifar-N-{}-n24-L0", 0),
        ("cifar-N-{}-n32-L0", 0),
        ("cifar-N-{}-n18-L3", 2),
    )
)
"""Networks and layers that are tested with tests of the field, too: of Figures 1, 8, 9, 10 and 16, and partners."""

TESTED = ("count", "c4", "quartimax", "sixth", "kurtosis", "neuron_kurtosis")
"""The statistics that they are tested with."""

Row = Mapping[str, Any]


def standard(folder: Path, network: str, layer: int, prepare: str, draws: int) -> dict[str, Any]:
    """p and effect of :data:`TESTED` in a layer of a published network (first seed), and p of tests of uniformity.

    ``p``, ``effect`` (None where it is infinite) and ``quantile`` by statistic, ``samples``, and by name the p of the
    tests of :mod:`isoaux.studies.calibration.sphere` that have a chi-squared limit.
    """
    published = archive.read(reading.representations_path(folder, network))
    z = Representations(published).values(layer)
    basis = np.eye(z.shape[1])
    tests = statistics.basis_tests(z, basis, TESTED, draws, prepare=prepare)
    ready = preparation.prepared(z, prepare).astype(np.float64, copy=False)
    return {
        "p": {name: test.p for name, test in tests.items()},
        "effect": {name: test.effect if np.isfinite(test.effect) else None for name, test in tests.items()},
        "quantile": {name: test.quantile for name, test in tests.items()},
        "sphere": {name: sphere.chi_squared(ready, name) for name, test in sphere.TESTS.items() if test.freedom},
        "samples": len(z),
    }


def standard_table(rows: Sequence[Row]) -> Table:
    """p and effect of every statistic of :data:`TESTED`, a row per network and preparation, and p of uniformity."""
    cells = []
    uniformity = [name for name, test in sphere.TESTS.items() if test.freedom]
    for row in rows:
        network = Configuration.parse(row["network"])
        title = f"{network.title}, n = {network.n}, L = {network.L}, k = {row['layer']}"
        tested = (f"{row['p'][name]:.3g} ({_effect(row, name)})" for name in TESTED)
        cells.append((title, row["prepare"], *tested, *(_small(row["sphere"][name]) for name in uniformity)))
    names = (f"`{name}`, p (effect)" for name in TESTED)
    return Table(
        ("network", "prepared", *names, *(f"{sphere.TESTS[name].title}, p" for name in uniformity)), tuple(cells)
    )


def standard_words(rows: Sequence[Row]) -> Text:
    """In how many of the networks quartimax differs from random bases, raw and whitened, tanh and isotropic."""
    parts = []
    for prepare in dict.fromkeys(row["prepare"] for row in rows):
        counts = []
        for activation in PARTNERS["tanh"], "tanh":
            members = [
                row
                for row in rows
                if row["prepare"] == prepare and Configuration.parse(row["network"]).activation == activation
            ]
            special = [row for row in members if row["p"]["quartimax"] <= LEVEL]
            above = sum(row["quantile"]["quartimax"] > 0.5 for row in special)
            below = len(special) - above
            sides = [f"{n} {side}" for n, side in ((above, "above"), (below, "below")) if n]
            side = f" ({', '.join(sides)} random bases)" if sides else ""
            counts.append(f"{len(special)} of {len(members)} {TITLES[activation]} layers{side}")
        parts.append(f"{prepare}, {counts[1]} and {counts[0]}")
    return Text(f"By `quartimax` at level {LEVEL:g}, not adjusted, the neurons are special in: {'; '.join(parts)}.")


def _effect(row: Row, name: str) -> str:
    effect = row["effect"][name]
    return f"quantile {row['quantile'][name]:.3g}" if effect is None else f"{effect:+.1f}"


def _small(p: float) -> str:
    return "< 1e-300" if p < 1e-300 else f"{p:.2g}"
