"""How the networks of the polytopes are drawn: their colours, and means over seeds with intervals."""

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes

from isoaux.drawing.look import COLOURS
from isoaux.paper import Classifier
from isoaux.paper.names import CLASSIFIER_GROUPS
from isoaux.studies.polytopes.samples import Values
from isoaux.studies.polytopes.seeds import interval

UNTRAINED = "0.55"
"""The colour of networks before training."""


def colour_of(configuration: Classifier) -> str:
    """The colour of a configuration's activation, that of its symmetry group."""
    return COLOURS[CLASSIFIER_GROUPS[configuration.activation]]


def intervals(axes: Axes, places: Values, groups: Iterable[Values], colour: str, filled: bool) -> None:
    """Draw the mean over seeds of each group (S,) with its interval, and the seeds as small points.

    Nothing is drawn where no seed has a number.
    """
    for x, values in zip(places, groups, strict=True):
        made = interval(values)
        if made.count > 1:
            axes.plot([x, x], [made.low, made.high], color=colour, lw=1.2)
        if made.count:
            axes.plot(np.full(len(values), x), values, ".", color=colour, ms=2.5, alpha=0.6)
            axes.plot(x, made.mean, "o", color=colour, mfc=colour if filled else "white", ms=4.5)
