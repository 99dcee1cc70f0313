"""The axes of an array by name: which of them holds the neurons, and which number the rows."""

import re
from dataclasses import dataclass

from isoaux.common.choices import shown

NEURONS = ("neurons", "channels", "features", "units", "hidden", "d_model", "d_mlp", "dim", "C")
"""Names of the axis that holds the neurons; except for C, upper case and a missing s do not matter."""

PLAIN = "samples neurons"
"""The layout of a matrix where none is given."""

_NAMES = {name.removesuffix("s") for name in NEURONS[:-1]}


@dataclass(frozen=True)
class Layout:
    """The ``names`` of all axes, and the ``axis`` of the neurons."""

    names: tuple[str, ...]
    axis: int

    def __str__(self) -> str:
        return " ".join(self.names)

    def leading(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The sizes of the axes that number the rows, of an array of this ``shape``."""
        return shape[: self.axis] + shape[self.axis + 1 :]


def read(layout: str | None, shape: tuple[int, ...], name: str) -> Layout:
    """The layout of the array ``name`` of this ``shape``, from the names of its axes.

    ``layout`` has the names in the order of the axes, between blanks, commas or ``x``; exactly one of them is one of
    :data:`NEURONS`. None stands for :data:`PLAIN`.

    Raises ValueError for a layout that does not fit the shape, for none where there are three axes or more, and for an
    array without neurons or with only one.
    """
    if layout is None:
        if len(shape) != 2:
            raise ValueError(f"{name} has shape {shape}; accepted: {_proposed(shape)}.")
        names = PLAIN.split()
    else:
        names = _split(layout)
        if len(names) != len(shape):
            raise ValueError(
                f"layout is {shown(layout)}, which names {len(names)} axes, and {name} has shape {shape}; "
                f"accepted: a name for each axis."
            )
    axes = [at for at, each in enumerate(names) if each == "C" or each.casefold().removesuffix("s") in _NAMES]
    if len(axes) != 1:
        raise ValueError(
            f"layout is {shown(layout)}, which has {len(axes) or 'no'} {'axes' if len(axes) > 1 else 'axis'} of "
            f"neurons; accepted: exactly one that is called {', '.join(NEURONS[:-1])} or {NEURONS[-1]}."
        )
    if shape[axes[0]] < 2:
        raise ValueError(
            f"{name} has shape {shape}, of {shape[axes[0]]} in the axis of neurons; accepted: two or more."
        )
    return Layout(tuple(names), axes[0])


def _split(layout: object) -> list[str]:
    if not isinstance(layout, str):
        raise ValueError(f"layout is {shown(layout)}; accepted: the names of all axes, such as 'tokens neurons'.")
    return [name for name in re.split(r"[\s,×]+", layout) if name and name != "x"]


def _proposed(shape: tuple[int, ...]) -> str:
    """Words that say which layouts may fit a shape that is not that of a matrix."""
    if len(shape) < 2:
        return "two axes or more, one of them of neurons"
    such = "a layout for isoaux.open, such as layout="
    if len(shape) == 3:
        return f"{such}'batch tokens neurons' for {shape[-1]:,} neurons or 'batch neurons places' for {shape[1]:,}"
    if len(shape) == 4:
        return f"{such}'N C H W' for {shape[1]:,} neurons or 'batch tokens heads neurons' for {shape[-1]:,}"
    return "a layout for isoaux.open that names every axis, and that of the neurons 'neurons'"
