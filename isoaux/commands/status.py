"""``status``: what is published, what is cached, what would run; nothing is computed or downloaded."""

import argparse

from isoaux.commands import chosen, overview
from isoaux.paper import figure, figures
from isoaux.studies import registry


def execute(options: argparse.Namespace) -> int:
    """Print what this machine can do, and a line for each figure that can have data."""
    settings, dtypes = chosen.settings_by_figure(options)
    wanted = [figure(name) for name in options.figures] or list(figures().values())
    print(overview.machine())
    table, times = overview.table(
        [each for each in wanted if registry.of(each).read is not None], settings, dtypes, options.jobs
    )
    print(f"{table}\n{times}".rstrip())
    return 0
