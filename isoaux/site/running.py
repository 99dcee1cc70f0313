"""How a notebook is run: executed by papermill, and cleaned of what differs from run to run."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isoaux import settings
from isoaux.common import disk
from isoaux.common.choices import choose
from isoaux.site import kernels, notebooks


def run(name: str, parameters: Mapping[str, Any], output: Path) -> Path:
    """Execute a notebook with these parameters and write it to ``output``, which is returned.

    Parameters are checked before a kernel starts; a relative path in ``dataset`` starts where this process is. The
    kernel is one of this interpreter, in the checkout, without what the reader's IPython profile adds. Alternative text
    that a picture brings with it is moved to where the book looks for it, and what differs from run to run (times,
    paths) is removed.

    Raises ValueError for an unknown name and for parameters that are refused, :class:`isoaux.site.kernels.Failed` where
    a cell raises or the kernel ends; then ``output`` is as it was before.
    """
    source = choose("notebook", name, notebooks.sources())
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
    """Remove times, paths and warnings, and move what a picture says of itself into the metadata of its cell.

    A cell whose figure is not published prints a sentence: its metadata then names no figure, and it has no caption.
    """
    notebook["metadata"].pop("papermill", None)
    notebook["metadata"].get("language_info", {}).pop("version", None)
    for cell in notebook["cells"]:
        for name in ("papermill", "execution"):
            cell["metadata"].pop(name, None)
        for out in cell.get("outputs", []):
            picture = out.get("metadata", {}).pop("image/png", {})
            if alt := picture.get("alt"):
                cell["metadata"].setdefault("mystnb", {}).setdefault("image", {})["alt"] = alt
            if about := {name: picture[name] for name in ("finding", "panels") if name in picture}:
                cell["metadata"]["isoaux"] = about
        shown = cell["metadata"].get("mystnb", {})
        if "figure" in shown and "image" not in shown:
            del cell["metadata"]["mystnb"]
        if cell["cell_type"] == "code":
            cell["outputs"] = [out for out in cell["outputs"] if out.get("name") != "stderr"]
