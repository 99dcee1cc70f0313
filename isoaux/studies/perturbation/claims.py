"""Evidence for the claims about perturbed images."""

from collections.abc import Mapping

from isoaux.paper.claims import Claim
from isoaux.records.evidence import Decider, Evidence, NotPublished, Reader, effect, result_of
from isoaux.studies.perturbation import report


def worst_change(claim: Claim, reader: Reader) -> Evidence:
    """The worst change of a reconstruction that was found, anisotropic over isotropic, at the size of the tables.

    The geometric mean over the pairs of networks of one seed, from the figure and the kind of ``pixels`` that the claim
    names, with its t interval.
    """
    result = result_of(claim, reader)
    logs = report.log_ratios(result, claim.decide["pixels"] == "standardised", "worst")[:, report.chosen(result)]
    if not len(logs):
        raise NotPublished(report.NO_PAIR)
    return effect(logs, claim.line, "worst change, anisotropic over isotropic", 2 * len(logs), ratio=True)


DECIDERS: Mapping[str, Decider] = {"worst_change": worst_change}
"""The deciders of this study, by the name of the statistic in claims.yaml."""
