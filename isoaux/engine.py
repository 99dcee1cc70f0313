"""One hand-written training step over a leading axis of networks (App. E; design: one engine).

E networks of one shape are trained in step: every parameter has a leading axis E, and every product of the
forward and backward pass is one batched product. Networks that share a sample order share the batch. Gradients
are never stored: each product adds its gradient straight into the momentum buffer (``m <- mu m + grad``), and one
pass over all parameters applies the step (``p <- p - eta m``).
"""

import math
from collections.abc import Sequence
from itertools import groupby

import torch
from torch import Tensor, nn

from isoaux.activations import ACTIVATIONS, Activation
from isoaux.choices import choose
from isoaux.versions import ENGINE_VERSION as ENGINE_VERSION

Parameters = dict[str, Tensor]
"""The parameters of one network by name, each in the layout of ``nn.Linear``."""


def shapes(d: int, n: int, depth: int) -> dict[str, tuple[int, ...]]:
    """Names and shapes of an autoencoder's parameters, in the layout of ``nn.Linear``.

    Affine d to n (latent 0), ``depth`` blocks of activation and affine n to n (latents 1..L), activation,
    affine n to d; biases everywhere, no output activation (App. E, Fig. 37).
    """
    out: dict[str, tuple[int, ...]] = {"encoder.weight": (n, d), "encoder.bias": (n,)}
    for k in range(depth):
        out |= {f"hidden.{k}.weight": (n, n), f"hidden.{k}.bias": (n,)}
    return out | {"decoder.weight": (d, n), "decoder.bias": (d,)}


def initial(d: int, n: int, depth: int, generator: torch.Generator) -> Parameters:
    """Xavier-normal weights of gain 1 and zero biases in float64 (App. E); independent of the activation."""
    made = {}
    for name, shape in shapes(d, n, depth).items():
        made[name] = torch.zeros(shape, dtype=torch.float64)
        if len(shape) == 2:
            made[name].normal_(0, (2 / sum(shape)) ** 0.5, generator=generator)
    return made


def affine_maps(parameters: Parameters) -> list[str]:
    """The names of a network's affine maps from input to output, whatever the order of the parameters."""
    depth = sum(name.startswith("hidden") for name in parameters) // 2
    return ["encoder", *(f"hidden.{k}" for k in range(depth)), "decoder"]


def _activation(name: str) -> Activation:
    return choose("activation", name, ACTIVATIONS)()


def module(parameters: Parameters, activation: str) -> nn.Sequential:
    """A network as plain PyTorch: ``nn.Sequential`` of Linear layers and activations, from its parameters."""
    layers: list[nn.Module] = []
    for name in affine_maps(parameters):
        weight = parameters[f"{name}.weight"]
        linear = nn.utils.skip_init(nn.Linear, weight.shape[1], weight.shape[0], dtype=weight.dtype)
        linear.load_state_dict({"weight": weight, "bias": parameters[f"{name}.bias"]})
        layers += [linear, _activation(activation)]
    return nn.Sequential(*layers[:-1])


def latents(parameters: Parameters, activation: str, x: Tensor) -> list[Tensor]:
    """The representations of every latent layer k = 0..L: affine outputs, before the activation (App. E).

    ``x`` has shape (N, d); each result has shape (N, n).
    """
    f = _activation(activation)
    found = []
    for name in affine_maps(parameters)[:-1]:
        x = torch.addmm(parameters[f"{name}.bias"], x, parameters[f"{name}.weight"].T)
        found.append(x)
        x = f(x)
    return found


def decode(parameters: Parameters, activation: str, latent: Tensor) -> Tensor:
    """The reconstruction, (N, n) to (N, d), of representations of the last latent layer."""
    a = _activation(activation)(latent)
    return torch.addmm(parameters["decoder.bias"], a, parameters["decoder.weight"].T)


class _Views:
    """One network-major buffer (E, P), P rounded up, seen as the matrices of the step."""

    def __init__(self, flat: Tensor, d: int, n: int, depth: int) -> None:
        sizes = [n * d, n, *[(n + 1) * n] * depth, (n + 1) * d]
        encoder, bias, *affine = flat[:, : sum(sizes)].split(sizes, dim=1)
        self.encoder = encoder.view(-1, n, d)
        self.bias = bias.view(-1, 1, n)
        self.hidden = [block.view(-1, n + 1, n) for block in affine[:-1]]  # weight transposed, bias below
        self.decoder = affine[-1].view(-1, n + 1, d)

    def named(self, e: int) -> Parameters:
        """The parameters of network e in the layout of ``nn.Linear``, as views."""
        made = {"encoder.weight": self.encoder[e], "encoder.bias": self.bias[e, 0]}
        for k, block in enumerate(self.hidden):
            made |= {f"hidden.{k}.weight": block[e, :-1].T, f"hidden.{k}.bias": block[e, -1]}
        return made | {"decoder.weight": self.decoder[e, :-1].T, "decoder.bias": self.decoder[e, -1]}


def _rows(like: Tensor, count: int, size: int, boundary: int) -> Tensor:
    """Zeros (count, size or a little more), every row on a boundary of so many bytes.

    A matrix product's last bit depends on where in memory its operands start; so networks start alike.
    """
    step = boundary // like.element_size()
    return like.new_zeros((count, -(-size // step) * step))


class _Scratch:
    """What one step writes to, for one batch size."""

    def __init__(self, orders: int, count: int, batch: int, d: int, n: int, depth: int, like: Tensor) -> None:
        def room(*shape: int) -> Tensor:
            size = math.prod(shape)
            return _rows(like, count, size, 16)[:, :size].view(count, *shape)

        self.raw = like.new_empty((orders * batch, d), dtype=torch.uint8)
        self.images = like.new_empty((orders, batch, d))
        self.z = [room(batch, n) for _ in range(depth + 1)]
        self.a = [room(batch, n + 1).fill_(1) for _ in range(depth + 1)]  # last column stays 1: the bias
        self.residual = room(batch, d)
        self.da = room(batch, n)
        self.dz = room(batch, n)
        self.ones = like.new_ones((count, 1, batch))


class Stack:
    """E networks of one shape, trained in step.

    ``activations[e]`` and ``order[e]`` give network e its activation and the sample order (an index below
    ``max(order) + 1``) that it follows; networks of one order see the same batches. Networks never mix: on
    the CPU the parameters of one do not depend, to the last bit, on which others are trained beside it.
    """

    def __init__(
        self,
        parameters: Sequence[Parameters],
        activations: Sequence[str],
        order: Sequence[int],
        *,
        learning_rate: float,
        momentum: float,
        dtype: torch.dtype,
        device: torch.device | str = "cpu",
    ) -> None:
        n, d = parameters[0]["encoder.weight"].shape
        self.shape = d, n, len(affine_maps(parameters[0])) - 2
        self.learning_rate, self.momentum_factor = learning_rate, momentum
        total = sum(p.numel() for p in parameters[0].values())
        self.flat = _rows(torch.empty(0, dtype=dtype, device=device), len(parameters), total, 64)
        self.velocity = torch.zeros_like(self.flat)
        self._p, self._m = _Views(self.flat, *self.shape), _Views(self.velocity, *self.shape)
        self.load(parameters)
        runs = groupby(range(len(activations)), key=lambda e: activations[e])
        spans = [(name, list(members)) for name, members in runs]
        self._f = [(_activation(name), slice(members[0], members[-1] + 1)) for name, members in spans]
        self.orders = max(order) + 1
        self._order = None if self.orders == 1 else torch.tensor(list(order), device=device)
        self._scratch: dict[int, _Scratch] = {}

    def __len__(self) -> int:
        return len(self.flat)

    def load(self, parameters: Sequence[Parameters], velocities: Sequence[Parameters] | None = None) -> None:
        """Set every network's parameters, and its momentum where a run is resumed."""
        for views, values in ((self._p, parameters), (self._m, velocities or [])):
            for e, named in enumerate(values):
                for name, view in views.named(e).items():
                    view.copy_(named[name])

    def parameters(self, e: int) -> Parameters:
        """A copy of network e's parameters on the CPU, in the layout of ``nn.Linear``."""
        return {name: view.to("cpu", copy=True).contiguous() for name, view in self._p.named(e).items()}

    def velocities(self, e: int) -> Parameters:
        """A copy of network e's momentum on the CPU, laid out like its parameters."""
        return {name: view.to("cpu", copy=True).contiguous() for name, view in self._m.named(e).items()}

    def finite(self) -> list[bool]:
        """Whether each network's parameters are all finite."""
        return torch.isfinite(self.flat).all(dim=1).tolist()

    def epoch(self, images: Tensor, scale: Tensor, offset: Tensor | None, orders: Tensor, batch_size: int) -> Tensor:
        """Train every network for one epoch; the mean loss of each over the epoch, shape (E,).

        ``images`` (N, d) uint8; a network sees ``images * scale + offset``; ``orders`` (G, N) holds one
        permutation of the samples per sample order. The last, short batch is kept.
        """
        total = torch.zeros(len(self), dtype=self.flat.dtype, device=self.flat.device)
        for batch in orders.split(batch_size, dim=1):
            self._step(images, scale, offset, batch, total)
        return total / (orders.shape[1] * self.shape[0])

    def _step(self, images: Tensor, scale: Tensor, offset: Tensor | None, batch: Tensor, total: Tensor) -> None:
        size = batch.shape[1]
        s = self._scratch.get(size)
        if s is None:
            s = self._scratch[size] = _Scratch(self.orders, len(self), size, *self.shape, self.flat)
        p, m, mu = self._p, self._m, self.momentum_factor
        d, n, depth = self.shape
        torch.index_select(images, 0, batch.reshape(-1), out=s.raw)
        s.images.view(-1, d).copy_(s.raw).mul_(scale)
        if offset is not None:
            s.images += offset
        x = s.images.expand(len(self), size, d) if self._order is None else s.images[self._order]

        torch.baddbmm(p.bias, x, p.encoder.mT, out=s.z[0])
        for k in range(depth + 1):
            for f, members in self._f:
                s.a[k][members, :, :n] = f.forward(s.z[k][members])
            if k < depth:
                torch.bmm(s.a[k], p.hidden[k], out=s.z[k + 1])
        torch.baddbmm(x, s.a[depth], p.decoder, beta=-1, out=s.residual)
        total += torch.linalg.vector_norm(s.residual, dim=(1, 2)).square_()

        gradient = 2 / (size * d)  # of the mean over batch and elements
        torch.bmm(s.residual, p.decoder[:, :n].mT, out=s.da)
        m.decoder.baddbmm_(s.a[depth].mT, s.residual, beta=mu, alpha=gradient)
        for k in range(depth, -1, -1):
            for f, members in self._f:
                s.dz[members] = f.vjp(s.z[k][members], s.da[members])
            if k > 0:
                torch.bmm(s.dz, p.hidden[k - 1][:, :n].mT, out=s.da)
                m.hidden[k - 1].baddbmm_(s.a[k - 1].mT, s.dz, beta=mu, alpha=gradient)
        m.encoder.baddbmm_(s.dz.mT, x, beta=mu, alpha=gradient)
        m.bias.baddbmm_(s.ones, s.dz, beta=mu, alpha=gradient)
        self.flat.add_(self.velocity, alpha=-self.learning_rate)
