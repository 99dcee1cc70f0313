r"""Are directions discrete? Asked without a basis, so it can also be asked where no basis is special.

What an ellipsoidal cloud would do is taken away first: representations are centred and whitened by the location and
the shape of their directions (Tyler's shape with the spatial median; Hettmansperger and Randles), so that their
directions u have mean 0 and <u u^T> = 1/n. What is left does not depend, in law, on mean and covariance of a Gaussian,
so that a Gaussian of the same covariance is a standard one, treated alike. The test is exact against every Gaussian,
and nearly so against every law with ellipsoidal level sets, however heavy its tails.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import arrays
from isoaux.choices import choose
from isoaux.statistics.basis import samples as checked
from isoaux.statistics.nulls import BasisTest, test_from_null

Directions = NDArray[np.float64]

MOST = 1000
"""Samples that are compared with each other unless more are asked for: pairs are counted, half a million of them."""

CLOSE, STEPS = 1e-6, 100
"""Location and shape are found when a step changes no element of the shape by more, and after so many steps at last."""


@dataclass(frozen=True)
class Concentration:
    """What a statistic of directions says, and its value from their cosines (N, N), of which the diagonal is 0."""

    words: str
    of: Callable[[NDArray[np.float32]], float]


def _effective_lines(power: int) -> Callable[[NDArray[np.float32]], float]:
    def number(cosines: NDArray[np.float32]) -> float:
        kernel = cosines * cosines
        for _ in range(power.bit_length() - 2):
            kernel *= kernel
        pairs = len(cosines) * (len(cosines) - 1)
        return float(pairs / max(kernel.sum(dtype=np.float64), np.finfo(np.float64).tiny))

    return number


def _effective_directions(cosines: NDArray[np.float32]) -> float:
    kernel = np.exp(16 * (cosines - 1))
    np.fill_diagonal(kernel, 0)
    return float(len(kernel) * (len(kernel) - 1) / kernel.sum(dtype=np.float64))


def _nearest(cosines: NDArray[np.float32]) -> float:
    return float(np.degrees(np.arccos(np.clip(cosines.max(1), -1, 1))).mean())


CONCENTRATIONS: Mapping[str, Concentration] = {
    "lines": Concentration("effective number of lines: 1 / <cos^16> of two samples", _effective_lines(16)),
    "wide_lines": Concentration("the same with a wider kernel: 1 / <cos^8>", _effective_lines(8)),
    "directions": Concentration("effective number of directions: 1 / <exp 16(cos - 1)>", _effective_directions),
    "nearest": Concentration("mean angle to the nearest other sample, in degrees", _nearest),
}
"""The statistics that directions are tested with, by name; each is smaller where directions are more concentrated."""


def direction_test(
    activations: ArrayLike, statistic: str = "lines", draws: int = 199, seed: int = 0, samples: int = MOST
) -> BasisTest:
    r"""Whether directions are more, or less, concentrated than those of a Gaussian of the same mean and covariance.

    The statistic ``lines`` is 1 / <(u . v)^16> over pairs of samples with whitened directions u and v: K lines through
    the mean that are equally frequent, and nothing else, give about K or fewer. Of the statistics in
    ``CONCENTRATIONS`` it found sparse beams most often in simulation, along axes or in any number of directions
    (``benchmarks/calibration.py``), which is why it is the default. p and effect as in :func:`basis_test`, two-sided,
    against ``draws`` Gaussian clouds; an effect below 0 means more discrete than Gaussian.

    Parameters: ``activations`` (N, n), array or tensor, any units; ``samples`` of them are drawn, without replacement,
    if there are more; directions in which nothing varies are left out. Raises ValueError for an unknown statistic,
    fewer than one draw, fewer samples than two per varying direction, and as :func:`basis_test` for bad activations.
    """
    value, size = concentration(activations, statistic, seed, samples)
    return test_from_null(value, null_concentrations(size, arrays.whole(draws, "draws"), seed, statistic))


def concentration(
    activations: ArrayLike, statistic: str = "lines", seed: int = 0, samples: int = MOST
) -> tuple[float, tuple[int, int]]:
    """A statistic of whitened directions, as :func:`direction_test` measures it, and how many these are, (N, n)."""
    measure = choose("statistic", statistic, CONCENTRATIONS).of
    rows = _drawn(activations, arrays.whole(samples, "samples"), seed)
    return measure(_cosines(directions(rows))), (len(rows), rows.shape[1])


def null_concentrations(shape: tuple[int, int], draws: int, seed: int, statistic: str = "lines") -> Directions:
    """A statistic of ``draws`` Gaussian clouds of a shape (N, n), of any mean and covariance, array (draws,)."""
    measure = choose("statistic", statistic, CONCENTRATIONS).of
    streams = (np.random.SeedSequence([seed, 1], spawn_key=(draw,)) for draw in range(draws))
    clouds = (np.random.default_rng(stream).standard_normal(shape) for stream in streams)
    return np.array([measure(_cosines(directions(cloud))) for cloud in clouds])


def directions(rows: Directions) -> Directions:
    """Directions (N, n) of samples after centring and whitening such that their mean is 0 and <u u^T> is 1/n."""
    z = _whitened(rows - rows.mean(0))
    n = z.shape[1]
    for _ in range(STEPS):
        inverse = 1 / _lengths(z)
        z = z - (z * inverse).mean(0) / inverse.mean()
        u = z / _lengths(z)
        shape = n * u.T @ u / len(u)
        z = np.linalg.solve(np.linalg.cholesky(shape), z.T).T
        if np.abs(shape - np.eye(n)).max() < CLOSE:
            break
    return z / _lengths(z)


def _whitened(centred: Directions) -> Directions:
    """Principal components of unit variance, without those in which nothing varies."""
    values, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    kept = values > values[-1] * max(centred.shape) * np.finfo(np.float64).eps
    return centred @ (vectors[:, kept] / np.sqrt(values[kept]))


def _lengths(z: Directions) -> Directions:
    return np.maximum(np.linalg.norm(z, axis=1, keepdims=True), np.finfo(np.float64).tiny)


def _cosines(u: Directions) -> NDArray[np.float32]:
    single = u.astype(np.float32)
    cosines = single @ single.T
    np.fill_diagonal(cosines, 0)
    return cosines


def _drawn(activations: ArrayLike, most: int, seed: int) -> Directions:
    rows = checked(activations)
    if len(rows) > most:
        rows = rows[np.sort(np.random.default_rng([seed, 0]).choice(len(rows), most, replace=False))]
    rows = rows.astype(np.float64)
    varying = _whitened(rows - rows.mean(0))
    if len(rows) < 2 * varying.shape[1]:
        raise ValueError(
            f"activations has {len(rows)} samples that vary in {varying.shape[1]} directions; "
            "accepted: at least two samples for each."
        )
    return varying
