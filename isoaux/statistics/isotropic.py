"""The angular histogram of the PPP points of isotropic representations: means and covariances in closed form.

For a uniform direction m on the sphere of R^n, two planes that share the axis a, say (a, b) and (a, c), both keep
m if rho (1 - max(u_b^2, u_c^2)) > epsilon^2, where rho = m_a^2 + m_b^2 + m_c^2 is Beta(3/2, (n - 3) / 2) and u, the
direction of (m_a, m_b, m_c), is uniform on the two-sphere and independent of rho. Two planes without a common axis
both keep m with probability (1 - 2 epsilon^2)^((n - 2) / 2), and never for epsilon^2 > 1/2. The scatter of a panel
follows from these; the paper says that it would be worth having (App. A.1) and does not derive it.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product
from math import comb

import numpy as np
import scipy
from numpy.typing import NDArray

from isoaux import ppp, statistics
from isoaux.bases import VARIANTS
from isoaux.common import arrays
from isoaux.common.choices import choose

GRID = 720
"""Steps of the polar angle; with bins of 5 degrees the results are exact within 0.5 %."""

WIDEST = 2**31
"""The largest n, up to which planes can be counted in 64 bits."""

FINEST = 2**12
"""Bins of the finest histogram; their covariance takes 134 MB."""

RAREST = 1e-290
"""The smallest mean number of points per sample and bin; smaller ones leave the range of double precision."""


@dataclass(frozen=True, eq=False)
class Moments:
    """``mean`` (bins,) and ``covariance`` (bins, bins) of the angular histogram of isotropic samples.

    Bin k is centred on 360 k / bins degrees. Both arrays are read-only, since equal calls share them.
    """

    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]

    @property
    def count(self) -> float:
        """The mean number of points."""
        return float(self.mean.sum())

    @property
    @arrays.numpy_defaults
    def count_sd(self) -> float:
        """The standard deviation of the number of points."""
        return float(np.sqrt(self.covariance.sum()))

    @property
    @arrays.numpy_defaults
    def inflation(self) -> NDArray[np.float64]:
        """Variance over mean of every bin, (bins,); 1 for Poisson's law."""
        return np.diag(self.covariance) / self.mean


@arrays.numpy_defaults
def moments(
    samples: int, n: int, epsilon: float = ppp.EPSILON, variant: str = "combination", bins: int = statistics.BINS
) -> Moments:
    """Mean and covariance of the angular histogram of N isotropic samples in any orthonormal basis (App. A.1).

    With K_A the number of planes that keep one sample at an angle in bin A, the covariance of bins A and B is
    N (E[K_A K_B] - E[K_A] E[K_B]); E[K_A K_B] is summed over pairs of equal, of neighbouring and of disjoint planes.

    Parameters: N ``samples`` in R^n, n of 4 to :data:`WIDEST`; ``epsilon`` and ``variant`` as in
    :func:`isoaux.ppp.project`; the number of ``bins``, a multiple of 4 up to :data:`FINEST`. Raises ValueError for
    others, and for n and epsilon at which the mean number of points is 0 in double precision.
    """
    choose("variant", variant, VARIANTS)
    arrays.whole(n, "n", 4, WIDEST)
    if arrays.whole(bins, "bins", 4, FINEST) % 4:
        raise ValueError(f"bins is {bins}; accepted: a multiple of 4.")
    return _moments(arrays.whole(samples, "samples"), int(n), arrays.fraction(epsilon, "epsilon"), variant, int(bins))


@cache
def _moments(samples: int, n: int, epsilon: float, variant: str, bins: int) -> Moments:
    ordered = VARIANTS[variant]
    planes = comb(n, 2) * (1 + ordered)
    mean = np.full(bins, ppp.expected_isotropic_count(1, n, planes, epsilon) / bins)
    if mean[0] < RAREST:
        raise ValueError(
            f"n is {n} at epsilon = {epsilon:g}, where no points are left; accepted: a smaller n or epsilon."
        )
    second = np.diag(mean) + comb(n, 3) * _neighbours(n, epsilon, ordered, bins)
    if ordered:  # (i, j) and (j, i) see the same sample, mirrored in the diagonal
        k = np.arange(bins)
        second[k, (bins // 4 - k) % bins] += mean
    disjoint = 6 * comb(n, 4) * (1 + ordered) ** 2 * max(0.0, 1 - 2 * epsilon**2) ** ((n - 2) / 2)
    second += disjoint / bins**2
    law = Moments(samples * mean, samples * (second - np.outer(mean, mean)))
    law.mean.setflags(write=False)
    law.covariance.setflags(write=False)
    return law


def _neighbours(n: int, epsilon: float, ordered: bool, bins: int) -> NDArray[np.float64]:
    """E[K_A K_B] (bins, bins) of the pairs of planes within one triple of axes, by the midpoint rule on the sphere."""
    angles = (np.arange(2 * GRID) + 0.5) * np.pi / GRID
    polar, turn = np.repeat(angles[:GRID], 2 * GRID), np.tile(angles, GRID)
    a, b, c = np.cos(polar), np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn)
    needed = epsilon**2 / (1 - np.maximum(b * b, c * c))
    kept = needed < 1
    a, b, c = a[kept], b[kept], c[kept]
    beyond = scipy.special.betaincc(1.5, (n - 3) / 2, needed[kept])
    weight = beyond * np.sin(polar[kept]) * (np.pi / GRID) ** 2 / (4 * np.pi)

    def sector(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
        return np.rint(np.arctan2(y, x) * (bins / (2 * np.pi))).astype(np.int64) % bins

    first, second = (sector(a, b), sector(b, a)), (sector(a, c), sector(c, a))
    # Each with the common axis horizontal, then vertical. In a triple i < j < k the common axis is horizontal in both
    # planes, in one of them, or vertical in both.
    orientations = list(product((0, 1), (0, 1))) * 3 if ordered else [(0, 0), (0, 1), (1, 1)]
    moment = np.zeros((bins, bins))
    for i, j in orientations:
        flat = np.bincount(first[i] * bins + second[j], weights=weight, minlength=bins * bins)
        moment += flat.reshape(bins, bins)
    return moment + moment.T
