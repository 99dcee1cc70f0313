"""A figure under ipywidgets' controls: its last panels drawn again from the published representations."""

from typing import Any

from matplotlib.figure import Figure as Canvas

from isoaux import bases, density, paper, ppp
from isoaux.common import archive, arrays, paths
from isoaux.common.archive import Published
from isoaux.common.tables import listed
from isoaux.drawing.look import COLOURS, MATHS, Drawn, style
from isoaux.drawing.panels import palette
from isoaux.paper import GROUPS, TITLES, Configuration, Figure
from isoaux.records import reading
from isoaux.records.representations import Representations


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
    figure = paper.figure(name)
    return _drawn(figure, representations(figure), epsilon, basis, variant, seed)


def _drawn(
    figure: Figure, stored: dict[Configuration, Published], epsilon: float | None, basis: str, variant: str, seed: int
) -> Drawn:
    share = figure.epsilon if epsilon is None else arrays.fraction(epsilon, "epsilon")
    points = []
    for published in stored.values():
        rows = Representations(published).values(figure.layer)
        points.append(ppp.project(rows, bases.named(basis, rows.shape[1], seed), share, variant).points)
    window = density.window_for(points)
    images = [density.render(cloud, window, method="binned") for cloud in points]
    brightest = density.limits(images)[1] or 1
    with style():
        canvas = Canvas(figsize=(3.4 * len(images), 3.9), layout="constrained")
        panels = canvas.subplots(1, len(images), squeeze=False)[0]
        for axes, configuration, image, cloud in zip(panels, stored, images, points, strict=True):
            group = GROUPS[configuration.activation]
            axes.imshow(image * figure.brightness, cmap=palette(), vmin=0, vmax=brightest, origin="lower")
            axes.set_title(f"{TITLES[configuration.activation]}, {MATHS[group]}", color=COLOURS[group])
            axes.set_xlabel(f"{len(cloud):,} points")
            axes.set_xticks([])
            axes.set_yticks([])
        canvas.supxlabel(words := _words(stored), fontsize="small")
    counts = listed([f"{TITLES[c.activation]}: {len(cloud):,}" for c, cloud in zip(stored, points, strict=True)])
    setting = f"epsilon {share:g}, {basis} basis, {variant}"
    return Drawn(canvas, f"The last panels of Figure {figure.number} at {setting}; {words}. Points: {counts}.")


def interact_figure(name: str) -> Any:
    """A PPP figure's last panels with ipywidgets' controls for epsilon, basis and variant, for a running kernel.

    Returns an ``ipywidgets.interactive``; its ``children`` are the controls, its ``result`` the :class:`Drawn`. What is
    drawn, from how many samples, and what is raised is as in :func:`redrawn`.
    """
    import ipywidgets  # of the extra `book`, which drawing without controls does not need

    figure = paper.figure(name)
    stored = representations(figure)

    def drawn(epsilon: float, basis: str, variant: str, seed: int) -> Drawn:
        return _drawn(figure, stored, epsilon, basis, variant, seed)

    slider = ipywidgets.FloatSlider(
        value=figure.epsilon, min=0, max=0.99, step=0.01, description="epsilon", continuous_update=False
    )
    return ipywidgets.interactive(
        drawn,
        epsilon=slider,
        basis=ipywidgets.Dropdown(options=list(bases.BASES), description="basis"),
        variant=ipywidgets.Dropdown(options=list(bases.VARIANTS), description="variant"),
        seed=ipywidgets.BoundedIntText(value=0, min=0, max=2**31 - 1, description="seed"),
    )


def representations(figure: Figure) -> dict[Configuration, Published]:
    """The published representations of a figure's networks, by configuration; errors as in :func:`redrawn`."""
    if not figure.has_planes:
        raise ValueError(
            f"name is {figure.name!r}, which shows no projections; accepted: a figure of panels, like fig01."
        )
    stored = {}
    for configuration in figure.configurations:
        path = reading.representations_path(paths.data(), configuration.id)
        if archive.files(path)[0].exists():
            stored[configuration] = archive.read(path)
    if not stored:
        raise FileNotFoundError(
            f"no representations of {figure.name} are published; `python -m isoaux publish` does it."
        )
    return stored


def _words(stored: dict[Configuration, Published]) -> str:
    each = [Representations(published) for published in stored.values()]
    sizes, seeds = {kept.count for kept in each}, {kept.seeds[0] for kept in each}
    return (
        f"{listed([f'{size:,}' for size in sorted(sizes)])} representations of the training images each, "
        f"seed {listed([str(seed) for seed in sorted(seeds)])}, last epoch"
    )
