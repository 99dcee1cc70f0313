"""What is left after mean and covariance, in sentences and tables: all numbers are computed, none is typed.

``rows`` are those of :func:`isoaux.studies.remainder.prepared.table`, ``lines`` those of
:func:`isoaux.studies.remainder.discreteness.table`; where there are none, every function says so. A network gathers on
few neurons if its quartimax lies above its random bases with p of at most 0.05, and avoids that if it lies below them.
"""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from isoaux import statistics
from isoaux.common.numbers import NONE, low_to_high, signed, with_range, written
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import DATASET_TITLES, GROUPS, PIXELS, TITLES, Configuration
from isoaux.records.reports import or_missing
from isoaux.statistics import LEVEL
from isoaux.studies.remainder import discreteness, prepared
from isoaux.studies.remainder.discreteness import Lines
from isoaux.studies.remainder.prepared import MEASURED, PARTNERS, Place, Prepared, places

Values = NDArray[np.float64]

DEPTHS = {False: "k = 0", True: "k > 0"}
"""Layers before any activation function and layers behind at least one."""


def title(configuration: Configuration, activation: bool = True) -> str:
    """A configuration in words, with or without its activation."""
    c = configuration
    words = f"{DATASET_TITLES[c.dataset]}, {c.pixels}, n = {c.n}, L = {c.L}"
    return f"{TITLES[c.activation]}: {words}" if activation else words


def is_isotropic(configuration: Configuration) -> bool:
    """Whether the activation of a configuration is isotropic, so that by symmetry no basis is special."""
    return GROUPS[configuration.activation] == "O(n)"


# --- what came out


@or_missing
def answer(rows: Sequence[Prepared], lines: Sequence[Lines]) -> Text:
    """What came out: tanh before its first activation, then a sentence for every kind of network, and discreteness."""
    sentences = [_first_layers(rows), _neurons(rows)]
    sentences += [_sentence(f"**{words}**", members) for words, members in _kinds(rows)]
    sentences += [_controls(rows), *_discrete(lines)]
    return Text("\n".join(f"- {sentence}" for sentence in sentences if sentence))


@or_missing
def by_activation(rows: Sequence[Prepared]) -> Text:
    """How many networks gather on few neurons, and how many avoid that, raw and whitened: a line per activation."""
    parts = []
    for name in dict.fromkeys(row.configuration.activation for row in rows):
        members = [row for row in rows if row.configuration.activation == name]
        parts.append(f"- {_sentence(f'**{TITLES[name]}**', members)}")
    return Text("\n".join(parts))


def _first_layers(rows: Sequence[Prepared]) -> str:
    members = [row for row in rows if row.configuration.activation == "tanh" and not row.layer]
    if not members:
        return ""
    (raw, _), (left, below) = (_counts(members, prepare) for prepare in ("raw", "whitened"))
    if not left:
        words = "so what the raw test sees there is mean and covariance"
    elif 2 * left <= raw:
        words = "so most of what the raw test sees there is mean and covariance"
    else:
        words = "so what the raw test sees there is not mean and covariance alone"
    return (
        f"**In short**: before any activation, {raw} of {len(members)} tanh networks gather on few neurons as they "
        f"are. Without mean and covariance {_number(left)} of {len(members)} still "
        f"{'does' if left == 1 else 'do'} and {_number(below)} {'avoids' if below == 1 else 'avoid'} it, {words}."
    )


def _neurons(rows: Sequence[Prepared]) -> str:
    members = [row for row in rows if row.configuration.activation == "tanh"]
    above, below = _counts(members, "whitened", "neuron_kurtosis")
    if not members:
        return ""
    return (
        f"Whitened, single tanh neurons have a smaller kurtosis than directions of random bases in {below} of "
        f"{len(members)} networks and layers, and a larger one in {_number(above)}: small is a neuron of two values, "
        "large one with rare outliers."
    )


def _kinds(rows: Sequence[Prepared]) -> list[tuple[str, list[Prepared]]]:
    """The anisotropic networks by activation, then by pixels and depth where there are isotropic counterparts."""
    kinds: dict[str, list[Prepared]] = {}
    for row in rows:
        c = row.configuration
        if is_isotropic(c):
            continue
        several = f", {c.pixels} pixels, {DEPTHS[row.layer > 0]}" if c.activation in PARTNERS else ""
        kinds.setdefault(f"{TITLES[c.activation]}{several}", []).append(row)
    return list(kinds.items())


def _sentence(words: str, rows: Sequence[Prepared]) -> str:
    """How many of some networks gather on few neurons and how many avoid that, raw and whitened."""
    networks = len({(row.configuration, row.seed) for row in rows})
    layers = f"{len(rows)} layers of " if len(rows) > networks else ""
    parts = []
    for prepare in ("raw", "whitened"):
        above, below = _counts(rows, prepare)
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
        count = sum(_counts(members, prepare))
        shares.append(f"{count} of {len(members)} {prepare} ({count / len(members):.0%})")
    return (
        f"**Isotropic networks**: {listed(shares)} differ from their random bases, where chance gives {LEVEL:.0%}; by "
        "symmetry there can be nothing else."
    )


def _discrete(lines: Sequence[Lines]) -> list[str]:
    """The number of lines beside the isotropic partner's: a sentence before and one behind the first activation."""
    sentences = []
    for name, control in PARTNERS.items():
        parts = []
        for deep, words in DEPTHS.items():
            values = [
                float(np.exp(np.log(ratio).mean()))
                for place, other in line_pairs(lines)
                if place[0].activation == name and (place[1] > 0) is deep
                if len(ratio := discreteness.ratios(lines, place, other))
            ]
            if values:
                parts.append(f"{_middle(values)} at {words} ({len(values)} layers)")
        if parts:
            sentences.append(
                f"**How discrete**: the effective number of lines with {TITLES[name]} over that with {TITLES[control]} "
                f"is {' and '.join(parts)}, median (range)."
            )
    return sentences


def line_pairs(lines: Sequence[Lines]) -> list[tuple[tuple[Configuration, int], tuple[Configuration, int]]]:
    """Every configuration and layer with lines and its isotropic partner, which has lines too."""
    known = dict.fromkeys((row.configuration, row.layer) for row in lines)
    pairs = [(place, (prepared.partner(place[0]), place[1])) for place in known]
    return [(place, (other[0], other[1])) for place, other in pairs if other[0] is not None and other in known]


def _counts(rows: Sequence[Prepared], prepare: str, statistic: str = prepared.DECIDING) -> tuple[int, int]:
    """How many of these networks and layers lie above, and below, their random bases with p of at most 0.05."""
    sides = [row.outcome(prepare, statistic).side for row in rows]
    return sides.count(1), sides.count(-1)


def _number(count: int) -> str:
    return str(count) if count else "none"


def _middle(values: Sequence[float], form: str = "{:.2g}") -> str:
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
            f"Of {_configurations(parts)} {samples} published samples of {seeds} seed{'s' * (seeds != '1')} were measured "
            f"when this page was run, beside {draws} random bases."
        )
    return Text(" ".join(sentences))


def _configurations(rows: Sequence[Prepared]) -> str:
    count = len({row.configuration for row in rows})
    return f"{count} configuration{'s' * (count > 1)}"


# --- tables


@or_missing
def overview(rows: Sequence[Prepared]) -> Table:
    """Networks and layers that lie above / below their random bases: a row per activation, pixels and depth."""
    groups: dict[tuple[str, bool, bool], list[Prepared]] = {}
    for row in rows:
        c = row.configuration
        groups.setdefault((c.activation, c.normalised, row.layer > 0), []).append(row)
    cells = []
    for (activation, normalised, deep), members in groups.items():
        counts = [
            " / ".join(map(str, _counts(members, prepare, name)))
            for name, several in MEASURED.items()
            for prepare in several
        ]
        cells.append((TITLES[activation], PIXELS[normalised], DEPTHS[deep], str(len(members)), *counts))
    heads = [f"`{name}`, {prepare}" for name, several in MEASURED.items() for prepare in several]
    return Table(("activation", "pixels", "layers", "networks and layers", *heads), tuple(cells))


@or_missing
def by_place(rows: Sequence[Prepared]) -> Table:
    """Effects of quartimax in each preparation: a row per configuration and latent layer, and what is left whitened.

    Of one network its effect and p; of several the mean effect with its 95% interval over the seeds, and how many lie
    above / below their random bases.
    """
    prepares = MEASURED[prepared.DECIDING]
    cells = [
        (*_place(place), *(_effects(place, prepare) for prepare in prepares), _left(place)) for place in places(rows)
    ]
    return Table((*PLACE, *prepares, "left when whitened"), tuple(cells))


PLACE = ("activation", "configuration", "k", "seeds")
"""The first columns of a row per configuration and layer."""


def _place(place: Place) -> tuple[str, ...]:
    c = place.configuration
    return TITLES[c.activation], title(c, activation=False), str(place.layer), str(len(place.networks))


@or_missing
def others(rows: Sequence[Prepared]) -> Table:
    """The effects of the other statistics, raw and whitened, as :func:`by_place` has those of quartimax."""
    columns = [(name, prepare) for name, several in MEASURED.items() for prepare in several]
    columns = [(name, prepare) for name, prepare in columns if name != prepared.DECIDING]
    cells = [(*_place(place), *(_effects(place, prepare, name) for name, prepare in columns)) for place in places(rows)]
    return Table((*PLACE, *(f"`{name}`, {prepare}" for name, prepare in columns)), tuple(cells))


def _effects(place: Place, prepare: str, statistic: str = prepared.DECIDING) -> str:
    effects = place.effects(prepare, statistic)
    if len(effects) == 1:
        p = place.networks[0].outcome(prepare, statistic).p
        return f"{signed(effects[0], 1)} (p = {written('{:.2g}', p)})"
    if not np.isfinite(effects).all():
        return NONE
    above, below = place.sides(prepare, statistic)
    return f"{_interval(effects)}; {above} / {below} of {len(effects)}"


def _interval(values: Values) -> str:
    """The mean of several values with its 95% interval, in signed numbers."""
    mean = statistics.interval(values)
    return f"{signed(mean.mean, 1)} ({signed(mean.low, 1)} to {signed(mean.high, 1)})"


def _left(place: Place) -> str:
    """What is left of a configuration when whitened, in a word: over its seeds, or of its only network."""
    effects = place.effects("whitened")
    if not np.isfinite(effects).all():
        return NONE
    if len(effects) > 1:
        return {1: "gathers", -1: "avoids", 0: "undecided"}[statistics.interval(effects).sign]
    return {1: "gathers (one network)", -1: "avoids (one network)", 0: "nothing seen (one network)"}[
        place.networks[0].outcome("whitened").side
    ]


@or_missing
def pairs(rows: Sequence[Prepared]) -> Table:
    """Effects of quartimax less those of the isotropic partner, paired by seed: a row per configuration and layer.

    With several seeds their mean difference and its 95% interval, *undecided* where that holds 0. A dash where the
    partner is not published, or was not measured over as many representations.
    """
    known = {(place.configuration, place.layer): place for place in places(rows)}
    cells = []
    for place in known.values():
        other = prepared.partner(place.configuration)
        if other is None:
            continue
        control = known.get((other, place.layer))
        cells.append(
            (*_place(place)[:3], *(_difference(place, control, prepare) for prepare in MEASURED[prepared.DECIDING]))
        )
    return Table((*PLACE[:3], *MEASURED[prepared.DECIDING]), tuple(cells)) if cells else _no_pairs()


def _no_pairs() -> Table:
    return Table(("pairs",), (("no activation with an isotropic partner is published",),))


def _difference(place: Place, control: Place | None, prepare: str) -> str:
    values = prepared.differences(place, control, prepare) if control else np.empty(0)
    if len(values) < 2:
        return f"{signed(values[0], 1)}, one seed" if len(values) else NONE
    undecided = "" if statistics.interval(values).sign else ", undecided"
    return f"{_interval(values)}, {len(values)} seeds{undecided}"


@or_missing
def line_ratios(rows: Sequence[Lines]) -> Table:
    """Effective lines over a Gaussian's, and over the isotropic partner's: a row per pair and latent layer.

    With several seeds medians and ranges, and the geometric mean of the ratio with its 95% interval, *undecided* where
    that holds 1.
    """
    cells = []
    for place, other in line_pairs(rows):
        values = [[row.ratio for row in rows if (row.configuration, row.layer) == each] for each in (place, other)]
        finite = [[value for value in each if np.isfinite(value)] for each in values]
        widths = [[row.width for row in rows if (row.configuration, row.layer) == each] for each in (place, other)]
        ratio = discreteness.ratios(rows, place, other)
        cells.append(
            (
                TITLES[place[0].activation],
                title(place[0], activation=False),
                str(place[1]),
                *(_middle(each) if each else NONE for each in finite),
                _ratio(ratio),
                " / ".join(low_to_high(each, "{:.0f}") for each in widths),
            )
        )
    head = (
        "activation",
        "configuration",
        "k",
        "lines over Gaussian",
        "of its isotropic partner",
        "ratio",
        "directions",
    )
    return Table(head, tuple(cells)) if cells else _no_pairs()


def _ratio(values: Values) -> str:
    if len(values) < 2:
        return f"{values[0]:.2g}, one seed" if len(values) else NONE
    mean = statistics.interval(np.log(values))
    ends = with_range(*np.exp([mean.mean, mean.low, mean.high]), "{:.2g}")
    return f"{ends}, {len(values)} seeds{'' if mean.sign else ', undecided'}"


@or_missing
def shown(rows: Sequence[Prepared]) -> Table:
    """How many of the representations pictures show, and how many neurons hold a direction: medians and ranges.

    A row per activation, pixels, n and depth: the share of representations near any plane of two neurons, and the
    effective number of neurons of a direction, 1 on an axis and about (n + 2) / 3 without any structure.
    """

    def group(row: Prepared) -> tuple[str, str, str, str]:
        c = row.configuration
        return TITLES[c.activation], PIXELS[c.normalised], str(c.n), DEPTHS[row.layer > 0]

    groups: dict[tuple[str, str, str, str], list[Prepared]] = {}
    for row in rows:
        groups.setdefault(group(row), []).append(row)
    cells = [
        (
            *names,
            str(len(members)),
            _middle([100 * row.kept_share for row in members], "{:.3g}"),
            _middle([row.effective_neurons for row in members], "{:.1f}"),
        )
        for names, members in groups.items()
    ]
    head = ("activation", "pixels", "n", "layers", "networks and layers", "near a plane, in %", "effective neurons")
    return Table(head, tuple(cells))


# --- alternative texts


def sentence(rows: Sequence[Prepared], deep: bool) -> str:
    """What the picture of one depth shows, made from the numbers: its alternative text."""
    members = [row for row in rows if (row.layer > 0) is deep]
    parts = []
    for name, group in groupby(members, key=lambda row: row.configuration.activation):
        listed_rows = list(group)
        counts = [
            f"{prepare} {' and '.join(map(str, _counts(listed_rows, prepare)))}"
            for prepare in MEASURED[prepared.DECIDING]
        ]
        parts.append(f"{TITLES[name]} ({len(listed_rows)}): {', '.join(counts)}")
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
