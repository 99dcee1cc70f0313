"""The live slice in the book: its directive, and its script, style and files among the static files.

slice figNN    a plane through three test images of a network, cut into its polytopes in the page; with content, what is
               shown where no script runs, and before it starts
"""

import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from isoaux_explorer import Explorer
from sphinx.application import Sphinx

from isoaux.common import paths
from isoaux.slicing import bundle

LIST = "slicing.json"


class Slice(Explorer):
    """A live slice; its content, or else the small picture of its figure, is shown where no script runs."""

    required_arguments = 1
    optional_arguments = 0
    option_spec: ClassVar = {}

    def run(self) -> list[nodes.Node]:
        still = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, still)
        shown = still.children or self.still(self.arguments[0])
        start = nodes.raw("", '<div class="isoaux-slice">', format="html")
        return [start, *shown, nodes.raw("", "</div>", format="html")]


def slice_files(app: Sphinx) -> None:
    """Put the slice's script, style and files among the static files, if there are any.

    After Jupyter Book has looked for scripts: it would load every one that it finds in every page.
    """
    own, made = Path(app.srcdir) / "book" / "data", slice_static(app)
    data = own if (own / "slicing" / LIST).is_file() else paths.data()  # a staged copy has none of its own
    shutil.rmtree(made, ignore_errors=True)
    if not (data / "slicing" / LIST).is_file():
        return
    shutil.copytree(data / "slicing", made / "slicing", ignore=shutil.ignore_patterns("*.json", "*.png"))
    page = bundle.for_page((data / "slicing" / LIST).read_text("utf8"))
    (made / "slicing" / "slicing.mjs").write_text(page, "utf8")
    (made / "slicing" / "slicing.css").write_bytes((files("isoaux.slicing") / "slicing.css").read_bytes())
    app.config.html_static_path.append(str(made))


def slice_static(app: Sphinx) -> Path:
    """Where the slice's static files are made."""
    return Path(app.doctreedir).parent / "slice_static"


def slice_page(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Only a page with a live slice loads its script and style."""
    if 'class="isoaux-slice"' in (context.get("body") or "") and slice_static(app).is_dir():
        app.add_js_file("slicing/slicing.mjs", loading_method="defer")
        app.add_css_file("slicing/slicing.css")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and what its pages need."""
    app.add_directive("slice", Slice)
    app.connect("builder-inited", slice_files)
    app.connect("html-page-context", slice_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
