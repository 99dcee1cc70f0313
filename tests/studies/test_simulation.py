"""The tests' own calibration, again with fewer clouds than the published table; and what they find."""

import numpy as np
import pytest

from isoaux.statistics import STATISTICS
from isoaux.statistics.preparation import PREPARATIONS
from isoaux.studies.calibration import alternatives, simulation

CLOUDS, DRAWS, LEVEL = 60, 39, 0.05
SEEDS = range(10_000, 10_000 + CLOUDS)


def test_every_statistic_rejects_as_often_as_it_promises_in_every_preparation():
    found = [simulation.p_values(seed, samples=100, n=5, draws=DRAWS) for seed in SEEDS]
    cells = len(simulation.NOTHING) * len(PREPARATIONS) * len(STATISTICS)
    low, high = simulation.acceptable(LEVEL, DRAWS, CLOUDS, cells)
    for law in simulation.NOTHING:
        for prepare in PREPARATIONS:
            assert list(found[0][law][prepare]) == list(STATISTICS)
            for name in STATISTICS:
                rejected = sum(each[law][prepare][name] <= LEVEL for each in found)
                assert low <= rejected <= high, (law, prepare, name)


def test_the_test_of_directions_rejects_as_often_as_it_promises():
    found = [simulation.p_values_of_directions(seed, samples=100, n=5, draws=DRAWS) for seed in SEEDS]
    low, high = simulation.acceptable(LEVEL, DRAWS, CLOUDS, len(simulation.NOTHING))
    for law in simulation.NOTHING:
        assert low <= sum(each[law] <= LEVEL for each in found) <= high, law


def test_the_interval_could_be_missed():
    """A test that rejects four times as often as it may would be noticed at level 0.05."""
    assert simulation.acceptable(LEVEL, DRAWS, CLOUDS, 180)[1] < 0.25 * CLOUDS
    assert simulation.acceptable(0.05, 199, 1000, 80) == (26, 78)


def test_laws_are_what_they_are_called():
    samples, n = 4000, 18
    drawn = {name: draw(np.random.default_rng(0), samples, n) for name, (_, draw) in simulation.NOTHING.items()}
    spread = {name: np.sqrt(np.linalg.eigvalsh(np.cov(cloud.T))) for name, cloud in drawn.items()}
    assert spread["isotropic"][-1] / spread["isotropic"][0] < 1.2
    assert spread["ellipsoid"][-1] / spread["ellipsoid"][0] == pytest.approx(10, rel=0.1)
    centre = drawn["cone"].mean(0) / np.linalg.norm(drawn["cone"].mean(0))
    assert (drawn["cone"] @ centre > 0.3 * np.linalg.norm(drawn["cone"], axis=1)).all()
    lengths = np.linalg.norm(drawn["heavy"], axis=1)
    assert lengths.max() > 30 * np.median(lengths)


def test_samples_on_the_axes_keep_their_lengths():
    draw = alternatives.ALTERNATIVES["axes"].draw
    cloud, before = (draw(np.random.default_rng(3), 1000, 5, share) for share in (0.05, 0.0))
    assert np.array_equal(np.count_nonzero(cloud, axis=1) == 1, np.arange(1000) < 50)
    assert {row for row in np.abs(cloud[:50]).argmax(1)} == set(range(5))
    assert not np.array_equal(cloud[:50], before[:50])
    np.testing.assert_allclose(np.linalg.norm(cloud[:50], axis=1), np.linalg.norm(before[:50], axis=1))


def test_one_percent_on_the_axes_or_half_way_is_found():
    options = {"samples": 2000, "n": 18, "draws": 99, "level": 0.05}
    axes = alternatives.power("axes", 0.01, range(10), **options)
    between = alternatives.power("between", 0.02, range(10), **options)
    assert tuple(axes) == alternatives.COMPARED and min(axes.values()) >= 9
    assert min(between["quartimax"], between["sixth"]) >= 9 and max(between["count"], between["c4"]) <= 5
    nothing = alternatives.power("axes", 0.0, range(20), ("quartimax",), **options)
    assert nothing["quartimax"] <= 5


@pytest.mark.parametrize("kind", alternatives.BEAMS)
def test_beams_take_their_share_and_no_length(kind):
    cloud = alternatives.beams(kind, 0.5, 1, samples=400, n=8)
    before = alternatives.beams(kind, 0.0, 1, samples=400, n=8)
    assert np.allclose(np.linalg.norm(cloud, axis=1)[:200], np.linalg.norm(before, axis=1)[:200])
    assert np.array_equal(cloud[200:], before[200:]) and not np.isclose(cloud[:200], before[:200]).all(1).any()


def test_unknown_names_are_refused(refused):
    refused(["kind is 'ones'", "one"], alternatives.beams, "ones", 0.1, 0, samples=10, n=3)
    refused(["share is 1.5"], alternatives.beams, "one", 1.5, 0, samples=10, n=3)
    options = {"samples": 10, "n": 3, "draws": 3, "level": 0.05}
    refused(["alternative is 'axis'", "'axes'"], alternatives.power, "axis", 0.1, [0], **options)
