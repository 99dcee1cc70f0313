"""Names that others chose stay text: in one line, in UTF-8, and in the Markdown of a notebook and of the book."""

import html
import re
from dataclasses import replace

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from roots import ROOT

from isoaux import workflow
from isoaux.common.archive import Published
from isoaux.common.foreign import literal, plain, printable, short
from isoaux.common.tables import Table, Text
from isoaux.settings import Settings
from isoaux.studies.affine_maps import report as affine_maps_report
from isoaux.studies.artefacts import report as artefacts_report
from isoaux.studies.perturbation import report as perturbation_report
from isoaux.studies.planes import report as planes_report
from isoaux.studies.reconstruction import report as reconstruction_report
from isoaux.studies.thresholds import report as thresholds_report

NAMES = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- a comment",
    "<https://example.org>",
    "https://example.org and www.example.org and a@example.org",
    "a & b &lt; &#60;script&#62; &amp;",
    "a | b || c |",
    "`code` and ``more`` and ```",
    "$x^2$ and $$y$$ and \\(z\\)",
    "[a link](javascript:alert(1)) and ![a picture](x.png) and [^1]",
    "*a* **b** _c_ __d__ ~~e~~",
    "{raw}`html` {{ name }} {download}`/etc/passwd`",
    "# a head",
    "- a list",
    "+ a list",
    "1. a list",
    "2) a list",
    "> a quotation",
    "% a comment",
    "+++",
    "---",
    "===",
    "(target)=",
    ":::{note}",
    ":field: value",
    ": a definition",
    "    code",
    "a\n\n# b\r\n- c\x85d\u2028e\u2029f\x0bg\x0ch",
    "\\begin{equation} x \\end{equation}",
    "\x1b[31mred\x07\x00\u202eright to left",
    "caf\udce9",
    "CIFAR-10 (JPEG mirror)",
    'Bob\'s "own" images: 8x8, 100%',
    "نمی\u200cخواهم",
]


def extensions() -> list[str]:
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    return [*config["parse"]["myst_enable_extensions"]]


@pytest.fixture(scope="module")
def common():
    """CommonMark with HTML, tables, strikethrough and addresses: what a notebook's viewers understand."""
    MarkdownIt = pytest.importorskip("markdown_it").MarkdownIt
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def tags(page: str) -> list[str]:
    return re.findall(r"<(/?\w+)", page)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_text_in_a_paragraph_a_list_and_a_table(name: str, common):
    expected = printable(name)
    page = common.render(Text(literal(name))._repr_markdown_())
    assert tags(page) == ["p", "/p"] and html.unescape(page.strip()[3:-4]) == expected
    page = common.render(Text(f"- **Figure 1**: {literal(name)}, 3072 pixels.")._repr_markdown_())
    assert tags(page) == ["ul", "li", "strong", "/strong", "/li", "/ul"]
    assert html.unescape(re.sub("<[^>]*>", "", page)).strip() == f"Figure 1: {expected}, 3072 pixels."
    page = common.render(Table(("data set", "n"), ((literal(name), "1"),))._repr_markdown_())
    assert tags(page).count("td") == 2 and not set(tags(page)) & {"script", "img", "a", "em", "strong", "code", "s"}
    assert html.unescape(re.search("<td>(.*)</td>", page)[1]) == expected


@pytest.mark.parametrize("name", [name for name in NAMES if "\udce9" not in name])
def test_even_text_that_was_not_marked_as_foreign_is_no_html(name: str, common):
    for words in (Text(name), Table(("a", "b"), ((name, "1"),)), Table((name, "b"), (("1", "2"),))):
        page = common.render(words._repr_markdown_())
        assert not re.search("<(script|!--)|<[^>]*(onerror|javascript)", page), page
    assert tags(common.render(Table(("a", "b"), ((name, "1"),))._repr_markdown_())).count("td") == 2


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_text_in_the_book(name: str):
    """As MyST reads it with the extensions of the book: one paragraph, no node in it but its text."""
    core = pytest.importorskip("docutils.core")
    parser = pytest.importorskip("myst_parser.parsers.docutils_").Parser
    for before, after in (("", ""), ("", ", 3072 pixels."), ("made of ", ".")):
        options = {"myst_enable_extensions": extensions(), "report_level": 2, "halt_level": 2, "raw_enabled": True}
        words = Text(f"{before}{literal(name)}{after}")._repr_markdown_()
        document = core.publish_doctree(words, parser=parser(), settings_overrides=options)
        (paragraph,) = document.children
        assert paragraph.tagname == "paragraph" and {child.tagname for child in paragraph.children} == {"#text"}
        assert paragraph.astext() == before + printable(name) + after


@settings(max_examples=200)
@given(st.text())
@example("".join(map(chr, range(256))))
def test_any_text_is_shown_as_it_is(text: str):
    MarkdownIt = pytest.importorskip("markdown_it").MarkdownIt
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(literal(text))
    assert html.unescape(re.sub("</?p>", "", page)).strip() == printable(text)
    assert plain(literal(text)) == printable(text)
    assert repr(Text(literal(text))) == printable(text)


@given(st.text(st.characters()))  # with surrogates
@example("caf\udce9\x1b[31m\n\u202e")
def test_a_printable_line_can_be_shown_and_kept_everywhere(text: str):
    line = printable(text)
    assert line.encode("utf-8").decode("utf-8") == line and len(line.splitlines()) <= 1
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", line)
    assert printable(line) == line and len(short(text)) <= 200


def test_ordinary_names_stay_readable():
    for name in ("CIFAR-10 (JPEG mirror)", "8x8 digits (scikit-learn)", "Größe 3, naïve", "手書き"):
        assert literal(name) == printable(name) == short(name) == name
    assert printable("two\nlines\tand\xa0more") == "two lines and more"
    assert printable("caf\udce9 \x1b[0m") == "caf\\udce9 \\x1b[0m"
    assert short("a" * 300) == "a" * 199 + "…"


def test_a_terminal_shows_no_control_characters_and_keeps_lines():
    assert repr(Text("a\n- \x1b[2Jb\u00a0c")) == "a\n- \\x1b[2Jb\u00a0c"
    assert repr(Table(("a",), (("b\nc\x07",),))) == "a\nb c\\x07"
    assert plain("&#99999999999; &#0; &amp;") == "\ufffd \ufffd &amp;"


SETTINGS = {
    "fig01": lambda page: planes_report.setting(page["fig01"]),
    "fig08": planes_report.setting,
    "fig04": artefacts_report.setting,
    "fig31": reconstruction_report.setting,
    "figX5": lambda page: thresholds_report.setting(page["figX5"]),
    "figX6": lambda page: perturbation_report.setting(page["figX6"]),
    "figX7": affine_maps_report.setting,
}
"""What every kind of figure says of the data that it was made of."""


@pytest.mark.parametrize("figure", SETTINGS)
def test_what_a_data_set_is_called_is_text_on_the_page_of_every_kind_of_figure(figure: str, common):
    name = "<script>alert(1)</script> [x](javascript:y) | `z` $a$\n# {raw}`html`"
    page = workflow.collect([figure], Settings())
    result = page[figure]
    facts = result.facts | {"dataset": name, "deviations": [f"{name} instead of CIFAR-10", "1 of 5 seeds"]}
    changed = replace(result, drawing=Published(result.drawing.arrays, facts))
    words = SETTINGS[figure](replace(page, results={figure: changed}))
    shown = common.render(words._repr_markdown_())
    assert set(tags(shown)) <= {"p", "/p", "ul", "li", "/li", "/ul", "strong", "/strong"}
    text = html.unescape(re.sub("<[^>]*>", "", shown))
    assert text.count(printable(name)) == 2 and f"{printable(name)} instead of CIFAR-10; 1 of 5 seeds" in text
    assert repr(words).count(printable(name)) == 2
