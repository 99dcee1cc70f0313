"""The published representations of a figure's networks, projected in the setting of the figure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isoaux import bases, ppp
from isoaux.paper import Configuration
from isoaux.records.representations import Representations
from isoaux.records.results import Result


@dataclass(frozen=True, eq=False)
class Sampled:
    """Representations ``z`` (samples, n) of one network at a figure's layer and the last checkpoint, and their points.

    ``basis`` (m, n) has the directions that span the planes of the ``projection``.
    """

    configuration: Configuration
    seed: int
    z: NDArray[np.float64]
    basis: NDArray[np.float64]
    projection: ppp.Projection


def of_configuration(result: Result, configuration: Configuration) -> list[Sampled]:
    """The networks of a configuration whose representations are published, by seed; empty where none are."""
    if configuration.id not in result.representations:
        return []
    published = Representations(result.representations[configuration.id])
    return [_projected(result, configuration, seed, published) for seed in published.seeds]


def of_row(result: Result, row: int) -> Sampled | None:
    """The network of one row; None where its representations are not published."""
    configuration, seed = result.rows[row]
    if configuration.id not in result.representations:
        return None
    published = Representations(result.representations[configuration.id])
    return _projected(result, configuration, seed, published) if seed in published.seeds else None


def _projected(result: Result, configuration: Configuration, seed: int, published: Representations) -> Sampled:
    facts = result.records[configuration.id].facts
    z = published.values(result.figure.layer, seed)
    basis = bases.named(facts["basis"], z.shape[1])
    return Sampled(configuration, seed, z, basis, ppp.project(z, basis, facts["epsilon"], facts["variant"]))
