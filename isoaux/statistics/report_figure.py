"""The figure of a report: densities in the measured basis and in a random one, angles, and statistics with nulls."""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from isoaux import density
from isoaux.common.tables import listed
from isoaux.drawing.look import Drawn, style
from isoaux.statistics.basis import in_bases
from isoaux.statistics.nulls import LEVEL
from isoaux.statistics.points import BINS, panel
from isoaux.statistics.tally import Meter
from isoaux.statistics.tested import Tested

BASES = 99
"""Random bases that the band of the angles is made of."""

WITHIN = 0.98
"""Share of the points inside the images; the window would be too wide with the longest ones."""

MEASURED, RANDOM = "#c8500a", "0.45"
"""The colours of the measured basis and of random ones."""


def of(report: Tested) -> Drawn:
    """The figure of a report, four panels; :meth:`isoaux.statistics.Report.figure` calls it."""
    points = _points(report)
    here, first = next(points), next(points)
    others = [_angles(first), *map(_angles, points)]
    window = density.window_for([here, first], WITHIN)
    images = [density.render(points, window, method="binned") for points in (here, first)]
    with style():
        canvas = Canvas(figsize=(11, 3), layout="constrained")
        panels = canvas.subplots(1, 4, width_ratios=(1, 1, 1.25, 1.25))
        for axes, image, title, count in zip(
            panels[:2],
            images,
            (f"In the {report.basis_name}", "In one random basis"),
            (len(here), len(first)),
            strict=True,
        ):
            axes.imshow(
                image, vmin=0, vmax=density.limits(images)[1] or 1, origin="lower", extent=[-window, window] * 2
            )
            axes.set_title(title)
            axes.set_xlabel(f"{count:,} points" + (f", {report.leading} directions" if report.leading else ""))
            axes.set_xticks([-window, 0, window], [f"{-window:.2g}", "0", f"{window:.2g}"])
            axes.set_yticks([])
        _histogram(panels[2], _angles(here), np.array(others))
        _beside(panels[3], report)
    return Drawn(canvas, _sentence(report, len(here), len(first)), dpi=110, finding=report.answer)


def _points(report: Tested) -> Iterator[NDArray[np.float64]]:
    """The points (k, 2) in the measured basis, and then those in each of :data:`BASES` random ones."""
    rows, basis = report.prepared.rows, report.prepared.basis
    measure = Meter(rows, basis, report.epsilon, report.variant, ["count"], report.leading)
    for coordinates in in_bases(measure, basis, BASES, report.seed):
        yield measure.points(coordinates)


def _angles(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The histogram of the points' angles in bins of 5 degrees, over that of an even spread."""
    histogram = panel(points).histogram
    return histogram * (BINS / max(1, histogram.sum()))


def _histogram(axes: Axes, here: NDArray[np.float64], others: NDArray[np.float64]) -> None:
    degrees = np.arange(BINS + 1) * 360 / BINS
    low, high = np.quantile(others, (0.025, 0.975), axis=0)
    low, high, measured = (np.append(values, values[0]) for values in (low, high, here))
    axes.fill_between(degrees, low, high, color="0.85", lw=0, label=f"middle 95% of {len(others)} random bases")
    axes.plot(degrees, measured, color=MEASURED, label="measured")
    axes.set_title("Angles of the points")
    axes.set_xlabel("degrees from the first axis")
    axes.set_ylabel("times an even spread")
    axes.set_xticks([0, 90, 180, 270, 360])
    axes.set_xlim(0, 360)
    axes.set_ylim(0, 1.25 * max(1.5, measured.max(), high.max()))
    axes.legend(loc="upper center", handlelength=1.2)


def _beside(axes: Axes, report: Tested) -> None:
    """Draw every statistic, scaled so that the middle 95% of its random bases is -1 to 1 and their median 0."""
    names = list(report.tests)
    rng = np.random.default_rng(0)
    for row, name in enumerate(names):
        test = report.tests[name]
        null = _scaled(test.null, test.null)
        axes.plot(null, row + rng.uniform(-0.28, 0.28, len(null)), ",", color=RANDOM, zorder=1, rasterized=True)
        (value,) = _scaled(np.array([test.value]), test.null)
        solid = report.adjusted[name] <= LEVEL
        axes.plot(value, row, "D", color=MEASURED, mfc=MEASURED if solid else "white", ms=6, zorder=3)
    axes.axvspan(-1, 1, color="0.9", lw=0, zorder=0)
    axes.axvline(0, color="0.6", lw=0.8, zorder=0)
    axes.set_xscale("symlog", linthresh=2, linscale=1.5)
    limit = max(3.0, *(1.5 * abs(_scaled(np.array([t.value]), t.null)[0]) for t in report.tests.values()))
    ticks = [t for t in (-100, -10, -1, 0, 1, 10, 100) if abs(t) <= limit]
    axes.set_xlim(-limit, limit)
    axes.set_xticks(ticks, [f"{t:+d}" if t else "0" for t in ticks])
    axes.minorticks_off()
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_title(f"Beside random bases, {report.preparation}")
    axes.set_xlabel("middle 95% of random bases: −1 to 1", x=1, ha="right")


def _scaled(values: NDArray[np.float64], null: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances from the null's median over that of its 2.5% or 97.5% quantile, clipped to -300 and 300."""
    low, middle, high = np.quantile(null, (0.025, 0.5, 0.975))
    away = values - middle
    width = np.where(away < 0, middle - low, high - middle)
    return np.where(away == 0, 0, np.clip(away / np.maximum(width, 1e-12 + 1e-9 * np.abs(away)), -300, 300))


def _sentence(report: Tested, here: int, there: int) -> str:
    planes = f", in planes of the {report.leading} nearest directions" if report.leading else ""
    return (
        f"Two densities, of {here:,} points in the {report.basis_name} and of {there:,} in a random "
        f"one{planes}, the outermost {1 - WITHIN:.0%} left out; the angles of the points "
        f"with the band of random bases; and {len(report.tests)} statistics beside their values in "
        "random bases, those with an "
        f"adjusted p of at most {LEVEL:g} ({report.preparation}) filled: {listed(report.special) or 'none'}."
    )
