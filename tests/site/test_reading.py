"""How pages are read: code, tables, enlarged pictures, search, print, and without scripts (marker ``site``)."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from patience import MILLISECONDS
from roots import ROOT
from websites import begin, pages

pytestmark = pytest.mark.site

FIGURE = "book/notebooks/fig01.html"
LIGHT = 700_000
"""Bytes that a page of words may weigh before its reader asks for more."""

FIRST = 1_200_000
"""The same for the page of Figure 1."""

CUT = """() => [...document.querySelectorAll('article pre')]
    .filter((block) => block.offsetParent && block.scrollWidth > block.clientWidth + 1)
    .map((block) => block.innerText)"""

PAPER = {"width": 718, "height": 1046}
"""A4 at 96 dots per inch, without its margins of 2 cm."""

OUTSIDE = """() => [...document.querySelectorAll('article :is(table, pre, img, svg, math, canvas)')]
    .filter((part) => part.offsetParent !== null || part.getClientRects().length)
    .filter((part) => part.getBoundingClientRect().right > innerWidth + 1)
    .map((part) => part.outerHTML.slice(0, 150))"""


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page in a fresh profile."""
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        opened = context.new_page()
        opened.set_default_timeout(MILLISECONDS)
        yield opened


def weight(page: Any, site: Path, url: str) -> tuple[int, list[str]]:
    """The bytes of all files that a page asks for before its reader does anything, and their paths."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url, wait_until="networkidle")
    paths = sorted({unquote(urlsplit(each).path).lstrip("/") for each in asked if each.startswith("http")})
    return sum((site / path).stat().st_size for path in paths), paths


def test_pages_weigh_little_and_ask_for_no_icons_maps_or_index(page: Any, site: Path, address: str) -> None:
    for name, most in (("book/idea.html", LIGHT), ("book/errata.html", LIGHT), (FIGURE, FIRST)):
        bytes_asked, paths = weight(page, site, address + name)
        assert bytes_asked < most, (name, bytes_asked)
        assert not [path for path in paths if re.search("fontawesome|fa-solid|searchindex|page_words", path)], name
    words = [path for path in pages(site) if path.count("/") == 1 and "isoaux-" not in (site / path).read_text("utf8")]
    shared = weight(page, site, address + "book/errata.html")[0] - (site / "book/errata.html").stat().st_size
    for name in words:
        pictures = re.findall(r'<img (?!loading)[^>]*src="\.\./(_images/[^"]+)"', (site / name).read_text("utf8"))
        files = [site / name, *(site / picture for picture in pictures)]
        assert shared + sum(file.stat().st_size for file in files) < LIGHT, name
    assert not [*site.rglob("*.map"), *site.rglob("fontawesome*"), *site.rglob("fa-solid*")]


def test_every_class_of_icon_has_a_picture(site: Path) -> None:
    drawn = set(re.findall(r"\.fa-([\w-]+) \{ --icon", (ROOT / "book" / "_static" / "icons.css").read_text("utf8")))
    used = set()
    for name in pages(site):
        for classes in re.findall(
            r'<(?:i|span) class="([^"]*\bfas?(?:-solid)?\b[^"]*)"', (site / name).read_text("utf8")
        ):
            used |= {name.removeprefix("fa-") for name in classes.split() if name.startswith("fa-")}
    assert used and used - {"solid", "lg"} <= drawn


def test_the_font_of_mathematics_has_every_letter_of_the_formulas(page: Any, site: Path, address: str) -> None:
    soup = pytest.importorskip("bs4").BeautifulSoup
    style = (ROOT / "book" / "_static" / "custom.css").read_text("utf8")
    ranges = re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", style)
    held = {chr(code) for first, last in ranges for code in range(int(first, 16), int(last or first, 16) + 1)}
    letters = set()
    for name in pages(site):
        text = (site / name).read_text("utf8")
        letters |= set(
            "".join(soup(math, "html.parser").get_text() for math in re.findall("(?s)<math.*?</math>", text))
        )
    assert len(letters) > 80 and {letter for letter in letters - held if not letter.isspace()} == set()
    page.goto(address + "book/idea.html")
    page.wait_for_function("document.fonts.size > 0 && [...document.fonts].some((font) => font.status === 'loaded')")


def test_no_code_is_cut_and_one_switch_shows_it(page: Any, site: Path, address: str) -> None:
    cut = {}
    page.route("**/*.png*", lambda route: route.abort())
    page.add_init_script("localStorage.setItem('isoaux-code', 'shown')")
    for name in pages(site):
        page.goto(address + name)
        if blocks := page.evaluate(CUT):
            cut[name] = blocks
    assert not cut


def test_the_switch_of_code_holds_for_all_pages(page: Any, address: str) -> None:
    page.goto(address + FIGURE)
    code, switch = page.locator(".tag_hide-input > details.above-input"), page.locator("button.isoaux-code")
    assert code.count() > 5 and not any(fold.is_visible() for fold in code.all())
    switch.focus()
    page.keyboard.press("Enter")
    assert switch.inner_text() == "Hide code" and all(fold.is_visible() for fold in code.all())
    page.goto(address + "book/notebooks/fig02.html")
    assert page.locator(".tag_hide-input > details.above-input .cell_input").first.is_visible()
    page.locator("button.isoaux-code").click()
    assert not page.locator(".tag_hide-input > details.above-input").first.is_visible()


def test_columns_of_numbers_are_on_the_right_and_on_one_line(page: Any, address: str) -> None:
    page.goto(address + FIGURE)
    page.locator("article details").evaluate_all("(all) => all.forEach((fold) => (fold.open = true))")
    cells = page.locator("article td.number").evaluate_all(
        """all => all.filter((cell) => cell.offsetParent).map((cell) => {
            const [words, style] = [document.createRange(), getComputedStyle(cell)];
            words.selectNodeContents(cell.querySelector('p') ?? cell);
            const boxes = [...words.getClientRects()].filter((box) => box.width);
            const lines = new Set(boxes.map((box) => Math.round(box.top))).size;
            return {text: cell.innerText, align: style.textAlign, lines};
        })"""
    )
    assert len(cells) > 50
    assert {cell["align"] for cell in cells} == {"right"}
    assert not [cell["text"] for cell in cells if cell["lines"] > 1]
    assert not [cell["text"] for cell in cells if re.match(r"-\d", cell["text"])]


def test_a_picture_opens_in_its_own_size_by_touch_and_by_keyboard(browser: Any, address: str) -> None:
    with browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True) as context:
        page = context.new_page()
        page.set_default_timeout(MILLISECONDS)
        page.goto(address + FIGURE)
        button, dialog = page.locator("#fig01 .isoaux-enlarge"), page.locator("dialog.isoaux-enlarged")
        for begun in (button.tap, lambda: button.press("Enter")):
            begun()
            dialog.wait_for(state="visible")
            page.wait_for_function("document.querySelector('.isoaux-enlarged img').naturalWidth > 0")
            width, natural = page.evaluate(
                "(([image]) => [image.width, image.naturalWidth])(document.querySelectorAll('.isoaux-enlarged img'))"
            )
            assert width == natural > 1000 and "Figure 1" in dialog.get_attribute("aria-label")
            page.keyboard.press("Escape")
            dialog.wait_for(state="hidden")
            assert page.evaluate("document.activeElement.classList.contains('isoaux-enlarge')")


@pytest.mark.parametrize("word", ["scorecard", "epsilon"])
@pytest.mark.parametrize("place", ["http", "file"])
def test_the_search_finds_chapters_first_and_quotes_them(
    word: str, place: str, page: Any, site: Path, address: str
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(f"{address if place == 'http' else site.as_uri() + '/'}search.html?q={word}")
    page.locator("#search-results li p.context").first.wait_for()
    first = page.locator("#search-results li").evaluate_all(
        "all => all.slice(0, 4).map((one) => [one.firstChild.getAttribute('href'), one.innerText.toLowerCase()])"
    )
    assert not [link for link, _ in first if link.startswith("book/api")]
    assert word != "scorecard" or ("own_scorecard" in first[0][0] and word in first[0][1])
    assert not said


def test_every_page_says_what_it_is_and_whom_to_cite(site: Path) -> None:
    soup = pytest.importorskip("bs4").BeautifulSoup
    said = {}
    for name in pages(site):
        tree = soup((site / name).read_text("utf8"), "html.parser")
        if tree.find("footer") is None:
            continue  # the page that only leads to the first
        about = {tag.get("name") or tag.get("property"): tag.get("content") for tag in tree.find_all("meta")}
        assert 40 < len(about["description"]) <= 200 and about["og:description"] == about["description"], name
        assert about["og:title"] and about["og:image"].endswith("_static/card.png"), name
        assert tree.find("link", rel="icon")["href"].endswith("mark.svg"), name
        foot = tree.find("div", class_="isoaux-foot").get_text()
        assert all(word in foot for word in ("arXiv:2507.12070", "How to cite", "MIT", "CC BY 4.0")), name
        said[name] = about["description"]
    assert said and len(set(said.values())) > 0.9 * len(said)
    assert (site / "_static" / "card.png").stat().st_size > 10_000


def test_print_loses_nothing_and_shows_no_buttons(page: Any, address: str) -> None:
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    for name in (FIGURE, "book/notebooks/appB1_width.html", "book/method.html", "book/rerun.html"):
        page.goto(address + name)
        assert page.evaluate(OUTSIDE) == [], name
        buttons = page.locator("button:not(.isoaux-enlarge)")
        assert not [button.inner_text() for button in buttons.all() if button.is_visible()], name


def test_without_scripts_pages_show_text_pictures_and_code_on_demand(browser: Any, address: str) -> None:
    with browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.set_default_timeout(MILLISECONDS)
        page.goto(address + FIGURE)
        assert page.locator("#fig01 img").first.is_visible()
        fold = page.locator("details.above-input").first
        assert not fold.locator("pre").is_visible()
        fold.locator("summary").click()
        assert fold.locator("pre").is_visible()
        page.goto(address + "book/play.html")
        assert page.locator("article img").first.is_visible() and page.locator("canvas").count() == 0
        assert not [button for button in page.locator(".pst-js-only").all() if button.is_visible()]


def test_pictures_are_dark_on_a_dark_page_and_keep_the_colours_of_their_panels(page: Any, address: str) -> None:
    image = pytest.importorskip("PIL.Image")
    page.add_init_script("localStorage.setItem('mode', 'dark'); localStorage.setItem('theme', 'dark')")
    page.goto(address + FIGURE)
    begin(page)
    picture = page.locator("#fig01 .ink")
    assert picture.count() == 1, "the page was executed before pictures told where their panels are: run it again"
    picture.scroll_into_view_if_needed()
    page.wait_for_function("[...document.querySelectorAll('#fig01 .ink img')].every((one) => one.naturalWidth > 0)")
    shot = image.open(BytesIO(picture.screenshot())).convert("RGB")
    width, height = shot.size
    ground = shot.getpixel((2, height // 2))
    colours = [
        shot.getpixel((x, y)) for x in range(width // 8, 7 * width // 8, 2) for y in range(height // 2, height, 2)
    ]
    assert max(ground) < 60, "the margin is as dark as the page"
    assert sum(max(each) < 40 for each in colours) > len(colours) / 2, "the panels have stayed black"
