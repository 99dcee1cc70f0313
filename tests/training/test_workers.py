"""Processes that share the training: what they give, and what is left when one dies or all are stopped (App. E)."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from isoaux.paper import Configuration, Network, Recipe
from isoaux.training import data, store
from isoaux.training.session import Outcome, Task, train_group
from isoaux.training.train import train
from isoaux.training.workers import share

RECIPE = Recipe(epochs=4, batch_size=24, checkpoints=(0, 1, 2, 4))
LONG = replace(RECIPE, epochs=2000, checkpoints=(0, 1, 2000))


def network(seed: int, recipe: Recipe = RECIPE) -> Network:
    return Network(Configuration("digits", False, "isotanh", 6, 1), seed, recipe)


def bits(member: Network, images: data.Images, root: Path) -> dict[tuple[int, str], bytes]:
    entry = store.Entry(member, images.checksum, root)
    return {(e, k): v.numpy().tobytes() for e in member.recipe.checkpoints for k, v in entry.read(e).items()}


def quiet(*_: object) -> None:
    pass


def states(outcomes: list[Outcome]) -> dict[Network, str]:
    return {outcome.network: outcome.state for outcome in outcomes}


def test_processes_give_the_bits_of_one(tmp_path: Path):
    images, members = data.load("digits"), [network(seed) for seed in range(3)]
    told: list[tuple[object, ...]] = []
    found = share([(m,) for m in members], images, Task(root=tmp_path), 2, lambda *given: told.append(given))
    assert states(found) == dict.fromkeys(members, "complete")
    assert sorted(told)[::4] == sorted((m.id, 1, *[t[2] for t in told if t[:2] == (m.id, 1)]) for m in members)
    for member in members:
        train_group([member], images, Task(root=tmp_path / "alone"), quiet)
        assert bits(member, images, tmp_path) == bits(member, images, tmp_path / "alone")
    assert not multiprocessing.active_children()


def test_a_process_that_dies_breaks_its_networks_and_no_others(tmp_path: Path):
    """Killed in the middle of the first network; the other process and a new one finish the rest."""
    images, doomed = data.load("digits"), network(0, LONG)
    others = [network(seed) for seed in range(1, 5)]

    def report(name: str, epoch: int, loss: float) -> None:
        if name == doomed.id and epoch == 2:  # this process was the first to be started
            os.kill(min(p.pid for p in multiprocessing.active_children() if p.pid), signal.SIGKILL)

    with pytest.warns(RuntimeWarning, match=f"^{doomed.id} was ended: its process died .signal SIGKILL.") as caught:
        found = _trained([doomed, *others], images, tmp_path, report)
    assert len(caught) == 1
    assert states(found) == {doomed: "broken"} | dict.fromkeys(others, "complete")
    entry = store.Entry(doomed, images.checksum, tmp_path)
    assert entry.state() != "complete" and entry.read(1) and not list(entry.folder.glob(".*"))
    assert not multiprocessing.active_children()


@pytest.mark.parametrize(("left", "state"), [(-1.0, "paused"), (600.0, "complete")])
def test_a_deadline_is_the_same_time_in_another_process(left: float, state: str, tmp_path: Path):
    task = Task(root=tmp_path, deadline=time.monotonic() + left)
    found = share([(network(0),)], data.load("digits"), task, 1, quiet)
    assert states(found) == {network(0): state}


def _trained(members: list[Network], images: data.Images, root: Path, report) -> list[Outcome]:
    """``train`` with two processes, listened to."""
    with pytest.MonkeyPatch.context() as patch:

        def listening(groups, images, task, workers, told):
            return share(groups, images, task, workers, lambda *given: (report(*given), told(*given)))

        patch.setattr("isoaux.training.train.share", listening)
        return train(members, images, device="cpu", jobs=2, root=root)


def folder(place: Path, seed: int) -> Path:
    rng = np.random.default_rng(seed)
    for i in range(12):
        path = place / "train" / "one" / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)).save(path)
        (place / "test" / "one").mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)).save(place / "test" / "one" / f"{i}.png")
    return place


def test_images_that_change_while_they_are_used_are_noticed(tmp_path: Path, capfd):
    images = data.load(f"folder:{folder(tmp_path / 'images', 0)}")
    folder(tmp_path / "images", 1)
    members = [network(0), network(1)]
    with pytest.warns(RuntimeWarning, match="changed while it was being used"):
        found = train(members, images, device="cpu", jobs=2, root=tmp_path / "store")
    assert states(found) == dict.fromkeys(members, "broken")
    assert not list((tmp_path / "store").rglob("*.safetensors"))


def test_images_that_changed_between_two_runs_are_other_images(tmp_path: Path):
    """The first snapshots stay, and nothing goes on from them."""
    member, root = network(0), tmp_path / "store"
    first = data.load(f"folder:{folder(tmp_path / 'images', 0)}")
    before = train([member], first, device="cpu", root=root)[0]
    kept = bits(member, first, root)
    second = data.load(f"folder:{folder(tmp_path / 'images', 1)}")
    assert second.checksum != first.checksum and before.state == "complete"
    assert store.Entry(member, second.checksum, root).state() == "absent"
    train([member], second, device="cpu", root=root)
    train([member], second, device="cpu", root=tmp_path / "fresh")
    assert bits(member, second, root) == bits(member, second, tmp_path / "fresh") != kept
    assert bits(member, first, root) == kept


FULL = """
import resource, sys
from pathlib import Path
from isoaux.training import data
from isoaux.training.train import train
sys.path.insert(0, {here!r})
from test_workers import network
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
for outcome in train([network(0), network(1)], data.load("digits"), device="cpu", jobs=1, root=Path({root!r})):
    print(outcome.state, outcome.reason)
"""


def run(script: str, **facts: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", script.format(**facts)], capture_output=True, text=True)


def test_a_disk_that_fills_up_in_the_middle_of_a_snapshot_loses_nothing(tmp_path: Path):
    """The system refuses to write past half a snapshot: no half file, and a later run ends with the same bits."""
    images, members = data.load("digits"), [network(0), network(1)]
    for member in members:
        train_group([member], images, Task(root=tmp_path / "whole"), quiet)
        train_group([member], images, Task(root=tmp_path, deadline=time.monotonic() - 1), quiet)
    size = next((tmp_path / "whole").rglob("epoch-000.safetensors")).stat().st_size
    done = run(FULL, here=str(Path(__file__).parent), limit=size // 2, root=str(tmp_path))
    lines = done.stdout.splitlines()
    assert len(lines) == 2 and all(line.startswith("broken ") and "epoch-000" in line for line in lines), done.stderr
    assert not list(tmp_path.glob("networks/*/*.safetensors")) and not list(tmp_path.glob("networks/*/.*"))
    done = run(FULL, here=str(Path(__file__).parent), limit=-1, root=str(tmp_path))
    assert done.stdout.split() == ["complete", "complete"], done.stderr
    for member in members:
        assert bits(member, images, tmp_path) == bits(member, images, tmp_path / "whole")


def test_an_interruption_stops_at_once_and_leaves_no_process(tmp_path: Path, own_cache: Path):
    """The command, told to stop as a cluster does, while two processes train (``test_work`` has every signal)."""
    command = [sys.executable, "-m", "isoaux", "train", "fig01", "--profile", "quick", "--jobs", "2"]
    environment = os.environ | {"ISOAUX_CACHE": str(tmp_path)}
    process = subprocess.Popen(command, start_new_session=True, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        while len(list(tmp_path.glob("networks/*/epoch-001.safetensors"))) < 2 and process.poll() is None:
            time.sleep(0.05)
        process.terminate()
        told = process.communicate()[1]
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 130 and "last resume point" in told and "Traceback" not in told
    with pytest.raises(ProcessLookupError):  # nobody is left in its session
        for _ in range(200):
            os.killpg(process.pid, 0)
            time.sleep(0.02)
    assert not list(tmp_path.glob("networks/*/.*"))
