"""``verify``: compare a training of one's own with what is published."""

import argparse
import json

from isoaux import paper
from isoaux.commands import chosen, verification
from isoaux.settings import Settings
from isoaux.studies import registry


def execute(options: argparse.Namespace) -> int:
    """Train a figure where the store lacks it, and print it beside the published one.

    The status is that of the comparison, :data:`isoaux.commands.verification.STATUS`.
    """
    settings = chosen.settings_to_compute(options, "which is one side already")
    figure = paper.figure(options.figure)
    study = registry.of(figure)
    if study.compared is None or study.read is None:
        accepted = ", ".join(name for name, each in paper.figures().items() if registry.of(each).compared is not None)
        raise ValueError(f"figure is {figure.name!r}, of which nothing is trained; accepted: {accepted}.")
    published = study.read(figure, Settings())
    yours = study.compute(figure, settings, jobs=options.jobs, budget=options.budget)
    comparison = verification.compare(published, yours)
    if options.json:
        print(json.dumps(comparison.as_json(), indent=1))
    else:
        print(f"{comparison.table()}\n\n{comparison.words()}")
    return comparison.status
