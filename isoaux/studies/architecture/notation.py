"""The signs of the method's paper for diagrams of networks (its App. H), and the legend of all of them (Fig. S12).

Everything is drawn in inches, downwards from the upper left corner, on one axes that covers the canvas. A sign is drawn
at (x, y), the left edge and the middle of it, and returns where it ends.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from textwrap import fill
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Circle, FancyBboxPatch, Patch, Rectangle

from isoaux.drawing.look import COLOURS, MARKS, style
from isoaux.studies.architecture.figures import Diagram

INK, LINE, FILL, OTHER = "0.15", "0.4", "0.9", "0.78"
"""Greys of text, outlines, modules, and of modules of another subsystem."""

WIDTH, HEIGHT, RADIUS = 0.86, 0.62, 0.14
"""Sizes of a module, and the radius of an operator."""

WIRE = 0.5
"""A line between two signs."""

POINTS = 9.2
"""Size of the text; of labels one point less."""

WEIGHTS = {"o": 1.0, "s": 0.9, "^": 1.15, "D": 0.71, "v": 1.15}
"""How large each mark is drawn so that all look equally large."""


@dataclass(frozen=True)
class Pen:
    """Draws single signs of the notation on axes."""

    axes: Axes

    def add(self, patch: Patch, order: float = 2, name: str | None = None) -> None:
        """Add a patch with its place in the order, and the name by which it is known in the drawing."""
        patch.set(zorder=order, gid=name)
        self.axes.add_patch(patch)

    def text(self, x: float, y: float, words: str, size: float = POINTS, **look: Any) -> None:
        """Write words around (x, y)."""
        usual: dict[str, Any] = {"ha": "center", "va": "center", "color": INK, "linespacing": 1.3, "zorder": 4}
        self.axes.text(x, y, words, size=size, **usual | look)

    def stroke(self, *points: tuple[float, float], **look: Any) -> None:
        """A line through points."""
        usual: dict[str, Any] = {"color": LINE, "lw": 1, "zorder": 3, "solid_capstyle": "butt"}
        self.axes.plot([x for x, _ in points], [y for _, y in points], **usual | look)

    def wire(self, x: float, y: float, label: str = "", length: float = WIRE) -> float:
        """A line that carries data, with their shape over it."""
        head = "-|>,head_width=0.14,head_length=0.28"
        look = {"arrowstyle": head, "color": LINE, "lw": 1, "shrinkA": 0, "shrinkB": 0}
        self.axes.annotate("", (x + length, y), (x, y), arrowprops=look, annotation_clip=False)
        self.text(x + length / 2, y - 0.12, label, POINTS - 1)
        return x + length

    def module(
        self, x: float, y: float, icon: str, label: str = "", glyph: str = "", fill: str = FILL, name: str | None = None
    ) -> float:
        """A box with the icon of ``linear``, ``convolution``, ``recurrent`` or ``pooling``, and its label under it.

        A ``glyph`` in its middle is the activation.
        """
        box = FancyBboxPatch(
            (x + 0.04, y - HEIGHT / 2 + 0.04), WIDTH - 0.08, HEIGHT - 0.08, boxstyle="round,pad=0.04", fc=fill, ec=INK
        )
        self.add(box, 1, name)
        getattr(self, f"_{icon}")(x, y)
        if glyph:
            self.add(Circle((x + WIDTH / 2, y), RADIUS, fc="white", ec=LINE, lw=0.8), 4)
            self.text(x + WIDTH / 2, y, glyph, POINTS, zorder=5)
        self.text(x + WIDTH / 2, y + HEIGHT / 2 + 0.09, label, POINTS - 1, va="top")
        return x + WIDTH

    def _linear(self, x: float, y: float) -> None:
        """Two columns of neurons, every one joined with every other."""
        left = [(x + 0.16, y + h) for h in (-0.18, 0, 0.18)]
        right = [(x + WIDTH - 0.16, y + h) for h in (-0.1, 0.1)]
        for start in left:
            for end in right:
                self.stroke(start, end, lw=0.6, color="0.55", zorder=2)
        for place in (*left, *right):
            self.add(Circle(place, 0.035, fc="white", ec=INK, lw=0.8), 3)

    def _convolution(self, x: float, y: float) -> None:
        """An image of cells with a kernel on it."""
        left, top, cell = x + 0.23, y - 0.2, 0.1
        for i in range(5):
            self.stroke((left + i * cell, top), (left + i * cell, top + 4 * cell), lw=0.6, color="0.55", zorder=2)
            self.stroke((left, top + i * cell), (left + 4 * cell, top + i * cell), lw=0.6, color="0.55", zorder=2)
        self.add(Rectangle((left + cell, top), 2 * cell, 2 * cell, fc="none", ec=INK, lw=1.6), 3)

    def _recurrent(self, x: float, y: float) -> None:
        """An arrow that comes back."""
        self.text(x + WIDTH / 2, y, "\N{CLOCKWISE OPEN CIRCLE ARROW}", 20)

    def _pooling(self, x: float, y: float) -> None:
        """Four cells that become one."""
        for i in range(2):
            for j in range(2):
                self.add(Rectangle((x + 0.14 + 0.11 * i, y - 0.11 + 0.11 * j), 0.11, 0.11, fc="white", ec=LINE), 2)
        self.wire(x + 0.4, y, length=0.14)
        self.add(Rectangle((x + 0.57, y - 0.055), 0.11, 0.11, fc="white", ec=INK), 2)

    def padding(self, x: float, y: float) -> float:
        """A frame at the left of a module, which it pads."""
        self.add(Rectangle((x, y - HEIGHT / 2), 0.12, HEIGHT, fc="white", ec=INK, hatch="////", lw=0.8), 2)
        return x + 0.12

    def operator(self, x: float, y: float, sign: str = "", beside: str = "", name: str | None = None) -> float:
        """A small circle: the sign of a sum or a product, or a function; ``beside`` it, the function in quotes."""
        self.add(Circle((x + RADIUS, y), RADIUS, fc="white", ec=INK), 3, name)
        self.text(x + RADIUS, y, sign, POINTS)
        self.text(x + RADIUS, y + RADIUS + 0.1, beside, POINTS - 1)
        return x + 2 * RADIUS

    def activation(self, x: float, y: float, symmetry: str, letter: str, name: str | None = None) -> float:
        """The mark of a symmetry group in its colour: an activation between modules."""
        mark = MARKS[symmetry]
        size = 2.3 * RADIUS
        look: dict[str, Any] = {
            "marker": mark,
            "ms": WEIGHTS[mark] * size * 72,
            "mec": INK,
            "mew": 0.9,
            "color": COLOURS[symmetry],
        }
        self.axes.plot([x + size / 2], [y], zorder=3, gid=name, **look)
        self.text(x + size / 2, y + 0.06 * size * ((mark == "^") - (mark == "v")), letter, POINTS + 1, color="white")
        return x + size

    def latent(self, x: float, y: float, words: str = "latent layer", name: str | None = None) -> None:
        """The sign over a line whose data are measured."""
        self.axes.plot([x], [y - 0.28], "v", color=INK, ms=5.5, zorder=3, gid=name)
        self.text(x, y - 0.42, words, weight="bold")


Sign = Callable[[Pen, float, float], object]


def _module(pen: Pen, x: float, y: float, icon: str, **look: Any) -> None:
    pen.module(pen.wire(x, y, length=0.2), y, icon, **look)
    pen.wire(x + 0.2 + WIDTH, y, length=0.2)


def _padded(pen: Pen, x: float, y: float) -> None:
    pen.wire(pen.module(pen.padding(pen.padding(x + 0.05, y), y), y, "convolution", "|1, 1|"), y, length=0.2)


def _operator(pen: Pen, x: float, y: float, sign: str, beside: str = "") -> None:
    for dy in (-0.16, 0.16):
        pen.stroke((x + 0.16, y + dy), (x + 0.45, y + 0.3 * dy))
    pen.wire(pen.operator(x + 0.4, y, sign, beside), y, length=0.3)


def _shape(pen: Pen, x: float, y: float, label: str) -> None:
    pen.wire(x, y, label, length=1.2)


def _output(pen: Pen, x: float, y: float) -> None:
    pen.text(pen.wire(pen.module(x, y, "linear"), y, length=0.2) + 0.03, y, "MSE", ha="left")


def _input(pen: Pen, x: float, y: float) -> None:
    pen.text(x, y, "MNIST", ha="left")
    pen.wire(x + 0.52, y, "[1, 28, 28]", length=0.78)


def _paired(pen: Pen, x: float, y: float) -> None:
    pen.text(x + 0.05, y, "II")
    end = pen.module(pen.wire(x + 0.12, y, length=0.16), y, "recurrent")
    pen.text(pen.wire(end, y, length=0.16) + 0.07, y, "II")


def _subsystems(pen: Pen, x: float, y: float) -> None:
    for left, shade in ((x, FILL), (x + 0.72, OTHER)):
        pen.add(FancyBboxPatch((left + 0.04, y - 0.18), 0.48, 0.36, boxstyle="round,pad=0.04", fc=shade, ec=INK))
    pen.wire(x + 0.56, y, length=0.16)


def _between(pen: Pen, x: float, y: float) -> None:
    pen.wire(pen.activation(pen.wire(x + 0.1, y, length=0.35), y, "B_n", r"$\sigma$"), y, length=0.35)


def _measured(pen: Pen, x: float, y: float) -> None:
    pen.latent(x + 0.5, y + 0.14, "")
    pen.wire(x, y + 0.14, length=1.0)


LEGEND: dict[str, tuple[tuple[Sign, str], ...]] = {
    "Modules": (
        (partial(_module, icon="linear", label="(784, 500, 10)"), "linear: affine maps 784 to 500 to 10, with biases"),
        (
            partial(_module, icon="convolution", label="(2, 2, 1, 8) {1, 2}"),
            "convolution: (w, h, channels in, out) of the kernel, {stride}",
        ),
        (partial(_module, icon="recurrent", label="(10, 20)"), "recurrent"),
        (
            partial(_module, icon="pooling", label="Max (2, 2) {2, 2}"),
            'pooling: "Max" or "Avr", kernel and {stride}',
        ),
        (
            partial(_module, icon="linear", glyph=r"$\sigma$", label="(784, 500, 10)"),
            "glyph in the middle: the activation behind all of its maps",
        ),
        (_between, "activation between modules, the mark of its group (not in the paper)"),
    ),
    "Operators and augmentations": (
        (partial(_operator, sign="+"), "sum"),
        (partial(_operator, sign="×"), "product"),
        (partial(_operator, sign="$f$"), "insum: the sum of what comes in, and a function named inside"),
        (partial(_operator, sign="", beside='"softmax"'), "insum: its function outside, in quotation marks"),
        (partial(_operator, sign="+", beside=":1, 2:"), "axis-wise: the axes between colons"),
        (_padded, "padding |w, h|: stacks on a module, here twice"),
    ),
    "Lines and ends": (
        (partial(_shape, label="[c, w, h]"), "line with the shape of its data: channels, width, height"),
        (_input, "input: the data set is named"),
        (_output, 'output: its cost, "MSE" or "CE"'),
        (_paired, "recurrent ends, paired by roman numerals"),
        (_subsystems, "shades or colours may mark subsystems"),
        (_measured, "data that are measured: the latent layer (not in the paper)"),
    ),
}
"""The signs of the notation by kind, each with its words."""

COLUMN, ROW, ROOM = 3.62, 0.98, 1.52
"""Width of a column of the legend, height of a line, and the room of a sign."""

LETTERS = 27
"""Letters of a line of words."""


def legend() -> Diagram:
    """All signs of the notation with what they mean, a column of each kind (Figs. 12 and 13 of the method's paper)."""
    width = COLUMN * len(LEGEND) + 0.2
    height = ROW * max(map(len, LEGEND.values())) + 0.5
    with style():
        canvas = Canvas(figsize=(width, height))
        pen = Pen(canvas.add_axes((0, 0, 1, 1)))
        for column, kind in enumerate(LEGEND):
            _column(pen, kind, 0.15 + column * COLUMN)
        pen.axes.set(xlim=(0, width), ylim=(height, 0))
        pen.axes.set_axis_off()
    return Diagram(canvas, _sentence(), dpi=130)


def _column(pen: Pen, kind: str, x: float) -> None:
    pen.text(x, 0.2, kind, POINTS + 1, ha="left", weight="bold")
    for row, (sign, words) in enumerate(LEGEND[kind]):
        y = 0.4 + (row + 0.5) * ROW
        sign(pen, x, y)
        pen.text(x + ROOM, y, fill(words, LETTERS), ha="left")


def _sentence() -> str:
    parts = [f"{kind.lower()}, {'; '.join(words for _, words in LEGEND[kind])}" for kind in LEGEND]
    words = re.sub(r"\{(.*?)\}", r"\1 in curly brackets", ". ".join(parts))
    return f"Legend of a notation for diagrams of networks, a sign beside its meaning: {words}."
