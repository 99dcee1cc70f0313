"""Arguments of public functions, checked: arrays, tensors, data frames or lists become NumPy arrays.

Neither torch nor pandas is imported here: a tensor or a data frame only exists where they have been imported already.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from decimal import Decimal
from numbers import Number, Real
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from isoaux.common.choices import shown

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.int64]

MATRIX = "a matrix (N, n), one vector per row"

DEEPEST = 32
"""So many levels of lists within lists are read."""

_SEEDS = 2**1024  # seeds lie below: numbers of thousands of digits cannot be written into a report

numpy_defaults = np.errstate(divide="warn", over="warn", under="ignore", invalid="warn")
"""Decorator of every public function that computes: the caller's ``numpy.seterr`` does not change what it does."""


def is_tensor(value: object) -> bool:
    """Whether a value is a torch tensor."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


@numpy_defaults
def rows(value: ArrayLike, argument: str, width: int | None = None) -> Floats:
    """``value`` as a NumPy array (N, n) of finite numbers, one vector per row.

    Parameters: ``value`` (N, n), a NumPy array, nested lists, a list of vectors, a tensor on any device, a data frame
    or whatever else NumPy reads; ``argument``, its name in error messages; ``width``, the n that is required, if any.
    float32 stays float32, half precision and smaller become float32, everything else float64, also what NumPy reads as
    objects, such as the nullable columns of pandas.

    Raises ValueError for a shape other than (N, n), another width, numbers that are not real, NaN and infinity, missing
    and masked numbers, columns of dates and times, and for what holds no numbers or none that can be read, such as
    sparse matrices.
    """
    array = read(value, argument)
    if array.ndim != 2:
        raise ValueError(f"{argument} has shape {array.shape}; accepted: {MATRIX}{_advice(array.shape, value)}.")
    if width is not None and array.shape[1] != width:
        raise ValueError(f"{argument} has width {array.shape[1]}; accepted: width {width}.")
    return _finite(array, argument, _labels(value))


@numpy_defaults
def numbers(value: ArrayLike, argument: str) -> Floats:
    """``value`` as a NumPy array of finite numbers, of any shape; values, dtypes and errors are as in :func:`rows`."""
    return _finite(read(value, argument, "an array of numbers"), argument)


def read(value: Any, argument: str, accepted: str = MATRIX) -> NDArray[Any]:
    """``value`` as a NumPy array of real numbers of any kind, or of objects, of any shape.

    ``accepted`` is what error messages ask for. Raises ValueError as :func:`rows` does, but not for shapes, nor for
    numbers that are not finite.
    """
    return real(_read(value, argument, accepted), argument)


def floats(array: NDArray[Any], argument: str, columns: Sequence[Any] = ()) -> Floats:
    """Real numbers in single precision if they have at most 32 bits and a point, else in double, without a copy if so.

    ``columns`` are the names of the columns in error messages. Raises ValueError for an object that is no real number.
    """
    if array.dtype.kind == "O":
        wrong: Iterable[Any] = (index for index, cell in np.ndenumerate(array) if not _is_real(cell))
        if (index := next(iter(wrong), None)) is not None:
            place = _place(index, columns)
            lists = ", such as numpy.stack makes of that column" if _holds_several(type(array[index])) else ""
            raise ValueError(f"{argument} holds {shown(array[index])} at {place}; accepted: finite numbers{lists}.")
    with np.errstate(all="ignore"):
        result: Floats = array.astype(floating(array.dtype), copy=False)
    return result


def floating(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype of :func:`floats` for numbers of a dtype."""
    single = dtype.kind == "f" and dtype.itemsize <= 4
    return np.dtype(_wider_dtype(dtype) or (np.float32 if single else np.float64))


def like(result: NDArray[Any], original: object) -> Any:
    """``result`` as a CPU tensor of the same dtype if ``original``, an argument, is a tensor; else unchanged."""
    return sys.modules["torch"].from_numpy(result) if is_tensor(original) else result


def whole(value: Any, argument: str, least: int = 1, most: int | None = None) -> int:
    """``value`` as an int if it is a whole number from ``least`` to ``most`` (below 2^63); ValueError otherwise.

    ``argument`` is its name in the error message, as in the functions below.
    """
    if is_whole(value) and least <= value <= (2**63 - 1 if most is None else most):
        return int(value)
    limit = ""
    if is_whole(value) and value > least:
        limit = " and below 2^63" if most is None else f" and at most {most:,}"
    raise ValueError(f"{argument} is {shown(value)}; accepted: a whole number of at least {least}{limit}.")


def is_whole(value: object) -> bool:
    """Whether a value is an integer of Python or NumPy; booleans and ``numpy.timedelta64`` are none."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool | np.timedelta64)


def finite(value: Any, argument: str) -> float:
    """``value`` as a float if it is a finite number; ValueError otherwise."""
    return _checked(value, argument, "a finite number", lambda number: True)


def positive(value: Any, argument: str) -> float:
    """``value`` as a float if it is a finite number above 0; ValueError otherwise."""
    return _checked(value, argument, "a finite number above 0", lambda number: number > 0)


def fraction(value: Any, argument: str) -> float:
    """``value`` as a float if it is a number in [0, 1); ValueError otherwise."""
    return _checked(value, argument, "a number in [0, 1)", lambda number: 0 <= number < 1)


def share(value: Any, argument: str) -> float:
    """``value`` as a float if it is a number in [0, 1]; ValueError otherwise."""
    return _checked(value, argument, "a number in [0, 1]", lambda number: 0 <= number <= 1)


def level(value: Any) -> float:
    """``value`` as a float if it is a number between 0 and 1, as a level of significance is; ValueError otherwise."""
    return _checked(value, "level", "a number between 0 and 1", lambda number: 0 < number < 1)


def _checked(value: Any, argument: str, accepted: str, holds: Callable[[float], bool]) -> float:
    number = _number(value)
    if number is None or not holds(number):
        raise ValueError(f"{argument} is {shown(value)}; accepted: {accepted}.")
    return number


def seed(value: Any, argument: str = "seed") -> Any:
    """``value`` itself if it is a seed: a whole number of at least 0 and below 2^1024, or a list of several.

    Raises ValueError otherwise, also for a ``numpy.random.SeedSequence``.
    """
    listed = isinstance(value, Sequence | np.ndarray) and not isinstance(value, str | bytes | bytearray | memoryview)
    listed = listed and not (isinstance(value, np.ndarray) and value.ndim == 0)
    several = list(value) if listed else [value]
    if several and all(is_whole(number) and 0 <= number < _SEEDS for number in several):
        return value
    large = any(is_whole(number) and number >= _SEEDS for number in several)
    limit = " and below 2^1024" if large else ", or a list of such"
    raise ValueError(f"{argument} is {shown(value)}; accepted: a whole number of at least 0{limit}.")


def _number(value: Any) -> float | None:
    """A finite number in double precision; None for anything else, also for True and False."""
    if not is_whole(value) and not isinstance(value, float | np.floating) and not _is_added(value):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if np.isfinite(number) else None


def _labels(value: object) -> Sequence[Any]:
    """The names of a data frame's columns; none for anything else, or where they cannot be read."""
    try:
        columns = getattr(value, "columns", ())
        return () if callable(columns) else list(columns)
    except Exception:
        return ()


def _read(value: Any, argument: str, accepted: str, depth: int = 0) -> NDArray[Any]:
    """``value`` as an array of any dtype and shape; ``depth`` is the number of lists that it lies in."""
    if is_tensor(value):
        return _tensor(value, argument, accepted)
    try:
        reason = _unreadable(value, accepted) or _times(value)
    except Exception as error:  # of a property or a method that somebody else wrote
        raise ValueError(f"{argument} is {_a(value)} that cannot be read; accepted: {accepted}.") from error
    if reason:
        raise ValueError(f"{argument} is {reason}.")
    if isinstance(value, Sequence) and not isinstance(value, memoryview) and not _has(value, "__array__"):
        return _joined(value, argument, accepted, depth)
    array = _converted(value, argument, accepted)
    if array.dtype.kind != "O":
        return array
    if array.ndim == 0:
        batches = _CONCATENATE if isinstance(value, Iterable) and not isinstance(value, np.ndarray) else ""
        words = shown(value) if isinstance(value, np.ndarray) else _a(value)
        raise ValueError(f"{argument} is {words}; accepted: {accepted}{batches}.")
    return _joined(list(array), argument, accepted, depth) if array.ndim == 1 else array


def _times(value: Any) -> str | None:
    """Why a data frame or a series with dates or times is refused; None for anything else.

    Polars would make numbers of them where other columns hold numbers; its dtypes have ``is_temporal``.
    """
    dtypes = getattr(value, "dtypes", None)
    frame = isinstance(dtypes, list | tuple)
    each: Iterable[Any] = dtypes if isinstance(dtypes, list | tuple) else [getattr(value, "dtype", None)]
    for at, dtype in enumerate(each):
        if getattr(dtype, "is_temporal", bool)():
            labels = _labels(value)
            place = f"column {at}" + (f" ({shown(labels[at])})" if at < len(labels) else "")
            return f"{_a(value)} with {shown(dtype)}{f' in {place}' if frame else ''}; accepted: real numbers"
    return None


def _unreadable(value: Any, accepted: str) -> str | None:
    """Why a value is no array of numbers, and what to pass instead."""
    if value is None:
        return f"None; accepted: {accepted}"
    if isinstance(value, str | bytes | PathLike):
        return f"{shown(value)}; accepted: {accepted}, such as isoaux.open reads from a file"
    if _has(value, "nnz") and not isinstance(value, np.ndarray):
        return f"a sparse {type(value).__name__}; accepted: {accepted}, which .toarray() or .todense() makes of it"
    if isinstance(value, Mapping):
        return f"{_a(value)} of length {len(value)}; accepted: {accepted}, so pass the value of one of its keys"
    if isinstance(value, Iterator | Set):
        return f"{_a(value)}; accepted: {accepted}, such as numpy.concatenate makes of a list of batches"
    return None


def _has(value: object, name: str) -> bool:
    """Whether a value has an attribute that can be read."""
    try:
        return hasattr(value, name)
    except Exception:  # of a property that somebody else wrote
        return False


def _a(value: Any) -> str:
    name = type(value).__name__
    return f"an {name}" if name[0].lower() in "aeiou" else f"a {name}"


def _converted(value: Any, argument: str, accepted: str) -> NDArray[Any]:
    """An array of what NumPy reads, or of what another library exports."""
    exported = _has(value, "__dlpack__") and not isinstance(value, np.ndarray)
    ways: list[Callable[[Any], Any]] = [np.asanyarray] if _has(value, "__array__") or not exported else []
    if exported:
        ways.append(np.from_dlpack)
        if torch := sys.modules.get("torch"):
            ways.append(lambda value: _tensor(torch.from_dlpack(value), argument, accepted))
    failure: Exception | None = None
    for way in ways:
        try:
            array = way(value)
            hidden = _hidden(array)
        except MemoryError:
            raise
        except Exception as error:  # whatever another library raises: the next way is tried
            failure = error
            continue
        if hidden:
            leaves = "isoaux.open or numpy.ma.compress_rows" if array.ndim > 1 else ".compressed()"
            raise ValueError(
                f"{argument} has a mask that hides {hidden} of {array.size} numbers; accepted: {accepted}, without "
                f"hidden numbers, such as {leaves} leaves."
            )
        return np.asarray(array)
    where = ", in the CPU's memory" if exported else ""
    if _has(value, "__getitem__") and not _has(value, "__array__"):
        where = _CONCATENATE
    raise ValueError(f"{argument} is {_a(value)} that NumPy cannot read; accepted: {accepted}{where}.") from failure


def _hidden(array: NDArray[Any]) -> int:
    """How many numbers a mask hides."""
    mask = getattr(array, "mask", False)
    plain = array.dtype.names is None and isinstance(mask, bool | np.bool_ | np.ndarray)
    return int(np.count_nonzero(mask)) if plain else 0


def _tensor(value: Any, argument: str, accepted: str) -> NDArray[Any]:
    """A tensor's numbers as a NumPy array; half precision is widened to float32, since NumPy has no bfloat16."""
    torch, dense = sys.modules["torch"], "accepted: a dense one, which {} makes of it"
    reason, hidden = None, 0
    try:
        if value.is_nested:
            reason = f"a nested tensor; {dense.format('torch.cat(list(tensor.unbind()))')}"
        elif value.is_meta:
            reason = f"a tensor on the device meta, which holds no numbers; accepted: {accepted}, with numbers"
        elif value.is_quantized:
            reason = f"a quantised tensor; {dense.format('.dequantize()')}"
        elif value.layout != torch.strided:
            reason = f"a tensor of layout {value.layout}; {dense.format('.to_dense()')}"
        elif value.is_complex():
            reason = f"a tensor of dtype {value.dtype}; accepted: real numbers"
        elif _has(value, "get_mask"):
            value, hidden = value.get_data(), int((~value.get_mask()).sum())
        if not reason and not hidden:
            tensor = value.detach().cpu().resolve_conj().resolve_neg()
            half = tensor.is_floating_point() and tensor.element_size() < 4
            return np.asarray((tensor.float() if half else tensor).numpy())
    except MemoryError:
        raise
    except Exception:  # torch raises errors of many kinds
        dtype = getattr(value, "dtype", "unknown")
        reason = f"{_a(value)} of dtype {dtype} that cannot be read as numbers; accepted: {accepted}, on any device"
    if hidden:
        hides = f"hides {hidden} of {value.numel()} numbers"
        reason = f"a tensor with a mask that {hides}; accepted: {accepted}, without hidden numbers"
    raise ValueError(f"{argument} is {reason}.")


def _joined(value: Sequence[Any], argument: str, accepted: str, depth: int) -> NDArray[Any]:
    """A list of numbers, or of arrays and lists of one shape, as one array."""
    if depth == DEEPEST:
        outermost = argument.partition("[")[0]
        raise ValueError(f"{outermost} has lists within lists, more than {DEEPEST} deep; accepted: {accepted}.")
    kinds = set(map(type, value))
    if not any(map(_holds_several, kinds)):
        return _row(value, kinds)
    parts = [
        _read(part, f"{argument}[{at}]", accepted, depth + 1)
        if _holds_several(type(part))
        else _row(part, {type(part)})
        for at, part in enumerate(value)
    ]
    first = parts[0].shape
    for at, part in enumerate(parts):
        if part.shape != first:
            raise ValueError(
                f"{argument}[0] has shape {first} and {argument}[{at}] has shape {part.shape}; accepted: {accepted}"
                f"{_CONCATENATE if len(first) > 1 else ''}."
            )
    return np.stack([real(part, f"{argument}[{at}]") for at, part in enumerate(parts)])


def _row(value: Any, kinds: Iterable[type]) -> NDArray[Any]:
    """A list of numbers, or one number, as an array; of objects where text or no common dtype is among them."""
    if not any(issubclass(kind, str | bytes) for kind in kinds):
        try:
            return np.array(value)
        except (TypeError, ValueError):  # dtypes such as that of dates have none in common with a number
            pass
    return np.array(value, dtype=object)


_CONCATENATE = ", such as numpy.concatenate (torch.cat for tensors) makes of batches"


def _holds_several(kind: type) -> bool:
    """Whether an element of a list is a vector rather than a number."""
    if issubclass(kind, str | bytes | Number | np.generic):
        return False
    names = ("__array__", "__dlpack__", "nnz")
    return issubclass(kind, Sequence | Mapping | Iterator | Set) or any(hasattr(kind, name) for name in names)


def _wider_dtype(dtype: Any) -> type[np.floating[Any]] | None:
    """NumPy's dtype that holds all numbers of one of ml_dtypes (JAX, TensorFlow); None for a dtype of NumPy."""
    if dtype.kind != "V" or dtype.type is np.void:
        return None
    kinds: dict[str, type[np.floating[Any]]] = {"bfloat": np.float32, "float": np.float32, "int": np.float64}
    return next((wider for name, wider in kinds.items() if dtype.name.removeprefix("u").startswith(name)), None)


def real(array: NDArray[Any], argument: str) -> NDArray[Any]:
    """``array`` if it has real numbers or objects, those of other packages' dtypes in one of NumPy's.

    Raises ValueError for other dtypes.
    """
    if wider := _wider_dtype(array.dtype):
        return array.astype(wider)
    if array.dtype.kind in "fiubO":
        return array
    lost = array.dtype == np.dtype("V2")  # what numpy.load reads where bfloat16 was saved
    advice = ", such as .view(ml_dtypes.bfloat16) makes of them" if lost else ""
    raise ValueError(f"{argument} has dtype {array.dtype}; accepted: real numbers{advice}.")


def _advice(shape: tuple[int, ...], value: object) -> str:
    """Words that say how to make a matrix of an array with more than two axes; empty for fewer."""
    if len(shape) < 3:
        return ""
    if isinstance(value, Sequence) and len(shape) == 3:
        return _CONCATENATE
    return (
        f", such as isoaux.open makes with a layout, or .reshape(-1, {shape[-1]}) where the last axis holds the neurons"
    )


def _finite(array: NDArray[Any], argument: str, columns: Sequence[Any] = ()) -> Floats:
    """Real numbers in single or double precision; the first that is not finite is named with its place."""
    result = floats(array, argument, columns)
    finite = np.isfinite(result)
    if not finite.all():
        index = tuple(int(i) for i in np.argwhere(~finite)[0])
        lost = array.dtype.kind != "O" and np.isfinite(array[index])
        limit = " of double precision, up to 1.8e+308" if lost else ""
        raise ValueError(
            f"{argument} holds {array[index]!s} at {_place(index, columns)}; accepted: finite numbers{limit}."
        )
    return result


def _is_real(cell: object) -> bool:
    if isinstance(cell, np.timedelta64) or not (isinstance(cell, Real | np.bool_ | Decimal) or _is_added(cell)):
        return False
    try:
        float(cell)  # type: ignore[arg-type]
    except (ArithmeticError, TypeError, ValueError):
        return False
    return True


def _is_added(value: object) -> bool:
    """Whether a value is a number of a dtype that another package adds to NumPy."""
    return isinstance(value, np.generic) and _wider_dtype(value.dtype) is not None


def _place(index: tuple[int, ...], columns: Sequence[Any]) -> str:
    if len(index) == 1:
        return f"place {index[0]}"
    if len(index) != 2:
        return f"index {index}"
    label = columns[index[1]] if index[1] < len(columns) else None
    return f"row {index[0]}, column {index[1]}" + (f" ({shown(label)})" if isinstance(label, str) else "")
