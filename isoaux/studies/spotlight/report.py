"""What came out of the spotlight's networks: sentences and tables."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from isoaux import bases, srm
from isoaux.common.numbers import counted, low_to_high, number_words, signed
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import GROUPS, TITLES, TITLES_ON_BASES, Configuration, Figure
from isoaux.records.reports import dataset, deviations, line_of_each, opening, or_missing, table_of_each
from isoaux.records.results import Collection, Result
from isoaux.statistics import LEVEL
from isoaux.studies.protocol import FIRST, LAST, Compared
from isoaux.studies.spotlight import data
from isoaux.studies.spotlight.data import Row
from isoaux.studies.spotlight.measuring import CONTROLS, NUMBERS, PREPARATIONS, TESTED


def words(figure: Figure) -> str:
    """One line that says what a figure of the catalogue shows."""
    entry = figure.entry
    return f"{entry['model']} networks, {entry['dataset']}, n = {entry['n']}, m = {entry['m']}; ε = {entry['epsilon']}"


def short(configuration: Configuration) -> str:
    """A configuration in a few words, for titles: activation, vectors, n, and hidden widths."""
    name = (TITLES | TITLES_ON_BASES)[configuration.activation]
    vectors = f", m = {configuration.vectors}" if configuration.vectors else ""
    hidden = f", h = {configuration.hidden[0]}" if configuration.hidden else ""
    return f"{name}, n = {configuration.n}{vectors}{hidden}"


# --- sentences


def _count(rows: Sequence[Row], prepare: str = "raw", checkpoint: int = -1) -> Counter[str]:
    """How many networks are with their basis, against it, or neither, by the p of their resonance."""
    sides = Counter[str]()
    for row in rows:
        special = row.p("resonance", prepare, checkpoint) <= LEVEL
        sides[
            ("with" if row.number("resonance", prepare, checkpoint) > 0 else "against") if special else "neither"
        ] += 1
    return sides


def _sides(rows: Sequence[Row], prepare: str = "raw", checkpoint: int = -1) -> str:
    """For example ``3 of 5 with their basis and 1 against it``."""
    sides = _count(rows, prepare, checkpoint)
    against = f" and {sides['against']} against it" if sides["against"] else ""
    return f"{sides['with']} of {len(rows)} with their basis{against}"


def _networks(result: Result) -> Iterator[tuple[Configuration, list[Row]]]:
    """The configurations of a figure, each with its networks."""
    return ((configuration, data.networks(result, configuration)) for configuration in result.by_configuration)


def _first(result: Result) -> list[Row]:
    """The networks of the first configuration, the paper's."""
    return data.networks(result, next(iter(result.by_configuration)))


def finding(result: Result) -> str:
    """What came out for the first configuration of a figure, in one sentence."""
    if result.lacking:
        return result.lacking
    rows = _first(result)
    return (
        f"{short(rows[0].configuration)}, after training: {_sides(rows)} by the resonance of raw representations "
        f"(p of at most {LEVEL:g} against turned copies), {_sides(rows, 'centred')} once the mean is subtracted; "
        f"before training {_sides(rows, checkpoint=0)}."
    )


@line_of_each
def setting(result: Result) -> str:
    """Networks, images and threshold, in one line."""
    facts = result.facts
    return (
        f"{dataset(result)}, {facts['epochs']} epochs, seeds {', '.join(map(str, facts['seeds']))}, {facts['dtype']}; "
        f"the representations of {facts['images']:,} test images, ε = {facts['epsilon']:g}; p against "
        f"{facts['final_draws']} turned copies of the basis at the end and {facts['draws']} before."
        f"{deviations(result)}"
    )


@or_missing
def in_short(collection: Collection) -> Text:
    """What came out of all figures of a page after training, in three sentences: raw, centred, and the controls.

    By the p of the resonance of a network, at most 0.05; networks on a basis and isotropic ones apart.
    """
    rows = [row for result in collection for _, members in _networks(result) for row in members]
    own = [row for row in rows if GROUPS.get(row.configuration.activation) != "O(n)"]
    controls = [row for row in rows if GROUPS.get(row.configuration.activation) == "O(n)"]
    raw, centred = (_count(own, prepare) for prepare in ("raw", "centred"))
    sentences = [
        f"After training {raw['with']} of {counted(len(own), 'network')} lie with the vectors of their activation and "
        f"{raw['against']} against them (raw, p of at most {LEVEL:g} against turned copies).",
        f"Once the mean of the representations is subtracted, {centred['with']} still lie with them and "
        f"{centred['against']} against them"
        + (
            ": for most networks it is the mean that chose a direction, and not the way in which images differ."
            if 2 * (centred["with"] + centred["against"]) < raw["with"] + raw["against"]
            else "."
        ),
    ]
    if controls:
        sides = _count(controls)
        sentences.append(
            f"Of {counted(len(controls), 'isotropic network')}, whose activation has no vectors, "
            f"{sides['with'] + sides['against']} differ."
        )
    return opening(*sentences)


@line_of_each
def answer(result: Result) -> str:
    """What came out of every configuration that a figure shows, by raw and by centred representations."""
    parts = []
    for configuration, rows in _networks(result):
        cones = low_to_high([row.value("cone") for row in rows], "{:.2f}")
        parts.append(
            f"{short(configuration)}{_pixels(configuration)}: raw {_sides(rows)}, centred {_sides(rows, 'centred')} "
            f"(cone {cones})"
        )
    return f"{'; '.join(parts)}."


def _pixels(configuration: Configuration) -> str:
    """The pixels in words, where they are not those of the method's paper."""
    return "" if configuration.symmetric else f", {configuration.pixels} pixels"


# --- tables


@table_of_each
def networks(result: Result) -> Table:
    """A row per network after training: its numbers, and the p of its resonance, raw, centred and varying."""
    lines = []
    for row in data.networks(result):
        varying = float(result.drawing["varying_p"][row.row, TESTED.index("resonance")])
        lines.append(
            (
                f"{short(row.configuration)}{_pixels(row.configuration)}",
                str(row.seed),
                signed(row.number("resonance"), 4),
                signed(row.number("phase")),
                f"{row.number('reach'):.2f}",
                f"{row.number('lit'):.0f} of {len(row.basis)}",
                f"{row.number('effective'):.1f}",
                f"{row.value('cone'):.2f}",
                f"{row.value('constant'):.0f}",
                f"{row.p():.3f}",
                signed(row.number("resonance", "centred"), 4),
                f"{row.p(prepare='centred'):.3f}",
                f"{varying:.3f}",
            )
        )
    heads = ("resonance, raw", "phase", "reach", "lit", "effective", "cone", "constant", "p, raw")
    more = ("resonance, centred", "p, centred", "p, raw, without constant directions")
    return Table(("network", "seed", *heads, *more), tuple(lines))


@table_of_each
def thresholds(result: Result) -> Table:
    """A row per configuration and preparation: at how many seeds the resonance is special at every threshold.

    By p adjusted for the thresholds (Holm), and against turned copies.
    """
    lines = []
    for configuration, rows in _networks(result):
        for prepare in PREPARATIONS:
            each = [row.grid_p(prepare=prepare) for row in rows]
            counts = [sum(p[epsilon] <= LEVEL for p in each) for epsilon in srm.EPSILONS]
            lines.append(
                (
                    f"{short(configuration)}{_pixels(configuration)}",
                    prepare,
                    *(f"{count} of {len(rows)}" for count in counts),
                )
            )
    return Table(("network", "representations", *(f"ε = {epsilon:g}" for epsilon in srm.EPSILONS)), tuple(lines))


@table_of_each
def before(result: Result) -> Table:
    """A row per configuration: resonance, reach and cone before training, median over seeds, and special seeds."""
    lines = []
    for configuration, rows in _networks(result):
        middle = [np.median([row.number(name, checkpoint=0) for row in rows]) for name in ("resonance", "reach")]
        cone = np.median([row.value("cone", 0) for row in rows])
        special = sum(row.p(checkpoint=0) <= LEVEL for row in rows)
        lines.append(
            (
                f"{short(configuration)}{_pixels(configuration)}",
                *map(number_words, middle),
                f"{cone:.2f}",
                f"{special} of {len(rows)}",
            )
        )
    return Table(("network", "resonance, raw", "reach", "cone", "seeds with p of at most 0.05"), tuple(lines))


@table_of_each
def controls(result: Result) -> Table:
    """A row per network: swing in the basis, in a turned copy and in random directions, with their p."""
    lines = []
    for row in data.networks(result):
        cells = [f"{row.number('swing'):.4f} ({row.p('swing'):.3f})"]
        for place in range(len(CONTROLS)):
            value = float(result.drawing["control"][row.row, place, NUMBERS.index("swing")])
            p = float(result.drawing["control_p"][row.row, place, TESTED.index("swing")])
            cells.append(f"{value:.4f} ({p:.3f})")
        lines.append((short(row.configuration), str(row.seed), *cells))
    return Table(("network", "seed", "its basis", "a turned copy", "random directions"), tuple(lines))


@table_of_each
def heights(result: Result) -> Table:
    """A row per network: largest gap of the shares of its vectors, p of their dip, and opposed planes with their p."""
    lines = []
    for row in data.networks(result):
        near = row.shares()
        opposed = result.drawing["opposed"][row.row]
        p = result.drawing["opposed_p"][row.row]
        lines.append(
            (
                short(row.configuration),
                str(row.seed),
                f"{srm.gap(near):.2f}",
                f"{srm.dip_test(near).p:.3f}",
                f"{opposed[0]} ({p[0]:.3f})",
                f"{opposed[1]} ({p[1]:.3f})",
            )
        )
    heads = ("largest gap / range", "p of the dip", "opposed planes, raw (p)", "opposed planes, centred (p)")
    return Table(("network", "seed", *heads), tuple(lines))


# --- alternative texts


def _numbers(row: Row) -> str:
    lit = f"{row.number('lit'):.0f} of {len(row.basis)} vectors lit"
    centred = f"{signed(row.number('resonance', 'centred'), 4)} (p = {row.p(prepare='centred'):.3f})"
    return (
        f"resonance {signed(row.number('resonance'), 4)} (raw, p = {row.p():.3f}), phase "
        f"{signed(row.number('phase'))}, {lit}, cone {row.value('cone'):.2f}; centred: resonance {centred}"
    )


def planes_words(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.spotlight.figures.planes`."""
    row = data.networks(result)[0]
    count = len(bases.pairs(row.basis)[0])
    return (
        f"The share of representations in the spotlight over its angle, in all {count} planes of "
        f"{short(row.configuration)} (seed {row.seed}, ε = {row.epsilon:g}): before training, of the basis itself, "
        f"and after training. The largest share is {row.number('reach', checkpoint=0):.3g} before and "
        f"{row.number('reach'):.3g} after. After training: {_numbers(row)}. {finding(result)}"
    )


def bases_words(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.spotlight.figures.three_bases`."""
    row = data.networks(result)[0]
    place = TESTED.index("swing")
    copy, normal = (float(result.drawing["control_p"][row.row, k, place]) for k in range(len(CONTROLS)))
    return (
        f"The share of representations of {short(row.configuration)} (seed {row.seed}, trained, ε = {row.epsilon:g}) "
        f"in the spotlight over its angle, in all planes of random directions (swing p = {normal:.3f}), of a turned "
        f"copy of its basis (p = {copy:.3f}), and of the basis itself: {_numbers(row)}. {finding(result)}"
    )


def curves_words(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.spotlight.figures.curves`."""
    parts = [
        f"{short(configuration)}: {_sides(rows)} raw, {_sides(rows, 'centred')} centred"
        for configuration, rows in _networks(result)
    ]
    return (
        f"The mean share in the spotlight over all planes and its angle after training, a panel per configuration and "
        f"a line per seed, above the curve of the basis itself. {'; '.join(parts)}."
    )


def training_words(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.spotlight.figures.through_training`."""
    epochs = result.drawing["epochs"]
    parts = []
    for configuration, rows in _networks(result):
        first, last = (low_to_high([row.number("resonance", "raw", at) for row in rows], "{:+.3f}") for at in (0, -1))
        parts.append(f"{short(configuration)}: from {first} before training to {last} at the end")
    return (
        f"Resonance from epoch 0 to {epochs[-1]}, a line per seed, raw on the left and centred on the right, over the "
        f"middle 95% of turned copies. Raw, {'; '.join(parts)}."
    )


def shares_words(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.spotlight.figures.shares`."""
    parts = []
    for configuration, rows in _networks(result):
        largest = low_to_high([float(row.shares().max()) for row in rows], "{:.2f}")
        lit = low_to_high([row.number("lit") for row in rows], "{:.0f}")
        parts.append(f"{short(configuration)}: largest {largest}, {lit} of {len(rows[0].basis)} lit")
    return (
        f"The shares of test images in the cones around single vectors after training, sorted, a line per seed; a "
        f"vector is lit from 0.05 on. Raw, {'; '.join(parts)}."
    )


def series_words(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.spotlight.figures.series`."""
    parts = []
    for configuration, rows in _networks(result):
        sizes = low_to_high([abs(row.number("resonance")) for row in rows], "{:.3f}")
        parts.append(f"{short(configuration)}: {sizes}")
    return (
        "The size of the resonance of raw and of centred representations against the number of vectors. "
        f"Raw, {'; '.join(parts)}."
    )


def cones_words(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.spotlight.figures.cones`."""
    parts = []
    for configuration, rows in _networks(result):
        cone = low_to_high([row.value("cone") for row in rows], "{:.2f}")
        parts.append(f"{configuration.pixels} pixels: cone {cone}, {_sides(rows)}")
    return f"Cone, constant directions and resonance of every network by the scale of its pixels. {listed(parts)}."


def compared(result: Result, row: int) -> Compared:
    """The numbers of a row that ``python -m isoaux verify`` compares."""
    network = Row(result, row)
    for place, checkpoint in ((FIRST, 0), (LAST, -1)):
        for prepare in PREPARATIONS:
            yield f"resonance, {prepare}", place, "plain", network.number("resonance", prepare, checkpoint)
        yield "cone", place, "plain", network.value("cone", checkpoint)
