"""Run a parameterised notebook through papermill, check it, and put it where a result is expected.

A run that fails never leaves a notebook there: it is executed in a folder of its own and moved when it is whole.
"""

import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from isoaux import settings
from isoaux.common import disk, paths
from isoaux.common.choices import choose
from isoaux.paper.catalogue import NAME

LONGEST_SOCKET = 100
"""Bytes that the path of a socket may have; systems take 103 to 107."""


class Failed(RuntimeError):
    """A notebook whose execution ended with an error."""


def sources() -> dict[str, Path]:
    """Every notebook by name; a new one is found without being registered anywhere."""
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

    Parameters are checked before a kernel starts; a folder of images is the one that this process finds by that
    path. The kernel is one of this interpreter, in the checkout, without what the reader's IPython profile adds.
    Alternative text that a picture brings with it is moved to where the book looks for it, and what differs from run
    to run (times, paths) is removed. Raises ValueError for parameters that are refused, Failed where a cell raises or
    the kernel ends; then nothing is written at ``output``.
    """
    source = choose("notebook", name, sources())
    chosen = settings.read(parameters)
    if "dataset" in parameters:
        parameters = {**parameters, "dataset": chosen.dataset}
    with tempfile.TemporaryDirectory(prefix="isoaux-") as folder:
        executed = Path(folder) / "executed.ipynb"
        _execute(source, executed, parameters, Path(folder))
        notebook = json.loads(executed.read_text("utf-8"))
    _clean(notebook)
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    return disk.write(output, lambda temporary: temporary.write_text(text, "utf-8"))


def _execute(source: Path, executed: Path, parameters: Mapping[str, Any], folder: Path) -> None:
    import papermill
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from traitlets.config import Config
    from zmq import ZMQError

    class Manager(AsyncKernelManager):
        """Kernels of this interpreter that run in the checkout, and are told so, and that nobody watches them.

        This process' own folder and variables, which papermill and others change for a while, are left alone.
        """

        @property
        def kernel_spec(self) -> KernelSpec:
            """This interpreter, whatever else is registered on this machine as python3."""
            about = get_kernel_dict()
            return KernelSpec(**{name: about[name] for name in ("argv", "display_name", "language")})

        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
            await super().start_kernel(**options | {"env": environment, "cwd": home})

    home = str(paths.home())
    environment = os.environ | paths.variables() | {"ISOAUX_BATCH": "1", "ISOAUX_HOME": home}
    reader = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")  # folders of their home
    environment |= dict.fromkeys(reader, str(folder / "jupyter")) | {"MPLBACKEND": "agg"}
    environment.pop("PYTHONSTARTUP", None)
    with _sockets(folder) as transport:
        try:
            papermill.execute_notebook(
                source,
                executed,
                parameters=dict(parameters),
                kernel_name="python3",
                progress_bar=False,
                log_output=False,
                config=Config({"KernelManager": transport | {"connection_file": str(folder / "kernel.json")}}),
                kernel_manager_class=Manager,
                store_widget_state=False,
                coalesce_streams=True,
            )
        except papermill.PapermillExecutionError as error:
            raise Failed(f"{source.name} stopped in cell {error.exec_count}: {error.ename}: {error.evalue}") from error
        except (RuntimeError, ZMQError) as error:  # the kernel did not start, or died
            raise Failed(f"{source.name} stopped: {error}.") from error


@contextmanager
def _sockets(folder: Path) -> Iterator[dict[str, str]]:
    """How to reach a kernel, as options of jupyter_client: by sockets that are files, which no other kernel can take.

    They are in ``folder`` or, where its path is too long for a socket or not ASCII, in a short folder for temporary
    files; by TCP where there is none.
    """
    with ExitStack() as stack:
        for place in (str(folder), "/tmp", "/var/tmp") if os.name == "posix" else ():
            try:
                if place != str(folder):
                    place = stack.enter_context(tempfile.TemporaryDirectory(prefix="isoaux-", dir=place))
            except OSError:
                continue
            if place.isascii() and len(place) + len("/k-5") <= LONGEST_SOCKET:
                yield {"transport": "ipc", "ip": f"{place}/k"}
                return
        yield {}


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
