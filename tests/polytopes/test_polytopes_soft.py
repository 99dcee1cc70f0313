"""Gates against the activations of torch, bits, and closed forms of the variation."""

import numpy as np
import pytest
import torch
from random_nets import random_layers, random_net

from isoaux import activations
from isoaux.polytopes import codes, segments, soft_codes
from isoaux.polytopes.codes import hamming
from isoaux.polytopes.soft_codes import Soft

Z = 1.5 * np.random.default_rng(0).standard_normal((200, 7))
ONE_GATE = ("isotanh", "isolrelu", "bnlrelu_max", "dnlrelu")
TORCH = activations.ACTIVATIONS | {"relu": torch.nn.ReLU, "swish": torch.nn.SiLU, "gelu": torch.nn.GELU}


@pytest.mark.parametrize("key", soft_codes.GATES)
def test_the_function_is_its_gate_times_its_argument(key: str) -> None:
    p, z = soft_codes.gates(key, Z), torch.from_numpy(Z)
    assert p.shape == (200, 1 if key in ONE_GATE else 7)
    assert 0 <= p.min() and p.max() <= 1
    np.testing.assert_allclose(p * Z, TORCH[key]()(z), atol=1e-14)


@pytest.mark.parametrize("key", soft_codes.GATES)
def test_gradients_pass_as_in_torch(key: str) -> None:
    z = torch.from_numpy(Z).requires_grad_()
    g = np.random.default_rng(1).standard_normal((200, 3, 7))
    pulled = soft_codes.GATES[key].pull(Z, g)
    for c in range(3):
        (expected,) = torch.autograd.grad(TORCH[key]()(z), z, torch.from_numpy(g[:, c]))
        np.testing.assert_allclose(pulled[:, c], expected, atol=1e-13)


def test_gates_of_zeros_and_of_small_numbers_are_limits() -> None:
    small = np.array([[0.0, 0.0], [1e-9, -1e-9], [9e-5, 0.0], [1.1e-4, 0.0]])
    for key in ("tanh", "isotanh"):
        np.testing.assert_allclose(soft_codes.gates(key, small), 1, atol=1e-8)
    for key in ("isolrelu", "bnlrelu_max", "bnlrelu_elem"):
        np.testing.assert_allclose(soft_codes.gates(key, small), 0.01, rtol=1e-12)


def test_the_gate_of_swish_tends_to_the_bit() -> None:
    gaps = [np.abs(soft_codes.gates("swish", Z, eta) - (Z > 0)).mean() for eta in (1, 10, 100, 1000)]
    assert all(later < earlier / 5 for earlier, later in zip(gaps, gaps[1:], strict=False)) and gaps[-1] < 1e-3


@pytest.mark.parametrize("key", ["isotanh", "isolrelu"])
def test_the_one_gate_of_an_isotropic_function_follows_from_the_norm(key: str) -> None:
    q, _ = np.linalg.qr(np.random.default_rng(2).standard_normal((7, 7)))
    np.testing.assert_allclose(soft_codes.gates(key, Z @ q), soft_codes.gates(key, Z), atol=1e-14)


@pytest.mark.parametrize("start", [0, 1])
def test_soft_distances_are_hamming_distances_up_to_the_leak(start: int) -> None:
    layers, x = random_layers((5, 20, 20, 3), 3), np.random.default_rng(4).standard_normal((30, (5, 20)[start]))
    for key, leak in (("relu", 0.0), ("lrelu", 0.01)):
        soft = soft_codes.codes(Soft(layers, key), x, start)
        bits = codes(random_net((5, 20, 20, 3), 3, leak), x, start)
        np.testing.assert_allclose(soft_codes.distance(soft), (1 - leak) * hamming(bits), atol=1e-12)


def test_one_code_for_a_layer_of_an_isotropic_network() -> None:
    net = Soft(random_layers((5, 20, 20, 3), 3), "isotanh")
    assert soft_codes.codes(net, Z[:, :5]).shape == (200, 2)


def test_max_affine_splines_of_two_pieces_are_relu_and_swish() -> None:
    rng = np.random.default_rng(5)
    w, b, x = rng.standard_normal((4, 5)), rng.standard_normal(4), rng.standard_normal((50, 5))
    slopes, offsets = np.stack([np.zeros_like(w), w], axis=1), np.stack([np.zeros_like(b), b], axis=1)
    z = x @ w.T + b
    np.testing.assert_allclose(soft_codes.max_affine(slopes, offsets, x), np.maximum(z, 0), atol=1e-14)
    for eta in (0.5, 1.0, 20.0):
        swish = soft_codes.gates("swish", z, eta) * z
        np.testing.assert_allclose(soft_codes.max_affine(slopes, offsets, x, eta), swish, atol=1e-14)


@pytest.mark.parametrize("key", ["tanh", "isotanh", "isolrelu", "bnlrelu_max", "gelu"])
@pytest.mark.parametrize("start", [0, 1])
def test_local_maps_are_jacobians(key: str, start: int) -> None:
    net = Soft(random_layers((5, 6, 6, 3), 6), key)
    x = np.random.default_rng(7).standard_normal((4, (5, 6)[start]))
    step = 1e-6 * np.eye(x.shape[1])
    for point, made in zip(x, soft_codes.local_maps(net, x, start), strict=True):
        difference = (net.logits(point + step, start) - net.logits(point - step, start)).T / 2e-6
        np.testing.assert_allclose(made, difference, atol=1e-7)


def test_the_variation_of_one_tanh_is_that_of_its_slope() -> None:
    net = Soft([([[1.7]], [0.3]), ([[-2.0]], [0.0])], "tanh")
    ends = np.array([[-1.5, 2.0], [0.5, 1.5], [-1.0, -0.9]])
    slope = 1 / np.cosh(1.7 * ends + 0.3) ** 2
    over = 2 - slope.sum(axis=1)  # the slope rises to 1 at z = 0, and falls again
    expected = 3.4 * np.where((1.7 * ends + 0.3).prod(axis=1) < 0, over, np.abs(np.diff(slope)[:, 0]))
    made = soft_codes.variation(net, ends[:, :1], ends[:, 1:], tolerance=1e-4)
    np.testing.assert_allclose(made, expected, rtol=1e-3)
    assert (made <= expected * (1 + 1e-12)).all()


def test_the_variation_of_a_piecewise_affine_network_is_the_sum_of_its_jumps(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(8)
    p, q = rng.standard_normal((2, 12, 5))
    net = random_net((5, 12, 12, 3), 9, 0.01)
    exact, crossed = segments.variation(net, p, q), segments.crossing_points(net, p, q)
    monkeypatch.setattr(soft_codes, "COARSEST", 2**12)
    made = soft_codes.variation(Soft(random_layers((5, 12, 12, 3), 9), "lrelu"), p, q)
    assert (made <= exact * (1 + 1e-12)).all() and exact.min() > 0.1
    apart = np.array([np.diff(crossed.t[crossed.segment == i]).min() > 2**-12 for i in range(12)])
    np.testing.assert_allclose(made[apart], exact[apart], rtol=1e-9)
    assert apart.sum() >= 10


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="activation is 'rely' .did you mean 'relu'"):
        soft_codes.gates("rely", Z)
    with pytest.raises(ValueError, match="eta is 0; accepted: a finite number above 0"):
        soft_codes.gates("swish", Z, 0)
    with pytest.raises(ValueError, match=r"slopes has shape \(2, 3\)"):
        soft_codes.max_affine(np.zeros((2, 3)), np.zeros(2), Z)
