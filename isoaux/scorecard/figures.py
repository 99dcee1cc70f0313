"""The verdicts in one picture: what holds, what is contradicted and what is undecided, by subject."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch

from isoaux.common.tables import listed
from isoaux.drawing.look import Drawn, style
from isoaux.scorecard.families import Family, ranked
from isoaux.scorecard.verdicts import (
    COUNTER,
    HOLDS,
    NOT,
    OUTCOMES,
    PART,
    SILENT,
    SYMBOLS,
    UNDECIDED,
    UNSEEN,
    Scorecard,
)

SHADES = {
    HOLDS: "#26415e",
    PART: "#8fa9c4",
    COUNTER: "#3d3d3d",
    NOT: "#bdbdbd",
    SILENT: "#e4e4e4",
    UNDECIDED: "#ffffff",
    UNSEEN: "#ffffff",
}
"""Grounds of the bars; within an outcome they differ in lightness or hatching, so that no colour is needed."""

HATCHES = {COUNTER: "xxx", NOT: "///", UNDECIDED: "...", UNSEEN: "---"}
"""What is drawn over the grounds."""

NOTHING = "No claim could be judged: no network that one is about is published."


def bars(card: Scorecard) -> Drawn:
    """The verdicts on the claims of a scorecard: a row per subject, three columns of bars, one for every outcome.

    Subjects with the largest share of contradicted among decided claims are on top.
    """
    families = [family for family in ranked(card) if family.judged]
    with style():
        canvas = Canvas(figsize=(9.5, 1.6 + 0.3 * max(len(families), 1)), layout="constrained")
        if families:
            _columns(canvas, families)
        else:
            axes = canvas.subplots()
            axes.set_axis_off()
            axes.text(0.5, 0.5, NOTHING, ha="center", va="center", transform=axes.transAxes)
    return Drawn(canvas, sentence(families), dpi=120)


def _columns(canvas: Canvas, families: Sequence[Family]) -> None:
    widths = [max(6, *(family.outcome(name) for family in families)) for name in OUTCOMES]
    columns = canvas.subplots(1, len(OUTCOMES), sharey=True, width_ratios=widths)
    for axes, (outcome, verdicts), width in zip(columns, OUTCOMES.items(), widths, strict=True):
        _column(axes, families, verdicts)
        axes.set_title(outcome, fontsize=10)
        axes.set_xlim(0, width + 0.5)
    columns[0].set_yticks(range(len(families)), [_words(family) for family in families])
    columns[0].set_ylim(len(families) - 0.4, -0.6)
    columns[len(OUTCOMES) // 2].set_xlabel("claims")


def _column(axes: Axes, families: Sequence[Family], verdicts: Sequence[str]) -> None:
    left, looks = np.zeros(len(families)), []
    for verdict in verdicts:
        width = np.array([family.verdict(verdict) for family in families], dtype=int)
        look: dict[str, Any] = {"fc": SHADES[verdict], "hatch": HATCHES.get(verdict, ""), "ec": "0.25", "lw": 0.7}
        (rows,) = width.nonzero()
        axes.barh(rows, width[rows], 0.72, left[rows], **look)
        looks.append(Patch(label=f"{SYMBOLS[verdict]} {verdict}", **look))
        ink = "white" if verdict == HOLDS else "black"
        ground = {} if verdict in (HOLDS, PART) else {"bbox": {"fc": "white", "ec": "none", "pad": 0.8}}
        for row in rows.tolist():
            middle = left[row] + width[row] / 2
            axes.text(middle, row, str(width[row]), color=ink, ha="center", va="center", size=8, **ground)
        left += width
    if not left.any():
        axes.text(0.5, 0.5, "no claim", ha="center", va="center", size=8, transform=axes.transAxes)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.legend(
        handles=looks,
        loc="upper center",
        bbox_to_anchor=(0.5, -1.2 / len(families)),
        handlelength=1.6,
        fontsize=8,
    )


def _words(family: Family) -> str:
    return f"{family.subject} ({family.decided} of {family.judged} decided)"


def sentence(families: Sequence[Family]) -> str:
    """What the bars show of families in their order, made from the verdicts: their alternative text."""
    if not families:
        return NOTHING
    parts = []
    for family in families:
        counted = ", ".join(f"{family.outcome(name)} {name}" for name in OUTCOMES)
        parts.append(f"{family.subject} {counted}")
    return f"Three columns of bars, a row per subject, with its claims by outcome: {listed(parts)}."
