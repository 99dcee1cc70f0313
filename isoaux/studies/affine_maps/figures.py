"""The maps of Appendix C.2.1 in pictures: error curves, and the representations at the end of training."""

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D

from isoaux.common.tables import Text
from isoaux.drawing.axes import epochs_axis
from isoaux.drawing.look import COLOURS, MAP_DASHES, MATHS, Drawn, style
from isoaux.drawing.panels import halved, nothing_small, sheet, small
from isoaux.paper import GROUPS, MAP_TITLES, TITLES
from isoaux.records import error_curves
from isoaux.records.reports import or_said
from isoaux.records.results import Collection, Result
from isoaux.studies.affine_maps import report as correction_report


@or_said
def panels_by_map(result: Result) -> Drawn:
    """The first seed at the last checkpoint: a row per activation, a column per map."""
    found = result.by_configuration
    activations = list(dict.fromkeys(own.activation for own in found))
    maps = list(dict.fromkeys(own.map for own in found))
    side = result.drawing["density"].shape[-1]
    pictures = np.full((len(activations), len(maps), side, side), 256, np.int16)
    titles = [[""] * len(maps) for _ in activations]
    for own, rows in found.items():
        r, c = activations.index(own.activation), maps.index(own.map)
        pictures[r, c] = result.drawing["density"][rows[0]]
        titles[r][c] = f"{int(result.drawing['count'][rows[0], result.figure.layer]):,}"
    labels = [(f"{TITLES[a]}\n{MATHS[GROUPS[a]]}".replace(" ", "\n", 1), COLOURS[GROUPS[a]]) for a in activations]
    heads = [MAP_TITLES[name].replace(", ", ",\n").replace(" correction", "\ncorrection") for name in maps]
    canvas = sheet(pictures, titles, labels, heads)
    return Drawn(canvas, correction_report.sentence(result), finding=correction_report.finding(result))


def curves(found: Collection) -> Drawn | Text:
    """Test errors against the epoch, sigma-weighted: a panel per depth and activation, means over the seeds."""
    if not found.found:
        return Text(found.words)
    known = error_curves.curves(found)
    if not known:
        return Text(correction_report.NO_CURVE)
    places = list(dict.fromkeys((own.L, own.activation) for own in known))
    epochs = next(iter(found)).drawing["epochs"]
    with style():
        canvas = Canvas(figsize=(2.9 * len(places), 3.9), layout="constrained")
        grid = canvas.subplots(1, len(places), sharey=True, squeeze=False)[0]
        for axes, (depth, activation) in zip(grid, places, strict=True):
            colour = COLOURS[GROUPS[activation]]
            for own, curve in known.items():
                if (own.L, own.activation) != (depth, activation):
                    continue
                plain = own.map == "affine"
                ink = "0.1" if plain else colour if own.matched else "0.6"
                look = {"ls": MAP_DASHES[own.map.removesuffix("_matched")], "color": ink}
                mean = curve.errors.mean(0)
                if len(curve.errors) > 1:
                    low, high = curve.errors.min(0), curve.errors.max(0)
                    axes.fill_between(epochs, low, high, color=look["color"], alpha=0.12, lw=0)
                axes.plot(epochs, mean, lw=2 if plain else 1.4, **look)
            axes.set_title(f"{TITLES[activation]}, {MATHS[GROUPS[activation]]}, L = {depth}", size=9, color=colour)
            axes.set_xlabel("epoch")
            axes.set_yscale("log")
            epochs_axis(axes, epochs)
        grid[0].set_ylabel("test error, sigma-weighted")
        shown = np.concatenate([curve.errors[:, 1:].ravel() for curve in known.values()])
        ticks = [t for t in (0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1) if 0.9 * shown.min() <= t <= 1.1 * shown.max()]
        grid[0].set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        grid[0].minorticks_off()
        grid[0].set_ylim(0.94 * shown.min(), 1.06 * shown.max())
        handles = [
            Line2D(
                [],
                [],
                ls=MAP_DASHES[name.removesuffix("_matched")],
                color="0.1" if name == "affine" else "0.4" if matched else "0.7",
                lw=2 if name == "affine" else 1.4,
                label=MAP_TITLES[name],
            )
            for name, matched in dict.fromkeys((own.map, own.matched) for own in known)
        ]
        canvas.legend(handles=handles, loc="outside lower center", ncols=min(4, len(places) + 1), handlelength=3.4)
    return Drawn(canvas, correction_report.curves_sentence(found), dpi=110)


def thumbnail(result: Result) -> bytes:
    """A small PNG: the first seed of the affine and the matched maps at half the resolution, a row per activation."""
    shown = {own: rows[0] for own, rows in result.by_configuration.items() if own.map == "affine" or own.matched}
    if not shown:
        return nothing_small(result.lacking or "No network with affine or matched maps was finished.")
    activations = list(dict.fromkeys(own.activation for own in shown))
    maps = list(dict.fromkeys(own.map for own in shown))
    density = halved(result.drawing["density"][list(shown.values())])
    panels = np.full((len(activations), len(maps), *density.shape[1:]), 256.0)
    for own, panel in zip(shown, density, strict=True):
        panels[activations.index(own.activation), maps.index(own.map)] = panel
    return small(panels)
