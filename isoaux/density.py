"""Images of points on a plane: the sum of one Gaussian of unit height per point (Sec. 3 and 4, App. E).

An image covers [-w, w] x [-w, w] for a half-width ``window`` = w; pixel (r, c) of R x R is centred at
x = (2 c + 1 - R) w / R, y = (2 r + 1 - R) w / R, so row 0 is the bottom: draw it with ``origin="lower"``. Drawn
without it, as in the author's public example (erratum E82), the vertical axis points down.
"""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.common import arrays
from isoaux.common.arrays import Floats
from isoaux.common.choices import choose, shown

Image = NDArray[np.float64]

BLOCK = 4096
"""Points at a time, which bounds the memory of the exact method to two (4096, R) matrices."""

BANDWIDTHS = (1e-9, 1e9)
"""The smallest and the largest bandwidth, as fractions of the full width of the image."""

FINEST = 2**13
"""The largest resolution R, of images that take 0.5 GB."""

LARGEST = 1e150
"""The largest density of images whose standard deviation :func:`limits` takes."""

_FLOOR = -300.0  # exponents below it would make subnormal numbers, which take twice the time


@arrays.numpy_defaults
def render(
    points: ArrayLike, window: float, resolution: int = 200, bandwidth: float = 0.0075, method: str = "exact"
) -> Image:
    """The density of ``points`` (k, 2) at all pixel centres x, an array (R, R): sum_p exp(-|x - w_p|^2 / (2 sigma^2)).

    A sum, not a mean: a lone point at a pixel centre gives 1 there. Row 0 is at the bottom; float64, a NumPy array also
    for tensors; zeros for no points.

    Parameters: ``points``, array or tensor; ``window``, the half-width of the image in the points' units;
    ``resolution``, R in pixels, up to 8,192; ``bandwidth``, sigma as a fraction of the full width 2 ``window``, from
    1e-9 to 1e9; ``method``, ``exact`` or ``binned``. The cost of ``binned`` hardly grows with k, and its error is at
    most 5e-4 of the largest density anywhere, in the window or outside. Points outside the window count as far as
    their Gaussians reach into it, with ``binned`` up to between 7.5 and 8 sigma, where its error grows with the
    distance: 5 % at 7 sigma.

    The paper gives neither sigma nor the grid (erratum E43). Raises ValueError for numbers that are not finite, another
    shape, sizes that are not positive, a bandwidth out of its range, an unknown method, and ``binned`` with sigma below
    1 pixel.
    """
    draw = choose("method", method, METHODS)
    half = arrays.positive(window, "window")
    share = arrays.positive(bandwidth, "bandwidth")
    if not BANDWIDTHS[0] <= share <= BANDWIDTHS[1]:
        low, high = BANDWIDTHS
        raise ValueError(f"bandwidth is {shown(bandwidth)}; accepted: a number from {low:g} to {high:g}.")
    sigma = share * arrays.whole(resolution, "resolution", most=FINEST)
    array = arrays.rows(points, "points", 2).astype(np.float64)
    with np.errstate(over="ignore"):
        pixels = (array / half + 1) * (resolution / 2) - 0.5
    return draw(pixels, resolution, sigma)


@arrays.numpy_defaults
def limits(images: ArrayLike) -> tuple[float, float]:
    """The colour limits of a row of panels: 0, and mean + 5 standard deviations of all pixels (Sec. 4; erratum E5).

    ``images`` (panels, R, R) may be a list. Images of zeros give (0, 0). Raises ValueError for no image, and for
    densities below 0 or above :data:`LARGEST`.
    """
    pixels = arrays.numbers(images, "images").astype(np.float64, copy=False)
    if not pixels.size:
        raise ValueError(f"images has shape {pixels.shape}; accepted: at least one image.")
    if np.abs(pixels).max() > LARGEST:
        raise ValueError(f"images holds numbers of up to {np.abs(pixels).max():g}; accepted: up to {LARGEST:g}.")
    if pixels.min() < 0:
        raise ValueError(f"images holds {pixels.min():g}; accepted: densities, which are never below 0.")
    return 0.0, float(pixels.mean() + 5 * pixels.std())


@arrays.numpy_defaults
def window_for(points_list: Iterable[ArrayLike], quantile: float = 0.999) -> float:
    """The half-width that a row of panels shares, in the points' units: a quantile of |w| over all points; 1 for none.

    Parameters: ``points_list``, one (k, 2) array or tensor per panel; ``quantile`` in [0, 1]. One window for the row
    keeps the growth of the scale visible, as the paper says of Fig. 10. Raises ValueError for what holds no arrays
    (k, 2), and for points whose length is beyond the largest number of their dtype.
    """
    share = arrays.share(quantile, "quantile")
    with np.errstate(over="ignore"):
        lengths = [np.hypot(*arrays.rows(points, "points", 2).T) for points in _panels(points_list)]
    lengths = [length for length in lengths if length.size]
    if not all(np.isfinite(length).all() for length in lengths):
        raise ValueError(
            f"points has lengths beyond the largest number of {lengths[0].dtype}; accepted: smaller points."
        )
    half = float(np.quantile(np.concatenate(lengths), share)) if lengths else 1.0
    return half if half > 0 else 1.0


def render_all(
    points_list: Iterable[ArrayLike], resolution: int = 200, bandwidth: float = 0.0075
) -> tuple[NDArray[np.float64], float]:
    """The densities (panels, R, R) of several panels by ``binned`` in one window, that of :func:`window_for`, and it.

    Parameters: ``points_list``, one (k, 2) array or tensor per panel; ``resolution`` and ``bandwidth`` as in
    :func:`render`. Raises ValueError as these do, and for no panel.
    """
    panels = _panels(points_list)
    if not panels:
        raise ValueError("points_list is empty; accepted: at least one array (k, 2).")
    window = window_for(panels)
    return np.stack([render(p, window, resolution, bandwidth, "binned") for p in panels]), window


def _panels(points_list: Iterable[ArrayLike]) -> list[ArrayLike]:
    """The points of every panel."""
    try:
        return list(points_list)
    except TypeError as error:  # also of arrays and tensors without an axis
        words = "accepted: a list of arrays (k, 2), one per panel"
        raise ValueError(f"points_list is {shown(points_list)}; {words}.") from error


def _exact(pixels: Image, resolution: int, sigma: float) -> Image:
    """The Gaussian is a product over the two axes, so the sum over points is a matrix product per block of points."""
    image = np.zeros((resolution, resolution))
    grid = np.arange(resolution)
    for start in range(0, len(pixels), BLOCK):
        x, y = (_gaussian(axis[:, None], grid, sigma) for axis in pixels[start : start + BLOCK].T)
        image += y.T @ x
    return image


def _binned(pixels: Image, resolution: int, sigma: float) -> Image:
    """Points are spread over cells of h = sigma / 4 with quadratic B-spline weights, then blurred along each axis.

    These weights add the same variance h^2 / 4 per axis to every point, wherever it lies in its cell, which is
    subtracted from that of the blur. (Linear weights add h^2 / 6 on average only: at h = 1 pixel, a lone point would be
    8 % wrong for sigma = 1.5 pixels.) The cells reach 8 sigma beyond the image.
    """
    if sigma < 1:
        raise ValueError(f"bandwidth is {sigma:.3g} pixels; accepted by method 'binned': at least 1 pixel.")
    cell, border = sigma / 4, 0.5 + 8 * sigma
    size = int(np.ceil((resolution + 16 * sigma) / cell))
    cells = (pixels + border) / cell - 0.5
    cells = cells[((cells > 1) & (cells < size - 2)).all(axis=1)]
    nearest = np.rint(cells).astype(np.int64)
    x, y = (_spline_weights(offset) for offset in (cells - nearest).T)
    histogram = np.zeros(size * size)
    for row, down in enumerate(y, start=-1):
        for column, across in enumerate(x, start=-1):
            flat = (nearest[:, 1] + row) * size + nearest[:, 0] + column
            histogram += np.bincount(flat, weights=down * across, minlength=size * size)
    centres = (np.arange(size) + 0.5) * cell - border
    narrower = np.sqrt(sigma**2 - cell**2 / 4)
    blur = _gaussian(centres[:, None], np.arange(resolution), narrower) * (sigma / narrower)
    return blur.T @ histogram.reshape(size, size) @ blur


def _gaussian(centres: Floats, grid: NDArray[np.int64], sigma: float) -> Image:
    """exp(-d^2 / (2 sigma^2)) of the distances d of ``grid`` from ``centres``, never below e^-300."""
    power = grid - centres
    with np.errstate(over="ignore"):
        power *= np.sqrt(0.5) / sigma
        np.multiply(power, -power, out=power)
    return np.exp(np.maximum(power, _FLOOR, out=power), out=power)


def _spline_weights(offset: Image) -> tuple[Image, Image, Image]:
    """Weights of the quadratic B-spline on the cells before, at and after a point, ``offset`` in [-1/2, 1/2] cells."""
    return 0.5 * (0.5 - offset) ** 2, 0.75 - offset**2, 0.5 * (0.5 + offset) ** 2


METHODS: Mapping[str, Callable[[Image, int, float], Image]] = {"exact": _exact, "binned": _binned}
"""The methods of :func:`render` as functions of (points in pixels, resolution, sigma in pixels)."""
