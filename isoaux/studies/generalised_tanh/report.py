"""Generalised tanh in sentences and tables: what is exact, what is not, and how good its bases are."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from isoaux.common.numbers import low_to_high, number_words
from isoaux.common.tables import Table, Text, listed
from isoaux.records.reports import opening
from isoaux.settings import WITHOUT_FIGURE, Settings, restrict
from isoaux.studies.generalised_tanh.data import (
    DIMENSION,
    DIRECTIONS,
    LENGTHS,
    RADIUS,
    STARTS,
    STRUCTURES,
    Along,
    Arranged,
    Chosen,
    Correction,
    Distance,
    Statements,
    order,
    polygon_gauge,
)

EXACT = 1e-6
"""Below this an error of a basis counts as one of rounding."""

ACCEPTED = {name: values for name, values in WITHOUT_FIGURE.items() if name != "basis"}
"""Values of those settings that have no other meaning for this page."""

BASES = {
    "standard": "The coordinate axes and their negatives",
    "random": "A random orthogonal basis and its negatives",
    "simplex": "The simplex",
}
"""The bases that the settings name, in words."""


def in_short(arranged: Sequence[Arranged], distances: Sequence[Distance]) -> Text:
    """For how many bases the function is tanh along its vectors, and whether more vectors bring it to isotropic "
    "tanh."""
    exact = [each for each in arranged if each.quality.axis_error < EXACT and each.quality.orthogonal < EXACT]
    series = [each for each in distances if each.n == DIMENSION]
    steps = listed([f"{number_words(each.generalised, 2)} with {each.m}" for each in series])
    falls = all(b.generalised < a.generalised for a, b in pairwise(sorted(series, key=lambda each: each.m)))
    return opening(
        f"Generalised tanh is tanh along each of its vectors, with no part beside them, for {len(exact)} of "
        f"{len(arranged)} bases of spread vectors.",
        f"More vectors {'bring' if falls else 'alone do not bring'} it nearer to isotropic tanh: in "
        f"$\\R^{{{DIMENSION}}}$ its distance is {steps} vectors.",
    )


def answer(along: Sequence[Along], arranged: Sequence[Arranged], distances: Sequence[Distance]) -> Text:
    """What came out, in three sentences: along the vectors, under the symmetries, and beside isotropic tanh."""
    exact = [each for each in arranged if each.quality.axis_error < EXACT and each.quality.orthogonal < EXACT]
    over = listed([f"{each.m} in $\\R^{{{each.n}}}$" for each in exact if each.m > 2 * each.n])
    worst = max(along, key=lambda each: each.axis_error)
    m, n = worst.basis.shape
    series = [each for each in distances if each.n == DIMENSION]
    steps = ", ".join(f"{number_words(each.generalised, 2)} with {each.m}" for each in series)
    near = min((each for each in distances if each.n == 3), key=lambda each: each.generalised)
    most = max((each for each in distances if each.n == 3), key=lambda each: each.m)
    return Text(
        f"**Generalised tanh is tanh along each of its vectors, with nothing orthogonal to them, for {len(exact)} of "
        f"{len(arranged)} Thomson-like bases (of more than $2n$ vectors: {over}); of {m} vectors in $\\R^{{{n}}}$ it "
        f"misses tanh by up to {worst.axis_error:.2f} and has an orthogonal part of up to {worst.across.max():.1f}.** "
        f"It commutes with the orthogonal matrices that permute its vectors (to "
        f"{_small(max(each.equivariance for each in exact))} where the basis is exact), and with no other that was "
        f"tried (errors from {_small(min(each.turned for each in arranged))} on). More vectors alone do not bring it "
        f"nearer to isotropic tanh: in $\\R^{{{DIMENSION}}}$ its distance is {steps} vectors, and {near.m} vectors of "
        f"space, each with its negative, are nearer ({number_words(near.generalised, 2)}) than {most.m} "
        f"({number_words(most.generalised, 2)})."
    )


def setting(chosen: Settings) -> Text:
    """What is computed under these settings. Raises ValueError for a setting that has no meaning here."""
    restrict(chosen, ACCEPTED, "which has no meaning for functions without a network")
    return Text(
        f"Computed when this page was run, in float64: nothing is trained and nothing is published. Thomson-like bases "
        f"are the best of 8 starts, seed 0; single starts have the seeds 0 to {STARTS - 1}."
    )


def corrections(rows: Sequence[Correction]) -> Table:
    """A row per basis with one positive product: its closed form of N(t), and how far the computed one is from it."""
    head = ("vectors", "n", "m", "g", "k", "c", "N(t)", "computed N", "slope and limit", "along", "across")
    table = [
        (
            each.words,
            f"{each.n}",
            f"{each.m}",
            f"{each.g:.4f}",
            f"{each.k}",
            f"{each.c:.4f}",
            f"−{each.k * each.g / each.c:.4f} tanh({each.g:.4f} t)",
            *(_small(v) for v in (each.deviation, each.ends, each.quality.axis_error, each.quality.orthogonal)),
        )
        for each in rows
    ]
    return Table(head, tuple(table))


def distances(rows: Sequence[Distance]) -> Table:
    """A row per basis of R^3 and R^10: how far both functions are from isotropic tanh."""
    table = [
        (
            f"{each.n}",
            f"{each.m}",
            "yes" if each.antipodal else "",
            *(number_words(value) for value in (each.generalised, each.component, each.gauge)),
        )
        for each in rows
        if each.n > 2
    ]
    head = ("n", "m", "with negatives", "generalised tanh", "largest component", "gauge form")
    return Table(head, tuple(table))


def limit(rows: Sequence[Distance]) -> Text:
    """How the plane's polygons tend to isotropic tanh, even and odd, and the largest component for 96 in space."""
    plane = {each.m: each for each in rows if each.n == 2}
    even, odd = max(m for m in plane if m % 2 == 0), max(m for m in plane if m % 2)
    errors = [abs(each.gauge / polygon_gauge(m) - 1) for m, each in plane.items()]
    space = max((each for each in rows if each.n == 3), key=lambda each: each.m)
    return Text(
        f"Over {DIRECTIONS:,} directions at length {RADIUS:g}. In the plane, generalised tanh of {even} vectors is "
        f"within {_small(plane[even].generalised)} of isotropic tanh, of {odd} vectors within "
        f"{number_words(plane[odd].generalised, 2)}; the gauge form is $\\tanh({RADIUS:g})\\,(1/\\cos(\\pi/m) - 1)$ "
        f"away from it, which is met to {100 * max(errors):.2g}%. For {space.m} vectors of space the largest component "
        f"of a difference is {space.component:.3f}."
    )


def energies(rows: Sequence[Arranged]) -> Table:
    """A row per basis: its energy, where single starts end, its products, and its symmetry group."""
    head = ("n", "m", "energy", "least of single starts", "starts that reach it", "products (how often)", "group")
    table = [
        (
            f"{each.n}",
            f"{each.m}",
            *(f"{value:.4f}".replace("-", "−") for value in (each.quality.energy, each.energies[0])),
            f"{each.arrived} of {len(each.energies)}",
            _products(each),
            _group(each),
        )
        for each in rows
    ]
    return Table(head, tuple(table))


def _products(each: Arranged) -> str:
    if not each.products.size:
        return "many"
    counts = [f" ({count})" for count in each.counts] or [""] * len(each.products)
    return ", ".join(f"{_zero(value)}{count}" for value, count in zip(each.products, counts, strict=True))


def _zero(value: float) -> str:
    return "0" if abs(value) < EXACT else f"{value:.4g}".replace("-", "−")


def _group(each: Arranged) -> str:
    structure = STRUCTURES.get((each.n, each.m), "")
    counted = f"{each.order:,}" if each.order < 10**9 else f"{each.order:.3g}"
    known = structure and order(structure, each.n) == each.order
    return f"{counted}, {structure}" if known else counted


def qualities(rows: Sequence[Arranged]) -> Table:
    """A row per basis: what distinguishes an exact one, and whether its function commutes with its group."""
    head = (
        "n", "m", "largest product", "sum", "frame", "c", "along", "across", "commutes with its group", "another turn"
    )  # fmt: skip
    table = []
    for each in rows:
        quality = each.quality
        errors = (quality.sum, quality.frame)
        table.append(
            (
                f"{each.n}",
                f"{each.m}",
                _zero(quality.largest_cosine),
                *(_small(value) for value in errors),
                low_to_high(quality.c, "{:.3f}"),
                _small(quality.axis_error),
                _small(quality.orthogonal),
                _small(each.equivariance) if each.order > 1 else "only the identity",
                number_words(each.turned, 2),
            )
        )
    return Table(head, tuple(table))


def best(rows: Sequence[Arranged]) -> Text:
    """Which bases every single start ends at, and which hardly any."""
    always = [each for each in rows if each.arrived == len(each.energies)]
    rest = [each for each in rows if each not in always]
    forty = next(each for each in rows if (each.n, each.m) == (10, 40))
    words = "; ".join(
        f"{each.m} in $\\R^{{{each.n}}}$ end between {each.energies[0]:.3f} and {each.energies[-1]:.3f}, and the basis "
        f"of 8 starts, at {each.quality.energy:.3f}, has a group of {each.order:,}"
        for each in rest
    )
    return Text(
        f"All of {STARTS} single starts end at one energy for {len(always)} of {len(rows)} bases. Those of {words}. "
        f"Forty vectors of $\\R^{{10}}$ have energy 83/3 to {_small(abs(forty.quality.energy - 83 / 3))}, and "
        f"{forty.arrived} of {STARTS} starts end there, none higher (28.04 had been given for them before)."
    )


def statements(numbers: Statements, rows: Sequence[Arranged]) -> Text:
    """What was checked of Appendices C and D by computation, one line for a statement."""
    forty, antiprism = (next(r for r in rows if (r.n, r.m) == pair) for pair in ((10, 40), (3, 8)))
    many = next(r for r in rows if (r.n, r.m) == (3, 32))
    spreads = [each.quality.c[1] - each.quality.c[0] for each in (antiprism, many)]
    solids = listed([s.name for s in numbers.solids if s.energy - s.least < EXACT])
    others = listed(
        [f"{s.name} ({s.energy:.3f} against {s.least:.3f})" for s in numbers.solids if s.name not in solids]
    )
    lattices = listed([f"{each.m} ({each.energy:.2f} against {each.least:.2f})" for each in numbers.lattices])
    exact = [r for r in rows if r.m == r.n + 1 or r.m == 2 * r.n]
    error = max(abs(r.quality.energy + (r.m - 1 if r.m == r.n + 1 else r.n) / 2) for r in exact)
    spaces = listed([f"$\\R^{n}$" for n in numbers.dimensions])
    lines = (
        f"**At most $2n$ vectors.** In {spaces} the largest product of "
        f"minimal bases is {_small(numbers.few)} at most for $m \\le 2n$, and {numbers.many:.3f} at least for $2n < m "
        f"\\le 3n$. Three vectors of the plane that are no minimum miss tanh by {numbers.uneven:.2f} along one.",
        f"**One correction for all vectors.** The square antiprism has equal $c_j$ (within {_small(spreads[0])}) and "
        f"misses tanh along its vectors by {_small(antiprism.quality.axis_error)}, but has an orthogonal part of "
        f"{antiprism.quality.orthogonal:.2f}; {many.m} vectors of space "
        f"have equal $c_j$ (within {_small(spreads[1])}) but different products, and miss tanh by "
        f"{many.quality.axis_error:.3f}; forty vectors of $\\R^{{10}}$ have neither error "
        f"({_small(max(forty.quality.axis_error, forty.quality.orthogonal))}).",
        f"**Exact minima.** Simplices have the energy $-(m - 1)/2$ and cross-polytopes $-n/2$; the largest "
        f"difference is {_small(error)}. "
        f"Fibonacci lattices lie above the least energy, with m = {lattices}.",
        f"**Platonic solids.** Minima are {solids}; {others} are not.",
    )
    return Text("\n".join(f"- {line}" for line in lines))


def chosen(result: Chosen) -> Text:
    """The function of the basis that the settings name, in sentences."""
    quality = result.quality
    group = {"B_n": "$B_n$", "S_(n+1)": "$S_{n+1}$"}.get(result.group, "of the basis")
    elementwise = "elementwise tanh in its axes" if result.name != "simplex" else "elementwise tanh"
    return Text(
        f"{BASES[result.name]}, {result.m} vectors of $\\R^{{{result.n}}}$, have the group {group} of order "
        f"{result.order:,}. Along a vector the function misses tanh by {_small(quality.axis_error)} up to length "
        f"{LENGTHS[-1]:g}. On 1,000 normal representations it differs from {elementwise} by up to "
        f"{_small(result.tanh)} and from isotropic tanh by up to {_small(result.isotropic)}; $f(x) + f(-x)$ is at most "
        f"{_small(result.odd)}."
    )


def _small(value: float) -> str:
    """A number to two digits; a small one by its power of ten, and 0 as it is."""
    if value == 0 or np.isclose(value, 0, atol=1e-300):
        return "0"
    return f"{value:.0e}" if value < 1e-3 else f"{value:.2g}"
