"""When structure appears: every published network through training, beside its own random bases.

A statistic has *appeared* from the first checkpoint on from which it lies outside the network's random bases, on one
side of them, without a break to the end of training (:meth:`isoaux.records.record.Record.onset`). That asks for a
difference at the end, so where no basis is special, chance makes at most one network in twenty have it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from isoaux.common import paths
from isoaux.paper import DATASET_TITLES, DATASETS, GROUPS, TITLES, Configuration
from isoaux.records import reading
from isoaux.records.record import Record
from isoaux.statistics import LEVEL, RECORDED

Values = NDArray[np.float64]

STATISTIC_TITLES = RECORDED | {"count": "number of points"}
"""What is followed through training, and what it is called."""

FAMILIES = {
    "tanh": ("tanh",),
    "isotanh": ("isotanh",),
    "lrelu": ("lrelu",),
    "isolrelu": ("isolrelu",),
    "other": ("bnlrelu_elem", "bnlrelu_max", "dnlrelu"),
}
"""The families of activations with their members."""

FAMILY_TITLES = {name: TITLES.get(name, "Leaky-ReLU with other symmetries") for name in FAMILIES}
"""What the families are called."""


@dataclass(frozen=True, eq=False)
class Course:
    """All published networks of one configuration through training, at latent layer ``layer`` (k)."""

    configuration: Configuration
    layer: int
    record: Record

    @property
    def epochs(self) -> NDArray[np.int64]:
        """The epochs of the checkpoints, (checkpoints,)."""
        return self.record.epochs

    @property
    def seeds(self) -> list[int]:
        """The seeds, in the record's order."""
        return self.record.seeds

    @property
    def title(self) -> str:
        """The configuration in words, without its activation."""
        c = self.configuration
        return f"{DATASET_TITLES[c.dataset]}, {c.pixels}, n = {c.n}, L = {c.L}"

    def at(self, epoch: float, values: NDArray[Any]) -> NDArray[Any]:
        """The column of values (..., checkpoints) at the checkpoint nearest to an epoch; infinity is the end."""
        return values[..., int(np.abs(self.epochs - min(epoch, self.epochs[-1])).argmin())]

    def outside(self, statistic: str) -> NDArray[np.bool_]:
        """Whether a statistic differs from the network's random bases, (seeds, checkpoints): p <= 0.05."""
        return self.record.p(statistic, self.layer) <= LEVEL

    def agreement(self, crossed: bool = False) -> Values:
        """Rank correlation over the planes of the points at every checkpoint with those at the end.

        Shape (seeds, checkpoints). ``crossed``: with the ends of the other seeds, (seeds, seeds - 1, checkpoints).
        Which neuron is which is decided by the seed alone, so these are what chance gives: none of one seed. NaN where
        all planes hold the same.
        """
        counts = self.record.values("plane_counts", self.layer).astype(np.float64)
        correlations = rank_correlation(counts[:, None], counts[None, :, -1:])
        same = np.eye(len(counts), dtype=bool)
        if not crossed:
            return correlations[same]
        return correlations[~same].reshape(len(same), len(same) - 1, correlations.shape[-1])


def rank_correlation(first: Values, second: Values) -> Values:
    """Spearman's correlation over the last axis, ties by their mean rank; NaN where one side is constant."""
    ranks = [scipy.stats.rankdata(values, axis=-1) - (values.shape[-1] + 1) / 2 for values in (first, second)]
    lengths = [np.sqrt((rank**2).sum(-1)) for rank in ranks]
    product = (ranks[0] * ranks[1]).sum(-1)
    scale = lengths[0] * lengths[1]
    return np.where(scale > 0, product / np.where(scale > 0, scale, 1), np.nan)


def by_layer(folder: Path | None = None) -> list[list[Course]]:
    """The courses of every latent layer that a published network has, the first layer first; empty where none is.

    In a layer all published configurations that have it, in the order of families, data sets, n and L. ``folder`` holds
    a profile's published files (None: the committed book's). Networks with other maps than affine ones are left out.
    """
    known = [activation for members in FAMILIES.values() for activation in members]
    order = list(DATASETS)

    def place(record: Record) -> tuple[int, int, bool, int, int]:
        c = record.configuration
        return known.index(c.activation), order.index(c.dataset), c.normalised, c.n, c.L

    records = [record for record in reading.all_records(folder or paths.data()) if record.seeds]
    records = sorted((record for record in records if record.configuration.map == "affine"), key=place)
    deepest = max((record.configuration.L for record in records), default=-1)
    return [
        [Course(record.configuration, layer, record) for record in records if record.configuration.L >= layer]
        for layer in range(deepest + 1)
    ]


def courses(folder: Path | None = None) -> list[Course]:
    """The courses of the first latent layer, which every network has, as :func:`by_layer` has them."""
    return next(iter(by_layer(folder)), [])


def family(courses: Sequence[Course], name: str) -> list[Course]:
    """The courses of the activations of one of the :data:`FAMILIES`."""
    return [course for course in courses if course.configuration.activation in FAMILIES[name]]


def published_families(courses: Sequence[Course]) -> list[tuple[str, list[Course]]]:
    """The families of which any network is published, each with its courses."""
    return [(name, members) for name in FAMILIES if (members := family(courses, name))]


def is_isotropic(name: str) -> bool:
    """Whether all activations of a family are isotropic, so that by symmetry no basis is special."""
    return all(GROUPS[activation] == "O(n)" for activation in FAMILIES[name])


def onsets(courses: Sequence[Course], statistic: str) -> Values:
    """The epochs from which a statistic has appeared, of all networks, (networks,); NaN where it has not."""
    return np.concatenate([course.record.onset(statistic, course.layer) for course in courses])


def agreements(courses: Sequence[Course], epoch: float, crossed: bool = False) -> Values:
    """The rank correlations of :meth:`Course.agreement` at an epoch, of all networks in one list."""
    return np.concatenate([course.at(epoch, course.agreement(crossed)).ravel() for course in courses])


def share_outside(courses: Sequence[Course], statistic: str) -> Values:
    """The share of the networks in which a statistic lies outside its random bases, by checkpoint, (checkpoints,)."""
    return np.concatenate([course.outside(statistic) for course in courses]).mean(0)
