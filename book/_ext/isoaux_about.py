"""What a page says of itself where it is not open: a description, Open Graph for links, and a card as their picture.

``html_baseurl``, where the site's address is known, makes the address of the card absolute, as most readers of links
want it.
"""

import html
import re
import textwrap
from pathlib import Path
from typing import Any

from docutils import nodes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Circle
from sphinx.application import Sphinx

from isoaux.drawing import look

LONGEST = 200
"""Characters of a description."""

CARD = "_static/card.png"
LIVE = (nodes.table, nodes.figure, nodes.literal_block, nodes.Admonition, nodes.title)
"""Parts of a page that are no sentences."""


def described(doctree: nodes.document | None) -> str:
    """The first sentences of a page, at most ``LONGEST`` characters of them; empty for a page without sentences."""
    for paragraph in doctree.findall(nodes.paragraph) if doctree is not None else ():
        above = paragraph.parent
        while above is not None and not isinstance(above, LIVE):
            above = above.parent
        text = " ".join(paragraph.astext().split())
        if above is None and len(text) >= 60 and text[0].isupper() and "\\" not in text:
            return _beginning(text)
    return ""


def _beginning(text: str) -> str:
    """The whole sentences with which a text begins, as many as fit; where the first does not, its beginning."""
    ends = [match.start() for match in re.finditer(r"(?<=[.!?])( |$)", text) if match.start() <= LONGEST]
    return text[: ends[-1]] if ends and ends[-1] >= 60 else textwrap.shorten(text, LONGEST, placeholder=" …")


def about_page(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the description of a page and its Open Graph into the context, as ``about_page``."""
    root = app.config.root_doc
    base = app.config.html_baseurl
    site = app.config.html_title or app.config.project
    description = described(doctree) or described(app.env.get_doctree(root) if root in app.env.found_docs else None)
    card = f"{base.rstrip('/')}/{CARD}" if base else context["pathto"](CARD, 1)
    title = app.env.titles[pagename].astext() if pagename in app.env.titles else site
    named = {"description": description, "twitter:card": "summary_large_image"}
    shown = {
        "og:type": "website" if pagename == root else "article",
        "og:site_name": site,
        "og:title": title,
        "og:description": description,
        "og:image": card,
        "og:image:alt": "A ring, and beams along two axes",
    }
    if base:
        shown["og:url"] = f"{base.rstrip('/')}/{app.builder.get_target_uri(pagename)}"
    tags = [f'<meta name="{name}" content="{html.escape(text)}" />' for name, text in named.items()]
    tags += [f'<meta property="{name}" content="{html.escape(text)}" />' for name, text in shown.items()]
    context["about_page"] = "\n".join(tags)


def card(title: str, words: str) -> Canvas:
    """The picture of links to the site, 1200 by 630 pixels: the mark, a title, and a sentence."""
    with look.style():
        canvas = Canvas(figsize=(12, 6.3), dpi=100, facecolor="white")
        axes = canvas.add_axes((0.035, 0.25, 0.3, 0.3 * 12 / 6.3))
        axes.set(xlim=(-16, 16), ylim=(-16, 16), aspect="equal")
        axes.axis("off")
        axes.add_patch(Circle((0, 0), 9.5, fill=False, linewidth=20, edgecolor=look.COLOURS["O(n)"]))
        star = [(0, 16), (1.8, 1.8), (16, 0), (1.8, -1.8), (0, -16), (-1.8, -1.8), (-16, 0), (-1.8, 1.8)]
        axes.fill(*zip(*star, strict=True), color=look.COLOURS["B_n"])
        canvas.text(0.38, 0.76, textwrap.fill(title, 26), size=31, weight="bold", va="center")
        canvas.text(0.38, 0.6, textwrap.fill(words, 46), size=20, va="top", linespacing=1.4)
        canvas.text(0.38, 0.08, "isoaux", size=24, color=look.COLOURS["O(n)"])
    return canvas


def write_card(app: Sphinx, error: Exception | None) -> None:
    """Draw the card with the title and the first sentences of the front page."""
    root = app.config.root_doc
    if error is None and app.builder.name == "html":
        drawn = card(app.env.titles[root].astext(), described(app.env.get_doctree(root)))
        with look.style():
            drawn.savefig(Path(app.outdir) / CARD)


def setup(app: Sphinx) -> dict[str, Any]:
    """Describe every page, and draw the card."""
    app.connect("html-page-context", about_page)
    app.connect("build-finished", write_card)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
