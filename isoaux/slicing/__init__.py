"""The live slice of a page: the exact partition of a plane through a network's space, computed in the browser.

``Slice`` is imported when it is asked for: it needs anywidget, which computing does not.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from isoaux.slicing.widget import Slice as Slice


def __getattr__(name: str) -> Any:
    if name == "Slice":
        return import_module("isoaux.slicing.widget").Slice
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
