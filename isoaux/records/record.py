"""What is read from published network records and representations in more than one place."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import statistics
from isoaux.common.archive import Published


def null(record: Published, name: str, at: int, layer: int) -> NDArray[Any]:
    """A statistic in the random bases of every network of a record, (seeds, draws), at its checkpoint ``at``.

    The last checkpoint has more random bases than the others.
    """
    if at == len(record["epochs"]) - 1:
        return record[f"final_null_{name}"][:, layer]
    return record[f"null_{name}"][:, at, layer]


def p_value(value: float, null: ArrayLike) -> float:
    """Two-sided p of a value against those in random bases (draws,), by :func:`isoaux.statistics.test_from_null`.

    Random bases in which the value is no number, since no point is near their planes, are left out; NaN where none is
    left or the value is no number itself.
    """
    known = np.asarray(null, np.float64)
    known = known[np.isfinite(known)]
    return statistics.test_from_null(float(value), known).p if np.isfinite(value) and len(known) else np.nan


def representations(kept: Published, layer: int) -> NDArray[np.float64]:
    """The published representations (S, n) of a latent layer, in their own units."""
    return kept["values"][layer] * float(kept["scale"])
