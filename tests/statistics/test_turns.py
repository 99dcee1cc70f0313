"""Random bases of wide layers: rotations that mix all neurons, a test exact with them, and the planes of few."""

import numpy as np
import pytest
from scipy import stats

from isoaux import bases, ppp, statistics
from isoaux.statistics import basis as basis_module
from isoaux.statistics import moments, turns
from isoaux.statistics.tally import Meter

ALL = tuple(statistics.STATISTICS)


def matrix(n, seed, draw):
    """The rotation (n, n) that the draw of a seed turns with, the hub's for ``HUB``."""
    return turns.turned(np.eye(n), np.random.SeedSequence(seed, spawn_key=(draw,)))


def aligned(rng, count, n):
    cloud = 0.3 * rng.standard_normal((count, n))
    cloud[np.arange(count), rng.integers(0, n, count)] += rng.choice([-1, 1], count)
    return cloud


@pytest.mark.parametrize("n", [2, 5, 16, 17, 100, 257])
def test_groups_are_turned_by_rotations_and_nothing_else_is_done(n):
    turn, size = matrix(n, 3, 0), turns.group_size(n)
    assert size**2 >= n > (size // 2) ** 2
    np.testing.assert_allclose(turn @ turn.T, np.eye(n), atol=1e-12)
    connected = (turn != 0).astype(int)
    assert set(connected.sum(1)) <= {size, n % size} and ((connected @ connected > 0) == connected).all()
    cloud = np.random.default_rng(0).standard_normal((n, 7))
    there = turns.turned(cloud, np.random.SeedSequence(3, spawn_key=(0,)))
    np.testing.assert_allclose(there, turn @ cloud, atol=1e-12)


def test_two_turns_mix_the_neurons_as_random_directions_do():
    n, entries = 1024, []
    for seed in range(3):
        entries.append(matrix(n, seed, 0) @ matrix(n, seed, turns.HUB)[:, :40])
    mixed = np.concatenate(entries, axis=1)
    assert (np.count_nonzero(mixed, axis=0) > n / 2).all()
    assert (mixed**4).sum(0).mean() < 15 / n, "a random direction has 3 / (n + 2), a neuron 1"


def test_a_rotation_and_its_inverse_have_one_law():
    """Of what tells them apart where they do not: the largest entry of the first row and of the first column."""
    first = np.array([matrix(9, seed, 0)[[0], :] for seed in range(300)])[:, 0]
    other = np.array([matrix(9, seed, 0)[:, [0]].T for seed in range(300, 600)])[:, 0]
    for place in range(9):
        assert stats.ks_2samp(first[:, place], other[:, place]).pvalue > 1e-4


def test_null_values_are_those_in_turned_bases(monkeypatch):
    monkeypatch.setattr(turns, "WIDE", 4)
    cloud = np.random.default_rng(3).standard_normal((60, 6)) * [1, 2, 1, 0.5, 1, 1] + [0.3, 0, 0, 0, 1, 0]
    for basis in (np.eye(6), bases.random_orthogonal(6, 1), np.eye(6)[:3], bases.simplex(6)):
        names = [name for name in ALL if len(basis) <= 6 or not statistics.STATISTICS[name].square]
        tests = statistics.basis_tests(cloud, basis, names, 3, 11, 0.6)
        here = cloud @ basis.T if len(basis) == 6 else cloud
        for draw in range(3):
            turned = here @ (matrix(6, 11, draw) @ matrix(6, 11, turns.HUB)).T
            there = Meter(turned, np.eye(6) if len(basis) == 6 else basis, 0.6, "combination", names)
            expected = there((np.eye(6) if len(basis) == 6 else basis)[None])
            for name in names:
                assert tests[name].null[draw] == pytest.approx(expected[name][0], rel=1e-9), name
        few = statistics.basis_tests(cloud, basis, names, 2, 11, 0.6)
        assert all(np.array_equal(few[name].null, tests[name].null[:2]) for name in names)


@pytest.mark.parametrize("kind", ["isotropic", "aligned"])
def test_p_is_uniform_where_no_direction_is_special(kind, monkeypatch):
    """Also of clouds with sharp directions, in a position that is random in every cloud."""
    monkeypatch.setattr(turns, "WIDE", 4)
    rng, clouds, n, names = np.random.default_rng(8), 300, 9, ("quartimax", "neuron_kurtosis_largest")
    p = []
    for seed in range(clouds):
        cloud = rng.standard_normal((30, n))
        if kind == "aligned":
            cloud = aligned(rng, 30, n) @ bases.random_orthogonal(n, 1000 + seed)
        p.append([test.p for test in statistics.basis_tests(cloud, np.eye(n), names, 19, seed).values()])
    steps = np.arange(1, 11) / 10
    for name, values in zip(names, np.sort(p, axis=0).T, strict=True):
        distance = np.abs(np.searchsorted(values, steps + 1e-9, side="right") / clouds - steps).max()
        assert stats.kstwobign.sf(distance * np.sqrt(clouds)) > 0.001, (name, distance)


@pytest.mark.parametrize("strength", [0, 1])
def test_what_is_found_is_what_haar_random_bases_find(strength, monkeypatch):
    """Values in random bases of both kinds have one median and one spread, beside which the axes lie as far away."""
    rng, n = np.random.default_rng(2), 144
    cloud = rng.standard_normal((200, n)) * np.where(rng.random((200, n)) < 0.05, 1 + strength, 1)
    here = statistics.basis_test(cloud, np.eye(n), draws=199)
    monkeypatch.setattr(turns, "WIDE", n)
    haar = statistics.basis_test(cloud, np.eye(n), draws=199)
    assert here.value == pytest.approx(haar.value)
    spread = haar.null.std()
    assert abs(np.median(here.null) - np.median(haar.null)) < 0.5 * spread
    assert 0.7 < here.null.std() / spread < 1.4
    assert (here.p <= 0.01) == (haar.p <= 0.01) == bool(strength)


def test_points_in_the_planes_of_the_nearest_directions():
    rng = np.random.default_rng(4)
    cloud = rng.standard_normal((80, 10)) * np.linspace(0.5, 2, 10)
    cloud[:3] = 0
    basis = bases.random_orthogonal(10, 7)
    coordinates = cloud[3:] @ basis.T
    fourth = ((coordinates / np.linalg.norm(coordinates, axis=1)[:, None]) ** 4).mean(0)
    nearest = np.argsort(fourth)[::-1][:4]
    measure = Meter(cloud, basis, 0.6, "combination", ALL, leading=4)
    ordered = (cloud @ basis.T).T
    assert moments.nearest(ordered, measure.cloud, 4).tolist() == nearest.tolist()
    expected = ppp.project(cloud, basis[np.sort(nearest)], 0.6)
    points = measure.points(ordered)
    assert sorted(map(tuple, np.round(points, 9))) == sorted(map(tuple, np.round(expected.points, 9)))
    panel = statistics.panel(expected.points)
    values = measure(basis[None])
    assert values["count"][0] == len(points) > 0 and values["c4"][0] == pytest.approx(panel.c4)
    assert values["plane_share"][0] == pytest.approx(expected.counts.max() / len(points))
    assert values["quartimax"][0] == pytest.approx(
        Meter(cloud, basis, 0.6, "combination", ALL)(basis[None])["quartimax"][0]
    )


def test_a_basis_test_of_a_wide_layer_says_that_nothing_is_near_a_plane():
    cloud = np.random.default_rng(0).standard_normal((50, 300))
    with pytest.warns(RuntimeWarning, match=r"no representation is near a plane at epsilon = 0.75.*epsilon = 0\.\d+"):
        test = statistics.basis_test(cloud, np.eye(300), "count", draws=9)
    assert test.value == 0 and test.p == 1


def test_wide_bases_without_rows_have_no_statistic():
    cloud = np.random.default_rng(0).standard_normal((20, 200))
    assert statistics.basis_test(cloud, np.empty((0, 200)), draws=3).value == 0


def test_the_measured_basis_comes_first(monkeypatch):
    cloud = np.random.default_rng(1).standard_normal((30, 6))
    for widest in (4, 6):
        monkeypatch.setattr(turns, "WIDE", widest)
        measure = Meter(cloud, np.eye(6), 0.6, "combination", ["quartimax"])
        here, *others = (measure.at(each)["quartimax"][0] for each in basis_module.in_bases(measure, np.eye(6), 5, 2))
        test = statistics.basis_test(cloud, np.eye(6), draws=5, seed=2)
        assert here == pytest.approx(test.value) and others == pytest.approx(test.null)
