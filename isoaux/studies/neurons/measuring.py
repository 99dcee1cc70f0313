"""What is measured of one network: what its neurons tell about classes, beside turned copies and permuted labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import bases, srm
from isoaux.common.archive import Arrays
from isoaux.srm import concepts

TESTED = tuple(srm.NEURON_STATISTICS)
"""What is tested of the neurons together, in the order of the last axis but one of its arrays."""

PREPARATIONS = ("raw", "centred")
"""Whether the mean representation is subtracted, in the order of the arrays' axis."""

QUANTILES = (0.025, 0.5, 0.975)
"""What is kept of null values."""

NULLS = ("copies", "permuted")
"""Turned copies of the basis, and permuted labels."""


@dataclass(frozen=True)
class Setting:
    """How a network is measured: threshold, neurons that are chosen, turned copies at the end and before training."""

    epsilon: float
    count: int
    draws: int
    final_draws: int


def measured(ends: Sequence[NDArray[Any]], labels: NDArray[Any], setting: Setting, seed: int) -> Arrays:
    """Numbers of one network by name, from its representations (N, n) before and after training, and ``labels`` (N,).

    Over checkpoints C, preparations P, vectors m and classes K: the profiles of all samples, of the half that vectors
    are chosen on and of the half that they are judged on, ``profiles``, ``choosing`` and ``held_out`` (C, P, m, K), and
    ``selectivity`` (C, P, m); ``chosen`` and their quiet ``partners``, and those ``chosen_on_half`` (C, P, count), with
    -1 where there are fewer; ``rank_correlation``, ``random_spread`` and ``weak`` (C, P); of the numbers of
    :data:`TESTED` ``value`` and, of both :data:`NULLS`, ``p_copies``, ... (C, P, tests) and ``null_copies``, ... (C, P,
    tests, quantiles). ``areas`` (C, m, K) are of no preparation. ``spreads`` (P, draws) are those of the best vectors
    of turned copies at the end. ``control_value``, ``control_p_copies``, ``control_p_permuted`` (tests,) are those of a
    turned copy in place of the basis, of raw representations at the end.
    """
    vectors = bases.cross_polytope(ends[0].shape[1])
    panels: list[Arrays] = []
    each: list[srm.Neurons] = []
    for z, draws in zip(ends, (setting.draws, setting.final_draws), strict=True):
        each = [
            srm.neurons(z, labels, vectors, setting.epsilon, setting.count, draws, seed, prepare == "centred")
            for prepare in PREPARATIONS
        ]
        parts = [_numbers(neurons, setting.count) for neurons in each]
        panels.append({name: np.stack([part[name] for part in parts]) for name in parts[0]})
        panels[-1]["areas"] = each[0].areas.astype(np.float32)
    arrays = {name: np.stack([panel[name] for panel in panels]) for name in panels[0]}
    arrays["spreads"] = np.stack([neurons.copies["spread"].null for neurons in each]).astype(np.float32)
    copy = bases.turned(vectors, np.random.SeedSequence(seed, spawn_key=(0, 1)))
    control = srm.neurons(ends[-1], labels, copy, setting.epsilon, setting.count, setting.draws, seed)
    tests = _tests(control)
    return arrays | {f"control_{name}": tests[name] for name in ("value", *(f"p_{null}" for null in NULLS))}


def _numbers(neurons: srm.Neurons, count: int) -> Arrays:
    """The arrays of one checkpoint and preparation, but for the areas."""
    arrays: Arrays = {
        name: getattr(neurons, name).astype(np.float32) for name in ("profiles", "choosing", "held_out")
    } | {"selectivity": neurons.selectivity.astype(np.int16)}
    for name in ("chosen", "partners", "chosen_on_half"):
        arrays[name] = np.full(count, -1, np.int16)
        arrays[name][: len(getattr(neurons, name))] = getattr(neurons, name)
    arrays |= {name: np.asarray(getattr(neurons, name)) for name in ("rank_correlation", "random_spread", "weak")}
    return arrays | _tests(neurons)


def _tests(neurons: srm.Neurons) -> Arrays:
    """Values, p and quantiles of null values of the tests."""
    arrays: Arrays = {"value": np.array([neurons.copies[name].value for name in TESTED])}
    for null, tests in zip(NULLS, (neurons.copies, neurons.permuted), strict=True):
        arrays[f"p_{null}"] = np.array([tests[name].p for name in TESTED])
        quantiles = [np.quantile(tests[name].null, QUANTILES) for name in TESTED]
        arrays[f"null_{null}"] = np.array(quantiles, np.float32)
    return arrays


def class_curves(
    z: NDArray[Any], labels: NDArray[Any], epsilon: float, planes: Sequence[tuple[int, int]]
) -> NDArray[np.float32]:
    """The signed spotlight (planes, K, 361) of the samples of every class in planes of two vectors of the basis.

    Shares are of the samples of the class (Eqn 4 with the size of the class, erratum E88).
    """
    vectors, classes = bases.cross_polytope(z.shape[1]), concepts.members(labels, len(z))[1]
    curves = [
        [srm.spotlight(z[labels == c], vectors[list(plane)], epsilon, signed=True)[0] for c in range(classes)]
        for plane in planes
    ]
    return np.array(curves, np.float32)
