"""Claims about single neurons and classes: made-up networks, with evidence and verdict worked out by hand."""

from typing import Any

import numpy as np
from handmade import Files, decided, decides, drawing, undecidable
from scipy.stats import binom, chi2

from isoaux.scorecard.verdicts import HOLDS, NOT, PART, SILENT, UNDECIDED, UNSEEN
from isoaux.studies.neurons.measuring import TESTED

CIFAR, MNIST = "cifar-S-tanh-n10-L0-h64", "mnist-S-tanh-n10-L0-h64"
SEEDS = (100, 101, 102, 103, 104)
FAR, NEAR = 0.002, 0.5
"""p of a value beyond all turned copies, and of one between them; the copies' median is 0.2."""


def networks(figure: str, after: dict[str, Any], before: Any = NEAR, **more: Any) -> Files:
    """Five networks whose numbers have these p, (5,), and lie above the median where p is given as positive.

    A negative p stands for a value below the median. Before training all have p ``before``; raw is as centred.
    """
    configuration = MNIST if figure == "figS4" else CIFAR
    value, p = np.full((5, 2, 2, len(TESTED)), 0.5), np.full((5, 2, 2, len(TESTED)), NEAR)
    p[:, 0] = np.reshape(before, (-1, 1, 1))
    for name, given in after.items():
        place = TESTED.index(name)
        p[:, 1, :, place] = np.abs(given)[:, None]
        value[:, 1, :, place] = np.where(np.array(given) > 0, 0.5, 0.1)[:, None]
    null = np.broadcast_to([0.15, 0.2, 0.25], (*value.shape, 3))
    rows = [(configuration, seed) for seed in SEEDS]
    return drawing(figure, rows, value=value, p_copies=p, null_copies=null, **more)


def claim(rest: str, rule: str, figures: str = "figS3, figS4") -> str:
    return f"id: srm-11, decide: {{figures: [{figures}], {rest}}}, rule: {rule}"


@decides("neurons_special")
def test_networks_count_whose_neurons_separate_classes_more_than_turned_copies() -> None:
    """Of ten networks six are above with p = 0.002, one is below, three are neither.

    A seed's p is twice the smaller of its two one-sided ones: 0.002 at all seeds but the last, of which one network at
    least is above with 0.001. So four of five are at most 0.025.
    """
    asked = claim("statistic: neurons_special, value: spread", "most")
    known = networks("figS3", {"spread": [FAR, FAR, FAR, -FAR, NEAR]}) | networks(
        "figS4", {"spread": [FAR, FAR, NEAR, FAR, -NEAR]}
    )
    evidence, verdict = decided(asked, known)
    assert (evidence.yes, evidence.against, evidence.undecided, verdict) == (6, 1, 3, HOLDS)
    assert evidence.p is not None and np.isclose(evidence.p, binom.sf(3, 5, 0.025))
    assert evidence.words == "6 of 10 networks above turned copies by spread of raw representations, 3 undecided"
    few = networks("figS4", {"redundant": [FAR, -FAR, -FAR, -FAR, -FAR]})
    alike = claim("statistic: neurons_special, value: redundant", "most", "figS4")
    assert decided(alike, few)[1] == PART, "one of five"
    assert decided(alike, networks("figS4", {"redundant": [-FAR] * 5}))[1] == UNDECIDED, "0 of 5 reaches up to 0.52"
    assert undecidable(asked, {}) == "None of the networks is published."


@decides("neurons_by_chance")
def test_before_training_p_values_are_uniform() -> None:
    """Of a seed's two networks with the same p both count as twice that; Fisher's p is of -2 sum log p, 10 degrees."""
    asked = claim("statistic: neurons_by_chance, value: spread, epoch: first", "calibrated")
    usual = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    known = {name: networks(name, {}, usual)[name] for name in ("figS3", "figS4")}
    evidence, verdict = decided(asked, known)
    assert (evidence.yes, evidence.of, verdict) == (10, 10, SILENT)
    doubled = np.minimum(1, 2 * usual)
    assert evidence.p is not None and np.isclose(evidence.p, chi2.sf(-2 * np.log(doubled).sum(), 10))
    broken = networks("figS4", {}, FAR)
    assert decided(asked, broken)[1] == NOT, "p is some 1e-9, and none of five lies within its copies"
    assert undecidable(asked, {}) == "None of the networks is published."


@decides("neurons_weak")
def test_neurons_count_that_differ_less_than_random_directions() -> None:
    """Of 10 neurons in five networks 1, 0, 2, 3 and 5 are weak: 11 of 50, at least one in five."""
    asked = claim("statistic: neurons_weak", "some", "figS4")

    def weak(*shares: float) -> Files:
        return networks("figS4", {}, weak=np.broadcast_to(np.reshape(shares, (5, 1, 1)), (5, 2, 2)))

    evidence, verdict = decided(asked, weak(0.1, 0, 0.2, 0.3, 0.5))
    assert (evidence.yes, evidence.of, evidence.networks, verdict) == (11, 50, 5, HOLDS)
    assert decided(asked, weak(0, 0, 0, 0, 0))[1] == UNSEEN
    assert decided(asked, weak(0.1, 0, 0, 0, 0))[1] == NOT, "1 of 50 reaches no further than 0.11"
    assert undecidable(asked, {}) == "None of the networks is published."


@decides("neurons_random")
def test_random_bases_count_that_tell_nothing() -> None:
    asked = claim("statistic: neurons_random", "most", "figS4")
    p = np.full((5, len(TESTED)), FAR)
    p[:3, TESTED.index("spread")] = NEAR
    evidence, verdict = decided(asked, networks("figS4", {}, control_p_permuted=p))
    assert (evidence.yes, evidence.of, evidence.accepted, verdict) == (3, 5, True, HOLDS)
    p[:] = FAR
    assert decided(asked, networks("figS4", {}, control_p_permuted=p))[1] == UNDECIDED, "0 of 5 reaches up to 0.52"
    assert undecidable(asked, {}) == "None of the networks is published."


@decides("neurons_opposite")
def test_networks_count_with_two_neurons_of_opposite_orders() -> None:
    """Ten classes in the order 0..9 and, at neuron 2, in the reverse order; at neuron 3 two neighbours are exchanged.

    The rank correlation of neurons 1 and 2 is -1; where all of the others are constant and neuron 2 has its first half
    reversed alone, it is 1 - 6 (2 (16 + 4) ) / 990 = 0.76 with neuron 1.
    """
    rank, profiles = np.full((5, 2, 2), np.nan), np.zeros((5, 2, 2, 20, 10))
    rank[0], rank[1], rank[2] = -0.95, 0.95, -0.6
    rising = np.arange(10) / 10
    profiles[:, :, :, 0] = rising
    profiles[:, :, :, 1] = np.concatenate([rising[4::-1], rising[5:]])
    profiles[3, :, :, 4] = -(rising**3)
    known = networks("figS4", {}, rank_correlation=rank, profiles=profiles)

    def asked(pairs: str, line: float = -0.9) -> str:
        cutoff = f"some, cutoff: {{value: {line}, why: so}}"
        return claim(f"statistic: neurons_opposite, pairs: {pairs}", cutoff, "figS4")

    evidence, verdict = decided(asked("chosen"), known)
    assert (evidence.yes, evidence.of, verdict) == (1, 5, HOLDS)
    evidence, verdict = decided(asked("all"), known)
    assert (evidence.yes, evidence.of, verdict) == (1, 5, HOLDS), "of network 3, whose fifth neuron is the reverse"
    assert decided(asked("all", -0.75), known)[0].yes == 5 and decided(asked("all", -0.77), known)[0].yes == 1
    constant = networks("figS4", {}, rank_correlation=rank, profiles=np.zeros((5, 2, 2, 20, 10)))
    assert decided(asked("all"), constant)[1] == UNSEEN
    assert undecidable(asked("all"), {}) == "None of the networks is published."
