"""What a plan consists of: figures, dtypes and networks; what is left of it, in numbers that are worked out by hand."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from isoaux import settings
from isoaux.commands import plan, rates
from isoaux.commands.rates import Rates
from isoaux.commands.standing import Left, Standing
from isoaux.common.versions import MEASURE_VERSION
from isoaux.paper import Configuration, Network, figure, figures
from isoaux.training import store

PAPER = settings.read({"profile": "paper", "dtype": "float32"})


def parts(*names: str, **dtypes: str) -> dict[str, plan.Part]:
    return {part.figure.name: part for part in plan.parts([figure(name) for name in names], PAPER, dtypes)}


def dtypes_of(part: plan.Part) -> dict[str, set[str]]:
    return {c.id: {network.dtype for network in networks} for c, networks in part.by_configuration.items()}


def test_a_record_has_the_dtype_of_the_figure_of_planes():
    """Figure 32 has no file: it is drawn from records, two of which are those of Figure 1; Figure X5 has its own."""
    shared = {"cifar-U-tanh-n18-L0", "cifar-U-isotanh-n18-L0"}
    for names in (("fig01", "fig32", "figX5"), ("fig32", "figX5")):
        found = parts(*names, fig01="float64")
        curves, thresholds = dtypes_of(found["fig32"]), dtypes_of(found["figX5"])
        assert all(each == ({"float64"} if name in shared else {"float32"}) for name, each in curves.items())
        assert shared <= thresholds.keys() and set().union(*thresholds.values()) == {"float32"}
        if "fig01" in names:
            assert found["fig01"].settings.dtype == "float64"
    assert found["fig32"].settings_for(found["fig32"].by_configuration[Configuration.parse(min(shared))]).dtype == (
        "float64"
    )


def test_two_figures_with_one_record_have_one_dtype(refused):
    words = ["dtype is float64 for fig13 and float32 for fig14", "cifar-N-tanh-n18-L3", "accepted: one dtype for both."]
    refused(words, parts, "fig13", "fig14", fig13="float64")
    assert len(parts("fig13", fig13="float64")) == 1


def test_all_figures_have_the_whole_design():
    """82 configurations with five seeds are 410 networks; Figures X5 and X6 have those of Figure 1 in float32 too."""
    whole = plan.parts(figures().values(), PAPER, {"fig01": "float64"})
    of_the_paper = [part for part in whole if isinstance(part.figure.number, int)]
    networks = {source: set(each) for source, each in plan.networks_by_source(of_the_paper).items()}
    assert {source: len(each) for source, each in networks.items()} == {"cifar10": 280, "mnist": 130}
    every = {network for each in plan.networks_by_source(whole).values() for network in each}
    of_figure_1 = {n for n in every if n.configuration.id in ("cifar-U-tanh-n18-L0", "cifar-U-isotanh-n18-L0")}
    assert sorted(n.dtype for n in of_figure_1) == ["float32"] * 10 + ["float64"] * 10


# --- what is left

A, B, C = (Network(Configuration("cifar", False, "tanh", 18, 0), seed) for seed in range(3))


def test_every_network_is_counted_once():
    """A is done for one figure and to be measured for two, which share a record; B is half trained; C failed."""
    each = [
        Left(A),
        Left(A, measurements={"record": 20.0, "row fig14": 3.0}, runs=True),
        Left(A, measurements={"record": 20.0, "row fig15": 4.0}),
        Left(B, 50, 10.0, {"record": 20.0}, runs=True),
        Left(B, 50, 10.0, {"record": 20.0, "row fig14": 3.0}),
        Left(C, failed=True),
    ]
    standing = Standing.of(each)
    assert standing == Standing(
        networks=3, done=0, failed=1, running=2, to_train=1, epochs=50, to_measure=1, seconds=27 + 33
    )
    assert standing.done_words == "0 of 3 networks, 1 failed"
    assert standing.left_words == "1 to train (50 epochs), 1 to measure"
    assert Standing.of([Left(A), Left(B)]).done_words == "2 of 2 networks" and not Standing.of([Left(A)]).left_words


def test_rates_are_medians_of_a_shape_or_in_proportion_to_its_size():
    known = Rates(
        {("data", 18, 0, "float32"): [0.3, 0.1, 0.2], ("data", 24, 0, "float64"): [0.8]},
        {("data", 18, 0, "record"): [20.0, 30.0], ("data", 18, 1, "record"): [40.0]},
    )
    network = replace(A, dtype="float32")
    wide = replace(network, configuration=replace(A.configuration, n=36, L=1))
    assert known.epoch(network, "data") == 0.2 and known.epoch(network, "other") is None
    assert known.epoch(wide, "data") == pytest.approx(0.4)  # twice as wide
    assert known.measuring(network, "data", "record") == 25.0 and known.measuring(network, "data", "row") is None
    assert known.measuring(wide, "data", "record") == pytest.approx(20 / 18 * 36 * 2)  # of 20, 30 and 20 for 18 neurons
    assert known.words == "4 trainings and 3 measurements"


def test_rates_are_of_this_processor_and_version(tmp_path: Path):
    here, other = store.processor(), "another processor"

    def network(name: str, **facts: object) -> Path:
        folder = tmp_path / "networks" / name
        folder.mkdir(parents=True)
        about = {"n": 18, "L": 0, "dtype": "float32", "epochs": 10, "data": "d", "device": "cpu", "seconds": 30.0}
        (folder / "network.json").write_text(json.dumps(about | {"processor": here} | facts))
        return folder

    folder = network("a")
    network("b", processor=other)
    network("c", failed="the loss was no longer finite in epoch 1", seconds=1.0)
    network("d", seconds=50.0)
    for name, facts in {
        "record-1": {"seconds": 7.0},
        "record-2": {"seconds": 9.0, "measure_version": MEASURE_VERSION - 1},
        "row-1": {"seconds": 2.0, "processor": other},
        "errors-1": {},
    }.items():
        told = {"measure_version": MEASURE_VERSION, "processor": here} | facts
        (folder / f"{name}.json").write_text(json.dumps(told))
    (folder / "row-2.json").write_text("not JSON")
    found = rates.measured_here(tmp_path)
    assert found == Rates({("d", 18, 0, "float32"): [3.0, 5.0]}, {("d", 18, 0, "record"): [7.0]})
