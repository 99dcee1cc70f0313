"""Pictures on a dark page: ink and ground change places, what has colours of its own keeps them.

Every picture of a notebook comes with the places of its ``panels``. On a dark page the picture is inverted, and over it
lies the same file again, which is not inverted and shows the panels alone. On a light page the second is not drawn.
"""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from isoaux.site import notebooks

Panels = list[list[float]]


def panels(folder: Path) -> dict[str, Panels]:
    """The panels of pictures by the names of their files, from the executed notebooks in a folder.

    A file is called by the checksum of its content, as MyST-NB does, or by the figure that it shows.
    """
    known: dict[str, Panels] = {}
    for path in sorted(folder.glob("*.ipynb")):
        for cell in json.loads(path.read_text("utf8"))["cells"]:
            places = cell["metadata"].get("isoaux", {}).get("panels")
            for out in cell.get("outputs", []) if places is not None else []:
                if png := "".join(out.get("data", {}).get("image/png", "")):
                    known[hashlib.sha256(base64.b64decode(png)).hexdigest()] = places
        known |= {name: about["panels"] for name, about in notebooks.drawn(path).items() if "panels" in about}
    return known


def outline(places: Panels) -> str:
    """One polygon, in the words of CSS, around all of some rectangles: from each back to where it began."""
    corners = [f"{x}% {y}%" for x0, y0, x1, y1 in places for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0))]
    back = [f"{x0}% {y0}%" for x0, y0, *_ in reversed(places[:-1])]
    return f"polygon({', '.join(corners + back)})"


def darkened(body: str, known: dict[str, Panels]) -> str:
    """The HTML of a page whose pictures of known panels turn dark with it."""

    def change(match: re.Match[str]) -> str:
        places = known.get(match[1])
        if places is None:
            return match[0]
        over = ""
        if places:
            over = re.sub(r' alt="[^"]*"', ' alt="" aria-hidden="true"', match[0])
            over = re.sub(r' style="[^"]*"', "", over).replace("<img ", f'<img style="clip-path: {outline(places)}" ')
        return f'<span class="ink">{match[0]}{over}</span>'

    return re.sub(r'<img [^>]*src="[^"]*/([\w-]+)\.png"[^>]*>', change, body)


def darken(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let the pictures of a page turn dark with it."""
    if context.get("body"):
        context["body"] = darkened(context["body"], app.env.isoaux_panels)  # type: ignore[attr-defined]


def read(app: Sphinx) -> None:
    """Read the panels of all pictures before the first page is written."""
    app.env.isoaux_panels = panels(Path(app.srcdir) / "book" / "notebooks")  # type: ignore[attr-defined]


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the reading of panels and the change of pages."""
    app.connect("builder-inited", read)
    app.connect("html-page-context", darken, priority=890)  # before pictures are made to load late
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
