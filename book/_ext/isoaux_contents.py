"""The contents in the side bar: what opens the pages under a chapter has a name, for those who hear it."""

import re
from typing import Any

from sphinx.application import Sphinx

TOGGLE = re.compile(r"(<a [^>]*>)([^<]*)(</a>\s*<details[^>]*>\s*<summary)>")


def name_toggles(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Name every toggle of the side bar by the chapter before it; the theme's have a picture alone."""
    contents = context.get("generate_toctree_html")
    if contents is not None:

        def named(*arguments: Any, **options: Any) -> str:
            return TOGGLE.sub(r'\1\2\3 aria-label="Pages under \2">', str(contents(*arguments, **options)))

        context["generate_toctree_html"] = named


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the names."""
    app.connect("html-page-context", name_toggles, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
