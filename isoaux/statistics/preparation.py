r"""Activations made ready for a test: which neurons and samples are measured, and what is taken away before.

A rotation of the activations must not change what comes out other than by that rotation, or the test against random
bases (:mod:`isoaux.statistics`) would find what the preparation put in. Subtracting the mean has this property, and
so has whitening with the symmetric root of the covariance, C^(-1/2) (x - m): for orthogonal Q it takes Q x to Q times
what it takes x to. Dividing every neuron by its own standard deviation has not: all neurons then have the same scale
and other directions have not, so that the neuron basis is special in the result even where it was not before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import bases
from isoaux.common import arrays
from isoaux.common.arrays import Floats
from isoaux.common.choices import choose

AT_ONCE = 2**20
"""Numbers that are measured unless more samples are asked for."""

FEWEST = 2048
"""Samples that are measured of the widest layers, if there are as many."""

EXPECTED = 1000
"""Points that isotropic activations would leave near the planes, on average, at the threshold that is chosen."""


@dataclass(frozen=True, eq=False)
class Ready:
    r"""Activations to be measured, and what was found in them before anything was taken away.

    ``rows`` (N, n) and ``basis`` (m, n); ``given`` the shape that came in; ``exponent``, by which power of two all of
    them were divided, 0 where they are in their own units; ``constant`` the neurons that never change and were left
    out; ``copies`` and ``zeros`` the measured samples that repeat another and that have no direction;
    ``mean_share``, \|m\|^2 / <\|x\|^2>; ``negative``, the share of activations below 0; ``scales``, the largest and the
    smallest standard deviation of a neuron over their median; ``rank`` of the covariance.
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
    rank: int
    exponent: int = 0


@arrays.numpy_defaults
def prepare(
    activations: ArrayLike,
    basis: ArrayLike | None = None,
    preparation: str = "raw",
    samples: int | None = None,
    seed: Any = 0,
) -> Ready:
    """Activations (N, n) as they are to be measured, by default in the standard basis.

    Neurons that never change are left out where the basis is the standard one. Mean and covariance are those of all
    samples; of these, ``samples`` are drawn without replacement to be measured, by default as many as make about a
    million numbers, at least 2,048; ``seed`` of that draw as in :func:`isoaux.common.arrays.seed`. ``preparation`` is a
    key of :data:`PREPARATIONS`. Where the largest number is so large or small that sums of squares may leave the range
    of its dtype, all are taken to double precision and divided by a power of two first; raw activations stay as they
    are where small numbers would be lost by that.

    Raises ValueError for an unknown preparation, a seed that is none, fewer than two samples or neurons, activations
    that are the same for every sample, or for every sample that is drawn, and for activations or a basis that are no
    matrix of finite numbers.
    """
    taken = choose("prepare", preparation, PREPARATIONS)
    seed = arrays.seed(seed)
    rows = arrays.rows(activations, "activations")
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
    own, exponent = rows, _exponent(rows)
    rows = np.ldexp(own.astype(np.float64), -exponent) if exponent else own
    mean = rows.mean(0, dtype=np.float64)
    covariance = _covariance(rows, mean)
    spread = np.sqrt(np.diag(covariance))
    middle = float(np.median(spread)) or 1.0
    values, vectors = np.linalg.eigh(covariance)
    kept = values > values[-1] * max(len(rows), len(values)) * np.finfo(np.float64).eps  # single precision errs by less
    length = float(mean @ mean)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(rows))[:size]) if len(rows) > size else slice(None)
    if (rows[chosen] == rows[chosen][0]).all():
        raise ValueError(
            f"activations has {given[0]:,} samples, of which {size:,} were drawn that are all equal; accepted: a draw "
            f"of samples that differ, such as samples={given[0]} makes."
        )
    measured = taken(rows[chosen], mean, values[kept], vectors[:, kept])
    if taken is _raw and exponent and (np.ldexp(measured, exponent) != own[chosen]).any():
        measured, exponent = own[chosen], 0
    return Ready(
        measured,
        directions,
        standard,
        (given[0], given[1]),
        constant if standard else constant[:0],
        len(measured) - len(np.unique(measured, axis=0)),
        int(np.count_nonzero(~measured.any(1))),
        length / (length + float(np.trace(covariance))),
        float(np.mean(rows < 0)),
        (float(spread.max()) / middle, float(spread.min()) / middle),
        int(np.count_nonzero(kept)),
        exponent,
    )


def _exponent(rows: Floats) -> int:
    """The power of two by which rows (N, n) have to be divided; 0 in the middle half of their dtype's exponents."""
    power = int(np.frexp(max(rows.max(), -rows.min()))[1])
    return power if abs(power) > np.finfo(rows.dtype).maxexp // 4 else 0


def threshold(samples: int, width: int, planes: int) -> float:
    """The epsilon, at most 0.75, at which isotropic activations would leave about 1,000 points, to two digits.

    Solves N p (1 - epsilon^2)^((n - 2) / 2) = 1,000 (:func:`isoaux.ppp.expected_isotropic_count`), or a quarter of N p
    where that is less; it depends on the numbers of samples, neurons and planes alone.
    """
    if width <= 2:
        return 0.75
    share = min(EXPECTED / max(1, samples * planes), 0.25)
    return min(0.75, float(np.floor(100 * np.sqrt(1 - share ** (2 / (width - 2)))) / 100))


def _covariance(rows: Floats, mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Block by block, so that no copy of all activations is made in double precision."""
    total = np.zeros((len(mean), len(mean)))
    for start in range(0, len(rows), 2**14):
        block = rows[start : start + 2**14] - mean
        total += block.T @ block
    return total / len(rows)


Taken = Callable[[Floats, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]], Floats]


def _raw(rows: Floats, *_: NDArray[np.float64]) -> Floats:
    return rows


def _centred(rows: Floats, mean: NDArray[np.float64], *_: NDArray[np.float64]) -> Floats:
    return (rows - mean).astype(rows.dtype, copy=False)


def _whitened(
    rows: Floats, mean: NDArray[np.float64], values: NDArray[np.float64], vectors: NDArray[np.float64]
) -> Floats:
    return ((rows - mean) @ (vectors / np.sqrt(values)) @ vectors.T).astype(rows.dtype, copy=False)


PREPARATIONS: Mapping[str, Taken] = {"raw": _raw, "centred": _centred, "whitened": _whitened}
"""What is taken away: nothing, the mean, or the mean and the covariance."""
