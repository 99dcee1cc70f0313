"""Train networks: schedule, snapshots, budgets, resume (App. E).

Seed s gives every network the same initial weights and the same sample order, whatever its activation, so that
compared activations are paired. The sample order of an epoch follows from the seed and the epoch alone, so a
resumed run sees the batches that an uninterrupted one would have seen.
"""

import multiprocessing
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from isoaux import data, engine, store
from isoaux.choices import unknown
from isoaux.data import Images
from isoaux.paper import Network, by_shape
from isoaux.progress import bar

RESUME_EVERY = 60.0
"""Seconds after which a resume point is written at the next epoch's end."""

WORTH_PROCESSES = 20_000
"""Steps from which starting processes takes less time than it saves."""

Report = Callable[[str, int, float], None]
"""Called after every epoch of every network with its name, the epoch and the mean loss."""


@dataclass(frozen=True)
class Outcome:
    """How the training of one network ended; ``reason`` says why it failed or was left."""

    network: Network
    state: Literal["complete", "failed", "paused"]
    seconds: float
    reason: str = ""


def seed_sequence(network: Network, *stream: int) -> np.random.SeedSequence:
    """The random stream of a seed: 0 for the initial weights, (1, epoch) for an epoch's sample order."""
    return np.random.SeedSequence([network.seed, *stream])


def initial_parameters(network: Network, d: int) -> engine.Parameters:
    """The parameters before training: Xavier-normal weights, zero biases, the same for every activation."""
    c = network.configuration
    seed = int(seed_sequence(network, 0).generate_state(1, np.uint64)[0] >> np.uint64(1))
    made = engine.initial(d, c.n, c.L, torch.Generator().manual_seed(seed))
    return {name: value.to(getattr(torch, network.dtype)) for name, value in made.items()}


def sample_order(network: Network, epoch: int, samples: int) -> torch.Tensor:
    """The order in which an epoch (the first is 1) visits the samples."""
    return torch.from_numpy(np.random.default_rng(seed_sequence(network, 1, epoch)).permutation(samples))


def pick_device(device: str) -> str:
    """``auto``, ``cpu`` or ``cuda`` as the device to use; a ValueError where CUDA is asked for and absent."""
    if device not in ("auto", "cpu", "cuda"):
        raise unknown("device", device, ["auto", "cpu", "cuda"])
    present = torch.cuda.is_available()
    if device == "cuda" and not present:
        raise ValueError("device is 'cuda', but this machine has no CUDA device; accepted here: auto, cpu.")
    return "cuda" if present and device != "cpu" else "cpu"


@contextmanager
def one_thread() -> Iterator[None]:
    """Run with one thread, in torch and NumPy: two beside another busy process are many times slower than one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(before)


def train(
    networks: Sequence[Network],
    images: Images,
    *,
    device: str = "auto",
    jobs: int | None = None,
    budget: float | None = None,
    retrain: bool = False,
    root: Path | None = None,
) -> list[Outcome]:
    """Train what the store does not have yet; the outcome of every network, in the order asked for.

    ``jobs`` processes with one thread each share the work on the CPU (default: one per core). ``budget`` in
    seconds stops cleanly at the end of an epoch, and a later call goes on from there. A network whose loss
    stops being finite is ended with a warning and a recorded reason; the others go on.

    Raises ValueError where the budget is too short for one epoch, or the device is absent.
    """
    place = pick_device(device)
    deadline = None if budget is None else time.time() + budget
    entries = {network: store.Entry(network, images.checksum, root) for network in networks}
    if retrain:
        for entry in entries.values():
            with store.locked([entry]):
                entry.discard()
    outcomes = {n: Outcome(n, "complete", e.about.get("seconds", 0.0)) for n, e in entries.items() if e.verify()}
    wanted = tuple(n for n in entries if n not in outcomes)  # each once, whatever was asked for twice
    if not wanted:
        return [outcomes[n] for n in networks]
    groups, workers = _share_out(wanted, len(images.train), place, jobs)
    total = sum(n.recipe.epochs for n in wanted)
    before = sum(entries[n].epochs_done() for n in wanted)
    moved = 0
    with bar(total, f"training {len(wanted)} networks", "epoch", initial=before) as progress:

        def report(name: str, epoch: int, loss: float) -> None:
            nonlocal moved
            moved += 1
            progress.set_postfix_str(f"{name}, epoch {epoch}, loss {loss:.4g}", refresh=False)
            progress.update()

        task = _Task(place, deadline, root)
        found = (
            _pool(groups, images, task, workers, report)
            if workers > 1
            else [outcome for group in groups for outcome in train_group(group, images, task, report)]
        )
    outcomes |= {outcome.network: outcome for outcome in found}
    paused = [o for o in outcomes.values() if o.state == "paused"]
    if paused and not moved:
        raise ValueError(
            f"budget is {budget:g} seconds, too short for one epoch of {paused[0].network.id} "
            f"({paused[0].reason}); accepted: a longer budget."
        )
    for outcome in outcomes.values():
        if outcome.state == "failed":
            warnings.warn(f"{outcome.network.id} was ended: {outcome.reason}.", RuntimeWarning, stacklevel=2)
    return [outcomes[n] for n in networks]


def _share_out(
    wanted: tuple[Network, ...], samples: int, place: str, jobs: int | None
) -> tuple[list[tuple[Network, ...]], int]:
    """Groups to train in step, and how many processes share them.

    A GPU takes all networks of one shape at once; on the CPU the networks of one seed share their batches, and what
    is left for the last round is dealt out one by one, so that every process stays busy.
    """
    groups = by_shape(wanted)
    if place != "cpu":
        return groups, 1
    groups = [part for group in groups for part in _by_seed(group)]
    steps = sum(n.recipe.epochs * -(-samples // n.recipe.batch_size) for n in wanted)
    workers = min(jobs or os.cpu_count() or 1, len(groups)) if jobs or steps > WORTH_PROCESSES else 1
    uneven = len(groups) % workers
    if uneven:
        groups = groups[:-uneven] + [(network,) for group in groups[-uneven:] for network in group]
    return groups, workers


def _by_seed(networks: tuple[Network, ...]) -> list[tuple[Network, ...]]:
    ordered = sorted(networks, key=lambda n: n.seed)
    return [tuple(group) for _, group in groupby(ordered, key=lambda n: n.seed)]


@dataclass(frozen=True)
class _Task:
    """What every group of a run shares."""

    device: str
    deadline: float | None
    root: Path | None
    resume_every: float = RESUME_EVERY


def train_group(networks: Sequence[Network], images: Images, task: _Task, report: Report) -> list[Outcome]:
    """Train networks of one shape in step, each from where it was left."""
    entries = [store.Entry(n, images.checksum, task.root) for n in networks]
    with store.locked(entries), one_thread():
        outcomes = []
        starts: dict[int, list[tuple[store.Entry, store.Resume]]] = {}
        for entry in entries:
            if entry.verify():  # another process was faster
                outcomes.append(Outcome(entry.network, "complete", entry.about.get("seconds", 0.0)))
            elif entry.state() == "failed":
                about = entry.about
                outcomes.append(Outcome(entry.network, "failed", about["seconds"], about["failed"]))
            else:
                point = _start(entry, images.d)
                starts.setdefault(point.epoch, []).append((entry, point))
        for epoch in sorted(starts):
            outcomes += _Run(starts[epoch], images, task, report).run()
        return outcomes


def _start(entry: store.Entry, d: int) -> store.Resume:
    try:
        point = entry.resume()
    except store.Damaged as damaged:
        warnings.warn(str(damaged), RuntimeWarning, stacklevel=2)
        point = None
    if point and entry.has(e for e in entry.network.recipe.checkpoints if e <= point.epoch):
        return point
    parameters = initial_parameters(entry.network, d)
    return store.Resume(0, 0.0, parameters, {name: torch.zeros_like(p) for name, p in parameters.items()})


class _Run:
    """Networks of one shape on their way from one common epoch to the last."""

    def __init__(
        self, starts: list[tuple[store.Entry, store.Resume]], images: Images, task: _Task, report: Report
    ) -> None:
        self.task, self.report = task, report
        self.epoch = starts[0][1].epoch
        first = starts[0][0].network
        self.recipe, self.dtype = first.recipe, getattr(torch, first.dtype)
        scale, offset = images.affine(first.configuration.normalised)
        self.pixels = torch.from_numpy(images.train).to(task.device)
        self.scale = torch.from_numpy(scale).to(task.device, self.dtype)
        self.offset = None if offset is None else torch.from_numpy(offset).to(task.device, self.dtype)
        self._stack(
            sorted(starts, key=lambda start: (start[0].network.configuration.activation, start[0].network.seed))
        )

    def _stack(self, starts: list[tuple[store.Entry, store.Resume]]) -> None:
        self.entries = [entry for entry, _ in starts]
        self.seconds = [point.seconds for _, point in starts]
        seeds = sorted({entry.network.seed for entry in self.entries})
        self.leaders = [next(e.network for e in self.entries if e.network.seed == seed) for seed in seeds]
        self.stack = engine.Stack(
            [point.parameters for _, point in starts],
            [entry.network.configuration.activation for entry in self.entries],
            [seeds.index(entry.network.seed) for entry in self.entries],
            learning_rate=self.recipe.learning_rate,
            momentum=self.recipe.momentum,
            dtype=self.dtype,
            device=self.task.device,
        )
        self.stack.load([point.parameters for _, point in starts], [point.velocities for _, point in starts])

    def _points(self) -> list[store.Resume]:
        return [
            store.Resume(self.epoch, self.seconds[e], self.stack.parameters(e), self.stack.velocities(e))
            for e in range(len(self.entries))
        ]

    def _train(self, orders: torch.Tensor) -> torch.Tensor:
        return self.stack.epoch(self.pixels, self.scale, self.offset, orders, self.recipe.batch_size)

    def _orders(self) -> torch.Tensor:
        found = [sample_order(leader, self.epoch + 1, len(self.pixels)) for leader in self.leaders]
        return torch.stack(found).to(self.task.device)

    def _rehearse(self) -> float:
        """Seconds that an epoch will take, from a few steps that are then taken back."""
        points, orders = self._points(), self._orders()
        steps = min(30, -(-orders.shape[1] // self.recipe.batch_size))
        started = time.perf_counter()
        self._train(orders[:, : steps * self.recipe.batch_size]).tolist()
        took = time.perf_counter() - started
        self.stack.load([p.parameters for p in points], [p.velocities for p in points])
        return took / steps * -(-orders.shape[1] // self.recipe.batch_size)

    def run(self) -> list[Outcome]:
        """Train to the last epoch, or to the deadline."""
        outcomes: list[Outcome] = []
        if self.epoch == 0:
            self._snapshot()
        saved = time.monotonic()
        expected = 0.0 if self.task.deadline is None else self._rehearse()
        while self.entries and self.epoch < self.recipe.epochs:
            if self.task.deadline is not None and time.time() + 1.1 * expected > self.task.deadline:
                self._save()
                reason = f"left after epoch {self.epoch}, an epoch takes about {expected:.2g} s"
                return outcomes + [
                    Outcome(entry.network, "paused", s, reason)
                    for entry, s in zip(self.entries, self.seconds, strict=True)
                ]
            started = time.perf_counter()
            losses = self._train(self._orders()).tolist()
            expected = time.perf_counter() - started
            self.epoch += 1
            self.seconds = [s + expected / len(self.entries) for s in self.seconds]
            for entry, loss in zip(self.entries, losses, strict=True):
                self.report(entry.network.id, self.epoch, loss)
            outcomes += self._end_failed(losses)
            if self.epoch in self.recipe.checkpoints:
                self._snapshot()
            if time.monotonic() - saved >= self.task.resume_every and self.epoch < self.recipe.epochs:
                self._save()
                saved = time.monotonic()
        for entry, seconds in zip(self.entries, self.seconds, strict=True):
            entry.finish(seconds, self._device())
            outcomes.append(Outcome(entry.network, "complete", seconds))
        return outcomes

    def _device(self) -> str:
        return torch.cuda.get_device_name() if self.task.device == "cuda" else "cpu"

    def _save(self) -> None:
        for entry, point in zip(self.entries, self._points(), strict=True):
            entry.write_resume(point)

    def _snapshot(self) -> None:
        for e, entry in enumerate(self.entries):
            entry.write(self.epoch, self.stack.parameters(e))

    def _end_failed(self, losses: list[float]) -> list[Outcome]:
        """End the networks whose loss or parameters are no longer finite; the others go on."""
        sound = [ok and np.isfinite(loss) for ok, loss in zip(self.stack.finite(), losses, strict=True)]
        if all(sound):
            return []
        ended = []
        for entry, ok, seconds in zip(self.entries, sound, self.seconds, strict=True):
            if not ok:
                reason = f"the loss was no longer finite in epoch {self.epoch}"
                entry.finish(seconds, self._device(), failed=reason)
                ended.append(Outcome(entry.network, "failed", seconds, reason))
        left = [(entry, point) for entry, point, ok in zip(self.entries, self._points(), sound, strict=True) if ok]
        if left:
            self._stack(left)
        else:
            self.entries, self.seconds = [], []
        return ended


def _pool(
    groups: list[tuple[Network, ...]], images: Images, task: _Task, workers: int, report: Report
) -> Iterable[Outcome]:
    context = multiprocessing.get_context("spawn")
    told = context.SimpleQueue()

    def listen() -> None:
        while (message := told.get()) is not None:
            report(*message)

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    initial = (images.source, images.checksum, task, told)
    try:
        with ProcessPoolExecutor(workers, mp_context=context, initializer=_enter, initargs=initial) as pool:
            return [outcome for found in pool.map(_work, groups) for outcome in found]
    finally:
        told.put(None)
        listener.join()


_worker: dict[str, Any] = {}


def _enter(source: str, checksum: str, task: _Task, told: Any) -> None:
    torch.set_num_threads(1)
    store.commit()  # the code that trains is the code that was loaded, not what the checkout becomes
    _worker.update(source=source, checksum=checksum, task=task, told=told)


def _work(group: tuple[Network, ...]) -> list[Outcome]:
    if "images" not in _worker:
        _worker["images"] = data.again(_worker["source"], _worker["checksum"])
    return train_group(group, _worker["images"], _worker["task"], lambda *told: _worker["told"].put(told))
