"""Error curves: against a slow evaluation of trained networks, direct formulas, and records with gaps."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from isoaux import settings, workflow
from isoaux.common import archive
from isoaux.common.archive import Published
from isoaux.common.tables import listed
from isoaux.drawing import look
from isoaux.paper import CHECKPOINTS, Configuration, figure, figures
from isoaux.records import error_curves, publishing, reading
from isoaux.records.results import Collection, Missing, Result
from isoaux.settings import Settings
from isoaux.studies.reconstruction import data as reconstruction_data
from isoaux.studies.reconstruction import figures as reconstruction_figures
from isoaux.studies.reconstruction import report as reconstruction_report
from isoaux.training import data, snapshots, store

NAMES = [name for name, one in figures().items() if one.study == "reconstruction"]
SMALL = figure("fig35")
"""The smallest figure of the kind: four configurations."""


def chosen(**given: Any) -> Settings:
    return settings.read({"profile": "smoke", "device": "cpu"} | given)


# --- made-up records


def errors(configuration: Configuration, seeds: int) -> np.ndarray:
    """Curves that fall from 1, with the isotropic ones lower, a shift of each seed, and a ripple by activation."""
    rng = np.random.default_rng(len(configuration.id) + configuration.n + 10 * configuration.L)
    epochs = np.array(CHECKPOINTS)
    low = 0.3 if configuration.activation.startswith("iso") else 0.4
    own = low + (1 - low) / (1 + epochs) + rng.normal(0, 0.01, (seeds, 1)) * (epochs > 0)
    ripple = 0 if configuration.activation.startswith("iso") else 0.02
    return own * (1 + ripple * rng.normal(size=own.shape) * (epochs > 0))


def write_record(folder: Path, configuration: Configuration, seeds: int = 3, **facts: Any) -> None:
    sigma = errors(configuration, seeds)
    common = {
        "configuration": configuration.id, "seeds": list(range(seeds)), "profile": "paper", "checksum": "abc",
        "epochs": 125, "source": "CIFAR-10", "dataset": "CIFAR-10", "dtype": "float64", "device": "cpu",
        "versions": {"torch": "1"}, "commit": "0123456", "seconds": 10.0, "failed": [], "engine_version": 1,
        "measure_version": 2, "deviations": [f"{seeds} of 5 seeds"] if seeds < 5 else [],
    }  # fmt: skip
    arrays = {"test_error_sigma": sigma, "test_error_pixels": sigma / 20, "epochs": np.array(CHECKPOINTS)}
    archive.write(reading.record_path(folder, configuration.id), arrays, common | facts)


def book(folder: Path, name: str, leave: int = 0, **facts: Any) -> Result:
    """A figure read from made-up records, the last ones left out."""
    configurations = figure(name).configurations
    for configuration in configurations[: len(configurations) - leave]:
        write_record(folder, configuration, **facts)
    return reconstruction_data.read(figure(name), Settings(), folder)


def page(*found: Result) -> Collection:
    return Collection(tuple(map(figure, NAMES)), {result.figure.name: result for result in found})


# --- from networks to errors


def slow_errors(entry: store.Entry, images: data.Images, epoch: int) -> tuple[float, float]:
    """Sigma-weighted error and error in pixels, one image after the other, with the numbers of one snapshot."""
    parameters = {name: value.double().numpy() for name, value in entry.read(epoch).items()}
    own, pixels = entry.network.configuration, images.test.astype(np.float64) / 255
    train = images.train.astype(np.float64) / 255
    mean, sigma = train.mean(0), train.std(0)
    sigma = np.where(sigma == 0, 1, sigma)

    def act(z: np.ndarray) -> np.ndarray:
        if own.activation == "tanh":
            return np.tanh(z)
        radius = np.sqrt((z**2).sum())
        return np.tanh(radius) / radius * z

    weighted = plain = 0.0
    for image in pixels:
        x = (image - mean) / sigma if own.normalised else image
        z = parameters["encoder.weight"] @ x + parameters["encoder.bias"]
        for k in range(own.L):
            z = parameters[f"hidden.{k}.weight"] @ act(z) + parameters[f"hidden.{k}.bias"]
        out = parameters["decoder.weight"] @ act(z) + parameters["decoder.bias"]
        back = out * sigma + mean if own.normalised else out
        plain += ((back - image) ** 2).mean() / len(pixels)
        weighted += ((((back - mean) / sigma) - (image - mean) / sigma) ** 2).mean() / len(pixels)
    return weighted, plain


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return workflow.result("fig35", chosen())


def test_the_curves_are_the_errors_of_the_networks_evaluated_one_image_after_the_other(trained):
    images = data.load("digits")
    drawn = trained.drawing
    assert trained.rows == [(c, seed) for c in SMALL.configurations for seed in (0, 1)]
    for row, network in enumerate(chosen().networks_for(SMALL)):
        assert (network.configuration, network.seed) == trained.rows[row]
        for place, epoch in ((0, 0), (-1, 2)):
            weighted, plain = slow_errors(store.Entry(network, images.checksum), images, epoch)
            assert drawn["test_error_sigma"][row, place] == pytest.approx(weighted, rel=1e-9)
            assert drawn["test_error_pixels"][row, place] == pytest.approx(plain, rel=1e-9)


def test_published_records_give_the_same_curves_and_hold_all_that_is_measured(trained, tmp_path):
    written = publishing.publish(trained, tmp_path)
    assert {path.name for path in written} == {c.id for c in SMALL.configurations}
    assert not list(tmp_path.glob("fig*")) and reading.is_published(SMALL, tmp_path)
    again = reconstruction_data.read(SMALL, Settings(), tmp_path)
    assert again.rows == trained.rows
    for name in ("test_error_sigma", "test_error_pixels", "epochs"):
        np.testing.assert_allclose(again.drawing[name], trained.drawing[name], rtol=1e-12)
    record = again.records[SMALL.configurations[0].id]
    assert {"count", "c4", "final_null_count", "train_loss", "test_error"} <= record.arrays.keys()


def test_errors_alone_are_those_of_the_whole_record(trained):

    images, network = data.load("digits"), chosen().networks_for(SMALL)[0]
    entry = store.Entry(network, images.checksum)
    whole, alone = snapshots.latents(entry, images)[1], snapshots.test_errors(entry, images)
    assert all(np.array_equal(whole[name], alone[name]) for name in alone) and len(alone) == 3


def test_a_depth_is_refused_where_depths_are_compared(refused):
    refused(["depth is 2", "fig31", "default"], workflow.result, "fig31", chosen(depth=2))
    assert figure("fig33").at_depth(1).depth == 1


# --- from records to curves


def test_a_figure_is_published_with_its_first_record(tmp_path):
    assert not reading.is_published(figure("fig31"), tmp_path)
    write_record(tmp_path, figure("fig31").configurations[5])
    assert reading.is_published(figure("fig31"), tmp_path) and not reading.is_published(figure("fig34"), tmp_path)
    found = reconstruction_data.read(figure("fig31"), Settings(), tmp_path)
    assert {c for c, _ in found.rows} == {figure("fig31").configurations[5]} and len(found.rows) == 3


def test_no_record_is_said_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="fig34 has no network record"):
        reconstruction_data.read(figure("fig34"), Settings(), tmp_path)


@pytest.mark.parametrize("change", [{"checksum": "other"}, {"epochs": 40}, {"profile": "quick"}])
def test_records_of_two_runs_are_not_mixed(change, tmp_path, refused):
    book(tmp_path, "fig33")
    write_record(tmp_path, figure("fig33").configurations[2], **change)
    ((name, value),) = change.items()
    refused([name, repr(value), "publish fig33"], reconstruction_data.read, figure("fig33"), Settings(), tmp_path)


@pytest.mark.parametrize("asked", [{"dataset": "mnist"}, {"dtype": "float32"}, {"seeds": [0]}, {"depth": 1}])
def test_other_settings_than_the_published_ones_are_refused(asked, tmp_path, refused):
    book(tmp_path, "fig33")
    refused([next(iter(asked)), "fig33"], reconstruction_data.read, figure("fig33"), settings.read(asked), tmp_path)
    reconstruction_data.read(figure("fig33"), settings.read({"seeds": [0, 1, 2], "epsilon": 0.9}), tmp_path)


def test_a_deviation_of_some_records_says_of_how_many(tmp_path):
    book(tmp_path, "fig33", deviations=["A instead of B", "3 of 5 seeds"])
    write_record(tmp_path, figure("fig33").configurations[0], deviations=["A instead of B", "C"], dtype="float32")
    facts = reconstruction_data.read(figure("fig33"), Settings(), tmp_path).facts
    assert facts["deviations"] == ["A instead of B", "C (1 of 4 records)"] and facts["dtype"] == "float32 and float64"


def test_panels_are_the_papers():
    for name in NAMES:
        found = error_curves.panels(figure(name))
        assert sum(len(panel.curves) for panel in found.values()) == len(figure(name).configurations)
        for panel in found.values():
            for pair in panel.pairs:
                same = replace(pair.anisotropic, activation=pair.isotropic.activation)
                assert same == pair.isotropic and pair.isotropic.activation.startswith("iso")
            assert [pair.anisotropic.normalised for pair in panel.pairs] == [True, False][: len(panel.pairs)]
    wide, deep = (reconstruction_figures.arranged(figure(name)) for name in ("fig31", "fig34"))
    assert [[(p.n, p.L) for p, _ in line] for line in wide] == [[(n, L) for L in range(4)] for n in (18, 24, 32)]
    assert [[(p.n, p.L) for p, _ in line] for line in deep] == [[(n, L) for n in (18, 24, 32)] for L in range(4)]
    assert [[u for _, u in line] for line in reconstruction_figures.arranged(figure("fig36"))] == [
        ["sigma"] * 4, ["pixels"] * 4
    ]  # fmt: skip
    assert [[u for _, u in line] for line in reconstruction_figures.arranged(figure("fig33"))] == [["sigma", "pixels"]]


def test_a_network_that_ran_away_has_no_curve_and_is_called_failed(tmp_path):
    found = book(tmp_path, "fig33")
    drawn = dict(found.drawing.arrays)
    drawn["test_error_sigma"] = drawn["test_error_sigma"].copy()
    drawn["test_error_sigma"][:3, -1] = 1e200
    gone = replace(found, drawing=Published(drawn, found.facts))
    own = gone.figure.configurations[0]
    known = error_curves.curves([gone])
    assert own not in known and len(known) == 3
    (panel,) = error_curves.panels(gone.figure).values()
    assert reconstruction_report.reason(panel, known, gone) == "tanh, standardised: failed in training"


# --- differences, noise


def curve(values: Any, seeds: tuple[int, ...]) -> error_curves.Curve:
    return error_curves.Curve(seeds, np.array(values, float))


def test_differences_pair_the_seeds_that_both_have():
    first, second = curve([[1, 2], [3, 4], [5, 6]], (4, 0, 2)), curve([[10, 10], [20, 20]], (2, 4))
    assert error_curves.differences(first, second).tolist() == [[-19, -18], [-5, -4]]
    assert error_curves.differences(first, curve([[0, 0]], (9,))).shape == (0, 2)


def test_late_checkpoints():
    assert [CHECKPOINTS[c] for c in error_curves.late(CHECKPOINTS)] == [24, 30, 40, 50, 60, 75, 90]
    assert list(error_curves.late([0, 1, 2])) == [1]


@examples(max_examples=20)
@given(st.lists(st.floats(-0.05, 0.05), min_size=4, max_size=4))
def test_a_smooth_curve_has_no_noise(coefficients):
    time = np.log1p(CHECKPOINTS)
    smooth = 2 + sum(c * time**power for power, c in enumerate(coefficients)) * 0.1
    assert error_curves.noise(CHECKPOINTS, smooth) < 1e-9


def test_noise_is_the_mean_size_of_independent_errors():
    rng = np.random.default_rng(1)
    flat = 3 * (1 + 0.01 * rng.normal(size=(3000, len(CHECKPOINTS))))
    assert error_curves.noise(CHECKPOINTS, flat).mean() == pytest.approx(0.01 * np.sqrt(2 / np.pi), rel=0.03)
    assert error_curves.noise(CHECKPOINTS, 7 * flat) == pytest.approx(error_curves.noise(CHECKPOINTS, flat))


def test_noise_against_polynomials_through_the_neighbours():
    rng = np.random.default_rng(2)
    own, time = rng.uniform(1, 2, len(CHECKPOINTS)), np.log1p(CHECKPOINTS)
    sizes = []
    for c in range(8, 15):
        near = [c - 2, c - 1, c + 1, c + 2]
        foretold = np.polyval(np.polyfit(time[near], own[near], 3), time[c])
        unit = [np.polyval(np.polyfit(time[near], np.eye(4)[j], 3), time[c]) for j in range(4)]
        sizes.append(abs(own[c] - foretold) / own[c] / np.sqrt(1 + np.sum(np.square(unit))))
    assert error_curves.noise(CHECKPOINTS, own) == pytest.approx(np.mean(sizes), rel=1e-6)


@pytest.mark.parametrize(("epochs", "shape"), [((0, 1), (2,)), ((0, 1, 2), (4,)), ((0, 1, 2), (3, 2))])
def test_noise_needs_a_value_for_every_epoch(epochs, shape, refused):
    refused(["errors"], error_curves.noise, epochs, np.ones(shape))


@pytest.mark.parametrize(
    ("differences", "since"),
    [
        ([[-1, 1, -1, 2, 3]], 3),
        ([[1, 1]], 0),
        ([[1, 1, 1], [1, -1, 1]], 2),
        ([[1, 1, 0]], None),
        ([[1, 1, 1], [1, 1, -1]], None),
    ],
)
def test_from_when_on_the_isotropic_error_is_lower(differences, since):
    pair, seeds = error_curves.Pair(*SMALL.configurations[:2]), tuple(range(len(differences)))
    known = {pair.anisotropic: curve(differences, seeds), pair.isotropic: curve(np.zeros_like(differences), seeds)}
    assert reconstruction_report.lower_since(pair, known) == since


# --- tables and sentences


def test_the_table_has_the_paired_differences(tmp_path):
    found = page(book(tmp_path, "fig33", leave=2))
    ((figures_, networks, size, seeds, *cells, since),) = reconstruction_report.by_pair(found).rows
    assert (figures_, networks, size, seeds) == ("31, 33", "tanh, standardised", "32, 2", "0–2")
    one, other = (errors(c, 3)[:, -1] for c in figure("fig33").configurations[:2])
    mean = (one - other).mean()
    half = 4.3027 * (one - other).std(ddof=1) / np.sqrt(3)  # two-sided 5% point of t, three values
    assert cells[:2] == [
        f"{one.mean():.4f} / {other.mean():.4f}", f"{mean:+.4f} ({mean - half:+.4f} to {mean + half:+.4f})"
    ]  # fmt: skip
    assert cells[2] == f"{50 * one.mean():.2f} / {50 * other.mean():.2f}" and since in map(str, CHECKPOINTS)


def test_the_answer_follows_the_numbers(tmp_path):
    found = page(book(tmp_path, "fig31", leave=8))
    words = reconstruction_report.answer(found).words
    assert "sigma-weighted, lower in 8 of 8 pairs; in pixels, lower in 8 of 8 pairs" in words
    assert "20 of the 28 pairs are missing" in words
    turned = {own.id: errors(own, 3) for own in figure("fig31").configurations}
    first, second = list(turned)[:2]
    place = reading.record_path(tmp_path, first)
    low = archive.read(place)
    arrays = low.arrays | {"test_error_sigma": turned[second] - 0.1}
    archive.write(place, arrays, {k: v for k, v in low.facts.items() if k != "sha256"})
    words = reconstruction_report.answer(page(reconstruction_data.read(figure("fig31"), Settings(), tmp_path))).words
    assert (
        "sigma-weighted, lower in 7 of 8 pairs, higher in 1 (tanh, n = 18, L = 0); in pixels, lower in 8 of 8" in words
    )


def test_every_pair_is_counted_once(tmp_path):
    rows = reconstruction_report.verdict(page(book(tmp_path, "fig31"), book(tmp_path, "fig32"))).rows
    assert [(row[0], row[3]) for row in rows][:3] == [
        ("31, 32, 33", "12 of 12"), ("32, 33", "4 of 5"), ("34, 35", "0 of 12")
    ]  # fmt: skip
    assert sum(int(row[3].split(" of ")[1]) for row in rows) == 38


def test_the_lowest_of_four_needs_all_four(tmp_path):
    whole = reconstruction_report.lowest(page(book(tmp_path, "fig33"))).rows
    shown = {row[0]: row for row in whole if row[3] == "4 of 4"}
    assert shown.keys() == {"33"} and shown["33"][4].startswith("isotropic tanh")
    part = book(tmp_path / "part", "fig33", leave=1)
    (row,) = [row for row in reconstruction_report.lowest(page(part)).rows if row[0] == "33"]
    assert row[3:] == ("3 of 4", *["–"] * 6)


def test_noise_is_told_apart(tmp_path):
    found = page(book(tmp_path, "fig33"))
    for row in reconstruction_report.restlessness(found).rows:
        one, other = (float(size.rstrip("%")) for size in row[3].split(" / "))
        assert one > 10 * other
    assert "above 1 in 1 and below 1 in 0" in reconstruction_report.noisier(found).words


def test_what_is_not_published_is_said(tmp_path):
    tables = ("setting", "by_pair", "verdict", "answer", "lowest", "sizes", "restlessness", "noisier")
    for show in (*(getattr(reconstruction_report, name) for name in tables), reconstruction_figures.differences):
        assert show(page()).words == "Figures 31, 32, 33, 34, 35 and 36 are not published yet."
    alone = page(book(tmp_path, "fig33", leave=3))
    for table in ("by_pair", "restlessness"):
        assert getattr(reconstruction_report, table)(alone).rows == (("none is published yet",),)
    for sentence in ("answer", "noisier"):
        assert getattr(reconstruction_report, sentence)(alone).words.startswith("No pair of networks ")


# --- drawn


def texts(drawn: look.Drawn) -> list[list[str]]:
    return [[text.get_text() for text in axes.texts] for axes in drawn.canvas.axes]


def test_missing_panels_are_drawn_as_missing(tmp_path):
    drawn = reconstruction_figures.curves(book(tmp_path, "fig31", leave=9))
    said = texts(drawn)
    assert len(said) == 8 and said[:7] == [["seeds 0–2"]] * 7
    assert said[7] == ["seeds 0–2\nisotropic tanh, standardised:\nnot published yet"]
    left = listed([f"n = 32, L = {depth}" for depth in range(4)])
    assert drawn.canvas.get_supxlabel() == f"Not published yet: {left}." and "4 panels are empty" in drawn.alt


def test_panels_with_curves_follow_each_other(tmp_path):
    sizes = [(18, 0), (18, 1), (18, 2), (18, 3), (24, 0), (32, 2)]
    for n, depth in sizes:
        write_record(tmp_path, Configuration("mnist", True, "tanh", n, depth), seeds=3)
    found = reconstruction_data.read(figure("fig34"), Settings(), tmp_path)
    drawn = reconstruction_figures.curves(found)
    shown = [axes for axes in drawn.canvas.axes if axes.axison]
    assert {axes.get_title("left") for axes in shown} == {f"n = {n}, L = {depth}" for n, depth in sizes}
    assert len(drawn.canvas.axes) == 8 and drawn.canvas.get_supxlabel().count("n = ") == 6
    assert [bool(axes.get_xlabel()) for axes in shown] == [False, False, True, True, True, True]


def test_a_panel_states_seeds_by_pixels_where_they_differ(tmp_path):
    for configuration in figure("fig32").configurations[:12]:
        write_record(tmp_path, configuration, seeds=3 if configuration.normalised else 5)
    said = texts(reconstruction_figures.curves(reconstruction_data.read(figure("fig32"), Settings(), tmp_path)))
    assert said[0] == ["standardised: seeds 0–2\nraw: seeds 0–4"] and len(said) == 6


def test_curves_are_the_errors_and_their_mean(tmp_path):
    found = book(tmp_path, "fig33")
    left, right = reconstruction_figures.curves(found).canvas.axes
    for axes, scale in ((left, 1), (right, 20)):
        lines = iter(axes.lines)
        for configuration in found.figure.configurations:
            own = errors(configuration, 3) / scale
            for seed in range(3):
                assert np.allclose(next(lines).get_ydata(), own[seed])
            assert np.allclose(next(lines).get_ydata(), own.mean(0))
        assert next(lines, None) is None


def test_four_curves_are_told_apart_without_colours(tmp_path):
    looks = [reconstruction_figures.look(c) for c in figure("fig36").configurations[:4]]
    assert len({(how["ls"], how["marker"]) for how in looks}) == 4
    assert [how["color"] for how in looks] == 2 * [look.COLOURS["S_n"], look.COLOURS["O(n)"]]


def test_the_legend_is_there_once_and_pictures_are_whole(tmp_path):
    drawn = reconstruction_figures.curves(book(tmp_path, "fig36"))
    (legend,) = drawn.canvas.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "Leaky-ReLU, standardised pixels", "isotropic Leaky-ReLU, standardised pixels",
        "Leaky-ReLU, raw pixels", "isotropic Leaky-ReLU, raw pixels",
    ]  # fmt: skip
    assert all(axes.get_legend() is None for axes in drawn.canvas.axes)
    assert drawn.png()[:8] == b"\x89PNG\r\n\x1a\n" and drawn.finding.endswith(".") and len(drawn.alt) > 60


def test_an_unpublished_figure_is_a_sentence():
    said = reconstruction_figures.curves(Missing(figure("fig34")))
    assert said.words == "Figure 34 is not published yet."


def test_all_differences_are_drawn_or_missing(tmp_path):
    drawn = reconstruction_figures.differences(page(book(tmp_path, "fig31", leave=8)))
    left, right = drawn.canvas.axes
    for axes in (left, right):
        assert [text.get_text() for text in axes.texts].count("missing") == 4
    heads = [text.get_text() for text in left.texts if ":" in text.get_text()]
    assert heads[0] == "Figures 31, 32 and 33: tanh, standardised pixels"
    assert heads[1] == "Figures 32 and 33: tanh, raw pixels, 5 pairs missing"


# --- the page


def test_the_committed_records_are_drawn_without_training():
    found = workflow.collect(NAMES, Settings())
    for result in found:
        assert reconstruction_figures.curves(result).alt
    assert {one.name for one in found.missing} == {n for n in NAMES if not reading.is_published(figure(n))}


@pytest.mark.smoke
def test_the_page_from_training_to_pictures(at_smoke):
    text = at_smoke("appD_reconstruction").read_text("utf-8")
    assert '"output_type": "error"' not in text
    cells = {cell["id"]: cell for cell in json.loads(text)["cells"]}
    assert all("image/png" in json.dumps(cells[name]["outputs"]) for name in (*NAMES, "differences"))
