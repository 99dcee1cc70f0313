"""Claims about settings and closed forms: decided by the facts of published files, and by counting."""

from collections.abc import Callable
from dataclasses import replace
from math import comb, sqrt

import numpy as np

from isoaux import architecture
from isoaux.claims import Claim
from isoaux.evidence import Evidence, Reader, share
from isoaux.panel_values import samples
from isoaux.paper import Configuration, Figure, configurations, figure
from isoaux.ppp import expected_isotropic_count


def _shown(claim: Claim) -> Figure:
    return figure(claim.selection.figures[0])


def _drawn(name: str, reader: Reader) -> list[Configuration]:
    """The configurations that a published figure really shows."""
    rows = reader.drawing(name).facts["rows"]
    return [Configuration.parse(id) for id in dict.fromkeys(row["configuration"] for row in rows)]


def latent_layers(claim: Claim, reader: Reader) -> Evidence:
    """The number of latent layers of the published figure's networks; none if the first is not the one shown."""
    shown = _shown(claim)
    counts = {sum(layer.latent is not None for layer in architecture.of(own)) for own in _drawn(shown.name, reader)}
    first = reader.drawing(shown.name).facts["layer"] == 0
    return Evidence(
        float(max(counts) if len(counts) == 1 and first else 0), words="latent layers, of which the first is shown"
    )


def other_differences(claim: Claim, reader: Reader) -> Evidence:
    """In how many fields but the activation the networks differ from those of another figure."""
    mine, others = (
        {replace(own, activation="") for own in _drawn(name, reader)}
        for name in (_shown(claim).name, claim.decide["against"])
    )
    return Evidence(float(len(mine ^ others)), words="configurations that differ in more than the activation")


def other_networks(claim: Claim, reader: Reader) -> Evidence:
    """How many configurations two published figures do not share."""
    mine, others = (set(_drawn(name, reader)) for name in (_shown(claim).name, claim.decide["against"]))
    return Evidence(float(len(mine ^ others)), words="configurations that only one of the two figures has")


def standardised_configurations(claim: Claim, reader: Reader) -> Evidence:
    """How many configurations of the published figure see standardised pixels."""
    found = sum(own.normalised for own in _drawn(_shown(claim).name, reader))
    return Evidence(float(found), words="configurations with standardised pixels")


def shown_layers(claim: Claim, reader: Reader) -> Evidence:
    """The highest latent layer that the published figures show."""
    layers = [reader.drawing(name).facts["layer"] for name in claim.selection.figures]
    return Evidence(float(max(layers)), words="highest latent layer that is shown")


def panel_exceptions(claim: Claim, reader: Reader) -> Evidence:
    """How many of the stated numbers differ from those of a published ensemble, and how many panels repeat another."""
    own = reader.result(figure(claim.decide["figure"]))
    made = own.facts | {"n": own.figure.entry["n"]}
    other = sum(made[name] != wanted for name, wanted in claim.decide.get("facts", {}).items())
    panels = own.drawing["histogram"].reshape(-1, own.drawing["histogram"].shape[-1])
    repeated = len(panels) - len(np.unique(panels, axis=0))
    return Evidence(float(other + repeated), words="stated numbers that differ, and panels that repeat another")


def expected_count(claim: Claim, reader: Reader) -> Evidence:
    """The number of points that isotropic representations would have in a figure's planes, in closed form."""
    facts = reader.drawing(claim.decide["figure"]).facts
    n = figure(claim.decide["figure"]).configurations[0].n
    number = expected_isotropic_count(claim.decide["samples"], n, comb(n, 2), facts["epsilon"])
    return Evidence(number, words="points expected of isotropic representations")


def orthant_share(claim: Claim, reader: Reader) -> Evidence:
    """The share sqrt(2 / n) of its length that (1, ..., 1) has in the plane of two axes."""
    (n,) = {own.n for own in _drawn(claim.decide["figure"], reader)}
    return Evidence(sqrt(2 / n), words="in-plane share of the diagonal of an orthant")


def identity_orthant(claim: Claim, reader: Reader) -> Evidence:
    """What share of the published isotropic representations has no negative component, less the share 2^-n.

    With the Clopper-Pearson interval of the share.
    """
    yes = total = networks = 0
    n = _shown(claim).configurations[0].n
    for sample in samples(claim.selection, reader):
        kept = reader.representations(sample.own)
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


def latent_exceptions(claim: Claim, reader: Reader) -> Evidence:
    """Latent layers of the study's networks that are not n-dimensional or do not leave an affine map."""
    bad = sum(
        layer.latent is not None and (layer.kind != "affine" or layer.outputs != own.n)
        for own in configurations()
        for layer in architecture.of(own)
    )
    return Evidence(float(bad), words="latent layers that are an exception", networks=0)


def block_exceptions(claim: Claim, reader: Reader) -> Evidence:
    """Networks of the study that do not have L + 1 latent layers and as many activations."""
    bad = 0
    for own in configurations():
        layers = architecture.of(own)
        counts = (
            sum(layer.latent is not None for layer in layers),
            sum(layer.kind == "activation" for layer in layers),
        )
        bad += counts != (own.L + 1, own.L + 1)
    return Evidence(float(bad), words="configurations that are an exception")


DECIDERS: dict[str, Callable[[Claim, Reader], Evidence]] = {
    function.__name__: function
    for function in (
        latent_layers,
        other_differences,
        other_networks,
        standardised_configurations,
        shown_layers,
        panel_exceptions,
        expected_count,
        orthant_share,
        identity_orthant,
        latent_exceptions,
        block_exceptions,
    )
}
"""Statistics that need no random bases."""
