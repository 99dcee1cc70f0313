"""The foot of every page: the paper and its number, how to cite, licences; all of it from ``CITATION.cff``."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx

from isoaux.common import paths


@cache
def cited(path: Path) -> dict[str, str] | None:
    """What a file ``CITATION.cff`` says of the paper and the software, in words; None where there is no such file."""
    if not path.is_file():
        return None
    about = yaml.safe_load(path.read_text("utf8"))
    paper = about["preferred-citation"]
    authors = ", ".join(f"{each['given-names']} {each['family-names']}" for each in paper["authors"])
    number = next(each["value"] for each in paper["identifiers"] if each["value"].startswith("arXiv:"))
    return {
        "title": paper["title"],
        "authors": authors,
        "year": str(paper["year"]),
        "number": number,
        "url": paper["url"],
        "software": f"{about['title']}. Version {about['version']}",
        "source": about.get("repository-code", ""),
        "licence": about["license"],
    }


def foot(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the template ``citation.html`` what it says."""
    context["citation"] = cited(paths.home() / "CITATION.cff")


def setup(app: Sphinx) -> dict[str, Any]:
    """Put the citation into the context of every page."""
    app.connect("html-page-context", foot)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
