"""Equations 23 to 39 of Appendix C.2.1, each as its two sides: the affine divergence and the maps without it.

As in these equations g = dL/dz (erratum E17). One side comes from autograd or from a step of ``torch.optim.SGD`` on a
layer that is one of :mod:`isoaux.training.maps`, the other from the formula.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from isoaux.studies.gradient_flow.compute.identities import Identity, Sides
from isoaux.studies.gradient_flow.compute.layers import Layer, RandomLayer
from isoaux.training.maps import MAPS, LayerMap


def _length(net: RandomLayer) -> Tensor:
    return torch.linalg.vector_norm(net.x)


def _s(net: RandomLayer) -> Tensor:
    """sqrt(||x||^2 + 1)."""
    return (net.x @ net.x + 1).sqrt()


def step(net: RandomLayer, layer: Layer, rate: float | Tensor | None = None) -> Tensor:
    """z - z' after one step of ``torch.optim.SGD`` on W and b, x held fixed; ``rate`` is eta unless given."""
    W, b = (p.clone().requires_grad_() for p in (net.W, net.b))
    before = layer(net.x, W, b)
    net.loss(net.f(before)).backward()
    torch.optim.SGD([W, b], lr=float(net.eta if rate is None else rate)).step()
    return (before - layer(net.x, W, b)).detach()


def _divided(s: Tensor, bias: bool) -> Layer:
    """W x / s + b, or (W x + b) / s, for any number s that the step leaves as it is."""
    return lambda x, W, b: (W @ x + b) / s if bias else W @ x / s + b


def _stretch(net: RandomLayer) -> float:
    """Some number from 1/2 to 2 for a layer, as a choice of s beside the paper's."""
    return 2.0 ** float(torch.tanh(net.shift[0]))


def _step_sides(net: RandomLayer, layer: Layer, factor: Tensor | float, rate: Tensor | None = None) -> Sides:
    """The step of z in a layer, and eta times a factor times g."""
    return step(net, layer, rate), net.eta * factor * net.differentiated(layer)["z"]


def _map_step(key: str, factor: Callable[[RandomLayer], Tensor | float]) -> Callable[[RandomLayer], Sides]:
    """:func:`_step_sides` of a map."""
    return lambda net: _step_sides(net, MAPS[key].forward, factor(net))


def _batch(key: str) -> Callable[[RandomLayer], Sides]:
    """The step of every sample of a batch against eta / B sum_b omega_b (u_a . u_b + c_a c_b) g_b."""

    def sides(net: RandomLayer) -> Sides:
        layer, x = MAPS[key], net.inputs
        u, _, beta, omega = layer.rescale(x)
        W, b = (p.clone().requires_grad_() for p in (net.W, net.b))
        z = layer.forward(x, W, b)
        losses = net.loss(net.f(z))
        (g,) = torch.autograd.grad(losses.sum(), z, retain_graph=True)
        (omega[:, 0] * losses).mean().backward()
        torch.optim.SGD([W, b], lr=net.eta).step()
        kernel = (u @ u.mT + beta * beta.mT) * omega[:, 0]
        return (z - layer.forward(x, W, b)).detach(), net.eta / len(x) * kernel @ g

    return sides


def _rate_step(net: RandomLayer) -> Sides:
    layer = MAPS["rate"]
    return _step_sides(net, layer.forward, 1, net.eta * layer.rescale(net.x).omega)


def _parameter(key: str, name: str, formula: Callable[[RandomLayer, Tensor], Tensor]) -> Callable[[RandomLayer], Sides]:
    """The gradient of W or b in a layer of this map against a formula of the layer and g."""

    def sides(net: RandomLayer) -> Sides:
        slopes = net.differentiated(MAPS[key].forward)
        return slopes[name], formula(net, slopes["z"])

    return sides


def _any_s(bias: bool) -> Callable[[RandomLayer], Sides]:
    def sides(net: RandomLayer) -> Sides:
        s = _stretch(net) * _s(net)
        square = net.x @ net.x
        factor = (square + 1) / s**2 if bias else square / s**2 + 1
        return _step_sides(net, _divided(s, bias), factor)

    return sides


def _eq30_choice(net: RandomLayer) -> Sides:
    c = _stretch(net)
    return _step_sides(net, _divided(c * _length(net), bias=False), 1 / c**2 + 1)


def _written_out(layer: LayerMap) -> Callable[[RandomLayer], Sides]:
    """A map's output, and the same as sums over the components of its input."""

    def sides(net: RandomLayer) -> Sides:
        product = torch.stack(
            [sum((w * v for w, v in zip(row, net.x, strict=True)), net.x.new_zeros(())) for row in net.W]
        )
        right = product / _length(net) + net.b if layer.key == "normaliser" else (product + net.b) / _s(net)
        return layer.forward(net.x, net.W, net.b), right

    return sides


def _input_jacobian(net: RandomLayer, whole: bool) -> Sides:
    layer, s = MAPS["correction"], _s(net)
    left = torch.autograd.functional.jacobian(lambda x: layer.forward(x, net.W, net.b), net.x)
    turn = torch.outer(layer.forward(net.x, net.W, net.b), net.x) / s**2
    return left, net.W / s - turn if whole else net.W / s


IDENTITIES = (
    Identity(
        "23",
        r"$-(z_i' - z_i) / \eta = g_p J_{pi} (\norm{x}^2 + 1)$, here with $g = \partial \loss / \partial a$",
        lambda net: (net.step()[0] / net.eta, net.gJ * (net.x @ net.x + 1)),
        erratum="E17",
    ),
    Identity(
        "25",
        r"$\Delta \loss / \Delta z = (1 + \norm{x}^2)\, \partial \loss / \partial z$",
        lambda net: (net.step()[0] / net.eta, (1 + net.x @ net.x) * net.gradients["z"]),
    ),
    Identity("rate, in the text", r"$\eta' = \eta / (\norm{x}^2 + 1)$: $z' = z - \eta g$", _rate_step),
    Identity("26", r"$z_i = W_{ij} x_j / s + b_i$, $s = \norm{x}$", _written_out(MAPS["normaliser"])),
    Identity(
        "27, 38",
        r"$\partial \loss / \partial W = g x^{\top} / \norm{x} = g \hat x^{\top}$",
        _parameter("normaliser", "W", lambda net, g: torch.outer(g, net.x / _length(net))),
    ),
    Identity("28", r"$\partial \loss / \partial b = g$", _parameter("normaliser", "b", lambda net, g: g)),
    Identity("29, 30", r"$z' = z - \eta g\, (\norm{x}^2 / s^2 + 1)$, any $s$", _any_s(bias=False)),
    Identity(
        "30, the choice of $s$",
        r"$s = c \norm{x}$, any $c$: $z' = z - \eta (1 / c^2 + 1) g$",
        _eq30_choice,
        erratum="E26",
    ),
    Identity("31", r"$s = \norm{x}$: $z' = z - 2 \eta g$", _map_step("normaliser", lambda net: 2), erratum="E25"),
    Identity("32", r"$z_i = (W_{ij} x_j + b_i) / s$, $s = \sqrt{\norm{x}^2 + 1}$", _written_out(MAPS["correction"])),
    Identity(
        "33, 39",
        r"$\partial \loss / \partial W = g x^{\top} / s = (\norm{x} / s)\, g \hat x^{\top}$",
        _parameter("correction", "W", lambda net, g: _length(net) / _s(net) * torch.outer(g, net.x / _length(net))),
        erratum="E24",
    ),
    Identity("34", r"$\partial \loss / \partial b = g / s$", _parameter("correction", "b", lambda net, g: g / _s(net))),
    Identity("35, 36", r"$z' = z - \eta g\, (\norm{x}^2 + 1) / s^2$, any $s$", _any_s(bias=True), erratum="E23"),
    Identity("37", r"$s = \sqrt{\norm{x}^2 + 1}$: $z' = z - \eta g$", _map_step("correction", lambda net: 1)),
    Identity(
        "rate, in a batch",
        r"$z_a' = z_a - \frac{\eta}{B} \sum_b \frac{x_a \cdot x_b + 1}{s_b^2}\, g_b$",
        _batch("rate"),
        erratum="E27",
    ),
    Identity(
        "31, in a batch",
        r"$z_a' = z_a - \frac{\eta}{B} \sum_b (\hat x_a \cdot \hat x_b + 1)\, g_b$",
        _batch("normaliser"),
        erratum="E27",
    ),
    Identity(
        "37, in a batch",
        r"$z_a' = z_a - \frac{\eta}{B} \sum_b \frac{x_a \cdot x_b + 1}{s_a s_b}\, g_b$",
        _batch("correction"),
        erratum="E27",
    ),
    Identity(
        "footnote 12",
        r"$\partial z / \partial x = W / s - z x^{\top} / s^2$",
        lambda net: _input_jacobian(net, whole=True),
    ),
    Identity(
        "matched",
        r"$s = \sqrt{(\norm{x}^2 + 1) / (p + 1)}$: $z' = z - \eta (p + 1) g$",
        _map_step("correction_matched", lambda net: len(net.x) + 1),
    ),
)
"""Equations 23 to 39, with the errata put right; for steps the sides are z - z'."""

PRINTED = (
    Identity(
        "24",
        r"$\Delta \loss / \Delta z$ and $\partial \loss / \partial z$, which are said to differ",
        lambda net: (net.step()[0] / net.eta, net.gradients["z"]),
    ),
    Identity(
        "31",
        r"$s = \norm{x}$ with the rate $\eta$ left as it is: $z' = z - \eta g$",
        _map_step("normaliser", lambda net: 1),
        erratum="E25",
    ),
    Identity(
        "39",
        r"$g x^{\top} / \sqrt{\norm{x} + 1}$",
        _parameter("correction", "W", lambda net, g: torch.outer(g, net.x) / (_length(net) + 1).sqrt()),
        erratum="E24",
    ),
    Identity(
        "footnote 12",
        r"$\partial z / \partial x = W / s$: one factor $1 / s$ a layer and nothing else",
        lambda net: _input_jacobian(net, whole=False),
    ),
)
"""What is printed, or said, where the two sides differ."""
