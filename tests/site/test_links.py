"""Every file that a page names is in the sources of the book, at every profile; nothing is built here."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from roots import ROOT

from isoaux.paper import PROFILES
from isoaux.site import build, links

LABEL = re.compile(r"^\(([^)\s]+)\)=$|^:(?:name|label): *(\S+)$", re.M)
NAMED = (
    r"!?\[[^\]\n]*\]\(<?([^)\s>]+)",  # Markdown links and images
    r"\{(?:download|doc|include)\}`(?:[^`<]*<)?([^`>]+)",  # roles
    r"\{(?:image|figure|include|literalinclude)\} *(\S+)",  # directives
    r"^:(?:file|link): *(\S+)$",  # their options
    r"""\b(?:src|href|poster)=["']([^"'{}]+)""",  # HTML
)
"""How a page names a file; written independently of what the package reads pages with."""


def texts(page: Path) -> Iterator[str]:
    """What a page says in Markdown and HTML, its outputs included, without code."""
    if page.suffix == ".md":
        parts = [page.read_text("utf-8")]
    else:
        cells = json.loads(page.read_text("utf-8"))["cells"]
        parts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        shown = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
        parts += ["".join(data[kind]) for data in shown for kind in ("text/markdown", "text/html") if kind in data]
    for part in parts:
        part = re.sub(r"^(`{3,})(\{?)(.*?)^\1", lambda block: block[0] if block[2] else "", part, flags=re.M | re.S)
        yield re.sub(r"(?<![`}])`[^`\n]+`(?!`)|\$[^$\n]+\$", "", part)


def named(page: Path) -> set[str]:
    """Targets within the book that a page names."""
    found = {target for text in texts(page) for form in NAMED for target in re.findall(form, text, re.M)}
    return {target for target in found if not urlsplit(target).scheme and not target.startswith("#")}


def pages(root: Path) -> list[Path]:
    return sorted(path for path in (root / "book").rglob("*") if path.suffix in (".md", ".ipynb"))


def labels(root: Path) -> set[str]:
    known = {next(filter(None, match)) for page in pages(root) for text in texts(page) for match in LABEL.findall(text)}
    for page in pages(root):
        known |= set(re.findall(r'"name": *"([\w-]+)"', page.read_text("utf-8")))
    return known


def broken(root: Path) -> dict[str, list[str]]:
    """By page, the targets that are no file and no page of a book's sources, and no label in them."""
    known, found = labels(root), {}
    for page in pages(root):
        lost = []
        for target in named(page):
            path = unquote(urlsplit(target).path)
            place = root / path[1:] if path.startswith("/") else page.parent / path
            if not any(Path(f"{place}{suffix}").is_file() for suffix in ("", ".md", ".ipynb")) and target not in known:
                lost.append(target)
        if lost:
            found[page.relative_to(root).as_posix()] = sorted(lost)
    return found


def test_pages_name_files() -> None:
    """The walk below sees something: the two downloads that are there today, links and figures."""
    every = {target for page in pages(ROOT) for target in named(page)}
    assert {"../data/calibration.json", "../data/scorecard.json", "own_scorecard", "gallery.md"} <= every


@pytest.mark.parametrize("profile", PROFILES)
def test_whatever_pages_link_is_in_the_sources_of_every_profile(profile: str, tmp_path: Path) -> None:
    """With no page run yet, and with all of them run, whose outputs may link more."""
    root = ROOT if profile == "published" else tmp_path / profile / "src"
    if profile != "published":
        build.stage(root)
    assert broken(root) == {}
    if profile != "published":
        for page in (ROOT / "book" / "notebooks").glob("*.ipynb"):
            shutil.copy(page, root / "book" / "notebooks")
        build.stage(root)
        assert broken(root) == {}


def test_a_link_to_what_is_not_there_is_seen(tmp_path: Path) -> None:
    build.stage(tmp_path)
    (tmp_path / "book" / "data" / "calibration.json").unlink()
    assert broken(tmp_path) == {"book/notebooks/own_calibration.ipynb": ["../data/calibration.json"]}


FORMS = {
    "link": "[words](../data/x.csv)",
    "link with spaces": "[words](<../data/x y.csv>)",
    "reference": "[words][there]\n\n[there]: ../data/x.csv",
    "image": "![words](../data/x.png)",
    "download": "{download}`words <../data/x.csv>`",
    "bare download": "{download}`../data/x.csv`",
    "from the root": "{download}`words </book/data/x.csv>`",
    "fragment": "[words](../data/x.csv#L1)",
    "escaped": "[words](../data/x%20y.csv)",
    "figure": "```{figure} ../data/x.png\n:alt: words\n\nA caption with [more](../data/y.csv).\n```",
    "colon fence": ":::{image} ../data/x.png\n:width: 3\n:::",
    "nested": "````{note}\nSee\n```{literalinclude} ../data/x.csv\n```\n````",
    "option": "```{csv-table} words\n:file: ../data/x.csv\n```",
    "html": '<img alt="words" src="../data/x.png">',
    "html in a line": 'See <a href="../data/x.csv">this</a>.',
    "table": "| a |\n| --- |\n| [words](../data/x.csv) |",
    "outside the book": "[words](../../benchmarks/x.json)",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["page", "notebook", "output"])
def test_a_file_that_is_linked_in_any_way_is_staged(form: str, kind: str, checkout: Path) -> None:
    """Of what is linked all that is there, and nothing of it that is made per profile."""
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy(ROOT / name, checkout)
    (checkout / "benchmarks").mkdir()
    for name in ("data/x.csv", "data/x y.csv", "data/x.png", "data/y.csv", "data/unlinked.csv", "data/fig01.json"):
        (checkout / "book" / name).write_text(name)
    (checkout / "benchmarks" / "x.json").write_text("0")
    text = FORMS[form] + "\n\n[of a figure](../data/fig01.json) and [far away](https://example.org/data/unlinked.csv)\n"
    root = checkout / "_build" / "smoke" / "src"
    page = (root if kind == "output" else checkout) / "book" / "notebooks" / "hello.ipynb"
    if kind == "page":
        (checkout / "book" / "pages").mkdir()
        (checkout / "book" / "pages" / "hello.md").write_text(text)
    else:
        markdown = {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}
        shown = {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": text}}
        code = {"cell_type": "code", "metadata": {}, "source": "", "outputs": [shown], "execution_count": 1}
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(json.dumps({"cells": [code if kind == "output" else markdown], "metadata": {}}))
        (checkout / "notebooks" / "hello.ipynb").write_text(page.read_text())
    names = re.findall(r"[xy](?: y)?\.(?:csv|png|json)", unquote(FORMS[form]))
    wanted = {place for place in checkout.rglob("*.*") if place.name in names}
    build.stage(root)
    assert wanted and all((root / place.relative_to(checkout)).is_file() for place in wanted)
    here = {path.name for path in (root / "book" / "data").iterdir()}
    assert here <= {place.name for place in wanted} | {"scorecard.json"}


def write(root: Path, text: str, extensions: str = "") -> Path:
    """A page of a book whose configuration names these extensions."""
    (root / "_config.yml").write_text(f"parse:\n  myst_enable_extensions: [{extensions}]\n")
    page = root / "book" / "hello.md"
    page.parent.mkdir(exist_ok=True)
    page.write_text(text)
    return page


def test_what_is_no_file_of_the_book_is_left_out(tmp_path: Path) -> None:
    text = "[a](mailto:a@b.c) [b](https://b.c/d.csv) [c](//b.c/d.csv) [d](#here) [e](../../../etc/passwd)\n"
    assert links.files(write(tmp_path, text), tmp_path) == []
    text = "`[a](b.csv)`, $f[a](b)$\n\n```python\n[a](c.csv)\n```\n"
    assert links.files(write(tmp_path, text, "dollarmath"), tmp_path) == []


def test_a_page_is_read_with_the_extensions_of_its_book(tmp_path: Path) -> None:
    """In a book without mathematics, dollars are text; without colon fences, these are paragraphs."""
    for text, extension, names in (
        ("$f[a](b.csv)$", "dollarmath", [[Path("book/b.csv")], []]),
        (":::{image} c.png\n:::", "colon_fence", [[], [Path("book/c.png")]]),
    ):
        assert [links.files(write(tmp_path, text, each), tmp_path) for each in ("", extension)] == names
