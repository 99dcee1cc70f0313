"""The explorer: representations, threshold and basis in the reader's hands.

``Explorer`` and ``interact_figure`` are imported when they are asked for: they need anywidget and ipywidgets, or
matplotlib, which computing does not.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from isoaux.explorer.bases import random_basis as random_basis
from isoaux.explorer.bases import turned as turned

if TYPE_CHECKING:
    from isoaux.explorer.interactive import interact_figure as interact_figure
    from isoaux.explorer.widget import Explorer as Explorer


_LATER = {"Explorer": "widget", "interact_figure": "interactive"}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"isoaux.explorer.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
