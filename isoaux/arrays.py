"""Representations come in as NumPy arrays or torch tensors; everything is measured in NumPy.

Nothing here imports torch: a tensor can only exist where somebody else has imported it.
"""

import sys
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.int64]

_NUMBERS = (int, float, np.integer, np.floating)

numpy_defaults = np.errstate(divide="warn", over="warn", under="ignore", invalid="warn")
"""Decorates every public function that computes: numpy.seterr of the reader's session does not reach into it."""


def is_tensor(value: object) -> bool:
    """Whether a value is a torch tensor."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def rows(value: ArrayLike, argument: str, width: int | None = None) -> Floats:
    """A checked matrix with one vector per row.

    Parameters: ``value`` (N, n), NumPy, nested lists or a tensor on any device; ``argument`` is its name in
    error messages; ``width`` the n asked for, if any. Returns a NumPy array (N, n): float32 stays float32,
    half precision becomes float32, everything else float64.

    Raises ValueError for a shape other than (N, n), another width, numbers that are not real, NaN and
    infinity.
    """
    array = np.asarray(_to_numpy(value))
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{argument} has dtype {array.dtype}; accepted: real numbers.")
    if array.ndim != 2:
        raise ValueError(f"{argument} has shape {array.shape}; accepted: a matrix (N, n), one vector per row.")
    if width is not None and array.shape[1] != width:
        raise ValueError(f"{argument} has width {array.shape[1]}; accepted: width {width}.")
    single = array.dtype.kind == "f" and array.dtype.itemsize <= 4
    array = array.astype(np.float32 if single else np.float64, copy=False)
    finite = np.isfinite(array)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise ValueError(
            f"{argument} holds {array[row, column]} at row {row}, column {column}; accepted: finite numbers."
        )
    return array


def like(result: NDArray[Any], original: object) -> Any:
    """A result in the kind of its input: a CPU tensor if a tensor came in, the array itself otherwise.

    A floating result takes the dtype of a floating tensor; whole numbers stay int64.
    """
    if not is_tensor(original):
        return result
    tensor = sys.modules["torch"].from_numpy(result)
    floating = tensor.is_floating_point() and original.is_floating_point()  # type: ignore[attr-defined]
    return tensor.to(original.dtype) if floating else tensor  # type: ignore[attr-defined]


def whole(value: Any, argument: str) -> int:
    """A whole number of at least 1. Raises ValueError otherwise."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= 1:
        return int(value)
    raise ValueError(f"{argument} is {value!r}; accepted: a whole number of at least 1.")


def positive(value: Any, argument: str) -> float:
    """A finite number above 0. Raises ValueError otherwise."""
    if isinstance(value, _NUMBERS) and 0 < value < np.inf:
        return float(value)
    raise ValueError(f"{argument} is {value!r}; accepted: a finite number above 0.")


def fraction(value: Any, argument: str) -> float:
    """A number in [0, 1). Raises ValueError otherwise."""
    if isinstance(value, _NUMBERS) and 0 <= value < 1:
        return float(value)
    raise ValueError(f"{argument} is {value!r}; accepted: a number in [0, 1).")


def _to_numpy(value: Any) -> Any:
    """The tensor's numbers on the CPU; NumPy has no bfloat16, so half precision is widened first."""
    if not is_tensor(value):
        return value
    tensor = value.detach().cpu()
    half = tensor.is_floating_point() and tensor.element_size() < 4
    return (tensor.float() if half else tensor).numpy()
