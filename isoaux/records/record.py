"""A network record, read by statistic, latent layer and checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import statistics
from isoaux.common.archive import Published
from isoaux.paper import Configuration
from isoaux.statistics import LEVEL
from isoaux.statistics.seeds import onset

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Record:
    """The published record of one configuration: every statistic of all its networks, by layer and checkpoint.

    ``layer`` is the place of a latent layer (k), ``at`` that of a checkpoint (negative: from the end).
    """

    published: Published
    _tests: dict[tuple[str, int], Values] = field(default_factory=dict, repr=False)

    @property
    def configuration(self) -> Configuration:
        """The configuration of its networks."""
        return Configuration.parse(self.published.facts["configuration"])

    @property
    def facts(self) -> dict[str, Any]:
        """How the record was made."""
        return self.published.facts

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

    def values(self, statistic: str, layer: int) -> NDArray[Any]:
        """A statistic in the measured basis, (seeds, checkpoints, ...)."""
        return self.published[statistic][:, :, layer]

    def null(self, statistic: str, layer: int, at: int = -1) -> NDArray[Any]:
        """A statistic in the random bases of every network at one checkpoint, (seeds, draws).

        The last checkpoint has more random bases than the others.
        """
        if at % len(self.epochs) == len(self.epochs) - 1:
            return self.published[f"final_null_{statistic}"][:, layer]
        return self.published[f"null_{statistic}"][:, at, layer]

    def p(self, statistic: str, layer: int) -> Values:
        """Raw two-sided p of every network against its own random bases, (seeds, checkpoints); NaN without points."""
        return self._tested(statistic, layer)[..., 0]

    def above(self, statistic: str, layer: int) -> NDArray[np.bool_]:
        """Whether a statistic lies above the median of the network's random bases, (seeds, checkpoints)."""
        return self._tested(statistic, layer)[..., 1] > 0

    def onset(self, statistic: str, layer: int) -> Values:
        """The epoch from which a statistic stays outside the network's random bases, (seeds,); NaN where it does not.

        Outside is p <= 0.05 on the side on which the last checkpoint lies (:func:`isoaux.statistics.seeds.onset`).
        """
        return onset(self.p(statistic, layer) <= LEVEL, self.above(statistic, layer), self.epochs)

    def by_seed(self, values: Sequence[Any] | NDArray[Any]) -> dict[int, Any]:
        """Values (seeds, ...) by the seed that they are of."""
        return dict(zip(self.seeds, values, strict=True))

    def _tested(self, statistic: str, layer: int) -> Values:
        """p, and whether the value lies above the median of the null, (seeds, checkpoints, 2)."""
        if (statistic, layer) not in self._tests:
            values = self.values(statistic, layer)
            nulls = [self.null(statistic, layer, at) for at in range(len(self.epochs))]
            self._tests[statistic, layer] = np.array(
                [
                    [
                        (p_value(value, nulls[at][row]), value > np.median(nulls[at][row].astype(np.float64)))
                        for at, value in enumerate(course)
                    ]
                    for row, course in enumerate(values)
                ],
                np.float64,
            ).reshape(*values.shape[:2], 2)
        return self._tests[statistic, layer]


def p_value(value: float, null: ArrayLike) -> float:
    """Raw two-sided p of a value against those in random bases (draws,), by :func:`isoaux.statistics.test_from_null`.

    Random bases in which the value is no number, since no point is near their planes, are left out; NaN where none is
    left or the value is no number itself.
    """
    known = np.asarray(null, np.float64)
    known = known[np.isfinite(known)]
    return statistics.test_from_null(float(value), known).p if np.isfinite(value) and len(known) else np.nan


def representations(kept: Published, layer: int) -> NDArray[np.float64]:
    """The published representations (S, n) of a latent layer, in their own units."""
    return kept["values"][layer] * float(kept["scale"])


def null(record: Published, name: str, at: int, layer: int) -> NDArray[Any]:
    """As :meth:`Record.null`."""
    return Record(record).null(name, layer, at)
