"""The explorer in the book: its directive, and its script, style and representations among the static files.

    explorer figNN ...  an explorer of representations, opened on the networks of these figures; with content, what is
                        shown where no script runs
    lineup figNN ...    twenty pictures of a network of these figures, one of them in the neuron basis; with content,
                        what is shown where no script runs

Imports nothing of isoaux: what it needs from there runs by itself.
"""

import html
import json
import runpy
import shutil
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from isoaux_book import BookDirective, about_figure, package_folder
from sphinx.application import Sphinx


class Explorer(BookDirective):
    """An explorer; its content is what is shown where no script runs, and before it starts.

    Its arguments are figures: it opens on their networks and layers, offers them before all others, and loads nothing
    before it comes into view or its reader starts it. ``:network:`` and ``:beside:`` name others to open on;
    ``:small:`` makes one of few controls that links to the chapter. Without content, the small picture of the first
    figure is shown.
    """

    optional_arguments = 9
    has_content = True
    option_spec: ClassVar = {"network": directives.unchanged, "beside": directives.unchanged, "small": directives.flag}

    def run(self) -> list[nodes.Node]:
        named = {name: self.options[name] for name in ("network", "beside") if name in self.options}
        form: dict[str, Any] = {"settings": named}
        if own := list(dict.fromkeys(key for name in self.arguments for key in self.keys(name))):
            network, beside = [*own, ""][:2]
            form |= {"own": own, "waits": True, "settings": {"network": network, "beside": beside} | named}
        if "small" in self.options:
            form |= {"small": True, "more": self.env.app.builder.get_relative_uri(self.env.docname, "book/play")}
        start = f'<div class="isoaux-explorer" data-explorer="{html.escape(json.dumps(form))}">'
        still = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, still)
        shown = still.children or self.still(self.arguments[0])
        return [nodes.raw("", start, format="html"), *shown, nodes.raw("", "</div>", format="html")]

    def keys(self, name: str) -> list[str]:
        """What the explorer calls the layers that a figure shows."""
        figure = self.figure(name)
        if figure is None:
            raise self.error(f"the explorer knows no figure {name!r}")
        return [f"{network} k{figure['k']}" for network in figure["networks"]]

    def still(self, name: str) -> list[nodes.Node]:
        """The last panels of a figure, in small."""
        path, page = f"book/images/{name}-last.png", f"{self.holders().get(name, name)}.ipynb"
        self.env.note_dependency(str(self.root / path))
        if not (self.root / path).is_file():
            return [self.paragraph("*The explorer needs a browser that runs the page's scripts.*", classes=["still"])]
        finding = about_figure(self.root / "book" / "notebooks" / page, name).get("isoaux", {}).get("finding", "")
        alt = f"The last panels of Figure {name.removeprefix('fig').lstrip('0')} in small. {finding}".strip()
        words = "*A still picture; a browser that runs the page's scripts explores these networks here.*"
        picture = nodes.paragraph("", "", nodes.image(uri=f"/{path}", alt=alt), classes=["still"])
        return [picture, self.paragraph(words, classes=["still"])]


class LineUp(Explorer):
    """A line-up of the networks of its figures; its content is what is shown where no script runs."""

    required_arguments = 1
    optional_arguments = 8
    option_spec: ClassVar = {}

    def run(self) -> list[nodes.Node]:
        own = list(dict.fromkeys(key for name in self.arguments for key in self.keys(name)))
        form = html.escape(json.dumps({"networks": own}))
        still = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, still)
        start = f'<div class="isoaux-lineup" data-lineup="{form}">'
        return [nodes.raw("", start, format="html"), *still.children, nodes.raw("", "</div>", format="html")]


def explorer_files(app: Sphinx) -> None:
    """Put the explorer's script, style and representations among the static files, if there are any.

    After Jupyter Book has looked for scripts: it would load every one that it finds in every page.
    """
    package, made = package_folder(Path(app.srcdir)) / "explorer", explorer_static(app)
    homes = (Path(app.srcdir), package.parents[1])  # a staged copy has no representations of its own
    places = [home / "book" / "data" / "explorer" for home in homes]
    data = next((place for place in places if (place / "explorer.json").is_file()), None)
    shutil.rmtree(made, ignore_errors=True)
    if data is None:
        return
    shutil.copytree(data, made / "explorer", ignore=shutil.ignore_patterns("*.json"))
    listed = (data / "explorer.json").read_text("utf8")
    packing = runpy.run_path(str(package / "packing.py"))
    for network in json.loads(listed)["networks"]:
        if network.get("built"):
            place = data.parent / "representations" / f"{network['network']}.npz"
            values, _ = packing["built"](place, network["layer"])
            place = made / "explorer" / f"{packing['name'](values)}.mjs"
            place.write_text(packing["script"](values), "ascii")
    script = runpy.run_path(str(package / "bundle.py"))["for_page"](listed)
    (made / "explorer" / "explorer.mjs").write_text(script, "utf8")
    shutil.copy(package / "explorer.css", made / "explorer")
    app.config.html_static_path.append(str(made))


def explorer_static(app: Sphinx) -> Path:
    """Where the explorer's static files are made."""
    return Path(app.doctreedir).parent / "explorer_static"


def explorer_page(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Only a page with an explorer or a line-up loads its script and style."""
    living = ('class="isoaux-explorer"', 'class="isoaux-lineup"')
    if any(name in (context.get("body") or "") for name in living) and explorer_static(app).is_dir():
        app.add_js_file("explorer/explorer.mjs", loading_method="defer")
        app.add_css_file("explorer/explorer.css")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and what its pages need."""
    app.add_directive("explorer", Explorer)
    app.add_directive("lineup", LineUp)
    app.connect("builder-inited", explorer_files)
    app.connect("html-page-context", explorer_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
