"""Questions that need more than one checkpoint or figure: when, with what trend, and how else on raw pixels."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux import statistics
from isoaux.common import archive, paths
from isoaux.common.archive import Published
from isoaux.common.numbers import NONE, written
from isoaux.common.tables import Table
from isoaux.paper import PIXELS, TITLES, Configuration
from isoaux.records import reading
from isoaux.records.reading import IDENTITY
from isoaux.records.record import Record
from isoaux.records.reports import each
from isoaux.records.results import Collection, Missing, Result, by_activation

Values = NDArray[Any]


def timing(found: Result | Missing | Collection) -> Table:
    """When structure appears and whether it leaves: a row per figure and activation, in each cell a number per seed.

    The columns are the epoch from which the number of points, and c4, stays outside the network's random bases
    (:meth:`isoaux.records.record.Record.onset`), a dash where it is not outside at the last checkpoint; the epoch with
    the most points; and the share of these that is left at the last checkpoint.
    """
    return each(_timing, found)


def _timing(result: Result) -> Table:
    head = (
        "activation",
        "count outside from epoch",
        "c4 outside from epoch",
        "most points at epoch",
        "left at the end",
    )
    epochs, lines = result.drawing["epochs"], []
    since = {name: _onsets(result, name) for name in ("count", "c4")}
    for activation, rows in by_activation(result):
        cells = [TITLES[activation]]
        for onsets in since.values():
            cells.append(", ".join(written("{:.0f}", onsets[result.rows[r]]) for r in rows))
        counts = np.array([result.of_row(r, "count") for r in rows])
        cells.append(", ".join(str(epochs[c.argmax()]) if c.any() else NONE for c in counts))
        cells.append(", ".join(f"{100 * c[-1] / c.max():.0f} %" if c.any() else NONE for c in counts))
        lines.append(tuple(cells))
    return Table(head, tuple(lines))


def _onsets(result: Result, statistic: str) -> dict[tuple[Configuration, int], float]:
    """The onset of a statistic at the figure's layer, by configuration and seed."""
    records = [Record(published) for published in result.records.values()]
    return {
        (record.configuration, seed): epoch
        for record in records
        for seed, epoch in record.by_seed(record.onset(statistic, result.figure.layer)).items()
    }


def trend(found: Collection) -> Table:
    """What rises or falls from figure to figure, at the last checkpoint: medians, those of random bases in brackets.

    The last columns count the seeds in which a number rises, and falls, from every figure to the next; with the
    same seed in every figure they are paired. Directions follow the order of the page.
    """
    results = list(found)
    if len(results) < 2:
        return Table(("trend",), (("needs two figures",),))
    head = ("activation", "number", *(found.label(result.figure) for result in results), "rises", "falls")
    lines = []
    members = [dict(by_activation(result)) for result in results]
    for activation in dict.fromkeys(name for own in members for name in own):
        rows = [
            {result.rows[r][1]: r for r in own.get(activation, [])}
            for result, own in zip(results, members, strict=True)
        ]
        for words, form, of in NUMBERS:
            values = [{s: of(result, r) for s, r in own.items()} for result, own in zip(results, rows, strict=True)]
            cells = [_medians(list(own.values()), form) for own in values]
            lines.append((TITLES[activation], words, *cells, *_directions([own for own in values if own])))
    return Table(head, tuple(lines))


def _directions(values: Sequence[dict[int, tuple[float, float]]]) -> tuple[str, str]:
    """In how many of the seeds that all figures have a number rises, and falls, from each figure to the next."""
    seeds = [seed for seed in values[0] if all(seed in own for own in values)] if len(values) > 1 else []
    if not seeds:
        return "–", "–"
    steps = np.diff([[own[seed][0] for seed in seeds] for own in values], axis=0)
    rising, falling = ((sign * steps > 0).all(0).sum() for sign in (1, -1))
    return f"{rising} of {len(seeds)}", f"{falling} of {len(seeds)}"


def _medians(values: Sequence[tuple[float, float]], form: str) -> str:
    """The medians over the seeds: a number, and of its random bases in brackets, each where it is one."""
    columns = np.array(values, float).reshape(-1, 2).T
    own, null = (column[np.isfinite(column)] for column in columns)
    said = form.format(np.median(own)) if len(own) else "–"
    return said + (f" ({form.format(np.median(null))})" if len(null) else "")


def _last(name: str) -> Any:
    return lambda result, r: (result.of_row(r, name)[-1], np.median(result.of_row(r, f"final_null_{name}")))


def _ratio(name: str) -> Any:
    def of(result: Result, r: int) -> tuple[float, float]:
        null = np.asarray(result.of_row(r, f"final_null_{name}"), float)
        middle = max(float(np.median(null)), 1)
        return result.of_row(r, name)[-1] / middle, float(np.median(null)) / middle

    return of


def _peak(result: Result, r: int) -> tuple[float, float]:
    return float(statistics.peak(result.of_row(r, "histogram")[-1].astype(float))), np.nan


NUMBERS = (
    ("points", "{:,.0f}", _last("count")),
    ("points, times random bases", "{:,.1f}", _ratio("count")),
    ("c4", "{:+.2f}", _last("c4")),
    ("two points in one bin of 5°, times an even spread", "{:.1f}", _peak),
)
"""What is followed from figure to figure: words, form, and of a row its value and that of its random bases, or NaN."""


def pixels(found: Collection) -> Table:
    """How narrow the beams are, beside the same architecture and layer on the other kind of pixels, where published.

    Two points share a bin of 5 degrees so many times as often as if spread evenly
    (:func:`isoaux.statistics.peak`), median and range over the seeds of the pooled planes at the last checkpoint.
    """
    head = ("figure", "activation", "points", "two points in one bin", "other pixels: points", "two points in one bin")
    lines = []
    for result in found:
        for id, record in result.records.items():
            own = Configuration.parse(id)
            other = _other_pixels(own, record)
            if other is not None:
                cells = (*_narrow(record, result.figure.layer), *_narrow(other, result.figure.layer))
                pixels = f"{own.pixels}, other {PIXELS[not own.normalised]}"
                lines.append((f"{found.label(result.figure)}; {pixels}", TITLES[own.activation], *cells))
    return Table(head, tuple(lines) or (("no counterpart is published", *[""] * (len(head) - 1)),))


def _other_pixels(own: Configuration, record: Published) -> Published | None:
    """The published record of the same configuration on the other kind of pixels, of one setting but the arithmetic."""
    other = Configuration(own.dataset, not own.normalised, own.activation, own.n, own.L)
    try:
        found = archive.read(reading.record_path(paths.data(), other.id))
    except FileNotFoundError:
        return None
    alike = (found.facts.get(name) == record.facts.get(name) for name in IDENTITY if name != "dtype")
    return found if all(alike) else None


def _narrow(record: Published, layer: int) -> tuple[str, str]:
    counts = Record(record).values("count", layer, -1)
    peaks = statistics.peak(Record(record).values("histogram", layer, -1).astype(float))
    return f"{_spread(counts, '{:,.0f}')}", f"{_spread(peaks[np.isfinite(peaks)], '{:.1f}')}"


def _spread(values: Sequence[float] | Values, form: str) -> str:
    if not len(values):
        return "–"
    low, middle, high = (form.format(v) for v in (np.min(values), np.median(values), np.max(values)))
    return f"{middle} ({low} to {high})"


def reconstruction(found: Result | Missing | Collection) -> Table:
    """Whether the networks of a figure learn: the error of unseen images, mean square in the network's own units.

    Medians and ranges over the seeds: before training, the least of all checkpoints and at the last one.
    """
    return each(_reconstruction, found)


def _reconstruction(result: Result) -> Table:
    epochs, lines = result.drawing["epochs"], []
    for id, record in result.records.items():
        errors = record["test_error"]
        whole = np.isfinite(errors).all(1)
        known = np.where(np.isfinite(errors), errors, np.inf)
        least = ", ".join(dict.fromkeys(str(epochs[e]) for e in known.argmin(1)))
        cells = (_spread(values, "{:.4f}") for values in (known[:, 0], known.min(1), errors[whole, -1]))
        start, best, end = cells
        end += f"; {(~whole).sum()} of {len(whole)} ran away" if not whole.all() else ""
        lines.append((TITLES[Configuration.parse(id).activation], start, best, least, end))
    return Table(("activation", "epoch 0", "least", "at epoch", f"epoch {epochs[-1]}"), tuple(lines))
