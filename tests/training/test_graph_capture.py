"""The captured step of a GPU, on graphs that know nothing but addresses (:mod:`graphs`): what it computes and keeps
alive, when it is captured, and what becomes of a group in which a capture fails."""

import gc
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import graphs
import numpy as np
import pytest
import torch
from graphs import Graph
from torch import Tensor

from isoaux.activations import ACTIVATIONS
from isoaux.paper import Configuration, Network, Recipe
from isoaux.training import autoencoder, engine, maps, session, store
from isoaux.training import train as training
from isoaux.training.data import Images
from isoaux.training.engine import BatchedStack
from isoaux.training.session import Outcome, Task, train_group

BATCH, SAMPLES = 6, 6 * 2 + 4
SHAPE = D, N, DEPTH = 12, 4, 2
STARTS = [autoencoder.initial(*SHAPE, torch.Generator().manual_seed(seed)) for seed in range(2)]

_rng = np.random.default_rng(0)
RAW = torch.from_numpy(_rng.integers(0, 256, (SAMPLES, D)).astype(np.uint8))
SCALE, OFFSET = torch.from_numpy(0.01 + 0.01 * _rng.random(D)), torch.from_numpy(-_rng.random(D))


def cases(test: Callable[..., None]) -> Callable[..., None]:
    """All activations with all maps."""
    return pytest.mark.parametrize("key", ACTIVATIONS)(pytest.mark.parametrize("map", maps.MAPS)(test))


def stack(key: str, map: str = "affine") -> BatchedStack:
    return BatchedStack(STARTS, [key] * 2, [0, 1], 0.08, 0.9, torch.float64, "cpu", map)


def orders(epoch: int, samples: int = SAMPLES) -> Tensor:
    drawn = [np.random.default_rng([epoch, order]).permutation(SAMPLES)[:samples] for order in range(2)]
    return torch.from_numpy(np.stack(drawn))


def run(net: BatchedStack, epoch: int, samples: int = SAMPLES) -> Tensor:
    return net.epoch(RAW, SCALE, OFFSET, orders(epoch, samples), BATCH)


# --- one captured step


@cases
def test_a_replayed_step_is_the_step(key: str, map: str, monkeypatch: pytest.MonkeyPatch):
    """Two epochs of full and short batches: the bits of the step that is not captured, from two captures in all."""
    plain = stack(key, map)
    wanted = [run(plain, epoch) for epoch in range(2)]
    graphs.stand_in(monkeypatch)
    captured = stack(key, map)
    for epoch, losses in enumerate(wanted):
        assert torch.equal(run(captured, epoch), losses)
    assert torch.equal(captured.flat, plain.flat) and torch.equal(captured.velocity, plain.velocity)
    assert [graph.replays for graph in Graph.made] == [4, 2] and all(graph.watched for graph in Graph.made)


@cases
def test_a_step_without_its_scratch_is_refused(key: str, map: str, monkeypatch: pytest.MonkeyPatch):
    """The fault that the test above is there to find: a graph is kept, and what it writes to is not."""
    graphs.stand_in(monkeypatch)
    captured = stack(key, map)
    run(captured, 0)
    for size, step in captured._steps.items():
        captured._steps[size] = replace(step, scratch=None)
    del step
    with pytest.raises(graphs.Freed, match=r"^\d+ of \d+ outside tensors of a replay have been freed"):
        run(captured, 1)


def test_other_inputs_in_place_of_the_old_ones_are_captured_anew(monkeypatch: pytest.MonkeyPatch):
    """Other images, or numbers of another shape that they are multiplied by."""
    plain = stack("isotanh")
    inputs = [(RAW, SCALE, OFFSET), (RAW.clone(), SCALE, OFFSET), (RAW, SCALE[0], None)]
    wanted = [plain.epoch(*given, orders(0), BATCH) for given in inputs]
    graphs.stand_in(monkeypatch)
    captured = stack("isotanh")
    for given, losses in zip(inputs, wanted, strict=True):
        assert torch.equal(captured.epoch(*given, orders(0), BATCH), losses)
    assert len(Graph.made) == 6


def test_a_few_steps_before_an_epoch_are_no_reason_to_capture_again(monkeypatch: pytest.MonkeyPatch):
    plain = stack("tanh")
    wanted = [run(plain, 0, BATCH + 4), run(plain, 1)]
    graphs.stand_in(monkeypatch)
    captured = stack("tanh")
    assert torch.equal(run(captured, 0, BATCH + 4), wanted[0]) and torch.equal(run(captured, 1), wanted[1])
    assert len(Graph.made) == 2


def test_an_older_torch_is_not_asked_to_watch(monkeypatch: pytest.MonkeyPatch):
    graphs.stand_in(monkeypatch, graphs.OldCapture)
    run(stack("tanh"), 0)
    assert [graph.watched for graph in Graph.made] == [False, False]


def test_nothing_of_a_stack_outlives_it(monkeypatch: pytest.MonkeyPatch):
    """Not even until garbage is collected: where a device is nearly full, the next stack needs the room."""
    graphs.stand_in(monkeypatch)
    gc.disable()
    try:
        captured = stack("tanh")
        run(captured, 0)
        kept = [weakref.ref(captured), *(weakref.ref(graph) for graph in Graph.made)]
        Graph.made.clear()
        del captured
        assert [alive() for alive in kept] == [None] * 3
    finally:
        gc.enable()


@pytest.mark.parametrize("operation", [lambda t: t.item(), lambda t: t.nonzero(), lambda t: t.normal_()])
def test_the_stand_in_refuses_what_a_capture_refuses(operation: Callable[[Tensor], object]):
    with pytest.raises(RuntimeError) as caught, graphs.Capture(Graph()):
        operation(torch.ones(()))
    assert isinstance(caught.value.__context__, graphs.Forbidden)


def test_the_stand_in_records_and_runs_nothing():
    graph, given, result = Graph(), torch.ones(3), torch.zeros(3)
    with graphs.Capture(graph):
        result.add_(given * 2)
    assert result.tolist() == [0, 0, 0]
    given.fill_(5)
    graph.replay()
    graph.replay()
    assert result.tolist() == [20, 20, 20]
    del given
    with pytest.raises(graphs.Freed, match="1 of 2 outside tensors.*aten::mul"):
        graph.replay()


# --- groups of networks


RECIPE = Recipe(epochs=3, batch_size=BATCH, checkpoints=(0, 1, 3))
IMAGES = Images("made", "made", RAW.numpy(), RAW.numpy()[:3], (2, 2, 3), "made-for-graphs")
MEMBERS = tuple(
    Network(Configuration("made", False, key, N, 1), seed, RECIPE) for key in ("tanh", "isotanh") for seed in (0, 1)
)
ASSERTED = "CUDA error: device-side assert triggered"
MEMORY: dict[str, Callable[[], Exception]] = {
    "torch": lambda: torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB."),
    "cuBLAS": lambda: RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    "driver": lambda: RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be reported later"),
    "host": MemoryError,
}


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Groups are trained by the captured step."""
    graphs.stand_in(monkeypatch)
    monkeypatch.setattr(engine, "CompiledStack", BatchedStack)
    yield


def failing_step(
    monkeypatch: pytest.MonkeyPatch, error: Callable[[], BaseException], fails: Callable[[BatchedStack], bool]
) -> None:
    """Let a step raise, in the middle of it and while it is captured, in the stacks for which ``fails`` says so."""
    whole = BatchedStack._pull_back

    def pull_back(self: BatchedStack, *arguments: object) -> None:
        if torch.utils._python_dispatch._get_current_dispatch_mode() is not None and fails(self):
            raise error()
        whole(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(BatchedStack, "_pull_back", pull_back)


def quiet(*_: object) -> None:
    pass


def states(outcomes: Sequence[Outcome]) -> dict[Network, str]:
    return {outcome.network: outcome.state for outcome in outcomes}


def bits(root: Path) -> list[bytes]:
    return [
        value.numpy().tobytes()
        for member in MEMBERS
        for epoch in RECIPE.checkpoints
        for value in store.Entry(member, IMAGES.checksum, root).read(epoch).values()
    ]


@pytest.mark.usefixtures("device")
def test_a_budget_changes_no_bit_and_needs_no_other_capture(tmp_path: Path):
    """Both batch sizes are captured before the first epoch, by the steps that measure how long one takes."""
    train_group(MEMBERS, IMAGES, Task(root=tmp_path / "whole"), quiet)
    Graph.made.clear()
    captures: list[int] = []
    task = Task(root=tmp_path, deadline=float("inf"))
    found = train_group(MEMBERS, IMAGES, task, lambda *_: captures.append(len(Graph.made)))
    assert set(states(found).values()) == {"complete"} and set(captures) == {2}
    assert bits(tmp_path) == bits(tmp_path / "whole")


@pytest.mark.usefixtures("device")
def test_a_capture_without_memory_is_tried_by_halves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    train_group(MEMBERS, IMAGES, Task(root=tmp_path / "whole"), quiet)
    sizes: list[int] = []
    made: list[weakref.ref[BatchedStack]] = []

    def too_large(net: BatchedStack) -> bool:
        assert [alive for alive in made if alive() not in (None, net)] == [], "the larger stack is still there"
        made.append(weakref.ref(net))
        sizes.append(len(net))
        return len(net) > 1

    failing_step(monkeypatch, MEMORY["driver"], too_large)
    with pytest.warns(RuntimeWarning, match="do not fit into the memory of the device") as caught:
        found = train_group(MEMBERS, IMAGES, Task(root=tmp_path), quiet)
    assert states(found) == dict.fromkeys(MEMBERS, "complete") and len(caught) == 3
    assert list(dict.fromkeys(sizes)) == [4, 2, 1] and sizes.count(4) == 1 and sizes.count(2) == 2
    for now, before in zip(bits(tmp_path), bits(tmp_path / "whole"), strict=True):
        np.testing.assert_allclose(np.frombuffer(now), np.frombuffer(before), rtol=1e-12, atol=1e-14)


def test_errors_of_memory_are_told_from_others():
    """Also behind an error that was raised because of them."""
    for error in (make() for make in MEMORY.values()):
        assert session._out_of_memory(error), error
        later = RuntimeError("the capture ended with an error")
        later.__context__ = error
        assert session._out_of_memory(later), error
    assert not session._out_of_memory(RuntimeError(ASSERTED)) and not session._out_of_memory(OSError("disk full"))


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize("kind", MEMORY)
def test_one_network_without_memory_is_broken(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    failing_step(monkeypatch, MEMORY[kind], lambda _: True)
    (outcome,) = train_group(MEMBERS[:1], IMAGES, Task(root=tmp_path), quiet)
    said = str(MEMORY[kind]()).rstrip(".").splitlines() or ["MemoryError"]
    assert (outcome.state, outcome.reason) == ("broken", said[0])


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize("lost", [False, True], ids=["the device goes on", "the device is lost to the process"])
def test_an_error_of_the_device_ends_its_group_and_no_other(lost: bool, tmp_path: Path, monkeypatch):
    """Three groups, the error is in the second; where the process has lost the device, the third has one of its own."""
    narrow, wide = (tuple(replace(m, configuration=replace(m.configuration, n=n)) for m in MEMBERS[:2]) for n in (3, 5))
    asserted = partial(RuntimeError, f"{ASSERTED}\nCompile with `TORCH_USE_CUDA_DSA` to see where.")
    failing_step(monkeypatch, asserted, lambda net: net.widths[0] == N)
    monkeypatch.setattr(training, "by_shape", lambda wanted: [narrow, MEMBERS, wide])
    monkeypatch.setattr(training, "pick_device", lambda _: "cuda")
    elsewhere: list[tuple[Network, ...]] = []

    def synchronize() -> None:
        if lost:
            raise asserted()

    def here(members: Sequence[Network], images: Images, task: Task, report: session.Report) -> list[Outcome]:
        return train_group(members, images, replace(task, device="cpu"), report)

    def share(groups: Sequence[tuple[Network, ...]], images: Images, task: Task, *rest: Any) -> list[Outcome]:
        elsewhere.extend(groups)
        return [outcome for members in groups for outcome in here(members, images, task, rest[-1])]

    monkeypatch.setattr(torch.cuda, "synchronize", synchronize)
    monkeypatch.setattr(training, "train_group", here)
    monkeypatch.setattr(training, "share", share)
    with pytest.warns(RuntimeWarning, match=f"was ended: {ASSERTED}.$") as caught:
        found = training.train([*narrow, *MEMBERS, *wide], IMAGES, root=tmp_path)
    assert states(found) == dict.fromkeys(narrow + wide, "complete") | dict.fromkeys(MEMBERS, "broken")
    assert len(caught) == len(MEMBERS) and {o.reason for o in found if o.state == "broken"} == {ASSERTED}
    assert elsewhere == ([wide] if lost else [])
    assert store.Entry(MEMBERS[0], IMAGES.checksum, tmp_path).read(0), "what was there is lost"


@pytest.mark.usefixtures("device")
def test_an_interruption_in_a_capture_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    failing_step(monkeypatch, KeyboardInterrupt, lambda _: True)
    with pytest.raises(KeyboardInterrupt):
        train_group(MEMBERS, IMAGES, Task(root=tmp_path), quiet)


@pytest.mark.usefixtures("device")
def test_what_had_ended_before_the_device_broke_keeps_its_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """One network goes on from a resume point on its own and fails; the other had been finished in the same call."""
    first, second = MEMBERS[:2]

    def stop(name: str, epoch: int, loss: float) -> None:
        if epoch == 2:
            raise LookupError

    with pytest.raises(LookupError):
        train_group([second], IMAGES, Task(root=tmp_path, resume_every=0.0), stop)
    seen: list[BatchedStack] = []

    def is_later(net: BatchedStack) -> bool:
        seen.extend(other for other in [net] if all(other is not known for known in seen))
        return net is not seen[0]

    failing_step(monkeypatch, partial(RuntimeError, ASSERTED), is_later)
    found = train_group([first, second], IMAGES, Task(root=tmp_path), quiet)
    assert states(found) == {first: "complete", second: "broken"}
    assert store.Entry(second, IMAGES.checksum, tmp_path).epochs_done() == 1


@pytest.mark.usefixtures("device")
def test_a_stack_without_those_that_failed_is_made_when_the_old_one_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    whole, made = engine.stack, []

    def stack(*arguments: object, **options: object) -> engine.Stack:
        assert [alive for alive in made if alive() is not None] == [], "two stacks at once"
        net = whole(*arguments, **options)  # type: ignore[arg-type]
        made.append(weakref.ref(net))
        return net

    monkeypatch.setattr(engine, "stack", stack)
    monkeypatch.setattr(BatchedStack, "finite", lambda net: [len(net) < 4, *[True] * (len(net) - 1)])
    captures: list[int] = []
    gc.disable()
    try:
        task = Task(root=tmp_path, deadline=float("inf"))
        found = train_group(MEMBERS, IMAGES, task, lambda *_: captures.append(len(Graph.made)))
    finally:
        gc.enable()
    assert sorted(states(found).values()) == ["complete"] * 3 + ["failed"] and len(made) == 2
    assert captures == [2] * 4 + [4] * 6  # also these are captured before an epoch of theirs
