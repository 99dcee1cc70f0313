"""The exact partition of a square of a plane into polytopes, by splitting convex polygons; no grid of pixels anywhere.

The polygons form one complex: neighbours share vertices and edges, and at every vertex the pre-activations of the
current layer are known. They are affine on each polygon, so a neuron whose sign changes among its vertices splits it
along a straight line; the points where that line meets edges are computed once for both sides. So edges never end
inside a face, and V - E + F = 1. The algorithm is that of SplineCam (Humayun et al. 2023) without its graph library.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.common import arrays
from isoaux.common.choices import shown
from isoaux.polytopes.codes import packed
from isoaux.polytopes.networks import Net, Values, without_rounding

Whole = NDArray[np.int64]

JOINED = 1e-9
"""Two vertices of an edge that are closer, in units of the half-width of the window, become one."""

TINY = 1e-14
"""Faces of a smaller area, in units of the window's, are counted as tiny; rounding decides whether they exist."""

ORTHONORMAL = 1e-9
"""How far the scalar products of the vectors of a plane may be from those of orthonormal ones."""

WINDOW = -1
"""The mark of edges on the border of the window."""


@dataclass(frozen=True, eq=False)
class Plane:
    """A square of the plane ``origin`` + x ``first`` + y ``second``, |x| and |y| up to ``window``; vectors are (d,)."""

    origin: Values
    first: Values
    second: Values
    window: float

    def points(self, xy: ArrayLike) -> Values:
        """The points (N, d) of the plane at coordinates ``xy`` (N, 2)."""
        coordinates = arrays.rows(xy, "xy", 2).astype(np.float64)
        return self.origin + coordinates @ np.stack([self.first, self.second])


@dataclass(frozen=True, eq=False)
class Complex:
    """Convex polygons that share vertices: their ``vertices`` (V, 2), and ``values`` (V, n) of a function there.

    Polygon f is the cycle of vertices ``ring[offsets[f]:offsets[f + 1]]``; ``marks`` (T,) say of the edge from each
    entry of ``ring`` to the next one of its polygon what made it. ``parent`` (F,) is the polygon that it was part of
    when the current layer began.
    """

    vertices: Values
    values: Values
    ring: Whole
    offsets: Whole
    marks: Whole
    parent: Whole

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def of(self) -> Whole:
        """The polygon (T,) of every entry of the ring."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    @property
    def following(self) -> Whole:
        """The place (T,) in the ring of the next entry of the same polygon."""
        return _following(self.offsets)

    def means(self, values: Values) -> Values:
        """The mean (F, n) of ``values`` (V, n) over the vertices of every polygon."""
        sums = np.add.reduceat(values[self.ring], self.offsets[:-1], axis=0)
        return np.asarray(sums / np.diff(self.offsets)[:, None])

    def winners_agree(self, winner: Whole) -> NDArray[np.bool_]:
        """Whether (F,) all vertices of a polygon have the same number in ``winner`` (V,)."""
        numbers = winner[self.ring]
        first = self.offsets[:-1]
        return np.asarray(np.minimum.reduceat(numbers, first) == np.maximum.reduceat(numbers, first))


@dataclass(frozen=True, eq=False)
class Pieces:
    """Polygons of one class each: their ``complex``, the class ``winner`` (P,), and the ``face`` (P,) each is in."""

    complex: Complex
    winner: Whole
    face: Whole

    def areas(self, classes: int) -> Values:
        """The area (classes,) of every class."""
        return np.bincount(self.winner, _areas(self.complex), minlength=classes).astype(np.float64)

    def polygons(self) -> Iterator[tuple[int, Values]]:
        """The class and the vertices (v, 2) of each polygon."""
        for f, winner in enumerate(self.winner):
            yield int(winner), self.complex.vertices[_cycle(self.complex, f)]

    def boundaries(self) -> Values:
        """The segments (S, 2, 2) between two classes."""
        ends, faces, _ = edges_of(self.complex)
        inner = faces[:, 1] >= 0
        between = inner & (self.winner[faces[:, 0]] != self.winner[faces[:, 1]])
        return self.complex.vertices[ends[between]]


@dataclass(frozen=True, eq=False)
class Partition:
    """The faces of a ``plane``, each with its code and the affine map of the logits.

    ``vertices`` (V, 2) in coordinates of the plane; face f is the cycle ``ring[offsets[f]:offsets[f + 1]]`` of them,
    anticlockwise; ``codes`` (F, bits), of all layers behind the space; ``logits`` (F, c, 3), whose product with
    (x, y, 1) are the logits; ``marks`` (T,) number the neuron that made the edge behind every entry of ``ring``,
    through all layers, or are :data:`WINDOW`. ``widths`` are those of the layers that codes belong to, ``start`` the
    space.
    """

    plane: Plane
    start: int
    widths: tuple[int, ...]
    complex: Complex
    codes: NDArray[np.bool_]
    logits: Values

    @property
    def vertices(self) -> Values:
        """The vertices (V, 2) in coordinates of the plane."""
        return self.complex.vertices

    @property
    def ring(self) -> Whole:
        """The vertices (T,) of one face after the other."""
        return self.complex.ring

    @property
    def offsets(self) -> Whole:
        """Where each face begins in ``ring``, and where the last one ends, (F + 1,)."""
        return self.complex.offsets

    @property
    def marks(self) -> Whole:
        """The neuron (T,) that made the edge behind every entry of ``ring``, or :data:`WINDOW`."""
        return self.complex.marks

    @property
    def faces(self) -> int:
        """The number of faces."""
        return len(self.complex)

    @property
    def faces_by_layer(self) -> list[int]:
        """How many faces there are after each layer behind the space: the number of different codes up to it."""
        bounds = np.cumsum(self.widths)
        return [len(np.unique(packed(self.codes[:, :end]), axis=0)) for end in bounds]

    @cached_property
    def _edges(self) -> tuple[Whole, Whole, Whole]:
        return edges_of(self.complex)

    @property
    def edges(self) -> Whole:
        """The vertices (E, 2) at the ends of every edge."""
        return self._edges[0]

    @property
    def neighbours(self) -> Whole:
        """The faces (E, 2) on the sides of every edge, the second -1 at the border of the window."""
        return self._edges[1]

    @property
    def edge_marks(self) -> Whole:
        """The neuron (E,) that made every edge, through all layers, or :data:`WINDOW`."""
        return self._edges[2]

    @property
    def euler(self) -> int:
        """V - E + F, which is 1."""
        return len(self.vertices) - len(self.edges) + self.faces

    @cached_property
    def areas(self) -> Values:
        """The area (F,) of every face, in squared units of the plane."""
        return _areas(self.complex)

    @property
    def tiny(self) -> int:
        """How many faces are smaller than :data:`TINY` of the window; they stay, or the complex would have holes."""
        return int((self.areas < TINY * 4 * self.plane.window**2).sum())

    def polygon(self, face: int) -> Values:
        """The vertices (v, 2) of a face."""
        return self.vertices[_cycle(self.complex, face)]

    def layers(self) -> Whole:
        """The layer (E,) whose neuron made each edge, counted from 1 through the network; 0 for the window's border."""
        behind = np.searchsorted(np.cumsum(self.widths), self.edge_marks, side="right")
        return np.where(self.edge_marks == WINDOW, 0, self.start + 1 + behind)

    def edges_by_layer(self) -> dict[int, Values]:
        """The edges as segments (S, 2, 2), by the layer that made them."""
        layer, segments = self.layers(), self.vertices[self.edges]
        return {int(k): segments[layer == k] for k in np.unique(layer)}

    def vertex_logits(self) -> Values:
        """The logits (V, c) at every vertex, which are the same from all its faces."""
        logits = np.empty((len(self.vertices), self.logits.shape[1]))
        maps = self.logits[self.complex.of]
        logits[self.ring] = maps[:, :, 2] + np.einsum("tcx,tx->tc", maps[:, :, :2], self.vertices[self.ring])
        return logits

    def classes(self) -> Pieces:
        """Polygons of one class each, exactly.

        A face whose vertices have one winner is of that class, since its logits are affine; any other one is split
        where each class in turn overtakes the largest of those before it.
        """
        logits = self.vertex_logits()
        count = logits.shape[1]
        made = Complex(self.vertices, logits, self.ring, self.offsets, self.marks, np.arange(self.faces))
        mixed = ~made.winners_agree(logits.argmax(axis=1))
        for c in range(1, count):
            before = made.values[:, :c].max(axis=1)
            ahead, mark = made.values[:, c] - before, sum(self.widths) + c
            made, _ = split(made, ahead, mark, self.plane.window, mixed[made.parent])
        return Pieces(made, made.means(made.values).argmax(axis=1), made.parent)

    def at(self, xy: ArrayLike) -> Whole:
        """The face (N,) that holds each of the points at coordinates ``xy`` (N, 2), -1 outside of the window.

        On an edge it is one of the faces beside it.
        """
        points = arrays.rows(xy, "xy", 2).astype(np.float64)
        start, end = self.vertices[self.ring], self.vertices[self.ring[self.complex.following]]
        along = end - start
        result = np.full(len(points), -1, dtype=np.int64)
        for i, point in enumerate(points):
            side = along[:, 0] * (point[1] - start[:, 1]) - along[:, 1] * (point[0] - start[:, 0])
            depth = np.minimum.reduceat(side, self.offsets[:-1])
            if depth.max() >= 0:
                result[i] = depth.argmax()
        return result


@arrays.numpy_defaults
def through(first: ArrayLike, second: ArrayLike, third: ArrayLike, scale: float = 1.0) -> Plane:
    """The square around the mean of three points (d,) of a space, in the plane through them.

    Its half-width is ``scale`` times the largest distance of two of them; ``Plane.first`` points from the first to the
    second. Raises ValueError for points of different spaces, and for points on a line.
    """
    points = arrays.rows([np.ravel(arrays.numbers(p, "a point")) for p in (first, second, third)], "points")
    points = points.astype(np.float64)
    across, up = points[1] - points[0], points[2] - points[0]
    distance = max(np.linalg.norm(across), np.linalg.norm(up), np.linalg.norm(points[2] - points[1]))
    along = across / np.linalg.norm(across) if across.any() else across
    rest = up - along * (along @ up)
    rest = rest - along * (along @ rest)
    if np.linalg.norm(rest) <= ORTHONORMAL * distance or not across.any():
        raise ValueError("the three points lie on a line; accepted: three points that span a plane.")
    return Plane(
        points.mean(axis=0), along, rest / np.linalg.norm(rest), arrays.positive(scale, "scale") * float(distance)
    )


@arrays.numpy_defaults
def slice(
    net: Net,
    origin: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    window: float,
    start: int = 0,
    limit: int = 100_000,
) -> Partition:
    """The partition of a square of a plane of the space ``start`` into the polytopes that it meets.

    The plane is ``origin`` + x ``first`` + y ``second`` with orthonormal vectors (d,), the square is |x|, |y| up to
    ``window``. Vertices of one edge closer than :data:`JOINED` become one. Raises ValueError for vectors that are
    parallel or not orthonormal within :data:`ORTHONORMAL`, for a window that is not above 0, and as soon as there are
    more faces than ``limit``.
    """
    space = net.space(start)
    plane = _plane(net, space, origin, first, second, window)
    most = arrays.whole(limit, "limit")
    weight, bias = net.affine[space]
    corners = plane.window * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    frame = np.stack([plane.first, plane.second, plane.origin])
    maps = (weight @ frame.T)[None]
    maps[:, :, 2] += bias
    size = np.abs(weight) @ (np.abs(frame).T @ [plane.window, plane.window, 1.0]) + np.abs(bias)
    polygons = Complex(
        corners,
        without_rounding(corners @ maps[0, :, :2].T + maps[0, :, 2], size),
        np.arange(4),
        np.array([0, 4]),
        np.full(4, WINDOW),
        np.zeros(1, dtype=np.int64),
    )
    codes = np.zeros((1, 0), dtype=bool)
    for k in range(space + 1, net.depth + 1):
        polygons = _layer(polygons, codes.shape[1], plane.window, k, most)
        bits = polygons.means(polygons.values) > 0
        codes = np.hstack([codes[polygons.parent], bits])
        weight, bias = net.affine[k]
        maps = weight @ (maps[polygons.parent] * np.where(bits, 1.0, net.leak)[:, :, None])
        maps[:, :, 2] += bias
        polygons = Complex(
            polygons.vertices,
            net.settled(k + 1, net.act(polygons.values)),
            polygons.ring,
            polygons.offsets,
            polygons.marks,
            np.arange(len(polygons)),
        )
    return Partition(plane, space, net.widths[space + 1 : -1], polygons, codes, maps)


def split(
    polygons: Complex, values: Values, mark: int, window: float, active: NDArray[np.bool_] | None = None
) -> tuple[Complex, NDArray[np.bool_]]:
    """The polygons after each on which ``values`` (V,), affine there, changes sign is split where they are 0.

    And which vertices lie on that line. New edges get ``mark``. Of the polygons only those in ``active`` (F,) are
    split, by default all; others keep their shape, with the new vertices on their edges.
    """
    signs = _signs(polygons, values, window)
    ring, following = polygons.ring, polygons.following
    here, there = signs[ring], signs[ring[following]]
    first = polygons.offsets[:-1]
    both = (np.minimum.reduceat(here, first) < 0) & (np.maximum.reduceat(here, first) > 0)
    both = both if active is None else both & active
    if not both.any():
        return polygons, signs == 0
    changing = here * there < 0
    low, high = np.minimum(ring, ring[following]), np.maximum(ring, ring[following])
    key = low * len(values) + high
    edges = np.unique(key[changing & both[polygons.of]])
    a, b = edges // len(values), edges % len(values)
    share = (values[a] / (values[a] - values[b]))[:, None]
    vertices = polygons.vertices[a] + share * (polygons.vertices[b] - polygons.vertices[a])
    at = polygons.values[a] + share * (polygons.values[b] - polygons.values[a])
    place = np.minimum(np.searchsorted(edges, key), max(0, len(edges) - 1))
    cut = changing & (edges[place] == key) if len(edges) else np.zeros(len(ring), dtype=bool)
    wide = _with_vertices(polygons, cut, len(values) + place, vertices, at)
    signs = np.concatenate([signs, np.zeros(len(edges), dtype=np.int8)])
    return _divided(wide, signs, both, mark), signs == 0


def _plane(net: Net, space: int, origin: ArrayLike, first: ArrayLike, second: ArrayLike, window: float) -> Plane:
    vectors = []
    for vector, name in ((origin, "origin"), (first, "first"), (second, "second")):
        array = net.points(vector, space, name)
        if len(array) != 1:
            raise ValueError(f"{name} has {len(array)} vectors; accepted: one.")
        vectors.append(array[0])
    o, e, f = vectors
    lengths = np.linalg.norm(e), np.linalg.norm(f)
    if min(lengths) == 0 or abs(e @ f) >= (1 - ORTHONORMAL) * lengths[0] * lengths[1]:
        raise ValueError("first and second are parallel; accepted: two orthonormal vectors.")
    error = max(abs(lengths[0] - 1), abs(lengths[1] - 1), abs(e @ f))
    if error > ORTHONORMAL:
        raise ValueError(
            f"first and second differ from orthonormal vectors by {error:.2g}; accepted: {ORTHONORMAL:g} "
            "(numpy.linalg.qr or isoaux.polytopes.partition.through makes orthonormal ones)."
        )
    return Plane(o, e, f, arrays.positive(window, "window"))


def _layer(polygons: Complex, before: int, window: float, k: int, most: int) -> Complex:
    """The polygons split by every neuron of layer ``k``; the layers in front of it have ``before`` neurons."""
    crossing = (polygons.values.min(axis=0) < 0) & (polygons.values.max(axis=0) > 0)
    for neuron in np.flatnonzero(crossing):
        polygons, on_line = split(polygons, polygons.values[:, neuron], before + int(neuron), window)
        polygons.values[on_line, neuron] = 0
        if len(polygons) > most:
            raise ValueError(
                f"limit is {most:,}, and layer {k} makes at least {len(polygons):,} faces; accepted: a larger limit, "
                f"or a window smaller than {shown(window)}."
            )
    return polygons


def _signs(polygons: Complex, values: Values, window: float) -> NDArray[np.int8]:
    """The sign (V,) of every vertex, 0 where the line of zeros passes within :data:`JOINED` of it along an edge."""
    signs = np.sign(values).astype(np.int8)
    start, end = polygons.ring, polygons.ring[polygons.following]
    changing = np.flatnonzero(signs[start] * signs[end] < 0)
    a, b = start[changing], end[changing]
    length = np.linalg.norm(polygons.vertices[b] - polygons.vertices[a], axis=1)
    share = values[a] / (values[a] - values[b])
    signs[a[share * length < JOINED * window]] = 0
    signs[b[(1 - share) * length < JOINED * window]] = 0
    return signs


def _following(offsets: Whole) -> Whole:
    following = np.arange(1, offsets[-1] + 1)
    following[offsets[1:] - 1] = offsets[:-1]
    return following


def _with_vertices(
    polygons: Complex, cut: NDArray[np.bool_], number: Whole, vertices: Values, values: Values
) -> Complex:
    """The polygons with new vertices behind those entries of the ring that are ``cut``, of these ``number`` (T,)."""
    places = np.flatnonzero(cut) + 1
    ring = np.insert(polygons.ring, places, number[cut])
    marks = np.insert(polygons.marks, places, polygons.marks[cut])
    added = np.concatenate([[0], np.cumsum(cut)])
    return Complex(
        np.concatenate([polygons.vertices, vertices]),
        np.concatenate([polygons.values, values]),
        ring,
        polygons.offsets + added[polygons.offsets],
        marks,
        polygons.parent,
    )


def _divided(wide: Complex, signs: NDArray[np.int8], both: NDArray[np.bool_], mark: int) -> Complex:
    """The polygons in which those of ``both`` signs are in two along their two vertices of sign 0."""
    sign = _clean(wide, signs[wide.ring], both)
    of, following = wide.of, wide.following
    dividing = both[of]
    after = sign[following]
    kept_above = ~dividing | (sign >= 0)
    kept_below = dividing & (sign <= 0)
    marks_above = np.where(dividing & (sign == 0) & (after < 0), mark, wide.marks)
    marks_below = np.where((sign == 0) & (after > 0), mark, wide.marks)
    sizes = np.concatenate(
        [np.bincount(of[kept_above], minlength=len(wide)), np.bincount(of[kept_below], minlength=len(wide))[both]]
    )
    return Complex(
        wide.vertices,
        wide.values,
        np.concatenate([wide.ring[kept_above], wide.ring[kept_below]]),
        np.concatenate([[0], np.cumsum(sizes)]),
        np.concatenate([marks_above[kept_above], marks_below[kept_below]]),
        np.concatenate([wide.parent, wide.parent[both]]),
    )


def _clean(wide: Complex, sign: NDArray[np.int8], both: NDArray[np.bool_]) -> NDArray[np.int8]:
    """The signs (T,) of the ring with exactly two zeros, apart, in every polygon of ``both``.

    A line that passes through a polygon meets its border twice. Vertices that were joined with the line may lie beside
    it or several in a row; then the first of a row between both signs stays, and others take the sign beside them.
    """
    zero = sign == 0
    counts = np.add.reduceat(zero.astype(np.int64), wide.offsets[:-1])
    following = wide.following
    previous = np.empty_like(following)
    previous[following] = np.arange(len(following))
    lone = ~zero | (sign[previous] * sign[following] < 0)
    good = (counts == 2) & np.logical_and.reduceat(lone, wide.offsets[:-1])
    odd = np.flatnonzero(both & ~good)
    if not len(odd):
        return sign
    sign = sign.copy()
    for f in odd:
        begin, end = wide.offsets[f], wide.offsets[f + 1]
        sign[begin:end] = _two_zeros(sign[begin:end].tolist())
        if not (sign[begin:end] == 0).any():
            both[f] = False
    return sign


def _two_zeros(signs: list[int]) -> list[int]:
    """A cycle of signs with one zero at either change of sign; all of one sign if there are more than two changes."""
    count = len(signs)
    begin = next(i for i in range(count) if signs[i])
    turned = signs[begin:] + signs[:begin]
    last, zeros = turned[0], []
    for i in range(1, count + 1):
        value = turned[i % count]
        if value == 0:
            zeros.append(i)
            continue
        if zeros and value != last:
            zeros = zeros[1:]
            for z in zeros:
                turned[z] = value
        else:
            for z in zeros:
                turned[z] = last
        last, zeros = value, []
    if turned.count(0) != 2:
        turned = [1] * count
    return turned[count - begin :] + turned[: count - begin]


def _cycle(polygons: Complex, face: int) -> Whole:
    return polygons.ring[polygons.offsets[face] : polygons.offsets[face + 1]]


def _areas(polygons: Complex) -> Values:
    """The area (F,) of every polygon, from coordinates relative to its first vertex."""
    first = polygons.vertices[polygons.ring[polygons.offsets[:-1]]][polygons.of]
    a = polygons.vertices[polygons.ring] - first
    b = a[polygons.following]
    return np.asarray(np.add.reduceat(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], polygons.offsets[:-1]) / 2)


def edges_of(polygons: Complex) -> tuple[Whole, Whole, Whole]:
    """The vertices (E, 2), the polygons beside (E, 2), the second -1 where there is none, and the mark (E,)."""
    start, end = polygons.ring, polygons.ring[polygons.following]
    low, high = np.minimum(start, end), np.maximum(start, end)
    key = low * len(polygons.vertices) + high
    order = np.argsort(key, kind="stable")
    _, first, counts = np.unique(key[order], return_index=True, return_counts=True)
    of = polygons.of[order]
    second = np.where(counts > 1, of[np.minimum(first + 1, len(of) - 1)], -1)
    chosen = order[first]
    return np.stack([low[chosen], high[chosen]], axis=1), np.stack([of[first], second], axis=1), polygons.marks[chosen]
