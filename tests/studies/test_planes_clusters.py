"""Clusters of images, a point for each, directions in a plane: against loops over samples, and facts of geometry."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from isoaux import bases, ppp, statistics
from isoaux.studies.planes import clusters

EPSILON = 0.75
seeds = st.integers(0, 2**32 - 1)
examples = settings(max_examples=25)


def cloud(seed: int, samples: int = 60, n: int = 6) -> np.ndarray:
    """Representations (samples, n) of which many lie near planes of two neurons, some are zero and some equal."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((samples, n)) * rng.choice([0.05, 1.0], (samples, n))
    z[rng.integers(samples)] = 0
    z[rng.integers(samples)] = z[rng.integers(samples)]
    return z


def beam(degrees: float, plane: tuple[int, int] = (2, 5), n: int = 18, samples: int = 500, seed: int = 0) -> np.ndarray:
    """Images in one direction of a plane of two neurons, of different lengths."""
    z = np.zeros((samples, n))
    z[:, plane] = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return z * np.random.default_rng(seed).uniform(1, 2, (samples, 1))


# --- one point for each image


@examples
@given(seeds, st.sampled_from(["standard", "random", "simplex"]), st.sampled_from(["combination", "permutation"]))
def test_every_image_that_is_shown_has_one_point_and_it_is_its_longest(seed, basis, variant):
    z, directions = cloud(seed), bases.named(basis, 6)
    projection = ppp.project(z, directions, EPSILON, variant)
    found = clusters.once(projection)
    longest: dict[int, float] = {}
    for (x, y), sample in zip(projection.points, projection.sample, strict=True):
        longest[sample] = max(longest.get(sample, 0), np.hypot(x, y))
    assert Counter(projection.sample[found]) == dict.fromkeys(longest, 1)
    assert list(projection.sample[found]) == sorted(longest)
    assert np.hypot(*projection.points[found].T) == pytest.approx([longest[sample] for sample in sorted(longest)])


@examples
@given(seeds)
def test_the_plane_of_an_image_is_that_of_its_two_largest_neurons(seed):
    z = cloud(seed)
    projection = ppp.project(z, np.eye(6), EPSILON)
    for place in clusters.once(projection):
        row = np.abs(z[projection.sample[place]])
        assert row[projection.planes[projection.plane[place]]].sum() == pytest.approx(np.sort(row)[-2:].sum())


@examples
@given(seeds)
def test_renaming_neurons_and_flipping_signs_renames_planes_and_moves_no_image(seed):
    rng, z = np.random.default_rng(seed), cloud(seed)
    order, sign = rng.permutation(6), rng.choice([-1, 1], 6)
    before, after = (ppp.project(each, np.eye(6), EPSILON) for each in (z, (z * sign)[:, order]))
    one, other = clusters.once(before), clusters.once(after)
    assert list(before.sample[one]) == list(after.sample[other])
    for place, renamed in zip(one, other, strict=True):
        assert set(order[after.planes[after.plane[renamed]]]) == set(before.planes[before.plane[place]])
    assert np.sort(np.bincount(before.plane[one], minlength=15)).tolist() == (
        np.sort(np.bincount(after.plane[other], minlength=15)).tolist()
    )


def test_no_point_is_no_image():
    assert clusters.once(ppp.project(np.ones((3, 18)), np.eye(18), EPSILON)).tolist() == []


# --- clusters


def slowly(z: np.ndarray, cosine: float, least: float, most: int) -> list[int]:
    """The clusters found by comparing every image with every other."""
    cluster = [-1] * len(z)

    def near(i: int, j: int) -> bool:
        lengths = np.linalg.norm(z[i]) * np.linalg.norm(z[j])
        return bool(lengths > 0 and z[i] @ z[j] / lengths > cosine)

    for k in range(most):
        free = [i for i, of in enumerate(cluster) if of < 0]
        members = [[j for j in free if near(i, j)] for i in free]
        largest = max(members, key=len, default=[])
        if len(largest) < max(1, least * len(z)):
            break
        for j in largest:
            cluster[j] = k
    return cluster


@examples
@given(seeds, st.sampled_from([0.5, 0.9]), st.sampled_from([0.0, 0.1, 0.3]))
def test_clusters_are_what_comparing_all_pairs_finds(seed, cosine, least):
    z = cloud(seed, 30, 3)
    assert clusters.together(z, cosine, least, 3).tolist() == slowly(z, cosine, least, 3)


@examples
@given(seeds)
def test_clusters_turn_with_the_representations_and_know_no_length(seed):
    z = cloud(seed, 80, 5)
    found = clusters.together(z)
    lengths = np.random.default_rng(seed).uniform(0.1, 9, (80, 1))
    assert clusters.together(lengths * z @ bases.random_orthogonal(5, seed)).tolist() == found.tolist()


def test_tight_groups_are_the_clusters_by_size_and_stragglers_are_in_none():
    z = np.concatenate([beam(10, samples=30), beam(80, samples=50), beam(190, samples=19), np.ones((1, 18))])
    assert clusters.together(z, least=0.05).tolist() == [1] * 30 + [0] * 50 + [2] * 19 + [-1]
    assert clusters.together(z, least=0.05, most=1).tolist() == [-1] * 30 + [0] * 50 + [-1] * 20
    assert clusters.together(z, least=0.4).tolist() == [-1] * 30 + [0] * 50 + [-1] * 20
    assert clusters.together(np.zeros((4, 18))).tolist() == [-1] * 4


def test_chance_puts_no_hundredth_of_independent_directions_together():
    """The squared cosine to any line is Beta(1/2, (n - 1)/2)-distributed; half of it is on the side of a centre."""
    shares = [stats.beta.sf(clusters.COSINE**2, 0.5, (n - 1) / 2) / 2 for n in range(12, 33)]
    assert max(shares) < 1e-4
    z = np.random.default_rng(0).standard_normal((5000, 12))
    assert set(clusters.together(z)) == {-1}


def test_many_images_need_only_some_as_centres():
    z = np.concatenate([beam(45, samples=2500), np.random.default_rng(0).standard_normal((2500, 18))])
    found = clusters.together(z)
    assert (found[:2500] == 0).all() and (found[2500:] == -1).mean() > 0.99


# --- angles


def test_angles_to_the_axes():
    z = np.array([[3, 0, 0], [0, -1, 0], [1, 1, 0], [1, 1, 1], [0, 0, 0]])
    wanted = [0, 0, 45, np.degrees(np.arccos(1 / np.sqrt(3))), 90]
    assert clusters.axis_angles(z, np.eye(3)) == pytest.approx(wanted, abs=1e-6)
    turn = bases.random_orthogonal(3, 1)
    assert clusters.axis_angles(z @ turn.T, turn.T) == pytest.approx(wanted, abs=1e-6)
    assert [clusters.from_axis(angle) for angle in (0, 44, 46, 89, 213, 247, 319)] == [0, 44, 44, 1, 33, 23, 41]


@pytest.mark.parametrize("degrees", [0, 3, 44, 90, 213, 359])
def test_the_direction_in_a_plane_is_that_of_its_points(degrees):
    rng = np.random.default_rng(0)
    angle = np.radians(degrees + rng.normal(0, 4, 400))
    points = rng.uniform(1, 5, (400, 1)) * np.stack([np.cos(angle), np.sin(angle)], 1)
    apart = abs((clusters.direction_in_plane(points) - degrees + 180) % 360 - 180)
    assert apart < 1


def test_points_that_point_no_one_way_have_no_direction():
    angle = np.radians(np.arange(0, 360, 5))
    assert np.isnan(clusters.direction_in_plane(np.stack([np.cos(angle), np.sin(angle)], 1)))
    assert np.isnan(clusters.direction_in_plane(np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])))
    assert np.isnan(clusters.direction_in_plane(np.zeros((0, 2))))


@pytest.mark.parametrize("degrees", [14, 23, 33, 40, 45, 140, 213, 247, 319])
def test_the_histogram_of_all_planes_tells_the_direction_in_one(degrees):
    """Most points are next to the axes, in other planes; those that are not are the images at their own angle."""
    projection = ppp.project(beam(degrees), np.eye(18), EPSILON)
    histogram = statistics.panel(projection.points).histogram
    assert clusters.direction_off_axes(histogram, int(projection.counts.max())) == pytest.approx(degrees, abs=2.5)


@pytest.mark.parametrize("degrees", [0, 4, 93])
def test_the_histogram_cannot_tell_a_direction_on_an_axis(degrees):
    projection = ppp.project(beam(degrees), np.eye(18), EPSILON)
    histogram = statistics.panel(projection.points).histogram
    assert np.isnan(clusters.direction_off_axes(histogram, int(projection.counts.max())))


@pytest.mark.parametrize("degrees", [0, 10, 25, 41, 42, 45])
def test_c4_of_one_direction_is_that_of_an_axis_up_to_the_angle_of_the_threshold(degrees):
    """The closed form on the page about pictures: n - 2 further planes of a neuron have the point on its axis."""
    projection = ppp.project(beam(degrees), np.eye(18), EPSILON)
    panel = statistics.panel(projection.points)
    inside = degrees < np.degrees(np.arccos(EPSILON))
    turned = np.cos(4 * np.radians(degrees))
    assert panel.count == 500 * (17 if inside else 1)
    assert panel.c4 == pytest.approx((16 + turned) / 17 if inside else turned)
    assert panel.c4 > 0.88 if inside else panel.c4 < -0.95
