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
from isoaux.records.record import representations
from isoaux.statistics import LEVEL
from isoaux.statistics.directions import MOST, concentration, null_concentrations
from isoaux.studies.calibration import simulation

Simulated = Mapping[str, Any]

PICKS = 19
"""Ways to pick one network of each group that shares initial weights."""

DRAWS = 999
"""Gaussian clouds that the directions of published representations are compared with."""

NAMES = {simulation.DIRECTION: "directions (no basis)"}


def simulated() -> Simulated:
    """How often the tests rejected in simulated clouds, from ``book/data/calibration.json``."""
    path = paths.data() / "calibration.json"
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there; `python benchmarks/calibration.py` computes it.")
    return dict(json.loads(path.read_text("utf-8")))


def interval(found: Simulated, level: float) -> tuple[int, int]:
    """How many clouds a test may reject at a level, simultaneously for the whole table with 99%."""
    null = found["null"]
    cells = sum(len(tests) for tests in null["rejected"].values()) * len(null["levels"])
    return simulation.acceptable(level, null["draws"], null["clouds"], cells)


def table(found: Simulated) -> Table:
    """Rejections at every level, a line a test and a column a law; what is outside its interval is bold."""
    null = found["null"]
    bounds = [interval(found, level) for level in null["levels"]]
    rows = []
    for test in simulation.TESTED:
        cells = []
        for law in simulation.NOTHING:
            counts = zip(null["rejected"][law][test], bounds, strict=True)
            cells.append(" / ".join(f"{n}" if low <= n <= high else f"**{n}**" for n, (low, high) in counts))
        rows.append((NAMES.get(test, f"`{test}`"), *cells))
    return Table(("test", *(words for words, _ in simulation.NOTHING.values())), tuple(rows))


def verdict(found: Simulated) -> Text:
    """How many cells of the table are inside their intervals, and which are not."""
    null = found["null"]
    bounds = {level: interval(found, level) for level in null["levels"]}
    outside, cells = [], 0
    for law, tests in null["rejected"].items():
        for test, counts in tests.items():
            for level, count in zip(null["levels"], counts, strict=True):
                low, high = bounds[level]
                cells += 1
                if not low <= count <= high:
                    how = "too rarely" if count < low else "too often"
                    outside.append(f"{NAMES.get(test, f'`{test}`')} on {law} at {level:g} ({count}, {how})")
    ranges = listed([f"{low} to {high} at level {level:g}" for level, (low, high) in bounds.items()])
    said = (
        f"Of {null['clouds']:,} clouds each ({_size(null)}, {null['draws']} random bases or Gaussian clouds), a test "
        f"that keeps its promise rejects {ranges}: simultaneous 99% intervals over the {cells} cells. "
    )
    return Text(said + ("All are inside." if not outside else f"All but {len(outside)} are inside: {listed(outside)}."))


# --- power


def power(found: Simulated) -> Text:
    """From which share of the samples on the axes the count finds it."""
    own = found["power"]
    shares = [(one["share"], one["rejected"] / own["repetitions"]) for one in own["shares"]]
    sure = next((share for share, rate in shares if rate >= 0.95), None)
    half = dict(shares).get(0.005)
    said = f"With {_size(own)}, {own['draws']} random bases and level {own['level']:g}"
    if half is not None:
        moved = f"half a percent of the samples on the axes ({0.005 * own['samples']:.0f})"
        said += f", {moved} is found in {100 * half:g}% of {own['repetitions']} clouds"
    if sure is not None:
        said += f"; the least share drawn that is found in 95% is {100 * sure:g}% ({sure * own['samples']:.0f} samples)"
    return Text(said + ".")


def _size(own: Mapping[str, Any]) -> str:
    return f"{own['samples']:,} points in $\\mathbb{{R}}^{{{own['n']}}}$"


def beams(found: Simulated) -> Table:
    """Which statistic of directions finds beams most often, in percent of the clouds."""
    own = found["beams"]
    names = list(statistics.CONCENTRATIONS)
    rows = [
        (
            simulation.BEAMS[one["kind"]][0],
            f"{100 * one['share']:g}%",
            *(f"{100 * one['rejected'][name] / own['repetitions']:.0f}" for name in names),
        )
        for one in own["clouds"]
    ]
    means = [np.mean([one["rejected"][name] for one in own["clouds"]]) / own["repetitions"] for name in names]
    rows.append(("mean", "", *(f"{100 * mean:.0f}" for mean in means)))
    return Table(("samples turned", "share", *(f"`{name}`" for name in names)), tuple(rows))


# --- what symmetry decides beforehand


@dataclass(frozen=True, eq=False)
class BuiltIn:
    """p values that symmetry says are uniform, of one statistic in one set of networks.

    ``p`` (S,) with ``draws`` null values each; ``unit`` (S,): networks of one unit share the weights that make this
    layer's orientation random, so their p values hang together; of different units they are independent.
    """

    words: str
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
        found = []
        for _ in range(PICKS):
            chosen = np.array([rng.choice(of) for of in members])
            found.append(statistics.uniformity(self.p[chosen], self.draws[chosen]).p)
        return min(1.0, 2 * float(np.median(found)))


NOTHING_THERE = Text("No network is published with this profile.")

SETS = {"start": "all networks before training", "isotropic": "isotropic networks after training"}


def built_in(folder: Path) -> list[BuiltIn]:
    """The p values that symmetry says are uniform, from all network records of a folder: by set and statistic."""
    tests: dict[tuple[str, str], list[tuple[float, int, tuple[Any, ...]]]] = {}
    for record in reading.all_records(folder):
        configuration, places = record.configuration, {"start": 0}
        if GROUPS[configuration.activation] == "O(n)":
            places["isotropic"] = len(record.epochs) - 1
        seeds, layers = enumerate(record.seeds), range(record.layers)
        for (s, seed), layer, name, (words, at) in product(seeds, layers, statistics.RECORDED, places.items()):
            p, draws = record.p(name, layer, at)[s], record.null(name, layer, at).shape[1]
            if np.isfinite(p):
                unit = (configuration.dataset, configuration.n, seed, layer)
                tests.setdefault((words, name), []).append((p, draws, unit))
    return [_gathered(words, name, members) for (words, name), members in tests.items()]


def _gathered(words: str, name: str, members: Sequence[tuple[float, int, tuple[Any, ...]]]) -> BuiltIn:
    p, draws, units = zip(*members, strict=True)
    places = {unit: place for place, unit in enumerate(dict.fromkeys(units))}
    return BuiltIn(words, name, np.array(p), np.array(draws), np.array([places[unit] for unit in units]))


def uniform(found: Sequence[BuiltIn]) -> Table:
    """Are they? A line a statistic and set; p values of uniformity adjusted over all lines (Benjamini and Hochberg)."""
    tests = [one.uniformity for one in found]
    rows = []
    for one, p, adjusted in zip(found, tests, statistics.adjust(tests, "bh") if tests else (), strict=True):
        rejected = np.mean(one.p <= LEVEL)
        rows.append(
            (
                SETS[one.words],
                f"`{one.statistic}`",
                f"{len(one.p)}",
                f"{one.units}",
                f"{100 * rejected:.1f}%",
                f"{p:.2g}",
                f"{adjusted:.2g}",
            )
        )
    head = ("networks", "statistic", "p values", "independent", "at most 0.05", "p of uniformity", "adjusted")
    return _table(head, rows)


def uniform_words(found: Sequence[BuiltIn]) -> Text:
    """The least adjusted p of uniformity, in a sentence."""
    if not found:
        return NOTHING_THERE
    adjusted = statistics.adjust([one.uniformity for one in found], "bh")
    least = float(adjusted.min())
    outcome = "none departs" if least > LEVEL else f"{int((adjusted <= LEVEL).sum())} depart"
    return Text(
        f"Of {len(found)} sets of p values, {outcome} from uniform at level {LEVEL:g} (least adjusted p: {least:.2g})."
    )


# --- directions of published representations


def discrete(folder: Path) -> Table:
    """Effective numbers of lines against Gaussian clouds of the same covariance, by activation and pixels.

    The last layer of every published network that has representations (seed 0); networks of one width share the
    Gaussian clouds, of as many samples as are drawn: the few that are left out as repeated hardly
    change a mean over pairs. p values are adjusted over all networks (Benjamini and Hochberg). A network whose samples
    are all equal, or too few for the directions in which they vary, is counted apart.
    """
    networks = [Configuration.parse(path.stem) for path in sorted((folder / "representations").glob("*.npz"))]
    tests = {own: _directions(folder, own) for own in networks}
    tested = {own: test for own, test in tests.items() if test is not None}
    adjusted = statistics.adjust([test.p for test in tested.values()], "bh") if tested else ()
    special = {own: p <= LEVEL for own, p in zip(tested, adjusted, strict=True)}
    rows = []
    for title, pixels in sorted({(TITLES[own.activation], own.pixels) for own in networks}):
        members = [own for own in networks if (TITLES[own.activation], own.pixels) == (title, pixels)]
        ratios = {own: test.value / float(np.median(test.null)) for own, test in tested.items() if own in members}
        values = list(ratios.values())
        middle = f"{np.median(values):.2g}" if values else NONE
        range_ = f" ({min(values):.2g} to {max(values):.2g})" if len(values) > 1 else ""
        more = sum(special[own] and ratio < 1 for own, ratio in ratios.items())
        lost = len(members) - len(ratios)
        count = f"{len(ratios)}" + (f", and {lost} without directions" if lost else "")
        rows.append((title, pixels, count, f"{middle}{range_}", f"{more} of {len(ratios)}"))
    head = ("activation", "pixels", "networks", "lines over Gaussian's, median (range)", "more discrete than Gaussian")
    return _table(head, rows)


def _directions(folder: Path, own: Configuration) -> statistics.BasisTest | None:
    """The test of a network's directions; None where its samples have none to be compared."""
    stored = archive.read(reading.representations_path(folder, own.id))
    z = representations(stored, -1)
    try:
        value, (_, width) = concentration(z)
    except ValueError:
        return None
    return statistics.test_from_null(value, _gaussian(min(len(z), MOST), width))


def _table(head: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Table:
    return Table(tuple(head), tuple(rows)) if rows else Table((head[0],), ((NOTHING_THERE.words,),))


@cache
def _gaussian(samples: int, width: int) -> NDArray[np.float64]:
    null = null_concentrations((samples, width), DRAWS, 0)
    null.setflags(write=False)
    return null
