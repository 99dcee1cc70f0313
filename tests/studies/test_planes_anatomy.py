"""The picture that explains a panel, drawn of the published Figure 8."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Circle

from isoaux.paper import figure
from isoaux.records import reading
from isoaux.settings import Settings
from isoaux.studies.planes import anatomy


def test_the_picture_names_the_parts_of_published_panels() -> None:
    result = reading.read(figure("fig08"), Settings())
    drawn = anatomy.reading_guide(result)
    words = " ".join(text.get_text() for axes in drawn.canvas.axes for text in axes.texts)
    for part in ("ε = 0.75", "41.4°", "beam", "ring", "half way", "on an axis"):
        assert part in words
    assert [axes.get_xlabel() for axes in drawn.canvas.axes[1:]] == ["neuron i →"] * 2
    counts = [int(result.of_row(row, "count")[-1]) for row in range(len(result.rows))]
    most = [max(counts[:5]), max(counts[5:])]
    assert [int(found.replace(",", "")) for found in re.findall(r"([\d,]+) points", words)] == most
    assert all(f"{count:,} points" in drawn.alt for count in most)


def test_ring_and_beam_are_where_they_are_drawn() -> None:
    grid = np.linspace(-1, 1, 200)
    x, y = np.meshgrid(grid, grid)
    axes = Canvas().subplots()
    radius = anatomy._panel(axes, np.exp(-(((np.hypot(x, y) - 0.6) / 0.05) ** 2)))
    assert radius == pytest.approx(0.6, abs=0.03)
    anatomy._ring(axes, radius)
    (ring,) = (patch for patch in axes.patches if isinstance(patch, Circle))
    assert ring.radius == radius
    anatomy._beam(axes, np.exp(-(((x - 0.5) ** 2 + (y - 0.1) ** 2) / 0.01)))
    assert axes.texts[-1].xy == pytest.approx((0.5, 0.1), abs=0.05)
