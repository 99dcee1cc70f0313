"""Boundaries and changes of class along rays, in sentences and tables."""

import numpy as np
from numpy.typing import NDArray

from isoaux.common.numbers import NONE, low_to_high, written
from isoaux.common.tables import Table, Text, listed
from isoaux.polytopes.scaling import LINEAR, LOGARITHMIC
from isoaux.records.reports import dataset, deviations, line_of_each, opening, or_missing, table_of_each
from isoaux.records.results import Result
from isoaux.studies.polytopes import data
from isoaux.studies.polytopes.data import RAYS
from isoaux.studies.polytopes.report import classifiers_words
from isoaux.studies.polytopes.samples import Values
from isoaux.studies.polytopes.seeds import interval, mean, over_seeds

BEFORE, AFTER = 0, 1
"""The places of the states in arrays."""

ACTIVATIONS, GAUSSIAN = range(len(RAYS))
"""The places of the vectors whose rays are followed."""

ALPHA, RISE, SHELL = range(3)
"""The places of the numbers of a peak."""

PER_RAY, OTHER_RAY = range(2)
"""The places of percentiles at the changes of a ray, and at those of another one."""


def spaces(result: Result) -> range:
    """The spaces of a figure."""
    return range(result.drawing["linear"].shape[2])


def half_cauchy(density: NDArray[np.float64], below: float) -> tuple[Values, Values]:
    """A half-Cauchy law of boundaries with the same share, and number, before the activation as a profile has.

    ``density`` (40,) is that of the bins ``LINEAR``, ``below`` the share of all boundaries below alpha = 1. Returns the
    density in these bins, and the share of all boundaries in each of the bins ``LOGARITHMIC``. NaN where nothing is
    crossed, or everything before or behind the activation.
    """
    if not (density.sum() > 0 and 0 < below < 1):
        return np.full(len(LINEAR) - 1, np.nan), np.full(len(LOGARITHMIC) - 1, np.nan)
    scale = 1 / np.tan(np.pi * below / 2)

    def share(alpha: Values) -> Values:
        return np.asarray(2 / np.pi * np.arctan(alpha / scale))

    widths, inside = np.diff(LINEAR), LINEAR[1:] <= 1 + 1e-9
    total = float((density * widths)[inside].sum()) / below
    return total * np.diff(share(LINEAR)) / widths, np.diff(share(LOGARITHMIC))


def shells(result: Result, rows: list[int], state: int, kind: int = ACTIVATIONS) -> int:
    """In how many spaces of networks there is a shell."""
    return int(result.drawing["peak"][rows, state, :, kind, SHELL].sum())


def _all(result: Result) -> list[int]:
    return [row for rows in data.relu(result).values() for row in rows]


def _near_origin(result: Result) -> tuple[int, list[float]]:
    """In how many spaces boundaries are densest next to the origin, and which shares of them lie before the activation.

    The shares are means over the networks of an activation and a space.
    """
    drawing = result.drawing
    first = int((drawing["peak"][_all(result), AFTER, :, ACTIVATIONS, ALPHA] < LINEAR[1]).sum())
    below = [
        interval(drawing["below"][members, AFTER, k, 0]).mean
        for members in data.relu(result).values()
        for k in spaces(result)
    ]
    return first, below


@or_missing
def in_short(result: Result) -> Text:
    """What came out of ReLU, in two sentences: shells, and where the boundaries of a ray lie."""
    rows = _all(result)
    cells = len(rows) * len(spaces(result))
    first, below = _near_origin(result)
    shell = shells(result, rows, AFTER)
    return opening(
        f"A shell of boundaries between the origin and the activation is there in {shell or 'none'} of {cells} spaces "
        "of trained networks.",
        f"Boundaries are densest next to the origin in {first} of {cells}, and {low_to_high(below, '{:.0%}')} of them "
        "lie before the activation.",
    )


@line_of_each
def answer(result: Result) -> str:
    """What came out of ReLU, in three sentences: shells, where boundaries are, and where classes change."""
    drawing, rows, members = result.drawing, _all(result), list(data.relu(result).values())
    cells = len(rows) * len(spaces(result))
    first, below = _near_origin(result)
    trend = drawing["trend"][rows, AFTER, :, ACTIVATIONS]
    largest = written("{:.2f}", np.max(trend[np.isfinite(trend)], initial=-np.inf))
    at_changes, at_others = (
        low_to_high(
            [interval(drawing["percentile"][m, AFTER, k, which]).mean for m in members for k in spaces(result)],
            "{:.0%}",
        )
        for which in (PER_RAY, OTHER_RAY)
    )
    count, far = drawing["rays"][rows, AFTER], drawing["changed"][rows, AFTER]
    return (
        f"A shell of boundaries between the origin and the activation is there in {shells(result, rows, AFTER)} of "
        f"{cells} spaces of trained networks along activations, in {shells(result, rows, AFTER, GAUSSIAN)} along "
        f"Gaussian directions, and in {shells(result, rows, BEFORE)} of untrained networks. Boundaries are densest "
        f"next to the origin in {first} of {cells}, {low_to_high(below, '{:.0%}')} of them lie before the activation, "
        f"and beyond it their density falls with a rank correlation of at most {largest}. Classes change at "
        f"places denser than {at_changes} of random places of the same ray, where the changes of another ray have "
        f"{at_others}, and beyond the activation on {(count * far).sum() / count.sum():.1%} of {int(count.sum()):,} "
        "rays."
    )


@line_of_each
def setting(result: Result) -> str:
    """Data, networks and rays, in one line."""
    size = result.facts["size"]
    return (
        f"{dataset(result)}; {classifiers_words(result)}; rays through {size['rays']} test images and their "
        f"activations, from the origin to {LOGARITHMIC[-1]:g} times as far, and as many Gaussian directions; "
        f"{size['permuted']} networks with permuted biases beside each.{deviations(result)}"
    )


# --- tables


@table_of_each
def peaks(result: Result) -> Table:
    """A row per configuration and space: shells, rise of the densest bin, boundaries before the activation, trend."""
    drawing, lines = result.drawing, []
    for c, rows in data.classifiers(result).items():
        for k in spaces(result):
            shell = drawing["peak"][rows, :, k, :, SHELL].astype(int)
            rise = drawing["rise_permuted"][rows, AFTER, k, 0]
            lines.append(
                (
                    c.title,
                    str(k),
                    *(f"{shell[:, AFTER, kind].sum()} of {len(rows)}" for kind in (ACTIVATIONS, GAUSSIAN)),
                    f"{shell[:, BEFORE, ACTIVATIONS].sum()} of {len(rows)}",
                    over_seeds(drawing["peak"][rows, AFTER, k, ACTIVATIONS, RISE]),
                    mean(rise),
                    *(over_seeds(drawing["below"][rows, state, k, ACTIVATIONS]) for state in (AFTER, BEFORE)),
                    low_to_high(list(drawing["trend"][rows, AFTER, k, ACTIVATIONS]), "{:+.2f}"),
                )
            )
    heads = (
        "shells, activations",
        "Gaussian",
        "untrained",
        "rise",
        "rise, permuted biases",
        "before the activation",
        "the same, untrained",
        "trend",
    )
    return Table(("network", "space", *heads), tuple(lines))


@table_of_each
def changes(result: Result) -> Table:
    """A row per configuration and space: changes of class on rays, and how dense boundaries are there."""
    drawing, lines = result.drawing, []
    for c, rows in data.classifiers(result).items():
        for k in spaces(result):
            lines.append(
                (
                    c.title,
                    str(k),
                    *(over_seeds(column) for column in drawing["changes"][rows, AFTER, k].T),
                    over_seeds(drawing["changed"][rows, AFTER, k], "{:.1%}"),
                    mean(drawing["changed"][rows, BEFORE, k], "{:.1%}"),
                    *(over_seeds(drawing["percentile"][rows, AFTER, k, which]) for which in (PER_RAY, OTHER_RAY)),
                    over_seeds(np.subtract(*drawing["percentile"][rows, AFTER, k].T), "{:+.3f}"),
                    mean(drawing["percentile"][rows, BEFORE, k, PER_RAY]),
                )
            )
    heads = (
        "changes before",
        "changes beyond",
        "rays with one beyond",
        "untrained",
        "rank of density",
        "at changes of another ray",
        "difference",
        "rank, untrained",
    )
    return Table(("network", "space", *heads), tuple(lines))


def _laws(result: Result, rows: list[int], state: int, k: int) -> tuple[Values, Values]:
    """The scale of the half-Cauchy law of each network, and how far its distribution is from that of boundaries."""
    scales, distances = [], []
    for row in rows:
        below = float(result.drawing["below"][row, state, k, ACTIVATIONS])
        counts = result.drawing["logarithmic"][row, state, k, ACTIVATIONS] * np.diff(LOGARITHMIC)
        law = half_cauchy(result.drawing["linear"][row, state, k, ACTIVATIONS], below)[1]
        law = law / law.sum()
        shares = counts / counts.sum() if counts.sum() else np.full(len(counts), np.nan)
        scales.append(1 / np.tan(np.pi * below / 2))
        distances.append(float(np.abs(np.cumsum(shares) - np.cumsum(law)).max()))
    return np.array(scales), np.array(distances)


@table_of_each
def laws(result: Result) -> Table:
    """A row per configuration and space: scale of the half-Cauchy law, and the distance from it, after and before."""
    lines = []
    for c, rows in data.classifiers(result).items():
        for k in spaces(result):
            (scale, distance), (earlier, before) = (_laws(result, rows, state, k) for state in (AFTER, BEFORE))
            lines.append(
                (
                    c.title,
                    str(k),
                    *(over_seeds(v, "{:.3f}") for v in (scale, distance)),
                    mean(earlier),
                    mean(before, "{:.3f}"),
                )
            )
    heads = ("scale", "largest difference of distributions", "scale, untrained", "difference, untrained")
    return Table(("network", "space", *heads), tuple(lines))


# --- alternative texts


def finding(result: Result) -> str:
    """Shells after and before training, in one sentence."""
    rows = _all(result)
    cells = len(rows) * len(spaces(result))
    after, gaussian, before = (
        shells(result, rows, state, kind)
        for state, kind in ((AFTER, ACTIVATIONS), (AFTER, GAUSSIAN), (BEFORE, ACTIVATIONS))
    )
    return (
        f"Shells between the origin and the vector: {after} of {cells} along activations and {gaussian} along Gaussian "
        f"directions after training, {before} before it."
    )


def _ratio(result: Result, rows: list[int], state: int, k: int) -> str:
    """How many times as dense boundaries are next to the origin as at the activation."""
    linear = result.drawing["linear"][rows, state, k, ACTIVATIONS]
    at_one = linear[:, int(np.searchsorted(LINEAR, 1 - 1e-9))]
    if not linear[:, 0].any():
        return NONE
    return mean(linear[:, 0] / np.where(at_one > 0, at_one, np.nan), "{:,.0f}")


def profiles_words(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.polytopes.figures_scaling.profiles`."""
    parts = [
        f"{c.title}: {listed([f'{_ratio(result, rows, AFTER, k)} in space {k}' for k in spaces(result)])}"
        for c, rows in data.relu(result).items()
    ]
    untrained = [
        f"{c.title} {listed([_ratio(result, rows, BEFORE, k) for k in spaces(result)])}"
        if result.drawing["linear"][rows, BEFORE].any()
        else f"{c.title} no boundary at all"
        for c, rows in data.relu(result).items()
    ]
    return (
        "Boundaries per unit of length over the place on rays from the origin, the activation at 1, a panel per start "
        "and space, with Gaussian directions, networks with permuted biases and untrained ones. Density next to the "
        f"origin over that at the activation after training: {'; '.join(parts)}; before training "
        f"{'; '.join(untrained)}. {finding(result)}"
    )


def log_words(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.polytopes.figures_scaling.logarithmic`."""
    middles = np.sqrt(LOGARITHMIC[1:] * LOGARITHMIC[:-1])
    parts = []
    for c, rows in data.relu(result).items():
        tops = []
        for k in spaces(result):
            weighted = result.drawing["logarithmic"][rows, AFTER, k, ACTIVATIONS] * middles
            tops.append(f"{mean(middles[weighted.argmax(axis=1)], '{:.2g}')} in space {k}")
        parts.append(f"{c.title}: {listed(tops)}")
    return (
        "Share of all boundaries of rays per unit of the logarithm of the place, the activation at 1, after and before "
        f"training, beside half-Cauchy laws. Densest place after training, means over seeds: {'; '.join(parts)}."
    )


def changes_words(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.polytopes.figures_scaling.classes`."""
    parts = []
    for c, rows in data.relu(result).items():
        each = []
        for k in spaces(result):
            before, beyond = (mean(column) for column in result.drawing["changes"][rows, AFTER, k].T)
            rank = mean(result.drawing["percentile"][rows, AFTER, k, PER_RAY])
            each.append(f"{before} and {beyond}, rank {rank} in space {k}")
        parts.append(f"{c.title}: {'; '.join(each)}")
    return (
        "Changes of class per ray before the activation and beyond it, and the rank of the density of boundaries at "
        f"them among random places of the ray, after and before training. After training, {'. '.join(parts)}."
    )
