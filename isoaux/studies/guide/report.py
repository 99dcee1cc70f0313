"""The guide's sentences and tables: in which hidden layers of the digit classifiers the neurons are special."""

from collections.abc import Sequence

from isoaux import statistics
from isoaux.common.tables import Table, Text, listed
from isoaux.records.reports import opening
from isoaux.settings import DEFAULT, WITHOUT_FIGURE, Settings, restrict
from isoaux.statistics import LEVEL, Report
from isoaux.statistics.preparation import PREPARATIONS
from isoaux.statistics.report_notes import TAKEN
from isoaux.studies.guide.data import BY_SYMMETRY, EPOCHS, NETWORKS, Layer

ACCEPTED = {"device": ("auto", "cpu"), **WITHOUT_FIGURE, "dataset": (DEFAULT, "digits")}
"""Values of those settings that have no other meaning for this page."""


def setting(chosen: Settings) -> Text:
    """What is computed under these settings. Raises ValueError for a setting that has no meaning here."""
    restrict(chosen, ACCEPTED, "which has no meaning for the classifiers of this page")
    seeds = chosen.seeds_for()
    return Text(
        f"Computed when this page was run: {len(NETWORKS) * len(seeds)} classifiers of scikit-learn's digits, "
        f"{len(NETWORKS)} kinds with the seeds {listed([*map(str, seeds)])}, trained for {EPOCHS} epochs each."
    )


def answer(report: Report) -> Text:
    """The answer of a report in bold and its notes as a list, without its table and figure."""
    return Text("\n".join((f"**{report.answer}**\n", *(f"- {note}" for note in report.notes))))


def table(layers: Sequence[Layer]) -> Table:
    """A row per layer: in how many seeds the neurons are special and how many points are near their planes.

    Both by preparation. A cell's p is the chance of at least so many seeds where nothing is special
    (:func:`isoaux.statistics.count_of_seeds`), adjusted by Holm over all cells of the table; points are relative to the
    median of random bases.
    """
    counts = [[layer.special(name) for name in PREPARATIONS] for layer in layers]
    adjusted = iter(statistics.adjust([count.p for row in counts for count in row]).tolist())
    rows = []
    for layer, row in zip(layers, counts, strict=True):
        cells = [f"{count.count} of {count.seeds} (p = {next(adjusted):.1g})" for count in row]
        times = [_times(layer.ratio(name)) for name in PREPARATIONS]
        rows.append((NETWORKS[layer.network], layer.place, *cells, *times))
    return Table(("network", "layer", *PREPARATIONS, *(f"points, {name}" for name in PREPARATIONS)), tuple(rows))


def accuracy(layers: Sequence[Layer]) -> Table:
    """How many of the 360 digits held back each kind of network tells right, lowest and highest of the seeds."""
    shares = {NETWORKS[layer.network]: layer.accuracies for layer in layers}
    rows = [(network, f"{100 * min(each):.0f}% to {100 * max(each):.0f}%") for network, each in shares.items()]
    return Table(("network", "digits told right"), tuple(rows))


def in_short(layers: Sequence[Layer]) -> Text:
    """In how many layers and seeds the raw neurons of each network are special, in two sentences."""
    parts = {}
    for network, words in NETWORKS.items():
        counts = [layer.special("raw") for layer in layers if layer.network == network]
        parts[network] = f"{sum(c.count for c in counts)} of {sum(c.seeds for c in counts)} with {words}"
    isotropic = parts.pop(BY_SYMMETRY)
    return opening(
        "Three lines of Python say whether the neurons of a layer are special.",
        f"In the small classifiers of this page they are in {listed(list(parts.values()))} (raw, layers of all seeds).",
        f"Trained by plain gradient descent, it is {isotropic}, and by symmetry nothing but chance is possible there; "
        "Adam takes steps of a size of its own for each weight, which is a choice of basis by itself.",
    )


def verdict(layers: Sequence[Layer]) -> Text:
    """In how many of its layers and seeds the neurons of each network are special, a line per network."""
    lines = []
    for network, words in NETWORKS.items():
        parts = []
        for name in PREPARATIONS:
            counts = [layer.special(name) for layer in layers if layer.network == network]
            parts.append(f"{sum(c.count for c in counts)} of {sum(c.seeds for c in counts)} {TAKEN[name]}")
        line = f"- **{words}**: the neurons are special in {listed(parts)}."
        if network == BY_SYMMETRY:
            line += f" By symmetry, at most {LEVEL:.0%} are expected."
        lines.append(line)
    return Text("\n".join(lines))


def _times(ratio: float) -> str:
    return f"× {ratio:.0f}" if ratio >= 10 else f"× {ratio:.1f}"
