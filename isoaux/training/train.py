"""Training of the networks that the store does not have, by several processes or on a GPU, within a budget (App. E)."""

import errno
import math
import os
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch

from isoaux.common import cores, paths
from isoaux.common.choices import unknown
from isoaux.common.work import bar
from isoaux.paper import Network, by_shape
from isoaux.training import replacement, store
from isoaux.training.data import Images
from isoaux.training.session import HELD, Outcome, Report, Task, train_group
from isoaux.training.workers import Group, share

WORTH_PROCESSES = 20_000
"""The number of steps from which several processes take less time than one."""


def pick_device(device: str) -> str:
    """The device to use, ``cpu`` or ``cuda``, for ``auto``, ``cpu`` or ``cuda``.

    Raises ValueError for another word, and for ``cuda`` where there is none.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise unknown("device", device, ["auto", "cpu", "cuda"])
    present = torch.cuda.is_available()
    if device == "cuda" and not present:
        raise ValueError("device is 'cuda', but this machine has no CUDA device; accepted here: auto, cpu.")
    return "cuda" if present and device != "cpu" else "cpu"


def train(
    networks: Sequence[Network],
    images: Images,
    *,
    device: str = "auto",
    jobs: int | None = None,
    budget: float | None = None,
    retrain: bool = False,
    root: Path | None = None,
) -> list[Outcome]:
    """Outcomes of ``networks``, in their order; those that the store (below ``root``) does not have are trained.

    ``jobs`` processes with one thread each share the work on the CPU (default: one per core that this process may
    use); a GPU trains all networks of one shape at once. ``budget``, in seconds, stops training at the end of an epoch,
    and a later call with the same arguments goes on from there. With ``retrain`` what the store has is trained again
    beside it, and replaced when that is finished; what another process finishes meanwhile is taken as it is. A
    RuntimeWarning names each network that failed or broke; the others go on. Networks that another process holds to
    the end of the budget are ``paused``.

    Raises ValueError where the budget is too short for one epoch, or the device is absent, and OSError where something
    is to be trained and the store cannot be written.
    """
    place = pick_device(device)
    if budget is not None and math.isnan(budget):
        raise ValueError("budget is nan; accepted: a number of seconds, or None for no limit.")
    deadline = None if budget is None else time.monotonic() + budget
    entries = {network: store.Entry(network, images.checksum, root) for network in networks}
    again = {e.key: replacement.mark(e) for e in entries.values() if retrain and e.state() != "absent"}
    outcomes = {
        n: Outcome(n, "complete", e.about.get("seconds", 0.0))
        for n, e in entries.items()
        if e.key not in again and not replacement.unsettled(e) and e.verify()
    }
    missing = tuple(n for n in entries if n not in outcomes)  # each once, also where it was named twice
    if not missing:
        return [outcomes[n] for n in networks]
    refuse_read_only(root or paths.cache())
    groups = by_shape(missing) if place == "cuda" else [(network,) for network in missing]
    total = sum(n.recipe.epochs for n in missing)
    begun = [replacement.beside(e) if e.key in again else e for e in map(entries.__getitem__, missing)]
    before = sum(entry.epochs_done() for entry in begun)
    moved = 0
    with bar(total, f"training {len(missing)} networks", "epoch", initial=before) as progress:

        def report(name: str, epoch: int, loss: float) -> None:
            nonlocal moved
            moved += 1
            progress.set_postfix_str(f"{name}, epoch {epoch}, loss {loss:.4g}", refresh=False)
            progress.update()

        task = Task(place, deadline, root, again=again)
        workers = 1 if place == "cuda" else _workers(missing, len(images.train), jobs)
        if workers > 1:
            trained = share(groups, images, task, workers, report)
        else:
            trained = _in_turn(groups, images, task, report)
    outcomes |= {outcome.network: outcome for outcome in trained}
    paused = [o for o in outcomes.values() if o.state == "paused"]
    if paused and not moved and all(o.reason != HELD for o in paused):
        raise ValueError(
            f"budget is {budget:g} seconds, too short for one epoch of {paused[0].network.id} "
            f"({paused[0].reason}); accepted: a longer budget."
        )
    for outcome in outcomes.values():
        if outcome.state in ("failed", "broken"):
            reason = outcome.reason.rstrip(".")
            warnings.warn(f"{outcome.network.id} was ended: {reason}.", RuntimeWarning, stacklevel=2)
    return [outcomes[n] for n in networks]


def refuse_read_only(store_root: Path) -> None:
    """Raise OSError, before anything is trained, where the store cannot be written."""
    for folder in (store_root / "networks", store_root / "locks"):
        if not paths.can_be_written(folder):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


def _in_turn(groups: Sequence[Group], images: Images, task: Task, report: Report) -> list[Outcome]:
    """Outcomes of groups that are trained one after the other in this process.

    Some errors of a GPU, like a failed assertion, take it away from the process in which they happen: then every group
    that is left is trained in a process of its own.
    """
    outcomes: list[Outcome] = []
    lost = False
    for group in groups:
        if lost:
            outcomes += share([group], images, task, 1, report)
            continue
        trained = train_group(group, images, task, report)
        lost = task.device == "cuda" and any(o.state == "broken" for o in trained) and _gpu_is_lost()
        outcomes += trained
    return outcomes


def _gpu_is_lost() -> bool:
    try:
        torch.cuda.synchronize()
    except RuntimeError:
        return True
    return False


def _workers(networks: tuple[Network, ...], samples: int, jobs: int | None) -> int:
    steps = sum(n.recipe.epochs * -(-samples // n.recipe.batch_size) for n in networks)
    return min(jobs or cores.allowed(), len(networks)) if jobs or steps > WORTH_PROCESSES else 1
