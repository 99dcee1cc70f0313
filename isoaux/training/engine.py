"""The training step, written by hand, of networks of one shape (App. E).

Networks of one shape are trained in step, in one of two forms of the same step. On a processor every network is
trained by a compiled function, one core each (``isoaux.training.compiled``). On a GPU every product of the forward and
backward pass is one batched product over all networks, and a step is captured once as a graph and replayed. In both,
gradients are never stored: each product adds its gradient straight into the momentum (``m <- mu m + grad``), and
``p <- p - eta m`` follows.
"""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from isoaux import activations
from isoaux.training import autoencoder, compiled, maps
from isoaux.training.autoencoder import Parameters, affine_maps, functions


def stack(
    parameters: Sequence[Parameters],
    activations: Sequence[str],
    order: Sequence[int],
    *,
    learning_rate: float,
    momentum: float,
    dtype: torch.dtype,
    device: torch.device | str = "cpu",
    map: str = "affine",
) -> "Stack":
    """Networks of one shape, ready to be trained in step: a compiled stack on a processor, else a batched one.

    ``parameters[e]`` are those that network e starts from, with its bases if any; ``activations[e]`` is the key of its
    activation, and ``order[e]``, from 0 on, numbers the order of samples that it follows: networks of one order see the
    same batches.
    ``map`` is the key of the map that all layers of all networks are (:mod:`isoaux.training.maps`).
    """
    here = torch.device(device).type == "cpu" and all(name in compiled.KINDS for name in activations)
    form = CompiledStack if here else BatchedStack
    return form(parameters, activations, order, learning_rate, momentum, dtype, device, map)


def compile_step(dtype: torch.dtype) -> None:
    """Compile the processor's step for an arithmetic unless that was done before, so that other processes load it.

    Processes that start together where nothing is compiled would each take ten seconds for it.
    """
    parameters = {name: value.to(dtype) for name, value in autoencoder.initial(1, 1, 0, torch.Generator()).items()}
    networks = stack([parameters], ["tanh"], [0], learning_rate=0.0, momentum=0.0, dtype=dtype)
    pixel = torch.zeros((1, 1), dtype=torch.uint8)
    networks.epoch(pixel, torch.ones((), dtype=dtype), None, torch.zeros((1, 1), dtype=torch.int64), 1)


class Stack:
    """E networks of one shape: a row each of parameters, ``flat``, and of momentum, ``velocity``.

    The parameters of a network do not depend on which others are trained beside it: to the last bit in the compiled
    form, within rounding in the batched one.
    """

    def __init__(
        self,
        parameters: Sequence[Parameters],
        activations: Sequence[str],
        order: Sequence[int],
        learning_rate: float,
        momentum: float,
        dtype: torch.dtype,
        device: torch.device | str,
        map: str = "affine",
    ) -> None:
        first = parameters[0]
        self.d = first["encoder.weight"].shape[1]
        self.widths = tuple(len(first[f"{name}.weight"]) for name in affine_maps(first)[:-1])
        self.bases = [{name: value for name, value in p.items() if name.startswith("basis.")} for p in parameters]
        self._f = [functions(p, name) for p, name in zip(parameters, activations, strict=True)]
        self.activations, self.order = list(activations), list(order)
        self.map = maps.named(map)
        self.learning_rate, self.momentum = learning_rate, momentum
        self.flat = torch.zeros((len(parameters), self._room(dtype)), dtype=dtype, device=device)
        self.velocity = torch.zeros_like(self.flat)
        self.load(parameters)

    def _room(self, dtype: torch.dtype) -> int:
        """The length of a network's row."""
        raise NotImplementedError

    def _read(self, row: Tensor) -> Parameters:
        """The parameters that a row holds, in the layout of ``nn.Linear``; views where the layouts agree."""
        raise NotImplementedError

    def _write(self, row: Tensor, values: Parameters) -> None:
        raise NotImplementedError

    def epoch(self, images: Tensor, scale: Tensor, offset: Tensor | None, orders: Tensor, batch_size: int) -> Tensor:
        """Mean losses (E,) of the networks over an epoch, for which each of them is trained.

        ``images`` (N, d) are bytes, of which a network sees ``images * scale + offset``; ``orders`` (G, N) holds a
        permutation of the samples for every order. The last, short batch is trained on too.
        """
        raise NotImplementedError

    def __len__(self) -> int:
        return len(self.flat)

    def load(self, parameters: Sequence[Parameters], velocities: Sequence[Parameters] | None = None) -> None:
        """Set the parameters of every network, and its momentum where ``velocities`` are given."""
        for row, values in zip(self.flat, parameters, strict=True):
            self._write(row, values)
        for row, values in zip(self.velocity, velocities or [], strict=velocities is not None):
            self._write(row, values)

    def parameters(self, e: int) -> Parameters:
        """A copy of network e's parameters on the CPU, in the layout of ``nn.Linear``, and its bases."""
        parameters = self._read(self.flat[e]) | self.bases[e]
        return {name: value.to("cpu", copy=True).contiguous() for name, value in parameters.items()}

    def velocities(self, e: int) -> Parameters:
        """A copy of network e's momentum on the CPU, in the same layout."""
        return {name: value.to("cpu", copy=True).contiguous() for name, value in self._read(self.velocity[e]).items()}

    def finite(self) -> list[bool]:
        """For every network, whether all of its parameters are finite."""
        return torch.isfinite(self.flat).all(dim=1).tolist()


# --- on a processor


class CompiledStack(Stack):
    """Networks trained one after the other, each in blocks of columns by the compiled step."""

    def _room(self, dtype: torch.dtype) -> int:
        d, depth, widest = self.d, len(self.widths) - 1, max(self.widths)
        self._blocks = -(-d // (compiled.BLOCK_BYTES // dtype.itemsize))
        line = 64 // dtype.itemsize
        self._width = -(-d // (self._blocks * line)) * line
        self._rows = [-(-n // compiled.ROWS) * compiled.ROWS for n in (self.widths[0], self.widths[-1])]
        weights = [self._blocks * rows * self._width for rows in self._rows]
        inner = [depth * widest * widest, depth * widest]
        self._sizes = [*weights, self._blocks * self._width, self.widths[0], *inner]
        return -(-sum(self._sizes) // line) * line

    def _parts(self, row: Tensor) -> dict[str, Tensor]:
        """Views of a row by the field names of ``isoaux.training.compiled.Weights``."""
        depth, widest = len(self.widths) - 1, max(self.widths)
        blocks = [(self._blocks, rows, self._width) for rows in self._rows]
        encoder, decoder, output, bias, hidden, hidden_bias = row[: sum(self._sizes)].split(self._sizes)
        return {
            "encoder": encoder.view(blocks[0]),
            "bias": bias,
            "hidden": hidden.view(depth, widest, widest),
            "hidden_bias": hidden_bias.view(depth, widest),
            "decoder": decoder.view(blocks[1]),
            "output": output.view(self._blocks, self._width),
        }

    def _weights(self, row: Tensor) -> compiled.Weights:
        return compiled.Weights(**{name: part.numpy() for name, part in self._parts(row).items()})

    def _columns(self, block: Tensor, n: int) -> Tensor:
        """Blocks (blocks, rows, width) as a matrix (n, d), without the padding."""
        return block.movedim(0, 1).flatten(1)[:n, : self.d]

    def _read(self, row: Tensor) -> Parameters:
        p = self._parts(row)
        first, last = self.widths[0], self.widths[-1]
        parameters = {"encoder.weight": self._columns(p["encoder"], first), "encoder.bias": p["bias"]}
        for k, (before, n) in enumerate(pairwise(self.widths)):
            parameters[f"hidden.{k}.weight"] = p["hidden"][k, :n, :before]
            parameters[f"hidden.{k}.bias"] = p["hidden_bias"][k, :n]
        parameters["decoder.weight"] = self._columns(p["decoder"], last).T
        return parameters | {"decoder.bias": p["output"].flatten()[: self.d]}

    def _write(self, row: Tensor, values: Parameters) -> None:
        p = self._parts(row)
        p["encoder"][:, : self.widths[0]] = self._blocked(values["encoder.weight"])
        p["decoder"][:, : self.widths[-1]] = self._blocked(values["decoder.weight"].T)
        p["output"][:] = self._blocked(values["decoder.bias"][None])[:, 0]
        p["bias"][:] = values["encoder.bias"]
        for k, (before, n) in enumerate(pairwise(self.widths)):
            p["hidden"][k, :n, :before] = values[f"hidden.{k}.weight"]
            p["hidden_bias"][k, :n] = values[f"hidden.{k}.bias"]

    def _on(self, e: int) -> compiled.Bases:
        """The bases of network e's activations with their tables, padded with zeros to one shape."""
        members = [f for f in self._f[e] if isinstance(f, activations.OnBasis)]
        pairs = [(f.basis.numpy(), f.table.numpy()) for f in members]
        counts = np.array([len(basis) for basis, _ in pairs], np.int64)
        vectors = np.zeros((len(pairs), counts.max(initial=0), max(self.widths)), self.flat.numpy().dtype)
        tables = np.zeros((len(pairs), max((len(table) for _, table in pairs), default=0), 3))
        for k, (basis, table) in enumerate(pairs):
            vectors[k, : len(basis), : basis.shape[1]] = basis
            tables[k, : len(table)] = table
        return compiled.Bases(vectors, counts, tables)

    def _blocked(self, matrix: Tensor) -> Tensor:
        """A matrix (rows, d), padded with zeros, as blocks (blocks, rows, width)."""
        padded = torch.nn.functional.pad(matrix, (0, self._blocks * self._width - matrix.shape[1]))
        return padded.unflatten(1, (self._blocks, self._width)).movedim(1, 0)

    def epoch(self, images: Tensor, scale: Tensor, offset: Tensor | None, orders: Tensor, batch_size: int) -> Tensor:
        d = self.d
        offset = torch.zeros_like(scale) if offset is None else offset
        pixels = [self._blocked(value.to(self.flat.dtype).expand(1, d))[:, 0].contiguous() for value in (scale, offset)]
        samples = -(-batch_size // compiled.SAMPLES) * compiled.SAMPLES
        room = self.flat.new_zeros((self._blocks + 1, samples, self._width)).numpy()
        number = self.flat.numpy().dtype.type
        losses = torch.empty(len(self), dtype=self.flat.dtype)
        for e, (name, order) in enumerate(zip(self.activations, self.order, strict=True)):
            f = self._f[e]
            total = compiled.epoch(
                images.numpy(),
                orders[order].numpy(),
                batch_size,
                *(value.numpy() for value in pixels),
                self._weights(self.flat[e]),
                self._weights(self.velocity[e]),
                room[1:],
                room[0],
                np.array(self.widths),
                compiled.KINDS[name],
                getattr(f[0], "leak", 0.0),
                getattr(f[0], "radius", 0.0),
                self._on(e),
                compiled.FORMS[self.map.form],
                self.map.matched,
                np.array([f[k].typical_square(n) for k, n in enumerate(self.widths)]),
                number(self.learning_rate),
                number(self.momentum),
            )
            losses[e] = total / (orders.shape[1] * d)
        return losses


# --- on a GPU


class _Views:
    """Rows of the buffer (E, P) seen as the matrices of the batched step."""

    def __init__(self, flat: Tensor, d: int, widths: tuple[int, ...]) -> None:
        sizes = _sizes(d, widths)
        encoder, bias, *affine = flat[:, : sum(sizes)].split(sizes, dim=1)
        self.encoder = encoder.view(-1, widths[0], d)
        self.bias = bias.view(-1, 1, widths[0])
        outputs = zip(affine, widths, (*widths[1:], d), strict=True)
        *self.hidden, self.decoder = (block.view(-1, p + 1, n) for block, p, n in outputs)  # transposed, bias below


def _sizes(d: int, widths: tuple[int, ...]) -> list[int]:
    """The lengths of a row's parts: encoder, its bias, and the other maps with theirs."""
    return [widths[0] * d, widths[0], *((p + 1) * n for p, n in pairwise((*widths, d)))]


class _Scratch:
    """The tensors that a step over one batch size writes to."""

    def __init__(
        self, orders: int, count: int, batch: int, d: int, widths: tuple[int, ...], like: Tensor, map: maps.LayerMap
    ) -> None:
        self.index = torch.arange(batch, device=like.device)
        self.raw = like.new_empty((orders * batch, d), dtype=torch.uint8)
        self.images = like.new_empty((orders, batch, d))
        self.z = [like.new_zeros((count, batch, n)) for n in widths]
        self.a = [like.new_ones((count, batch, n + 1)) for n in widths]  # last column stays 1: the bias
        affine = map.form == "affine"
        self.u = self.a if affine else [torch.empty_like(a) for a in self.a]  # the bias's factor comes last
        self.weighted = self.u if affine else [torch.empty_like(a) for a in self.a]
        self.residual = like.new_zeros((count, batch, d))
        self.da = [torch.zeros_like(z) for z in self.z]
        self.dz = [torch.zeros_like(z) for z in self.z]


@dataclass(frozen=True)
class _Step:
    """A step over one batch size: the tensors that it writes to, and on a GPU the graph that writes there.

    A graph holds the addresses of these tensors and does not keep them alive, so both are kept and dropped together.
    """

    scratch: _Scratch
    graph: torch.cuda.CUDAGraph | None


class BatchedStack(Stack):
    """Networks trained together, every product one batched product; on a GPU a step is replayed as a graph.

    A step reads all that changes from the device's own memory, the position in the epoch too, so that a captured
    step can be repeated without a transfer from the host. Tests run the same step on the CPU, uncaptured. Activations
    must not mix numbers into ``torch.where`` there: that copies from the host, which a capture forbids.
    """

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        runs = groupby(range(len(self)), key=self._kind)
        self._spans = [self._span(list(members)) for _, members in runs]
        self._p, self._m = _Views(self.flat, self.d, self.widths), _Views(self.velocity, self.d, self.widths)
        usual = [[f[k].typical_square(n) for f in self._f] for k, n in enumerate(self.widths)]
        self._typical = [self.flat.new_tensor(squares)[:, None, None] for squares in usual]
        self.orders = max(self.order) + 1
        self._order = None if self.orders == 1 else torch.tensor(self.order, device=self.flat.device)
        self._total = self.flat.new_zeros(len(self))
        self._position = torch.zeros((), dtype=torch.int64, device=self.flat.device)
        self._steps: dict[int, _Step] = {}
        self._inputs: tuple[Tensor, ...] = ()

    def _kind(self, e: int) -> tuple[str, list[tuple[int, ...]]]:
        """What networks share whose activations are computed together: a key, and the sizes of bases."""
        return self.activations[e], [tuple(basis.shape) for basis in self.bases[e].values()]

    def _span(self, members: list[int]) -> tuple[list[activations.Activation], slice]:
        """The activations of neighbouring networks of one kind, and their place; with all their bases side by side."""
        span, name = slice(members[0], members[-1] + 1), self.activations[members[0]]
        if not self.bases[members[0]]:
            return self._f[members[0]], span
        keys = [f"basis.{k}" for k in range(len(self.widths))]
        several = [torch.stack([self.bases[e][key] for e in members]) for key in keys]
        return [activations.named(name, basis).to(self.flat.device) for basis in several], span

    def _room(self, dtype: torch.dtype) -> int:
        line = 64 // dtype.itemsize  # a product's last bit depends on where its operands start: all start alike
        return -(-sum(_sizes(self.d, self.widths)) // line) * line

    def _read(self, row: Tensor) -> Parameters:
        v = _Views(row[None], self.d, self.widths)
        parameters = {"encoder.weight": v.encoder[0], "encoder.bias": v.bias[0, 0]}
        for k, block in enumerate(v.hidden):
            parameters |= {f"hidden.{k}.weight": block[0, :-1].T, f"hidden.{k}.bias": block[0, -1]}
        return parameters | {"decoder.weight": v.decoder[0, :-1].T, "decoder.bias": v.decoder[0, -1]}

    def _write(self, row: Tensor, values: Parameters) -> None:
        for name, view in self._read(row).items():
            view.copy_(values[name])

    def epoch(self, images: Tensor, scale: Tensor, offset: Tensor | None, orders: Tensor, batch_size: int) -> Tensor:
        self._place(images, scale, offset, orders)
        self._total.zero_()
        self._position.zero_()
        samples = orders.shape[1]
        for start in range(0, samples, batch_size):
            step = self._step(min(batch_size, samples - start))
            if step.graph is None:
                self._run(step.scratch)
            else:
                step.graph.replay()
        return self._total / (samples * self.d)

    def _place(self, images: Tensor, scale: Tensor, offset: Tensor | None, orders: Tensor) -> None:
        """Copy the inputs to where a captured step reads them.

        There is room for the longest order of these images, so that a shorter one needs no other capture.
        """
        values = scale, torch.zeros_like(scale) if offset is None else offset
        room = orders.shape[0], max(orders.shape[1], len(images))
        shapes = [value.shape for value in values] + [room]
        if not self._inputs or self._inputs[0] is not images or [t.shape for t in self._inputs[1:]] != shapes:
            self._steps.clear()  # they read the earlier inputs
            self._inputs = (images, *(value.clone() for value in values), orders.new_zeros(room))
        for here, now in zip(self._inputs[1:3], values, strict=True):
            here.copy_(now)
        self._inputs[3][:, : orders.shape[1]].copy_(orders)

    def _step(self, size: int) -> _Step:
        """A step over ``size`` samples, captured on a GPU when it is first asked for."""
        if size not in self._steps:
            scratch = _Scratch(self.orders, len(self), size, self.d, self.widths, self.flat, self.map)
            self._steps[size] = _Step(scratch, self._capture(scratch) if self.flat.is_cuda else None)
        return self._steps[size]

    def _capture(self, scratch: _Scratch) -> torch.cuda.CUDAGraph:
        """A step as a CUDA graph, which writes to ``scratch``; the rehearsal that a capture needs is taken back."""
        state = self.flat, self.velocity, self._total, self._position
        before = [t.clone() for t in state]
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(3):
                self._position.copy_(before[3])
                self._run(scratch)
        torch.cuda.current_stream().wait_stream(aside)
        for tensor, value in zip(state, before, strict=True):
            tensor.copy_(value)
        graph = torch.cuda.CUDAGraph()
        known = inspect.signature(torch.cuda.graph).parameters  # the oldest torch that we allow has no such check
        watch: dict[str, Any] = {"check_input_liveness": True} if "check_input_liveness" in known else {}
        reason: BaseException | None = None
        try:
            # the outer stream: where a capture fails, some versions of torch do not go back to the one before
            with torch.cuda.stream(torch.cuda.current_stream()), torch.cuda.graph(graph, **watch):
                try:
                    self._run(scratch)  # recorded, not run
                except BaseException as error:
                    reason = error
                    raise
        except Exception:
            if reason is not None:  # which the end of a capture that has failed replaces by an error of its own
                raise reason from None
            raise
        finally:
            del reason  # its traceback would keep this stack alive
        return graph

    def _run(self, s: _Scratch) -> None:
        """Make one step of every network; reads and moves the position in the epoch."""
        images, scale, offset, orders = self._inputs
        p, m, mu = self._p, self._m, self.momentum
        d, depth = self.d, len(self.widths) - 1
        size = len(s.index)
        batch = orders.index_select(1, s.index + self._position)
        self._position += size
        torch.index_select(images, 0, batch.reshape(-1), out=s.raw)
        s.images.view(-1, d).copy_(s.raw).mul_(scale).add_(offset)
        x = s.images.expand(len(self), size, d) if self._order is None else s.images[self._order]

        u, _, beta, omega = self.map.rescale(x)
        torch.baddbmm(beta * p.bias, u, p.encoder.mT, out=s.z[0])
        for k in range(depth + 1):
            for f, members in self._spans:
                s.a[k][members, :, :-1] = f[k].forward(s.z[k][members])
            self._rescale(s, k)
            if k < depth:
                torch.bmm(s.u[k], p.hidden[k], out=s.z[k + 1])
        torch.baddbmm(x, s.u[depth], p.decoder, beta=-1, out=s.residual)
        self._total += torch.linalg.vector_norm(s.residual, dim=(1, 2)).square_()

        gradient = 2 / (size * d)  # of the mean over batch and elements
        self._pull_back(s, depth, p.decoder, s.residual)
        m.decoder.baddbmm_(s.weighted[depth].mT, s.residual, beta=mu, alpha=gradient)
        for k in range(depth, -1, -1):
            for f, members in self._spans:
                s.dz[k][members] = f[k].vjp(s.z[k][members], s.da[k][members])
            if k > 0:
                self._pull_back(s, k - 1, p.hidden[k - 1], s.dz[k])
                m.hidden[k - 1].baddbmm_(s.weighted[k - 1].mT, s.dz[k], beta=mu, alpha=gradient)
        s.dz[0].mul_(omega)
        m.encoder.baddbmm_(s.dz[0].mT, u, beta=mu, alpha=gradient)
        m.bias.baddbmm_(beta.mT, s.dz[0], beta=mu, alpha=gradient)
        self.flat.add_(self.velocity, alpha=-self.learning_rate)

    def _rescale(self, s: _Scratch, k: int) -> None:
        """Set the inputs of the map after activation k, and the same times the weights of its gradient."""
        if s.u is s.a:
            return
        u, _, beta, omega = self.map.rescale(s.a[k][..., :-1], self._typical[k])
        s.u[k][..., :-1], s.u[k][..., -1:] = u, beta
        torch.mul(s.u[k], omega, out=s.weighted[k])

    def _pull_back(self, s: _Scratch, k: int, block: Tensor, g: Tensor) -> None:
        """The gradient with respect to activation k, from that with respect to the output of the map after it."""
        torch.bmm(g, block[:, :-1].mT, out=s.da[k])
        if self.map.bends:
            dc = g @ block[:, -1:].mT
            s.da[k].copy_(self.map.pull_back(s.a[k][..., :-1], s.da[k], dc, self._typical[k]))
