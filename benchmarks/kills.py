"""What is left of a training or a publication that is killed, and whether the next run ends as if nothing had happened.

    python benchmarks/kills.py                                  # several minutes; writes its rows into results.json
    python benchmarks/kills.py --training 12 --publishing 12    # a sample, printed only

A process is ended by SIGKILL at a random moment, or at one step of its work on files: a temporary file made, half
written, written through to the disk, given its rights, moved or removed, before and after each. Then the same is run
again, at times killed once more, until it ends by itself. Its end has to be that of a run that nobody killed: the same
bits in every snapshot, the same published arrays and facts, and no other file. What a reader gets of a killed
publication has to be all of the old one, all of the new one, or a sentence. Exit status 1 if anything is not so.
"""

import argparse
import os

os.environ["OMP_NUM_THREADS"] = "1"  # processes are forked: there must be no other thread
os.environ["ISOAUX_BATCH"] = "1"

import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import Row, machine, save

from isoaux import settings
from isoaux.common import disk
from isoaux.paper import Network, Recipe, figure
from isoaux.records import publishing, reading
from isoaux.records.results import Result
from isoaux.studies.planes import compute as planes_compute
from isoaux.training import data, session, store

BENCHES = {"training": "killed trainings", "publishing": "killed publications"}
FIGURE = "fig01"
RECIPE = Recipe().shortened(5)
TRAINING, PUBLISHING = 520, 260
"""Kills of a whole run, at least."""

AGAIN = 0.3
"""How often the run after a kill is killed too."""

PATIENCE = 120.0
"""Seconds after which a run that does not end counts as not recovered."""

STEPS = ("mkdir", "fsync", "chmod", "replace", "rename", "unlink", "rmdir")

Job = Callable[[], object]
End = dict[str, Any]
"""What a run ends with, by name; the names of files are among them."""


@dataclass
class Tally:
    """What came of the kills of one kind."""

    what: str
    kills: int = 0
    runs: int = 0
    stuck: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """Runs that did not recover, and ends or readings that were not as they should be."""
        return len(self.stuck) + len(self.different)

    def line(self) -> str:
        """One line of the table."""
        return f"{self.what:<58}{self.kills:>7}{self.runs:>7}{len(self.stuck):>15}{len(self.different):>15}"

    def show(self) -> None:
        """Print the line, and before it what went wrong."""
        print(*self.stuck, *self.different, self.line(), sep="\n", flush=True)


HEAD = f"{'':<58}{'kills':>7}{'runs':>7}{'not recovered':>15}{'ends differ':>15}"


# --- processes that are killed


class Steps:
    """Counts what a process does to files, and kills it at one of these steps; ``at`` None lets it live."""

    def __init__(self, at: int | None) -> None:
        self.at, self.names = at, list[str]()

    def reach(self, name: str, spoil: Job = lambda: None) -> None:
        """Note a step, or end there, after ``spoil``."""
        if len(self.names) == self.at:
            spoil()
            os.kill(os.getpid(), signal.SIGKILL)
        self.names.append(name)

    def watch(self) -> None:
        """From now on every step of this process is noted."""
        for name in STEPS:
            setattr(os, name, self._around(name, getattr(os, name)))
        tempfile.mkstemp = self._around("mkstemp", tempfile.mkstemp)
        whole = disk.write

        def write(path: Path, fill: Callable[[Path], object]) -> Path:
            def halves(temporary: Path) -> None:
                self.reach("nothing written")
                fill(temporary)
                self.reach("half written", lambda: os.truncate(temporary, temporary.stat().st_size // 2))

            return whole(path, halves)

        disk.write = write

    def _around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def both(*args: Any, **options: Any) -> Any:
            self.reach(f"before {name}")
            made = function(*args, **options)
            self.reach(f"after {name}")
            return made

        return both


def forked(job: Job, steps: Steps | None = None, count: Path | None = None) -> int:
    """Start a process that does the job, watched; its number. ``count`` is where the number of its steps is written."""
    sys.stdout.flush()
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        steps = steps or Steps(None)
        steps.watch()
        job()
        if count is not None:
            count.write_text(str(len(steps.names)))
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def ended(process: int, after: float | None = None) -> int:
    """How a process ended: its exit status, or minus the signal; after ``after`` seconds it is killed."""
    if after is not None:
        time.sleep(after)
        os.kill(process, signal.SIGKILL)  # does nothing to one that has ended
    started = time.monotonic()
    signal.signal(signal.SIGALRM, lambda *_: os.kill(process, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    _, status = os.waitpid(process, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    hung = time.monotonic() - started >= PATIENCE
    return -signal.SIGALRM if hung else os.waitstatus_to_exitcode(status)


def measured(job: Job) -> tuple[int, float]:
    """The steps of a whole run and its seconds."""
    with tempfile.TemporaryDirectory() as folder:
        count, started = Path(folder) / "count", time.perf_counter()
        if ended(forked(job, count=count)):
            raise RuntimeError("a run that nobody killed did not end well")
        return int(count.read_text()), time.perf_counter() - started


def recovered(tally: Tally, job: Job, steps: int, rng: random.Random, where: str) -> bool:
    """Run the job until it ends by itself, at times killed again; False and a note where it does not end well."""
    while True:
        again = rng.random() < AGAIN
        status = ended(forked(job, Steps(rng.randrange(steps)) if again else None))
        tally.runs += 1
        if status == 0:
            return True
        if not (again and status == -signal.SIGKILL):
            tally.stuck.append(f"{where}: the next run ended with {status}")
            return False
        tally.kills += 1


# --- training


def networks() -> list[Network]:
    """Four networks of the size of the profile smoke."""
    return [Network(own, seed, RECIPE) for own in figure(FIGURE).configurations for seed in (0, 1)]


def train(root: Path) -> None:
    """Train them all, with a resume point after every epoch."""
    images = data.load("digits")
    task = session.Task("cpu", None, root, resume_every=0.0)
    outcomes = session.train_group(networks(), images, task, lambda *report: None)
    if any(outcome.state != "complete" for outcome in outcomes):
        raise RuntimeError(f"not complete: {outcomes}")


def trained(root: Path) -> End:
    """Every bit of every snapshot, and the names of all files."""
    found = {}
    for network in networks():
        entry = store.Entry(network, data.load("digits").checksum, root)
        found |= {f"{entry.key}/{path.name}": b"" for path in entry.folder.iterdir()}
        for epoch in RECIPE.checkpoints:
            for name, value in entry.read(epoch).items():
                found[f"{entry.key}/{epoch}/{name}"] = value.numpy().tobytes()
    return found


def kill_training(folder: Path, kills: int, rng: random.Random) -> list[Tally]:
    """Half of the kills at random moments, half at steps that are spread over all of them."""
    train(folder / "first")  # compiled from here on
    wanted = trained(folder / "first")
    steps, seconds = measured(partial(train, folder / "whole"))
    tallies = [Tally("training, at random moments"), Tally(f"training, at {steps} steps of writing files")]
    for tally, at_steps in zip(tallies, (False, True), strict=True):
        places = spread(steps, rng)
        root = folder / "killed"
        while tally.kills < kills / 2:
            at = next(places) if at_steps else None
            shutil.rmtree(root, ignore_errors=True)
            job = partial(train, root)
            status = ended(forked(job, Steps(at)), None if at_steps else rng.uniform(0, seconds))
            tally.runs += 1
            where = f"training killed at {'a random moment' if at is None else f'step {at}'}"
            if status == -signal.SIGKILL:
                tally.kills += 1
                if recovered(tally, job, steps, rng, where):
                    compare(tally, where, wanted, lambda root=root: trained(root))
            elif status:
                tally.stuck.append(f"{where}: it ended with {status}")
        tally.show()
    return tallies


def spread(count: int, rng: random.Random) -> Iterator[int]:
    """Whole numbers below ``count``, all of them in a random order before any comes again."""
    while True:
        yield from rng.sample(range(count), count)


def compare(tally: Tally, where: str, wanted: End, end: Callable[[], End]) -> None:
    """Note an end that cannot be read or is not the wanted one, and the first things in which it differs."""
    try:
        made = end()
        others = sorted(name for name in {**wanted, **made} if name not in wanted or made.get(name, 0) != wanted[name])
        if others:
            tally.different.append(f"{where}: {len(others)} things differ ({', '.join(others[:3])})")
    except (ValueError, OSError) as error:
        tally.stuck.append(f"{where}: {error}")


# --- publishing


def measure(seeds: Sequence[int]) -> Result:
    """Figure 1 at the profile smoke, trained and measured in this process."""
    asked = settings.read({"profile": "smoke", "device": "cpu", "seeds": list(seeds)})
    return planes_compute.compute(figure(FIGURE), asked, jobs=1)


def read(folder: Path) -> End:
    """All published arrays, as bytes, and facts."""
    whole = reading.read(figure(FIGURE), settings.Settings(), folder)
    parts = {"drawing": whole.drawing}
    for name, group_ in (("record", whole.records), ("representations", whole.representations)):
        parts |= {f"{name} {id}": part for id, part in group_.items()}
    found: End = {name: part.facts for name, part in parts.items()}
    for name, part in parts.items():
        found |= {
            f"{name} {key}": (a.shape, a.dtype.str, np.ascontiguousarray(a).tobytes()) for key, a in part.arrays.items()
        }
    return found


def published(folder: Path) -> End:
    """The same, and the names of all files."""
    return read(folder) | {path.relative_to(folder).as_posix(): None for path in folder.rglob("*")}


def kill_publishing(folder: Path, kills: int, rng: random.Random) -> list[Tally]:
    """Kills at every step of a publication, over an empty folder and over an older one, and of two at once."""
    first, second, older = measure([0]), measure([1]), measure([2])
    before, root = folder / "before", folder / "killed"
    publishing.publish(older, before)
    tallies = []
    for what, start in (("an empty folder", None), ("an older publication", before)):

        def renew(start: Path | None = start) -> None:
            shutil.rmtree(root, ignore_errors=True)
            if start is not None:
                shutil.copytree(start, root)

        job = partial(publishing.publish, first, root)
        renew()
        readable = [None if start is None else read(root)]
        steps, _ = measured(job)
        wanted = published(root)
        readable.append(read(root))
        tally = Tally(f"publishing over {what}, at {steps} steps")
        tallies.append(tally)
        places = spread(steps, rng)
        for _ in range(max(steps if kills >= PUBLISHING else 0, kills // 3)):
            at = next(places)
            where = f"publishing over {what} killed at step {at}"
            renew()
            status = ended(forked(job, Steps(at)))
            tally.runs += 1
            tally.kills += 1
            if status != -signal.SIGKILL:
                tally.stuck.append(f"{where}: it ended with {status}")
            look(tally, where, root, readable)
            if recovered(tally, job, steps, rng, where):
                compare(tally, where, wanted, partial(published, root))
        tally.show()
    tallies.append(kill_two(root, before, [first, second], kills // 3, rng))
    tallies[-1].show()
    return tallies


def look(tally: Tally, where: str, root: Path, readable: Sequence[object]) -> None:
    """Read what a killed publication left: all of the old one, all of the new one, or a sentence."""
    with suppress(FileNotFoundError):
        try:
            if read(root) not in readable:
                tally.different.append(f"{where}: a reader gets neither the old nor the new")
        except ValueError as error:
            tally.different.append(f"{where}: a reader is refused: {error}")


def kill_two(root: Path, before: Path, both: Sequence[Result], kills: int, rng: random.Random) -> Tally:
    """Two processes publish other seeds into one folder at once; one or both are killed, and run again."""
    tally = Tally("two publishing at once over an older publication")
    jobs = [partial(publishing.publish, one, root) for one in both]
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(before, root)
    steps = [measured(job)[0] for job in jobs]
    wanted = published(root)
    while tally.kills < kills:
        shutil.rmtree(root)
        shutil.copytree(before, root)
        at = [rng.randrange(count) for count in steps]
        if rng.random() < 0.5:
            at[rng.randrange(2)] = -1  # this one lives
        where = f"two publishing, killed at steps {at}"
        tally.runs += 2
        processes = [forked(job, Steps(place)) for job, place in zip(jobs, at, strict=True)]
        left = []
        for job, process in zip(jobs, processes, strict=True):
            status = ended(process)
            if status == -signal.SIGKILL:
                tally.kills += 1
                left.append(job)
            elif status:
                tally.stuck.append(f"{where}: one ended with {status}")
        tally.runs += len(left)
        if any([ended(process) for process in [forked(job) for job in left]]):
            tally.stuck.append(f"{where}: the next run did not end well")
        else:
            compare(tally, where, wanted, partial(published, root))
    return tally


# --- the table


@contextmanager
def elsewhere() -> Iterator[Path]:
    """A folder for everything, the store too, which is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="isoaux-kills-") as folder:
        os.environ["ISOAUX_CACHE"] = str(Path(folder) / "cache")
        yield Path(folder)


def rows(bench: str, tallies: Sequence[Tally]) -> list[Row]:
    """The results as rows of the benchmarks."""
    return [
        Row(
            bench,
            f"killed: {tally.what}",
            unit="runs that did not recover or ended otherwise",
            networks=len(networks()) if tally.what.startswith("training") else None,
            value=float(tally.wrong),
            note=f"{tally.kills} kills, {tally.runs} runs, {len(tally.stuck)} not recovered, "
            f"{len(tally.different)} ends or readings differ",
        )
        for tally in tallies
    ]


def main() -> int:
    """Kill, compare, print; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--training", type=int, default=TRAINING, help="kills of trainings")
    parser.add_argument("--publishing", type=int, default=PUBLISHING, help="kills of publications")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rng, about = random.Random(options.seed), machine()
    parts = {"training": (kill_training, options.training, TRAINING)}
    parts["publishing"] = (kill_publishing, options.publishing, PUBLISHING)
    whole = Tally("all")
    print(HEAD, flush=True)
    for name, (kill, count, least) in parts.items():
        if not count:
            continue
        with elsewhere() as folder:
            tallies = kill(folder / name, count, rng)
        for tally in tallies:
            whole.kills, whole.runs = whole.kills + tally.kills, whole.runs + tally.runs
            whole.stuck += tally.stuck
            whole.different += tally.different
        if count >= least:
            save(BENCHES[name], rows(BENCHES[name], tallies), about)
    print(whole.line())
    return 1 if whole.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
