"""Whether the tests keep what they promise: in simulated clouds, and in networks where symmetry decides beforehand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import statistics
from isoaux.common import archive, paths
from isoaux.common.numbers import NONE
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import GROUPS, TITLES, Configuration
from isoaux.records import reading
from isoaux.records.reports import NOTHING, or_missing
from isoaux.records.representations import Representations
from isoaux.statistics import LEVEL
from isoaux.statistics.directions import MOST, concentration, null_concentrations
from isoaux.studies.calibration import simulation

Simulated = Mapping[str, Any]
"""What ``benchmarks/calibration.py`` counted: rejections by law, test and level, and the sizes of the clouds."""

PICKS = 19
"""Ways to pick one network of each group that shares initial weights."""

DRAWS = 999
"""Gaussian clouds that the directions of published representations are compared with."""

NAMES = {simulation.DIRECTION: "directions (no basis)"}
"""What tests are called whose name is not that of a statistic."""


def simulated() -> Simulated:
    """How often the tests rejected in simulated clouds, from ``book/data/calibration.json``.

    Raises FileNotFoundError that names the command that makes the file.
    """
    path = paths.data() / "calibration.json"
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there; `python benchmarks/calibration.py` computes it.")
    return dict(json.loads(path.read_text("utf-8")))


def interval(results: Simulated, level: float) -> tuple[int, int]:
    """The least and the largest number of clouds that a test may reject at a level.

    Simultaneous 99% intervals of all cells of the table (:func:`isoaux.studies.calibration.simulation.acceptable`).
    """
    null = results["null"]
    cells = sum(len(tests) for tests in null["rejected"].values()) * len(null["levels"])
    return simulation.acceptable(level, null["draws"], null["clouds"], cells)


def table(results: Simulated) -> Table:
    """Rejected clouds at every level: a row per test, a column per law; what is outside its interval is bold."""
    null = results["null"]
    bounds = [interval(results, level) for level in null["levels"]]
    rows = []
    for test in simulation.TESTED:
        cells = []
        for law in simulation.NOTHING:
            counts = zip(null["rejected"][law][test], bounds, strict=True)
            cells.append(" / ".join(f"{n}" if low <= n <= high else f"**{n}**" for n, (low, high) in counts))
        rows.append((NAMES.get(test, f"`{test}`"), *cells))
    return Table(("test", *(words for words, _ in simulation.NOTHING.values())), tuple(rows))


def verdict(results: Simulated) -> Text:
    """How many cells of the table are inside their intervals, and which are not."""
    null = results["null"]
    bounds = {level: interval(results, level) for level in null["levels"]}
    outside, cells = [], 0
    for law, tests in null["rejected"].items():
        for test, counts in tests.items():
            for level, count in zip(null["levels"], counts, strict=True):
                low, high = bounds[level]
                cells += 1
                if not low <= count <= high:
                    side = "too rarely" if count < low else "too often"
                    outside.append(f"{NAMES.get(test, f'`{test}`')} on {law} at {level:g} ({count}, {side})")
    ranges = listed([f"{low} to {high} at level {level:g}" for level, (low, high) in bounds.items()])
    sentence = (
        f"Of {null['clouds']:,} clouds each ({_size(null)}, {null['draws']} random bases or Gaussian clouds), a test "
        f"that keeps its promise rejects {ranges}: simultaneous 99% intervals over the {cells} cells. "
    )
    if outside:
        return Text(f"{sentence}All but {len(outside)} are inside: {listed(outside)}.")
    return Text(f"{sentence}All are inside.")


# --- power


def power(results: Simulated) -> Text:
    """In what share of the clouds the count finds half a percent of the samples on the axes, and what it finds surely.

    Surely is in 95% of the clouds: the least share of the samples for which it does.
    """
    power = results["power"]
    rates = {at["share"]: at["rejected"] / power["repetitions"] for at in power["shares"]}
    sentence = f"With {_size(power)}, {power['draws']} random bases and level {power['level']:g}"
    if (half := rates.get(0.005)) is not None:
        moved = f"half a percent of the samples on the axes ({0.005 * power['samples']:.0f})"
        sentence += f", {moved} is found in {100 * half:g}% of {power['repetitions']} clouds"
    if (sure := next((share for share, rate in rates.items() if rate >= 0.95), None)) is not None:
        samples = f"{sure * power['samples']:.0f} samples"
        sentence += f"; the least share drawn that is found in 95% is {100 * sure:g}% ({samples})"
    return Text(sentence + ".")


def _size(about: Mapping[str, Any]) -> str:
    return f"{about['samples']:,} points in $\\mathbb{{R}}^{{{about['n']}}}$"


def beams(results: Simulated) -> Table:
    """In how many percent of the clouds every statistic of directions finds beams: a row per kind and share of them."""
    clouds, repetitions = results["beams"]["clouds"], results["beams"]["repetitions"]
    names = list(statistics.CONCENTRATIONS)
    rows = [
        (
            simulation.BEAMS[cloud["kind"]][0],
            f"{100 * cloud['share']:g}%",
            *(f"{100 * cloud['rejected'][name] / repetitions:.0f}" for name in names),
        )
        for cloud in clouds
    ]
    means = [np.mean([cloud["rejected"][name] for cloud in clouds]) / repetitions for name in names]
    rows.append(("mean", "", *(f"{100 * mean:.0f}" for mean in means)))
    return Table(("samples turned", "share", *(f"`{name}`" for name in names)), tuple(rows))


# --- what symmetry decides beforehand


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
    """The p values that symmetry says are uniform, from all network records of a folder: by set and statistic."""
    tests: dict[tuple[str, str], list[tuple[float, int, tuple[Any, ...]]]] = {}
    for record in reading.all_records(folder):
        configuration, places = record.configuration, {"start": 0}
        if GROUPS[configuration.activation] == "O(n)":
            places["isotropic"] = len(record.epochs) - 1
        seeds, layers = enumerate(record.seeds), range(record.layers)
        for (s, seed), layer, name, (networks, at) in product(seeds, layers, statistics.RECORDED, places.items()):
            p, draws = record.p(name, layer, at)[s], record.null(name, layer, at).shape[1]
            if np.isfinite(p):
                unit = (configuration.dataset, configuration.n, seed, layer)
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
            f"{100 * np.mean(test.p <= LEVEL):.1f}%",
            f"{test.uniformity:.2g}",
            f"{adjusted:.2g}",
        )
        for test, adjusted in zip(tests, _adjusted(tests), strict=True)
    ]
    head = ("networks", "statistic", "p values", "independent", "at most 0.05", "p of uniformity", "adjusted")
    return Table(head, tuple(rows))


@or_missing
def uniform_words(tests: Sequence[BuiltIn]) -> Text:
    """How many sets of p values depart from uniform, and the least adjusted p, in a sentence."""
    adjusted = _adjusted(tests)
    least = float(adjusted.min())
    outcome = "none departs" if least > LEVEL else f"{int((adjusted <= LEVEL).sum())} depart"
    return Text(
        f"Of {len(tests)} sets of p values, {outcome} from uniform at level {LEVEL:g} (least adjusted p: {least:.2g})."
    )


# --- directions of published representations


def discrete(folder: Path) -> Table | Text:
    """Effective numbers of lines against Gaussian clouds of the same covariance, by activation and pixels.

    The last layer of every published network that has representations (seed 0); networks of one width share the
    Gaussian clouds, of as many samples as are drawn: the few that are left out as repeated hardly
    change a mean over pairs. p values are adjusted over all networks (Benjamini and Hochberg). A network whose samples
    are all equal, or too few for the directions in which they vary, is counted apart.
    """
    networks = [Configuration.parse(path.stem) for path in sorted((folder / "representations").glob("*.npz"))]
    if not networks:
        return Text(NOTHING)
    tests = {network: test for network in networks if (test := _directions(folder, network)) is not None}
    adjusted = statistics.adjust([test.p for test in tests.values()], "bh") if tests else ()
    special = {network: p <= LEVEL for network, p in zip(tests, adjusted, strict=True)}
    rows = []
    for title, pixels in sorted({(TITLES[network.activation], network.pixels) for network in networks}):
        members = [network for network in networks if (TITLES[network.activation], network.pixels) == (title, pixels)]
        ratios = {n: tests[n].value / float(np.median(tests[n].null)) for n in members if n in tests}
        values = list(ratios.values())
        middle = f"{np.median(values):.2g}" if values else NONE
        ends = f" ({min(values):.2g} to {max(values):.2g})" if len(values) > 1 else ""
        more = sum(special[network] and ratio < 1 for network, ratio in ratios.items())
        lost = len(members) - len(ratios)
        count = f"{len(ratios)}" + (f", and {lost} without directions" if lost else "")
        rows.append((title, pixels, count, f"{middle}{ends}", f"{more} of {len(ratios)}"))
    head = ("activation", "pixels", "networks", "lines over Gaussian's, median (range)", "more discrete than Gaussian")
    return Table(head, tuple(rows))


def _directions(folder: Path, network: Configuration) -> statistics.BasisTest | None:
    """The test of a network's directions; None where its samples have none to be compared."""
    z = Representations(archive.read(reading.representations_path(folder, network.id))).values(-1)
    try:
        value, (_, width) = concentration(z)
    except ValueError:
        return None
    return statistics.test_from_null(value, _gaussian(min(len(z), MOST), width))


@cache
def _gaussian(samples: int, width: int) -> NDArray[np.float64]:
    null = null_concentrations((samples, width), DRAWS, 0)
    null.setflags(write=False)
    return null
