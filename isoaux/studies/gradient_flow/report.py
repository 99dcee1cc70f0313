"""Appendices C.2 and C.2.1 in sentences and tables: residuals, angles and losses, as computed when the page is run."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import scipy
from numpy.typing import NDArray

from isoaux.common.numbers import low_to_high
from isoaux.common.tables import Table, Text
from isoaux.paper import GROUPS, MAP_TITLES, TITLES
from isoaux.records.reports import opening
from isoaux.settings import WITHOUT_FIGURE, Settings, restrict
from isoaux.statistics.seeds import Estimate
from isoaux.studies.gradient_flow import data


def setting(chosen: Settings) -> Text:
    """What is computed under these settings, in one line. Raises ValueError for a setting that has no meaning here."""
    restrict(chosen, WITHOUT_FIGURE, "which has no meaning for the identities of Appendix C.2")
    seeds = ", ".join(map(str, chosen.seeds_for()))
    return Text(
        f"Computed when this page was run, in float64 on the CPU, from seeds alone: {data.DRAWS} random layers an "
        f"identity; autoencoders of {data.NEURONS} neurons, seeds {seeds}."
    )


def in_short(
    residuals: Sequence[data.Residuals], angles: Sequence[data.TypicalAngles], batches: Sequence[data.BatchAngles]
) -> Text:
    """Whether the identities of Appendix C.2 hold, and what turns a step: the activation, and the batch."""
    worst = max(each.values.max() for each in residuals)
    by_name = {each.activation: each.means[list(each.sizes).index(1.0)] for each in angles}
    turned = {each.activation: each for each in batches}
    typical = [float(np.median(each.after)) for each in batches]
    sentences = [f"The {len(residuals)} identities of Appendix C.2 hold on random layers, to {_exponent(worst)}."]
    if {"tanh", "isotanh"} <= by_name.keys():
        sentences.append(
            f"In a layer of {data.NEURONS} neurons tanh turns a step of the representation by {by_name['tanh'][0]:.0f} "
            f"degrees and isotropic tanh by {by_name['isotanh'][0]:.0f} (mean angles before the activation)."
        )
    if turned:
        sentences.append(
            f"The other samples of a batch of {data.BATCH} turn it by {low_to_high(typical, '{:.0f}')} degrees in the "
            f"median, after {data.EPOCHS} epochs: more than either function."
            if min(typical) > max(by_name["tanh"][0], by_name["isotanh"][0])
            else f"The other samples of a batch of {data.BATCH} turn it by {low_to_high(typical, '{:.0f}')} degrees in "
            f"the median, after {data.EPOCHS} epochs."
        )
    return opening(*sentences)


def divergence_in_short(networks: Mapping[str, Sequence[data.MapSteps]]) -> Text:
    """What the maps of Appendix C.2.1 do to the length of a step, for a sample alone and in a batch."""
    members = [each for group in networks.values() for each in group]
    both = [[each for each in members if (each.map == "affine") is affine] for affine in (True, False)]
    alone = [[100 * each.spread_alone for each in group] for group in both]
    together = [[each.spread_in_batch for each in group] for group in both]
    return opening(
        f"With an affine map the length of a sample's own step varies by {low_to_high(alone[0], '{:.0f}')} % from "
        f"sample to sample for the same gradient, with the proposed maps by {low_to_high(alone[1], '{:.0f}')} %.",
        f"In a batch of {data.BATCH} the lengths differ by a factor of {low_to_high(together[0], '{:.1f}')} with an "
        f"affine map and of {low_to_high(together[1], '{:.1f}')} with the others, because the neighbours of a sample "
        "move it as well.",
    )


def identities(residuals: Iterable[data.Residuals]) -> Table:
    """A row per identity: its equation, its two sides, and its largest relative residual over random layers."""
    rows = []
    for identity in residuals:
        erratum = f" ({_erratum(identity)})" if identity.erratum else ""
        rows.append((identity.equation + erratum, identity.formula, _exponent(identity.values.max())))
    return Table(("equation", "both sides", "largest relative residual"), tuple(rows))


def printed(residuals: Iterable[data.Residuals]) -> Table:
    """A row per printed form that cannot hold: the reading that puts it right, and its relative errors."""
    rows = []
    for form in residuals:
        spread = f"{_percent(form.values.min())} to {_percent(form.values.max())}"
        rows.append((form.equation, form.formula, _erratum(form), _percent(np.median(form.values)), spread))
    return Table(("equation", "as printed", "reading", "relative error, median", "least to most"), tuple(rows))


def by_direction(maps: Sequence[data.AngleMap]) -> Table:
    """A row per activation: the least and the largest mean angle on a circle of the plane, on z and on a."""
    rows = [(*_activation(angles.activation), *map(_range, angles.circle)) for angles in maps]
    return Table(("activation", "group", "step on $z$", "step on $a$"), tuple(rows))


def typical(angles: Sequence[data.TypicalAngles]) -> Table:
    """A row per activation: its mean angles on z and on a in a wide layer, for every size of z."""
    rows = []
    for entry in angles:
        cells = [
            f"{on_z:.1f}° / {on_a:.1f}° (± {errors.max():.1f}°)"
            for (on_z, on_a), errors in zip(entry.means, entry.errors, strict=True)
        ]
        rows.append((*_activation(entry.activation), *cells))
    heads = (f"$z_i$ of size {size:g}: on $z$ / on $a$" for size in angles[0].sizes)
    return Table(("activation", "group", *heads), tuple(rows))


def batch(angles: Sequence[data.BatchAngles]) -> Table:
    """A row per kind of inputs: median angles to the batch's step, the share beyond 90 degrees, and mean cosines."""
    rows = []
    for entry in angles:
        cells = [
            f"{np.median(values):.0f}°, {_percent((values > 90).mean())}" for values in (entry.before, entry.after)
        ]
        agreement = ", ".join(f"{round(value, 2) + 0.0:.2f}" for value in entry.agreement)
        alone = f"{entry.by_size[0]:.0f}°"
        rows.append((entry.inputs, TITLES[entry.activation], alone, *cells, f"{entry.overlap:.2f}", agreement))
    heads = ("alone", "untrained: median, beyond 90°", f"after {data.EPOCHS} epochs")
    cosines = ("cosine of two inputs, rms", "of two own gradients, mean: untrained, after")
    return Table(("inputs", "activation", *heads, *cosines), tuple(rows))


def commuted(runs: Iterable[data.TurnedTraining]) -> Table:
    """A row per activation: how far training on turned images is from the turned training, relative to its size."""
    rows = ((TITLES[run.activation], str(run.steps), _exponent(run.loss), _exponent(run.latent)) for run in runs)
    return Table(("activation", "steps", "largest difference of a loss", "of a latent"), tuple(rows))


def prepared(runs: Mapping[str, Sequence[data.PreparedTraining]]) -> Table:
    """A row per activation and preparation: errors at the end, mean and standard error over the seeds.

    ``runs`` is by activation. p is that of Welch's t test of the error in pixels against the activation's first
    preparation.
    """
    rows = []
    for activation, (first, *others) in runs.items():
        for run in (first, *others):
            errors = [str(Estimate.of(100 * values)) for values in (run.unexplained, run.pixels)]
            p = "" if run is first else _p(run.pixels, first.pixels)
            rows.append((TITLES[activation], run.preparation, "yes" if run.rotation else "no", *errors, p))
    heads = ("activation", "preparation", "a rotation", "% unexplained, as prepared", "% unexplained, in pixels", "p")
    return Table(heads, tuple(rows))


def properties(maps: Iterable[data.MapProperties]) -> Table:
    """A row per printed map: its formula, and what is asserted of it as found on random inputs and layers."""
    rows = []
    for entry in maps:
        least, typical = entry.stretch.min(), np.median(entry.stretch)
        rows.append(
            (
                MAP_TITLES[entry.map],
                entry.formula,
                low_to_high(entry.step.tolist(), "{:.3g}"),
                f"{100 * np.median(entry.doubled):.0f}%",
                f"{typical:.2f}, at least {least:.2g}" if least > 1e-9 else "0",
                "passes" if entry.gradients else "fails",
            )
        )
    head = (
        "map",
        "$z$",
        "step of $z$ over $\\eta g$",
        "change of $z$ where $x$ is doubled, median",
        "least over greatest stretch of $x$, median",
        "gradcheck",
    )
    return Table(head, tuple(rows))


def steps(networks: Mapping[str, Sequence[data.MapSteps]]) -> Table:
    """A row per activation, kind of inputs and map: the factor of a step alone, and turn and stretch in a batch.

    ``networks`` is by activation. The factor has its spread in percent, the stretch its typical ratio to the median.
    """
    rows = [
        (
            entry.inputs,
            TITLES[activation],
            MAP_TITLES[entry.map],
            f"{entry.alone.mean():,.0f} ± {100 * entry.spread_alone:.0f}%",
            f"{np.median(entry.turn):.0f}°",
            f"{np.median(entry.stretch):,.0f}, within a factor of {entry.spread_in_batch:.1f}",
        )
        for activation, members in networks.items()
        for entry in members
    ]
    head = ("inputs", "activation", "map", "factor alone", "turn in a batch, median", "stretch in a batch, median")
    return Table(head, tuple(rows))


def _activation(name: str) -> tuple[str, str]:
    return TITLES[name], f"${GROUPS[name]}$"


def _erratum(residuals: data.Residuals) -> str:
    return f"{{erratum}}`{residuals.erratum}`" if residuals.erratum else ""


def _percent(share: float) -> str:
    return f"{100 * share:,.0f}%" if share >= 0.01 or share < 1e-9 else f"{100 * share:.1g}%"


def _range(values: NDArray[np.float64]) -> str:
    low, high = values.min(), values.max()
    return f"{low:.1f}° to {high:.1f}°" if high - low > 0.05 else f"{high:.1f}°, the same for all"


def _exponent(value: float) -> str:
    return f"{value:.1e}" if value else "0"


def _p(errors: NDArray[np.float64], others: NDArray[np.float64]) -> str:
    return f"{scipy.stats.ttest_ind(errors, others, equal_var=False).pvalue:.2g}" if len(errors) > 1 else "one seed"
