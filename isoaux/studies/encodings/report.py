"""Encodings in sentences and tables: what the printed compression returns, and how features are read back."""

import numpy as np

from isoaux.common.tables import Table, Text, listed
from isoaux.records.reports import opening
from isoaux.representations import compression, features, trials
from isoaux.settings import WITHOUT_FIGURE, Settings, restrict

NOISE = 1e-3
"""The noise of the first sentence, a thousandth of the largest number."""


def setting(chosen: Settings) -> Text:
    """What is computed under these settings, in one line. Raises ValueError for a setting that has no meaning here."""
    restrict(chosen, WITHOUT_FIGURE, "which has no meaning for identities of numbers")
    return Text(
        f"Computed when this page was run: nothing is trained and nothing is published. Pairs of numbers are drawn "
        f"with the seeds {trials.SEEDS[0]} to {trials.SEEDS[-1]}."
    )


def in_short(chosen: Settings, page: str) -> Text:
    """What came out on a page, ``compression`` or ``features``, in two sentences. Raises ValueError as `setting`."""
    restrict(chosen, WITHOUT_FIGURE, "which has no meaning for identities of numbers")
    if page == "compression":
        failed = [trials.failed(precision) for precision in trials.PRECISIONS]
        worst = max(100 * each.printed / each.pairs for each in failed)
        repaired, pairs = sum(each.repaired for each in failed), sum(each.pairs for each in failed)
        return opening(
            f"Two numbers fit into one and come back, but not with the functions that the primer prints: of one "
            f"precision these lose up to {worst:.1f} % of the pairs.",
            f"Rounded to whole numbers instead of cut off, the scheme fails for {repaired or 'none'} of {pairs:,}.",
        )
    orthogonal, independent, crowded = map(trials.recoveries, ("orthogonal", "independent", "crowded"))
    exact = sum(each.dot <= trials.ROUNDING for each in orthogonal)
    dual, full = (sum(each.dual <= trials.ROUNDING for each in sets) for sets in (independent, crowded))
    return opening(
        f"Scalar products read orthogonal features back without loss, in {exact} of {len(orthogonal)} random sets.",
        f"Features that are only independent are read without loss as well, in {dual} of {len(independent)} sets, by "
        f"the dual basis; twice as many features as neurons in {full or 'none'} of {len(crowded)}.",
    )


def compressed() -> Text:
    """The first sentences on compression: how many pairs the printed form loses, and what noise does."""
    failed = [trials.failed(precision) for precision in trials.PRECISIONS]
    lost = [f"{100 * each.printed / each.pairs:.1f}% of pairs of {each.precision} digits" for each in failed]
    bad = [words for words, each in zip(lost, failed, strict=True) if each.printed]
    repaired = sum(each.repaired for each in failed)
    ratios = [trials.ratio(NOISE, 1, seed) for seed in trials.SEEDS]
    two = trials.under_noise(NOISE, 2)
    one = trials.under_noise(NOISE, 1)
    return Text(
        f"**Two numbers fit into one and come back, as the primer says, but not with the functions that it prints: "
        f"these lose {listed(bad)}.** Rounded to whole numbers instead of cut off, the scheme returns every pair of up "
        f"to {compression.MOST} digits ({repaired} failures of {sum(each.pairs for each in failed):,}). Under noise of "
        f"{NOISE:g} on what is stored the printed form has {np.mean(ratios):.0f} times the error of two orthogonal "
        f"directions with one digit. The repaired form rounds that noise away with one digit (error "
        f"{one.repaired:.2g}), and has {two.repaired / two.linear:.0f} times the error with two."
    )


def failures() -> Table:
    """A row per precision: pairs, failures of the printed and of the repaired form, and the numbers that fail."""
    rows = []
    for precision in trials.PRECISIONS:
        each = trials.failed(precision)
        pairs = f"all {each.pairs:,}" if precision <= trials.EXHAUSTIVE else f"{each.pairs:,} drawn"
        share = f" ({100 * each.printed / each.pairs:.1f}%)" if each.printed else ""
        firsts = listed([f"{value:g}" for value in each.firsts]) if each.firsts else ""
        rows.append((f"{precision}", pairs, f"{each.printed:,}{share}", f"{each.repaired}", firsts))
    return Table(("digits", "pairs", "printed form fails", "repaired form fails", "where x is"), tuple(rows))


def limits() -> Table:
    """Pairs outside of the grid, and what the printed form returns for each."""
    cases = (
        (0.3, 0.2, "the primer's own"),
        (0.6, 0.8, "the primer's own"),
        (0.37, 0.2, "more digits in x than the precision"),
        (0.3, 0.27, "more digits in y than the precision"),
        (0.3, 0.96, "y close to 1"),
        (0.3, -0.2, "y below 0"),
        (0.3, 1.2, "y above 1"),
        (-0.4, 0.2, "x below 0"),
        (12.3, 0.2, "x above 1"),
    )
    rows = []
    for x, y, words in cases:
        first, second = compression.printed_unpack(compression.printed_pack([x], [y]))
        same = "yes" if (first[0], second[0]) == (x, y) else "no"
        rows.append((f"({x:g}, {y:g})", f"({first[0]:g}, {second[0]:g})", same, words))
    return Table(("pair", "comes back as", "the same", "what is tried"), tuple(rows))


def noise() -> Table:
    """A row per noise and precision: errors of the printed and the repaired form and of a linear sum."""
    rows = []
    for sd in (1e-5, 1e-4, 1e-3, 1e-2):
        for precision in (1, 2, 3):
            each = trials.under_noise(sd, precision)
            rows.append(
                (f"{sd:g}", f"{precision}", f"{each.printed:.2g}", f"{each.repaired:.2g}", f"{each.linear:.2g}")
            )
    return Table(("noise", "digits", "printed form", "repaired form", "two orthogonal directions"), tuple(rows))


def recovered() -> Text:
    """The first sentences on features: what reading by scalar products and by the dual basis returns."""
    orthogonal, independent = trials.recoveries("orthogonal"), trials.recoveries("independent")
    crowded = trials.recoveries("crowded")
    exact = sum(each.dot <= trials.ROUNDING for each in orthogonal)
    dual = sum(each.dual <= trials.ROUNDING for each in independent)
    lost = sum(each.dual > trials.ROUNDING for each in crowded)
    wrong = np.median([each.dot for each in independent])
    return Text(
        f"**Orthogonal features are read back by scalar products without loss, in {exact} of {len(orthogonal)} random "
        f"sets. But orthogonality is not what losslessness needs: independent features that are not orthogonal are "
        f"read without loss too, in {dual} of {len(independent)} sets, by other vectors than their own.** Read by "
        f"their own, the largest error is {wrong:.1f} times the largest intensity (median). Twice as many features as "
        f"neurons are read without loss in {len(crowded) - lost} of {len(crowded)} sets: then only sparse intensities "
        f"can be told apart, and by no linear reading."
    )


def recovery() -> Table:
    """A row per kind of features: largest errors of both readings, and the largest product of two features."""
    rows = []
    words = {"orthogonal": "orthogonal", "independent": "independent", "crowded": "twice as many as neurons"}
    for kind, name in words.items():
        each = trials.recoveries(kind)
        cells = [[getattr(one, what) for one in each] for what in ("largest", "dot", "dual")]
        rows.append((name, *(_small(float(np.median(values))) for values in cells)))
    return Table(
        ("features", "largest product of two", "error by scalar products", "error by the dual basis"), tuple(rows)
    )


def _small(value: float) -> str:
    return f"{value:.0e}" if value < 1e-6 else f"{value:.2g}"


def welch() -> Table:
    """A row per number of features and neurons: the least possible largest product of two unit vectors."""
    pairs = ((3, 2), (5, 2), (12, 3), (40, 10), (1000, 100))
    rows = [(f"{n:,}", f"{m}", f"{features.welch(n, m):.3f}") for n, m in pairs]
    return Table(("features", "neurons", "largest product at least"), tuple(rows))
