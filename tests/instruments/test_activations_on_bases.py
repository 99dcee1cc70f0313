"""Generalised tanh and its gauge form against their printed sums, autograd and symmetries (method's paper, App. C)."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from isoaux import activations, bases
from isoaux.activations import GaugeTanh, GeneralisedTanh

seeds = st.integers(0, 2**31)


def oblique(m: int, n: int, seed: int) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((m, n))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


BASES = {
    "simplex": bases.turned(bases.simplex(4), 1),
    "cross-polytope": bases.turned(bases.cross_polytope(4), 2),
    "icosahedron": bases.thomson(12, 3),
    "forty": bases.thomson(40, 10, 3),
    "arranged": bases.thomson(13, 4, 4, starts=1),
    "square antiprism": bases.thomson(8, 3),
    "subspace": bases.thomson(3, 5, 1),
    "oblique": oblique(14, 4, 6),
    "polygon": bases.thomson(7, 2),
}
every = pytest.mark.parametrize("name", BASES)
spanning = pytest.mark.parametrize("name", [name for name in BASES if name != "subspace"])


def points(seed: int, *shape: int) -> Tensor:
    z = torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return z * torch.logspace(-2, 1, shape[0], dtype=torch.float64).view(-1, *[1] * (len(shape) - 1))


def printed(basis: np.ndarray, x: Tensor) -> Tensor:
    """Eqn 14 with the inner index renamed, one vector at a time."""
    b = torch.from_numpy(basis)
    G, r = (b @ b.T).clamp_min(0), x.norm()
    c = [sum(G[i, j] ** 2 for i in range(len(b))) for j in range(len(b))]
    total = torch.zeros((), dtype=x.dtype)
    for j in range(len(b)):
        total = (
            total + sum(G[i, j] * torch.tanh(r * G[i, j]) for i in range(len(b)) if i != j and G[i, j] > 1e-9) / c[j]
        )
    N = -total / len(b)
    parts = [(torch.tanh((v @ x).clamp_min(0)) + N / r * (v @ x).clamp_min(0)) * v for v in b]
    return torch.stack(parts).sum(0)


def gauge(basis: np.ndarray, x: Tensor) -> Tensor:
    b = torch.from_numpy(basis)
    unit = x / x.norm()
    return torch.tanh(x.norm()) * unit / max(v @ unit for v in b)


def _agrees(f, definition, n: int):
    for x, g in zip(points(1, 7, n), points(2, 7, n), strict=True):
        given = x.clone().requires_grad_()
        value = definition(given)
        (pulled,) = torch.autograd.grad(value, given, g)
        torch.testing.assert_close(f(x), value.detach(), rtol=1e-12, atol=1e-14)
        torch.testing.assert_close(f.vjp(x, g), pulled, rtol=1e-11, atol=1e-13)
        (by_autograd,) = torch.autograd.grad(f(given), given, g)
        torch.testing.assert_close(by_autograd, pulled, rtol=1e-11, atol=1e-13)


@every
def test_generalised_tanh_and_its_product_are_those_of_the_printed_sum(name: str):
    basis = BASES[name]
    _agrees(GeneralisedTanh(basis), lambda x: printed(basis, x), basis.shape[1])


@spanning
def test_the_gauge_form_and_its_product_are_those_of_the_printed_quotient(name: str):
    basis = BASES[name]
    f = GaugeTanh(basis)
    _agrees(f, lambda x: gauge(basis, x), basis.shape[1])
    z = points(3, 20, basis.shape[1])
    largest = (f(z) @ torch.from_numpy(basis).T).amax(-1)
    torch.testing.assert_close(largest, torch.tanh(z.norm(dim=-1)), rtol=1e-13, atol=0)


@settings(max_examples=2)
@given(seed=seeds)
def test_turning_the_basis_turns_the_function(seed: int):
    """f with basis B M^T at M x is M f(x), for every orthogonal M."""
    for name, basis in BASES.items():
        M = bases.random_orthogonal(basis.shape[1], seed)
        z = points(seed, 6, basis.shape[1])
        for kind in (GeneralisedTanh, GaugeTanh) if name != "subspace" else (GeneralisedTanh,):
            turned = kind(basis @ M.T)(z @ torch.from_numpy(M.T))
            torch.testing.assert_close(turned, kind(basis)(z) @ torch.from_numpy(M.T), rtol=1e-11, atol=1e-12)


def test_the_cross_polytope_is_componentwise_tanh_in_other_coordinates():
    q = bases.random_orthogonal(5, 2)
    f, z = GeneralisedTanh(np.vstack([q.T, -q.T])), points(4, 9, 5)
    torch.testing.assert_close(
        f(z), torch.tanh(z @ torch.from_numpy(q)) @ torch.from_numpy(q.T), rtol=1e-13, atol=1e-14
    )
    axes = GaugeTanh(bases.cross_polytope(5))(z)
    torch.testing.assert_close(axes.abs().amax(-1), torch.tanh(z.norm(dim=-1)), rtol=1e-14, atol=0)


@pytest.mark.parametrize("name", ["simplex", "cross-polytope", "icosahedron", "forty"])
def test_an_exact_basis_gives_tanh_along_its_vectors(name: str):
    b, t = torch.from_numpy(BASES[name]), torch.tensor([0.0, 0.1, 1, 7, 60], dtype=torch.float64)
    z = t[:, None, None] * b
    image = GeneralisedTanh(BASES[name])(z)
    torch.testing.assert_close(image, torch.tanh(t)[:, None, None] * b, rtol=0, atol=2e-12)


def test_a_simplex_is_not_odd_and_saturates_late_against_its_vectors():
    """Along -b_j all other products are 1/n, so tanh is reached n times later."""
    n = 6
    b, t = torch.from_numpy(bases.simplex(n)), torch.linspace(0.1, 30, 40, dtype=torch.float64)
    f = GeneralisedTanh(b)
    torch.testing.assert_close(f(-t[:, None] * b[2]), -torch.tanh(t / n)[:, None] * b[2], rtol=1e-12, atol=1e-13)
    assert float((f(b) + f(-b)).abs().max()) > 0.1


@pytest.mark.parametrize(("name", "odd"), [("cross-polytope", True), ("icosahedron", True), ("forty", False)])
def test_the_function_is_odd_where_the_basis_has_antipodes(name: str, odd: bool):
    f, z = GeneralisedTanh(BASES[name]), points(5, 9, BASES[name].shape[1])
    assert (float((f(z) + f(-z)).abs().max()) < 1e-12) == odd


@every
def test_the_function_is_bounded_by_its_limit(name: str):
    """sum of b_i with positive product, and N(inf) times the sum of (u . b_i)+ b_i."""
    b = torch.from_numpy(BASES[name])
    u = torch.nn.functional.normalize(points(6, 6, b.shape[1]), dim=1)
    p, N = u @ b.T, float(activations.Interference(b.numpy()).value(1e15))
    limit = (p > 0).double() @ b + N * p.clamp_min(0) @ b
    f = GeneralisedTanh(b)
    torch.testing.assert_close(f(1e8 * u), limit, rtol=0, atol=1e-6)
    assert torch.isfinite(f.vjp(1e12 * u, u)).all()


@every
def test_the_function_is_continuous_and_zero_at_zero(name: str):
    b = BASES[name]
    f, z = GeneralisedTanh(b), points(7, 9, b.shape[1])
    edge = z - (z @ torch.from_numpy(b[0]))[:, None] * torch.from_numpy(b[0])
    across = 1e-9 * torch.from_numpy(b[0])
    assert float((f(edge + across) - f(edge - across)).abs().max()) < 1e-7
    zero = torch.zeros(2, b.shape[1], dtype=torch.float64)
    assert not f(zero).any() and torch.isfinite(f.vjp(zero, zero + 1)).all()


@pytest.mark.parametrize(("m", "most"), [(4, 0.15), (8, 0.006), (16, 5e-5), (24, 5e-5)])
def test_polygons_tend_to_isotropic_tanh(m: int, most: float):
    angle = 2 * np.pi * np.arange(m) / m
    f = GeneralisedTanh(np.stack([np.cos(angle), np.sin(angle)], axis=1))
    angle = torch.linspace(0, 2 * torch.pi, 997, dtype=torch.float64)
    z = 1.3 * torch.stack([angle.cos(), angle.sin()], dim=1)
    distance = float((f(z) - activations.named("isotanh")(z)).abs().max())
    assert distance < most and (m > 8 or distance > most / 1.2)


def test_groups_follow_from_the_basis():
    groups = {name: GeneralisedTanh(basis).group for name, basis in BASES.items()}
    assert groups.pop("simplex") == "S_(n+1)" and groups.pop("cross-polytope") == "B_n"
    assert set(groups.values()) == {"of the basis"}


@pytest.mark.parametrize("kind", [GeneralisedTanh, GaugeTanh])
def test_several_bases_act_side_by_side_and_in_single_precision(kind):
    three = np.stack([bases.thomson(9, 4, 1), bases.thomson(9, 4, 2), -bases.thomson(9, 4, 5)])
    z, g = points(8, 3, 5, 2, 4), points(9, 3, 5, 2, 4)
    together = kind(three)
    for e in range(3):
        alone = kind(three[e])
        torch.testing.assert_close(together(z)[e], alone(z[e]), rtol=1e-13, atol=1e-14)
        torch.testing.assert_close(together.vjp(z, g)[e], alone.vjp(z[e], g[e]), rtol=1e-12, atol=1e-13)
        single = alone(z[e].float())
        assert single.dtype == torch.float32
        torch.testing.assert_close(single.double(), alone(z[e]), rtol=1e-5, atol=2e-6)


def test_bases_that_a_function_is_not_defined_on_are_refused(refused):
    refused(["basis has equal rows 0 and 2", "each vector once"], GeneralisedTanh, np.eye(2)[[0, 1, 0]])
    refused(["basis", "length"], GeneralisedTanh, 2 * np.eye(2))
    refused(["basis has no vector", "holds 0"], GaugeTanh, np.eye(3))
    refused(["basis has no vector"], GaugeTanh, BASES["subspace"])
    refused(["basis is None", "'gentanh'"], activations.named, "gentanh")
    refused(["basis is given", "'tanh'"], activations.named, "tanh", np.eye(3))
    refused(["activation", "'gentan'", "did you mean 'gentanh'?"], activations.named, "gentan", np.eye(3))


def test_in_space_the_way_to_isotropic_tanh_is_long():
    """Largest distance at length 1.3; the exact icosahedron is nearer than 24 vectors, and 96 are nearest."""
    z = 1.3 * torch.nn.functional.normalize(points(10, 40, 100, 3).flatten(0, 1), dim=1)
    isotropic, distances = activations.named("isotanh")(z), []
    for m in (6, 24, 12, 96):
        distances.append(float((GeneralisedTanh(bases.thomson(m, 3))(z) - isotropic).abs().max()))
    assert distances == sorted(distances, reverse=True)
    assert distances[0] > 0.22 and distances[-1] < 0.04
