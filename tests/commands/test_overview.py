"""The status: what is there and what would be done, without doing it."""

import json
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torchvision.datasets import CIFAR10, MNIST

from isoaux import settings
from isoaux.commands import overview, standing, stored
from isoaux.common import archive, cores
from isoaux.common.versions import MEASURE_VERSION
from isoaux.paper import Figure, figure
from isoaux.studies import steps
from isoaux.training import autoencoder, data, store
from isoaux.training import train as training
from isoaux.training.store import Entry

SMOKE = settings.read({"profile": "smoke", "device": "cpu"})
PAPER = settings.read({"profile": "paper"})
FIGURE = figure("fig01")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of this test alone, in which nothing is published."""
    place = tmp_path / "home"
    (place / "book" / "data").mkdir(parents=True)
    (place / "notebooks").mkdir()
    monkeypatch.setenv("ISOAUX_HOME", str(place))
    return place


@pytest.fixture(autouse=True)
def idle(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store of this test alone; nothing is downloaded, trained or measured."""

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("the status does not do that")

    for module, name in ((training, "train_group"), (steps, "each_network"), (urllib.request, "urlopen")):
        monkeypatch.setattr(module, name, fail)


def row(wanted: Figure = FIGURE, chosen: settings.Settings = SMOKE) -> dict[str, str]:
    table, _ = overview.table([wanted], chosen)
    assert len(table.rows) == 1
    return dict(zip(table.head, table.rows[0], strict=True))


def entries() -> list[Entry]:
    return [Entry(network, data.load("digits").checksum) for network in SMOKE.networks_for(FIGURE)]


def parameters() -> dict[str, torch.Tensor]:
    return autoencoder.initial(64, 18, 0, torch.Generator().manual_seed(0))


def finished(entry: Entry) -> None:
    for epoch in entry.network.recipe.checkpoints:
        entry.write(epoch, parameters())
    entry.finish(1.0, "cpu")


def test_the_machine_in_a_few_lines(own_cache):
    lines = dict(line.split(": ", 1) for line in overview.machine().splitlines())
    assert f", {cores.words()}, " in lines["machine"]
    assert torch.__version__ in lines["torch"]
    assert lines["store"] == str(own_cache)


def test_nothing_is_there_yet():
    found = row()
    assert found["figure"] == "fig01" and found["published"] == "nothing yet"
    assert found["done"] == "0 of 4 networks" and found["left"] == "4 to train (8 epochs)"
    assert found["would download"] == ""


def test_what_is_trained_is_counted():
    complete, started, failed, _ = entries()
    finished(complete)
    started.write_resume(store.Resume(1, 3.0, parameters(), parameters()))
    assert row()["done"] == "0 of 4 networks" and row()["left"] == "3 to train (5 epochs), 1 to measure"
    failed.finish(1.0, "cpu", failed="the loss was no longer finite in epoch 1")
    assert row()["done"] == "0 of 4 networks, 1 failed"
    assert row()["left"] == "2 to train (3 epochs), 1 to measure", "a failed network is not trained again"
    for entry in entries():
        finished(entry)
    assert row()["left"] == "4 to measure"
    for entry in entries():
        measured(entry, "record", 4.0)
    assert row()["left"] == "4 to measure", "a figure of planes has rows too"
    for entry in entries():
        measured(entry, "row", 1.0, layer=0)
        measured(entry, "representations", 1.0)
    assert (row()["done"], row()["left"], row()["time left"]) == ("4 of 4 networks", "to publish", "")


def measured(entry: Entry, name: str, seconds: float, **facts: Any) -> None:
    """What a measurement leaves in the store."""
    facts |= {"measure_version": MEASURE_VERSION, "processor": store.processor(), "seconds": seconds}
    archive.write(entry.folder / f"{name}-0", {}, facts)


def test_what_is_published_is_told(home):
    facts: dict[str, Any] = {"profile": "paper", "epochs": 125, "seeds": [0, 1, 2], "dataset": "CIFAR-10 (JPEG mirror)"}
    archive.write(home / "book" / "data" / "fig01", {}, facts)
    assert row()["published"] == "paper, 125 epochs, 3 seeds, CIFAR-10 (JPEG mirror)"
    table, _ = overview.table([FIGURE, figure("fig02")], settings.Settings())
    assert table.head == ("figure", "published")
    assert table.rows == (("fig01", row()["published"]), ("fig02", "nothing yet"))


@pytest.mark.parametrize("change", [{"sha256": "0"}, {"format_version": 99}])
def test_a_published_file_that_cannot_be_read_is_told_and_the_rest_shown(home, change):
    place = home / "book" / "data" / "fig01"
    archive.write(place, {}, {})
    place.with_suffix(".json").write_text(json.dumps(json.loads(place.with_suffix(".json").read_text()) | change))
    table, _ = overview.table([FIGURE, figure("fig02")], SMOKE)
    assert table.rows[0][1].startswith("cannot be read: ") and "fig01" in table.rows[0][1]
    assert table.rows[1][1] == "nothing yet"


def files(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"")


def test_a_download_is_announced_and_not_made(own_cache, tmp_path, monkeypatch):
    monkeypatch.setattr(data, "load", None)
    found = row(chosen=PAPER)
    assert found["would download"] == "cifar10, 170 MB" and found["left"] == "10 to train (1,250 epochs)"
    assert row(figure("fig28"), PAPER)["would download"] == "mnist, 12 MB"
    monkeypatch.setenv("ISOAUX_DATA", str(tmp_path / "mine"))
    batches = ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "batches.meta"]
    files(tmp_path / "mine" / "cifar-10-batches-py", batches)
    assert row(chosen=PAPER)["would download"] == "cifar10, 170 MB", "a download that was broken off"
    files(tmp_path / "mine" / "cifar-10-batches-py", ["test_batch"])
    assert overview._download("cifar10") == ""
    files(tmp_path / "mine" / "MNIST" / "raw", ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"])
    files(tmp_path / "mine" / "MNIST" / "raw", ["t10k-images-idx3-ubyte"])
    assert overview._download("mnist") == "mnist, 12 MB"
    files(tmp_path / "mine" / "MNIST" / "raw", ["t10k-labels-idx1-ubyte"])
    assert overview._download("mnist") == ""


def test_nothing_has_to_be_downloaded_for_what_is_embedded_or_a_folder():
    assert {overview._download(source) for source in ("patches", "digits", "folder:/some/where")} == {""}


def test_the_names_are_those_that_torchvision_looks_for():
    folder, names, _ = overview.DOWNLOADS["cifar10"]
    assert folder == CIFAR10.base_folder
    listed = [name for name, _ in (*CIFAR10.train_list, *CIFAR10.test_list)] + [CIFAR10.meta["filename"]]
    assert sorted(names) == sorted(listed)
    folder, names, _ = overview.DOWNLOADS["mnist"]
    assert folder == "MNIST/raw" and sorted(names) == sorted(Path(name).stem for name, _ in MNIST.resources)


def test_sizes_of_the_sources_are_those_of_their_images():
    for source in ("digits", "patches"):
        images = data.load(source)
        assert (overview.SAMPLES[source], overview.PIXELS[source]) == images.train.shape


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.0, "0.1 min"), (65.0, "1.1 min"), (5390.0, "89.8 min"), (5401.0, "1.5 h")]
)
def test_a_time_in_words(seconds: float, words: str):
    assert standing.duration(seconds) == words


def test_a_step_is_measured_in_the_shape_of_the_figure():
    short, long = stored.seconds_per_step(64, 18, 0, "float64"), stored.seconds_per_step(64, 18, 0, "float32")
    assert short > 0 and long > 0


def test_every_kind_of_row_has_every_column():
    table, _ = overview.table([FIGURE, replace(FIGURE, number=2)], SMOKE)
    assert all(len(cells) == len(table.head) for cells in table.rows)


def test_without_torch_it_says_so(monkeypatch):
    monkeypatch.setattr(overview, "find_spec", lambda name: None)
    assert "not installed" in overview.machine()
    found = row()
    assert found["time left"] == "torch is not installed" and found["done"] == "0 of 4 networks"
