"""Encodings in pictures: where the printed compression fails, errors under noise, and interference."""

import numpy as np
from matplotlib.figure import Figure as Canvas

from isoaux.common.tables import listed
from isoaux.drawing.look import Drawn, style
from isoaux.representations import compression, features, trials

LOOKS = {"printed": ("#b8336a", "--"), "repaired": ("#111111", "-."), "linear": ("#8c8c8c", "-")}
"""Colour and line of each way to store two numbers; none is that of a symmetry group."""

NAMES = {"printed": "printed form", "repaired": "repaired form", "linear": "two orthogonal directions"}


def compression_map() -> Drawn:
    """Left, the pairs of two digits that the printed form does not return; right, errors of such pairs under noise."""
    x, y = compression.grid(2)
    wrong = compression.failures(x, y, 2).reshape(100, 100)
    with style():
        canvas = Canvas(figsize=(9.5, 3.7), layout="constrained")
        left, right = canvas.subplots(1, 2)
        left.imshow(wrong.T, origin="lower", extent=(0, 1, 0, 1), cmap="binary", interpolation="nearest")
        for place, value in enumerate(trials.failed(2).firsts, start=1):
            side = ("right", "left")[place % 2]
            left.annotate(f"{value:g}", (value + 0.005, 1), (0, 3), textcoords="offset points", ha=side, size=8)
        left.set(xlabel="$x$", ylabel="$y$")
        for name, (colour, dashes) in LOOKS.items():
            values = [getattr(trials.under_noise(float(sd), 2), name) for sd in trials.NOISES]
            shown = np.where(np.array(values) > 0, values, np.nan)
            right.plot(trials.NOISES, shown, color=colour, ls=dashes, label=NAMES[name])
        right.set(xscale="log", yscale="log", xlabel="noise on what is stored", ylabel="error of the numbers read")
        right.legend()
    firsts = listed([f"{value:g}" for value in trials.failed(2).firsts])
    finding = f"Of 10,000 pairs of two digits {int(wrong.sum())} are not returned, all with x of {firsts}."
    alt = (
        f"Left, a map of all pairs of two digits, black where the printed functions do not return a pair. Right, "
        f"errors under noise of three ways to store two numbers. {finding}"
    )
    return Drawn(canvas, alt, finding=finding)


def reading() -> Drawn:
    """Two features in the plane: read by their own vectors and by their dual basis, by the angle between them."""
    angles = np.linspace(15, 165, 61)
    x = np.array([[1.0, 0.6]])
    dots, duals = [], []
    for angle in np.deg2rad(angles):
        vectors = np.array([[1.0, 0.0], [np.cos(angle), np.sin(angle)]])
        read = features.recover(features.represent(x, vectors), vectors)
        dots.append(read.dot[0])
        duals.append(read.dual[0])
    with style():
        canvas = Canvas(figsize=(9.5, 3.2), layout="constrained")
        left, right = canvas.subplots(1, 2, sharey=True)
        panels = ((left, dots, "read by the features"), (right, duals, "read by the dual basis"))
        for axes, values, title in panels:
            for place, (colour, dashes) in enumerate((("#111111", "-"), ("#b8336a", "--"))):
                axes.axhline(x[0, place], color=colour, lw=0.6, ls=":")
                axes.plot(angles, np.array(values)[:, place], color=colour, ls=dashes, label=f"feature {place + 1}")
            axes.set(xlabel="angle between two features, degrees", title=title, xticks=range(30, 180, 30))
        left.set_ylabel("intensity read")
        left.legend()
    finding = "By scalar products both intensities are right at 90 degrees alone; by the dual basis at every angle."
    alt = f"Two panels of the intensities that are read of two features, by the angle between them. {finding}"
    return Drawn(canvas, alt, finding=finding)
