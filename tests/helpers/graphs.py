"""Stands in for the graphs of ``torch.cuda`` where there is no GPU; knows what a real graph knows: addresses.

A capture runs nothing: it records every operation of torch with the addresses, sizes and strides of its tensors. A
replay runs the operations on these addresses. What was made in a capture lives as long as the graph, as in its private
pool of memory; what comes from outside does not, and a replay that would touch outside memory that has been freed is
refused before it does. So is what a real capture cannot hold: copies from and to the host, and random numbers.
"""

import ctypes
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

WAITS_FOR_THE_DEVICE = {
    f"aten::{name}"
    for name in (
        "_local_scalar_dense",
        "_to_copy",
        "_unique2",
        "equal",
        "is_nonzero",
        "item",
        "masked_select",
        "nonzero",
        "unique_dim",
    )
}
"""Operations that wait for a number from the device or copy from the host, which a capture forbids."""

RANDOM = ("bernoulli", "dropout", "multinomial", "normal", "rand", "uniform")
"""Parts of the names of operations that draw random numbers, which a replay would repeat."""


class Forbidden(RuntimeError):
    """Something that a real capture refuses."""


class Freed(RuntimeError):
    """A replay would read or write memory that has been freed since the capture."""


def _at_its_address(tensor: Tensor) -> Tensor:
    """A tensor over the same memory that does not keep it alive."""
    storage = tensor.untyped_storage()
    if not storage.nbytes():
        return torch.empty(tensor.size(), dtype=tensor.dtype)
    memory = (ctypes.c_uint8 * storage.nbytes()).from_address(storage.data_ptr())
    whole = torch.frombuffer(memory, dtype=tensor.dtype)
    return whole.as_strided(tensor.size(), tensor.stride(), tensor.storage_offset())


@dataclass
class _Outside:
    """Memory that a capture met and did not make, and what was in it when the capture began."""

    operation: str
    alive: StorageWeakRef
    place: Tensor
    before: Tensor


class Graph:
    """What stands for ``torch.cuda.CUDAGraph``."""

    made: list["Graph"] = []
    """Every graph of a test that has been captured, whole or not."""

    def __init__(self) -> None:
        self.operations: list[tuple[Any, Any, Any, list[Tensor]]] = []
        self.pool: dict[int, Tensor] = {}
        self.outside: dict[int, _Outside] = {}
        self.replays = 0
        self.watched = False
        Graph.made.append(self)

    def replay(self) -> None:
        freed = [known.operation for known in self.outside.values() if known.alive.expired()]
        if freed:
            raise Freed(
                f"{len(freed)} of {len(self.outside)} outside tensors of a replay have been freed, "
                f"those of {', '.join(sorted(set(freed)))}"
            )
        self.replays += 1
        for operation, arguments, options, results in self.operations:
            made = [leaf for leaf in tree_leaves(operation(*arguments, **options)) if isinstance(leaf, Tensor)]
            for place, value in zip(results, made, strict=True):
                if place.data_ptr() != value.data_ptr():
                    place.copy_(value)


class _Recorder(TorchDispatchMode):
    """Writes operations down; they run, so that their results have sizes, and what they change is put back later."""

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.graph = graph

    def __torch_dispatch__(self, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = operation._schema.name
        if name in WAITS_FOR_THE_DEVICE or any(part in name for part in RANDOM):
            raise Forbidden(f"{name} in a capture")
        for tensor in tree_leaves((args, kwargs)):
            if isinstance(tensor, Tensor):
                self._met(name, tensor)
        results = operation(*args, **kwargs)
        tensors = [leaf for leaf in tree_leaves(results) if isinstance(leaf, Tensor)]
        for tensor in tensors:
            address = tensor.untyped_storage().data_ptr()
            if address not in self.graph.outside:
                self.graph.pool[address] = tensor
        places = tree_map_only(Tensor, _at_its_address, (args, kwargs))
        self.graph.operations.append((operation, *places, [_at_its_address(tensor) for tensor in tensors]))
        return results

    def _met(self, name: str, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        address = storage.data_ptr()
        if address not in self.graph.pool and address not in self.graph.outside:
            place = torch.empty(0, dtype=torch.uint8)
            if storage.nbytes():
                memory = (ctypes.c_uint8 * storage.nbytes()).from_address(address)
                place = torch.frombuffer(memory, dtype=torch.uint8)
            self.graph.outside[address] = _Outside(name, StorageWeakRef(storage), place, place.clone())


class Capture:
    """What stands for ``torch.cuda.graph``."""

    def __init__(self, graph: Graph, check_input_liveness: bool = False) -> None:
        self.graph = graph
        graph.watched = check_input_liveness

    def __enter__(self) -> None:
        self.mode = _Recorder(self.graph)
        self.mode.__enter__()

    def __exit__(self, kind: type[BaseException] | None, *rest: Any) -> None:
        self.mode.__exit__(kind, *rest)
        for known in self.graph.outside.values():
            known.place.copy_(known.before)
        if kind is not None:  # as a real one, whose end is an error of its own where something failed in between
            raise RuntimeError("CUDA error: operation failed due to a previous error during capture")


class OldCapture(Capture):
    """The same in versions of torch that do not look whether what a graph reads is still there."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph)


@dataclass
class Stream:
    """What stands for ``torch.cuda.Stream``."""

    waited: list["Stream"] = field(default_factory=list)

    def wait_stream(self, other: "Stream") -> None:
        self.waited.append(other)


def _on(stream: Stream) -> AbstractContextManager[None]:
    return nullcontext()


def stand_in(patch: pytest.MonkeyPatch, capture: type[Capture] = Capture) -> None:
    """Let this process take tensors for a GPU's, and graphs of this module for those of CUDA."""
    main = Stream()
    for name, value in {
        "CUDAGraph": Graph,
        "Stream": Stream,
        "current_stream": lambda: main,
        "graph": capture,
        "stream": _on,
    }.items():
        patch.setattr(torch.cuda, name, value)
    patch.setattr(torch.Tensor, "is_cuda", property(lambda _: True))
    patch.setattr(Graph, "made", [])
