"""The live slice in JupyterLab: the page's widget, its settings as traits that Python reads, sets and observes."""

import math
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from isoaux.common import arrays, paths
from isoaux.common.choices import choose, shown
from isoaux.slicing import bundle, files

ENDS = ("AB", "AC", "BC", "none")
"""Segments between the three images, and none."""

LARGEST = 100
"""Half-widths of the square from its middle within which a view or an end of a segment lies."""

ZOOMS = (1 / 8, 1e5)
"""How far a view may be zoomed out and in, as ``sight.mjs`` has it."""


class Slice(anywidget.AnyWidget):
    """Cut the plane through three test images of a published network into its polytopes, in JupyterLab.

    Traits: ``network``, a configuration such as ``poly-mnist-relu-w64-d3``; ``epoch``, of those that are published the
    nearest is shown; ``space``, 0 for images and 1 or 2 for activations of a layer; ``images``, three different
    indices of test images of the list; ``view`` (x, y, zoom), in half-widths of the whole square; ``segment``, ``AB``,
    ``AC``, ``BC``, ``none`` or its two ends "x,y,x,y". Read only: ``faces`` and ``crossed``, how many faces are in view
    and how many boundaries the segment crosses.

    Raises ValueError for settings that cannot be, FileNotFoundError where the files of the slice are missing.
    """

    _esm = traitlets.Unicode(bundle.for_widget()).tag(sync=True)
    _css = traitlets.Unicode((Path(__file__).parent / "slicing.css").read_text("utf-8")).tag(sync=True)
    _list = traitlets.Dict().tag(sync=True)
    network = traitlets.Unicode("").tag(sync=True)
    epoch = traitlets.Int(0).tag(sync=True)
    space = traitlets.Int(0).tag(sync=True)
    images: traitlets.List[int] = traitlets.List([]).tag(sync=True)
    view: traitlets.List[float] = traitlets.List([0.0, 0.0, 1.0]).tag(sync=True)
    segment = traitlets.Unicode("AB").tag(sync=True)
    faces = traitlets.Int(0, read_only=True).tag(sync=True)
    crossed = traitlets.Int(0, read_only=True).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        listed = files.read_list(_folder())
        begun = dict(listed["shown"])
        last = {each["network"]: each["epochs"][-1]["epoch"] for each in listed["networks"]}
        begun["epoch"] = last.get(traits.get("network", begun["network"]), 0)
        for name in traits:
            choose("setting", name, dict.fromkeys(["network", "epoch", "space", "images", "view", "segment"]))
        super().__init__(_list=listed, **begun | traits)
        self.on_msg(self._answer)

    def __repr__(self) -> str:
        return f"Slice(network={self.network!r}, epoch={self.epoch}, space={self.space}, images={self.images})"

    @traitlets.validate("network")
    def _network(self, proposal: Any) -> str:
        names = [each["network"] for each in self._list["networks"]]
        choose("network", proposal["value"], dict.fromkeys(names))
        return str(proposal["value"])

    @traitlets.validate("epoch")
    def _epoch(self, proposal: Any) -> int:
        return arrays.whole(proposal["value"], "epoch", least=0)

    @traitlets.validate("space")
    def _space(self, proposal: Any) -> int:
        return arrays.whole(proposal["value"], "space", least=0, most=2)

    @traitlets.validate("images")
    def _images(self, proposal: Any) -> list[int]:
        value = proposal["value"]
        indices = [image["index"] for image in self._list["images"]]
        if len(value) != 3 or len(set(value)) != 3 or not set(value) <= set(indices):
            accepted = ", ".join(map(str, sorted(indices)))
            raise ValueError(f"images is {shown(value)}; accepted: three different ones of {accepted}.")
        return [int(index) for index in value]

    @traitlets.validate("view")
    def _view(self, proposal: Any) -> list[float]:
        value = proposal["value"]
        numbers = _numbers(value)
        if len(numbers) != 3 or math.hypot(numbers[0], numbers[1]) > LARGEST or not ZOOMS[0] <= numbers[2] <= ZOOMS[1]:
            raise ValueError(
                f"view is {shown(value)}; accepted: [x, y, zoom], at most {LARGEST} half-widths from the middle and a "
                f"zoom from {ZOOMS[0]} to {ZOOMS[1]:g}."
            )
        return numbers

    @traitlets.validate("segment")
    def _segment(self, proposal: Any) -> str:
        value = proposal["value"]
        numbers = _numbers(value.split(","))
        if value not in ENDS and (len(numbers) != 4 or max(map(abs, numbers)) > LARGEST):
            raise ValueError(
                f'segment is {shown(value)}; accepted: {", ".join(ENDS)}, or "x,y,x,y" up to {LARGEST} half-widths.'
            )
        return str(value)

    def _answer(self, widget: Any, question: dict[str, Any], buffers: Any) -> None:
        answer: dict[str, Any] = {"answer": question["question"]}
        try:
            answer["text"] = files.read(_folder(), question["name"]).text
        except (OSError, ValueError) as error:
            answer["error"] = str(error)
        self.send(answer)


def _numbers(values: Any) -> list[float]:
    """Finite numbers out of numbers or text, and none at all where one is neither."""
    try:
        numbers = [float(value) for value in values]
    except (TypeError, ValueError):
        return []
    return numbers if all(map(math.isfinite, numbers)) else []


def _folder() -> Path:
    return paths.data() / "slicing"
