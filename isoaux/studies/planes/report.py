"""Measured data to sentences and tables: what a figure's page says in numbers, never typed by hand.

Tables take one figure or those of a page; of a page they have the figure's number as first column. Where a figure is
not there, a sentence says so. A number counts as different from random bases if its two-sided p is at most 0.05.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import statistics
from isoaux.common.numbers import NONE, counted, low_to_high, number_words, signed, whole, written
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import GROUPS, TITLES
from isoaux.records import record
from isoaux.records.reports import dataset, deviations, line_of_each, opening, or_missing, table_of_each
from isoaux.records.results import Collection, Result, by_activation
from isoaux.statistics import LEVEL, RECORDED
from isoaux.studies.planes import images
from isoaux.studies.protocol import FIRST, LAST, Compared

FEW = 10
"""Random bases with fewer points than this, in the median, give no ratio."""


def p_value(result: Result, row: int, name: str) -> float:
    """Two-sided p of a network's last checkpoint against its own random bases; NaN where there is no number."""
    return record.p_value(_last(result, row, name), _null(result, row, name))


def _last(result: Result, row: int, name: str) -> Any:
    """A statistic of a network at the last checkpoint."""
    return result.of_row(row, name)[-1]


def _null(result: Result, row: int, name: str) -> NDArray[Any]:
    """The same in the network's random bases, (draws,)."""
    return result.of_row(row, f"final_null_{name}")


def _above_and_below(result: Result, rows: Sequence[int], name: str) -> tuple[int, int]:
    """How many of these networks differ from their random bases at the last checkpoint, above and below."""
    differ = [r for r in rows if p_value(result, r, name) <= LEVEL]
    above = sum(bool(_last(result, r, name) > np.median(_null(result, r, name))) for r in differ)
    return above, len(differ) - above


def _outside(values: Sequence[Any], null: Sequence[Any]) -> NDArray[np.bool_]:
    """Which values (...) lie outside the middle 95% of those in random bases, (..., draws)."""
    low, high = np.quantile(null, (0.025, 0.975), axis=-1)
    return (values < low) | (values > high)


@table_of_each
def measured(result: Result) -> Table:
    """The last checkpoint of every network: value, middle 95% of its random bases, p; for count, c4 and s2."""
    rows = []
    for r, (configuration, seed) in enumerate(result.rows):
        cells = [TITLES[configuration.activation], str(seed)]
        for name in RECORDED:
            form = whole if name == "count" else signed
            low, high = np.quantile(_null(result, r, name), (0.025, 0.975))
            p = written("{:.3f}", p_value(result, r, name))
            cells += [form(_last(result, r, name)), f"{form(low)} to {form(high)}", p]
        rows.append(tuple(cells))
    head = [cell for words in RECORDED.values() for cell in (words, "random bases", "p")]
    return Table(("activation", "seed", *head), tuple(rows))


@table_of_each
def beams(result: Result) -> Table:
    """How many directions hold what was kept at the last checkpoint, of every network; in brackets of random bases.

    Of these the median. The last column is the mean direction's share of the squared length.
    """
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
            cells.append(f"{whole(_last(result, r, name))} ({whole(np.median(_null(result, r, name)))})")
        rows.append((*cells, written("{:.2f}", _last(result, r, "mean_share"))))
    return Table(head, tuple(rows))


@table_of_each
def verdict(result: Result) -> Table:
    """In how many seeds each statistic differs from the network's own random bases, which way, and Fisher's p of all.

    Seeds are independent and every network has random bases of its own, so Fisher's combination applies: it asks
    whether the basis is special in any of the networks.
    """
    rows = []
    for activation, members in by_activation(result):
        for name, words in RECORDED.items():
            above, below = _above_and_below(result, members, name)
            tested = [p for r in members if np.isfinite(p := p_value(result, r, name))]
            rows.append(
                (
                    TITLES[activation],
                    words,
                    f"{above + below} of {len(members)}",
                    f"{above} / {below}",
                    f"{statistics.fisher(tested):.2g}" if tested else NONE,
                )
            )
    head = ("activation", "statistic", f"seeds with p ≤ {LEVEL:g}", "above / below", "all seeds, Fisher's p")
    return Table(head, tuple(rows))


@table_of_each
def summary(result: Result) -> Table:
    """How much, not how certain: medians over the seeds at the last checkpoint, each with that of random bases.

    A network's random bases are represented by their median; the table has the median of these over the seeds, and
    of the number of points also the ratio within a network.
    """
    head = ("activation", "points", "times random bases", "c4", "s2", "sectors for half of the points", "median radius")
    rows = []
    for activation, members in by_activation(result):
        cells = [TITLES[activation]]
        for name, form in (("count", whole), ("c4", signed), ("s2", signed), ("sectors_half", whole)):
            values = np.array([_last(result, r, name) for r in members])
            null = np.array([np.median(_null(result, r, name)) for r in members])
            cells.append(f"{form(np.median(values))} ({form(np.median(null))})")
            if name == "count":
                ratio = np.median(values / np.maximum(null, 1))  # of a median of no point, as of one
                cells.append(written("{:,.0f}" if ratio >= 10 else "{:.1f}", ratio))
        radii = [np.median(result.of_row(r, "radius_quantiles"), axis=-1) for r in members]
        start, end = np.median([radius[[0, -1]] for radius in radii], axis=0)
        rows.append((*cells, f"{written('{:.2f}', start)} to {written('{:.2f}', end)}"))
    return Table(head, tuple(rows))


Members = Sequence[tuple[Result, Sequence[int]]]
"""The networks of one activation: of each figure its result and its rows."""


@or_missing
def in_short(collection: Collection) -> Text:
    """What came out of a page's figures at the last checkpoint, in up to four sentences and one an activation.

    In how many networks the neurons stand out from random bases, and in how many isotropic ones; of every other
    activation where there are more points or fewer, and where they lie; the images behind the points; and the trend
    over widths. Figures with the same networks at the same layer count once.
    """
    results = list(distinct(collection))
    by_name: dict[str, list[tuple[Result, Sequence[int]]]] = {}
    for result in results:
        for activation, rows in by_activation(result):
            by_name.setdefault(activation, []).append((result, rows))
    details = [_points_words(name, of) for name, of in by_name.items() if GROUPS[name] != "O(n)"]
    return opening(_answer_words(by_name), *details, _images_words(results), _widths_words(results))


def _answer_words(by_name: Mapping[str, Members]) -> str:
    """In how many networks of each activation the neurons stand out, and what that says of isotropic ones."""
    parts: list[str] = []
    for isotropic in (False, True):
        for name, of in by_name.items():
            if (GROUPS[name] == "O(n)") is isotropic:
                special, count = _special(of, _tested(name))
                parts.append(f"{special or 'none'} of {count}{' networks' * (not parts)} with {TITLES[name]}")
    controls = any(GROUPS[name] == "O(n)" for name in by_name)
    words = ", in which symmetry makes no neuron special" if controls else ", without an isotropic network beside them"
    names = "points or c4" if all(GROUPS[name] != "S_n" for name in by_name) else "points, c4 or s2"
    return (
        f"The neurons stand out from random bases in {listed(parts)}{words} (raw p of at most {LEVEL:g} by {names}, "
        "adjusted for these)."
    )


def _tested(activation: str) -> tuple[str, ...]:
    """The statistics by which neurons may stand out; s2 only where the two diagonals of a plane are not alike."""
    return tuple(RECORDED) if activation in ("lrelu", "isolrelu") else ("count", "c4")


def _special(members: Members, names: Sequence[str]) -> tuple[int, int]:
    """In how many networks one of some statistics differs from random bases (Bonferroni), and how many there are."""
    least = [min(p_value(result, r, name) for name in names) for result, rows in members for r in rows]
    return sum(p <= LEVEL / len(names) for p in least), len(least)


def distinct(collection: Collection) -> Collection:
    """The figures of a page without those whose networks and layer another one before them has, too."""
    repeated, seen = set(), set()
    for result in collection:
        networks = (*((configuration.id, seed) for configuration, seed in result.rows), result.figure.layer)
        if networks in seen:
            repeated.add(result.figure.name)
        seen.add(networks)
    results = {name: result for name, result in collection.results.items() if name not in repeated}
    figures = tuple(figure for figure in collection.figures if figure.name not in repeated)
    return replace(collection, figures=figures, results=results)


def _counted(members: Members, name: str) -> tuple[int, int, int]:
    """Of these networks, how many lie above and how many below their random bases, and how many there are."""
    sides = [_above_and_below(result, rows, name) for result, rows in members]
    return sum(above for above, _ in sides), sum(below for _, below in sides), sum(len(rows) for _, rows in members)


def _points_words(activation: str, members: Members) -> str:
    """By figure, how many networks have more and fewer points than random bases; and where the points lie."""
    basis = members[0][0].facts["basis"]
    planes = "the planes of two neurons" if basis == "standard" else f"the planes of the {basis} basis"
    parts, ratios = [], []
    for result, rows in members:
        more, less = _above_and_below(result, rows, "count")
        ratio = _times(result, rows) if more or less else ""
        notes = "; ".join(filter(None, (f"fewer in {less}" * bool(less), f"× {ratio}" * bool(ratio))))
        where = f" of Figure {result.figure.number}" if len(members) > 1 else ""
        parts.append(f"{more or 'none'} of {len(rows)}{where}{f' ({notes})' * bool(notes)}")
        ratios.append(ratio)
    brackets = " (×: median ratio)" if any(ratios) else ""
    above, below, count = _counted(members, "c4")
    words = (
        f"With {TITLES[activation]}, more points lie near {planes} than near random planes in "
        f"{listed(parts)}{brackets}; "
        f"by c4 they lie nearer the axes of the panels in {above or 'none'} of {count} networks and nearer the "
        f"diagonals in "
        f"{below or 'none'}"
    )
    if GROUPS[activation] == "S_n":
        same, opposite, _ = _counted(members, "s2")
        words += (
            f", by s2 on the diagonal of opposite signs in {opposite or 'none'} and on that of equal signs in "
            f"{same or 'none'}"
        )
    return f"{words}."


def _times(result: Result, rows: Sequence[int]) -> str:
    """The median ratio of points to those of random bases; empty where random bases hold next to none."""
    values = np.array([_last(result, r, "count") for r in rows], dtype=float)
    null = np.array([np.median(_null(result, r, "count")) for r in rows])
    if null.min() < FEW:
        return ""
    return number_words(float(np.median(values / null)), 2)


def _images_words(results: Sequence[Result]) -> str:
    """How many images panels of anisotropic networks show, or that one plane holds most of them."""
    networks = [
        (result, r)
        for result in results
        for activation, rows in by_activation(result)
        if GROUPS[activation] != "O(n)"
        for r in rows
    ]
    of = [images.number(result, r) for result, r in networks]
    kept = [float(_last(result, r, "kept_samples")) for result, r in networks]
    if not networks or not np.isfinite(of).all():
        return ""
    planes = [images.fullest(result, r) for result, r in networks]
    full = [plane for plane, number in zip(planes, of, strict=True) if plane.images >= number / 2]
    if 2 * len(full) < len(networks):
        shares = [100 * shown / number for shown, number in zip(kept, of, strict=True)]
        ends = dict.fromkeys(number_words(share, 2) for share in (min(shares), max(shares)))
        return f"Panels show {' to '.join(ends)} % of the images; the others are near no plane."
    mean = [100 * _last(result, r, "mean_share") for result, r in networks]
    words = (
        f"In {len(full)} of these {len(networks)} one plane of two neurons holds most images, and the direction "
        f"of their "
        f"mean {low_to_high(mean, '{:.0f}')} % of the squared length"
    )
    angles = [plane.from_axis for plane in full if np.isfinite(plane.degrees)]
    if angles:
        words += f"; where they point one way, that is {low_to_high(angles, '{:.0f}')} degrees from the nearest axis"
    return f"{words}."


def _widths_words(results: Sequence[Result]) -> str:
    """In how many seeds the ratio of points to random bases rises with every width; empty for figures of one width."""
    by_width: dict[int, dict[int, float]] = {}
    for result in results:
        for r, (configuration, seed) in enumerate(result.rows):
            if GROUPS[configuration.activation] != "O(n)":
                ratio = _last(result, r, "count") / max(float(np.median(_null(result, r, "count"))), 1.0)
                by_width.setdefault(configuration.n, {})[seed] = float(ratio)
    widths = sorted(by_width)
    seeds = [seed for seed in by_width.get(widths[0], {}) if all(seed in by_width[n] for n in widths)] if widths else []
    if len(widths) < 2 or not seeds:
        return ""
    rising = sum(bool((np.diff([by_width[n][seed] for n in widths]) > 0).all()) for seed in seeds)
    return f"Beside random bases their number rises with every width in {rising} of {counted(len(seeds), 'seed')}."


def finding(result: Result) -> str:
    """The outcome of a figure beside random bases at the last checkpoint, in one line for the gallery."""
    if result.lacking:
        return result.lacking
    parts = []
    for activation, members in by_activation(result):
        more, fewer = _above_and_below(result, members, "count")
        higher, lower = _above_and_below(result, members, "c4")
        parts.append(
            f"With {TITLES[activation]}, of {counted(len(members), 'network')} {more} have more points than random "
            f"bases and {fewer} fewer; c4 is higher in {higher} and lower in {lower}."
        )
    return " ".join(parts)


def sentence(result: Result) -> str:
    """What a PPP grid shows, in one sentence made from the numbers: its alternative text."""
    if result.lacking:
        return result.lacking
    first, last = result.drawing["epochs"][[0, -1]]
    parts = []
    for activation, members in by_activation(result):
        counts, sectors = (
            low_to_high([_last(result, r, name) for r in members], "{:,.0f}") for name in ("count", "sectors_half")
        )
        parts.append(f"{TITLES[activation]}: {counts} points, half of them in {sectors} of the 5-degree sectors")
    return (
        f"Grid of densities, {len(result.rows)} networks by {len(result.drawing['epochs'])} checkpoints from epoch "
        f"{first} to {last}. At the last, {'; '.join(parts)}."
    )


def training_sentence(result: Result) -> str:
    """What the curves through training show, made from the numbers: their alternative text."""
    if result.lacking:
        return result.lacking
    parts = []
    for activation, members in by_activation(result):
        shares = []
        for name, words in zip(RECORDED, ("the count", "c4", "s2"), strict=True):
            values, null = ([result.of_row(r, prefix + name) for r in members] for prefix in ("", "null_"))
            shares.append(f"{100 * _outside(values, null).mean():.0f}% for {words}")
        parts.append(f"{TITLES[activation]}: {', '.join(shares)}")
    return (
        "Count, c4 and s2 of every network against the epoch, with the middle 95% of its random bases. Share of "
        f"checkpoints outside that band, {'; '.join(parts)}."
    )


def comparison_sentence(collection: Collection) -> str:
    """What the figures of a page show side by side, made from the numbers: the alternative text of that picture."""
    if collection.lacking:
        return collection.lacking
    parts = []
    for result in collection:
        for activation, members in by_activation(result):
            counts = []
            for name, words in RECORDED.items():
                values, null = ([of(result, r, name) for r in members] for of in (_last, _null))
                counts.append(f"{_outside(values, null).sum()} by {words}")
            label = f"Figure {collection.label(result.figure)}, {TITLES[activation]}"
            parts.append(f"{label}: {', '.join(counts)}")
    return (
        "Points, c4 and s2 of every network at the last checkpoint, beside the middle 95% of its random bases. "
        f"Networks outside, {'; '.join(parts)}."
    )


@line_of_each
def setting(result: Result) -> str:
    """The setting that was drawn, in one line; for several figures a line each, and which are not published yet."""
    facts, (first, _) = result.facts, result.rows[0]
    return (
        f"{dataset(result)}, {first.pixels} pixels, n = {first.n}, L = {first.L}, layer k = {facts['layer']}, "
        f"{facts['epochs']} epochs, seeds {', '.join(map(str, facts['seeds']))}, {facts['dtype']}; "
        f"{facts['variant']}-PPP in the {facts['basis']} basis, epsilon = {facts['epsilon']:g}.{deviations(result)}"
    )


@line_of_each
def images_shown(result: Result) -> str:
    """Of how many images the panels of the last checkpoint have a point, and on how many planes each of these is drawn.

    Lowest and highest over the seeds of every activation; planes per image are means over the images that are shown.
    """
    parts = []
    for activation, members in by_activation(result):
        kept = [int(_last(result, r, "kept_samples")) for r in members]
        of = [images.number(result, r) for r in members]
        words = f"with {TITLES[activation]} {low_to_high(kept, '{:,.0f}')} of {whole(of[0])}"
        if np.isfinite(of).all():
            shares = [100 * shown / each for shown, each in zip(kept, of, strict=True)]
            words += f" ({low_to_high(shares, '{:.3g}')} %)"
        if any(kept):
            planes_each = [images.planes_each(result, r) for r, shown in zip(members, kept, strict=True) if shown]
            words += f", each on {low_to_high(planes_each, '{:.1f}')} planes"
        parts.append(words)
    planes = len(_last(result, 0, "plane_counts"))
    return f"Images with a point in any of the {planes} planes at the last checkpoint: {'; '.join(parts)}."


def compared(result: Result, row: int) -> Compared:
    """The numbers of a row that ``python -m isoaux verify`` compares."""
    configuration, seed = result.rows[row]
    errors = record.Record(result.records[configuration.id])
    yield "points", FIRST, "count", result.of_row(row, "count")[0]
    for name, words in (("count", "points"), ("kept_samples", "kept samples")):
        yield words, LAST, "count", _last(result, row, name)
    for name in ("c4", "s2", "axis_share", "diagonal_share"):
        yield name.replace("_", " "), LAST, "plain", _last(result, row, name)
    yield "sectors for half of the points", LAST, "count", _last(result, row, "sectors_half")
    yield "test error", LAST, "error", errors.by_seed(errors.published["test_error"])[seed][-1]
