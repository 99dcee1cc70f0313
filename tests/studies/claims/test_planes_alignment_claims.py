"""Claims about alignment: made-up networks beside their random bases and beside each other, verdicts by hand."""

import numpy as np
import pytest
from handmade import NULL, T_OF_TWO, cauchy, decided, decides, record, undecidable
from scipy.stats import kstest, norm

from isoaux import statistics
from isoaux.common.archive import Published
from isoaux.paper import Configuration, figure
from isoaux.records.evidence import Reader
from isoaux.records.panel_values import Sample
from isoaux.records.record import Record
from isoaux.scorecard.verdicts import COUNTER, HOLDS, NOT, PART, SILENT, UNDECIDED, UNSEEN
from isoaux.studies.planes import alignment_claims

TANH, ISOTROPIC = "cifar-U-tanh-n18-L0", "cifar-U-isotanh-n18-L0"
"""The networks of Figure 1, to which a claim belongs here that does not say another figure."""


AXES = "statistic: differs, value: quartimax, without: c4, side: above, place: axes"
"""A claim of clusters on the axes."""


def counted(own):
    return own.yes, own.against, own.undecided


# --- beside their own random bases


@decides("differs")
def test_networks_differ_from_their_random_bases():
    known = record(TANH, seeds=(0, 1, 2), c4=[0.9, -0.9, 0.2], nulls={"c4": NULL})
    above = "decide: {statistic: differs, value: c4, of: anisotropic, side: above}, rule: every"
    own, verdict = decided(above, known)
    # Each has p = 2 / 40, and two are on the side that is named. By chance one in 40 would be: of three networks two or
    # more with 3 (1/40)^2 (39/40) + (1/40)^3. Clopper and Pearson's ends have 3q^2 - 2q^3 = 0.025 and q^3 = 0.975.
    assert (own.number, counted(own), own.networks) == (pytest.approx(2 / 3), (2, 1, 0), 3)
    assert own.p == pytest.approx(3 * 39 / 40**3 + 1 / 40**3)
    assert own.high == pytest.approx(0.975 ** (1 / 3)) and 3 * own.low**2 - 2 * own.low**3 == pytest.approx(0.025)
    assert (
        own.words == "2 of 3 networks above their random bases by c4 (median c4 0.2) of raw representations"
        and verdict == PART
    )
    own, verdict = decided(above.replace("above", "either"), known)
    assert (own.number, own.p, verdict) == (1, pytest.approx(0.05**3), HOLDS)
    assert own.words == "3 of 3 networks outside their random bases by c4 (median c4 0.2) of raw representations"
    own, verdict = decided(above.replace("above", "below"), known)
    assert (own.number, counted(own)) == (pytest.approx(1 / 3), (1, 2, 0)) and verdict == COUNTER
    assert own.p == pytest.approx(1 - (39 / 40) ** 3)
    own, verdict = decided(above, record(TANH, seeds=(0, 1, 2), c4=[0.9, 0.1, -0.1], nulls={"c4": NULL}))
    assert (counted(own), verdict) == ((1, 0, 2), UNDECIDED), "what is not outside is not on the other side"


@decides("differs")
def test_at_least_one_network_differs():
    some = "decide: {statistic: differs, value: c4, of: anisotropic, side: above}, rule: some"
    own, verdict = decided(some, record(TANH, seeds=(0, 1, 2), c4=[0.9, 0, 0], nulls={"c4": NULL}))
    assert (own.number, own.p, verdict) == (pytest.approx(1 / 3), pytest.approx(3 * 0.05), PART)
    fine = np.arange(-99, 100) / 1000  # 199 random bases: beyond all of them p is 2 / 200
    own, verdict = decided(some, record(TANH, seeds=(0, 1, 2), c4=[0.9, 0, 0], nulls={"c4": fine}))
    assert (own.p, verdict) == (pytest.approx(3 * 0.01), HOLDS)
    assert decided(some, record(TANH, seeds=(0, 1, 2), c4=[-0.9, 0, 0], nulls={"c4": fine}))[1] == UNSEEN


@decides("differs")
def test_what_is_rare_is_not_shown_by_tests_that_do_not_reject():
    few = "decide: {statistic: differs, value: c4, of: anisotropic, side: above}, rule: few"

    def of(c4):
        return decided(few, record(TANH, c4=c4, nulls={"c4": NULL}))

    own, verdict = of([0, 0])  # neither is above, and neither is shown to be elsewhere
    assert (own.number, own.accepted, own.p, verdict) == (0, True, None, SILENT)
    own, verdict = of([-0.9, -0.9])
    assert (own.number, own.accepted, verdict) == (0, False, HOLDS), "both are below by their tests"
    assert [of(c4)[1] for c4 in ([0.9, 0], [0.9, 0.9])] == [PART, UNDECIDED]  # [0.16, 1] reaches below a half


@decides("differs")
def test_directions_decide_whether_and_c4_where():
    axes = f"decide: {{{AXES}, of: anisotropic}}, rule: every"
    tests = {"quartimax": [[0.4, 0.01], [0.4, 0.01], [0.4, 0.01], [0.1, 0.01], [0.22, 0.4]]}
    known = record(TANH, seeds=range(5), c4=[0.1, -0.1, -0.9, 0.1, 0.9], nulls={"c4": NULL}, tests=tests)
    # The first gathers on neurons and lies above the middle of c4; the second below it, undecidedly; the third
    # decidedly; the fourth avoids the neurons; the fifth does nothing by quartimax, and c4 does not count for it.
    own, verdict = decided(axes, known)
    assert (counted(own), verdict) == ((1, 2, 2), COUNTER)
    assert own.words == (
        "1 of 5 networks above their random bases by quartimax (median quartimax 0.4) of raw representations, and on "
        "the axes by c4, 2 undecided"
    )
    assert own.p == pytest.approx(
        1 - (1 - 0.025) ** 5
    )  # its one-sided p of 0.005 is at most 0.025, which one in 40 has
    own, verdict = decided(axes.replace("side: above, place: axes", "side: either"), known)
    assert counted(own) == (4, 0, 1) and verdict == PART
    few = record(TANH, c4=[0.9, 0.9], count=[49, 50], nulls={"c4": NULL}, tests={"quartimax": [0.4, 0.01]})
    assert counted(decided(axes, few)[0]) == (1, 0, 1), "where the directions are is not known of 49 points"


@decides("differs")
def test_records_without_the_statistic_are_decided_by_another_and_say_so():
    axes = f"id: fig08-1, decide: {{{AXES}, figures: [fig08, fig09], of: anisotropic}}, rule: every"
    old = record("cifar-N-tanh-n18-L0", c4=[0.9, 0.9], nulls={"c4": NULL})
    new = record("cifar-N-tanh-n24-L0", c4=[0.1, 0.1], nulls={"c4": NULL}, tests={"quartimax": [0.4, 0.05]})
    own, verdict = decided(axes, old | new)
    assert (counted(own), verdict) == ((4, 0, 0), PART)
    assert own.words == (
        "4 of 4 networks above their random bases by quartimax (median quartimax 0.4) and c4 where records have no "
        "quartimax (median c4 0.9) of raw representations, and on the axes by c4"
    )
    # Two networks a seed, with one-sided p of 1/40: twice the least of each seed's, 1/20, is not at most 1/40.
    assert own.p == 1
    sharp = record("cifar-N-tanh-n24-L0", c4=[0.1, 0.1], nulls={"c4": NULL}, tests={"quartimax": [0.4, 0.02]})
    assert decided(axes, old | sharp)[0].p == pytest.approx(1 / 40**2)  # 2 x 0.01 in both seeds
    missing = axes.replace("quartimax, without: c4", "sixth, without: kurtosis")
    assert "has no sixth" in undecidable(missing, old)


@decides("differs")
def test_several_statistics_are_ranked_together():
    """Of a network and its 39 random bases, how many are as extreme in the more extreme of two statistics?"""
    either = "decide: {statistic: differs, value: [c4, s2], of: anisotropic, side: either}, rule: every"
    nulls = {"c4": NULL, "s2": NULL}
    # Alone each extreme value has p = 0.05. The first network is extreme in c4 and in the middle of s2; the base with
    # -0.19 is extreme in both, the one with 0.19 in s2 alone and second in c4: three of 40 have a least p of 0.05, and
    # that network the largest sum. The second network is extreme in both, as the base with -0.19 is: two of 40.
    own, verdict = decided(either, record(TANH, c4=[0.9, 0.9], s2=[0.005, 0.9], nulls=nulls))
    assert (own.number, own.networks, verdict) == (0.5, 2, PART)
    assert own.p == pytest.approx(1 - 0.95**2)  # one or more of two networks with p <= 0.05
    assert own.words == (
        "1 of 2 networks outside their random bases by c4 or s2 (median c4 0.9 and s2 0.453) of raw "
        "representations, 1 undecided"
    )
    # Where no base is extreme in both, three of 40 have a least p of 0.05, and the network in both the smallest sum.
    apart = {"c4": NULL, "s2": np.roll(NULL, 10)}
    assert decided(either, record(TANH, c4=[0.9, 0.9], s2=[0.9, -0.9], nulls=apart))[0].number == 1
    with pytest.raises(ValueError, match="side of fig01-1 is 'above' for c4, s2; accepted: either"):
        decided(either.replace("either", "above"), record(TANH, c4=[0.9, 0.9], s2=[0, 0], nulls=nulls))


@decides("differs")
def test_what_has_no_number_does_not_differ():
    above = "decide: {statistic: differs, value: c4, of: anisotropic, side: above}, rule: some"
    tie = record(TANH, seeds=(0,), c4=[0.19], nulls={"c4": NULL})  # as large as the largest: p = 2 x 2 / 40
    assert decided(above, tie)[0].number == 0
    some_nan = np.append(NULL, [np.nan, np.nan])  # random bases without points are left out
    assert decided(above, record(TANH, seeds=(0,), c4=[0.9], nulls={"c4": some_nan}))[0].number == 1
    assert decided(above, record(TANH, seeds=(0,), c4=[np.nan], nulls={"c4": NULL}))[0].number == 0
    assert decided(above, record(TANH, seeds=(0,), c4=[0.9], nulls={"c4": NULL * np.nan}))[0].number == 0
    few = record(TANH, c4=[0, 0], s2=[0, 0], count=[49, 50], nulls={"c4": NULL - 0.5, "s2": NULL - 0.5, "count": NULL})
    assert counted(decided(above, few)[0]) == (1, 0, 1), "49 points have no angles to speak of"
    both = "decide: {statistic: differs, value: [c4, s2], of: anisotropic, side: either}, rule: some"
    assert decided(both, few)[0].number == 0.5
    nothing = record(TANH, seeds=(0,), c4=[np.nan], s2=[np.nan], nulls={"c4": NULL * np.nan, "s2": NULL * np.nan})
    assert decided(both, nothing)[0].number == 0
    fewer = "decide: {statistic: differs, value: count, of: anisotropic, side: below}, rule: every"
    own, verdict = decided(fewer, record(TANH, count=[0, 0], nulls={"count": 100 + NULL}))
    assert (own.number, own.p, verdict) == (1, pytest.approx(1 / 40**2), HOLDS), "no point is the fewest there is"
    assert "published" in undecidable(above, record(ISOTROPIC, c4=[0, 0], nulls={"c4": NULL}))


@decides("differs")
def test_seeds_are_the_units_of_p():
    """Networks of one seed count as one, by m / k times the k-th least of their p, k being half of m."""
    networks = "figures: [fig08, fig09, fig10], of: anisotropic"
    most = f"id: text-4c, decide: {{statistic: differs, value: c4, {networks}, side: above}}, rule: most"
    fine = np.arange(-999, 1000) / 10_000  # 1,999 random bases: beyond all of them p is 0.001, on one side 0.0005
    known = {
        n: record(f"cifar-N-tanh-n{n}-L0", c4=c4, nulls={"c4": fine})
        for n, c4 in ((18, [0.9, 0.9]), (24, [0.9, 0.9]), (32, [0.9, 0]))
    }
    own, verdict = decided(most, known[18] | known[24] | known[32])
    # Of three networks the second least counts 3 / 2 times: 0.00075 in both seeds, of which there are two of two.
    assert (counted(own), own.p, verdict) == ((5, 0, 1), pytest.approx(1 / 40**2), HOLDS)
    none = record("cifar-N-tanh-n24-L0", c4=[0.9, 0], nulls={"c4": fine})
    own = decided(most, known[18] | none | known[32])[0]  # one seed of two: 1 - (39 / 40)^2 have one or more
    assert own.p == pytest.approx(1 - (39 / 40) ** 2)


@decides("no_difference")
def test_networks_within_their_random_bases():
    within = "decide: {statistic: no_difference, value: c4, of: isotropic}, rule: calibrated"
    # In the middle p is 1, beyond all 39 it is 0.05. Of two networks Fisher's p is a (1 - ln a) with a the product.
    own, verdict = decided(within, record(ISOTROPIC, c4=[0, 0.9], nulls={"c4": NULL}))
    assert (own.number, own.p, verdict) == (0.5, pytest.approx(0.05 * (1 - np.log(0.05))), SILENT)
    assert own.words == "1 of 2 networks within their random bases by c4 (median c4 0.45) of raw representations"
    assert own.accepted
    own, verdict = decided(within, record(ISOTROPIC, c4=[-0.9, 0.9], nulls={"c4": NULL}))
    assert (own.number, own.p, verdict) == (0, pytest.approx(0.0025 * (1 - np.log(0.0025))), NOT)
    fine = np.arange(-199, 200) / 1000  # 399 random bases: p = 0.005 alone is beyond chance for two networks
    own, verdict = decided(within, record(ISOTROPIC, c4=[0, 0.9], nulls={"c4": fine}))
    assert (own.number, own.p, verdict) == (0.5, pytest.approx(0.005 * (1 - np.log(0.005))), PART)
    assert "published" in undecidable(within, record(TANH, c4=[0, 0], nulls={"c4": NULL}))


@decides("no_difference")
def test_a_network_is_within_by_all_of_its_statistics():
    within = "decide: {statistic: no_difference, value: quartimax, without: [c4, s2], of: isotropic}, rule: calibrated"
    known = record(ISOTROPIC, c4=[0.9, 0.9], s2=[0.005, 0.9], nulls={"c4": NULL, "s2": NULL})
    own, verdict = decided(within, known)  # p = 3 / 40 and 2 / 40, as above
    product = 3 / 40 * 2 / 40
    assert (own.number, own.p, verdict) == (0.5, pytest.approx(product * (1 - np.log(product))), PART)
    assert own.words.endswith(
        "by c4 or s2 where records have no quartimax (median c4 0.9 and s2 0.453) of raw representations"
    )
    tested = record(ISOTROPIC, c4=[0.9, 0.9], s2=[0, 0], tests={"quartimax": [[0.2, 1], [0.2, 0.5]]})
    own, verdict = decided(within, tested)
    assert (own.number, own.p, verdict) == (1, pytest.approx(0.5 * (1 - np.log(0.5))), SILENT)


# --- beside other networks


@decides("more_aligned")
def test_how_much_more_aligned_networks_are_than_their_partners():
    more = (
        "decide: {statistic: more_aligned, value: quartimax, without: count, of: anisotropic, "
        "against: {of: isotropic}, scale: ratio}, rule: more"
    )
    of = {seed: [[0.2 * factor, 1] for factor in pair] for seed, pair in ((TANH, (3, 6)), (ISOTROPIC, (1, 1.5)))}
    known = record(TANH, tests={"quartimax": of[TANH]}) | record(ISOTROPIC, tests={"quartimax": of[ISOTROPIC]})
    own, verdict = decided(more, known)  # 3 and 4 times further above the random bases
    assert own.number == pytest.approx(np.sqrt(12)) and own.networks == 4
    assert own.low == pytest.approx(np.sqrt(12) / (4 / 3) ** (T_OF_TWO / 2))
    assert own.p == pytest.approx(cauchy(np.log(12) / np.log(4 / 3))) and verdict == UNDECIDED
    assert own.words == "ratio of quartimax of raw representations over its median in random bases"
    counts = record(TANH, count=[300, 0], nulls={"count": 100 + NULL}) | record(
        ISOTROPIC, count=[50, 100], nulls={"count": [[50.0] * 39, [0.0] * 39]}, tests={"quartimax": [0.2, 1]}
    )
    own, _ = decided(more, counts)  # 3 against 1, and no point, as one of 100, against 100 times none, as one
    assert own.number == pytest.approx(np.sqrt(3 * 1e-4))
    assert own.words == (
        "ratio of count of raw representations over its median in random bases (not all records have quartimax)"
    )
    assert "pair" in undecidable(more, record(TANH, tests={"quartimax": [0.2, 1]}))


@decides("error_follows")
def test_whether_the_error_follows_alignment_over_architectures():
    follows = (
        "id: text-17, decide: {statistic: error_follows, value: quartimax, without: count, "
        "networks_of: [fig31, fig32]}, rule: more"
    )
    # Alignment, error: how many times those of the isotropic partner. In seed 0 in the same order, in seed 1 with the
    # first two turned, so that Spearman's correlation of four is 1 - 6 (1 + 1) / (4 x 15) = 0.8.
    architectures = {
        "N-{}-n18-L0": ((2, 2), (1.1, 1.2)),
        "N-{}-n24-L0": ((3, 3), (1.2, 1.1)),
        "N-{}-n32-L0": ((4, 4), (1.3, 1.3)),
        "U-{}-n18-L0": ((5, 5), (1.4, 1.4)),
    }
    known = {}
    for name, (aligned, worse) in architectures.items():
        first = {"quartimax": [[0.2 * factor, 1] for factor in aligned]}
        known |= record(f"cifar-{name.format('tanh')}", tests=first, test_error_sigma=worse)
        known |= record(f"cifar-{name.format('isotanh')}", tests={"quartimax": [0.2, 1]}, test_error_sigma=[1, 1])
    own, verdict = decided(follows, known)
    assert (own.number, own.low, own.high) == (pytest.approx(0.9), pytest.approx(0.9 - T_OF_TWO * 0.1), 1)
    assert (own.networks, verdict) == (16, UNDECIDED)
    assert own.words == (
        "rank correlation over 4 pairs of networks of the error with quartimax of raw representations over its median "
        "in random bases"
    )
    alike = {}
    for name in architectures:
        for kind in ("tanh", "isotanh"):
            alike |= record(f"cifar-{name.format(kind)}", tests={"quartimax": [0.2, 1]}, test_error_sigma=[1, 1])
    assert "common" in undecidable(follows, alike), "what is the same in all pairs has no ranks"
    some = {name: part for name, part in known.items() if "n32" not in name}
    assert "four pairs" in undecidable(follows, some)


# --- the p of several statistics, and of several networks of a seed


def made_up(values, nulls) -> Sample:
    """Networks of these statistics (S,), with the random bases (S, D)."""
    arrays = {name: each[:, None, None] for name, each in values.items()}
    arrays |= {f"final_null_{name}": each[:, None] for name, each in nulls.items()}
    arrays["count"] = np.full((len(next(iter(values.values()))), 1, 1), 1000)
    facts = {"seeds": list(range(len(arrays["count"]))), "epsilon": 0.75, "measure_version": 2}
    one = Record(Published(arrays | {"epochs": np.array([125])}, facts))
    return Sample(figure("fig01"), Configuration.parse(TANH), 0, 0, one, Reader(None))


@pytest.mark.parametrize("correlation", [0.0, 0.7, -0.7, 1.0])
def test_several_statistics_of_a_network_have_one_p_that_is_uniform(correlation):
    """However they hang together; Fisher's combination over networks keeps its level then."""
    rng = np.random.default_rng(0)
    mixing = np.linalg.cholesky([[1, correlation], [correlation, 1 + 1e-9]])
    first, second = np.moveaxis(rng.standard_normal((2000, 100, 2)) @ mixing.T, -1, 0)
    sample = made_up({"c4": first[:, 0], "s2": second[:, 0]}, {"c4": first[:, 1:], "s2": second[:, 1:]})
    p = alignment_claims._joint_p(sample, ["c4", "s2"])
    assert kstest(p, "uniform").statistic < 0.05
    combined = [statistics.fisher(five) for five in p.reshape(-1, 5)]
    assert 0.015 < np.mean(np.array(combined) <= 0.05) < 0.085


@pytest.mark.parametrize("shared", [0.0, 0.8, 1.0])
@pytest.mark.parametrize("networks", [2, 3, 6])
def test_the_p_of_a_seed_is_one_however_its_networks_hang_together(shared, networks):
    rng = np.random.default_rng(networks)
    own, common = rng.standard_normal((4000, networks)), rng.standard_normal((4000, 1))
    values = np.sqrt(shared) * common + np.sqrt(1 - shared) * own
    p = 2 * norm.sf(np.abs(values))
    of_seed = np.array([statistics.ruger(list(each)) for each in p])
    for level in (0.01, 0.05, 0.2):
        assert np.mean(of_seed <= level) <= level + 3 * np.sqrt(level / 4000)
