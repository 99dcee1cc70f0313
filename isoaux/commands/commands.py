"""What each command does; every function returns the exit status."""

import argparse
import json
import time

from isoaux import settings
from isoaux.commands.options import (
    chosen_figures,
    chosen_settings,
    networks_by_source,
)
from isoaux.common import paths
from isoaux.paper import figure, figures

VERIFY_STATUS = (
    "Exit status: 0 all agree, 1 something disagrees, 2 an error (a spent budget too), 3 not comparable: "
    "both sides are printed, and nothing is judged, because they are not of one data set and profile."
)


def train(options: argparse.Namespace) -> int:
    """Train the networks of some figures."""
    from isoaux.training import data, session
    from isoaux.training import train as training

    deadline = None if options.budget is None else time.monotonic() + options.budget
    chosen = chosen_settings(options, "paper")
    if chosen.profile == "published":
        raise ValueError("profile is 'published', which trains nothing; accepted: smoke, quick or paper.")
    states: list[str] = []
    for source, members in networks_by_source(chosen_figures(options.figures), chosen, options.shape).items():
        if states and deadline is not None and time.monotonic() >= deadline:
            outcomes = session.ended("paused", members, session.SPENT)
        else:
            images = data.load(source)
            outcomes = training.train(
                members,
                images,
                device=chosen.device,
                jobs=options.jobs,
                budget=None if deadline is None else max(0.0, deadline - time.monotonic()),
                retrain=chosen.retrain,
            )
        states += [outcome.state for outcome in outcomes]
        for outcome in outcomes:
            if outcome.state != "complete":
                print(f"{outcome.network.id}: {outcome.state}, {outcome.reason}")
    counts = ", ".join(f"{states.count(s)} {s}" for s in dict.fromkeys(states))
    print(f"{len(states)} networks: {counts or 'nothing to train'}")
    if options.require_finished:  # a network that failed has been tried, and is published as missing
        return 3 if {"paused", "broken"} & set(states) else 0
    return 1 if {"failed", "broken"} & set(states) else 0


def publish(options: argparse.Namespace) -> int:
    """Write records and figure files of what is trained."""
    from isoaux.records import publishing
    from isoaux.studies import registry

    chosen = chosen_settings(options, "paper")
    if chosen.profile == "published":
        raise ValueError("profile is 'published', which has been published; accepted: smoke, quick or paper.")
    for wanted in chosen_figures(options.figures):
        result = registry.of(wanted).compute(wanted, chosen, jobs=options.jobs, train=False)
        for path in publishing.publish(result, options.to or paths.data()):
            print(path)
    return 0


def explorer(options: argparse.Namespace) -> int:
    """Write the explorer's files."""
    from isoaux.explorer import collection
    from isoaux.site import notebooks
    from isoaux.training import data

    folder = options.to or paths.data() / "explorer"
    source = settings.read({"dataset": options.dataset}).dataset
    print(collection.write(data.load(source), paths.data(), folder, collection.SHOWN, notebooks.holding()))
    return 0


def scorecard(options: argparse.Namespace) -> int:
    """Write the verdicts, and say what they come to."""
    from isoaux.common.tables import in_ascii
    from isoaux.scorecard import compute as cards
    from isoaux.scorecard import report as scorecard_report

    folder = options.data or paths.data()
    if not folder.is_dir():
        raise FileNotFoundError(f"data is {str(folder)!r}, where nothing is; accepted: a folder of published files.")
    card = cards.compute(folder)
    print(scorecard_report.by_verdict(card))
    print(in_ascii("\n".join(scorecard_report.sentences(card))))
    print(cards.write(card, options.to or folder / "scorecard.json"))
    return 0


def run(options: argparse.Namespace) -> int:
    """Train, publish, run the notebooks, build the book: all of it on one machine."""
    from isoaux.site import build, notebooks

    chosen = chosen_settings(options, "published")
    known = notebooks.sources()
    if figures_alone := [name for name in options.figures if name not in known]:
        chosen_figures(figures_alone)
    page = build.make(options.figures or list(known), chosen, jobs=options.jobs, budget=options.budget)
    print(page)
    return 0


def verify(options: argparse.Namespace) -> int:
    """Compare a figure of the store, trained where it is missing, with what is published."""
    from isoaux.commands import verification
    from isoaux.studies import registry

    chosen = chosen_settings(options, "paper")
    if chosen.profile == "published":
        raise ValueError("profile is 'published', which is one side already; accepted: smoke, quick or paper.")
    wanted = figure(options.figure)
    study = registry.of(wanted)
    if study.compared is None or study.read is None:
        accepted = ", ".join(name for name, each in figures().items() if registry.of(each).compared is not None)
        raise ValueError(f"figure is {wanted.name!r}, of which nothing is trained; accepted: {accepted}.")
    there = study.read(wanted, settings.Settings())
    own = study.compute(wanted, chosen, jobs=options.jobs, budget=options.budget)
    found = verification.compare(there, own)
    print(json.dumps(found.as_json(), indent=1) if options.json else f"{found.table()}\n\n{found.words()}")
    return found.status


def status(options: argparse.Namespace) -> int:
    """Say what is there and what would be done; compute and download nothing."""
    from isoaux.commands import overview
    from isoaux.studies import registry

    chosen = chosen_settings(options, "paper")
    wanted = [figure(name) for name in options.figures] or list(figures().values())
    print(overview.machine())
    print(overview.table([each for each in wanted if registry.of(each).read is not None], chosen))
    return 0
