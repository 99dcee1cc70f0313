"""All claims with their verdicts, computed from published files alone; and as the file that the pages show."""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, replace
from functools import partial
from math import isfinite, nan
from pathlib import Path
from typing import Any

from isoaux.common import disk, paths
from isoaux.common.choices import choose
from isoaux.paper import claims
from isoaux.paper.claims import CATEGORIES, Claim, Claims
from isoaux.records.evidence import Evidence, NotPublished, Reader
from isoaux.scorecard import verdicts
from isoaux.scorecard.report import label, number
from isoaux.scorecard.summary import rules, sentences
from isoaux.scorecard.verdicts import MEANINGS, OUTCOMES, SYMBOLS, UNPUBLISHED, UNTESTABLE, Row, Scorecard
from isoaux.statistics.preparation import PREPARATIONS
from isoaux.studies import registry

METHOD = "Benjamini-Hochberg within each family (scipy.stats.false_discovery_control)"

PREPARED = "A p of representations is of raw ones unless the statistic's name says centred or whitened; rows name it."

ERROR = "error"
"""The one value of a network that is not a statistic of its representations."""

DIGITS = 6
"""Significant digits of what is written, so that the rounding of another machine hardly ever shows."""


def compute(folder: Path | None = None, known: Claims | None = None) -> Scorecard:
    """The verdict on every claim, from what is published in ``folder`` (None: the committed book's data).

    ``known`` are the claims that are judged, by default all of ``paper/claims.yaml``.
    """
    known = known or claims.load()
    reader = Reader(folder or paths.data())
    readers = [reader.again() for _ in known.each]
    evidence = [_decide(*pair) for pair in zip(known.each, readers, strict=True)]
    raw = [None if claim.same_as or not each else each.p for claim, each in zip(known.each, evidence, strict=True)]
    p = verdicts.adjusted([claim.family for claim in known.each], raw)
    by_id = {claim.id: value for claim, value in zip(known.each, p, strict=True)}
    p = [by_id.get(claim.same_as or claim.id) for claim in known.each]  # what is said again is adjusted once
    rows = map(partial(_row, known.level), known.each, evidence, p, readers)
    return Scorecard(known.level, tuple(rows))


def of_figures(names: Sequence[str], folder: Path | None = None) -> Scorecard:
    """The verdicts of :func:`compute` on the claims that are made with some figures, such as ``fig04``."""
    families = {claim.family for claim in claims.load().each if claim.shown and claim.shown.name in names}
    card = of_families(families, folder)  # p is adjusted among all of a family
    return replace(card, rows=tuple(row for row in card.rows if row.figure in names))


def of_families(names: Collection[str], folder: Path | None = None) -> Scorecard:
    """The verdicts of :func:`compute` on the claims of some families, such as ``training``; no other is decided."""
    known = claims.load()
    return compute(folder, replace(known, each=tuple(claim for claim in known.each if claim.family in names)))


def _decide(claim: Claim, reader: Reader) -> Evidence | None:
    """The evidence for a claim, without p where its rule does not ask for one; None where there is no evidence."""
    if claim.rule is None:
        return None
    try:
        evidence = choose(f"statistic of {claim.id}", claim.statistic, registry.deciders())(claim, reader)
    except NotPublished:
        return None
    return evidence if claim.rule.kind in verdicts.JUDGED else replace(evidence, p=None)


def _row(level: float, claim: Claim, evidence: Evidence | None, p: float | None, reader: Reader) -> Row:
    if evidence is not None:
        verdict = verdicts.judge(claim, evidence, p, level)
    else:
        verdict = UNPUBLISHED if claim.rule else UNTESTABLE
    shown = evidence or Evidence(nan)
    return Row(
        id=claim.id,
        figure=claim.shown.name if claim.shown else None,
        page=claim.page,
        place=claim.place,
        claim=claim.wording,
        verdict=verdict,
        category=claim.category,
        orientation=claim.orientation,
        same_as=claim.same_as,
        symmetry=claim.symmetry,
        reason=claim.reason or claim.why,
        changed=claim.changed,
        statistic=claim.statistic if claim.rule else "",
        rule=claim.rule.name if claim.rule else "",
        number=_rounded(shown.number),
        low=_rounded(shown.low),
        high=_rounded(shown.high),
        share=shown.share,
        yes=shown.yes,
        against=shown.against,
        undecided=shown.undecided,
        unit=shown.unit,
        line=claim.line if claim.rule and claim.rule.kind in ("above", "below", "equal") else None,
        margin=claim.margin,
        words=shown.words,
        p=_rounded(shown.p),
        preparation=_preparation(claim) if shown.p is not None else "",
        p_adjusted=_rounded(p),
        family=claim.family,
        networks=shown.networks,
        seeds=min(shown.networks, reader.fewest_seeds),
        files=tuple(sorted(reader.files)) if evidence else (),
        missing=tuple(sorted(reader.missing)),
    )


def _preparation(claim: Claim) -> str:
    """The preparations of the representations that a claim's statistics are of, raw unless a name says otherwise.

    Empty for a claim that is not about a statistic of representations.
    """
    given = claim.decide.get("value", [])
    names = [given] if isinstance(given, str) else given
    ends = (name.rpartition("_")[2] for name in names if name != ERROR)
    return ", ".join(dict.fromkeys(end if end in PREPARATIONS else "raw" for end in ends))


def _rounded(value: float | None) -> float | None:
    return float(f"{value:.{DIGITS}g}") if value is not None and isfinite(value) else None


def content(card: Scorecard) -> dict[str, Any]:
    """The scorecard as plain data: the words of verdicts, what they come to, and the rows with what pages show of them.

    Counts and summary are of the rows of category claim; ``beside`` has the verdicts on the other rows, by category.
    """
    others = [name for name in CATEGORIES if name != verdicts.CLAIM]
    return {
        "level": card.level,
        "adjusted": METHOD,
        "preparation": PREPARED,
        "symbols": SYMBOLS,
        "meanings": MEANINGS,
        "outcomes": OUTCOMES,
        "counts": card.counts,
        "counts_of_outcomes": card.outcomes,
        "beside": {name: verdicts.counted([row for row in card.rows if row.category == name]) for name in others},
        "summary": sentences(card),
        "rules": rules(card.rows).words,
        "rows": [asdict(row) | {name: of(row) for name, of in SHOWN.items()} for row in card.rows],
    }


def write(card: Scorecard, path: Path) -> Path:
    """Write the scorecard as JSON to a path, which is returned; the same data give the same bytes."""
    return disk.write_json(path, content(card))


def read(folder: Path | None = None) -> Scorecard:
    """The scorecard that is published in a folder (None: the committed book's data).

    Raises FileNotFoundError that names the command that makes it.
    """
    path = (folder or paths.data()) / "scorecard.json"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there; `python -m isoaux scorecard` writes it.")
    stored = json.loads(path.read_text("utf-8"))
    rows = []
    for row in stored["rows"]:
        fields = {name: value for name, value in row.items() if name not in SHOWN}
        rows.append(Row(**fields | {"files": tuple(row["files"]), "missing": tuple(row["missing"])}))
    return Scorecard(stored["level"], tuple(rows))


SHOWN: dict[str, Callable[[Row], Any]] = {
    "said": number,
    "symbol": lambda row: row.symbol,
    "label": label,
    "outcome": lambda row: row.outcome,
}
"""What a page shows of a row that follows from the rest of it."""
