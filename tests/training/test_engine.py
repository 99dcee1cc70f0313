"""The hand-written step against autograd and torch.optim.SGD, and what a stack of networks promises (App. E).

The comparison over twenty steps is also a reminder: where it fails because the step was changed on purpose, trained
parameters change too, and ``ENGINE_VERSION`` in ``isoaux/versions.py`` must be raised.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from isoaux.activations import ACTIVATIONS, ON_BASES
from isoaux.paper import architecture
from isoaux.training import autoencoder, compiled, engine, maps
from isoaux.training.autoencoder import Parameters
from isoaux.training.engine import BatchedStack, CompiledStack, Stack

RATE, MOMENTUM, BATCH = 0.08, 0.9, 24
STEPS = 20
Shape = tuple[int, int, int]
SHAPES = {"L0": (48, 7, 0), "L2": (30, 5, 2)}
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def _norm(x: Tensor) -> Tensor:
    return x.pow(2).sum(-1, keepdim=True).sqrt()


def _shift(x: Tensor, size: Tensor) -> Tensor:
    return x - 0.99 * x / size.clamp(min=1)


DEFINITIONS = {  # written for autograd, and not like the closed forms
    "tanh": torch.tanh,
    "isotanh": lambda x: x * _norm(x).tanh() / _norm(x),
    "lrelu": lambda x: nn.functional.leaky_relu(x, 0.01),
    "isolrelu": lambda x: _shift(x, _norm(x)),
    "bnlrelu_elem": lambda x: x - 0.99 * x.clamp(-1, 1),
    "bnlrelu_max": lambda x: _shift(x, x.abs().amax(-1, keepdim=True)),
    "dnlrelu": lambda x: torch.where((x < 0).sum(-1, keepdim=True) % 2 == 0, x, 0.01 * x),
}


class Pixels(NamedTuple):
    """Bytes as the engine takes them, with the numbers that a network should see."""

    raw: Tensor
    scale: Tensor
    offset: Tensor | None
    seen: Tensor


def pixels(
    d: int, normalised: bool, samples: int = (STEPS - 1) * BATCH + 8, dtype: torch.dtype = torch.float64
) -> Pixels:
    """Smooth random images: the last of ``STEPS`` batches is short."""
    rng = np.random.default_rng(7)
    base = rng.random((samples, 5)) @ rng.random((5, d)) + 0.2 * rng.random((samples, d))
    raw = np.rint(255 * base / base.max()).astype(np.uint8)
    values = raw / 255
    scale, offset = np.array(1 / 255), None
    if normalised:
        mean, std = values.mean(0), values.std(0)
        scale, offset, values = 1 / (255 * std), -mean / std, (values - mean) / std
    made = [torch.from_numpy(a).to(dtype) for a in (scale, values)]
    return Pixels(
        torch.from_numpy(raw), made[0], None if offset is None else torch.from_numpy(offset).to(dtype), made[1]
    )


def start(shape: Shape, seed: int, dtype: torch.dtype = torch.float64) -> Parameters:
    """Initial parameters with biases that are not zero."""
    generator = torch.Generator().manual_seed(seed)
    made = autoencoder.initial(*shape, generator)
    return {
        k: (v if v.ndim == 2 else 0.1 * torch.randn(v.shape, generator=generator)).to(dtype) for k, v in made.items()
    }


def order(samples: int, seed: int = 0) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).permutation(samples))


FORMS = {"compiled": CompiledStack, "batched": BatchedStack}
"""The two forms of the step; the batched one runs here as it does on a GPU, but for the graph."""


Make = Callable[..., Stack]


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def stack(form: str) -> Make:
    """Makes a stack of the form under test."""

    def make(
        starts: Sequence[Parameters], keys: Sequence[str], orders: Sequence[int] | None = None, map: str = "affine"
    ) -> Stack:
        chosen, dtype = [0] * len(keys) if orders is None else orders, starts[0]["encoder.bias"].dtype
        return FORMS[form](starts, keys, chosen, RATE, MOMENTUM, dtype, "cpu", map)

    return make


def run(net: Stack, x: Pixels, *orders: Tensor) -> Tensor:
    return net.epoch(x.raw, x.scale, x.offset, torch.stack(orders), BATCH)


def _weighted(x: Tensor, weight: Tensor, bias: Tensor, omega: Tensor) -> Tensor:
    """W x + b, with sample a's part of the parameters' gradients multiplied by omega_a."""
    fixed = nn.functional.linear(x, weight.detach(), bias.detach())
    return fixed + (omega * x).detach() @ (weight - weight.detach()).T + omega.detach() * (bias - bias.detach())


MAP_DEFINITIONS = {  # written for autograd, sample by sample as in Eqns 26 and 32; q is the typical squared length
    "affine": lambda x, W, b, q: nn.functional.linear(x, W, b),
    "normaliser": lambda x, W, b, q: nn.functional.linear(nn.functional.normalize(x, dim=1, eps=0), W, b),
    "correction": lambda x, W, b, q: nn.functional.linear(x, W, b) / (1 + _norm(x) ** 2).sqrt(),
    "rate": lambda x, W, b, q: _weighted(x, W, b, 1 / (1 + _norm(x) ** 2)),
    "normaliser_matched": lambda x, W, b, q: nn.functional.linear(q**0.5 * x / _norm(x), W, b),
    "correction_matched": lambda x, W, b, q: nn.functional.linear(x, W, b) * ((1 + q) / (1 + _norm(x) ** 2)).sqrt(),
    "rate_matched": lambda x, W, b, q: _weighted(x, W, b, (1 + q) / (1 + _norm(x) ** 2)),
}


def by_autograd(
    given: Parameters, key: str, x: Pixels, visits: Tensor, map: str = "affine"
) -> tuple[Parameters, list[float]]:
    """Parameters after an epoch and the loss of every step, from functional layers, autograd and torch.optim.SGD."""
    p = {name: value.clone().requires_grad_() for name, value in given.items()}
    layers = [name.removesuffix(".weight") for name in p if name.endswith("weight")]
    optimiser = torch.optim.SGD(p.values(), lr=RATE, momentum=MOMENTUM)
    losses = []
    for batch in visits.split(BATCH):
        seen = out = x.seen[batch]
        for name in layers:
            q = 1 if key == "isotanh" and name != layers[0] else out.shape[1]
            out = MAP_DEFINITIONS[map](out, p[f"{name}.weight"], p[f"{name}.bias"], q)
            out = out if name == layers[-1] else DEFINITIONS[key](out)
        loss = nn.functional.mse_loss(out, seen)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return {name: value.detach() for name, value in p.items()}, losses


# --- one step


@pytest.mark.parametrize("normalised", [False, True], ids=["raw", "standardised"])
@shapes
@pytest.mark.parametrize("key", ACTIVATIONS)
def test_twenty_steps_equal_autograd_and_torch_sgd(stack: Make, key: str, shape: Shape, normalised: bool):
    x, given = pixels(shape[0], normalised), start(shape, 1)
    visits = order(len(x.raw))
    net = stack([given], [key])
    losses = [float(net.epoch(x.raw, x.scale, x.offset, batch[None], BATCH)) for batch in visits.split(BATCH)]
    wanted, wanted_losses = by_autograd(given, key, x, visits)
    assert len(losses) == STEPS and len(visits.split(BATCH)[-1]) == 8
    reminder = "the step has changed: if on purpose, raise ENGINE_VERSION"
    np.testing.assert_allclose(losses, wanted_losses, rtol=1e-12, err_msg=reminder)
    for name, value in net.parameters(0).items():
        np.testing.assert_allclose(value, wanted[name], rtol=1e-12, atol=1e-12, err_msg=f"{name}: {reminder}")


@pytest.mark.parametrize("normalised", [False, True], ids=["raw", "standardised"])
@shapes
@pytest.mark.parametrize("key", ["tanh", "isotanh", "lrelu"])
@pytest.mark.parametrize("map", [key for key in maps.MAPS if key != "affine"])
def test_twenty_steps_of_the_other_maps_equal_autograd_and_torch_sgd(
    stack: Make, map: str, key: str, shape: Shape, normalised: bool
):
    x, given = pixels(shape[0], normalised), start(shape, 1)
    visits = order(len(x.raw))
    net = stack([given], [key], map=map)
    losses = [float(net.epoch(x.raw, x.scale, x.offset, batch[None], BATCH)) for batch in visits.split(BATCH)]
    wanted, wanted_losses = by_autograd(given, key, x, visits, map)
    np.testing.assert_allclose(losses, wanted_losses, rtol=1e-12)
    for name, value in net.parameters(0).items():
        np.testing.assert_allclose(value, wanted[name], rtol=1e-12, atol=1e-12, err_msg=name)
    assert abs(losses[-1] / by_autograd(given, key, x, visits)[1][-1] - 1) > 1e-5  # not the affine map's


def test_networks_of_other_maps_do_not_feel_the_company(stack: Make):
    """Activations of one stack have typical lengths of their own."""
    shape, keys = SHAPES["L2"], ["isotanh", "tanh", "lrelu"]
    x, starts = pixels(shape[0], True), [start(shape, e) for e in range(3)]
    visits = order(len(x.raw))
    for map in maps.MAPS:
        together = stack(starts, keys, map=map)
        losses = run(together, x, visits)
        for e, key in enumerate(keys):
            alone = stack([starts[e]], [key], map=map)
            np.testing.assert_allclose(run(alone, x, visits)[0], losses[e], rtol=1e-12)
            np.testing.assert_allclose(alone.flat[0], together.flat[e], rtol=1e-12, atol=1e-12)


@shapes
def test_the_loss_of_an_epoch_is_the_mean_over_samples(stack: Make, shape: Shape):
    """The short last batch weighs as many samples as it holds."""
    x, given, visits = pixels(shape[0], False), start(shape, 1), order((STEPS - 1) * BATCH + 8)
    _, losses = by_autograd(given, "tanh", x, visits)
    wanted = np.average(losses, weights=[len(batch) for batch in visits.split(BATCH)])
    net = stack([given, given], ["tanh", "tanh"])
    np.testing.assert_allclose(run(net, x, visits), [wanted, wanted], rtol=1e-12)
    assert abs(wanted - np.mean(losses)) > 1e-6 * wanted


@shapes
def test_the_momentum_is_that_of_torch(stack: Make, shape: Shape):
    """After one step the velocity is the gradient, and a second step from loaded velocities goes on from there."""
    x, given = pixels(shape[0], True, samples=2 * BATCH), start(shape, 2)
    visits = order(2 * BATCH)
    net = stack([given], ["isotanh"])
    run(net, x, visits[:BATCH])
    p = {name: value.clone().requires_grad_() for name, value in given.items()}
    model = autoencoder.module(p, "isotanh")
    seen = x.seen[visits[:BATCH]]
    nn.functional.mse_loss(model(seen), seen).backward()
    for velocity, parameter in zip(net.velocities(0).values(), model.parameters(), strict=True):
        np.testing.assert_allclose(velocity, parameter.grad, rtol=1e-11, atol=1e-15)
    again = stack([given], ["isotanh"])
    again.load([net.parameters(0)], [net.velocities(0)])
    for resumed in (net, again):
        run(resumed, x, visits[BATCH:])
    assert torch.equal(net.flat, again.flat) and torch.equal(net.velocity, again.velocity)
    forgetful = stack([given], ["isotanh"])
    forgetful.load([net.parameters(0)])
    assert not forgetful.velocity.any()


@pytest.mark.parametrize("key", ACTIVATIONS)
def test_single_precision_is_close_to_double(stack: Make, key: str):
    shape = SHAPES["L2"]
    visits = order((STEPS - 1) * BATCH + 8)
    found = {}
    for dtype in (torch.float32, torch.float64):
        net = stack([start(shape, 3, dtype)], [key])
        losses = run(net, pixels(shape[0], True, dtype=dtype), visits)
        assert losses.dtype == net.flat.dtype == net.parameters(0)["decoder.weight"].dtype == dtype
        found[dtype] = torch.cat([losses, *(v.flatten() for v in net.parameters(0).values())]).double()
    difference = (found[torch.float32] - found[torch.float64]).abs().max()
    assert 0 < difference < 2e-5


# --- networks side by side


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("last", [8, 7, 1], ids="last-batch-{}".format)
@pytest.mark.parametrize("shape", [*SHAPES.values(), (3072, 18, 0)], ids=[*SHAPES, "CIFAR"])
def test_a_network_is_the_same_alone_or_in_company(form: str, stack: Make, shape: Shape, last: int, dtype: torch.dtype):
    """Also where neither the parameters nor a batch of one network fill whole units of memory.

    To the bit where the step is ours; a library's batched product may round otherwise for another number of networks.
    """
    allowed = 0.0 if form == "compiled" else 32 * torch.finfo(dtype).eps
    x = pixels(shape[0], True, samples=BATCH * 4 + last, dtype=dtype)
    visits = order(len(x.raw))
    keys = ["tanh", "isotanh", "lrelu", "isolrelu", "tanh", "bnlrelu_max"]
    starts = [start(shape, seed, dtype) for seed in range(len(keys))]

    def trained(members: list[int]) -> dict[int, tuple[Tensor, Tensor]]:
        net = stack([starts[e] for e in members], [keys[e] for e in members])
        losses = run(net, x, visits)
        return {e: (torch.cat([net.flat[i], net.velocity[i]]), losses[i]) for i, e in enumerate(members)}

    alone = {e: trained([e])[e] for e in range(len(keys))}
    for company in ([0, 1], [2, 0, 5], [4, 3, 2, 1, 0], [0, 1, 2, 3, 4, 5]):
        for e, (state, loss) in trained(company).items():
            torch.testing.assert_close((state, loss), alone[e], rtol=allowed, atol=allowed)
    assert len({float(loss) for _, loss in alone.values()}) == len(keys)


@shapes
@pytest.mark.parametrize("normalised", [False, True], ids=["raw", "standardised"])
def test_several_sample_orders_in_one_stack_equal_separate_runs(stack: Make, shape: Shape, normalised: bool):
    """The shape of a run on a GPU: all seeds of a figure in one stack."""
    x = pixels(shape[0], normalised)
    visits = [order(len(x.raw), seed) for seed in range(3)]
    keys, orders = ["isotanh", "isotanh", "tanh", "tanh", "lrelu"], [2, 0, 1, 0, 2]
    starts = [start(shape, 10 + e) for e in range(5)]
    net = stack(starts, keys, orders)
    losses = run(net, x, *visits)
    for e in range(5):
        alone = stack([starts[e]], [keys[e]])
        np.testing.assert_allclose(losses[e], run(alone, x, visits[orders[e]])[0], rtol=1e-12)
        np.testing.assert_allclose(net.flat[e], alone.flat[0], rtol=1e-12, atol=1e-12)
    assert float((stack(starts, keys).flat - net.flat).abs().max()) > 1e-3  # it has moved


@pytest.mark.parametrize("broken", [torch.nan, 1e200], ids=["nan", "overflow"])
def test_a_network_that_is_no_longer_finite_leaves_the_others_as_they_are(stack: Make, broken: float):
    shape = SHAPES["L2"]
    x, visits = pixels(shape[0], False), order((STEPS - 1) * BATCH + 8)
    keys = ["lrelu", "lrelu", "tanh"]
    starts = [start(shape, seed) for seed in range(3)]
    sound = stack(starts, keys)
    losses = run(sound, x, visits)
    spoilt = [dict(given) for given in starts]
    spoilt[1]["encoder.weight"] = spoilt[1]["encoder.weight"] * broken
    net = stack(spoilt, keys)
    found = run(net, x, visits)
    assert net.finite() == [True, False, True] and sound.finite() == [True] * 3
    for e in (0, 2):
        assert torch.equal(net.flat[e], sound.flat[e]) and torch.equal(found[e], losses[e])
    assert not torch.isfinite(found[1])


def either(
    device: str, starts: Sequence[Parameters], keys: Sequence[str], orders: Sequence[int], map: str = "affine"
) -> Stack:
    options = {"learning_rate": RATE, "momentum": MOMENTUM, "dtype": starts[0]["encoder.bias"].dtype}
    return engine.stack(starts, keys, orders, **options, device=device, map=map)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("map", maps.MAPS)
@pytest.mark.parametrize("key", ACTIVATIONS)
def test_a_gpu_gives_the_same_networks(key: str, map: str):
    """Two epochs with orders of their own: the captured steps are replayed with other inputs.

    On a real device; :mod:`test_graph_capture` has the same on one that stands in for it.
    """
    shape = SHAPES["L2"]
    x = pixels(shape[0], True)
    there = Pixels(*(None if t is None else t.cuda() for t in x))
    starts = [start(shape, seed) for seed in range(2)]
    cpu, gpu = (either(device, starts, [key] * 2, [0, 1], map) for device in ("cpu", "cuda"))
    for epoch in range(2):
        visits = [order(len(x.raw), 10 * epoch + seed) for seed in range(2)]
        losses = run(cpu, x, *visits)
        np.testing.assert_allclose(run(gpu, there, *(v.cuda() for v in visits)).cpu(), losses, rtol=1e-9)
    for e in range(2):
        for name, value in gpu.parameters(e).items():
            np.testing.assert_allclose(value, cpu.parameters(e)[name], rtol=1e-9, atol=1e-10)


# --- parameters


@shapes
def test_parameters_come_back_as_they_went_in(stack: Make, shape: Shape):
    starts = [start(shape, seed) for seed in range(3)]
    net = stack(starts, ["tanh"] * 3)
    assert len(net) == 3
    for e, given in enumerate(starts):
        found = net.parameters(e)
        assert list(found) == list(given) == list(architecture.shapes(*shape))
        for name, value in found.items():
            assert torch.equal(value, given[name]) and value.is_contiguous()
        found["encoder.weight"].zero_()  # a copy: the network does not feel it
        assert torch.equal(net.parameters(e)["encoder.weight"], given["encoder.weight"])


@shapes
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["float64", "float32"])
def test_padding_stays_zero_and_networks_start_on_boundaries(shape: Shape, dtype: torch.dtype):
    """What the compiled step adds to fill its blocks never takes part."""
    x = pixels(shape[0], True, dtype=dtype)
    net = FORMS["compiled"](
        [start(shape, e, dtype) for e in range(3)], ["tanh"] * 3, [0] * 3, RATE, MOMENTUM, dtype, "cpu"
    )
    run(net, x, order(len(x.raw)))
    real = sum(value.numel() for value in net.parameters(0).values())
    for row in (*net.flat, *net.velocity):
        assert row.data_ptr() % 64 == 0 and len(row) > real
        assert int((row != 0).sum()) <= real


# --- which form is taken


def test_the_compiled_step_is_taken_on_the_cpu_where_it_knows_the_activation(monkeypatch):
    given = start(SHAPES["L0"], 0)
    assert set(compiled.KINDS) == {*ACTIVATIONS, *ON_BASES}
    assert isinstance(either("cpu", [given], ["tanh"], [0]), CompiledStack)
    monkeypatch.delitem(compiled.KINDS, "tanh")
    assert isinstance(either("cpu", [given], ["tanh"], [0]), BatchedStack)
    assert isinstance(either("cpu", [given], ["isotanh"], [0]), CompiledStack)


def test_an_unknown_activation_is_refused(refused):
    refused(
        ["activation", "'isotan'", "did you mean 'isotanh'?"],
        either,
        "cpu",
        [start((20, 6, 0), 0)],
        ["isotan"],
        [0],
    )


# --- the compiled activations


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("size", [0.0, 1e-3, 1.0, 30.0])
@pytest.mark.parametrize("key", ACTIVATIONS)
def test_compiled_activations_are_the_closed_forms(key: str, size: float, dtype: type):
    """f and J^T g of the compiled step against the closed forms in torch, inside and outside of the ball."""
    rng = np.random.default_rng(3)
    z, g = (rng.normal(size=(40, 7)).astype(dtype) for _ in range(2))
    z *= dtype(size)
    f = ACTIVATIONS[key]()
    constants = compiled.KINDS[key], getattr(f, "leak", 0.0), getattr(f, "radius", 0.0)
    a, pulled = np.empty_like(z), g.copy()
    compiled.activate(*constants, z, a)
    compiled.pull_back(*constants, z, a, pulled)
    close = {"rtol": 50 * np.finfo(dtype).eps, "atol": 50 * np.finfo(dtype).eps}
    np.testing.assert_allclose(a, f.forward(torch.from_numpy(z)), **close)
    np.testing.assert_allclose(pulled, f.vjp(torch.from_numpy(z), torch.from_numpy(g)), **close)
