"""Points into pictures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isoaux import density

seeds = st.integers(0, 2**32 - 1)
examples = settings(max_examples=20)


def direct(points, window, resolution, bandwidth):
    """One Gaussian after the other."""
    centres = (np.arange(resolution) + 0.5) * 2 * window / resolution - window
    sigma = bandwidth * 2 * window
    image = np.zeros((resolution, resolution))
    for x, y in points:
        image += np.exp(-((centres[None] - x) ** 2 + (centres[:, None] - y) ** 2) / (2 * sigma**2))
    return image


@examples
@given(seeds, st.integers(1, 40), st.floats(0.01, 100), st.integers(1, 60), st.floats(0.005, 0.5))
def test_exact_is_the_direct_sum(seed, count, window, resolution, bandwidth):
    points = np.random.default_rng(seed).uniform(-1.3 * window, 1.3 * window, (count, 2))
    expected = direct(points, window, resolution, bandwidth)
    image = density.render(points, window, resolution, bandwidth)
    np.testing.assert_allclose(image, expected, rtol=0, atol=1e-10 * max(expected.max(), 1e-9))


def test_blocks_change_nothing(monkeypatch):
    points = np.random.default_rng(0).standard_normal((50, 2))
    whole = density.render(points, 2, 40)
    monkeypatch.setattr(density, "BLOCK", 7)
    np.testing.assert_allclose(density.render(points, 2, 40), whole, atol=1e-13)


@pytest.mark.parametrize(("pixels", "tolerance"), [(1.5, 2e-3), (3, 5e-4), (1, 5e-4), (11, 5e-4)])
@examples
@given(seeds, st.integers(1, 300))
def test_binned_is_close_to_exact_for_any_cloud(pixels, tolerance, seed, count):
    points = np.random.default_rng(seed).uniform(-1, 1, (count, 2))
    exact = density.render(points, 1, 60, pixels / 60)
    binned = density.render(points, 1, 60, pixels / 60, "binned")
    assert np.abs(binned - exact).max() < tolerance * exact.max()


@pytest.mark.parametrize("method", list(density.METHODS))
def test_points_just_outside_the_window_reach_in(method):
    image = density.render([[1.01, 0.0]], 1, 50, 0.03, method)
    np.testing.assert_allclose(image, direct([[1.01, 0.0]], 1, 50, 0.03), atol=1e-3)
    assert image[:, -1].max() > 0.8


@pytest.mark.parametrize("method", list(density.METHODS))
def test_points_far_outside_leave_nothing(method):
    assert density.render([[1e300, 0.0], [50.0, -50.0]], 1, 20, 0.1, method).max() < 1e-100


@pytest.mark.parametrize("method", list(density.METHODS))
def test_no_points_give_zeros(method):
    assert np.array_equal(density.render(np.empty((0, 2)), 1, 20, 0.1, method), np.zeros((20, 20)))


@pytest.mark.parametrize("method", list(density.METHODS))
def test_rows_go_up_and_columns_to_the_right(method):
    image = density.render([[0.5, -0.9]], 1, 20, 0.1, method)
    assert np.unravel_index(image.argmax(), image.shape) in {(0, 14), (0, 15), (1, 14), (1, 15)}


def test_the_amplitude_is_one_at_the_point():
    assert density.render([[0.0, 0.0]], 3, 21)[10, 10] == pytest.approx(1, abs=1e-15)


@examples
@given(seeds, st.floats(1e-100, 1e100))
def test_units_do_not_matter(seed, scale):
    points = np.random.default_rng(seed).uniform(-1, 1, (10, 2))
    np.testing.assert_allclose(density.render(points * scale, scale, 30), density.render(points, 1, 30), atol=1e-10)


def test_tensors_and_single_precision_are_accepted():
    torch = pytest.importorskip("torch")
    points = np.random.default_rng(0).uniform(-1, 1, (30, 2)).astype(np.float32)
    image = density.render(torch.from_numpy(points), 1, 30)
    assert image.dtype == np.float64
    assert np.array_equal(image, density.render(points, 1, 30))


def test_limits_pool_all_pixels_of_a_row():
    images = np.random.default_rng(0).random((3, 4, 4))
    assert density.limits(list(images)) == (0.0, pytest.approx(images.mean() + 5 * images.std()))
    assert density.limits(np.zeros((2, 4, 4))) == (0.0, 0.0)
    with pytest.raises(ValueError, match=r"^images has shape \(0,\); accepted: at least one image\.$"):
        density.limits([])


def test_window_is_a_quantile_of_the_rows_lengths():
    row = [np.array([[3.0, 4.0]]), np.empty((0, 2)), np.array([[0.0, 1.0], [2.0, 0.0]])]
    assert density.window_for(row, 1) == 5
    assert density.window_for(row, 0.5) == 2
    assert density.window_for([]) == density.window_for([np.empty((0, 2))]) == 1
    with pytest.raises(ValueError, match=r"^quantile is 2; accepted: a number in \[0, 1\]\.$"):
        density.window_for(row, 2)


def test_panels_are_any_iterable_and_what_holds_none_is_refused(refused):
    row = [np.array([[3.0, 4.0]]), np.array([[0.0, 1.0]])]
    images, window = density.render_all(iter(row), 20, 0.1)
    assert window == density.window_for(row)
    np.testing.assert_array_equal(images, density.render_all(row, 20, 0.1)[0])
    refused(["points_list is empty"], density.render_all, [])
    for bad in (None, 5, np.array(5)):
        refused(["points_list is ", "one per panel"], density.window_for, bad)
        refused(["points_list is ", "one per panel"], density.render_all, bad)
    refused(["images holds -1", "never below 0"], density.limits, -np.ones((2, 3, 3)))
    refused(["resolution is 1000000", "at most 8,192"], density.render, row[0], 1, 10**6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"window": 0}, r"^window is 0; accepted: a finite number above 0\.$"),
        ({"resolution": 2.5}, r"^resolution is 2\.5; accepted: a whole number of at least 1\.$"),
        ({"bandwidth": -1}, r"^bandwidth is -1; accepted: a finite number above 0\.$"),
        ({"method": "bined"}, r"^method is 'bined' \(did you mean 'binned'\?\); accepted: exact, binned\.$"),
        ({"method": "binned", "bandwidth": 0.004}, r"^bandwidth is 0\.8 pixels; accepted by method 'binned': at least"),
        ({"points": [[1.0, 2.0, 3.0]]}, r"^points has width 3; accepted: width 2\.$"),
        ({"points": [[1.0, np.nan]]}, r"^points holds nan at row 0, column 1; "),
    ],
)
def test_bad_arguments_are_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        density.render(**{"points": [[0.0, 0.0]], "window": 1, **arguments})


@pytest.mark.parametrize("pixels", [1, 1.5, 4])
@pytest.mark.parametrize("away", [-3, 0.5, 1, 2, 3, 5, 7, 7.9, 8.1, 12])
def test_binned_is_close_for_a_lone_point_outside_the_window(pixels, away):
    """Of the largest sum anywhere, which is 1, it misses 5e-4; of the tail that can be seen, 5 % at 7 sigma."""
    points, sigma = np.array([[0.13, 1 + 2 * away * pixels / 60]]), pixels / 60
    exact = density.render(points, 1, 60, sigma)
    error = np.abs(density.render(points, 1, 60, sigma, "binned") - exact).max()
    assert error < 5e-4 and (away > 7 or error <= 0.05 * exact.max())


@examples
@given(seeds, st.integers(1, 300), st.floats(0, 0.5), st.sampled_from([1, 1.7, 5]))
def test_binned_is_close_for_any_cloud_beyond_the_window(seed, count, inside, pixels):
    """Against the largest sum in a picture that shows the whole cloud: 60 of its 180 pixels are the window."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(inside, 2.8, (count, 2)) * rng.choice([-1, 1], (count, 2))
    exact = density.render(points, 1, 60, pixels / 60)
    everywhere = density.render(points, 3, 180, pixels / 180).max()
    assert np.abs(density.render(points, 1, 60, pixels / 60, "binned") - exact).max() < 5e-4 * everywhere


@pytest.mark.parametrize("method", list(density.METHODS))
@pytest.mark.parametrize("bandwidth", [1e-320, 1e-10, 1e10, 1e300])
def test_bandwidths_have_a_range(method, bandwidth, refused):
    words = [f"bandwidth is {bandwidth!r}", "a number from 1e-09 to 1e+09"]
    refused(words, density.render, [[0.0, 0.0]], 1, 20, bandwidth, method)


def test_the_ends_of_the_range_are_drawn():
    """A point on the middle pixel's centre alone, and a picture of ones; far points leave nothing."""
    points = [[0.0, 0.0], [1e300, 1.0]]
    narrow = density.render(points, 1, 21, 1e-9)
    assert narrow[10, 10] == 1 and np.count_nonzero(narrow > 1e-100) == 1
    for method in density.METHODS:
        np.testing.assert_allclose(density.render(points[:1], 1, 21, 1e9, method), 1, atol=5e-4)


def test_masks_and_overflow_are_refused(refused):
    hidden = np.ma.masked_array([[1.0, 2.0], [3.0, 4.0]], [[0, 0], [0, 1]])
    for call in (
        lambda: density.render(hidden, 1),
        lambda: density.window_for([hidden]),
    ):
        refused(["points has a mask that hides 1 of 4 numbers"], call)
    refused(["images has a mask"], density.limits, hidden)
    refused(["images holds numbers of up to 1e+308"], density.limits, [[1e308, 0.0]])
    for dtype in (np.float32, np.float64):
        large = np.full((1, 2), np.finfo(dtype).max)
        refused(["points has lengths beyond", np.dtype(dtype).name], density.window_for, [large])
    refused(["quantile is 'all'"], density.window_for, [], "all")
