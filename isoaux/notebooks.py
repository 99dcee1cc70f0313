"""Run a parameterised notebook through papermill, check it, and put it where a result is expected.

A run that fails never leaves a notebook there: it is executed in a folder of its own and moved when it is whole.
"""

import json
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from isoaux import cache, paths, settings
from isoaux.choices import choose


class Failed(RuntimeError):
    """A notebook whose execution ended with an error."""


def sources() -> dict[str, Path]:
    """Every notebook by name; a new one is found without being registered anywhere."""
    return {path.stem: path for path in sorted(paths.notebooks().glob("*.ipynb"))}


def figures_of(path: Path) -> list[str]:
    """The figures that a notebook holds: those that its code names, in its order."""
    cells = json.loads(path.read_text("utf-8")).get("cells", [])
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return list(dict.fromkeys(re.findall(r"""["'](fig(?:\d\d|X\d))["']""", code)))


def holding() -> dict[str, str]:
    """The notebook of every figure that has one, by the figure's name; no register beside the notebooks."""
    return dict(sorted((figure, name) for name, path in sources().items() for figure in figures_of(path)))


def pages(wanted: Iterable[str]) -> dict[str, list[str]]:
    """The notebooks of this name, or that hold a figure of this name, each with all of its figures.

    A notebook may have no figure with data of its own. Raises ValueError for a name that is neither.
    """
    holders = {name: name for name in sources()} | holding()
    names = dict.fromkeys(choose("figure", name, holders) for name in wanted)
    return {name: figures_of(sources()[name]) for name in names}


def run(name: str, parameters: Mapping[str, Any], output: Path) -> Path:
    """Execute a notebook with these parameters and write it to ``output``.

    Parameters are checked before a kernel starts. Alternative text that a picture brings with it is moved to
    where the book looks for it, and what differs from run to run (times, paths) is removed. Raises ValueError
    for parameters that are refused, Failed where a cell raises; then nothing is written at ``output``.
    """
    source = choose("notebook", name, sources())
    settings.read(parameters)
    with tempfile.TemporaryDirectory(prefix="isoaux-") as folder:
        executed = Path(folder) / "executed.ipynb"
        _execute(source, executed, parameters, Path(folder))
        notebook = json.loads(executed.read_text("utf-8"))
    _clean(notebook)
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    return cache.write(output, lambda temporary: temporary.write_text(text, "utf-8"))


def _execute(source: Path, executed: Path, parameters: Mapping[str, Any], folder: Path) -> None:
    import papermill
    from jupyter_client.manager import AsyncKernelManager
    from traitlets.config import Config

    class Manager(AsyncKernelManager):
        """Kernels that run in the checkout, and are told so, and that nobody watches them.

        This process' own folder and variables, which papermill and others change for a while, are left alone.
        """

        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
            told = {"ISOAUX_BATCH": "1", "ISOAUX_HOME": home}
            await super().start_kernel(**options | {"env": os.environ | told, "cwd": home})

    home = str(paths.home())
    transport = {"transport": "ipc", "ip": str(folder / "k")} if os.name == "posix" else {}
    try:
        papermill.execute_notebook(
            source,
            executed,
            parameters=dict(parameters),
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            config=Config({"KernelManager": transport}),
            kernel_manager_class=Manager,
            store_widget_state=False,
            coalesce_streams=True,
        )
    except papermill.PapermillExecutionError as error:
        raise Failed(f"{source.name} stopped in cell {error.exec_count}: {error.ename}: {error.evalue}") from error


def _clean(notebook: dict[str, Any]) -> None:
    """Keep what a reader sees; drop times and paths, and move a picture's sentences into its cell's metadata.

    A cell that was to draw a figure and says that it is not published yet is no figure: it has no caption.
    """
    notebook["metadata"].pop("papermill", None)
    notebook["metadata"].get("language_info", {}).pop("version", None)
    for cell in notebook["cells"]:
        for name in ("papermill", "execution"):
            cell["metadata"].pop(name, None)
        for out in cell.get("outputs", []):
            said = out.get("metadata", {}).pop("image/png", {})
            if alt := said.get("alt"):
                cell["metadata"].setdefault("mystnb", {}).setdefault("image", {})["alt"] = alt
            if finding := said.get("finding"):
                cell["metadata"]["isoaux"] = {"finding": finding}
        if cell["metadata"].get("mystnb", {}).keys() == {"figure"}:
            del cell["metadata"]["mystnb"]
        if cell["cell_type"] == "code":
            cell["outputs"] = [out for out in cell["outputs"] if out.get("name") != "stderr"]
