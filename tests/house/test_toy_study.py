"""Adding a study is adding one folder: a toy study is listed, drawn, judged and shown without a change elsewhere.

In a copy of the checkout a folder, its entries in ``figures.yaml`` and ``claims.yaml``, a notebook and a line of
``_toc.yml`` are added, and a figure file is published; everything else is done by the commands.
"""

import json
import re
import shutil
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import programs
import pytest
from roots import DATA, ROOT

from isoaux.common import archive

pytest.importorskip("papermill")
pytest.importorskip("jupyter_book")

STUDY = {
    "__init__": '"""Throws of a die."""\n',
    "data": """
from isoaux.records.reading import read_figure

def read(figure, settings, folder=None):
    return read_figure(figure, settings, folder)
""",
    "report": """
def words(figure):
    return f"{figure.entry['throws']} throws of a fair die"

def finding(result):
    counts = result.drawing["counts"]
    return f"The sides come up {counts.min()} to {counts.max()} times."
""",
    "figures": """
from matplotlib.figure import Figure
from isoaux.drawing.look import Drawn, style
from isoaux.studies.toy import report

def bars(result):
    with style():
        canvas = Figure(figsize=(3, 2))
        canvas.subplots().bar(range(1, 7), result.drawing["counts"])
    return Drawn(canvas, f"A bar for each side. {report.finding(result)}", finding=report.finding(result))

def thumbnail(result):
    return bars(result).png()
""",
    "claims": """
from isoaux.records.evidence import result_of, share

def sides_seen(claim, reader):
    counts = result_of(claim, reader).drawing["counts"]
    return share(int((counts > 0).sum()), len(counts), "sides come up", 0)
""",
    "study": """
from isoaux.studies.protocol import Study
from isoaux.studies.toy import claims, data, figures, report

STUDY = Study("toy", "Appendix Z", words=report.words, read=data.read, draw=figures.bars,
              thumbnail=figures.thumbnail, deciders={"sides_seen": claims.sides_seen})
""",
}
"""The modules of the folder."""

FIGURE = """
- id: X90
  section: App. Z
  study: toy
  throws: 60
  networks: []
"""

CLAIM = """
- {id: figX90-1, where: text, claim: "Every side comes up.", family: dice,
   decide: {statistic: sides_seen, figure: figX90}, rule: every}
"""

CONTENTS = """
format: jb-book
root: book/gallery
chapters:
  - file: book/notebooks/own_toy
"""
"""Instead of the whole book, the gallery and the new page."""

COUNTS = np.array([9, 12, 8, 11, 13, 7])


def code(name: str, source: str, **metadata: Any) -> dict[str, Any]:
    about = {"cell_type": "code", "execution_count": None, "outputs": []}
    return about | {"id": name, "metadata": metadata, "source": source}


NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "id": "head", "metadata": {}, "source": "# A die"},
        code("parameters", 'profile: str = "published"', tags=["parameters"]),
        code(
            "data",
            "from isoaux import settings, workflow\n"
            "from isoaux.studies.toy import figures\n\n"
            'collection = workflow.collect(["figX90"], settings.read(globals()))',
        ),
        code(
            "figX90",
            'figures.bars(collection["figX90"])',
            mystnb={"figure": {"name": "figX90", "caption": "How often each side came up."}},
        ),
        {
            "cell_type": "markdown",
            "id": "about",
            "metadata": {},
            "source": "".join(f"```{{{name}}} figX90\n```\n" for name in ("provenance", "downloads", "claims")),
        },
    ],
    "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with the toy study, in which nothing else is published."""
    home = tmp_path_factory.mktemp("checkout")
    programs.copy_package(home)
    for name in ("notebooks", "book"):
        ignored = shutil.ignore_patterns("data", "images", "notebooks") if name == "book" else None
        shutil.copytree(ROOT / name, home / name, ignore=ignored)
    shutil.copy(ROOT / "_config.yml", home)
    for module, text in STUDY.items():
        path = home / "isoaux" / "studies" / "toy" / f"{module}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    paper = home / "isoaux" / "paper"
    catalogue = (paper / "figures.yaml").read_text("utf8")
    (paper / "figures.yaml").write_text(catalogue.replace("\nown_figures:", f"\nown_figures:{FIGURE.rstrip()}"), "utf8")
    (paper / "claims.yaml").write_text((paper / "claims.yaml").read_text("utf8") + CLAIM, "utf8")
    (home / "notebooks" / "own_toy.ipynb").write_text(json.dumps(NOTEBOOK))
    (home / "_toc.yml").write_text(CONTENTS)
    facts = archive.read(DATA / "fig04").facts | {"figure": "figX90", "dataset": "throws of a die"}
    archive.write(home / "book" / "data" / "figX90", {"counts": COUNTS}, facts)
    return home


@pytest.fixture(scope="module")
def printed(home: Path) -> list[str]:
    """What the commands print by which the copy lists, judges and shows the toy."""
    return programs.commands(home, [("status", "--profile", "published"), ("scorecard",), ("run", "own_toy")])


@pytest.fixture(scope="module")
def site(home: Path, printed: list[str]) -> Path:
    """The book of two pages."""
    return home / "_build" / "html" / "book"


def text(page: Path) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", page.read_text("utf8"))).split())


def test_a_study_is_small() -> None:
    assert 10 <= sum(bool(line.strip()) for module in STUDY.values() for line in module.splitlines()) <= 40


def test_its_figure_is_listed(printed: list[str]) -> None:
    line = next(line for line in printed[0].splitlines() if "figX90" in line)
    assert "paper, 5 seeds, throws of a die" in line


def test_its_claim_is_judged(home: Path, printed: list[str]) -> None:
    rows = json.loads((home / "book" / "data" / "scorecard.json").read_text("utf8"))["rows"]
    verdict = next(row for row in rows if row["id"] == "figX90-1")
    assert (verdict["verdict"], verdict["number"]) == ("holds", 1)
    assert (verdict["figure"], verdict["place"]) == ("figX90", "Figure X90, text")
    assert verdict["files"] == ["figX90.npz"]


def test_its_notebook_draws_its_figure(home: Path, site: Path) -> None:
    cells = {
        cell["id"]: cell for cell in json.loads((home / "book/notebooks/own_toy.ipynb").read_text("utf8"))["cells"]
    }
    assert "image/png" in cells["figX90"]["outputs"][0]["data"]
    assert cells["figX90"]["metadata"]["mystnb"]["image"]["alt"].startswith("A bar for each side.")
    for name in ("figX90.svg", "figX90-last.png"):
        assert (home / "book" / "images" / name).stat().st_size > 500


def test_the_gallery_shows_it(site: Path) -> None:
    assert "60 throws of a fair die. The sides come up 7 to 13 times." in text(site / "gallery.html")
    page = (site / "gallery.html").read_text("utf8")
    assert re.search(r'<a [^>]*href="notebooks/own_toy\.html"[^>]*>\s*<img [^>]*figX90-last\.png', page)


def test_its_page_shows_figure_claim_and_provenance(site: Path) -> None:
    words = text(site / "notebooks" / "own_toy.html")
    for part in ("Figure X90", "How often each side came up.", "throws of a die", "Every side comes up.", "holds"):
        assert part in words, part
