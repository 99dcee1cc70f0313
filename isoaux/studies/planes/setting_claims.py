"""Claims about settings and closed forms: decided by the facts of published files, and by counting."""

from collections.abc import Mapping
from dataclasses import replace
from math import comb, sqrt

import numpy as np

from isoaux.paper import figure
from isoaux.paper.claims import Claim
from isoaux.ppp import expected_isotropic_count
from isoaux.records.evidence import Decider, Evidence, Reader, drawn_in, share, shown_by
from isoaux.records.panel_values import samples
from isoaux.records.representations import Representations


def other_differences(claim: Claim, reader: Reader) -> Evidence:
    """How many configurations, their activation left out, only one of two published figures has."""
    first, second = (
        {replace(configuration, activation="") for configuration in drawn_in(name, reader)}
        for name in (shown_by(claim).name, claim.decide["against"])
    )
    return Evidence(float(len(first ^ second)), words="configurations that differ in more than the activation")


def other_networks(claim: Claim, reader: Reader) -> Evidence:
    """How many configurations only one of two published figures has."""
    first, second = (set(drawn_in(name, reader)) for name in (shown_by(claim).name, claim.decide["against"]))
    return Evidence(float(len(first ^ second)), words="configurations that only one of the two figures has")


def standardised_configurations(claim: Claim, reader: Reader) -> Evidence:
    """How many configurations of the published figure see standardised pixels."""
    count = sum(configuration.normalised for configuration in drawn_in(shown_by(claim).name, reader))
    return Evidence(float(count), words="configurations with standardised pixels")


def shown_layers(claim: Claim, reader: Reader) -> Evidence:
    """The highest latent layer k that the published figures show."""
    layers = [reader.drawing(name).facts["layer"] for name in claim.selection.figures]
    return Evidence(float(max(layers)), words="highest latent layer that is shown")


def expected_count(claim: Claim, reader: Reader) -> Evidence:
    """The number of points that isotropic representations would have in a figure's planes, in closed form."""
    facts = reader.drawing(claim.decide["figure"]).facts
    n = figure(claim.decide["figure"]).configurations[0].n
    number = expected_isotropic_count(claim.decide["samples"], n, comb(n, 2), facts["epsilon"])
    return Evidence(number, words="points expected of isotropic representations")


def orthant_share(claim: Claim, reader: Reader) -> Evidence:
    """The share sqrt(2 / n) of its length that (1, ..., 1) has in the plane of two axes, from a figure's width n."""
    (n,) = {configuration.n for configuration in drawn_in(claim.decide["figure"], reader)}
    return Evidence(sqrt(2 / n), words="in-plane share of the diagonal of an orthant")


def identity_orthant(claim: Claim, reader: Reader) -> Evidence:
    """The share of the published representations that have no negative component, less 2^-n.

    With the Clopper-Pearson interval of the share.
    """
    yes = total = networks = 0
    n = shown_by(claim).configurations[0].n
    for sample in samples(claim.selection, reader):
        published = reader.representations(sample.configuration)
        if published is not None:
            kept = Representations(published)
            for seed in kept.seeds:
                inside = np.all(kept.values(sample.layer, seed) >= 0, axis=1)
                yes, total, networks = yes + int(inside.sum()), total + len(inside), networks + 1
    words = "isotropic representations with no negative component; the number is less 2 to the power -n"
    evidence = share(yes, total, words, networks)
    less = {name: getattr(evidence, name) - 2.0**-n for name in ("number", "low", "high")}
    return replace(evidence, **less, yes=None, against=None, undecided=None, unit="")


DECIDERS: Mapping[str, Decider] = {
    decider.__name__: decider
    for decider in (
        other_differences,
        other_networks,
        standardised_configurations,
        shown_layers,
        expected_count,
        orthant_share,
        identity_orthant,
    )
}
"""The deciders of this module, by the name of the statistic in claims.yaml."""
