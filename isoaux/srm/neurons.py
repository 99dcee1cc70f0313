"""Whether the vectors of a basis tell more about classes of the samples than other directions do (App. B.2).

A statistic of the basis is compared with its values in turned copies B Q^T, Q a Haar-random matrix, and, as a second
null, with its values for permuted labels. A vector that is chosen for the spread of its profile is judged by its spread
on other samples: every class is halved at random, vectors are chosen on one half and judged on the other, of the copies
too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from isoaux import bases
from isoaux.common import arrays
from isoaux.sources import opening
from isoaux.srm import concepts
from isoaux.srm.curves import prepared
from isoaux.statistics import BasisTest, test_from_null

SHARP = 0.95
"""A vector tells a class from the others alone if the area of :func:`isoaux.srm.concepts.auc` is at least this."""

NEURON_STATISTICS: Mapping[str, str] = {
    "spread": "held-out spread of the vector with the largest spread on the other half",
    "redundant": "pairs of axes with profiles alike or opposite",
    "areas": "pairs of a vector and a class that it tells from the others",
}
"""The numbers that are tested, with their meanings."""


@dataclass(frozen=True, eq=False)
class Neurons:
    """What the vectors of a basis (m, n) tell about classes, beside turned copies and permuted labels."""

    profiles: NDArray[np.float64]
    """(m, classes), signed shares of all samples"""
    areas: NDArray[np.float64]
    """(m, classes), areas of telling a class from the others, of all samples"""
    selectivity: NDArray[np.int64]
    """(m,), the classes that hold most of a vector's response"""
    chosen: tuple[int, ...]
    """the vectors that all samples choose, by falling spread"""
    partners: tuple[int, ...]
    """for each of them the quietest vector that spans a plane with it"""
    rank_correlation: float
    """Spearman's, of the profiles of the first two of them; not a number for fewer, and for a constant profile. Where a
    vector has an antipode in the basis, its sign is that of the one that comes first."""
    choosing: NDArray[np.float64]
    """(m, classes), profiles of the half that vectors are chosen on"""
    held_out: NDArray[np.float64]
    """(m, classes), profiles of the half that they are judged on"""
    chosen_on_half: tuple[int, ...]
    """the vectors that the first half chooses, by falling spread there"""
    copies: Mapping[str, BasisTest]
    """the tests against turned copies, by the names of :data:`NEURON_STATISTICS`"""
    permuted: Mapping[str, BasisTest]
    """the tests against permuted labels, by the same names; small p say that there is any relation to the classes"""
    random_spread: float
    """the median held-out spread of all vectors of all turned copies"""
    weak: float
    """the share of the vectors whose held-out spread is below that"""


@arrays.numpy_defaults
def neurons(
    activations: opening.Source,
    labels: ArrayLike,
    basis: ArrayLike,
    epsilon: float = 0.75,
    count: int = 2,
    draws: int = 999,
    seed: int = 0,
    centred: bool = False,
) -> Neurons:
    """What the vectors of ``basis`` (m, n) tell about the classes of ``activations`` (N, n).

    ``labels`` (N,) are whole numbers from 0, two samples of each class or more; up to ``count`` vectors are chosen.
    There are ``draws`` turned copies and as many permutations, which stay within the halves. Copy i depends on
    (``seed``, i) alone and is that of :func:`isoaux.srm.copies`. Areas do not depend on ``epsilon`` and ``centred``.
    Raises ValueError as :func:`isoaux.srm.concepts.profiles`, and for a class of one sample.
    """
    number, times, root = arrays.whole(count, "count"), arrays.whole(draws, "draws"), arrays.seed(seed)
    rows = np.asarray(opening.matrix(activations), np.float64)
    units, vectors, share = prepared(rows, basis, epsilon, centred)
    members, classes = concepts.members(labels, len(rows))
    first, second = _halves(members, np.random.default_rng(np.random.SeedSequence(root, spawn_key=(0, 0))))
    order = np.concatenate([first, second])  # the halves are the first rows and the last ones
    units, rows, inside = units[order], rows[order], _inside(members[order], classes, len(first))
    axes = concepts.axes(vectors)
    paired = (vectors[axes] @ vectors.T).min(axis=1) < bases.PARALLEL_TOLERANCE - 1

    signs, ranks = concepts.signs(units @ vectors.T, share).T, concepts.ranks(rows @ vectors.T)
    here = _Responses.of(signs, ranks, inside)
    values = _Responses.of(signs[axes], ranks[axes], inside).statistics(paired)
    null, permuted, random = [], [], []
    for draw in range(times):
        turn = bases.random_orthogonal(vectors.shape[1], np.random.SeedSequence(root, spawn_key=(draw,)))
        copy = vectors[axes] @ turn.T
        there = _Responses.of(concepts.signs(units @ copy.T, share).T, concepts.ranks(rows @ copy.T), inside)
        null.append(there.statistics(paired))
        random.append(np.repeat(concepts.spread(there.held_out), 1 + paired))
        rng = np.random.default_rng(np.random.SeedSequence(root, spawn_key=(0, 1 + draw)))
        mixed = np.concatenate([rng.permutation(len(first)), len(first) + rng.permutation(len(second))])
        permuted.append(_Responses.of(signs[axes][:, mixed], ranks[axes][:, mixed], inside).statistics(paired))

    chosen = tuple(concepts.choose(here.profiles, vectors, number))
    typical = float(np.median(random))
    return Neurons(
        profiles=here.profiles,
        areas=here.areas,
        selectivity=concepts.selectivity(here.profiles),
        chosen=chosen,
        partners=tuple(concepts.quiet_partner(here.profiles, vectors, i) for i in chosen),
        rank_correlation=_rank_correlation(here.profiles[list(chosen[:2])]),
        choosing=here.choosing,
        held_out=here.held_out,
        chosen_on_half=tuple(concepts.choose(here.choosing, vectors, number)),
        copies=_tests(values, null, centred),
        permuted=_tests(values, permuted, centred),
        random_spread=typical,
        weak=float((concepts.spread(here.held_out) < typical).mean()),
    )


def _tests(values: Mapping[str, float], null: list[dict[str, float]], centred: bool) -> dict[str, BasisTest]:
    return {
        name: test_from_null(values[name], [draw[name] for draw in null], "centred" if centred else "raw")
        for name in NEURON_STATISTICS
    }


@dataclass(frozen=True, eq=False)
class _Responses:
    """Profiles (k, classes) of both halves and of all samples, and areas (k, classes), of k directions."""

    choosing: NDArray[np.float64]
    held_out: NDArray[np.float64]
    profiles: NDArray[np.float64]
    areas: NDArray[np.float64]

    @classmethod
    def of(cls, signs: NDArray[np.float64], ranks: NDArray[np.float64], inside: NDArray[np.float64]) -> "_Responses":
        """From signs and ranks (k, N), and what :func:`_inside` returns."""
        choosing, held_out, profiles = np.split(signs @ inside / inside.sum(axis=0), 3, axis=1)
        return cls(choosing, held_out, profiles, concepts.areas(ranks, inside[:, -profiles.shape[1] :]))

    def statistics(self, paired: NDArray[np.bool_]) -> dict[str, float]:
        """The numbers of :data:`NEURON_STATISTICS`, of directions with (``paired``) and without an antipode."""
        best = np.argmax(concepts.spread(self.choosing))
        return {
            "spread": float(concepts.spread(self.held_out)[best]),
            "redundant": float(concepts.redundant(self.profiles)),
            "areas": float((self.areas >= SHARP).sum() + (self.areas[paired] <= 1 - SHARP).sum()),
        }


def _halves(members: NDArray[np.int64], rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of the samples of both halves; of an odd number in a class the first half gets one more."""
    mixed = rng.permutation(len(members))
    of_classes = [mixed[members[mixed] == c] for c in range(members.max() + 1)]
    for c, places in enumerate(of_classes):
        if len(places) < 2:
            raise ValueError(f"labels has one sample of class {c}; accepted: at least two, one for each half.")
    halves = [np.array_split(places, 2) for places in of_classes]
    return np.concatenate([half[0] for half in halves]), np.concatenate([half[1] for half in halves])


def _inside(members: NDArray[np.int64], classes: int, first: int) -> NDArray[np.float64]:
    """The matrix (N, 3 classes) of the members of a class among the ``first`` samples, the others, and all."""
    every = concepts.membership(members, classes)
    half = (np.arange(len(members)) < first)[:, None]
    return np.concatenate([every * half, every * ~half, every], axis=1)


def _rank_correlation(profiles: NDArray[np.float64]) -> float:
    if len(profiles) < 2 or (np.ptp(profiles, axis=1) == 0).any():
        return float("nan")
    return float(scipy.stats.spearmanr(*profiles).statistic)
