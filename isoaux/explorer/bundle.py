"""The explorer's modules as one: a page that is opened from disk, and a widget in JupyterLab, may import nothing."""

import json
import re
from pathlib import Path

HERE = Path(__file__).parent

MODULES = (
    "slices",
    "bases",
    "cloud",
    "projection",
    "spotlight",
    "picture",
    "numbers",
    "reading",
    "settings",
    "address",
    "panel",
    "elements",
    "sharing",
    "triangle",
    "card",
    "controls",
    "view",
    "lineup",
)
"""In the order in which they need each other."""


def joined() -> str:
    """All modules in one scope, without their imports and exports."""
    return "\n".join(_plain((HERE / f"{name}.mjs").read_text("utf-8")) for name in MODULES)


def _plain(source: str) -> str:
    without_imports = re.sub(r"^import [^;]*;\n", "", source, flags=re.M)
    return re.sub(r"^export ", "", without_imports, flags=re.M)


def for_widget() -> str:
    """One module for JupyterLab, as anywidget expects it."""
    return joined() + (HERE / "widget.mjs").read_text("utf-8")


def for_page(content: str) -> str:
    """A classic script that brings every explorer of a page to life; ``content`` is the text of ``explorer.json``."""
    host = (HERE / "host.mjs").read_text("utf-8")
    return f"(() => {{\nconst LIST = {json.dumps(json.loads(content))};\n{joined()}\n{_plain(host)}}})();\n"
