"""The verdicts in sentences, all of it counted, nothing typed."""

from collections.abc import Iterable, Sequence

from isoaux.common.tables import Text, listed
from isoaux.scorecard.families import Family, ranked
from isoaux.scorecard.verdicts import (
    AGREE,
    CLAIM,
    CONTRADICT,
    COUNTER,
    HOLDS,
    NOT,
    OPEN,
    OUTCOMES,
    PART,
    SILENT,
    UNDECIDED,
    UNPUBLISHED,
    UNSEEN,
    UNTESTABLE,
    Row,
    Scorecard,
    counted,
)

FEW = 5
"""The paper's number of seeds."""

ENOUGH = 4
"""Claims of a family of which a share says something."""

WELL = 10
"""Decided claims of a family of which it is worth saying that none is contradicted."""

DESCRIBED, WRITTEN, REVIEWED = "21 November 2026", "25 November 2026", "30 November 2026"
"""Dates of the repository's history: by the first all records of then had been published and described on their pages;
on the second rules and thresholds were written down, and then the first verdict was computed; on the third all rules
were changed to heed their intervals."""

BESIDE = {
    "setting": "settings",
    "derived": "what follows from the paper's definitions without being printed",
    "method": "what the paper on the Spotlight Resonance Method says of its results",
    "proposal": "what the paper proposes without a result",
    "ours": "what is said here of networks beyond the paper",
    "post": "what the post on the polytope lens says",
    "primer": "what the primer on representations says",
    "repeat": "what the paper says a second time",
}
"""What the rows of the other categories than claims are."""

VERBS = {
    HOLDS: ("holds", "hold"),
    PART: ("holds in part", "hold in part"),
    COUNTER: ("has counterexamples", "have counterexamples"),
    NOT: ("does not hold", "do not hold"),
    SILENT: ("is not contradicted", "are not contradicted"),
    UNDECIDED: ("is undecided", "are undecided"),
    UNSEEN: ("is not seen", "are not seen"),
    UNTESTABLE: ("cannot be tested", "cannot be tested"),
    UNPUBLISHED: ("is not published yet", "are not published yet"),
}
"""Every verdict as what one claim, or several, do."""

LATER = ("method", "ours", "post", "primer")
"""Categories whose rules were written down before the networks that they judge were measured."""


def in_short(card: Scorecard) -> Text:
    """What the scorecard comes to, in three sentences."""
    rows = card.claims
    counted_first = f"Of {len(rows)} claims of the paper {_count(card, AGREE)} ({card.counts[PART]} of them in part), "
    known = [family for family in ranked(card) if family.decided >= ENOUGH and family.contradicted]
    worst = listed([family.subject for family in known[:2]])
    clear = listed([family.subject for family in ranked(card) if family.decided >= WELL and not family.contradicted])
    sentences = [
        "**In short.**",
        f"{counted_first}{_count(card, CONTRADICT)} and {_count(card, OPEN)}, because the interval of their number "
        "holds the line between the claim and its opposite, or a test only failed to reject.",
        f"Most often contradicted is what is said about {worst}." if worst else "",
        f"Nothing is contradicted of what is said about {clear}." if clear else "",
    ]
    return Text(" ".join(filter(None, sentences)))


def sentences(card: Scorecard) -> list[str]:
    """What came out, in sentences that are made from the verdicts; only rows of the category claim are counted."""
    counts, rows = card.counts, card.claims
    statements = {row.id.rstrip("abcdefgh") for row in rows if row.figure}
    decided = [row for row in rows if row.outcome in (AGREE, CONTRADICT)]
    symmetric = [row for row in rows if row.symmetry and row.outcome]
    against = sum(row.outcome == CONTRADICT for row in symmetric)
    few = [row for row in decided if 0 < row.seeds < FEW]
    partly = [row for row in decided if row.missing]
    weak = [row for row in decided if row.verdict == PART and _above(row, card.level)]
    families = ranked(card)
    return [
        f"Of {len(rows)} claims, into which {len(statements)} statements about the paper's figures and those of its "
        f"text were parted, {len(decided)} {_is(len(decided))} decided: {_count(card, AGREE)}, {counts[PART]} of them "
        f"in part only, and {_count(card, CONTRADICT)}, {counts[COUNTER]} of them by counterexamples.",
        f"{_count(card, OPEN)}: of {counts[UNDECIDED]} the interval holds the line or is too wide, of {counts[SILENT]} "
        f"a test did not reject what is claimed, which does not show it, and of {counts[UNSEEN]} nothing was seen in "
        "the networks here, while more of them might show it.",
        f"{counts[UNTESTABLE]} cannot be tested here, and for {counts[UNPUBLISHED]} no network is published yet.",
        f"By symmetry no network could contradict {len(symmetric)} of the claims, and {against or 'no'} verdict does.",
        _most_contradicted(families),
        _least_decided(families),
        f"Fewer than {FEW} seeds are behind {len(few)} of the {len(decided)} decided claims, and only a part of the "
        f"networks that the claim is about is behind {len(partly)}; {len(weak)} would hold without restriction, but "
        "chance, with p adjusted for the number of claims, could do as much.",
        _not_counted(card),
    ]


def _above(row: Row, level: float) -> bool:
    return row.p_adjusted is not None and row.p_adjusted > level


def _most_contradicted(families: Sequence[Family]) -> str:
    """Which families have most contradictions among their decided claims, and which have no contradiction."""
    known = [family for family in families if family.decided >= ENOUGH]
    some = [family for family in known if family.contradicted]
    clear = [family for family in known if not family.contradicted]
    parts = []
    if some:
        named = listed([f"{family.subject} ({_decided(family)})" for family in some[:3]])
        parts.append(f"most often contradicted is what is said about {named}")
    if clear:
        named = listed([f"{family.subject} ({family.decided} of {family.judged} decided)" for family in clear])
        parts.append(f"nothing is contradicted of what is said about {named}")
    if not parts:
        return f"No subject has {ENOUGH} claims that are decided."
    words = "; ".join(parts)
    return f"Of subjects with at least {ENOUGH} decided claims, {words}."


def _decided(family: Family) -> str:
    return f"{family.outcome(CONTRADICT)} of {family.decided} decided, of {family.judged} in all"


def _least_decided(families: Sequence[Family]) -> str:
    """Which families say least, since little of them is decided; but for those of which symmetry decides all."""
    free = (family for family in families if not all(row.symmetry for row in family.rows))
    known = [family for family in free if family.judged >= ENOUGH]
    if not known:
        return f"No subject has {ENOUGH} claims that could be judged."
    least = sorted(known, key=lambda family: (family.decided / family.judged, -family.judged))[:2]
    named = listed([f"{family.subject} ({family.decided} of {family.judged} claims)" for family in least])
    return f"Least is decided of what is said about {named}."


def _not_counted(card: Scorecard) -> str:
    """What stands beside the claims, in other categories."""
    present = [name for name in BESIDE if any(row.category == name for row in card.rows)]
    words = [_beside(card, name) for name in present]
    return f"Not counted so far: {listed(words)}." if words else "There are no statements but claims."


def _beside(card: Scorecard, category: str) -> str:
    """How many rows have a category, and how many of them have each outcome."""
    rows = [row for row in card.rows if row.category == category]
    counts = [(name, sum(row.outcome == name for row in rows)) for name in OUTCOMES]
    words = listed([_outcome(name, count) for name, count in counts if count])
    return f"{BESIDE[category]} ({len(rows)}{', of which ' if words else ''}{words})"


def _count(card: Scorecard, outcome: str) -> str:
    return _outcome(outcome, card.outcomes[outcome])


def _outcome(name: str, count: int) -> str:
    """How many have an outcome, with its verb."""
    if name == AGREE:
        return f"{count} {'holds' if count == 1 else 'hold'}"
    return f"{count} {_is(count)} {name}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def summary(card: Scorecard) -> Text:
    """The sentences, a line each."""
    return Text("\n".join(f"{i}. {words}" for i, words in enumerate(sentences(card), start=1)))


def verdicts(rows: Iterable[Row]) -> str:
    """How many rows have each verdict, in words: ``11 hold, 3 hold in part and 2 are undecided``."""
    counts = counted(rows)
    return listed([f"{count} {VERBS[name][count > 1]}" for name, count in counts.items() if count])


def counts(rows: Sequence[Row]) -> str:
    """What the verdicts on rows come to, in sentences: on claims first, then on what is not counted, if any."""
    claims = [row for row in rows if row.category == CLAIM]
    sentences = [f"Of {len(claims)} claim{'s' * (len(claims) > 1)}, {verdicts(claims)}."] if claims else []
    for category, words in BESIDE.items():
        if others := [row for row in rows if row.category == category]:
            sentences.append(f"{'Not counted, ' * bool(claims)}{words}: {verdicts(others)}.")
    return " ".join(f"{sentence[:1].upper()}{sentence[1:]}" for sentence in sentences)


def rules(rows: Sequence[Row]) -> Text:
    """How many of some rows are judged as was written down before any verdict, when that was, and how many are not.

    As the repository's history has it: the thresholds are older than every verdict. Those that judge the paper's
    claims are younger than the measurements of its networks; those of the other sources are older than theirs.
    """
    fixed = [row for row in rows if not row.changed]
    early = sum(row.category in LATER for row in fixed)
    late, changed = len(fixed) - early, len(rows) - len(fixed)
    then = f"on {WRITTEN}, after the networks had been measured and described on these pages (by {DESCRIBED})"
    before = "before what decides them was measured"
    when = f": {late} {then}, and {early} {before}" if late and early else f", {then if late else before}" * bool(fixed)
    share = f"{len(fixed) or 'None'} of these {len(rows)}" if changed else f"All {len(rows)}"
    sentences = [
        f"{share} entries have the statistic and the threshold that were written down before any verdict was computed"
        f"{when}."
    ]
    if changed:
        was, says = ("was", "says") if changed == 1 else ("were", "say")
        sentences.append(f"{changed}, marked †, {was} changed or added since, and {says} why.")
    sentences.append(
        f"After a statistical review ({REVIEWED}) every rule also heeds its interval: what the interval leaves open is "
        "undecided."
    )
    return Text(" ".join(sentences))
