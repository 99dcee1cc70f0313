"""The spotlight's networks: measured against a slow transcription, stored whole, drawn and said."""

import re
from collections.abc import Callable
from importlib import import_module

import numpy as np
import pytest

from isoaux import bases, paper, settings, srm
from isoaux.studies.spotlight import data, figures, measuring, report
from isoaux.studies.spotlight.measuring import NUMBERS, TESTED, Setting

compute = import_module("isoaux.studies.spotlight.compute")


@pytest.fixture(scope="module")
def cloud() -> np.ndarray:
    """Representations of two checkpoints, (2, 400, 4): around nothing, and most of them around the first axis."""
    rng = np.random.default_rng(5)
    first, last = rng.standard_normal((2, 400, 4))
    last[:300] += [6, 0, 0, 0]
    return np.stack([first, last])


def test_the_numbers_are_those_of_the_curve_and_p_those_of_turned_copies(cloud):
    basis = bases.cross_polytope(4)
    arrays = measuring.measured(list(cloud), basis, Setting(0.8, 9, 39), seed=3)
    for place, z in enumerate(cloud):
        for prepare, centred in enumerate((False, True)):
            curve = srm.curve(z, basis, 0.8, centred)
            expected = [getattr(srm.numbers(curve), name) for name in NUMBERS]
            level = srm.EPSILONS.index(0.8)
            np.testing.assert_allclose(arrays["numbers"][place, prepare, level], expected, rtol=1e-6, atol=1e-7)
            test = srm.test(z, basis, "resonance", 0.8, (9, 39)[place], 3, centred)
            assert arrays["p"][place, prepare, TESTED.index("resonance")] == test.p
    assert np.isnan(arrays["numbers"][..., srm.EPSILONS.index(0.5), NUMBERS.index("reach")]).all()
    assert arrays["cone"][1] > 0.8 > arrays["cone"][0] and list(arrays["constant"]) == [0, 0]


def test_constant_directions_are_projected_out_of_the_basis_and_of_every_copy():
    rng = np.random.default_rng(6)
    z = rng.standard_normal((500, 6)) * [0.3, 1, 1, 1, 1, 1] + [8, 0, 0, 0, 0, 0]
    basis = bases.cross_polytope(6)
    arrays = measuring.measured([z], basis, Setting(0.9, 9, 99), seed=3)
    assert arrays["constant"][0] == 1 and arrays["p"][0, 0, 0] <= 0.05
    arrays |= measuring.varying(z, basis, 0.9, 99, seed=3)
    left = srm.curve(z * [0, 1, 1, 1, 1, 1], basis, 0.9)
    expected = [getattr(srm.numbers(left), name) for name in NUMBERS]
    np.testing.assert_allclose(arrays["varying"], expected, rtol=1e-6, atol=1e-7)
    assert arrays["numbers"][0, 0, 5, NUMBERS.index("lit")] == 1 > arrays["varying"][NUMBERS.index("lit")]


def test_there_are_enough_copies_for_an_adjusted_p_or_the_basis_is_large():
    full = paper.PROFILES["paper"]
    setting = Setting(0.8, full.draws, full.final_draws)
    assert 2 / (1 + setting.on_grid(20, 10)) * len(srm.EPSILONS) <= 0.05
    assert setting.on_grid(40, 10) == 39


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> Callable:
    """The data of a figure in the profile smoke; its networks are trained once for all tests of this file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ISOAUX_CACHE", str(tmp_path_factory.mktemp("store")))
        chosen = settings.read({"profile": "smoke", "seeds": 100})
        made = {name: compute.compute(paper.figure(name), chosen, jobs=1) for name in ("figS2", "figS6", "figS13")}
    return made.__getitem__


def test_smoke_trains_smaller_networks_of_the_same_kinds(result):
    configurations = [configuration.id for configuration in result("figS13").by_configuration]
    assert configurations == ["mnist-S-gentanh-n4-L0-m5", "mnist-S-gentanh-n6-L0-m7", "mnist-S-gentanh-n4-L0-m5-h12"]
    assert result("figS2").facts["epochs"] == 2 and "smaller networks" in result("figS2").facts["deviations"]


def test_every_network_has_its_own_basis_however_large_the_others_are(result):
    rows = data.networks(result("figS13"))
    assert [row.basis.shape for row in rows] == [(5, 4), (7, 6), (5, 4)]
    for row in rows:
        np.testing.assert_allclose(row.basis @ row.basis.T, srm_simplex(len(row.basis)), atol=1e-6)
        assert np.isfinite(row.shares()).all() and len(row.shares()) == len(row.basis)


def srm_simplex(m: int) -> np.ndarray:
    """The products of the vectors of a simplex."""
    return np.where(np.eye(m) > 0, 1.0, -1 / (m - 1))


def test_the_lines_are_those_of_all_planes_and_their_mean(result):
    drawing = result("figS2").drawing
    assert drawing["lines"].shape == (2, 24, 361) and drawing["normal_lines"].shape == (1, 28, 361)
    np.testing.assert_allclose(
        drawing["lines"].mean(axis=1) / drawing["whole"], drawing["mean_lines"], rtol=1e-5, atol=1e-7
    )
    itself = srm.itself(bases.cross_polytope(4), 0.9)
    np.testing.assert_allclose(drawing["own_lines"][0] / 10_000, itself, atol=1e-4)


def test_many_planes_are_counted_by_height_up_to_the_largest_share():
    shares = np.array([[[0.0, 0.25], [0.002, 0.5], [0.15, 0.15]]])
    arrays = compute._lines(np.repeat(shares, 101, axis=1), 1000, "")
    passing = arrays["passing"][0]
    assert passing.shape == (2, 200) and arrays["top"] == 0.5
    assert passing[0, :60].tolist() == [202] * 60, "two of the three lines rise from the bottom"
    assert passing[0, 60] == 303 and passing[0, 61] == 202 and passing[0, 150] == 101
    assert passing[1].nonzero()[0].tolist() == [60, 100, 199] and passing[1, 199] == 101
    assert compute._lines(np.zeros((1, 301, 2)), 1000, "")["passing"][0, :, 0].tolist() == [301, 301]


@pytest.mark.parametrize("name", ["figS1", "figS5", "figS6", "figS7", "figS8", "figS9"])
def test_the_words_of_a_figure_count_its_planes_as_the_paper_does(name):
    figure = paper.figure(name)
    planes = str(figure.entry["planes"]).partition(" ")[0]
    assert f"in all {planes} planes" in report.planes_words(data.read(figure, settings.Settings()))


@pytest.mark.parametrize("name", ["figS2", "figS6", "figS13"])
def test_pictures_say_what_they_show(result, name):
    for picture in (figures.draw, figures.curves, figures.through_training, figures.shares):
        drawn = picture(result(name))
        assert len(drawn.alt) > 80 and drawn.alt.endswith(".") and not re.search(r"\bnan\b", drawn.alt)
    assert report.finding(result(name)).count("with their basis") == 3


def test_tables_have_a_row_for_each_network(result):
    networks = report.networks(result("figS13"))
    assert len(networks.rows) == 3 and not [cell for row in networks.rows for cell in row if "nan" in cell]
    assert len(report.thresholds(result("figS13")).rows) == 6 and len(report.heights(result("figS6")).rows) == 2
    assert len(report.controls(result("figS2")).rows) == 2 and len(report.before(result("figS13")).rows) == 3


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"epsilon": 0.65}, ["epsilon is 0.65", "0.5, 0.6, 0.7"]),
        ({"basis": "random"}, ["basis is 'random'", "standard"]),
        ({"variant": "permutation"}, ["variant is 'permutation'"]),
        ({"depth": 2}, ["depth is 2"]),
    ],
)
def test_settings_without_a_meaning_are_refused(given, words, refused):
    refused(words, data.check, paper.figure("figS1"), settings.read({"profile": "smoke", **given}))
