"""Panel statistics and the test against random bases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from isoaux import bases, ppp, statistics

seeds = st.integers(0, 2**32 - 1)
examples = settings(max_examples=25)


def aligned_cloud(rng, count, n):
    cloud = 0.2 * rng.standard_normal((count, n))
    cloud[np.arange(count), rng.integers(0, n, count)] += rng.choice([-1, 1], count)
    return cloud


def draw_basis(n, seed, draw):
    return bases.random_orthogonal(n, np.random.SeedSequence(seed, spawn_key=(draw,))).T


@examples
@given(seeds, st.integers(1, 400), st.sampled_from([1e-200, 1.0, 1e200]))
def test_panel_agrees_with_trigonometry(seed, count, scale):
    points = np.random.default_rng(seed).standard_normal((count, 2))
    panel = statistics.panel(points * scale)
    angle = np.arctan2(points[:, 1], points[:, 0])
    to_axis = np.abs((np.degrees(angle) + 45) % 90 - 45)
    assert panel.count == count
    assert panel.c4 == pytest.approx(np.cos(4 * angle).mean(), abs=1e-12)
    assert panel.s2 == pytest.approx(np.sin(2 * angle).mean(), abs=1e-12)
    assert panel.axis_share == pytest.approx((to_axis <= 10).mean())
    assert panel.diagonal_share == pytest.approx((to_axis >= 35).mean())
    edges = np.radians(np.arange(-2.5, 360, 5))
    expected = np.histogram((angle - edges[0]) % (2 * np.pi) + edges[0], edges)[0]
    assert panel.histogram.tolist() == expected.tolist()


def test_axes_and_diagonals_fall_into_the_middle_of_a_bin():
    turns = np.arange(8) * np.pi / 4
    panel = statistics.panel(np.column_stack([np.cos(turns), np.sin(turns)]))
    assert np.flatnonzero(panel.histogram).tolist() == [0, 9, 18, 27, 36, 45, 54, 63]
    assert panel.axis_share == panel.diagonal_share == 0.5


@pytest.mark.parametrize(
    ("points", "c4", "s2"), [([[1, 0], [0, -2]], 1, 0), ([[1, 1], [-3, -3]], -1, 1), ([[1, -1]], -1, -1)]
)
def test_known_angles(points, c4, s2):
    panel = statistics.panel(points)
    assert (panel.c4, panel.s2) == (c4, s2)


def test_an_empty_panel_is_all_zeros():
    panel = statistics.panel(np.empty((0, 2)))
    assert (panel.count, panel.c4, panel.s2, panel.axis_share, panel.diagonal_share) == (0, 0, 0, 0, 0)
    assert panel.histogram.tolist() == [0] * 72


def test_the_origin_counts_but_has_no_angle():
    panel = statistics.panel([[0.0, 0.0], [1.0, 1.0]])
    assert (panel.count, panel.c4, panel.s2) == (2, -1, 1)
    assert panel.histogram.sum() == 1


def test_single_precision_and_tensors_are_accepted():
    torch = pytest.importorskip("torch")
    points = np.random.default_rng(0).standard_normal((50, 2)).astype(np.float32)
    assert statistics.panel(torch.from_numpy(points)).c4 == statistics.panel(points).c4
    cloud = np.random.default_rng(0).standard_normal((50, 4)).astype(np.float32)
    there = statistics.basis_test(torch.from_numpy(cloud), torch.eye(4), draws=9)
    assert there.p == statistics.basis_test(cloud, np.eye(4), draws=9).p


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("variant", sorted(bases.VARIANTS))
@pytest.mark.parametrize("basis", [None, bases.simplex(5), np.eye(5)[:3]], ids=["complete", "simplex", "few"])
def test_null_draws_are_projections_in_random_bases(dtype, variant, basis):
    cloud = np.random.default_rng(0).standard_normal((300, 5)).astype(dtype)
    null = statistics.null_draws(cloud, 4, 11, 0.6, variant, basis)
    for draw in range(4):
        rotated = (np.eye(5) if basis is None else basis) @ draw_basis(5, 11, draw)
        panel = statistics.panel(ppp.project(cloud, rotated, 0.6, variant).points)
        assert null["count"][draw] == panel.count
        assert null["c4"][draw] == pytest.approx(panel.c4, abs=1e-6)
        assert null["s2"][draw] == pytest.approx(panel.s2, abs=1e-6)


def test_fewer_draws_are_a_prefix_of_more():
    cloud = np.random.default_rng(0).standard_normal((200, 5))
    few, many = (statistics.null_draws(cloud, draws, 3) for draws in (9, 40))
    for name in statistics.STATISTICS:
        assert few[name].shape == (9,)
        assert np.array_equal(few[name], many[name][:9])
    assert not np.array_equal(few["c4"], statistics.null_draws(cloud, 9, 4)["c4"])


def test_the_null_does_not_contain_the_random_basis_of_the_same_seed():
    assert not np.allclose(np.abs(draw_basis(4, 5, 0).T), np.abs(bases.random_orthogonal(4, 5)))


def test_no_direction_special_makes_p_uniform():
    """p is uniform on its 20 steps for isotropic clouds, measured in a fixed basis (40 = 1 + draws, two-sided)."""
    rng = np.random.default_rng(8)
    for basis, statistic, clouds in ((np.eye(5), "c4", 300), (bases.simplex(4)[:3], "s2", 100)):
        n = basis.shape[1]
        p = [
            statistics.basis_test(rng.standard_normal((60, n)), basis, statistic, draws=39, seed=cloud).p
            for cloud in range(clouds)
        ]
        steps = np.arange(1, 21) / 20
        distance = np.abs(np.searchsorted(np.sort(p), steps, side="right") / clouds - steps).max()
        assert stats.kstwobign.sf(distance * np.sqrt(clouds)) > 0.01


@pytest.mark.parametrize("statistic", ["count", "c4"])
def test_an_aligned_cloud_is_found_out(statistic):
    cloud = aligned_cloud(np.random.default_rng(1), 2000, 8)
    test = statistics.basis_test(cloud, np.eye(8), statistic, draws=99)
    assert test.p == pytest.approx(2 / 100)
    assert test.effect > 5
    assert test.draws == test.null.size == 99
    elsewhere = statistics.basis_test(cloud, bases.random_orthogonal(8, 77), statistic, draws=99)
    assert elsewhere.p > 0.05


def test_the_diagonal_is_found_out_by_s2():
    rng = np.random.default_rng(2)
    cloud = 0.3 * rng.standard_normal((500, 4))
    cloud[:, :2] += rng.standard_normal((500, 1))
    test = statistics.basis_test(cloud, np.eye(4)[:2], "s2", draws=99)
    assert test.value > 0.5
    assert test.p < 0.05


def test_the_value_is_the_panels():
    cloud = np.random.default_rng(0).standard_normal((300, 5))
    panel = statistics.panel(ppp.project(cloud, np.eye(5)).points)
    for statistic in statistics.STATISTICS:
        assert statistics.basis_test(cloud, np.eye(5), statistic, draws=1).value == pytest.approx(
            getattr(panel, statistic)
        )


def test_any_complete_orthonormal_basis_has_the_same_null():
    cloud = np.random.default_rng(0).standard_normal((300, 5))
    here, there = (
        statistics.basis_test(cloud, basis, draws=19) for basis in (np.eye(5), bases.random_orthogonal(5, 1))
    )
    assert np.array_equal(here.null, there.null)


@pytest.mark.parametrize(
    ("value", "null", "p", "effect"),
    [
        (10.0, [1.0, 2.0, 3.0], 0.5, 8 / 1.4826),
        (2.0, [1.0, 2.0, 3.0], 1.0, 0.0),
        (1.0, [1.0, 2.0, 3.0], 1.0, -1 / 1.4826),
        (0.0, [0.0, 0.0, 0.0], 1.0, 0.0),
        (1.0, [0.0, 0.0, 0.0], 0.5, np.inf),
        (-1.0, [0.0, 0.0, 0.0], 0.5, -np.inf),
    ],
)
def test_p_and_effect_from_stored_values(value, null, p, effect):
    test = statistics.test_from_null(value, null)
    assert test.p == pytest.approx(p)
    assert test.effect == pytest.approx(effect)
    assert test.draws == 3
    assert test.null.tolist() == null


def test_no_points_anywhere_is_not_evidence():
    test = statistics.basis_test(np.zeros((5, 4)), np.eye(4), draws=9)
    assert (test.value, test.p, test.effect) == (0, 1, 0)


def test_bad_arguments_are_refused_by_name():
    cloud = np.ones((3, 4))
    with pytest.raises(
        ValueError, match=r"^statistic is 'counts' \(did you mean 'count'\?\); accepted: count, c4, s2\.$"
    ):
        statistics.basis_test(cloud, np.eye(4), "counts")
    with pytest.raises(ValueError, match=r"^draws is 0; accepted: a whole number of at least 1\.$"):
        statistics.null_draws(cloud, 0, 0)
    with pytest.raises(ValueError, match=r"^epsilon is 1; accepted: a number in \[0, 1\)\.$"):
        statistics.null_draws(cloud, 1, 0, epsilon=1)
    with pytest.raises(ValueError, match=r"^variant is 'x'; accepted: combination, permutation\.$"):
        statistics.null_draws(cloud, 1, 0, variant="x")
    with pytest.raises(ValueError, match=r"^null has no values; accepted: at least one\.$"):
        statistics.test_from_null(0.0, [])
    with pytest.raises(ValueError, match=r"^value is nan; accepted: a finite number\.$"):
        statistics.test_from_null(np.nan, [1.0])
    with pytest.raises(ValueError, match=r"^null holds inf at row 0, column 1; "):
        statistics.test_from_null(0.0, [1.0, np.inf])


def test_the_peak_is_the_chance_of_a_shared_bin():
    rng = np.random.default_rng(0)
    histogram = rng.multinomial(40, rng.dirichlet(np.ones(72)))
    bins = np.repeat(np.arange(72), histogram)
    pairs = [bins[i] == bins[j] for i in range(40) for j in range(40) if i != j]
    assert statistics.peak(histogram.astype(float)) == pytest.approx(72 * np.mean(pairs))
    even = [statistics.peak(rng.multinomial(9, np.full(72, 1 / 72)).astype(float)) for _ in range(3000)]
    assert np.mean(even) == pytest.approx(1, abs=0.1), "unbiased also for few points"
    assert statistics.peak(np.eye(72)[0] * 5) == 72 and np.isnan(statistics.peak(np.eye(72)[0]))
