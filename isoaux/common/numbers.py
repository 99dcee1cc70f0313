"""Numbers as text, for pages, tables and sentences."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

NONE = "–"
"""Stands in a table where there is no number."""


def written(form: str, value: Any) -> str:
    """``value`` by a format string such as ``{:.2f}``; :data:`NONE` if it is not finite."""
    return form.format(float(value)) if np.isfinite(value) else NONE


def whole(value: Any) -> str:
    """``value`` rounded to a whole number, for example ``1,234``; :data:`NONE` if it is not finite."""
    return f"{round(float(value)):,}" if np.isfinite(value) else NONE


def signed(value: Any, digits: int = 2) -> str:
    """``value`` with its sign and so many decimals, for example ``+0.12``; :data:`NONE` if it is not finite."""
    return written(f"{{:+.{digits}f}}", value)


def number_words(value: Any, digits: int = 3) -> str:
    """``value`` to so many significant digits, as a whole number with commas from 10^``digits`` on."""
    text = f"{float(value):.{digits}g}"
    return f"{float(value):,.0f}" if abs(float(text)) >= 10.0**digits else text


def counted(number: int, noun: str) -> str:
    """So many of a thing, whose plural has an s: ``1 seed``, ``1,234 seeds``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def low_to_high(values: Sequence[Any], form: str) -> str:
    """The least and the largest of ``values`` by the format string ``form``, ``1 to 3``; once if both read alike."""
    low, high = written(form, min(values)), written(form, max(values))
    return low if low == high else f"{low} to {high}"


def with_range(middle: Any, low: Any, high: Any, form: str) -> str:
    """A number with the ends of its interval or range by the format string ``form``, ``2 (1 to 3)``."""
    return f"{written(form, middle)} ({written(form, low)} to {written(form, high)})"


def listed_range(values: Any) -> str:
    """``values`` separated by commas, more than two consecutive integers as their range, ``0–4``; or a single value."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        return str(values)
    values = list(values)
    if len(values) > 2 and values == list(range(values[0], values[0] + len(values))):
        return f"{values[0]}–{values[-1]}"
    return ", ".join(map(str, values))
