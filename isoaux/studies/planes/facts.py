"""Claims about settings and closed forms: decided by the facts of published files, and by counting."""

from collections.abc import Mapping
from dataclasses import replace
from math import comb, sqrt

from isoaux.paper import figure
from isoaux.paper.claims import Claim
from isoaux.ppp import expected_isotropic_count
from isoaux.records.evidence import Decider, Evidence, Reader, drawn_in, share, shown_by
from isoaux.records.panel_values import samples


def other_differences(claim: Claim, reader: Reader) -> Evidence:
    """How many configurations, their activation left out, only one of two published figures has."""
    mine, others = (
        {replace(own, activation="") for own in drawn_in(name, reader)}
        for name in (shown_by(claim).name, claim.decide["against"])
    )
    return Evidence(float(len(mine ^ others)), words="configurations that differ in more than the activation")


def other_networks(claim: Claim, reader: Reader) -> Evidence:
    """How many configurations two published figures do not share."""
    mine, others = (set(drawn_in(name, reader)) for name in (shown_by(claim).name, claim.decide["against"]))
    return Evidence(float(len(mine ^ others)), words="configurations that only one of the two figures has")


def standardised_configurations(claim: Claim, reader: Reader) -> Evidence:
    """How many configurations of the published figure see standardised pixels."""
    found = sum(own.normalised for own in drawn_in(shown_by(claim).name, reader))
    return Evidence(float(found), words="configurations with standardised pixels")


def shown_layers(claim: Claim, reader: Reader) -> Evidence:
    """The highest latent layer that the published figures show."""
    layers = [reader.drawing(name).facts["layer"] for name in claim.selection.figures]
    return Evidence(float(max(layers)), words="highest latent layer that is shown")


def expected_count(claim: Claim, reader: Reader) -> Evidence:
    """The number of points that isotropic representations would have in a figure's planes, in closed form."""
    facts = reader.drawing(claim.decide["figure"]).facts
    n = figure(claim.decide["figure"]).configurations[0].n
    number = expected_isotropic_count(claim.decide["samples"], n, comb(n, 2), facts["epsilon"])
    return Evidence(number, words="points expected of isotropic representations")


def orthant_share(claim: Claim, reader: Reader) -> Evidence:
    """The share sqrt(2 / n) of its length that (1, ..., 1) has in the plane of two axes."""
    (n,) = {own.n for own in drawn_in(claim.decide["figure"], reader)}
    return Evidence(sqrt(2 / n), words="in-plane share of the diagonal of an orthant")


def identity_orthant(claim: Claim, reader: Reader) -> Evidence:
    """What share of the published isotropic representations has no negative component, less the share 2^-n.

    With the Clopper-Pearson interval of the share.
    """
    yes = total = networks = 0
    n = shown_by(claim).configurations[0].n
    for sample in samples(claim.selection, reader):
        kept = reader.representations(sample.configuration)
        if kept is not None:
            inside = (kept["values"][sample.layer] >= 0).all(1)
            yes, total, networks = yes + int(inside.sum()), total + len(inside), networks + 1
    own = share(
        yes,
        total,
        "isotropic representations with no negative component; the number is less 2 to the power -n",
        networks,
    )
    less = {name: getattr(own, name) - 2.0**-n for name in ("number", "low", "high")}
    return replace(own, **less, share=False, reach=None)


DECIDERS: Mapping[str, Decider] = {
    function.__name__: function
    for function in (
        other_differences,
        other_networks,
        standardised_configurations,
        shown_layers,
        expected_count,
        orthant_share,
        identity_orthant,
    )
}
"""Statistics that need no random bases."""
