"""Numbers as text."""

from collections.abc import Iterable
from typing import Any

import numpy as np

NONE = "–"
"""Stands in a table for a number that there is not."""


def written(form: str, value: Any) -> str:
    """A number in its form, or a dash where it is none, of the angles of no point for example."""
    return form.format(float(value)) if np.isfinite(value) else NONE


def number_words(value: Any, digits: int = 3) -> str:
    """A number to so many digits, without an exponent where it is of usual size."""
    number = float(value)
    return f"{number:,.0f}" if abs(number) >= 10.0**digits else f"{number:.{digits}g}"


def listed_range(values: Any) -> str:
    """Values separated by commas; more than two consecutive integers as their range, ``0–4``; a single value itself."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        return str(values)
    values = list(values)
    if len(values) > 2 and values == list(range(values[0], values[0] + len(values))):
        return f"{values[0]}–{values[-1]}"
    return ", ".join(map(str, values))
