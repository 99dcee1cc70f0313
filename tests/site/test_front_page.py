"""What a reader sees first: the front page's first 900 pixels in a real browser, and terms that explain themselves."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from patience import MILLISECONDS
from roots import DATA

from isoaux.scorecard.verdicts import AGREE
from isoaux.site import findings

pytestmark = pytest.mark.site

SEEN = """(height) => {
  const walk = document.createTreeWalker(document.querySelector("article"), NodeFilter.SHOW_TEXT);
  const words = [];
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.width && box.height && box.bottom <= height) words.push(node.data);
  }
  const links = [...document.querySelectorAll("article a[href]")].filter((link) => {
    const box = link.getBoundingClientRect();
    return box.height && box.bottom <= height;
  });
  return { text: words.join("").replace(/\\s+/g, " "), links: links.map((link) => link.getAttribute("href")) };
}"""
"""Texts and links of the page that end within so many pixels, as they are laid out."""

EXPLAINED = """(term) => {
  const note = getComputedStyle(term, "::after");
  return { says: note.content, shown: note.position, width: document.documentElement.scrollWidth };
}"""


def test_the_first_screen_says_what_was_found_how_it_was_judged_and_where_to_try_it(browser: Any, address: str) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.set_default_timeout(MILLISECONDS)
        page.goto(address + "book/index.html")
        seen = page.evaluate(SEEN, 900)
    answer = re.sub(r"[*]|\[|\]\([^)]*\)", "", findings.sentences(DATA)[0])
    assert answer in seen["text"] and re.match(r"(Yes|In part|No):", answer)
    rows = json.loads((DATA / "scorecard.json").read_text("utf-8"))["rows"]
    outcomes = [row["outcome"] for row in rows if row["category"] == "claim"]
    assert f"of {len(outcomes)} claims of the paper {outcomes.count(AGREE)} hold," in seen["text"]
    wanted = (
        "play.html",
        "notebooks/own_guide.html",
        "notebooks/own_scorecard.html",
        "https://arxiv.org/abs/2507.12070",
    )
    assert set(wanted) <= set(seen["links"])


def test_what_opens_pages_under_a_chapter_is_named_by_it(site: Path) -> None:
    soup = pytest.importorskip("bs4").BeautifulSoup
    tree = soup((site / "book" / "index.html").read_text("utf8"), "html.parser")
    chapters = tree.select("nav li.has-children")
    assert chapters
    for chapter in chapters:
        assert chapter.find("summary")["aria-label"] == f"Pages under {chapter.find('a').get_text()}"


@pytest.mark.parametrize("width", [1280, 390])
def test_a_term_explains_itself_on_focus_and_on_paper(browser: Any, address: str, width: int) -> None:
    with browser.new_context(viewport={"width": width, "height": 900}) as context:
        page = context.new_page()
        page.set_default_timeout(MILLISECONDS)
        page.goto(address + "book/method.html")
        term = page.locator(".isoaux-term").first
        says = term.get_attribute("data-says")
        term.focus()
        seen = term.evaluate(EXPLAINED)
        assert json.loads(seen["says"]) == says and seen["shown"] == ("absolute" if width > 1200 else "fixed")
        assert seen["width"] <= width
        notes = page.locator("ol.isoaux-terms")
        assert not notes.is_visible() and says in notes.text_content()
        page.emulate_media(media="print")
        assert notes.is_visible()
