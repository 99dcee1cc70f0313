"""Polytopes of classifiers in pictures: the picture of each part, and its number by network and place."""

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator

from isoaux.common.tables import listed
from isoaux.drawing.look import COLOURS, MARKS, Drawn, style
from isoaux.paper.names import CLASSIFIER_GROUPS
from isoaux.records.reports import or_missing
from isoaux.records.results import Result
from isoaux.studies.polytopes import figures_boundaries, figures_scaling, figures_slices, report

UNTRAINED = "0.6"
"""The colour of networks before training."""


@or_missing
def numbers(result: Result) -> Drawn:
    """A point for each network by space, or layer; grey before training, a panel for each activation and start."""
    headline, members = report.headline(result), result.by_configuration
    with style():
        canvas = Canvas(figsize=(max(4.0, 1.8 * len(members)), 3.2), layout="constrained")
        panels = canvas.subplots(1, len(members), sharey=True, squeeze=False)[0]
        ends = []
        for axes, (configuration, rows) in zip(panels, members.items(), strict=True):
            values = np.stack([headline.values(result.drawing, row) for row in rows])
            values = np.where(values < 0, np.nan, values) if headline.statistic == "faces" else values
            places = np.arange(values.shape[2])
            group = CLASSIFIER_GROUPS[configuration.activation]
            for state, colour, move in ((0, UNTRAINED, -0.12), (-1, COLOURS[group], 0.12)):
                for seed in values[:, state]:
                    axes.plot(places + move, seed, MARKS[group], color=colour, ms=4)
            axes.set_title(configuration.title, fontsize="small")
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.set_xlabel("space")
            with np.errstate(all="ignore"):
                ends.append(f"{configuration.title}: {np.nanmean(values[:, -1]):.3g}")
        panels[0].set_ylabel(headline.title)
    finding = f"Means of the {headline.title} after training are, for {listed(ends)}."
    alt = f"A point for each network and space, in grey before training, of the {headline.title}. {finding}"
    return Drawn(canvas, alt, finding=finding)


DRAWERS: Mapping[str, Callable[[Result], Drawn]] = {
    "slices": figures_slices.training,
    "boundaries": figures_boundaries.distributions,
    "scaling": figures_scaling.profiles,
}
"""The picture that stands for a part; :func:`numbers` where there is none."""

SMALL: Mapping[str, Callable[[Result], bytes]] = {
    "slices": figures_slices.small,
    "boundaries": figures_boundaries.small,
    "scaling": figures_scaling.small,
}
"""The picture of a part in the gallery; that of :func:`numbers` where there is none."""


def draw(result: Result) -> Drawn:
    """The picture of a figure, by its part."""
    return DRAWERS.get(result.figure.entry["part"], numbers)(result)


def thumbnail(result: Result) -> bytes:
    """A small PNG for the gallery, by the figure's part."""
    return SMALL.get(result.figure.entry["part"], _small)(result)


def _small(result: Result) -> bytes:
    """The number of a part by space or layer, a line per network at the end of training."""
    headline = report.headline(result)
    with style():
        canvas = Canvas(figsize=(2.4, 1.9), layout="constrained")
        axes = canvas.subplots()
        for configuration, rows in result.by_configuration.items():
            for row in rows:
                colour = COLOURS[CLASSIFIER_GROUPS[configuration.activation]]
                axes.plot(headline.values(result.drawing, row)[-1], color=colour, lw=0.8)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return Drawn(canvas, headline.title, dpi=90).png()
