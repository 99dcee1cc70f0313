"""The networks of the method's paper in its own notation, drawn from their layers (its App. E, Figs. S10 and S11)."""

from collections.abc import Sequence
from math import prod

from matplotlib.figure import Figure as Canvas
from matplotlib.patches import FancyBboxPatch

from isoaux.common.numbers import counted
from isoaux.drawing.look import MATHS, style
from isoaux.paper import DATASET_TITLES, TITLES, TITLES_ON_BASES, Configuration, architecture
from isoaux.paper.architecture import Layer
from isoaux.studies.architecture.figures import Diagram
from isoaux.studies.architecture.notation import HEIGHT, POINTS, RADIUS, Pen

TALL, TITLE, MARGIN = 2.0, 0.42, 0.14
"""Height of a network, of its title above it, and the sheet's margin."""

GROUND = "0.962"
"""Grey of the ground of encoder and decoder."""


def networks(*configurations: Configuration) -> Diagram:
    """The diagram of every network, one below the other, in the notation of the method's paper.

    Modules, widths, activations and the latent layer come from :func:`isoaux.paper.architecture.of`. Raises ValueError
    where no network is given.
    """
    if not configurations:
        raise ValueError("configurations is empty; accepted: at least one network.")
    with style():
        canvas = Canvas()
        pen = Pen(canvas.add_axes((0, 0, 1, 1)))
        width = max(_network(pen, each, row * TALL) for row, each in enumerate(configurations)) + MARGIN
        height = TALL * len(configurations)
        canvas.set_size_inches(width, height)
        pen.axes.set(xlim=(0, width), ylim=(height, 0))
        pen.axes.set_axis_off()
    return Diagram(canvas, " ".join(sentence(each) for each in configurations), dpi=120)


def size(configuration: Configuration) -> str:
    """``small`` for a network without hidden widths, else ``large``."""
    return "large" if configuration.hidden else "small"


def _parts(configuration: Configuration) -> tuple[list[Layer], list[Layer]]:
    """The layers up to the first latent one, and those behind it."""
    layers = list(architecture.of(configuration))
    end = next(i for i, layer in enumerate(layers) if layer.latent is not None) + 1
    return layers[:end], layers[end:]


def _activation(configuration: Configuration) -> str:
    return (TITLES | TITLES_ON_BASES)[configuration.activation]


def _network(pen: Pen, configuration: Configuration, top: float) -> float:
    """Draw one network from ``top`` down; returns how far to the right it reaches."""
    y = top + TITLE + (TALL - TITLE) / 2 - 0.05
    height, width, channels = architecture.image(configuration)
    shape, d = f"[{channels}, {width}, {height}]", prod(architecture.image(configuration))
    pen.text(MARGIN, top + TITLE / 2 + 0.04, _title(configuration), POINTS + 1.5, ha="left")
    images = DATASET_TITLES[configuration.dataset]
    pen.text(MARGIN, y, images, ha="left", weight="bold")
    x = pen.wire(MARGIN + 0.09 * len(images) + 0.02, y, shape, 0.8)
    x = pen.wire(pen.operator(x, y, "", '"flatten"'), y, f"[{d:,}]", 0.62)
    for name, layers in zip(("encoder", "decoder"), _parts(configuration), strict=True):
        start = x
        for layer in layers:
            x = _layer(pen, configuration, layer, x, y)
        end = x - (0.92 if name == "encoder" else 0.62)
        _ground(pen, start - 0.1, y, end - start + 0.2, name)
    x = pen.wire(pen.operator(x, y, "", '"reshape"'), y, shape, 0.8)
    pen.text(x + 0.05, y, "MSE", ha="left", weight="bold")
    return x + 0.45


def _layer(pen: Pen, configuration: Configuration, layer: Layer, x: float, y: float) -> float:
    """Draw a layer and the line behind it from ``x`` on; returns where the line ends."""
    if layer.kind == "activation":
        x = pen.activation(x, y, configuration.group, r"$\sigma$", layer.name)
        return pen.wire(x, y, length=0.28)
    last = layer.outputs == prod(architecture.image(configuration))
    x = pen.module(x, y, "linear", f"({layer.inputs:,}, {layer.outputs:,})", name=layer.name)
    if layer.latent is not None:
        end = pen.wire(x, y, f"[{layer.outputs}]", 0.92)
        pen.latent(x + 0.46, y, "latent", f"latent.{layer.latent}")
        return end
    return pen.wire(x, y, f"[{layer.outputs:,}]", 0.62 if last else 0.42)


def _ground(pen: Pen, x: float, y: float, width: float, words: str) -> None:
    low, high = y - HEIGHT / 2 - 0.26, y + HEIGHT / 2 + 0.3
    box = FancyBboxPatch((x, low), width, high - low, boxstyle="round,pad=0.02", fc=GROUND, ec="none")
    pen.add(box, 0)
    pen.text(x + width / 2, high + RADIUS, words, POINTS, weight="bold")


def _title(configuration: Configuration) -> str:
    total = sum(layer.parameters for layer in architecture.of(configuration))
    vectors = f", $m$ = {configuration.vectors}" if configuration.vectors else ""
    group = MATHS[configuration.group]
    return (
        f"{size(configuration)}: $\\sigma$ is {_activation(configuration)}, {group}     "
        f"$n$ = {configuration.n}{vectors}     {total:,} parameters"
    )


def sentence(configuration: Configuration) -> str:
    """What the diagram of a network shows, made from its layers: its alternative text."""
    encoder, decoder = _parts(configuration)
    height, width, channels = architecture.image(configuration)
    before = sum(layer.kind == "activation" for layer in encoder)
    vectors, first = configuration.vectors_by_layer, encoder[0].inputs
    activations = {0: "no activation", 1: "one activation"}.get(before, counted(before, "activation"))
    bases = f" Vectors of the activations' bases, in order: {', '.join(map(str, vectors))}." if vectors else ""
    return (
        f"Diagram of the {size(configuration)} network for {DATASET_TITLES[configuration.dataset]}: images of {height} "
        f"by {width} by {channels}, flattened to {first:,} numbers; encoder, {_listed(configuration, encoder)}; the "
        f"latent layer of {configuration.n}, marked, with {activations} before it and one behind it; decoder, "
        f"{_listed(configuration, decoder)}; no activation at the output, whose cost is MSE.{bases}"
    )


def _listed(configuration: Configuration, layers: Sequence[Layer]) -> str:
    words = {"activation": _activation(configuration)}
    return ", ".join(
        words.get(layer.kind, f"affine map from {layer.inputs:,} to {layer.outputs:,}") for layer in layers
    )
