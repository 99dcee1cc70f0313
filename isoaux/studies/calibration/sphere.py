r"""Tests of uniformity on the sphere, as statistics for directions have them.

They ask whether the directions u of representations are uniform on the sphere of R^n, and so reject whatever has a mean
or a covariance, discrete or not: of a basis they know nothing. With N directions and the angles t_ij between them,

    Rayleigh  N n |<u>|^2
    Bingham   N n (n + 2) / 2 (tr T^2 - 1 / n), with T = <u u^T>
    Ajne      N / 4 - sum_{i<j} t_ij / (pi N)
    Gine      4 Ajne + N / 2 - (n - 1) / (2 N) (Gamma((n - 1) / 2) / Gamma(n / 2))^2 sum_{i<j} sin t_ij  (Gine's F)
    Softmax   2 / N sum_{i<j} exp(k (cos t_ij - 1)), k = 1
    Poisson   2 / N sum_{i<j} (1 - r^2) / (1 - 2 r cos t_ij + r^2)^(n / 2), r = 1 / 2

in the form and with the tuning parameters of the R package sphunif. Kurtosis across neurons, which the literature on
privileged bases compares with that of isotropic directions, is here tested in the same way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from isoaux.common import arrays
from isoaux.statistics.nulls import test_from_null

Directions = NDArray[np.float64]
Cosines = NDArray[np.float32]

KAPPA, RHO = 1.0, 0.5
"""Concentration of the Softmax kernel and radius of the Poisson kernel."""


@dataclass(frozen=True)
class SphereTest:
    """A test of uniformity: what it is sensitive to, its source, its statistic, and the statistic's mean.

    ``words`` say what it is sensitive to; ``source`` is a key of ``book/references.bib``; ``of`` the value for
    directions (N, n) with cosines (N, N) of diagonal 0; ``expected`` its mean for N uniform directions in R^n;
    ``freedom`` the degrees of freedom of its chi-squared limit, where it has one. Large values reject, but for
    ``two_sided`` tests, which large and small ones do.
    """

    title: str
    words: str
    source: str
    of: Callable[[Directions, Cosines], float]
    expected: Callable[[int, int], float]
    freedom: Callable[[int], float] | None = None
    two_sided: bool = False


def _over_pairs(values: NDArray[np.floating], at_zero: float) -> float:
    """The sum over pairs of a function of cosines (N, N), which has the value ``at_zero`` on the diagonal."""
    return (float(values.sum(dtype=np.float64)) - len(values) * at_zero) / 2


def _rayleigh(u: Directions, _: Cosines) -> float:
    count, n = u.shape
    return float(count * n * (u.mean(0) ** 2).sum())


def _bingham(u: Directions, _: Cosines) -> float:
    count, n = u.shape
    return float(count * n * (n + 2) / 2 * (((u.T @ u / count) ** 2).sum() - 1 / n))


def _ajne(u: Directions, cosines: Cosines) -> float:
    angles = _over_pairs(np.arccos(np.clip(cosines, -1, 1)), np.pi / 2)
    return len(u) / 4 - angles / (np.pi * len(u))


def _gine(u: Directions, cosines: Cosines) -> float:
    count, n = u.shape
    sines = _over_pairs(np.sqrt(np.maximum(1 - cosines * cosines, 0)), 1.0)
    factor = (n - 1) / (2 * count) * np.exp(2 * (scipy.special.gammaln((n - 1) / 2) - scipy.special.gammaln(n / 2)))
    return float(4 * _ajne(u, cosines) + count / 2 - factor * sines)


def _softmax(u: Directions, cosines: Cosines) -> float:
    return 2 / len(u) * _over_pairs(np.exp(KAPPA * (cosines - 1)), float(np.exp(-KAPPA)))


def _softmax_mean(count: int, n: int) -> float:
    order = n / 2 - 1
    kernel = scipy.special.ive(order, KAPPA) * np.exp(scipy.special.gammaln(n / 2) + order * np.log(2 / KAPPA))
    return float((count - 1) * kernel)


def _poisson(u: Directions, cosines: Cosines) -> float:
    n = u.shape[1]
    kernel = (1 - RHO**2) * (1 + RHO**2 - 2 * RHO * cosines) ** (-n / 2)
    return 2 / len(u) * _over_pairs(kernel, (1 - RHO**2) * (1 + RHO**2) ** (-n / 2))


def _kurtosis(u: Directions, _: Cosines) -> float:
    return float(scipy.stats.kurtosis(u, axis=1, fisher=False).mean())


TESTS: Mapping[str, SphereTest] = {
    "rayleigh": SphereTest(
        "Rayleigh", "a mean direction", "mardia2000directional", _rayleigh, lambda _, n: n, freedom=lambda n: n
    ),
    "bingham": SphereTest(
        "Bingham",
        "directions along some lines more than along others: a covariance",
        "bingham1974antipodally",
        _bingham,
        lambda _, n: (n - 1) * (n + 2) / 2,
        freedom=lambda n: (n - 1) * (n + 2) / 2,
    ),
    "ajne": SphereTest(
        "Ajne", "more directions in one half than in the other", "ajne1968simple", _ajne, lambda *_: 0.25
    ),
    "gine": SphereTest("Gine", "any law that is not uniform", "gine1975invariant", _gine, lambda *_: 1.5),
    "softmax": SphereTest("Softmax kernel", "any, a mean first", "fernandez2023omnibus", _softmax, _softmax_mean),
    "poisson": SphereTest(
        "Poisson kernel", "any, close pairs first", "ding2025poisson", _poisson, lambda count, _: count - 1
    ),
    "isotropic_kurtosis": SphereTest(
        "kurtosis beside isotropic directions",
        "outlier neurons",
        "elhage2023privileged",
        _kurtosis,
        lambda _, n: 3 * (n - 1) / (n + 1),
        two_sided=True,
    ),
}
"""Tests of uniformity, by name."""


@arrays.numpy_defaults
def statistics_of(cloud: NDArray[np.float64]) -> dict[str, float]:
    """The statistics of all :data:`TESTS` for the directions of representations (N, n), without those of length 0."""
    lengths = np.linalg.norm(cloud, axis=1)
    u = cloud[lengths > 0] / lengths[lengths > 0, None]
    single = u.astype(np.float32)
    cosines = single @ single.T
    np.fill_diagonal(cosines, 0)
    return {name: test.of(u, cosines) for name, test in TESTS.items()}


def null_statistics(shape: tuple[int, int], draws: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """The statistics (draws,) of all :data:`TESTS` for uniform directions of a ``shape`` (N, n)."""
    clouds = (np.random.default_rng([seed, draw]).standard_normal(shape) for draw in range(draws))
    drawn = [statistics_of(cloud) for cloud in clouds]
    return {name: np.array([each[name] for each in drawn]) for name in TESTS}


def p_value(name: str, value: float, null: NDArray[np.float64]) -> float:
    """The p of a test of :data:`TESTS`: of the upper tail, or two-sided, of ``value`` against null values (draws,)."""
    if TESTS[name].two_sided:
        return test_from_null(value, null).p
    return (1 + int(np.count_nonzero(null >= value))) / (1 + len(null))


@arrays.numpy_defaults
def chi_squared(cloud: NDArray[np.float64], name: str) -> float:
    """The p of a test that has a chi-squared limit, for representations (N, n).

    Raises KeyError for a test that has none.
    """
    if (freedom := TESTS[name].freedom) is None:
        raise KeyError(name)
    lengths = np.linalg.norm(cloud, axis=1)
    u = cloud[lengths > 0] / lengths[lengths > 0, None]
    return float(scipy.stats.chi2.sf(TESTS[name].of(u, np.empty((0, 0), np.float32)), freedom(u.shape[1])))
