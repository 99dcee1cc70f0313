"""How to read a panel: one picture, drawn from the published data when the book is built.

anatomy figNN   the panels of this figure with their parts named
"""

import base64
import io
from typing import Any

from docutils import nodes
from isoaux_book import BookDirective
from sphinx.application import Sphinx

from isoaux.drawing.look import style
from isoaux.records import reading
from isoaux.settings import Settings
from isoaux.studies.planes import anatomy


class Anatomy(BookDirective):
    """The picture as a vector graphic in the page itself."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        figure = self.figure(self.arguments[0])
        if self.published(figure) is None:
            return [self.paragraph(f"*The panels of {figure.name} are not published yet.*")]
        drawn = anatomy.reading_guide(reading.read(figure, Settings(), self.data))
        vector = io.BytesIO()
        with style():
            drawn.canvas.savefig(vector, format="svg", metadata={"Date": None})
        uri = "data:image/svg+xml;base64," + base64.b64encode(vector.getvalue()).decode("ascii")
        return [nodes.container("", nodes.image(uri=uri, alt=drawn.alt), classes=["isoaux-anatomy"])]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("anatomy", Anatomy)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
