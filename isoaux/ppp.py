"""Privileged-Plane Projective method (PPP): the representations near each privileged plane, and where they are on it.

For unit vectors b_i and b_j with g = b_i . b_j, the plane's oriented orthonormal basis is u1 = b_i and
u2 = (b_j - g b_i) / sqrt(1 - g^2) (Eqn 5). A representation v is kept if its in-plane part
w = (u1 . v, u2 . v) satisfies |w| / |v| > epsilon (Sec. 3; pseudo-inverse as corrected in erratum E3). With
the coordinates c = B v,

    w = (c_i, (c_j - g c_i) / sqrt(1 - g^2)),

so one matrix product serves all planes. ``>`` is strict (erratum E4) and compares squares: a sample exactly on
the threshold is dropped if its squares are exact; otherwise their rounding decides. That of a product in single
precision, which differs between machines, does not (:class:`Threshold`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from isoaux import bases
from isoaux.bases import VARIANTS
from isoaux.common import arrays
from isoaux.common.arrays import Floats, Integers
from isoaux.sources import opening

BLOCK = 8192
"""Samples at a time, so that their squares fit a core's cache; fewer for more than 45 directions."""

EPSILON = 0.75
"""The threshold of most of the paper's figures (Sec. 3)."""

_STEPS = 126  # the largest share, so that two of them rounded up stay below 255
_NEAR = 0.7  # cosines from which on 1 - g^2 loses digits
_SLACK = 1 - 1e-6  # far more than the rounding of the coordinates

Pairs = tuple[Integers, Integers, Integers]
"""Row i, row j and sample of every kept point, i < j."""


@dataclass(frozen=True, eq=False)
class Projection:
    """The k points that :func:`project` keeps, ordered by plane and then by sample.

    ``points`` (k, 2) are the in-plane coefficients in the representations' units, ``sample`` (k,) the rows of the
    representations that they come from, ``plane`` (k,) the rows of ``planes`` (p, 2), which lists the pairs (i, j) of
    basis rows; ``counts`` (p,) are the numbers of points per plane, ``zeros`` is the number of zero vectors, which are
    near no plane, and ``skipped`` that of parallel pairs, which span none. The arrays are CPU tensors if the
    representations are a tensor.
    """

    points: Floats
    sample: Integers
    plane: Integers
    planes: Integers
    counts: Integers
    zeros: int
    skipped: int


@arrays.numpy_defaults
def project(
    activations: opening.Source, basis: ArrayLike, epsilon: float = EPSILON, variant: str = "combination"
) -> Projection:
    """The points w = (u1 . v, u2 . v) with |w| / |v| > epsilon of all samples v and planes (Sec. 3, Eqn 5).

    Parameters: ``activations`` (N, n), array or tensor, or whatever :func:`isoaux.open` takes, of which it draws the
    samples; ``basis`` (m, n), unit rows, any m, not necessarily orthogonal; ``epsilon`` in [0, 1), the cosine of an
    angle (0.75: 41.41 degrees); ``variant``, ``combination`` (planes of rows i < j) or ``permutation`` (of both
    orders). Points are float32 or float64, as :func:`isoaux.common.arrays.rows` makes the representations. No points is
    a result, not an error. Which samples are kept does not depend on the scale of the representations, from 1e-300 to
    1e300.

    Raises ValueError for numbers that are not finite, another width, rows that are not unit, an epsilon outside
    [0, 1), an unknown variant, and points beyond the largest number of their dtype.
    """
    rows = opening.matrix(activations)
    directions = bases.check(basis, rows.shape[1])
    frame = Frame.of(directions, rows.dtype)
    planes, skipped = bases.pairs(directions, variant, frame.gram)
    cloud = Cloud.of(rows.astype(frame.dtype, copy=False))
    coordinates = cloud.coordinates(directions)
    hits = accepted(coordinates, cloud, directions[None], frame, arrays.fraction(epsilon, "epsilon"))
    sample, plane = _sorted_hits(hits, planes, len(rows), VARIANTS[variant])
    first, second = np.ascontiguousarray(planes.T)
    points = np.stack(in_plane(coordinates, frame, first.take(plane), second.take(plane), sample), axis=1)
    if cloud.exponents is not None:
        with np.errstate(over="ignore"):
            points = np.ldexp(points, cloud.exponents[sample, None])
    largest = float(np.finfo(rows.dtype).max)
    if max(points.max(initial=0), -points.min(initial=0)) > largest:
        row = sample[np.flatnonzero((np.abs(points) > largest).any(1))[0]]
        raise ValueError(
            f"activations has row {row} with a point beyond {largest:.2g}, the largest number of {rows.dtype}; "
            f"accepted: {'double precision' if largest < 1e300 else 'smaller numbers'}."
        )
    counts = np.bincount(plane, minlength=len(planes)).astype(np.int64)
    return Projection(
        points=arrays.like(points.astype(rows.dtype, copy=False), activations),
        sample=arrays.like(sample, activations),
        plane=arrays.like(plane, activations),
        planes=arrays.like(planes, activations),
        counts=arrays.like(counts, activations),
        zeros=cloud.zeros,
        skipped=skipped,
    )


@arrays.numpy_defaults
def expected_isotropic_count(samples: int, width: int, planes: int, epsilon: float = EPSILON) -> float:
    """The mean number of PPP points of isotropic representations, N p (1 - epsilon^2)^((n - 2) / 2).

    |w|^2 / |v|^2 of a uniform direction in R^n is Beta(1, (n - 2) / 2)-distributed for every plane (derived; the paper
    gives no expectation). Counts scatter much more than by Poisson's law, since one sample enters many planes.

    Parameters: N ``samples``; ``width`` n of at least 2; p ``planes``; ``epsilon`` in [0, 1). Raises ValueError for
    others.
    """
    for value, argument, least in ((samples, "samples", 0), (planes, "planes", 0), (width, "width", 2)):
        arrays.whole(value, argument, least)
    return samples * planes * (1 - arrays.fraction(epsilon, "epsilon") ** 2) ** ((width - 2) / 2)


@dataclass(frozen=True, eq=False)
class Frame:
    """What all rotations of a basis share: ``gram`` g_ij, ``sine`` sqrt(1 - g_ij^2), ``gap`` 1 - |g_ij|, each (m, m).

    ``sine`` and ``gap`` are empty for orthonormal rows. ``dtype`` is that of the coordinates to be measured.
    """

    gram: Floats
    sine: Floats
    gap: Floats
    orthonormal: bool
    dtype: np.dtype[Any]

    @classmethod
    def of(cls, basis: NDArray[np.float64], dtype: DTypeLike) -> "Frame":
        """The frame of ``basis`` (m, n) for representations of a dtype.

        Orthonormal rows are measured in that dtype, others in float64: for neighbouring directions c_j - g c_i cancels,
        and float32 would lose the plane.
        """
        gram = bases.gram(basis)
        tolerance = 64 * np.finfo(dtype).eps
        if bases.is_standard(basis) or np.all(np.abs(gram - np.eye(len(basis))) <= tolerance):
            return cls(gram, np.empty((0, 0)), np.empty((0, 0)), True, np.dtype(dtype))
        return cls(gram, _sine(basis, gram), 1 - np.abs(gram), False, np.dtype(np.float64))


@dataclass(frozen=True, eq=False)
class Cloud:
    """Representations scaled so that they can be measured in any number of bases.

    ``rows`` (N, n) are the samples, each divided by 2^``exponents`` (N,) where its squares would leave the range of the
    dtype (``exponents`` is None if none has to be); ``totals`` (N,) are the squared lengths of the rows, 1 for the
    ``zeros`` zero vectors, which therefore never pass.
    """

    rows: Floats
    totals: Floats
    exponents: Integers | None
    zeros: int

    @classmethod
    def of(cls, rows: Floats) -> "Cloud":
        """The cloud of finite rows (N, n)."""
        totals = _squared_lengths(rows)
        info = np.finfo(rows.dtype)
        unsafe = np.flatnonzero(~((totals > info.tiny / info.eps) & (totals < info.max * info.eps)))
        if not unsafe.size:
            return cls(rows, totals, None, 0)
        peak = np.abs(rows[unsafe]).max(axis=1, initial=0)
        exponents = np.zeros(len(rows), dtype=np.int64)
        exponents[unsafe] = np.frexp(peak)[1]
        rows = rows.copy()
        rows[unsafe] = np.ldexp(rows[unsafe], -exponents[unsafe, None])
        totals[unsafe] = np.where(peak > 0, _squared_lengths(rows[unsafe]), 1)
        return cls(rows, totals, exponents, int(np.count_nonzero(peak == 0)))

    def coordinates(self, basis: NDArray[np.float64], out: Floats | None = None) -> Floats:
        """The coordinates c = B v of the scaled samples in ``basis`` (m, n), shape (m, N), also written to ``out``."""
        if out is None and np.array_equal(basis, np.eye(self.rows.shape[1])):
            return np.ascontiguousarray(self.rows.T)
        return np.matmul(basis.astype(self.rows.dtype, copy=False), self.rows.T, out=out)

    def exact(self, directions: Floats, sample: Integers) -> Floats:
        """Single coordinates, of the rows ``sample`` (k,) in ``directions`` (k, n), as doubles rounded to the dtype."""
        products = np.empty(len(sample), self.rows.dtype)
        size = max(1, 2**18 // max(1, self.rows.shape[1]))
        for start in range(0, len(sample), size):
            part = slice(start, start + size)
            rows, directed = self.rows[sample[part]], directions[part].astype(self.rows.dtype, copy=False)
            products[part] = np.einsum("kn,kn->k", rows.astype(np.float64), directed.astype(np.float64))
        return products


@dataclass(frozen=True, eq=False)
class Threshold:
    """The squared length that a point needs to be kept, ``limit``, for each of N representations.

    Pairs of squares up to ``low`` are outside however a product in single precision was rounded, those above ``high``
    are inside; of the others the coordinates in double precision decide, rounded to single. The three are one array in
    double precision, where rounding is as good as never decisive. Each is (N,), in the dtype of the coordinates.
    """

    low: Floats
    limit: Floats
    high: Floats

    @classmethod
    def of(cls, totals: Floats, width: int, epsilon: float) -> "Threshold":
        r"""The threshold ``epsilon`` for representations in R^n, n = ``width``, of squared lengths ``totals`` (N,).

        A product of n numbers errs by at most (n + 1) u \|v\| for unit rows, and so the length of two of them by
        sqrt(2) of that, with u half the distance of neighbouring numbers; squares and their sum err by 2 u more.
        """
        limit = epsilon**2 * totals
        if limit.dtype == np.float64:
            return cls(limit, limit, limit)
        unit = float(np.finfo(limit.dtype).eps) / 2
        margin = 1.5 * (width + 1) * unit
        low, high = max(epsilon - margin, 0) ** 2 * (1 - 8 * unit), (epsilon + margin) ** 2 * (1 + 8 * unit)
        bounds = (np.where(epsilon > margin, low * totals, -1), high * totals)
        return cls(bounds[0].astype(limit.dtype), limit, bounds[1].astype(limit.dtype))


def _sine(basis: NDArray[np.float64], gram: Floats) -> Floats:
    """sqrt(1 - g^2) of all pairs of rows, (m, m).

    Where |g| is near 1 the difference cancels, so there it is the length of the rest b_j - g b_i. Elsewhere
    (1 - g)(1 + g) is exact to a few units of the last place.
    """
    sine = np.sqrt(np.maximum((1 - gram) * (1 + gram), 0))
    first, second = np.nonzero(np.triu(np.abs(gram) > _NEAR, 1))
    size = max(1, 2**18 // max(1, basis.shape[1]))
    for start in range(0, first.size, size):
        i, j = first[start : start + size], second[start : start + size]
        rest = gram[i, j, None] * basis[i]
        rest -= basis[j]
        sine[i, j] = sine[j, i] = np.sqrt(np.einsum("kn,kn->k", rest, rest))
    return sine


def accepted(
    coordinates: Floats, cloud: Cloud, turned: NDArray[np.float64] | None, frame: Frame, epsilon: float
) -> Iterator[Pairs]:
    """The pairs i < j and samples with |w| > epsilon |v|, block by block.

    ``coordinates`` (m, D N) are those of the N samples of ``cloud`` in each of the bases ``turned`` (D, m, n), all of
    the same ``frame``. ``turned`` may be None for one basis that is not known: then the rounding of its coordinates
    decides about points on the threshold. No other function but a compiled form of it applies the threshold.
    """
    samples = len(cloud.rows)
    totals = cloud.totals if turned is None or len(turned) == 1 else np.tile(cloud.totals, len(turned))
    share, threshold = epsilon**2, Threshold.of(totals, cloud.rows.shape[1], epsilon)
    if turned is None:
        threshold = Threshold(threshold.limit, threshold.limit, threshold.limit)
    needed = np.where(frame.gap < bases.PARALLEL_TOLERANCE, np.inf, share * frame.gap)
    size = BLOCK if frame.orthonormal else max(1, min(BLOCK, 2**24 // max(1, needed.size)))
    for start in range(0, coordinates.shape[1], size):
        block = slice(start, start + size)
        if frame.orthonormal:
            for first, second, column, squares in _orthonormal_pairs(coordinates[:, block], threshold.low[block]):
                column += start
                doubtful = np.flatnonzero(squares <= threshold.high[column])
                if turned is not None and doubtful.size:
                    place = column[doubtful]
                    draw, sample = place // samples, place % samples
                    x, y = (cloud.exact(turned[draw, row[doubtful]], sample) for row in (first, second))
                    dropped = doubtful[~(x * x + y * y > threshold.limit[place])]
                    first, second, column = (np.delete(each, dropped) for each in (first, second, column))
                yield first, second, column
        else:
            first, second, column = _possible_pairs(coordinates[:, block], totals[block], needed)
            sample = column + start
            x, y = in_plane(coordinates, frame, first, second, sample)
            kept = np.flatnonzero(x * x + y * y > share * totals[sample])
            yield first[kept], second[kept], sample[kept]


def in_plane(
    coordinates: Floats, frame: Frame, first: Integers, second: Integers, sample: Integers
) -> tuple[Floats, Floats]:
    """The in-plane coefficients w of every ``sample`` (k,) on the plane of rows ``first`` and ``second``, two (k,)."""
    width = coordinates.shape[1]
    x, y = coordinates.take(first * width + sample), coordinates.take(second * width + sample)
    if frame.orthonormal:
        return x, y
    pair = first * len(coordinates) + second
    return x, (y - frame.gram.take(pair) * x) / frame.sine.take(pair)


def _orthonormal_pairs(block: Floats, limit: Floats) -> Iterator[tuple[Integers, Integers, Integers, Floats]]:
    """The pairs with c_i^2 + c_j^2 > ``limit`` (N,) of samples ``block`` (m, N), and that sum, the largest first.

    A pair of a sample either contains its largest square or consists of two others. So the largest is tested against
    all the rest and removed, and the samples whose next two squares still pass together go on. Above epsilon^2 = 1/2
    that takes two rounds at most; rounding is monotonic, so no pair is lost.
    """
    squares = block * block
    sample = np.arange(block.shape[1])
    while True:
        largest, two = _largest_two(squares)
        passing = np.flatnonzero(two > limit)
        if not passing.size:
            return
        squares, sample, limit = squares[:, passing], sample[passing], limit[passing]
        top = squares.argmax(axis=0)
        squares[top, np.arange(passing.size)] = -np.inf
        both = largest[passing] + squares
        hits = np.flatnonzero(both > limit)
        other, column = _split(hits, passing.size)
        top = top[column]
        yield np.minimum(top, other), np.maximum(top, other), sample[column], both.take(hits)


def _possible_pairs(block: Floats, totals: Floats, needed: Floats) -> Pairs:
    """The pairs whose c_i^2 + c_j^2 leaves it possible that they pass, for rows that are not orthogonal.

    |w|^2 is at most (c_i^2 + c_j^2) / (1 - |g|), the larger eigenvalue of the pair's inverse Gram matrix, so
    ``needed`` (m, m) is epsilon^2 (1 - |g|), a share of |v|^2, and infinite for parallel rows. Comparing bytes moves
    an eighth of the memory: shares are rounded up and bounds down, so no pair is lost.
    """
    m, width = block.shape
    shares = (block * block * (_STEPS / totals)).astype(np.uint8) + 1
    needed = np.minimum(needed * (_STEPS * _SLACK), 255).astype(np.uint8)
    possible = [np.empty(0, dtype=np.int64)]
    for i in range(m - 1):
        fits = np.flatnonzero(shares[i] + shares[i + 1 :] > needed[i, i + 1 :, None])
        possible.append(fits + (i * m + i + 1) * width)
    pair, sample = _split(np.concatenate(possible), width)
    return *_split(pair, m), sample


def _largest_two(squares: Floats) -> tuple[Floats, Floats]:
    """The largest entry of every column, and its sum with the second largest; -inf if there is none."""
    first = np.full(squares.shape[1], -np.inf, dtype=squares.dtype)
    second, scratch = first.copy(), np.empty_like(first)
    for row in squares:
        np.minimum(first, row, out=scratch)
        np.maximum(second, scratch, out=second)
        np.maximum(first, row, out=first)
    second += first
    return first, second


def _sorted_hits(hits: Iterator[Pairs], planes: Integers, samples: int, ordered: bool) -> tuple[Integers, Integers]:
    """Sample and plane of every hit, by plane and then sample: sorted as one integer, plane above sample."""
    bits = max(samples - 1, 0).bit_length()
    m = planes.max(initial=-1) + 1
    number = np.zeros((m, m), dtype=np.int64)
    number[planes[:, 0], planes[:, 1]] = np.arange(len(planes)) << bits
    keys = [np.empty(0, dtype=np.int64)]
    for first, second, sample in hits:
        keys.append(number.take(first * m + second) | sample)
        if ordered:
            keys.append(number.take(second * m + first) | sample)
    key = np.sort(np.concatenate(keys))
    return key & ((1 << bits) - 1), key >> bits


def _split(index: Integers, width: int) -> tuple[Integers, Integers]:
    """Row and column of flat indices; NumPy's divmod is several times slower."""
    row = index // width
    return row, index - row * width


def _squared_lengths(rows: Floats) -> Floats:
    with np.errstate(over="ignore", under="ignore"):
        return np.einsum("ij,ij->i", rows, rows)
