"""Tests of the spotlight's numbers against turned copies of the basis.

A copy B Q^T, Q a Haar-random matrix, keeps all angles between the vectors. Where the law of the representations has no
direction, as before training and in isotropic networks, the basis is exchangeable with its copies, and p is uniform.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import bases
from isoaux.common import arrays
from isoaux.common.choices import choose
from isoaux.sources import opening
from isoaux.srm.curves import Curve, curve, mean_curves, prepared, threshold
from isoaux.srm.numbers import LIT, Numbers, numbers, of_means, projected
from isoaux.srm.pooled import Pool
from isoaux.statistics import BasisTest, test_from_null

EPSILONS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.9)
"""The thresholds at which networks are tested, chosen before any network was seen."""

STATISTICS: Mapping[str, str] = {
    "resonance": "mean where the basis's own curve is high, minus elsewhere",
    "phase": "correlation with the basis's own curve",
    "s4": "four-fold part of the curve",
    "swing": "range of the curve",
    "signed": "shares around vectors minus those around their antipodes",
    "lit": "vectors with a twentieth of the representations",
    "effective": "effective number of vectors",
}
"""The numbers that are tested, with their meanings."""


@dataclass(frozen=True, eq=False)
class Copies:
    """Curve and numbers of a basis at one threshold, and the numbers of its turned copies."""

    curve: Curve
    numbers: Numbers
    null: Mapping[str, NDArray[np.float64]]
    """(draws,) by the names of :data:`STATISTICS`"""
    preparation: str
    """``raw`` or ``centred``"""

    def test(self, statistic: str = "resonance") -> BasisTest:
        """The test of one of :data:`STATISTICS`, two-sided as in :func:`isoaux.statistics.basis_test`."""
        choose("statistic", statistic, STATISTICS)
        return test_from_null(float(getattr(self.numbers, statistic)), self.null[statistic], self.preparation)


@arrays.numpy_defaults
def copies(
    activations: opening.Source,
    basis: ArrayLike,
    epsilons: Sequence[float] = EPSILONS,
    draws: int = 999,
    seed: int = 0,
    centred: bool = False,
    planes: bool = True,
    varying: bool = False,
) -> dict[float, Copies]:
    """Numbers of ``activations`` (N, n) with ``basis`` (m, n) and with ``draws`` turned copies, by threshold.

    All ``epsilons`` use the same copies; copy i depends on (``seed``, i) alone. With ``varying``, the constant
    directions of the basis are projected out first, and those of every copy for that copy, so that the basis stays
    exchangeable with them (:func:`isoaux.srm.without_constant_directions`). Other parameters as in
    :func:`isoaux.srm.curve`, and errors too.
    """
    count, root = arrays.whole(draws, "draws"), arrays.seed(seed)
    rows = np.asarray(opening.matrix(activations), np.float64)
    levels = sorted(set(map(threshold, epsilons)))
    units, vectors, _ = prepared(rows, basis, levels[0], centred)
    pool = Pool(vectors, levels)
    means = np.empty((len(levels), count, 360))
    near, opposite = (np.empty((len(levels), count, len(vectors))) for _ in range(2))
    for draw in range(count):
        stream = np.random.SeedSequence(root, spawn_key=(draw,))
        copy = bases.turned(vectors, stream)
        if varying:
            units = prepared(projected(rows, copy), copy, levels[0], centred)[0]
        coordinates = units @ copy.T
        means[:, draw] = mean_curves(pool, coordinates)
        for e, level in enumerate(levels):
            near[e, draw] = (coordinates >= level).mean(axis=0)
            opposite[e, draw] = (coordinates <= -level).mean(axis=0)
    result = {}
    rows = projected(rows, vectors) if varying else rows
    for e, level in enumerate(levels):
        here = curve(rows, basis, level, centred, planes)
        squares = (near[e] ** 2).sum(axis=1)
        null: dict[str, Any] = of_means(means[e], here) | {
            "signed": (near[e] - opposite[e]).mean(axis=1),
            "lit": (near[e] >= LIT).sum(axis=1).astype(np.float64),
            "effective": np.where(squares > 0, near[e].sum(axis=1) ** 2 / np.where(squares > 0, squares, 1), 0),
        }
        result[level] = Copies(here, numbers(here), null, "centred" if centred else "raw")
    return result


@arrays.numpy_defaults
def test(
    activations: opening.Source,
    basis: ArrayLike,
    statistic: str = "resonance",
    epsilon: float = 0.9,
    draws: int = 999,
    seed: int = 0,
    centred: bool = False,
) -> BasisTest:
    """The test of one of :data:`STATISTICS` against turned copies; parameters as in :func:`copies`."""
    choose("statistic", statistic, STATISTICS)
    (result,) = copies(activations, basis, [epsilon], draws, seed, centred, planes=False).values()
    return result.test(statistic)
