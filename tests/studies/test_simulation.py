"""The tests' own calibration, again with fewer clouds than the published table; and what they find."""

import numpy as np
import pytest

from isoaux.studies.calibration import simulation

CLOUDS, DRAWS = 60, 199


@pytest.fixture(scope="module")
def found() -> list[dict[str, dict[str, float]]]:
    """p values of every test on clouds of every law."""
    return [simulation.p_values(seed, samples=200, n=6, draws=DRAWS) for seed in range(10_000, 10_000 + CLOUDS)]


def test_every_test_rejects_as_often_as_it_promises(found):
    cells = len(simulation.NOTHING) * len(simulation.TESTED) * len(simulation.LEVELS)
    for law in simulation.NOTHING:
        for name in simulation.TESTED:
            for level in simulation.LEVELS:
                low, high = simulation.acceptable(level, DRAWS, CLOUDS, cells)
                rejected = sum(each[law][name] <= level for each in found)
                assert low <= rejected <= high, (law, name, level)


def test_the_interval_could_be_missed(found):
    """A test that rejects three times as often as it may would be noticed at level 0.05."""
    assert simulation.acceptable(0.05, DRAWS, CLOUDS, 80)[1] < 0.2 * CLOUDS
    assert simulation.acceptable(0.05, DRAWS, 1000, 80) == (26, 78)


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
    cloud, before = (simulation.with_axes(share, 3, samples=1000, n=5) for share in (0.05, 0.0))
    assert np.array_equal(np.count_nonzero(cloud, axis=1) == 1, np.arange(1000) < 50)
    assert {row for row in np.abs(cloud[:50]).argmax(1)} == set(range(5))
    assert not np.array_equal(cloud[:50], before[:50])


def test_half_a_percent_on_the_axes_is_found():
    assert simulation.power(0.005, range(10), samples=10_000, n=18, draws=DRAWS, level=0.01) >= 9
    assert simulation.power(0.0, range(20), samples=2000, n=8, draws=DRAWS, level=0.01) <= 3


@pytest.mark.parametrize("kind", simulation.BEAMS)
def test_beams_take_their_share_and_no_length(kind):
    cloud = simulation.beams(kind, 0.5, 1, samples=400, n=8)
    before = simulation.beams(kind, 0.0, 1, samples=400, n=8)
    assert np.allclose(np.linalg.norm(cloud, axis=1)[:200], np.linalg.norm(before, axis=1)[:200])
    assert np.array_equal(cloud[200:], before[200:]) and not np.isclose(cloud[:200], before[:200]).all(1).any()


def test_unknown_names_are_refused(refused):
    refused(["kind is 'ones'", "one"], simulation.beams, "ones", 0.1, 0, samples=10, n=3)
    refused(["share is 1.5"], simulation.with_axes, 1.5, 0, samples=10, n=3)
