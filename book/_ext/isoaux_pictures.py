"""The pictures of figures as PNG files, taken from the executed pages, for pages that link or show them."""

from pathlib import Path

from sphinx.application import Sphinx

from isoaux import paper
from isoaux.common import disk
from isoaux.site import notebooks


def place(name: str) -> str:
    """The path, from the book's root, of the picture of a figure such as ``fig01``."""
    return f"_build/pictures/{name}.png"


def write(app: Sphinx) -> None:
    """Write the picture of every figure that an executed page shows, and remove those of figures that none shows.

    A file that holds the same already stays as it is: pages that depend on it are not built again.
    """
    root, known = Path(app.srcdir), paper.figures()
    pages = sorted((root / "book" / "notebooks").glob("*.ipynb"))
    shown = {name: png for page in pages for name, png in notebooks.pictures(page).items() if name in known}
    for left in (root / place("*")).parent.glob("*.png"):
        if left.stem not in shown:
            left.unlink()
    for name, png in shown.items():
        path = root / place(name)
        if not path.is_file() or path.read_bytes() != png:
            disk.write(path, lambda temporary, png=png: temporary.write_bytes(png))


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True}
