"""Perturbed images: the search against autograd, random draws and known cases; the figure, tables and pictures."""

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from PIL import Image
from scipy.stats import ttest_1samp

from isoaux import settings, workflow
from isoaux.activations import ACTIVATIONS
from isoaux.common import archive, paths
from isoaux.common.archive import Published
from isoaux.paper import figure
from isoaux.records import publishing
from isoaux.records.results import Missing, Result
from isoaux.settings import Settings
from isoaux.studies.perturbation import compute as perturbation
from isoaux.studies.perturbation import data as perturbation_data
from isoaux.studies.perturbation import figures as perturbation_figures
from isoaux.studies.perturbation import report as perturbation_report
from isoaux.studies.perturbation.compute.worst_case import Reduced, at_random, most, straight
from isoaux.training import autoencoder, data

FIGURE = figure("figX6")
D, N = 12, 4

CONTINUOUS = sorted(set(ACTIVATIONS) - {"dnlrelu"})
"""The parity function jumps: no gradient leads across."""

each_activation = pytest.mark.parametrize("activation", sorted(ACTIVATIONS))


def chosen(**given: Any) -> Settings:
    return settings.read({"profile": "smoke", "device": "cpu"} | given)


def parameters(depth: int = 0, seed: int = 0, scale: float = 1.0, d: int = D, n: int = N) -> autoencoder.Parameters:
    made = autoencoder.initial(d, n, depth, torch.Generator().manual_seed(seed))
    shift = torch.Generator().manual_seed(seed + 1)
    for name, value in made.items():
        if value.ndim == 1:
            value.normal_(0, 0.3, generator=shift)
        made[name] = scale * value if name.startswith("encoder") else value
    return made


def inputs(count: int = 5, seed: int = 2, d: int = D) -> torch.Tensor:
    return torch.randn(count, d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def in_pixels(network: Reduced, c: torch.Tensor) -> torch.Tensor:
    """Perturbations of the images that have these coordinates."""
    return c @ network.inputs.T


# --- the network among its neurons


@each_activation
@pytest.mark.parametrize("depth", [0, 2])
def test_the_jacobians_singular_values_are_those_of_autograd(activation, depth):
    made, x = parameters(depth), inputs()
    network, model = Reduced(made, activation), autoencoder.module(made, activation)
    found = torch.linalg.svdvals(network.jacobian(network.encode(x)))
    for own, image in zip(found, x, strict=True):
        full = torch.autograd.functional.jacobian(model, image)
        np.testing.assert_allclose(own, torch.linalg.svdvals(full)[:N], atol=1e-12)


@each_activation
@pytest.mark.parametrize("depth", [0, 1])
def test_changes_are_those_of_the_whole_network(activation, depth):
    made, x = parameters(depth), inputs()
    network, model = Reduced(made, activation), autoencoder.module(made, activation)
    c = torch.randn(5, N, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    moved = x + in_pixels(network, c)
    with torch.no_grad():
        change = model(moved) - model(x)
        offset, square = network.residual(x)
        coordinates = network.changes(network.encode(x), c)
        np.testing.assert_allclose(coordinates @ network.outputs.T, change, atol=1e-12)
        np.testing.assert_allclose(network.moved(network.encode(x), c), network.encode(moved), atol=1e-12)
        np.testing.assert_allclose(square, (model(x) - x).square().sum(1), atol=1e-12)
        grown = (model(moved) - x).square().sum(1) - square
        own = (offset + coordinates).square().sum(1) - offset.square().sum(1)
        np.testing.assert_allclose(own, grown, atol=1e-12)


def test_single_precision_is_perturbed_in_double():
    made = {name: value.float() for name, value in parameters().items()}
    network = Reduced(made, "tanh")
    assert network.encode(inputs()).dtype == torch.float64 == most_of(network, inputs(), 0.1).dtype


# --- the search


def most_of(network: Reduced, x: torch.Tensor, size: float, error: bool = False) -> torch.Tensor:
    offset = network.residual(x)[0]
    return most(network, network.encode(x), offset if error else torch.zeros_like(offset), size)


@pytest.mark.parametrize("activation", ["tanh", "isotanh", "lrelu"])
def test_a_small_perturbation_reaches_the_largest_singular_value(activation):
    made, x, size = parameters(), inputs(), 1e-6
    model, network = autoencoder.module(made, activation), Reduced(made, activation)
    shift = in_pixels(network, most_of(network, x, size))
    with torch.no_grad():
        gains = (model(x + shift) - model(x)).norm(dim=1) / size
    for image, gain in zip(x, gains, strict=True):
        largest = torch.linalg.svdvals(torch.autograd.functional.jacobian(model, image))[0]
        assert float(gain) == pytest.approx(float(largest), rel=1e-4)


@pytest.mark.parametrize("activation", ["tanh", "isotanh"])
def test_a_small_step_for_the_error_follows_its_gradient(activation):
    made, x = parameters(), inputs()
    model, network = autoencoder.module(made, activation), Reduced(made, activation)
    shift = in_pixels(network, most_of(network, x, 1e-6, error=True))
    moved = x.clone().requires_grad_()
    (model(moved) - x).square().sum().backward()
    assert moved.grad is not None
    cosine = torch.cosine_similarity(shift, moved.grad, dim=1)
    assert float(cosine.min()) > 1 - 1e-6


def reached_by(error: bool, seed: int, activation: str, size: float, scale: float) -> tuple[torch.Tensor, ...]:
    """How far the search, its first-order start and the best of 50 random perturbations get, each for three images."""
    network, x = Reduced(parameters(0, seed, scale), activation), inputs(3, seed)
    z = network.encode(x)
    offset = network.residual(x)[0] if error else torch.zeros_like(z)
    perturbations = (search(network, z, offset, size)[:, None] for search in (most, straight))
    tried = (*perturbations, at_random(network, 3, 50, size, seed))
    return tuple((offset[:, None] + network.changes(z[:, None], c)).norm(dim=-1).amax(1) for c in tried)


@pytest.mark.parametrize("error", [False, True])
@examples(max_examples=10)
@given(st.integers(0, 2**20), st.sampled_from(CONTINUOUS), st.floats(0.01, 8), st.floats(0.2, 6))
def test_the_search_is_never_worse_than_its_start(error, seed, activation, size, scale):
    worst, first, _ = reached_by(error, seed, activation, size, scale)
    assert (worst >= first * (1 - 1e-12)).all()


@pytest.mark.parametrize("error", [False, True])
def test_random_perturbations_hardly_ever_do_more(error):
    """The search is a lower bound: among saturated neurons one of a hundred random clouds may hold a larger change."""
    random = np.random.default_rng(0)
    drawn = [(int(random.integers(2**20)), random.uniform(0.01, 8), random.uniform(0.2, 6)) for _ in range(100)]
    ways = [
        reached_by(error, seed, CONTINUOUS[i % len(CONTINUOUS)], size, scale)
        for i, (seed, size, scale) in enumerate(drawn)
    ]
    worst, _, blind = (torch.cat(lengths) for lengths in zip(*ways, strict=True))
    assert float((worst >= blind * (1 - 1e-9)).double().mean()) > 0.97
    assert float((worst / blind).min()) > 0.8


@pytest.mark.parametrize("error", [False, True])
@pytest.mark.parametrize("size", [1e-8, 0.3, 50.0])
def test_perturbations_have_the_size_that_was_asked_for(error, size):
    network, x = Reduced(parameters(scale=3), "tanh"), inputs()
    z = network.encode(x)
    offset = network.residual(x)[0] if error else torch.zeros_like(z)
    for c in (most(network, z, offset, size), straight(network, z, offset, size)):
        np.testing.assert_allclose(in_pixels(network, c).norm(dim=1), size, rtol=1e-12)


def test_neurons_that_are_saturated_are_switched_nevertheless():
    """tanh(1000 +- ...) has no gradient in double precision; one step of sufficient length switches a neuron."""
    made = parameters(scale=0.0)
    made["encoder.weight"][0, 0], made["encoder.bias"][:] = 100.0, torch.tensor([1000.0, 2000.0, 3000.0, 4000.0])
    made["encoder.weight"][1:, 1:] = torch.randn(N - 1, D - 1, generator=torch.Generator().manual_seed(0)).double()
    network, x = Reduced(made, "tanh"), torch.zeros(1, D, dtype=torch.float64)
    z = network.encode(x)
    assert not network.jacobian(z).any()
    found = network.changes(z, most_of(network, x, 15.0)).norm()
    assert float(found) == pytest.approx(2 * float(made["decoder.weight"][:, 0].norm()), rel=1e-6)
    assert float(network.changes(z, straight(network, z, torch.zeros_like(z), 15.0)).norm()) < 3
    assert torch.isfinite(most_of(network, x, 1e-9)).all()


def test_of_a_projection_the_worst_change_is_the_perturbation_itself():
    """Leaky-ReLU far on its positive side is linear; encoder and decoder are transposes with orthonormal rows."""
    made = parameters()
    rows = torch.linalg.qr(inputs(N, 3).T).Q.T
    made |= {"encoder.weight": rows, "decoder.weight": rows.T.clone()}
    made |= {"encoder.bias": torch.full((N,), 50.0).double(), "decoder.bias": -50 * rows.sum(0)}
    x, sizes = inputs(), [0.01, 0.5]
    found = perturbation.perturbed(made, "lrelu", x.numpy(), inputs(40, 9).numpy(), sizes, 2.0, draws=4000)
    for name in ("worst", "straight", "limit"):
        np.testing.assert_allclose(found[name], 1, rtol=1e-9)
    np.testing.assert_allclose(found["worst_quantiles"], 1, rtol=1e-9)
    square = np.random.default_rng(0).beta(N / 2, (D - N) / 2, 200_000)  # a random direction's share in the row space
    np.testing.assert_allclose(found["random"], np.sqrt(square).mean(), rtol=0.01)
    np.testing.assert_allclose(found["random_error"], N / D * np.array(sizes) ** 2, rtol=0.05)
    np.testing.assert_allclose(found["worst_error"], np.array(sizes) ** 2, rtol=1e-9)
    left = (x - x @ rows.T @ rows).square().sum(1).mean() / 4
    assert float(found["error"]) == pytest.approx(float(left))


def test_random_perturbations_are_uniform_over_all_pixels():
    network = Reduced(parameters(), "tanh")
    found = at_random(network, 300, 60, 2.0, 7).reshape(-1, N)
    free = torch.randn(18_000, D, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    free = 2 * free / free.norm(dim=1, keepdim=True) @ network.inputs
    share = torch.linspace(0.02, 0.98, 25, dtype=torch.float64)
    np.testing.assert_allclose(found.norm(dim=1).quantile(share), free.norm(dim=1).quantile(share), rtol=0.03)
    np.testing.assert_allclose(found.T @ found / len(found), 4 / D * np.eye(N), atol=0.01)
    assert torch.equal(found, at_random(network, 300, 60, 2.0, 7).reshape(-1, N))
    assert not torch.equal(found, at_random(network, 300, 60, 2.0, 8).reshape(-1, N))


# --- one network


def test_a_representation_that_is_known_is_left_behind():
    found = perturbation.perturbed(parameters(), "tanh", inputs().numpy(), inputs(60, 4).numpy(), [1e-6, 20.0], 1.0)
    assert found["worst_turn"][0] < 1e-3 < found["worst_turn"][1] <= 180
    np.testing.assert_allclose([found["worst_distance"][0], found["random_distance"][0]], 1, atol=1e-3)
    assert found["worst_distance"][1] > 1.5
    assert {name: array.shape for name, array in found.items()} == dict.fromkeys(
        [f"{kind}{part}" for kind in ("random", "straight", "worst") for part in ("", "_error")]
        + [f"{kind}{part}" for kind in ("random", "worst") for part in ("_turn", "_distance")],
        (2,),
    ) | {"limit": (), "error": (), "worst_quantiles": (2, 3)}


@pytest.mark.parametrize("normalised", [False, True])
def test_the_unit_is_the_spread_of_the_images_as_the_network_gets_them(normalised):
    images = data.load("digits")
    scale, offset = images.affine(normalised)
    seen = images.train * scale + (0 if offset is None else offset)
    spread = np.sqrt((seen - seen.mean(0)).var(0).sum())
    assert perturbation.spread(images, normalised) == pytest.approx(spread)
    assert (images.std == 1).any(), "no constant pixel: nothing was compared"


# --- the whole figure


@pytest.fixture(scope="module")
def whole() -> Result:
    return workflow.result("figX6", chosen(), jobs=1)


def test_the_figure_has_every_network_at_every_size(whole):
    assert [(c.id, seed) for c, seed in whole.rows] == [(id, s) for id in FIGURE.entry["networks"] for s in (0, 1)]
    arrays = whole.drawing.arrays
    assert arrays["size"].tolist() == sorted(FIGURE.entry["sizes"]) and float(FIGURE.entry["size"]) in arrays["size"]
    assert arrays["worst"].shape == (8, 7) and arrays["worst_quantiles"].shape == (8, 7, 3)
    assert arrays["limit"].shape == arrays["error"].shape == (8,)
    assert all(np.isfinite(array).all() for array in arrays.values())
    assert (arrays["worst"] >= arrays["straight"] - 1e-12).all() and (arrays["worst"] > arrays["random"]).all()
    assert (arrays["worst_error"] >= arrays["straight_error"] - 1e-12).all() and (arrays["worst_error"] > 0).all()
    np.testing.assert_allclose(arrays["worst"][:, 0], arrays["limit"], rtol=0.05)
    assert not whole.records and not whole.representations
    facts = whole.facts
    assert (facts["images"], facts["random"], facts["layer"], facts["pixels"]) == (20, 16, 0, 64)
    assert facts["deviations"][-1] == "2 of 5 seeds"


def test_what_was_measured_is_not_measured_again(whole, monkeypatch):
    monkeypatch.setattr(perturbation, "perturbed", None)
    again = workflow.result("figX6", chosen(), jobs=1)
    for name, array in whole.drawing.arrays.items():
        np.testing.assert_array_equal(again.drawing[name], array, err_msg=name)


@pytest.mark.parametrize(("name", "value"), [("epsilon", 0.5), ("basis", "simplex"), ("variant", "permutation")])
@pytest.mark.parametrize("make", [perturbation.compute, perturbation_data.read])
def test_settings_of_a_projection_are_refused(make, name, value, refused):
    refused([f"{name} is {value!r}", "no meaning for figX6", "accepted"], make, FIGURE, chosen(**{name: value}))


@pytest.mark.parametrize("sizes", [[], [0, 0.1], [-0.1, 1]])
def test_sizes_that_are_none_are_refused(sizes, refused):
    refused(["sizes", "above 0"], perturbation_data.sizes, replace(FIGURE, entry=FIGURE.entry | {"sizes": sizes}))


@pytest.fixture
def place(whole: Result, checkout: Path) -> Path:
    """A checkout in which the figure is published."""
    (written,) = publishing.publish(whole, paths.data())
    assert written == checkout / "book" / "data" / "figX6"
    return checkout


@pytest.mark.parametrize("given", [{}, {"epsilon": 0.75}, {"seeds": "1,0", "depth": 0}, {"dataset": "digits"}])
def test_what_is_published_is_read_back(whole, place, monkeypatch, given):
    monkeypatch.setattr(perturbation, "compute", None)
    back = workflow.result("figX6", settings.read(given))
    assert back.figure == whole.figure and back.rows == whole.rows and back.facts.items() >= whole.facts.items()
    assert back.drawing.arrays.keys() == whole.drawing.arrays.keys()
    for name, array in whole.drawing.arrays.items():
        np.testing.assert_array_equal(back.drawing[name], array, err_msg=name)


@pytest.mark.parametrize(
    ("name", "asked", "words"),
    [
        ("dataset", "patches", "dataset 'digits' only"),
        ("dtype", "float32", "dtype 'float64' only"),
        ("depth", 2, "depth 0 only"),
        ("seeds", [0], "seeds (0, 1) only"),
    ],
)
def test_what_is_not_published_is_refused(place, refused, name, asked, words):
    asking = settings.read({name: asked})
    refused([f"{name} is {getattr(asking, name)!r}", "figX6", words], workflow.result, "figX6", asking)


def test_a_figure_of_another_depth_is_read_as_one(whole, tmp_path):
    deeper = [row | {"configuration": row["configuration"].replace("L0", "L2")} for row in whole.facts["rows"]]
    archive.write(tmp_path / "figX6", whole.drawing.arrays, whole.facts | {"rows": deeper})
    assert perturbation_data.read(FIGURE, settings.read({"depth": 2}), tmp_path).figure == FIGURE.at_depth(2)


# --- in words and numbers


def by_hand(seeds: int = 5, lacking: bool = False) -> Result:
    """A figure of networks that were never trained, at three sizes; the anisotropic ones change twice as much."""
    random = np.random.default_rng(0)
    rows = [{"configuration": id, "seed": s} for id in FIGURE.entry["networks"] for s in range(seeds)]
    if lacking:
        del rows[seeds + 1]  # an isotropic network on raw pixels
    shape = (len(rows), 3)
    spread = {name: np.exp(random.normal(0, 0.05, shape)) for name in ("worst", "random", "straight")}
    double = np.array([1 if "iso" in row["configuration"] else 2 for row in rows])[:, None]
    arrays: dict[str, Any] = {"worst": 5 * spread["worst"] * double, "random": 0.2 * spread["random"]}
    arrays |= {"straight": 4 * spread["straight"] / double, "size": np.array([0.01, 0.1, 1])}
    for name in ("worst_error", "straight_error", "random_error"):
        arrays[name] = 0.1 * np.exp(random.normal(0, 0.3, shape)) * np.array([0.1, 1, 10])
    for name in ("worst_turn", "worst_distance", "random_distance"):
        arrays[name] = random.uniform(1, 9, shape)
    arrays["error"] = random.uniform(0.2, 0.3, len(rows))
    facts = {"dataset": "CIFAR-10", "epochs": 125, "dtype": "float64", "seeds": list(range(seeds)), "rows": rows}
    facts |= {"deviations": [], "images": 200, "random": 16}
    return Result(FIGURE, Published(arrays, facts), {}, {})


@pytest.mark.parametrize("statistic", ["worst", "random", "excess", "worst_error"])
def test_a_ratio_has_the_t_interval_of_its_logarithm(statistic):
    result = by_hand()
    arrays = result.drawing.arrays
    found = arrays["worst"] / arrays["random"] if statistic == "excess" else arrays[statistic]
    for normalised, first in ((False, 0), (True, 10)):
        logs = np.log(found[first : first + 5] / found[first + 5 : first + 10])
        test = ttest_1samp(logs, 0).confidence_interval(0.95)
        np.testing.assert_allclose(perturbation_report.log_ratios(result, normalised, statistic), logs)
        ratios = perturbation_report.ratios(result, normalised, statistic)
        np.testing.assert_allclose([ratio.mean for ratio in ratios], logs.mean(0))
        np.testing.assert_allclose([(ratio.low, ratio.high) for ratio in ratios], np.transpose([test.low, test.high]))


def test_networks_are_paired_by_seed_and_one_without_a_partner_is_left_out():
    result = by_hand(lacking=True)
    assert perturbation_report.paired(result, False) == [(0, 5), (2, 6), (3, 7), (4, 8)]
    assert perturbation_report.paired(result, True) == [(9 + s, 14 + s) for s in range(5)]
    assert perturbation_report.log_ratios(result, False, "worst").shape == (4, 3)


def test_one_seed_has_no_interval():
    table = perturbation_report.anisotropic_over_isotropic(by_hand(1))
    assert all(re.fullmatch(r"\d+\.\d\d", row[2]) and row[4:] == ("none", "none") for row in table.rows)
    assert "one seed, so chance is not excluded" in perturbation_report.verdict(by_hand(1)).words


def test_the_tables_hold_the_measured_numbers():
    result = by_hand()
    table = perturbation_report.anisotropic_over_isotropic(result)
    assert len(table.rows) == 10 and {len(row) for row in table.rows} == {len(table.head)}
    line = next(row for row in table.rows if row[:2] == ("raw pixels", "change, worst that was found"))
    logs = np.log(result.drawing["worst"][:5, 1] / result.drawing["worst"][5:10, 1])
    half = 2.7764 * logs.std(ddof=1) / np.sqrt(5)  # two-sided 5% point of t, five values
    mean, low, high = (f"{np.exp(logs.mean() + shift):.2f}" for shift in (0, -half, half))
    assert line[2:] == (f"{mean} ({low} to {high})", "5 of 5", "0.01, 0.1, 1", "none")
    measured = perturbation_report.measured(result)
    assert [row[0] for row in measured.rows] == [
        f"{title}, {pixels}" for pixels in ("raw pixels", "standardised pixels") for title in ("tanh", "isotropic tanh")
    ]
    worst = result.drawing["worst"][:5, 1]
    numbers = [float(number) for number in re.findall(r"[\d.]+", measured.rows[0][3])]
    np.testing.assert_allclose(numbers, [worst.mean(), worst.min(), worst.max()], rtol=6e-3)
    places = perturbation_report.places(result)
    turn = result.drawing["worst_turn"][5:10, 2].mean()
    assert [row[0] for row in places.rows] == ["0.01", "0.1", "1"] and places.rows[2][2].startswith(f"{turn:.1f}°")


def test_the_verdict_says_what_the_intervals_say():
    words = perturbation_report.verdict(by_hand()).words
    assert words.startswith("At size 0.1, ") and words.count("**") == 4
    for row in perturbation_report.anisotropic_over_isotropic(by_hand()).rows:
        assert row[2] in words or row[1] == perturbation_report.COMPARED["random"]
    assert words.count(": more.") >= 4 and "no difference" in words


def test_a_figure_that_is_missing_is_a_sentence():
    tables = ("setting", "measured", "anisotropic_over_isotropic", "places", "verdict")
    for show in (*(getattr(perturbation_report, name) for name in tables), perturbation_figures.curves):
        assert show(Missing(FIGURE)).words == "Figure X6 is not published yet."


# --- in pictures


def test_the_picture_says_what_it_shows(whole):
    for result in (whole, by_hand(), by_hand(1)):
        drawn = perturbation_figures.curves(result)
        assert drawn.finding == perturbation_report.finding(result) and drawn.finding in drawn.alt
        for configuration, rows in result.by_configuration.items():
            first = result.drawing["worst"][rows].mean(0)[0]
            assert f"{configuration.title} pixels: worst {first:.3g} " in drawn.alt
        assert Image.open(io.BytesIO(drawn.png())).format == "PNG"


def test_the_curves_are_the_means_and_ratios():
    result = by_hand()
    panels = perturbation_figures.curves(result).canvas.axes
    lines = [line.get_ydata() for line in panels[0].lines]
    for rows in (slice(0, 5), slice(5, 10)):
        mean = result.drawing["worst"][rows].mean(0)
        assert any(len(line) == 3 and np.allclose(line, mean) for line in lines)
    ratio = np.exp(np.log(result.drawing["worst"][10:15] / result.drawing["worst"][15:20]).mean(0))
    assert any(len(line.get_ydata()) == 3 and np.allclose(line.get_ydata(), ratio) for line in panels[5].lines)


def test_the_thumbnail_is_small():
    content = perturbation_figures.thumbnail(by_hand())
    assert Image.open(io.BytesIO(content)).size[0] < 450 and len(content) < 60_000


@pytest.mark.smoke
def test_the_page_from_training_to_pictures(at_smoke):
    text = at_smoke("own_perturbation").read_text("utf-8")
    assert '"output_type": "error"' not in text and text.count('"image/png": "') == 1
    cells = {cell["id"]: cell for cell in json.loads(text)["cells"]}
    assert "anisotropic over isotropic" in cells["figure"]["metadata"]["mystnb"]["image"]["alt"]
    assert "2 of 5 seeds" in json.dumps(cells["setting"]["outputs"])
