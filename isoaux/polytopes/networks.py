"""Networks of affine layers with a function between them, as arrays: what their pre-activations and logits are.

Layer k maps h^{k-1} to z^k = W^k h^{k-1} + b^k, and h^k = f(z^k) for the hidden layers k = 1..K; the last layer gives
the logits. *Space* l is that of h^l: images for l = 0. Layers are counted from 1, neurons and classes from 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.common import arrays
from isoaux.common.choices import shown

Values = NDArray[np.float64]
Layer = tuple[Values, Values]

LEAK, RADIUS = 0.01, 1.0
"""The paper's constants: the slope of a leaky function, and the size at which the odd ones bend."""

ROUNDING = 1e-13
"""A pre-activation so small, in units of the sum of its terms' sizes, counts as 0: it is what rounding leaves of 0."""

SKIPPED = ("Flatten", "Identity", "Dropout")
"""Modules of a sequence that change nothing when a network is used."""


@dataclass(frozen=True, eq=False)
class Layers:
    """The affine ``layers`` of a network, a pair of weight (out, in) and bias (out,) for each, in float64.

    Raises ValueError for no hidden layer, for a layer without neurons, for numbers that are not finite, and for layers
    whose widths do not fit.
    """

    layers: Sequence[tuple[ArrayLike, ArrayLike]]

    def __post_init__(self) -> None:
        checked: list[Layer] = []
        for at, pair in enumerate(self.layers):
            weight = arrays.rows(pair[0], f"the weight of layer {at + 1}").astype(np.float64)
            bias = arrays.numbers(pair[1], f"the bias of layer {at + 1}").astype(np.float64)
            if 0 in weight.shape:
                raise ValueError(
                    f"layer {at + 1} has a weight of shape {weight.shape}; accepted: widths of at least 1."
                )
            if bias.shape != weight.shape[:1]:
                raise ValueError(f"layer {at + 1} has a bias of shape {bias.shape}; accepted: {weight.shape[:1]}.")
            if checked and weight.shape[1] != len(checked[-1][1]):
                raise ValueError(
                    f"layer {at + 1} has width {weight.shape[1]} at its input; accepted: {len(checked[-1][1])}, the "
                    f"width of layer {at}."
                )
            checked.append((weight, bias))
        if len(checked) < 2:
            raise ValueError(f"layers holds {len(checked)}; accepted: at least 2, one of them hidden.")
        object.__setattr__(self, "layers", tuple(checked))

    @property
    def affine(self) -> tuple[Layer, ...]:
        """The layers as they were checked."""
        return tuple(self.layers)  # type: ignore[arg-type]

    @property
    def depth(self) -> int:
        """K, the number of hidden layers."""
        return len(self.layers) - 1

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths of the spaces 0..K, and the number of logits."""
        return (self.affine[0][0].shape[1], *(len(bias) for _, bias in self.affine))

    def space(self, start: Any) -> int:
        """``start`` if it is the number of a space before the last one, 0..K-1; ValueError otherwise."""
        return arrays.whole(start, "start", 0, self.depth - 1)

    def points(self, x: ArrayLike, start: int, argument: str = "x") -> Values:
        """``x`` as points (N, d) of a space in float64; a single vector (d,) is one point. ValueError for others."""
        array = arrays.numbers(x, argument)
        return arrays.rows(array[None] if array.ndim == 1 else array, argument, self.widths[start]).astype(np.float64)

    def act(self, z: Values) -> Values:
        """f(z) of pre-activations ``z`` (..., n)."""
        raise NotImplementedError

    def pre_activations(self, x: Values, start: int = 0) -> list[Values]:
        """The pre-activations z^k (N, n_k) of k = start+1..K, and the logits (N, c), of points ``x`` (N, d)."""
        computed: list[Values] = []
        for weight, bias in self.affine[start:]:
            x = (self.act(computed[-1]) if computed else x) @ weight.T + bias
            computed.append(x)
        return computed

    def settled(self, k: int, h: Values) -> Values:
        """The pre-activations z^k (N, n_k) of points ``h`` (N, n_{k-1}), exactly 0 where only rounding says otherwise.

        Sides of boundaries are told apart by them (:data:`ROUNDING`).
        """
        weight, bias = self.affine[k - 1]
        return without_rounding(h @ weight.T + bias, np.abs(h) @ np.abs(weight).T + np.abs(bias))

    def logits(self, x: ArrayLike, start: int = 0) -> Values:
        """The logits (N, c) of points ``x`` (N, d) of the space ``start``."""
        return self.pre_activations(self.points(x, self.space(start)), start)[-1]

    def activations(self, images: ArrayLike) -> list[Values]:
        """The points h^l (N, n_l) of every space l = 0..K that ``images`` (N, d) lead to."""
        x = self.points(images, 0, "images")
        return [x, *(self.act(z) for z in self.pre_activations(x)[:-1])]


@dataclass(frozen=True, eq=False)
class Net(Layers):
    """A network of ReLU (``leak`` 0) or Leaky-ReLU, f(z) = z for z > 0 and leak z otherwise, with leak in [0, 1)."""

    leak: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "leak", arrays.fraction(self.leak, "leak"))

    def act(self, z: Values) -> Values:
        return np.where(z > 0, z, self.leak * z)

    @property
    def bits(self) -> int:
        """The number of hidden neurons, that of bits of a code of space 0."""
        return sum(self.widths[1:-1])

    @classmethod
    def of(cls, module: Iterable[Any]) -> Self:
        """The network that an ``nn.Sequential`` of linear layers with ReLU or Leaky-ReLU between them is.

        ``Flatten``, ``Dropout`` and ``Identity`` are passed over. Raises ValueError for other modules, for an
        activation that is not piecewise affine, and for slopes that differ from layer to layer.
        """
        layers, functions = read(module)
        return cls(layers, _slope(functions))

    @classmethod
    def of_autoencoder(cls, parameters: Mapping[str, ArrayLike], activation: str) -> Self:
        """The network that the parameters of an autoencoder of the paper are, with its activation's key.

        ``lrelu``, or ``bnlrelu_elem``, whose n neurons with two kinks each are written as 2n with one: with the leak
        c = a/(2 - a), f(z) = (g(z - R) - g(-z - R))/(1 + c), where g is Leaky-ReLU. Neurons 0..n-1 are then the walls
        at R, and n..2n-1 those at -R. Raises ValueError for other activations, as :meth:`of`.
        """
        count = sum(name.startswith("hidden") for name in parameters) // 2
        names = ["encoder", *(f"hidden.{k}" for k in range(count)), "decoder"]
        layers = [
            (
                arrays.numbers(parameters[f"{name}.weight"], "a weight").astype(np.float64),
                arrays.numbers(parameters[f"{name}.bias"], "a bias").astype(np.float64),
            )
            for name in names
        ]
        if activation == "bnlrelu_elem":
            slope = LEAK / (2 - LEAK)
            return cls(_two_walls(layers, slope), slope)
        if activation != "lrelu":
            raise ValueError(_not_affine(activation))
        return cls(layers, LEAK)


def without_rounding(z: Values, size: Values) -> Values:
    """Sums ``z`` with 0 for those that are :data:`ROUNDING` beside ``size``, the sum of their terms' sizes."""
    return np.where(np.abs(z) <= ROUNDING * size, 0.0, z)


def read(module: Iterable[Any]) -> tuple[list[Layer], list[Any]]:
    """The linear layers of an ``nn.Sequential``, weight and bias, and the modules that stand between them.

    Raises ValueError for a sequence in which two layers, or two functions, follow each other.
    """
    layers: list[Layer] = []
    functions: list[Any] = []
    for part in module:
        name = type(part).__name__
        if name in SKIPPED:
            continue
        linear = hasattr(part, "weight") and hasattr(part, "in_features")
        if linear != (len(layers) == len(functions)):
            raise ValueError(
                f"the module has {name} where another is needed; accepted: linear layers with a function "
                "between each two of them."
            )
        if not linear:
            functions.append(part)
            continue
        weight = arrays.numbers(part.weight, "a weight").astype(np.float64)
        bias = np.zeros(len(weight)) if part.bias is None else arrays.numbers(part.bias, "a bias").astype(np.float64)
        layers.append((weight, bias))
    if len(layers) == len(functions):
        raise ValueError("the module ends with a function; accepted: a linear layer at the end, which gives logits.")
    return layers, functions


def _slope(functions: Sequence[Any]) -> float:
    """The slope of ReLU or Leaky-ReLU modules below zero."""
    slopes = set()
    for function in functions:
        name = type(function).__name__
        if name == "ReLU":
            slopes.add(0.0)
        elif name == "LeakyReLU":
            slopes.add(float(getattr(function, "negative_slope", getattr(function, "leak", LEAK))))
        else:
            raise ValueError(_not_affine(getattr(function, "key", name)))
    if len(slopes) > 1:
        raise ValueError(f"the module has the slopes {sorted(slopes)}; accepted: the same slope in every layer.")
    return slopes.pop() if slopes else 0.0


def _not_affine(activation: object) -> str:
    return (
        f"activation is {shown(activation)}, which does not cut a layer's space by one hyperplane for each neuron; "
        "accepted: ReLU or Leaky-ReLU (isoaux.polytopes.soft_codes has gates for the others)."
    )


def _two_walls(layers: Sequence[Layer], slope: float) -> list[Layer]:
    """The layers of the network of twice the width, with a leak ``slope``, that the odd function makes of these."""
    doubled: list[Layer] = []
    for at, (weight, bias) in enumerate(layers):
        if at:
            weight = np.hstack([weight, -weight]) / (1 + slope)
        if at < len(layers) - 1:
            weight, bias = np.vstack([weight, -weight]), np.concatenate([bias - RADIUS, -bias - RADIUS])
        doubled.append((weight, bias))
    return doubled
