"""The explorer in the book: its directive, and its script, style and representations among the static files.

explorer figNN ...  an explorer of representations, opened on the networks of these figures; with content, what is
                    shown where no script runs
lineup figNN ...    twenty pictures of a network of these figures, one of them in the neuron basis; with content,
                    what is shown where no script runs
"""

import json
import shutil
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from isoaux_live import LiveDirective, Static, published
from sphinx.application import Sphinx

from isoaux.common import archive
from isoaux.explorer import bundle, examples, packing
from isoaux.records import reading
from isoaux.records.representations import Representations

LIST = "explorer/explorer.json"

STATIC = Static("explorer", ("explorer", "lineup"))


class Explorer(LiveDirective):
    """An explorer; its content is what is shown where no script runs, and before it starts.

    Its arguments are figures: it opens on their networks and layers, offers them before all others, and loads nothing
    before it comes into view or its reader starts it. ``:network:`` and ``:beside:`` name others to open on;
    ``:small:`` makes one of few controls that links to the chapter. Without content, the small picture of the first
    figure is shown.
    """

    optional_arguments = 9
    option_spec: ClassVar = {"network": directives.unchanged, "beside": directives.unchanged, "small": directives.flag}

    def run(self) -> list[nodes.Node]:
        named = {name: self.options[name] for name in ("network", "beside") if name in self.options}
        form: dict[str, Any] = {"settings": named}
        if own := list(dict.fromkeys(key for name in self.arguments for key in self.keys(name))):
            network, beside = [*own, ""][:2]
            form |= {"own": own, "waits": True, "settings": {"network": network, "beside": beside} | named}
        if "small" in self.options:
            form |= {"small": True, "more": self.env.app.builder.get_relative_uri(self.env.docname, "book/play")}
        explorer = self.element(
            "explorer", {"data-explorer": json.dumps(form)}, instead=lambda: self.still(self.arguments[0])
        )
        if "small" in self.options:
            return explorer
        return wide(explorer, "full-width" if self.arguments else "isoaux-wide")

    def keys(self, name: str) -> list[str]:
        """What the explorer calls the layers that a figure shows."""
        figure = self.figure(name)
        return [f"{configuration.id} k{figure.layer}" for configuration in figure.configurations]

    def still(self, name: str) -> list[nodes.Node]:
        """The last panels of a figure, in small."""
        path = f"book/images/{name}-last.png"
        self.env.note_dependency(str(self.root / path))
        if not (self.root / path).is_file():
            return [self.paragraph("*The explorer needs a browser that runs the page's scripts.*", classes=["still"])]
        finding = self.drawn(name).get("finding", "")
        alt = f"The last panels of Figure {self.figure(name).number} in small. {finding}".strip()
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
        return self.element("lineup", {"data-lineup": json.dumps({"networks": own})})


def wide(content: list[nodes.Node], name: str) -> list[nodes.Node]:
    """Nodes that take more than the column of text.

    In an element of the class ``name``: the theme's ``full-width`` hides the contents at the right while it covers
    them, and fails on a page that has none, for which there is ``isoaux-wide``.
    """
    start, end = (nodes.raw("", text, format="html") for text in (f'<div class="{name}">', "</div>"))
    return [start, *content, end]


def explorer_files(app: Sphinx) -> None:
    """Put the explorer's script, style and representations among the static files, if there are any."""
    folder, data = STATIC.cleared(app), published(app, LIST)
    if data is None:
        return
    shutil.copytree(data / "explorer", folder, ignore=shutil.ignore_patterns("*.json"))
    content = (data / LIST).read_text("utf8")
    for network in json.loads(content)["networks"]:
        if network.get("built"):
            kept = Representations(archive.read(reading.representations_path(data, network["network"])))
            values, _ = packing.built(kept, network["layer"])
            (folder / f"{packing.name(values)}.mjs").write_text(packing.script(values), "ascii")
    offered = examples.published(data / "samples")
    for each in offered:
        (folder / f"{each.file}.mjs").write_text(examples.script(data / "samples" / each.file), "ascii")
    STATIC.write(app, bundle.for_page(content, [each.entry for each in offered]))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and what its pages need."""
    app.add_directive("explorer", Explorer)
    app.add_directive("lineup", LineUp)
    app.connect("builder-inited", explorer_files)
    app.connect("html-page-context", STATIC.load)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
