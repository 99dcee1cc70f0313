"""Evidence for the claims about other maps."""

from collections.abc import Mapping

from isoaux.paper.claims import Claim
from isoaux.records.error_curves import curves, differences
from isoaux.records.evidence import Decider, Evidence, NotPublished, Reader, effect, result_of


def map_lead(claim: Claim, reader: Reader) -> Evidence:
    """By what share of it a network's error lies below that of the same network with another map."""
    known = curves([result_of(claim, reader)])
    activation, names = claim.decide["activation"], (claim.decide["against"], claim.decide["map"])
    own = {c.map: curve for c, curve in known.items() if c.activation == activation and c.map in names}
    if len(own) < 2:
        raise NotPublished(f"No error curve decides {claim.id}.")
    other = own[names[0]]
    each = differences(other, own[names[1]])[:, -1] / other.errors[:, -1].mean()
    return effect(each, claim.line, f"lead over the map {names[0]}, as a share of its error", 2 * len(each))


DECIDERS: Mapping[str, Decider] = {function.__name__: function for function in (map_lead,)}
"""The deciders of this study, by the name of the statistic in claims.yaml."""
