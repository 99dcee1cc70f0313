"""Are directions discrete? Invariance, closed forms, and an exact null."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from isoaux import bases, statistics
from isoaux.statistics import CONCENTRATIONS, direction_test
from isoaux.statistics.directions import RARE, _near, concentration, core, directions, null_concentrations, radius


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
    each = 50
    length = np.tile(np.linspace(1, 2, each), (n, 1)).ravel()[:, None]
    cloud = np.repeat(np.eye(n), each, axis=0) * length
    cloud = np.concatenate([cloud, -cloud]) @ bases.random_orthogonal(n, 0)
    value, size = concentration(cloud)
    assert size == (2 * n * each, n)
    assert value == pytest.approx((2 * n * each - 1) / (2 * each - 1), rel=1e-4)


@pytest.mark.parametrize("statistic", CONCENTRATIONS)
def test_p_is_uniform_where_a_cloud_is_gaussian(statistic):
    clouds = [gaussian(seed, 40, 4) @ np.diag([1, 2, 5, 9]) + 3 for seed in range(60)]
    p_values = [direction_test(cloud, statistic, draws=19, seed=seed).p for seed, cloud in enumerate(clouds)]
    assert statistics.uniformity(p_values, 19).p > 0.001


@pytest.mark.parametrize("statistic", ["lines", "wide_lines"])
def test_lines_in_no_basis_are_found_out(statistic):
    rng = np.random.default_rng(0)
    cloud = gaussian(1, 600, 8)
    lines = rng.standard_normal((20, 8))
    cloud[:200] = lines[rng.integers(0, 20, 200)] * rng.standard_normal((200, 1))
    test = direction_test(cloud @ rng.standard_normal((8, 8)), statistic, draws=99)
    assert test.p == 2 / 100 and test.effect < -5


def test_heavy_tails_are_not_taken_for_lines():
    p_values = []
    for seed in range(60):
        tails = np.sqrt(np.random.default_rng([seed, 1]).chisquare(2, (200, 1)))
        p_values.append(direction_test(gaussian(seed, 200, 6) / tails @ np.diag(range(1, 7)), draws=19, seed=seed).p)
    assert statistics.uniformity(p_values, 19).p > 0.001


def test_samples_are_drawn_and_flat_directions_left_out():
    cloud = gaussian(0, 500, 5)
    wide = np.column_stack([cloud, cloud[:, 0], np.full(500, 2.0)])
    assert concentration(wide)[1] == (500, 5)
    assert concentration(wide, samples=100)[1] == (100, 5)
    assert direction_test(cloud, draws=9, samples=100).value != direction_test(cloud, draws=9, samples=101).value


def padded(zeros: int, n: int = 18, samples: int = 1000) -> np.ndarray:
    cloud = gaussian(5, samples, n)
    cloud[:zeros] = 0
    return cloud


@pytest.mark.parametrize("zeros", [100, 900])
def test_samples_of_zeros_are_left_out_and_counted(zeros):
    test, without = direction_test(padded(zeros), draws=9), direction_test(padded(zeros)[zeros:], draws=9)
    assert (test.value, test.p) == (without.value, without.p) and np.array_equal(test.null, without.null)
    assert (test.given, test.zeros, test.copies, test.samples, test.width) == (1000, zeros, 0, 1000 - zeros, 18)


def test_equal_samples_count_once():
    """Also in a draw from many, as in padding that is not zero; -0 equals 0."""
    cloud = gaussian(2, 400, 6)
    cloud[0, 0] = 0
    copies = np.vstack([cloud, np.tile(cloud[7], (3000, 1)), cloud[:5] * np.where(cloud[:5] == 0, -1, 1)])
    test, without = direction_test(copies, draws=9), direction_test(cloud, draws=9)
    assert test.copies == 3005 and test.samples == 400 and test.value == without.value


@pytest.mark.parametrize(
    "copy",
    [
        lambda x: x,
        lambda x: 2 * x,
        lambda x: -1.7 * x,
        lambda x: x.astype(np.float16).astype(float),
        lambda x: x + 0.05 * gaussian(8, 1, 32)[0],
    ],
    ids=["equal", "scaled", "mirrored", "rounded", "augmented"],
)
@pytest.mark.parametrize("statistic", CONCENTRATIONS)
def test_one_repeated_sample_decides_nothing(copy, statistic):
    cloud = gaussian(0, 1000, 32)
    repeated = concentration(np.vstack([cloud, copy(cloud[3])]), statistic, samples=2000)
    assert repeated == (pytest.approx(concentration(cloud, statistic)[0], rel=1e-6), (1000, 32))


def test_a_mirrored_cloud_is_as_its_half_and_three_on_a_line_are_a_beam():
    cloud = gaussian(1, 500, 32)
    half = concentration(cloud)
    mirrored = direction_test(np.vstack([cloud, -cloud]), draws=9, samples=2000)
    assert (mirrored.value, mirrored.pairs, mirrored.samples) == (pytest.approx(half[0], rel=1e-6), 500, 500)
    beams = np.vstack([cloud, 2 * cloud[:10], 3 * cloud[:10]])
    assert concentration(beams)[0] < half[0] / 10 and concentration(beams)[1] == (520, 32)


@pytest.mark.parametrize(("n", "dtype"), [(2, np.float32), (3, np.float32), (4, np.float16), (6, np.float32)])
def test_rounded_copies_count_once(n, dtype):
    cloud = gaussian(1, 300, n)
    test, without = direction_test(np.vstack([cloud, cloud.astype(dtype)]), draws=9), direction_test(cloud, draws=9)
    assert (test.copies, test.samples) == (300, 300)
    assert test.value == pytest.approx(without.value, rel=1e-6) and np.array_equal(test.null, without.null)


def test_clouds_with_rounded_copies_are_rejected_as_often_as_is_said():
    clouds = [gaussian(seed, 100, 4) for seed in range(100)]
    p_values = [
        direction_test(np.vstack([cloud, cloud[:20].astype(np.float32)]), draws=19, seed=seed).p
        for seed, cloud in enumerate(clouds)
    ]
    assert statistics.uniformity(p_values, 19).p > 0.001


@pytest.mark.parametrize(("n", "rows"), [(18, 10), (18, 300), (4, 300)])
@pytest.mark.parametrize("place", [0, 1])
def test_padding_with_noise_counts_once(n, rows, place):
    """Near zero or elsewhere; one sample more or less of 100 changes the value by a few percent."""
    cloud = gaussian(5, 1000, n)
    rest, noise = cloud[:-rows], 1e-9 * gaussian(6, rows, n)
    test = direction_test(np.vstack([rest, place + noise]), draws=1)
    assert test.copies == rows - 1 and test.samples in (len(rest), len(rest) + 1)
    assert test.value == pytest.approx(concentration(rest)[0], rel=0.03)


@pytest.mark.parametrize("scale", [0.05, 0.01, 1e-3, 1e-8, 1e-300])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_samples_that_are_nearly_zero_have_no_direction(scale, dtype):
    cloud = gaussian(5, 1000, 18).astype(dtype)
    cloud[-10:] = cloud[-10:] * dtype(scale)
    test = direction_test(cloud, draws=19)
    assert test.samples == 990 and test.zeros + test.copies + test.central == 10
    assert test.value == pytest.approx(concentration(cloud[:-10])[0], rel=0.01)


@pytest.mark.parametrize("n", [2, 4, 18])
def test_gaussian_clouds_have_no_equal_and_no_central_samples(n):
    """Their chance, by the volume of small balls: at most a millionth each."""
    density = 1 / (2 ** (n / 2) * special.gamma(n / 2 + 1))  # of |x|^n at the centre, a bound beyond
    assert 1000 * 999 / 2 * density * (radius(1000, n) / np.sqrt(2)) ** n < 1.05 * RARE
    distance = core(1000, n) * np.sqrt(stats.chi2.median(n))
    assert 1000 * stats.chi2.cdf(distance**2, n) < 1.05 * RARE
    test = direction_test(gaussian(n, 1000, n), draws=1)
    assert test.copies == test.central == 0


@pytest.mark.parametrize(
    ("dtype", "size"), [(np.float32, 1e8), (np.float32, 1e10), (np.float64, 1e16), (np.float64, 1e300)]
)
def test_rows_beside_which_the_others_are_rounding_are_named(dtype, size, refused):
    cloud = gaussian(0, 201, 6)
    cloud[57] = size * np.arange(1, 7)
    refused(
        ["activations has row 57 of", "1 of more than 1,000 times", "in 5 of the 6"],
        direction_test,
        cloud.astype(dtype),
    )
    cloud[12] = 10 * size * np.arange(6, 0, -1)
    refused(["activations has row 12 of", "2 of more than 1,000 times"], direction_test, cloud.astype(dtype))


def test_all_kinds_of_seeds_are_seeds():
    kinds = [3, [3], np.int64(3), [3, 4]]
    nulls = [null_concentrations((50, 3), 4, seed) for seed in kinds]
    assert np.array_equal(nulls[0], nulls[1]) and np.array_equal(nulls[0], nulls[2])
    assert len({null.tobytes() for null in nulls}) == 2
    for seed in kinds:
        assert direction_test(gaussian(0, 60, 3), draws=3, samples=50, seed=seed).samples == 50


def test_gaussian_clouds_have_no_close_pair():
    """At n = 18, |cos| of a pair of 500,000 is beyond the line with probability 1e-6; the law is that of the sphere."""
    for count, n in ((1000, 18), (200, 40), (1000, 8)):
        line = _near(count, n)
        expected = 2 * integrate.quad(lambda t, n=n: np.sin(t) ** (n - 2), 0, np.arccos(line))[0]
        expected /= integrate.quad(lambda t, n=n: np.sin(t) ** (n - 2), 0, np.pi)[0]
        assert expected * count * (count - 1) / 2 == pytest.approx(RARE, rel=1e-3)
    assert _near(1000, 3) == _near(1000, 1) == np.inf


@pytest.mark.parametrize(("shift", "n"), [(1.5, 6), (1, 6), (0, 6), (0.5, 18)])
def test_what_a_relu_leaves_is_compared(shift, n):
    cloud = np.maximum(gaussian(0, 2000, n) - shift, 0)
    test = direction_test(cloud, draws=19)
    assert test.zeros == np.count_nonzero(~cloud.any(1)) and test.p == 0.1 and test.effect < 0


def test_half_of_the_samples_in_a_plane_and_twice_as_many_samples_as_directions():
    flat = gaussian(3, 1000, 6)
    flat[:500, 0] = 0
    for cloud in (flat, gaussian(0, 40, 20)):
        u = directions(cloud)
        n = u.shape[1]
        assert np.abs(n * u.T @ u / len(u) - np.eye(n)).max() < 0.01


def test_a_far_outlier_changes_little():
    cloud = gaussian(0, 1000, 6)
    far = cloud.copy()
    far[0] = 1e12 * np.arange(1, 7)
    assert concentration(far)[0] == pytest.approx(concentration(cloud)[0], rel=0.01)


@pytest.mark.parametrize("unit", [1e160, 1e-200, 1e300, 1e-300, 2.0**-1000])
def test_no_unit_changes_a_value(unit):
    assert concentration(gaussian(4) * unit)[0] == pytest.approx(concentration(gaussian(4))[0], rel=1e-6)


@pytest.mark.parametrize("condition", [1e3, 1e7, 1e11])
def test_ill_conditioned_maps_change_no_value(condition):
    left, right = (bases.random_orthogonal(18, seed) for seed in (1, 2))
    cloud = gaussian(9, 1000, 18)
    moved = cloud @ (left * np.geomspace(1, 1 / condition, 18)) @ right
    value, size = concentration(moved)
    assert size == (1000, 18) and value == pytest.approx(concentration(cloud)[0], rel=1e-3)


def test_neurons_in_other_units_change_no_value():
    cloud = gaussian(9, 1000, 18)
    for most in (150, 300):
        stretched = cloud * np.geomspace(10.0**-most, 10.0**most, 18)
        assert concentration(stretched) == (pytest.approx(concentration(cloud)[0], rel=1e-4), (1000, 18))


@pytest.mark.parametrize("single", [False, True])
def test_what_varies_by_rounding_alone_is_left_out(single):
    """Of 24 neurons 18 are independent; in single precision the others differ by its rounding, in either dtype."""
    cloud, mixing = gaussian(9, 1000, 18), gaussian(7, 18, 24)
    mixed = cloud @ mixing
    value, size = concentration(mixed.astype(np.float32).astype(float) if single else mixed)
    assert size == (1000, 18) and value == pytest.approx(concentration(cloud)[0], rel=1e-3)
    assert concentration((cloud + 1e6).astype(np.float32))[1] == (1000, 18)


def test_the_callers_error_settings_do_not_matter():
    cloud = gaussian(0, 200, 40).astype(np.float32)
    for statistic in CONCENTRATIONS:
        with np.errstate(all="raise"):
            test = direction_test(cloud, statistic, draws=3)
        assert test.value == direction_test(cloud, statistic, draws=3).value


def test_draws_depend_on_their_number_alone():
    assert np.array_equal(null_concentrations((50, 3), 9, 4)[:5], null_concentrations((50, 3), 5, 4))
    assert len(np.unique(null_concentrations((50, 3), 9, 4))) == 9


def on_a_line(count: int) -> np.ndarray:
    """A cloud of 1,000 with its centre at 0, through which goes the line that so many lie on."""
    half = gaussian(0, 500, 6)
    half[: count // 2] = np.outer(np.linspace(0.1, 1, count // 2), np.arange(1, 7))
    return np.vstack([half, -half])


@pytest.mark.parametrize(
    ("activations", "options", "words"),
    [
        (gaussian(0, 1), {}, ["activations has 1 sample"]),
        (np.ones((9, 3)), {}, ["activations holds 9 equal samples"]),
        (gaussian(0, 9), {}, ["activations has 9 samples that vary in 6 directions"]),
        (gaussian(0, 39, 20), {}, ["39 samples that vary in 20 directions"]),
        (padded(980), {}, ["1,000 samples (980 zero, 0 equal", "18 directions"]),
        (np.eye(8)[np.arange(400) % 8], {}, ["(0 zero, 392 equal to an earlier one)", "7 directions"]),
        (padded(399, samples=400), {}, ["399 zero", "in no direction"]),
        (gaussian(0, 3000, 600), {}, ["3,000 samples, of which 1,000 were drawn", "600 directions", "samples=1200"]),
        (gaussian(0, 1000, 300), {"samples": 200}, ["of which 200 were drawn", "samples=600"]),
        (on_a_line(200), {}, ["200 of 1,000 samples", "in 1 of the 6 directions", "less than 1/6"]),
        (on_a_line(600), {}, ["600 of 1,000 samples", "line, plane or larger subspace", "beyond rounding"]),
        ((gaussian(0) + 1e7).astype(np.float32), {}, ["by little of their size", "beyond rounding"]),
        (gaussian(0), {"samples": 1}, ["of which 1 were drawn that vary in no direction", "samples=12"]),
        (gaussian(0), {"samples": 2}, ["of which 2 were drawn that vary in one direction", "samples=12"]),
        (
            np.array([[1.0, 2], [3, 4]])[np.arange(100) % 2],
            {},
            ["98 equal", "in one direction", "at least two directions"],
        ),
        (gaussian(0), {"seed": -1}, ["seed is -1"]),
        (gaussian(0), {"seed": None}, ["seed is None"]),
        (gaussian(0), {"seed": 1.5}, ["seed is 1.5"]),
        (gaussian(0), {"seed": "1"}, ["seed is '1'"]),
        (gaussian(0), {"seed": True}, ["seed is True"]),
        (gaussian(0), {"seed": [[1, 2]]}, ["seed is [[1, 2]]"]),
        (gaussian(0), {"draws": 0}, ["draws is 0"]),
        (gaussian(0), {"samples": 0}, ["samples is 0"]),
        (gaussian(0), {"statistic": "line"}, ["statistic is 'line'", "did you mean 'lines'"]),
        ([[np.nan, 1.0], [2.0, 3.0]], {}, ["activations holds nan"]),
    ],
)
def test_what_cannot_be_tested_is_refused(activations, options, words, refused):
    refused(words, direction_test, activations, **options)
