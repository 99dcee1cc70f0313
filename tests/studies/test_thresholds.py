"""Several thresholds at once: against slow counting, symmetry, and the closed form; then in tables and pictures."""

import io
import re
import shlex
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from matplotlib.text import Text as Label
from PIL import Image

from isoaux import bases, density, ppp, settings, statistics, workflow
from isoaux.__main__ import _parser
from isoaux.common import archive, paths
from isoaux.common.archive import QUANTISED, Published
from isoaux.common.tables import Text
from isoaux.drawing.look import Drawn
from isoaux.paper import TITLES, Configuration, figure
from isoaux.records import measurement, publishing
from isoaux.records.results import Missing, Result
from isoaux.settings import Settings
from isoaux.studies.thresholds import compute as thresholds
from isoaux.studies.thresholds import data as thresholds_data
from isoaux.studies.thresholds import figures as threshold_figures
from isoaux.studies.thresholds import report as threshold_report
from isoaux.training import autoencoder, data, store

FIGURE = figure("figX5")
OWN = (0.0, 0.25, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
"""The thresholds of the catalogue, and 0.85, which is asked for."""
SEVERAL = (0.0, 0.3, 0.5, 0.75, 0.9, 0.97, 0.9999)
PIXELS = ("raw pixels", "standardised pixels")


def chosen(**given: Any) -> Settings:
    return settings.read({"profile": "smoke", "device": "cpu"} | given)


def cloud(seed: int = 0, samples: int = 400, n: int = 6) -> np.ndarray:
    """Random representations with a preference for one direction, which gives pictures no symmetry; two are zero."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((samples, n)) + np.linspace(0, 1, n)
    z[[3, 50]] = 0
    return z


def slow(z: np.ndarray, basis: np.ndarray, epsilon: float) -> np.ndarray:
    """The points of all planes, one sample and one pair of directions after the other (Eqn 5)."""
    points = []
    for i, j in combinations(range(len(basis)), 2):
        u1 = basis[i]
        u2 = basis[j] - (basis[j] @ u1) * u1
        u2 = u2 / np.linalg.norm(u2)
        for v in z:
            w = np.array([u1 @ v, u2 @ v])
            if np.linalg.norm(w) > epsilon * np.linalg.norm(v):
                points.append(w)
    return np.array(points).reshape(-1, 2)


# --- a cloud at several thresholds


@pytest.fixture(scope="module")
def found() -> dict[str, np.ndarray]:
    return thresholds.at_thresholds(cloud(), np.eye(6), SEVERAL, 7, 11)


@pytest.mark.parametrize("basis", [np.eye(6), bases.simplex(6), bases.random_orthogonal(6, 4)[:4]])
def test_every_threshold_has_the_points_that_slow_counting_finds(basis):
    found = thresholds.at_thresholds(cloud(), basis, SEVERAL, 1, 0)
    for e, epsilon in enumerate(SEVERAL):
        points = slow(cloud(), basis, epsilon)
        angle = np.arctan2(points[:, 1], points[:, 0])
        assert found["count"][e] == len(points), epsilon
        for name, harmonic in (("c4", np.cos(4 * angle)), ("s2", np.sin(2 * angle))):
            assert found[name][e] == pytest.approx(harmonic.mean() if len(angle) else 0, abs=1e-9), (name, epsilon)
    assert found["count"][0] > found["count"][3] > 0


@pytest.mark.parametrize(("basis", "planes"), [("standard", 15), ("simplex", 21)])
def test_without_a_threshold_every_sample_but_zeros_is_in_every_plane(basis, planes):
    found = thresholds.at_thresholds(cloud(), bases.named(basis, 6), [0.0], 3, 0)
    assert found["count"].tolist() == [398 * planes]
    assert found["null_count"].tolist() == [[398 * planes] * 3]


@examples(max_examples=8)
@given(st.integers(0, 2**32 - 1))
def test_a_higher_threshold_keeps_no_more_points(seed):
    epsilons = np.sort(np.random.default_rng(seed).random(4))
    found = thresholds.at_thresholds(cloud(seed, 60), np.eye(6), epsilons, 2, seed)
    for name in ("count", "permutation_count", "null_count"):
        assert (np.diff(found[name], axis=0) <= 0).all()
    assert found["count"][0] <= 15 * 58


def test_both_orders_of_a_pair_are_twice_the_points_and_no_other_angles(found):
    assert found["count"][-1] == 0 < found["count"][-2]
    assert found["permutation_count"].tolist() == (2 * found["count"]).tolist()
    np.testing.assert_allclose(found["permutation_c4"], found["c4"], atol=1e-12)
    np.testing.assert_allclose(found["permutation_s2"], found["s2"], atol=1e-12)
    assert np.abs(found["c4"][:-1]).min() > 1e-6 < np.abs(found["s2"][:-1]).min(), "nothing is compared"


@pytest.mark.parametrize("basis", [np.eye(6), bases.simplex(6)], ids=["standard", "simplex"])
def test_the_null_is_that_of_the_cloud_at_this_threshold_and_seed(basis):
    found = thresholds.at_thresholds(cloud(), basis, SEVERAL, 5, 11)
    for e, epsilon in enumerate(SEVERAL):
        null = statistics.null_draws(cloud(), 5, 11, epsilon, "combination", basis)
        other = statistics.null_draws(cloud(), 5, 12, epsilon, "combination", basis)
        for name in ("count", "c4", "s2"):
            np.testing.assert_array_equal(found[f"null_{name}"][e], null[name])
        if 0 < epsilon < 0.95:
            assert not np.array_equal(found["null_count"][e], other["count"])
    assert found["null_count"].shape == (len(SEVERAL), 5)


def test_with_both_orders_a_picture_is_its_own_mirror_image_in_the_diagonal(found):
    plain, both = found["density"].astype(int)
    assert found["density"].dtype == np.uint8 and found["density"].shape == (2, len(SEVERAL), 200, 200)
    assert np.abs(both - both.swapaxes(1, 2)).max() <= QUANTISED, "a rounding apart"
    for picture in plain[:-1]:
        assert np.abs(picture - picture.T).max() > 20 * QUANTISED, "the cloud is symmetric itself: nothing was compared"


def test_a_picture_is_the_density_of_its_own_points_under_its_own_limit(found):
    for e, epsilon in enumerate(SEVERAL[:-1]):
        points = slow(cloud(), np.eye(6), epsilon)
        for picture, own in zip(found["density"][:, e], (points, np.vstack([points, points[:, ::-1]])), strict=True):
            exact = density.render(own, float(np.quantile(np.linalg.norm(own, axis=1), 0.999)))
            share = (exact / (exact.mean() + 5 * exact.std())).clip(0, 1)
            np.testing.assert_allclose(picture, 255 * share, atol=QUANTISED)


def test_where_nothing_is_kept_the_pictures_are_black():
    """All coordinates of the same size: a plane holds a third of |v|^2, and 0.6^2 is more."""
    z = np.random.default_rng(0).choice([-1.0, 1.0], (400, 6))
    found = thresholds.at_thresholds(z, np.eye(6), [0.57, 0.6], 3, 0)
    assert found["count"].tolist() == [400 * 15, 0] and found["permutation_count"].tolist() == [400 * 30, 0]
    assert not found["density"][:, 1].any() and found["density"][:, 0].any(axis=(1, 2)).all()
    assert found["c4"].tolist() == [pytest.approx(-1), 0] and found["s2"][1] == 0
    assert all(np.isfinite(array).all() for array in found.values())


def test_the_scale_of_the_representations_does_not_matter(found):
    for name, array in thresholds.at_thresholds(64 * cloud(), np.eye(6), SEVERAL, 7, 11).items():
        np.testing.assert_allclose(array, found[name], atol=QUANTISED if name == "density" else 1e-12, err_msg=name)


# --- the whole figure


@pytest.fixture(scope="module")
def whole() -> Result:
    return workflow.result("figX5", chosen(epsilon=0.85), jobs=1)


def trained(configuration: Configuration, seed: int) -> store.Entry:
    """Where a network of the figure is kept."""
    (network,) = (n for n in chosen(seeds=[seed]).networks_for(FIGURE) if n.configuration == configuration)
    return store.Entry(network, data.load("digits").checksum)


def representations(configuration: Configuration, seed: int) -> np.ndarray:
    """The training images in the only latent layer of a trained network."""
    entry, images = trained(configuration, seed), data.load("digits")
    pixels = images.train / 255
    if configuration.normalised:
        scale, offset = images.affine(True)
        pixels = images.train * scale + offset
        assert np.abs(pixels.mean(0)).max() < 1e-9, "not standardised"
    snapshot = entry.read(entry.network.recipe.epochs)
    z = autoencoder.latents(snapshot, configuration.activation, torch.from_numpy(pixels))[0]
    return z.numpy().astype(np.float32)


def test_the_figure_has_every_network_at_every_threshold(whole):
    assert [(c.id, seed) for c, seed in whole.rows] == [(id, s) for id in FIGURE.entry["networks"] for s in (0, 1)]
    arrays = whole.drawing.arrays
    assert tuple(arrays["epsilon"]) == OWN, "in order, the one that is asked for among them"
    assert OWN == (*sorted({*FIGURE.entry["epsilons"], 0.85}),)
    for name in ("count", "c4", "s2"):
        assert arrays[name].shape == arrays[f"permutation_{name}"].shape == (8, 10)
        assert arrays[f"null_{name}"].shape == (8, 10, 19)
    assert arrays["density"].shape == (8, 10, 200, 200) and arrays["density"].dtype == np.uint8
    assert arrays["shown"].tolist() == [0, 2, 4, 6], "of every configuration the first seed"
    assert all(np.isfinite(array).all() for array in arrays.values())
    assert not whole.records and not whole.representations


def test_the_expected_numbers_are_those_of_isotropic_representations(whole):
    samples = len(data.load("digits").train)
    expected = [ppp.expected_isotropic_count(samples, 18, 153, value) for value in OWN]
    np.testing.assert_allclose(whole.drawing["expected"], [expected] * 8, rtol=1e-12)
    assert (whole.drawing["count"][:, 0] == expected[0]).all(), "without a threshold nothing is left to chance"


@pytest.mark.parametrize("row", range(8))
def test_a_row_is_its_own_networks_last_checkpoint(whole, row):
    configuration, seed = whole.rows[row]
    z = representations(configuration, seed)
    counts = [len(ppp.project(z, np.eye(18), value).points) for value in OWN]
    np.testing.assert_allclose(whole.drawing["count"][row], counts, atol=2)  # on the threshold, either way
    others = np.delete(whole.drawing["count"], row, axis=0)
    assert np.abs(others - counts).max(axis=1).min() > 20, "no network could be taken for another"
    both = [len(ppp.project(z, np.eye(18), value, "permutation").points) for value in OWN]
    np.testing.assert_allclose(whole.drawing["permutation_count"][row], both, atol=4)


@pytest.mark.parametrize("place", range(4))
def test_the_pictures_are_of_the_rows_that_are_shown(whole, place):
    z = representations(*whole.rows[whole.drawing["shown"][place]])
    for variant, pictures in zip(bases.VARIANTS, whole.drawing["density"][2 * place :][:2], strict=True):
        points = ppp.project(z, np.eye(18), 0.7, variant).points
        image = density.render(points, density.window_for([points]))
        share = (image / density.limits(image)[1]).clip(0, 1)
        np.testing.assert_allclose(pictures[OWN.index(0.7)], 255 * share, atol=6)


def test_the_null_of_a_network_is_its_own(whole):
    null = whole.drawing["null_count"]
    assert (null[:, 0] == whole.drawing["count"][:, :1]).all()
    assert len({row.tobytes() for row in null[:, OWN.index(0.5)]}) == 8
    for row in (1, 6):
        configuration, seed = whole.rows[row]
        z, entry = representations(configuration, seed), trained(configuration, seed)
        own, other = (statistics.null_draws(z, 19, measurement.seed_of(entry, k), 0.7)["count"] for k in (0, 1))
        np.testing.assert_allclose(null[row, OWN.index(0.7)], own, atol=2)
        assert np.abs(own - other).max() > 20


def test_the_facts_say_how_it_was_made(whole):
    facts = whole.facts
    assert (facts["profile"], facts["source"], facts["epochs"], facts["seeds"]) == ("smoke", "digits", 2, [0, 1])
    assert (facts["figure"], facts["layer"], facts["epsilon"]) == ("figX5", 0, 0.75)
    assert facts["draws"] == facts["final_draws"] == 19, "one number of random bases"
    assert facts["deviations"] == [f"{facts['dataset']} instead of CIFAR-10", "2 epochs instead of 125", "2 of 5 seeds"]


def test_what_was_measured_is_not_measured_again_and_the_variant_changes_nothing(whole, monkeypatch):
    monkeypatch.setattr(thresholds, "at_thresholds", None)
    again = workflow.result("figX5", chosen(epsilon=0.85, variant="permutation"), jobs=1)
    for name, array in whole.drawing.arrays.items():
        np.testing.assert_array_equal(again.drawing[name], array, err_msg=name)
    assert again.facts["variant"] == "combination" and again.facts["deviations"] == whole.facts["deviations"]
    with pytest.raises(TypeError):
        workflow.result("figX5", chosen(epsilon=0.86), jobs=1)


@pytest.mark.parametrize(("asked", "number"), [(settings.DEFAULT, 9), (0.75, 9), (0.0, 9), (0.1, 10), (0.99, 10)])
def test_the_threshold_that_is_asked_for_is_among_the_figures_own(asked, number):
    values = thresholds_data.epsilons(FIGURE, chosen(epsilon=asked))
    assert values == sorted(set(values)) and len(values) == number
    assert {*FIGURE.entry["epsilons"]} <= {*values} and (asked in values or asked == settings.DEFAULT)


def test_another_basis_and_depth_are_computed_as_asked():
    asked = chosen(basis="simplex", depth=1, seeds=[3])
    small = replace(FIGURE, entry=FIGURE.entry | {"epsilons": [0.5], "networks": FIGURE.entry["networks"][1:2]})
    result = thresholds.compute(small, asked, jobs=1)
    assert [(c.id, seed) for c, seed in result.rows] == [("cifar-U-isotanh-n18-L1", 3)]
    assert result.drawing["epsilon"].tolist() == [0.5, 0.75]
    samples = len(data.load("digits").train)
    expected = [ppp.expected_isotropic_count(samples, 18, 171, value) for value in (0.5, 0.75)]
    assert result.drawing["expected"].tolist() == [pytest.approx(expected)], "19 directions span 171 planes"


# --- published and read


@pytest.fixture
def place(whole: Result, checkout: Path) -> Path:
    """A checkout in which the figure is published."""
    (written,) = publishing.publish(whole, paths.data())
    assert written == checkout / "book" / "data" / "figX5"
    return checkout


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"variant": "permutation"},
        {"epsilon": 0.85},
        {"epsilon": "0"},
        {"epsilon": "0.95", "basis": "standard", "dtype": "float64", "dataset": "digits"},
        {"seeds": "1,0", "depth": 0},
        {"device": "cuda"},
    ],
)
def test_what_is_published_is_read_back(whole, place, monkeypatch, given):
    monkeypatch.setattr(thresholds, "compute", None)
    back = workflow.result("figX5", settings.read(given))
    assert back.figure == whole.figure and back.rows == whole.rows
    assert back.facts.items() >= whole.facts.items()
    assert back.drawing.arrays.keys() == whole.drawing.arrays.keys()
    for name, array in whole.drawing.arrays.items():
        np.testing.assert_array_equal(back.drawing[name], array, err_msg=name)
        assert back.drawing[name].dtype == array.dtype


def test_publishing_again_changes_no_array(whole, place):
    path = place / "book" / "data" / "figX5.npz"
    before = path.read_bytes()
    publishing.publish(whole, place / "book" / "data")
    assert path.read_bytes() == before
    assert sorted(p.name for p in path.parent.rglob("*")) == ["figX5.json", "figX5.npz"]


@pytest.mark.parametrize(
    ("name", "asked", "words"),
    [
        ("dataset", "patches", "dataset 'digits' only"),
        ("dtype", "float32", "dtype 'float64' only"),
        ("basis", "simplex", "basis 'standard' only"),
        ("depth", 2, "depth 0 only"),
        ("seeds", [0], "seeds (0, 1) only"),
        ("seeds", "0,1,2,3,4", "seeds (0, 1) only"),
        ("epsilon", 0.65, "epsilon is 0.65"),
        ("epsilon", "0.851", "epsilon is 0.851"),
    ],
)
def test_what_is_not_published_is_refused(place, refused, name, asked, words):
    asking = settings.read({name: asked})
    value = getattr(asking, name)
    message = refused([f"{name} is {value!r}", "figX5", words], workflow.result, "figX5", asking)
    (command,) = re.findall("`(.*?)`", message)
    options = _parser().parse_args(shlex.split(command)[3:])
    assert (options.command, options.figures, options.profile) == ("run", ["figX5"], "paper")
    assert getattr(settings.read({name: getattr(options, name)}), name) == value, "the command asks for something else"


def test_a_figure_that_is_not_published_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match="figX5.npz is not published"):
        thresholds_data.read(FIGURE, Settings(), tmp_path)


def test_a_figure_of_another_depth_is_read_as_one(whole, tmp_path):
    deeper = [row | {"configuration": row["configuration"].replace("L0", "L2")} for row in whole.facts["rows"]]
    archive.write(tmp_path / "figX5", whole.drawing.arrays, whole.facts | {"rows": deeper})
    back = thresholds_data.read(FIGURE, settings.read({"depth": 2}), tmp_path)
    assert back.figure == FIGURE.at_depth(2)


# --- in words and numbers


def by_hand(seeds: int = 3, draws: int = 99, rng: int = 0) -> Result:
    """A figure of two kinds of networks that were never trained, at four thresholds."""
    random = np.random.default_rng(rng)
    ids = ("cifar-U-tanh-n18-L0", "cifar-N-isotanh-n18-L0")
    shape = (2 * seeds, 4)
    arrays: dict[str, Any] = {
        "count": np.sort(random.integers(1000, 90_000, shape))[:, ::-1],
        "c4": random.normal(0, 0.4, shape),
        "s2": random.normal(0, 0.4, shape),
        "epsilon": np.array([0, 0.25, 0.75, 0.9]),
        "expected": np.tile([90_000.4, 20_000, 3000, 0.2], (2 * seeds, 1)),
        "shown": np.array([0, seeds]),
        "density": (random.integers(0, 86, (4, 4, 20, 20)) * 3).astype(np.uint8),
    }
    for name in ("count", "c4", "s2"):
        spread = np.abs(arrays[name])[..., None]
        middle = random.normal(arrays[name][..., None], 2.5 * spread)
        arrays[f"null_{name}"] = random.normal(middle, spread, (*shape, draws))
    arrays |= {f"permutation_{name}": arrays[name] * (2 if name == "count" else 1) for name in ("count", "c4", "s2")}
    facts = {
        "dataset": "CIFAR-10",
        "epochs": 125,
        "dtype": "float64",
        "draws": draws,
        "layer": 0,
        "seeds": list(range(4, 4 + seeds)),
        "rows": [{"configuration": id, "seed": s} for id in ids for s in range(4, 4 + seeds)],
        "deviations": [],
    }
    return Result(FIGURE, Published(arrays, facts), {}, {})


def differs(result: Result, row: int, e: int, name: str) -> bool:
    """Whether at most 2 of 99 random bases are as extreme as a network: p is at most 0.05 on 100 steps."""
    value, null = result.drawing[name][row, e], result.drawing[f"null_{name}"][row, e]
    return 2 * (1 + min(sum(n >= value for n in null), sum(n <= value for n in null))) / (1 + len(null)) <= 0.05


def numbers(cell: str) -> list[float]:
    return [float(found.replace(",", "")) for found in re.findall(r"[+-]?\d[\d,]*\.?\d*", cell)]


@pytest.mark.parametrize(("table", "name", "first"), [("counts", "count", 2), ("alignment", "c4", 1)])
@pytest.mark.parametrize("rng", range(3))
def test_a_table_has_a_line_for_every_threshold(table, name, first, rng):
    result = by_hand(rng=rng)
    found = getattr(threshold_report, table)(result)
    assert found.head[0] == "epsilon"
    assert found.head[first:] == ("tanh, raw pixels", "isotropic tanh, standardised pixels")
    assert [row[0] for row in found.rows] == ["0", "0.25", "0.75", "0.9"]
    said = set()
    for e, row in enumerate(found.rows):
        assert len(row) == len(found.head)
        for cell, rows in zip(row[first:], (range(3), range(3, 6)), strict=True):
            own = np.median([result.drawing[name][r, e] for r in rows])
            null = np.median([np.median(result.drawing[f"null_{name}"][r, e]) for r in rows])
            differ = sum(differs(result, r, e, name) for r in rows)
            digits = 0.5 if name == "count" else 5.1e-3
            assert numbers(cell) == [pytest.approx(own, abs=digits), pytest.approx(null, abs=digits), differ, 3]
            said.add(differ)
    assert len(said) > 1, "always the same number of seeds: nothing was compared"
    if table == "counts":
        assert [row[1] for row in found.rows] == ["90,000", "20,000", "3,000", "0"]


def test_the_tables_of_the_whole_figure_have_a_line_for_every_threshold(whole):
    heads = [f"{TITLES[activation]}, {pixels}" for pixels in PIXELS for activation in ("tanh", "isotanh")]
    for table, first in ((threshold_report.counts(whole), 2), (threshold_report.alignment(whole), 1)):
        assert [float(row[0]) for row in table.rows] == list(OWN)
        assert list(table.head[first:]) == heads
        assert {line.count("|") for line in table._repr_markdown_().splitlines()} == {len(table.head) + 1}


def test_c4_of_every_network_is_in_its_line():
    result = by_hand()
    result.drawing["count"][1, 3] = 0
    table = threshold_report.alignments(result)
    assert table.head == ("activation and pixels", "seed", "0", "0.25", "0.75", "0.9")
    for r, row in enumerate(table.rows):
        assert row[:2] == (result.rows[r][0].title, str(result.rows[r][1]))
        wanted = [f"{value:+.2f}" for value in result.drawing["c4"][r]]
        assert list(row[2:]) == (wanted[:3] + ["–"] if r == 1 else wanted)
    assert threshold_report.alignments(MISSING) == Text("Figure X5 is not published yet.")


def test_a_p_is_that_of_the_network_against_its_own_random_bases(whole):
    for name in ("count", "c4"):
        p = threshold_report.p_values(whole, [5, 2], name)
        assert p.shape == (2, 10)
        for row, own in zip((5, 2), p, strict=True):
            for e in range(10):
                value, null = whole.drawing[name][row, e], whole.drawing[f"null_{name}"][row, e]
                tail = min((null >= value).sum(), (null <= value).sum())
                assert own[e] == pytest.approx(min(1, 2 * (1 + tail) / 20))
        assert len(np.unique(p)) > 3


def test_what_both_orders_change_is_measured(whole):
    words = threshold_report.orders(whole).words
    assert words.startswith("Over 80 networks and thresholds, permutation-PPP has 2 times the points")
    differences = [float(number) for number in re.findall(r"\d+e-\d+", words)]
    assert len(differences) == 2 and max(differences) < 1e-12
    result = by_hand()
    arrays = result.drawing.arrays
    arrays["count"][1, 2], arrays["permutation_count"][1, 2] = 1000, 1500
    arrays["count"][4, 1], arrays["permutation_count"][4, 1] = 1000, 3000
    arrays["count"][0, 3] = arrays["permutation_count"][0, 3] = 0  # no ratio
    arrays["permutation_c4"] = arrays["c4"] - 0.02 * (np.arange(4) == 2)
    words = threshold_report.orders(result).words
    assert "Over 24 networks" in words and "1.5 to 3 times" in words
    assert "c4 differs by at most 2e-02, s2 by at most 0e+00." in words


def test_the_outcome_says_at_which_thresholds_all_seeds_differ_and_where_c4_turns():
    result = by_hand()
    arrays = result.drawing.arrays
    arrays["null_count"][:3] = np.linspace(-1, 1, 99)
    arrays["count"] = np.full((6, 4), 100)
    arrays["count"][:3, 2:] = 0, 0  # inside the random bases at two thresholds, in every seed
    arrays["count"][0, 3] = 60
    arrays["c4"] = np.full((6, 4), 0.9)
    arrays["c4"][1, 1:], arrays["c4"][2, 1:], arrays["c4"][0, 3] = -0.8, -0.05, -0.9
    arrays["count"][1, 2:] = 50
    lines = threshold_report.outcome(result).words.splitlines()
    assert lines[0].startswith(
        "- **tanh, raw pixels**: by number of points all seeds at 2 (0 and 0.25), some at 2, none"
    )
    turns = "c4 turns in seed 4 from +0.90 at 0.25 to -0.90 at 0.9 and seed 5 from +0.90 at 0 to -0.80 at 0.25."
    assert lines[2:] == [f"- **tanh, raw pixels**: {turns}"]


def test_the_finding_counts_networks_and_thresholds():
    result = by_hand()
    counts = [sum(differs(result, r, e, "count") for r in rows for e in range(4)) for rows in (range(3), range(3, 6))]
    assert 0 < counts[0] < 12 and 0 < counts[1] < 12
    assert threshold_report.finding(result) == (
        "Networks and thresholds at which the number of points differs from random bases: "
        f"tanh, raw pixels, {counts[0]} of 12; isotropic tanh, standardised pixels, {counts[1]} of 12."
    )


def test_the_setting_in_one_line(whole):
    words = threshold_report.setting(by_hand()).words
    for part in ("CIFAR-10", "n = 18, L = 0, layer k = 0", "epoch 125", "seeds 4, 5, 6", "float64", "99 random bases"):
        assert part in words, words
    assert "epsilon = 0, 0.25, 0.75 and 0.9" in words and "Differs" not in words
    assert threshold_report.setting(whole).words.endswith(
        " Differs from the paper: 8x8 digits (scikit-learn) instead of CIFAR-10; 2 epochs instead of 125; 2 of 5 seeds."
    )


MISSING = Missing(FIGURE)


@pytest.mark.parametrize("say", [threshold_report.setting, threshold_report.orders, threshold_report.outcome])
@pytest.mark.parametrize("missing", [MISSING, Missing(FIGURE, "all 8 networks of figX5 failed.")])
def test_a_missing_figure_is_a_sentence(say, missing):
    said = say(missing)
    assert isinstance(said, Text) and said.words == missing.lacking


@pytest.mark.parametrize("table", [threshold_report.counts, threshold_report.alignment])
def test_a_table_of_a_missing_figure_says_so(table):
    assert table(MISSING) == Text("Figure X5 is not published yet.")


@pytest.mark.parametrize("draw", [threshold_figures.panel_grid, threshold_figures.curves])
def test_a_drawing_of_a_missing_figure_says_so(draw):
    assert draw(MISSING) == Text("Figure X5 is not published yet.")


# --- in pictures


def labels(drawn: Drawn) -> list[str]:
    return [t.get_text() for axes in drawn.canvas.axes for t in axes.findobj(Label) if t.get_text()]


def png(content: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(content))
    assert image.format == "PNG"
    return np.asarray(image.convert("RGB")).astype(int)


def test_the_alternative_text_of_the_grid_holds_the_measured_numbers(whole):
    drawn = threshold_figures.panel_grid(whole)
    assert f"{len(OWN)} thresholds from epsilon 0 to 0.95" in drawn.alt
    for row in (0, 2, 4, 6):
        configuration, _ = whole.rows[row]
        first, last = whole.drawing["count"][row, [0, -1]]
        kind = f"{TITLES[configuration.activation]}, {PIXELS[configuration.normalised]}"
        assert f"{kind}: {first:,} to {last:,} points" in drawn.alt
    assert drawn.finding == threshold_report.finding(whole)
    assert png(drawn.png()).ndim == 3


def test_the_alternative_text_of_the_grid_goes_from_the_lowest_to_the_highest_threshold():
    result = by_hand()
    words, counts = threshold_report.sentence(result), result.drawing["count"]
    assert "4 thresholds from epsilon 0 to 0.9" in words
    assert f"tanh, raw pixels: {counts[0, 0]:,} to {counts[0, 3]:,} points" in words
    assert f"isotropic tanh, standardised pixels: {counts[3, 0]:,} to {counts[3, 3]:,} points" in words


def test_the_grid_names_every_threshold_network_and_variant_and_its_points(whole):
    drawn = threshold_figures.panel_grid(whole)
    found = labels(drawn)
    assert [words for words in found if "epsilon" in words] == [rf"$\epsilon$ = {value:g}" for value in OWN]
    counts = [words for words in found if re.fullmatch(r"[\d,]+", words)]
    wanted = np.stack([whole.drawing[name][[0, 2, 4, 6]] for name in ("count", "permutation_count")], axis=1)
    assert counts == [f"{value:,}" for value in wanted.ravel()]
    rows = [words for words in found if "each plane once" in words or "both orders" in words]
    assert [words.splitlines()[-1] for words in rows] == ["each plane once", "both orders"] * 4
    assert ["standardised" in words for words in rows] == [False] * 4 + [True] * 4
    assert ["isotropic" in words for words in rows] == [False, False, True, True] * 2


def test_the_grid_shows_every_density_in_its_row(whole):
    (axes,) = threshold_figures.panel_grid(whole).canvas.axes
    assert len(axes.images) == 8
    tops = [image.get_extent()[3] for image in axes.images]
    assert tops == sorted(tops)
    for image, row in zip(axes.images, whole.drawing["density"], strict=True):
        panels = np.split(np.asarray(image.get_array()), np.arange(208, 2080, 208), axis=1)
        for panel, wanted in zip(panels, row, strict=True):
            np.testing.assert_array_equal(panel[:, :200], wanted[::-1])  # pixel row 0 is the bottom


def test_the_curves_are_the_measured_numbers_over_the_expected_ones(whole):
    drawn = threshold_figures.curves(whole)
    panels = np.array(drawn.canvas.axes).reshape(2, 4)
    for column, title in enumerate(f"{TITLES[a]}, {p}" for p in PIXELS for a in ("tanh", "isotanh")):
        assert panels[0, column].get_title("left").startswith(f"{title}, ")
        scale = np.maximum(whole.drawing["expected"][0], 1)
        for axes, wanted in zip(panels[:, column], (whole.drawing["count"] / scale, whole.drawing["c4"]), strict=True):
            lines = [line for line in axes.lines if len(line.get_xdata()) == len(OWN)]
            assert len(lines) == 2 == len(axes.collections), "two seeds, each with its random bases"
            for line, row in zip(lines, (2 * column, 2 * column + 1), strict=True):
                np.testing.assert_allclose(line.get_xdata(), OWN)
                np.testing.assert_allclose(line.get_ydata(), wanted[row])
            name = "null_c4" if axes is panels[1, column] else "null_count"
            for band, row in zip(axes.collections, (2 * column, 2 * column + 1), strict=True):
                corners = band.get_paths()[0].vertices
                for e, epsilon in enumerate(OWN):
                    middle = np.quantile(whole.drawing[name][row, e], (0.025, 0.975))
                    heights = corners[np.isclose(corners[:, 0], epsilon), 1]
                    found = np.array([heights.min(), heights.max()]) * (scale[e] if name == "null_count" else 1)
                    np.testing.assert_allclose(found, middle, atol=1e-9)
    assert png(drawn.png()).ndim == 3


def test_the_alternative_text_of_the_curves_holds_the_largest_ratio():
    result = by_hand()
    result.drawing["count"][:] = result.drawing["expected"]
    result.drawing["count"][1, 1], result.drawing["count"][5, 3] = 64_000, 7  # of 20,000, and of less than one
    words = threshold_figures.curves(result).alt
    assert "tanh, raw pixels: up to 3.2 times as many points" in words
    assert "isotropic tanh, standardised pixels: up to 7.0 times" in words


def test_the_thumbnail_is_a_small_picture_of_every_other_threshold(whole):
    content = threshold_figures.thumbnail(whole)
    assert content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) < 100_000
    picture = png(content)
    assert picture.shape == (4 * 108 - 8, 5 * 108 - 8, 3), "four networks by five thresholds, half as large"
    for row in range(4):
        for column in range(5):
            panel = picture[108 * row : 108 * row + 100, 108 * column : 108 * column + 100].sum(2)
            own = whole.drawing["density"][2 * row, 2 * column, ::-1].astype(float)
            if not own.any():
                assert panel.max() < 60, "black, but for a palette's rounding"
                continue
            halved = own.reshape(100, 2, 100, 2).mean((1, 3))
            assert np.corrcoef(panel.ravel(), halved.ravel())[0, 1] > 0.9, (row, column)
