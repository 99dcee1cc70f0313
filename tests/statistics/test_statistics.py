"""Panel statistics and the test against random bases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from isoaux import bases, density, ppp, srm, statistics
from isoaux.statistics import isotropic, tally

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


def moments(cloud, basis):
    """Every statistic that needs no points, one representation and one neuron at a time."""
    coordinates = cloud @ basis.T
    u = [y / np.linalg.norm(v) for v, y in zip(cloud, coordinates, strict=True)]
    across = [stats.kurtosis(y, fisher=False) for y in coordinates]
    neurons = [stats.kurtosis(y, fisher=False) for y in coordinates.T]
    return {
        "quartimax": np.mean([sum(x**4 for x in one) for one in u]),
        "sixth": np.mean([sum(x**6 for x in one) for one in u]),
        "kurtosis": np.mean(across),
        "kurtosis_largest": max(across),
        "neuron_kurtosis": np.mean(neurons),
        "neuron_kurtosis_largest": max(neurons),
    }


def slowly(cloud, basis, epsilon, variant):
    """Every statistic from the points of one basis, one point at a time."""
    kept = ppp.project(cloud, basis, epsilon, variant)
    angles = [np.degrees(np.arctan2(y, x)) for x, y in kept.points]
    to_axis = [abs((angle + 45) % 90 - 45) for angle in angles]
    nearest = []
    for sample, plane in zip(kept.sample, kept.plane, strict=True):
        sides = [(abs(cloud[sample] @ basis[row]), row, cloud[sample] @ basis[row] > 0) for row in kept.planes[plane]]
        nearest.append(max(sides)[1:])
    count, planes = len(angles), list(kept.plane)
    pairs = sum(a == b for i, a in enumerate(planes) for b in planes[:i])
    return {
        "count": count,
        "c4": np.mean(np.cos(np.radians(4 * np.array(angles)))),
        "s2": np.mean(np.sin(np.radians(2 * np.array(angles)))),
        "axis_share": np.mean([d <= 10 for d in to_axis]),
        "diagonal_share": np.mean([d >= 35 for d in to_axis]),
        "plane_gathering": len(kept.planes) * pairs / (count * (count - 1) / 2),
        "plane_share": max(map(planes.count, planes)) / count,
        "direction_share": max(map(nearest.count, nearest)) / count,
        "angular_peak": max(np.bincount([round(a / 5) % 72 for a in angles])) / (count / 72),
        **moments(cloud, basis),
    }


@pytest.mark.parametrize("variant", sorted(bases.VARIANTS))
@pytest.mark.parametrize("basis", [bases.simplex(5), np.eye(5)[:3], np.eye(5)], ids=["simplex", "few", "complete"])
def test_every_statistic_agrees_with_its_words(variant, basis):
    rng = np.random.default_rng(3)
    cloud = rng.standard_normal((150, 5)) * [1, 2, 1, 0.5, 1] + [0.3, 0, 0, 0, 1]
    asked = [name for name, about in statistics.STATISTICS.items() if len(basis) < 6 or not about.square]
    tests = statistics.basis_tests(cloud, basis, tuple(asked), 6, 11, 0.7, variant)
    expected = slowly(cloud, basis, 0.7, variant)
    assert {name: test.value for name, test in tests.items()} == pytest.approx({name: expected[name] for name in asked})
    for draw in range(6):
        rotated = slowly(cloud, basis @ draw_basis(5, 11, draw), 0.7, variant)
        assert {name: test.null[draw] for name, test in tests.items()} == pytest.approx({n: rotated[n] for n in asked})


def test_many_bases_at_once_are_measured_as_one_by_one(monkeypatch):
    cloud = np.random.default_rng(0).standard_normal((90, 5)).astype(np.float32)
    many = statistics.basis_tests(cloud, np.eye(5), draws=30)
    monkeypatch.setattr(tally, "COLUMNS", 90)
    for name, test in statistics.basis_tests(cloud, np.eye(5), draws=30).items():
        assert test.null == pytest.approx(many[name].null, abs=1e-6)
        assert test.p == statistics.basis_test(cloud, np.eye(5), name, draws=30).p


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
    assert tuple(few) == tuple(statistics.RECORDED)
    for name in few:
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


def near(rng, statistic):
    """A direction in R^8 of the kind that a statistic is about."""
    i, j = rng.permutation(8)[:2]
    direction = np.zeros(8)
    if statistic == "axis_share":
        direction[i] = rng.choice([-1, 1])
    elif statistic == "diagonal_share":
        direction[[i, j]] = rng.choice([-1, 1], 2)
    elif statistic == "angular_peak":
        direction[[i, j]] = -1
    elif statistic == "direction_share":
        direction[3] = -1
    else:
        direction[[2, 6]] = rng.choice([-1, 1], 2)
    return direction / np.linalg.norm(direction)


@pytest.mark.parametrize(
    "statistic",
    ["axis_share", "diagonal_share", "plane_gathering", "plane_share", "direction_share", "angular_peak"],
)
def test_what_a_statistic_is_about_is_found_out(statistic):
    """A Gaussian cloud, a fifth of which lies close to directions of one kind."""
    rng = np.random.default_rng(5)
    cloud = rng.standard_normal((2000, 8))
    cloud[:400] = 3 * np.array([near(rng, statistic) for _ in range(400)]) + 0.1 * cloud[:400]
    test = statistics.basis_test(cloud, np.eye(8), statistic, draws=99, epsilon=0.9)
    assert test.p == pytest.approx(2 / 100) and test.value > test.null.max()


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


@pytest.mark.parametrize("statistic", [name for name in statistics.STATISTICS if name not in statistics.MOMENTS])
def test_no_points_anywhere_is_not_evidence(statistic):
    cloud = np.random.default_rng(0).standard_normal((5, 9))
    with pytest.warns(
        RuntimeWarning, match="no representation is near a plane at epsilon = 0.999, in this basis or in 9"
    ):
        test = statistics.basis_test(cloud, np.eye(9), statistic, draws=9, epsilon=0.999)
    assert (test.value, test.p, test.effect) == (0, 1, 0)
    assert not test.null.any()


@pytest.mark.parametrize("test", [statistics.basis_test, statistics.basis_tests])
def test_a_reader_is_told_at_which_epsilon_there_would_be_points(test):
    """In a wide layer nothing is near a plane at 0.75; at the value that is named there are as many as it says."""
    cloud = np.random.default_rng(0).standard_normal((300, 128)).astype(np.float32)
    with pytest.warns(RuntimeWarning, match="tests of points say nothing; at epsilon = .* about .* points") as caught:
        test(cloud, np.eye(128), "count", draws=2)
    assert caught[0].filename == __file__
    words = str(caught[0].message)
    epsilon = float(words.partition("; at epsilon = ")[2].split()[0])
    promised = int(words.partition(" about ")[2].split()[0].replace(",", ""))
    assert statistics.basis_test(cloud, np.eye(128), "count", draws=2, epsilon=epsilon).value == pytest.approx(
        promised, rel=0.25
    )
    assert statistics.basis_test(cloud, np.eye(128), draws=2).value > 0, "quartimax needs no epsilon"


ANYWHERE = {
    "project": lambda z, basis: ppp.project(z, basis, 0.6).sample,
    "spotlight": lambda z, basis: srm.spotlight(z, basis, 0.6),
    "basis_test": lambda z, basis: statistics.basis_test(z, basis, "count", 9, epsilon=0.6).null,
    "moments": lambda z, basis: [t.null for t in statistics.basis_tests(z, basis, statistics.MOMENTS, 9).values()],
    "whitened": lambda z, basis: statistics.basis_test(z, basis, draws=9, prepare="whitened").null,
    "centred": lambda z, basis: statistics.null_draws(z, 3, 0, 0.6, basis=basis, prepare="centred")["c4"],
    "null_draws": lambda z, basis: statistics.null_draws(z, 3, 0, 0.6, basis=basis)["count"],
    "panel": lambda z, basis: statistics.panel(z[:, :2]).histogram,
    "sin_2t": lambda z, basis: statistics.sin_2t(*z[:, :2].T),
    "render_all": lambda z, basis: density.render_all([z[:, :2]], 40, 0.05)[0],
}
"""Public functions of representations whose answers do not depend on the unit."""


@pytest.mark.parametrize("name", ANYWHERE)
@pytest.mark.parametrize("basis", [np.eye(5), bases.simplex(5)], ids=["standard", "simplex"])
@pytest.mark.parametrize(
    ("dtype", "scales"),
    [(np.float64, [1e-310, 1e-300, 1e-170, 1e-150, 1e155, 1e300]), (np.float32, [1e-40, 1e-30, 1e-20, 1e20, 1e37])],
)
def test_units_and_the_readers_session_do_not_matter(name, basis, dtype, scales):
    """numpy.seterr(all="raise") is what some readers have set; denormal numbers keep five digits or more here."""
    z = np.random.default_rng(3).standard_normal((60, 5)).astype(dtype)
    z[0] = 0
    expected = ANYWHERE[name](z, basis)
    for scale in scales:
        scaled = (z.astype(np.float64) * scale).astype(dtype)
        with np.errstate(all="raise"):
            np.testing.assert_allclose(ANYWHERE[name](scaled, basis), expected, rtol=0, atol=2e-4)


def test_closed_forms_do_not_depend_on_the_readers_session():
    with np.errstate(all="raise"):
        assert srm.expected(100_000) == 0 == ppp.expected_isotropic_count(10, 10**6, 5)
        assert statistics.test_from_null(1e-320, [0.0, 1e-320, 3e-320]).p == 1
        assert statistics.test_from_null(1.7e308, [-1.7e308, 0, 1e308]).effect == pytest.approx(1.7 / 1.4826)
        assert np.isnan(statistics.peak(np.zeros(72)))
        assert isotropic.moments(1, 1500).inflation.max() > 1


def test_one_point_shares_a_plane_with_nobody():
    cloud = np.eye(4)[:2] @ np.array([[1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0.0]])
    names = ("count", "plane_gathering", "plane_share")
    tests = statistics.basis_tests(cloud, np.eye(4), names, draws=1)
    assert {name: tests[name].value for name in names} == {
        "count": 1,
        "plane_gathering": 0,
        "plane_share": 1,
    }


def test_ties_are_extreme():
    """A value equal to every null value is no evidence, and one that is tied with half of them counts them all."""
    assert statistics.test_from_null(3.0, [3.0] * 99).p == 1
    assert statistics.test_from_null(3.0, [3.0] * 2 + [1.0] * 97).p == pytest.approx(2 * 3 / 100)


def test_what_cannot_be_tested_is_refused(refused):
    cloud = np.random.default_rng(0).standard_normal((9, 4))
    refused(["activations has 1 sample", "at least 2"], statistics.basis_test, cloud[:1], np.eye(4))
    refused(["activations has 0 samples"], statistics.basis_test, cloud[:0], np.eye(4))
    refused(["activations holds 9 equal samples"], statistics.basis_test, np.ones((9, 4)), np.eye(4))
    refused(["draws is 0", "at least 1"], statistics.basis_test, cloud, np.eye(4), draws=0)
    refused(["basis has row 0 of length 2"], statistics.basis_test, cloud, 2 * np.eye(4))
    skew = np.array([[1, 0, 0, 0], [0.6, 0.8, 0, 0]])
    assert statistics.basis_test(cloud, skew, draws=1).draws == 1
    for name in ("axis_share", "diagonal_share"):
        refused(
            ["basis has rows that are not orthogonal, by up to 0.6", name], statistics.basis_test, cloud, skew, name
        )


def test_bad_arguments_are_refused_by_name():
    cloud = np.arange(12.0).reshape(3, 4)
    with pytest.raises(
        ValueError, match=r"^statistic is 'counts' \(did you mean 'count'\?\); accepted: quartimax, count, c4, s2, "
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
    with pytest.raises(ValueError, match=r"^null holds inf at place 1; "):
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


def test_the_peak_takes_counts_of_any_kind(refused):
    """1 for an even spread, however many points there are and however small their integers."""
    for dtype, each in ((np.int8, 100), (np.int32, 10**5), (np.int64, 2**40), (np.float64, 1e90)):
        even = statistics.peak(np.full(72, each, dtype))
        assert even == pytest.approx(72 * (each - 1) / (72 * float(each) - 1), rel=1e-12)
    assert statistics.peak([5, *[0] * 71]) == 72
    assert statistics.peak(np.zeros((0, 72))).shape == (0,)
    refused(["histogram has shape (71,)", "72 bins"], statistics.peak, np.ones(71))
    refused(["histogram holds -1 to 0", "counts from 0"], statistics.peak, -np.eye(72, dtype=int)[0])
    refused(["histogram holds 0 to 1e+200"], statistics.peak, 1e200 * np.eye(72)[0])
    refused(["histogram has a mask"], statistics.peak, np.ma.masked_less(np.arange(72), 1))


def test_stored_null_values_are_a_list_of_numbers(refused):
    refused(["null has shape (2, 3)", "a list of numbers"], statistics.test_from_null, 5.0, [[1, 2, 3], [9, 9, 9]])
    refused(["null has shape ()"], statistics.test_from_null, 5.0, 3.0)
    refused(["null has a mask that hides 1 of 2"], statistics.test_from_null, 5.0, np.ma.masked_array([1.0, 2], [0, 1]))
    for bad in ("5", True, None, [5.0], np.inf):
        refused(["value is ", "a finite number"], statistics.test_from_null, bad, [1.0])
    stored = np.arange(3.0)
    statistics.test_from_null(1.0, stored).null[:] = 9
    assert stored.tolist() == [0, 1, 2]


def test_coordinates_of_points_are_checked(refused):
    small = np.array([-128, 1], np.int8)
    assert statistics.sin_2t(small, small[::-1] * 0 + small).tolist() == [1, 1]
    refused(["x has shape (1,) and y (2,)"], statistics.sin_2t, [1.0], [1.0, 2.0])
    refused(["y holds nan at place 0"], statistics.sin_2t, [1.0], [np.nan])


def test_masked_representations_are_refused(refused):
    cloud = np.ma.masked_array(np.random.default_rng(0).standard_normal((20, 4)))
    assert statistics.basis_test(cloud, np.eye(4), draws=3).draws == 3
    cloud[3, 2] = np.ma.masked
    for call in (ppp.project, srm.spotlight, statistics.basis_test):
        refused(["activations has a mask that hides 1 of 80 numbers"], call, cloud, np.eye(4))
    refused(["activations has a mask"], statistics.null_draws, cloud, 3, 0)


def test_names_of_statistics_are_any_iterable_and_none_is_refused(refused):
    rows, basis = np.random.default_rng(0).standard_normal((60, 3)), np.eye(3)
    expected = statistics.basis_tests(rows, basis, ("count", "c4"), draws=3)
    for names in (["count", "c4"], (name for name in ("count", "c4")), {"count": 1, "c4": 2}):
        given = statistics.basis_tests(rows, basis, names, draws=3)
        assert {name: test.value for name, test in given.items()} == {n: t.value for n, t in expected.items()}
    assert list(statistics.basis_tests(rows, basis, "count", draws=3)) == ["count"]
    for names in ([], (), iter(()), None, 5, np.array(3)):
        refused(["names is ", "at least one of quartimax, count"], statistics.basis_tests, rows, basis, names)
    refused(["names is 'cuont'", "'count'"], statistics.basis_tests, rows, basis, ("c4", "cuont"))


def test_settings_that_are_arrays_or_beyond_bounds_are_named_in_one_line(refused):
    rows, basis = np.random.default_rng(0).standard_normal((60, 6)), np.eye(6)
    for bad in (rows, "x" * 100_000, 10**5000, [10**5000]):
        message = refused(["statistic is "], statistics.basis_test, rows, basis, bad)
        assert len(message) < 400
    refused(["draws is 1000000000000", "at most 10,000,000"], statistics.basis_test, rows, basis, draws=10**12)
    refused(["draws is 1000000000000", "at most"], statistics.null_draws, rows, 10**12, 0)


@pytest.mark.parametrize("basis", [np.empty((0, 3)), np.eye(3)[:1], np.array([[1.0, 0, 0], [-1, 0, 0]])])
def test_a_basis_without_a_plane_is_said_to_have_none(basis):
    rows = np.random.default_rng(0).standard_normal((60, 3))
    with pytest.warns(RuntimeWarning, match="^basis has no two rows that span a plane"):
        assert statistics.basis_test(rows, basis, "count", draws=3).p == 1
    tests = statistics.basis_tests(rows, basis, statistics.MOMENTS, draws=3)
    assert all(np.isfinite(test.value) for test in tests.values())
