"""The script of the scorecard's pages: a page that is opened from disk may import nothing."""

from pathlib import Path

from isoaux.common.scripts import plain

MODULE = Path(__file__).parent / "wall.mjs"


def for_page() -> str:
    """A classic script that tells of marks, opens rows, and filters the wall of a page."""
    return f"(function isoauxScorecard() {{\n{plain(MODULE.read_text('utf-8'))}\nserveScorecard(document);\n}})();\n"
