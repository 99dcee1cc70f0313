"""What is measured of one network: the spotlight's mean curve and its numbers, beside turned copies of its basis."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import bases, srm
from isoaux.common.archive import Arrays

NUMBERS = tuple(field.name for field in fields(srm.Numbers))
"""The numbers of a curve, in the order of the last axis of their arrays."""

TESTED = tuple(srm.STATISTICS)
"""Those that are tested against turned copies, in the order of the last axis of p."""

PREPARATIONS = ("raw", "centred")
"""Whether the mean representation is subtracted, in the order of the arrays' axis."""

QUANTILES = (0.025, 0.5, 0.975)
"""What is kept of the numbers of turned copies."""

CONTROLS = ("standard", "normal")
"""Bases that training did not see: a turned copy, and as many random directions."""


@dataclass(frozen=True)
class Setting:
    """How a network is measured: threshold, the number of turned copies, at the last checkpoint and on the grid.

    ``control`` says whether the bases of :data:`CONTROLS` are measured too, ``heights`` whether planes are counted that
    are high between their vectors.
    """

    epsilon: float
    draws: int
    final_draws: int
    control: bool = False
    heights: bool = False

    def on_grid(self, vectors: int, n: int) -> int:
        """The number of copies for p at all thresholds.

        Enough for a two-sided p below 0.05 once it is adjusted for six thresholds, and fewer for bases of more than
        2 n vectors, whose p is not adjusted anywhere.
        """
        return min(self.final_draws, 4 * self.draws + 3 if vectors <= 2 * n else 39)


def measured(checkpoints: Sequence[NDArray[Any]], basis: NDArray[np.float64], setting: Setting, seed: int) -> Arrays:
    """Numbers of one network by name, from its representations (N, n) at every checkpoint and its basis (m, n).

    Over checkpoints C, preparations P, thresholds E (:data:`isoaux.srm.EPSILONS`): ``numbers`` (C, P, E, numbers), the
    reach at the threshold of the setting alone; at that threshold ``curve`` (C, P, A), ``near`` and ``opposite``
    (C, P, m), ``middle`` (C, P), the median over planes of their largest share, ``p`` (C, P, tests) and ``null``
    (C, P, tests, quantiles); ``cone`` (C,), ``constant`` (C,), the number of constant directions; ``mean`` and ``sd``
    (C, n) of every neuron. ``basis_curve`` (A,) is that of the basis itself. With controls ``control`` (bases,
    numbers), ``control_p`` (bases, tests) and ``control_curve`` (bases, A), of raw representations at the last
    checkpoint; with heights ``opposed`` (P,), planes that hold more between their vectors than at them, and its
    ``opposed_p`` (P,).
    """
    panels = []
    for place, z in enumerate(checkpoints, 1):
        draws = setting.final_draws if place == len(checkpoints) else setting.draws
        panels.append(_panel(z, basis, setting.epsilon, draws, seed))
    arrays = {name: np.stack([panel[name] for panel in panels]) for name in panels[0]}
    last = checkpoints[-1]
    arrays["basis_curve"] = srm.curve(last, basis, setting.epsilon, planes=False).own.astype(np.float32)
    if setting.control:
        arrays |= _controls(last, basis, setting, seed)
    if setting.heights:
        count = setting.draws
        tests = [srm.opposed_test(last, basis, setting.epsilon, count, seed, centred) for centred in (False, True)]
        arrays["opposed"] = np.array([test.value for test in tests], np.int32)
        arrays["opposed_p"] = np.array([test.p for test in tests])
    return arrays


def on_grid(z: NDArray[Any], basis: NDArray[np.float64], draws: int, seed: int) -> Arrays:
    """``grid_p`` (P, E, tests) of the representations of the last checkpoint, at all thresholds."""
    each = [srm.copies(z, basis, srm.EPSILONS, draws, seed, centred, planes=False) for centred in (False, True)]
    return {"grid_p": np.array([[_p(copies[epsilon]) for epsilon in srm.EPSILONS] for copies in each])}


def varying(z: NDArray[Any], basis: NDArray[np.float64], epsilon: float, draws: int, seed: int) -> Arrays:
    """``varying`` (numbers,) and ``varying_p`` (tests,) of raw representations less their constant directions.

    Of every turned copy its own constant directions are projected out.
    """
    (result,) = srm.copies(z, basis, [epsilon], draws, seed, varying=True).values()
    return {"varying": _numbers(result.numbers), "varying_p": _p(result)}


def _panel(z: NDArray[Any], basis: NDArray[np.float64], epsilon: float, draws: int, seed: int) -> Arrays:
    """The arrays of one checkpoint."""
    parts: list[Arrays] = []
    for centred in (False, True):
        result = _copies(z, basis, epsilon, draws, seed, centred)
        levels = [_at(z, basis, each, centred, result.curve if each == epsilon else None) for each in srm.EPSILONS]
        null = np.stack([np.quantile(result.null[name], QUANTILES) for name in TESTED])
        parts.append(
            {
                "numbers": np.stack(levels),
                "curve": result.curve.mean,
                "near": result.curve.near,
                "opposite": result.curve.opposite,
                "middle": np.asarray(np.median(result.curve.high)),
                "p": _p(result),
                "null": null,
            }
        )
    arrays = {name: np.stack([part[name] for part in parts]) for name in parts[0]}
    arrays = {name: values if name == "p" else values.astype(np.float32) for name, values in arrays.items()}
    return arrays | {
        "cone": np.float32(srm.cone(z)),
        "constant": np.int16(srm.constant_directions(z, basis)),
        "mean": z.mean(axis=0, dtype=np.float64).astype(np.float32),
        "sd": z.std(axis=0, dtype=np.float64).astype(np.float32),
    }


def _at(
    z: NDArray[Any], basis: NDArray[np.float64], epsilon: float, centred: bool, known: srm.Curve | None
) -> NDArray[np.float32]:
    """The numbers at a threshold; NaN for the reach, which needs every plane by itself, unless the curve is known."""
    numbers = _numbers(srm.numbers(known or srm.curve(z, basis, epsilon, centred, planes=False)))
    if known is None:
        numbers[NUMBERS.index("reach")] = np.nan
    return numbers


def _controls(z: NDArray[Any], basis: NDArray[np.float64], setting: Setting, seed: int) -> Arrays:
    """Curve, numbers and p of raw representations in the bases of :data:`CONTROLS`, which the network did not see.

    The turned copy is compared with others, the random directions with other random ones.
    """
    copy, directions = control_bases(basis, seed)
    others = (_directions(basis.shape, seed, draw) for draw in range(1, setting.final_draws + 1))
    drawn = [srm.numbers(srm.curve(z, each, setting.epsilon, planes=False)) for each in others]
    results = [
        _copies(z, copy, setting.epsilon, setting.final_draws, seed, centred=False),
        srm.Copies(
            curve := srm.curve(z, directions, setting.epsilon),
            srm.numbers(curve),
            {name: np.array([float(getattr(each, name)) for each in drawn]) for name in TESTED},
            "raw",
        ),
    ]
    return {
        "control": np.stack([_numbers(each.numbers) for each in results]),
        "control_p": np.stack([_p(each) for each in results]),
        "control_curve": np.stack([each.curve.mean for each in results]).astype(np.float32),
    }


def control_bases(basis: NDArray[np.float64], seed: int) -> list[NDArray[np.float64]]:
    """The bases (m, n) of :data:`CONTROLS` for a network of this basis and seed."""
    return [bases.turned(basis, np.random.SeedSequence(seed, spawn_key=(0, 1))), _directions(basis.shape, seed, 0)]


def _directions(shape: tuple[int, ...], seed: int, draw: int) -> NDArray[np.float64]:
    """Independent uniform directions, a set (m, n) for every ``draw``."""
    rows = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(draw, 2))).standard_normal(shape)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _copies(
    z: NDArray[Any], basis: NDArray[np.float64], epsilon: float, draws: int, seed: int, centred: bool
) -> srm.Copies:
    (result,) = srm.copies(z, basis, [epsilon], draws, seed, centred).values()
    return result


def _numbers(numbers: srm.Numbers) -> NDArray[np.float32]:
    return np.array([getattr(numbers, name) for name in NUMBERS], np.float32)


def _p(result: srm.Copies) -> NDArray[np.float64]:
    return np.array([result.test(name).p for name in TESTED])
