"""What the maps of Appendix C.2.1 do, in numbers: errors in pairs with the affine map, representations, norms."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from isoaux.common.numbers import counted, low_to_high, written
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import GROUPS, MAP_TITLES, TITLES, Configuration
from isoaux.records import record
from isoaux.records.error_curves import Curve, Curves, curves, differences, shared_seeds
from isoaux.records.reports import dataset, deviations, line_of_each, opening, or_missing
from isoaux.records.results import Collection, Result
from isoaux.statistics import LEVEL, RECORDED, Interval, interval
from isoaux.studies.protocol import LAST, Compared

NO_CURVE = "No network has an error curve: the error of all of them ran away in training."

EARLY = 8
"""The epoch at which the tables look at the errors a first time."""


@line_of_each
def setting(result: Result) -> str:
    """What was trained for a figure, in one line."""
    facts, first = result.facts, result.rows[0][0]
    return (
        f"{dataset(result)}, {first.pixels} pixels, n = {first.n}, L = {first.L}, layer k = {facts['layer']}, "
        f"{facts['epochs']} epochs, seeds {', '.join(map(str, facts['seeds']))}, {facts['dtype']}.{deviations(result)}"
    )


# --- errors


@or_missing
def errors(collection: Collection) -> Table:
    """A row per configuration: its mean test error, sigma-weighted, early and at the end, and against the affine map.

    The last column has the paired difference from the affine map at the end, as a share of the affine map's mean error,
    with its 95% t interval over the seeds.
    """
    known, epochs, early = curves(collection), *_epochs(collection)
    rows = []
    for configuration, curve in known.items():
        rows.append(
            (
                TITLES[configuration.activation],
                str(configuration.L),
                MAP_TITLES[configuration.map],
                f"{curve.errors[:, early].mean():.3f}",
                _mean(curve.errors[:, -1]),
                _against_affine(known, configuration),
            )
        )
    head = ("activation", "L", "map", f"error at epoch {epochs[early]}", f"at epoch {epochs[-1]}", "against affine")
    return _table(head, rows, NO_CURVE)


@or_missing
def advantage(collection: Collection) -> Table:
    """A row per depth and map: by how much the isotropic error lies above the anisotropic one, early and at the end.

    As a share of the mean anisotropic error, with its 95% t interval over the seeds.
    """
    known, epochs, early = curves(collection), *_epochs(collection)
    rows = []
    for anisotropic, curve in known.items():
        for isotropic, partner in known.items():
            paired = replace(isotropic, activation=anisotropic.activation) == anisotropic != isotropic
            if paired and GROUPS[isotropic.activation] == "O(n)" and shared_seeds(curve, partner):
                cells = [_percent(relative(partner, curve, at)) for at in (early, -1)]
                rows.append((str(anisotropic.L), MAP_TITLES[anisotropic.map], *cells))
    words = "no seed has an anisotropic and an isotropic network" if known else NO_CURVE
    return _table(("L", "map", f"epoch {epochs[early]}", f"epoch {epochs[-1]}"), rows, words)


def relative(curve: Curve, reference: Curve, at: int = -1) -> Interval:
    """By how much a curve lies above a reference at one checkpoint, as a share of the reference's mean error there.

    The mean of the seeds that both have, with its 95% t interval.
    """
    return interval(differences(curve, reference)[:, at] / reference.errors[:, at].mean())


def _against_affine(known: Curves, configuration: Configuration) -> str:
    curve, reference = known[configuration], known.get(replace(configuration, map="affine"))
    if reference is None or configuration.map == "affine":
        return ""
    return _percent(relative(curve, reference)) if shared_seeds(curve, reference) else "no common seed"


def _percent(share: Interval) -> str:
    mean, low, high = (f"{100 * value:+.1f}" for value in (share.mean, share.low, share.high))
    return f"{mean}%" + (f" ({low} to {high})" if share.count > 1 else "")


# --- representations


def p_values(result: Result, rows: Sequence[int], name: str, layer: int) -> NDArray[np.float64]:
    """Two-sided p of networks against their own random bases, at the last checkpoint; NaN where there is no number."""
    drawing = result.drawing
    values = [record.p_value(drawing[name][r, layer], drawing[f"null_{name}"][r, layer]) for r in rows]
    return np.array(values)


@or_missing
def alignment(collection: Collection) -> Table:
    """A row per configuration and latent layer: points, c4 and s2 at the end.

    Each as the median over the seeds (that of their random bases), and the number of seeds that differ from theirs.
    """
    rows = []
    for result in collection:
        for configuration, members in result.by_configuration.items():
            for k in range(configuration.L + 1):
                cells = []
                for name in RECORDED:
                    form = "{:,.0f}" if name == "count" else "{:+.2f}"
                    value = written(form, np.median(result.drawing[name][members, k]))
                    null = written(form, np.median(result.drawing[f"null_{name}"][members, k]))
                    differ = (p_values(result, members, name, k) <= LEVEL).sum()
                    cells.append(f"{value} ({null}); {differ} of {len(members)}")
                place = TITLES[configuration.activation], str(configuration.L), str(k), MAP_TITLES[configuration.map]
                rows.append((*place, *cells))
    return Table(("activation", "L", "k", "map", *RECORDED.values()), tuple(rows))


# --- norms


@or_missing
def norms(collection: Collection) -> Table:
    """A row per configuration: the mean of ||x||^2 + 1 at the input of every map, and its spread in percent of it.

    Before training and after it, with an arrow between them; once where both are written alike.
    """
    rows = []
    for result in collection:
        for configuration, members in result.by_configuration.items():
            mean, variance = (result.drawing[f"norm_{name}"][members].mean(0) for name in ("mean", "variance"))
            cells = []
            for at in range(mean.shape[1]):
                values = [
                    f"{mean[when, at]:,.1f} ± {100 * variance[when, at] ** 0.5 / mean[when, at]:.0f}%"
                    for when in (0, 1)
                ]
                cells.append(" → ".join(dict.fromkeys(values)))
            encoder, *hidden, decoder = cells
            place = TITLES[configuration.activation], str(configuration.L), MAP_TITLES[configuration.map]
            rows.append((*place, encoder, ", ".join(hidden), decoder))
    return Table(("activation", "L", "map", "encoder", "hidden maps", "decoder"), tuple(rows))


# --- sentences


@or_missing
def in_short(collection: Collection) -> Text:
    """What came out, in up to four sentences: isotropic against tanh by map, matched maps, and representations."""
    known = curves(collection)
    return opening(_advantage_words(known), _matched_words(known), _representations_words(collection))


def _advantage_words(known: Curves) -> str:
    """For every depth the difference between isotropic tanh and tanh with affine maps and with the printed ones."""
    depths, affine, printed = [], [], []
    for depth in sorted({configuration.L for configuration in known}):
        gaps = {
            configuration.map: (configuration.matched, 100 * relative(known[partner], curve).mean)
            for configuration, curve in known.items()
            if configuration.L == depth
            and configuration.activation == "tanh"
            and (partner := replace(configuration, activation="isotanh")) in known
            and shared_seeds(curve, known[partner])
        }
        others = [gap for name, (matched, gap) in gaps.items() if name != "affine" and not matched]
        if "affine" in gaps and others:
            depths.append(counted(depth, "hidden block") if depth else "no hidden block")
            affine.append(gaps["affine"][1])
            printed.append(others)
    if not depths:
        return ""
    usual = listed([f"{gap:+.0f} % with {words}" for gap, words in zip(affine, depths, strict=True)])
    small = listed([f"{low_to_high(gaps, '{:+.1f}')} %" for gaps in printed])
    words = (
        f"With affine maps the error of isotropic tanh differs from that of tanh by {usual}; with the maps as printed, "
        f"which take smaller steps, by {small}"
    ).replace("-", "−")
    smaller = all(max(map(abs, gaps)) < abs(gap) / 2 for gap, gaps in zip(affine, printed, strict=True))
    if smaller and max(affine) < 0:
        return f"The lead of isotropic networks is a lead at this learning rate: {words[0].lower()}{words[1:]}."
    return f"{words}."


def _matched_words(known: Curves) -> str:
    """By how much matched maps change the error, and in how many configurations that is beyond its interval."""
    shares = [
        relative(curve, known[affine])
        for configuration, curve in known.items()
        if configuration.matched
        and (affine := replace(configuration, map="affine")) in known
        and len(shared_seeds(curve, known[affine])) > 1
    ]
    if not shares:
        return ""
    lower, higher = (sum(share.sign == sign for share in shares) for sign in (-1, 1))
    median = np.median([100 * abs(share.mean) for share in shares])
    return (
        f"Maps that remove only the variation from sample to sample (matched) change the error by {median:.1f} % in "
        f"the median: it is lower in {lower} of {len(shares)} configurations, higher in {higher} and undecided in the "
        "others."
    )


def _representations_words(collection: Collection) -> str:
    """With how many tanh networks of affine and of matched maps the points differ from random bases."""
    parts = []
    for words, chosen in (("affine", lambda c: c.map == "affine"), ("matched", lambda c: c.matched)):
        tests = [
            p <= LEVEL
            for result in collection
            for configuration, rows in result.by_configuration.items()
            if configuration.activation == "tanh" and chosen(configuration)
            for p in p_values(result, rows, "count", result.figure.layer)
        ]
        if tests:
            parts.append(f"{sum(tests)} of {len(tests)} tanh networks with {words} maps")
    return f"The number of points differs from that of random bases in {listed(parts)} (raw)." if parts else ""


@or_missing
def verdict(collection: Collection) -> Text:
    """In how many configurations another map ends lower or higher than the affine one, and where points are special."""
    known, lines = curves(collection), []
    for matched in (True, False):
        grouped: dict[int, list[str]] = {-1: [], 1: [], 0: []}
        for configuration, curve in known.items():
            reference = known.get(replace(configuration, map="affine"))
            if configuration.map == "affine" or configuration.matched is not matched or reference is None:
                continue
            if len(shared_seeds(curve, reference)) > 1:
                grouped[relative(curve, reference).sign].append(f"{_name(configuration)} (L = {configuration.L})")
        count = sum(map(len, grouped.values()))
        parts = [
            f"{words} in {len(names)}{f': {listed(names)}' if names and len(names) < count else ''}"
            for words, names in zip(("lower", "higher", "open"), grouped.values(), strict=True)
        ]
        if count:
            lines.append(
                f"- **{'Matched' if matched else 'As printed'}.** Of {count} configurations with another map and more "
                f"than one seed, the error at the end against that of the affine map is {'; '.join(parts)}."
            )
    lines += [f"- **Figure {result.figure.number}.** {_special(result, list(MAP_TITLES))}" for result in collection]
    return Text("\n".join(lines))


def finding(result: Result) -> str:
    """In how many networks of affine and matched maps the neurons' basis is special, in one line."""
    if result.lacking:
        return result.lacking
    maps = {configuration.map: configuration.matched for configuration in result.by_configuration}
    return _special(result, [name for name, matched in maps.items() if name == "affine" or matched])


def _special(result: Result, maps: Sequence[str]) -> str:
    """In how many networks of these maps the number of points differs from that of their random bases."""
    parts: dict[str, list[str]] = {}
    for configuration, members in result.by_configuration.items():
        if configuration.map in maps:
            differ = (p_values(result, members, "count", result.figure.layer) <= LEVEL).sum()
            words = f"{differ} of {len(members)} ({MAP_TITLES[configuration.map]})"
            parts.setdefault(TITLES[configuration.activation], []).append(words)
    shares = "; ".join(f"{activation}: {', '.join(words)}" for activation, words in parts.items())
    return f"Networks whose number of points differs from that of their random bases at the last epoch. {shares}."


def sentence(result: Result) -> str:
    """The alternative text of :func:`isoaux.studies.affine_maps.figures.panels_by_map`."""
    layer, counts = result.figure.layer, result.drawing["count"]
    parts = [f"{_name(of)}: {int(counts[rows[0], layer]):,} points" for of, rows in result.by_configuration.items()]
    return (
        f"Densities of latent layer {layer} at the last epoch, a row per activation and a column per map, first seed. "
        f"{'; '.join(parts)}."
    )


def curves_sentence(collection: Collection) -> str:
    """The alternative text of :func:`isoaux.studies.affine_maps.figures.curves`."""
    parts = [f"{_name(of)}, L = {of.L}: {curve.errors[:, -1].mean():.3f}" for of, curve in curves(collection).items()]
    return (
        "Test error against the epoch, sigma-weighted, a panel per activation and depth. "
        f"At the end, {'; '.join(parts)}."
    )


def by_map_sentence(collection: Collection) -> str:
    """The alternative text of :func:`isoaux.studies.affine_maps.figures.by_map`."""
    known = curves(collection)
    shares = [
        f"{_name(configuration)}, L = {configuration.L}: {_percent(relative(curve, known[affine]))}"
        for configuration, curve in known.items()
        if configuration.map != "affine"
        and (affine := replace(configuration, map="affine")) in known
        and shared_seeds(curve, known[affine])
    ]
    return (
        "Three columns of marks, a row per depth and map: error at the end beside the affine map, error of "
        "isotropic tanh "
        f"beside tanh, and points over random bases. Beside the affine map, {'; '.join(shares) or 'nothing'}."
    )


def _name(configuration: Configuration) -> str:
    return f"{TITLES[configuration.activation]} with {MAP_TITLES[configuration.map]}"


def _mean(values: NDArray[np.float64]) -> str:
    spread = f" ± {values.std(ddof=1):.4f}" if len(values) > 1 else ""
    return f"{values.mean():.4f}{spread}"


def _epochs(collection: Collection) -> tuple[NDArray[np.int64], int]:
    """The epochs of the checkpoints, and the place of the one next to :data:`EARLY`."""
    epochs = next(iter(collection)).drawing["epochs"]
    return epochs, int(np.abs(epochs - EARLY).argmin())


def _table(head: Sequence[str], rows: Sequence[tuple[str, ...]], nothing: str) -> Table:
    return Table(tuple(head), tuple(rows)) if rows else Table(("map",), ((nothing,),))


def compared(result: Result, row: int) -> Compared:
    """The numbers of a row that ``python -m isoaux verify`` compares."""
    layer = result.figure.layer
    yield "points", LAST, "count", result.drawing["count"][row, layer]
    for name in ("c4", "s2"):
        yield name, LAST, "plain", result.drawing[name][row, layer]
    yield "test error", LAST, "error", result.drawing["test_error"][row, -1]
