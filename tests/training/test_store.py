"""The store: what a key depends on, that no file is ever half there, that damage is found, that locks hold."""

import json
import multiprocessing
import pickle
import re
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

import isoaux
from isoaux.common import archive, disk
from isoaux.paper import Configuration, Network, Recipe
from isoaux.records import measurement
from isoaux.training import autoencoder, store
from isoaux.training.store import Damaged, Entry, Resume

RECIPE = Recipe(epochs=2, checkpoints=(0, 1, 2))
NETWORK = Network(Configuration("cifar", False, "tanh", 3, 1), 0, RECIPE)
SOURCES = Path(store.__file__).parents[1]


def parameters(seed: int = 0, dtype: torch.dtype = torch.float64) -> autoencoder.Parameters:
    made = autoencoder.initial(5, 3, 1, torch.Generator().manual_seed(seed))
    return {name: value.to(dtype) for name, value in made.items()}


def same(one: autoencoder.Parameters, other: autoencoder.Parameters) -> bool:
    return one.keys() == other.keys() and all(
        torch.equal(one[name], other[name]) and one[name].dtype == other[name].dtype for name in one
    )


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    return Entry(NETWORK, "abc", tmp_path)


@pytest.fixture
def complete(entry: Entry) -> Entry:
    for epoch in RECIPE.checkpoints:
        entry.write(epoch, parameters(epoch))
    entry.finish(1.5, "cpu")
    return entry


def names(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


# --- keys


def test_the_key_depends_on_everything_that_decides_the_result(monkeypatch: pytest.MonkeyPatch):
    c, r = NETWORK.configuration, RECIPE
    others = {
        "images": (NETWORK, "abd"),
        "seed": (replace(NETWORK, seed=1), "abc"),
        "dtype": (replace(NETWORK, dtype="float32"), "abc"),
        "activation": (replace(NETWORK, configuration=replace(c, activation="isotanh")), "abc"),
        "normalised": (replace(NETWORK, configuration=replace(c, normalised=True)), "abc"),
        "n": (replace(NETWORK, configuration=replace(c, n=4)), "abc"),
        "L": (replace(NETWORK, configuration=replace(c, L=2)), "abc"),
        "epochs": (replace(NETWORK, recipe=replace(r, epochs=3)), "abc"),
        "batch": (replace(NETWORK, recipe=replace(r, batch_size=25)), "abc"),
        "learning rate": (replace(NETWORK, recipe=replace(r, learning_rate=0.09)), "abc"),
        "momentum": (replace(NETWORK, recipe=replace(r, momentum=0.8)), "abc"),
        "checkpoints": (replace(NETWORK, recipe=replace(r, checkpoints=(0, 2))), "abc"),
    }
    keys = {name: store.key(*what) for name, what in others.items()} | {"base": store.key(NETWORK, "abc")}
    monkeypatch.setattr(store, "ENGINE_VERSION", store.ENGINE_VERSION + 1)
    keys["engine"] = store.key(NETWORK, "abc")
    assert len(set(keys.values())) == len(keys), keys
    assert all(re.fullmatch("[0-9a-f]{20}", key) for key in keys.values())


def test_the_key_does_not_depend_on_what_the_images_are_called():
    other = replace(NETWORK, configuration=replace(NETWORK.configuration, dataset="mnist"))
    assert store.key(other, "abc") == store.key(NETWORK, "abc")


def test_the_store_is_where_it_is_told(own_cache: Path, tmp_path: Path):
    assert Entry(NETWORK, "abc").folder.parent == own_cache / "networks"
    assert Entry(NETWORK, "abc", tmp_path).folder == tmp_path / "networks" / store.key(NETWORK, "abc")
    assert not own_cache.exists()


# --- whole or not at all


class Broken(BaseException):
    """Neither an Exception nor anything that somebody catches: like a Ctrl-C."""


@pytest.mark.parametrize("before", [None, b"old"], ids=["new", "replaced"])
@pytest.mark.parametrize("error", [OSError, Broken])
def test_a_failed_write_leaves_the_old_file_and_no_temporary_one(tmp_path: Path, error: type, before: bytes | None):
    path = tmp_path / "deep" / "file.npz"
    if before:
        disk.write(path, lambda place: place.write_bytes(before))

    def half(place: Path) -> None:
        assert place.parent == path.parent and place.suffix == path.suffix
        place.write_bytes(b"half of it")
        raise error

    with pytest.raises(error):
        disk.write(path, half)
    assert names(path.parent) == ({"file.npz"} if before else set())
    assert not before or path.read_bytes() == before


def test_a_file_is_seen_only_when_it_is_whole(tmp_path: Path):
    path = tmp_path / "file.bin"

    def fill(place: Path) -> None:
        place.write_bytes(b"half")
        assert not path.exists()
        place.write_bytes(b"whole")

    assert disk.write(path, fill) == path and path.read_bytes() == b"whole"
    with path.open("rb") as reader:
        disk.write(path, lambda place: place.write_bytes(b"next"))
        assert reader.read() == b"whole"  # who was reading the old one still does
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    assert path.stat().st_mode == plain.stat().st_mode  # others may read it, as any other file


def test_plain_data_is_written_as_plain_text(tmp_path: Path):
    disk.write_json(tmp_path / "a.json", {"ü": [1, 2]})
    assert (tmp_path / "a.json").read_text("utf-8").endswith("\n") and "ü" in (tmp_path / "a.json").read_text("utf-8")
    with pytest.raises(TypeError):
        disk.write_json(tmp_path / "b.json", {"a": {1}})
    assert names(tmp_path) == {"a.json"}


def test_a_digest_does_not_depend_on_the_order_of_keys():
    assert disk.digest({"a": 1, "b": [1, 2]}) == disk.digest({"b": (1, 2), "a": 1})
    assert disk.digest({"a": 1, "b": [1, 2]}) != disk.digest({"a": 1, "b": [2, 1]})


# --- snapshots and resume points


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
def test_parameters_come_back_bit_for_bit(entry: Entry, dtype: torch.dtype):
    given = parameters(1, dtype)
    given["encoder.weight"] = given["encoder.weight"].T.contiguous().T  # the layout does not matter
    given["decoder.bias"][:2] = torch.tensor([-0.0, 5e-324])
    entry.write(1, given)
    assert same(entry.read(1), given)
    assert names(entry.folder) == {"epoch-001.safetensors"}


def test_a_resume_point_comes_back_bit_for_bit(entry: Entry):
    point = Resume(7, 0.1 + 0.2, parameters(1), parameters(2))
    assert entry.resume() is None
    entry.write_resume(Resume(6, 1.0, parameters(3), parameters(4)))
    entry.write_resume(point)
    found = entry.resume()
    assert found is not None and (found.epoch, found.seconds) == (7, 0.1 + 0.2)
    assert same(found.parameters, point.parameters) and same(found.velocities, point.velocities)


def test_what_is_absent_is_not_found(entry: Entry):
    """An empty store is no error: nothing is done, nothing is made."""
    assert entry.state() == "absent" and entry.epochs_done() == 0 and entry.about == {} and not entry.verify()
    with pytest.raises(FileNotFoundError, match="is not in the store"):
        entry.read(0)
    assert not entry.folder.exists()


def test_states_follow_one_another(entry: Entry):
    entry.write(0, parameters())
    assert entry.state() == "absent"
    entry.write_resume(Resume(1, 1.0, parameters(), parameters()))
    assert entry.state() == "partial" and entry.epochs_done() == 1
    for epoch in (1, 2):
        entry.write(epoch, parameters(epoch))
    assert entry.state() == "partial"  # the record is written last
    entry.finish(2.0, "cpu")
    assert entry.state() == "complete" and entry.epochs_done() == 2 and entry.verify() and entry.resume() is None
    (entry.folder / "epoch-001.safetensors").unlink()
    assert entry.state() == "absent" and not entry.verify()


def test_a_failed_network_stays_failed(entry: Entry):
    entry.write(0, parameters())
    entry.finish(0.5, "cpu", failed="the loss was no longer finite in epoch 1")
    assert entry.state() == "failed" and not entry.verify() and "epoch 1" in entry.about["failed"]


def test_the_record_says_how_it_was_trained(complete: Entry):
    about = complete.about
    assert about.items() >= {"id": NETWORK.id, "data": "abc", "seconds": 1.5, "device": "cpu", "seed": 0}.items()
    assert about["engine_version"] == store.ENGINE_VERSION and about["threads"] == torch.get_num_threads()
    assert about["versions"]["torch"] == version("torch") and about["commit"] and "failed" not in about


def test_finishing_sweeps_up_after_a_killed_run(entry: Entry):
    entry.write(0, parameters())
    for name in (".epoch-001-x1.safetensors", ".network-x2.json", ".measured-x3.npz"):
        (entry.folder / name).write_bytes(b"half")
    entry.finish(1.0, "cpu")
    assert names(entry.folder) == {"epoch-000.safetensors", "network.json", ".measured-x3.npz"}


# --- damage


def flipped(place: int) -> Callable[[bytes], bytes]:
    return lambda content: content[:place] + bytes([content[place] ^ 1]) + content[place:][1:]


HARM: dict[str, Callable[[bytes], bytes]] = {
    "half": lambda content: content[: len(content) // 2],
    "one byte short": lambda content: content[:-1],
    "one byte long": lambda content: content + b"\0",
    "empty": lambda content: b"",
    "no safetensors file": lambda content: b"these are only words " * 20,
    "a pickle": lambda content: pickle.dumps({"encoder.weight": [1.0]}),
    "first byte": flipped(0),
    "last byte": flipped(-1),
    "no checksum": lambda content: safetensors.torch.save(safetensors.torch.load(content)),
}


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
def test_a_damaged_snapshot_is_found_and_set_aside(complete: Entry, harm: Callable[[bytes], bytes]):
    file = complete.folder / "epoch-001.safetensors"
    spoilt = harm(file.read_bytes())
    file.write_bytes(spoilt)
    words = r"truncated or was altered; .*set aside as epoch-001.damaged, and `python -m isoaux train` .*makes it again"
    with pytest.raises(Damaged, match=words):
        complete.read(1)
    assert not file.exists() and (complete.folder / "epoch-001.damaged").read_bytes() == spoilt
    assert same(complete.read(2), parameters(2))
    assert complete.state() == "absent"


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
def test_a_damaged_resume_point_is_found_and_set_aside(entry: Entry, harm: Callable[[bytes], bytes]):
    entry.write_resume(Resume(1, 1.0, parameters(), parameters()))
    file = entry.folder / "resume.safetensors"
    file.write_bytes(harm(file.read_bytes()))
    with pytest.warns(RuntimeWarning, match="set aside as resume.damaged"):
        assert entry.epochs_done() == 0
    assert names(entry.folder) == {"resume.damaged"}


def test_no_byte_of_a_stored_file_can_change_unnoticed(entry: Entry):
    """Every byte of the header, names, shapes, types and facts, and some of the numbers, each in three ways."""
    few = {"a": torch.arange(6.0).double().reshape(2, 3), "b": torch.ones(2).double()}
    entry.write(0, few)
    entry.write_resume(Resume(12, 1.0, few, {name: 2 * t for name, t in few.items()}))
    for file, read in (
        (entry.folder / "epoch-000.safetensors", lambda: entry.read(0)),
        (entry.folder / "resume.safetensors", entry.resume),
    ):
        content, wanted, unnoticed = file.read_bytes(), read(), []
        header = 8 + int.from_bytes(content[:8], "little")
        for place in [*range(header), *range(header, len(content), 7)]:
            for change in (1, ord("F") ^ ord("I"), 0x10):
                file.write_bytes(content[:place] + bytes([content[place] ^ change]) + content[place + 1 :])
                try:
                    found = read()
                except Damaged:
                    continue
                pairs = (
                    ((found, wanted),)
                    if isinstance(found, dict)
                    else ((found.parameters, wanted.parameters), (found.velocities, wanted.velocities))
                )
                if not all(same(*pair) for pair in pairs) or getattr(found, "epoch", 12) != 12:
                    unnoticed.append(content[max(0, place - 10) : place + 10])
        assert not unnoticed
        file.write_bytes(content)
        read()


def test_verifying_reads_every_snapshot_and_warns(complete: Entry):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert complete.verify()
    for epoch in (0, 2):
        file = complete.folder / f"epoch-{epoch:03d}.safetensors"
        file.write_bytes(file.read_bytes()[:-1])
    with pytest.warns(RuntimeWarning, match="set aside") as caught:
        assert not complete.verify()
    assert len(caught) == 2
    assert names(complete.folder) == {"epoch-000.damaged", "epoch-001.safetensors", "epoch-002.damaged", "network.json"}


@pytest.mark.parametrize(
    "text", ["", '{"seconds": 1', "[]", "\xff"], ids=["empty", "truncated", "no record", "no text"]
)
def test_a_damaged_record_means_training_again(complete: Entry, text: str):
    (complete.folder / "network.json").write_bytes(text.encode("latin-1"))
    assert complete.about == {} and complete.state() == "absent" and not complete.verify()


@pytest.mark.parametrize("theirs", ["another epoch", "another network"])
def test_a_file_that_was_copied_from_elsewhere_is_found_and_set_aside(complete: Entry, tmp_path: Path, theirs: str):
    other = Entry(replace(NETWORK, seed=1), "abc", tmp_path)
    other.write(1, parameters(1))
    source = complete.folder / "epoch-002.safetensors" if theirs == "another epoch" else other._snapshot(1)
    shutil.copy(source, complete.folder / "epoch-001.safetensors")
    with pytest.warns(RuntimeWarning, match="epoch-001.safetensors is of another network or epoch.*set aside"):
        assert not complete.verify()
    assert complete.state() == "absent" and (complete.folder / "epoch-001.damaged").exists()
    other.write_resume(Resume(1, 1.0, parameters(), parameters()))
    shutil.copy(other._resume, complete._resume)
    with pytest.raises(Damaged, match="resume.safetensors is of another network"):
        complete.resume()


def old_snapshot(path: Path, tensors: autoencoder.Parameters, facts: dict[str, str]) -> None:
    """A file as earlier versions wrote it, sound in itself."""
    store._write(path, tensors, facts)


def test_a_store_of_an_earlier_version_is_trained_again(complete: Entry):
    for epoch in RECIPE.checkpoints:
        old_snapshot(complete._snapshot(epoch), parameters(epoch), {})
    with pytest.warns(RuntimeWarning, match="of an older version; it was set aside") as caught:
        assert not complete.verify()
    assert len(caught) == len(RECIPE.checkpoints) and complete.state() == "absent"


HALVES = {f"{half}.{name}": value for half in "pm" for name, value in parameters().items()}
POINT = {"epoch": "1", "seconds": "1.0", "work": "[]"}
NO_POINTS: dict[str, tuple[autoencoder.Parameters, dict[str, str]]] = {
    "no momentum": ({name: t for name, t in HALVES.items() if name.startswith("p.")}, POINT),
    "no parameters": ({name: t for name, t in HALVES.items() if name.startswith("m.")}, POINT),
    "half of the momentum": ({name: t for name, t in HALVES.items() if name != "m.encoder.weight"}, POINT),
    "other shapes": (HALVES | {"m.encoder.weight": HALVES["m.encoder.weight"].T}, POINT),
    "nothing": ({}, POINT),
    "no seconds": (HALVES, {"epoch": "1", "work": "[]"}),
    "no epoch": (HALVES, {"seconds": "1.0", "work": "[]"}),
    "no machines": (HALVES, {"epoch": "1", "seconds": "1.0"}),
    "words": (HALVES, POINT | {"epoch": "one"}),
    "a negative epoch": (HALVES, POINT | {"epoch": "-1"}),
    "seconds without end": (HALVES, POINT | {"seconds": "inf"}),
    "machines that are none": (HALVES, POINT | {"work": "[1]"}),
}


@pytest.mark.parametrize(("tensors", "facts"), NO_POINTS.values(), ids=NO_POINTS)
def test_a_sound_file_that_is_no_resume_point_is_damaged(entry: Entry, tensors, facts):
    old_snapshot(entry._resume, tensors, {"network": entry.key} | facts)
    with pytest.warns(RuntimeWarning, match="set aside as resume.damaged"):
        assert entry.epochs_done() == 0
    assert entry.state() == "absent" and names(entry.folder) == {"resume.damaged"}
    old_snapshot(entry._resume, HALVES, {"network": entry.key} | POINT)
    assert entry.epochs_done() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"failed": None},
        {"failed": ""},
        {"failed": 3},
        {"seconds": None},
        {"seconds": "1"},
        {"seconds": -1},
        {"seconds": float("nan")},
        {"seconds": True},
        {"seconds": 10**400},
        {"seconds": 1e300},
        {"device": None},
        {"versions": []},
        {"versions": {"torch": None}},
        {"commit": 7},
        {"seed": 1},
        {"data": "abd"},
    ],
    ids=str,
)
def test_a_record_that_is_none_of_this_network_is_no_record(complete: Entry, change: dict[str, object]):
    place = complete.folder / "network.json"
    whole = json.loads(place.read_text("utf-8"))
    place.write_text(json.dumps(whole | change), "utf-8")
    assert complete.about == {} and complete.state() == "absent" and not complete.verify()
    with pytest.warns(RuntimeWarning, match=f"network.json is truncated or was altered; {NETWORK.id} is trained again"):
        complete.begin()
    assert not place.exists()
    for name in [name for name in change if name != "failed"]:
        place.write_text(json.dumps({key: value for key, value in whole.items() if key != name}), "utf-8")
        assert complete.about == {}


@pytest.mark.parametrize("text", ['{"failed": null}', "[" * 100_000], ids=["only failed", "deep"])
def test_a_record_with_nothing_in_it_is_no_record(complete: Entry, text: str):
    (complete.folder / "network.json").write_text(text, "utf-8")
    assert complete.about == {} and complete.state() == "absent"


# --- folders in the place of files


@pytest.mark.parametrize("name", ["network.json", "row-0123.npz", "row-0123.json", "resume.safetensors"])
def test_a_folder_in_the_place_of_a_file_is_set_aside(complete: Entry, name: str):
    """Twice, so that a folder that was set aside before is there, with what is in it."""
    for kept in ("first", "second"):
        place = complete.folder / name
        place.unlink(missing_ok=True)
        place.mkdir()
        (place / kept).touch()
        assert complete.about == {} if name == "network.json" else complete.state() == "complete"
        with pytest.warns(RuntimeWarning, match=rf"{name} is a folder, where a file belongs; it was set aside as"):
            complete.sweep() if name.startswith("resume") else complete.begin()
            complete.finish(1.5, "cpu")
        assert complete.state() == "complete" and complete.verify()
    stem = name.partition(".")[0]
    kept = {path.relative_to(complete.folder).as_posix() for path in complete.folder.glob("*/*")}
    assert kept == {f"{stem}.damaged/first", f"{stem}.damaged1/second"}


@pytest.mark.parametrize("before", ["nothing", "a file", "a folder"])
def test_a_folder_in_the_place_of_a_snapshot_is_set_aside(complete: Entry, before: str):
    place, aside = complete._snapshot(1), complete.folder / "epoch-001.damaged"
    place.unlink()
    place.mkdir()
    if before != "nothing":
        aside.touch() if before == "a file" else aside.mkdir()
    with pytest.raises(Damaged, match="epoch-001.safetensors is truncated.*set aside as epoch-001.damaged"):
        complete.read(1)
    place.mkdir()
    with pytest.warns(RuntimeWarning, match="is a folder, where a file belongs"):
        complete.write(1, parameters(1))
    assert same(complete.read(1), parameters(1))


def test_a_file_in_the_place_of_a_networks_folder_is_set_aside(entry: Entry):
    entry.folder.parent.mkdir(parents=True)
    entry.folder.write_text("somebody's")
    assert entry.state() == "absent" and entry.epochs_done() == 0
    with pytest.warns(RuntimeWarning, match="is no folder, where one belongs"):
        entry.begin()
    entry.write(0, parameters())
    assert entry.folder.with_suffix(".damaged").read_text() == "somebody's"


def test_what_was_measured_is_kept_where_a_folder_was_in_its_place(complete: Entry):
    def kept() -> float:
        return float(measurement.cached(complete, "row", {}, lambda: {"count": np.full(1, 7.0)})["count"][0])

    assert kept() == 7
    place = next(complete.folder.glob("row-*.npz"))
    place.unlink()
    place.mkdir()
    with pytest.warns(RuntimeWarning, match="is a folder, where a file belongs"):
        assert kept() == 7
    assert place.is_file()


# --- what killed runs leave


def test_what_was_left_beside_a_complete_network_is_swept_by_the_next_look(complete: Entry):
    """Killed between its record and the end; not while another process holds the network."""
    wanted = names(complete.folder)
    complete.write_resume(Resume(1, 1.0, parameters(), parameters()))
    for suffix in (".safetensors", ".json", ".npz"):
        tempfile.mkstemp(dir=complete.folder, prefix=".left-", suffix=suffix)
    with store.locked([complete]):
        assert complete.verify()
        assert len(names(complete.folder)) == len(wanted) + 4
    assert complete.verify() and names(complete.folder) == wanted


def test_what_is_being_written_is_held_until_it_is_whole(entry: Entry, monkeypatch: pytest.MonkeyPatch):
    """However a file is filled: what replaced the temporary file by another one would be swept as nobody's."""
    swept, asked = [], []
    monkeypatch.setattr(disk.os, "fsync", lambda _: (asked.append(1), swept.extend(disk.sweep(entry.folder))))
    entry.write(0, parameters())
    entry.write_resume(Resume(1, 1.0, parameters(), parameters()))
    archive.write(entry.folder / "record-0123", {"count": torch.zeros(3).numpy()}, {})
    assert len(asked) == 4 and not swept
    assert not [name for name in names(entry.folder) if name.startswith(".")]


def test_a_training_that_starts_anew_has_no_record_of_the_old_one(complete: Entry):
    """Else the record of one machine would stand beside snapshots of another, as soon as none is missing."""
    complete._snapshot(1).unlink()
    for suffix in (".npz", ".json"):
        (complete.folder / f"record-0123{suffix}").write_bytes(b"measured on what is trained again")
    complete.begin()
    complete.write(1, parameters(7))
    assert complete.state() == "absent"
    assert names(complete.folder) == {f"epoch-{epoch:03d}.safetensors" for epoch in RECIPE.checkpoints}


# --- who trained


def test_a_network_of_two_machines_names_both(entry: Entry, monkeypatch: pytest.MonkeyPatch):
    for epoch in RECIPE.checkpoints:
        entry.write(epoch, parameters(epoch))
    point = Resume(1, 1.0, parameters(), parameters(), tuple(store.worked([], "cpu", 1)))
    entry.write_resume(point)
    here, commit, versions = store.processor(), store.commit(), store.versions()
    back = entry.resume()
    assert back is not None and back.work == point.work
    assert [spell["until"] for spell in store.worked(back.work, "cpu", 2)] == [2]  # the same machine
    monkeypatch.setattr(store, "processor", lambda: "another processor")
    monkeypatch.setattr(store, "commit", lambda: "fedcba9")
    monkeypatch.setattr(store, "versions", lambda: versions | {"torch": "99"})
    entry.finish(2.0, "a GPU", work=back.work)
    about = entry.about
    assert about["processor"] == f"{here}; another processor" and about["device"] == "cpu, a GPU"
    assert about["commit"] == f"{commit}, fedcba9" and about["versions"]["torch"] == f"{versions['torch']}; 99"
    assert about["versions"]["python"] == versions["python"]
    assert [(spell["until"], spell["processor"]) for spell in about["work"]] == [(1, here), (2, "another processor")]


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def repository(folder: Path, files: dict[str, str]) -> str:
    """A repository with these files; its commit."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    return git(folder, "describe", "--always")


OWN = {"isoaux/__init__.py": "", "pyproject.toml": '[project]\nname = "isoaux"\n'}


def test_the_commit_is_that_of_a_checkout_of_isoaux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    wanted = repository(tmp_path / "own", OWN)
    other = tmp_path / "other"
    repository(other, {"README": "another project"})
    assert store.commit_of(tmp_path / "own" / "isoaux") == wanted
    (tmp_path / "linked").symlink_to(tmp_path / "own")
    assert store.commit_of(tmp_path / "linked" / "isoaux") == wanted
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))  # as in a hook of the other project
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert store.commit_of(tmp_path / "own" / "isoaux") == wanted
    (tmp_path / "own" / "isoaux" / "__init__.py").write_text("changed")
    assert store.commit_of(tmp_path / "own" / "isoaux") == f"{wanted}-dirty"


@pytest.mark.parametrize(
    ("changed", "dirty"), [("book/data/fig01.json", False), ("README.md", False), ("isoaux/training/engine.py", True)]
)
def test_published_files_and_pages_are_no_other_code(changed: str, dirty: bool, tmp_path: Path):
    wanted = repository(tmp_path, OWN | {changed: "before"})
    (tmp_path / changed).write_text("after")
    (tmp_path / "isoaux" / "new.py").write_text("is not tracked")
    assert store.commit_of(tmp_path / "isoaux") == wanted + "-dirty" * dirty


def test_who_holds_a_network_is_seen_and_not_disturbed(entry: Entry):
    assert not store.is_held(entry)
    with store.locked([entry]):
        assert store.is_held(entry) and store.is_held(entry)
        with pytest.raises(TimeoutError), store.locked([entry], deadline=0):
            pass
    assert not store.is_held(entry)
    with store.locked([entry], deadline=0):
        pass


def test_the_commit_of_this_library_is_that_of_its_own_folder():
    """Wherever in the package the module lies that asks."""
    assert store.commit() == store.commit_of(Path(isoaux.__file__).parent)


@pytest.mark.parametrize("place", ["", "vendor", ".venv/lib/python3.11/site-packages"], ids=["root", "vendor", "venv"])
@pytest.mark.parametrize("tracked", [True, False], ids=["tracked", "ignored"])
def test_a_package_inside_another_project_has_no_commit(tmp_path: Path, place: str, tracked: bool):
    files = {"README": "another project", "pyproject.toml": '[project]\nname = "theirs"\n'}
    package = tmp_path / place / "isoaux"
    if tracked:
        files |= {f"{place}/isoaux/__init__.py".lstrip("/"): ""}
    repository(tmp_path, files)
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").touch()
    assert store.commit_of(package) == "unknown"


def test_an_installed_package_beside_the_checkout_it_came_from_has_no_commit(tmp_path: Path):
    """Its files are a copy, of whatever commit was installed."""
    repository(tmp_path, OWN)
    copy = tmp_path / ".venv" / "isoaux"
    shutil.copytree(tmp_path / "isoaux", copy)
    assert store.commit_of(copy) == "unknown"
    bare = tmp_path.parent / f"{tmp_path.name}-plain" / "isoaux"
    shutil.copytree(tmp_path / "isoaux", bare)
    assert store.commit_of(bare) == "unknown"


# --- pickles


class Bomb:
    """Unpickling this is an error of its own."""

    def __reduce__(self):
        return eval, ("(_ for _ in ()).throw(SystemExit('a pickle was loaded'))",)


def test_a_pickle_is_never_loaded(entry: Entry, tmp_path: Path):
    torch.save({"encoder.weight": Bomb()}, tmp_path / "bomb.pt")
    with pytest.raises(SystemExit, match="a pickle was loaded"):
        torch.load(tmp_path / "bomb.pt", weights_only=False)
    for content in ((tmp_path / "bomb.pt").read_bytes(), pickle.dumps(Bomb())):
        entry.write(0, parameters())
        (entry.folder / "epoch-000.safetensors").write_bytes(content)
        with pytest.raises(Damaged):
            entry.read(0)


def test_no_module_knows_how_to_load_a_pickle():
    forbidden = re.compile(
        r"torch\.load\((?!.*weights_only=True)|import pickle|from pickle import (?!UnpicklingError$)|allow_pickle=True"
        r"|import joblib|joblib\.load|\.read_pickle|yaml\.(unsafe|full)_load"
        r"|np\.load\((?!.*allow_pickle=False)"
    )
    modules = list(SOURCES.rglob("*.py"))
    assert len(modules) > 100
    assert not [
        f"{path.name}: {line}" for path in modules for line in path.read_text().splitlines() if forbidden.search(line)
    ]
    assert all(
        forbidden.search(line) for line in ("torch.load(x)", "np.load(path)", "import pickle", "yaml.full_load(f)")
    )


# --- locks


def _hold(entries: list[Entry], told: Connection) -> None:
    told.send("ready")
    with store.locked(entries):
        told.send("inside")


@pytest.mark.parametrize("wanted", ["same", "overlapping", "reversed"])
def test_a_lock_keeps_another_process_out_until_it_is_given_back(tmp_path: Path, wanted: str):
    one, two = (Entry(replace(NETWORK, seed=seed), "abc", tmp_path) for seed in (0, 1))
    theirs = {"same": [one], "overlapping": [two, one], "reversed": [two, one]}[wanted]
    ours = [one, two] if wanted == "reversed" else [one]
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("forkserver").Process(target=_hold, args=(theirs, there))
    with store.locked(ours):
        process.start()
        assert here.poll(60) and here.recv() == "ready"
        assert not here.poll(0.3), "inside while the lock was held"
    assert here.poll(60) and here.recv() == "inside"
    process.join(60)
    assert process.exitcode == 0
    with store.locked([one, two]):  # given back
        assert not one.folder.exists()


def test_locks_are_taken_in_one_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Whoever asks for the same networks in another order: so that two processes never wait for each other."""
    entries = [Entry(replace(NETWORK, seed=seed), "abc", tmp_path) for seed in range(6)]
    taken = []
    monkeypatch.setattr(store, "FileLock", lambda place, timeout: taken.append(place) or nullcontext())
    for order in (entries, entries[::-1], entries[3:] + entries[:3]):
        with store.locked(order):
            pass
    assert len(set(taken)) == 6 and taken[:6] == taken[6:12] == taken[12:]


def test_a_lock_on_another_network_keeps_nobody_out(tmp_path: Path):
    one, two = (Entry(replace(NETWORK, seed=seed), "abc", tmp_path) for seed in (0, 1))
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("forkserver").Process(target=_hold, args=([two], there))
    with store.locked([one]):
        process.start()
        assert here.poll(60) and here.recv() == "ready"
        assert here.poll(60) and here.recv() == "inside"
    process.join(60)
    assert process.exitcode == 0


def test_a_lock_is_given_back_after_an_error(entry: Entry):
    with pytest.raises(OSError, match="full"), store.locked([entry]):
        raise OSError("full")
    with store.locked([entry]):
        pass
