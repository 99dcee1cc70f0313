"""How the statements about a page's figures came out, in one line that links to them.

verdicts figNN ...   counts of the verdicts; ``:section:`` is the heading under which the page has them
"""

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from isoaux_book import BookDirective
from sphinx.application import Sphinx

from isoaux.common.tables import listed
from isoaux.scorecard import compute as scorecard
from isoaux.scorecard.verdicts import AGREE, CONTRADICT, OPEN

WORDS = {
    AGREE: ("holds at least in part", "hold at least in part"),
    CONTRADICT: ("is contradicted", "are contradicted"),
    OPEN: ("is undecided", "are undecided"),
}
"""The outcomes in a sentence, of one statement and of another number of them."""


class Verdicts(BookDirective):
    """The outcomes of the statements about some figures, counted; nothing where none is published."""

    required_arguments = 1
    optional_arguments = 20
    option_spec: ClassVar = {"section": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        path = self.data / "scorecard.json"
        self.env.note_dependency(str(path))
        rows = scorecard.read(self.data).of_page(self.arguments) if path.is_file() else ()
        outcomes = [row.outcome for row in rows if row.outcome in WORDS]
        if not outcomes:
            return []
        counts = listed([_counted(outcomes.count(outcome), outcome) for outcome in WORDS])
        figures = "this figure" if len(self.arguments) == 1 else "these figures"
        statements = "statement" if len(outcomes) == 1 else "statements"
        words = nodes.Text(f"Of {len(outcomes)} {statements} about {figures} that can be judged, {counts}: ")
        section = nodes.make_id(self.options.get("section", "What the paper says of it"))
        link = nodes.reference("", "", nodes.Text("all verdicts"), refid=section, internal=True)
        return [nodes.paragraph("", "", words, link, nodes.Text("."), classes=["isoaux-verdicts"])]


def _counted(number: int, outcome: str) -> str:
    return f"{number or 'none'} {WORDS[outcome][number > 1]}"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("verdicts", Verdicts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
