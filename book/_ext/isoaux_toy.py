"""The toy model of superposition in the book: its directive, and its script and style among the static files.

toy    a toy model that is trained in the page; its content is shown where no script runs, and before it starts
"""

import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

from docutils import nodes
from isoaux_book import BookDirective
from sphinx.application import Sphinx

from isoaux.toy import bundle


class Toy(BookDirective):
    """A toy model; its content is what is shown where no script runs, and before it starts."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        still = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, still)
        start = nodes.raw("", '<div class="isoaux-toy">', format="html")
        return [start, *still.children, nodes.raw("", "</div>", format="html")]


def toy_files(app: Sphinx) -> None:
    """Put the script and the style among the static files.

    After Jupyter Book has looked for scripts: it would load every one that it finds in every page.
    """
    made = toy_static(app)
    shutil.rmtree(made, ignore_errors=True)
    (made / "toy").mkdir(parents=True)
    (made / "toy" / "toy.mjs").write_text(bundle.for_page(), "utf8")
    (made / "toy" / "toy.css").write_bytes((files("isoaux.toy") / "toy.css").read_bytes())
    app.config.html_static_path.append(str(made))


def toy_static(app: Sphinx) -> Path:
    """Where the static files are made."""
    return Path(app.doctreedir).parent / "toy_static"


def toy_page(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Only a page with a toy model loads its script and style."""
    if 'class="isoaux-toy"' in (context.get("body") or ""):
        app.add_js_file("toy/toy.mjs", loading_method="defer")
        app.add_css_file("toy/toy.css")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and what its pages need."""
    app.add_directive("toy", Toy)
    app.connect("builder-inited", toy_files)
    app.connect("html-page-context", toy_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
