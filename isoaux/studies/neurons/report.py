"""What single neurons tell about classes, in sentences and tables."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from isoaux.common.numbers import NONE, counted, low_to_high, number_words, signed, written
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import Figure
from isoaux.records.reports import dataset, deviations, line_of_each, opening, or_missing, table_of_each
from isoaux.records.results import Collection, Result
from isoaux.srm import embedding
from isoaux.srm.neurons import SHARP
from isoaux.statistics import LEVEL
from isoaux.studies.neurons import data
from isoaux.studies.neurons.data import AFTER, BEFORE, Row, neuron
from isoaux.studies.neurons.measuring import PREPARATIONS, QUANTILES, TESTED
from isoaux.studies.protocol import FIRST, LAST, Compared

MIDDLE = QUANTILES.index(0.5)
"""The place of the median among the quantiles of null values."""

LOUD = 0.5
"""The part of its largest signed share, either way, from which on a class is named among those of a neuron."""

SILENT = 0.005
"""Signed shares below this are 0 as they are written."""


def words(figure: Figure) -> str:
    """One line that says what a figure of the catalogue shows."""
    entry = figure.entry
    sizes = f"n = {entry['n']}, m = {entry['m']}; ε = {entry['epsilon']}"
    return f"single neurons of {entry['model']} networks by class, {entry['dataset']}, {sizes}"


# --- sentences


def _of(rows: Sequence[Row], name: str, prepare: str = "raw", checkpoint: int = AFTER) -> int:
    """In how many networks a number lies above its turned copies, with p of at most 0.05."""
    return sum(row.p(name, prepare, checkpoint) <= LEVEL and row.above(name, prepare, checkpoint) for row in rows)


def finding(result: Result) -> str:
    """What came out, in one sentence."""
    if result.lacking:
        return result.lacking
    rows = data.networks(result)
    best = low_to_high([row.value("spread") for row in rows], "{:.2f}")
    copies = low_to_high([row.null("spread")[MIDDLE] for row in rows], "{:.2f}")
    return (
        f"The neuron that separates the classes of one half of the test images best has a spread of {best} over the "
        f"classes of the other half, where the best direction of a turned copy typically has {copies}; in "
        f"{_of(rows, 'spread')} of {len(rows)} networks that is more than turned copies have (p of at most "
        f"{LEVEL:g}), before training in {_of(rows, 'spread', checkpoint=BEFORE)}."
    )


@line_of_each
def setting(result: Result) -> str:
    """Networks, images and threshold, in one line."""
    facts = result.facts
    return (
        f"{dataset(result)}, pixels from -1 to 1, {facts['epochs']} epochs, seeds "
        f"{', '.join(map(str, facts['seeds']))}, {facts['dtype']}; the representations of {facts['images']:,} test "
        f"images, ε = {facts['epsilon']:g}; p against {facts['final_draws']} turned copies of the basis at the end and "
        f"{facts['draws']} before, and as many permutations of the labels.{deviations(result)}"
    )


@or_missing
def in_short(collection: Collection) -> Text:
    """Whether neurons separate classes more than turned copies do, and whether any stands for one class."""
    rows = [row for result in collection for row in data.networks(result)]
    special, random = _of(rows, "spread", "raw"), sum(row.control("spread", "p_permuted") <= LEVEL for row in rows)
    related = sum(row.p("spread", null="permuted") <= LEVEL for row in rows)
    numbers = [int(number) for row in rows for number in row.of("selectivity")[: row.n] if number]
    single = sum(number == 1 for number in numbers)
    return opening(
        f"The best neuron separates the classes by more than the best of as many turned directions in {special} of "
        f"{counted(len(rows), 'network')} (raw, p of at most {LEVEL:g}).",
        f"Neurons do tell classes apart, in {related} of {len(rows)} networks beyond permuted labels, and random "
        f"directions do so in {random}.",
        f"Of {len(numbers)} neurons that respond at all {single or 'none'} {'stand' if single > 1 else 'stands'} for a "
        "single class.",
    )


@line_of_each
def answer(result: Result) -> str:
    """Whether neurons separate classes more than other directions do, at all, and whether any stands for one alone."""
    rows, classes = data.networks(result), len(data.classes(result))
    best, copies, chance = (
        low_to_high(values, "{:.2f}")
        for values in (
            [row.value("spread") for row in rows],
            [row.null("spread")[MIDDLE] for row in rows],
            [row.null("spread", null="permuted")[MIDDLE] for row in rows],
        )
    )
    special = listed([f"{_of(rows, 'spread', prepare)} of {len(rows)} ({prepare})" for prepare in PREPARATIONS])
    related, random = (
        sum(p <= LEVEL for p in each)
        for each in (
            [row.p("spread", null="permuted") for row in rows],
            [row.control("spread", "p_permuted") for row in rows],
        )
    )
    numbers = [int(number) for row in rows for number in row.of("selectivity")[: row.n] if number]
    single = sum(number == 1 for number in numbers)
    typical = f"{np.median(numbers):g}" if numbers else NONE
    return (
        f"the best neuron separates classes by more than the best direction of turned copies in {special} networks, "
        f"with a held-out spread of {best} where a copy typically has {copies}. Neurons do tell classes apart, beyond "
        f"permuted labels (typically {chance}) in {related} of {len(rows)} networks, and so does a random basis in "
        f"{random}. {single} of {len(numbers)} neurons that respond at all stand for a single class; a typical one "
        f"needs {typical} of {classes} classes for nine tenths of its response."
    )


def order(profile: NDArray[np.float64], classes: Sequence[str]) -> str:
    """The classes that a vector responds to, by falling signed share: for example ``1 +0.80, 7 +0.42; 0 -0.50``.

    Those that are nearer to 0 than :data:`LOUD` of the largest, or than :data:`SILENT`, are left out.
    """
    least = max(SILENT, LOUD * float(np.abs(profile).max()))
    places = np.argsort(-profile, kind="stable")
    named = [[k for k in places if profile[k] >= least], [k for k in places[::-1] if profile[k] <= -least]]
    sides = [", ".join(f"{classes[k]} {signed(profile[k])}" for k in side) for side in named]
    return "; ".join(filter(None, sides)) or "none"


# --- tables


@table_of_each
def chosen(result: Result) -> Table:
    """A row per chosen neuron: the vector with which it is shown, spread, and its classes by signed share."""
    lines = []
    for row in data.networks(result):
        spread, choosing, held_out = (row.spread(name) for name in ("profiles", "choosing", "held_out"))
        for vector, partner in zip(row.chosen(), row.chosen("partners"), strict=True):
            on_half = row.chosen("chosen_on_half")
            lines.append(
                (
                    str(row.seed),
                    neuron(vector, row.n),
                    neuron(partner, row.n),
                    f"{spread[vector]:.3f}",
                    f"{choosing[vector]:.3f}",
                    f"{held_out[vector]:.3f}",
                    str(on_half.index(vector) + 1) if vector in on_half else "not chosen",
                    str(row.of("selectivity")[vector]),
                    order(row.of("profiles")[vector].astype(np.float64), data.classes(result)),
                )
            )
    heads = ("spread, all", "first half", "held-out half", "rank on the first half", "classes for 90%")
    return Table(("seed", "neuron", "partner", *heads, "classes by signed share"), tuple(lines))


@table_of_each
def tests(result: Result) -> Table:
    """A row per network and preparation: the held-out spread of the best neuron and its p, before and after training.

    Beside them the median of turned copies and of permuted labels.
    """
    lines = []
    for row in data.networks(result):
        for prepare in PREPARATIONS:
            copies, permuted = (row.null("spread", prepare, null=null) for null in ("copies", "permuted"))
            lines.append(
                (
                    str(row.seed),
                    prepare,
                    f"{row.value('spread', prepare):.3f}",
                    f"{copies[1]:.3f} ({copies[0]:.3f} to {copies[2]:.3f})",
                    f"{row.p('spread', prepare):.3f}",
                    f"{permuted[1]:.3f}",
                    f"{row.p('spread', prepare, null='permuted'):.3f}",
                    number_words(row.value("spread", prepare, BEFORE), 2),
                    f"{row.p('spread', prepare, BEFORE):.2f}",
                )
            )
    heads = ("held-out spread", "turned copies", "p", "permuted labels", "p, permuted", "before training", "p, before")
    return Table(("seed", "representations", *heads), tuple(lines))


@table_of_each
def neurons_together(result: Result) -> Table:
    """A row per network, raw: pairs that respond alike, pairs of a neuron and a class told apart, weak neurons, order.

    The last column is the rank correlation of the first two chosen neurons, and the most opposite one of any two.
    """
    lines = []
    for row in data.networks(result):
        cells = []
        for name in ("redundant", "areas"):
            middle = row.null(name)[MIDDLE]
            cells.append(f"{row.value(name):.0f} against {middle:.0f} (p = {row.p(name):.3f})")
        opposite = (written("{:+.2f}", value) for value in (float(row.of("rank_correlation")), row.opposite()))
        lines.append((str(row.seed), *cells, f"{row.weak()} of {row.n}", " and ".join(opposite)))
    heads = ("pairs alike", "neuron and class told apart", "weak neurons", "rank correlation: chosen, and least of any")
    return Table(("seed", *heads), tuple(lines))


@table_of_each
def selectivity(result: Result) -> Table:
    """A row per network: how many neurons need so many classes for nine tenths of their response."""
    classes = range(1, len(data.classes(result)) + 1)
    lines = []
    for row in data.networks(result):
        numbers = row.of("selectivity")[: row.n]
        lines.append((str(row.seed), *(str(int((numbers == k).sum())) for k in (*classes, 0))))
    return Table(("seed", *(str(k) for k in classes), "no response"), tuple(lines))


@table_of_each
def neighbours(result: Result) -> Table:
    """A row per space: the share of the ten nearest neighbours with the same label, of the network that is shown."""
    lines = []
    for space, (share, p, permuted) in zip(embedding.SPACES, result.drawing["neighbours"], strict=True):
        name = f"the picture ({result.facts['embedding']})" if space == "picture" else embedding.SPACES[space]
        lines.append((name, f"{share:.1%}", f"{permuted:.1%}", f"{p:.3f}"))
    return Table(("where", "same label", "permuted labels", "p"), tuple(lines))


# --- alternative texts


def by_class_words(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.neurons.figures.by_class`."""
    row, classes = data.shown(result), data.classes(result)
    panels = []
    spread, held_out, on_half = row.spread(), row.spread("held_out"), row.chosen("chosen_on_half")
    for vector, partner in zip(row.chosen(), row.chosen("partners"), strict=True):
        profile = row.of("profiles")[vector].astype(np.float64)
        also = ", the one that the first half chooses" if on_half[:1] == [vector] else ""
        panels.append(
            f"at neuron {neuron(vector, row.n)} (partner {neuron(partner, row.n)}) {order(profile, classes)}, spread "
            f"{spread[vector]:.2f}, on the held-out half {held_out[vector]:.2f}{also}"
        )
    before = float(np.abs(result.drawing["curves"][BEFORE]).max())
    share, _, permuted = result.drawing["neighbours"][list(embedding.SPACES).index("picture")]
    return (
        f"The signed spotlight of every class over its angle in {len(panels)} planes of two neurons (seed {row.seed}, "
        f"ε = {result.facts['epsilon']:g}), after training above and before training below. Signed shares by class: "
        f"{'; '.join(panels)}. At the first half's best neuron the held-out spread has p = {row.p('spread'):.3f} "
        f"against turned copies. Before training no signed share exceeds {before:.2g}. On the right the "
        f"{result.facts['embedding']} picture of the representations: {share:.0%} of the ten nearest neighbours are of "
        f"the same class, {permuted:.0%} for permuted labels."
    )


def spread_words(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.neurons.figures.spread`."""
    rows, parts = data.networks(result), []
    for prepare, checkpoint, words in (
        ("raw", BEFORE, "before training"),
        ("raw", AFTER, "after training, raw"),
        ("centred", AFTER, "after training, centred"),
    ):
        values = low_to_high([row.value("spread", prepare, checkpoint) for row in rows], "{:.2g}")
        parts.append(f"{words} {values}, beyond them in {_of(rows, 'spread', prepare, checkpoint)} of {len(rows)}")
    return (
        "The spread over classes on the held-out half of the neurons that the other half chooses, a column per seed, "
        f"over the middle 95% of the best direction of turned copies. Of the best neuron: {'; '.join(parts)}."
    )


def areas_words(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.neurons.figures.areas`."""
    row, classes = data.shown(result), data.classes(result)
    areas = row.areas()[: row.n]
    sharp = [
        f"{neuron(i if areas[i, k] > 0.5 else row.n + i, row.n)} and {classes[k]}"
        for i, k in np.argwhere(np.maximum(areas, 1 - areas) >= SHARP)
    ]
    return (
        f"Two tables of the {row.n} neurons of one network (seed {row.seed}) by {len(classes)} classes: signed shares "
        f"at the neuron, from {signed(row.of('profiles').min())} to {signed(row.of('profiles').max())}, and areas of "
        f"telling the class from the others by that neuron alone, from {areas.min():.2f} to {areas.max():.2f}. "
        f"Told apart by at least {SHARP:g}: {listed(sharp) or 'none'}."
    )


def compared(result: Result, row: int) -> Compared:
    """The numbers of a row that ``python -m isoaux verify`` compares."""
    network = Row(result, row)
    for place, checkpoint in ((FIRST, BEFORE), (LAST, AFTER)):
        for prepare in PREPARATIONS:
            for name in TESTED:
                yield f"{name}, {prepare}", place, "plain", network.value(name, prepare, checkpoint)
