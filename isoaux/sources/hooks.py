"""Activations of a torch model's modules while it runs, sampled as they pass by: nothing but the sample is kept."""

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from isoaux.common import arrays
from isoaux.common.choices import shown, unknown
from isoaux.sources import layouts, limits
from isoaux.sources.layouts import Layout
from isoaux.sources.parts import Tensor
from isoaux.sources.reservoir import Reservoir
from isoaux.sources.sample import Sample, finished

MASK = "attention_mask"
"""The entry of a batch that is not 0 where a token counts, as tokenisers of transformers name it."""


@arrays.numpy_defaults
def capture(
    model: Any,
    modules: str | Iterable[str] | Mapping[str, str | None],
    batches: Iterable[Any],
    *,
    samples: int | None = None,
    seed: Any = 0,
    mask: str | None = MASK,
    forward: Callable[[Any, Any], object] | None = None,
) -> dict[str, Sample]:
    """A sample of what each of some modules of a model gives out while batches run through it, by the module's name.

    Parameters: ``model``, a ``torch.nn.Module`` on any device; ``modules``, a name as in ``model.named_modules()``,
    several, or layouts by name as in :func:`isoaux.open`, such as ``{"layer4": "N C H W"}``. Outputs of two axes need
    none, (samples, neurons), and of three axes are (batch, tokens, neurons) where a layout is None or not given. Of
    outputs in a tuple, a list or a mapping the first tensor is taken. A module that is called several times in a batch
    is sampled at every call.

    ``batches`` is a tensor, or an iterable of batches, such as a ``DataLoader``: of a tensor ``model(batch)`` is
    called, of a mapping ``model(**batch)``, of a tuple or list, such as images and labels, ``model(batch[0])``; or
    ``forward(model, batch)`` if it is given. Tensors are moved to the device of the model's parameters. The model runs
    without gradients and in evaluation mode, and is left in the mode that it was in.

    ``samples`` is the largest number of rows of each module, by default as many as 256 MB hold of all modules together.
    They are drawn with ``seed`` as the rows pass by, in a reservoir, so that memory does not grow with the number of
    batches and only drawn rows leave the device; modules that give out as many rows are sampled at the same places.
    ``mask`` names the entry of a batch that is a mapping which is 0 where a token is padding: those rows are hidden,
    where the output has the axes of the mask in front; None counts all.

    Raises ValueError for names that are no modules, with the nearest one, for a layout that does not fit, for a module
    that gives out no tensor or is never called, for widths that change, and for no batch.
    """
    seed = arrays.seed(seed)
    most = None if samples is None else arrays.whole(samples, "samples")
    chosen = _modules(model, modules)
    draw = partial(_reservoir, most, len(chosen), seed)
    taps = {name: _Tap(name, layout, type(model).__name__, draw) for name, (_, layout) in chosen.items()}
    run = forward or _run
    with _evaluating(model), _listening([(chosen[name][0], tap) for name, tap in taps.items()]):
        device = next((each.device for each in model.parameters()), None)
        for batch in [batches] if arrays.is_tensor(batches) else batches:
            moved = _moved(batch, device)
            visible = moved.get(mask) if mask and isinstance(moved, Mapping) else None
            for tap in taps.values():
                tap.visible = visible
            run(model, moved)
    return {name: tap.finished(seed) for name, tap in taps.items()}


def _modules(model: Any, modules: Any) -> dict[str, tuple[Any, str | None]]:
    """The chosen modules, with their layouts, by name."""
    names = getattr(model, "named_modules", None)
    if names is None:
        raise ValueError(f"model is of type {type(model).__name__}; accepted: a torch.nn.Module.")
    named = {name: module for name, module in names() if name}
    several = [modules] if isinstance(modules, str) else modules
    chosen = dict(several) if isinstance(several, Mapping) else dict.fromkeys(several)
    if not chosen:
        raise ValueError(f"modules is {shown(modules)}; accepted: at least one name of a module.")
    for name in chosen:
        if name not in named:
            raise unknown("modules", name, list(named))
    return {name: (named[name], layout) for name, layout in chosen.items()}


def _reservoir(most: int | None, beside: int, seed: Any, width: int, itemsize: int) -> Reservoir:
    """A reservoir for rows of ``width`` numbers, of which so many modules are sampled ``beside`` one another."""
    return Reservoir(max(1, limits.most_rows(width, itemsize) // beside) if most is None else most, seed)


@dataclass
class _Tap:
    """What is kept of one module of a ``model``: its reservoir; the shape, dtype and layout of its first output."""

    name: str
    layout: str | None
    model: str
    draw: Callable[[int, int], Reservoir]
    reservoir: Reservoir | None = None
    visible: Any = None
    total: int = 0
    first: tuple[tuple[int, ...], str, Layout] | None = None

    def __call__(self, module: Any, inputs: Any, output: Any) -> None:
        part = Tensor(f"the output of {self.name!r}", _tensor(output, self.name))
        layout = "batch tokens neurons" if self.layout is None and len(part.shape) == 3 else self.layout
        axes = layouts.read(layout, part.shape, part.name)
        leading, width = axes.leading(part.shape), part.shape[axes.axis]
        if self.reservoir is None:
            self.reservoir = self.draw(width, part.floating.itemsize)
        if self.reservoir.width not in (0, width):
            raise ValueError(
                f"{part.name} has {width:,} neurons, and had {self.reservoir.width:,} before; accepted: a module whose "
                "output keeps its width."
            )
        places = self._places(leading)
        self.reservoir.add(len(places), width, lambda chosen: part.take(axes.axis, places[chosen]))
        self.total += math.prod(leading)
        self.first = self.first or (part.shape, part.stored, axes)

    def _places(self, leading: tuple[int, ...]) -> NDArray[np.int64]:
        """The rows of an output that no mask hides."""
        mask = self.visible
        if mask is None or tuple(mask.shape) != leading[: len(mask.shape)]:
            return np.arange(math.prod(leading))
        rows = np.broadcast_to(
            mask.cpu().numpy().reshape(*mask.shape, *[1] * (len(leading) - len(mask.shape))), leading
        )
        return np.flatnonzero(rows)

    def finished(self, seed: Any) -> Sample:
        """The sample of all calls."""
        if self.first is None or self.reservoir is None:
            raise ValueError(
                f"modules has {self.name!r}, which no batch ran through; accepted: a module that is called."
            )
        shape, stored, axes = self.first
        hidden = self.total - self.reservoir.seen
        rows, name = self.reservoir.drawn(), f"the output of {self.name!r}"
        return finished(rows, name, self.model, self.name, str(axes), shape, stored, self.total, hidden, seed)


def _tensor(output: Any, name: str) -> Any:
    """The output of a module if it is a tensor, else the first tensor of what it holds."""
    if arrays.is_tensor(output):
        return output
    held = output.values() if isinstance(output, Mapping) else output if isinstance(output, tuple | list) else ()
    for each in held:
        if arrays.is_tensor(each):
            return each
    raise ValueError(f"{name} gives out {type(output).__name__} without a tensor; accepted: a module that gives one.")


def _run(model: Any, batch: Any) -> object:
    if isinstance(batch, Mapping):
        return model(**batch)
    return model(batch[0] if isinstance(batch, tuple | list) else batch)


def _moved(batch: Any, device: Any) -> Any:
    """A batch with its tensors on a device."""
    if arrays.is_tensor(batch):
        return batch if device is None else batch.to(device)
    if isinstance(batch, Mapping):
        return {name: _moved(each, device) for name, each in batch.items()}
    if isinstance(batch, tuple | list):
        return [_moved(each, device) for each in batch]
    return batch


@contextmanager
def _evaluating(model: Any) -> Iterator[None]:
    """The model in evaluation mode and without gradients, and each of its modules as before afterwards."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with sys.modules["torch"].inference_mode():
            yield
    finally:
        for module, training in modes:
            module.training = training


@contextmanager
def _listening(taps: Iterable[tuple[Any, Callable[..., None]]]) -> Iterator[None]:
    handles = [module.register_forward_hook(tap) for module, tap in taps]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
