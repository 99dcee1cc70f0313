"""What is left after mean and covariance, in sentences: all numbers are computed, none is typed.

``rows`` are those of :func:`isoaux.studies.remainder.prepared.table`, ``lines`` those of
:func:`isoaux.studies.remainder.discreteness.table`; where there are none, every function says so. A network gathers on
few neurons if its quartimax lies above its random bases with p of at most 0.05, and avoids that if it lies below them.
"""

from collections.abc import Sequence

import numpy as np

from isoaux import statistics
from isoaux.common.numbers import low_to_high, with_range
from isoaux.common.tables import Text, listed
from isoaux.paper import DATASET_TITLES, GROUPS, PIXELS, TITLES, Configuration
from isoaux.records.reports import opening, or_missing
from isoaux.statistics import LEVEL
from isoaux.studies.remainder import discreteness, prepared
from isoaux.studies.remainder.discreteness import Lines
from isoaux.studies.remainder.prepared import DECIDING, MEASURED, PARTNERS, Prepared, counts, places

DEPTHS = {False: "k = 0", True: "k > 0"}
"""Layers before any activation function and layers behind at least one, ..."""

IN_WORDS = {False: "before any activation (k = 0)", True: "behind an activation (k > 0)"}
"""... and the same in sentences."""


def title(configuration: Configuration, activation: bool = True) -> str:
    """A configuration in words, with or without its activation."""
    c = configuration
    words = f"{DATASET_TITLES[c.dataset]}, {c.pixels} pixels, n = {c.n}, L = {c.L}"
    return f"{TITLES[c.activation]}, {words}" if activation else words


def is_isotropic(configuration: Configuration) -> bool:
    """Whether the activation of a configuration is isotropic, so that by symmetry no basis is special."""
    return GROUPS[configuration.activation] == "O(n)"


# --- what came out


@or_missing
def in_short(rows: Sequence[Prepared]) -> Text:
    """What came out of tanh before its first activation and of isotropic networks, by quartimax, in three sentences."""
    return opening(_first_layers(rows), _controls(rows).replace("**", ""))


@or_missing
def answer(rows: Sequence[Prepared], lines: Sequence[Lines]) -> Text:
    """What came out of every other kind of network, a sentence each; then of single neurons, pairs and lines."""
    sentences = [_sentence(f"**{words}**", members) for words, members in _kinds(rows)]
    sentences += [_neurons(rows), *(_paired(rows, name) for name in PARTNERS), *_discrete(lines)]
    return Text("\n".join(f"- {sentence}" for sentence in sentences if sentence))


@or_missing
def by_activation(rows: Sequence[Prepared]) -> Text:
    """How many networks gather on few neurons, and how many avoid that, raw and whitened: a line per activation.

    Then where the numbers come from, as :func:`sources` says it.
    """
    parts = []
    for name in dict.fromkeys(row.configuration.activation for row in rows):
        members = [row for row in rows if row.configuration.activation == name]
        parts.append(f"- {_sentence(f'**{TITLES[name]}**', members)}")
    return Text("\n".join([*parts, "", sources(rows).words]))


def _first_layers(rows: Sequence[Prepared]) -> str:
    members = [row for row in rows if row.configuration.activation == "tanh" and not row.layer]
    if not members:
        return ""
    (raw, _), (left, below) = (counts(members, prepare) for prepare in ("raw", "whitened"))
    if not raw and not left:
        words = "so nothing gathers there"
    elif not left:
        words = "so what gathers there is mean and covariance"
    elif 2 * left <= raw:
        words = "so most of what gathers there is mean and covariance"
    else:
        words = "so what gathers there is not mean and covariance alone"
    if below > left:
        words += ", and what is left points away from the axes"
    by_pixels = []
    for normalised, pixels in PIXELS.items():
        some = [row for row in members if row.configuration.normalised is normalised]
        if some:
            by_pixels.append(f"{_number(counts(some, 'whitened')[1])} of {len(some)} on {pixels} pixels")
    return (
        f"Before any activation, {_number(raw)} of {len(members)} tanh networks gather on few neurons as "
        f"they are. Without mean and covariance {_number(left)} of {len(members)} still "
        f"{'does' if left == 1 else 'do'} and {_number(below)} {'avoids' if below == 1 else 'avoid'} it "
        f"({listed(by_pixels)}), {words}."
    )


def _neurons(rows: Sequence[Prepared]) -> str:
    members = [row for row in rows if row.configuration.activation == "tanh"]
    above, below = counts(members, "whitened", "neuron_kurtosis")
    if not members:
        return ""
    return (
        f"Whitened, single tanh neurons have a smaller kurtosis than directions of random bases in {_number(below)} of "
        f"{len(members)} networks and layers, and a larger one in {_number(above)}. A small kurtosis is that of two "
        "values, a large one that of rare outliers."
    )


def _kinds(rows: Sequence[Prepared]) -> list[tuple[str, list[Prepared]]]:
    """The anisotropic networks by activation, those of tanh and Leaky-ReLU by depth, too; without tanh at k = 0."""
    kinds: dict[str, list[Prepared]] = {}
    for row in rows:
        name, deep = row.configuration.activation, row.layer > 0
        if not is_isotropic(row.configuration) and (name != "tanh" or deep):
            kinds.setdefault(f"{TITLES[name]}{f', {IN_WORDS[deep]}' * (name in PARTNERS)}", []).append(row)
    return list(kinds.items())


def _sentence(words: str, rows: Sequence[Prepared]) -> str:
    """How many of some networks gather on few neurons and how many avoid that, raw and whitened."""
    networks = len({(row.configuration, row.seed) for row in rows})
    layers = f"{len(rows)} layers of " if len(rows) > networks else ""
    parts = []
    for prepare in ("raw", "whitened"):
        above, below = counts(rows, prepare)
        parts.append(
            f"{prepare}, {_number(above)} gather{'s' * (above == 1)} and {_number(below)} avoid{'s' * (below == 1)}"
        )
    return f"{words} ({layers}{networks} network{'s' * (networks > 1)}): {'; '.join(parts)}."


def _controls(rows: Sequence[Prepared]) -> str:
    members = [row for row in rows if is_isotropic(row.configuration)]
    if not members:
        return ""
    shares = []
    for prepare in ("raw", "whitened"):
        count = sum(counts(members, prepare))
        shares.append(f"{count} of {len(members)} {prepare} ({count / len(members):.0%})")
    return (
        f"**Isotropic networks**: {listed(shares)} differ from their random bases, where chance gives {LEVEL:.0%}; by "
        "symmetry there can be nothing else."
    )


def _paired(rows: Sequence[Prepared], activation: str) -> str:
    """How the effects of one activation differ from those of its isotropic partner, over configurations with seeds."""
    pairs = [pair for pair in prepared.pairs(rows) if pair[0].configuration.activation == activation]
    parts, several = [], 0
    for prepare in ("raw", "whitened"):
        values = [prepared.differences(*pair, prepare) for pair in pairs]
        signs = [statistics.interval(each).sign for each in values if len(each) > 1]
        several = max(several, len(signs))
        more, less = signs.count(1), signs.count(-1)
        parts.append(f"{prepare}, more in {more}, less in {less}, undecided in {len(signs) - more - less}")
    if not several:
        return ""
    return (
        f"**Paired by seed**, {TITLES[activation]} gathers beside {TITLES[PARTNERS[activation]]}, of {several} "
        f"configurations and layers with several seeds: {'; '.join(parts)}."
    )


def _discrete(lines: Sequence[Lines]) -> list[str]:
    """The number of lines beside the isotropic partner's: a sentence before and one behind the first activation."""
    sentences = []
    for name, control in PARTNERS.items():
        groups: dict[bool, list[float]] = {}
        for place, other in discreteness.pairs(lines):
            ratio = discreteness.ratios(lines, place, other)
            if place[0].activation == name and len(ratio):
                groups.setdefault(place[1] > 0, []).append(float(np.exp(np.log(ratio).mean())))
        if groups:
            parts = [f"{middle(values)} {IN_WORDS[deep]}" for deep, values in groups.items()]
            sentences.append(
                f"**How discrete, without a basis**: the effective number of lines with {TITLES[name]} over that with "
                f"{TITLES[control]}, median and range over configurations and layers, is {listed(parts)}."
            )
    return sentences


def _number(count: int) -> str:
    return str(count) if count else "none"


def middle(values: Sequence[float], form: str = "{:.2g}") -> str:
    """The median of values, with their range if they differ."""
    return with_range(np.median(values), min(values), max(values), form) if len(values) > 1 else form.format(*values)


# --- where the numbers come from


@or_missing
def sources(rows: Sequence[Prepared]) -> Text:
    """Of how many networks there are records in all preparations, and of how many only published samples."""
    whole, parts = [row for row in rows if row.samples is None], [row for row in rows if row.samples is not None]
    sentences = []
    if whole:
        seeds = low_to_high([len(place.networks) for place in places(whole)], "{:.0f}")
        draws = low_to_high([row.draws for row in whole], "{:.0f}")
        sentences.append(
            f"Of {_configurations(whole)} all numbers are in the network records: {seeds} seeds, all training images, "
            f"{draws} random bases."
        )
    if parts:
        samples = low_to_high([row.samples for row in parts], "{:,.0f}")
        seeds = low_to_high([len(place.networks) for place in places(parts)], "{:.0f}")
        draws = low_to_high([row.draws for row in parts], "{:.0f}")
        sentences.append(
            f"Of {_configurations(parts)} {samples} published samples of {seeds} seed{'s' * (seeds != '1')} were "
            f"measured when this page was run, beside {draws} random bases."
        )
    return Text(" ".join(sentences))


def _configurations(rows: Sequence[Prepared]) -> str:
    count = len({row.configuration for row in rows})
    return f"{count} configuration{'s' * (count > 1)}"


# --- alternative texts


def sentence(rows: Sequence[Prepared], deep: bool) -> str:
    """What the picture of one depth shows, made from the numbers: its alternative text."""
    members = [row for row in rows if (row.layer > 0) is deep]
    parts = []
    for name in dict.fromkeys(row.configuration.activation for row in members):
        group = [row for row in members if row.configuration.activation == name]
        sides = [f"{prepare} {' and '.join(map(str, counts(group, prepare)))}" for prepare in MEASURED[DECIDING]]
        parts.append(f"{TITLES[name]} ({len(group)}): {', '.join(sides)}")
    return (
        f"Effects of quartimax at {DEPTHS[deep]}, a row per configuration and layer, a panel each for raw, centred and "
        f"whitened representations. Above and below random bases, {'; '.join(parts)}."
    )


def lines_sentence(rows: Sequence[Lines]) -> str:
    """What the picture of lines shows, made from the numbers: its alternative text."""
    return (
        "Effective number of lines over that of a Gaussian, a row per configuration, anisotropic networks beside their "
        f"isotropic partners, one panel before and one behind the first activation. {' '.join(_discrete(rows))}"
    ).replace("**", "")
