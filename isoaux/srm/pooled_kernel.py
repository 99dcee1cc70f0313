"""The inner loop of :mod:`isoaux.srm.pooled`, compiled by numba.

A part in a plane of length epsilon or more needs a product of at least epsilon sqrt((1 - |g|) / 2) with one of the two
vectors of that plane, whose product is g; so for every representation only vectors with such products are paired.
"""

import math

import numpy as np

from isoaux.common.compiling import compiled

DEGREES, STEP = 360, 2 * math.pi / 360


@compiled
def mark(ends, centre, half):
    """Add the whole degrees of [centre - half, centre + half] to differences ``ends`` of counts."""
    first = math.ceil((centre - half) / STEP)
    count = math.floor((centre + half) / STEP) - first + 1
    if count > 0:
        start = first % DEGREES
        ends[start] += 1
        ends[start + count] -= 1


@compiled
def add(coordinates, products, spanning, epsilons, ends):
    """Add all intervals to ``ends`` (epsilons, 2 DEGREES + 1), for coordinates (N, m) and epsilons in rising order."""
    m = products.shape[0]
    least = epsilons[0] * epsilons[0]
    scale = np.zeros((m, m))
    between = np.zeros((m, m))
    nearest = 0.0
    for a in range(m):
        for b in range(m):
            g = products[a, b]
            if spanning[a, b]:
                scale[a, b] = 1 / (1 - g * g)
                between[a, b] = math.acos(g)
                nearest = max(nearest, abs(g))
    cut = math.sqrt(least * (1 - nearest) / 2) * (1 - 1e-12)
    squares = np.zeros(m)
    for i in range(coordinates.shape[0]):
        p = coordinates[i]
        for a in range(m):
            x = p[a]
            if abs(x) < cut:
                continue
            g, s = products[a], scale[a]
            for b in range(m):
                squares[b] = (x * x + p[b] * (p[b] - 2 * g[b] * x)) * s[b]
            for b in range(m):
                if squares[b] < least or (b < a and abs(p[b]) >= cut):
                    continue
                length = math.sqrt(squares[b])
                phi = math.atan2((p[b] - g[b] * x) * math.sqrt(s[b]), x)
                for e in range(epsilons.size):
                    if length < epsilons[e]:
                        break
                    half = math.acos(min(epsilons[e] / length, 1.0))
                    mark(ends[e], -phi, half)
                    mark(ends[e], phi - between[a, b], half)
