"""What perturbations do, in numbers: anisotropic beside isotropic networks, paired by seed, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isoaux import statistics
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import GROUPS, PIXELS
from isoaux.records.reports import dataset, deviations
from isoaux.records.results import Missing, Result
from isoaux.studies.protocol import LAST, Compared

CONFIDENCE = 0.95
"""Of the intervals."""

COMPARED = {
    "random": "change, random perturbation",
    "straight": "change, worst to first order",
    "worst": "change, worst that was found",
    "excess": "the same, over that of a random one",
    "worst_error": "growth of the error, worst that was found",
}
"""What is compared between paired networks; ``excess`` is ``worst`` / ``random``."""


NO_PAIR = "No seed has an anisotropic and an isotropic network, so there is no pair to compare."


@dataclass(frozen=True)
class Ratio:
    """Geometric mean over seeds of anisotropic / isotropic, and its t interval; the bounds are NaN for one seed."""

    value: float
    low: float
    high: float
    each: NDArray[np.float64]

    def __str__(self) -> str:
        interval = "" if np.isnan(self.low) else f" ({_times(self.low)} to {_times(self.high)})"
        return f"{_times(self.value)}{interval}"

    @property
    def side(self) -> int:
        """1 where the whole interval is above 1, -1 where it is below, else 0; 0 too where there is none."""
        return int(self.low > 1) - int(self.high < 1)


def values(result: Result, statistic: str) -> NDArray[np.float64]:
    """One statistic of all networks, (rows, sizes)."""
    drawing = result.drawing
    found = drawing["worst"] / drawing["random"] if statistic == "excess" else drawing[statistic]
    return np.asarray(found, dtype=np.float64)


def paired(result: Result, normalised: bool) -> list[tuple[int, int]]:
    """Rows of the anisotropic and the isotropic network of every seed that has both; they started alike (spec. 7)."""
    rows: dict[bool, dict[int, int]] = {True: {}, False: {}}
    for row, (configuration, seed) in enumerate(result.rows):
        if configuration.normalised is normalised:
            rows[GROUPS[configuration.activation] == "O(n)"][seed] = row
    return [(row, rows[True][seed]) for seed, row in rows[False].items() if seed in rows[True]]


def ratios(result: Result, normalised: bool, statistic: str) -> list[Ratio]:
    """Anisotropic over isotropic at every size, from the logarithms of the paired seeds' ratios."""
    pairs, found = paired(result, normalised), values(result, statistic)
    each = np.array([found[a] / found[i] for a, i in pairs]).reshape(len(pairs), found.shape[1])
    return [ratio(column) for column in each.T]


def ratio(each: NDArray[np.float64]) -> Ratio:
    """The geometric mean of positive ratios (seeds,) and the t interval of their mean logarithm."""
    found = statistics.interval(np.log(each), CONFIDENCE)
    value, low, high = np.exp([found.mean, found.low, found.high]).tolist()
    return Ratio(value, low, high, each) if found.count > 1 else Ratio(value, np.nan, np.nan, each)


def chosen(result: Result) -> int:
    """The place of the size at which the tables stand, the catalogue's ``size``."""
    return int(np.abs(result.drawing["size"] - float(result.figure.entry["size"])).argmin())


def setting(result: Result | Missing) -> Text:
    """What was measured, in one line."""
    if isinstance(result, Missing) or result.lacking:
        return Text(result.lacking)
    facts, first = result.facts, result.rows[0][0]
    sizes = listed([f"{value:g}" for value in result.drawing["size"]])
    return Text(
        f"{dataset(result)}, n = {first.n}, L = {first.L}, epoch {facts['epochs']}, seeds "
        f"{', '.join(map(str, facts['seeds']))}, {facts['dtype']}; {facts['images']} test images, perturbations of "
        f"size {sizes}, {facts['random']} random ones each.{deviations(result)}"
    )


def measured(result: Result | Missing) -> Table:
    """Every kind of network at the chosen size: changes per size and errors in percent, mean and range over seeds."""
    if isinstance(result, Missing) or result.lacking:
        return Table(("network",), ((result.lacking,),))
    e, drawing = chosen(result), result.drawing
    lines = []
    for configuration, rows in result.by_configuration.items():
        gains = [_spread(drawing[name][rows, e]) for name in ("random", "straight", "worst")]
        errors = [_spread(100 * drawing["error"][rows])]
        errors += [_spread(100 * drawing[f"{name}_error"][rows, e]) for name in ("random", "straight", "worst")]
        lines.append((f"{configuration.title} pixels", *gains, *errors))
    kinds = ("random", "worst to first order", "worst found")
    heads = (
        *(f"change, {kind}" for kind in kinds),
        "error, % unperturbed",
        *(f"added error, %, {kind}" for kind in kinds),
    )
    return Table(("network", *heads), tuple(lines))


def anisotropic_over_isotropic(result: Result | Missing) -> Table:
    """Anisotropic / isotropic: the ratio at the chosen size with its interval, seeds above 1, and all sizes."""
    if isinstance(result, Missing) or not _kinds(result):
        return Table(("pixels",), ((NO_PAIR if isinstance(result, Result) and result.rows else result.lacking,),))
    e, sizes = chosen(result), result.drawing["size"]
    lines = []
    for normalised in _kinds(result):
        for statistic, words in COMPARED.items():
            found = ratios(result, normalised, statistic)
            own = found[e]
            seeds = f"{(own.each > 1).sum()} of {len(own.each)}"
            sides = [one.side for one in found]
            above, below = (_sizes(sizes, sides, side) for side in (1, -1))
            lines.append((f"{PIXELS[normalised]} pixels", words, str(own), seeds, above, below))
    heads = ("anisotropic / isotropic", "seeds above 1", "sizes above 1", "sizes below 1")
    return Table(("pixels", f"at size {sizes[e]:g}", *heads), tuple(lines))


def places(result: Result | Missing) -> Table:
    """Where perturbations take a representation: medians over images, then the mean over seeds, at every size."""
    if isinstance(result, Missing) or result.lacking:
        return Table(("size",), ((result.lacking,),))
    drawing, kinds = result.drawing, result.by_configuration
    lines = []
    for e, size in enumerate(drawing["size"]):
        cells = [f"{size:g}"]
        for rows in kinds.values():
            turn, away, still = (
                drawing[n][rows, e].mean() for n in ("worst_turn", "worst_distance", "random_distance")
            )
            cells.append(f"{turn:.1f}°, {away:.2f} ({still:.2f})")
        lines.append(tuple(cells))
    return Table(("size", *(f"{c.title} pixels" for c in kinds)), tuple(lines))


def verdict(result: Result | Missing) -> Text:
    """What came out of the comparison, plainly, at the chosen size."""
    if isinstance(result, Missing) or result.lacking:
        return Text(result.lacking)
    if not _kinds(result):
        return Text(NO_PAIR)
    e = chosen(result)
    parts = []
    for normalised in _kinds(result):
        worst, excess, error, first = (
            ratios(result, normalised, s)[e] for s in ("worst", "excess", "worst_error", "straight")
        )
        parts.append(
            f"**{PIXELS[normalised].capitalize()} pixels.** Under the worst perturbations found, the reconstructions "
            f"of the anisotropic networks change {worst} times as much as those of the isotropic ones: "
            f"{_said(worst)}. Relative to what random perturbations do to the same network it is {excess} times as "
            f"much: {_said(excess)}. The error grows by {error} times as much: {_said(error)}. With perturbations that "
            f"are worst to first order only, the first number would have been {first}."
        )
    size = result.drawing["size"][e]
    seeds = max(len(paired(result, normalised)) for normalised in _kinds(result))
    over = f"geometric means over {seeds} seeds with their {CONFIDENCE:.0%} intervals" if seeds > 1 else "one seed"
    head = f"At size {size:g}, {over}:"
    return Text("\n\n".join([head, *parts]))


def finding(result: Result) -> str:
    """The ratios of the worst changes, in one line."""
    if result.lacking:
        return result.lacking
    if not _kinds(result):
        return NO_PAIR
    e = chosen(result)
    parts = [f"{PIXELS[one]} pixels, {ratios(result, one, 'worst')[e]}" for one in _kinds(result)]
    return (
        f"Worst change of the reconstruction at size {result.drawing['size'][e]:g}, anisotropic over isotropic: "
        f"{'; '.join(parts)}."
    )


def sentence(result: Result) -> str:
    """What the curves show, made from the numbers: their alternative text."""
    if result.lacking:
        return result.lacking
    drawing = result.drawing
    sizes, parts = drawing["size"], []
    for configuration, rows in result.by_configuration.items():
        first, last = drawing["worst"][rows].mean(0)[[0, -1]]
        random = drawing["random"][rows].mean(0)
        parts.append(
            f"{configuration.title} pixels: worst {first:.3g} at the smallest size and {last:.3g} at the largest, "
            f"random {random.mean():.2g}"
        )
    return (
        f"Change of the reconstruction per size of the perturbation, growth of the error, and the ratio of anisotropic "
        f"to isotropic networks, for sizes {sizes[0]:g} to {sizes[-1]:g}. Change, {'; '.join(parts)}. {finding(result)}"
    )


def _kinds(result: Result) -> Sequence[bool]:
    """The kinds of pixels of which there are pairs."""
    return [one for one in PIXELS if paired(result, one)]


def _said(one: Ratio) -> str:
    if len(one.each) < 2:
        return "one seed, so chance is not excluded"
    return {1: "more", -1: "less", 0: "no difference that the seeds would bear out"}[one.side]


def _sizes(sizes: NDArray[np.float64], sides: Sequence[int], side: int) -> str:
    return ", ".join(f"{size:g}" for size, own in zip(sizes, sides, strict=True) if own == side) or "none"


def _times(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def _spread(found: NDArray[np.float64]) -> str:
    low, middle, high = (f"{float(f'{v:.3g}'):,g}" for v in (found.min(), found.mean(), found.max()))
    return middle if low == high else f"{middle} ({low} to {high})"


def compared(result: Result, row: int) -> Compared:
    """The numbers of a row that ``python -m isoaux verify`` compares."""
    for name, words in (("random", "random gain"), ("worst", "worst gain")):
        for size, value in zip(result.drawing["size"], result.drawing[name][row], strict=True):
            yield words, f"size {size:g}", "error", value
    yield "error", LAST, "error", result.drawing["error"][row]
