"""The hand-written step of networks with privileged bases and hidden widths, against autograd and torch.optim.SGD."""

from collections.abc import Sequence
from dataclasses import replace

import graphs
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from isoaux import bases
from isoaux.paper import Configuration, Network, Recipe
from isoaux.training import autoencoder, data, session, snapshots, store
from isoaux.training.autoencoder import Parameters
from isoaux.training.engine import BatchedStack, CompiledStack

RATE, MOMENTUM, BATCH, STEPS, D = 0.08, 0.9, 24, 20, 40
SAMPLES = (STEPS - 1) * BATCH + 8
FORMS = {"compiled": CompiledStack, "batched": BatchedStack}
forms = pytest.mark.parametrize("form", FORMS)

NETWORKS = {
    "small, simplex": "mnist-S-gentanh-n6-L0-m7",
    "large, simplex": "mnist-S-gentanh-n4-L0-m5-h9",
    "small, cross-polytope": "mnist-S-gentanh-n5-L0-m10",
    "large, cross-polytope": "mnist-S-gentanh-n5-L0-m10-h8",
    "small, forty": "mnist-S-gentanh-n10-L0-m40",
    "large, overcomplete": "mnist-S-gentanh-n4-L1-m14-h8x6",
    "small, gauge": "mnist-S-gaugetanh-n4-L2-m11",
    "large, gauge": "mnist-S-gaugetanh-n4-L0-m10-h6",
    "large, tanh": "mnist-S-tanh-n4-L0-h9x7",
    "large, isotanh": "mnist-S-isotanh-n4-L0-h9",
}
every = pytest.mark.parametrize("name", NETWORKS.values(), ids=NETWORKS)

_rng = np.random.default_rng(7)
_smooth = _rng.random((SAMPLES, 5)) @ _rng.random((5, D)) + 0.2 * _rng.random((SAMPLES, D))
RAW = torch.from_numpy(np.rint(255 * _smooth / _smooth.max()).astype(np.uint8))
SCALE, OFFSET = torch.tensor(2 / 255, dtype=torch.float64), torch.tensor(-1.0, dtype=torch.float64)


def printed(key: str, basis: Tensor | None, x: Tensor) -> Tensor:
    """The activations as they are printed, for autograd (Eqns 3, 4, 14, 15)."""
    r = x.pow(2).sum(-1, keepdim=True).sqrt()
    if basis is None:
        return x.tanh() if key == "tanh" else x * r.tanh() / r
    p = x @ basis.T
    if key == "gaugetanh":
        return r.tanh() * x / p.amax(-1, keepdim=True)
    G = (basis @ basis.T).clamp_min(0)
    G = torch.where(G > 1e-9, G, 0)
    c = G.pow(2).sum(0)
    others = G - torch.eye(len(G), dtype=G.dtype) * G
    N = -(others * torch.tanh(r[..., None] * others) / c).sum((-1, -2))[..., None] / len(G)
    plus = torch.relu(p)
    return (plus.tanh() + N / r * plus) @ basis


def start(name: str, seed: int, dtype: str = "float64") -> Parameters:
    """What training of a network starts from, but with biases that are not zero."""
    network = Network(Configuration.parse(name), seed, dtype=dtype)
    generator = torch.Generator().manual_seed(seed)
    parameters = session.initial_parameters(network, D)
    return {k: v + 0.1 * torch.randn(v.shape, generator=generator) if v.ndim == 1 else v for k, v in parameters.items()}


def order(seed: int = 0) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).permutation(SAMPLES))


def stack(form: str, starts: Sequence[Parameters], names: Sequence[str]):
    keys = [Configuration.parse(name).activation for name in names]
    dtype = starts[0]["encoder.bias"].dtype
    return FORMS[form](starts, keys, [0] * len(keys), RATE, MOMENTUM, dtype, "cpu")


def by_autograd(given: Parameters, key: str, visits: Tensor) -> tuple[Parameters, list[float]]:
    p = {name: value.clone().requires_grad_() for name, value in given.items() if not name.startswith("basis")}
    layers = [name.removesuffix(".weight") for name in p if name.endswith("weight")]
    optimiser = torch.optim.SGD(p.values(), lr=RATE, momentum=MOMENTUM)
    losses = []
    for batch in visits.split(BATCH):
        out = seen = RAW[batch] * SCALE + OFFSET
        for k, name in enumerate(layers):
            out = nn.functional.linear(out, p[f"{name}.weight"], p[f"{name}.bias"])
            out = out if name == layers[-1] else printed(key, given.get(f"basis.{k}"), out)
        loss = nn.functional.mse_loss(out, seen)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return {name: value.detach() for name, value in p.items()}, losses


@forms
@every
def test_twenty_steps_equal_autograd_and_torch_sgd(form: str, name: str):
    given, visits = start(name, 1), order()
    net = stack(form, [given], [name])
    losses = [float(net.epoch(RAW, SCALE, OFFSET, batch[None], BATCH)) for batch in visits.split(BATCH)]
    expected, expected_losses = by_autograd(given, Configuration.parse(name).activation, visits)
    assert len(losses) == STEPS
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-12)
    trained = net.parameters(0)
    for key, value in expected.items():
        np.testing.assert_allclose(trained[key], value, rtol=1e-11, atol=1e-12, err_msg=key)
    assert list(trained) == list(given) and list(net.velocities(0)) == list(expected)
    assert all(torch.equal(trained[key], given[key]) for key in given.keys() - expected.keys())


@forms
@pytest.mark.parametrize("kind", ["small, forty", "large, overcomplete", "large, gauge"])
def test_networks_with_bases_of_their_own_train_side_by_side_and_in_single_precision(form: str, kind: str):
    name, visits = NETWORKS[kind], order()
    starts = [start(name, seed) for seed in range(3)]
    together = stack(form, starts, [name] * 3)
    losses = together.epoch(RAW, SCALE, OFFSET, visits[None], BATCH)
    alone = [stack(form, [given], [name]) for given in starts]
    for e, net in enumerate(alone):
        np.testing.assert_allclose(net.epoch(RAW, SCALE, OFFSET, visits[None], BATCH)[0], losses[e], rtol=1e-11)
        np.testing.assert_allclose(net.flat[0], together.flat[e], rtol=1e-10, atol=1e-11)
    single = stack(form, [start(name, 0, "float32")], [name])
    loss = single.epoch(RAW, SCALE.float(), OFFSET.float(), visits[None], BATCH)
    assert loss.dtype == torch.float32 and float(abs(loss[0] - losses[0])) < 2e-5


def test_the_cross_polytope_trains_as_tanh_does_in_other_coordinates():
    """Theorem T2: with weights turned along, both trainings are the same, step by step."""
    q = torch.from_numpy(bases.random_orthogonal(5, 3))
    plain, visits = start("mnist-S-tanh-n5-L0", 2), order()
    turned = plain | {
        "encoder.weight": q @ plain["encoder.weight"],
        "encoder.bias": q @ plain["encoder.bias"],
        "decoder.weight": plain["decoder.weight"] @ q.T,
        "basis.0": torch.cat([q.T, -q.T]),
    }
    nets = [
        stack("compiled", [plain], ["mnist-S-tanh-n5-L0"]),
        stack("compiled", [turned], ["mnist-S-gentanh-n5-L0-m10"]),
    ]
    for batch in visits.split(BATCH):
        one, other = (net.epoch(RAW, SCALE, OFFSET, batch[None], BATCH) for net in nets)
        np.testing.assert_allclose(one, other, rtol=1e-12)
    weights = [net.parameters(0)["encoder.weight"] for net in nets]
    np.testing.assert_allclose(q @ weights[0], weights[1], rtol=0, atol=1e-12)


def test_turning_all_latent_spaces_and_bases_turns_the_training():
    """Theorem T3: no basis is special but the privileged one, so the standard basis is just another one."""
    name, visits = NETWORKS["large, overcomplete"], order()
    plain = start(name, 3)
    turns = [torch.from_numpy(bases.random_orthogonal(width, k)) for k, width in enumerate((8, 6, 4, 4, 6, 8))]
    turned = {}
    for k, layer in enumerate(["encoder", *(f"hidden.{k}" for k in range(5)), "decoder"]):
        weight, bias = plain[f"{layer}.weight"], plain[f"{layer}.bias"]
        weight = weight @ turns[k - 1].T if k else weight
        turned[f"{layer}.weight"], turned[f"{layer}.bias"] = weight, bias
        if k < len(turns):
            turned |= {f"{layer}.weight": turns[k] @ weight, f"{layer}.bias": turns[k] @ bias}
            turned[f"basis.{k}"] = plain[f"basis.{k}"] @ turns[k].T
    net = stack("compiled", [plain, turned], [name] * 2)
    for batch in visits.split(BATCH):
        one, other = net.epoch(RAW, SCALE, OFFSET, batch[None], BATCH).tolist()
        assert one == pytest.approx(other, rel=1e-11)
    weights = [net.parameters(e)["hidden.1.weight"] for e in range(2)]
    np.testing.assert_allclose(turns[2] @ weights[0] @ turns[1].T, weights[1], rtol=0, atol=1e-11)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("kind", ["large, overcomplete", "large, gauge"])
def test_a_replayed_step_is_the_step(kind: str, dtype: str, monkeypatch: pytest.MonkeyPatch):
    """Of two networks with bases of their own, on graphs that know nothing but addresses (:mod:`graphs`)."""
    name, visits = NETWORKS[kind], order()[None, : 2 * BATCH + 5]
    starts = [start(name, seed, dtype) for seed in range(2)]
    scale, offset = (value.to(getattr(torch, dtype)) for value in (SCALE, OFFSET))
    plain = stack("batched", starts, [name] * 2)
    expected = plain.epoch(RAW, scale, offset, visits, BATCH)
    graphs.stand_in(monkeypatch)
    captured = stack("batched", starts, [name] * 2)
    assert torch.equal(captured.epoch(RAW, scale, offset, visits, BATCH), expected)
    assert torch.equal(captured.flat, plain.flat) and [graph.replays for graph in graphs.Graph.made] == [2, 1]


# --- configurations, and where networks are kept


@every
def test_names_and_configurations_are_the_same_thing(name: str):
    configuration = Configuration.parse(name)
    assert configuration.id == name and configuration.symmetric and configuration.pixels == "symmetric"
    assert len(configuration.widths) == 2 * len(configuration.hidden) + configuration.L + 1
    parameters = start(name, 0)
    kept = {k: v for k, v in parameters.items() if k.startswith("basis")}
    assert [tuple(basis.shape) for basis in kept.values()] == [
        *zip(configuration.vectors_by_layer, configuration.widths, strict=False)
    ]
    assert configuration.activation not in configuration.shape


def test_hidden_layers_have_a_basis_of_the_same_kind(refused):
    assert Configuration.parse("mnist-S-gentanh-n10-L0-m11-h64").vectors_by_layer == (65, 11, 65)
    assert Configuration.parse("mnist-S-gentanh-n24-L0-m96-h64").vectors_by_layer == (256, 96, 256)
    odd = Configuration.parse("mnist-S-gentanh-n10-L0-m13-h64")
    refused(["vectors is 13", "n + 1"], lambda: odd.vectors_by_layer)


def test_what_is_at_its_default_stays_out_of_the_content_key():
    usual = Network(Configuration("cifar", False, "tanh", 18, 0), 3)
    known = {"normalised", "activation", "n", "L", "seed", "dtype", "epochs", "batch_size", "learning_rate", "momentum"}
    assert usual.facts().keys() == known | {"checkpoints"}
    changed = {"map": "rate", "symmetric": True, "hidden": (64,), "vectors": 19}
    keys = {store.key(usual, "x")}
    for name, value in changed.items():
        network = replace(usual, configuration=replace(usual.configuration, **{name: value}))
        assert network.facts() == usual.facts() | {name: value}
        keys.add(store.key(network, "x"))
    assert len(keys) == 5


@pytest.mark.parametrize(
    ("name", "key"),
    [("cifar-U-tanh-n18-L0", "613fc085807110cccb8a"), ("cifar-N-tanh-n18-L0-correction", "13f19065aa31dca3812f")],
)
def test_trained_networks_of_the_paper_stay_where_they_are(name: str, key: str):
    """Keys under which networks have been published and stored; another one would train them all again."""
    assert store.key(Network(Configuration.parse(name), 3), "abc") == key


def test_a_network_is_trained_stored_and_read_with_its_bases(own_cache):
    """Latent layers alone are read, of the test set too; errors are in the units of pixels from 0 to 1."""
    network = Network(Configuration.parse("digits-S-gentanh-n4-L0-m10-h6"), 100, Recipe().shortened(1))
    images = data.load("digits")
    few = replace(images, train=images.train[:96], test=images.test[:31])
    (outcome,) = session.train_group([network], few, session.Task(), lambda *_: None)
    assert outcome.state == "complete"
    entry = store.Entry(network, few.checksum)
    parameters = entry.read(1)
    for key, basis in session.privileged(network).items():
        assert torch.equal(parameters[key], basis)
    x = torch.from_numpy(few.test) * (2 / 255) - 1.0
    by_layer = autoencoder.latents({k: v.double() for k, v in parameters.items()}, "gentanh", x.double())
    (read,) = snapshots.of_tests(entry, few, (1,))
    assert [layer.shape for layer in read] == [(31, 4)]
    np.testing.assert_allclose(read[0], by_layer[1], atol=1e-5)
    errors = snapshots.test_errors(entry, few)
    difference = (autoencoder.module(parameters, "gentanh").double()(x.double()) - x).detach().numpy()
    assert errors["test_error"][-1] == pytest.approx((difference**2).mean(), rel=1e-6)
    assert errors["test_error_pixels"][-1] == pytest.approx(((difference / 2) ** 2).mean(), rel=1e-6)
    assert errors["test_error_sigma"][-1] == pytest.approx(((difference / 2 / few.std) ** 2).mean(), rel=1e-6)


def test_a_network_that_was_left_ends_with_the_same_bits(own_cache, tmp_path):
    network = Network(Configuration.parse("digits-S-gentanh-n4-L0-m10-h6"), 101, Recipe().shortened(3))
    images = data.load("digits")
    few = replace(images, train=images.train[:70], test=images.test[:5])
    left = session.train_group([network], few, session.Task(stopped=lambda: True), lambda *_: None)
    assert left[0].state == "paused"
    for root in (None, tmp_path):
        session.train_group([network], few, session.Task(root=root), lambda *_: None)
    interrupted, whole = (store.Entry(network, few.checksum, root).read(3) for root in (None, tmp_path))
    assert interrupted.keys() == whole.keys() and all(torch.equal(interrupted[k], whole[k]) for k in whole)
