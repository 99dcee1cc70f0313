"""Appendix C.2 to sentences and tables: residuals, angles and losses, each computed when the page is run."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ttest_ind

from isoaux import batch_effect, deflection
from isoaux.batch_effect import Effect
from isoaux.deflection import Map
from isoaux.ensemble_report import Estimate
from isoaux.gradients import NEURONS
from isoaux.identities import IDENTITIES, PRINTED, Identity, residuals
from isoaux.input_rotation import Commuted, Prepared
from isoaux.paper import GROUPS, TITLES
from isoaux.settings import DEFAULT, Settings, restrict
from isoaux.tables import Table, Text

DRAWS = 100
"""Random layers on which an identity is tried."""

SPREADS = (0.5, 1.0, 2.0)
"""Standard deviations of the components of z at which the angles of a wide layer are given."""

ACCEPTED = {
    "dataset": (DEFAULT,),
    "dtype": (DEFAULT, "float64"),
    "epsilon": (DEFAULT, 0.75),
    "basis": ("standard",),
    "variant": ("combination",),
    "depth": (DEFAULT,),
}
"""Values of those settings that have no meaning for this page: the seeds, or a profile's, can be chosen."""


def setting(chosen: Settings) -> Text:
    """What is computed under these settings, in one line. Raises ValueError for a setting that has no meaning here."""
    restrict(chosen, ACCEPTED, "which has no meaning for the identities of Appendix C.2")
    seeds = ", ".join(map(str, chosen.seeds_for()))
    return Text(
        f"Computed when this page was run, in float64 on the CPU, from seeds alone: {DRAWS} random layers an identity; "
        f"autoencoders of {NEURONS} neurons, seeds {seeds}."
    )


def identities(known: Sequence[Identity] = IDENTITIES, draws: int = DRAWS) -> Table:
    """Every identity with its largest relative residual over random layers; those of Equations 11 to 22 if not told."""
    rows = []
    for one in known:
        where = f"{one.equation} ({_erratum(one.erratum)})" if one.erratum else one.equation
        rows.append((where, one.formula, _number(residuals(one, draws).max())))
    return Table(("equation", "both sides", "largest relative residual"), tuple(rows))


def printed(known: Sequence[Identity] = PRINTED, draws: int = DRAWS) -> Table:
    """The printed forms that cannot hold, and by how much they miss what they should be equal to."""
    rows = []
    for one in known:
        found = residuals(one, draws)
        spread = f"{_percent(found.min())} to {_percent(found.max())}"
        reading = _erratum(one.erratum) if one.erratum else ""
        rows.append((one.equation, one.formula, reading, _percent(np.median(found)), spread))
    return Table(("equation", "as printed", "reading", "relative error, median", "least to most"), tuple(rows))


def by_direction(maps: Sequence[Map]) -> Table:
    """The mean angles on a circle of the plane, from the direction of z with the least to that with the most."""
    rows = []
    for one in maps:
        on_z, on_a = (f"{_range(values)}" for values in one.circle)
        rows.append((TITLES[one.activation], f"${GROUPS[one.activation]}$", on_z, on_a))
    return Table(("activation", "group", "step on $z$", "step on $a$"), tuple(rows))


def typical(maps: Sequence[Map], n: int = NEURONS) -> Table:
    """The mean angles on z and on a in a wide layer, over normal z of several sizes and all directions of g."""
    rows = []
    for one in maps:
        cells = []
        for size in SPREADS:
            (on_z, on_a), errors = deflection.typical(one.activation, n, size)
            cells.append(f"{on_z:.1f}° / {on_a:.1f}° (± {errors.max():.1f}°)")
        rows.append((TITLES[one.activation], f"${GROUPS[one.activation]}$", *cells))
    heads = (f"$z_i$ of size {size:g}: on $z$ / on $a$" for size in SPREADS)
    return Table(("activation", "group", *heads), tuple(rows))


def batch(effects: Sequence[Effect]) -> Table:
    """The angles between a sample's own step and the batch's, before and after training, and what samples share."""
    rows = []
    for one in effects:
        cells = [f"{np.median(values):.0f}°, {_percent((values > 90).mean())}" for values in (one.before, one.after)]
        agreement = ", ".join(f"{round(value, 2) + 0.0:.2f}" for value in one.agreement)
        alone = f"{one.by_size[0]:.0f}°"
        rows.append((one.inputs, TITLES[one.activation], alone, *cells, f"{one.overlap:.2f}", agreement))
    heads = ("alone", "untrained: median, beyond 90°", f"after {batch_effect.EPOCHS} epochs")
    cosines = ("cosine of two inputs, rms", "of two own gradients, mean: untrained, after")
    return Table(("inputs", "activation", *heads, *cosines), tuple(rows))


def commuted(runs: Sequence[Commuted]) -> Table:
    """How far training on turned images is from the turned training, relative to the losses and the latents."""
    rows = ((TITLES[one.activation], str(one.steps), _number(one.loss), _number(one.latent)) for one in runs)
    return Table(("activation", "steps", "largest difference of a loss", "of a latent"), tuple(rows))


def prepared(ends: dict[str, Sequence[Prepared]]) -> Table:
    """Where networks end on prepared images, by activation: mean and standard error over the seeds.

    p is that of Welch's t test of the error against the first preparation of the same activation.
    """
    rows = []
    for activation, found in ends.items():
        for one in found:
            errors = [str(Estimate.of(100 * values)) for values in (one.unexplained, one.pixels)]
            p = "" if one is found[0] else _p(one.pixels, found[0].pixels)
            rows.append((TITLES[activation], one.name, "yes" if one.rotation else "no", *errors, p))
    heads = ("activation", "preparation", "a rotation", "% unexplained, as prepared", "% unexplained, in pixels", "p")
    return Table(heads, tuple(rows))


def _erratum(name: str) -> str:
    return f"{{erratum}}`{name}`"


def _percent(share: float) -> str:
    return f"{100 * share:,.0f}%" if share >= 0.01 or share < 1e-9 else f"{100 * share:.1g}%"


def _range(values: NDArray[np.float64]) -> str:
    low, high = values.min(), values.max()
    return f"{low:.1f}° to {high:.1f}°" if high - low > 0.05 else f"{high:.1f}°, the same for all"


def _number(value: float) -> str:
    return f"{value:.1e}" if value else "0"


def _p(one: NDArray[np.float64], other: NDArray[np.float64]) -> str:
    return f"{ttest_ind(one, other, equal_var=False).pvalue:.2g}" if len(one) > 1 else "one seed"
