"""When structure appears: every published network through training, beside its own random bases.

A statistic has *appeared* from the first checkpoint on from which it lies outside the network's random bases, on one
side of them, without a break to the end of training. That asks for a difference at the end, so where no basis is
special, chance makes at most one network in twenty have it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from isoaux.common import archive, paths
from isoaux.common.archive import Published
from isoaux.paper import DATASET_TITLES, DATASETS, TITLES, Configuration
from isoaux.records import record as records
from isoaux.statistics import LEVEL
from isoaux.statistics.seeds import onset

Values = NDArray[np.float64]

STATISTICS = {"count": "number of points", "c4": "c4", "s2": "s2"}
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
    """All published networks of one configuration through training, at one latent layer.

    Arrays are (seeds, checkpoints); ``epochs`` names the checkpoints.
    """

    own: Configuration
    layer: int
    record: Published

    @property
    def epochs(self) -> NDArray[np.int64]:
        """The epochs of the checkpoints, (C,)."""
        return self.record["epochs"]

    @property
    def seeds(self) -> list[int]:
        """The seeds, in the record's order."""
        return list(self.record.facts["seeds"])

    @property
    def title(self) -> str:
        """The configuration in words, without its activation."""
        own = self.own
        return f"{DATASET_TITLES[own.dataset]}, {own.pixels}, n = {own.n}, L = {own.L}"

    def values(self, name: str) -> NDArray[Any]:
        """A statistic in the neuron basis."""
        return self.record[name][:, :, self.layer]

    def null(self, name: str, seed: int, at: int) -> Values:
        """The same statistic in the random bases of one network at one checkpoint; the last one has more of them.

        ``seed`` and ``at`` are places in the arrays.
        """
        return records.null(self.record, name, at, self.layer)[seed].astype(np.float64)

    def band(self, name: str) -> tuple[Values, Values]:
        """The middle 95% of the random bases of every network."""
        ends = self._each(name, lambda value, null: np.quantile(null, (0.025, 0.975)))
        return ends[..., 0], ends[..., 1]

    @cached_property
    def _tests(self) -> dict[str, Values]:
        return {
            name: self._each(name, lambda value, null: (records.p_value(value, null), value > np.median(null)))
            for name in STATISTICS
        }

    def _each(self, name: str, of: Any) -> Values:
        """A function of every value and its null, (seeds, checkpoints, ...)."""
        return np.array(
            [
                [of(float(value), self.null(name, s, c)) for c, value in enumerate(row)]
                for s, row in enumerate(self.values(name))
            ],
            np.float64,
        )

    def p(self, name: str) -> Values:
        """Two-sided p of every network and checkpoint against the network's own random bases; NaN without points."""
        return self._tests[name][..., 0]

    def above(self, name: str) -> NDArray[np.bool_]:
        """Whether the value lies above the median of the random bases."""
        return self._tests[name][..., 1] > 0

    def onset(self, name: str) -> Values:
        """The epoch from which a statistic has appeared, (seeds,); NaN where it has not by the end."""
        return onset(self.p(name) <= LEVEL, self.above(name), self.epochs)

    def agreement(self, crossed: bool = False) -> Values:
        """Rank correlation over the planes of the points at every checkpoint with those at the end, (seeds, C).

        ``crossed``: with the ends of the other seeds, (seeds, seeds - 1, C). Which neuron is which is decided by the
        seed alone, so these are what chance gives: none of one seed. NaN where all planes hold the same.
        """
        counts = self.record["plane_counts"][:, :, self.layer].astype(np.float64)
        found = rank_correlation(counts[:, None], counts[None, :, -1:])
        own = np.eye(len(counts), dtype=bool)
        return found[~own].reshape(len(own), len(own) - 1, found.shape[-1]) if crossed else found[own]


def rank_correlation(first: Values, second: Values) -> Values:
    """Spearman's correlation over the last axis, ties by their mean rank; NaN where one side is constant."""
    ranks = [rankdata(values, axis=-1) - (values.shape[-1] + 1) / 2 for values in (first, second)]
    lengths = [np.sqrt((rank**2).sum(-1)) for rank in ranks]
    product = (ranks[0] * ranks[1]).sum(-1)
    scale = lengths[0] * lengths[1]
    return np.where(scale > 0, product / np.where(scale > 0, scale, 1), np.nan)


def courses(folder: Path | None = None, layer: int = 0) -> list[Course]:
    """Every published configuration that has this latent layer, in the order of families, data sets, n and L.

    ``folder`` holds a profile's published files; default: the committed book's. One without a seed is left out.
    """
    place = (folder or paths.data()) / "networks"
    found = []
    for path in sorted(place.glob("*.json")):
        own = Configuration.parse(path.stem)
        if own.map == "affine" and own.L >= layer:
            record = archive.read(path.with_suffix(""))
            if record.facts["seeds"]:
                found.append(Course(own, layer, record))
    known = [name for members in FAMILIES.values() for name in members]
    order = list(DATASETS)
    return sorted(
        found,
        key=lambda c: (known.index(c.own.activation), order.index(c.own.dataset), c.own.normalised, c.own.n, c.own.L),
    )


def family(found: Sequence[Course], name: str) -> list[Course]:
    """Those of one family."""
    return [course for course in found if course.own.activation in FAMILIES[name]]


def together(found: Sequence[Course], name: str) -> Values:
    """In what share of the networks a statistic lies outside its random bases, by checkpoint, (C,)."""
    return np.concatenate([course.p(name) <= LEVEL for course in found]).mean(0)


def by_layer(folder: Path | None = None) -> list[list[Course]]:
    """:func:`courses` of every latent layer that a published network has, the first one first."""
    found = [courses(folder)]
    while deeper := courses(folder, len(found)):
        found.append(deeper)
    return found
