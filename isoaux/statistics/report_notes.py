"""What the notes of a report say: what was measured, what was left out, and what a small p does not show."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from isoaux.common.choices import shown
from isoaux.common.tables import listed
from isoaux.statistics.nulls import LEVEL
from isoaux.statistics.preparation import Ready, threshold
from isoaux.statistics.tally import MOMENTS
from isoaux.statistics.tested import Tested
from isoaux.statistics.turns import WIDE

TAKEN = {
    "raw": "as they came",
    "centred": "less their mean",
    "whitened": "less their mean and covariance",
}
"""The preparations (:data:`isoaux.statistics.preparation.PREPARATIONS`) in words."""

NAMED = 3
"""Neurons that are named of each kind of outliers."""


def of(report: Tested) -> Iterator[str]:
    """The notes of a report, one by one."""
    ready = report.prepared
    if ready.note:
        yield ready.note
    (given, neurons), (measured, width) = ready.given, ready.rows.shape
    drawn = f"{measured:,} of {given:,} samples, drawn at random," if measured < given else f"{given:,} samples"
    yield (
        f"Measured: {drawn} of {width:,} neurons, {report.preparation} ({TAKEN[report.preparation]}); "
        f"{report.variant}-PPP, epsilon = {report.epsilon:g}, {report.draws:,} random bases, seed {shown(report.seed)}."
    )
    yield from _outliers(report)
    if width > WIDE:
        yield (
            "Random bases of so many neurons are made by turning random groups of them, twice; p values are exact as "
            "with Haar-random ones."
        )
    planes, of_points = report.planes, [name for name in report.tests if name not in MOMENTS]
    if ready.exponent:
        yield f"All numbers were divided by 2^{ready.exponent}, so that their squares can be held; no result has units."
    if neurons > given:
        yield f"There are more neurons ({neurons:,}) than samples ({given:,}): if rows are neurons, transpose."
    if count := len(ready.constant):
        which = listed([*map(str, ready.constant[:5]), *(["others"] if count > 5 else [])])
        yield (
            f"{count} of {neurons:,} neurons never change and were left out ({which}); that is about neurons too, "
            "and not part of the test."
        )
    if ready.zeros:
        yield f"{ready.zeros:,} measured samples are zero; they have no direction and are near no plane."
    if ready.copies:
        yield f"{ready.copies:,} measured samples repeat another; the p values allow for that."
    if report.preparation == "whitened" and given <= width:
        yield (
            "No more samples than neurons: whitened ones all have the same length and the same angle with each other, "
            "whatever they were, so that only the subspace that they span is measured."
        )
    elif report.preparation == "whitened" and given < 10 * width:
        yield f"{given / width:.1f} samples per neuron are few for whitening, which then takes more than a covariance."
    if ready.rank is not None and ready.rank < width:
        yield f"The covariance has rank {ready.rank} of {width}: some combinations of neurons never change."
    if of_points and not planes:
        yield "No two rows of the basis span a plane, so that there are no points: p values of points say nothing."
    elif of_points and not any(report.tests[name].value or report.tests[name].null.any() for name in of_points):
        least = threshold(measured, width, planes)
        lower = f"; from {least:g} downwards there would be some" if least < report.epsilon else ""
        yield (
            f"No point is near any plane at epsilon = {report.epsilon:g}, in the measured basis or in random "
            f"ones{lower}: p values of points say nothing."
        )
    elif "count" in of_points and not report.tests["count"].value and len(of_points) > 1:
        yield "No point is near any plane of the measured basis: the other statistics of points are 0 and add nothing."
    if len(report.tests) * 2 / (1 + report.draws) > LEVEL:
        least = int(np.ceil(len(report.tests) * 2 / LEVEL)) - 1
        yield f"With {report.draws} draws no adjusted p can be {LEVEL:g}; at least {least} draws are needed."
    yield _meaning(report)


def _outliers(report: Tested) -> Iterator[str]:
    """The neurons that carry most, and those with the heaviest tails, by their places among all neurons."""
    ready = report.prepared
    shares, what = (ready.lengths, "squared length") if report.preparation == "raw" else (ready.variances, "variance")
    carry = [f"{place} ({value:.2g})" for place, value in largest(ready, 100 * shares)]
    tails = [f"{place} ({value:.3g})" for place, value in largest(ready, ready.kurtosis)]
    yield (
        f"Of all neurons, {listed(carry)} have the largest shares of the {what}, in percent (even: "
        f"{100 / len(shares):.2g}), and {listed(tails)} the largest kurtosis over the samples (normal: 3), both before "
        f"anything was taken away."
    )


def largest(ready: Ready, values: NDArray[np.float64]) -> list[tuple[int, float]]:
    """Place among all neurons and value of the :data:`NAMED` neurons with the largest ``values`` (n,)."""
    first = np.argsort(-values, kind="stable")[:NAMED]
    return [(int(ready.neurons[at]), float(values[at])) for at in first]


def _meaning(report: Tested) -> str:
    """What a small p of this preparation shows, and what it does not."""
    ready, axes = report.prepared, "neurons" if report.prepared.standard else "basis"
    says = (
        f"A small p of {report.preparation} activations says that they look different from the {axes} than from most "
        "other bases, not why."
    )
    if report.preparation == "whitened":
        return (
            f"{says} Here mean, scales and correlations are taken away, which leaves the shape beyond them; the "
            "axes are those of the uncorrelated coordinates nearest to the neurons, and a neuron that seldom fires has "
            "become a large one."
        )
    large, small = ready.scales
    scales = f"unequal scales (standard deviations of {small:.2g} to {large:.2g} times their median) and correlations"
    if report.preparation == "centred":
        return f'{says} Enough for it may be {scales} of neurons; `prepare="whitened"` takes these away.'
    mean = f"the mean, {100 * ready.mean_share:.0f}% of the squared length"
    if ready.negative == 0:
        mean += " (no activation is below 0)"
    return (
        f'{says} Enough for it may be {mean}, or {scales} of neurons; `prepare="centred"` takes the first away, '
        '`prepare="whitened"` all of them.'
    )
