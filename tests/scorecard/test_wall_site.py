"""The wall of the scorecard and the strip of a figure's page, in a real browser (marker ``site``)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from patience import MILLISECONDS
from roots import DATA
from websites import Watched

from isoaux.scorecard import compute as scorecard
from isoaux.scorecard.verdicts import HOLDS, UNDECIDED, Scorecard

pytestmark = pytest.mark.site

WALL, FIGURE = "book/notebooks/own_scorecard.html", "book/notebooks/fig01.html"

VISIBLE = "(all) => all.filter((each) => each.getClientRects().length && each.checkVisibility()).map((each) => each.id)"
"""The identifiers of elements that a reader sees."""


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return scorecard.read(DATA)


@pytest.fixture(scope="module")
def watched(browser: Any) -> Iterator[Watched]:
    """A page that is opened anew by every test."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(MILLISECONDS)
        yield Watched(context.new_page())


def marks(page: Any) -> list[str]:
    """The rows of the marks that are shown."""
    return page.eval_on_selector_all(
        ".isoaux-wall a.mark", "(all) => all.filter((each) => each.getClientRects().length).map((each) => each.hash)"
    )


def rows(ids: list[str]) -> list[str]:
    return [f"#claim-{id}" for id in ids]


def test_the_wall_shows_the_claims_and_what_is_asked_for(watched: Watched, site: Path, card: Scorecard) -> None:
    page = watched.page
    page.goto(f"{site.as_uri()}/{WALL}")
    assert sorted(marks(page)) == sorted(rows([row.id for row in card.claims]))
    counts = page.eval_on_selector_all(
        ".isoaux-wall [aria-pressed]", "(all) => all.map((each) => [each.value, Number(each.lastChild.textContent)])"
    )
    assert dict(counts) == card.counts, "what the sentences count"
    page.locator(f'.isoaux-wall [value="{UNDECIDED}"]').click()
    undecided = [row for row in card.claims if row.verdict == UNDECIDED]
    assert sorted(marks(page)) == sorted(rows([row.id for row in undecided]))
    assert page.locator(".isoaux-wall output").inner_text() == f"{len(undecided)} of {len(card.rows)} statements"
    shown = page.locator(".isoaux-wall .claim-row").evaluate_all(VISIBLE)
    assert sorted(shown) == sorted(f"claim-{row.id}" for row in undecided), "groups with an answer are open"
    page.locator(".isoaux-wall [name=subject]").select_option("depth")
    assert marks(page) == rows([row.id for row in undecided if row.family == "depth"])
    page.locator(".isoaux-wall [type=reset]").click()
    assert len(marks(page)) == len(card.rows)
    page.locator(".isoaux-wall [name=search]").fill("ROUGHLY nothing that is said")
    assert marks(page) == [] and page.locator(".isoaux-wall output").inner_text().startswith("0 of ")
    page.locator(".isoaux-wall [name=search]").fill("antipodal leaky")
    assert "#claim-fig18-4a" in marks(page)
    assert not watched.errors and not watched.foreign


def test_a_mark_tells_by_pointer_and_keys_and_opens_its_row(watched: Watched, site: Path, card: Scorecard) -> None:
    page = watched.page
    page.goto(f"{site.as_uri()}/{WALL}?source=&figure=fig08")
    first, second, *_ = (row for row in card.rows if row.page == "fig08")
    assert marks(page) == rows([row.id for row in card.rows if row.page == "fig08"])
    readout = page.locator(".isoaux-wall .readout")
    page.locator(f'.isoaux-wall a[href="#claim-{first.id}"]').hover()
    assert first.claim in readout.inner_text() and first.verdict in readout.inner_text()
    page.locator(f'.isoaux-wall a[href="#claim-{first.id}"]').focus()
    page.keyboard.press("ArrowRight")
    assert second.claim in readout.inner_text() and "Measured: " in readout.inner_text()
    stops = page.locator(".isoaux-wall a.mark").evaluate_all("(all) => all.filter((each) => each.tabIndex >= 0).length")
    assert stops == 1, "the wall is one stop of the Tab key"
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_function(f"document.getElementById('claim-{first.id}').open")
    assert page.url.endswith(f"#claim-{first.id}")
    page.locator(f"#claim-{first.id} a", has_text="rule and files").click()
    page.wait_for_url(f"**/appB1_width.html#claim-{first.id}")
    page.wait_for_function(f"document.getElementById('claim-{first.id}').open")
    assert "Judged by: " in page.locator(f"#claim-{first.id}").inner_text()


def test_a_figure_has_its_own_rows_and_leads_to_the_others(watched: Watched, site: Path, card: Scorecard) -> None:
    page = watched.page
    page.goto(f"{site.as_uri()}/{FIGURE}#claim-fig01-3a")
    page.wait_for_function("document.getElementById('claim-fig01-3a').open")
    shown = page.locator(".isoaux-claims .claim-row").evaluate_all(VISIBLE)
    assert shown == [f"claim-{row.id}" for row in card.rows if row.figure == "fig01"]
    words = page.locator(".isoaux-claims .counts").inner_text()
    held = sum(row.verdict == HOLDS for row in card.claims if row.figure == "fig01")
    assert f" {held} hold, " in words and "Not counted" in words
    page.locator(".isoaux-claims > p.kind a").click()
    page.wait_for_url("**/own_scorecard.html?figure=fig01")
    assert len(marks(page)) == sum(row.page == "fig01" for row in card.rows) > len(shown)


@pytest.mark.parametrize("name", [WALL, FIGURE])
def test_without_scripts_rows_open_and_print_folds_nothing(name: str, browser: Any, site: Path) -> None:
    with browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(MILLISECONDS)
        page = context.new_page()
        page.goto(f"{site.as_uri()}/{name}")
        assert not page.locator(".isoaux-wall form").is_visible()
        mark = page.locator("article a.mark").first
        row = page.locator(mark.get_attribute("href") or "")
        assert not row.is_visible()
        mark.click()  # a browser opens what the place of an address is folded in
        row.wait_for(state="visible")
        row.locator("summary").click()
        row.locator("p").first.wait_for(state="visible")
        page.reload()
        page.emulate_media(media="print")
        lasts = page.locator("article .claim-row > p:last-child")
        assert lasts.count() == page.locator("article a.mark").count() > 15
        assert all(box["height"] > 0 for box in (lasts.nth(k).bounding_box() for k in (0, 7, lasts.count() - 1)))
