"""Single planes: what the pooled picture of a network hides, a panel for every pair of neurons (Sec. 4)."""

import numpy as np
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from isoaux import bases, density, ppp, published
from isoaux.figures import or_said
from isoaux.look import COLOURS, MATHS, Drawn, style
from isoaux.panels import GAP, mosaic, palette
from isoaux.paper import GROUPS, TITLES
from isoaux.results import Result

SIDE = 64
"""Pixels of a panel."""


@or_said
def plane_grid(result: Result) -> Drawn:
    """All planes of the published samples of a figure's networks, one triangle of panels per configuration.

    Row j, column i, i < j: the points near the plane of neurons i and j, from the representations that are published
    of the first seed at the last epoch. All panels of a network share one window and one brightness, from 0 to mean
    plus five standard deviations.
    """
    drawn = {configuration: _planes(result, configuration.id) for configuration, _ in result.rows}
    n = max(configuration.n for configuration in drawn)
    size = 0.3 * (n - 1)
    with style():
        canvas = Canvas(figsize=(len(drawn) * (size + 0.5), size + 0.5), layout="constrained")
        grid = canvas.subplots(1, len(drawn), squeeze=False)[0]
        for axes, (configuration, (panels, _)) in zip(grid, drawn.items(), strict=True):
            symmetry = GROUPS[configuration.activation]
            axes.imshow(mosaic(panels), cmap=palette(), vmin=0, vmax=256, interpolation_stage="rgba")
            centres = np.arange(configuration.n - 1) * (SIDE + GAP) + SIDE / 2
            axes.set_xticks(centres, range(1, configuration.n))
            axes.set_yticks(centres, range(2, configuration.n + 1))
            axes.tick_params(length=0, labelsize=7)
            axes.set_frame_on(False)
            axes.grid(False)
            axes.set_title(f"{TITLES[configuration.activation]}, {MATHS[symmetry]}", color=COLOURS[symmetry])
    return Drawn(canvas, _sentence({c.activation: counts for c, (_, counts) in drawn.items()}), dpi=110)


def _planes(result: Result, name: str) -> tuple[NDArray[np.uint8 | np.int16], NDArray[np.int64]]:
    """The panels (n - 1, n - 1, R, R) of a network, white where there is none, and the points of every plane."""
    z = result.samples(name)
    n = z.shape[1]
    found = ppp.project(z, bases.standard(n), result.records[name].facts["epsilon"])
    points = [found.points[found.plane == p] for p in range(len(found.planes))]
    pictures, _ = density.render_all(points, SIDE, bandwidth=1 / SIDE)
    panels = np.full((n - 1, n - 1, SIDE, SIDE), 256, np.int16)
    first, second = found.planes.T
    panels[second - 1, first] = published.quantise(pictures, density.limits(pictures)[1])
    return panels, found.counts


def _sentence(counts: dict[str, NDArray[np.int64]]) -> str:
    parts = []
    for activation, found in counts.items():
        largest = np.sort(found)[::-1].cumsum()
        half = int(np.searchsorted(largest, largest[-1] / 2) + 1) if largest[-1] else 0
        parts.append(
            f"{TITLES[activation]}: {found.sum():,} points, half of them in {half} of {len(found)} planes, "
            f"{np.count_nonzero(found == 0)} planes empty"
        )
    return f"A panel for every plane of two neurons, of one network each. {'; '.join(parts)}."
