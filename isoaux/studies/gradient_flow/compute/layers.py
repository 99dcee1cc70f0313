"""Jacobians of the activations in closed form, and the layer that Appendix C.2 takes one gradient step with.

One affine layer z = W x + b with an activation a = f(z), somewhere in a network whose loss is smooth in a. As in the
paper g = dL/da and J = df/dz, taken at z (erratum E17); one plain step of rate eta on W and b, x held fixed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from isoaux import activations
from isoaux.activations import ACTIVATIONS, Activation, jacobian
from isoaux.bases import Seed
from isoaux.studies.gradient_flow.data import BATCH

Layer = Callable[[Tensor, Tensor, Tensor], Tensor]
"""A map z of x, W and b."""

OUTER: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = {
    "squares": (lambda t: t * t / 2, lambda t: t),
    "logistic": (functional.softplus, torch.sigmoid),
    "waves": (torch.sin, torch.cos),
}
"""Smooth functions of a number, with their derivatives, that random losses are made of."""


def profile(activation: Activation, t: Tensor) -> tuple[Tensor, Tensor]:
    """f(t) and f'(t) of numbers t: psi and psi' of an elementwise activation, phi and phi' of a radial one (t > 0)."""
    point = t.detach().clone().requires_grad_()
    value = activation(point[..., None])[..., 0]
    (slope,) = torch.autograd.grad(value.sum(), point)
    return value.detach(), slope


@dataclass(frozen=True, eq=False)
class RandomLayer:
    """A layer, a batch of inputs and a loss, all drawn at random.

    ``W`` (n, m) and ``b`` (n,); ``inputs`` (B, m), of which ``x`` is the first; ``basis`` (n, n), orthonormal
    columns e_i; the loss of one sample is sum_k c_k h(M_k . a + t_k), with ``outer`` = (h, h') and M, t, c =
    ``mixing`` (5, n), ``shift`` (5,), ``share`` (5,); ``eta`` is the learning rate.
    """

    f: Activation
    W: Tensor
    b: Tensor
    inputs: Tensor
    basis: Tensor
    outer: tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]
    mixing: Tensor
    shift: Tensor
    share: Tensor
    eta: float

    @property
    def x(self) -> Tensor:
        """The input of the one sample that the identities speak of, (m,)."""
        return self.inputs[0]

    @cached_property
    def z(self) -> Tensor:
        """The representation, (n,)."""
        return self.W @ self.x + self.b

    @cached_property
    def J(self) -> Tensor:
        """The Jacobian at z, (n, n)."""
        return jacobian(self.f, self.z)

    @cached_property
    def r(self) -> Tensor:
        """The length of z."""
        return torch.linalg.vector_norm(self.z)

    @cached_property
    def gradients(self) -> dict[str, Tensor]:
        """The loss differentiated by autograd with respect to W, b, z and a."""
        return self.differentiated(functional.linear)

    def differentiated(self, layer: Layer) -> dict[str, Tensor]:
        """:attr:`gradients` where the layer is another map than the affine one."""
        W, b = (p.clone().requires_grad_() for p in (self.W, self.b))
        z = layer(self.x, W, b)
        a = self.f(z)
        return dict(zip("Wbza", torch.autograd.grad(self.loss(a), (W, b, z, a)), strict=True))

    @property
    def g(self) -> Tensor:
        """dL/da, (n,)."""
        return self.gradients["a"]

    @property
    def gJ(self) -> Tensor:
        """g_p J_pn, (n,)."""
        return torch.einsum("p,pn->n", self.g, self.J)

    @property
    def eta_eff(self) -> Tensor:
        """The effective learning rate of z, eta (|x|^2 + 1) (text before Eqn 22)."""
        return self.eta * (self.x @ self.x + 1)

    def loss(self, a: Tensor) -> Tensor:
        """The loss of samples (..., n), shape (...)."""
        return self.outer[0](a @ self.mixing.T + self.shift) @ self.share

    def step(self, samples: int = 1) -> Tensor:
        """z - z' of the first samples after one step of ``torch.optim.SGD`` on their mean loss, (samples, n)."""
        W, b = (p.clone().requires_grad_() for p in (self.W, self.b))
        x = self.inputs[:samples]
        before = functional.linear(x, W, b)
        self.loss(self.f(before)).mean().backward()
        torch.optim.SGD([W, b], lr=self.eta).step()
        return (before - functional.linear(x, W, b)).detach()


def random_layer(seed: Seed, keys: Sequence[str] = tuple(ACTIVATIONS), square: bool = False) -> RandomLayer:
    """A random layer in float64 with one of the activations ``keys``; ``square`` gives input and output one width."""
    rng = np.random.default_rng(seed)

    def normal(*shape: int) -> Tensor:
        return torch.from_numpy(rng.standard_normal(shape)) / prod(shape[1:]) ** 0.5

    n, m = (int(width) for width in rng.integers(3, 25, 2))
    m = n if square else m
    return RandomLayer(
        f=activations.named(keys[int(rng.integers(len(keys)))]),
        W=1.5 * normal(n, m),
        b=0.5 * normal(n),
        inputs=m**0.5 * normal(BATCH, m),
        basis=torch.linalg.qr(normal(n, n)).Q,
        outer=list(OUTER.values())[int(rng.integers(len(OUTER)))],
        mixing=2 * normal(5, n),
        shift=normal(5),
        share=normal(5),
        eta=float(rng.uniform(0.5, 5)),
    )
