"""From evidence to a verdict: a claim's rule, applied to its number, interval and adjusted p."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from isoaux import statistics
from isoaux.paper.claims import Claim, Rule
from isoaux.records.evidence import Evidence

HOLDS, PART, NOT = "holds", "holds in part", "does not hold"
UNTESTABLE, UNPUBLISHED = "not testable", "not published yet"

SYMBOLS = {HOLDS: "●", PART: "◐", NOT: "○", UNTESTABLE: "–", UNPUBLISHED: "…"}
"""Every verdict with the symbol that stands for it, readable without colour."""

JUDGED = ("share", "above", "below", "calibrated")
"""Kinds of rules for which p is asked; of a number within a range, say, it would test something else."""

EQUAL = 1e-9


@dataclass(frozen=True)
class Row:
    """A claim and what was found: every number in it comes from the published ``files``.

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
        found = Counter(row.verdict for row in self.rows)
        return {verdict: found[verdict] for verdict in SYMBOLS}


def adjusted(families: Sequence[str], p: Sequence[float | None]) -> list[float | None]:
    """p values adjusted within their families by Benjamini and Hochberg (:func:`isoaux.statistics.adjust`).

    A claim without p is no member of its family.
    """
    found: list[float | None] = [None] * len(p)
    for name in dict.fromkeys(families):
        members = {i: value for i, value in enumerate(p) if families[i] == name and value is not None}
        if members:
            for i, value in zip(members, statistics.adjust(list(members.values()), "bh"), strict=True):
                found[i] = float(value)
    return found


def judge(claim: Claim, evidence: Evidence, p: float | None, level: float) -> str:
    """The verdict on a testable claim; ``p`` is the adjusted one.

    What holds by its number, but is not beyond chance once p is adjusted, holds in part.
    """
    if claim.rule is None:
        raise ValueError(f"{claim.id} has no rule; accepted: a claim that can be tested.")
    found = _RULES[claim.rule.kind](claim, claim.rule, evidence, level, p)
    weak = claim.rule.kind != "calibrated" and p is not None and p > level
    return PART if found == HOLDS and weak else found


def undecided(claim: Claim, evidence: Evidence, verdict: str) -> bool:
    """Whether a claim does not hold by its number while intervals leave open that it does, at least in part.

    Of an effect its own interval, which reaches over the line; of a share those of what was counted.
    """
    if claim.rule is None or verdict != NOT:
        return False
    if claim.rule.kind == "share":
        return evidence.reach is not None and evidence.reach >= claim.rule.part - EQUAL
    return claim.rule.kind in ("above", "below") and _low(evidence) <= claim.line <= _high(evidence)


def _verdict(holds: bool, part: bool) -> str:
    return HOLDS if holds else PART if part else NOT


def _share(claim: Claim, rule: Rule, own: Evidence, level: float, p: float | None) -> str:
    return _verdict(own.number >= rule.holds - EQUAL, own.number >= rule.part - EQUAL)


def _rare(claim: Claim, rule: Rule, own: Evidence, level: float, p: float | None) -> str:
    return _verdict(own.number <= rule.holds + EQUAL, own.number <= rule.part + EQUAL)


def _above(claim: Claim, rule: Rule, own: Evidence, level: float, p: float | None) -> str:
    return _verdict(_low(own) > claim.line, own.number > claim.line)


def _below(claim: Claim, rule: Rule, own: Evidence, level: float, p: float | None) -> str:
    return _verdict(_high(own) < claim.line, own.number < claim.line)


def _within(claim: Claim, rule: Rule, own: Evidence, level: float, p: float | None) -> str:
    assert claim.between is not None
    low, high = claim.between
    return _verdict(low <= own.number <= high, _low(own) <= high and _high(own) >= low)


def _equal(claim: Claim, rule: Rule, own: Evidence, level: float, p: float | None) -> str:
    return _verdict(_low(own) <= claim.line <= _high(own), False)


def _exact(claim: Claim, rule: Rule, own: Evidence, level: float, p: float | None) -> str:
    assert claim.equals is not None
    decimals = len(str(claim.equals).partition(".")[2])
    return _verdict(abs(own.number - claim.equals) <= 0.5 * 10.0**-decimals, False)


def _calibrated(claim: Claim, rule: Rule, own: Evidence, level: float, p: float | None) -> str:
    return _verdict(p is not None and p > level, own.number >= 0.5)


def _low(own: Evidence) -> float:
    return own.number if own.low is None else own.low


def _high(own: Evidence) -> float:
    return own.number if own.high is None else own.high


_RULES: Mapping[str, Callable[[Claim, Rule, Evidence, float, float | None], str]] = {
    "share": _share,
    "rare": _rare,
    "above": _above,
    "below": _below,
    "within": _within,
    "equal": _equal,
    "exact": _exact,
    "calibrated": _calibrated,
}
