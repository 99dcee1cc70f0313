"""Where the panels of a figure are, which keep their colours on a dark page."""

import numpy as np
import pytest
from matplotlib.figure import Figure as Canvas

from isoaux.drawing.look import Drawn, panels
from isoaux.drawing.panels import mosaic, palette, sheet


def test_panels_of_a_mosaic_lie_between_its_white_gaps() -> None:
    canvas = Canvas(figsize=(4, 2))
    axes = canvas.add_axes((0, 0, 1, 1))
    picture = mosaic(np.zeros((1, 2, 92, 92)))[:-8]  # two panels of 92 and a gap of 8 to the right of each
    axes.imshow(picture, cmap=palette(), vmin=0, vmax=256, aspect="auto")
    assert panels(canvas) == [[0, 0, 46, 100], [50, 0, 96, 100]]


def test_of_rows_with_titles_below_each_has_its_own_place() -> None:
    canvas = sheet(np.zeros((3, 2, 100, 100)), [["", ""]] * 3, [("tanh", "black")] * 3)
    found = np.array(panels(canvas))
    assert found.shape == (6, 4) and (found[:, :2] < found[:, 2:]).all()
    assert (found[2:, 1] > found[:-2, 3]).all(), "rows follow each other from the top"


def test_dark_axes_keep_their_colours_and_white_ones_do_not() -> None:
    canvas = Canvas(figsize=(4, 4))
    canvas.add_axes((0.1, 0.2, 0.3, 0.4)).set_facecolor("black")
    canvas.add_axes((0.6, 0.2, 0.3, 0.4)).plot([0, 1])
    assert panels(canvas)[0] == pytest.approx([10, 40, 40, 80])
    assert len(panels(canvas)) == 1


def test_a_picture_says_where_its_panels_are() -> None:
    canvas = Canvas(figsize=(1, 1))
    canvas.add_axes((0, 0, 1, 1)).plot([0, 1])
    _, about = Drawn(canvas, "A line.")._repr_mimebundle_()
    assert about["image/png"] == {"alt": "A line.", "panels": []}
