"""How fast networks are trained on the CPU: the engine against an idiomatic PyTorch loop, and beside its floor.

    python benchmarks/bench_training.py

The data are synthetic, of CIFAR-10's size: 50,000 rows of 3,072 pixels, so that memory behaves as it does in a real
run. A measured epoch visits ``SAMPLES`` of them, drawn at random from all.
"""

import multiprocessing
from collections.abc import Iterator
from itertools import islice
from math import isfinite
from multiprocessing.connection import Connection
from typing import Any

import torch
from common import (
    CORES,
    Row,
    Side,
    alternate,
    best_threads,
    copy,
    faster,
    machine,
    product,
    save,
    tried_threads,
    with_threads,
    worth_measuring,
)
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from isoaux.training import autoencoder, engine, threads

BENCH = "training"
ROWS, PIXELS, SAMPLES, BATCH = 50_000, 3072, 2400, 24
RATE, MOMENTUM = 0.08, 0.9
PAIR = ("tanh", "isotanh")
SHAPES = ((18, 0), (18, 3), (32, 0), (32, 3))
COUNTS = (1, 10, 40)
SHARED = (10,)
"""Of these counts, those that are also shared out over one process per core."""
TARGETS = {torch.float64: (4.0, 6.0), torch.float32: (3.0, 5.0)}
"""Ten networks on the CPU: times faster than the idiomatic loop, and the stretch goal."""
SCALED = "the loop trains one network after the other: one tanh and one isotropic tanh measured, the sum scaled"


def name_of(dtype: torch.dtype) -> str:
    """``float64`` or ``float32``."""
    return str(dtype).removeprefix("torch.")


def synthetic(rows: int = ROWS, pixels: int = PIXELS, seed: int = 0) -> Tensor:
    """Bytes like those of pictures: a few smooth components and noise, shape (rows, pixels)."""
    generator = torch.Generator().manual_seed(seed)
    components = torch.rand(12, pixels, generator=generator)
    made = torch.empty(rows, pixels, dtype=torch.uint8)
    for block in made.split(2500):
        mixed = torch.rand(len(block), 12, generator=generator) @ components / 6
        block.copy_((255 * (0.8 * mixed + 0.2 * torch.rand(mixed.shape, generator=generator))).clamp_(0, 255))
    return made


def start(n: int, depth: int, seed: int, dtype: torch.dtype, pixels: int = PIXELS) -> autoencoder.Parameters:
    """A network's initial parameters."""
    made = autoencoder.initial(pixels, n, depth, torch.Generator().manual_seed(seed))
    return {name: value.to(dtype) for name, value in made.items()}


# --- the two sides


def idiomatic(network: nn.Module, optimiser: torch.optim.Optimizer, batches: Iterator[Any], device: str) -> Tensor:
    """Train on batches as most would write it; the loss of every step."""
    losses = []
    for (batch,) in batches:
        seen = batch.to(device, non_blocking=True)
        loss = nn.functional.mse_loss(network(seen), seen)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.detach())
    return torch.stack(losses)


def loader(images: Tensor, generator: torch.Generator | None = None, pin: bool = False) -> DataLoader[Any]:
    """Shuffled batches of float images."""
    return DataLoader(TensorDataset(images), batch_size=BATCH, shuffle=True, generator=generator, pin_memory=pin)


def endless(source: DataLoader[Any]) -> Iterator[Any]:
    """Batches of one epoch after the other, so that a measured turn need not begin where an epoch does."""
    while True:
        yield from source


def loop_side(
    images: Tensor, given: autoencoder.Parameters, activation: str, device: str = "cpu", samples: int = SAMPLES
) -> Side:
    """The idiomatic loop over as many batches as a measured epoch has."""
    network = autoencoder.module(given, activation).to(device)
    optimiser = torch.optim.SGD(network.parameters(), lr=RATE, momentum=MOMENTUM)
    batches = endless(loader(images, pin=device != "cpu"))

    def run() -> None:
        last = idiomatic(network, optimiser, islice(batches, samples // BATCH), device)[-1].item()  # which waits for it
        assert isfinite(last), "the loop diverged"

    run()
    return run


def loop_sides(floats: Tensor, n: int, depth: int, device: str) -> dict[str, Side]:
    """The idiomatic loop for either activation, with every number of threads that may be its best."""
    given = start(n, depth, 0, floats.dtype)
    counts = worth_measuring(loop_side(floats, given, PAIR[0], device, 10 * BATCH))
    sides: dict[str, Side] = {}
    for activation in PAIR:
        sides |= with_threads(activation, loop_side(floats, given, activation, device), counts)
    return sides


def engine_stack(n: int, depth: int, count: int, dtype: torch.dtype, device: str, first: int = 0) -> engine.Stack:
    """Networks ``first`` to ``first + count``: tanh and isotropic tanh of one seed side by side, sharing an order."""
    members = range(first, first + count)
    return engine.stack(
        [start(n, depth, e // 2, dtype) for e in members],
        [PAIR[e % 2] for e in members],
        [e // 2 - first // 2 for e in members],
        learning_rate=RATE,
        momentum=MOMENTUM,
        dtype=dtype,
        device=device,
    )


def engine_side(images: Tensor, stack: engine.Stack, dtype: torch.dtype, samples: int = SAMPLES) -> Side:
    """The engine over one measured epoch, every sample order a random part of all rows."""
    seeds = max(stack.order) + 1
    orders = torch.stack([torch.randperm(len(images))[:samples] for _ in range(seeds)]).to(images.device)
    scale = torch.tensor(1 / 255, dtype=dtype, device=images.device)

    def run() -> None:
        losses = stack.epoch(images, scale, None, orders, BATCH).tolist()  # which waits for the device
        assert all(map(isfinite, losses)), "the engine diverged"

    run()
    return run


# --- one process per core


class Pool:
    """One process per core, each with its share of the networks and one thread."""

    def __init__(self, images: Tensor) -> None:
        context = multiprocessing.get_context("spawn")
        self.ends: list[Connection] = []
        for _ in range(CORES):
            here, there = context.Pipe()
            context.Process(target=serve, args=(there, images), daemon=True).start()
            self.ends.append(here)

    def tell(self, *messages: Any) -> None:
        """Send every process its message and wait until all are done."""
        for end, message in zip(self.ends, messages, strict=True):
            end.send(message)
        for end in self.ends:
            end.recv()

    def side(self, n: int, depth: int, count: int, dtype: torch.dtype) -> Side:
        """The engine over one measured epoch of all networks, seeds shared out over the processes."""
        pairs = [len(range(k, count // 2, CORES)) for k in range(CORES)]
        job = (n, depth, count, name_of(dtype))
        self.tell(*(("prepare", job, 2 * sum(pairs[:k]), 2 * mine) for k, mine in enumerate(pairs)))
        return lambda: self.tell(*[("run", job)] * CORES)


def serve(parent: Connection, images: Tensor) -> None:
    """Prepare and run what the parent asks for, until it is gone."""
    torch.set_num_threads(1)
    jobs: dict[Any, Side] = {}
    while True:
        try:
            kind, job, *share = parent.recv()
        except EOFError:
            return
        if kind == "prepare":
            n, depth, _, dtype_name = job
            first, count = share
            dtype = getattr(torch, dtype_name)
            jobs[job] = (
                engine_side(images, engine_stack(n, depth, count, dtype, "cpu", first), dtype) if count else bool
            )
        else:
            jobs[job]()
        parent.send("done")


# --- floors


def step_operations(n: int, depth: int) -> float:
    """Floating-point operations of one step's products: five between pixels and latents, three per hidden map."""
    return 5 * 2.0 * BATCH * n * PIXELS + 3 * 2.0 * BATCH * n * n * depth


def step_bytes(n: int, depth: int, dtype: torch.dtype) -> float:
    """Bytes that one step must move: parameters and momentum read and written, the batch's pixels read."""
    size = 2 * n * PIXELS + PIXELS + n + depth * (n + 1) * n
    return 4.0 * size * dtype.itemsize + BATCH * PIXELS


def floors(times: dict[str, float], operations: float, moved: float, n: int, depth: int, dtype: torch.dtype) -> Any:
    """Seconds of one step's products at the measured peak, and of its bytes at the measured bandwidth."""
    by_products = step_operations(n, depth) * times["product"] / operations
    by_bytes = step_bytes(n, depth, dtype) * times["copy"] / moved
    return by_products, by_bytes


# --- rows


def measure(images: Tensor, floats: Tensor, pool: Pool, n: int, depth: int, rounds: int) -> list[Row]:
    """All rows of one shape in the arithmetic of ``floats``."""
    dtype = floats.dtype
    gemm, operations = product(dtype)
    move, moved = copy(step_bytes(n, depth, dtype) / 2)
    sides: dict[str, Side] = {"product": gemm, "copy": move} | loop_sides(floats, n, depth, "cpu")
    for count in COUNTS:
        sides[f"one core {count}"] = engine_side(images, engine_stack(n, depth, count, dtype, "cpu"), dtype)
        if count in SHARED:
            sides[f"all cores {count}"] = pool.side(n, depth, count, dtype)
    with threads.limited():
        times = alternate(sides, rounds)
    steps = SAMPLES // BATCH
    by_products, by_bytes = floors(times, operations, moved, n, depth, dtype)
    shape = {"dtype": name_of(dtype), "n": n, "L": depth}
    rows = []
    for count in COUNTS:
        names = PAIR if count > 1 else PAIR[:1]
        best, used = best_threads(times, *names)
        target, stretch = TARGETS[dtype] if count == 10 else (None, None)
        about = f"{SAMPLES} samples a network; the loop: {tried_threads(times, *names, scale=count)}"
        common: dict[str, Any] = shape | {"networks": count, "target": target, "stretch": stretch}
        floor = count * steps * max(by_products, by_bytes)
        more = common | {"floor_s": floor, "note": f"{about}; {SCALED}" if count > 1 else f"{about}; tanh"}
        rows.append(faster(BENCH, "training, one core", (count * best, used), times[f"one core {count}"], **more))
        if count in SHARED:
            more |= {"floor_s": floor / CORES, "isoaux_processes": CORES}
            what = "training, one process per core"
            rows.append(faster(BENCH, what, (count * best, used), times[f"all cores {count}"], **more))
    if (n, depth) == (18, 0):
        rows.append(lone_step(times["one core 1"] / steps, by_products, by_bytes, dtype))
    return rows


def lone_step(step: float, by_products: float, by_bytes: float, dtype: torch.dtype) -> Row:
    """One step of one network beside its floor."""
    floor = max(by_products, by_bytes)
    target, stretch = (2.5, 1.7) if dtype == torch.float64 else (None, None)
    note = (
        f"five products of 2 x {BATCH} x 18 x {PIXELS} operations at the peak of a large square product: "
        f"{by_products * 1e6:.0f} µs; parameters, momentum and pixels moved at the bandwidth of a copy of that size: "
        f"{by_bytes * 1e6:.0f} µs; the floor is the larger"
    )
    return Row(
        BENCH,
        "a lone step beside its floor",
        unit="times its floor",
        dtype=name_of(dtype),
        n=18,
        L=0,
        networks=1,
        isoaux_s=step,
        isoaux_processes=1,
        floor_s=floor,
        value=step / floor,
        target=target,
        stretch=stretch,
        note=note,
    )


def main(rounds: int = 3) -> None:
    """Measure every shape in both arithmetics."""
    about = machine()
    images = synthetic().share_memory_()
    pool = Pool(images)
    rows = []
    for dtype in (torch.float64, torch.float32):
        floats = images.to(dtype).div_(255)
        for n, depth in SHAPES:
            rows += measure(images, floats, pool, n, depth, rounds)
            print(f"measured {name_of(dtype)}, n = {n}, L = {depth}", flush=True)
    save(BENCH, rows, about)


if __name__ == "__main__":
    main()
