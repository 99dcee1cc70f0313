"""Activations with a privileged basis: generalised tanh and its gauge form (App. C of the method's paper).

With unit rows b_i of a basis B (m, n), p = B x, p+ = max(p, 0) and r = |x|, generalised tanh is sum_i [tanh(p_i+) +
N(r)/r p_i+] b_i, where N (:mod:`isoaux.bases.interference`) makes up for positive products of the vectors (Eqn 14).
Where there are none, N is 0: for simplices and for the cross-polytope, whose function is tanh in other coordinates.
"""

from typing import ClassVar

import numpy as np
import scipy
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from isoaux import bases
from isoaux.activations.functions import Activation, Group, norm
from isoaux.bases import interference


class OnBasis(Activation):
    """An activation with the buffer ``basis``, (m, n), or (E, m, n) for E networks, in float64.

    It maps representations (..., n), or (E, ..., n), and takes their dtype.
    """

    basis: Tensor
    table: Tensor
    """What :func:`isoaux.bases.interference.table` has of the bases; empty where it is not needed."""

    def __init__(self, basis: ArrayLike | Tensor) -> None:
        super().__init__()
        rows = np.asarray(basis.detach().cpu() if isinstance(basis, Tensor) else basis)
        several = rows if rows.ndim == 3 else rows[None]
        checked = [self._checked(np.asarray(bases.check(one, one.shape[-1]))) for one in several]
        self.register_buffer("basis", torch.from_numpy(np.stack(checked) if rows.ndim == 3 else checked[0]))
        groups = {_group(one) for one in checked}
        self.group = groups.pop() if len(groups) == 1 else "of the basis"
        self.register_buffer("table", self.basis.new_zeros((0, 3)), persistent=False)

    def _checked(self, basis: NDArray[np.float64]) -> NDArray[np.float64]:
        """The basis itself. Raises ValueError for one that the function is not defined on."""
        raise NotImplementedError

    def extra_repr(self) -> str:
        return f"{self.basis.shape[-2]} vectors in {self.basis.shape[-1]} dimensions"

    def _project(self, z: Tensor) -> Tensor:
        """Products with all vectors, (..., m)."""
        return z @ _converted(self.basis, z.dtype).mT if self.basis.ndim == 2 else self._batched(z, transposed=True)

    def _combine(self, weights: Tensor) -> Tensor:
        """Sums of all vectors, (..., n), with the weights (..., m)."""
        return weights @ _converted(self.basis, weights.dtype) if self.basis.ndim == 2 else self._batched(weights)

    def _batched(self, z: Tensor, transposed: bool = False) -> Tensor:
        basis = _converted(self.basis, z.dtype)
        return (z.flatten(1, -2) @ (basis.mT if transposed else basis)).unflatten(1, z.shape[1:-1])


def _converted(values: Tensor, dtype: torch.dtype) -> Tensor:
    """``values`` in a dtype, by an operation that a captured step may hold."""
    return values if values.dtype == dtype else torch.empty_like(values, dtype=dtype).copy_(values)


class GeneralisedTanh(OnBasis):
    r"""sum_i [tanh(p_i+) + N(r)/r p_i+] b_i of unit rows b_i, p = B x, r = \|x\|; f(0) = 0 (Eqn 14).

    ``group`` is B_n for a cross-polytope, S_(n+1) for a simplex, else "of the basis": the orthogonal matrices that
    permute its vectors. Raises ValueError for rows that are not of length 1, and for repeated ones.
    """

    key: ClassVar[str] = "gentanh"
    equation: ClassVar[str] = "Eqn 14"

    def __init__(self, basis: ArrayLike | Tensor) -> None:
        super().__init__(basis)
        several = self.basis if self.basis.ndim == 3 else self.basis[None]
        tables = [torch.from_numpy(interference.table(one.numpy())) for one in several]
        rows = max(map(len, tables))
        padded = [t if len(t) else t.new_zeros((rows, 3)) for t in tables]
        self.table = torch.stack(padded) if self.basis.ndim == 3 else padded[0]

    def _checked(self, basis: NDArray[np.float64]) -> NDArray[np.float64]:
        products = bases.gram(basis) - 2 * np.eye(len(basis))
        same = np.argwhere(products > 1 - bases.PARALLEL_TOLERANCE)
        if len(same):
            first, second = same[0]
            raise ValueError(f"basis has equal rows {first} and {second}; accepted: each vector once.")
        return basis

    def _correction(self, r: Tensor) -> tuple[Tensor, Tensor]:
        """N(r) / r and its derivative, of the shape of the lengths r (..., 1)."""
        s = (torch.asinh(_converted(r, torch.float64)) / interference.STEP).clamp_max(interference.KNOTS - 1)
        place = s.detach().floor().clamp_max(interference.KNOTS - 2)
        x = s - place
        here = _converted(place, torch.int64)
        if self.basis.ndim == 3:  # one table below the other
            first = interference.KNOTS * torch.arange(len(self.table), device=r.device)
            here = here + first.view(-1, *[1] * (r.ndim - 1))
        knots, here, x = self.table.flatten(0, -2), here[..., 0], x[..., 0]
        c = _coefficients(knots[here], knots[here + 1])
        value = c[0] + x * (c[1] + x * (c[2] + x * (c[3] + x * (c[4] + x * c[5]))))
        slope = c[1] + x * (2 * c[2] + x * (3 * c[3] + x * (4 * c[4] + x * 5 * c[5])))
        slope = slope / (interference.STEP * torch.sqrt(1 + _converted(r, torch.float64)[..., 0] ** 2))
        return _converted(value[..., None], r.dtype), _converted(slope[..., None], r.dtype)

    def forward(self, z: Tensor) -> Tensor:
        plus = self._project(z).clamp_min(0)
        weights = torch.tanh(plus)
        if self.table.shape[-2]:
            weights = weights + self._correction(norm(z))[0] * plus
        return self._combine(weights)

    def vjp(self, z: Tensor, g: Tensor) -> Tensor:
        p, u = self._project(z), self._project(g)
        plus = p.clamp_min(0)
        a = torch.tanh(plus)
        inside = 1 - a * a
        if not self.table.shape[-2]:
            return self._combine((p > 0) * inside * u)
        r = norm(z)
        ratio, slope = self._correction(r)
        pulled = self._combine((p > 0) * (inside + ratio) * u)
        return pulled + slope * (plus * u).sum(-1, keepdim=True) / r * z


def _coefficients(a: Tensor, b: Tensor) -> list[Tensor]:
    """Coefficients of the polynomial of fifth degree with values and two derivatives a at 0 and b at 1, (..., 3)."""
    value, slope, bend = (b - a).unbind(-1)
    first, half = a[..., 1], a[..., 2] / 2
    d0, d1, d2 = value - first - half, slope - 2 * half, bend / 2
    return [a[..., 0], first, half, 10 * d0 - 4 * d1 + d2, -15 * d0 + 7 * d1 - 2 * d2, 6 * d0 - 3 * d1 + d2]


class GaugeTanh(OnBasis):
    r"""tanh(r) x / max_i b_i . x, r = \|x\|, of unit rows b_i; f(0) = 0 (Eqn 15).

    Its gauge max_i b_i . f(x) is tanh(r). ``group`` as that of :class:`GeneralisedTanh`. Raises ValueError for a basis
    whose convex hull does not hold 0 inside: there the maximum is not positive in some direction, which is named.
    """

    key: ClassVar[str] = "gaugetanh"
    equation: ClassVar[str] = "Eqn 15"

    def _checked(self, basis: NDArray[np.float64]) -> NDArray[np.float64]:
        direction = _behind(basis)
        if direction is not None:
            words = ", ".join(f"{number:.3g}" for number in direction[:6]) + (", ..." if len(direction) > 6 else "")
            raise ValueError(
                f"basis has no vector with a positive product with ({words}); accepted: one whose convex hull holds 0 "
                "inside."
            )
        return basis

    def _gauge(self, z: Tensor) -> tuple[Tensor, Tensor]:
        q, where = self._project(z).max(-1, keepdim=True)
        return q.clamp_min(torch.finfo(z.dtype).tiny), where

    def forward(self, z: Tensor) -> Tensor:
        return torch.tanh(norm(z)) / self._gauge(z)[0] * z

    def vjp(self, z: Tensor, g: Tensor) -> Tensor:
        r, (q, where) = norm(z), self._gauge(z)
        t = torch.tanh(r)
        along = (z * g).sum(-1, keepdim=True)
        chosen = torch.zeros((*z.shape[:-1], self.basis.shape[-2]), dtype=z.dtype, device=z.device)
        pull = self._combine(chosen.scatter(-1, where, along * t / (q * q)))
        return t / q * g + along * (1 - t * t) / q / r * z - pull


def _behind(basis: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """A direction in which no vector has a positive product; None where 0 lies inside the convex hull.

    The linear program makes the sum of all products least, among vectors of a cube whose products are not positive.
    """
    m, n = basis.shape
    null = scipy.linalg.null_space(basis)
    if null.shape[1]:
        return np.asarray(null[:, 0])
    found = scipy.optimize.linprog(basis.sum(0), A_ub=basis, b_ub=np.zeros(m), bounds=[(-1, 1)] * n, method="highs")
    return np.asarray(found.x / np.linalg.norm(found.x)) if found.fun < -1e-9 else None


def _group(basis: NDArray[np.float64]) -> Group:
    """The symmetry group of a basis where it has a name."""
    m, n = basis.shape
    products = basis @ basis.T
    extremes = np.eye(1, m, m - 1) - np.eye(1, m)  # of a row: -1 with its antipode, 1 with itself, else 0
    if m == 2 * n and np.abs(np.sort(products, axis=1) - extremes).max() < bases.UNIT_TOLERANCE:
        return "B_n"
    if m == n + 1 and np.abs(products + (1 - m * np.eye(m)) / n).max() < bases.UNIT_TOLERANCE:
        return "S_(n+1)"
    return "of the basis"


ON_BASES: dict[str, type[GeneralisedTanh] | type[GaugeTanh]] = {cls.key: cls for cls in (GeneralisedTanh, GaugeTanh)}
"""The classes with a basis by their keys."""
