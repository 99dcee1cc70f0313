"""The compiled meter: the points of the plain one and of a slow transcription, and sums to their rounding."""

import math
from itertools import combinations, permutations

import numpy as np
import pytest
from scipy import stats

from isoaux import bases, ppp, statistics
from isoaux.statistics import STATISTICS, compiled_meter, meters, preparation
from isoaux.statistics.compiled_meter import CompiledMeter
from isoaux.statistics.points import sector
from isoaux.statistics.tally import MOMENTS, Meter

NAMES = ("count", "c4", "s2", *(name for name in STATISTICS if name not in ("count", "c4", "s2")))
NEEDS = ("points", "near_axis", "near_diagonal", "planes", "directions", "sectors")


@pytest.fixture(autouse=True)
def blocks(monkeypatch):
    """Blocks of 64 representations in single and 32 in double precision, the fewest that there can be."""
    monkeypatch.setattr(compiled_meter, "ROW_BYTES", 256)


def cloud(kind: str, n: int, dtype: type, samples: int = 300) -> np.ndarray:
    rng = np.random.default_rng(n)
    z = rng.standard_t(3, (samples, n))
    if kind == "whole":  # many squares are equal, and some lie on the threshold
        z = rng.integers(-2, 3, (samples, n)).astype(float)
    elif kind == "crowded":
        z[:, 0] += 8
        z[::5] = 0
    elif kind == "alike":
        z = 5 + 0.05 * z
    return z.astype(dtype)


def meters_of(z, epsilon, names=NAMES, basis=None, variant="combination") -> list[Meter]:
    basis = bases.standard(z.shape[1]) if basis is None else basis
    return [kind(z, basis, epsilon, variant, names) for kind in (Meter, CompiledMeter)]


def slow(z: np.ndarray, basis: np.ndarray, epsilon: float, variant: str) -> dict[str, np.ndarray]:
    """Counts of points, one after the other, in double precision."""
    m = len(basis)
    planes = list((combinations if variant == "combination" else permutations)(range(m), 2))
    sums = {"points": 0, "near_axis": 0, "near_diagonal": 0}
    sums |= {"planes": np.zeros(len(planes)), "directions": np.zeros(2 * m), "sectors": np.zeros(72)}
    for v in z.astype(float):
        c = basis @ v
        for plane, (i, j) in enumerate(planes):
            if c[i] ** 2 + c[j] ** 2 > epsilon**2 * (v @ v):
                sine = abs(math.sin(2 * math.atan2(c[j], c[i])))
                larger = i if abs(c[i]) >= abs(c[j]) else j
                sums["points"] += 1
                sums["near_axis"] += sine <= math.sin(math.radians(20))
                sums["near_diagonal"] += sine >= math.cos(math.radians(20))
                sums["planes"][plane] += 1
                sums["directions"][2 * larger + (c[larger] > 0)] += 1
                sums["sectors"][int(sector(c[i], c[j]))] += 1
    return sums


@pytest.mark.parametrize("variant", ["combination", "permutation"])
@pytest.mark.parametrize(("n", "epsilon"), [(2, 0.9), (3, 0.5), (7, 0.75), (7, 0), (12, 0.6)])
def test_points_are_those_of_a_slow_transcription(n, epsilon, variant):
    turned = np.stack([bases.random_orthogonal(n, seed) for seed in range(2)])
    for kind in ("plain", "crowded"):
        z = cloud(kind, n, np.float64, 100)
        for each in meters_of(z, epsilon, variant=variant):
            tally = each.tally(turned)
            for draw, basis in enumerate(turned):
                for need, count in slow(z, basis, epsilon, variant).items():
                    np.testing.assert_array_equal(tally[need][draw], count, err_msg=f"{need}, {type(each).__name__}")


@pytest.mark.parametrize("epsilon", [0, 0.5, np.sqrt(0.5), 0.75, 0.9])
@pytest.mark.parametrize("n", [2, 3, 7, 33])
@pytest.mark.parametrize("kind", ["plain", "whole", "crowded"])
def test_counts_are_those_of_the_plain_meter_to_the_last_point(kind, n, epsilon):
    """On axes, where squares are equal and on the threshold, and in random bases; few rows of a basis, too."""
    for dtype in (np.float32, np.float64):
        z = cloud(kind, n, dtype)
        for basis in (bases.standard(n), bases.random_orthogonal(n, 1), bases.standard(n)[: n // 2 + 1]):
            plain, fast = meters_of(z, epsilon, basis=basis)
            slowly, quickly = (each.tally(basis[None]) for each in (plain, fast))
            for need in NEEDS if dtype is np.float64 or len(basis) < n else ("points", "planes"):
                np.testing.assert_array_equal(quickly[need], slowly[need], err_msg=need)
            assert fast.seen == plain.seen == len(ppp.project(z, basis, epsilon).points)


def test_the_rounding_of_a_product_in_single_precision_decides_about_no_point():
    """Representations turned so that their coordinates are on the threshold but for a few units of rounding."""
    n, epsilon, rng = 18, 0.75, np.random.default_rng(0)
    basis = bases.random_orthogonal(n, 0)
    angles = rng.uniform(0, 2 * np.pi, 2000)
    rest = rng.standard_normal((2000, n - 2))
    rest *= np.sqrt(1 - epsilon**2) / np.linalg.norm(rest, axis=1)[:, None]
    near = np.column_stack([epsilon * np.cos(angles), epsilon * np.sin(angles), rest]) @ basis
    z = near.astype(np.float32)
    single = basis.astype(np.float32).astype(float)
    coordinates = (z.astype(float) @ single.T).astype(np.float32)
    limit = np.float32(epsilon**2) * ppp.Cloud.of(z).totals
    expected = sum(
        np.count_nonzero(coordinates[:, i] ** 2 + coordinates[:, j] ** 2 > limit) for i, j in combinations(range(n), 2)
    )
    rounded = ppp.Cloud.of(z).coordinates(basis)
    assert expected != sum(
        np.count_nonzero(rounded[i] ** 2 + rounded[j] ** 2 > limit) for i, j in combinations(range(n), 2)
    )
    assert len(ppp.project(z, basis, epsilon).points) == expected
    for each in meters_of(z, epsilon, ("count",)):
        assert each(np.stack([basis, basis]))["count"].tolist() == [expected, expected]


@pytest.mark.parametrize("variant", ["combination", "permutation"])
@pytest.mark.parametrize("kind", ["plain", "crowded", "alike"])
@pytest.mark.parametrize("n", [2, 3, 6])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_statistics_are_those_of_the_plain_meter(dtype, n, kind, variant):
    turned = np.stack([bases.standard(n), *(bases.random_orthogonal(n, seed) for seed in range(2))])
    for names in (NAMES, MOMENTS[:4], ("neuron_kurtosis", "sixth"), ("count", "quartimax"), ("axis_share",)):
        plain, fast = (each(turned) for each in meters_of(cloud(kind, n, dtype), 0.7, names, variant=variant))
        assert plain.keys() == fast.keys() == set(names)
        for name in names:
            near = {np.float64: 1e-12, np.float32: 1e-3 if kind == "alike" else 1e-5}[dtype]
            np.testing.assert_allclose(fast[name], plain[name], rtol=near, atol=near / 100, err_msg=name)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_product_serves_centred_representations_too(dtype):
    """Also where some are at the mean, and so have no direction once it is subtracted."""
    near = np.random.default_rng(0).integers(-3, 4, (120, 6))
    z = (np.vstack([near, -near, np.zeros((5, 6))]) + 2).astype(dtype)
    centred, turned = preparation.prepared(z, "centred"), np.stack([np.eye(6), bases.random_orthogonal(6, 0)])
    meter = CompiledMeter(z, np.eye(6), 0.7, "combination", NAMES, centred)
    raw, beside = meter.with_centred(turned)
    alone = CompiledMeter(centred, np.eye(6), 0.7, "combination", MOMENTS[:4])(turned)
    assert meter.shares and beside.keys() == alone.keys()
    for name, values in meter(turned).items():
        np.testing.assert_array_equal(raw[name], values)
    for name, values in alone.items():
        np.testing.assert_allclose(beside[name], values, rtol={np.float32: 1e-5, np.float64: 1e-12}[dtype])


def test_representations_far_from_the_origin_are_centred_before_the_product():
    for length, shared in ((1, True), (100, False)):
        z = np.random.default_rng(0).standard_normal((200, 4)) + [length, 0, 0, 0]
        assert (
            CompiledMeter(z, np.eye(4), 0.7, "combination", NAMES, preparation.prepared(z, "centred")).shares == shared
        )


def test_other_bases_and_scales_are_measured_as_well():
    """Bases that are not orthonormal, wide layers, and numbers whose squares leave the range of their dtype."""
    oblique, wide = bases.simplex(5), np.random.default_rng(0).standard_normal((40, 300))
    small = cloud("plain", 5, np.float64)
    small[::2] *= 1e-200
    turned = np.stack([oblique, oblique @ bases.random_orthogonal(5, 0).T])
    square = [name for name in NAMES if not STATISTICS[name].square]
    for z, several, names in (
        (cloud("plain", 5, np.float32), turned, square),
        (wide, np.eye(300)[None], NAMES),
        (small, np.eye(5)[None], NAMES),
        (small, np.eye(5)[None], NAMES[:3]),
    ):
        plain, fast = (each(several) for each in meters_of(z, 0.2, names, several[0]))
        for name in names:
            np.testing.assert_allclose(fast[name], plain[name], rtol=1e-9, atol=1e-12, err_msg=name)


def neurons(z: np.ndarray, turned: np.ndarray) -> np.ndarray:
    return CompiledMeter(z, turned[0], 0.7, "combination", ("neuron_kurtosis",)).tally(turned)["neurons"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_kurtosis_of_neurons_is_that_of_scipy(dtype):
    """Also of one of tiny variance beside others a million times larger, and in random bases."""
    z = (np.random.default_rng(0).exponential(1, (4000, 4)) * [1, 1e-6, 1e-3, 1]).astype(dtype)
    turned = np.stack([np.eye(4), bases.random_orthogonal(4, 0)])
    expected = [stats.kurtosis(z.astype(float) @ basis.T, axis=0, fisher=False) for basis in turned]
    np.testing.assert_allclose(neurons(z, turned), expected, rtol={np.float32: 1e-5, np.float64: 1e-10}[dtype])


def test_neurons_that_never_change_have_no_kurtosis():
    z = cloud("plain", 5, np.float32)
    z[:, 2] = 3.7
    for rows in (z, preparation.prepared(z, "centred"), preparation.prepared(z, "whitened")):
        expected = [stats.kurtosis(y.astype(float), fisher=False) if np.ptp(y) > 1e-5 else 0 for y in rows.T]
        np.testing.assert_allclose(neurons(rows, np.eye(5)[None])[0], expected, rtol=1e-5)


def test_samples_without_direction_are_left_out():
    z = cloud("crowded", 5, np.float32)
    assert meters_of(z, 0.7)[1].tally(bases.standard(5)[None]).samples == np.count_nonzero(z.any(1))


def test_a_basis_test_is_the_same_with_and_without_numba(monkeypatch):
    """Which meter measures depends on how much there is to measure, and on what is installed."""
    z, tests = cloud("plain", 6, np.float64), []
    for enough, installed in ((0, True), (0, False), (2**60, True)):
        monkeypatch.setattr(meters, "ENOUGH", enough)
        monkeypatch.setattr(meters.importlib.util, "find_spec", lambda name, is_there=installed: is_there or None)
        kind = type(meters.meter(z, np.eye(6), 0.7, "combination", NAMES, 20))
        assert (kind is CompiledMeter) == (not enough and installed)
        tests.append(statistics.basis_tests(z, np.eye(6), NAMES, 20, epsilon=0.7))
    for name in NAMES:
        for test in tests[1:]:
            assert test[name].p == tests[0][name].p
            np.testing.assert_allclose(test[name].null, tests[0][name].null, rtol=1e-12, atol=1e-14)
