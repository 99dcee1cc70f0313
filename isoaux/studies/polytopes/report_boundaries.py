"""Boundaries between classes and within, interpolations and flow, in sentences and tables."""

from typing import Any

import numpy as np

from isoaux.common.numbers import NONE, low_to_high
from isoaux.common.tables import Table, Text, listed
from isoaux.records.reports import dataset, deviations, line_of_each, opening, or_missing, table_of_each
from isoaux.records.results import Collection, Result
from isoaux.studies.polytopes import data
from isoaux.studies.polytopes.data import COUNTS, EFFECTS, KINDS
from isoaux.studies.polytopes.report import classifiers_words
from isoaux.studies.polytopes.samples import Values
from isoaux.studies.polytopes.seeds import by_seed, interval, mean, over_seeds

BEFORE, AFTER = 0, 1
"""The places of the states in arrays."""

WITHIN, BETWEEN = range(len(KINDS))
"""The places of pairs of one class, and of two."""


def effect(
    result: Result, rows: list[int], state: int, space: int, count: str = "codes", number: str = "matched"
) -> Values:
    """The effects (S,) of class on a density of networks in a state and space: one of ``EFFECTS``, of ``COUNTS``."""
    values = result.drawing["effect"][rows, state, space, COUNTS.index(count), EFFECTS.index(number)]
    return np.asarray(values, np.float64)


def spaces(result: Result) -> range:
    """The spaces of a figure."""
    return range(result.drawing["effect"].shape[2])


def middle(result: Result, rows: list[int], state: int, space: int) -> Values:
    """Crossings in the middle third over those outside, (S, 2), within classes and between."""
    return np.asarray(result.drawing["middle"][rows, state, space], np.float64)


def _range_of_means(groups: list[Values], form: str = "{:.2f}") -> str:
    """The least and the largest of the means over seeds of several cells."""
    return low_to_high([interval(values).mean for values in groups], form)


@or_missing
def in_short(collection: Collection) -> Text:
    """What came out of ReLU, in two sentences: boundaries between and within classes, and what training adds."""
    cells = [(r, rows, k) for r in collection for rows in data.relu(r).values() for k in spaces(r)]
    denser = sum(interval(effect(r, rows, AFTER, k, number="auc")).low > 0.5 for r, rows, k in cells)
    trained, untrained = (
        _range_of_means([effect(r, rows, state, k, number="matched") for r, rows, k in cells])
        for state in (AFTER, BEFORE)
    )
    return opening(
        f"Between two images of different classes there are more boundaries per distance than between two of one "
        f"class, "
        f"in {denser} of {len(cells)} cells of data, start and space.",
        f"At equal distance the difference is {trained} standard deviations after training and {untrained} before it.",
    )


@line_of_each
def answer(result: Result) -> str:
    """What came out of ReLU, in three sentences: the difference, the layers and training, and interpolations."""
    members, places = data.relu(result), spaces(result)
    cells = [(rows, k) for rows in members.values() for k in places]

    def of(state: int, number: str) -> list[Values]:
        return [effect(result, rows, state, k, number=number) for rows, k in cells]

    denser = sum(interval(values).low > 0.5 for values in of(AFTER, "auc"))
    fitted = {
        row: float(np.polyfit(places, [effect(result, [row], AFTER, k)[0] for k in places], 1)[0])
        for rows in members.values()
        for row in rows
    }
    slopes = by_seed(result, fitted)
    thirds = [np.asarray(middle(result, rows, AFTER, k)) for rows, k in cells]
    ratios = [interval(result.drawing["ratio"][rows, AFTER, 0]).mean for rows in members.values()]
    raw, matched, untrained = (
        _range_of_means(of(state, number)) for state, number in ((AFTER, "d"), (AFTER, "matched"), (BEFORE, "matched"))
    )
    within, between = (_range_of_means([each[:, kind] for each in thirds]) for kind in (WITHIN, BETWEEN))
    return (
        f"In {denser} of {len(cells)} cells of start and space there are more boundaries per distance between classes "
        f"than within, with an interval of the probability above 0.5: the difference is {raw} standard deviations as "
        f"it is and {matched} matched on distance, where untrained networks have {untrained}. From one space to the "
        f"next the matched difference changes by {over_seeds(slopes, '{:+.3f}')}. Straight ways between two classes "
        f"cross {between} times as many boundaries in their middle third as outside, those within a class {within} "
        f"times; for each bit that differs between two images {low_to_high(ratios, '{:.2f}')} boundaries are crossed."
    )


@line_of_each
def setting(result: Result) -> str:
    """Data, networks and sizes, in one line."""
    size, members = result.facts["size"], data.classifiers(result)
    right = [f"{mean(result.drawing['accuracy'][rows, AFTER], '{:.1%}')} ({c.title})" for c, rows in members.items()]
    return (
        f"{dataset(result)}; {classifiers_words(result)}; right on test images: {', '.join(right)}. All pairs of "
        f"{size['images']} test images, {size['segments']} segments of each kind, labels permuted "
        f"{size['final_draws']} times at the end and {size['draws']} before.{deviations(result)}"
    )


# --- tables


@table_of_each
def effects(result: Result) -> Table:
    """A row per configuration and space after training: effects of class on the density of boundaries."""
    drawing, lines = result.drawing, []
    for c, rows in data.classifiers(result).items():
        for k in spaces(result):
            null = drawing["permuted"][rows, AFTER, k, EFFECTS.index("matched")]
            lines.append(
                (
                    c.title,
                    str(k),
                    over_seeds(effect(result, rows, AFTER, k, number="auc"), "{:.3f}"),
                    over_seeds(effect(result, rows, AFTER, k, number="d")),
                    over_seeds(effect(result, rows, AFTER, k)),
                    f"{null[:, 1].min():+.2f} to {null[:, 2].max():+.2f}",
                    over_seeds(effect(result, rows, BEFORE, k)),
                    over_seeds(effect(result, rows, AFTER, k, "crossings")),
                    over_seeds(effect(result, rows, AFTER, k, "variation")),
                    over_seeds(drawing["ratio"][rows, AFTER, k]),
                )
            )
    heads = (
        "probability",
        "d, raw",
        "matched",
        "permuted labels",
        "untrained",
        "matched, crossings",
        "matched, variation",
    )
    return Table(("network", "space", *heads, "crossings a bit"), tuple(lines))


@table_of_each
def closed_forms(result: Result) -> Table:
    """A row per configuration and layer before training: differing bits, what angles say of them, their effect."""
    drawing, lines = result.drawing, []
    for c, rows in data.classifiers(result).items():
        for k in spaces(result):
            bits = drawing["closed_bits"][rows, k]
            matched = drawing["closed_effect"][rows, EFFECTS.index("matched")]
            lines.append(
                (
                    c.title,
                    str(k + 1),
                    *(mean(column, "{:.3f}") for column in bits[:, :2].T),
                    over_seeds(bits[:, 2]),
                    over_seeds(matched) if k == 0 else NONE,
                    over_seeds(effect(result, rows, BEFORE, 0)) if k == 0 else NONE,
                )
            )
    heads = (
        "bits that differ",
        "by the angle",
        "correlation over pairs",
        "effect of angle and distance",
        "effect measured",
    )
    return Table(("network, untrained", "layer", *heads), tuple(lines))


@table_of_each
def interpolations(result: Result) -> Table:
    """A row per configuration and space: crossings in the middle third over those outside, within and between."""
    lines = []
    for c, rows in data.classifiers(result).items():
        for k in spaces(result):
            after, before = (middle(result, rows, state, k) for state in (AFTER, BEFORE))
            p = result.drawing["middle_permuted"][rows, AFTER, k, -1]
            lines.append(
                (
                    c.title,
                    str(k),
                    *(over_seeds(after[:, kind]) for kind in (WITHIN, BETWEEN)),
                    over_seeds(after[:, BETWEEN] - after[:, WITHIN], "{:+.2f}"),
                    over_seeds(before[:, BETWEEN] - before[:, WITHIN], "{:+.2f}"),
                    low_to_high(list(p), "{:.3f}"),
                )
            )
    heads = ("within", "between", "between less within", "the same, untrained", "p, permuted labels")
    return Table(("network", "space", *heads), tuple(lines))


@table_of_each
def flows(result: Result) -> Table:
    """A row per configuration and layer: mean log ratio of distances to those of the layer before."""
    drawing, lines = result.drawing, []
    for c, rows in data.classifiers(result).items():
        for k in spaces(result):
            null = drawing["flow_permuted"][rows, AFTER, k, WITHIN]
            classes = drawing["flow_class"][rows, AFTER, k]
            closer = [f"{int((each < 0).sum())}" for each in classes]
            lines.append(
                (
                    c.title,
                    f"{k} to {k + 1}",
                    *(over_seeds(drawing["flow"][rows, AFTER, k, kind], "{:+.3f}") for kind in (WITHIN, BETWEEN)),
                    f"{null[:, 1].min():+.3f} to {null[:, 2].max():+.3f}",
                    over_seeds(drawing["flow"][rows, BEFORE, k, WITHIN], "{:+.3f}"),
                    f"{low_to_high(list(map(int, closer)), '{:.0f}')} of {np.isfinite(classes[0]).sum()}",
                    over_seeds(drawing["flow_nearest"][rows, AFTER, k], "{:+.3f}"),
                )
            )
    heads = (
        "within",
        "between",
        "within, permuted labels",
        "within, untrained",
        "classes that contract",
        "nearest of two classes",
    )
    return Table(("network", "layers", *heads), tuple(lines))


# --- alternative texts


def _cells(result: Result, words: Any) -> str:
    """``words(rows, space)`` of ReLU by start and space."""
    parts = []
    for c, rows in data.relu(result).items():
        parts.append(f"{c.title}: {listed([f'{words(rows, k)} in space {k}' for k in spaces(result)])}")
    return "; ".join(parts)


def finding(result: Result) -> str:
    """The matched difference after and before training, in one sentence."""

    def words(rows: list[int], k: int) -> str:
        values = [mean(effect(result, rows, state, k)) for state in (AFTER, BEFORE)]
        return f"{values[0]} (untrained {values[1]})"

    return f"Matched difference between classes and within, means over seeds, {_cells(result, words)}."


def distributions_words(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.polytopes.figures_boundaries.distributions`."""

    def words(rows: list[int], k: int) -> str:
        densities = np.asarray(result.drawing["mean_density"])[rows, AFTER, k]
        return f"{mean(densities[:, BETWEEN] / densities[:, WITHIN])} times as dense between classes as within"

    return (
        "Distributions of boundaries per distance over pairs of images, within classes and between them, in units of "
        "the mean within; a panel per start and space, after training above and before it below the line. "
        f"Means, {_cells(result, words)}. {finding(result)}"
    )


def effects_words(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.polytopes.figures_boundaries.effects`."""
    parts = []
    for count in COUNTS:
        groups = [effect(result, rows, AFTER, k, count) for rows in data.relu(result).values() for k in spaces(result)]
        parts.append(f"by {count} {_range_of_means(groups)}")
    return (
        "The difference of densities between classes and within over spaces, raw and matched on distance, after and "
        f"before training, with ReLU. Matched after training, range of means: {listed(parts)}. {finding(result)}"
    )


def interpolations_words(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.polytopes.figures_boundaries.interpolation`."""

    def words(rows: list[int], k: int) -> str:
        after = middle(result, rows, AFTER, k)
        return f"{mean(after[:, BETWEEN])} between and {mean(after[:, WITHIN])} within"

    return (
        "Where along straight ways between two images boundaries are crossed, relative to the mean of the way, within "
        "classes and between them, after and before training. Middle third over the rest after training, "
        f"{_cells(result, words)}."
    )


def flow_words(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.polytopes.figures_boundaries.flow`."""

    def words(rows: list[int], k: int) -> str:
        within, between = (mean(result.drawing["flow"][rows, AFTER, k, kind], "{:+.2f}") for kind in (WITHIN, BETWEEN))
        return f"{within} within and {between} between"

    parts = [
        f"{c.title}: {listed([f'{words(rows, k)} to layer {k + 1}' for k in spaces(result)])}"
        for c, rows in data.relu(result).items()
    ]
    return (
        "Mean logarithm of the ratio of relative distances to those of the layer before, within classes and between, a "
        f"line per seed, after and before training. After training, {'; '.join(parts)}."
    )
