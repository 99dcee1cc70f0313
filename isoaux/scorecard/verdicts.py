"""From evidence to a verdict: a claim's rule, applied to its number, interval and adjusted p."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from isoaux import statistics
from isoaux.paper.claims import KINDS, Claim, Rule
from isoaux.records.evidence import Evidence

HOLDS, PART, NOT = "holds", "holds in part", "does not hold"
UNTESTABLE, UNPUBLISHED = "not testable", "not published yet"

SYMBOLS = {HOLDS: "●", PART: "◐", NOT: "○", UNTESTABLE: "–", UNPUBLISHED: "…"}
"""Every verdict with the symbol that stands for it, readable without colour."""

JUDGED = ("share", "above", "below", "calibrated")
"""Kinds of rules whose verdict also asks for p; with the others, p would test another hypothesis than the claim's."""

EQUAL = 1e-9
"""Shares that differ by so little are the same: a number of networks over another is rounded."""


@dataclass(frozen=True)
class Row:
    """A claim with its verdict and what it rests on: every number in it comes from the published ``files``.

    ``words`` say what ``number`` is; ``low`` and ``high`` are its 95% interval, and an effect is judged against its
    ``line``; ``p_adjusted`` is p within the ``family``. What does not hold is ``undecided`` where intervals leave it
    open (:func:`isoaux.scorecard.verdicts.undecided`). ``seeds`` are the fewest that it rests on; ``missing`` are
    configurations that it needs and that are not published; ``changed`` is what was changed of the claim's entry once
    verdicts had been seen.
    """

    id: str
    figure: str | None
    page: str | None
    place: str
    claim: str
    verdict: str
    undecided: bool
    symmetry: bool
    reason: str
    changed: str
    statistic: str
    number: float | None
    low: float | None
    high: float | None
    share: bool
    line: float | None
    words: str
    p: float | None
    p_adjusted: float | None
    family: str
    networks: int
    seeds: int
    files: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def symbol(self) -> str:
        """The symbol of its verdict."""
        return SYMBOLS[self.verdict]


@dataclass(frozen=True)
class Scorecard:
    """Every claim with its verdict."""

    level: float
    rows: tuple[Row, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many claims have each verdict."""
        counts = Counter(row.verdict for row in self.rows)
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
    without a rule.
    """
    if claim.rule is None:
        raise ValueError(f"{claim.id} has no rule; accepted: a claim that can be tested.")
    holds, part = _holds(claim, claim.rule, evidence, p, level)
    weak = claim.rule.kind != "calibrated" and p is not None and p > level
    if holds:
        return PART if weak else HOLDS
    return PART if part else NOT


def undecided(claim: Claim, evidence: Evidence, verdict: str) -> bool:
    """Whether a claim does not hold by its number while intervals leave open that it does, at least in part.

    Of an effect its own interval, which reaches over the line; of a share those of what was counted.
    """
    if claim.rule is None or verdict != NOT:
        return False
    if claim.rule.kind == "share":
        return evidence.reach is not None and evidence.reach >= claim.rule.part - EQUAL
    return claim.rule.kind in ("above", "below") and _low(evidence) <= claim.line <= _high(evidence)


def _holds(claim: Claim, rule: Rule, evidence: Evidence, p: float | None, level: float) -> tuple[bool, bool]:
    """Whether a claim holds by its rule, and whether at least in part; of the :data:`isoaux.paper.claims.KINDS`."""
    number, low, high = evidence.number, _low(evidence), _high(evidence)
    match rule.kind:
        case "share":
            return number >= rule.holds - EQUAL, number >= rule.part - EQUAL
        case "rare":
            return number <= rule.holds + EQUAL, number <= rule.part + EQUAL
        case "above":
            return low > claim.line, number > claim.line
        case "below":
            return high < claim.line, number < claim.line
        case "within" if claim.between is not None:
            least, most = claim.between
            return least <= number <= most, low <= most and high >= least
        case "equal":
            return low <= claim.line <= high, False
        case "exact" if claim.equals is not None:
            decimals = len(str(claim.equals).partition(".")[2])
            return abs(number - claim.equals) <= 0.5 * 10.0**-decimals, False
        case "calibrated":
            return p is not None and p > level, number >= 0.5
    raise ValueError(f"{claim.id} has a rule of kind {rule.kind!r}; accepted: {', '.join(KINDS)}, with what they need.")


def _low(evidence: Evidence) -> float:
    return evidence.number if evidence.low is None else evidence.low


def _high(evidence: Evidence) -> float:
    return evidence.number if evidence.high is None else evidence.high
