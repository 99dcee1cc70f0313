"""What is measured of networks that name the qualities of an image, how much in each profile, and the published data.

Arrays of the figures on pairs, purple and linearity begin with an axis over seeds, those of the figure on offsets with
one over its networks. *Held-out* accuracies and places are those of a design: ``turn`` leaves out one pair, each in
turn, ``diagonal`` four pairs at once, and ``joined`` the same four from networks that have one softmax over all pairs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from isoaux.paper import Figure
from isoaux.records.reading import read_figure
from isoaux.records.results import Result
from isoaux.representations.shapes import COLOURS, SHAPES, Pair
from isoaux.settings import WITHOUT_FIGURE, Settings, restrict

ACTIVATIONS = ("relu", "tanh", "isotanh")
"""The activations that are compared, from the same start."""

DESIGNS: Mapping[str, str] = {
    "turn": "one pair held out, each in turn",
    "diagonal": "four pairs held out at once",
    "joined": "four pairs held out, one softmax over the pairs",
}
"""What is held out, and from which task."""

QUALITIES = ("colour", "shape")

LEAST_SEEN = 0.98
"""The accuracy on seen pairs below which a network says nothing of pairs that it has not seen."""

LAYERS, STATES = ("before the activation", "behind the activation"), ("untrained", "trained")

CURVE = ("share", "cosine", "monotone", "half_steps", "angle")
"""The numbers of a curve (:class:`isoaux.representations.linearity.Curve`)."""

SUMS = ("means", "images", "cells")
"""R^2 by a sum of the two qualities, of cell means and of single images, and that of images by their cell."""

OFFSETS = ("cosine", "shared", "hits")
"""The numbers of offsets (:class:`isoaux.representations.linearity.Offsets`)."""

STEPS = 20
"""Steps of intensity from 0 to 1."""

SIZES, INTENSITIES = (3.5, 4.5, 5.5, 6.5, 7.5, 8.5), tuple(step / 6 for step in range(1, 7))
"""Radii and intensities whose sums are asked for; a quality of intensity 0 has no direction."""

PRIMER = (("red", "blue"), ("circle", "triangle"))
"""The colours and shapes of the design with purple."""

PAIRS: tuple[Pair, ...] = tuple((colour, shape) for colour in COLOURS for shape in SHAPES)
"""All pairs, colour by colour."""


@dataclass(frozen=True)
class Size:
    """How much is trained and measured.

    Images have ``side`` pixels a side; ``each`` are trained on and ``tests`` tested of every pair, for ``epochs``;
    ``rest`` draws are made of what else differs along a series, ``draws`` of random directions and permutations, and
    ``digits`` test images are transformed.
    """

    side: int
    each: int
    tests: int
    epochs: int
    rest: int
    draws: int
    digits: int
    hidden: int = 32
    few: int = 16


FULL = Size(24, 150, 100, 40, 50, 99, 4000)
SIZES_OF: Mapping[str, Size] = {
    "smoke": Size(12, 50, 20, 30, 8, 19, 200),
    "quick": Size(24, 150, 100, 40, 50, 49, 1000),
    "paper": FULL,
}
"""The sizes by profile."""

ACCEPTED = {**WITHOUT_FIGURE, "dtype": ("default", "float32")}
"""Values of those settings that have no other meaning where images are rendered."""


def check(figure: Figure, settings: Settings) -> None:
    """Raise ValueError for a setting that only networks of the catalogue have."""
    if not figure.entry["networks"]:
        restrict(settings, ACCEPTED, f"but the images of {figure.name} are rendered, and its networks fixed")


def read(figure: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The published data of a figure; errors as in :func:`isoaux.records.reading.read_figure` and :func:`check`."""
    check(figure, settings)
    return read_figure(figure, settings, folder)
