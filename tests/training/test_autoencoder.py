"""The autoencoders: names, shapes and initial values of their parameters, and a trained one in use (App. E)."""

import numpy as np
import pytest
import torch
from scipy import stats

from isoaux import paper
from isoaux.activations import ACTIVATIONS
from isoaux.paper import architecture
from isoaux.training import autoencoder
from isoaux.training.autoencoder import Parameters


def start(shape: tuple[int, int, int], seed: int, dtype: torch.dtype = torch.float64) -> Parameters:
    """Initial parameters with biases that are not zero."""
    generator = torch.Generator().manual_seed(seed)
    made = autoencoder.initial(*shape, generator)
    return {
        k: (v if v.ndim == 2 else 0.1 * torch.randn(v.shape, generator=generator)).to(dtype) for k, v in made.items()
    }


# --- parameters


@pytest.mark.parametrize(
    ("d", "n", "depth", "count"),
    [(3072, 18, 0, 113_682), (3072, 18, 3, 114_708), (784, 18, 0, 29_026), (784, 18, 3, 30_052)],
    ids=["CIFAR-L0", "CIFAR-L3", "MNIST-L0", "MNIST-L3"],
)
def test_parameter_count(d: int, n: int, depth: int, count: int):
    made = autoencoder.initial(d, n, depth, torch.Generator().manual_seed(0))
    assert sum(p.numel() for p in made.values()) == 2 * d * n + n + d + depth * (n * n + n) == count
    assert sum(p.numel() for p in autoencoder.module(made, "tanh").parameters()) == count


def test_parameter_counts_of_the_catalogue():
    for entry in paper.catalogue()["paper1_networks"]:
        d = {"cifar": 3072, "mnist": 784}[entry["dataset"]]
        made = architecture.shapes(d, entry["n"], entry["L"])
        assert sum(int(np.prod(shape)) for shape in made.values()) == entry["parameters"], entry["id"]


def test_initial_weights_are_xavier_normal_of_gain_one_and_biases_zero():
    """Every weight matrix: mean 0, variance 2 / (fan in + fan out) within five standard errors, normal law."""
    d, n, depth = 400, 120, 2
    made = autoencoder.initial(d, n, depth, torch.Generator().manual_seed(5))
    assert [tuple(p.shape) for p in made.values()] == list(architecture.shapes(d, n, depth).values())
    for name, value in made.items():
        assert value.dtype == torch.float64
        if name.endswith("bias"):
            assert not value.any()
            continue
        sigma, count = (2 / sum(value.shape)) ** 0.5, value.numel()
        assert abs(float(value.mean())) < 5 * sigma / count**0.5
        assert abs(float(value.var()) / sigma**2 - 1) < 5 * (2 / count) ** 0.5
        assert stats.kstest(value.flatten().numpy() / sigma, "norm").pvalue > 1e-3


def test_initial_parameters_follow_the_generator_alone():
    one, same, other = (autoencoder.initial(20, 4, 1, torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not any(torch.equal(one[name], other[name]) for name in one if name.endswith("weight"))


# --- a trained network, used


@pytest.mark.parametrize("key", ACTIVATIONS)
@pytest.mark.parametrize("depth", [0, 1, 3])
def test_module_latents_and_decode_agree(key: str, depth: int):
    """Latents are the affine outputs, before the activation; each equals what the plain module computes there."""
    d, n = 20, 6
    given = start((d, n, depth), 4)
    x = torch.randn(50, d, dtype=torch.float64, generator=torch.Generator().manual_seed(6))
    model = autoencoder.module(given, key)
    assert [type(layer).__name__ for layer in model] == (
        ["Linear", ACTIVATIONS[key].__name__] * (depth + 1) + ["Linear"]
    )
    found = autoencoder.latents(given, key, x)
    assert len(found) == depth + 1
    with torch.no_grad():
        out = x
        for i, layer in enumerate(model):
            out = layer(out)
            if i % 2 == 0 and i < 2 * (depth + 1):
                torch.testing.assert_close(found[i // 2], out, rtol=1e-12, atol=1e-13)
    torch.testing.assert_close(autoencoder.decode(given, key, found[-1]), out, rtol=1e-12, atol=1e-13)
    assert out.shape == x.shape


def test_a_module_keeps_single_precision():
    model = autoencoder.module(start((20, 6, 1), 4, torch.float32), "isotanh")
    assert {p.dtype for p in model.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    "use",
    [
        lambda given, name: autoencoder.module(given, name),
        lambda given, name: autoencoder.latents(given, name, torch.zeros(1, 20)),
        lambda given, name: autoencoder.decode(given, name, torch.zeros(1, 6)),
    ],
    ids=["module", "latents", "decode"],
)
def test_an_unknown_activation_is_refused(use, refused):
    refused(["activation", "'isotan'", "did you mean 'isotanh'?"], use, start((20, 6, 0), 0), "isotan")
