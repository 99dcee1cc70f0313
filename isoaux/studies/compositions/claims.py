"""What decides the claims of the primer on representations about compositions, mixtures, directions and offsets.

Numbers are those of networks that are right on enough images of the pairs that they have seen
(:data:`isoaux.studies.compositions.data.LEAST_SEEN`), averaged over activations and pairs in each seed.
"""

import operator
import warnings
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from isoaux import statistics
from isoaux.common.archive import Published
from isoaux.common.choices import choose
from isoaux.paper import Classifier
from isoaux.paper.claims import Claim
from isoaux.records import evidence
from isoaux.records.evidence import Decider, Evidence, NotPublished, Reader, result_of
from isoaux.records.results import Result
from isoaux.studies.compositions.data import ACTIVATIONS, CURVE, LEAST_SEEN, OFFSETS, QUALITIES, STATES, SUMS

Values = NDArray[np.float64]

SHAPE, TRAINED, BEHIND = QUALITIES.index("shape"), STATES.index("trained"), 1


def learnt(values: Values, seen: Values) -> Values:
    """Numbers (S, A, ...) of networks, NaN where they do not know what they have ``seen`` (S, A) or (S, A, G)."""
    seen = seen[(...,) + (None,) * (values.ndim - seen.ndim)]
    return np.where(seen >= LEAST_SEEN, np.asarray(values, np.float64), np.nan)


def beyond_nearest(drawing: Published, design: str) -> Values:
    """Accuracies of shape (S, A, P) on held-out pairs less those of the nearest image; P pairs of a design."""
    shape = drawing[f"{design}_correct"][..., SHAPE] - drawing[f"{design}_nearest"][:, None, :, SHAPE]
    return learnt(shape, np.broadcast_to(drawing[f"{design}_seen"], shape.shape))


MEANS: Mapping[str, Callable[[Published], Values]] = {
    "turn": lambda a: beyond_nearest(a, "turn"),
    "diagonal": lambda a: beyond_nearest(a, "diagonal"),
    "interaction": lambda a: learnt(a["turn_share"][..., BEHIND], a["turn_seen"]),
    "place": lambda a: learnt(a["place"][..., 0], a["seen"]),
    "shape": lambda a: learnt(a["shape"], a["seen"]),
    "beyond": lambda a: learnt(a["shape"] - a["nearest"][:, None], a["seen"]),
}
"""Numbers (S, A, ...) of the networks of each seed."""

POSSIBLE: Mapping[str, evidence.Bounds] = {
    **dict.fromkeys(("shape", "interaction"), evidence.SHARE),
    **dict.fromkeys(("turn", "diagonal", "beyond"), evidence.COSINE),
}
"""The least and the largest mean that is possible, of shares and of differences of shares."""

NETWORKS: Mapping[str, Callable[[Published], Values]] = {
    **{name: lambda a, at=at: a["curve"][:, TRAINED, :, BEHIND, at] for at, name in enumerate(CURVE)},  # type: ignore[misc]
    "sums": lambda a: a["sums"][:, TRAINED, :, BEHIND, SUMS.index("means")],
}
"""Numbers (S, A) of single networks."""

COMPARED: Mapping[str, Callable[[Values, float], NDArray[np.bool_]]] = {
    "at least": operator.ge,
    "above": operator.gt,
    "below": operator.lt,
}


def by_seed(values: Values) -> Values:
    """The mean (S,) over all networks and pairs of a seed, NaN where no network counts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmean(values.reshape(len(values), -1), axis=1))


def mean(claim: Claim, reader: Reader) -> Evidence:
    """The mean over seeds of the claim's ``number``."""
    values = choose(f"number of {claim.id}", claim.decide["number"], MEANS)(result_of(claim, reader).drawing)
    seeds, count = by_seed(values), int(np.isfinite(values).sum())
    possible = POSSIBLE.get(claim.decide["number"])
    return evidence.effect(seeds[np.isfinite(seeds)], claim.line, str(claim.decide["words"]), count, bounds=possible)


def networks(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks that meet all conditions on the claim's ``numbers``, such as ``at least 0.9``."""
    drawing = result_of(claim, reader).drawing
    known = drawing["seen"] >= LEAST_SEEN
    yes = known.copy()
    for name, condition in claim.decide["numbers"].items():
        words, _, line = condition.rpartition(" ")
        values = choose(f"numbers of {claim.id}", name, NETWORKS)(drawing)
        yes &= choose(f"condition of {claim.id}", words, COMPARED)(values, float(line))
    return evidence.share(int(yes.sum()), int(known.sum()), str(claim.decide["words"]), int(known.sum()))


def neuron_tests(drawing: Published, activation: str) -> list[statistics.BasisTest]:
    """The tests of the networks of an activation, one a seed: best single neurons against best random directions."""
    at = ACTIVATIONS.index(activation)
    known = drawing["seen"][:, at] >= LEAST_SEEN
    pairs = zip(drawing["neurons"][known, at].mean(-1), drawing["turned"][known, at], strict=True)
    return [statistics.test_from_null(float(value), null) for value, null in pairs]


def neurons(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks whose best single neurons lie above the best of as many random directions."""
    drawing = result_of(claim, reader).drawing
    tests = [test for name in claim.decide["with"].split(" ") for test in neuron_tests(drawing, name)]
    yes = sum(test.p <= statistics.LEVEL and test.effect > 0 for test in tests)
    return evidence.share(yes, len(tests), str(claim.decide["words"]), len(tests), accepted=True)


def beyond_inherited(result: Result, activation: str) -> dict[tuple[str, int], float]:
    """By start and seed, the mean cosine of offsets in the last hidden layer beyond pixels and the untrained network.

    Of each transformation the larger one of these two is taken off; then the mean over transformations.
    """
    cosine, numbers = OFFSETS.index("cosine"), result.drawing["offsets"]
    pixels = result.drawing["pixels"][:, cosine]
    rows = {
        (c.start if isinstance(c, Classifier) else "", seed): row
        for row, (c, seed) in enumerate(result.rows)
        if c.activation == activation
    }
    return {
        key: float((numbers[row, 1, -1, :, cosine] - np.maximum(numbers[row, 0, -1, :, cosine], pixels)).mean())
        for key, row in rows.items()
    }


def offsets(claim: Claim, reader: Reader) -> Evidence:
    """The mean over seeds of :func:`beyond_inherited`, both starts together."""
    values = beyond_inherited(result_of(claim, reader), claim.decide["with"])
    if not values:
        raise NotPublished(f"{claim.decide['figure']} has no network of {claim.decide['with']}.")
    seeds = sorted({seed for _, seed in values})
    means = [float(np.mean([value for (_, s), value in values.items() if s == seed])) for seed in seeds]
    return evidence.effect(means, claim.line, str(claim.decide["words"]), len(values), bounds=evidence.COSINES)


DECIDERS: Mapping[str, Decider] = {
    "composition_mean": mean,
    "composition_networks": networks,
    "composition_neurons": neurons,
    "composition_offsets": offsets,
}
