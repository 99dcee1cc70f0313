"""The built book in a real browser, over http and from disk (marker ``site``).

``ISOAUX_SITE`` names a site that is built already; ``ISOAUX_REQUIRE_BROWSER=1`` turns a missing browser from a skip
into a failure.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from roots import ROOT
from websites import Watched, begin, explored, pages

from isoaux.paper import figure, figures
from isoaux.paper.catalogue import NAME
from isoaux.records import reading
from isoaux.scorecard import compute as scorecard
from isoaux.scorecard import report as scorecard_report
from isoaux.site import notebooks
from isoaux.studies import registry

pytestmark = pytest.mark.site

SETTINGS = re.compile("(network|lineup|figure|verdict|source|subject|search|toy|slice)[a-z-]*=")
"""What an address tells a script of the page, instead of naming a place on it."""

FORMULAS = {"book/idea.html": 50, "book/method.html": 30, "book/errata.html": 50}
"""Chapters, and how many formulas they have at least."""

HEAVIEST = 2_500_000
"""Bytes that a page may weigh before its reader asks for more."""

TWO_NETWORKS = 1_200_000
"""Bytes by which the page that is for exploring may weigh more: of 20,000 representations of 32 neurons, twice."""


@dataclass
class Visit:
    """What happened while a page was open."""

    requests: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    formulas: int = 0
    text: str = ""
    captions: list[str] = field(default_factory=list)
    wide: bool = False


def visit(browser: Any, url: str) -> Visit:
    """Open a page in a fresh profile, note everything that it asks for and says, and start its explorers."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    watched = Watched(page)
    page.goto(url, wait_until="networkidle")
    found = Visit(list(watched.requests))  # what it weighs before its reader asks for more
    found.images = page.eval_on_selector_all(
        "article img:not([aria-hidden])",
        "all => all.map(e => ({src: e.currentSrc || e.src, alt: e.getAttribute('alt'), lazy: e.loading}))",
    )
    found.formulas = page.locator("math").count()
    found.text = page.inner_text("body")
    found.captions = page.locator("figure .caption-number").all_text_contents()  # of folded ones, too
    found.wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    begin(page)
    found.foreign, found.errors = watched.foreign, watched.errors
    context.close()
    return found


@pytest.fixture(scope="session", params=["http", "file"])
def visits(request: pytest.FixtureRequest, site: Path, browser: Any) -> dict[str, Visit]:
    """Every page, opened once by http; from disk some with formulas, some with an explorer, and one of three of all."""
    if request.param == "http":
        return {page: visit(browser, request.getfixturevalue("address") + page) for page in pages(site)}
    some = {*FORMULAS, *explored(site)[:2], "book/notebooks/fig01.html", *pages(site)[::3]}
    return {page: visit(browser, f"{site.as_uri()}/{page}") for page in sorted(some)}


def test_no_page_asks_anything_of_another_host(visits: dict[str, Visit]) -> None:
    assert not {page: seen.foreign for page, seen in visits.items() if seen.foreign}


def test_no_page_reports_an_error(visits: dict[str, Visit]) -> None:
    assert not {page: seen.errors for page, seen in visits.items() if seen.errors}


def test_every_picture_has_alternative_text(visits: dict[str, Visit]) -> None:
    for page, seen in visits.items():
        for image in seen.images:
            alternative = (image["alt"] or "").strip()
            assert len(alternative) > 20, (page, image)
            assert not re.search(r"[0-9a-f]{32}|\.(png|svg)$", alternative), (page, image)


def test_pictures_below_the_first_load_late(visits: dict[str, Visit]) -> None:
    for page, seen in visits.items():
        assert all(image["lazy"] == "lazy" for image in seen.images[1:]), page


def test_pages_are_light(visits: dict[str, Visit], site: Path) -> None:
    for page, seen in visits.items():
        paths = {unquote(urlsplit(url).path) for url in seen.requests if not url.startswith("data:")}
        files = {site / path.removeprefix(str(site)).lstrip("/") for path in paths}
        weight = sum(file.stat().st_size for file in files)
        most = HEAVIEST + (page == "book/play.html") * TWO_NETWORKS
        assert 200_000 < weight < most, (page, weight)


def test_mathematics_is_mathml(visits: dict[str, Visit]) -> None:
    for page, least in FORMULAS.items():
        assert visits[page].formulas > least, page


def test_no_markup_is_left_over(visits: dict[str, Visit]) -> None:
    for page, seen in visits.items():
        assert not re.search(r"```\{|:::|\{(eq|cite|numref|ref|erratum)\}|\$\$|\\(frac|norm|text)\b", seen.text), page


def test_no_page_is_wider_than_the_window(visits: dict[str, Visit]) -> None:
    assert [page for page, seen in visits.items() if seen.wide] == []


def test_the_page_of_a_figure_has_numbered_figures(visits: dict[str, Visit]) -> None:
    """Every figure that the page shows has its number of the paper, further pictures of it a number below that."""
    figures = {page: seen for page, seen in visits.items() if page.startswith("book/notebooks/")}
    assert "book/notebooks/fig01.html" in figures
    for page, seen in figures.items():
        assert seen.images, page
        source = ROOT / "notebooks" / f"{Path(page).stem}.ipynb"
        held = {str(figure(name).number): figure(name) for name in notebooks.figures_of(source)}
        numbers = [caption.strip().removeprefix("Figure ") for caption in seen.captions]
        if not held:  # pictures of a model or a formula, with the paper's number or a letter of their own
            assert numbers and all(re.fullmatch(r"[A-W]|37(\.\d)?|S1[0-2]", number) for number in numbers), page
            continue
        drawn = [n for n, one in held.items() if reading.is_published(one, ROOT / "book" / "data")]
        assert sorted(n for n in numbers if "." not in n) == sorted(drawn), page
        assert all(n.split(".")[0] in held for n in numbers), seen.captions


def test_the_gallery_leads_to_every_published_figure(site: Path) -> None:
    soup = pytest.importorskip("bs4").BeautifulSoup
    tree = soup((site / "book" / "gallery.html").read_text("utf8"), "html.parser").find("article")
    published = {path.stem for path in (ROOT / "book" / "data").glob("fig*.json")}
    items = tree.select(".gallery-item")
    names = [re.search(NAME, item.find("img")["src"])[0] for item in items]
    assert set(names) == published
    holders = notebooks.holding()
    for name, item in zip(names, items, strict=True):
        assert {link["href"] for link in item.find_all("a")} == {f"notebooks/{holders[name]}.html"}
        assert re.search(r"\d", item.find(class_="kind").get_text()), "a finding has numbers"
    rest = tree.get_text()
    shown = [one for one in figures().values() if registry.of(one).thumbnail]
    assert all(f"Figure\xa0{one.number}" in rest for one in shown) and len(shown) >= 30
    assert rest.count("not published yet") == len(shown) - len(published)


def test_the_scorecard_has_every_claim_and_leads_to_every_figure(site: Path) -> None:
    soup = pytest.importorskip("bs4").BeautifulSoup
    tree = soup((site / "book" / "notebooks" / "own_scorecard.html").read_text("utf8"), "html.parser").find("article")
    rows = {row["id"].removeprefix("claim-"): row for row in tree.select(".isoaux-wall .claim-row")}
    card = scorecard.read(ROOT / "book" / "data")
    assert sorted(rows) == sorted(row.id for row in card.rows)
    for known in card.rows:
        row = rows[known.id]
        assert row.find(class_="verdict").get_text() == scorecard_report.label(known), known.id
        assert known.claim in row.get_text() and len(row.find_all("p")) > 1, known.id
    for number in range(1, 38):
        group = tree.find(id=f"claims-fig{number:02}")
        page = group.find("a", string=re.compile("To the page"))["href"].partition("#")[0]
        strip = soup((site / "book" / "notebooks" / page).read_text("utf8"), "html.parser").select(".isoaux-claims")
        known = [row.claim for row in card.rows if row.figure == f"fig{number:02}"]
        said = " ".join(row.get_text() for row in strip)
        assert known and all(claim in said for claim in known), number


# --- the files themselves ---


def test_no_file_of_the_site_loads_from_another_host(site: Path) -> None:
    soup = pytest.importorskip("bs4").BeautifulSoup
    for page in pages(site):
        text = (site / page).read_text("utf8")
        tree = soup(text, "html.parser")
        loaded = [tag.get("src") for tag in tree.find_all(["script", "img", "iframe", "source", "video"])]
        loaded += [tag.get("href") for tag in tree.find_all("link")]
        assert not [url for url in loaded if url and re.match("(https?:)?//", url)], page
        inline = "\n".join(tag.get_text() for tag in tree.find_all(["script", "style"]))
        assert not re.search(r"https?://", inline), page
    for sheet in (site / "_static").rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*['\"]?(https?:)?//", sheet.read_text("utf8")), sheet


def test_every_local_link_leads_somewhere(site: Path) -> None:
    soup = pytest.importorskip("bs4").BeautifulSoup
    trees = {page: soup((site / page).read_text("utf8"), "html.parser") for page in pages(site)}
    ids = {page: {tag["id"] for tag in tree.find_all(id=True)} for page, tree in trees.items()}
    for page, tree in trees.items():
        for tag in tree.find_all("a", href=True):
            link = urlsplit(tag["href"])
            if link.scheme or link.netloc or not (link.path or link.fragment):
                continue
            target = (site / page).parent / unquote(link.path) if link.path else site / page
            assert target.exists(), (page, tag["href"])
            name = target.resolve().relative_to(site.resolve()).as_posix()
            if link.fragment and name in trees and not SETTINGS.match(link.fragment):
                assert unquote(link.fragment) in ids[name], (page, tag["href"])
