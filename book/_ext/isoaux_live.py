"""What live elements of pages share: the element itself, and a script, a style and files that only their pages load."""

import html
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from docutils import nodes
from isoaux_book import BookDirective
from sphinx.application import Sphinx

from isoaux.common import paths


class LiveDirective(BookDirective):
    """A directive for an element that a script brings to life; its content is what is shown where no script runs."""

    has_content = True

    def element(
        self,
        name: str,
        attributes: Mapping[str, str] | None = None,
        instead: Callable[[], list[nodes.Node]] = list,
    ) -> list[nodes.Node]:
        """The element of the class ``isoaux-NAME`` with further ``attributes``.

        The directive's content is in it, and where there is none what ``instead`` gives.
        """
        still = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, still)
        more = "".join(f' {key}="{html.escape(value)}"' for key, value in (attributes or {}).items())
        start, end = (nodes.raw("", text, format="html") for text in (f'<div class="isoaux-{name}"{more}>', "</div>"))
        return [start, *(still.children or instead()), end]


def published(app: Sphinx, place: str) -> Path | None:
    """The folder ``book/data`` in which there is a file ``place``: that of the book, or else that of the checkout.

    A staged copy of the book has no data of its own. None where there is no such file.
    """
    folders = (Path(app.srcdir) / "book" / "data", paths.data())
    return next((folder for folder in folders if (folder / place).is_file()), None)


@dataclass(frozen=True)
class Static:
    """The script and style of live elements, and files that they ask for, in a folder ``name`` of the static files.

    The style is the file ``NAME.css`` of the package ``isoaux.NAME``; ``elements`` are the names of the elements that
    a page has to hold to load them.
    """

    name: str
    elements: tuple[str, ...]

    def made(self, app: Sphinx) -> Path:
        """Where the static files are made."""
        return Path(app.doctreedir).parent / f"{self.name}_static"

    def cleared(self, app: Sphinx) -> Path:
        """The folder for files that a page may ask for, not there yet: what an earlier build made is removed."""
        shutil.rmtree(self.made(app), ignore_errors=True)
        return self.made(app) / self.name

    def write(self, app: Sphinx, page: str) -> None:
        """Write the script ``page`` and the style beside the files, and register all of them.

        After Jupyter Book has looked for scripts: it would load every one that it finds in every page.
        """
        folder = self.made(app) / self.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name}.mjs").write_text(page, "utf8")
        (folder / f"{self.name}.css").write_bytes((files(f"isoaux.{self.name}") / f"{self.name}.css").read_bytes())
        app.config.html_static_path.append(str(self.made(app)))

    def load(self, app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
        """Only a page with one of the elements loads the script and the style."""
        body = context.get("body") or ""
        if any(f'class="isoaux-{name}"' in body for name in self.elements) and self.made(app).is_dir():
            app.add_js_file(f"{self.name}/{self.name}.mjs", loading_method="defer")
            app.add_css_file(f"{self.name}/{self.name}.css")
