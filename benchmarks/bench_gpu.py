"""How fast networks are trained on a GPU, and whether they end where the published CPU ones do.

    [ISOAUX_BENCH_DATASET=folder:PATH] python benchmarks/bench_gpu.py

Without a CUDA device every row is written as open, unless the results already hold rows that a machine with one has
measured. The comparison of a fully trained group needs the images that the published networks were trained on; the
variable names them.
"""

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import product as every
from pathlib import Path
from typing import Any

import numpy as np
import torch
from bench_training import (
    COUNTS,
    MOMENTUM,
    PAIR,
    RATE,
    SAMPLES,
    SCALED,
    SHAPES,
    engine_side,
    engine_stack,
    loop_sides,
    name_of,
    start,
    synthetic,
)
from common import Row, alternate, best_threads, faster, machine, read, save, tried_threads

from isoaux import bases, paper, ppp
from isoaux.common import archive
from isoaux.training import data, engine, snapshots, store, threads
from isoaux.training import train as training

BENCH = "gpu"
DTYPES = (torch.float64, torch.float32)
EPOCHS = 5
"""Measured epochs of every group, after one in which the graph is captured."""
DATASET = "ISOAUX_BENCH_DATASET"
RECORDS = Path(__file__).parents[1] / "book" / "data" / "networks"
COMPARED = ("test_error", "count")


# --- what is asked


def speed_row(dtype: torch.dtype, n: int, depth: int, count: int) -> Row:
    """The row of so many networks of one shape, open."""
    target, stretch = (50.0, 150.0) if count == 10 else (None, None)
    what = "training, GPU"
    size: dict[str, Any] = {"dtype": name_of(dtype), "n": n, "L": depth, "networks": count}
    return Row(BENCH, what, **size, target=target, stretch=stretch)


def total_row(dtype: torch.dtype) -> Row:
    """The row of all networks of the paper, open."""
    target, stretch = (20.0, 8.0) if dtype == torch.float64 else (None, None)
    size: dict[str, Any] = {"dtype": name_of(dtype), "networks": len(all_networks(dtype))}
    return Row(BENCH, "all networks of the paper, GPU", unit="minutes", **size, target=target, stretch=stretch)


def agreement_row(activation: str, statistic: str) -> Row:
    """The row that compares a fully trained group with the published one, open."""
    what = (
        f"{'test error' if statistic == 'test_error' else 'PPP count'} after 125 epochs, GPU against CPU, {activation}"
    )
    return Row(BENCH, what, unit="standard deviations", dtype="float64", n=18, L=0, networks=5)


def open_rows() -> list[Row]:
    """Every row of this bench, not measured."""
    speeds = [speed_row(dtype, n, depth, count) for dtype, (n, depth), count in every(DTYPES, SHAPES, COUNTS)]
    totals = [total_row(dtype) for dtype in DTYPES]
    return speeds + totals + [agreement_row(*pair) for pair in every(PAIR, COMPARED)]


def all_networks(dtype: torch.dtype) -> tuple[paper.Network, ...]:
    """Every network of the paper's figures."""
    seeds = paper.PROFILES["paper"].seeds
    return tuple(paper.Network(c, s, dtype=name_of(dtype)) for c in paper.configurations() for s in seeds)


# --- how it is measured


def measure_shape(
    images: torch.Tensor, floats: torch.Tensor, n: int, depth: int, rounds: int, device: str = "cuda"
) -> list[Row]:
    """All rows of one shape in the arithmetic of ``floats``, which stay in the host's memory as usual."""
    dtype = floats.dtype
    pixels = images.to(device)
    sides = loop_sides(floats, n, depth, device)
    for count in COUNTS:
        sides[f"engine {count}"] = engine_side(pixels, engine_stack(n, depth, count, dtype, device), dtype)
    with threads.limited():
        times = alternate(sides, rounds)
    rows = []
    for count in COUNTS:
        names = PAIR if count > 1 else PAIR[:1]
        best, used = best_threads(times, *names)
        blank = speed_row(dtype, n, depth, count)
        note = f"{SAMPLES} samples a network; the loop: {tried_threads(times, *names, scale=count)}"
        more = {name: getattr(blank, name) for name in ("dtype", "n", "L", "networks", "target", "stretch")}
        note = f"{note}; {SCALED}" if count > 1 else note
        rows.append(faster(BENCH, blank.what, (count * best, used), times[f"engine {count}"], note=note, **more))
    return rows


def group_seconds(group: Sequence[paper.Network], pixels: torch.Tensor) -> float:
    """Seconds per epoch of networks trained in step, over ``EPOCHS`` whole epochs."""
    c, dtype = group[0].configuration, getattr(torch, group[0].dtype)
    members = sorted(group, key=lambda network: (network.configuration.activation, network.seed))
    stack = engine.stack(
        [start(c.n, c.L, network.seed, dtype, pixels.shape[1]) for network in members],
        [network.configuration.activation for network in members],
        [network.seed for network in members],
        learning_rate=RATE,
        momentum=MOMENTUM,
        dtype=dtype,
        device=pixels.device,
    )
    scale = torch.tensor(1 / 255, dtype=dtype, device=pixels.device).expand(pixels.shape[1] if c.normalised else 1)
    offset = torch.full_like(scale, -0.5) if c.normalised else None
    seeds = max(network.seed for network in members) + 1
    began = 0.0
    for epoch in range(1 + EPOCHS):
        if epoch == 1:
            began = time.perf_counter()
        orders = torch.stack([torch.randperm(len(pixels)) for _ in range(seeds)]).to(pixels.device)
        stack.epoch(pixels, scale, offset, orders, group[0].recipe.batch_size).tolist()
    return (time.perf_counter() - began) / EPOCHS


def measure_total(dtype: torch.dtype) -> Row:
    """The time of all networks, every group extrapolated from its own epochs."""
    pixels = {"cifar": synthetic().cuda(), "mnist": synthetic(60_000, 784).cuda()}
    groups = paper.by_shape(all_networks(dtype))
    seconds = sum(g[0].recipe.epochs * group_seconds(g, pixels[g[0].configuration.dataset]) for g in groups)
    note = f"{len(groups)} groups, each extrapolated from {EPOCHS} whole epochs; no snapshots, no measurements"
    return replace(total_row(dtype), isoaux_s=seconds, isoaux_processes=1, value=seconds / 60, note=note)


def measure_agreement(device: str = "cuda") -> list[Row]:
    """Train the group of Figure 1 to the end and compare its last checkpoint with the published records."""
    rows = {pair: agreement_row(*pair) for pair in every(PAIR, COMPARED)}
    source = os.environ.get(DATASET)
    records = {a: archive.read(RECORDS / f"cifar-U-{a}-n18-L0") for a in PAIR}
    if source is None or data.load(source).checksum != records["tanh"].facts["checksum"]:
        why = f"needs {DATASET}, the images that the published networks were trained on"
        return [replace(row, note=why) for row in rows.values()]
    images = data.load(source)
    wanted = paper.networks(paper.figure("fig01"), paper.Recipe(), paper.PROFILES["paper"].seeds, "float64")
    with tempfile.TemporaryDirectory() as folder:  # not the store: what a CPU has trained there would be taken
        training.train(wanted, images, device=device, root=Path(folder))
        ends = {n: last_checkpoint(store.Entry(n, images.checksum, Path(folder)), images) for n in wanted}
    for activation, statistic in rows:
        ours = [end[statistic] for n, end in ends.items() if n.configuration.activation == activation]
        theirs = records[activation][statistic][:, -1].reshape(-1)
        gap = abs(np.mean(ours) - theirs.mean()) / theirs.std(ddof=1)
        note = f"mean of five seeds {np.mean(ours):.6g}, published {theirs.mean():.6g}"
        pair = activation, statistic
        rows[pair] = replace(rows[pair], value=float(gap), note=f"{note}; in units of the published seeds' scatter")
    return list(rows.values())


def last_checkpoint(entry: store.Entry, images: data.Images) -> dict[str, float]:
    """Test error and PPP count of a trained network, as they are published."""
    found, errors = snapshots.latents(entry, images)
    z = found[-1][0]
    count = len(ppp.project(z, bases.standard(z.shape[1]), 0.75).points)
    return {"test_error": float(errors["test_error"][-1]), "count": float(count)}


def main(rounds: int = 4) -> None:
    """Measure everything on the GPU, or leave it open."""
    if not torch.cuda.is_available():
        if any(row["bench"] == BENCH and row["value"] is not None for row in read()["rows"]):
            print("no CUDA device here: the rows that another machine has measured are kept")
        else:
            save(BENCH, open_rows(), machine())
        return
    about = machine()
    images = synthetic()
    rows = []
    for dtype in DTYPES:
        floats = images.to(dtype).div_(255)
        for n, depth in SHAPES:
            rows += measure_shape(images, floats, n, depth, rounds)
    rows += [measure_total(dtype) for dtype in DTYPES]
    save(BENCH, rows + measure_agreement(), about)


if __name__ == "__main__":
    main()
