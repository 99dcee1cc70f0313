"""The explorer's modules as one: a page that is opened from disk, and a widget in JupyterLab, may import nothing."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from isoaux.common.scripts import plain

HERE = Path(__file__).parent

MODULES = (
    "slices",
    "bases",
    "named",
    "types",
    "npy",
    "archives",
    "tables",
    "reading",
    "quartimax",
    "serving",
    "cloud",
    "projection",
    "spotlight",
    "picture",
    "numbers",
    "address",
    "settings",
    "panel",
    "elements",
    "hosting",
    "frame",
    "handle",
    "beam",
    "curve",
    "asking",
    "sharing",
    "triangle",
    "card",
    "controls",
    "view",
    "picks",
    "lineup",
)
"""In the order in which they need each other."""


def joined() -> str:
    """All modules in one scope, without their imports, exports and lines of comment."""
    return "\n".join(plain((HERE / f"{name}.mjs").read_text("utf-8")) for name in MODULES)


def for_widget() -> str:
    """One module for JupyterLab, as anywidget expects it."""
    return joined() + (HERE / "widget.mjs").read_text("utf-8")


def for_page(content: str, examples: Sequence[Mapping[str, str]] = ()) -> str:
    """A classic script that brings every explorer of a page to life, and is the worker's script too.

    ``content`` is the text of ``explorer.json``; ``examples`` are files to try, each with its name ``file`` and the
    ``words`` for it. A page that is opened from disk may start no worker but from its own text: the script is one
    function, whose text the page hands to a worker, where it serves the page.
    """
    host = (HERE / "host.mjs").read_text("utf-8")
    listed = f"{json.dumps(json.loads(content))}, {json.dumps(list(examples))}"
    worker = 'if (typeof document === "undefined") return serve(globalThis);'
    return f"(function isoaux(LIST, EXAMPLES) {{\n{joined()}\n{worker}\n{plain(host)}}})({listed});\n"
