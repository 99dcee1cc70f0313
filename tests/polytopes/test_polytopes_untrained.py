"""Closed forms of random networks against wide random networks, and rays."""

import numpy as np
import pytest
from random_nets import LEAKS, random_net
from scipy import stats

from isoaux.polytopes import Net, codes, scaling, untrained
from isoaux.polytopes.codes import hamming


@pytest.mark.parametrize("leak", LEAKS)
def test_without_biases_rays_cross_nothing_at_any_depth(leak: float) -> None:
    net = random_net((10, 30, 30, 30, 4), 0, leak, bias=0.0)
    h = np.random.default_rng(1).standard_normal((50, 10))
    assert not len(scaling.crossings(net, h).alpha)
    assert not len(scaling.class_changes(net, h).alpha)
    assert (codes(net, h) == codes(net, 1e-3 * h)).all()
    assert len(scaling.crossings(random_net((10, 30, 30, 30, 4), 0, leak), h).alpha) > 500


def test_crossings_of_one_gaussian_layer_are_half_cauchy() -> None:
    neurons, layers, weight_sd, bias_sd = 200, 100, 0.7, 0.4
    h, alpha = np.array([[1.0, 2.0, -2.0]]), []
    for seed in range(layers):
        rng = np.random.default_rng(seed)
        layer = (weight_sd * rng.standard_normal((neurons, 3)), bias_sd * rng.standard_normal(neurons))
        alpha.append(scaling.crossings(Net([layer, (np.ones((2, neurons)), np.zeros(2))]), h).alpha)
    rays = scaling.Rays(np.zeros(sum(map(len, alpha)), dtype=int), np.sort(np.concatenate(alpha)), np.array([3.0]))
    scale, every = bias_sd / (weight_sd * 3), neurons * layers
    below = untrained.crossings_below([scale, scaling.LARGEST, 1e9], every, weight_sd, bias_sd, 3.0)
    np.testing.assert_allclose(below[[0, 2]], [every / 4, every / 2], rtol=1e-6)
    assert abs(len(rays.alpha) - below[1]) < 4 * np.sqrt(every / 4)
    cut = stats.halfcauchy(scale=scale).cdf(scaling.LARGEST)
    assert stats.kstest(rays.alpha, lambda a: stats.halfcauchy(scale=scale).cdf(a) / cut).pvalue > 0.01
    dense = scaling.profile(rays, np.linspace(0, 4 * scale, 9))[0]
    assert (np.diff(dense) < 0).all(), "per unit of alpha the density falls from the origin on"
    edges = scale * np.geomspace(1e-2, 1e2, 10)
    by_log = scaling.profile(rays, edges)[0] * np.diff(edges)
    assert edges[by_log.argmax()] < scale < edges[by_log.argmax() + 1], "per unit of log alpha it peaks at the scale"


@pytest.mark.parametrize("leak", [0.0, 0.2])
def test_the_share_of_differing_bits_follows_from_the_angle(leak: float) -> None:
    width = 1500
    net = random_net((20, width, width, width, 2), 3, leak, bias=0.0)
    rng = np.random.default_rng(4)
    x = rng.standard_normal((12, 20)) + rng.standard_normal(20)
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    first, second = np.triu_indices(12, 1)
    theta = np.arccos((unit[first] * unit[second]).sum(axis=1))
    expected = untrained.differing_bits(theta, 3, leak)
    bits = codes(net, x)
    shares = np.stack([hamming(bits[:, k * width : (k + 1) * width]) / width for k in range(3)], axis=-1)
    np.testing.assert_allclose(expected[:, 0], theta / np.pi, rtol=1e-12)
    np.testing.assert_allclose(shares, expected, atol=0.05)
    np.testing.assert_allclose(shares.mean(axis=0), expected.mean(axis=0), atol=0.02)
    assert all(np.corrcoef(shares[:, k], expected[:, k])[0, 1] > 0.9 for k in range(3))


def test_angles_have_their_fixed_points_and_leaks_their_limits() -> None:
    theta = np.linspace(0, np.pi, 7)
    assert untrained.next_angle(0.0) == 0
    assert untrained.next_angle(np.pi) == pytest.approx(np.pi / 2)
    assert untrained.next_angle(np.pi / 2) == pytest.approx(np.arccos(1 / np.pi))
    np.testing.assert_allclose(untrained.next_angle(theta, 1 - 1e-9), theta, atol=1e-6)
    assert (np.diff(untrained.next_angle(theta, 0.3)) > 0).all()
