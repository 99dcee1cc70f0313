"""Appendix C.2 against autograd, finite differences and closed forms: Jacobians, identities, angles, batches, turns."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import spence
from torch import Tensor, nn

from isoaux import activations, paper
from isoaux.activations import ACTIVATIONS, Activation
from isoaux.studies.gradient_flow.compute import batches, deflection, rotations
from isoaux.studies.gradient_flow.compute import layers as gradients
from isoaux.studies.gradient_flow.compute.identities import (
    ELEMENTWISE,
    IDENTITIES,
    PRINTED,
    RADIAL,
    Identity,
    residuals,
)
from isoaux.studies.gradient_flow.data import AngleMap
from isoaux.training import autoencoder, data, engine, in_memory

A, R = 0.01, 1.0  # leak and radius in the paper
every = pytest.mark.parametrize("key", ACTIVATIONS)


def points(seed: int, *shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def haar(n: int, seed: int) -> Tensor:
    q, r = np.linalg.qr(np.random.default_rng(seed).standard_normal((n, n)))
    return torch.from_numpy(q * np.sign(np.diag(r)))


# --- Jacobians


def written(key: str, z: Tensor) -> Tensor:
    """The Jacobian of one vector as the book's table writes it."""
    n = len(z)
    eye, r, c = torch.eye(n, dtype=z.dtype), z.norm(), (1 - A) * R
    unit = z / r
    if key == "tanh":
        return torch.diag(1 - torch.tanh(z) ** 2)
    if key == "lrelu":
        return torch.diag(A + (1 - A) * (z > 0).double())
    if key == "bnlrelu_elem":
        return torch.diag(A + (1 - A) * (z.abs() >= R).double())
    if key == "isotanh":
        ratio = torch.tanh(r) / r
        return ratio * eye + (1 - torch.tanh(r) ** 2 - ratio) * torch.outer(unit, unit)
    if key == "isolrelu":
        return A * eye if r < R else (1 - c / r) * eye + c / r * torch.outer(unit, unit)
    if key == "bnlrelu_max":
        m, k = z.abs().max(0)
        return A * eye if m < R else (1 - c / m) * eye + c / m**2 * torch.sign(z[k]) * torch.outer(z, eye[k])
    return eye if sum(z < 0) % 2 == 0 else A * eye


@every
@settings(max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 12), st.sampled_from([0.1, 1.0, 3.0, 30.0]))
def test_a_jacobian_is_that_of_autograd_and_of_the_written_formula(key: str, seed: int, n: int, scale: float):
    z = scale * points(seed, n)
    found = activations.jacobian(key, z)
    by_autograd = torch.autograd.functional.jacobian(ACTIVATIONS[key](), z)
    torch.testing.assert_close(found, by_autograd, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(found, written(key, z), rtol=1e-12, atol=1e-14)


@every
def test_a_jacobian_takes_any_leading_shape(key: str):
    z = 2 * points(1, 3, 4, 5)
    found = activations.jacobian(ACTIVATIONS[key](), z)
    assert found.shape == (3, 4, 5, 5) and found.dtype == torch.float64
    for i in np.ndindex(3, 4):
        assert torch.equal(found[i], activations.jacobian(key, z[i]))


@pytest.mark.parametrize("key", RADIAL)
@given(st.integers(0, 2**32), st.integers(2, 12))
def test_an_isotropic_jacobian_turns_with_its_argument(key: str, seed: int, n: int):
    """J(Q z) = Q J(z) Q^T for every orthogonal Q, which fails for an elementwise function."""
    z, Q = 2 * points(seed, n), haar(n, seed)
    torch.testing.assert_close(
        activations.jacobian(key, Q @ z), Q @ activations.jacobian(key, z) @ Q.T, rtol=1e-10, atol=1e-12
    )


def test_an_elementwise_jacobian_does_not_turn_with_its_argument():
    z, Q = 2 * points(3, 5), haar(5, 3)
    for key in ELEMENTWISE:
        turned = Q @ activations.jacobian(key, z) @ Q.T
        assert (activations.jacobian(key, Q @ z) - turned).abs().max() > 0.05


def test_only_the_max_norm_form_has_a_jacobian_that_is_not_symmetric():
    z = 2 * points(4, 200, 5)
    unequal = {key for key in ACTIVATIONS if not torch.allclose(J := activations.jacobian(key, z), J.mT, atol=1e-14)}
    assert unequal == {"bnlrelu_max"}


def test_the_kinds_of_activations_are_what_they_say():
    """An elementwise Jacobian is diagonal at every z, a radial one has z as an eigenvector and is not."""
    z = 2 * points(5, 50, 4)
    J = {key: activations.jacobian(key, z) for key in ACTIVATIONS}
    diagonal = {key for key in J if torch.equal(J[key], torch.diag_embed(J[key].diagonal(dim1=-2, dim2=-1)))}
    assert diagonal == {*ELEMENTWISE, "dnlrelu"}
    for key in RADIAL:
        along = (J[key] @ z[..., None])[..., 0]
        assert deflection.angle(along, z).max() < 1e-6


@pytest.mark.parametrize(
    ("activation", "z", "words"),
    [
        ("tan", torch.ones(3), ["activation is 'tan'", "did you mean 'tanh'"]),
        ("tanh", torch.tensor(1.0), ["z has shape ()", "n of at least 1"]),
        ("tanh", torch.ones(4, 0), ["z has shape (4, 0)"]),
    ],
)
def test_a_jacobian_refuses(activation: str, z: Tensor, words: list[str], refused):
    refused(words, activations.jacobian, activation, z)


# --- identities


def test_equations_11_to_22_are_all_there_and_every_erratum_is_one():
    assert {int(one.equation[:2]) for one in IDENTITIES} == set(range(11, 23))
    errata = Path(paper.__file__).parent / "errata.yaml"
    known = {item["id"] for item in yaml.safe_load(errata.read_text("utf8"))["errata"]}
    assert all(one.erratum in known for one in PRINTED)
    assert {one.erratum for one in IDENTITIES} <= known | {""}


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda one: one.equation)
def test_an_identity_holds_on_a_hundred_random_layers(identity: Identity):
    values = residuals(identity, 100, seed=1).values
    assert values.shape == (100,) and values.max() < 1e-12


@pytest.mark.parametrize("identity", PRINTED, ids=lambda one: f"{one.equation}-{one.erratum}")
def test_a_printed_form_that_cannot_hold_does_not(identity: Identity):
    assert np.median(residuals(identity, 100, seed=1).values) > 0.1


@pytest.mark.parametrize("keys", [ELEMENTWISE, RADIAL], ids=["first", "second"])
@given(seed=st.integers(0, 2**32))
def test_equation_22_as_printed_misses_a_factor_that_is_known(keys: tuple[str, ...], seed: int):
    """Without |x|^2 + 1 the relative error is |x|^2 / (|x|^2 + 1)."""
    printed = next(one for one in PRINTED if one.keys == keys and one.erratum == "E19")
    net = gradients.random_layer(seed, keys)
    left, right = printed.sides(net)
    squared = float(net.x @ net.x)
    assert float((left - right).norm() / left.norm()) == pytest.approx(squared / (squared + 1), rel=1e-10)


def test_residuals_notice_a_small_error_and_a_wrong_index():
    exact = next(one for one in IDENTITIES if one.equation == "17")

    def bent(net: gradients.RandomLayer) -> tuple[Tensor, Tensor]:
        left, right = exact.sides(net)
        return left, right * (1 + 1e-9)

    assert residuals(replace(exact, sides=bent), 5).values.min() > 1e-10
    transposed = replace(exact, sides=lambda net: (net.gradients["z"], net.J @ net.g))
    assert residuals(replace(transposed, keys=("tanh",)), 5).values.max() < 1e-14
    assert residuals(replace(transposed, keys=("bnlrelu_max",)), 20).values.max() > 0.1, "J g is not g J here"


def test_residuals_follow_from_the_seed_alone():
    first, again, longer, other = (
        residuals(IDENTITIES[6], draws, seed).values for draws, seed in ((5, 3), (5, 3), (8, 3), (5, 4))
    )
    assert np.array_equal(first, again) and np.array_equal(longer[:5], first) and not np.array_equal(first, other)


@pytest.mark.parametrize("draws", [0, -1, 2.5, True])
def test_residuals_refuse_a_number_of_draws(draws: object, refused):
    refused([f"draws is {draws!r}", "whole number"], residuals, IDENTITIES[0], draws)


@given(seed=st.integers(0, 2**32))
def test_the_gradients_of_a_layer_are_the_slopes_of_its_loss(seed: int):
    """Central differences of the loss, in W, b, z and a, along random directions."""
    net = gradients.random_layer(seed, ("tanh", "isotanh"))
    step = 1e-5
    places = {"W": net.W, "b": net.b, "z": net.z, "a": net.f(net.z)}
    losses = {
        "W": lambda W: net.loss(net.f(W @ net.x + net.b)),
        "b": lambda b: net.loss(net.f(net.W @ net.x + b)),
        "z": lambda z: net.loss(net.f(z)),
        "a": net.loss,
    }
    for name, place in places.items():
        h = points(seed % 1000, *place.shape)
        slope = (losses[name](place + step * h) - losses[name](place - step * h)) / (2 * step)
        torch.testing.assert_close((net.gradients[name] * h).sum(), slope, rtol=1e-5, atol=1e-7)


def test_random_layers_cover_what_they_are_said_to():
    nets = [gradients.random_layer(seed) for seed in range(200)]
    assert {net.f.key for net in nets} == set(ACTIVATIONS) and len({net.outer for net in nets}) == 3
    assert {min(net.W.shape) for net in nets} >= {3, 4, 5} and max(max(net.W.shape) for net in nets) == 24
    assert all(net.inputs.shape == (24, net.W.shape[1]) for net in nets)
    for net in nets[:20]:
        torch.testing.assert_close(net.basis.T @ net.basis, torch.eye(len(net.z), dtype=torch.float64))
    assert len(set(gradients.random_layer(1, square=True).W.shape)) == 1


def test_a_step_of_one_sample_and_of_a_batch_agree_where_all_samples_are_one():
    net = gradients.random_layer(7)
    alike = replace(net, inputs=net.x.expand(24, -1))
    torch.testing.assert_close(alike.step(24), net.step().expand(24, -1), rtol=1e-12, atol=1e-14)


# --- angles


def test_angles_are_exact_also_where_the_cosine_is_not():
    u = torch.tensor([1.0, 0.0], dtype=torch.float64)
    for degrees in (0.0, 1e-9, 1e-3, 45.0, 90.0, 180 - 1e-9, 180.0):
        turn = np.radians(degrees)
        v = 3 * torch.tensor([np.cos(turn), np.sin(turn)], dtype=torch.float64)
        assert float(deflection.angle(u, v)) == pytest.approx(degrees, rel=1e-6, abs=1e-14)


def in_closed_form(k: float) -> float:
    """The mean angle, in degrees, between g and diag(1, k) g over all directions of the plane.

    2/pi times the integral of log(t) / (t^2 - 1) from 1 to k, which is a sum of dilogarithms.
    """
    antiderivative = [(-spence(t) - np.log(t) * np.log1p(t) - spence(1 + t)) / 2 for t in (1.0, k)]
    return float(np.degrees(2 / np.pi * abs(antiderivative[1] - antiderivative[0])))


def test_the_closed_form_is_the_integral():
    for k in (1e-3, 0.2, 0.9, 4.0):
        mean, _ = quad(lambda t, k=k: abs(np.arctan2(k * np.sin(t), np.cos(t)) - t), 0, np.pi / 2, epsabs=1e-10)
        assert in_closed_form(k) == pytest.approx(np.degrees(mean / (np.pi / 2)), rel=1e-6)


@settings(max_examples=40)
@given(st.sampled_from(["tanh", "isotanh", "lrelu", "isolrelu", "bnlrelu_elem"]), st.integers(0, 2**32))
def test_mean_angles_in_the_plane_are_those_of_the_closed_form(key: str, seed: int):
    """A symmetric Jacobian stretches two axes; squared, it stretches a's step by the squared ratio."""
    z = 1.5 * points(seed, 2)
    low, high = np.linalg.eigvalsh(activations.jacobian(key, z).numpy())
    found = deflection.mean_angles(key, z)
    for value, k in zip(found, (high / low, (high / low) ** 2), strict=True):
        wanted = in_closed_form(k) if k > 1 + 1e-9 else 0.0
        assert float(value) == pytest.approx(wanted, abs=0.1)


@pytest.mark.parametrize("shape", [(3,), (4, 1), ()])
def test_mean_angles_refuse_other_dimensions(shape: tuple[int, ...], refused):
    refused(["z has shape", "(..., 2)"], deflection.mean_angles, "tanh", torch.ones(shape))


@pytest.fixture(scope="module")
def maps() -> dict[str, AngleMap]:
    return {key: deflection.plane(key, side=24) for key in ACTIVATIONS}


def test_maps_have_the_symmetry_of_the_group(maps: dict[str, AngleMap]):
    """Swapping the neurons for all; a sign flip for B_n; on a circle the isotropic maps are constant, others not."""
    for key, one in maps.items():
        group, values = ACTIVATIONS[key].group, one.values
        np.testing.assert_allclose(values, values.swapaxes(1, 2), atol=0.05)
        flipped = np.abs(values - values[:, :, ::-1]).max()
        assert (flipped < 0.05) == (group != "S_n"), key
        varies = np.ptp(one.circle, axis=1)
        assert (varies < 1).all() if group == "O(n)" or key == "dnlrelu" else (varies > 10).all(), key
        assert one.circle.shape == (2, deflection.TURNS) and one.reach == 3


def test_a_map_has_its_points_where_it_says(maps: dict[str, AngleMap]):
    """The Leaky-ReLU turns nothing where both neurons are active or both are not; the first row is the lowest."""
    for values in maps["lrelu"].values:
        assert values[:12, :12].max() < 1e-9 and values[12:, 12:].max() < 1e-9
        assert values[:12, 12:].min() > 40 and values[12:, :12].min() > 40
    inside = np.hypot(*np.meshgrid(*[np.linspace(-2.875, 2.875, 24)] * 2)) < R
    assert maps["isolrelu"].values[:, inside].max() < 1e-6 < maps["isolrelu"].values[:, ~inside].min()


def test_the_parity_form_turns_nothing_and_neither_does_an_inversion_turn_a():
    """A multiple of the identity is one way to a perfect direction; J J^T as one is another, and no linear function."""

    class Inversion(Activation):
        key, group, equation = "inversion", "O(n)", ""

        def forward(self, z: Tensor) -> Tensor:
            return z / (z * z).sum(-1, keepdim=True)

        def vjp(self, z: Tensor, g: Tensor) -> Tensor:
            square = (z * z).sum(-1, keepdim=True)
            return g / square - 2 * z * (z * g).sum(-1, keepdim=True) / square**2

    z, g = points(8, 100, 6), points(9, 100, 6)
    torch.testing.assert_close(
        activations.jacobian(Inversion(), z[0]), torch.autograd.functional.jacobian(Inversion(), z[0])
    )
    on_z, on_a = deflection.angles(Inversion(), z, g)
    assert on_z.mean() > 10 and on_a.max() < 1e-6
    assert deflection.angles("dnlrelu", z, g).max() < 1e-6


def test_typical_angles_of_long_vectors_are_those_of_losing_the_radial_part():
    """Isotropic tanh of a long vector keeps what is across it: the mean of arcsin |t|, t^2 ~ Beta(1/2, (n-1)/2)."""
    for n in (3, 18):

        def density(t: float, n: int = n) -> float:
            return (1 - t * t) ** ((n - 3) / 2)

        whole = quad(density, 0, 1)[0]
        wanted = np.degrees(quad(lambda t: np.arcsin(t) * density(t), 0, 1)[0] / whole)
        angles = deflection.typical("isotanh", n, [50.0])
        assert (np.abs(angles.means - wanted) < 5 * angles.errors).all() and (angles.errors < 0.5).all()


@pytest.mark.parametrize(("own", "other"), [("isotanh", "tanh"), ("isolrelu", "lrelu")])
@pytest.mark.parametrize("size", [0.5, 1.0, 2.0])
def test_in_a_wide_layer_the_isotropic_function_of_a_pair_turns_a_step_less(own: str, other: str, size: float):
    """Not so in the plane: there it is less in some places and more in others."""
    less, more = (deflection.typical(key, 18, [size]) for key in (own, other))
    assert (less.means < more.means - 3 * less.errors).all()
    z, g = size * points(14, 2000, 2), points(15, 2000, 2)
    apart = deflection.angles(own, z, g) - deflection.angles(other, z, g)
    assert ((apart > 1).any(1) & (apart < -1).any(1)).all()


@pytest.mark.parametrize(("name", "value"), [("reach", 0.0), ("reach", np.inf), ("side", 0), ("side", 2.5)])
def test_a_map_refuses(name: str, value: float, refused):
    refused([f"{name} is {value!r}"], deflection.plane, "tanh", **{name: value})


# --- a batch


def encoder_and_images(B: int = 24) -> tuple[autoencoder.Parameters, Tensor]:
    return in_memory.initial(10, 4, 1, 3), points(11, B, 10)


@pytest.mark.parametrize("key", ["tanh", "isotanh", "bnlrelu_max"])
def test_the_step_of_a_batch_is_that_of_an_optimiser(key: str):
    """All parameters but the encoder's are held fixed; the loss is the mean over samples and elements."""
    parameters, x = encoder_and_images()
    model = autoencoder.module(parameters, key)
    before = model[0](x).detach()
    nn.functional.mse_loss(model(x), x).backward()
    torch.optim.SGD(model[0].parameters(), lr=0.3).step()
    moved = (before - model[0](x).detach()) / 0.3
    delta = batches.own_gradients(parameters, key, x)
    torch.testing.assert_close(batches.effective(x, delta), moved, rtol=1e-11, atol=1e-13)


def test_a_sample_alone_goes_its_own_way_and_in_company_it_does_not():
    parameters, x = encoder_and_images()
    delta = batches.own_gradients(parameters, "tanh", x)
    assert batches.batch_angles(x[:, None], delta[:, None]).max() < 1e-6
    alike = batches.batch_angles(x[:1].expand(24, -1), delta[:1].expand(24, -1))
    assert alike.max() < 1e-6, "24 times the same sample is one sample"
    assert batches.batch_angles(x, delta).mean() > 5
    leading = batches.batch_angles(x.unflatten(0, (4, 6)), delta.unflatten(0, (4, 6)))
    torch.testing.assert_close(leading[1], batches.batch_angles(x[6:12], delta[6:12]))


def test_two_samples_that_share_only_the_bias():
    """Orthogonal inputs of length 1: sample 1 moves along 2 delta_1 + delta_2."""
    x, delta = torch.eye(2, dtype=torch.float64), torch.eye(2, dtype=torch.float64)
    wanted = np.degrees(np.arctan2(1, 2))
    assert batches.batch_angles(x, delta).tolist() == pytest.approx([wanted, wanted])


def test_images_meet_in_a_batch_more_than_noise_of_high_dimension():
    found = {kind: batches.measured(kind, "tanh", (0,), epochs=1) for kind in ("noise, d = 3072", "digits, raw")}
    for one in found.values():
        assert one.before.shape == one.after.shape == (1, batches.SAMPLES)
        assert one.by_size[0] < 1e-6 and (np.diff(one.by_size) > 0).all()
        assert one.by_size[batches.SIZES.index(24)] == pytest.approx(one.after.mean())
    assert np.median(found["digits, raw"].after) > 5 * np.median(found["noise, d = 3072"].after)


def test_cosines_are_those_of_all_pairs():
    v = torch.tensor([[1.0, 0], [0, 2], [-3, 0]], dtype=torch.float64)
    assert batches._cosines(v).tolist() == [0, -1, 0]
    one = batches.measured("noise, d = 64", "tanh", (0, 1), epochs=1)
    assert one.overlap == pytest.approx(64**-0.5, rel=0.05) and np.abs(one.agreement).max() < 0.02


def test_inputs_are_the_images_of_their_source():
    images = data.load("digits")
    raw, standard = (batches.INPUTS[f"digits, {kind}"]() for kind in ("raw", "standardised"))
    pixels = {row.tobytes() for row in images.train}
    assert all(row.tobytes() in pixels for row in (raw.numpy() * 255).round().astype(np.uint8))
    torch.testing.assert_close(standard, (raw - torch.from_numpy(images.mean)) / torch.from_numpy(images.std))


def test_an_unknown_kind_of_inputs_is_refused(refused):
    refused(["inputs is 'digits'", "did you mean 'digits, raw'"], batches.measured, "digits", "tanh", (0,))


# --- training on real numbers


def test_training_on_real_numbers_is_autograd_and_an_optimiser():
    x, start = points(12, 50, 7), in_memory.initial(7, 3, 1, 0)
    run = in_memory.train([start], "isotanh", x, 1, seed=4, by_step=True)
    model = autoencoder.module(start, "isotanh")
    optimiser = torch.optim.SGD(model.parameters(), lr=0.08, momentum=0.9)
    losses = []
    for batch in torch.from_numpy(np.random.default_rng([4, 0, 1]).permutation(50)).split(24):
        loss = nn.functional.mse_loss(model(x[batch]), x[batch])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    np.testing.assert_allclose(run.losses, [losses], rtol=1e-12)
    for value, wanted in zip(run.parameters[0].values(), model.parameters(), strict=True):
        torch.testing.assert_close(value, wanted.detach(), rtol=1e-11, atol=1e-13)


def test_training_on_real_numbers_is_training_on_bytes():
    """The engine's own input, unsigned bytes with a scale, gives the same network."""
    raw = torch.from_numpy(data.load("digits").train[:100])
    start = in_memory.initial(64, 5, 0, 0)
    stack = engine.stack([start], ["tanh"], [0], learning_rate=0.08, momentum=0.9, dtype=torch.float64)
    order = torch.from_numpy(np.random.default_rng([0, 0, 1]).permutation(100))[None]
    stack.epoch(raw, torch.tensor(1 / 255, dtype=torch.float64), None, order, 24)
    found = in_memory.train([start], "tanh", raw.double() / 255, 1).parameters[0]
    for name, value in stack.parameters(0).items():
        torch.testing.assert_close(found[name], value, rtol=1e-12, atol=1e-14)


# --- turned images


@pytest.fixture(scope="module")
def images() -> Tensor:
    return rotations.digits()


@every
def test_training_commutes_with_rotations_of_the_images(key: str, images: Tensor):
    found = rotations.commutes(key, images)
    assert found.steps == 63 and found.loss < 1e-9 and found.latent < 1e-9
    assert found.loss > 0 or found.latent > 0, "the two runs are different computations"


def test_a_network_that_is_not_turned_along_does_not_train_alike(images: Tensor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rotations, "turned", lambda parameters, rotation: parameters)
    found = rotations.commutes("tanh", images[:200])
    assert found.loss > 1e-3 and found.latent > 1e-2


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.integers(2, 12))
def test_a_turned_network_does_to_turned_images_what_it_did_to_images(seed: int, d: int):
    x, Q = points(seed, 9, d), haar(d, seed)
    parameters = in_memory.initial(d, 3, 1, seed)
    parameters["decoder.bias"] = points(seed + 1, d)
    turned = rotations.turned(parameters, Q)
    latents, others = (autoencoder.latents(p, "tanh", images) for p, images in ((parameters, x), (turned, x @ Q.T)))
    for own, other in zip(latents, others, strict=True):
        torch.testing.assert_close(own, other, rtol=1e-9, atol=1e-11)
    output, turned_output = (autoencoder.decode(p, "tanh", z[-1]) for p, z in ((parameters, latents), (turned, others)))
    torch.testing.assert_close(turned_output, output @ Q.T, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("matrix", [2 * torch.eye(5), torch.ones(5, 5), torch.eye(4)])
def test_only_a_rotation_turns_a_network(matrix: Tensor, refused):
    refused(["rotation has shape", "orthogonal"], rotations.turned, in_memory.initial(5, 3, 0, 0), matrix.double())


def test_preparations_are_what_they_are_called(images: Tensor):
    x = images - images.mean(0)
    variance = x.square().mean(0)
    for name, (rotation, matrix) in rotations.PREPARATIONS.items():
        M = matrix(x)
        assert torch.allclose(M @ M.T, torch.eye(64, dtype=M.dtype), atol=1e-9) == rotation, name
        covariance = (x @ M.T).T @ (x @ M.T) / len(x)
        if "principal" in name:
            assert (covariance - torch.diag(covariance.diagonal())).abs().max() < 1e-9
        if "whitened" in name:
            assert {round(v, 6) for v in covariance.diagonal().tolist()} == {0.0, 1.0}
        if "standardised" in name:
            torch.testing.assert_close(covariance.diagonal(), (variance > 0).double())


def test_only_a_rotation_leaves_the_error_what_it_is_in_pixels(images: Tensor):
    x = images[:240]
    for name, (rotation, _) in rotations.PREPARATIONS.items():
        found = rotations.prepared(name, "tanh", x, (0, 1), epochs=2)
        assert found.rotation == rotation and found.pixels.shape == (2,)
        assert np.allclose(found.unexplained, found.pixels, rtol=1e-9) == rotation, name
        assert ((0 < found.pixels) & (found.pixels < 2)).all()


def test_rotations_change_nothing_in_law_and_whitening_does(images: Tensor):
    """Twelve networks each: the means agree within five standard errors of their difference, or differ by far more."""
    names = ("none", "a random rotation", "principal components", "whitened principal components")
    runs = {name: rotations.prepared(name, "isotanh", images, range(12), epochs=5).pixels for name in names}
    first = runs.pop("none")
    for name, other in runs.items():
        error = np.sqrt((first.var(ddof=1) + other.var(ddof=1)) / 12)
        apart = abs(first.mean() - other.mean()) / error
        assert apart > 20 if "whitened" in name else apart < 5, name


def test_an_unknown_preparation_is_refused(images: Tensor, refused):
    refused(["preparation is 'white'"], rotations.prepared, "white", "tanh", images, (0,))
