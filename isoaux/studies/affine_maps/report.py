"""What the maps of Appendix C.2.1 do, in numbers: errors in pairs with the affine map, representations, norms."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from isoaux.common.numbers import written
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import GROUPS, MAP_TITLES, TITLES, Configuration
from isoaux.records import record
from isoaux.records.error_curves import Curve, curves, differences
from isoaux.records.reports import by_figure, dataset, deviations
from isoaux.records.results import Collection, Result
from isoaux.statistics import LEVEL, RECORDED, Interval, interval
from isoaux.studies.protocol import LAST, Compared

Curves = dict[Configuration, Curve]

NO_CURVE = "No network has an error curve: the error of all of them ran away in training."

EARLY = 8
"""The epoch at which the tables look at the errors a first time."""


def setting(found: Collection) -> Text:
    """What was trained, a line per figure, and which are not published yet."""
    return by_figure(_setting, found)


def _setting(result: Result) -> str:
    facts, first = result.facts, result.rows[0][0]
    return (
        f"{dataset(result)}, {first.pixels} pixels, n = {first.n}, L = {first.L}, layer k = {facts['layer']}, "
        f"{facts['epochs']} epochs, seeds {', '.join(map(str, facts['seeds']))}, {facts['dtype']}.{deviations(result)}"
    )


def affine(known: Sequence[Configuration], own: Configuration) -> Configuration | None:
    """The configuration that differs from this one in nothing but its affine maps."""
    return next((c for c in known if c.map == "affine" and (c.activation, c.L) == (own.activation, own.L)), None)


def isotropic(known: Sequence[Configuration], own: Configuration) -> Configuration | None:
    """The configuration that differs from this one in nothing but its isotropic activation."""
    return next((c for c in known if GROUPS[c.activation] == "O(n)" and (c.map, c.L) == (own.map, own.L)), None)


# --- errors


def errors(found: Collection) -> Table:
    """Test errors, sigma-weighted: early, at the end, and how much the end differs from the affine map's, in pairs.

    The difference is a share of the affine map's mean error, with its 95% t interval over the seeds.
    """
    known, epochs = curves(found), _epochs(found)
    early = int(np.abs(epochs - EARLY).argmin())
    rows = []
    for own, curve in known.items():
        rows.append(
            (
                TITLES[own.activation],
                str(own.L),
                MAP_TITLES[own.map],
                f"{curve.errors[:, early].mean():.3f}",
                _mean(curve.errors[:, -1]),
                _share(known, affine(list(known), own), own),
            )
        )
    head = ("activation", "L", "map", f"error at epoch {epochs[early]}", f"at epoch {epochs[-1]}", "against affine")
    return _table(head, rows, NO_CURVE if found.found else "")


def advantage(found: Collection) -> Table:
    """For every map by how much the isotropic error is the lower one at the end, in pairs; and early."""
    known, epochs = curves(found), _epochs(found)
    early = int(np.abs(epochs - EARLY).argmin())
    rows = []
    for own in known:
        other = isotropic(list(known), own)
        if other is None or other == own or not shared(known[own], known[other]):
            continue
        cells = [_turned(relative(known[own], known[other], at)) for at in (early, -1)]
        rows.append((str(own.L), MAP_TITLES[own.map], *cells))
    words = "no seed has an anisotropic and an isotropic network" if known else NO_CURVE
    return _table(("L", "map", f"epoch {epochs[early]}", f"epoch {epochs[-1]}"), rows, words if found.found else "")


def shared(first: Curve, second: Curve) -> bool:
    """Whether any seed has both curves."""
    return bool({*first.seeds} & {*second.seeds})


def relative(first: Curve, second: Curve, at: int = -1) -> Interval:
    """First less second over the mean of the first, at one checkpoint, from the seeds that both have."""
    return interval(differences(first, second)[:, at] / first.errors[:, at].mean())


def _share(known: Curves, reference: Configuration | None, own: Configuration) -> str:
    if reference is None or reference not in known or reference == own:
        return ""
    if not shared(known[reference], known[own]):
        return "no common seed"
    return _turned(relative(known[reference], known[own]))


def _turned(found: Interval) -> str:
    """An interval in percent, of second less first where it is of first less second."""
    middle, *ends = (-100 * value for value in (found.mean, found.low, found.high))
    return f"{middle:+.1f}%" + (f" ({min(ends):+.1f} to {max(ends):+.1f})" if found.count > 1 else "")


# --- representations


def p_values(result: Result, rows: Sequence[int], name: str, layer: int) -> NDArray[np.float64]:
    """Two-sided p of networks against their own random bases, at the last checkpoint; NaN where there is no number."""
    drawing = result.drawing
    values = [record.p_value(drawing[name][r, layer], drawing[f"null_{name}"][r, layer]) for r in rows]
    return np.array(values)


def alignment(found: Collection) -> Table:
    """Points, c4 and s2 of every latent layer at the end: median (median of random bases); seeds that differ."""
    rows = []
    for result in found:
        for own, each in result.by_configuration.items():
            for k in range(own.L + 1):
                cells = []
                for name in RECORDED:
                    form = "{:,.0f}" if name == "count" else "{:+.2f}"
                    value = written(form, np.median(result.drawing[name][each, k]))
                    null = written(form, np.median(result.drawing[f"null_{name}"][each, k]))
                    differ = (p_values(result, each, name, k) <= LEVEL).sum()
                    cells.append(f"{value} ({null}); {differ} of {len(each)}")
                rows.append((TITLES[own.activation], str(own.L), str(k), MAP_TITLES[own.map], *cells))
    return _table(("activation", "L", "k", "map", *RECORDED.values()), rows)


# --- norms


def norms(found: Collection) -> Table:
    """Mean of ||x||^2 + 1 at the input of every map, and its spread in percent of the mean: before training, after."""
    rows = []
    for result in found:
        for own, each in result.by_configuration.items():
            mean, variance = (result.drawing[f"norm_{name}"][each].mean(0) for name in ("mean", "variance"))
            cells = []
            for at in range(mean.shape[1]):
                values = [
                    f"{mean[when, at]:,.1f} ± {100 * variance[when, at] ** 0.5 / mean[when, at]:.0f}%"
                    for when in (0, 1)
                ]
                cells.append(values[0] if values[0] == values[1] else " → ".join(values))
            encoder, *hidden, decoder = cells
            rows.append((TITLES[own.activation], str(own.L), MAP_TITLES[own.map], encoder, ", ".join(hidden), decoder))
    return _table(("activation", "L", "map", "encoder", "hidden maps", "decoder"), rows)


# --- sentences


def verdict(found: Collection) -> Text:
    """What came out, made from the numbers."""
    known, lines = curves(found), []
    for matched in (True, False):
        grouped: dict[int, list[str]] = {1: [], -1: [], 0: []}
        for own in known:
            reference = affine(list(known), own)
            if own.map == "affine" or own.matched is not matched or reference is None:
                continue
            if not shared(known[reference], known[own]):
                continue
            difference = relative(known[reference], known[own])
            if difference.count > 1:
                grouped[difference.sign].append(f"{_name(own)} (L = {own.L})")
        count = sum(map(len, grouped.values()))
        said = [
            f"{words} in {len(names)}{f': {listed(names)}' if names and len(names) < count else ''}"
            for words, names in zip(("lower", "higher", "open"), grouped.values(), strict=True)
        ]
        if count:
            lines.append(
                f"- **{'Matched' if matched else 'As printed'}.** Of {count} configurations with another map and more "
                f"than one seed, the error at the end against that of the affine map is {'; '.join(said)}."
            )
    lines += [f"- **Figure {result.figure.number}.** {_special(result, list(MAP_TITLES))}" for result in found]
    return Text("\n".join(lines) or found.words)


def finding(result: Result) -> str:
    """In how many networks of affine and matched maps the neurons' basis is special, in one line."""
    if result.lacking:
        return result.lacking
    return _special(result, [own.map for own in result.by_configuration if own.map == "affine" or own.matched])


def _special(result: Result, maps: Sequence[str]) -> str:
    """In how many networks of these maps the number of points differs from that of their random bases."""
    parts: dict[str, list[str]] = {}
    for own, each in result.by_configuration.items():
        if own.map in maps:
            differ = (p_values(result, each, "count", result.figure.layer) <= LEVEL).sum()
            parts.setdefault(TITLES[own.activation], []).append(f"{differ} of {len(each)} ({MAP_TITLES[own.map]})")
    said = "; ".join(f"{activation}: {', '.join(words)}" for activation, words in parts.items())
    return f"Networks whose number of points differs from that of their random bases at the last epoch. {said}."


def sentence(result: Result) -> str:
    """What the panels show, made from the numbers: their alternative text."""
    if result.lacking:
        return result.lacking
    layer, parts = result.figure.layer, []
    for own, each in result.by_configuration.items():
        parts.append(f"{_name(own)}: {int(result.drawing['count'][each[0], layer]):,} points")
    return (
        f"Densities of latent layer {layer} at the last epoch, a row per activation and a column per map, first seed. "
        f"{'; '.join(parts)}."
    )


def curves_sentence(found: Collection) -> str:
    """What the error curves show, made from the numbers."""
    parts = [f"{_name(own)}, L = {own.L}: {curve.errors[:, -1].mean():.3f}" for own, curve in curves(found).items()]
    if not parts:
        return NO_CURVE if found.found else found.words
    return (
        "Test error against the epoch, sigma-weighted, a panel per activation and depth. "
        f"At the end, {'; '.join(parts)}."
    )


def _name(own: Configuration) -> str:
    return f"{TITLES[own.activation]} with {MAP_TITLES[own.map]}"


def _mean(values: NDArray[np.float64]) -> str:
    spread = f" ± {values.std(ddof=1):.4f}" if len(values) > 1 else ""
    return f"{values.mean():.4f}{spread}"


def _epochs(found: Collection) -> NDArray[np.int64]:
    return np.asarray(next((result.drawing["epochs"] for result in found), np.zeros(1)), np.int64)


def _table(head: Sequence[str], rows: Sequence[tuple[str, ...]], why: str = "") -> Table:
    return Table(tuple(head), tuple(rows)) if rows else Table(("map",), ((why or "none is published yet",),))


def compared(result: Result, row: int) -> Compared:
    """The numbers of a row that ``python -m isoaux verify`` compares."""
    layer = result.figure.layer
    yield "points", LAST, "count", result.drawing["count"][row, layer]
    for name in ("c4", "s2"):
        yield name, LAST, "plain", result.drawing[name][row, layer]
    yield "test error", LAST, "error", result.drawing["test_error"][row, -1]
