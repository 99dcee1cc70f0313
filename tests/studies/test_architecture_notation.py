"""The networks of the method's paper in its notation: every layer a sign, and what the pictures say in words."""

import json
from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from roots import ROOT

from isoaux import paper
from isoaux.paper import Configuration, architecture
from isoaux.studies.architecture import figures, networks, notation, report

NAMES = (
    "mnist-S-tanh-n10-L0",
    "mnist-S-tanh-n10-L0-h64",
    "cifar-S-gentanh-n24-L0-m25",
    "cifar-S-tanh-n10-L0-h64",
    "mnist-S-gentanh-n24-L0-m96-h256x64",
    "mnist-S-isotanh-n10-L2",
)
NETWORKS = tuple(map(Configuration.parse, NAMES))
of_each = pytest.mark.parametrize("network", NETWORKS, ids=NAMES)

ELEMENTS = (  # of App. H: what a legend of the notation has to have
    "linear", "convolution", "recurrent", "pooling", "Max", "Avr", "sum", "product", "insum", "padding",
    "quotation marks",
    "kernel", "stride", "axes between colons", "activation", "MSE", "CE", "data set", "roman numerals", "subsystems",
    "channels, width, height",
)  # fmt: skip

LABELS = ("(784, 500, 10)", "(2, 2, 1, 8) {1, 2}", "|1, 1|", ":1, 2:", "[c, w, h]", '"softmax"', "Max (2, 2) {2, 2}")


def signs(drawn: figures.Diagram) -> Counter[str]:
    return Counter(artist.get_gid() for artist in drawn.canvas.findobj(lambda artist: artist.get_gid() is not None))


def texts(drawn: figures.Diagram) -> list[str]:
    return [text.get_text() for text in drawn.canvas.axes[0].texts]


def overlapping(drawn: figures.Diagram) -> list[tuple[str, str]]:
    """Words that lie on each other, or beyond the sheet."""
    renderer = FigureCanvasAgg(drawn.canvas).get_renderer()
    shown = [text for text in drawn.canvas.axes[0].texts if text.get_text()]
    boxes = {text: text.get_window_extent(renderer) for text in shown}
    sheet = drawn.canvas.bbox
    beyond = [(text.get_text(), "") for text, box in boxes.items() if box.x0 < 0 or box.x1 > sheet.x1 or box.y0 < 0]
    pairs = combinations(shown, 2)
    return beyond + [(a.get_text(), b.get_text()) for a, b in pairs if boxes[a].overlaps(boxes[b])]


@of_each
def test_every_layer_has_a_sign(network: Configuration):
    drawn, layers = networks.networks(network), architecture.of(network)
    wanted = [layer.name for layer in layers] + [f"latent.{k}" for k in range(network.L + 1)]
    assert signs(drawn) == Counter(wanted)
    for layer in layers:
        if layer.kind == "affine":
            assert f"({layer.inputs:,}, {layer.outputs:,})" in texts(drawn)
    assert not overlapping(drawn)


@of_each
def test_the_sentence_says_where_the_latent_layer_is(network: Configuration):
    alt = networks.networks(network).alt
    before = len(network.hidden)
    words = {0: "no activation before", 1: "one activation before"}.get(before, f"{before} activations before")
    assert words in alt and alt.count("affine map from") == len(architecture.of(network)) // 2 + 1
    assert alt.startswith(f"Diagram of the {'large' if network.hidden else 'small'} network for ")
    assert report.before_latent(network) == before
    assert ("bases, in order: " + ", ".join(map(str, network.vectors_by_layer)) in alt) == bool(network.vectors)


def test_the_order_of_signs_is_that_of_the_layers():
    drawn = networks.networks(NETWORKS[1])
    placed = {}
    for artist in drawn.canvas.findobj(lambda artist: artist.get_gid() is not None):
        placed[artist.get_gid()] = artist.get_window_extent().x0
    order = ["encoder", "activation.0", "hidden.0", "latent.0", "activation.1", "hidden.1", "activation.2", "decoder"]
    assert sorted(placed, key=lambda name: placed[name]) == order


def test_several_networks_stand_below_each_other_and_none_is_refused(refused):
    pair = networks.networks(*NETWORKS[:2])
    assert signs(pair) == signs(networks.networks(NETWORKS[0])) + signs(networks.networks(NETWORKS[1]))
    assert not overlapping(pair)
    refused(["configurations is empty"], networks.networks)


def test_the_legend_has_every_element_of_the_notation():
    drawn = notation.legend()
    words = " ".join(" ".join(texts(drawn)).split())
    assert [element for element in ELEMENTS if element not in words] == []
    assert [label for label in LABELS if label not in texts(drawn)] == []
    assert not overlapping(drawn)
    assert all(element in drawn.alt for element in ELEMENTS)


def test_the_figures_of_the_catalogue_are_those_of_the_page():
    cells = json.loads((ROOT / "notebooks" / "srm_networks.ipynb").read_text("utf-8"))["cells"]
    drawing = {
        c["metadata"]["mystnb"]["figure"]["name"]: "".join(c["source"])
        for c in cells
        if "figure" in c["metadata"].get("mystnb", {})
    }
    assert list(drawing) == ["figS10", "figS11", "figS12"]
    for name, source in drawing.items():
        figure = paper.figure(name)
        assert all(f'"{network}"' in source for network in figure.entry.get("drawn", ())) and not figure.configurations
        assert report.words(figure) == figure.entry["caption"]
    assert report.words(paper.figure("fig37")) == "Diagram of the autoencoder"


def test_networks_of_the_method_are_counted():
    found = report.spotlight_networks()
    assert {name for name in NAMES[:4]} <= {each.id for each in found} and len(set(found)) == len(found)
    rows = report.spotlight_sizes(found).rows
    for each, row in zip(found, rows, strict=True):
        d, widths = architecture.of(each)[0].inputs, [f"{width:,}" for width in each.widths]
        widths[len(each.hidden)] = f"**{each.n}**"
        assert row[4] == ", ".join([f"{d:,}", *widths, f"{d:,}"]) and row[5] == str(len(each.hidden))
    answer = report.spotlight_in_short(NETWORKS[:4]).words
    assert "small networks have no activation, the 2 large ones one activation" in answer and "widths of 64," in answer
    deeper = report.spotlight_in_short([*NETWORKS[:2], replace(NETWORKS[1], hidden=(256,))]).words
    assert "widths of 64 and 256," in deeper


def test_a_committed_page_shows_the_drawings_as_vector_graphics():
    page = json.loads((ROOT / "book" / "notebooks" / "srm_networks.ipynb").read_text("utf-8"))
    shown = {cell["id"]: cell["outputs"][0]["data"] for cell in page["cells"] if cell.get("outputs")}
    assert [name for name, data in shown.items() if "image/svg+xml" in data] == ["mnist", "cifar", "legend"]
    assert "".join(shown["in-short"]["text/markdown"]).startswith("**In short.** Between the pixels and the latent")
