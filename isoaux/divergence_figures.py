"""The maps of Appendix C.2.1 against the length of their input."""

import torch
from matplotlib.figure import Figure as Canvas

from isoaux import threads
from isoaux.correction_figures import DASHES
from isoaux.look import COLOURS, Drawn, style
from isoaux.maps import MAPS
from isoaux.paper import MAP_TITLES

LONGEST = 4.0
"""The longest input that is drawn."""


@threads.limited()
def by_length() -> Drawn:
    """What a map multiplies, the gradient of its weights, and the factor of its step, over the length of the input."""
    r = torch.linspace(0.01, LONGEST, 400, dtype=torch.float64)
    said = {}
    with style():
        canvas = Canvas(figsize=(11, 3.2), layout="constrained")
        first, second, third = canvas.subplots(1, 3)
        for one in (m for m in MAPS.values() if not m.matched):
            u, _, beta, omega = one.rescale(r[:, None])
            length, omega = u[:, 0], omega[:, 0]
            factor = omega * (length**2 + beta[:, 0] ** 2)
            look = {"ls": DASHES[one.form], "label": MAP_TITLES[one.key], "color": "0.15", "lw": 1.6}
            for axes, values in zip((first, second, third), (length, omega * length, factor), strict=True):
                axes.plot(r, values, **look)
            said[MAP_TITLES[one.key]] = float(factor[-1])
        first.plot(r, torch.tanh(r), color=COLOURS["O(n)"], lw=1, label="isotropic tanh")
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
            axes.set_xlim(0, LONGEST)
        for axes in (first, second):
            axes.set_ylim(0, 2)
        third.set_yscale("log")
        third.set_yticks([0.5, 1, 2, 5, 10, 20], ["0.5", "1", "2", "5", "10", "20"])
        third.minorticks_off()
        third.set_ylim(0.4, 20)
        handles, labels = first.get_legend_handles_labels()
        canvas.legend(handles, labels, loc="outside lower center", ncols=5, handlelength=3.4)
    ends = "; ".join(f"{name}: {value:.3g}" for name, value in said.items())
    alt = (
        "Three panels over the length of the input from 0 to 4, a line per map: the length of what W multiplies, "
        f"the size of the weights' gradient, and the factor of the step of z. The last at length {LONGEST:g}, {ends}."
    )
    return Drawn(canvas, alt, dpi=110)
