"""What is left after mean and covariance, in tables; where there is nothing, a sentence says so.

``rows`` are those of :func:`isoaux.studies.remainder.prepared.table`, ``lines`` those of
:func:`isoaux.studies.remainder.discreteness.table`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from isoaux import statistics
from isoaux.common.numbers import NONE, low_to_high, signed, with_range, written
from isoaux.common.tables import Table
from isoaux.paper import PIXELS, TITLES
from isoaux.records.reports import or_missing
from isoaux.studies.remainder import discreteness, prepared
from isoaux.studies.remainder.discreteness import Lines
from isoaux.studies.remainder.prepared import DECIDING, MEASURED, Place, Prepared, counts, places
from isoaux.studies.remainder.report import DEPTHS, middle, title

Values = NDArray[np.float64]


OVERVIEW = (
    ("quartimax", "raw"),
    ("quartimax", "centred"),
    ("quartimax", "whitened"),
    ("count", "raw"),
    ("count", "whitened"),
    ("neuron_kurtosis", "whitened"),
)
"""The statistics and preparations that are counted over networks."""


@or_missing
def overview(rows: Sequence[Prepared]) -> Table:
    """Networks and layers that lie above / below their random bases: a row per activation, pixels and depth."""
    groups: dict[tuple[str, bool, bool], list[Prepared]] = {}
    for row in rows:
        c = row.configuration
        groups.setdefault((c.activation, c.normalised, row.layer > 0), []).append(row)
    cells = [
        (
            TITLES[activation],
            PIXELS[normalised],
            DEPTHS[deep],
            str(len(members)),
            *(" / ".join(map(str, counts(members, prepare, name))) for name, prepare in OVERVIEW),
        )
        for (activation, normalised, deep), members in groups.items()
    ]
    heads = [f"`{name}`, {prepare}" for name, prepare in OVERVIEW]
    return Table(("activation", "pixels", "layers", "networks and layers", *heads), tuple(cells))


@or_missing
def by_place(rows: Sequence[Prepared]) -> Table:
    """Effects of quartimax in each preparation: a row per configuration and latent layer, and what is left whitened.

    Of one network its effect and p; of several the mean effect with its 95% interval over the seeds, and how many lie
    above / below their random bases.
    """
    prepares = MEASURED[DECIDING]
    cells = [
        (*_place(place), *(_effects(place, prepare) for prepare in prepares), _left(place)) for place in places(rows)
    ]
    return Table((*PLACE, *prepares, "left when whitened"), tuple(cells))


PLACE = ("activation", "configuration", "k", "seeds")
"""The first columns of a row per configuration and layer."""


def _place(place: Place) -> tuple[str, ...]:
    c = place.configuration
    return TITLES[c.activation], title(c, activation=False), str(place.layer), str(len(place.networks))


@or_missing
def others(rows: Sequence[Prepared]) -> Table:
    """The effects of the other statistics, raw and whitened, as :func:`by_place` has those of quartimax."""
    columns = [(name, prepare) for name, several in MEASURED.items() for prepare in several]
    columns = [(name, prepare) for name, prepare in columns if name != DECIDING]
    cells = [(*_place(place), *(_effects(place, prepare, name) for name, prepare in columns)) for place in places(rows)]
    return Table((*PLACE, *(f"`{name}`, {prepare}" for name, prepare in columns)), tuple(cells))


def _effects(place: Place, prepare: str, statistic: str = DECIDING) -> str:
    effects = place.effects(prepare, statistic)
    if len(effects) == 1:
        p = place.networks[0].outcome(prepare, statistic).p
        return f"{signed(effects[0], 1)} (p = {written('{:.2g}', p)})"
    if not np.isfinite(effects).all():
        return NONE
    above, below = counts(place.networks, prepare, statistic)
    return f"{_interval(effects)}; {above} / {below} of {len(effects)}"


def _interval(values: Values) -> str:
    """The mean of several values with its 95% interval, in signed numbers."""
    mean = statistics.interval(values)
    return f"{signed(mean.mean, 1)} ({signed(mean.low, 1)} to {signed(mean.high, 1)})"


def _left(place: Place) -> str:
    """What is left of a configuration when whitened, in a word: over its seeds, or of its only network."""
    effects = place.effects("whitened")
    if not np.isfinite(effects).all():
        return NONE
    if len(effects) > 1:
        return {1: "gathers", -1: "avoids", 0: "undecided"}[statistics.interval(effects).sign]
    return {1: "gathers (one network)", -1: "avoids (one network)", 0: "nothing seen (one network)"}[
        place.networks[0].outcome("whitened").side
    ]


@or_missing
def pairs(rows: Sequence[Prepared]) -> Table:
    """Effects of quartimax less those of the isotropic partner, paired by seed: a row per configuration and layer.

    With several seeds their mean difference and its 95% interval, *undecided* where that holds 0. A dash where the
    partner is not published, or was not measured over as many representations.
    """
    prepares = MEASURED[DECIDING]
    cells = [
        (*_place(place)[:3], *(_difference(prepared.differences(place, control, prepare)) for prepare in prepares))
        for place, control in prepared.pairs(rows)
    ]
    return Table((*PLACE[:3], *prepares), tuple(cells)) if cells else _no_pairs()


def _no_pairs() -> Table:
    return Table(("pairs",), (("no activation with an isotropic partner is published",),))


def _difference(values: Values) -> str:
    if len(values) < 2:
        return f"{signed(values[0], 1)}, one seed" if len(values) else NONE
    undecided = "" if statistics.interval(values).sign else ", undecided"
    return f"{_interval(values)}, {len(values)} seeds{undecided}"


@or_missing
def line_ratios(lines: Sequence[Lines]) -> Table:
    """Effective lines over a Gaussian's, and over the isotropic partner's: a row per pair and latent layer.

    With several seeds medians and ranges, and the geometric mean of the ratio with its 95% interval, *undecided* where
    that holds 1.
    """
    known: dict[discreteness.Place, list[Lines]] = {}
    for row in lines:
        known.setdefault((row.configuration, row.layer), []).append(row)
    cells = []
    for pair in discreteness.pairs(lines):
        values = [[row.ratio for row in known[place] if np.isfinite(row.ratio)] for place in pair]
        widths = [low_to_high([row.width for row in known[place]], "{:.0f}") for place in pair]
        configuration, layer = pair[0]
        cells.append(
            (
                TITLES[configuration.activation],
                title(configuration, activation=False),
                str(layer),
                *(middle(each) if each else NONE for each in values),
                _ratio(discreteness.ratios(lines, *pair)),
                " / ".join(widths),
            )
        )
    head = (
        "activation",
        "configuration",
        "k",
        "lines over Gaussian",
        "of its isotropic partner",
        "ratio",
        "directions",
    )
    return Table(head, tuple(cells)) if cells else _no_pairs()


def _ratio(values: Values) -> str:
    if len(values) < 2:
        return f"{values[0]:.2g}, one seed" if len(values) else NONE
    mean = statistics.interval(np.log(values))
    ratio, low, high = np.exp([mean.mean, mean.low, mean.high])
    return f"{with_range(ratio, low, high, '{:.2g}')}, {len(values)} seeds{'' if mean.sign else ', undecided'}"


@or_missing
def shown(rows: Sequence[Prepared]) -> Table:
    """How many of the representations pictures show, and how many neurons hold a direction: medians and ranges.

    A row per activation, pixels, n and depth: the share of representations near any plane of two neurons, and the
    effective number of neurons of a direction, 1 on an axis and about (n + 2) / 3 without any structure.
    """

    def group(row: Prepared) -> tuple[str, str, str, str]:
        c = row.configuration
        return TITLES[c.activation], PIXELS[c.normalised], str(c.n), DEPTHS[row.layer > 0]

    groups: dict[tuple[str, str, str, str], list[Prepared]] = {}
    for row in rows:
        groups.setdefault(group(row), []).append(row)
    cells = [
        (
            *names,
            str(len(members)),
            middle([100 * row.kept_share for row in members], "{:.3g}"),
            middle([row.effective_neurons for row in members], "{:.1f}"),
        )
        for names, members in groups.items()
    ]
    head = ("activation", "pixels", "n", "layers", "networks and layers", "near a plane, in %", "effective neurons")
    return Table(head, tuple(cells))
