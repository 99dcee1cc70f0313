"""Networks that are trained again: what the store has stays until the new one is finished, whatever happens first."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from isoaux.paper import Configuration, Network, Recipe
from isoaux.training import replacement, store
from isoaux.training import train as training
from isoaux.training.data import Images
from isoaux.training.session import Outcome, Task, train_group
from isoaux.training.train import train

RECIPE = Recipe(epochs=4, batch_size=8, checkpoints=(0, 1, 4))
PIXELS = np.random.default_rng(0).integers(0, 256, (40, 12)).astype(np.uint8)
IMAGES = Images("made", "made", PIXELS, PIXELS[:4], (2, 2, 3), "made-to-retrain")
MEMBERS = [Network(Configuration("made", False, "tanh", 3, 0), seed, RECIPE) for seed in (0, 1)]
ONE = MEMBERS[:1]

Files = dict[str, tuple[int, bytes]]


class Killed(BaseException):
    """Stands for an end that nothing can catch."""


def entry(member: Network, root: Path) -> store.Entry:
    return store.Entry(member, IMAGES.checksum, root)


def files(root: Path) -> Files:
    """Inode and content of everything in the store but locks."""
    return {
        str(path.relative_to(root)): (path.stat().st_ino, path.read_bytes())
        for path in root.rglob("*")
        if path.is_file() and path.parent.name != "locks"
    }


def snapshots(root: Path, members: Sequence[Network] = MEMBERS) -> list[bytes]:
    return [
        value.numpy().tobytes()
        for member in members
        for epoch in RECIPE.checkpoints
        for value in entry(member, root).read(epoch).values()
    ]


def run(root: Path, members: Sequence[Network] = MEMBERS, **options: object) -> list[Outcome]:
    return train(members, IMAGES, device="cpu", root=root, **options)  # type: ignore[arg-type]


def group_again(root: Path, report: Callable[..., None], members: Sequence[Network] = ONE) -> list[Outcome]:
    again = {entry(m, root).key: replacement.mark(entry(m, root)) for m in members}
    return train_group(members, IMAGES, Task(root=root, again=again, resume_every=0.0), report)


def quiet(*_: object) -> None:
    pass


@pytest.mark.parametrize("budget", [0, -1, 1e-9, 1e-4])
def test_a_budget_that_is_too_short_loses_nothing(budget: float, tmp_path: Path, refused):
    run(tmp_path)
    before = files(tmp_path)
    refused([f"budget is {budget:g} seconds", "too short"], run, tmp_path, budget=budget, retrain=True)
    now = files(tmp_path)
    assert {name: now[name] for name in before} == before
    assert {Path(name).parts[0] for name in now.keys() - before.keys()} <= {"retrained"}
    assert [o.state for o in run(tmp_path)] == ["complete"] * 2
    run(tmp_path, retrain=True)
    assert files(tmp_path).keys() == before.keys() and all(
        files(tmp_path)[name][0] != before[name][0] for name in before
    )


def test_what_is_there_is_read_while_the_new_one_is_made_and_is_replaced_whole(tmp_path: Path):
    run(tmp_path)
    wanted = snapshots(tmp_path, ONE)
    wrong = {name: value + 1 for name, value in entry(ONE[0], tmp_path).read(4).items()}
    entry(ONE[0], tmp_path).write(4, wrong)
    before = snapshots(tmp_path, ONE)
    (entry(ONE[0], tmp_path).folder / "epoch-001.damaged").touch()
    group_again(tmp_path, lambda *_: np.testing.assert_equal(snapshots(tmp_path, ONE), before))
    assert snapshots(tmp_path, ONE) == wanted != before
    kept = {path.name for path in entry(ONE[0], tmp_path).folder.iterdir()}
    assert kept == {f"epoch-{e:03d}.safetensors" for e in RECIPE.checkpoints} | {"network.json"}
    assert {path.name for path in tmp_path.iterdir()} == {"locks", "networks"}


@pytest.mark.parametrize("reached", [1, 2, 3, 4])
def test_a_retraining_that_breaks_off_goes_on_from_there(reached: int, tmp_path: Path):
    run(tmp_path)
    before = files(tmp_path)

    def stop(name: str, epoch: int, loss: float) -> None:
        if epoch == reached:
            raise Killed

    with pytest.raises(Killed):
        group_again(tmp_path, stop)
    assert {name: files(tmp_path)[name] for name in before} == before
    assert [o.state for o in run(tmp_path)] == ["complete"] * 2  # the one of before is still the one that counts
    epochs: list[int] = []
    assert [o.state for o in group_again(tmp_path, lambda name, epoch, loss: epochs.append(epoch))] == ["complete"]
    assert epochs == list(range(reached, RECIPE.epochs + 1))
    assert {path.name for path in tmp_path.iterdir()} == {"locks", "networks"}


def test_an_unfinished_network_is_begun_anew_and_kept_until_then(tmp_path: Path):
    def stop(name: str, epoch: int, loss: float) -> None:
        if epoch == 3:
            raise Killed

    with pytest.raises(Killed):
        train_group(ONE, IMAGES, Task(root=tmp_path, resume_every=0.0), stop)
    epochs: list[int] = []

    def look(name: str, epoch: int, loss: float) -> None:
        epochs.append(epoch)
        assert entry(ONE[0], tmp_path).epochs_done() == 2

    group_again(tmp_path, look)
    assert epochs == [1, 2, 3, 4] and entry(ONE[0], tmp_path).state() == "complete"
    run(tmp_path / "whole", ONE)
    assert snapshots(tmp_path, ONE) == snapshots(tmp_path / "whole", ONE)


@pytest.mark.parametrize("budget", [0.3, None])
def test_what_another_process_finishes_meanwhile_is_taken(budget: float | None, tmp_path: Path):
    """Without a budget it is waited for; a budget ends the wait, and nothing has been touched."""
    run(tmp_path, ONE)
    place, begun = entry(ONE[0], tmp_path), time.monotonic()
    held, finished = threading.Event(), threading.Event()

    def other() -> None:
        with store.locked([place]):
            held.set()
            finished.wait()
            place.finish(1234.0, "another")

    thread = threading.Thread(target=other)
    thread.start()
    held.wait()
    if budget is None:
        threading.Timer(0.5, finished.set).start()
        (outcome,) = run(tmp_path, ONE, retrain=True)
        assert (outcome.state, outcome.seconds) == ("complete", 1234.0)
    else:
        before = files(tmp_path)
        (outcome,) = run(tmp_path, ONE, retrain=True, budget=budget)
        assert time.monotonic() - begun < 60 and files(tmp_path) == before
        assert (outcome.state, outcome.reason) == ("paused", "another process is training it")
        finished.set()
    thread.join()
    assert place.about["device"] == "another"


def test_a_network_that_fails_now_takes_the_place_of_one_that_had_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    run(tmp_path, ONE)
    monkeypatch.setattr("isoaux.training.engine.Stack.finite", lambda net: [False] * len(net))
    with pytest.warns(RuntimeWarning, match="was ended: the loss was no longer finite in epoch 1.$"):
        (outcome,) = run(tmp_path, ONE, retrain=True)
    assert outcome.state == entry(ONE[0], tmp_path).state() == "failed"
    assert {path.name for path in entry(ONE[0], tmp_path).folder.iterdir()} == {"network.json", "epoch-000.safetensors"}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(2))
def test_an_end_in_the_middle_of_replacing_is_mended(
    step: int, after: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Killed before or after each of the two renames; the next call ends with the new network and nothing else."""
    run(tmp_path, ONE)
    old, wanted = files(tmp_path), snapshots(tmp_path, ONE)
    whole, calls = Path.rename, []

    def rename(path: Path, target: Path) -> Path:
        if len(calls) == step and not after:
            raise Killed
        calls.append(whole(path, target))
        if len(calls) == step + 1 and after:
            raise Killed
        return calls[-1]

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename)
        with pytest.raises(Killed):
            run(tmp_path, ONE, retrain=True)
    assert replacement.unsettled(entry(ONE[0], tmp_path))
    assert [o.state for o in run(tmp_path, ONE)] == ["complete"]
    assert files(tmp_path).keys() == old.keys() and {p.name for p in tmp_path.iterdir()} == {"locks", "networks"}
    assert all(files(tmp_path)[name][0] != old[name][0] for name in old)
    assert snapshots(tmp_path, ONE) == wanted


def test_a_replacement_that_was_damaged_does_not_take_the_place_of_what_is_sound(tmp_path: Path):
    run(tmp_path, ONE)
    before = files(tmp_path)
    other = replacement.beside(entry(ONE[0], tmp_path))
    shutil.copytree(entry(ONE[0], tmp_path).folder, other.folder)
    snapshot = other.folder / "epoch-004.safetensors"
    snapshot.write_bytes(snapshot.read_bytes()[:-1])
    with store.locked([other]), pytest.warns(RuntimeWarning, match="epoch-004.*set aside"):
        assert not replacement.settle(entry(ONE[0], tmp_path))
    assert {name: files(tmp_path)[name] for name in before} == before


def test_a_record_is_told_from_a_later_one_with_the_same_words(tmp_path: Path):
    place = entry(ONE[0], tmp_path)
    assert replacement.mark(place) is None
    run(tmp_path, ONE)
    first = replacement.mark(place)
    os.link(place.folder / "network.json", tmp_path / "kept")  # so that its number is not given out again
    place.finish(place.about["seconds"], "cpu")
    assert first != replacement.mark(place) != None  # noqa: E711


def test_a_network_that_is_asked_for_under_two_names_is_trained_again_once(tmp_path: Path, monkeypatch):
    """Figures share networks; the second finds a later record than the one that was to be replaced."""
    whole, epochs = training.train_group, []

    def listening(members, images, task, report):
        return whole(members, images, task, lambda *progress: epochs.append(progress[0]) or report(*progress))

    monkeypatch.setattr(training, "train_group", listening)
    renamed = replace(ONE[0], configuration=replace(ONE[0].configuration, dataset="other"))
    for retrain in (False, True):
        found = run(tmp_path, [*MEMBERS, renamed], retrain=retrain)
        assert [o.state for o in found] == ["complete"] * 3 and len(epochs) == 2 * RECIPE.epochs
        epochs.clear()
