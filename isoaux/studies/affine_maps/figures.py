"""The maps of Appendix C.2.1 in pictures: error curves, and the representations at the end of training."""

from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from isoaux.common.tables import Text
from isoaux.drawing.axes import epochs_axis, note_nothing
from isoaux.drawing.look import COLOURS, MAP_DASHES, MARKS, MATHS, Drawn, style
from isoaux.drawing.panels import halved, nothing_small, sheet, small
from isoaux.paper import GROUPS, MAP_TITLES, TITLES, Configuration
from isoaux.records import error_curves
from isoaux.records.error_curves import shared_seeds
from isoaux.records.reports import or_missing
from isoaux.records.results import Collection, Result
from isoaux.statistics import Interval
from isoaux.studies.affine_maps import report


@or_missing
def panels_by_map(result: Result) -> Drawn:
    """The densities of the first seed at the last checkpoint: a row per activation, a column per map."""
    shown = {configuration: rows[0] for configuration, rows in result.by_configuration.items()}
    panels, activations, maps = _grid({of: result.drawing["density"][row] for of, row in shown.items()})
    titles = [[""] * len(maps) for _ in activations]
    for configuration, row in shown.items():
        count = int(result.drawing["count"][row, result.figure.layer])
        titles[activations.index(configuration.activation)][maps.index(configuration.map)] = f"{count:,}"
    labels = [(f"{TITLES[a]}\n{MATHS[GROUPS[a]]}".replace(" ", "\n", 1), COLOURS[GROUPS[a]]) for a in activations]
    heads = [MAP_TITLES[name].replace(", ", ",\n").replace(" correction", "\ncorrection") for name in maps]
    canvas = sheet(panels, titles, labels, heads)
    return Drawn(canvas, report.sentence(result), finding=report.finding(result))


@or_missing
def curves(collection: Collection) -> Drawn | Text:
    """Test errors against the epoch, sigma-weighted: a panel per depth and activation, means over the seeds."""
    known = error_curves.curves(collection)
    if not known:
        return Text(report.NO_CURVE)
    places = list(dict.fromkeys((configuration.L, configuration.activation) for configuration in known))
    epochs = next(iter(collection)).drawing["epochs"]
    with style():
        canvas = Canvas(figsize=(2.9 * len(places), 3.9), layout="constrained")
        grid = canvas.subplots(1, len(places), sharey=True, squeeze=False)[0]
        for axes, (depth, activation) in zip(grid, places, strict=True):
            group = GROUPS[activation]
            for configuration, curve in known.items():
                if (configuration.L, configuration.activation) != (depth, activation):
                    continue
                look = _look(configuration.map, COLOURS[group] if configuration.matched else "0.6")
                if len(curve.errors) > 1:
                    low, high = curve.errors.min(0), curve.errors.max(0)
                    axes.fill_between(epochs, low, high, color=look["color"], alpha=0.12, lw=0)
                axes.plot(epochs, curve.errors.mean(0), **look)
            axes.set_title(f"{TITLES[activation]}, {MATHS[group]}, L = {depth}", size=9, color=COLOURS[group])
            axes.set_xlabel("epoch")
            axes.set_yscale("log")
            epochs_axis(axes, epochs)
        grid[0].set_ylabel("test error, sigma-weighted")
        errors = np.concatenate([curve.errors[:, 1:].ravel() for curve in known.values()])
        low, high = errors.min(), errors.max()
        ticks = [tick for tick in (0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1) if 0.9 * low <= tick <= 1.1 * high]
        grid[0].set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        grid[0].minorticks_off()
        grid[0].set_ylim(0.94 * low, 1.06 * high)
        maps = dict.fromkeys((configuration.map, configuration.matched) for configuration in known)
        handles = [
            Line2D([], [], label=MAP_TITLES[name], **_look(name, "0.4" if matched else "0.7")) for name, matched in maps
        ]
        canvas.legend(handles=handles, loc="outside lower center", ncols=min(4, len(places) + 1), handlelength=3.4)
    return Drawn(canvas, report.curves_sentence(collection), dpi=110)


@or_missing
def by_map(collection: Collection) -> Drawn | Text:
    """A row per depth and map at the last checkpoint: errors beside the affine map and beside tanh, and points.

    Errors are paired differences in percent with their 95% t intervals, points those of each network over the median of
    its random bases, at least 1. Open marks are maps as printed.
    """
    known = error_curves.curves(collection)
    if not known:
        return Text(report.NO_CURVE)
    places = list(dict.fromkeys((configuration.L, configuration.map) for configuration in known))
    depths = list(dict.fromkeys(depth for depth, _ in places))
    height = {place: i + depths.index(place[0]) for i, place in enumerate(places)}
    with style():
        canvas = Canvas(figsize=(11, 1.2 + 0.27 * (len(places) + len(depths))), layout="constrained")
        beside_affine, beside_tanh, points = canvas.subplots(1, 3, sharey=True)
        for configuration, curve in known.items():
            y, look = height[configuration.L, configuration.map], _mark(configuration)
            affine, tanh = replace(configuration, map="affine"), replace(configuration, activation="tanh")
            if configuration != affine and affine in known and shared_seeds(curve, known[affine]):
                shift = 0.16 if GROUPS[configuration.activation] == "O(n)" else -0.16
                _interval(beside_affine, y + shift, report.relative(curve, known[affine]), look)
            if configuration != tanh and tanh in known and shared_seeds(curve, known[tanh]):
                _interval(beside_tanh, y, report.relative(curve, known[tanh]), look)
        for result in collection:
            layer = result.figure.layer
            for configuration, rows in result.by_configuration.items():
                if configuration in known:
                    null = np.maximum(np.median(result.drawing["null_count"][rows, layer], axis=-1), 1)
                    ratios = result.drawing["count"][rows, layer] / null
                    shift = 0.16 if GROUPS[configuration.activation] == "O(n)" else -0.16
                    at = np.full(len(ratios), height[configuration.L, configuration.map] + shift)
                    points.plot(ratios, at, lw=0, ms=4.5, **_mark(configuration))
        for axes, line, label in (
            (beside_affine, 0.0, "error beside the affine map, %"),
            (beside_tanh, 0.0, "error of isotropic tanh beside tanh, %"),
            (points, 1.0, "points over random bases"),
        ):
            note_nothing(axes, "no points" if axes is points else "no pair")
            axes.axvline(line, color="0.3", lw=0.8, ls=(0, (4, 2)))
            axes.set_xlabel(label)
        points.set_xscale("symlog", linthresh=1)
        beside_affine.set_yticks(list(height.values()), [f"{MAP_TITLES[name]}, L = {depth}" for depth, name in height])
        beside_affine.set_ylim(max(height.values()) + 0.7, -0.7)
        handles = [
            Line2D([], [], lw=0, color=COLOURS[GROUPS[name]], marker=MARKS[GROUPS[name]], label=TITLES[name])
            for name in dict.fromkeys(configuration.activation for configuration in known)
        ]
        canvas.legend(handles=handles, loc="outside upper center", ncols=len(handles))
    return Drawn(canvas, report.by_map_sentence(collection), dpi=110)


def _mark(configuration: Configuration) -> dict[str, Any]:
    """Colour and mark of an activation, open where the map is as printed."""
    group, is_open = GROUPS[configuration.activation], configuration.map != "affine" and not configuration.matched
    return {"color": COLOURS[group], "marker": MARKS[group], "mfc": "white" if is_open else COLOURS[group]}


def _interval(axes: Axes, y: float, share: Interval, look: dict[str, Any]) -> None:
    """A share in percent as a mark, with its interval where there is one."""
    if share.count > 1:
        axes.hlines(y, 100 * share.low, 100 * share.high, color=look["color"], lw=1.3)
    axes.plot(100 * share.mean, y, lw=0, ms=4.5, **look)


def _look(name: str, colour: str) -> dict[str, Any]:
    """The line of a map: thick and nearly black where it is affine, else of this colour."""
    plain = name == "affine"
    dashes = MAP_DASHES[name.removesuffix("_matched")]
    return {"ls": dashes, "color": "0.1" if plain else colour, "lw": 2 if plain else 1.4}


def thumbnail(result: Result) -> bytes:
    """A small PNG: the first seed of the affine and the matched maps at half the resolution, a row per activation."""
    shown = {
        configuration: halved(result.drawing["density"][rows[0]])
        for configuration, rows in result.by_configuration.items()
        if configuration.map == "affine" or configuration.matched
    }
    if not shown:
        return nothing_small(result.lacking or "No network with affine or matched maps was finished.")
    return small(_grid(shown)[0])


def _grid(pictures: dict[Configuration, NDArray[Any]]) -> tuple[NDArray[Any], list[str], list[str]]:
    """Pictures (R, R) in an array (activations, maps, R, R), 256 where there is none; the activations, the maps."""
    activations = list(dict.fromkeys(configuration.activation for configuration in pictures))
    maps = list(dict.fromkeys(configuration.map for configuration in pictures))
    panels = np.full((len(activations), len(maps), *next(iter(pictures.values())).shape), 256.0)
    for configuration, picture in pictures.items():
        panels[activations.index(configuration.activation), maps.index(configuration.map)] = picture
    return panels, activations, maps
