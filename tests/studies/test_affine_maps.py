"""The maps of Appendix C.2.1 in trained autoencoders, against a slow forward pass; tables, sentences and pictures."""

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from roots import ROOT

from isoaux import settings, workflow
from isoaux.common import archive, paths
from isoaux.common.tables import Text
from isoaux.drawing.look import Drawn
from isoaux.paper import MAP_TITLES, Configuration, figure
from isoaux.records import publishing
from isoaux.records.results import Collection, Result
from isoaux.settings import Settings
from isoaux.studies import registry
from isoaux.studies.affine_maps import compute as corrections
from isoaux.studies.affine_maps import figures as correction_figures
from isoaux.studies.affine_maps import report as correction_report
from isoaux.studies.gradient_flow.compute import batches, map_steps
from isoaux.studies.gradient_flow.compute.batches import INPUTS
from isoaux.studies.gradient_flow.data import MapSteps
from isoaux.studies.gradient_flow.figures import by_length
from isoaux.studies.gradient_flow.report import properties, steps
from isoaux.training import autoencoder, data, in_memory, store
from isoaux.training.maps import MAPS

NAMES = ("figX7", "figX8")


def chosen(**given: Any) -> Settings:
    return settings.read({"profile": "smoke", "device": "cpu"} | given)


@pytest.fixture(scope="module")
def found() -> Collection:
    return workflow.collect(NAMES, chosen(), jobs=1)


@pytest.fixture(scope="module", params=NAMES)
def result(request: pytest.FixtureRequest, found: Collection) -> Result:
    one = found[request.param]
    assert isinstance(one, Result)
    return one


def forward(own: Configuration, p: dict[str, np.ndarray], x: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Inputs of every map and outputs of every map of a network, a sample at a time, from the formulas."""
    names = ["encoder", *(f"hidden.{k}" for k in range(own.L)), "decoder"]
    given: list[list[np.ndarray]] = [[] for _ in names]
    made: list[list[np.ndarray]] = [[] for _ in names]
    for v in x:
        for i, name in enumerate(names):
            W, b, r = p[f"{name}.weight"], p[f"{name}.bias"], np.linalg.norm(v)
            q = len(v) if i == 0 or own.activation == "tanh" else 1
            z = {
                "normaliser": lambda v=v, W=W, b=b, r=r: W @ (v / r) + b,
                "correction": lambda v=v, W=W, b=b, r=r: (W @ v + b) / np.sqrt(r**2 + 1),
                "normaliser_matched": lambda v=v, W=W, b=b, r=r, q=q: np.sqrt(q) * W @ (v / r) + b,
                "correction_matched": lambda v=v, W=W, b=b, r=r, q=q: (W @ v + b) * np.sqrt((q + 1) / (r**2 + 1)),
            }.get(own.map, lambda v=v, W=W, b=b: W @ v + b)()
            given[i].append(v)
            made[i].append(z)
            length = np.linalg.norm(z)
            v = np.tanh(z) if own.activation == "tanh" else np.tanh(length) * z / length
    return [np.array(each) for each in given], [np.array(each) for each in made]


def of_network(result: Result, row: int, epoch: int) -> tuple[Configuration, dict[str, np.ndarray], Any]:
    own, seed = result.rows[row]
    images = data.load("digits")
    network = next(n for n in chosen().networks_for(result.figure) if n.configuration == own and n.seed == seed)
    parameters = store.Entry(network, images.checksum).read(epoch)
    return own, {name: value.numpy() for name, value in parameters.items()}, images


# --- what is measured


def test_every_map_is_there_with_both_activations_and_every_seed(result: Result):
    assert {(own.map, own.activation) for own, _ in result.rows} == {(m, a) for m in MAPS for a in ("tanh", "isotanh")}
    assert len(result.rows) == 28 and {own.L for own, _ in result.rows} == {result.figure.depth}


def test_errors_norms_and_points_are_those_of_a_slow_forward_pass(result: Result):
    for row in range(0, len(result.rows), 3):
        for when, epoch in ((0, 0), (-1, 2)):
            own, p, images = of_network(result, row, epoch)
            std = np.where(images.std == 0, 1, images.std)
            test = (images.test / 255 - images.mean) / std
            error = ((forward(own, p, test)[1][-1] - test) ** 2).mean()
            assert result.drawing["test_error_sigma"][row, when] == pytest.approx(error, rel=1e-9)
            given, made = forward(own, p, (images.train / 255 - images.mean) / std)
            for i, x in enumerate(given):
                square = (x**2).sum(1) + 1
                assert result.drawing["norm_mean"][row, when, i] == pytest.approx(square.mean(), rel=1e-9)
                assert result.drawing["norm_variance"][row, when, i] == pytest.approx(square.var(), rel=1e-6, abs=1e-9)
        for k, z in enumerate(made[:-1]):
            shares = [np.hypot(z[:, i], z[:, j]) / np.linalg.norm(z, axis=1) for i, j in combinations(range(18), 2)]
            near = sum(int((share > 0.75).sum()) for share in shares)
            edge = sum(int((np.abs(share - 0.75) < 1e-6).sum()) for share in shares)
            assert abs(int(result.drawing["count"][row, k]) - near) <= edge


def test_networks_of_a_seed_start_alike_whatever_their_map(result: Result):
    starts = {}
    for row, (own, seed) in enumerate(result.rows):
        _, p, _ = of_network(result, row, 0)
        starts.setdefault(seed, []).append(p["encoder.weight"])
        assert not p["encoder.bias"].any(), own.id
    for seed, each in starts.items():
        assert all(np.array_equal(each[0], other) for other in each), seed
    assert not np.array_equal(starts[0][0], starts[1][0])


def test_another_depth_has_its_layers():
    small = replace(figure("figX7"), entry=figure("figX7").entry | {"networks": ["cifar-N-tanh-n18-L0-correction"]})
    made = corrections.compute(small, chosen(depth=1, seeds=[3]), jobs=1)
    assert [own.id for own, _ in made.rows] == ["cifar-N-tanh-n18-L1-correction"]
    assert made.drawing["count"].shape == (1, 2) and made.drawing["norm_mean"].shape == (1, 2, 3)


# --- published and read


def test_what_is_published_is_read_back(result: Result, tmp_path: Path, monkeypatch, refused):
    for folder in ("book/data", "notebooks"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setenv("ISOAUX_HOME", str(tmp_path))
    (written,) = publishing.publish(result, paths.data())
    name = result.figure.name
    assert written == tmp_path / "book" / "data" / name
    back = registry.named("affine_maps").read(figure(name), Settings())
    assert back.rows == result.rows and back.drawing.arrays.keys() == result.drawing.arrays.keys()
    for key, array in result.drawing.arrays.items():
        np.testing.assert_array_equal(back.drawing[key], array, err_msg=key)
    for given in ({"epsilon": 0.5}, {"basis": "simplex"}, {"depth": 3}, {"dataset": "patches"}, {"seeds": "5"}):
        (asked,) = given
        refused([f"{asked} is", "published with", f"--{asked}"], workflow.result, name, settings.read(given))


# --- tables and sentences


def test_errors_are_compared_with_the_affine_map_in_pairs(found: Collection):
    table = correction_report.errors(found)
    assert len(table.rows) == 28
    result = found["figX7"]
    errors = result.drawing["test_error_sigma"][:, -1]
    rows = result.by_configuration
    for cells in table.rows[:14]:
        own = next(
            o for o in rows if (MAP_TITLES[o.map], cells[0]) == (cells[2], correction_report.TITLES[o.activation])
        )
        assert float(cells[4].split(" ±")[0]) == pytest.approx(errors[rows[own]].mean(), abs=1e-4)
        if own.map == "affine":
            assert cells[5] == ""
            continue
        base = errors[rows[replace(own, map="affine")]]
        share = 100 * (errors[rows[own]] - base).mean() / base.mean()
        assert float(cells[5].split("%")[0]) == pytest.approx(share, abs=0.06)
        low, high = (float(part) for part in re.search(r"\((.*) to (.*)\)", cells[5]).groups())
        assert low - 0.06 < share < high + 0.06


def test_the_isotropic_advantage_is_paired_within_a_map(found: Collection):
    table = correction_report.advantage(found)
    assert [row[1] for row in table.rows] == [*MAP_TITLES.values()] * 2 or len(table.rows) == 14
    result = found["figX8"]
    rows = result.by_configuration
    own = Configuration.parse("cifar-N-tanh-n18-L2-rate")
    errors = result.drawing["test_error_sigma"][:, -1]
    wanted = 100 * (errors[rows[replace(own, activation="isotanh")]].mean() / errors[rows[own]].mean() - 1)
    cell = next(row for row in table.rows if row[:2] == ("2", MAP_TITLES["rate"]))[-1]
    assert float(cell.split("%")[0]) == pytest.approx(wanted, abs=0.06)


def changed(result: Result, name: str, rows: list[int], value: float) -> Result:
    array = result.drawing[name].copy()
    array[rows] = value
    return replace(result, drawing=replace(result.drawing, arrays=result.drawing.arrays | {name: array}))


def test_the_verdict_follows_from_the_numbers(found: Collection):
    """With errors of nearly nothing every matched map would be said to be better."""
    before = correction_report.verdict(found).words
    better = {}
    for name, result in found.results.items():
        rows = [r for r, (own, _) in enumerate(result.rows) if own.map.endswith("_matched")]
        array = result.drawing["test_error_sigma"].copy()
        array[rows, -1] *= 1e-3
        better[name] = replace(
            result, drawing=replace(result.drawing, arrays=result.drawing.arrays | {"test_error_sigma": array})
        )
    after = correction_report.verdict(replace(found, results=better)).words
    assert (
        "lower in 12; higher in 0; open in 0" in after.splitlines()[0]
        and before.splitlines()[1] == after.splitlines()[1]
    )


def test_every_table_names_all_layers_and_maps(found: Collection):
    alignment, norms = correction_report.alignment(found), correction_report.norms(found)
    assert len(alignment.rows) == 14 * (1 + 3) and len(norms.rows) == 28
    assert norms.rows[0][4] == "" and norms.rows[-1][4].count("±") >= 2
    first = found["figX7"].drawing
    assert norms.rows[0][3].startswith(f"{first['norm_mean'][0, 0, 0]:,.1f} ±")
    assert correction_report.setting(found).words.count("Differs from the paper") == 2


def test_figures_say_what_they_show(found: Collection):
    for name in NAMES:
        drawn = correction_figures.panels_by_map(found[name])
        assert isinstance(drawn, Drawn)
        count = found[name].drawing["count"][0, found[name].figure.layer]
        assert f"tanh with affine: {int(count):,} points" in drawn.alt
        assert len(correction_figures.thumbnail(found[name])) > 1000
        texts = {text.get_text() for text in drawn.canvas.axes[0].texts}
        assert {f"{int(c):,}" for c in found[name].drawing["count"][::2, found[name].figure.layer]} <= texts
    curves = correction_figures.curves(found)
    assert isinstance(curves, Drawn) and curves.alt.count(": ") == 28
    lines = [line for axes in curves.canvas.axes for line in axes.lines]
    assert len(lines) == 28
    np.testing.assert_allclose(lines[0].get_ydata(), found["figX7"].drawing["test_error_sigma"][:2].mean(0))


def test_what_is_not_published_is_said():
    nothing = Collection((figure("figX7"), figure("figX8")))
    tables = ("setting", "errors", "advantage", "alignment", "norms", "verdict")
    for show in (*(getattr(correction_report, name) for name in tables), correction_figures.curves):
        assert show(nothing).words == "Figures X7 and X8 are not published yet."
    missing = correction_figures.panels_by_map(nothing["figX7"])
    assert isinstance(missing, Text) and "not published yet" in missing.words


# --- steps in a batch


@pytest.mark.parametrize("key", MAPS)
def test_the_kernel_moves_samples_as_a_step_does(key: str):
    """z before and after a step of plain gradient descent on the encoder, the reconstruction error as the loss."""
    one, x, eta = MAPS[key], INPUTS["digits, standardised"]()[:24], 1e-3
    p = in_memory.initial(64, 18, 0, 1)
    p = {name: value + 0.1 for name, value in p.items()}
    g = batches.own_gradients(p, "tanh", x, key)
    W, b = (p[f"encoder.{part}"].clone().requires_grad_() for part in ("weight", "bias"))
    out = autoencoder.decode(p | {"encoder.weight": W, "encoder.bias": b}, "tanh", one.forward(x, W, b), key)
    losses = ((out - x) ** 2).mean(1) * one.rescale(x).omega[:, 0]
    dW, db = torch.autograd.grad(losses.mean(), (W, b))
    moved = one.forward(x, W.detach(), b.detach()) - one.forward(x, W.detach() - eta * dW, b.detach() - eta * db)
    wanted = eta / 24 * map_steps.kernel(one, x) @ g
    torch.testing.assert_close(moved, wanted, rtol=1e-6, atol=1e-12)


@pytest.fixture(scope="module")
def measured() -> dict[str, MapSteps]:
    return {key: map_steps.measured("digits, standardised", key, "tanh", (0, 1), epochs=1) for key in MAPS}


def test_alone_the_corrections_are_even_and_in_a_batch_they_are_not(measured):
    for key, one in measured.items():
        assert (one.spread_alone < 1e-12) == (key != "affine"), key
        assert one.turn.shape == one.stretch.shape == (2, 480)
        assert one.spread_in_batch > 1.05 and 0 < np.median(one.turn) < 120
    assert measured["correction_matched"].alone == pytest.approx(65)


def test_the_table_of_steps_is_what_was_measured(measured):
    table = steps({"tanh": list(measured.values())})
    assert [row[2] for row in table.rows] == [MAP_TITLES[key] for key in MAPS]
    assert table.rows[2][3] == "1 ± 0%" and table.rows[2][4] == f"{np.median(measured['correction'].turn):.0f}°"


def test_the_properties_are_those_that_the_appendix_asserts():
    rows = {row[0]: row for row in properties(map_steps.properties()).rows}
    assert rows["normaliser-like"][2:5] == ("2", "0%", "0") and rows["affine correction"][2] == "1"
    assert float(rows["affine correction"][3].strip("%")) > 5 and not rows["affine correction"][4].startswith("0.00")
    assert all(row[5] == "passes" for row in rows.values())


def test_lengths_are_drawn_as_they_are():
    drawn = by_length(map_steps.by_length())
    first, second, third = drawn.canvas.axes
    r = first.lines[0].get_xdata()
    np.testing.assert_allclose(second.lines[2].get_ydata(), r / np.sqrt(r**2 + 1), rtol=1e-12)
    np.testing.assert_allclose(third.lines[0].get_ydata(), r**2 + 1, rtol=1e-12)
    assert "affine: 17" in drawn.alt


def test_the_published_file_is_light():
    for name in NAMES:
        place = ROOT / "book" / "data" / name
        if place.with_suffix(".npz").exists():
            assert archive.read(place)["density"].dtype == np.uint8
