"""What decides the claims that need no network: compression, recovery of features, and noise. Nothing is published."""

import numpy as np

from isoaux.paper.claims import Claim
from isoaux.records.evidence import Decider, Evidence, Reader, effect
from isoaux.representations import trials


def printed_failures(claim: Claim, reader: Reader) -> Evidence:
    """How many pairs the printed functions do not return as they were, over precisions 1 to 7."""
    failed = [trials.failed(precision) for precision in trials.PRECISIONS]
    pairs = sum(each.pairs for each in failed)
    return Evidence(float(sum(each.printed for each in failed)), words=f"pairs of {pairs:,} that are not returned")


def orthogonal_recovery(claim: Claim, reader: Reader) -> Evidence:
    """In how many random sets of orthogonal features reading by scalar products is off by more than rounding."""
    residuals = np.array([each.dot for each in trials.recoveries("orthogonal")])
    words = f"sets of {len(residuals)} orthogonal features with an error beyond rounding"
    return Evidence(float((residuals > trials.ROUNDING).sum()), words=words)


def independent_recovery(claim: Claim, reader: Reader) -> Evidence:
    """How many random sets of independent, not orthogonal features are read without loss by their dual basis."""
    residuals = np.array([each.dual for each in trials.recoveries("independent")])
    words = f"sets of {len(residuals)} independent features that are not orthogonal and are read without loss"
    return Evidence(float((residuals <= trials.ROUNDING).sum()), words=words)


def noise_ratio(claim: Claim, reader: Reader) -> Evidence:
    """The error of the printed form under noise over that of a linear sum, over draws of noise."""
    ratios = [trials.ratio(claim.decide["sd"], claim.decide["precision"], seed) for seed in trials.SEEDS]
    words = f"times the error of a linear sum, with noise of {claim.decide['sd']:g} and {len(ratios)} draws of it"
    return effect(np.log(ratios), claim.line, words, 0, ratio=True)


DECIDERS: dict[str, Decider] = {
    decider.__name__: decider for decider in (printed_failures, orthogonal_recovery, independent_recovery, noise_ratio)
}
"""These deciders, by the name of the statistic in claims.yaml."""
