"""What the error curves say, in numbers: paired differences over the seeds, the lowest curve of a panel, noise.

Curves are in a dictionary ``known`` by configuration, as :func:`isoaux.records.error_curves.curves` returns them.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from operator import attrgetter

import numpy as np

from isoaux.common.numbers import NONE, listed_range, low_to_high
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import PIXELS, TITLES, Configuration, Figure
from isoaux.records import error_curves
from isoaux.records.error_curves import UNITS, Curve, Curves, Pair, Panel, curves, differences, noise, panels
from isoaux.records.reports import dataset, deviations, line_of_each, opening, or_missing
from isoaux.records.results import Collection, Result
from isoaux.statistics import Interval, interval
from isoaux.statistics.seeds import steady_from
from isoaux.studies.protocol import FIRST, LAST, Compared

FORMS = {"sigma": ("{:.4f}", "{:+.4f}", 1), "pixels": ("{:.2f}", "{:+.2f}", 1000)}
"""How errors and differences are written, and what they are multiplied with before."""

NAMED = 4
"""Exceptions are named in a sentence up to this many."""

HEADS = {"sigma": "sigma-weighted", "pixels": "in pixels, × 1000"}


def lacking(panel: Panel, known: Curves) -> list[Configuration]:
    """The configurations of a panel that have no curve."""
    return [configuration for configuration in panel.curves if configuration not in known]


def seeds_of(panel: Panel, known: Curves) -> str:
    """The seeds of a panel, by pixels or by curve where they are not the same; nothing for an empty panel."""
    return _by_pixels({c: f"seeds {listed_range(known[c].seeds)}" for c in panel.curves if c in known})


def reason(panel: Panel, known: Curves, result: Result) -> str:
    """Why a panel lacks curves, by pixels or by curve."""
    words = {}
    tried = {configuration for configuration, _ in result.rows}
    for configuration in lacking(panel, known):
        failed = any(words.startswith(f"{configuration.id} ") for words in result.facts["failed"])
        words[configuration] = "failed in training" if failed or configuration in tried else "not published yet"
    if len(words) < len(panel.curves) and len(set(words.values())) == 1 and len({c.normalised for c in words}) < 2:
        words = {c: f"{c.pixels if len(words) == 2 else c.title}: {why}" for c, why in words.items()}
    return _by_pixels(words)


def _by_pixels(words: dict[Configuration, str]) -> str:
    """What is said of several curves, a line each: at once where it is the same, else by pixels where that suffices."""
    if len(set(words.values())) < 2:
        return next(iter(words.values()), "")
    lines = []
    for pixels, group in groupby(words, key=attrgetter("pixels")):
        members = list(group)
        if len({words[configuration] for configuration in members}) == 1:
            lines.append(f"{pixels}: {words[members[0]]}")
        else:
            lines += [f"{configuration.title}: {words[configuration]}" for configuration in members]
    return "\n".join(lines)


@line_of_each
def setting(result: Result) -> str:
    """The data and the networks that are drawn, in one line."""
    facts = result.facts
    return (
        f"{dataset(result)}, {facts['epochs']} epochs, {facts['dtype']}; {len(result.by_configuration)} of "
        f"{len(result.figure.configurations)} configurations, {len(result.rows)} networks.{deviations(result)}"
    )


# --- pairs


def pairs(figures: Iterable[Figure]) -> dict[Pair, list[str]]:
    """Every pair of the figures once, with the numbers of the figures that show it."""
    numbers: dict[Pair, list[str]] = {}
    for figure in figures:
        for panel in panels(figure).values():
            for pair in panel.pairs:
                numbers.setdefault(pair, []).append(str(figure.number))
    return numbers


def groups(collection: Collection) -> list[list[Pair]]:
    """The pairs by images, function and pixels, in the order of their first appearance."""
    grouped: dict[tuple[str, str, bool], list[Pair]] = {}
    for pair in pairs(collection.figures):
        first = pair.anisotropic
        grouped.setdefault((first.dataset, first.activation, first.normalised), []).append(pair)
    return list(grouped.values())


def comparable(pair: Pair, known: Curves) -> bool:
    """Whether both curves are there and share a seed."""
    return bool(error_curves.shared_seeds(*(known.get(configuration) for configuration in pair)))


def end(first: Curve, second: Curve) -> Interval:
    """The paired difference at the last checkpoint, first less second, with its 95% interval."""
    return interval(differences(first, second)[:, -1])


def end_of(pair: Pair, known: Curves) -> Interval:
    """The paired difference of a pair at the last checkpoint, anisotropic less isotropic, with its 95% interval."""
    return end(known[pair.anisotropic], known[pair.isotropic])


def lower_since(pair: Pair, known: Curves) -> int | None:
    """The place of the first checkpoint from which the isotropic error is lower in every seed that has both curves.

    To the end, as :func:`isoaux.statistics.seeds.steady_from` has it; None where it is not so at the last checkpoint.
    """
    difference = differences(known[pair.anisotropic], known[pair.isotropic])
    first = int(steady_from(np.all(difference > 0, axis=0)))
    return first if first < difference.shape[1] else None


def in_own_units(results: Iterable[Result]) -> Curves:
    """All curves, each in the units in which its networks were trained: sigma-weighted or in pixels."""
    known = {unit: curves(results, unit) for unit in UNITS}
    return {c: known["sigma" if c.normalised else "pixels"][c] for c in known["sigma"]}


def noise_ratio(pair: Pair, known: Curves, epochs: Sequence[int]) -> Interval:
    """The logarithm of the anisotropic noise over the isotropic one, over the seeds that both have."""
    first, second = (known[configuration] for configuration in pair)
    shared = error_curves.shared_seeds(first, second)
    logs = np.log(np.maximum([noise(epochs, curve.of(shared)) for curve in (first, second)], 1e-12))
    return interval(logs[0] - logs[1])


# --- tables


@or_missing
def by_pair(collection: Collection) -> Table:
    """A row per published pair: both errors at the last checkpoint, and anisotropic less isotropic with its interval.

    The last column has the epoch from which the isotropic error stays the lower one, sigma-weighted.
    """
    known = {unit: curves(collection, unit) for unit in UNITS}
    head = ["figures", "networks", "n, L", "seeds"]
    for unit in UNITS:
        head += [f"{HEADS[unit]}: anisotropic / isotropic", "difference (95%)"]
    rows = []
    for pair, numbers in pairs(collection.figures).items():
        if not comparable(pair, known["sigma"]):
            continue
        seeds = error_curves.shared_seeds(*(known["sigma"][configuration] for configuration in pair))
        cells = [*_networks(pair, numbers), listed_range(seeds)]
        for unit, (plain, signed, scale) in FORMS.items():
            cells.append(" / ".join(_number(scale * known[unit][configuration].last, plain) for configuration in pair))
            cells.append(_with_interval(end_of(pair, known[unit]), signed, scale))
        since = lower_since(pair, known["sigma"])
        rows.append((*cells, NONE if since is None else str(_epochs(collection)[since])))
    return _table((*head, "isotropic lower from epoch"), rows)


@or_missing
def in_short(collection: Collection) -> Text:
    """What came out on standardised pixels, in up to four sentences: the end, the course, the step size, what lacks."""
    known, all_pairs = curves(collection), [p for p in pairs(collection.figures) if p.anisotropic.normalised]
    compared = [pair for pair in all_pairs if comparable(pair, known)]
    if not compared:
        return opening("No pair of networks on standardised pixels is published yet.")
    signs = [end_of(pair, known).sign for pair in compared]
    ratios = [100 * known[pair.isotropic].last / known[pair.anisotropic].last for pair in compared]
    since = [_epochs(collection)[c] for pair in compared if (c := lower_since(pair, known)) is not None]
    crossed = sum(epoch > _epochs(collection)[1] for epoch in since) if len(_epochs(collection)) > 1 else 0
    left = len(all_pairs) - len(compared)
    return opening(
        f"At the end of training the isotropic error is the lower one in {signs.count(1)} of {len(compared)} pairs on "
        f"standardised pixels, the higher one in {signs.count(-1)} and undecided in {signs.count(0)}; it is "
        f"{low_to_high(ratios, '{:.0f}')} % of its partner's (sigma-weighted).",
        f"In {crossed} of these pairs the curves cross during training, and only from some epoch on it is the "
        f"lower one "
        "in every seed: a shorter training would have given another answer." * (crossed > 0),
        f"Of the {len(all_pairs)} pairs of the paper {left} are not published here." * (left > 0),
    )


@or_missing
def verdict(collection: Collection) -> Table:
    """A row per kind of pair: in how many the interval of the paired difference lies above 0, below 0, or holds it."""
    known, numbers = {unit: curves(collection, unit) for unit in UNITS}, pairs(collection.figures)
    head = ["figures", "function", "pixels", "pairs"]
    for unit in UNITS:
        head += [f"{UNITS[unit]}: isotropic lower", "higher", "undecided"]
    rows = []
    for members in groups(collection):
        compared = [pair for pair in members if comparable(pair, known["sigma"])]
        first, count = members[0].anisotropic, f"{len(compared)} of {len(members)}"
        cells = [", ".join(_numbers(members, numbers)), TITLES[first.activation], first.pixels, count]
        for unit in UNITS:
            signs = [end_of(pair, known[unit]).sign for pair in compared]
            cells += [str(signs.count(sign)) if compared else NONE for sign in (1, -1, 0)]
        rows.append(tuple(cells))
    return _table(head, rows)


@or_missing
def answer(collection: Collection) -> Text:
    """The claim on standardised pixels in words: where the isotropic error is lower, where not, and what is missing."""
    known = {unit: curves(collection, unit) for unit in UNITS}
    all_pairs = [pair for pair in pairs(collection.figures) if pair.anisotropic.normalised]
    compared = [pair for pair in all_pairs if comparable(pair, known["sigma"])]
    if not compared:
        return Text("No pair of networks on standardised pixels is published yet.")
    parts = []
    for unit in UNITS:
        signs = {pair: end_of(pair, known[unit]).sign for pair in compared}
        words = f"{UNITS[unit]}, lower in {list(signs.values()).count(1)} of {len(compared)} pairs"
        for sign, what in ((-1, "higher"), (0, "undecided")):
            if named := [_place(pair) for pair in compared if signs[pair] == sign]:
                words += f", {what} in {len(named)}" + f" ({'; '.join(named)})" * (len(named) <= NAMED)
        parts.append(words)
    left = len(all_pairs) - len(compared)
    missing = f" {left} of the {len(all_pairs)} pairs are missing." if left else ""
    return Text(
        f"**At the last checkpoint, on standardised pixels, the isotropic error is**: {'; '.join(parts)}. "
        f"{_how_much(compared, known['sigma'], _epochs(collection))}{missing}"
    )


def _how_much(compared: Sequence[Pair], known: Curves, epochs: Sequence[int]) -> str:
    """By how much the isotropic error is the lower one in pairs, and since when, in sentences."""
    ratios = sorted(known[pair.isotropic].last / known[pair.anisotropic].last for pair in compared)
    low, high = (f"{_number(100 * ratio, '{:.0f}')}%" for ratio in (ratios[0], ratios[-1]))
    words = f"Sigma-weighted, it is {low} to {high} of its partner's."
    since = [lower_since(pair, known) for pair in compared]
    if crossing := sorted(epochs[c] for c in since if c is not None and c > 1):
        early = sum(c is not None and c <= 1 for c in since)
        words += (
            f" It is so from the first checkpoint after the start in {early} pairs; in {len(crossing)} the curves "
            f"cross later, and it stays lower in every seed from epoch {crossing[0]} at the earliest, "
            f"{crossing[-1]} at the latest."
        )
    return words


@or_missing
def lowest(collection: Collection) -> Table:
    """A row per panel with both kinds of pixels: the two lowest mean errors at the end, and how far they are apart.

    The margin is the paired difference over the seeds that both have; a panel that lacks a curve has dashes.
    """
    known = {unit: curves(collection, unit) for unit in UNITS}
    head = ["figure", "n", "L", "curves"]
    for unit in UNITS:
        head += [f"{HEADS[unit]}: lowest", "next", "margin (95%)"]
    rows = []
    for figure in collection.figures:
        for (n, depth), panel in panels(figure).items():
            if len(panel.pairs) < 2:
                continue
            count = len(panel.curves) - len(lacking(panel, known["sigma"]))
            cells = [str(figure.number), str(n), str(depth), f"{count} of {len(panel.curves)}"]
            for unit, (_, signed, scale) in FORMS.items():
                cells += _two_lowest(panel, known[unit], signed, scale)
            rows.append(tuple(cells))
    return _table(head, rows)


def _two_lowest(panel: Panel, known: Curves, form: str, scale: float) -> list[str]:
    if lacking(panel, known):
        return [NONE] * 3
    best, second = sorted(panel.curves, key=lambda configuration: known[configuration].last)[:2]
    shared = error_curves.shared_seeds(known[best], known[second])
    margin = _with_interval(end(known[second], known[best]), form, scale) if shared else "no common seed"
    return [best.title, second.title, margin]


@or_missing
def sizes(collection: Collection) -> Table:
    """A row per kind of network: in how many steps to the next width or depth the error falls, rises, or neither."""
    known, numbers = curves(collection), pairs(collection.figures)
    rows = []
    for group in groups(collection):
        for members in zip(*group, strict=True):
            cells = (_steps(members, known, "L", "n"), _steps(members, known, "n", "L"))
            rows.append((", ".join(_numbers(group, numbers)), members[0].title, *cells))
    head = ("figures", "networks", "one width wider: lower / higher / undecided", "one block deeper: the same")
    return _table(head, rows)


def _steps(members: Sequence[Configuration], known: Curves, fixed: str, along: str) -> str:
    signs = []
    for _, line in groupby(sorted(members, key=attrgetter(fixed, along)), key=attrgetter(fixed)):
        for small, large in pairwise(line):
            if error_curves.shared_seeds(known.get(small), known.get(large)):
                signs.append(end(known[small], known[large]).sign)
    return " / ".join(str(signs.count(sign)) for sign in (1, -1, 0)) if signs else NONE


@or_missing
def restlessness(collection: Collection) -> Table:
    """A row per pair: the noise of its late curves (:func:`isoaux.records.error_curves.noise`) and their last spread.

    Both are shares of an error in the units that the network was trained in. The ratio of two noises is the geometric
    mean over the seeds that both have, with a 95% interval.
    """
    known, epochs = in_own_units(collection), _epochs(collection)
    head = ("figures", "networks", "n, L", "noise: anisotropic / isotropic", "ratio (95%)", "spread over the seeds")
    rows = []
    for pair, numbers in pairs(collection.figures).items():
        if comparable(pair, known):
            both = [known[configuration] for configuration in pair]
            sizes = [100 * noise(epochs, curve.errors).mean() for curve in both]
            logs = noise_ratio(pair, known, epochs)
            ratio, low, high = np.exp([logs.mean, logs.low, logs.high])
            rows.append(
                (
                    *_networks(pair, numbers),
                    " / ".join(f"{_number(size, '{:.2f}')}%" for size in sizes),
                    _with_interval(Interval(ratio, low, high, logs.count), "{:.2f}"),
                    " / ".join(f"{100 * curve.spread:.2f}%" if len(curve.seeds) > 1 else NONE for curve in both),
                )
            )
    return _table(head, rows)


@or_missing
def noisier(collection: Collection) -> Text:
    """In how many pairs the anisotropic curves are the noisier ones, in words."""
    known, epochs, parts = in_own_units(collection), _epochs(collection), []
    for normalised in (False, True):
        kind = [pair for pair in pairs(collection.figures) if pair.anisotropic.normalised == normalised]
        ratios = [noise_ratio(pair, known, epochs) for pair in kind if comparable(pair, known)]
        more, less = (sum(ratio.sign == sign for ratio in ratios) for sign in (1, -1))
        if ratios:
            parts.append(
                f"on {PIXELS[normalised]} pixels, the anisotropic curves are on average the "
                f"noisier ones in {sum(ratio.mean > 0 for ratio in ratios)} of {len(ratios)} pairs; the interval of "
                f"the ratio lies above 1 in {more} and below 1 in {less}"
            )
    if not parts:
        return Text("No pair of networks is published yet.")
    span = [epochs[c] for c in error_curves.late(epochs)]
    when = f"Over the checkpoints from epoch {span[0]} to {span[-1]}" if len(span) > 1 else f"At epoch {span[0]}"
    return Text(f"{when}: {'; '.join(parts)}.")


# --- sentences


def finding(result: Result) -> str:
    """In how many panels of a figure the isotropic error is lower at the last checkpoint, in one sentence."""
    known, parts = curves([result]), []
    for normalised in (True, False):
        kind = [pair for pair in pairs([result.figure]) if pair.anisotropic.normalised == normalised]
        signs = [end_of(pair, known).sign for pair in kind if comparable(pair, known)]
        if signs:
            parts.append(
                f"on {PIXELS[normalised]} pixels the isotropic error is lower in "
                f"{signs.count(1)}, higher in {signs.count(-1)} and undecided in {signs.count(0)} of "
                f"{len(signs)} panels"
                + (f", {len(kind) - len(signs)} more are missing" if len(kind) > len(signs) else "")
            )
    words = "; ".join(parts) or "no panel has both curves of a pair yet"
    return f"Sigma-weighted, {words}."


def sentence(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.reconstruction.figures.curves`."""
    known, drawn = curves([result]), panels(result.figure)
    filled = [panel for panel in drawn.values() if len(lacking(panel, known)) < len(panel.curves)]
    epochs = result.drawing["epochs"]
    parts = []
    for panel in filled:
        ends = [f"{c.title} {known[c].last:.3f}" for c in panel.curves if c in known]
        parts.append(f"n = {panel.n}, L = {panel.L}: {', '.join(ends)}")
    ends_of = "; ".join(parts) or "no curve is left"
    empty = f" {len(drawn) - len(filled)} panels are empty." if len(filled) < len(drawn) else ""
    return (
        f"Test error against the epoch, {epochs[0]} to {epochs[-1]}, in {len(drawn)} "
        f"panel{'s' * (len(drawn) > 1)}. Sigma-weighted at the end, mean over the seeds: {ends_of}.{empty}"
    )


def differences_sentence(collection: Collection) -> str:
    """The alternative text of :func:`isoaux.studies.reconstruction.figures.differences`."""
    known, numbers, parts = curves(collection), pairs(collection.figures), []
    for members in groups(collection):
        compared = [pair for pair in members if comparable(pair, known)]
        if compared:
            shares = [100 * end_of(pair, known).mean / known[pair.anisotropic].last for pair in compared]
            low, high = (f"{_number(share, '{:+.0f}')}%" for share in (min(shares), max(shares)))
            span = low if len(compared) == 1 else f"{low} to {high}"
            parts.append(f"{figures_of(compared, numbers)}, {members[0].anisotropic.title}: {span}")
    return (
        "By how much of the anisotropic error the isotropic one is lower at the last checkpoint, every pair with its "
        f"interval of 95%, sigma-weighted and in pixels. Sigma-weighted means, {'; '.join(parts) or 'none yet'}."
    )


def figures_of(members: Iterable[Pair], numbers: dict[Pair, list[str]]) -> str:
    """The figures that show any of these pairs, as ``Figures 31, 32 and 33``; ``numbers`` is from :func:`pairs`."""
    shown = _numbers(members, numbers)
    return f"Figure{'s' * (len(shown) > 1)} {listed(shown)}"


# --- parts


def _numbers(members: Iterable[Pair], numbers: dict[Pair, list[str]]) -> list[str]:
    return list(dict.fromkeys(number for pair in members for number in numbers[pair]))


def _networks(pair: Pair, numbers: Sequence[str]) -> tuple[str, str, str]:
    first = pair.anisotropic
    return ", ".join(numbers), first.title, f"{first.n}, {first.L}"


def _place(pair: Pair) -> str:
    first = pair.anisotropic
    return f"{'MNIST, ' * (first.dataset == 'mnist')}{TITLES[first.activation]}, n = {first.n}, L = {first.L}"


def _epochs(collection: Collection) -> list[int]:
    return [int(epoch) for epoch in next(iter(collection)).drawing["epochs"]]


def _number(value: float, form: str) -> str:
    """A number in its form; with an exponent where a network has run away."""
    return form.format(value) if abs(value) < 1e5 else f"{value:.0e}"


def _with_interval(values: Interval, form: str, scale: float = 1) -> str:
    mean, low, high = (_number(scale * value, form) for value in (values.mean, values.low, values.high))
    return f"{mean} ({low} to {high})" if values.count > 1 else f"{mean} (one seed)"


def _table(head: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Table:
    return Table(tuple(head), tuple(rows)) if rows else Table(("pairs",), (("none is published yet",),))


def compared(result: Result, row: int) -> Compared:
    """The numbers of a row that ``python -m isoaux verify`` compares."""
    for unit, words in (("sigma", "test error, sigma-weighted"), ("pixels", "test error in pixels")):
        errors = result.drawing[f"test_error_{unit}"][row]
        yield words, FIRST, "error", errors[0]
        yield words, LAST, "error", errors[-1]


def words(figure: Figure) -> str:
    """What a figure of the catalogue shows, in one line."""
    names = " and ".join(TITLES.get(name, name) for name in figure.entry["activations"]["curves"])
    return f"Test error of {names}; {figure.size}; {figure.data}"
