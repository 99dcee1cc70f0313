"""The store of trained networks, in which each is found by its content.

A network's place follows from its content: images, configuration, seed, recipe, arithmetic and engine version.
Snapshots are safetensors files that hold their network's key, their epoch and a checksum of all of it. None is ever
half written; a damaged or misplaced one is noticed when it is read, set aside and trained again.
"""

import json
import os
import platform
import subprocess
import sys
import time
import tomllib
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache as once
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import safetensors
import torch
from filelock import FileLock
from safetensors.torch import save

from isoaux import __version__
from isoaux.common import disk, paths, provenance
from isoaux.common.versions import ENGINE_VERSION
from isoaux.paper import Network
from isoaux.training.autoencoder import Parameters

if sys.platform != "win32":
    import fcntl

State = Literal["complete", "partial", "failed", "absent"]


Spell = dict[str, Any]
"""Epochs trained on one machine: ``until`` which epoch, device, processor, threads, versions and commit."""


class Damaged(ValueError):
    """A stored file is not what was written there; it has been set aside."""


@dataclass(frozen=True)
class Resume:
    """Where a network's training was left: after ``epoch`` epochs and ``seconds``, spent in the spells ``work``."""

    epoch: int
    seconds: float
    parameters: Parameters
    velocities: Parameters
    work: tuple[Spell, ...] = ()


def key(network: Network, checksum: str) -> str:
    """The name under which a network trained on images of this checksum is kept."""
    return disk.digest(network.facts() | {"data": checksum, "engine": ENGINE_VERSION})


class Entry:
    """The files of one network, trained on images of the checksum ``checksum``, below the store's folder ``root``."""

    def __init__(self, network: Network, checksum: str, root: Path | None = None) -> None:
        self.network, self.checksum = network, checksum
        self.key = key(network, checksum)
        self.folder = (root or paths.cache()) / "networks" / self.key

    def _snapshot(self, epoch: int) -> Path:
        return self.folder / f"epoch-{epoch:03d}.safetensors"

    def has(self, epochs: Iterable[int]) -> bool:
        """Whether there is a snapshot of every one of these epochs."""
        return all(self._snapshot(epoch).exists() for epoch in epochs)

    @property
    def _resume(self) -> Path:
        return self.folder / "resume.safetensors"

    @property
    def about(self) -> dict[str, Any]:
        """The record of the training as :meth:`finish` wrote it: versions, device, seconds, and why it failed.

        Empty where there is none, or none of this network: then it is trained again.
        """
        try:
            record = json.loads((self.folder / "network.json").read_text("utf-8"))
            return record if self._is_record(record) else {}
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError, RecursionError):
            return {}

    def _is_record(self, record: Any) -> bool:
        """Whether this is what :meth:`finish` writes: of this network, and with all that others read of it."""
        if not isinstance(record, dict):
            return False
        facts = json.loads(json.dumps(self.network.facts() | {"data": self.checksum}))
        return (
            all(record.get(name) == value for name, value in facts.items())
            and "processor" in record
            and all(provenance.is_text(name, record) for name in (*provenance.MARKS, "versions"))
            and provenance.is_time(record.get("seconds"))
            and ("failed" not in record or (isinstance(record["failed"], str) and record["failed"] != ""))
        )

    def state(self) -> State:
        """The state of the training by the names of its files alone; :meth:`verify` reads their contents."""
        if "failed" in self.about:
            return "failed"
        if self.about and self.has(self.network.recipe.checkpoints):
            return "complete"  # the record is written last
        return "partial" if self._resume.exists() else "absent"

    def epochs_done(self) -> int:
        """The number of epochs that need not be trained again."""
        if self.state() == "complete":
            return self.network.recipe.epochs
        try:
            point = self.resume()
        except Damaged as damaged:
            warnings.warn(str(damaged), RuntimeWarning, stacklevel=2)
            return 0
        return point.epoch if point else 0

    def verify(self) -> bool:
        """Whether every snapshot is there and sound; damaged ones are set aside with a warning."""
        sound = self.state() == "complete"
        for epoch in self.network.recipe.checkpoints if sound else ():
            try:
                self.read(epoch)
            except Damaged as damaged:
                warnings.warn(str(damaged), RuntimeWarning, stacklevel=2)
                sound = False
            except FileNotFoundError:  # another process trains it again
                sound = False
        if sound and self._left():
            with suppress(OSError), locked([self], deadline=0):  # not now, where somebody holds it or may not write
                self.sweep()
        return sound

    def _left(self) -> list[Path]:
        """Files that a killed run may have left: a resume point that is no longer needed, and temporary ones."""
        return [path for path in self.folder.glob("*") if path == self._resume or path.name.startswith(".")]

    def sweep(self) -> None:
        """Remove what killed runs left and nobody needs; the lock has to be held."""
        if self.state() in ("complete", "failed"):
            make_way(self._resume)
            self._resume.unlink(missing_ok=True)
        for pattern in (".*.safetensors", ".network-*.json", ".tmp*"):  # the last as safetensors writes a file
            for left in self.folder.glob(pattern):
                if not _is_folder(left):
                    left.unlink(missing_ok=True)  # nobody writes these without the lock
        disk.sweep(self.folder)

    def begin(self) -> None:
        """Remove the record of an earlier training, of which files are missing, and what was measured on it.

        The lock has to be held. Warns where the record is damaged: that is why the network is trained again. A folder
        in the place of a file is set aside, and so is a file in the place of the network's folder.
        """
        if os.path.lexists(self.folder) and not self.folder.is_dir():
            _warn_aside(self.folder, "is no folder, where one belongs")
        record = self.folder / "network.json"
        if record.is_file() and not self.about:
            words = f"{record} is truncated or was altered; {self.network.id} is trained again."
            warnings.warn(words, RuntimeWarning, stacklevel=2)
        for old in (*self.folder.glob("*.npz"), *self.folder.glob("*.json")):
            if not old.name.startswith("."):  # those are being written
                make_way(old)
                old.unlink(missing_ok=True)
        self.sweep()

    def read(self, epoch: int) -> Parameters:
        """The parameters after an epoch, in the layout of ``nn.Linear``.

        Raises FileNotFoundError where there is none, Damaged where the file is not what was written.
        """
        path = self._snapshot(epoch)
        tensors, facts = _read(path)
        if facts != self._of(epoch):
            raise _set_aside(path, "is of another network or epoch, or of an older version")
        return tensors

    def write(self, epoch: int, parameters: Parameters) -> None:
        """Write the snapshot of an epoch."""
        _write(self._snapshot(epoch), parameters, self._of(epoch))

    def _of(self, epoch: int) -> dict[str, str]:
        return {"network": self.key, "epoch": str(epoch)}

    def resume(self) -> Resume | None:
        """Where training was left; None without a file. Raises Damaged where the file is not what was written."""
        try:
            tensors, facts = _read(self._resume)
        except FileNotFoundError:
            return None
        try:
            return self._point(tensors, facts)
        except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
            words = "is of another network, of an older version, or lacks a part of a resume point"
            raise _set_aside(self._resume, words) from None

    def _point(self, tensors: Parameters, facts: dict[str, str]) -> Resume:
        """The resume point in a file's content; an error of any kind where it is none of this network."""
        parameters, velocities = (
            {name.removeprefix(half): t for name, t in tensors.items() if name.startswith(half)}
            for half in ("p.", "m.")
        )
        epoch, seconds, work = int(facts["epoch"]), float(facts["seconds"]), json.loads(facts["work"])
        trained = {name: value for name, value in parameters.items() if not name.startswith("basis.")}
        shapes = [{name: (t.shape, t.dtype) for name, t in part.items()} for part in (trained, velocities)]
        if not parameters or shapes[0] != shapes[1] or facts["network"] != self.key:
            raise ValueError("not a resume point of this network")
        if epoch < 0 or not provenance.is_time(seconds):
            raise ValueError("not a point of this network's training")
        provenance.together(work)  # readable, or an error
        return Resume(epoch, seconds, parameters, velocities, tuple(work))

    def write_resume(self, point: Resume) -> None:
        """Write where training is now."""
        tensors = {f"p.{k}": v for k, v in point.parameters.items()} | {
            f"m.{k}": v for k, v in point.velocities.items()
        }
        facts = self._of(point.epoch) | {"seconds": repr(point.seconds), "work": json.dumps(point.work)}
        _write(self._resume, tensors, facts)

    def finish(
        self,
        seconds: float,
        device: str,
        failed: str | None = None,
        work: Sequence[Spell] = (),
        epoch: int | None = None,
    ) -> None:
        """Write the record of the training, and remove what is no longer needed.

        ``seconds`` of training in all; ``device`` trained now, until ``epoch`` (default: the last), after the spells
        ``work``; ``failed`` says why the training failed. Of several machines, the record names each.
        """
        until = self.network.recipe.epochs if epoch is None else epoch
        spells = worked(work, device, until)
        record = self.network.facts() | {
            "id": self.network.id,
            "data": self.checksum,
            "engine_version": ENGINE_VERSION,
            "seconds": round(seconds, 1),
            "threads": torch.get_num_threads(),
            **provenance.together(spells),
            "work": spells,
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        if failed is not None:
            record["failed"] = failed
        disk.write_json(self.folder / "network.json", record)
        self.sweep()

    def fail(self, reason: str) -> None:
        """Say in the record of a training that ended that the network failed; what it has is left as it is."""
        disk.write_json(self.folder / "network.json", self.about | {"failed": reason})


@contextmanager
def locked(entries: list[Entry], deadline: float | None = None) -> Iterator[None]:
    """Context in which no other process holds one of these networks; always taken in one order, so none waits for ever.

    Raises TimeoutError where another process still holds one at the deadline, a time of ``time.monotonic()``.
    """
    with ExitStack() as stack:
        for entry in sorted(entries, key=lambda entry: entry.key):
            place = _lock(entry)
            place.parent.mkdir(parents=True, exist_ok=True)
            patience = -1 if deadline is None else max(0.0, deadline - time.monotonic())
            stack.enter_context(FileLock(place, timeout=patience))
        yield


def is_held(entry: Entry) -> bool:
    """Whether a process holds a network now, to train or to measure it; False where that cannot be known."""
    if sys.platform == "win32":
        return False
    try:
        handle = os.open(_lock(entry), os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    finally:
        os.close(handle)
    return False


def _lock(entry: Entry) -> Path:
    return entry.folder.parent.parent / "locks" / f"{entry.key}.lock"


def _checksum(tensors: Parameters, facts: dict[str, str]) -> str:
    lines = [f"{name}={facts[name]}\n".encode() for name in sorted(facts)]
    arrays = ((name.encode(), np.ascontiguousarray(tensors[name].numpy()).data) for name in sorted(tensors))
    return disk.checksum([*lines, *(part for array in arrays for part in array)])


def _write(path: Path, tensors: Parameters, facts: dict[str, str]) -> None:
    whole = {name: t.contiguous() for name, t in tensors.items()}
    metadata = facts | {"sha256": _checksum(whole, facts)}
    content = save(whole, metadata)  # save_file would write a temporary file of its own, which nothing would sweep
    make_way(path)
    disk.write(path, lambda temporary: temporary.write_bytes(content))


def _read(path: Path) -> tuple[Parameters, dict[str, str]]:
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}
            facts = dict(file.metadata() or {})
        written = facts.pop("sha256", "")
        floats = all(t.is_floating_point() for t in tensors.values())  # the dtype is not in the checksum
        if floats and written == _checksum(tensors, facts):
            return tensors, facts
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is not in the store.") from None
    except (safetensors.SafetensorError, OSError, ValueError):
        pass
    raise _set_aside(path, "is truncated or was altered")


def make_way(path: Path) -> None:
    """Set aside, with a warning, a folder that is where a file has to be written."""
    if _is_folder(path):
        _warn_aside(path, "is a folder, where a file belongs")


def _is_folder(path: Path) -> bool:
    """Whether this is a folder itself; a link to one can be replaced by a file."""
    return path.is_dir() and not path.is_symlink()


def _warn_aside(path: Path, words: str) -> None:
    warnings.warn(f"{path} {words}; it was set aside as {_put_aside(path).name}.", RuntimeWarning, stacklevel=3)


def _set_aside(path: Path, words: str) -> Damaged:
    aside = _put_aside(path)
    return Damaged(
        f"{path} {words}; it was set aside as {aside.name}, and `python -m isoaux train` with the same figure and "
        "options makes it again."
    )


def _put_aside(path: Path) -> Path:
    """The new place of something that is moved out of the way; a folder neither replaces anything nor is replaced."""
    aside, number = path.with_suffix(".damaged"), 0
    while _is_folder(aside) or (_is_folder(path) and os.path.lexists(aside)):
        number += 1
        aside = path.with_suffix(f".damaged{number}")
    with suppress(FileNotFoundError):  # another process was faster
        path.replace(aside)
    return aside


def worked(before: Sequence[Spell], device: str, until: int) -> list[Spell]:
    """The spells of a training that goes on here, on ``device``, ``until`` an epoch, after the spells ``before``."""
    here = {
        "device": device,
        "processor": processor(),
        "threads": torch.get_num_threads(),
        "versions": versions(),
        "commit": commit(),
    }
    spells = list(before)
    if spells and spells[-1] == here | {"until": spells[-1]["until"]}:
        spells.pop()  # the same machine goes on
    return [*spells, {"until": until} | here]


def versions() -> dict[str, str]:
    """The versions, by package, that may matter to a result."""
    return dict(_versions())


@once
def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version(), "isoaux": __version__}
    for name in ("torch", "numpy", "scipy", "matplotlib"):
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions


@once
def processor() -> str:
    """The name of the processor and the instructions that torch uses of it; "unknown" where it has no name."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    name = next(named, platform.processor())
    return f"{name}, {torch.backends.cpu.get_cpu_capability()}" if name else "unknown"


@once
def commit() -> str:
    """The commit of the checkout that this library is run from, as :func:`commit_of`."""
    return commit_of(Path(__file__).parents[1])


CODE = ("isoaux", "pyproject.toml", "requirements.lock", "environment.yml")
"""What of a checkout decides what its code computes."""


def commit_of(package: Path) -> str:
    """The commit of the checkout of isoaux in which its folder ``package`` is; "unknown" where that is none.

    ``-dirty`` follows where the package or the names of what it depends on (:data:`CODE`) were changed since; changed
    pages and published files are no other code. A package that is kept, or installed, inside another project's
    repository has no commit of its own.
    """
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # of another place

    def git(*arguments: str) -> str:
        command = ["git", *arguments]
        done = subprocess.run(
            command, cwd=package, env=variables, capture_output=True, text=True, check=True, timeout=10
        )
        return done.stdout.strip()

    try:
        root = Path(git("rev-parse", "--show-toplevel")).resolve()
        if root != package.resolve().parent:
            return "unknown"
        tracked = git("ls-files", "--error-unmatch", str(package / "__init__.py"), str(root / "pyproject.toml"))
        project = tomllib.loads((root / "pyproject.toml").read_text("utf-8")).get("project", {})
        is_isoaux = bool(tracked) and project.get("name") == "isoaux"
        if not is_isoaux:
            return "unknown"
        changed = git("status", "--porcelain", "--untracked-files=no", "--", *(str(root / name) for name in CODE))
        return git("describe", "--always") + ("-dirty" if changed else "")
    except (OSError, ValueError, AttributeError, subprocess.SubprocessError):
        return "unknown"
