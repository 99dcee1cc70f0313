"""The toy model of superposition in the book: its directive, and its script and style among the static files.

toy    a toy model that is trained in the page; its content is shown where no script runs, and before it starts
"""

from typing import Any

from docutils import nodes
from isoaux_live import LiveDirective, Static
from sphinx.application import Sphinx

from isoaux.toy import bundle

STATIC = Static("toy", ("toy",))


class Toy(LiveDirective):
    """A toy model; its content is what is shown where no script runs, and before it starts."""

    def run(self) -> list[nodes.Node]:
        return self.element("toy")


def toy_files(app: Sphinx) -> None:
    """Put the script and the style among the static files."""
    STATIC.cleared(app)
    STATIC.write(app, bundle.for_page())


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and what its pages need."""
    app.add_directive("toy", Toy)
    app.connect("builder-inited", toy_files)
    app.connect("html-page-context", STATIC.load)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
