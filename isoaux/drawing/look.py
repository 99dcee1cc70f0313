"""How every figure looks: style, the colour, line style and mark of each symmetry group, and image files."""

import base64
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.style
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure as Canvas
from matplotlib.image import AxesImage
from numpy.typing import NDArray
from PIL import Image

from isoaux.common import disk

COLOURS = {"B_n": "#c8500a", "O(n)": "#1f6fb4", "S_n": "#2a8a57", "D_n": "#8a4fa3", "G_B": "#5c5c00"}
DASHES = {"B_n": "-", "O(n)": "--", "S_n": "-.", "D_n": ":", "G_B": (0, (4, 1, 1, 1, 1, 1))}
MARKS = {"B_n": "o", "O(n)": "s", "S_n": "^", "D_n": "D", "G_B": "v"}
MATHS = {"B_n": "$B_n$", "O(n)": "$O(n)$", "S_n": "$S_n$", "D_n": "$D_n$", "G_B": "$G_B$"}

HUES = (
    "#0072b2", "#d55e00", "#009e73", "#b3478c", "#8a6d00", "#3f9fd8", "#111111", "#7a3fa0", "#b0281a", "#6f8f2f"
)  # fmt: skip
"""The colours of classes, by their place."""

CLASS_DASHES: tuple[Any, ...] = (
    "-", (0, (5, 1.5)), (0, (1, 1)), (0, (6, 1.5, 1, 1.5)), (0, (2.5, 1)), (0, (9, 2)), (0, (1, 2.5)),
    (0, (6, 1.5, 1, 1.5, 1, 1.5)), (0, (4, 1, 4, 1, 1, 1)), (0, (9, 1.5, 2.5, 1.5)),
)  # fmt: skip
"""The line styles of classes, by their place."""

MAP_DASHES = {"affine": "-", "normaliser": (0, (1, 1.2)), "correction": (0, (5, 1.5)), "rate": (0, (5, 1.2, 1, 1.2))}
"""Line styles of the maps; matched ones are drawn in the colour of their activation, the printed ones in grey."""

HEAVIEST = 700_000
"""Bytes that a PNG may weigh."""


@contextmanager
def style() -> Iterator[None]:
    """Context in which matplotlib has its defaults with the project's style sheet, and no settings of the reader."""
    with as_file(files("isoaux.drawing") / "isoaux.mplstyle") as path, mpl.rc_context():
        mpl.rcdefaults()
        mpl.style.use(path)
        yield


@dataclass(frozen=True)
class Drawn:
    """A drawn figure: ``canvas``, alternative text ``alt``, and the result as a sentence ``finding``, if any."""

    canvas: Canvas
    alt: str
    dpi: int = 130
    finding: str = ""

    def png(self) -> bytes:
        """The figure as a PNG of at most 256 colours, without time or software stamps.

        Fewer colours, down to 64, are used where it would weigh more than ``HEAVIEST`` bytes.
        """
        with style():
            buffer = io.BytesIO()
            self.canvas.savefig(buffer, format="png", dpi=self.dpi, pil_kwargs={"compress_level": 1})  # read at once
        image, png = Image.open(buffer).convert("RGB"), b""
        median, coverage = Image.Quantize.MEDIANCUT, Image.Quantize.MAXCOVERAGE
        for method, colours in ((median, 256), (coverage, 256), (coverage, 128), (coverage, 64)):
            png = palette_png(image, colours, method)
            if len(png) <= HEAVIEST:
                break
        return png

    def save(self, path: Path) -> None:
        """Write the figure to ``path`` with the suffixes ``.png`` and ``.svg``, each file whole or not at all."""
        png, svg = self.png(), self.light_svg()
        disk.write(path.with_suffix(".png"), lambda temporary: temporary.write_bytes(png))
        disk.write(path.with_suffix(".svg"), lambda temporary: temporary.write_text(svg, "utf-8"))

    def light_svg(self) -> str:
        """The figure as SVG without a time stamp; pictures in it have at most 96 colours, lengths two decimals."""
        out = io.StringIO()
        with style():
            self.canvas.savefig(out, format="svg", dpi=self.dpi, metadata={"Date": None})
        svg = re.sub("(?<=data:image/png;base64,)[A-Za-z0-9+/=\\s]+", _lighter, out.getvalue())
        return re.sub(r'(?<= d=")[^"]+', lambda path: re.sub(r"(\.\d\d)\d+", r"\1", path[0]), svg)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        png = self.png()
        metadata: dict[str, Any] = {"alt": self.alt, "panels": panels(self.canvas)}
        if self.finding:
            metadata["finding"] = self.finding
        return {"image/png": png, "text/plain": self.alt}, {"image/png": metadata}


def panels(canvas: Canvas) -> list[list[float]]:
    """The places in a drawn figure that have colours of their own: images without their white gaps, and dark axes.

    Each is left, top, right, bottom in percent of the figure, from its upper left corner. Everything else is ink on a
    white ground, which a dark page may show as light ink on a dark one.
    """
    places = []
    for axes in canvas.axes:
        if axes.axison and sum(to_rgb(axes.get_facecolor())) < 1:
            places.append(axes.get_position().extents)
        for image in axes.images:
            corners = axes.transData.transform(_parts(image).reshape(-1, 2))
            places += list(canvas.transFigure.inverted().transform(corners).reshape(-1, 4))
    percent = 100 * np.clip(np.asarray(places).reshape(-1, 4), 0, 1)
    x, y = np.sort(percent[:, ::2]), 100 - np.sort(percent[:, 1::2])[:, ::-1]
    return np.round(np.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], axis=1), 2).tolist()


def _parts(image: AxesImage) -> NDArray[np.float64]:
    """Opposite corners (parts, 4) of the parts of an image between rows and columns of its colour 256, white."""
    values = np.asarray(image.get_array())
    gap = values == 256 if values.ndim == 2 else np.zeros(values.shape[:2], bool)
    left, right, bottom, top = image.get_extent()
    across, down = (np.flatnonzero(np.diff(np.r_[0, ~gap.all(axis), 0])).reshape(-1, 2) for axis in (0, 1))
    x = left + (right - left) * across / values.shape[1]
    y = top + (bottom - top) * down / values.shape[0]
    return np.array([[x0, y0, x1, y1] for y0, y1 in y for x0, x1 in x]).reshape(-1, 4)


def palette_png(image: Image.Image, colours: int, method: int | None = None) -> bytes:
    """An RGB image as a PNG of at most so many ``colours``, chosen by Pillow's ``method`` (default: median cut)."""
    out = io.BytesIO()
    image.quantize(colours, method, dither=Image.Dither.NONE).save(out, "png", optimize=True)
    return out.getvalue()


def _lighter(match: re.Match[str]) -> str:
    """A PNG in base 64 with at most 96 colours, on white: a quarter of the bytes of true colour."""
    image = Image.open(io.BytesIO(base64.b64decode(match[0]))).convert("RGBA")
    paper = Image.new("RGBA", image.size, "white")
    return base64.b64encode(palette_png(Image.alpha_composite(paper, image).convert("RGB"), 96)).decode()
