"""The explorer: representations, threshold and basis in the reader's hands.

``Explorer`` is imported when it is asked for: it needs anywidget, which drawing published figures does not.
"""

from typing import TYPE_CHECKING, Any

from isoaux.explorer.bases import random_basis as random_basis
from isoaux.explorer.bases import turned as turned

if TYPE_CHECKING:
    from isoaux.explorer.widget import Explorer as Explorer


def __getattr__(name: str) -> Any:
    if name == "Explorer":
        from isoaux.explorer.widget import Explorer

        return Explorer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
