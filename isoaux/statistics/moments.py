"""Moments of coordinates in many bases at once: of the directions of representations, and of single neurons.

These statistics need neither planes nor a threshold, and cost two products of matrices of any width. With y = B v the
coordinates of a representation and u = y / |v| those of its direction, the sums of u_i^4 and u_i^6 are large where
directions gather on axes; kurtosis across neurons is that of the numbers y_1 ... y_m of one representation, kurtosis
of a neuron that of y_i over all representations. 3 is the kurtosis of normal numbers.
"""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from isoaux.common.arrays import Floats
from isoaux.ppp import Cloud

Sums = dict[str, NDArray[np.float64]]

OF_SAMPLES = ("fourth", "sixth", "across", "across_largest")
"""Moments of single representations: sums over them, but for the last, which is the largest."""

OF_NEURONS = ("neurons",)
"""Moments of single neurons over all representations."""

BLOCK = 2**12
"""Columns of coordinates that are measured at once: their powers stay in a core's cache."""


def of_coordinates(coordinates: Floats, cloud: Cloud, count: int, needs: Collection[str]) -> Sums:
    """The moments ``needs`` of coordinates (m, D N) in ``count`` = D bases, of the N samples of ``cloud`` in each.

    Each is (D,), but ``neurons``, the kurtosis of every neuron, which is (D, m). Samples of length 0 have no direction
    and add nothing.
    """
    samples = len(cloud.rows)
    sums: Sums = {}
    if wanted := [need for need in OF_SAMPLES if need in needs]:
        each = {need: np.empty(count * samples, coordinates.dtype) for need in wanted}
        lengths = np.sqrt(cloud.totals)
        for draw in range(count):
            for start in range(0, samples, BLOCK):
                size = min(BLOCK, samples - start)
                place = slice(draw * samples + start, draw * samples + start + size)
                unit = coordinates[:, place] / lengths[start : start + size]
                _of_samples(unit, {need: values[place] for need, values in each.items()})
        for need, values in each.items():
            by_basis = values.reshape(count, samples)
            sums[need] = by_basis.max(1).astype(np.float64) if need == "across_largest" else _sum(by_basis)
    if "neurons" in needs:
        sums["neurons"] = np.stack(
            [_of_neurons(coordinates[:, i * samples : (i + 1) * samples], cloud) for i in range(count)]
        )
    return sums


def _sum(values: Floats) -> NDArray[np.float64]:
    total: NDArray[np.float64] = values.sum(1, dtype=np.float64)
    return total


def _of_samples(unit: Floats, out: dict[str, Floats]) -> None:
    """Write the moments of directions ``unit`` (m, S) to the arrays ``out`` (S,) that are asked for."""
    if "fourth" in out or "sixth" in out:
        squares = unit * unit
        fourth = squares * squares
        if "fourth" in out:
            fourth.sum(0, out=out["fourth"])
        if "sixth" in out:
            np.multiply(fourth, squares, out=fourth)
            fourth.sum(0, out=out["sixth"])
    if "across" in out or "across_largest" in out:
        kurtosis = _kurtosis(unit - unit.mean(0))
        for need in ("across", "across_largest"):
            if need in out:
                out[need][:] = kurtosis


def _of_neurons(coordinates: Floats, cloud: Cloud) -> NDArray[np.float64]:
    """The kurtosis of every neuron (m,) over the samples, from the coordinates (m, N) of a cloud."""
    if cloud.exponents is not None:  # single samples were scaled: bring all to one scale
        coordinates = np.ldexp(coordinates, cloud.exponents - cloud.exponents.max())
    kurtosis = np.empty(len(coordinates))
    for i, y in enumerate(coordinates):
        deviations = y - y.mean(dtype=np.float64).astype(y.dtype)
        kurtosis[i] = _kurtosis(deviations / (np.abs(deviations).max() or 1))
    return kurtosis


def _kurtosis(deviations: Floats) -> Floats:
    """<d^4> / <d^2>^2 over the first axis of ``deviations`` (M, ...) from their mean; 0 where they are all 0."""
    squares = deviations * deviations
    variance = squares.mean(0)
    np.multiply(squares, squares, out=squares)
    fourth = squares.mean(0)
    tiny = np.finfo(deviations.dtype).tiny
    kurtosis: Floats = np.where(variance > 0, fourth / np.maximum(variance * variance, tiny), 0)
    return kurtosis
