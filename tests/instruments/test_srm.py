"""The spotlight against rotations by matrix exponential and a direct count, symmetries, and Equation 18."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.linalg import expm

from isoaux import bases, ppp, srm

seeds = st.integers(0, 2**32 - 1)
BASES = {
    "standard": lambda n, seed: bases.standard(n),
    "random": bases.random_orthogonal,
    "simplex": lambda n, seed: bases.simplex(n),
    "oblique": lambda n, seed: _unit(np.random.default_rng(seed).standard_normal((n + 2, n))),
    "antipodal": lambda n, seed: np.vstack([bases.standard(n), -bases.standard(n)]),
}
every = pytest.mark.parametrize("kind", BASES)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def cloud(seed: int, samples: int = 60, n: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((samples, n)) * 10 ** rng.uniform(-3, 3, (samples, 1)) + 0.1
    z[7] = 0
    return z


def direct(z: np.ndarray, basis: np.ndarray, epsilon: float, variant: str, angles: np.ndarray, signed: bool):
    """The literal matrices: the bivector's exponential turns b_a, and every sample is compared at every angle."""
    length = np.linalg.norm(z, axis=1, keepdims=True)
    v = (z / np.where(length > 0, length, 1))[length[:, 0] > 0]
    rows = []
    for a, b in bases.pairs(basis, variant)[0]:
        B = (np.outer(basis[a], basis[b]) - np.outer(basis[b], basis[a])) / 2
        B = B * 2 / np.sqrt(1 - (basis[a] @ basis[b]) ** 2)  # eigenvalues of +-i
        dots = np.array([v @ (expm(t * B) @ basis[a]) for t in angles])
        rows.append(((dots >= epsilon).sum(1) - (signed * (dots <= -epsilon)).sum(1)) / len(z))
    return np.array(rows)


@every
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("variant", ["combination", "permutation"])
@examples(max_examples=6)
@given(seed=seeds, epsilon=st.sampled_from([0.0, 0.2, 0.6, 0.9]))
def test_the_spotlight_is_the_direct_count(kind: str, signed: bool, variant: str, seed: int, epsilon: float):
    z, basis = cloud(seed), BASES[kind](4, seed % 1000)
    angles = np.append(np.random.default_rng(seed).uniform(-7, 14, 20), [0.3, 0.3 + 2 * np.pi])
    shares = srm.spotlight(z, basis, epsilon, variant, angles, signed)
    expected = direct(z, basis, epsilon, variant, angles, signed)
    assert shares.shape == expected.shape == (len(bases.pairs(basis, variant)[0]), 22)
    np.testing.assert_allclose(shares, expected, atol=1e-12)
    np.testing.assert_array_equal(shares[:, -1], shares[:, -2])


def test_a_quarter_turn_points_away_from_the_second_vector():
    """Erratum E21: the printed bivector turns b_a away from b_b, which is met at three quarters."""
    at = np.array([0, np.pi / 2, np.pi, 3 * np.pi / 2])
    z = np.array([[0.0, 1.0], [0.1, 1.0]])
    assert srm.spotlight(z, np.eye(2), 0.9, angles=at).tolist() == [[0, 0, 0, 1]]
    assert srm.spotlight(-z, np.eye(2), 0.9, angles=at).tolist() == [[0, 1, 0, 0]]
    assert srm.spotlight(z, np.eye(2), 0.9, angles=at, signed=True).tolist() == [[0, -1, 0, 1]]
    swapped = srm.spotlight(z, np.eye(2), 0.9, "permutation", at)
    assert swapped.tolist() == [[0, 0, 0, 1], [1, 0, 0, 0]]


@given(seed=seeds, size=st.floats(1e-200, 1e200))
def test_the_length_of_a_representation_does_not_matter(seed: int, size: float):
    z = np.random.default_rng(seed).standard_normal((30, 5))
    np.testing.assert_array_equal(srm.spotlight(z * size, np.eye(5)), srm.spotlight(z, np.eye(5)))


@given(seed=seeds)
def test_turning_cloud_and_basis_together_changes_nothing(seed: int):
    z, Q = cloud(seed, n=5), bases.random_orthogonal(5, seed)
    np.testing.assert_allclose(srm.spotlight(z @ Q.T, Q.T), srm.spotlight(z, np.eye(5)), atol=2 / len(z))


def test_a_sample_lights_up_only_where_ppp_keeps_it():
    z, basis = cloud(3, 500, 6), np.eye(6)
    shares = srm.spotlight(z, basis, 0.75, angles=np.linspace(0, 2 * np.pi, 3601))
    counts = ppp.project(z, basis, 0.75).counts
    assert ((shares.max(1) > 0) == (counts > 0)).all() and (shares.max(1) * 500 <= counts + 1e-9).all()


# --- closed forms


@pytest.mark.parametrize(
    ("n", "epsilon", "value"),
    [(10, 0.75, 3.93e-3), (10, 0.8, 1.56e-3), (10, 0.9, 8.0e-5), (24, 0.6, 7.61e-4), (24, 0.8, 7.95e-7)],
)
def test_equation_18_halved_is_the_share_of_a_cap(n: int, epsilon: float, value: float):
    """The cap's area by quadrature of sin^(n-2); the printed form is twice as much (erratum E22)."""
    area = (
        quad(lambda t: np.sin(t) ** (n - 2), 0, np.arccos(epsilon))[0]
        / quad(lambda t: np.sin(t) ** (n - 2), 0, np.pi)[0]
    )
    assert srm.expected(n, epsilon) == pytest.approx(area, rel=1e-9)
    assert srm.expected(n, epsilon) == pytest.approx(value, rel=5e-3)
    assert srm.expected(n, 0) == pytest.approx(0.5)


@every
def test_uniform_directions_give_the_expectation_at_every_angle(kind: str):
    z = np.random.default_rng(5).standard_normal((200_000, 6))
    shares = srm.spotlight(z, BASES[kind](6, 3), 0.6, angles=np.linspace(0, 2 * np.pi, 13))
    expected = srm.expected(6, 0.6)
    assert np.abs(shares - expected).max() < 5 * np.sqrt(expected / len(z))


def test_the_basis_itself_has_its_peaks_where_it_should():
    """A cross-polytope: 1/m at all multiples of pi/2 and nothing between; a simplex: two peaks a turn."""
    m = 8
    basis = np.vstack([np.eye(4), -np.eye(4)])
    shares = srm.itself(basis, 0.8)
    assert shares.shape == (24, 361)
    np.testing.assert_allclose(shares[:, ::90], 1 / m)
    assert not shares[:, 45::90].any()
    simplex = srm.itself(bases.simplex(4), 0.9)
    peaks = (np.diff((simplex > 0).astype(int), axis=1) == 1).sum(1)  # one more begins at the angle 0
    assert (simplex[:, 0] > 0).all() and (peaks == 2).all()
    assert (simplex[:, 360] == simplex[:, 0]).all()


# --- input


def test_tensors_and_single_precision_come_back_as_they_went_in():
    z = cloud(1).astype(np.float32)
    shares = srm.spotlight(z, np.eye(4))
    assert shares.dtype == np.float32
    tensor = srm.spotlight(torch.from_numpy(z), np.eye(4))
    assert isinstance(tensor, torch.Tensor) and tensor.dtype == torch.float32
    np.testing.assert_array_equal(tensor.numpy(), shares)


def test_nothing_to_see_is_a_result():
    assert srm.spotlight(np.zeros((3, 4)), np.eye(4)).shape == (6, 361)
    assert not srm.spotlight(np.zeros((3, 4)), np.eye(4), epsilon=0).any()
    assert srm.spotlight(np.ones((3, 2)), [[1.0, 0.0]]).shape == (0, 361)
    assert srm.spotlight(np.ones((3, 2)), np.eye(2), angles=[]).shape == (1, 0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"epsilon": 1.0}, ["epsilon is 1.0"]),
        ({"variant": "both"}, ["variant is 'both'"]),
        ({"angles": [[0.0]]}, ["angles has shape (1, 1)"]),
        ({"angles": [np.nan]}, ["angles holds nan at place 0", "finite"]),
        ({"angles": "0"}, ["angles is '0'"]),
        ({"basis": np.ones((2, 4))}, ["basis"]),
        ({"activations": np.full((2, 4), np.nan)}, ["activations"]),
    ],
)
def test_bad_input_is_refused(change: dict, words: list[str], refused):
    refused(words, lambda: srm.spotlight(**({"activations": np.ones((2, 4)), "basis": np.eye(4)} | change)))


@pytest.mark.parametrize(("n", "epsilon"), [(1, 0.5), (2.5, 0.5), (3, 1.0)])
def test_the_expectation_refuses(n, epsilon):
    with pytest.raises(ValueError, match="accepted"):
        srm.expected(n, epsilon)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_shares_of_half_precision_are_in_single_precision(dtype):
    """1,000 samples: shares are multiples of 1/1000, which half precision has not."""
    tensor = torch.from_numpy(np.random.default_rng(0).standard_normal((1000, 4))).to(dtype)
    shares = srm.spotlight(tensor, np.eye(4), 0.6)
    assert shares.dtype == torch.float32
    np.testing.assert_array_equal(shares.numpy(), srm.spotlight(tensor.float().numpy(), np.eye(4), 0.6))
    np.testing.assert_allclose(1000 * shares.double().numpy() % 1 % (1 - 1e-4), 0, atol=1e-4)


def test_angles_come_in_as_representations_do(refused):
    z = cloud(2)
    angles = torch.linspace(0, 6, 7, requires_grad=True)
    expected = srm.spotlight(z, np.eye(4), angles=angles.detach().numpy())
    np.testing.assert_array_equal(srm.spotlight(z, np.eye(4), angles=angles), expected)
    np.testing.assert_array_equal(srm.spotlight(z, np.eye(4), angles=list(angles)), expected)
    refused(["angles has a mask"], srm.spotlight, z, np.eye(4), angles=np.ma.masked_array([0.0, 1.0], [0, 1]))
    refused(["angles is a tensor of layout"], srm.spotlight, z, np.eye(4), angles=torch.ones(3).to_sparse())


@pytest.mark.parametrize("signed", ["False", "yes", [0], 0, 1, None, np.zeros(2)])
def test_signed_is_true_or_false(signed, refused):
    rows = np.random.default_rng(0).standard_normal((20, 3))
    refused(["signed is ", "accepted: True or False"], srm.spotlight, rows, np.eye(3), signed=signed)
    refused(["signed is ", "accepted: True or False"], srm.itself, np.eye(3), signed=signed)
    np.testing.assert_array_equal(
        srm.spotlight(rows, np.eye(3), signed=np.True_), srm.spotlight(rows, np.eye(3), signed=True)
    )


@pytest.mark.parametrize("n", ["6", 0, 1, None])
def test_a_spotlight_needs_two_dimensions(n, refused):
    refused(["n is ", "at least 2"], srm.expected, n)
