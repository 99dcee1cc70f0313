"""Moments of coordinates in many bases at once: of the directions of representations, and of single neurons.

These statistics need neither planes nor a threshold, and cost two products of matrices of any width. With y = B v the
coordinates of a representation and u = y / |v| those of its direction, the sums of u_i^4 and u_i^6 are large where
directions gather on axes; kurtosis across neurons is that of the numbers y_1 ... y_m of one representation, kurtosis
of a neuron that of y_i over all representations. 3 is the kurtosis of normal numbers.
"""

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux.common.arrays import Floats, Integers
from isoaux.ppp import Cloud

Sums = dict[str, NDArray[np.float64]]

OF_SAMPLES = ("fourth", "sixth", "across", "across_largest")
"""Moments of single representations: sums over them, but for the last, which is the largest."""

OF_NEURONS = ("neurons",)
"""Moments of single neurons over all representations."""

BLOCK = 2**16
"""Coordinates of one basis that are measured at once: their powers stay in a core's cache."""


def of_coordinates(coordinates: Floats, cloud: Cloud, count: int, needs: Collection[str]) -> Sums:
    """The moments ``needs`` of coordinates (m, D N) in ``count`` = D bases, of the N samples of ``cloud`` in each.

    Each is (D,), but ``neurons``, the kurtosis of every neuron, which is (D, m). Samples of length 0 have no direction
    and add nothing.
    """
    samples = len(cloud.rows)
    sums = _Directions(needs, count, len(coordinates), coordinates.dtype)
    if sums.totals:
        inverse = 1 / np.sqrt(cloud.totals)
        for place in _blocks(samples, sums.columns):
            for draw in range(count):
                columns = slice(draw * samples + place.start, draw * samples + place.stop)
                sums.add(draw, np.multiply(coordinates[:, columns], inverse[place], out=sums.room(place)))
    if "neurons" not in needs:
        return sums.totals
    each = [of_neurons(coordinates[:, i * samples : (i + 1) * samples], cloud.exponents) for i in range(count)]
    return sums.totals | {"neurons": np.stack(each)}


def of_cloud(cloud: Cloud, turned: NDArray[np.float64], needs: Collection[str]) -> Sums:
    """The moments ``needs`` of a cloud in the bases ``turned`` (D, m, n), as :func:`of_coordinates` has them.

    The coordinates are made and measured block by block.
    """
    count, m, n = turned.shape
    sums = _Directions(needs, count, m, cloud.rows.dtype)
    if sums.totals:
        stacked = turned.reshape(count * m, n).astype(cloud.rows.dtype, copy=False)
        inverse = 1 / np.sqrt(cloud.totals)
        for place in _blocks(len(cloud.rows), sums.columns):
            unit = (stacked @ cloud.rows[place].T).reshape(count, m, -1)
            unit *= inverse[place]
            for draw in range(count):
                sums.add(draw, unit[draw])
    if "neurons" not in needs:
        return sums.totals
    each = [of_neurons(cloud.coordinates(basis), cloud.exponents) for basis in turned]
    return sums.totals | {"neurons": np.stack(each)}


def nearest(coordinates: Floats, cloud: Cloud, count: int) -> NDArray[np.int64]:
    """The ``count`` directions that the representations are nearest to, nearest first, from coordinates (m, N).

    Near is said of the mean fourth power of a coordinate of their directions, the direction's part of ``fourth``.
    """
    fourth, inverse = np.empty(len(coordinates)), 1 / np.sqrt(cloud.totals)
    size = max(1, BLOCK // max(1, coordinates.shape[1]))
    for place in _blocks(len(coordinates), size):
        squares = coordinates[place] * inverse
        squares *= squares
        fourth[place] = np.einsum("ij,ij->i", squares, squares)
    return np.argsort(-fourth, kind="stable")[:count]


def _blocks(count: int, size: int) -> list[slice]:
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


class _Directions:
    """Sums of the moments of directions in ``count`` bases of ``m`` rows, ``totals`` by name, added up block by block.

    ``columns`` are the samples of a block.
    """

    def __init__(self, needs: Collection[str], count: int, m: int, dtype: np.dtype[Any]) -> None:
        self.totals: Sums = {need: np.zeros(count) for need in OF_SAMPLES if need in needs}
        self.columns = max(2**8, BLOCK // max(m, 1))
        self.mean = np.full(m, 1 / max(m, 1), dtype)
        self.tiny = np.finfo(dtype).tiny
        self._rooms = np.empty((3, m * self.columns if self.totals else 0), dtype)

    def room(self, place: slice, which: int = 0) -> Floats:
        """Memory for the coordinates of a block."""
        m, size = len(self.mean), place.stop - place.start
        room: Floats = self._rooms[which, : m * size].reshape(m, size)
        return room

    def add(self, basis: int, unit: Floats) -> None:
        """Add directions ``unit`` (m, S) to the sums of one basis."""
        totals, block = self.totals, slice(0, unit.shape[1])
        across = "across" in totals or "across_largest" in totals
        squares = np.multiply(unit, unit, out=self.room(block, 1))
        powers = self.room(block, 2)
        if "sixth" in totals or across:
            np.multiply(squares, unit, out=powers)
            if "sixth" in totals:
                totals["sixth"][basis] += np.dot(powers.reshape(-1), powers.reshape(-1))
        if across:
            third = self.mean @ powers
            np.multiply(squares, squares, out=powers)
            fourth = self.mean @ powers
            kurtosis = self._across(unit, self.mean @ squares, third, fourth)
            if "across" in totals:
                totals["across"][basis] += kurtosis.sum(dtype=np.float64)
            if "across_largest" in totals:
                totals["across_largest"][basis] = max(totals["across_largest"][basis], kurtosis.max(initial=0))
        if "fourth" in totals:
            totals["fourth"][basis] += np.dot(squares.reshape(-1), squares.reshape(-1))

    def _across(self, unit: Floats, second: Floats, third: Floats, fourth: Floats) -> Floats:
        """The kurtosis (S,) of every column of ``unit`` (m, S), from the means (S,) of its powers.

        Where their differences would cancel, since most of a column is its mean, it is that of the deviations; also of
        two or three numbers, whose kurtosis is 1 or 3/2 whatever they are.
        """
        if len(unit) <= 3:
            return _kurtosis(unit - unit.mean(0))
        mean = self.mean @ unit
        kurtosis: Floats = mean * mean
        variance = second - kurtosis
        lost = np.flatnonzero(4 * variance < second)
        kurtosis *= -3  # m4 = fourth - 4 mean third + 6 mean^2 second - 3 mean^4, in the memory that there is
        second *= 6
        kurtosis += second
        kurtosis *= mean
        third *= 4
        kurtosis -= third
        kurtosis *= mean
        kurtosis += fourth
        variance *= variance
        kurtosis /= np.maximum(variance, self.tiny, out=variance)
        if lost.size:
            columns = unit[:, lost]
            kurtosis[lost] = _kurtosis(columns - columns.mean(0))
        return kurtosis


def of_neurons(coordinates: Floats, exponents: Integers | None = None) -> NDArray[np.float64]:
    """The kurtosis of every neuron (m,) over the samples, from coordinates (m, N); 0 for one that does not change.

    ``exponents`` (N,), if any, are the powers of two by which the samples were divided.
    """
    if exponents is not None:  # single samples were scaled: bring all to one scale
        coordinates = np.ldexp(coordinates, exponents - exponents.max())
    kurtosis = np.empty(len(coordinates))
    for place in _blocks(len(coordinates), max(1, BLOCK // max(1, coordinates.shape[1]))):
        mean = coordinates[place].mean(1, dtype=np.float64, keepdims=True)
        deviations = coordinates[place] - mean.astype(coordinates.dtype)
        largest = np.abs(deviations).max(1, keepdims=True, initial=0)
        deviations /= np.where(largest > 0, largest, 1)
        kurtosis[place] = _kurtosis(deviations.T)
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
