"""Where segments cross boundaries of polytopes, in closed form.

Along a segment every pre-activation is a continuous, piecewise linear function of its parameter t. It is kept by its
values at the points where it bends: layer by layer, each neuron that is on at one of two neighbouring points and off at
the other one crosses 0 once between them, and there all layers behind it bend. So bits at the ends and the number of
crossings of each neuron always agree, whatever the rounding.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.common import arrays
from isoaux.polytopes.networks import Net, Values, without_rounding

Whole = NDArray[np.int64]

BLOCK = 2_000_000
"""Numbers of a layer that are held at once: segments are handled in groups of so many that these suffice."""


@dataclass(frozen=True, eq=False)
class Crossings:
    """Crossings of M segments: ``segment`` (R,), ``t`` (R,) in (0, 1), ``layer`` (R,) from 1, and ``neuron`` (R,).

    They are sorted by segment, and by t within one.
    """

    segment: Whole
    t: Values
    layer: Whole
    neuron: Whole


@dataclass(frozen=True, eq=False)
class Breakpoints:
    """Crossings of one segment, sorted: ``t`` (k,), ``layer`` (k,), ``neuron`` (k,), and the ``jump`` (k,) of the map.

    The jump is the Frobenius norm of the difference of the local maps J on both sides.
    """

    t: Values
    layer: Whole
    neuron: Whole
    jump: Values


@dataclass(frozen=True, eq=False)
class Changes:
    """Changes of the largest logit: ``segment``, ``t``, and the class ``before`` and ``after``, each (R,)."""

    segment: Whole
    t: Values
    before: Whole
    after: Whole


@dataclass(frozen=True, eq=False)
class _Bends:
    """The points where a piecewise linear function of several segments bends: their segment, t, and values (P, n)."""

    segment: Whole
    t: Values
    z: Values

    def between(self) -> NDArray[np.intp]:
        """The points that have the next point on their own segment."""
        return np.flatnonzero(self.segment[1:] == self.segment[:-1])

    def with_points(self, at: NDArray[np.intp], share: Values, zero: Whole) -> "_Bends":
        """The same function with points added: behind the points ``at``, at a ``share`` of the way to the next one.

        There the neuron ``zero`` is exactly 0.
        """
        t = self.t[at] + share * (self.t[at + 1] - self.t[at])
        before, after = self.z[at], self.z[at + 1]
        z = without_rounding(before + share[:, None] * (after - before), np.abs(before) + np.abs(after))
        z[np.arange(len(at)), zero] = 0
        segment = np.concatenate([self.segment, self.segment[at]])
        place = np.concatenate([np.arange(len(self.t), dtype=np.float64), at + 0.5])
        within = np.concatenate([np.zeros(len(self.t)), share])
        order = np.lexsort((within, place))
        return _Bends(segment[order], np.concatenate([self.t, t])[order], np.concatenate([self.z, z])[order])


@arrays.numpy_defaults
def crossing_points(net: Net, first: ArrayLike, second: ArrayLike, start: int = 0) -> Crossings:
    """All crossings of the segments from ``first`` (M, d) to ``second`` (M, d), points of the space ``start``.

    Points where a pre-activation is 0 without changing its sign, and ends of segments, are no crossings. Raises
    ValueError for points of another width, numbers that are not finite, and different numbers of points.
    """
    none = np.zeros(0, dtype=np.int64)
    parts = [Crossings(none, np.zeros(0), none, none)]
    for offset, bends, layer, (at, neuron, share) in _walk(net, first, second, start, net.depth):
        t = bends.t[at] + share * (bends.t[at + 1] - bends.t[at])
        inside = (t > 0) & (t < 1)
        kept = bends.segment[at][inside] + offset, t[inside], np.full(inside.sum(), layer), neuron[inside]
        parts.append(Crossings(*kept))
    segment, layer_of, neuron_of = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("segment", "layer", "neuron")
    )
    t = np.concatenate([part.t for part in parts])
    order = np.lexsort((neuron_of, layer_of, t, segment))
    return Crossings(segment[order], t[order], layer_of[order], neuron_of[order])


def crossings(net: Net, first: ArrayLike, second: ArrayLike, start: int = 0) -> Whole:
    """How many boundaries each of the segments crosses, (M,); parameters and errors as in :func:`crossing_points`."""
    return np.bincount(crossing_points(net, first, second, start).segment, minlength=len(np.atleast_2d(first)))


def breakpoints(net: Net, first: ArrayLike, second: ArrayLike, start: int = 0) -> Breakpoints:
    """The crossings of the segment from ``first`` (d,) to ``second`` (d,), with the jump of the local map at each."""
    p, q = _ends(net, first, second, start)
    if len(p) != 1:
        raise ValueError(
            f"first has {len(p)} points; accepted: one (isoaux.polytopes.segments.crossing_points takes several)."
        )
    crossed = crossing_points(net, p, q, start)
    return Breakpoints(crossed.t, crossed.layer, crossed.neuron, jumps(net, p, q, crossed, start))


@arrays.numpy_defaults
def jumps(net: Net, first: ArrayLike, second: ArrayLike, crossed: Crossings, start: int = 0) -> Values:
    """The Frobenius norm (R,) of the change of the local map at each of the crossings of :func:`crossing_points`.

    It has rank one: (1 - a) |W^{K+1} D^K ... W^{k+1} e_i| |e_i W^k D^{k-1} ... W^{l+1}| for neuron i of layer k.
    """
    p, q = _ends(net, first, second, start)
    space = net.space(start)
    weight, bias = net.affine[space]
    left, right = p @ weight.T + bias, q @ weight.T + bias
    result = np.empty(len(crossed.t))
    size = max(1, BLOCK // max(net.widths[1:]))
    for begin in range(0, len(result), size):
        part = np.arange(begin, min(begin + size, len(result)))
        of, t = crossed.segment[part], crossed.t[part, None]
        slopes = _slopes(net, left[of] + t * (right[of] - left[of]), space)
        result[part] = _rank_one(net, slopes, crossed.layer[part], crossed.neuron[part], space)
    return (1 - net.leak) * result


@arrays.numpy_defaults
def variation(net: Net, first: ArrayLike, second: ArrayLike, start: int = 0) -> Values:
    """The length (M,) of the path of the local map along each segment, the sum of its jumps."""
    crossed = crossing_points(net, first, second, start)
    weights = jumps(net, first, second, crossed, start)
    return np.bincount(crossed.segment, weights, minlength=len(np.atleast_2d(first))).astype(np.float64)


@arrays.numpy_defaults
def changes(net: Net, first: ArrayLike, second: ArrayLike, start: int = 0) -> Changes:
    """All changes of class along the segments, sorted, exactly: the upper envelope of the logits, which are linear.

    Parameters and errors as in :func:`crossing_points`. Of equal logits the first class
    counts. Ends of segments are no changes.
    """
    parts = []
    for offset, bends, layer, _ in _walk(net, first, second, start, net.depth + 1):
        if layer > net.depth:
            at, share, before, after = _envelope(bends)
            t = bends.t[at] + share * (bends.t[at + 1] - bends.t[at])
            inside = (t > 0) & (t < 1)
            parts.append((bends.segment[at][inside] + offset, t[inside], before[inside], after[inside]))
    segment, t, before, after = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((t, segment))
    return Changes(segment[order], t[order], before[order], after[order])


def class_changes(net: Net, first: ArrayLike, second: ArrayLike, start: int = 0) -> Changes:
    """The changes of class along the segment from ``first`` (d,) to ``second`` (d,); see :func:`changes`."""
    return changes(net, first, second, start)


def _ends(net: Net, first: ArrayLike, second: ArrayLike, start: int) -> tuple[Values, Values]:
    space = net.space(start)
    p, q = net.points(first, space, "first"), net.points(second, space, "second")
    if p.shape != q.shape:
        raise ValueError(f"first has {len(p)} points and second has {len(q)}; accepted: as many.")
    return p, q


def _walk(
    net: Net, first: ArrayLike, second: ArrayLike, start: int, last: int
) -> Iterator[tuple[int, _Bends, int, "_Roots"]]:
    """Every layer's bends and roots up to the ``last``, for groups of segments, with the number of the first segment.

    Layer K+1 is that of the logits.
    """
    p, q = _ends(net, first, second, start)
    left, right = net.settled(start + 1, p), net.settled(start + 1, q)
    size = max(1, BLOCK // (max(net.widths[1:]) * (1 + net.bits)))
    for offset in range(0, max(1, len(p)), size):
        ends = np.stack([left[offset : offset + size], right[offset : offset + size]], axis=1)
        count = len(ends)
        bends = _Bends(np.repeat(np.arange(count), 2), np.tile([0.0, 1.0], count), ends.reshape(2 * count, -1))
        for layer in range(start + 1, last + 1):
            roots = _roots(bends)
            yield offset, bends, layer, roots
            if layer < last:
                at, neuron, share = roots
                bends = bends.with_points(at, share, neuron)
                bends = _Bends(bends.segment, bends.t, net.settled(layer + 1, net.act(bends.z)))


_Roots = tuple[NDArray[np.intp], Whole, Values]


def _roots(bends: _Bends) -> _Roots:
    """Where neurons change between on and off: the point before, the neuron, the share of the way."""
    here = bends.between()
    on = bends.z > 0
    which, neuron = np.nonzero(on[here] != on[here + 1])
    at = here[which]
    before, after = bends.z[at, neuron], bends.z[at + 1, neuron]
    return at, neuron, before / (before - after)


def _slopes(net: Net, z: Values, start: int) -> list[Values]:
    """The slopes, 1 or the leak, of every hidden neuron, by layer, where the first layer's pre-activation is ``z``."""
    slopes: list[Values] = []
    for weight, bias in net.affine[start + 1 :]:
        slopes.append(np.where(z > 0, 1.0, net.leak))
        z = (slopes[-1] * z) @ weight.T + bias
    return slopes


def _rank_one(net: Net, slopes: list[Values], layer: Whole, neuron: Whole, start: int) -> Values:
    """|W^{K+1} D^K ... W^{k+1} e_i| |e_i W^k D^{k-1} ... W^{l+1}| for each crossing of neuron i of layer k."""
    first = net.affine[start][0]
    gram = first @ first.T
    result = np.empty(len(layer))
    for k in range(start + 1, net.depth + 1):
        part = np.flatnonzero(layer == k)
        if not len(part):
            continue
        up = net.affine[k][0].T[neuron[part]]
        for later in range(k + 1, net.depth + 1):
            up = (up * slopes[later - start - 1][part]) @ net.affine[later][0].T
        down = np.zeros((len(part), len(first)))
        if k == start + 1:
            down[np.arange(len(part)), neuron[part]] = 1
        else:
            down = net.affine[k - 1][0][neuron[part]] * slopes[k - start - 2][part]
            for earlier in range(k - 1, start + 1, -1):
                down = (down @ net.affine[earlier - 1][0]) * slopes[earlier - start - 2][part]
        across = np.sqrt(np.maximum(np.einsum("ri,ij,rj->r", down, gram, down, optimize=True), 0))
        result[part] = np.linalg.norm(up, axis=1) * across
    return result


def _envelope(bends: _Bends) -> tuple[NDArray[np.intp], Values, Whole, Whole]:
    """Changes of the largest of several linear functions between neighbouring points: point, share, before, after."""
    winner = bends.z.argmax(axis=1)
    here = bends.between()
    here = here[winner[here] != winner[here + 1]]
    now, share = winner[here], np.zeros(len(here))
    switches: list[tuple[NDArray[np.intp], Values, Whole, Whole]] = []
    while len(here):
        left, right = bends.z[here], bends.z[here + 1]
        rows = np.arange(len(here))
        ahead, behind = left[rows, now][:, None] - left, right[rows, now][:, None] - right
        falling = ahead - behind
        with np.errstate(divide="ignore", invalid="ignore"):
            when = np.where(behind < 0, ahead / falling, np.inf)
        last = winner[here + 1]
        done = now == last
        when = np.maximum(when, share[:, None])
        soonest = when.min(axis=1)
        steepest = np.where(when == soonest[:, None], falling, -np.inf).argmax(axis=1)
        after = np.where(np.isfinite(soonest), steepest, last)
        share_now = np.where(np.isfinite(soonest), soonest, 1.0)
        go = ~done
        switches.append((here[go], share_now[go], now[go], after[go]))
        here, now, share = here[go], after[go], share_now[go]
    if not switches:
        empty = np.zeros(0, dtype=np.int64)
        return empty, np.zeros(0), empty, empty
    return tuple(np.concatenate(column) for column in zip(*switches, strict=True))  # type: ignore[return-value]
