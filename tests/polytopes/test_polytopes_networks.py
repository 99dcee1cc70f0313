"""Networks as arrays against torch, and what is no network."""

import numpy as np
import pytest
import torch
from random_nets import random_layers, random_net
from torch import nn

from isoaux import activations
from isoaux.polytopes import Net, crossings, segments
from isoaux.polytopes.soft_codes import Soft
from isoaux.training import autoencoder


def sequential(*functions: nn.Module, bias: bool = True) -> nn.Sequential:
    torch.manual_seed(0)
    parts: list[nn.Module] = [nn.Flatten(), nn.Linear(6, 5, bias=bias)]
    for function in functions:
        parts += [function, nn.Dropout(0.5), nn.Linear(5, 5, bias=bias)]
    return nn.Sequential(*parts).double().eval()


@pytest.mark.parametrize(
    "function", [nn.ReLU(), nn.LeakyReLU(0.2), activations.LeakyReLU()], ids=lambda f: type(f).__module__[:6] + repr(f)
)
@pytest.mark.parametrize("bias", [True, False])
def test_a_sequential_of_torch_is_the_same_network(function: nn.Module, bias: bool) -> None:
    module = sequential(function, function, bias=bias)
    x = torch.randn(20, 6, dtype=torch.float64)
    net = Net.of(module)
    assert (net.widths, net.depth, net.bits) == ((6, 5, 5, 5), 2, 10)
    with torch.no_grad():
        np.testing.assert_allclose(net.logits(x), module(x), atol=1e-12)
        np.testing.assert_allclose(net.logits(net.activations(x)[1], 1), module(x), atol=1e-12)


@pytest.mark.parametrize("key", activations.ACTIVATIONS)
def test_any_activation_of_the_library_makes_a_soft_network(key: str) -> None:
    module = sequential(activations.named(key), activations.named(key))
    x = torch.randn(20, 6, dtype=torch.float64)
    with torch.no_grad():
        np.testing.assert_allclose(Soft.of(module).logits(x), module(x), atol=1e-12)


@pytest.mark.parametrize("key", ["lrelu", "bnlrelu_elem"])
def test_an_autoencoder_of_the_paper_is_the_same_network(key: str) -> None:
    parameters = autoencoder.initial(12, 6, 2, torch.Generator().manual_seed(1))
    for name in parameters:
        parameters[name] = 2 * parameters[name] + 0.1
    x = torch.randn(40, 12, dtype=torch.float64)
    net, module = Net.of_autoencoder(parameters, key), autoencoder.module(parameters, key)
    with torch.no_grad():
        np.testing.assert_allclose(net.logits(x), module(x), atol=1e-12)
    assert net.widths[1] == (12 if key == "bnlrelu_elem" else 6)
    if key == "bnlrelu_elem":  # the walls of a neuron are where its pre-activation is R and -R
        crossed = segments.crossing_points(net, x[:20], x[20:])
        first = crossed.layer == 1
        at = (
            x[crossed.segment[first]]
            + torch.from_numpy(crossed.t[first, None]) * (x[20:] - x[:20])[crossed.segment[first]]
        )
        z = (at @ parameters["encoder.weight"].T + parameters["encoder.bias"]).numpy()
        upper, neuron = crossed.neuron[first] < 6, crossed.neuron[first] % 6
        assert upper.any() and (~upper).any()
        np.testing.assert_allclose(z[np.arange(len(z)), neuron], np.where(upper, 1.0, -1.0), atol=1e-12)


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (sequential(nn.Tanh()), "activation is 'Tanh', which does not cut .*soft_codes has gates"),
        (sequential(activations.IsotropicTanh()), "activation is 'isotanh'"),
        (sequential(nn.ReLU(), nn.LeakyReLU()), r"the module has the slopes \[0.0, 0.01\]"),
        (nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)), "the module has Linear where another is needed"),
        (nn.Sequential(nn.Linear(2, 2), nn.ReLU()), "the module ends with a function"),
    ],
)
def test_modules_that_are_no_such_network_are_refused(module: nn.Sequential, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Net.of(module)


def test_autoencoders_of_other_activations_are_refused() -> None:
    parameters = autoencoder.initial(5, 3, 1, torch.Generator().manual_seed(1))
    with pytest.raises(ValueError, match="activation is 'isolrelu', which does not cut"):
        Net.of_autoencoder(parameters, "isolrelu")
    with pytest.raises(ValueError, match="activation is 'isotan' .did you mean 'isotanh'"):
        Soft(random_layers((2, 3, 2), 0), "isotan")


@pytest.mark.parametrize(
    ("layers", "leak", "words"),
    [
        (random_layers((2, 3), 0), 0.0, "layers holds 1; accepted: at least 2"),
        ([*random_layers((2, 3), 0), *random_layers((4, 2), 0)], 0.0, "layer 2 has width 4 at its input; accepted: 3"),
        ([(np.zeros((0, 2)), np.zeros(0)), (np.zeros((2, 0)), np.zeros(2))], 0.0, r"a weight of shape \(0, 2\)"),
        ([(np.eye(2), np.zeros(3))] * 2, 0.0, r"layer 1 has a bias of shape \(3,\); accepted: \(2,\)"),
        ([(np.full((2, 2), np.nan), np.zeros(2))] * 2, 0.0, "the weight of layer 1 holds nan"),
        (random_layers((2, 3, 2), 0), 1.0, "leak is 1.0"),
    ],
)
def test_layers_that_do_not_fit_are_refused(layers: list, leak: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Net(layers, leak)


def test_points_that_do_not_fit_are_refused() -> None:
    net = random_net((4, 5, 5, 2), 0)
    with pytest.raises(ValueError, match="first has width 3; accepted: width 4"):
        crossings(net, np.zeros((2, 3)), np.zeros((2, 3)))
    with pytest.raises(ValueError, match="second holds nan"):
        crossings(net, np.zeros((2, 4)), np.full((2, 4), np.nan))
    with pytest.raises(ValueError, match="first has 2 points and second has 3"):
        crossings(net, np.zeros((2, 4)), np.zeros((3, 4)))
    with pytest.raises(ValueError, match="start is 2"):
        crossings(net, np.zeros((2, 5)), np.zeros((2, 5)), 2)
