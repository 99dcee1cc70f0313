"""Equations 11 to 22 of Appendix C.2, each as its two sides, and their differences on random layers.

One side comes from autograd or from a step of ``torch.optim.SGD``, the other from the formula. The printed forms
that cannot hold stand beside them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy.integrate import quad
from scipy.special import betainc
from torch import Tensor
from torch.nn import functional

from isoaux.activations import ACTIVATIONS, IsotropicLeakyReLU, jacobian
from isoaux.common import arrays
from isoaux.studies.gradient_flow.compute.layers import RandomLayer, profile, random_layer
from isoaux.studies.gradient_flow.data import BATCH, DRAWS, Residuals
from isoaux.training import threads

ELEMENTWISE = ("tanh", "lrelu", "bnlrelu_elem")
"""Activations of the form of Eqn 19: a number psi(z . e_i) along each basis vector."""

RADIAL = ("isotanh", "isolrelu")
"""Activations of the form of Eqn 20: a length phi(r) along z."""

Sides = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Identity:
    """One statement about a layer: the number of its equation, its formula, and its two sides, computed of a layer.

    It holds for the activations ``keys``, and where ``square``, only for input and output of one width. ``erratum``
    names the reading that the printed form differs in; empty where it is as printed.
    """

    equation: str
    formula: str
    sides: Callable[[RandomLayer], Sides]
    keys: tuple[str, ...] = tuple(ACTIVATIONS)
    square: bool = False
    erratum: str = ""


@threads.limited()
def residuals(identity: Identity, draws: int = DRAWS, seed: int = 0) -> Residuals:
    """By how much the two sides of an identity differ on ``draws`` random layers.

    Draw i has its own random stream, (``seed``, i). Raises ValueError where ``draws`` is no whole number from 1.
    """
    values = []
    for i in range(arrays.whole(draws, "draws")):
        left, right = identity.sides(random_layer(np.random.SeedSequence([seed, i]), identity.keys, identity.square))
        values.append(float(torch.linalg.vector_norm(left - right) / torch.linalg.vector_norm(left)))
    return Residuals(identity.equation, identity.formula, identity.erratum, np.array(values))


def _by_autograd(f: Callable[[Tensor], Tensor], z: Tensor) -> Tensor:
    """A function's value and its Jacobian by autograd, one vector."""
    return torch.cat([f(z), torch.autograd.functional.jacobian(f, z).flatten()])


def _eq16(net: RandomLayer) -> Sides:
    W = net.W - net.eta * torch.outer(net.gJ, net.x)
    b = net.b - net.eta * net.gJ
    return net.step()[0], net.z - (W @ net.x + b)


def _eq17_batch(net: RandomLayer) -> Sides:
    x = net.inputs
    z = functional.linear(x, net.W, net.b)
    a = net.f(z).requires_grad_()
    (g,) = torch.autograd.grad(net.loss(a).sum(), a)
    delta = torch.einsum("bp,bpn->bn", g, jacobian(net.f, z))
    return net.step(len(x)), net.eta / len(x) * (x @ x.T + 1) @ delta


def _eq19(net: RandomLayer) -> Sides:
    E = net.basis
    psi, slope = profile(net.f, net.z @ E)
    value, J = torch.einsum("i,ki->k", psi, E), torch.einsum("i,ni,mi->nm", slope, E, E)
    return _by_autograd(lambda v: E @ net.f(v @ E), net.z), torch.cat([value, J.flatten()])


def _eq20(net: RandomLayer) -> Sides:
    phi, slope = profile(net.f, net.r)
    z, r = net.z, net.r
    J = (slope / r**2 - phi / r**3) * torch.outer(z, z) + phi / r * torch.eye(len(z), dtype=z.dtype)
    return _by_autograd(net.f, z), torch.cat([phi * z / r, J.flatten()])


def _eq21_elementwise(net: RandomLayer) -> Sides:
    _, slope = profile(net.f, net.z)
    J = torch.outer(slope, torch.ones_like(slope)) * torch.eye(len(slope), dtype=slope.dtype)
    return _by_autograd(net.f, net.z)[len(slope) :], J.flatten()


def _eq21_radial(net: RandomLayer) -> Sides:
    phi, slope = profile(net.f, net.r)
    unit = net.z / net.r
    J = (slope - phi / net.r) * torch.outer(unit, unit) + phi / net.r * torch.eye(len(unit), dtype=unit.dtype)
    return _by_autograd(net.f, net.z)[len(unit) :], J.flatten()


def _elementwise_step(net: RandomLayer, rate: float | Tensor, at: Tensor) -> Tensor:
    """rate psi'(at) g, component by component: the first row of Eqn 22."""
    return rate * profile(net.f, at)[1] * net.g


def _radial_step(net: RandomLayer, rate: float | Tensor, at: Tensor) -> Tensor:
    """rate (A(r) g + B(r) (unit . g) unit), r the length of ``at``: the second row of Eqn 22."""
    r = torch.linalg.vector_norm(at)
    phi, slope = profile(net.f, r)
    unit = at / r
    return rate * (phi / r * net.g + (slope - phi / r) * (unit @ net.g) * unit)


def _eq7_printed(net: RandomLayer) -> Sides:
    assert isinstance(net.f, IsotropicLeakyReLU)
    outside = net.z * (1 + net.f.radius / net.r)
    return net.f(outside), outside - (1 - net.f.leak) * net.f.radius


def _srm18_printed(net: RandomLayer) -> Sides:
    """The share of a cap by its definition, an integral over the angle from its centre, and the printed fraction."""
    n, epsilon = len(net.z), float(torch.sigmoid(net.shift[0]))
    cap, whole = (quad(lambda t: np.sin(t) ** (n - 2), 0, end)[0] for end in (np.arccos(epsilon), np.pi))
    printed = betainc((n - 1) / 2, 0.5, 1 - epsilon**2)
    return torch.tensor([cap / whole]), torch.tensor([printed])


IDENTITIES = (
    Identity(
        "11",
        r"$a = f(W x + b)$",
        lambda net: (net.f(functional.linear(net.x, net.W, net.b)), net.f((net.W * net.x).sum(1) + net.b)),
    ),
    Identity(
        "12",
        r"$\partial \loss / \partial a_n = g_n$, from the loss's own formula",
        lambda net: (net.g, (net.share * net.outer[1](net.mixing @ net.f(net.z) + net.shift)) @ net.mixing),
    ),
    Identity("13", r"$\partial \loss / \partial z_n = g_p J_{pn}$", lambda net: (net.gradients["z"], net.gJ)),
    Identity(
        "14",
        r"$\partial \loss / \partial W_{nm} = g_p J_{pn} x_m$",
        lambda net: (net.gradients["W"], torch.outer(net.gJ, net.x)),
    ),
    Identity("15", r"$\partial \loss / \partial b_n = g_p J_{pn}$", lambda net: (net.gradients["b"], net.gJ)),
    Identity("16", r"$z_i' = (W_{ij} - \eta\, g_p J_{pi} x_j)\, x_j + b_i - \eta\, g_p J_{pi}$", _eq16),
    Identity(
        "17", r"$z_i' = z_i - \eta\, g_p J_{pi} (\norm{x}^2 + 1)$", lambda net: (net.step()[0], net.eta_eff * net.gJ)
    ),
    Identity(
        "17, in a batch",
        r"$z_a' = z_a - \frac{\eta}{B} \sum_b \delta_b\, (x_a \cdot x_b + 1)$, $\delta_b = g_b J_b$",
        _eq17_batch,
        erratum="E27",
    ),
    Identity(
        "18",
        r"ideal: $z_i - \eta\, \partial \loss / \partial z_i = z_i - \eta\, g_p J_{pi}$",
        lambda net: (net.eta * net.gradients["z"], net.eta * net.gJ),
    ),
    Identity(
        "19",
        r"$f_k = \sum_i \psi(z \cdot e_i)\, e_{ki}$, $J_{nm} = \sum_i \psi'(z \cdot e_i)\, e_{ni} e_{mi}$",
        _eq19,
        ELEMENTWISE,
        erratum="E16",
    ),
    Identity(
        "20",
        r"$f_k = \phi(r)\, z_k / r$, $J_{nm} = (\phi' / r^2 - \phi / r^3)\, z_n z_m + (\phi / r)\, \delta_{nm}$",
        _eq20,
        RADIAL,
        erratum="E18",
    ),
    Identity("21, first", r"$J = (\psi'(z)\, 1^{\top}) \odot I$", _eq21_elementwise, ELEMENTWISE, erratum="E17"),
    Identity(
        "21, second",
        r"$J = (\phi' - \phi / r)\, \hat z \hat z^{\top} + (\phi / r)\, I$",
        _eq21_radial,
        RADIAL,
        erratum="E17",
    ),
    Identity(
        "22, first",
        r"$z' = z - \eta (\norm{x}^2 + 1)\, \psi'(z) \odot g$",
        lambda net: (net.step()[0], _elementwise_step(net, net.eta_eff, net.z)),
        ELEMENTWISE,
        erratum="E19",
    ),
    Identity(
        "22, second",
        r"$z' = z - \eta (\norm{x}^2 + 1) \left( A(r)\, g + B(r)\, (\hat z \cdot g)\, \hat z \right)$",
        lambda net: (net.step()[0], _radial_step(net, net.eta_eff, net.z)),
        RADIAL,
        erratum="E19",
    ),
)
"""Equations 11 to 22, with the errata put right; for 16 to 18 and 22 the sides are z - z'."""

PRINTED = (
    Identity(
        "7",
        r"outside the ball $f(z) = z - (1-a) R$, a number taken from a vector",
        _eq7_printed,
        ("isolrelu",),
        erratum="E2",
    ),
    Identity(
        "14",
        r"$g_p J_{pn}(x)\, x_m$, with $J$ at the layer's input $x$",
        lambda net: (net.gradients["W"], torch.outer(net.g @ jacobian(net.f, net.x), net.x)),
        ELEMENTWISE + RADIAL,
        True,
        "E17",
    ),
    Identity(
        "17",
        r"the step of one sample, for a sample of a batch",
        lambda net: (net.step(BATCH)[0], net.eta_eff / BATCH * net.gJ),
        erratum="E27",
    ),
    Identity(
        "20",
        r"$f_k = \psi(r)\, z_k / r$, with the $\psi$ of the Leaky-ReLU",
        lambda net: (net.f(net.z), profile(ACTIVATIONS["lrelu"](), net.r)[0] * net.z / net.r),
        ("isolrelu",),
        erratum="E18",
    ),
    Identity(
        "22, first",
        r"step size $\eta$",
        lambda net: (net.step()[0], _elementwise_step(net, net.eta, net.z)),
        ELEMENTWISE,
        erratum="E19",
    ),
    Identity(
        "22, second",
        r"step size $\eta$",
        lambda net: (net.step()[0], _radial_step(net, net.eta, net.z)),
        RADIAL,
        erratum="E19",
    ),
    Identity(
        "22, first",
        r"$\psi'(x)$ at the layer's input $x$; $\eta$ put right",
        lambda net: (net.step()[0], _elementwise_step(net, net.eta_eff, net.x)),
        ELEMENTWISE,
        True,
        "E17",
    ),
    Identity(
        "22, second",
        r"$\hat x$ and $r = \norm{x}$ of the layer's input $x$; $\eta$ put right",
        lambda net: (net.step()[0], _radial_step(net, net.eta_eff, net.x)),
        RADIAL,
        True,
        "E17",
    ),
    Identity(
        "18 of the spotlight method",
        r"share of uniform directions with $v \cdot b \geq \epsilon$: $I_{1 - \epsilon^2}(\frac{n-1}{2}, \frac{1}{2})$",
        _srm18_printed,
        erratum="E22",
    ),
)
"""What the paper prints where that cannot hold, beside what it should be equal to."""
