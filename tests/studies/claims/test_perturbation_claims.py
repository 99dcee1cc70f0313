"""Claims about perturbed images: made-up networks, with evidence and verdict worked out by hand."""

import numpy as np
import pytest
from handmade import T_OF_TWO, cauchy, decided, decides, drawing, undecidable

from isoaux.scorecard.verdicts import HOLDS, NOT, UNDECIDED

ROWS = [(f"cifar-U-{activation}-n18-L0", seed) for activation in ("tanh", "isotanh") for seed in (0, 1)]
"""Two seeds of either kind, on raw pixels."""


def changes(*each: float, rows: list[tuple[str, int]] = ROWS) -> dict:
    """The worst changes of a reconstruction at size 0.1, at which the tables stand, and other ones at other sizes."""
    worst = [[7 + row, change, 99 - row, 55 + row] for row, change in enumerate(each)]
    return drawing("figX6", rows, size=[0.01, 0.1, 0.3, 1.0], worst=worst)


@decides("worst_change")
def test_quantised_networks_are_less_robust():
    more = "id: text-14a, decide: {statistic: worst_change, figure: figX6, pixels: raw}, rule: more, than: 1"
    own, verdict = decided(more, changes(4, 8, 2, 1))  # 2 and 8 times as much in the two seeds
    assert (own.number, own.low) == pytest.approx((4, 4 / 2**T_OF_TWO)) and own.networks == 4
    assert (own.p, verdict) == (pytest.approx(cauchy(2)), UNDECIDED)
    assert own.words == "worst change, anisotropic over isotropic"
    own, verdict = decided(more, changes(4, 8.2, 2, 4))  # 2 and 2.05
    assert (own.number, own.low) == pytest.approx((np.sqrt(4.1), np.sqrt(4.1) / 1.025 ** (T_OF_TWO / 2)))
    assert (own.p, verdict) == (pytest.approx(cauchy(np.log(4.1) / np.log(1.025))), HOLDS)
    assert decided(more, changes(2, 4, 4.1, 8))[1] == NOT


@decides("worst_change")
def test_pairs_are_of_the_same_seed_and_the_same_pixels():
    more = "id: text-14a, decide: {statistic: worst_change, figure: figX6, pixels: raw}, rule: more, than: 1"
    own, verdict = decided(more, changes(5, 6, 8, 3, rows=[ROWS[0], ROWS[1], ROWS[3], ("cifar-N-isotanh-n18-L0", 0)]))
    assert (own.number, own.low, own.p, own.networks, verdict) == (pytest.approx(6 / 8), 0, None, 2, UNDECIDED)
    own, verdict = decided(more, changes(5, 6, 4, rows=[ROWS[0], ROWS[1], ROWS[3]]))
    assert (own.number, own.low, own.high, verdict) == (pytest.approx(1.5), 0, np.inf, UNDECIDED), (
        "one seed has no interval"
    )
    assert "pair" in undecidable(more.replace("raw", "standardised"), changes(4, 8, 2, 1))
    assert "pair" in undecidable(more, changes(4, 8, rows=[ROWS[0], ROWS[3]]))
    assert "no such number" in undecidable(more, changes(4, np.nan, 2, 1))
    assert "no such number" in undecidable(more, changes(4, 0, 2, 1))
    assert undecidable(more, {}) == "figX6 is not published."
