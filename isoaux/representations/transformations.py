"""Transformations of grey images that keep their class: thicker, turned, moved and fainter."""

from collections.abc import Callable, Mapping

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

Images = NDArray[np.float64]

DEGREES, PIXELS, INK = 15.0, 2, 0.5
"""How far images are turned and moved, and what is left of their ink."""


def _thicker(images: Images) -> Images:
    """Every pixel is the largest of the two by two that end at it, to the left and above."""
    return np.asarray(scipy.ndimage.maximum_filter(images, size=(1, 2, 2), mode="constant"))


def _turned(images: Images) -> Images:
    """Turned counter-clockwise about the middle, by linear interpolation; 0 where there was nothing."""
    return np.asarray(scipy.ndimage.rotate(images, DEGREES, axes=(2, 1), reshape=False, order=1))


def _moved(images: Images) -> Images:
    """Moved to the right; what leaves the image is lost."""
    result = np.zeros_like(images)
    result[:, :, PIXELS:] = images[:, :, :-PIXELS]
    return result


def _fainter(images: Images) -> Images:
    return INK * images


TRANSFORMATIONS: Mapping[str, Callable[[Images], Images]] = {
    "thicker": _thicker,
    "turned by 15 degrees": _turned,
    "moved right by 2 pixels": _moved,
    "half the ink": _fainter,
}
"""What is done to images (N, side, side) in [0, 1], by what it does."""


def transformed(images: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    """Images (N, d) of a square of grey pixels after the transformation of a name in :data:`TRANSFORMATIONS`.

    Raises ValueError for images that are no square of grey pixels, as colour images are none.
    """
    side = round(images.shape[1] ** 0.5)
    if side**2 != images.shape[1]:
        raise ValueError(f"images have {images.shape[1]} numbers; accepted: a square number of grey pixels.")
    return np.ascontiguousarray(TRANSFORMATIONS[name](images.reshape(-1, side, side)).reshape(images.shape))
