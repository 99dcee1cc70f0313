"""Rendered shapes: areas, smooth edges, other sizes, the same images again, and what cannot be rendered."""

import numpy as np
import pytest

from isoaux.representations import shapes
from isoaux.representations.shapes import SHAPES, draws, images, render, sample

PAIRS = (("red", "circle"), ("blue", "cross"))


def area(shape: str, radius: float, centre: tuple[float, float] = (0, 0), side: int = 24) -> float:
    """The area of a white shape on black, in squares of a pixel of 24 a side."""
    image = render((0, 0, 0), shape, centre, radius, 1.0, 1.0, side)
    return float(image[..., 0].sum()) * (shapes.SIDE / side) ** 2


@pytest.mark.parametrize("radius", (3.5, 6.0, 6.4, 7.0, 8.5))
@pytest.mark.parametrize("centre", ((0, 0), (0.7, -0.4)))
def test_a_disc_has_the_area_of_one(radius, centre):
    assert area("circle", radius, centre) == pytest.approx(np.pi * radius**2, rel=0.02)


def test_the_other_shapes_have_their_areas_too():
    """A triangle of circumradius 1.2 r, a square of side 1.7 r, two bars of 2 r by 0.7 r; on fine pixels."""
    r, fine = 6.5, 240
    assert area("triangle", r, side=fine) == pytest.approx(np.sqrt(27) / 4 * (1.2 * r) ** 2, rel=0.005)
    assert area("square", r, side=fine) == pytest.approx((1.7 * r) ** 2, rel=0.005)
    assert area("cross", r, side=fine) == pytest.approx((4 * 0.7 - 0.7**2) * r**2, rel=0.005)


def test_a_shape_moves_by_its_centre_and_stays_upright():
    plain, moved = (render((0, 0, 0), "triangle", centre, 6, 1, 1) for centre in ((0, 0), (2, -3)))
    np.testing.assert_allclose(moved, np.roll(plain, (-3, 2), axis=(0, 1)), atol=1e-12)
    rows = plain[..., 0].sum(1)
    assert rows[14] > rows[8] > 0, "it stands on a side"


def test_pixels_mix_background_and_shape():
    image = render((1, 0.5, 0), "square", (0, 0), 5, 0.9, 0.6)
    np.testing.assert_allclose(image[0, 0], (0.6, 0.3, 0))
    np.testing.assert_allclose(image[12, 12], 0.9)
    mixed = render((0.5, 0.25, 0), "square", (0, 0), 5, 0.9, 0.6)
    black = render((0, 0, 0), "square", (0, 0), 5, 0.9, 0.6)
    np.testing.assert_allclose(mixed, (image + black) / 2, atol=1e-15, err_msg="linear in the colour")


def test_many_images_are_those_of_each():
    given = draws(5, np.random.default_rng(0))
    together = images((0, 0, 1), "cross", given)
    for i, image in enumerate(together):
        alone = render((0, 0, 1), "cross", given.centre[i], given.radius[i], given.brightness[i], given.shade[i])
        np.testing.assert_array_equal(image, np.clip(alone + given.noise[i], 0, 1).ravel().astype(np.float32))


def test_a_sample_is_the_same_again_and_that_of_each_pair_alone():
    first, again = sample(PAIRS, 4, 3), sample(PAIRS, 4, 3)
    np.testing.assert_array_equal(first.x, again.x)
    np.testing.assert_array_equal(sample(PAIRS[1:], 4, 3).x, first.x[4:])
    assert first.x.shape == (8, 24 * 24 * 3) and first.x.dtype == np.float32
    assert first.x.min() >= 0 and first.x.max() <= 1
    assert list(first.colour) == [0] * 4 + [1] * 4 and list(first.shape) == [0] * 4 + [list(SHAPES).index("cross")] * 4
    assert not np.array_equal(first.x, sample(PAIRS, 4, 4).x)


@pytest.mark.parametrize(
    ("pairs", "each", "words"),
    [
        ([], 4, ["pairs is []"]),
        ([PAIRS[0], PAIRS[0]], 4, ["pairs is", "none twice"]),
        ([("pink", "circle")], 4, ["colour is 'pink'", "red"]),
        ([("red", "disc")], 4, ["shape is 'disc'", "circle"]),
        (PAIRS, 0, ["each is 0"]),
    ],
)
def test_what_cannot_be_sampled_is_refused(pairs, each, words, refused):
    refused(words, sample, pairs, each, 0)


def test_what_cannot_be_rendered_is_refused(refused):
    refused(["shape is 'star'"], render, (0, 0, 0), "star", (0, 0), 5, 1, 1)
    refused(["side is 0"], render, (0, 0, 0), "circle", (0, 0), 5, 1, 1, 0)
