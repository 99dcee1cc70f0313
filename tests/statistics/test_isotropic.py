"""The closed form of a panel's scatter against counting, one sample and one pair of planes at a time."""

from itertools import combinations, permutations
from math import comb

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import betaln

from isoaux import bases, ppp, statistics
from isoaux.statistics import isotropic

EACH = 250
"""Panels of a simulation; a variance is then known to 9 %, the mean over equivalent bins much better."""


def slow_histograms(v: np.ndarray, epsilon: float, ordered: bool, bins: int) -> np.ndarray:
    """The angular histograms of panels (P, N, n) in the standard basis, plane by plane."""
    total = np.zeros((len(v), bins))
    for i, j in (permutations if ordered else combinations)(range(v.shape[2]), 2):
        x, y = v[..., i], v[..., j]
        kept = x**2 + y**2 > epsilon**2 * (v**2).sum(2)
        panel, _ = np.nonzero(kept)
        angle = np.degrees(np.arctan2(y[kept], x[kept])) % 360
        bin = np.floor((angle + 180 / bins) % 360 / (360 / bins)).astype(int)
        np.add.at(total, (panel, bin), 1)
    return total


@pytest.mark.parametrize(
    ("n", "epsilon", "variant"), [(6, 0.75, "combination"), (5, 0.8, "permutation"), (6, 0.5, "combination")]
)
def test_mean_and_covariance_are_those_of_a_slow_count(n, epsilon, variant):
    """Including epsilon^2 < 1/2, where planes without a common axis keep the same sample."""
    bins, samples = 8, 5_000
    panels = np.random.default_rng(0).standard_normal((samples, 50, n))
    histograms = slow_histograms(panels, epsilon, variant == "permutation", bins)
    law = isotropic.moments(50, n, epsilon, variant, bins)
    sample_covariance = np.cov(histograms.T)
    np.testing.assert_allclose(histograms.mean(0), law.mean, atol=5 * np.sqrt(np.diag(law.covariance).max() / samples))
    scale = np.diag(law.covariance).mean()
    np.testing.assert_allclose(sample_covariance / scale, law.covariance / scale, atol=6 * np.sqrt(2 / samples))
    assert law.count_sd == pytest.approx(histograms.sum(1).std(), rel=0.035)


def test_figure_4_scatters_as_the_closed_form_says():
    """n = 24, epsilon = 0.75: variance over mean 3.8 at the axes, 1 at the diagonals; in bins of 10 degrees 6.4."""
    histograms = []
    for panel in range(EACH):
        v = np.random.default_rng(panel).standard_normal((6000, 24))
        histograms.append(statistics.panel(ppp.project(v, bases.standard(24)).points).histogram)
    counts = np.array(histograms)
    law = isotropic.moments(6000, 24)
    assert counts.sum(1).mean() == pytest.approx(186.13, abs=4 * law.count_sd / np.sqrt(EACH))
    assert counts.sum(1).std() == pytest.approx(law.count_sd, rel=0.15)
    ratio = counts.var(0, ddof=1) / law.mean
    for bin in (0, 3, 9):
        equal = [bin, 36 - bin, 36 + bin, -bin, 18 - bin, 18 + bin, 54 - bin, 54 + bin]
        error = 3 * law.inflation[bin] * np.sqrt(2 / EACH / 4)
        assert ratio[equal].mean() == pytest.approx(law.inflation[bin], abs=error), bin
    assert law.inflation[[0, 9]] == pytest.approx([3.79, 1.0], abs=0.01)
    assert isotropic.moments(6000, 24, bins=36).inflation[0] == pytest.approx(6.4, abs=0.05)


def test_the_count_is_the_expected_one_and_the_ratio_does_not_depend_on_the_samples():
    few, many = isotropic.moments(100, 18), isotropic.moments(60_000, 18)
    assert many.count == pytest.approx(ppp.expected_isotropic_count(60_000, 18, 153))
    np.testing.assert_allclose(few.inflation, many.inflation, rtol=1e-12)
    assert many.count_sd / many.count == pytest.approx(few.count_sd / few.count / np.sqrt(600))


def test_ordered_planes_double_every_panel():
    once, twice = isotropic.moments(1000, 24), isotropic.moments(1000, 24, variant="permutation")
    assert (twice.count, twice.count_sd) == pytest.approx((2 * once.count, 2 * once.count_sd), rel=1e-9)
    assert twice.inflation[0] > once.inflation[0] + 1, "what the paper says of permutation-PPP"


def test_a_finer_grid_changes_nothing_that_matters(monkeypatch):
    coarse = isotropic.moments(1, 24, 0.7)
    monkeypatch.setattr(isotropic, "GRID", 2 * isotropic.GRID)
    fine = isotropic.moments.__wrapped__(1, 24, 0.7)
    np.testing.assert_allclose(coarse.inflation, fine.inflation, rtol=5e-3)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((10, 3), ["n is 3", "at least 4"]),
        ((0, 24), ["samples is 0"]),
        ((10, 24, 1.0), ["epsilon is 1.0"]),
        ((10, 24, 0.75, "both"), ["variant is 'both'", "combination"]),
        ((10, 24, 0.75, "combination", 10), ["bins is 10", "multiple of 4"]),
    ],
)
def test_what_has_no_closed_form_is_refused(refused, arguments, words):
    refused(words, isotropic.moments, *arguments)


@pytest.mark.parametrize("n", [24, 112, 400])
def test_wide_layers_keep_their_digits(n):
    """Above epsilon^2 = 1/2 only planes that share an axis keep the same sample: their tail of rho by quadrature."""
    epsilon, samples = 0.75, 50_000
    law = isotropic.moments(samples, n, epsilon)

    def beyond(t):  # of rho, by a substitution that keeps the tail's digits
        tail = quad(lambda s: (1 - (1 - t) * (1 - s)) ** 0.5 * (1 - s) ** ((n - 5) / 2), 0, 1, epsrel=1e-10)[0]
        return tail * np.exp((n - 3) / 2 * np.log1p(-t) - betaln(1.5, (n - 3) / 2))

    height = np.linspace(0, 1, 801)[:-1] + 1 / 1600
    turn = (np.arange(800) + 0.5) * np.pi / 1600
    a, along = np.meshgrid(height, turn, indexing="ij")
    largest = (1 - a**2) * np.maximum(np.cos(along) ** 2, np.sin(along) ** 2)
    needed = np.unique(np.round(epsilon**2 / (1 - largest), 3))
    tails = np.array([beyond(t) if t < 1 else 0 for t in needed])
    both = np.exp(np.interp(epsilon**2 / (1 - largest), needed, np.log(np.maximum(tails, 1e-300)))).mean()
    mean = ppp.expected_isotropic_count(1, n, comb(n, 2), epsilon)
    variance = samples * (mean + 6 * comb(n, 3) * both - mean**2)
    assert law.count_sd == pytest.approx(np.sqrt(variance), rel=0.01)
    assert law.inflation[0] > law.inflation[9]


def test_the_law_is_read_only_and_its_numbers_are_checked_every_time(refused):
    law = isotropic.moments(7, 18)
    for array in (law.mean, law.covariance):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0
    assert isotropic.moments(np.int64(7), 18).count == law.count > 0
    for wrong in (7.0, True, "7", 10**400):
        refused(["samples is ", "a whole number"], isotropic.moments, wrong, 18)
    refused(["bins is 72.0"], isotropic.moments, 7, 18, bins=72.0)
    refused(["n is 18.0"], isotropic.moments, 7, 18.0)
    refused(["epsilon is False"], isotropic.moments, 7, 18, False)
    refused(["n is 5000 at epsilon = 0.75", "a smaller n"], isotropic.moments, 7, 5000)


def test_numbers_that_no_memory_or_count_holds_are_refused(refused):
    refused(["n is '6'", "at least 4"], isotropic.moments, 7, "6")
    refused(["n is 4611686018427387904", "at most"], isotropic.moments, 10, 2**62)
    refused(["bins is 1000000000", "at most 4,096"], isotropic.moments, 7, 18, bins=10**9)
