"""The verdicts in words: five sentences, what was changed, a table by subject; all of it counted, nothing typed."""

from collections.abc import Iterable
from dataclasses import replace

from isoaux.common.numbers import number_words
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import claims
from isoaux.scorecard.verdicts import HOLDS, NOT, OPEN, PART, SYMBOLS, UNPUBLISHED, UNTESTABLE, Row, Scorecard

FEW = 5
"""The paper's number of seeds."""


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
    open_ones = [row for row in rows if row.outcome == OPEN]
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
    """The two families with the largest, and with the smallest, share of claims that hold, in words.

    Of families with at least four of the claims.
    """
    shares = []
    for name in dict.fromkeys(row.family for row in rows):
        members = [row for row in rows if row.family == name]
        if len(members) >= 4 and name not in UNJUDGED:
            shares.append((_of(members, HOLDS) / len(members), name, members))
    if not shares:
        return "nothing yet", "nothing yet"
    shares.sort(key=lambda share: -share[0])
    return _in_words(shares[:2]), _in_words(shares[:-3:-1])


def _in_words(shares: list[tuple[float, str, list[Row]]]) -> str:
    return listed([f"{FAMILIES[name]} ({_of(members, HOLDS)} of {len(members)} hold)" for _, name, members in shares])


def changes(card: Scorecard) -> Text:
    """What was changed after verdicts had been seen, and why: a line for each reason."""
    changed = [row for row in card.rows if row.changed]
    lines = [f"After verdicts had been seen, {len(changed)} of the {len(card.rows)} entries were changed:", ""]
    for why in dict.fromkeys(row.changed for row in changed):
        lines.append(f"- {_places([row for row in changed if row.changed == why])}: {why}.")
    return Text("\n".join(lines))


def _places(rows: list[Row]) -> str:
    """Where claims are made: ``Figure 3 (4a) and Figure 18 (1a, 1b)``."""
    places: dict[str, list[str]] = {}
    for row in rows:
        place = row.place.partition(",")[0] if row.figure else "running text"
        places.setdefault(place, []).append(row.id.rpartition("-")[2])
    return listed([f"{place} ({', '.join(names)})" for place, names in places.items()])


def summary(card: Scorecard) -> Text:
    """The five sentences, a line each."""
    return Text("\n".join(f"{i}. {words}" for i, words in enumerate(sentences(card), start=1)))


def by_verdict(card: Scorecard) -> Table:
    """How many claims have each verdict: a row per family, a column per verdict."""
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
    words = f"{row.number:.0%}" if row.share else number_words(row.number)
    if row.low is not None and row.high is not None:
        ends = [f"{end:.0%}" if row.share else number_words(end, digits) for end in (row.low, row.high)]
        words += f" ({ends[0]} to {ends[1]})"
    return words


def statements(card: Scorecard) -> Table:
    """What the paper says of training and of its early epochs, with the verdicts of the scorecard."""
    early = {claim.id for claim in claims.load().each if claim.decide.get("epoch") in ("first", "early")}
    rows = [row for row in card.rows if row.family == "training" or (row.id in early and row.family == "alignment")]
    return table(replace(card, rows=tuple(rows)))


def table(card: Scorecard) -> Table:
    """Every claim of a scorecard with its verdict, number and interval, what the number is, and the adjusted p."""
    rows = tuple(
        (row.place, row.claim, f"{row.symbol} {row.verdict}", number(row), row.words, _p(row.p_adjusted))
        for row in card.rows
    )
    return Table(("where", "claim", "verdict", "number (95% interval)", "of what", "adjusted p"), rows)


def _p(value: float | None) -> str:
    return "" if value is None else f"{value:.2g}" if value else "below 1e-300"
