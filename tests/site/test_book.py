"""The book without building it: formulas, catalogue, errata, sources, and what the extension reads from data."""

import json
import re
from pathlib import Path

import pytest
import yaml
from roots import ROOT

from isoaux import paper
from isoaux.records import reading
from isoaux.site.notebooks import drawn, figures_of, pictures

pytest.importorskip("sphinx")
pytest.importorskip("latex2mathml")
markdown_it = pytest.importorskip("markdown_it")
dollarmath = pytest.importorskip("mdit_py_plugins.dollarmath")
isoaux_book = pytest.importorskip("isoaux_book")
mathml = pytest.importorskip("mathml")

PAGES = sorted((ROOT / "book").glob("*.md"))
NOTEBOOKS = sorted((ROOT / "book" / "notebooks").glob("*.ipynb"))
SOURCES = sorted((ROOT / "notebooks").glob("*.ipynb"))
CATALOGUE = yaml.safe_load((ROOT / "isoaux/paper/figures.yaml").read_text("utf8"))
ERRATA = yaml.safe_load((ROOT / "isoaux/paper/errata.yaml").read_text("utf8"))


def formulas(text: str) -> list[tuple[str, bool]]:
    """(formula, displayed?) of a Markdown text, also inside directives."""
    parser = markdown_it.MarkdownIt("commonmark").enable("table").use(dollarmath.dollarmath_plugin)
    found = []
    for token in parser.parse(re.sub(r"^\s*:::+.*$", "", text, flags=re.M)):
        if token.type == "fence" and token.info.startswith("{") and "eval-rst" not in token.info:
            found += formulas(token.content)
        if token.type.startswith("math_block"):
            found.append((token.content, True))
        found += [(child.content, False) for child in token.children or [] if child.type == "math_inline"]
        found += [(child.content, True) for child in token.children or [] if child.type == "math_inline_double"]
    return found


def texts(path: Path) -> str:
    """The Markdown of a page or of a notebook."""
    if path.suffix == ".md":
        return path.read_text("utf8")
    cells = json.loads(path.read_text("utf8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


# --- mathematics ---


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS, *SOURCES], ids=lambda path: path.name)
def test_every_formula_of_a_page_becomes_mathml(path: Path) -> None:
    for formula, display in formulas(texts(path)):
        assert mathml.convert(formula, display).startswith("<math")


def test_the_formulas_of_the_pages_are_found() -> None:
    found = [formula for path in PAGES for formula in formulas(texts(path))]
    assert len(found) > 100
    assert sum(display for _, display in found) >= 15


def test_every_formula_of_the_errata_becomes_mathml() -> None:
    found = re.findall(r"\$([^$]+)\$", "\n".join(str(value) for item in ERRATA["errata"] for value in item.values()))
    assert len(found) > 50
    for formula in found:
        mathml.convert(formula)


@pytest.mark.parametrize("name", mathml.MACROS)
def test_every_macro_converts(name: str) -> None:
    arguments, _ = mathml.MACROS[name]
    assert "\\" not in mathml.convert(rf"a \{name}" + "{x}" * arguments + " b")


@pytest.mark.parametrize(
    ("formula", "problem"),
    [
        (r"\undefinedcommand x", "undefinedcommand"),
        (r"\begin{gather} a \end{gather}", "gather"),
        (r"\frac{a", "braces"),
        (r"\left( a", "Extra"),
        (r"a_b_c", "DoubleSubscripts"),
        (r"a \\ b", "outside"),
        (r"\mathfrak{so}(n)", "fraktur"),
    ],
)
def test_what_would_come_out_wrong_is_refused(formula: str, problem: str) -> None:
    with pytest.raises(mathml.UnsupportedMath, match=problem):
        mathml.convert(formula)


def test_comparisons_are_escaped_and_groups_upright() -> None:
    assert "<mo>&lt;</mo>" in mathml.convert("a < b")
    assert '<mi mathvariant="normal">O</mi>' in mathml.convert(r"\O(n)")
    assert "<mi>O</mi>" in mathml.convert("O(n)")
    assert "xmlns" not in mathml.convert("a")


def test_lines_of_a_display_are_aligned_at_the_sign() -> None:
    for source in (r"a &= b \\ c &= d", r"\begin{aligned} a &= b \\ c &= d \end{aligned}"):
        found = mathml.convert(source, display=True)
        assert found.count("<mtr>") == 2
        assert found.count('class="align-left"') == 2


# --- the paper as data ---


def test_the_catalogue_has_every_configuration_and_network() -> None:
    networks = CATALOGUE["paper1_networks"]
    ids = [network["id"] for network in networks]
    assert len(ids) == len(set(ids)) == 82
    assert sum(network["seeds"] for network in networks) == 410
    figures = CATALOGUE["paper1_figures"]
    assert [figure["id"] for figure in figures] == list(range(1, 38))
    ppp = {name for figure in figures if figure["study"] == "planes" for name in figure["networks"]}
    assert len(ppp) == 30
    assert sum(network["seeds"] for network in networks if network["id"] in ppp) == 150
    assert {name for figure in figures for name in figure["networks"]} == set(ids)
    assert len(CATALOGUE["srm_figures"]) >= 9


def test_the_errata_are_complete() -> None:
    items = ERRATA["errata"]
    lists = {"E": 98, "PL": 15, "NR": 9}  # the post and the primer have lists of their own
    for letters, last in lists.items():
        numbers = [int(match[1]) for item in items if (match := re.fullmatch(rf"{letters}(\d+)", item["id"]))]
        assert sorted(numbers) == list(range(1, last + 1))
    assert len(items) == sum(lists.values())
    fields = {"id", "paper", "where", "printed", "problem", "reading", "type"}
    for item in items:
        assert set(item) == fields, item["id"]
        assert all(value not in ("", None) for value in item.values()), item["id"]
        assert item["paper"] in isoaux_book.SOURCES
        assert all((item["paper"] == letters) == item["id"].startswith(letters) for letters in ("PL", "NR"))
        assert item["type"] in ERRATA["types"]


def test_every_erratum_that_is_cited_exists() -> None:
    known = {item["id"] for item in ERRATA["errata"]}
    for path in [*PAGES, *NOTEBOOKS, *SOURCES]:
        assert set(re.findall(r"\{erratum\}`([^`]+)`", texts(path))) <= known, path.name


# --- sources of the book ---


def test_every_page_of_the_contents_exists() -> None:
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
    chapters = [chapter for part in contents["parts"] for chapter in part["chapters"]]
    sections = [section for chapter in chapters for section in chapter.get("sections", [])]
    names = [contents["root"]] + [page["file"] for page in [*chapters, *sections]]
    for name in names:
        assert any((ROOT / f"{name}{suffix}").is_file() for suffix in (".md", ".ipynb")), name
    listed = {ROOT / f"{name}.md" for name in names}
    assert {path for path in PAGES if path not in listed} == set(), "pages that nobody can reach"


def test_the_configuration_is_of_jupyter_book_1() -> None:
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf8"))
    assert config["execute"]["execute_notebooks"] == "off"
    sphinx = config["sphinx"]["config"]
    assert sphinx["html_math_renderer"] == "mathml"
    assert sphinx["nb_ipywidgets_js"] == {}
    assert not {"sphinx_thebe", "sphinx.ext.intersphinx", "sphinx.ext.mathjax"} & set(sphinx["extensions"])
    assert "launch_buttons" not in config


@pytest.mark.parametrize(
    "path",
    [*PAGES, *NOTEBOOKS, *SOURCES, *(ROOT / "book/_static").rglob("*"), *(ROOT / "book/_ext").glob("*.py")],
    ids=lambda path: path.name,
)
def test_no_source_loads_from_another_host(path: Path) -> None:
    if path.suffix not in (".md", ".ipynb", ".css", ".mjs", ".js", ".py", ".svg"):
        return
    text = path.read_text("utf8")
    loads = re.findall(
        r"""(?:\bsrc\s*=|\burl\(|@import|\bfetch\(|\bimport\(|\bimport .* from|add_(?:js|css)_file\()\s*\\?['"]?"""
        r"""(?:https?:)?//[^\s'")]+""",
        text,
    )
    assert not loads
    assert not re.search(r"!\[[^]]*\]\(https?:", text)


@pytest.mark.parametrize("path", [*PAGES, *(ROOT / "isoaux/paper").glob("*.yaml")], ids=lambda path: path.name)
def test_nothing_points_out_of_the_repository(path: Path) -> None:
    assert not re.search(r"\.\./shared|/work\b|/tmp\b|spec\.md|quantised-representations", path.read_text("utf8"))


@pytest.mark.parametrize("path", [*NOTEBOOKS, *SOURCES], ids=lambda path: f"{path.parent.parent.name}/{path.name}")
def test_figures_of_notebooks_have_name_caption_and_alternative_text(path: Path) -> None:
    notebook = json.loads(path.read_text("utf8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    drawn = [
        cell
        for cell in cells
        if "figure" in cell["metadata"].get("mystnb", {})
        or any("image/png" in output.get("data", {}) for output in cell["outputs"])
    ]
    assert drawn, "a figure's notebook draws nothing"
    names = []
    for cell in drawn:
        about = cell["metadata"]["mystnb"]
        assert about["figure"]["caption"].strip()
        names.append(about["figure"]["name"])
        if path in NOTEBOOKS:  # written from the measured data when the notebook is run
            alternative = about["image"]["alt"]
            assert len(alternative) > 40, "alternative text says what is seen"
            assert not re.search(r"\.(png|svg)|[0-9a-f]{32}|\{", alternative)
    assert len(names) == len(set(names))
    if path in NOTEBOOKS:
        assert not notebook["metadata"].get("papermill", {}).get("exception")
        assert "widgets" not in notebook["metadata"]
    else:
        assert all(not cell["outputs"] for cell in cells), "sources carry no outputs"


# --- the extensions ---


def test_figures_carry_the_numbers_of_the_paper() -> None:
    class Environment:
        toc_fignumbers = {
            "idea": {"figure": {"sketch": (1,)}, "table": {"tab-x": (1,)}},
            "fig08": {"figure": {"fig08": (2,), "fig08-training": (3,), "fig08-beams": (4,)}},
            "more": {"figure": {"other": (5,), "figx1": (6,), "figx1-training": (7,)}},
        }

    assert isoaux_book.paper_numbers(None, Environment) == []
    found = {name: number for page in Environment.toc_fignumbers.values() for name, number in page["figure"].items()}
    assert found == {
        "sketch": ("A",),
        "fig08": (8,),
        "fig08-training": (8, 1),
        "fig08-beams": (8, 2),
        "other": ("B",),
    } | {
        "figx1": ("X1",),
        "figx1-training": ("X1", 1),
    }
    assert Environment.toc_fignumbers["idea"]["table"] == {"tab-x": (1,)}


def test_every_executed_page_is_in_the_contents() -> None:
    contents = (ROOT / "_toc.yml").read_text("utf8")
    listed = re.findall(r"file: book/notebooks/(\w+)", contents)
    assert sorted(listed) == [path.stem for path in NOTEBOOKS], "a page that nobody can reach"


def test_every_figure_of_a_page_has_its_pictures_and_its_finding() -> None:
    for path in NOTEBOOKS:
        for name in figures_of(path):
            about = drawn(path).get(name)
            published = reading.is_published(paper.figure(name), ROOT / "book" / "data")
            assert bool(about) == published, f"run `python -m isoaux run {name}` again"
            small = [f"{name}-last.png"] * paper.figure(name).has_file  # for the gallery
            assert (name in pictures(path)) == published
            for picture in (f"{name}.svg", *small):
                assert (ROOT / "book" / "images" / picture).is_file() == published, picture
            if published:
                assert about["finding"].endswith(".")
                assert all((ROOT / "book" / "images" / picture).stat().st_size < 60_000 for picture in small)


def test_pictures_keep_their_place() -> None:
    body = '<img alt="a" src="../_images/a.png"/><img src="b.png" width="3"/><img src="c.svg"/>'
    made = isoaux_book.sized_images(body, {"a.png": (30, 20), "b.png": (9, 9)})
    assert (
        made
        == '<img width="30" height="20" alt="a" src="../_images/a.png"/><img src="b.png" width="3"/><img src="c.svg"/>'
    )


def test_pictures_below_the_first_load_late() -> None:
    body = '<img src="a"/><p><img alt="b" src="b"/></p>'
    assert isoaux_book.lazy_images(body) == '<img src="a"/><p><img loading="lazy" alt="b" src="b"/></p>'


def test_pipes_in_docstrings_are_text() -> None:
    lines = ["the share |v| of ``|w|`` and \\|z\\|"]
    isoaux_book.plain_pipes(None, "", "", None, None, lines)
    assert lines == ["the share \\|v\\| of ``|w|`` and \\|z\\|"]


def test_signatures_are_those_of_the_source() -> None:
    def documented(first: "ArrayLike", second: int = 2) -> "Projection":  # type: ignore[name-defined]  # noqa: F821
        """Nothing."""

    signature = isoaux_book.written_signature(None, "function", "", documented, None, None, None)
    assert signature == ("(first: 'ArrayLike', second: int=2)", "'Projection'")
    assert isoaux_book.written_signature(None, "property", "", documented, None, None, None) is None
    assert isoaux_book.written_signature(None, "function", "", len, None, None, None) is None


@pytest.mark.parametrize(
    ("target", "exists"),
    [
        ("isoaux.ppp", True),
        ("isoaux.studies.thresholds.report", True),
        ("isoaux.common.archive.read", True),
        ("isoaux.site.build.PER_PROFILE", True),
        ("isoaux.paper.networks.Recipe.checkpoints", True),
        ("isoaux.paper.catalogue.Figure.entry", True),
        ("isoaux.common.archive.gone", False),
        ("isoaux.gone", False),
        ("isoaux.gone.read", False),
        ("isoaux.paper.catalogue.Figure.gone", False),
        ("numpy.ndarray", False),
    ],
)
def test_names_that_no_page_lists_are_text_if_they_exist(target: str, exists: bool) -> None:
    node = {"refdomain": "py", "reftarget": target}
    assert isoaux_book.unlisted_name(None, None, node, "text") == ("text" if exists else None)
