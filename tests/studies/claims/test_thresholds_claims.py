"""Claims about thresholds: made-up networks at a few of them, with evidence and verdict worked out by hand."""

import numpy as np
import pytest
from handmade import NULL, decided, decides, drawing, undecidable

from isoaux.scorecard.verdicts import HOLDS, NOT, PART

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
    assert decided(fewer, drawing("figX5", rows[:3], count=[counts[0], *counts[2:]]))[1] == NOT
    assert undecidable(fewer, {}) == "figX5 is not published."


def at_thresholds(rows: list[tuple[str, int]], c4: list[list[float]], **more: object) -> dict:
    """Networks with this c4 at four thresholds, random bases with -0.19 to 0.19 and 100 points at every one."""
    about = {"count": np.full((len(rows), 4), 100), "null_c4": np.tile(NULL, (len(rows), 4, 1))} | more
    return drawing("figX5", rows, epsilon=[0.5, 0.6, 0.7, 0.8], c4=c4, **about)


@decides("threshold_structure")
def test_structure_is_on_one_side_at_most_thresholds():
    most = "id: text-5b, decide: {statistic: threshold_structure, figure: figX5}, rule: most"
    rows = [(TANH, seed) for seed in range(4)]
    # Beyond 0.19 is p = 0.05. The first is above at three of four thresholds, the second at two, which is no majority,
    # the third is below at three; the last is nowhere beyond its random bases, and not judged.
    c4 = [[0.9, 0.1, 0.1, -0.1], [0.9, 0.9, -0.9, -0.9], [0.1, -0.1, -0.1, -0.9], [0.1, 0.1, 0.1, 0.1]]
    own, verdict = decided(most, at_thresholds(rows, c4))
    assert (own.number, own.networks, own.p, verdict) == (pytest.approx(2 / 3), 4, None, HOLDS)
    assert own.words == "2 of 3 networks with c4 on one side at most thresholds"
    assert decided(most, at_thresholds(rows[:2], c4[:2]))[1] == PART
    assert decided(most, at_thresholds(rows[:1], c4[1:2]))[1] == NOT
    assert "counted" in undecidable(most, at_thresholds(rows[:1], c4[3:]))
    assert undecidable(most, {}) == "figX5 is not published."


@decides("threshold_structure")
def test_isotropic_networks_and_thresholds_without_points_say_nothing_of_structure():
    most = "id: text-5b, decide: {statistic: threshold_structure, figure: figX5}, rule: most"
    rows = [(TANH, 0), (ISOTROPIC, 0)]  # the isotropic one is beyond its random bases at one threshold, by chance
    own, verdict = decided(most, at_thresholds(rows, [[0.9, 0.9, 0.9, 0.9], [0.9, 0.1, 0.1, 0.1]]))
    assert (own.number, own.networks, own.words[:6], verdict) == (1, 1, "1 of 1", HOLDS)
    assert "counted" in undecidable(most, at_thresholds(rows[1:], [[0.9, 0.9, 0.9, 0.9]]))
    below = np.tile(NULL - 0.5, (1, 4, 1))  # the c4 of no points is recorded as 0, which is above all of these
    empty = at_thresholds(rows[:1], [[-0.9, -0.9, 0, 0]], count=[[9, 9, 0, 0]], null_c4=below)
    assert decided(most, empty)[0].number == 0, "two of four thresholds are no majority"
    assert "counted" in undecidable(most, at_thresholds(rows[:1], [[0] * 4], count=[[0] * 4], null_c4=below))
    lost = np.tile(np.append(NULL, np.nan), (1, 4, 1))  # of random bases without points nothing is known
    assert decided(most, at_thresholds(rows[:1], [[0.9, 0.9, 0.9, -0.9]], null_c4=lost))[0].number == 1
    lost = at_thresholds(rows[:1], [[0.9, 0.9, 0.9, np.nan]], null_c4=np.tile(NULL * np.nan, (1, 4, 1)))
    assert "counted" in undecidable(most, lost)


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
    more = "id: text-5c, decide: {statistic: both_orders, figure: figX5}, rule: more, than: 1"
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
    assert decided(more.replace("than: 1", "than: 1.06"), drawing("figX5", [("cifar-U-tanh-n5-L0", 0)]))[1] == NOT
    assert undecidable(more, {}) == "figX5 is not published."
