"""What single directions of a basis tell about classes of the samples: grandmother neurons (App. B.2).

The signed spotlight of a class at b_i is g_ic, the share of its samples in the cone around b_i minus that in the cone
around -b_i. Neurons are chosen by the spread of g_ic over the classes, which has to be judged on other samples than
those it was chosen on.
"""

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from isoaux import bases
from isoaux.common import arrays
from isoaux.sources import opening
from isoaux.srm.curves import prepared

ALIKE = 0.9
"""Profiles with a correlation of at least this, or at most minus this, are alike."""

HELD = 0.9
"""The part of a neuron's total response that its selectivity counts classes for."""


def members(labels: ArrayLike, samples: int) -> tuple[NDArray[np.int64], int]:
    """Labels (``samples``,) as whole numbers from 0, and the number of classes; ValueError for others."""
    values = np.asarray(labels)
    if values.ndim != 1 or len(values) != samples:
        raise ValueError(f"labels has shape {values.shape}; accepted: one label for each of the {samples} samples.")
    if not np.issubdtype(values.dtype, np.integer) or values.min(initial=0) < 0:
        raise ValueError("labels are not whole numbers from 0; accepted: the place of every sample's class.")
    counts = np.bincount(values)
    if len(counts) < 2 or not counts.all():
        missing = int(np.argmin(counts)) if len(counts) > 1 else 1
        raise ValueError(f"labels has no sample of class {missing}; accepted: two classes or more, each with samples.")
    return values.astype(np.int64), len(counts)


@arrays.numpy_defaults
def profiles(
    activations: opening.Source, labels: ArrayLike, basis: ArrayLike, epsilon: float = 0.75
) -> NDArray[np.float64]:
    """Signed shares g (m, classes), from -1 to 1, of the samples of each class around every vector of a basis.

    ``activations`` (N, n), ``labels`` (N,) whole numbers from 0, ``basis`` (m, n), ``epsilon`` above 0 and below 1.
    Shares are of the samples of the class (erratum E88). Raises ValueError for labels of another length, and for a
    class without samples.
    """
    units, vectors, share = prepared(activations, basis, epsilon, centred=False)
    places, classes = members(labels, len(units))
    inside = membership(places, classes)
    return np.asarray(signs(units @ vectors.T, share).T @ inside / inside.sum(axis=0))


def signs(coordinates: NDArray[np.float64], epsilon: float) -> NDArray[np.float64]:
    """1 where a product of unit vectors is at least ``epsilon``, -1 where it is at most minus that, 0 elsewhere."""
    return (coordinates >= epsilon).astype(np.float64) - (coordinates <= -epsilon)


def membership(members: NDArray[np.int64], classes: int) -> NDArray[np.float64]:
    """The matrix (N, classes) that is 1 where a sample is of a class and 0 elsewhere."""
    return (members[:, None] == np.arange(classes)).astype(np.float64)


@arrays.numpy_defaults
def spread(profiles: ArrayLike) -> NDArray[np.float64]:
    """The standard deviations (m,) over the classes of profiles (m, classes)."""
    return np.asarray(np.asarray(profiles, np.float64).std(axis=1))


def _correlations(profiles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlations (m, m) of profiles; 0 with constant ones."""
    centred = profiles - profiles.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    units = centred / np.where(length > 1e-12, length, np.inf)
    return np.asarray(units @ units.T)


@arrays.numpy_defaults
def choose(profiles: ArrayLike, basis: ArrayLike, count: int) -> list[int]:
    """Up to ``count`` rows of a basis (m, n) by falling spread of their profiles (m, classes).

    One of a vector and its antipode is taken, and none whose profile is alike, or opposite, to one taken before.
    """
    values = arrays.rows(profiles, "profiles").astype(np.float64)
    rows = arrays.rows(basis, "basis")
    products, alike = bases.gram(bases.check(rows, rows.shape[1])), np.abs(_correlations(values))
    order = np.argsort(-spread(values), kind="stable")
    taken: list[int] = []
    for i in order.tolist():
        parallel = any(abs(products[i, j]) > 1 - bases.PARALLEL_TOLERANCE for j in taken)
        if len(taken) < arrays.whole(count, "count") and not parallel and all(alike[i, j] < ALIKE for j in taken):
            taken.append(i)
    return taken


@arrays.numpy_defaults
def quiet_partner(profiles: ArrayLike, basis: ArrayLike, chosen: int) -> int:
    """The row b_j that spans a plane with row ``chosen`` and whose largest |g_jc| is least, the first such one.

    Raises ValueError where no row spans a plane with it.
    """
    values = np.abs(np.asarray(profiles, np.float64)).max(axis=1)
    planes = bases.pairs(np.asarray(basis, np.float64), "permutation")[0]
    partners = planes[planes[:, 0] == chosen, 1]
    if not len(partners):
        raise ValueError(f"basis has no row that spans a plane with row {chosen}; accepted: at least one.")
    return int(partners[np.argmin(values[partners])])


def axes(basis: NDArray[np.float64]) -> NDArray[np.int64]:
    """The rows of a basis (m, n) whose antipode is no row before them: one of each +-pair, and all of the others."""
    return np.flatnonzero(~np.tril(bases.gram(basis) < bases.PARALLEL_TOLERANCE - 1).any(axis=1))


@arrays.numpy_defaults
def redundant(profiles: ArrayLike) -> int:
    """The number of pairs of profiles (m, classes) that are alike or opposite; one of each +-pair should be given."""
    alike = np.abs(_correlations(arrays.rows(profiles, "profiles").astype(np.float64))) >= ALIKE
    return int(np.triu(alike, 1).sum())


@arrays.numpy_defaults
def selectivity(profiles: ArrayLike) -> NDArray[np.int64]:
    """The least numbers (m,) of classes that hold :data:`HELD` of the sum of |g_ic|, 0 for profiles of zeros.

    A grandmother neuron in the strict sense needs one.
    """
    sizes = -np.sort(-np.abs(np.asarray(profiles, np.float64)), axis=1)
    total = sizes.sum(axis=1, keepdims=True)
    enough = np.cumsum(sizes, axis=1) >= HELD * total * (1 - 1e-12)
    return np.where(total[:, 0] > 0, enough.argmax(axis=1) + 1, 0)


@arrays.numpy_defaults
def auc(activations: opening.Source, labels: ArrayLike, basis: ArrayLike) -> NDArray[np.float64]:
    """Areas (m, classes) under the curve of telling a class from the others by the product with a vector alone.

    That is the share of pairs of a sample of the class and another one in which the former has the larger product, ties
    counted half. Parameters and errors as :func:`profiles`.
    """
    rows = np.asarray(opening.matrix(activations), np.float64)
    places, classes = members(labels, len(rows))
    return areas(ranks(rows @ bases.check(basis, rows.shape[1]).T), membership(places, classes))


def ranks(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """The ranks (m, N) from 1 of the values of each column of ``coordinates`` (N, m), those of equal ones averaged."""
    rows = np.ascontiguousarray(coordinates.T)
    order = np.argsort(rows, axis=1)
    ascending = np.take_along_axis(rows, order, axis=1)
    result = np.empty(rows.shape)
    np.put_along_axis(result, order, np.arange(1.0, rows.shape[1] + 1)[None], axis=1)
    for i in np.flatnonzero((ascending[:, 1:] == ascending[:, :-1]).any(axis=1)):
        result[i] = scipy.stats.rankdata(rows[i])
    return result


def areas(ranks: NDArray[np.float64], inside: NDArray[np.float64]) -> NDArray[np.float64]:
    """The areas of :func:`auc` (m, classes) from ranks (m, N) and the matrix of :func:`membership`."""
    size = inside.sum(axis=0)
    return np.asarray((ranks @ inside - size * (size + 1) / 2) / (size * (len(inside) - size)))
