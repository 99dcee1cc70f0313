"""Which notebooks there are, which figures they hold, and how one is run."""

import json
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from isoaux import settings
from isoaux.common import disk, paths
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


def run(name: str, parameters: Mapping[str, Any], output: Path) -> Path:
    """Execute a notebook with these parameters and write it to ``output``, which is returned.

    Parameters are checked before a kernel starts; a relative path in ``dataset`` starts where this process is. The
    kernel is one of this interpreter, in the checkout, without what the reader's IPython profile adds. Alternative text
    that a picture brings with it is moved to where the book looks for it, and what differs from run to run (times,
    paths) is removed.

    Raises ValueError for an unknown name and for parameters that are refused, :class:`isoaux.site.kernels.Failed` where
    a cell raises or the kernel ends; then ``output`` is as it was before.
    """
    from isoaux.site import kernels  # has Jupyter, which only running a notebook needs

    source = choose("notebook", name, sources())
    chosen = settings.read(parameters)
    if "dataset" in parameters:
        parameters = {**parameters, "dataset": chosen.dataset}
    with tempfile.TemporaryDirectory(prefix="isoaux-") as folder:
        executed = Path(folder) / "executed.ipynb"
        kernels.execute(source, executed, parameters, Path(folder))
        notebook = json.loads(executed.read_text("utf-8"))
    _clean(notebook)
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    return disk.write(output, lambda temporary: temporary.write_text(text, "utf-8"))


def _clean(notebook: dict[str, Any]) -> None:
    """Remove times, paths and warnings, and move a picture's sentences into the metadata of its cell.

    A cell whose figure is not published prints a sentence: its metadata then names no figure, and it has no caption.
    """
    notebook["metadata"].pop("papermill", None)
    notebook["metadata"].get("language_info", {}).pop("version", None)
    for cell in notebook["cells"]:
        for name in ("papermill", "execution"):
            cell["metadata"].pop(name, None)
        for out in cell.get("outputs", []):
            sentences = out.get("metadata", {}).pop("image/png", {})
            if alt := sentences.get("alt"):
                cell["metadata"].setdefault("mystnb", {}).setdefault("image", {})["alt"] = alt
            if finding := sentences.get("finding"):
                cell["metadata"]["isoaux"] = {"finding": finding}
        if cell["metadata"].get("mystnb", {}).keys() == {"figure"}:
            del cell["metadata"]["mystnb"]
        if cell["cell_type"] == "code":
            cell["outputs"] = [out for out in cell["outputs"] if out.get("name") != "stderr"]
