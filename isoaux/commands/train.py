"""``train``: train the networks of some figures and, where asked, measure and publish them."""

import argparse
from collections import Counter

from isoaux.commands import chosen, plan, queue
from isoaux.commands.plan import Part
from isoaux.common.numbers import counted
from isoaux.settings import Settings
from isoaux.studies import steps


def execute(options: argparse.Namespace) -> int:
    """Train what the store lacks, and say how it ended.

    The status is 1 where a network failed or broke. With ``--require-finished`` it is 3 where another call would go on,
    and else 0: a network that failed is finished, and will be missing from what is published.
    """
    settings, dtypes = chosen.settings_by_figure(options, "which trains nothing")
    if options.all and options.figures:
        raise ValueError(
            f"figures are {' '.join(options.figures)!r} beside --all; accepted: --all or names of figures."
        )
    parts = plan.parts(chosen.figures(options.figures), settings, dtypes)
    networks = chosen.of_shapes(plan.networks_by_source(parts), options.shape)
    if options.all or options.publish:
        return _publishing(options, parts, settings)
    states = []
    for outcome in steps.train_all(networks, settings, jobs=options.jobs, budget=options.budget):
        states.append(outcome.state)
        if outcome.state != "complete":
            print(f"{outcome.network.id}: {outcome.state}, {outcome.reason}")
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    print(f"{len(states)} networks: {counts or 'nothing to train'}")
    return _status(options, set(states))


def _publishing(options: argparse.Namespace, parts: list[Part], settings: Settings) -> int:
    """Train, measure and publish; see :func:`isoaux.commands.queue.work`."""
    if settings.retrain:
        raise ValueError("retrain is True with --publish or --all; accepted: --retrain alone, and then --publish.")
    folder = options.to or plan.folder_for(settings)
    how = {"device": settings.device, "jobs": options.jobs, "budget": options.budget, "shapes": options.shape}
    board = queue.work(parts, folder, **how)
    for words, reason in (board.problems | board.notes).items():
        print(f"{words}: {reason.rstrip('.')}")
    for outcome in board.outcomes.values():
        if outcome.state != "complete":
            print(f"{outcome.network.id}: {outcome.state}, {outcome.reason}")
    counts = Counter(board.states.values())
    trained = ", ".join(f"{count} {state}" for state, count in counts.items())
    left = f"{counted(len(board.unpublished), 'file')} left to publish"
    print(f"{counted(len(board.states), 'network')}: {trained or 'nothing to train'}; {left}")
    states = set(counts) | ({"broken"} if board.problems else set()) | ({"paused"} if board.unpublished else set())
    return _status(options, states)


def _status(options: argparse.Namespace, states: set[str]) -> int:
    if options.require_finished:
        return 3 if {"absent", "partial", "paused", "broken"} & states else 0
    return 1 if {"failed", "broken"} & states else 0
