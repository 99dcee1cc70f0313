"""How discrete the directions of representations are, without a basis, beside those of a Gaussian and of the partner.

The number is the effective number of lines of :func:`isoaux.statistics.direction_test`, over that of a Gaussian cloud.
Any cloud that is not elliptical differs from a Gaussian, so that this test rejects in every network, isotropic ones
too; its p says nothing here. What does is how much smaller the number is than that of the isotropic partner.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from isoaux.common import paths
from isoaux.paper import Configuration
from isoaux.statistics.directions import MOST, concentration, null_concentrations
from isoaux.studies.remainder import prepared
from isoaux.studies.remainder.prepared import Layer

Values = NDArray[np.float64]

CLOUDS = 19
"""Gaussian clouds, of whose numbers of lines the median is taken."""

LEAST = 2.0
"""Directions in which published samples vary by less than so many steps of their rounding are left out."""


class Lines(NamedTuple):
    """A layer of a network: ``ratio``, its effective number of lines over that of a Gaussian in ``width`` dimensions.

    ``width`` is the number of directions that were compared; NaN and 0 where samples have no directions.
    """

    configuration: Configuration
    layer: int
    seed: int
    ratio: float
    width: int


def table(folder: Path | None = None, configurations: Iterable[Configuration] | None = None) -> list[Lines]:
    """The lines of all published representations; parameters and order as :func:`prepared.table` has them."""
    folder, rows = folder or paths.data(), []
    for configuration in prepared.published(folder, configurations):
        if samples := prepared.representations_of(folder, configuration):
            for layer in prepared.layers(samples):
                rows.append(Lines(configuration, layer.layer, layer.seed, *over_gaussian(varying(layer))))
    return rows


def varying(layer: Layer) -> Values:
    """The principal components (S, r) of a layer in which its samples vary by more than their rounding.

    Others consist of rounding, which is no direction of the network's; whitening would count them in.
    """
    values, vectors = np.linalg.eigh(np.cov(layer.values.T))
    return layer.values @ vectors[:, values > (LEAST * layer.step) ** 2]


def over_gaussian(values: Values) -> tuple[float, int]:
    """The effective number of lines of samples (S, r) over that of a Gaussian, and in how many directions; NaN and 0.

    NaN where there are too few of them for :func:`isoaux.statistics.direction_test`.
    """
    try:
        value, (samples, width) = concentration(values)
    except ValueError:
        return np.nan, 0
    return value / _gaussian(min(len(values), MOST), width), width


@cache
def _gaussian(samples: int, width: int) -> float:
    """The median effective number of lines of Gaussian clouds of one size."""
    return float(np.median(null_concentrations((samples, width), CLOUDS, 0)))


Place = tuple[Configuration, int]
"""A configuration and a latent layer."""


def pairs(rows: Sequence[Lines]) -> list[tuple[Place, Place]]:
    """Every configuration and layer whose isotropic partner has lines too, with that."""
    known = dict.fromkeys((row.configuration, row.layer) for row in rows)
    partners = [(place, prepared.partner(place[0])) for place in known]
    return [(place, (other, place[1])) for place, other in partners if other is not None and (other, place[1]) in known]


def ratios(rows: Sequence[Lines], first: Place, second: Place) -> Values:
    """Lines of one configuration and layer over those of another, of the seeds that both have, (seeds,)."""
    by_place = [
        {row.seed: row.ratio for row in rows if (row.configuration, row.layer) == place and np.isfinite(row.ratio)}
        for place in (first, second)
    ]
    return np.array([value / by_place[1][seed] for seed, value in by_place[0].items() if seed in by_place[1]])
