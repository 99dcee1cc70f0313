"""The toy model of superposition (Elhage et al. 2022): n sparse features stored in m neurons and read back.

x' = ReLU(W^T f(W x) + b) with W (m, n), whose columns w_i are the directions of the features, and f a function of the
hidden neurons. Feature x_i is 0 with probability S, the sparsity, and else uniform on (0, 1), all independent; the
loss is the mean over samples and features of I_i (x_i - x'_i)^2 with importance I_i. E instances of one size are
trained side by side, each by itself, with gradients in closed form.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.common import arrays
from isoaux.common.choices import choose

Values = NDArray[np.float64]

BATCH = 256
"""Samples of a step, drawn afresh."""

MOST = 20_000
"""The most instances that are trained side by side."""

PARTS = 100
"""Parts of a training whose mean losses are kept, of equal length."""

HALF = 0.5
"""A feature is represented if its column is longer than this."""

TOO_LARGE = 1e3
"""Training is stopped where a loss exceeds so many times the mean importance."""

NOT, DEDICATED, SUPERPOSED = 0, 1, 2
"""The phases of a feature: not represented, represented by itself, and together with others in its direction."""

_DRAWN = 2**21  # random numbers are drawn for several steps at once, about so many


@dataclass(frozen=True)
class Hidden:
    """A hidden activation: its values (..., m), and the vector-Jacobian product (z, g) -> g J(z)."""

    forward: Callable[[Values], Values]
    pull: Callable[[Values, Values], Values]


def _tanh_over(r: Values) -> Values:
    return np.asarray(np.where(r > 0, np.tanh(r) / np.where(r > 0, r, 1), 1))


def _isotropic(z: Values) -> Values:
    return np.asarray(_tanh_over(np.linalg.norm(z, axis=-1, keepdims=True)) * z)


def _pull_isotropic(z: Values, g: Values) -> Values:
    r = np.linalg.norm(z, axis=-1, keepdims=True)
    ratio, slope = _tanh_over(r), 1 - np.tanh(r) ** 2
    unit = z / np.where(r > 0, r, 1)
    return np.asarray(ratio * g + (slope - ratio) * (unit * g).sum(-1, keepdims=True) * unit)


HIDDEN: Mapping[str, Hidden] = {
    "none": Hidden(lambda z: z, lambda z, g: g),
    "tanh": Hidden(np.tanh, lambda z, g: np.asarray(g * (1 - np.tanh(z) ** 2))),
    "isotanh": Hidden(_isotropic, _pull_isotropic),
}
"""The hidden activations by name; all have a derivative in closed form."""

OUTPUTS = {"relu": "ReLU", "linear": "no function"}
"""What is applied to the output, by name."""


@dataclass(frozen=True, eq=False)
class Sparse:
    """E instances of the toy model of one size, n features in m neurons; n may be below m, where nothing is crowded.

    ``sparsity`` (E,) or one number in [0, 1), the probability that a feature is 0; ``importance`` (E, n), (n,) or one
    number, at least 0. ``activation`` is a name of :data:`HIDDEN`, ``output`` one of :data:`OUTPUTS`. Raises ValueError
    for any other value, and for more than :data:`MOST` instances.
    """

    n: int
    m: int
    sparsity: Values
    importance: Values
    activation: str = "none"
    output: str = "relu"

    def __init__(
        self,
        n: int,
        m: int,
        sparsity: ArrayLike,
        importance: ArrayLike = 1.0,
        activation: str = "none",
        output: str = "relu",
    ) -> None:
        count, width = arrays.whole(n, "n"), arrays.whole(m, "m")
        share = np.atleast_1d(arrays.numbers(sparsity, "sparsity").astype(np.float64))
        weight = arrays.numbers(importance, "importance").astype(np.float64)
        if share.ndim > 1 or ((share < 0) | (share >= 1)).any():
            raise ValueError(f"sparsity is {sparsity!r}; accepted: numbers in [0, 1), the chance of a feature to be 0.")
        if weight.ndim and weight.shape[-1] != count:
            raise ValueError(f"importance has shape {weight.shape}; accepted: one number for each of {count} features.")
        if (weight < 0).any() or not weight.any():
            raise ValueError(f"importance is {importance!r}; accepted: numbers of at least 0, not all of them 0.")
        size = max(len(share), len(weight) if weight.ndim == 2 else 1)
        if size > MOST:
            raise ValueError(f"sparsity and importance make {size:,} instances; accepted: at most {MOST:,}.")
        choose("activation", activation, HIDDEN)
        choose("output", output, OUTPUTS)
        given = {
            "n": count,
            "m": width,
            "sparsity": np.broadcast_to(share, (size,)),
            "importance": np.broadcast_to(weight, (size, count)),
            "activation": activation,
            "output": output,
        }
        for name, value in given.items():
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.sparsity)


@dataclass(frozen=True, eq=False)
class Trained:
    """Trained instances: ``W`` (E, m, n), ``b`` (E, n), and mean losses by part of the training, (E, parts)."""

    W: Values
    b: Values
    losses: Values

    @property
    def loss(self) -> Values:
        """The mean loss over the last tenth of the training, (E,)."""
        return np.asarray(self.losses[:, -max(1, self.losses.shape[1] // 10) :].mean(1))

    @property
    def drift(self) -> Values:
        """How much lower the loss of the last eighth is than that of the eighth before, as a share of it, (E,)."""
        parts = max(1, self.losses.shape[1] // 8)
        before, last = self.losses[:, -2 * parts : -parts].mean(1), self.losses[:, -parts:].mean(1)
        return np.asarray((before - last) / before)


class Optimiser(Protocol):
    """How parameters are changed by their gradients."""

    @property
    def rate(self) -> float:
        """The learning rate."""

    def moments(self, parameter: Values) -> list[Values]:
        """What is carried from step to step, at the first one."""

    def step(self, gradient: Values, moments: list[Values], number: int) -> Values:
        """The change per rate that a gradient gives at step ``number``, from 1; ``moments`` are changed in place."""


@dataclass(frozen=True)
class Momentum:
    """Stochastic gradient descent with momentum, which commutes with rotations of the hidden space."""

    rate: float
    momentum: float = 0.9

    def moments(self, parameter: Values) -> list[Values]:
        """The velocity, 0 at first."""
        return [np.zeros_like(parameter)]

    def step(self, gradient: Values, moments: list[Values], number: int) -> Values:
        """The velocity v = momentum v + gradient."""
        moments[0] *= self.momentum
        moments[0] += gradient
        return moments[0]


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma and Ba 2015), which rescales single weights and does not commute with rotations."""

    rate: float = 0.003
    first: float = 0.9
    second: float = 0.999
    least: float = 1e-8

    def moments(self, parameter: Values) -> list[Values]:
        """The means of gradients and of their squares, 0 at first."""
        return [np.zeros_like(parameter), np.zeros_like(parameter)]

    def step(self, gradient: Values, moments: list[Values], number: int) -> Values:
        """The corrected mean over the root of the corrected mean square."""
        moments[0] += (1 - self.first) * (gradient - moments[0])
        moments[1] += (1 - self.second) * (gradient * gradient - moments[1])
        size = np.sqrt(moments[1] / (1 - self.second**number)) + self.least
        return np.asarray(moments[0] / (1 - self.first**number) / size)


RATE = 0.15
"""The usual rate of momentum SGD where the loss is summed over features; where it is their mean, n times as much."""

OPTIMISERS: Mapping[str, Callable[[int], Optimiser]] = {
    "sgd": lambda n: Momentum(RATE * n),
    "adam": lambda n: Adam(),
}
"""The optimisers by name: from the number of features n, one with its usual rate."""


def start(n: int, m: int, seeds: ArrayLike) -> Values:
    """Initial weights (E, m, n), normal with standard deviation sqrt(2 / (n + m)), for each of ``seeds`` (E,)."""
    numbers = [arrays.whole(seed, "seed", 0) for seed in np.atleast_1d(np.asarray(seeds)).tolist()]
    draws = [np.random.default_rng([seed, 0]).standard_normal((m, n)) for seed in numbers]
    return np.stack(draws) * np.sqrt(2 / (n + m))


def samples(n: int, sparsity: ArrayLike, seeds: ArrayLike, steps: int, batch: int = BATCH) -> Iterator[Values]:
    """For every step features (E, batch, n) of instances of ``sparsity`` (E,), those of one seed from one stream.

    A feature is on where a uniform number u is below 1 - S, and is then u / (1 - S).
    """
    each, places = np.unique(np.asarray(seeds), return_inverse=True)
    streams = [np.random.default_rng([int(seed), 1]) for seed in each]
    on = 1 - np.asarray(sparsity, np.float64)[:, None, None]
    together = max(1, _DRAWN // (len(each) * batch * n))
    for first in range(0, steps, together):
        count = min(together, steps - first)
        draws = np.stack([stream.random((count, batch, n)) for stream in streams], axis=1)
        for draw in draws:
            u = draw[places]
            yield np.where(u < on, u / on, 0)


def gradient(W: Values, b: Values, x: Values, instances: Sparse) -> tuple[Values, Values, Values]:
    """The loss (E,) on samples ``x`` (E, B, n), and its gradients by ``W`` (E, m, n) and ``b`` (E, n).

    d = 2 I (x' - x) 1[z > 0] / (B n) is that by z = W^T a + b, and dW = a d^T + f'(W x)^T (W d) x^T with a = f(W x).
    """
    hidden = HIDDEN[instances.activation]
    h = x @ W.swapaxes(1, 2)
    a = hidden.forward(h)
    z = a @ W + b[:, None]
    error = z - x if instances.output == "linear" else np.maximum(z, 0) - x
    weighted = error * instances.importance[:, None]
    size = x.shape[1] * x.shape[2]
    loss = (weighted * error).sum((1, 2)) / size
    d = weighted * (2 / size)
    if instances.output == "relu":
        d *= z > 0
    back = hidden.pull(h, d @ W.swapaxes(1, 2))
    return loss, a.swapaxes(1, 2) @ d + back.swapaxes(1, 2) @ x, d.sum(1)


def train(
    instances: Sparse,
    steps: int,
    seed: ArrayLike = 0,
    *,
    optimiser: str | Optimiser = "sgd",
    batch: int = BATCH,
    decay: float = 0.0,
    weights: ArrayLike | None = None,
) -> Trained:
    """Instances after ``steps`` steps on fresh samples.

    Parameters: ``seed``, one for all instances or one each (E,), decides on initial weights and samples, so that
    instances of one seed see the same uniform numbers; ``optimiser``, a name of :data:`OPTIMISERS` or an object of its
    classes; ``decay``, the share of the steps, at the end, in which the rate falls linearly to 0; ``weights``
    (E, m, n), other initial weights. Biases start at 0.

    Raises ValueError for a value that is not accepted, and where a loss is not finite or exceeds :data:`TOO_LARGE`
    times the mean importance: training is stopped then.
    """
    count, size = arrays.whole(steps, "steps"), arrays.whole(batch, "batch")
    falling = arrays.share(decay, "decay")
    how = choose("optimiser", optimiser, OPTIMISERS)(instances.n) if isinstance(optimiser, str) else optimiser
    rate = arrays.positive(how.rate, "rate")
    seeds = np.broadcast_to(np.asarray(seed), (len(instances),))
    n, m, shape = instances.n, instances.m, (len(instances), instances.m, instances.n)
    W = start(n, m, seeds) if weights is None else arrays.numbers(weights, "weights").astype(np.float64)
    if W.shape != shape:
        raise ValueError(f"weights has shape {W.shape}; accepted: {shape}.")
    parameters = [W.copy(), np.zeros((len(instances), n))]
    carried = [how.moments(parameter) for parameter in parameters]
    sums = np.zeros((len(instances), min(PARTS, count)))
    limit = TOO_LARGE * instances.importance.mean(1)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        for number, x in enumerate(samples(n, instances.sparsity, seeds, count, size), start=1):
            loss, *gradients = gradient(parameters[0], parameters[1], x, instances)
            if not (loss <= limit).all():
                lost = int(np.count_nonzero(~(loss <= limit)))
                raise ValueError(
                    f"rate is {rate:g}, with which {lost} of {len(loss)} instances diverged at step {number}; "
                    f"accepted: a smaller rate."
                )
            sums[:, (number - 1) * sums.shape[1] // count] += loss
            left = 1.0 if not falling else min(1.0, (count - number + 1) / (falling * count))
            for parameter, gradient_, moments in zip(parameters, gradients, carried, strict=True):
                parameter -= rate * left * how.step(gradient_, moments, number)
    parts = np.bincount(np.arange(count) * sums.shape[1] // count)
    return Trained(parameters[0], parameters[1], sums / parts)


def dimensionality(W: ArrayLike) -> Values:
    """D_i = |w_i|^2 / sum_j (u_i . w_j)^2 of every column of ``W`` (..., m, n), u_i its unit vector; (..., n).

    1 for a column that is orthogonal to all others, 1/2 for one of an antipodal pair, 2/k in a regular k-gon; 0 for a
    column of length 0.
    """
    columns = arrays.numbers(W, "W").astype(np.float64)
    gram = columns.swapaxes(-1, -2) @ columns
    squares = np.diagonal(gram, axis1=-2, axis2=-1)
    sums = (gram**2).sum(-1)
    return np.asarray(np.divide(squares**2, sums, out=np.zeros_like(squares), where=sums > 0))


def interference(W: ArrayLike) -> Values:
    """The sum over j != i of (u_i . w_j)^2 for every column of ``W`` (..., m, n), (..., n); 0 for one of length 0."""
    columns = arrays.numbers(W, "W").astype(np.float64)
    gram = columns.swapaxes(-1, -2) @ columns
    squares = np.diagonal(gram, axis1=-2, axis2=-1)
    others = (gram**2).sum(-1) - squares**2
    return np.asarray(np.divide(others, squares, out=np.zeros_like(squares), where=squares > 0))


def represented(W: ArrayLike) -> NDArray[np.int64]:
    """How many columns of ``W`` (..., m, n) are longer than :data:`HALF`, (...)."""
    lengths = np.linalg.norm(arrays.numbers(W, "W"), axis=-2)
    return np.asarray((lengths > HALF).sum(-1))


def phase(W: ArrayLike) -> NDArray[np.int64]:
    """The phase of every feature of ``W`` (..., m, n), (..., n): :data:`NOT`, :data:`DEDICATED` or :data:`SUPERPOSED`.

    A feature whose column is at most :data:`HALF` long is not represented; another is superposed if the root of its
    interference exceeds :data:`HALF`.
    """
    lengths = np.linalg.norm(arrays.numbers(W, "W"), axis=-2)
    crowded = np.sqrt(interference(W)) > HALF
    return np.asarray(np.where(lengths <= HALF, NOT, np.where(crowded, SUPERPOSED, DEDICATED)))


def ignoring(sparsity: ArrayLike) -> Values:
    """The loss of ignoring a feature of importance 1, its variance (1-S)/3 - (1-S)^2/4, of the shape of ``sparsity``.

    The output is then its bias, which is the mean (1-S)/2.
    """
    on = 1 - np.asarray(sparsity, np.float64)
    return np.asarray(on / 3 - on**2 / 4)


def linear_loss(n: int, m: int, sparsity: ArrayLike, importance: ArrayLike = 1.0) -> Values:
    """The least loss without ReLU, of the shape of ``sparsity``: the m most important features kept, others ignored."""
    weights = np.sort(np.broadcast_to(np.asarray(importance, np.float64), (n,)))
    return np.asarray(ignoring(sparsity) * weights[: max(0, n - m)].sum() / n)


def antipodal_loss(sparsity: ArrayLike) -> Values:
    """The loss of two features in one neuron as an antipodal pair, W = (1, -1) and b = 0, of the shape of ``sparsity``.

    Only where both are on there is an error, the lesser of the two: E min^2 = 1/6.
    """
    return np.asarray((1 - np.asarray(sparsity, np.float64)) ** 2 / 6)


def on_axes(W: ArrayLike) -> Values:
    """The mean over columns of sum_k u_k^4, u the unit column, of ``W`` (..., m, n), (...).

    1 where every column lies on an axis, about 3 / (m + 2) for random directions. Columns of at most :data:`HALF`
    are left out; NaN where none is longer.
    """
    columns = arrays.numbers(W, "W").astype(np.float64)
    squares = (columns**2).sum(-2, keepdims=True)
    kept = squares[..., 0, :] > HALF**2
    fourth = (columns**4).sum(-2) / np.where(kept, squares[..., 0, :], 1) ** 2
    counts = kept.sum(-1)
    return np.asarray(np.where(counts > 0, (fourth * kept).sum(-1) / np.maximum(counts, 1), np.nan))
