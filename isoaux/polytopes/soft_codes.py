"""Gates: what takes the place of a code's bits where an activation does not cut its space by hyperplanes.

Every activation here is f(z) = p z with a gate p: for ReLU it is the bit, for Leaky-ReLU the slope, for swish and GELU
a probability (Balestriero and Baraniuk 2018), for tanh tanh(z_i)/z_i. Isotropic functions, and those of a largest
coordinate, have one gate for all neurons of a layer. Unlike polytopes, the local map varies everywhere: its variation
along a segment is measured on ever finer grids.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import scipy
from numpy.typing import ArrayLike
from scipy.spatial.distance import pdist

from isoaux.common import arrays
from isoaux.common.choices import choose
from isoaux.polytopes.networks import LEAK, RADIUS, Layers, Values, read

BLOCK = 4_000_000
"""Numbers of local maps that are held at once."""

COARSEST, FINEST = 2**5, 2**14
"""Steps of the coarsest and the finest grid along a segment."""


@dataclass(frozen=True)
class Gate:
    """An activation f(z) = p z: the ``gate`` p of z (N, n), shape (N, n) or (N, 1), and how gradients pass.

    ``pull(z, g)`` is g J (N, c, n) for rows ``g`` (N, c, n) and the Jacobian J of f at z.
    """

    gate: Callable[[Values], Values]
    pull: Callable[[Values, Values], Values]


def _by_neuron(gate: Callable[[Values], Values], slope: Callable[[Values], Values]) -> Gate:
    return Gate(gate, lambda z, g: g * slope(z)[:, None])


def _norm(z: Values) -> Values:
    return np.asarray(np.maximum(np.linalg.norm(z, axis=1, keepdims=True), np.finfo(np.float64).tiny))


def _radial(gate: Callable[[Values], Values], slope: Callable[[Values], Values]) -> Gate:
    """A function of the norm r alone, times the unit vector: its Jacobian is p I + (slope - p) u u^T."""

    def pull(z: Values, g: Values) -> Values:
        r = _norm(z)
        unit, p = (z / r)[:, None], gate(r)[:, None]
        return np.asarray(p * g + (slope(r)[:, None] - p) * (g * unit).sum(-1, keepdims=True) * unit)

    return Gate(lambda z: gate(_norm(z)), pull)


def _tanh_over(r: Values) -> Values:
    near = np.abs(r) < 1e-4
    safe = np.where(near, 1.0, r)
    return np.asarray(np.where(near, 1 - r * r / 3, np.tanh(safe) / safe))


def _ball(size: Values) -> Values:
    """What functions with a leak inside of a ball scale by, from a size of at least the least normal number."""
    inside = size < RADIUS
    return np.where(inside, LEAK, 1 - (1 - LEAK) * RADIUS / np.where(inside, RADIUS, size))


def _largest(z: Values) -> Values:
    return np.maximum(np.abs(z).max(axis=1, keepdims=True), np.finfo(np.float64).tiny)


def _pull_of_largest(z: Values, g: Values) -> Values:
    size = _largest(z)
    where = np.abs(z).argmax(axis=1)
    rows = np.arange(len(z))
    pull = _ball(size)[:, None] * g
    factor = np.where(size < RADIUS, 0.0, (1 - LEAK) * RADIUS / size**2)[:, 0] * np.sign(z[rows, where])
    pull[rows, :, where] += factor[:, None] * np.einsum("ncj,nj->nc", g, z)
    return np.asarray(pull)


def _parity(z: Values) -> Values:
    return np.where(np.sign(z).prod(axis=1, keepdims=True) > 0, 1.0, LEAK)


def _swish(eta: float) -> Gate:
    def slope(z: Values) -> Values:
        p = scipy.special.expit(eta * z)
        return np.asarray(p + eta * z * p * (1 - p))

    return _by_neuron(lambda z: np.asarray(scipy.special.expit(eta * z)), slope)


GATES: Mapping[str, Gate] = {
    "relu": _by_neuron(lambda z: np.where(z > 0, 1.0, 0.0), lambda z: np.where(z > 0, 1.0, 0.0)),
    "lrelu": _by_neuron(lambda z: np.where(z > 0, 1.0, LEAK), lambda z: np.where(z > 0, 1.0, LEAK)),
    "swish": _swish(1.0),
    "gelu": _by_neuron(
        lambda z: np.asarray(scipy.special.ndtr(z)),
        lambda z: np.asarray(scipy.special.ndtr(z) + z * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)),
    ),
    "tanh": _by_neuron(_tanh_over, lambda z: np.asarray(1 - np.tanh(z) ** 2)),
    "isotanh": _radial(_tanh_over, lambda r: np.asarray(1 - np.tanh(r) ** 2)),
    "isolrelu": _radial(_ball, lambda r: np.where(r < RADIUS, LEAK, 1.0)),
    "bnlrelu_elem": _by_neuron(
        lambda z: _ball(np.maximum(np.abs(z), np.finfo(np.float64).tiny)),
        lambda z: np.where(np.abs(z) < RADIUS, LEAK, 1.0),
    ),
    "bnlrelu_max": Gate(lambda z: _ball(_largest(z)), _pull_of_largest),
    "dnlrelu": Gate(_parity, lambda z, g: g * _parity(z)[:, None]),
}
"""The activations by their keys; leak and radius are the paper's, swish is SiLU unless ``eta`` says otherwise."""

MODULES = {"ReLU": "relu", "SiLU": "swish", "GELU": "gelu", "Tanh": "tanh"}
"""Torch's modules by their names; the library's own have their key."""


def named(activation: str, eta: float = 1.0) -> Gate:
    """The gate of a key of :data:`GATES`; ``eta`` is the slope of swish. ValueError for an unknown key."""
    gate = choose("activation", activation, GATES)
    return _swish(arrays.positive(eta, "eta")) if activation == "swish" else gate


@arrays.numpy_defaults
def gates(activation: str, z: ArrayLike, eta: float = 1.0) -> Values:
    """The gates p of pre-activations ``z`` (N, n), with f(z) = p z: (N, n), or (N, 1) where a layer has one.

    ``eta`` is the slope of swish, whose gate tends to the bit of ReLU as it grows.
    """
    return np.asarray(named(activation, eta).gate(arrays.rows(z, "z").astype(np.float64)))


@dataclass(frozen=True, eq=False)
class Soft(Layers):
    """A network with any ``activation`` of :data:`GATES`; ``eta`` is the slope of swish."""

    activation: str = "tanh"
    eta: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        named(self.activation, self.eta)

    def act(self, z: Values) -> Values:
        return named(self.activation, self.eta).gate(z) * z

    @classmethod
    def of(cls, module: Iterable[Any]) -> Self:
        """The network that an ``nn.Sequential`` of linear layers, with one kind of activation between them, is.

        Raises ValueError for other modules.
        """
        layers, functions = read(module)
        keys = {getattr(f, "key", MODULES.get(type(f).__name__, type(f).__name__)) for f in functions}
        if len(keys) > 1:
            raise ValueError(f"the module has the activations {sorted(keys)}; accepted: one kind.")
        return cls(layers, keys.pop())


@arrays.numpy_defaults
def codes(net: Soft, x: ArrayLike, start: int = 0) -> Values:
    """The gates (N, gates) of all layers behind the space ``start``, of points ``x`` (N, d) of that space."""
    space, gate = net.space(start), named(net.activation, net.eta)
    return np.hstack([gate.gate(z) for z in net.pre_activations(net.points(x, space), space)[:-1]])


@arrays.numpy_defaults
def distance(soft: ArrayLike) -> Values:
    """The sum of |p - p'| over gates for each two of the soft codes (N, gates), in the order of ``pdist``.

    For ReLU it is the Hamming distance, for Leaky-ReLU 1 - a times it.
    """
    return np.asarray(pdist(arrays.rows(soft, "soft").astype(np.float64), "cityblock"))


@arrays.numpy_defaults
def max_affine(slopes: ArrayLike, offsets: ArrayLike, x: ArrayLike, eta: float | None = None) -> Values:
    """Max-affine splines max_r (A_r . x + b_r), (N, n), of points ``x`` (N, d), or their soft version.

    ``slopes`` (n, R, d) and ``offsets`` (n, R) are those of R pieces. With ``eta`` the pieces are averaged with the
    probabilities softmax_r(eta (A_r . x + b_r)).
    """
    a, b = arrays.numbers(slopes, "slopes"), arrays.numbers(offsets, "offsets")
    if a.ndim != 3 or b.shape != a.shape[:2]:
        raise ValueError(f"slopes has shape {a.shape} and offsets {b.shape}; accepted: (n, R, d) and (n, R).")
    pieces = np.einsum("nrd,md->mnr", a, arrays.rows(x, "x", a.shape[2])) + b
    if eta is None:
        return np.asarray(pieces.max(axis=2))
    chosen = scipy.special.softmax(arrays.positive(eta, "eta") * pieces, axis=2)
    return np.asarray((chosen * pieces).sum(axis=2))


@arrays.numpy_defaults
def local_maps(net: Soft, x: ArrayLike, start: int = 0) -> Values:
    """The Jacobians (N, c, d) of the logits by the coordinates of the space ``start`` at points ``x`` (N, d)."""
    space = net.space(start)
    z = net.pre_activations(net.points(x, space), space)[:-1]
    return np.asarray(_pulled(net, z, space) @ net.affine[space][0])


@arrays.numpy_defaults
def variation(net: Soft, first: ArrayLike, second: ArrayLike, start: int = 0, tolerance: float = 0.01) -> Values:
    """The length (M,) of the path of the Jacobian along segments between points (M, d) of the space ``start``.

    It is the limit of sums of Frobenius norms of differences over finer grids; the steps of a segment are halved until
    the sum twice moves by less than the share ``tolerance``, or has :data:`FINEST` steps. It never exceeds the limit.
    """
    space = net.space(start)
    p, q = net.points(first, space, "first"), net.points(second, space, "second")
    if p.shape != q.shape:
        raise ValueError(f"first has {len(p)} points and second has {len(q)}; accepted: as many.")
    share = arrays.fraction(tolerance, "tolerance")
    weight, bias = net.affine[space]
    left, right = p @ weight.T + bias, q @ weight.T + bias
    gram = weight @ weight.T
    steps = COARSEST
    result = _lengths(net, left, right, gram, space, steps)
    rests = np.zeros(len(p), dtype=np.int64)
    while (rests < 2).any() and steps < FINEST:
        steps *= 2
        going = np.flatnonzero(rests < 2)
        finer = _lengths(net, left[going], right[going], gram, space, steps)
        rests[going] = np.where(np.abs(finer - result[going]) <= share * finer, rests[going] + 1, 0)
        result[going] = finer
    return result


def _lengths(net: Soft, left: Values, right: Values, gram: Values, space: int, steps: int) -> Values:
    """The sums (M,) of |dJ| over a grid, where the first pre-activation goes from ``left`` to ``right`` (M, n)."""
    t = np.linspace(0, 1, steps + 1)[:, None]
    result = np.empty(len(left))
    size = max(1, BLOCK // ((steps + 1) * net.widths[-1] * max(net.widths[1:])))
    for begin in range(0, len(left), size):
        a, b = left[begin : begin + size], right[begin : begin + size]
        z = (a[:, None] + t * (b - a)[:, None]).reshape(-1, a.shape[1])
        pre = [z]
        for weight, bias in net.affine[space + 1 : -1]:
            pre.append(net.act(pre[-1]) @ weight.T + bias)
        maps = _pulled(net, pre, space).reshape(len(a), steps + 1, net.widths[-1], -1)
        jumps = np.diff(maps, axis=1)
        square = np.einsum("mtcj,mtcj->mt", jumps @ gram, jumps)
        result[begin : begin + size] = np.sqrt(np.maximum(square, 0)).sum(axis=1)
    return result


def _pulled(net: Soft, z: list[Values], space: int) -> Values:
    """The Jacobians (N, c, n) of the logits by the pre-activations of the first layer behind a space."""
    gate = named(net.activation, net.eta)
    weight = net.affine[-1][0]
    rows = np.broadcast_to(weight, (len(z[0]), *weight.shape))
    for at in range(len(z) - 1, -1, -1):
        rows = gate.pull(z[at], rows)
        if at:
            rows = rows @ net.affine[space + at][0]
    return rows
