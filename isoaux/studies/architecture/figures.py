"""The diagram of an autoencoder, drawn from its layers with one sign for each kind of map (App. E, Fig. 37).

Everything is drawn in inches, downwards from the upper left corner, on one axes that covers the canvas.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import FancyBboxPatch, Patch, Polygon, Rectangle

from isoaux.drawing.look import COLOURS, MARKS, MATHS, Drawn, style
from isoaux.paper import DATASET_TITLES, GROUPS, TITLES, Configuration, architecture
from isoaux.paper.architecture import Layer

INK, LINE, MAP, GROUND = "0.15", "0.4", "0.84", "0.955"
"""Greys of text, outlines, affine maps, and the ground of a block."""

HALF = 0.85
"""Half the height of a column of pixels; it is not to the scale of the latent layers."""

BAR, WIDE, NODE, SIDE = 0.13, 0.82, 0.34, 0.4
"""Widths of a column, an affine map, an activation and an image."""

PAD, GAP, LINK, SLOT = 0.18, 0.08, 0.5, 0.82
"""Inside a block, between two blocks, an arrow with a word, and the room of an image."""

ABOVE, BELOW, TITLE, MARGIN = 1.06, 1.62, 0.36, 0.14
"""A panel above and below its middle, its title, and the sheet's margin."""

ROW, COLUMN, SIGN, LEAST = 0.36, 3.8, 0.38, 7.9
"""A line of the key, one of its columns, the room of a sign in it; the least width of a sheet."""

WEIGHTS = {"o": 1.0, "s": 0.9, "^": 1.15, "D": 0.71}
"""How large each mark is drawn so that all look equally large."""

POINTS = 9.2
"""Size of the text."""


class Diagram(Drawn):
    """A drawing of lines and letters alone, which a page shows as vector graphics."""

    def svg(self) -> str:
        """The drawing as SVG, its letters as outlines, the same on every machine."""
        out = io.StringIO()
        with style(), mpl.rc_context({"svg.fonttype": "path"}):
            self.canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        return out.getvalue()

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, about = super()._repr_mimebundle_(**options)
        return data | {"image/svg+xml": self.svg()}, about


def diagram(*configurations: Configuration) -> Diagram:
    """The diagram of every network, one below the other, over one key (Fig. 37).

    Signs and sizes come from :func:`isoaux.paper.architecture.of`. Raises ValueError where no network is
    given.
    """
    if not configurations:
        raise ValueError("configurations is empty; accepted: at least one network.")
    with style():
        canvas = Canvas()
        pen = _Pen(canvas.add_axes((0, 0, 1, 1)))
        tall = TITLE + ABOVE + BELOW
        ends = [_panel(pen, configuration, row * tall) for row, configuration in enumerate(configurations)]
        width = max(LEAST, *ends)
        height = _key(pen, configurations, width, len(ends) * tall)
        canvas.set_size_inches(width, height)
        pen.axes.set(xlim=(0, width), ylim=(height, 0))
        pen.axes.set_axis_off()
    return Diagram(canvas, " ".join(_sentence(configuration) for configuration in configurations), dpi=150)


@dataclass(frozen=True)
class _Pen:
    """Draws single signs at (x, y), the left edge and the middle of each."""

    axes: Axes

    def add(self, patch: Patch, order: float = 2, name: str | None = None) -> None:
        patch.set(zorder=order, gid=name)
        self.axes.add_patch(patch)

    def text(self, x: float, y: float, words: str, size: float = POINTS, **look: Any) -> None:
        if words:
            usual: dict[str, Any] = {"ha": "center", "va": "center", "color": INK, "linespacing": 1.35}
            self.axes.text(x, y, words, size=size, **usual | look)

    def arrow(self, x: float, y: float, length: float, words: str = "") -> None:
        head = "-|>,head_width=0.16,head_length=0.32"
        look = {"arrowstyle": head, "color": LINE, "lw": 1, "shrinkA": 0, "shrinkB": 0}
        self.axes.annotate("", (x + length, y), (x, y), arrowprops=look, annotation_clip=False)
        self.text(x + LINK / 2, y - 0.1, words, size=POINTS - 1)

    def image(self, x: float, y: float, channels: int, side: float = SIDE) -> None:
        """A square with a grid for every channel, the first in front."""
        for c in reversed(range(channels)):
            left, top = x + 0.07 * c, y - side / 2 - 0.07 * (c - (channels - 1) / 2)
            self.add(Rectangle((left, top), side, side, fc="white", ec=LINE, lw=0.9))
            for i in range(1, 4):
                step = i * side / 4
                self.axes.plot([left + step] * 2, [top, top + side], color="0.75", lw=0.5, zorder=2)
                self.axes.plot([left, left + side], [top + step] * 2, color="0.75", lw=0.5, zorder=2)

    def column(self, x: float, y: float, n: int, half: float, name: str | None = None) -> None:
        """Neurons as cells above each other; more than fit are cells at both ends and dots between."""
        self.add(Rectangle((x, y - half), BAR, 2 * half, fc="white", ec=INK, lw=1), 3, name)
        fits = n <= 64
        cell = 2 * half / n if fits else 0.05
        for i in range(1, n) if fits else [*range(1, 10), *range(-9, 0)]:
            end = y - half if i > 0 else y + half
            self.axes.plot([x, x + BAR], [end + i * cell] * 2, color=LINE, lw=0.5, zorder=3)
        if not fits:
            self.axes.plot([x + BAR / 2] * 3, [y - 0.1, y, y + 0.1], ".", color=INK, ms=2.5, zorder=3)

    def affine(
        self, x: float, y: float, halves: tuple[float, float], words: str, name: str | None = None, width: float = WIDE
    ) -> None:
        """From the height of its input to that of its output."""
        left, right = halves
        corners = [(x, y - left), (x + width, y - right), (x + width, y + right), (x, y + left)]
        self.add(Polygon(corners, fc=MAP, ec=LINE, lw=0.9), 2, name)
        self.text(x + width / 2, y, words)

    def activation(self, x: float, y: float, symmetry: str, name: str | None = None, size: float = NODE) -> None:
        """The mark of the symmetry group in its colour."""
        mark = MARKS[symmetry]
        look: dict[str, Any] = {
            "marker": mark,
            "ms": WEIGHTS[mark] * size * 72,
            "mec": INK,
            "mew": 0.9,
            "color": COLOURS[symmetry],
        }
        self.axes.plot([x + size / 2], [y], zorder=3, gid=name, **look)
        letter = POINTS + 2 if size == NODE else POINTS - 1
        self.text(x + size / 2, y + 0.1 * size * (mark == "^"), "$f$", color="white", size=letter)

    def measured(self, x: float, y: float, words: str = "") -> None:
        """The sign over a layer that is measured; ``x`` is its middle."""
        self.axes.plot([x], [y], "v", color=INK, ms=5.5, zorder=3)
        self.text(x, y - 0.16, words, weight="bold")

    def ground(self, x: float, y: float, width: float, words: str, count: int) -> None:
        """The ground of a block, its name and the number of its parameters."""
        box = FancyBboxPatch(
            (x + 0.05, y - ABOVE + 0.05),
            width - 0.1,
            ABOVE + BELOW - 0.25,
            boxstyle="round,pad=0.05",
            fc=GROUND,
            ec="none",
        )
        self.add(box, 0)
        self.text(x + width / 2, y + BELOW - 0.45, words, weight="bold")
        self.text(x + width / 2, y + BELOW - 0.28, f"{count:,} parameters", size=POINTS - 1)


def _half(n: int, d: int) -> float:
    """Half the height of a column: latent layers to scale with each other, pixels taller than any of them."""
    return HALF if n == d else min(0.16 + 0.0145 * n, 0.75 * HALF)


def _blocks(layers: Sequence[Layer]) -> Iterator[tuple[str, list[Layer]]]:
    """Encoder, hidden blocks and decoder: every affine map with the activation before it (Fig. 37)."""
    maps = [i for i, layer in enumerate(layers) if layer.kind == "affine"]
    names = ["encoder", *(f"hidden block {k}" for k in range(1, len(maps) - 1)), "decoder"]
    starts = [0, *(i + 1 for i in maps)]
    for name, start, end in zip(names, starts, maps, strict=False):
        yield name, list(layers[start : end + 1])


def _panel(pen: _Pen, configuration: Configuration, top: float) -> float:
    """Draw one network from ``top`` down; returns how far to the right it reaches, margin included."""
    y = top + TITLE + ABOVE
    layers = architecture.of(configuration)
    shape, symmetry = architecture.image(configuration), GROUPS[configuration.activation]
    size = " × ".join(map(str, shape))
    pen.text(MARGIN, top + TITLE / 2, _title(configuration, layers), ha="left", size=POINTS + 1.5)
    x = MARGIN
    _picture(pen, x, y, shape[2], f"image\n{size}")
    pen.arrow(x + SLOT, y, LINK + PAD, "flatten")
    x += SLOT + LINK
    for name, members in _blocks(layers):
        x = _block(pen, x, y, name, members, symmetry, layers[0].inputs) + GAP
    pen.arrow(x - GAP - PAD, y, LINK + PAD)
    pen.text(x - GAP + LINK / 2, y - 0.1, "reshape", size=POINTS - 1)
    x += LINK - GAP
    _picture(pen, x, y, shape[2], f"output\n{size}")
    return x + SLOT + MARGIN


def _picture(pen: _Pen, x: float, y: float, channels: int, words: str) -> None:
    inner = SIDE + 0.07 * (channels - 1)
    pen.image(x + (SLOT - inner) / 2, y, channels)
    pen.text(x + SLOT / 2, y + inner / 2 + 0.08, words, va="top")


def _block(pen: _Pen, x: float, y: float, name: str, members: list[Layer], symmetry: str, d: int) -> float:
    """Draw one block from ``x`` on; returns where it ends."""
    start, layer = x, members[-1]
    halves = _half(layer.inputs, d), _half(layer.outputs, d)
    if len(members) == 1:
        x += PAD
        pen.column(x, y, layer.inputs, halves[0])
        pen.text(x + BAR / 2, y + halves[0] + 0.11, f"{layer.inputs:,}")
        x += BAR
    else:
        pen.arrow(x - GAP - PAD, y, GAP + PAD + 0.1)
        x += 0.1
        pen.activation(x, y, symmetry, members[0].name)
        x += NODE
        pen.arrow(x, y, GAP + 0.04)
        x += GAP + 0.04
    pen.affine(x, y, halves, f"affine\n{layer.inputs:,} → {layer.outputs:,}", layer.name)
    x += WIDE
    pen.column(x, y, layer.outputs, halves[1], None if layer.latent is None else f"latent.{layer.latent}")
    pen.text(x + BAR / 2, y + halves[1] + 0.11, f"{layer.outputs:,}")
    if layer.latent is not None:
        pen.measured(x + BAR / 2, y - halves[1] - 0.1, f"k = {layer.latent}")
    x += BAR + PAD
    pen.ground(start, y, x - start, name, sum(member.parameters for member in members))
    return x


def _title(configuration: Configuration, layers: Sequence[Layer]) -> str:
    total = sum(layer.parameters for layer in layers)
    words = f"{TITLES[configuration.activation]}, {MATHS[GROUPS[configuration.activation]]}"
    images = DATASET_TITLES[configuration.dataset]
    return f"{words}     {images}     $n$ = {configuration.n}, $L$ = {configuration.L}     {total:,} parameters"


def _key(pen: _Pen, configurations: Sequence[Configuration], width: float, top: float) -> float:
    """Draw the signs and what they mean, in as many columns as fit; returns where the key ends."""
    signs = list(_signs(pen, configurations))
    rows = ceil(len(signs) / ((width - MARGIN) // COLUMN))
    columns = ceil(len(signs) / rows)
    for i, (sign, room, words) in enumerate(signs):
        x, y = MARGIN + i % columns * (width - MARGIN) / columns, top + (i // columns + 0.5) * ROW
        sign(x + (SIGN - room) / 2, y)
        pen.text(x + SIGN + 0.06, y, words, ha="left")
    return top + rows * ROW + MARGIN / 2


def _signs(
    pen: _Pen, configurations: Sequence[Configuration]
) -> Iterator[tuple[Callable[[float, float], None], float, str]]:
    """How each sign of the key is drawn, how wide it is, and its words."""
    small = 0.25
    yield partial(pen.column, n=6, half=0.12), BAR, "neurons, one cell each; dots stand for more"
    yield partial(pen.affine, halves=(0.12, 0.07), words="", width=0.3), 0.3, "affine map, trained: weights and biases"
    yield pen.measured, 0, "latent layer $k$, measured before the activation"
    for name in dict.fromkeys(configuration.activation for configuration in configurations):
        symmetry = GROUPS[name]
        words = f"activation $f$: {TITLES[name]}, symmetry {MATHS[symmetry]}"
        yield partial(pen.activation, symmetry=symmetry, size=small), small, words


def _sentence(configuration: Configuration) -> str:
    """What the diagram of a network shows, made from its layers: its alternative text."""
    layers = architecture.of(configuration)
    height, width, channels = architecture.image(configuration)
    first, *_, last = layers
    hidden = [layer for layer in layers[1:-1] if layer.kind == "affine"]
    name, n = TITLES[configuration.activation], first.outputs
    middle = ""
    if hidden:
        blocks = f"{len(hidden)} hidden blocks, each" if len(hidden) > 1 else "one hidden block of"
        middle = f"{blocks} {name} and an affine map from {n} to {n} ({hidden[0].parameters:,}); "
    measured = [layer.latent for layer in layers if layer.latent is not None]
    latent = f"Latent layers {measured[0]} to {measured[-1]}" if hidden else f"Latent layer {measured[0]}"
    return (
        f"Diagram of an autoencoder: an image of {height} by {width} by {channels} is flattened to {first.inputs:,} "
        f"numbers; an affine map to {n} ({first.parameters:,} parameters); {middle}{name} and an affine map to "
        f"{last.outputs:,} ({last.parameters:,}); reshaped. {latent}, marked, "
        f"{'are' if hidden else 'is'} measured before the activation; "
        f"{sum(layer.parameters for layer in layers):,} parameters in all."
    )
