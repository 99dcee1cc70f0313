"""Training from the recipe to the store: what it computes, and that stopping it in any way changes no bit (App. E)."""

import functools
import multiprocessing
import os
import random
import re
import shutil
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torch import nn

from isoaux.activations import ACTIVATIONS
from isoaux.commands import verification
from isoaux.common.versions import ENGINE_VERSION
from isoaux.paper import Configuration, Network, Recipe
from isoaux.training import data, engine, session, store
from isoaux.training import train as training
from isoaux.training.autoencoder import Parameters
from isoaux.training.data import Images
from isoaux.training.session import Outcome, Task, train_group
from isoaux.training.train import train

RECIPE = Recipe(epochs=5, batch_size=8, checkpoints=(0, 1, 2, 4, 5))
D, N = 27, 4


def made(samples: int = 60) -> Images:
    """Images from arithmetic alone: 3 x 3 colour gradients; the last batch is short."""
    i, j = np.ogrid[:samples, :D]
    pixels = (128 + 80 * np.sin(0.7 * i + 0.3 * j) + 40 * np.cos(0.9 * i * (j % 5))).astype(np.uint8)
    return Images("made", "made", pixels, pixels[:6], (3, 3, 3), f"made-{samples}")


IMAGES = made()


def network(
    activation: str = "tanh", seed: int = 0, *, normalised: bool = False, n: int = N, depth: int = 1, **options
) -> Network:
    return Network(Configuration("made", normalised, activation, n, depth), seed, **({"recipe": RECIPE} | options))


def pair(seed: int = 0, **options) -> tuple[Network, ...]:
    return network("tanh", seed, **options), network("isotanh", seed, **options)


Bits = dict[tuple[str, int, str], bytes]


def bits(networks: Sequence[Network], root: Path, images: Images = IMAGES) -> Bits:
    """Every bit of every snapshot of the given networks."""
    return {
        (member.id, epoch, name): value.numpy().tobytes()
        for member in networks
        for epoch in member.recipe.checkpoints
        for name, value in store.Entry(member, images.checksum, root).read(epoch).items()
    }


def entry(member: Network, root: Path, images: Images = IMAGES) -> store.Entry:
    return store.Entry(member, images.checksum, root)


class Seen(list[tuple[str, int, float]]):
    """What a training reported: name, epoch and loss."""

    def __call__(self, *told: object) -> None:
        self.append(told)  # type: ignore[arg-type]


def trained(networks: Sequence[Network], root: Path, images: Images = IMAGES, **options) -> tuple[list[Outcome], Seen]:
    """Train in this process and keep what was reported."""
    seen = Seen()
    found = train_group(networks, images, Task(root=root, **options), seen)
    return found, seen


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """What every training in this process reports from now on."""
    seen, whole = Seen(), training.train_group

    def listening(networks, images, task, report):
        def both(*told):
            seen(*told)
            report(*told)

        return whole(networks, images, task, both)

    monkeypatch.setattr(training, "train_group", listening)
    return seen


# --- seeds and pairing


@given(seed=st.integers(0, 2**40), key=st.sampled_from(sorted(ACTIVATIONS)), epoch=st.integers(1, 200))
def test_compared_activations_share_initial_weights_and_sample_order(seed: int, key: str, epoch: int):
    one, other = network("tanh", seed), network(key, seed)
    first, second = session.initial_parameters(one, D), session.initial_parameters(other, D)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert torch.equal(session.sample_order(one, epoch, 40), session.sample_order(other, epoch, 40))


@given(seed=st.integers(0, 2**40), epoch=st.integers(1, 200))
def test_an_order_visits_every_sample_once_and_is_new_in_every_epoch_and_seed(seed: int, epoch: int):
    order = session.sample_order(network(seed=seed), epoch, 40)
    assert sorted(order.tolist()) == list(range(40))
    for other in (
        session.sample_order(network(seed=seed), epoch + 1, 40),
        session.sample_order(network(seed=seed + 1), epoch, 40),
    ):
        assert not torch.equal(order, other)


def test_initial_weights_differ_between_seeds_and_do_not_follow_the_orders_stream():
    found = [session.initial_parameters(network(seed=seed), D)["encoder.weight"] for seed in range(20)]
    assert len({value.numpy().tobytes() for value in found}) == 20
    correlations = np.corrcoef([value.flatten().numpy() for value in found]) - np.eye(20)
    assert np.abs(correlations).max() < 5 / (D * N) ** 0.5


def test_single_precision_starts_from_the_rounded_double():
    double, single = (session.initial_parameters(network(dtype=dtype), D) for dtype in ("float64", "float32"))
    assert all(torch.equal(single[name], double[name].float()) for name in double)


# --- a whole training, by other means

DEFINITIONS = {
    "tanh": torch.tanh,
    "isotanh": lambda x: nn.functional.normalize(x, dim=-1) * torch.linalg.vector_norm(x, dim=-1, keepdim=True).tanh(),
    "lrelu": lambda x: torch.maximum(x, 0.01 * x),
    "isolrelu": lambda x: x - 0.99 * x / torch.linalg.vector_norm(x, dim=-1, keepdim=True).clamp(min=1),
    "bnlrelu_elem": lambda x: x - 0.99 * x.clamp(-1, 1),
    "bnlrelu_max": lambda x: x - 0.99 * x / x.abs().amax(-1, keepdim=True).clamp(min=1),
    "dnlrelu": lambda x: torch.where((x < 0).sum(-1, keepdim=True) % 2 == 0, x, 0.01 * x),
}


def by_hand(member: Network, images: Images) -> tuple[dict[int, Parameters], list[float]]:
    """Snapshots and mean losses of the epochs: seeds, layers, autograd and torch.optim.SGD, without this library."""
    c, recipe = member.configuration, member.recipe
    seen = images.train / 255
    if c.normalised:
        seen = (seen - seen.mean(0)) / np.where(seen.std(0) == 0, 1, seen.std(0))
    seen = torch.from_numpy(seen)
    (word,) = np.random.SeedSequence([member.seed, 0]).generate_state(1, np.uint64)
    generator = torch.Generator().manual_seed(int(word) >> 1)
    sizes = [images.d, *[c.n] * (c.L + 1), images.d]
    layers = nn.ModuleList([nn.Linear(*size, dtype=torch.float64) for size in zip(sizes, sizes[1:], strict=False)])
    for layer in layers:
        nn.init.xavier_normal_(layer.weight, generator=generator)
        nn.init.zeros_(layer.bias)
    optimiser = torch.optim.SGD(layers.parameters(), lr=recipe.learning_rate, momentum=recipe.momentum)
    names = [
        f"{name}.{kind}"
        for name in ["encoder", *(f"hidden.{k}" for k in range(c.L)), "decoder"]
        for kind in ("weight", "bias")
    ]

    def snapshot() -> Parameters:
        return {name: p.detach().clone() for name, p in zip(names, layers.parameters(), strict=True)}

    snapshots, losses = {0: snapshot()}, []
    for epoch in range(1, recipe.epochs + 1):
        order = np.random.default_rng(np.random.SeedSequence([member.seed, 1, epoch])).permutation(len(seen))
        total = 0.0
        for batch in torch.from_numpy(order).split(recipe.batch_size):
            x = out = seen[batch]
            for layer in layers[:-1]:
                out = DEFINITIONS[c.activation](layer(out))
            loss = nn.functional.mse_loss(layers[-1](out), x)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item() * len(batch) / len(seen)
        losses.append(total)
        snapshots[epoch] = snapshot()
    return snapshots, losses


@pytest.mark.parametrize("normalised", [False, True], ids=["raw", "standardised"])
@pytest.mark.parametrize("key", ACTIVATIONS)
def test_a_whole_training_equals_autograd_from_the_same_seed(key: str, normalised: bool, tmp_path: Path):
    member = network(key, 3, normalised=normalised)
    (outcome,), seen = trained([member], tmp_path)
    snapshots, losses = by_hand(member, IMAGES)
    assert outcome.state == "complete" and [told[:2] for told in seen] == [(member.id, e) for e in range(1, 6)]
    np.testing.assert_allclose([loss for *_, loss in seen], losses, rtol=1e-11)
    for epoch in RECIPE.checkpoints:
        for name, value in entry(member, tmp_path).read(epoch).items():
            np.testing.assert_allclose(value, snapshots[epoch][name], rtol=1e-11, atol=1e-11)
    assert float((snapshots[5]["encoder.weight"] - snapshots[0]["encoder.weight"]).abs().max()) > 1e-3


TWENTY = Recipe(epochs=1, batch_size=24, checkpoints=(0, 1))
LOSSES = {
    1: {
        "tanh": 0.8311588162107856,
        "isotanh": 0.9103827270466422,
        "lrelu": 0.9902885865673954,
        "isolrelu": 0.860147705120203,
        "bnlrelu_elem": 0.9689806368691647,
        "bnlrelu_max": 0.9026247266240048,
        "dnlrelu": 0.9930718497953089,
    },
}


@pytest.mark.parametrize("key", ACTIVATIONS)
def test_a_reminder_to_raise_the_engine_version(key: str, tmp_path: Path):
    """The mean loss of twenty steps, as :func:`by_hand` gave it when ENGINE_VERSION was last raised.

    Fails where trained networks change: initial weights, sample order, step, recipe. If that was on purpose, raise
    ENGINE_VERSION (stored networks are then trained again) and add a line to LOSSES, from ``by_hand``.
    """
    member = network(key, normalised=True, recipe=TWENTY)
    images = made(19 * 24 + 8)
    ((_, _, loss),) = trained([member], tmp_path, images)[1]
    assert ENGINE_VERSION in LOSSES, (
        f"add the losses of version {ENGINE_VERSION}: {by_hand(member, images)[1]} for {key}"
    )
    np.testing.assert_allclose(loss, LOSSES[ENGINE_VERSION][key], rtol=1e-10, err_msg="raise ENGINE_VERSION")


# --- what is kept


def test_snapshots_are_exactly_the_checkpoints(tmp_path: Path):
    both = pair()
    found = train(both, IMAGES, device="cpu", root=tmp_path)
    assert [(o.network, o.state, o.reason) for o in found] == [(member, "complete", "") for member in both]
    for member in both:
        kept = {p.name for p in entry(member, tmp_path).folder.iterdir()}
        assert kept == {f"epoch-{e:03d}.safetensors" for e in RECIPE.checkpoints} | {"network.json"}
        assert entry(member, tmp_path).about["seconds"] >= 0
        start, initial = entry(member, tmp_path).read(0), session.initial_parameters(member, D)
        assert all(torch.equal(start[name], initial[name]) for name in initial)
        assert not torch.equal(entry(member, tmp_path).read(1)["encoder.weight"], start["encoder.weight"])
    assert len(list((tmp_path / "networks").iterdir())) == 2


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_two_runs_are_the_same_to_the_bit(dtype: str, tmp_path: Path):
    members = [*pair(0, dtype=dtype), *pair(1, dtype=dtype)]
    for run in ("one", "two"):
        train(members, IMAGES, device="cpu", root=tmp_path / run)
    assert bits(members, tmp_path / "one") == bits(members, tmp_path / "two")
    kept = {value.dtype for value in entry(members[0], tmp_path / "one").read(5).values()}
    assert kept == {getattr(torch, dtype)}


def test_a_network_does_not_depend_on_what_is_trained_beside_it(tmp_path: Path):
    members = [network(key, seed, dtype="float32") for key in ("tanh", "isotanh", "lrelu") for seed in (0, 1)]
    train(members, IMAGES, device="cpu", root=tmp_path / "together")
    for member in members:
        train([member], IMAGES, device="cpu", root=tmp_path / "alone")
    assert bits(members, tmp_path / "together") == bits(members, tmp_path / "alone")


def test_training_keeps_to_one_thread_and_gives_the_others_back(tmp_path: Path):
    before, used = torch.get_num_threads(), []
    torch.set_num_threads(2)
    try:
        train_group(pair(), IMAGES, Task(root=tmp_path), lambda *_: used.append(torch.get_num_threads()))
        assert set(used) == {1} and torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_what_is_there_is_not_trained_again(tmp_path: Path, reported: Seen):
    train(pair(), IMAGES, device="cpu", root=tmp_path)
    assert len(reported) == 2 * RECIPE.epochs
    found = train([*pair(), *pair(1)], IMAGES, device="cpu", root=tmp_path)
    assert len(reported) == 4 * RECIPE.epochs and {o.state for o in found} == {"complete"}
    assert train([], IMAGES, device="cpu", root=tmp_path) == [] and len(reported) == 4 * RECIPE.epochs


def test_a_network_asked_for_twice_is_trained_once(tmp_path: Path, reported: Seen):
    """Also under another data set's name: figures share networks, and small profiles share images."""
    member = network()
    renamed = replace(member, configuration=replace(member.configuration, dataset="other"))
    found = train([member, renamed, member], IMAGES, device="cpu", root=tmp_path)
    assert [o.network for o in found] == [member, renamed, member] and {o.state for o in found} == {"complete"}
    assert len(reported) == RECIPE.epochs


def test_retraining_computes_what_is_there_already(tmp_path: Path, reported: Seen):
    both = pair()
    train(both, IMAGES, device="cpu", root=tmp_path)
    wanted = bits(both, tmp_path)
    wrong = {name: value + 1 for name, value in entry(both[0], tmp_path).read(5).items()}
    entry(both[0], tmp_path).write(5, wrong)
    assert bits(both, tmp_path) != wanted
    train(both, IMAGES, device="cpu", root=tmp_path)
    assert bits(both, tmp_path) != wanted and len(reported) == 2 * RECIPE.epochs  # sound, so taken as it is
    train(both, IMAGES, device="cpu", root=tmp_path, retrain=True)
    assert bits(both, tmp_path) == wanted and len(reported) == 4 * RECIPE.epochs


@pytest.mark.parametrize(
    "harm",
    [lambda c: c[:-9], lambda c: c[:-9] + bytes([c[-9] ^ 1]) + c[-8:], lambda c: b"words"],
    ids=["truncated", "one byte altered", "no safetensors file"],
)
def test_a_damaged_snapshot_is_trained_again_with_the_same_bits(harm, tmp_path: Path, reported: Seen):
    both = pair()
    train(both, IMAGES, device="cpu", root=tmp_path)
    wanted = bits(both, tmp_path)
    file = entry(both[1], tmp_path).folder / "epoch-002.safetensors"
    file.write_bytes(harm(file.read_bytes()))
    with pytest.warns(RuntimeWarning, match="epoch-002.*set aside as epoch-002.damaged"):
        train(both, IMAGES, device="cpu", root=tmp_path)
    assert bits(both, tmp_path) == wanted and (file.parent / "epoch-002.damaged").exists()
    assert {name for name, *_ in reported[2 * RECIPE.epochs :]} == {both[1].id}


# --- several processes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Images:
    """A source that other processes can load, too."""
    place = tmp_path_factory.mktemp("images")
    for i, row in enumerate(made(72).train):
        Image.fromarray(row.reshape(3, 3, 3)).save(place / f"{i:03d}.png")
    return data.load(f"folder:{place}")


def test_one_process_and_two_give_the_same_bits(folder: Images, tmp_path: Path):
    members = [*pair(0), *pair(1), *pair(2)]
    for jobs in (1, 2):
        found = train(members, folder, device="cpu", jobs=jobs, root=tmp_path / str(jobs))
        assert [(o.network, o.state) for o in found] == [(member, "complete") for member in members]
    assert bits(members, tmp_path / "1", folder) == bits(members, tmp_path / "2", folder)


def _train_and_count(networks: Sequence[Network], root: Path, told: SimpleQueue) -> None:
    told.put("ready")
    found, seen = trained(networks, root)
    told.put((len(seen), [o.state for o in found]))


def test_two_processes_train_the_same_networks_once(tmp_path: Path):
    """Both are waiting at the lock when it is given back; one trains, the other finds the work done."""
    both, context = pair(), multiprocessing.get_context("forkserver")
    told = context.SimpleQueue()
    with store.locked([entry(member, tmp_path) for member in both]):
        processes = [context.Process(target=_train_and_count, args=(both, tmp_path, told)) for _ in range(2)]
        for process in processes:
            process.start()
        assert [told.get() for _ in processes] == ["ready", "ready"]
    counts, states = zip(*[told.get() for _ in processes], strict=True)
    for process in processes:
        process.join(60)
    assert sorted(counts) == [0, 2 * RECIPE.epochs] and states == (["complete"] * 2,) * 2
    train(both, IMAGES, device="cpu", root=tmp_path / "alone")
    assert bits(both, tmp_path) == bits(both, tmp_path / "alone")


# --- budgets


class Clock:
    """A clock whose ``perf_counter`` moves by one second each time that it is read: an epoch takes a second."""

    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        return self.now

    monotonic = time

    def perf_counter(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in (training, session):
        monkeypatch.setattr(module, "time", made)
    return made


def test_a_budget_stops_at_the_end_of_an_epoch_and_later_calls_go_on(tmp_path: Path, reported: Seen, clock: Clock):
    first, second = both = pair()
    train(both, IMAGES, device="cpu", root=tmp_path / "whole")
    reported.clear()
    for reached in (2, 4):  # two seconds to find out how long an epoch takes, two for an epoch
        found = train(both, IMAGES, device="cpu", budget=6.5, root=tmp_path)
        assert [o.state for o in found] == ["paused", "paused"] and f"left after epoch {reached}" in found[0].reason
        assert [entry(member, tmp_path).state() for member in both] == ["partial", "partial"]
        assert [entry(member, tmp_path).epochs_done() for member in both] == [reached, 0]
        assert found[0].seconds == reached
    found = train(both, IMAGES, device="cpu", budget=1e6, root=tmp_path)
    assert [o.state for o in found] == ["complete", "complete"] and found[0].seconds == RECIPE.epochs
    for member in both:
        assert [epoch for name, epoch, _ in reported if name == member.id] == [1, 2, 3, 4, 5]
    assert bits(both, tmp_path) == bits(both, tmp_path / "whole")


def test_what_a_spent_budget_does_not_reach_is_not_begun(tmp_path: Path, clock: Clock):
    found, seen = trained([network()], tmp_path, deadline=clock.now - 1)
    assert [(o.state, o.reason) for o in found] == [("paused", "the budget was spent before")] and not seen
    assert not list(tmp_path.rglob("*.safetensors"))


@pytest.mark.parametrize("budget", [0.0, -1.0, 1.5])
def test_a_budget_too_short_for_one_epoch_is_refused(budget: float, tmp_path: Path, clock: Clock, refused):
    words = [f"budget is {budget:g} seconds", "too short for one epoch", "accepted: a longer budget"]
    refused(words, train, pair(), IMAGES, device="cpu", budget=budget, root=tmp_path)
    train(pair(), IMAGES, device="cpu", root=tmp_path)
    train(pair(), IMAGES, device="cpu", root=tmp_path / "whole")
    assert bits(pair(), tmp_path) == bits(pair(), tmp_path / "whole")


def test_a_network_that_another_process_holds_is_no_budget_that_is_too_short(tmp_path: Path):
    """Neither alone nor where the wait for it has left too little for another."""
    both = pair()
    with store.locked([entry(both[0], tmp_path)]):
        found = train(both, IMAGES, device="cpu", budget=0.2, root=tmp_path)
    assert [o.state for o in found] == ["paused"] * 2 and found[0].reason == "another process is training it"


def test_a_clock_that_is_set_in_the_middle_changes_no_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An hour forth or back: a budget is not counted on the clock of the day."""
    now = time.time()
    days = iter([now, *[now + 3600, now - 3600] * 10_000])
    monkeypatch.setattr(time, "time", lambda: next(days))
    for budget, states in ((600.0, ["complete"] * 2), (-1.0, None)):
        if states:
            found = train(pair(), IMAGES, device="cpu", budget=budget, root=tmp_path)
            assert [o.state for o in found] == states
        else:
            with pytest.raises(ValueError, match="too short"):
                train(pair(1), IMAGES, device="cpu", budget=budget, root=tmp_path)


def test_a_budget_that_is_no_number_is_refused(tmp_path: Path, refused):
    refused(["budget is nan", "accepted"], train, pair(), IMAGES, device="cpu", budget=float("nan"), root=tmp_path)


def test_a_resume_point_is_written_as_often_as_asked(tmp_path: Path):
    member, reached = network(), []

    def look(name: str, epoch: int, loss: float) -> None:
        point = entry(member, tmp_path).resume()
        reached.append(point.epoch if point else None)

    train_group([member], IMAGES, Task(root=tmp_path, resume_every=0.0), look)
    assert reached == [None, 1, 2, 3, 4] and entry(member, tmp_path).resume() is None
    reached.clear()
    train_group([member], IMAGES, Task(root=tmp_path / "seldom", resume_every=1e9), look)
    assert reached == [None] * 5
    assert 0 < session.RESUME_EVERY <= 120 and Task().resume_every == session.RESUME_EVERY


class Stop(Exception):
    """Whatever may end a run from outside."""


def interrupted(networks: Sequence[Network], root: Path, epoch: int) -> None:
    def stop(name: str, reached: int, loss: float) -> None:
        if reached == epoch:
            raise Stop

    with pytest.raises(Stop):
        train_group(networks, IMAGES, Task(root=root, resume_every=0.0), stop)


@pytest.mark.parametrize("epoch", range(1, 6))
def test_a_run_that_breaks_off_is_taken_up_again(epoch: int, tmp_path: Path):
    both = pair()
    trained(both, tmp_path / "whole")
    interrupted(both, tmp_path, epoch)
    _, seen = trained(both, tmp_path)
    assert min(e for _, e, _ in seen) == epoch
    assert bits(both, tmp_path) == bits(both, tmp_path / "whole")


def test_networks_left_at_different_epochs_each_go_on_from_where_they_were(tmp_path: Path):
    one, other = pair()
    trained([one, other], tmp_path / "whole")
    interrupted([one], tmp_path, 4)
    interrupted([other], tmp_path, 2)
    found, seen = trained([one, other], tmp_path)
    assert [(name, e) for name, e, _ in seen] == [(other.id, e) for e in (2, 3, 4, 5)] + [(one.id, e) for e in (4, 5)]
    assert {o.state for o in found} == {"complete"} and bits(pair(), tmp_path) == bits(pair(), tmp_path / "whole")


@pytest.mark.parametrize("harm", ["resume", "snapshot"])
def test_a_resume_point_that_cannot_be_trusted_is_not_used(harm: str, tmp_path: Path):
    """It is damaged, or a snapshot from before it is gone: then training starts over, with the same bits."""
    member = network()
    trained([member], tmp_path / "whole")
    interrupted([member], tmp_path, 4)
    folder = entry(member, tmp_path).folder
    if harm == "resume":
        content = (folder / "resume.safetensors").read_bytes()
        (folder / "resume.safetensors").write_bytes(content[:-1])
        with pytest.warns(RuntimeWarning, match="resume.*set aside"):
            _, seen = trained([member], tmp_path)
    else:
        (folder / "epoch-001.safetensors").unlink()
        _, seen = trained([member], tmp_path)
    assert [e for _, e, _ in seen] == [1, 2, 3, 4, 5]
    assert bits([member], tmp_path) == bits([member], tmp_path / "whole")


def test_what_a_run_left_that_was_killed_after_its_record_is_swept_by_the_next(tmp_path: Path):
    member = network()
    interrupted([member], tmp_path, 4)
    point = entry(member, tmp_path).resume()
    assert point is not None
    trained([member], tmp_path)
    folder = entry(member, tmp_path).folder
    wanted = {path.name for path in folder.iterdir()}
    for train_again in (lambda: trained([member], tmp_path), lambda: train([member], IMAGES, root=tmp_path)):
        entry(member, tmp_path).write_resume(point)
        (folder / ".resume-abcdefgh.safetensors").write_bytes(b"half")
        train_again()
        assert {path.name for path in folder.iterdir()} == wanted


def test_a_network_that_two_machines_trained_names_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A budget, or a crash, ends it on one; it goes on on another, from the resume point."""
    member = network()
    monkeypatch.setattr(store, "processor", lambda: "machine A")
    interrupted([member], tmp_path, 3)
    monkeypatch.setattr(store, "processor", lambda: "machine B")
    trained([member], tmp_path)
    about = entry(member, tmp_path).about
    assert about["processor"] == "machine A; machine B" and about["device"] == "cpu"
    assert [(spell["until"], spell["processor"]) for spell in about["work"]] == [(2, "machine A"), (5, "machine B")]
    assert not verification.same_machine(about, about)


def test_what_starts_over_on_another_machine_names_that_one_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    member = network()
    monkeypatch.setattr(store, "processor", lambda: "machine A")
    trained([member], tmp_path)
    (entry(member, tmp_path).folder / "epoch-002.safetensors").unlink()
    monkeypatch.setattr(store, "processor", lambda: "machine B")
    interrupted([member], tmp_path, 4)
    assert entry(member, tmp_path).state() == "partial", "machine A's record stood beside machine B's snapshots"
    trained([member], tmp_path)
    assert entry(member, tmp_path).about["processor"] == "machine B"


# --- killed


LONG = Recipe(epochs=16, batch_size=24, checkpoints=(0, 1, 2, 5, 10, 13, 16))
KILLS = 6


def test_a_run_killed_at_any_moment_ends_with_the_same_bits(tmp_path: Path):
    """SIGKILL at ``KILLS`` random moments, spread over the duration of an uninterrupted run; a resume point is
    written after every epoch, so that kills also land in the middle of a write (hundreds: ``benchmarks/kills.py``)."""
    both, images, context = pair(recipe=LONG), made(8_000), multiprocessing.get_context("forkserver")
    quiet = functools.partial(str.format, "")  # takes a report, and needs no import in the child

    def started(root: Path) -> multiprocessing.Process:
        """A child that trains; returns after the first epoch, when the step is compiled."""
        process = context.Process(target=train_group, args=(both, images, Task(root=root, resume_every=0.0), quiet))
        process.start()
        while process.is_alive() and not list(root.glob("networks/*/epoch-001.safetensors")):
            time.sleep(0.001)
        return process

    whole = started(tmp_path / "whole")
    begun = time.monotonic()
    whole.join()
    assert whole.exitcode == 0
    duration, wanted = time.monotonic() - begun, bits(both, tmp_path / "whole", images)
    rng, reached = random.Random(0), []
    for attempt in range(5 * KILLS):
        root = tmp_path / str(attempt)
        process = started(root)
        begun = time.monotonic()
        process.join(rng.uniform(0, duration))
        if process.is_alive():
            os.kill(process.pid, signal.SIGKILL)
        process.join()
        if process.exitcode == 0:  # the run was over before: this machine is quicker now than it was
            duration = min(duration, time.monotonic() - begun)
            continue
        assert process.exitcode == -signal.SIGKILL
        reached.append([entry(member, root, images).epochs_done() for member in both])
        trained(both, root, images)
        assert bits(both, root, images) == wanted, f"killed in the epoch after {reached[-1]}"
        shutil.rmtree(root)
        if len(reached) == KILLS:
            break
    assert len(reached) == KILLS
    middle = {tuple(epochs) for epochs in reached if 0 < epochs[0] < LONG.epochs}
    assert len(middle) >= KILLS // 3, f"the kills did not land in the middle: {reached}"


# --- networks that stop being finite


WILD = {"n": 8, "recipe": replace(RECIPE, learning_rate=20.0, epochs=24, checkpoints=(0, 1, 2, 4, 8, 16, 24))}


def test_a_loss_that_is_no_longer_finite_ends_that_network_alone(tmp_path: Path, reported: Seen):
    """Bounded in norm, isotropic tanh stands a learning rate at which its elementwise partner does not."""
    tanh, isotanh = pair(**WILD)
    with pytest.warns(
        RuntimeWarning, match="^made-U-tanh-n8-L1 seed 0 was ended: the loss was no longer finite in epoch"
    ):
        failed, went_on = train([tanh, isotanh], IMAGES, device="cpu", root=tmp_path)
    assert (failed.network, failed.state, went_on.network, went_on.state) == (tanh, "failed", isotanh, "complete")
    about = entry(tanh, tmp_path).about
    assert about["failed"] == failed.reason and entry(tanh, tmp_path).state() == "failed"
    (ended,) = re.findall(r"epoch (\d+)$", failed.reason)
    told = {
        name: [(e, np.isfinite(loss)) for who, e, loss in reported if who == name] for name in (tanh.id, isotanh.id)
    }
    assert told[tanh.id][-1] == (int(ended), False) and all(ok for _, ok in told[tanh.id][:-1])
    assert told[isotanh.id] == [(e, True) for e in range(1, 25)]
    assert 8 < int(ended) < 24
    train([isotanh], IMAGES, device="cpu", root=tmp_path / "alone")
    assert bits([isotanh], tmp_path) == bits([isotanh], tmp_path / "alone")
    kept = [e for e in WILD["recipe"].checkpoints if e < int(ended)]  # what was finite stays
    assert {p.name for p in entry(tanh, tmp_path).folder.iterdir()} == {"network.json"} | {
        f"epoch-{e:03d}.safetensors" for e in kept
    }


def test_a_network_that_failed_is_not_tried_again_unless_asked(tmp_path: Path, reported: Seen):
    tanh, isotanh = pair(**WILD)
    with pytest.warns(RuntimeWarning, match="was ended"):
        first = train([tanh, isotanh], IMAGES, device="cpu", root=tmp_path)
    count = len(reported)
    with pytest.warns(RuntimeWarning, match="was ended"):
        again = train([tanh, isotanh], IMAGES, device="cpu", root=tmp_path)
    assert len(reported) == count and [(o.state, o.reason) for o in again] == [(o.state, o.reason) for o in first]
    with pytest.warns(RuntimeWarning, match="was ended"):
        train([tanh, isotanh], IMAGES, device="cpu", root=tmp_path, retrain=True)
    assert len(reported) == 2 * count


def test_every_network_may_fail(tmp_path: Path):
    with pytest.warns(RuntimeWarning, match="was ended") as caught:
        found = train(pair(recipe=replace(RECIPE, learning_rate=1e6)), IMAGES, device="cpu", root=tmp_path)
    assert [o.state for o in found] == ["failed", "failed"] and len(caught) == 2


# --- memory and locks


def test_a_group_that_does_not_fit_is_trained_by_halves(tmp_path: Path, monkeypatch):
    members = [network(key, seed) for key in ("tanh", "isotanh", "lrelu") for seed in range(2)]
    whole, sizes = engine.stack, []

    def small(parameters, *given, **options):
        sizes.append(len(parameters))
        if len(parameters) > 2:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return whole(parameters, *given, **options)

    monkeypatch.setattr(engine, "stack", small)
    with pytest.warns(RuntimeWarning, match="do not fit into the memory") as caught:
        found, _ = trained(members, tmp_path)
    assert [o.state for o in found] == ["complete"] * 6 and {o.network for o in found} == set(members)
    assert sizes == [6, 3, 1, 2, 3, 1, 2] and len(caught) == 3
    monkeypatch.undo()
    trained(members, tmp_path / "whole")
    assert bits(members, tmp_path) == bits(members, tmp_path / "whole")


@pytest.mark.parametrize(
    "error",
    [RuntimeError("[enforce fail at alloc_cpu.cpp:121] . DefaultCPUAllocator: can't allocate memory"), MemoryError()],
    ids=["torch", "numpy"],
)
def test_what_breaks_in_one_group_leaves_the_others(error: Exception, tmp_path: Path, monkeypatch):
    whole, (first, second) = engine.stack, pair()

    def small(parameters, keys, *given, **options):
        if keys == ["tanh"]:
            raise error
        return whole(parameters, keys, *given, **options)

    monkeypatch.setattr(engine, "stack", small)
    with pytest.warns(RuntimeWarning, match="was ended: .*(allocate memory|MemoryError).$"):
        found = train([first, second], IMAGES, device="cpu", root=tmp_path)
    assert [o.state for o in found] == ["broken", "complete"]


def test_one_network_that_does_not_fit_is_reported(tmp_path: Path, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.\nand more")

    monkeypatch.setattr(engine, "stack", full)
    with pytest.warns(RuntimeWarning, match="was ended: CUDA out of memory"):
        found = train([network()], IMAGES, device="cpu", root=tmp_path)
    assert [(o.state, o.reason) for o in found] == [
        ("broken", "CUDA out of memory. Tried to allocate 20.00 MiB.")
    ] and entry(network(), tmp_path).state() == "absent"


def test_waiting_for_another_process_ends_with_the_budget(tmp_path: Path):
    with store.locked([entry(network(), tmp_path)]):
        found, seen = trained([network()], tmp_path, deadline=time.monotonic() + 0.1)
    assert [(o.state, o.reason) for o in found] == [("paused", "another process is training it")] and not seen


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("budget", [None, 1e6])
def test_a_gpu_trains_the_networks_of_the_cpu(budget: float | None, tmp_path: Path):
    """From the recipe to the store, in groups of one shape; with a budget, a few steps are captured and taken back."""
    members = [
        network(key, seed, normalised=scaled) for key in ACTIVATIONS for seed in (0, 1) for scaled in (False, True)
    ]
    for device in ("cpu", "cuda"):
        found = train(members, IMAGES, device=device, budget=budget, root=tmp_path / device)
        assert [o.state for o in found] == ["complete"] * len(members)
    for member in members:
        for epoch in RECIPE.checkpoints:
            wanted = entry(member, tmp_path / "cpu").read(epoch)
            for name, value in entry(member, tmp_path / "cuda").read(epoch).items():
                np.testing.assert_allclose(value, wanted[name], rtol=1e-9, atol=1e-10, err_msg=f"{member.id} {name}")
        assert entry(member, tmp_path / "cuda").about["device"] == torch.cuda.get_device_name()


# --- what is refused


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_cuda_is_refused_where_there_is_none(tmp_path: Path, refused):
    refused(
        ["device is 'cuda'", "no CUDA device", "accepted here: auto, cpu"],
        train,
        pair(),
        IMAGES,
        device="cuda",
        root=tmp_path,
    )
    assert training.pick_device("auto") == training.pick_device("cpu") == "cpu" and not list(tmp_path.iterdir())


def test_an_unknown_device_is_refused(tmp_path: Path, refused):
    refused(
        ["device is 'cude'", "did you mean 'cuda'?", "auto, cpu, cuda"],
        train,
        pair(),
        IMAGES,
        device="cude",
        root=tmp_path,
    )
    assert not list(tmp_path.iterdir())


def test_an_unknown_activation_is_refused(tmp_path: Path, refused):
    refused(
        ["activation is 'isotan'", "did you mean 'isotanh'?"],
        train,
        [network("isotan")],
        IMAGES,
        device="cpu",
        root=tmp_path,
    )
    assert not (tmp_path / "networks").exists()


@pytest.mark.parametrize("place", ["networks", "locks"])
def test_a_store_that_cannot_be_written_is_refused_before_anything_is_trained(place: str, tmp_path: Path, monkeypatch):
    """What is trained already is used all the same."""
    train([network()], IMAGES, device="cpu", root=tmp_path)
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path / place and allowed(path, mode))
    assert [o.state for o in train([network()], IMAGES, device="cpu", root=tmp_path)] == ["complete"]
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(PermissionError, match=place):
        train([network(seed=1)], IMAGES, device="cpu", root=tmp_path)
    assert sorted(tmp_path.rglob("*")) == before
