"""``publish``: write network records and figure files of what is trained."""

import argparse

from isoaux.commands import chosen
from isoaux.common import paths
from isoaux.records import publishing
from isoaux.studies import registry


def execute(options: argparse.Namespace) -> int:
    """Measure the networks of the store, write the files, and print their places (without suffix)."""
    settings = chosen.settings_to_compute(options, "which has been published")
    for figure in chosen.figures(options.figures):
        result = registry.of(figure).compute(figure, settings, jobs=options.jobs, train=False)
        for path in publishing.publish(result, options.to or paths.data()):
            print(path)
    return 0
