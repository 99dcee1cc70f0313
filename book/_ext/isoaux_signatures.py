"""Lists that are none: Sphinx writes the parameters of a signature as definitions without terms, and says of the works
of a bibliography that they are a list, but not that each is an item of it.
"""

import re
from typing import Any

from sphinx.application import Sphinx


def plain_lines(body: str) -> str:
    """The HTML of a page, the parameters of its signatures as lines of their own."""

    def change(match: re.Match[str]) -> str:
        lines = match[1].replace("<dd>", '<span class="sig-line">').replace("</dd>", "</span>")
        return f'<span class="sig-lines">{lines}</span>'

    return re.sub(r"(?s)<dl>\s*((?:<dd>.*?</dd>\s*)+)</dl>", change, body)


def plain_works(body: str) -> str:
    """The HTML of a page, the works of its bibliography as sections."""
    return body.replace('role="list" class="citation-list"', 'class="citation-list"').replace(
        ' role="doc-biblioentry"', ""
    )


def change(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Change the signatures and the bibliography of a page."""
    if context.get("body"):
        context["body"] = plain_works(plain_lines(context["body"]))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the change of pages."""
    app.connect("html-page-context", change)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
