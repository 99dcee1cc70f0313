"""Variation of the local map, and gates, with and without hyperplanes of neurons, in words and tables."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from isoaux.common.numbers import NONE, listed_range, written
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import Classifier
from isoaux.paper.names import CLASSIFIER_TITLES, START_TITLES
from isoaux.records.reports import dataset, deviations, line_of_each, opening, or_missing
from isoaux.records.results import Collection, Result
from isoaux.studies.polytopes import seeds
from isoaux.studies.polytopes.data import EFFECTS, PURITY

Values = NDArray[np.float64]

UNTRAINED, TRAINED = 0, 1
"""The places of the states in arrays."""

LEARNT = 0.2
"""Networks that name fewer of the test images, twice as many as guessing, are left out of means and comparisons.

The claims, which are about MNIST, ask for half; all networks of MNIST are on the same side of both.
"""

ISOTROPIC = ("isotanh", "isolrelu")
"""The activations with one gate for a layer."""

PARTNERS = {"tanh": "isotanh", "lrelu": "isolrelu"}
"""The isotropic form of an activation."""

RAW, AMI = EFFECTS.index("d"), PURITY.index("ami")


@dataclass(frozen=True)
class Member:
    """One network of a figure of gates: its ``row``, activation, start and seed, and whether it has learnt."""

    row: int
    activation: str
    start: str
    seed: int
    learnt: bool


def members(result: Result) -> list[Member]:
    """The networks of a figure of gates."""
    accuracy = result.drawing["accuracy"][:, TRAINED]
    return [
        Member(row, c.activation, c.start, seed, bool(accuracy[row] >= LEARNT))
        for row, (c, seed) in enumerate(result.rows)
        if isinstance(c, Classifier)
    ]


def partners(result: Result) -> dict[str, str]:
    """The activations that are compared, each with its isotropic form; ReLU with isotropic tanh where there is none."""
    there = {member.activation for member in members(result)}
    pairs = {one: other for one, other in PARTNERS.items() if {one, other} <= there}
    return pairs or ({"relu": "isotanh"} if {"relu", "isotanh"} <= there else {})


def effects(result: Result, member: Member, state: int = TRAINED) -> Values:
    """The raw effect of classes on the variation of the local map of a network, by space (K,)."""
    return np.asarray(result.drawing["variation"][member.row, state, :, RAW])


def information(result: Result, member: Member, of: str) -> Values:
    """The adjusted mutual information with class of clusters of ``gates``, ``norms`` or ``activations``, (K,)."""
    return np.asarray(result.drawing[of][member.row, TRAINED, :, AMI])


def paired(result: Result, values: Callable[[Member], Values], one: str, other: str) -> dict[tuple[str, int], Values]:
    """Numbers of networks of one activation less those of another, by start and seed; both have to have learnt."""
    by_key = {(m.activation, m.start, m.seed): m for m in members(result) if m.learnt}
    keys = [(start, seed) for activation, start, seed in by_key if activation == one and (other, start, seed) in by_key]
    return {key: values(by_key[(one, *key)]) - values(by_key[(other, *key)]) for key in keys}


def over_seeds(numbers: Iterable[tuple[int, Values]]) -> list[float]:
    """The means of every seed of numbers with their seeds."""
    pairs = list(numbers)
    named = dict.fromkeys(seed for seed, _ in pairs)
    return [float(np.mean(np.concatenate([each for s, each in pairs if s == seed]))) for seed in named]


def of_kind(result: Result, values: Callable[[Member], Values], isotropic: bool) -> list[float]:
    """The mean over seeds of isotropic networks that have learnt, or of their partners."""
    pairs = partners(result)
    kinds = pairs.values() if isotropic else pairs.keys()
    return over_seeds([(m.seed, values(m)) for m in members(result) if m.learnt and m.activation in kinds])


def differences(result: Result, values: Callable[[Member], Values]) -> list[float]:
    """The mean over seeds of the differences of all partners, of the same starts."""
    each = [paired(result, values, one, other) for one, other in partners(result).items()]
    return over_seeds([(seed, numbers) for pair in each for (_, seed), numbers in pair.items()])


@line_of_each
def setting(result: Result) -> str:
    """Data, networks and sizes, in a sentence."""
    facts, size = result.facts, result.facts["size"]
    kinds = listed(list(dict.fromkeys(CLASSIFIER_TITLES[c.activation] for c in result.by_configuration)))
    what = "autoencoders" if facts["part"] == "autoencoders" else "classifiers"
    return (
        f"{dataset(result)}; {what} with {kinds}, seeds {listed_range(facts['seeds'])}; {facts['epochs']} epochs; "
        f"{size['paths']} pairs of each kind whose local map is followed, clusters of {size['published']:,} test "
        f"images.{deviations(result)}"
    )


@or_missing
def in_short(collection: Collection) -> Text:
    """What came out of classifiers, in up to four sentences: isotropic networks on each data set, and their gates."""
    results = [result for result in collection if isinstance(result.rows[0][0], Classifier)]
    after = [of_kind(result, partial(effects, result), True) for result in results]
    apart = [seeds.over_seeds(differences(result, partial(effects, result))) for result in results]
    names = [dataset(result) for result in results]
    if not results:
        return opening("No classifier is published.")
    sides = [
        f"{seeds.side(each, 'more', 'less', 'not clearly more')} on {name} (d = {seeds.over_seeds(each)})"
        for each, name in zip(after, names, strict=True)
    ]
    many, single = (
        seeds.mean(of_kind(results[0], lambda m: information(results[0], m, "gates"), kind)) for kind in (False, True)
    )
    return opening(
        "Isotropic networks have no hyperplanes of neurons; on the way to an image of another class, beside one of the "
        f"same, their local map changes {listed(sides)}.",
        "The networks with a gate for each neuron differ from them by a d of "
        f"{listed([f'{d} on {n}' for d, n in zip(apart, names, strict=True)])}.",
        f"On {names[0]}, clusters of the gates of all neurons have an adjusted mutual information of {many} with the "
        f"class, those of one gate for a layer of {single}.",
    )


@or_missing
def answer(result: Result) -> Text:
    """What came out, in three sentences: isotropic networks, what neurons add, and what gates say of class."""
    return Text(" ".join((isotropic_words(result), neurons_words(result), gates_words(result))))


@or_missing
def on_other_images(result: Result) -> Text:
    """The first two of these sentences for networks of other images, behind the share of images that these name."""
    right = [result.drawing["accuracy"][m.row, TRAINED] for m in members(result) if m.learnt]
    shares = f"{min(right):.0%} to {max(right):.0%}" if right else "too few"
    words = f"Of {dataset(result)} these networks name {shares} of the test images."
    return Text(f"{words} {isotropic_words(result)} {neurons_words(result)}")


def isotropic_words(result: Result) -> str:
    """Whether the local map of isotropic networks varies more between classes."""
    after = of_kind(result, lambda m: effects(result, m), True)
    before = of_kind(result, lambda m: effects(result, m, UNTRAINED), True)
    words = seeds.side(
        after,
        "change their local map more on the way to an image of another class than to one of the same",
        "change their local map less on the way to an image of another class than to one of the same",
        "do not clearly change their local map more on the way to an image of another class",
    )
    return (
        f"Isotropic networks, which have no hyperplanes of neurons, {words}: "
        f"d = {seeds.over_seeds(after)}, before training {seeds.mean(before)}."
    )


def neurons_words(result: Result) -> str:
    """Whether networks with a gate for each neuron do so more."""
    apart = differences(result, lambda m: effects(result, m))
    words = seeds.side(apart, "more than", "less than", "not clearly more or less than")
    pairs = listed([f"{CLASSIFIER_TITLES[a]} beside {CLASSIFIER_TITLES[b]}" for a, b in partners(result).items()])
    return (
        f"Networks with a gate for each neuron do so {words} isotropic ones of the same seeds ({pairs or 'no pair'}): "
        f"by a difference of d of {seeds.over_seeds(apart)}."
    )


def gates_words(result: Result) -> str:
    """What clusters of gates say of class, beside the lengths that the gate of a layer is a function of."""
    many, single = (of_kind(result, lambda m: information(result, m, "gates"), kind) for kind in (False, True))
    lengths = of_kind(result, lambda m: information(result, m, "norms"), True)
    beyond = [
        (m.seed, information(result, m, "gates") - information(result, m, "norms"))
        for m in members(result)
        if m.learnt and m.activation in partners(result).values()
    ]
    apart = over_seeds(beyond)
    words = seeds.side(apart, "more than", "less than", "as good as what")
    more = {"as good as what": "the lengths alone say"}.get(words, "the lengths alone")
    return (
        f"Clusters of the gates of all neurons have an adjusted mutual information of {seeds.mean(many)} with the "
        f"class, those of one gate for a layer {seeds.mean(single)}, {words} {more} ({seeds.mean(lengths)}; difference "
        f"{seeds.over_seeds(apart)})."
    )


def left_out(result: Result) -> str:
    """Which networks have not learnt, in a sentence; empty where all have."""
    counts: dict[str, int] = {}
    for member in members(result):
        if not member.learnt:
            name = f"{CLASSIFIER_TITLES[member.activation]} with {START_TITLES[member.start]}"
            counts[name] = counts.get(name, 0) + 1
    if not counts:
        return ""
    which = listed([f"{count} of {name}" for name, count in counts.items()])
    return f"Left out, because they name fewer than {LEARNT:.0%} of the test images: {which}."


@or_missing
def unlearnt(result: Result) -> Text:
    """Which networks are left out."""
    return Text(left_out(result) or f"All networks name at least {LEARNT:.0%} of the test images; none is left out.")


def _by_activation(result: Result, values: Callable[[Member], Values]) -> list[str]:
    kinds = dict.fromkeys(member.activation for member in members(result))
    means = [
        over_seeds([(m.seed, values(m)) for m in members(result) if m.learnt and m.activation == kind])
        for kind in kinds
    ]
    return [f"{CLASSIFIER_TITLES[kind]} {seeds.mean(mean)}" for kind, mean in zip(kinds, means, strict=True)]


def variation_alt(result: Result) -> str:
    """The alternative text of the picture of effects on variation."""
    means = _by_activation(result, lambda m: effects(result, m))
    parts = []
    for one, other in partners(result).items():
        pairs = paired(result, lambda m: effects(result, m), one, other)
        apart = over_seeds((seed, each) for (_, seed), each in pairs.items())
        parts.append(f"{CLASSIFIER_TITLES[one]} less {CLASSIFIER_TITLES[other]} {seeds.mean(apart, '{:+.2f}')}")
    return (
        "Left, the effect d of classes on the variation of the local map over distance, by space and activation, a row "
        f"for each start, faint before training: mean {listed(means)}. Right, differences of networks of the same "
        f"seeds: mean {listed(parts) if parts else NONE}."
    )


def information_alt(result: Result) -> str:
    """The alternative text of the picture of information."""
    gates, norms, layers = (
        listed(_by_activation(result, partial(information, result, of=of))) for of in ("gates", "norms", "activations")
    )
    return (
        "Adjusted mutual information of clusters with class, by activation and layer, a row for each start. Mean of "
        f"gates: {gates}; of lengths of pre-activations: {norms}; of activations: {layers}."
    )


@or_missing
def table(result: Result) -> Table:
    """Every activation and start: accuracy, gates, effects by space, and information; means of networks that learnt."""
    head = (
        "network",
        "learnt",
        "right",
        "gates",
        "d by space",
        "untrained",
        "AMI of gates",
        "of lengths",
        "of activations",
    )
    rows = []
    for configuration, at in result.by_configuration.items():
        each = [member for member in members(result) if member.row in at]
        learnt = [member.row for member in each if member.learnt]
        drawing = result.drawing
        rows.append(
            (
                configuration.title,
                f"{len(learnt)} of {len(each)}",
                written("{:.1%}", drawing["accuracy"][at, TRAINED].mean()),
                f"{drawing['gates_each'][at[0], TRAINED, 0]:.0f}",
                " / ".join(_averages(drawing["variation"][learnt][:, TRAINED, :, RAW])),
                " / ".join(_averages(drawing["variation"][learnt][:, UNTRAINED, :, RAW])),
                *(
                    " / ".join(_averages(drawing[of][learnt][:, TRAINED, :, AMI]))
                    for of in ("gates", "norms", "activations")
                ),
            )
        )
    return Table(head, tuple(rows))


def _averages(values: Values) -> list[str]:
    return [written("{:.2f}", value) for value in values.mean(axis=0)] if len(values) else [NONE]
