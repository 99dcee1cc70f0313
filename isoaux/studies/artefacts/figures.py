"""Appendix A in pictures: panels without a network, their scatter, and trained networks in rotated bases."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import NullFormatter

from isoaux import density, statistics
from isoaux.common import archive
from isoaux.common.tables import Text
from isoaux.drawing.look import COLOURS, MATHS, Drawn, style
from isoaux.drawing.panels import halved, nothing_small, sheet, small
from isoaux.paper import GROUPS, TITLES
from isoaux.records.reports import or_said
from isoaux.records.results import Collection, Result
from isoaux.studies.artefacts import report
from isoaux.studies.artefacts.rotated import Networks

STYLES = {
    "fig04": ("#111111", "-", "o"),
    "fig05": ("#c8500a", "--", "s"),
    "fig06": ("#1f6fb4", "-.", "^"),
    "fig07": ("#2a8a57", ":", "D"),
}
"""Colour, line and mark of every figure of Appendix A, told apart without colour too."""

TURNS = 7
"""Random bases in which a trained network is drawn beside its own."""


@or_said
def panel_grid(result: Result) -> Drawn:
    """The paper's Figures 4 to 7: every panel another cloud in another random basis; its number of points below."""
    counts, seeds = result.drawing["count"], result.facts["seeds"]
    titles = [[f"{count:,}" for count in row] for row in counts]
    canvas = sheet(result.drawing["density"], titles, [(f"seed {seed}", "black") for seed in seeds])
    return Drawn(canvas, report.sentence(result), finding=report.finding(result))


def rotated(trained: Sequence[Networks]) -> Drawn | Text:
    """The published representations of trained networks in the neurons' basis (left) and in random ones, a row each."""
    if not trained:
        return Text("No trained network is published yet.")
    pictures, titles, labels = [], [], []
    for net in trained:
        points = [net.points(turn) for turn in range(TURNS + 1)]
        drawn, _ = density.render_all(points)
        pictures.append([archive.quantise(image, density.limits(image)[1]) for image in drawn])
        titles.append([f"{len(p):,}" for p in points])
        group = GROUPS[net.configuration.activation]
        words = TITLES[net.configuration.activation].replace(" ", "\n")
        labels.append((f"{words}\n{MATHS[group]}, Fig. {net.figure.number}", COLOURS[group]))
    heads = ["own basis", *(f"random {turn}" for turn in range(1, TURNS + 1))]
    return Drawn(sheet(np.array(pictures), titles, labels, heads), _rotated_sentence(trained))


def _rotated_sentence(trained: Sequence[Networks]) -> str:
    parts = []
    for net in trained:
        count = [len(net.points(turn)) for turn in range(TURNS + 1)]
        parts.append(
            f"{TITLES[net.configuration.activation]} of Figure {net.figure.number}: {count[0]:,} points in its own "
            f"basis, {min(count[1:]):,} to {max(count[1:]):,} in random ones"
        )
    return f"Grid of densities of {len(trained)} trained networks in {TURNS + 1} bases each. {'; '.join(parts)}."


def scatter(collection: Collection) -> Drawn | Text:
    """How much the panels of every figure differ: variance over mean by angle, and how their counts are distributed.

    Left with standard errors over the panels, beside the closed form of isotropic samples; right the share of panels,
    in all of their bases, that have at most so many points.
    """
    if not collection.found:
        return Text(collection.words)
    angles = np.arange(statistics.BINS // 8 + 1) * 360 / statistics.BINS
    law = report.folded(report.theory(next(iter(collection))).inflation)
    with style():
        canvas = Canvas(figsize=(10, 3.6), layout="constrained")
        left, right = canvas.subplots(1, 2)
        left.plot(angles, law, color="0.5", lw=1.5, label="closed form, isotropic", zorder=1)
        left.axhline(1, color="0.4", lw=0.8, ls=(0, (1, 3)))
        beyond = []
        for place, result in enumerate(collection):
            colour, dashes, mark = STYLES[result.figure.name]
            value, error = report.inflation(result)
            name = f"Figure {result.figure.number}"
            if value.max() > 3 * law.max():
                beyond.append(f"{name}: {value.min():,.0f} to {value.max():,.0f}, beyond this scale")
            else:
                shown = angles + 0.25 * (place - 1.5)  # side by side
                left.errorbar(shown, value, error, color=colour, ls="", marker=mark, ms=4, label=name, lw=1)
            counts = np.sort(report.flat(result, "null_count").ravel())
            share = np.arange(1, len(counts) + 1) / len(counts)
            right.plot(
                np.maximum(counts, 1), share, color=colour, ls=dashes, label=name, drawstyle="steps-post", lw=1.6
            )
            right.axvline(report.expected(result), color="0.4", lw=0.8, ls=(0, (1, 3)))
        left.set_ylim(0, 1.25 * law.max())
        if beyond:
            left.text(0.98, 0.96, "\n".join(beyond), transform=left.transAxes, ha="right", va="top", fontsize=8)
        left.set_xlabel("angle from the nearest axis of the panel, degrees")
        left.set_title("variance / mean of bins of 5°")
        left.set_xticks(np.arange(0, 46, 5))
        right.set_xscale("log")
        right.set_xlabel("points of a panel")
        right.set_title("share of panels with at most so many")
        right.xaxis.set_major_formatter("{x:,.0f}")
        right.xaxis.set_minor_formatter(NullFormatter())
        left.legend(fontsize=8, loc="center right", bbox_to_anchor=(1, 0.66))
        right.legend(fontsize=8, loc="upper left")
    return Drawn(canvas, _scatter_sentence(collection))


def _scatter_sentence(collection: Collection) -> str:
    parts = []
    for result in collection:
        value, _ = report.inflation(result)
        counts = report.flat(result, "null_count")
        low, high = np.quantile(counts, (0.025, 0.975))
        parts.append(
            f"Figure {result.figure.number}: {value[0]:,.1f} at the axes, {value[-1]:,.1f} at the diagonals, and 95% "
            f"of the panels have {low:,.0f} to {high:,.0f} points"
        )
    law = report.theory(next(iter(collection))).inflation
    return (
        f"Left, variance over mean of bins of 5 degrees against the angle; isotropic samples have {law[0]:.2f} at the "
        f"axes and {law[statistics.BINS // 8]:.2f} at the diagonals. Right, how the number of points is distributed. "
        f"{'; '.join(parts)}."
    )


def thumbnail(result: Result) -> bytes:
    """A small PNG of the first row of panels, at half the resolution."""
    if result.lacking:
        return nothing_small(result.lacking)
    return small(halved(result.drawing["density"][:2, :5]))
