"""``train``: train the networks of some figures."""

import argparse

from isoaux.commands import chosen
from isoaux.studies import steps


def execute(options: argparse.Namespace) -> int:
    """Train what the store lacks, and say how it ended.

    The status is 1 where a network failed or broke. With ``--require-finished`` it is 3 where another call would go on,
    and else 0: a network that failed is finished, and will be missing from what is published.
    """
    settings = chosen.settings_to_compute(options, "which trains nothing")
    networks = chosen.of_shapes(steps.networks_by_source(chosen.figures(options.figures), settings), options.shape)
    states = []
    for outcome in steps.train_all(networks, settings, jobs=options.jobs, budget=options.budget):
        states.append(outcome.state)
        if outcome.state != "complete":
            print(f"{outcome.network.id}: {outcome.state}, {outcome.reason}")
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    print(f"{len(states)} networks: {counts or 'nothing to train'}")
    if options.require_finished:
        return 3 if {"paused", "broken"} & set(states) else 0
    return 1 if {"failed", "broken"} & set(states) else 0
