"""The maps of Appendix C.2.1: gradients, magnitudes, directions and the factor of a step (Eqns 23 to 39)."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from isoaux import paper
from isoaux.activations import ACTIVATIONS
from isoaux.studies.gradient_flow.compute import divergence
from isoaux.studies.gradient_flow.compute.identities import residuals
from isoaux.studies.gradient_flow.compute.layers import random_layer
from isoaux.training.maps import MAPS, LayerMap, named

every = pytest.mark.parametrize("one", MAPS.values(), ids=MAPS)
seeds = st.integers(0, 2**32)
BENT = [one for one in MAPS.values() if one.bends]


def drawn(seed: int, p: int = 7, n: int = 4, samples: int = 5) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs (samples, p), weights and biases."""
    generator = torch.Generator().manual_seed(seed % 2**63)
    shapes = ((samples, p), (n, p), (n,))
    x, W, b = (torch.randn(shape, dtype=torch.float64, generator=generator) for shape in shapes)
    return x, W, b


# --- gradients


@every
def test_the_map_passes_gradcheck(one: LayerMap):
    x, W, b = (t.requires_grad_() for t in drawn(1))
    assert torch.autograd.gradcheck(lambda *inputs: one.forward(*inputs), (x, W, b))


@every
@pytest.mark.parametrize("typical", [None, 1.0, 30.0])
@given(seed=seeds)
def test_the_closed_form_is_the_gradient_of_autograd(one: LayerMap, typical: float | None, seed: int):
    x, W, b = drawn(seed)
    x.requires_grad_()
    z = one.forward(x, W, b, typical)
    g = torch.randn_like(z)
    (wanted,) = torch.autograd.grad(z, x, g)
    torch.testing.assert_close(one.vjp(x.detach(), W, b, g, typical), wanted, rtol=1e-11, atol=1e-12)


@every
@given(seed=seeds)
def test_rescaled_inputs_give_the_map_and_its_gradients(one: LayerMap, seed: int):
    """z = W u + beta b, so the parameters' gradients are g u^T and beta g; omega is no part of the forward map."""
    x, W, b = drawn(seed)
    W.requires_grad_()
    b.requires_grad_()
    u, alpha, beta, omega = one.rescale(x)
    z = one.forward(x, W, b)
    torch.testing.assert_close(z, u @ W.T + beta * b, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(u, alpha * x)
    g = torch.randn_like(z)
    dW, db = torch.autograd.grad(z, (W, b), g)
    torch.testing.assert_close(dW, g.T @ u, rtol=1e-11, atol=1e-12)
    torch.testing.assert_close(db, (beta * g).sum(0), rtol=1e-11, atol=1e-12)
    assert (omega == 1).all() == (one.form != "rate")


# --- what the appendix asserts


@pytest.mark.parametrize("one", [m for m in MAPS.values() if m.key != "affine"], ids=lambda m: m.key)
@given(seed=seeds, size=st.floats(0.01, 100))
def test_the_factor_of_a_step_is_the_same_for_every_sample(one: LayerMap, seed: int, size: float):
    """omega (|u|^2 + beta^2): 1 or 2 as printed, and for matched maps what the affine map has at the typical length."""
    x = size * drawn(seed)[0]
    u, _, beta, omega = one.rescale(x, 12.0)
    factor = omega * ((u * u).sum(-1, keepdim=True) + beta**2)
    wanted = 13.0 if one.matched else 2.0 if one.form == "normaliser" else 1.0
    torch.testing.assert_close(factor, torch.full_like(factor, wanted), rtol=1e-12, atol=0)


@pytest.mark.parametrize("one", [m for m in MAPS.values() if m.matched], ids=lambda m: m.key)
@given(seed=seeds)
def test_a_matched_map_is_the_affine_one_at_the_typical_length(one: LayerMap, seed: int):
    x, W, b = drawn(seed)
    x *= (12.0 / (x * x).sum(-1, keepdim=True)).sqrt()
    torch.testing.assert_close(one.forward(x, W, b, 12.0), MAPS["affine"].forward(x, W, b), rtol=1e-12, atol=1e-12)
    assert (one.rescale(x, 12.0).omega - 1).abs().max() < 1e-12


@given(seed=seeds, size=st.floats(1e-3, 1e3))
def test_the_normaliser_loses_the_magnitude_and_the_correction_keeps_it(seed: int, size: float):
    x, W, b = drawn(seed)
    for key in ("normaliser", "normaliser_matched"):
        torch.testing.assert_close(MAPS[key].forward(size * x, W, b), MAPS[key].forward(x, W, b), rtol=1e-9, atol=1e-9)
    u, _, beta, _ = MAPS["correction"].rescale(size * x)
    torch.testing.assert_close(u / beta, size * x, rtol=1e-9, atol=0)  # x can be read off what is multiplied
    assert ((u * u).sum(-1) < 1).all()


@given(seed=seeds)
def test_the_normaliser_has_a_blind_direction_and_the_correction_none(seed: int):
    """Singular values of du/dx: the normaliser's smallest is 0, along x; the correction's is 1 / s^3 over 1 / s."""
    x = drawn(seed)[0][0]
    s = float((x @ x + 1).sqrt())
    values = {
        key: torch.linalg.svdvals(torch.autograd.functional.jacobian(lambda v, one=MAPS[key]: one.rescale(v).u, x))
        for key in ("normaliser", "correction")
    }
    assert values["normaliser"][-1] < 1e-12 * values["normaliser"][0]
    torch.testing.assert_close(values["correction"][-1] / values["correction"][0], torch.tensor(s**-2).double())


@pytest.mark.parametrize("one", BENT, ids=lambda m: m.key)
def test_zero_is_no_exception(one: LayerMap):
    """Eqn 38 has no limit at 0: the normaliser is said to be b there and has no gradient. Eqn 39 is smooth."""
    x, W, b = drawn(3)
    x[0] = 0
    z, g = one.forward(x, W, b), one.vjp(x, W, b, torch.ones(len(x), 4, dtype=torch.float64))
    assert torch.isfinite(z).all() and (torch.isfinite(g).all() or one.form == "normaliser")
    factor = one.rescale(x).beta[0]
    torch.testing.assert_close(z[0], factor * b)


def test_an_unknown_map_is_refused(refused):
    refused(["map", "'correcton'", "did you mean 'correction'?"], named, "correcton")


def test_every_map_has_a_title_and_its_name_in_a_configuration():
    assert set(paper.MAP_TITLES) == set(MAPS)
    for key in MAPS:
        name = "cifar-N-tanh-n18-L2" + ("" if key == "affine" else f"-{key}")
        own = paper.Configuration.parse(name)
        assert (own.id, own.map, own.L) == (name, key, 2)
        assert own.shape == name.replace("-tanh", "")


def test_affine_networks_keep_their_keys():
    """What was trained before there were other maps is found again."""
    own = paper.Configuration.parse("cifar-N-tanh-n18-L2")
    assert "map" not in paper.Network(own, 0).facts()
    other = paper.Configuration.parse("cifar-N-tanh-n18-L2-rate")
    assert paper.Network(other, 0).facts() == paper.Network(own, 0).facts() | {"map": "rate"}


@pytest.mark.parametrize("key", ACTIVATIONS)
def test_the_typical_length_behind_an_activation(key: str):
    """Reached by long representations where the function saturates."""
    f, n = ACTIVATIONS[key](), 6
    z = 1e4 * drawn(5, p=n)[0]
    if key in ("tanh", "isotanh"):
        squared = (f(z) ** 2).sum(-1)
        torch.testing.assert_close(squared, torch.full_like(squared, f.typical_square(n)), rtol=1e-6, atol=0)
    else:
        assert f.typical_square(n) == n and (f(z) ** 2).sum(-1).max() > 10 * n


# --- the identities


def test_equations_23_to_39_are_all_there():
    said = " ".join(one.equation for one in (*divergence.IDENTITIES, *divergence.PRINTED))
    assert all(str(number) in said for number in range(23, 40))


@pytest.mark.parametrize("identity", divergence.IDENTITIES, ids=lambda one: one.equation)
def test_an_identity_holds_on_a_hundred_random_layers(identity):
    assert residuals(identity, 100, seed=1).values.max() < 1e-12


@pytest.mark.parametrize("identity", divergence.PRINTED, ids=lambda one: one.equation)
def test_what_is_said_and_does_not_hold_fails(identity):
    assert np.median(residuals(identity, 100, seed=1).values) > 0.1


@given(seed=seeds)
def test_equation_39_as_printed_misses_a_factor_that_is_known(seed: int):
    """sqrt(|x|^2 + 1) against sqrt(|x| + 1)."""
    net = random_layer(seed)
    left, right = next(one for one in divergence.PRINTED if one.equation == "39").sides(net)
    length = float(torch.linalg.vector_norm(net.x))
    wanted = abs(1 - ((length**2 + 1) / (length + 1)) ** 0.5)
    assert float((left - right).norm() / left.norm()) == pytest.approx(wanted, rel=1e-9, abs=1e-12)
