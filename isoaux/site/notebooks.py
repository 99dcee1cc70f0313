"""Which notebooks there are, and which figures they hold."""

import base64
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from isoaux.common import paths
from isoaux.common.choices import choose
from isoaux.paper.catalogue import NAME


def sources() -> dict[str, Path]:
    """The parameterised notebooks by name, found by a scan of their folder."""
    return {path.stem: path for path in sorted(paths.notebooks().glob("*.ipynb"))}


def figures_of(path: Path) -> list[str]:
    """The names of the figures that a notebook holds: those that its code names, in its order."""
    code = "\n".join("".join(cell["source"]) for cell in _cells(path) if cell["cell_type"] == "code")
    return list(dict.fromkeys(re.findall(rf"""["']({NAME})["']""", code)))


def drawn(path: Path) -> dict[str, dict[str, str]]:
    """The figures that a notebook draws, by the names of their cells: ``alt`` and ``finding`` of each.

    These two sentences, the alternative text and what was measured, are there once the notebook was executed; a figure
    that is not published has no ``finding``. Besides ``fig01`` a page may draw ``fig01-training``, say.
    """
    figures = {}
    for cell in _cells(path):
        about = cell["metadata"].get("mystnb", {})
        if "figure" in about:
            figures[about["figure"]["name"]] = about.get("image", {}) | cell["metadata"].get("isoaux", {})
    return figures


def pictures(path: Path) -> dict[str, bytes]:
    """The figures that an executed notebook shows, as PNG files, by the names of their cells."""
    shown = {}
    for cell in _cells(path):
        about = cell["metadata"].get("mystnb", {})
        for output in cell.get("outputs", []) if "figure" in about else []:
            if png := output.get("data", {}).get("image/png"):
                shown[about["figure"]["name"]] = base64.b64decode("".join(png))
    return shown


def _cells(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text("utf-8")).get("cells", []))


def holding() -> dict[str, str]:
    """The name of the notebook that holds a figure, by the name of the figure, of all figures that have one."""
    return dict(sorted((figure, name) for name, path in sources().items() for figure in figures_of(path)))


def pages(names: Iterable[str]) -> dict[str, list[str]]:
    """The notebooks of these names, or that hold figures of these names, each with the names of all of its figures.

    A notebook may hold no figure. Raises ValueError for a name that is neither of a notebook nor of a figure in one.
    """
    holders = {name: name for name in sources()} | holding()
    chosen = dict.fromkeys(choose("figure", name, holders) for name in names)
    return {name: figures_of(sources()[name]) for name in chosen}
