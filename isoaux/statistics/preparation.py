r"""Activations prepared for a test: the neurons and samples to be measured, raw, centred or whitened.

A preparation f has to commute with every rotation Q, f(Q x) = Q f(x), or the test against random bases
(:mod:`isoaux.statistics`) would find directions that the preparation made special. Subtracting the mean does, and so
does whitening with the symmetric root of the covariance, C^(-1/2) (x - m). Dividing every neuron by its standard
deviation does not: all neurons then have the same scale and other directions do not, so that the neuron basis is
special afterwards even where it was not before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import bases, ppp
from isoaux.common import arrays
from isoaux.common.arrays import Floats
from isoaux.common.choices import choose
from isoaux.sources import opening
from isoaux.statistics import moments

AT_ONCE = 2**20
"""By default so many samples are measured that activations hold this many numbers, ..."""

FEWEST = 2048
"""... but at least this many samples, if there are as many."""

QUICK = 2**35
"""Products that may be added up for the rank of the covariance where nothing else needs it."""

EXPECTED = 1000
"""Mean number of PPP points of isotropic activations at the epsilon that :func:`threshold` chooses."""


@dataclass(frozen=True, eq=False)
class Ready:
    r"""Activations to be measured, and facts about them before anything was subtracted.

    ``rows`` (N, n) and ``basis`` (m, n); ``standard``, whether that is the standard basis; ``given``, the shape of all
    activations; ``constant``, the places of neurons that never change and are left out; ``copies`` and ``zeros``, the
    numbers of measured samples that equal another one and that are zero; ``mean_share``, \|m\|^2 / <\|x\|^2>;
    ``negative``, the share of activations below 0; ``scales``, the largest and the smallest standard deviation of a
    neuron over their median; ``rank`` of the covariance, None where it would take long (:data:`QUICK`) and is not
    needed; ``exponent``, 0 or the power of two by which all activations are divided; ``note``, where the activations
    come from if they were opened (:class:`isoaux.sources.sample.Sample`). Of each neuron that is measured, (n,): its
    place ``neurons`` among all, its shares ``lengths`` of the squared length and ``variances`` of the variance of all
    neurons, and its ``kurtosis`` over the measured samples.
    """

    rows: Floats
    basis: NDArray[np.float64]
    standard: bool
    given: tuple[int, int]
    constant: NDArray[np.int64]
    copies: int
    zeros: int
    mean_share: float
    negative: float
    scales: tuple[float, float]
    rank: int | None
    neurons: NDArray[np.int64]
    lengths: NDArray[np.float64]
    variances: NDArray[np.float64]
    kurtosis: NDArray[np.float64]
    exponent: int = 0
    note: str = ""


@arrays.numpy_defaults
def prepare(
    activations: opening.Source,
    basis: ArrayLike | None = None,
    preparation: str = "raw",
    samples: int | None = None,
    seed: Any = 0,
) -> Ready:
    """``activations`` (N, n) as they are to be measured in ``basis`` (m, n), by default the standard one.

    Neurons that never change are left out in the standard basis. Mean and covariance are those of all samples.

    Parameters: ``preparation``, a key of :data:`PREPARATIONS`; ``samples``, how many are drawn without replacement to
    be measured, by default as many as make about a million numbers, at least 2,048; ``seed`` of that draw as in
    :func:`isoaux.common.arrays.seed`. Where the largest number is so large or small that sums of squares may leave the
    range of its dtype, all are converted to double precision and divided by a power of two first; raw activations are
    not if small numbers would be lost by that.

    Raises ValueError for an unknown preparation, a bad seed, fewer than two samples or neurons, activations that are
    the same for every sample, or for every sample that is drawn, and for activations or a basis that are no matrix of
    finite numbers.
    """
    change = choose("prepare", preparation, PREPARATIONS)
    seed = arrays.seed(seed)
    rows, note = opening.taken(activations)
    given, n = rows.shape, rows.shape[1]
    size = max(FEWEST, AT_ONCE // max(1, n)) if samples is None else arrays.whole(samples, "samples")
    for count, words in zip(given, ("samples", "neurons"), strict=True):
        if count < 2:
            raise ValueError(f"activations has {count} {words}; accepted: at least two.")
    if size < 2:
        raise ValueError(f"samples is {size}; accepted: at least two.")
    directions = bases.standard(n) if basis is None else bases.check(basis, n)
    standard = np.array_equal(directions, np.eye(n))
    changing = (rows != rows[0]).any(0)
    if not changing.any():
        raise ValueError("activations is the same vector for every sample; accepted: samples that differ.")
    constant = np.flatnonzero(~changing)
    if standard and len(constant):
        rows, directions = rows[:, changing], bases.standard(int(np.count_nonzero(changing)))
        if rows.shape[1] < 2:
            raise ValueError("activations has one neuron that changes; accepted: at least two.")
    law = _Law.of(rows, change is _whitened or _is_quick(*rows.shape))
    middle = float(np.median(law.spread)) or 1.0
    length = float(law.mean @ law.mean)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(rows))[:size]) if len(rows) > size else slice(None)
    if (rows[chosen] == rows[chosen][0]).all():
        raise ValueError(
            f"activations has {given[0]:,} samples, of which {size:,} were drawn that are all equal; accepted: a draw "
            f"of samples that differ, such as samples={given[0]} makes."
        )
    some = law.rows[chosen]
    measured, exponent = change(some, law.mean, law.values, law.vectors), law.exponent
    if change is _raw and exponent and (np.ldexp(measured, exponent) != rows[chosen]).any():
        measured, exponent = rows[chosen], 0
    return Ready(
        measured,
        directions,
        standard,
        (given[0], given[1]),
        constant if standard else constant[:0],
        len(measured) - len(np.unique(measured, axis=0)),
        int(np.count_nonzero(~measured.any(1))),
        length / (length + float((law.spread**2).sum())),
        float(np.mean(rows < 0)),
        (float(law.spread.max()) / middle, float(law.spread.min()) / middle),
        law.rank,
        np.arange(n) if not standard else np.flatnonzero(changing),
        _shares(law.mean**2 + law.spread**2),
        _shares(law.spread**2),
        moments.of_neurons(np.ascontiguousarray(some.T)),
        exponent,
        note,
    )


@arrays.numpy_defaults
def prepared(rows: Floats, preparation: str) -> Floats:
    """``rows`` (N, n), prepared with the mean and the covariance of all of them, in their dtype; ``raw`` ones as given.

    ``preparation`` is a key of :data:`PREPARATIONS`. Very large or small rows are divided by a power of two before, as
    by :func:`prepare`. Directions in which the rows do not vary stay out of whitened ones. Raises ValueError for an
    unknown preparation.
    """
    change = choose("prepare", preparation, PREPARATIONS)
    if change is _raw or not len(rows):
        return rows
    law = _Law.of(rows, change is _whitened)
    return change(law.rows, law.mean, law.values, law.vectors).astype(rows.dtype, copy=False)


def every_prepared(rows: Floats) -> dict[str, Floats]:
    """``rows`` (N, n) in every preparation by name, as :func:`prepared` makes them, with one covariance for all."""
    if not len(rows):
        return dict.fromkeys(PREPARATIONS, rows)
    law = _Law.of(rows, True)
    changed = {
        name: change(law.rows, law.mean, law.values, law.vectors).astype(rows.dtype, copy=False)
        for name, change in PREPARATIONS.items()
        if change is not _raw
    }
    return {name: changed.get(name, rows) for name in PREPARATIONS}


@dataclass(frozen=True, eq=False)
class _Law:
    """The mean and the covariance of ``rows`` (N, n), which are divided by 2^``exponent``.

    ``mean`` (n,), ``spread`` (n,) standard deviations; ``values`` (r,) and ``vectors`` (n, r) are the covariance's
    eigenvalues that are not rounding, and their eigenvectors, and ``rank`` is r; none and None where not asked for.
    """

    rows: Floats
    exponent: int
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    values: NDArray[np.float64]
    vectors: NDArray[np.float64]
    rank: int | None

    @classmethod
    def of(cls, rows: Floats, covariance: bool) -> "_Law":
        """The law of ``rows``, with the eigenvalues of their ``covariance`` if these are asked for."""
        exponent = _exponent(rows)
        rows = np.ldexp(rows.astype(np.float64), -exponent) if exponent else rows
        mean = rows.mean(0, dtype=np.float64)
        if not covariance:
            none = np.empty((len(mean), 0))
            return cls(rows, exponent, mean, np.sqrt(_variance(rows, mean)), none[0], none, None)
        matrix = _covariance(rows, mean)
        values, vectors = np.linalg.eigh(matrix)
        rounding = values[-1] * max(len(rows), len(values)) * np.finfo(np.float64).eps  # single precision errs by less
        kept = values > rounding
        spread = np.sqrt(np.diag(matrix))
        return cls(rows, exponent, mean, spread, values[kept], vectors[:, kept], int(np.count_nonzero(kept)))


def _is_quick(samples: int, n: int) -> bool:
    """Whether the covariance's rank takes seconds at most."""
    return n <= 1024 and samples * n * n <= QUICK


def _shares(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    return parts / (parts.sum() or 1)


def _exponent(rows: Floats) -> int:
    """The power of two by which ``rows`` have to be divided; 0 in the middle half of their dtype's exponents."""
    power = int(np.frexp(max(rows.max(), -rows.min()))[1])
    return power if abs(power) > np.finfo(rows.dtype).maxexp // 4 else 0


def threshold(samples: int, width: int, planes: int) -> float:
    """The epsilon, at most the paper's, at which isotropic activations have about 1,000 points, to two digits.

    Solves N p (1 - epsilon^2)^((n - 2) / 2) = 1,000 (:func:`isoaux.ppp.expected_isotropic_count`) for N ``samples`` in
    R^n, n = ``width``, and p ``planes``; with N p / 4 instead of 1,000 where that is less.
    """
    if width <= 2:
        return ppp.EPSILON
    share = min(EXPECTED / max(1, samples * planes), 0.25)
    return min(ppp.EPSILON, float(np.floor(100 * np.sqrt(1 - share ** (2 / (width - 2)))) / 100))


def _covariance(rows: Floats, mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """The covariance (n, n) of ``rows``, block by block: no copy of all activations is made in double precision."""
    total = np.zeros((len(mean), len(mean)))
    for start in range(0, len(rows), 2**12):
        block = rows[start : start + 2**12] - mean
        total += block.T @ block
    return total / len(rows)


def _variance(rows: Floats, mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """The variance (n,) of every column of ``rows``, block by block."""
    total = np.zeros(len(mean))
    for start in range(0, len(rows), 2**12):
        block = rows[start : start + 2**12] - mean
        total += np.einsum("ij,ij->j", block, block)
    return total / len(rows)


def _raw(rows: Floats, *_: NDArray[np.float64]) -> Floats:
    return rows


def _centred(rows: Floats, mean: NDArray[np.float64], *_: NDArray[np.float64]) -> Floats:
    return (rows - mean).astype(rows.dtype, copy=False)


def _whitened(
    rows: Floats, mean: NDArray[np.float64], values: NDArray[np.float64], vectors: NDArray[np.float64]
) -> Floats:
    change, whitened = (vectors / np.sqrt(values)) @ vectors.T, np.empty_like(rows)
    for start in range(0, len(rows), 2**12):
        block = slice(start, start + 2**12)
        whitened[block] = (rows[block] - mean) @ change
    return whitened


PREPARATIONS: Mapping[str, Callable[..., Floats]] = {"raw": _raw, "centred": _centred, "whitened": _whitened}
"""Functions of (rows, mean, eigenvalues and eigenvectors of the covariance) that prepare rows."""
