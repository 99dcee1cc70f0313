"""The affine map of a layer and what Appendix C.2.1 proposes in its place (Eqns 23 to 39).

A step of gradient descent moves the output z of an affine map by its gradient times ||x||^2 + 1, a factor of the sample
alone (Eqn 25). Every map here is the affine one on a rescaled input, z = W u + b c with u = alpha x and c = beta, its
parameters' gradients weighted by omega per sample; alpha, beta and omega follow from ||x|| so that the factor
omega (||u||^2 + c^2) is the same for all samples. For the affine correction (u, c) is the unit vector along (x, 1).

The appendix leaves a constant open. As printed, the factor is 1 or 2, and an encoder of 3,072 pixels learns three
thousand times more slowly than the affine one. The *matched* forms keep the factor where it is for an input of a
``typical`` squared length: p for p standardised numbers, and behind an activation what that says
(``Activation.typical_square``), so that nothing but its variation from sample to sample is taken away.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from isoaux.common.choices import choose


class Inputs(NamedTuple):
    """The rescaled inputs u = alpha x (..., p), and the factors alpha, beta and omega of every sample, (..., 1)."""

    u: Tensor
    alpha: Tensor
    beta: Tensor
    omega: Tensor


@dataclass(frozen=True)
class LayerMap:
    """A map from R^p to R^n that replaces the affine one.

    ``key`` names it by what is divided: nothing (``affine``), the inputs (``normaliser``), inputs and bias
    (``correction``) or the step of gradient descent (``rate``); ``formula`` is the same in LaTeX, ``matched`` says
    whether the constant is that of a typical input (see above).
    """

    key: str
    formula: str
    matched: bool = False

    @property
    def form(self) -> str:
        """The key without the constant: ``affine``, ``normaliser``, ``correction`` or ``rate``."""
        return self.key.removesuffix("_matched")

    @property
    def bends(self) -> bool:
        """Whether the map is no longer affine in its input."""
        return self.form in ("normaliser", "correction")

    def rescale(self, x: Tensor, typical: float | Tensor | None = None) -> Inputs:
        """The rescaled inputs and factors of inputs ``x`` (..., p).

        ``typical`` is the squared length of an input at which a matched map is as the affine one, p unless given.
        """
        ones = x.new_ones((*x.shape[:-1], 1))
        if self.form == "affine":
            return Inputs(x, ones, ones, ones)
        square = (x * x).sum(-1, keepdim=True)
        square_of_typical = x.shape[-1] if typical is None else typical
        alpha, beta, omega = ones, ones, ones
        if self.form == "normaliser":
            length = square.sqrt().clamp_min(torch.finfo(x.dtype).tiny)
            alpha = (square_of_typical**0.5 if self.matched else 1) / length
        elif self.form == "correction":
            alpha = beta = ((square_of_typical + 1 if self.matched else 1) / (square + 1)) ** 0.5
        else:
            omega = (square_of_typical + 1 if self.matched else 1) / (square + 1)
        return Inputs(alpha * x, alpha, beta, omega)

    def forward(self, x: Tensor, weight: Tensor, bias: Tensor, typical: float | None = None) -> Tensor:
        """Outputs z = W (alpha x) + beta b (..., n) of inputs ``x`` (..., p) under ``weight`` (n, p) and ``bias`` (n,).

        ``typical`` as in :meth:`rescale` (Eqns 26 and 32).
        """
        if not self.bends:
            return functional.linear(x, weight, bias)
        u, _, beta, _ = self.rescale(x, typical)
        return u @ weight.mT + beta * bias

    def vjp(self, x: Tensor, weight: Tensor, bias: Tensor, g: Tensor, typical: float | None = None) -> Tensor:
        """The gradient with respect to ``x``, (..., p), from ``g`` (..., n), the gradient with respect to z.

        W^T g for the affine map; alpha (v - x_hat x_hat . v) with v = W^T g for the normaliser; and for the
        correction alpha v - x (g . z) / (||x||^2 + 1), the second term of which the paper's footnote 12 leaves out.
        """
        return self.pull_back(x, g @ weight, (g * bias).sum(-1, keepdim=True), typical)

    def pull_back(self, x: Tensor, du: Tensor, dc: Tensor, typical: float | Tensor | None = None) -> Tensor:
        """The gradient with respect to ``x``, (..., p), from ``du`` (..., p) and ``dc`` (..., 1), those of u and c."""
        if not self.bends:
            return du
        u, alpha, beta, _ = self.rescale(x, typical)
        square, along = (x * x).sum(-1, keepdim=True), (u * du).sum(-1, keepdim=True)
        if self.form == "normaliser":
            return alpha * du - x * along / square.clamp_min(torch.finfo(x.dtype).tiny)
        return alpha * du - x * (along + beta * dc) / (square + 1)


MAPS = {
    m.key: m
    for m in (
        LayerMap("affine", r"$W x + b$"),
        LayerMap("normaliser", r"$W x / \norm{x} + b$"),
        LayerMap("correction", r"$(W x + b) / s$"),
        LayerMap("rate", r"$W x + b$, gradients divided by $s^2$"),
        LayerMap("normaliser_matched", r"$\sqrt{q}\, W x / \norm{x} + b$", matched=True),
        LayerMap("correction_matched", r"$\sqrt{q + 1}\, (W x + b) / s$", matched=True),
        LayerMap("rate_matched", r"$W x + b$, gradients times $(q + 1) / s^2$", matched=True),
    )
}
"""Every map by its key; s = sqrt(||x||^2 + 1), and q is the typical squared length."""


def named(key: str) -> LayerMap:
    """The map of a key. Raises ValueError, with the nearest key, for one that there is not."""
    return choose("map", key, MAPS)
