"""One way to turn a name into an object, and one sentence for a name that does not exist."""

import difflib
import reprlib
import sys
from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")

_SHORT = reprlib.Repr()
_SHORT.maxstring = 80

_NEAR = 100  # characters of a name that another is looked for


def shown(value: object) -> str:
    """A value as an error message shows it: in one line, and shortened if it is long."""
    if isinstance(value, int) and abs(value) > sys.float_info.max:
        return "a whole number beyond 1.8e+308"
    try:
        return " ".join(_SHORT.repr(value).split()).replace("... ", "...")
    except Exception:  # of a __repr__ that somebody else wrote, or of a list of numbers with too many digits
        return f"a value of type {type(value).__name__}"


def unknown(argument: str, value: object, valid: list[str]) -> ValueError:
    """The error for a name that is not in a registry; it names the nearest valid one."""
    near: list[str] = []
    if isinstance(value, str) and len(value) <= _NEAR:
        begun = [name for name in valid if len(value) > 3 and name.startswith(value)]
        near = begun or difflib.get_close_matches(value, valid, n=1, cutoff=0.5)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return ValueError(f"{argument} is {shown(value)}{hint}; accepted: {', '.join(valid)}.")


def choose(argument: str, value: object, registry: Mapping[str, T]) -> T:
    """The object that a registry holds under a name.

    Raises ValueError that names the argument, the value and the nearest valid name.
    """
    if isinstance(value, str) and value in registry:
        return registry[value]
    raise unknown(argument, value, list(registry))
