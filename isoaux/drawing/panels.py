"""Densities as panels of one picture."""

from collections.abc import Sequence
from textwrap import fill
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray
from PIL import Image

from isoaux.drawing.look import Drawn, palette_png, style

GAP = 8
"""White pixels between panels."""


def halved(density: NDArray[Any]) -> NDArray[Any]:
    """Densities (..., R, R) at half the resolution, (..., R/2, R/2): the means of 2 x 2 pixels."""
    side = density.shape[-1] // 2
    return density.reshape(*density.shape[:-2], side, 2, side, 2).mean((-3, -1))


def small(panels: NDArray[Any]) -> bytes:
    """Panels (rows, columns, R, R) of 0 to 255 as a PNG of one pixel per pixel of theirs."""
    picture = mosaic(panels)[:-GAP, :-GAP]
    colours = (palette()(picture.astype(int))[..., :3] * 255).astype(np.uint8)
    return palette_png(Image.fromarray(colours), 128)


def nothing_small(words: str) -> bytes:
    """A small PNG with ``words``, which say why there is no picture."""
    with style():
        canvas = Canvas(figsize=(2.4, 1.2))
        canvas.text(0.5, 0.5, fill(words, 30), ha="center", va="center", size=8)
    return Drawn(canvas, words, dpi=90).png()


def palette() -> mpl.colors.Colormap:
    """The colours of pictures: magma for 0 to 255, white for 256, the gaps between panels."""
    colours = mpl.colormaps["magma"](np.linspace(0, 1, 256))
    return mpl.colors.ListedColormap([*colours, (1, 1, 1, 1)])


def mosaic(density: NDArray[Any]) -> NDArray[np.int16]:
    """Panels (rows, columns, R, R) as one picture, with a gap of 256 to the right of each and below it.

    The first row of pixels of a panel is at its bottom, the first row of the picture at its top.
    """
    rows, columns, side = density.shape[:3]
    step = side + GAP
    picture = np.full((rows * step, columns * step), 256, np.int16)
    for r in range(rows):
        for c in range(columns):
            picture[r * step : r * step + side, c * step : c * step + side] = density[r, c, ::-1]
    return picture


def sheet(
    pictures: NDArray[Any],
    titles: list[list[str]],
    labels: Sequence[tuple[str, str]],
    heads: Sequence[str] = (),
) -> Canvas:
    """A figure of ``pictures`` (rows, columns, R, R) of 0 to 255 in one axes.

    ``titles``, by row and column, stand below the pictures; ``labels``, a text and its colour for each row, to their
    left; ``heads``, one for each column, above the first row.
    """
    rows, columns, side = pictures.shape[:3]
    panel, foot = 1.05, 0.19
    top = 0.24 + 0.15 * max(head.count("\n") for head in heads) if heads else 0.04
    left = 0.25 + 0.075 * max(len(line) for words, _ in labels for line in words.replace("$", "").split("\n"))
    step = side + GAP
    cell = side + foot / panel * step
    width, height = left + columns * panel, top + rows * cell / step * panel
    with style():
        canvas = Canvas(figsize=(width, height))
        axes = canvas.add_axes((left / width, 0, columns * panel / width, 1 - top / height))
        for r, row in enumerate(pictures):
            line = mosaic(row[None])[:side]
            extent = (0, columns * step, r * cell + side, r * cell)
            axes.imshow(line, cmap=palette(), vmin=0, vmax=256, extent=extent, interpolation_stage="rgba")
            for c, words in enumerate(titles[r]):
                axes.text(c * step + side / 2, r * cell + side + 4, words, ha="center", va="top", size=8)
            words, colour = labels[r]
            axes.text(-14, r * cell + side / 2, words, ha="right", va="center", color=colour, multialignment="right")
        for c, words in enumerate(heads):
            axes.text(c * step + side / 2, -6, words, ha="center", va="bottom")
        axes.set_axis_off()
        axes.set_aspect("auto")
        axes.set_xlim(0, columns * step)
        axes.set_ylim(rows * cell, 0)
    return canvas
