"""A sentence transformer in sentences and tables: where its neurons are special, and by what."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from isoaux.common.numbers import counted, low_to_high, signed
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import Figure
from isoaux.records.reports import opening, or_missing
from isoaux.records.results import Result
from isoaux.statistics import LEVEL, BasisTest
from isoaux.statistics.preparation import PREPARATIONS
from isoaux.studies.transformer import data
from isoaux.studies.transformer.data import KINDS, OUTLIER, PARTS

MOST = 0.6
"""The share of the layers from which on a part is said to be special, as in claims about most of them."""

HALF = 0.5
"""The share of quartimax's excess from which on what is left whitened is said to be most of it."""

OFF = 1e-3
"""A gain of less than so much of the median one switches its neuron off."""

NAMED = 5
"""The most outlier neurons that are named in a sentence or a cell."""


def words(figure: Figure) -> str:
    """The network and where its activations are taken, in one line."""
    return f"{data.NETWORK}, {figure.size}; {listed(list(PARTS.values()))}"


@or_missing
def setting(result: Result) -> Text:
    """The network, the text and what it is compared with, in one line."""
    facts, shape = result.facts, result.facts["shape"]
    changed = f" Differs from what is published: {'; '.join(facts['deviations'])}." if facts["deviations"] else ""
    return Text(
        f"{facts['network']}: {shape['layers']} layers, {shape['width']} neurons in the residual stream, "
        f"{shape['hidden']:,} in each hidden layer; {facts['text']:,} {facts['dataset']}, "
        f"{facts['tokens']['words']:,} of their words for mean and covariance; {facts['draws']} random bases; "
        f"{counted(len(facts['seeds']), 'untrained network')} beside it.{changed}"
    )


def ratio(test: BasisTest) -> float:
    """A statistic over its median in random bases."""
    return test.value / float(np.median(test.null))


def is_above(test: BasisTest) -> bool:
    """Whether a statistic lies above its random bases with a two-sided p of at most 0.05."""
    return test.p <= LEVEL and test.effect > 0


def above(result: Result, part: str, prepare: str, kind: str = "words") -> tuple[int, int]:
    """In how many layers of a part quartimax lies above its random bases, and of how many."""
    tests = [data.test(result, place, prepare) for place in data.layers(result, part, kind)]
    return sum(map(is_above, tests)), len(tests)


def cause(result: Result, part: str, kind: str = "words") -> str:
    """Whether the neurons of a part are special in most layers, and by what, in words."""
    shares = {prepare: np.divide(*above(result, part, prepare, kind)) for prepare in PREPARATIONS}
    if shares["whitened"] >= MOST:
        if left(result, part) >= HALF:
            return "special, by more than mean and covariance"
        return "special, mostly by mean and covariance and to a small part by more"
    if shares["centred"] >= MOST:
        return "special by unequal scales and correlations of the neurons, and in most layers by nothing beyond these"
    if shares["raw"] >= MOST:
        return "special by its mean, and in most layers by nothing beyond it"
    return "special in few layers, if at all"


@or_missing
def in_short(result: Result) -> Text:
    """Whether the basis of each part is special and by what: a sentence a part, with the whitened layers."""
    sentences = []
    for part, name in PARTS.items():
        yes, of = above(result, part, "whitened")
        sentences.append(
            f"The neurons of the {name} are {cause(result, part)} (whitened, {yes} of {of} layers above random bases)."
        )
    return opening(*sentences)


@or_missing
def answer(result: Result) -> Text:
    """Whether the basis of the residual stream is special and by what, then the other parts: a line per part."""
    lines = []
    for part, name in PARTS.items():
        counts = {prepare: above(result, part, prepare) for prepare in PREPARATIONS}
        yes = listed([f"{yes} ({prepare})" for prepare, (yes, _) in counts.items()])
        lines.append(
            f"- **{name[0].upper() + name[1:]}**: {cause(result, part)}. Quartimax lies above its random bases in "
            f"{yes} of {counts['raw'][1]} layers, and is {_ratios(result, part)} times their median; of what it is "
            f"above 1, whitening leaves {100 * left(result, part):.0f}% in the median layer."
        )
    return Text("\n".join(lines))


def left(result: Result, part: str) -> float:
    """The share of quartimax's excess over its median in random bases that is left whitened, median of the layers."""
    raw, white = (
        np.array([ratio(data.test(result, place, prepare)) - 1 for place in data.layers(result, part)])
        for prepare in ("raw", "whitened")
    )
    return float(np.median(white / raw))


def _ratios(result: Result, part: str) -> str:
    """Quartimax over its median in random bases, from the lowest to the highest layer, in each preparation."""
    ranges = []
    for prepare in PREPARATIONS:
        values = [ratio(data.test(result, place, prepare)) for place in data.layers(result, part)]
        ranges.append(f"{low_to_high(values, '{:.2f}')} ({prepare})")
    return listed(ranges)


@or_missing
def answer_more(result: Result) -> Text:
    """What is left without the largest neurons and without the gains, and what the controls say; in sentences."""
    rest = [above(result, "residual", prepare, "rest") for prepare in PREPARATIONS]
    words, without, plain = (_median(result, kind) for kind in ("words", "rest", "plain"))
    count = max(1, round(data.LARGEST * result.facts["shape"]["width"]))
    neurons = "largest neuron" if count == 1 else f"{count} largest neurons"
    gains = "smaller" if plain > words else "larger"
    return Text(
        f"Without the {neurons} of each layer the residual stream lies above its random bases in {_counts(rest)} "
        f"layers; raw, quartimax is {without:.2f} times their median then, instead of {words:.2f} (median layer). The "
        f"gains of layer normalisation make it {gains}: before them it is {plain:.2f} times. {_controls(result)}"
    )


def _median(result: Result, kind: str) -> float:
    """Quartimax over its median in random bases, raw, in the median layer of the residual stream."""
    return float(np.median([ratio(data.test(result, place, "raw")) for place in data.layers(result, "residual", kind)]))


def _counts(pairs: Sequence[tuple[int, int]]) -> str:
    each = [f"{yes} ({prepare})" for prepare, (yes, _) in zip(PREPARATIONS, pairs, strict=True)]
    return f"{listed(each)} of {pairs[0][1]}"


def _controls(result: Result) -> str:
    stream = [
        test.p <= LEVEL
        for prepare in PREPARATIONS
        for place in data.layers(result, "residual")
        for test in data.beginners(result, place, prepare)
    ]
    turned = [
        test.p <= LEVEL
        for prepare in PREPARATIONS
        for place in data.measured(result)
        if place.kind == "words"
        for test in data.turned(result, place, prepare)
    ]
    return (
        f"Of the tests of untrained residual streams {100 * np.mean(stream):.0f}% have a p of at most {LEVEL:g}, and "
        f"{100 * np.mean(turned):.0f}% of those of the same activations after a random rotation; {100 * LEVEL:g}% are "
        "expected."
    )


@or_missing
def by_layer(result: Result) -> Table:
    """Quartimax at every place of words over its median in random bases, with its effect: a row per place."""
    rows = []
    for place in data.measured(result):
        if place.kind == "words":
            cells = [_cell(data.test(result, place, prepare)) for prepare in PREPARATIONS]
            share = result.drawing["mean_share"][data.measured(result).index(place)]
            rows.append((PARTS[place.part], str(place.layer), *cells, f"{100 * share:.0f}%"))
    return Table(("part", "layer", *PREPARATIONS, "mean's share of the length"), tuple(rows))


def _cell(test: BasisTest) -> str:
    mark = "" if test.p <= LEVEL else f", p = {test.p:.2g}"
    return f"× {ratio(test):.2f} ({signed(test.effect, 1)}{mark})"


@or_missing
def others(result: Result) -> Table:
    """The other statistics over their medians in random bases, raw and whitened: a row per place of words."""
    names = data.STATISTICS[1:]
    rows = []
    for place in data.measured(result):
        if place.kind == "words":
            cells = [_cell(data.test(result, place, k, name)) for name in names for k in ("raw", "whitened")]
            rows.append((PARTS[place.part], str(place.layer), *cells))
    heads = [f"`{name}`, {prepare}" for name in names for prepare in ("raw", "whitened")]
    return Table(("part", "layer", *heads), tuple(rows))


@or_missing
def kinds(result: Result) -> Table:
    """The residual stream of each kind of token, and of words changed: layers above random bases, and quartimax.

    A row per kind; in each preparation the layers of all, and the median of quartimax over its random bases.
    """
    rows = []
    for kind, name in KINDS.items():
        cells = []
        for prepare in PREPARATIONS:
            yes, of = above(result, "residual", prepare, kind)
            tests = [data.test(result, place, prepare) for place in data.layers(result, "residual", kind)]
            cells.append(f"{yes} of {of}, × {np.median([ratio(test) for test in tests]):.2f}")
        rows.append((name, *cells))
    return Table(("tokens", *PREPARATIONS), tuple(rows))


@or_missing
def untrained(result: Result) -> Table:
    """Untrained networks: how many tests of how many differ from random bases, with the range of quartimax.

    A row per part; in each preparation over all layers and seeds.
    """
    rows = []
    for part in dict.fromkeys(place.part for place in data.untrained(result)):
        cells = []
        for prepare in PREPARATIONS:
            places = [place for place in data.untrained(result) if place.part == part]
            tests = [test for place in places for test in data.beginners(result, place, prepare)]
            yes = sum(test.p <= LEVEL for test in tests)
            cells.append(f"{yes} of {len(tests)}, × {low_to_high([ratio(test) for test in tests], '{:.2f}')}")
        rows.append((PARTS[part], *cells))
    return Table(("part", *PREPARATIONS), tuple(rows))


@or_missing
def outliers(result: Result) -> Table:
    """The neurons of more than ``OUTLIER`` times the root mean square of the median one: a row per place.

    The largest ones by number, with how many times; and the share of the squared length that the largest 2% hold.
    """
    rows = []
    for place in data.measured(result):
        if place.kind in ("words", "first", "last"):
            known = data.outliers(result, place)
            rms = np.sort(data.neurons(result, place, "rms").astype(np.float64) ** 2)
            share = rms[-max(1, round(data.LARGEST * len(rms))) :].sum() / rms.sum()
            rows.append((place.words, str(len(known)), named(known), f"{100 * share:.0f}%"))
    share = f"{100 * data.LARGEST:g}% of the neurons"
    return Table(("place", "outlier neurons", "the largest", f"squared length in {share}"), tuple(rows))


def named(known: dict[int, float]) -> str:
    """Outlier neurons with how many times the median one they are, the first few of them."""
    return ", ".join(f"{neuron} (× {times:.1f})" for neuron, times in list(known.items())[:NAMED]) or "none"


@or_missing
def outliers_words(result: Result) -> Text:
    """In how many layers of the residual stream words have outlier neurons, and the largest of each kind of token."""
    stream = data.layers(result, "residual")
    often = Counter(neuron for place in stream for neuron in data.outliers(result, place))
    most = [neuron for neuron, layers in often.most_common() if layers >= MOST * len(stream)]
    which = (
        f"outliers in most of them are {listed([*map(str, most[:NAMED])])}" if most else "none is so in most of them"
    )
    special = " and ".join(f"of {KINDS[kind]} {_largest(result, kind)}" for kind in ("first", "last"))
    layers = sum(bool(data.outliers(result, place)) for place in stream)
    return Text(
        f"Of words, {layers} of {len(stream)} layers of the residual stream have an outlier neuron, of more than "
        f"{OUTLIER:g} times the size of the median one, and {which}; the largest is {_largest(result, 'words')}. Of "
        f"special tokens alone the largest is {special}.{_off(result)}"
    )


def _off(result: Result) -> str:
    """The sentence that says which neurons a gain of layer normalisation switches off; empty where none does."""
    gains = np.abs(result.drawing["gain"].astype(np.float64))
    off = gains < OFF * np.median(gains, axis=1, keepdims=True)
    parts = [
        f"{listed([*map(str, np.flatnonzero(row))])} behind layer {layer}" for layer, row in enumerate(off) if row.any()
    ]
    return f" Gains of layer normalisation switch neurons off: {'; '.join(parts)}." if parts else ""


def _largest(result: Result, kind: str) -> str:
    """The largest neuron of the residual stream in any layer, in words."""
    known = {place.layer: data.outliers(result, place, 0) for place in data.layers(result, "residual", kind)}
    layer = max(known, key=lambda layer: max(known[layer].values()))
    neuron, times = next(iter(known[layer].items()))
    return f"neuron {neuron} with {times:,.1f} times the size (layer {layer})"


def finding(result: Result) -> str:
    """In how many layers each part is special, raw and whitened, in one line for the gallery."""
    if result.lacking:
        return result.lacking
    parts = []
    for part, name in PARTS.items():
        raw, white = (above(result, part, prepare) for prepare in ("raw", "whitened"))
        parts.append(f"{name}, {raw[0]} and {white[0]} of {raw[1]}")
    return f"Layers in which the neurons are special, raw and whitened: {'; '.join(parts)}."


def sentence(result: Result) -> str:
    """What the curves show, made from the numbers: their alternative text."""
    if result.lacking:
        return result.lacking
    parts = []
    for part, name in PARTS.items():
        for prepare in PREPARATIONS:
            values = [ratio(data.test(result, place, prepare)) for place in data.layers(result, part)]
            parts.append(f"{name}, {prepare}: {low_to_high(values, '{:.2f}')}")
    return (
        "Quartimax over its median in random bases by layer, a panel each for raw, centred and whitened activations, "
        f"with untrained networks and rotated activations beside it. {'; '.join(parts)}."
    )


def neurons_sentence(result: Result) -> str:
    """What the picture of sizes shows, made from the numbers: its alternative text."""
    if result.lacking:
        return result.lacking
    parts = []
    for part, name in PARTS.items():
        largest = [max(data.outliers(result, place, 0).values()) for place in data.layers(result, part)]
        parts.append(f"{name}: the largest {low_to_high(largest, '{:.1f}')} times the median")
    return f"Root mean squares of neurons by rank, a line per layer and a panel per part. {'; '.join(parts)}."


def pictures_sentence(result: Result) -> str:
    """What the densities show, made from the numbers: their alternative text."""
    if result.lacking:
        return result.lacking
    points, parts = result.drawing["points"], []
    for row, name in enumerate(PARTS.values()):
        counts = [
            f"{prepare} {here:,} and {there:,}" for prepare, here, there in zip(PREPARATIONS, *points[row], strict=True)
        ]
        parts.append(f"{name}: {', '.join(counts)}")
    return (
        f"Densities of points near the planes of neurons, and after a random rotation, behind layer "
        f"{result.facts['shown']}. Points in both: {'; '.join(parts)}."
    )
