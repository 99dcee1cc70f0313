"""All claims with their verdicts, as data, as tables, and in five sentences; computed from published files alone."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any

from isoaux import cache, claims, paths, verdicts
from isoaux.choices import choose
from isoaux.claims import Claim, Claims
from isoaux.deciders import DECIDERS
from isoaux.evidence import Evidence, NotPublished, Reader, number_words
from isoaux.tables import Table, Text, listed
from isoaux.verdicts import HOLDS, NOT, PART, SYMBOLS, UNPUBLISHED, UNTESTABLE

METHOD = "Benjamini-Hochberg within each family (scipy.stats.false_discovery_control)"

DIGITS = 6
"""Significant digits of what is written, so that every machine writes the same file."""

FEW = 5
"""The paper's number of seeds."""


@dataclass(frozen=True)
class Row:
    """A claim and what was found: every number in it comes from the published ``files``.

    ``words`` say what ``number`` is; ``low`` and ``high`` are its 95% interval, and an effect is judged against its
    ``line``; ``p_adjusted`` is p within the ``family``. What does not hold is ``undecided`` where intervals leave it open
    (:func:`isoaux.verdicts.undecided`). ``seeds`` are the fewest of any file that was read; ``missing`` are
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


def _decide(claim: Claim, reader: Reader) -> Evidence | None:
    if claim.rule is None:
        return None
    try:
        return choose(f"statistic of {claim.id}", claim.statistic, DECIDERS)(claim, reader)
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
        claim.id,
        claim.shown.name if claim.shown else None,
        claim.page,
        claim.place,
        claim.wording,
        verdict,
        own is not None and verdicts.undecided(claim, own, verdict),
        claim.symmetry,
        claim.reason or claim.why,
        claim.changed,
        claim.statistic if claim.rule else "",
        _rounded(own.number if own else None),
        _rounded(own.low if own else None),
        _rounded(own.high if own else None),
        own is not None and own.share,
        claim.line if claim.rule and claim.rule.kind in ("above", "below") else None,
        own.words if own else "",
        _rounded(own.p if own else None),
        _rounded(p),
        claim.family,
        own.networks if own else 0,
        reader.fewest_seeds if own and own.networks else 0,
        tuple(sorted(reader.files)) if own else (),
        tuple(sorted(reader.missing)),
    )


def _rounded(value: float | None) -> float | None:
    return float(f"{value:.{DIGITS}g}") if value is not None and isfinite(value) else None


# --- as data


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
    return cache.write_json(path, content(card))


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


# --- in words


def sentences(card: Scorecard) -> list[str]:
    """What came out, in five sentences that are made from the verdicts."""
    counts, rows = card.counts, card.rows
    statements = {row.id.rstrip("abcdefgh") for row in rows if row.figure}
    decided = [row for row in rows if row.verdict in (HOLDS, PART, NOT)]
    by_symmetry = [row for row in decided if row.symmetry]
    facts = [row for row in decided if row.family in UNJUDGED]
    free = [row for row in decided if not row.symmetry and row.family not in UNJUDGED]
    best, worst = _families(free)
    few = [row for row in decided if 0 < row.seeds < FEW]
    partly = [row for row in decided if row.missing]
    open_ones = [row for row in rows if row.undecided]
    weak = [
        row for row in decided if row.verdict == PART and row.p_adjusted is not None and row.p_adjusted > card.level
    ]
    return [
        f"Of {len(rows)} claims, into which {len(statements)} statements about the paper's figures and those of its "
        f"text were parted, {counts[HOLDS]} hold, {counts[PART]} hold in part and {counts[NOT]} do not hold; "
        f"{counts[UNTESTABLE]} cannot be tested here, and for {counts[UNPUBLISHED]} no network is published yet.",
        f"{len(by_symmetry)} of them follow from symmetry, and {_all_or(by_symmetry)} with what was measured; "
        f"{len(facts)} state settings or formulas; of the other {len(free)} that could be judged, {_of(free, HOLDS)} "
        "hold.",
        f"Best borne out is what is said about {best}.",
        f"Least borne out is what is said about {worst}.",
        f"{len(open_ones)} of those that do not hold are undecided, since intervals leave them open; "
        f"{len(few)} of the {len(decided)} verdicts rest on fewer than {FEW} seeds and {len(partly)} on a part of the "
        f"networks that the claim is about, and {len(weak)} claims hold in part only because chance, with p adjusted "
        "for the number of claims, could do as much.",
    ]


def _of(rows: Iterable[Row], verdict: str) -> int:
    return sum(row.verdict == verdict for row in rows)


def _all_or(rows: list[Row]) -> str:
    agree = _of(rows, HOLDS)
    return f"all {agree} agree" if agree == len(rows) else f"{agree} agree"


FAMILIES = {
    "alignment": "alignment with axes and diagonals",
    "sharpness": "how narrow beams are and where",
    "smoothness": "how smooth isotropic networks are",
    "training": "what changes through training",
    "counts": "the number of points",
    "brightness": "the brightness of panels",
    "depth": "depth",
    "width": "width",
    "layers": "later latent layers",
    "pixels": "standardised pixels",
    "start": "networks before training",
    "errors": "reconstruction errors",
    "artefacts": "the artefacts of Appendix A",
    "thresholds": "thresholds",
    "remedies": "robustness and corrected maps",
    "setting": "settings",
    "closed_forms": "closed forms",
    "symmetry": "isotropic networks having no preferred axes",
    "symmetry_counts": "isotropic points against the width",
}
"""What the families of claims are about."""

UNJUDGED = ("setting", "closed_forms")
"""Families that say how something was made or what a formula gives: not what the summary is about."""


def _families(rows: list[Row]) -> tuple[str, str]:
    """The families with the largest and the smallest share of claims that hold, in words; of at least four claims."""
    shares = []
    for name in dict.fromkeys(row.family for row in rows):
        members = [row for row in rows if row.family == name]
        if len(members) >= 4 and name not in UNJUDGED:
            shares.append((_of(members, HOLDS) / len(members), name, members))
    if not shares:
        return "nothing yet", "nothing yet"
    shares.sort(key=lambda each: -each[0])
    return _said(shares[:2]), _said(shares[:-3:-1])


def _said(shares: list[tuple[float, str, list[Row]]]) -> str:
    return listed([f"{FAMILIES[name]} ({_of(members, HOLDS)} of {len(members)} hold)" for _, name, members in shares])


def summary(card: Scorecard) -> Text:
    """The five sentences, a line each."""
    return Text("\n".join(f"{i}. {words}" for i, words in enumerate(sentences(card), start=1)))


def by_verdict(card: Scorecard) -> Table:
    """How many claims have each verdict, by family."""
    heads = [f"{symbol} {verdict}" for verdict, symbol in SYMBOLS.items()]
    rows = []
    for name in FAMILIES:
        members = [row for row in card.rows if row.family == name]
        if members:
            rows.append((FAMILIES[name], *(str(_of(members, verdict) or "") for verdict in SYMBOLS)))
    rows.append(("not assigned, cannot be tested", "", "", "", str(_of(card.rows, UNTESTABLE)), ""))
    rows.append(("**all**", *(f"**{count}**" for count in card.counts.values())))
    return Table(("what is said about", *heads), tuple(rows))


def number(row: Row) -> str:
    """A row's number with its interval, in words; empty where it has none."""
    if row.number is None:
        return ""
    digits = 3 if abs(row.number) >= 1 else 2
    said = f"{row.number:.0%}" if row.share else number_words(row.number)
    if row.low is not None and row.high is not None:
        ends = [f"{end:.0%}" if row.share else number_words(end, digits) for end in (row.low, row.high)]
        said += f" ({ends[0]} to {ends[1]})"
    return said


SHOWN: dict[str, Callable[[Row], Any]] = {
    "said": number,
    "symbol": lambda row: row.symbol,
}
"""What a page shows of a row that follows from the rest of it."""
