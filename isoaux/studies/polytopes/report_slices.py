"""Exact slices in sentences and tables: how many faces there are, and of which classes."""

import numpy as np
from numpy.typing import ArrayLike

from isoaux.common.numbers import NONE, low_to_high, with_range, written
from isoaux.common.tables import Table, Text, listed
from isoaux.paper.names import START_TITLES
from isoaux.polytopes import codes, crossings
from isoaux.records.reports import dataset, deviations, opening, or_missing
from isoaux.records.results import Result
from isoaux.studies.polytopes import closed_forms as theory
from isoaux.studies.polytopes import data
from isoaux.studies.polytopes.report import classifiers_words
from isoaux.studies.polytopes.samples import Values
from isoaux.studies.polytopes.seeds import interval, mean, over_seeds
from isoaux.studies.polytopes.slices import Slice, checkpoints, cut, stored_relu

CHECKED = 400
"""Random points of a slice at which facts are checked."""

ROUNDING = 1e-11
"""Deviations below this are rounding."""

LEAST = 0.005
"""A class is named among those of a slice where it has at least this part of the window."""


def faces(result: Result, rows: list[int], checkpoint: int, start: int) -> Values:
    """The numbers of faces (S,) of the slices of networks in a space at a checkpoint, counted from its end if below 0.

    ``start`` is the space.
    """
    return np.asarray(result.drawing["faces"][rows, checkpoint, start, -1], np.float64)


def ratio(first: ArrayLike, second: ArrayLike) -> str:
    """The geometric mean over seeds of ``first`` / ``second``, both (S,), with its interval."""
    logs = interval(np.log(np.asarray(first, np.float64) / np.asarray(second, np.float64)))
    middle, low, high = (float(np.exp(value)) for value in (logs.mean, logs.low, logs.high))
    return written("{:.2f}", middle) if logs.count < 2 else with_range(middle, low, high, "{:.2f}")


def pairs(result: Result) -> dict[str, tuple[list[int], list[int]]]:
    """The rows of Leaky-ReLU and of ReLU by start, of those seeds that both have."""
    members = {(c.activation, c.start): rows for c, rows in data.classifiers(result).items()}
    compared = {}
    for start in START_TITLES:
        leaky, plain = (
            {result.rows[row][1]: row for row in members.get((name, start), ())} for name in ("lrelu", "relu")
        )
        if both := sorted(leaky.keys() & plain.keys()):
            compared[start] = [leaky[seed] for seed in both], [plain[seed] for seed in both]
    return compared


def _classes(result: Result) -> list[str]:
    """The names of the classes, of those like ``3 - three`` the first part."""
    return [str(name).split(" - ")[0] for name in result.facts["classes"]]


def _below(deviation: float) -> str:
    """A deviation in words: below :data:`ROUNDING`, which differs from machine to machine, or its size."""
    return f"below {ROUNDING:g}" if deviation < ROUNDING else f"{deviation:.0e}"


@or_missing
def in_short(result: Result) -> Text:
    """What came out, in three sentences: how many faces, what training does to them, and that none is left out."""
    relu, spaces = data.relu(result), result.drawing["faces"].shape[2]
    counts = [[float(faces(result, rows, -1, k).mean()) for rows in relu.values()] for k in range(spaces)]
    grown = [
        f"{ratio(faces(result, rows, -1, 0), faces(result, rows, 0, 0))} with {START_TITLES[c.start]}"
        for c, rows in relu.items()
    ]
    euler = result.drawing["euler"]
    return opening(
        f"Trained networks cut the plane through three images into {low_to_high(counts[0], '{:,.0f}')} polytopes "
        f"(space of images, means over seeds), and into {low_to_high(counts[-1], '{:,.0f}')} before their last hidden "
        "layer.",
        f"Training multiplies their number by {listed(grown)}.",
        f"The count is exact: in {int((euler == 1).sum()):,} of {euler.size:,} slices no face is lost.",
    )


@or_missing
def answer(result: Result) -> Text:
    """What came out, in three sentences: how many faces, what training and a leak do to them, and what is exact."""
    relu, spaces = data.relu(result), result.drawing["faces"].shape[2]
    counts = [[float(faces(result, rows, -1, k).mean()) for rows in relu.values()] for k in range(spaces)]
    each = [f"{low_to_high(numbers, '{:,.0f}')} polytopes in space {k}" for k, numbers in enumerate(counts)]
    grown = [
        f"by {ratio(faces(result, rows, -1, 0), faces(result, rows, 0, 0))} with {START_TITLES[c.start]}"
        for c, rows in relu.items()
    ]
    leaks = [
        f"by {ratio(faces(result, leaky, -1, 0), faces(result, plain, -1, 0))} with {START_TITLES[start]}"
        for start, (leaky, plain) in pairs(result).items()
    ]
    leaky = f"; Leaky-ReLU in place of ReLU does so {listed(leaks)}" if leaks else ""
    euler = result.drawing["euler"]
    return Text(
        f"The plane through three test images is cut by trained networks into {listed(each)} (means over seeds, both "
        f"starts). Training multiplies their number in the space of images {listed(grown)}{leaky}. In "
        f"{int((euler == 1).sum()):,} of {euler.size:,} slices V − E + F = 1, so that every polytope of the window is "
        "counted once and none is left out."
    )


@or_missing
def setting(result: Result) -> Text:
    """Data, networks and slices, in one line."""
    drawing = result.drawing
    classes = [_classes(result)[drawing["labels"][at]] for at in drawing["corners"]]
    return Text(
        f"{dataset(result)}, pixels from 0 to 1; {classifiers_words(result)}; the plane through the first test "
        f"images of the classes {listed(classes)}; a square around their mean whose half-width is the distance of the "
        f"two furthest.{deviations(result)}"
    )


# --- tables


@or_missing
def counts(result: Result) -> Table:
    """A row per configuration and space: faces at each checkpoint, after each layer at the end, Euler and tiny ones."""
    drawing, lines = result.drawing, []
    epochs = checkpoints(drawing)
    for c, rows in data.classifiers(result).items():
        for k in range(drawing["faces"].shape[2]):
            by_layer = [mean(values, "{:,.0f}") for values in drawing["faces"][rows, -1, k, k:].T]
            lines.append(
                (
                    c.title,
                    str(k),
                    *(over_seeds(faces(result, rows, at, k), "{:,.0f}") for at in range(len(epochs))),
                    " → ".join(by_layer),
                    low_to_high(list(drawing["euler"][rows, :, k].ravel()), "{:.0f}"),
                    f"{int(drawing['tiny'][rows, :, k].sum())}",
                )
            )
    heads = tuple(f"faces, epoch {epoch}" for epoch in epochs)
    return Table(("network", "space", *heads, "after each layer, at the end", "V − E + F", "tiny faces"), tuple(lines))


@or_missing
def leaks(result: Result) -> Table:
    """A row per start and space: faces of Leaky-ReLU over those of ReLU of the same seed, at each checkpoint."""
    epochs = checkpoints(result.drawing)
    lines = [
        (START_TITLES[start], str(k), *(ratio(faces(result, a, at, k), faces(result, b, at, k)) for at in places))
        for start, (a, b) in pairs(result).items()
        for places in [range(len(epochs))]
        for k in range(result.drawing["faces"].shape[2])
    ]
    heads = tuple(f"epoch {epoch}" for epoch in epochs)
    return Table(("start", "space", *heads), tuple(lines) or ((NONE,) * (2 + len(heads)),))


@or_missing
def exact(result: Result) -> Table:
    """Facts of exact slices, checked on one that is cut here: that of a stored network in the first space it can be.

    The network is the last of :func:`isoaux.studies.polytopes.slices.stored_relu`.
    """
    stored = stored_relu(result)
    if not stored or result.drawing["faces"].shape[2] < 2:
        return Table(("fact", "largest deviation"), ((NONE, NONE),))
    net = data.stored(result.drawing, stored[-1][0].id, checkpoints(result.drawing)[-1])
    _, made = cut(result.drawing, stored[-1][0].id, 1)
    rng = np.random.default_rng(0)
    xy = made.plane.window * rng.uniform(-1, 1, (CHECKED, 2))
    points, at = made.plane.points(xy), made.at(xy)
    logits = np.einsum("ncx,nx->nc", made.logits[at], np.column_stack([xy, np.ones(CHECKED)]))
    crossed = crossings(net, points[::2], points[1::2], 1)
    bits = codes(net, points, 1)
    differing = (bits[::2] != bits[1::2]).sum(axis=1)
    window = 4 * made.plane.window**2
    distinct = len(np.unique(made.codes, axis=0))
    lines = (
        ("V − E + F = 1", f"{abs(made.euler - 1)}"),
        ("areas of the faces add up to the window", _below(abs(made.areas.sum() / window - 1))),
        ("no two faces have one code", f"{made.faces - distinct} of {made.faces:,} faces"),
        (
            "a random point has the code of the face that holds it",
            f"{int((bits != made.codes[at]).any(axis=1).sum())} of {CHECKED} points",
        ),
        ("logits of a face are those of the network", _below(float(np.abs(logits - net.logits(points, 1)).max()))),
        (
            "crossings are at least the bits that differ",
            f"{int((crossed < differing).sum())} of {CHECKED // 2} segments",
        ),
        ("and have their parity", f"{int(((crossed - differing) % 2 != 0).sum())} of {CHECKED // 2} segments"),
    )
    return Table(("fact", "deviations"), lines)


def closed_forms() -> Table:
    """Closed forms of random networks, computed beside what is counted in random networks."""
    law, arranged = theory.half_cauchy(), theory.regions()
    lines = [
        (f"{each.lines} lines in the plane", f"{each.formula:,} regions", f"{each.counted:,}") for each in arranged
    ]
    lines.append(
        (
            "boundaries on 50 rays from the origin, no biases, three layers, both slopes",
            "0",
            f"{theory.rays_without_biases()}",
        )
    )
    lines.append(("boundaries on a ray, one Gaussian layer", f"{law.expected:.1f}", f"{law.number:.1f}"))
    lines.append(("their places, against half-Cauchy", "0", f"{law.distance:.3f} (p = {law.p:.2f})"))
    for each in theory.angles():
        lines.append(
            (
                f"bits that differ in layer {each.layer}, no biases",
                f"{each.formula:.3f}",
                f"{each.share:.3f}, correlation over pairs {each.correlation:.2f}",
            )
        )
    return Table(("of random networks", "closed form", "counted"), tuple(lines))


# --- alternative texts


def classes_words(result: Result, slice_: Slice) -> str:
    """The classes of a slice with their shares of the window, largest first, and those below half a percent counted."""
    names = _classes(result)
    named = [f"{names[k]} {share:.0%}" for k, share in slice_.shares.items() if share >= LEAST]
    rest = len(slice_.shares) - len(named)
    return f"{listed(named)}{f', and {rest} with less' if rest else ''}"


def slice_words(result: Result, slice_: Slice, by_layer: ArrayLike) -> str:
    """Faces after each layer, classes and V - E + F of a slice."""
    counted = listed([f"{int(count):,}" for count in np.asarray(by_layer) if count >= 0])
    return f"{counted} faces after each layer, classes {classes_words(result, slice_)}, V − E + F = {slice_.euler}"
