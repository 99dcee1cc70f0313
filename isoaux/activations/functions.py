"""The activation functions of the paper: forward map, closed-form vector-Jacobian product, symmetry group.

Every function maps R^n to R^n over the last axis, for any leading shape. ``group`` is the largest group of
orthogonal matrices M with f(M x) = M f(x) for all x (Eqns 1 and 2 of the paper; ``S_n < D_n < B_n < O(n)``).
"""

from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

Group = Literal["S_n", "D_n", "B_n", "O(n)", "S_(n+1)", "of the basis"]


class Activation(nn.Module):
    """A map of R^n to R^n with its ``key``, its symmetry ``group`` and the paper's ``equation`` that defines it."""

    key: ClassVar[str]
    group: Group
    equation: ClassVar[str]

    def forward(self, z: Tensor) -> Tensor:
        """f(z) of ``z`` (..., n), shape (..., n)."""
        raise NotImplementedError

    def vjp(self, z: Tensor, g: Tensor) -> Tensor:
        """J(z)^T g in closed form with the Jacobian J = df/dz; z, g and the result have shape (..., n)."""
        raise NotImplementedError

    def typical_square(self, n: int) -> float:
        r"""The limit of \|f(z)\|^2 for long z in R^n, where there is one; else n, that of n standardised numbers."""
        return float(n)


def norm(z: Tensor) -> Tensor:
    """The 2-norm over the last axis, kept, and never smaller than the least normal number."""
    return torch.linalg.vector_norm(z, dim=-1, keepdim=True).clamp_min(torch.finfo(z.dtype).tiny)


def _radial_vjp(z: Tensor, g: Tensor, r: Tensor, ratio: Tensor, slope: Tensor) -> Tensor:
    """J^T g of f(z) = phi(r) z/r: A g + B (z_hat . g) z_hat, A = ``ratio`` phi/r, B = ``slope`` phi' - A (Eqn 22)."""
    unit = z / r
    along = (unit * g).sum(-1, keepdim=True)
    return ratio * g + ((slope - ratio) * along) * unit


class Tanh(Activation):
    r"""Componentwise tanh, f(z)_i = tanh z_i (Eqn 3, its sum read to n: erratum E1)."""

    key, group, equation = "tanh", "B_n", "Eqn 3"

    def forward(self, z: Tensor) -> Tensor:
        return torch.tanh(z)

    def vjp(self, z: Tensor, g: Tensor) -> Tensor:
        a = torch.tanh(z)
        return g - g * a * a


class IsotropicTanh(Activation):
    r"""tanh of the norm along the direction, f(z) = tanh(\|z\|) z/\|z\|, f(0) = 0 (Eqn 4)."""

    key, group, equation = "isotanh", "O(n)", "Eqn 4"

    def forward(self, z: Tensor) -> Tensor:
        r = norm(z)
        return torch.tanh(r) / r * z

    def vjp(self, z: Tensor, g: Tensor) -> Tensor:
        r = norm(z)
        phi = torch.tanh(r)
        return _radial_vjp(z, g, r, phi / r, 1 - phi * phi)

    def typical_square(self, n: int) -> float:
        return 1.0


class _Leaky(Activation):
    """Leaky-ReLU family: ``leak`` is the slope a, 0.01 in the paper."""

    def __init__(self, leak: float = 0.01) -> None:
        super().__init__()
        self.leak = leak

    def extra_repr(self) -> str:
        return ", ".join(f"{k}={v}" for k, v in vars(self).items() if k in ("leak", "radius"))


class _LeakyBall(_Leaky):
    """Leaky inside a ball of some norm, shifted outside: ``radius`` R of the ball is 1 in the paper."""

    def __init__(self, leak: float = 0.01, radius: float = 1.0) -> None:
        super().__init__(leak)
        self.radius = radius

    def _ratio(self, size: Tensor) -> tuple[Tensor, Tensor]:
        """Whether vectors of these norms are inside, and the factors that the function scales them by."""
        inside = size < self.radius
        return inside, (1 - (1 - self.leak) * self.radius / size).masked_fill(inside, self.leak)


class LeakyReLU(_Leaky):
    r"""Componentwise Leaky-ReLU, f(z)_i = max(a z_i, z_i) with leak a (Eqn 6)."""

    key, group, equation = "lrelu", "S_n", "Eqn 6"

    def forward(self, z: Tensor) -> Tensor:
        return torch.where(z > 0, z, self.leak * z)

    def vjp(self, z: Tensor, g: Tensor) -> Tensor:
        return torch.where(z > 0, g, self.leak * g)


class IsotropicLeakyReLU(_LeakyBall):
    r"""a z inside the ball of radius R, z - (1-a) R z/\|z\| outside (Eqn 7 with its unit vector: erratum E2)."""

    key, group, equation = "isolrelu", "O(n)", "Eqn 7"

    def forward(self, z: Tensor) -> Tensor:
        return self._ratio(norm(z))[1] * z

    def vjp(self, z: Tensor, g: Tensor) -> Tensor:
        r = norm(z)
        inside, ratio = self._ratio(r)
        return _radial_vjp(z, g, r, ratio, torch.ones_like(r).masked_fill(inside, self.leak))


class HyperoctahedralLeakyReLU(_LeakyBall):
    r"""The odd componentwise form: a z_i if |z_i| < R, z_i - (1-a) R sign(z_i) otherwise (Eqns 8 and 9)."""

    key, group, equation = "bnlrelu_elem", "B_n", "Eqns 8-9"

    def forward(self, z: Tensor) -> Tensor:
        return torch.where(z.abs() < self.radius, self.leak * z, z - (1 - self.leak) * self.radius * z.sign())

    def vjp(self, z: Tensor, g: Tensor) -> Tensor:
        return torch.where(z.abs() < self.radius, self.leak * g, g)


class MaxNormLeakyReLU(_LeakyBall):
    r"""a z if \|z\|_inf < R, z - (1-a) R z/\|z\|_inf otherwise (Eqn 10)."""

    key, group, equation = "bnlrelu_max", "B_n", "Eqn 10"

    def forward(self, z: Tensor) -> Tensor:
        m = z.abs().amax(-1, keepdim=True).clamp_min(torch.finfo(z.dtype).tiny)
        return self._ratio(m)[1] * z

    def vjp(self, z: Tensor, g: Tensor) -> Tensor:
        m, where = z.abs().max(-1, keepdim=True)
        m = m.clamp_min(torch.finfo(z.dtype).tiny)
        inside, ratio = self._ratio(m)
        zg = (z * g).sum(-1, keepdim=True)
        pull = (1 - self.leak) * self.radius / (m * m) * zg * z.gather(-1, where).sign()
        pull = pull.masked_fill(inside, 0.0)
        return (ratio * g).scatter_add(-1, where, pull)


class ParityLeakyReLU(_Leaky):
    r"""z where the product of the signs of its components is positive, a z elsewhere (footnote 11, erratum E38)."""

    key, group, equation = "dnlrelu", "D_n", "footnote 11"

    def forward(self, z: Tensor) -> Tensor:
        return self.vjp(z, z)

    def vjp(self, z: Tensor, g: Tensor) -> Tensor:
        return torch.where(z.sign().prod(-1, keepdim=True) > 0, g, self.leak * g)


ACTIVATIONS: dict[str, type[Activation]] = {
    cls.key: cls
    for cls in (
        Tanh,
        IsotropicTanh,
        LeakyReLU,
        IsotropicLeakyReLU,
        HyperoctahedralLeakyReLU,
        MaxNormLeakyReLU,
        ParityLeakyReLU,
    )
}
"""The classes without a basis by their keys, the paper's identifiers."""
