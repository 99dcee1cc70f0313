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
    assert density.subset(torch.from_numpy(points), 0).dtype == torch.float32


@pytest.mark.parametrize(("count", "kept"), [(0, 0), (1, 1), (2000, 935), (200_000, 59_010)])
def test_subset_keeps_the_power(count, kept):
    points = np.arange(2.0 * count).reshape(count, 2)
    chosen = density.subset(points, 1)
    assert chosen.shape == (kept, 2)
    assert np.array_equal(chosen, density.subset(points, 1))
    assert np.all(np.diff(chosen[:, 0]) > 0)
    assert np.isin(chosen[:, 0], points[:, 0]).all()


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
