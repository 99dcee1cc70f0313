"""Measured data to sentences and tables: what a figure's page says in numbers, never typed by hand."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from scipy.stats import combine_pvalues

from isoaux import statistics
from isoaux.paper import TITLES
from isoaux.results import Result

LEVEL = 0.05
"""A network is said to differ from its own random bases where its two-sided p is at most this."""


@dataclass(frozen=True)
class Table:
    """Rows of text under a head; Markdown in a notebook, aligned text elsewhere."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __repr__(self) -> str:
        widths = [max(len(row[i]) for row in (self.head, *self.rows)) for i in range(len(self.head))]
        lines = [
            "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in (self.head, *self.rows)
        ]
        return "\n".join(line.rstrip() for line in lines)

    def _repr_markdown_(self) -> str:
        lines = [self.head, ("---",) * len(self.head), *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


@dataclass(frozen=True)
class Text:
    """Sentences; Markdown in a notebook."""

    words: str

    def __repr__(self) -> str:
        return self.words

    def _repr_markdown_(self) -> str:
        return self.words


def p_value(result: Result, row: int, name: str) -> float:
    """Two-sided p of a network's last checkpoint against its own random bases (design: statistics)."""
    return statistics.test_from_null(result.of_row(row, name)[-1], result.of_row(row, f"final_null_{name}")).p


STATISTICS = (("count", "points"), ("c4", "c4"), ("s2", "s2"))
"""What is tested, and how a table's head calls it."""


def measured(result: Result) -> Table:
    """The last checkpoint of every network: value, middle 95% of its random bases, p; for count, c4 and s2."""
    rows = []
    for r, (configuration, seed) in enumerate(result.rows):
        cells = [TITLES[configuration.activation], str(seed)]
        for name, _ in STATISTICS:
            form = _whole if name == "count" else _signed
            value, null = result.of_row(r, name)[-1], result.of_row(r, f"final_null_{name}")
            low, high = np.quantile(null, (0.025, 0.975))
            cells += [form(value), f"{form(low)} to {form(high)}", f"{p_value(result, r, name):.3f}"]
        rows.append(tuple(cells))
    head = [cell for _, words in STATISTICS for cell in (words, "random bases", "p")]
    return Table(("activation", "seed", *head), tuple(rows))


def beams(result: Result) -> Table:
    """How many directions hold what was kept at the last checkpoint, against the median of random bases."""
    head = (
        "activation",
        "seed",
        "kept samples",
        "signed axes for half of them",
        "sectors for half of the points",
        "share of the mean direction",
    )
    rows = []
    for r, (configuration, seed) in enumerate(result.rows):
        cells = [TITLES[configuration.activation], str(seed)]
        for name in ("kept_samples", "axes_half", "sectors_half"):
            null = np.median(result.of_row(r, f"final_null_{name}"))
            cells.append(f"{_whole(result.of_row(r, name)[-1])} ({_whole(null)})")
        rows.append((*cells, f"{result.of_row(r, 'mean_share')[-1]:.2f}"))
    return Table(head, tuple(rows))


def verdict(result: Result) -> Table:
    """In how many seeds each statistic differs from the network's own random bases, which way, and all together.

    Seeds are independent and every network has random bases of its own, so Fisher's combination applies: it asks
    whether the basis is special in any of the networks.
    """
    rows = []
    for activation, members in _by_activation(result):
        for name, words in STATISTICS:
            values = [p_value(result, r, name) for r in members]
            differ = [r for r, p in zip(members, values, strict=True) if p <= LEVEL]
            above = sum(result.of_row(r, name)[-1] > np.median(result.of_row(r, f"final_null_{name}")) for r in differ)
            together = combine_pvalues(values, method="fisher").pvalue
            rows.append(
                (
                    TITLES[activation],
                    words,
                    f"{len(differ)} of {len(members)}",
                    f"{above} / {len(differ) - above}",
                    f"{together:.2g}",
                )
            )
    return Table(
        ("activation", "statistic", f"seeds with p ≤ {LEVEL:g}", "above / below", "all seeds, Fisher's p"), tuple(rows)
    )


def sentence(result: Result) -> str:
    """What a PPP grid shows, in one sentence made from the numbers: its alternative text."""
    first, last = result.drawing["epochs"][[0, -1]]
    parts = []
    for activation, members in _by_activation(result):
        counts = [result.of_row(r, "count")[-1] for r in members]
        axes = [result.of_row(r, "sectors_half")[-1] for r in members]
        parts.append(
            f"{TITLES[activation]}: {_range(counts)} points, half of them in {_range(axes)} of the 5-degree sectors"
        )
    return (
        f"Grid of densities, {len(result.rows)} networks by {len(result.drawing['epochs'])} checkpoints from epoch "
        f"{first} to {last}. At the last, {'; '.join(parts)}."
    )


def training_sentence(result: Result) -> str:
    """What the curves through training show, made from the numbers."""
    parts = []
    for activation, members in _by_activation(result):
        outside = []
        for name in ("count", "c4", "s2"):
            low, high = np.quantile([result.of_row(r, f"null_{name}") for r in members], (0.025, 0.975), axis=2)
            values = np.array([result.of_row(r, name) for r in members])
            outside.append(((values < low) | (values > high)).mean())
        shares = ", ".join(f"{100 * s:.0f}% for {n}" for s, n in zip(outside, ("the count", "c4", "s2"), strict=True))
        parts.append(f"{TITLES[activation]}: {shares}")
    return (
        "Count, c4 and s2 of every network against the epoch, with the middle 95% of its random bases. Share of "
        f"checkpoints outside that band, {'; '.join(parts)}."
    )


def setting(result: Result) -> Text:
    """The setting that was drawn, in one line."""
    facts, (first, _) = result.facts, result.rows[0]
    pixels = "standardised" if first.normalised else "raw"
    deviations = f" Differs from the paper: {'; '.join(facts['deviations'])}." if facts["deviations"] else ""
    return Text(
        f"{facts['dataset']}, {pixels} pixels, n = {first.n}, L = {first.L}, layer k = {facts['layer']}, "
        f"{facts['epochs']} epochs, seeds {', '.join(map(str, facts['seeds']))}, {facts['dtype']}; "
        f"{facts['variant']}-PPP in the {facts['basis']} basis, epsilon = {facts['epsilon']:g}.{deviations}"
    )


def _by_activation(result: Result) -> list[tuple[str, list[int]]]:
    pairs = [(configuration.activation, r) for r, (configuration, _) in enumerate(result.rows)]
    return [(name, [r for _, r in group]) for name, group in groupby(pairs, key=lambda pair: pair[0])]


def _whole(value: Any) -> str:
    return f"{round(float(value)):,}"


def _range(values: list[Any]) -> str:
    low, high = _whole(min(values)), _whole(max(values))
    return low if low == high else f"{low} to {high}"


def _signed(value: Any) -> str:
    return f"{float(value):+.2f}"
