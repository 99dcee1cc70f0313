"""Curves with a known course, offsets that are the same or unrelated, and transformations of images."""

import numpy as np
import pytest

from isoaux import bases
from isoaux.representations.linearity import additive, curve, offsets, scrambled
from isoaux.representations.transformations import TRANSFORMATIONS, transformed


def test_a_line_is_a_direction():
    direction = np.random.default_rng(0).normal(size=6)
    found = curve(2 + np.linspace(0, 1, 21)[:, None] ** 2 * direction)
    assert (found.share, found.cosine, found.monotone) == (pytest.approx(1), pytest.approx(1), pytest.approx(1))
    assert found.angle == pytest.approx(0, abs=1e-5)


def test_even_steps_and_a_single_step():
    even = curve(np.arange(21)[:, None] * np.ones(3))
    assert even.half_steps == 10, "half of twenty"
    step = curve((np.arange(21) > 7)[:, None] * np.ones(3))
    assert step.half_steps == 1 and step.share == pytest.approx(1)


def test_a_right_angle_has_its_angle_and_share():
    """Ten steps along one axis, then ten along another; the share is that of the larger eigenvalue."""
    k = np.arange(21)
    points = np.stack([np.minimum(k, 10), np.maximum(k - 10, 0)], axis=1).astype(float)
    found = curve(points)
    assert found.angle == pytest.approx(90)
    eigenvalues = np.linalg.eigvalsh(np.cov(points.T))
    assert found.share == pytest.approx(eigenvalues[1] / eigenvalues.sum())
    assert found.cosine == pytest.approx(np.sqrt(0.5), abs=1e-6), "each half at 45 degrees from the diagonal"


def test_numbers_of_a_curve_are_the_same_after_a_rotation():
    points = np.random.default_rng(1).normal(size=(9, 5)).cumsum(0)
    turned = 2 * points @ bases.random_orthogonal(5, 3) + 7
    for name in ("share", "cosine", "monotone", "half_steps", "angle"):
        assert getattr(curve(turned), name) == pytest.approx(getattr(curve(points), name))


def test_scrambled_increments_are_the_same_but_for_order_and_sign():
    generator = np.random.default_rng(2)
    points = generator.normal(size=(9, 3)).cumsum(0)
    lengths = [
        np.sort(np.linalg.norm(np.diff(each, axis=0), axis=1)) for each in (points, scrambled(points, generator))
    ]
    np.testing.assert_allclose(*lengths)


def test_a_sum_is_additive():
    generator = np.random.default_rng(3)
    assert additive(generator.normal(size=(6, 1, 4)) + generator.normal(size=(1, 6, 4))) == pytest.approx(1)


def test_a_constant_shift_is_shared_by_all_classes():
    generator = np.random.default_rng(4)
    labels = np.repeat(np.arange(10), 7)
    before = 5 * generator.normal(size=(10, 6))[labels] + generator.normal(size=(70, 6))
    found = offsets(before, before + generator.normal(size=6), labels)
    assert (found.cosine, found.shared, found.hits) == (pytest.approx(1), pytest.approx(1), 1)


def test_orthogonal_offsets_share_a_part_of_one_over_classes():
    labels = np.arange(10)
    before = np.zeros((10, 20))
    before[:, :10] = 100 * np.eye(10)
    after = before.copy()
    after[:, 10:] += 3 * np.eye(10)
    found = offsets(before, after, labels)
    assert (found.cosine, found.shared) == (pytest.approx(0), pytest.approx(0.1))
    assert found.hits == 0, "b before is nearer, at 3, than b after, at 3 times the root of 2"


def test_hits_are_counted_by_hand():
    """Three classes on a line at 0, 10 and 20; after it 1, 11 and 24: 0 and 1 foretell each other, 2 misses both."""
    before, after = np.array([[0.0], [10], [20]]), np.array([[1.0], [11], [24]])
    found = offsets(before, after, [0, 1, 2])
    # offsets 1, 1, 4. a=2: 0 + 4 = 4, nearest 1 (0's after): right; 10 + 4 = 14, nearest 11: right.
    # a=0 or 1: b=2: 21, nearest 20, which is 2 before: wrong. 0 and 1 for each other: right.
    assert found.hits == pytest.approx(4 / 6)


def test_bad_curves_and_offsets_are_refused(refused):
    refused(["means have the shape (2, 3)"], curve, np.zeros((2, 3)))
    refused(["means are all the same"], curve, np.ones((4, 3)))
    refused(["before is (3, 2), after (4, 2)"], offsets, np.zeros((3, 2)), np.zeros((4, 2)), [0, 1, 1])
    refused(["labels have one class"], offsets, np.zeros((3, 2)), np.zeros((3, 2)), [1, 1, 1])


def test_transformations_do_what_they_are_called(refused):
    image = np.zeros((1, 9, 9))
    image[0, 4, 4], image[0, 4, 6] = 1, 0.5
    each = {name: f(image)[0] for name, f in TRANSFORMATIONS.items()}
    assert each["thicker"].sum() == 4 + 2 and each["thicker"].max() == 1
    moved = each["moved right by 2 pixels"]
    assert moved[4, 6] == 1 and moved[4, 8] == 0.5 and moved.sum() == 1.5
    assert np.array_equal(each["half the ink"], image[0] / 2)
    bar = np.zeros((1, 21, 21))
    bar[0, 10, 10:] = 1
    turned = TRANSFORMATIONS["turned by 15 degrees"](bar)[0]
    rows, columns = np.nonzero(turned > 0.3)
    slope = np.polyfit(columns, 10 - rows, 1, w=turned[rows, columns])[0]
    assert np.degrees(np.arctan(slope)) == pytest.approx(15, abs=1.5), "counter-clockwise"
    assert transformed(bar.reshape(1, -1), "half the ink").shape == (1, 441)
    refused(["images have 10 numbers"], transformed, np.zeros((2, 10)), "thicker")
