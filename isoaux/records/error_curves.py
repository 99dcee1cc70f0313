"""Error curves of networks through training, and the pairs in which they are compared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.common.choices import choose
from isoaux.paper import GROUPS, Configuration, Figure
from isoaux.records.results import Result

Values = NDArray[np.float64]


UNITS = {"sigma": "sigma-weighted", "pixels": "in pixels"}
"""The two units in which all networks can be compared."""


RUNAWAY = 1e3
"""An error so many times that before training is that of a network which failed, though its loss is still a number."""


@dataclass(frozen=True)
class Pair:
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
        return tuple(configuration for pair in self.pairs for configuration in (pair.anisotropic, pair.isotropic))


def panels(figure: Figure) -> dict[tuple[int, int], Panel]:
    """The panels of a figure by (width, depth), in the figure's order; standardised pixels before raw ones."""
    grouped: dict[tuple[int, int], dict[bool, dict[bool, Configuration]]] = {}
    for configuration in figure.configurations:
        pixels = grouped.setdefault((configuration.n, configuration.L), {}).setdefault(configuration.normalised, {})
        pixels[GROUPS[configuration.activation] == "O(n)"] = configuration
    return {
        (n, depth): Panel(n, depth, tuple(Pair(both[False], both[True]) for _, both in sorted(pixels.items())[::-1]))
        for (n, depth), pixels in grouped.items()
    }


@dataclass(frozen=True, eq=False)
class Curve:
    """The test errors of a configuration's networks, (seeds, checkpoints)."""

    seeds: tuple[int, ...]
    errors: Values


def curves(results: Iterable[Result], unit: str = "sigma") -> dict[Configuration, Curve]:
    """The curves of all configurations that any of the results has rows of, in one of the :data:`UNITS`.

    Networks whose error has run away, beyond :data:`RUNAWAY` times the first, are left out. Raises ValueError for
    another unit.
    """
    choose("unit", unit, UNITS)
    members: dict[Configuration, dict[int, Values]] = {}
    for result in results:
        for (configuration, seed), errors in zip(result.rows, result.drawing[f"test_error_{unit}"], strict=True):
            if errors.max() < RUNAWAY * errors[0]:
                members.setdefault(configuration, {})[seed] = errors
    return {
        configuration: Curve(tuple(by_seed), np.stack(list(by_seed.values())))
        for configuration, by_seed in members.items()
    }


def differences(first: Curve, second: Curve) -> Values:
    """Errors of the first less those of the second, (shared seeds, checkpoints), of the seeds that both have."""
    shared = [seed for seed in first.seeds if seed in second.seeds]
    minuend, subtrahend = (curve.errors[[curve.seeds.index(seed) for seed in shared]] for curve in (first, second))
    return minuend - subtrahend


def late(epochs: Sequence[int] | NDArray[Any]) -> range:
    """The places of the checkpoints of the second half that have all neighbours which :func:`noise` looks at."""
    reach = 2 if len(epochs) >= 5 else 1
    return range(max(reach, len(epochs) // 2), len(epochs) - reach)


def noise(epochs: ArrayLike, errors: ArrayLike) -> Values:
    """How restless late error curves (..., C) are, (...): mean distance of a checkpoint from its neighbours.

    Of each late checkpoint (:func:`late`), |e_c - sum_j w_j e_j| / e_c over two neighbours on either side (one, of less
    than five), with the weights of the polynomial through them in log(1 + epoch), so that no smooth bend
    counts; divided by sqrt(1 + sum_j w_j^2): of independent errors at every checkpoint, the mean size of one of them.
    Raises ValueError where C is not the number of ``epochs`` or below 3.
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
