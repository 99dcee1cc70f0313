"""The picture that explains a panel, drawn of the published Figure 8."""

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
    threshold, *panels = anatomy.reading_guide(result)
    words = [" ".join(text.get_text() for text in drawn.canvas.axes[0].texts) for drawn in (threshold, *panels)]
    assert "ε = 0.75" in words[0] and "41.4°" in words[0] and "41.4 degrees" in threshold.alt
    assert "beam" in words[1] and "ring" in words[2] and all("half way" in each for each in words[1:])
    assert all("on an axis" in each for each in words[1:])
    assert [drawn.canvas.axes[0].get_xlabel() for drawn in panels] == ["neuron i →"] * 2
    counts = [int(result.of_row(row, "count")[-1]) for row in range(len(result.rows))]
    for drawn, most, said in zip(panels, (max(counts[:5]), max(counts[5:])), words[1:], strict=True):
        assert f"{most:,} points" in said and f"{most:,} points" in drawn.alt


def test_ring_and_beam_are_where_they_are_drawn() -> None:
    grid = np.linspace(-1, 1, 200)
    x, y = np.meshgrid(grid, grid)
    axes = Canvas().subplots()
    radius = anatomy._radius(np.exp(-(((np.hypot(x, y) - 0.6) / 0.05) ** 2)))
    assert radius == pytest.approx(0.6, abs=0.03)
    anatomy._ring(axes, radius)
    (ring,) = (patch for patch in axes.patches if isinstance(patch, Circle))
    assert ring.radius == radius
    anatomy._beam(axes, np.exp(-(((x - 0.5) ** 2 + (y - 0.1) ** 2) / 0.01)))
    assert axes.texts[-1].xy == pytest.approx((0.5, 0.1), abs=0.05)
