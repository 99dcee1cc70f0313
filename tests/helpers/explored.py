"""Views of published networks, and what NumPy finds of them: what a page that draws them is held against."""

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import bare
import numpy as np
from roots import ROOT

from isoaux import bases, ppp
from isoaux.explorer import bundle, files, packing, random_basis, turned

FOLDER = ROOT / "book" / "data" / "explorer"
CELLS, SEED = 200, 7
SHOWN = ".isoaux-explorer canvas.picture[data-count]"
"""The picture, once it is drawn."""

DRAWN = """(() => {
  const { found, cloud, window } = document.querySelector(".isoaux-explorer").networks[0];
  return { count: found.count, c4: found.c4, histogram: [...found.histogram], samples: cloud.count, window };
})()"""
"""What a page has drawn, as an expression in it."""


class View(NamedTuple):
    """A network's first layer at the last epoch, and how it is looked at; ``single``: in its fullest plane alone."""

    network: str
    epsilon: float
    basis: str
    variant: str
    single: bool

    @property
    def fragment(self) -> str:
        """The end of the address that opens it, alone."""
        chosen = {"network": f"{self.network} k0", "beside": "", "epsilon": self.epsilon, "variant": self.variant}
        chosen |= {"turn": "0,3,20"} if self.basis == "turned" else {"basis": self.basis}
        return urlencode(chosen | {"seed": SEED, "plane": expected(self).plane})


VIEWS = [
    View(network, *settings)
    for network in ("cifar-U-tanh-n18-L0", "cifar-N-isotanh-n24-L0", "cifar-N-bnlrelu_elem-n18-L2")
    for settings in (
        (0.3, "standard", "permutation", False),
        (0.5, "random", "combination", False),
        (0.5, "simplex", "permutation", True),
        (0.75, "standard", "combination", True),
        (0.75, "turned", "combination", False),
        (0.9, "standard", "combination", False),
    )
]


@dataclass(frozen=True)
class Expected:
    """What NumPy finds: the network's samples, the picture's half-width, points (k, 2) and their plane if it is one."""

    samples: int
    window: float
    points: np.ndarray
    plane: str

    @property
    def histogram(self) -> np.ndarray:
        """How many points lie in each cell of the picture, row 0 at the bottom."""
        cells = np.floor((self.points + self.window) * (CELLS / (2 * self.window))).astype(int)
        cells = cells[((cells >= 0) & (cells < CELLS)).all(1)]
        return np.bincount(cells[:, 1] * CELLS + cells[:, 0], minlength=CELLS**2)


def write_page(folder: Path, networks: list[dict[str, Any]], settings: dict[str, Any]) -> str:
    """The address, from disk, of a page with an explorer of the networks whose files are in ``folder``, and no more."""
    content = {"format_version": 1, "steps": packing.STEPS, "networks": networks}
    script, style = bundle.for_page(json.dumps(content)), (bundle.HERE / "explorer.css").read_text("utf-8")
    return bare.page(folder, "explorer", script, style, "", json.dumps({"settings": settings}))


@functools.cache
def expected(view: View) -> Expected:
    """The same whole numbers as the page's, projected."""
    entry = next(one for one in files.read_list(FOLDER)["networks"] if one["network"] == view.network)
    n = entry["width"]
    values = files.read(FOLDER, entry["epochs"][-1]["parts"], n).astype(float)
    own = {"random": lambda: random_basis(n, SEED), "simplex": lambda: bases.simplex(n)}
    rows = own.get(view.basis, lambda: bases.standard(n))()
    rows = turned(rows, 0, 3, np.radians(20)) if view.basis == "turned" else rows
    found = ppp.project(values, rows, view.epsilon, view.variant)
    window = float(np.sqrt(np.sort((values**2).sum(1))[int(0.99 * (len(values) - 1))]))
    if not view.single:
        return Expected(len(values), window, found.points, "")
    fullest = found.counts.argmax()
    plane = ",".join(map(str, found.planes[fullest]))
    return Expected(len(values), window, found.points[found.plane == fullest], plane)


def check(view: View, drawn: dict[str, Any]) -> None:
    """A page drew the same points in the same cells; sums over neurons may round otherwise than NumPy's."""
    numpy = expected(view)
    points = len(numpy.points)
    slack = 0 if view.basis == "standard" else max(2, 2e-5 * points)
    assert (drawn["samples"], drawn["window"]) == (numpy.samples, numpy.window), view
    assert abs(drawn["count"] - points) <= slack, (view, drawn["count"], points)
    assert sum(drawn["histogram"]) >= 0.9 * points, view
    moved = np.abs(np.array(drawn["histogram"]) - numpy.histogram).sum() / 2
    assert moved <= slack, (view, moved)
    c4 = np.cos(4 * np.arctan2(*numpy.points.T)).mean() if points else 0
    assert abs(drawn["c4"] - c4) < 1e-4, view
