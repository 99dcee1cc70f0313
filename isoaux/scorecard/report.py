"""The verdicts in tables: by subject, all of them, those on training; and what was changed since they were seen."""

from dataclasses import replace

from isoaux.common.numbers import number_words
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import claims
from isoaux.scorecard.families import Family, ranked
from isoaux.scorecard.verdicts import COUNTER, MEANINGS, OUTCOMES, SYMBOLS, UNSEEN, Row, Scorecard

CHANGED = "†"
"""Marks what was changed after verdicts had been seen."""

EARLY = ("training", "alignment")
"""The families of the claims that :func:`statements` shows: all of the first, and of the second those of its start."""

BESIDE = {
    "setting": "settings, not counted",
    "derived": "what follows from the paper's definitions, not counted",
    "method": "what the paper on the Spotlight Resonance Method says, not counted",
    "proposal": "proposals of the paper, not counted",
    "ours": "ours, of networks beyond the paper, not counted",
    "post": "what the post on the polytope lens says, not counted",
    "primer": "what the primer on representations says, not counted",
    "repeat": "what is said a second time, not counted again",
}
"""Lines of the table by subject for the other categories than claims."""


def changes(card: Scorecard) -> Text:
    """What was changed after verdicts had been seen, and why: a line for each reason."""
    changed = [row for row in card.rows if row.changed]
    lines = [f"Since verdicts were seen, {len(changed)} of the {len(card.rows)} entries were changed or added:", ""]
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


def meanings(card: Scorecard) -> Table:
    """Every verdict with its symbol, what it means, and how many claims have it, grouped by outcome."""
    rows = [
        (outcome, f"{SYMBOLS[verdict]} {verdict}", MEANINGS[verdict], str(card.counts[verdict]))
        for outcome, verdicts in (*OUTCOMES.items(), ("not judged", _unjudged()))
        for verdict in verdicts
    ]
    return Table(("outcome", "verdict", "what it means", "claims"), tuple(rows))


def _unjudged() -> tuple[str, ...]:
    judged = {verdict for verdicts in OUTCOMES.values() for verdict in verdicts}
    return tuple(verdict for verdict in SYMBOLS if verdict not in judged)


def by_verdict(card: Scorecard) -> Table:
    """How many claims have each verdict: a row per family, those with most contradictions among decided claims first.

    Below them all claims, and the rows of the other categories, which are not counted. Verdicts are told by their
    symbols, which :func:`meanings` explains.
    """
    heads = ["decided", "of these contradicted", *SYMBOLS.values()]
    families = ranked(card)
    assigned = {row.id for family in families for row in family.rows}
    rows = [_counted(family.subject, family) for family in families]
    rest = tuple(row for row in card.claims if row.id not in assigned)
    if rest:
        rows.append(_counted("not assigned, cannot be tested", Family("", rest)))
    rows.append(tuple(f"**{cell}**" if cell else "" for cell in _counted("all claims", Family("", card.claims))))
    for category, words in BESIDE.items():
        members = tuple(row for row in card.rows if row.category == category)
        if members:
            rows.append(_counted(words, Family("", members)))
    return Table(("what is said about", *heads), tuple(rows))


def _counted(words: str, family: Family) -> tuple[str, ...]:
    decided = f"{family.decided} of {family.judged}" if family.judged else ""
    contradicted = f"{family.contradicted:.0%}" if family.decided else ""
    return (words, decided, contradicted, *(str(family.verdict(name) or "") for name in SYMBOLS))


def label(row: Row) -> str:
    """A row's verdict in words: how many were looked at where nothing was seen, how many counterexamples there are."""
    counted = (row.yes or 0) + (row.against or 0) + (row.undecided or 0)
    unit = "seeds" if row.unit == "networks" and counted == row.seeds else row.unit
    unit = unit.removesuffix("s") if counted == 1 else unit
    if row.verdict == UNSEEN:
        return f"{row.verdict} in {counted} {unit}"
    if row.verdict == COUNTER:
        return f"{row.verdict}: {row.counterexamples} of {counted} {unit}"
    return row.verdict


def number(row: Row) -> str:
    """A row's number with its interval, in words; empty where it has no number."""
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
    training, alignment = EARLY
    rows = [row for row in card.rows if row.family == training or (row.id in early and row.family == alignment)]
    return table(replace(card, rows=tuple(rows)))


def table(card: Scorecard) -> Table:
    """Every claim of a scorecard with its verdict, number and interval, what the number is, and the adjusted p.

    What was changed after verdicts had been seen is marked with a dagger; p says of which representations it is.
    """
    rows = tuple(
        (row.place, _marked(row), f"{row.symbol} {label(row)}", number(row), row.words, _p(row)) for row in card.rows
    )
    return Table(("where", "claim", "verdict", "number (95% interval)", "of what", "adjusted p"), rows)


def _marked(row: Row) -> str:
    return f"{row.claim} {CHANGED}" if row.changed else row.claim


def _p(row: Row) -> str:
    value = row.p_adjusted
    if value is None:
        return ""
    words = f"{value:.2g}" if value else "below 1e-300"
    return f"{words} ({row.preparation})" if row.preparation else words
