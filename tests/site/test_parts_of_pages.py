"""What the book's extensions make of pages, without building it: columns, styles, pictures, descriptions."""

import pytest

pytest.importorskip("sphinx")
isoaux_about = pytest.importorskip("isoaux_about")
isoaux_dark = pytest.importorskip("isoaux_dark")
isoaux_search = pytest.importorskip("isoaux_search")
isoaux_signatures = pytest.importorskip("isoaux_signatures")
isoaux_tables = pytest.importorskip("isoaux_tables")
isoaux_weight = pytest.importorskip("isoaux_weight")
nodes = pytest.importorskip("docutils.nodes")


@pytest.mark.parametrize(
    "text", ["4 of 5", "-0.99 to +0.05", "1e-05", "67,654", "5 of 5 (p = 1e-05)", "12 %", "3.2 ms"]
)
def test_numbers_with_signs_units_and_ranges_are_numbers(text: str) -> None:
    assert isoaux_tables.is_number(text)


@pytest.mark.parametrize("text", ["tanh", "", "18 neurons", "L = 2", "fig01_last", "seed 3", "0 " * 30])
def test_words_are_none(text: str) -> None:
    assert not isoaux_tables.is_number(text)


def test_rules_that_cannot_apply_go_and_all_others_stay() -> None:
    style = """@charset "UTF-8"; @font-face{font-family:Icons;src:url(icons.woff2)}
    :root{--a:1px} p{margin:0} .used,.unused{color:red} .unused .used{color:blue} #nowhere{top:0}
    .used:not(.unused):hover{color:green} @media print{.unused{top:0} .used{left:0}} @media screen{.unused{top:0}}
    @keyframes turn{from{top:0}} a[href=".unused"]{bottom:0}"""
    kept = isoaux_weight.reduced(style, {"used"})
    whole = ("--a:1px", "p{margin:0}", ".used,.unused{color:red}", ".used:not(.unused):hover", "@keyframes turn")
    for stays in (*whole, "@media print{.used", 'a[href=".unused"]'):
        assert stays in kept, stays
    for goes in ("font-face", "charset", "blue", "#nowhere", "screen", "{top:0} .used"):
        assert goes not in kept, goes


def test_a_picture_of_known_panels_is_laid_over_itself() -> None:
    page = '<p><img alt="Two panels." src="../_images/abc.png" /><img alt="Others." src="../_images/def.png" /></p>'
    made = isoaux_dark.darkened(page, {"abc": [[0, 0, 40, 100], [60, 0, 100, 100]], "other": []})
    assert made.count("abc.png") == 2 and made.count('alt="Two panels."') == 1 and 'aria-hidden="true"' in made
    assert '<img alt="Others." src="../_images/def.png" />' in made
    corners = made.split("polygon(")[1].split(")")[0].replace("%", "").split(", ")
    first, second = ["0 0", "40 0", "40 100", "0 100", "0 0"], ["60 0", "100 0", "100 100", "60 100", "60 0"]
    assert corners == [*first, *second, "0 0"]
    assert isoaux_dark.darkened(page, {"def": []}).count("def.png") == 1, "a picture without panels is inverted alone"


def test_a_page_is_described_by_its_first_sentences() -> None:
    page = nodes.section("", nodes.title("", "A title long enough to be taken for a sentence of the page, or almost"))
    page += nodes.paragraph("", "Too short.")
    page += nodes.note(
        "", nodes.paragraph("", "A note is no description, however long it goes on about something else.")
    )
    page += nodes.paragraph(
        "",
        "",
        nodes.Text("A formula would be shown as its source, and so this is passed over: "),
        nodes.math("", r"\norm{x}"),
    )
    sentence = "The first sentence tells what was found, and no more."
    page += nodes.paragraph("", f"{sentence} {sentence} {sentence} {sentence} {sentence}")
    assert isoaux_about.described(page) == f"{sentence} {sentence} {sentence}"
    long = nodes.paragraph("", "A sentence " + "that does not end " * 20)
    assert isoaux_about.described(long).endswith(" …") and len(isoaux_about.described(long)) <= 200
    assert isoaux_about.described(None) == ""


def test_the_words_of_a_page_have_no_code_and_no_navigation() -> None:
    page = """<nav>Contents</nav><article><h1>Title<a class="headerlink">#</a></h1><details><summary>Show</summary>
    <div class="cell_input">import this</div></details><p>Words  of
    the page.</p></article>"""
    assert isoaux_search.words(page) == "Title Words of the page."


def test_the_parameters_of_a_signature_are_lines_and_no_list() -> None:
    page = "<dt>f(<dl>\n<dd><em>a</em>,</dd>\n<dd><em>b</em>,</dd>\n</dl>)</dt><dl><dt>A term</dt><dd>stays</dd></dl>"
    made = isoaux_signatures.plain_lines(page)
    assert made.count('<span class="sig-line">') == 2 and made.endswith("<dl><dt>A term</dt><dd>stays</dd></dl>")
