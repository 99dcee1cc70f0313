"""Error curves of networks through training, and the pairs in which they are compared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.common.choices import choose
from isoaux.paper import GROUPS, Configuration, Figure
from isoaux.records.results import Result

Values = NDArray[np.float64]

UNITS = {"sigma": "sigma-weighted", "pixels": "in pixels"}
"""The two units in which all networks can be compared, and their names."""

RUNAWAY = 1e3
"""How many times its error before training the error of a network may reach; beyond that it failed in training."""


class Pair(NamedTuple):
    """Two configurations that differ in the activation alone."""

    anisotropic: Configuration
    isotropic: Configuration


@dataclass(frozen=True)
class Panel:
    """One architecture of a figure and the pairs of curves that belong there."""

    n: int
    L: int
    pairs: tuple[Pair, ...]

    @property
    def curves(self) -> tuple[Configuration, ...]:
        """The configurations, each anisotropic one before its partner."""
        return tuple(configuration for pair in self.pairs for configuration in pair)


def panels(figure: Figure) -> dict[tuple[int, int], Panel]:
    """The panels of a figure by (width, depth), in the figure's order; standardised pixels before raw ones."""
    grouped: dict[tuple[int, int], dict[bool, dict[bool, Configuration]]] = {}
    for configuration in figure.configurations:
        by_pixels = grouped.setdefault((configuration.n, configuration.L), {})
        isotropic = GROUPS[configuration.activation] == "O(n)"
        by_pixels.setdefault(configuration.normalised, {})[isotropic] = configuration
    return {
        (n, depth): Panel(n, depth, tuple(Pair(both[False], both[True]) for _, both in sorted(by_pixels.items())[::-1]))
        for (n, depth), by_pixels in grouped.items()
    }


@dataclass(frozen=True, eq=False)
class Curve:
    """The test errors of a configuration's networks, (seeds, checkpoints)."""

    seeds: tuple[int, ...]
    errors: Values

    @property
    def last(self) -> float:
        """The mean error at the last checkpoint."""
        return float(self.errors[:, -1].mean())

    @property
    def spread(self) -> float:
        """The standard deviation over the seeds at the last checkpoint, over the mean; of two seeds at least."""
        return float(self.errors[:, -1].std(ddof=1)) / self.last

    def of(self, seeds: Sequence[int]) -> Values:
        """The errors of these seeds, in their order."""
        return self.errors[[self.seeds.index(seed) for seed in seeds]]


Curves = dict[Configuration, Curve]


def curves(results: Iterable[Result], unit: str = "sigma") -> Curves:
    """The curves of all configurations that any of these results holds, in one of the :data:`UNITS`.

    A network has none whose error has run away, beyond :data:`RUNAWAY` times the first. Raises ValueError for another
    unit.
    """
    choose("unit", unit, UNITS)
    members: dict[Configuration, dict[int, Values]] = {}
    for result in results:
        for (configuration, seed), errors in zip(result.rows, result.drawing[f"test_error_{unit}"], strict=True):
            if errors.max() < RUNAWAY * errors[0]:
                members.setdefault(configuration, {})[seed] = errors
    return {of: Curve(tuple(by_seed), np.stack(list(by_seed.values()))) for of, by_seed in members.items()}


def shared_seeds(first: Curve | None, second: Curve | None) -> list[int]:
    """The seeds that both curves have, in the order of the first; none where one of the curves is missing."""
    return [seed for seed in first.seeds if seed in second.seeds] if first and second else []


def differences(first: Curve, second: Curve) -> Values:
    """Errors of the first less those of the second, (shared seeds, checkpoints), of the seeds that both have."""
    shared = shared_seeds(first, second)
    return first.of(shared) - second.of(shared)


def late(epochs: Sequence[int] | NDArray[Any]) -> range:
    """The places of the checkpoints of the second half that have all neighbours which :func:`noise` looks at."""
    reach = 2 if len(epochs) >= 5 else 1
    return range(max(reach, len(epochs) // 2), len(epochs) - reach)


def noise(epochs: ArrayLike, errors: ArrayLike) -> Values:
    """The noise of late error curves (..., C), shape (...): the mean distance of errors from their neighbours'.

    Relative to the error: the mean over late checkpoints (:func:`late`) of |e_c - sum_j w_j e_j| / e_c over two
    neighbours on either side (one, of less than five checkpoints), with the weights of the polynomial through them in
    log(1 + epoch), so that no smooth bend counts. Divided by sqrt(1 + sum_j w_j^2): of independent errors at every
    checkpoint it is the mean size of one. Raises ValueError where C is not the number of epochs or below 3.
    """
    e, time = np.asarray(errors, np.float64), np.log1p(np.asarray(epochs, np.float64))
    if len(time) < 3 or e.shape[-1:] != time.shape:
        raise ValueError(f"errors has shape {e.shape} for {len(time)} epochs; accepted: (..., epochs), from 3 epochs.")
    reach, off = (2 if len(time) >= 5 else 1), []
    for c in late(time):
        near = [j for j in range(c - reach, c + reach + 1) if j != c]
        w = np.array([np.prod([(time[c] - time[i]) / (time[j] - time[i]) for i in near if i != j]) for j in near])
        off.append(np.abs(e[..., c] - e[..., near] @ w) / e[..., c] / np.sqrt(1 + w @ w))
    return np.mean(off, axis=0)
