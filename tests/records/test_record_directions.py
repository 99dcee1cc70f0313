"""How the directions of a layer lie: by hand, and sample by sample."""

from itertools import combinations

import numpy as np
import pytest

from isoaux import bases, ppp
from isoaux.records import directions

QUANTILES = (0.05, 0.5, 0.95)


def near(samples: np.ndarray, n: int = 4) -> dict[str, float]:
    z, basis = np.asarray(samples, np.float32), bases.standard(n)
    return directions.concentration(ppp.project(z, basis, 0.75), z, basis)


def lying(z: np.ndarray, basis: np.ndarray | None = None, variant: str = "combination") -> dict[str, float]:
    z = np.asarray(z, np.float32)
    basis = bases.standard(z.shape[1]) if basis is None else basis
    return directions.of_panel(ppp.project(z, basis, 0.75, variant), z, basis, 0.75, QUANTILES)


def axis(j: int, sign: float = 1, count: int = 10, n: int = 4) -> np.ndarray:
    return sign * np.outer(np.arange(1, count + 1), np.eye(n)[j])


# --- how few directions hold what was kept


def test_all_samples_on_one_signed_axis():
    # each lies on the 3 planes of its axis, at one angle: 30 points in 3 sectors, of which 2 hold half
    assert near(axis(1)) == {"kept_samples": 10, "axes_half": 1, "sectors_half": 2}


def test_all_samples_in_one_direction_between_two_axes():
    # too far from either axis for the planes that hold only one of them
    assert near(axis(1) + 0.95 * axis(2)) == {"kept_samples": 10, "axes_half": 1, "sectors_half": 1}


def test_the_two_ends_of_an_axis_are_two_directions():
    ends = np.vstack([axis(1), axis(1, -1), axis(0), axis(0, -1)])
    assert near(ends)["axes_half"] == 2
    assert near(np.vstack([axis(0), axis(0, -1)]))["axes_half"] == 1, "one end holds half of all"


def test_equal_axes_need_half_of_their_number():
    assert near(np.vstack([axis(j, sign) for j in range(4) for sign in (1, -1)]))["axes_half"] == 4
    assert near(np.vstack([axis(0), axis(1), axis(2)]))["axes_half"] == 2


def test_samples_far_from_every_plane_are_not_counted():
    far = np.tile([1.0, 1, 1, 1], (50, 1))  # shares 1/sqrt(2) < 0.75 with every plane
    assert near(far) == {"kept_samples": 0, "axes_half": 0, "sectors_half": 0}
    assert near(np.vstack([far, axis(2)])) == near(axis(2))
    assert near(np.zeros((3, 4))) == near(np.zeros((0, 4))) == near(far)


def test_a_smooth_cloud_needs_many_directions():
    cloud = np.random.default_rng(0).normal(0, 1, (4000, 4))
    found = near(cloud)
    assert found["axes_half"] == 4 and found["sectors_half"] > 150  # of 8 and 432: half, and nearly half
    assert found["kept_samples"] == len(np.unique(ppp.project(cloud, bases.standard(4), 0.75).sample))


@pytest.mark.parametrize(
    ("counts", "share", "expected"),
    [
        ([7], 0.5, 1),
        ([1, 1, 1, 1], 0.5, 2),
        ([1, 1, 1], 0.5, 2),
        ([0, 5, 3, 2], 0.5, 1),
        ([2, 3, 0, 5], 0.81, 3),
        ([2, 3, 0, 5], 1, 3),
        ([0, 0], 0.5, 0),
    ],
)
def test_fewest(counts, share, expected):
    assert directions.fewest(np.array(counts), share) == expected


# --- where they lie


def test_one_direction_between_two_axes_by_hand():
    """30 of 40 at 30 degrees from the first axis towards the second; ten on the negative third axis."""
    direction = np.array([np.cos(np.pi / 6), np.sin(np.pi / 6), 0, 0])
    found = lying(np.vstack([np.outer(np.arange(1, 31), direction), axis(2, -1)]))
    np.testing.assert_allclose(found["cosine_quantiles"], [np.cos(np.pi / 6), np.cos(np.pi / 6), 1], rtol=1e-6)
    assert found["effective_neurons"] == pytest.approx((30 / (9 / 16 + 1 / 16) + 10) / 40)
    assert (found["kept_share"], found["axis_cluster"]) == (1, 30 / 40)
    assert found["plane_cluster"] == 1, "on (0, 2) all: cos 30 degrees is above 0.75"
    # (0, 1), (0, 2) and (0, 3) of the thirty, and (1, 2), (2, 3) of the third axis
    assert found["planes_filled"] == 5


def test_directions_sample_by_sample():
    z = np.random.default_rng(3).laplace(0, 1, (500, 6))
    found = lying(z)
    u = z / np.linalg.norm(z, axis=1)[:, None]
    np.testing.assert_allclose(found["cosine_quantiles"], np.quantile(np.abs(u).max(1), QUANTILES), rtol=1e-5)
    assert found["effective_neurons"] == pytest.approx(np.mean([1 / sum(v**4) for v in u]), rel=1e-5)
    planes = [{s for s, v in enumerate(u) if np.hypot(v[i], v[j]) > 0.75} for i, j in combinations(range(6), 2)]
    assert found["kept_share"] == len(set.union(*planes)) / 500
    assert found["plane_cluster"] == max(map(len, planes)) / 500
    assert found["planes_filled"] == sum(map(bool, planes))
    on = [np.sum(u @ (sign * e) > 0.75) for e in np.eye(6) for sign in (1, -1)]
    assert found["axis_cluster"] == max(on) / 500


def test_all_neurons_alike_are_n_effective_ones_and_an_axis_is_one():
    assert lying(np.ones((7, 5)))["effective_neurons"] == pytest.approx(5)
    assert lying(axis(1))["effective_neurons"] == 1
    tilted = bases.random_orthogonal(4, 0)
    assert lying(np.outer(np.arange(1, 9), tilted[2]), tilted)["effective_neurons"] == pytest.approx(1)


def test_length_does_not_matter_and_zero_has_no_direction():
    z = np.random.default_rng(3).laplace(0, 1, (500, 6)).astype(np.float32)
    for own in (z * 1e-25, z * 1e15, z * np.random.default_rng(1).uniform(1, 9, (500, 1))):
        for name, value in lying(z).items():
            np.testing.assert_allclose(lying(own)[name], value, rtol=1e-5, err_msg=name)
    padded = lying(np.vstack([z, np.zeros_like(z)]))
    for name, value in lying(z).items():
        share = 2 if name in ("kept_share", "axis_cluster", "plane_cluster") else 1
        np.testing.assert_allclose(padded[name] * np.array(share), value, rtol=1e-6, err_msg=name)


def test_nothing_with_a_direction_is_a_result():
    found = lying(np.zeros((3, 4)))
    assert not any(np.any(value) for value in found.values()) and len(found["cosine_quantiles"]) == 3


def test_both_orders_of_a_plane_are_two_planes():
    assert lying(axis(0), variant="permutation")["planes_filled"] == 2 * lying(axis(0))["planes_filled"] == 6


# --- the same in many bases


@pytest.mark.parametrize("variant", sorted(bases.VARIANTS))
@pytest.mark.parametrize(
    "basis", [bases.standard(5), bases.standard(5)[:3], bases.simplex(5)], ids=["all", "few", "simplex"]
)
def test_in_many_bases_they_are_those_of_each(basis, variant):
    z = np.random.default_rng(4).standard_t(3, (700, 5)) + [1, 0, 0, 0, 0]
    turned = np.stack([basis @ bases.random_orthogonal(5, seed).T for seed in range(4)])
    many = directions.concentrations(z, basis, turned, 0.7, variant)
    for draw, rows in enumerate(turned):
        expected = directions.concentration(ppp.project(z, rows, 0.7, variant), z, rows)
        assert {name: values[draw] for name, values in many.items()} == expected
