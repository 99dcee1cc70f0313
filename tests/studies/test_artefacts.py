"""Appendix A's ensembles: from seeds alone, in little memory, with the means that symmetry demands."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from roots import ROOT

from isoaux import bases, ppp, settings, statistics, workflow
from isoaux.common import archive
from isoaux.paper import figure, figures
from isoaux.records import publishing
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.statistics import clouds, isotropic
from isoaux.studies.artefacts import compute as ensembles
from isoaux.studies.artefacts import data as artefacts_data
from isoaux.studies.artefacts.data import Recipe

NAMES = ("fig04", "fig05", "fig06", "fig07")
SMALL = Recipe("normal", 3000, 24, 0.75, "standard", "combination", 5)


def chosen(**given: object) -> Settings:
    return settings.read({"profile": "smoke", "device": "cpu"} | given)


@pytest.fixture(scope="module")
def made() -> dict[str, Result]:
    return {name: ensembles.compute(figure(name), chosen(), jobs=1) for name in NAMES}


# --- mathematics


@pytest.mark.parametrize("cloud", clouds.CLOUDS)
def test_over_random_bases_every_cloud_has_the_expected_count_and_a_flat_histogram(cloud):
    """A sample turned by a Haar-random matrix is a uniform direction, whatever the cloud; within replicate error."""
    draws = 2000 if cloud == "uniform" else 400
    how = replace(SMALL, cloud=cloud, samples=500, n=8)
    z = clouds.named(cloud, (3, 1), 500, 8)
    counts, histograms = [], []
    for draw in range(draws):
        found = statistics.panel(ppp.project(z, ensembles.basis_of(how, (3, 1), draw)).points)
        counts.append(found.count)
        histograms.append(found.histogram.reshape(4, 18).sum(0))
    expected = ppp.expected_isotropic_count(500, 8, 28)
    assert np.mean(counts) == pytest.approx(expected, abs=4 * np.std(counts) / np.sqrt(draws))
    mean, error = np.mean(histograms, 0), np.std(histograms, 0) / np.sqrt(draws)
    assert (np.abs(mean - expected / 18) < 4.5 * error).all()


def test_the_mean_variance_over_bases_of_one_cloud_is_that_over_clouds_and_bases():
    """Total variance: the mean over bases is the same for all clouds, so nothing is left between them."""
    within = np.mean(
        [ensembles.panel(replace(SMALL, draws=40), (0, c))[1]["null_count"].var(ddof=1) for c in range(15)]
    )
    assert within == pytest.approx(isotropic.moments(3000, 24).count_sd ** 2, rel=0.25)


def test_a_panel_is_what_a_direct_measurement_gives():
    points, numbers = ensembles.panel(SMALL, (7, 2))
    cloud = clouds.named("normal", (7, 2), 3000, 24).astype(np.float32)
    own = ppp.project(cloud, ensembles.basis_of(SMALL, (7, 2), 0))
    np.testing.assert_array_equal(points, own.points)
    radii, planes = np.linalg.norm(points, axis=1), np.bincount(own.sample)
    angle = np.degrees(np.arctan2(*points.T[::-1]))
    assert numbers["count"] == len(points) > 50
    assert numbers["c4"] == pytest.approx(np.cos(np.radians(4 * angle)).mean(), abs=1e-5)
    assert (numbers["most_planes"], numbers["kept_samples"]) == (planes.max(), (planes > 0).sum())
    crowd = planes[own.sample] >= 5
    assert numbers["crowd_share"] == pytest.approx(crowd.mean())
    outer = radii >= np.sort(radii)[int(np.ceil(0.99 * (len(radii) - 1)))]
    assert numbers["outer_crowd_share"] == pytest.approx(crowd[outer].mean())
    for draw in range(5):
        other = ppp.project(cloud, ensembles.basis_of(SMALL, (7, 2), draw + 1))
        assert numbers["null_count"][draw] == len(other.points)
    first = [ppp.project(cloud[:750], ensembles.basis_of(SMALL, (7, 2), draw + 1)).points for draw in range(5)]
    histograms = np.array([statistics.panel(p).histogram for p in first])
    np.testing.assert_allclose(numbers["part_mean"], histograms.mean(0))
    np.testing.assert_allclose(numbers["part_variance"], histograms.var(0, ddof=1))


def test_figures_5_to_7_differ_in_one_step_each():
    """The same map in the same place: what Figure 6 standardises are the images of Figure 5."""
    plain, standardised, embedded = (clouds.named(name, (1, 0), 900, 6) for name in list(clouds.CLOUDS)[1:])
    fit = np.linalg.lstsq(np.column_stack([plain, np.ones(900)]), standardised, rcond=None)[0]
    assert np.linalg.norm(fit[:6] - np.sqrt(12) * np.eye(6)) < 0.1 * np.linalg.norm(np.sqrt(12) * np.eye(6))
    assert abs(np.corrcoef(plain[:, 0], embedded[:, 0])[0, 1]) < 0.15
    covariances = [np.cov(z.T) / np.trace(np.cov(z.T)) for z in (standardised, embedded)]
    assert np.linalg.norm(covariances[0] - covariances[1]) < 0.12


def test_bases_are_orthogonal_and_all_different():
    found = [ensembles.basis_of(SMALL, seed, draw) for seed in ((0, 0), (0, 1), (1, 0)) for draw in range(3)]
    for basis in found:
        np.testing.assert_allclose(basis @ basis.T, np.eye(24), atol=1e-12)
    assert len({basis.tobytes() for basis in found}) == 9


# --- from seeds alone, in pieces


def test_the_same_seeds_give_the_same_bits_in_one_process_or_two(made, monkeypatch, own_cache):
    again = ensembles.compute(figure("fig05"), chosen(), jobs=2)
    for name, array in made["fig05"].drawing.arrays.items():
        np.testing.assert_array_equal(array, again.drawing[name], err_msg=name)
    monkeypatch.setattr(ensembles, "panel", None)
    kept = ensembles.compute(figure("fig05"), chosen(), jobs=1)
    np.testing.assert_array_equal(kept.drawing["density"], again.drawing["density"])
    with pytest.raises(TypeError):
        ensembles.compute(figure("fig05"), chosen(retrain=True), jobs=1)


def test_rows_follow_from_their_own_seed(made):
    other = ensembles.compute(figure("fig04"), chosen(seeds=[1]), jobs=1)
    for name in ("count", "histogram", "null_c4", "bin_variance"):
        np.testing.assert_array_equal(other.drawing[name][0], made["fig04"].drawing[name][1])


@pytest.mark.parametrize("cloud", ["uniform", "standardised", "embedded"])
def test_chunks_change_nothing_to_the_bit(cloud, monkeypatch):
    whole = clouds.named(cloud, (2, 3), 3300, 24)
    for block in (clouds.STEP, 3 * clouds.STEP, 10 * clouds.STEP):
        monkeypatch.setattr(clouds, "BLOCK", block)
        assert np.array_equal(clouds.named(cloud, (2, 3), 3300, 24), whole)
    how = replace(SMALL, cloud=cloud, samples=3300, draws=2)
    points, numbers = ensembles.panel(how, (2, 3))
    monkeypatch.setattr(ppp, "BLOCK", 700)
    again, others = ensembles.panel(how, (2, 3))
    assert np.array_equal(points, again)
    assert all(np.array_equal(numbers[name], others[name]) for name in numbers)


PEAK = """
from isoaux.studies.artefacts import compute, data
compute.panel(data.Recipe("standardised", 60_000, 24, 0.75, "standard", "combination", 2), (0, 0))
print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux keeps the mark")
def test_a_panel_of_the_papers_size_needs_less_than_2_gigabytes():
    """The most that the process ever held, libraries and all, at the setting that needs most; all images are 1.5 GB."""
    done = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True)
    assert int(done.stdout) * 1024 < 0.7e9


# --- a figure's data


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_has_its_panels_under_its_limits(made, name):
    result = made[name]
    assert result.drawing["density"].shape == (2, 3, 200, 200) and result.drawing["density"].dtype == np.uint8
    assert len(np.unique(result.drawing["window"])) == 1
    assert len(np.unique(result.drawing["limit"])) == (6 if name == "fig05" else 1)
    assert result.facts["seeds"] == [0, 1] and result.facts["source"] == figures()[name].entry["cloud"]
    assert result.facts["deviations"] == ["4,000 samples instead of 60,000", "6 panels instead of at least 24"]
    assert all(np.isfinite(array).all() for array in result.drawing.arrays.values())


def test_what_is_published_is_read_back(made, tmp_path):
    for _ in range(2):
        (place,) = publishing.publish(made["fig06"], tmp_path)
    assert place == tmp_path / "fig06"
    back = artefacts_data.read(figure("fig06"), Settings(), tmp_path)
    assert back.drawing.arrays.keys() == made["fig06"].drawing.arrays.keys()
    np.testing.assert_array_equal(back.drawing["density"], made["fig06"].drawing["density"])
    assert (
        artefacts_data.read(figure("fig06"), settings.read({"seeds": "1,0", "epsilon": 0.75}), tmp_path).facts
        == back.facts
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"seeds": "0,1,2"}, ["seeds is (0, 1, 2)", "(0, 1) only"]),
        ({"epsilon": 0.5}, ["epsilon is 0.5", "0.75 only"]),
        ({"variant": "permutation"}, ["variant is 'permutation'", "'combination' only"]),
    ],
)
def test_what_is_not_published_is_refused(made, tmp_path, refused, given, words):
    publishing.publish(made["fig04"], tmp_path)
    refused(words, artefacts_data.read, figure("fig04"), settings.read(given), tmp_path)


@pytest.mark.parametrize("profile", ["published", "smoke"])
@pytest.mark.parametrize(
    ("name", "value"), [("dataset", "patches"), ("dtype", "float32"), ("depth", 2), ("basis", "simplex")]
)
def test_what_has_no_meaning_without_networks_is_refused(refused, profile, name, value):
    asked = settings.read({"profile": profile, name: value})
    refused([f"{name} is {value!r}", "fig04", "accepted"], workflow.result, "fig04", asked)


def test_other_thresholds_and_ordered_planes_can_be_computed():
    found = ensembles.compute(figure("fig04"), chosen(epsilon=0.6, variant="permutation", seeds=[3]), jobs=1)
    assert found.facts["deviations"][-2:] == [
        "epsilon 0.6 instead of 0.75",
        "permutation-PPP instead of combination-PPP",
    ]
    expected = ppp.expected_isotropic_count(4000, 24, 2 * 276, 0.6)
    assert found.drawing["count"].mean() == pytest.approx(expected, rel=0.2)


def test_the_catalogue_has_four_of_them():
    assert {f.name for f in figures().values() if f.study == "artefacts"} == set(NAMES)


def test_published_files_are_light_and_complete():
    folder = ROOT / "book" / "data"
    for name in NAMES:
        if not (folder / f"{name}.json").is_file():
            pytest.skip(f"{name} is not published")
        facts = archive.read(folder / name).facts
        assert sum((folder / f"{name}{suffix}").stat().st_size for suffix in (".npz", ".json")) < 1_200_000
        assert (facts["profile"], facts["samples"], facts["deviations"]) == ("paper", 60_000, [])
        rows, columns = archive.read(folder / name)["count"].shape
        assert rows >= 3 and columns >= 8


def test_random_orthogonal_is_what_turns():
    """The named basis only enters turned; `random` is then the same law as `standard`, and other bits."""
    one, other = (ensembles.basis_of(replace(SMALL, basis=name), (0, 0), 0) for name in ("standard", "random"))
    assert not np.allclose(one, other)
    np.testing.assert_allclose(other, bases.random_orthogonal(24, 0) @ one, atol=1e-12)
