"""The report whether a basis is special in given activations: an answer in words, a table and a figure."""

import os
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
from numpy.typing import ArrayLike

from isoaux import bases, ppp
from isoaux.common import arrays, disk
from isoaux.common.choices import shown
from isoaux.common.tables import Table, in_ascii, listed
from isoaux.sources import opening
from isoaux.statistics import preparation
from isoaux.statistics.basis import tests_and_warning
from isoaux.statistics.nulls import LEVEL
from isoaux.statistics.preparation import threshold
from isoaux.statistics.seeds import adjust
from isoaux.statistics.tally import DEFAULT_STATISTICS, MOMENTS, STATISTICS, statistic_names
from isoaux.statistics.tested import Tested, number

if TYPE_CHECKING:
    from isoaux.drawing.look import Drawn

TAKEN = {
    "raw": "as they came",
    "centred": "less their mean",
    "whitened": "less their mean and covariance",
}
"""The preparations (:data:`isoaux.statistics.preparation.PREPARATIONS`) in words."""


@dataclass(frozen=True, eq=False)
class Report(Tested):
    """The result of :func:`report`; a notebook shows its answer, table, notes and figure.

    ``tests``, a :class:`BasisTest` per statistic; ``adjusted``, their p values adjusted for their number (Holm);
    ``prepared``, the measured activations; ``chosen``, whether epsilon was chosen here; and the other settings.
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
        return tuple(_notes(self))

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

    def save(self, path: str | Path) -> None:
        """Write ``path.md`` (answer, table, notes), ``path.png`` and ``path.svg``, each whole or not at all."""
        place = Path(path)
        place = place.with_suffix("") if place.suffix in (".md", ".png", ".svg") else place
        words = self._repr_markdown_() + f"\n\n![{self._drawn.alt}]({quote(os.fsencode(place.name))}.png)\n"
        self._drawn.save(place.with_name(f"{place.name}.png"))
        disk.write(place.with_name(f"{place.name}.md"), lambda temporary: temporary.write_text(words, "utf-8"))

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return "\n\n".join((f"**{self.answer}**", self.table._repr_markdown_(), *(f"- {note}" for note in self.notes)))

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(cell)}</th>" for cell in self.table.head)
        rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in self.table.rows)
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        picture = b64encode(self._drawn.png()).decode()
        return (
            f"<p><strong>{escape(self.answer)}</strong></p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><ul>{notes}</ul>"
            f'<img alt="{escape(self._drawn.alt)}" src="data:image/png;base64,{picture}"/>'
        )


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
    seed: Any = 0,
) -> Report:
    """The report whether the neuron basis is special in activations: statistics against random bases.

    Parameters: ``activations`` (samples, neurons), array or tensor, or whatever :func:`isoaux.open` takes; ``basis``
    (m, n), unit rows, by default the neurons; ``statistics``, keys of ``isoaux.statistics.STATISTICS``, by default
    ``quartimax``, ``sixth`` and five statistics of points (``isoaux.statistics.DEFAULT_STATISTICS``); ``draws``, the
    number of random bases; ``seed`` of these and of the samples that are drawn, as in
    :func:`isoaux.common.arrays.seed`; ``variant`` as in :func:`isoaux.ppp.project`.

    ``prepare`` is ``raw``, ``centred`` (the mean is subtracted) or ``whitened`` (x to C^(-1/2) (x - m), with the
    symmetric root). In all three the p values are exact if the law of the activations has no preferred orientation with
    respect to the basis. A small p of ``raw`` activations can come from their mean alone, as after ReLU, and one of
    ``centred`` activations from unequal scales or correlations of neurons; after ``whitened`` neither is left. Neurons
    are not standardised one by one, which would make their basis special.

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
    names = DEFAULT_STATISTICS if statistics is None else statistic_names(statistics, "statistics")
    planes = len(bases.pairs(directions)[0])
    chosen = threshold(len(rows), rows.shape[1], planes) if planes else ppp.EPSILON
    share = chosen if epsilon is None else arrays.fraction(epsilon, "epsilon")
    tests, _ = tests_and_warning(rows, directions, names, draws, seed, share, variant, prepare)
    adjusted = dict(zip(tests, adjust([test.p for test in tests.values()]).tolist(), strict=True))
    return Report(tests, adjusted, ready, prepare, share, epsilon is None, variant, draws, seed)


def _notes(report: Report) -> Iterator[str]:
    ready = report.prepared
    if ready.note:
        yield ready.note
    (given, neurons), (measured, width) = ready.given, ready.rows.shape
    drawn = f"{measured:,} of {given:,} samples, drawn at random," if measured < given else f"{given:,} samples"
    yield (
        f"Measured: {drawn} of {width:,} neurons, {report.preparation} ({TAKEN[report.preparation]}); "
        f"{report.variant}-PPP, epsilon = {report.epsilon:g}, {report.draws:,} random bases, seed {shown(report.seed)}."
    )
    planes, of_points = len(bases.pairs(ready.basis)[0]), [name for name in report.tests if name not in MOMENTS]
    if of_points and report.chosen and report.epsilon < ppp.EPSILON:
        yield (
            f"Epsilon is {report.epsilon:g} and not the paper's {ppp.EPSILON:g}, at which isotropic activations of so "
            "many neurons would leave hardly a point near any plane."
        )
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
    if report.preparation == "whitened" and given < 10 * width:
        yield f"{given / width:.1f} samples per neuron are few for whitening, which then takes more than a covariance."
    if ready.rank < width:
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


def _meaning(report: Report) -> str:
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
