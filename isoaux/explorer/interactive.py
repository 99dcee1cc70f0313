"""A figure under ipywidgets' controls: its last panels drawn again from the published representations."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure as Canvas

from isoaux import bases, density, ppp
from isoaux.common import archive, arrays, paths
from isoaux.common.archive import Published
from isoaux.common.tables import listed
from isoaux.drawing.look import COLOURS, MATHS, Drawn, style
from isoaux.drawing.panels import palette
from isoaux.paper import GROUPS, TITLES, Configuration, Figure, figure
from isoaux.records import reading, record


def redrawn(
    name: str, epsilon: float | None = None, basis: str = "standard", variant: str = "combination", seed: int = 0
) -> Drawn:
    """The last panels of a PPP figure, drawn from the published representations: a panel per kind of network.

    Parameters: ``name`` of the figure, such as ``fig01``; ``epsilon`` in [0, 1), by default the figure's; ``basis``
    and its ``seed`` as in ``isoaux.bases.named``; ``variant`` as in :func:`isoaux.ppp.project`. Window and colours
    follow the rules of the figure for a row of panels (mean and five standard deviations).

    Raises ValueError for a figure that shows no projections, and for settings that are none; FileNotFoundError where no
    representations of the figure are published.
    """
    shown = figure(name)
    return _drawn(shown, representations(shown), epsilon, basis, variant, seed)


def _drawn(
    shown: Figure, stored: dict[Configuration, Published], epsilon: float | None, basis: str, variant: str, seed: int
) -> Drawn:
    share = shown.epsilon if epsilon is None else arrays.fraction(epsilon, "epsilon")
    points = []
    for found in stored.values():
        rows = record.representations(found, shown.layer)
        points.append(ppp.project(rows, bases.named(basis, rows.shape[1], seed), share, variant).points)
    window = density.window_for(points)
    images = [density.render(one, window, method="binned") for one in points]
    brightest = density.limits(images)[1] or 1
    with style():
        canvas = Canvas(figsize=(3.4 * len(images), 3.9), layout="constrained")
        for axes, own, image, one in zip(
            np.atleast_1d(canvas.subplots(1, len(images))), stored, images, points, strict=True
        ):
            group = GROUPS[own.activation]
            axes.imshow(image * shown.brightness, cmap=palette(), vmin=0, vmax=brightest, origin="lower")
            axes.set_title(f"{TITLES[own.activation]}, {MATHS[group]}", color=COLOURS[group])
            axes.set_xlabel(f"{len(one):,} points")
            axes.set_xticks([])
            axes.set_yticks([])
        canvas.supxlabel(words := _words(stored), fontsize="small")
    counts = listed([f"{TITLES[own.activation]}: {len(one):,}" for own, one in zip(stored, points, strict=True)])
    setting = f"epsilon {share:g}, {basis} basis, {variant}"
    return Drawn(canvas, f"The last panels of Figure {shown.number} at {setting}; {words}. Points: {counts}.")


def interact_figure(name: str) -> Any:
    """A PPP figure's last panels with ipywidgets' controls for epsilon, basis and variant, for a running kernel.

    Returns an ``ipywidgets.interactive``; its ``children`` are the controls, its ``result`` the :class:`Drawn`. What is
    drawn, from how many samples, and what is raised is as in :func:`redrawn`.
    """
    import ipywidgets

    shown = figure(name)
    stored = representations(shown)

    def drawn(epsilon: float, basis: str, variant: str, seed: int) -> Drawn:
        return _drawn(shown, stored, epsilon, basis, variant, seed)

    slider = ipywidgets.FloatSlider(
        value=shown.epsilon, min=0, max=0.99, step=0.01, description="epsilon", continuous_update=False
    )
    return ipywidgets.interactive(
        drawn,
        epsilon=slider,
        basis=ipywidgets.Dropdown(options=list(bases.BASES), description="basis"),
        variant=ipywidgets.Dropdown(options=list(bases.VARIANTS), description="variant"),
        seed=ipywidgets.BoundedIntText(value=0, min=0, max=2**31 - 1, description="seed"),
    )


def representations(shown: Figure) -> dict[Configuration, Published]:
    """The published representations of a figure's networks, by configuration."""
    if not shown.has_planes:
        raise ValueError(
            f"name is {shown.name!r}, which shows no projections; accepted: a figure of panels, like fig01."
        )
    found = {}
    for own in shown.configurations:
        path = reading.representations_path(paths.data(), own.id)
        if archive.files(path)[0].exists():
            found[own] = archive.read(path)
    if not found:
        raise FileNotFoundError(
            f"no representations of {shown.name} are published; `python -m isoaux publish` does it."
        )
    return found


def _words(stored: dict[Configuration, Published]) -> str:
    sizes = {found["values"].shape[1] for found in stored.values()}
    seeds = {found.facts["seed"] for found in stored.values()}
    return (
        f"{listed([f'{size:,}' for size in sorted(sizes)])} representations of the training images each, "
        f"seed {listed([str(seed) for seed in sorted(seeds)])}, last epoch"
    )
