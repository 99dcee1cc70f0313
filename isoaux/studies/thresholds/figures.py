"""Several thresholds in pictures: densities in both variants, and the number of points and c4 as curves."""

import numpy as np
from matplotlib.figure import Figure as Canvas

from isoaux.drawing.axes import note_nothing
from isoaux.drawing.look import COLOURS, DASHES, MATHS, Drawn, style
from isoaux.drawing.panels import halved, nothing_small, sheet, small
from isoaux.paper import GROUPS, TITLES
from isoaux.records.reports import or_missing
from isoaux.records.results import Result
from isoaux.studies.thresholds import report


@or_missing
def panel_grid(result: Result) -> Drawn:
    """The first seed of every configuration, a column per threshold; combination-PPP above permutation-PPP."""
    drawing = result.drawing
    titles, labels = [], []
    for row in drawing["shown"]:
        configuration, _ = result.rows[row]
        group = GROUPS[configuration.activation]
        title = TITLES[configuration.activation].replace(" ", "\n")
        for variant, prefix in (("each plane once", ""), ("both orders", "permutation_")):
            titles.append([f"{count:,}" for count in drawing[f"{prefix}count"][row]])
            labels.append((f"{title}\n{MATHS[group]}, {configuration.pixels}\n{variant}", COLOURS[group]))
    heads = [rf"$\epsilon$ = {value:g}" for value in drawing["epsilon"]]
    canvas = sheet(drawing["density"], titles, labels, heads)
    return Drawn(canvas, report.sentence(result), finding=report.finding(result))


@or_missing
def curves(result: Result) -> Drawn:
    """Points over the isotropic expectation, and c4, against the threshold; grey, the network's random bases."""
    drawing, members = result.drawing, result.by_configuration
    epsilon = drawing["epsilon"]
    with style():
        canvas = Canvas(figsize=(11, 5), layout="constrained")
        grid = canvas.subplots(2, len(members), sharex=True, sharey="row", squeeze=False)
        for column, (configuration, rows) in zip(grid.T, members.items(), strict=True):
            group = GROUPS[configuration.activation]
            for axes, name in zip(column, ("count", "c4"), strict=True):
                for r in rows:
                    scale = np.maximum(drawing["expected"][r], 1) if name == "count" else 1
                    low, high = np.quantile(drawing[f"null_{name}"][r], (0.025, 0.975), axis=1)
                    axes.fill_between(epsilon, low / scale, high / scale, color="0.5", alpha=0.16, lw=0)
                    axes.plot(epsilon, drawing[name][r] / scale, color=COLOURS[group], ls=DASHES[group], marker=".")
            column[0].set_yscale("symlog", linthresh=0.1)
            column[0].axhline(1, color="0.4", lw=0.8, ls=(0, (1, 3)))
            column[1].axhline(0, color="0.4", lw=0.8, ls=(0, (1, 3)))
            column[0].set_title(f"{configuration.title} pixels, {MATHS[group]}", size=9, color=COLOURS[group])
            for axes in column:
                note_nothing(axes)
            column[1].set_xlabel(r"threshold $\epsilon$")
        grid[0, 0].set_ylabel("points / isotropic expectation")
        grid[1, 0].set_ylabel(r"$c_4$")
    return Drawn(canvas, report.curves_sentence(result), dpi=110)


def thumbnail(result: Result) -> bytes:
    """A small PNG: every other threshold in combination-PPP, a line per configuration, at half the resolution."""
    if result.lacking:
        return nothing_small(result.lacking)
    return small(halved(result.drawing["density"][::2, ::2]))
