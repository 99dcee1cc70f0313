"""From evidence to a verdict: every rule at its boundaries, and more evidence on one side, which takes nothing back."""

from dataclasses import replace
from importlib.resources import files
from math import inf

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from isoaux.paper.claims import Claim, Rule
from isoaux.records.evidence import Evidence, effect, share
from isoaux.scorecard import verdicts
from isoaux.scorecard.verdicts import (
    AGREE,
    CONTRADICT,
    COUNTER,
    HOLDS,
    NOT,
    OPEN,
    OUTCOMES,
    PART,
    SILENT,
    SYMBOLS,
    UNDECIDED,
    UNPUBLISHED,
    UNSEEN,
    UNTESTABLE,
)

LEVEL = 0.05
SOURCE = yaml.safe_load(files("isoaux.paper").joinpath("claims.yaml").read_text("utf-8"))
RULES = {name: Rule(name, **about) for name, about in SOURCE["rules"].items()}
RULES["any"] = Rule("any", "share", "one of many comparisons", 0.01, 0.01)
QUANTIFIERS = {"every": (1.0, 0.5), "most": (0.6, 0.2), "some": (0.2, 0.2), "few": (0.2, 0.5), "none": (0.0, 0.2)}


def claim_with(rule: str, **about: object) -> Claim:
    """A claim with one of the rules of ``claims.yaml``, and the line, range or margin that is given."""
    return Claim("fig01-1", "text", "It is so.", "Sec. 4", "made up", {"statistic": "differs"}, RULES[rule], **about)


def outcome(verdict: str) -> str:
    (name,) = (name for name, members in OUTCOMES.items() if verdict in members)
    return name


def judged(rule: str, evidence: Evidence, p: float | None = None, **about: object) -> str:
    return verdicts.judge(claim_with(rule, **about), evidence, p, LEVEL)


def counted(yes: int, of: int, undecided: int = 0, *, accepted: bool = False) -> Evidence:
    return share(yes, of, "networks that do it", of, undecided=undecided, accepted=accepted)


def between(low: float, high: float) -> Evidence:
    return Evidence((low + high) / 2, low, high)


def test_rules_are_those_of_the_entries():
    assert {name: (RULES[name].holds, RULES[name].part) for name in QUANTIFIERS} == QUANTIFIERS
    assert {RULES[name].kind for name in ("every", "most", "some")} == {"share"}
    assert {RULES[name].kind for name in ("few", "none")} == {"rare"}


@pytest.mark.parametrize(
    ("rule", "evidence", "verdict"),
    [
        ("every", counted(5, 5), HOLDS),
        ("every", counted(3, 6), PART),  # exactly half
        ("every", counted(2, 5), COUNTER),
        ("every", counted(2, 5, undecided=2), COUNTER),  # one decides
        ("every", counted(0, 5, undecided=5), UNDECIDED),  # nothing decided
        ("every", counted(2, 5, undecided=3), UNDECIDED),
        ("every", counted(4, 5, undecided=1), PART),
        ("most", counted(3, 5), HOLDS),  # exactly three of five
        ("most", counted(2, 3), HOLDS),
        ("most", counted(1, 5), PART),  # exactly a fifth
        ("most", counted(0, 5), UNDECIDED),  # up to 52 % by Clopper and Pearson
        ("most", counted(0, 16), UNDECIDED),  # up to 20.6 %
        ("most", counted(0, 17), NOT),  # up to 19.5 %
        ("most", counted(0, 17, undecided=4), UNDECIDED),  # 4 of 17 may yet
        ("most", counted(0, 20, undecided=3), NOT),
        ("some", counted(1, 5), HOLDS),
        ("some", counted(0, 3), UNSEEN),
        ("some", counted(0, 100), UNSEEN),  # none is never proved
        ("any", counted(0, 5), UNSEEN),
        ("any", counted(1, 90), HOLDS),
        ("some", counted(1, 6), UNDECIDED),
        ("some", counted(1, 100), NOT),  # up to 5.4 %
        ("few", counted(1, 5), HOLDS),
        ("few", counted(1, 5, accepted=True), SILENT),
        ("few", counted(1, 2), PART),  # exactly half
        ("few", counted(1, 2, accepted=True), PART),
        ("few", counted(4, 5), UNDECIDED),  # from 28 %
        ("few", counted(9, 10), NOT),  # from 55 %
        ("none", counted(0, 5), HOLDS),
        ("none", counted(0, 5, accepted=True), SILENT),
        ("none", counted(1, 5), PART),
        ("none", counted(2, 5), COUNTER),
        ("none", counted(5, 5), NOT),  # from 48 %
    ],
)
def test_a_share_is_held_by_its_counts_and_its_interval(rule, evidence, verdict):
    assert judged(rule, evidence) == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (1.1, 3, HOLDS),
        (1.0, 3, UNDECIDED),  # an end at the line holds it
        (0.9, 3, UNDECIDED),
        (0.1, 1.5, UNDECIDED),  # the mean on the other side
        (0.1, 1.0, UNDECIDED),
        (0.1, 0.9, NOT),
        (1.1, 1.1, HOLDS),
        (1.0, 1.0, UNDECIDED),
        (-inf, inf, UNDECIDED),
    ],
)
def test_an_effect_is_judged_by_the_whole_interval(low, high, verdict):
    assert judged("more", between(low, high) if low > -inf else Evidence(2, low, high), line=1.0) == verdict
    mirrored = Evidence(-2, -high, -low)
    assert judged("less", mirrored, line=-1.0) == verdict


def test_without_an_interval_no_effect_is_decided():
    for rule in ("more", "less"):
        assert judged(rule, Evidence(7.0)) == UNDECIDED
        assert judged(rule, effect([7.0], 0, "", 1)) == UNDECIDED, "one seed"
        assert judged(rule, effect([7.0], 0, "", 1, bounds=(-10, 10))) == UNDECIDED, "one seed, bounded"
    assert judged("equal", Evidence(0.0), margin=1.0) == SILENT
    assert judged("within", Evidence(1.5), between=(1, 2)) == HOLDS, "a closed form has none"


@pytest.mark.parametrize(
    ("evidence", "verdict"),
    [
        (Evidence(1.5, 1, 2), HOLDS),  # both ends on the edges
        (Evidence(1, 1, 1), HOLDS),
        (Evidence(1.5, 0.9, 2), PART),
        (Evidence(1.5, -inf, inf), PART),  # one seed
        (Evidence(2, 0, 9), PART),
        (Evidence(2.5, 2, 3), UNDECIDED),  # an end on the edge
        (Evidence(2.5, 2.1, 3), NOT),
        (Evidence(0.5, 0.1, 0.9), NOT),
    ],
)
def test_a_range_heeds_the_interval(evidence, verdict):
    assert judged("within", evidence, between=(1, 2)) == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-1, 1, HOLDS),  # both ends on the margin
        (0.2, 0.8, HOLDS),  # apart from the line, and near enough
        (-1.1, 1, SILENT),
        (0, 1.1, SILENT),  # an end on the line
        (0.1, 1.1, UNDECIDED),
        (1, 3, UNDECIDED),  # an end on the margin
        (-3, -1, UNDECIDED),
        (1.1, 3, NOT),
    ],
)
def test_sameness_needs_a_margin(low, high, verdict):
    assert judged("equal", between(low, high), margin=1.0) == verdict
    assert judged("equal", between(low + 5, high + 5), line=5.0, margin=1.0) == verdict


def test_what_is_printed_is_met_to_its_digits():
    assert judged("exact", Evidence(1861.32), equals=1861.3) == HOLDS
    assert judged("exact", Evidence(1861.4), equals=1861.3) == NOT


@pytest.mark.parametrize(
    ("number", "p", "verdict"),
    [(1.0, 0.2, SILENT), (0.1, 0.2, SILENT), (0.5, LEVEL, PART), (0.6, 0.001, PART), (0.4, 0.001, NOT)],
)
def test_what_symmetry_says_is_never_shown_by_p(number, p, verdict):
    assert judged("calibrated", Evidence(number), p) == verdict


@pytest.mark.parametrize(
    ("rule", "evidence"), [("every", counted(5, 5)), ("some", counted(1, 5)), ("more", between(1, 2))]
)
def test_what_chance_could_do_holds_in_part(rule, evidence):
    assert [judged(rule, evidence, p) for p in (0.01, LEVEL, 0.06)] == [HOLDS, HOLDS, PART]


def test_p_takes_nothing_from_what_does_not_hold():
    for evidence in (between(-1, 2), between(-2, -1)):
        assert judged("more", evidence, 0.9) == judged("more", evidence, None) != PART


def test_a_share_that_counts_nothing_is_refused(refused):
    for rule in ("every", "few"):
        refused(["fig01-1 has evidence that counts nothing", "evidence.share"], judged, rule, Evidence(0.6))


def test_a_claim_without_what_its_rule_needs_is_refused(refused):
    refused(["fig01-1 has a rule of kind 'equal'"], judged, "equal", between(0, 1))
    refused(["fig01-1 has a rule of kind 'within'"], judged, "within", between(0, 1))
    bare = replace(claim_with("more"), rule=None)
    refused(["fig01-1 has no rule"], verdicts.judge, bare, between(0, 1), None, LEVEL)


def test_every_verdict_that_is_judged_has_one_outcome():
    each = [verdict for members in OUTCOMES.values() for verdict in members]
    assert sorted(each) == sorted(set(SYMBOLS) - {UNTESTABLE, UNPUBLISHED}) and len(set(SYMBOLS.values())) == 9
    assert list(OUTCOMES) == [AGREE, CONTRADICT, OPEN]


# --- more evidence on one side


counts = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40)).filter(sum)
quantifiers = st.sampled_from(list(QUANTIFIERS))


@given(counts, quantifiers)
def test_one_more_that_agrees_takes_no_agreement_back(numbers, rule):
    yes, against, undecided = numbers
    rare = RULES[rule].kind == "rare"
    first = judged(rule, counted(yes, sum(numbers), undecided))
    second = judged(rule, counted(yes + (not rare), sum(numbers) + 1, undecided))
    assume(outcome(first) == AGREE)
    assert outcome(second) == AGREE and (first, second) != (HOLDS, PART)


@given(counts, quantifiers)
def test_one_more_that_disagrees_takes_no_contradiction_back(numbers, rule):
    yes, against, undecided = numbers
    rare = RULES[rule].kind == "rare"
    first = judged(rule, counted(yes, sum(numbers), undecided))
    second = judged(rule, counted(yes + rare, sum(numbers) + 1, undecided))
    assume(outcome(first) == CONTRADICT)
    assert outcome(second) == CONTRADICT


@given(counts, quantifiers)
def test_a_network_that_gets_decided_never_makes_a_decided_claim_undecided(numbers, rule):
    """Neither for nor against it: of what is open yet, one is decided."""
    yes, against, undecided = numbers
    assume(undecided > 0)
    of = sum(numbers)
    first = outcome(judged(rule, counted(yes, of, undecided)))
    against_it = outcome(judged(rule, counted(yes, of, undecided - 1)))
    for_it = outcome(judged(rule, counted(yes + 1, of, undecided - 1)))
    if RULES[rule].kind == "share":
        assert first != AGREE or AGREE == for_it == against_it
        assert first != CONTRADICT or against_it == CONTRADICT


ends = st.floats(-5, 5).map(lambda value: round(value, 2))
kinds = st.sampled_from(
    [("more", {"line": 1.0}), ("less", {"line": 1.0}), ("within", {"between": (-1, 2)}), ("equal", {"margin": 1.0})]
)


@given(st.lists(ends, min_size=5, max_size=5).map(sorted), kinds)
def test_a_shorter_interval_takes_no_decision_back(places, kind):
    """The same number with an interval within the other's: what is decided stays as it is, and never turns round."""
    rule, about = kind
    wide, narrow = Evidence(places[2], places[0], places[4]), Evidence(places[2], places[1], places[3])
    first, second = (outcome(judged(rule, evidence, **about)) for evidence in (wide, narrow))
    assert first in (OPEN, second)


@given(st.lists(st.floats(-3, 3).map(lambda value: round(value, 2)), min_size=2, max_size=6), st.floats(-1, 1))
def test_the_same_values_from_twice_as_many_seeds_take_no_decision_back(values, line):
    once, twice = effect(values, line, "", 0), effect(values * 2, line, "", 0)
    for rule in ("more", "less"):
        first, second = (outcome(judged(rule, evidence, line=line)) for evidence in (once, twice))
        assert first in (OPEN, second)


@given(st.lists(st.floats(-2, 2), min_size=2, max_size=5), st.floats(-1.9, 1.9))
def test_the_bounds_of_what_is_possible_change_no_verdict(values, line):
    """Unless the line lies at or beyond them, which no claim's does."""
    free, bounded = effect(values, line, "", 0), effect(values, line, "", 0, bounds=(-2, 2))
    assert -2 <= bounded.low <= bounded.number <= bounded.high <= 2
    for rule in ("more", "less"):
        assert judged(rule, free, line=line) == judged(rule, bounded, line=line)


def test_p_values_are_adjusted_within_their_family():
    given_p = verdicts.adjusted(["a", "b", "a", "a", "b"], [0.01, 0.04, 0.02, None, None])
    assert given_p == [0.02, 0.04, 0.02, None, None]  # of two: the larger, and twice the smaller at most
