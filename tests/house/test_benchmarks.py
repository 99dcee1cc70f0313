"""The benchmarks compare like with like, and their committed results are whole. Nothing is timed here."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

import bench_density
import bench_explorer
import bench_gpu
import bench_ppp
import bench_training
import common
import numpy as np
import pytest
import torch
from roots import ROOT

from isoaux import density, ppp, srm
from isoaux.training import autoencoder, engine

RESULTS: dict[str, Any] = json.loads((ROOT / "benchmarks" / "results.json").read_text("utf8"))
ROWS: list[dict[str, Any]] = RESULTS["rows"]


# --- both sides do the same work


@pytest.mark.parametrize("dtype", bench_training.TARGETS, ids=bench_training.name_of)
@pytest.mark.parametrize("depth", [0, 2])
@pytest.mark.parametrize("activation", bench_training.PAIR)
def test_the_idiomatic_loop_and_the_engine_train_alike(activation: str, depth: int, dtype: torch.dtype) -> None:
    pixels = bench_training.synthetic(60, 40)
    given = bench_training.start(5, depth, 0, dtype, 40)
    floats = pixels.to(dtype).div_(255)
    batches = list(bench_training.loader(floats, torch.Generator().manual_seed(3)))
    network = autoencoder.module(given, activation)
    optimiser = torch.optim.SGD(network.parameters(), lr=bench_training.RATE, momentum=bench_training.MOMENTUM)
    losses = bench_training.idiomatic(network, optimiser, iter(batches), "cpu")
    visits = order_of(torch.cat([batch for (batch,) in batches]), floats)
    stack = engine.stack(
        [given],
        [activation],
        [0],
        learning_rate=bench_training.RATE,
        momentum=bench_training.MOMENTUM,
        dtype=dtype,
    )
    scale = torch.tensor(1 / 255, dtype=dtype)
    steps = visits.split(bench_training.BATCH)
    ours = [float(stack.epoch(pixels, scale, None, step[None], bench_training.BATCH)) for step in steps]
    assert len(losses) == len(ours) == 3
    np.testing.assert_allclose(losses.tolist(), ours, rtol=1e-12 if dtype == torch.float64 else 1e-5)


def order_of(visited: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
    """The rows of ``images`` that were visited, each once."""
    same = (visited[:, None] == images).all(-1)
    assert same.sum() == len(images)
    return same.int().argmax(1)


def test_ten_networks_are_five_pairs_that_share_their_orders() -> None:
    stack = bench_training.engine_stack(3, 0, 10, torch.float64, "cpu")
    assert stack.activations == ["tanh", "isotanh"] * 5
    assert stack.order == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert torch.equal(stack.parameters(2)["encoder.weight"], stack.parameters(3)["encoder.weight"])


def test_processes_share_out_all_seeds() -> None:
    parts = [bench_training.engine_stack(3, 0, count, torch.float64, "cpu", first) for first, count in ((0, 6), (6, 4))]
    whole = bench_training.engine_stack(3, 0, 10, torch.float64, "cpu")
    weights = [part.parameters(e)["encoder.weight"] for part in parts for e in range(len(part))]
    assert all(torch.equal(weight, whole.parameters(e)["encoder.weight"]) for e, weight in enumerate(weights))


@pytest.mark.parametrize("kind", bench_ppp.TARGETS)
def test_the_loop_over_planes_keeps_the_same_points(kind: str) -> None:
    rng = np.random.default_rng(1)
    basis = np.eye(6) if kind == "standard" else bench_ppp.oblique(6, rng)
    for cloud in bench_ppp.clouds(6, rng, 200).values():
        wanted, found = bench_ppp.plane_by_plane(cloud, basis), ppp.project(cloud, basis, bench_ppp.EPSILON).points
        assert len(wanted) == len(found) > 100
        np.testing.assert_allclose(np.linalg.norm(wanted, axis=1), np.linalg.norm(found, axis=1), rtol=1e-9)


@pytest.mark.parametrize("method", density.METHODS)
def test_one_gaussian_after_the_other_gives_the_same_image(method: str) -> None:
    points = np.random.default_rng(2).standard_normal((50, 2))
    wanted = bench_density.one_by_one(points, 3.0, 60, 0.03)
    found = density.render(points, 3.0, 60, 0.03, method)
    np.testing.assert_allclose(found, wanted, atol=1e-9 if method == "exact" else 5e-4 * wanted.max())


def test_turning_the_spotlight_gives_the_same_shares() -> None:
    cloud, angles = np.random.default_rng(3).standard_normal((400, 5)), np.linspace(0, 6, 13)
    wanted = bench_explorer.angle_by_angle(cloud, np.eye(5), angles)
    found = srm.spotlight(cloud, np.eye(5), bench_explorer.EPSILON, angles=angles).mean(0)
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    assert wanted.min() > 0


def test_the_explorer_is_as_fast_as_its_slower_network() -> None:
    row = bench_explorer.slowest("x", {"cifar-U-tanh-n18-L0": 3.0, "cifar-U-isotanh-n18-L0": 2.0}, 8.0, "; y")
    assert (row.value, row.unit, row.target, row.note) == (3.0, "ms", 8.0, "tanh 3.0 ms, isotanh 2.0 ms; y")


# --- the arithmetic of the results


def test_the_best_turn_counts_and_every_side_has_its_turns() -> None:
    calls = {"a": 0, "b": 0}

    def side(name: str) -> common.Side:
        def run() -> None:
            calls[name] += 1

        return run

    times = common.alternate({name: side(name) for name in calls}, rounds=3, least=0)
    assert calls == {"a": 3, "b": 3}
    assert set(times) == {"a", "b"} and all(0 <= t < float("inf") for t in times.values())


def test_a_naive_side_is_given_its_best_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(common, "CORES", 4)
    times = {"x/1": 2.0, "x/4": 3.0, "y/1": 4.0, "y/4": 1.0, "z/4": 5.0}
    assert common.best_threads(times, "x") == (2.0, 1)
    assert common.best_threads(times, "x", "y") == (2.0, 4)
    assert common.best_threads(times, "z") == (5.0, 4)
    assert common.tried_threads(times, "z") == "much longer with 1 thread, 5 s with 4 threads"


def test_results_of_one_bench_leave_the_others_alone(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    common.save("b", [common.Row("b", "old"), common.Row("b", "older")], {"cpu": "1"}, path)
    common.save("a", [common.faster("a", "x", (3.00004, 2), 2.00004)], {"cpu": "2"}, path)
    common.save("b", [common.Row("b", "new")], {"cpu": "3"}, path)
    found = common.read(path)
    assert [row["what"] for row in found["rows"]] == ["x", "new"]
    assert found["machines"] == {"a": {"cpu": "2"}, "b": {"cpu": "3"}}
    assert found["rows"][0] | {"ratio": 1.5, "value": 1.5, "naive_s": 3.0, "isoaux_s": 2.0} == found["rows"][0]
    assert list(tmp_path.iterdir()) == [path]


# --- the committed results


def named(bench: str, what: str = "", **facts: Any) -> Iterator[dict[str, Any]]:
    """The rows of a bench whose description starts so and that have these facts."""
    for row in ROWS:
        fits = row["bench"] == bench and row["what"].startswith(what)
        if fits and all(row[name] == value for name, value in facts.items()):
            yield row


def test_every_row_has_the_same_fields_and_its_bench_a_machine() -> None:
    fields = set(asdict(common.Row("", "")))
    for row in ROWS:
        assert set(row) == fields
        about = RESULTS["machines"][row["bench"]]
        assert about["cpu"] and about["cores"] and about["memory_GB"] and "gpu" in about
        assert {"python", "numpy", "scipy", "torch", "numba"} <= set(about["versions"])


def test_ratios_follow_from_the_times_beside_them() -> None:
    ratios = [row for row in ROWS if row["ratio"] is not None]
    assert ratios
    for row in ratios:
        assert row["ratio"] == pytest.approx(row["naive_s"] / row["isoaux_s"], rel=1e-3)
        assert row["unit"] == "times faster" and row["value"] == row["ratio"]
    for row in ROWS:
        assert (row["ratio"] is None) == (row["naive_s"] is None or row["isoaux_s"] is None)
        if row["unit"] == "times its floor" and row["value"] is not None:
            assert row["value"] == pytest.approx(row["isoaux_s"] / row["floor_s"], rel=1e-3)
        if row["unit"] == "minutes" and row["value"] is not None:
            assert row["value"] == pytest.approx(row["isoaux_s"] / 60, rel=1e-3)


def test_threads_are_recorded() -> None:
    for row in ROWS:
        assert (row["naive_s"] is None) == (row["naive_threads"] is None), row["what"]
        assert (row["isoaux_s"] is None) == (row["isoaux_processes"] is None), row["what"]


SIZES = list(product(("float64", "float32"), (18, 32), (0, 3), (1, 10, 40)))


@pytest.mark.parametrize(("dtype", "n", "L", "networks"), SIZES)
def test_training_has_every_row(dtype: str, n: int, L: int, networks: int) -> None:
    facts = {"dtype": dtype, "n": n, "L": L, "networks": networks}
    cores = list(named("training", "training, one core", **facts))
    if networks == 10:
        cores += named("training", "training, one process per core", **facts)
    assert len(cores) == 1 + (networks == 10)
    goals = {"float64": (4, 6), "float32": (3, 5)}[dtype] if networks == 10 else (None, None)
    for row in cores:
        assert row["ratio"] is not None and row["floor_s"] is not None
        assert (row["target"], row["stretch"]) == goals
    (gpu,) = named("gpu", "training, GPU", **facts)
    assert (gpu["target"], gpu["stretch"]) == ((50, 150) if networks == 10 else (None, None))


def test_a_lone_step_stands_beside_its_floor() -> None:
    (row,) = named("training", "a lone step", dtype="float64")
    assert (row["target"], row["stretch"], row["unit"]) == (2.5, 1.7, "times its floor")


def test_the_gpu_rows_are_all_there_measured_or_open() -> None:
    (row,) = named("gpu", "all networks of the paper", dtype="float64")
    assert (row["networks"], row["target"], row["stretch"], row["unit"]) == (410, 20, 8, "minutes")
    assert {row["what"] for row in named("gpu")} == {row.what for row in bench_gpu.open_rows()}
    assert len(list(named("gpu"))) == len(bench_gpu.open_rows())
    if RESULTS["machines"]["gpu"]["gpu"] is None:
        assert all(row["value"] is None for row in named("gpu"))


@pytest.mark.parametrize(("kind", "goals"), [("standard", (50, 100)), ("not orthogonal", (40, 80))])
@pytest.mark.parametrize("n", [18, 24, 32])
def test_ppp_has_every_row(n: int, kind: str, goals: tuple[float, float]) -> None:
    rows = list(named("ppp", f"project 50,000 x {n}, {kind} basis", n=n))
    assert len(rows) >= 2
    for row in rows:
        assert row["ratio"] is not None and row["floor_s"] is not None
        assert (row["target"], row["stretch"]) == (goals if n == 18 else (None, None))


@pytest.mark.parametrize(("method", "goals"), [("exact", (50, 200)), ("binned", (1000, 5000))])
def test_the_density_has_both_rows(method: str, goals: tuple[float, float]) -> None:
    (row,) = named("density", f"render 50,000 points, 200 x 200, {method}")
    assert row["ratio"] is not None and row["floor_s"] is not None
    assert (row["target"], row["stretch"]) == goals


def test_the_memory_of_forty_networks_is_there() -> None:
    row = next(named("memory", networks=40))
    assert (row["unit"], row["target"]) == ("GB", 8)
    assert row["value"] is not None


def test_a_file_larger_than_memory_is_opened_and_reported_within_one_gigabyte() -> None:
    rows = [row for row in named("opening") if row["unit"] == "GB"]
    assert len(rows) == 2 and all(row["target"] == 1 and row["value"] is not None for row in rows)
    assert next(named("opening", "memory of capturing"))["value"] is not None


def test_slices_and_segments_have_every_row() -> None:
    goals = {
        "a slice of": [3.0, 1.5],
        "the first slice": [1.5],
        "crossings of 300 segments through 192 neurons": [3.0],
        "the first picture of a slice in the page": [0.3],
    }
    for what, targets in goals.items():
        rows = list(named("polytopes", what))
        assert [row["target"] for row in rows] == targets and all(row["value"] is not None for row in rows)


def test_no_killed_publication_ended_otherwise() -> None:
    rows = list(named("killed publications"))
    kills = [int(row["note"].split()[0]) for row in rows]
    assert sum(kills) >= 200 and all(row["value"] == 0 for row in rows)


# --- the page


def test_the_page_shows_goals_as_met_missed_or_open() -> None:
    isoaux_speed = pytest.importorskip("isoaux_speed")
    assert (
        isoaux_speed.words_goal({"value": 7.0, "unit": "times faster", "target": 4, "stretch": 6}) == "stretch goal met"
    )
    assert isoaux_speed.words_goal({"value": 5.0, "unit": "times faster", "target": 4, "stretch": 6}) == "met"
    assert isoaux_speed.words_goal({"value": 3.0, "unit": "times faster", "target": 4, "stretch": 6}) == "missed"
    assert (
        isoaux_speed.words_goal({"value": 1.6, "unit": "times its floor", "target": 2.5, "stretch": 1.7})
        == "stretch goal met"
    )
    assert isoaux_speed.words_goal({"value": 9.0, "unit": "GB", "target": 8, "stretch": None}) == "missed"
    assert isoaux_speed.words_goal({"value": None, "unit": "minutes", "target": 20, "stretch": 8}) == "open"


def test_bars_start_at_the_target() -> None:
    isoaux_speed = pytest.importorskip("isoaux_speed")
    row = {"value": 40.0, "unit": "times faster", "target": 4, "stretch": 6, "what": "a < b", "dtype": None}
    row |= {"n": None, "L": None, "networks": None}
    assert isoaux_speed.times_better(row) == 10.0
    assert isoaux_speed.times_better(row | {"value": 10.0, "unit": "s", "target": 5.0}) == 0.5
    assert isoaux_speed.times_better(row | {"value": 0.0, "target": 0.0}) is None
    bar = isoaux_speed.SpeedBars.bar(row)  # three decades: the target at 1/3, ten times better at 2/3
    assert "--from:33.33%;--size:33.33%;--target:33.33%" in bar and 'class="met"' in bar and "a &lt; b" in bar
    bar = isoaux_speed.SpeedBars.bar(row | {"value": 0.04})  # beyond the left end
    assert "--from:0.00%;--size:33.33%" in bar and 'class="missed"' in bar and "missed, target at least 4" in bar


def test_the_page_types_no_number_of_speed_by_hand() -> None:
    text = (ROOT / "book" / "speed.md").read_text("utf8")
    assert text.count("```{speed-table}") >= 2
    import re

    assert not re.search(r"\d+(\.\d+)?\s*(times|x\b|×|ms\b|GB\b)", text)


def test_the_explorer_has_a_row_for_every_goal() -> None:
    goals = {row["what"]: (row["target"], row["unit"]) for row in named("explorer") if row["target"] is not None}
    steps = {f"a step to epsilon {epsilon}, 20,000 x 18": (8, "ms") for epsilon in ("0.9", "0.75", "0.5")}
    bases = ("the standard basis turned by hand", "a random basis", "a simplex basis")
    changes = {f"a change to {basis}, 20,000 x 18": (120, "ms") for basis in bases}
    pauses = {
        f"{work}: the longest time without a pause": (50, "ms") for work in ("the mean spotlight", "99 random bases")
    }
    assert goals == steps | changes | pauses | {
        "a step to epsilon 0, 20,000 x 18": (50, "ms"),
        "spotlight of 153 planes at 360 angles, 50,000 x 18": (300, "times faster"),
        "basis test, 999 draws, 50,000 x 18": (20, "s"),
    }
    assert all(row["value"] is not None for row in named("explorer"))
