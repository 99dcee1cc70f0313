"""Claims about thresholds: made-up networks at a few of them, with evidence and verdict worked out by hand."""

import numpy as np
import pytest
from handmade import NULL, decided, decides, drawing, undecidable

from isoaux.scorecard.verdicts import COUNTER, HOLDS, NOT, PART, UNDECIDED

TANH, ISOTROPIC = "cifar-U-tanh-n18-L0", "cifar-U-isotanh-n18-L0"


@decides("threshold_counts")
def test_larger_thresholds_leave_fewer_points():
    fewer = "id: text-5a, decide: {statistic: threshold_counts, figure: figX5}, rule: every"
    rows = [(TANH, 0), (TANH, 1), (ISOTROPIC, 0), (ISOTROPIC, 1)]
    counts = [[100, 50, 10], [100, 0, 0], [100, 100, 10], [10, 20, 5]]  # none is fewer than none, the same is not
    own, verdict = decided(fewer, drawing("figX5", rows, count=counts))
    assert (own.number, own.networks, own.p, verdict) == (0.5, 4, None, PART)
    assert own.words == "2 of 4 networks with fewer points at every larger threshold"
    assert decided(fewer, drawing("figX5", rows[:2], count=counts[:2]))[1] == HOLDS
    assert decided(fewer, drawing("figX5", rows[:3], count=[counts[0], *counts[2:]]))[1] == COUNTER
    assert undecidable(fewer, {}) == "figX5 is not published."


def at_thresholds(rows: list[tuple[str, int]], c4: list[list[float]], **more: object) -> dict:
    """Networks with this c4 at four thresholds, random bases with -0.19 to 0.19 and 100 points at every one."""
    about = {"count": np.full((len(rows), 4), 100), "null_c4": np.tile(NULL, (len(rows), 4, 1))} | more
    return drawing("figX5", rows, epsilon=[0.5, 0.6, 0.7, 0.8], c4=c4, **about)


MOST = "id: text-5b, decide: {statistic: threshold_structure, figure: figX5, than: 0.6}, rule: most"


@decides("threshold_structure")
def test_structure_stays_on_its_side_at_larger_thresholds():
    rows = [(TANH, seed) for seed in range(5)]
    # Beyond 0.19 is p = 0.05. At 0.6 all but the last are beyond; at the two larger thresholds the first stays above,
    # as does the second, which was below at the smaller one; the third turns at 0.8, the fourth is below throughout.
    c4 = [
        [0.9, 0.9, 0.1, 0.1],
        [-0.9, 0.9, 0.9, 0.9],
        [0.9, 0.9, 0.9, -0.1],
        [0.9, -0.9, -0.1, -0.9],
        [0.9, 0.1, 0.9, 0.9],
    ]
    own, verdict = decided(MOST, at_thresholds(rows, c4))
    assert (own.yes, own.against, own.undecided, own.networks, own.p) == (3, 1, 1, 5, None) and verdict == HOLDS
    assert own.words == "3 of 5 networks with c4 on the same side at all thresholds above 0.6, 1 undecided"
    assert decided(MOST, at_thresholds(rows[:2], c4[1:3]))[1] == PART
    assert decided(MOST, at_thresholds(rows[:1], c4[2:3]))[1] == UNDECIDED, "0 of 1 reaches up to 0.975"
    assert undecidable(MOST, {}) == "figX5 is not published."


@decides("threshold_structure")
def test_isotropic_networks_and_thresholds_of_few_points_say_nothing_of_structure():
    rows = [(TANH, 0), (ISOTROPIC, 0)]
    own, verdict = decided(MOST, at_thresholds(rows, [[0.9, 0.9, 0.9, 0.9], [0.9, 0.9, -0.9, -0.9]]))
    assert (own.number, own.networks, own.words[:6], verdict) == (1, 1, "1 of 1", HOLDS)
    assert "counted" in undecidable(MOST, at_thresholds(rows[1:], [[0.9, 0.9, 0.9, 0.9]]))
    few = at_thresholds(rows[:1], [[0.9, 0.9, 0.9, -0.9]], count=[[99, 99, 99, 49]])
    assert decided(MOST, few)[0].yes == 1, "49 points have no side"
    for count in ([99, 49, 99, 99], [99, 99, 49, 49]):
        own = decided(MOST, at_thresholds(rows[:1], [[0.9] * 4], count=[count]))[0]
        assert (own.yes, own.undecided) == (0, 1)
    lost = np.tile(np.append(NULL, np.nan), (1, 4, 1))  # of random bases without points nothing is known
    assert decided(MOST, at_thresholds(rows[:1], [[0.9] * 4], null_c4=lost))[0].number == 1
    nothing = at_thresholds(rows[:1], [[0.9] * 4], null_c4=np.tile(NULL * np.nan, (1, 4, 1)))
    assert decided(MOST, nothing)[0].undecided == 1


@decides("both_orders")
def test_both_orders_of_a_pair_show_more_scatter():
    """A sample near one of n axes alone, in 5 dimensions at 0.75, where the integral is short.

    With q the chance that a plane has it in the bin at its first axis, and q' that two planes of that axis have, both
    orders have it n (n - 1) q times on average, and in n (n - 1) (n - 2) q' pairs of planes; one order has half of the
    points and a third of the pairs. Variance over mean is 1 + pairs / mean - mean, since it is not near two axes.
    The bin holds a 72nd of a plane's points, so q = (1 - 9/16)^(3/2) / 72. Two planes of an axis have it where the two
    other components are both within t = tan 2.5 degrees of the first, a share t^2 / pi of all directions in three
    dimensions, and where the three hold more than 9/16 of the squared length: of Beta(3/2, 1) a share 1 - (3/4)^3.
    """
    more = "id: text-5c, decide: {statistic: both_orders, figure: figX5}, rule: within, between: [1, .inf]"
    own, verdict = decided(more, drawing("figX5", [("cifar-U-tanh-n5-L0", 0)]))
    q = (7 / 16) ** 1.5 / 72
    two = np.tan(np.radians(2.5)) ** 2 / np.pi * (1 - 0.75**3)
    both, one = 1 + 3 * two / q - 20 * q, 1 + 2 * two / q - 10 * q
    assert own.number == pytest.approx(both / one, rel=5e-3) and both / one == pytest.approx(1.0415, rel=1e-3)
    assert (own.low, own.p, own.words, verdict) == (
        None,
        None,
        "variance over mean at the axes, both orders over one",
        HOLDS,
    )
    assert decided(more.replace("[1,", "[1.06,"), drawing("figX5", [("cifar-U-tanh-n5-L0", 0)]))[1] == NOT
    assert undecidable(more, {}) == "figX5 is not published."
