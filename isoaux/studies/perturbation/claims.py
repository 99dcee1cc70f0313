"""Evidence for the claims about perturbed images."""

from collections.abc import Mapping

import numpy as np

from isoaux.paper.claims import Claim
from isoaux.records.evidence import Decider, Evidence, NotPublished, Reader, effect, result_of
from isoaux.studies.perturbation import report as perturbation_report


def worst_change(claim: Claim, reader: Reader) -> Evidence:
    """The worst change of a reconstruction that was found, anisotropic over isotropic, at the tables' size."""
    result = result_of(claim, reader)
    pairs = perturbation_report.paired(result, claim.decide["pixels"] == "standardised")
    if not pairs:
        raise NotPublished(perturbation_report.NO_PAIR)
    changes = perturbation_report.values(result, "worst")[:, perturbation_report.chosen(result)]
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.array([np.log(changes[one] / changes[other]) for one, other in pairs])
    return effect(each, claim.line, "worst change, anisotropic over isotropic", 2 * len(each), ratio=True)


DECIDERS: Mapping[str, Decider] = {function.__name__: function for function in (worst_change,)}
"""The deciders of this study, by the name of the statistic in claims.yaml."""
