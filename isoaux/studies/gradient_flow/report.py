"""Appendix C.2 to sentences and tables: residuals, angles and losses, each computed when the page is run."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import ttest_ind

from isoaux.common.tables import Table, Text
from isoaux.paper import GROUPS, MAP_TITLES, TITLES
from isoaux.settings import DEFAULT, Settings, restrict
from isoaux.statistics.seeds import Estimate
from isoaux.studies.gradient_flow import batches, deflection
from isoaux.studies.gradient_flow.batches import Effect
from isoaux.studies.gradient_flow.deflection import Map
from isoaux.studies.gradient_flow.identities import IDENTITIES, PRINTED, Identity, residuals
from isoaux.studies.gradient_flow.layers import NEURONS
from isoaux.studies.gradient_flow.map_steps import Steps
from isoaux.studies.gradient_flow.rotations import Commuted, Prepared
from isoaux.training import threads
from isoaux.training.maps import MAPS

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
    heads = ("alone", "untrained: median, beyond 90°", f"after {batches.EPOCHS} epochs")
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


INPUTS = 100
"""Random inputs, of lengths from a tenth to ten, that the properties are tried on."""


WIDTH = 8
"""Numbers of each of them, and rows of W."""


@threads.limited()
def properties() -> Table:
    """What is asserted of the printed maps, tried on random inputs and layers.

    The factor of a step; by how much z changes where x is doubled, over |z|; the least over the greatest singular value
    of du/dx, which is 0 where a direction of the input is lost; and whether ``torch.autograd.gradcheck`` passes.
    """
    rng = np.random.default_rng(0)
    rows = []
    for one in MAPS.values():
        if one.matched:
            continue
        factors, doubled, least, sound = [], [], [], True
        for _ in range(INPUTS):
            x, W, b = (torch.from_numpy(rng.standard_normal(shape)) for shape in (WIDTH, (WIDTH, WIDTH), WIDTH))
            x *= 10 ** rng.uniform(-1, 1) / torch.linalg.vector_norm(x)
            u, _, beta, omega = one.rescale(x)
            factors.append(float(omega * (u @ u + beta**2)))
            z, other = one.forward(x, W, b), one.forward(2 * x, W, b)
            doubled.append(float(torch.linalg.vector_norm(other - z) / torch.linalg.vector_norm(z)))
            values = torch.linalg.svdvals(torch.autograd.functional.jacobian(lambda v, m=one: m.rescale(v).u, x))
            least.append(float(values[-1] / values[0]))
            if len(least) % 10 == 0:
                inputs = tuple(t.requires_grad_() for t in (x, W, b))
                sound = sound and torch.autograd.gradcheck(one.forward, inputs, raise_exception=False)
        rows.append(
            (
                MAP_TITLES[one.key],
                one.formula,
                _spanned(factors),
                f"{100 * np.median(doubled):.0f}%",
                f"{np.median(least):.2f}, at least {abs(min(least)):.2g}" if min(least) > 1e-9 else "0",
                "passes" if sound else "fails",
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


def steps(found: dict[str, Sequence[Steps]]) -> Table:
    """How steps move samples, by activation: their factor alone with its spread, and turn and stretch in a batch."""
    rows = []
    for activation, members in found.items():
        for one in members:
            rows.append(
                (
                    one.inputs,
                    TITLES[activation],
                    MAP_TITLES[one.map],
                    f"{one.alone.mean():,.0f} ± {100 * one.spread_alone:.0f}%",
                    f"{np.median(one.turn):.0f}°",
                    f"{np.median(one.stretch):,.0f}, × or ÷ {one.spread_in_batch:.1f}",
                )
            )
    head = ("inputs", "activation", "map", "factor alone", "turn in a batch, median", "stretch in a batch, median")
    return Table(head, tuple(rows))


def _spanned(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    return f"{low:.3g}" if high - low < 1e-9 * high else f"{low:.3g} to {high:.3g}"
