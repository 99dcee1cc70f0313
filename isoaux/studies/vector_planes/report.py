"""What lies near the planes of Thomson-like bases, in sentences and a table."""

import numpy as np

from isoaux.common.numbers import low_to_high, whole
from isoaux.common.tables import Table, Text
from isoaux.paper import Configuration, Figure
from isoaux.records.reports import opening, or_missing, table_of_each
from isoaux.records.results import Result
from isoaux.statistics import LEVEL
from isoaux.studies.protocol import FIRST, LAST, Compared

PREPARATIONS = ("raw", "centred")
"""The preparations of the representations at the last checkpoint."""


def words(figure: Figure) -> str:
    """One line that says what a figure of the catalogue shows."""
    entry = figure.entry
    return f"planes of the vectors, {entry['dataset']}, n = {entry['n']}, m = {entry['m']}; ε = {entry['epsilon']}"


def vectors(configuration: Configuration) -> int:
    """The number of vectors of a configuration's basis; elementwise tanh has the axes and their antipodes."""
    return configuration.vectors or 2 * configuration.n


def finding(result: Result) -> str:
    """In how many networks the planes hold another number of points than turned copies do, in one sentence."""
    if result.lacking:
        return result.lacking
    parts = []
    for configuration, rows in result.by_configuration.items():
        special = (result.drawing["p"][rows] <= LEVEL).sum(axis=0)
        more = (result.drawing["counts"][rows] > result.drawing["null"][rows][:, :, 1]).sum(axis=0)
        each = [f"{special[k]} of {len(rows)} {name} ({more[k]} with more)" for k, name in enumerate(PREPARATIONS)]
        parts.append(f"{vectors(configuration)} vectors, {' and '.join(each)}")
    return f"Networks whose planes hold another number of points than turned copies: {'; '.join(parts)}."


@or_missing
def in_short(result: Result) -> Text:
    """In how many networks the planes of their vectors hold another number of points than turned copies do."""
    special, rows = result.drawing["p"] <= LEVEL, len(result.rows)
    more = special & (result.drawing["counts"] > result.drawing["null"][:, :, 1])
    raw, centred = (
        f"{more[:, k].sum()} of {rows} networks hold more representations and {(special & ~more)[:, k].sum()} fewer"
        for k in range(2)
    )
    return opening(
        f"After training the planes of the activation's vectors in {raw} than those of turned copies (raw, p of "
        f"at most "
        f"{LEVEL:g}).",
        f"Once the mean is subtracted, the planes in {centred}.",
    )


@table_of_each
def points(result: Result) -> Table:
    """A row per network: points before and after training, and the middle 95% of turned copies, raw and centred."""
    lines = []
    for row, (configuration, seed) in enumerate(result.rows):
        drawing = result.drawing
        cells = [str(vectors(configuration)), str(seed), whole(drawing["count"][row, 0])]
        for k in range(len(PREPARATIONS)):
            low, _, high = drawing["null"][row, k]
            p = f"{drawing['p'][row, k]:.2f}"
            cells.append(f"{whole(drawing['counts'][row, k])} ({whole(low)} to {whole(high)}; {p})")
        lines.append(tuple(cells))
    heads = ("points before training", *(f"after, {name} (turned copies; p)" for name in PREPARATIONS))
    return Table(("vectors", "seed", *heads), tuple(lines))


def sentence(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.vector_planes.figures.panels`."""
    parts = []
    for configuration, rows in result.by_configuration.items():
        first, last = (low_to_high([result.drawing["count"][row, at] for row in rows], "{:,.0f}") for at in (0, -1))
        parts.append(f"{vectors(configuration)} vectors: {first} points before training and {last} at the end")
    epochs = ", ".join(map(str, result.drawing["epochs"]))
    return (
        f"Representations of test images near the planes of pairs of vectors, a row per basis and a panel per epoch "
        f"({epochs}). {'; '.join(parts)}. {finding(result)}"
    )


def compared(result: Result, row: int) -> Compared:
    """The numbers of a row that ``python -m isoaux verify`` compares."""
    for place, at in ((FIRST, 0), (LAST, -1)):
        yield "points", place, "count", float(np.asarray(result.drawing["count"])[row, at])
