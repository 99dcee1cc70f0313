"""What perturbations do, in numbers: anisotropic beside isotropic networks, paired by seed, with intervals."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from isoaux.common.numbers import number_words
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import GROUPS, PIXELS
from isoaux.records.reports import dataset, deviations, opening, or_missing
from isoaux.records.results import Result
from isoaux.statistics import Interval, interval
from isoaux.studies.protocol import LAST, Compared

COMPARED = {
    "random": "change, random perturbation",
    "straight": "change, worst to first order",
    "worst": "change, worst that was found",
    "excess": "the same, over that of a random one",
    "worst_error": "growth of the error, worst that was found",
}
"""What is compared between paired networks; ``excess`` is ``worst`` / ``random``."""

NO_PAIR = "No seed has an anisotropic and an isotropic network, so there is no pair to compare."


def paired(result: Result, normalised: bool) -> list[tuple[int, int]]:
    """The rows of the anisotropic and the isotropic network of every seed that has both, which start alike."""
    rows: dict[bool, dict[int, int]] = {True: {}, False: {}}
    for row, (configuration, seed) in enumerate(result.rows):
        if configuration.normalised is normalised:
            rows[GROUPS[configuration.activation] == "O(n)"][seed] = row
    return [(row, rows[True][seed]) for seed, row in rows[False].items() if seed in rows[True]]


def log_ratios(result: Result, normalised: bool, statistic: str) -> NDArray[np.float64]:
    """The logarithms of anisotropic over isotropic in every pair, (pairs, sizes), of a statistic in :data:`COMPARED`.

    Not finite where a network has no such number, or 0.
    """
    drawing, rows = result.drawing, np.array(paired(result, normalised), dtype=int).reshape(-1, 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = drawing["worst"] / drawing["random"] if statistic == "excess" else drawing[statistic]
        return np.log(values[rows[:, 0]] / values[rows[:, 1]])


def ratios(result: Result, normalised: bool, statistic: str) -> list[Interval]:
    """The means of :func:`log_ratios` over the pairs with their 95% t intervals, at every size.

    Their exponentials are geometric means of anisotropic over isotropic; the sign is that of the ratio less 1.
    """
    return [interval(at_size) for at_size in log_ratios(result, normalised, statistic).T]


def chosen(result: Result) -> int:
    """The place of the size at which the tables stand, the catalogue's ``size``."""
    return int(np.abs(result.drawing["size"] - float(result.figure.entry["size"])).argmin())


@or_missing
def setting(result: Result) -> Text:
    """The networks, the images and the perturbations that were measured, in one line."""
    facts, first = result.facts, result.rows[0][0]
    sizes = listed([f"{value:g}" for value in result.drawing["size"]])
    return Text(
        f"{dataset(result)}, n = {first.n}, L = {first.L}, epoch {facts['epochs']}, seeds "
        f"{', '.join(map(str, facts['seeds']))}, {facts['dtype']}; {facts['images']} test images, perturbations of "
        f"size {sizes}, {facts['random']} random ones each.{deviations(result)}"
    )


@or_missing
def measured(result: Result) -> Table:
    """A row per kind of network, at the chosen size: changes per size, errors in percent, mean and range over seeds."""
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


@or_missing
def anisotropic_over_isotropic(result: Result) -> Table:
    """A row per kind of pixels and statistic: the ratio of anisotropic to isotropic, with its interval.

    It is that at the chosen size, with the number of seeds in which it is above 1; then come the sizes at which the
    whole interval lies above 1, and those at which it lies below.
    """
    if not _kinds(result):
        return Table(("pixels",), ((NO_PAIR,),))
    e, sizes = chosen(result), result.drawing["size"]
    lines = []
    for normalised in _kinds(result):
        for statistic, words in COMPARED.items():
            logs, intervals = log_ratios(result, normalised, statistic)[:, e], ratios(result, normalised, statistic)
            seeds = f"{(logs > 0).sum()} of {len(logs)}"
            above, below = (_sizes(sizes, intervals, sign) for sign in (1, -1))
            lines.append((f"{PIXELS[normalised]} pixels", words, _ratio(intervals[e]), seeds, above, below))
    heads = ("anisotropic / isotropic", "seeds above 1", "sizes above 1", "sizes below 1")
    return Table(("pixels", f"at size {sizes[e]:g}", *heads), tuple(lines))


@or_missing
def places(result: Result) -> Table:
    """A row per size: where the worst perturbation takes a representation, medians over images, then means over seeds.

    The angle in degrees by which it turns, and how many times as far as before its nearest known representation is; in
    brackets the latter for a random perturbation.
    """
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


@or_missing
def in_short(result: Result) -> Text:
    """What came out at the chosen size, in up to three sentences: change, the same beside random ones, and error."""
    if not (kinds := _kinds(result)):
        return opening(NO_PAIR)
    e = chosen(result)
    worst, excess, error = (
        [ratios(result, kind, name)[e] for kind in kinds] for name in ("worst", "excess", "worst_error")
    )

    def by_pixels(intervals: Sequence[Interval]) -> str:
        return listed([f"{_ratio(each)} on {PIXELS[kind]} pixels" for kind, each in zip(kinds, intervals, strict=True)])

    beside = f"Beside what random perturbations do to the same networks the factor is {by_pixels(excess)}"
    if all(each.sign < 0 for each in excess):
        beside += ": anisotropic networks are more sensitive to every perturbation, and not to a few bad ones"
    return opening(
        "Under the worst perturbation that was found the reconstruction of an anisotropic network changes, beside that "
        f"of its isotropic partner, by a factor of {by_pixels(worst)} (size {result.drawing['size'][e]:g}).",
        f"{beside}.",
        f"The factor by which the error grows is {by_pixels(error)}.",
    )


@or_missing
def verdict(result: Result) -> Text:
    """A paragraph per kind of pixels: the ratios at the chosen size and what their intervals say."""
    if not _kinds(result):
        return Text(NO_PAIR)
    e = chosen(result)
    parts = []
    for normalised in _kinds(result):
        worst, excess, error, first = (
            ratios(result, normalised, statistic)[e] for statistic in ("worst", "excess", "worst_error", "straight")
        )
        parts.append(
            f"**{PIXELS[normalised].capitalize()} pixels.** Under the worst perturbations found, the reconstructions "
            f"of the anisotropic networks change {_ratio(worst)} times as much as those of the isotropic ones: "
            f"{_side(worst)}. Relative to what random perturbations do to the same network it is {_ratio(excess)} "
            f"times as much: {_side(excess)}. The error grows by {_ratio(error)} times as much: {_side(error)}. With "
            f"perturbations that are worst to first order only, the first number would have been {_ratio(first)}."
        )
    size = result.drawing["size"][e]
    seeds = max(len(paired(result, normalised)) for normalised in _kinds(result))
    over = f"geometric means over {seeds} seeds with their 95% intervals" if seeds > 1 else "one seed"
    head = f"At size {size:g}, {over}:"
    return Text("\n\n".join([head, *parts]))


def finding(result: Result) -> str:
    """The ratios of the worst changes at the chosen size, in one sentence."""
    if result.lacking:
        return result.lacking
    if not _kinds(result):
        return NO_PAIR
    e = chosen(result)
    parts = [f"{PIXELS[kind]} pixels, {_ratio(ratios(result, kind, 'worst')[e])}" for kind in _kinds(result)]
    return (
        f"Worst change of the reconstruction at size {result.drawing['size'][e]:g}, anisotropic over isotropic: "
        f"{'; '.join(parts)}."
    )


def sentence(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.perturbation.figures.curves`."""
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
    return [normalised for normalised in PIXELS if paired(result, normalised)]


def _ratio(log_ratio: Interval) -> str:
    """The ratio of this logarithm, with its interval where there is more than one seed."""
    ratio, low, high = (_times(np.exp(value)) for value in (log_ratio.mean, log_ratio.low, log_ratio.high))
    return f"{ratio} ({low} to {high})" if log_ratio.count > 1 else ratio


def _side(log_ratio: Interval) -> str:
    if log_ratio.count < 2:
        return "one seed, so chance is not excluded"
    return {1: "more", -1: "less", 0: "no difference that the seeds would bear out"}[log_ratio.sign]


def _sizes(sizes: NDArray[np.float64], intervals: Sequence[Interval], sign: int) -> str:
    return ", ".join(f"{sizes[e]:g}" for e, log_ratio in enumerate(intervals) if log_ratio.sign == sign) or "none"


def _times(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def _spread(values: NDArray[np.float64]) -> str:
    low, middle, high = map(number_words, (values.min(), values.mean(), values.max()))
    return middle if low == high else f"{middle} ({low} to {high})"


def compared(result: Result, row: int) -> Compared:
    """The numbers of a row that ``python -m isoaux verify`` compares."""
    for name, words in (("random", "random gain"), ("worst", "worst gain")):
        for size, value in zip(result.drawing["size"], result.drawing[name][row], strict=True):
            yield words, f"size {size:g}", "error", value
    yield "error", LAST, "error", result.drawing["error"][row]
