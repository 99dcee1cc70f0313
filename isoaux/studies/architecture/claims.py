"""Claims about the architecture."""

from collections.abc import Mapping
from dataclasses import asdict

from isoaux.paper import PROFILES, Configuration, Recipe, architecture, configurations
from isoaux.paper.architecture import Layer
from isoaux.paper.claims import Claim
from isoaux.records.evidence import Decider, Evidence, Reader, drawn_in, shown_by


def latent_layers(claim: Claim, reader: Reader) -> Evidence:
    """The number of latent layers of a published figure's networks, 0 if they differ or not the first one is shown."""
    figure = shown_by(claim)
    counts = {len(_latent(configuration)) for configuration in drawn_in(figure.name, reader)}
    holds = len(counts) == 1 and reader.drawing(figure.name).facts["layer"] == 0
    return Evidence(float(max(counts) if holds else 0), words="latent layers, of which the first is shown")


def _latent(configuration: Configuration) -> list[Layer]:
    return [layer for layer in architecture.of(configuration) if layer.latent is not None]


def latent_exceptions(claim: Claim, reader: Reader) -> Evidence:
    """How many latent layers of the paper's networks are not n-dimensional or do not leave an affine map."""
    exceptions = sum(
        layer.kind != "affine" or layer.outputs != configuration.n
        for configuration in configurations()
        for layer in _latent(configuration)
    )
    return Evidence(float(exceptions), words="latent layers that are an exception", networks=0)


def block_exceptions(claim: Claim, reader: Reader) -> Evidence:
    """How many of the paper's configurations do not have L + 1 latent layers and as many activations."""
    exceptions = 0
    for configuration in configurations():
        activations = sum(layer.kind == "activation" for layer in architecture.of(configuration))
        exceptions += not len(_latent(configuration)) == activations == configuration.L + 1
    return Evidence(float(exceptions), words="configurations that are an exception")


def recipe_exceptions(claim: Claim, reader: Reader) -> Evidence:
    """How many of the stated settings (``facts``) are others in the recipe by which the study trains, or its profile.

    Of them ``seeds`` is the number of networks of a configuration, and ``widest`` the largest width of the paper's.
    """
    made = asdict(Recipe()) | {"seeds": len(PROFILES["paper"].seeds), "widest": max(c.n for c in configurations())}
    stated = {name: tuple(value) if isinstance(value, list) else value for name, value in claim.decide["facts"].items()}
    differing = sum(made[name] != value for name, value in stated.items())
    return Evidence(float(differing), words="stated settings that differ")


DECIDERS: Mapping[str, Decider] = {
    decider.__name__: decider for decider in (latent_layers, latent_exceptions, block_exceptions, recipe_exceptions)
}
"""The deciders of this study, by the name of the statistic in claims.yaml."""
