"""The toy model's modules as one, as the explorer's: a page that is opened from disk may import nothing."""

from pathlib import Path

from isoaux.common.scripts import plain

HERE = Path(__file__).parent

EXPLORER = HERE.parent / "explorer"
"""Where the modules are that the toy model has from the explorer."""

SHARED = ("slices", "bases", "quartimax", "address", "elements", "hosting")
"""Modules of the explorer, in the order in which they need each other."""

MODULES = ("training", "numbers", "serving", "view")
"""Those of the toy model, behind them."""


def joined() -> str:
    """All modules in one scope, without their imports, exports and lines of comment."""
    paths = [*(EXPLORER / f"{name}.mjs" for name in SHARED), *(HERE / f"{name}.mjs" for name in MODULES)]
    return "\n".join(plain(path.read_text("utf-8")) for path in paths)


def for_page() -> str:
    """A classic script that brings every toy model of a page to life, and is the worker's script too.

    A page that is opened from disk may start no worker but from its own text: the script is one function, whose text
    the page hands to a worker, where it trains.
    """
    host = plain((HERE / "page.mjs").read_text("utf-8"))
    worker = 'if (typeof document === "undefined") return serveToy(globalThis);'
    return f"(function isoauxToy() {{\n{joined()}\n{worker}\n{host}}})();\n"
