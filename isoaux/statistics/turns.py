r"""Random rotations of wide representations, of which one costs about n^1.5 operations per sample and not n^2.

A Haar-random rotation of R^n takes n^3 operations to draw and n^2 per sample to apply. A test of a basis does not need
it. Let X be the representations in the measured basis, Q a random rotation whose inverse has the same law, Q_0, Q_1,
... independent draws of it, and H = Q_0 X, the *hub*. If no direction is special, X and R X have one law for every
rotation R; then H is independent of Q_0, and so, given H, the representations X = Q_0^-1 H and Q_1 H, ..., Q_D H are
independent draws from one law. Every statistic of X therefore ranks uniformly among those of Q_1 H, ..., Q_D H,
whatever the law of Q is (the parallel method of Besag and Clifford, Biometrika 76, 1989). The law decides only what can
be seen: rotations that mix few neurons would leave the hub's representations almost as they were.

Here Q puts the neurons at random into groups of k, the least power of two with k^2 >= n, and turns every group by a
Haar-random rotation of its own. In Q_i Q_0 every direction is then a mixture of about all n neurons, and statistics of
isotropic or aligned representations have the values that they have in Haar-random bases
(``tests/statistics/test_turns.py``).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from isoaux.common.arrays import Floats

WIDE = 128
"""Neurons above which random bases are made by :func:`turned`; up to as many, random bases are Haar-random."""

HUB = 2**31
"""The place of the hub among the random streams of a seed; those of draws lie below."""


def group_size(n: int) -> int:
    """The number k of neurons that are turned together, the least power of two with k^2 >= n."""
    return 1 << (max(n - 1, 0).bit_length() + 1) // 2


def turned(coordinates: Floats, stream: np.random.SeedSequence, out: Floats | None = None) -> Floats:
    """Q c of ``coordinates`` c (n, N), (n, N), also written to ``out``; Q is drawn from ``stream``.

    Q puts the neurons at random into groups of :func:`group_size` and a rest, and turns each by a Haar-random rotation.
    """
    n = len(coordinates)
    rng = np.random.default_rng(stream)
    order, size = rng.permutation(n), group_size(n)
    whole = n // size
    result = np.empty_like(coordinates) if out is None else out
    parts = [(order[: whole * size].reshape(whole, size), _haar(whole, size, rng))]
    if n > whole * size:
        parts.append((order[None, whole * size :], _haar(1, n - whole * size, rng)))
    for groups, rotations in parts:
        for group, rotation in zip(groups, rotations.astype(coordinates.dtype), strict=True):
            result[group] = rotation @ coordinates[group]
    return result


def hub(coordinates: Floats, seed: int) -> Floats:
    """The hub H = Q_0 c (n, N) of ``coordinates`` c (n, N), which :func:`turns` starts from."""
    return turned(coordinates, np.random.SeedSequence(seed, spawn_key=(HUB,)))


def turns(centre: Floats, draws: int, seed: int) -> Iterator[Floats]:
    """Q_i H for i = 1 ... ``draws``, each (n, N), of the hub H ``centre`` (n, N); all are in the same memory.

    Draw i depends on (seed, i) alone.
    """
    room = np.empty_like(centre)
    for draw in range(draws):
        yield turned(centre, np.random.SeedSequence(seed, spawn_key=(draw,)), room)


def _haar(count: int, size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Haar-random rotations, (count, size, size): :func:`isoaux.bases.random_orthogonal`, several at once."""
    q, r = np.linalg.qr(rng.standard_normal((count, size, size)))
    rotations: NDArray[np.float64] = q * np.sign(np.diagonal(r, axis1=1, axis2=2))[:, None, :]
    return rotations
