"""Polytopes of classifiers in words and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isoaux.common.archive import Published
from isoaux.common.tables import listed
from isoaux.paper import Figure
from isoaux.paper.names import CLASSIFIER_TITLES
from isoaux.records.results import Result
from isoaux.studies.polytopes import data
from isoaux.studies.polytopes.data import COUNTS, EFFECTS, PURITY
from isoaux.studies.protocol import FIRST, LAST, Compared

Values = NDArray[np.float64]

SUBJECTS = {
    "slices": "exact slices through three images",
    "boundaries": "boundaries between and within classes",
    "regions": "clusters of activations and codes, and directions",
    "scaling": "boundaries along rays from the origin",
    "gates": "variation of the local map, and clusters of gates",
    "autoencoders": "codes, boundaries and gates of autoencoders",
}
"""What the figures show, by their part."""


@dataclass(frozen=True)
class Headline:
    """The number of a part that is drawn and compared: its array, what it is called, and its axis of places."""

    statistic: str
    title: str
    of: str
    at: tuple[int, ...] = ()

    def values(self, drawing: Published, row: int) -> Values:
        """The numbers (states, places) of a network."""
        array = drawing[self.of][row]
        return np.asarray(array[(slice(None), slice(None), *self.at)], np.float64)


HEADLINES: Mapping[str, Headline] = {
    "slices": Headline("faces", "faces of the slice", "faces", (-1,)),
    "boundaries": Headline(
        "matched effect",
        "matched effect of classes on density",
        "effect",
        (COUNTS.index("codes"), EFFECTS.index("matched")),
    ),
    "regions": Headline("AMI", "information of code clusters on class", "codes", (PURITY.index("ami"),)),
    "scaling": Headline("below", "share of boundaries before the activation", "below", (0,)),
    "gates": Headline("effect", "effect of classes on variation", "variation", (EFFECTS.index("d"),)),
    "autoencoders": Headline(
        "effect", "effect of classes on variation", "effect", (COUNTS.index("variation"), EFFECTS.index("d"))
    ),
}
"""The number that stands for each part."""


def words(figure: Figure) -> str:
    """What a figure shows, of which networks, in one line."""
    activations = dict.fromkeys(CLASSIFIER_TITLES[c.activation] for c in figure.configurations)
    return f"{SUBJECTS[figure.entry['part']]}; {listed(list(activations))}; {figure.data.partition(',')[0]}"


def classifiers_words(result: Result) -> str:
    """The classifiers of a figure in words: widths, activations, seeds, epochs and dtype."""
    facts, members = result.facts, data.classifiers(result)
    kinds = list(dict.fromkeys(CLASSIFIER_TITLES[c.activation] for c in members))
    first = next(iter(members))
    widths = "-".join(map(str, (facts["pixels"], *first.widths, first.classes)))
    seeds = ", ".join(map(str, facts["seeds"]))
    return f"classifiers {widths} with {listed(kinds)}, seeds {seeds}, {facts['epochs']} epochs, {facts['dtype']}"


def headline(result: Result) -> Headline:
    """The number that stands for a figure."""
    return HEADLINES[result.figure.entry["part"]]


def compared(result: Result, row: int) -> Compared:
    """The numbers of one network, for ``python -m isoaux verify``."""
    number = headline(result)
    values = number.values(result.drawing, row)
    for state, place in ((0, FIRST), (len(values) - 1, LAST)):
        for at, value in enumerate(values[state]):
            if np.isfinite(value):
                yield number.statistic, f"{place}, place {at}", "plain", float(value)
