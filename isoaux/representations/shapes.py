"""Images of a shape on a coloured background, rendered: two qualities that can be combined at will.

Lengths are in pixels of an image with 24 pixels a side; images of another size show the same, coarser or finer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.common.choices import choose

Floats = NDArray[np.float64]
Pair = tuple[str, str]

COLOURS: Mapping[str, tuple[float, float, float]] = {
    "red": (1.0, 0.0, 0.0),
    "blue": (0.0, 0.0, 1.0),
    "green": (0.0, 1.0, 0.0),
    "yellow": (1.0, 1.0, 0.0),
}
"""The colours of backgrounds, as shares of red, green and blue."""

PURPLE = (0.5, 0.0, 0.5)
"""Half red and half blue."""

SIDE = 24
"""Pixels of an image's side, and the unit of all lengths."""

RADII, BRIGHTNESS, SHADES = (6.0, 7.0), (0.85, 1.0), (0.5, 1.0)
"""The ranges of a shape's radius and brightness, and of the shade of the background."""

SHIFT, NOISE = 1.0, 0.02
"""How far a shape's centre lies from the image's in either direction, and the standard deviation of pixel noise."""


def _disc(x: Floats, y: Floats, radius: Floats) -> Floats:
    return np.hypot(x, y) - radius


def _triangle(x: Floats, y: Floats, radius: Floats) -> Floats:
    """An equilateral triangle that stands on a side; its corners are 1.2 radii from the centre."""
    lean = np.abs(x) * np.sqrt(0.75) - y / 2
    return np.maximum(lean, y) - 0.6 * radius


def _box(x: Floats, y: Floats, width: Floats, height: Floats) -> Floats:
    return np.maximum(np.abs(x) - width, np.abs(y) - height)


def _square(x: Floats, y: Floats, radius: Floats) -> Floats:
    """A square with a side of 1.7 radii."""
    return _box(x, y, 0.85 * radius, 0.85 * radius)


def _cross(x: Floats, y: Floats, radius: Floats) -> Floats:
    """Two bars of two radii by 0.7 radii."""
    return np.minimum(_box(x, y, radius, 0.35 * radius), _box(x, y, 0.35 * radius, radius))


SHAPES: Mapping[str, Callable[[Floats, Floats, Floats], Floats]] = {
    "circle": _disc,
    "triangle": _triangle,
    "square": _square,
    "cross": _cross,
}
"""The signed distance of a place from the edge of a shape about the origin, negative inside; y points down."""


@dataclass(frozen=True)
class Draws:
    """What differs between images of the same colour and shape, each (N, ...).

    ``centre`` (N, 2) is right of and below the middle of the image, ``noise`` (N, side, side, 3) is added to pixels.
    """

    centre: Floats
    radius: Floats
    brightness: Floats
    shade: Floats
    noise: Floats


@dataclass(frozen=True)
class Rendered:
    """Images ``x`` (N, side * side * 3), and the places (N,) of their colours and shapes in the mappings' order."""

    x: NDArray[np.float32]
    colour: NDArray[np.int64]
    shape: NDArray[np.int64]


def render(
    colour: ArrayLike,
    shape: str,
    centre: ArrayLike,
    radius: ArrayLike,
    brightness: ArrayLike,
    shade: ArrayLike,
    side: int = SIDE,
) -> Floats:
    """An image (side, side, 3) of a grey shape of some ``brightness`` on a background, ``shade`` times a ``colour``.

    ``colour`` (..., 3) are shares of red, green and blue, ``shape`` is one of :data:`SHAPES`, ``centre`` (..., 2) lies
    right of and below the image's middle. Leading axes of all of them are broadcast and lead the result. Edges are
    smoothed over one pixel, by the signed distance of a pixel's middle. Raises ValueError for another shape, and a side
    below 1.
    """
    edge = choose("shape", shape, SHAPES)
    if side < 1:
        raise ValueError(f"side is {side}; accepted: whole numbers from 1.")
    background = np.asarray(shade, np.float64)[..., None] * np.asarray(colour, np.float64)
    centre, radius, brightness = (np.asarray(value, np.float64) for value in (centre, radius, brightness))
    pixel = SIDE / side
    places = (np.arange(side) + 0.5) * pixel - SIDE / 2
    x = places[None, :] - centre[..., 0, None, None]
    y = places[:, None] - centre[..., 1, None, None]
    inside = np.clip(0.5 - edge(x, y, radius[..., None, None]) / pixel, 0, 1)[..., None]
    return background[..., None, None, :] * (1 - inside) + brightness[..., None, None, None] * inside


def draws(count: int, generator: np.random.Generator, side: int = SIDE) -> Draws:
    """Random centres, radii, brightnesses, shades and noise of so many images."""
    return Draws(
        generator.uniform(-SHIFT, SHIFT, (count, 2)),
        generator.uniform(*RADII, count),
        generator.uniform(*BRIGHTNESS, count),
        generator.uniform(*SHADES, count),
        generator.normal(0, NOISE, (count, side, side, 3)),
    )


def images(colour: ArrayLike, shape: str, given: Draws) -> NDArray[np.float32]:
    """The images (N, side * side * 3) of a colour and a shape with what is drawn, pixels cut to [0, 1]."""
    side = given.noise.shape[1]
    plain = render(colour, shape, given.centre, given.radius, given.brightness, given.shade, side)
    return np.clip(plain + given.noise, 0, 1).reshape(len(given.radius), -1).astype(np.float32)


def sample(
    pairs: Sequence[Pair], each: int, seed: int, side: int = SIDE, colours: Mapping[str, ArrayLike] = COLOURS
) -> Rendered:
    """So many images of ``each`` pair of a colour and a shape, drawn with a seed, pair after pair.

    ``pairs`` name one of ``colours``, by default :data:`COLOURS`, and one of :data:`SHAPES`. Images of a pair are the
    same whatever the other pairs are. Raises ValueError for no pair, one that is unknown or named twice, and for fewer
    than one image.
    """
    if each < 1:
        raise ValueError(f"each is {each}; accepted: whole numbers from 1.")
    if not pairs or len(set(pairs)) < len(pairs):
        raise ValueError(f"pairs is {list(pairs)}; accepted: at least one pair of a colour and a shape, none twice.")
    x, colour, shape = [], [], []
    for name, form in pairs:
        hue = choose("colour", name, colours)
        choose("shape", form, SHAPES)
        place = list(colours).index(name), list(SHAPES).index(form)
        x.append(images(hue, form, draws(each, np.random.default_rng([seed, *place]), side)))
        colour.append(np.full(each, place[0]))
        shape.append(np.full(each, place[1]))
    return Rendered(np.concatenate(x), np.concatenate(colour), np.concatenate(shape))


def without_noise(given: Draws) -> Draws:
    """The same draws with no pixel noise, so that pixels are linear in the colour."""
    return replace(given, noise=np.zeros_like(given.noise))
