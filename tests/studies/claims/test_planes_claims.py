"""Claims about representations: numbers of made-up networks, with evidence and verdict worked out by hand."""

import numpy as np
import pytest
from handmade import T_OF_TWO, bins, cauchy, decided, decides, drawing, record, undecidable

from isoaux.common.archive import Published
from isoaux.scorecard.verdicts import COUNTER, HOLDS, NOT, PART, SILENT, UNDECIDED, UNSEEN

TANH, ISOTROPIC = "cifar-U-tanh-n18-L0", "cifar-U-isotanh-n18-L0"
"""The networks of Figure 1, to which a claim belongs here that does not say another figure."""

TWO_BINS = bins({0: 50, 36: 50})
"""Two points are in one of 72 bins 72 x 2 x 50 x 49 / (100 x 99) = 35.64 times as often as on a circle."""

ONE_BIN, EVEN = bins({0: 100}), bins(dict.fromkeys(range(72), 1))
"""Concentrations of 72 and of 0: no two of 72 points share a bin."""


# --- numbers of a panel


@decides("exceeds")
def test_networks_beyond_a_line():
    narrow = "decide: {statistic: exceeds, value: peak, of: anisotropic}, rule: every, cutoff: narrow"
    own, verdict = decided(narrow, record(TANH, histogram=[TWO_BINS, EVEN]))
    assert (own.number, own.networks, own.p, verdict) == (0.5, 2, None, PART)
    assert own.low == pytest.approx(1 - 0.975**0.5) and own.high == pytest.approx(0.975**0.5)
    assert own.words == "1 of 2 networks above 4.5 (angular concentration; median 17.8)"  # of 35.64 and 0
    own, verdict = decided(narrow, record(TANH, seeds=(0, 1, 2), histogram=[EVEN, TWO_BINS, EVEN]))
    assert (own.number, own.against, verdict) == (pytest.approx(1 / 3), 2, COUNTER)
    own, verdict = decided(narrow, record(TANH, histogram=[TWO_BINS, bins({0: 49})]))
    assert (own.number, own.against, own.undecided, verdict) == (0.5, 0, 1, PART), "49 points have no angles"
    own, verdict = decided(narrow, record(TANH, histogram=[bins({0: 49}), bins({})]))
    assert (own.number, own.undecided, verdict) == (0, 2, UNDECIDED)
    assert own.words == "0 of 2 networks above 4.5 (angular concentration; median –), 2 undecided"
    none = narrow.replace("every", "some")
    assert decided(none, record(TANH, histogram=[EVEN, bins({})]))[1] == UNSEEN
    assert "published" in undecidable(narrow, record(ISOTROPIC, histogram=[EVEN, EVEN]))


@decides("exceeds")
def test_a_number_at_the_line():
    on = (
        "decide: {{statistic: exceeds, value: count, of: anisotropic, side: {side}, epoch: {epoch}}}, "
        "rule: every, than: 100"
    )
    known = record(TANH, count=[[100, 100, 99], [150, 101, 50]])
    shares = {
        (side, epoch): decided(on.format(side=side, epoch=epoch), known)[0].number
        for side in ("above", "below", "reaches")
        for epoch in ("first", "early", "last")
    }
    assert [shares["above", e] for e in ("first", "early", "last")] == [0.5, 0.5, 0]
    assert [shares["reaches", e] for e in ("first", "early", "last")] == [1, 1, 0]
    assert [shares["below", e] for e in ("first", "early", "last")] == [0, 0, 1]
    assert decided(on.format(side="reaches", epoch="last"), known)[0].words.startswith(
        "0 of 2 networks at least at 100 ("
    )


@decides("both_exceed")
def test_two_places_over_all_networks():
    both = (
        "decide: {statistic: both_exceed, value: [positive, negative], of: anisotropic}, rule: some, cutoff: both_signs"
    )
    known = record(TANH, seeds=(0, 1, 2), histogram=[bins({0: 99, 54: 1}), bins({36: 50}), bins({0: 49})])
    own, verdict = decided(both, known)  # 1% of the first is negative, and the last has too few points
    assert (own.yes, own.against, own.undecided, own.networks, verdict) == (1, 1, 1, 3, HOLDS)
    assert own.words == (
        "1 of 3 networks above 0.1 by the rarer of two numbers (1 by share of the positive half-axes and 1 by share of "
        "the negative half-axes), 1 undecided"
    )
    own, verdict = decided(both, record(TANH, histogram=[bins({0: 99, 54: 1}), bins({18: 80})]))
    assert (own.number, verdict) == (0, UNSEEN), "both have the positive ones alone"


@decides("compare")
def test_two_kinds_of_networks_in_pairs():
    much = (
        "decide: {statistic: compare, value: count, of: anisotropic, against: {of: isotropic}, scale: ratio}, "
        "rule: more, cutoff: hundredfold"
    )
    known = record(TANH, seeds=(0, 1, 2), count=[8000, 12500, 7]) | record(ISOTROPIC, seeds=(0, 1), count=[100, 250])
    own, verdict = decided(much, known)  # 80 and 50: the mean of the logarithms, and half of their difference
    middle, half = np.sqrt(80 * 50), np.log(80 / 50) / 2
    assert own.number == pytest.approx(middle) and own.networks == 4
    assert own.low == pytest.approx(middle * np.exp(-T_OF_TWO * half))
    assert own.high == pytest.approx(middle * np.exp(T_OF_TWO * half))
    assert own.p == pytest.approx(cauchy(np.log(middle / 31.6) / half)) and own.words == "ratio of points"
    assert verdict == UNDECIDED, "63 lies above the line of 31.6, and its interval does not"
    near = record(TANH, seeds=(0, 1), count=[800, 804]) | record(ISOTROPIC, seeds=(0, 1), count=[100, 100])
    assert decided(much, near)[1] == NOT and decided(much.replace("rule: more", "rule: less"), near)[1] == HOLDS


@decides("compare")
def test_an_effect_whose_interval_is_clear():
    deeper = (
        "id: fig12-1, decide: {statistic: compare, value: c4, of: anisotropic, against: {figures: [fig11]}, "
        "scale: difference}, rule: more"
    )
    second, first = "cifar-N-tanh-n18-L2", "cifar-N-tanh-n18-L1"
    known = record(second, c4=[0.79, 0.71]) | record(first, c4=[0.40, 0.30])
    own, verdict = decided(deeper, known)  # 0.39 and 0.41
    assert (own.number, own.low) == (pytest.approx(0.4), pytest.approx(0.4 - T_OF_TWO * 0.01))
    assert (own.p, verdict, own.words) == (pytest.approx(cauchy(0.4 / 0.01)), HOLDS, "difference of c4")
    alone = record(second, seeds=(0, 1), c4=[0.8, 0]) | record(first, seeds=(0, 5), c4=[0.4, 0])
    own, verdict = decided(deeper, alone)
    assert (own.number, own.low, own.high, own.p, verdict) == (pytest.approx(0.4), -np.inf, np.inf, None, UNDECIDED)
    few = record(second, c4=[0.8, 0.8], count=[1000, 49]) | record(first, c4=[0.4, 0.5])
    own, verdict = decided(deeper, few)
    assert (own.number, verdict) == (pytest.approx(0.4), UNDECIDED), "a seed without the number is left out"
    assert own.words == "difference of c4, in the 1 of 2 seeds that have it"
    empty = record(second, seeds=(0,), c4=[0.8]) | record(first, seeds=(1,), c4=[0.4])
    assert "common" in undecidable(deeper, empty)
    assert "pair" in undecidable(deeper, record(second, c4=[0.79, 0.71]))


@decides("compare")
def test_empty_panels_layers_and_repeated_figures():
    fewer = (
        "id: fig11-2, decide: {statistic: compare, value: count, of: anisotropic, against: {of: isotropic}, "
        "scale: ratio}, rule: less"
    )
    known = record("cifar-N-tanh-n18-L1", seeds=(0,), count=[0]) | record(
        "cifar-N-isotanh-n18-L1", seeds=(0,), count=[8]
    )
    own, verdict = decided(fewer, known)
    assert (own.number, verdict) == (pytest.approx(1 / 8), UNDECIDED), "an empty panel counts as one of a point"
    layers = (
        "id: fig02-7, decide: {statistic: compare, value: count, of: isotropic, layer: 2, against: {layer: 0}, "
        "scale: ratio}, rule: less"
    )
    three = record("cifar-U-isotanh-n18-L2", count=[[[64, 1, 8]], [[64, 1, 4]]])
    own, verdict = decided(layers, three)  # 1/8 and 1/16
    assert own.number == pytest.approx(np.sqrt(1 / 128)) and own.p == pytest.approx(cauchy(np.log(128) / np.log(2)))
    assert own.high == pytest.approx(np.sqrt(1 / 128) * 2 ** (T_OF_TWO / 2)) and verdict == UNDECIDED
    depth = (
        "id: text-7a, decide: {statistic: compare, value: count, figures: [fig12, fig13], of: anisotropic, "
        "against: {figures: [fig11, fig11]}, scale: difference}, rule: more"
    )
    blocks = {
        L: record(f"cifar-N-tanh-n18-L{L}", count=counts) for L, counts in ((1, [5, 5]), (2, [6, 8]), (3, [10, 6]))
    }
    own, verdict = decided(depth, blocks[1] | blocks[2] | blocks[3])  # 1 and 5 in seed 0, 3 and 1 in seed 1
    assert (own.number, own.low, own.networks) == (pytest.approx(2.5), pytest.approx(2.5 - T_OF_TWO / 2), 8)
    assert verdict == UNDECIDED


@decides("each_compared")
def test_pairs_of_the_same_seed():
    some = (
        "decide: {statistic: each_compared, value: count, of: anisotropic, against: {of: isotropic}, side: below}, "
        "rule: some"
    )
    known = record(TANH, seeds=(0, 1, 2, 9), count=[100, 50, 200, 0])
    known |= record(ISOTROPIC, seeds=(0, 1, 2), count=[100, 60, 100])
    own, verdict = decided(some, known)  # a tie is not less
    assert (own.number, own.networks, own.words) == (pytest.approx(1 / 3), 6, "1 of 3 pairs with less points")
    assert (own.p, verdict) == (None, HOLDS)
    own, verdict = decided(some.replace("below", "above").replace("some", "every"), known)
    assert (own.number, own.words, verdict) == (pytest.approx(1 / 3), "1 of 3 pairs with more points", COUNTER)
    angles = some.replace("value: count", "value: c4")
    few = record(TANH, c4=[0.1, 0.1], count=[49, 50]) | record(ISOTROPIC, c4=[0.2, 0.2])
    assert decided(angles, few)[0].words == "1 of 2 pairs with less c4, 1 undecided"
    assert "pair" in undecidable(some, record(TANH, count=[1, 2]))


@decides("typical")
def test_the_typical_number_of_points():
    thousands = "decide: {statistic: typical, value: count, of: isotropic}, rule: within, between: [1000, 4000]"
    own, verdict = decided(thousands, record(ISOTROPIC, count=[1000, 4000]))
    assert (own.number, own.low) == (pytest.approx(2000), pytest.approx(2000 / 2**T_OF_TWO))
    assert (own.networks, own.words, verdict) == (2, "points, geometric mean", PART)
    assert decided(thousands, record(ISOTROPIC, count=[2000, 2010]))[1] == HOLDS, "with the whole interval"
    own, verdict = decided(thousands, record(ISOTROPIC, count=[4000, 16000]))
    assert (own.number, own.low, verdict) == (pytest.approx(8000), pytest.approx(8000 / 2**T_OF_TWO), UNDECIDED)
    # 8000 and 8100: the interval's lower end is sqrt(8000 x 8100) / 1.0125^(12.706 / 2) = 7,439
    own, verdict = decided(thousands, record(ISOTROPIC, count=[8000, 8100]))
    assert own.low == pytest.approx(np.sqrt(8000 * 8100) / 1.0125 ** (T_OF_TWO / 2)) and verdict == NOT
    own, verdict = decided(thousands, record(ISOTROPIC, count=[0, 4_000_000]))
    assert (own.number, verdict) == (pytest.approx(2000), PART), "an empty panel counts as one of a point"
    assert decided(thousands, record(ISOTROPIC, seeds=(0,), count=[5000]))[1] == UNDECIDED, "one seed has no interval"
    assert "published" in undecidable(thousands, record(TANH, count=[1, 1]))


# --- through training


@decides("trend")
def test_a_number_rises_through_training():
    rises = "decide: {statistic: trend, value: count, of: anisotropic, along: epochs, start: 1}, rule: more"
    epochs = (0, 1, 2, 13, 125)
    # From epoch 1 on all six pairs of checkpoints rise, or five do and one falls: (5 - 1) / 6. Epoch 0 does not count.
    own, verdict = decided(rises, record(TANH, epochs=epochs, count=[[99, 1, 2, 3, 4], [0, 1, 3, 2, 4]]))
    assert (own.number, own.low, own.high) == (pytest.approx(5 / 6), -1, 1), "5 / 6 -+ 12.7 / 6 is beyond -1 to 1"
    assert (own.p, verdict) == (pytest.approx(cauchy(5)), UNDECIDED) and own.networks == 2
    assert own.words == "rank correlation of points with the checkpoint"
    own, verdict = decided(rises.replace("more", "less"), record(TANH, epochs=epochs, count=[[0, 4, 3, 2, 1]] * 2))
    assert (own.number, own.low, own.high) == (-1, -1, -1)
    assert (own.p, verdict) == (0.5, PART), (
        "two equal numbers have no scale: half of the changes of sign are as far off"
    )


@decides("trend")
def test_a_number_rises_from_layer_to_layer():
    rises = "id: fig17-3, decide: {statistic: trend, value: c4, of: anisotropic, along: layers}, rule: more"
    network = "cifar-N-tanh-n18-L3"
    known = record(network, c4=[[[0.1, 0.2, 0.4, 0.3]], [[0.4, 0.2, 0.3, 0.1]]])  # (5 - 1) / 6, and (1 - 5) / 6
    own, verdict = decided(rises, known)
    assert (own.number, own.high, verdict) == (pytest.approx(0), 1, UNDECIDED)
    assert own.words == "rank correlation of c4 with the layer" and own.p == pytest.approx(1)
    lost = record(network, seeds=(0,), c4=[[[0.1, 0.2, 0.4, 0.3]]], count=[[[1000, 49, 1000, 1000]]])
    assert decided(rises, lost)[0].number == pytest.approx(1 / 3), "of three layers that have the number"
    lost = record(network, seeds=(0,), c4=[[[0.1, 0.2, 0.4, 0.3]]], count=[[[1000, 49, 49, 1000]]])
    assert "common" in undecidable(rises, lost), "two have no direction"
    both = record(network, c4=[[[0.1, 0.2, 0.4, 0.3]]] * 2, count=[[[99, 49, 49, 99]], [[99, 99, 99, 99]]])
    assert decided(rises, both)[0].words.endswith("with the layer, in the 1 of 2 seeds that have it")
    assert decided(rises, record(network, c4=[[[0.1] * 4]] * 2))[0].number == 0, "what stays the same does not rise"


@decides("trend")
def test_a_course_needs_checkpoints():
    late = "decide: {statistic: trend, value: count, of: anisotropic, start: 13}, rule: less"
    assert "checkpoint" in undecidable(late, record(TANH, epochs=(0, 1, 2), count=[[1, 2, 3]] * 2))
    assert "published" in undecidable(late, record(ISOTROPIC))


@decides("throughout")
def test_panels_as_bright_as_the_last_throughout():
    """Of three checkpoints of two rows, shares of the full 255 by hand; the last panel is as bright as itself."""
    steady = "decide: {statistic: throughout, of: isotropic}, rule: every, cutoff: constant"
    brightest = np.array([[0, 120, 200], [101, 99, 200]])
    density = np.zeros((2, 3, 4, 4), np.uint8)
    density[:, :, 1, 2] = brightest
    known = record(ISOTROPIC) | drawing("fig01", [(ISOTROPIC, 0), (ISOTROPIC, 1)], density=density)
    own, verdict = decided(steady, known)  # 200 is more than twice 99 and a black panel
    assert (own.yes, own.against, own.networks, verdict) == (4, 2, 2, PART)
    assert (own.low, own.high, own.p) == (None, None, None), "panels of a row are not independent"
    assert own.words == "4 of 6 panels within 2 times the brightest place of the last one, in 2 networks"
    density[:, :2, 1, 2] = 1
    assert (
        decided(steady, record(ISOTROPIC) | drawing("fig01", [(ISOTROPIC, 0), (ISOTROPIC, 1)], density=density))[1]
        == COUNTER
    )
    assert undecidable(steady, record(ISOTROPIC)) == "fig01 is not published."


@decides("falls_each")
def test_a_number_falls_from_figure_to_figure():
    falls = (
        "id: text-6a, decide: {statistic: falls_each, value: count, figures: [fig08, fig09, fig10], of: isotropic}, "
        "rule: every"
    )
    of = {n: f"cifar-N-isotanh-n{n}-L0" for n in (18, 24, 32)}
    known = record(of[18], seeds=(0, 1, 2), count=[300, 300, 9]) | record(of[24], count=[200, 300])
    known |= record(of[32], count=[100, 100])
    own, verdict = decided(falls, known)  # seed 1 stays at 300 first, and seed 2 is not in all of them
    assert (own.number, own.networks, own.p, verdict) == (0.5, 6, None, PART)
    assert own.words == "1 of 2 seeds in which points falls from fig08 to fig10"
    angles = falls.replace("value: count", "value: c4")
    few = record(of[18], c4=[0.3, 0.3]) | record(of[24], c4=[0.2, 0.2]) | record(of[32], c4=[0.1, 0.1], count=[50, 49])
    own, verdict = decided(angles, few)
    assert (own.number, own.undecided, verdict) == (0.5, 1, PART), "a seed without the number is undecided"
    assert "published" in undecidable(falls, record(of[18], count=[300, 300]) | record(of[24], count=[200, 100]))
    apart = record(of[18], seeds=(0,)) | record(of[24], seeds=(1,)) | record(of[32], seeds=(0,))
    assert "counted" in undecidable(falls, apart)


# --- all points together


@decides("nearer")
def test_networks_nearer_to_one_kind_than_to_another():
    either = (
        "id: fig25-3, decide: {statistic: nearer, near: {figures: [fig10], of: anisotropic}, "
        "far: {figures: [fig19], of: anisotropic}}, rule: every"
    )
    near = record("cifar-N-tanh-n32-L0", histogram=[bins({0: 2}), bins({0: 50})])
    far = record("cifar-N-lrelu-n18-L2", histogram=[bins({9: 7}), bins({9: 1})])
    own_name = "cifar-N-bnlrelu_max-n18-L2"
    known = near | far | record(own_name, histogram=[bins({0: 75, 9: 25}), bins({0: 50, 9: 50})])
    own, verdict = decided(either, known)  # three quarters at the near place, and half, which is nearer to neither
    assert (own.number, own.networks, own.p, verdict) == (0.5, 2, None, PART)
    assert own.words == "1 of 2 networks nearer to fig10 than to fig19"
    own, verdict = decided(either, near | far | record(own_name, histogram=[bins({0: 51, 9: 49}), bins({0: 49})]))
    assert (own.number, own.undecided, verdict) == (0.5, 1, PART), "49 points have no angles to speak of"
    # Distances to means: {0: half, 9: half} is as far from all at 0 as from all at 9, and nearer to a mean of both.
    mixed = record("cifar-N-lrelu-n18-L2", histogram=[bins({0: 7}), bins({9: 1})])
    assert decided(either, near | mixed | record(own_name, histogram=[bins({0: 70, 9: 30})] * 2))[0].number == 0
    assert "published" in undecidable(either, far | record(own_name, histogram=[EVEN, EVEN]))


@decides("pixels_compared")
def test_standardised_and_raw_pixels():
    blurs = (
        "id: text-8, decide: {statistic: pixels_compared, value: count, networks_of: [fig32, fig36], of: anisotropic, "
        "scale: ratio, layer: 0}, rule: less"
    )
    names = {(pixels, kind): f"cifar-{pixels}-{kind}-n18-L0" for pixels in "NU" for kind in ("tanh", "lrelu")}
    known = record(names["U", "tanh"], count=[100, 100]) | record(names["N", "tanh"], count=[50, 50])
    known |= record(names["U", "lrelu"], count=[100, 100]) | record(names["N", "lrelu"], count=[32, 50])
    own, verdict = decided(blurs, known)  # sqrt(0.5 x 0.32) = 0.4 in seed 0 and sqrt(0.5 x 0.5) = 0.5 in seed 1
    assert own.number == pytest.approx(np.sqrt(0.4 * 0.5)) and own.networks == 8
    assert own.high == pytest.approx(np.sqrt(0.2) * 1.25 ** (T_OF_TWO / 2)) and verdict == UNDECIDED
    assert own.p == pytest.approx(cauchy(np.log(np.sqrt(0.2)) / np.log(1.25) * -2))
    lone = record("cifar-N-tanh-n18-L1") | record("cifar-U-lrelu-n18-L1")
    assert decided(blurs, known | lone)[0] == own, "a network of one kind of pixels alone is in no pair"
    assert "pair" in undecidable(blurs, record(names["U", "tanh"]) | record(names["N", "lrelu"]))


@decides("pixels_compared")
def test_a_configuration_without_the_number_is_left_out():
    peaks = (
        "id: text-8, decide: {statistic: pixels_compared, value: peak, networks_of: [fig32, fig36], of: anisotropic, "
        "scale: ratio, layer: 0}, rule: less, than: 0.5"
    )
    # Four bins with 25 points each have a peak of 72 x 4 x 25 x 24 / (100 x 99) = 17.45, two with 50 have 35.64.
    four, two = bins(dict.fromkeys((0, 18, 36, 54), 25)), TWO_BINS
    known = record("cifar-U-tanh-n18-L0", histogram=[two, two]) | record("cifar-N-tanh-n18-L0", histogram=[four, four])
    few = record("cifar-N-lrelu-n18-L0", histogram=[two, bins({0: 9})])
    known |= record("cifar-U-lrelu-n18-L0", histogram=[two, two]) | few
    own, verdict = decided(peaks, known)
    assert (own.number, own.networks) == (pytest.approx(24 / 49), 4) and own.words == "ratio of angular concentration"
    assert (own.p, verdict) == (0.5, PART), "both seeds have the same ratio, which has no scale then"
    alone = record("cifar-U-lrelu-n18-L0", histogram=[two, two]) | few
    assert undecidable(peaks, alone) == "No pair of networks has this number in every seed."


# --- settings and closed forms


@decides("other_differences")
def test_networks_differ_in_the_activation_alone():
    same = "id: fig03-1, decide: {statistic: other_differences, against: fig02}, rule: exact, equals: 0"
    leaky = drawing("fig03", [("cifar-U-lrelu-n18-L2", 0), ("cifar-U-isolrelu-n18-L2", 0)])
    tanh = drawing("fig02", [("cifar-U-tanh-n18-L2", 0), ("cifar-U-tanh-n18-L2", 1)])
    assert [decided(same, leaky | tanh)[at] for at in (1,)] == [HOLDS]
    own, verdict = decided(same, leaky | drawing("fig02", [("cifar-U-tanh-n18-L3", 0)]))
    assert (own.number, verdict) == (2, NOT), "one configuration of either figure has no like in the other"
    assert own.words == "configurations that differ in more than the activation"
    assert undecidable(same, leaky) == "fig02 is not published."


@decides("other_networks")
def test_two_figures_of_the_same_networks():
    same = "id: fig20-1, decide: {statistic: other_networks, against: fig18}, rule: exact, equals: 0"
    rows = [("cifar-N-lrelu-n18-L3", 0), ("cifar-N-isolrelu-n18-L3", 0)]
    own, verdict = decided(same, drawing("fig20", rows) | drawing("fig18", [*rows[::-1], (rows[0][0], 1)]))
    assert (own.number, own.words, verdict) == (0, "configurations that only one of the two figures has", HOLDS)
    own, verdict = decided(same, drawing("fig20", rows) | drawing("fig18", rows[:1]))
    assert (own.number, verdict) == (1, NOT)
    assert undecidable(same, drawing("fig18", rows)) == "fig20 is not published."


@decides("standardised_configurations")
def test_configurations_that_see_standardised_pixels():
    raw = "id: fig03-5, decide: {statistic: standardised_configurations}, rule: exact, equals: 0"
    rows = [("cifar-U-lrelu-n18-L2", 0), ("cifar-U-isolrelu-n18-L2", 0)]
    assert decided(raw, drawing("fig03", rows))[1] == HOLDS
    one = [*rows, ("cifar-N-lrelu-n18-L2", 0), ("cifar-N-lrelu-n18-L2", 1)]
    own, verdict = decided(raw, drawing("fig03", one))
    assert (own.number, own.words, verdict) == (1, "configurations with standardised pixels", NOT)
    assert undecidable(raw, {}) == "fig03 is not published."


@decides("shown_layers")
def test_the_highest_layer_that_is_shown():
    first = "id: fig10-4, decide: {statistic: shown_layers, figures: [fig08, fig09]}, rule: exact, equals: 0"
    known = drawing("fig08", [("cifar-N-tanh-n18-L0", 0)]) | drawing("fig09", [("cifar-N-tanh-n24-L0", 0)])
    own, verdict = decided(first, known)
    assert (own.number, own.words, verdict) == (0, "highest latent layer that is shown", HOLDS)
    later = known | drawing("fig09", [("cifar-N-tanh-n24-L1", 0)], facts={"layer": 1})
    assert [decided(first, later)[0].number, decided(first, later)[1]] == [1, NOT]
    assert undecidable(first, drawing("fig08")) == "fig09 is not published."


@decides("expected_count")
def test_points_expected_of_isotropic_representations():
    printed = (
        "id: fig10-5a, decide: {statistic: expected_count, samples: 50000, figure: fig08}, "
        "rule: within, between: [10267.5, 10268.5]"
    )
    own, verdict = decided(printed, drawing("fig08"))  # 18 x 17 / 2 = 153 planes, (1 - 9/16)^8 = 7^8 / 16^8
    assert own.number == pytest.approx(50_000 * 153 * 7**8 / 16**8) and verdict == HOLDS
    own, verdict = decided(printed, drawing("fig08", facts={"epsilon": 0.8}))
    assert (own.number, verdict) == (pytest.approx(50_000 * 153 * 0.36**8), NOT)
    assert undecidable(printed, {}) == "fig08 is not published."


@decides("orthant_share")
def test_the_diagonal_of_an_orthant_in_a_plane():
    third = "id: fig11-3, decide: {statistic: orthant_share, figure: fig11}, rule: within, between: [0.3, 0.75]"
    own, verdict = decided(third, drawing("fig11", [("cifar-N-tanh-n18-L1", 0), ("cifar-N-isotanh-n18-L1", 0)]))
    assert (own.number, verdict) == (pytest.approx(1 / 3), HOLDS)
    assert own.words == "in-plane share of the diagonal of an orthant"
    own, verdict = decided(third, drawing("fig11", [("cifar-N-tanh-n2-L1", 0)]))
    assert (own.number, verdict) == (1, NOT)
    assert undecidable(third, {}) == "fig11 is not published."


@decides("identity_orthant")
def test_representations_without_a_negative_component():
    none = (
        "id: fig08-9, decide: {statistic: identity_orthant, of: isotropic}, rule: equal, margin: {value: 0.7, why: so}"
    )
    name = "cifar-N-isotanh-n18-L0"

    def kept(*representations: list[int], seeds: int = 1) -> dict[str, Published]:
        """Of every seed alike, (seeds, layers, samples, neurons)."""
        values = np.tile(np.array(representations, np.int16), (seeds, 1, 1, 1))
        about = {"seeds": list(range(seeds)), "configuration": name}
        return {f"representations/{name}": Published({"values": values, "scale": np.full((seeds, 1), 2.0)}, about)}

    inside, outside = [0, 3] * 9, [5] * 17 + [-1]
    own, verdict = decided(none, record(name) | kept(outside, outside, outside, outside))
    assert own.number == own.low == -(2**-18) and own.high == pytest.approx(1 - 0.025**0.25 - 2**-18)
    assert (own.networks, own.share, own.reach, verdict) == (1, False, None, HOLDS)
    own, verdict = decided(none, record(name) | kept(inside, outside, outside, outside))
    assert own.number == pytest.approx(1 / 4 - 2**-18) and own.low == pytest.approx(1 - 0.975**0.25 - 2**-18)
    assert verdict == UNDECIDED and own.words.startswith("1 of 4 isotropic representations with no negative component")
    own, verdict = decided(none.replace("0.7", "0.1"), record(name) | kept(outside, seeds=2))
    assert (own.networks, own.words[:6], verdict) == (2, "0 of 2", SILENT), "[0, 0.84] holds 0 and is wider than 0.1"
    assert decided(none.replace("0.7", "0.1"), record(name) | kept(inside, seeds=9))[1] == NOT, "[0.66, 1]"
    assert "counted" in undecidable(none, record(name))
    assert "published" in undecidable(none, kept(inside))
