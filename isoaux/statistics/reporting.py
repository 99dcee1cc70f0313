"""The report whether a basis is special in given activations: an answer in words, a table and a figure."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
from numpy.typing import ArrayLike

from isoaux import bases, ppp
from isoaux.common import arrays, disk
from isoaux.common.tables import Table, in_ascii
from isoaux.sources import opening
from isoaux.statistics import preparation, report_files, report_notes
from isoaux.statistics.basis import tests_and_warning
from isoaux.statistics.preparation import threshold
from isoaux.statistics.seeds import adjust
from isoaux.statistics.tally import DEFAULT_STATISTICS, STATISTICS, WIDE_STATISTICS, statistic_names
from isoaux.statistics.tested import Tested, number
from isoaux.statistics.turns import WIDE

if TYPE_CHECKING:
    from isoaux.drawing.look import Drawn

LEADING = 32
"""Directions in whose planes points are looked for in layers of more than :data:`isoaux.statistics.turns.WIDE` neurons.

In every basis they are those that the activations are nearest to."""


SUFFIXES = (".html", ".md", ".json", ".png", ".svg")
"""Of the files that :meth:`Report.save` writes."""


@dataclass(frozen=True, eq=False)
class Report(Tested):
    """The result of :func:`report`; a notebook shows its answer, table, notes and figure.

    ``tests``, a :class:`BasisTest` per statistic; ``adjusted``, their p values adjusted for their number (Holm);
    ``prepared``, the measured activations; ``chosen``, whether epsilon was chosen here; ``leading``, 0 or the number of
    directions in whose planes points are looked for; ``planes``, their number; and the other settings.
    """

    @property
    def table(self) -> Table:
        """A row per statistic: value, median and middle 95% of random bases, effect, p, adjusted p, description.

        The heads of p name the preparation. Where the effect is infinite, its cell is the value's quantile.
        """
        rows = []
        for name, test in self.tests.items():
            form = number(name)
            low, middle, high = np.quantile(test.null, (0.025, 0.5, 0.975))
            rows.append(
                (
                    name,
                    form(test.value),
                    form(middle),
                    f"{form(low)} to {form(high)}",
                    test.effect_words,
                    f"{test.p:.3g}",
                    f"{self.adjusted[name]:.3g}",
                    STATISTICS[name].words,
                )
            )
        ps = f"p ({self.preparation})", f"adjusted p ({self.preparation})"
        return Table(("statistic", "value", "random bases", "middle 95%", "effect", *ps, "what it is"), tuple(rows))

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Notes on what was measured, what was left out, and what a small p does not show."""
        return tuple(report_notes.of(self))

    @property
    def text(self) -> str:
        """Answer, table and notes in ASCII."""
        return in_ascii("\n\n".join((self.answer, str(self.table), *self.notes)))

    @arrays.numpy_defaults
    def figure(self) -> "Drawn":
        """The densities in the basis and in a random one, the angles, and every statistic with its random bases."""
        from isoaux.statistics import report_figure  # inside: whoever only measures does not load matplotlib

        return report_figure.of(self)

    @cached_property
    def _drawn(self) -> "Drawn":
        return self.figure()

    def as_json(self, source: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The report as plain data of the form of ``isoaux/statistics/report.schema.json``.

        ``source``, plain data, says where the activations are from.
        """
        return report_files.facts(self, self.notes, self._drawn.alt, source)

    def save(self, path: str | Path, title: str = "", source: Mapping[str, Any] | None = None) -> tuple[Path, ...]:
        """Write the report to ``path`` with several suffixes, each file whole or not at all, and return the files.

        ``.html`` is a page that opens alone; ``.md`` has answer, table and notes; ``.json`` is :meth:`as_json`, with
        ``source``; ``.png`` and ``.svg`` are the figure. ``title`` is that of the page, by default the file's name.
        """
        place = Path(path)
        place = place.with_suffix("") if place.suffix in SUFFIXES else place
        files = {suffix: place.with_name(f"{place.name}{suffix}") for suffix in SUFFIXES}
        page = report_files.page(title or place.name, self._repr_html_())
        words = self._repr_markdown_() + f"\n\n![{self._drawn.alt}]({quote(os.fsencode(place.name))}.png)\n"
        content = self.as_json(source)
        self._drawn.save(files[".png"])
        disk.write_json(files[".json"], content)
        disk.write(files[".md"], lambda temporary: temporary.write_text(words, "utf-8"))
        disk.write(files[".html"], lambda temporary: temporary.write_text(page, "utf-8"))
        return tuple(files.values())

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return "\n\n".join((f"**{self.answer}**", self.table._repr_markdown_(), *(f"- {note}" for note in self.notes)))

    def _repr_html_(self) -> str:
        return report_files.body(self.answer, self.table, self.notes, self._drawn.png(), self._drawn.alt)


@arrays.numpy_defaults
def report(
    activations: opening.Source,
    basis: ArrayLike | None = None,
    *,
    statistics: str | Iterable[str] | None = None,
    prepare: str = "raw",
    draws: int = 999,
    epsilon: float | None = None,
    variant: str = "combination",
    samples: int | None = None,
    leading: int | None = None,
    seed: Any = 0,
) -> Report:
    """The report whether the neuron basis is special in activations: statistics against random bases.

    Parameters: ``activations`` (samples, neurons), array or tensor, or whatever :func:`isoaux.open` takes; ``basis``
    (m, n), unit rows, by default the neurons; ``statistics``, keys of ``isoaux.statistics.STATISTICS``, by default
    ``quartimax``, ``sixth`` and five statistics of points (``isoaux.statistics.DEFAULT_STATISTICS``), and of more than
    128 neurons four that need no points and two of points (``isoaux.statistics.WIDE_STATISTICS``); ``draws``, the
    number of random bases; ``seed`` of these and of the samples that are drawn, as in
    :func:`isoaux.common.arrays.seed`; ``variant`` as in :func:`isoaux.ppp.project`.

    ``prepare`` is ``raw``, ``centred`` (the mean is subtracted) or ``whitened`` (x to C^(-1/2) (x - m), with the
    symmetric root). In all three the p values are exact if the law of the activations has no preferred orientation with
    respect to the basis. A small p of ``raw`` activations can come from their mean alone, as after ReLU, and one of
    ``centred`` activations from unequal scales or correlations of neurons; after ``whitened`` neither is left. Neurons
    are not standardised one by one, which would make their basis special.

    ``leading`` is the number of directions in whose planes points are looked for, in every basis those that the
    activations are nearest to, by the mean fourth power of a coordinate of their directions; by default all, and of
    more than 128 neurons 32. It is ignored for a basis whose rows are not orthonormal. In so wide layers random bases
    are those of :mod:`isoaux.statistics.turns`; long work says on the standard error stream how long it will take.

    ``epsilon`` is by default 0.75 or, in wide layers, where nothing is so near to a plane, the lower value at which
    isotropic activations would have about 1,000 points. ``samples`` is by default as many as make a million numbers,
    at least 2,048, drawn at random; mean and covariance are of all samples. Neurons that never change are left out. The
    notes of the result say what was done.

    The p values of the statistics are adjusted for their number (Holm), so at least 40 draws per statistic are needed
    for an adjusted p of 0.05. Raises ValueError for fewer than two samples or neurons, activations that are all the
    same, numbers that are not finite, and settings that are not accepted.
    """
    ready = preparation.prepare(activations, basis, prepare, samples, seed)
    rows, directions = ready.rows, ready.basis
    wide = rows.shape[1] > WIDE
    default = WIDE_STATISTICS if wide else DEFAULT_STATISTICS
    names = default if statistics is None else statistic_names(statistics, "statistics")
    first = (LEADING if wide else 0) if leading is None else arrays.whole(leading, "leading", 2)
    first = first if first < len(directions) and ppp.Frame.of(directions, rows.dtype).orthonormal else 0
    planes = first * (first - 1) // 2 if first else len(bases.pairs(directions)[0])
    chosen = threshold(len(rows), rows.shape[1], planes) if planes else ppp.EPSILON
    share = chosen if epsilon is None else arrays.fraction(epsilon, "epsilon")
    tests, _ = tests_and_warning(rows, directions, names, draws, seed, share, variant, prepare, first)
    adjusted = dict(zip(tests, adjust([test.p for test in tests.values()]).tolist(), strict=True))
    return Report(tests, adjusted, ready, prepare, share, epsilon is None, variant, draws, seed, first, planes)
