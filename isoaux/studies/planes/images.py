"""Where images lie, in tables and sentences: in which plane, in which direction, on how many planes each is drawn.

A panel counts points, and an image has a point in every plane that it is near; here images are counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoaux.common.numbers import NONE, low_to_high, signed, whole, with_range, written
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import DATASET_TITLES, DATASETS, SAMPLES, TITLES
from isoaux.records.record import Record, p_value
from isoaux.records.reports import line_of_each, or_missing, table_of_each
from isoaux.records.results import Result, by_activation
from isoaux.statistics import BINS
from isoaux.studies.planes import clusters, sampled
from isoaux.studies.planes.clusters import NARROW, Places
from isoaux.studies.planes.sampled import Sampled

_BINS, _NEAR = np.arange(BINS), np.arange(-2, 3)
SIGNS = {
    "both positive": _BINS[1:18],
    "one of each": np.concatenate([_BINS[19:36], _BINS[55:]]),
    "both negative": _BINS[37:54],
    "near a positive half": np.concatenate([_NEAR, 18 + _NEAR]),
    "near a negative half": np.concatenate([36 + _NEAR, 54 + _NEAR]),
}
"""Bins of the angular histogram, which are centred on multiples of 5 degrees, by the signs of the coordinates in them.

Quadrants without the bins at the axes; halves of the axes with two bins on either side, up to 12.5 degrees.
"""

LOW, MIDDLE, HIGH = 1, 3, 5
"""Places of the 5%, 50% and 95% quantiles among those of a record's ``cosine_quantiles``."""


@dataclass(frozen=True)
class Fullest:
    """The plane of two neurons with the most images of a network: its ``neurons``, counted from 1, and ``images``.

    ``degrees`` is the direction of these images in the plane, from the first neuron's axis towards the second's: NaN
    where the plane holds fewer than half of the images that the panel shows, and where they point no one way.
    """

    neurons: tuple[int, int]
    images: int
    degrees: float

    @property
    def from_axis(self) -> float:
        """Degrees between that direction and the nearest of the plane's half-axes."""
        return clusters.from_axis(self.degrees)


def fullest(result: Result, row: int) -> Fullest:
    """The plane that holds most images of a row's network at the last checkpoint.

    Of planes with equally many it is the one that most of the published representations lie in, if there are any. The
    direction is that of the published representations near the plane; of a network that has none, of the angular
    histogram, to a few degrees (:func:`isoaux.studies.planes.clusters.direction_off_axes`).
    """
    counts, network = _last(result, row, "plane_counts"), sampled.of_row(result, row)
    projection = network.projection if network else None
    plane = int(counts.argmax())
    if projection is not None:
        most = np.bincount(projection.plane[clusters.once(projection)], minlength=len(counts))
        plane = int(np.lexsort((-most, -counts))[0])
    images, degrees = int(counts[plane]), np.nan
    if images and images >= _last(result, row, "kept_samples") / 2:
        if projection is not None and projection.counts[plane]:
            degrees = clusters.direction_in_plane(projection.points[projection.plane == plane])
        else:
            degrees = clusters.direction_off_axes(_last(result, row, "histogram"), images)
    first, second = result.records[result.rows[row][0].id]["planes"][plane]
    return Fullest((int(first) + 1, int(second) + 1), images, degrees)


def number(result: Result, row: int) -> float:
    """How many images a row's network was trained on, which are those that are projected; NaN where nothing tells it.

    A record of measure version 3 tells it where it kept any; else the data set does.
    """
    configuration, _ = result.rows[row]
    record = Record(result.records[configuration.id])
    if record.has("kept_share") and _last(result, row, "kept_share") > 0:
        return float(np.rint(_last(result, row, "kept_samples") / _last(result, row, "kept_share")))
    source, title = str(record.facts["source"]), DATASET_TITLES[configuration.dataset]
    named = DATASETS[configuration.dataset] if str(record.facts["dataset"]).startswith(title) else source
    return float(SAMPLES.get(named, np.nan))


def _last(result: Result, row: int, name: str) -> Any:
    """A statistic of a row's network at the last checkpoint."""
    return result.of_row(row, name)[-1]


@table_of_each
def fullest_planes(result: Result) -> Table:
    """The plane with the most images of every network at the last checkpoint, and how often images are drawn.

    A row per network: the plane's two neurons, its images, their direction in it and how far that is from an axis; on
    how many planes besides one an image is drawn, on average over those that are drawn; and the panel's c4 with its p.
    """
    head = ("activation", "seed", "fullest plane: neurons", "images in it", "direction in it", "from the nearest axis",
            "further planes, per image", "c4", "p of c4")  # fmt: skip
    rows = []
    for r, (configuration, seed) in enumerate(result.rows):
        plane, c4 = fullest(result, r), _last(result, r, "c4")
        rows.append(
            (
                TITLES[configuration.activation],
                str(seed),
                "{}, {}".format(*plane.neurons) if plane.images else NONE,
                f"{plane.images:,} of {whole(number(result, r))}",
                written("{:.0f}°", plane.degrees),
                written("{:.0f}°", plane.from_axis),
                written("{:.1f}", planes_each(result, r) - 1),
                signed(c4),
                written("{:.3f}", p_value(c4, result.of_row(r, "final_null_c4"))),
            )
        )
    return Table(head, tuple(rows))


def planes_each(result: Result, row: int) -> float:
    """On how many planes an image is drawn, on average over those that are drawn; NaN where none is."""
    kept = _last(result, row, "kept_samples")
    return float(_last(result, row, "count") / kept) if kept else np.nan


@line_of_each
def in_one_plane(result: Result) -> str:
    """In how many networks of every activation one plane holds most images, in which direction, and c4 beside it."""
    parts = []
    for activation, members in by_activation(result):
        planes = {r: fullest(result, r) for r in members}
        full = {r: plane for r, plane in planes.items() if plane.images >= _half(result, r)}
        counts = low_to_high([plane.images for plane in (full or planes).values()], "{:,.0f}")
        of = f"{counts} of {whole(number(result, members[0]))}"
        if full:
            parts.append(f"With {TITLES[activation]}, {_of_full(result, full, of, len(members))}")
        else:
            parts.append(f"With {TITLES[activation]}, no plane holds most images of a network, the fullest {of}.")
    return " ".join(parts)


def _of_full(result: Result, full: Mapping[int, Fullest], images: str, networks: int) -> str:
    """Of the networks with most images in one plane: how many they are, the direction, and whether c4 agrees."""
    each = [planes_each(result, r) for r in full]
    words = (
        f"one plane of two neurons holds most images in {len(full)} of {networks} networks: {images}, each drawn on "
        f"{low_to_high(each, '{:.1f}')} planes on average."
    )
    known = {r: plane.from_axis for r, plane in full.items() if np.isfinite(plane.degrees)}
    if known:
        near = sum(angle <= NARROW for angle in known.values())
        above = sum(bool(_last(result, r, "c4") > 0) for r in known)
        angles = low_to_high(list(known.values()), "{:.0f}°")
        words += (
            f" In {len(known)} of them the images point one way, {angles} from the nearest axis: "
            f"within {NARROW:g}° of it in {near} of these {len(known)}, while c4 is above 0 in {above}."
        )
    return words


def _half(result: Result, row: int) -> float:
    """Half of the images of a network, or of those that the panel shows where their number is not known; at least 1."""
    of = number(result, row)
    return max(1.0, (of if np.isfinite(of) else float(_last(result, row, "kept_samples"))) / 2)


@table_of_each
def near_axes(result: Result) -> Table:
    """How near to the neurons' axes the published representations point at the last checkpoint.

    A row per configuration, over all its seeds whose representations are published: the share of images that panels
    show; the share of those that are kept near an axis in all its planes, since more than epsilon of their length lies
    on one neuron; and the angle between these and that axis, median and middle 90%.
    """
    head = ("activation", "seeds", "images", "shown", "more than epsilon on one neuron", "angle of these to its axis")
    rows = []
    for configuration in result.by_configuration:
        networks = sampled.of_configuration(result, configuration)
        angles = np.array([angle for each in networks for angle in clusters.axis_angles(each.z, each.basis)])
        shown = sum(len(np.unique(network.projection.sample)) for network in networks)
        near = angles[angles < np.degrees(np.arccos(result.records[configuration.id].facts["epsilon"]))]
        cells = [written("{:.1%}", part / len(angles)) if len(angles) else NONE for part in (shown, len(near))]
        middle, low, high = np.quantile(near, (0.5, 0.05, 0.95)) if len(near) else [np.nan] * 3
        seeds = ", ".join(str(network.seed) for network in networks) or NONE
        angle = with_range(middle, low, high, "{:.0f}°") if len(near) else NONE
        rows.append((TITLES[configuration.activation], seeds, f"{len(angles):,}", *cells, angle))
    return Table(head, tuple(rows))


@or_missing
def directions(result: Result) -> Table | Text:
    """Where all images of every network point at the last checkpoint: a row per network.

    The share that panels show; the cosine of the angle to the nearest neuron's axis, median and middle 90%; the mean
    effective number of neurons 1 / sum u_i^4 of a direction u, from 1 on an axis to n half way between all; the largest
    shares within the threshold of one axis and of one plane; and how many planes have any point. A sentence where a
    record is of measure version 2, which has none of it.
    """
    head = ("activation", "seed", "images shown", "cosine to the nearest axis", "effective neurons",
            "nearest to one axis", "near one plane", "planes with points")  # fmt: skip
    rows = []
    for r, (configuration, seed) in enumerate(result.rows):
        record = Record(result.records[configuration.id])
        if not record.has("cosine_quantiles"):
            version = record.facts["measure_version"]
            return Text(f"The directions of all images are measured from version 3 on; this is version {version}.")
        cosines = _last(result, r, "cosine_quantiles")
        shares = [written("{:.1%}", _last(result, r, name)) for name in ("kept_share", "axis_cluster", "plane_cluster")]
        middle = with_range(cosines[MIDDLE], cosines[LOW], cosines[HIGH], "{:.2f}")
        neurons = written("{:.1f}", _last(result, r, "effective_neurons"))
        planes = f"{_last(result, r, 'planes_filled'):,} of {len(_last(result, r, 'plane_counts')):,}"
        rows.append((TITLES[configuration.activation], str(seed), shares[0], middle, neurons, *shares[1:], planes))
    return Table(head, tuple(rows))


@table_of_each
def signs(result: Result) -> Table:
    """Which signs the points of the last checkpoint have: a row per activation, shares from lowest to highest seed.

    Points more than 2.5 degrees off the axes by quadrant, whose coordinates have one sign or both; and points within
    12.5 degrees of an axis by its half.
    """
    head = ("activation", "both positive", "one of each", "both negative",
            "near the positive half of an axis", "near the negative half")  # fmt: skip
    rows = []
    for activation, members in by_activation(result):
        histograms = np.stack([_last(result, r, "histogram") for r in members]).astype(np.float64)
        shares = histograms[histograms.sum(1) > 0]
        shares /= shares.sum(1, keepdims=True)
        cells = [shares[:, bins].sum(1) for bins in SIGNS.values()]
        rows.append((TITLES[activation], *(low_to_high(cell, "{:.0%}") if len(cell) else NONE for cell in cells)))
    return Table(head, tuple(rows))


def cluster_sentence(networks: Sequence[Sampled], members: Sequence[Places]) -> str:
    """How many images have how many points, and how many lie in the largest clusters: the alternative text.

    ``members`` has the cluster of every image of each network, as :func:`isoaux.studies.planes.clusters.together`.
    """
    parts = []
    for network, cluster in zip(networks, members, strict=True):
        sizes = np.bincount(cluster[cluster >= 0])
        held = listed([f"{size:,}" for size in sizes]) if sizes.size else "no cluster"
        kept = len(np.unique(network.projection.sample))
        parts.append(
            f"{TITLES[network.configuration.activation]}, seed {network.seed}: {len(network.projection.points):,} "
            f"points of {kept:,} images, of {len(cluster):,} in all; in the largest clusters, {held}"
        )
    return (
        "Two panels per network: left a point in every plane that an image is near, right one point per image, in the "
        f"plane that holds most of it, each in the colour of its cluster. {'; '.join(parts)}."
    )
