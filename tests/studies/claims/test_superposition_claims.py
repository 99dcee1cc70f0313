"""Claims about superposition: made-up weights and tests of two seeds, with evidence and verdict worked out by hand."""

from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from handmade import NULL, T_OF_TWO, Files, decided, decides, drawing, undecidable

from isoaux import statistics
from isoaux.scorecard.verdicts import HOLDS, NOT, PART, SILENT, UNDECIDED
from isoaux.studies.superposition import data

ABOVE, INSIDE, BELOW = 0.9, 0.1, -0.9
"""Beyond all of the 39 turned spaces, p = 0.05, between them, and below them."""


def many(counts: Any) -> Files:
    """Forty features in ten neurons, by sparsity and seed so many of them with a column of length 1."""
    W = np.zeros((len(data.MANY), len(counts[0]), 10, 40))
    for k, row in enumerate(counts):
        for seed, count in enumerate(row):
            W[k, seed, 0, :count] = 1
    return drawing("figX24", many_W=W)


@decides("features_represented")
def test_represented_features_are_counted_from_a_sparsity_on() -> None:
    claim = "id: rep-8, section: x, decide: {statistic: features_represented, figure: figX24, least: 0.9}, rule: more"
    counts = [[0, 0]] * 5 + [[20, 22]] * 5  # 0.9, 0.95, 0.97, 0.98 and 0.99 are five of the ten sparsities
    found, verdict = decided(claim + ", than: 10", many(counts))
    assert (found.number, found.networks, verdict) == (21, 10, UNDECIDED), "21 -+ 12.7"
    assert found.low == pytest.approx(21 - T_OF_TWO) and found.high == pytest.approx(21 + T_OF_TWO)
    assert decided(claim + ", than: 10", many([[0, 0]] * 5 + [[21, 22]] * 5))[1] == HOLDS, "21.5 -+ 6.4"
    assert decided(claim + ", than: 30", many([[40, 40]] * 5 + [[21, 22]] * 5))[1] == NOT


@decides("features_dense")
def test_where_no_feature_is_off_as_many_as_neurons_are_represented() -> None:
    claim = "id: rep-8b, section: x, decide: {statistic: features_dense, figure: figX23}, rule: exact, equals: 2"
    W = np.zeros((len(data.FIVE), 2, 2, 5))
    W[0, :, 0, :2] = 0.51
    found, verdict = decided(claim, drawing("figX23", five_W=W))
    assert (found.number, found.networks, verdict) == (2, 2, HOLDS)
    W[0, 1, 1, 2:4] = 1
    assert decided(claim, drawing("figX23", five_W=W))[1] == NOT, "the mean is three"


def link(values: Any = INSIDE, W: Any = None) -> Files:
    """Tests of two seeds by optimiser and activation, of fourth powers at the end, and their weights."""
    shape = (len(data.OPTIMISERS), len(data.ACTIVATIONS), len(data.STATES), 2, len(data.TESTS))
    value = np.full(shape, BELOW)
    value[:, :, 1, :, 0] = values
    tests = [astuple(data.Tested.of(statistics.test_from_null(each, NULL))) for each in value.ravel()]
    given = np.zeros((2, 3, 2, 2, 4)) if W is None else W
    return drawing("figX27", facts={"seeds": [100, 101]}, tests=np.reshape(tests, (*shape, -1)), W=given)


@decides("features_on_axes")
def test_features_count_that_are_within_ten_degrees_of_an_axis() -> None:
    claim = "id: rep-9, section: x, decide: {statistic: features_on_axes, figure: figX27}, rule: less, than: 0.5"
    W = np.zeros((2, 3, 2, 2, 4))
    near, far = np.deg2rad(9), np.deg2rad(11)
    W[0, 1, :, :, 0], W[0, 1, :, :, 1:] = [np.sin(near), -3 * np.cos(near)], [[np.cos(far)] * 3, [np.sin(far)] * 3]
    W[0, 1, :, 1, 0] = -np.cos(near)
    found, verdict = decided(claim, link(W=W))
    assert (found.number, found.networks, verdict) == (0.25, 2, PART), "two equal seeds have a p of 1/2"


@decides("features_aligned")
def test_seeds_count_whose_features_lie_above_their_turned_spaces() -> None:
    claim = (
        "id: own-rep-1a, where: derived, section: x, decide: {statistic: features_aligned, figure: figX27, "
        "optimiser: adam, activation: tanh}, rule: most"
    )
    values = np.full((2, 3, 2), BELOW)
    values[1, 1] = ABOVE
    found, verdict = decided(claim, link(values))
    assert (found.yes, found.against, found.of, verdict) == (2, 0, 2, HOLDS)
    assert found.p == pytest.approx(0.025**2), "each of two seeds by chance with a half of 0.05"
    values[1, 1] = [ABOVE, INSIDE]
    found, verdict = decided(claim, link(values))
    assert (found.yes, found.undecided, found.p) == (1, 1, pytest.approx(1 - 0.975**2)) and verdict == PART
    found, verdict = decided(claim.replace("adam", "sgd"), link(values))
    assert (found.yes, found.against, found.p) == (0, 2, 1.0) and verdict == UNDECIDED, "none of two reaches up to 0.84"


@decides("features_by_chance")
def test_where_symmetry_sees_nothing_the_p_of_all_seeds_is_one_number() -> None:
    claim = (
        "id: own-rep-1b, where: derived, section: x, symmetry: true, decide: {statistic: features_by_chance, "
        "figure: figX27, activations: [none, isotanh]}, rule: calibrated"
    )
    found, verdict = decided(claim, link())
    # NULL has 10 of 39 values at or above 0.1: p = 2 (1 + 10) / 40 = 0.55 of every network, and of two networks of a
    # seed twice the lesser, at most 1.
    assert (found.yes, found.of, found.p, found.accepted) == (4, 4, 1.0, True) and verdict == SILENT
    values = np.full((2, 3, 2), INSIDE)
    values[0, [0, 2]] = ABOVE
    found, verdict = decided(claim, link(values))
    # p = 0.05 of all four, and 0.1 of each seed; Fisher's p of two of them is 0.01 (1 - log 0.01).
    assert found.yes == 0 and found.p == pytest.approx(0.01 * (1 - np.log(0.01))) and verdict == SILENT


@decides("features_energy")
def test_the_way_from_the_least_energy_is_a_mean_over_sizes() -> None:
    claim = (
        "id: own-rep-2, where: derived, section: x, decide: {statistic: features_energy, figure: figX26}, rule: less"
    )
    sizes = len(data.COUNTS) + 1
    energy, least, random = np.full((sizes, 2), 1.2), np.ones((sizes, 2)), np.full((sizes, 2), 5.0)
    energy[0, 1] = 5.2  # one of ten sizes of the second seed lies beyond random: 1.05 instead of 0.05
    energy[1] = np.nan  # no more are represented than there are neurons
    energy[2, 1] = 1.6  # 0.15 instead of 0.05
    found, verdict = decided(claim + ", than: 0.05", drawing("figX26", energy=energy, least=least, random=random))
    assert (
        found.number == pytest.approx((0.05 + (1.05 + 0.15 + 7 * 0.05) / 9) / 2)
        and found.networks == 18
        and verdict == UNDECIDED
    )
    energy[:] = [1.1, 1.1002]
    assert decided(claim + ", than: 0.05", drawing("figX26", energy=energy, least=least, random=random))[1] == HOLDS
    nothing = drawing("figX26", energy=np.full((sizes, 2), np.nan), least=least, random=random)
    assert undecidable(claim, nothing) == "No network represents more features than it has neurons."
