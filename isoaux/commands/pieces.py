"""The pieces that the work on a plan consists of, and what a process does that is given them one by one."""

import signal
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

import torch
from filelock import FileLock, Timeout

from isoaux.commands import plan
from isoaux.commands.plan import Part
from isoaux.common import disk, paths
from isoaux.common.processes import Done
from isoaux.paper import Network
from isoaux.records import publishing
from isoaux.records.results import AllFailed, Result
from isoaux.training import data, session, store, threads
from isoaux.training.data import Images
from isoaux.training.session import Outcome, Task

Kind = Literal["train", "measure", "record", "figure"]


@dataclass(frozen=True)
class Piece:
    """One piece of work on a figure: training or measuring of networks, or writing of a record or a figure file."""

    kind: Kind
    figure: str
    networks: tuple[Network, ...]

    @property
    def words(self) -> str:
        """What it is, for a line of print."""
        if self.kind == "figure":
            return self.figure
        if self.kind == "record":
            return f"the record of {self.networks[0].configuration.id}"
        return self.networks[0].id


@dataclass(frozen=True)
class Answer:
    """What came of a piece.

    ``held``: another process is at it. ``damaged``: the network that was to be measured has to be trained again.
    ``broken``: an error, which is the ``reason``. ``outcomes`` are those of networks that were trained, or that turned
    out to have failed when they were measured; ``written`` are the places of files.
    """

    state: Literal["done", "held", "damaged", "broken"] = "done"
    reason: str = ""
    outcomes: tuple[Outcome, ...] = ()
    written: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Desk:
    """What a process needs to work on any piece of a plan.

    ``parts`` are those of the plan by figure, ``checksums`` those of the images by source, ``folder`` is where files
    are published.
    """

    parts: Mapping[str, Part]
    checksums: Mapping[str, str]
    folder: Path
    task: Task = field(default_factory=Task)


def serve(parent: Connection, desk: Desk) -> None:
    """Send an answer to every piece that the parent sends, and reports of training in between.

    The signal SIGTERM ends the process: a training at the end of its epoch, anything else at once.
    """
    torch.set_num_threads(1)
    store.commit()  # the code that works is the code that is loaded now, not what the checkout becomes
    for part in desk.parts.values():
        _study(part)
    stop = _Stop()
    signal.signal(signal.SIGTERM, stop.hear)
    work = Work(replace(desk, task=replace(desk.task, stopped=lambda: stop.heard)))
    while not stop.heard:
        piece = parent.recv()
        try:
            with stop.later() if piece.kind == "train" else threads.limited():
                answer = work.do(piece, lambda *progress: parent.send(progress))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise
        except Exception as error:  # any error is reported, and the other pieces go on
            traceback.print_exc()
            answer = Answer("broken", str(error) or type(error).__name__)
        parent.send(Done(answer))


class _Stop:
    """Whether the process was told to end, and how."""

    def __init__(self) -> None:
        self.heard = False
        self._waits = False

    def hear(self, *_: object) -> None:
        """End the process, or have it ended later; at the second time at once."""
        if not self._waits or self.heard:
            raise SystemExit(143)
        self.heard = True

    @contextmanager
    def later(self) -> Iterator[None]:
        """Context in which the process is not ended."""
        self._waits = True
        try:
            yield
        finally:
            self._waits = False


class Work:
    """Does pieces of a plan in this process; images are loaded once."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._images: dict[str, Images] = {}
        self._sound: set[str] = set()

    def do(self, piece: Piece, report: session.Report) -> Answer:
        """What comes of a piece; ``report`` is told of every epoch."""
        part = self.desk.parts[piece.figure]
        images = self._load(part.source) if piece.networks else None
        if piece.kind == "train":
            assert images is not None
            outcomes = session.train_group(piece.networks, images, self.desk.task, report)
            held = bool(outcomes) and all(o.state == "paused" and o.reason == session.HELD for o in outcomes)
            return Answer("held" if held else "done", outcomes=tuple(outcomes))
        if piece.kind == "measure":
            assert images is not None
            return self._measure(part, piece.networks[0], images)
        return self._write(part, piece, images)

    def _load(self, source: str) -> Images:
        if source not in self._images:
            self._images[source] = data.reload(source, self.desk.checksums[source])
        return self._images[source]

    def _measure(self, part: Part, network: Network, images: Images) -> Answer:
        """Measure a network; what is measured is kept in the store."""
        entry = store.Entry(network, images.checksum, self.desk.task.root)
        try:
            with store.locked([entry], deadline=0):
                if entry.key not in self._sound and not entry.verify():
                    return Answer("damaged", f"snapshots of {network.id} are missing or were damaged")
                self._sound.add(entry.key)
                result = _computed(part, (network,), images)
                if result.pending is not None:
                    result.pending()
        except Timeout:
            return Answer("held")
        except AllFailed:
            pass
        except store.Damaged as error:
            self._sound.discard(entry.key)
            return Answer("damaged", str(error))
        if failed := entry.about.get("failed"):
            return Answer(outcomes=(Outcome(network, "failed", 0.0, failed),))
        return Answer()

    def _write(self, part: Part, piece: Piece, images: Images | None) -> Answer:
        """Write a record, or a figure file, unless that is published meanwhile."""
        folder, root = self.desk.folder, self.desk.task.root or paths.cache()
        lock = root / "locks" / f"{disk.digest([str(folder), piece.kind, piece.words])}.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(lock, timeout=0):
                checksum = images.checksum if images else ""
                if piece.kind == "record":
                    is_there = plan.has_record(part, piece.networks, checksum, folder)
                else:
                    is_there = plan.has_figure(part, checksum, folder)
                if is_there:
                    return Answer()
                result = _computed(part, piece.networks, images)
                written = publishing.publish(result, folder, records_alone=piece.kind == "record")
        except Timeout:
            return Answer("held")
        except AllFailed as error:
            return Answer(
                reason=str(error).replace(f" of {piece.figure}", "") if piece.kind == "record" else str(error)
            )
        return Answer(written=tuple(written))


def _computed(part: Part, networks: tuple[Network, ...], images: Images | None) -> Result:
    """The data of a figure from some of its networks, which are in the store."""
    options: dict[str, Any] = {"networks": networks, "images": images} if networks else {}
    settings = part.settings_for(networks)
    result: Result = _study(part).compute(part.figure, settings, jobs=1, train=False, **options)
    return result


def _study(part: Part) -> Any:
    """The module that computes a part, without what draws it."""
    return import_module(f"isoaux.studies.{part.figure.study}.compute")
