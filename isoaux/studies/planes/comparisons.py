"""Questions that need more than one checkpoint or figure: when, with what trend, and how else on raw pixels."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import statistics
from isoaux.common import archive, paths
from isoaux.common.archive import Published
from isoaux.common.numbers import NONE, low_to_high, with_range, written
from isoaux.common.tables import Table, listed
from isoaux.paper import PIXELS, TITLES, Configuration
from isoaux.records import reading
from isoaux.records.reading import IDENTITY
from isoaux.records.record import Record
from isoaux.records.reports import line_of_each, table_of_each
from isoaux.records.results import Collection, Result, by_activation

Values = NDArray[Any]


@table_of_each
def timing(result: Result) -> Table:
    """When structure appears and whether it leaves: a row per figure and activation, in each cell a number per seed.

    The columns are the epoch from which the number of points, and c4, stays outside the network's random bases
    (:meth:`isoaux.records.record.Record.onset`), a dash where it is not outside at the last checkpoint; the epoch with
    the most points; and the share of these that is left at the last checkpoint.
    """
    head = (
        "activation",
        "count outside from epoch",
        "c4 outside from epoch",
        "most points at epoch",
        "left at the end",
    )
    epochs, lines = result.drawing["epochs"], []
    since = [_onsets(result, statistic) for statistic in ("count", "c4")]
    for activation, rows in by_activation(result):
        counts = [result.of_row(r, "count") for r in rows]
        cells = (
            *([written("{:.0f}", onsets[result.rows[r]]) for r in rows] for onsets in since),
            [str(epochs[c.argmax()]) if c.any() else NONE for c in counts],
            [f"{100 * c[-1] / c.max():.0f} %" if c.any() else NONE for c in counts],
        )
        lines.append((TITLES[activation], *map(", ".join, cells)))
    return Table(head, tuple(lines))


def _onsets(result: Result, statistic: str) -> dict[tuple[Configuration, int], float]:
    """The onset of a statistic at the figure's layer, by configuration and seed."""
    records = [Record(published) for published in result.records.values()]
    return {
        (record.configuration, seed): epoch
        for record in records
        for seed, epoch in record.by_seed(record.onset(statistic, result.figure.layer)).items()
    }


def trend(collection: Collection) -> Table:
    """What rises or falls from figure to figure, at the last checkpoint: a row per activation and number.

    The cells of a figure are medians over the seeds, in brackets those of random bases. The last columns count the
    seeds in which a number rises, and falls, from every figure to the next, in the order of the page; only seeds that
    all figures have are counted.
    """
    results = list(collection)
    if len(results) < 2:
        return Table(("trend",), (("needs two figures",),))
    head = ("activation", "number", *(collection.label(result.figure) for result in results), "rises", "falls")
    lines = []
    members = [dict(by_activation(result)) for result in results]
    for activation in dict.fromkeys(name for rows in members for name in rows):
        for words, form, of in NUMBERS:
            numbers = [
                {result.rows[r][1]: of(result, r) for r in rows.get(activation, [])}
                for result, rows in zip(results, members, strict=True)
            ]
            cells = [_medians(list(by_seed.values()), form) for by_seed in numbers]
            lines.append((TITLES[activation], words, *cells, *_directions([by_seed for by_seed in numbers if by_seed])))
    return Table(head, tuple(lines))


def _directions(numbers: Sequence[dict[int, tuple[float, float]]]) -> tuple[str, str]:
    """In how many of the seeds that all figures have a number rises, and falls, from each figure to the next."""
    seeds = [seed for seed in numbers[0] if all(seed in by_seed for by_seed in numbers)] if len(numbers) > 1 else []
    if not seeds:
        return NONE, NONE
    steps = np.diff([[by_seed[seed][0] for seed in seeds] for by_seed in numbers], axis=0)
    rising, falling = ((sign * steps > 0).all(0).sum() for sign in (1, -1))
    return f"{rising} of {len(seeds)}", f"{falling} of {len(seeds)}"


def _medians(pairs: Sequence[tuple[float, float]], form: str) -> str:
    """The medians over the seeds: of a number, and of its random bases in brackets where these have any."""
    columns = np.array(pairs, float).reshape(-1, 2).T
    values, null = (column[np.isfinite(column)] for column in columns)
    middle = form.format(np.median(values)) if len(values) else NONE
    return middle + (f" ({form.format(np.median(null))})" if len(null) else "")


def _last(name: str) -> Any:
    return lambda result, r: (result.of_row(r, name)[-1], np.median(result.of_row(r, f"final_null_{name}")))


def _points_over_random_bases(result: Result, row: int) -> tuple[float, float]:
    count, null = _last("count")(result, row)
    return count / max(null, 1), null / max(null, 1)  # of a median of no point, as of one


def _peak(result: Result, row: int) -> tuple[float, float]:
    return float(statistics.peak(result.of_row(row, "histogram")[-1].astype(float))), np.nan


NUMBERS = (
    ("points", "{:,.0f}", _last("count")),
    ("points, times random bases", "{:,.1f}", _points_over_random_bases),
    ("c4", "{:+.2f}", _last("c4")),
    ("two points in one bin of 5°, times an even spread", "{:.1f}", _peak),
)
"""What is followed from figure to figure: words, form, and of a row its value and that of its random bases, or NaN."""


def pixels(collection: Collection) -> Table:
    """How narrow beams are: a row per configuration that is published on the other kind of pixels, too, beside it.

    The number of points and :func:`isoaux.statistics.peak` (two points share a bin of 5 degrees so many times as often
    as if spread evenly), median and range over the seeds, of the pooled planes at the last checkpoint.
    """
    head = ("figure", "activation", "points", "two points in one bin", "other pixels: points", "two points in one bin")
    lines = []
    for result in collection:
        layer = result.figure.layer
        for id, published in result.records.items():
            configuration = Configuration.parse(id)
            other = _other_pixels(configuration, published)
            if other is not None:
                cells = (*_narrow(Record(published), layer), *_narrow(Record(other), layer))
                kinds = f"{configuration.pixels}, other {PIXELS[not configuration.normalised]}"
                label = f"{collection.label(result.figure)}; {kinds}"
                lines.append((label, TITLES[configuration.activation], *cells))
    return Table(head, tuple(lines) or (("no counterpart is published", *[""] * (len(head) - 1)),))


def _other_pixels(configuration: Configuration, published: Published) -> Published | None:
    """The record of the same configuration on the other kind of pixels, if of one setting but for the arithmetic."""
    other = replace(configuration, normalised=not configuration.normalised)
    try:
        counterpart = archive.read(reading.record_path(paths.data(), other.id))
    except FileNotFoundError:
        return None
    alike = (
        reading.agree(name, counterpart.facts.get(name), published.facts.get(name))
        for name in IDENTITY
        if name != "dtype"
    )
    return counterpart if all(alike) else None


def _narrow(record: Record, layer: int) -> tuple[str, str]:
    """The number of points and the peak at the last checkpoint, each median and range over the seeds."""
    peaks = statistics.peak(record.values("histogram", layer, -1).astype(float))
    return _spread(record.values("count", layer, -1), "{:,.0f}"), _spread(peaks[np.isfinite(peaks)], "{:.1f}")


def _spread(values: Values, form: str) -> str:
    return with_range(np.median(values), values.min(), values.max(), form) if len(values) else NONE


@line_of_each
def learning(result: Result) -> str:
    """What is left of the error of unseen images at the end, as a share of that before training, by activation."""
    parts = []
    for id, record in result.records.items():
        errors = record["test_error"]
        shares = errors[np.isfinite(errors).all(1)][:, [0, -1]]
        if len(shares):
            left = 100 * shares[:, 1] / shares[:, 0]
            parts.append(f"{low_to_high(left.tolist(), '{:.0f}')} % with {TITLES[Configuration.parse(id).activation]}")
    return f"Of the error before training, {listed(parts)} are left at the end (lowest and highest seed)."


@table_of_each
def reconstruction(result: Result) -> Table:
    """Whether the networks of a figure learn: the error of unseen images, mean square in the network's own units.

    A row per configuration; medians and ranges over the seeds before training, at the checkpoint with the least error
    and at the last one.
    """
    epochs, lines = result.drawing["epochs"], []
    for id, record in result.records.items():
        errors = record["test_error"]
        whole = np.isfinite(errors).all(1)
        known = np.where(np.isfinite(errors), errors, np.inf)
        least = ", ".join(dict.fromkeys(str(epochs[e]) for e in known.argmin(1)))
        start, best, end = (_spread(values, "{:.4f}") for values in (known[:, 0], known.min(1), errors[whole, -1]))
        end += f"; {(~whole).sum()} of {len(whole)} ran away" if not whole.all() else ""
        lines.append((TITLES[Configuration.parse(id).activation], start, best, least, end))
    return Table(("activation", "epoch 0", "least", "at epoch", f"epoch {epochs[-1]}"), tuple(lines))
