"""One call for anybody's activations: a table, a figure, and an answer in a sentence."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux import bases
from isoaux.common import arrays, disk
from isoaux.common.choices import choose
from isoaux.common.tables import Table, in_ascii, listed
from isoaux.statistics import preparation
from isoaux.statistics.basis import tests_and_warning
from isoaux.statistics.nulls import LEVEL, BasisTest
from isoaux.statistics.preparation import Ready, threshold
from isoaux.statistics.seeds import adjust
from isoaux.statistics.tally import STATISTICS

if TYPE_CHECKING:
    from isoaux.drawing.look import Drawn

PAPERS = 0.75
"""The paper's epsilon, the largest that is chosen."""

TAKEN = {
    "raw": "as they came",
    "centred": "less their mean",
    "whitened": "less their mean and covariance",
}
"""What was done to the activations, by :data:`isoaux.statistics.preparation.PREPARATIONS`."""


@dataclass(frozen=True, eq=False)
class Report:
    """What :func:`report` found: shown in a notebook as its answer, table, notes and figure.

    ``tests``, a :class:`BasisTest` per statistic; ``adjusted``, their p values adjusted for their number (Holm);
    ``prepared``, what was measured, with what was found in it; the settings. ``answer`` is one sentence, ``table`` the
    numbers, ``notes`` what was done and what a small p does not say, ``text`` all of it.
    """

    tests: Mapping[str, BasisTest]
    adjusted: Mapping[str, float]
    prepared: Ready
    preparation: str
    epsilon: float
    chosen: bool
    variant: str
    draws: int
    seed: Any

    @property
    def p(self) -> float:
        """The smallest adjusted p: at most a with probability at most a, whatever was looked at."""
        return min(self.adjusted.values())

    @property
    def special(self) -> tuple[str, ...]:
        """The statistics whose adjusted p is at most 0.05, the smallest first, in the order of the table if equal."""
        return tuple(
            name for name in sorted(self.adjusted, key=self.adjusted.__getitem__) if self.adjusted[name] <= LEVEL
        )

    @property
    def basis_name(self) -> str:
        """What the measured basis is called."""
        return "neuron basis" if self.prepared.standard else "basis"

    @property
    def answer(self) -> str:
        """Is the basis special here? In one sentence, with the numbers that it rests on."""
        asked, found = f"Is the {self.basis_name} special here?", self.special
        of = f"{len(found) or 'none'} of {len(self.tests)} statistics"
        beside = f"what {self.draws} random bases give"
        if not found:
            return f"{asked} These numbers do not say so: {of} lies outside {beside} (least adjusted p = {self.p:.2g})."
        test = self.tests[found[0]]
        low, high = np.quantile(test.null, (0.025, 0.975))
        lie = "lies" if len(found) == 1 else "lie"
        form = number(found[0])
        return (
            f"{asked} Yes: {of} {lie} outside {beside} (adjusted p of at most {LEVEL:g}), first of all {found[0]}, "
            f"{form(test.value)} where the middle 95% of random bases is {form(low)} to {form(high)} "
            f"(adjusted p = {self.p:.2g})."
        )

    @property
    def table(self) -> Table:
        """A row per statistic: value, median and middle 95% of random bases, effect, p, adjusted p, and what it is."""
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
                    f"{test.effect:+.1f}",
                    f"{test.p:.3g}",
                    f"{self.adjusted[name]:.3g}",
                    STATISTICS[name].words,
                )
            )
        head = ("statistic", "value", "random bases", "middle 95%", "effect", "p", "adjusted p", "what it is")
        return Table(head, tuple(rows))

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What was measured, what was left out, and what a small p does not say: a sentence or two each."""
        return tuple(_notes(self))

    @property
    def text(self) -> str:
        """Answer, table and notes, in ASCII, so that every terminal can print them."""
        return in_ascii("\n\n".join((self.answer, str(self.table), *self.notes)))

    @arrays.numpy_defaults
    def figure(self) -> "Drawn":
        """Densities in the basis and in a random one, angles, and every statistic beside its random bases."""
        from isoaux.statistics import report_figure  # measuring does not need matplotlib

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
        from base64 import b64encode
        from html import escape

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
    activations: ArrayLike,
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
    """Is the neuron basis special in these activations? Every statistic against random bases, as a table and a figure.

    Parameters: ``activations`` (samples, neurons), array or tensor, of any model; ``basis`` (m, n) unit rows, by
    default the neurons; ``statistics``, keys of ``isoaux.statistics.STATISTICS``, by default all; ``draws`` random
    bases; ``seed`` of these and of the samples that are drawn, as in :func:`isoaux.common.arrays.seed`; ``variant`` as
    in :func:`isoaux.ppp.project`.

    ``prepare`` says what is taken away before: nothing (``raw``), the mean (``centred``), or mean and covariance
    (``whitened``: x to C^(-1/2) (x - m), with the symmetric root). In all three the p values are exact if the law of
    the activations has no preferred orientation with respect to the basis. A small p of ``raw`` activations can come
    from their mean alone, as after ReLU, and one of ``centred`` activations from unequal scales or correlations of
    neurons; after ``whitened`` neither is left. Neurons are not standardised one by one, which would make their basis
    special.

    ``epsilon`` is by default 0.75 or the lower value at which isotropic activations would leave about 1,000 points
    near the planes: in wide layers nothing comes as close to a plane as 0.75 asks for. ``samples`` are by default as
    many as make a million numbers, at least 2,048, drawn at random; mean and covariance are of all. Neurons that
    never change are left out. What was done is said in the result.

    The p values of the statistics are adjusted for their number (Holm), so at least 40 draws per statistic are needed
    for an adjusted p of 0.05. Raises ValueError for fewer than two samples or neurons, activations that are all
    the same, numbers that are not finite, and settings that are none.
    """
    ready = preparation.prepare(activations, basis, prepare, samples, seed)
    rows, directions = ready.rows, ready.basis
    names = _asked(statistics, directions)
    planes = len(bases.pairs(directions)[0])
    chosen = threshold(len(rows), rows.shape[1], planes) if planes else PAPERS
    share = chosen if epsilon is None else arrays.fraction(epsilon, "epsilon")
    tests, _ = tests_and_warning(rows, directions, names, draws, seed, share, variant)
    adjusted = dict(zip(tests, adjust([test.p for test in tests.values()]).tolist(), strict=True))
    return Report(tests, adjusted, ready, prepare, share, epsilon is None, variant, draws, seed)


def _asked(statistics: str | Iterable[str] | None, basis: NDArray[np.float64]) -> tuple[str, ...]:
    """The statistics to be measured, by default all that have a meaning for this basis."""
    if statistics is None:
        skew = np.abs(basis @ basis.T - np.eye(len(basis))).max(initial=0) > bases.UNIT_TOLERANCE
        return tuple(name for name, statistic in STATISTICS.items() if not (skew and statistic.square))
    names = (statistics,) if isinstance(statistics, str) else tuple(statistics if _is_list(statistics) else ())
    if not names:
        raise ValueError(
            f"statistics is {arrays.shown(statistics)}; accepted: at least one of {', '.join(STATISTICS)}."
        )
    for name in names:
        choose("statistics", name, STATISTICS)
    return names


def _is_list(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, bytes) and getattr(value, "ndim", 1) == 1


def number(name: str) -> Callable[[float], str]:
    """How a statistic's numbers are written: counts as whole numbers, the others to three digits."""
    return {"count": "{:,.0f}", "c4": "{:+.3f}", "s2": "{:+.3f}"}.get(name, "{:.3g}").format


def _notes(found: Report) -> Iterator[str]:
    ready = found.prepared
    (given, neurons), (measured, width) = ready.given, ready.rows.shape
    drawn = f"{measured:,} of {given:,} samples, drawn at random," if measured < given else f"{given:,} samples"
    yield (
        f"Measured: {drawn} of {width:,} neurons, {TAKEN[found.preparation]}; {found.variant}-PPP, epsilon = "
        f"{found.epsilon:g}, {found.draws:,} random bases, seed {arrays.shown(found.seed)}."
    )
    planes = len(bases.pairs(ready.basis)[0])
    if found.chosen and found.epsilon < PAPERS:
        yield (
            f"Epsilon is {found.epsilon:g} and not the paper's 0.75, at which isotropic activations of so many neurons "
            "would leave hardly a point near any plane."
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
    if found.preparation == "whitened" and given < 10 * width:
        yield f"{given / width:.1f} samples per neuron are few for whitening, which then takes more than a covariance."
    if ready.rank < width:
        yield f"The covariance has rank {ready.rank} of {width}: some combinations of neurons never change."
    if not planes:
        yield "No two rows of the basis span a plane, so that there are no points: these p values say nothing."
    elif not any(test.value or test.null.any() for test in found.tests.values()):
        least = threshold(measured, width, planes)
        lower = f"; from {least:g} downwards there would be some" if least < found.epsilon else ""
        yield (
            f"No point is near any plane at epsilon = {found.epsilon:g}, in the measured basis or in random "
            f"ones{lower}: these p values say nothing."
        )
    elif "count" in found.tests and not found.tests["count"].value and len(found.tests) > 1:
        yield "No point is near any plane of the measured basis: the other statistics are 0 and add nothing."
    if len(found.tests) * 2 / (1 + found.draws) > LEVEL:
        least = int(np.ceil(len(found.tests) * 2 / LEVEL)) - 1
        yield f"With {found.draws} draws no adjusted p can be {LEVEL:g}; at least {least} draws are needed."
    yield _meaning(found)


def _meaning(found: Report) -> str:
    ready, axes = found.prepared, "neurons" if found.prepared.standard else "basis"
    says = f"A small p says that the activations look different from the {axes} than from most other bases, not why."
    if found.preparation == "whitened":
        return (
            f"{says} Here mean, scales and correlations are taken away, which leaves the shape beyond them; the "
            "axes are those of the uncorrelated coordinates nearest to the neurons, and a neuron that seldom fires has "
            "become a large one."
        )
    large, small = ready.scales
    scales = f"unequal scales (standard deviations of {small:.2g} to {large:.2g} times their median) and correlations"
    if found.preparation == "centred":
        return f'{says} Enough for it may be {scales} of neurons; `prepare="whitened"` takes these away.'
    mean = f"the mean, {100 * ready.mean_share:.0f}% of the squared length"
    if ready.negative == 0:
        mean += " (no activation is below 0)"
    return (
        f'{says} Enough for it may be {mean}, or {scales} of neurons; `prepare="centred"` takes the first away, '
        '`prepare="whitened"` all of them.'
    )
