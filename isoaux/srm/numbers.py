"""How a mean curve of the spotlight goes with that of its basis, and how narrow representations lie."""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import bases
from isoaux.common import arrays
from isoaux.common.arrays import Floats
from isoaux.srm.curves import Curve

LIT = 0.05
"""A vector is lit if at least this share of the representations lies in its cone."""

FLAT = 1e-12
"""A curve whose values differ by less than this is constant."""

RANK = 1e-9
"""Lengths below this part of the whole are rounding: of vectors that span a space, and of rows projected out of it."""


@dataclass(frozen=True)
class Numbers:
    """The numbers of a mean curve."""

    resonance: float
    """Its mean where the basis's own curve has at least half its maximum, minus its mean elsewhere: positive with the
    basis, negative against it, in shares of the representations."""
    phase: float
    """Its correlation with the own curve, 0 if either is constant."""
    s4: float
    """The sum of f cos(4 theta) over the sum of f, 0 where there is no share; it sees four equal peaks."""
    swing: float
    """Its range."""
    reach: float
    """The largest share at any angle of any plane."""
    contrast: float
    """The difference of the resonance over the sum of its two means, 0 if both vanish; for reading alone."""
    signed: float
    """The mean over the vectors of the share around them minus that around their antipodes."""
    lit: int
    """The number of vectors with a share of at least :data:`LIT`."""
    effective: float
    """(sum F)^2 / sum F^2 of the shares F around the vectors, the number of them if all are equal; 0 for none."""


@arrays.numpy_defaults
def numbers(curve: Curve) -> Numbers:
    """The numbers of a curve; its reach is 0 where the curve was made without planes."""
    on, off = _on_off(curve.mean[None], curve.own)
    near, total = curve.near, float(curve.near.sum())
    return Numbers(
        **{name: float(value[0]) for name, value in of_means(curve.mean[None], curve).items()},
        reach=float(curve.high.max(initial=0)),
        contrast=float((on - off)[0] / (on + off)[0]) if (on + off)[0] > 0 else 0.0,
        signed=float((near - curve.opposite).mean()),
        lit=int((near >= LIT).sum()),
        effective=total**2 / float((near**2).sum()) if total else 0.0,
    )


def of_means(means: NDArray[np.float64], of: Curve) -> dict[str, NDArray[np.float64]]:
    """Resonance, phase, s4 and swing (D,) of mean curves (D, A) beside the own curve ``of`` a basis."""
    on, off = _on_off(means, of.own)
    centred, own = means - means.mean(axis=1, keepdims=True), of.own - of.own.mean()
    flat = (np.ptp(means, axis=1) < FLAT) | (np.ptp(of.own) < FLAT)
    lengths = np.linalg.norm(centred, axis=1) * np.linalg.norm(own)
    total = means.sum(axis=1)
    return {
        "resonance": on - off,
        "phase": np.where(flat, 0, centred @ own / np.where(flat, 1, lengths)),
        "s4": np.where(total > 0, means @ np.cos(4 * of.angles) / np.where(total > 0, total, 1), 0),
        "swing": np.ptp(means, axis=1),
    }


def _on_off(means: NDArray[np.float64], own: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means (D,) of curves (D, A) over the angles where the own curve is high, and over the others; 0 for no angle."""
    high = own >= own.max(initial=0) / 2
    return tuple(means[:, part].mean(axis=1) if part.any() else np.zeros(len(means)) for part in (high, ~high))  # type: ignore[return-value]


@arrays.numpy_defaults
def cone(activations: ArrayLike) -> float:
    """|mean z| / sqrt(mean |z|^2) of ``activations`` (N, n), from 0 to 1, where all are the same; 0 if all are zero."""
    rows = arrays.rows(activations, "activations").astype(np.float64)
    square = float((rows**2).sum(axis=1).mean())
    return float(np.linalg.norm(rows.mean(axis=0))) / square**0.5 if square > 0 else 0.0


@arrays.numpy_defaults
def constant_directions(activations: ArrayLike, basis: ArrayLike) -> int:
    """The number of vectors of ``basis`` (m, n) along which ``activations`` (N, n) are large and hardly vary.

    That is a mean product above 2, where tanh is above 0.96, with a standard deviation below half of it.
    """
    rows = arrays.rows(activations, "activations").astype(np.float64)
    return int(_constant(rows, bases.check(basis, rows.shape[1])).sum())


@arrays.numpy_defaults
def without_constant_directions(activations: ArrayLike, basis: ArrayLike) -> Floats:
    """``activations`` (N, n) projected onto what is orthogonal to all constant directions of ``basis`` (m, n).

    These are the vectors that :func:`constant_directions` counts. Where there are none, the activations are as they
    were; where they span all of R^n, nothing is left: every row is zero, and so in no cone. A row that lies in their
    span but for rounding is zero too. Float32 or float64 as the activations, a tensor where they are one.
    """
    rows = arrays.rows(activations, "activations")
    left = projected(rows.astype(np.float64), bases.check(basis, rows.shape[1]))
    return cast(Floats, arrays.like(left.astype(rows.dtype), activations))


def projected(rows: NDArray[np.float64], vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same for activations and a basis that are checked."""
    constant = vectors[_constant(rows, vectors)]
    if not len(constant):
        return rows
    _, lengths, directions = np.linalg.svd(constant)
    rest = directions[int((lengths > RANK * lengths[0]).sum()) :]
    left = rows @ rest.T @ rest
    inside = np.linalg.norm(left, axis=1) <= RANK * np.linalg.norm(rows, axis=1)
    return np.asarray(np.where(inside[:, None], 0, left))


def _constant(rows: NDArray[np.float64], vectors: NDArray[np.float64]) -> NDArray[np.bool_]:
    products = rows @ vectors.T
    mean = products.mean(axis=0)
    return np.asarray((mean > 2) & (products.std(axis=0) < mean / 2))
