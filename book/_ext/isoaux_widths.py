"""Panels by width in the book: their directive, and their script, style and pictures among the static files.

widths    the last panels of layers of growing width, with a slider; all of them below each other where no script runs
"""

import html
from typing import Any

from docutils import nodes
from isoaux_live import LiveDirective, Static, published
from sphinx.application import Sphinx

from isoaux.common.numbers import whole
from isoaux.widths import bundle, panels

STATIC = Static("widths", ("widths",))


def there(app: Sphinx) -> bool:
    """Whether all figures are published."""
    return all(published(app, f"{name}.npz") for name in panels.SHOWN)


def figure(width: panels.Width, folder: str) -> str:
    """The panels of a width as HTML, their pictures in a folder; the caption has the number that matters."""
    pictures = "".join(
        f'<div><img src="{folder}/{panel.name}.png" width="200" height="200" loading="lazy" '
        f'alt="{html.escape(alt(panel))}">'
        f"<small>{html.escape(panel.activation)}, seed {panel.seed}: {whole(panel.points)} points; "
        f"median of its random bases, {whole(panel.random)}</small></div>"
        for panel in width.panels
    )
    times = f"{panels.number(width.panels[0].median)} ×"
    caption = f"<figcaption><strong>{times}</strong> {html.escape(width.sentence)}</figcaption>"
    return f'<figure data-width="{width.n}">{caption}<div class="pictures">{pictures}</div></figure>'


def alt(panel: panels.Panel) -> str:
    """What a picture shows."""
    return f"All planes at the last epoch, {panel.activation}: {whole(panel.points)} points"


class Widths(LiveDirective):
    """Panels by width; its content is shown where they are not published."""

    def run(self) -> list[nodes.Node]:
        if not there(self.env.app):
            return self.element("widths")
        folder = "../" * self.env.docname.count("/") + "_static/widths"
        shown = "".join(figure(width, folder) for width in panels.widths())
        return [nodes.raw("", f'<div class="isoaux-widths">{shown}</div>', format="html")]


def widths_files(app: Sphinx) -> None:
    """Put the script, the style and the pictures among the static files, if the figures are published."""
    folder = STATIC.cleared(app)
    if not there(app):
        return
    folder.mkdir(parents=True)
    for width in panels.widths():
        for panel in width.panels:
            (folder / f"{panel.name}.png").write_bytes(panel.png)
    STATIC.write(app, bundle.for_page())


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and what its pages need."""
    app.add_directive("widths", Widths)
    app.connect("builder-inited", widths_files)
    app.connect("html-page-context", STATIC.load)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
