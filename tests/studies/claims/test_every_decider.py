"""Every decider of a claim has a test whose numbers, verdict included, are worked out by hand."""

import re
from pathlib import Path

from isoaux.paper import claims
from isoaux.studies import registry


def test_every_decider_has_a_test_by_hand():
    tests = "\n".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*_claims.py"))
    tested = set(re.findall(r'^@decides\("(\w+)"\)', tests, re.MULTILINE))
    assert tested == set(registry.deciders())


def test_every_decider_decides_a_claim():
    assert {claim.statistic for claim in claims.load().each if claim.rule} == set(registry.deciders())
