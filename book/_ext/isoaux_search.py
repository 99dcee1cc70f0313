"""The search: chapters before objects of the library, and excerpts that need no request for every page.

``search_order.js`` is Sphinx's scorer (``html_search_scorer``), ``search_excerpts.js`` quotes from one script that has
the words of all pages.
"""

import json
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from sphinx.application import Sphinx

HERE = Path(__file__).parent
UNSAID = ".headerlink, script, style, .cell_input, summary, .isoaux-explorer, .prev-next-footer, footer"
"""What is no part of a page's words."""


def load(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """The page of the search loads what quotes."""
    if pagename == "search":
        app.add_js_file("search_excerpts.js")


def words(page: str) -> str:
    """The words of a page in HTML, without code and navigation."""
    article = BeautifulSoup(page, "html.parser").find("article")
    if article is None:
        return ""
    for part in article.select(UNSAID):
        part.decompose()
    return " ".join(article.get_text(" ").split())


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the words of all pages, by address, and the script that quotes from them."""
    if error is not None or app.builder.name != "html":
        return
    out = Path(app.outdir)
    pages = {f"{name}.html": words((out / f"{name}.html").read_text("utf8")) for name in sorted(app.env.found_docs)}
    (out / "_static" / "page_words.js").write_text(
        f"const PAGE_WORDS = {json.dumps(pages, ensure_ascii=False)};\n", "utf8"
    )
    (out / "_static" / "search_excerpts.js").write_bytes((HERE / "search_excerpts.js").read_bytes())


def setup(app: Sphinx) -> dict[str, Any]:
    """Order the results, and quote from one script."""
    app.connect("html-page-context", load)
    app.connect("build-finished", write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
