"""The film over thresholds in the book: its directive, and its script, style and data among the static files.

film    one network's panel at any threshold; its content is shown where no script runs, and before it starts
"""

import json
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from isoaux_explorer import LIST
from isoaux_live import LiveDirective, Static, published
from sphinx.application import Sphinx

from isoaux.film import bundle, source

STATIC = Static("film", ("film",))


class Film(LiveDirective):
    """A film; its content is what is shown where no script runs, and before it starts."""

    def run(self) -> list[nodes.Node]:
        form, _ = shown(self.env.app)
        return self.element("film", {"data-film": json.dumps(form)} if form else None)


def shown(app: Sphinx) -> tuple[dict[str, Any] | None, Path]:
    """What a page has to know of the film's network, None where it is not published, and the folder with its file."""
    data = published(app, LIST)
    if data is None:
        return None, Path()
    return source.form(json.loads((data / LIST).read_text("utf8"))), data / "explorer"


def film_files(app: Sphinx) -> None:
    """Put the script, the style and the representations among the static files, if there are any."""
    folder = STATIC.cleared(app)
    form, data = shown(app)
    if form is None:
        return
    folder.mkdir(parents=True)
    shutil.copy(data / f"{form['file']}.mjs", folder)
    STATIC.write(app, bundle.for_page())


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and what its pages need."""
    app.add_directive("film", Film)
    app.connect("builder-inited", film_files)
    app.connect("html-page-context", STATIC.load)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
