"""``run``: train, publish, run the notebooks and build the book, all of it on one machine."""

import argparse

from isoaux.commands import chosen
from isoaux.site import build, notebooks


def execute(options: argparse.Namespace) -> int:
    """Make the book of the figures and notebooks that are named, and print the path of its front page."""
    settings = chosen.settings_of(options, "published")
    sources = notebooks.sources()
    if figures := [name for name in options.figures if name not in sources]:
        chosen.figures(figures)  # refuses one without data before anything is begun
    print(build.make(options.figures or list(sources), settings, jobs=options.jobs, budget=options.budget))
    return 0
