"""The script of panels by width: a page that is opened from disk may import nothing."""

from pathlib import Path

from isoaux.common.scripts import plain

HERE = Path(__file__).parent

ELEMENTS = HERE.parent / "explorer" / "elements.mjs"
"""The module of the explorer that makes elements."""


def for_page() -> str:
    """A classic script that gives every row of panels of a page its slider."""
    modules = "\n".join(plain(path.read_text("utf-8")) for path in (ELEMENTS, HERE / "view.mjs", HERE / "page.mjs"))
    return f"(function isoauxWidths() {{\n{modules}}})();\n"
