"""What is read from published network records and representations in more than one place."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux.published import Published


def null(record: Published, name: str, at: int, layer: int) -> NDArray[Any]:
    """A statistic in the random bases of every network of a record, (seeds, draws), at its checkpoint ``at``.

    The last checkpoint has more random bases than the others.
    """
    if at == len(record["epochs"]) - 1:
        return record[f"final_null_{name}"][:, layer]
    return record[f"null_{name}"][:, at, layer]


def representations(kept: Published, layer: int) -> NDArray[np.float64]:
    """The published representations (S, n) of a latent layer, in their own units."""
    return kept["values"][layer] * float(kept["scale"])
