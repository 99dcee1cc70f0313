"""The statistics that a basis is tested with, and the sums that they need, in many bases at once.

Bases are rotations of one another, so the coordinates in all of them are one matrix product, (m, bases x samples), and
the points in all of them are counted together. Only what the chosen statistics need is counted: those of directions
and neurons (:mod:`isoaux.statistics.moments`) need no points.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import bases, ppp
from isoaux.bases import VARIANTS
from isoaux.common import arrays
from isoaux.common.arrays import Floats, Integers
from isoaux.common.choices import choose, shown
from isoaux.statistics import moments
from isoaux.statistics.points import BINS, NEAR_AXIS, NEAR_DIAGONAL, sector, sines

Counts = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tally:
    """Sums over the PPP points, or over the coordinates, in each of D bases, by name.

    ``points`` (D,); ``sine`` and ``squares`` (D,), sums of sin 2t and its square; ``near_axis`` and ``near_diagonal``
    (D,), points within 10 degrees of one; ``planes`` (D, p), points per plane; ``directions`` (D, 2m), points nearest
    to each signed direction, of the two that span their plane; ``sectors`` (D, 72), the angular histogram. Of the
    coordinates: those of :func:`isoaux.statistics.moments.of_coordinates`. ``samples``, how many representations have a
    direction.
    """

    sums: dict[str, Counts]
    samples: int

    def __getitem__(self, name: str) -> Counts:
        return self.sums[name]

    def share(self, name: str) -> Counts:
        """A sum, or the largest of several, over the number of points, (D,); 0 where there are no points."""
        total = self.sums[name] if self.sums[name].ndim == 1 else self.sums[name].max(-1, initial=0)
        return total / np.maximum(self["points"], 1)

    def mean(self, name: str) -> Counts:
        """A sum over representations by their number, (D,)."""
        return self.sums[name] / max(self.samples, 1)


@dataclass(frozen=True)
class Statistic:
    """A statistic: its description ``words``, the sums of :class:`Tally` that it needs, and its values (D,) from them.

    ``above`` and ``below``: what a value above or below those in random bases says of the measured basis. ``square``:
    whether it is defined for orthogonal directions only.
    """

    words: str
    above: str
    below: str
    needs: tuple[str, ...]
    of: Callable[[Tally], Counts]
    square: bool = False


def _c4(tally: Tally) -> Counts:
    points = tally["points"]
    return np.where(points > 0, 1 - 2 * tally["squares"] / np.maximum(points, 1), 0)


def _gathered(tally: Tally) -> Counts:
    points, planes = tally["points"], tally["planes"]
    pairs = (planes * (planes - 1)).sum(-1)
    return planes.shape[1] * pairs / np.maximum(points * (points - 1), 1)


STATISTICS: Mapping[str, Statistic] = {
    "quartimax": Statistic(
        "mean of sum u_i^4 over the directions u: 1 all on axes, 3/(n + 2) isotropic, 1/n all half way between all",
        "directions gather on the axes, or half way between few of them",
        "directions avoid the axes and lie between many of them",
        ("fourth",),
        lambda t: t.mean("fourth"),
    ),
    "count": Statistic(
        "number of points",
        "more representations are near the planes of two axes than near random planes",
        "fewer representations are near the planes of two axes than near random planes",
        ("points",),
        lambda t: t["points"],
    ),
    "c4": Statistic(
        "mean of cos 4θ: above 0 aligned, below 0 anti-aligned",
        "points lie near the axes of their planes",
        "points lie half way between the axes of their planes",
        ("points", "squares"),
        _c4,
    ),
    "s2": Statistic(
        "mean of sin 2θ: above 0 on the main diagonal",
        "points lie where both coordinates of their plane have one sign",
        "points lie where the coordinates of their plane have opposite signs",
        ("points", "sine"),
        lambda t: t.share("sine"),
    ),
    "axis_share": Statistic(
        "share of the points within 10 degrees of an axis of their plane (even: 4/18)",
        "points lie near the axes of their planes",
        "points keep away from the axes of their planes",
        ("points", "near_axis"),
        lambda t: t.share("near_axis"),
        square=True,
    ),
    "diagonal_share": Statistic(
        "share of the points within 10 degrees of a diagonal of their plane (even: 4/18)",
        "points lie half way between the axes of their planes",
        "points keep away from the middle between the axes of their planes",
        ("points", "near_diagonal"),
        lambda t: t.share("near_diagonal"),
        square=True,
    ),
    "plane_gathering": Statistic(
        "how many times likelier than by an even spread two points share a plane: 1 even, p if all are on one",
        "points gather in few planes of two axes",
        "points are spread over the planes of two axes more evenly",
        ("points", "planes"),
        _gathered,
    ),
    "plane_share": Statistic(
        "largest share of the points that is on one plane",
        "one plane of two axes holds many of the points",
        "no plane of two axes holds many of the points",
        ("points", "planes"),
        lambda t: t.share("planes"),
    ),
    "direction_share": Statistic(
        "largest share of the points that is nearest to one signed direction, of the two of their plane",
        "one half of an axis has many of the points nearest to it",
        "no half of an axis has many of the points nearest to it",
        ("points", "directions"),
        lambda t: t.share("directions"),
    ),
    "angular_peak": Statistic(
        "fullest bin of the angular histogram over the mean one: 1 even, 72 if all are in one",
        "points gather at one angle in their planes",
        "points are spread over all angles in their planes more evenly",
        ("points", "sectors"),
        lambda t: BINS * t.share("sectors"),
    ),
    "sixth": Statistic(
        "mean of sum u_i^6 over the directions u: like quartimax, but for fewer and sharper ones",
        "few directions are very near the axes, or many gather on them or half way between few of them",
        "directions avoid the axes and lie between many of them",
        ("sixth",),
        lambda t: t.mean("sixth"),
    ),
    "kurtosis": Statistic(
        "kurtosis across the neurons of a representation, mean: 3 for many normal numbers, more with outlier neurons",
        "representations have outlier neurons",
        "representations have fewer outliers among the neurons than among other directions",
        ("across",),
        lambda t: t.mean("across"),
    ),
    "kurtosis_largest": Statistic(
        "kurtosis across the neurons of a representation, largest",
        "a representation has outlier neurons",
        "no representation has outliers among the neurons as it has among other directions",
        ("across_largest",),
        lambda t: t["across_largest"],
    ),
    "neuron_kurtosis": Statistic(
        "kurtosis of a neuron over the representations, mean: 3 normal, below 3 for two-valued neurons",
        "neurons have heavier tails than other directions",
        "neurons have lighter tails than other directions, like two-valued ones",
        ("neurons",),
        lambda t: t["neurons"].mean(-1),
    ),
    "neuron_kurtosis_largest": Statistic(
        "kurtosis of a neuron over the representations, largest",
        "a neuron has heavier tails than other directions",
        "no neuron has tails as heavy as other directions",
        ("neurons",),
        lambda t: t["neurons"].max(-1),
    ),
}
"""The statistics that a basis is tested with, by name; those of points are 0 where there are none."""

MOMENTS = tuple(name for name, statistic in STATISTICS.items() if "points" not in statistic.needs)
"""The statistics that need no points, and so no threshold."""

WIDE_STATISTICS = ("quartimax", "sixth", "kurtosis", "neuron_kurtosis_largest", "count", "c4")
"""The statistics that :func:`isoaux.statistics.report` tests in wide layers, where hardly a point is near a plane.

The first four need no points: whether directions gather on axes, on few of them sharply, whether representations have
outlier neurons, and whether a neuron is one. Points are looked for in the planes of few neurons only.
"""

DEFAULT_STATISTICS = ("quartimax", "sixth", "count", "c4", "s2", "plane_gathering", "angular_peak")
"""The statistics that are tested where none are named, the most telling first.

Each asks another question: whether directions gather on axes at all, or few of them sharply, how many points there are,
whether these lie along the axes or between them, on which diagonal, in how few planes and at how few angles. Others ask
one of these again: ``axis_share`` and ``diagonal_share`` what c4 does, ``plane_share`` and ``direction_share`` what
``plane_gathering`` does, ``kurtosis`` what ``quartimax`` does. Every statistic more raises all adjusted p (Holm): with
these seven and 399 draws the least one is 0.035, with all fifteen 0.075.
"""

OF_ANGLES: Mapping[str, Callable[[Floats], NDArray[Any]]] = {
    "sine": lambda sine: sine,
    "squares": lambda sine: sine * sine,
    "near_axis": lambda sine: np.abs(sine) <= NEAR_AXIS,
    "near_diagonal": lambda sine: np.abs(sine) >= NEAR_DIAGONAL,
}
"""What a point adds to each of these sums, as a function of its sin 2t."""


COLUMNS = 2**14
"""Samples times bases that are measured at once: many enough for fast calls, few enough for a core's cache."""

NUMBERS = 2**22
"""Numbers of the bases that are measured at once, at most: they take 34 MB."""

SPARSE = 32
"""Cells per point above which incrementing the cells of the points is faster than adding a full histogram."""


def statistic_names(names: Any, argument: str) -> tuple[str, ...]:
    """``names``, one key of :data:`STATISTICS` or several, as a tuple; ``argument`` is what errors call them.

    Raises ValueError for none, for what holds no names, and for an unknown name.
    """
    listed = isinstance(names, Iterable) and not isinstance(names, bytes) and getattr(names, "ndim", 1) == 1
    several = (names,) if isinstance(names, str) else tuple(names) if listed else ()
    if not several:
        raise ValueError(f"{argument} is {shown(names)}; accepted: at least one of {', '.join(STATISTICS)}.")
    for name in several:
        choose(argument, name, STATISTICS)
    return several


class Meter:
    """Measures statistics of fixed representations in any rotations of one basis, without building the points.

    ``rows`` (N, n) are the representations, ``basis`` (m, n) is the basis, ``names`` are keys of :data:`STATISTICS`.
    ``leading``, if not 0, restricts the planes to those of so many rows of an orthonormal basis: in each basis, the
    rows that the representations are nearest to, by the mean fourth power of the coordinate of a direction. ``seen`` is
    the number of points in all bases that have been measured, ``at_once`` in how many bases together it measures
    fastest.
    """

    def __init__(
        self,
        rows: Floats,
        basis: NDArray[np.float64],
        epsilon: float,
        variant: str,
        names: Sequence[str],
        leading: int = 0,
    ) -> None:
        self.statistics = {name: choose("statistic", name, STATISTICS) for name in names}
        self.needs = {need for statistic in self.statistics.values() for need in statistic.needs}
        self.ordered = choose("variant", variant, VARIANTS)
        self.epsilon = arrays.fraction(epsilon, "epsilon")
        self.frame = ppp.Frame.of(basis, rows.dtype)
        self.cloud = ppp.Cloud.of(rows.astype(self.frame.dtype, copy=False))
        self.leading = leading if self.frame.orthonormal and leading < len(basis) else 0
        of_points = bases.standard(self.leading) if self.leading else basis
        self.planes = np.zeros((len(of_points), len(of_points)), dtype=np.int64)
        spanned, _ = bases.pairs(of_points, variant)
        self.planes[*spanned.T] = np.arange(len(spanned))
        self.widths = {"planes": len(spanned), "directions": 2 * len(of_points), "sectors": BINS}
        self.at_once = max(1, min(COLUMNS // max(1, len(rows)), NUMBERS // max(1, basis.size)))
        self.room = np.empty((0, 0))
        self.seen = 0

    def __call__(self, turned: NDArray[np.float64]) -> dict[str, Counts]:
        """The statistics in the bases ``turned`` (D, m, n), by name, each (D,); 0 in bases without a direction."""
        if not turned.shape[1]:
            return {name: np.zeros(len(turned)) for name in self.statistics}
        return self._values(self.tally(turned))

    def at(self, coordinates: Floats) -> dict[str, Counts]:
        """The statistics of the cloud's representations with these ``coordinates`` (m, N) in one basis, each (1,)."""
        if not len(coordinates):
            return {name: np.zeros(1) for name in self.statistics}
        sums = moments.of_coordinates(coordinates, self.cloud, 1, self.needs)
        if "points" in self.needs:
            sums |= self._of_points(coordinates, None)
        return self._values(Tally(sums, len(self.cloud.rows) - self.cloud.zeros))

    def _values(self, tally: Tally) -> dict[str, Counts]:
        return {name: statistic.of(tally) for name, statistic in self.statistics.items()}

    def points(self, coordinates: Floats) -> NDArray[np.float64]:
        """The points (k, 2) of the representations with these ``coordinates`` (m, N) in one basis, in no order."""
        coordinates, _ = self._looked_at(coordinates, None)
        parts = [np.empty((2, 0))]
        for i, j, sample in ppp.accepted(coordinates, self.cloud, None, self.frame, self.epsilon):
            for first, second in ((i, j), (j, i))[: 1 + self.ordered]:
                part = np.array(ppp.in_plane(coordinates, self.frame, first, second, sample), np.float64)
                parts.append(part if self.cloud.exponents is None else np.ldexp(part, self.cloud.exponents[sample]))
        return np.concatenate(parts, axis=1).T

    def _looked_at(
        self, coordinates: Floats, turned: NDArray[np.float64] | None
    ) -> tuple[Floats, NDArray[np.float64] | None]:
        """The coordinates (M, D N) of the rows whose planes are looked at, and these rows of the bases (D, M, n)."""
        if not self.leading:
            return coordinates, turned
        each = np.split(coordinates, 1 if turned is None else len(turned), axis=1)
        rows = [np.sort(moments.nearest(part, self.cloud, self.leading)) for part in each]
        kept = np.concatenate([part[some] for part, some in zip(each, rows, strict=True)], axis=1)
        return kept, None if turned is None else np.stack([b[some] for b, some in zip(turned, rows, strict=True)])

    def tally(self, turned: NDArray[np.float64]) -> Tally:
        """The sums that the statistics need in the bases ``turned`` (D, m, n)."""
        count, m, n = turned.shape
        samples = len(self.cloud.rows)
        if "points" not in self.needs:
            return Tally(moments.of_cloud(self.cloud, turned, self.needs), samples - self.cloud.zeros)
        coordinates = self._room(m, count * samples)
        stacked = turned.transpose(1, 0, 2).reshape(m * count, n)
        self.cloud.coordinates(stacked, out=coordinates.reshape(m * count, samples))
        sums = moments.of_coordinates(coordinates, self.cloud, count, self.needs)
        return Tally(sums | self._of_points(coordinates, turned), samples - self.cloud.zeros)

    def _of_points(self, coordinates: Floats, turned: NDArray[np.float64] | None) -> dict[str, Counts]:
        """The sums over the points in the bases ``turned`` (D, m, n), with these coordinates (m, D N).

        None stands for one basis that is not known.
        """
        coordinates, turned = self._looked_at(coordinates, turned)
        count, samples = 1 if turned is None else len(turned), len(self.cloud.rows)
        sums: dict[str, Counts] = {}
        for need in self.needs - {*moments.OF_SAMPLES, *moments.OF_NEURONS}:
            sums[need] = np.zeros((count, self.widths[need]) if need in self.widths else count)
        for first, second, column in ppp.accepted(coordinates, self.cloud, turned, self.frame, self.epsilon):
            draw = np.zeros_like(column) if count == 1 else column // samples
            for i, j in ((first, second), (second, first))[: 1 + self.ordered]:
                self._add(sums, coordinates, i, j, column, draw)
        self.seen += int(sums["points"].sum())
        return sums

    def _room(self, m: int, columns: int) -> Floats:
        if self.room.shape != (m, columns):
            self.room = np.empty((m, columns), dtype=self.frame.dtype)
        return self.room

    def _add(
        self, sums: dict[str, Counts], coordinates: Floats, i: Integers, j: Integers, column: Integers, draw: Integers
    ) -> None:
        bases_at_once = len(sums["points"])

        def add(name: str, weights: NDArray[Any]) -> None:
            if bases_at_once == 1:  # pairwise summation; records depend on these bits
                sums[name] += np.sum(weights, dtype=np.float64)
            else:
                sums[name] += np.bincount(draw, weights, bases_at_once)

        def count(name: str, cell: Integers) -> None:
            cells, size = draw * self.widths[name] + cell, sums[name].size
            if size > SPARSE * cells.size:
                np.add.at(sums[name].reshape(-1), cells, 1)
            else:
                sums[name] += np.bincount(cells, minlength=size).reshape(sums[name].shape)

        sums["points"] += np.bincount(draw, minlength=bases_at_once)
        if "planes" in self.needs:
            count("planes", self.planes[i, j])
        if "directions" in self.needs:
            count("directions", _nearest(coordinates, i, j, column))
        if not self.needs & {"sectors", *OF_ANGLES}:
            return
        x, y = ppp.in_plane(coordinates, self.frame, i, j, column)
        if "sectors" in self.needs:
            count("sectors", sector(x, y))
        sine = sines(x, y)
        for need in self.needs & set(OF_ANGLES):
            add(need, OF_ANGLES[need](sine))


def _nearest(coordinates: Floats, i: Integers, j: Integers, column: Integers) -> Integers:
    """The nearest direction of every point, of b_i and b_j with both signs, as 2 row + (1 for the positive sign)."""
    width = coordinates.shape[1]
    x, y = coordinates.take(i * width + column), coordinates.take(j * width + column)
    first = np.abs(x) >= np.abs(y)
    return 2 * np.where(first, i, j) + (np.where(first, x, y) > 0)
