"""``scorecard``: judge every claim of the paper by what is published."""

import argparse

from isoaux.common import paths
from isoaux.common.tables import in_ascii
from isoaux.scorecard import compute as scorecard
from isoaux.scorecard import report, summary


def execute(options: argparse.Namespace) -> int:
    """Compute the verdicts, print what they come to, write them, and print the place of the file."""
    folder = options.data or paths.data()
    if not folder.is_dir():
        raise FileNotFoundError(f"data is {str(folder)!r}, where nothing is; accepted: a folder of published files.")
    card = scorecard.compute(folder)
    print(f"{report.by_verdict(card)}\n\n{report.meanings(card)}\n")
    print(in_ascii("\n".join([*summary.sentences(card), summary.rules(card.rows).words])))
    print(scorecard.write(card, options.to or folder / "scorecard.json"))
    return 0
