"""Which images lie together: directions of representations, and the plane of two neurons that holds most of each.

A plane's points are those of :func:`isoaux.ppp.project`: an image may be near many planes and then has a point in each.
"""

import numpy as np
from numpy.typing import NDArray

from isoaux import ppp
from isoaux.statistics import BINS

Values = NDArray[np.float64]
Places = NDArray[np.int64]

COSINE = 0.9
"""Images of one cluster point within arccos 0.9 = 26 degrees of its centre.

Of independent directions in 12 or more dimensions fewer than one in 10,000 lies so near to another, so that chance
makes no cluster of :data:`LEAST`.
"""

LEAST = 0.01
"""The smallest share of all images that is a cluster."""

MOST = 3
"""Clusters that are told apart."""

CENTRES = 1000
"""Images that are tried as centres of clusters, evenly spaced among all of them."""

NARROW = 10.0
"""Points point one way if half of them lie within so many degrees of their mean direction."""

OFF_AXIS = np.abs((np.arange(BINS) * 360 / BINS + 45) % 90 - 45) > 12.5
"""Bins of the angular histogram, centred on multiples of 5 degrees, that lie farther than 12.5 degrees off an axis."""


def once(projection: ppp.Projection) -> Places:
    """The places of one point for each image near any plane, in the order of the images: (images,) into the points.

    It is the point in the plane that holds most of the image, with the largest |w| / |v|; of equal ones the first.
    """
    length = np.hypot(*projection.points.T)
    order = np.lexsort((projection.plane, -length, projection.sample))
    _, first = np.unique(projection.sample[order], return_index=True)
    return order[first]


def together(z: Values, cosine: float = COSINE, least: float = LEAST, most: int = MOST) -> Places:
    """The cluster of every representation ``z`` (N, n): 0 for the largest, 1 for the next; -1 for those in none, (N,).

    The largest cluster is an image and all that point within arccos ``cosine`` of it, of the image that has most of
    them; the next is made in the same way of those that are left, up to ``most`` clusters that hold at least the share
    ``least`` of all images. Turning all representations turns the clusters and changes none.
    """
    length = np.linalg.norm(z, axis=1, keepdims=True)
    direction = z / np.where(length > 0, length, 1)
    centres = np.arange(0, len(z), max(1, -(-len(z) // CENTRES)))
    near = direction[centres] @ direction.T > cosine
    cluster = np.full(len(z), -1)
    for k in range(most):
        free = cluster < 0
        sizes = np.where(free[centres], near[:, free].sum(1), 0)
        if not sizes.size or sizes.max() < max(1, least * len(z)):
            break
        cluster[near[sizes.argmax()] & free] = k
    return cluster


def axis_angles(z: Values, basis: Values) -> Values:
    """The angle, in degrees, between every representation ``z`` (N, n) and the nearest line along a row of ``basis``.

    (N,); ``basis`` (m, n) has unit rows. 90 for a zero vector, which is near none.
    """
    length = np.linalg.norm(z, axis=1)
    largest = np.abs(z @ basis.T).max(axis=1, initial=0)
    return np.degrees(np.arccos(np.minimum(largest / np.where(length > 0, length, 1), 1)))


def direction(angles: Values, weights: Values, total: float) -> float:
    """The mean direction, in degrees from 0 to 360, of points at ``angles`` (k,), in degrees, with ``weights`` (k,).

    NaN unless at least half of ``total`` lies within :data:`NARROW` degrees of it.
    """
    mean = (np.exp(1j * np.radians(angles)) * weights).sum()
    degrees = float(np.degrees(np.angle(mean))) % 360
    apart = np.abs((angles - degrees + 180) % 360 - 180)
    held = weights[apart <= NARROW].sum()
    return degrees if total > 0 and held >= total / 2 else np.nan


def direction_in_plane(points: Values) -> float:
    """The mean direction, in degrees from 0 to 360, of the points (k, 2) of one plane; NaN if they point no one way."""
    return direction(np.degrees(np.arctan2(points[:, 1], points[:, 0])), np.ones(len(points)), len(points))


def direction_off_axes(histogram: NDArray[np.int64], images: int) -> float:
    """The direction, in degrees, of a plane's ``images``, read from the ``histogram`` (72,) of all planes' points.

    If the plane holds most images and they lie off its axes, their points in other planes lie next to the axes, so that
    the highest maximum off the axes is their own: the mean direction around it, NaN where fewer than half of the images
    are found there.
    """
    counts, angles = histogram.astype(np.float64), np.arange(BINS) * 360.0 / BINS
    peaks = OFF_AXIS & (counts > np.roll(counts, 1)) & (counts >= np.roll(counts, -1))
    if not peaks.any():
        return np.nan
    highest = angles[np.where(peaks, counts, -1).argmax()]
    around = OFF_AXIS & (np.abs((angles - highest + 180) % 360 - 180) <= NARROW)
    return direction(angles[around], counts[around], images)


def from_axis(degrees: float) -> float:
    """The angle between a direction in a plane and the nearest of its four half-axes, 0 to 45 degrees."""
    return abs((degrees + 45) % 90 - 45)
