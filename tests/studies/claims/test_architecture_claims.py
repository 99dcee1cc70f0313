"""Claims about the architecture: published figures by hand, and networks that are an exception."""

from dataclasses import replace

from handmade import decided, decides, drawing, undecidable

from isoaux.paper import Configuration, Recipe, architecture
from isoaux.scorecard.verdicts import HOLDS, NOT
from isoaux.studies.architecture import claims

BLOCKS = {depth: f"cifar-U-tanh-n18-L{depth}" for depth in range(4)}
"""Networks of L blocks have L + 1 latent layers."""


@decides("latent_layers")
def test_three_latent_layers_of_which_the_first_is_shown():
    three = "id: fig02-1, decide: {statistic: latent_layers}, rule: exact, equals: 3"
    own, verdict = decided(three, drawing("fig02", [(BLOCKS[2], 0), ("cifar-U-isotanh-n18-L2", 0)]))
    assert (own.number, own.words, verdict) == (3, "latent layers, of which the first is shown", HOLDS)
    own, verdict = decided(three, drawing("fig02", [(BLOCKS[1], 0)]))
    assert (own.number, verdict) == (2, NOT)
    assert decided(three, drawing("fig02", [(BLOCKS[2], 0)], facts={"layer": 1}))[0].number == 0
    assert decided(three, drawing("fig02", [(BLOCKS[2], 0), (BLOCKS[1], 0)]))[0].number == 0, "of two depths"
    assert undecidable(three, {}) == "fig02 is not published."


def exceptional(monkeypatch, change):
    """A study of three networks of 0, 1 and 2 blocks, the layers of the last of which are changed."""
    known = [Configuration.parse(BLOCKS[depth]) for depth in range(3)]
    layers = {own: architecture.of(own) for own in known}
    layers[known[2]] = change(layers[known[2]])
    monkeypatch.setattr(claims, "configurations", lambda: tuple(known))
    monkeypatch.setattr(claims.architecture, "of", layers.__getitem__)


@decides("latent_exceptions")
def test_latent_layers_are_n_dimensional_and_leave_an_affine_map(monkeypatch):
    none = "id: fig37-1, decide: {statistic: latent_exceptions}, rule: exact, equals: 0"
    own, verdict = decided(none, {})  # of all networks of the study
    assert (own.number, own.words, verdict) == (0, "latent layers that are an exception", HOLDS)

    def changed(layers):  # encoder, activation, block, activation, block, activation, decoder
        first, _, second, *rest = layers
        return replace(first, outputs=17), replace(second, kind="activation"), *rest

    exceptional(monkeypatch, changed)
    assert [decided(none, {})[0].number, decided(none, {})[1]] == [2, NOT]


@decides("block_exceptions")
def test_as_many_latent_layers_as_activations(monkeypatch):
    none = "id: fig37-2, decide: {statistic: block_exceptions}, rule: exact, equals: 0"
    own, verdict = decided(none, {})
    assert (own.number, own.words, verdict) == (0, "configurations that are an exception", HOLDS)
    exceptional(monkeypatch, lambda layers: layers[:1] + layers[2:])  # without its first activation
    assert [decided(none, {})[0].number, decided(none, {})[1]] == [1, NOT]


@decides("recipe_exceptions")
def test_stated_settings_are_those_of_the_recipe():
    stated = "id: text-29a, decide: {{statistic: recipe_exceptions, facts: {}}}, rule: exact, equals: 0"
    own, verdict = decided(stated.format("{batch_size: 24, checkpoints: " + str(list(Recipe().checkpoints)) + "}"), {})
    assert (own.number, own.words, verdict) == (0, "stated settings that differ", HOLDS)
    own, verdict = decided(stated.format("{batch_size: 32, momentum: 0.9, widest: 32, seeds: 3}"), {})
    assert (own.number, verdict) == (2, NOT)
