"""Who did a piece of work: the device, the processor, the versions and the commit, of several at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MARKS = {"device": ", ", "processor": "; ", "commit": ", "}
"""What stands between several of these in one text; between versions of one package it is ``VERSIONS_MARK``."""

VERSIONS_MARK = "; "

LONGEST = 1e9
"""No work takes this many seconds, 32 years; a sum over all networks stays a number."""


def together(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Device, processor, versions and commit of all parts, each different one once, in the order of the parts.

    A part has these four facts, which may be of several already; one without a processor has an unknown one.
    """
    found: dict[str, Any] = {
        name: _distinct((part.get(name, "unknown") for part in parts), mark) for name, mark in MARKS.items()
    }
    packages = dict.fromkeys(name for part in parts for name in part.get("versions") or {})
    found["versions"] = {
        name: _distinct(
            (part["versions"][name] for part in parts if name in (part.get("versions") or {})), VERSIONS_MARK
        )
        for name in packages
    }
    return found


def is_text(name: str, part: Mapping[str, Any]) -> bool:
    """Whether device, processor, commit or versions (by package) of a part from a file are texts.

    ``processor`` may be absent: it is unknown then.
    """
    if name != "versions":
        return isinstance(part.get(name, "" if name == "processor" else None), str)
    versions = part.get("versions")
    return isinstance(versions, dict) and all(isinstance(version, str) for version in versions.values())


def is_time(seconds: Any) -> bool:
    """Whether this is a number of seconds that some work may have taken."""
    return isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 <= seconds < LONGEST


def are_several(facts: Mapping[str, Any]) -> bool:
    """Whether device, processor or the version of a package is more than one in these facts; commits do not count."""
    named = any(MARKS[name] in facts.get(name, "") for name in ("device", "processor"))
    return named or any(VERSIONS_MARK in version for version in (facts.get("versions") or {}).values())


def _distinct(texts: Iterable[str], mark: str) -> str:
    return mark.join(dict.fromkeys(part for text in texts for part in text.split(mark)))
