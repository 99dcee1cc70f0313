"""From evidence to a verdict: a claim's rule, applied to its number, interval and adjusted p."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from isoaux import statistics
from isoaux.paper.claims import AT_LEAST_ONE, KINDS, Claim, Rule
from isoaux.records.evidence import Evidence

HOLDS, PART = "holds", "holds in part"
COUNTER, NOT = "counterexample", "does not hold"
SILENT, UNDECIDED, UNSEEN = "no contradiction", "undecided", "not seen"
UNTESTABLE, UNPUBLISHED = "not testable", "not published yet"

SYMBOLS = {
    HOLDS: "●",
    PART: "◐",
    COUNTER: "✕",
    NOT: "○",
    SILENT: "◌",
    UNDECIDED: "?",
    UNSEEN: "∅",
    UNTESTABLE: "–",
    UNPUBLISHED: "…",
}
"""Every verdict with the symbol that stands for it, readable without colour."""

MEANINGS = {
    HOLDS: "the number and its interval are where the claim has them",
    PART: "the number is where the claim has it or near, but not beyond chance, or not in all that the claim is about",
    COUNTER: "said of all, or said never to happen, and not so even in part: decided cases speak against it",
    NOT: "the number and its interval are on the other side",
    SILENT: "a test or an interval does not reject what is claimed, which does not show it",
    UNDECIDED: "the interval holds the line between what is claimed and the opposite, or there is no interval",
    UNSEEN: "said of some, and not one of those that were counted does it; more of them might",
    UNTESTABLE: "nothing here measures it",
    UNPUBLISHED: "no network that it is about is published, or those that are have no such number",
}
"""What every verdict says."""

AGREE, CONTRADICT, OPEN = "holds", "contradicted", "undecided"

OUTCOMES = {AGREE: (HOLDS, PART), CONTRADICT: (COUNTER, NOT), OPEN: (SILENT, UNDECIDED, UNSEEN)}
"""The three outcomes, each with its verdicts; what could not be judged has none."""

CLAIM = "claim"
"""The category whose verdicts are counted for and against the paper."""

RARE = ("few", "none")
"""Rules of claims that something is not there: what is counted speaks against them."""

JUDGED = ("share", "above", "below", "calibrated")
"""Kinds of rules whose verdict also asks for p; with the others, p would test another hypothesis than the claim's."""

EQUAL = 1e-9
"""Shares that differ by so little are the same: a number of networks over another is rounded."""


@dataclass(frozen=True)
class Row:
    """A claim with its verdict and what it rests on: every number in it comes from the published ``files``.

    ``words`` say what ``number`` is; ``low`` and ``high`` are its 95% interval, and an effect is judged against its
    ``line`` by a ``rule``, with its ``margin`` where it has one. Of a share, ``yes``, ``against`` and ``undecided`` are
    how many of its ``unit`` do what is counted, do the opposite, and may do either. ``p`` is that of representations in
    a ``preparation`` (empty where no representation is tested), ``p_adjusted`` is p within the ``family``. ``seeds``
    are the fewest that it rests on; ``missing`` are configurations that it needs and that are not published;
    ``category`` and ``orientation`` are those of the claim; ``changed`` is what was changed of the claim's entry once
    verdicts had been seen; ``same_as`` is the id of the row whose evidence it shares.
    """

    id: str
    figure: str | None
    page: str | None
    place: str
    claim: str
    verdict: str
    category: str
    orientation: str
    symmetry: bool
    reason: str
    changed: str
    statistic: str
    rule: str
    number: float | None
    low: float | None
    high: float | None
    share: bool
    yes: int | None
    against: int | None
    undecided: int | None
    unit: str
    line: float | None
    margin: float | None
    words: str
    p: float | None
    preparation: str
    p_adjusted: float | None
    family: str
    networks: int
    seeds: int
    files: tuple[str, ...]
    missing: tuple[str, ...]
    same_as: str = ""

    @property
    def symbol(self) -> str:
        """The symbol of its verdict."""
        return SYMBOLS[self.verdict]

    @property
    def counterexamples(self) -> int | None:
        """How many of what was counted decidedly do the opposite of the claim; None where the number is no share."""
        return self.yes if self.rule in RARE else self.against

    @property
    def outcome(self) -> str | None:
        """Its verdict's one of the :data:`OUTCOMES`; None where it could not be judged."""
        return next((name for name, verdicts in OUTCOMES.items() if self.verdict in verdicts), None)


@dataclass(frozen=True)
class Scorecard:
    """Every claim with its verdict."""

    level: float
    rows: tuple[Row, ...]

    @property
    def claims(self) -> tuple[Row, ...]:
        """The rows of the category claim, which are counted for and against the paper."""
        return tuple(row for row in self.rows if row.category == CLAIM)

    def of_page(self, figures: Sequence[str]) -> tuple[Row, ...]:
        """The rows that the page of some figures, such as ``fig01``, shows: those that are said of these figures.

        Of a figure that nothing is said of, those of the text that its networks decide.
        """
        shown: list[Row] = []
        for name in figures:
            decided = [row for row in self.rows if row.page == name]
            shown += [row for row in decided if row.figure == name] or decided
        return tuple(shown)

    @property
    def counts(self) -> dict[str, int]:
        """How many of the :attr:`claims` have each verdict."""
        return counted(self.claims)

    @property
    def outcomes(self) -> dict[str, int]:
        """How many of the :attr:`claims` have each of the :data:`OUTCOMES`."""
        return {name: sum(self.counts[verdict] for verdict in verdicts) for name, verdicts in OUTCOMES.items()}


def counted(rows: Iterable[Row]) -> dict[str, int]:
    """How many rows have each verdict."""
    counts = Counter(row.verdict for row in rows)
    return {verdict: counts[verdict] for verdict in SYMBOLS}


def adjusted(families: Sequence[str], p: Sequence[float | None]) -> list[float | None]:
    """The p values of claims, adjusted within their ``families`` by Benjamini and Hochberg.

    As :func:`isoaux.statistics.adjust` has it; a claim without p, whose adjusted p is None too, is no member of its
    family.
    """
    adjusted: list[float | None] = [None] * len(p)
    for name in dict.fromkeys(families):
        members = {i: value for i, value in enumerate(p) if families[i] == name and value is not None}
        if members:
            for i, value in zip(members, statistics.adjust(list(members.values()), "bh"), strict=True):
                adjusted[i] = float(value)
    return adjusted


def judge(claim: Claim, evidence: Evidence, p: float | None, level: float) -> str:
    """The verdict on a claim from its evidence; ``p`` is the adjusted one, ``level`` what it has to reach.

    What holds by its number, but is not beyond chance once p is adjusted, holds in part. Raises ValueError for a claim
    without a rule, and for a share of which nothing says how many were counted.
    """
    if claim.rule is None:
        raise ValueError(f"{claim.id} has no rule; accepted: a claim that can be tested.")
    verdict = _by_kind(claim, claim.rule, evidence, p, level)
    weak = claim.rule.kind != "calibrated" and p is not None and p > level
    return PART if verdict == HOLDS and weak else verdict


def _by_kind(claim: Claim, rule: Rule, evidence: Evidence, p: float | None, level: float) -> str:
    """The verdict by a rule of one of the :data:`isoaux.paper.claims.KINDS`, before p is asked for."""
    match rule.kind:
        case "share":
            return _share(claim, rule, evidence)
        case "rare":
            return _rare(claim, rule, evidence)
        case "above":
            return _beyond(claim.line, *_ends(evidence))
        case "below":
            low, high = _ends(evidence)
            return _beyond(-claim.line, -high, -low)
        case "within" if claim.between is not None:
            return _within(evidence, *claim.between)
        case "equal" if claim.margin is not None:
            return _equal(claim.line, claim.margin, *_ends(evidence))
        case "exact" if claim.equals is not None:
            decimals = len(str(claim.equals).partition(".")[2])
            return HOLDS if abs(evidence.number - claim.equals) <= 0.5 * 10.0**-decimals else NOT
        case "calibrated":
            if p is not None and p > level:
                return SILENT
            return PART if evidence.number >= 0.5 else NOT
    raise ValueError(f"{claim.id} has a rule of kind {rule.kind!r}; accepted: {', '.join(KINDS)}, with what they need.")


def _share(claim: Claim, rule: Rule, evidence: Evidence) -> str:
    """Of every, most or some that were counted: enough, enough in part, or not; ``every`` is refuted by one."""
    yes, against, reach = _counts(claim, evidence)
    if evidence.number >= rule.holds - EQUAL:
        return HOLDS
    if evidence.number >= rule.part - EQUAL:
        return PART
    if rule.name == "every" and against > 0:
        return COUNTER
    if rule.name in AT_LEAST_ONE and yes == 0:
        return UNSEEN
    return UNDECIDED if max(reach, _ends(evidence)[1]) >= rule.part - EQUAL else NOT


def _rare(claim: Claim, rule: Rule, evidence: Evidence) -> str:
    """Of few or none that were counted: no more than that, in part, or more; ``none`` is refuted by one."""
    yes, _, _ = _counts(claim, evidence)
    if evidence.number <= rule.holds + EQUAL:
        return SILENT if evidence.accepted else HOLDS
    if evidence.number <= rule.part + EQUAL:
        return PART
    if _ends(evidence)[0] > rule.part + EQUAL:
        return NOT
    return COUNTER if rule.name == "none" and yes > 0 else UNDECIDED


def _counts(claim: Claim, evidence: Evidence) -> tuple[int, int, float]:
    """How many of what was counted do it, how many the opposite, and the share if everything undecided did it."""
    if evidence.yes is None or evidence.against is None or evidence.reach is None:
        raise ValueError(f"{claim.id} has evidence that counts nothing; accepted: what evidence.share returns.")
    return evidence.yes, evidence.against, evidence.reach


def _beyond(line: float, low: float, high: float) -> str:
    """Whether an interval lies above a line, below it, or holds it."""
    if low > line:
        return HOLDS
    return NOT if high < line else UNDECIDED


def _within(evidence: Evidence, least: float, most: float) -> str:
    """Whether a number lies in a range, with its interval; a number without one, as a closed form, by itself."""
    low = evidence.number if evidence.low is None else evidence.low
    high = evidence.number if evidence.high is None else evidence.high
    if least <= evidence.number <= most:
        return HOLDS if least <= low and high <= most else PART
    return UNDECIDED if low <= most and high >= least else NOT


def _equal(line: float, margin: float, low: float, high: float) -> str:
    """Whether an interval lies within a margin of a line, holds the line, reaches the margin, or lies beyond it."""
    if line - margin <= low and high <= line + margin:
        return HOLDS
    if low <= line <= high:
        return SILENT
    return UNDECIDED if low <= line + margin and high >= line - margin else NOT


def _ends(evidence: Evidence) -> tuple[float, float]:
    """The ends of the interval, infinite where there is none: a number alone is beyond no line."""
    low, high = evidence.low, evidence.high
    return -inf if low is None else low, inf if high is None else high
