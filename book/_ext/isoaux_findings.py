"""What was found, on the front page: sentences that are computed from the published data when the book is built.

findings    a list of at most five sentences, each with links to the pages behind its numbers
measured    a role: the number behind a claim of the scorecard, ``{measured}`poly-2b` ``
"""

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from isoaux_book import BookDirective
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from isoaux.scorecard import compute
from isoaux.site import findings

LINK = re.compile(r"\[([^]]+)\]\(/([^)]+)\)")


class Findings(BookDirective):
    """The sentences of :func:`isoaux.site.findings.sentences`."""

    def run(self) -> list[nodes.Node]:
        for path in sorted([self.data / "scorecard.json", *self.data.glob("**/*.json")]):
            self.env.note_dependency(str(path))
        sentences = findings.sentences(self.data)
        if not sentences:
            return [self.paragraph("Nothing is published yet.")]
        return [
            nodes.bullet_list(
                "", *(nodes.list_item("", self.sentence(words)) for words in sentences), classes=["findings"]
            )
        ]

    def sentence(self, words: str) -> nodes.paragraph:
        """A paragraph of Markdown whose links lead to pages of the book, where there are such pages."""
        paragraph, end = nodes.paragraph(), 0
        for link in LINK.finditer(words):
            paragraph += self.inline(words[end : link.start()])
            paragraph += self.page(link[2], link[1])
            end = link.end()
        paragraph += self.inline(words[end:])
        return paragraph


class Measured(SphinxRole):
    """How many do what a claim says, of all that were counted, or its number with the interval."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        folder = Path(self.env.srcdir) / "book" / "data"
        self.env.note_dependency(str(folder / "scorecard.json"))
        rows = {row.id: row for row in compute.read(folder).rows} if (folder / "scorecard.json").is_file() else {}
        if rows and self.text not in rows:
            message = self.inliner.reporter.error(f"no claim is called {self.text!r}", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        return [nodes.Text(findings.counted(rows.get(self.text)) or "(not published yet)")], []


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and the role."""
    app.add_directive("findings", Findings)
    app.add_role("measured", Measured())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
