"""Claims about other maps: made-up error curves, with evidence and verdict worked out by hand."""

import numpy as np
import pytest
from handmade import T_OF_TWO, cauchy, decided, decides, drawing, undecidable

from isoaux.scorecard.verdicts import HOLDS, NOT, UNDECIDED

AFFINE = "cifar-N-tanh-n18-L0"
CORRECTION, NORMALISER = f"{AFFINE}-correction", f"{AFFINE}-normaliser"
LOWERS = (
    "id: text-15a, decide: {statistic: map_lead, figure: figX7, activation: tanh, map: correction, against: affine}"
)


def ends(**each: float) -> dict:
    """Networks whose error is 1 before training and this at its end; a name is a map and a seed, ``affine_0``."""
    maps = {"affine": AFFINE, "correction": CORRECTION, "normaliser": NORMALISER, "isotropic": "cifar-N-isotanh-n18-L0"}
    rows = [(maps[name[:-2]], int(name[-1])) for name in each]
    return drawing("figX7", rows, test_error_sigma=[[1.0, end] for end in each.values()])


@decides("map_lead")
def test_the_lead_of_one_map_over_another():
    more = f"{LOWERS}, rule: more"
    other = dict(normaliser_0=0.1, isotropic_0=0.2)
    # 0.4 less 0.3 and 0.6 less 0.46 are 0.1 and 0.14, or 0.2 and 0.28 of the affine mean of 0.5.
    own, verdict = decided(more, ends(affine_0=0.4, affine_1=0.6, correction_0=0.3, correction_1=0.46, **other))
    assert (own.number, own.low) == pytest.approx((0.24, 0.24 - T_OF_TWO * 0.04)) and own.networks == 4
    assert (own.p, verdict) == (pytest.approx(cauchy(6)), UNDECIDED)
    assert own.words == "lead over the map affine, as a share of its error"
    own, verdict = decided(more, ends(affine_0=0.4, affine_1=0.6, correction_0=0.3, correction_1=0.501))
    assert (own.number, own.low) == pytest.approx((0.199, 0.199 - T_OF_TWO * 0.001)) and verdict == HOLDS
    own, verdict = decided(more, ends(affine_0=0.4, affine_1=0.6, correction_0=0.475, correction_1=0.676))
    assert (own.number, verdict) == (pytest.approx(-0.151), NOT)
    named = more.replace("against: affine", "against: normaliser")
    own, verdict = decided(named, ends(correction_0=0.3, normaliser_0=0.4))
    assert (own.number, own.low, own.p, verdict) == (pytest.approx(0.25), -np.inf, None, UNDECIDED), (
        "one seed has no interval"
    )
    assert own.words == "lead over the map normaliser, as a share of its error"


@decides("map_lead")
def test_a_map_without_a_curve_leads_nobody():
    more = f"{LOWERS}, rule: more"
    assert "error curve" in undecidable(more, ends(affine_0=0.4, normaliser_0=0.3))
    assert "common" in undecidable(more, ends(affine_0=0.4, correction_1=0.3))
    lost = ends(affine_0=0.5, affine_1=0.5, correction_0=0.4, correction_1=1e3)  # a thousand times its first error
    assert decided(more, lost)[0].networks == 2, "a network that ran away has no curve"
    assert "error curve" in undecidable(more, ends(affine_0=0.5, correction_0=np.nan))
    assert undecidable(more, {}) == "figX7 is not published."
