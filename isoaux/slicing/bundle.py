"""The live slice's modules as one, as the explorer's: a page that is opened from disk may import nothing."""

import json
from pathlib import Path

from isoaux.common.scripts import plain

HERE = Path(__file__).parent

EXPLORER = HERE.parent / "explorer"
"""Where the modules are that the slice has from the explorer."""

SHARED = ("slices", "bases", "address", "elements", "hosting")
"""Modules of the explorer, in the order in which they need each other."""

MODULES = ("partition", "sight", "stored", "regions", "choosing", "plot", "cutting")
"""Those of the slice, behind them."""


def joined() -> str:
    """All modules in one scope, without their imports, exports and lines of comment."""
    paths = [*(EXPLORER / f"{name}.mjs" for name in SHARED), *(HERE / f"{name}.mjs" for name in MODULES)]
    return "\n".join(plain(path.read_text("utf-8")) for path in paths)


def for_widget() -> str:
    """One module for JupyterLab, as anywidget expects it."""
    return joined() + (HERE / "widget.mjs").read_text("utf-8")


def for_page(content: str) -> str:
    """A classic script that brings every live slice of a page to life; ``content`` is the text of ``slicing.json``."""
    host = plain((HERE / "page.mjs").read_text("utf-8"))
    return f"(function isoauxSlice(LIST) {{\n{joined()}\n{host}}})({json.dumps(json.loads(content))});\n"
