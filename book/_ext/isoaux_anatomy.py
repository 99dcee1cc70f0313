"""How to read a panel: pictures, drawn from the published data when the book is built.

anatomy figNN   the panels of this figure with their parts named
"""

import base64
from typing import Any

from docutils import nodes
from isoaux_book import BookDirective
from sphinx.application import Sphinx

from isoaux.drawing.look import Drawn
from isoaux.records import reading
from isoaux.settings import Settings
from isoaux.studies.planes import anatomy


class Anatomy(BookDirective):
    """The pictures as vector graphics in the page itself, side by side where there is room."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        figure = self.figure(self.arguments[0])
        if self.published(figure) is None:
            return [self.paragraph(f"*The panels of {figure.name} are not published yet.*")]
        guide = anatomy.reading_guide(reading.read(figure, Settings(), self.data))
        return [
            nodes.container(
                "", *(nodes.image(uri=vector(drawn), alt=drawn.alt) for drawn in guide), classes=["isoaux-anatomy"]
            )
        ]


def vector(drawn: Drawn) -> str:
    """A figure as the address of a vector graphic that holds it."""
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.light_svg().encode()).decode("ascii")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("anatomy", Anatomy)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
