"""When structure appears, in words and tables: counted from what is published, nothing typed.

``courses`` are those of :mod:`isoaux.studies.emergence.courses`; where there are none, every function says so.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from isoaux import statistics
from isoaux.common.numbers import NONE, signed, with_range, written
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import TITLES, claims
from isoaux.records.panel_values import EARLY
from isoaux.records.reports import NOTHING, opening, or_missing
from isoaux.statistics import LEVEL
from isoaux.statistics.seeds import onset, per_seed
from isoaux.studies.emergence.courses import (
    FAMILY_TITLES,
    STATISTIC_TITLES,
    Course,
    agreements,
    family,
    is_isotropic,
    onsets,
    published_families,
    share_outside,
)

Values = NDArray[np.float64]


def _known(values: Values) -> Values:
    """The numbers among these."""
    return values[np.isfinite(values)]


def _median(values: Values) -> float:
    """The median of the numbers among these; NaN where there is none."""
    return float(np.median(_known(values))) if np.isfinite(values).any() else np.nan


def _since_when(courses: Sequence[Course]) -> list[str]:
    """By statistic, in how many networks it has appeared, and the median epoch since when."""
    cells = []
    for statistic in STATISTIC_TITLES:
        epochs = onsets(courses, statistic)
        known = _known(epochs)
        cells.append(f"{len(known)} of {len(epochs)}" + (f", epoch {np.median(known):g}" if len(known) else ""))
    return cells


def _networks(courses: Sequence[Course]) -> int:
    return sum(len(course.seeds) for course in courses)


@or_missing
def in_short(courses: Sequence[Course]) -> Text:
    """What came out, in up to four sentences: points of anisotropic networks after an epoch and at the end, isotropic.

    All tests are raw, by the number of points.
    """
    sentences = []
    for name, members in published_families(courses):
        if is_isotropic(name):
            continue
        (early_above, early_below), (above, below) = (_above_and_below(members, "count", at) for at in (1, np.inf))
        known, count = _known(onsets(members, "count")), _networks(members)
        when = f" (median epoch since when: {np.median(known):g})" if len(known) and above else ""
        first = "the planes of two neurons hold fewer points than random planes"
        if early_below > early_above and above > below:
            sentences.append(
                f"{FAMILY_TITLES[name]} first avoids the planes of two neurons and only later gathers there: after one "
                f"epoch {first} in {early_below} of {count} networks and more in {early_above}, at the end fewer in "
                f"{below} and more in {above}{when}."
            )
        else:
            statistic = max(STATISTIC_TITLES, key=lambda s: sum(_above_and_below(members, s, np.inf)))
            early, late = (sum(_above_and_below(members, statistic, at)) for at in (1, np.inf))
            sentences.append(
                f"{FAMILY_TITLES[name]}: by {STATISTIC_TITLES[statistic]}, {early} of {count} networks differ "
                f"from random "
                f"bases after one epoch and {late} at the end."
            )
    isotropic = [course for name, members in published_families(courses) if is_isotropic(name) for course in members]
    if isotropic:
        share = share_outside(isotropic, "count").mean()
        sentences.append(
            f"Isotropic networks, in which symmetry makes no neuron special, differ at {share:.0%} of all checkpoints; "
            f"chance gives {LEVEL:.0%}."
        )
    return opening(*sentences)


@or_missing
def answer(courses: Sequence[Course]) -> Text:
    """What came out: a sentence on what is published, and one for each family of networks."""
    sizes = " or ".join(map(str, sorted({len(course.seeds) for course in courses})))
    lines = [
        f"{_networks(courses)} networks of {len(courses)} configurations, {sizes} seeds of each, are published; this "
        f"is about their first latent layer at {len(courses[0].epochs)} checkpoints."
    ]
    for name, members in published_families(courses):
        lines.append(f"**{FAMILY_TITLES[name]}**: {(_nothing if is_isotropic(name) else _appeared)(members)}")
    return Text("\n".join(f"- {line}" for line in lines))


def _nothing(courses: Sequence[Course]) -> str:
    outside = [f"{share_outside(courses, s).mean():.0%} by {title}" for s, title in STATISTIC_TITLES.items()]
    return (
        f"of all networks and checkpoints {listed(outside)} lie outside random bases, where chance gives {LEVEL:.0%}. "
        "By symmetry there can be nothing else."
    )


def _appeared(courses: Sequence[Course]) -> str:
    parts = []
    for statistic, title in STATISTIC_TITLES.items():
        known = _known(onsets(courses, statistic))
        when = f", without a break since epoch {np.median(known):g} (median)" if len(known) else ""
        (above, below), (last_above, last_below) = (_above_and_below(courses, statistic, at) for at in (1, np.inf))
        parts.append(
            f"by {title} {above} lie above and {below} below at epoch 1, {last_above} above and {last_below} below at "
            f"the end{when}"
        )
    return f"of {_networks(courses)} networks, beside their random bases, {'; '.join(parts)}."


@or_missing
def appearance(courses: Sequence[Course]) -> Table:
    """By family and statistic: networks outside early and at the end, above or below, and since when."""
    head = (
        "family",
        "statistic",
        "networks",
        "outside at epoch 1 (above / below)",
        "outside at the end (above / below)",
        "since epoch, median (range)",
        f"since epoch {EARLY} or before",
    )
    rows = []
    for name, members in published_families(courses):
        for statistic, title in STATISTIC_TITLES.items():
            epochs = onsets(members, statistic)
            known = _known(epochs)
            rows.append(
                (
                    FAMILY_TITLES[name],
                    title,
                    str(len(epochs)),
                    *(_sides(members, statistic, epoch) for epoch in (1, np.inf)),
                    with_range(np.median(known), known.min(), known.max(), "{:g}") if len(known) else "",
                    str((known <= EARLY).sum()),
                )
            )
    return Table(head, tuple(rows))


def _above_and_below(courses: Sequence[Course], statistic: str, epoch: float) -> tuple[int, int]:
    """How many networks lie above, and below, their random bases at an epoch."""
    outside = np.concatenate([course.at(epoch, course.outside(statistic)) for course in courses])
    above = np.concatenate([course.at(epoch, course.record.above(statistic, course.layer)) for course in courses])
    return int((outside & above).sum()), int((outside & ~above).sum())


def _sides(courses: Sequence[Course], statistic: str, epoch: float) -> str:
    """How many networks are outside at an epoch, and how many of them above and below."""
    above, below = _above_and_below(courses, statistic, epoch)
    return f"{above + below} ({above} / {below})"


@or_missing
def by_configuration(courses: Sequence[Course]) -> Table:
    """For every configuration the networks in which a statistic has appeared, and the median epoch since when."""
    rows = [(TITLES[course.configuration.activation], course.title, *_since_when([course])) for course in courses]
    return Table(("activation", "configuration", *STATISTIC_TITLES.values()), tuple(rows))


def first(courses: Sequence[Course]) -> Table | Text:
    """What comes first in a network, more (or fewer) points or an alignment by c4 or s2: networks by family."""
    head = ("family", "networks with both", "number of points first", "at the same checkpoint", "alignment first")
    rows = []
    for name, members in published_families(courses):
        if is_isotropic(name):
            continue
        count = onsets(members, "count")
        aligned = np.fmin(onsets(members, "c4"), onsets(members, "s2"))
        both = np.isfinite(count) & np.isfinite(aligned)
        order = np.sign(count[both] - aligned[both])
        rows.append((FAMILY_TITLES[name], str(both.sum()), *(str((order == sign).sum()) for sign in (-1, 0, 1))))
    return Table(head, tuple(rows)) if rows else Text(NOTHING)


@or_missing
def layers(courses: Sequence[Sequence[Course]]) -> Table:
    """By family and latent layer k: in how many networks a statistic has appeared, and the median epoch since when.

    ``courses`` are those of every layer (:func:`isoaux.studies.emergence.courses.by_layer`).
    """
    rows = [
        (FAMILY_TITLES[name], str(members[0].layer), *_since_when(members))
        for of_layer in courses
        for name, members in published_families(of_layer)
    ]
    rows.sort(key=lambda row: list(FAMILY_TITLES.values()).index(row[0]))
    return Table(("family", "layer k", *STATISTIC_TITLES.values()), tuple(rows))


@or_missing
def settled(courses: Sequence[Course]) -> Table:
    """How much the planes' order is already that of the end, beside that of other seeds, by family.

    Medians over the networks of the rank correlation with the own end, in brackets with the ends of other seeds; the
    difference at epochs 0 and 1 with its 95% interval over the seeds that all configurations of the family have; and
    the median epoch from which the correlation stays above the line of the claims. A dash stands for what there is not:
    other seeds where there is one, an order where all planes hold the same.
    """
    line = settled_line()
    head = (
        "family", "before training", "epoch 1", f"epoch {EARLY}",
        "before training, less other seeds", "epoch 1, less other seeds", f"above {line:g} from epoch, median",
    )  # fmt: skip
    rows = []
    for name, members in published_families(courses):
        cells = []
        for epoch in (0, 1, EARLY):
            same, other = (_median(agreements(members, epoch, crossed)) for crossed in (False, True))
            cells.append(f"{written('{:.2f}', same)} ({signed(other)})")
        cells += [_excess(members, epoch) for epoch in (0, 1)]
        since = np.concatenate([_since(course, line) for course in members])
        rows.append((FAMILY_TITLES[name], *cells, written("{:g}", _median(since))))
    return Table(head, tuple(rows))


def settled_line() -> float:
    """The rank correlation from which the claims call the order of the planes the same."""
    return next(claim.line for claim in claims.load().each if claim.decide.get("value") == "plane_order")


def _since(course: Course, line: float) -> Values:
    """The epoch from which the order of the planes stays that of the end, (seeds,)."""
    high = course.agreement() > line
    return onset(high, np.ones_like(high), course.epochs)


def _excess(courses: Sequence[Course], epoch: int) -> str:
    """The agreement with the own end less that with the ends of other seeds: mean and 95% interval over the seeds."""
    parts = []
    for course in courses:
        same, other = (course.at(epoch, course.agreement(crossed)) for crossed in (False, True))
        if other.size and np.isfinite(same).all() and np.isfinite(other).all():
            parts.append(course.record.by_seed((same - other.mean(1)).tolist()))
    differences = per_seed(parts)
    if len(differences) < 3:
        return NONE
    interval = statistics.interval(differences)
    return f"{signed(interval.mean)} ({signed(interval.low)} to {signed(interval.high)}, {interval.count} seeds)"


def share_sentence(courses: Sequence[Course]) -> str:
    """What the shares of all families show, made from the numbers: the alternative text."""
    parts = []
    for name, members in published_families(courses):
        ends = []
        for statistic, title in STATISTIC_TITLES.items():
            share = share_outside(members, statistic)
            ends.append(f"{title} {share[0]:.0%}, {share[1]:.0%}, {share[-1]:.0%}")
        parts.append(f"{FAMILY_TITLES[name]}: {'; '.join(ends)}")
    return (
        "Share of networks outside their random bases against the epoch, a panel per statistic, a line per activation. "
        f"Before training, at the next checkpoint and at the end: {'. '.join(parts)}."
    )


def family_sentence(courses: Sequence[Course], name: str) -> str:
    """What the curves of one family show, made from the numbers: the alternative text."""
    members = family(courses, name)
    if not members:
        return NOTHING
    parts = []
    for statistic, title in STATISTIC_TITLES.items():
        epochs = onsets(members, statistic)
        parts.append(f"{title}, {len(_known(epochs))} of {len(epochs)}")
    return (
        f"{FAMILY_TITLES[name]}, a row per configuration ({len(members)}), a column per statistic: every network "
        f"against the epoch with the middle 95% of its random bases. Networks outside at the end: {'; '.join(parts)}."
    )


def settled_sentence(courses: Sequence[Course]) -> str:
    """What the curves of the planes' order show, made from the numbers: the alternative text."""
    parts = []
    for name, members in published_families(courses):
        same, other = (_median(agreements(members, EARLY, crossed)) for crossed in (False, True))
        parts.append(f"{FAMILY_TITLES[name]} {written('{:.2f}', same)}, with other seeds {signed(other)}")
    return (
        "Rank correlation of the points per plane with those at the end, against the epoch, a panel per family; grey, "
        f"with the ends of other seeds. Median at epoch {EARLY}: {'; '.join(parts)}."
    )
