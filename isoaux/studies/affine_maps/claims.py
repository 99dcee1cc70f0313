"""Evidence for the claims about other maps."""

from collections.abc import Mapping

from isoaux.paper.claims import Claim
from isoaux.records.error_curves import curves, differences
from isoaux.records.evidence import Decider, Evidence, NotPublished, Reader, effect, result_of


def map_lead(claim: Claim, reader: Reader) -> Evidence:
    """By how much of it a network's error at the end lies below that of the same network with another map.

    The mean over the seeds of the paired differences, as a share of the other map's mean error, from the figure, the
    ``activation``, the ``map`` and the one that it is compared ``against`` that the claim names.
    """
    activation, reference, name = (claim.decide[key] for key in ("activation", "against", "map"))
    known = {of.map: curve for of, curve in curves([result_of(claim, reader)]).items() if of.activation == activation}
    if reference not in known or name not in known:
        raise NotPublished(f"No error curve decides {claim.id}.")
    leads = differences(known[reference], known[name])[:, -1] / known[reference].errors[:, -1].mean()
    return effect(leads, claim.line, f"lead over the map {reference}, as a share of its error", 2 * len(leads))


DECIDERS: Mapping[str, Decider] = {"map_lead": map_lead}
"""The deciders of this study, by the name of the statistic in claims.yaml."""
