"""Numbers of one PPP panel that claims are about, of all seeds of a configuration at once, from what is published."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from isoaux import bases, ppp, statistics
from isoaux.common.archive import Published
from isoaux.paper import Configuration, Figure
from isoaux.paper.claims import Selection
from isoaux.paper.names import DATASETS
from isoaux.paper.sources import SAMPLES
from isoaux.records.evidence import NotPublished, Reader
from isoaux.records.record import Record
from isoaux.records.representations import Representations
from isoaux.statistics import BINS

Values = NDArray[np.float64]

FEWEST = 50
"""Points below which a panel says too little about angles: of independent points c4 has a standard error above 0.1."""

EARLY = 13
"""The checkpoint of a tenth of the training."""

BEAM = 3.0
"""A bin that holds so many times its even share, and more than its neighbours, is a beam."""

NEAR = 2
"""Bins of 5 degrees on either side that still count as at an axis: within 12.5 degrees."""

MEDIAN = 3
"""The place of the median among the quantiles of radii and cosines (:data:`isoaux.records.measurement.QUANTILES`)."""

PROMINENT = 0.1
"""A maximum of the radial profile stands out by so much of the highest."""

_K = np.arange(BINS)
OFF_AXIS = np.minimum(_K % 18, 18 - _K % 18) * 5
"""Degrees from every bin's centre to the nearest axis, 0 to 45."""


@dataclass(frozen=True, eq=False)
class Sample:
    """All published networks of one configuration, at latent layer ``layer`` (k) and the checkpoint at place ``at``."""

    figure: Figure
    configuration: Configuration
    layer: int
    at: int
    record: Record
    reader: Reader

    @property
    def seeds(self) -> list[int]:
        """The seeds, in the record's order."""
        return self.record.seeds

    def values(self, statistic: str) -> NDArray[Any]:
        """A statistic of the record, (seeds, ...)."""
        return self.record.values(statistic, self.layer, self.at)

    def null(self, statistic: str) -> NDArray[Any]:
        """A statistic in the random bases of every network, (seeds, draws)."""
        return self.record.null(statistic, self.layer, self.at)

    @property
    def histogram(self) -> Values:
        """Points in bins of 5 degrees as multiples of an even spread, (seeds, 72); 0 where there is no point."""
        counts = self.values("histogram").astype(np.float64)
        return counts * BINS / np.maximum(counts.sum(1, keepdims=True), 1)

    def rows(self) -> tuple[Published, list[int]]:
        """The figure's file, and the places of these networks among its rows; raises NotPublished without a file."""
        drawing = self.reader.drawing(self.figure.name)
        listed = [(row["configuration"], row["seed"]) for row in drawing.facts["rows"]]
        return drawing, [listed.index((self.configuration.id, seed)) for seed in self.seeds]


def samples(selection: Selection, reader: Reader) -> list[Sample]:
    """The published networks of a selection, a sample per figure and configuration. Raises NotPublished for none."""
    published = []
    for figure, configuration in selection.members:
        record = reader.record(configuration)
        if record is not None:
            early, last = int(np.abs(record.epochs - EARLY).argmin()), len(record.epochs) - 1
            at = {"first": 0, "early": early, "last": last}[selection.epoch]
            layer = figure.layer if selection.layer is None else selection.layer
            published.append(Sample(figure, configuration, layer, at, record, reader))
    if not published:
        raise NotPublished("No network of the selection is published.")
    return published


# --- angles


def local_maxima(histogram: Values) -> NDArray[np.bool_]:
    """Bins (..., 72) that hold more than the bin before them and no less than the one after."""
    return (histogram > np.roll(histogram, 1, -1)) & (histogram >= np.roll(histogram, -1, -1))


def _highest(low: int, high: int) -> Callable[[Sample], Values]:
    """The highest local maximum between two distances from the nearest axis, in degrees; 0 where there is none."""

    def highest(sample: Sample) -> Values:
        histogram = sample.histogram
        there = local_maxima(histogram) & (low <= OFF_AXIS) & (high >= OFF_AXIS)
        return np.where(there, histogram, 0).max(1)

    return highest


def _beams(sample: Sample) -> Values:
    histogram = sample.histogram
    return (local_maxima(histogram) & (histogram >= BEAM)).sum(1).astype(np.float64)


def _orthogonal_beams(sample: Sample) -> Values:
    """The lower of two beams at a right angle to each other, to within a bin, of the pair in which it is highest."""
    histogram = sample.histogram
    beams = np.where(local_maxima(histogram), histogram, 0)
    across = np.max([np.roll(beams, -(BINS // 4 + off), axis=-1) for off in (-1, 0, 1)], axis=0)
    return np.minimum(beams, across).max(1)


def _fall_off(sample: Sample) -> Values:
    """How steadily points thin out from the axes: the lesser of two ratios of mean densities.

    Within 10 degrees of an axis over 15 to 30 degrees from it, and these over 35 to 45; infinite where nothing is left.
    """
    near, between, far = (
        sample.histogram[:, (low <= OFF_AXIS) & (high >= OFF_AXIS)].mean(1)
        for low, high in ((0, 10), (15, 30), (35, 45))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.stack([near / between, between / far])
    return np.nan_to_num(ratios, nan=np.inf, posinf=np.inf).min(0)


def _fullest_direction(sample: Sample) -> Values:
    """The share of the points in the fullest 25 degrees, :data:`NEAR` bins on either side of one."""
    runs = sum(np.roll(sample.histogram, off, axis=-1) for off in range(-NEAR, NEAR + 1))
    return np.asarray(runs).max(1) / BINS


def half_axes(sample: Sample) -> Values:
    """Points within :data:`NEAR` bins of +b_i, +b_j, -b_i, -b_j (at 0, 90, 180 and 270 degrees), (seeds, 4).

    As multiples of an even spread over the bins.
    """
    histogram, near = sample.histogram, np.arange(-NEAR, NEAR + 1)
    return np.stack([histogram[:, (18 * quarter + near) % BINS].sum(1) for quarter in range(4)], axis=1)


def _of_half_axes(measure: Callable[[Values], Values]) -> Callable[[Sample], Values]:
    """What ``measure`` makes of the :func:`half_axes` as a share of their sum; NaN where nothing lies near the axes."""

    def share(sample: Sample) -> Values:
        counts = half_axes(sample)
        total = counts.sum(1)
        return np.where(total > 0, measure(counts) / np.where(total > 0, total, 1), np.nan)

    return share


def _rarer_sign(counts: Values) -> Values:
    return np.minimum(counts[:, 0] + counts[:, 1], counts[:, 2] + counts[:, 3])


def _line_imbalance(counts: Values) -> Values:
    return np.abs(counts[:, 0] + counts[:, 2] - counts[:, 1] - counts[:, 3])


def _peak(sample: Sample) -> Values:
    return statistics.peak(sample.values("histogram").astype(np.float64))


def _ranks_agree(first: Values, second: Values) -> float:
    """Spearman's correlation; NaN where all planes hold the same."""
    return float(scipy.stats.spearmanr(first, second).statistic) if np.ptp(first) and np.ptp(second) else np.nan


def _plane_order(sample: Sample) -> Values:
    """Rank correlation over the planes between the points at this checkpoint and at the last."""
    counts = sample.record.values("plane_counts", sample.layer)
    return np.array([_ranks_agree(each[sample.at], each[-1]) for each in counts], np.float64)


def _inner_sharpness(sample: Sample) -> Values:
    """How sharp the inner half of the points is over the outer half, (seeds,); NaN but for seeds that are published.

    Of the published representations. Raises NotPublished where there are none.
    """
    published = sample.reader.representations(sample.configuration)
    if published is None:
        raise NotPublished(f"The representations of {sample.configuration.id} are not published.")
    kept = Representations(published)
    ratios = np.full(len(sample.seeds), np.nan)
    for place, seed in enumerate(sample.seeds):
        if seed in kept.seeds:
            ratios[place] = _sharpness_ratio(kept.values(sample.layer, seed), sample.record.facts["epsilon"])
    return ratios


def _sharpness_ratio(z: Values, epsilon: float) -> float:
    """How sharp the inner half of the points of representations (S, n) is over the outer half."""
    points = ppp.project(z, bases.standard(z.shape[1]), epsilon).points
    radius = np.linalg.norm(points, axis=1)
    inner = radius < np.median(radius)
    sharp = [
        statistics.peak(statistics.panel(half).histogram.astype(np.float64)) for half in (points[inner], points[~inner])
    ]
    return float(sharp[0] / sharp[1])


# --- directions


def _kept_share(sample: Sample) -> Values:
    """The share of all samples that lie near at least one plane."""
    if sample.record.has("kept_share"):
        return sample.values("kept_share").astype(np.float64)
    return sample.values("kept_samples") / SAMPLES[DATASETS[sample.configuration.dataset]]


def _off_both(sample: Sample) -> Values:
    """How far half of all samples lie from both, the nearest axis and 45 degrees from it, in degrees.

    Of the median angle to the nearest axis; below 0 beyond 45 degrees, where samples lie between more than two axes.
    """
    median = sample.values("cosine_quantiles")[:, MEDIAN].astype(np.float64)
    angle = np.degrees(np.arccos(np.clip(median, 0, 1)))
    return np.minimum(angle, 45 - angle)


# --- sizes


def _radius(sample: Sample) -> Values:
    radius = sample.values("radius_quantiles")[:, MEDIAN].astype(np.float64)
    return np.where(radius > 0, radius, np.nan)


def _near_origin(sample: Sample) -> Values:
    """The median of |w| over its 99th percentile."""
    quantiles = sample.values("radius_quantiles").astype(np.float64)
    return np.where(quantiles[:, 6] > 0, quantiles[:, 3] / np.where(quantiles[:, 6] > 0, quantiles[:, 6], 1), np.nan)


# --- pictures


def _pictures(sample: Sample) -> Values:
    """The published densities of these networks as shares of the row's brightness, (seeds, checkpoints, R, R)."""
    drawing, rows = sample.rows()
    return drawing["density"][rows] / 255.0


def _first_brightness(sample: Sample) -> Values:
    return _pictures(sample)[:, 0].max((1, 2))


def _colour_limit(sample: Sample) -> Values:
    drawing, rows = sample.rows()
    return np.asarray(drawing["limit"], np.float64)[rows]


def brightest(sample: Sample) -> Values:
    """The brightest place of every panel as a share of full brightness, (seeds, checkpoints)."""
    return np.asarray(_pictures(sample).max((2, 3)), np.float64)


def _radii(size: int) -> Values:
    """The distance of every pixel from the centre, the half-width of the window being 1."""
    axis = (2 * np.arange(size) + 1 - size) / size
    return np.hypot(axis[:, None], axis[None, :])


def _centre_brightness(sample: Sample) -> Values:
    last = _pictures(sample)[:, -1]
    inside = _radii(last.shape[-1]) < 0.03
    return last[:, inside].mean(1) / np.maximum(last.max((1, 2)), 1 / 255)


def _rings(sample: Sample) -> Values:
    """Maxima of the mean density against the radius, each standing out by a tenth of the highest."""
    last = _pictures(sample)[:, -1]
    ring = np.minimum((_radii(last.shape[-1]) * 25).astype(int), 25).ravel()
    counts = []
    for picture in last:
        profile = np.bincount(ring, picture.ravel(), 26)[:25] / np.bincount(ring, minlength=26)[:25]
        peaks, _ = scipy.signal.find_peaks(np.pad(profile, 1), prominence=PROMINENT * max(profile.max(), 1e-9))
        counts.append(len(peaks))
    return np.array(counts, np.float64)


@dataclass(frozen=True)
class Value:
    """A number of a panel: how it is made, (seeds,) from a :class:`Sample`, and what it is called."""

    of: Callable[[Sample], Values]
    words: str


def _plain(name: str, words: str) -> Value:
    """A statistic of the record as it is."""
    return Value(lambda sample: sample.values(name).astype(np.float64), words)


def _angular(measure: Callable[[Sample], Values], words: str) -> Value:
    """A number of a panel's angles: NaN where there are too few points for one."""
    return Value(lambda sample: np.where(sample.values("count") >= FEWEST, measure(sample), np.nan), words)


def _angular_plain(name: str, words: str) -> Value:
    return _angular(_plain(name, words).of, words)


VALUES: Mapping[str, Value] = {
    "count": _plain("count", "points"),
    "c4": _angular_plain("c4", "c4"),
    "s2": _angular_plain("s2", "s2"),
    "axis_share": _angular_plain("axis_share", "share of the points within 10° of an axis"),
    "diagonal_share": _angular_plain("diagonal_share", "share of the points within 10° of a diagonal"),
    "peak": _angular(_peak, "angular concentration"),
    "beams": _angular(_beams, "beams"),
    "beam_on_axes": _angular(_highest(0, 10), "highest beam on an axis, over an even spread"),
    "beam_on_diagonals": _angular(_highest(35, 45), "highest beam on a diagonal, over an even spread"),
    "beam_off_axes": _angular(_highest(15, 45), "highest beam off the axes, over an even spread"),
    "beam_between": _angular(_highest(15, 30), "highest beam at 15° to 30° from an axis, over an even spread"),
    "beam_at_25": _angular(_highest(20, 30), "highest beam at 20° to 30° from an axis, over an even spread"),
    "orthogonal_beams": _angular(_orthogonal_beams, "the lower of two beams at a right angle, over an even spread"),
    "fall_off": _angular(_fall_off, "density near the axes over that further off"),
    "fullest_direction": _angular(_fullest_direction, "share of the points in the fullest 25°"),
    "rarer_sign": _angular(_of_half_axes(_rarer_sign), "share of the rarer sign"),
    "positive": _angular(_of_half_axes(lambda counts: counts[:, 0] + counts[:, 1]), "share of the positive half-axes"),
    "negative": _angular(_of_half_axes(lambda counts: counts[:, 2] + counts[:, 3]), "share of the negative half-axes"),
    "down_and_left": _angular(_of_half_axes(lambda counts: counts[:, 2] + counts[:, 3]), "share of down and left"),
    "fullest_half_axis": _angular(_of_half_axes(lambda counts: counts.max(1)), "share of the fullest half-axis"),
    "line_imbalance": _angular(_of_half_axes(_line_imbalance), "difference of the two lines, over their sum"),
    "plane_order": Value(_plane_order, "rank correlation of the planes with the end"),
    "inner_sharpness": Value(_inner_sharpness, "sharpness of the inner half of the points over the outer"),
    "kept_share": Value(_kept_share, "share of all samples that lie near a plane"),
    "left_out": Value(lambda sample: 1 - _kept_share(sample), "share of all samples that lie near no plane"),
    "off_both": Value(_off_both, "degrees of half of all samples from axes and diagonals"),
    "radius": Value(_radius, "median distance from the origin"),
    "growth": Value(lambda sample: _radius(sample) / _radius(replace(sample, at=0)), "growth of the median distance"),
    "near_origin": Value(_near_origin, "median distance from the origin over the largest"),
    "first_brightness": Value(_first_brightness, "brightness of the first panel"),
    "colour_limit": Value(_colour_limit, "density at full brightness"),
    "centre_brightness": Value(_centre_brightness, "brightness of the centre over the brightest place"),
    "rings": Value(_rings, "rings"),
    "error": Value(
        lambda sample: sample.record.published["test_error_sigma"][:, sample.at].astype(np.float64),
        "sigma-weighted test error",
    ),
}
"""The numbers of a panel by name."""
