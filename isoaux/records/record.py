"""A network record, read by statistic, latent layer and checkpoint."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import statistics
from isoaux.common.archive import Published
from isoaux.paper import Configuration
from isoaux.statistics import LEVEL, BasisTest
from isoaux.statistics.seeds import onset

Values = NDArray[np.float64]


PREPARED_DRAWS = 199
"""Random bases in which points of centred and whitened representations are counted, at the last checkpoint alone."""

P, EFFECT, LOW, MEDIAN, HIGH = range(5)
"""What the last axis of a test holds: p, effect, and the 2.5%, 50% and 97.5% quantiles of the random bases."""


class NotPublished(LookupError):
    """What is asked for is not published, or too little of it."""


@dataclass(frozen=True, eq=False)
class Record:
    """The published record of one configuration: every statistic of all its networks, by layer and checkpoint.

    In its methods ``statistic`` is the name of an array, ``layer`` the place of a latent layer (k), and ``at`` the
    place of a checkpoint (negative: from the end), or None for all checkpoints. Statistics of centred and whitened
    representations are arrays of their own, such as ``quartimax_whitened``. All methods raise NotPublished for what
    the record does not hold, such as statistics that its version of measuring did not have yet.

    Tests: of raw count, c4 and s2 the values in all random bases are published; of the other statistics ``NAME_test``,
    (seeds, checkpoints, layers, 5): p, effect, and the 2.5%, 50% and 97.5% quantiles of the random bases.
    """

    published: Published
    _p: dict[tuple[str, int, int], Values] = field(default_factory=dict, init=False, repr=False)

    @property
    def configuration(self) -> Configuration:
        """The configuration of its networks."""
        return Configuration.parse(self.facts["configuration"])

    @property
    def facts(self) -> dict[str, Any]:
        """How the record was made."""
        return self.published.facts

    @property
    def version(self) -> int:
        """The version of measuring (``MEASURE_VERSION``) that made it."""
        return int(self.facts["measure_version"])

    @property
    def seeds(self) -> list[int]:
        """The seeds of its networks, in the order of the arrays."""
        return list(self.facts["seeds"])

    @property
    def epochs(self) -> NDArray[np.int64]:
        """The epochs of the checkpoints, (checkpoints,)."""
        return self.published["epochs"]

    @property
    def layers(self) -> int:
        """The number of latent layers."""
        return int(self.published["count"].shape[2])

    def has(self, statistic: str) -> bool:
        """Whether the record has a statistic: one of version 2 has none that needs no points, and raw ones only."""
        return statistic in self.published.arrays

    def values(self, statistic: str, layer: int, at: int | None = None) -> NDArray[Any]:
        """A statistic in the measured basis, (seeds, checkpoints, ...), or (seeds, ...) of one checkpoint."""
        values = self._array(statistic)[:, :, layer]
        return values if at is None else values[:, at]

    def null(self, statistic: str, layer: int, at: int = -1) -> NDArray[Any]:
        """A statistic in the random bases of every network at one checkpoint, (seeds, draws).

        The last checkpoint has more random bases than the others. There is ``quartimax``, raw and prepared, of the last
        checkpoint, and raw ``count``, ``c4`` and ``s2`` of every one.
        """
        if at == -1 or at == len(self.epochs) - 1:
            return self._array(f"final_null_{statistic}")[:, layer]
        return self._array(f"null_{statistic}")[:, at, layer]

    def p(self, statistic: str, layer: int, at: int | None = None) -> Values:
        """Two-sided p of every network against its own random bases, not adjusted; NaN without points.

        Shape (seeds, checkpoints), or (seeds,) of one checkpoint.
        """
        if at is None:
            return self._through_training(self.p, statistic, layer)
        if self._is_tested(statistic):
            return self._tests(statistic, layer, at)[:, P]
        key = statistic, layer, at
        if key not in self._p:
            pairs = zip(self.values(*key), self.null(*key), strict=True)
            self._p[key] = np.array([p_value(value, null) for value, null in pairs], np.float64)
        return self._p[key]

    def effect(self, statistic: str, layer: int, at: int | None = None) -> Values:
        """Distance of every network from the median of its random bases, in 1.4826 MAD of these, shaped as :meth:`p`.

        Infinite where more than half of the random bases have one value and the network another; NaN without points.
        """
        if at is None:
            return self._through_training(self.effect, statistic, layer)
        if self._is_tested(statistic):
            return self._tests(statistic, layer, at)[:, EFFECT]
        pairs = zip(self.values(statistic, layer, at), self.null(statistic, layer, at), strict=True)
        return np.array([test.effect if (test := _tested(*pair)) else np.nan for pair in pairs], np.float64)

    def above(self, statistic: str, layer: int, at: int | None = None) -> NDArray[np.bool_]:
        """Whether a statistic lies above the median of the network's random bases, in the shape of :meth:`p`."""
        if at is None:
            return self._through_training(self.above, statistic, layer)
        if self._is_tested(statistic):
            return self.values(statistic, layer, at) > self._tests(statistic, layer, at)[:, MEDIAN]
        return self.values(statistic, layer, at) > np.median(self.null(statistic, layer, at).astype(np.float64), axis=1)

    def band(self, statistic: str, layer: int) -> tuple[Values, Values]:
        """The ends of the middle 95% of every network's random bases, each (seeds, checkpoints)."""
        if self._is_tested(statistic):
            tests = self._array(f"{statistic}_test")[:, :, layer]
            return tests[..., LOW], tests[..., HIGH]
        nulls = (self.null(statistic, layer, at).astype(np.float64) for at in range(len(self.epochs)))
        low, high = np.stack([np.quantile(null, (0.025, 0.975), axis=1) for null in nulls], axis=2)
        return low, high

    def onset(self, statistic: str, layer: int) -> Values:
        """The epoch from which a statistic stays outside the network's random bases, (seeds,); NaN where it does not.

        Outside is p <= 0.05 on the side on which the last checkpoint lies (:func:`isoaux.statistics.seeds.onset`).
        """
        return onset(self.p(statistic, layer) <= LEVEL, self.above(statistic, layer), self.epochs)

    def by_seed(self, values: Sequence[Any] | NDArray[Any]) -> dict[int, Any]:
        """Values (seeds, ...) by the seed that they are of."""
        return dict(zip(self.seeds, values, strict=True))

    def _through_training(self, method: Callable[[str, int, int], NDArray[Any]], statistic: str, layer: int) -> Any:
        """What a method returns of every checkpoint, (seeds, checkpoints)."""
        return np.stack([method(statistic, layer, at) for at in range(len(self.epochs))], axis=1)

    def _is_tested(self, statistic: str) -> bool:
        """Whether the tests of a statistic are published, and not all of its values in random bases."""
        self._array(statistic)
        return f"{statistic}_test" in self.published.arrays

    def _tests(self, statistic: str, layer: int, at: int) -> Values:
        return self._array(f"{statistic}_test")[:, at, layer]

    def _array(self, name: str) -> NDArray[Any]:
        """An array of the record; raises NotPublished."""
        if name not in self.published.arrays:
            raise NotPublished(
                f"The record of {self.facts.get('configuration', 'a configuration')} has no {name}; it was measured by "
                f"version {self.facts.get('measure_version', 'unknown')}."
            )
        return self.published[name]


def p_value(value: float, null: ArrayLike) -> float:
    """Raw two-sided p of a value against those in random bases (draws,), by :func:`isoaux.statistics.test_from_null`.

    Random bases in which the value is no number, since no point is near their planes, are left out; NaN where none is
    left or the value is no number itself.
    """
    test = _tested(value, null)
    return test.p if test else np.nan


def _tested(value: float, null: ArrayLike) -> BasisTest | None:
    """The test of a value against those in random bases, less those that are no number; None where nothing is left."""
    known = np.asarray(null, np.float64)
    known = known[np.isfinite(known)]
    return statistics.test_from_null(float(value), known) if np.isfinite(value) and len(known) else None
