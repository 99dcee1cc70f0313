"""The tensors of files that torch.save wrote, without ever running what such a file may hold."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from isoaux.common.choices import shown
from isoaux.sources import memory
from isoaux.sources.parts import Named

SAFE = (2, 6)
"""The first version of torch whose ``weights_only`` cannot be made to run code."""


def contents(path: Path, key: str | None) -> Named:
    """The tensors of a file of torch, by name; those in mappings within mappings have names with points.

    A list of tensors is one array in several parts. The file is mapped where its format allows.

    Raises ValueError where torch is missing or too old, and for a file that holds more than tensors, numbers, text,
    lists and mappings.
    """
    name = shown(str(path))
    try:
        import torch  # of the extra `train`, which other files do not need
    except ImportError as error:
        raise ValueError(f"source is {name}, which only torch reads; accepted: an environment with torch.") from error
    if tuple(int(number) for number in torch.__version__.split(".")[:2]) < SAFE:
        raise ValueError(f"torch is {torch.__version__}, which a file could make run code; accepted: 2.6 or newer.")
    failure: Exception | None = None
    for mapped in (True, False):  # files of torch before 1.6 cannot be mapped
        try:
            held = torch.load(path, map_location="cpu", mmap=mapped, weights_only=True)
        except UnpicklingError as error:
            raise ValueError(
                f"source is {name}, which only unpickling could read and isoaux never unpickles; accepted: tensors in "
                f"lists and mappings, such as torch.save({{'layer': tensor}}, '{path.name}') writes, or .safetensors."
            ) from error
        except Exception as error:  # torch raises errors of many kinds for a damaged file
            failure = error
            continue
        return {place: partial(memory.parts, each, _named(path, place)) for place, each in _tensors(held)}
    raise ValueError(f"source is {name}, which torch cannot read; accepted: a whole file of torch.save.") from failure


def _named(path: Path, place: str) -> str:
    return f"{path.name}[{place!r}]" if place else path.name


def _tensors(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Tensors and lists of tensors, by their places in mappings within mappings."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _tensors(each, f"{place}.{name}" if place else str(name))
    elif memory.is_array(value) or (isinstance(value, list | tuple) and value and all(map(memory.is_array, value))):
        yield place, value
