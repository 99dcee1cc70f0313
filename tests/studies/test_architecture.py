"""The autoencoders layer by layer: counted against PyTorch, drawn for any width and depth, trained as profiles say."""

import ast
import json
import re
from collections import Counter
from dataclasses import replace
from math import prod

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from roots import ROOT
from torch import nn

from isoaux import paper
from isoaux.activations import ACTIVATIONS
from isoaux.commands import overview
from isoaux.drawing.look import COLOURS, MARKS
from isoaux.paper import PROFILES, TITLES, Configuration, architecture
from isoaux.settings import Settings
from isoaux.studies.architecture import figures, report
from isoaux.training import autoencoder, engine

NOTEBOOK = ROOT / "notebooks" / "appE_architecture.ipynb"

names = st.sampled_from(sorted(ACTIVATIONS))
networks = st.builds(
    Configuration, st.sampled_from(["cifar", "mnist"]), st.booleans(), names, st.integers(2, 40), st.integers(0, 4)
)


def network(name: str = "cifar-U-tanh-n18-L3") -> Configuration:
    return Configuration.parse(name)


def total(configuration: Configuration) -> int:
    return sum(layer.parameters for layer in architecture.of(configuration))


def whole_numbers(words: str) -> list[int]:
    return [int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*\d|\d", words)]


# --- the layers


@examples(max_examples=30)
@given(st.integers(1, 30), st.integers(1, 12), st.integers(0, 4), names)
def test_layers_are_those_of_the_torch_module(d: int, n: int, depth: int, activation: str):
    made = autoencoder.initial(d, n, depth, torch.Generator().manual_seed(0))
    modules, found = autoencoder.module(made, activation), architecture.layers(d, n, depth)
    assert len(modules) == len(found) == 2 * depth + 3
    for layer, part in zip(found, modules, strict=True):
        assert layer.parameters == sum(p.numel() for p in part.parameters())
        if isinstance(part, nn.Linear):
            assert (layer.kind, layer.inputs, layer.outputs) == ("affine", part.in_features, part.out_features)
            assert (layer.weights, layer.biases) == (part.weight.numel(), part.bias.numel())
            assert f"{layer.name}.weight" in made
        else:
            assert (layer.kind, layer.inputs, layer.outputs) == ("activation", n, n)
            assert isinstance(part, ACTIVATIONS[activation])


@pytest.mark.parametrize("depth", range(4))
def test_latent_layers_are_what_the_model_calls_latents(depth: int):
    made = autoencoder.initial(20, 5, depth, torch.Generator().manual_seed(1))
    measured = autoencoder.latents(made, "tanh", torch.ones(3, 20, dtype=torch.float64))
    marked = [layer for layer in architecture.layers(20, 5, depth) if layer.latent is not None]
    assert [layer.latent for layer in marked] == list(range(len(measured)))
    assert all((layer.kind, layer.outputs) == ("affine", z.shape[1]) for layer, z in zip(marked, measured, strict=True))


def test_parameters_of_the_catalogue():
    for entry in paper.catalogue()["paper1_networks"]:
        assert total(network(entry["id"])) == entry["parameters"], entry["id"]


def test_images_have_as_many_pixels_as_the_data_sets():
    for name, source in paper.DATASETS.items():
        assert prod(architecture.IMAGES[name]) == overview.PIXELS[source]
    assert architecture.IMAGES.keys() == paper.DATASET_TITLES.keys() == paper.DATASETS.keys()


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ((0, 3, 0), ["d is 0"]),
        ((9, 2.5, 0), ["n is 2.5"]),
        ((9, 3, -1), ["depth is -1", "at least 0"]),
        ((9, 3, True), ["depth is True"]),
    ],
)
def test_sizes_that_are_none_are_refused(sizes, words, refused):
    refused(words, architecture.layers, *sizes)


def test_images_that_the_paper_does_not_have_are_refused(refused):
    refused(["dataset is 'mnits'", "did you mean 'mnist'"], architecture.of, replace(network(), dataset="mnits"))


def test_a_change_of_the_model_changes_the_layers(monkeypatch):
    """Without the decoder's biases, for example, the tables and the diagram lose them too."""
    own, before = architecture.shapes, total(network())

    def shapes(*sizes: int) -> dict[str, tuple[int, ...]]:
        return {name: shape for name, shape in own(*sizes).items() if name != "decoder.bias"}

    monkeypatch.setattr(architecture, "shapes", shapes)
    assert total(network()) == before - prod(architecture.IMAGES["cifar"])
    assert f"{total(network()):,} parameters" in figures.diagram(network()).alt


# --- tables


@examples(max_examples=20)
@given(networks)
def test_the_table_of_parameters_has_every_layer_and_their_sum(configuration: Configuration):
    table, found = report.parameters(configuration), architecture.of(configuration)
    assert [row[0] for row in table.rows] == [*(layer.name for layer in found), "all"]
    for column, name in ((4, "weights"), (5, "biases"), (6, "parameters")):
        *counts, last = (int(row[column].replace(",", "") or 0) for row in table.rows)
        assert counts == [getattr(layer, name) for layer in found] and last == sum(counts)
    assert [row[-1] for row in table.rows if row[-1]] == [f"k = {k}" for k in range(configuration.L + 1)]
    assert sum(row[1].startswith(TITLES[configuration.activation]) for row in table.rows) == configuration.L + 1


@pytest.mark.parametrize("depth", range(4))
def test_the_summary_is_counted(depth: int):
    words = report.summary(network(f"mnist-N-isotanh-n32-L{depth}")).words
    first, *_, last = found = architecture.of(network(f"mnist-N-isotanh-n32-L{depth}"))
    everything = sum(layer.parameters for layer in found)
    assert f"Of {everything:,} parameters, {100 * (first.parameters + last.parameters) / everything:.1f}% " in words
    assert f"The {depth + 1} activation" in words
    assert (f"has {32 * 33:,}" in words) == bool(depth) and (f"each of the {depth} " in words) == (depth > 1)


def test_sizes_are_those_of_the_catalogue():
    table = report.sizes()
    shown = {
        (row[0], int(row[1]), int(head.removeprefix("L = "))): int(cell.replace(",", ""))
        for row in table.rows
        for head, cell in zip(table.head[2:], row[2:], strict=True)
        if cell
    }
    entries = paper.catalogue()["paper1_networks"]
    assert shown == {(paper.DATASET_TITLES[e["dataset"]], e["n"], e["L"]): e["parameters"] for e in entries}


@pytest.mark.parametrize("name", PROFILES)
def test_the_recipe_is_the_profile(name: str):
    profile, table = PROFILES[name], report.recipe(PROFILES[name])
    said, how = dict(table.rows), profile.recipe
    assert table.head[1] == name and len(said) == len(table.rows)
    assert whole_numbers(said["seeds"]) == list(profile.seeds)
    assert (int(said["epochs"]), int(said["images in a batch"])) == (how.epochs, how.batch_size)
    assert (float(said["learning rate"]), float(said["momentum"])) == (how.learning_rate, how.momentum)
    assert said["arithmetic"] == profile.dtype
    assert whole_numbers(said["looked at"]) == [len(how.checkpoints), *how.checkpoints]
    assert said["images"] == (profile.dataset or "CIFAR-10 or MNIST, as the figure has them")


def test_the_recipe_follows_every_field_of_a_profile():
    own = paper.Recipe(7, 5, 0.5, 0.25, (0, 3, 7))
    said = dict(report.recipe(replace(PROFILES["quick"], recipe=own, seeds=(4,), dtype="float32")).rows)
    assert [said[key] for key in ("epochs", "images in a batch", "learning rate", "momentum")] == [
        "7",
        "5",
        "0.5",
        "0.25",
    ]
    assert (said["seeds"], said["arithmetic"], said["looked at"]) == ("4", "float32", "3 times, after epochs 0, 3, 7")


def test_what_the_recipe_says_of_every_profile_is_what_the_code_does():
    said = dict(report.ALWAYS)
    made = autoencoder.initial(300, 100, 1, torch.Generator().manual_seed(3))
    assert said["initial biases"] == "0" and not any(v.any() for k, v in made.items() if k.endswith("bias"))
    assert "variance 2 / (inputs + outputs)" in said["initial weights"]
    weight = made["encoder.weight"]
    assert float(weight.var()) == pytest.approx(2 / (300 + 100), rel=0.05)
    assert said["loss"] == "squared error, mean over the batch and the elements"
    pixels = torch.randint(0, 256, (6, 300), dtype=torch.uint8, generator=torch.Generator().manual_seed(4))
    net = engine.BatchedStack([made], ["tanh"], [0], 0.08, 0.9, torch.float64, "cpu")
    loss = net.epoch(pixels, torch.tensor(1 / 255, dtype=torch.float64), None, torch.arange(6)[None], 6)
    seen = pixels.double() / 255
    wanted = nn.functional.mse_loss(autoencoder.module(made, "tanh")(seen), seen)
    np.testing.assert_allclose(loss.numpy(), [wanted.item()], rtol=1e-12)


def test_what_the_settings_ask_for():
    shown = network()
    assert report.with_settings(shown, Settings()) == (shown, PROFILES["published"])
    other, size = report.with_settings(shown, Settings("quick", dataset="mnist", depth=1, seeds=(2,), dtype="float32"))
    assert other == replace(shown, dataset="mnist", L=1)
    assert size == replace(PROFILES["quick"], dataset="mnist", seeds=(2,), dtype="float32")
    same, size = report.with_settings(shown, Settings("smoke", dataset="folder:mine"))
    assert same == shown and size == replace(PROFILES["smoke"], dataset="folder:mine")


# --- the diagram


def signs(drawn: figures.Diagram) -> Counter[str]:
    return Counter(artist.get_gid() for artist in drawn.canvas.findobj(lambda artist: artist.get_gid() is not None))


@examples(max_examples=15)
@given(networks)
def test_the_diagram_has_one_sign_for_every_layer(configuration: Configuration):
    drawn, found = figures.diagram(configuration), architecture.of(configuration)
    wanted = [layer.name for layer in found] + [f"latent.{layer.latent}" for layer in found if layer.latent is not None]
    assert signs(drawn) == Counter(wanted)
    shown = [text.get_text() for text in drawn.canvas.axes[0].texts]
    for layer in found:
        assert layer.kind == "activation" or f"affine\n{layer.inputs:,} → {layer.outputs:,}" in shown, layer
    assert [words for words in shown if words.startswith("k = ")] == [f"k = {k}" for k in range(configuration.L + 1)]
    symmetry = ACTIVATIONS[configuration.activation].group
    for node in drawn.canvas.findobj(lambda artist: str(artist.get_gid()).startswith("activation")):
        assert (node.get_color(), node.get_marker()) == (COLOURS[symmetry], MARKS[symmetry])


@examples(max_examples=15)
@given(networks)
def test_the_numbers_of_the_sentence_are_counted(configuration: Configuration):
    words, found = figures.diagram(configuration).alt, architecture.of(configuration)
    d, n, hidden = found[0].inputs, configuration.n, found[2].parameters
    blocks = [] if not configuration.L else [n, n, hidden]
    blocks = [configuration.L, *blocks] if configuration.L > 1 else blocks
    latents = [0, configuration.L] if configuration.L else [0]
    wanted = [*architecture.image(configuration), d, n, found[0].parameters, *blocks, d, found[-1].parameters, *latents]
    assert whole_numbers(words) == [*wanted, total(configuration)]
    assert words.count(TITLES[configuration.activation]) == (2 if configuration.L else 1)


@pytest.mark.parametrize("activation", ["tanh", "isolrelu", "lrelu", "dnlrelu"])
@pytest.mark.parametrize(("n", "depth"), [(12, 0), (18, 3), (32, 2), (100, 1)])
def test_no_two_words_of_a_diagram_overlap(activation: str, n: int, depth: int):
    drawn = figures.diagram(
        Configuration("cifar", False, activation, n, depth), Configuration("mnist", False, "bnlrelu_max", n, depth)
    )
    renderer = FigureCanvasAgg(drawn.canvas).get_renderer()
    texts = [text for text in drawn.canvas.axes[0].texts if text.get_text()]
    boxes = [text.get_window_extent(renderer) for text in texts]
    for i, box in enumerate(boxes):
        assert drawn.canvas.bbox.containsx(box.x0) and drawn.canvas.bbox.containsx(box.x1), texts[i].get_text()
        assert drawn.canvas.bbox.containsy(box.y0) and drawn.canvas.bbox.containsy(box.y1), texts[i].get_text()
        assert not [texts[j].get_text() for j in range(i) if box.overlaps(boxes[j])], texts[i].get_text()


def test_several_networks_share_one_key():
    one, other = network(), network("mnist-N-isotanh-n32-L0")
    drawn = figures.diagram(one, other, replace(other, n=24))
    alone = [signs(figures.diagram(c)) for c in (one, other, other)]
    assert signs(drawn) == alone[0] + alone[1] + alone[2]
    shown = [text.get_text() for text in drawn.canvas.axes[0].texts]
    assert sum(words.startswith("activation $f$: ") for words in shown) == 2
    assert drawn.alt.count("Diagram of an autoencoder") == 3


def test_a_diagram_of_nothing_is_refused(refused):
    refused(["configurations is empty"], figures.diagram)


def test_a_page_shows_the_diagram_as_vector_graphics():
    first, again = (figures.diagram(network())._repr_mimebundle_() for _ in range(2))
    data, about = first
    assert first == again, "the same drawing is the same bytes"
    assert (
        data.keys() == {"image/svg+xml", "image/png", "text/plain"} and about["image/png"]["alt"] == data["text/plain"]
    )
    svg = data["image/svg+xml"]
    assert "<image" not in svg and "<text" not in svg and not re.search(r"20\d\d-\d\d-\d\d", svg)
    assert all(f'id="{layer.name}"' in svg for layer in architecture.of(network()))


# --- the page


def test_the_page_needs_no_data_and_every_cell_of_it_runs():
    cells = [cell for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    space: dict[str, object] = {}
    shown = {}
    for cell in cells:
        *body, last = ast.parse("".join(cell["source"])).body
        exec(compile(ast.Module(body, []), cell["id"], "exec"), space)
        if isinstance(last, ast.Expr):
            shown[cell["id"]] = eval(compile(ast.Expression(last.value), cell["id"], "eval"), space)
        else:
            exec(compile(ast.Module([last], []), cell["id"], "exec"), space)
    assert shown["fig37"].alt == figures.diagram(network()).alt
    assert shown["recipe"] == report.recipe(PROFILES["published"])
    named = [
        cell["metadata"]["mystnb"]["figure"]["name"] for cell in cells if "figure" in cell["metadata"].get("mystnb", {})
    ]
    assert named == ["fig37", "fig37-others"]
