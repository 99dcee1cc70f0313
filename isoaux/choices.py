"""One way to turn a name into an object, and one sentence for a name that does not exist."""

import difflib
from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


def unknown(argument: str, value: object, valid: list[str]) -> ValueError:
    """The error for a name that is not in a registry; it names the nearest valid one."""
    near = difflib.get_close_matches(str(value), valid, n=1, cutoff=0.5)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return ValueError(f"{argument} is {value!r}{hint}; accepted: {', '.join(valid)}.")


def choose(argument: str, value: object, registry: Mapping[str, T]) -> T:
    """The object that a registry holds under a name.

    Raises ValueError that names the argument, the value and the nearest valid name.
    """
    if isinstance(value, str) and value in registry:
        return registry[value]
    raise unknown(argument, value, list(registry))
