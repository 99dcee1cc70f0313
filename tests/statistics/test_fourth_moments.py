"""Moments of coordinates against SciPy, sample by sample."""

import numpy as np
import pytest
from scipy import stats

from isoaux import bases, ppp
from isoaux.statistics import moments

NEEDS = (*moments.OF_SAMPLES, *moments.OF_NEURONS)


def cloud(kind: str, dtype: type = np.float64, samples: int = 300) -> np.ndarray:
    rng = np.random.default_rng(4)
    z = rng.normal(0, 1, (samples, 6)) * np.linspace(0.2, 3, 6)
    if kind == "skewed":
        z = rng.exponential(1, (samples, 6)) @ rng.normal(0, 1, (6, 6)) + 2
    elif kind == "nearly equal":  # deviations across neurons are far smaller than their mean
        z = 5 + 0.01 * rng.standard_t(5, (samples, 6))
    elif kind == "with zeros":
        z[::7] = 0
        z[3] = 4  # all neurons equal: no kurtosis across them
    return z.astype(dtype)


def turned(m: int = 6) -> np.ndarray:
    basis = bases.simplex(6) if m == 7 else bases.standard(6)
    return np.stack([basis, *(basis @ bases.random_orthogonal(6, seed).T for seed in range(2))])


def slow(z: np.ndarray, basis: np.ndarray) -> dict[str, float]:
    """One sample after the other."""
    z = z.astype(float)
    fourth, sixth, across = [], [], []
    for v in z[np.linalg.norm(z, axis=1) > 0]:
        u = basis @ (v / np.linalg.norm(v))
        fourth.append(sum(u**4))
        sixth.append(sum(u**6))
        across.append(np.mean((u - u.mean()) ** 4) / np.var(u) ** 2 if np.ptp(u) > 1e-12 else 0)
    neurons = stats.kurtosis(z @ basis.T, axis=0, fisher=False)
    sums = {"fourth": sum(fourth), "sixth": sum(sixth), "across": sum(across), "across_largest": max(across)}
    return sums | {"neurons": neurons}


@pytest.mark.parametrize("m", [6, 7], ids=["orthonormal", "simplex"])
@pytest.mark.parametrize("kind", ["plain", "skewed", "nearly equal", "with zeros"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_moments_are_those_of_scipy(kind, dtype, m, monkeypatch):
    monkeypatch.setattr(moments, "BLOCK", 6)  # blocks of 256 samples, the last one short
    z, near = cloud(kind, dtype), {np.float32: 2e-5, np.float64: 1e-9}[dtype]
    if dtype == np.float32 and kind == "nearly equal":
        near = 2e-2  # that single precision leaves of deviations of a 500th
    own = ppp.Cloud.of(z)
    several = turned(m)
    stacked = np.concatenate([own.coordinates(basis) for basis in several], axis=1)
    for found in (
        moments.of_cloud(own, several, NEEDS),
        moments.of_coordinates(stacked, own, len(several), NEEDS),
    ):
        for place, basis in enumerate(several):
            for name, value in slow(z, basis).items():
                np.testing.assert_allclose(found[name][place], value, rtol=near, err_msg=name)


def test_what_is_not_needed_is_not_there():
    own = ppp.Cloud.of(cloud("plain"))
    for needs in (("fourth",), ("sixth", "neurons"), ("across_largest",), ()):
        assert set(moments.of_cloud(own, turned(), needs)) == set(needs)
        assert set(moments.of_coordinates(own.coordinates(bases.standard(6)), own, 1, needs)) == set(needs)


@pytest.mark.parametrize(("n", "kurtosis"), [(2, 1), (3, 1.5)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_kurtosis_of_two_and_of_three_numbers_is_one_number(n, kurtosis, dtype):
    """In every basis to a few units of rounding, so that it is no evidence for one."""
    z = np.random.default_rng(0).normal(0.3, 1, (400, n)).astype(dtype)
    several = np.stack([bases.random_orthogonal(n, seed) for seed in range(20)])
    found = moments.of_cloud(ppp.Cloud.of(z), several, ("across", "across_largest"))
    np.testing.assert_allclose(found["across"] / 400, kurtosis, rtol=8 * np.finfo(dtype).eps)
    if n == 2:
        np.testing.assert_allclose(found["across_largest"], kurtosis, rtol=8 * np.finfo(dtype).eps)


def test_directions_on_axes_have_quartimax_1():
    on_axes = np.eye(6)[np.random.default_rng(1).integers(0, 6, 100)] * 3
    found = moments.of_cloud(ppp.Cloud.of(on_axes), bases.standard(6)[None], NEEDS)
    assert found["fourth"] == found["sixth"] == 100
