"""The book's directives on a staged copy: its own data and pictures, and the code of the installed package."""

import base64
import json
import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from roots import DATA, ROOT

from isoaux.paper import figure, figures
from isoaux.studies import registry

pytest.importorskip("myst_parser")
application = pytest.importorskip("sphinx.application")
docutils = pytest.importorskip("sphinx.util.docutils")
beautiful = pytest.importorskip("bs4").BeautifulSoup

FINDING = "Tanh has 7 points and isotropic tanh 5."

Build = Callable[..., tuple[dict[str, object], str]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The sources of a book of another profile: Figure 1 alone is in it, with facts of its own."""
    staged = tmp_path / "src"
    for name in ("data/networks", "images", "notebooks"):
        (staged / "book" / name).mkdir(parents=True)
    facts = json.loads((DATA / "fig01.json").read_text("utf-8")) | {"profile": "smoke", "measure_version": 0}
    (staged / "book" / "data" / "fig01.json").write_text(json.dumps(facts))
    shutil.copy(ROOT / "book" / "images" / "fig01-last.png", staged / "book" / "images")
    png = base64.b64encode((ROOT / "book" / "images" / "fig01-last.png").read_bytes()).decode()
    outputs = [{"output_type": "display_data", "data": {"image/png": png}, "metadata": {}}]
    cell = {"cell_type": "code", "source": "workflow.result('fig01', chosen)", "outputs": outputs}
    about = {"mystnb": {"figure": {"name": "fig01"}, "image": {"alt": "Ten panels."}}, "isoaux": {"finding": FINDING}}
    page = json.dumps({"cells": [{"metadata": {}} | cell, cell | {"metadata": about, "source": ""}], "metadata": {}})
    (staged / "book" / "notebooks" / "one.ipynb").write_text(page)
    (staged / "book" / "notebooks" / "one.md").write_text("# One\n")  # in the place of what myst-nb makes of it
    return staged


@pytest.fixture
def build(root: Path, tmp_path: Path) -> Build:
    """Builds the staged book with a page of this text; the page, and what the build warned of."""

    def made(text: str) -> tuple[dict[str, object], str]:
        (root / "index.md").write_text(f"# Book\n\n```{{toctree}}\nbook/notebooks/one\n```\n\n{text}\n")
        warnings = StringIO()
        extensions = ["myst_parser", "sphinx.ext.autodoc", "isoaux_book", "isoaux_scorecard", "isoaux_verdicts"]
        settings = {"extensions": extensions, "html_theme": "basic", "suppress_warnings": ["config.cache"]}
        extensions += ["mathml", "isoaux_findings", "isoaux_terms"]
        settings |= {"myst_enable_extensions": ["dollarmath"], "html_math_renderer": "mathml"}
        places = (str(tmp_path / "out"), str(tmp_path / "doctrees"))
        with docutils.patch_docutils(), docutils.docutils_namespace():
            app = application.Sphinx(
                str(root), None, *places, "html", settings, status=None, warning=warnings, freshenv=True
            )
            app.build()
        return beautiful((tmp_path / "out" / "index.html").read_text("utf-8"), "html.parser"), warnings.getvalue()

    return made


def test_a_staged_book_shows_what_is_in_it(build: Build) -> None:
    names = (
        "provenance} fig01",
        "provenance} fig02",
        "downloads} fig01",
        "picture} fig01",
        "gallery}",
        "status-table}",
    )
    page, warnings = build("\n\n".join(f"```{{{name}\n```" for name in names))
    assert warnings == ""
    amber, missing = page.select(".provenance")
    assert "amber" in amber["class"] and amber.get_text().strip().startswith("Made with profile smoke, 125 epochs")
    assert "The code has moved since (measure_version 0, now " in amber.get_text()
    assert missing.get_text().strip() == "No data of fig02 are published yet."
    assert page.select_one(".downloads").get_text().strip() == "Download: PNG · facts (json)"
    assert page.select_one(".picture img")["alt"] == "Ten panels."
    assert page.select_one(".picture a")["href"] == "book/notebooks/one.html"
    (item,) = page.select(".gallery-item")
    alt = f"Figure\u00a01 in small at its last checkpoint, a line of networks per activation. {FINDING}"
    assert item.find("img")["alt"] == alt and FINDING in item.get_text() and figure("fig01").setting in item.get_text()
    shown = [each for each in figures().values() if registry.of(each).thumbnail]
    assert page.get_text().count("not published yet") == len(shown) - 1
    lines = [[cell.get_text().strip() for cell in row.find_all("td")] for row in page.select("table.status tbody tr")]
    assert [line[0].split() for line in lines] == [
        ["Figure", str(each.number), name] for name, each in figures().items()
    ]
    assert lines[0][2].startswith("profile smoke, ") and lines[1][2:] == ["not yet", "not measured"]


def test_a_scorecard_has_the_verdicts_of_its_own_data(build: Build, root: Path) -> None:
    page, warnings = build("```{claims} fig01\n```")
    assert warnings == "" and "No verdict is published yet" in page.get_text()
    card = json.loads((DATA / "scorecard.json").read_text("utf-8"))
    of_figure = [row for row in card["rows"] if row["figure"] == "fig01"]
    made_up = {"claim": "A claim of this book.", "symmetry": False, "category": "proposal", "orientation": "author"}
    counted = {"verdict": "not seen", "yes": 0, "against": 7, "undecided": 0, "unit": "pairs", "changed": "for a test"}
    of_figure[0] |= made_up | counted
    (root / "book" / "data" / "scorecard.json").write_text(json.dumps(card))
    page, warnings = build("```{claims} fig01\n```\n\n```{scorecard}\n```")
    strip, wall = page.select_one(".isoaux-claims"), page.select_one(".isoaux-wall")
    marks, rows = strip.select("a.mark"), strip.select(".claim-row")
    assert [mark["href"] for mark in marks] == [f"#{row['id']}" for row in rows]
    assert [row["id"] for row in rows] == [f"claim-{row['id']}" for row in of_figure], "no statement of the text"
    assert marks[0]["aria-label"] == "Figure 1 (1): not seen in 7 pairs"
    text = " ".join(rows[0].get_text(" ").split())
    assert text.startswith("∅ not seen in 7 pairs A claim of this book. †") and "† Changed: for a test." in text
    assert "a proposal of the paper; not counted; up and down as in the author’s pictures" in text
    assert f" of these {len(of_figure)} entries have the statistic" in strip.get_text()
    assert not strip.select(":scope > p.kind"), "no link to a page that this book has not"
    assert [link["href"] for link in wall.select("#claims-fig01 > p a")] == ["book/notebooks/one.html"]
    assert len(wall.select("a.mark")) == len(wall.select(".claim-row")) == len(card["rows"])


def test_the_verdicts_of_a_page_are_counted_in_one_line_that_links_to_them(build: Build, root: Path) -> None:
    line = "```{verdicts} fig01\n:section: Every claim\n```\n\n## Every claim"
    page, warnings = build(line)
    assert warnings == "" and not page.select(".isoaux-verdicts"), "nothing is said where no verdict is published"
    card = json.loads((DATA / "scorecard.json").read_text("utf-8"))
    judged = [row for row in card["rows"] if row["page"] == "fig01" and row["outcome"]]
    card["rows"] = judged[:3]
    for row, verdict in zip(judged, ("holds", "holds in part", "undecided"), strict=False):
        row["verdict"] = verdict
    (root / "book" / "data" / "scorecard.json").write_text(json.dumps(card))
    page, warnings = build(line)
    words = page.select_one(".isoaux-verdicts")
    assert warnings == "" and words.get_text().strip() == (
        "Of 3 statements about this figure that can be judged, 2 hold at least in part, none is contradicted and 1 is "
        "undecided: all verdicts."
    )
    assert words.find("a")["href"] == "#every-claim" and page.select_one("#every-claim h2")


def test_an_unknown_figure_is_refused_by_name(build: Build) -> None:
    _, warnings = build("```{provenance} figg01\n```")
    assert "figure is 'figg01' (did you mean 'fig01'?)" in warnings


def test_the_findings_are_those_of_the_book_and_link_what_is_there(build: Build, root: Path) -> None:
    page, warnings = build("```{findings}\n```\n\nIt is {measured}`rep-3`.")
    assert (
        warnings == "" and "Nothing is published yet." in page.get_text() and "It is (not published" in page.get_text()
    )
    card = json.loads((DATA / "scorecard.json").read_text("utf-8"))
    rows = {row["id"]: row for row in card["rows"]}
    (root / "book" / "data" / "scorecard.json").write_text(json.dumps(card))
    (root / "book" / "notebooks" / "own_scorecard.md").write_text("---\norphan: true\n---\n# Card\n")
    page, warnings = build("```{findings}\n```\n\nIt is {measured}`rep-3`, {measured}`rep-4b`.")
    assert warnings == ""
    first, second = page.select("ul.findings li")
    assert first.find("strong").get_text() == "The other three sources" and not first.find_all("a")
    assert [link["href"] for link in second.find_all("a")] == ["book/notebooks/own_scorecard.html"]
    assert f"It is {rows['rep-3']['yes']} of 15 networks, {rows['rep-4b']['said']}." in page.get_text()
    assert "no claim is called 'rep-99'" in build("{measured}`rep-99`")[1]


TERMS = """
- {term: c4, words: [c4], math: [c_4], says: 'Angles <of> points.'}
- {term: seed, words: ['seeds?'], says: A number.}
- {term: raw, words: ['raw(?! pixels)'], says: As it is.}
"""


def test_a_term_is_explained_once_where_it_is_first_used(build: Build, root: Path) -> None:
    (root / "book" / "terms.yml").write_text(TERMS)
    words = "`c4` of raw pixels and $c_4$ of two *seeds*, then c4 of raw seeds."
    page, warnings = build(f"## A seed in a heading\n\n{words}\n\n```{{terms}}\n```")
    assert warnings == ""
    uses = page.select("p .isoaux-term")
    assert uses[0].find("math") and [use.get_text() for use in uses[1:]] == ["seeds", "raw"]
    assert [use["data-says"] for use in uses] == ["Angles <of> points.", "A number.", "As it is."]
    assert all(use["tabindex"] == "0" for use in uses)
    notes = page.select("ol.isoaux-terms li")
    assert (
        [note["id"] for note in notes]
        == [use["aria-describedby"] for use in uses]
        == ["term-c4", "term-seed", "term-raw"]
    )
    assert notes[0].get_text() == "c4: Angles <of> points."
    assert [one.get_text() for one in page.select("dl.terms dt")] == ["c4", "seed", "raw"]
