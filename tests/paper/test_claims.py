"""The claims as data: complete, each with what decides it, none with a verdict; mistakes are refused."""

import copy
import re
from collections import Counter
from importlib.resources import files
from typing import Any

import pytest
import yaml

from isoaux.paper import GROUPS, claims, figures
from isoaux.records.panel_values import VALUES
from isoaux.scorecard.families import SUBJECTS
from isoaux.scorecard.verdicts import SYMBOLS
from isoaux.srm import NEURON_STATISTICS
from isoaux.statistics import STATISTICS
from isoaux.studies import registry
from isoaux.studies.neurons import claims as neuron_claims
from isoaux.studies.planes import alignment_claims
from isoaux.studies.spotlight import claims as spotlight_claims
from isoaux.studies.spotlight.measuring import NUMBERS
from isoaux.studies.superposition import claims as superposition_claims

# What the paper says of Figures 1 to 37, counted in its captions and in the text about them.
STATEMENTS = [
    14, 7, 5, 6, 4, 3, 2, 3, 5, 5, 3, 2, 2, 2, 2, 3, 3, 4, 1, 3, 4, 3, 1, 2, 4, 1, 1, 3, 1, 2, 5, 5, 2, 3, 1, 3, 2,
]  # fmt: skip
TEXT = 29
"""Lines of statements in the running text."""

CATEGORIES = {
    "claim": 222, "method": 25, "post": 18, "primer": 17, "setting": 21, "derived": 13, "proposal": 5, "ours": 24,
    "repeat": 9,
}  # fmt: skip
"""Entries of each category: what is counted for or against the paper, and what is beside it."""

DECIDED_BY = {f"{name}{end}" for name in STATISTICS for end in ("", "_centred", "_whitened")}
"""What networks may be compared with random bases by."""

SOURCE = files("isoaux.paper").joinpath("claims.yaml").read_text("utf-8")
KNOWN = claims.load()


def content() -> dict[str, Any]:
    return copy.deepcopy(yaml.safe_load(SOURCE))


def test_every_statement_of_every_figure_is_there():
    assert sum(STATEMENTS) == 122
    for number, count in enumerate(STATEMENTS, start=1):
        statements = [claim.statement for claim in KNOWN.each if claim.id.startswith(f"fig{number:02}")]
        assert set(statements) == set(range(1, count + 1)) and statements == sorted(statements), number


def test_every_line_of_the_running_text_is_there():
    lines = {claim.statement for claim in KNOWN.each if claim.id.startswith("text-")}
    assert set(range(1, TEXT + 1)) <= lines
    assert [claim for claim in KNOWN.each if claim.id.startswith("srm-")]


def test_as_many_entries_as_were_counted_have_each_category():
    assert Counter(claim.category for claim in KNOWN.each) == CATEGORIES
    proposals = [claim.id for claim in KNOWN.each if claim.category == "proposal"]
    assert proposals == ["text-14a", "text-14b", "text-15a", "text-15b", "text-15c"]


def test_what_is_said_again_is_decided_as_before():
    repeats = {claim.id: claim for claim in KNOWN.each if claim.same_as}
    by_id = {claim.id: claim for claim in KNOWN.each}
    assert {name: claim.same_as for name, claim in repeats.items()} == {
        "fig29-1": "fig28-2b",
        "text-3d": "fig02-2a",
        "text-7b": "fig12-2b",
        "text-10a": "fig22-2",
        "text-11b": "fig31-3a",
        "text-11e": "fig31-4",
        "text-11h": "fig36-3",
        "text-11j": "fig35-1a",
        "text-11k": "fig36-1b",
    }
    for claim in repeats.values():
        other = by_id[claim.same_as]
        assert (claim.statistic, claim.rule, claim.line) == (other.statistic, other.rule, other.line)
        assert claim.selection == other.selection and claim.page, claim.id
        assert claim.category == "repeat" and claim.changed and claim.wording != other.wording


def test_at_most_a_fifth_cannot_be_tested_and_each_says_why():
    untestable = [claim for claim in KNOWN.each if claim.rule is None]
    assert 0 < len(untestable) <= len(KNOWN.each) / 5
    assert len([c for c in untestable if c.shown]) <= 122 / 5
    assert all(len(claim.reason) > 15 for claim in untestable)


SAID_OF = ("rule", "changed")
"""Fields in which the word of a verdict is none."""


def test_no_verdict_is_typed():
    words = " ".join(str(value) for entry in content()["claims"] for key, value in entry.items() if key not in SAID_OF)
    assert not [word for word in SYMBOLS if re.search(rf"\b{word}\b(?! (?:an|about|a|that|the)\b)", words)]
    assert not re.search(r"verdict:|p_adjusted", SOURCE)


def test_a_claim_names_what_decides_it_and_why_there():
    for claim in KNOWN.each:
        assert claim.place and claim.wording.count(". ") == 0, claim.id
        if claim.rule is None:
            continue
        assert claim.statistic in registry.deciders(), claim.id
        assert len(claim.why) > 15 and claim.family in SUBJECTS, claim.id
        names = listed(claim.decide.get("value", [])) + listed(claim.decide.get("without", []))
        accepted = DECIDED_BY if claim.statistic in alignment_claims.DECIDERS else VALUES.keys()
        if claim.statistic in spotlight_claims.DECIDERS:
            accepted = {*NUMBERS, "middle", "cone", "constant"}
        if claim.statistic in neuron_claims.DECIDERS:
            accepted = NEURON_STATISTICS.keys()
        assert set(names) <= accepted, claim.id
        named = set(claim.decide.get("figures", [])) | ({claim.page} if claim.page else set())
        assert named <= figures().keys(), claim.id


def listed(names: Any) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def test_every_change_after_the_review_says_so_and_why():
    """What was changed before says what, and what was changed after a statistical review says that first."""
    for entry in content()["claims"]:
        why = entry.get("changed", "")
        assert why == "" or len(why) > 10, entry["id"]
        assert not why.endswith("."), entry["id"]
    added = [entry["id"] for entry in content()["claims"] if entry.get("changed", "").endswith("review: added")]
    assert {f"text-{line}" for line in (17, 20, 21, 23, 27)} <= set(added)


def test_only_what_is_said_of_isotropic_networks_follows_from_symmetry():
    symmetric = [claim for claim in KNOWN.each if claim.symmetry]
    assert symmetric
    for claim in symmetric:
        assert claim.family.startswith("symmetry"), claim.id
        if claim.statistic in spotlight_claims.DECIDERS | neuron_claims.DECIDERS:
            of_isotropic = all("isotanh" in name for name in claim.decide.get("networks", [""]))
            assert of_isotropic or claim.decide.get("epoch") == "first" or claim.decide.get("control") == "standard"
            continue
        if claim.statistic in superposition_claims.DECIDERS:
            assert set(claim.decide["activations"]) == {"none", "isotanh"}, claim.id
            continue
        assert {GROUPS[configuration.activation] for _, configuration in claim.selection.members} == {"O(n)"}, claim.id


def test_thresholds_have_reasons():
    entries = content()
    for name, about in [*entries["rules"].items(), *entries["cutoffs"].items()]:
        assert len(about["why"]) > 15, name
    used = re.findall(r"cutoff: (\w+)", SOURCE)
    assert set(used) == set(entries["cutoffs"]), "a cutoff that decides nothing"


def test_a_claim_has_the_category_that_its_place_or_family_says():
    entries = content()
    first, second = entries["claims"][2:4]
    assert {claim.category for claim in KNOWN.each} <= set(claims.CATEGORIES)
    for change, category in (
        ({}, "claim"),
        ({"where": "derived"}, "derived"),
        ({"family": "setting"}, "setting"),
        ({"category": "proposal", "where": "derived"}, "proposal"),
    ):
        known = claims.read(entries | {"claims": [first | change, second]}).each
        assert [claim.category for claim in known] == [category, "claim"]


def test_a_margin_is_a_number_with_its_reason():
    entries = content()
    for margin, value, why in (
        ({"value": 2.5, "why": "near enough"}, 2.5, "2.5: near enough"),
        ("similar", 0.05, "0.05: within five percent of each other"),
    ):
        entry = {name: value for name, value in entries["claims"][2].items() if name != "cutoff"}
        (claim,) = claims.read(entries | {"claims": [entry | {"rule": "equal", "margin": margin}]}).each
        assert claim.margin == value and claim.why.endswith(why)


def test_what_a_comparison_does_not_name_is_as_in_the_claim():
    claim = next(claim for claim in KNOWN.each if claim.id == "fig02-7")
    assert claim.selection == claims.Selection(("fig02",), "isotropic", 2)
    assert claim.against == claims.Selection(("fig02",), "isotropic", 0)
    other = next(claim for claim in KNOWN.each if claim.id == "fig16-1a")
    assert other.against == claims.Selection(("fig15",), "anisotropic"), "the layer that the other figure shows"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"verdict": "holds"}, ["a field of fig01-1 is 'verdict'"]),
        ({"id": "figure 1"}, ["id is 'figure 1'"]),
        ({"where": "appendix"}, ["where of fig01-1 is 'appendix'", "caption"]),
        ({"claim": "no full stop"}, ["claim of fig01-1", "one sentence"]),
        ({"decide": {"statistic": "differs"}}, ["fig01-1", "either decide"]),
        ({"reason": None}, ["fig01-1", "either decide"]),
        ({"same_as": "fig01-3a"}, ["same_as of fig01-1 is 'fig01-3a'", "a claim before it"]),
    ],
)
def test_a_mistake_is_refused(change, words, refused):
    entries = content()
    entries["claims"][0] |= change
    entries["claims"][0] = {name: value for name, value in entries["claims"][0].items() if value is not None}
    refused(words, claims.read, entries)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rule": "evry"}, ["rule of fig01-3a is 'evry'", "did you mean 'every'"]),
        ({"cutoff": "narow"}, ["cutoff of fig01-3a is 'narow'", "narrow"]),
        ({"between": [1, 2]}, ["rule of fig01-3a", "within with between"]),
        ({"rule": "exact"}, ["rule of fig01-3a", "exact with equals"]),
        ({"decide": {"statistic": "differs", "of": "anisotropc"}}, ["of of fig01-3a is 'anisotropc'"]),
        ({"rule": "equal"}, ["rule of fig01-3a", "equal with margin"]),
        ({"margin": {"value": 1, "why": "near enough"}}, ["rule of fig01-3a", "equal with margin"]),
        ({"category": "propsal"}, ["category of fig01-3a is 'propsal'", "did you mean 'proposal'"]),
        ({"orientation": "reader"}, ["orientation of fig01-3a is 'reader'", "author"]),
    ],
)
def test_a_mistake_in_a_rule_is_refused(change, words, refused):
    entries = content()
    entries["claims"][2] |= change
    refused(words, claims.read, entries)


def test_a_repeat_has_nothing_of_its_own_that_decides(refused):
    entries = content()
    place = next(i for i, entry in enumerate(entries["claims"]) if entry["id"] == "text-10a")
    entries["claims"][place] |= {"rule": "some"}
    refused(["text-10a has rule and same_as"], claims.read, entries)


def test_an_entry_that_stands_there_twice_is_refused(refused):
    entries = content()
    entries["claims"].append(entries["claims"][0])
    refused(["claim fig01-1 stands there twice"], claims.read, entries)


def test_the_claims_are_not_changed_by_who_reads_them():
    place, claim = next((place, claim) for place, claim in enumerate(claims.load().each) if claim.decide)
    claim.decide.clear()
    assert claims.load().each[place].decide
