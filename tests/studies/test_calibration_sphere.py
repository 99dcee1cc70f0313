"""The field's tests of uniformity against their formulas, their null expectations, and our test of directions."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from isoaux.statistics import CONCENTRATIONS
from isoaux.studies.calibration import sphere

COUNT, N = 40, 5


def directions(seed, count=COUNT, n=N):
    cloud = np.random.default_rng(seed).standard_normal((count, n))
    return cloud / np.linalg.norm(cloud, axis=1, keepdims=True)


def mean_of(function, n):
    """The mean of a function of the cosine of two uniform directions in R^n."""
    weight = special.gamma(n / 2) / (np.sqrt(np.pi) * special.gamma((n - 1) / 2))
    return weight * integrate.quad(lambda t: function(np.cos(t)) * np.sin(t) ** (n - 2), 0, np.pi)[0]


def slowly(u):
    """Every statistic by a loop over pairs, from the formulas of the sources."""
    count, n = u.shape
    pairs = [(i, j) for i in range(count) for j in range(i)]
    angle = [np.arccos(np.clip(u[i] @ u[j], -1, 1)) for i, j in pairs]
    resultant = np.linalg.norm(u.sum(0))
    scatter = sum(np.outer(x, x) for x in u) / count
    ajne = count / 4 - sum(angle) / (np.pi * count)
    factor = (special.gamma((n - 1) / 2) / special.gamma(n / 2)) ** 2
    return {
        "rayleigh": n * resultant**2 / count,
        "bingham": n * (n + 2) * count / 2 * (np.trace(scatter @ scatter) - 1 / n),
        "ajne": ajne,
        "gine": 4 * ajne + count / 2 - (n - 1) / (2 * count) * factor * sum(np.sin(t) for t in angle),
        "softmax": 2 / count * sum(np.exp(np.cos(t) - 1) for t in angle),
        "poisson": 2 / count * sum(0.75 / (1.25 - np.cos(t)) ** (n / 2) for t in angle),
        "isotropic_kurtosis": np.mean([stats.kurtosis(x, fisher=False) for x in u]),
    }


def test_statistics_are_those_of_a_loop_over_pairs():
    u = directions(0)
    lengths = np.random.default_rng(1).uniform(0.1, 9, (COUNT, 1))
    expected = slowly(u)
    for cloud in (u, u * lengths, np.vstack([u, np.zeros((3, N))])):
        assert sphere.statistics_of(cloud) == pytest.approx(expected, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("n", [3, 18])
def test_uniform_directions_have_the_expected_statistics(n):
    null = sphere.null_statistics((60, n), 400, 0)
    for name, test in sphere.TESTS.items():
        error = null[name].std() / np.sqrt(400)
        assert null[name].mean() == pytest.approx(test.expected(60, n), abs=5 * error), name


def test_expectations_of_kernels_are_integrals():
    for n in (3, 18):
        softmax = mean_of(lambda c: np.exp(sphere.KAPPA * (c - 1)), n)
        assert sphere.TESTS["softmax"].expected(11, n) == pytest.approx(10 * softmax)
        poisson = mean_of(lambda c, n=n: 0.75 / (1.25 - c) ** (n / 2), n)
        assert sphere.TESTS["poisson"].expected(11, n) == pytest.approx(10 * poisson) == pytest.approx(10)


@pytest.mark.parametrize("name", ["rayleigh", "bingham"])
def test_limits_are_chi_squared(name):
    p = [sphere.chi_squared(directions(seed, 500, 4), name) for seed in range(200)]
    assert stats.kstest(p, "uniform").pvalue > 0.001
    assert sphere.chi_squared(directions(0, 500, 4) + [1, 0, 0, 0], "rayleigh") < 1e-10
    with pytest.raises(KeyError, match="gine"):
        sphere.chi_squared(directions(0), "gine")


@pytest.mark.parametrize("name", sphere.TESTS)
def test_they_know_of_no_basis_but_kurtosis_does(name):
    u = directions(2, 60, 6)
    turn = np.linalg.qr(np.random.default_rng(3).standard_normal((6, 6)))[0]
    same = sphere.statistics_of(u @ turn)[name] == pytest.approx(sphere.statistics_of(u)[name], rel=1e-4, abs=1e-5)
    assert same is (name != "isotropic_kurtosis")


def test_large_values_reject_and_of_kurtosis_small_ones_too():
    null = np.arange(99.0)
    assert sphere.p_value("gine", 1000, null) == 0.01 and sphere.p_value("gine", -1, null) == 1
    assert sphere.p_value("isotropic_kurtosis", 1000, null) == sphere.p_value("isotropic_kurtosis", -1, null) == 0.02


# --- what the test of directions is


def coefficients(kernel, n, orders):
    """Gegenbauer coefficients of a kernel K(cos t) on the sphere of R^n, up to positive factors."""
    values = []
    for k in orders:
        zonal = special.gegenbauer(k, n / 2 - 1)
        values.append(integrate.quad(lambda t, z=zonal: kernel(t) * z(t) * (1 - t * t) ** ((n - 3) / 2), -1, 1)[0])
    return np.array(values)


KERNELS = {"lines": lambda t: t**16, "wide_lines": lambda t: t**8, "directions": lambda t: np.exp(16 * (t - 1))}


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("n", [3, 6, 18])
def test_statistics_of_directions_are_those_of_sobolev_tests(name, n):
    """One over the mean over pairs of a kernel without negative coefficients; that of exp 16(t - 1) is Softmax."""
    u = directions(5, 50, n)
    cosines = (u @ u.T).astype(np.float32)
    np.fill_diagonal(cosines, 0)
    pairs = [float(u[i] @ u[j]) for i in range(50) for j in range(50) if i != j]
    mean = np.mean([KERNELS[name](t) for t in pairs])
    assert CONCENTRATIONS[name].of(cosines) == pytest.approx(1 / mean, rel=1e-4)
    of = coefficients(KERNELS[name], n, range(20))
    assert (of > -1e-12 * of.max()).all()
    if name != "directions":
        assert np.abs(of[1::2]).max() < 1e-12 * of.max(), "lines have no sign"


def test_softmax_of_concentration_16_is_the_statistic_directions(monkeypatch):
    u = directions(6, 50, 6)
    monkeypatch.setattr(sphere, "KAPPA", 16.0)
    cosines = (u @ u.T).astype(np.float32)
    np.fill_diagonal(cosines, 0)
    softmax = sphere.statistics_of(u)["softmax"]
    assert CONCENTRATIONS["directions"].of(cosines) == pytest.approx(49 / softmax, rel=1e-4)
