"""Training of networks of one shape together, each from its last stored epoch to the end (App. E).

Seed s gives every network the same initial weights and the same sample order, whatever its activation, so that
compared activations are paired. The sample order of an epoch follows from the seed and the epoch alone, so a
resumed run sees the batches that an uninterrupted one would have seen.
"""

import gc
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from filelock import Timeout

from isoaux import bases
from isoaux.bases.arrangements import STARTS
from isoaux.paper import Classifier, Network
from isoaux.training import autoencoder, classifier, engine, replacement, store, threads
from isoaux.training.classifier import ClassifierStack
from isoaux.training.data import Images

RESUME_EVERY = 60.0
"""Seconds after which a resume point is written at the next epoch's end."""

HELD, SPENT = "another process is training it", "the budget was spent before"
"""Why a network is paused of which nothing was trained now."""

STOPPED = "training was stopped"
"""Why a network is paused, with the epoch after which it was left."""

NO_MEMORY = (
    "out of memory",
    "status_alloc_failed",  # of cuBLAS and its kin
    "cublas_status_not_initialized",  # no room for the first thing that it needs
    "can't allocate memory",
    "not enough memory",
)
"""Parts, in small letters, of messages of devices and libraries that have no memory left."""

Report = Callable[[str, int, float], None]
"""A function that is called after every epoch of every network with its name, the epoch and the mean loss."""


@dataclass(frozen=True)
class Outcome:
    """How the training of one network ended, after how many seconds, and the reason.

    ``failed``: its loss stopped being finite, for good. ``paused``: the budget was spent. ``broken``: something around
    it broke (a full disk, a process that died, no memory); a later call goes on from the last resume point.
    """

    network: Network
    state: Literal["complete", "failed", "paused", "broken"]
    seconds: float
    reason: str = ""


def ended(state: Literal["paused", "broken"], networks: Sequence[Network], reason: str) -> list[Outcome]:
    """Outcomes of one state and reason, of 0 seconds, for networks that were not trained now."""
    return [Outcome(network, state, 0.0, reason) for network in networks]


def seed_sequence(network: Network, *stream: int) -> np.random.SeedSequence:
    """The random stream of a network's seed.

    ``stream`` 0 is for the initial weights, (1, epoch) for a sample order, (2, k) for a basis.
    """
    return np.random.SeedSequence([network.seed, *stream])


def initial_parameters(network: Network, d: int) -> autoencoder.Parameters:
    """Parameters of a network of ``d`` pixels before training, in its dtype; the same for every activation.

    With them come the :func:`privileged` bases, if any.
    """
    c = network.configuration
    seed = int(seed_sequence(network, 0).generate_state(1, np.uint64)[0] >> np.uint64(1))
    generator = torch.Generator().manual_seed(seed)
    if isinstance(c, Classifier):
        parameters = classifier.initial(d, c, generator)
    else:
        parameters = autoencoder.initial(d, c.n, c.L, generator, c.hidden)
    return {name: value.to(getattr(torch, network.dtype)) for name, value in parameters.items()} | privileged(network)


def privileged(network: Network) -> autoencoder.Parameters:
    """The Thomson-like bases ``basis.k`` of a network's activations, in float64; none without bases.

    Each is drawn from the network's seed, its turn too, independently of weights and order. Those of hidden layers are
    the end of a single random start.
    """
    c = network.configuration
    last = len(c.hidden) + c.L
    made: autoencoder.Parameters = {}
    for k, (m, width) in enumerate(zip(c.vectors_by_layer, c.widths, strict=False)):
        starts = STARTS if len(c.hidden) <= k <= last else 1
        made[f"basis.{k}"] = torch.from_numpy(bases.thomson(m, width, seed_sequence(network, 2, k), starts))
    return made


def sample_order(network: Network, epoch: int, samples: int) -> torch.Tensor:
    """The order, a permutation (samples,), in which an epoch visits the samples; the first epoch is 1."""
    return torch.from_numpy(np.random.default_rng(seed_sequence(network, 1, epoch)).permutation(samples))


def never() -> bool:
    """False: training goes on until its last epoch, or its deadline."""
    return False


@dataclass(frozen=True)
class Task:
    """What all groups of a run have in common.

    ``deadline`` is a time of ``time.monotonic()``, which all processes of a machine share; ``root`` is the folder of
    the store; a resume point is written at the end of an epoch after ``resume_every`` seconds. ``again`` holds, by key,
    the networks that are trained though the store has them, with the mark of the record that each is to replace.
    ``patient`` says that a network which another process holds is waited for, until the deadline; ``stopped`` is asked
    at the end of every epoch whether training is to be left there.
    """

    device: str = "cpu"
    deadline: float | None = None
    root: Path | None = None
    resume_every: float = RESUME_EVERY
    again: Mapping[str, replacement.Mark | None] = field(default_factory=dict)
    patient: bool = True
    stopped: Callable[[], bool] = never


def train_group(networks: Sequence[Network], images: Images, task: Task, report: Report) -> list[Outcome]:
    """Outcomes of networks of one shape, which are trained in step, each from where it was left.

    Where the device has not enough memory for all of them, they are trained in two halves, and so on. Any other
    error of the disk or the device makes ``broken`` those that have not ended before.
    """
    if task.deadline is not None and time.monotonic() > task.deadline:
        return ended("paused", networks, SPENT)
    outcomes: list[Outcome] = []
    try:
        for outcome in _train_together(networks, images, task, report):
            outcomes.append(outcome)
        return outcomes
    except Timeout:
        return ended("paused", networks, HELD)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise  # the process that the report was for is gone
    except (OSError, RuntimeError, MemoryError) as error:
        left = _others(networks, outcomes)
        if len(left) <= 1 or not _out_of_memory(error):
            return outcomes + ended("broken", left, _first_line(error))
    # only here is what the failed attempt held free again
    gc.collect()
    if task.device == "cuda":
        torch.cuda.empty_cache()
    half = len(left) // 2
    message = f"{len(left)} networks of one shape do not fit into the memory of the device; training them by halves."
    warnings.warn(message, RuntimeWarning, stacklevel=2)
    return outcomes + [o for part in (left[:half], left[half:]) for o in train_group(part, images, task, report)]


def _others(networks: Sequence[Network], outcomes: Sequence[Outcome]) -> list[Network]:
    """The networks that have no outcome yet."""
    ended_before = {outcome.network for outcome in outcomes}
    return [network for network in networks if network not in ended_before]


def _first_line(error: Exception) -> str:
    return next(iter(str(error).rstrip(".").splitlines()), type(error).__name__)


def _out_of_memory(error: BaseException | None) -> bool:
    """Whether an error, or one that it was raised because of, says that memory ran out."""
    while error is not None:
        if isinstance(error, (torch.cuda.OutOfMemoryError, MemoryError)):
            return True
        if isinstance(error, RuntimeError) and any(words in str(error).lower() for words in NO_MEMORY):
            return True
        error = error.__cause__ or error.__context__
    return False


def _train_together(networks: Sequence[Network], images: Images, task: Task, report: Report) -> Iterator[Outcome]:
    entries = [store.Entry(n, images.checksum, task.root) for n in networks]
    places = {entry.network: entry for entry in entries}
    with store.locked(entries, task.deadline if task.patient else 0), threads.limited():
        starts: dict[int, list[tuple[store.Entry, store.Resume]]] = {}
        for entry in entries:
            settled = replacement.settle(entry)
            entry.sweep()
            asked_for = entry.key in task.again and not settled and replacement.mark(entry) == task.again[entry.key]
            if asked_for:
                entry = replacement.beside(entry)
            elif entry.verify():  # another process was faster
                yield Outcome(entry.network, "complete", entry.about.get("seconds", 0.0))
                continue
            elif entry.state() == "failed":
                about = entry.about
                yield Outcome(entry.network, "failed", about["seconds"], about["failed"])
                continue
            entry.begin()
            point = _start(entry, images.d)
            starts.setdefault(point.epoch, []).append((entry, point))
        for epoch in sorted(starts):
            for outcome in _Run(starts[epoch], images, task, report).run():
                if outcome.state in ("complete", "failed"):
                    replacement.settle(places[outcome.network])
                yield outcome


def _start(entry: store.Entry, d: int) -> store.Resume:
    try:
        point = entry.resume()
    except store.Damaged as damaged:
        warnings.warn(str(damaged), RuntimeWarning, stacklevel=2)
        point = None
    if point and entry.has(e for e in entry.network.recipe.checkpoints if e <= point.epoch):
        return point
    parameters = initial_parameters(entry.network, d)
    trained = {name: p for name, p in parameters.items() if not name.startswith("basis.")}
    return store.Resume(0, 0.0, parameters, {name: torch.zeros_like(p) for name, p in trained.items()})


class _Run:
    """Networks of one shape on their way from one common epoch to the last."""

    def __init__(
        self, starts: list[tuple[store.Entry, store.Resume]], images: Images, task: Task, report: Report
    ) -> None:
        self.task, self.report = task, report
        self.epoch = starts[0][1].epoch
        first = starts[0][0].network
        self.recipe, self.dtype = first.recipe, getattr(torch, first.dtype)
        scale, offset = images.affine(first.configuration.normalised, first.configuration.symmetric)
        self.pixels = torch.from_numpy(images.train).to(task.device)
        self.scale = torch.from_numpy(scale).to(task.device, self.dtype)
        self.offset = None if offset is None else torch.from_numpy(offset).to(task.device, self.dtype)
        c = first.configuration
        self.labels = classifier.labels_for(images, c.classes) if isinstance(c, Classifier) else None
        self._stack(
            sorted(starts, key=lambda start: (start[0].network.configuration.activation, start[0].network.seed))
        )

    def _stack(self, starts: list[tuple[store.Entry, store.Resume]]) -> None:
        self.entries = [entry for entry, _ in starts]
        self.seconds = [point.seconds for _, point in starts]
        self.work = [point.work for _, point in starts]  # before this process
        seeds = sorted({entry.network.seed for entry in self.entries})
        self.leaders = [next(e.network for e in self.entries if e.network.seed == seed) for seed in seeds]
        parameters = [point.parameters for _, point in starts]
        activations = [entry.network.configuration.activation for entry in self.entries]
        order = [seeds.index(entry.network.seed) for entry in self.entries]
        step: dict[str, Any] = {"learning_rate": self.recipe.learning_rate, "momentum": self.recipe.momentum}
        step |= {"dtype": self.dtype, "device": self.task.device}
        self.stack: engine.Stack | ClassifierStack
        if self.labels is None:
            layer = self.entries[0].network.configuration.map
            self.stack = engine.stack(parameters, activations, order, map=layer, **step)
        else:
            self.stack = ClassifierStack(parameters, activations, order, self.labels, **step)
        self.stack.load([point.parameters for _, point in starts], [point.velocities for _, point in starts])

    def _points(self) -> list[store.Resume]:
        return [
            store.Resume(self.epoch, self.seconds[e], self.stack.parameters(e), self.stack.velocities(e), self.work[e])
            for e in range(len(self.entries))
        ]

    def _train(self, orders: torch.Tensor) -> torch.Tensor:
        return self.stack.epoch(self.pixels, self.scale, self.offset, orders, self.recipe.batch_size)

    def _orders(self) -> torch.Tensor:
        orders = [sample_order(leader, self.epoch + 1, len(self.pixels)) for leader in self.leaders]
        return torch.stack(orders).to(self.task.device)

    def _rehearse(self) -> float:
        """Seconds that an epoch will take, from its last few steps, which are then taken back.

        They are made twice: whatever has to be compiled or captured first, the short last batch too, is no part of an
        epoch.
        """
        points, orders = self._points(), self._orders()
        batches = -(-orders.shape[1] // self.recipe.batch_size)
        steps = min(30, batches)
        few = orders[:, (batches - steps) * self.recipe.batch_size :].contiguous()
        self._train(few).tolist()
        started = time.perf_counter()
        self._train(few).tolist()
        took = time.perf_counter() - started
        self.stack.load([p.parameters for p in points], [p.velocities for p in points])
        return took / steps * batches

    def run(self) -> Iterator[Outcome]:
        """Outcomes of the networks, each when it has ended, at the last epoch or the deadline."""
        if self.epoch == 0:
            self._snapshot()
        saved = time.monotonic()
        expected = 0.0 if self.task.deadline is None else self._rehearse()
        while self.entries and self.epoch < self.recipe.epochs:
            if reason := self._reason_to_leave(expected):
                self._save()
                for entry, seconds in zip(self.entries, self.seconds, strict=True):
                    yield Outcome(entry.network, "paused", seconds, reason)
                return
            started = time.perf_counter()
            losses = self._train(self._orders()).tolist()
            expected = time.perf_counter() - started
            self.epoch += 1
            self.seconds = [s + expected / len(self.entries) for s in self.seconds]
            for entry, loss in zip(self.entries, losses, strict=True):
                self.report(entry.network.id, self.epoch, loss)
            failed = self._end_failed(losses)
            yield from failed
            if self.epoch in self.recipe.checkpoints:
                self._snapshot()
            if time.monotonic() - saved >= self.task.resume_every and self.epoch < self.recipe.epochs:
                self._save()
                saved = time.monotonic()
            if failed and self.entries and self.task.deadline is not None and self.epoch < self.recipe.epochs:
                expected = self._rehearse()  # the networks that are left are another stack
        for entry, seconds, work in zip(self.entries, self.seconds, self.work, strict=True):
            entry.finish(seconds, self._device(), work=work)
            yield Outcome(entry.network, "complete", seconds)

    def _reason_to_leave(self, expected: float) -> str:
        """Why training is left after this epoch, where the next takes so many seconds; empty where it goes on."""
        if self.task.stopped():
            return f"{STOPPED} after epoch {self.epoch}"
        if self.task.deadline is not None and time.monotonic() + 1.1 * expected > self.task.deadline:
            return f"left after epoch {self.epoch}, an epoch takes about {expected:.2g} s"
        return ""

    def _device(self) -> str:
        return torch.cuda.get_device_name() if self.task.device == "cuda" else "cpu"

    def _save(self) -> None:
        for entry, point in zip(self.entries, self._points(), strict=True):
            entry.write_resume(replace(point, work=tuple(store.worked(point.work, self._device(), self.epoch))))

    def _snapshot(self) -> None:
        for e, entry in enumerate(self.entries):
            entry.write(self.epoch, self.stack.parameters(e))

    def _end_failed(self, losses: list[float]) -> list[Outcome]:
        """Outcomes of the networks whose loss or parameters are no longer finite; the others stay in the stack."""
        sound = [ok and np.isfinite(loss) for ok, loss in zip(self.stack.finite(), losses, strict=True)]
        if all(sound):
            return []
        failed = []
        for entry, ok, seconds, work in zip(self.entries, sound, self.seconds, self.work, strict=True):
            if not ok:
                reason = f"the loss was no longer finite in epoch {self.epoch}"
                entry.finish(seconds, self._device(), failed=reason, work=work, epoch=self.epoch)
                failed.append(Outcome(entry.network, "failed", seconds, reason))
        left = [(entry, point) for entry, point, ok in zip(self.entries, self._points(), sound, strict=True) if ok]
        if left:
            del self.stack  # there may not be room for both
            if self.task.device == "cuda":
                torch.cuda.empty_cache()
            self._stack(left)
        else:
            self.entries, self.seconds, self.work = [], [], []
        return failed
