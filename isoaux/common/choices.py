"""From a name to what it stands for in a registry, and the error for a name that is not there."""

import difflib
import reprlib
import sys
from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")

_SHORT = reprlib.Repr()
_SHORT.maxstring = 80

_NEAR = 100  # characters of the longest name for which a similar one is looked for

MOST, FEW = 100, 12
"""Of more names than the first, an error lists as many as the second."""


def shown(value: object) -> str:
    """``value`` as an error message shows it: its ``repr`` in one line, shortened if it is long."""
    if isinstance(value, int) and abs(value) > sys.float_info.max:
        return "a whole number beyond 1.8e+308"
    try:
        return " ".join(_SHORT.repr(value).split()).replace("... ", "...")
    except Exception:  # of a __repr__ that somebody else wrote, or of a list of numbers with too many digits
        return f"a value of type {type(value).__name__}"


def unknown(argument: str, value: object, valid: list[str]) -> ValueError:
    """The error that ``argument`` has a ``value`` that is none of the names ``valid``; it names the nearest one."""
    near: list[str] = []
    if isinstance(value, str) and len(value) <= _NEAR:
        begun = [name for name in valid if len(value) > 3 and name.startswith(value)]
        near = begun or difflib.get_close_matches(value, valid, n=1, cutoff=0.5)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    listed = valid if len(valid) <= MOST else [*valid[:FEW], f"and {len(valid) - FEW:,} more"]
    return ValueError(f"{argument} is {shown(value)}{hint}; accepted: {', '.join(listed)}.")


def choose(argument: str, value: object, registry: Mapping[str, T]) -> T:
    """What ``registry`` holds under the name ``value``.

    Raises ValueError that names the ``argument``, its value and the nearest name of the registry.
    """
    if isinstance(value, str) and value in registry:
        return registry[value]
    raise unknown(argument, value, list(registry))
