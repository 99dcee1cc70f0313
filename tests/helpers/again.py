"""Pages run again, all in one process, without a kernel: what each of their cells shows.

``python again.py OUT NAME...`` runs notebooks of the checkout and writes JSON: by page and cell a list of outputs, each
with its ``data`` by kind, a picture in base 64, and its ``metadata``.
"""

import base64
import json
import sys
from pathlib import Path
from typing import Any

from IPython.core.display_trap import DisplayTrap
from IPython.core.displayhook import CapturingDisplayHook
from IPython.core.interactiveshell import InteractiveShell

from isoaux.common import paths


def page(path: Path) -> dict[str, list[dict[str, Any]]]:
    """What the cells of a notebook show, by their ids; raises what a cell raises."""
    shell, shown = InteractiveShell.instance(), {}
    shell.reset(aggressive=False)
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            outputs: list[dict[str, Any]] = []
            shell.display_trap = DisplayTrap(hook=CapturingDisplayHook(shell, outputs))
            shell.run_cell("".join(cell["source"]), store_history=False).raise_error()
            shown[cell["id"]] = [{"data": text(each["data"]), "metadata": each["metadata"]} for each in outputs]
    return shown


def text(data: dict[str, Any]) -> dict[str, str]:
    """The same with bytes in base 64."""
    return {kind: value if isinstance(value, str) else base64.b64encode(value).decode() for kind, value in data.items()}


if __name__ == "__main__":
    out, *names = sys.argv[1:]
    shown = {name: page(paths.notebooks() / f"{name}.ipynb") for name in names}
    Path(out).write_text(json.dumps(shown), "utf-8")
