"""Appendix C.2 in pictures: where activations turn a step, and how a batch turns the step of one sample."""

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure as Canvas

from isoaux.common.numbers import low_to_high
from isoaux.drawing.look import COLOURS, MAP_DASHES, MATHS, Drawn, style
from isoaux.paper import GROUPS, MAP_TITLES, TITLES
from isoaux.studies.gradient_flow.data import BATCH, EPOCHS, RADIUS, SIZES, AngleMap, BatchAngles, MapCurves

STEP = 5
"""Degrees of one shade of a map."""

LOOKS = {
    "noise, d = 64": ("#8c8c8c", ":"),
    "noise, d = 3072": ("#8c8c8c", "-."),
    "digits, raw": ("#111111", "-"),
    "digits, standardised": ("#111111", "--"),
    "patches, raw": ("#b8336a", "-"),
    "patches, standardised": ("#b8336a", "--"),
}
"""Colour and line of every kind of inputs; none of the colours is that of a symmetry group."""


def angle_maps(maps: Sequence[AngleMap]) -> Drawn:
    """A column per activation: the mean angle of the step on z (top) and on a (bottom) over the plane, one scale."""
    steps = int(np.ceil(max(float(angles.values.max()) for angles in maps) / STEP))
    scale = ScalarMappable(Normalize(0, steps * STEP), colormaps["magma"].resampled(steps))
    with style():
        canvas = Canvas(figsize=(1.45 * len(maps) + 1, 3.6), layout="constrained")
        grid = canvas.subplots(2, len(maps), sharex=True, sharey=True, squeeze=False)
        for column, angles in zip(grid.T, maps, strict=True):
            group = GROUPS[angles.activation]
            title = TITLES[angles.activation].replace(" ", "\n") + f", {MATHS[group]}"
            column[0].set_title(title, color=COLOURS[group], fontsize=9)
            for axes, values in zip(column, angles.values, strict=True):
                extent = (-angles.reach, angles.reach, -angles.reach, angles.reach)
                axes.imshow(values, extent=extent, origin="lower", norm=scale.norm, cmap=scale.cmap)
                axes.set_xticks([-angles.reach, 0, angles.reach])
                axes.set_yticks([-angles.reach, 0, angles.reach])
        for axes, words in zip(grid[:, 0], ("step on $z$", "step on $a$"), strict=True):
            axes.set_ylabel(f"{words}\n$z_2$")
        for axes in grid[-1]:
            axes.set_xlabel("$z_1$")
        canvas.colorbar(scale, ax=grid, label="mean angle to $g$, degrees", shrink=0.9, pad=0.01)
    return Drawn(canvas, _maps_sentence(maps))


def _maps_sentence(maps: Sequence[AngleMap]) -> str:
    parts = []
    for angles in maps:
        on_z, on_a = (low_to_high(values, "{:.0f}") for values in angles.circle.tolist())
        parts.append(f"{TITLES[angles.activation]}, {on_z} on z and {on_a} on a")
    return (
        f"Maps of the mean angle between the gradient and the step it causes, over a plane, for {len(maps)} "
        f"activations. At length {RADIUS:g}, in degrees: {'; '.join(parts)}."
    )


def batch_angles(angles: Sequence[BatchAngles]) -> Drawn:
    """A row per activation: the shares of samples below an angle, untrained and trained; the mean by batch size."""
    rows = list(dict.fromkeys(entry.activation for entry in angles))
    highest = max(93, *(entry.by_size.max() + 3 for entry in angles))
    with style():
        canvas = Canvas(figsize=(11, 2.7 * len(rows) + 0.6), layout="constrained")
        grid = canvas.subplots(len(rows), 3, sharex="col", squeeze=False)
        for panels, activation in zip(grid, rows, strict=True):
            for entry in angles:
                if entry.activation != activation:
                    continue
                colour, dashes = LOOKS[entry.inputs]
                for axes, values in zip(panels, (entry.before, entry.after), strict=False):
                    share = np.linspace(0, 1, 201)
                    axes.plot(np.quantile(values, share), share, color=colour, ls=dashes)
                panels[2].plot(SIZES, entry.by_size, color=colour, ls=dashes, marker=".", label=entry.inputs)
            group = GROUPS[activation]
            panels[0].set_ylabel(f"{TITLES[activation]}, {MATHS[group]}\nshare of samples", color=COLOURS[group])
            for axes in panels[:2]:
                axes.axvline(90, color="0.6", lw=0.8, zorder=0)
                axes.set_xlim(0, 180)
                axes.set_xticks(range(0, 181, 45))
            panels[2].axvline(BATCH, color="0.6", lw=0.8, zorder=0)
            panels[2].set_ylim(0, highest)
            panels[2].set_yticks(range(0, 91, 30))
            panels[2].set_ylabel("mean angle, degrees")
        titles = ("untrained", f"after {EPOCHS} epochs", "the mean after that, by batch size")
        for axes, words in zip(grid[0], titles, strict=True):
            axes.set_title(words)
        for axes in grid[-1, :2]:
            axes.set_xlabel("angle to the sample's own step, degrees")
        grid[-1, 2].set_xlabel("samples of a batch")
        grid[-1, 2].set_xscale("log", base=2)
        grid[-1, 2].set_xticks(SIZES, [str(size) for size in SIZES])
        handles, labels = grid[0, 2].get_legend_handles_labels()
        canvas.legend(handles, labels, loc="outside lower center", ncols=len(labels), fontsize=8)
    return Drawn(canvas, _batch_sentence(angles), dpi=110)


def _batch_sentence(angles: Sequence[BatchAngles]) -> str:
    parts = [
        f"{entry.inputs}, {TITLES[entry.activation]}: {np.median(entry.before):.0f} and {np.median(entry.after):.0f}"
        for entry in angles
    ]
    return (
        f"Angles between the step that a sample alone would make and that of its batch of {BATCH}, as shares of "
        f"samples, and their mean by batch size. Medians in degrees, untrained and trained, {'; '.join(parts)}."
    )


def by_length(maps: Sequence[MapCurves]) -> Drawn:
    """Three panels over the length of the input, a line per map.

    What W multiplies, the gradient of the weights, and the factor of the step; the first has isotropic tanh beside it.
    """
    lengths = maps[0].lengths
    with style():
        canvas = Canvas(figsize=(11, 3.2), layout="constrained")
        first, second, third = canvas.subplots(1, 3)
        for entry in maps:
            look = {"ls": MAP_DASHES[entry.map], "label": MAP_TITLES[entry.map], "color": "0.15", "lw": 1.6}
            for axes, values in zip(
                (first, second, third), (entry.multiplied, entry.gradient, entry.step), strict=True
            ):
                axes.plot(lengths, values, **look)
        first.plot(lengths, np.tanh(lengths), color=COLOURS["O(n)"], lw=1, label="isotropic tanh")
        for axes, words in zip(
            (first, second, third),
            (
                "length of what is multiplied by $W$",
                r"$\|\partial L / \partial W\| \;/\; \|g\|$",
                r"step of $z$ over $\eta g$",
            ),
            strict=True,
        ):
            axes.set_title(words)
            axes.set_xlabel(r"length of the input, $\|x\|$")
            axes.set_xlim(0, lengths[-1])
        for axes in (first, second):
            axes.set_ylim(0, 2)
        third.set_yscale("log")
        third.set_yticks([0.5, 1, 2, 5, 10, 20], ["0.5", "1", "2", "5", "10", "20"])
        third.minorticks_off()
        third.set_ylim(0.4, 20)
        handles, labels = first.get_legend_handles_labels()
        canvas.legend(handles, labels, loc="outside lower center", ncols=5, handlelength=3.4)
    ends = "; ".join(f"{MAP_TITLES[entry.map]}: {entry.step[-1]:.3g}" for entry in maps)
    alt = (
        f"Three panels over the length of the input from 0 to {lengths[-1]:g}, a line per map: the length of what W "
        "multiplies, the size of the weights' gradient, and the factor of the step of z. "
        f"The last at length {lengths[-1]:g}, {ends}."
    )
    return Drawn(canvas, alt, dpi=110)
