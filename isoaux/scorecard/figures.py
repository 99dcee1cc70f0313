"""The verdicts in one picture: how many claims of each kind hold, hold in part, and do not."""

import numpy as np
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from isoaux.common.tables import listed
from isoaux.drawing.look import Drawn, style
from isoaux.scorecard.report import FAMILIES
from isoaux.scorecard.verdicts import HOLDS, NOT, PART, SYMBOLS, UNPUBLISHED, Scorecard

SHADES = {HOLDS: "#26415e", PART: "#8fa9c4", NOT: "#f3efe6", UNPUBLISHED: "#ffffff"}
"""From dark to light, so that the order shows without colour."""

HATCHES = {NOT: "////", UNPUBLISHED: "...."}
"""What is drawn over the lightest shades."""


def bars(card: Scorecard) -> Drawn:
    """The verdicts of a scorecard: a bar per subject, its claims by verdict.

    Subjects with the largest share of claims that hold are on top.
    """
    counts = {}
    for name in FAMILIES:
        members = [row.verdict for row in card.rows if row.family == name]
        if members:
            counts[name] = [members.count(verdict) for verdict in SHADES]
    names = sorted(counts, key=lambda name: (counts[name][0] / sum(counts[name]), sum(counts[name])))
    values = np.array([counts[name] for name in names]).reshape(len(names), len(SHADES))
    with style():
        canvas = Canvas(figsize=(7.5, 0.8 + 0.3 * max(len(names), 1)), layout="constrained")
        axes = canvas.subplots()
        left = np.zeros(len(names))
        for column, (verdict, shade) in enumerate(SHADES.items()):
            width = values[:, column]
            label, hatch = f"{SYMBOLS[verdict]} {verdict}", HATCHES.get(verdict, "")
            axes.barh(range(len(names)), width, 0.72, left, color=shade, ec="0.25", lw=0.7, hatch=hatch, label=label)
            for place, (start, count) in enumerate(zip(left, width, strict=True)):
                if count:
                    ink = "white" if verdict == HOLDS else "black"
                    ground = {} if verdict in (HOLDS, PART) else {"bbox": {"fc": "white", "ec": "none", "pad": 0.8}}
                    axes.text(
                        start + count / 2, place, str(count), color=ink, ha="center", va="center", size=8, **ground
                    )
            left += width
        axes.set_yticks(range(len(names)), [FAMILIES[name] for name in names])
        axes.set_xlabel("claims")
        axes.margins(x=0.03)
        axes.set_xlim(left=0)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.legend(loc="lower right", handlelength=1.6)
    return Drawn(canvas, sentence(names, values), dpi=120)


def sentence(names: list[str], values: NDArray[np.int64]) -> str:
    """What the bars show, made from the verdicts: their alternative text.

    ``names`` are the families from the bottom up, ``values`` (families, verdicts) their numbers of claims.
    """
    parts = [f"{FAMILIES[n]} {row[0]} of {sum(row)}" for n, row in zip(names[::-1], values[::-1].tolist(), strict=True)]
    return f"A bar per subject with its claims by verdict. Of them hold, by subject: {listed(parts)}."
