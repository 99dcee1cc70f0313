"""Where work was done: device, processor, versions of packages and commit, of several pieces of work together."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MARKS = {"device": ", ", "processor": "; ", "commit": ", "}
"""What separates several values of a fact in one text."""

VERSIONS_MARK = "; "
"""What separates several versions of one package in one text."""

LONGEST = 1e9
"""Seconds, 32 years, that no work takes; sums over all networks stay finite."""


def together(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Device, processor, commit and versions (by package) of all parts as one: every different value once, in order.

    Each of ``parts`` has these four facts, which may hold several values already; a missing one is ``unknown``.
    """
    facts: dict[str, Any] = {
        name: _distinct((part.get(name, "unknown") for part in parts), mark) for name, mark in MARKS.items()
    }
    packages = dict.fromkeys(name for part in parts for name in part.get("versions") or {})
    facts["versions"] = {
        name: _distinct(
            (part["versions"][name] for part in parts if name in (part.get("versions") or {})), VERSIONS_MARK
        )
        for name in packages
    }
    return facts


def is_text(name: str, part: Mapping[str, Any]) -> bool:
    """Whether the fact ``name`` of a part is a text, for ``versions`` a dict of texts; ``processor`` may be absent."""
    if name != "versions":
        return isinstance(part.get(name, "" if name == "processor" else None), str)
    versions = part.get("versions")
    return isinstance(versions, dict) and all(isinstance(version, str) for version in versions.values())


def is_time(seconds: Any) -> bool:
    """Whether ``seconds`` is a number from 0 to :data:`LONGEST`."""
    return isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 <= seconds < LONGEST


def are_several(facts: Mapping[str, Any]) -> bool:
    """Whether the facts hold several devices, processors or versions of one package; commits do not count."""
    named = any(MARKS[name] in facts.get(name, "") for name in ("device", "processor"))
    return named or any(VERSIONS_MARK in version for version in (facts.get("versions") or {}).values())


def _distinct(texts: Iterable[str], mark: str) -> str:
    return mark.join(dict.fromkeys(part for text in texts for part in text.split(mark)))
