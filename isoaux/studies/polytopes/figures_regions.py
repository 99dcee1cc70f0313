"""Clusters of activations and codes, and directions, in pictures."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from isoaux.common.tables import Text
from isoaux.drawing.look import COLOURS, Drawn, style
from isoaux.paper.names import CLASSIFIER_GROUPS
from isoaux.records.reports import or_missing
from isoaux.records.results import Result
from isoaux.studies.polytopes import report_regions as report
from isoaux.studies.polytopes.data import COSINES, JUDGED, NULL, PURITY, RELATIONS
from isoaux.studies.polytopes.report_regions import TRAINED, UNTRAINED, mean

Values = NDArray[np.float64]

GREY = "0.6"
"""The colour of networks before training."""

DARK = "0.15"
"""The colour of activations, beside codes in the colour of the group."""

BINS = np.linspace(0, 1, 51)
"""Bins of cosines."""

NUMBERS = {
    "monosemantic": "clusters of one class",
    "clustered": "images in a cluster",
    "ami": "information on class (AMI)",
}
"""The numbers of clusters that are drawn."""


def _by_layer(axes: Axes, values: Values, colour: str, mark: str, dashes: str, width: float = 1.4) -> None:
    """Points of each network (R, K) over layers, and the line of their means."""
    layers = 1 + np.arange(values.shape[1])
    axes.plot(layers, mean(values, 0), color=colour, ls=dashes, lw=width, zorder=3)
    axes.plot(layers, values.T, mark, color=colour, ms=2.5 if width < 1 else 3.5, alpha=0.5, ls="", zorder=2)
    axes.set_xticks(layers)
    axes.set_xlim(0.7, len(layers) + 0.3)


@or_missing
def clusters(result: Result) -> Drawn:
    """Clusters by layer, a row for each activation and start: those of one class, images clustered, information.

    Squares and solid lines are codes, dark circles and dashed lines activations, thin lines as many clusters of
    k-means, grey ones HDBSCAN before training, and the grey band permuted labels.
    """
    members = result.by_configuration
    with style():
        canvas = Canvas(figsize=(9.6, 2.1 * len(members) + 0.7), layout="constrained")
        grid = canvas.subplots(len(members), len(NUMBERS), squeeze=False, sharex=True)
        for place, (configuration, rows) in enumerate(members.items()):
            colour = COLOURS[CLASSIFIER_GROUPS[configuration.activation]]
            for axes, (number, title) in zip(grid[place], NUMBERS.items(), strict=True):
                at = PURITY.index(number)
                for of, tone, mark, dashes in (("activations", DARK, "o", "--"), ("codes", colour, "s", "-")):
                    _by_layer(axes, result.drawing[of][rows][:, UNTRAINED, :, at], GREY, mark, dashes, 0.9)
                    if number != "clustered":
                        means = mean(result.drawing[f"{of}_means"][rows][:, TRAINED, :, at], 0)
                        axes.plot(1 + np.arange(len(means)), means, color=tone, ls=(0, (1, 2)), lw=1.1)
                    _by_layer(axes, result.drawing[of][rows][:, TRAINED, :, at], tone, mark, dashes)
                if number == "ami":
                    null = mean(result.drawing["codes_permuted"][rows][:, TRAINED, :, at], 0)
                    ends = (null[:, NULL.index("low")], null[:, NULL.index("high")])
                    axes.fill_between(1 + np.arange(len(null)), *ends, color="0.8", lw=0)
                axes.set_ylim(-0.04, 1.04)
                axes.set_title("" if place else title, fontsize=9)
            grid[place, 0].set_ylabel(report.short(configuration).replace(", ", "\n"))
        for axes in grid[-1]:
            axes.set_xlabel("layer")
        colour = COLOURS[CLASSIFIER_GROUPS[next(iter(members)).activation]]
        handles = [
            Line2D([], [], color=colour, marker="s", ms=4, label="codes"),
            Line2D([], [], color=DARK, marker="o", ms=4, ls="--", label="activations"),
            Line2D([], [], color="0.3", ls=(0, (1, 2)), label="the same by k-means"),
            Line2D([], [], color=GREY, lw=0.9, marker="s", ms=3, label="before training"),
            Patch(color="0.8", label="permuted labels"),
        ]
        canvas.legend(handles=handles, loc="outside lower center", ncols=len(handles), fontsize=8)
    finding = report.information_words(result)
    return Drawn(canvas, f"{report.clusters_alt(result)} {finding}", dpi=110, finding=finding)


@or_missing
def directions(result: Result) -> Drawn:
    """Shares of directions of one class, and of several, by set of directions; a mark for each layer.

    Later layers are darker. Means over starts and seeds of ReLU; grey crosses before training.
    """
    values = mean(result.drawing["directions"][report.rows_of(result)], 0)
    layers = values.shape[1]
    tones = mpl.colormaps["Greens"](np.linspace(0.45, 1, layers))
    with style():
        canvas = Canvas(figsize=(9.6, 3.3), layout="constrained")
        grid = canvas.subplots(1, 2, sharey=True)
        places = np.arange(len(report.SETS))
        kinds = (("monosemantic", "nearest images of one class"), (report.MIXED, "two classes or more share them"))
        for axes, (number, title) in zip(grid, kinds, strict=True):
            at = JUDGED.index(number)
            for k in range(layers):
                move = 0.18 * (k - (layers - 1) / 2)
                axes.plot(places + move, values[UNTRAINED, k, :, at], "x", color=GREY, ms=4, ls="")
                axes.plot(places + move, values[TRAINED, k, :, at], "os^Dv"[k % 5], color=tones[k], ms=5, ls="")
            axes.set_xticks(places, [title.replace(", ", "\n").replace(" ", "\n") for title in report.SETS.values()])
            axes.tick_params(axis="x", labelsize=8)
            axes.set_title(title)
            axes.set_ylim(-0.03, 1.03)
        grid[0].set_ylabel("share of directions")
        handles = [
            Line2D([], [], color=tones[k], marker="os^Dv"[k % 5], ls="", label=f"layer {k + 1}") for k in range(layers)
        ]
        handles.append(Line2D([], [], color=GREY, marker="x", ls="", label="before training"))
        canvas.legend(handles=handles, loc="outside lower center", ncols=len(handles), fontsize=8)
    finding = report.directions_words(result)
    return Drawn(canvas, f"{report.directions_alt(result)} {finding}", dpi=110, finding=finding)


@or_missing
def split(result: Result) -> Drawn:
    """What codes add, by layer, of ReLU: entropy that their clusters take from neurons of several classes; what one
    neuron's activations say of class; classes of nearest images; and codes against differences of local maps.
    """
    rows = report.rows_of(result)
    arrays = {name: result.drawing[name][rows] for name in ("drop", "projections", "neighbours", "relation")}
    colour, partial = COLOURS["S_n"], RELATIONS.index("partial")
    with style():
        canvas = Canvas(figsize=(10.6, 3.2), layout="constrained")
        panels = canvas.subplots(1, 4, sharex=True)
        for state, tone, width in ((UNTRAINED, GREY, 0.9), (TRAINED, colour, 1.4)):
            _by_layer(panels[0], arrays["drop"][:, state, :, 0], tone, "s", "-", width)
            _by_layer(panels[1], arrays["projections"][:, state], tone, "s", "-", width)
            _by_layer(panels[2], arrays["neighbours"][:, state], tone, "s", "-", width)
            _by_layer(panels[3], arrays["relation"][:, state, :, partial], tone, "s", "-", width)
        _by_layer(panels[0], arrays["drop"][:, TRAINED, :, 1], DARK, "x", ":", 0.9)
        ami = result.drawing["codes"][rows][:, TRAINED, :, PURITY.index("ami")]
        _by_layer(panels[1], ami, DARK, "x", ":", 0.9)
        panels[2].axhline(float(result.drawing["pixels_neighbours"][0]), color=DARK, lw=0.9, ls=":")
        for relation, mark in (("distance", "x"), ("permuted", ".")):
            _by_layer(panels[3], arrays["relation"][:, TRAINED, :, RELATIONS.index(relation)], DARK, mark, ":", 0.9)
        words = (
            ("entropy of class that codes\ntake from mixed neurons", "dotted: permuted clusters", "nats"),
            ("clusters of one neuron's\nactivations", "dotted: clusters of codes", "information on class (AMI)"),
            ("ten nearest images\nof the same class", "dotted: by pixels", "share"),
            (
                "differing bits and local maps,\ngiven distance",
                "dotted: distance (x), permuted (.)",
                "rank correlation",
            ),
        )
        for axes, (title, note, label) in zip(panels, words, strict=True):
            axes.set_title(title, fontsize=9)
            axes.set_ylabel(label)
            axes.set_xlabel(f"layer\n{note}", fontsize=8)
            low, high = axes.get_ylim()
            axes.set_ylim(min(low, -0.03), max(high, 0.1))
    return Drawn(canvas, report.split_alt(result), dpi=110)


@or_missing
def cosines(result: Result) -> Drawn | Text:
    """Cosines of all images with single directions, coloured by the cluster of their code; the axis is not cut.

    Above, in each layer, the neuron whose nearest images are least of one class, below the factor of NMF whose are
    most; of the first network. Images without a cluster are grey; a first bar that is beyond the panel has its number.
    """
    name = report.first_of(result)
    if not name:
        return Text("No samples along single directions are published.")
    of, labels = result.drawing[f"clusters {name}"], result.drawing["labels shown"]
    values, chosen = result.drawing[f"cosines {name}"] / COSINES, result.drawing[f"chosen {name}"]
    kinds = int(labels.max()) + 1
    colours = mpl.colormaps["viridis"](np.linspace(0, 1, kinds))
    with style():
        canvas = Canvas(figsize=(10.2, 4.6), layout="constrained")
        grid = canvas.subplots(2, len(of), squeeze=False, sharex=True)
        for k in range(len(of)):
            numbers = [number for number in np.unique(of[k]) if number >= 0]
            most = {number: int(np.bincount(labels[of[k] == number]).argmax()) for number in numbers}
            order = [-1, *sorted(numbers, key=lambda number: most[number])]
            tones = ["0.8", *(colours[most[number]] for number in order[1:])]
            for axes, kind, at in zip(grid[:, k], ("neuron", "factor"), (0, 1), strict=True):
                counts = [np.histogram(values[k, at][of[k] == number], BINS)[0] for number in order]
                _stacked(axes, counts, tones)
                axes.set_title(f"layer {k + 1}, {kind} {chosen[k, at]}", fontsize=9)
        for axes in grid[:, 0]:
            axes.set_ylabel("images")
        for axes in grid[-1]:
            axes.set_xlabel("cosine with the direction")
            axes.set_xlim(0, 1)
        handles = [Patch(color="0.8", label="in no cluster")]
        handles += [
            Patch(color=colours[kind], label=f"mostly {result.facts['classes'][kind]}") for kind in range(kinds)
        ]
        canvas.legend(handles=handles, loc="outside right center", fontsize=8, title="cluster of the code")
    return Drawn(canvas, report.cosines_alt(result), dpi=110)


def _stacked(axes: Axes, counts: Sequence[NDArray[np.int64]], tones: Sequence[object]) -> None:
    """Bars of several groups on each other; a first bar that is twice as high as all others is cut and named."""
    bottom, width = np.zeros(len(BINS) - 1), np.diff(BINS)
    for count, tone in zip(counts, tones, strict=True):
        axes.bar(BINS[:-1], count, width, bottom, align="edge", color=tone, lw=0)
        bottom = bottom + count
    highest = float(max(bottom[1:].max(initial=0), 1))
    if bottom[0] > 2 * highest:
        axes.set_ylim(0, 1.15 * highest)
        axes.annotate(f"{bottom[0]:,.0f} at 0", (0.02, 1.06 * highest), fontsize=8)
