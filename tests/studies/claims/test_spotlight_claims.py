"""Claims about the spotlight's networks: made-up networks, with evidence and verdict worked out by hand."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from handmade import T_OF_TWO, Files, decided, decides, drawing, undecidable
from scipy.stats import binom, chi2

from isoaux import bases, srm
from isoaux.paper import figure
from isoaux.scorecard.verdicts import COUNTER, HOLDS, NOT, PART, SILENT, UNDECIDED
from isoaux.studies.spotlight.measuring import NUMBERS, TESTED

SMALL, CONTROL = (configuration.id for configuration in figure("figS2").configurations)

Networks = Mapping[tuple[str, int], Mapping[str, Any]]


def networks(name: str, each: Networks, epsilon: float = 0.9) -> Files:
    """The file of a figure of networks, each with what is given of it and nothing special otherwise.

    ``numbers`` and ``p`` by name for raw representations at the last checkpoint, ``first`` and ``first_p`` at the
    first one, ``centred_p``, ``varying_p``, ``grid_p`` by threshold and ``control_p`` for the resonance or swing; and
    arrays by their names. The basis is a cross-polytope in ten dimensions; there are two checkpoints.
    """
    count, level = len(each), srm.EPSILONS.index(epsilon)
    numbers = np.zeros((count, 2, 2, len(srm.EPSILONS), len(NUMBERS)))
    p, grid = np.ones((count, 2, 2, len(TESTED))), np.ones((count, 2, len(srm.EPSILONS), len(TESTED)))
    varying, control = np.ones((count, len(TESTED))), np.ones((count, 2, len(TESTED)))
    arrays: dict[str, Any] = {"near": np.zeros((count, 2, 2, 20)), "cone": np.zeros((count, 2))}
    arrays |= {"middle": np.zeros((count, 2, 2)), "opposed": np.zeros((count, 2)), "opposed_p": np.ones((count, 2))}
    for row, given in enumerate(each.values()):
        for at, places in ((1, ("numbers", "p")), (0, ("first", "first_p"))):
            for number, value in given.get(places[0], {}).items():
                numbers[row, at, 0, level, NUMBERS.index(number)] = value
            for number, value in given.get(places[1], {}).items():
                p[row, at, 0, TESTED.index(number)] = value
        resonance, swing = TESTED.index("resonance"), TESTED.index("swing")
        p[row, 1, 1, resonance] = given.get("centred_p", 1)
        varying[row, resonance] = given.get("varying_p", 1)
        control[row, :, swing] = given.get("control_p", 1)
        for epsilon_, value in given.get("grid_p", {}).items():
            grid[row, 0, srm.EPSILONS.index(epsilon_), resonance] = value
        for name_ in set(given) & set(arrays):
            arrays[name_][row, ...] = given[name_]
    arrays["basis"] = np.broadcast_to(bases.cross_polytope(10), (count, 20, 10))
    arrays |= {"numbers": numbers, "p": p, "grid_p": grid, "varying_p": varying, "control_p": control}
    return drawing(name, list(each), facts={"epsilon": epsilon}, **arrays)


def seeds(*each: Mapping[str, Any], configuration: str = SMALL) -> Networks:
    """Networks of one configuration with these values, of seeds from 100 on."""
    return {(configuration, 100 + seed): given for seed, given in enumerate(each)}


def special(resonance: float, phase: float = 0.0, p: float = 0.002) -> dict[str, Any]:
    """A network with this resonance, phase, and p of the former."""
    return {"numbers": {"resonance": resonance, "phase": phase}, "p": {"resonance": p}}


WITH = "id: srm-1, decide: {statistic: spotlight_share, figures: [figS2], side: above, phase: 0.5}, rule: most"


@decides("spotlight_share")
def test_networks_are_with_their_basis_where_resonance_and_phase_say_so():
    each = [special(0.1, 0.9), special(0.1, 0.6, p=0.05), special(0.1, 0.7), special(0.1, 0.4), special(-0.1, -0.9)]
    own, verdict = decided(WITH, networks("figS2", seeds(*each)))
    assert (own.yes, own.against, own.undecided, own.networks, verdict) == (3, 1, 1, 5, HOLDS)
    assert own.p == pytest.approx(binom.sf(2, 5, 0.025))  # three of five seeds with a one-sided p of at most 0.025
    own, verdict = decided(WITH, networks("figS2", seeds(special(0.1, 0.9), *3 * [special(-0.1, -0.9)])))
    assert (own.yes, own.against, verdict) == (1, 3, PART)
    assert own.words == "networks with their basis by resonance of raw representations" or own.words.startswith(
        "1 of 4"
    )
    assert decided(WITH, networks("figS2", seeds(*9 * [special(-0.1, -0.9)])))[1] == UNDECIDED
    assert undecidable(WITH, {}) == "figS2 is not published."
    assert "None of the networks" in undecidable(WITH, networks("figS2", seeds(special(1), configuration=CONTROL)))


@decides("spotlight_share")
def test_against_a_basis_is_the_other_side():
    against = WITH.replace("above, phase: 0.5", "below").replace("most", "every")
    assert decided(against, networks("figS2", seeds(special(-0.1), special(-0.2))))[1] == HOLDS
    assert decided(against, networks("figS2", seeds(special(0.1), special(0.1), special(-0.2))))[1] == COUNTER
    assert decided(against, networks("figS2", seeds(special(-0.1, p=0.06), special(-0.2))))[1] == PART
    either = against.replace("below", "either")
    own, verdict = decided(either, networks("figS2", seeds(special(0.1), special(-0.2, p=0.04))))
    assert (own.yes, own.against, verdict) == (2, 0, HOLDS) and own.p == pytest.approx(0.05**2)


@decides("spotlight_by_chance")
def test_nothing_before_training_is_what_fishers_p_of_the_seeds_says():
    text = WITH.replace("_share", "_by_chance").replace("side: above, phase: 0.5", "epoch: first")
    text = text.replace("most", "calibrated")
    each = [{"first_p": {"resonance": p}, "p": {"resonance": 0.001}} for p in (0.3, 0.04, 0.8)]
    own, verdict = decided(text, networks("figS2", seeds(*each)))
    assert (own.yes, own.of, verdict) == (2, 3, SILENT)
    assert own.p == pytest.approx(chi2.sf(-2 * np.log([0.3, 0.04, 0.8]).sum(), 6))
    assert decided(text, networks("figS2", seeds(*3 * [{"first_p": {"resonance": 0.001}}])))[1] == NOT


@decides("spotlight_by_chance")
def test_networks_of_one_seed_count_once():
    text = (
        "id: srm-1, decide: {statistic: spotlight_by_chance, figures: [figS1, figS2]}, rule: calibrated, symmetry: true"
    )
    first = figure("figS1").configurations[0].id
    files = networks("figS1", {(first, 100): {"p": {"resonance": 0.01}}}) | networks(
        "figS2", {(SMALL, 100): {"p": {"resonance": 0.02}}}
    )
    own, verdict = decided(text, files)
    assert own.p == pytest.approx(2 * 0.01) and verdict == NOT  # twice the lesser of two, whatever their dependence


@decides("spotlight_number")
def test_low_shares_are_counted_below_the_line():
    text = (
        "id: srm-1, decide: {statistic: spotlight_number, figures: [figS2], value: reach, epoch: first}, rule: every, "
        "cutoff: {value: 0.01, why: made up}"
    )
    low, high = {"first": {"reach": 0.009}, "numbers": {"reach": 1}}, {"first": {"reach": 0.01}}
    assert decided(text, networks("figS2", seeds(low, low)))[1] == HOLDS
    own, verdict = decided(text, networks("figS2", seeds(low, high)))
    assert (own.yes, own.against, verdict) == (1, 1, PART)
    middle = text.replace("reach, epoch: first", "middle")
    assert decided(middle, networks("figS2", seeds({"middle": 0.5}, {"middle": 0.5})))[1] == COUNTER


@decides("spotlight_mean")
def test_a_number_is_the_mean_over_networks_and_then_over_seeds():
    text = "id: srm-1, decide: {statistic: spotlight_mean, figures: [figS2], value: phase}, rule: more, than: 0.9"
    own, verdict = decided(text, networks("figS2", seeds(special(0, 0.95), special(0, 0.951))))
    assert own.number == pytest.approx(0.9505) and own.low == pytest.approx(0.9505 - 0.0005 * T_OF_TWO)
    assert verdict == HOLDS
    assert decided(text, networks("figS2", seeds(special(0, 0.8), special(0, 0.99))))[1] == UNDECIDED
    assert decided(text, networks("figS2", seeds(special(0, 0.3), special(0, 0.301))))[1] == NOT


@decides("spotlight_subset")
def test_some_vectors_are_lit_and_fewer_than_half():
    text = "id: srm-1, decide: {statistic: spotlight_subset, figures: [figS2]}, rule: every"
    lit = [{"numbers": {"lit": count}} for count in (1, 9, 0, 10)]
    assert decided(text, networks("figS2", seeds(*lit[:2])))[1] == HOLDS
    own, verdict = decided(text, networks("figS2", seeds(*lit)))  # none and half of the twenty do not count
    assert (own.yes, own.against, verdict) == (2, 2, PART)


@decides("spotlight_control")
def test_other_bases_are_told_by_their_own_p():
    text = (
        "id: srm-1, decide: {statistic: spotlight_control, figures: [figS2], control: normal, value: swing}, rule: most"
    )
    within, outside = {"control_p": [0.01, 0.5]}, {"control_p": [0.5, 0.01]}
    own, verdict = decided(text, networks("figS2", seeds(within, within, outside)))
    assert (own.yes, own.of, verdict, own.accepted) == (2, 3, HOLDS, True)
    symmetric = text.replace("normal", "standard").replace("most", "calibrated, symmetry: true")
    own, verdict = decided(symmetric, networks("figS2", seeds(outside, outside)))
    assert own.p == pytest.approx(chi2.sf(-4 * np.log(0.5), 4)) and verdict == SILENT
    assert decided(symmetric, networks("figS2", seeds(within, within)))[1] == NOT


@decides("spotlight_threshold")
def test_a_lower_threshold_is_needed_where_p_adjusted_for_all_of_them_says_so():
    text = "id: srm-4, decide: {statistic: spotlight_threshold, figures: [figS2], at: 0.9, lower: 0.75}, rule: few"
    lower, both, late = {0.7: 0.008}, {0.7: 0.005, 0.9: 0.005}, {0.8: 0.005}  # the first is 0.048 of six
    rare = [{"grid_p": p} for p in (lower, both, late, {0.7: 0.01}, {})]
    own, verdict = decided(text, networks("figS2", seeds(*rare)))
    assert (own.yes, own.of, verdict) == (1, 5, HOLDS)
    own, verdict = decided(text, networks("figS2", seeds({}, {})))
    assert (own.yes, verdict) == (0, SILENT), "said of a few, and no network does it"


@decides("spotlight_heights")
def test_two_heights_are_what_the_dip_of_the_shares_says():
    text = "id: srm-5, decide: {statistic: spotlight_heights, figures: [figS2]}, rule: most"
    two = {"near": np.repeat([0.0, 0.9], 10) + np.linspace(0, 0.01, 20)}
    one = {"near": np.linspace(0, 0.9, 20)}
    own, verdict = decided(text, networks("figS2", seeds(two, two, one)))
    assert (own.yes, own.undecided, verdict) == (2, 1, HOLDS)


@decides("spotlight_opposed")
def test_opposed_planes_have_to_be_more_than_in_turned_copies():
    text = "id: srm-6, decide: {statistic: spotlight_opposed, figures: [figS2]}, rule: most"
    opposed, none, fewer = (
        {"opposed": count, "opposed_p": p}
        for count, p in (([5, 0], [0.02, 1]), ([5, 9], [0.2, 0.01]), ([0, 0], [0.04, 1]))
    )
    own, verdict = decided(text, networks("figS2", seeds(opposed, opposed, none)))
    assert (own.yes, own.against, own.undecided, verdict) == (2, 0, 1, HOLDS)
    assert decided(text, networks("figS2", seeds(fewer)))[0].against == 1


@decides("spotlight_diffuse")
def test_diffuse_opposition_is_seen_at_the_smaller_threshold_alone():
    text = "id: srm-9, decide: {statistic: spotlight_diffuse, figures: [figS2], at: 0.9}, rule: most"
    narrow = special(-0.1) | {"grid_p": {0.9: 0.02}}
    files = networks("figS2", seeds(special(-0.1), special(-0.1), narrow, special(0.1)), epsilon=0.6)
    own, verdict = decided(text, files)
    assert (own.yes, own.against, own.undecided, verdict) == (2, 1, 1, PART)


@decides("spotlight_carried")
def test_what_carries_an_alignment_is_what_it_does_not_survive():
    text = "id: srm-1, decide: {statistic: spotlight_carried, figures: [figS2], by: mean}, rule: most"
    lost, kept = special(0.1) | {"centred_p": 0.3, "varying_p": 0.01}, special(0.1) | {"centred_p": 0.01}
    own, verdict = decided(text, networks("figS2", seeds(lost, lost, kept, special(0.1, p=0.2))))
    assert (own.yes, own.of, verdict) == (2, 3, HOLDS)
    assert own.words == "2 of 3 networks special by raw representations are not so centred"
    own, verdict = decided(text.replace("mean", "constant"), networks("figS2", seeds(lost, lost, kept)))
    assert (own.yes, own.of, verdict) == (1, 3, PART)
    assert "Nothing of what is counted" in undecidable(text, networks("figS2", seeds(special(0.1, p=0.2))))


@decides("spotlight_difference")
def test_a_difference_is_paired_by_seed():
    text = (
        "id: srm-1, decide: {statistic: spotlight_difference, figures: [figS2], value: cone, "
        f"networks: [{SMALL}], minus: [{CONTROL}]}}, rule: more"
    )
    first = seeds({"cone": 0.9}, {"cone": 0.95}, {"cone": 0.1})
    second = seeds({"cone": 0.5}, {"cone": 0.54}, configuration=CONTROL)
    own, verdict = decided(text, networks("figS2", {**first, **second}))  # the third seed has no partner
    assert own.number == pytest.approx(0.405) and own.low == pytest.approx(0.405 - 0.005 * T_OF_TWO)
    assert verdict == HOLDS


@decides("spotlight_fading")
def test_fading_is_a_slope_over_the_logarithm_of_the_number_of_vectors():
    text = (
        "id: srm-1, decide: {statistic: spotlight_fading, figures: [figS14], "
        f"networks: [{SMALL}, mnist-S-gentanh-n10-L0-m11]}}, rule: less"
    )
    each = {}
    for seed, (large, small) in enumerate([(-0.2, 0.5), (0.2, 0.501)]):
        each[SMALL, 100 + seed] = special(large)
        each["mnist-S-gentanh-n10-L0-m11", 100 + seed] = special(small)
    files = networks("figS14", each)
    basis = files["figS14"].arrays["basis"].copy()
    basis[1::2, 11:] = np.nan  # eleven vectors: what is stored behind them is padding
    files["figS14"].arrays["basis"] = basis
    own, verdict = decided(text, files)
    assert own.number == pytest.approx((0.2 - 0.5005) / np.log(20 / 11)) and verdict == HOLDS
