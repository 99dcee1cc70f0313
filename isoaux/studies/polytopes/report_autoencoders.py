"""Codes, boundaries and gates of autoencoders in words and tables."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from isoaux.common.numbers import NONE, written
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import Configuration
from isoaux.paper.names import TITLES
from isoaux.records.reports import or_missing
from isoaux.records.results import Result
from isoaux.studies.polytopes import seeds
from isoaux.studies.polytopes.data import COUNTS, EFFECTS, HALF_CAUCHY, PURITY

Values = NDArray[np.float64]

UNTRAINED, TRAINED = 0, 1
"""The places of the states in arrays."""

MATCHED, RAW, AMI = EFFECTS.index("matched"), EFFECTS.index("d"), PURITY.index("ami")

CLUSTERED = {"codes": "codes", "gates": "gates", "norms": "lengths", "activations": "activations"}
"""What is clustered, with its title."""


def title(configuration: Configuration) -> str:
    """The title of a configuration's activation."""
    return TITLES[configuration.activation]


def over_places(rows: list[int], values: Callable[[int], Values]) -> list[float]:
    """The means over places of numbers of each row, a seed each."""
    return [float(np.mean(values(row))) for row in rows]


def effect(result: Result, row: int, count: str, number: int = RAW, state: int = TRAINED) -> Values:
    """An effect of classes on codes, crossings or variation, by space (K,)."""
    return np.asarray(result.drawing["effect"][row, state, :, COUNTS.index(count), number])


def information(result: Result, row: int, of: str, state: int = TRAINED) -> Values:
    """The adjusted mutual information with class of clusters, by layer (K,)."""
    return np.asarray(result.drawing[of][row, state, :, AMI])


def _half_cauchy(result: Result, at: int, row: int) -> Values:
    return np.asarray(result.drawing["half_cauchy"][row, TRAINED, :, at])


def _each(result: Result, values: Callable[[int], Values], form: str = "{:.2f}") -> str:
    """The mean over seeds of every activation that has the number, ``Leaky-ReLU 1.20 and odd Leaky-ReLU 1.10``."""
    means = {title(c): seeds.mean(over_places(rows, values), form) for c, rows in result.by_configuration.items()}
    return listed([f"{name} {value}" for name, value in means.items() if value != NONE]) or NONE


@or_missing
def words(result: Result) -> Text:
    """What autoencoders have of it, in three sentences: codes, classes, and what clusters say."""
    drawing = result.drawing
    codes = _each(result, lambda row: drawing["polytopes"][row, TRAINED, :1], "{:,.0f}")
    crossed = _each(result, lambda row: drawing["ratio"][row, TRAINED, :1])
    varied = _each(result, lambda row: effect(result, row, "variation"))
    clusters = _each(result, lambda row: information(result, row, "codes"))
    layers = _each(result, lambda row: information(result, row, "activations"))
    return Text(
        f"In the space of images, all test images together have so many codes: {codes}; a segment between two images "
        f"crosses, for each bit that differs, so many boundaries: {crossed}. The effect d of the classes, which these "
        f"networks never saw, on the variation of the local map is {varied} (mean over spaces). Clusters of codes have "
        f"an adjusted mutual information with the class of {clusters}, clusters of activations of {layers} (mean over "
        f"layers){missing(result)}."
    )


def missing(result: Result) -> str:
    """Which activations of the figure are not measured yet, with words before; empty where all are."""
    absent = [title(c) for c in result.figure.configurations if c not in result.by_configuration]
    same_kind = [name for name in absent if name not in {title(c) for c in result.by_configuration}]
    return f"; not measured yet: {listed(same_kind)}" if same_kind else ""


def cells_alt(result: Result) -> str:
    """The alternative text of the picture of codes and rays."""
    drawing = result.drawing
    at = HALF_CAUCHY.index("distance")
    return (
        f"Four panels, a line for each activation, faint before training. Codes of all test images: in space 0 "
        f"{_each(result, lambda row: drawing['polytopes'][row, TRAINED, :1], '{:,.0f}')}. Bits that never change, by "
        f"layer: mean {_each(result, lambda row: drawing['constant'][row, TRAINED], '{:.0%}')}. Crossings for each bit "
        f"that differs, by space: mean {_each(result, lambda row: drawing['ratio'][row, TRAINED])}. Share of the "
        "crossings of the next layer on rays below a multiple of the scale, beside the half-Cauchy law: largest "
        f"distance, mean over spaces, {_each(result, lambda row: drawing['half_cauchy'][row, TRAINED, :, at])}."
    )


def classes_alt(result: Result) -> str:
    """The alternative text of the picture of classes."""
    counts = [f"{count} {_each(result, partial(effect, result, count=count, number=MATCHED))}" for count in COUNTS]
    clusters = [f"{name} {_each(result, partial(information, result, of=of))}" for of, name in CLUSTERED.items()]
    return (
        "Above, the effect of classes on densities of codes, crossings and variation, matched on distance, by space, a "
        f"line for each activation, faint before training: means {'; '.join(counts)}. Below, adjusted mutual "
        f"information of clusters with class by layer: means {'; '.join(clusters)}; pixels {pixels(result)}."
    )


def pixels(result: Result) -> str:
    """The adjusted mutual information with class of clusters of pixels."""
    return written("{:.2f}", result.drawing["pixels"][0, AMI])


@or_missing
def table(result: Result) -> Table:
    """Every activation: codes, constant bits, crossings, effects and information, means with intervals over seeds."""
    names = {title(c): rows for c, rows in result.by_configuration.items()}
    drawing = result.drawing
    lines: list[tuple[str, Callable[[int], Values], str]] = [
        ("codes of all test images, space 0", lambda row: drawing["polytopes"][row, TRAINED, :1], "{:,.0f}"),
        ("the same, last space", lambda row: drawing["polytopes"][row, TRAINED, -1:], "{:,.0f}"),
        ("images alone in their code, last space", lambda row: drawing["alone"][row, TRAINED, -1:], "{:.1%}"),
        ("bits that never change", lambda row: drawing["constant"][row, TRAINED], "{:.1%}"),
        ("crossings for a differing bit, space 0", lambda row: drawing["ratio"][row, TRAINED, :1], "{:.3f}"),
    ]
    for at, words_of in ((0, "neurons that a ray crosses (law 50%)"), (2, "distance from the half-Cauchy law")):
        form = "{:.1%}" if at == 0 else "{:.2f}"
        lines.append((words_of, partial(_half_cauchy, result, at), form))
    for count in COUNTS:
        for number, kind in ((RAW, "raw"), (MATCHED, "matched")):
            lines.append(
                (
                    f"effect of class on {count}, {kind}",
                    partial(effect, result, count=count, number=number),
                    "{:.2f}",
                )
            )
    lines.append(
        (
            "matched effect on codes, trained less untrained",
            lambda row: effect(result, row, "codes", MATCHED) - effect(result, row, "codes", MATCHED, UNTRAINED),
            "{:+.2f}",
        )
    )
    for of, name in CLUSTERED.items():
        lines.append((f"AMI of clusters of {name}", partial(information, result, of=of), "{:.2f}"))
    rows = [
        (label, *(seeds.over_seeds(over_places(rows, values), form) for rows in names.values()))
        for label, values, form in lines
    ]
    counts = ("networks", *(str(len(each)) for each in names.values()))
    return Table(("", *names), (counts, *rows))
