"""Measured data to sentences and tables: what a figure's page says in numbers, never typed by hand."""

from typing import Any

import numpy as np

from isoaux import statistics
from isoaux.common.numbers import NONE, written
from isoaux.common.tables import Table, Text
from isoaux.paper import TITLES
from isoaux.records import record
from isoaux.records.reports import by_figure, dataset, deviations, each
from isoaux.records.results import Collection, Missing, Result, by_activation
from isoaux.statistics import LEVEL, RECORDED
from isoaux.studies.protocol import FIRST, LAST, Compared


def p_value(result: Result, row: int, name: str) -> float:
    """Two-sided p of a network's last checkpoint against its own random bases; NaN where there is no number."""
    return record.p_value(result.of_row(row, name)[-1], result.of_row(row, f"final_null_{name}"))


def measured(found: Result | Missing | Collection) -> Table:
    """The last checkpoint of every network: value, middle 95% of its random bases, p; for count, c4 and s2."""
    return each(_measured, found)


def _measured(result: Result) -> Table:
    rows = []
    for r, (configuration, seed) in enumerate(result.rows):
        cells = [TITLES[configuration.activation], str(seed)]
        for name in RECORDED:
            form = _whole if name == "count" else _signed
            value, null = result.of_row(r, name)[-1], result.of_row(r, f"final_null_{name}")
            low, high = np.quantile(null, (0.025, 0.975))
            p = p_value(result, r, name)
            cells += [form(value), f"{form(low)} to {form(high)}", written("{:.3f}", p)]
        rows.append(tuple(cells))
    head = [cell for words in RECORDED.values() for cell in (words, "random bases", "p")]
    return Table(("activation", "seed", *head), tuple(rows))


def beams(found: Result | Missing | Collection) -> Table:
    """How many directions hold what was kept at the last checkpoint, against the median of random bases."""
    return each(_beams, found)


def _beams(result: Result) -> Table:
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
        rows.append((*cells, written("{:.2f}", result.of_row(r, "mean_share")[-1])))
    return Table(head, tuple(rows))


def verdict(found: Result | Missing | Collection) -> Table:
    """In how many seeds each statistic differs from the network's own random bases, which way, and all together.

    Seeds are independent and every network has random bases of its own, so Fisher's combination applies: it asks
    whether the basis is special in any of the networks.
    """
    return each(_verdict, found)


def _verdict(result: Result) -> Table:
    rows = []
    for activation, members in by_activation(result):
        for name, words in RECORDED.items():
            values = [p_value(result, r, name) for r in members]
            differ = [r for r, p in zip(members, values, strict=True) if p <= LEVEL]
            above = sum(result.of_row(r, name)[-1] > np.median(result.of_row(r, f"final_null_{name}")) for r in differ)
            tested = [p for p in values if np.isfinite(p)]
            rows.append(
                (
                    TITLES[activation],
                    words,
                    f"{len(differ)} of {len(members)}",
                    f"{above} / {len(differ) - above}",
                    f"{statistics.fisher(tested):.2g}" if tested else NONE,
                )
            )
    return Table(
        ("activation", "statistic", f"seeds with p ≤ {LEVEL:g}", "above / below", "all seeds, Fisher's p"), tuple(rows)
    )


def summary(found: Result | Missing | Collection) -> Table:
    """How much, not how certain: medians over the seeds at the last checkpoint, each with that of random bases.

    A network's random bases are represented by their median; the table has the median of these over the seeds, and
    of the number of points also the ratio within a network.
    """
    return each(_summary, found)


def _summary(result: Result) -> Table:
    head = ("activation", "points", "times random bases", "c4", "s2", "sectors for half of the points", "median radius")
    rows = []
    for activation, members in by_activation(result):
        cells = [TITLES[activation]]
        for name, form in (("count", _whole), ("c4", _signed), ("s2", _signed), ("sectors_half", _whole)):
            values = np.array([result.of_row(r, name)[-1] for r in members])
            null = np.array([np.median(result.of_row(r, f"final_null_{name}")) for r in members])
            cells.append(f"{form(np.median(values))} ({form(np.median(null))})")
            if name == "count":
                ratio = np.median(values / np.maximum(null, 1))  # of a median of no point, as of one
                cells.append(written("{:,.0f}" if ratio >= 10 else "{:.1f}", ratio))
        radii = [np.median(result.of_row(r, "radius_quantiles"), axis=-1) for r in members]
        start, end = np.median([radius[[0, -1]] for radius in radii], axis=0)
        rows.append((*cells, f"{written('{:.2f}', start)} to {written('{:.2f}', end)}"))
    return Table(head, tuple(rows))


def finding(result: Result) -> str:
    """What was found at the last checkpoint beside the random bases, in one line made from the numbers."""
    if result.lacking:
        return result.lacking
    parts = []
    for activation, members in by_activation(result):
        differences = []
        for name, more, less in (("count", "more points", "fewer points"), ("c4", "higher c4", "lower c4")):
            differ = [r for r in members if p_value(result, r, name) <= LEVEL]
            above = sum(result.of_row(r, name)[-1] > np.median(result.of_row(r, f"final_null_{name}")) for r in differ)
            differences += [f"{words} in {n}" for words, n in ((more, above), (less, len(differ) - above)) if n]
        parts.append(
            f"{TITLES[activation]}, {' and '.join(differences) or 'no difference in any'} of {len(members)} seeds"
        )
    return f"Beside random bases: {'; '.join(parts)}."


def sentence(result: Result) -> str:
    """What a PPP grid shows, in one sentence made from the numbers: its alternative text."""
    if result.lacking:
        return result.lacking
    first, last = result.drawing["epochs"][[0, -1]]
    parts = []
    for activation, members in by_activation(result):
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
    if result.lacking:
        return result.lacking
    parts = []
    for activation, members in by_activation(result):
        outside = []
        for name in RECORDED:
            low, high = np.quantile([result.of_row(r, f"null_{name}") for r in members], (0.025, 0.975), axis=2)
            values = np.array([result.of_row(r, name) for r in members])
            outside.append(((values < low) | (values > high)).mean())
        shares = ", ".join(f"{100 * s:.0f}% for {n}" for s, n in zip(outside, ("the count", "c4", "s2"), strict=True))
        parts.append(f"{TITLES[activation]}: {shares}")
    return (
        "Count, c4 and s2 of every network against the epoch, with the middle 95% of its random bases. Share of "
        f"checkpoints outside that band, {'; '.join(parts)}."
    )


def comparison_sentence(found: Collection) -> str:
    """What the figures of a page show side by side, made from the numbers."""
    if not found.found:
        return found.words
    parts = []
    for result in found:
        for activation, members in by_activation(result):
            counts = []
            for name in RECORDED:
                values = [result.of_row(r, name)[-1] for r in members]
                low, high = np.quantile([result.of_row(r, f"final_null_{name}") for r in members], (0.025, 0.975), 1)
                counts.append(((values < low) | (values > high)).sum())
            said = ", ".join(f"{n} by {words}" for n, words in zip(counts, RECORDED.values(), strict=True))
            parts.append(f"Figure {found.label(result.figure)}, {TITLES[activation]}: {said}")
    return (
        "Points, c4 and s2 of every network at the last checkpoint, beside the middle 95% of its random bases. "
        f"Networks outside, {'; '.join(parts)}."
    )


def setting(found: Result | Missing | Collection) -> Text:
    """The setting that was drawn, in one line; for several figures a line each, and which are not published yet."""
    if isinstance(found, Collection):
        return by_figure(_setting, found)
    return Text(found.lacking if isinstance(found, Missing) or found.lacking else _setting(found))


def _setting(result: Result) -> str:
    facts, (first, _) = result.facts, result.rows[0]
    return (
        f"{dataset(result)}, {first.pixels} pixels, n = {first.n}, L = {first.L}, layer k = {facts['layer']}, "
        f"{facts['epochs']} epochs, seeds {', '.join(map(str, facts['seeds']))}, {facts['dtype']}; "
        f"{facts['variant']}-PPP in the {facts['basis']} basis, epsilon = {facts['epsilon']:g}.{deviations(result)}"
    )


def _whole(value: Any) -> str:
    return f"{round(float(value)):,}" if np.isfinite(value) else NONE


def _range(values: list[Any]) -> str:
    low, high = _whole(min(values)), _whole(max(values))
    return low if low == high else f"{low} to {high}"


def _signed(value: Any) -> str:
    return written("{:+.2f}", value)


def compared(result: Result, row: int) -> Compared:
    """The numbers of a row that ``python -m isoaux verify`` compares."""
    configuration, seed = result.rows[row]
    record = result.records[configuration.id]
    yield "points", FIRST, "count", result.of_row(row, "count")[0]
    for name, words in (("count", "points"), ("kept_samples", "kept samples")):
        yield words, LAST, "count", result.of_row(row, name)[-1]
    for name in ("c4", "s2", "axis_share", "diagonal_share"):
        yield name.replace("_", " "), LAST, "plain", result.of_row(row, name)[-1]
    yield "sectors for half of the points", LAST, "count", result.of_row(row, "sectors_half")[-1]
    yield "test error", LAST, "error", record["test_error"][record.facts["seeds"].index(seed), -1]
