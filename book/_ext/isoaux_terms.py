"""The terms of the book: explained where a page first uses them, under its text in print, and in one list.

terms       all terms of ``book/terms.yml`` with what they say

On every page the first use of each term in a paragraph shows its explanation on hover, on focus and on touch, without
a script; on paper it has a number, and the explanations stand at the end of the page.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from isoaux_book import BookDirective
from sphinx.application import Sphinx

FILE = "terms.yml"

WITHOUT = ("book/api", "book/notation", "book/bibliography", "genindex", "search")
"""Pages whose terms are not marked, by how their names begin: lists of functions, letters, literature."""

OUTSIDE = (nodes.title, nodes.literal, nodes.reference, nodes.table, nodes.raw, nodes.Admonition, nodes.figure)
"""Nodes in which no term is marked: headings, code, links, tables, boxes, captions."""


QUIET = {"provenance", "downloads", "kind", "gallery-item"}
"""Classes of paragraphs, or of what holds them, in which no term is marked."""


@dataclass(frozen=True)
class Term:
    """A term, the pattern of words that stand for it, its letters in formulas, and what it says."""

    name: str
    words: re.Pattern[str]
    math: tuple[str, ...]
    says: str

    @property
    def id(self) -> str:
        """The id of its explanation on a page."""
        return "term-" + re.sub(r"\W+", "-", self.name)

    def is_formula(self, formula: str) -> bool:
        """Whether a formula is one of its letters, alone or before a sign of comparison."""
        return re.split(r"\s*(?:=|<|>|\\le\b|\\ge\b|\\approx)", formula, maxsplit=1)[0].strip() in self.math


@cache
def read(path: Path) -> tuple[Term, ...]:
    """The terms of a file, in its order."""
    entries = yaml.safe_load(path.read_text("utf-8"))
    return tuple(
        Term(
            entry["term"],
            re.compile(rf"(?<![\w-])(?:{'|'.join(entry['words'])})(?![\w-])"),
            tuple(entry.get("math", ())),
            entry["says"].strip(),
        )
        for entry in entries
    )


class term_use(nodes.Inline, nodes.TextElement):
    """The first use of a term on a page."""


class Terms(BookDirective):
    """All terms, each with what it says."""

    def run(self) -> list[nodes.Node]:
        path = self.root / "book" / FILE
        self.env.note_dependency(str(path))
        items = nodes.definition_list(classes=["terms"])
        for term in read(path):
            explained = nodes.definition("", nodes.paragraph("", term.says))
            items += nodes.definition_list_item("", nodes.term("", term.name), explained)
        return [items]


def mark(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Mark the first use of every term on a page."""
    path = Path(app.srcdir) / "book" / FILE
    if app.builder.format != "html" or page.startswith(WITHOUT) or not path.is_file():
        return
    left = list(read(path))
    for text in list(_texts(doctree)):
        left = (
            [term for term in left if not _marked(text, term)] if isinstance(text, nodes.math) else _split(text, left)
        )


def _texts(doctree: nodes.document) -> Iterator[nodes.Text | nodes.math]:
    """The texts and formulas of paragraphs, outside of headings, code, links, tables and boxes."""
    for paragraph in doctree.findall(nodes.paragraph):
        above: nodes.Element | None = paragraph
        while above is not None and not isinstance(above, OUTSIDE):
            above = above.parent
        if above is None and not QUIET & {*paragraph.parent.get("classes", []), *paragraph.get("classes", [])}:
            for node in paragraph.findall(lambda each: isinstance(each, nodes.Text | nodes.math)):
                if isinstance(node.parent, nodes.paragraph | nodes.strong | nodes.emphasis | nodes.inline):
                    yield node


def _marked(formula: nodes.math, term: Term) -> bool:
    """Mark a formula that is a term; whether it is."""
    if isinstance(formula.parent, term_use) or not term.is_formula(formula.astext()):
        return False
    formula.replace_self(_use(term, formula.deepcopy()))
    return True


def _split(text: nodes.Text, left: list[Term]) -> list[Term]:
    """Mark the terms that a text holds, each once; those that are left."""
    if isinstance(text.parent, nodes.math):
        return left
    words, parts, start = text.astext(), [], 0
    places = sorted(
        ((found, term) for term in left if (found := term.words.search(words))),
        key=lambda place: place[0].start(),
    )
    used = []
    for found, term in places:
        if found.start() >= start:
            parts += [nodes.Text(words[start : found.start()]), _use(term, nodes.Text(found[0]))]
            start, used = found.end(), [*used, term]
    if used:
        text.parent.replace(text, [part for part in [*parts, nodes.Text(words[start:])] if part.astext()])
    return [term for term in left if term not in used]


def _use(term: Term, content: nodes.Node) -> term_use:
    use = term_use("", "", content)
    use["term"], use["says"], use["note"] = term.id, term.says, term.name
    return use


def visit(translator: Any, node: term_use) -> None:
    """Begin a term: it can be focused, and its explanation describes it to a screen reader."""
    translator.body.append(
        f'<span class="isoaux-term" tabindex="0" aria-describedby="{node["term"]}" '
        f'data-says="{html.escape(node["says"])}">'
    )


def depart(translator: Any, node: term_use) -> None:
    """End a term."""
    translator.body.append("</span>")


def plain(translator: Any, node: term_use) -> None:
    """Other formats than HTML show the words alone."""


def explain(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the explanations of a page's terms below its text: hidden on a screen, read out, and printed."""
    uses = list(doctree.findall(term_use)) if doctree is not None else []
    if uses:
        items = "".join(
            f'<li id="{use["term"]}"><b>{html.escape(use["note"])}</b>: {html.escape(use["says"])}</li>' for use in uses
        )
        context["body"] += f'<ol class="isoaux-terms">{items}</ol>'


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive, the marks and the explanations."""
    app.add_directive("terms", Terms)
    app.add_node(term_use, html=(visit, depart), latex=(plain, plain), text=(plain, plain))
    app.add_css_file("reading.css")
    app.connect("doctree-resolved", mark, priority=900)
    app.connect("html-page-context", explain)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
