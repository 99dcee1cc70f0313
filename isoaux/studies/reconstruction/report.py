"""What the error curves say, in numbers: paired differences over the seeds, the lowest curve of a panel, noise."""

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from operator import attrgetter

import numpy as np

from isoaux.common.tables import Table, Text, listed
from isoaux.paper import PIXELS, TITLES, Configuration, Figure
from isoaux.records.error_curves import UNITS, Curve, Pair, Panel, curves, differences, late, noise, panels
from isoaux.records.reports import by_figure, dataset, deviations
from isoaux.records.results import Collection, Result
from isoaux.statistics import Interval, interval
from isoaux.statistics.seeds import steady_from
from isoaux.studies.protocol import FIRST, LAST, Compared

Curves = dict[Configuration, Curve]

FORMS = {"sigma": ("{:.4f}", "{:+.4f}", 1), "pixels": ("{:.2f}", "{:+.2f}", 1000)}
"""How errors and differences are written, and what they are multiplied with before."""

NAMED = 4
"""Exceptions are named in a sentence up to this many."""

HEADS = {"sigma": "sigma-weighted", "pixels": "in pixels, × 1000"}


def seeds(found: Sequence[int]) -> str:
    """Seeds in words, ``0–4`` for five of them in a row."""
    if len(found) > 1 and list(found) == list(range(found[0], found[0] + len(found))):
        return f"{found[0]}–{found[-1]}"
    return ", ".join(map(str, found))


def lacking(panel: Panel, known: Curves) -> list[Configuration]:
    """The configurations of a panel that have no curve."""
    return [own for own in panel.curves if own not in known]


def seeds_of(panel: Panel, known: Curves) -> str:
    """The seeds of a panel, by pixels or by curve where they are not the same; nothing for an empty panel."""
    return _by_pixels({own: f"seeds {seeds(known[own].seeds)}" for own in panel.curves if own in known})


def reason(panel: Panel, known: Curves, result: Result) -> str:
    """Why a panel lacks curves, by pixels or by curve."""
    words = {}
    tried = {own for own, _ in result.rows}
    for own in lacking(panel, known):
        lost = own in tried or any(words.startswith(f"{own.id} ") for words in result.facts["failed"])
        words[own] = "failed in training" if lost else "not published yet"
    if len(words) < len(panel.curves) and len(set(words.values())) == 1 and len({own.normalised for own in words}) < 2:
        words = {own: f"{own.pixels if len(words) == 2 else own.title}: {what}" for own, what in words.items()}
    return _by_pixels(words)


def _by_pixels(words: dict[Configuration, str]) -> str:
    """What is said of several curves, a line each: at once where it is the same, else by pixels where that suffices."""
    if len(set(words.values())) < 2:
        return next(iter(words.values()), "")
    lines = []
    for pixels, group in groupby(words, key=attrgetter("pixels")):
        members = list(group)
        if len({words[own] for own in members}) == 1:
            lines.append(f"{pixels}: {words[members[0]]}")
        else:
            lines += [f"{own.title}: {words[own]}" for own in members]
    return "\n".join(lines)


def setting(found: Collection) -> Text:
    """What is drawn, a line per figure, and which figures are not published yet."""
    return by_figure(_setting, found)


def _setting(result: Result) -> str:
    facts = result.facts
    return (
        f"{dataset(result)}, {facts['epochs']} epochs, {facts['dtype']}; {len(result.by_configuration)} of "
        f"{len(result.figure.configurations)} configurations, {len(result.rows)} networks.{deviations(result)}"
    )


# --- tables


def pairs(found: Iterable[Figure]) -> dict[Pair, list[str]]:
    """Every pair of the figures once, with the numbers of the figures that show it."""
    named: dict[Pair, list[str]] = {}
    for figure in found:
        for panel in panels(figure).values():
            for pair in panel.pairs:
                named.setdefault(pair, []).append(str(figure.number))
    return named


def end(first: Curve, second: Curve) -> Interval:
    """The paired difference at the last checkpoint, first less second, with its 95% interval."""
    return interval(differences(first, second)[:, -1])


def comparable(pair: Pair, known: Curves) -> bool:
    """Whether both curves are there and share a seed."""
    both = [known[own].seeds for own in (pair.anisotropic, pair.isotropic) if own in known]
    return len(both) == 2 and bool({*both[0]} & {*both[1]})


def by_pair(found: Collection) -> Table:
    """Every published pair at the last checkpoint: both errors, and anisotropic less isotropic with its interval.

    The last column has the checkpoint from which the isotropic error stays the lower one, sigma-weighted.
    """
    known = {unit: curves(found, unit) for unit in UNITS}
    head = ["figures", "networks", "n, L", "seeds"]
    for unit in UNITS:
        head += [f"{HEADS[unit]}: anisotropic / isotropic", "difference (95%)"]
    lines = []
    for pair, numbers in pairs(found.figures).items():
        if not comparable(pair, known["sigma"]):
            continue
        one, shared = pair.anisotropic, _shared(pair, known["sigma"])
        cells = [", ".join(numbers), one.title, f"{one.n}, {one.L}", seeds(shared)]
        for unit, (plain, signed, scale) in FORMS.items():
            both = known[unit][one], known[unit][pair.isotropic]
            cells.append(" / ".join(_number(scale * curve.errors[:, -1].mean(), plain) for curve in both))
            cells.append(_interval(end(*both), signed, scale))
        since = lower_since(pair, known["sigma"])
        lines.append((*cells, "–" if since is None else str(_epochs(found)[since])))
    return _table((*head, "isotropic lower from epoch"), lines)


def lower_since(pair: Pair, known: Curves) -> int | None:
    """The place of the first checkpoint from which the isotropic error is lower in every seed that has both curves.

    To the end, as :func:`isoaux.statistics.seeds.steady_from` has it; None where it is not so at the last checkpoint.
    """
    difference = differences(known[pair.anisotropic], known[pair.isotropic])
    first = int(steady_from(np.all(difference > 0, axis=0)))
    return first if first < difference.shape[1] else None


def verdict(found: Collection) -> Table:
    """In how many pairs the interval of the paired difference lies above 0, below 0, or holds it."""
    known, numbers = {unit: curves(found, unit) for unit in UNITS}, pairs(found.figures)
    head = ["figures", "function", "pixels", "pairs"]
    for unit in UNITS:
        head += [f"{UNITS[unit]}: isotropic lower", "higher", "undecided"]
    lines = []
    for members in groups(found):
        shown = dict.fromkeys(number for pair in members for number in numbers[pair])
        there = [pair for pair in members if comparable(pair, known["sigma"])]
        first = members[0].anisotropic
        cells = [", ".join(shown), TITLES[first.activation], first.pixels, f"{len(there)} of {len(members)}"]
        for unit in UNITS:
            signs = [_end(pair, known[unit]).sign for pair in there]
            cells += [str(signs.count(sign)) if there else "–" for sign in (1, -1, 0)]
        lines.append(tuple(cells))
    return _table(head, lines)


def answer(found: Collection) -> Text:
    """The claim on standardised pixels in words: where the isotropic error is lower, where not, and what is missing."""
    everything = [pair for pair in pairs(found.figures) if pair.anisotropic.normalised]
    there = [pair for pair in everything if comparable(pair, curves(found))]
    if not there:
        return Text("No pair of networks on standardised pixels is published yet.")
    parts = []
    for unit in UNITS:
        known = curves(found, unit)
        signs = {pair: _end(pair, known).sign for pair in there}
        words = f"{UNITS[unit]}, lower in {list(signs.values()).count(1)} of {len(there)} pairs"
        for sign, what in ((-1, "higher"), (0, "undecided")):
            if named := [_place(pair) for pair, own in signs.items() if own == sign]:
                words += f", {what} in {len(named)}" + f" ({'; '.join(named)})" * (len(named) <= NAMED)
        parts.append(words)
    left = len(everything) - len(there)
    missing = f" {left} of the {len(everything)} pairs are missing." if left else ""
    return Text(
        f"**At the last checkpoint, on standardised pixels, the isotropic error is**: {'; '.join(parts)}. "
        f"{_how_much(there, found)}{missing}"
    )


def _how_much(there: Sequence[Pair], found: Collection) -> str:
    known, epochs = curves(found), _epochs(found)
    ends = [[known[own].errors[:, -1].mean() for own in (pair.isotropic, pair.anisotropic)] for pair in there]
    ratios = [f"{_number(100 * value, '{:.0f}')}%" for value in sorted(one / other for one, other in ends)]
    words = f"Sigma-weighted, it is {ratios[0]} to {ratios[-1]} of its partner's."
    since = [lower_since(pair, known) for pair in there]
    if late_ones := sorted(epochs[c] for c in since if c is not None and c > 1):
        early = sum(c is not None and c <= 1 for c in since)
        words += (
            f" It is so from the first checkpoint after the start in {early} pairs; in {len(late_ones)} the curves "
            f"cross later, and it stays lower in every seed from epoch {late_ones[0]} at the earliest, "
            f"{late_ones[-1]} at the latest."
        )
    return words


def lowest(found: Collection) -> Table:
    """The lowest and the second lowest mean error of every panel that has both kinds of pixels, and how far apart.

    The margin is the paired difference over the seeds that both have; a panel that lacks a curve has dashes.
    """
    head = ["figure", "n", "L", "curves"]
    for unit in UNITS:
        head += [f"{HEADS[unit]}: lowest", "next", "margin (95%)"]
    lines = []
    for figure in found.figures:
        for (n, depth), panel in panels(figure).items():
            if len(panel.pairs) < 2:
                continue
            there = len(panel.curves) - len(lacking(panel, curves(found)))
            cells = [str(figure.number), str(n), str(depth), f"{there} of {len(panel.curves)}"]
            for unit, (_, signed, scale) in FORMS.items():
                cells += _two_lowest(panel, curves(found, unit), signed, scale)
            lines.append(tuple(cells))
    return _table(head, lines)


def _two_lowest(panel: Panel, known: Curves, form: str, scale: float) -> list[str]:
    if lacking(panel, known):
        return ["–", "–", "–"]
    best, second = sorted(panel.curves, key=lambda own: known[own].errors[:, -1].mean())[:2]
    shared = {*known[best].seeds} & {*known[second].seeds}
    margin = _interval(end(known[second], known[best]), form, scale) if shared else "no common seed"
    return [best.title, second.title, margin]


def sizes(found: Collection) -> Table:
    """Whether wider and deeper networks have lower errors: every step to the next width or depth, by its interval."""
    known, numbers = curves(found), pairs(found.figures)
    lines = []
    for group in groups(found):
        shown = dict.fromkeys(number for pair in group for number in numbers[pair])
        for members in ([p.anisotropic for p in group], [p.isotropic for p in group]):
            cells = (_steps(members, known, "L", "n"), _steps(members, known, "n", "L"))
            lines.append((", ".join(shown), members[0].title, *cells))
    head = ("figures", "networks", "one width wider: lower / higher / undecided", "one block deeper: the same")
    return _table(head, lines)


def _steps(members: Sequence[Configuration], known: Curves, fixed: str, along: str) -> str:
    signs = []
    for _, line in groupby(sorted(members, key=attrgetter(fixed, along)), key=attrgetter(fixed)):
        for small, large in pairwise(line):
            if small in known and large in known and {*known[small].seeds} & {*known[large].seeds}:
                signs.append(end(known[small], known[large]).sign)
    return " / ".join(str(signs.count(sign)) for sign in (1, -1, 0)) if signs else "–"


def in_own_units(found: Iterable[Result]) -> Curves:
    """All curves, each in the units in which its networks were trained: sigma-weighted or in pixels."""
    known = {unit: curves(found, unit) for unit in UNITS}
    return {own: known["sigma" if own.normalised else "pixels"][own] for own in known["sigma"]}


def restlessness(found: Collection) -> Table:
    """Noise of the late curves (:func:`isoaux.records.error_curves.noise`) and the spread over the seeds at the end.

    Both are shares of an error in the units that the network was trained in. The ratio of two noises is the geometric
    mean over the seeds that both have, with a 95% interval.
    """
    known = in_own_units(found)
    head = ("figures", "networks", "n, L", "noise: anisotropic / isotropic", "ratio (95%)", "spread over the seeds")
    lines = []
    for pair, numbers in pairs(found.figures).items():
        if comparable(pair, known):
            one = pair.anisotropic
            both = [known[own] for own in (one, pair.isotropic)]
            sizes = [100 * noise(_epochs(found), curve.errors).mean() for curve in both]
            cells = [", ".join(numbers), one.title, f"{one.n}, {one.L}"]
            cells.append(" / ".join(f"{_number(size, '{:.2f}')}%" for size in sizes))
            ratio = noise_ratio(pair, known, _epochs(found))
            cells.append(_spelled([_number(np.exp(v), "{:.2f}") for v in (ratio.mean, ratio.low, ratio.high)], ratio))
            cells.append(" / ".join(f"{100 * _spread(c):.2f}%" if len(c.seeds) > 1 else "–" for c in both))
            lines.append(tuple(cells))
    return _table(head, lines)


def noise_ratio(pair: Pair, known: Curves, epochs: Sequence[int]) -> Interval:
    """The logarithm of the anisotropic noise over the isotropic one, over the seeds that both have."""
    one, other = known[pair.anisotropic], known[pair.isotropic]
    shared = _shared(pair, known)
    each = [noise(epochs, c.errors[[c.seeds.index(s) for s in shared]]) for c in (one, other)]
    logs = np.log(np.maximum(each, 1e-12))
    return interval(logs[0] - logs[1])


def noisier(found: Collection) -> Text:
    """In how many pairs the anisotropic curves are the noisier ones, in words."""
    known, parts = in_own_units(found), []
    for normalised in (False, True):
        there = [p for p in pairs(found.figures) if p.anisotropic.normalised == normalised and comparable(p, known)]
        ratios = [noise_ratio(pair, known, _epochs(found)) for pair in there]
        more, less = ([r for r in ratios if r.sign == sign] for sign in (1, -1))
        if there:
            parts.append(
                f"on {PIXELS[normalised]} pixels, the anisotropic curves are on average the "
                f"noisier ones in {sum(r.mean > 0 for r in ratios)} of {len(there)} pairs; the interval of the ratio "
                f"lies above 1 in {len(more)} and below 1 in {len(less)}"
            )
    if not parts:
        return Text("No pair of networks is published yet.")
    span = [_epochs(found)[c] for c in late(_epochs(found))]
    when = f"Over the checkpoints from epoch {span[0]} to {span[-1]}" if len(span) > 1 else f"At epoch {span[0]}"
    return Text(f"{when}: {'; '.join(parts)}.")


# --- sentences


def finding(result: Result) -> str:
    """In how many panels which pair differs at the last checkpoint, in one line made from the numbers."""
    known, parts = curves([result]), []
    for normalised in (True, False):
        everything = [pair for pair in pairs([result.figure]) if pair.anisotropic.normalised == normalised]
        there = [pair for pair in everything if comparable(pair, known)]
        signs = [_end(pair, known).sign for pair in there]
        if there:
            parts.append(
                f"on {PIXELS[normalised]} pixels the isotropic error is lower in "
                f"{signs.count(1)}, higher in {signs.count(-1)} and undecided in {signs.count(0)} of "
                f"{len(there)} panels"
                + (f", {len(everything) - len(there)} more are missing" if len(everything) > len(there) else "")
            )
    words = "; ".join(parts) or "no panel has both curves of a pair yet"
    return f"Sigma-weighted, {words}."


def sentence(result: Result) -> str:
    """What a figure of error curves shows, made from the numbers: its alternative text."""
    known, drawn = curves([result]), panels(result.figure)
    there = [panel for panel in drawn.values() if len(lacking(panel, known)) < len(panel.curves)]
    epochs = result.drawing["epochs"]
    parts = []
    for panel in there:
        ends = [f"{own.title} {known[own].errors[:, -1].mean():.3f}" for own in panel.curves if own in known]
        parts.append(f"n = {panel.n}, L = {panel.L}: {', '.join(ends)}")
    ends_of = "; ".join(parts) or "no curve is left"
    empty = f" {len(drawn) - len(there)} panels are empty." if len(there) < len(drawn) else ""
    return (
        f"Test error against the epoch, {epochs[0]} to {epochs[-1]}, in {len(drawn)} "
        f"panel{'s' * (len(drawn) > 1)}. Sigma-weighted at the end, mean over the seeds: {ends_of}.{empty}"
    )


def differences_sentence(found: Collection) -> str:
    """What the picture of all paired differences shows, made from the numbers."""
    known, numbers, parts = curves(found), pairs(found.figures), []
    for members in groups(found):
        there = [pair for pair in members if comparable(pair, known)]
        if there:
            means = [_end(pair, known).mean / known[pair.anisotropic].errors[:, -1].mean() for pair in there]
            shown = dict.fromkeys(number for pair in there for number in numbers[pair])
            low, high = (f"{_number(100 * value, '{:+.0f}')}%" for value in (min(means), max(means)))
            span = low if len(there) == 1 else f"{low} to {high}"
            parts.append(
                f"Figure{'s' * (len(shown) > 1)} {listed(list(shown))}, {members[0].anisotropic.title}: {span}"
            )
    return (
        "By how much of the anisotropic error the isotropic one is lower at the last checkpoint, every pair with its "
        f"interval of 95%, sigma-weighted and in pixels. Sigma-weighted means, {'; '.join(parts) or 'none yet'}."
    )


# --- parts


def _place(pair: Pair) -> str:
    own = pair.anisotropic
    return f"{'MNIST, ' * (own.dataset == 'mnist')}{TITLES[own.activation]}, n = {own.n}, L = {own.L}"


def _kind(configuration: Configuration) -> tuple[str, str, bool]:
    return configuration.dataset, configuration.activation, configuration.normalised


def groups(found: Collection) -> list[list[Pair]]:
    """The pairs by images, function and pixels, in the order of their first appearance."""
    grouped: dict[tuple[str, str, bool], list[Pair]] = {}
    for pair in pairs(found.figures):
        grouped.setdefault(_kind(pair.anisotropic), []).append(pair)
    return list(grouped.values())


def _end(pair: Pair, known: Curves) -> Interval:
    return end(known[pair.anisotropic], known[pair.isotropic])


def _shared(pair: Pair, known: Curves) -> list[int]:
    return [seed for seed in known[pair.anisotropic].seeds if seed in known[pair.isotropic].seeds]


def _epochs(found: Collection) -> list[int]:
    return [int(epoch) for epoch in next(iter(found)).drawing["epochs"]]


def _spread(curve: Curve) -> float:
    last = curve.errors[:, -1]
    return float(last.std(ddof=1) / last.mean())


def _number(value: float, form: str) -> str:
    """A number in its form; with an exponent where a network has run away."""
    return form.format(value) if abs(value) < 1e5 else f"{value:.0e}"


def _interval(found: Interval, form: str, scale: float) -> str:
    return _spelled([_number(scale * value, form) for value in (found.mean, found.low, found.high)], found)


def _spelled(words: list[str], found: Interval) -> str:
    return f"{words[0]} ({words[1]} to {words[2]})" if found.count > 1 else f"{words[0]} (one seed)"


def _table(head: Sequence[str], lines: Sequence[tuple[str, ...]]) -> Table:
    return Table(tuple(head), tuple(lines)) if lines else Table(("pairs",), (("none is published yet",),))


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
