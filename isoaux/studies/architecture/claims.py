"""Evidence for the claims about the architecture."""

from collections.abc import Mapping

from isoaux.paper import architecture, configurations
from isoaux.paper.claims import Claim
from isoaux.records.evidence import Decider, Evidence, Reader, drawn_in, shown_by


def latent_layers(claim: Claim, reader: Reader) -> Evidence:
    """The number of latent layers of the published figure's networks; none if the first is not the one shown."""
    shown = shown_by(claim)
    counts = {sum(layer.latent is not None for layer in architecture.of(own)) for own in drawn_in(shown.name, reader)}
    first = reader.drawing(shown.name).facts["layer"] == 0
    return Evidence(
        float(max(counts) if len(counts) == 1 and first else 0), words="latent layers, of which the first is shown"
    )


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


DECIDERS: Mapping[str, Decider] = {
    function.__name__: function
    for function in (
        latent_layers,
        latent_exceptions,
        block_exceptions,
    )
}
"""The deciders of this study, by the name of the statistic in claims.yaml."""
