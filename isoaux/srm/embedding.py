"""A picture of representations in two coordinates, and how many neighbours of the same class it keeps (Figs. 3, 4).

The picture is made by UMAP (McInnes, Healy and Melville 2018, package ``umap-learn`` of the extra ``train``) or, where
that is not installed, by the first two principal components. Its axes mean nothing; numbers of it are shares of
neighbours alone.
"""

import importlib
import importlib.util
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from isoaux.common import arrays
from isoaux.common.choices import choose
from isoaux.sources import opening
from isoaux.srm import concepts
from isoaux.statistics import BasisTest, test_from_null

NEIGHBOURS = 15
"""Neighbours of each representation that UMAP looks at."""

DISTANCE = 0.1
"""UMAP's least distance in the picture."""

NEAREST = 10
"""Neighbours whose labels are compared."""

STEPS = 2**15 - 1
"""Steps of a coordinate from the middle of the picture to its edge."""

SPACES: Mapping[str, str] = {
    "representations": "the representations themselves",
    "picture": "the picture",
    "principal": "the first two principal components",
}
"""Where neighbours are counted, with their meanings."""


@dataclass(frozen=True, eq=False)
class Embedding:
    """A picture of N representations, as it is stored."""

    places: NDArray[np.int16]
    """(N, 2), coordinates in steps from the middle of the picture; both axes have the same ``step``"""
    step: float
    method: str
    """a key of :data:`METHODS`, what the picture was made by"""

    @property
    def points(self) -> NDArray[np.float64]:
        """The coordinates (N, 2), those of the middle of the picture being 0."""
        return np.asarray(self.places * self.step, np.float64)


@arrays.numpy_defaults
def embed(activations: opening.Source, method: str | None = None, seed: int = 0) -> Embedding:
    """A picture of ``activations`` (N, n) by ``method``, a key of :data:`METHODS`.

    By default that is UMAP where it is installed, and PCA elsewhere. UMAP takes the Euclidean distance,
    :data:`NEIGHBOURS`, :data:`DISTANCE` and one thread; with one ``seed`` its pictures are the same on one machine.
    Coordinates are rounded to a 65,534th of the picture's longer side.

    Raises ValueError for fewer than 16 representations, an unknown method, and UMAP where it is not installed.
    """
    rows = np.asarray(opening.matrix(activations), np.float64)
    installed = importlib.util.find_spec("umap") is not None
    name = ("UMAP" if installed else "PCA") if method is None else method
    make, root = choose("method", name, METHODS), arrays.whole(seed, "seed", 0, 2**32 - 1)
    if len(rows) <= NEIGHBOURS:
        raise ValueError(f"activations has {len(rows)} rows; accepted: at least {NEIGHBOURS + 1}.")
    if name == "UMAP" and not installed:
        raise ValueError("method is 'UMAP', which is not installed; accepted: 'PCA', or umap-learn (extra train).")
    points = make(rows, root)
    centred = points - (points.max(axis=0) + points.min(axis=0)) / 2
    step = float(np.abs(centred).max()) / STEPS
    return Embedding(np.rint(centred / (step or 1)).astype(np.int16), step, name)


@arrays.numpy_defaults
def neighbours(
    activations: opening.Source, picture: Embedding, labels: ArrayLike, draws: int = 999, seed: int = 0
) -> dict[str, BasisTest]:
    """The share of the ten nearest neighbours that have the same label, and its test, by the keys of :data:`SPACES`.

    ``activations`` (N, n) are what the ``picture`` was made of, ``labels`` (N,) whole numbers from 0. The null values
    are those of ``draws`` permutations of the labels, the same in all spaces. Raises ValueError as
    :func:`isoaux.srm.concepts.profiles`, and for a picture of another number of representations.
    """
    rows = np.asarray(opening.matrix(activations), np.float64)
    members, _ = concepts.members(labels, len(rows))
    times, rng = arrays.whole(draws, "draws"), np.random.default_rng(arrays.seed(seed))
    if len(picture.places) != len(rows):
        raise ValueError(f"picture has {len(picture.places)} places; accepted: one for each of the {len(rows)} rows.")
    near = {
        "representations": nearest(rows),
        "picture": nearest(picture.places.astype(np.float64)),
        "principal": nearest(_principal(rows, 0)),
    }
    null: dict[str, list[float]] = {name: [] for name in near}
    for _ in range(times):
        permuted = rng.permutation(members)
        for name, places in near.items():
            null[name].append(_same(permuted, places))
    return {name: test_from_null(_same(members, places), null[name]) for name, places in near.items()}


def nearest(points: NDArray[np.float64], count: int = NEAREST) -> NDArray[np.int64]:
    """The places (N, count) of the nearest other ones of ``points`` (N, n), of which there are more than ``count``."""
    _, places = scipy.spatial.KDTree(points).query(points, count + 1)
    itself = places == np.arange(len(points))[:, None]
    itself[:, -1] |= ~itself.any(axis=1)  # where more points than are counted lie at the same place
    return np.asarray(places[~itself].reshape(len(points), count))


def _same(labels: NDArray[np.int64], places: NDArray[np.int64]) -> float:
    return float((labels[places] == labels[:, None]).mean())


def _principal(rows: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """The coordinates (N, 2) along the first two principal directions, whose largest components are positive."""
    centred = rows - rows.mean(axis=0)
    directions = np.zeros((rows.shape[1], 2))
    first = np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :2]
    directions[:, : first.shape[1]] = first * np.sign(first[np.abs(first).argmax(axis=0), np.arange(first.shape[1])])
    return np.asarray(centred @ directions)


def _umap(rows: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Tensorflow not installed", ImportWarning)  # for a method not used here
        umap = importlib.import_module("umap")  # here: it takes seconds, and comes with the extra train alone
    made = umap.UMAP(n_neighbors=NEIGHBOURS, min_dist=DISTANCE, metric="euclidean", random_state=seed, n_jobs=1)
    return np.asarray(made.fit_transform(rows), np.float64)


METHODS: Mapping[str, Callable[[NDArray[np.float64], int], NDArray[np.float64]]] = {"UMAP": _umap, "PCA": _principal}
"""What makes a picture (N, 2) of representations (N, n) and a seed."""
