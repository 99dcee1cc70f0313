"""Axes that several figures share."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes


def note_nothing(axes: Axes, words: str = "no points") -> None:
    """Write ``words`` into the middle of axes if none of their curves has a finite number."""
    curves = [line for line in axes.lines if line.get_transform() == axes.transData]
    if not any(np.isfinite(np.asarray(line.get_ydata(), float)).any() for line in curves):
        axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", size=8, color="0.35")


def epochs_axis(axes: Axes, epochs: Any) -> None:
    """Make the horizontal axis one of epochs, of which ``epochs[-1]`` is the last, with a square-root scale."""
    axes.set_xscale("function", functions=(lambda epoch: np.sqrt(np.maximum(epoch, 0)), np.square))
    axes.set_xlim(0, 1.03 * epochs[-1])
    axes.set_xticks([e for e in (0, 1, 4, 13, 30, 60, 125) if e <= epochs[-1]])
    axes.xaxis.set_major_formatter("{x:.0f}")
