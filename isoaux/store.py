"""What has been trained already, found by what it is.

A network's place follows from its content: images, configuration, seed, recipe, arithmetic and engine version.
Snapshots are safetensors files that carry the checksum of their own content; none is ever half written, a damaged
one is found when it is read, set aside and trained again.
"""

import json
import platform
import subprocess
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache as once
from pathlib import Path
from typing import Any, Literal

import numpy as np
import safetensors
import torch
from filelock import FileLock
from safetensors.torch import save_file

from isoaux import __version__, cache
from isoaux.autoencoder import Parameters
from isoaux.paper import Network
from isoaux.versions import ENGINE_VERSION

State = Literal["complete", "partial", "failed", "absent"]


class Damaged(ValueError):
    """A stored file whose content is not what was written; it has been set aside."""


@dataclass(frozen=True)
class Resume:
    """Where a network's training was left: after ``epoch`` epochs and ``seconds`` of work."""

    epoch: int
    seconds: float
    parameters: Parameters
    velocities: Parameters


def key(network: Network, checksum: str) -> str:
    """The name under which a network trained on images of this checksum is kept."""
    return cache.digest(network.facts() | {"data": checksum, "engine": ENGINE_VERSION})


class Entry:
    """The files of one network."""

    def __init__(self, network: Network, checksum: str, root: Path | None = None) -> None:
        self.network, self.checksum = network, checksum
        self.key = key(network, checksum)
        self.folder = (root or cache.root()) / "networks" / self.key

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
        """What is recorded of the training beside the key: versions, device, seconds, and why it failed."""
        try:
            found = json.loads((self.folder / "network.json").read_text("utf-8"))
        except (FileNotFoundError, ValueError):  # none yet, or damaged: then the network is trained again
            return {}
        return found if isinstance(found, dict) else {}

    def state(self) -> State:
        """How far this network is; looks at names only, :meth:`verify` reads the contents."""
        if "failed" in self.about:
            return "failed"
        if self.about and self.has(self.network.recipe.checkpoints):
            return "complete"  # the record is written last
        return "partial" if self._resume.exists() else "absent"

    def epochs_done(self) -> int:
        """Epochs that need not be trained again."""
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
        return sound

    def read(self, epoch: int) -> Parameters:
        """The parameters after an epoch, in the layout of ``nn.Linear``.

        Raises FileNotFoundError where there is none, Damaged where the file is not what was written.
        """
        return _read(self._snapshot(epoch))[0]

    def write(self, epoch: int, parameters: Parameters) -> None:
        """Keep the parameters after an epoch."""
        _write(self._snapshot(epoch), parameters, {})

    def resume(self) -> Resume | None:
        """Where training was left, or None."""
        try:
            tensors, facts = _read(self._resume)
        except FileNotFoundError:
            return None
        halves = [
            {name.removeprefix(half): t for name, t in tensors.items() if name.startswith(half)}
            for half in ("p.", "m.")
        ]
        return Resume(int(facts["epoch"]), float(facts["seconds"]), *halves)

    def write_resume(self, point: Resume) -> None:
        """Keep where training is."""
        tensors = {f"p.{k}": v for k, v in point.parameters.items()} | {
            f"m.{k}": v for k, v in point.velocities.items()
        }
        _write(self._resume, tensors, {"epoch": str(point.epoch), "seconds": repr(point.seconds)})

    def finish(self, seconds: float, device: str, failed: str | None = None) -> None:
        """Record how the training went; drop the resume point, and what a killed run was in the middle of writing."""
        record = self.network.facts() | {
            "id": self.network.id,
            "data": self.checksum,
            "engine_version": ENGINE_VERSION,
            "seconds": round(seconds, 1),
            "device": device,
            "processor": processor(),
            "threads": torch.get_num_threads(),
            "versions": versions(),
            "commit": commit(),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        if failed is not None:
            record["failed"] = failed
        cache.write_json(self.folder / "network.json", record)
        for left in (self._resume, *self.folder.glob(".*.safetensors"), *self.folder.glob(".*.json")):
            left.unlink(missing_ok=True)


@contextmanager
def locked(entries: list[Entry], deadline: float | None = None) -> Iterator[None]:
    """Hold several networks against other processes; always taken in one order, so none waits for ever.

    Raises TimeoutError where another process still holds one at the deadline, a time of ``time.monotonic()``.
    """
    with ExitStack() as stack:
        for entry in sorted(entries, key=lambda entry: entry.key):
            place = entry.folder.parent.parent / "locks"
            place.mkdir(parents=True, exist_ok=True)
            patience = -1 if deadline is None else max(0.0, deadline - time.monotonic())
            stack.enter_context(FileLock(place / f"{entry.key}.lock", timeout=patience))
        yield


def _checksum(tensors: Parameters, facts: dict[str, str]) -> str:
    told = [f"{name}={facts[name]}\n".encode() for name in sorted(facts)]
    held = ((name.encode(), np.ascontiguousarray(tensors[name].numpy()).data) for name in sorted(tensors))
    return cache.checksum([*told, *(part for named in held for part in named)])


def _write(path: Path, tensors: Parameters, facts: dict[str, str]) -> None:
    whole = {name: t.contiguous() for name, t in tensors.items()}
    metadata = facts | {"sha256": _checksum(whole, facts)}
    try:
        cache.write(path, lambda temporary: save_file(whole, temporary, metadata=metadata))
    except safetensors.SafetensorError as error:  # a full disk, for one
        raise OSError(f"{path} could not be written: {error}.") from error


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
    aside = path.with_suffix(".damaged")
    path.replace(aside)
    raise Damaged(f"{path} is truncated or was altered; it was set aside as {aside.name} and will be made again.")


@once
def versions() -> dict[str, str]:
    """Versions that may matter to a result."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version(), "isoaux": __version__}
    for name in ("torch", "numpy", "scipy", "matplotlib"):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


@once
def processor() -> str:
    """The name of the processor and the instructions that torch uses of it, or "unknown"."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    name = next(named, platform.processor())
    return f"{name}, {torch.backends.cpu.get_cpu_capability()}" if name else "unknown"


@once
def commit() -> str:
    """The commit of the checkout this library is run from, or "unknown"."""
    here = Path(__file__).parent
    try:
        return subprocess.run(
            ["git", "describe", "--always", "--dirty"], cwd=here, capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"
