"""Sentences, ranking and tables of verdicts, against counting by hand and a second count with fractions."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isoaux.paper.claims import CATEGORIES
from isoaux.scorecard import families, figures, report, summary
from isoaux.scorecard.families import SUBJECTS, ranked
from isoaux.scorecard.verdicts import (
    COUNTER,
    HOLDS,
    NOT,
    OUTCOMES,
    PART,
    SILENT,
    SYMBOLS,
    UNDECIDED,
    UNPUBLISHED,
    UNSEEN,
    UNTESTABLE,
    Row,
    Scorecard,
)


def row(family: str, verdict: str, id: str = "fig01-1", **about: object) -> Row:
    """A row that rests on five networks, unless another is asked for."""
    nothing = verdict in (UNTESTABLE, UNPUBLISHED)
    given_fields: dict[str, object] = {
        "id": id,
        "figure": id.partition("-")[0] if id.startswith("fig") else None,
        "page": "fig01",
        "place": "Figure 1, text" if id.startswith("fig") else "Sec. 4, text",
        "claim": "It is so.",
        "verdict": verdict,
        "category": "claim",
        "orientation": "",
        "symmetry": False,
        "reason": "for this test",
        "changed": "",
        "statistic": "differs",
        "rule": "every",
        "number": None if nothing else 0.4,
        "low": None,
        "high": None,
        "share": False,
        "yes": None,
        "against": None,
        "undecided": None,
        "unit": "",
        "line": None,
        "margin": None,
        "words": "of them",
        "p": None,
        "p_adjusted": None,
        "preparation": "",
        "family": family,
        "networks": 5,
        "seeds": 5,
        "files": (),
        "missing": (),
    }
    return Row(**given_fields | about)


CARD = Scorecard(
    0.05,
    (
        row("depth", COUNTER, "fig01-1a"),
        row("depth", NOT, "fig01-1b", seeds=3, changed="after a statistical review: it was wrong"),
        row("depth", HOLDS, "fig01-2"),
        row("depth", PART, "fig01-3", p=0.01, p_adjusted=0.2, preparation="raw"),
        row("depth", UNDECIDED, "fig01-4"),
        row("layers", NOT, "fig02-1"),
        *(row("layers", HOLDS, f"fig02-{i}") for i in (2, 3, 4)),
        *(row("layers", UNSEEN, f"fig02-{i}") for i in (5, 6)),
        *(row("width", HOLDS, f"fig03-{i}", missing=("cifar-N-tanh-n18-L0",)) for i in (1, 2)),
        *(row("width", PART, f"fig03-{i}") for i in (3, 4)),
        *(row("training", UNDECIDED, f"fig03-{i}") for i in (5, 6, 7)),
        row("training", HOLDS, "text-1"),
        row("pixels", NOT, "fig04-1"),
        *(
            row("symmetry", SILENT, f"fig04-{i}", symmetry=True, p=0.3, p_adjusted=0.3, preparation="raw")
            for i in (2, 3, 4, 5)
        ),
        row("errors", UNPUBLISHED, "fig05-1"),
        row("", UNTESTABLE, "fig05-2"),
        row("artefacts", NOT, "fig06-1", category="derived"),
        row("artefacts", HOLDS, "fig06-2", category="derived"),
        row("setting", HOLDS, "fig06-3", category="setting"),
        row("remedies", UNDECIDED, "text-2", category="proposal"),
        row("width", HOLDS, "text-3", category="repeat", same_as="fig03-1"),
    ),
)
"""Rows whose counts are counted by hand below."""


def test_the_sentences_are_those_that_were_counted_by_hand():
    assert summary.sentences(CARD) == [
        "Of 26 claims, into which 24 statements about the paper's figures and those of its text were parted, 14 are "
        "decided: 10 hold, 3 of them in part only, and 4 are contradicted, 1 of them by counterexamples.",
        "10 are undecided: of 4 the interval holds the line or is too wide, of 4 a test did not reject what is "
        "claimed, which does not show it, and of 2 nothing was seen in the networks here, while more of them might "
        "show it.",
        "1 cannot be tested here, and for 1 no network is published yet.",
        "By symmetry no network could contradict 4 of the claims, and no verdict does.",
        "Of subjects with at least 4 decided claims, most often contradicted is what is said about depth (2 of 4 "
        "decided, of 5 in all) and later latent layers (1 of 4 decided, of 6 in all); nothing is contradicted of what "
        "is said about width (4 of 4 decided).",
        "Least is decided of what is said about what changes through training (1 of 4 claims) and later latent layers "
        "(4 of 6 claims).",
        "Fewer than 5 seeds are behind 1 of the 14 decided claims, and only a part of the networks that the claim is "
        "about is behind 2; 1 would hold without restriction, but chance, with p adjusted for the number of claims, "
        "could do as much.",
        "Not counted so far: settings (1, of which 1 holds), what follows from the paper's definitions without being "
        "printed (2, of which 1 holds and 1 is contradicted), what the paper proposes without a result (1, of which 1 "
        "is undecided) and what the paper says a second time (1, of which 1 holds).",
    ]


def test_families_are_ranked_by_contradictions_among_what_is_decided():
    names = [family.name for family in ranked(CARD)]
    assert names == ["pixels", "depth", "layers", "training", "width", "symmetry", "errors"]
    depth = ranked(CARD)[1]
    assert (depth.subject, depth.decided, depth.judged, depth.contradicted) == ("depth", 4, 5, 0.5)


def test_the_table_by_subject_is_in_that_order_and_shows_what_is_not_counted():
    table = report.by_verdict(CARD)
    assert table.head[3:] == ("●", "◐", "✕", "○", "◌", "?", "∅", "–", "…")
    assert [cells[:3] for cells in table.rows] == [
        ("standardised pixels", "1 of 1", "100%"),
        ("depth", "4 of 5", "50%"),
        ("later latent layers", "4 of 6", "25%"),
        ("what changes through training", "1 of 4", "0%"),
        ("width", "4 of 4", "0%"),
        ("isotropic networks having no preferred axes", "0 of 4", ""),
        ("reconstruction errors", "", ""),
        ("not assigned, cannot be tested", "", ""),
        ("**all claims**", "**14 of 24**", "**29%**"),
        ("settings, not counted", "1 of 1", "0%"),
        ("what follows from the paper's definitions, not counted", "2 of 2", "50%"),
        ("proposals of the paper, not counted", "0 of 1", ""),
        ("what is said a second time, not counted again", "1 of 1", "0%"),
    ]
    assert table.rows[1][3:] == ("1", "1", "1", "1", "", "1", "", "", "")
    assert table.rows[8][3:] == tuple(f"**{count}**" for count in (7, 3, 1, 3, 4, 4, 2, 1, 1))


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_is_no_claim_never_counts(outcome):
    """Whatever the verdicts on settings, derived statements and proposals are."""
    (verdict, *_) = OUTCOMES[outcome]
    other = replace(CARD, rows=tuple(r if r.category == "claim" else replace(r, verdict=verdict) for r in CARD.rows))
    fewer = replace(CARD, rows=CARD.claims)
    for card in (other, fewer):
        assert summary.sentences(card)[:-1] == summary.sentences(CARD)[:-1]
        assert (card.counts, card.outcomes, ranked(card)) == (CARD.counts, CARD.outcomes, ranked(CARD))
        assert figures.bars(card).alt == figures.bars(CARD).alt
        assert report.meanings(card) == report.meanings(CARD)
        lines = len(report.by_verdict(fewer).rows)
        assert report.by_verdict(card).rows[:lines] == report.by_verdict(CARD).rows[:lines]


verdict_names = st.sampled_from(list(SYMBOLS))
names = st.sampled_from(list(SUBJECTS)[:6])


@given(st.lists(st.builds(row, names, verdict_names), max_size=40))
def test_the_ranking_is_that_of_fractions(rows):
    card = Scorecard(0.05, tuple(rows))
    places = []
    for family in ranked(card):
        against = sum(r.family == family.name and r.verdict in ("counterexample", "does not hold") for r in rows)
        agree = sum(r.family == family.name and r.verdict in ("holds", "holds in part") for r in rows)
        places.append((Fraction(against, against + agree) if against + agree else None, against, agree))
    decided = [place for place in places if place[0] is not None]
    assert decided == sorted(decided, key=lambda place: (-place[0], -place[1], place[2] if not place[1] else 0))
    assert places == decided + [place for place in places if place[0] is None], "what is undecided is last"
    assert {family.name for family in ranked(card)} == {r.family for r in rows}
    outcomes = [sum(family.outcome(name) for family in ranked(card)) for name in OUTCOMES]
    assert outcomes == list(card.outcomes.values())
    for words in summary.sentences(card):
        assert words.endswith(".")


def test_a_verdict_says_how_many_were_looked_at():
    seen = {"yes": 0, "against": 2, "undecided": 1, "unit": "networks", "rule": "some"}
    assert report.label(row("depth", UNSEEN, **seen, seeds=3)) == "not seen in 3 seeds"
    assert report.label(row("depth", UNSEEN, **seen, seeds=2)) == "not seen in 3 networks"
    one = seen | {"against": 1, "undecided": 0, "unit": "pairs"}
    assert report.label(row("depth", UNSEEN, **one)) == "not seen in 1 pair"
    every = {"yes": 1, "against": 3, "undecided": 1, "unit": "networks", "seeds": 3}
    assert report.label(row("depth", COUNTER, **every)) == "counterexample: 3 of 5 networks"
    assert report.label(row("depth", COUNTER, **every, rule="none")) == "counterexample: 1 of 5 networks"
    for verdict in set(SYMBOLS) - {UNSEEN, COUNTER}:
        assert report.label(row("depth", verdict, **every)) == verdict


def test_a_table_marks_what_was_changed_and_names_the_preparation_of_p():
    rows = report.table(CARD).rows
    assert [cells[1] for cells in rows[:3]] == ["It is so.", "It is so. †", "It is so."]
    assert rows[3][-1] == "0.2 (raw)" and rows[0][-1] == ""
    assert str(report.changes(CARD)).endswith("- Figure 1 (1b): after a statistical review: it was wrong.")


def test_how_much_was_fixed_beforehand_is_said_of_any_rows():
    late = (
        "on 25 November 2026, after the networks had been measured and described on these pages (by 21 November 2026)"
    )
    early = "before what decides them was measured"
    stands = "entries have the statistic and the threshold that were written down before any verdict was computed"
    words = summary.rules(CARD.rows).words
    assert words.startswith(f"30 of these 31 {stands}, {late}. 1, marked †, was changed or added since, and says why.")
    others = [row("polytopes", HOLDS, f"poly-{i}", category="post") for i in (1, 2)]
    assert summary.rules(others).words.startswith(f"All 2 {stands}, {early}. After a statistical review")
    both = summary.rules([*CARD.rows[2:4], *others]).words
    assert both.startswith(f"All 4 {stands}: 2 {late}, and 2 {early}. ")
    changed = summary.rules([CARD.rows[1], CARD.rows[1]]).words
    assert changed.startswith(f"None of these 2 {stands}. 2, marked †, were changed or added since, and say why.")


def test_a_page_shows_what_is_said_of_its_figures():
    said = [row("depth", HOLDS, "fig01-1"), row("depth", HOLDS, "fig02-1", page="fig02")]
    text = [row("depth", NOT, "text-1"), row("remedies", NOT, "text-2", page="figX7")]
    card = Scorecard(0.05, (*said, *text))
    assert card.of_page(["fig02", "fig01"]) == (said[1], said[0]), "nothing of the text"
    assert card.of_page(["figX7", "figX8"]) == (text[1],), "nothing else is said of it"


def test_counts_of_rows_are_in_words():
    assert summary.counts([r for r in CARD.rows if r.figure == "fig01"]) == (
        "Of 5 claims, 1 holds, 1 holds in part, 1 has counterexamples, 1 does not hold and 1 is undecided."
    )
    assert summary.counts([r for r in CARD.rows if r.figure == "fig06"]) == (
        "Settings: 1 holds. What follows from the paper's definitions without being printed: 1 holds and 1 does not "
        "hold."
    )
    both = summary.counts([CARD.rows[2], row("setting", UNTESTABLE, category="setting")])
    assert both == "Of 1 claim, 1 holds. Not counted, settings: 1 cannot be tested."


def test_in_short_is_counted():
    assert summary.in_short(CARD).words == (
        "**In short.** Of 26 claims of the paper 10 hold (3 of them in part), 4 are contradicted and 10 are undecided, "
        "because the interval of their number holds the line between the claim and its opposite, or a test only failed "
        "to reject. Most often contradicted is what is said about depth and later latent layers."
    )


def test_every_verdict_is_explained_with_its_outcome():
    rows = report.meanings(CARD).rows
    assert [cells[1] for cells in rows[:7]] == ["● holds", "◐ holds in part", "✕ counterexample", "○ does not hold"] + [
        "◌ no contradiction", "? undecided", "∅ not seen"
    ]  # fmt: skip
    assert [cells[0] for cells in rows] == ["holds"] * 2 + ["contradicted"] * 2 + ["undecided"] * 3 + ["not judged"] * 2
    assert [cells[3] for cells in rows] == ["7", "3", "1", "3", "4", "4", "2", "1", "1"]


def test_the_picture_says_what_its_bars_show():
    drawn = figures.bars(CARD)
    assert "depth 2 holds, 2 contradicted, 1 undecided" in drawn.alt and "errors" not in drawn.alt
    holds, against, open_ones = drawn.canvas.axes
    assert [axes.get_title(loc="left") for axes in drawn.canvas.axes] == list(OUTCOMES)
    subjects = [label.get_text() for label in holds.get_yticklabels()]
    assert subjects[:2] == ["standardised pixels (1 of 1 decided)", "depth (4 of 5 decided)"]
    widths = [sum(patch.get_width() for patch in axes.patches) for axes in (holds, against, open_ones)]
    assert widths == list(CARD.outcomes.values())
    assert figures.bars(Scorecard(0.05, (row("depth", UNPUBLISHED),))).alt == figures.NOTHING
    held = figures.bars(Scorecard(0.05, (row("depth", HOLDS),))).canvas.axes
    assert [[text.get_text() for text in axes.texts] for axes in held] == [["1"], ["no claim"], ["no claim"]]


def test_lines_beside_the_claims_are_those_of_the_other_categories():
    assert set(summary.BESIDE) == set(report.BESIDE) == set(CATEGORIES) - {"claim"}
    assert families.SUBJECTS.keys() >= {r.family for r in CARD.claims if r.statistic and r.family}
