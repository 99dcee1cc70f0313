"""Signatures of several lines: Sphinx writes their parameters as a list of definitions without terms, which is none."""

import re
from typing import Any

from sphinx.application import Sphinx


def plain_lines(body: str) -> str:
    """The HTML of a page, the parameters of its signatures as lines of their own."""

    def change(match: re.Match[str]) -> str:
        lines = match[1].replace("<dd>", '<span class="sig-line">').replace("</dd>", "</span>")
        return f'<span class="sig-lines">{lines}</span>'

    return re.sub(r"(?s)<dl>\s*((?:<dd>.*?</dd>\s*)+)</dl>", change, body)


def change(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Change the signatures of a page."""
    if "sig-param" in (context.get("body") or ""):
        context["body"] = plain_lines(context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the change of pages."""
    app.connect("html-page-context", change)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
