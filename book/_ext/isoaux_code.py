"""Code that prepares a page: cells of imports, which the page's switch of code shows and hides with all other code.

The switch itself is ``_static/code.js``; without scripts, code is folded cell by cell.
"""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def mark(app: Sphinx, doctree: nodes.document) -> None:
    """Mark the open cells of a notebook that begin with an import."""
    for cell in doctree.findall(nodes.container):
        if "cell" not in cell["classes"] or "tag_hide-input" in cell["classes"]:
            continue
        code = next(cell.findall(nodes.literal_block), None)
        if code is not None and re.match(r"(from|import) ", code.astext()):
            cell["classes"].append("imports")


def setup(app: Sphinx) -> dict[str, Any]:
    """Mark cells when a page has been read."""
    app.connect("doctree-read", mark)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
