"""The test of a measured value against null values, those where no direction is special: p and effect."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.common import arrays
from isoaux.common.choices import choose
from isoaux.statistics.preparation import PREPARATIONS

LEVEL = 0.05
"""Level of significance: a network differs from its random bases if its (adjusted) two-sided p is at most this."""

MOST_DRAWS = 10**7
"""The largest number of null values of one test, which are held in memory together."""


@dataclass(frozen=True, eq=False, repr=False)
class BasisTest:
    """The value of a statistic, its null values ``null`` (draws,), p and effect; see :func:`basis_test`.

    ``preparation`` is what was done to the activations before, a key of
    :data:`isoaux.statistics.preparation.PREPARATIONS`.
    """

    value: float
    null: NDArray[np.float64]
    p: float
    effect: float
    draws: int
    preparation: str = "raw"

    @property
    @arrays.numpy_defaults
    def quantile(self) -> float:
        """The share of the null values that lie below the value, those equal to it counted half."""
        below = np.count_nonzero(self.null < self.value)
        return float(below + np.count_nonzero(self.null <= self.value)) / (2 * self.draws)

    @property
    def effect_words(self) -> str:
        """The effect to one digit; where it is infinite, the quantile of the value among the null values."""
        return f"{self.effect:+.1f}" if np.isfinite(self.effect) else f"quantile {self.quantile:.3g}"

    def __repr__(self) -> str:
        numbers = f"value={self.value:.6g}, p={self.p:.3g}, effect={self.effect_words}, draws={self.draws}"
        return f"{type(self).__name__}({numbers}, preparation={self.preparation!r})"


@arrays.numpy_defaults
def test_from_null(value: float, null: ArrayLike, preparation: str = "raw") -> BasisTest:
    """The test of a value against stored null values ``null`` (draws,); p and effect as in :func:`basis_test`.

    ``preparation`` names what was done to the activations that both were measured in. If the null's MAD is 0, the
    effect is 0 for a value equal to the median and infinite otherwise, so that words give the value's quantile
    instead. Raises ValueError for no null values, more than one axis of them, values that are not finite numbers, and
    an unknown preparation.
    """
    choose("preparation", preparation, PREPARATIONS)
    values = arrays.numbers(null, "null").astype(np.float64)
    if values.ndim != 1:
        raise ValueError(f"null has shape {values.shape}; accepted: a list of numbers, one per draw.")
    if not values.size:
        raise ValueError("null has no values; accepted: at least one.")
    value = arrays.finite(value, "value")
    tail = min(np.count_nonzero(values >= value), np.count_nonzero(values <= value))
    p = min(1.0, 2 * (1 + int(tail)) / (1 + values.size))
    return BasisTest(value, values, p, _effect(value, values), values.size, preparation)


def _effect(value: float, null: NDArray[np.float64]) -> float:
    if max(abs(value), float(np.abs(null).max())) > 1e300:  # differences would overflow
        value, null = value * 2.0**-64, null * 2.0**-64
    median = float(np.median(null))
    spread = 1.4826 * float(np.median(np.abs(null - median)))
    if spread > 0:
        return (value - median) / spread
    return 0.0 if value == median else float(np.copysign(np.inf, value - median))
