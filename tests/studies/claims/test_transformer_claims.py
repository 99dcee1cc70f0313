"""Claims about a sentence transformer: made-up networks of one layer, with evidence and verdict worked out by hand."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from handmade import NULL, Files, decided, decides, drawing, undecidable

from isoaux.scorecard.verdicts import COUNTER, HOLDS, NOT, PART, SILENT, UNDECIDED
from isoaux.studies.transformer import data

LAYERS = 2
PLACES = data.places(LAYERS)
WORDS = [place for place in PLACES if place.kind == "words"]
ABOVE, INSIDE, BELOW = 0.9, 0.1, -0.9
"""Beyond all of the 39 random bases, p = 0.05, between them, and below them."""


def numbers(
    raw: Mapping[tuple[str, int], float],
    whitened: float = INSIDE,
    turned: float = INSIDE,
    untrained: Any = INSIDE,
    **more: Any,
) -> Files:
    """Quartimax of words by part and layer, INSIDE where none is given, whitened the same everywhere; two seeds."""
    value = np.full((len(PLACES), 3, len(data.STATISTICS)), INSIDE)
    for p, place in enumerate(PLACES):
        if place.kind == "words":
            value[p, 0, 0], value[p, 2, 0] = raw.get((place.part, place.layer), INSIDE), whitened
    beginners = (2, len(data.untrained_places(LAYERS)), 3)
    return drawing(
        "figX9",
        facts={
            "places": [[place.part, place.layer, place.kind] for place in PLACES],
            "shape": {"layers": LAYERS},
            "seeds": [0, 1],
        },
        value=value,
        null=np.tile(NULL, (*value.shape, 1)),
        turned=np.broadcast_to(turned, (*value.shape, 2)),
        untrained_value=np.broadcast_to(untrained, beginners),
        untrained_null=np.tile(NULL, (*beginners, 1)),
        **more,
    )


def special(part: str, prepare: str, rule: str) -> str:
    how = f"{{statistic: special_layers, figure: figX9, part: {part}, prepare: {prepare}}}"
    return f"id: figX9-1, decide: {how}, rule: {rule}"


@decides("special_layers")
def test_layers_count_that_lie_above_their_random_bases():
    """The residual stream has layers 0, 1 and 2, the hidden layer 1 and 2; two of three are most of them."""
    two = numbers({("residual", 0): ABOVE, ("residual", 2): ABOVE, ("residual", 1): BELOW, ("hidden", 1): ABOVE})
    evidence, verdict = decided(special("residual", "raw", "most"), two)
    assert (evidence.yes, evidence.of, evidence.p, verdict) == (2, 3, None, HOLDS)
    assert evidence.words == "2 of 3 layers above their random bases, raw"
    assert decided(special("hidden", "raw", "every"), two)[1] == PART
    assert decided(special("attention", "raw", "every"), two)[1] == COUNTER
    assert decided(special("residual", "whitened", "most"), two)[1] == UNDECIDED, "0 of 3 reaches up to 0.7"
    assert decided(special("residual", "whitened", "most"), numbers({}, whitened=ABOVE))[1] == HOLDS
    assert undecidable(special("hidden", "raw", "every"), {}) == "figX9 is not published."


def by_chance(control: str) -> str:
    return f"id: figX9-4, decide: {{statistic: special_by_chance, figure: figX9, control: {control}}}, rule: few"


@decides("special_by_chance")
def test_tests_count_that_differ_where_nothing_is_special():
    """Untrained: 3 layers of 2 networks in 3 preparations, 18 tests; turned: 7 places, 2 rotations, 3, 42 tests.

    At most a fifth is few: 3 of 18 and 8 of 42, not 9 of 42, which is in part up to a half.
    """
    beginners = np.full((2, len(data.untrained_places(LAYERS)), 3), INSIDE)
    beginners[0, 0], beginners[:, -1] = BELOW, ABOVE  # the last place is a hidden layer, of which nothing is claimed
    evidence, verdict = decided(by_chance("untrained"), numbers({}, untrained=beginners))
    assert (evidence.yes, evidence.of, evidence.networks, verdict) == (3, 18, 2, SILENT)
    turned = np.full((len(PLACES), 3, len(data.STATISTICS), 2), INSIDE)
    turned[:4, 0, 0], turned[:, :, 1], turned[len(WORDS) :] = ABOVE, ABOVE, ABOVE
    evidence, verdict = decided(by_chance("turned"), numbers({}, turned=turned))
    assert (evidence.yes, evidence.of, verdict) == (8, 42, SILENT)
    turned[0, 1, 0, 0] = BELOW
    assert decided(by_chance("turned"), numbers({}, turned=turned))[1] == PART
    assert decided(by_chance("turned"), numbers({}, turned=ABOVE))[1] == NOT
    assert undecidable(by_chance("turned"), {}) == "figX9 is not published."


@decides("outlier_layers")
def test_layers_count_that_have_a_neuron_much_larger_than_the_median_one():
    """The median of 1, 2, 2, 2, 12 is 2; 12 is six times that and no more, 13 is more."""
    claim = "id: figX9-3, decide: {statistic: outlier_layers, figure: figX9, part: residual, times: 6}, rule: most"
    sizes = np.array([[1, 2, 2, 2, 12], [13, 2, 2, 1, 2], [2, 2, 14, 2, 1]] + [[9, 1, 1, 1, 1]] * 4)
    evidence, verdict = decided(claim, numbers({}, residual_rms=sizes))
    assert (evidence.yes, evidence.of, verdict) == (2, 3, HOLDS), "special tokens are behind the words, and not counted"
    assert evidence.words == "2 of 3 layers with a neuron of more than 6 times the median size"
    assert decided(claim, numbers({}, residual_rms=np.ones((7, 5))))[0].yes == 0
    assert undecidable(claim, {}) == "figX9 is not published."
