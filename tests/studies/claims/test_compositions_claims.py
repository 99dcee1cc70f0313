"""Claims of the primer on representations: made-up networks, with evidence and verdict worked out by hand."""

from typing import Any

import numpy as np
from handmade import NULL, Files, decided, decides, drawing, undecidable

from isoaux.scorecard.verdicts import COUNTER, HOLDS, NOT, PART, SILENT, UNDECIDED
from isoaux.studies.compositions.data import ACTIVATIONS, CURVE

SEEDS = 3
KNOWN = {"seeds": [100, 101, 102], "rows": []}


def pairs(shape: Any, nearest: float = 0.1, share: float = 0.02, seen: Any = 1.0) -> Files:
    """Two designs of two pairs: accuracies of shape by seed, and of the nearest image; the share of interaction."""
    correct = np.ones((SEEDS, 3, 2, 2))
    correct[..., 1] = np.reshape(shape, (-1, 1, 1))
    near = np.ones((SEEDS, 2, 2))
    near[..., 1] = nearest
    known = np.broadcast_to(seen, (SEEDS, 3, 2))
    shares = np.broadcast_to(share, (SEEDS, 3, 2, 2))
    return drawing(
        "figX18", facts=KNOWN, turn_correct=correct, turn_nearest=near, turn_seen=known, turn_share=shares,
        diagonal_correct=correct, diagonal_nearest=near, diagonal_seen=known[..., :1],
    )  # fmt: skip


def mean(number: str, rule: str, figure: str = "figX18") -> str:
    how = f"{{statistic: composition_mean, figure: {figure}, number: {number}, words: mean}}"
    return f"id: rep-1, category: primer, section: S, decide: {how}, {rule}"


@decides("composition_mean")
def test_unseen_pairs_beyond_the_table():
    """0.5, 0.6 and 0.7 less 0.1: the mean is 0.5, the interval 4.303 * 0.1 / 3 ** 0.5 = 0.248 to either side."""
    claim = mean("turn", "rule: more, than: 0.25")
    evidence, verdict = decided(claim, pairs([0.5, 0.6, 0.7]))
    assert (round(evidence.number, 6), round(evidence.high - evidence.number, 3)) == (0.5, 0.248)
    assert (evidence.networks, verdict) == (18, HOLDS)
    assert decided(claim, pairs([0.2, 0.5, 0.8]))[1] == UNDECIDED
    assert decided(claim, pairs([0.1, 0.11, 0.12]))[1] == NOT
    assert decided(mean("diagonal", "rule: more, than: 0.25"), pairs([0.5, 0.6, 0.7]))[1] == HOLDS
    assert undecidable(claim, {}) == "figX18 is not published."
    unknown = pairs([0.5, 0.6, 0.7], seen=0.9)
    assert undecidable(claim, unknown) == "No seed is common to what is compared."


@decides("composition_mean")
def test_networks_that_do_not_know_what_they_saw_do_not_count():
    seen = np.ones((SEEDS, 3, 2))
    seen[0] = 0.9
    evidence, _ = decided(mean("turn", "rule: more, than: 0.25"), pairs([0.0, 0.6, 0.7], seen=seen))
    assert (round(evidence.number, 6), evidence.networks) == (0.55, 12)


@decides("composition_mean")
def test_interaction_below_its_line():
    claim = mean("interaction", "rule: less, than: 0.1")
    assert decided(claim, pairs([1, 1, 1], share=np.reshape([0.02, 0.03, 0.025], (3, 1, 1, 1))))[1] == HOLDS
    assert decided(claim, pairs([1, 1, 1], share=np.reshape([0.2, 0.21, 0.22], (3, 1, 1, 1))))[1] == NOT


def purple(place: Any = 0.5, shape: Any = 1.0, nearest: Any = 1.0, neurons: Any = 0.5) -> Files:
    """Networks with all the same place and shape in a seed; ``neurons`` (S, A) beside the null of 39 values."""
    each = np.ones((SEEDS, 3))
    return drawing(
        "figX19", facts=KNOWN, seen=each, shape=each * np.reshape(shape, (-1, 1)),
        place=np.stack([each * np.reshape(place, (-1, 1)), each], axis=-1), nearest=np.broadcast_to(nearest, SEEDS),
        neurons=np.broadcast_to(neurons, (SEEDS, 3))[..., None], turned=np.tile(NULL, (SEEDS, 3, 1)),
    )  # fmt: skip


@decides("composition_mean")
def test_purple():
    within = mean("place", "rule: within, between: [0.35, 0.65]", "figX19")
    assert decided(within, purple(place=[0.5, 0.52, 0.48]))[1] == HOLDS
    assert decided(within, purple(place=[0.3, 0.5, 0.7]))[1] == PART, "the interval is wider"
    assert decided(within, purple(place=[0.9, 0.91, 0.92]))[1] == NOT
    assert decided(mean("shape", "rule: more, than: 0.75", "figX19"), purple(shape=[0.9, 0.95, 1]))[1] == HOLDS
    beyond = mean("beyond", "rule: more", "figX19")
    assert decided(beyond, purple(shape=[0.9, 0.95, 1], nearest=0.5))[1] == HOLDS
    assert decided(beyond, purple(shape=1.0, nearest=1.0))[0].number == 0


@decides("composition_neurons")
def test_neurons_count_that_lie_above_random_directions():
    """Of three networks with tanh two lie beyond all 39 values, p = 0.05, and one below all, which does not count."""
    how = "{statistic: composition_neurons, figure: figX19, with: relu tanh, words: networks with neurons}"
    claim = f"id: rep-2, category: primer, section: S, decide: {how}, rule: most"
    values = np.full((SEEDS, 3), 0.1)
    values[:, ACTIVATIONS.index("tanh")] = [0.9, 0.9, -0.9]
    values[:, ACTIVATIONS.index("isotanh")] = 0.9
    evidence, verdict = decided(claim, purple(neurons=values))
    assert (evidence.yes, evidence.of, evidence.accepted, verdict) == (2, 6, True, PART)
    assert decided(claim, purple(neurons=0.9))[1] == HOLDS
    assert decided(claim, purple(neurons=0.1))[1] in (SILENT, UNDECIDED)
    assert undecidable(claim, {}) == "figX19 is not published."


def series(share: Any, steps: Any = 10, angle: Any = 5, sums: Any = 0.95) -> Files:
    """Numbers of trained networks behind the activation, (S, A); everything else is NaN."""
    curve, added = np.full((SEEDS, 2, 3, 2, len(CURVE)), np.nan), np.full((SEEDS, 2, 3, 2, 3), np.nan)
    for name, values in (("share", share), ("half_steps", steps), ("angle", angle)):
        curve[:, 1, :, 1, CURVE.index(name)] = values
    added[:, 1, :, 1, 0] = sums
    return drawing("figX20", facts=KNOWN, seen=np.ones((SEEDS, 3)), curve=curve, sums=added)


def counted(numbers: str, rule: str = "every") -> str:
    how = f"{{statistic: composition_networks, figure: figX20, numbers: {{{numbers}}}, words: networks in line}}"
    return f"id: rep-3, category: primer, section: S, decide: {how}, rule: {rule}"


@decides("composition_networks")
def test_every_network_has_to_meet_every_condition():
    share = np.full((SEEDS, 3), 0.95)
    evidence, verdict = decided(counted("share: at least 0.9"), series(share))
    assert (evidence.yes, evidence.of, verdict) == (9, 9, HOLDS)
    share[0, 1] = 0.89
    assert decided(counted("share: at least 0.9"), series(share))[1] == PART
    both = counted("half_steps: above 1, angle: below 30")
    angle = np.full((SEEDS, 3), 29.0)
    assert decided(both, series(share, angle=angle))[1] == HOLDS
    angle[:, :2] = 30
    evidence, verdict = decided(both, series(share, angle=angle))
    assert (evidence.yes, verdict) == (3, COUNTER)
    assert decided(both, series(share, steps=1))[0].yes == 0
    assert decided(counted("sums: at least 0.9"), series(share, sums=0.9))[0].yes == 9
    assert undecidable(both, {}) == "figX20 is not published."


NETWORKS = [
    {"configuration": f"poly-mnist-{activation}-w64-d3{start}", "seed": seed}
    for activation in ("relu", "tanh")
    for start in ("", "-pytorch")
    for seed in (100, 101)
]


def offsets(relu: Any, untrained: float = 0.2, pixels: float = 0.1) -> Files:
    """Mean cosines of the last of two layers in networks of ReLU, by row; tanh has 0.9 everywhere."""
    numbers = np.full((len(NETWORKS), 2, 2, 4, 3), np.nan)
    numbers[:4, 1, -1, :, 0], numbers[4:, 1, -1, :, 0] = np.reshape(relu, (-1, 1)), 0.9
    numbers[:, 0, -1, :, 0] = untrained
    facts = {"seeds": [100, 101], "rows": NETWORKS}
    return drawing("figX21", facts=facts, offsets=numbers, pixels=np.full((4, 3), pixels))


@decides("composition_offsets")
def test_offsets_beyond_what_pixels_and_untrained_networks_have():
    """Seed 100 has 0.5 and 0.6 with the two starts, seed 101 has 0.52 and 0.62: 0.55 and 0.57, less 0.2."""
    how = "{statistic: composition_offsets, figure: figX21, with: relu, words: cosine beyond}"
    claim = f"id: rep-4, category: primer, section: S, decide: {how}, rule: more"
    evidence, verdict = decided(claim, offsets([0.5, 0.52, 0.6, 0.62]))
    assert (round(evidence.number, 6), evidence.networks) == (round((0.55 + 0.57) / 2 - 0.2, 6), 4)
    assert verdict == HOLDS
    evidence, _ = decided(claim, offsets([0.5, 0.52, 0.6, 0.62], pixels=0.4))
    assert round(evidence.number, 6) == 0.16, "pixels have more than the untrained network"
    assert decided(claim, offsets([0.1, 0.11, 0.1, 0.11]))[1] == NOT
    assert undecidable(claim, {}) == "figX21 is not published."
