"""The guide's sentences and tables: in which hidden layers of the digit classifiers the neurons are special."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from isoaux import statistics
from isoaux.common.tables import Table, Text, listed
from isoaux.settings import DEFAULT, Settings, restrict
from isoaux.statistics import LEVEL, RECORDED, Report, SeedCount
from isoaux.statistics.preparation import PREPARATIONS
from isoaux.statistics.reporting import TAKEN
from isoaux.studies.guide import classifier

NETWORKS = {
    ("relu", "sgd"): "ReLU",
    ("tanh", "sgd"): "tanh",
    ("isotanh", "sgd"): "isotropic tanh",
    ("isotanh", "adam"): "isotropic tanh, Adam",
}
"""Activation and optimiser of the networks that are compared, and what they are called."""

BY_SYMMETRY = ("isotanh", "sgd")
"""The network whose neurons nothing distinguishes, whatever it learns."""

DRAWS = 149
"""Random bases per report: enough for an adjusted p of 0.04 of three statistics."""

ACCEPTED = {
    "device": ("auto", "cpu"),
    "dataset": (DEFAULT, "digits"),
    "dtype": (DEFAULT, "float64"),
    "epsilon": (DEFAULT, 0.75),
    "basis": ("standard",),
    "variant": ("combination",),
    "depth": (DEFAULT,),
}
"""Values of those settings that have no meaning for this page: the seeds, or a profile's, can be chosen."""


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer of the networks that differ in their seed alone: a report per preparation and seed."""

    network: tuple[str, str]
    place: str
    reports: dict[str, tuple[Report, ...]]

    def special(self, preparation: str) -> SeedCount:
        """In how many seeds the neuron basis is special, by the smallest adjusted p of a report."""
        return statistics.count_of_seeds([found.p for found in self.reports[preparation]], LEVEL)

    def ratio(self, preparation: str) -> float:
        """Points near the planes of neurons over the median of random bases: the median of the seeds."""
        tests = [found.tests["count"] for found in self.reports[preparation]]
        return float(np.median([test.value / max(1.0, float(np.median(test.null))) for test in tests]))


def setting(chosen: Settings) -> Text:
    """What is computed under these settings. Raises ValueError for a setting that has no meaning here."""
    restrict(chosen, ACCEPTED, "which has no meaning for the classifiers of this page")
    seeds = chosen.seeds_for()
    return Text(
        f"Computed when this page was run: {len(NETWORKS) * len(seeds)} classifiers of scikit-learn's digits, "
        f"{len(NETWORKS)} kinds with the seeds {listed([*map(str, seeds)])}, trained for {classifier.EPOCHS} "
        "epochs each."
    )


def said(found: Report) -> Text:
    """A report's answer and notes, without its table and figure."""
    return Text("\n".join((f"**{found.answer}**\n", *(f"- {note}" for note in found.notes))))


def measured(seeds: Sequence[int]) -> tuple[Layer, ...]:
    """Every layer of every network, trained from these seeds and measured with every preparation."""
    return tuple(layer for network in NETWORKS for layer in _layers(network, seeds))


def _layers(network: tuple[str, str], seeds: Sequence[int]) -> Iterator[Layer]:
    activation, optimiser = network
    hidden = {seed: classifier.trained(activation, seed, optimiser).hidden() for seed in seeds}
    for place in classifier.PLACES.values():
        yield Layer(
            network,
            place,
            {
                name: tuple(
                    statistics.report(
                        hidden[seed][place], statistics=tuple(RECORDED), prepare=name, draws=DRAWS, seed=seed
                    )
                    for seed in seeds
                )
                for name in PREPARATIONS
            },
        )


def table(layers: Sequence[Layer]) -> Table:
    """In how many seeds the neurons are special, by layer and preparation, with Holm's p over all cells of the table.

    A cell's p is the chance of at least so many seeds where nothing is special
    (:func:`isoaux.statistics.count_of_seeds`).
    """
    counts = [[one.special(name) for name in PREPARATIONS] for one in layers]
    adjusted = iter(statistics.adjust([count.p for row in counts for count in row]).tolist())
    rows = []
    for one, row in zip(layers, counts, strict=True):
        cells = [f"{count.count} of {count.seeds} (p = {next(adjusted):.1g})" for count in row]
        rows.append((NETWORKS[one.network], one.place, *cells, *(_times(one.ratio(name)) for name in PREPARATIONS)))
    return Table(("network", "layer", *PREPARATIONS, *(f"points, {name}" for name in PREPARATIONS)), tuple(rows))


def accuracy(layers: Sequence[Layer], seeds: Sequence[int]) -> Table:
    """How many of the 360 digits held back each kind of network tells right, lowest and highest of the seeds."""
    rows = []
    for activation, optimiser in dict.fromkeys(layer.network for layer in layers):
        shares = [100 * classifier.trained(activation, seed, optimiser).accuracy for seed in seeds]
        rows.append((NETWORKS[activation, optimiser], f"{min(shares):.0f}% to {max(shares):.0f}%"))
    return Table(("network", "digits told right"), tuple(rows))


def verdict(layers: Sequence[Layer]) -> Text:
    """What came out, a line per network, made from the numbers."""
    lines = []
    for network, words in NETWORKS.items():
        own = [one for one in layers if one.network == network]
        parts = []
        for name in PREPARATIONS:
            counts = [one.special(name) for one in own]
            parts.append(f"{sum(c.count for c in counts)} of {sum(c.seeds for c in counts)} {TAKEN[name]}")
        line = f"- **{words}**: the neurons are special in {listed(parts)}."
        if network == BY_SYMMETRY:
            line += f" By symmetry, at most {LEVEL:.0%} are expected."
        lines.append(line)
    return Text("\n".join(lines))


def _times(ratio: float) -> str:
    return f"× {ratio:.0f}" if ratio >= 10 else f"× {ratio:.1f}"
