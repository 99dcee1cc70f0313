"""Rays: profiles, peaks, and changes of class, against networks whose boundaries are placed by hand."""

import numpy as np
import pytest
from random_nets import random_net

from isoaux.polytopes import Net, scaling, segments
from isoaux.polytopes.scaling import Rays


def shells(*alphas: float) -> Net:
    """A network of one input whose ray from 0 through 2 crosses a boundary at each of these places."""
    bias = -2 * np.array(alphas)
    return Net([(np.ones((len(bias), 1)), bias), (np.ones((2, len(bias))), np.zeros(2))])


def rays(*alphas: float, length: float = 2.0) -> Rays:
    return Rays(np.zeros(len(alphas), dtype=np.int64), np.sort(alphas), np.array([length]))


def test_crossings_are_where_they_were_placed() -> None:
    crossed = scaling.crossings(shells(0.3, 0.5, 7.0, 99.0, 101.0), [[2.0]])
    np.testing.assert_allclose(crossed.alpha, [0.3, 0.5, 7.0, 99.0], rtol=1e-12)
    assert scaling.share_below(crossed) == 0.5
    assert crossed.length.tolist() == [2.0]


@pytest.mark.parametrize("edges", [scaling.LINEAR, scaling.LOGARITHMIC])
def test_a_profile_adds_up_to_the_crossings_in_its_bins(edges: np.ndarray) -> None:
    net, h = random_net((6, 20, 20, 3), 0), np.random.default_rng(1).standard_normal((15, 6))
    crossed = scaling.crossings(net, h)
    profile = scaling.profile(crossed, edges)
    total = profile * np.diff(edges) * np.linalg.norm(h, axis=1)[:, None]
    for ray in range(15):
        here = crossed.alpha[crossed.ray == ray]
        np.testing.assert_allclose(total[ray].sum(), ((here >= edges[0]) & (here < edges[-1])).sum(), rtol=1e-12)
    assert total.sum() > 50
    assert (np.bincount(crossed.ray, minlength=15) == segments.crossings(net, 0 * h, 100 * h)).all()


def test_a_shell_lies_between_the_origin_and_the_vector_and_rises() -> None:
    at = scaling.peak(scaling.profile(rays(0.01, 0.51, 0.52, 1.01, 1.6))[0])
    assert (at.alpha, at.rise, at.shell) == (pytest.approx(0.525), pytest.approx(2), True)
    assert not scaling.peak(scaling.profile(rays(0.01, 0.02, 0.51, 0.52))[0]).shell
    assert not scaling.peak(scaling.profile(rays(0.51, 0.52, 1.01, 1.02))[0]).shell
    assert not scaling.peak(scaling.profile(rays(1.51, 1.52))[0]).shell
    assert scaling.peak(scaling.profile(rays(0.51))[0]).rise == np.inf
    empty = scaling.peak(scaling.profile(rays())[0])
    assert np.isnan(empty.rise) and not empty.shell


def test_density_falls_where_crossings_become_rare() -> None:
    edges = np.geomspace(1, 10, 11)
    falling = np.concatenate(
        [np.linspace(a, b, 12 - i)[1:-1] for i, (a, b) in enumerate(zip(edges, edges[1:], strict=False))]
    )
    assert scaling.trend(rays(*falling)) == pytest.approx(-1)
    assert np.isnan(scaling.trend(rays()))


def test_permuted_biases_keep_their_values_in_every_layer() -> None:
    net = random_net((4, 9, 9, 2), 2, 0.01)
    other = scaling.permuted_biases(net, 5)
    for (w, b), (v, c) in zip(net.affine, other.affine, strict=True):
        np.testing.assert_array_equal(w, v)
        np.testing.assert_array_equal(np.sort(b), np.sort(c))
    assert other.leak == 0.01 and not np.array_equal(net.affine[0][1], other.affine[0][1])
    np.testing.assert_array_equal(net.affine[-1][1], other.affine[-1][1])


def test_random_directions_have_the_lengths_of_the_vectors() -> None:
    h = np.random.default_rng(3).standard_normal((9, 5))
    drawn = scaling.gaussian(h, 1)
    np.testing.assert_allclose(np.linalg.norm(drawn, axis=1), np.linalg.norm(h, axis=1), rtol=1e-12)
    assert abs((drawn * h).sum()) < 0.5 * (h * h).sum()


def test_classes_change_along_rays_and_at_their_ends() -> None:
    # logits z and 4 relu(z - 3) + 1 of z = 2 alpha: class 1 below z = 1 and above z = 11/3
    net = Net([([[1.0], [1.0]], [0.0, -3.0]), ([[1.0, 0.0], [0.0, 4.0]], [0.0, 1.0])])
    changes = scaling.class_changes(net, [[2.0], [-2.0]])
    assert changes.ray.tolist() == [0, 0]
    np.testing.assert_allclose(changes.alpha, [0.5, 11 / 6], rtol=1e-12)
    assert scaling.changed_beyond(net, [[2.0], [0.2], [-2.0], [4.0]]).tolist() == [True, False, False, False]


def test_density_at_places_ranks_among_the_ray() -> None:
    crossed = rays(*np.linspace(0.99, 1.01, 200))
    places = rays(0.9, 1.0, 1.1)
    ranks = scaling.density_at(crossed, places)
    assert ranks[1] > 0.9 and ranks[0] == ranks[2] <= 0.5
    two = Rays(np.array([0, 1, 1]), np.array([1.0, 2.0, 3.0]), np.ones(2))
    moved = scaling.exchanged(two)
    assert moved.ray.tolist() == [0, 0, 1] and moved.alpha.tolist() == [2.0, 3.0, 1.0]
    with pytest.raises(ValueError, match="places has 1 ray"):
        scaling.exchanged(places)


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="vectors has zeros only in row 1"):
        scaling.crossings(shells(1.0), [[1.0], [0.0]])
    with pytest.raises(ValueError, match="edges does not rise"):
        scaling.profile(rays(1.0), [0, 1, 1])
    with pytest.raises(ValueError, match=r"density has shape \(2,\); accepted: \(40,\)"):
        scaling.peak([1.0, 2.0])
