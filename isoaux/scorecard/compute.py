"""All claims with their verdicts, computed from published files alone; and as the file that the pages show."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from math import isfinite
from pathlib import Path
from typing import Any

from isoaux.common import disk, paths
from isoaux.common.choices import choose
from isoaux.paper import claims
from isoaux.paper.claims import Claim, Claims
from isoaux.records.evidence import Evidence, NotPublished, Reader
from isoaux.scorecard import verdicts
from isoaux.scorecard.report import number, sentences
from isoaux.scorecard.verdicts import SYMBOLS, UNPUBLISHED, UNTESTABLE, Row, Scorecard
from isoaux.studies import registry

METHOD = "Benjamini-Hochberg within each family (scipy.stats.false_discovery_control)"

DIGITS = 6
"""Significant digits of what is written, so that the rounding of another machine hardly ever shows."""


def compute(folder: Path | None = None, known: Claims | None = None) -> Scorecard:
    """The verdict on every claim, from what is published in ``folder`` (default: the committed book's data)."""
    known = known or claims.load()
    reader = Reader(folder or paths.data())
    found: list[tuple[Claim, Evidence | None, Reader]] = []
    for claim in known.each:
        own = reader.again()
        found.append((claim, _decide(claim, own), own))
    found = [(claim, _asked(claim, own), reader) for claim, own, reader in found]
    p = verdicts.adjusted([claim.family for claim, _, _ in found], [e.p if e else None for _, e, _ in found])
    rows = [_row(claim, e, q, own, known.level) for (claim, e, own), q in zip(found, p, strict=True)]
    return Scorecard(known.level, tuple(rows))


def of_figures(names: Sequence[str], folder: Path | None = None) -> Scorecard:
    """The verdicts of :func:`compute` on the claims that are made with some figures, such as ``fig04``."""
    known = claims.load()
    families = {claim.family for claim in known.each if claim.shown and claim.shown.name in names}
    members = tuple(claim for claim in known.each if claim.family in families)  # p is adjusted among all of them
    card = compute(folder, replace(known, each=members))
    return replace(card, rows=tuple(row for row in card.rows if row.figure in names))


def _decide(claim: Claim, reader: Reader) -> Evidence | None:
    if claim.rule is None:
        return None
    try:
        return choose(f"statistic of {claim.id}", claim.statistic, registry.deciders())(claim, reader)
    except NotPublished:
        return None


def _asked(claim: Claim, own: Evidence | None) -> Evidence | None:
    """The evidence without p where the claim's rule does not ask for one."""
    asked = claim.rule is not None and claim.rule.kind in verdicts.JUDGED
    return own if asked or own is None else replace(own, p=None)


def _row(claim: Claim, own: Evidence | None, p: float | None, reader: Reader, level: float) -> Row:
    if own is not None:
        verdict = verdicts.judge(claim, own, p, level)
    else:
        verdict = UNPUBLISHED if claim.rule else UNTESTABLE
    return Row(
        id=claim.id,
        figure=claim.shown.name if claim.shown else None,
        page=claim.page,
        place=claim.place,
        claim=claim.wording,
        verdict=verdict,
        undecided=own is not None and verdicts.undecided(claim, own, verdict),
        symmetry=claim.symmetry,
        reason=claim.reason or claim.why,
        changed=claim.changed,
        statistic=claim.statistic if claim.rule else "",
        number=_rounded(own.number if own else None),
        low=_rounded(own.low if own else None),
        high=_rounded(own.high if own else None),
        share=own is not None and own.share,
        line=claim.line if claim.rule and claim.rule.kind in ("above", "below") else None,
        words=own.words if own else "",
        p=_rounded(own.p if own else None),
        p_adjusted=_rounded(p),
        family=claim.family,
        networks=own.networks if own else 0,
        seeds=min(own.networks, reader.fewest_seeds) if own else 0,
        files=tuple(sorted(reader.files)) if own else (),
        missing=tuple(sorted(reader.missing)),
    )


def _rounded(value: float | None) -> float | None:
    return float(f"{value:.{DIGITS}g}") if value is not None and isfinite(value) else None


def content(card: Scorecard) -> dict[str, Any]:
    """The scorecard as plain data."""
    return {
        "level": card.level,
        "adjusted": METHOD,
        "symbols": SYMBOLS,
        "counts": card.counts,
        "summary": sentences(card),
        "rows": [asdict(row) | {name: of(row) for name, of in SHOWN.items()} for row in card.rows],
    }


def write(card: Scorecard, path: Path) -> Path:
    """Write the scorecard as JSON; the same data give the same bytes."""
    return disk.write_json(path, content(card))


def read(folder: Path | None = None) -> Scorecard:
    """The scorecard that is published in a folder; raises FileNotFoundError that names the command that makes it."""
    path = (folder or paths.data()) / "scorecard.json"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there; `python -m isoaux scorecard` writes it.")
    found = json.loads(path.read_text("utf-8"))
    rows = []
    for row in found["rows"]:
        own = {name: value for name, value in row.items() if name not in SHOWN}
        rows.append(Row(**own | {"files": tuple(row["files"]), "missing": tuple(row["missing"])}))
    return Scorecard(found["level"], tuple(rows))


SHOWN: dict[str, Callable[[Row], Any]] = {
    "said": number,
    "symbol": lambda row: row.symbol,
}
"""What a page shows of a row that follows from the rest of it."""
