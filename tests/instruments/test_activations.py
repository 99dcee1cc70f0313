"""The activations against the paper's definitions, their symmetry groups and autograd (spec. section 2)."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import Tensor, nn

from isoaux.activations import ACTIVATIONS, Activation

A, R = 0.01, 1.0  # leak and radius in the paper
LARGER = {"permutations": 0, "even sign flips": 1, "one sign flip": 2, "rotations": 3}
TABLE = {  # equivariant under permutations, even sign flips, one sign flip, O(n)
    "tanh": "YYYN",
    "isotanh": "YYYY",
    "lrelu": "YNNN",
    "isolrelu": "YYYY",
    "bnlrelu_elem": "YYYN",
    "bnlrelu_max": "YYYN",
    "dnlrelu": "YYNN",
}
GROUPS = {"S_n": "YNNN", "D_n": "YYNN", "B_n": "YYYN", "O(n)": "YYYY"}
CLASSES = {
    "tanh": "Tanh",
    "isotanh": "IsotropicTanh",
    "lrelu": "LeakyReLU",
    "isolrelu": "IsotropicLeakyReLU",
    "bnlrelu_elem": "HyperoctahedralLeakyReLU",
    "bnlrelu_max": "MaxNormLeakyReLU",
    "dnlrelu": "ParityLeakyReLU",
}
every = pytest.mark.parametrize("key", CLASSES)


# --- independent definitions, equation by equation, one vector at a time


def _componentwise(psi, x: Tensor) -> Tensor:
    """sum_i psi(x . e_i) e_i, as Eqns 3 and 6 are written."""
    axes = torch.eye(len(x), dtype=x.dtype)
    return torch.stack([psi(x @ e) * e for e in axes]).sum(0)


def _shifted(x: Tensor, size: Tensor) -> Tensor:
    """a x where size < R, x + R (a-1) x / size elsewhere: Eqns 7 and 10."""
    return A * x if size < R else x + R * (A - 1) * x / size


def _odd(t: Tensor) -> Tensor:
    return t + R * (A - 1) if t >= R else t - R * (A - 1) if t <= -R else A * t


def _tanh_of_norm(x: Tensor) -> Tensor:
    r = torch.sqrt(x @ x)
    return torch.tanh(r) * (x / r)


DEFINITIONS = {
    "tanh": lambda x: _componentwise(torch.tanh, x),
    "isotanh": _tanh_of_norm,
    "lrelu": lambda x: _componentwise(lambda t: torch.maximum(A * t, t), x),
    "isolrelu": lambda x: _shifted(x, torch.sqrt(x @ x)),
    "bnlrelu_elem": lambda x: _componentwise(_odd, x),
    "bnlrelu_max": lambda x: _shifted(x, torch.stack([t.abs() for t in x]).max()),
    "dnlrelu": lambda x: x if sum(bool(t < 0) for t in x) % 2 == 0 else A * x,
}


def points(seed: int, *shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


# --- what is registered


def test_the_registry_holds_the_published_names():
    assert {key: cls.__name__ for key, cls in ACTIVATIONS.items()} == CLASSES
    assert {cls.key for cls in ACTIVATIONS.values()} == set(CLASSES)


@every
def test_the_stated_group_is_the_one_of_the_table(key: str):
    assert GROUPS[ACTIVATIONS[key].group] == TABLE[key]


# --- symmetry


def haar(n: int, seed: int) -> np.ndarray:
    """A Haar-random orthogonal matrix, of either determinant."""
    q, r = np.linalg.qr(np.random.default_rng(seed).standard_normal((n, n)))
    return q * np.sign(np.diag(r))


@st.composite
def element(draw: st.DrawFn, kind: str, n: int) -> np.ndarray:
    """A matrix of the group that one column of the table asks about, beyond the groups of the columns before it."""
    if kind == "rotations":
        return haar(n, draw(st.integers(0, 2**32)))
    permutation = np.eye(n)[draw(st.permutations(range(n)))]
    if kind == "permutations":
        return permutation
    signs = np.array(draw(st.lists(st.sampled_from([-1.0, 1.0]), min_size=n, max_size=n)))
    signs[0] = np.prod(signs[1:]) * (1 if kind == "even sign flips" else -1)
    return permutation * signs


@st.composite
def element_and_points(draw: st.DrawFn, kind: str) -> tuple[Tensor, Tensor]:
    n = draw(st.integers(2, 9))
    scale = draw(st.sampled_from([1e-3, 1.0, 3.0, 1e2]))
    values = draw(arrays(float, (3, n), elements=st.floats(-1, 1, width=64)))
    return torch.from_numpy(draw(element(kind, n))), torch.from_numpy(scale * values)


def violation(f: Activation, m: Tensor, x: Tensor) -> float:
    """The largest |f(M x) - M f(x)| over points, relative to the largest |x| where that is above 1."""
    return float((f(x @ m.T) - f(x) @ m.T).abs().max() / x.abs().max().clamp_min(1))


holds = [(key, kind) for key in TABLE for kind, column in LARGER.items() if TABLE[key][column] == "Y"]
fails = [(key, kind) for key in TABLE for kind, column in LARGER.items() if TABLE[key][column] == "N"]


@pytest.mark.parametrize(("key", "kind"), holds, ids=lambda part: part.replace(" ", "-"))
def test_equivariant_under_its_group(key: str, kind: str):
    f = ACTIVATIONS[key]()

    @settings(max_examples=50)
    @given(element_and_points(kind))
    def measured(drawn: tuple[Tensor, Tensor]):
        assert violation(f, *drawn) < 1e-13

    measured()


@pytest.mark.parametrize(("key", "kind"), fails, ids=lambda part: part.replace(" ", "-"))
@pytest.mark.parametrize("n", [2, 5, 18])
def test_not_equivariant_under_the_larger_group(key: str, kind: str, n: int):
    """Exhibits a violation in every dimension; ``element`` draws only what the smaller group lacks."""
    m = torch.eye(n, dtype=torch.float64)
    if kind == "rotations":
        m = torch.from_numpy(haar(n, 0))
    else:
        m[0, 0] = -1
        if kind == "even sign flips":
            m[1, 1] = -1
    assert violation(ACTIVATIONS[key](), m, 2 * points(1, 50, n)) > 1e-3


# --- values


@every
@pytest.mark.parametrize("scale", [1e-6, 1e-2, 1.0, 3.0, 50.0])
@pytest.mark.parametrize("shape", [(1,), (2,), (18,), (5, 7), (2, 3, 4), (0, 6)], ids=str)
def test_value_and_vjp_equal_an_independent_definition_and_its_autograd(key: str, scale: float, shape: tuple[int, ...]):
    f, z, g = ACTIVATIONS[key](), scale * points(2, *shape), points(3, *shape)
    value, pulled = f(z), f.vjp(z, g)
    assert value.shape == pulled.shape == z.shape
    for i in np.ndindex(shape[:-1]):
        x = z[i].clone().requires_grad_()
        expected = DEFINITIONS[key](x)
        (gradient,) = torch.autograd.grad(expected, x, g[i])
        torch.testing.assert_close(value[i], expected.detach(), rtol=1e-13, atol=1e-15 * scale)
        torch.testing.assert_close(pulled[i], gradient, rtol=1e-11, atol=1e-13)


@every
@settings(max_examples=50)
@given(data=st.data())
def test_vjp_equals_autograd_through_forward(key: str, data: st.DataObject):
    f = ACTIVATIONS[key]()
    n = data.draw(st.integers(1, 20))
    scale = data.draw(st.sampled_from([1e-8, 1e-4, 0.3, 1.0, 2.0, 1e3]))
    z = scale * points(data.draw(st.integers(0, 2**32)), 4, n)
    g = points(data.draw(st.integers(0, 2**32)), 4, n)
    (gradient,) = torch.autograd.grad(f(z.requires_grad_()), z, g)
    torch.testing.assert_close(f.vjp(z.detach(), g), gradient, rtol=1e-11, atol=1e-13)


@every
def test_vjp_is_the_transpose_of_the_directional_derivative(key: str):
    """g . (J h) = h . (J^T g), with J h from central differences, away from kinks."""
    f, z, g, h = ACTIVATIONS[key](), 2 * points(4, 200, 6), points(5, 200, 6), points(6, 200, 6)
    step = 1e-6
    away = ((z.abs() - R).abs() > 1e-3).all(-1) & (z.abs() > 1e-3).all(-1)
    away &= ((torch.linalg.vector_norm(z, dim=-1) - R).abs() > 1e-3) & (z.abs().sort(-1)[0].diff()[:, -1] > 1e-3)
    assert away.sum() > 100
    forward = ((f(z + step * h) - f(z - step * h)) / (2 * step) * g).sum(-1)
    backward = (f.vjp(z, g) * h).sum(-1)
    torch.testing.assert_close(forward[away], backward[away], rtol=1e-6, atol=1e-8)


@every
def test_leading_axes_do_not_matter(key: str):
    f, z, g = ACTIVATIONS[key](), 2 * points(7, 2, 3, 4, 5), points(8, 2, 3, 4, 5)
    flat = f(z.reshape(-1, 5)), f.vjp(z.reshape(-1, 5), g.reshape(-1, 5))
    assert torch.equal(f(z).reshape(-1, 5), flat[0])
    assert torch.equal(f.vjp(z, g).reshape(-1, 5), flat[1])


@every
def test_single_precision_stays_single(key: str):
    f, z, g = ACTIVATIONS[key](), 2 * points(9, 40, 18), points(10, 40, 18)
    for single, double in ((f(z.float()), f(z)), (f.vjp(z.float(), g.float()), f.vjp(z, g))):
        assert single.dtype == torch.float32 and double.dtype == torch.float64
        torch.testing.assert_close(single.double(), double, rtol=1e-5, atol=1e-6)


@every
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
def test_zero_goes_to_zero_with_a_finite_derivative(key: str, dtype: torch.dtype):
    """The derivative at zero is 1 for the tanh forms and the leak for the Leaky-ReLU forms."""
    f = ACTIVATIONS[key]()
    z = torch.stack([torch.zeros(6), torch.ones(6), torch.zeros(6)]).to(dtype).requires_grad_()
    g = points(11, 3, 6).to(dtype)
    slope = 1.0 if "tanh" in key else A
    assert torch.equal(f(z)[[0, 2]], torch.zeros(2, 6, dtype=dtype))
    (gradient,) = torch.autograd.grad(f(z), z, g)
    for pulled in (f.vjp(z.detach(), g), gradient):
        torch.testing.assert_close(pulled[[0, 2]], slope * g[[0, 2]])
        assert torch.isfinite(pulled).all()


@every
@pytest.mark.parametrize("size", [1e-300, 1e-170, 1e-100, 1e-20])
def test_tiny_vectors_keep_their_direction(key: str, size: float):
    """Also where the square of the norm is no longer a number above zero."""
    f, z, g = ACTIVATIONS[key](), size * points(12, 5, 4), points(13, 5, 4)
    unchanged = {"lrelu": z > 0, "dnlrelu": (z < 0).sum(-1, keepdim=True) % 2 == 0}
    slope = A + (1 - A) * unchanged.get(key, torch.tensor("tanh" in key)).double()
    torch.testing.assert_close(f(z) / size, slope * z / size, rtol=1e-14, atol=0)
    torch.testing.assert_close(f.vjp(z, g), slope * g, rtol=1e-14, atol=0)


# --- the switch between the leak and the identity


@pytest.mark.parametrize("key", ["isolrelu", "bnlrelu_elem", "bnlrelu_max"])
@given(seed=st.integers(0, 2**32), n=st.integers(1, 12))
def test_continuous_at_the_switch(key: str, seed: int, n: int):
    """a x from both sides of the boundary: what settles erratum E2."""
    f, direction = ACTIVATIONS[key](), points(seed, n)
    order = 2 if key == "isolrelu" else torch.inf
    edge = R * direction / torch.linalg.vector_norm(direction, ord=order)
    for side in (-1e-9, 0.0, 1e-9):
        torch.testing.assert_close(f(edge * (1 + side)), A * edge, rtol=0, atol=3e-9)


def test_the_leaky_relu_is_continuous_and_the_parity_form_is_not():
    z = torch.tensor([[1e-9, 2.0], [-1e-9, 2.0]], dtype=torch.float64)
    jump = {
        key: float((ACTIVATIONS[key]()(z)[0] - ACTIVATIONS[key]()(z)[1]).abs().max()) for key in ("lrelu", "dnlrelu")
    }
    assert jump["lrelu"] < 1e-8 and jump["dnlrelu"] > 1.9


# --- on the axes


@given(t=st.floats(-20, 20), n=st.integers(1, 12), i=st.integers(0, 11))
def test_on_an_axis_the_isotropic_forms_are_the_elementwise_ones(t: float, n: int, i: int):
    x = torch.zeros(n, dtype=torch.float64)
    x[i % n] = t
    value = {key: cls()(x) for key, cls in ACTIVATIONS.items()}
    torch.testing.assert_close(value["isotanh"], value["tanh"], rtol=1e-14, atol=0)
    for key in ("isolrelu", "bnlrelu_max"):
        torch.testing.assert_close(value[key], value["bnlrelu_elem"], rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("key", ["isolrelu", "bnlrelu_elem", "bnlrelu_max"])
@pytest.mark.parametrize(
    ("t", "value"), [(2.0, 1.01), (-3.0, -2.01), (1.0, 0.01), (-1.0, -0.01), (0.5, 0.005), (0.0, 0.0)]
)
def test_worked_values_on_an_axis(key: str, t: float, value: float):
    x = torch.zeros(18, dtype=torch.float64)
    x[4] = t
    expected = torch.zeros_like(x)
    expected[4] = value
    torch.testing.assert_close(ACTIVATIONS[key]()(x), expected, rtol=1e-14, atol=1e-16)


def test_the_plain_leaky_relu_differs_on_the_axes():
    x = 2 * torch.eye(3, dtype=torch.float64)
    assert torch.equal(ACTIVATIONS["lrelu"]()(x), x)
    assert float((ACTIVATIONS["isolrelu"]()(x) - x).abs().max()) > 0.9


def test_only_one_orthant_passes_the_leaky_relu_unchanged():
    """The identity is the volume fraction 2^-n of the single all-positive orthant."""
    signs = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0], dtype=torch.float64)] * 5)
    unchanged = (ACTIVATIONS["lrelu"]()(signs) == signs).all(-1)
    assert unchanged.sum() == 1 and bool((signs[unchanged] > 0).all())


# --- as modules


@every
def test_usable_inside_a_plain_network(key: str):
    """No parameters of its own, and autograd runs through it: checked by finite differences away from kinks."""
    model = nn.Sequential(nn.Linear(3, 4), ACTIVATIONS[key](), nn.Linear(4, 2)).double()
    assert not ACTIVATIONS[key]().state_dict() and len(model.state_dict()) == 4
    with torch.no_grad():
        for p, value in zip(model.parameters(), points(14, 4, 12), strict=True):
            p.copy_(value[: p.numel()].reshape(p.shape))
    x = points(15, 6, 3).requires_grad_()
    z = model[0](x).detach()
    kinks = torch.cat(
        [z.flatten().abs(), (z.abs() - R).flatten().abs(), (torch.linalg.vector_norm(z, dim=-1) - R).abs()]
    )
    assert float(kinks.min()) > 1e-4
    assert torch.autograd.gradcheck(model, x, eps=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("key", "leak", "radius"), [("isolrelu", 0.2, 2.5), ("bnlrelu_elem", 0.3, 0.5), ("bnlrelu_max", 0.1, 3.0)]
)
def test_leak_and_radius_are_parameters(key: str, leak: float, radius: float):
    f = ACTIVATIONS[key](leak=leak, radius=radius)
    x = torch.eye(4, dtype=torch.float64)
    torch.testing.assert_close(f(0.9 * radius * x), 0.9 * radius * leak * x)
    torch.testing.assert_close(f(2 * radius * x), (1 + leak) * radius * x)
    assert str(leak) in repr(f) and str(radius) in repr(f)
