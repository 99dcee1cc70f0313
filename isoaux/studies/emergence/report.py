"""When structure appears, in words and tables: counted from what is published, nothing typed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import statistics
from isoaux.common.numbers import NONE, written
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import GROUPS, claims
from isoaux.records.panel_values import EARLY
from isoaux.statistics import LEVEL
from isoaux.statistics.seeds import onset, per_seed
from isoaux.studies.emergence.courses import FAMILIES, FAMILY_TITLES, STATISTIC_TITLES, Course, family, share_outside

Values = NDArray[np.float64]

NOTHING = "No network is published."


def _isotropic(name: str) -> bool:
    return all(GROUPS[member] == "O(n)" for member in FAMILIES[name])


def _table(head: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Table:
    """A table, or the sentence that there is no network for it."""
    return Table(tuple(head), tuple(rows)) if rows else Table((head[0],), ((NOTHING,),))


def _median(values: Values) -> float:
    """The median of the numbers among these; NaN where there is none."""
    there = values[np.isfinite(values)]
    return float(np.median(there)) if len(there) else np.nan


def _published(found: Sequence[Course]) -> list[tuple[str, list[Course]]]:
    """The families of which something is published."""
    return [(name, members) for name in FAMILIES if (members := family(found, name))]


def _onsets(members: Sequence[Course], name: str) -> Values:
    return np.concatenate([course.record.onset(name, course.layer) for course in members])


def _since_when(members: Sequence[Course]) -> list[str]:
    """By statistic, in how many networks it has appeared, and the median epoch since when."""
    cells = []
    for statistic in STATISTIC_TITLES:
        own = _onsets(members, statistic)
        there = own[np.isfinite(own)]
        cells.append(f"{len(there)} of {len(own)}" + (f", epoch {np.median(there):g}" if len(there) else ""))
    return cells


def _networks(members: Sequence[Course]) -> int:
    return sum(len(course.seeds) for course in members)


def answer(found: Sequence[Course]) -> Text:
    """What came out, a sentence for each kind of network."""
    if not found:
        return Text(NOTHING)
    sizes = " or ".join(map(str, sorted({len(course.seeds) for course in found})))
    lines = [
        f"{_networks(found)} networks of {len(found)} configurations, {sizes} seeds of each, are published; this is "
        f"about their first latent layer at {len(found[0].epochs)} checkpoints."
    ]
    for name, members in _published(found):
        if _isotropic(name):
            lines.append(_nothing(name, members))
        else:
            lines.append(_appeared(name, members))
    return Text("\n".join(f"- {line}" for line in lines))


def _nothing(name: str, members: Sequence[Course]) -> str:
    outside = [f"{share_outside(members, s).mean():.0%} by {words}" for s, words in STATISTIC_TITLES.items()]
    return (
        f"**{FAMILY_TITLES[name]}**: of all networks and checkpoints {listed(outside)} lie outside random bases, where "
        f"chance gives {LEVEL:.0%}. By symmetry there can be nothing else."
    )


def _appeared(name: str, members: Sequence[Course]) -> str:
    parts = []
    for statistic, words in STATISTIC_TITLES.items():
        own = _onsets(members, statistic)
        there = own[np.isfinite(own)]
        when = f", without a break since epoch {np.median(there):g} (median)" if len(there) else ""
        early, end = (_sides(members, statistic, epoch) for epoch in (1, np.inf))
        parts.append(f"by {words} {early} at epoch 1 and {end} at the end{when}")
    of = f"of {_networks(members)} networks (above / below)"
    return f"**{FAMILY_TITLES[name]}**: outside their random bases are, {of}, {'; '.join(parts)}."


def appearance(found: Sequence[Course]) -> Table:
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
    for name, members in _published(found):
        for statistic, words in STATISTIC_TITLES.items():
            own = _onsets(members, statistic)
            there = own[np.isfinite(own)]
            rows.append(
                (
                    FAMILY_TITLES[name],
                    words,
                    str(len(own)),
                    *(_sides(members, statistic, epoch) for epoch in (1, np.inf)),
                    f"{np.median(there):g} ({there.min():g} to {there.max():g})" if len(there) else "",
                    str((there <= EARLY).sum()),
                )
            )
    return _table(head, rows)


def _sides(members: Sequence[Course], statistic: str, epoch: float) -> str:
    outside = np.concatenate([_at(course, course.outside(statistic), epoch) for course in members])
    above = np.concatenate([_at(course, course.record.above(statistic, course.layer), epoch) for course in members])
    return f"{outside.sum()} ({(outside & above).sum()} / {(outside & ~above).sum()})"


def _at(course: Course, values: NDArray[Any], epoch: float) -> NDArray[Any]:
    """The column of the checkpoint nearest to an epoch; infinity is the end."""
    return values[..., int(np.abs(course.epochs - min(epoch, course.epochs[-1])).argmin())]


def by_configuration(found: Sequence[Course]) -> Table:
    """For every configuration the networks in which a statistic has appeared, and the median epoch since when."""
    rows = [(FAMILY_TITLES[_family(course)], course.title, *_since_when([course])) for course in found]
    return _table(("family", "configuration", *STATISTIC_TITLES.values()), rows)


def _family(course: Course) -> str:
    return next(name for name, members in FAMILIES.items() if course.configuration.activation in members)


def first(found: Sequence[Course]) -> Table:
    """What comes first in a network, more (or fewer) points or an alignment by c4 or s2."""
    head = ("family", "networks with both", "number of points first", "at the same checkpoint", "alignment first")
    rows = []
    for name, members in _published(found):
        if _isotropic(name):
            continue
        count = _onsets(members, "count")
        aligned = np.fmin(_onsets(members, "c4"), _onsets(members, "s2"))
        both = np.isfinite(count) & np.isfinite(aligned)
        difference = count[both] - aligned[both]
        rows.append(
            (FAMILY_TITLES[name], str(both.sum()), *(str((np.sign(difference) == s).sum()) for s in (-1, 0, 1)))
        )
    return _table(head, rows)


def layers(found: Sequence[Sequence[Course]]) -> Table:
    """By latent layer k: the share of networks outside at the end, and the median epoch since when."""
    rows = [
        (FAMILY_TITLES[name], str(members[0].layer), *_since_when(members))
        for deeper in found
        for name, members in _published(deeper)
    ]
    rows.sort(key=lambda row: list(FAMILY_TITLES.values()).index(row[0]))
    return _table(("family", "layer k", *STATISTIC_TITLES.values()), rows)


def settled(found: Sequence[Course]) -> Table:
    """How much the planes' order is already that of the end, beside that of other seeds.

    Medians over the networks of the rank correlation with the own end, in brackets with the ends of other seeds; the
    difference at epoch 1 with its 95% interval over the seeds that all configurations of the family have; and the
    median epoch from which the correlation stays above the line of the claims. A dash stands for what there is not:
    other seeds where there is one, an order where all planes hold the same.
    """
    line = settled_line()
    head = (
        "family", "before training", "epoch 1", f"epoch {EARLY}",
        "before training, less other seeds", "epoch 1, less other seeds", f"above {line:g} from epoch, median",
    )  # fmt: skip
    rows = []
    for name, members in _published(found):
        cells = []
        for epoch in (0, 1, EARLY):
            own = np.concatenate([_at(course, course.agreement(), epoch) for course in members])
            other = np.concatenate([_at(course, course.agreement(True), epoch).ravel() for course in members])
            cells.append(f"{written('{:.2f}', _median(own))} ({written('{:+.2f}', _median(other))})")
        for epoch in (0, 1):
            cells.append(_excess(members, epoch))
        since = np.concatenate([_since(course, line) for course in members])
        rows.append((FAMILY_TITLES[name], *cells, written("{:g}", _median(since))))
    return _table(head, rows)


def settled_line() -> float:
    """The rank correlation from which the claims call the order of the planes the same."""
    return next(c.line for c in claims.load().each if c.decide.get("value") == "plane_order")


def _since(course: Course, line: float) -> Values:
    """The epoch from which the order of the planes stays that of the end, (seeds,)."""
    high = course.agreement() > line
    return onset(high, np.ones_like(high), course.epochs)


def _excess(members: Sequence[Course], epoch: int) -> str:
    parts = []
    for course in members:
        own = _at(course, course.agreement(), epoch)
        other = _at(course, course.agreement(True), epoch)
        if other.size and np.isfinite(own).all() and np.isfinite(other).all():
            parts.append(course.record.by_seed((own - other.mean(1)).tolist()))
    each = per_seed(parts)
    if len(each) < 3:
        return NONE
    found = statistics.interval(each)
    return f"{found.mean:+.2f} ({found.low:+.2f} to {found.high:+.2f}, {found.count} seeds)"


def share_sentence(found: Sequence[Course]) -> str:
    """What the shares of all families show, made from the numbers."""
    if not found:
        return NOTHING
    parts = []
    for name, members in _published(found):
        ends = []
        for statistic, words in STATISTIC_TITLES.items():
            share = share_outside(members, statistic)
            ends.append(f"{words} {share[0]:.0%}, {share[1]:.0%}, {share[-1]:.0%}")
        parts.append(f"{FAMILY_TITLES[name]}: {'; '.join(ends)}")
    return (
        "Share of networks outside their random bases against the epoch, a panel per statistic, a line per activation. "
        f"Before training, at the next checkpoint and at the end: {'. '.join(parts)}."
    )


def family_sentence(found: Sequence[Course], name: str) -> str:
    """What the curves of one family show, made from the numbers."""
    members = family(found, name)
    if not members:
        return NOTHING
    parts = [
        f"{words}, {np.isfinite(own := _onsets(members, statistic)).sum()} of {len(own)}"
        for statistic, words in STATISTIC_TITLES.items()
    ]
    return (
        f"{FAMILY_TITLES[name]}, a row per configuration ({len(members)}), a column per statistic: every network "
        f"against the epoch with the middle 95% of its random bases. Networks outside at the end: {'; '.join(parts)}."
    )


def settled_sentence(found: Sequence[Course]) -> str:
    """What the curves of the planes' order show, made from the numbers."""
    if not found:
        return NOTHING
    parts = []
    for name, members in _published(found):
        own = np.concatenate([_at(course, course.agreement(), EARLY) for course in members])
        other = np.concatenate([_at(course, course.agreement(True), EARLY).ravel() for course in members])
        middle = (written("{:.2f}", _median(own)), written("{:+.2f}", _median(other)))
        parts.append(f"{FAMILY_TITLES[name]} {middle[0]}, with other seeds {middle[1]}")
    return (
        "Rank correlation of the points per plane with those at the end, against the epoch, a panel per family; grey, "
        f"with the ends of other seeds. Median at epoch {EARLY}: {'; '.join(parts)}."
    )
