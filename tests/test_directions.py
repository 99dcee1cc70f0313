"""Are directions discrete? Invariance, closed forms, and an exact null."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isoaux import bases, statistics
from isoaux.statistics import CONCENTRATIONS, direction_test
from isoaux.statistics.directions import concentration, directions, null_concentrations


def gaussian(seed: int, samples: int = 300, n: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((samples, n))


@given(st.integers(0, 10**6))
@settings(max_examples=20)
def test_whitened_directions_are_centred_and_even(seed):
    rng = np.random.default_rng(seed)
    cloud = (gaussian(seed) / np.sqrt(rng.chisquare(2, (300, 1)))) @ rng.standard_normal((6, 6)) + rng.standard_normal(
        6
    )
    u = directions(cloud)
    assert np.allclose(np.linalg.norm(u, axis=1), 1)
    assert np.abs(u.mean(0)).max() < 1e-5
    assert np.abs(6 * u.T @ u / len(u) - np.eye(6)).max() < 1e-5


@pytest.mark.parametrize("statistic", CONCENTRATIONS)
@given(st.integers(0, 10**6))
@settings(max_examples=10)
def test_no_affine_map_changes_a_value(statistic, seed):
    """Not only rotations: so a Gaussian of any mean and covariance has the values of a standard one."""
    rng = np.random.default_rng(seed)
    cloud, stretched = gaussian(seed), rng.standard_normal((6, 6)) + 3 * np.eye(6)
    moved = cloud @ stretched.T + 5 * rng.standard_normal(6)
    assert concentration(moved, statistic)[0] == pytest.approx(concentration(cloud, statistic)[0], rel=1e-4)


def test_values_equal_a_loop_over_pairs():
    u = directions(gaussian(3, 40, 4))
    pairs = [float(u[i] @ u[j]) for i in range(40) for j in range(40) if i != j]
    nearest = [max(float(u[i] @ u[j]) for j in range(40) if i != j) for i in range(40)]
    expected = {
        "lines": 1 / np.mean([c**16 for c in pairs]),
        "wide_lines": 1 / np.mean([c**8 for c in pairs]),
        "directions": 1 / np.mean([np.exp(16 * (c - 1)) for c in pairs]),
        "nearest": np.degrees(np.mean(np.arccos(nearest))),
    }
    assert set(expected) == set(CONCENTRATIONS)
    for name, value in expected.items():
        assert concentration(gaussian(3, 40, 4), name)[0] == pytest.approx(value, rel=1e-4), name


@pytest.mark.parametrize("n", [3, 8])
def test_equally_frequent_orthogonal_lines_are_counted(n):
    """N samples, N/n on each of n lines: of the others, N/n - 1 are on one's own line."""
    rng, each = np.random.default_rng(n), 50
    length = np.tile(rng.uniform(1, 2, each), (n, 1)).ravel()[:, None]
    cloud = np.repeat(np.eye(n), each, axis=0) * length
    cloud = np.concatenate([cloud, -cloud]) @ bases.random_orthogonal(n, 0)
    value, size = concentration(cloud)
    assert size == (2 * n * each, n)
    assert value == pytest.approx((2 * n * each - 1) / (2 * each - 1), rel=1e-4)


@pytest.mark.parametrize("statistic", CONCENTRATIONS)
def test_p_is_uniform_where_a_cloud_is_gaussian(statistic):
    clouds = [gaussian(seed, 40, 4) @ np.diag([1, 2, 5, 9]) + 3 for seed in range(100)]
    found = [direction_test(cloud, statistic, draws=19, seed=seed).p for seed, cloud in enumerate(clouds)]
    assert statistics.uniformity(found, 19).p > 0.001


@pytest.mark.parametrize("statistic", ["lines", "wide_lines"])
def test_lines_in_no_basis_are_found_out(statistic):
    rng = np.random.default_rng(0)
    cloud = gaussian(1, 600, 8)
    lines = rng.standard_normal((20, 8))
    cloud[:200] = lines[rng.integers(0, 20, 200)] * rng.standard_normal((200, 1))
    test = direction_test(cloud @ rng.standard_normal((8, 8)), statistic, draws=99)
    assert test.p == 2 / 100 and test.effect < -5


def test_heavy_tails_are_not_taken_for_lines():
    found = []
    for seed in range(60):
        tails = np.sqrt(np.random.default_rng([seed, 1]).chisquare(2, (200, 1)))
        found.append(direction_test(gaussian(seed, 200, 6) / tails @ np.diag(range(1, 7)), draws=19, seed=seed).p)
    assert statistics.uniformity(found, 19).p > 0.001


def test_samples_are_drawn_and_flat_directions_left_out():
    cloud = gaussian(0, 500, 5)
    wide = np.column_stack([cloud, cloud[:, 0], np.full(500, 2.0)])
    assert concentration(wide)[1] == (500, 5)
    assert concentration(wide, samples=100)[1] == (100, 5)
    assert direction_test(cloud, draws=9, samples=100).value != direction_test(cloud, draws=9, samples=101).value


def test_draws_depend_on_their_number_alone():
    assert np.array_equal(null_concentrations((50, 3), 9, 4)[:5], null_concentrations((50, 3), 5, 4))
    assert len(np.unique(null_concentrations((50, 3), 9, 4))) == 9


@pytest.mark.parametrize(
    ("activations", "options", "words"),
    [
        (gaussian(0, 1), {}, ["activations has 1 sample"]),
        (np.ones((9, 3)), {}, ["activations holds 9 equal samples"]),
        (gaussian(0, 9), {}, ["activations has 9 samples that vary in 6 directions"]),
        (gaussian(0), {"draws": 0}, ["draws is 0"]),
        (gaussian(0), {"samples": 0}, ["samples is 0"]),
        (gaussian(0), {"statistic": "line"}, ["statistic is 'line'", "did you mean 'lines'"]),
        ([[np.nan, 1.0], [2.0, 3.0]], {}, ["activations holds nan"]),
    ],
)
def test_what_cannot_be_tested_is_refused(activations, options, words, refused):
    refused(words, direction_test, activations, **options)
