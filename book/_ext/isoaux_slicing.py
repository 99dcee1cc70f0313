"""The live slice in the book: its directive, and its script, style and files among the static files.

slice figNN    a plane through three test images of a network, cut into its polytopes in the page; with content, what is
               shown where no script runs, and before it starts
"""

import shutil
from typing import Any, ClassVar

from docutils import nodes
from isoaux_explorer import Explorer
from isoaux_live import Static, published
from sphinx.application import Sphinx

from isoaux.slicing import bundle

LIST = "slicing/slicing.json"

STATIC = Static("slicing", ("slice",))


class Slice(Explorer):
    """A live slice; its content, or else the small picture of its figure, is shown where no script runs."""

    required_arguments = 1
    optional_arguments = 0
    option_spec: ClassVar = {}

    def run(self) -> list[nodes.Node]:
        return self.element("slice", instead=lambda: self.still(self.arguments[0]))


def slice_files(app: Sphinx) -> None:
    """Put the slice's script, style and files among the static files, if there are any."""
    folder, data = STATIC.cleared(app), published(app, LIST)
    if data is None:
        return
    shutil.copytree(data / "slicing", folder, ignore=shutil.ignore_patterns("*.json", "*.png"))
    STATIC.write(app, bundle.for_page((data / LIST).read_text("utf8")))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and what its pages need."""
    app.add_directive("slice", Slice)
    app.connect("builder-inited", slice_files)
    app.connect("html-page-context", STATIC.load)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
