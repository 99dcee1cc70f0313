"""The film's modules as one, as the explorer's: a page that is opened from disk may import nothing."""

from pathlib import Path

from isoaux.common.scripts import plain

HERE = Path(__file__).parent

EXPLORER = HERE.parent / "explorer"
"""Where the modules are that the film has from the explorer."""

SHARED = ("slices", "bases", "cloud", "projection", "picture", "numbers", "address", "elements", "hosting")
"""Modules of the explorer, in the order in which they need each other."""

MODULES = ("frames", "view")
"""Those of the film, behind them."""


def for_page() -> str:
    """A classic script that brings every film of a page to life."""
    paths = [*(EXPLORER / f"{name}.mjs" for name in SHARED), *(HERE / f"{name}.mjs" for name in (*MODULES, "page"))]
    modules = "\n".join(plain(path.read_text("utf-8")) for path in paths)
    return f"(function isoauxFilm() {{\n{modules}}})();\n"
