"""What decides claims: one registry from the name of a statistic to a function of (claim, reader) -> evidence."""

from collections.abc import Callable, Mapping

from isoaux.claims import Claim
from isoaux.deciders import artefacts, errors, facts, networks
from isoaux.evidence import Evidence, Reader

Decider = Callable[[Claim, Reader], Evidence]

DECIDERS: Mapping[str, Decider] = networks.DECIDERS | errors.DECIDERS | artefacts.DECIDERS | facts.DECIDERS
"""Every statistic that a claim may name."""
