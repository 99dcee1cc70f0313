"""In pictures: how often a test finds what is there, and whether p values are uniform where symmetry says so."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure as Canvas
from scipy import stats

from isoaux.drawing.look import COLOURS, Drawn, style
from isoaux.records.reports import or_missing
from isoaux.statistics import LEVEL, RECORDED, band
from isoaux.studies.calibration.report import SETS, BuiltIn, Simulated

LINES = dict(zip(RECORDED, ("-", "--", ":"), strict=True))
"""How the statistics of every network record are drawn."""


def power(results: Simulated) -> Drawn:
    """How often the count rejects, over the share of the samples on the axes, with 95% intervals (Clopper, Pearson)."""
    power, repetitions = results["power"], results["power"]["repetitions"]
    shares = np.array([at["share"] for at in power["shares"]])
    counts = np.array([at["rejected"] for at in power["shares"]])
    low = np.where(counts > 0, stats.beta.ppf(0.025, counts, repetitions - counts + 1), 0)
    high = np.where(counts < repetitions, stats.beta.ppf(0.975, counts + 1, repetitions - counts), 1)
    rate = counts / repetitions
    with style():
        canvas = Canvas(figsize=(5.6, 3.2), layout="constrained")
        axes = canvas.subplots()
        axes.errorbar(
            100 * shares, rate, (rate - low, high - rate), color=COLOURS["B_n"], marker="o", ms=4, lw=1.6, capsize=2
        )
        axes.axhline(power["level"], color="0.4", lw=1, ls=":")
        axes.axhline(0.95, color="0.4", lw=1, ls="--")
        axes.set(xscale="log", ylim=(-0.03, 1.05), xlabel="samples on the axes, in percent", ylabel="share rejected")
        ticks = 100 * shares
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
    listed = "; ".join(f"{100 * share:g}%: {100 * part:.0f}%" for share, part in zip(shares, rate, strict=True))
    return Drawn(
        canvas, f"The share of clouds in which the count rejects, by the share of samples on the axes: {listed}."
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
                parts.append(f"{title}, {test.statistic}: {100 * np.mean(p <= LEVEL):.1f}%")
            if members:
                half = band(members[0].units)
                axes.axhspan(-half, half, color=COLOURS["O(n)"], alpha=0.15, lw=0)
            else:
                axes.text(0.5, 0.25, "no such network", transform=axes.transAxes, ha="center", color="0.35")
            axes.axhline(0, color="0.5", lw=0.8)
            axes.set(title=title, xlabel="x", xlim=(0, 1))
        canvas.axes[0].set_ylabel("share of p up to x, less x")
        next(axes for axes in canvas.axes if axes.get_legend_handles_labels()[0]).legend(loc="upper right")
    alt = "Two panels of the share of p values up to x less x, with the band of independent units. "
    return Drawn(canvas, f"{alt}Shares of p values up to {LEVEL:g}: {'; '.join(parts)}.")
