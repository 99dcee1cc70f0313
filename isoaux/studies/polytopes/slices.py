"""Slices as they are drawn: faces with class and lead, and edges by layer, as published or cut from stored weights."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy
from numpy.typing import NDArray

from isoaux.common.archive import Published
from isoaux.paper import Classifier
from isoaux.polytopes import Net, partition
from isoaux.polytopes.partition import Complex, Partition
from isoaux.records.results import Result
from isoaux.studies.polytopes import data
from isoaux.studies.polytopes.data import SLICED
from isoaux.studies.polytopes.measuring_slices import LIMIT, STEPS, published
from isoaux.studies.polytopes.samples import Values, Whole

GRID = 90
"""Places along each side of a slice at which its classes are looked at for a place to write them."""

WIDE = 0.05
"""A class is written into a view of a slice where it is wider than twice this part of it."""


@dataclass(frozen=True)
class View:
    """The square of a slice around (``x``, ``y``), ``half`` as wide as its sides."""

    x: float = 0.0
    y: float = 0.0
    half: float = 1.0

    def meets(self, low: Values, high: Values) -> NDArray[np.bool_]:
        """Whether (N,) boxes from ``low`` to ``high``, both (N, 2), reach into it."""
        middle = np.array([self.x, self.y])
        return np.asarray(((low < middle + self.half) & (high > middle - self.half)).all(axis=1))


@dataclass(frozen=True, eq=False)
class Slice:
    """A slice in units of the half-width of its window: ``vertices`` (V, 2), ``ring`` (T,), ``offsets`` (F + 1,).

    ``winner`` (F,) is the class of each face at the mean of its vertices, ``lead`` (F,) how far its probability leads
    there, and ``layers`` (T,) the layer of the edge behind each entry of the ring, 0 for the border. ``boundaries``
    (S, 2, 2) are segments between classes, or None where they are those edges that have different winners beside them.
    ``corners`` (3, 2) are the three points that span the plane, where they are known.
    """

    vertices: Values
    ring: Whole
    offsets: Whole
    winner: Whole
    lead: Values
    layers: Whole
    boundaries: Values | None = None
    corners: Values | None = None

    @property
    def faces(self) -> int:
        """The number of faces."""
        return len(self.winner)

    @cached_property
    def _complex(self) -> Complex:
        nothing = np.zeros((len(self.vertices), 0))
        return Complex(self.vertices, nothing, self.ring, self.offsets, self.layers, np.arange(self.faces))

    @cached_property
    def _edges(self) -> tuple[Whole, Whole, Whole]:
        """The ends (E, 2) of every edge, the faces (E, 2) beside it, the second -1 at the border, and its layer."""
        return partition.edges_of(self._complex)

    @property
    def euler(self) -> int:
        """V - E + F."""
        return len(self.vertices) - len(self._edges[0]) + self.faces

    def edges(self) -> dict[int, Values]:
        """The edges inside the window as segments (S, 2, 2), by the layer that made them."""
        ends, _, layers = self._edges
        segments = self.vertices[ends]
        return {int(layer): segments[layers == layer] for layer in np.unique(layers) if layer}

    def between_classes(self) -> Values:
        """The segments (S, 2, 2) between two classes."""
        if self.boundaries is not None:
            return self.boundaries
        ends, faces, _ = self._edges
        apart = (faces[:, 1] >= 0) & (self.winner[faces[:, 0]] != self.winner[faces[:, 1]])
        return self.vertices[ends[apart]]

    @property
    def crowded(self) -> tuple[float, float]:
        """The place (x, y) with half of all vertices on each side of it, in either coordinate."""
        x, y = np.median(self.vertices, axis=0)
        return float(x), float(y)

    def polygons(self, view: View) -> tuple[list[Values], Whole]:
        """The faces, vertices (v, 2) each, that reach into a view, and their numbers."""
        low, high = (
            function.reduceat(self.vertices[self.ring], self.offsets[:-1], axis=0)
            for function in (np.minimum, np.maximum)
        )
        chosen = np.flatnonzero(view.meets(low, high))
        return [self.vertices[self.ring[self.offsets[f] : self.offsets[f + 1]]] for f in chosen], chosen

    @property
    def shares(self) -> dict[int, float]:
        """The share of the window of each class that occurs, its faces taken whole, largest first."""
        return {k: float(area) for k, area in self._areas() if area > 0}

    def _areas(self) -> list[tuple[int, float]]:
        x, y = self.vertices[self.ring].T
        following = self._complex.following
        twice = np.add.reduceat(x * y[following] - x[following] * y, self.offsets[:-1])
        areas = np.bincount(self.winner, twice) / np.abs(twice).sum()
        return sorted(enumerate(areas.tolist()), key=lambda pair: -pair[1])

    def places(self, view: View) -> Iterator[tuple[int, float, float]]:
        """A class and a place (x, y) in the middle of where it is widest in a view, for each that is wide enough."""
        middles = self._complex.means(self.vertices)
        at = ((np.arange(GRID) + 0.5) * 2 / GRID - 1) * view.half
        x, y = np.meshgrid(view.x + at, view.y + at)
        _, nearest = scipy.spatial.cKDTree(middles).query(np.stack([x.ravel(), y.ravel()], axis=1))
        winners = self.winner[nearest].reshape(GRID, GRID)
        for k in np.unique(winners):
            depth = scipy.ndimage.distance_transform_edt(np.pad(winners == k, 1))[1:-1, 1:-1]
            row, column = np.unravel_index(depth.argmax(), depth.shape)
            if depth.max() / GRID > WIDE:
                yield int(k), float(x[row, column]), float(y[row, column])


def epochs(drawing: Published) -> list[int]:
    """The epochs of which a slice is published whole, in their order."""
    return sorted(int(name.split(" ")[1]) for name in drawing.arrays if name.endswith(" offsets"))


def checkpoints(drawing: Published) -> list[int]:
    """The epochs after which networks are sliced, those of which weights are stored."""
    return sorted({epoch for _, epoch in data.weights_of(drawing)})


def whole(drawing: Published, epoch: int) -> Slice:
    """The slice in the space of images that is published whole of an epoch; KeyError where there is none."""
    arrays = {name: drawing[f"slice {epoch} {name}"] for name in ("ring", "offsets", "winner", "lead", "layers")}
    return _slice({"vertices": drawing[f"slice {epoch} vertices"], **arrays})


def _slice(arrays: dict[str, NDArray[np.generic]]) -> Slice:
    """The slice that :func:`isoaux.studies.polytopes.measuring_slices.published` has put into few bytes."""
    whole = {name: arrays[name].astype(np.int64) for name in ("ring", "offsets", "winner", "layers")}
    return Slice(
        arrays["vertices"].astype(np.float64) / STEPS,
        whole["ring"],
        whole["offsets"],
        whole["winner"],
        arrays["lead"].astype(np.float64) / 255,
        whole["layers"],
    )


def cut(drawing: Published, name: str, start: int, leak: float | None = None) -> tuple[Slice, Partition]:
    """The slice of a stored network at its last epoch, in a space of activations, through the three images.

    ``name`` is that of a ReLU configuration, whose activations are published in int16; ``leak`` replaces its slope
    below 0.
    """
    net = data.stored(drawing, name, max(epoch for each, epoch in data.weights_of(drawing) if each == name))
    units = drawing[f"units {name}"][start - 1]
    points = drawing[f"activations {name}"][drawing["corners"], start - 1].astype(np.float64) * units
    square = partition.through(*points)
    net = net if leak is None else Net(net.affine, leak)
    made = partition.slice(net, square.origin, square.first, square.second, square.window, start, LIMIT)
    small, frame = _slice(published(made)), np.stack([square.first, square.second])
    corners = (points - square.origin) @ frame.T / square.window
    boundaries = made.classes().boundaries() / square.window
    fields = (small.vertices, small.ring, small.offsets, small.winner, small.lead, small.layers)
    return Slice(*fields, boundaries, corners), made


def stored_relu(result: Result) -> list[tuple[Classifier, list[int]]]:
    """The configurations of ReLU whose weights and activations are stored, with their rows, PyTorch's start last."""
    names = {name.removeprefix("units ") for name in result.drawing.arrays if name.startswith("units ")}
    stored = [(c, rows) for c, rows in data.classifiers(result).items() if c.id in names]
    return sorted(stored, key=lambda pair: pair[0].start == SLICED[0])
