"""In pictures: how often tests find what is there, and whether p values are uniform where symmetry says so."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure as Canvas

from isoaux.drawing.look import COLOURS, Drawn, style
from isoaux.records.reports import or_missing
from isoaux.statistics import LEVEL, RECORDED, band
from isoaux.studies.calibration.alternatives import ALTERNATIVES, COMPARED, SHARE
from isoaux.studies.calibration.networks import SETS, BuiltIn
from isoaux.studies.calibration.report import Simulated, rates
from isoaux.studies.calibration.simulation import share_interval

LINES = dict(zip(RECORDED, ("-", "--", ":"), strict=True))
"""How the statistics of every network record are drawn."""

CURVES = dict(
    zip(
        COMPARED,
        ((COLOURS["B_n"], "o", "-"), ("0.15", "s", "--"), (COLOURS["O(n)"], "^", "-"), ("0.55", "v", ":")),
        strict=True,
    )
)
"""Colour, marker and line of the statistics whose power is compared."""


def power(results: Simulated) -> Drawn:
    """How often statistics find what is special, over its strength: a panel per alternative, with 95% intervals."""
    clouds = {(c["alternative"], c["strength"]): c["repetitions"] for c in results["power"]["clouds"]}
    with style():
        canvas = Canvas(figsize=(10, 5.2), layout="constrained")
        panels = canvas.subplots(2, 4, sharey=True).ravel()
        parts = []
        for axes, (key, alternative) in zip(panels, ALTERNATIVES.items(), strict=False):
            found = rates(results, key)
            x = np.arange(len(found))
            for statistic, (colour, marker, line) in CURVES.items():
                rate = np.array([each[statistic] for each in found.values()])
                counts = [
                    (share * clouds[key, strength], clouds[key, strength])
                    for share, strength in zip(rate, found, strict=True)
                ]
                ends = np.array([share_interval(round(count), of) for count, of in counts])
                errors = np.maximum(0, [rate - ends[:, 0], ends[:, 1] - rate])
                look = {"color": colour, "marker": marker, "ls": line, "ms": 4, "lw": 1.4, "capsize": 1.5}
                axes.errorbar(x, rate, errors, label=statistic, **look)
            axes.axhline(results["power"]["level"], color="0.4", lw=1, ls=":")
            percent = alternative.unit == SHARE
            axes.set_xticks(x, [f"{100 * strength:g}" if percent else f"{strength:g}" for strength in found])
            axes.set(title=alternative.words, ylim=(-0.03, 1.05))
            axes.set_xlabel("% of the samples" if percent else alternative.unit)
            shown = found[alternative.shown]
            listed = ", ".join(f"{statistic} {100 * shown[statistic]:.0f}%" for statistic in COMPARED)
            parts.append(f"{alternative.words}, {alternative.shown_words}: {listed}")
        for axes in panels[::4]:
            axes.set_ylabel("share of clouds found")
        for axes in panels[len(ALTERNATIVES) :]:
            axes.remove()
        canvas.legend(*panels[0].get_legend_handles_labels(), loc="center", bbox_to_anchor=(0.88, 0.27))
    return Drawn(
        canvas, f"Seven panels: the share of clouds in which statistics find what is special. {'; '.join(parts)}."
    )


@or_missing
def uniform(tests: Sequence[BuiltIn]) -> Drawn:
    """Shares of p values up to x less x, a panel per set of networks, a line per statistic, with the 95% band."""
    with style():
        canvas = Canvas(figsize=(9, 3.2), layout="constrained")
        parts = []
        for axes, (key, title) in zip(canvas.subplots(1, 2, sharey=True), SETS.items(), strict=True):
            members = [test for test in tests if test.networks == key]
            for test in members:
                p = np.sort(test.p)
                x = np.concatenate([[0], p, [1]])
                share = np.concatenate([[0], np.arange(1, len(p) + 1) / len(p), [1]])
                axes.step(
                    x, share - x, where="post", color="0.15", lw=1.4, ls=LINES[test.statistic], label=test.statistic
                )
                parts.append(f"{title}, {test.statistic}: {100 * test.share:.1f}%")
            if members:
                half = band(members[0].units)
                axes.axhspan(-half, half, color=COLOURS["O(n)"], alpha=0.15, lw=0)
            else:
                axes.text(0.5, 0.25, "no such network", transform=axes.transAxes, ha="center", color="0.35")
            axes.axhline(0, color="0.5", lw=0.8)
            axes.set(title=title, xlabel="x", xlim=(0, 1))
        canvas.axes[0].set_ylabel("share of p (raw) up to x, less x")
        next(axes for axes in canvas.axes if axes.get_legend_handles_labels()[0]).legend(loc="upper right")
    alt = "Two panels of the share of p values (raw) up to x less x, with the band of independent units. "
    return Drawn(canvas, f"{alt}Shares of p values up to {LEVEL:g}: {'; '.join(parts)}.")
